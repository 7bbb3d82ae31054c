-- A guest that aims a looped frame at the machinery that sends it: the receive buffer is the transmit buffer, the
-- transmit ring, the receive ring itself. Descriptors and data were read into the chip before the frame left, so it
-- arrives as it was, each DMA happens once, and the device ends up idle.
local nic = scenario { name = "loopback-no-reentry", cable = false, line_rate = false,
                       manual = { "3.2.6", "3.3.7.1", "3.4.1", "15.1.3" } }
local r = nic.regs
nic:loopback()
local ME = pkt.mac(nic.mac)

-- One page for everything: two rings of eight, buffers.
local page = nic:alloc { name = "page", size = 0x1000, align = 4096, device = "rw" }
local TXD, RXD, TXBUF, RXBUF = page, page + 0x100, page + 0x200, page + 0x800
local frame = tostring(pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(46))

-- Three transmit descriptors, three receive descriptors with these addresses; returns after the doorbell.
local function loop(buffers)
  r.TCTL:write(0)
  r.RCTL:write(0)
  nic:poke(page, string.rep("\0", 0x1000))
  nic:poke(TXBUF, frame)
  for i = 0, 2 do nic:poke(TXD + 16 * i, string.pack("<I8I8", TXBUF, #frame | 0x0b << 24)) end -- RS IFCS EOP
  for i, address in ipairs(buffers) do nic:poke(RXD + 16 * (i - 1), string.pack("<I8I8", address, 0)) end
  r.TDBAL:write(TXD)
  r.TDBAH:write(0)
  r.TDLEN:write(128)
  r.TDH:write(0)
  r.TDT:write(0)
  r.RDBAL:write(RXD)
  r.RDBAH:write(0)
  r.RDLEN:write(128)
  r.RDH:write(0)
  r.RDT:write(0)
  r.RCTL:write { EN = 1, SECRC = 1 }
  r.RDT:write(#buffers)
  r.TCTL:write { EN = 1, PSP = 1 }
  r.TDT:write(3)
  nic:run(us(1))
  r.TDH:expect { TDH = 3 }
  r.RDH:expect { RDH = 3 }
  r.TDFPC:expect(0)
  r.RDFPC:expect(0)
end

step "received into the transmit buffer: what comes back is what is there"
loop { TXBUF, TXBUF, TXBUF }
expect.bytes(nic:peek(TXBUF, #frame), frame, "three times the same")

step "received over the buffer, shifted by eight bytes: each frame was copied before it moved anything"
loop { TXBUF + 8, RXBUF, RXBUF + 0x100 }
expect.bytes(nic:peek(TXBUF + 8, #frame), frame, "first")
expect.bytes(nic:peek(RXBUF, #frame), frame, "second: read before the first came back")
expect.bytes(nic:peek(RXBUF + 0x100, #frame), frame, "third")

step "received over the transmit ring: the descriptors are on chip"
loop { TXD, RXBUF, RXBUF + 0x100 }
expect.bytes(nic:peek(TXD, 6), ME, "its first bytes are the frame's")
expect.bytes(nic:peek(RXBUF, #frame), frame, "the second was sent as programmed")
expect.bytes(nic:peek(RXBUF + 0x100, #frame), frame, "and the third")

step "received over the receive ring: likewise; the write-backs of the three stand over it"
loop { RXD + 0x20, RXBUF, RXBUF + 0x100 }
expect.bytes(nic:peek(RXBUF + 0x100, #frame), frame, "third")
expect.eq(nic:peek(RXD + 0x2c, 1):byte() & 3, 3, "rxd[2]: DD EOP, written last")
expect.bytes(nic:peek(RXD + 0x30, 12), frame:sub(17, 28), "rxd[3]: the frame")

step "everything at rest, nothing on the wire"
expect.eq(#nic:sent(), 0, "frames")
expect.no_bad()
