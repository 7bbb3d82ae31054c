-- A board whose EEPROM promises a flash that is not fitted: the windows exist and read all ones, as a bus that nobody
-- drives; programming changes nothing. A boot loader that looks for the 55AAh signature finds none.
local nic = scenario { name = "flash-none", cable = false,
                       manual = { "4.1", "7.1", "13.2.1.2", "13.2.1.3", "13.4.3" } }
nic.pci:flash_on()
nic.pci:rom_on()

step "128 KB of ones"
expect.eq(nic.pci:bar_size("rom"), 0x20000, "ROM window")
for _, offset in ipairs { 0, 0x8000, 0x1fffc } do
  expect.eq(lab.bar_read("flash", offset, 4), 0xffffffff, "flash")
  expect.eq(lab.bar_read("rom", offset, 2), 0xffff, "ROM")
end

step "programming"
nic.regs.EECD:write { FWE = 2 }
lab.bar_write("flash", 0, 4, 0)
expect.eq(lab.bar_read("flash", 0, 4), 0xffffffff, "nothing there")
expect.no_bad()
