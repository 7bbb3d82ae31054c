-- Data descriptors without segmentation: IXSM and TXSM of the first one, ranges from the context, nothing but the two
-- checksums changes. A context serves until the next; two sets live side by side.
local nic = scenario { name = "csum-ip-tcp-udp", manual = { "3.3.5", "3.3.6", "3.3.7", "3.5.8", "3.6" } }
local r = nic.regs
local function pattern(n, seed) return pkt.pattern(n, seed):bytes() end

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
local function one() local f = nic:sent() expect.eq(#f, 1, "frames") return f[1].bytes:sub(1, -5) end
local function sum(f, css, cse, cso)
  return f:sub(1, cso) .. string.pack(">I2", ~pkt.sum16(f:sub(css + 1, cse and cse + 1 or -1)) & 0xffff) .. f:sub(cso + 3)
end
local CONTEXT = { TUCMD = "TCP IP DEXT", IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50, TUCSE = 0 }
local function context(changes)
  local c = {}
  for k, v in pairs(CONTEXT) do c[k] = v end
  for k, v in pairs(changes or {}) do c[k] = v end
  tx:context(c)
end
local function send(f, popts)
  tx:data { buffer = f, DCMD = "DEXT EOP IFCS RS", POPTS = popts }
  tx:doorbell()
  return one()
end
local good = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 {} / pkt.tcp {} / pattern(101)
local seeded = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 {} / pkt.tcp { csum = "pseudo+len" } / pattern(101)):bytes()
seeded = seeded:sub(1, 24) .. "\0\0" .. seeded:sub(27)

step "both, either, neither"
context()
expect.bytes(send(seeded, "IXSM TXSM"), good:bytes(), "both")
expect.bytes(send(seeded, "IXSM"), sum(seeded, 14, 33, 24), "IP only")
expect.bytes(send(seeded, "TXSM"), sum(seeded, 34, nil, 50), "TCP only")
expect.bytes(send(seeded, 0), seeded, "neither")

-- A receiver takes 0 for "no checksum", so nobody loses by it; Linux leaves it to the card as well.
step "UDP; a computed 0 goes out as it is (silent: our choice)"
context { TUCMD = "IP DEXT", TUCSO = 40 }
local udp = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 {} / pkt.udp { csum = "pseudo+len" } / pattern(60)):bytes()
expect.bytes(send(udp, "TXSM"), sum(udp, 34, nil, 40), "UDP")
local s = pkt.sum16(udp:sub(35))                -- make the sum FFFF with the last word
local last = (string.unpack(">I2", udp:sub(-2)) + (~s & 0xffff))
last = (last & 0xffff) + (last >> 16)
udp = udp:sub(1, -3) .. string.pack(">I2", last)
expect.eq(pkt.sum16(udp:sub(35)), 0xffff, "sum")
expect.eq(send(udp, "TXSM"):sub(41, 42), "\0\0", "UDP checksum")

step "ranges end where CSE says, inclusive; beyond the frame means to its end"
for _, cse in ipairs { 34, 35, 40, 100, 153, 154, 155, 156, 0xffff } do
  context { TUCSE = cse }
  local f = pattern(155, cse)
  expect.bytes(send(f, "TXSM"), sum(f, 34, cse < 155 and cse or nil, 50), "TUCSE " .. cse)
end

step "offsets beyond the frame, a range that ends before it begins: nothing (silent: unpredictable)"
for _, c in ipairs { { TUCSS = 155 }, { TUCSS = 255 }, { TUCSO = 154 }, { TUCSO = 255 }, { TUCSE = 33 } } do
  context(c)
  local f = pattern(155, 9)
  expect.bytes(send(f, "TXSM"), f, "as it was")
end
context { IPCSO = 153 }
local f = pattern(155, 9)
expect.bytes(send(f, "IXSM"), sum(f, 14, 33, 153), "the last two bytes")

step "IP first, then TCP: the second sees the first one's result"
context { IPCSS = 34, IPCSE = 0, IPCSO = 50, TUCSS = 34, TUCSO = 60 }
expect.bytes(send(f, "IXSM TXSM"), sum(sum(f, 34, nil, 50), 34, nil, 60), "overlapping")

step "over descriptors: POPTS of the first counts"
context()
tx:data { buffer = seeded:sub(1, 20), DCMD = "DEXT", POPTS = "IXSM TXSM" }
tx:data { buffer = seeded:sub(21, 51), DCMD = "DEXT", POPTS = 0 }
tx:data { buffer = seeded:sub(52), DCMD = "DEXT EOP IFCS RS", POPTS = 0 }
tx:doorbell()
expect.bytes(one(), good:bytes(), "first says both")
tx:data { buffer = seeded:sub(1, 20), DCMD = "DEXT", POPTS = 0 }
tx:data { buffer = seeded:sub(21), DCMD = "DEXT EOP IFCS RS", POPTS = "IXSM TXSM" }
tx:doorbell()
expect.bytes(one(), seeded, "first says neither")

step "a segmentation context is another set"
context { TUCMD = "TCP IP TSE DEXT", IPCSO = 100, TUCSO = 110, MSS = 1000, HDRLEN = 54, PAYLEN = 1 }
expect.bytes(send(seeded, "IXSM TXSM"), good:bytes(), "the normal one still stands")

step "a legacy frame has nothing to do with either"
tx:send(seeded)
expect.bytes(one(), seeded, "legacy")
expect.bads { "checksum-outside-frame" }      -- as meant above; no other

step "no context since the reset: without checksums, and said so"
nic:reset()
nic:link_up { speed = 1000, duplex = "full" }
tx = nic:tx_ring { entries = 8 }
expect.bytes(send(seeded, "IXSM TXSM"), seeded, "as it was")
expect.bad("context-missing", 1)
