-- TCTL.EN: while it is 0 the tail may move but nothing is fetched; setting it starts. Clearing it ends after the
-- packet in progress: what is in the FIFO stays there, what is in memory stays in memory, and all of it leaves when
-- EN comes back. Linux sets EN on link-up, long after its rings stand.
local nic = scenario { name = "tx-enable", golden = { "wire" }, manual = { "3.4.1", "13.4.33", "13.4.40" } }
local r = nic.regs

step "link up at 10 Mb/s, so that frames take their time; EN = 0"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
local tx = nic:tx_ring { entries = 32, EN = 0 }
r.IMS:write { TXDW = 1, TXQE = 1 }
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(1184)
end
local function at_10(bytes) return ns((8 + bytes) * 800) end -- preamble too
local GAP = ns(12 * 800)

step "TDT moves: not even a descriptor is read"
for n = 1, 2 do tx:send(numbered(n)) end
nic:run(ms(10))
r.TDH:expect { TDH = 0 }
r.TDT:expect { TDT = 2 }
expect.none(nic:sent(), "the transmitter is off")
expect.irq(false, "nothing done")
expect.eq(nic:written(tx.base, 512), 0, "nothing reported")

step "EN = 1: both leave"
local start = nic:now()
r.TCTL:set { EN = 1 }
r.TDH:expect { TDH = 2 }
r.ICR:expect { TXDW = 1, TXQE = 1 }
local sent = nic:sent()
expect.eq(#sent, 2, "frames")
expect.bytes(sent[1], numbered(1), "in order")
expect.bytes(sent[2], numbered(2), "in order")
expect.eq(sent[1].at - start, at_10(1204), "from the write of EN on")

step "twenty frames: thirteen fit the 16 KB FIFO, seven wait in memory"
for n = 3, 22 do tx:send(numbered(n), { doorbell = false }) end
nic:run(ms(1))
start = nic:now()
lab.fold("doorbell", function() tx:doorbell() end)
r.TDH:expect { TDH = 2 + 13 }                 -- 13 x 1204 bytes are in 16384, 14 are not
tx:expect(2 + 12, { DD = 1 }) tx:expect(2 + 13, { DD = 0 })

step "EN = 0 in the middle of the second: it still ends, no other begins, no other is fetched"
nic:run_until(start + at_10(1204) + GAP + at_10(500))
r.TCTL:clear { "EN" }
local head = r.TDH:read().TDH
nic:run(ms(50))
sent = nic:sent()
expect.eq(#sent, 2, "13.4.33: after any in progress packets are sent")
expect.bytes(sent[2], numbered(4), "the one in progress, whole")
expect.eq(sent[2].at - start, 2 * at_10(1204) + GAP, "in its time")
r.TDH:expect { TDH = head }                   -- room in the FIFO, yet nothing fetched
r.ICR:raw()

step "EN = 1: the FIFO first, then the rest of the ring, nothing lost and nothing twice"
start = nic:now()
r.TCTL:set { EN = 1 }
sent = nic:sent { within = ms(100) }
expect.eq(#sent, 18, "all the others")
for i, frame in ipairs(sent) do expect.bytes(frame, numbered(4 + i), "frame " .. 4 + i) end
expect.eq(sent[1].at - start, at_10(1204), "13.4.33: data stays in the FIFO until EN is set again")
r.TDH:expect { TDH = 22 }
for i = 0, 21 do tx:expect(i, { DD = 1 }) end
r.ICR:expect { TXDW = 1, TXQE = 1 }
