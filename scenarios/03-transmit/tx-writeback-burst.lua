-- With WTHRESH above 0 whole descriptors are written back, in bursts of at least WTHRESH; accumulation begins at
-- a descriptor with RS, and those without RS that follow are written, too. Linux runs with WTHRESH 1, GRAN 1.
-- What waits is flushed by TIDV, so no report is lost when traffic stops.
-- "At least WTHRESH" (3.4.2) or "more than" (13.4.43): our choice is the former, or Linux would hear of each frame one late.
local nic = scenario { name = "tx-writeback-burst", needs = { "virtual-time" },
                       manual = { "3.3.3.1", "3.4.2", "3.4.3", "13.4.17", "13.4.41", "13.4.43" } }
local r = nic.regs

step "link up, ring of sixteen descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 16 }
r.IMS:write { TXDW = 1 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)

local function queue(cmd, mark) return tx:legacy { buffer = frame, CMD = "EOP IFCS " .. cmd, SPECIAL = mark } end
local function all_written(i) return nic:written(tx:at(i), 16) end

step "WTHRESH 1: the whole descriptor, at once, with what it held"
r.TXDCTL:write { WTHRESH = 1, GRAN = 1 }
queue("RS", 0x1234)
local before = nic:peek(tx:at(0), 16)
tx:doorbell()
expect.eq(all_written(0), 16, "13.4.43: bursting writes whole descriptors")
expect.bytes(nic:peek(tx:at(0), 16), before:sub(1, 12) .. "\1" .. before:sub(14), "only DD differs")
r.ICR:expect { TXDW = 1 }

step "WTHRESH 1, no RS: nothing accumulates"
queue("")
tx:doorbell()
expect.eq(all_written(1), 0, "13.4.43: accumulation starts after RS")
r.ICR:expect { TXDW = 0, TXQE = 1 }
nic:sent()

