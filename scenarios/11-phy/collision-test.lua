-- PCTRL.COLLISION_TEST: the PHY answers every transmission with COL. In half duplex no frame gets out: after the retries
-- of TCTL.CT it is given up. In full duplex the MAC does not look at COL.
local nic = scenario { name = "collision-test",
                       manual = { "13.4.7.1.1", "13.4.33", "13.7.7", "13.7.10", "13.7.41" } }
local r, phy = nic.regs, nic.phy
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)

step "full duplex: no effect"
nic:link_up { speed = 100, duplex = "full" }
phy.PCTRL:set { COLLISION_TEST = 1 }
local tx = nic:tx_ring { entries = 8 }
tx:send(frame)
expect.eq(#nic:sent(), 1, "frames")
r.COLC:expect { CCC = 0 }

step "half duplex, CT = 15: sixteen attempts"
nic:link_up { speed = 100, duplex = "half" }
r.GPTC:raw()
tx:send(frame)
tx:wait { DD = 1 }
expect.eq(#nic:sent { within = ms(800) }, 0, "frames")
r.COLC:expect { CCC = 16 }
r.ECOL:expect { ECC = 0 }                     -- "if collision threshold is set below 16, this counter won't increment"
r.GPTC:expect { GPTC = 0 }

step "CT = 16: seventeen, and it counts as excessive"
r.TCTL:set { CT = 16 }
tx:send(frame)
expect.eq(#nic:sent { within = ms(800) }, 0, "frames")
r.COLC:expect { CCC = 17 }
r.ECOL:expect { ECC = 1 }

step "test off"
phy.PCTRL:set { COLLISION_TEST = 0 }
tx:send(frame)
expect.eq(#nic:sent(), 1, "frames")
r.COLC:expect { CCC = 0 }
