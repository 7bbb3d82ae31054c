-- Flash by IOADDR and IODATA, as a boot ROM does before memory is mapped: 80000h on, with the byte lanes of Table 13-1.
-- IOADDR[1:0] and the offset at IODATA agree, or the access is a mistake: a write is lost, a read takes the lanes of its
-- own offset (silent: our choice).
local image = ""
for i = 0, 255 do image = image .. string.char(i ~ 0xa5) end
local nic = scenario { name = "flash-io-window", cable = false, flash = { size = 0x8000, image = image },
                       manual = { "13.2.2", "13.2.2.1", "13.2.2.2", "13.4.3", "B.2.1" } }
local IOADDR, IODATA, FLASH = 0, 4, 0x80000
local function point(address) lab.bar_write("io", IOADDR, 4, address) end
local function byte(i) return i ~ 0xa5 end

step "reads: dword, words, bytes, each in its lane"
point(FLASH + 0x20)
expect.eq(lab.bar_read("io", IODATA, 4), byte(0x20) | byte(0x21) << 8 | byte(0x22) << 16 | byte(0x23) << 24, "dword")
expect.eq(lab.bar_read("io", IODATA, 2), byte(0x20) | byte(0x21) << 8, "word 0")
point(FLASH + 0x22)
expect.eq(lab.bar_read("io", IODATA + 2, 2), byte(0x22) | byte(0x23) << 8, "word 2")
for lane = 0, 3 do
  point(FLASH + 0x20 + lane)
  expect.eq(lab.bar_read("io", IODATA + lane, 1), byte(0x20 + lane), "byte " .. lane)
end
expect.no_bad()

step "a 32 KB part repeats up to FFFFFh"
point(0xfff04 + 0)
expect.eq(lab.bar_read("io", IODATA, 1), 0xff, "7F04h, erased")
point(0xf8004)
expect.eq(lab.bar_read("io", IODATA, 1), byte(4), "0004h")

step "writes need FWE here, too"
point(FLASH + 0x1000)
lab.bar_write("io", IODATA, 4, 0x01020304)
expect.bad("flash-write-disabled", 1)

step "dword, words, bytes"
nic.regs.EECD:write { FWE = 2 }
lab.bar_write("io", IODATA, 4, 0x01020304)
point(FLASH + 0x1004)
lab.bar_write("io", IODATA, 2, 0x0506)
point(FLASH + 0x1006)
lab.bar_write("io", IODATA + 2, 2, 0x0708)
for lane = 0, 3 do
  point(FLASH + 0x1008 + lane)
  lab.bar_write("io", IODATA + lane, 1, 0x10 + lane)
end
expect.bytes(nic:flash(0x1000, 12), "\4\3\2\1\6\5\8\7\x10\x11\x12\x13", "in the part")
expect.silent("flash-byte-lanes", "each in its lane")

step "lanes that do not agree"
local WRONG = { { 0, 1, 1 }, { 1, 0, 1 }, { 2, 0, 2 }, { 0, 2, 2 }, { 1, 1, 2 }, { 3, 3, 2 }, { 1, 0, 4 }, { 2, 0, 4 } }
for _, case in ipairs(WRONG) do
  local address, lane, size = table.unpack(case)
  point(FLASH + 0x2000 + address)
  lab.bar_write("io", IODATA + lane, size, 0)
  expect.bad("flash-byte-lanes", 1)
end
expect.bytes(nic:flash(0x2000, 8), string.rep("\xff", 8), "nothing written")
point(FLASH + 0x21)
expect.eq(lab.bar_read("io", IODATA, 1), byte(0x20), "the lane of the access")
expect.bad("flash-byte-lanes", 1)

step "IOADDR stays; 7FFFCh is no flash"
expect.eq(lab.bar_read("io", IOADDR, 4), FLASH + 0x21, "IOADDR")
point(0x7fffc)
expect.eq(lab.bar_read("io", IODATA, 4), 0, "undefined range")
expect.bad("undeclared-register", 1)
