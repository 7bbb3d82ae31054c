-- A write-back threshold that the ring can never reach must not lose reports, nor count past the ring. The manual
-- only says how many descriptors accumulate; a ring of eight never has more than seven in work.
local nic = scenario { name = "tx-threshold-beyond-the-ring", manual = { "3.4", "3.4.2", "13.4.43" } }
local r = nic.regs

step "link up, ring of eight descriptors, write back 63 at a time"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
r.TXDCTL:write { WTHRESH = 63, GRAN = 1 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
local function queue(n) for _ = 1, n do tx:legacy { buffer = frame, CMD = "EOP IFCS RS" } end tx:doorbell() end

step "six wait: one more descriptor can still be in work"
queue(6)
expect.eq(#nic:sent(), 6, "all have left")
r.TDH:expect { TDH = 6 }
for i = 0, 7 do expect.eq(nic:written(tx:at(i), 16), 0, "no report yet") end
r.ICR:expect { TXDW = 0 }

step "the seventh makes all but one of the ring: all seven are reported (silent: our choice)"
queue(1)
for i = 0, 6 do tx:expect(i, { DD = 1 }) end
expect.eq(#nic:sent(), 1, "it has left, too")
expect.eq(nic:written(tx:at(7), 16), 0, "seven, not eight")
r.ICR:expect { TXDW = 1 }

step "so a driver that reuses what is reported goes round and round"
for _ = 1, 5 do
  lab.fold("seven more", function()
    queue(7)
    r.ICR:expect { TXDW = 1 }
    expect.eq(#nic:sent(), 7, "all have left")
  end)
end
expect.eq(r.TDH:read().TDH, (7 + 35) % 8, "the head stays inside the ring")

step "a lower threshold counts as it says"
r.TXDCTL:write { WTHRESH = 3, GRAN = 1 }
queue(2)
r.ICR:expect { TXDW = 0 }
queue(1)
r.ICR:expect { TXDW = 1 }
