-- wake.lua - wake-up as scenarios play it: magic packets, what the filters say of a frame, sleep and back
--
--   local wake = require "wake"
--   wake.filters(nic, { EX = 1 })            WUFC, PME_En; nothing seen yet
--   wake.expect(nic, frame, { EX = 1 })      one frame: WUS says just this, and PME# is asserted for it
--   wake.sleep(nic) wake.resume(nic)         D3; D0, EEPROM read, PCI set up again
local clock = require "clock"
local pkt = require "pkt"
local text = require "text"

local wake = {}

local SEEN = { "LNKC", "MAG", "EX", "MC", "BC", "ARP", "IPv4", "IPv6", "FLX0", "FLX1", "FLX2", "FLX3" }

-- Every bit of WUS: the named ones as given, the rest 0.
function wake.bits(fields)
  local all = {}
  for _, name in ipairs(SEEN) do all[name] = 0 end
  for name, value in pairs(fields or {}) do all[name] = value end
  return all
end

-- FFh six times, the address sixteen times [6.4.3.1.4]. ones, copies: how many; before, after: bytes around
-- them; dst: the address itself unless given.
function wake.magic(mac, options)
  options = text.check_options("wake.magic", options or {}, "dst src type ones copies before after")
  return pkt.eth { dst = options.dst or mac, src = options.src or "02:00:00:00:00:02", type = options.type or 0x0842 }
       / ((options.before or "") .. string.rep("\xff", options.ones or 6)
          .. string.rep(pkt.mac(mac), options.copies or 16) .. (options.after or ""))
end

local ALL = 0x000f00ff

function wake.clear(nic)
  nic.regs.WUS:write(ALL)
  nic.regs.WUC:set { PME_Status = 1 }
end

-- WUFC as named, PME_En through WUC [13.6.1]; whatever was seen before is cleared.
function wake.filters(nic, fields)
  nic.regs.WUFC:write(fields)
  nic.regs.WUS:write(ALL)
  nic.regs.WUC:set { PME_En = 1, PME_Status = 1 }
end

local function show(nic, frame, fields, why)
  local woken = next(fields) ~= nil
  nic:receive(frame)
  nic:run(clock.us(20))
  if nic:pme() ~= woken then text.fail("%s: PME# is %s", why, woken and "quiet" or "asserted") end
  nic.regs.WUS:expect(wake.bits(fields))
  nic.regs.WUC:expect { PME_Status = woken and 1 or 0 }
  wake.clear(nic)
  if nic:pme() then text.fail("%s: PME# is still asserted", why) end
end

-- One frame, padded to 60 bytes, or a table as nic:receive takes it: WUS has the named bits and no other,
-- PME_Status and PME# follow. Then all of it is cleared for the next. One line of the trace.
function wake.expect(nic, frame, fields, why)
  if type(frame) ~= "table" or pkt.is(frame) then frame = { frame, pad = true } end
  lab.fold(why or "a frame", show, nic, frame, fields or {}, why or "a frame")
end

function wake.sleep(nic)
  nic.regs.RCTL:clear { "EN" }
  nic.regs.TCTL:clear { "EN" }
  nic.pci:power(3)
end

-- PME_Status is not touched; the EEPROM is read again [6.3.1.2], and the header has to be set up.
function wake.resume(nic)
  nic.pci:power(0)
  lab.fold("EEPROM, PCI set-up", function()
    lab.run(clock.ms(10))
    nic.pci:setup()
  end)
end

return wake
