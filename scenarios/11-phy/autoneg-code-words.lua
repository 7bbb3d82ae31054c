-- What negotiation receives is shown as it came: a selector that is not IEEE 802.3's, an ability that this part does not
-- have, next pages of any code. A base page of another standard has no mode in common with ours (silent: IEEE 802.3
-- 28.2.1.2 gives the ability field a meaning only by its selector), nor has one with 100BASE-T4 alone.
local nic = scenario { name = "autoneg-code-words", cable = false,
                       manual = { "8.2", "11.1.2", "13.4.7.1.5", "13.4.7.1.6", "13.4.7.1.9", "13.4.7.1.16" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }

local function negotiate(partner)
  lab.fold("cable out, cable in, two seconds", function()
    nic:partner(nil)
    phy.PINTS:raw()
    nic:partner(partner)
    nic:run(s(2))
  end)
end

step "a partner of another standard: its code word, and no link"
for _, selector in ipairs { 2, 4, 8, 16 } do
  negotiate { speed = 100, pause = "none", selector = selector }
  phy.LPA:expect { SELECTOR = selector, TX100_FULL = 1, TX100_HALF = 1, T10_FULL = 1, T10_HALF = 1, ACKNOWLEDGE = 1 }
  phy.ANE:expect { LP_AN_ABLE = 1, PAGE_RECEIVED = 1 }
  phy.PINTS:expect { AN_ERROR = 1, AN_COMPLETE = 0, LINK = 0 }
  phy.PSSTAT:expect { LINK = 0, RESOLVED = 0 }
  r.STATUS:expect { LU = 0 }
  phy.ANA:expect { SELECTOR = 1 }
end

step "100BASE-T4 is shown; what both can do is used"
negotiate { speed = 10, pause = "none", t4 = true }
phy.LPA:expect { SELECTOR = 1, T4 = 1, TX100_FULL = 0, TX100_HALF = 0, T10_FULL = 1, T10_HALF = 1 }
phy.PSSTAT:expect { LINK = 1, SPEED = 0, DUPLEX = 1 }
phy.PINTS:expect { AN_ERROR = 0, AN_COMPLETE = 1, LINK = 1 }
phy.ANA:expect { T4 = 0 }

step "four unformatted pages: their codes in LPN, one after the other"
local PAGES = { 0x7f0, 0x00f, 0x555, 0x2aa }
phy.ANA:set { NEXT_PAGE = 1 }
negotiate { speed = 100, pause = "none", next_pages = PAGES }
for i, code in ipairs(PAGES) do
  phy.NPT:write { CODE = 1, MESSAGE_PAGE = 1 } -- a null message: all that we have to say
  nic:run(ms(160))
  phy.LPN:expect { CODE = code, MESSAGE_PAGE = 0, ACK2 = 0, NEXT_PAGE = i < #PAGES and 1 or 0 }
end
phy.PSTATUS:raw()                              -- LINK latches low: the cable was out
phy.PSTATUS:expect { AN_COMPLETE = 1, LINK = 1 }
r.STATUS:expect { LU = 1, SPEED = 1 }
