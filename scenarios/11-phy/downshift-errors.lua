-- Downshift seen in the PHY's status: each try at 1000 over three pairs is an error (the link does not validate), the
-- last one a downshift. EPSCON1[1:0] must be 0 for the tries to be counted; set, the PHY tries 1000 for ever.
local nic = scenario { name = "downshift-errors", cable = false,
                       manual = { "11.2.2", "13.4.7.1.2", "13.4.7.1.14", "13.4.7.1.16", "13.4.7.1.17" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }
local TRY = ms(1500)

step "four tries as master, three pairs"
local start = nic:now()
nic:partner { pairs = 3 }
for try = 1, 3 do
  nic:run_until(start + try * TRY)
  phy.PINTS:expect { AN_ERROR = 1, PAGE_RECEIVED = 1, DOWNSHIFT = 0, AN_COMPLETE = 0, LINK = 0 }
  phy.PSTATUS:expect { AN_COMPLETE = 0 }
end
nic:run_until(start + 4 * TRY)
phy.PINTS:expect { AN_ERROR = 1, DOWNSHIFT = 1, AN_COMPLETE = 1, LINK = 1 }
phy.PSSTAT:expect { DOWNSHIFT = 1, LINK = 1, SPEED = 1, DUPLEX = 1 }
phy.PSTATUS:expect { AN_COMPLETE = 1 }
r.STATUS:expect { LU = 1, SPEED = 1 }

step "a whole cable: 1000 again, no downshift shown"
nic:partner { pairs = 4 }
nic:run(TRY)
phy.PSSTAT:expect { DOWNSHIFT = 0, LINK = 1, SPEED = 2 }
phy.PINTS:raw()

step "EPSCON1[1:0] = 1, 2, 3: no counting, no link"
for value = 1, 3 do
  phy.EPSCON1:set { RSV1_0 = value }
  nic:partner { pairs = 2 }
  nic:run(s(60))
  r.STATUS:expect { LU = 0 }
  phy.PINTS:expect { DOWNSHIFT = 0, AN_ERROR = 1 }
end

step "0 again: what it counts from now on"
phy.EPSCON1:set { RSV1_0 = 0 }
nic:partner { pairs = 2 }
nic:run(4 * TRY)
r.STATUS:expect { LU = 1, SPEED = 1 }
