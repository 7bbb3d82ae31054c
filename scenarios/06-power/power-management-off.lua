-- EEPROM word 0Ah bit 3 = 0: power management is off. The registers are there, promise nothing and keep nothing;
-- there is no D3 and no PME#. What arrives is still recorded, as WUS is none of those registers.
local nic = scenario { name = "power-management-off",
                       eeprom = { words = { [0x0a] = 0x6c03, [0x0f] = 0xb200, [0x22] = 0x280c, [0x24] = 0x04c8 } },
                       manual = { "5.6.7", "6.1", "6.3.3", "6.3.3.3", "6.3.3.4", "6.3.3.6", "6.4.1", "13.6.1", "13.6.3" } }
local wake = require "wake"
local r, pci = nic.regs, nic.pci
nic:link_up()

step "the capability is listed, with nothing in it"
expect.eq(pci:capability(0x01), 0xdc, "still on the list")
pci.PMC:expect { PME = 0, DSI = 1, VERSION = 2, D1 = 0, D2 = 0 }
nic:aux_power(true)
r.CTRL:set { ADVD3WUC = 1 }
pci.PMC:expect { PME = 0 }

step "PMCSR takes no write: no state, no PME_En, no Data_Select. Asking for D3 is a mistake, not a crash"
pci.PMCSR:write { STATE = 3, PME_EN = 1, SELECT = 3 }
pci.PMCSR:expect(0x0000)
expect.bad "power-state-unsupported"
pci.PMDATA:expect(0)
r.STATUS:expect { LU = 1 }                    -- it answers: no D3
pci.PMCSR:write { PME_EN = 1 }
expect.silent("power-state-unsupported", "D0 is always there")

-- 13.6.1 silent: the same bit by the other way.
step "PME_En through WUC: not either"
r.WUC:write { PME_En = 1, APME = 1, APMPME = 1 }
r.WUC:expect { PME_En = 0, APME = 1, APMPME = 1 }

-- 6.4.1 silent: PMC promises no PME#, and PME_Status could not be cleared through PMCSR.
step "a magic packet is recorded; PME_Status and PME# stay away"
nic:receive(wake.magic(nic.mac))
nic:run(us(10))
r.WUS:expect(wake.bits { MAG = 1 })
r.WUPL:expect { LEN = 116 + 4 }
r.WUC:expect { PME_Status = 0 }
pci.PMCSR:expect { PME_STATUS = 0 }
expect.eq(nic:pme(), false, "off")
r.WUS:write { MAG = 1 }

step "a filter the same way"
r.WUFC:write { EX = 1 }
nic:receive(pkt.eth { dst = nic.mac } / pkt.pattern(46))
nic:run(us(10))
r.WUS:expect(wake.bits { EX = 1 })
pci.PMCSR:expect(0)
expect.eq(nic:pme(), false, "off")

step "switched off by a reload while PME# is asserted: it is released"
lab.fold("EEPROM: power management on, reset", function()
  nic.eeprom:request()
  nic.eeprom.wire:ewen()
  nic.eeprom.wire:write(0x0a, 0x6c0b)
  nic.eeprom:release()
  nic:pci_reset()
end)
r.WUS:write(0x000f00ff)
nic:link_up()
nic:receive(wake.magic(nic.mac))
nic:run(us(10))
expect.eq(nic:pme(), true, "on")
lab.fold("EEPROM: off again, CTRL_EXT.EE_RST", function()
  nic.eeprom:request()
  nic.eeprom.wire:ewen()
  nic.eeprom.wire:write(0x0a, 0x6c03)
  nic.eeprom:release()
  r.CTRL_EXT:set { EE_RST = 1 }
  nic:run(ms(1))
end)
expect.eq(nic:pme(), false, "off")
