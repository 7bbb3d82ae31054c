-- ethtool -s wol m: the driver sets RCTL.MPE, so that every multicast passes the address filter, and WUFC.MC. By
-- 6.4.3.1.2 and 13.6.3 the packet wakes if its bit in MTA is 1. The driver puts fourteen groups into exact entries
-- and hashes the others, so only those wake; the trace says what the manual says, not what the driver hopes.
local nic = scenario { name = "suspend-multicast",
                       manual = { "6.2", "6.3.1.4", "6.3.2.2", "6.4.2", "6.4.3.1.2", "13.4.22", "13.5.1", "13.6.1", "13.6.2", "13.6.3" } }
local linux = require "linux_e1000"
local groups = {}
for i = 1, 16 do groups[i] = string.format("01:00:5e:00:00:%02x", i) end
local function frame(dst) return pkt.eth { src = "02:00:00:00:00:02", dst = dst } / pkt.pattern(100) end

step "open, sixteen groups, link, suspend with wol m"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
lab.fold("receive mode", drv.set_multicast, drv, groups)
lab.fold("four seconds", drv.run, drv, s(4))
drv:set_wol("m")
drv:suspend()
nic:run(s(3))

step "groups 1 to 14 have exact entries, an unknown one nothing: MPE lets them in, none wakes"
for i = 1, 14 do
  -- two groups may share a bit of the hash; these do not
  expect.ne(pkt.multicast_index(groups[i], 0), pkt.multicast_index(groups[15], 0), "another bit")
  nic:receive(frame(groups[i]))
end
nic:receive(frame "01:00:5e:7f:ff:fa")
nic:receive(frame "ff:ff:ff:ff:ff:ff")
nic:receive(frame(nic.mac))
nic:run(ms(1))
expect.eq(nic:pme(), false, "no bit in MTA")

step "group 15 is hashed"
nic:receive(frame(groups[15]))
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")

step "resume: all groups are received again"
drv:resume()
lab.fold("four seconds", drv.run, drv, s(4))
for i = 1, 16 do nic:receive(frame(groups[i])) end
lab.fold("1 ms", drv.run, drv, ms(1))
expect.eq(#drv:received(), 16, "received")
