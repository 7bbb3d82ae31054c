-- XOFF stops the transmitter after the frame that is on the wire, for the time it names, in units of 64 byte times at the
-- speed of the link; XON ends it at once. STATUS.TXOFF shows it.
local nic = scenario { name = "pause-obeyed", needs = { "virtual-time" },
                       manual = { "8.7.3", "13.4.1", "13.4.2", "13.7.11", "13.7.16", "13.7.18" } }
local r = nic.regs
local PEER = "02:00:00:00:00:02"
local function frame(n) return pkt.eth { src = nic.mac, dst = PEER, type = 0x88b5 } / pkt.pattern(n - 14) end
local function pause(time, fields)
  local p = { time = time, src = PEER }
  for k, v in pairs(fields or {}) do p[k] = v end
  return pkt.pause(p)
end
local function flow_control(t)
  r.FCAL:write(0x00c28001)
  r.FCAH:write(0x0100)
  r.FCT:write(0x8808)
  r.FCTTV:write(t or 0xffff)
end

local tx
for _, speed in ipairs { { 1000, 8 }, { 100, 80 }, { 10, 800 } } do
  local clock = speed[2]
  step(string.format("%d Mb/s: a unit is %d ns", speed[1], 64 * clock))
  nic:link_up { speed = speed[1], duplex = "full" }
  tx = tx or nic:tx_ring { entries = 8 }
  r.RCTL:write { EN = 1 }
  flow_control()
  r.CTRL:set { RFCE = 1 }
  r.TIPG:write { IPGT = 8 }

  nic:run(ms(20))
  local start = nic:now()
  tx:send(frame(96))                            -- 8 + 96 + 4 byte times on the wire
  tx:send(frame(96))
  nic:run_until(start + 50 * clock)
  nic:receive(pause(10))
  r.STATUS:expect { TXOFF = 1 }
  nic:run_until(start + (50 + 640) * clock - 1)
  r.STATUS:expect { TXOFF = 1 }
  nic:run_until(start + (50 + 640) * clock)
  r.STATUS:expect { TXOFF = 0 }
  local sent = nic:sent { within = ms(20) }
  expect.eq(#sent, 2, "frames")
  expect.eq(sent[1].at - start, 108 * clock, "the current frame is finished")
  expect.eq(sent[2].at - start, (50 + 640 + 108) * clock, "the next starts when the time is over")
end

step "XON ends the pause; a new XOFF replaces the time of the one before; the longest time there is"
nic:link_up { speed = 1000, duplex = "full" }
nic:run(us(10))
local start = nic:now()
nic:receive(pause(0xffff))
tx:send(frame(96))
nic:run_until(start + ns(65535 * 512 - 1))
r.STATUS:expect { TXOFF = 1 }
nic:receive(pause(1))
nic:run_until(start + ns(65535 * 512 - 1 + 511))
r.STATUS:expect { TXOFF = 1 }
expect.eq(#nic:sent { now = true }, 0, "still paused")
nic:receive(pause(0))
r.STATUS:expect { TXOFF = 0 }
expect.eq(nic:sent()[1].at, start + ns(65535 * 512 + 510 + 108 * 8), "XON")

step "an XOFF in the gap: the next frame has not begun, and waits"
nic:run(us(10))
start = nic:now()
tx:send(frame(96))
tx:send(frame(96))
nic:run_until(start + ns(108 * 8 + 50))         -- the gap is 12 byte times, 96 ns
nic:receive(pause(2))
local sent = nic:sent()
expect.eq(sent[1].at, start + ns(108 * 8), "the first")
expect.eq(sent[2].at, start + ns(108 * 8 + 50 + 1024 + 108 * 8), "the second after the pause")

step "as many XOFF and XON as came; none of them is a good frame, all are in the totals"
r.XOFFRXC:expect { XOFFRXC = 6 }
r.XONRXC:expect { XONRXC = 1 }
r.FCRUC:expect { FCRUC = 0 }
-- 13.7.11: three that were behind the current frame, one that came to a paused transmitter (and met three XOFF), one in
-- the gap. Those that follow a frame back to back are not put off.
r.DC:expect { CDC = 5 }
