-- Table test 4 of 5: every plain register and every element of every array, packet buffer included, gets a
-- value of its own; then all are read back, of the packet buffer every third word. An address line too few, or an
-- array a word too short, and two of them share one value. Written through memory and read through I/O, then the other way round.
local nic = scenario { name = "table-aliases", manual = { "13.1", "13.2", "13.2.1.1", "13.2.2", "13.4", "13.5", "13.5.1", "13.5.2", "13.5.3", "13.5.4",
                                                         "13.6", "13.6.10", "13.6.11", "13.8", "13.8.11" } }
local mistakes = require("mistakes").watch()
local APART = { CTRL = true, EECD = true, EERD = true, CTRL_EXT = true, MDIC = true, RCTL = true, TCTL = true, RDTR = true,
                PBA = true, WUC = true }   -- as in table-read-write.lua

-- A scramble of the offset; the low bits differ between neighbours even where the register is narrow.
local function own(offset, seed)
  local x = (offset >> 2) * 0x9e3779b1 + seed * 0x85ebca6b
  x = (x ~ x >> 15) * 0x2c1b3c6d & 0xffffffff
  return (x ~ x >> 13) & 0xffffffff
end

-- by: of the 64 KB packet buffer every so many words.
local function each(by, fn)
  local count = 0
  for _, row in ipairs(lab.regs()) do
    if row.kind == "RW" and not APART[row.name] then
      for index = 0, row.count - 1, row.name == "PBM" and by or 1 do
        fn(row, index, row.offset + index * row.stride)
        count = count + 1
      end
    end
  end
  return count
end

local function register(regs, row, index) return row.count > 1 and regs[row.name][index] or regs[row.name] end

local function pass(title, to, from, seed, by)
  step(title)
  local count = lab.fold("one value each", function()
    return each(by, function(row, index, offset) register(to, row, index):write(own(offset, seed)) end)
  end)
  lab.fold("and back", function()
    each(by * 3, function(row, index, offset)
      register(from, row, index):expect(own(offset, seed) & row.writable | row.reset & ~row.writable & 0xffffffff)
    end)
  end)
  expect.ok(count > 16384 // by + 2 * 128 + 2 * 128 + 32, "registers and elements")
end

pass("written and read through the memory BAR", nic.regs, nic.regs, 1, 1)
pass("written through IOADDR and IODATA, read through memory", nic.io.regs, nic.regs, 2, 61)
pass("written through memory, read through IOADDR and IODATA", nic.regs, nic.io.regs, 3, 61)
-- Values that no driver would write: each mistake is worked out from the write that made it.
mistakes:expect()
expect.irq(false, "and nothing of this interrupts")
