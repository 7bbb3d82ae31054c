-- eeprom.lua - the EEPROM: images [5.6], EERD [13.4.4] and the four wires behind EECD [13.4.3]
--
--   nic.eeprom:read(0x03)                a word through EERD
--   nic.eeprom:request(), :release()     EECD.EE_REQ and EE_GNT
--   nic.eeprom.wire:read(a) :write(a, v) :erase(a) :ewen() :ewds() :eral() :wral(v)
--   nic.eeprom:words()                   what the part holds now, words from index 0
local text = require "text"
local clock = require "clock"

local eeprom = {}

local BLANK = 0xffff

-- A desktop board, words that differ from FFFFh. Section of each in brackets.
local DESKTOP = {
  [0x03] = 0x0204, -- client card (bit 9); PCI bridge present, this part's default (bit 2) [5.6.2]
  [0x04] = 0xffff, -- reserved here [5.6.3]; Linux then takes its own LED defaults
  [0x05] = 0x0000, [0x06] = 0x0000, [0x07] = 0x0000, -- compatibility fields
  [0x08] = 0x0e10, [0x09] = 0x0001, -- board number, for people
  -- Initialization control 1 [5.6.7]: signature 01b, 32-bit BARs (13), FRCSPD (11, this part's
  -- default), full duplex (10), power management (3), subsystem (1) and vendor IDs (0) from here.
  [0x0a] = 0x6c0b,
  [0x0b] = 0x002e, [0x0c] = 0x8086, -- subsystem of an Intel desktop board
  [0x0d] = 0x100e, [0x0e] = 0x8086,
  -- Initialization control 2 [5.6.12]: pause both ways (13:12), 128 KB flash (10:9), MSI on (7 = 0),
  -- ASDE off; bit 6 of the printed sample is reserved on this part.
  [0x0f] = 0x3200,
  [0x12] = 0x0000, -- common power [5.6.16]
  [0x20] = 0x0000, -- all software-definable pins are inputs; no D3cold wake-up promised [5.6.17]
  [0x21] = 0x7061, -- circuit control, as printed [5.6.19]
  [0x22] = 0x280c, -- 4.0 W in D0, 1.2 W in D3, as printed [5.6.20, 5.6.21]
  [0x23] = 0x0000, -- no manageability, no IP address valid [5.6.24]
  [0x24] = 0x00c8, -- flash on (11 = 0), APM off (10), SMBus address C8h [5.6.25, 5.6.26]
  [0x25] = 0, [0x26] = 0, [0x27] = 0, [0x28] = 0, [0x29] = 0, -- IP addresses, not valid
  [0x2a] = 0, [0x2b] = 0, [0x2c] = 0, [0x2d] = 0, [0x2e] = 0,
  [0x2f] = 0x0602, -- LEDs: link up, link at 100 [5.6.29]
  [0x30] = 0x8100, -- no boot agent, prompt shown [5.6.30]
}

local CHECKSUM = 0x3f -- words 00h-3Fh sum to BABAh [5.6.35]

