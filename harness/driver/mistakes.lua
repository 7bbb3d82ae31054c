-- mistakes.lua - what the writes of a scenario break, worked out again from the manual
--
--   local mistakes = require("mistakes").watch()
--   ...                                  writes, by memory and I/O
--   mistakes:expect()                    exactly the mistakes that these writes are, and none besides
--
-- The bits of each register are typed from chapter 13 and the rules from their sections, by bare offsets: nothing here
-- comes from the device's table or from what it said.
local mistakes = {}
mistakes.__index = mistakes

-- Bits that 13.4 to 13.8 define, of registers that are read and written; count and stride of an array. Other bits of
-- these are reserved; of MANC 5.6.24 says what there is, of SWSM software-semaphore.lua. Not here: 32 of 32 bits, and
-- those that a write of ones is made for [13.4.17 to 13.4.21].
local DEFINED = {
  { 0x00000, 0xdcfc1be9 }, { 0x00010, 0x000003ff }, { 0x00014, 0xffffff11 }, { 0x00018, 0x0000bcef | 0x00000300 },
  { 0x00020, 0x7fffffff }, { 0x0002c, 0x0000ffff }, { 0x00030, 0x0000ffff }, { 0x00038, 0x0000ffff }, { 0x000c4, 0x0000ffff },
  { 0x00100, 0x06dfb3fe }, { 0x00170, 0x0000ffff }, { 0x00178, 0xc000ffff }, { 0x00400, 0x017ffffa }, { 0x00410, 0x3fffffff },
  { 0x00458, 0x0000ffff }, { 0x00e00, 0xcfcfcfcf }, { 0x01000, 0x007f007f }, { 0x02160, 0x8000fff8 }, { 0x02168, 0x0000fff8 },
  { 0x02410, 0x00001fff }, { 0x02418, 0x00001fff }, { 0x02420, 0x00001fff }, { 0x02428, 0x00001fff }, { 0x02430, 0x00001fff },
  { 0x02810, 0x0000ffff }, { 0x02818, 0x0000ffff }, { 0x02820, 0x8000ffff }, { 0x02828, 0x013f3f3f }, { 0x0282c, 0x0000ffff },
  { 0x02c00, 0x00000fff }, { 0x03410, 0x000007ff }, { 0x03418, 0x000007ff }, { 0x03420, 0x00001fff }, { 0x03428, 0x00001fff },
  { 0x03430, 0x00001fff }, { 0x03810, 0x0000ffff }, { 0x03818, 0x0000ffff }, { 0x03820, 0x0000ffff }, { 0x03828, 0xff3f3f3f },
  { 0x0382c, 0x0000ffff }, { 0x05000, 0x000007ff }, { 0x05404, 0x8003ffff, 16, 8 }, { 0x05800, 0x0000000f }, { 0x05808, 0x000f00ff },
  { 0x05820, 0x0000a307 }, { 0x05838, 0x0001000f }, { 0x05900, 0x00000fff }, { 0x05b50, 0x00000002 }, { 0x05f00, 0x000007ff, 4, 8 }, { 0x09000, 0x0000000f, 128, 8 },
  { 0x02808, 0x000fffff }, { 0x03808, 0x000fffff }, -- lengths: 6:0 have a rule of their own
}

local CTRL, EECD, CTRL_EXT, RCTL, TCTL, PBA = 0x00000, 0x00010, 0x00018, 0x00100, 0x00400, 0x01000
local RING = { [0x02800] = RCTL, [0x02804] = RCTL, [0x02808] = RCTL, [0x03800] = TCTL, [0x03804] = TCTL, [0x03808] = TCTL }
local FCRTH, RXDCTL, TXDCTL, WUFC = 0x02168, 0x02828, 0x03828, 0x05808

-- [5.6.7, 13.4.6] Set after any reset of this board, and reserved: writing them back is no mistake [13.2].
local FROM_EEPROM = { [CTRL_EXT] = 1 << 14 }

local defined = {}
for _, row in ipairs(DEFINED) do
  for i = 0, (row[3] or 1) - 1 do defined[row[1] + i * (row[4] or 4)] = row[2] end
end

local function field(value, hi, lo) return value >> lo & (1 << hi - lo + 1) - 1 end

local function between(offset, first, last) return offset >= first and offset <= last end

-- [13.4.43, 13.4.46] 31 descriptors of 16 bytes; without GRAN a threshold counts cache lines: of 32 bytes, as long as
-- nobody writes the cache line size [4.2].
local function threshold_too_high(value)
  local most = math.max(field(value, 5, 0), field(value, 13, 8), field(value, 21, 16))
  return field(value, 24, 24) == 0 and most * 2 > 31
