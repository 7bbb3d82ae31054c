-- Where segments and descriptors meet: payload a multiple of MSS, one byte, one byte more; the header over several
-- descriptors, header and payload in one; the last four bytes apart, as the Linux driver gives them.
local nic = scenario { name = "tso-boundaries", manual = { "3.5.6", "3.5.9", "3.3.6", "13.7.53" }, golden = { "wire" } }
local r = nic.regs

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
local head = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { id = 7 } / pkt.tcp { seq = 1, flags = "PSH ACK" }):tso():bytes()
local function send(paylen, mss, cuts)
  local all, at = head .. pkt.pattern(paylen), 0
  tx:context { TUCMD = "TCP IP TSE DEXT", PAYLEN = paylen, HDRLEN = 54, MSS = mss, IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50 }
  for _, cut in ipairs(cuts) do
    tx:data { buffer = all:sub(at + 1, cut), DCMD = "TSE DEXT IFCS", POPTS = "IXSM TXSM" }
    at = cut
  end
  tx:data { buffer = all:sub(at + 1), DCMD = "TSE DEXT IFCS EOP RS", POPTS = "IXSM TXSM" }
  tx:doorbell()
  tx:wait { DD = 1 }
  local f = nic:sent()
  local n = (paylen + mss - 1) // mss
  expect.eq(#f, n, "segments")
  for i = 1, n do
    local part = all:sub(54 + (i - 1) * mss + 1, 54 + i * mss)
    expect.frame(f[i], { ip = { len = 40 + #part, id = 6 + i }, tcp = { seq = 1 + (i - 1) * mss, flags = i == n and "PSH ACK" or "ACK" } })
    expect.bytes(f[i].bytes:sub(55, 54 + #part), part, "payload")
  end
  expect.checksums_valid(f)
  r.TSCTC:expect { TSCTC = 1 }
end

local function case(why, paylen, mss, cuts) lab.fold(why, send, paylen, mss, cuts) end
step "payload against MSS"
for _, c in ipairs { { 400, 200 }, { 401, 200 }, { 399, 200 }, { 200, 200 }, { 1, 200 }, { 201, 200 }, { 5, 1 }, { 100, 65 } } do
  case(c[1] .. " by " .. c[2], c[1], c[2], { 54 })
end
step "header in pieces; header and payload together"
case("14, 20, 20", 500, 200, { 14, 34, 54 })
case("one byte at a time", 300, 200, { 1, 2, 3, 54 })
case("all in one descriptor", 500, 200, {})
case("a descriptor across the border", 500, 200, { 14, 100 })
step "payload in pieces of every kind"
case("ends where a segment ends", 600, 200, { 54, 254, 454 })
case("a byte before and behind", 600, 200, { 54, 253, 254, 255, 455 })
case("many small ones", 100, 30, { 54, 60, 61, 70, 84, 85, 100, 114, 150 })
step "the last four bytes apart"
case("four", 1000, 300, { 54, 1050 })
case("four, a segment of their own", 604, 200, { 54, 654 })
case("four, with the header in the first", 100, 200, { 150 })
r.TSCTFC:expect { TSCTFC = 0 }
expect.no_bad "a driver that makes no mistake"
