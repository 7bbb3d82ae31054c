-- A ring of descriptors without buffers (CVE-2020-28916). A null buffer takes no data: its descriptor comes back
-- with DD and every other bit as it was, and the frame goes on to the next. With nothing but null buffers that ends
-- at the tail; the frame waits for a real one.
local nic = scenario { name = "hostile-null-receive-buffers", manual = { "3.2.5.2", "3.2.6", "13.4.28", "13.4.29",
                                                                         "13.7.33" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 16, buffer = 256, LPE = 1, SECRC = 1, EN = 0, ready = 0 }
local frame = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local long = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(686)   -- 700 bytes
local GARBAGE = 0x8765432187654300            -- all but the status byte: none of it is to change
local function null(i) rx:raw(i, 0, (GARBAGE & ~(0xff << 32)) | 0x0e << 32) end
local function is_null_and_done(i)
  expect.eq(rx:desc(i).q0, 0, "address of " .. i)
  expect.eq(rx:desc(i).q1, (GARBAGE & ~(0xff << 32)) | 0x0f << 32, "descriptor " .. i .. ": DD, and nothing else")
end

step "fifteen null buffers, one frame: all are used up, nothing is stored, nothing is lost"
for i = 0, 14 do null(i) end
r.RDT:write(15)
r.RCTL:set { EN = 1 }
r.ICR:raw()
nic:receive(frame)
nic:run(us(10))
for i = 0, 14 do is_null_and_done(i) end
r.RDH:expect { RDH = 15 }
expect.eq(r.ICR:read().RXT0, 0, "no frame is in memory")

step "more frames with no descriptor at all are counted"
r.RNBC:raw()
nic:receive(frame)
nic:run(us(10))
r.RNBC:expect { RNBC = 1 }

step "one real buffer among null ones: the first frame"
null(0)
null(1)
rx:raw(15, rx.buffers[15], 0)
rx:raw(2, rx.buffers[2], 0)
r.RDT:write(2)
nic:run(us(10))
rx:expect(15, { DD = 1, EOP = 1, LENGTH = 60 })
expect.bytes(rx:data(15), frame, "the first")
is_null_and_done(0)
is_null_and_done(1)
r.RDT:write(3)
nic:run(us(10))
rx:expect(2, { DD = 1, EOP = 1, LENGTH = 60 })

step "null buffers in the middle of a frame of three buffers are skipped"
for _, i in ipairs { 3, 5, 6, 8 } do null(i) end
for _, i in ipairs { 4, 7, 9, 10 } do rx:raw(i, rx.buffers[i], 0) end
r.RDT:write(11)
nic:receive(long)
nic:run(us(10))
for _, i in ipairs { 3, 5, 6, 8 } do is_null_and_done(i) end
rx:expect(4, { DD = 1, EOP = 0, LENGTH = 256 })
rx:expect(7, { DD = 1, EOP = 0, LENGTH = 256 })
rx:expect(9, { DD = 1, EOP = 1, LENGTH = 188 })
expect.bytes(rx:data(4) .. rx:data(7) .. rx:data(9), long, "put together")
rx:expect(10, { DD = 0 })
