-- A bus address where no memory answers is a master abort, in PCI Status and as a driver's mistake in the trace. The
-- manual does not say what the chip does then (silent: our choices below); what counts is that nothing wrong is
-- sent, no memory is touched, and the ring works again. Bus errors come with hot removal and broken IOMMU maps.
local nic = scenario { name = "tx-dma-refused", manual = { "3.4", "3.4.1", "3.4.2", "4.1" } }
local r = nic.regs

step "link up, ring of eight descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(184)
end
local function aborted()
  nic.pci.STATUS:expect { RMA = 1 }
  nic.pci.STATUS:write { RMA = 1 }
  nic.pci.STATUS:expect { RMA = 0 }
  expect.bad "dma-refused"
end
nic.pci.STATUS:expect { RMA = 0 }

step "the descriptor fetch: transmission stops until the tail is written again"
nic:dma_fail(tx:at(0), 16)
tx:send(numbered(1))
aborted()
nic:run(ms(1))
expect.none(nic:sent { now = true }, "no descriptor, no frame")
r.TDH:expect { TDH = 0 }
r.ICR:expect(0)
tx:doorbell()
expect.bytes(nic:sent()[1], numbered(1), "the next doorbell tries again")
tx:expect(0, { DD = 1 })

step "a frame that ends on the wire is no doorbell: the refused fetch is not repeated for it"
tx:send(numbered(11))
nic:dma_fail(tx:at(2), 16)
tx:send(numbered(12))
aborted()
expect.bytes(nic:sent()[1], numbered(11), "the one before")
r.TDH:expect { TDH = 2 }
tx:expect(2, { DD = 0 })
r.TCTL:clear { "EN" }
r.TCTL:set { EN = 1 }                         -- enabling is (silent: our choice)
expect.bytes(nic:sent()[1], numbered(12), "tried again")
tx:expect(2, { DD = 1 })

step "the data: the frame is dropped, its descriptor reported, the next frame leaves"
local last = tx:send(numbered(2), { doorbell = false })
nic:dma_fail(tx:desc(last).ADDR, 200)
tx:send(numbered(3))
aborted()
local sent = nic:sent()
expect.eq(#sent, 1, "one of the two")
expect.bytes(sent[1], numbered(3), "the good one")
tx:expect(3, { DD = 1 })
tx:expect(4, { DD = 1 })
r.GPTC:expect { GPTC = 4 }
tx:reclaim()

step "the data of the second of three pieces: no part of that frame leaves"
last = tx:send(numbered(4), { split = 80, doorbell = false }) -- 80 + 80 + 40
nic:dma_fail(tx:desc(last - 1).ADDR, 80)
tx:send(numbered(5))
aborted()
sent = nic:sent()
expect.eq(#sent, 1, "one of the two")
expect.bytes(sent[1], numbered(5), "the good one, without remains of the other")
tx:reclaim()

step "the write-back: the frame leaves, the driver is not told in memory, the ring goes on"
lab.mem_perm(tx.base, "r")                    -- the device may read the ring, no more
last = tx:send(numbered(6))
expect.violation("device wrote 1 byte", 1)
aborted()
lab.mem_perm(tx.base, "rw")
expect.bytes(nic:sent()[1], numbered(6), "it was fetched")
tx:expect(last, { DD = 0 })
tx:send(numbered(7))
expect.bytes(nic:sent()[1], numbered(7), "and so is the next")
tx:expect(last + 1, { DD = 1 })
expect.no_bad "no more than one abort each"
