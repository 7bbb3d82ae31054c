-- Descriptors whose lengths add up past every limit: past 16288 bytes, past 16 bits, past the transmit FIFO
-- (CVE-2019-2722, CVE-2017-10235). Such a packet is not sent, its buffers are not read beyond the limit, DD is
-- reported, and the packet behind it is not touched by it.
local nic = scenario { name = "hostile-lengths",
                       manual = { "3.3.1", "3.3.3", "3.3.3.1", "3.3.3.2", "13.4.16", "13.4.22" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
local memory = nic:alloc { name = "payload", size = 65536, align = 4096, device = "r" }
local payload = tostring(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 }
                         / pkt.pattern(65536 - 14))
nic:poke(memory, payload)
local good = payload:sub(1, 100)

-- A packet of these lengths, then a good one; returns what left. address: where its data is said to be.
local function packet(lengths, why, address)
  for i, length in ipairs(lengths) do
    tx:legacy { ADDR = address or memory, LENGTH = length, EOP = i == #lengths, RS = i == #lengths, IFCS = 1 }
  end
  local last = tx.last
  tx:send(good)
  local sent = nic:sent()
  tx:expect(last, { DD = 1 })
  expect.bytes(sent[#sent], good, why .. ": the one behind it")
  expect.checksums_valid(sent)
  table.remove(sent)
  return sent
end

step "16288 bytes are the longest, in one piece or in several"
for _, lengths in ipairs { { 16288 }, { 16287, 1 }, { 1, 16287 }, { 8000, 8000, 288 } } do
  local sent = packet(lengths, "16288")
  expect.eq(#sent, 1, "frames")
  expect.eq(#sent[1], 16288, "bytes")
end

step "one byte more is not sent"
for _, lengths in ipairs { { 16289 }, { 16288, 1 }, { 1, 16288 }, { 8000, 8000, 289 } } do
  expect.none(packet(lengths, "16289"), "too long")
end
expect.bad("frame-too-long", 4)

step "sums that are small again modulo 16 bits"
for _, lengths in ipairs { { 65535, 65 }, { 32768, 32768, 100 }, { 65535, 65535, 65535, 103 },
                           { 16288, 49248, 60 } } do
  expect.none(packet(lengths, "wrapped"), "too long")
end
expect.bad("frame-too-long", 4)

step "the longest length of all, ten times; what lies there is not even read"
local bare = {}
for i = 1, 10 do bare[i] = 65535 end
expect.none(packet(bare, "655350", 0xdead0000), "too long")   -- no memory there: a read would be a violation
expect.bad("frame-too-long", 1)

step "RCTL.LBM = 11b changes nothing for the transmitter"
r.RCTL:write { LBM = 3 }
expect.none(packet({ 16289 }, "with LBM"), "too long")
expect.bad("frame-too-long", 1)
r.RCTL:write(0)

step "a transmit FIFO of 8 KB: what does not fit into it can never be sent"
r.PBA:write { RXA = 56 }
local sent = packet({ 8000 }, "8000 of 8192")
expect.eq(#sent, 1, "frames")
expect.none(packet({ 8192 }, "8192 of 8192"), "3.3.3: at least 80 bytes less")
expect.none(packet({ 8000, 8000 }, "16000 of 8192"), "does not fit")
expect.bad("frame-too-long", 2)

step "no transmit FIFO at all"
r.PBA:write { RXA = 64 }
tx:send(good)
expect.none(nic:sent(), "nowhere to put it")
expect.bad("frame-too-long", 1)
tx:expect(tx.last, { DD = 1 })
r.PBA:write { RXA = 48 }
tx:send(good)
expect.bytes(nic:sent()[1], good, "with 16 KB again")
