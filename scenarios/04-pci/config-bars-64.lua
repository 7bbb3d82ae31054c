-- EEPROM word 0Ah bit 13 = 0: base addresses of 64 bits in pairs, the I/O window moves up to 20h. No
-- 82540EM board was sold so, yet the bit is the manual's and the first thing a blank image gets wrong.
local nic = scenario { name = "config-bars-64", pci = false, eeprom = { words = { [0x0a] = 0x4c0b } },
                       manual = { "4.1", "5.6.7", "5.6.26", "13.2.1.1", "13.2.2" } }
local pci, r = nic.pci, nic.regs

local function sized(name)
  pci[name]:write(0xffffffff)
  local mask = pci[name]:raw()
  pci[name]:write(0)
  return mask
end

step "three spaces in six registers"
pci.BAR0:expect(0x00000004)                   -- bits 2:1 = 10b: anywhere in 64 bits
pci.BAR2:expect(0x00000004)
pci.BAR4:expect(0x00000001)
expect.eq(sized("BAR0"), 0xfffe0004, "registers, 128 KB")
expect.eq(sized("BAR1"), 0xffffffff, "their upper half")
expect.eq(sized("BAR2"), 0xfffe0004, "flash, 128 KB")
expect.eq(sized("BAR3"), 0xffffffff, "its upper half")
expect.eq(sized("BAR4"), 0xffffffc1, "I/O")
expect.eq(sized("BAR5"), 0, "nothing")
expect.eq(pci:bars(), { { number = 0, size = 0x20000, kind = "mem64" }, { number = 2, size = 0x20000, kind = "mem64" },
                        { number = 4, size = 64, kind = "io" } }, "as firmware lists them")

step "registers answer through an address above 4 GB, and through the I/O window behind BAR4"
pci:setup { mem = 0x12fffe0000, io = 0xc000 }
pci.BAR0:expect(0xfffe0004)
pci.BAR1:expect(0x00000012)
pci.BAR4:expect(0x0000c001)
r.LEDCTL:expect { LED1_MODE = 3 }
nic.io.regs.LEDCTL:expect { LED1_MODE = 3 }

step "without a flash its pair disappears, and the I/O window stays at 20h"
lab.fold("EEPROM word 24h becomes 08c8h, then RST#", function()
  nic.eeprom:request()
  nic.eeprom.wire:ewen()
  nic.eeprom.wire:write(0x24, 0x08c8)
  nic.eeprom:release()
  nic:pci_reset { pci = false }
end)
expect.eq(sized("BAR2"), 0, "no flash")
expect.eq(sized("BAR3"), 0, "no upper half")
pci.BAR4:expect(0x00000001)
expect.eq(pci:bars(), { { number = 0, size = 0x20000, kind = "mem64" }, { number = 4, size = 64, kind = "io" } },
          "two spaces")
