-- Heads and tails beyond their rings, rings of no length (CVE-2016-1981, CVE-2017-9310). The card does nothing with
-- such a ring: no descriptor is read, none written, no interrupt. It is looked at when it is used, so it does not
-- matter in which order the registers went wrong; and when they are right again it works.
local nic = scenario { name = "hostile-heads-and-tails",
                       manual = { "3.2.6", "3.4", "13.4.27", "13.4.28", "13.4.29", "13.4.38", "13.4.39", "13.4.40" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
local rx = nic:rx_ring { entries = 8, buffer = 2048 }
r.IMS:write { TXDW = 1, TXQE = 1, TXD_LOW = 1, RXT0 = 1, RXDMT0 = 1 }
local frame = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
for _ = 1, 8 do tx:legacy { buffer = frame, EOP = 1, IFCS = 1, RS = 1 } end   -- the whole ring is legible
local before = nic:peek(tx.base, 128)

local function nothing(why)
  nic:run(us(100))
  expect.none(nic:sent(), why)
  expect.irq(false, why)
  expect.bytes(nic:peek(tx.base, 128), before, why .. ": the ring")
end

step "TDT beyond the ring: eight descriptors, 0 to 7"
for _, tail in ipairs { 8, 9, 255, 0xffff } do
  r.TDT:write(tail)
  nothing("TDT = " .. tail)
  r.TDH:expect { TDH = 0 }
end
expect.bad("tail-outside-ring", 4)
r.TDT:write(0)

step "TDH beyond the ring"
for _, head in ipairs { 8, 0xffff } do
  r.TCTL:clear { "EN" }
  r.TDH:write(head)
  r.TCTL:set { EN = 1 }
  r.TDT:write(1)
  nothing("TDH = " .. head)
  r.TDH:expect { TDH = head }
  r.TDT:write(head)                           -- head = tail: empty, wherever that is
  nothing("both at " .. head)
end
expect.bad("head-outside-ring", 2)
expect.bad("tail-outside-ring", 2)

step "a ring of length 0, with head and tail in many places"
r.TCTL:clear { "EN" }
r.TDLEN:write(0)
r.TDH:write(0)
r.TCTL:set { EN = 1 }
for _, tail in ipairs { 0, 1, 7, 0xffff } do
  r.TDT:write(tail)
  nothing("TDLEN = 0, TDT = " .. tail)
end
expect.bad("ring-length-zero", 4)

step "the ring shrinks below a tail that was inside: it is looked at when it is used"
r.TCTL:clear { "EN" }
r.TDLEN:write(256)
r.TDT:write(12)                               -- in a ring of 16
r.TDLEN:write(128)                            -- of 8
r.TCTL:set { EN = 1 }
nothing("TDT = 12 of 8")

step "right again: the frames leave"
r.TDT:write(3)
nic:run(us(100))
expect.eq(#nic:sent(), 3, "descriptors 0 to 2")
r.TDH:expect { TDH = 3 }
expect.irq(true, "TXDW")
r.ICR:raw()

step "receive: RDT, RDH beyond the ring, no ring; frames are kept in the FIFO and written nowhere"
local function lands_nowhere(why)
  nic:receive(frame)
  nic:run(us(100))
  expect.irq(false, why)
  for i = 0, 7 do rx:expect(i, { DD = 0 }) end
  for i = 0, 7 do expect.eq(nic:written(rx.buffers[i], 2048), 0, why) end
end
local function wrong(why, head, tail, bytes)
  r.RCTL:clear { "EN" }
  r.RDLEN:write(bytes)
  r.RDH:write(head)
  r.RDT:write(tail)
  r.RCTL:set { EN = 1 }
  lands_nowhere(why)
  r.RDT:write(tail)
  lands_nowhere(why .. ", with the unit on")
end
wrong("RDT = 8", 0, 8, 128)
wrong("RDT = FFFFh", 0, 0xffff, 128)
wrong("RDH = 8", 8, 3, 128)
wrong("RDH = RDT = FFFFh", 0xffff, 0xffff, 128)
wrong("RDLEN = 0", 0, 3, 0)
expect.bad("tail-outside-ring", 3)
expect.bad("head-outside-ring", 1)
expect.bad("ring-length-zero", 1)

step "right again: of the ten frames come as many as there are descriptors"
r.RCTL:clear { "EN" }
r.RDLEN:write(128)
r.RDH:write(0)
r.RDT:write(7)
r.RCTL:set { EN = 1 }
nic:run(us(10))
for i = 0, 6 do
  rx:expect(i, { DD = 1, EOP = 1, LENGTH = 64, ERRORS = 0 })
  expect.bytes(rx:data(i), frame .. pkt.fcs(frame), "frame " .. i)
end
rx:expect(7, { DD = 0 })
r.RDH:expect { RDH = 7 }

step "the heads are written while the units are on: what was on chip is lost, nothing worse"
r.RDH:write(2)
r.TDH:write(1)
expect.bad("head-write-while-on", 2)
r.RDT:write(7)
nic:run(us(10))
r.RDH:expect { RDH = 5 }                      -- three frames still waited: 2, 3, 4
for i = 2, 4 do rx:expect(i, { DD = 1, EOP = 1, LENGTH = 64 }) end
