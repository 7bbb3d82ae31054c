-- A frame that waits in the FIFO keeps the results of its arrival: RXCSUM may change, the packet buffer may be looked at,
-- and the results come with the EOP descriptor only.
local nic = scenario { name = "rx-checksum-waits", manual = { "3.2.3.1", "3.2.6", "3.2.9", "13.4.47" } }
local r = nic.regs

step "link up, no descriptors, everything checked"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 16, buffer = 256, ready = 0, SECRC = 1 }
local function frame(ip, tcp) return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac } / pkt.ip4 { csum = ip } / pkt.tcp { csum = tcp } / pkt.pattern(300) end
r.RXCSUM:write { IPOFLD = 1, TUOFLD = 1 }
nic:receive(frame(nil, nil))
nic:receive(frame("bad", nil))
nic:receive(frame(nil, "bad"))
r.RXCSUM:write(0)
nic:receive(frame("bad", "bad"))
r.RXCSUM:write { IPOFLD = 1 }

step "descriptors: two for each frame"
rx:give(8)
rx:expect(0, { DD = 1, EOP = 0, STATUS = 0x01, ERRORS = 0 })
rx:expect(1, { DD = 1, EOP = 1, IPCS = 1, TCPCS = 1, IXSM = 0, IPE = 0, TCPE = 0 })
rx:expect(2, { DD = 1, EOP = 0, STATUS = 0x01, ERRORS = 0 })
rx:expect(3, { DD = 1, EOP = 1, IPCS = 1, TCPCS = 1, IXSM = 0, IPE = 1, TCPE = 0 })
rx:expect(5, { DD = 1, EOP = 1, IPCS = 1, TCPCS = 1, IXSM = 0, IPE = 0, TCPE = 1 })
rx:expect(7, { DD = 1, EOP = 1, IPCS = 0, TCPCS = 0, IXSM = 1, ERRORS = 0 })
expect.no_bad "a driver that makes no mistake"
