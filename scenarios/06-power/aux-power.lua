-- D3cold is promised by two bits together: the AUX_POWER pin and CTRL.ADVD3WUC, which EEPROM word 20h bit 2 loads.
-- Either alone promises nothing, and the promise follows them at once.
local nic = scenario { name = "aux-power", eeprom = { words = { [0x20] = 0x0000 } },
                       manual = { "5.6.17", "6.3", "6.3.3", "6.3.3.3", "6.3.3.4", "13.4.1" } }
local r, pci = nic.regs, nic.pci

step "neither"
pci.PMC:expect { PME = 0x09, DSI = 1, D1 = 0, D2 = 0, VERSION = 2, AUX = 0 }

step "the bit, the pin, both, and one after the other away"
r.CTRL:set { ADVD3WUC = 1 }
pci.PMC:expect { PME = 0x09 }
r.CTRL:clear { "ADVD3WUC" }
nic:aux_power(true)
pci.PMC:expect { PME = 0x09 }
r.CTRL:set { ADVD3WUC = 1 }
pci.PMC:expect { PME = 0x19 }
nic:aux_power(false)
pci.PMC:expect { PME = 0x09 }
nic:aux_power(true)
pci.PMC:expect { PME = 0x19 }

step "CTRL.RST takes the bit back to the EEPROM's"
nic:reset()
r.CTRL:expect { ADVD3WUC = 0 }
pci.PMC:expect { PME = 0x09 }

step "PME_En outlives RST# with the pin alone: what is advertised does not matter"
pci.PMCSR:write { PME_EN = 1, SELECT = 7 }
nic:pci_reset()
pci.PMCSR:expect { PME_EN = 1, SELECT = 0, STATE = 0 }
nic:aux_power(false)
pci.PMCSR:expect { PME_EN = 1 }
nic:pci_reset()
pci.PMCSR:expect { PME_EN = 0 }

step "from D3, too: PowerState goes, PME_En stays"
nic:aux_power(true)
pci.PMCSR:write { PME_EN = 1 }
pci:power(3)
nic:pci_reset()
pci.PMCSR:expect { PME_EN = 1, STATE = 0 }

step "CTRL.RST never touches it; loss of power always does"
nic:aux_power(false)
nic:reset()
pci.PMCSR:expect { PME_EN = 1 }
nic:aux_power(true)
nic:power_cycle()
pci.PMCSR:expect { PME_EN = 0 }
