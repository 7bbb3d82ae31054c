-- IC in a legacy descriptor: the complement of the sum from CSS of the first descriptor to the end goes to CSO of the last
-- one, lower bytes and all. Offsets beyond the frame do nothing; a descriptor in the middle has no say.
local nic = scenario { name = "csum-legacy-ic", manual = { "3.3.3", "3.3.3.1", "3.5.8" } }
local r = nic.regs
local function pattern(n, seed) return pkt.pattern(n, seed):bytes() end

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 32 }
local function one() local f = nic:sent() expect.eq(#f, 1, "frames") return f[1].bytes:sub(1, -5) end
local function with(f, css, cso)
  return f:sub(1, cso) .. string.pack(">I2", ~pkt.sum16(f:sub(css + 1)) & 0xffff) .. f:sub(cso + 3)
end

step "a UDP frame whose checksum field holds the sum of the pseudo-header"
local udp = pkt.eth { dst = "52:54:00:12:34:56", src = "52:54:00:65:43:21" }
          / pkt.ip4 { src = "192.0.2.2", dst = "192.0.2.1", id = 0x1234, flags = "DF" }
          / pkt.udp { sport = 1234, dport = 5678, csum = "pseudo+len" }
          / string.char(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
udp = udp:bytes()
expect.eq(udp:sub(41, 42), "\x84\x2f", "the seed of the example")
tx:legacy { buffer = udp, CMD = "EOP IFCS IC RS", CSS = 34, CSO = 40 }
tx:doorbell()
local got = one()
expect.eq(got:sub(41, 42), "\x18\x65", "the checksum of the example")
expect.bytes(got, with(udp, 34, 40), "nothing else changes")

step "any start, any place, odd ones too"
for _, n in ipairs { 60, 61, 301 } do
  for _, c in ipairs { { 0, 0 }, { 0, 1 }, { 1, 10 }, { 13, 33 }, { 34, 16 }, { 59, 58 }, { n - 1 < 256 and n - 1 or 255, 20 }, { 14, n - 2 < 256 and n - 2 or 255 } } do
    local f = pattern(n, n + c[1])
    lab.fold(string.format("%d bytes, CSS %d, CSO %d", n, c[1], c[2]), function()
      tx:legacy { buffer = f, CMD = "EOP IFCS IC RS", CSS = c[1], CSO = c[2] }
      tx:doorbell()
      expect.bytes(one(), with(f, c[1], c[2]), "sent")
    end)
  end
end

step "beyond the frame: as it was"
for _, c in ipairs { { 60, 10 }, { 255, 10 }, { 14, 59 }, { 14, 60 }, { 14, 255 } } do
  local f = pattern(60, c[1])
  tx:legacy { buffer = f, CMD = "EOP IFCS IC RS", CSS = c[1], CSO = c[2] }
  tx:doorbell()
  expect.bytes(one(), f, "sent")
end

step "padding is not summed: CSS and CSO go by the driver's bytes"
local f = pattern(40)
tx:legacy { buffer = f, CMD = "EOP IFCS IC RS", CSS = 14, CSO = 20 }
tx:doorbell()
expect.bytes(one(), with(f, 14, 20) .. string.rep("\0", 20), "40 bytes, padded")
tx:legacy { buffer = f, CMD = "EOP IFCS IC RS", CSS = 14, CSO = 39 }
tx:doorbell()
expect.bytes(one(), f .. string.rep("\0", 20), "CSO on the last byte")

step "over three descriptors: CSS of the first, IC and CSO of the last, nothing of the middle"
f = pattern(200)
tx:legacy { buffer = f:sub(1, 7), CMD = "IC", CSS = 20, CSO = 99 }
tx:legacy { buffer = f:sub(8, 51), CMD = "IC", CSS = 30, CSO = 98 }
tx:legacy { buffer = f:sub(52), CMD = "EOP IFCS IC RS", CSS = 40, CSO = 50 }
tx:doorbell()
expect.bytes(one(), with(f, 20, 50), "IC in all")
tx:legacy { buffer = f:sub(1, 7), CMD = "IC", CSS = 20, CSO = 99 }
tx:legacy { buffer = f:sub(8), CMD = "EOP IFCS RS", CSS = 40, CSO = 50 }
tx:doorbell()
expect.bytes(one(), f, "no IC in the last")
expect.bads { "checksum-outside-frame", "frame-too-short" } -- as meant above; no other
