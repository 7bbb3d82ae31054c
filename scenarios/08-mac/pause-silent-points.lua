-- Flow control where 8.7 is silent. A PAUSE frame to the station counts by entry 0 only while its AV is set: a driver that
-- clears AV while it changes its address depends on not being stopped by half of one. SWXOFF without a link waits for
-- one: software that pauses its partner depends on it, as TCTL.SWXOFF has cleared itself and nothing tells of a loss. Of XOFF and XON that
-- both wait for the wire only the later goes: a partner that depends on their order would stay stopped.
local nic = scenario { name = "pause-silent-points", needs = { "virtual-time" }, manual = { "8.7.3", "8.7.5", "8.7.6", "13.4.23", "13.4.24", "13.4.33", "13.5.3" } }
local r = nic.regs
local PEER = "02:00:00:00:00:02"
nic:link_up { speed = 1000, duplex = "full" }
r.FCAL:write(0x00c28001)
r.FCAH:write(0x0100)
r.FCT:write(0x8808)
r.FCTTV:write(0x1234)
local tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 16, ready = 0 }
local function time_of(frame) return (string.unpack(">I2", frame.bytes, 17)) end

step "entry 0 without AV: the group address still counts, the station's does not"
r.CTRL:set { RFCE = 1 }
r.RAH[0]:write { RAH = 0x5634, AV = 0 }
nic:receive(pkt.pause { time = 9, src = PEER, dst = nic.mac })
r.STATUS:expect { TXOFF = 0 }
nic:receive(pkt.pause { time = 9, src = PEER })
r.STATUS:expect { TXOFF = 1 }
nic:receive(pkt.pause { time = 0, src = PEER })
r.RAH[0]:write { RAH = 0x5634, AV = 1 }
nic:receive(pkt.pause { time = 9, src = PEER, dst = nic.mac })
r.STATUS:expect { TXOFF = 1 }
nic:receive(pkt.pause { time = 0, src = PEER })
r.CTRL:clear { "RFCE" }

step "SWXOFF without a link: one frame when there is one again"
nic:link_down()
r.TCTL:set { SWXOFF = 1 }
expect.none(nic:sent(), "no link")
nic:link_up { speed = 1000, duplex = "full" }
local sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.eq(time_of(sent[1]), 0x1234, "FCTTV")

step "FCRTH reached and FCRTL again while a long frame leaves: the later one, XON, is all that goes"
r.CTRL:set { TFCE = 1 }
r.FCRTH:write { RTH = 4096 // 8 }
r.FCRTL:write { RTL = 1024 // 8, XONE = 1 }
local long, incoming = pkt.pattern(1514), pkt.eth { src = PEER, dst = nic.mac, type = 0x88b5 } / pkt.pattern(1010)
tx:send(long)
nic:run(us(1))
lab.fold("four frames in", function() for _ = 1, 4 do nic:receive(incoming) end end)
lab.fold("and out", function() rx:give(8) end)
sent = nic:sent()
expect.eq(#sent, 2, "frames")
expect.eq(#sent[1], 1514, "the long one")
expect.eq(time_of(sent[2]), 0, "XON")
r.XOFFTXC:expect { XOFFTXC = 1 }              -- SWXOFF's
r.XONTXC:expect { XONTXC = 1 }

step "told to stop, then another partner: it has been told nothing, so there is no XON for it"
rx:give(8)
lab.fold("five frames in", function() for _ = 1, 5 do nic:receive(incoming) end end)
r.XOFFTXC:raw()
lab.fold("nineteen more", function() for _ = 1, 19 do nic:receive(incoming) end end)
sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.eq(time_of(sent[1]), 0x1234, "XOFF")
nic:link_down()
nic:link_up { speed = 1000, duplex = "full" }
r.CTRL:set { TFCE = 1 }
lab.fold("drained", function() for _ = 1, 3 do rx:give(14) end end)
expect.none(nic:sent(), "no XON")

-- 8.7.5 silent: our choice, as the next partner has not filled anything and would stand still for nothing.
step "an XOFF that still waits for the wire goes with its link"
r.RCTL:write(0)
rx = nic:rx_ring { entries = 16, ready = 0 }
r.XOFFTXC:raw()
tx:send(long)
nic:run(us(1))
lab.fold("four frames in", function() for _ = 1, 4 do nic:receive(incoming) end end)
r.CTRL:expect { TFCE = 1 }
nic:partner(nil)
r.STATUS:expect { LU = 0 }
nic:partner { speed = 1000 }
nic:run(s(2))
r.STATUS:expect { LU = 1 }
nic:sent()
r.XOFFTXC:expect { XOFFTXC = 0 }
