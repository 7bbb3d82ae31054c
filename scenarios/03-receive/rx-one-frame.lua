-- One frame comes in: its data is in memory before the descriptor says so, the descriptor before the head moves and
-- before RXT0. A driver that sees the interrupt finds DD and EOP, and behind them the whole frame.
local nic = scenario { name = "rx-one-frame",
                       manual = { "3.2", "3.2.2", "3.2.3", "3.2.3.1", "3.2.3.2", "3.2.4", "3.2.5.1", "3.2.6",
                                  "3.2.7.1.1", "13.4.17", "13.4.28", "13.4.29" } }
local r = nic.regs

-- What the device did since last asked, in its order: "rxbuf[0] rxd[0] RXT0 ...".
local function deeds()
  local list = {}
  for _, line in ipairs(lab.events("dma", "cause", "irq")) do
    list[#list + 1] = line:match("rd%s+(%a+%[%S+)") or line:match("wr%s+(%a+%[%d+%]%S*)") or line:match("[+]([%u_0-9]+)%s*$")
                      or line:match("irq%s+(%a+)")
  end
  return table.concat(list, " ")
end

step "link up; eight descriptors, seven of them given: one burst fetches them"
nic:link_up { speed = 1000, duplex = "full" }
r.IMS:write { RXT0 = 1, RXO = 1, RXDMT0 = 1 }
deeds()
local rx = nic:rx_ring { entries = 8, buffer = 2048 }
expect.eq(deeds(), "rxd[0..6]", "3.2.4: no descriptor beyond the tail")
r.RDH:expect { RDH = 0 }

step "a frame of 100 bytes: data, descriptor, interrupt"
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac } / pkt.ip4 { src = "10.0.0.2", dst = "10.0.0.1" }
            / pkt.udp { sport = 9, dport = 1024 } / pkt.pattern(58)
local before = nic:peek(rx:at(0), 16)
nic:receive(frame)
expect.eq(deeds(), "rxbuf[0] rxd[0] RXT0 up", "3.2.5.1, 3.2.7.1.1: the order")
r.RDH:expect { RDH = 1 }                      -- 3.2.6: one was written back
r.RDT:expect { RDT = 7 }
r.ICR:expect { RXT0 = 1, RXO = 0, RXDMT0 = 0, SRPD = 0, TXDW = 0 }
expect.irq(false, "the read acknowledged it")

step "data and FCS, not a byte more; the buffer address stays"
rx:expect(0, { DD = 1, EOP = 1, VP = 0, TCPCS = 0, IPCS = 0, PIF = 0, IXSM = 1, ERRORS = 0, SPECIAL = 0, LENGTH = 104 })
expect.bytes(rx:data(0), frame:fcs(), "3.2.3: the length covers the CRC")
expect.eq(nic:written(rx.buffers[0], 2048), 104, "behind the frame the buffer is untouched")
expect.bytes(nic:peek(rx:at(0), 8), before:sub(1, 8), "the address")
for i = 1, 7 do
  expect.eq(nic:written(rx:at(i), 16), 0, "the other descriptors are not touched")
  expect.eq(nic:written(rx.buffers[i], 2048), 0, "nor their buffers")
end

step "a second frame takes the next descriptor"
nic:run(us(10))
deeds()
nic:receive(frame)
expect.eq(deeds(), "rxbuf[1] rxd[1] RXT0 up", "no fetch in between: seven were at hand")
rx:expect(1, { DD = 1, EOP = 1, LENGTH = 104 })
r.RDH:expect { RDH = 2 }
r.ICR:expect { RXT0 = 1 }

step "whatever stood in the descriptor before, but the address, is overwritten"
rx:raw(7, rx.buffers[7], -1)
r.RDT:write(0)
lab.fold("five frames", function() for _ = 1, 5 do nic:receive(frame) end end)
nic:receive(frame)
rx:expect(7, { STATUS = 0x07, ERRORS = 0, SPECIAL = 0, LENGTH = 104 }) -- DD, EOP, IXSM

step "as a driver takes them"
for _ = 1, 8 do expect.bytes(rx:take(), frame:fcs(), "the frame") end
expect.eq(rx:take(), nil, "no more")
