-- Programming: only with EECD.FWE = 10b, and only ones to zeros; there is no erase. A write that is not allowed, or that
-- wants a zero back to one, is the driver's mistake, and reported.
local nic = scenario { name = "flash-writes", cable = false, flash = { size = 0x20000 },
                       manual = { "7.1", "7.2", "7.2.2", "13.2.1.2", "13.2.1.3", "13.4.3", "B.2.1" } }
local r = nic.regs
nic.pci:flash_on()
nic.pci:rom_on()

step "FWE after reset is 01b: disabled"
r.EECD:expect { FWE = 1 }
lab.bar_write("flash", 0x100, 4, 0x12345678)
expect.bad("flash-write-disabled", 1)
expect.eq(lab.bar_read("flash", 0x100, 4), 0xffffffff, "still erased")

step "the two codes that are not allowed do not enable it either"
for _, code in ipairs { 0, 3 } do
  r.EECD:write { FWE = code }
  expect.bad("flash-write-enable", 1)
  lab.bar_write("flash", 0x100, 1, 0)
  expect.bad("flash-write-disabled", 1)
end
expect.bytes(nic:flash(0x100, 4), "\xff\xff\xff\xff", "still erased")

step "10b: every width, least significant byte first"
r.EECD:write { FWE = 2 }
lab.bar_write("flash", 0x100, 4, 0x12345678)
lab.bar_write("flash", 0x104, 2, 0xabcd)
lab.bar_write("flash", 0x106, 1, 0x5a)
lab.bar_write("flash", 0x108, 8, 0x1122334455667788)
expect.bytes(nic:flash(0x100, 16), "\x78\x56\x34\x12\xcd\xab\x5a\xff\x88\x77\x66\x55\x44\x33\x22\x11", "in the part")
expect.bytes(nic:flash(0xfc, 4), "\xff\xff\xff\xff", "nothing before")
expect.bytes(nic:flash(0x110, 4), "\xff\xff\xff\xff", "nothing behind")
expect.silent("flash-write-disabled", "10b")

step "once more the same, or fewer ones: fine"
lab.bar_write("flash", 0x106, 1, 0x5a)
lab.bar_write("flash", 0x106, 1, 0x12)
expect.eq(lab.bar_read("flash", 0x106, 1), 0x12, "5Ah and 12h")
expect.silent("flash-not-erased", "no zero is wanted back")

step "a one where a zero is: it stays, and the mistake is told"
lab.bar_write("flash", 0x106, 1, 0x1c)
expect.bad("flash-not-erased", 1)
expect.eq(lab.bar_read("flash", 0x106, 1), 0x10, "12h and 1Ch")

step "through the expansion ROM window, at the end of the part"
lab.bar_write("rom", 0x1fffc, 4, 0xcafe0001)
expect.eq(lab.bar_read("flash", 0x1fffc, 4), 0xcafe0001, "the same part")

step "a reset disables writing again, and the part keeps what it has"
nic:reset()
r.EECD:expect { FWE = 1 }
lab.bar_write("flash", 0, 1, 0)
expect.bad("flash-write-disabled", 1)
nic:power_cycle()
nic.pci:flash_on()
expect.eq(lab.bar_read("flash", 0x100, 4), 0x12345678, "not volatile")
