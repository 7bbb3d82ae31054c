-- prelude.lua - the globals of a scenario
--
--   scenario, step, expect, pkt, ns, us, ms, s
--
-- Everything else is a verb of the card that scenario{} returns.
local clock = require "clock"
local eeprom = require "eeprom"
local nic = require "nic"
local text = require "text"

expect = require "expect"
pkt = require "pkt"
ns, us, ms, s = clock.ns, clock.us, clock.ms, clock.s

local OURS = "eeprom pci cable"
local LABS = "name manual golden line_rate aux_power m66en needs powered device_id revision flash long"

local function declaration(options)
  text.check_options("scenario", options, OURS .. " " .. LABS)
  local words, size = eeprom.image(options.eeprom)
  local list = {}
  for address = 0, size - 1 do list[address + 1] = words[address] end
  local declared = { eeprom = { words = list, size = size } }
  for name in LABS:gmatch("%S+") do declared[name] = options[name] end
  declared.needs = { table.unpack(options.needs or {}) }
  if options.eeprom then table.insert(declared.needs, "eeprom") end
  if options.cable ~= nil then table.insert(declared.needs, "partner") end
  return declared, words, size
end

-- A card that brings its EEPROM along: what is in it.
local function read_eeprom(card, words, size)
  lab.fold("EEPROM", function()
    for address = 0, size - 1 do words[address] = card.eeprom:read(address) end
  end)
  card.mac = eeprom.mac(words)
end

-- Name and sections are required; what else a scenario may say, with its default:
--   golden = { "wire" }       also pin the frames
--   eeprom = {}               mac, words = { [0x0a] = v }, size = 64 | 256 | 0, blank (eeprom.lua)
--   cable = {}                the partner (nic:partner), false: none
--   pci = true                false: configuration space is left as it comes up
--   powered = true            false: no power yet, and no bring-up (nic:power_cycle)
--   flash = { size = 65536, image = "" }   the serial boot flash; none without it
--   line_rate = true, aux_power = false, m66en = false, device_id, revision, needs
--   long = true               it takes seconds: run --quick leaves it out
function scenario(options)
  local declared, words, size = declaration(options)
  lab.scenario(declared)
  local card = nic.open(words, size)
  if not lab.can "partner" then
    card.cable = { speed = 1000, duplex = "full" } -- it has a partner of its own
  elseif options.cable ~= false then
    card:partner(type(options.cable) == "table" and options.cable or {})
  end
  if options.powered ~= false then nic.bring_up(card, options) end
  if not lab.can "eeprom" then read_eeprom(card, words, size) end
  clock.restart()
  return card
end

-- Names the part of the trace that follows.
function step(title) lab.step(title) end
