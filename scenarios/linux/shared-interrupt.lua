-- INTA# is shared: the handler runs for other devices' interrupts too. It reads ICR; 0 means "not mine" and the card
-- has not been touched otherwise. Masked causes are in ICR as well, so a handler that runs for somebody else may find
-- them: the read takes them away, which costs this driver nothing.
local nic = scenario { name = "shared-interrupt", needs = { "virtual-time" },
                       manual = { "2.6", "13.4.17", "13.4.20", "13.4.21" } }
local linux = require "linux_e1000"
local r = nic.regs

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)
lab.fold("quiet", drv.run, drv, ms(100))

step "somebody else's: one read, nothing else"
expect.irq(false, "not ours")
local before = lab.count()
expect.eq(drv:irq(), nil, "ICR reads 0")
expect.eq(lab.count() - before, 1, "bus accesses")
r.IMS:expect { RXT0 = 1, RXDMT0 = 1, RXSEQ = 1, LSC = 1, TXDW = 1 }

step "ours: a frame came"
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
nic:receive(frame)
nic:run(ms(1))
expect.irq(true, "RXT0")
local list = drv:irq()
expect.eq(#list, 1, "packets")
expect.irq(false, "acknowledged")

step "the same interrupt told twice: the second time ICR is empty"
nic:receive(frame)
nic:run(ms(1))
expect.eq(#drv:irq(), 1, "packets")
expect.eq(drv:irq(), nil, "ICR reads 0")

step "a packet left: TXQE and TXD_LOW are masked, and in ICR before the delayed TXDW"
expect.ok(drv:xmit(frame), "room")
expect.irq(false, "IDE delays TXDW, the other two are masked")
list = drv:irq()                              -- somebody else's interrupt in just this moment
expect.eq(list and #list, 0, "ICR was not 0, but there was nothing to do for it")
expect.eq(drv.tx_done, 1, "DD was there already")
nic:run(us(8 * 1.024) - 1)
expect.irq(false, "TIDV = 8: 8.192 us")
nic:run(1)
expect.irq(true, "TXDW")
expect.ok(drv:irq(), "ours")
expect.irq(false, "acknowledged")

step "going down: the handler reads and drops whatever comes"
nic:receive(frame)
nic:run(ms(1))
drv.running = false
expect.eq(#drv:irq(), 0, "no packets are taken")
expect.irq(false, "but the line is released")
