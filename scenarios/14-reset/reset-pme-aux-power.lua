-- PME_En across resets: with auxiliary power RST# must not take it, or a sleeping machine could not be woken;
-- without, it does. Loss of power always clears it, CTRL.RST never.
local nic = scenario { name = "reset-pme-aux-power", manual = { "6.3", "6.3.3.4", "14.7" } }
local r, pci = nic.regs, nic.pci

for _, aux in ipairs { false, true } do
  nic:aux_power(aux)

  step(string.format("AUX_POWER = %d: CTRL.RST keeps PME_En and Data_Select", aux and 1 or 0))
  pci.PMCSR:write { PME_EN = 1, SELECT = 4 }
  nic:reset()
  pci.PMCSR:expect { PME_EN = 1, SELECT = 4, STATE = 0 }

  step(string.format("AUX_POWER = %d: RST# %s it; Data_Select and PowerState are reset", aux and 1 or 0, aux and "keeps" or "clears"))
  nic:pci_reset()
  pci.PMCSR:expect { PME_EN = aux and 1 or 0, SELECT = 0, STATE = 0, PME_STATUS = 0 }

  step(string.format("AUX_POWER = %d: RST# out of D3 gives D0", aux and 1 or 0))
  pci.PMCSR:write { PME_EN = 1, STATE = 3 }
  pci.PMCSR:expect { PME_EN = 1, STATE = 3 }
  nic:pci_reset()
  pci.PMCSR:expect { PME_EN = aux and 1 or 0, STATE = 0 }
  r.CTRL:expect { RST = 0, FD = 1 }           -- and the registers answer

  step(string.format("AUX_POWER = %d: D3 to D0 by PowerState keeps it (6.3.3.4: only resets clear it)", aux and 1 or 0))
  pci.PMCSR:write { PME_EN = 1, STATE = 3 }
  pci:power(0)
  nic:run(ms(10))
  pci.PMCSR:expect { PME_EN = 1, STATE = 0 }
  lab.fold("PCI set-up", function() pci:setup() end)

  step(string.format("AUX_POWER = %d: LAN_PWR_GOOD clears it (6.3.3.4, 13.6.1; 14.7 contradicts itself)", aux and 1 or 0))
  nic:power_cycle()
  pci.PMCSR:expect { PME_EN = 0, SELECT = 0, STATE = 0, PME_STATUS = 0 }
end
