-- Where the IP header is found: Ethernet II, SNAP, tagged or not, in tunnels as table 3-5 has it, in frames of any length.
local nic = scenario { name = "rx-checksum-encapsulation", manual = { "3.2.9", "3.2.9.2", "9.2.2", "13.4.22" } }
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

r.RXCSUM:write(ALL)
local BAD = { csum = "bad" }

step "SNAP"
local function snap(s, t) return eth() / pkt.snap(s) / pkt.ip4 {} / pkt.tcp(t or {}) / "hello, world" end
check(snap {}, "ip l4", "SNAP")
check(snap({}, BAD), "ip L4", "SNAP, wrong")
check(snap { oui = 0xf8 }, "", "another organisation's codes (silent: our choice)")
check(snap { type = 0x0806 }, "", "not IP")
check(eth() / pkt.snap {} / pkt.ip6 {} / pkt.udp {} / "hello, world", "l4", "IPv6 in SNAP")
local function llc(head) return pkt.raw(pkt.mac(nic.mac) .. pkt.mac("02:00:00:00:00:02") .. string.pack(">I2", 60) .. head
  .. "\0\0\0\x08\x00" .. (pkt.ip4 {} / pkt.tcp {} / "hello"):bytes()) end
check(llc "\xaa\xaa\x03", "ip l4", "made by hand")
check(llc "\xaa\xaa\x02", "", "another LLC control")
check(llc "\xaa\xab\x03", "", "another LLC source")

step "tagged, whether the tag is stripped or not"
local tag = eth() / pkt.vlan { vid = 100 }
for vme = 0, 1 do
  r.CTRL:clear { "VME" } r.CTRL:set { VME = vme }
  for _, c in ipairs { { "ip l4", {} }, { "ip L4", BAD } } do
    local at = rx.next
    local f = (tag / pkt.ip4 {} / pkt.udp(c[2]) / pkt.pattern(100)):bytes()
    nic:receive(f)
    rx:expect(at, { IPCS = 1, TCPCS = 1, IXSM = 0, IPE = 0, TCPE = c[1] == "ip L4", VP = vme, LENGTH = #f - 4 * vme })
    rx:take() rx:fill()
  end
end
r.CTRL:clear { "VME" }
check(tag / pkt.snap {} / pkt.ip4 {} / pkt.tcp {} / "hello", "ip l4", "SNAP in a tag")
check(tag / pkt.ip6 {} / pkt.tcp {} / "hello", "l4", "IPv6 in a tag")
check(tag / pkt.vlan { vid = 5 } / pkt.ip4 {} / pkt.tcp {} / "hello", "", "two tags")
r.VET:write { VET = 0x88a8 }
check(tag / pkt.ip4 {} / pkt.tcp {} / "hello", "", "VET says that 8100 is no tag")
r.VET:write { VET = 0x8100 }

step "tunnels"
check(eth() / pkt.ip4 {} / pkt.ip4 {} / pkt.tcp {} / "hello", "", "IPv4 in IPv4")
check(eth() / pkt.ip4 {} / pkt.ip6 {} / pkt.tcp {} / "hello", "ip l4", "IPv6 in IPv4")
check(eth() / pkt.ip4 {} / pkt.ip6 {} / pkt.tcp(BAD) / "hello", "ip L4", "IPv6 in IPv4, wrong")
check(eth() / pkt.ip4(BAD) / pkt.ip6 { ext = { { type = "dstopts" } } } / pkt.udp {} / "hello", "IP l4", "with an extension header")
check(eth() / pkt.ip4 {} / pkt.ip6 { ext = { { type = "fragment" } } } / pkt.udp {} / "hello", "ip", "with a fragment header")
check(eth() / pkt.ip4 { flags = "MF" } / pkt.ip6 {} / pkt.udp {} / "hello", "ip", "a fragment of it")
check(eth() / pkt.ip6 {} / pkt.ip4 {} / pkt.tcp {} / "hello", "", "IPv4 in IPv6")
check(eth() / pkt.ip6 {} / pkt.ip6 {} / pkt.tcp {} / "hello", "", "IPv6 in IPv6")
check(eth() / pkt.ip4 {} / pkt.ip6 {} / pkt.ip6 {} / pkt.tcp {} / "hello", "ip", "IPv6 in IPv6 in IPv4")
r.RXCSUM:write { IPOFLD = 1, TUOFLD = 1 }
check(eth() / pkt.ip4 {} / pkt.ip6 {} / pkt.tcp {} / "hello", "ip", "IPv6 in IPv4, IPV6OFL 0")
r.RXCSUM:write(ALL)

step "long frames"
r.RCTL:write(0)
rx = nic:rx_ring { entries = 8, buffer = 16384, SECRC = 1, LPE = 1 }
check(eth() / pkt.ip4 {} / pkt.tcp {} / pkt.pattern(1552), "ip l4", "above 1552 bytes")
check(eth() / pkt.ip4 {} / pkt.tcp {} / pkt.pattern(16384 - 4 - 54, 9), "ip l4", "16384 bytes")
check(eth() / pkt.ip4 {} / pkt.tcp(BAD) / pkt.pattern(16384 - 4 - 54, 9), "ip L4", "16384 bytes, wrong")
expect.no_bad "a driver that makes no mistake"
