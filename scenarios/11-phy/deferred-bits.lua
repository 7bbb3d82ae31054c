-- Some PHY bits are noted and act later: speed, duplex and negotiation enable of PCTRL and crossover of PSCON
-- at a software reset, a restart of negotiation, the end of power-down or a loss of link; ANA and GCON when
-- negotiation starts. Until then a running link stands, and what was written reads back.
local nic = scenario { name = "deferred-bits",
                       manual = { "11.1.3", "11.2", "13.4.7.1.1", "13.4.7.1.5", "13.4.7.1.10", "13.4.7.1.13" } }
local r, phy = nic.regs, nic.phy
local FORCE_100_HALF = { SPEED_LSB = 1, AN_ENABLE = 0, DUPLEX = 0 }
nic:link_up { speed = 1000 }
r.IMS:write { LSC = 1 }

local function still(speed, full)
  nic:run(s(2))
  lab.fold("the same link", function()
    phy.PSSTAT:expect { LINK = 1, SPEED = speed, DUPLEX = full }
    r.STATUS:expect { LU = 1, SPEED = speed, FD = full }
  end)
  expect.irq(false, "the link was never gone")
end

local function after(speed, full)
  nic:run(s(2))
  lab.fold("a new link", function()
    phy.PSSTAT:expect { LINK = 1, SPEED = speed, DUPLEX = full }
    r.STATUS:expect { LU = 1, SPEED = speed, FD = full }
    r.ICR:expect { LSC = 1 }
  end)
end

step "PCTRL: 100 half without negotiation is noted, the gigabit link stands"
phy.PCTRL:write(FORCE_100_HALF)
phy.PCTRL:expect(0x2000)
still(2, 1)

step "loss of link: it acts when the cable is back"
nic:partner(nil)
nic:partner { autoneg = false, speed = 100, duplex = "half" }
after(1, 0)

step "back to negotiation: noted"
nic:partner { speed = 1000 }
after(1, 0)                                   -- a negotiating partner detects our 100 in parallel
phy.PCTRL:write { AN_ENABLE = 1, DUPLEX = 1, SPEED_MSB = 1 }
still(1, 0)

step "RESTART_AN in a second write: now"
phy.PCTRL:write { AN_ENABLE = 1, DUPLEX = 1, SPEED_MSB = 1, RESTART_AN = 1 }
after(2, 1)

step "noted, then RESET: now, and what was noted survives it"
phy.PCTRL:write(FORCE_100_HALF)
still(2, 1)
phy.PCTRL:set { RESET = 1 }
phy.PCTRL:expect(0x2000)
after(1, 0)

step "noted, then out of power-down: now"
phy.PCTRL:write { AN_ENABLE = 1, DUPLEX = 1, SPEED_MSB = 1 }
still(1, 0)
phy.PCTRL:set { POWER_DOWN = 1 }
nic:run(ms(1))
r.ICR:raw()
phy.PCTRL:clear { "POWER_DOWN" }
after(2, 1)

step "ANA and GCON: the running link does not care"
phy.ANA:write { T10_FULL = 1, T10_HALF = 1 }
phy.GCON:write { ADV_1000_FULL = 0 }
phy.ANA:expect(0x0061)
phy.GCON:expect(0x0000)
still(2, 1)

step "... the next negotiation does"
phy.PCTRL:set { RESTART_AN = 1 }
after(0, 1)

step "... and once it has begun, a write waits for the one after"
phy.ANA:write(0x01e1)
phy.GCON:write { ADV_1000_FULL = 1 }
phy.PCTRL:set { RESTART_AN = 1 }
nic:run(ms(500))
phy.ANA:write { T10_FULL = 1 }
phy.GCON:write { ADV_1000_FULL = 0 }
after(2, 1)
nic:partner(nil)
nic:partner { speed = 1000 }
after(0, 1)

step "crossover: MDI-X by hand is noted only"
phy.PSCON:expect { CROSSOVER = 3 }
phy.PSCON:write { CROSSOVER = 1, MAC_POWER = 1 }
still(0, 1)
phy.PSSTAT:expect { MDIX = 0 }

step "... and acts with the next start, when this straight cable wants MDI: no link"
phy.PCTRL:set { RESTART_AN = 1 }
nic:run(s(2))
r.STATUS:expect { LU = 0 }
phy.PSCON:write { CROSSOVER = 3, MAC_POWER = 1 }
nic:run(s(2))
r.STATUS:expect { LU = 0 }
phy.PCTRL:set { RESTART_AN = 1 }
after(0, 1)
