-- Without line rate, as a virtual machine runs the card, frames take no time on the wire: each leaves as soon as it is
-- whole, so the FIFO never fills and all is done when the doorbell returns. Order, reports and counters are the same.
local nic = scenario { name = "tx-at-once", golden = { "wire" }, line_rate = false, needs = { "wire" },
                       manual = { "3.3", "3.3.3.1", "3.4", "3.4.3", "13.4.33", "13.7.30", "13.7.32" } }
local r = nic.regs

step "link up at 10 Mb/s: no matter"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
local tx = nic:tx_ring { entries = 64 }
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(1498)
end

step "thirty long frames: twice what the FIFO could hold, all out at once"
lab.fold("thirty frames", function()
  for n = 1, 30 do tx:send(numbered(n), { doorbell = false }) end
  tx:doorbell()
end)
local sent = nic:sent { now = true }
expect.eq(#sent, 30, "frames")
for n = 1, 30 do
  expect.bytes(sent[n].bytes, numbered(n):fcs(), "frame " .. n)
  expect.eq(sent[n].at, 0, "no time has passed")
  tx:expect(n - 1, { DD = 1 })
end
r.TDH:expect { TDH = 30 }
r.ICR:expect { TXDW = 1, TXQE = 1 }
r.GPTC:expect { GPTC = 30 }
r.GOTCL:expect(30 * 1518)
r.GOTCH:expect(0)

step "in pieces, padded, without FCS"
tx:send(numbered(31), { split = 500 })
tx:legacy { buffer = numbered(32):bytes():sub(1, 20), CMD = "EOP IFCS RS" }
tx:legacy { buffer = numbered(33), CMD = "EOP RS" }
tx:doorbell()
sent = nic:sent { now = true }
expect.eq(#sent, 3, "frames")
expect.bytes(sent[1].bytes, numbered(31):fcs(), "in pieces")
local short = numbered(32):bytes():sub(1, 20) .. string.rep("\0", 40)
expect.bytes(sent[2].bytes, short .. pkt.fcs(short), "padded")
expect.bytes(sent[3].bytes, numbered(33):bytes(), "without FCS")

step "the link is lost: now the FIFO fills, ten of twelve fit"
nic:link_down()
lab.fold("twelve frames", function()
  tx:reclaim()
  for n = 41, 52 do tx:send(numbered(n), { doorbell = false }) end
  tx:doorbell()
end)
local head, tail = r.TDH:read().TDH, r.TDT:read().TDT
expect.eq((tail - head) % 64, 2, "two wait in memory")
expect.none(nic:sent { now = true }, "no link")

step "it comes back: all twelve"
nic:link_up { speed = 10, duplex = "full" }
sent = nic:sent { now = true }
expect.eq(#sent, 12, "frames")
for i = 1, 12 do expect.bytes(sent[i].bytes, numbered(40 + i):fcs(), "frame " .. 40 + i) end
expect.eq(r.TDH:read().TDH, tail, "the ring is empty")
