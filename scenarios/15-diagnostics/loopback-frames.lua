-- The PHY's loop as 15.1.3.1 sets it up, with no cable: a sent frame comes back after its time on the line, with
-- its FCS, through the address filter, into memory, and counts as sent and as received. The wire sees nothing.
-- The PHY has no link meanwhile (silent: our choice, the loop is off the cable; Linux sends all the same).
local nic = scenario { name = "loopback-frames", cable = false, golden = { "wire" },
                       manual = { "3.2.3", "13.4.2", "13.4.7.1.1", "13.4.7.1.14", "13.4.17", "13.7", "15.1.3",
                                  "15.1.3.1" } }
local r, phy = nic.regs, nic.phy

step "PHY and MAC at 1000 full, looped; receiver and transmitter on"
nic:loopback()
phy.PCTRL:expect { LOOPBACK = 1, AN_ENABLE = 0, SPEED_MSB = 1, DUPLEX = 1 }
phy.PSSTAT:expect { LINK = 0, RESOLVED = 1, SPEED = 2, DUPLEX = 1 }
r.STATUS:expect { LU = 0, SPEED = 2, FD = 1 }
local rx, tx = nic:rx_ring { entries = 8 }, nic:tx_ring { entries = 8 }
r.ICR:raw()
r.IMS:write { RXT0 = 1 }

step "a unicast to ourselves: 8 + 100 + 4 bytes of 8 ns later it is in memory"
local frame = pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(86)
local start = nic:now()
tx:send(frame)
expect.eq(nic:wait_irq { within = us(2) } - start, ns((8 + 100 + 4) * 8), "when it was back")
r.ICR:expect { RXT0 = 1 }
rx:expect(0, { DD = 1, EOP = 1, LENGTH = 104, ERRORS = 0 })
expect.bytes(rx:data(0):sub(1, 100), frame, "as sent")
expect.eq(string.unpack("<I4", rx:data(0), 101), pkt.crc32(tostring(frame)), "its FCS")

step "a broadcast without BAM, a stranger's address: filtered like any other"
tx:send(pkt.eth { src = nic.mac, dst = "ff:ff:ff:ff:ff:ff", type = 0x88b5 } / pkt.pattern(46))
tx:send(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46))
nic:run(us(10))
expect.irq(false, "neither was for us")
rx:expect(1, { DD = 0 })

step "a short frame is padded on the way out and comes back with 64 bytes"
tx:send(pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / "short")
expect.bad("frame-too-short", 1)
nic:wait_irq { within = us(2) }
r.ICR:expect { RXT0 = 1 }
rx:expect(1, { DD = 1, EOP = 1, LENGTH = 64 })
expect.bytes(rx:data(1):sub(20, 60), string.rep("\0", 41), "padding is zeros")

step "counted both ways"
r.GPTC:expect { GPTC = 4 }
r.TPT:expect { TPT = 4 }
r.BPTC:expect { BPTC = 1 }
r.GPRC:expect { GPRC = 2 }
r.TPR:expect { TPR = 2 }
r.GORCL:expect { GORCL = 104 + 64 }
r.CRCERRS:expect(0)

step "nothing left, and what comes from the cable is not heard"
expect.eq(#nic:sent(), 0, "frames on the wire")
nic:partner {}
nic:receive(frame)
nic:run(s(3))
rx:expect(2, { DD = 0 })
phy.PSSTAT:expect { LINK = 0 }                -- a loop negotiates nothing
expect.no_bad()
