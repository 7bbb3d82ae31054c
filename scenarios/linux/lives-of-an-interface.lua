-- Down and up, close and open, remove and probe: after each the card works as on the first day, with rings and
-- buffers in other memory. The old ones are freed: a card that still used them would be caught.
local nic = scenario { name = "lives-of-an-interface", needs = { "virtual-time" }, golden = { "wire" },
                       manual = { "3.2.6", "3.4", "13.4.1", "13.4.22", "13.4.33", "13.4.39", "14.7" } }
local linux = require "linux_e1000"
local r = nic.regs
local id = 0

local function works(drv)
  lab.fold("link", drv.run, drv, s(5))
  expect.eq(drv.link, true, "link")
  id = id + 1
  local out = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { id = id } / pkt.udp {}
            / pkt.pattern(100)
  local back = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac } / pkt.ip4 { id = id } / pkt.udp {}
             / pkt.pattern(100)
  lab.fold("a packet each way", function()
    expect.ok(drv:xmit(out), "room")
    nic:receive(back)
    drv:run(ms(1))
  end)
  local sent, got = nic:sent(), drv:received()
  expect.eq(#sent, 1, "sent")
  expect.bytes(sent[1], out, "out")
  expect.eq(#got, 1, "received")
  expect.bytes(got[1].bytes, back, "in")
end

-- The card has been reset and let go of everything.
local function idle()
  r.RCTL:expect { EN = 0 }
  r.TCTL:expect { EN = 0 }
  r.IMS:expect(0)
  r.RDH:expect { RDH = 0 }
  r.RDT:expect { RDT = 0 }
  r.TDH:expect { TDH = 0 }
  r.TDT:expect { TDT = 0 }
  expect.irq(false, "masked")
  nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = "ff:ff:ff:ff:ff:ff", type = 0x88b5 } / pkt.pattern(46))
  nic:run(ms(1))
  expect.none(nic:sent(), "no frame leaves")
end

step "the first life"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
works(drv)

step "down and up, as a change of the MTU does it: the rings stay where they are"
lab.fold("down", drv.down, drv)
idle()
lab.fold("up", drv.up, drv)
works(drv)
lab.fold("and once more, in one go", drv.reinit, drv)
works(drv)

step "closed and opened: new rings"
lab.fold("close", drv.close, drv)
idle()
nic.phy.PCTRL:expect { POWER_DOWN = 1 }
lab.fold("open", drv.open, drv)
works(drv)

step "removed and probed: a new driver on the same card"
lab.fold("close, remove", function()
  drv:close()
  drv:remove()
end)
nic.pci.COMMAND:expect { BME = 0 }
drv = lab.fold("probe", linux.probe, nic)
nic.pci.COMMAND:expect { BME = 1, MEM = 1, IO = 1 }
expect.eq(drv.mac, nic.mac, "the address is read again")
expect.eq(drv.checksum_ok, true, "and the checksum")
lab.fold("open", drv.open, drv)
works(drv)

step "closed while packets are under way: none is left behind for the next life"
for i = 1, 3 do
  drv:xmit(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(1400), { more = i < 3 })
end
lab.fold("close", drv.close, drv)
expect.eq(#nic:sent(), 1, "13.4.33: the packet in progress, then it stops; the reset empties the FIFO")
lab.fold("open", drv.open, drv)
works(drv)
