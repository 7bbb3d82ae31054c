-- No ring, a tail or a head outside of it, a head that is moved while the receiver is on: the manual leaves it open
-- (silent: our choice), but frames must not land anywhere, the card must not hang, and a good ring must work again.
-- The Linux register self-test leaves such values behind with the receiver enabled, while frames may arrive.
local nic = scenario { name = "rx-ring-misprogrammed", manual = { "3.2.6", "13.4.22", "13.4.27", "13.4.28", "13.4.29" } }
local r = nic.regs

step "link up; a good ring of sixteen, not yet on"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 16, EN = 0 }
local function numbered(n)
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(60)
end
local count = 0
local function quiet(why) -- a frame arrives and stays in the FIFO
  count = count + 1
  nic:receive(numbered(count))
  nic:run(us(100))
  expect.none(lab.events("dma"), why)
  expect.none(lab.violations(), why)
  expect.eq(nic:written(rx.base, 256), 0, why)
end
lab.events()

step "RDLEN 0"
r.RDLEN:write(0)
r.RCTL:set { EN = 1 }
quiet "no ring"
r.RDT:write(3)
expect.bad "ring-length-zero"
quiet "RDH is not RDT, but no ring still"

step "RDT outside a ring of eight"
r.RDLEN:write(8 * 16)
expect.bad "ring-change-while-on"
r.RDT:write(8)
expect.bad "tail-outside-ring"
quiet "8 is one beyond the last index"
r.RDT:write(0xffff)
expect.bad "tail-outside-ring"
quiet "far outside"

step "RDH outside"
for _, head in ipairs { 12, 8 } do
  r.RCTL:clear { "EN" }
  r.RDH:write(head)
  r.RCTL:set { EN = 1 }
  r.RDT:write(3)
  expect.bad "head-outside-ring"
  quiet "neither 12 nor 8 is in a ring of eight"
end

step "RDH written while on, to a place inside: what waited is delivered from there on"
r.RDH:write(2)
expect.bad "head-write-while-on"
r.RDT:write(7)
expect.no_bad "all inside again"
for n = 1, 5 do -- the sixth finds no descriptor
  rx:expect(1 + n, { DD = 1, EOP = 1 })
  expect.bytes(rx:data(1 + n), numbered(n):fcs(), "frame " .. n)
end
r.RDH:expect { RDH = 7 }
expect.eq(nic:written(rx:at(7), 16 * 9), 0, "nothing beyond the ring of eight")

step "the state of the Linux register self-test: base all ones, RDH = RDT = FFFFh, promiscuous, on"
r.RCTL:write(0)
r.RDBAH:write(0xffffffff)
r.RDBAL:write(0xffffffff)
r.RDLEN:write(0x000fffff)
r.RDH:write(0xffff)
r.RDT:write(0xffff)
r.RCTL:write(0x001fb3fa)
lab.mem_watch(rx.base, 256)
lab.events()
expect.bads { "ring-base-unaligned", "ring-length-unaligned", "minimum-threshold-reserved" }
quiet "RDH = RDT: empty, and outside as well"
expect.no_bad "no tail was moved while it was on"

step "after a reset the same ring works"
nic:reset()
r.CTRL:set { SLU = 1 }
nic:run(us(10))
rx:restart()
r.RCTL:set { EN = 1 }
nic:receive(numbered(99))
expect.bytes(rx:take(), numbered(99):fcs(), "as new")
expect.eq(rx:take(), nil, "what had waited is gone with the reset")
expect.no_bad "programmed well"
