-- PCTRL.ISOLATE detaches the PHY from the MAC: its link stays, frames pass in neither direction. The MAC does not know
-- and counts what it sends. Silent what LU does: our choice, the link signal is no part of the data interface.
local nic = scenario { name = "isolate", manual = { "13.4.2", "13.4.7.1.1", "13.4.7.1.14", "13.7.12", "13.7.41" } }
local r, phy = nic.regs, nic.phy
nic:link_up { speed = 100, duplex = "full" }
local rx, tx = nic:rx_ring { entries = 8 }, nic:tx_ring { entries = 8 }
local out = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
local back = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)

local function both(why, passes)
  tx:send(out)
  expect.eq(#nic:sent(), passes, why .. ": out")
  r.GPTC:expect { GPTC = 1 }
  r.TNCRS:expect { TNCRS = 1 - passes }       -- 13.7.12: no carrier sense from the PHY
  nic:receive(back)
  nic:run(us(1))
  r.GPRC:expect { GPRC = passes }
end

step "attached"
both("attached", 1)
rx:expect(0, { DD = 1 })

step "isolated"
phy.PCTRL:set { ISOLATE = 1 }
phy.PSSTAT:expect { LINK = 1 }
r.STATUS:expect { LU = 1 }
both("isolated", 0)
rx:expect(1, { DD = 0 })
r.MPC:expect { MPC = 0 }                      -- never there, so not missed

step "attached again"
phy.PCTRL:set { ISOLATE = 0 }
both("attached", 1)
rx:expect(1, { DD = 1 })

step "a software reset attaches"
phy.PCTRL:set { ISOLATE = 1 }
phy.PCTRL:set { RESET = 1 }
phy.PCTRL:expect { ISOLATE = 0 }
