-- PCTRL.RESET against CTRL.PHY_RST: what each leaves of marks in every writable register, by the SW Rst and HW
-- Rst columns. Settings of a driver survive the first and not the second; CTRL.RST reaches the PHY not at all.
local nic = scenario { name = "software-reset",
                       manual = { "13.4.1", "13.4.7.1.1", "13.4.7.1.5", "13.4.7.1.6", "13.4.7.1.7", "13.4.7.1.8",
                                  "13.4.7.1.10", "13.4.7.1.11", "13.4.7.1.13", "13.4.7.1.14", "13.4.7.1.15",
                                  "13.4.7.1.17", "13.4.7.1.25", "13.4.7.1.26", "14.7" } }
local r, phy = nic.regs, nic.phy
nic:link_up { speed = 1000 }

-- register, mark, what a software reset leaves of it (documented bits only), hardware reset value
local MARKS = {
  { "ANA",     0xbc61, 0xbc61, 0x01e1 },      -- retain
  { "NPT",     0x97fe, 0x2001, 0x2001 },
  { "GCON",    0xfa00, 0x1a00, 0x1e00 },      -- test mode back to 0, 12:8 retain
  { "PSCON",   0xffcf, 0xffcf, 0x0068 },      -- retain, or update: shows what was written
  { "PINTE",   0xfff3, 0xfff3, 0x0000 },      -- retain
  { "EPSCON1", 0x06d3, 0x06d3, 0x0d60 },      -- 1:0 retain, 11:4 update; bit 3 and 15:12 below
  { "R30PS",   0x000b, 0x0000, 0x0000 },
  { "R30AW",   0x8004, 0x0000, 0x0000 },
}

local function mark()
  lab.fold("marks in every writable register", function()
    for _, row in ipairs(MARKS) do
      phy[row[1]]:write(row[2])
      phy[row[1]]:expect(row[2])
    end
  end)
end

local function marks(column)
  lab.fold("what became of the marks", function()
    for _, row in ipairs(MARKS) do phy[row[1]]:expect(row[column]) end
  end)
end

step "CTRL.RST: no effect on the PHY; link and marks stay"
mark()
r.CTRL:write { RST = 1 }
nic:run(ms(5))
marks(2)
phy.PSSTAT:expect { LINK = 1, SPEED = 2 }
phy.PSTATUS:expect { LINK = 1, AN_COMPLETE = 1 }
r.CTRL:write { SLU = 1 }
r.STATUS:expect { LU = 1 }

step "PCTRL.RESET: retained, updated, or back, bit by bit"
phy.EPSCON1:write(0xf6db)
phy.PCTRL:write { RESET = 1, AN_ENABLE = 1, DUPLEX = 0, SPEED_LSB = 1, COLLISION_TEST = 1, ISOLATE = 1 }
phy.PCTRL:expect(0x3000)                      -- speed, duplex, enable update; collision test and isolate are 0
marks(3)
r.STATUS:expect { LU = 0 }

step "... status is cleared, speed and duplex of PSSTAT are retained"
phy.LPA:expect(0)
phy.ANE:expect(0)
phy.GSTATUS:expect(0)
phy.PSTATUS:expect(0x7949)
phy.PINTS:expect(0)                           -- the loss of link is older than the reset
phy.PSSTAT:expect { SPEED = 2, DUPLEX = 1, LINK = 0, RESOLVED = 0, RX_PAUSE = 0, TX_PAUSE = 0, CABLE_LENGTH = 0 }

step "... and negotiation starts without RESTART_AN; it offers what ANA and GCON retained: 10 full, 1000 full"
phy.PINTE:write(0)
nic:run(s(2))
phy.PSSTAT:expect { LINK = 0, PAGE_RECEIVED = 1 } -- ANA.NEXT_PAGE was retained, too: it waits for ours [11.1.2]
phy.NPT:write { CODE = 1, MESSAGE_PAGE = 1 }
nic:run(ms(200))
phy.PSSTAT:expect { LINK = 1, SPEED = 2, DUPLEX = 1 }

step "CTRL.PHY_RST: everything as after power-up"
mark()
phy.PCTRL:write { DUPLEX = 1, AN_ENABLE = 1, SPEED_MSB = 1, COLLISION_TEST = 1 }
r.CTRL:write { SLU = 1, PHY_RST = 1 }
nic:run(us(3))
r.CTRL:write { SLU = 1 }
phy.PCTRL:expect(0x1140)
phy.PSTATUS:expect(0x7949)
phy.PSSTAT:expect(0x0000)
phy.PINTS:expect(0x0000)
marks(4)
nic:run(s(2))
r.STATUS:expect { LU = 1, SPEED = 2 }

step "so does RST#"
mark()
nic:pci_reset()
phy.PINTS:expect(0x0000)
phy.PCTRL:expect(0x1140)
marks(4)

step "and loss of power"
mark()
nic:power_cycle()
phy.PCTRL:expect(0x1140)
marks(4)
