-- The boot flash is memory: bytes, words, dwords and quadwords at any offset of its BAR, the same through the expansion
-- ROM. A part smaller than the window repeats in it, since it sees only its own address bits.
local image = {}
for i = 0, 0xffff do image[i + 1] = string.char((i * 7 + (i >> 8) * 13) & 0xff) end
image = table.concat(image)
local nic = scenario { name = "flash-reads", cable = false, flash = { size = 0x10000, image = image },
                       manual = { "4.1", "7", "7.1", "7.2.1", "13.2.1.2", "13.2.1.3", "B.2.1" } }

local function expected(offset, size)
  local value = 0
  for i = 0, size - 1 do value = value | image:byte((offset + i) % #image + 1) << 8 * i end
  return value
end
local SIZES = { 1, 2, 4, 8 }

step "with the BAR at 0 the window is closed [13.2.1.2]"
expect.eq(lab.bar_read("flash", 0, 4), 0xffffffff, "flash BAR")
expect.eq(lab.bar_read("rom", 0, 4), 0xffffffff, "ROM BAR")

for _, bar in ipairs { "flash", "rom" } do
  step("every width through the " .. bar .. " window")
  if bar == "flash" then nic.pci:flash_on() else nic.pci:rom_on() end
  for _, size in ipairs(SIZES) do
    expect.eq(lab.bar_read(bar, 0x120, size), expected(0x120, size), size .. " bytes")
  end
  for lane = 0, 3 do expect.eq(lab.bar_read(bar, 0x55c + lane, 1), expected(0x55c + lane, 1), "byte " .. lane) end
  expect.eq(lab.bar_read(bar, 0x55e, 2), expected(0x55e, 2), "upper word")
end

step "a 64 KB part in a 128 KB window: twice"
expect.eq(nic.pci:bar_size(1), 0x20000, "the window, EEPROM word 0Fh")
expect.eq(lab.bar_read("flash", 0xfffc, 4), expected(0xfffc, 4), "last dword")
expect.eq(lab.bar_read("flash", 0x10000, 4), expected(0, 4), "first again")
expect.eq(lab.bar_read("flash", 0x1fff8, 8), expected(0xfff8, 8), "last again")
expect.eq(lab.bar_read("flash", 0xfffe, 4), expected(0xfffe, 4), "across the seam")

step "beyond the window nothing answers"
expect.eq(lab.bar_read("flash", 0x20000, 4), 0xffffffff, "128 KB")

step "every byte of the part"
lab.fold("64 KB in quadwords", function()
  for offset = 0, 0xfff8, 8 do
    if lab.bar_read("flash", offset, 8) ~= expected(offset, 8) then lab.fail("wrong at " .. offset) end
  end
end)

step "memory decoding off: both windows closed; ROM enable off: that one"
nic.pci.ROM:clear { "EN" }
expect.eq(lab.bar_read("rom", 0, 4), 0xffffffff, "ROM disabled")
expect.eq(lab.bar_read("flash", 0, 4), expected(0, 4), "flash not")
nic.pci.COMMAND:clear { "MEM" }
expect.eq(lab.bar_read("flash", 0, 4), 0xffffffff, "decode off")
expect.no_bad()
