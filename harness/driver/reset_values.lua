-- reset_values.lua - what every register reads after a reset [14.7], with the EEPROM's share [5.6]
--
-- Not looked at, and why:
--   STATUS, EECD       live: they show pins and the link
--   RAL[0], RAH[0]     filled by the EEPROM; a scenario that cares compares them itself
--   PBM                64 KB that no reset touches
--   ICS, IMC           write-only
--   rows that the reset in question does not load, and rows all of whose bits are undefined
-- Reading clears the statistics and ICR: that is part of the look.
local text = require "text"

local reset_values = {}

local SKIP = { STATUS = "live", EECD = "live", PBM = "no reset" }
local LETTER = { power = "P", pci = "R", software = "S" }

local function bit(word, from, to) return (word >> from & 1) << to end

-- Expected value and mask by register, where the EEPROM has a say.
local fed = {}

-- Word 0Ah, 0Fh, 20h; SLU by APM or SMBus [13.4.1]. Directions survive all but power-up [14.7]; a data
-- bit of an input shows the pin.
function fed.CTRL(w, reset, class)
  local value = reset & ~0x00fc0869
  value = value | bit(w[0x0a], 10, 0) | bit(w[0x0a], 9, 3) | bit(w[0x0f], 14, 5) | bit(w[0x0a], 11, 11)
  value = value | (bit(w[0x24], 10, 6) | bit(w[0x23], 0, 6)) | bit(w[0x20], 0, 18) | bit(w[0x20], 1, 19)
  value = value | bit(w[0x20], 2, 20) | bit(w[0x20], 3, 21) | bit(w[0x20], 8, 22) | bit(w[0x20], 9, 23)
  local mask = ~(bit(~w[0x20], 8, 18) | bit(~w[0x20], 9, 19))
  return value, class == "power" and mask or mask & ~0x00c00000
end

function fed.CTRL_EXT(w, reset, class)
  local value = reset | bit(w[0x20], 6, 6) | bit(w[0x20], 7, 7) | bit(w[0x20], 14, 10) | bit(w[0x20], 15, 11)
  local mask = ~(bit(~w[0x20], 14, 6) | bit(~w[0x20], 15, 7) | 0x20) -- bit 5 PHYINT is live
  return value, class == "power" and mask or mask & ~0x00000c00
end

function fed.LEDCTL(w, reset)
  local word = w[0x2f] -- [5.6.29]
  return reset & ~0x00cf00cf | word & 0xcf | (word >> 8 & 0xcf) << 16, -1
end

-- PME_En and PME_Status are PMCSR's; only power-up is sure to clear them [13.6.1].
function fed.WUC(w, _, class)
  return bit(w[0x24], 10, 0) | bit(w[0x0f], 15, 3), class == "power" and -1 or ~0x6
end

function fed.IPAV(w) return bit(w[0x23], 6, 0) | bit(w[0x23], 7, 16), -1 end
function fed.MANC(w) return w[0x23] & 0xa307, -1 end

-- A signature of 01b makes the words count [5.6.7].
local function valid(words) return words[0x0a] and words[0x0a] >> 14 == 1 end

local function expected(row, words, class)
  if row.name == "RAH" then return 0, 1 << 31 end -- AV is cleared by every reset [13.5.3]
  if not row.on:find(LETTER[class], 1, true) then return 0, 0 end
  local value, mask = row.reset, -1
  if fed[row.name] and valid(words) then value, mask = fed[row.name](words, row.reset, class) end
  return value, mask & ~row.undefined & 0xffffffff
end

local function look(nic, class)
  local words = nic.eeprom:words()
  for _, row in ipairs(lab.regs()) do
    local value, mask = expected(row, words, class)
    if mask ~= 0 and not SKIP[row.name] and row.kind ~= "WO" then
      local register = nic.regs[row.name]
      if row.count == 1 then register:expect_masked(value, mask) end
      for index = row.name == "RAH" and 1 or 0, row.count > 1 and row.count - 1 or -1 do
        register[index]:expect_masked(value, mask)
      end
    end
  end
end

-- class: "power", "pci" or "software" (the fewest rows, true after each of the three).
function reset_values.expect(nic, class)
  if not LETTER[class] then text.misuse('expect_reset_values: "power", "pci" or "software"') end
  lab.fold("every register against its reset value", look, nic, class)
end

return reset_values
