-- Next pages: those of 1000BASE-T go by themselves. With ANA.NEXT_PAGE set software adds its own: negotiation waits
-- for a write of NPT, the page crosses one of the partner's, LPN shows it, until neither end has more. Toggle bits
-- alternate from bit 11 of the base page on (IEEE 802.3). Silent: a page takes 160 ms; a partner that has none left
-- answers with the null message.
local nic = scenario { name = "next-pages", needs = { "virtual-time" }, cable = false,
                       manual = { "11.1.2", "11.1.3", "13.4.7.1.2", "13.4.7.1.5", "13.4.7.1.6", "13.4.7.1.7", "13.4.7.1.8",
                                  "13.4.7.1.9", "13.4.7.1.14", "13.4.7.1.16" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }
local PAGE = ms(160)

step "NEXT_PAGE = 0, a partner with pages of its own: ours are not asked for"
nic:partner { speed = 100, pause = "none", next_pages = { 0x2005 } }
nic:run(s(2))
phy.PSTATUS:expect { AN_COMPLETE = 1, LINK = 1 }
phy.ANE:expect { LP_NP_ABLE = 1 }
phy.LPA:expect { NEXT_PAGE = 1 }
phy.LPN:expect(0)

step "NEXT_PAGE = 1: base pages are exchanged, then it waits for NPT"
phy.ANA:set { NEXT_PAGE = 1 }
phy.PINTS:raw()
phy.PCTRL:set { RESTART_AN = 1 }
nic:run(s(30))
phy.PSTATUS:expect { AN_COMPLETE = 0, LINK = 0 }
phy.ANE:expect { PAGE_RECEIVED = 1, LP_AN_ABLE = 1 }
phy.PINTS:expect { PAGE_RECEIVED = 1, AN_COMPLETE = 0 }
phy.PSSTAT:expect { PAGE_RECEIVED = 1 }

step "our first page, more to come: after 160 ms the partner's only one is in LPN"
phy.NPT:write { CODE = 0x123, MESSAGE_PAGE = 0, ACK2 = 1, NEXT_PAGE = 1 }
phy.NPT:expect { CODE = 0x123, TOGGLE = 1, ACK2 = 1, NEXT_PAGE = 1 } -- base page bit 11 was 0, so 1
nic:run(PAGE - us(300))
phy.LPN:expect(0)
nic:run(us(300))
phy.LPN:expect { CODE = 5, MESSAGE_PAGE = 1, ACK2 = 0, TOGGLE = 1, ACKNOWLEDGE = 1, NEXT_PAGE = 0 }
phy.PINTS:expect { PAGE_RECEIVED = 1, AN_COMPLETE = 0 }
phy.PSTATUS:expect { AN_COMPLETE = 0 }

step "our last page: the partner answers with the null message, and negotiation ends"
phy.NPT:write { CODE = 0x7ff, MESSAGE_PAGE = 0 }
phy.NPT:expect { TOGGLE = 0, NEXT_PAGE = 0 }
nic:run(PAGE)
phy.LPN:expect { CODE = 1, MESSAGE_PAGE = 1, TOGGLE = 0, NEXT_PAGE = 0 }
phy.PSTATUS:expect { AN_COMPLETE = 1, LINK = 1 }
phy.PINTS:expect { PAGE_RECEIVED = 1, AN_COMPLETE = 1, LINK = 1 }
r.STATUS:expect { LU = 1, SPEED = 1 }

step "NPT now is storage"
phy.NPT:write { CODE = 0x222, MESSAGE_PAGE = 1 }
nic:run(s(1))
phy.LPN:expect { CODE = 1 }
phy.NPT:expect { CODE = 0x222, TOGGLE = 0 }

step "a gigabit partner: three pages of 1000BASE-T went before, so the toggle bits differ; pause flips it again"
nic:partner { speed = 1000, pause = "asym", next_pages = { 0x1007, 0x2009 } }
nic:run(s(2))
phy.GSTATUS:expect { LP_1000_FULL = 1 }
phy.PSTATUS:expect { AN_COMPLETE = 0 }
phy.NPT:write { CODE = 1, MESSAGE_PAGE = 1 }
phy.NPT:expect { TOGGLE = 0 }                 -- fourth page after a base page with bit 11 = 0
nic:run(PAGE)
phy.LPN:expect { CODE = 7, ACK2 = 1, MESSAGE_PAGE = 0, TOGGLE = 1, NEXT_PAGE = 1 } -- theirs had bit 11 = 1
phy.PSTATUS:expect { AN_COMPLETE = 0 }        -- the partner has one more
phy.NPT:write { CODE = 1, MESSAGE_PAGE = 1 }
phy.NPT:expect { TOGGLE = 1 }
nic:run(PAGE)
phy.LPN:expect { CODE = 9, MESSAGE_PAGE = 1, TOGGLE = 0, NEXT_PAGE = 0 }
r.STATUS:expect { LU = 1, SPEED = 2 }

step "a partner without next pages: nothing to exchange"
nic:partner { speed = 100 }
nic:run(s(2))
phy.ANE:expect { LP_NP_ABLE = 0 }
phy.PSTATUS:expect { AN_COMPLETE = 1 }
phy.PSSTAT:expect { LINK = 1 }
phy.LPN:expect(0)
