-- CTRL.PHY_RST is a level: the PHY is in hardware reset for as long as it is 1, and starts over when software
-- writes 0. The MAC around it goes on. Silent: MDIC meanwhile; our choice, nobody answers.
local nic = scenario { name = "phy-rst-level", manual = { "11.1.1", "13.4.1", "13.4.7", "13.4.17", "14.6", "14.7" } }
local r, phy = nic.regs, nic.phy
nic:link_up { speed = 1000 }
r.IMS:write { LSC = 1 }
r.VET:write { VET = 0x8100 }
phy.ANA:write(0x0de1)

step "1: the link is gone, the MAC is not"
r.CTRL:write { SLU = 1, PHY_RST = 1, VME = 1 }
expect.irq(true, "LSC")
r.ICR:expect(0x4)
r.STATUS:expect { LU = 0 }
r.CTRL:expect { PHY_RST = 1, SLU = 1, VME = 1 }
r.VET:expect { VET = 0x8100 }

step "held: nobody answers MDIC, no link in any time"
expect.eq(phy:read(1), nil, "MDIC.E")
phy:write(4, 0x0001)
nic:run(s(10))
r.CTRL:expect { PHY_RST = 1 }
r.STATUS:expect { LU = 0 }
expect.irq(false, "nothing")

step "other bits of CTRL can be written meanwhile"
r.CTRL:write { SLU = 1, PHY_RST = 1 }
nic:run(ms(1))
r.STATUS:expect { LU = 0 }

step "0: registers at their hardware reset values, negotiation from the start"
local start = nic:now()
r.CTRL:write { SLU = 1 }
phy.ANA:expect(0x01e1)
phy.PCTRL:expect(0x1140)
phy.PSTATUS:expect(0x7949)
local up = nic:wait_irq { within = s(2) }
expect.eq(up - start, ms(1500), "11.1 silent: our choice")
r.STATUS:expect { LU = 1, SPEED = 2, FD = 1 }
r.ICR:expect(0x4)

step "writing 0 again is not another reset"
r.CTRL:write { SLU = 1 }
r.STATUS:expect { LU = 1 }
r.ICR:expect(0)

step "CTRL.RST takes PHY_RST to 0 with the rest of CTRL: the PHY is released"
r.CTRL:write { SLU = 1, PHY_RST = 1 }
nic:run(us(3))
nic:reset()
r.CTRL:expect { PHY_RST = 0 }
phy.PCTRL:expect(0x1140)
nic:run(s(2))
phy.PSSTAT:expect { LINK = 1 }
