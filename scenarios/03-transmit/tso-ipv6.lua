-- Segments over IPv6: the payload length follows (the formula printed counts the fixed header; IPv6 does not), sequence and
-- flags as over IPv4, behind extension headers too. Linux leaves the field 0 and depends on valid packets.
local nic = scenario { name = "tso-ipv6", manual = { "3.5.5", "3.5.7", "3.5.9" }, golden = { "wire" } }
local r = nic.regs
local function pattern(n, seed) return pkt.pattern(n, seed):bytes() end

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
local function send(ip, hdrlen, mss, paylen)
  local head = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip6(ip) / pkt.tcp { seq = 0xfffffff0, flags = "FIN PSH ACK" }):tso()
  expect.eq(#head:bytes(), hdrlen, "header")
  local data = pattern(paylen)
  tx:context { TUCMD = "TCP TSE DEXT", PAYLEN = paylen, HDRLEN = hdrlen, MSS = mss, IPCSS = 14, IPCSO = 0, IPCSE = 0,
               TUCSS = hdrlen - 20, TUCSO = hdrlen - 4, TUCSE = 0 }
  tx:data { buffer = head, DCMD = "TSE DEXT IFCS", POPTS = "TXSM" }
  tx:data { buffer = data, DCMD = "TSE DEXT IFCS EOP RS" }
  tx:doorbell()
  local f = nic:sent()
  local n = (paylen + mss - 1) // mss
  expect.eq(#f, n, "segments")
  for i = 1, n do
    local part = data:sub((i - 1) * mss + 1, i * mss)
    expect.frame(f[i], { ip6 = { len = #part + hdrlen - 54 }, tcp = { seq = (0xfffffff0 + (i - 1) * mss) & 0xffffffff, flags = i == n and "FIN PSH ACK" or "ACK" } })
    expect.bytes(f[i].bytes:sub(hdrlen + 1, hdrlen + #part), part, "payload " .. i)
  end
  expect.checksums_valid(f)
end

step "three segments: lengths 276, 276, 108"
send({}, 74, 256, 600)
step "behind two extension headers"
send({ ext = { { type = "hopopts" }, { type = "dstopts" } } }, 90, 100, 250)
step "one segment: FIN and PSH stay"
send({}, 74, 600, 600)
r.TSCTC:expect { TSCTC = 3 }
r.TSCTFC:expect { TSCTFC = 0 }
expect.no_bad "a driver that makes no mistake"
