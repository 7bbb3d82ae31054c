-- pkt.lua against the vectors of the data sheet notes, published check values and damaged input.
local pkt = pkt or dofile((arg and arg[1]) or "harness/driver/pkt.lua")

local passed = 0

local function show(v)
  if type(v) == "string" and v:find("[^%g ]") then return pkt.hex(v) end
  return tostring(v)
end

local function eq(got, want, what)
  if got ~= want then
    error(string.format("%s: expected %s, got %s", what, show(want), show(got)), 2)
  end
  passed = passed + 1
end

local function fails(what, pattern, f, ...)
  local ok, err = pcall(f, ...)
  if ok then error(what .. ": expected an error", 2) end
  if not tostring(err):find(pattern, 1, true) then
    error(string.format("%s: expected an error with %q, got %q", what, pattern, tostring(err)), 2)
  end
  passed = passed + 1
end

local function bytes(text)
  return (text:gsub("%s", ""):gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end))
end

local STATION, PEER = "52:54:00:12:34:56", "52:54:00:65:43:21"

-- CRC-32 and RFC 1071 check values ---------------------------------------------------------------

eq(pkt.crc32("123456789"), 0xcbf43926, "crc32 check value")
eq(pkt.crc32(""), 0, "crc32 of nothing")
eq(pkt.crc32("The quick brown fox jumps over the lazy dog"), 0x414fa339, "crc32 of 43 bytes")
eq(pkt.crc32(string.rep("\0", 32)), 0x190a55ad, "crc32 of 32 zeros")
eq(pkt.crc32(string.rep("\xff", 32)), 0xff6cab0b, "crc32 of 32 ones")
eq(pkt.fcs("123456789"), bytes "26 39 f4 cb", "fcs on the wire")
eq(pkt.sum16(bytes "00 01 f2 03 f4 f5 f6 f7"), 0xddf2, "RFC 1071 section 3")
eq(pkt.sum16(""), 0, "sum of nothing")
eq(pkt.sum16("\x12"), 0x1200, "an odd byte is the high one")
eq(pkt.sum16(string.rep("\xff", 1001)), 0xff00, "odd length, carries")

-- The slow definitions, for every length around the unrolled loops.
local function crc_bits(s)
  local c = 0xffffffff
  for i = 1, #s do
    c = c ~ s:byte(i)
    for _ = 1, 8 do c = c & 1 == 1 and c >> 1 ~ 0xedb88320 or c >> 1 end
  end
  return c ~ 0xffffffff
end

local function sum_words(s)
  local t = 0
  for i = 1, #s, 2 do
    t = t + (s:byte(i) << 8 | (s:byte(i + 1) or 0))
    t = (t & 0xffff) + (t >> 16)
  end
  return t
end

local seed = 1
local function random(n)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % n
end

local function noise(n)
  local out = {}
  for i = 1, n do out[i] = string.char(random(256)) end
  return table.concat(out)
end

for n = 0, 70 do
  local s = noise(n)
  eq(pkt.crc32(s), crc_bits(s), "crc32 of " .. n)
  eq(pkt.sum16(s), sum_words(s), "sum16 of " .. n)
end

-- Multicast hash (3.2.1, 13.4.22, 13.5.1) --------------------------------------------------------

for _, v in ipairs {
  { "01:AA:00:12:34:56", 0, 0x563 }, { "01:AA:00:12:34:56", 1, 0xac6 },
  { "01:AA:00:12:34:56", 2, 0x58d }, { "01:AA:00:12:34:56", 3, 0x634 },
  { "01:00:5E:7F:FF:FA", 0, 0xfaf }, { "01:00:5E:7F:FF:FA", 1, 0xf5f },
  { "01:00:5E:7F:FF:FA", 2, 0xebf }, { "01:00:5E:7F:FF:FA", 3, 0xaff },
  { "33:33:FF:12:9A:BC", 0, 0xbc9 }, { "01:80:C2:00:00:01", 0, 0x010 },
} do
  eq(pkt.multicast_index(v[1], v[2]), v[3], v[1] .. " MO=" .. v[2])
end
fails("MO of 4", "MO: expected 0..3", pkt.multicast_index, STATION, 4)
fails("hash of no address", "not a MAC address", pkt.multicast_index, "01:02", 0)

-- TCP segmentation (3.5.7, 3.5.9) ----------------------------------------------------------------

