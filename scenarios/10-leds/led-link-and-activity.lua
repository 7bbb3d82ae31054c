-- LINK/ACTIVITY with BLINK is an expression of its own: dark without link, lit with it, blinking with traffic. Without
-- BLINK it goes dark for a moment of traffic; inverted, BLINK makes little sense, as the manual warns.
local nic = scenario { name = "led-link-and-activity", needs = { "virtual-time" }, manual = { "10.1.2", "10.1.3", "13.4.15", "13.4.15.1" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 64 }
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)

local function at(start, t, lit, why)
  nic:run_until(start + t)
  expect.eq(nic:leds():sub(1, 1), lit, why)
end

step "idle with link: lit"
r.LEDCTL:write { LED0_MODE = 4, LED0_BLINK = 1, LED1_MODE = 15, LED2_MODE = 15, LED3_MODE = 15 }
local start = nic:now()
for i = 0, 10 do at(start, ms(100) * i, "#", "steady") end

step "a frame: on for 200 ms, off for 200 ms, on again"
nic:receive(frame)
start = nic:now()
at(start, ms(200) - 1, "#", "first half")
at(start, ms(200), "-", "second half")
at(start, ms(400) - 1, "-", "to its end")
at(start, ms(400), "#", "idle again")
at(start, s(2), "#", "for good")

step "no link: dark at once, in the middle of a cycle, too"
nic:receive(frame)
nic:run(ms(100))
nic:partner(nil)
expect.eq(nic:leds(), "----", "dark")
nic:run(s(1))
expect.eq(nic:leds(), "----", "dark")
nic:link_up {}
expect.eq(nic:leds(), "#---", "link")

step "without BLINK: dark while active"
r.LEDCTL:write { LED0_MODE = 4, LED1_MODE = 15, LED2_MODE = 15, LED3_MODE = 15 }
nic:receive(frame)
start = nic:now()
at(start, 0, "-", "activity")
at(start, ms(1) - 1, "-", "activity")
at(start, ms(1), "#", "none")

step "inverted and blinking: the circuit's input is NOT (link and no activity), so it blinks without a link"
nic:run(s(1))
r.LEDCTL:write { LED0_MODE = 4, LED0_BLINK = 1, LED0_IVRT = 1, LED1_MODE = 15, LED2_MODE = 15, LED3_MODE = 15 }
nic:run(s(1))
expect.eq(nic:leds(), "----", "link, no traffic")
nic:partner(nil)
start = nic:now()
for i = 0, 9 do at(start, ms(200) * i, i % 2 == 0 and "#" or "-", "blinks for ever") end
