-- PSTATUS.LINK latches a loss until it is read: a driver that polls twice a second still learns that the link
-- was gone for a moment. The second of two reads, and PSSTAT.LINK, show the present.
local nic = scenario { name = "link-loss-latch", needs = { "virtual-time" }, manual = { "11.1.4", "13.4.7.1", "13.4.7.1.2", "13.4.7.1.14" } }
local phy = nic.phy
nic:link_up { speed = 1000 }

step "up: every read says so"
phy.PSTATUS:expect { LINK = 1 }
phy.PSTATUS:expect { LINK = 1 }

step "pulled: 0 for as long as it is down"
nic:partner(nil)
phy.PSTATUS:expect { LINK = 0, AN_COMPLETE = 0 }
phy.PSTATUS:expect { LINK = 0 }

step "back while somebody keeps reading: no old loss is left to report"
nic:partner { speed = 1000 }
nic:run(ms(1499))
phy.PSTATUS:expect { LINK = 0 }
phy.PSSTAT:expect { LINK = 0 }
nic:run(ms(2))
phy.PSSTAT:expect { LINK = 1 }
phy.PSTATUS:expect { LINK = 1 }

step "pulled and back between two reads: the first still says 0, PSSTAT the truth, the second 1"
nic:partner(nil)
nic:partner { speed = 1000 }
nic:run(s(2))
phy.PSSTAT:expect { LINK = 1 }
phy.PSTATUS:expect { LINK = 0, AN_COMPLETE = 1 }
phy.PSTATUS:expect { LINK = 1 }
phy.PSTATUS:expect { LINK = 1 }

step "lost twice, read once: one report"
for _ = 1, 2 do
  nic:partner(nil)
  nic:partner { speed = 1000 }
  nic:run(s(2))
end
phy.PSTATUS:expect { LINK = 0 }
phy.PSTATUS:expect { LINK = 1 }

step "a restart of negotiation is a loss as well"
phy.PCTRL:set { RESTART_AN = 1 }
nic:run(s(2))
phy.PSTATUS:expect { LINK = 0 }
phy.PSTATUS:expect { LINK = 1 }
