-- RDH is written while the FIFO holds a frame for which the descriptors did not suffice. 13.4.28 allows the write only
-- while the receiver is off, and is silent on the frame. Our choice: it is no descriptor's and stays; its rest goes on at
-- the new head, once RDT or RCTL.EN is written. A driver that restarts its ring finds that rest before the next frame.
local nic = scenario { name = "rx-head-rewritten", manual = { "3.2.6", "13.4.22", "13.4.28", "13.4.29" } }
local r = nic.regs
local BUFFER = 256
nic:link_up { speed = 1000, duplex = "full" }
local long = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.rep("ab", 60) / pkt.pattern(1362)
local whole = long:fcs()                      -- 1500 bytes: six buffers
local short = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(82)
local rx

local function two_of_six()
  rx = nic:rx_ring { entries = 16, buffer = BUFFER, ready = 2 }
  r.ICR:raw()
  nic:receive(long)
  nic:receive(short)
  r.RDH:expect { RDH = 2 }
  for i = 0, 1 do
    rx:expect(i, { STATUS = 1, LENGTH = BUFFER })
    expect.bytes(rx:data(i), whole:sub(i * BUFFER + 1, (i + 1) * BUFFER), "piece " .. i)
  end
end

local function untouched(why)
  expect.none(lab.events("dma"), why)
  for i = 8, 12 do expect.eq(nic:written(rx.buffers[i], BUFFER), 0, why) end
  expect.eq(r.ICR:read().RXT0, 0, why)
end

local function rest_at_eight()
  for i = 2, 5 do
    rx:expect(i + 6, { DD = 1, EOP = i == 5 and 1 or 0, LENGTH = i == 5 and 1500 - 5 * BUFFER or BUFFER })
    expect.bytes(rx:data(i + 6), whole:sub(i * BUFFER + 1, (i + 1) * BUFFER), "piece " .. i)
  end
  expect.bytes(rx:data(12), short:fcs(), "then the frame behind it")
  rx:expect(12, { DD = 1, EOP = 1, LENGTH = 100 })
  r.RDH:expect { RDH = 13 }
  r.ICR:expect { RXT0 = 1 }
end

step "with the receiver off, as it has to be: RDH 8, RDT 15; nothing moves before RCTL.EN"
two_of_six()
r.RCTL:clear { "EN" }
lab.events()
r.RDH:write(8)
r.RDT:write(15)
untouched "the receiver is off"
r.RDH:expect { RDH = 8 }
r.RCTL:set { EN = 1 }
rest_at_eight()
expect.no_bad "by the manual"

step "with the receiver on, a mistake: the same, with the write of RDT"
r.RCTL:write(0)
two_of_six()
lab.events()
r.RDH:write(8)
expect.bad "head-write-while-on"
untouched "not before RDT is written"
r.RDT:write(15)                               -- with RDH 8 and RDT 2 ten were the card's, now it is seven
expect.bad "tail-moved-back"
rest_at_eight()
