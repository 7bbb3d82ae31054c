-- ICR.LSC on both edges of the link as the MAC sees it: PHY link and CTRL.SLU together. A driver sleeps until
-- this interrupt; one that is missing leaves a dead card, one too many a busy one. Silent: how long the PHY
-- takes; our choice is 1.5 s for a negotiation, and the loss shows at once.
local nic = scenario { name = "link-status-change", cable = false,
                       manual = { "8.6.2.1", "8.6.5", "8.6.5.2", "13.4.1", "13.4.2", "13.4.17" } }
local r = nic.regs
r.IMS:write { LSC = 1 }

step "a cable without SLU: the PHY links, the MAC does not see it, nothing interrupts"
nic:partner { speed = 1000 }
nic:run(s(2))
nic.phy.PSSTAT:expect { LINK = 1 }
r.STATUS:expect { LU = 0 }
expect.irq(false, "no link for the MAC")
r.ICR:expect(0)

step "SLU lets it through: up edge"
r.CTRL:write { SLU = 1 }
expect.irq(true, "LSC")
r.STATUS:expect { LU = 1 }
expect.eq(r.ICR:read().raw, 0x4, "LSC and nothing else")
expect.irq(false, "acknowledged")

step "writing CTRL again changes nothing"
r.CTRL:write { SLU = 1, FRCDPLX = 1, FD = 0 }
r.STATUS:expect { LU = 1, FD = 0 }
r.CTRL:write { SLU = 1 }
r.ICR:expect(0)

step "SLU away: down edge"
r.CTRL:write { SLU = 0 }
r.STATUS:expect { LU = 0 }
r.ICR:expect(0x4)
r.CTRL:write { SLU = 1 }
r.ICR:expect(0x4)

step "cable pulled: down edge, at once"
nic:partner(nil)
expect.irq(true, "LSC")
r.STATUS:expect { LU = 0 }
r.ICR:expect(0x4)

step "cable back: up edge when negotiation is over, not a nanosecond earlier"
local back = nic:now()
nic:partner { speed = 1000 }
local up = nic:wait_irq { within = s(2) }
expect.eq(up - back, ms(1500), "11.1 silent: our choice")
r.STATUS:expect { LU = 1 }
r.ICR:expect(0x4)

step "two edges before ICR is read are one cause"
nic:partner(nil)
nic:partner { speed = 1000 }
nic:run(s(2))
r.STATUS:expect { LU = 1 }
r.ICR:expect(0x4)
r.ICR:expect(0)

step "masked, it is stored"
r.IMC:write { LSC = 1 }
nic:partner(nil)
expect.irq(false, "masked")
r.IMS:write { LSC = 1 }
expect.irq(true, "stored meanwhile")
r.ICR:expect(0x4)

step "the PHY restarts negotiation: down and up"
nic:partner { speed = 1000 }
nic:wait_irq { within = s(2) }
r.ICR:expect(0x4)
nic.phy.PCTRL:set { RESTART_AN = 1 }
expect.irq(true, "down")
r.STATUS:expect { LU = 0 }
r.ICR:expect(0x4)
nic:wait_irq { within = s(2) }
r.STATUS:expect { LU = 1 }
r.ICR:expect(0x4)
