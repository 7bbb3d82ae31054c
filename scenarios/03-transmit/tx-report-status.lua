-- RS, and RS alone, asks for a report: DD and TXDW come for descriptors with RS wherever they stand in the frame,
-- also for those that move no data; without RS memory stays untouched and only TXQE tells that all is done.
-- CMD bit 4 is reserved here but set by the Linux self-test: it must do nothing.
local nic = scenario { name = "tx-report-status",
                       manual = { "3.3.3", "3.3.3.1", "3.4.2", "3.4.3", "13.4.17" } }
local r = nic.regs

step "link up, ring of sixteen descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 16 }
local frame = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(86)):bytes()

step "without RS: sent, no DD, no write, TXQE but no TXDW"
tx:legacy { buffer = frame, CMD = "EOP IFCS" }
tx:doorbell()
expect.bytes(nic:sent()[1], frame, "sent all the same")
tx:expect(0, { DD = 0 })
expect.eq(nic:written(tx.base, 256), 0, "3.3.3.1 note 2: DD only with RS")
r.TDH:expect { TDH = 1 }
r.ICR:expect { TXDW = 0, TXQE = 1 }

step "with the reserved bit 4, no RS: as without"
tx:legacy { buffer = frame, CMD = "EOP IFCS RSV4" }
tx:doorbell()
expect.bytes(nic:sent()[1], frame, "sent all the same")
expect.eq(nic:written(tx.base, 256), 0, "bit 4 asks for nothing")
r.ICR:expect { TXDW = 0, TXQE = 1 }

step "RS on the second of three pieces: DD there and nowhere else"
tx:legacy { buffer = frame:sub(1, 30) }
tx:legacy { buffer = frame:sub(31, 60), CMD = "RS" }
tx:legacy { buffer = frame:sub(61), CMD = "EOP IFCS" }
tx:doorbell()
expect.bytes(nic:sent()[1], frame, "one frame of three pieces")
for i, dd in ipairs { 0, 1, 0 } do tx:expect(1 + i, { DD = dd }) end
expect.eq(nic:written(tx.base, 256), 1, "one byte in the whole ring")
r.ICR:expect { TXDW = 1, TXQE = 1 }

step "RS before the frame is complete: DD for the piece, nothing on the wire, no TXQE missing later"
tx:legacy { buffer = frame:sub(1, 30), CMD = "RS" }
tx:doorbell()
tx:expect(5, { DD = 1 })                      -- 3.3.3.1: buffered in the FIFO, not sent
r.TDH:expect { TDH = 6 }
r.ICR:expect { TXDW = 1, TXQE = 1 }           -- TDH = TDT although the frame is not whole
expect.none(nic:sent(), "3.3: only whole frames leave")
tx:legacy { buffer = frame:sub(31), CMD = "EOP IFCS" }
tx:doorbell()
expect.bytes(nic:sent()[1], frame, "whole now")
tx:expect(6, { DD = 0 })
r.ICR:expect { TXDW = 0, TXQE = 1 }

step "null address and zero length with RS: no data, no frame, but DD"
local spare = nic:alloc { name = "spare", size = 64, device = "" } -- the device may not even read it
tx:legacy { ADDR = 0, LENGTH = 64, CMD = "RS" }
tx:legacy { ADDR = spare, LENGTH = 0, CMD = "RS" }
tx:legacy { ADDR = 0, LENGTH = 0 }
tx:doorbell()
for i, dd in ipairs { 1, 1, 0 } do tx:expect(6 + i, { DD = dd }) end
r.TDH:expect { TDH = 10 }
r.ICR:expect { TXDW = 1, TXQE = 1 }
expect.none(nic:sent(), "nothing was given to send")
expect.bad "descriptor-reserved-bits" -- RPS above is no bit of this part
expect.no_bad("null descriptors are legal")
