-- pci.lua - configuration space by name, and what firmware does to it [4.1]
--
--   nic.pci.COMMAND:set { MEM = 1 }, nic.pci.VENDOR:expect(0x8086): the verbs of regs.lua
--   nic.pci:read(0x10, 4), :write(0x10, 4, v), :capability(0x05), :bar_size(0), :setup {}
local regs = require "regs"
local text = require "text"

local pci = {}

local function bit(name, lo) return { name = name, hi = lo, lo = lo, fmt = "bit" } end
local function bits(name, hi, lo) return { name = name, hi = hi, lo = lo, fmt = "hex" } end

-- name, offset, bytes, fields. Capability registers stand where 4.1 and 6.3.3 print them.
local ROWS = {
  { "VENDOR", 0x00, 2 }, { "DEVICE", 0x02, 2 },
  { "COMMAND", 0x04, 2, { bit("IO", 0), bit("MEM", 1), bit("BME", 2), bit("SCE", 3), bit("MWI", 4),
    bit("VGA", 5), bit("PER", 6), bit("WCC", 7), bit("SERR", 8), bit("FBE", 9) } },
  { "STATUS", 0x06, 2, { bit("CAP", 4), bit("M66", 5), bit("UDF", 6), bit("FBC", 7), bit("MDPE", 8),
    bits("DEVSEL", 10, 9), bit("STA", 11), bit("RTA", 12), bit("RMA", 13), bit("SSE", 14), bit("DPE", 15) } },
  { "REVISION", 0x08, 1 }, { "PROGIF", 0x09, 1 }, { "CLASS", 0x0a, 2 },
  { "CLS", 0x0c, 1 }, { "LATENCY", 0x0d, 1 }, { "HEADER", 0x0e, 1 }, { "BIST", 0x0f, 1 },
  { "BAR0", 0x10, 4 }, { "BAR1", 0x14, 4 }, { "BAR2", 0x18, 4 },
  { "BAR3", 0x1c, 4 }, { "BAR4", 0x20, 4 }, { "BAR5", 0x24, 4 },
  { "CARDBUS", 0x28, 4 }, { "SUBVENDOR", 0x2c, 2 }, { "SUBSYSTEM", 0x2e, 2 },
  { "ROM", 0x30, 4, { bit("EN", 0), bits("BASE", 31, 11) } },
  { "CAPPTR", 0x34, 1 }, { "INTLINE", 0x3c, 1 }, { "INTPIN", 0x3d, 1 },
  { "MINGNT", 0x3e, 1 }, { "MAXLAT", 0x3f, 1 },
  { "PMID", 0xdc, 1 }, { "PMNEXT", 0xdd, 1 },
  { "PMC", 0xde, 2, { bits("VERSION", 2, 0), bit("PMECLK", 3), bit("DSI", 5), bits("AUX", 8, 6),
    bit("D1", 9), bit("D2", 10), bits("PME", 15, 11) } },
  { "PMCSR", 0xe0, 2, { bits("STATE", 1, 0), bit("PME_EN", 8), bits("SELECT", 12, 9),
    bits("SCALE", 14, 13), bit("PME_STATUS", 15) } },
  { "PMDATA", 0xe3, 1 },
  { "PCIXID", 0xe4, 1 }, { "PCIXNEXT", 0xe5, 1 }, { "PCIXCMD", 0xe6, 2 }, { "PCIXSTATUS", 0xe8, 4 },
  { "MSIID", 0xf0, 1 }, { "MSINEXT", 0xf1, 1 },
  { "MSICTL", 0xf2, 2, { bit("EN", 0), bits("MMC", 3, 1), bits("MME", 6, 4), bit("C64", 7) } },
  { "MSIADDR", 0xf4, 4 }, { "MSIUPPER", 0xf8, 4 }, { "MSIDATA", 0xfc, 2 },
}

local function rows()
  local list = {}
  for i, row in ipairs(ROWS) do
    list[i] = { name = row[1], offset = row[2], size = row[3], fields = row[4], digits = 2 * row[3] }
  end
  return list
end

local bus = {
  read = function(row) return lab.config_read(row.offset, row.size) end,
  write = function(row, _, value) lab.config_write(row.offset, row.size, value) end,
}

local methods = {}

