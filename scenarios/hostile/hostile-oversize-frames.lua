-- A neighbour sends frames larger than any buffer (the kind of frame behind CVE-2012-6075). Without LPE they are
-- dropped and counted, whatever else is on. With LPE they are cut to buffers: none ever gets a byte more than BSIZE
-- says, and a frame for which the ring has too few descriptors waits for more.
local nic = scenario { name = "hostile-oversize-frames",
                       manual = { "3.2.2", "3.2.3", "3.2.6", "13.4.22", "13.7.36", "13.7.37" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }

local function frame(length) -- with FCS
  return tostring(pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(length - 18))
end

step "LPE = 0, 2048-byte buffers: from 1523 bytes on nothing touches memory"
local rx = nic:rx_ring { entries = 8, buffer = 2048 }
for _, length in ipairs { 1523, 2048, 2049, 4096, 16384, 16385, 65535 } do
  nic:receive(frame(length))
  nic:receive { frame(length - 4), fcs = "bad" }
end
nic:run(us(10))
for i = 0, 6 do
  rx:expect(i, { DD = 0, LENGTH = 0 })
  expect.eq(nic:written(rx.buffers[i], 2048), 0, "bytes written to buffer " .. i)
end
r.RDH:expect { RDH = 0 }
r.ROC:expect { ROC = 7 }
r.RJC:expect { RJC = 6 }                      -- 1519 bytes with a wrong FCS are just bad

-- 13.4.22 lists length errors among what SBP stores and drops oversize frames without a condition. Our choice:
-- dropped; a driver with buffers for the MTU never sees more than 1522 bytes.
step "store bad packets, promiscuous: still nothing"
r.RCTL:set { SBP = 1, UPE = 1, MPE = 1 }
nic:receive(frame(1523))
nic:receive { frame(9000), fcs = "bad" }
nic:run(us(10))
r.RDH:expect { RDH = 0 }
r.RCTL:write(0)
nic:reset()
nic:link_up()

step "LPE = 1, the longest frame into the smallest buffers: 64 times 256 bytes"
local small = nic:rx_ring { entries = 128, buffer = 256, LPE = 1, UPE = 1 }
lab.fold("64 buffers", function()
  nic:receive(frame(16384))
  nic:run(us(10))
end)
local got, last = small:frame(0)
expect.eq(last, 63, "its last descriptor")
expect.bytes(got, frame(16384) .. pkt.fcs(frame(16384)), "put together")
for i = 0, 63 do small:expect(i, { DD = 1, LENGTH = 256, EOP = i == 63 and 1 or 0 }) end
small:expect(64, { DD = 0 })

step "257 bytes need two"
nic:receive(frame(257))
nic:run(us(10))
small:expect(64, { DD = 1, EOP = 0, LENGTH = 256 })
small:expect(65, { DD = 1, EOP = 1, LENGTH = 1 })
expect.eq(nic:written(small.buffers[65], 256), 1, "bytes in the second buffer")

step "61 descriptors are left, 64 are needed: the rest waits in the FIFO for more"
r.RDH:expect { RDH = 66 }
small.next = 66
lab.fold("61 buffers", function()
  nic:receive(frame(16384))
  nic:run(us(10))
end)
small:expect(126, { DD = 1, EOP = 0, LENGTH = 256 })
r.RDH:expect { RDH = 127 }
nic:run(ms(1))
small:expect(127, { DD = 0 })
small:give(10)
nic:run(us(10))
got, last = small:frame(66)
expect.eq(last, (66 + 63) % 128, "its last descriptor")
expect.bytes(got, frame(16384) .. pkt.fcs(frame(16384)), "put together")
r.RCTL:write(0)
nic:reset()
nic:link_up()

-- 13.4.22: BSIZE 00b with BSEX is reserved. Our choice: 2048 as without BSEX, the smaller of what it may mean.
step "the reserved buffer size writes no more than 2048 bytes"
local odd = nic:rx_ring { entries = 8, buffer = 2048, LPE = 1, UPE = 1, BSIZE = 0, BSEX = 1 }
nic:receive(frame(3000))
nic:run(us(10))
odd:expect(0, { DD = 1, EOP = 0, LENGTH = 2048 })
odd:expect(1, { DD = 1, EOP = 1, LENGTH = 952 })
