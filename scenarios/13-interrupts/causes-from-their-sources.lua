-- Each cause once from what really makes it: the whole of ICR is compared, so an event that sets a bit too many or
-- another's bit is seen. Nothing here goes through ICS.
local nic = scenario { name = "causes-from-their-sources", needs = { "virtual-time" },
                       manual = { "3.2.7.1.1", "3.2.7.2", "3.2.7.3", "3.2.7.4", "3.4.3", "13.4.6", "13.4.7",
                                  "13.4.17", "13.4.32", "13.4.43", "13.7.5" } }
local r = nic.regs
local frame = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 }

step "LSC: the link comes up"
r.CTRL:set { SLU = 1, FRCSPD = 0, FRCDPLX = 0 }
r.STATUS:poll { LU = 1, within = s(5), every = ms(10) }
r.ICR:expect(0x00004)
r.CTRL:set { SLU = 1 }
r.ICR:expect(0)                               -- a level, not a change, says nothing

step "LSC: the link goes down, and nothing else tells of it"
nic:partner(nil)
r.STATUS:poll { LU = 0, within = s(2), every = ms(10) }
r.ICR:expect(0x00004)
nic:link_up { speed = 1000, duplex = "full" }
r.ICR:expect(0)

step "MDAC: an MDIC command that asked for it; one that did not says nothing"
r.MDIC:write { REGADD = 2, PHYADD = 1, OP = 2, I = 1 }
r.ICR:expect(0)
r.MDIC:poll { R = 1, DATA = 0x0141, within = us(64) }
r.ICR:expect(0x00200)
r.MDIC:write { REGADD = 2, PHYADD = 1, OP = 2 }
r.MDIC:poll { R = 1, within = us(64) }
r.ICR:expect(0)

step "PHYINT: the PHY's own interrupt, let through by CTRL_EXT.PHYINT_EN"
nic.phy.PINTE:write { SPEED = 1 }
nic.phy.PINTS:raw()                           -- reading clears what had gathered
r.CTRL_EXT:set { PHYINT_EN = 1 }
r.ICR:expect(0)
nic:partner { speed = 100 }
r.STATUS:poll { LU = 0, within = s(2), every = ms(10) }
r.STATUS:poll { LU = 1, SPEED = 1, within = s(5), every = ms(10) }
r.ICR:expect(0x01004)                         -- and LSC, of course
nic.phy.PINTS:raw()
r.CTRL_EXT:clear { "PHYINT_EN" }

step "GPI_SDP6, GPI_SDP7: a pin, an input, enabled, goes high"
nic:sdp(6, true)
nic:sdp(6, false)
r.ICR:expect(0)                               -- not enabled
r.CTRL_EXT:set { SDP6_GPIEN = 1, SDP7_GPIEN = 1 }
nic:sdp(6, true)
r.ICR:expect(0x02000)
nic:sdp(6, false)
r.ICR:expect(0)                               -- going low is no event
nic:sdp(7, true)
r.ICR:expect(0x04000)
r.CTRL_EXT:clear { "SDP6_GPIEN", "SDP7_GPIEN" }
nic:sdp(7, false)

step "TXQE: the last descriptor has been used; TXD_LOW with it, as LWTHRESH is 0"
nic:link_up { speed = 1000, duplex = "full" }
r.ICR:raw()
local tx = nic:tx_ring { entries = 24, EN = 1 }
local packet = tostring(frame / pkt.pattern(46))
tx:send(packet, { RS = 0 })                   -- no report asked for
nic:run(us(20))
r.ICR:expect(0x08002)

step "TXDW: a descriptor with RS is written back"
tx:send(packet, { RS = 1 })
nic:run(us(20))
r.ICR:expect(0x08003)

step "TXD_LOW: from nine descriptors left to eight, with LWTHRESH = 1"
r.TXDCTL:write { LWTHRESH = 1 }
r.TCTL:clear { "EN" }
for _ = 1, 8 do tx:legacy { buffer = packet, EOP = 1, IFCS = 1 } end
tx:doorbell()
r.TCTL:set { EN = 1 }
lab.fold("eight frames", nic.run, nic, us(20))
r.ICR:expect(0x00002)                         -- TXQE only: eight from the start, the threshold was not crossed
r.TCTL:clear { "EN" }
for _ = 1, 9 do tx:legacy { buffer = packet, EOP = 1, IFCS = 1 } end
tx:doorbell()
r.ICR:expect(0)
r.TCTL:set { EN = 1 }
lab.fold("nine frames", nic.run, nic, us(20))
r.ICR:expect(0x08002)

step "RXT0: a frame is in memory and RDTR is 0"
local rx = nic:rx_ring { entries = 16, buffer = 2048 }
nic:receive(packet)
nic:run(us(1))
r.ICR:expect(0x00080)
rx:expect(0, { DD = 1 })

step "RXT0: RDTR.FPD, without any frame"
r.RDTR:write { FPD = 1 }
r.ICR:expect(0x00080)

step "SRPD: 64 bytes with FCS are small at SIZE = 64, RXT0 comes with it although RDTR runs"
r.RSRPD:write { SIZE = 64 }
r.RDTR:write { DELAY_TIMER = 1000 }
nic:receive(packet)                           -- 60 bytes and the FCS, which is not stripped
nic:run(us(1))
r.ICR:expect(0x10080)

step "SRPD: one byte more is not small; RXT0 when RDTR ends"
local bigger = tostring(frame / pkt.pattern(47))
nic:receive(bigger)
nic:run(1024000 - 1)
r.ICR:expect(0)
nic:run(1)
r.ICR:expect(0x00080)
r.RSRPD:write { SIZE = 0 }                    -- 0: off, even for an empty world
r.RDTR:write { DELAY_TIMER = 0 }

step "RXDMT0: eight of sixteen descriptors left - RDMTS 00b is half"
for _ = 1, 3 do nic:receive(packet) end       -- twelve were left, nine are now
nic:run(us(1))
r.ICR:expect(0x00080)
nic:receive(packet)
nic:run(us(1))
r.ICR:expect(0x00090)
nic:receive(packet)                           -- seven: not again
nic:run(us(1))
r.ICR:expect(0x00080)

step "RXO: the receive FIFO is full"
r.RCTL:set { LPE = 1 }
lab.fold("the rest of the ring", function()
  for _ = 1, 7 do nic:receive(packet) end
  nic:run(us(1))
end)
r.ICR:expect(0x00080)
local jumbo = tostring(frame / pkt.pattern(16384 - 4 - 14))
nic:receive(jumbo)
nic:receive(jumbo)
nic:run(us(1))
r.ICR:expect(0)                               -- 32 of 48 KB: kept in the FIFO, RNBC tells
r.MPC:expect { MPC = 0 }
nic:receive(jumbo)
nic:receive(jumbo)                            -- 64 KB do not fit whatever a frame costs beside its bytes
nic:run(us(1))
r.ICR:expect(0x00040)
expect.within(r.MPC:read().MPC, 1, 2, "frames lost, 13.7.5")
