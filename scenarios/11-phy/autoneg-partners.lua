-- Auto-negotiation with partners of every ability, all on defaults: the best common mode wins, and the status
-- registers of PHY and MAC tell the same story. Then the other way round: what we advertise is narrowed to one
-- ability at a time.
local nic = scenario { name = "autoneg-partners", cable = false,
                       manual = { "8.2", "8.6.2.1", "11.1", "11.1.1", "11.1.2", "11.1.4", "11.3", "13.4.2", "13.4.7.1.2",
                                  "13.4.7.1.5", "13.4.7.1.6", "13.4.7.1.7", "13.4.7.1.10", "13.4.7.1.11", "13.4.7.1.14",
                                  "13.4.7.1.16" } }
local r, phy = nic.regs, nic.phy
local CODE = { [10] = 0, [100] = 1, [1000] = 2 }
-- speed and duplex of the partner, its base page in LPA without pause; a half duplex one does half duplex only
local PARTNERS = { { 10, "half", 0x4021 }, { 10, "full", 0x4061 }, { 100, "half", 0x40a1 }, { 100, "full", 0x41e1 },
                   { 1000, "full", 0xc1e1 } } -- a gigabit partner has next pages
r.CTRL:write { SLU = 1 }

local function negotiate(partner)
  lab.fold("cable out, cable in, until it is over", function()
    nic:partner(nil)
    phy.PINTS:raw()
    phy.PSTATUS:raw()
    nic:partner(partner)
    phy.PSTATUS:poll { AN_COMPLETE = 1, within = s(3), every = ms(10) }
  end)
end

for _, row in ipairs(PARTNERS) do
  local speed, duplex, page = row[1], row[2], row[3]
  local full, gigabit = duplex == "full" and 1 or 0, speed == 1000 and 1 or 0

  step(string.format("partner that does up to %d %s", speed, duplex))
  negotiate { speed = speed, duplex = duplex, pause = "none", cable = 3 }
  phy.PSTATUS:expect { LINK = 1, AN_COMPLETE = 1, AN_ABILITY = 1, REMOTE_FAULT = 0, JABBER = 0 }
  phy.LPA:expect(page)
  phy.ANE:expect { LP_AN_ABLE = 1, PAGE_RECEIVED = 1, LOCAL_NP_ABLE = 0, LP_NP_ABLE = gigabit, PARALLEL_FAULT = 0 }
  phy.GSTATUS:expect { LP_1000_FULL = gigabit, LP_1000_HALF = 0, MS_MASTER = gigabit, MS_FAULT = 0,
                       LOCAL_RECEIVER_OK = gigabit, REMOTE_RECEIVER_OK = gigabit, IDLE_ERRORS = 0 }
  phy.PSSTAT:expect { SPEED = CODE[speed], DUPLEX = full, RESOLVED = 1, LINK = 1, PAGE_RECEIVED = 1, DOWNSHIFT = 0,
                      MDIX = 0, RX_PAUSE = 0, TX_PAUSE = 0, ENERGY_DETECT = 0, POLARITY = 0, JABBER = 0,
                      CABLE_LENGTH = speed == 10 and 0 or 3 }
  phy.PSSTAT:expect { PAGE_RECEIVED = 0, LINK = 1 }       -- latched until read
  phy.PINTS:expect { LINK = 1, AN_COMPLETE = 1, PAGE_RECEIVED = 1, AN_ERROR = 0, DOWNSHIFT = 0 }
  phy.PINTS:expect(0)                                     -- latched until read
  r.STATUS:expect { LU = 1, SPEED = CODE[speed], FD = full }
end

step "full partner, but we advertise one ability only; read-write bits of ANA and GCON"
local ALONE = { { 0x0021, 0, 10, 0 }, { 0x0041, 0, 10, 1 }, { 0x0081, 0, 100, 0 }, { 0x0101, 0, 100, 1 },
                { 0x0001, 0x0200, 1000, 1 } }
lab.fold("five negotiations", function()
  for _, row in ipairs(ALONE) do
    phy.ANA:write(row[1])
    phy.GCON:write(0x1c00 | row[2])
    negotiate { speed = 1000, pause = "none" }
    phy.PSSTAT:expect { SPEED = CODE[row[3]], DUPLEX = row[4], RESOLVED = 1, LINK = 1 }
    r.STATUS:expect { LU = 1, SPEED = CODE[row[3]], FD = row[4] }
    phy.LPA:expect(0xc1e1)                                -- the partner says all it can, as ever
  end
end)

step "all from 10 half up to 100 half: the best of them, full duplex before half at the same speed"
local UP_TO = { { 0x0061, 10, 1 }, { 0x00a1, 100, 0 }, { 0x00e1, 100, 0 }, { 0x01a1, 100, 1 }, { 0x0161, 100, 1 } }
lab.fold("five negotiations", function()
  for _, row in ipairs(UP_TO) do
    phy.ANA:write(row[1])
    phy.GCON:write(0x1c00)
    negotiate { speed = 1000, pause = "none" }
    phy.PSSTAT:expect { SPEED = CODE[row[2]], DUPLEX = row[3], LINK = 1 }
    r.STATUS:expect { LU = 1, SPEED = CODE[row[2]], FD = row[3] }
  end
end)

step "1000 half may be advertised, and is not used: this part cannot do it"
phy.ANA:write(0x0001)
phy.GCON:write(0x1d00)
nic:partner(nil)
phy.PINTS:raw()
nic:partner { speed = 1000, pause = "none" }
nic:run(s(3))
phy.PSTATUS:expect { AN_COMPLETE = 0, LINK = 0 }        -- IEEE 802.3 28.3.4: complete is a link that is good
r.STATUS:expect { LU = 0 }
phy.PINTS:expect { AN_ERROR = 1, LINK = 0 }

step "slave instead of master: MS_MANUAL with value 0, or no preference"
phy.ANA:write(0x01e1)
phy.GCON:write { ADV_1000_FULL = 1, MS_MANUAL = 1, MS_VALUE = 0, PORT_TYPE = 1 }
negotiate { speed = 1000, pause = "none" }
phy.GSTATUS:expect { MS_MASTER = 0, LP_1000_FULL = 1 }
phy.GCON:write { ADV_1000_FULL = 1, MS_MANUAL = 0, MS_VALUE = 1, PORT_TYPE = 0 }
negotiate { speed = 1000, pause = "none" }
phy.GSTATUS:expect { MS_MASTER = 0 }
phy.GCON:write { ADV_1000_FULL = 1, MS_MANUAL = 0, MS_VALUE = 0, PORT_TYPE = 1 }
negotiate { speed = 1000, pause = "none" }
phy.GSTATUS:expect { MS_MASTER = 1 }

step "a new negotiation forgets the last one at once"
nic:partner(nil)
phy.LPA:expect(0)
phy.ANE:expect(0)
phy.GSTATUS:expect(0)
phy.PSTATUS:expect { AN_COMPLETE = 0, LINK = 0 }
phy.PSSTAT:expect { LINK = 0, RESOLVED = 0, RX_PAUSE = 0, TX_PAUSE = 0, CABLE_LENGTH = 0 }
