-- Packets: built from layers, decoded, matched, and checked by a checksum and CRC oracle of its own.
-- Nothing here is shared with the model, so agreement between the two is evidence.
--
--   local p = pkt.eth { dst = nic.mac } / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2" } / pkt.udp {} / "data"
--   #p, tostring(p), p:bytes(), p .. s      the bytes without FCS
--   p:pad(60), p:tso()                      packets;   p:fcs(), p:bad_fcs()   byte strings
--
-- Byte offsets in messages count from 0, as in the manual's descriptors.

local byte, char, rep, sub = string.byte, string.char, string.rep, string.sub
local pack, unpack, format = string.pack, string.unpack, string.format

local pkt = {}

local Packet = { __name = "packet" }

local function is_packet(x)
  return getmetatable(x) == Packet
end

-- For messages: values that print the same on every run.
local function show(v)
  if type(v) == "string" then return format("%q", v) end
  if type(v) == "number" or type(v) == "boolean" or v == nil then return tostring(v) end
  return "a " .. (is_packet(v) and "packet" or type(v))
end

---------------------------------------------------------------------------------------------------
-- Oracle: IEEE 802.3 CRC-32 and the one's complement sum of RFC 1071

local CRC = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do
    c = (c & 1 == 1) and (c >> 1 ~ 0xedb88320) or c >> 1
  end
  CRC[i] = c
end

local function crc32(s)
  local c, t, n = 0xffffffff, CRC, #s
  local i = 1
  while i + 7 <= n do
    local b1, b2, b3, b4, b5, b6, b7, b8 = byte(s, i, i + 7)
    c = t[(c ~ b1) & 0xff] ~ c >> 8
    c = t[(c ~ b2) & 0xff] ~ c >> 8
    c = t[(c ~ b3) & 0xff] ~ c >> 8
    c = t[(c ~ b4) & 0xff] ~ c >> 8
    c = t[(c ~ b5) & 0xff] ~ c >> 8
    c = t[(c ~ b6) & 0xff] ~ c >> 8
    c = t[(c ~ b7) & 0xff] ~ c >> 8
    c = t[(c ~ b8) & 0xff] ~ c >> 8
    i = i + 8
  end
  for j = i, n do
    c = t[(c ~ byte(s, j)) & 0xff] ~ c >> 8
  end
  return c ~ 0xffffffff
end

-- The FCS goes out least significant byte first.
local function fcs_of(s)
  return pack("<I4", crc32(s))
end

local function fold(n)
  while n > 0xffff do n = (n & 0xffff) + (n >> 16) end
  return n
end

-- 32-bit words fold to the same sum as 16-bit ones: 65536 is 1 modulo 65535.
local function sum16(s)
  local total, i, n = 0, 1, #s
  while i + 15 <= n do
    local a, b, c, d = unpack(">I4I4I4I4", s, i)
    total = total + a + b + c + d
    i = i + 16
  end
  while i + 1 <= n do
    total = total + unpack(">I2", s, i)
    i = i + 2
  end
  if i == n then total = total + (byte(s, n) << 8) end
  return fold(total)
end

local function invert(n)
  return ~fold(n) & 0xffff
end

---------------------------------------------------------------------------------------------------
-- Addresses and flag names

local function parse_mac(v)
  if type(v) == "string" then
    if #v == 6 then return v end
    local b = table.pack(v:match("^(%x%x):(%x%x):(%x%x):(%x%x):(%x%x):(%x%x)$"))
    if b.n == 6 then
      for i = 1, 6 do b[i] = tonumber(b[i], 16) end
      return char(b[1], b[2], b[3], b[4], b[5], b[6])
    end
  end
  return nil, "not a MAC address: " .. show(v)
end

local function mac_text(s)
  return format("%02x:%02x:%02x:%02x:%02x:%02x", byte(s, 1, 6))
end

local function parse_ip4(v)
  if type(v) == "string" then
    local a, b, c, d = v:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$")
    a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
    if a and a < 256 and b < 256 and c < 256 and d < 256 then return char(a, b, c, d) end
  end
  return nil, "not an IPv4 address: " .. show(v)
end

local function ip4_text(s)
  return format("%d.%d.%d.%d", byte(s, 1, 4))
end

