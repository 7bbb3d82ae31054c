-- CTRL.RST while the receiver works: frames in the FIFO without a descriptor, used descriptors waiting to be
-- written back, RDTR and RADV running, a frame that ends after the reset. Memory must not be touched after
-- it; a buffer may long belong to somebody else.
local nic = scenario { name = "reset-in-receive", needs = { "virtual-time" },
                       manual = { "13.4.1", "13.4.25", "13.4.27", "13.4.28", "13.4.29", "13.4.30", "13.4.31", "13.5.3", "14.7" } }
local r = nic.regs
nic:link_up { speed = 1000 }
local function frame(n) return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac } / pkt.ip4 { id = n } / pkt.udp {} / pkt.pattern(200) end

step "two descriptors, delayed interrupt, four frames: two stored, two wait in the FIFO"
local rx = nic:rx_ring { entries = 8, ready = 2, RDMTS = 2 }
r.RDTR:write { DELAY_TIMER = 100 }
r.RADV:write { DELAY_TIMER = 1000 }
r.IMS:write { RXT0 = 1 }
for n = 1, 4 do nic:receive { frame(n), at = nic:now() + us(5 * n) } end
nic:run(us(30))
expect.irq(false, "RDTR still runs")
r.RDH:expect { RDH = 2 }
r.GPRC:expect(4)
r.RNBC:expect(2)
local ring = nic:peek(rx.base, 128)

step "reset; then time for every timer, a frame that arrives, and the device is silent"
r.CTRL:write { RST = 1 }
nic:run(us(2))
nic:receive(frame(5))
nic:run(ms(5))
expect.irq(false, "no late RXT0")
r.ICR:expect(0)
expect.bytes(nic:peek(rx.base, 128), ring, "no write-back after the reset")
r.RDH:expect(0)
r.RDT:expect(0)
r.RDLEN:expect(0)
r.RDBAL:expect(rx.base)
r.RCTL:expect(0)
r.TPR:expect(0)
r.GPRC:expect(0)

step "a new ring: what waited in the FIFO is gone"
r.CTRL:write { SLU = 1 }
r.ICR:raw()
rx = nic:rx_ring { entries = 8 }
r.IMS:write { RXT0 = 1 }
nic:run(ms(1))
expect.eq(nic:written(rx.base, 128), 0, "nothing old")
r.RDH:expect(0)

step "the next frame comes at once: RDTR is 0 again; its address matches because the EEPROM was read again"
r.RAH[0]:expect { AV = 1 }
nic:receive(frame(6))
nic:wait_irq { within = ns(1) }
r.ICR:expect { RXT0 = 1 }
rx:expect(0, { DD = 1, EOP = 1, LENGTH = #frame(6) + 4 })
expect.bytes(rx:data(0):sub(1, #frame(6)), frame(6), "the sixth")

step "the other fifteen addresses are invalid until they are written: AV was cleared, the bytes stayed"
r.RAL[3]:write(0x030201d2)
r.RAH[3]:write { RAH = 0x0504, AV = 1 }
local other = pkt.eth { src = "02:00:00:00:00:02", dst = "d2:01:02:03:04:05" } / pkt.pattern(60)
nic:receive(other)
rx:wait { index = 1, DD = 1, within = us(1) }
r.ICR:raw()
r.CTRL:write { RST = 1 }
nic:run(ms(5))
r.RAL[3]:expect(0x030201d2)
r.RAH[3]:expect { RAH = 0x0504, AV = 0 }
r.CTRL:write { SLU = 1 }
rx = nic:rx_ring { entries = 8 }
nic:receive(other)
nic:run(us(5))
expect.eq(nic:written(rx.base, 128), 0, "no longer ours")
r.RAH[3]:set { AV = 1 }
nic:receive(other)
rx:wait { index = 0, DD = 1, within = us(1) }
