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
function clock.relative(time) return time - clock.zero end

function clock.restart()
  clock.zero = lab.now()
  lab.zero() -- headings of the trace count from here, too
end

return clock
