-- The PHY's own interrupt: PINTS latches events, PINTE lets them out, CTRL_EXT.PHYINT shows the line and with
-- CTRL_EXT.PHYINT_EN it sets ICR.PHYINT. Silent: the line is any bit of PINTS AND PINTE, and ICR is set on its
-- rise.
local nic = scenario { name = "phy-interrupt", cable = false,
                       manual = { "11.1.4", "13.4.6", "13.4.7.1.15", "13.4.7.1.16", "13.4.17" } }
local r, phy = nic.regs, nic.phy
r.IMS:write { PHYINT = 1, LSC = 1 }

step "a link comes up: PINTS has it, but nothing is enabled"
nic:partner { speed = 1000 }
nic:run(s(2))
r.CTRL_EXT:expect { PHYINT = 0 }
expect.irq(false, "PINTE is 0, and the MAC sees no link without SLU")

step "PINTE lets it out; without PHYINT_EN it goes no further than CTRL_EXT"
phy.PINTE:write { AN_COMPLETE = 1 }
r.CTRL_EXT:expect { PHYINT = 1 }
expect.irq(false, "PHYINT_EN is 0")
r.ICR:expect(0)

step "PHYINT_EN while the line is up: ICR.PHYINT"
r.CTRL_EXT:set { PHYINT_EN = 1 }
expect.irq(true, "PHYINT")
r.ICR:expect(0x1000)
r.CTRL_EXT:expect { PHYINT = 1 }              -- the line is the PHY's, not ICR's

step "the same level adds nothing; more events under the same line neither"
phy.PINTE:write { AN_COMPLETE = 1, PAGE_RECEIVED = 1 }
r.ICR:expect(0)

step "reading PINTS clears it: the line falls"
phy.PINTS:expect { LINK = 1, AN_COMPLETE = 1, PAGE_RECEIVED = 1, SPEED = 1, DUPLEX = 1, AN_ERROR = 0, CROSSOVER = 0,
                   DOWNSHIFT = 0, JABBER = 0, POLARITY = 0, ENERGY_DETECT = 0, FIFO = 0, FALSE_CARRIER = 0,
                   SYMBOL_ERROR = 0 }
r.CTRL_EXT:expect { PHYINT = 0 }
phy.PINTS:expect(0)

step "link enabled: the cable is pulled, at once"
phy.PINTE:write { LINK = 1 }
nic:partner(nil)
expect.irq(true, "PHYINT")
r.CTRL_EXT:expect { PHYINT = 1 }
r.ICR:expect(0x1000)
phy.PINTS:expect(0x0400)
r.CTRL_EXT:expect { PHYINT = 0 }

step "a slower partner: speed changed, duplex did not"
phy.PINTE:write { SPEED = 1 }
nic:partner { speed = 100 }
nic:wait_irq { within = s(2) }
r.ICR:expect(0x1000)
phy.PINTS:expect { SPEED = 1, DUPLEX = 0, LINK = 1 }

step "a half duplex one: duplex changed, speed did not"
phy.PINTE:write { DUPLEX = 1 }
nic:partner { speed = 100, duplex = "half" }
nic:wait_irq { within = s(2) }
r.ICR:expect(0x1000)
phy.PINTS:expect { SPEED = 0, DUPLEX = 1, LINK = 1 }

step "an event that is not enabled stays inside"
phy.PINTE:write { AN_ERROR = 1 }
nic:partner { speed = 1000 }
nic:run(s(2))
expect.irq(false, "no error")
r.CTRL_EXT:expect { PHYINT = 0 }

step "one that is: nothing in common"
phy.PINTS:raw()
phy.ANA:write(0x0001)
phy.GCON:write(0)
phy.PCTRL:set { RESTART_AN = 1 }
nic:wait_irq { within = s(2) }
r.ICR:expect(0x1000)
phy.PINTS:expect { AN_ERROR = 1, AN_COMPLETE = 0 }

step "with SLU the MAC's own LSC comes beside it"
phy.ANA:write(0x01e1)
phy.PINTE:write { LINK = 1 }
r.CTRL:write { SLU = 1 }
phy.PCTRL:set { RESTART_AN = 1 }
nic:wait_irq { within = s(2) }
r.ICR:expect { PHYINT = 1, LSC = 1 }
