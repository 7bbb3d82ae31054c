-- Into the loop and out of it with a cable plugged: entering takes the link down, leaving it by clearing the bit or by
-- a PHY reset negotiates again. A frame that has not gone when the loop opens waits for the link and leaves then.
-- Isolated, the PHY does not loop either (silent: our choice, ISOLATE cuts the MAC off).
local nic = scenario { name = "loopback-enter-leave", needs = { "virtual-time" },
                       manual = { "11.1.1", "13.4.2", "13.4.7.1.1", "13.4.7.1.14", "13.4.17", "13.7.11", "15.1.3" } }
local r, phy = nic.regs, nic.phy
nic:link_up { speed = 1000, duplex = "full" }
local rx, tx = nic:rx_ring { entries = 16, SECRC = 1 }, nic:tx_ring { entries = 16 }
local frame = pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)

step "PCTRL.LOOPBACK alone, set while the link is up: it goes down, LSC says so"
phy.PCTRL:set { LOOPBACK = 1 }
r.ICR:expect { LSC = 1 }
r.STATUS:expect { LU = 0 }
phy.PSSTAT:expect { LINK = 0 }

step "frames loop, at the speed that PCTRL names: 1000 full"
tx:send(frame)
nic:run(us(1))
rx:expect(0, { DD = 1, LENGTH = 60 })
r.DC:expect { CDC = 0 }                       -- 13.7.11: not put off, though STATUS.LU is 0

step "isolated: there is neither loop nor link, so the frame waits"
phy.PCTRL:set { ISOLATE = 1 }
tx:send(frame)
nic:run(ms(1))
rx:expect(1, { DD = 0 })
r.TDFPC:expect(1)
r.DC:expect { CDC = 1 }                       -- 13.7.11: now "the link is not up"

step "not isolated any more: it loops"
phy.PCTRL:set { ISOLATE = 0 }
nic:run(us(1))
rx:expect(1, { DD = 1, LENGTH = 60 })

step "the loop opens; a frame queued now waits"
phy.PCTRL:set { LOOPBACK = 0 }
tx:send(frame)
nic:run(s(1))
rx:expect(2, { DD = 0 })
expect.eq(#nic:sent { now = true }, 0, "frames on the wire")
r.TDFPC:expect(1)

step "1.5 s after it opened the link is back, and the frame leaves"
nic:run(ms(501))
r.STATUS:expect { LU = 1, SPEED = 2, FD = 1 }
r.ICR:expect { LSC = 1 }
local sent = nic:sent()
expect.eq(#sent, 1, "frames on the wire")
expect.bytes(sent[1], frame, "as queued")
r.TDFPC:expect(0)

step "in again, and out by a PHY reset, which clears the bit"
phy.PCTRL:set { LOOPBACK = 1 }
phy.PCTRL:set { RESET = 1 }
phy.PCTRL:expect { LOOPBACK = 0, RESET = 0 }
nic:run(s(2))
r.STATUS:expect { LU = 1 }
expect.no_bad()
