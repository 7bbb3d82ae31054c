-- The cable is pulled while more packets are queued than the transmit FIFO holds. Nothing leaves without a link; the
-- driver finds packets that cannot be sent and resets the card, which empties its FIFO: what was queued is lost, it
-- does not turn up on the next link. Afterwards everything is as new.
local nic = scenario { name = "link-loss-with-packets", golden = { "wire" },
                       manual = { "8.6.2", "13.4.1", "13.4.2", "13.4.17", "13.4.33", "13.7.11", "14.7" } }
local linux = require "linux_e1000"
local r = nic.regs

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)
expect.eq(drv.link, true, "link")

local function packet(id)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" }
       / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2", id = id }
       / pkt.udp { sport = 1024, dport = 9 } / pkt.pattern(1400)
end

step "the cable is pulled; before the driver knows, twenty packets of 1442 bytes are queued"
nic:partner(nil)
lab.fold("twenty packets", function()
  for id = 1, 20 do expect.ok(drv:xmit(packet(id), { more = id < 20 }), "the ring has room") end
end)
expect.irq(true, "LSC")
r.STATUS:expect { LU = 0 }
expect.none(nic:sent { now = true }, "no link")
expect.within(r.TDH:read().TDH, 8, 12, "what 16 KB of FIFO take, the rest stays in the ring")
expect.eq(r.DC:read().CDC, r.TDH:read().TDH, "13.7.11: each of them was put off")

step "the driver sees it: packets are queued, so it resets the card"
lab.fold("one second", drv.run, drv, s(1))
expect.eq(drv.link, false, "link")
r.TDH:expect { TDH = 0 }
r.TDT:expect { TDT = 0 }
expect.none(nic:sent { now = true }, "still no link")
expect.eq(drv.tx_hangs, nil, "no hang was diagnosed: the link was down")

step "nothing of them leaves when the cable is back"
nic:partner { speed = 1000 }
lab.fold("five seconds", drv.run, drv, s(5))
expect.eq(drv.link, true, "link")
r.STATUS:expect { LU = 1, SPEED = 2 }
expect.none(nic:sent { now = true }, "they were in the FIFO that the reset emptied")

step "new ones do"
for id = 101, 103 do expect.ok(drv:xmit(packet(id)), "room") end
lab.fold("1 ms", drv.run, drv, ms(1))
local sent = nic:sent()
expect.eq(#sent, 3, "frames")
for i = 1, 3 do expect.bytes(sent[i], packet(100 + i), "in order") end

step "and frames that arrive, too"
local incoming = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac } / pkt.ip4 {} / pkt.udp {} / pkt.pattern(100)
nic:receive(incoming)
lab.fold("1 ms", drv.run, drv, ms(1))
local got = drv:received()
expect.eq(#got, 1, "received")
expect.bytes(got[1].bytes, incoming, "whole")
