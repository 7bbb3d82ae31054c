-- The magic packet: six FFh or more, then the station address sixteen times, anywhere behind the header. What
-- looks like one and is not must not wake; a broken try in front of a good one must not hide it.
local nic = scenario { name = "wake-magic", manual = { "6.4.2", "6.4.3.1", "6.4.3.1.4", "13.6.2", "13.6.3" } }
local wake = require "wake"
local mac, all = nic.mac, "ff:ff:ff:ff:ff:ff"
nic:link_up()

step "WUFC.MAG, asleep: the packet wakes, and WUS tells after the way back"
wake.filters(nic, { MAG = 1 })
wake.sleep(nic)
nic:receive(wake.magic(mac))
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")
wake.resume(nic)
nic.regs.WUS:expect(wake.bits { MAG = 1 })
nic.pci.PMCSR:expect { PME_STATUS = 1, PME_EN = 1 }
wake.clear(nic)
nic:link_up()
wake.filters(nic, { MAG = 1 })

local function is(frame, why) wake.expect(nic, frame, { MAG = 1 }, why) end
local function is_not(frame, why) wake.expect(nic, frame, {}, why) end

step "anywhere: straight behind the type, in a UDP datagram, at the end of the longest frame"
is(wake.magic(mac), "at offset 14")
is(pkt.eth { dst = mac, src = "02:00:00:00:00:02" } / pkt.ip4 { src = "10.0.0.2", dst = "10.0.0.255" }
   / pkt.udp { sport = 9, dport = 9 } / (string.rep("\xff", 6) .. string.rep(pkt.mac(mac), 16)), "as etherwake's UDP way")
is(wake.magic(mac, { before = string.rep("\0", 1500 - 102) }), "up to byte 1514")
is(wake.magic(mac, { after = string.rep("\xff", 20) }), "with something behind it")

step "tagged, and in SNAP: the position does not matter"
local body = string.rep("\xff", 6) .. string.rep(pkt.mac(mac), 16)
is(pkt.eth { dst = mac } / pkt.vlan { vid = 5, type = 0x0842 } / body, "802.1Q")
is(pkt.eth { dst = mac } / pkt.snap { type = 0x0842 } / body, "SNAP")

step "five FFh are too few, seven and a hundred are not too many"
is_not(wake.magic(mac, { ones = 5 }), "five")
is(wake.magic(mac, { ones = 7 }), "seven")
is(wake.magic(mac, { ones = 100 }), "a hundred")

step "fifteen copies are too few, or one wrong byte in any of them; seventeen do"
is_not(wake.magic(mac, { copies = 15 }), "fifteen")
is(wake.magic(mac, { copies = 17 }), "seventeen")
lab.fold("each of the 96 bytes wrong, one at a time", function()
  local good = tostring(wake.magic(mac))
  for at = 21, 116 do                         -- the first byte of the first copy is the 21st
    is_not(good:sub(1, at - 1) .. string.char(good:byte(at) ~ 1) .. good:sub(at + 1), "byte " .. at)
  end
end)

step "a broken try first: the search goes on"
local try = string.rep("\xff", 6) .. string.rep(pkt.mac(mac), 15) .. "\x52\x54\0\x12\x34"
is(wake.magic(mac, { before = try }), "95 bytes fit, FFh follows")
is(wake.magic(mac, { before = string.rep("\xff", 6) .. "\x52" }), "one byte fits")
is(wake.magic(mac, { before = string.rep("\xff\0", 30) }), "single FFh")
is_not(wake.magic(mac, { ones = 0, before = try .. "\x57" }), "and no second set of FFh: the copies alone are nothing")

step "somebody else's magic packet"
is_not(wake.magic("52:54:00:12:34:57", { dst = mac }), "another address inside")
is_not(wake.magic(mac, { dst = "52:54:00:12:34:57" }), "another station's frame: it does not pass the address filter")

step "to the broadcast address it counts even with RCTL.BAM = 0; no other filter sees such a frame"
wake.filters(nic, { MAG = 1, BC = 1 })
is(wake.magic(mac, { dst = all }), "BAM = 0")
nic.regs.RCTL:write { BAM = 1 }
wake.expect(nic, wake.magic(mac, { dst = all }), { MAG = 1, BC = 1 }, "BAM = 1")
nic.regs.RCTL:write(0)
wake.filters(nic, { MAG = 1 })

step "a multicast address only if the filter takes it"
local group = "01:00:5e:00:00:01"
is_not(wake.magic(mac, { dst = group }), "not in MTA")
nic.regs.RCTL:write { MPE = 1 }
is(wake.magic(mac, { dst = group }), "MPE")
nic.regs.RCTL:write(0)

-- 6.4.3.1.4 silent: receive address 0 is what is compared whether or not its entry is valid; a driver that has
-- its own address in another entry still reaches nobody by it.
step "the address inside is receive address 0, as written last"
nic.regs.RAL[1]:write(0x12005452)
nic.regs.RAH[1]:write { RAH = 0x5634, AV = 1 }
nic.regs.RAL[0]:write(0x04030202)
nic.regs.RAH[0]:write { RAH = 0x0605, AV = 1 }
is_not(wake.magic(mac), "entry 1")
is(wake.magic("02:02:03:04:05:06", { dst = mac }), "entry 0, through entry 1's filter")
nic.regs.RAH[0]:write { RAH = 0x0605, AV = 0 }
is(wake.magic("02:02:03:04:05:06", { dst = mac }), "not valid as a filter, still the address")

-- 6.4.3.1.4 silent: the table skips the header. FFh in the type field are no part of the stream.
step "the search begins behind the type field"
nic.regs.RAL[0]:write(0x12005452)
nic.regs.RAH[0]:write { RAH = 0x5634, AV = 1 }
is_not(wake.magic(mac, { type = 0xffff, ones = 5 }), "two in the type, five behind")
is(wake.magic(mac, { type = 0xffff, ones = 6 }), "six behind")

step "WUFC.MAG = 0: nothing"
wake.filters(nic, { EX = 1 })
wake.expect(nic, wake.magic(mac), { EX = 1 }, "EX alone")
