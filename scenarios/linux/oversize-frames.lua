-- Frames larger than the driver's buffers. With its MTU of 1500 the card itself drops what is over 1522 bytes; and
-- if long packets get switched on behind its back, a frame comes in two descriptors, which this driver drops by EOP
-- without mixing it up with the next.
local nic = scenario { name = "oversize-frames", manual = { "3.2.2", "3.2.3", "3.2.3.1", "13.4.22", "13.7.36" } }
local linux = require "linux_e1000"
local r = nic.regs

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)

local function frame(length) -- without FCS
  return tostring(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(length - 14))
end
local function arrives(length)
  nic:receive(frame(length))
  lab.fold("1 ms", drv.run, drv, ms(1))
  return drv:received()
end

step "1518 bytes and the FCS: the longest that is let in"
local got = arrives(1518)
expect.eq(#got, 1, "received")
expect.bytes(got[1].bytes, frame(1518), "whole")

step "one byte more: no descriptor, no interrupt, ROC"
r.ROC:expect { ROC = 0 }
expect.none(arrives(1519), "dropped by the card")
expect.none(arrives(9018), "dropped by the card")
r.ROC:expect { ROC = 2 }
r.RDH:expect { RDH = 1 }
expect.eq(drv.rx_dropped, nil, "the driver saw nothing")

step "with LPE it comes in pieces of 2048; the driver drops all of them"
r.RCTL:set { LPE = 1 }
expect.eq(#arrives(2044), 1, "2044 bytes and the FCS still fill one buffer")
expect.none(arrives(2045), "the fourth byte of the FCS needs a second descriptor")
expect.eq(drv.rx_dropped, 2, "descriptors of one frame")
expect.none(arrives(9018), "five buffers")
expect.eq(drv.rx_dropped, 7, "descriptors")
r.RDH:expect { RDH = 9 }

step "the next frame is whole again"
got = arrives(1000)
expect.eq(#got, 1, "received")
expect.bytes(got[1].bytes, frame(1000), "whole")
expect.eq(drv.rx_dropped, 7, "no more")
