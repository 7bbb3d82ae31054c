-- PSCON.FORCE_LINK_GOOD: at forced 10 or 100 the link is up with nothing plugged, and stays up when the cable goes.
-- At 1000 it has no effect. Frames need somebody at the other end all the same. Silent: with negotiation on and
-- nothing resolved yet there is no speed to be up at; our choice is no effect.
local nic = scenario { name = "force-link-good", cable = false,
                       manual = { "13.4.2", "13.4.7.1.1", "13.4.7.1.2", "13.4.7.1.13", "13.4.7.1.14", "13.4.17" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)

step "negotiating, no partner: no effect"
phy.PSCON:set { FORCE_LINK_GOOD = 1 }
nic:run(s(5))
phy.PSSTAT:expect { LINK = 0 }

step "forced 100 full: up at once"
phy.PCTRL:write { RESET = 1, SPEED_LSB = 1, DUPLEX = 1 }
phy.PSSTAT:expect { LINK = 1, SPEED = 1, DUPLEX = 1, RESOLVED = 1 }
r.STATUS:expect { LU = 1, SPEED = 1, FD = 1 }
r.ICR:expect { LSC = 1 }

step "a frame is sent, and nobody is there to get it"
local tx = nic:tx_ring { entries = 8 }
tx:send(frame)
expect.eq(#nic:sent(), 0, "frames on the wire")
r.GPTC:expect { GPTC = 1 }

step "a partner of the other speed changes nothing"
nic:partner { speed = 10, autoneg = false }
nic:run(s(1))
tx:send(frame)
expect.eq(#nic:sent(), 0, "frames on the wire")
phy.PSSTAT:expect { LINK = 1 }

step "one of our speed: frames get through both ways"
nic:partner { speed = 100, autoneg = false }
local rx = nic:rx_ring { entries = 8 }
tx:send(frame)
expect.eq(#nic:sent(), 1, "frames on the wire")
nic:receive { pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46) }
nic:run(us(10))
rx:expect(0, { DD = 1 })

step "the cable goes: the link stays, no LSC"
r.ICR:raw()
nic:partner(nil)
r.STATUS:expect { LU = 1 }
r.ICR:expect { LSC = 0 }
phy.PSTATUS:expect { LINK = 1 }

step "not forced any more: down"
phy.PSCON:set { FORCE_LINK_GOOD = 0 }
r.STATUS:expect { LU = 0 }
r.ICR:expect { LSC = 1 }

step "set while down at a forced speed: up without a restart"
phy.PSCON:set { FORCE_LINK_GOOD = 1 }
r.STATUS:expect { LU = 1, SPEED = 1 }

step "kept over a software reset [Table 13-31]; at 1000 it has no effect"
phy.PCTRL:write { RESET = 1, SPEED_MSB = 1, DUPLEX = 1 }
phy.PSCON:expect { FORCE_LINK_GOOD = 1 }
phy.PSSTAT:expect { LINK = 0 }
nic:run(s(5))
r.STATUS:expect { LU = 0 }
nic:partner {}
nic:run(s(2))
r.STATUS:expect { LU = 1, SPEED = 2 }
nic:partner(nil)
r.STATUS:expect { LU = 0 }

step "negotiated 100, then the cable goes: up it stays"
phy.PCTRL:write { RESET = 1, SPEED_MSB = 1, DUPLEX = 1, AN_ENABLE = 1 }
nic:partner { speed = 100 }
nic:run(s(2))
r.STATUS:expect { LU = 1, SPEED = 1 }
nic:partner(nil)
nic:run(s(10))
r.STATUS:expect { LU = 1, SPEED = 1 }
