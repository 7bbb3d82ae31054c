-- Configuration space takes bytes, words and dwords, and an access touches only the bytes it names:
-- firmware writes the interrupt line as a byte next to the pin, and Command as a word beside a Status
-- whose bits a written 1 would clear.
local nic = scenario { name = "config-access-widths", manual = { "4.1", "4.1.3.1.4", "6.3.3.4" } }
local pci = nic.pci

step "one dword as two words and four bytes, least significant first"
expect.eq(pci:read(0x00, 4), 0x100e8086, "dword")
expect.eq(pci:read(0x00, 2), 0x8086, "low word")
expect.eq(pci:read(0x02, 2), 0x100e, "high word")
for i, byte in ipairs { 0x86, 0x80, 0x0e, 0x10 } do expect.eq(pci:read(i - 1, 1), byte, "byte " .. i - 1) end

step "a byte into the middle of a base address"
pci.BAR0:expect(0xfeb80000)
pci:write(0x13, 1, 0xe0)
pci.BAR0:expect(0xe0b80000)
pci:write(0x12, 1, 0x35)                      -- bit 16 of the address cannot be held: 128 KB
pci.BAR0:expect(0xe0340000)
pci:write(0x11, 1, 0xff)
pci:write(0x10, 1, 0xff)
pci.BAR0:expect(0xe0340000)                   -- below the size: nothing to write
pci:write(0x12, 2, 0xfeb8)
pci.BAR0:expect(0xfeb80000)

step "cache line size, latency timer (in units of four clocks) and interrupt line are bytes of their own"
pci.CLS:write(0x08)
pci.LATENCY:write(0x43)
pci:write(0x0e, 2, 0xffff)                    -- header type and BIST are read-only
expect.eq(pci:read(0x0c, 4), 0x00004008, "latency 1:0 stay 0")
pci.INTLINE:write(0x0b)
pci.INTPIN:write(0x04)
expect.eq(pci:read(0x3c, 4), 0x00ff010b, "the pin is INTA# for good")
pci:write(0x3c, 4, 0x12345605)
expect.eq(pci:read(0x3c, 4), 0x00ff0105, "of a dword only the line counts")

step "high byte of Command: SERR#; the low byte with the decodes stays"
pci:write(0x05, 1, 0xff)
pci.COMMAND:expect(0x0107)
pci:write(0x04, 1, 0x02)
pci.COMMAND:expect(0x0102)

step "the MSI registers: address without bits 1:0, 64 bits of it, a word of data"
pci.MSIADDR:write(0xfee0100f)
pci.MSIADDR:expect(0xfee0100c)
pci:write(0xf5, 1, 0x20)
pci.MSIADDR:expect(0xfee0200c)
pci.MSIUPPER:write(0x89abcdef)
pci.MSIUPPER:expect(0x89abcdef)
pci:write(0xfc, 4, 0xffff4031)
expect.eq(pci:read(0xfc, 4), 0x00004031, "the upper word of Message Data is 0")
pci:write(0xfc, 1, 0x32)
pci.MSIDATA:expect(0x4032)

step "PMCSR by bytes: Data_Select is in the high one, PowerState in the low one"
pci:write(0xe1, 1, 0x06)
pci.PMCSR:expect { SELECT = 3, STATE = 0, PME_EN = 0 }
pci:write(0xe0, 1, 0x00)
pci.PMCSR:expect { SELECT = 3 }
