-- COLLISION: asserted when one is observed, so with BLINK it shows for 200 ms. Collisions come from the PHY's test
-- signal in half duplex; in full duplex there are none.
local nic = scenario { name = "led-collision", needs = { "virtual-time" }, manual = { "10.1.1", "10.1.3", "13.4.7.1.1", "13.4.15.1" } }
local r, phy = nic.regs, nic.phy
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
r.LEDCTL:write { LED0_MODE = 10, LED0_BLINK = 1, LED1_MODE = 10, LED2_MODE = 15, LED3_MODE = 10, LED3_IVRT = 1 }

step "full duplex"
nic:link_up { speed = 100, duplex = "full" }
phy.PCTRL:set { COLLISION_TEST = 1 }
local tx = nic:tx_ring { entries = 8, CT = 0 } -- no second attempt
tx:send(frame)
nic:sent()
expect.eq(nic:leds(), "---#", "none")

step "half duplex: blinking, plain, inverted"
nic:link_up { speed = 100, duplex = "half" }
tx:send(frame)
nic:run(ns(12 * 80))                         -- preamble and jam
local start = nic:now()
expect.eq(nic:leds(), "##--", "a collision")
nic:run_until(start + ms(1))
expect.eq(nic:leds(), "#--#", "over")
nic:run_until(start + ms(200) - 1)
expect.eq(nic:leds(), "#--#", "the blink circuit still shows it")
nic:run_until(start + ms(200))
expect.eq(nic:leds(), "---#", "dark half")
nic:run(s(1))
expect.eq(nic:leds(), "---#", "one cycle")
