-- IPv6: no header checksum; TCP and UDP behind the extension headers that the chip knows, none behind others.
local nic = scenario { name = "rx-checksum-ip6", manual = { "3.2.9", "3.2.9.4", "3.2.9.5", "13.4.47" } }
local r = nic.regs

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
r.VET:write { VET = 0x8100 }
local rx = nic:rx_ring { entries = 64, SECRC = 1 }
local ALL = { IPOFLD = 1, TUOFLD = 1, IPV6OFL = 1 }
local function eth(...) return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, ... } end

-- want: "ip" "IP" "l4" "L4" in any mixture; capitals are errors; "" is IXSM.
local function check(frame, want, why)
  local f = frame:bytes()
  if #f < 60 then f = f .. string.rep("\0", 60 - #f) end
  lab.fold(why .. " (" .. (want == "" and "IXSM" or want) .. ")", function()
    local ip, l4, at = want:lower():find("ip") ~= nil, want:lower():find("l4") ~= nil, rx.next
    nic:receive(f)
    rx:expect(at, { IPCS = ip, TCPCS = l4, IXSM = not ip and not l4, IPE = want:find("IP") ~= nil,
                    TCPE = want:find("L4") ~= nil, LENGTH = #f })
    expect.bytes(rx:take(), f, why)
    rx:fill()
  end)
end

local function tcp(ip, t) return eth() / pkt.ip6(ip or {}) / pkt.tcp(t or {}) / "hello, world" end
local function udp(ip, u) return eth() / pkt.ip6(ip or {}) / pkt.udp(u or {}) / "hello, world" end

step "IPV6OFL lets it be looked at, TUOFLD checks"
r.RXCSUM:write { IPOFLD = 1, TUOFLD = 1 }
check(tcp(), "", "IPV6OFL 0")
r.RXCSUM:write { IPOFLD = 1, IPV6OFL = 1 }
check(tcp(), "", "TUOFLD 0")
r.RXCSUM:write { TUOFLD = 1, IPV6OFL = 1 }
check(tcp(), "l4", "IPOFLD 0")
r.RXCSUM:write(ALL)
check(tcp(), "l4", "TCP")
check(tcp({}, { csum = "bad" }), "L4", "TCP, wrong")
check(udp(), "l4", "UDP")
check(udp({}, { csum = "bad" }), "L4", "UDP, wrong")
check(udp({}, { csum = 0 }), "", "UDP without a checksum (silent: our choice)")
check(eth() / pkt.ip6 {} / pkt.icmp {} / "ping", "", "ICMPv6")

step "extension headers of up to 64 bytes"
for _, t in ipairs { "hopopts", "dstopts" } do
  check(tcp { ext = { { type = t } } }, "l4", t .. ", 8 bytes")
  check(tcp({ ext = { { type = t } } }, { csum = "bad" }), "L4", t .. ", wrong")
  check(tcp { ext = { { type = t, data = string.rep("\0", 62) } } }, "l4", t .. ", 64 bytes")
  check(tcp { ext = { { type = t, data = string.rep("\0", 70) } } }, "", t .. ", 72 bytes")
end
check(udp { ext = { { type = "hopopts" }, { type = "dstopts" }, { type = "routing" }, { type = "dstopts" } } }, "l4", "four of them")
check(tcp { ext = { { type = "fragment" } } }, "", "fragment header")
check(tcp { ext = { { type = "hopopts" }, { type = "fragment" } } }, "", "behind another")
check(tcp { ext = { { type = 51, data = string.rep("\0", 14) } } }, "", "authentication header")
check(tcp { next = 59 }, "", "no next header")

step "routing header: the pseudo-header has the final destination"
local way = { "2001:db8::11", "2001:db8::12", "2001:db8::13" }
check(tcp { ext = { { type = "routing", left = 3, addrs = way } } }, "l4", "three stations left")
check(tcp { ext = { { type = "routing", left = 1, addrs = way } } }, "l4", "one left")
check(tcp { ext = { { type = "routing", left = 0, addrs = way } } }, "l4", "none left: the header's destination")
check(tcp { ext = { { type = "routing", rtype = 2, left = 1, addrs = { "2001:db8::11" } } } }, "l4", "type 2")
check(tcp({ ext = { { type = "routing", left = 3, addrs = way } } }, { csum = "bad" }), "L4", "three left, wrong")
check(tcp { ext = { { type = "routing", left = 4, addrs = way } } }, "", "more left than there are (silent: not checked)")
check(tcp { ext = { { type = "routing", rtype = 4, left = 1, addrs = way } } }, "", "a type that keeps it elsewhere (silent)")
check(tcp { ext = { { type = "routing", rtype = 4, left = 0, addrs = way } } }, "l4", "the same, none left")

step "not a header, or not all of it"
check(tcp { version = 4 }, "", "version 4")
check(tcp { len = 1000 }, "", "payload length beyond the frame")
check(tcp { len = 19 }, "", "TCP cut short by a byte")
check(tcp { len = 7, ext = { { type = "hopopts" } } }, "", "half an extension header")
check(tcp { ext = { { type = "hopopts", len = 5 } } }, "", "an extension header that takes TCP with it")
expect.no_bad "a driver that makes no mistake"