function methods.read(_, offset, size) return lab.config_read(offset, size) end
function methods.write(_, offset, size, value) lab.config_write(offset, size, value) end

-- Offset of a capability by its ID (01h power management, 05h MSI, 07h PCI-X), nil if not listed.
function methods.capability(_, id)
  local at, left = lab.config_read(0x34, 1), 48
  while at ~= 0 and left > 0 do
    if lab.config_read(at, 1) == id then return at end
    at, left = lab.config_read(at + 1, 1), left - 1
  end
  return nil
end

-- All of the chain, as a list of { id =, at = }.
function methods.capabilities(_)
  local list, at = {}, lab.config_read(0x34, 1)
  while at ~= 0 and #list < 48 do
    list[#list + 1] = { id = lab.config_read(at, 1), at = at }
    at = lab.config_read(at + 1, 1)
  end
  return list
end

-- What a BAR decodes: bytes (0: nothing there) and "mem", "mem64" or "io"; its value is put back.
function methods.bar_size(_, number)
  local at = number == "rom" and 0x30 or 0x10 + 4 * number
  local old = lab.config_read(at, 4)
  lab.config_write(at, 4, number == "rom" and 0xfffff800 or 0xffffffff)
  local mask = lab.config_read(at, 4)
  lab.config_write(at, 4, old)
  if mask == 0 then return 0, nil end
  if number == "rom" then return -(mask & 0xfffff800) & 0xffffffff, "mem" end
  if mask & 1 == 1 then return -(mask & 0xfffffffc) & 0xffffffff, "io" end
  return -(mask & 0xfffffff0) & 0xffffffff, mask & 6 == 4 and "mem64" or "mem"
end

-- A list of { number =, size =, kind = } of the BARs that decode something.
function methods.bars(self)
  local list, number = {}, 0
  while number < 6 do
    local size, kind = self:bar_size(number)
    if size > 0 then list[#list + 1] = { number = number, size = size, kind = kind } end
    number = number + (kind == "mem64" and 2 or 1)
  end
  return list
end

local function put(bar, base)
  lab.config_write(0x10 + 4 * bar.number, 4, base & 0xffffffff)
  if bar.kind == "mem64" then lab.config_write(0x14 + 4 * bar.number, 4, base >> 32) end
end

-- What firmware does: size the BARs, give them addresses, ROM off, decode and bus mastering on.
-- mem, io, flash: bases (flash stays 0, so not decoded [13.2.1.2]); command: the Command register.
function methods.setup(self, options)
  options = text.check_options("pci:setup", options or {}, "mem io flash rom command")
  local memory = { options.mem or 0xfeb80000, options.flash or 0 }
  for _, bar in ipairs(self:bars()) do
    if bar.kind == "io" then put(bar, options.io or 0xc000) else put(bar, table.remove(memory, 1) or 0) end
  end
  lab.config_write(0x30, 4, options.rom and options.rom | 1 or 0)
  lab.config_write(0x04, 2, options.command or 0x0007)
end

-- Flash through its BAR, or the same bytes through the expansion ROM [13.2.1.2, 13.2.1.3].
function methods.flash_on(self, base)
  for _, bar in ipairs(self:bars()) do
    if bar.kind ~= "io" and bar.number > 0 then return put(bar, base or 0xfeb00000) end
  end
  text.misuse("pci:flash_on: the EEPROM of this board disables the flash (word 24h bit 11)")
end

function methods.rom_on(_, base) lab.config_write(0x30, 4, (base or 0xfea00000) | 1) end

function methods.msi_on(self, options)
  options = text.check_options("pci:msi_on", options or {}, "addr data")
  local addr = options.addr or 0xfee00000
  self.MSIADDR:write(addr & 0xffffffff)
  self.MSIUPPER:write(addr >> 32)
  self.MSIDATA:write(options.data or 0x4021)
  self.MSICTL:set { EN = 1 }
end

function methods.msi_off(self) self.MSICTL:clear { "EN" } end

-- PowerState 0 or 3 [6.3.3.4]; PME_Status is not touched (writing 1 would clear it).
function methods.power(self, state)
  local value = self.PMCSR:raw()
  self.PMCSR:write(value & ~0x8003 | state)
end

function pci.open()
  return regs.open(rows(), bus, methods)
end

return pci
