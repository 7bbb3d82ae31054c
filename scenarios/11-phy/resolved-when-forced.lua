-- PSSTAT.RESOLVED: valid speed and duplex, once negotiation has completed or when it is disabled. So with negotiation off
-- it is 1 before there is any link; with it on only after it.
local nic = scenario { name = "resolved-when-forced", cable = false,
                       manual = { "11.1.3", "13.4.7.1.1", "13.4.7.1.14" } }
local phy = nic.phy

step "negotiating, no partner"
phy.PSSTAT:expect { RESOLVED = 0, LINK = 0 }

step "forced, no partner"
for _, mode in ipairs { { 0, 0, 0, 0 }, { 0, 1, 0, 1 }, { 1, 0, 1, 0 }, { 1, 1, 1, 1 } } do
  phy.PCTRL:write { RESET = 1, SPEED_LSB = mode[1], DUPLEX = mode[2] }
  phy.PSSTAT:expect { RESOLVED = 1, LINK = 0, SPEED = mode[3], DUPLEX = mode[4] }
end

step "1000 without AN_ENABLE negotiates all the same"
phy.PCTRL:write { RESET = 1, SPEED_MSB = 1, DUPLEX = 1 }
phy.PSSTAT:expect { RESOLVED = 0, LINK = 0 }

step "negotiating with a partner: after it"
phy.PCTRL:write { RESET = 1, SPEED_MSB = 1, DUPLEX = 1, AN_ENABLE = 1 }
nic:partner { speed = 100 }
nic:run(ms(1499))
phy.PSSTAT:expect { RESOLVED = 0 }
nic:run(ms(1))
phy.PSSTAT:expect { RESOLVED = 1, LINK = 1, SPEED = 1, DUPLEX = 1 }
nic:partner(nil)
phy.PSSTAT:expect { RESOLVED = 0, LINK = 0 }
