-- A ring without a length, a head in it and outside of it, memory that answers and memory that does not: each rule with
-- the last value that is right.
local nic = scenario { name = "rule-ring-use", manual = { "3.2.6", "3.4", "4.1", "13.4.38", "13.4.39", "13.4.40" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }

local function ring(bytes, head)
  r.TCTL:clear { "EN" }
  r.TDLEN:write(bytes)
  r.TDH:write(head)
  r.TDT:write(head)
  r.TCTL:set { EN = 1 }
end

step "the tail of a ring without a length; the shortest ring has one of 128 bytes"
ring(0, 0)
expect.bad "enabled-without-ring"
r.TDT:write(0)
expect.bad "ring-length-zero"
ring(128, 0)
r.TDT:write(0)
expect.silent("ring-length-zero", "eight descriptors")

step "the head at 7 of 0 to 7, at 8"
ring(128, 7)
r.TDT:write(7)
expect.silent("head-outside-ring", "the last index")
ring(128, 8)
r.TDT:write(3)
expect.bad "head-outside-ring"

step "a buffer that ends where memory does, and one byte more"
nic:reset()
nic:link_up { speed = 1000, duplex = "full" }
tx:restart()
local memory = nic:alloc { name = "data", size = 256, align = 256, device = "r" }
nic:poke(memory, pkt.pattern(256))
nic:dma_fail(memory + 100, 156)
tx:legacy { ADDR = memory, LENGTH = 100, CMD = "EOP IFCS RS" }
tx:doorbell()
expect.eq(#nic:sent(), 1, "100 bytes")
expect.silent("dma-refused", "all of it answers")
tx:legacy { ADDR = memory, LENGTH = 101, CMD = "EOP IFCS RS" }
tx:doorbell()
expect.eq(#nic:sent(), 0, "101 bytes")
expect.bad "dma-refused"