end

-- One rule of one offset a row: what makes a value wrong. self.now is what stands in the registers.
local RULES = {
  ["read-only-write"] = function(_, at) return at == 0x00008 or between(at, 0x04000, 0x040fc) end,
  ["reserved-bits"] = function(_, at, value)
    return defined[at] and value & ~(defined[at] | (FROM_EEPROM[at] or 0)) & 0xffffffff ~= 0
  end,
  ["ring-base-unaligned"] = function(_, at, value) return (at == 0x02800 or at == 0x03800) and value % 16 ~= 0 end,
  ["ring-length-unaligned"] = function(_, at, value) return (at == 0x02808 or at == 0x03808) and value % 128 ~= 0 end,
  ["ring-change-while-on"] = function(self, at, value)
    local kept = (at == 0x02808 or at == 0x03808) and 0x000fff80 or at & 0xf == 0 and 0xfffffff0 or 0xffffffff
    return RING[at] and self:get(RING[at]) & 2 ~= 0 and (value ~ self:get(at)) & kept ~= 0
  end,
  ["enabled-without-ring"] = function(self, at, value)
    local length = at == RCTL and 0x02808 or at == TCTL and 0x03808
    return length and value & ~self:get(at) & 2 ~= 0 and self:get(length) & 0x000fff80 == 0
  end,
  ["buffer-size-reserved"] = function(_, at, value) return at == RCTL and field(value, 25, 25) == 1 and field(value, 17, 16) == 0 end,
  ["minimum-threshold-reserved"] = function(_, at, value) return at == RCTL and field(value, 9, 8) == 3 end,
  ["loopback-mode"] = function(_, at, value) return at == RCTL and (field(value, 7, 6) == 1 or field(value, 7, 6) == 2) end,
  ["address-select"] = function(_, at, value) return at >= 0x05404 and at <= 0x0547c and at & 4 == 4 and field(value, 17, 16) > 1 end,
  ["pause-threshold"] = function(self, at, value) return at == FCRTH and value & 0xfff8 > self:get(PBA, 48) % 128 * 1024 end,
  ["packet-buffer-split"] = function(_, at, value)
    local rxa = value & 0x7f
    return at == PBA and (rxa % 8 ~= 0 or rxa == 0 or rxa >= 64)
  end,
  ["descriptor-threshold"] = function(_, at, value) return (at == RXDCTL or at == TXDCTL) and threshold_too_high(value) end,
  ["flash-write-enable"] = function(_, at, value) return at == EECD and (field(value, 5, 4) == 0 or field(value, 5, 4) == 3) end,
  ["speed-reserved"] = function(self, at, value)
    return at == CTRL and field(value, 9, 8) == 3 and (field(value, 11, 11) == 1 or self:get(CTRL_EXT) >> 15 & 1 == 1)
  end,
  ["loss-of-signal-inverted"] = function(_, at, value) return at == CTRL and field(value, 7, 7) == 1 end,
  ["flexible-filter-while-on"] = function(self, at)
    local table_of_filters = between(at, 0x05f00, 0x05f18) or between(at, 0x09000, 0x093f8) or between(at, 0x09800, 0x09bf8)
    return table_of_filters and self:get(WUFC) & 0xf0000 ~= 0
  end,
}

function mistakes:get(offset, default) return self.now[offset] or default or 0 end

function mistakes:write(offset, value)
  for rule, breaks in pairs(RULES) do
    if breaks(self, offset, value) then self.count[rule] = (self.count[rule] or 0) + 1 end
  end
  self.now[offset] = value
  if offset == CTRL and value >> 26 & 1 == 1 then self.now = {} end -- [14.7] RST: the defaults
end

-- From here on every write of this scenario, by memory and by IOADDR and IODATA [13.2.2].
function mistakes.watch()
  local self = setmetatable({ count = {}, now = {} }, mistakes)
  local write32, bar_write, address = lab.write32, lab.bar_write, 0
  function lab.write32(offset, value)
    self:write(offset, value)
    return write32(offset, value)
  end
  function lab.bar_write(bar, offset, size, value)
    if bar == "io" and size == 4 and offset == 0 then address = value end
    if bar == "io" and size == 4 and offset == 4 and address < 0x20000 then self:write(address, value) end
    return bar_write(bar, offset, size, value)
  end
  return self
end

-- A reset by another way than CTRL.RST: the defaults.
function mistakes:reset() self.now = {} end

-- Since the last time: each as often as it was worked out.
function mistakes:expect()
  for rule, count in pairs(self.count) do expect.bad(rule, count) end
  self.count = {}
  expect.no_bad "that is all"
end

return mistakes
