-- Partners that offer less: 100 half, then 10 half. The driver reads what the PHY negotiated from STATUS, wants no
-- pause on a half duplex link, throttles to 4000 interrupts a second below 1000 Mb/s, and a byte takes 80 and 800 ns.
local nic = scenario { name = "half-duplex-partners", golden = { "wire" },
                       manual = { "8.6.2", "11.1.2", "13.4.1", "13.4.2", "13.4.18", "13.4.34" },
                       cable = { speed = 100, duplex = "half" } }
local linux = require "linux_e1000"
local r = nic.regs

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)

local out = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2" }
          / pkt.udp { sport = 1024, dport = 9 } / pkt.pattern(400)
local back = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac } / pkt.ip4 { src = "10.0.0.2", dst = "10.0.0.1" }
           / pkt.udp { sport = 9, dport = 1024 } / pkt.pattern(300)

local function both_ways(speed, byte_time)
  expect.eq(drv.link, true, "link")
  expect.eq(drv.speed, speed, "speed")
  expect.eq(drv.full_duplex, false, "duplex")
  r.STATUS:expect { LU = 1, FD = 0, SPEED = speed // 100 }
  r.CTRL:expect { RFCE = 0, TFCE = 0, FRCSPD = 0, FRCDPLX = 0 }
  r.ITR:expect { INTERVAL = 976 }             -- 4000 a second
  r.TCTL:expect { EN = 1, COLD = 63, RTLC = 1 }
  lab.fold("until all is quiet", drv.run, drv, ms(10))
  local start = nic:now()
  expect.ok(drv:xmit(out), "room")
  nic:receive { back, at = start + ms(1) }
  lab.fold("2 ms", drv.run, drv, ms(2))
  local sent = nic:sent()
  expect.eq(#sent, 1, "sent")
  expect.bytes(sent[1], out, "out")
  expect.checksums_valid(sent)
  expect.eq(sent[1].at - start, (8 + #out + 4) * byte_time, "preamble, frame and FCS")
  local got = drv:received()
  expect.eq(#got, 1, "received")
  expect.bytes(got[1].bytes, back, "in")
  expect.eq(drv.tx_done, 1, "reported")
  drv.tx_done = nil
end

step "100 half"
both_ways(100, 80)

step "10 half"
nic:partner { speed = 10, duplex = "half" }
lab.fold("link lost and found", drv.run, drv, s(8))
both_ways(10, 800)

step "no collisions were counted, the wire has none"
r.COLC:expect { CCC = 0 }
r.LATECOL:expect { LCC = 0 }
