-- Buffers and rings that lie in the card's own BAR, at its own doorbells (CVE-2021-3416, CVE-2020-15859,
-- CVE-2023-3019). A bus master does not reach itself: the cycle ends in a master abort, no register is read or
-- written by it, and nothing is entered twice.
local nic = scenario { name = "hostile-dma-into-own-bar", needs = { "refusal" },
                       manual = { "3.2.4", "3.3.3", "4.1", "13.4.29", "13.4.40" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local BAR = 0xfeb80000
local TDT, RDT, ICS, CTRL = BAR + 0x3818, BAR + 0x2818, BAR + 0xc8, BAR
local frame = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local good = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
expect.eq(nic.pci:read(0x10, 4), BAR, "where BAR0 lies")

step "a transmit buffer on the doorbell, one on CTRL: read as memory, they are not there"
local tx = nic:tx_ring { entries = 16 }
for _, address in ipairs { TDT, CTRL } do
  tx:legacy { ADDR = address, LENGTH = 64, EOP = 1, IFCS = 1, RS = 1 }
end
tx:send(good)
local sent = nic:sent()
expect.violation("unmapped", 2)
expect.bad("dma-refused", 2)
expect.eq(#sent, 1, "only the good one")
expect.bytes(sent[1], good, "the good one")
r.TDT:expect { TDT = 3 }
r.TDH:expect { TDH = 3 }
nic.pci.STATUS:expect { RMA = 1 }             -- received master abort
nic.pci.STATUS:write { RMA = 1 }

step "receive buffers on RDT, TDT, ICS and CTRL: no register changes, no frame leaves, no interrupt"
local rx = nic:rx_ring { entries = 8, buffer = 2048 }
local ctrl = r.CTRL:raw()
r.ICR:raw()
for _, address in ipairs { RDT, TDT, ICS, CTRL } do
  r.RCTL:clear { "EN" }
  r.RDH:write(0)
  for i = 0, 7 do rx:raw(i, address, 0) end
  r.RDT:write(4)
  r.RCTL:set { EN = 1 }
  nic:receive(frame)
  nic:run(us(10))
  expect.violation("unmapped", 1)
  r.RDT:expect { RDT = 4 }
  r.RDH:expect { RDH = 0 }
  r.TDT:expect { TDT = 3 }
  r.CTRL:expect(ctrl)
  r.ICR:expect(0)
  rx:expect(0, { DD = 0, ADDR = address })
end
expect.bad("dma-refused", 4)

step "the rings themselves in the BAR"
r.RCTL:clear { "EN" }
r.RDBAL:write(BAR + 0x2800)
r.RDH:write(0)
r.RCTL:set { EN = 1 }
nic:receive(frame)
nic:run(us(10))
r.TCTL:clear { "EN" }
r.TDBAL:write(BAR + 0x3800)
r.TDH:write(0)
r.TCTL:set { EN = 1 }
r.TDT:write(5)
nic:run(us(10))
expect.violation("unmapped", 3)
expect.none(nic:sent(), "nothing to send")
r.RDBAL:expect(BAR + 0x2800)
r.TDBAL:expect(BAR + 0x3800)
r.TDH:expect { TDH = 0 }
r.RDH:expect { RDH = 0 }
r.ICR:expect(0)
expect.bad("dma-refused", 3)                  -- one receive descriptor, a transmit descriptor twice

step "after a reset both directions work"
nic:reset()
nic:link_up()
tx:restart()
rx:restart()
nic:receive(frame)
tx:send(good)
expect.eq(#nic:sent(), 1, "sent")
rx:expect(0, { DD = 1, EOP = 1 })
