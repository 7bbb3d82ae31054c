-- Energy detect: with nothing plugged the PHY searches for five seconds, then sleeps, and wakes when a partner is heard.
-- PSSTAT shows it, PINTS latches each change, the PHY interrupt tells. Off, as after reset, it never sleeps. The mode
-- acts from a restart on (11.1.3).
local nic = scenario { name = "energy-detect", needs = { "virtual-time" }, cable = false,
                       manual = { "11.1.1", "11.1.3", "11.4", "11.4.1", "13.4.6", "13.4.7.1.13", "13.4.7.1.14",
                                  "13.4.7.1.15", "13.4.7.1.16", "13.4.17" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }

step "off: awake after a minute without a cable"
nic:run(s(60))
phy.PSSTAT:expect { ENERGY_DETECT = 0 }
phy.PINTS:expect { ENERGY_DETECT = 0 }

step "codes 0 and 1 are off, 2 and 3 on; written only, none acts"
for mode = 0, 3 do
  phy.PSCON:write { ENERGY_DETECT = mode, CROSSOVER = 3, MAC_POWER = 1 }
  nic:run(s(6))
  phy.PSSTAT:expect { ENERGY_DETECT = 0 }
end
for mode = 0, 3 do
  step(string.format("mode %d, restart", mode))
  phy.PSCON:write { ENERGY_DETECT = mode, CROSSOVER = 3, MAC_POWER = 1 }
  phy.PCTRL:set { RESTART_AN = 1 }
  local start = nic:now()
  phy.PINTS:raw()
  nic:run_until(start + s(5) - us(200))
  phy.PSSTAT:expect { ENERGY_DETECT = 0 }
  nic:run_until(start + s(5))
  phy.PSSTAT:expect { ENERGY_DETECT = mode >= 2 and 1 or 0 }
  phy.PINTS:expect { ENERGY_DETECT = mode >= 2 and 1 or 0 }
end

step "asleep in mode 3; a partner is plugged: energy, PHYINT, and 1.5 s later link"
r.CTRL_EXT:set { PHYINT_EN = 1 }
phy.PINTE:write { ENERGY_DETECT = 1 }
r.ICR:raw()
nic:partner {}
r.ICR:expect { PHYINT = 1 }
phy.PSSTAT:expect { ENERGY_DETECT = 0 }
phy.PINTS:expect { ENERGY_DETECT = 1 }
nic:run(ms(1499))
r.STATUS:expect { LU = 0 }
nic:run(ms(1))
r.STATUS:expect { LU = 1 }

step "with link it does not sleep; five seconds after the cable went it does"
nic:run(s(60))
phy.PSSTAT:expect { ENERGY_DETECT = 0, LINK = 1 }
nic:partner(nil)
phy.PINTS:raw()
nic:run(s(5) - ms(1))
phy.PINTS:expect { ENERGY_DETECT = 0 }
nic:run(ms(1))
phy.PINTS:expect { ENERGY_DETECT = 1 }
phy.PSSTAT:expect { ENERGY_DETECT = 1, LINK = 0 }

step "a partner with nothing in common is energy all the same: no sleep (silent: our choice)"
phy.ANA:write { TX100_FULL = 1 }
nic:partner { speed = 10 }
nic:run(s(20))
phy.PSSTAT:expect { ENERGY_DETECT = 0, LINK = 0 }
