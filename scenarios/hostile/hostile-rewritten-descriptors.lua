-- A second CPU rewrites descriptors that the card already has (CVE-2019-2723, CVE-2021-31422). Each is read once,
-- up to 64 on chip: what is written to it afterwards is not seen, neither in the frame that leaves nor in the
-- buffer that is filled. A descriptor that was not fetched yet is read as it is then.
local nic = scenario { name = "hostile-rewritten-descriptors", needs = { "virtual-time" },
                       manual = { "3.2.4", "3.2.6", "3.4", "3.4.1", "3.4.2" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }

local function frame(id, size)
  return tostring(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 }
                  / (string.pack(">I4", id) .. pkt.pattern(size - 18)))
end

step "eighty frames queued: sixty-four descriptors on chip, the FIFO full"
local tx = nic:tx_ring { entries = 128 }
for id = 0, 79 do tx:legacy { buffer = frame(id, 1000), EOP = 1, IFCS = 1, RS = 1 } end
lab.fold("doorbell", tx.doorbell, tx)
expect.within(r.TDH:read().TDH, 14, 16, "16 KB of frames, the rest waits on chip")
expect.none(nic:sent { now = true }, "none has left")

step "every descriptor is turned into a trap: no memory there, and a length beyond all limits"
local head = r.TDH:read().TDH
for i = head, 63 do tx:raw(i, 0xdead0000, 0x0b00ffff | 0xffff << 48) end

step "those on chip leave as they were; those that had not been fetched are read now"
local elsewhere = nic:alloc { name = "elsewhere", size = 1000, device = "r" }
nic:poke(elsewhere, frame(0xee, 1000))
for i = 64, 79 do tx:raw(i, elsewhere, 1000 | 0x0b << 24) end
local sent = lab.fold("eighty frames", nic.sent, nic)
expect.eq(#sent, 80, "frames")
for id = 0, 63 do expect.bytes(sent[id + 1], frame(id, 1000), "frame " .. id) end
for id = 64, 79 do expect.bytes(sent[id + 1], frame(0xee, 1000), "frame " .. id .. ", rewritten in time") end
for i = head, 63 do
  expect.eq(nic:peek(tx:at(i), 8), string.pack("<I8", 0xdead0000), "only DD was written, one byte")
end

step "receive: the card has seven descriptors; all are pointed at nothing"
local rx = nic:rx_ring { entries = 8, buffer = 2048 }
local incoming = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
for i = 0, 6 do rx:raw(i, 0xdead0000, 0) end
nic:receive(incoming)
nic:run(us(10))
expect.bytes(nic:peek(rx.buffers[0], 64), incoming .. pkt.fcs(incoming), "into the old buffer")
rx:expect(0, { DD = 1, EOP = 1, LENGTH = 64, ADDR = rx.buffers[0] })   -- the whole descriptor is written back

step "the eighth was not the card's: rewritten before RDT moved, it counts"
lab.fold("six more", function()
  for _ = 1, 6 do nic:receive(incoming) end
  nic:run(us(10))
end)
local other = nic:alloc { name = "other", size = 2048, device = "w" }
rx:raw(7, other, 0)
r.RDT:write(0)
nic:receive(incoming)
nic:run(us(10))
expect.bytes(nic:peek(other, 64), incoming .. pkt.fcs(incoming), "into the new buffer")
expect.eq(nic:written(rx.buffers[7], 2048), 0, "bytes written to the old one")

-- 13.4.36 silent: what a new base or length means for descriptors on chip. Our choice: they are dropped, and fetched
-- again at TDH from where the ring is now.
step "the ring itself is moved while descriptors wait on chip"
r.TCTL:clear { "EN" }
tx:restart()
for id = 0, 31 do tx:legacy { buffer = frame(100 + id, 1000), EOP = 1, IFCS = 1, RS = 1 } end
lab.fold("doorbell", tx.doorbell, tx)
head = r.TDH:read().TDH
local copy = nic:alloc { name = "moved", size = 128 * 16, align = 128, device = "rw", element = 16 }
for i = 0, 127 do nic:poke(copy + 16 * i, string.pack("<i8i8", elsewhere, 1000 | 0x0b << 24)) end
r.TDBAL:write(copy)
sent = lab.fold("32 frames", nic.sent, nic)
expect.eq(#sent, 32, "frames")
for id = 0, head - 1 do expect.bytes(sent[id + 1], frame(100 + id, 1000), "frame " .. id) end
for id = head, 31 do expect.bytes(sent[id + 1], frame(0xee, 1000), "from the new ring") end
