-- ring.lua - descriptor rings in guest memory [3.2.6, 3.4]
--
-- A ring is named txd or rxd in traces, its buffers txbuf[i] and rxbuf[i] after the descriptor that
-- points at them. The device may read transmit buffers, write receive buffers, and do both in rings.
local clock = require "clock"
local desc = require "desc"
local frames = require "frames"
local text = require "text"

local ring = {}

local DESCRIPTOR = 16 -- bytes [3.2.3, 3.3.3]

-- ---- what both kinds share -----------------------------------------------------------------------

local Ring = {}
Ring.__index = Ring

local function check_entries(entries)
  if math.type(entries) ~= "integer" or entries < 8 or entries % 8 ~= 0 then
    text.misuse("entries: a ring has a multiple of 8 descriptors [3.2.6], not %s", tostring(entries))
  end
  return entries
end

local function allocate(self, name)
  local bytes = DESCRIPTOR * self.entries
  self.base = lab.mem_alloc(name, bytes, self.align or 128, "rw", DESCRIPTOR)
  lab.poke(self.base, string.rep("\0", bytes))
end

function Ring:at(index) return self.base + DESCRIPTOR * (index % self.entries) end
function Ring:bytes(index) return lab.peek(self:at(index), DESCRIPTOR) end
function Ring:label(index) return string.format("%s[%d]", self.name, index % self.entries) end

-- Any two quadwords; the ring's own notion of its tail does not change.
function Ring:raw(index, q0, q1) lab.poke(self:at(index), desc.pack(q0, q1)) end

local function compare(self, index, fields)
  local list = self:layout(index)
  return desc.compare(list, self:label(index), desc.decode(list, self:bytes(index)), fields)
end

function Ring:desc(index) return desc.decode(self:layout(index), self:bytes(index)) end

function Ring:expect(index, fields)
  local lines = compare(self, index, fields)
  if #lines > 0 then lab.fail(table.concat(lines, "\n")) end
  return self:desc(index)
end

-- Looks at memory every microsecond, no bus access. { index =, DD = 1, ..., within = }
function Ring:wait(options)
  options = options or {}
  local within, index, fields = options.within or clock.ms(10), options.index or self:waited(), {}
  for name, value in pairs(options) do
    if name ~= "within" and name ~= "index" then fields[name] = value end
  end
  if next(fields) == nil then fields.DD = 1 end
  local deadline = lab.now() + within
  while true do
    local lines = compare(self, index, fields)
    if #lines == 0 then return self:desc(index) end
    if lab.now() >= deadline then
      text.fail("%s, after %s", table.concat(lines, "\n"), text.time(within))
    end
    lab.run(math.min(clock.us(1), deadline - lab.now()))
  end
end

-- Ring registers as the manual has them set up [14.4, 14.5]: base, length, head, tail, then enable.
local function program(self, prefix, tail)
  local r = self.nic.regs
  r[prefix .. "BAL"]:write(self.base & 0xffffffff)
  r[prefix .. "BAH"]:write(self.base >> 32)
  r[prefix .. "LEN"]:write(DESCRIPTOR * self.entries)
  r[prefix .. "H"]:write(0)
  r[prefix .. "T"]:write(tail)
end

-- Upper-case options are fields of the control register, the others belong to the ring.
local function split_options(verb, options, known)
  local fields, own = {}, {}
  for name, value in pairs(options) do
    if type(name) == "string" and name:match("^[A-Z]") then fields[name] = value else own[name] = value end
  end
  return fields, text.check_options(verb, own, known)
end

-- ---- transmit ------------------------------------------------------------------------------------

local Tx = setmetatable({}, Ring)
Tx.__index = Tx

-- TCTL as 13.4.33 recommends for full duplex; PSP pads to 64 bytes.
local TCTL = { EN = 1, PSP = 1, CT = 15, COLD = 64 }

function ring.tx(nic, options)
  local fields, own = split_options("nic:tx_ring", options, "entries align program")
  for name, value in pairs(TCTL) do if fields[name] == nil then fields[name] = value end end
  local self = setmetatable({ nic = nic, name = "txd", entries = check_entries(own.entries or 8), align = own.align,
                              tctl = fields, slots = {} }, Tx)
  allocate(self, "txd")
  if own.program ~= false then self:restart() else self.tail, self.clean = 0, 0 end
  return self
end

-- The registers again, after a reset: an empty ring in the same memory.
function Tx:restart()
  for index in pairs(self.slots) do self:drop(index) end
  self.tail, self.clean, self.last = 0, 0, nil
  lab.poke(self.base, string.rep("\0", DESCRIPTOR * self.entries))
  program(self, "TD", 0)
  self.nic.regs.TCTL:write(self.tctl)
