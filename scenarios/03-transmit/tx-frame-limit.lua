-- 16288 bytes is the longest frame, in one descriptor or in many; one byte more is a driver's mistake: no frame leaves,
-- DD still comes for the buffers' sake, and the next frame is fine. A smaller transmit FIFO lowers the limit:
-- a frame must be 80 bytes smaller than it.
local nic = scenario { name = "tx-frame-limit",
                       manual = { "3.3.1", "3.3.3", "3.3.7", "13.4.16" } }
local r = nic.regs

step "link up, ring of 16 descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 16 }
local header = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 }
local function frame(n) return (header / pkt.pattern(n - 14)):bytes() end
local short = frame(100)

local function leaves(n, split)
  local last = tx:send(frame(n), { split = split })
  local sent = nic:sent()
  expect.eq(#sent, 1, n .. " bytes leave")
  expect.bytes(sent[1].bytes, frame(n) .. pkt.fcs(frame(n)), n .. " bytes")
  tx:expect(last, { DD = 1 })
  tx:reclaim()
  expect.silent("frame-too-long", n .. " bytes are allowed")
end

local function does_not_leave(n, split)
  local last = tx:send(frame(n), { split = split })
  expect.none(nic:sent(), n .. " bytes do not leave")
  tx:expect(last, { DD = 1 })                 -- (silent: our choice, or the ring would stand still)
  tx:reclaim()
  expect.bad "frame-too-long"
  leaves(100)
end

step "16288 bytes in one descriptor and in four"
leaves(16288)
leaves(16288, 5000)
r.PTC1522:expect { PTC1522 = 2 }              -- 13.7.50: 1024 bytes and more
r.GPTC:expect { GPTC = 2 }

step "16289 bytes in one descriptor and in two: not sent, and counted nowhere"
does_not_leave(16289)
does_not_leave(16289, 16288)
r.GPTC:expect { GPTC = 2 }                    -- the two short ones behind them
r.PTC1522:expect { PTC1522 = 0 }

step "8 KB of transmit FIFO: 8192 - 80 bytes leave, 8192 do not"
r.PBA:write { RXA = 56 }
r.PBA:expect { RXA = 56, TXA = 8 }
leaves(8192 - 80)
leaves(8192 - 80, 1000)
does_not_leave(8192)
leaves(100)

step "all of it for the receiver, or more than there is: nothing can be sent until transmit has a share again"
for _, rxa in ipairs { 64, 120 } do
  r.PBA:write { RXA = rxa }
  expect.bad "packet-buffer-split"
  r.PBA:expect { RXA = rxa, TXA = 0 }
  local last = tx:send(short)
  expect.none(nic:sent(), "no transmit FIFO")
  tx:expect(last, { DD = 1 })
  tx:reclaim()
  expect.bad "frame-too-long"
end
r.PBA:write { RXA = 48 }
leaves(16288)
