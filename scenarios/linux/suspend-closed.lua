-- The interface is down, the machine goes to sleep all the same. With a wake option the driver leaves the PHY up
-- at close; the receiver has no ring at all, and the card wakes by the exact addresses that probe has set.
local nic = scenario { name = "suspend-closed", manual = { "6.2", "6.3.1.4", "6.3.2.2", "6.4.2", "13.4.7.1.1", "13.6.1", "13.6.2" } }
local linux = require "linux_e1000"
local frame = pkt.eth { dst = nic.mac, src = "02:00:00:00:00:02" } / pkt.pattern(100)

step "closed without a wake option: the PHY is powered down"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
lab.fold("close", drv.close, drv)
nic.phy.PCTRL:expect { POWER_DOWN = 1 }

step "closed with one: it is not"
drv:set_wol("u")
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
lab.fold("close", drv.close, drv)
nic.phy.PCTRL:expect { POWER_DOWN = 0 }

step "suspend: a frame to us wakes, though there is no ring anywhere"
drv:suspend()
nic:run(s(3))
nic:receive(frame)
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")

step "resume leaves the interface closed; open works"
drv:resume()
expect.eq(nic:pme(), false, "quiet")
nic.regs.RCTL:expect { EN = 0 }
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
expect.eq(drv.link, true, "link")
nic:receive(frame)
lab.fold("1 ms", drv.run, drv, ms(1))
expect.eq(#drv:received(), 1, "received")
