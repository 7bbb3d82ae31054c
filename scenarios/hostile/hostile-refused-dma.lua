-- Each of the card's own bus cycles refused once: descriptor fetch, data, write-back, both ways. A refused cycle
-- ends one packet or stops one unit until its tail is written again; the card goes on, and nothing is sent or told
-- that is not so. The manual names the abort (4.1, Status bit 13) and not what follows: the rest is our choice.
local nic = scenario { name = "hostile-refused-dma", manual = { "3.2.4", "3.2.6", "3.4", "3.4.2", "4.1" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 16 }
local rx = nic:rx_ring { entries = 16, buffer = 2048, SECRC = 1 }
local function frame(id)
  return tostring(pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(50 + id))
end

local function refused(count)
  expect.bad("dma-refused", count)
  nic.pci.STATUS:expect { RMA = 1 }
  nic.pci.STATUS:write { RMA = 1 }
  nic.pci.STATUS:expect { RMA = 0 }
end

step "transmit descriptors cannot be read: nothing is sent, and nothing tried again by itself"
nic:dma_fail(tx.base, 16)
tx:send(frame(0))
nic:run(ms(1))
refused(1)
expect.none(nic:sent(), "no descriptor")
r.TDH:expect { TDH = 0 }
tx:doorbell()
expect.bytes(nic:sent()[1], frame(0), "the tail is written again")
tx:expect(0, { DD = 1 })

step "transmit data cannot be read: that packet is not sent, the next one is"
tx:send(frame(1), { split = { 20, 20 }, doorbell = false })
nic:dma_fail(tx.slots[2].buffer, 20)          -- the second of its three pieces
tx:send(frame(2))
local sent = nic:sent()
refused(1)
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1], frame(2), "no byte of the other")
r.TDH:expect { TDH = 5 }

step "the write-back is refused: the frame has left, DD does not come"
r.TXDCTL:write { GRAN = 1, WTHRESH = 8 }      -- written back when TIDV ends, so after the fetch
r.TIDV:write { IDV = 100 }
tx:send(frame(3), { IDE = 1 })
expect.bytes(nic:sent { within = us(50) }[1], frame(3), "sent")
r.TDH:expect { TDH = 6 }                      -- 13.4.39: its data is in the FIFO
nic:dma_fail(tx:at(5), 16)
nic:run(us(103))
refused(1)
tx:expect(5, { DD = 0 })
r.TXDCTL:write(0)
tx:send(frame(3))
expect.bytes(nic:sent()[1], frame(3), "the next one")
tx:expect(6, { DD = 1 })

step "receive data cannot be written: the frame is lost, its descriptor is not given back"
nic:dma_fail(rx.buffers[0], 2048)
r.ICR:raw()
nic:receive(frame(4))
nic:run(us(10))
refused(1)
rx:expect(0, { DD = 0 })
r.ICR:expect { RXT0 = 0 }
r.RDH:expect { RDH = 0 }

step "the unit waits for its tail; frames wait in the FIFO; then they use that descriptor"
nic:receive(frame(5))
nic:run(us(10))
rx:expect(0, { DD = 0 })
r.RDT:write(15)
nic:run(us(10))
rx:expect(0, { DD = 1, EOP = 1, LENGTH = #frame(5) })
expect.bytes(rx:data(0), frame(5), "the one that waited")

step "a receive descriptor cannot be read: the same"
lab.fold("fourteen frames", function()
  for _ = 1, 14 do nic:receive(frame(6)) end
  nic:run(us(10))
end)
nic:dma_fail(rx:at(15), 16)
rx.next = 15
rx:give(4)
nic:run(us(10))
refused(1)
nic:receive(frame(7))
nic:run(us(10))
rx:expect(15, { DD = 0 })
r.RDT:write(3)
nic:run(us(10))
rx:expect(15, { DD = 1, EOP = 1 })
expect.bytes(rx:data(15), frame(7), "the one that waited")

step "the receive write-back is refused: the data is there, DD is not, the head goes on"
nic:dma_fail(rx:at(0), 16)
nic:receive(frame(8))
nic:run(us(10))
refused(1)
rx:expect(0, { DD = 0 })
expect.bytes(nic:peek(rx.buffers[0], #frame(8)), frame(8), "in the buffer")
r.RDH:expect { RDH = 1 }
nic:receive(frame(9))
nic:run(us(10))
rx:expect(1, { DD = 1, EOP = 1 })
expect.bytes(rx:data(1), frame(9), "the next one")
