-- BLINK on a steady source: 200 ms on, 200 ms off from the moment it is asserted, for as long as it is; the cycle that
-- runs when it ends runs to its end. Four LEDs each have a circuit of their own.
local nic = scenario { name = "led-blink-steady", needs = { "virtual-time" }, cable = false, manual = { "10.1.3", "13.4.15" } }
local r = nic.regs

-- Does LED n show this from start+from to start+to, looked at every `pace`?
local function check(start, n, from, to, pace, lit)
  for t = from, to, pace do
    nic:run_until(start + t)
    expect.eq(nic:leds():sub(n, n), lit(t) and "#" or "-", string.format("LED%d at %d ns", n - 1, t))
  end
end
local function square(t) return t % ms(400) < ms(200) end

step "LED_ON on LED2, blinking from the write on"
nic:run(ms(77))
r.LEDCTL:write { LED0_MODE = 15, LED1_MODE = 15, LED2_MODE = 14, LED2_BLINK = 1, LED3_MODE = 15 }
local start = nic:now()
check(start, 3, 0, s(3), ms(50), square)
local _, change = nic:leds()
expect.eq(change, start + ms(3200), "next change: 3.0 s is in the dark half, a cycle ends at 3.2 s")

step "nobody looks for an hour: the phase is still right"
nic:run(s(3600))
check(start, 3, s(3603) + ms(0), s(3604), ms(50), square)

step "another LED starts its own cycle 130 ms later"
nic:run_until(start + s(3604) + ms(130))
r.LEDCTL:set { LED3_MODE = 14, LED3_BLINK = 1 }
local second = nic:now()
check(second, 4, 0, s(1), ms(10), square)
check(start, 3, s(3605) + ms(200), s(3606), ms(10), square)

step "the source ends: the running cycle ends first"
r.LEDCTL:write { LED0_MODE = 14, LED0_BLINK = 1, LED1_MODE = 15, LED2_MODE = 15, LED3_MODE = 15 }
start = nic:now()
nic:run(ms(450))
r.LEDCTL:set { LED0_MODE = 15 }
check(start, 1, ms(460), s(2), ms(10), function(t) return t < ms(600) end)

step "BLINK off: the source itself, at once"
r.LEDCTL:write { LED0_MODE = 14, LED0_BLINK = 1, LED1_MODE = 15, LED2_MODE = 15, LED3_MODE = 15 }
nic:run(ms(250))
expect.eq(nic:leds(), "----", "dark half")
r.LEDCTL:clear { "LED0_BLINK" }
expect.eq(nic:leds(), "#---", "lit")
