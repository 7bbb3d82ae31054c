-- The table against chapter 13: offset, value at power-up and bits that hold what is written, typed from the
-- manual's tables a second time and tried on the device by bare offsets. Here a wrong row cannot agree with itself.
local nic = scenario { name = "masks-by-the-manual",
                       manual = { "13.2.1.1", "13.4.1", "13.4.6", "13.4.8", "13.4.9", "13.4.10", "13.4.11", "13.4.12", "13.4.15",
                                  "13.4.16", "13.4.18", "13.4.22", "13.4.23", "13.4.24", "13.4.25", "13.4.26", "13.4.27",
                                  "13.4.28", "13.4.29", "13.4.30", "13.4.31", "13.4.32", "13.4.33", "13.4.34", "13.4.35",
                                  "13.4.36", "13.4.37", "13.4.38", "13.4.39", "13.4.40", "13.4.41", "13.4.43", "13.4.44",
                                  "13.4.45", "13.4.46", "13.4.47", "13.5.1", "13.5.2", "13.5.3", "13.5.4", "13.6.2", "13.6.4",
                                  "13.6.5", "13.6.6", "13.6.7", "13.6.8", "13.6.9", "13.6.10", "13.6.11", "13.8.1", "13.8.2",
                                  "13.8.3", "13.8.4", "13.8.5", "13.8.6", "13.8.7", "13.8.8", "13.8.9", "13.8.10", "13.8.11" } }
local mistakes = require("mistakes").watch()
local X = nil                                 -- printed X: unknown at power-up
local ROWS = { -- offset, at power-up, writable bits; count and stride of an array
  { 0x00028, X, 0xffffffff }, { 0x0002c, X, 0x0000ffff }, { 0x00030, X, 0x0000ffff }, { 0x00038, X, 0x0000ffff },
  { 0x000c4, X, 0x0000ffff }, { 0x00170, X, 0x0000ffff }, { 0x00458, 0, 0x0000ffff }, { 0x00e00, 0x07068302, 0xcfcfcfcf },
  { 0x02160, 0, 0x8000fff8 }, { 0x02168, 0, 0x0000fff8 },
  { 0x02410, 0, 0x00001fff }, { 0x02418, 0, 0x00001fff }, { 0x02420, 0, 0x00001fff }, { 0x02428, 0, 0x00001fff },
  { 0x02430, 0, 0x00001fff }, { 0x02800, X, 0xfffffff0 }, { 0x02804, X, 0xffffffff }, { 0x02808, 0, 0x000fff80 },
  { 0x02810, 0, 0x0000ffff }, { 0x02818, 0, 0x0000ffff }, { 0x02820, 0, 0x0000ffff }, { 0x02828, 0x01010000, 0x013f3f3f },
  { 0x0282c, 0, 0x0000ffff }, { 0x02c00, 0, 0x00000fff },
  { 0x03410, 0, 0x000007ff }, { 0x03418, 0, 0x000007ff }, { 0x03420, 0, 0x00001fff }, { 0x03428, 0, 0x00001fff },
  { 0x03430, 0, 0x00001fff }, { 0x00410, X, 0x3fffffff }, { 0x03800, X, 0xfffffff0 }, { 0x03804, X, 0xffffffff },
  { 0x03808, 0, 0x000fff80 }, { 0x03810, 0, 0x0000ffff }, { 0x03818, 0, 0x0000ffff }, { 0x03820, X, 0x0000ffff },
  { 0x03828, 0, 0xff3f3f3f }, { 0x0382c, 0, 0x0000ffff }, { 0x03830, 0x01000400, 0xffffffff }, { 0x05000, 0, 0x000007ff },
  { 0x05200, X, 0xffffffff, 128, 4 }, { 0x05408, X, 0xffffffff, 15, 8 }, { 0x0540c, X, 0x8003ffff, 15, 8 },
  { 0x05600, X, 0xffffffff, 128, 4 }, { 0x05808, 0, 0x000f00ff }, { 0x05838, 0, 0x0001000f }, { 0x05840, X, 0xffffffff, 4, 8 },
  { 0x05880, X, 0xffffffff, 4, 4 }, { 0x05900, X, 0x00000fff }, { 0x05a00, X, 0xffffffff, 32, 4 }, { 0x05f00, 0, 0x000007ff, 4, 8 },
  { 0x09000, X, 0x0000000f, 128, 8 }, { 0x09800, X, 0xffffffff, 128, 8 }, { 0x10000, X, 0xffffffff, 16, 4 },
  { 0x1ffc0, X, 0xffffffff, 16, 4 },
}

step "values at power-up"
lab.fold("all rows", function()
  for _, row in ipairs(ROWS) do
    for i = 0, (row[4] or 1) - 1 do
      local offset = row[1] + i * (row[5] or 4)
      if row[2] then expect.eq(lab.read32(offset), row[2], string.format("offset %05xh", offset)) end
    end
  end
end)

step "ones, then zeros: what holds is what the manual calls R/W"
lab.fold("all rows", function()
  for _, row in ipairs(ROWS) do
    for i = 0, (row[4] or 1) - 1 do
      local offset = row[1] + i * (row[5] or 4)
      lab.write32(offset, 0xffffffff)
      expect.eq(lab.read32(offset), row[3], string.format("offset %05xh, ones", offset))
      lab.write32(offset, 0)
      expect.eq(lab.read32(offset), 0, string.format("offset %05xh, zeros", offset))
    end
  end
end)

step "CTRL, CTRL_EXT, RCTL, TCTL with all but the bits that act; PBA works out TXA"
nic.regs.CTRL:write(0x58fc1be9)               -- RST and PHY_RST left out; SDP pins as outputs
nic.regs.CTRL:expect(0x58fc1be9)
nic.regs.CTRL_EXT:write(0x00008ccf)
nic.regs.CTRL_EXT:expect(0x00008dcf)          -- 9:8 read 01b
nic.regs.CTRL_EXT:write(0)
nic.regs.CTRL_EXT:expect(0x00000100)
nic.regs.CTRL:write(0)
nic.regs.CTRL:expect(0)
nic.regs.RCTL:write(0xfffffffd)
nic.regs.RCTL:expect(0x06dfb3fc)
nic.regs.RCTL:write(0)
nic.regs.TCTL:write(0xffbffffd)               -- EN and SWXOFF left out
nic.regs.TCTL:expect(0x013ffff8)
nic.regs.TCTL:write(0)
for _, kilobytes in ipairs { 8, 16, 24, 32, 40, 48, 56 } do
  nic.regs.PBA:write { RXA = kilobytes }
  nic.regs.PBA:expect { RXA = kilobytes, TXA = 64 - kilobytes }
end
nic.regs.PBA:write(0xffffff90)                -- TXA and 15:7 are not software's
nic.regs.PBA:expect { RXA = 16, TXA = 48 }
nic.regs.PBA:expect(0x00300010)
nic.regs.PBA:write { RXA = 48 }
-- Values that no driver would write: each mistake is worked out from the write that made it.
mistakes:expect()
