-- A host without line rate: sixty-four frames of 1024 bytes with one doorbell, more than either FIFO holds, all at
-- one moment. They queue in the transmit FIFO and loop one by one, none is lost.
local nic = scenario { name = "loopback-immediate", cable = false, line_rate = false,
                       manual = { "13.4.16", "13.7", "15.1.3", "15.1.3.1" } }
local r = nic.regs
nic:loopback()
local rx, tx = nic:rx_ring { entries = 128, BAM = 1 }, nic:tx_ring { entries = 128 }
local function frame(i)
  return pkt.eth { src = nic.mac, dst = "ff:ff:ff:ff:ff:ff", type = 0x88b5 } / string.pack(">I2", i) / pkt.pattern(1008)
end

step "one doorbell"
lab.fold("64 descriptors", function()
  for i = 1, 64 do tx:send(frame(i), { doorbell = false }) end
end)
local start = nic:now()
lab.fold("doorbell, no time passes", function()
  tx:doorbell()
  nic:run(ns(1))
end)
for i = 0, 63 do
  rx:expect(i, { DD = 1, EOP = 1, LENGTH = 1028 })
  expect.bytes(rx:data(i):sub(1, 1024), frame(i + 1), "frame " .. i + 1)
end
rx:expect(64, { DD = 0 })
expect.eq(nic:now() - start, ns(1), "time")
r.GPTC:expect { GPTC = 64 }
r.GPRC:expect { GPRC = 64 }
r.BPRC:expect { BPRC = 64 }
r.MPC:expect { MPC = 0 }
expect.eq(#nic:sent(), 0, "frames on the wire")
