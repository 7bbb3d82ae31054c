-- What the PHY itself counts and latches: RX_ER in PREC and as symbol error, one a frame (silent: our choice), whether
-- the MAC receives or not; false carriers; idle errors at 1000 only, which stop at 255. Counters start anew when read.
-- Without a link there is nothing to hear.
local nic = scenario { name = "receive-errors",
                       manual = { "13.4.6", "13.4.7.1.11", "13.4.7.1.15", "13.4.7.1.16", "13.4.7.1.18", "13.4.17", "13.7.4" } }
local r, phy = nic.regs, nic.phy
nic:link_up { speed = 1000, duplex = "full" }
phy.PINTS:raw()
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)

step "a good frame is no error"
nic:receive(frame)
phy.PREC:expect(0)
phy.PINTS:expect(0)

step "three with RX_ER, receiver off: the PHY counts, the MAC does not"
for _ = 1, 3 do nic:receive { frame, rx_er = true } end
phy.PREC:expect(3)
phy.PREC:expect(0)
phy.PINTS:expect { SYMBOL_ERROR = 1 }
phy.PINTS:expect(0)
r.RXERRC:expect(0)

step "receiver on: both"
local rx = nic:rx_ring { entries = 8 }
nic:receive { frame, rx_er = true }
nic:run(us(1))
phy.PREC:expect(1)
r.RXERRC:expect(1)

step "a thousand"
lab.fold("1023 frames", function()
  for _ = 1, 1023 do nic:receive { frame, rx_er = true } end
end)
phy.PREC:expect(1023)
phy.PREC:expect(0)
phy.PINTS:raw()

step "false carrier, symbol error, FIFO error: latched singly, and PHYINT for those enabled"
r.CTRL_EXT:set { PHYINT_EN = 1 }
phy.PINTE:write { FALSE_CARRIER = 1 }
r.ICR:raw()
nic:wire_fault("symbol error")
nic:wire_fault("fifo")
r.ICR:expect { PHYINT = 0 }
nic:wire_fault("false carrier")
r.ICR:expect { PHYINT = 1 }
phy.PINTS:expect { FALSE_CARRIER = 1, SYMBOL_ERROR = 1, FIFO = 1, JABBER = 0, LINK = 0 }
phy.PINTS:expect(0)
phy.PREC:expect(0)                            -- none of them was during a frame

step "idle errors: counted at 1000, up to 255, until read"
for _ = 1, 7 do nic:wire_fault("idle error") end
phy.GSTATUS:expect { IDLE_ERRORS = 7, LOCAL_RECEIVER_OK = 1 }
phy.GSTATUS:expect { IDLE_ERRORS = 0, LOCAL_RECEIVER_OK = 1 }
for _ = 1, 300 do nic:wire_fault("idle error") end
phy.GSTATUS:expect { IDLE_ERRORS = 255, LP_1000_HALF = 0 }

step "at 100 there are none; without a link nothing at all"
nic:link_up { speed = 100, duplex = "full" }
nic:wire_fault("idle error")
phy.GSTATUS:expect { IDLE_ERRORS = 0 }
nic:link_down()
phy.PINTS:raw()
nic:wire_fault("false carrier")
nic:receive { frame, rx_er = true }
phy.PINTS:expect(0)
phy.PREC:expect(0)
