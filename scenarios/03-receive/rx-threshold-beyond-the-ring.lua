-- A receive write-back threshold that the ring can never reach: what is used waits for a timer, as ever. A driver that
-- hands the same descriptors out again before it has seen them back gets a whole ring of reports, not more.
local nic = scenario { name = "rx-threshold-beyond-the-ring", needs = { "virtual-time" },
                       manual = { "3.2.5.1", "3.2.6", "13.4.30", "13.4.46" } }
local r = nic.regs

step "link up, ring of eight, write back 63 at a time, RDTR 20.48 us"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, buffer = 256 }
r.RDTR:write { DELAY_TIMER = 20 }
r.RXDCTL:write { WTHRESH = 63, GRAN = 1 }
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)

step "all seven wait"
for _ = 1, 7 do nic:receive(frame) end
r.RDH:expect { RDH = 0 }
for i = 0, 7 do expect.eq(nic:written(rx:at(i), 16), 0, "no report yet") end

step "the timer brings them back"
nic:run(ns(20480))
for i = 0, 6 do rx:expect(i, { DD = 1, EOP = 1, LENGTH = 64 }) end
expect.eq(nic:written(rx:at(7), 16), 0, "the tail's own stays the driver's")
r.RDH:expect { RDH = 7 }

step "seven more wait; the tail moves over them all the same"
for _ = 1, 7 do rx:take() end
rx:give(7)
for _ = 1, 7 do nic:receive(frame) end
r.RDH:expect { RDH = 7 }
r.RDT:write { RDT = 5 }                        -- one ring on: 6 to 4 are the chip's again

step "the eighth fills the ring: eight are returned, and the head is where it was (silent: our choice)"
nic:receive(frame)
for i = 0, 7 do rx:expect(i, { DD = 1, EOP = 1, LENGTH = 64 }) end
r.RDH:expect { RDH = 7 }
