-- Without bus mastering the card cannot reach its descriptors: a doorbell is kept, nothing is read or written. When
-- Command.BME comes back work goes on where it stopped; what is in the FIFO needs no bus and leaves meanwhile.
-- In D3 nothing is mastered and nothing is sent.
local nic = scenario { name = "tx-bus-master",
                       manual = { "3.3.3.1", "3.4.1", "3.4.2", "4.1", "6.3.1.4", "13.4.40", "13.4.41", "13.4.44" } }
local r = nic.regs

step "link up at 10 Mb/s, ring of 32 descriptors"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
local tx = nic:tx_ring { entries = 32 }
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(1498)
end
local function bus_quiet(why) expect.none(lab.events("dma"), why) end

step "BME off, doorbell: the tail is kept, the bus stays quiet"
nic.pci.COMMAND:clear { "BME" }
tx:send(numbered(1))
expect.bad "bus-master-off"
nic:run(ms(10))
bus_quiet "no cycle"
expect.none(nic:sent { now = true }, "nothing to send")
r.TDH:expect { TDH = 0 }
r.TDT:expect { TDT = 1 }
r.ICR:expect(0)

step "BME on: the frame leaves without another doorbell (silent: our choice, firmware may toggle BME)"
nic.pci.COMMAND:set { BME = 1 }
expect.bytes(nic:sent()[1], numbered(1), "the one that waited")
tx:expect(0, { DD = 1 })
r.ICR:expect { TXDW = 1, TXQE = 1 }

step "twelve frames, ten in the FIFO; BME off: the ten leave, two wait in memory"
for n = 2, 13 do tx:send(numbered(n), { doorbell = false }) end
lab.fold("doorbell", function() tx:doorbell() end)
r.TDH:expect { TDH = 11 }
nic.pci.COMMAND:clear { "BME" }
lab.events()
local sent = nic:sent { within = ms(100) }
expect.eq(#sent, 10, "what the FIFO held needs no bus")
bus_quiet "the room in the FIFO is no use"
r.TDH:expect { TDH = 11 }
nic.pci.COMMAND:set { BME = 1 }
sent = nic:sent()
expect.eq(#sent, 2, "the other two")
expect.bytes(sent[1], numbered(12), "in order")
expect.bytes(sent[2], numbered(13), "in order")
r.TDH:expect { TDH = 13 }
expect.silent("bus-master-off", "no doorbell was rung with BME off")

-- 4.1: no cycle without Command.BME, by timers neither. Silent: what becomes of a timer's TXDW; our choice, it comes behind
-- the write-back that it tells of [13.4.17 "on all descriptors written back"], when there can be one.
step "TIDV and TADV run out with BME off: neither write-back nor TXDW before it is on again"
r.IMS:write { TXDW = 1 }
for _, tadv in ipairs { 0, 10 } do
  r.TXDCTL:write { WTHRESH = 4, GRAN = 1 }
  r.TIDV:write { IDV = 20 }
  r.TADV:write { IDV = tadv }
  r.ICR:raw()
  local index = tx:legacy { buffer = numbered(50), CMD = "EOP IFCS RS IDE" }
  tx:doorbell()
  nic.pci.COMMAND:clear { "BME" }
  lab.events()
  nic:run(ms(1))
  bus_quiet "no cycle"
  expect.irq(false, "DD does not stand in memory yet")
  r.ICR:expect { TXDW = 0 }
  r.TXDCTL:write { WTHRESH = 1, GRAN = 1 }
  bus_quiet "nor by a lower threshold"
  tx:expect(index, { DD = 0 })
  nic.pci.COMMAND:set { BME = 1 }
  tx:expect(index, { DD = 1 })
  expect.irq(true, "TXDW")
  r.ICR:expect { TXDW = 1 }
  expect.bytes(nic:sent()[1], numbered(50), "the frame")
end

step "nothing is left to write back: TXDW itself needs no bus"
r.TXDCTL:write(0)
tx:expect(tx:legacy { buffer = numbered(51), CMD = "EOP IFCS RS IDE" }, { DD = 0 })
tx:doorbell()
tx:expect(tx.tail - 1, { DD = 1 })
expect.irq(false, "TIDV counts")
nic.pci.COMMAND:clear { "BME" }
nic:run(ms(1))
expect.irq(true, "a pin, no cycle")
r.ICR:expect { TXDW = 1 }
nic.pci.COMMAND:set { BME = 1 }
expect.irq(false, "and but once")
expect.bytes(nic:sent()[1], numbered(51), "the frame")
r.IMC:write { TXDW = 1 }

step "D3 with frames in the FIFO and in the ring: nothing is sent, nothing is read"
for n = 14, 25 do tx:send(numbered(n), { doorbell = false }) end
lab.fold("doorbell", function() tx:doorbell() end)
lab.events()
nic.pci:power(3)
nic:run(ms(100))
expect.none(nic:sent { now = true }, "6.3.1.4: the card is silent in D3")
bus_quiet "6.3.1.4: and no master"
expect.irq(false, "no interrupt")
