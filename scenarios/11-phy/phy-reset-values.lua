-- Every register of the internal PHY as a hardware reset leaves it, read through MDIC with no cable plugged:
-- the tables' HW Rst column. Then ones and zeros into each: what is read-only stays, what is reserved for
-- other parts reads 0 and takes nothing (silent: our choice, Linux's self-test writes such pages).
local nic = scenario { name = "phy-reset-values", cable = false,
                       manual = { "11.1.1", "13.4.7", "13.4.7.1", "13.4.7.1.1", "13.4.7.1.2", "13.4.7.1.3", "13.4.7.1.4",
                                  "13.4.7.1.5", "13.4.7.1.6", "13.4.7.1.7", "13.4.7.1.8", "13.4.7.1.9", "13.4.7.1.10",
                                  "13.4.7.1.11", "13.4.7.1.12", "13.4.7.1.13", "13.4.7.1.14", "13.4.7.1.15",
                                  "13.4.7.1.16", "13.4.7.1.17", "13.4.7.1.18", "13.4.7.1.25", "13.4.7.1.26", "14.6" } }
local phy = nic.phy

step "the identifier drivers look for: Intel's use of OUI 005043h, model 2 (revision silent: our choice 0)"
phy.PID:expect(0x0141)
phy.EPID:expect { OUI_LSB = 3, MODEL = 2, REVISION = 0 }

step "advertised by default: everything but pause and 1000 half"
phy.ANA:expect { SELECTOR = 1, T10_HALF = 1, T10_FULL = 1, TX100_HALF = 1, TX100_FULL = 1, T4 = 0, PAUSE = 0,
                 ASM_DIR = 0, REMOTE_FAULT = 0, NEXT_PAGE = 0 }
phy.GCON:expect { ADV_1000_FULL = 1, ADV_1000_HALF = 0, PORT_TYPE = 1, MS_VALUE = 1, MS_MANUAL = 1, TEST_MODE = 0 }
phy.PCTRL:expect { AN_ENABLE = 1, DUPLEX = 1, SPEED_MSB = 1, SPEED_LSB = 0, RESET = 0, LOOPBACK = 0, POWER_DOWN = 0,
                   ISOLATE = 0, RESTART_AN = 0, COLLISION_TEST = 0 }

step "the rest of the table"
phy.PCTRL:expect(0x1140)
phy.PSTATUS:expect(0x7949)
phy.ANA:expect(0x01e1)
phy.LPA:expect(0x0000)
phy.ANE:expect(0x0000)
phy.NPT:expect(0x2001)
phy.LPN:expect(0x0000)
phy.GCON:expect(0x1e00)
phy.GSTATUS:expect(0x0000)
phy.EPSTATUS:expect(0x3000)
phy.PSCON:expect(0x0068)
phy.PSSTAT:expect(0x0000)
phy.PINTE:expect(0x0000)
phy.PINTS:expect(0x0000)
phy.EPSCON1:expect(0x0d60)
phy.PREC:expect(0x0000)
phy.R30PS:expect(0x0000)
phy.R30AW:expect(0x0000)

step "read-only registers take neither ones nor zeros"
local READ_ONLY = { PSTATUS = 0x7949, PID = 0x0141, EPID = 0x0c20, LPA = 0, ANE = 0, LPN = 0, GSTATUS = 0,
                    EPSTATUS = 0x3000, PSSTAT = 0, PINTS = 0, PREC = 0 }
lab.fold("ones, zeros", function()
  for name, value in pairs(READ_ONLY) do
    phy[name]:write(0xffff)
    phy[name]:expect(value)
    phy[name]:write(0x0000)
    phy[name]:expect(value)
  end
end)

step "writable bits hold ones and zeros; read-only bits between them stay"
-- Documented bits only: the mask, and what the others read. PCTRL is shown where its bits act.
local WRITABLE = { ANA = { 0xbde0, 0x0001 }, NPT = { 0xb7ff, 0 }, GCON = { 0xff00, 0 }, PSCON = { 0xffef, 0 },
                   PINTE = { 0xfff3, 0 }, EPSCON1 = { 0x0f00, 0 }, R30PS = { 0xffff, 0 }, R30AW = { 0xffff, 0 } }
lab.fold("ones, zeros, each bit alone", function()
  for name, row in pairs(WRITABLE) do
    local mask, fixed = row[1], row[2]
    phy[name]:write(mask)
    expect.eq(phy[name]:raw() & (mask | fixed), mask | fixed, name .. " ones")
    phy[name]:write(0)
    expect.eq(phy[name]:raw(), fixed, name .. " zeros")
    for bit = 0, 15 do
      if mask >> bit & 1 == 1 then
        phy[name]:write(1 << bit)
        phy[name]:expect(fixed | 1 << bit)
      end
    end
  end
end)
phy.ANA:write(0xffff)
phy.ANA:expect(0xbde1)                        -- selector, bits 9 and 14 are fixed
phy.NPT:write(0xffff)
phy.NPT:expect(0xb7ff)                        -- toggle is hardware's

step "numbers that belong to other parts, or to none"
lab.fold("twelve numbers", function()
  for _, number in ipairs { 11, 12, 13, 14, 22, 23, 24, 25, 26, 27, 28, 31 } do
    expect.eq(phy:read(number), 0, "PHY register " .. number)
    phy:write(number, 0xffff)
    expect.eq(phy:read(number), 0, "PHY register " .. number)
  end
end)

step "CTRL.PHY_RST puts all of it back"
nic.regs.CTRL:write { PHY_RST = 1 }
nic:run(us(3))
nic.regs.CTRL:write {}
lab.fold("every register", function()
  for name, value in pairs { PCTRL = 0x1140, PSTATUS = 0x7949, PID = 0x0141, EPID = 0x0c20, ANA = 0x01e1, LPA = 0, ANE = 0,
                             NPT = 0x2001, LPN = 0, GCON = 0x1e00, GSTATUS = 0, EPSTATUS = 0x3000, PSCON = 0x0068,
                             PSSTAT = 0, PINTE = 0, PINTS = 0, EPSCON1 = 0x0d60, PREC = 0, R30PS = 0, R30AW = 0 } do
    phy[name]:expect(value)
  end
end)
