-- phy.lua - the PHY's registers through MDIC [13.4.7, 13.4.7.1]
--
--   nic.phy.PSTATUS:read().LINK      the verbs of regs.lua
--   nic.phy:read(1), nic.phy:write(0, 0x9140)     by number
local regs = require "regs"
local text = require "text"
local clock = require "clock"

local phy = {}

local ADDRESS = 1 -- of the internal PHY [13.4.7]
local READY, ERROR, READ, WRITE = 1 << 28, 1 << 30, 2 << 26, 1 << 26

-- One command; a frame of 64 clocks at 2.5 MHz takes 25.6 us, Linux waits 3.2 ms.
local function command(mdic, operation, number, data, address)
  mdic:write(operation | address << 21 | number << 16 | data)
  local deadline = lab.now() + clock.ms(4)
  while true do
    local value = mdic:raw()
    if value & READY ~= 0 then return value end
    if lab.now() >= deadline then text.fail("MDIC.R: still 0 after 4 ms, PHY register %d", number) end
    lab.run(clock.us(1))
  end
end

-- address: another PHY address than the internal one answers with MDIC.E [13.4.7 silent].
local function read(mdic, number, address)
  local value = command(mdic, READ, number, 0, address or ADDRESS)
  if value & ERROR ~= 0 then return nil end
  return value & 0xffff
end

local function bus(mdic)
  return {
    read = function(row)
      local value = read(mdic, row.offset)
      if not value then text.fail("MDIC.E: expected 0, got 1, reading %s", row.name) end
      return value
    end,
    write = function(row, _, value) command(mdic, WRITE, row.offset, value & 0xffff, ADDRESS) end,
    seen = function(row, index, mask, raw) lab.seen("PHY." .. row.name, index, mask, raw) end,
  }
end

function phy.open(nic)
  local mdic = nic.regs.MDIC
  local methods = {
    -- nil if the access failed (MDIC.E).
    read = function(_, number, address) return read(mdic, number, address) end,
    write = function(_, number, value, address)
      command(mdic, WRITE, number, value, address or ADDRESS)
    end,
  }
  local rows = lab.phy_regs()
  for _, row in ipairs(rows) do row.digits, row.full = 4, 0xffff end
  return regs.open(rows, bus(mdic), methods)
end

return phy
