-- ethtool -s wol b: the next broadcast wakes, so does an ARP request for anybody; RCTL.BAM is the driver's doing.
local nic = scenario { name = "suspend-broadcast", manual = { "6.2", "6.3.1.4", "6.3.2.2", "6.4.2", "6.4.3.1.3", "13.6.1", "13.6.2" } }
local linux = require "linux_e1000"
local function frame(dst) return pkt.eth { src = "02:00:00:00:00:02", dst = dst } / pkt.pattern(100) end

step "open, link, suspend with wol b"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
drv:set_wol("b")
drv:suspend()
nic:run(s(3))

step "unicast, multicast"
nic:receive(frame(nic.mac))
nic:receive(frame "01:00:5e:00:00:fb")
nic:run(ms(1))
expect.eq(nic:pme(), false, "no broadcast")

step "an ARP request for somebody else"
nic:receive { pkt.eth { src = "02:00:00:00:00:02", dst = "ff:ff:ff:ff:ff:ff" } / pkt.arp { op = 1, tpa = "10.0.0.77" }, pad = true }
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")

step "resume"
drv:resume()
lab.fold("four seconds", drv.run, drv, s(4))
expect.eq(drv.link, true, "link")
expect.eq(nic:pme(), false, "quiet")
