-- RST# low and LAN_PWR_GOOD low: the card is not on the bus for as long as it lasts. No cycle is answered, no
-- frame, interrupt or DMA comes of it; the registers are reset when the pin is let go.
local nic = scenario { name = "held-in-reset", needs = { "virtual-time" },
                       manual = { "6.3.1.1", "6.3.2.4", "13.4.1", "14.7" } }
local r, pci = nic.regs, nic.pci

local function start()
  lab.fold("link up", function()
    r.CTRL:write { SLU = 1 }
    r.STATUS:poll { LU = 1, within = s(3), every = ms(10) }
  end)
  local tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 8, BAM = 1 }
  r.IMS:write { LSC = 1 }
  r.ICS:write { LSC = 1 }
  expect.irq(true, "LSC")
  for id = 1, 2 do
    tx:send(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { id = id } / pkt.udp {} / pkt.pattern(400))
  end
  nic:run(us(1))
  expect.eq(#nic:sent { now = true }, 0, "the first takes 3632 ns")
  return tx, rx
end

local function off_the_bus(rx)
  expect.irq(false, "the line floats")
  expect.eq(pci:read(0x00, 4), 0xffffffff, "configuration")
  expect.eq(r.CTRL:raw(), 0xffffffff, "memory")
  expect.eq(lab.bar_read("io", 0, 4), 0xffffffff, "I/O")
  pci.COMMAND:write(0x0007)
  r.CTRL:write { SLU = 1, VME = 1 }
  nic:receive { pkt.eth { src = "02:00:00:00:00:02", dst = "ff:ff:ff:ff:ff:ff" } / "held", pad = true }
  nic:run(ms(20))
  expect.eq(nic:written(rx.base, 128), 0, "no DMA")
  expect.eq(#nic:sent { now = true }, 0, "no frame")
  expect.irq(false, "no interrupt")
end

step "RST# low, one frame on the wire and one behind it"
local tx, rx = start()
lab.pci_reset(true)
off_the_bus(rx)

step "let go: config space answers, and nothing of what was written meanwhile is there"
lab.pci_reset(false)
pci.VENDOR:expect(0x8086)
pci.COMMAND:expect(0)
nic:run(ms(10))
lab.fold("PCI set-up", function() pci:setup() end)
r.CTRL:expect { SLU = 0, VME = 0 }
r.ICR:expect(0)
r.IMS:expect(0)
r.TPR:expect(0)

step "LAN_PWR_GOOD low: the same"
tx, rx = start()
lab.power_good(false)
off_the_bus(rx)

step "RST# may go down and up meanwhile: the card stays dead"
lab.pci_reset(true)
nic:run(us(100))
lab.pci_reset(false)
nic:run(ms(10))
expect.eq(pci:read(0x00, 4), 0xffffffff, "configuration")

step "power is good: alive"
lab.power_good(true)
nic:run(ms(10))
pci.VENDOR:expect(0x8086)
lab.fold("PCI set-up", function() pci:setup() end)
r.CTRL:expect { SLU = 0, VME = 0, FD = 1 }
r.ICR:expect(0)
nic:expect_reset_values("power")
