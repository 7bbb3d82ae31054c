-- What the card says it needs: Data_Select chooses D0 or D3, consumed or dissipated; EEPROM word 22h has the
-- figures, in tenths of a watt by Data_Scale.
local nic = scenario { name = "power-data", eeprom = { words = { [0x12] = 0x0077, [0x22] = 0x9b1d } },
                       manual = { "5.6.16", "5.6.20", "5.6.21", "6.3.3", "6.3.3.4", "6.3.3.6" } }
local pci = nic.pci

step "D0 by 0 and 4, D3 by 3 and 7; the rest is nothing, in no unit"
local WANT = { [0] = 0x9b, [3] = 0x1d, [4] = 0x9b, [7] = 0x1d }
for select = 0, 15 do
  pci.PMCSR:write { SELECT = select }
  -- 5.6.16 has word 12h for 8, 6.3.3.6 nothing but the four: a single function reports none (12.5.5).
  pci.PMCSR:expect { SELECT = select, SCALE = WANT[select] and 1 or 0, STATE = 0, PME_EN = 0 }
  pci.PMDATA:expect(WANT[select] or 0)
end

step "neither scale nor data can be written"
pci.PMCSR:write { SELECT = 3, SCALE = 3 }
pci.PMCSR:expect { SELECT = 3, SCALE = 1 }
pci.PMDATA:write(0x55)
pci.PMDATA:expect(0x1d)

step "in D3 it can be asked as well"
pci.PMCSR:write { STATE = 3, SELECT = 7 }
pci.PMDATA:expect(0x1d)
pci.PMCSR:write { STATE = 3, SELECT = 4 }
pci.PMDATA:expect(0x9b)

step "RST# puts Data_Select back; so does the way from D3, CTRL.RST does not"
pci.PMCSR:write { STATE = 0, SELECT = 7 }
nic:run(ms(10))
pci.PMCSR:expect { SELECT = 0, STATE = 0 }
lab.fold("PCI set-up", function() pci:setup() end)
pci.PMCSR:write { SELECT = 7 }
nic:reset()
pci.PMCSR:expect { SELECT = 7 }
nic:pci_reset()
pci.PMCSR:expect { SELECT = 0 }
