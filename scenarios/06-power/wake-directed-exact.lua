-- WUFC.EX: any good frame to one of the sixteen receive addresses. What reaches the host in other ways -
-- promiscuous, by its hash, as a broadcast - is not directed to this station and lets it sleep.
local nic = scenario { name = "wake-directed-exact", manual = { "6.4.2", "6.4.3.1.1", "13.5.3", "13.6.2", "13.6.3" } }
local wake = require "wake"
local r = nic.regs
local function to(dst, src) return pkt.eth { dst = dst, src = src or "02:00:00:00:00:02" } / pkt.pattern(46) end
nic:link_up()

step "asleep, receiver off as 6.3.1.4 wants it: one frame to this station wakes"
wake.filters(nic, { EX = 1 })
wake.sleep(nic)
nic:receive(to "02:00:00:00:00:03")
nic:run(us(10))
expect.eq(nic:pme(), false, "to somebody else")
nic:receive(to(nic.mac))
nic:run(us(10))
expect.eq(nic:pme(), true, "to us")
wake.resume(nic)
r.WUS:expect(wake.bits { EX = 1 })
nic:link_up()
wake.filters(nic, { EX = 1 })
wake.expect(nic, to(nic.mac), { EX = 1 }, "entry 0, from the EEPROM")

step "each of the other fifteen entries, if it is valid"
local function entry(n, high)
  r.RAL[n]:write(0x00000002 | n << 24)
  r.RAH[n]:write { RAH = 0x0077, AV = high.AV or 0, AS = high.AS or 0 }
  return string.format("02:00:00:%02x:77:00", n)
end
for n = 1, 15 do
  local address = entry(n, { AV = 0 })
  wake.expect(nic, to(address), {}, "entry " .. n .. " not valid")
  entry(n, { AV = 1 })
  wake.expect(nic, to(address), { EX = 1 }, "entry " .. n)
end

step "one bit off in any byte"
for byte = 0, 5 do
  local address = { 2, 0, 0, 9, 0x77, 0 }
  address[byte + 1] = address[byte + 1] ~ 0x40
  wake.expect(nic, to(string.format("%02x:%02x:%02x:%02x:%02x:%02x", table.unpack(address))), {}, "byte " .. byte)
end

-- 6.4.3.1.1 speaks of the destination; an entry that compares sources lets the frame in, no more.
step "an entry that compares the source address"
local source = entry(3, { AV = 1, AS = 1 })
wake.expect(nic, to("02:00:00:00:00:44", source), {}, "its source")
wake.expect(nic, to(source), {}, "as a destination")
wake.expect(nic, to(nic.mac, source), { EX = 1 }, "and to us besides")

step "a multicast address in an entry is one of the sixteen, too"
r.RAL[4]:write(0x005e0001)
r.RAH[4]:write { RAH = 0xfb00, AV = 1 }
wake.expect(nic, to "01:00:5e:00:00:fb", { EX = 1 }, "224.0.0.251")

step "what comes in otherwise"
r.RCTL:write { UPE = 1, MPE = 1, BAM = 1 }
wake.expect(nic, to "02:00:00:00:00:03", {}, "promiscuous")
wake.expect(nic, to "01:00:5e:00:00:01", {}, "all multicasts")
wake.expect(nic, to "ff:ff:ff:ff:ff:ff", {}, "broadcast")

step "WUFC.EX = 0"
wake.filters(nic, { BC = 1 })
wake.expect(nic, to(nic.mac), {}, "not enabled")
