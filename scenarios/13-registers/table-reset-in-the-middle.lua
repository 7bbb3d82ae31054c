-- Table test 5 of 5: a software reset in the middle of accesses. Registers are filled from the first on, the
-- reset comes after the eighth, sixteenth, ... ; every register must have its reset value whether it had been
-- written or not. Through I/O the reset falls between IOADDR and IODATA.
local nic = scenario { name = "table-reset-in-the-middle", manual = { "13.2.1.1", "13.2.2", "13.2.2.1", "13.4.1", "14.7" } }
local mistakes = require("mistakes").watch()
local APART = { CTRL = true, EECD = true, EERD = true, CTRL_EXT = true, MDIC = true, RCTL = true, TCTL = true, RDTR = true,
                PBA = true, WUC = true, PBM = true, RAL = true, RAH = true }   -- as in table-read-write.lua; receive address 0 is checked apart
local rows = {}
for _, row in ipairs(lab.regs()) do
  if row.kind == "RW" and not APART[row.name] then rows[#rows + 1] = row end
end

for stop = 8, #rows + 7, 8 do
  local last = math.min(stop, #rows)
  step(string.format("after %d registers, the last one %s", last, rows[last].name))
  lab.fold("ones", function()
    for i = 1, last do
      local register = nic.regs[rows[i].name];
      (rows[i].count > 1 and register[rows[i].count - 1] or register):write(0xffffffff)
    end
  end)
  nic:reset()
  nic:expect_reset_values("software")
end

step "between IOADDR and IODATA: the pointer stands, the register is fresh"
nic.regs.LEDCTL:write(0x4d4e4f4c)
lab.bar_write("io", 0, 4, 0x00e00)
nic:reset()
expect.eq(lab.bar_read("io", 4, 4), 0x07068302, "LEDCTL")
lab.bar_write("io", 4, 4, 0x4d4e4f4c)
nic.regs.LEDCTL:expect(0x4d4e4f4c)

step "receive address 0 is the EEPROM's after each of them"
nic.regs.RAL[0]:expect { RAL = 0x12005452 }
nic.regs.RAH[0]:expect { RAH = 0x5634, AV = 1 }
-- Values that no driver would write: each mistake is worked out from the write that made it.
mistakes:expect()
