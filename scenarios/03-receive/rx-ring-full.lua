-- RDH = RDT: no buffer is left. Frames then wait in the receive FIFO, counted by RNBC, and no memory is touched; when
-- the driver moves the tail they are delivered in order. The ring wraps at its end.
local nic = scenario { name = "rx-ring-full",
                       manual = { "3.2.4", "3.2.6", "13.4.25", "13.4.26", "13.4.27", "13.4.28", "13.4.29", "13.7.27", "13.7.33" } }
local r = nic.regs

step "link up, ring of eight, seven given"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8 }
r.IMS:write { RXT0 = 1, RXO = 1 }
local function numbered(n)
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(60)
end
local sent, taken = 0, 0
local function receive(n) for _ = 1, n do sent = sent + 1 nic:receive(numbered(sent)) end end
local function take(n)
  for _ = 1, n do
    taken = taken + 1
    expect.bytes(rx:take(), numbered(taken):fcs(), "frame " .. taken)
  end
  expect.eq(rx:take(), nil, "no more")
end

step "seven frames fill it"
receive(7)
r.RDH:expect { RDH = 7 }
r.RDT:expect { RDT = 7 }
r.RNBC:expect { RNBC = 0 }                    -- each found a buffer
r.ICR:expect { RXT0 = 1, RXO = 0 }

step "three more wait: nothing is written, no interrupt, RNBC counts them"
receive(3)
nic:run(ms(10))
expect.eq(nic:written(rx:at(7), 16), 0, "the last descriptor is the driver's")
expect.eq(nic:written(rx.buffers[7], 2048), 0, "and its buffer")
r.RDH:expect { RDH = 7 }
expect.irq(false, "3.2.6: hardware stops storing")
r.ICR:expect(0)                               -- no RXO: nothing is lost
r.RNBC:expect { RNBC = 3 }
r.MPC:expect { MPC = 0 }
r.GPRC:expect { GPRC = 10 }                   -- 13.7: received is what was put in the packet buffer

step "RDT written with the same value gives nothing"
take(7)
r.RDT:write(7)
expect.eq(nic:written(rx:at(7), 16), 0, "still none")
expect.irq(false, "still none")

step "two descriptors back: two are delivered, across the end of the ring"
rx:give(2)
r.RDH:expect { RDH = 1 }                      -- 7, 0, then 1
r.RDT:expect { RDT = 1 }
expect.irq(true, "RXT0")
r.ICR:expect { RXT0 = 1 }
take(2)

step "one frame arrives behind the one that waits: order is kept"
receive(1)
r.RNBC:expect { RNBC = 1 }
rx:give(4)
take(2)
r.RDH:expect { RDH = 3 }
receive(1)
r.RNBC:expect { RNBC = 0 }                    -- two descriptors were free
take(1)

step "forty laps of three frames each"
lab.fold("forty times three frames", function()
  for _ = 1, 40 do
    rx:fill()
    receive(3)
    take(3)
  end
end)
r.RNBC:expect { RNBC = 0 }
r.RDH:expect { RDH = (10 + 1 + 1 + 120) % 8 }
r.GPRC:expect { GPRC = 122 }
step "of a frame that waits its verdicts are kept, too: PIF, errors"
lab.fold("MTA: the last bit only", function() for i = 0, 127 do r.MTA[i]:write(i == 127 and 1 << 31 or 0) end end)
lab.fold("use up the ring", function()
  rx:fill()
  receive(7)
  take(7)
end)
r.RCTL:set { SBP = 1 }
nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = "01:00:5e:00:ff:ff", type = 0x88b5 } / pkt.pattern(46))
nic:receive { numbered(0), fcs = "bad" }
nic:receive { numbered(0), rx_er = true }
nic:receive(numbered(0))
rx:fill()
for _, wanted in ipairs { { 0x87, 0 }, { 0x07, 0x01 }, { 0x07, 0x80 }, { 0x07, 0 } } do
  local _, last = rx:take()
  expect.eq({ last.STATUS, last.ERRORS }, wanted, "STATUS (DD EOP IXSM, PIF 80h), ERRORS (CE 1, RXE 80h)")
end
r.RCTL:clear { "SBP" }

step "rings at the end of the first 4 GB and above: both halves of the address count"
for _, base in ipairs { 0xfffff000, 0x323456000 } do
  r.RCTL:clear { "EN" }
  local ring = nic:alloc { name = "high", size = 128, element = 16, at = base }
  local buffer = nic:alloc { name = "buffer", size = 2048, device = "w", at = base + 0x500000000 }
  nic:poke(ring, string.pack("<I8I8", buffer, 0) .. string.rep("\0", 112))
  r.RDBAL:write(ring & 0xffffffff)
  r.RDBAH:write(ring >> 32)
  r.RDH:write(0)
  r.RDT:write(1)
  r.RCTL:set { EN = 1 }
  nic:receive(numbered(1))
  expect.eq(nic:peek(ring + 12, 1), "\7", "DD, EOP and IXSM")
  expect.bytes(nic:peek(buffer, 80), numbered(1):fcs(), "and the frame in a buffer far above")
end
expect.no_bad "a driver that makes no mistake"
