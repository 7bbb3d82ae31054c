-- RDH = RDT: no buffer is left. Frames then wait in the receive FIFO, counted by RNBC, and no memory is touched; when
-- the driver moves the tail they are delivered in order. The ring wraps at its end.
local nic = scenario { name = "rx-ring-full",
                       manual = { "3.2.4", "3.2.6", "13.4.27", "13.4.28", "13.4.29", "13.7.27", "13.7.33" } }
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
expect.no_bad "a driver that makes no mistake"
