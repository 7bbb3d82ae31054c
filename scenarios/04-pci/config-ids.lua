-- Where the IDs come from: the EEPROM, each pair by its own bit of word 0Ah and only with a valid signature;
-- else the silicon's own. A board with a bad EEPROM must still be recognisable as an 82540EM.
local nic = scenario { name = "config-ids", pci = false, device_id = 0x1015, revision = 0x00,
                       eeprom = { words = { [0x0b] = 0xa1b2, [0x0c] = 0x1028, [0x0d] = 0x1234, [0x0e] = 0x5678 } },
                       manual = { "4.1", "5.2", "5.4", "5.6.7", "5.6.8", "5.6.9", "5.6.10", "5.6.11" } }
local pci = nic.pci

local function ids(init_control_1)
  pci.COMMAND:write { MEM = 1 }
  lab.fold(string.format("word 0Ah becomes %04xh, then RST#", init_control_1), function()
    nic.eeprom:request()
    nic.eeprom.wire:ewen()
    nic.eeprom.wire:write(0x0a, init_control_1)
    nic.eeprom:release()
    nic:pci_reset { pci = false }
  end)
end

step "bits 1 and 0 set: words 0Bh to 0Eh"
pci.VENDOR:expect(0x5678)
pci.DEVICE:expect(0x1234)
pci.SUBVENDOR:expect(0x1028)
pci.SUBSYSTEM:expect(0xa1b2)
pci.REVISION:expect(0x00)                     -- the silicon's, no word for it

step "bit 0 alone: vendor and device from the EEPROM, the subsystem the default"
ids(0x6c09)
pci.VENDOR:expect(0x5678)
pci.DEVICE:expect(0x1234)
pci.SUBVENDOR:expect(0x8086)
pci.SUBSYSTEM:expect(0x1008)

step "bit 1 alone: the other way round (5.6.10 and 5.6.11 name the wrong bit)"
ids(0x6c0a)
pci.VENDOR:expect(0x8086)
pci.DEVICE:expect(0x1015)                     -- this silicon is the mobile part
pci.SUBVENDOR:expect(0x1028)
pci.SUBSYSTEM:expect(0xa1b2)

step "neither"
ids(0x6c08)
expect.eq(pci:read(0x00, 4), 0x10158086, "defaults")
expect.eq(pci:read(0x2c, 4), 0x10088086, "defaults")

step "both bits, but a signature of 00b, 10b and 11b: the words do not count"
for _, word in ipairs { 0x2c0b, 0xac0b, 0xec0b } do
  ids(word)
  expect.eq(pci:read(0x00, 4), 0x10158086, "defaults")
  expect.eq(pci:read(0x2c, 4), 0x10088086, "defaults")
end

step "and with the signature back they do"
ids(0x6c0b)
expect.eq(pci:read(0x00, 4), 0x12345678, "EEPROM")
expect.eq(pci:read(0x2c, 4), 0xa1b21028, "EEPROM")
