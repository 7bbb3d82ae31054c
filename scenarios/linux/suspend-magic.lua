-- ethtool -s wol g, suspend to RAM, a magic packet, resume: the life of a desktop. While it sleeps only the magic
-- packet for this station counts; afterwards the interface goes on as if nothing had been.
local nic = scenario { name = "suspend-magic", golden = { "wire" },
                       manual = { "6.2", "6.3.1.2", "6.3.1.4", "6.3.2.2", "6.3.3.4", "6.4.2", "6.4.3.1.4", "11.4.3", "13.6.1",
                                  "13.6.2", "13.6.3" } }
local linux, wake = require "linux_e1000", require "wake"
local pci = nic.pci
local function frame(dst, id)
  return pkt.eth { src = "02:00:00:00:00:02", dst = dst } / pkt.ip4 { src = "10.0.0.2", dst = "10.0.0.1", id = id }
       / pkt.udp { sport = 9, dport = 1024 } / pkt.pattern(64)
end
local function out(id)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2", id = id }
       / pkt.udp { sport = 1024, dport = 9 } / pkt.pattern(64)
end

step "probe, open, link, a frame each way"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
expect.ok(drv:xmit(out(1)), "room")
nic:receive(frame(nic.mac, 1))
lab.fold("1 ms", drv.run, drv, ms(1))
expect.eq(#drv:received(), 1, "received")
expect.eq(#nic:sent(), 1, "sent")

step "wake on magic packet; suspend"
expect.eq(drv:set_wol("p"), false, "link change is not offered")
expect.ok(drv:set_wol("g"), "magic is")
drv:suspend()
pci.PMCSR:expect { STATE = 3, PME_EN = 1, PME_STATUS = 0 }
expect.no_bad "a sleeping receiver needs no descriptors"
lab.events "link"
nic:run(s(3))
local lines = lab.events "link"
expect.eq(#lines, 1, "one negotiation: the driver's reset began it")
expect.ok(lines[1]:find("100 full", 1, true), "CTRL.EN_PHY_PWR_MGMT: 100 while asleep")

step "an evening on the network: no wake-up, no interrupt, nothing in memory (none is the device's now)"
nic:receive(frame(nic.mac, 2))
nic:receive(frame("ff:ff:ff:ff:ff:ff", 3))
nic:receive { pkt.eth { dst = "ff:ff:ff:ff:ff:ff" } / pkt.arp { op = 1, tpa = "10.0.0.1" }, pad = true }
nic:receive(wake.magic("52:54:00:12:34:57", { dst = "ff:ff:ff:ff:ff:ff" }))
nic:run(ms(1))
expect.eq(nic:pme(), false, "not for us")
expect.irq(false, "D3")

step "the magic packet"
nic:receive(wake.magic(nic.mac, { dst = "ff:ff:ff:ff:ff:ff" }))
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")
pci.PMCSR:expect { STATE = 3, PME_STATUS = 1 }
expect.eq(#lab.events "wake", 1, "once")

step "resume: the PCI core wakes the card, the driver sets it up from nothing"
drv:resume()
expect.eq(nic:pme(), false, "PME_Status is cleared with PME_En")
pci.PMCSR:expect { STATE = 0, PME_EN = 0, PME_STATUS = 0 }
pci.COMMAND:expect { IO = 1, MEM = 1, BME = 1 }
nic.regs.WUS:expect(0)
lab.fold("four seconds", drv.run, drv, s(4))
expect.eq(drv.link, true, "link")
expect.eq(drv.speed, 1000, "at full speed again")

step "and the interface goes on"
expect.ok(drv:xmit(out(2)), "room")
nic:receive(frame(nic.mac, 4))
lab.fold("1 ms", drv.run, drv, ms(1))
expect.eq(#drv:received(), 1, "received")
expect.eq(#nic:sent(), 1, "sent")

step "a second night works like the first"
drv:suspend()
nic:run(s(3))
nic:receive(wake.magic(nic.mac))
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")
drv:resume()
lab.fold("four seconds", drv.run, drv, s(4))
expect.eq(drv.link, true, "link")
