-- Frames that no wire would carry, through the loop: 1 to 13 bytes unpadded, without FCS, with a wrong one, the longest
-- that can be sent. Length is checked where a frame is received, whoever sent it. Nothing is delivered but what the
-- filters and RCTL let through, and no byte beyond a buffer is written.
local nic = scenario { name = "loopback-short-and-absurd", cable = false,
                       manual = { "3.2.1", "3.3.3", "13.4.22", "13.4.33", "13.7.1", "13.7.34", "13.7.35", "15.1.3" } }
local r = nic.regs
nic:loopback()
local rx = nic:rx_ring { entries = 16, UPE = 1, MPE = 1, BAM = 1 }
local tx = nic:tx_ring { entries = 32, PSP = 0 }

step "1 to 13 bytes, each with an FCS: not even a header; 1 to 5 have no address to filter by"
for n = 1, 13 do tx:send(string.rep("\xff", n)) end
nic:run(us(20))
expect.bad("frame-too-short", 13)
rx:expect(0, { DD = 0 })
r.TPT:expect { TPT = 13 }
r.GPTC:expect { GPTC = 0 }                    -- less than 64 bytes is not good [13.7.45 silent]
r.RUC:expect { RUC = 8 }                      -- 6 to 13: undersize, good FCS
r.RLEC:expect { RLEC = 8 }
r.GPRC:expect { GPRC = 0 }

step "the same without IFCS: the last four bytes are taken for the FCS, and are none"
for n = 1, 13 do tx:send(string.rep("\xff", n), { IFCS = 0 }) end
nic:run(us(20))
expect.bad("frame-too-short", 13)
rx:expect(0, { DD = 0 })
r.RFC:expect { RFC = 4 }                      -- 10 to 13: six bytes and a bad FCS
r.RUC:expect { RUC = 0 }

step "60 bytes and a wrong FCS of the driver's own: a CRC error, dropped"
local frame = pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
tx:send(tostring(frame) .. "\1\2\3\4", { IFCS = 0 })
nic:run(us(2))
rx:expect(0, { DD = 0 })
r.CRCERRS:expect(1)

step "and its own right one: good"
local fcs = string.pack("<I4", pkt.crc32(tostring(frame)))
tx:send(tostring(frame) .. fcs, { IFCS = 0 })
nic:run(us(2))
rx:expect(0, { DD = 1, EOP = 1, LENGTH = 64, ERRORS = 0 })
expect.bytes(rx:data(0), tostring(frame) .. fcs, "64 bytes as given")

step "SBP stores the short ones, as they are"
r.RCTL:set { SBP = 1 }
tx:send(string.rep("\xff", 13))
nic:run(us(2))
expect.bad("frame-too-short", 1)
rx:expect(1, { DD = 1, EOP = 1, LENGTH = 17 })
expect.bytes(rx:data(1):sub(1, 13), string.rep("\xff", 13), "thirteen bytes")

step "1519 bytes with FCS on the line are legal, 1523 are too long without LPE"
r.RCTL:clear { "SBP" }
tx:send(pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(1518 - 14))
tx:send(pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(1519 - 14))
nic:run(us(40))
rx:expect(2, { DD = 1, EOP = 1, LENGTH = 1522 })
rx:expect(3, { DD = 0 })
r.ROC:expect { ROC = 1 }

step "the longest that can be sent, 16288 bytes, with LPE: eight buffers, none written beyond its end"
nic:reset()
r.PBA:write { RXA = 40 }                      -- its FIFO must hold one
nic:reset()
nic:loopback()
rx = nic:rx_ring { entries = 16, LPE = 1, SECRC = 1 }
tx = nic:tx_ring { entries = 8 }
local long = pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(16288 - 14)
tx:send(long)
nic:run(us(300))
for i = 0, 6 do rx:expect(i, { DD = 1, EOP = 0, LENGTH = 2048 }) end
rx:expect(7, { DD = 1, EOP = 1, LENGTH = 16288 - 7 * 2048 })
expect.bytes(rx:frame(0), long, "all of it")
expect.no_bad()
