-- Segmenting UDP over IPv4: the UDP length follows each piece, as IP length and identification do; each piece has a whole
-- UDP header. Over IPv6 the same bits ask for the generic send, see tso-generic.
local nic = scenario { name = "tso-udp", manual = { "3.5.5", "3.5.7", "3.5.9", "3.3.6.1" } }
local r = nic.regs
local function pattern(n, seed) return pkt.pattern(n, seed):bytes() end

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
step "three pieces"
local head = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { id = 0xfffe } / pkt.udp { csum = "pseudo" }):bytes()
head = head:sub(1, 16) .. "\0\0" .. head:sub(19, 24) .. "\0\0" .. head:sub(27, 38) .. "\xde\xad" .. head:sub(41)
local data = pattern(1000)
for _, popts in ipairs { "IXSM TXSM", "IXSM" } do
  tx:context { TUCMD = "IP TSE DEXT", PAYLEN = 1000, HDRLEN = 42, MSS = 400, IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 40 }
  tx:data { buffer = head, DCMD = "TSE DEXT IFCS", POPTS = popts }
  tx:data { buffer = data, DCMD = "TSE DEXT IFCS EOP RS" }
  tx:doorbell()
  local f = nic:sent()
  expect.eq(#f, 3, "pieces")
  for i, n in ipairs { 400, 400, 200 } do
    expect.frame(f[i], { ip = { len = 28 + n, id = (0xfffe + i - 1) & 0xffff }, udp = { len = 8 + n } })
    expect.bytes(f[i].bytes:sub(43, 42 + n), data:sub(400 * i - 399, 400 * i - 400 + n), "payload")
    if popts == "IXSM" then expect.bytes(f[i].bytes:sub(41, 42), head:sub(41, 42), "TXSM 0: the field as it was") end
  end
  if popts ~= "IXSM" then expect.checksums_valid(f) end
end
r.TSCTC:expect { TSCTC = 2 }
expect.no_bad "a driver that makes no mistake"
