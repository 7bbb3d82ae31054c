-- One frame in one legacy descriptor, from the doorbell to the interrupt: data is fetched before DD is reported,
-- and DD before TXDW, so a driver that sees the interrupt finds DD. The frame leaves unchanged with its FCS.
local nic = scenario { name = "tx-one-frame", golden = { "wire" },
                       manual = { "3.3", "3.3.3", "3.3.3.1", "3.3.3.2", "3.4", "3.4.2", "3.4.3", "13.4.17",
                                  "13.4.39", "13.4.40" } }
local r = nic.regs

-- What the device did since last asked, in its order: "txd txbuf txd[0] TXDW ...".
local function deeds()
  local list = {}
  for _, line in ipairs(lab.events("dma", "cause", "irq", "frame")) do
    list[#list + 1] = line:match("rd%s+(%a+)%[") or line:match("wr%s+(%a+%[%d+%]%S*)") or line:match("[+]([%u_0-9]+)%s*$")
                      or line:match("irq%s+(%a+)") or line:match("wire%s+(%a+)")
  end
  return table.concat(list, " ")
end

step "link up, ring of eight descriptors, both transmit causes unmasked"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
r.IMS:write { TXDW = 1, TXQE = 1 }

step "a descriptor whose CSO, CSS and SPECIAL carry marks; nothing happens before the doorbell"
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2" }
            / pkt.udp { sport = 1024, dport = 9 } / pkt.pattern(58)
tx:legacy { buffer = frame, CMD = "EOP IFCS RS", CSO = 0x5a, CSS = 0xc3, SPECIAL = 0x1234 }
local before = nic:peek(tx:at(0), 16)
deeds()
nic:run(us(10))
expect.eq(deeds(), "", "not even a look at the descriptor")
expect.irq(false, "nothing done")

step "doorbell: descriptor, data, DD, TXDW, and with the ring empty TXD_LOW and TXQE"
local start = nic:now()
tx:doorbell()
expect.eq(deeds(), "txd txbuf txd[0] TXDW up TXD_LOW TXQE", "3.4, 3.4.2, 3.4.3: the order")
r.TDH:expect { TDH = 1 }                      -- 3.4: moved once the data is in the FIFO
r.ICR:expect { TXDW = 1, TXQE = 1, TXD_LOW = 1, LSC = 0, RXT0 = 0 }
expect.irq(false, "the read acknowledged both")

step "of the descriptor only the byte with STA was written; DD is its only news"
expect.eq(nic:written(tx:at(0), 16), 1, "3.4.2: WTHRESH = 0")
expect.eq(nic:written(tx:at(0) + 12, 1), 1, "byte 12")
expect.bytes(nic:peek(tx:at(0), 16), before:sub(1, 12) .. "\1" .. before:sub(14), "all the rest as the driver left it")
tx:expect(0, { DD = 1, EC = 0, LC = 0, CSO = 0x5a, CSS = 0xc3, SPECIAL = 0x1234, LENGTH = 100 })
expect.eq(nic:written(tx:at(1), 16 * 7), 0, "the other descriptors are not touched")

step "the frame leaves as it was given, with its FCS"
local sent = nic:sent()
expect.eq(#sent, 1, "frames on the wire")
expect.bytes(sent[1].bytes, frame:fcs(), "data and FCS")
expect.eq(sent[1].at - start, ns((8 + 104) * 8), "preamble and 104 bytes at 8 ns")
expect.irq(false, "leaving raises nothing: TXDW told of the fetch")
r.ICR:expect(0)
