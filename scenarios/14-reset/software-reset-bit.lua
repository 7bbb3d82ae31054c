-- CTRL.RST itself: it clears itself, the rest of the same write is lost with it, the MAC address comes back
-- from the EEPROM, and for a microsecond the driver keeps its hands off. The re-read is our choice: 13.4.1
-- calls CTRL.RST a PCI reset, which reads; 5.1 and 14.7 name none. Linux waits 5 ms for it.
local nic = scenario { name = "software-reset-bit", needs = { "virtual-time" },
                       manual = { "5.1", "5.6.1", "13.4.1", "13.5.2", "13.5.3", "14.7" } }
local r = nic.regs

step "with everything else of CTRL set in the same write"
r.RAL[0]:write(0x01020304)
r.RAH[0]:write { RAH = 0x0506, AV = 1, AS = 2 }
r.CTRL:write { RST = 1, SLU = 1, VME = 1, RFCE = 1, TFCE = 1, FRCDPLX = 1, SPEED = 1, PHY_RST = 1 }
nic:run(us(1))
r.CTRL:expect { RST = 0, SLU = 0, VME = 0, RFCE = 0, TFCE = 0, FRCDPLX = 0, SPEED = 2, PHY_RST = 0 }
nic.phy.PID:expect(0x0141)                    -- the PHY is not held in reset

step "before the EEPROM is in, address 0 keeps its bytes and is invalid"
r.RAL[0]:expect(0x01020304)
r.RAH[0]:expect { RAH = 0x0506, AV = 0, AS = 2 }
nic:run(ms(5))
r.RAL[0]:expect { RAL = 0x12005452 }
r.RAH[0]:expect { RAH = 0x5634, AV = 1, AS = 0 }

expect.bad("address-select")                  -- AS = 2, only to see it kept

step "no access for a microsecond: one that comes earlier is a mistake, at its end it is none"
r.CTRL:write { RST = 1 }
r.CTRL:read()
expect.bad("access-during-reset")
nic:run(us(1) - 1)
r.STATUS:read()
expect.bad("access-during-reset")
nic:run(ns(1))
r.STATUS:read()
expect.silent("access-during-reset", "1 us is over")

step "two resets in a row: the second load counts (13.4.4 silent: 675 us)"
nic:run(ms(5))
r.CTRL:write { RST = 1 }
nic:run(us(600))
r.CTRL:write { RST = 1 }
nic:run(us(675) - 1)
r.RAH[0]:expect { AV = 0 }
nic:run(ns(1))
r.RAH[0]:expect { AV = 1, RAH = 0x5634 }
expect.no_bad()
