-- A reversed pair: corrected at 10 and 1000, and PSSTAT says so; at 100 it does not matter. With the correction switched
-- off, the pulses of 10 Mb/s are not understood (silent: our choice), while 100 and 1000 work as before.
local nic = scenario { name = "polarity", cable = false,
                       manual = { "11.2.1", "13.4.7.1.13", "13.4.7.1.14", "13.4.7.1.16" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }

local function plug(speed, reversed, link, shown, changed)
  nic:partner(nil)
  phy.PINTS:raw()
  nic:partner { speed = speed, reversed = reversed }
  nic:run(s(2))
  phy.PSSTAT:expect { LINK = link, POLARITY = shown }
  phy.PINTS:expect { POLARITY = changed }
end

step "1000, 10, 100, each straight and reversed"
plug(1000, false, 1, 0, 0)
plug(1000, true, 1, 1, 1)
plug(10, true, 1, 1, 0)                       -- it was reversed before: no change
plug(10, false, 1, 0, 1)
plug(100, true, 1, 0, 0)
plug(100, false, 1, 0, 0)

step "correction off: 10 Mb/s needs a straight pair"
phy.PSCON:set { POLARITY_DISABLE = 1 }
plug(10, false, 1, 0, 0)
plug(10, true, 0, 0, 0)
plug(100, true, 1, 0, 0)
plug(1000, true, 1, 1, 1)

step "a link at 10 over a reversed pair goes when correction goes, and comes back with it"
phy.PSCON:set { POLARITY_DISABLE = 0 }
r.STATUS:expect { LU = 1, SPEED = 2 }         -- at 1000 nothing changes
plug(10, true, 1, 1, 0)
phy.PSCON:set { POLARITY_DISABLE = 1 }
r.STATUS:expect { LU = 0 }
nic:run(s(5))
r.STATUS:expect { LU = 0 }
phy.PSCON:set { POLARITY_DISABLE = 0 }
nic:run(s(2))
r.STATUS:expect { LU = 1, SPEED = 0 }

step "PSCON keeps the bit over a software reset"
phy.PSCON:set { POLARITY_DISABLE = 1 }
phy.PCTRL:set { RESET = 1 }
phy.PSCON:expect { POLARITY_DISABLE = 1 }
nic:run(s(5))
r.STATUS:expect { LU = 0 }
