-- Four frames inside one throttling window: two interrupts, not four, and no frame waits for its interrupt to be in
-- memory. The same story as a busy link tells a driver, in its smallest form.
local nic = scenario { name = "rx-itr", manual = { "3.2.3", "3.2.7.1.1", "13.4.17", "13.4.18" } }
local r = nic.regs

step "link up, ring of 16 descriptors, at most one interrupt every 128 us"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 16, buffer = 2048, SECRC = 1 }
r.ITR:write { INTERVAL = 500 }                -- 500 x 256 ns
r.IMS:write { RXT0 = 1 }

step "four frames, 10 us apart; the first interrupts at once"
local frame = {}
for i = 1, 4 do
  frame[i] = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac } / pkt.ip4 { src = "10.0.0.2", dst = "10.0.0.1" }
           / pkt.udp { sport = 7, dport = 9 } / pkt.pattern(40 + i)
  nic:receive { frame[i], at = us(10 * i) }
end
local t1 = nic:wait_irq { within = us(12) }
expect.eq(t1, us(10), "nothing to wait for")
r.ICR:expect(0x00080)                         -- this read clears the cause and drops the line
expect.irq(false, "taken")

step "the other three wait for the window to close, in memory"
nic:run_until(us(20))
rx:expect(1, { DD = 1, EOP = 1 })
expect.irq(false, "10 us into the window")
nic:run_until(us(40))
rx:expect(2, { DD = 1 })
rx:expect(3, { DD = 1 })
nic:run_until(t1 + us(128) - 1)
expect.irq(false, "the window's last nanosecond")
local t2 = nic:wait_irq { within = us(2) }
expect.eq(t2 - t1, us(128), "INTERVAL = 500")
r.ICR:expect(0x00080)
expect.eq(nic:wait_irq { within = ms(1), optional = true }, nil, "two interrupts, no third")

step "four frames in their buffers"
for i = 0, 3 do
  rx:expect(i, { DD = 1, EOP = 1, LENGTH = #frame[i + 1], ERRORS = 0, SPECIAL = 0 })
  expect.bytes(rx:data(i), frame[i + 1], "frame " .. i + 1)
end
rx:expect(4, { DD = 0 })
