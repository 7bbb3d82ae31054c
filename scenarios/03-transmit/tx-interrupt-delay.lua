-- IDE delays TXDW by TIDV, never the report in memory: DD stands at once, the interrupt comes when no more IDE
-- descriptors came for TIDV x 1.024 us. RS without IDE interrupts at once and ends the delay.
local nic = scenario { name = "tx-interrupt-delay", needs = { "virtual-time" },
                       manual = { "3.3.3.1", "3.4.3", "3.4.3.1", "13.4.17", "13.4.41" } }
local r = nic.regs

step "link up, ring of 16 descriptors, TIDV 20 = 20.48 us"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 16 }
r.IMS:write { TXDW = 1 }
r.TIDV:write { IDV = 20 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
local function send(cmd)
  local index = tx:legacy { buffer = frame, CMD = "EOP IFCS " .. cmd }
  tx:doorbell()
  return index
end

step "one frame with IDE: DD now, TXDW after 20.48 us, not a nanosecond before"
local start = nic:now()
tx:expect(send("RS IDE"), { DD = 1 })         -- 3.3.3.1 note 4
nic:run_until(start + ns(20479))
expect.irq(false, "counting")
expect.eq(nic:wait_irq { within = us(1) } - start, ns(20480), "20 x 1.024 us")
r.ICR:expect { TXDW = 1 }
nic:run(us(100))
expect.irq(false, "one interrupt for one countdown")

step "a second frame 15 us later loads the counter again"
start = nic:now()
send("RS IDE")
nic:run_until(start + us(15))
send("RS IDE")
expect.eq(nic:wait_irq { within = us(50) } - start, us(15) + ns(20480), "3.3.3.1: always loads")
r.ICR:expect { TXDW = 1 }

step "IDE without RS delays nothing and reports nothing"
send("IDE")
nic:run(us(100))
expect.irq(false, "3.4.3: RS and IDE")
r.ICR:expect { TXDW = 0, TXQE = 1 }

step "IDE without RS does not reload a countdown either"
start = nic:now()
send("RS IDE")
nic:run_until(start + us(15))
send("IDE")
expect.eq(nic:wait_irq { within = us(50) } - start, ns(20480), "3.4.3: loaded at the write-back")
r.ICR:expect { TXDW = 1 }

step "RS without IDE: TXDW at once, and the countdown is over"
start = nic:now()
send("RS IDE")
nic:run_until(start + us(10))
expect.irq(false, "counting")
send("RS")
expect.irq(true, "3.3.3.1: immediately")
r.ICR:expect { TXDW = 1 }
nic:run(us(100))
expect.irq(false, "3.3.3.1: the delay timer is cleared")

step "no RS, no IDE: the countdown goes on"
start = nic:now()
send("RS IDE")
nic:run_until(start + us(10))
send("")
expect.eq(nic:wait_irq { within = us(50) } - start, ns(20480), "untouched")
r.ICR:expect { TXDW = 1 }

step "a new TIDV counts from the next load"
start = nic:now()
send("RS IDE")
r.TIDV:write { IDV = 1 }
expect.eq(nic:wait_irq { within = us(50) } - start, ns(20480), "loaded before the write")
r.ICR:expect { TXDW = 1 }
start = nic:now()
send("RS IDE")
expect.eq(nic:wait_irq { within = us(50) } - start, ns(1024), "one unit")
r.ICR:expect { TXDW = 1 }

step "the largest: 65535 units"
r.TIDV:write { IDV = 65535 }
start = nic:now()
send("RS IDE")
expect.eq(nic:wait_irq { within = ms(100) } - start, ns(65535 * 1024), "67.1 ms")
r.ICR:expect { TXDW = 1 }

step "TIDV 0 is not allowed; it acts as no delay (silent: our choice, a driver may set IDE with TIDV 0)"
r.TIDV:write(0)
send("RS IDE")
expect.irq(true, "at once")
r.ICR:expect { TXDW = 1 }
