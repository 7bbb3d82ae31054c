-- clock.lua - units of time, and the scenario's own zero
--
-- A scenario's time starts at 0 when the machine is up, and once more at 0 when the first link_up is
-- over: power-up and auto-negotiation take a while, and no scenario should have to add it to its own
-- times. Times that verbs take and return count from there.
local clock = { zero = 0 }

local function unit(factor)
  return function(count)
    return math.tointeger(count * factor) or math.floor(count * factor + 0.5)
  end
end

clock.ns, clock.us, clock.ms, clock.s = unit(1), unit(1000), unit(1000000), unit(1000000000)

function clock.now() return lab.now() - clock.zero end
function clock.absolute(time) return time + clock.zero end

-- When something happened at the card, counted from our zero. A card with a clock of its own has no such
-- time: the scenario may carry it about, and ends, skipped, where it looks at it.
local Somewhen = {}

function clock.look()
  lab.skip("needs virtual-time, to tell when something happened")
end
for _, event in ipairs { "add", "sub", "mul", "div", "idiv", "mod", "unm", "eq", "lt", "le", "concat", "tostring" } do
  Somewhen["__" .. event] = clock.look
end

function clock.is_somewhen(time) return getmetatable(time) == Somewhen end

function clock.relative(time)
  if not lab.can "virtual-time" then return setmetatable({}, Somewhen) end
  return time - clock.zero
end

function clock.restart()
  clock.zero = lab.now()
  lab.zero() -- headings of the trace count from here, too
end

return clock
