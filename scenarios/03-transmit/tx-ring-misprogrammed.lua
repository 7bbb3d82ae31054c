-- What no driver should do: no ring, a tail or a head outside of it, the head written while on. The manual leaves it
-- open (silent: our choice), but a card must neither hang, run away, nor touch memory it was not given, and must
-- work again once it is programmed well. The Linux register self-test writes such values.
local nic = scenario { name = "tx-ring-misprogrammed", manual = { "3.4", "13.4.38", "13.4.39", "13.4.40" } }
local r = nic.regs

step "link up; a ring of sixteen with one good frame in each descriptor, not yet handed over"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 16 }
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(60)
end
local function quiet(why)
  nic:run(us(100))
  expect.none(nic:sent(), why)
  expect.eq(nic:written(tx.base, 256), 0, why)
  expect.none(lab.events("dma"), why)
end
for n = 0, 14 do tx:send(numbered(n), { doorbell = false }) end
lab.events()

step "TDLEN 0: a ring without descriptors"
r.TDLEN:write(0)
expect.bad "ring-change-while-on"
r.TDT:write(3)
expect.bad "ring-length-zero"
quiet "no ring"
r.TDT:write(0)
expect.bad "ring-length-zero"
quiet "TDH = TDT is no better"

step "TDT at the end of a ring of eight: nothing until it is inside"
r.TDLEN:write(8 * 16)
expect.bad "ring-change-while-on"
r.TDT:write(8)
expect.bad "tail-outside-ring"
quiet "8 is one beyond the last index"
r.TDT:write(0xffff)
expect.bad "tail-outside-ring"
quiet "far outside"
r.TDT:write(7)
expect.silent("tail-outside-ring", "the last index of the ring")
local sent = nic:sent()
expect.eq(#sent, 7, "and work goes on")
for i, frame in ipairs(sent) do expect.bytes(frame, numbered(i - 1), "frame " .. i) end
r.TDH:expect { TDH = 7 }

step "a ring that shrinks under its head: TDH outside"
lab.mem_watch(tx.base, 256)
lab.events()
for _, head in ipairs { 12, 8 } do
  r.TCTL:clear { "EN" }
  r.TDH:write(head)
  r.TCTL:set { EN = 1 }
  r.TDT:write(3)
  expect.bad "head-outside-ring"
  quiet "neither 12 nor 8 is in a ring of eight"
end

step "TDH written while the transmitter is on: what was fetched is dropped, the new head counts"
r.TDH:write(1)
expect.bad "head-write-while-on"
r.TDT:write(3)
expect.no_bad "inside again"
sent = nic:sent()
expect.eq(#sent, 2, "descriptors 1 and 2")
expect.bytes(sent[1], numbered(1), "from the new head")
expect.bytes(sent[2], numbered(2), "up to the tail")

step "tail and head both outside and equal, EN set: empty and harmless, as in the register self-test"
r.TCTL:clear { "EN" }
r.TDH:write(0xffff)
r.TDT:write(0xffff)
r.TDBAH:write(0xffffffff)
lab.mem_watch(tx.base, 256)
lab.events()
r.TCTL:set { EN = 1 }
quiet "nothing to process"
expect.no_bad "no tail was moved while it was on"

step "after a reset the same ring works"
nic:reset()
r.CTRL:set { SLU = 1 }
nic:run(us(10))
tx:restart()
tx:send(numbered(99))
sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1], numbered(99), "as new")
expect.no_bad "programmed well"
