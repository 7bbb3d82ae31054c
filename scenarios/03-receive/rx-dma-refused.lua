-- A bus address where no memory answers: master abort in PCI Status, a driver's mistake in the trace. The manual does not
-- say what the chip does then (silent: our choices below); what counts is that no descriptor promises data that is
-- not there, nothing else is written, and the receiver works again.
local nic = scenario { name = "rx-dma-refused", manual = { "3.2.4", "3.2.5.1", "3.2.6", "4.1" } }
local r = nic.regs
local function numbered(n)
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(60)
end
local function aborted()
  nic.pci.STATUS:expect { RMA = 1 }
  nic.pci.STATUS:write { RMA = 1 }
  expect.bad "dma-refused"
end

step "link up; the first fetch of descriptors is refused"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, ready = 0 }
r.IMS:write { RXT0 = 1 }
nic.pci.STATUS:expect { RMA = 0 }
nic:dma_fail(rx:at(0), 16)
r.RDT:write(4)
aborted()

step "reception stops: a frame waits in the FIFO, the bus stays quiet"
lab.events()
nic:receive(numbered(1))
nic:run(ms(1))
expect.none(lab.events("dma"), "until the tail is written again")
expect.irq(false, "nothing stored")

step "the next write of RDT tries again"
r.RDT:write(4)
expect.bytes(rx:take(), numbered(1):fcs(), "it was kept")
r.ICR:expect { RXT0 = 1 }
r.RDH:expect { RDH = 1 }

step "a fetch that is refused while a frame waits: it goes on waiting"
lab.fold("three more use up what was given", function()
  for n = 21, 23 do nic:receive(numbered(n)) end
  for n = 21, 23 do expect.bytes(rx:take(), numbered(n):fcs(), "frame " .. n) end
  r.ICR:raw()
end)
nic:receive(numbered(24))
nic:dma_fail(rx:at(4), 16)
r.RDT:write(5)
aborted()
expect.irq(false, "nothing stored")
expect.eq(nic:written(rx.base, 128), 64, "four descriptors, as before")
r.RDT:write(5)
expect.bytes(rx:take(), numbered(24):fcs(), "then it is delivered")
r.ICR:expect { RXT0 = 1 }

step "the data: the frame is lost, its descriptor is not given back, and reception stops"
r.RDT:write(0)
nic:dma_fail(rx.buffers[5], 2048)
nic:receive(numbered(2))
aborted()
rx:expect(5, { DD = 0 })
r.RDH:expect { RDH = 5 }
expect.irq(false, "nothing was received")
nic:receive(numbered(3))
rx:expect(5, { DD = 0 })
r.RDT:write(0)
expect.bytes(rx:take(), numbered(3):fcs(), "the next frame takes the descriptor")
r.ICR:expect { RXT0 = 1 }

local function fresh(tail)
  lab.fold("ring from its start, " .. tail .. " given", function()
    r.RCTL:write(0)
    r.RDH:write(0)
    r.RDT:write(tail)
    for i = 0, 7 do rx:raw(i, rx.buffers[i], 0) end
    r.RCTL:write { EN = 1, BSIZE = 3 }
  end)
end

step "the second of three buffers: no descriptor speaks of the frame (silent: our choice)"
fresh(6)
local three = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(586) -- 604 with FCS
nic:dma_fail(rx.buffers[1], 256)
nic:receive(three)
aborted()
expect.eq(nic:peek(rx.base + 8, 8) .. nic:peek(rx.base + 24, 8), string.rep("\0", 16), "neither is given back")
r.RDH:expect { RDH = 0 }
expect.irq(false, "nothing was received")
r.RDT:write(6)
nic:receive(numbered(30))
rx:expect(0, { DD = 1, EOP = 1, LENGTH = 80 }) -- the next frame begins where that one had
r.RDH:expect { RDH = 1 }
r.ICR:expect { RXT0 = 1 }

step "where the first went back for want of a second, it stands without an end (silent: our choice)"
fresh(1)
nic:receive(three)                            -- room for a part of it
rx:expect(0, { STATUS = 1, LENGTH = 256 })
nic:dma_fail(rx.buffers[2], 256)
r.RDT:write(6)
aborted()
rx:expect(1, { DD = 0 }) rx:expect(2, { DD = 0 })
r.RDH:expect { RDH = 1 }
expect.irq(false, "nothing was received")
r.RDT:write(6)
nic:receive(numbered(31))
rx:expect(1, { DD = 1, EOP = 1, LENGTH = 80 }) -- a whole frame
expect.eq(nic:peek(rx.buffers[1], 80), numbered(31):fcs(), "and nothing of the lost one")
r.ICR:expect { RXT0 = 1 }
lab.fold("back to descriptor 6", function()
  r.RCTL:write(0)
  for i = 0, 7 do rx:raw(i, rx.buffers[i], 0) end
  r.RDH:write(6)
  r.RDT:write(0)
  r.RCTL:write { EN = 1 }
end)

step "the write-back: the data is there, DD is not; reception goes on"
lab.mem_perm(rx.base, "r")                    -- the device may read the ring, no more
nic:receive(numbered(4))
expect.violation("device wrote 16 bytes", 1)
aborted()
lab.mem_perm(rx.base, "rw")
rx:expect(6, { DD = 0 })
nic:receive(numbered(5))
rx:expect(7, { DD = 1, EOP = 1 })
expect.bytes(rx:data(7), numbered(5):fcs(), "in the next descriptor")
r.RDH:expect { RDH = 0 }
r.ICR:expect { RXT0 = 1 }

step "a ring where nothing is: one attempt for each write of RDT"
r.RCTL:clear { "EN" }
r.RDBAH:write(0x7f000000)
r.RDH:write(0)
r.RDT:write(4)
expect.none(lab.violations(), "off, no fetch")
r.RCTL:set { EN = 1 }
expect.violation("unmapped", 1)
aborted()
nic:receive(numbered(6))
nic:run(ms(1))
expect.none(lab.violations(), "no second attempt by itself")
r.RDT:write(5)
expect.violation("unmapped", 1)
aborted()

step "a buffer where nothing is, one that was freed, one that is too short: nothing else is written"
r.RCTL:clear { "EN" }
nic:reset()
r.CTRL:set { SLU = 1 }
nic:run(us(10))
local freed = nic:alloc { name = "freed", size = 2048, device = "w" }
nic:free(freed)
local short = nic:alloc { name = "short", size = 79, device = "w" } -- the frame takes 80
rx:restart()
for i, address in ipairs { 0x7f00000012345678, freed, short } do
  r.RCTL:clear { "EN" }
  for k = 0, 7 do rx:raw(k, address, 0) end
  r.RDH:write(0)
  r.RDT:write(4)
  lab.mem_watch(rx.base, 128)
  r.RCTL:set { EN = 1 }
  nic:receive(numbered(6 + i))
  expect.violation(({ "unmapped", "freed", "ends after 79" })[i], 1)
  aborted()
  expect.eq(nic:written(rx.base, 128), 0, "no descriptor is given back")
end
expect.no_bad "one each"
