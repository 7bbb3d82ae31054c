-- Things that happen in the same nanosecond. A cause set in the moment in which the driver clears ICR is never lost:
-- it is in the value read or still set afterwards. Two causes of one moment are one interrupt. A window that closes
-- in the moment of a cause does not hold it back.
local nic = scenario { name = "same-moment", manual = { "2.6", "3.2.7.1.1", "3.4.3", "13.4.17", "13.4.18" } }
local r = nic.regs

step "link up, both rings"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 32, buffer = 256, SECRC = 1 }
local tx = nic:tx_ring { entries = 8 }
r.IMS:write { RXT0 = 1 }
local frame = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)

step "the read is first, then the frame: the bit is set afterwards"
local first
nic:receive { frame, at = us(10) }
nic:at(us(20), function() first = r.ICR:raw() end)
nic:receive { frame, at = us(20) }            -- queued behind the read
nic:run_until(us(30))
expect.eq(first, 0x00080, "the frame of 10 us")
expect.irq(true, "the frame of 20 us")
r.ICR:expect(0x00080)
rx:expect(1, { DD = 1 })

step "the frame is first, then the read: the read tells both, nothing is left"
nic:receive { frame, at = us(40) }
nic:receive { frame, at = us(50) }
nic:at(us(50), function() first = r.ICR:raw() end)
nic:run_until(us(60))
expect.eq(first, 0x00080, "both frames")
rx:expect(3, { DD = 1 })
expect.irq(false, "acknowledged")
r.ICR:expect(0)

step "two frames in one moment: both stored, one interrupt"
nic:receive { frame, at = us(70) }
nic:receive { frame, at = us(70) }
expect.eq(nic:wait_irq { within = us(20) }, us(70), "the moment itself")
nic:run_until(us(71))
rx:expect(4, { DD = 1 })
rx:expect(5, { DD = 1 })
r.ICR:expect(0x00080)
expect.irq(false, "both were told")

step "a frame in the moment in which the window closes does not wait"
r.ITR:write { INTERVAL = 500 }
nic:receive { frame, at = us(100) }
expect.eq(nic:wait_irq { within = us(60) }, us(100), "opens the window")
r.ICR:expect(0x00080)
nic:receive { frame, at = us(100) + us(128) }
expect.eq(nic:wait_irq { within = us(200) }, us(228), "128 us later, not 256")
r.ICR:expect(0x00080)

step "one that waited and one of that moment: one interrupt for both"
nic:receive { frame, at = us(300) }
nic:receive { frame, at = us(228) + us(128) }
expect.eq(nic:wait_irq { within = us(300) }, us(356), "the window's end")
nic:run_until(us(357))
rx:expect(8, { DD = 1 })
rx:expect(9, { DD = 1 })
r.ICR:expect(0x00080)
expect.eq(nic:wait_irq { within = us(200), optional = true }, nil, "nothing more")

-- Both delays end in one moment: RDTR's from a frame that came, TIDV's from a descriptor that was done.
step "two timers that end together: both causes, one interrupt"
r.ITR:write { INTERVAL = 0 }
r.RDTR:write { DELAY_TIMER = 100 }
r.TIDV:write { IDV = 100 }
r.IMS:write { TXDW = 1 }
nic:receive { frame, at = us(600) }
nic:run_until(us(600))
tx:send(frame, { IDE = 1 })
r.ICR:write { TXQE = 1, TXD_LOW = 1 }         -- the queue's own causes are not the point here
expect.irq(false, "both delayed")
nic:run_until(us(600) + 102399)
expect.irq(false, "100 x 1.024 us, less a nanosecond")
expect.eq(nic:wait_irq { within = us(1) }, us(600) + 102400, "both ends")
nic:run(0)
r.ICR:expect(0x00081)
expect.irq(false, "nothing left over for a second one")
