-- VME takes the tag out of a received frame and puts it into the descriptor; without VME the frame stays whole. The
-- lengths, the SRPD comparison and the choice by VET follow.
local nic = scenario { name = "vlan-strip", manual = { "3.2.3.3", "9.2.2", "13.4.1", "13.4.11", "13.4.32" } }
local r = nic.regs

local function frame(n, tpid, tci)
  return pkt.mac(nic.mac) .. pkt.mac("02:00:00:00:00:02") .. string.pack(">I2I2", tpid, tci) .. pkt.pattern(n - 16, n)
end
local function without_tag(f) return f:sub(1, 12) .. f:sub(17) end

step "link up, VET 8100"
nic:link_up { speed = 1000, duplex = "full" }
r.VET:write { VET = 0x8100 }
local rx = nic:rx_ring { entries = 64, SECRC = 1 }

local function check(f, stored, wanted)
  nic:receive(f)
  local at = rx.next
  rx:expect(at, { DD = 1, EOP = 1, LENGTH = #stored, VP = wanted.vp, ERRORS = 0,
                  SPECIAL = { PRI = wanted.tci >> 13, CFI = wanted.tci >> 12 & 1, VLAN = wanted.tci & 0xfff } })
  expect.bytes(rx:take(), stored, "what is in memory")
  rx:fill()
end

step "VME 0: whole, VP 0, Special 0"
local f = frame(100, 0x8100, 0x6064)
check(f, f, { vp = 0, tci = 0 })

step "VME 1: four bytes less, the TCI in Special"
r.CTRL:set { VME = 1 }
for _, tci in ipairs { 0x6064, 0x0000, 0xffff, 0x8000, 0x1000, 0x0001, 0x0800 } do
  f = frame(100, 0x8100, tci)
  check(f, without_tag(f), { vp = 1, tci = tci })
end

step "another type is another type: one bit off, bytes swapped, the tag one word later"
for _, tpid in ipairs { 0x8101, 0x9100, 0x0081, 0x88a8 } do
  f = frame(100, tpid, 0x6064)
  check(f, f, { vp = 0, tci = 0 })
end
f = frame(100, 0x88b5, 0x8100)
check(f, f, { vp = 0, tci = 0 })

step "only the outer of two tags goes"
f = pkt.mac(nic.mac) .. pkt.mac("02:00:00:00:00:02") .. "\x81\x00\x00\x05\x81\x00\x00\x06" .. pkt.pattern(80)
check(f, without_tag(f), { vp = 1, tci = 5 })

step "VET says what a tag is"
r.VET:write { VET = 0x88a8 }
f = frame(64, 0x8100, 0x6064)
check(f, f, { vp = 0, tci = 0 })
f = frame(64, 0x88a8, 0x6064)
check(f, without_tag(f), { vp = 1, tci = 0x6064 })
r.VET:write { VET = 0x8100 }

step "64 bytes on the wire are 56 in memory with tag and CRC gone; the counters go by the wire"
r.PRC64:raw() r.GORCL:raw() r.GORCH:raw()
f = frame(60, 0x8100, 7)
check(f, without_tag(f), { vp = 1, tci = 7 })
r.PRC64:expect { PRC64 = 1 }
r.GORCL:expect(64)

step "SRPD compares what is stored"
r.RSRPD:write { SIZE = 56 }
r.ICR:raw()
check(frame(61, 0x8100, 7), without_tag(frame(61, 0x8100, 7)), { vp = 1, tci = 7 })
r.ICR:expect { SRPD = 0, RXT0 = 1 }
check(f, without_tag(f), { vp = 1, tci = 7 })
r.ICR:expect { SRPD = 1, RXT0 = 1 }
r.RSRPD:write(0)

step "1522 bytes on the wire, tagged, are not too long; one more is"
r.ROC:raw()
f = frame(1518, 0x8100, 1)
check(f, without_tag(f), { vp = 1, tci = 1 })
nic:receive(frame(1519, 0x8100, 1))
expect.eq(rx:take(), nil, "1523 bytes")
r.ROC:expect { ROC = 1 }
expect.no_bad "a driver that makes no mistake"
