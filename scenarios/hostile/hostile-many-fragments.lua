-- A frame in as many pieces as a driver can make (CVE-2020-16092): a byte a descriptor, empty ones among them, and
-- packets that never end. Up to the longest frame they leave as one frame; beyond it the packet is swallowed to its
-- EOP and the next one is whole.
local nic = scenario { name = "hostile-many-fragments", needs = { "virtual-time" }, golden = { "wire" },
                       manual = { "3.3.1", "3.3.3", "3.3.3.1", "3.4", "3.4.1" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 1024 }
local payload = tostring(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 }
                         / pkt.pattern(16288 - 14))
local memory = nic:alloc { name = "payload", size = 16384, align = 4096, device = "r" }
nic:poke(memory, payload)

local function byte_each(from, count, ended)
  for i = from, from + count - 1 do
    local last = ended and i == from + count - 1
    tx:legacy { ADDR = memory + i, LENGTH = 1, EOP = last, RS = last, IFCS = 1 }
  end
end

step "a thousand descriptors of one byte are one frame"
lab.fold("a thousand", function()
  byte_each(0, 1000, true)
  tx:doorbell()
  tx:wait { DD = 1, within = us(100) }
end)
local sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1], payload:sub(1, 1000), "in order")
expect.checksums_valid(sent)
r.TDH:expect { TDH = 1000 }

step "with empty ones between: length 0, address 0, both"
lab.fold("250 bytes, 750 empty", function()
  for i = 0, 249 do
    tx:legacy { ADDR = 0, LENGTH = 100 }
    tx:legacy { ADDR = memory, LENGTH = 0 }
    tx:legacy { ADDR = 0, LENGTH = 0 }
    tx:legacy { ADDR = memory + i, LENGTH = 1, EOP = i == 249, RS = i == 249, IFCS = 1 }
  end
  tx:doorbell()
  tx:wait { DD = 1, within = us(100) }
end)
sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1], payload:sub(1, 250), "only the bytes")

step "packets of nothing: EOP on an empty descriptor sends nothing, RS is reported"
for _ = 1, 2 do
  tx:legacy { ADDR = 0, LENGTH = 60, EOP = 1, RS = 1, IFCS = 1 }
  tx:legacy { ADDR = memory, LENGTH = 0, EOP = 1, RS = 1, IFCS = 1 }
end
tx:doorbell()
tx:wait { DD = 1, within = us(100) }
expect.none(nic:sent(), "no bytes, no frame")

step "16288 pieces, many rings full, and an EOP: the longest frame there is"
lab.fold("16288 bytes, one by one", function()
  for from = 0, 16000, 1000 do
    byte_each(from, math.min(1000, 16288 - from), from == 16000)
    tx:doorbell()
    nic:run(us(1))
  end
end)
sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1], payload, "all of it")
expect.checksums_valid(sent)

step "one byte more, and on and on without EOP: swallowed"
lab.fold("18000 bytes, one by one", function()
  for _ = 1, 18 do
    byte_each(0, 1000, false)
    tx:doorbell()
    nic:run(us(1))
  end
end)
expect.bad("frame-too-long", 1)               -- told once
expect.none(nic:sent(), "it never ended")

step "its EOP comes at last; the frame behind it is whole"
byte_each(0, 1, true)
tx:send(payload:sub(1, 100))
sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1], payload:sub(1, 100), "nothing of the other")
r.GPTC:expect { GPTC = 4 }

step "a packet without an end, then a reset: forgotten"
lab.fold("300 pieces", function()
  byte_each(500, 300, false)
  tx:doorbell()
  nic:run(us(10))
end)
nic:reset()
nic:link_up()
tx:restart()
tx:send(payload:sub(1, 200))
sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1], payload:sub(1, 200), "nothing of the other")
