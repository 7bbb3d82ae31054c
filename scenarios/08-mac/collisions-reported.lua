-- EC and LC in a descriptor's status: what became of its frame, where that is known when the status is written. Frames
-- take no time here, so it is: a frame is out, or given up, before its descriptor is done.
local nic = scenario { name = "collisions-reported", line_rate = false,
                       manual = { "3.3.3.2", "3.3.7", "8.4.2", "13.4.33", "13.4.43", "13.7.7" } }
local r = nic.regs
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(286)

step "half duplex at 10 Mb/s"
nic:link_up { speed = 10, duplex = "half" }
local tx = nic:tx_ring { entries = 32 }
local function status(attempts, how, wanted, why)
  local from = tx.tail
  nic:collide(attempts, how)
  tx:send(frame, { split = 100 })             -- three descriptors, RS on the last
  nic:collide(0)
  tx:expect(from, { DD = 0, EC = 0, LC = 0 })
  tx:expect((from + 2) % 32, wanted)
  tx:reclaim()
  return #nic:sent()
end

step "none, one, fifteen collisions: sent, and nothing to report"
for _, n in ipairs { 0, 1, 15 } do
  expect.eq(status(n, nil, { DD = 1, EC = 0, LC = 0 }), 1, n .. " collisions")
end
r.SCC:expect { SCC = 1 }
r.MCC:expect { MCC = 1 }

step "sixteen with CT = 15: excess collisions"
expect.eq(status(16, nil, { DD = 1, EC = 1, LC = 0 }), 0, "given up")

step "a late one, RTLC = 0"
expect.eq(status(1, "late", { DD = 1, EC = 0, LC = 1 }), 0, "cut off")

step "RTLC = 1: late and sent, late and given up"
r.TCTL:set { RTLC = 1 }
expect.eq(status(1, "late", { DD = 1, EC = 0, LC = 1 }), 1, "sent")
expect.eq(status(16, "late", { DD = 1, EC = 1, LC = 1 }), 0, "given up")

step "the next frame begins with a clean slate"
expect.eq(status(0, nil, { DD = 1, EC = 0, LC = 0 }), 1, "sent")

step "whole descriptors, written back in a burst, have it, too; without RS none has"
r.TXDCTL:write { WTHRESH = 2, GRAN = 1 }
local from = tx.tail
nic:collide(16)
tx:send(frame, { doorbell = false })
tx:send(frame, { doorbell = false, RS = 0 })
tx:doorbell()
tx:expect(from, { DD = 1, EC = 1, LC = 0 })
tx:expect((from + 1) % 32, { DD = 0, EC = 0, LC = 0 })
expect.eq(#nic:sent(), 1, "the second")
