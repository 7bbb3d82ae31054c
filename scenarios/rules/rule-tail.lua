-- Descriptors that were handed over stay handed over: a tail that goes back, or round past the head, is a mistake. A tail
-- that only goes on, through the end of the ring too, is none.
local nic = scenario { name = "rule-tail", manual = { "3.2.6", "3.4", "13.4.29", "13.4.40" } }
local r = nic.regs

step "receive: seven of eight are out; three are taken back"
local rx = nic:rx_ring { entries = 8, ready = 7 }
r.RDT:write(7)
expect.no_bad "written again"
r.RDT:write(4)
expect.bad "tail-moved-back"
r.RDT:write(7)
expect.no_bad "forth again"

step "receive: tail onto the head, eight of eight: the ring looks empty"
r.RDT:write(0)
expect.bad "tail-moved-back"

step "transmit: without a link nothing leaves the ring when the FIFO is full"
local tx = nic:tx_ring { entries = 32 }
local frame = pkt.pattern(1500)
for _ = 1, 24 do tx:legacy { buffer = frame, CMD = "EOP IFCS RS" } end
r.TDT:write(24)
expect.no_bad "24 of 31"
local head = r.TDH:read().TDH
expect.within(head, 8, 14, "16 KB hold some ten of them")
r.TDT:write(23)
expect.bad "tail-moved-back"
r.TDT:write(24)
r.TDT:write(31)
r.TDT:write(0)
r.TDT:write(head - 1)
expect.silent("tail-moved-back", "on and on, as far as it goes")
r.TDT:write(head)
expect.bad "tail-moved-back"

step "with the unit off the tail is put anywhere"
r.TCTL:clear { "EN" }
r.RCTL:clear { "EN" }
r.RDT:write(5)
r.RDT:write(2)
r.TDT:write(0)
expect.no_bad "that is how a ring is set up"
