-- Without bus mastering frames gather in the FIFO and are delivered when Command.BME comes back. In D3 the card is no
-- master and gives no interrupt; what comes then is lost without a trace in memory.
local nic = scenario { name = "rx-bus-master",
                       manual = { "3.2.5.1", "3.2.6", "3.2.7.1.1", "4.1", "6.3.1.4", "13.4.29", "13.4.30", "13.7.33" } }
local r = nic.regs
local function numbered(n)
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(60)
end

step "link up, seven descriptors, on the chip already"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8 }
r.IMS:write { RXT0 = 1 }

step "BME off: three frames wait, the bus stays quiet"
nic.pci.COMMAND:clear { "BME" }
lab.events()
for n = 1, 3 do nic:receive(numbered(n)) end
nic:run(ms(1))
expect.none(lab.events("dma"), "no cycle")
expect.irq(false, "nothing stored")
r.ICR:expect(0)
r.RNBC:expect { RNBC = 0 }                    -- buffers there were: RDH is not RDT
r.MPC:expect { MPC = 0 }
r.GPRC:expect { GPRC = 3 }                    -- 13.7: in the packet buffer is received

step "BME on: they are delivered, in order"
nic.pci.COMMAND:set { BME = 1 }
expect.irq(true, "RXT0")
for n = 1, 3 do expect.bytes(rx:take(), numbered(n):fcs(), "frame " .. n) end
r.ICR:expect { RXT0 = 1 }

step "RDT moved with BME off: kept, and told as a mistake"
nic.pci.COMMAND:clear { "BME" }
lab.events()
rx:give(2)
expect.bad "bus-master-off"
expect.none(lab.events("dma"), "no fetch")
r.RDT:expect { RDT = 1 }
nic.pci.COMMAND:set { BME = 1 }
lab.fold("six frames", function() for n = 4, 9 do nic:receive(numbered(n)) end end)
for n = 4, 9 do expect.bytes(rx:take(), numbered(n):fcs(), "frame " .. n) end
r.RDH:expect { RDH = 1 }
r.RNBC:expect { RNBC = 0 }
r.ICR:raw()

step "no descriptors and no bus: RNBC looks at RDH and RDT alone"
nic.pci.COMMAND:clear { "BME" }
nic:receive(numbered(10))
r.RNBC:expect { RNBC = 1 }                    -- 13.7.33: head and tail pointers were equal
nic.pci.COMMAND:set { BME = 1 }
expect.eq(rx:take(), nil, "the bus alone is no buffer")
rx:give(1)
expect.bytes(rx:take(), numbered(10):fcs(), "with one it is delivered")
r.ICR:expect { RXT0 = 1 }

-- 4.1: the delay timers are no exception, a cleared Command.BME allows no cycle at all. 3.2.7.1.1: a timer's interrupt
-- has what accumulated written back before it. Silent: what becomes of it then; our choice, it comes behind the
-- write-back, when there can be one; a driver that is told without finding DD would not be told again.
step "a delay timer runs out with BME off: neither write-back nor interrupt before it is on again"
r.RDTR:write { DELAY_TIMER = 20 }
r.RXDCTL:write { WTHRESH = 4, GRAN = 1 }
rx:fill()
r.ICR:raw()
local timed = r.RDH:read().RDH
nic:receive(numbered(20))
nic.pci.COMMAND:clear { "BME" }
lab.events()
nic:run(ms(1))
expect.none(lab.events("dma"), "no cycle")
expect.irq(false, "DD does not stand in memory yet")
r.ICR:expect(0)
rx:expect(timed, { DD = 0 })
r.RDTR:write { FPD = 1, DELAY_TIMER = 20 }
r.RXDCTL:write { WTHRESH = 1, GRAN = 1 }
expect.none(lab.events("dma"), "by 13.4.30 FPD or by 3.2.5.1 threshold: no cycle either")
r.RDH:expect { RDH = timed }
nic.pci.COMMAND:set { BME = 1 }
rx:expect(timed, { DD = 1, EOP = 1 })
expect.irq(true, "RXT0")
r.ICR:expect { RXT0 = 1 }
expect.bytes(rx:take(), numbered(20):fcs(), "the frame")

step "nothing is left to write back: the interrupt itself needs no bus"
nic:receive(numbered(21))
rx:expect((timed + 1) % 8, { DD = 1, EOP = 1 })
expect.irq(false, "RDTR counts")
nic.pci.COMMAND:clear { "BME" }
nic:run(ms(1))
expect.irq(true, "a pin, no cycle")
r.ICR:expect { RXT0 = 1 }
nic.pci.COMMAND:set { BME = 1 }
expect.irq(false, "and but once")
expect.bytes(rx:take(), numbered(21):fcs(), "the frame")
r.RDTR:write(0)

step "D3: a frame that comes writes nothing, interrupts nothing, wakes nobody who did not ask"
rx:fill()
nic.pci:power(3)
lab.events()
nic:receive(numbered(11))
nic:run(ms(10))
expect.none(lab.events("dma"), "6.3.1.4: no master cycles in D3")
expect.irq(false, "nor an interrupt")
expect.eq(nic:pme(), false, "no wake-up is enabled")
expect.eq(rx:take(), nil, "nothing stored")

step "back in D0, programmed again: the frame of D3 does not turn up late"
nic.pci:power(0)
nic:run(ms(10))
lab.fold("PCI set-up", function() nic.pci:setup() end)
nic:link_up { speed = 1000, duplex = "full" }
rx:restart()
nic:receive(numbered(12))
expect.bytes(rx:take(), numbered(12):fcs(), "the first after D3")
expect.eq(rx:take(), nil, "no other")
