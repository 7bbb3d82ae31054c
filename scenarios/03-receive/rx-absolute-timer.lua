-- RADV bounds what RDTR can put off: RXT0 comes at most RADV x 1.024 us after the first frame, however many follow.
-- Whichever ends first halts the other, so one burst makes one interrupt. RDTR = 0 switches both off.
local nic = scenario { name = "rx-absolute-timer", needs = { "virtual-time" },
                       manual = { "3.2.7.1.1", "3.2.7.1.2", "13.4.17", "13.4.30", "13.4.31" } }
local r = nic.regs

step "link up; RDTR 20 = 20.48 us, RADV 50 = 51.2 us"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 64, buffer = 256 }
r.IMS:write { RXT0 = 1 }
r.RDTR:write { DELAY_TIMER = 20 }
r.RADV:write { DELAY_TIMER = 50 }
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local start
local function receive(...)
  start = nic:now()
  for _, at in ipairs { ... } do nic:receive { frame, at = start + at } end
end
local function irq_at(time, why)
  nic:run_until(start + time - 1)
  expect.irq(false, why .. ": a nanosecond before")
  expect.eq(nic:wait_irq { within = us(1) } - start, time, why)
  r.ICR:expect { RXT0 = 1 }
end
local function then_quiet(why)
  nic:run(ms(1))
  expect.irq(false, why)
end

step "a frame every 15 us: RADV ends, 51.2 us after the first, not after a later one"
receive(0, us(15), us(30), us(45))
irq_at(ns(51200), "3.2.7.1.2: not restarted")
then_quiet("3.2.7.1.1: the packet timer was halted")

step "a gap: RDTR ends first and halts RADV"
receive(0)
irq_at(ns(20480), "RDTR")
then_quiet("3.2.7.1.2: reinitialized but not started")

step "after either, the next frame starts both anew"
receive(0, us(12), us(24), us(36), us(48))
irq_at(ns(51200), "RADV from its own first frame")
receive(us(100))
irq_at(us(100) + ns(20480), "RDTR")
then_quiet("both are halted")

step "case B of 3.2.7.1.2: three frames, RDTR; then a stream, RADV by the fourth"
receive(0, us(10), us(20), us(60), us(75), us(90), us(105), us(115))
irq_at(us(20) + ns(20480), "packet timer, third frame")
irq_at(us(60) + ns(51200), "absolute timer, fourth frame")
nic:run_until(start + us(115) + ns(20480) - 1)
expect.irq(false, "the last frame starts them again")
expect.eq(nic:wait_irq { within = us(1) } - start, us(115) + ns(20480), "and RDTR ends")
r.ICR:expect { RXT0 = 1 }

step "RDTR = RADV + 1: the absolute timer alone"
r.RDTR:write { DELAY_TIMER = 51 }
receive(0, us(40))
irq_at(ns(51200), "RADV")
then_quiet("one interrupt")

step "RADV 0: the packet timer alone"
r.RADV:write(0)
r.RDTR:write { DELAY_TIMER = 20 }
receive(0, us(15), us(30), us(45), us(60))
irq_at(us(60) + ns(20480), "RDTR")

step "RDTR 0 disables both"
r.RADV:write { DELAY_TIMER = 50 }
r.RDTR:write(0)
receive(0)
nic:run(0)
expect.irq(true, "at once")
r.ICR:expect { RXT0 = 1 }
then_quiet("no second one after RADV")

step "FPD halts RADV, too"
r.RDTR:write { DELAY_TIMER = 100 }
receive(0)
nic:run_until(start + us(5))
r.RDTR:write { FPD = 1, DELAY_TIMER = 100 }
expect.irq(true, "FPD")
r.ICR:expect { RXT0 = 1 }
then_quiet("one interrupt")

step "65535 units"
r.RADV:write { DELAY_TIMER = 65534 }
r.RDTR:write { DELAY_TIMER = 65535 }
receive(0)
irq_at(ns(65534 * 1024), "RADV")