local function segment(id, seq, flags, first, n, extra)
  local tcp = { sport = 49152, dport = 80, seq = seq, ack = 0x01020304, flags = flags, window = 0x2000,
                csum = extra.csum }
  return pkt.eth { dst = STATION, src = PEER }
       / pkt.ip4 { src = "192.0.2.1", dst = "192.0.2.2", id = id, flags = "DF", len = extra.len, csum = extra.ipcsum }
       / pkt.tcp(tcp) / pkt.pattern(n, first)
end

local PROTOTYPE = bytes [[
  52 54 00 12 34 56 52 54 00 65 43 21 08 00 45 00 00 00 FF FF 40 00 40 06 00 00 C0 00 02 01 C0 00
  02 02 C0 00 00 50 FF FF FF 00 01 02 03 04 50 19 20 00 84 0A 00 00 ]]
local prototype = segment(0xffff, 0xffffff00, "FIN PSH ACK", 0, 0, { len = 0, ipcsum = 0, csum = "pseudo" })
eq(prototype:bytes(), PROTOTYPE, "prototype header")
eq(segment(0xffff, 0xffffff00, "FIN PSH ACK", 0, 0, {}):tso():bytes(), PROTOTYPE, "tso()")
eq(#prototype, 54, "prototype length")

local segments = {}
for i, v in ipairs {
  { 0xffff, 0xffffff00, "ACK",         256, 296, 0xb5cc, 0x8739, "77 31 cc 6c" },
  { 0x0000, 0x00000000, "ACK",         256, 296, 0xb5cc, 0x863a, "b8 d9 bd 7f" },
  { 0x0001, 0x00000100, "FIN PSH ACK",  88, 128, 0xb673, 0xda81, "c5 b9 79 80" },
} do
  local name = "segment " .. i - 1
  local p = segment(v[1], v[2], v[3], 256 * (i - 1), v[4], {})
  segments[i] = p
  eq(#p, 54 + v[4], name .. " length")
  local d = pkt.decode(p)
  eq(d.ip.len, v[5], name .. " ip.len")
  eq(d.ip.id, v[1], name .. " ip.id")
  eq(d.ip.csum, v[6], name .. " ip.csum")
  eq(d.tcp.seq, v[2], name .. " tcp.seq")
  eq(d.tcp.flags, v[3], name .. " tcp.flags")
  eq(d.tcp.csum, v[7], name .. " tcp.csum")
  eq(d.payload, tostring(pkt.pattern(v[4])), name .. " payload")
  eq(pkt.hex(pkt.fcs(p)), v[8], name .. " fcs")
  eq(p:fcs(), p .. bytes(v[8]), name .. " with fcs")
  eq(pkt.verify(p:fcs()), true, name .. " verifies")
end

-- Receive packet checksum, and the same frame tagged (3.2.9, 9.2.2) -------------------------------

local UDP_FRAME = bytes [[
  52 54 00 12 34 56 52 54 00 65 43 21 08 00 45 00 00 2E 12 34 40 00 40 11 A4 87 C0 00 02 02 C0 00
  02 01 04 D2 16 2E 00 1A 18 65 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 ]]

local function udp_frame(csum, tag)
  local eth = pkt.eth { dst = STATION, src = PEER }
  if tag then eth = eth / tag end
  return eth / pkt.ip4 { src = "192.0.2.2", dst = "192.0.2.1", id = 0x1234, flags = "DF" }
       / pkt.udp { sport = 1234, dport = 5678, csum = csum } / pkt.pattern(18)
end

local plain = udp_frame()
eq(plain:bytes(), UDP_FRAME, "UDP frame")
eq(pkt.fcs(plain), bytes "C0 D6 60 88", "UDP frame fcs")
eq(pkt.decode(plain).ip.csum, 0xa487, "UDP frame ip.csum")
eq(pkt.decode(plain).udp.csum, 0x1865, "UDP frame udp.csum")
local stored = plain:fcs()
for _, v in ipairs {
  { 0, 64, 0xc1c6 }, { 0, 60, 0xa067 }, { 14, 64, 0x9d2f }, { 14, 60, 0x7bd0 }, { 34, 60, 0x7bd0 },
} do
  eq(pkt.sum16(stored:sub(v[1] + 1, v[2])), v[3], string.format("sum from %d to %d", v[1], v[2]))
end
eq(pkt.decode(udp_frame("pseudo+len")).udp.csum, 0x842f, "offload seed") -- 3.6
eq(pkt.decode(udp_frame("pseudo")).udp.csum, 0x842f - 26, "seed without length")
eq(pkt.decode(udp_frame(0)).udp.csum, 0, "literal checksum")
eq(pkt.verify(udp_frame(0):fcs()), true, "no UDP checksum over IPv4")
eq(select(2, pkt.verify(udp_frame("pseudo+len"):fcs())), "udp.csum: expected 1865, got 842f", "seed is not a checksum")
eq(pkt.verify(udp_frame("bad"):fcs()), false, "spoilt checksum")

local tagged = udp_frame(nil, pkt.vlan { pcp = 3, vid = 100 })
eq(tagged:bytes(), UDP_FRAME:sub(1, 12) .. bytes "81 00 60 64" .. UDP_FRAME:sub(13), "tagged frame")
eq(pkt.fcs(tagged), bytes "B4 06 6A 93", "tagged frame fcs")
eq(pkt.sum16(tagged:bytes():sub(15)), 0xe434, "tagged sum without fcs")
eq(pkt.sum16(tagged:fcs():sub(15)), 0x02cf, "tagged sum with fcs")
eq(pkt.sum16((plain .. pkt.fcs(tagged)):sub(15)), 0x9a6a, "stripped tag, fcs kept as received")
eq(pkt.verify(tagged:fcs()), true, "tagged frame verifies")
eq(pkt.match(tagged, { length = 64, eth = { type = 0x8100 }, udp = { len = 26 },
                       vlan = { tpid = 0x8100, pcp = 3, cfi = 0, vid = 100, type = 0x0800 } }), true, "tagged match")

-- PAUSE (8.7.3, 8.7.6) ---------------------------------------------------------------------------

local PAUSE = bytes "01 80 C2 00 00 01 52 54 00 12 34 56 88 08 00 01 FF FF" .. string.rep("\0", 42)
local pause = pkt.pause { src = STATION, time = 0xffff }
eq(pause:bytes(), PAUSE, "PAUSE frame")
eq(pkt.fcs(pause), bytes "32 13 12 98", "PAUSE fcs")
eq((pkt.eth { src = STATION } / pkt.pause { time = 0xffff }):bytes(), PAUSE, "PAUSE under an eth layer")
eq(pkt.match(pause, { length = 60, eth = { dst = "01:80:c2:00:00:01" }, mac_control = { opcode = 1, time = 0xffff } }),
   true, "PAUSE match")
fails("PAUSE address given twice", "pkt.pause: src", function()
  return pkt.eth {} / pkt.pause { src = STATION }
end)

-- Building -----------------------------------------------------------------------------------------

eq((pkt.eth() / "x"):bytes(), bytes "ff ff ff ff ff ff 02 00 00 00 00 01 88 b5 78", "eth defaults")
eq(#pkt.pattern(600), 600, "pattern length")
eq(pkt.pattern(3, 0xff):bytes(), "\xff\x00\x01", "pattern seed")
eq(pkt.pattern(0):bytes(), "", "empty pattern")
eq(pkt.pattern(300):bytes():byte(300), 299 & 0xff, "pattern wraps")
eq(pkt.raw("ab") .. "cd", "abcd", "packet .. string")
eq("ab" .. pkt.raw("cd"), "abcd", "string .. packet")
eq(("ab" / pkt.raw("cd")):bytes(), "abcd", "string / packet")
eq(pkt.raw("ab") == pkt.raw("a") / "b", true, "equality is of bytes")
eq(tostring(pkt.raw("ab")), "ab", "tostring")
eq(pkt.is(pkt.raw("")), true, "is a packet")
eq(pkt.is("") or pkt.is({}) or pkt.is(nil), false, "is not a packet")
eq(pkt.hex("\x00\xab"), "00 ab", "hex")

local short = pkt.eth {} / pkt.ip4 {} / pkt.udp {} / "hi"
local padded = short:pad(60)
eq(#short, 44, "a short frame")
eq(#padded, 60, "padded")
eq(padded:bytes(), short .. string.rep("\0", 16), "pad bytes count in no header")
eq(#padded:pad(20), 60, "pad never shortens")
eq(short:pad(46, 0x5a):bytes():sub(-2), "ZZ", "pad fill")
eq(pkt.decode(padded).trailer, string.rep("\0", 16), "trailer")
eq(pkt.decode(padded).payload, "hi", "payload ends with the datagram")
eq(pkt.verify(padded:fcs()), true, "padded frame verifies")
eq(#(padded / "tail"), 64, "bytes after a pad")

eq(pkt.fcs_valid(plain:fcs()), true, "fcs_valid")
eq(pkt.fcs_valid(plain:bad_fcs()), false, "bad_fcs")
eq(#plain:bad_fcs(), 64, "bad_fcs length")
eq(pkt.fcs_valid(""), false, "fcs_valid of nothing")

local options = pkt.decode(
  pkt.eth {} / pkt.ip4 { options = "\x94\x04\0\0\1" } / pkt.tcp { options = "\2\4\5\xb4\1" } / "z")
eq(options.ip.hlen, 28, "IP options padded to words")
eq(options.tcp.hlen, 28, "TCP options padded to words")
eq(options.ip.options, "\x94\x04\0\0\1\0\0\0", "IP options")
eq(options.payload, "z", "payload after options")
eq(pkt.verify((pkt.eth {} / pkt.ip4 { options = "\1" } / pkt.tcp { options = "\1" } / "odd"):fcs()), true,
   "options verify")

local snap = pkt.eth {} / pkt.vlan { vid = 5 } / pkt.snap {} / pkt.ip4 {} / pkt.tcp {} / "data"
eq(snap:bytes():sub(15, 26), bytes "00 05 00 34 aa aa 03 00 00 00 08 00", "tag, 802.3 length, LLC, SNAP")
eq(pkt.match(snap, { vlan = { type = 52 }, snap = { oui = 0, type = 0x0800 }, tcp = { sport = 1024 } }), true,
   "SNAP match")
eq(pkt.verify(snap:pad(60):fcs()), true, "SNAP verifies")
eq(pkt.verify((pkt.eth {} / pkt.snap {} / pkt.ip4 {} / pkt.tcp { csum = "bad" }):fcs()), false, "SNAP is looked into")

local qinq = pkt.eth {} / pkt.vlan { tpid = 0x88a8, vid = 7 } / pkt.vlan { vid = 8, cfi = 1 }
           / pkt.arp { op = 2, tha = STATION }
eq(pkt.match(qinq, { eth = { type = 0x88a8 }, vlan = { vid = 7, type = 0x8100 }, vlan2 = { vid = 8, cfi = 1 },
                     arp = { op = 2, tha = STATION, spa = "10.0.0.1", sha = "02:00:00:00:00:01" } }), true,
                        "two tags, ARP")
local odd_tag = pkt.eth {} / pkt.vlan { tpid = 0x1234, vid = 9 } / pkt.ip4 {} / pkt.icmp {}
eq(pkt.decode(odd_tag).vlan, nil, "an unknown tag type")
eq(pkt.decode(odd_tag, { tpid = 0x1234 }).vlan.vid, 9, "a tag type by option")

local ping = pkt.eth {} / pkt.ip4 {} / pkt.icmp { id = 0x1234, seq = 1 } / "abc"
eq(pkt.match(ping, { ip = { proto = 1 }, icmp = { type = 8, code = 0, id = 0x1234, seq = 1 }, payload = "abc" }),
   true, "ICMP")
eq(pkt.verify(ping:fcs()), true, "ICMP verifies")
eq(select(2, pkt.verify(pkt.eth {} / pkt.ip4 {} / pkt.icmp { csum = 0 })), "icmp.csum: expected f7ff, got 0000",
   "ICMP checksum literal")

-- RFC 768: a computed zero goes out as FFFFh; here the source port cancels the rest of the sum.
local base = pkt.decode(pkt.eth {} / pkt.ip4 {} / pkt.udp { sport = 0, dport = 0 }).udp.csum
local zero = pkt.eth {} / pkt.ip4 {} / pkt.udp { sport = base, dport = 0 }
eq(pkt.decode(zero).udp.csum, 0xffff, "computed zero")
eq(pkt.verify(zero:fcs()), true, "FFFFh verifies")

local tunnel = pkt.eth {} / pkt.ip4 {} / pkt.ip6 {} / pkt.tcp {} / "x"
eq(pkt.match(tunnel, { ip = { proto = 41 }, ip6 = { next = 6 }, tcp = { dport = 80 } }), true, "IPv6 in IPv4")
eq(pkt.verify(tunnel:fcs()), true, "IPv6 in IPv4 verifies")
eq(pkt.decode(pkt.eth {} / pkt.ip4 {} / pkt.ip4 {} / pkt.tcp {}).tcp, nil, "IPv4 in IPv4 ends the decode")

-- Addresses and IPv6 (RFC 4291 2.2, RFC 5952, RFC 8200) --------------------------------------------

eq(pkt.mac(STATION), bytes "52 54 00 12 34 56", "mac")
eq(pkt.ip("10.0.0.255"), bytes "0a 00 00 ff", "IPv4")
for _, v in ipairs {
  { "::", string.rep("00", 16) }, { "::1", string.rep("00", 15) .. "01" },
  { "fe80::1", "fe80" .. string.rep("00", 13) .. "01" }, { "1::", "0001" .. string.rep("00", 14) },
  { "2001:db8:0:1:2:3:4:5", "20010db8000000010002000300040005" },
  { "2001:DB8::8:800:200C:417A", "20010db80000000000080800200c417a" },
  { "::ffff:192.0.2.1", "00000000000000000000ffffc0000201" },
  { "1:2:3:4:5:6:7::", "00010002000300040005000600070000" },
  { "1:2:3:4:5:6:192.0.2.1", "000100020003000400050006c0000201" },
} do
  eq(pkt.ip(v[1]), bytes(v[2]), v[1])
end
for _, bad in ipairs { "1::2::3", "1:2:3", ":::", "1:2:3:4:5:6:7:8:9", "12345::", "1:2:3:4:5:6:7:8::", "g::", ":1::",
                       "1.2.3.4::", "256.0.0.1", "1.2.3", "", "1.2.3.4.5", "fe80::1%eth0" } do
  fails("address " .. bad, "not an IP", pkt.ip, bad)
end
fails("address of the wrong type", "not an IPv4 address: 7", pkt.ip, 7)
fails("short mac", "not a MAC address", pkt.mac, "52:54:00:12:34")

local six = pkt.eth {} / pkt.ip6 { src = "2001:db8::1", dst = "2001:db8:0:0:1::2" } / pkt.tcp { csum = "pseudo" }
eq(pkt.decode(six).tcp.csum,
   pkt.sum16(bytes "20010db8 000000000000000000000001 20010db8 000000000001000000000002 0006"),
   "IPv6 partial sum")
eq(pkt.decode(six).ip6.dst, "2001:db8::1:0:0:2", "IPv6 text: the first of the longest zero runs")
eq(pkt.decode(six).ip6.len, 20, "IPv6 payload length")
eq(pkt.decode(six:tso()).ip6.len, 0, "IPv6 prototype length")
eq(pkt.decode(six:tso()).tcp.sport, 1024, "an IPv6 prototype decodes")
eq(pkt.verify((pkt.eth {} / pkt.ip6 {} / pkt.tcp {} / "odd"):fcs()), true, "TCP over IPv6")
eq(pkt.verify((pkt.eth {} / pkt.ip6 {} / pkt.udp {} / "odd"):fcs()), true, "UDP over IPv6")
eq(pkt.verify((pkt.eth {} / pkt.ip6 {} / pkt.icmp {} / "odd"):fcs()), true, "ICMPv6")
eq(pkt.match(pkt.eth {} / pkt.ip6 {} / pkt.icmp {}, { ip6 = { next = 58, hop = 64 }, icmp = { type = 128 } }), true,
   "echo")
eq(select(2, pkt.verify(pkt.eth {} / pkt.ip6 {} / pkt.udp { csum = 0 })), "udp.csum: expected fed0, got 0000",
   "UDP over IPv6 needs a checksum")

local routed = pkt.eth {} / pkt.ip6 { dst = "fe80::2", ext = { { type = "hopopts", data = "\1\0" },
                 { type = "routing", left = 1, addrs = { "fe80::3", "fe80::4" } },
                 { type = "dstopts" } } } / pkt.tcp {} / "x"
local direct = pkt.eth {} / pkt.ip6 { dst = "fe80::4" } / pkt.tcp {} / "x"
eq(pkt.match(routed, { ip6 = { next = 0, proto = 6, ext = { 0, 43, 60 }, len = 8 + 40 + 8 + 21 }, payload = "x" }),
   true, "extension headers")
eq(pkt.decode(routed).tcp.csum, pkt.decode(direct).tcp.csum, "checksum uses the final destination") -- 3.5.7
eq(pkt.verify(routed:fcs()), true, "routing header verifies")
eq(pkt.decode(pkt.eth {} / pkt.ip6 {}).ip6.next, 59, "no next header")

-- Fragments: no checksum above IP ------------------------------------------------------------------

for i, f in ipairs { { flags = "MF" }, { frag = 185 }, { flags = "MF", frag = 185 } } do
  local p = pkt.eth {} / pkt.ip4 { flags = f.flags, frag = f.frag } / pkt.udp { csum = 0x1111 } / "part"
  eq(pkt.verify(p:fcs()), true, "IPv4 fragment " .. i)
  eq(pkt.decode(p).udp == nil, f.frag ~= nil, "header only in the first fragment " .. i)
  eq(pkt.match(p, { ip = { flags = f.flags or "", frag = f.frag or 0 } }), true, "fragment fields " .. i)
end
local frag6 = { type = "fragment", offset = 2, more = true, id = 9 }
local later6 = pkt.eth {} / pkt.ip6 { ext = { frag6 } } / pkt.udp { csum = 0x1111 } / "part"
eq(pkt.verify(later6:fcs()), true, "IPv6 fragment")
eq(pkt.match(later6, { ip6 = { frag = 2, more = true, id = 9 }, udp = false }), true, "IPv6 fragment fields")

-- verify names what is wrong -----------------------------------------------------------------------

local function reason(p, opts)
  local ok, why = pkt.verify(p, opts)
  if ok then return nil end
  return why
end

local function poke(s, at, v)
  return s:sub(1, at) .. string.char(v) .. s:sub(at + 2)
end

eq(reason(plain:bytes() .. "\0\0\0\0"), "fcs: expected c0 d6 60 88, got 00 00 00 00", "fcs reason")
eq(reason(plain), nil, "a packet has no FCS to check")
eq(reason(plain:bytes(), { fcs = false }), nil, "fcs = false")
eq(reason(plain:fcs(), { fcs = true }), nil, "fcs = true")
eq(reason(pkt.raw(poke(UDP_FRAME, 24, 0))), "ip.csum: expected a487, got 0087", "ip.csum reason")
eq(reason(pkt.raw(poke(UDP_FRAME, 59, 0x12))), "udp.csum: expected 1864, got 1865", "udp.csum reason")
eq(reason(pkt.raw(poke(segments[1]:bytes(), 50, 0))), "tcp.csum: expected 8739, got 0039", "tcp.csum reason")
eq(reason(pkt.raw(poke(UDP_FRAME, 14, 0x65))), "ip.version: expected 4, got 6", "ip.version reason")
eq(reason(pkt.raw(poke(UDP_FRAME, 14, 0x44))), "ip.hlen: expected 14..2e, got 10", "ip.hlen reason")
eq(reason(pkt.eth {} / pkt.ip4 { len = 100 } / pkt.udp {}), "ip.len: expected 0014..001c, got 0064", "ip.len reason")
eq(reason(pkt.eth {} / pkt.ip6 { len = 100 } / pkt.udp {}), "ip6.len: expected at most 0008, got 0064",
   "ip6.len reason")
eq(reason(pkt.eth {} / pkt.ip4 {} / pkt.udp { len = 9 }), "udp.len: expected at most 0008 and at least 0008, got 0009",
   "udp.len reason")
eq(reason(pkt.eth {} / pkt.ip4 { proto = 6 } / "abc"), "tcp: header truncated: expected 14 bytes, got 03", "short TCP")
eq(reason(pkt.eth {} / pkt.ip4 {} / pkt.tcp { doff = 6 }):sub(1, 8), "tcp.hlen", "tcp.hlen reason")
eq(reason(pkt.eth {} / pkt.ip4 { csum = "bad" } / pkt.udp {}):sub(1, 7), "ip.csum", "spoilt ip.csum")
eq(reason(pkt.eth {} / pkt.ip4 {} / pkt.udp { len = 10 } / "abcdef"), nil, "a checksum covers what udp.len says")
eq(reason(pkt.eth {} / pkt.arp {}), nil, "ARP has nothing to check")

-- match and diff ----------------------------------------------------------------------------------

local function why(p, pattern, opts)
  local ok, text = pkt.match(p, pattern, opts)
  return ok and "match" or text
end

local f1, f3 = segments[1], segments[3]
eq(why(f1, { ip = { len = 296, id = 0xffff }, tcp = { seq = 0xffffff00, flags = "ACK" } }), "match", "match")
eq(why(f3, { tcp = { flags = "ACK" } }), "tcp.flags: expected ACK, got FIN PSH ACK", "flags differ")
eq(why(f3, { tcp = { flags = "ACK|PSH, FIN" } }), "match", "flag order does not matter")
eq(why(f1, { tcp = { flags = "" } }), "tcp.flags: expected none, got ACK", "no flags")
eq(why(f1, { ip = { len = 1500 } }), "ip.len: expected 1500, got 296", "numbers in decimal")
eq(why(f1, { ip4 = { csum = 1 } }), "ip4.csum: expected 0x0001, got 0xb5cc", "checksums in hex")
eq(why(f1, { tcp = { seq = 1 }, ip = { id = 1 } }), "ip.id: expected 0x0001, got 0xffff", "the outer layer first")
eq(why(f1, { eth = { dst = "52:54:00:12:34:57" } }), "eth.dst: expected 52:54:00:12:34:57, got 52:54:00:12:34:56",
   "mac")
eq(why(f1, { eth = { dst = "52:54:00:12:34:56" }, ip = { src = "192.0.2.1" } }), "match", "addresses")
eq(why(six, { ip6 = { src = "2001:0DB8:0::1" } }), "match", "IPv6 addresses in any spelling")
eq(why(f1, { udp = { dport = 1 } }), "udp: expected one, got none", "missing layer")
eq(why(f1, { tcp = true, vlan = false }), "match", "presence")
eq(why(tagged, { vlan = false }), "vlan: expected none, got one", "absence")
eq(why(f1, { payload = pkt.pattern(256) }), "match", "payload as a packet")
eq(why(f1, { payload = "\0\1\3" }), "payload+2: expected 03, got 02", "payload differs")
eq(why(f1, { payload = "\0\1" }), "payload: expected 2 bytes, got 256", "payload length")
eq(why(f1, f1), "match", "packet as the pattern")
eq(why(f1:fcs(), { length = 310, fcs = pkt.crc32(f1), trailer = false }, { fcs = true }), "match", "length without FCS")
eq(why(f1:fcs(), { length = 314, trailer = pkt.fcs(f1) }), "match", "FCS not announced")
eq(why("", { length = 0 }), "match", "empty frame")
fails("unknown layer", "unknown field tpc", pkt.match, f1, { tpc = {} })
fails("unknown field", "unknown field tcp.flag", pkt.match, f1, { udp = {}, tcp = { flag = "ACK" } })
fails("unknown flag", 'tcp.flags: unknown flag "AKC"', pkt.match, f1, { tcp = { flags = "AKC" } })
fails("wrong kind", "tcp.seq: expected an integer", pkt.match, f1, { tcp = { seq = "1" } })
fails("no pattern", "expected a pattern, got nil", pkt.match, f1)

eq(pkt.diff(f1, f1:bytes()), nil, "no difference")
local function differs(at, v, want, what)
  eq(pkt.diff(f1, poke(f1:bytes(), at, v)), want, what)
end
differs(47, 0x18, "byte 47 tcp.flags: expected 10 ACK, got 18 PSH ACK", "diff flags")
differs(40, 0x00, "byte 40 tcp.seq: expected ffffff00, got ffff0000", "diff seq")
differs(5, 0x57, "byte 5 eth.dst: expected 52:54:00:12:34:56, got 52:54:00:12:34:57", "diff mac")
differs(29, 0x09, "byte 29 ip.src: expected 192.0.2.1, got 192.0.2.9", "diff address")
differs(14, 0x46, "byte 14 ip.hlen: expected 5, got 6", "diff half a byte")
differs(20, 0x60, "byte 20 ip.flags: expected 2, got 3", "diff bits")
differs(24, 0x00, "byte 24 ip.csum: expected b5cc, got 00cc", "diff checksum")
differs(60, 0xff, "byte 60 payload+6: expected 06, got ff", "diff payload")
eq(pkt.diff(tagged, poke(tagged:bytes(), 14, 0x40)), "byte 14 vlan.pcp: expected 3, got 2", "diff pcp")
eq(pkt.diff(tagged, poke(tagged:bytes(), 15, 0x65)), "byte 15 vlan.vid: expected 064, got 065", "diff vid")
eq(pkt.diff(padded, poke(padded:bytes(), 59, 1)), "byte 59 trailer+15: expected 00, got 01", "diff pad")
eq(pkt.diff(plain:fcs(), plain:bad_fcs(), { fcs = true }), "byte 60 fcs: expected c0 d6 60 88, got 3f 29 9f 77",
   "diff fcs")
eq(pkt.diff(f1, f1 .. "x"), "length: expected 310 bytes, got 311", "diff length")
eq(pkt.diff("\1\2", "\1\3\4"), "byte 1 payload+1: expected 02, got 03 (expected 2 bytes, got 3)",
   "diff without a header")

-- Bad arguments name the field and the caller's line --------------------------------------------------

fails("misspelt field", "pkt.tcp: unknown field sprot", pkt.tcp, { sprot = 1 })
fails("field out of range", "pkt.vlan: vid: expected 0..4095, got 4096", pkt.vlan, { vid = 4096 })
fails("negative", "pkt.tcp: seq: expected 0..4294967295, got -1", pkt.tcp, { seq = -1 })
fails("fraction", "pkt.ip4: ttl: expected 0..255, got 1.5", pkt.ip4, { ttl = 1.5 })
fails("wrong address", 'pkt.ip4: src: not an IPv4 address: "fe80::1"', pkt.ip4, { src = "fe80::1" })
fails("wrong mac", 'pkt.eth: dst: not a MAC address: "nic"', pkt.eth, { dst = "nic" })
fails("wrong flag", 'pkt.tcp: flags: unknown flag "ack"', pkt.tcp, { flags = "ack" })
fails("wrong checksum", 'pkt.udp: csum: expected 0..65535 or "pseudo", "pseudo+len", "bad", got "psuedo"', pkt.udp,
      { csum = "psuedo" })
fails("long options", "pkt.tcp: options: expected at most 40 bytes, got 41", pkt.tcp,
      { options = string.rep("\1", 41) })
fails("positional", "pkt.eth: fields are named", pkt.eth, { "x" })
fails("no table", 'pkt.eth: expected a table, got "x"', pkt.eth, "x")
fails("wrong extension header", "pkt.ip6: ext: [1].type: unknown extension header", pkt.ip6,
      { ext = { { type = "hop" } } })
fails("number as a layer", "pkt: cannot layer 7", function() return pkt.eth {} / 7 end)
fails("nil as a layer", "pkt: cannot layer nil", function() return pkt.eth {} / nil end)
fails("raw nil", "pkt.raw: expected bytes or a packet, got nil", pkt.raw)
fails("pattern length", "pkt.pattern: n", pkt.pattern, -1)
fails("pad length", "pad: expected a length", function() return short:pad() end)
fails("seed without IP", "needs an ip4 or ip6 layer", function() return #(pkt.eth {} / pkt.tcp { csum = "pseudo" }) end)
fails("too long", "pkt.ip4: len: 65556 does not fit in 16 bits; give len", function()
  return #(pkt.eth {} / pkt.ip4 {} / pkt.pattern(65536))
end)
fails("too long for 802.3", "give type", function() return #(pkt.eth {} / pkt.snap {} / pkt.pattern(1493)) end)
local prefixes = {}
for i, f in ipairs { function() pkt.tcp { seq = -1 } end, function() error("!") end } do -- both on one line
  local _, text = pcall(f)
  prefixes[i] = text:match("^(.-:%d+: )")
end
eq(prefixes[1], prefixes[2], "the error is at the caller")

-- Truncated and random input never raises -------------------------------------------------------------

local samples = { plain, tagged, snap, qinq, ping, tunnel, routed, later6, pause, segments[1], six:tso() }
for i, p in ipairs(samples) do
  local s = p:fcs()
  local reference = pkt.raw(s)
  for n = 0, #s do
    local cut = s:sub(1, n)
    local ok, err = pcall(function()
      pkt.decode(cut)
      pkt.decode(cut, { fcs = true })
      pkt.verify(cut)
      pkt.verify(cut, { fcs = false })
      pkt.match(cut, { tcp = { seq = 1 }, ip6 = { ext = { 0 } } })
      return pkt.diff(reference, cut), pkt.diff(cut, s)
    end)
    eq(ok and "ok" or err, "ok", string.format("sample %d cut to %d", i, n))
  end
  for n = 0, #s - 1 do
    local spoilt = poke(s, n, s:byte(n + 1) ~ (1 << random(8)))
    local ok, err = pcall(function()
      pkt.decode(spoilt)
      pkt.verify(pkt.raw(spoilt:sub(1, -5)))
      if pkt.verify(spoilt) then error("a flipped bit went unnoticed") end
      local text = pkt.diff(s, spoilt)
      if not text:find("^byte " .. n .. " %l") then error(text) end
    end)
    eq(ok and "ok" or err, "ok", string.format("sample %d byte %d", i, n))
  end
end

local TYPES = { "\x08\x00\x45", "\x86\xdd\x60", "\x08\x06", "\x88\x08", "\x81\x00", "\x00\x20\xaa\xaa\x03\0\0\0", "" }
for i = 1, 2000 do
  local s = noise(12) .. TYPES[random(#TYPES) + 1] .. noise(random(120))
  local ok, err = pcall(function()
    local d = pkt.decode(s)
    if d.length ~= #s then error("length") end
    pkt.verify(s .. pkt.fcs(s))
    pkt.diff(s, noise(#s))
  end)
  eq(ok and "ok" or err, "ok", "noise " .. i)
end

print(passed .. " checks passed")
