-- The line is the OR of causes and mask, nothing else: a cause is stored whatever the mask, so unmasking an old one
-- raises the line, masking drops it, and neither touches the cause. One register each sets and clears, so a
-- driver's interrupt handler and its other half never have to read, modify and write.
local nic = scenario { name = "mask-and-line", manual = { "2.6", "13.4.17", "13.4.19", "13.4.20", "13.4.21" },
                       cable = false, needs = { "events" } } -- the line falls without an access
local r = nic.regs

step "after the reset: no cause, no mask, no interrupt"
r.IMS:expect(0)
r.ICR:expect(0)
expect.irq(false, "nothing to tell")

step "a masked cause is stored and says nothing"
r.ICS:write { LSC = 1 }
nic:run(ms(1))
expect.irq(false, "LSC is masked")
r.IMS:write { TXDW = 1 }
expect.irq(false, "another bit's mask")

step "unmasking what is stored raises the line at once"
r.IMS:write { LSC = 1 }
expect.irq(true, "stored cause, mask now 1")
expect.eq(nic:wait_irq { within = 0 }, nic:now(), "without a delay")
r.IMS:expect { LSC = 1, TXDW = 1, RXT0 = 0 }

step "IMC drops the line; the cause stays and raises it again"
r.IMC:write { LSC = 1 }
expect.irq(false, "masked")
r.IMS:expect(0x00001)
r.IMS:write { LSC = 1 }
expect.irq(true, "13.4.20: the cause was not acknowledged")
r.ICR:expect(0x00004)
expect.irq(false, "acknowledged")

step "zeros written to IMS, IMC and ICS change nothing"
r.ICS:write { LSC = 1 }
r.IMS:write(0)
r.IMC:write(0)
r.ICS:write(0)
expect.irq(true, "as before")
r.IMS:expect(0x00005)
r.IMC:write { TXQE = 1, RXT0 = 1 }            -- bits that are not set
r.IMS:expect(0x00005)
r.ICR:expect(0x00004)

step "with two causes the line is one level: it rises once and falls with the last"
r.IMS:write { RXT0 = 1 }
r.ICS:write { LSC = 1 }
expect.irq(true, "first cause")
r.ICS:write { RXT0 = 1 }
expect.irq(true, "second cause: no new edge")
r.IMC:write { LSC = 1 }
expect.irq(true, "RXT0 holds it")
r.ICR:write { RXT0 = 1 }
expect.irq(false, "LSC is masked, RXT0 is gone")
r.IMS:write { LSC = 1 }
expect.irq(true, "LSC again")
r.ICS:write { LSC = 1 }                       -- set already
r.ICR:expect(0x00004)
expect.irq(false, "all read")

step "IMC of all ones, reserved bits included, is how a driver silences the card"
r.ICS:write { LSC = 1 }
r.IMC:write(0xffffffff)
expect.irq(false, "nothing can interrupt")
r.IMS:expect(0)
r.ICR:expect(0x00004)                         -- and the cause is still told

-- 13.4.19, 13.4.21 silent: our choice is 0; register dumps read these two.
step "ICS and IMC are write-only"
r.ICS:write { RXT0 = 1 }
r.ICS:expect(0)
r.IMC:expect(0)
r.ICR:expect(0x00080)
