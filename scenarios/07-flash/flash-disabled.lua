-- EEPROM word 24h bit 11 takes the flash away: no BAR, no expansion ROM, and nobody answers behind IODATA, although a
-- part is fitted.
local nic = scenario { name = "flash-disabled", cable = false, flash = { size = 0x10000, image = "boot" },
                       manual = { "4.1", "5.6.26", "13.2.1.2", "13.2.1.3", "13.2.2" },
                       eeprom = { words = { [0x24] = 0x08c8 } } }

step "no BAR, no ROM BAR"
expect.eq(nic.pci:bar_size(1), 0, "14h")
expect.eq(nic.pci:bar_size("rom"), 0, "30h")
expect.eq(lab.bar_read("flash", 0, 4), 0xffffffff, "flash")
expect.eq(lab.bar_read("rom", 0, 4), 0xffffffff, "ROM")

step "behind IODATA all ones, and writes are lost"
nic.regs.EECD:write { FWE = 2 }
lab.bar_write("io", 0, 4, 0x80000)
expect.eq(lab.bar_read("io", 4, 4), 0xffffffff, "nobody drives the data")
lab.bar_write("io", 4, 4, 0)
expect.bytes(nic:flash(0, 4), "boot", "the part")
expect.no_bad()