end

function Tx:waited()
  if not self.last then text.misuse("tx:wait: no descriptor with RS has been queued") end
  return self.last
end

-- A descriptor's own words tell its kind: DEXT and DTYP [3.3.2].
function Tx:layout(index)
  local _, q1 = string.unpack("<i8i8", self:bytes(index))
  if q1 & 1 << 29 == 0 then return desc.legacy end
  return q1 >> 20 & 15 == 0 and desc.context or desc.data
end

function Tx:free()
  return (self.clean - self.tail - 1) % self.entries
end

function Tx:drop(index)
  local slot = self.slots[index]
  if slot and slot.buffer then lab.mem_free(slot.buffer) end
  self.slots[index] = nil
end

-- One descriptor at the tail. A buffer of the ring is freed when its descriptor is used again, so a
-- device that still reads it is caught.
local function put(self, list, fields, buffer)
  local index = self.tail
  self:drop(index)
  if buffer then
    local bytes = frames.bytes(buffer)
    local address = #bytes > 0 and lab.mem_alloc(string.format("txbuf[%d]", index), #bytes, 1, "r") or nil
    if address then lab.poke(address, bytes) end
    self.slots[index] = { buffer = address }
    fields.ADDR = fields.ADDR or address
    local length = list == desc.data and "DTALEN" or "LENGTH"
    fields[length] = fields[length] or #bytes
  end
  local q0, q1 = desc.encode(list, fields)
  self:raw(index, q0, q1)
  if q1 & 1 << 27 ~= 0 then self.last = index end -- RS, in all three kinds
  self.tail = (index + 1) % self.entries
  return index
end

local function without_buffer(options)
  local fields = {}
  for name, value in pairs(options) do if name ~= "buffer" then fields[name] = value end end
  return fields
end

-- { buffer = bytes or packet, EOP = 1, IFCS = 1, ... } or CMD = "EOP IFCS RS". Unnamed fields are 0.
function Tx:legacy(options) return put(self, desc.legacy, without_buffer(options), options.buffer) end

-- { TUCMD = "TCP IP TSE DEXT", IPCSS = 14, ... }
function Tx:context(options)
  return put(self, desc.context, without_buffer(options))
end

-- { buffer = , DCMD = "TSE DEXT IFCS EOP RS", POPTS = "IXSM TXSM" }
function Tx:data(options)
  local fields = without_buffer(options)
  fields.DTYP = fields.DTYP or 1
  return put(self, desc.data, fields, options.buffer)
end

