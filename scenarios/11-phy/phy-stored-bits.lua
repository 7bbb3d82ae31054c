-- Bits of the PHY that nothing hangs on are stored all the same: reserved ones that the tables print as R/W
-- keep what is written, so a driver's read-modify-write of such a register loses nothing. And two answers
-- of a rare partner: one that can do 1000 half, at the end of the longest cable.
local nic = scenario { name = "phy-stored-bits", cable = false,
                       manual = { "13.4.7.1.10", "13.4.7.1.11", "13.4.7.1.13", "13.4.7.1.14", "13.4.7.1.15",
                                  "13.4.7.1.17" } }
local p = nic.phy

step "reserved bits that are printed R/W: ones stay, zeros stay"
local function stored(reg, fields)
  for name, ones in pairs(fields) do
    local was = reg:read()
    reg:set { [name] = ones }
    reg:expect { [name] = ones }
    reg:set { [name] = 0 }
    reg:expect { [name] = 0 }
    reg:write(was.raw)
  end
end
stored(p.GCON,    { RSV = 0xff })
stored(p.PSCON,   { RSV4 = 1 })
stored(p.PINTE,   { RSV = 3 })
stored(p.EPSCON1, { RSV3 = 1, RSV15_12 = 0xf })

step "a partner that does 1000 half, beyond 140 m of cable: 100 full is the best of both [8.2]"
nic.regs.CTRL:write { SLU = 1 }
nic:partner { speed = 1000, duplex = "half", cable = 4 }
nic:run(s(3))
p.GSTATUS:expect { LP_1000_HALF = 1, LP_1000_FULL = 0 }
p.PSSTAT:expect { LINK = 1, CABLE_LENGTH = 4, SPEED = 1, DUPLEX = 1 }
