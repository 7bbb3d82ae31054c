-- The Linux e1000 driver's whole life on this card: probe, open, link, traffic both ways, a cable that is
-- pulled and comes back, close, remove. The accesses are the driver's (harness/driver/linux_e1000.lua); what
-- is asserted between them are the manual's promises that the driver lives by.
local nic = scenario { name = "probe-open-close", needs = { "partner" }, golden = { "wire" },
                       manual = { "3.2.3", "3.3.3", "5.3.1", "5.6.35", "8.6.2", "13.2.2", "13.4.1", "13.4.2",
                                  "13.4.3", "13.4.7", "13.4.17", "13.4.19", "13.4.20", "13.4.21", "13.5.3",
                                  "13.7" },
                       eeprom = { mac = "52:54:00:12:34:56" } }
local linux = require "linux_e1000"
local r = nic.regs

step "probe: reset through the I/O BAR, EEPROM by its four wires, PHY by MDIC"
local drv = linux.probe(nic)
expect.ok(drv, "the PHY is the one the driver knows: 0141h, 0C2xh")
expect.eq(drv.checksum_ok, true, "words 00h-3Fh sum to BABAh")
expect.eq(drv.mac, "52:54:00:12:34:56", "words 0-2, low byte first")
r.RAL[0]:expect { RAL = 0x12005452 }
r.RAH[0]:expect { RAH = 0x5634, AV = 1 }
r.CTRL:expect { SLU = 1, FRCSPD = 0, FRCDPLX = 0, RST = 0, VME = 1 }
r.IMS:expect(0)                               -- nothing can interrupt before open
expect.irq(false, "no handler yet")

step "open: rings, receiver on, and an interrupt that the driver asks for"
drv:open()
r.RCTL:expect { EN = 1, BAM = 1, BSIZE = 0, BSEX = 0, SECRC = 0 }
r.TCTL:expect { EN = 0 }                      -- only a link turns the transmitter on
r.IMS:expect { RXT0 = 1, RXDMT0 = 1, RXSEQ = 1, LSC = 1, TXDW = 1 }
expect.irq(true, "13.4.19: ICS raises an unmasked cause at once")

step "auto-negotiation ends; LSC tells the driver, which reads speed, duplex and pause"
drv:run(s(8))
expect.eq(drv.link, true, "link")
expect.eq(drv.speed, 1000, "STATUS.SPEED")
expect.eq(drv.full_duplex, true, "STATUS.FD")
r.STATUS:expect { LU = 1, FD = 1, SPEED = 2, TXOFF = 0 }
r.TCTL:expect { EN = 1, PSP = 1, CT = 15, RTLC = 1 }
r.CTRL:expect { RFCE = 1, TFCE = 1 }          -- both ends advertise symmetric pause

step "three frames leave as they were given, in order, with a good FCS"
local out = {}
for i = 1, 3 do
  out[i] = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2", id = i }
         / pkt.udp { sport = 1024, dport = 9 } / pkt.pattern(400 * i)
  expect.ok(drv:xmit(out[i]), "the ring has room")
end
drv:run(ms(1))
local sent = nic:sent()
expect.eq(#sent, 3, "frames on the wire")
for i = 1, 3 do expect.bytes(sent[i], out[i], "frame " .. i) end
expect.checksums_valid(sent)
expect.eq(drv.tx_done, 3, "RS: DD was written back for each, and TXDW told so")

step "three frames arrive, 10 us apart: one unicast, one broadcast, one for somebody else"
local function arriving(dst, id)
  return pkt.eth { src = "02:00:00:00:00:02", dst = dst } / pkt.ip4 { src = "10.0.0.2", dst = "10.0.0.1", id = id }
       / pkt.udp { sport = 9, dport = 1024 } / pkt.pattern(100)
end
local unicast, broadcast = arriving(nic.mac, 1), arriving("ff:ff:ff:ff:ff:ff", 2)
local start = nic:now()
nic:receive { unicast,                          at = start + us(10) }
nic:receive { broadcast,                        at = start + us(20) }
nic:receive { arriving("02:00:00:00:00:03", 3), at = start + us(30) }
drv:run(ms(1))
local got = drv:received()
expect.eq(#got, 2, "packets that pass the address filter")
expect.bytes(got[1].bytes, unicast, "unicast")
expect.bytes(got[2].bytes, broadcast, "broadcast")
expect.eq(drv.rx_dropped, nil, "dropped for errors")

step "the next watchdog finds them in the statistics"
drv:run(s(3))
expect.eq(drv.stats.GPTC, 3, "GPTC")
expect.eq(drv.stats.GPRC, 2, "GPRC")
expect.eq(drv.stats.TPR, 2, "13.7: received means that the filters passed it")
expect.eq(drv.stats.BPRC, 1, "BPRC")
expect.eq(drv.stats.TOTL, #out[1] + #out[2] + #out[3] + 12, "TOTL, FCS included")

step "the cable is pulled"
nic:partner(nil)
drv:run(s(3))
expect.eq(drv.link, false, "link")
r.STATUS:expect { LU = 0 }

step "and comes back"
nic:partner { speed = 1000 }
drv:run(s(8))
expect.eq(drv.link, true, "link")
r.STATUS:expect { LU = 1, FD = 1, SPEED = 2 }
expect.ok(drv:xmit(out[1]), "the ring has room")
drv:run(ms(1))
sent = nic:sent()
expect.eq(#sent, 1, "frames on the wire")
expect.bytes(sent[1], out[1], "after the break")

step "close: both directions off, nothing masked in, PHY asleep"
drv:close()
r.RCTL:expect { EN = 0 }
r.TCTL:expect { EN = 0 }
r.IMS:expect(0)
nic.phy.PCTRL:expect { POWER_DOWN = 1 }
expect.irq(false, "closed")

step "a frame that arrives now goes nowhere"
nic:receive(unicast)
nic:run(ms(1))
expect.irq(false, "closed")

step "remove"
drv:remove()
nic.pci.COMMAND:expect { BME = 0 }
