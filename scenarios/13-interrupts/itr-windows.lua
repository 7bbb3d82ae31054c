-- ITR keeps interrupts apart: at least INTERVAL units of 256 ns from one assertion to the next, whatever the
-- driver does in between. Each value is measured to the nanosecond, from both sides of its edge.
-- 13.4.18 says "from the last interrupt": we count from its assertion. Linux's rates (4000 to 20000 a second)
-- come out right only this way.
local nic = scenario { name = "itr-windows", needs = { "virtual-time" }, manual = { "13.4.17", "13.4.18", "13.4.19" }, cable = false }
local r = nic.regs
r.IMS:write { RXT0 = 1 }

local function raise_and_take()
  r.ICS:write { RXT0 = 1 }
  expect.irq(true, "asserted")
  local at = nic:now()
  r.ICR:expect(0x00080)
  expect.irq(false, "taken")
  return at
end

local function window(interval, length)
  r.ITR:write { INTERVAL = interval }
  r.ITR:expect { INTERVAL = interval }
  local t0 = raise_and_take()
  r.ICS:write { RXT0 = 1 }
  expect.irq(false, "inside the window")
  nic:run_until(t0 + length - 1)
  expect.irq(false, "one nanosecond before its end")
  nic:run_until(t0 + length)
  expect.irq(true, "its end")
  r.ICR:expect(0x00080)
end

step "0: no throttling, as many as come"
r.ITR:write { INTERVAL = 0 }
for _ = 1, 3 do raise_and_take() end

step "1 unit is 256 ns"
window(1, 256)

step "195 units are 49.92 us: Linux's 20000 a second"
nic:run(ms(1))
window(195, 49920)

step "500 units are 128 us, the manual's example"
nic:run(ms(1))
window(500, 128000)

step "65535 units are 16.77696 ms, the longest"
nic:run(ms(1))
window(65535, 16776960)

step "the window counts from the assertion, not from the acknowledgement"
nic:run(ms(20))
r.ITR:write { INTERVAL = 500 }
r.ICS:write { RXT0 = 1 }
local t0 = nic:wait_irq { within = 0 }
nic:run(us(100))                              -- a slow handler
r.ICR:expect(0x00080)
r.ICS:write { RXT0 = 1 }
expect.eq(nic:wait_irq { within = us(29) }, t0 + us(128), "128 us after the first, 28 us after the read")

step "a handler slower than the window finds it open"
nic:run(us(200))
expect.irq(true, "not read for 200 us")
r.ICR:expect(0x00080)
local t1 = raise_and_take()
r.ICS:write { RXT0 = 1 }
expect.eq(nic:wait_irq { within = us(129) }, t1 + us(128), "and the next window counts from there")
r.ICR:expect(0x00080)

step "a cause that is always there: 7812.5 interrupts a second, so 79 in 10 ms"
nic:run(ms(1))
local start, count = nic:now(), 0
lab.fold("10 ms of it", function()
  while nic:now() < start + ms(10) do
    r.ICS:write { RXT0 = 1 }
    if not lab.wait_irq(math.min(us(200), start + ms(10) - nic:now())) then break end
    count = count + 1
    expect.eq(nic:now(), start + (count - 1) * us(128), "interrupt " .. count)
    r.ICR:expect(0x00080)
  end
end)
expect.eq(count, 79, "one at once, then 10 ms / 128 us")
