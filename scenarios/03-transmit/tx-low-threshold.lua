-- TXD_LOW tells a driver to add work before the ring runs dry: it is set when the descriptors left fall from
-- 8 x LWTHRESH + 1 to 8 x LWTHRESH, and at no other moment. TXQE is set when none is left.
local nic = scenario { name = "tx-low-threshold", needs = { "virtual-time" }, manual = { "3.4.3", "13.4.17", "13.4.43" } }
local r = nic.regs

step "link up at 10 Mb/s with frames of 1514 bytes: ten fit the FIFO, the rest of the ring waits its turn"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
local tx = nic:tx_ring { entries = 64 }
local frame = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(1500)):bytes()
local FRAME, GAP = ns((8 + 1518) * 800), ns(12 * 800)
local function send(n)
  lab.fold(n .. " frames, one doorbell", function()
    for _ = 1, n do tx:send(frame, { doorbell = false }) end
    tx:doorbell()
  end)
end

-- The next interrupt is the cause's; how many descriptors are left then. The rest leaves without another.
local function falls(cause)
  local t = nic:wait_irq { within = ms(100) }
  local head, tail = r.TDH:read().TDH, r.TDT:read().TDT
  expect.eq(r.ICR:read()[cause], 1, cause)
  lab.fold("the rest leaves", function() nic:sent { within = ms(200) } end)
  expect.irq(false, "once")
  return t, (tail - head) % 64
end
local function never()
  lab.fold("all leave", function() nic:sent { within = ms(200) } end)
  expect.irq(false, "no transition")
  expect.eq(r.ICR:read().TXD_LOW, 0, "no transition")
end

step "LWTHRESH 2 = 16 left: one interrupt on the way from 17 to 16"
r.TXDCTL:write { LWTHRESH = 2 }
r.IMS:write { TXD_LOW = 1 }
r.ICR:raw()
local start = nic:now()
send(30)
expect.eq(r.ICR:read().TXD_LOW, 0, "thirty came, twenty are left, the others in the FIFO")
expect.eq((r.TDT:read().TDT - r.TDH:read().TDH) % 64, 20, "ten fit")
local t, left = falls "TXD_LOW"
expect.eq(left, 16, "8 x LWTHRESH")
expect.eq(t - start, 4 * FRAME + 3 * GAP, "when the fourth frame has made room for the fourteenth")

step "fewer than the threshold from the start: no transition, no TXD_LOW"
send(12)
never()                                       -- 12 fall to 0: 16 was never passed

step "exactly the threshold is no transition either; one more is"
send(16)
never()                                       -- 16 is where it would arrive
tx:reclaim()
send(17)
expect.irq(true, "17 to 16, at once: ten fit the FIFO")
r.ICR:expect { TXD_LOW = 1 }
never()

step "LWTHRESH 0: only with the last descriptor, together with TXQE"
tx:reclaim()
r.TXDCTL:write { LWTHRESH = 0 }
r.IMS:write { TXQE = 1 }
r.ICR:raw()
nic:run(ms(1))                                -- the gap is over
start = nic:now()
send(14)
r.ICR:expect { TXD_LOW = 0, TXQE = 0, TXDW = 1 }
expect.irq(false, "four wait in memory")
t = nic:wait_irq { within = ms(100) }
expect.eq(t - start, 4 * FRAME + 3 * GAP, "the fourth frame out lets the last one in")
expect.eq(r.TDH:read().TDH, r.TDT:read().TDT, "3.4.3: the head is equal to the tail")
r.ICR:expect { TXD_LOW = 1, TXQE = 1 }
lab.fold("the rest leaves", function() nic:sent { within = ms(200) } end)
r.ICR:expect(0)                               -- the ten that leave later raise nothing more

step "LWTHRESH 7, above half of the ring: 56 left"
tx:reclaim()
r.IMC:write { TXQE = 1 }
r.TXDCTL:write { LWTHRESH = 7 }
send(63)
r.ICR:expect { TXD_LOW = 1, TXQE = 0 }        -- 63 fall to 53 with the first fill of the FIFO, through 57 and 56
