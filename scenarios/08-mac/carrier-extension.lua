-- At 1000 Mb/s a frame shorter than TCTL.COLD is followed by extension symbols up to that length, in full duplex, too:
-- nothing of them is in the frame, but the next one comes later. At 100 Mb/s there is no such thing.
local nic = scenario { name = "carrier-extension", manual = { "8.4.2.1", "13.4.33", "13.4.34" } }
local r = nic.regs
local function frame(length) -- with FCS
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(length - 18)
end
local tx
-- From the end of one frame to the end of the next, of the same length.
local function apart(length)
  for _ = 1, 2 do tx:send(frame(length), { doorbell = false }) end
  tx:doorbell()
  local out = nic:sent()
  expect.eq(#out, 2, "frames")
  expect.eq(#out[1], length - 4, "no byte is added")
  tx:reclaim()
  return out[2].at - out[1].at
end

step "1000 Mb/s, gap of 12 bytes, COLD 64: no frame is shorter"
nic:link_up { speed = 1000, duplex = "full" }
r.TIPG:write { IPGT = 8 }
tx = nic:tx_ring { entries = 8, COLD = 64 }
for _, length in ipairs { 64, 65, 600 } do expect.eq(apart(length), ns((12 + 8 + length) * 8), length .. " bytes") end

step "COLD 512: shorter ones take as long as 512 bytes"
r.TCTL:write { EN = 1, PSP = 1, CT = 15, COLD = 512 }
for _, length in ipairs { 64, 511, 512 } do expect.eq(apart(length), ns((12 + 8 + 512) * 8), length .. " bytes") end
expect.eq(apart(513), ns((12 + 8 + 513) * 8), "longer ones as long as they are")

step "100 Mb/s: COLD is nothing to the wire"
nic:link_up { speed = 100, duplex = "full" }
nic:run(ms(1))
expect.eq(apart(64), ns((12 + 8 + 64) * 80), "64 bytes")
