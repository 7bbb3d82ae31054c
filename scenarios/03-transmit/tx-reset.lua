-- CTRL.RST in the less usual moments: half a frame is gathered, a frame is being given up, reports wait for their burst,
-- a fetch was refused. Nothing of it may turn up when the ring is programmed again.
local nic = scenario { name = "tx-reset", needs = { "virtual-time" }, golden = { "wire" },
                       manual = { "13.4.1", "13.4.33", "13.4.39", "14.7" } }
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
  nic:link_up()
  tx:restart()
  lab.mem_watch(tx.base, 512)
end
local function only(n, why)
  local sent = nic:sent()
  expect.eq(#sent, 1, why)
  expect.bytes(sent[1].bytes, numbered(n):fcs(), why)
end

step "half a frame: forgotten"
nic:link_up { speed = 1000, duplex = "full" }
tx = nic:tx_ring { entries = 32 }
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
local start = nic:now()
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
