-- IPv4 header and TCP or UDP checksums: what is checked, what is found, and that a wrong one never drops a frame.
local nic = scenario { name = "rx-checksum-ip4", manual = { "3.2.3.1", "3.2.3.2", "3.2.9", "3.2.9.3", "3.2.9.5", "13.4.47" } }
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

step "TCP and UDP, good and bad"
r.RXCSUM:write(ALL)
local function tcp(ip, t) return eth() / pkt.ip4(ip or {}) / pkt.tcp(t or {}) / "hello, world" end
local function udp(ip, u) return eth() / pkt.ip4(ip or {}) / pkt.udp(u or {}) / "hello, world" end
check(tcp(), "ip l4", "TCP")
check(tcp({ csum = "bad" }), "IP l4", "wrong in the IP header")
check(tcp({}, { csum = "bad" }), "ip L4", "wrong in TCP")
check(tcp({ csum = "bad" }, { csum = "bad" }), "IP L4", "wrong in both")
check(udp(), "ip l4", "UDP")
check(udp({}, { csum = "bad" }), "ip L4", "wrong in UDP")
check(udp({}, { csum = 0 }), "ip", "UDP without a checksum (silent: our choice; Linux then looks itself)")
check(udp({}, { csum = 0xffff }), "ip L4", "FFFF is a checksum like any other")
check(eth() / pkt.ip4 {} / pkt.tcp {} / pkt.pattern(1001, 5), "ip l4", "an odd length")
check(eth() / pkt.ip4 {} / pkt.tcp { csum = "bad" } / pkt.pattern(1001, 5), "ip L4", "an odd length, wrong")

step "each enable alone (silent: 3.2.9.3 wants IPOFLD for TCPCS; Linux sets TUOFLD alone and looks for TCPCS)"
r.RXCSUM:write { TUOFLD = 1 }
check(tcp(), "l4", "TUOFLD")
check(tcp({ csum = "bad" }, { csum = "bad" }), "L4", "TUOFLD, both wrong")
r.RXCSUM:write { IPOFLD = 1 }
check(tcp(), "ip", "IPOFLD")
check(tcp({ csum = "bad" }, { csum = "bad" }), "IP", "IPOFLD, both wrong")
r.RXCSUM:write { IPV6OFL = 1 }
check(tcp({ csum = "bad" }, { csum = "bad" }), "", "IPV6OFL is no enable of its own")
r.RXCSUM:write(0)
check(tcp({ csum = "bad" }, { csum = "bad" }), "", "none")
r.RXCSUM:write { IPOFLD = 1, TUOFLD = 1 }

step "options"
check(tcp({ options = "\x07\x04\x05\0" }), "ip l4", "IP options")
check(tcp({ options = string.rep("\x01", 40) }), "ip l4", "as many as there can be")
check(tcp({ options = string.rep("\x01", 40), csum = "bad" }), "IP l4", "as many, wrong")
check(tcp({}, { options = string.rep("\x01", 12) }), "ip l4", "TCP options")

step "fragments: the header only"
check(tcp { flags = "MF" }, "ip", "the first")
check(tcp { frag = 1 }, "ip", "a later one")
check(tcp { frag = 4096 }, "ip", "far behind")
check(tcp { flags = "DF" }, "ip l4", "DF is none")
check(tcp { flags = 4 }, "ip l4", "nor is the reserved bit")

step "other protocols: the header only"
check(eth() / pkt.ip4 {} / pkt.icmp {} / "ping", "ip", "ICMP")
check(eth() / pkt.ip4 { proto = 132, csum = "bad" } / pkt.pattern(40), "IP", "SCTP")

step "not an IPv4 header"
check(tcp { version = 5 }, "", "version 5")
check(tcp { ihl = 4 }, "", "header of four words")
check(tcp { ihl = 15, len = 52 }, "", "a header longer than the frame")
check(eth() / pkt.arp {}, "", "ARP")

step "lengths that do not fit: the header is one all the same, TCP and UDP are not looked at (silent: our choice)"
check(tcp { len = 1000 }, "ip", "total length beyond the frame")
check(tcp { len = 19 }, "ip", "below the header's")
check(eth() / pkt.ip4 { len = 39 } / pkt.tcp {} / "", "ip", "TCP cut short by a byte")
check(eth() / pkt.ip4 {} / pkt.tcp {} / "", "ip l4", "TCP of 20 bytes")
check(eth() / pkt.ip4 { len = 27 } / pkt.udp {} / "", "ip", "UDP cut short by a byte")
check(eth() / pkt.ip4 {} / pkt.udp {} / "", "ip l4", "UDP of 8 bytes")
check(udp({}, { len = 21 }), "ip", "UDP length beyond IP's")
check(udp({}, { len = 7 }), "ip", "UDP length 7")
check(udp({}, { len = 12 }), "ip l4", "UDP length below IP's: its own counts")
expect.no_bad "a driver that makes no mistake"
