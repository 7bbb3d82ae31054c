-- Negotiation off, speed and duplex by PCTRL. Against a partner fixed at the same speed there is link with our
-- own duplex, against another speed none, against one that negotiates it detects us in parallel. At 1000 the
-- PHY negotiates all the same, for 1000 alone.
local nic = scenario { name = "forced-speed", cable = false,
                       manual = { "8.6.2.5", "11.1.3", "13.4.2", "13.4.7.1.1", "13.4.7.1.2", "13.4.7.1.14" } }
local r, phy = nic.regs, nic.phy
local CODE = { [10] = 0, [100] = 1, [1000] = 2 }
r.CTRL:write { SLU = 1 }

local function pctrl(speed, full, fields)
  local value = { SPEED_MSB = speed == 1000 and 1 or 0, SPEED_LSB = speed == 100 and 1 or 0, DUPLEX = full, AN_ENABLE = 0 }
  for name, bit in pairs(fields) do value[name] = bit end
  phy.PCTRL:write(value)
end

local function link(up, speed, full)
  nic:run(s(2))
  if up then
    phy.PSSTAT:expect { LINK = 1, RESOLVED = 1, SPEED = CODE[speed], DUPLEX = full, RX_PAUSE = 0, TX_PAUSE = 0 }
    r.STATUS:expect { LU = 1, SPEED = CODE[speed], FD = full }
  else
    phy.PSSTAT:expect { LINK = 0 }
    r.STATUS:expect { LU = 0 }
  end
end

step "both ends fixed: every pair of speeds, our duplex counts"
for _, ours in ipairs { 10, 100 } do
  for full = 0, 1 do
    for _, theirs in ipairs { 10, 100 } do
      lab.fold(string.format("we %d %s, they %d", ours, full == 1 and "full" or "half", theirs), function()
        nic:partner { autoneg = false, speed = theirs, duplex = "full" }
        pctrl(ours, full, { RESET = 1 })
        link(ours == theirs, ours, full)
        if ours == theirs then
          phy.PSTATUS:raw()                   -- an old loss of link
          phy.PSTATUS:expect { LINK = 1, AN_COMPLETE = 0 }
          phy.ANE:expect(0)
        end
      end)
    end
  end
end

step "8000h to PCTRL forces 10 half, in one write [11.1.3]"
phy.PCTRL:write(0x8000)
nic:partner { autoneg = false, speed = 10 }
link(true, 10, 0)
phy.PCTRL:expect { RESET = 0, AN_ENABLE = 0, SPEED_MSB = 0, SPEED_LSB = 0, DUPLEX = 0 }

step "RESTART_AN does as well as RESET: 100 full"
nic:partner { autoneg = false, speed = 100 }
pctrl(100, 1, { RESTART_AN = 1 })
link(true, 100, 1)
phy.PCTRL:expect { RESTART_AN = 0, AN_ENABLE = 0, SPEED_LSB = 1, DUPLEX = 1 }

step "the partner negotiates and can do what we force: it finds our speed in parallel"
nic:partner { speed = 1000, pause = "both" }
pctrl(100, 1, { RESET = 1 })
link(true, 100, 1)
phy.LPA:expect(0)                             -- we exchange no pages
pctrl(10, 0, { RESET = 1 })
link(true, 10, 0)
nic:partner { speed = 10, duplex = "full" }
pctrl(100, 1, { RESET = 1 })
link(false)

step "1000 with negotiation off still negotiates: 1000 full and nothing else"
nic:partner { speed = 1000, pause = "none" }
pctrl(1000, 1, { RESET = 1 })
link(true, 1000, 1)
phy.PSTATUS:expect { AN_COMPLETE = 1 }
phy.LPA:expect(0xc1e1)

step "... so a partner without 1000 gets no link, though both know 100"
nic:partner { speed = 100 }
link(false)

step "... and 1000 half, DUPLEX 0, is not supported by this part"
nic:partner { speed = 1000 }
pctrl(1000, 0, { RESET = 1 })
link(false)

step "... nor does a partner fixed at 100 link"
nic:partner { autoneg = false, speed = 100 }
pctrl(1000, 1, { RESET = 1 })
link(false)

step "back to negotiation, bit 12 together with bit 9"
nic:partner { speed = 1000 }
phy.PCTRL:write { AN_ENABLE = 1, RESTART_AN = 1 }
link(true, 1000, 1)
