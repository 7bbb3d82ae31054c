-- nic.lua - the card in its machine: time, the wire, interrupts, resets
local clock = require "clock"
local eeprom = require "eeprom"
local frames = require "frames"
local pci = require "pci"
local phy = require "phy"
local regs = require "regs"
local reset_values = require "reset_values"
local ring = require "ring"
local text = require "text"

local nic = {}
local Nic = {}
Nic.__index = Nic

local AUTOLOAD = clock.ms(10) -- the EEPROM has been read by then; Linux allows 5 ms

-- ---- time ------------------------------------------------------------------------------------------

function Nic:now() return clock.now() end
function Nic:run(duration) lab.run(duration) end
function Nic:run_until(time) lab.run_until(clock.absolute(time)) end

-- Until nothing is pending any more, at most limit.
function Nic:idle(limit) lab.idle(limit or clock.ms(10)) end

-- fn() at that time, while time runs.
function Nic:at(time, fn) lab.at(clock.absolute(time), fn) end

-- ---- the wire --------------------------------------------------------------------------------------

-- A frame arrives: nic:receive(frame) now, or nic:receive { frame, at =, ... }.
--   fcs          nil: a good one is added; true: the bytes bring theirs; "bad"; four bytes; false: none comes
--                along and the card is to take the frame as good
--   pad = true   zeros up to 60 bytes, as a sender's MAC does
--   rx_er, align, cext   what the PHY reports about it
function Nic:receive(options)
  if type(options) == "string" or options[1] == nil then options = { options } end
  text.check_options("nic:receive", options, "at fcs pad rx_er align cext")
  local frame = options[1]
  if options.pad then frame = frames.pad(frames.bytes(frame), 60) end
  local bytes, fcs = frames.for_wire(frame, options.fcs)
  local flags = { fcs = fcs, rx_er = options.rx_er, align = options.align, cext = options.cext }
  lab.frame_in(bytes, flags, options.at and clock.absolute(options.at) or nil)
end

