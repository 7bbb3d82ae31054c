-- PowerState D3: the card clears memory and I/O enable itself, answers configuration cycles only, and does
-- nothing on the bus, not even interrupt. Going back to D0 leaves the header to be set up again; a driver
-- that forgets finds FFFFFFFFh everywhere.
local nic = scenario { name = "d3-decodes-off", needs = { "pins", "events" }, -- the line is let go without an access
                       manual = { "4.1", "6.3.1", "6.3.1.2", "6.3.1.4", "6.3.3.4", "13.2.1.1", "13.2.2" } }
local r, io, pci = nic.regs, nic.io.regs, nic.pci

step "up and running, an interrupt pending"
nic:link_up { speed = 1000, duplex = "full" }
local tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 8, BAM = 1 }
r.VET:write { VET = 0x8100 }
r.IMS:write { LSC = 1 }
r.ICS:write { LSC = 1 }
expect.irq(true, "LSC")

step "D3: Command loses I/O and memory, keeps bus mastering; the line is let go"
pci:power(3)
pci.PMCSR:expect { STATE = 3 }
pci.COMMAND:expect { IO = 0, MEM = 0, BME = 1 }
expect.irq(false, "no interrupt from D3")

step "neither space answers"
expect.eq(r.VET:raw(), 0xffffffff, "memory")
expect.eq(lab.bar_read("io", 0, 4), 0xffffffff, "I/O")

step "not even if software sets the enables again"
pci.COMMAND:write { IO = 1, MEM = 1, BME = 1 }
expect.eq(r.VET:raw(), 0xffffffff, "memory")
expect.eq(lab.bar_read("io", 0, 4), 0xffffffff, "I/O")
r.VET:write { VET = 0x4321 }
r.TDT:write { TDT = 1 }

step "no bus master cycles either: a frame that arrives stays outside, no descriptor is read"
nic:receive { pkt.eth { src = "02:00:00:00:00:02", dst = "ff:ff:ff:ff:ff:ff" } / "d3", pad = true }
nic:run(ms(1))
expect.eq(nic:written(rx.base, 128), 0, "no receive descriptor written")
expect.eq(#nic:sent { now = true }, 0, "nothing sent")
expect.irq(false, "no interrupt")

step "configuration space works"
pci.DEVICE:expect(0x100e)
pci.BAR0:expect(0xfeb80000)
pci.INTLINE:write(0x0b)
pci.INTLINE:expect(0x0b)

step "D1 and D2 are refused from here, too"
pci.PMCSR:write { STATE = 1 }
pci.PMCSR:expect { STATE = 3 }
pci.PMCSR:write { STATE = 2 }
pci.PMCSR:expect { STATE = 3 }

step "D0: awake, header empty, nothing decoded before it is set up"
pci:power(0)
nic:run(ms(10))
pci.PMCSR:expect { STATE = 0 }
pci.COMMAND:expect(0x0000)
pci.BAR0:expect(0)
expect.eq(r.VET:raw(), 0xffffffff, "memory enable is 0")
lab.fold("PCI set-up", function() pci:setup() end)
r.VET:expect { VET = 0x8100 }                 -- X at reset: kept. The write in D3 was lost
io.CTRL:expect { SLU = 0 }
r.IMS:expect(0)
r.TDT:expect(0)
