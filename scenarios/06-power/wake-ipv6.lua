-- WUFC.IPv6: a packet to this station and to the one IPv6 address. On this part the filter compares type 0800h
-- with version 6: 86DDh is said of the 82541 and 82547 only, in the text and in the table. Real IPv6, which
-- comes as 86DDh, therefore needs a flexible filter here; a driver depends on it that offers to wake by IPv6, Linux does not.
local nic = scenario { name = "wake-ipv6",
                       manual = { "6.4.2", "6.4.3.1", "6.4.3.2", "6.4.3.3", "13.6.2", "13.6.3", "13.6.4", "13.6.6" } }
local wake = require "wake"
local r = nic.regs
local ADDRESS = pkt.ip "fe80::5054:ff:fe12:3456"

local function ip6(options)
  options = options or {}
  local header = string.char(options.first or 0x60) .. (options.middle or string.rep("\x5a", 23)) .. (options.to or ADDRESS)
  return pkt.mac(options.dst or nic.mac) .. pkt.mac "02:00:00:00:00:02" .. (options.between or "")
         .. string.pack(">I2", options.type or 0x0800) .. header .. tostring(pkt.pattern(options.tail or 20))
end

nic:link_up()
-- Bytes 1-4 in the first word, byte 1 in the lowest lane, as the EEPROM loads them; the last word's "16-13" of
-- 13.6.6 is taken as a slip.
for i = 0, 3 do r.IP6AT[i]:write((string.unpack("<I4", ADDRESS, 4 * i + 1))) end
r.IPAV:write { V60 = 1 }

step "asleep"
wake.filters(nic, { IPv6 = 1 })
wake.sleep(nic)
nic:receive(ip6 { to = pkt.ip "fe80::1" })
nic:run(us(10))
expect.eq(nic:pme(), false, "another address")
nic:receive(ip6())
nic:run(us(10))
expect.eq(nic:pme(), true, "ours")
wake.resume(nic)
r.WUS:expect(wake.bits { IPv6 = 1 })
nic:link_up()
r.IPAV:write { V40 = 1, V41 = 1, V42 = 1, V43 = 1 }
wake.filters(nic, { IPv6 = 1 })
wake.expect(nic, ip6(), {}, "IPAV says not valid")
r.IPAV:write { V60 = 1 }
wake.expect(nic, ip6(), { IPv6 = 1 }, "IPAV.V60")

step "one byte of the address wrong, each of the sixteen"
for at = 1, 16 do
  local wrong = ADDRESS:sub(1, at - 1) .. string.char(ADDRESS:byte(at) ~ 0x10) .. ADDRESS:sub(at + 1)
  wake.expect(nic, ip6 { to = wrong }, {}, "byte " .. at)
end

step "version 6 in the upper half of the byte; the lower half is ignored"
for _, row in ipairs { { 0x60, 1 }, { 0x6f, 1 }, { 0x40, 0 }, { 0x45, 0 }, { 0x70, 0 }, { 0x06, 0 } } do
  wake.expect(nic, ip6 { first = row[1] }, row[2] == 1 and { IPv6 = 1 } or {}, string.format("%02xh", row[1]))
end

step "type 0800h, not 86DDh"
wake.expect(nic, ip6 { type = 0x86dd }, {}, "86DDh")
wake.expect(nic, pkt.eth { dst = nic.mac } / pkt.ip6 { dst = "fe80::5054:ff:fe12:3456" } / pkt.udp {} / "real", {}, "real IPv6")

step "directed: to an exact address"
r.RCTL:write { UPE = 1, MPE = 1, BAM = 1 }
wake.expect(nic, ip6 { dst = "33:33:ff:12:34:56" }, {}, "multicast")
wake.expect(nic, ip6 { dst = "02:00:00:00:00:03" }, {}, "promiscuous")
r.RCTL:write(0)

step "the address is all in the frame, or it is not the address"
wake.expect(nic, ip6 { tail = 6 }, { IPv6 = 1 }, "60 bytes")
wake.expect(nic, ip6 { tail = 0 }, { IPv6 = 1 }, "54 bytes, padded")
local SNAP = "\0\x3c\xaa\xaa\3\0\0\0"
local whole = ip6 { between = "\x81\0\0\5" .. SNAP, tail = 0 } -- 66 bytes, the address ends with the last
r.VET:write { VET = 0x8100 }
wake.expect(nic, whole, { IPv6 = 1 }, "tagged SNAP")
wake.expect(nic, whole:sub(1, 65), {}, "its last byte would be in the FCS")
wake.expect(nic, ip6 { between = "\x81\0\0\5" }, { IPv6 = 1 }, "tagged")
wake.expect(nic, ip6 { between = SNAP }, { IPv6 = 1 }, "SNAP")

step "a flexible filter takes the real thing: type 86DDh at 12, the address at 38"
local function byte(at, value)
  r.FFMT[at]:write { MASK = 1 }
  r.FFVT[at]:write { VALUE0 = value }
end
lab.fold("filter 0", function()
  for at = 0, 127 do r.FFMT[at]:write(0) end
  byte(12, 0x86)
  byte(13, 0xdd)
  for at = 1, 16 do byte(37 + at, ADDRESS:byte(at)) end
  r.FFLT[0]:write { LEN = 54 }
end)
wake.filters(nic, { IPv6 = 1, FLX0 = 1 })
wake.expect(nic, pkt.eth { dst = nic.mac } / pkt.ip6 { dst = "fe80::5054:ff:fe12:3456" } / pkt.udp {} / "real", { FLX0 = 1 },
            "real IPv6")

step "WUFC.IPv6 = 0"
wake.filters(nic, { EX = 1 })
wake.expect(nic, ip6(), { EX = 1 }, "EX alone")
