-- RDTR puts RXT0 off until no frame has come for RDTR x 1.024 us, so that a burst costs one interrupt; the descriptors
-- are there at once. FPD ends the wait, 0 means no wait at all.
local nic = scenario { name = "rx-delay-timer", needs = { "virtual-time" },
                       manual = { "3.2.5.1", "3.2.7.1.1", "13.4.17", "13.4.30" } }
local r = nic.regs

step "link up; RDTR 20 = 20.48 us"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 32, buffer = 256 }
r.IMS:write { RXT0 = 1 }
r.RDTR:write { DELAY_TIMER = 20 }
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local start
local function receive(...) -- at these times from now on
  start = nic:now()
  for _, at in ipairs { ... } do nic:receive { frame, at = start + at } end
end
local function irq_at(time, why)
  nic:run_until(start + time - 1)
  expect.irq(false, why .. ": a nanosecond before")
  expect.eq(nic:wait_irq { within = us(1) } - start, time, why)
  r.ICR:expect { RXT0 = 1 }
end

step "one frame: descriptor now, RXT0 after 20.48 us"
receive(0)
nic:run(0)
rx:expect(0, { DD = 1, EOP = 1 })
r.RDH:expect { RDH = 1 }
irq_at(ns(20480), "20 x 1.024 us")
nic:run(ms(1))
expect.irq(false, "one interrupt for one countdown")

step "each frame starts it again"
receive(0, us(15), us(30), us(45))
irq_at(us(45) + ns(20480), "3.2.7.1.1: started each time a new packet is received")

step "a frame just before the end restarts it, one at the end comes too late"
receive(0, ns(20479))
irq_at(ns(20479 + 20480), "restarted")
receive(0, us(25))
irq_at(ns(20480), "over")
expect.eq(nic:wait_irq { within = us(50) } - start, us(25) + ns(20480), "and the next one by its own")
r.ICR:expect { RXT0 = 1 }

step "a frame that is not stored does not start it: rejected, bad"
receive(0)
nic:run_until(start + us(10))
nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = "02:00:00:00:00:77", type = 0x88b5 } / pkt.pattern(46))
nic:receive { frame, fcs = "bad" }
irq_at(ns(20480), "by the first frame")

step "nor does one that only waits in the FIFO"
r.RCTL:write(0)
rx = nic:rx_ring { entries = 32, buffer = 256, ready = 0 }
receive(0)
nic:run(us(100))
expect.irq(false, "not in host memory")
start = nic:now()
r.RDT:write(31)
irq_at(ns(20480), "3.2.7.1.1: from the last byte written to memory")

step "a new value counts from the next frame, a running countdown goes on (silent: our choice)"
receive(0)
nic:run_until(start + us(1))
r.RDTR:write { DELAY_TIMER = 1 }
irq_at(ns(20480), "as loaded")
receive(0)
irq_at(ns(1024), "one unit")
r.RDTR:write { DELAY_TIMER = 65535 }
receive(0)
irq_at(ns(65535 * 1024), "the largest")

step "FPD: now, and not a second time"
receive(0)
nic:run_until(start + us(5))
expect.irq(false, "counting")
r.RDTR:write { FPD = 1, DELAY_TIMER = 20 }
expect.irq(true, "13.4.30: immediate expiration")
r.ICR:expect { RXT0 = 1 }
r.RDTR:expect { FPD = 0, DELAY_TIMER = 20 }   -- reads 0
nic:run(ms(1))
expect.irq(false, "the countdown is over")

step "FPD with nothing received sets RXT0 as well"
r.RDTR:write { FPD = 1, DELAY_TIMER = 20 }
expect.irq(true, "13.4.30: results in a receive timer interrupt")
r.ICR:expect { RXT0 = 1 }

step "0: RXT0 with each frame"
r.RDTR:write(0)
receive(0)
nic:run(0)
expect.irq(true, "at once")
r.ICR:expect { RXT0 = 1 }
