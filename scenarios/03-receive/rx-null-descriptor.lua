-- A descriptor with buffer address 0 takes no data: it is written back with DD, every other bit as it was, and the
-- frame goes on in the next one. Drivers may pad a cache line with them, and those depend on a frame that begins before the
-- padding; Linux writes none.
local nic = scenario { name = "rx-null-descriptor", needs = { "virtual-time" }, manual = { "3.2.5.1", "3.2.5.2", "3.2.6" } }
local r = nic.regs

step "link up; ring of 16 with 256-byte buffers, descriptors 0, 2, 3 and 6 null and full of marks"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 16, buffer = 256, EN = 0 }
r.IMS:write { RXT0 = 1 }
-- LENGTH, CSUM, STATUS without DD, ERRORS, SPECIAL.
local MARKS = 0x1234 | 0x5678 << 16 | 0xf8 << 32 | 0xa5 << 40 | 0x9abc << 48
for _, i in ipairs { 0, 2, 3, 6 } do rx:raw(i, 0, MARKS) end
r.RCTL:set { EN = 1 }
local function frame(length) return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(length - 18) end
local function is_null(i)
  expect.bytes(nic:peek(rx:at(i), 16), string.pack("<i8i8", 0, MARKS | 1 << 32), "3.2.5.2: DD, all other bits unchanged")
end

step "nothing is written back before a frame comes"
nic:run(ms(1))
expect.eq(nic:written(rx.base, 256), 0, "no frame, no use")

step "a short frame: past 0, into 1"
nic:receive(frame(100))
is_null(0)
rx:expect(1, { DD = 1, EOP = 1, LENGTH = 100 })
expect.bytes(rx:data(1), frame(100):fcs(), "the frame")
r.RDH:expect { RDH = 2 }
expect.eq(nic:written(rx:at(2), 32), 0, "2 and 3 are not used before the next frame")
expect.irq(true, "one interrupt for one frame")
r.ICR:expect { RXT0 = 1 }

step "a frame over three buffers, nulls before it and in it (silent in a frame: our choice, skipped as well)"
nic:receive(frame(700))
is_null(2) is_null(3)
rx:expect(4, { STATUS = 1, LENGTH = 256 })
rx:expect(5, { STATUS = 1, LENGTH = 256 })
is_null(6)
rx:expect(7, { DD = 1, EOP = 1, LENGTH = 700 - 512 })
expect.bytes(rx:data(4) .. rx:data(5) .. rx:data(7), frame(700):fcs(), "no byte lost to the null")
r.RDH:expect { RDH = 8 }
r.ICR:expect { RXT0 = 1 }

step "only nulls are left: they are used up, the frame waits"
for i = 8, 14 do rx:raw(i, 0, MARKS) end
r.RCTL:clear { "EN" }
r.RDH:write(8)                                -- so that they are fetched anew
r.RDT:write(15)
r.RCTL:set { EN = 1 }
nic:receive(frame(200))
for i = 8, 14 do is_null(i) end
r.RDH:expect { RDH = 15 }
expect.irq(false, "no frame was stored")
rx:raw(0, rx.buffers[0], 0)
r.RDT:write(1)
rx:expect(15, { DD = 1, EOP = 1, LENGTH = 200 })
r.RDH:expect { RDH = 0 }
r.ICR:expect { RXT0 = 1 }

step "nulls count as used: with WTHRESH 4 two frames and two of them make a burst"
r.RCTL:clear { "EN" }
for i = 1, 15 do rx:raw(i, rx.buffers[i], 0) end
rx:raw(1, 0, MARKS) rx:raw(3, 0, MARKS)
r.RDH:write(1)
r.RDT:write(12)
r.RDTR:write { DELAY_TIMER = 1000 }
r.RXDCTL:write { WTHRESH = 4, GRAN = 1 }
r.RCTL:set { EN = 1 }
lab.mem_watch(rx.base, 256)
nic:receive(frame(100))
expect.eq(nic:written(rx.base, 256), 0, "one null, one frame: two used")
nic:receive(frame(101))
is_null(1) is_null(3)                         -- 3.2.5.2: causes the first condition under packing to occur early
rx:expect(2, { DD = 1, EOP = 1, LENGTH = 100 })
rx:expect(4, { DD = 1, EOP = 1, LENGTH = 101 })
r.RDH:expect { RDH = 5 }
expect.no_bad "null descriptors are legal"
