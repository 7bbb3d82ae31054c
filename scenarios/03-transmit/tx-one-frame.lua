-- One frame in one legacy descriptor, from doorbell to interrupt: data is read before DD is reported, DD before
-- the head moves, and all of that before TXDW. A driver that sees the interrupt, or the head, must find DD set.
local nic = scenario { name = "tx-one-frame", golden = { "wire" },
                       manual = { "3.3", "3.3.3", "3.3.3.1", "3.3.3.2", "3.4", "3.4.2", "3.4.3", "13.4.17",
                                  "13.4.39", "13.4.40" } }
local r = nic.regs

-- What the device did since last asked, as words: "txd txbuf DD-byte TXDW ...".
local function deeds()
  local list = {}
  for _, line in ipairs(lab.events("dma", "cause", "irq", "frame")) do
    list[#list + 1] = line:match("rd%s+(%a+)%[") or line:match("wr%s+(%a+%[%d+%]%S*)") or line:match("[+](%u[%u_0-9]+)%s*$")
                      or line:match("irq%s+(%a+)") or line:match("wire%s+(%a+)")
  end
  return table.concat(list, " ")
end

step "link up, ring of eight descriptors, all transmit causes unmasked"
nic:link_up { speed = 1000, duplex = "full" }
r.TIPG:write { IPGT = 8, IPGR1 = 8, IPGR2 = 6 }
local tx = nic:tx_ring { entries = 8 }
r.IMS:write { TXDW = 1, TXQE = 1 }
deeds()

step "a frame of 100 bytes; CSO, CSS and SPECIAL carry marks that the card must not touch"
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2" }
            / pkt.udp { sport = 1024, dport = 9 } / pkt.pattern(58)
expect.eq(#frame, 100, "with an FCS of 4 it makes 104 on the wire")
tx:legacy { buffer = frame, CMD = "EOP IFCS RS", CSO = 0x5a, CSS = 0xc3, SPECIAL = 0x1234 }
local before = nic:peek(tx:at(0), 16)
expect.none(nic:sent { now = true }, "nothing happens before the doorbell")
expect.eq(deeds(), "", "not even a look at the descriptor")

step "the doorbell: descriptor, data, DD, TXDW, TXQE, in this order"
tx:doorbell()
print(deeds())