-- One side of "::": colon-separated groups, the last of which may be dotted (RFC 4291 2.2).
local function ip6_groups(text)
  local out = {}
  if text == "" then return "" end
  for g in (text .. ":"):gmatch("([^:]*):") do
    out[#out + 1] = g
  end
  for i, g in ipairs(out) do
    if g:match("^%x%x?%x?%x?$") then
      out[i] = pack(">I2", tonumber(g, 16))
    elseif i == #out and parse_ip4(g) then
      out[i] = parse_ip4(g)
    else
      return nil
    end
  end
  return table.concat(out)
end

local function parse_ip6(v)
  if type(v) == "string" then
    local head, tail = v:match("^(.-)::(.*)$")
    if head then
      local a, b = ip6_groups(head), ip6_groups(tail)
      if a and b and not head:find(".", 1, true) and #a + #b <= 14 then
        return a .. rep("\0", 16 - #a - #b) .. b
      end
    else
      local a = ip6_groups(v)
      if a and #a == 16 then return a end
    end
  end
  return nil, "not an IPv6 address: " .. show(v)
end

-- RFC 5952: lower case, the first longest run of two or more zero groups shortened.
local function ip6_text(s)
  local g = { unpack(">I2I2I2I2I2I2I2I2", s) }
  local best, best_len, i = 0, 1, 1
  while i <= 8 do
    local j = i
    while j <= 8 and g[j] == 0 do j = j + 1 end
    if j - i > best_len then best, best_len = i, j - i end
    i = j + 1
  end
  local function join(from, to)
    local out = {}
    for k = from, to do out[#out + 1] = format("%x", g[k]) end
    return table.concat(out, ":")
  end
  if best == 0 then return join(1, 8) end
  return join(1, best - 1) .. "::" .. join(best + best_len, 8)
end

local TCP_FLAGS = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR",
                    FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10, URG = 0x20, ECE = 0x40, CWR = 0x80 }
local IP_FLAGS = { "RF", "DF", "MF", RF = 4, DF = 2, MF = 1 }

local function parse_flags(names, max)
  return function(v)
    local n = type(v) == "number" and math.tointeger(v)
    if n and n >= 0 and n <= max then return n end
    if type(v) ~= "string" then
      return nil, format("expected flag names or 0..%d, got %s", max, show(v))
    end
    local bits = 0
    for name in v:gmatch("[^%s,|]+") do
      local bit = math.type(names[name]) == "integer" and names[name]
      if not bit then return nil, "unknown flag " .. show(name) end
      bits = bits | bit
    end
    return bits
  end
end

local function flags_text(names, bits)
  local out = {}
  for _, name in ipairs(names) do
    if bits & names[name] ~= 0 then out[#out + 1] = name end
  end
  return table.concat(out, " ")
end

local parse_tcp_flags = parse_flags(TCP_FLAGS, 0xff)
local parse_ip_flags = parse_flags(IP_FLAGS, 7)

---------------------------------------------------------------------------------------------------
-- Fields a layer takes: each checker returns the stored value, or nil and what is wrong

local function uint(bits)
  local max = (1 << bits) - 1
  return function(v)
    local n = type(v) == "number" and math.tointeger(v)
    if n and n >= 0 and n <= max then return n end
    return nil, format("expected 0..%d, got %s", max, show(v))
  end
end

local function octets(max)
  return function(v)
    if is_packet(v) then v = v:bytes() end
    if type(v) ~= "string" then return nil, "expected bytes, got " .. show(v) end
    if #v > max then return nil, format("expected at most %d bytes, got %d", max, #v) end
    return v .. rep("\0", -#v % 4)
  end
end

local u8, u16, u32 = uint(8), uint(16), uint(32)

local function checksum(...)
  local words = { ... }
  return function(v)
    for _, w in ipairs(words) do
      if v == w then return v end
    end
    local n = u16(v)
    if n then return n end
    local quoted = {}
    for i, w in ipairs(words) do quoted[i] = show(w) end
    return nil, format("expected 0..65535 or %s, got %s", table.concat(quoted, ", "), show(v))
  end
end

local EXT_TYPES = { hopopts = 0, routing = 43, fragment = 44, dstopts = 60 }

-- Extension headers after the byte that names the next one (RFC 8200 4.3-4.6).
local function parse_ext(list)
  if type(list) ~= "table" or is_packet(list) then return nil, "expected a list, got " .. show(list) end
  local out = {}
  for i, e in ipairs(list) do
    local where = format("[%d]", i)
    if type(e) ~= "table" then return nil, where .. ": expected a table, got " .. show(e) end
    local kind = EXT_TYPES[e.type] or u8(e.type)
    if not kind then return nil, where .. ".type: unknown extension header " .. show(e.type) end
    local rest, final
    if kind == 44 then
      local offset, id = uint(13)(e.offset or 0), u32(e.id or 0)
      if not offset then return nil, where .. ".offset: expected 0..8191, got " .. show(e.offset) end
      if not id then return nil, where .. ".id: expected 0..4294967295, got " .. show(e.id) end
      rest = pack(">BI2I4", 0, offset << 3 | (e.more and 1 or 0), id)
    else
      local data = e.data or ""
      if kind == 43 and not e.data then
        local rtype, left = u8(e.rtype or 0), u8(e.left or 0)
        if not rtype then return nil, where .. ".rtype: expected 0..255, got " .. show(e.rtype) end
        if not left then return nil, where .. ".left: expected 0..255, got " .. show(e.left) end
        data = pack(">BBI4", rtype, left, 0)
        for _, a in ipairs(e.addrs or {}) do
          local b, err = parse_ip6(a)
          if not b then return nil, where .. ".addrs: " .. err end
          data = data .. b
          if left > 0 then final = b end
        end
      end
      if type(data) ~= "string" then return nil, where .. ".data: expected bytes, got " .. show(data) end
      data = data .. rep("\0", -(#data + 2) % 8)
      local len = u8(e.len or (#data + 2) // 8 - 1)
      if not len then return nil, where .. ".len: expected 0..255, got " .. show(e.len) end
      rest = char(len) .. data
    end
    out[i] = { type = kind, rest = rest, final = final }
  end
  return out
end

local ANY_CSUM = checksum("pseudo", "pseudo+len", "bad")
local OWN_CSUM = checksum("bad")

local SPEC = {
  eth   = { src = parse_mac, dst = parse_mac, type = u16 },
  vlan  = { tpid = u16, pcp = uint(3), cfi = uint(1), vid = uint(12), type = u16 },
  snap  = { oui = uint(24), type = u16 },
  ip4   = { src = parse_ip4, dst = parse_ip4, id = u16, ttl = u8, flags = parse_ip_flags, frag = uint(13), tos = u8,
            options = octets(40), proto = u8, len = u16, csum = OWN_CSUM, version = uint(4), ihl = uint(4) },
  ip6   = { src = parse_ip6, dst = parse_ip6, hop = u8, next = u8, tc = u8, flow = uint(20), len = u16,
            ext = parse_ext, version = uint(4) },
  tcp   = { sport = u16, dport = u16, seq = u32, ack = u32, flags = parse_tcp_flags, window = u16, urgent = u16,
            options = octets(40), csum = ANY_CSUM, doff = uint(4) },
  udp   = { sport = u16, dport = u16, len = u16, csum = ANY_CSUM },
  icmp  = { type = u8, code = u8, id = u16, seq = u16, csum = OWN_CSUM },
  arp   = { op = u16, sha = parse_mac, spa = parse_ip4, tha = parse_mac, tpa = parse_ip4 },
  pause = { time = u16, opcode = u16, src = parse_mac, dst = parse_mac, type = u16 },
}

local DEFAULT_SRC = parse_mac("02:00:00:00:00:01")
local BROADCAST = parse_mac("ff:ff:ff:ff:ff:ff")
local PAUSE_DST = parse_mac("01:80:c2:00:00:01")

---------------------------------------------------------------------------------------------------
-- Rendering, last layer first: emit[kind](fields, bytes after it, previous layer, next layer)

local ETHERTYPE = { ip4 = 0x0800, arp = 0x0806, ip6 = 0x86dd, pause = 0x8808 }
local IP_PROTO = { icmp = 1, ip4 = 4, tcp = 6, udp = 17, ip6 = 41 }

-- 88B5h is the EtherType for local experiments (IEEE 802 9.2.3).
local function ethertype(body, nxt)
  if not nxt then return 0x88b5 end
  if nxt.kind == "vlan" then return nxt.tpid or 0x8100 end
  if nxt.kind == "snap" then
    if #body > 1500 then return nil, format("length field: %d bytes do not fit an 802.3 frame; give type", #body) end
    return #body
  end
  return ETHERTYPE[nxt.kind] or 0x88b5
end

-- 253 is for experiments (RFC 3692), 59 is IPv6's "no next header".
local function ip_proto(nxt, v6)
  if not nxt then return v6 and 59 or 253 end
  if v6 and nxt.kind == "icmp" then return 58 end
  return IP_PROTO[nxt.kind] or 253
end

local function fit16(field, n)
  if n > 0xffff then return nil, format("%s: %d does not fit in 16 bits; give %s", field, n, field) end
  return n
end

local IP4_SRC, IP4_DST = parse_ip4("10.0.0.1"), parse_ip4("10.0.0.2")
local IP6_SRC, IP6_DST = parse_ip6("fe80::1"), parse_ip6("fe80::2")

-- Sum of the pseudo-header without the length, or nil if no IP layer comes before. With a routing header the
-- destination is the final one (SDM 3.5.7, RFC 8200 8.1).
local function pseudo_sum(prev, proto)
  if not prev then return nil end
  if prev.kind == "ip4" then
    return sum16((prev.src or IP4_SRC) .. (prev.dst or IP4_DST)) + proto
  elseif prev.kind == "ip6" then
    local dst = prev.dst or IP6_DST
    for _, e in ipairs(prev.ext or {}) do dst = e.final or dst end
    return sum16((prev.src or IP6_SRC) .. dst) + proto
  end
end

-- Flipping one bit moves the sum by a power of two, never by a multiple of FFFFh. The other bit keeps a UDP
-- checksum from becoming 0, which would mean "none".
local function spoil(csum)
  return csum ~ 1 ~= 0 and csum ~ 1 or csum ~ 0x100
end

local function l4_checksum(want, pseudo, len, segment)
  if math.type(want) == "integer" then return want end
  if want == "pseudo" or want == "pseudo+len" then
    if not pseudo then return nil, format("csum: %q needs an ip4 or ip6 layer before it", want) end
    return fold(pseudo + (want == "pseudo" and 0 or len))
  end
  if not pseudo then return 0 end
  local c = invert(pseudo + len + sum16(segment))
  return want == "bad" and spoil(c) or c
end

local emit = {}

function emit.raw(f)
  return f.data
end

function emit.eth(f, body, _, nxt)
  local t, err = f.type, nil
  if not t then t, err = ethertype(body, nxt) end
  if not t then return nil, err end
  local dst = f.dst or (nxt and nxt.kind == "pause" and PAUSE_DST) or BROADCAST
  return dst .. (f.src or DEFAULT_SRC) .. pack(">I2", t) .. body
end

function emit.vlan(f, body, prev, nxt)
  local t, err = f.type, nil
  if not t then t, err = ethertype(body, nxt) end
  if not t then return nil, err end
  return pack(">I2I2", (f.pcp or 0) << 13 | (f.cfi or 0) << 12 | (f.vid or 0), t) .. body
end

function emit.snap(f, body, _, nxt)
  local t, err = f.type, nil
  if not t then t, err = ethertype(body, nxt) end
  if not t then return nil, err end
  return "\xaa\xaa\x03" .. pack(">I3I2", f.oui or 0, t) .. body
end

function emit.ip4(f, body, _, nxt)
  local options = f.options or ""
  local len, err = f.len, nil
  if not len then len, err = fit16("len", 20 + #options + #body) end
  if not len then return nil, err end
  local head = pack(">BBI2I2I2BB", (f.version or 4) << 4 | (f.ihl or 5 + #options // 4), f.tos or 0, len, f.id or 0,
                    (f.flags or 0) << 13 | (f.frag or 0), f.ttl or 64, f.proto or ip_proto(nxt))
  local tail = (f.src or IP4_SRC) .. (f.dst or IP4_DST) .. options
  local csum = f.csum
  if math.type(csum) ~= "integer" then
    local good = invert(sum16(head) + sum16(tail))
    csum = csum == "bad" and spoil(good) or good
  end
  return head .. pack(">I2", csum) .. tail .. body
end

function emit.ip6(f, body, _, nxt)
  local after = f.next or ip_proto(nxt, true)
  local ext = f.ext or {}
  for i = #ext, 1, -1 do
    body = char(after) .. ext[i].rest .. body
    after = ext[i].type
  end
  local len, err = f.len, nil
  if not len then len, err = fit16("len", #body) end
  if not len then return nil, err end
  return pack(">I4I2BB", (f.version or 6) << 28 | (f.tc or 0) << 20 | (f.flow or 0), len, after, f.hop or 64)
         .. (f.src or IP6_SRC) .. (f.dst or IP6_DST) .. body
end

function emit.tcp(f, body, prev)
  local options = f.options or ""
  local head = pack(">I2I2I4I4BBI2", f.sport or 1024, f.dport or 80, f.seq or 0, f.ack or 0,
                    (f.doff or 5 + #options // 4) << 4, f.flags or 0x10, f.window or 8192)
  local tail = pack(">I2", f.urgent or 0) .. options .. body
  local csum, err = l4_checksum(f.csum, pseudo_sum(prev, 6), #head + 2 + #tail, head .. "\0\0" .. tail)
  if not csum then return nil, err end
  return head .. pack(">I2", csum) .. tail
end

function emit.udp(f, body, prev)
  local actual = 8 + #body
  local len, err = f.len, nil
  if not len then len, err = fit16("len", actual) end
  if not len then return nil, err end
  local head = pack(">I2I2I2", f.sport or 1024, f.dport or 9, len)
  -- The checksum covers what the length field says, if that much is there.
  local covered = (len >= 8 and len <= actual) and len or actual
  local csum
  csum, err = l4_checksum(f.csum, pseudo_sum(prev, 17), covered, head .. "\0\0" .. sub(body, 1, covered - 8))
  if not csum then return nil, err end
  -- RFC 768: a computed zero is sent as FFFFh.
  if csum == 0 and f.csum == nil and pseudo_sum(prev, 17) then csum = 0xffff end
  return head .. pack(">I2", csum) .. body
end

function emit.icmp(f, body, prev)
  local v6 = prev and prev.kind == "ip6"
  local head = pack(">BB", f.type or (v6 and 128 or 8), f.code or 0)
  local tail = pack(">I2I2", f.id or 0, f.seq or 0) .. body
  -- RFC 4443 2.3: ICMPv6 has a pseudo-header, ICMP none.
  local pseudo, len = 0, 0
  if v6 then pseudo, len = pseudo_sum(prev, 58), #tail + 4 end
  return head .. pack(">I2", l4_checksum(f.csum, pseudo, len, head .. "\0\0" .. tail)) .. tail
end

function emit.arp(f, body)
  return pack(">I2I2BBI2", 1, 0x0800, 6, 4, f.op or 1) .. (f.sha or DEFAULT_SRC) .. (f.spa or IP4_SRC)
         .. (f.tha or rep("\0", 6)) .. (f.tpa or IP4_DST) .. body
end

function emit.pause(f, body, prev)
  local data = pack(">I2I2", f.opcode or 1, f.time or 0xffff) .. body
  data = data .. rep("\0", 46 - #data)
  if prev then return data end
  return (f.dst or PAUSE_DST) .. (f.src or DEFAULT_SRC) .. pack(">I2", f.type or 0x8808) .. data
end

-- Bytes after a pad belong to the frame but to no header's length.
local function render(p)
  local cached = rawget(p, "cache")
  if cached then return cached end
  local layers = p.layers
  local last = #layers
  for i, l in ipairs(layers) do
    if l.pad then last = i - 1 break end
  end
  local out, err = "", nil
  for i = last, 1, -1 do
    local l = layers[i]
    local nxt = i < last and layers[i + 1] or nil
    if l.kind == "raw" then
      out = l.data .. out
    else
      out, err = emit[l.kind](l, out, layers[i - 1], nxt)
      if not out then return nil, format("pkt.%s: %s", l.kind, err) end
    end
  end
  for i = last + 1, #layers do
    local l = layers[i]
    if l.kind ~= "raw" then return nil, format("pkt.%s: no header can follow padding", l.kind) end
    out = out .. l.data
  end
  rawset(p, "cache", out)
  return out
end

local function new(layers)
  return setmetatable({ layers = layers }, Packet)
end

-- Bytes of a packet or a string; errors point at the caller's caller. Callers keep their own stack frame by not
-- making this a tail call.
local function need_bytes(x, who)
  if type(x) == "string" then return x end
  if is_packet(x) then
    local b, err = render(x)
    if not b then error(err, 3) end
    return b
  end
  error(format("%s: expected bytes or a packet, got %s", who, show(x)), 3)
end

---------------------------------------------------------------------------------------------------
-- Packets

local methods = {}
Packet.__index = methods

function methods.bytes(p)
  return (need_bytes(p, "bytes"))
end

function Packet.__tostring(p)
  return (need_bytes(p, "tostring"))
end

function Packet.__len(p)
  local b = need_bytes(p, "#")
  return #b
end

function Packet.__concat(a, b)
  if type(a) == "number" then a = tostring(a) end
  if type(b) == "number" then b = tostring(b) end
  local x = need_bytes(a, "..")
  local y = need_bytes(b, "..")
  return x .. y
end

function Packet.__eq(a, b)
  if not (is_packet(a) and is_packet(b)) then return false end
  return need_bytes(a, "==") == need_bytes(b, "==")
end

function Packet.__div(a, b)
  local layers = {}
  for i, side in ipairs { a, b } do
    if type(side) == "string" then
      layers[#layers + 1] = { kind = "raw", data = side }
    elseif is_packet(side) then
      for j, l in ipairs(side.layers) do
        if i == 2 and j == 1 and l.kind == "pause" and (l.src or l.dst or l.type) then
          error("pkt.pause: src, dst and type belong to the layer before it", 2)
        end
        layers[#layers + 1] = l
      end
    else
      error("pkt: cannot layer " .. show(side), 2)
    end
  end
  if #layers == 0 or type(a) == "nil" or type(b) == "nil" then error("pkt: cannot layer nil", 2) end
  return new(layers)
end

-- Zeros (or `fill`) up to n bytes, counted by no header. A packet that is long enough stays as it is.
function methods.pad(p, n, fill)
  n = type(n) == "number" and math.tointeger(n)
  if not n or n < 0 then error("pad: expected a length", 2) end
  fill = fill == nil and 0 or u8(fill)
  if not fill then error("pad: fill: expected 0..255", 2) end
  local b = need_bytes(p, "pad")
  if #b >= n then return p end
  local layers = table.move(p.layers, 1, #p.layers, 1, {})
  layers[#layers + 1] = { kind = "raw", pad = true, data = rep(char(fill), n - #b) }
  return new(layers)
end

function methods.fcs(p)
  local b = need_bytes(p, "fcs")
  return b .. fcs_of(b)
end

function methods.bad_fcs(p)
  local b = need_bytes(p, "bad_fcs")
  return b .. pack("<I4", ~crc32(b) & 0xffffffff)
end

-- The prototype header of a TCP segmentation (SDM 3.5.7): lengths and IPv4 checksum 0, TCP and UDP checksums the
-- partial pseudo-header sum. Fields given explicitly stay.
function methods.tso(p)
  local layers = {}
  for i, l in ipairs(p.layers) do
    local c = {}
    for k, v in pairs(l) do c[k] = v end -- a copy; order does not matter
    if l.kind == "ip4" then c.len, c.csum = l.len or 0, l.csum or 0 end
    if l.kind == "ip6" then c.len = l.len or 0 end
    if l.kind == "udp" then c.len = l.len or 0 end
    if l.kind == "udp" or l.kind == "tcp" then c.csum = l.csum or "pseudo" end
    layers[i] = c
  end
  return new(layers)
end

local function read_fields(kind, t)
  local spec, keys = SPEC[kind], {}
  if t == nil then t = {} end
  if type(t) ~= "table" or is_packet(t) then return nil, format("pkt.%s: expected a table, got %s", kind, show(t)) end
  for k in pairs(t) do -- sorted below
    if type(k) ~= "string" then return nil, format("pkt.%s: fields are named, got [%s]", kind, show(k)) end
    keys[#keys + 1] = k
  end
  table.sort(keys)
  local out = { kind = kind }
  for _, k in ipairs(keys) do
    if not spec[k] then return nil, format("pkt.%s: unknown field %s", kind, k) end
    local v, err = spec[k](t[k])
    if not v then return nil, format("pkt.%s: %s: %s", kind, k, err) end
    out[k] = v
  end
  return out
end

for _, kind in ipairs { "eth", "vlan", "snap", "ip4", "ip6", "tcp", "udp", "icmp", "arp", "pause" } do
  pkt[kind] = function(t)
    local layer, err = read_fields(kind, t)
    if not layer then error(err, 2) end
    return new { layer }
  end
end

function pkt.raw(s)
  local b = need_bytes(s, "pkt.raw")
  return new { { kind = "raw", data = b } }
end

local COUNT = {}
for i = 0, 255 do COUNT[i + 1] = char(i) end
COUNT = table.concat(COUNT)

-- Byte i is (seed + i) modulo 256.
function pkt.pattern(n, seed)
  n = type(n) == "number" and math.tointeger(n)
  if not n or n < 0 then error("pkt.pattern: n: expected a length", 2) end
  seed = seed == nil and 0 or (type(seed) == "number" and math.tointeger(seed))
  if not seed then error("pkt.pattern: seed: expected an integer", 2) end
  seed = seed & 0xff
  local cycle = sub(COUNT, seed + 1) .. sub(COUNT, 1, seed)
  return new { { kind = "raw", data = sub(rep(cycle, n // 256 + 1), 1, n) } }
end

---------------------------------------------------------------------------------------------------
-- Dissecting: the decoded table, the spans of bytes that have a name, and the checks to make

-- What a decoded layer holds and how a value of it is compared and printed.
local FIELDS = {
  eth  = { dst = "mac", src = "mac", type = "hex4" },
  vlan = { tpid = "hex4", pcp = "num", cfi = "num", vid = "num", type = "hex4" },
  snap = { llc = "bytes", oui = "hex6", type = "hex4" },
  ip4  = { version = "num", hlen = "num", tos = "hex2", len = "num", id = "hex4", flags = "ipflags", frag = "num",
           ttl = "num", proto = "num", csum = "hex4", src = "ip4", dst = "ip4", options = "bytes" },
  ip6  = { version = "num", tc = "hex2", flow = "num", len = "num", next = "num", hop = "num", src = "ip6", dst = "ip6",
           ext = "list", proto = "num", frag = "num", more = "bool", id = "num" },
  tcp  = { sport = "num", dport = "num", seq = "num", ack = "num", hlen = "num", reserved = "num", flags = "tcpflags",
           window = "num", csum = "hex4", urgent = "num", options = "bytes" },
  udp  = { sport = "num", dport = "num", len = "num", csum = "hex4" },
  icmp = { type = "num", code = "num", csum = "hex4", id = "hex4", seq = "num" },
  arp  = { htype = "num", ptype = "hex4", hlen = "num", plen = "num", op = "num",
           sha = "mac", spa = "ip4", tha = "mac", tpa = "ip4" },
  mac_control = { opcode = "hex4", time = "hex4" },
}
FIELDS.ip, FIELDS.vlan2 = FIELDS.ip4, FIELDS.vlan
local SCALARS = { length = "num", payload = "bytes", trailer = "bytes", fcs = "hex8" }
local ORDER = { "length", "eth", "vlan", "vlan2", "snap", "arp", "mac_control", "ip", "ip4", "ip6", "icmp", "tcp",
                "udp", "payload", "trailer", "fcs" }

local TPID = { [0x8100] = true, [0x88a8] = true, [0x9100] = true }

-- opts.fcs: the last four bytes are the FCS. opts.tpid: one more tag type to recognise.
local function dissect(s, opts)
  local d, spans, checks = {}, {}, {}
  local stop = #s
  if opts and opts.fcs and #s >= 4 then
    stop = #s - 4
    d.fcs = unpack("<I4", s, stop + 1)
    spans[#spans + 1] = { at = stop, n = 4, name = "fcs", raw = true }
  end
  d.length = stop
  local extra_tpid = opts and opts.tpid

  local function fail(...)
    checks[#checks + 1] = { fail = format(...) }
  end

  local function num(layer, name, at, n, mask, shift)
    local v = unpack(">I" .. n, s, at + 1)
    if mask then v = v >> shift & mask end
    local key = layer == "ip" and "ip4" or layer
    d[key][name] = v
    spans[#spans + 1] = { at = at, n = n, name = layer .. "." .. name, mask = mask, shift = shift }
    return v
  end

  local function text(layer, name, at, n, to_text)
    local b = sub(s, at + 1, at + n)
    local key = layer == "ip" and "ip4" or layer
    d[key][name] = to_text and to_text(b) or b
    spans[#spans + 1] = { at = at, n = n, name = layer .. "." .. name, text = to_text, raw = not to_text }
    return b
  end

  local function rest(at, limit)
    d.payload = sub(s, at + 1, limit)
    spans[#spans + 1] = { at = at, n = limit - at, name = "payload", counted = true }
    if limit < stop then
      d.trailer = sub(s, limit + 1, stop)
      spans[#spans + 1] = { at = limit, n = stop - limit, name = "trailer", counted = true }
    end
  end

  -- ip: { v6 =, pseudo = sum of both addresses, whole = not a fragment }
  local function l4(proto, at, limit, ip)
    local len = limit - at
    local function short(name, want)
      if len >= want then return false end
      if ip.whole then fail("%s: header truncated: expected %02x bytes, got %02x", name, want, len) end
      return true
    end
    local function check(name, csum_at, to, pseudo, zero_is_none)
      if not ip.whole then return end
      checks[#checks + 1] = { name = name, from = at, csum_at = csum_at, to = to, pseudo = pseudo,
                              zero_is_none = zero_is_none, udp = name == "udp.csum" }
    end
    if proto == 6 and not short("tcp", 20) then
      d.tcp = {}
      num("tcp", "sport", at, 2)
      num("tcp", "dport", at + 2, 2)
      num("tcp", "seq", at + 4, 4)
      num("tcp", "ack", at + 8, 4)
      local hlen = num("tcp", "hlen", at + 12, 1, 15, 4) * 4
      d.tcp.hlen = hlen
      num("tcp", "reserved", at + 12, 1, 15, 0)
      local bits = num("tcp", "flags", at + 13, 1)
      d.tcp.flags = flags_text(TCP_FLAGS, bits)
      spans[#spans].names = TCP_FLAGS
      num("tcp", "window", at + 14, 2)
      num("tcp", "csum", at + 16, 2)
      num("tcp", "urgent", at + 18, 2)
      check("tcp.csum", at + 16, limit, ip.pseudo + 6 + len)
      if hlen < 20 or hlen > len then
        if ip.whole then fail("tcp.hlen: expected 14..%02x, got %02x", len, hlen) end
        return rest(at + 20, limit)
      end
      if hlen > 20 then text("tcp", "options", at + 20, hlen - 20) end
      return rest(at + hlen, limit)
    elseif proto == 17 and not short("udp", 8) then
      d.udp = {}
      num("udp", "sport", at, 2)
      num("udp", "dport", at + 2, 2)
      local ulen = num("udp", "len", at + 4, 2)
      num("udp", "csum", at + 6, 2)
      if ulen < 8 or ulen > len then
        if ip.whole then fail("udp.len: expected at most %04x and at least 0008, got %04x", len, ulen) end
        ulen = len
      end
      check("udp.csum", at + 6, at + ulen, ip.pseudo + 17 + ulen, not ip.v6)
      return rest(at + 8, at + ulen)
    elseif proto == (ip.v6 and 58 or 1) and not short("icmp", 8) then
      d.icmp = {}
      num("icmp", "type", at, 1)
      num("icmp", "code", at + 1, 1)
      num("icmp", "csum", at + 2, 2)
      num("icmp", "id", at + 4, 2)
      num("icmp", "seq", at + 6, 2)
      check("icmp.csum", at + 2, limit, ip.v6 and ip.pseudo + 58 + len or 0)
      return rest(at + 8, limit)
    end
    return rest(at, limit)
  end

  local ip4, ip6

  local function upper(proto, at, limit, ip)
    if ip.later then return rest(at, limit) end
    if proto == 4 and not d.ip4 and ip.whole then return ip4(at, limit) end
    if proto == 41 and not d.ip6 and ip.whole then return ip6(at, limit) end
    return l4(proto, at, limit, ip)
  end

  function ip4(at, limit)
    local room = limit - at
    if room < 20 then
      fail("ip: header truncated: expected 14 bytes, got %02x", room)
      return rest(at, limit)
    end
    local b0 = byte(s, at + 1)
    if b0 >> 4 ~= 4 then
      fail("ip.version: expected 4, got %x", b0 >> 4)
      return rest(at, limit)
    end
    d.ip4 = {}
    d.ip = d.ip4
    num("ip", "version", at, 1, 15, 4)
    local hlen = num("ip", "hlen", at, 1, 15, 0) * 4
    d.ip4.hlen = hlen
    num("ip", "tos", at + 1, 1)
    local len = num("ip", "len", at + 2, 2)
    num("ip", "id", at + 4, 2)
    local flags = num("ip", "flags", at + 6, 1, 7, 5)
    d.ip4.flags = flags_text(IP_FLAGS, flags)
    local frag = num("ip", "frag", at + 6, 2, 0x1fff, 0)
    num("ip", "ttl", at + 8, 1)
    local proto = num("ip", "proto", at + 9, 1)
    num("ip", "csum", at + 10, 2)
    local src = text("ip", "src", at + 12, 4, ip4_text)
    local dst = text("ip", "dst", at + 16, 4, ip4_text)
    if hlen < 20 or hlen > room then
      fail("ip.hlen: expected 14..%02x, got %02x", room, hlen)
      return rest(at + 20, limit)
    end
    checks[#checks + 1] = { name = "ip.csum", from = at, csum_at = at + 10, to = at + hlen, pseudo = 0 }
    if len < hlen or len > room then
      fail("ip.len: expected %04x..%04x, got %04x", hlen, room, len)
    else
      limit = at + len
    end
    if hlen > 20 then text("ip", "options", at + 20, hlen - 20) end
    local whole = frag == 0 and flags & 1 == 0
    upper(proto, at + hlen, limit, { pseudo = sum16(src .. dst), whole = whole, later = frag ~= 0 })
  end

  function ip6(at, limit)
    local room = limit - at
    if room < 40 then
      fail("ip6: header truncated: expected 28 bytes, got %02x", room)
      return rest(at, limit)
    end
    local b0 = byte(s, at + 1)
    if b0 >> 4 ~= 6 then
      fail("ip6.version: expected 6, got %x", b0 >> 4)
      return rest(at, limit)
    end
    d.ip6 = { ext = {} }
    num("ip6", "version", at, 1, 15, 4)
    num("ip6", "tc", at, 2, 0xff, 4)
    num("ip6", "flow", at, 4, 0xfffff, 0)
    local len = num("ip6", "len", at + 4, 2)
    local proto = num("ip6", "next", at + 6, 1)
    num("ip6", "hop", at + 7, 1)
    local src = text("ip6", "src", at + 8, 16, ip6_text)
    local dst = text("ip6", "dst", at + 24, 16, ip6_text)
    local p = at + 40
    if len > room - 40 then
      fail("ip6.len: expected at most %04x, got %04x", room - 40, len)
    elseif len == 0 and proto ~= 59 then
      -- A segmentation prototype looks like this, a frame on the wire must not.
      fail("ip6.len: expected %04x, got 0000", room - 40)
    else
      limit = p + len
    end
    local ip = { v6 = true, whole = true }
    while proto == 0 or proto == 43 or proto == 44 or proto == 60 do
      local size = p + 8 <= limit and (proto == 44 and 8 or 8 + 8 * byte(s, p + 2))
      if not size or p + size > limit then
        if ip.whole then fail("ip6.ext: header %02x truncated: got %02x bytes", proto, limit - p) end
        break
      end
      local name = format("ip6.ext%d", #d.ip6.ext + 1)
      spans[#spans + 1] = { at = p, n = size, name = name, counted = true }
      d.ip6.ext[#d.ip6.ext + 1] = proto
      if proto == 43 then
        local hdr, rtype, left = byte(s, p + 2, p + 4)
        if (rtype == 0 or rtype == 2) and left > 0 and hdr >= 2 then
          local final = p + 8 + (hdr // 2 - 1) * 16
          dst = sub(s, final + 1, final + 16)
        end
      elseif proto == 44 then
        local v, id = unpack(">I2I4", s, p + 3)
        d.ip6.frag, d.ip6.more, d.ip6.id = v >> 3, v & 1 == 1, id
        -- RFC 6946: an offset of 0 with nothing to follow is a whole packet.
        if v >> 3 ~= 0 or v & 1 == 1 then ip.whole = false end
        if v >> 3 ~= 0 then ip.later = true end
      end
      proto = byte(s, p + 1)
      p = p + size
      if ip.later then break end
    end
    d.ip6.proto = proto
    ip.pseudo = sum16(src .. dst)
    upper(proto, p, limit, ip)
  end

  local function arp(at, limit)
    if limit - at < 28 then
      fail("arp: truncated: expected 1c bytes, got %02x", limit - at)
      return rest(at, limit)
    end
    d.arp = {}
    num("arp", "htype", at, 2)
    num("arp", "ptype", at + 2, 2)
    local hlen = num("arp", "hlen", at + 4, 1)
    local plen = num("arp", "plen", at + 5, 1)
    num("arp", "op", at + 6, 2)
    if hlen ~= 6 or plen ~= 4 then return rest(at + 8, limit) end
    text("arp", "sha", at + 8, 6, mac_text)
    text("arp", "spa", at + 14, 4, ip4_text)
    text("arp", "tha", at + 18, 6, mac_text)
    text("arp", "tpa", at + 24, 4, ip4_text)
    return rest(at + 28, limit)
  end

  if stop < 14 then
    rest(0, stop)
    return d, spans, checks
  end
  d.eth = {}
  text("eth", "dst", 0, 6, mac_text)
  text("eth", "src", 6, 6, mac_text)
  local t, at, limit = num("eth", "type", 12, 2), 14, stop
  for _, name in ipairs { "vlan", "vlan2" } do
    if not (TPID[t] or t == extra_tpid) or stop - at < 4 then break end
    d[name] = { tpid = t }
    num(name, "pcp", at, 1, 7, 5)
    num(name, "cfi", at, 1, 1, 4)
    num(name, "vid", at, 2, 0xfff, 0)
    t = num(name, "type", at + 2, 2)
    at = at + 4
  end
  if t <= 1500 then
    if at + t > stop then
      fail("eth.type: 802.3 length: expected at most %04x, got %04x", stop - at, t)
    else
      limit = at + t
    end
    t = nil
    if limit - at >= 8 and sub(s, at + 1, at + 3) == "\xaa\xaa\x03" then
      d.snap = {}
      text("snap", "llc", at, 3)
      local oui = num("snap", "oui", at + 3, 3)
      local inner = num("snap", "type", at + 6, 2)
      at = at + 8
      if oui == 0 then t = inner end
    end
  end
  if t == 0x0800 then
    ip4(at, limit)
  elseif t == 0x86dd then
    ip6(at, limit)
  elseif t == 0x0806 then
    arp(at, limit)
  elseif t == 0x8808 and limit - at >= 4 then
    d.mac_control = {}
    num("mac_control", "opcode", at, 2)
    num("mac_control", "time", at + 2, 2)
    rest(at + 4, limit)
  else
    rest(at, limit)
  end
  return d, spans, checks
end

---------------------------------------------------------------------------------------------------
-- Public: decode, verify, match, diff

local function check_opts(opts, who)
  if opts ~= nil and type(opts) ~= "table" then
    error(format("%s: options: expected a table, got %s", who, show(opts)), 3)
  end
end

function pkt.decode(x, opts)
  local s = need_bytes(x, "pkt.decode")
  check_opts(opts, "pkt.decode")
  return (dissect(s, opts))
end

local function hex(s)
  return (s:gsub(".", function(c) return format("%02x ", byte(c)) end):sub(1, -2))
end

local function fcs_check(s)
  if #s < 5 then return false, format("fcs: frame of %d bytes has none", #s) end
  local want, got = fcs_of(sub(s, 1, -5)), sub(s, -4)
  if want == got then return true end
  return false, format("fcs: expected %s, got %s", hex(want), hex(got))
end

-- A string carries its FCS unless opts.fcs is false; a packet never does. A checksum is good if the sum over it is
-- FFFFh, the receiver's rule of RFC 1071.
function pkt.verify(x, opts)
  local s = need_bytes(x, "pkt.verify")
  check_opts(opts, "pkt.verify")
  local with_fcs = type(x) == "string" and not (opts and opts.fcs == false)
  if with_fcs then
    local ok, why = fcs_check(s)
    if not ok then return false, why end
  end
  local _, _, checks = dissect(s, { fcs = with_fcs, tpid = opts and opts.tpid })
  for _, c in ipairs(checks) do
    if c.fail then return false, c.fail end
    local got = unpack(">I2", s, c.csum_at + 1)
    local others = c.pseudo + sum16(sub(s, c.from + 1, c.csum_at)) + sum16(sub(s, c.csum_at + 3, c.to))
    local want = invert(others)
    if c.udp and want == 0 then want = 0xffff end
    local none = c.udp and got == 0
    if none and not c.zero_is_none or not none and fold(others + got) ~= 0xffff then
      return false, format("%s: expected %04x, got %04x", c.name, want, got)
    end
  end
  return true
end

-- First difference of two byte strings, as a 0-based offset, or nil.
local function first_difference(a, b)
  if a == b then return nil end
  local n = math.min(#a, #b)
  local i = 1
  while i + 63 <= n and sub(a, i, i + 63) == sub(b, i, i + 63) do i = i + 64 end
  while i <= n and byte(a, i) == byte(b, i) do i = i + 1 end
  return i - 1
end

local function span_value(span, s)
  local b = sub(s, span.at + 1, span.at + span.n)
  if span.text then return span.text(b) end
  if span.raw then return hex(b) end
  local v, width = unpack(">I" .. span.n, b), span.n * 2
  if span.mask then
    v = v >> span.shift & span.mask
    width = #format("%x", span.mask)
  end
  local out = format("%0" .. width .. "x", v)
  if span.names then
    local names = flags_text(span.names, v)
    if names ~= "" then out = out .. " " .. names end
  end
  return out
end

-- Layout is that of `a`, the expected bytes. Returns nil if both are equal.
function pkt.diff(a, b, opts)
  local x = need_bytes(a, "pkt.diff")
  local y = need_bytes(b, "pkt.diff")
  check_opts(opts, "pkt.diff")
  local at = first_difference(x, y)
  if not at then return nil end
  local lengths = format("expected %d bytes, got %d", #x, #y)
  if at >= #x or at >= #y then return "length: " .. lengths end
  local tail = #x ~= #y and format(" (%s)", lengths) or ""
  local _, spans = dissect(x, opts)
  for _, span in ipairs(spans) do
    if at >= span.at and at < span.at + span.n then
      if span.counted then
        return format("byte %d %s+%d: expected %02x, got %02x%s", at, span.name, at - span.at, byte(x, at + 1),
                      byte(y, at + 1), tail)
      end
      if span.at + span.n <= #y then
        local want, got = span_value(span, x), span_value(span, y)
        if want ~= got then
          return format("byte %d %s: expected %s, got %s%s", at, span.name, want, got, tail)
        end
      else
        return format("byte %d %s: expected %02x, got %02x%s", at, span.name, byte(x, at + 1), byte(y, at + 1), tail)
      end
    end
  end
  return format("byte %d: expected %02x, got %02x%s", at, byte(x, at + 1), byte(y, at + 1), tail)
end

-- Turns a pattern's value into the decoded form: value, or nil and what is wrong with it.
local function normal(kind, v)
  if kind == "mac" then
    local b, err = parse_mac(v)
    return b and mac_text(b), err
  elseif kind == "ip4" then
    local b, err = parse_ip4(v)
    return b and ip4_text(b), err
  elseif kind == "ip6" then
    local b, err = parse_ip6(v)
    return b and ip6_text(b), err
  elseif kind == "tcpflags" or kind == "ipflags" then
    local tcp = kind == "tcpflags"
    local bits, err = (tcp and parse_tcp_flags or parse_ip_flags)(v)
    return bits and flags_text(tcp and TCP_FLAGS or IP_FLAGS, bits), err
  elseif kind == "bytes" then
    if is_packet(v) then return render(v) end
    if type(v) == "string" then return v end
    return nil, "expected bytes, got " .. show(v)
  elseif kind == "list" then
    if type(v) ~= "table" then return nil, "expected a list, got " .. show(v) end
    for _, e in ipairs(v) do
      if math.type(e) ~= "integer" then return nil, "expected integers, got " .. show(e) end
    end
    return table.concat(v, " ")
  elseif kind == "bool" then
    if type(v) == "boolean" then return v end
    return nil, "expected true or false, got " .. show(v)
  end
  local n = type(v) == "number" and math.tointeger(v)
  if n then return n end
  return nil, "expected an integer, got " .. show(v)
end

local function printable(kind, v)
  if v == nil or v == "" then return "none" end
  local digits = kind:match("^hex(%d)$")
  if digits then return format("0x%0" .. digits .. "x", v) end
  return tostring(v)
end

local function compare(name, kind, want, got)
  if kind == "list" and type(got) == "table" then got = table.concat(got, " ") end
  if want == got then return nil end
  if kind == "bytes" then
    got = got or ""
    local at = first_difference(want, got)
    if not at then return nil end
    if at >= #want or at >= #got then return format("%s: expected %d bytes, got %d", name, #want, #got) end
    return format("%s+%d: expected %02x, got %02x", name, at, byte(want, at + 1), byte(got, at + 1))
  end
  return format("%s: expected %s, got %s", name, printable(kind, want), printable(kind, got))
end

local function sorted_keys(t)
  local keys = {}
  for k in pairs(t) do -- sorted below
    if type(k) ~= "string" then return nil, k end
    keys[#keys + 1] = k
  end
  table.sort(keys)
  return keys
end

-- The whole pattern is checked before the frame, so a misspelt field fails even if an earlier one differs.
local function read_pattern(pattern)
  local list = {}
  local keys, odd = sorted_keys(pattern)
  if not keys then return nil, format("fields are named, got [%s]", show(odd)) end
  for _, k in ipairs(keys) do
    if not FIELDS[k] and not SCALARS[k] then return nil, "unknown field " .. k end
  end
  for _, layer in ipairs(ORDER) do
    local want = pattern[layer]
    if want ~= nil then
      if type(want) == "boolean" then
        list[#list + 1] = { layer = layer, present = want }
      elseif SCALARS[layer] then
        local v, err = normal(SCALARS[layer], want)
        if v == nil then return nil, layer .. ": " .. err end
        list[#list + 1] = { layer = layer, kind = SCALARS[layer], want = v }
      elseif type(want) ~= "table" or is_packet(want) then
        return nil, format("%s: expected a table, true or false, got %s", layer, show(want))
      else
        list[#list + 1] = { layer = layer, present = true }
        local names, bad = sorted_keys(want)
        if not names then return nil, format("%s: fields are named, got [%s]", layer, show(bad)) end
        for _, name in ipairs(names) do
          local kind = FIELDS[layer][name]
          if not kind then return nil, format("unknown field %s.%s", layer, name) end
          local v, err = normal(kind, want[name])
          if v == nil then return nil, format("%s.%s: %s", layer, name, err) end
          list[#list + 1] = { layer = layer, name = name, kind = kind, want = v }
        end
      end
    end
  end
  return list
end

-- In a pattern `vlan = false` means "no tag", `tcp = true` "some TCP header". A packet or a string as the pattern
-- stands for all the bytes.
function pkt.match(x, pattern, opts)
  local s = need_bytes(x, "pkt.match")
  check_opts(opts, "pkt.match")
  if is_packet(pattern) or type(pattern) == "string" then
    local want = need_bytes(pattern, "pkt.match")
    local why = pkt.diff(want, s, opts)
    return why == nil, why
  end
  if type(pattern) ~= "table" then error("pkt.match: expected a pattern, got " .. show(pattern), 2) end
  local list, err = read_pattern(pattern)
  if not list then error("pkt.match: " .. err, 2) end
  local d = dissect(s, opts)
  for _, m in ipairs(list) do
    local got, why = d[m.layer], nil
    if m.present ~= nil then
      if m.present and got == nil then why = m.layer .. ": expected one, got none" end
      if not m.present and got ~= nil then why = m.layer .. ": expected none, got one" end
    elseif m.name then
      why = compare(m.layer .. "." .. m.name, m.kind, m.want, got[m.name])
    else
      why = compare(m.layer, m.kind, m.want, got)
    end
    if why then return false, why end
  end
  return true
end

---------------------------------------------------------------------------------------------------
-- Public: oracle and helpers

function pkt.crc32(x)
  local s = need_bytes(x, "pkt.crc32")
  return crc32(s)
end

function pkt.fcs(x)
  local s = need_bytes(x, "pkt.fcs")
  return fcs_of(s)
end

function pkt.sum16(x)
  local s = need_bytes(x, "pkt.sum16")
  return sum16(s)
end

function pkt.fcs_valid(x)
  local s = need_bytes(x, "pkt.fcs_valid")
  return (fcs_check(s))
end

function pkt.hex(x)
  local s = need_bytes(x, "pkt.hex")
  return hex(s)
end

function pkt.bytes(x)
  return (need_bytes(x, "pkt.bytes"))
end

pkt.is = is_packet

function pkt.mac(s)
  local b, err = parse_mac(s)
  if not b then error("pkt.mac: " .. err, 2) end
  return b
end

function pkt.ip(s)
  local v6 = type(s) == "string" and s:find(":", 1, true)
  local b, err = (v6 and parse_ip6 or parse_ip4)(s)
  if not b then error("pkt.ip: " .. err, 2) end
  return b
end

-- SDM 13.4.22 RCTL.MO: which 12 of the last 16 address bits index the table; 3.2.1: no CRC is involved.
local MO_SHIFT = { [0] = 4, 3, 2, 0 }

function pkt.multicast_index(mac, mo)
  local b, err = parse_mac(mac)
  if not b then error("pkt.multicast_index: mac: " .. err, 2) end
  local shift = math.type(mo) == "integer" and MO_SHIFT[mo]
  if not shift then error("pkt.multicast_index: MO: expected 0..3, got " .. show(mo), 2) end
  return unpack("<I2", b, 5) >> shift & 0xfff
end

return pkt