local function pieces(bytes, split)
  if not split then return { bytes } end
  local list, from = {}, 1
  if type(split) == "table" then
    for _, size in ipairs(split) do
      list[#list + 1] = bytes:sub(from, from + size - 1)
      from = from + size
    end
    split = #bytes
  end
  while from <= #bytes do
    list[#list + 1] = bytes:sub(from, from + split - 1)
    from = from + split
  end
  return list
end

-- A packet in legacy descriptors, EOP and RS on the last, then the doorbell (unless doorbell = false).
-- split: a size, or a list of sizes of the first pieces. Other options are fields of each descriptor.
-- Returns the index of the last.
function Tx:send(packet, options)
  options = options or {}
  local list, index = pieces(frames.bytes(packet), options.split), nil
  for i, piece in ipairs(list) do
    local fields = { buffer = piece, IFCS = 1, EOP = i == #list, RS = i == #list }
    for name, value in pairs(options) do
      if name ~= "split" and name ~= "doorbell" and (i == #list or name ~= "RS" and name ~= "EOP") then
        fields[name] = value
      end
    end
    index = self:legacy(fields)
  end
  if options.doorbell ~= false then self:doorbell() end
  return index
end

-- TDT: all that was queued, or index.
function Tx:doorbell(index) self.nic.regs.TDT:write(index or self.tail) end

-- The status nibble of descriptor i: DD, EC, LC.
function Tx:status(index)
  local value = self:desc(index)
  return { DD = value.DD, EC = value.EC or 0, LC = value.LC or 0, raw = value.STA }
end

-- Buffers of finished descriptors are freed: up to the last one that reported DD. Returns how many.
function Tx:reclaim()
  local done, index, count = self.clean, self.clean, 0
  while index ~= self.tail do
    local value = self:desc(index)
    index = (index + 1) % self.entries
    if value.RS == 1 then
      if value.DD == 0 then break end
      done = index
    end
  end
  while self.clean ~= done do
    self:drop(self.clean)
    self.clean, count = (self.clean + 1) % self.entries, count + 1
  end
  return count
end

-- ---- receive -------------------------------------------------------------------------------------

local Rx = setmetatable({}, Ring)
Rx.__index = Rx

-- RCTL.BSIZE and BSEX by buffer size [13.4.22].
local SIZES = { [2048] = { 0, 0 }, [1024] = { 1, 0 }, [512] = { 2, 0 }, [256] = { 3, 0 },
                [16384] = { 1, 1 }, [8192] = { 2, 1 }, [4096] = { 3, 1 } }

local function rctl(fields, buffer)
  local size = SIZES[buffer]
  if not size then text.misuse("buffer: RCTL knows 256, 512, 1024, 2048, 4096, 8192 and 16384 bytes") end
  local value = { EN = 1, BSIZE = size[1], BSEX = size[2] }
  for name, field in pairs(fields) do value[name] = field end
  return value
end

function ring.rx(nic, options)
  local fields, own = split_options("nic:rx_ring", options, "entries buffer ready align program")
  local buffer = own.buffer or 2048
  local self = setmetatable({ nic = nic, name = "rxd", entries = check_entries(own.entries or 8), size = buffer,
                              align = own.align, rctl = rctl(fields, buffer), buffers = {}, taken = {} }, Rx)
  self.ready = own.ready or self.entries - 1
  allocate(self, "rxd")
  for i = 0, self.entries - 1 do
    self.buffers[i] = lab.mem_alloc(string.format("rxbuf[%d]", i), buffer, 16, "w")
  end
  if own.program ~= false then self:restart() end
  return self
end

-- Any two quadwords. Whatever the descriptor said, the driver has not taken it yet.
function Rx:raw(index, q0, q1)
  self.taken[index % self.entries] = nil
  Ring.raw(self, index, q0, q1)
end

-- The registers again, after a reset: a ring with `ready` descriptors given.
function Rx:restart()
  for i = 0, self.entries - 1 do self:raw(i, self.buffers[i], 0) end
  self.next, self.tail = 0, self.ready % self.entries
  program(self, "RD", self.tail)
  self.nic.regs.RCTL:write(self.rctl)
end

function Rx:layout() return desc.receive end
function Rx:waited() return self.next end

-- What the device stored for descriptor i.
function Rx:data(index)
  local value = self:desc(index)
  if value.LENGTH == 0 then return "" end
  return lab.peek(self.buffers[index % self.entries], math.min(value.LENGTH, self.size))
end

-- The frame that begins at descriptor i: its bytes, the index of its last descriptor.
function Rx:frame(index)
  local parts = {}
  for i = index, index + self.entries - 1 do
    local value = self:desc(i)
    if value.DD == 0 then
      text.fail("%s.DD: expected 1, got 0, in a frame from %s on", self:label(i), self:label(index))
    end
    parts[#parts + 1] = self:data(i)
    if value.EOP == 1 then return table.concat(parts), i % self.entries end
  end
  text.fail("no EOP in the whole ring, in a frame from %s on", self:label(index))
end

-- A descriptor that was taken keeps its DD until it is given again: it is not the next frame.
local function finished(self)
  local index = self.next
  for _ = 1, self.entries do
    local value = self:desc(index)
    if value.DD == 0 or self.taken[index] then return false end
    if value.EOP == 1 then return true end
    index = (index + 1) % self.entries
  end
  return false
end

-- The next frame as a driver takes it: bytes, and the decoded last descriptor; nil if there is none.
-- within: wait that long for one, and fail without.
function Rx:take(options)
  local within = (options or {}).within
  local deadline = lab.now() + (within or 0)
  while not finished(self) do
    if not within then return nil end
    if lab.now() >= deadline then
      text.fail("%s.DD: expected 1, got 0, after %s", self:label(self.next), text.time(within))
    end
    lab.run(clock.us(1))
  end
  local bytes, last = self:frame(self.next)
  local value = self:desc(last)
  for i = self.next, self.next + (last - self.next) % self.entries do self.taken[i % self.entries] = true end
  self.next = (last + 1) % self.entries
  return bytes, value
end

-- count descriptors back to the device, fresh, by one write of RDT.
function Rx:give(count)
  for i = self.tail, self.tail + count - 1 do
    self:raw(i, self.buffers[i % self.entries], 0)
  end
  self.tail = (self.tail + count) % self.entries
  self.nic.regs.RDT:write(self.tail)
end

-- All that were taken; one stays behind, as RDT = RDH means an empty ring [3.2.6].
function Rx:fill() self:give((self.next - self.tail - 1) % self.entries) end

return ring
