-- What may happen while a throttling window is open: causes gather, get masked, get acknowledged, the line falls,
-- the driver changes ITR. The window delays an assertion, it never makes one: what has gone by its end does not
-- interrupt, and what never interrupted opens no window.
local nic = scenario { name = "itr-inside-the-window", needs = { "virtual-time" }, manual = { "2.6", "13.4.17", "13.4.18", "13.4.20",
                                                                  "13.4.21" },
                       cable = false }
local r = nic.regs
local WINDOW = us(128)
r.ITR:write { INTERVAL = 500 }
r.IMS:write { RXT0 = 1 }

-- An interrupt, taken at once; its window is open now.
local function open_window()
  nic:run(ms(20))
  r.ICR:raw()
  r.ICS:write { RXT0 = 1 }
  expect.irq(true, "nothing to wait for")
  local at = nic:now()
  r.ICR:expect(0x00080)
  return at
end

step "a masked cause opens no window: when it is unmasked it interrupts at once"
r.ICS:write { LSC = 1 }
expect.irq(false, "masked")
nic:run(us(10))
r.IMS:write { LSC = 1 }
expect.irq(true, "the first interrupt there is")
local t0 = nic:now()
r.ICR:expect(0x00004)

step "three causes inside the window: one interrupt at its end tells them all"
r.IMS:write { TXDW = 1 }
r.ICS:write { RXT0 = 1 }
nic:run(us(40))
r.ICS:write { TXDW = 1 }
nic:run(us(40))
r.ICS:write { LSC = 1 }
expect.irq(false, "80 us into the window")
expect.eq(nic:wait_irq { within = WINDOW }, t0 + WINDOW, "the window's end")
r.ICR:expect(0x00085)
r.IMC:write { TXDW = 1, LSC = 1 }

step "a cause that was read before the window's end does not interrupt"
t0 = open_window()
r.ICS:write { RXT0 = 1 }
nic:run(us(50))
expect.irq(false, "waiting")
r.ICR:expect(0x00080)                         -- a polling driver takes it
expect.eq(nic:wait_irq { within = ms(1), optional = true }, nil, "nothing is left to tell")
r.ICR:expect(0)

step "nor does one that was masked; unmasked after the window, it does at once"
t0 = open_window()
r.ICS:write { RXT0 = 1 }
nic:run(us(50))
r.IMC:write { RXT0 = 1 }
nic:run_until(t0 + us(200))
expect.irq(false, "masked when the window closed")
r.IMS:write { RXT0 = 1 }
expect.irq(true, "the cause had been kept, the window is over")
expect.eq(nic:now(), t0 + us(200), "no time passed")

step "unmasked inside the window, it waits for the end"
t0 = open_window()
r.IMC:write { RXT0 = 1 }
r.ICS:write { RXT0 = 1 }
nic:run(us(50))
r.IMS:write { RXT0 = 1 }
expect.irq(false, "50 us into the window")
expect.eq(nic:wait_irq { within = WINDOW }, t0 + WINDOW, "the window's end")

step "a line that falls inside the window does not rise again inside it"
t0 = open_window()                            -- asserted at t0, fell at t0
nic:run(us(1))
r.ICS:write { RXT0 = 1 }
r.IMC:write { RXT0 = 1 }
r.IMS:write { RXT0 = 1 }
expect.irq(false, "1 us after the last interrupt")
expect.eq(nic:wait_irq { within = WINDOW }, t0 + WINDOW, "the window's end")

step "a line that is up stays up: the window is about assertions"
t0 = open_window()
r.ICS:write { RXT0 = 1 }
nic:run_until(t0 + WINDOW)
expect.irq(true, "second interrupt")
nic:run(us(60))
r.ICS:write { RXT0 = 1 }
r.ICS:write { TXDW = 1 }
expect.irq(true, "60 us into the new window, not taken yet")
r.ICR:expect(0x00081)

step "ITR = 0 inside the window opens it: throttling is disabled"
t0 = open_window()
r.ICS:write { RXT0 = 1 }
nic:run(us(30))
expect.irq(false, "waiting")
r.ITR:write { INTERVAL = 0 }
expect.irq(true, "13.4.18: 0 disables the throttling logic")
expect.eq(nic:now(), t0 + us(30), "now")
r.ICR:expect(0x00080)
r.ICS:write { RXT0 = 1 }
expect.irq(true, "and none waits from now on")
r.ICR:expect(0x00080)

-- 13.4.18 silent: our choice, a new interval counts from the next interrupt. Linux writes ITR inside its poll,
-- that is inside a window; it depends on none of this.
step "an interval set after an interrupt that had no window: none runs yet"
r.ITR:write { INTERVAL = 500 }
r.ICS:write { RXT0 = 1 }
expect.irq(true, "at once")
t0 = nic:now()
r.ICR:expect(0x00080)

step "a longer interval leaves the running window alone, the next one has it"
r.ITR:write { INTERVAL = 1000 }
r.ICS:write { RXT0 = 1 }
expect.eq(nic:wait_irq { within = ms(1) }, t0 + us(128), "the old 500 units")
t0 = nic:now()
r.ICR:expect(0x00080)
r.ICS:write { RXT0 = 1 }
expect.eq(nic:wait_irq { within = ms(1) }, t0 + us(256), "the new 1000 units")
t0 = nic:now()
r.ICR:expect(0x00080)

step "so does a shorter one"
r.ITR:write { INTERVAL = 1 }
r.ICS:write { RXT0 = 1 }
expect.eq(nic:wait_irq { within = ms(1) }, t0 + us(256), "the old 1000 units")
t0 = nic:now()
r.ICR:expect(0x00080)
r.ICS:write { RXT0 = 1 }
expect.eq(nic:wait_irq { within = ms(1) }, t0 + 256, "the new one")
