-- The general configuration of 14.3 on a part with an internal PHY: SLU and ASDE bring the link up at what the PHY found;
-- LRST, which SerDes needs cleared, is stored and stops nothing, neither set nor on its way back to 0; the MAC can be forced;
-- PHY_RST resets the PHY without its registers being written.
local nic = scenario { name = "general-configuration", manual = { "14.3", "13.4.1", "13.4.2" } }
local r, phy = nic.regs, nic.phy
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(100)

local tx, rx

local function both_ways(why)
  tx:send(frame)
  expect.eq(#nic:sent(), 1, "transmit, " .. why)
  nic:receive(frame)
  expect.bytes((rx:take()), frame:bytes(), "receive, " .. why)
end

step "SLU and ASDE: the MAC takes speed and duplex from the PHY"
r.CTRL:write { SLU = 1, ASDE = 1 }
r.STATUS:poll { LU = 1, within = s(5), every = ms(10) }
r.STATUS:expect { SPEED = 2, FD = 1, ASDV = 2 }
tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 8, SECRC = 1 }
both_ways "LRST 0"

step "LRST = 1 with an internal PHY: no effect, in either direction"
phy.PINTS:raw()
r.ICR:raw()
r.CTRL:set { LRST = 1 }
r.CTRL:expect { LRST = 1, SLU = 1 }
r.STATUS:expect { LU = 1 }
both_ways "LRST 1"

step "its way back to 0 negotiates nothing: the link stays, the PHY saw nothing"
r.CTRL:clear { "LRST" }
nic:run(s(1))
r.STATUS:expect { LU = 1 }
r.ICR:expect { LSC = 0 }
phy.PINTS:expect(0)

step "speed and duplex forced in the MAC: STATUS shows CTRL's"
r.CTRL:write { SLU = 1, FRCSPD = 1, FRCDPLX = 1, SPEED = 1, FD = 0 }
r.STATUS:expect { LU = 1, SPEED = 1, FD = 0 }
r.CTRL:write { SLU = 1, FRCSPD = 1, FRCDPLX = 1, SPEED = 2, FD = 1 }
r.STATUS:expect { LU = 1, SPEED = 2, FD = 1 }

step "PHY_RST: the PHY starts anew, no register of its was written; the link comes back"
phy.ANA:write(0x0041)
r.CTRL:set { PHY_RST = 1 }
nic:run(ms(10))
r.CTRL:clear { "PHY_RST" }
nic:run(us(200))
r.STATUS:expect { LU = 0 }
r.STATUS:poll { LU = 1, within = s(5), every = ms(10) }
phy.ANA:expect { T10_FULL = 1, TX100_FULL = 1 }
both_ways "after PHY_RST"
expect.no_bad "a driver that makes no mistake"