local function parse_mac(mac)
  local bytes = {}
  for pair in mac:gmatch("%x%x") do bytes[#bytes + 1] = tonumber(pair, 16) end
  if #bytes ~= 6 or not mac:match("^%x%x[:-]%x%x[:-]%x%x[:-]%x%x[:-]%x%x[:-]%x%x$") then
    text.misuse("eeprom: %q is not a MAC address", mac)
  end
  return bytes
end

local function sum(words, last)
  local total = 0
  for address = 0, last do total = total + words[address] end
  return total & 0xffff
end

-- The words of a board, index 0 first. words: overrides by address; the checksum is worked out after
-- them, unless it is overridden itself. size: 64, 256 or 0. blank: FFFFh but for the overrides.
function eeprom.image(options)
  options = text.check_options("eeprom", options or {}, "mac words size blank checksum")
  local size, words = options.size or 64, {}
  if size ~= 0 and size ~= 64 and size ~= 256 then text.misuse("eeprom: size is 64, 256 or 0 words") end
  for address = 0, size - 1 do words[address] = not options.blank and DESKTOP[address] or BLANK end
  if size == 0 then return words, 0 end
  if not options.blank then
    local mac = parse_mac(options.mac or "52:54:00:12:34:56")
    for i = 0, 2 do words[i] = mac[2 * i + 1] | mac[2 * i + 2] << 8 end -- low byte first [5.6.1]
  end
  for address, value in pairs(options.words or {}) do
    if not words[address] then text.misuse("eeprom: no word %xh in %d words", address, size) end
    words[address] = value & 0xffff
  end
  local overridden = options.words and options.words[CHECKSUM]
  if not overridden and not options.blank and options.checksum ~= false then
    words[CHECKSUM] = (0xbaba - sum(words, CHECKSUM - 1)) & 0xffff
  end
  return words, size
end

-- "52:54:00:12:34:56" from words 0-2.
function eeprom.mac(words)
  if not words[2] then return "00:00:00:00:00:00" end
  local parts = {}
  for i = 0, 2 do
    parts[#parts + 1] = string.format("%02x:%02x", words[i] & 0xff, words[i] >> 8)
  end
  return table.concat(parts, ":")
end

-- ---- EECD and the microwire protocol ---------------------------------------------------------

local SK, CS, DI, DO, FWE_OFF, REQ, GNT, SIZE = 1, 2, 4, 8, 0x10, 0x40, 0x80, 0x200 -- [13.4.3]

local Eeprom = {}
Eeprom.__index = Eeprom
local Wire = {}
Wire.__index = Wire

function Eeprom:words()
  local list, words = lab.eeprom(), {}
  for i, word in ipairs(list) do words[i - 1] = word end
  return words
end

function Eeprom:read(address)
  local eerd = self.nic.regs.EERD
  eerd:write(1 | address << 8)
  local deadline = lab.now() + clock.ms(1)
  while true do
    local value = eerd:raw()
    if value & 0x10 ~= 0 then return value >> 16 end
    if lab.now() >= deadline then text.fail("EERD.DONE: still 0 after 1 ms, word %02xh", address) end
    lab.run(clock.us(1))
  end
end

-- Flash writes stay disabled (FWE = 01b); the grant may wait for the device's own read [5.3.1].
function Eeprom:request(options)
  local eecd, within = self.nic.regs.EECD, (options or {}).within or clock.ms(5)
  eecd:write(FWE_OFF | REQ)
  local deadline = lab.now() + within
  while true do
    local value = eecd:raw()
    if value & GNT ~= 0 then
      self.wire.address_bits = value & SIZE ~= 0 and 8 or 6
      return value
    end
    if lab.now() >= deadline then text.fail("EECD.EE_GNT: still 0 after %s", text.time(within)) end
    lab.run(clock.us(1))
  end
end

function Eeprom:release() self.nic.regs.EECD:write(FWE_OFF) end

-- One write of EECD: the pins as given, others low; then half a clock period.
function Wire:pins(pins)
  self.nic.regs.EECD:write(FWE_OFF | REQ | (pins.SK or 0) * SK | (pins.CS or 0) * CS | (pins.DI or 0) * DI)
  lab.run(self.half)
end

function Wire:DO() return (self.nic.regs.EECD:raw() & DO) // DO end

-- CS low for half a period, then high: the part waits for a start bit.
function Wire:select()
  self:pins {}
  self:pins { CS = 1 }
end

function Wire:deselect() self:pins {} end

-- Bits out, most significant first; the part samples DI on the rising edge of SK.
function Wire:out(value, count)
  for i = count - 1, 0, -1 do
    local bit = value >> i & 1
    self:pins { CS = 1, DI = bit }
    self:pins { CS = 1, DI = bit, SK = 1 }
  end
  self:pins { CS = 1 }
end

function Wire:bits_in(count)
  local value = 0
  for _ = 1, count do
    self:pins { CS = 1, SK = 1 }
    value = value << 1 | self:DO()
    self:pins { CS = 1 }
  end
  return value
end

-- Start bit, two bits of operation, the address.
function Wire:instruction(operation, address)
  self:select()
  self:out(4 | operation, 3)
  self:out(address, self.address_bits)
end

-- The falling edge of CS starts the cycle; with CS high again DO shows 0 busy, 1 ready. True if ready was
-- seen; a part that is write-disabled starts no cycle and shows nothing.
function Wire:finish()
  self:deselect()
  self:pins { CS = 1 }
  local deadline = lab.now() + self.program_within
  local ready = self:DO() == 1
  while not ready and lab.now() < deadline do
    lab.run(clock.us(50))
    ready = self:DO() == 1
  end
  self:deselect()
  return ready
end

-- The whole instructions stand in the trace as one line each, unless wire.fold is false.
local function instruction(name, fn)
  Wire[name] = function(self, ...)
    if not self.fold then return fn(self, ...) end
    local address = ... and string.format(" %02xh", (...)) or ""
    return lab.fold("microwire " .. name:upper() .. address, fn, self, ...)
  end
end

local function special(self, top) self:instruction(0, top << self.address_bits - 2) end

instruction("read", function(self, address)
  self:instruction(2, address)
  local value = self:bits_in(16)
  self:deselect()
  return value
end)

instruction("write", function(self, address, value)
  self:instruction(1, address)
  self:out(value, 16)
  return self:finish()
end)

instruction("erase", function(self, address)
  self:instruction(3, address)
  return self:finish()
end)

instruction("ewen", function(self)
  special(self, 3)
  self:deselect()
end)

instruction("ewds", function(self)
  special(self, 0)
  self:deselect()
end)

instruction("eral", function(self)
  special(self, 2)
  return self:finish()
end)

instruction("wral", function(self, value)
  special(self, 1)
  self:out(value, 16)
  return self:finish()
end)

-- wire.half: half a clock period, 1 us for a 93C46; wire.program_within: a programming cycle.
function eeprom.open(nic, words, size)
  local wire = setmetatable({ nic = nic, half = clock.us(1), address_bits = size == 256 and 8 or 6,
                              program_within = clock.ms(10), fold = true }, Wire)
  return setmetatable({ nic = nic, image = words, size = size, wire = wire }, Eeprom)
end

return eeprom
