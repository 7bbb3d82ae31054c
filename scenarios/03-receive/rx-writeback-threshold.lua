-- With RXDCTL.WTHRESH used descriptors are collected and written back in one burst; the receive timers and FPD flush
-- what has come together, and always before the interrupt. RDH counts what is written back, not what is used.
-- 3.2.5.1 writes back when WTHRESH are used, 13.4.46 when more than WTHRESH are. Our choice: the former, so that the reset
-- value 1, which Linux keeps, gives every descriptor back at once; a driver that polls DD would see each frame one late.
local nic = scenario { name = "rx-writeback-threshold",
                       manual = { "3.2.5", "3.2.5.1", "3.2.6", "3.2.7.1.1", "3.2.7.1.2", "4.1", "13.4.28", "13.4.30", "13.4.31", "13.4.46" } }
local r = nic.regs

step "link up, ring of 64, RDTR 20 = 20.48 us"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 64, buffer = 256 }
r.IMS:write { RXT0 = 1 }
r.RDTR:write { DELAY_TIMER = 20 }
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local next_one = 0 -- to be written back
local function receive(n) for _ = 1, n do nic:receive(frame) end end
local function back(n, why) -- exactly the next n descriptors are done
  for i = 0, n - 1 do rx:expect(next_one + i, { DD = 1, EOP = 1, LENGTH = 64 }) end
  rx:expect(next_one + n, { DD = 0 })
  next_one = (next_one + n) % 64
  expect.eq(r.RDH:read().RDH, next_one, why or "3.2.6: incremented by the number written back")
end
local function bursts()
  local list = {}
  for _, line in ipairs(lab.events("dma")) do list[#list + 1] = line:match("wr%s+rxd(%b[])") end
  return list
end
local function flushed_by_timer()
  nic:wait_irq { within = us(50) }
  r.ICR:expect { RXT0 = 1 }
end

step "at reset WTHRESH is 1: each at once"
r.RXDCTL:expect { WTHRESH = 1, GRAN = 1, PTHRESH = 0, HTHRESH = 0 }
receive(1)
back(1)
flushed_by_timer()

step "WTHRESH 4: three wait with their data in memory, the fourth brings all in one burst"
r.RXDCTL:write { WTHRESH = 4, GRAN = 1 }
bursts()
receive(3)
expect.eq(nic:written(rx.buffers[3], 256), 64, "the data is there")
back(0, "nothing is written back")
expect.none(bursts(), "nothing is written back")
receive(1)
expect.eq(bursts(), { "[1..4]" }, "one burst")
back(4)
expect.irq(false, "the write-back is no interrupt: RDTR counts")
flushed_by_timer()

step "two and the timer: flushed before the interrupt"
local start = nic:now()
receive(2)
nic:run_until(start + ns(20479))
back(0, "20.48 us are not over")
expect.irq(false, "20.48 us are not over")
nic:run_until(start + ns(20480))
expect.irq(true, "RXT0")
back(2, "3.2.5.1: prior to initiating an interrupt")
r.ICR:expect { RXT0 = 1 }

step "RADV flushes, too"
r.RADV:write { DELAY_TIMER = 30 }
start = nic:now()
receive(1)
nic:run_until(start + us(15))
receive(1)
nic:run_until(start + ns(30719))
back(0, "30.72 us are not over")
nic:run_until(start + ns(30720))
back(2, "RADV")
r.ICR:expect { RXT0 = 1 }
r.RADV:write(0)

step "FPD flushes at once"
receive(3)
back(0, "waiting")
r.RDTR:write { FPD = 1, DELAY_TIMER = 20 }
back(3, "13.4.30")
r.ICR:expect { RXT0 = 1 }

step "RDTR 0: every frame interrupts, so every frame is flushed (silent: our choice, RXT0 without DD would mislead)"
r.RDTR:write(0)
receive(1)
back(1)
r.ICR:expect { RXT0 = 1 }
r.RDTR:write { DELAY_TIMER = 20 }

step "WTHRESH 0 acts as 1 (silent: our choice)"
r.RXDCTL:write { WTHRESH = 0, GRAN = 1 }
receive(1)
back(1)
flushed_by_timer()

step "a threshold lowered to what waits writes it back (silent: our choice)"
r.RXDCTL:write { WTHRESH = 5, GRAN = 1 }
receive(3)
r.RXDCTL:write { WTHRESH = 4, GRAN = 1 }
back(0, "three are not four")
r.RXDCTL:write { WTHRESH = 3, GRAN = 1 }
back(3)
flushed_by_timer()

step "GRAN 0: cache lines of 16, 32, 64 and 128 bytes hold 1, 2, 4 and 8 descriptors"
for _, case in ipairs { { 4, 3, 3 }, { 8, 1, 2 }, { 8, 3, 6 }, { 16, 1, 4 }, { 32, 1, 8 } } do
  lab.fold(string.format("CLS %d dwords, WTHRESH %d", case[1], case[2]), function()
    nic.pci.CLS:write(case[1])
    r.RXDCTL:write { WTHRESH = case[2], GRAN = 0 }
    receive(case[3] - 1)
    back(0, "one is missing")
    receive(1)
    back(case[3])
    flushed_by_timer()
  end)
end

step "a frame over three buffers: its descriptors are used when it is in memory (silent on a frame's middle: our choice)"
r.RXDCTL:write { WTHRESH = 2, GRAN = 1 }
bursts()
nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(600))
expect.eq(bursts(), { string.format("[%d..%d]", next_one, next_one + 2) }, "3.2.5.1: packed, as two are enough")
rx:expect(next_one, { DD = 1, EOP = 0 })
rx:expect(next_one + 2, { DD = 1, EOP = 1 })
next_one = next_one + 3

step "a burst across the end of the ring is two"
lab.fold("up to descriptor 62", function()
  r.RXDCTL:write { WTHRESH = 1, GRAN = 1 }
  receive(62 - next_one)
  next_one = 62
  for _ = 1, 60 do rx:take() end
  rx:give(32)
  flushed_by_timer()
end)
r.RDH:expect { RDH = 62 }
r.RXDCTL:write { WTHRESH = 4, GRAN = 1 }
bursts()
receive(4)
expect.eq(bursts(), { "[62..63]", "[0..1]" }, "at the end of the ring only")
r.RDH:expect { RDH = 2 }

step "more than the chip can hold is a mistake of the driver, but nothing may stall (silent: our choice, 63)"
lab.fold("WTHRESH 63 lines of 128 bytes, 80 frames", function()
  r.RCTL:write(0)
  rx = nic:rx_ring { entries = 128, buffer = 256 }
  nic.pci.CLS:write(32)
  r.RXDCTL:write { WTHRESH = 63, GRAN = 0 }
  receive(62)
  r.RDH:expect { RDH = 0 }
  receive(1)
  r.RDH:expect { RDH = 63 }
  receive(17)
  r.RDH:expect { RDH = 63 }
  r.RNBC:expect { RNBC = 0 }
  flushed_by_timer()
  r.RDH:expect { RDH = 80 }
end)
