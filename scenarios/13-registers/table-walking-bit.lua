-- Table test 3 of 5: one bit alone walks through every plain register, and one zero; a bit that is wired to
-- its neighbour, or to nothing, shows here.
local nic = scenario { name = "table-walking-bit", manual = { "13.1", "13.2", "13.2.1.1", "13.2.2", "13.4", "13.5", "13.6", "13.8" } }
local mistakes = require("mistakes").watch()
local APART = { CTRL = true, EECD = true, EERD = true, CTRL_EXT = true, MDIC = true, RCTL = true, TCTL = true, RDTR = true,
                PBA = true, WUC = true }   -- as in table-read-write.lua

local function walk(register, row)
  local fixed = row.reset & ~row.writable & 0xffffffff
  for bit = 0, 31 do
    register:write(1 << bit)
    register:expect(1 << bit & row.writable | fixed)
  end
  for bit = 0, 31 do
    register:write(~(1 << bit) & 0xffffffff)
    register:expect(~(1 << bit) & row.writable | fixed)
  end
  register:write(row.reset)
end

for _, way in ipairs { { "the memory BAR", nic.regs }, { "IOADDR and IODATA", nic.io.regs } } do
  step("a one, then a zero, through " .. way[1])
  for _, row in ipairs(lab.regs()) do
    if row.kind == "RW" and not APART[row.name] then
      lab.fold(row.name, function()
        if row.count == 1 then return walk(way[2][row.name], row) end
        for _, index in ipairs { 0, row.count - 1 } do walk(way[2][row.name][index], row) end
      end)
    end
  end
end
-- Values that no driver would write: each mistake is worked out from the write that made it.
mistakes:expect()
expect.irq(false, "and nothing of this interrupts")
