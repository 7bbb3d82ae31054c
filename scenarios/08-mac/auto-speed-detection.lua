-- STATUS.ASDV is what the MAC itself measured of the PHY's clock: when the link comes up with CTRL.ASDE set,
-- and whenever CTRL_EXT.ASDCHK asks, ASDE or not. Without either it keeps what it was.
local nic = scenario { name = "auto-speed-detection", cable = false,
                       manual = { "8.6.2.2.2", "8.6.4", "13.4.1", "13.4.2", "13.4.6" } }
local r = nic.regs
local CODE = { [10] = 0, [100] = 1, [1000] = 2 }

local function link(speed, ctrl)
  nic:partner(nil)
  r.CTRL:write(ctrl)
  nic:partner { speed = speed }
  lab.fold("until STATUS.LU", function() r.STATUS:poll { LU = 1, within = s(3), every = ms(10) } end)
end

step "ASDE = 1: measured as the link comes up"
link(1000, { SLU = 1, ASDE = 1 })
r.STATUS:expect { SPEED = 2, ASDV = 2, FD = 1 }
link(100, { SLU = 1, ASDE = 1 })
r.STATUS:expect { SPEED = 1, ASDV = 1, FD = 1 }
link(10, { SLU = 1, ASDE = 1 })
r.STATUS:expect { SPEED = 0, ASDV = 0, FD = 1 }

step "ASDE = 0: speed from the PHY, no measurement"
link(1000, { SLU = 1 })
r.STATUS:expect { SPEED = 2, ASDV = 0 }

step "ASDCHK measures on demand, and reads 0"
r.CTRL_EXT:set { ASDCHK = 1 }
r.CTRL_EXT:expect { ASDCHK = 0 }
r.STATUS:expect { SPEED = 2, ASDV = 2 }

step "it measures the wire, not what CTRL forces"
r.CTRL:write { SLU = 1, FRCSPD = 1, SPEED = 1 }
r.CTRL_EXT:set { ASDCHK = 1 }
r.STATUS:expect { SPEED = 1, ASDV = 2 }

step "FRCSPD overrules ASDE: no measurement at link up (8.6.4: ASDE is X then)"
link(100, { SLU = 1, ASDE = 1, FRCSPD = 1, SPEED = 2 })
r.STATUS:expect { SPEED = 2, ASDV = 2 }
r.CTRL_EXT:set { ASDCHK = 1 }
r.STATUS:expect { SPEED = 2, ASDV = 1 }

step "without SLU the MAC does not see the link: no measurement before SLU is set"
nic:partner(nil)
r.CTRL:write { ASDE = 1 }
nic:partner { speed = 1000 }
nic:run(s(2))
r.STATUS:expect { LU = 0, ASDV = 1 }
r.CTRL:write { ASDE = 1, SLU = 1 }
r.STATUS:expect { LU = 1, SPEED = 2, ASDV = 2 }

step "nothing of this is software's to write: STATUS is read-only"
r.STATUS:write(0xffffffff)
r.STATUS:expect { LU = 1, FD = 1, SPEED = 2, ASDV = 2, TXOFF = 0 }
r.STATUS:write(0)
r.STATUS:expect { LU = 1, FD = 1, SPEED = 2, ASDV = 2 }
