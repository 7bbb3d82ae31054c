-- RCTL.EN and the link: a frame that finds the receiver off or no link is gone without a trace. Turning the receiver
-- off keeps what the FIFO holds until it is on again; the tail may be moved meanwhile, nothing is fetched for it.
local nic = scenario { name = "rx-enable", manual = { "8.6.5.2", "13.4.1", "13.4.22", "13.4.29", "13.7.27", "13.7.41", "13.7.43" } }
local r = nic.regs
local function numbered(n)
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(60)
end
local function uncounted(why)
  for _, name in ipairs { "TPR", "GPRC", "MPC", "RNBC", "CRCERRS", "RUC", "RLEC", "TORL", "GORCL" } do
    expect.eq(r[name]:raw(), 0, why .. ": " .. name)
  end
end

step "receiver on before there is a link, as Linux does it: frames are lost silently"
local rx = nic:rx_ring { entries = 8 }
nic:receive(numbered(1))
nic:receive { numbered(1), fcs = "bad" }
nic:run(us(100))
expect.eq(nic:written(rx.base, 128), 0, "no link")
r.ICR:expect(0)
uncounted "no link"
r.RDH:expect { RDH = 0 }

step "link up: the next frame arrives"
nic:link_up { speed = 1000, duplex = "full" }
r.IMS:write { RXT0 = 1 }
nic:receive(numbered(2))
expect.bytes(rx:take(), numbered(2):fcs(), "the first one that counts")
expect.irq(true, "RXT0")
r.ICR:expect { RXT0 = 1 }
r.TPR:expect { TPR = 1 }
r.GPRC:expect { GPRC = 1 }
lab.fold("read and drop the statistics", function() r.TORH:raw() r.GORCH:raw() end)

step "EN = 0: frames are lost silently, bad ones, too"
r.RCTL:clear { "EN" }
nic:receive(numbered(3))
nic:receive { numbered(3), fcs = "bad" }
nic:run(us(100))
expect.eq(rx:take(), nil, "the receiver is off")
r.ICR:expect(0)
uncounted "receiver off"                      -- 13.7: these registers only increment if receives are enabled

step "EN = 1: it goes on with the next descriptor"
r.RCTL:set { EN = 1 }
nic:receive(numbered(4))
rx:expect(1, { DD = 1, EOP = 1 })
expect.bytes(rx:take(), numbered(4):fcs(), "the next")
r.ICR:expect { RXT0 = 1 }

step "frames in the FIFO stay there while EN is 0, even when the tail moves"
lab.fold("five fill the ring", function()
  for n = 5, 9 do nic:receive(numbered(n)) end
  for n = 5, 9 do expect.bytes(rx:take(), numbered(n):fcs(), "frame " .. n) end
end)
nic:receive(numbered(10))
nic:receive(numbered(11))
expect.eq(rx:take(), nil, "no descriptor")
r.ICR:raw()
r.RCTL:clear { "EN" }
lab.events()
rx:fill()
nic:run(us(100))
expect.none(lab.events("dma"), "13.4.22: the receiver is off, no descriptor is fetched")
expect.eq(rx:take(), nil, "nothing is delivered")
expect.irq(false, "nothing is delivered")

step "EN = 1: they are delivered (silent: our choice, no receiver reset exists here, and Linux toggles EN freely)"
r.RCTL:set { EN = 1 }
expect.irq(true, "RXT0")
expect.bytes(rx:take(), numbered(10):fcs(), "the first that waited")
expect.bytes(rx:take(), numbered(11):fcs(), "the second")
expect.eq(rx:take(), nil, "no more")

step "CTRL.SLU = 0 is no link either"
r.CTRL:clear { "SLU" }
nic:receive(numbered(12))
expect.eq(rx:take(), nil, "the MAC does not see the PHY's link")
r.CTRL:set { SLU = 1 }
nic:receive(numbered(13))
expect.bytes(rx:take(), numbered(13):fcs(), "it does")

step "a pulled cable"
nic:link_down()
nic:receive(numbered(14))
expect.eq(rx:take(), nil, "no link")
