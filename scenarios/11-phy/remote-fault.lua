-- A partner that reports a fault in its base page: LPA shows it, PSTATUS latches it until read. Our own flag in ANA is
-- advertised and changes nothing here.
local nic = scenario { name = "remote-fault", cable = false,
                       manual = { "13.4.7.1", "13.4.7.1.2", "13.4.7.1.5", "13.4.7.1.6" } }
local phy = nic.phy

step "reported"
nic:partner { remote_fault = true }
nic:run(ms(1400))
phy.PSTATUS:expect { REMOTE_FAULT = 0 }
nic:run(ms(101))
phy.LPA:expect { REMOTE_FAULT = 1, ACKNOWLEDGE = 1 }
phy.PSTATUS:expect { REMOTE_FAULT = 1, LINK = 1 } -- a fault flag is no reason not to link
phy.PSTATUS:expect { REMOTE_FAULT = 0 }       -- erased when read

step "the next base page without it"
phy.PCTRL:set { RESTART_AN = 1 }
nic:partner {}
nic:run(s(2))
phy.LPA:expect { REMOTE_FAULT = 0 }
phy.PSTATUS:expect { REMOTE_FAULT = 0 }

step "a reset of the PHY forgets it unread"
nic:partner { remote_fault = true }
nic:run(s(2))
phy.PCTRL:set { RESET = 1 }
phy.PSTATUS:expect { REMOTE_FAULT = 0 }

step "ours"
phy.ANA:set { REMOTE_FAULT = 1 }
phy.ANA:expect { REMOTE_FAULT = 1 }
nic:partner {}
nic:run(s(2))
phy.PSTATUS:expect { LINK = 1, REMOTE_FAULT = 0 }
