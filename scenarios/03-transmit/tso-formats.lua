-- Every frame format that 3.5.4 lists is segmented: Ethernet II, 802.3 with SNAP, a tag in the header, IPv4 and TCP with
-- options, IPv6 with extension headers, UDP over IPv4. Each segment is compared with the packet that a driver without offload would
-- have built. Silent: an 802.3 length field follows the segment (a header's field that names the frame's size could be
-- right no other way; Linux never segments such a frame).
local nic = scenario { name = "tso-formats", manual = { "3.5.4", "3.5.7", "3.5.9.1", "3.5.9.2", "3.5.9.3", "13.7.53", "13.7.54" } }
local r = nic.regs

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
local PAYLOAD, MSS = pkt.pattern(500):bytes(), 200
local ENDS = { dst = "02:00:00:00:00:02" }

-- link(), ip(n), l4(i, from): the layers of segment n, whose payload starts at from; last: it is the last one.
local function send(link, ip, l4, udp)
  local function layers(n, from, last) return link() / ip(n) / l4(from, last) end
  local mss = udp and #PAYLOAD or MSS                   -- UDP has no sequence: one segment
  local head = layers(0, 0, true):tso():bytes()
  local l2 = #link():bytes()
  local l3 = #head - (udp and 8 or #l4(0, true):bytes())
  local v4 = ip(0).kind ~= "ip6" and head:byte(l2 + 1) >> 4 == 4
  local tcp = udp and "" or "TCP "
  tx:context { TUCMD = tcp .. (v4 and "IP " or "") .. "TSE DEXT", PAYLEN = #PAYLOAD, HDRLEN = #head, MSS = mss, IPCSS = l2,
               IPCSO = v4 and l2 + 10 or 0, IPCSE = v4 and l3 - 1 or 0, TUCSS = l3, TUCSO = l3 + (udp and 6 or 16), TUCSE = 0 }
  tx:data { buffer = head, DCMD = "TSE DEXT IFCS", POPTS = v4 and "IXSM TXSM" or "TXSM" }
  tx:data { buffer = PAYLOAD, DCMD = "TSE DEXT IFCS EOP RS" }
  tx:doorbell()
  local f = nic:sent()
  local count = (#PAYLOAD + mss - 1) // mss
  expect.eq(#f, count, "segments")
  for i = 1, count do
    local from = (i - 1) * mss
    local whole = (layers(i - 1, from, i == count) / PAYLOAD:sub(from + 1, from + mss)):bytes()
    expect.bytes(f[i].bytes, whole .. pkt.fcs(whole), "segment " .. i)
  end
end

local function eth() return pkt.eth { src = nic.mac, dst = ENDS.dst } end
local function snap() return eth() / pkt.snap {} end
local function tagged() return eth() / pkt.vlan { pcp = 5, vid = 99 } end
local function ip4(n) return pkt.ip4 { id = 0xffff + n & 0xffff, flags = "DF" } end
local function ip4_options(n) return pkt.ip4 { id = 7 + n, options = "\x94\x04\0\0\1\1\1\0" } end
local function ip6() return pkt.ip6 { ext = { { type = "hopopts" }, { type = "dstopts" } } } end
local function tcp(from, last) return pkt.tcp { seq = 0xffffff00 + from & 0xffffffff, flags = last and "FIN PSH ACK" or "ACK" } end
local function tcp_options(from, last)
  return pkt.tcp { seq = 1 + from, flags = last and "PSH ACK" or "ACK", options = "\1\1\8\10\1\2\3\4\5\6\7\8" }
end
local function udp() return pkt.udp { sport = 7, dport = 9 } end

step "Ethernet II"
send(eth, ip4, tcp)
step "802.3 with SNAP: the length field is each segment's"
send(snap, ip4, tcp)
step "802.1q, the tag in the header"
send(tagged, ip4, tcp)
step "IPv4 with options, TCP with options, both"
send(eth, ip4_options, tcp)
send(eth, ip4, tcp_options)
send(eth, ip4_options, tcp_options)
step "IPv6 with two extension headers, TCP with options"
send(eth, ip6, tcp)
send(tagged, ip6, tcp_options)
-- 3.5.4 lists "IPv6 packet tunneled in IPv4" and says that tunnels are not supported. There is one IP header that the
-- context names (our choice): of the outer one length, identification and checksum become right, the inner one stays.
step "IPv6 in IPv4: the IPv4 header follows the segment, the inner payload length is what the driver wrote"
do
  local function layers(n, from, last)
    return eth() / pkt.ip4 { id = 9 + n } / pkt.ip6 { len = 99 } / tcp(from, last)
  end
  local head = layers(0, 0, true):tso():bytes()
  tx:context { TUCMD = "TCP IP TSE DEXT", PAYLEN = #PAYLOAD, HDRLEN = #head, MSS = MSS, IPCSS = 14, IPCSO = 24, IPCSE = 33,
               TUCSS = 74, TUCSO = 90, TUCSE = 0 }
  tx:data { buffer = head, DCMD = "TSE DEXT IFCS", POPTS = "IXSM TXSM" }
  tx:data { buffer = PAYLOAD, DCMD = "TSE DEXT IFCS EOP RS" }
  tx:doorbell()
  local f = nic:sent()
  expect.eq(#f, 3, "segments")
  for i = 1, 3 do
    local from = (i - 1) * MSS
    local whole = (layers(i - 1, from, i == 3) / PAYLOAD:sub(from + 1, from + MSS)):bytes()
    expect.bytes(f[i].bytes, whole .. pkt.fcs(whole), "segment " .. i)
  end
end

step "UDP over IPv4; over IPv6 neither TCP nor IP is set, which asks for a constant header (tso-generic)"
send(eth, ip4, udp, true)
send(snap, ip4_options, udp, true)
r.TSCTC:expect { TSCTC = 11 }
r.TSCTFC:expect { TSCTFC = 0 }
expect.no_bad "a driver that makes no mistake"
