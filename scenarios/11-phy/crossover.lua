-- MDI or MDI-X: by itself the PHY suits either kind of cable; set by hand it links on one kind only. PSSTAT
-- shows the choice, PINTS its change.
local nic = scenario { name = "crossover", cable = false,
                       manual = { "11.2", "13.4.7.1.13", "13.4.7.1.14", "13.4.7.1.16" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }

local function try(mode, crossed, speed)
  phy.PSCON:write { CROSSOVER = mode, MAC_POWER = 1 }
  nic:partner(nil)
  nic:partner { speed = speed or 1000, crossover = crossed }
  nic:run(s(2))
  return r.STATUS:read().LU == 1
end

step "automatic, straight cable: MDI"
phy.PSCON:expect { CROSSOVER = 3 }
expect.ok(try(3, false), "link")
phy.PSSTAT:expect { MDIX = 0, LINK = 1 }
phy.PINTS:expect { CROSSOVER = 0 }

step "automatic, the cable wants MDI-X: the PHY changes over and tells so"
expect.ok(try(3, true), "link")
phy.PSSTAT:expect { MDIX = 1, LINK = 1 }
phy.PINTS:expect { CROSSOVER = 1 }
expect.ok(try(3, true, 100), "at 100, too")
phy.PSSTAT:expect { MDIX = 1, LINK = 1 }
phy.PINTS:expect { CROSSOVER = 0 }            -- no change this time

step "and back"
expect.ok(try(3, false), "link")
phy.PSSTAT:expect { MDIX = 0 }
phy.PINTS:expect { CROSSOVER = 1 }

step "MDI by hand: the straight cable only"
expect.ok(try(0, false), "link")
phy.PSSTAT:expect { MDIX = 0 }
expect.ok(not try(0, true), "no link")
phy.PSSTAT:expect { LINK = 0, RESOLVED = 0 }

step "MDI-X by hand: the other only"
expect.ok(try(1, true), "link")
phy.PSSTAT:expect { MDIX = 1 }
expect.ok(not try(1, false), "no link")

step "the right cable in the end"
expect.ok(try(1, true, 10), "link")
phy.PSSTAT:expect { MDIX = 1, LINK = 1, SPEED = 0 }
