-- Linux gives its loopback test one ring of receive buffers and never moves RDT again. Once RDH has reached RDT no
-- descriptor and no buffer may be written, however many frames loop: they wait in the FIFO, and when that is full
-- they are lost, counted, and the driver is told.
local nic = scenario { name = "loopback-ring-runs-dry", needs = { "virtual-time" }, cable = false,
                       manual = { "3.2.6", "3.2.7.4", "13.4.17", "13.7.5", "13.7.33", "15.1.3" } }
local r = nic.regs
nic:loopback()
local rx, tx = nic:rx_ring { entries = 8 }, nic:tx_ring { entries = 64 }
r.ICR:raw()
local function frame(i) return pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / string.pack(">I2", i) / pkt.pattern(984) end

step "seven buffers, sixty frames of 1000 bytes"
lab.fold("sixty frames", function()
  for i = 1, 60 do tx:send(frame(i), { doorbell = false }) end
  tx:doorbell()
  nic:run(ms(1))
end)
for i = 0, 6 do
  rx:expect(i, { DD = 1, LENGTH = 1004 })
  expect.eq(string.unpack(">I2", rx:data(i), 15), i + 1, "in order")
end
rx:expect(7, { DD = 0 })
expect.eq(nic:written(rx:at(7), 16), 0, "bytes of the last descriptor written")
r.RDH:expect { RDH = 7 }

step "48 KB of FIFO hold 48 frames of 1004 bytes and a word each; five are lost"
local fit = 48 * 1024 // (8 + 1008)
expect.eq(fit, 48, "frames that fit")
r.MPC:expect { MPC = 60 - 7 - fit }
r.RNBC:expect { RNBC = 53 }                   -- all that came when none was left: memory takes no time
r.ICR:expect { RXO = 1, RXDMT0 = 1, RXT0 = 1 }
r.RDFPC:expect(fit)
r.GPTC:expect { GPTC = 60 }

step "buffers come: the frames that waited are delivered, in order, none twice"
for _ = 1, 7 do expect.ok(rx:take(), "taken") end
rx:fill()
nic:run(us(10))
for i = 0, 6 do
  local at = (7 + i) % 8
  rx:expect(at, { DD = 1, LENGTH = 1004 })
  expect.eq(string.unpack(">I2", rx:data(at), 15), 8 + i, "in order")
end
r.RDFPC:expect(fit - 7)
expect.eq(#nic:sent(), 0, "frames on the wire")
