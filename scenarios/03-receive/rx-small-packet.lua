-- A frame of at most RSRPD bytes interrupts at once, with SRPD and RXT0, past the delay timers and ending them: an ACK
-- should not wait. The size is what was stored: with the CRC unless that is stripped.
local nic = scenario { name = "rx-small-packet", needs = { "virtual-time" },
                       manual = { "3.2.7", "3.2.7.1.1", "3.2.7.1.2", "3.2.7.2", "13.4.17", "13.4.32" } }
local r = nic.regs

step "link up; RDTR 100, RADV 200, RSRPD 100"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 64, buffer = 256 }
r.IMS:write { SRPD = 1, RXT0 = 1 }
r.RDTR:write { DELAY_TIMER = 100 }
r.RADV:write { DELAY_TIMER = 200 }
r.RSRPD:write { SIZE = 100 }
local function frame(length) return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(length - 18) end
local start
local function small(length, why)
  start = nic:now()
  nic:receive(frame(length))
  expect.irq(true, why)
  r.ICR:expect { SRPD = 1, RXT0 = 1 }         -- 3.2.7.2: both
  nic:run(ms(1))
  expect.irq(false, "and no second one from a timer")
end
local function large(length, why)
  start = nic:now()
  nic:receive(frame(length))
  expect.irq(false, why)
  expect.eq(nic:wait_irq { within = ms(1) } - start, ns(100 * 1024), "RDTR")
  r.ICR:expect { SRPD = 0, RXT0 = 1 }
end

step "with the CRC: 100 is small, 101 is not"
small(64, "smaller")
small(100, "equal")
large(101, "larger")

step "without: the CRC does not count"
r.RCTL:set { SECRC = 1 }
small(104, "100 bytes stored")
large(105, "101 bytes stored")
r.RCTL:clear { "SECRC" }

step "a small frame behind a large one ends the large one's timers"
start = nic:now()
nic:receive(frame(200))
nic:run_until(start + us(50))
expect.irq(false, "RDTR counts")
small(64, "at once")

step "its DD is there, also with WTHRESH: the interrupt flushes"
r.RXDCTL:write { WTHRESH = 8, GRAN = 1 }
local index = r.RDH:read().RDH
nic:receive(frame(200))
nic:receive(frame(200))
rx:expect(index, { DD = 0 })
nic:receive(frame(64))
for i = 0, 2 do rx:expect(index + i, { DD = 1, EOP = 1 }) end
r.ICR:expect { SRPD = 1, RXT0 = 1 }
r.RXDCTL:write { WTHRESH = 1, GRAN = 1 }

step "a small frame that is dropped says nothing"
nic:receive { frame(64), fcs = "bad" }
nic:receive(frame(63))
expect.irq(false, "not stored")
r.ICR:expect(0)

step "RSRPD 0 is off, the least size a frame can have is 64"
r.RSRPD:write(0)
large(64, "off")
r.RSRPD:write { SIZE = 63 }
large(64, "63")
r.RSRPD:write { SIZE = 64 }
small(64, "64")

step "no delay: RXT0 anyway, SRPD with it"
r.RDTR:write(0)
nic:receive(frame(64))
r.ICR:expect { SRPD = 1, RXT0 = 1 }
nic:receive(frame(65))
r.ICR:expect { SRPD = 0, RXT0 = 1 }

step "all twelve bits count"
r.RDTR:write { DELAY_TIMER = 100 }
r.RSRPD:write { SIZE = 4095 }
r.RCTL:set { LPE = 1 }
lab.fold("4095 and 4096 bytes", function()
  small(4095, "equal")
  large(4096, "larger")
end)
