-- What CTRL.RST does to a busy transmitter: frames in the FIFO never leave, descriptors on the chip, half a frame,
-- reports that wait and running timers are gone. Nothing of it turns up when the rings are programmed again.
local nic = scenario { name = "tx-reset", golden = { "wire" }, manual = { "13.4.1", "13.4.33", "13.4.39", "14.7" } }
local r = nic.regs
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(1498)
end
local tx

-- CTRL.RST, then the ring again, empty, in the same memory.
local function reset()
  lab.fold("CTRL.RST", function() nic:reset() end)
  r.TDH:expect { TDH = 0 }
  r.TDT:expect { TDT = 0 }
  r.TCTL:expect { EN = 0 }
  r.CTRL:set { SLU = 1 }
  nic:run(us(10))
  r.ICR:raw()
  tx:restart()
  lab.mem_watch(tx.base, 512)
end
local function only(n, why)
  local sent = nic:sent()
  expect.eq(#sent, 1, why)
  expect.bytes(sent[1].bytes, numbered(n):fcs(), why)
end

step "twelve frames, ten in the FIFO, two more on the chip as descriptors"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
tx = nic:tx_ring { entries = 32 }
for n = 1, 12 do tx:send(numbered(n), { doorbell = false }) end
lab.fold("doorbell", function() tx:doorbell() end)
nic:run(us(500))                              -- in the middle of the first

step "CTRL.RST: none of them leaves, not even the first"
reset()
nic:run(ms(100))
expect.none(nic:sent(), "13.4.33: a reset flushes the FIFO")
expect.eq(nic:written(tx.base, 512), 0, "no report either")

step "the next frame is the next frame, at once"
local start = nic:now()
tx:send(numbered(21))
local sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1].bytes, numbered(21):fcs(), "from the new ring")
expect.eq(sent[1].at - start, ns((8 + 1518) * 800), "nothing to wait for")
tx:expect(0, { DD = 1 })

step "half a frame: forgotten"
tx:legacy { buffer = numbered(31), CMD = "RS" }
tx:doorbell()
reset()
tx:send(numbered(32))
only(32, "without remains of the other")

step "half a frame that had to be given up: the next one is not"
tx:legacy { ADDR = 0x7f00000012345678, LENGTH = 60 }
tx:doorbell()
expect.violation("unmapped", 1)
expect.bad "dma-refused"
reset()
tx:send(numbered(41))
only(41, "a frame of its own")

step "reports that wait and timers that run"
r.TIDV:write { IDV = 10000 }                  -- 10.24 ms
r.TADV:write { IDV = 12000 }
r.TXDCTL:write { WTHRESH = 4, GRAN = 1 }
lab.mem_watch(tx.base, 512)
tx:legacy { buffer = numbered(51), CMD = "EOP IFCS RS IDE" }
tx:legacy { buffer = numbered(52), CMD = "EOP IFCS RS" }
tx:doorbell()
expect.eq(nic:written(tx.base, 512), 0, "two wait for four")
reset()
r.TXDCTL:expect(0)
r.IMS:write { TXDW = 1 }
nic:run(ms(50))
expect.eq(nic:written(tx.base, 512), 0, "14.7: neither is written back")
r.ICR:expect { TXDW = 0 }
expect.irq(false, "neither timer ends")

step "the RS that waited is not reported with the first IDE frame after the reset"
r.TIDV:write { IDV = 100 }
r.TXDCTL:write { WTHRESH = 1, GRAN = 1 }
start = nic:now()
tx:legacy { buffer = numbered(53), CMD = "EOP IFCS RS IDE" }
tx:doorbell()
tx:expect(0, { DD = 1 })
expect.irq(false, "IDE delays")
expect.eq(nic:wait_irq { within = ms(1) } - start, ns(102400), "TIDV")
r.ICR:expect { TXDW = 1 }
only(53, "and nothing else")

step "a refused fetch stops the transmitter until the reset, not longer"
nic:dma_fail(tx:at(1), 16)
tx:send(numbered(61))
expect.bad "dma-refused"
reset()
r.TCTL:clear { "EN" }
tx:send(numbered(62))
r.TCTL:set { EN = 1 }
only(62, "runs")