-- Frames that left since the last call: .frame without FCS (also tostring and #), .bytes, .fcs, .at. Time
-- runs until the card is at rest, at most `within`: DD tells that a frame was fetched, not that it has left
-- [3.3.7.1]. now = true: only what has left by now.
function Nic:sent(options)
  options = text.check_options("nic:sent", options or {}, "now within")
  if not options.now then lab.idle(options.within or clock.ms(20)) end
  local list = {}
  for i, record in ipairs(lab.sent()) do
    list[i] = frames.sent(record)
    list[i].at = clock.relative(record.at)
  end
  return list
end

-- ---- interrupts --------------------------------------------------------------------------------------

-- Runs until the line is asserted (now, if it is) and returns when; fails after `within`.
-- optional = true returns nil instead.
function Nic:wait_irq(options)
  options = text.check_options("nic:wait_irq", options or {}, "within optional")
  local within = options.within or clock.ms(10)
  local time = lab.wait_irq(within)
  if time then return clock.relative(time) end
  if options.optional then return nil end
  text.fail("no interrupt within %s (ICR is not read here; IMS = %s)", text.time(within),
            text.hex(self.regs.IMS:raw()))
end

function Nic:irq() return lab.irq() end
function Nic:msis() return lab.msis() end
function Nic:pme() return lab.pme() end

-- ---- link --------------------------------------------------------------------------------------------

-- Base page abilities by speed and duplex, everything below included [LPA 13.4.7.1.6].
local ABILITIES = {
  [10] = { half = 0x020, full = 0x060 },
  [100] = { half = 0x0a0, full = 0x1e0 },
  [1000] = { half = 0x1e0, full = 0x1e0 },
}
local PAUSE = { none = 0, sym = 0x400, asym = 0x800, both = 0xc00 }

local ROLES = { any = 0, master = 1, slave = 2 }

-- The other end: { speed = 1000, duplex = "full", autoneg = true, pause = "both", pairs = 4, cable = 0,
-- crossover = false, remote_fault = false, reversed = false, sleeps = false, role = "any",
-- next_pages = { 0x2005 }, t4 = false, selector = 1 }. A negotiating partner offers speed and all below it. nil or false: no cable.
function Nic:partner(options)
  if not options then
    self.cable = nil
    lab.partner(nil)
    return
  end
  text.check_options("nic:partner", options, "speed duplex autoneg pause pairs cable crossover remote_fault reversed " ..
                     "sleeps role next_pages t4 selector")
  local speed, duplex = options.speed or 1000, options.duplex or "full"
  if not ABILITIES[speed] or not ABILITIES[speed][duplex] then
    text.misuse('nic:partner: speed 10, 100 or 1000; duplex "half" or "full"')
  end
  local pause = PAUSE[options.pause or "both"]
  if not pause then text.misuse('nic:partner: pause "none", "sym", "asym" or "both"') end
  local role = ROLES[options.role or "any"]
  if not role then text.misuse('nic:partner: role "any", "master" or "slave"') end
  self.cable = { speed = speed, duplex = duplex }
  lab.partner {
    autoneg = options.autoneg ~= false,
    base_page = ABILITIES[speed][duplex] | pause | (options.remote_fault and 0x2000 or 0) |
                (options.t4 and 0x200 or 0) | (options.selector or 1),
    reversed = options.reversed or false, sleeps = options.sleeps or false, role = role,
    next_pages = options.next_pages,
    gigabit_full = speed == 1000 and duplex == "full", gigabit_half = speed == 1000 and duplex == "half",
    speed = speed, full_duplex = duplex == "full", pairs = options.pairs or 4,
    cable_length = options.cable or 0, crossover = options.crossover or false,
  }
end

local SPEED_CODE = { [10] = 0, [100] = 1, [1000] = 2 }
local PAUSE_BITS = { none = {}, rx = { RFCE = 1 }, tx = { TFCE = 1 }, full = { RFCE = 1, TFCE = 1 } }

-- Ten milliseconds apart: negotiation takes seconds.
local function until_link(self, up, within)
  self.regs.STATUS:poll { LU = up, within = within, every = clock.ms(10) }
end

local function raise_link(self, options)
  local r = self.regs
  local fields = { SLU = 1, FRCSPD = 0, FRCDPLX = 0 }
  for name, value in pairs(PAUSE_BITS[options.pause or "none"]) do fields[name] = value end
  r.CTRL:set(fields)
  until_link(self, 1, options.within or clock.s(10))
  r.ICR:raw() -- a link change is old news to the scenario
end

local function check_link(self, options)
  local status = self.regs.STATUS:read()
  local speed, duplex = options.speed, options.duplex
  if speed and math.min(status.SPEED, 2) ~= SPEED_CODE[speed] then
    text.fail("STATUS.SPEED: expected %d, got %d", SPEED_CODE[speed], status.SPEED)
  end
  if duplex and (status.FD == 1) ~= (duplex == "full") then
    text.fail("STATUS.FD: expected %d, got %d", duplex == "full" and 1 or 0, status.FD)
  end
end

-- CTRL: SLU set, FRCSPD and FRCDPLX cleared [8.6.4]; then time until STATUS.LU. ICR is left empty. speed
-- and duplex: a partner that offers just that, if the present one differs. pause: "rx", "tx", "full" sets
-- RFCE, TFCE. The scenario's time restarts at 0 when its first link is up.
function Nic:link_up(options)
  options = text.check_options("nic:link_up", options or {}, "speed duplex pause within")
  if not PAUSE_BITS[options.pause or "none"] then text.misuse('nic:link_up: pause "none", "rx", "tx" or "full"') end
  local speed, duplex = options.speed or 1000, options.duplex or "full"
  local wanted = options.speed or options.duplex
  if not self.cable or wanted and (self.cable.speed ~= speed or self.cable.duplex ~= duplex) then
    self:partner { speed = speed, duplex = duplex }
  end
  lab.fold("link up", function()
    raise_link(self, options)
    check_link(self, options)
  end)
  if not self.linked then clock.restart() end
  self.linked = true
end

-- The cable is pulled; time until STATUS.LU is 0.
function Nic:link_down(options)
  self:partner(nil)
  until_link(self, 0, (options or {}).within or clock.s(2))
end

local PHY_SPEED = { [10] = 0x0000, [100] = 0x2000, [1000] = 0x0040 }

-- The flow of 15.1.3.1: crossover fixed, PHY reset, negotiation off, loop; then the MAC to the same speed and
-- duplex (mac = false: left alone). RCTL is not touched.
function Nic:loopback(options)
  options = text.check_options("nic:loopback", options or {}, "speed duplex mac")
  local speed, duplex = options.speed or 1000, options.duplex or "full"
  local mode = PHY_SPEED[speed] | (duplex == "full" and 0x0100 or 0)
  lab.fold("loopback on", function()
    self.phy:write(16, 0x0808)
    self.phy:write(0, 0x9140)
    self.phy:write(0, 0x8000 | mode)
    self.phy:write(0, 0x4000 | mode)
    if options.mac ~= false then
      self.regs.CTRL:set { FRCSPD = 1, FRCDPLX = 1, SPEED = SPEED_CODE[speed], FD = duplex == "full" and 1 or 0 }
    end
  end)
end

-- ---- resets --------------------------------------------------------------------------------------------

-- CTRL.RST, then 5 ms: the bit clears itself, the EEPROM is read again [13.4.1].
function Nic:reset()
  self.regs.CTRL:write { RST = 1 }
  lab.run(clock.ms(5))
end

local function after_reset(self, options)
  lab.run(AUTOLOAD)
  if options.pci ~= false then lab.fold("PCI set-up", function() self.pci:setup() end) end
end

-- RST# low for a while, EEPROM read, PCI set up again (unless pci = false).
function Nic:pci_reset(options)
  lab.pci_reset(true)
  lab.run((options or {}).low or clock.us(100))
  lab.pci_reset(false)
  after_reset(self, options or {})
end

-- LAN_PWR_GOOD low for a while; the rest as pci_reset.
function Nic:power_cycle(options)
  lab.power_good(false)
  lab.run((options or {}).low or clock.ms(1))
  lab.power_good(true)
  after_reset(self, options or {})
end

function Nic:sdp(pin, level) lab.sdp(pin, level) end

-- Lit LEDs as a string, LED0 first: "#-##"; pins are active low. And when that may change next, or nil.
function Nic:leds()
  local levels, next_change = lab.leds()
  local lit = {}
  for n = 0, 3 do lit[n + 1] = levels >> n & 1 == 0 and "#" or "-" end
  return table.concat(lit), next_change and clock.relative(next_change)
end

-- Level at a pin, and whether the card drives it.
function Nic:sdp_out(pin)
  local pins = lab.sdp_out()
  return pins >> pin & 1 == 1, pins >> 8 + pin & 1 == 1
end

-- "false carrier", "symbol error", "idle error" or "fifo" at the PHY's receiver.
function Nic:wire_fault(what) lab.wire_fault(what) end

function Nic:collide(attempts, how)
  if how ~= nil and how ~= "late" then error("collide: " .. tostring(how) .. ": only \"late\" is known", 2) end
  lab.collide(attempts, how == "late")
end

-- Bytes in the flash part.
function Nic:flash(offset, length) return lab.flash(offset, length) end
function Nic:aux_power(level) lab.aux_power(level) end
function Nic:expect_reset_values(class) reset_values.expect(self, class or "software") end

-- ---- memory and rings ------------------------------------------------------------------------------------

-- { name =, size =, align =, device = "r" | "w" | "rw" | "", element =, at = } -> address
function Nic:alloc(options)
  text.check_options("nic:alloc", options, "name size align device element at")
  return lab.mem_alloc(options.name, options.size, options.align or 16, options.device or "rw", options.element,
                       options.at)
end

function Nic:free(address) lab.mem_free(address) end
function Nic:peek(address, length) return lab.peek(address, length) end
function Nic:poke(address, bytes) lab.poke(address, frames.bytes(bytes)) end

-- Bytes of the range that the device has written since it was allocated.
function Nic:written(address, length) return lab.written(address, length) end

-- The next count (1) DMAs that touch the range are refused, a master abort.
function Nic:dma_fail(address, length, count) lab.dma_fail(address, length, count or 1) end

function Nic:tx_ring(options) return ring.tx(self, options or {}) end
function Nic:rx_ring(options) return ring.rx(self, options or {}) end

-- ---- making one ------------------------------------------------------------------------------------------

function nic.open(words, size)
  local rows = lab.regs()
  local self = setmetatable({ mac = eeprom.mac(words) }, Nic)
  self.regs = regs.open(rows, regs.memory)
  self.io = { regs = regs.open(rows, regs.io) }
  self.pci = pci.open()
  self.phy = phy.open(self)
  self.eeprom = eeprom.open(self, words, size)
  return self
end

-- Power is on since time 0.
function nic.bring_up(self, options)
  lab.fold("power on, PCI set-up", function()
    lab.run(AUTOLOAD)
    if options.pci ~= false then self.pci:setup() end
  end)
end

return nic
