-- The pointers can be written. With the unit off: moving the head past a frame takes it out, moving the tail back drops
-- the newest, and into an empty FIFO the tail says where the next frame lies. With the unit on nothing moves, and
-- the mistake is reported: no interlocks exist. Silent in all but the warning: our choice; Linux writes all four
-- alike on an idle 82547.
local nic = scenario { name = "fifo-pointer-writes", needs = { "virtual-time" },
                       manual = { "13.8.1", "13.8.2", "13.8.3", "13.8.4", "13.8.5", "13.8.6", "13.8.7", "13.8.8", "13.8.9",
                                  "13.8.10", "15.1", "15.1.1" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, ready = 0, SECRC = 1 }
local function arrive(i)
  nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.pack(">I2", i) / pkt.pattern(44))
  nic:run(us(1))
end

step "four frames of nine words"
for i = 1, 4 do arrive(i) end
r.RDFT:expect { FIFO_TAIL = 36 }
r.RDFPC:expect(4)

step "receiver on: the write reads back, nothing moves"
r.RDFH:write { FIFO_HEAD = 9 }
expect.bad("fifo-pointer-in-use", 1)
r.RDFH:expect { FIFO_HEAD = 9 }
r.RDFPC:expect(4)

step "and holds only until the FIFO moves"
arrive(5)
r.RDFH:expect { FIFO_HEAD = 0 }
r.RDFT:expect { FIFO_TAIL = 45 }

step "receiver off: the head past the first frame, the tail before the last"
r.RCTL:clear { "EN" }
r.RDFH:write { FIFO_HEAD = 9 }
r.RDFPC:expect(4)
r.RDFT:write { FIFO_TAIL = 36 }
r.RDFPC:expect(3)
r.RDFH:expect { FIFO_HEAD = 9 }

step "not a frame's border: it reads back, nothing moves"
r.RDFH:write { FIFO_HEAD = 10 }
r.RDFH:expect { FIFO_HEAD = 10 }
r.RDFPC:expect(3)

step "saved copies and the count are storage"
r.RDFHS:write { FIFO_HEAD = 0x1555 }
r.RDFTS:write { FIFO_TAIL = 0x0aaa }
r.RDFPC:write(0x1fff)
r.RDFHS:expect { FIFO_HEAD = 0x1555 }
r.RDFTS:expect { FIFO_TAIL = 0x0aaa }
r.RDFPC:expect(0x1fff)

step "on again, with buffers: frames 2, 3 and 4 are what is left"
r.RCTL:set { EN = 1 }
rx:give(5)
nic:run(us(1))
for i = 0, 2 do
  rx:expect(i, { DD = 1, LENGTH = 60 })
  expect.eq(string.unpack(">I2", rx:data(i), 15), i + 2, "frame")
end
rx:expect(3, { DD = 0 })
r.RDFPC:expect(0)

step "the transmit side, idle and off: the four that Linux writes; on: reported"
for _, name in ipairs { "TDFT", "TDFH", "TDFTS", "TDFHS" } do r[name]:write(0x155) end
for _, name in ipairs { "TDFT", "TDFH", "TDFTS", "TDFHS" } do r[name]:expect(0x155) end
expect.no_bad()
local tx = nic:tx_ring { entries = 8 }
r.TDFH:write(0)
expect.bad("fifo-pointer-in-use", 1)
r.TDFH:expect(0)
tx:send(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46))
r.TDFH:expect { FIFO_HEAD = 0x155 }           -- it lies where the tail was put
r.TDFT:expect { FIFO_TAIL = 0x155 + 9 }
expect.eq(#nic:sent(), 1, "frames")

step "CTRL.RST empties both"
nic:reset()
for _, name in ipairs { "RDFH", "RDFT", "RDFHS", "RDFTS", "RDFPC", "TDFH", "TDFT", "TDFHS", "TDFTS", "TDFPC" } do
  r[name]:expect(0)
end
