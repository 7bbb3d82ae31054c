-- The cable was negotiated long before the interface is opened: no link change will come any more. Two things save
-- the driver: LSC, masked since the probe, is still stored and rises with IMS; and the driver raises LSC itself
-- through ICS in case it was not.
local nic = scenario { name = "open-with-link-up", manual = { "2.6", "13.4.2", "13.4.17", "13.4.19", "13.4.20",
                                                              "13.4.33" } }
local linux = require "linux_e1000"
local r = nic.regs

step "probe, then five seconds in which nobody looks"
local drv = lab.fold("probe", linux.probe, nic)
nic:run(s(5))
r.STATUS:expect { LU = 1, FD = 1, SPEED = 2 }
expect.irq(false, "LSC is masked")
expect.eq(drv.link, nil, "the driver has not looked")

step "open: the stored LSC and the driver's own are one interrupt"
lab.fold("open", drv.open, drv)
expect.irq(true, "LSC")
expect.eq(nic:wait_irq { within = 0 }, nic:now(), "at once")

step "a jiffy later the watchdog finds the link and turns the transmitter on"
r.TCTL:expect { EN = 0 }
lab.fold("20 ms", drv.run, drv, ms(20))
expect.eq(drv.link, true, "link")
expect.eq(drv.speed, 1000, "speed")
r.TCTL:expect { EN = 1 }

step "closed and opened again, it is the driver's own LSC alone"
lab.fold("close, open", function()
  drv:close()
  nic:run(s(5))
  drv:open()
end)
expect.irq(true, "LSC")
lab.fold("link again", drv.run, drv, s(5))
r.ICR:expect(0)                               -- all taken
lab.fold("down", drv.down, drv)
nic:run(s(5))                                 -- link up, LSC stored, then taken away
r.ICR:raw()
lab.fold("up", drv.up, drv)
expect.irq(true, "13.4.19: ICS raises what no event has raised")
lab.fold("20 ms", drv.run, drv, ms(20))
expect.eq(drv.link, true, "link")
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 {} / pkt.udp {} / pkt.pattern(40)
expect.ok(drv:xmit(frame), "room")
drv:run(ms(1))
expect.bytes(nic:sent()[1], frame, "traffic")