step "WTHRESH 4, no timer set: a descriptor without RS does not start the count; three after it wait"
r.TXDCTL:write { WTHRESH = 4, GRAN = 1 }
queue("")
queue("RS") queue("") queue("RS")
tx:doorbell()
nic:run(ms(1))
expect.eq(#nic:sent(), 4, "all four have left")
r.TDH:expect { TDH = 6 }                      -- the head follows the data, not the write-back
for i = 2, 5 do expect.eq(all_written(i), 0, "three have accumulated, not four") end
expect.irq(false, "TXDW comes with the write-back")
r.ICR:expect { TXDW = 0, TXQE = 1 }

step "the fourth brings all four back in one go, also those without RS"
queue("")
tx:doorbell()
expect.eq(all_written(2), 0, "processed before accumulation began")
for i, dd in ipairs { 1, 0, 1, 0 } do
  expect.eq(all_written(2 + i), 16, "whole descriptor")
  tx:expect(2 + i, { DD = dd })               -- 3.3.3.1 note 2: DD only with RS
end
expect.irq(true, "TXDW")
r.ICR:expect { TXDW = 1 }

step "with IDE two wait for TIDV, which flushes them and sets TXDW"
r.TIDV:write { IDV = 10 }
local start = nic:now()
queue("RS IDE") queue("RS IDE")
tx:doorbell()
nic:run_until(start + ns(10239))
expect.eq(all_written(7) + all_written(8), 0, "until TIDV is over")
expect.irq(false, "until TIDV is over")
nic:run_until(start + ns(10240))
expect.eq(all_written(7) + all_written(8), 32, "13.4.41: expiry flushes")
tx:expect(7, { DD = 1 }) tx:expect(8, { DD = 1 })
expect.irq(true, "13.4.41: and sets TXDW, after 10 x 1.024 us")
r.ICR:expect { TXDW = 1 }

step "one that waits alone is flushed, too"
start = nic:now()
queue("RS IDE")
tx:doorbell()
nic:run_until(start + ns(10239))
expect.eq(all_written(9), 0, "until TIDV is over")
expect.eq(nic:wait_irq { within = us(1) } - start, ns(10240), "10 x 1.024 us")
tx:expect(9, { DD = 1 })
r.ICR:expect { TXDW = 1 }

step "four within TIDV go by count, and their TXDW with them"
queue("RS") queue("RS") queue("RS")
tx:doorbell()
nic:run(ns(10239))
expect.eq(all_written(10) + all_written(11) + all_written(12), 0, "they wait")
expect.irq(false, "no write-back, no TXDW")
queue("RS")
tx:doorbell()
for i = 10, 13 do expect.eq(all_written(i), 16, "written back") end
r.ICR:expect { TXDW = 1 }
nic:run(ms(1))
expect.irq(false, "3.3.3.1: the timer is cleared")

step "a burst across the end of the ring"
queue("RS") queue("RS") queue("RS") queue("RS")
tx:doorbell()
for _, i in ipairs { 14, 15, 0, 1 } do tx:expect(i, { DD = 1 }) end
expect.eq(r.TDH:read().TDH, 2, "wrapped")
r.ICR:expect { TXDW = 1 }

step "without IDE, too, what waits is flushed by TIDV: the first starts it, later ones do not put it off"
start = nic:now()
local first_waits = tx.tail
queue("RS")
tx:doorbell()
nic:run(us(5))
queue("RS")
tx:doorbell()
nic:run_until(start + ns(10239))
expect.eq(all_written(first_waits), 0, "until TIDV is over")
expect.eq(nic:wait_irq { within = us(1) } - start, ns(10240), "10 x 1.024 us from the first")
tx:expect(first_waits, { DD = 1 }) tx:expect(first_waits + 1, { DD = 1 })
r.ICR:expect { TXDW = 1 }

step "two with IDE make a burst of two: written back by count, TXDW by TIDV"
r.TXDCTL:write { WTHRESH = 2, GRAN = 1 }
local function delayed_burst()
  local first = tx.tail
  start = nic:now()
  queue("RS IDE") queue("RS IDE")
  tx:doorbell()
  tx:expect(first, { DD = 1 }) tx:expect(first + 1, { DD = 1 })
  expect.irq(false, "3.3.3.1: IDE delays the interrupt")
  expect.eq(nic:wait_irq { within = us(50) } - start, ns(10240), "10 x 1.024 us")
  r.ICR:expect { TXDW = 1 }
end
delayed_burst()

step "one with IDE, one without in a burst: TXDW with the burst, the delay is over"
queue("RS IDE") queue("RS")
tx:doorbell()
expect.irq(true, "RS without IDE")
r.ICR:expect { TXDW = 1 }
nic:run(us(50))
expect.irq(false, "3.3.3.1: the delay timer is cleared")

step "the other way round, too: what asked first is not forgotten"
queue("RS") queue("RS IDE")
tx:doorbell()
expect.irq(true, "RS without IDE")
r.ICR:expect { TXDW = 1 }
nic:run(us(50))
expect.irq(false, "one TXDW told of both (silent: our choice)")

step "waiting for four, both are flushed by TIDV; nothing of it is left for the next burst"
r.TXDCTL:write { WTHRESH = 4, GRAN = 1 }
start = nic:now()
queue("RS IDE") queue("RS")
tx:doorbell()
expect.irq(false, "not written back yet")
expect.eq(nic:wait_irq { within = us(50) } - start, ns(10240), "TIDV")
r.ICR:expect { TXDW = 1 }
r.TXDCTL:write { WTHRESH = 2, GRAN = 1 }
delayed_burst()

step "TIDV 0, not allowed: no delay, TXDW with the burst (silent: our choice)"
r.TIDV:write(0)
queue("RS IDE") queue("")
tx:doorbell()
expect.irq(true, "with the write-back")
r.ICR:expect { TXDW = 1 }
r.TXDCTL:write { WTHRESH = 4, GRAN = 1 }

step "a threshold lowered to what waits writes it back (silent: our choice; Linux rewrites TXDCTL with a reset)"
local first = tx.tail
queue("RS") queue("RS")
tx:doorbell()
tx:expect(first, { DD = 0 })
r.TXDCTL:write { WTHRESH = 3, GRAN = 1 }
tx:expect(first, { DD = 0 })                  -- two are not three
r.TXDCTL:write { WTHRESH = 2, GRAN = 1 }
tx:expect(first, { DD = 1 }) tx:expect(first + 1, { DD = 1 })
r.ICR:expect { TXDW = 1 }

step "of two with IDE it is the write-back only: TXDW keeps to TIDV"
r.TXDCTL:write { WTHRESH = 4, GRAN = 1 }
r.TIDV:write { IDV = 10 }
start = nic:now()
first = tx.tail
queue("RS IDE") queue("RS IDE")
tx:doorbell()
nic:run(us(5))
r.TXDCTL:write { WTHRESH = 2, GRAN = 1 }
tx:expect(first, { DD = 1 }) tx:expect(first + 1, { DD = 1 })
expect.irq(false, "3.3.3.1: IDE delays the interrupt")
expect.eq(nic:wait_irq { within = us(50) } - start, ns(10240), "10 x 1.024 us")
r.ICR:expect { TXDW = 1 }
r.TIDV:write(0)

step "one that waits, too; with none waiting a write of TXDCTL reports nothing"
r.TXDCTL:write { WTHRESH = 4, GRAN = 1 }
first = queue("RS")
tx:doorbell()
r.TXDCTL:write { WTHRESH = 1, GRAN = 1 }
tx:expect(first, { DD = 1 })
r.ICR:expect { TXDW = 1 }
r.TXDCTL:write(0)
r.ICR:expect { TXDW = 0 }
expect.irq(false, "nothing was written back")
