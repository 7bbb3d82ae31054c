-- CTRL.RST in the less usual moments: a frame is half delivered, descriptors wait for their write-back, a fetch was
-- refused. Nothing of it may turn up when the ring is programmed again.
local nic = scenario { name = "rx-reset", manual = { "13.4.1", "13.4.28", "13.4.46", "14.7" } }
local r = nic.regs
local function numbered(n, size)
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern((size or 80) - 20)
end
local rx

-- CTRL.RST, then the ring again, in the same memory.
local function reset()
  lab.fold("CTRL.RST", function() nic:reset() end)
  r.RDH:expect { RDH = 0 }
  r.RDT:expect { RDT = 0 }
  r.RCTL:expect(0)
  nic:link_up()
  lab.mem_watch(rx.base, 256)
  rx:restart()
end

step "three frames wait in the FIFO, the first is half delivered"
nic:link_up { speed = 1000, duplex = "full" }
rx = nic:rx_ring { entries = 16, buffer = 256, ready = 2 }
nic:receive(numbered(1, 600))
rx:expect(1, { STATUS = 1 })
nic:receive(numbered(2))
nic:receive(numbered(3))

step "CTRL.RST: they are gone; the next frame is the next frame, from its first byte"
rx.ready = 15
reset()
expect.eq(nic:written(rx.base, 256), 0, "nothing is delivered late")
r.ICR:expect(0)
nic:receive(numbered(4, 300))
expect.bytes(rx:take(), numbered(4, 300):fcs(), "the first after the reset")
expect.eq(rx:take(), nil, "no other")
r.GPRC:expect { GPRC = 1 }                    -- 14.7: the counters began anew

step "descriptors used but not written back, and both timers"
r.IMS:write { RXT0 = 1 }
r.RDTR:write { DELAY_TIMER = 10000 }          -- 10.24 ms
r.RADV:write { DELAY_TIMER = 9000 }
r.RXDCTL:write { WTHRESH = 8, GRAN = 1 }
nic:receive(numbered(5))
nic:receive(numbered(6))
rx:expect(2, { DD = 0 })
reset()
r.RXDCTL:expect { WTHRESH = 1, GRAN = 1 }
r.IMS:write { RXT0 = 1 }
nic:run(ms(50))
expect.eq(nic:written(rx.base, 256), 0, "14.7: neither is written back")
expect.irq(false, "neither timer ends")
r.ICR:expect(0)

step "descriptors on the chip are those of the new ring"
nic:receive(numbered(7))
expect.bytes(rx:take(), numbered(7):fcs(), "into the first buffer")
expect.irq(true, "RDTR is 0 again")
r.ICR:expect { RXT0 = 1 }

step "a refused fetch stops the receiver until the reset, not longer"
r.RCTL:write(0)
nic:dma_fail(rx:at(0), 256)
r.RDH:write(0)
r.RDT:write(4)
r.RCTL:write(rx.rctl)
expect.bad "dma-refused"
reset()
nic:receive(numbered(10))
expect.bytes(rx:take(), numbered(10):fcs(), "runs")
