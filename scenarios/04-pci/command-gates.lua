-- Command bits 0, 1 and 2 gate the I/O window, the memory space and everything the card does on the bus by
-- itself. A write into a closed space must be lost, a read find nobody; a descriptor that waits for bus
-- mastering goes out once it is granted.
local nic = scenario { name = "command-gates", golden = { "wire" },
                       manual = { "4.1", "13.2.1.1", "13.2.1.2", "13.2.1.3", "13.2.2", "3.4" } }
local r, io, pci = nic.regs, nic.io.regs, nic.pci

step "memory and I/O on: both reach VET"
r.VET:write { VET = 0x8100 }
io.VET:expect { VET = 0x8100 }

step "memory off: reads find nobody, writes are lost, the I/O window works"
pci.COMMAND:write { IO = 1, BME = 1 }
expect.eq(r.VET:raw(), 0xffffffff, "master abort")
r.VET:write { VET = 0x1234 }
io.VET:expect { VET = 0x8100 }
io.VET:write { VET = 0x88a8 }

step "I/O off: the other way round; IOADDR keeps what it holds meanwhile"
pci.COMMAND:write { MEM = 1, BME = 1 }
expect.eq(lab.bar_read("io", 4, 4), 0xffffffff, "master abort")
expect.eq(lab.bar_read("io", 0, 4), 0xffffffff, "master abort")
lab.bar_write("io", 0, 4, 0x00e00)
lab.bar_write("io", 4, 4, 0x4321)
r.VET:expect { VET = 0x88a8 }
pci.COMMAND:write { IO = 1, MEM = 1, BME = 1 }
expect.eq(lab.bar_read("io", 0, 4), 0x00038, "IOADDR still points at VET")

step "an I/O window at address 0 is no window; the registers' memory BAR needs no such rule"
pci.BAR2:write(0)
expect.eq(lab.bar_read("io", 0, 4), 0xffffffff, "not decoded")
pci.BAR2:write(0x0040)
expect.eq(lab.bar_read("io", 0, 4), 0x00038, "the lowest address there is")
pci.BAR2:write(0xc000)
expect.eq(lab.bar_read("io", 0, 4), 0x00038, "back")

step "a descriptor while the card may not master the bus: nothing happens"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
r.IMS:write { TXDW = 1 }
pci.COMMAND:write { IO = 1, MEM = 1 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { dst = "10.0.0.2" } / pkt.udp {} / pkt.pattern(64)
tx:send(frame)
nic:run(us(100))
expect.bad("bus-master-off")
r.TDH:expect { TDH = 0 }
r.ICR:expect(0)
expect.eq(#nic:sent { now = true }, 0, "nothing left")
expect.eq(nic:written(tx.base, 16), 0, "nor was the ring touched")

step "bus mastering on: it goes out by itself"
pci.COMMAND:set { BME = 1 }
nic:wait_irq { within = us(20) }
tx:expect(0, { DD = 1 })
local sent = nic:sent()
expect.eq(#sent, 1, "one frame")
expect.bytes(sent[1], frame, "as given")
r.ICR:expect { TXDW = 1 }

step "a frame that arrives while the card may not master the bus waits in the FIFO"
local rx = nic:rx_ring { entries = 8 }
pci.COMMAND:clear { "BME" }
local arriving = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac } / pkt.pattern(60)
nic:receive(arriving)
nic:run(us(10))
expect.eq(nic:written(rx.base, 128), 0, "nothing in memory")
pci.COMMAND:set { BME = 1 }
rx:wait { index = 0, DD = 1, within = us(1) }
expect.bytes(rx:data(0):sub(1, #arriving), arriving, "as it came")

step "Command.IO and MEM both off: only configuration space is left"
pci.COMMAND:write { BME = 1 }
expect.eq(r.CTRL:raw(), 0xffffffff, "no memory")
expect.eq(lab.bar_read("io", 0, 4), 0xffffffff, "no I/O")
pci.DEVICE:expect(0x100e)
