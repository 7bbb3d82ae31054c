-- desc.lua - descriptors: fields to bits and back [3.2.3, 3.3.3, 3.3.6, 3.3.7]
local text = require "text"

local desc = {}

local function field(name, word, hi, lo) return { name = name, word = word, hi = hi, lo = lo } end

local function flags(list, word, base)
  local fields, bit = {}, base
  for name in list:gmatch("%S+") do
    if name ~= "-" then fields[#fields + 1] = field(name, word, bit, bit) end
    bit = bit + 1
  end
  return fields
end

local function layout(...)
  local list = { by_name = {} }
  for _, group in ipairs { ... } do
    for _, item in ipairs(group.name and { group } or group) do
      list[#list + 1] = item
      list.by_name[item.name] = item
    end
  end
  return list
end

-- TCI: in SPECIAL of all descriptors [3.2.3.3].
local SPECIAL = { PRI = { 15, 13 }, CFI = { 12, 12 }, VLAN = { 11, 0 } }

desc.legacy = layout(field("ADDR", 0, 63, 0), field("LENGTH", 1, 15, 0), field("CSO", 1, 23, 16),
  field("CMD", 1, 31, 24), flags("EOP IFCS IC RS RSV4 DEXT VLE IDE", 1, 24), field("STA", 1, 35, 32),
  flags("DD EC LC", 1, 32), field("CSS", 1, 47, 40), field("SPECIAL", 1, 63, 48))

desc.context = layout(field("IPCSS", 0, 7, 0), field("IPCSO", 0, 15, 8), field("IPCSE", 0, 31, 16),
  field("TUCSS", 0, 39, 32), field("TUCSO", 0, 47, 40), field("TUCSE", 0, 63, 48),
  field("PAYLEN", 1, 19, 0), field("DTYP", 1, 23, 20), field("TUCMD", 1, 31, 24),
  flags("TCP IP TSE RS RSV4 DEXT RSV6 IDE", 1, 24), field("STA", 1, 35, 32), flags("DD", 1, 32),
  field("HDRLEN", 1, 47, 40), field("MSS", 1, 63, 48))

desc.data = layout(field("ADDR", 0, 63, 0), field("DTALEN", 1, 19, 0), field("DTYP", 1, 23, 20),
  field("DCMD", 1, 31, 24), flags("EOP IFCS TSE RS RSV4 DEXT VLE IDE", 1, 24), field("STA", 1, 35, 32),
  flags("DD EC LC", 1, 32), field("POPTS", 1, 47, 40), flags("IXSM TXSM", 1, 40), field("SPECIAL", 1, 63, 48))

desc.receive = layout(field("ADDR", 0, 63, 0), field("LENGTH", 1, 15, 0), field("CSUM", 1, 31, 16),
  field("STATUS", 1, 39, 32), flags("DD EOP IXSM VP - TCPCS IPCS PIF", 1, 32), field("ERRORS", 1, 47, 40),
  flags("CE SE SEQ - CXE TCPE IPE RXE", 1, 40), field("SPECIAL", 1, 63, 48))

-- What a command byte's words stand for, per layout: bits of the field itself.
local function word_bits(list, name)
  local byte, bits = list.by_name[name], {}
  for _, item in ipairs(list) do
    if item.hi == item.lo and item.word == byte.word and item.lo >= byte.lo and item.lo <= byte.hi then
      bits[item.name] = 1 << item.lo - byte.lo
    end
  end
  return bits
end

local function from_words(list, name, value)
  local bits, total = word_bits(list, name), 0
  for word in value:gmatch("%S+") do
    if not bits[word] then text.misuse("%s has no %s", name, word) end
    total = total | bits[word]
  end
  return total
end

local function special(value)
  local total = 0
  for name, part in pairs(value) do
    local range = SPECIAL[name]
    if not range then text.misuse("SPECIAL has PRI, CFI and VLAN, not %s", tostring(name)) end
    if part >> range[1] - range[2] + 1 ~= 0 then text.misuse("SPECIAL.%s: %d is too large", name, part) end
    total = total | part << range[2]
  end
  return total
end

local function number(list, item, value)
  if type(value) == "string" then value = from_words(list, item.name, value) end
  if type(value) == "table" and item.name == "SPECIAL" then value = special(value) end
  if value == true then value = 1 elseif value == false then value = 0 end
  local width = item.hi - item.lo + 1
  if math.type(value) ~= "integer" or width < 64 and (value < 0 or value >> width ~= 0) then
    text.misuse("%s: %s does not fit in %d bits", item.name, tostring(value), width)
  end
  return value
end

local function mask(item)
  local width = item.hi - item.lo + 1
  return width == 64 and -1 or (1 << width) - 1
end

-- Two quadwords. Words in a command byte and flags by name are ORed together.
function desc.encode(list, fields)
  local words = { [0] = 0, 0 }
  for name, value in pairs(fields) do
    local item = list.by_name[name]
    if not item then
      local names = {}
      for i, known in ipairs(list) do names[i] = known.name end
      text.misuse("the descriptor has no %s%s", tostring(name), text.nearest(name, names))
    end
    words[item.word] = words[item.word] | number(list, item, value) << item.lo
  end
  return words[0], words[1]
end

local function no_field(list, name)
  local names = {}
  for i, item in ipairs(list) do names[i] = item.name end
  text.misuse("a descriptor of this kind has no field %s%s", tostring(name), text.nearest(name, names))
end

-- A field that this kind of descriptor does not have is an error, not nil.
function desc.decode(list, bytes)
  local q0, q1 = string.unpack("<i8i8", bytes)
  local words, value = { [0] = q0, q1 }, { q0 = q0, q1 = q1 }
  for _, item in ipairs(list) do value[item.name] = words[item.word] >> item.lo & mask(item) end
  if list.by_name.SPECIAL then
    for name, range in pairs(SPECIAL) do
      value[name] = value.SPECIAL >> range[2] & (1 << range[1] - range[2] + 1) - 1
    end
  end
  return setmetatable(value, { __index = function(_, name) return no_field(list, name) end })
end

local HEX = { ADDR = true, CSUM = true, STATUS = true, ERRORS = true, SPECIAL = true, CMD = true, STA = true }

local function complain(lines, label, want, got, hex)
  local format = hex and "hex" or "dec"
  lines[#lines + 1] = string.format("%s: expected %s, got %s", label, text.field(want, format), text.field(got, format))
end

-- Compare named fields; the lines that say what differs, sorted by field.
function desc.compare(list, label, value, fields)
  local lines = {}
  for name, expected in pairs(fields) do
    local item = list.by_name[name]
    if not item then no_field(list, name) end
    if name == "SPECIAL" and type(expected) == "table" then
      special(expected)
      for part, want in pairs(expected) do
        if value[part] ~= want then complain(lines, label .. ".SPECIAL." .. part, want, value[part]) end
      end
    else
      local want = number(list, item, expected)
      if value[name] ~= want then complain(lines, label .. "." .. name, want, value[name], HEX[name]) end
    end
  end
  table.sort(lines)
  return lines
end

function desc.pack(q0, q1) return string.pack("<i8i8", q0, q1) end

return desc
