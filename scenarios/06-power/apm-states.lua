-- APM wake-up in every power state, and how it is switched: by each EEPROM read, and by software.
local nic = scenario { name = "apm-states", eeprom = { words = { [0x0f] = 0xb200, [0x24] = 0x04c8 } },
                       manual = { "5.1", "5.6.12", "5.6.26", "6.2", "6.3.1.1", "6.3.1.2", "6.3.1.4", "6.3.2.2", "6.3.2.3",
                                  "6.3.2.4", "6.4.1", "13.6.1", "14.7" } }
local wake = require "wake"
local r = nic.regs
local magic = wake.magic(nic.mac)

local function expect_magic(woken, why)
  nic:receive(magic)
  nic:run(us(10))
  expect.eq(nic:pme(), woken, why)
end
local function acknowledge()
  nic.pci.PMCSR:write { PME_STATUS = 1 }
  expect.eq(nic:pme(), false, "acknowledged")
end
local function set_up()
  lab.fold("PCI set-up", function() nic.pci:setup() end)
end
nic:link_up()

step "D0a"
expect_magic(true, "D0a")
wake.clear(nic)

step "D3"
nic.pci:power(3)
expect_magic(true, "D3")
acknowledge()

step "D0u: off with the transition, on again as the EEPROM is read (27 words of 25 us)"
nic.pci:power(0)
nic:run(us(600))
expect.eq(lab.config_read(0x04, 2), 0, "Command")
nic:run(s(3))                                 -- load, and a new link
set_up()
r.WUS:expect(wake.bits { MAG = 1 })           -- D3's
wake.clear(nic)
nic.pci:power(3)
nic.pci:power(0)
nic:run(s(3))
expect_magic(true, "D0u")
acknowledge()
set_up()
wake.clear(nic)

step "Dr, RST# held: what was enabled before goes on"
lab.pci_reset(true)
expect_magic(true, "Dr")
lab.pci_reset(false)
expect.eq(nic:pme(), false, "the rising edge disables wake-up; AUX_POWER = 0: PME_Status is gone, too")
nic:run(s(3))
nic.pci.PMCSR:expect { PME_STATUS = 0 }
set_up()
r.WUS:expect(wake.bits { MAG = 1 })
wake.clear(nic)
expect_magic(true, "APM again, from the EEPROM")
wake.clear(nic)

step "power-up with RST# held: the EEPROM has enabled it before the bus wakes"
lab.power_good(false)
lab.pci_reset(true)
nic:run(ms(1))
lab.power_good(true)
nic:run(us(600))
nic:run(s(3))
expect_magic(true, "Dr, at first power-up")
lab.pci_reset(false)
nic:run(ms(10))
set_up()
wake.clear(nic)

step "disabled by software: in D0 and in D3, not after the way back"
nic:link_up()
r.WUC:write { APMPME = 1 }
expect_magic(false, "D0a")
r.WUFC:write { BC = 1 }                       -- something to keep the link up for
r.WUC:write { APMPME = 1, PME_En = 1 }
nic.pci:power(3)
expect_magic(false, "D3")
nic.pci:power(0)
nic:run(s(3))
expect_magic(true, "the EEPROM says on")
acknowledge()
set_up()
r.WUC:expect { APME = 1, APMPME = 1 }
wake.clear(nic)

step "disabled by software, and back by CTRL.RST"
r.WUC:write(0)
nic:reset()
r.WUC:expect { APME = 1, APMPME = 1 }

step "CTRL.RST releases an APM PME#: WUC is at its reset value until the EEPROM is read; PME_Status stays"
nic:link_up()
expect_magic(true, "before")
r.CTRL:write { RST = 1 }
expect.eq(nic:pme(), false, "APME is 0 for the moment")
nic:run(ms(5))
r.WUC:expect { APME = 1, APMPME = 1, PME_Status = 1 }
expect.eq(nic:pme(), false, "nothing new has happened")
wake.clear(nic)

step "an EEPROM without APM: each kind of read switches it off"
lab.fold("word 24h", function()
  nic.eeprom:request()
  nic.eeprom.wire:ewen()
  nic.eeprom.wire:write(0x24, 0x00c8)
  nic.eeprom:release()
end)
nic:link_up()
expect_magic(true, "the EEPROM has not been read yet")
r.CTRL_EXT:set { EE_RST = 1 }
nic:run(ms(1))
r.WUC:expect { APME = 0, APMPME = 1 }
expect.eq(nic:pme(), false, "6.4.1: APM is disabled")
wake.clear(nic)
r.CTRL:set { SLU = 1 }
nic:run(s(2))
expect_magic(false, "EE_RST")
nic:power_cycle()
r.WUC:expect { APME = 0 }
r.CTRL:expect { SLU = 0 }
