-- What CTRL.RST does to a busy receiver: frames in the FIFO, half-delivered ones, descriptors on the chip, write-backs
-- that wait and running timers are gone, the address filter is back to the EEPROM's address.
local nic = scenario { name = "rx-reset", manual = { "13.4.1", "13.4.28", "13.5.3", "14.7" } }
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
  r.CTRL:set { SLU = 1 }
  nic:run(us(10))
  r.ICR:raw()
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

step "the filter: only the EEPROM's address (silent on AV: our choice, A directed frame would not pass else)"
r.RAL[3]:write(0x33221102)
r.RAH[3]:write { RAH = 0x5544, AV = 1 }
r.RAL[0]:write(0x33221104)
local other = pkt.eth { src = "02:00:00:00:00:02", dst = "02:11:22:33:44:55", type = 0x88b5 } / pkt.pattern(46)
nic:receive(other)
expect.bytes(rx:take(), other:fcs(), "stored by hand")
nic:receive(numbered(8))
expect.eq(rx:take(), nil, "entry 0 was overwritten")
reset()
nic:receive(other)
expect.eq(rx:take(), nil, "13.5.3: AV is cleared by a reset")
nic:receive(numbered(9))
expect.bytes(rx:take(), numbered(9):fcs(), "entry 0 is loaded again")

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
