-- The loop as a way into the receive path: frames of 1 to 13 bytes (CVE-2025-12464), buffers and data in the card's own
-- BAR (CVE-2021-3416), a segmentation that no buffer holds (CVE-2017-10235), a checksum that ends beyond its frame
-- (CVE-2020-2894), descriptors that were partly written (CVE-2020-14703, CVE-2024-21113). Length is checked where a frame
-- is received, no cycle of the card's own reaches a register, and what comes back is what was given.
local nic = scenario { name = "hostile-loopback", cable = false,
                       manual = { "3.2.1", "3.2.4", "3.3.3", "3.5.5", "3.6", "4.1", "13.4.22", "15.1.3" } }
local r = nic.regs
local BAR, TDT, RDT = 0xfeb80000, 0x03818, 0x02818
nic:loopback()
local rx = nic:rx_ring { entries = 16, SECRC = 1, UPE = 1, LBM = 3 }
local tx = nic:tx_ring { entries = 64, PSP = 0 }
local good = tostring(pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(86))

-- Nothing is left over, and a frame still comes back whole.
local function well(why)
  tx:send(good)
  nic:run(us(10))
  expect.bytes(rx:take(), good, why)
  expect.eq(rx:take(), nil, why .. ": nothing but that")
  rx:fill()
  expect.none(nic:sent { now = true }, why .. ": nothing on the wire")
  expect.no_bad(why)
end
well "to begin with"

step "1 to 13 bytes, in one buffer and in two: none is received, none written"
for n = 1, 13 do
  tx:send(string.rep("\xff", n), n > 1 and { split = { n // 2, n - n // 2 } } or nil)
end
nic:run(us(20))
expect.bad("frame-too-short", 13)             -- each of them below 48
rx:expect(rx.next, { DD = 0 })
for i = 0, 15 do expect.ok(nic:written(rx.buffers[i], 2048) <= #good, "buffer " .. i) end
well "after the short ones"

step "data from the BAR, at the doorbells and at CTRL: no memory there"
for _, address in ipairs { BAR + TDT, BAR + RDT, BAR } do
  tx:legacy { ADDR = address, LENGTH = 64, EOP = 1, IFCS = 1, RS = 1 }
end
tx:doorbell()
local tail, rdt = tx.tail, r.RDT:raw()
nic:run(us(10))
expect.violation("unmapped", 3)
expect.bad("dma-refused", 3)
r.TDT:expect { TDT = tail }
r.RDT:expect(rdt)
well "after data of the BAR"

step "MSS near 64 KB, a descriptor of 48 KB: nothing"
tx:context { TUCMD = "TCP IP TSE DEXT", HDRLEN = 54, MSS = 0xfff0, PAYLEN = 0xfffff, IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50 }
tx:data { buffer = string.rep("\x5a", 0xbfff), DCMD = "TSE DEXT IFCS EOP RS", POPTS = "IXSM TXSM" }
tx:doorbell()
nic:run(ms(1))
expect.bad "segmentation-context"             -- a segment is longer than 16288 bytes
well "after that"

step "IPCSE beyond the frame: to its end, and not a byte of what lies behind it"
local body = good:sub(15)
tx:context { TUCMD = "DEXT", IPCSS = 14, IPCSO = 24, IPCSE = 0xffff, TUCSS = 14, TUCSO = 26, TUCSE = 0xfffe }
tx:data { buffer = good .. "", DCMD = "DEXT IFCS EOP RS", POPTS = "IXSM" }
tx:doorbell()
nic:run(us(10))
local sum = 0
for at = 1, #body, 2 do sum = sum + (body:byte(at) << 8 | (body:byte(at + 1) or 0)) end
while sum > 0xffff do sum = (sum & 0xffff) + (sum >> 16) end
expect.bytes(rx:take(), good:sub(1, 24) .. string.pack(">I2", ~sum & 0xffff) .. good:sub(27), "ones' complement over bytes 14 to 99")
rx:fill()
well "after that, too"

step "half of a frame refused, and half a frame without an end: not a byte of either comes back"
local memory = nic:alloc { name = "halves", size = 256, align = 256, device = "r" }
nic:poke(memory, string.rep("\xaa", 256))
nic:dma_fail(memory + 128, 128)
tx:legacy { ADDR = memory, LENGTH = 30, IFCS = 1 }
tx:legacy { ADDR = memory + 128, LENGTH = 30, EOP = 1, IFCS = 1, RS = 1 }
tx:doorbell()
nic:run(us(10))
expect.bad "dma-refused"
well "the next frame has nothing of it"
tx:legacy { ADDR = memory, LENGTH = 30, IFCS = 1 }
tx:doorbell()
nic:run(us(10))
rx:expect(rx.next, { DD = 0 })
tx:legacy { ADDR = memory + 64, LENGTH = 34, EOP = 1, IFCS = 1, RS = 1 }
tx:doorbell()
nic:run(us(10))
expect.bytes(rx:take(), string.rep("\xaa", 64), "30 and 34 bytes, when its end comes")
rx:fill()

step "a frame goes round into a buffer at TDT: the doorbell does not ring"
local i = rx.next
local q0 = rx:desc(i).q0
r.RCTL:clear { "EN" }
rx:raw(i, BAR + TDT, 0)
r.RDH:write(i)
r.RDT:write((i + 1) % 16)
r.RCTL:set { EN = 1 }
tx:send(good)
nic:run(us(10))
expect.violation("unmapped", 1)
expect.bad("dma-refused", 1)
r.TDT:expect { TDT = tx.tail }
r.TDH:expect { TDH = tx.tail }
r.RDH:expect { RDH = i }                      -- nothing was delivered
r.RCTL:clear { "EN" }
rx:raw(i, q0, 0)
r.RDH:write(i)
r.RDT:write((i + 15) % 16)
r.RCTL:set { EN = 1 }
well "with the old buffer again"
