-- ACTIVITY with BLINK, LED1 as it powers on: one frame is 200 ms lit, 200 ms dark; more traffic within that adds
-- nothing; at the end of a cycle the circuit looks again. Frames that the filter rejects are no activity, and without
-- BLINK a frame shows for a moment only (silent: our choice, 1 ms).
local nic = scenario { name = "led-activity-blink", needs = { "wire" }, manual = { "10.1.1", "10.1.3", "13.4.15", "13.4.15.1" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local rx, tx = nic:rx_ring { entries = 64 }, nic:tx_ring { entries = 64 }
local out = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
local back = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local other = pkt.eth { src = "02:00:00:00:00:02", dst = "02:00:00:00:00:03", type = 0x88b5 } / pkt.pattern(46)

-- LED1 changes at these times from start on (first: what it is at the start).
local function timeline(start, first, times)
  local lit = first
  for _, t in ipairs(times) do
    nic:run_until(start + t - ns(1))
    expect.eq(nic:leds():sub(2, 2), lit, string.format("before %d ns", t))
    nic:run(ns(1))
    lit = lit == "#" and "-" or "#"
    expect.eq(nic:leds():sub(2, 2), lit, string.format("at %d ns", t))
  end
end

step "as powered on: link up, activity blinking, 100 dark, 1000 lit"
r.LEDCTL:expect(0x07068302)
expect.eq(nic:leds(), "#--#", "idle")

step "a frame that is not for us"
nic:receive(other)
nic:run(us(10))
expect.eq(nic:leds(), "#--#", "filtered: no activity")

step "one frame in: lit for 200 ms, dark, and it stays dark"
nic:receive(back)
local start = nic:now()
local leds, change = nic:leds()
expect.eq(leds, "##-#", "at once")
timeline(start, "#", { ms(200) })
nic:run_until(start + s(2))
leds, change = nic:leds()
expect.eq(leds, "#--#", "one cycle")
expect.eq(change, nil, "and no more")

step "a frame out; two more in the cycle add nothing"
tx:send(out)
nic:run(ns(72 * 8))
start = nic:now()
expect.eq(nic:leds(), "##-#", "when it is out")
nic:run(ms(50))
nic:receive(back)
nic:run(ms(200))
nic:receive(back)
timeline(start, "-", {})
nic:run_until(start + ms(399))
expect.eq(nic:leds(), "#--#", "still dark")
nic:run_until(start + ms(401))
expect.eq(nic:leds(), "#--#", "nothing was active at 400 ms")

step "active at the end of a cycle: a new one begins there"
nic:receive(back)
start = nic:now()
nic:run_until(start + ms(400) - us(500))
nic:receive(back)
timeline(start, "-", { ms(400), ms(600) })
nic:run_until(start + ms(801))
expect.eq(nic:leds(), "#--#", "one more cycle")

step "continuous traffic blinks continuously" -- more of it than the driver takes: none waits
start = nic:now()
lab.fold("a frame every 900 us", function()
  for i = 0, 2000 do
    nic:run_until(start + us(900) * i)
    if i % 50 == 0 then rx:take() end
    nic:receive(back)
  end
end)
lab.fold("a frame every 900 us", function()
  for i = 2001, 2220 do
    nic:run_until(start + us(900) * i)
    nic:receive(back)
    local phase = us(900) * i % ms(400)
    expect.eq(nic:leds():sub(2, 2), phase < ms(200) and "#" or "-", "phase of the cycle")
  end
end)

step "without BLINK: lit for a moment"
nic:run(s(1))
r.LEDCTL:write { LED0_MODE = 2, LED1_MODE = 3, LED2_MODE = 6, LED3_MODE = 7 }
nic:receive(back)
start = nic:now()
timeline(start, "#", { ms(1) })
leds, change = nic:leds()
expect.eq(change, nil, "nothing to come")

step "a frame without a link is none"
r.LEDCTL:write(0x07068302)
nic:partner(nil)
nic:receive(back)
expect.eq(nic:leds(), "----", "dark")
nic:run(s(1))
expect.eq(nic:leds(), "----", "dark")
