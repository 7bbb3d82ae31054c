-- M66EN tells the bus speed: STATUS.PCI66 follows the pin of a 66 MHz bus, and nothing can be written there.
-- Linux prints it; a driver that tunes its DMA by it would be misled by a constant.
local nic = scenario { name = "bus-speed-strap", manual = { "13.4.2" }, m66en = true, cable = false }
local r = nic.regs

step "a 66 MHz bus; no 64-bit bus and no PCI-X on this part, ever"
r.STATUS:expect { PCI66 = 1, BUS64 = 0, PCIX_MODE = 0, PCIXSPD = 0, TBIMODE = 0 }

step "STATUS takes no writes"
r.STATUS:write(0)
r.STATUS:expect { PCI66 = 1 }
r.STATUS:write(0xffffffff)
r.STATUS:expect { PCI66 = 1, BUS64 = 0, PCIX_MODE = 0, PCIXSPD = 0, TBIMODE = 0, LU = 0, TXOFF = 0 }

step "a reset does not move a strap"
nic:reset()
r.STATUS:expect { PCI66 = 1 }
