-- WUFC.MC: a multicast whose bit in MTA is 1, found with the twelve address bits that RCTL.MO chooses. The bit
-- is the condition: promiscuous multicast or an exact entry deliver the frame, but do not wake.
local nic = scenario { name = "wake-multicast", manual = { "6.4.2", "6.4.3.1.2", "13.4.22", "13.5.1", "13.6.2", "13.6.3" } }
local wake = require "wake"
local r = nic.regs
local GROUP = "01:00:5e:12:34:56"
local function to(dst) return pkt.eth { dst = dst, src = "02:00:00:00:00:02" } / pkt.pattern(46) end
local function bit(address, mo, value)
  local index = pkt.multicast_index(address, mo)
  r.MTA[index >> 5]:write(value << (index & 31))
end
nic:link_up()
lab.fold("MTA empty", function() for i = 0, 127 do r.MTA[i]:write(0) end end)

step "asleep"
bit(GROUP, 0, 1)
wake.filters(nic, { MC = 1 })
wake.sleep(nic)
nic:receive(to "01:00:5e:12:34:66")
nic:run(us(10))
expect.eq(nic:pme(), false, "a group whose bit is 0")
nic:receive(to(GROUP))
nic:run(us(10))
expect.eq(nic:pme(), true, "the group")
wake.resume(nic)
r.WUS:expect(wake.bits { MC = 1 })
nic:link_up()
wake.filters(nic, { MC = 1 })
bit(GROUP, 0, 0)

step "each way to choose the bits; each one's bit is the others' miss"
for mo = 0, 3 do
  r.RCTL:write { MO = mo }
  bit(GROUP, mo, 1)
  wake.expect(nic, to(GROUP), { MC = 1 }, "MO = " .. mo)
  r.RCTL:write { MO = (mo + 1) % 4 }
  wake.expect(nic, to(GROUP), {}, "the bit of MO = " .. mo .. " alone")
  bit(GROUP, mo, 0)
end
r.RCTL:write(0)

step "unicast never: a bit that would fit its upper bytes is not looked at"
bit("02:00:00:12:34:56", 0, 1)
wake.expect(nic, to "02:00:00:12:34:56", {}, "not for us")
r.RCTL:write { UPE = 1 }
wake.expect(nic, to "02:00:00:12:34:56", {}, "promiscuous")
r.RCTL:write(0)
bit("02:00:00:12:34:56", 0, 0)

-- Linux sets MPE for its multicast wake-up; by 6.4.3.1.2 and 13.6.3 that alone does not wake.
step "delivered, but not by MTA"
r.RCTL:write { MPE = 1 }
wake.expect(nic, to(GROUP), {}, "MPE")
bit(GROUP, 0, 1)
wake.expect(nic, to(GROUP), { MC = 1 }, "MPE and the bit")
bit(GROUP, 0, 0)
r.RCTL:write(0)
r.RAL[1]:write(0x125e0001)
r.RAH[1]:write { RAH = 0x5634, AV = 1 }
wake.expect(nic, to(GROUP), {}, "an exact entry")

-- 6.4.3.1.2 silent: a broadcast has a filter of its own and is not a multicast here, as 13.7.28 counts it apart.
step "a broadcast whose bit is 1"
bit("ff:ff:ff:ff:ff:ff", 0, 1)
wake.expect(nic, to "ff:ff:ff:ff:ff:ff", {}, "MC alone")
wake.filters(nic, { MC = 1, BC = 1 })
wake.expect(nic, to "ff:ff:ff:ff:ff:ff", { BC = 1 }, "BC: the bit passes it with BAM = 0")

step "two filters, two bits"
wake.filters(nic, { MC = 1, EX = 1 })
bit("ff:ff:ff:ff:ff:ff", 0, 0)
bit(GROUP, 0, 1)
wake.expect(nic, to(GROUP), { MC = 1, EX = 1 }, "entry 1 and the bit")

step "WUFC.MC = 0"
wake.filters(nic, { BC = 1 })
wake.expect(nic, to(GROUP), {}, "not enabled")
