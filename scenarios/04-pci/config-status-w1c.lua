-- Status bits of trouble are set by the card and cleared by writing 1 to them. A DMA that no memory answers
-- is a master abort: bit 13. Driver and operating system tell by it that the card went astray.
local nic = scenario { name = "config-status-w1c", manual = { "4.1" } }
local r, pci = nic.regs, nic.pci

step "a descriptor read that nobody answers"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
pci.STATUS:expect(0x0230)
nic:dma_fail(tx.base, 16)
tx:legacy { buffer = pkt.pattern(60), EOP = 1, IFCS = 1, RS = 1 }
tx:doorbell()
expect.bad("dma-refused")
pci.STATUS:expect { RMA = 1, RTA = 0, STA = 0, MDPE = 0, SSE = 0, DPE = 0 }
pci.STATUS:expect(0x2230)

step "it stays; zeros, and ones beside it, do not clear it"
pci.STATUS:write(0x0000)
pci.STATUS:expect(0x2230)
pci.STATUS:write(0xdfff)
pci.STATUS:expect(0x2230)

step "a write of Command alone leaves Status alone"
pci.COMMAND:write { IO = 1, MEM = 1, BME = 1 }
pci.STATUS:expect(0x2230)

step "1 into bit 13, in the high byte only, clears it; the fixed bits stay"
pci:write(0x07, 1, 0x20)
pci.STATUS:expect(0x0230)

step "once more, cleared by a dword that writes Command, too"
nic:dma_fail(tx.base, 16)
r.TDT:write { TDT = 1 }
expect.bad("dma-refused")
pci.STATUS:expect(0x2230)
pci:write(0x04, 4, 0xf9000107)
pci.STATUS:expect(0x0230)
pci.COMMAND:expect(0x0107)
