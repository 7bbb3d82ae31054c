-- WUFC.ARP: a broadcast request for one of four IPv4 addresses. Every field of the header that the table
-- compares is wrong once; those it ignores are anything.
local nic = scenario { name = "wake-arp",
                       manual = { "6.4.2", "6.4.3.1", "6.4.3.1.5", "9.3", "13.6.2", "13.6.3", "13.6.4", "13.6.5" } }
local wake = require "wake"
local r = nic.regs
local ALL = "ff:ff:ff:ff:ff:ff"
local IP = { [0] = "192.168.1.10", "192.168.1.11", "10.1.2.3", "172.16.0.1" }

-- bytes: replaced in the ARP header, by offset.
local function arp(target, bytes, eth, between)
  local header = string.pack(">I2I2BBI2", 1, 0x0800, 6, 4, 1) .. pkt.mac "02:00:00:00:00:02" .. pkt.ip "10.9.9.9"
               .. "\0\0\0\0\0\0" .. pkt.ip(target)
  for at, value in pairs(bytes or {}) do header = header:sub(1, at) .. value .. header:sub(at + #value + 1) end
  return pkt.mac(eth and eth.dst or ALL) .. pkt.mac "02:00:00:00:00:02" .. (between or "")
         .. string.pack(">I2", eth and eth.type or 0x0806) .. header
end

nic:link_up()
-- First byte in the lowest lane; 13.6.5 silent, the EEPROM's words 25h and 26h are so.
for i = 0, 3 do r.IP4AT[i]:write((string.unpack("<I4", pkt.ip(IP[i])))) end
r.RCTL:write { BAM = 1 }

step "asleep, one address valid"
r.IPAV:write { V42 = 1 }
wake.filters(nic, { ARP = 1 })
wake.sleep(nic)
nic:receive { arp(IP[0]), pad = true }
nic:receive { arp "10.1.2.4", pad = true }
nic:run(us(10))
expect.eq(nic:pme(), false, "for somebody else")
nic:receive { arp(IP[2]), pad = true }
nic:run(us(10))
expect.eq(nic:pme(), true, "for us")
wake.resume(nic)
r.WUS:expect(wake.bits { ARP = 1 })
nic:link_up()
r.RCTL:write { BAM = 1 }
wake.filters(nic, { ARP = 1 })

step "each of the four entries counts if IPAV says so"
for i = 0, 3 do
  r.IPAV:write(1 << i)
  for k = 0, 3 do
    wake.expect(nic, arp(IP[k]), k == i and { ARP = 1 } or {}, string.format("address %d, entry %d valid", k, i))
  end
end
r.IPAV:write { V60 = 1 }
wake.expect(nic, arp(IP[0]), {}, "none valid")
r.IPAV:write { V40 = 1, V41 = 1, V42 = 1, V43 = 1 }
wake.expect(nic, arp(IP[3]), { ARP = 1 }, "all valid")

step "one byte of the target wrong"
for at = 24, 27 do
  wake.expect(nic, arp(IP[0], { [at] = "\xfe" }), {}, "byte " .. at)
end

step "fields that are compared"
local function wrong(why, bytes, eth) wake.expect(nic, arp(IP[0], bytes, eth), {}, why) end
wrong("type 0805h", nil, { type = 0x0805 })
wrong("type 0800h", nil, { type = 0x0800 })
wrong("hardware type 0000h", { [0] = "\0\0" })
wrong("hardware type 0101h", { [0] = "\1\1" })
wrong("hardware type 0006h", { [0] = "\0\6" })
wrong("protocol type 0806h", { [2] = "\8\6" })
wrong("protocol type 0900h", { [2] = "\9\0" })
wrong("hardware size 5", { [4] = "\5" })
wrong("address length 16", { [5] = "\16" })
wrong("operation 2, a response", { [6] = "\0\2" })
wrong("operation 0101h", { [6] = "\1\1" })
wrong("operation 0", { [6] = "\0\0" })

step "fields that are not: sender and target hardware address, sender's IP address, what follows"
wake.expect(nic, arp(IP[0], { [8] = "\xaa\xbb\xcc\xdd\xee\xff", [14] = "\1\2\3\4", [18] = "\xff\xff\xff\xff\xff\xff" }),
            { ARP = 1 }, "other senders")
wake.expect(nic, arp(IP[0]) .. tostring(pkt.pattern(400)), { ARP = 1 }, "a long tail")

-- "A successfully matched packet must contain a broadcast MAC address."
step "to a broadcast address only, and the address filter comes first"
wake.expect(nic, arp(IP[0], nil, { dst = nic.mac }), {}, "directed to us")
r.RCTL:write { MPE = 1 }
wake.expect(nic, arp(IP[0], nil, { dst = "01:00:5e:00:00:01" }), {}, "multicast")
r.RCTL:write(0)
wake.expect(nic, arp(IP[0]), {}, "BAM = 0")
r.RCTL:write { BAM = 1 }

local SNAP = "\0\x24\xaa\xaa\3\0\0\0"        -- a length and LLC/SNAP, eight bytes in all
step "802.1Q tag, LLC/SNAP and both are skipped; a tag is what VET says (9.3)"
r.VET:write { VET = 0x8100 }
wake.expect(nic, arp(IP[0], nil, nil, "\x81\0\0\5"), { ARP = 1 }, "tagged")
wake.expect(nic, arp(IP[0], nil, nil, SNAP), { ARP = 1 }, "SNAP")
wake.expect(nic, arp(IP[0], nil, nil, "\x81\0\0\5" .. SNAP), { ARP = 1 }, "tagged SNAP")
wake.expect(nic, arp(IP[0], nil, nil, "\x88\xa8\0\5"), {}, "another tag")
r.VET:write { VET = 0x88a8 }
wake.expect(nic, arp(IP[0], nil, nil, "\x88\xa8\0\5"), { ARP = 1 }, "which VET can make ours")
wake.expect(nic, arp(IP[0], nil, nil, "\x81\0\0\5"), {}, "802.1Q is then none")
r.VET:write { VET = 0x8100 }
wake.expect(nic, arp(IP[0], nil, nil, "\x81\0\0\5\x81\0\0\6"), {}, "two tags: one is skipped")

-- How this part knows SNAP is not said; our choice is the 82541's way: a length up to 1500, then AAAA03 000000.
step "LLC that is not SNAP is not skipped"
wake.expect(nic, arp(IP[0], nil, nil, "\x05\xdc\xaa\xaa\3\0\0\0"), { ARP = 1 }, "length 1500")
wake.expect(nic, arp(IP[0], nil, nil, "\x05\xdd\xaa\xaa\3\0\0\0"), {}, "1501 is no length")
for at, byte in ipairs { "\xab", "\xab", "\2", "\1", "\1", "\1" } do
  wake.expect(nic, arp(IP[0], nil, nil, SNAP:sub(1, at + 1) .. byte .. SNAP:sub(at + 3)), {}, "byte " .. at .. " of LLC/SNAP")
end

step "several filters at once; and WUFC.ARP = 0"
wake.filters(nic, { ARP = 1, BC = 1 })
wake.expect(nic, arp(IP[1]), { ARP = 1, BC = 1 }, "ARP and BC")
wake.filters(nic, { BC = 1 })
wake.expect(nic, arp(IP[1]), { BC = 1 }, "BC")
