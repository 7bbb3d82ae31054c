-- TADV bounds what TIDV can put off: under a steady stream of IDE frames TXDW comes TADV x 1.024 us after the
-- first of them. An immediate TXDW or the end of TIDV halts it, so that no second interrupt follows.
local nic = scenario { name = "tx-interrupt-absolute", needs = { "virtual-time" },
                       manual = { "3.4.3", "13.4.17", "13.4.41", "13.4.44" } }
local r = nic.regs

step "link up; TIDV 20 = 20.48 us, TADV 50 = 51.2 us"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 16 }
r.IMS:write { TXDW = 1 }
r.TIDV:write { IDV = 20 }
r.TADV:write { IDV = 50 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
local function send(cmd)
  tx:legacy { buffer = frame, CMD = "EOP IFCS " .. cmd }
  tx:doorbell()
end

step "an IDE frame every 15 us keeps TIDV from ending; TADV ends 51.2 us after the first"
local start = nic:now()
for i = 0, 3 do
  nic:run_until(start + us(15 * i))
  send("RS IDE")
end
nic:run_until(start + ns(51199))
expect.irq(false, "both still counting")
expect.eq(nic:wait_irq { within = us(1) } - start, ns(51200), "13.4.44: from the first completion")
r.ICR:expect { TXDW = 1 }
nic:run(us(200))
expect.irq(false, "one interrupt: TIDV ended with TADV (silent: our choice, a second would be spurious)")

step "TIDV ends first: TADV is halted"
start = nic:now()
send("RS IDE")
expect.eq(nic:wait_irq { within = us(50) } - start, ns(20480), "TIDV")
r.ICR:expect { TXDW = 1 }
nic:run(us(200))
expect.irq(false, "13.4.44: no spurious second interrupt")

step "and starts anew with the next frame, not where it was halted"
start = nic:now()
for i = 0, 4 do
  nic:run_until(start + us(12 * i))
  if i < 4 then send("RS IDE") end
end
expect.irq(false, "48 us are not 51.2") -- the fourth frame, at 36 us, holds TIDV until 56.48 us
expect.eq(nic:wait_irq { within = us(50) } - start, ns(51200), "TADV from its own first frame")
r.ICR:expect { TXDW = 1 }

step "an immediate TXDW halts both"
start = nic:now()
send("RS IDE")
nic:run_until(start + us(10))
send("RS")
expect.irq(true, "RS without IDE")
r.ICR:expect { TXDW = 1 }
nic:run(us(200))
expect.irq(false, "13.4.44: halted")

step "frames without RS or without IDE do not start it"
r.TIDV:write { IDV = 65535 }
send("IDE") send("")
nic:run(us(200))
expect.irq(false, "13.4.44: RS and IDE")

step "alone, behind a long TIDV, it is the delay"
start = nic:now()
send("RS IDE")
expect.eq(nic:wait_irq { within = us(100) } - start, ns(51200), "TADV")
r.ICR:expect { TXDW = 1 }
nic:run(ms(100))
expect.irq(false, "TIDV of 67 ms ended with it")

step "TADV 0 is off"
r.TADV:write(0)
r.TIDV:write { IDV = 100 }
start = nic:now()
send("RS IDE")
expect.eq(nic:wait_irq { within = ms(1) } - start, ns(102400), "TIDV alone")
r.ICR:expect { TXDW = 1 }
