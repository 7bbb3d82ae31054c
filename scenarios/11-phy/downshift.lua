-- Two gigabit ends on a cable with two or three good pairs agree on 1000 and never get there. This PHY gives up
-- after the number of tries in EPSCON1 and takes the best speed below, which PSSTAT.DOWNSHIFT and PINTS tell.
-- Silent: how long a try takes; our choice is a negotiation of 1.5 s.
local nic = scenario { name = "downshift", cable = false,
                       manual = { "11.2.2", "13.4.7.1.10", "13.4.7.1.14", "13.4.7.1.16", "13.4.7.1.17" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }
r.IMS:write { LSC = 1 }

-- From a plugged cable to LSC, in tries; nil if there is none in ten.
local function plugged(partner)
  nic:partner(nil)
  r.ICR:raw()
  phy.PINTS:raw()
  phy.PSTATUS:raw()
  local start = nic:now()
  nic:partner(partner)
  local up = nic:wait_irq { within = ms(15001), optional = true }
  if not up then return nil end
  expect.eq((up - start) % ms(1500), 0, "a whole number of negotiations")
  return (up - start) // ms(1500)
end
local function tries(partner) return lab.fold("cable out, cable in, until LSC", plugged, partner) end

step "four pairs: 1000 in the first try"
expect.eq(tries { speed = 1000 }, 1, "no need to try again")
phy.PSSTAT:expect { SPEED = 2, DOWNSHIFT = 0 }
phy.PINTS:expect { DOWNSHIFT = 0 }

step "two pairs, as master by default: four tries (11b), then 100 full"
expect.eq(tries { speed = 1000, pairs = 2 }, 4, "master downshift counter 11b = 4x")
phy.PSSTAT:expect { SPEED = 1, DUPLEX = 1, DOWNSHIFT = 1, LINK = 1, RESOLVED = 1 }
phy.PINTS:expect { DOWNSHIFT = 1, LINK = 1, AN_COMPLETE = 1 }
phy.PSTATUS:expect { LINK = 1, AN_COMPLETE = 1 }
r.STATUS:expect { LU = 1, SPEED = 1, FD = 1 }

step "three pairs are not enough either"
expect.eq(tries { speed = 1000, pairs = 3 }, 4, "tries")
r.STATUS:expect { SPEED = 1 }

step "before the last try nothing is complete"
nic:partner(nil)
nic:partner { speed = 1000, pairs = 2 }
nic:run(ms(5999))
phy.PSTATUS:raw()
phy.PSTATUS:expect { AN_COMPLETE = 0, LINK = 0 }
phy.PSSTAT:expect { DOWNSHIFT = 0, LINK = 0, RESOLVED = 0 }
nic:run(ms(2))
phy.PSTATUS:expect { AN_COMPLETE = 1, LINK = 1 }

step "1x, 2x, 3x: the count acts after a software reset, not before"
for count = 0, 2 do
  phy.EPSCON1:write { MASTER_DOWNSHIFT = count, SLAVE_DOWNSHIFT = 1, RSV6_4 = 6 }
  if count == 0 then expect.eq(tries { speed = 1000, pairs = 2 }, 4, "still the old one") end
  phy.PCTRL:set { RESET = 1 }
  expect.eq(tries { speed = 1000, pairs = 2 }, count + 1, "tries as master")
end

step "as slave: 1x, 2x, 3x, and 00b means never"
phy.GCON:write { MS_MANUAL = 1, MS_VALUE = 0, ADV_1000_FULL = 1 }
for count = 1, 3 do
  phy.EPSCON1:write { MASTER_DOWNSHIFT = 3, SLAVE_DOWNSHIFT = count, RSV6_4 = 6 }
  phy.PCTRL:set { RESET = 1 }
  expect.eq(tries { speed = 1000, pairs = 2 }, count, "tries as slave")
end
phy.EPSCON1:write { MASTER_DOWNSHIFT = 3, SLAVE_DOWNSHIFT = 0, RSV6_4 = 6 }
phy.PCTRL:set { RESET = 1 }
expect.eq(tries { speed = 1000, pairs = 2 }, nil, "no downshift, no link")
r.STATUS:expect { LU = 0 }

step "a partner without 1000 does not care about pairs"
expect.eq(tries { speed = 100, pairs = 2 }, 1, "first try")
phy.PSSTAT:expect { SPEED = 1, DOWNSHIFT = 0 }

step "nothing below 1000 is advertised: no link on two pairs"
phy.GCON:write { MS_MANUAL = 1, MS_VALUE = 1, ADV_1000_FULL = 1 }
phy.ANA:write(0x0001)
expect.eq(tries { speed = 1000, pairs = 2 }, nil, "nothing left")
phy.PINTS:expect { AN_ERROR = 1, LINK = 0 }

step "only 10 half is left below: it is taken"
phy.ANA:write(0x0021)
expect.eq(tries { speed = 1000, pairs = 2 }, 4, "tries")
phy.PSSTAT:expect { SPEED = 0, DUPLEX = 0, DOWNSHIFT = 1 }

step "the next link without trouble shows no downshift any more"
phy.ANA:write(0x01e1)
expect.eq(tries { speed = 1000 }, 1, "first try")
phy.PSSTAT:expect { SPEED = 2, DOWNSHIFT = 0 }
