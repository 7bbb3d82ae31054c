-- Table test 2 of 5: writable bits hold ones, zeros and both chequers, all others stay as they are, in every
-- plain register, through the memory BAR and through IOADDR and IODATA.
local nic = scenario { name = "table-read-write", manual = { "13.1", "13.2", "13.2.1.1", "13.2.2", "13.4", "13.5", "13.6", "13.8" } }
local mistakes = require("mistakes").watch()
local PATTERNS = { 0xffffffff, 0x00000000, 0x5a5a5a5a, 0xa5a5a5a5, 0xffffffff, 0x00000000 }

-- Not plain: a write acts, hardware owns a part, or a read acts. table-side-effects.lua has them.
local APART = { CTRL = "RST, PHY_RST, pins", EECD = "pins of the EEPROM", EERD = "starts a read", CTRL_EXT = "EE_RST, ASDCHK, pins",
                MDIC = "starts a command", RCTL = "EN starts the receiver", TCTL = "EN, SWXOFF", RDTR = "FPD", PBA = "TXA follows RXA",
                WUC = "PME bits are PMCSR's" }

-- Of a large array its ends and some between; table-aliases.lua fills all of it.
local function places(row)
  return 0, row.count - 1, row.count <= 16 and 1 or (row.count - 1) // 3
end

local function patterns(register, row)
  for _, pattern in ipairs(PATTERNS) do
    register:write(pattern)
    register:expect(pattern & row.writable | row.reset & ~row.writable & 0xffffffff)
  end
end

for _, way in ipairs { { "the memory BAR", nic.regs }, { "IOADDR and IODATA", nic.io.regs } } do
  step("six patterns in every plain register, through " .. way[1])
  local rows = lab.fold("every plain row", function()
    local rows = 0
    for _, row in ipairs(lab.regs()) do
      if row.kind == "RW" and not APART[row.name] then
        rows = rows + 1
        local first, last, by = places(row)
        for index = first, last, by do
          patterns(row.count > 1 and way[2][row.name][index] or way[2][row.name], row)
        end
      end
    end
    return rows
  end)
  expect.ok(rows >= 50, "plain rows in the table")
end

step "read-only registers do not move"
for _, way in ipairs { nic.regs, nic.io.regs } do
  lab.fold("three patterns in STATUS and eight counters", function()
    for _, name in ipairs { "STATUS", "GPRC", "TORL", "TORH", "FCRUC", "PRC64", "PRC1522", "TOTL", "TSCTFC" } do
      for _, pattern in ipairs { 0xffffffff, 0x5a5a5a5a, 0 } do
        way[name]:write(pattern)
        way[name]:expect_masked(0, name == "STATUS" and 0xfffffc2c or 0xffffffff)
      end
    end
  end)
end
-- Values that no driver would write: each mistake is worked out from the write that made it.
mistakes:expect()
expect.irq(false, "and nothing of this interrupts")
