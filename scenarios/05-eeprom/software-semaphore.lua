-- SWSM, of which the manual says nothing [section silent]: U-Boot's driver takes every part of the family for one that has
-- it, and gives up on the EEPROM unless SWESMBI keeps a 1. Nothing else depends on it: the EEPROM is read with and without.
local nic = scenario { name = "software-semaphore", manual = { "13.2", "13.4.4" } }
local r = nic.regs

step "U-Boot: take it, look whether it was given"
r.SWSM:expect(0)
r.SWSM:write { SWESMBI = 1 }
r.SWSM:expect { SWESMBI = 1 }
expect.eq(nic.eeprom:read(0x00), 0x5452, "word 00h")

step "given back, and no hindrance"
r.SWSM:write { SWESMBI = 0 }
r.SWSM:expect { SWESMBI = 0 }
expect.eq(nic.eeprom:read(0x00), 0x5452, "word 00h")

step "the other bits are not there; a reset gives it back"
r.SWSM:write(0xffffffff)
r.SWSM:expect(2)
nic:reset()
r.SWSM:expect(0)
expect.bad("reserved-bits", 1)
