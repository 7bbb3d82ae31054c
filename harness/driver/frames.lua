-- frames.lua - bytes of whatever a scenario calls a frame
local pkt = require "pkt"
local text = require "text"

local frames = {}

local Sent = {}
Sent.__index = Sent
Sent.__tostring = function(self) return self.frame end
Sent.__len = function(self) return #self.frame end

-- A frame that left: bytes as on the wire, frame without FCS (also its tostring and length), at. Where a card
-- is heard over a medium without FCS, which leaves it to the medium, the good one is worked out here.
function frames.sent(record)
  if not lab.can "wire" and not record.fcs then
    record.bytes, record.fcs = record.bytes .. pkt.fcs(record.bytes), true
  end
  local frame = record.fcs and record.bytes:sub(1, -5) or record.bytes
  return setmetatable({ bytes = record.bytes, frame = frame, fcs = record.fcs or false, at = record.at }, Sent)
end

function frames.is_sent(value) return getmetatable(value) == Sent end

-- Bytes without FCS.
function frames.bytes(value)
  if type(value) == "string" then return value end
  if pkt.is(value) or frames.is_sent(value) then return tostring(value) end
  text.misuse("expected bytes, a packet or a frame, got a %s", type(value))
end

-- Bytes for the wire and whether they end with an FCS. fcs: nil a good one is worked out here, false
-- none comes along and the card works it out, true
-- the bytes bring theirs, "bad" a wrong one is appended, a string of 4 bytes is appended.
function frames.for_wire(value, fcs)
  if frames.is_sent(value) and fcs == nil then return value.bytes, value.fcs end
  local bytes = frames.bytes(value)
  if fcs == nil then return bytes .. pkt.fcs(bytes), true end
  if fcs == false then return bytes, false end
  if fcs == true then return bytes, true end
  if fcs == "bad" then
    local good = string.unpack("<I4", pkt.fcs(bytes))
    return bytes .. string.pack("<I4", ~good & 0xffffffff), true
  end
  if type(fcs) == "string" and #fcs == 4 then return bytes .. fcs, true end
  text.misuse('fcs is true, "bad" or four bytes')
end

function frames.pad(bytes, length)
  return bytes .. string.rep("\0", length - #bytes)
end

return frames
