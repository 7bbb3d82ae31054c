-- Both negotiate, nothing is common: pages are exchanged, the error is reported, no link and no interrupt
-- from the MAC. As soon as one end offers more, there is.
local nic = scenario { name = "nothing-in-common", cable = false,
                       manual = { "11.1.1", "13.4.2", "13.4.7.1.5", "13.4.7.1.7", "13.4.7.1.14", "13.4.7.1.16", "13.4.17" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }
r.IMS:write { LSC = 1 }

step "we: 100 full and 1000. The partner: 10"
phy.ANA:write { TX100_FULL = 1 }
nic:partner { speed = 10, pause = "both" }
nic:run(s(3))
r.STATUS:expect { LU = 0 }
phy.PSTATUS:expect { LINK = 0, AN_COMPLETE = 0 }
phy.PSSTAT:expect { LINK = 0, RESOLVED = 0, RX_PAUSE = 0, TX_PAUSE = 0 }
phy.ANE:expect { LP_AN_ABLE = 1, PAGE_RECEIVED = 1, PARALLEL_FAULT = 0 }
phy.LPA:expect { T10_HALF = 1, T10_FULL = 1, TX100_HALF = 0, TX100_FULL = 0, PAUSE = 1, ASM_DIR = 1 }
phy.PINTS:expect { AN_ERROR = 1, AN_COMPLETE = 0, LINK = 0, SPEED = 0, DUPLEX = 0 }
expect.irq(false, "no link change")

step "pause alone is nothing to link on"
phy.ANA:write { PAUSE = 1, ASM_DIR = 1 }
phy.GCON:write { ADV_1000_FULL = 0 }
nic:partner { speed = 1000, pause = "both" }
nic:run(s(3))
r.STATUS:expect { LU = 0 }
phy.PINTS:expect { AN_ERROR = 1, LINK = 0 }

step "we offer 10 full: link, and LSC"
phy.ANA:write { T10_FULL = 1 }
phy.PCTRL:set { RESTART_AN = 1 }
nic:wait_irq { within = s(2) }
r.ICR:expect(0x4)
r.STATUS:expect { LU = 1, SPEED = 0, FD = 1 }
phy.PINTS:expect { AN_ERROR = 0, AN_COMPLETE = 1, LINK = 1 }
