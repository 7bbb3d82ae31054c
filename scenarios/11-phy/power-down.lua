-- PCTRL.POWER_DOWN switches the PHY off: the link goes at once, registers still answer, no cable wakes it. The
-- way back is a software reset and a new negotiation by itself.
local nic = scenario { name = "power-down", manual = { "11.1.1", "11.4", "13.4.7.1.1", "13.4.7.1.2", "13.4.17" } }
local r, phy = nic.regs, nic.phy
nic:link_up { speed = 1000 }
r.IMS:write { LSC = 1 }

step "down: link lost, LSC"
phy.ANA:write(0x0de1)
phy.R30PS:write(0x000b)
phy.PCTRL:set { POWER_DOWN = 1 }
expect.irq(true, "LSC")
r.ICR:expect(0x4)
r.STATUS:expect { LU = 0 }
phy.PCTRL:expect { POWER_DOWN = 1, AN_ENABLE = 1 }
phy.PSTATUS:expect { LINK = 0, AN_COMPLETE = 0 }
phy.PSSTAT:expect { LINK = 0 }

step "it stays down, whatever is plugged in, and through a restart of negotiation"
nic:partner(nil)
nic:partner { speed = 100 }
phy.PCTRL:set { RESTART_AN = 1 }
nic:run(s(5))
phy.PSTATUS:expect { LINK = 0, AN_COMPLETE = 0 }
phy.LPA:expect(0)
r.STATUS:expect { LU = 0 }
expect.irq(false, "nothing happened")

step "registers can be read and written meanwhile"
phy.PID:expect(0x0141)
phy.PINTE:write(0x0400)
phy.PINTE:expect(0x0400)

step "up: a software reset by itself (ANA is retained, the page select is not), then negotiation"
phy.PCTRL:clear { "POWER_DOWN" }
phy.PCTRL:expect { POWER_DOWN = 0, AN_ENABLE = 1, RESET = 0, RESTART_AN = 0 }
phy.ANA:expect(0x0de1)
phy.R30PS:expect(0)
local start = nic:now()
local up = nic:wait_irq { within = s(2) }
expect.within(up - start, ms(1400), ms(1500), "a whole negotiation")
r.STATUS:expect { LU = 1, SPEED = 1, FD = 1 }
r.ICR:expect { LSC = 1 }

step "a software reset with POWER_DOWN set in the same write: the bit is cleared by it"
phy.PCTRL:write { RESET = 1, POWER_DOWN = 1, AN_ENABLE = 1, SPEED_MSB = 1, DUPLEX = 1 }
phy.PCTRL:expect { POWER_DOWN = 0 }
r.STATUS:expect { LU = 0 }
nic:run(s(2))
r.STATUS:expect { LU = 1 }
