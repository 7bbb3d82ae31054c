-- A ring begins on 16 bytes and is a multiple of 128 bytes long; the chip drops the low bits, and the descriptors lie
-- where nobody put them.
local nic = scenario { name = "rule-ring-shape", manual = { "13.4.25", "13.4.27", "13.4.36", "13.4.38" } }
local r = nic.regs

step "base: one byte off, 15 bytes off, right"
for _, name in ipairs { "RDBAL", "TDBAL" } do
  for _, low in ipairs { 1, 8, 15 } do
    r[name]:write(0x10000 + low)
    expect.bad "ring-base-unaligned"
    r[name]:expect(0x10000)
  end
  r[name]:write(0x10010)
  expect.silent("ring-base-unaligned", "16 bytes are enough")
end

step "length: 8 descriptors or a multiple"
for _, name in ipairs { "RDLEN", "TDLEN" } do
  for _, length in ipairs { 1, 16, 127, 128 + 64 } do
    r[name]:write(length)
    expect.bad "ring-length-unaligned"
    r[name]:expect(length // 128 * 128)
  end
  for _, length in ipairs { 0, 128, 4096, 0xfff80 } do r[name]:write(length) end
  expect.silent("ring-length-unaligned", "multiples of 128")
end
r.RDLEN:write(0x100000)
expect.bad "reserved-bits" -- 31:20
