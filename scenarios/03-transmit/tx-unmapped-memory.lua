-- Pointers into nowhere: a ring or a buffer where no memory is. The card asks once, takes the master abort and waits;
-- it neither loops on the bus nor sends what it could not read. The same card works again on a good ring.
local nic = scenario { name = "tx-unmapped-memory", manual = { "3.4.1", "4.1", "13.4.36", "13.4.37" } }
local r = nic.regs

step "link up, a good ring of eight"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(86)

step "the ring is pointed at an address where nothing is"
r.TDBAH:write(0x7f000000)
tx:send(frame)
expect.violation("unmapped", 1)
expect.bad "dma-refused"
nic:run(ms(10))
expect.none(nic:sent { now = true }, "nothing could be read")
expect.none(lab.violations(), "one attempt, not one a microsecond")
r.TDH:expect { TDH = 0 }
nic.pci.STATUS:expect { RMA = 1 }

step "each doorbell is one more attempt"
tx:doorbell()
expect.violation("unmapped", 1)
expect.bad "dma-refused"

step "back to the good ring"
r.TDBAH:write(0)
tx:doorbell()
expect.bytes(nic:sent()[1], frame, "as if nothing had been")
tx:expect(0, { DD = 1 })

step "a buffer where nothing is: no frame, and the next one leaves"
tx:legacy { ADDR = 0x7f00000012345678, LENGTH = 60, CMD = "EOP IFCS RS" }
tx:send(frame)
expect.violation("unmapped", 1)
expect.bad "dma-refused"
local sent = nic:sent()
expect.eq(#sent, 1, "one of the two")
expect.bytes(sent[1], frame, "the good one")

step "a buffer that was freed before the card had read it"
local last = tx:legacy { buffer = frame, CMD = "EOP IFCS RS" }
nic:free(tx:desc(last).ADDR)
tx.slots[last] = nil
tx:doorbell()
expect.violation("freed", 1)
expect.bad "dma-refused"
expect.none(nic:sent(), "none of it left")

step "a buffer longer than its memory"
local page = nic:alloc { name = "short", size = 64, device = "r" }
nic:poke(page, string.rep("\x55", 64))
tx:legacy { ADDR = page, LENGTH = 65, CMD = "EOP IFCS RS" }
tx:doorbell()
expect.violation("ends after 64", 1)
expect.bad "dma-refused"
expect.none(nic:sent(), "not even the part that could be read")
expect.bad("ring-change-while-on", 2)         -- to where nothing is, and back
expect.no_bad "one each"
