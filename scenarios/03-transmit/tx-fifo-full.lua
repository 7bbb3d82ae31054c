-- The transmit FIFO holds 16 KB. While a slow line drains it, descriptors wait in memory: a frame's DMA begins only
-- when there is room for all of it, and DD comes with the DMA, not with the sending. No frame is lost or reordered.
local nic = scenario { name = "tx-fifo-full", needs = { "virtual-time" }, manual = { "2.3.3", "3.3", "3.3.3.1", "3.4", "13.4.16", "13.4.45" } }
local r = nic.regs

step "link up at 10 Mb/s, ring of 32 descriptors with 24 frames of 1518 bytes"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
local tx = nic:tx_ring { entries = 32 }
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(1498)
end
local FRAME, GAP = ns((8 + 1518) * 800), ns(12 * 800)
for n = 1, 24 do tx:send(numbered(n), { doorbell = false }) end

step "ten fit: 10 x 1518 bytes are in 16384, 11 are not"
local start = nic:now()
tx:doorbell()
r.TDH:expect { TDH = 10 }
for i = 0, 23 do tx:expect(i, { DD = i < 10 and 1 or 0 }) end
r.ICR:expect { TXDW = 1, TXQE = 0 }

step "not one more until the first has left, then one for each that leaves"
nic:run_until(start + FRAME - 1)
r.TDH:expect { TDH = 10 }
expect.none(nic:sent { now = true }, "its last bit is still to come")
for n = 1, 14 do
  nic:run_until(start + n * FRAME + (n - 1) * GAP)
  expect.eq(#nic:sent { now = true }, 1, "frame " .. n .. " has left")
  r.TDH:expect { TDH = 10 + n }
  tx:expect(9 + n, { DD = 1 })
end
r.ICR:expect { TXDW = 1, TXQE = 1 }           -- the ring is empty, ten frames are still on their way

step "the ten in the FIFO follow, each in its time"
local sent = nic:sent { within = ms(100) }
expect.eq(#sent, 10, "what the FIFO held")
for i, frame in ipairs(sent) do
  expect.bytes(frame, numbered(14 + i), "frame " .. 14 + i)
  expect.eq(frame.at - start, (14 + i) * FRAME + (13 + i) * GAP, "without a pause")
end

step "the room counts in bytes, not in frames: 13000 bytes hold up 8000 although one descriptor is small"
local long = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(12986)
local next_one = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(7986)):bytes()
tx:reclaim()
nic:run(ms(1))                                -- the gap is over
start = nic:now()
tx:send(long, { doorbell = false })
local first = tx:legacy { buffer = next_one:sub(1, 100), CMD = "RS" }
local second = tx:legacy { buffer = next_one:sub(101), CMD = "EOP IFCS RS" }
tx:doorbell()
tx:expect(first, { DD = 1 })                  -- 100 bytes have room
tx:expect(second, { DD = 0 })                 -- 7900 have not: none of them is fetched [13.4.45]
nic:run_until(start + ns((8 + 13004) * 800) - 1)
tx:expect(second, { DD = 0 })
nic:run_until(start + ns((8 + 13004) * 800))
tx:expect(second, { DD = 1 })
sent = nic:sent { within = ms(100) }
expect.eq(#sent, 2, "both")
expect.bytes(sent[1], long, "the long one")
expect.bytes(sent[2], next_one, "and the one that waited")
