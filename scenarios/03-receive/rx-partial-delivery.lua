-- A frame that is longer than the descriptors at hand fills those, and goes on where it stopped when the tail moves:
-- no byte twice, none missing, EOP and RXT0 only at its end, frames behind it wait their turn.
local nic = scenario { name = "rx-partial-delivery", manual = { "3.2.3.1", "3.2.6", "3.2.7.1.1", "13.4.29", "13.7.33" } }
local r = nic.regs

step "link up; buffers of 256 bytes, three descriptors given"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 16, buffer = 256, ready = 3 }
r.IMS:write { RXT0 = 1 }
local long = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(1482) -- 1500 with FCS
local short = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(82)
local function written() -- bytes per buffer
  local list = {}
  for i = 0, 6 do list[i + 1] = nic:written(rx.buffers[i], 256) end
  return list
end

step "1500 bytes need six: three are filled and given back, without EOP, and no interrupt tells"
nic:receive(long)
for i = 0, 2 do rx:expect(i, { STATUS = 1, LENGTH = 256 }) end -- DD only
expect.eq(written(), { 256, 256, 256, 0, 0, 0, 0 }, "what there was room for (silent on when: our choice, at once)")
r.RDH:expect { RDH = 3 }
expect.irq(false, "3.2.7.1.1: RXT0 comes with the last byte of a packet")
r.ICR:expect { RXT0 = 0, RXO = 0 }
r.RNBC:expect { RNBC = 0 }                    -- it found buffers when it came

step "a short frame comes behind it and has to wait"
nic:receive(short)
r.RNBC:expect { RNBC = 1 }                    -- it did not
expect.eq(nic:written(rx.base, 256), 48, "three descriptors, as before")

step "one descriptor more: 256 bytes more"
r.RDT:write(4)
rx:expect(3, { STATUS = 1, LENGTH = 256 })
expect.eq(written(), { 256, 256, 256, 256, 0, 0, 0 }, "only the new one")
expect.irq(false, "not yet the end")

step "two more: the rest of it, EOP, RXT0"
r.RDT:write(6)
rx:expect(4, { STATUS = 1, LENGTH = 256 })
rx:expect(5, { DD = 1, EOP = 1, ERRORS = 0, LENGTH = 1500 - 5 * 256 })
expect.eq(written(), { 256, 256, 256, 256, 256, 220, 0 }, "all of it")
expect.irq(true, "RXT0")
r.ICR:expect { RXT0 = 1 }
expect.bytes(rx:take(), long:fcs(), "each byte once, in its place")
expect.eq(rx:take(), nil, "the short one still waits")

step "then the frame behind it"
r.RDT:write(7)
expect.irq(true, "RXT0")
expect.bytes(rx:take(), short:fcs(), "the short one")
rx:expect(6, { DD = 1, EOP = 1, LENGTH = 100 })
r.RDH:expect { RDH = 7 }

step "with descriptors for all of it: every buffer first, then all of them go back at once"
lab.events()
r.RDT:write(14)
r.ICR:raw()
nic:receive(long)
local order = {}
for _, line in ipairs(lab.events("dma")) do
  order[#order + 1] = line:match("wr%s+(rx%a+%[[%d.]+%])")
end
expect.eq(order, { "rxbuf[7]", "rxbuf[8]", "rxbuf[9]", "rxbuf[10]", "rxbuf[11]", "rxbuf[12]", "rxd[7..12]" },
          "3.2.5.1: packed together; DD never stands before data that is still to come")
r.ICR:expect { RXT0 = 1 }

step "any length, any number of descriptors at hand: nothing is lost"
for _, length in ipairs { 257, 511, 512, 513, 769, 1024, 1281 } do
  local need = (length + 255) // 256
  lab.fold(string.format("%d bytes, 0 to %d of %d descriptors", length, need - 1, need), function()
    for at_hand = 0, need - 1 do
      r.RCTL:write(0)
      rx = nic:rx_ring { entries = 16, buffer = 256, ready = at_hand }
      r.ICR:raw()
      local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(length - 18)
      nic:receive(frame)
      r.RDH:expect { RDH = at_hand }
      expect.irq(false, "not whole")
      r.RDT:write(need)
      r.RDH:expect { RDH = need }
      expect.irq(true, "whole")
      expect.bytes(rx:take(), frame:fcs(), length .. " bytes")
      for i = 0, 15 do nic:free(rx.buffers[i]) end
      nic:free(rx.base)
    end
  end)
end
