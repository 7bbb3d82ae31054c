-- ethtool -s wol u: any frame to this station wakes. The frame that does is kept by the card, not delivered: the
-- sender has to say it again.
local nic = scenario { name = "suspend-unicast",
                       manual = { "6.2", "6.3.1.4", "6.3.2.2", "6.4.2", "6.4.3.1.1", "6.4.3.5", "13.6.1", "13.6.2" } }
local linux = require "linux_e1000"
local function frame(dst)
  return pkt.eth { src = "02:00:00:00:00:02", dst = dst } / pkt.ip4 { src = "10.0.0.2", dst = "10.0.0.1" }
       / pkt.tcp { sport = 4000, dport = 22, flags = "SYN" }
end

step "open, link, suspend with wol u"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
drv:set_wol("u")
drv:suspend()
nic:run(s(3))

step "others' traffic, broadcast and multicast"
for _, dst in ipairs { "02:00:00:00:00:03", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb" } do
  nic:receive { frame(dst), pad = true }
end
nic:run(ms(1))
expect.eq(nic:pme(), false, "not for us")

step "somebody wants in"
nic:receive { frame(nic.mac), pad = true }
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")

step "resume; the SYN comes again and is delivered"
drv:resume()
lab.fold("four seconds", drv.run, drv, s(4))
expect.eq(#drv:received(), 0, "the first one was for waking only")
nic:receive { frame(nic.mac), pad = true }
lab.fold("1 ms", drv.run, drv, ms(1))
expect.eq(#drv:received(), 1, "the second one")
