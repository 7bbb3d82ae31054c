-- Half duplex: a collision stops the attempt, and the frame is tried again out of the FIFO after a back-off. Who collided
-- how often is counted; after the retries of TCTL.CT the frame is given up, after a late collision it is taken for
-- sent unless TCTL.RTLC is set.
local nic = scenario { name = "collisions",
                       manual = { "3.3.3.2", "8.4.2", "8.7.1", "13.4.33", "13.7.6", "13.7.7", "13.7.8", "13.7.9", "13.7.10",
                                  "13.7.42", "13.7.44" } }
local r = nic.regs
local BYTE = ns(80)                           -- at 100 Mb/s
local SLOT, JAM = 64 * BYTE, (8 + 4) * BYTE   -- IEEE 802.3: 512 bit times; the preamble is finished, 32 bits of jam
local SHORT = (8 + 64) * BYTE
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
local long = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(500)

step "full duplex: what collides on the wire is nothing to the MAC"
nic:link_up { speed = 100, duplex = "full" }
local tx = nic:tx_ring { entries = 16 }
r.TIPG:write { IPGT = 8, IPGR1 = 8, IPGR2 = 6 }
nic:collide(5)
tx:send(frame)
expect.eq(#nic:sent(), 1, "frames")
r.COLC:expect { CCC = 0 }

step "half duplex, one collision: tried again within IEEE's back-off of no slot or one; no data is read again"
nic:link_up { speed = 100, duplex = "half" }
nic:run(ms(1))
local function counts(wanted)
  for _, c in ipairs { { "COLC", "CCC" }, { "SCC", "SCC" }, { "MCC", "MCC" }, { "ECOL", "ECC" }, { "LATECOL", "LCC" },
                       { "GPTC", "GPTC" } } do
    expect.eq(r[c[1]]:read()[c[2]], wanted[c[1]] or 0, c[1])
  end
end
counts { GPTC = 1 }                           -- that of full duplex; all are 0 now
-- Attempts that collide, and when the frame is out, from its doorbell on.
local function send(n, how, f)
  local start = nic:now()
  nic:collide(n, how)
  tx:reclaim()
  tx:send(f or frame)
  local out = nic:sent { within = ms(800) }
  nic:collide(0)
  return out, out[1] and out[1].at - start
end
lab.events()
local out, took = send(1)
expect.eq(#out, 1, "it leaves")
expect.bytes(out[1], frame, "whole")
expect.within(took, JAM + SHORT, JAM + SLOT + SHORT, "8.4.2: jam, back-off, frame")
local reads = 0
for _, line in ipairs(lab.events("dma")) do if line:match("rd%s+txbuf") then reads = reads + 1 end end
expect.eq(reads, 1, "8.4.2: host memory is not accessed again")
counts { COLC = 1, SCC = 1, GPTC = 1 }

-- 13.4.34: IPGR1 and IPGR2 are for the gap behind a carrier of somebody else's. Whoever collides is gone with the jam, and
-- what arrives is there at once, so no value of theirs puts a frame off.
step "IPGR1 and IPGR2 are kept, and move no frame: neither after a collision nor after one that came in"
nic:run(ms(1))
local first
for _, c in ipairs { { 0, 0 }, { 1023, 1023 }, { 8, 6 } } do
  r.TIPG:write { IPGT = 8, IPGR1 = c[1], IPGR2 = c[2] }
  r.TIPG:expect { IPGT = 8, IPGR1 = c[1], IPGR2 = c[2] }
  local _, again = send(1)
  first = first or again
  expect.within(again, JAM + SHORT, JAM + SLOT + SHORT, "8.4.2: jam, back-off, frame")
  expect.eq(again, first, "whatever they are")
  nic:run(ms(1))
  nic:receive(frame)
  local _, free = send(0)
  expect.eq(free, SHORT, "at once")
  nic:run(ms(1))
end
counts { COLC = 3, SCC = 3, GPTC = 6 }

step "two to fifteen: each back-off is drawn from twice as many slots, 1024 at most"
local longest = 0
for n = 1, 15 do
  longest = longest + (1 << math.min(n, 10)) - 1
  if n == 2 or n == 15 then
    out, took = send(n)
    expect.eq(#out, 1, "it leaves")
    expect.within(took, n * JAM + SHORT, n * JAM + longest * SLOT + SHORT, n .. " collisions")
    counts { COLC = n, MCC = 1, GPTC = 1 }
  end
end

step "CT = 15, sixteen collisions: given up, in order, and the next frame leaves"
tx:reclaim()
nic:collide(16)
tx:send(frame)
tx:send(long)
out = nic:sent { within = ms(800) }
expect.eq(#out, 1, "one of two")
expect.bytes(out[1], long, "the second")
counts { COLC = 16, GPTC = 1 }                -- 13.7.7: not with a threshold below 16

step "CT = 0: no second attempt"
r.TCTL:write { EN = 1, PSP = 1, CT = 0, COLD = 64 }
expect.eq(#send(1), 0, "given up")
counts { COLC = 1 }

step "CT = 20: sixteen collisions are excessive, though the frame gets out; no more than 21"
r.TCTL:write { EN = 1, PSP = 1, CT = 20, COLD = 64 }
expect.eq(#send(16), 1, "it leaves")
counts { COLC = 16, ECOL = 1, GPTC = 1 }
expect.eq(#send(100), 0, "given up")
counts { COLC = 21, ECOL = 1 }

step "a late collision, RTLC = 0: taken for sent, and nothing whole comes out"
r.TCTL:write { EN = 1, PSP = 1, CT = 15, COLD = 64 }
expect.eq(#send(1, "late", long), 0, "cut off")
counts { LATECOL = 1, GPTC = 1 }              -- 13.7.10: COLC leaves it out

step "RTLC = 1: tried again; the frame counts once"
r.TCTL:write { EN = 1, PSP = 1, CT = 15, COLD = 64, RTLC = 1 }
out, took = send(2, "late", long)
expect.eq(#out, 1, "it leaves")
expect.bytes(out[1], long, "whole")
expect.within(took, 2 * (JAM + SLOT) + (8 + 518) * BYTE, 2 * (JAM + SLOT) + (1 + 3) * SLOT + (8 + 518) * BYTE, "by 64 bytes each")
counts { LATECOL = 1, GPTC = 1 }

step "RTLC = 1, no end of late collisions: CT holds (silent: our choice)"
expect.eq(#send(100, "late", long), 0, "given up")
counts { LATECOL = 1 }

step "AIFS holds apart frames back to back, no retries"
r.AIFS:write { AIFS = 2000 }
r.TCTL:write { EN = 1, PSP = 1, CT = 15, COLD = 64 }
nic:run(ms(1))
out, took = send(1)
expect.within(took, JAM + SHORT, JAM + SLOT + SHORT, "8.7.1: no effect on retransmission timing")
r.AIFS:write(0)
nic:run(ms(1))
counts { COLC = 1, SCC = 1, GPTC = 1 }

step "RS: done when the data is in the FIFO, long before the wire knows (3.3.3.2 silent on EC then: our choice, not told)"
tx:reclaim()
nic:collide(16)
local at = tx.tail
tx:send(frame)
tx:expect(at, { DD = 1, EC = 0, LC = 0 })
nic:sent { within = ms(800) }
counts { COLC = 16 }

step "link loss ends what the wire had in store"
nic:collide(100)
nic:link_down()
nic:link_up { speed = 100, duplex = "half" }
nic:run(ms(1))
r.GPTC:raw()
tx:reclaim()
tx:send(frame)
expect.eq(#nic:sent(), 1, "no collision")
counts { GPTC = 1 }
