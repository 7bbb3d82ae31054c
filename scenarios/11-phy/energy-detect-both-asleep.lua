-- Two sleepers on one cable. "Sense only" never wakes the other end; "sense and periodically transmit" sends a pulse
-- every second, which does.
local nic = scenario { name = "energy-detect-both-asleep", cable = false,
                       manual = { "11.1.1", "11.4.1", "13.4.7.1.13", "13.4.7.1.14" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }

-- Asleep in this mode; returns when it fell asleep.
local function sleep(mode)
  nic:partner(nil)
  phy.PSCON:write { ENERGY_DETECT = mode, CROSSOVER = 3, MAC_POWER = 1 }
  phy.PCTRL:set { RESTART_AN = 1 }
  nic:run(s(6))
  phy.PSSTAT:expect { ENERGY_DETECT = 1 }
end

step "mode 2 listens only: nothing ever happens"
sleep(2)
nic:partner { sleeps = true }
nic:run(s(120))
phy.PSSTAT:expect { ENERGY_DETECT = 1, LINK = 0 }

step "until software restarts negotiation: our pulses wake the partner"
phy.PCTRL:set { RESTART_AN = 1 }
nic:run(s(2))
phy.PSSTAT:expect { ENERGY_DETECT = 0, LINK = 1 }

step "mode 3: the next pulse wakes it, so within a second we are awake, and 1.5 s later there is link"
sleep(3)
nic:run(ms(300))
nic:partner { sleeps = true }
phy.PSSTAT:expect { ENERGY_DETECT = 1 }
nic:run(s(1))
phy.PSSTAT:expect { ENERGY_DETECT = 0, LINK = 0 }
nic:run(ms(1500))
phy.PSSTAT:expect { LINK = 1 }

step "a partner that went again before the pulse is not there"
sleep(3)
nic:partner { sleeps = true }
nic:partner(nil)
nic:run(s(10))
phy.PSSTAT:expect { ENERGY_DETECT = 1 }

step "awake we always send: a sleeping partner links as any other"
phy.PSCON:write { ENERGY_DETECT = 0, CROSSOVER = 3, MAC_POWER = 1 }
phy.PCTRL:set { RESTART_AN = 1 }
nic:partner { sleeps = true }
nic:run(ms(1501))
phy.PSSTAT:expect { LINK = 1 }
r.STATUS:expect { LU = 1, SPEED = 2 }
