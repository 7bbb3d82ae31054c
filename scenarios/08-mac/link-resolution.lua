-- Who decides speed and duplex: the PHY, unless CTRL forces one or both (tables 8-6 to 8-9). For each of the
-- five results that negotiation can have, every way to set CTRL is tried; a driver reads STATUS and programs
-- collision distance, gaps and pause by it.
local nic = scenario { name = "link-resolution",
                       manual = { "8.2", "8.6.2", "8.6.2.1", "8.6.2.2", "8.6.2.2.1", "8.6.2.2.2", "8.6.2.2.3", "8.6.2.3",
                                  "8.6.4", "13.4.1", "13.4.2", "13.4.6", "14.5.5" } }
local r = nic.regs
local CODE = { [10] = 0, [100] = 1, [1000] = 2 }
local RESULTS = { { 10, "half" }, { 10, "full" }, { 100, "half" }, { 100, "full" }, { 1000, "full" } }

local function resolved(fields, speed, full, why)
  r.CTRL:write(fields)
  local status = r.STATUS:expect { LU = 1, TBIMODE = 0, FUNCTION_ID = 0, TXOFF = 0 }
  expect.eq(status.SPEED, speed, why .. ": STATUS.SPEED")
  expect.eq(status.FD, full, why .. ": STATUS.FD")
  r.CTRL:expect(fields)                       -- what was written reads back; the result is in STATUS
end

for _, result in ipairs(RESULTS) do
  local speed, duplex = result[1], result[2]
  local code, full = CODE[speed], duplex == "full" and 1 or 0

  step(string.format("the PHY agrees on %d %s", speed, duplex))
  r.CTRL:write { SLU = 1 }
  nic:partner { speed = speed, duplex = duplex }
  lab.fold("until STATUS.LU", function() r.STATUS:poll { LU = 1, within = s(3), every = ms(10) } end)
  nic.phy.PSSTAT:expect { LINK = 1, RESOLVED = 1, SPEED = code, DUPLEX = full }

  lab.fold("nothing forced: the PHY's word, whatever SPEED and FD say", function()
    for value = 0, 3 do
      for fd = 0, 1 do resolved({ SLU = 1, SPEED = value, FD = fd }, code, full, "table 8-6") end
    end
  end)
  lab.fold("FRCSPD: CTRL.SPEED, the PHY's duplex, ASDE or not", function()
    for value = 0, 2 do
      for asde = 0, 1 do
        resolved({ SLU = 1, FRCSPD = 1, SPEED = value, ASDE = asde, FD = 1 - full }, value, full, "table 8-8")
      end
    end
  end)
  lab.fold("FRCDPLX: CTRL.FD, the PHY's speed", function()
    for fd = 0, 1 do
      resolved({ SLU = 1, FRCDPLX = 1, FD = fd, SPEED = 2 - code }, code, fd, "8.6.2.3")
      resolved({ SLU = 1, FRCDPLX = 1, FD = fd, ASDE = 1, SPEED = 2 - code }, code, fd, "14.5.5")
    end
  end)
  lab.fold("both: CTRL alone", function()
    for value = 0, 2 do
      for fd = 0, 1 do resolved({ SLU = 1, FRCSPD = 1, FRCDPLX = 1, SPEED = value, FD = fd }, value, fd, "table 8-9") end
    end
  end)
  lab.fold("CTRL_EXT.SPD_BYPS: CTRL.SPEED at once, FRCSPD or not", function()
    r.CTRL_EXT:set { SPD_BYPS = 1 }
    for value = 0, 2 do
      resolved({ SLU = 1, SPEED = value, FD = 1 - full }, value, full, "SPD_BYPS")
      resolved({ SLU = 1, SPEED = value, ASDE = 1 }, value, full, "SPD_BYPS supersedes ASDE")
    end
    r.CTRL_EXT:clear { "SPD_BYPS" }
    resolved({ SLU = 1 }, code, full, "bypass gone")
  end)
end

step "SPEED = 11b is unused; STATUS gives 1000 as 10b or 11b"
r.CTRL:write { SLU = 1, FRCSPD = 1, SPEED = 3 }
expect.ok(r.STATUS:read().SPEED >= 2, "1000")
