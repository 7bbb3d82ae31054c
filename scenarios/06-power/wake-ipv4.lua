-- WUFC.IPv4: a packet to this station's MAC address and to one of the four IPv4 addresses. Everything between
-- the version and the destination is ignored, a good IP checksum included.
local nic = scenario { name = "wake-ipv4",
                       manual = { "6.4.2", "6.4.3.1", "6.4.3.1.6", "13.6.2", "13.6.3", "13.6.4", "13.6.5" } }
local wake = require "wake"
local r = nic.regs
local IP = { [0] = "192.168.1.10", "192.168.1.11", "10.1.2.3", "172.16.0.1" }

local function ip4(target, options)
  options = options or {}
  local header = string.char(options.first or 0x45) .. (options.middle or string.rep("\x5a", 15)) .. pkt.ip(target)
  return pkt.mac(options.dst or nic.mac) .. pkt.mac "02:00:00:00:00:02" .. (options.between or "")
         .. string.pack(">I2", options.type or 0x0800) .. header .. tostring(pkt.pattern(40))
end

nic:link_up()
for i = 0, 3 do r.IP4AT[i]:write((string.unpack("<I4", pkt.ip(IP[i])))) end

step "asleep: a ping"
r.IPAV:write { V40 = 1 }
wake.filters(nic, { IPv4 = 1 })
wake.sleep(nic)
local function ping(dst) return pkt.eth { dst = nic.mac } / pkt.ip4 { src = "192.168.1.1", dst = dst } / pkt.icmp { type = 8 } / "wake up" end
nic:receive { ping(IP[1]), pad = true }
nic:run(us(10))
expect.eq(nic:pme(), false, "an address that is not valid")
nic:receive { ping(IP[0]), pad = true }
nic:run(us(10))
expect.eq(nic:pme(), true, "ours")
wake.resume(nic)
r.WUS:expect(wake.bits { IPv4 = 1 })
nic:link_up()
wake.filters(nic, { IPv4 = 1 })

step "each of the four entries counts if IPAV says so"
for i = 0, 3 do
  r.IPAV:write(1 << i)
  for k = 0, 3 do
    wake.expect(nic, ip4(IP[k]), k == i and { IPv4 = 1 } or {}, string.format("address %d, entry %d valid", k, i))
  end
end
r.IPAV:write { V40 = 1, V41 = 1, V42 = 1, V43 = 1 }

step "one byte of the destination wrong, each"
for _, target in ipairs { "193.168.1.10", "192.169.1.10", "192.168.0.10", "192.168.1.12" } do
  wake.expect(nic, ip4(target), {}, target)
end

step "version 4, and a header of five words or more: 6.4.3.1.6 has the length checked; its least value is IPv4's own"
for _, row in ipairs { { 0x45, 1 }, { 0x46, 1 }, { 0x4f, 1 }, { 0x44, 0 }, { 0x40, 0 }, { 0x55, 0 }, { 0x35, 0 }, { 0x65, 0 },
                       { 0x05, 0 } } do
  wake.expect(nic, ip4(IP[0], { first = row[1] }), row[2] == 1 and { IPv4 = 1 } or {}, string.format("%02xh", row[1]))
end

step "the type"
wake.expect(nic, ip4(IP[0], { type = 0x0801 }), {}, "0801h")
wake.expect(nic, ip4(IP[0], { type = 0x86dd }), {}, "86DDh")

step "what lies between is ignored"
wake.expect(nic, ip4(IP[0], { middle = string.rep("\0", 15) }), { IPv4 = 1 }, "zeros")
wake.expect(nic, ip4(IP[0], { middle = string.rep("\xff", 15) }), { IPv4 = 1 }, "ones")

-- "must contain the station's MAC address": an entry of the receive addresses, whatever else is let in.
step "directed: to an exact address"
r.RCTL:write { UPE = 1, MPE = 1, BAM = 1 }
wake.expect(nic, ip4(IP[0], { dst = "ff:ff:ff:ff:ff:ff" }), {}, "broadcast")
wake.expect(nic, ip4(IP[0], { dst = "01:00:5e:00:00:01" }), {}, "multicast")
wake.expect(nic, ip4(IP[0], { dst = "02:00:00:00:00:03" }), {}, "promiscuous")
r.RCTL:write(0)
r.RAL[9]:write(0x00000002)
r.RAH[9]:write { RAH = 0x0300, AV = 1 }
wake.expect(nic, ip4(IP[0], { dst = "02:00:00:00:00:03" }), { IPv4 = 1 }, "entry 9")

local SNAP = "\0\x44\xaa\xaa\3\0\0\0"
step "802.1Q tag, LLC/SNAP and both"
r.VET:write { VET = 0x8100 }
wake.expect(nic, ip4(IP[0], { between = "\x81\0\0\5" }), { IPv4 = 1 }, "tagged")
wake.expect(nic, ip4(IP[0], { between = SNAP }), { IPv4 = 1 }, "SNAP")
wake.expect(nic, ip4(IP[0], { between = "\x81\0\0\5" .. SNAP }), { IPv4 = 1 }, "tagged SNAP")
wake.expect(nic, ip4(IP[0], { between = "\x81\1\0\5" }), {}, "type 8101h")

step "WUFC.IPv4 = 0"
wake.filters(nic, { EX = 1 })
wake.expect(nic, ip4(IP[0]), { EX = 1 }, "EX alone")
