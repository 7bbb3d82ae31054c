-- The receive FIFO seen from outside: with no descriptors frames stay in it, RDFT moves past each, RDFPC counts them,
-- RDFH follows as they are delivered; all in words of 8 bytes. A frame takes one word more than its data (silent:
-- our choice). The saved copies follow frame by frame (silent: our choice).
local nic = scenario { name = "fifo-pointers-receive", needs = { "virtual-time", "memory" },
                       manual = { "13.4.16", "13.8", "13.8.1", "13.8.2", "13.8.3", "13.8.4", "13.8.5", "13.8.11",
                                  "15.1.1", "15.1.2" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, ready = 0, SECRC = 1 }

local function expect_fifo(head, tail, count, why)
  r.RDFH:expect { FIFO_HEAD = head }
  r.RDFT:expect { FIFO_TAIL = tail }
  r.RDFHS:expect { FIFO_HEAD = head }
  r.RDFTS:expect { FIFO_TAIL = tail }
  r.RDFPC:expect(count)
end
local function arrive(n)
  nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(n - 14))
  nic:run(us(1))
end

step "empty"
expect_fifo(0, 0, 0)

step "60, 61, 64, 65 bytes: 8, 8, 8, 9 words, and one more each"
local tail = 0
for i, n in ipairs { 60, 61, 64, 65 } do
  arrive(n)
  tail = tail + 1 + (n + 7) // 8
  expect_fifo(0, tail, i)
end
expect.eq(tail, 37, "words in all")

step "PBM shows the first frame behind its word"
local bytes = {}
for i = 0, 14 do bytes[i + 1] = string.pack("<I4", r.PBM[2 + i]:raw()) end
expect.bytes(table.concat(bytes), pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46),
             "60 bytes at 10008h")

step "two buffers: two frames are delivered, the head moves"
rx:give(2)
nic:run(us(1))
rx:expect(1, { DD = 1, LENGTH = 61 })
expect_fifo(18, 37, 2)

step "five more: empty, head and tail meet where the tail was"
rx:give(5)
nic:run(us(1))
expect_fifo(37, 37, 0)

step "with buffers at hand a frame goes straight through, and the pointers stay (silent: our choice)"
arrive(1000)
rx:expect(4, { DD = 1, LENGTH = 1000 })
expect_fifo(37, 37, 0)

step "the pointers wrap at the end of the receive part: 48 KB are 6144 words"
r.RCTL:write(0)
r.RDFT:write { FIFO_TAIL = 6140 }             -- with the receiver off and nothing in it: the next frame's place
r.RDFH:write { FIFO_HEAD = 6140 }
rx = nic:rx_ring { entries = 8, ready = 0, SECRC = 1 }
arrive(60)                                    -- nine words: four at the end, five at the start
expect_fifo(6140, 5, 1)
rx:give(2)
nic:run(us(1))
rx:expect(0, { DD = 1, EOP = 1, LENGTH = 60 })
expect.bytes(rx:data(0):sub(15), tostring(pkt.pattern(46)), "in one piece again")
expect_fifo(5, 5, 0)
expect.no_bad()
