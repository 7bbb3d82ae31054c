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
local LABS = "name manual golden line_rate aux_power m66en needs powered device_id revision flash"

local function declaration(options)
  text.check_options("scenario", options, OURS .. " " .. LABS)
  local words, size = eeprom.image(options.eeprom)
  local list = {}
  for address = 0, size - 1 do list[address + 1] = words[address] end
  local declared = { eeprom = { words = list, size = size } }
  for name in LABS:gmatch("%S+") do declared[name] = options[name] end
  return declared, words, size
end

-- Name and sections are required; what else a scenario may say, with its default:
--   golden = { "wire" }       also pin the frames
--   eeprom = {}               mac, words = { [0x0a] = v }, size = 64 | 256 | 0, blank (eeprom.lua)
--   cable = {}                the partner (nic:partner), false: none
--   pci = true                false: configuration space is left as it comes up
--   powered = true            false: no power yet, and no bring-up (nic:power_cycle)
--   flash = { size = 65536, image = "" }   the serial boot flash; none without it
--   line_rate = true, aux_power = false, m66en = false, device_id, revision, needs
function scenario(options)
  local declared, words, size = declaration(options)
  lab.scenario(declared)
  local card = nic.open(words, size)
  if options.cable ~= false then card:partner(type(options.cable) == "table" and options.cable or {}) end
  if options.powered ~= false then nic.bring_up(card, options) end
  clock.restart()
  return card
end

-- Names the part of the trace that follows.
function step(title) lab.step(title) end
