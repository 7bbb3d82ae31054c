-- No wake-up wanted: the driver clears WUC and WUFC, the PCI core PME_En, and D3 takes the PHY down. Nothing on the
-- wire can wake the system; after resume the link is found anew, cable changes meanwhile and all.
local nic = scenario { name = "suspend-without-wake", golden = { "wire" },
                       manual = { "6.2", "6.3.1.2", "6.3.1.4", "6.3.2.2", "6.3.3.4", "11.4.2", "13.6.1", "13.6.2" } }
local linux, wake = require "linux_e1000", require "wake"

step "open, link, suspend with wol d"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
expect.eq(drv.speed, 1000, "speed")
drv:set_wol("d")
drv:suspend()
nic.pci.PMCSR:expect { STATE = 3, PME_EN = 0, PME_STATUS = 0 }
lab.events "link"
nic:run(s(10))
expect.eq(#lab.events "link", 0, "the PHY sleeps")

step "nothing wakes it"
nic:receive(wake.magic(nic.mac))
nic:receive { pkt.eth { dst = nic.mac } / "hello", pad = true }
nic:partner(nil)
nic:run(s(3))
nic:partner { speed = 100 }
nic:run(s(3))
expect.eq(nic:pme(), false, "no")
nic.pci.PMCSR:expect { PME_STATUS = 0 }

step "resume by the power button: another partner is found, and frames leave"
drv:resume()
lab.fold("four seconds", drv.run, drv, s(4))
expect.eq(drv.link, true, "link")
expect.eq(drv.speed, 100, "the cable goes elsewhere now")
expect.ok(drv:xmit(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.pattern(100)), "room")
lab.fold("1 ms", drv.run, drv, ms(1))
expect.eq(#nic:sent(), 1, "sent")
