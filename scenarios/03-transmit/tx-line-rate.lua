-- Frames leave one after the other at the speed of the line: 8 bytes of preamble, the frame, and a gap of IPGT + 4
-- MAC clocks of 8, 80 or 800 ns. A simulated driver's timing is only as good as this.
local nic = scenario { name = "tx-line-rate", manual = { "8.6.4", "13.4.34", "13.7.11" } }
local r = nic.regs
local PREAMBLE = 8

local tx

-- Three back-to-back frames of 64, 1518 and 65 bytes: when each ended.
local function check(clock, ipgt)
  r.TIPG:write { IPGT = ipgt, IPGR1 = 8, IPGR2 = 6 }
  nic:run(ms(1)) -- long enough for any gap to be over
  local start, at = nic:now(), 0
  local sizes = { 60, 1514, 61 }
  for _, n in ipairs(sizes) do
    tx:send(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(n - 14), { doorbell = false })
  end
  tx:doorbell()
  local sent = nic:sent()
  expect.eq(#sent, 3, "frames")
  for i, n in ipairs(sizes) do
    if i > 1 then at = at + (ipgt + 4) * clock end
    at = at + (PREAMBLE + n + 4) * clock
    expect.eq(sent[i].at - start, at, string.format("frame %d, IPGT %d, %d ns clock", i, ipgt, clock))
  end
end

for _, speed in ipairs { { 1000, 8 }, { 100, 80 }, { 10, 800 } } do
  step(string.format("%d Mb/s: gaps of IPGT 8, 10, 0, 1023 + 4 clocks of %d ns", speed[1], speed[2]))
  nic:link_up { speed = speed[1], duplex = "full" }
  tx = tx or nic:tx_ring { entries = 8 }
  for _, ipgt in ipairs { 8, 10, 0, 1023 } do
    lab.fold(string.format("%d Mb/s, IPGT %d", speed[1], ipgt), check, speed[2], ipgt)
  end
end

step "the gap counts between frames: a frame that comes later than it waits for nothing"
nic:link_up { speed = 1000, duplex = "full" }
r.TIPG:write { IPGT = 96 }                    -- 100 clocks, 800 ns
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
local FRAME = ns((PREAMBLE + 64) * 8)
nic:run(us(10))
r.DC:expect { CDC = 0 }                       -- 13.7.11: "does not increment for streaming transmits"
local start = nic:now()
tx:send(frame)
nic:run_until(start + FRAME + ns(799))
tx:send(frame)                                -- a nanosecond before the gap is over
r.DC:expect { CDC = 0 }                       -- 13.7.11 silent: "streaming", too (our choice): it is the "TX IPG"
nic:run_until(start + us(10))
tx:send(frame)
local sent = nic:sent()
expect.eq(sent[1].at - start, FRAME, "the first")
expect.eq(sent[2].at - start, FRAME + ns(800) + FRAME, "waits one nanosecond")
expect.eq(sent[3].at - start, us(10) + FRAME, "waits for nothing")

step "without IFCS the frame is four bytes shorter on the line, too"
start = nic:now() + us(10)
nic:run_until(start)
tx:legacy { buffer = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(86), CMD = "EOP RS" }
tx:doorbell()
expect.eq(nic:sent()[1].at - start, ns((PREAMBLE + 100) * 8), "100 bytes")
expect.no_bad "a driver that makes no mistake"
