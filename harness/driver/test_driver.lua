-- test_driver.lua - the driver libraries' pure parts against published vectors; plain Lua, no lab needed
--
--   lua5.4 harness/driver/test_driver.lua
package.path = ((arg and arg[0] or ""):match("^(.*/)") or "./") .. "?.lua;" .. package.path

lab = {
  now = function() return 0 end,
  run = function() end,
  fold = function(_, fn, ...) return fn(...) end,
  fail = function(message) error(message, 0) end,
  nearest = function() return "" end,
}

local desc = require "desc"
local eeprom = require "eeprom"
local text = require "text"

local passed = 0

local function eq(got, want, what)
  if got ~= want then error(string.format("%s: expected %s, got %s", what, text.value(want), text.value(got)), 2) end
  passed = passed + 1
end

local function fails(what, pattern, fn, ...)
  local ok, message = pcall(fn, ...)
  if ok or not tostring(message):find(pattern) then error(what .. ": " .. tostring(message), 2) end
  passed = passed + 1
end

local function hex(bytes)
  return (bytes:gsub(".", function(c) return string.format("%02X ", c:byte()) end):sub(1, -2))
end

-- A three-segment TCP send: context, header and payload descriptors [3.3.6, 3.3.7].
local q0, q1 = desc.encode(desc.context, { IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50, TUCSE = 0,
                                           TUCMD = "DEXT TSE IP TCP", PAYLEN = 600, HDRLEN = 54, MSS = 256 })
eq(hex(desc.pack(q0, q1)), "0E 18 21 00 22 32 00 00 58 02 00 27 00 36 00 01", "context")
q0, q1 = desc.encode(desc.data, { ADDR = 0x10000, DTALEN = 54, DTYP = 1, DCMD = "DEXT TSE IFCS", POPTS = 3 })
eq(hex(desc.pack(q0, q1)), "00 00 01 00 00 00 00 00 36 00 10 26 00 03 00 00", "data, header")
q0, q1 = desc.encode(desc.data, { ADDR = 0x20000, DTALEN = 600, DTYP = 1, DCMD = "DEXT RS TSE", IFCS = 1, EOP = true,
                                  POPTS = "IXSM TXSM" })
eq(hex(desc.pack(q0, q1)), "00 00 02 00 00 00 00 00 58 02 10 2F 00 03 00 00", "data, payload")

local value = desc.decode(desc.receive, "\0\0\1\0\0\0\0\0\60\0\x2f\x84\x6b\x80\x64\x60")
eq(value.LENGTH, 60, "LENGTH")
eq(value.CSUM, 0x842f, "CSUM")
eq(value.DD + value.EOP + value.VP + value.TCPCS + value.IPCS, 5, "status")
eq(value.IXSM + value.PIF, 0, "status, clear")
eq(value.RXE, 1, "RXE")
eq(value.PRI, 3, "PRI")
eq(value.VLAN, 100, "VLAN")
eq(table.concat(desc.compare(desc.receive, "rxd[0]", value, { VP = 0, SPECIAL = { VLAN = 101 } }), "; "),
   "rxd[0].SPECIAL.VLAN: expected 101, got 100; rxd[0].VP: expected 0, got 1", "comparison")

fails("a flag that is none", "DCMD has no TES", desc.encode, desc.data, { DCMD = "TES" })
fails("a field that is none", "has no LENGHT", desc.encode, desc.legacy, { LENGHT = 1 })
fails("too wide", "CSO: 256 does not fit in 8 bits", desc.encode, desc.legacy, { CSO = 256 })

-- [5.6.1, 5.6.35]
local words, size = eeprom.image { mac = "12:34:56:78:90:ab", words = { [0x0b] = 0x1008 } }
eq(size, 64, "words")
eq(words[0], 0x3412, "word 0")
eq(words[2], 0xab90, "word 2")
eq(eeprom.mac(words), "12:34:56:78:90:ab", "address")
local sum = 0
for address = 0, 0x3f do sum = sum + words[address] end
eq(sum & 0xffff, 0xbaba, "checksum")
eq(eeprom.image({ size = 256 })[0xff], 0xffff, "free word of a large part")
fails("address", "not a MAC address", eeprom.image, { mac = "12:34" })

-- The wires: a part that notes DI at rising edges of SK while CS is high, and answers A5C3h.
local pins, log, out = 0, {}, 0xa5c3 << 1
local part = {
  write = function(_, v)
    if v & 3 == 3 and pins & 1 == 0 then
      log[#log + 1] = v >> 2 & 1
      if #log > 9 then out = out << 1 & 0x1ffff end
    end
    pins = v
  end,
  raw = function() return 0x180 | (out >> 16 & 1) << 3 end,
}
local ee = eeprom.open({ regs = { EECD = part } }, words, 64)
ee:request()
out = 0xa5c3
eq(ee.wire:read(0x2f), 0xa5c3, "read by wire")
eq(table.concat(log, "", 1, 9), "110101111", "READ 2Fh on the wire")
eq(pins & 7, 0, "deselected")

-- A field that is not there is an error wherever it is named, not nil and not 0.
local regs = require "regs"
local DC = { name = "DC", offset = 0, fields = { { name = "DC", lo = 0, hi = 31, fmt = "dec" } } }
local open = regs.open({ DC }, { read = function() return 7 end, write = function() end })
eq(open.DC:read().DC, 7, "a field")
eq(open.DC:read().raw, 7, "the whole register")
fails("a field that is not there, read", "^DC has no field DC_typo", function() return open.DC:read().DC_typo end)
fails("expected", "^DC has no field DC_typo", function() open.DC:expect { DC_typo = 0 } end)
fails("polled", "^DC has no field DC_typo", function() open.DC:poll { DC_typo = 0, within = 1 } end)
fails("written", "^DC has no field DC_typo", function() open.DC:write { DC_typo = 0 } end)
fails("cleared", "^DC has no field DC_typo", function() open.DC:clear { "DC_typo" } end)
fails("a register that is not there", "^no register DD", function() return open.DD end)
fails("in a descriptor", "has no field LENGHT", function() return value.LENGHT end)

print(string.format("driver libraries: %d passed", passed))
