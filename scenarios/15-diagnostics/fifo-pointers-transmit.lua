-- The transmit FIFO seen from outside: a frame is in it from the fetch of its data until its last bit is out. TDFH and
-- TDFT have 11 bits, 16 KB; their saved copies 13.
local nic = scenario { name = "fifo-pointers-transmit", needs = { "virtual-time" },
                       manual = { "13.4.16", "13.8.6", "13.8.7", "13.8.8", "13.8.9", "13.8.10", "13.8.11", "15.1.1" } }
local r = nic.regs
nic:link_up { speed = 10, duplex = "full" }   -- slow enough to look
local tx = nic:tx_ring { entries = 16 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(86)
local WORDS = 1 + (100 + 7) // 8              -- 14
local LINE = us(8 * (100 + 4 + 8) // 10)

local function expect_fifo(head, tail, count)
  r.TDFH:expect { FIFO_HEAD = head & 0x7ff }
  r.TDFT:expect { FIFO_TAIL = tail & 0x7ff }
  r.TDFHS:expect { FIFO_HEAD = head }
  r.TDFTS:expect { FIFO_TAIL = tail }
  r.TDFPC:expect(count)
end

step "three frames of 100 bytes: in the FIFO at once"
expect_fifo(0, 0, 0)
for _ = 1, 3 do tx:send(frame, { doorbell = false }) end
tx:doorbell()
expect_fifo(0, 3 * WORDS, 3)

step "PBM shows them from 1C000h on"
local bytes = {}
for i = 0, 24 do bytes[i + 1] = string.pack("<I4", r.PBM[0x3000 + 2 + i]:raw()) end
expect.bytes(table.concat(bytes), frame, "100 bytes at 1C008h")

step "the first is out after 112 bytes at 800 ns, not before"
nic:run(ns(112 * 800 - 1))
expect_fifo(0, 3 * WORDS, 3)
nic:run(ns(1))
expect_fifo(WORDS, 3 * WORDS, 2)

step "all out"
expect.eq(#nic:sent(), 3, "frames")
expect_fifo(3 * WORDS, 3 * WORDS, 0)

step "the least receive part, 56 KB of transmit FIFO: 7168 words; eleven bits of the pointers show"
r.PBA:write { RXA = 8 }
nic:reset()
lab.fold("link", function() nic:link_up { speed = 10, duplex = "full" } end)
r.TCTL:write(0)
r.TDFT:write { FIFO_TAIL = 2047 }
r.TDFH:write { FIFO_HEAD = 2047 }
tx = nic:tx_ring { entries = 16 }
tx:send(frame)
expect_fifo(2047, 2047 + WORDS, 1)
r.TDFT:expect { FIFO_TAIL = (2047 + 14) & 0x7ff }
nic:sent()
expect_fifo(2047 + WORDS, 2047 + WORDS, 0)
expect.no_bad()
