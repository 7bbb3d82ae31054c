-- A partner that does not negotiate shows its speed all the same, but not its duplex: the result is half
-- duplex, and a partner that was fixed at full duplex is the classic mismatch. At 1000 there is nothing to
-- detect.
local nic = scenario { name = "parallel-detection", cable = false,
                       manual = { "11.1.1", "13.4.2", "13.4.7.1.2", "13.4.7.1.6", "13.4.7.1.7", "13.4.7.1.14",
                                  "13.4.7.1.16" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }

local function detect(speed, duplex)
  lab.fold("cable out, latches read", function()
    nic:partner(nil)
    phy.PSTATUS:raw()
    phy.PINTS:raw()
    phy.PSSTAT:raw()
  end)
  nic:partner { autoneg = false, speed = speed, duplex = duplex }
  nic:run(s(2))
end

for _, speed in ipairs { 10, 100 } do
  for _, duplex in ipairs { "half", "full" } do
    step(string.format("partner fixed at %d %s: %d half for us", speed, duplex, speed))
    detect(speed, duplex)
    phy.PSTATUS:expect { LINK = 1, AN_COMPLETE = 1 }
    phy.LPA:expect { T10_HALF = 0, T10_FULL = 0, TX100_HALF = 0, TX100_FULL = 0, ACKNOWLEDGE = 0 }
    phy.ANE:expect { LP_AN_ABLE = 0, PAGE_RECEIVED = 0, LP_NP_ABLE = 0, PARALLEL_FAULT = 0 }
    phy.PSSTAT:expect { SPEED = speed == 100 and 1 or 0, DUPLEX = 0, RESOLVED = 1, LINK = 1, PAGE_RECEIVED = 0,
                        RX_PAUSE = 0, TX_PAUSE = 0 }
    phy.PINTS:expect { LINK = 1, AN_COMPLETE = 1, AN_ERROR = 0, PAGE_RECEIVED = 0 }
    r.STATUS:expect { LU = 1, SPEED = speed == 100 and 1 or 0, FD = 0 }
  end
end

step "1000 without negotiation: a fault, no link"
detect(1000, "full")
phy.PSTATUS:expect { LINK = 0, AN_COMPLETE = 0 }
phy.ANE:expect { LP_AN_ABLE = 0, PARALLEL_FAULT = 1 }
phy.PINTS:expect { AN_ERROR = 1, AN_COMPLETE = 0, LINK = 0 }
r.STATUS:expect { LU = 0 }

step "10 detected, but we advertise 100 only: a fault, no link"
phy.ANA:write(0x0181)
detect(10, "half")
phy.ANE:expect { PARALLEL_FAULT = 1 }
phy.PINTS:expect { AN_ERROR = 1, LINK = 0 }
r.STATUS:expect { LU = 0 }

step "the same advertisement, partner at 100"
detect(100, "half")
phy.ANE:expect { PARALLEL_FAULT = 0 }
r.STATUS:expect { LU = 1, SPEED = 1, FD = 0 }

step "parallel detection means half duplex: advertising 100 full alone is not enough"
phy.ANA:write(0x0101)
detect(100, "full")
phy.ANE:expect { PARALLEL_FAULT = 1 }
r.STATUS:expect { LU = 0 }
