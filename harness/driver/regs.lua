-- regs.lua - registers as objects, from the device's own table
--
-- A register is a row of the table and a way to reach it (a bus). The memory BAR, the I/O window, the
-- PHY behind MDIC and configuration space are buses, so all their registers have the same verbs:
--
--   r.CTRL:write { RST = 1 }     one write, unnamed fields 0        r.IMC:write(0xffffffff)
--   r.CTRL:set { VME = 1 }       read, replace the named fields, write
--   r.CTRL:clear { "VME" }       read, zero the named fields, write
--   r.CTRL:read().SPEED          one read, decoded; .raw is all of it
--   r.CTRL:raw()                 one read, as it is
--   r.RCTL:expect { EN = 1 }     one read, compares the named fields
--   r.EERD:poll { DONE = 1, within = us(50), every = us(1) }
--   r.RAH[0]:write { AV = 1 }    arrays by index
local text = require "text"
local clock = require "clock"

local regs = {}
local Register = {}
Register.__index = Register

local function field_mask(field)
  return ((1 << (field.hi - field.lo + 1)) - 1) << field.lo
end

local function no_field(row, name)
  local names = {}
  for _, known in ipairs(row.fields) do names[#names + 1] = known.name end
  text.misuse("%s has no field %s%s", row.name, tostring(name), text.nearest(name, names))
end

local function field_named(row, name)
  return row.by_name[name] or no_field(row, name)
end

local function field_value(row, field, value)
  if value == true then value = 1 elseif value == false then value = 0 end
  local width = field.hi - field.lo + 1
  if math.type(value) ~= "integer" or value < 0 or value >> width ~= 0 then
    text.misuse("%s.%s: %s does not fit in %d bit%s", row.name, field.name, tostring(value), width,
                width == 1 and "" or "s")
  end
  return value
end

-- A row as the verbs need it: fields by name as well.
local function prepare(row)
  row.fields = row.fields or {}
  row.by_name = {}
  row.digits = row.digits or 8
  for _, field in ipairs(row.fields) do row.by_name[field.name] = field end
  row.value = { __index = function(_, name) return no_field(row, name) end }
  return row
end

-- A field that the register does not have is an error, not nil.
function regs.decode(row, raw)
  local value = setmetatable({ raw = raw }, row.value)
  for _, field in ipairs(row.fields) do
    value[field.name] = (raw & field_mask(field)) >> field.lo
  end
  return value
end

-- base with the named fields replaced.
local function encode(row, base, fields)
  for name, value in pairs(fields) do
    local field = field_named(row, name)
    base = base & ~field_mask(field) | field_value(row, field, value) << field.lo
  end
  return base
end

local function seen(self, mask, raw)
  if self.bus.seen then self.bus.seen(self.row, self.index, mask, raw) end
end

function Register:raw() return self.bus.read(self.row, self.index) end
function Register:read() return regs.decode(self.row, self:raw()) end

function Register:write(value)
  if type(value) == "table" then value = encode(self.row, 0, value) end
  if math.type(value) ~= "integer" then text.misuse("%s:write takes fields or an integer", self.name) end
  self.bus.write(self.row, self.index, value)
end

-- set(integer) ORs the bits in. Returns what was written.
function Register:set(fields)
  local raw = self:raw()
  raw = type(fields) == "table" and encode(self.row, raw, fields) or raw | fields
  self.bus.write(self.row, self.index, raw)
  return raw
end

-- Names as a list or as keys; clear(integer) drops those bits.
function Register:clear(fields)
  local mask = 0
  if type(fields) == "table" then
    for key, value in pairs(fields) do
      mask = mask | field_mask(field_named(self.row, type(key) == "string" and key or value))
    end
  else
    mask = fields
  end
  local raw = self:raw() & ~mask
  self.bus.write(self.row, self.index, raw)
  return raw
end

-- Which of the named fields differ: their mask, and a sentence for each that does.
local function compare(self, raw, fields)
  local mask, wrong = 0, {}
  for name, expected in pairs(fields) do
    local field = field_named(self.row, name)
    local want, got = field_value(self.row, field, expected), (raw & field_mask(field)) >> field.lo
    mask = mask | field_mask(field)
    if got ~= want then
      wrong[#wrong + 1] = { field = field, want = text.field(want, field.fmt), got = text.field(got, field.fmt) }
    end
  end
  table.sort(wrong, function(a, b) return a.field.lo < b.field.lo end)
  return mask, wrong
end

local function sentences(self, raw, wrong, format)
  local lines = {}
  for i, item in ipairs(wrong) do
    lines[i] = string.format(format, self.name, item.field.name, item.want, item.got, self.name,
                             text.hex(raw, self.row.digits))
  end
  return table.concat(lines, "\n")
end

local function expect_all(self, raw, expected)
  seen(self, self.row.full or 0xffffffff, raw)
  if raw == expected then return end
  text.fail("%s: expected %s, got %s", self.name, text.hex(expected, self.row.digits),
            text.hex(raw, self.row.digits))
end

-- One read. Returns the decoded value, so that a clear-on-read register can be looked at further.
function Register:expect(fields)
  local raw = self:raw()
  if type(fields) ~= "table" then
    expect_all(self, raw, fields)
  else
    local mask, wrong = compare(self, raw, fields)
    seen(self, mask, raw)
    if #wrong > 0 then lab.fail(sentences(self, raw, wrong, "%s.%s: expected %s, got %s (%s = %s)")) end
  end
  return regs.decode(self.row, raw)
end

-- As expect of an integer, but only the bits of mask count.
function Register:expect_masked(expected, mask)
  local raw, fields, rest = self:raw(), {}, mask
  seen(self, mask, raw)
  if (raw ~ expected) & mask == 0 then return end
  for _, field in ipairs(self.row.fields) do
    local bits = field_mask(field)
    if bits & mask == bits then fields[field.name], rest = (expected & bits) >> field.lo, rest & ~bits end
  end
  local _, wrong = compare(self, raw, fields)
  if #wrong > 0 and (raw ~ expected) & rest == 0 then
    lab.fail(sentences(self, raw, wrong, "%s.%s: expected %s, got %s (%s = %s)"))
  end
  text.fail("%s: expected %s, got %s under mask %s", self.name, text.hex(expected & mask),
            text.hex(raw & mask), text.hex(mask))
end

function Register:poll(options)
  local within, every = options.within, options.every or clock.us(1)
  if not within then text.misuse("%s:poll needs within = a time", self.name) end
  local fields = {}
  for name, value in pairs(options) do
    if name ~= "within" and name ~= "every" then fields[name] = value end
  end
  local deadline = lab.now() + within
  while true do
    local raw = self:raw()
    local mask, wrong = compare(self, raw, fields)
    if #wrong == 0 then
      seen(self, mask, raw)
      return regs.decode(self.row, raw)
    end
    if lab.now() + every > deadline then
      lab.fail(sentences(self, raw, wrong, "%s.%s: expected %s, still %s after " .. text.time(within) .. " (%s = %s)"))
    end
    lab.run(every)
  end
end

local function register(row, index, bus)
  local name = row.count and row.count > 1 and string.format("%s[%d]", row.name, index) or row.name
  return setmetatable({ name = name, row = row, index = index, bus = bus }, Register)
end

local Array = {}

local function array(row, bus)
  return setmetatable({}, {
    __len = function() return row.count end,
    __index = function(self, index)
      if Array[index] then return Array[index] end
      if math.type(index) ~= "integer" then
        text.misuse("%s is an array of %d: %s[i]", row.name, row.count, row.name)
      end
      if index < 0 or index >= row.count then
        text.misuse("%s[%d]: the last one is %s[%d]", row.name, index, row.name, row.count - 1)
      end
      local item = register(row, index, bus)
      rawset(self, index, item)
      return item
    end,
  })
end

-- Registers by name. methods: further names that the table answers to.
function regs.open(rows, bus, methods)
  local by_name, names = {}, {}
  for _, row in ipairs(rows) do
    by_name[row.name] = prepare(row)
    names[#names + 1] = row.name
  end
  local function find(self, name)
    if methods and methods[name] ~= nil then return methods[name] end
    local row = by_name[name]
    if not row then
      text.misuse("no register %s%s", tostring(name), text.nearest(name, names))
    end
    local item = (row.count or 1) > 1 and array(row, bus) or register(row, 0, bus)
    rawset(self, name, item)
    return item
  end
  return setmetatable({}, { __index = find })
end

local function offset(row, index) return row.offset + index * (row.stride or 0) end
local function seen_by_lab(row, index, mask, raw) lab.seen(row.name, index, mask, raw) end

-- The memory BAR [13.2.1].
regs.memory = {
  read = function(row, index) return lab.read32(offset(row, index)) end,
  write = function(row, index, value) lab.write32(offset(row, index), value) end,
  seen = seen_by_lab,
}

-- The I/O window: the offset into IOADDR, the value through IODATA [13.2.2].
regs.io = {
  read = function(row, index)
    lab.bar_write("io", 0, 4, offset(row, index))
    return lab.bar_read("io", 4, 4)
  end,
  write = function(row, index, value)
    lab.bar_write("io", 0, 4, offset(row, index))
    lab.bar_write("io", 4, 4, value)
  end,
  seen = seen_by_lab,
}

return regs
