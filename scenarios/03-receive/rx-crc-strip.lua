-- SECRC takes the four CRC bytes off before anything is stored: shorter data, shorter length, one descriptor less
-- where only they would not have fitted. Counters go on counting them. Linux leaves SECRC 0 and subtracts four.
local nic = scenario { name = "rx-crc-strip", manual = { "3.2.3", "13.4.22", "13.7.31" } }
local r = nic.regs

step "link up, buffers of 256 bytes"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 16, buffer = 256 }
local function frame(n) -- without FCS
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(n - 14)
end

local function check(secrc, n, lengths)
  local first = rx.next
  nic:receive(frame(n))
  for i, length in ipairs(lengths) do
    rx:expect(first + i - 1, { DD = 1, EOP = i == #lengths, LENGTH = length })
  end
  rx:expect(first + #lengths, { DD = 0 })
  expect.bytes(rx:take(), secrc == 1 and frame(n):bytes() or frame(n):fcs(), n .. " bytes, SECRC " .. secrc)
  rx:fill()
  r.GORCL:expect(n + 4)                       -- on the wire it had its CRC
  r.GORCH:expect(0)
  r.GPRC:expect { GPRC = 1 }
end

step "SECRC 0: four bytes more"
check(0, 60, { 64 })
check(0, 252, { 256 })
check(0, 253, { 256, 1 })                     -- the last byte of the CRC alone
check(0, 256, { 256, 4 })                     -- the whole CRC alone

step "SECRC 1: as the sender gave it"
r.RCTL:set { SECRC = 1 }
check(1, 60, { 60 })
check(1, 252, { 252 })
check(1, 253, { 253 })
check(1, 256, { 256 })
check(1, 257, { 256, 1 })

step "a CRC that came with the frame is stored as it came, or stripped; a bad one, too, with SBP"
r.RCTL:set { SBP = 1 }
for secrc = 1, 0, -1 do
  r.RCTL:clear { "SECRC" }
  r.RCTL:set { SECRC = secrc }
  nic:receive { frame(60), fcs = "\x01\x02\x03\x04" }
  local bytes, last = rx:take()
  expect.bytes(bytes, secrc == 1 and frame(60):bytes() or frame(60):bytes() .. "\x01\x02\x03\x04", "wrong, but there")
  expect.eq(last.ERRORS, 1, "CE, stripped or not")
  rx:fill()
  nic:receive { frame(60):fcs(), fcs = true }
  bytes, last = rx:take()
  expect.bytes(bytes, secrc == 1 and frame(60):bytes() or frame(60):fcs(), "good")
  expect.eq(last.ERRORS, 0, "no error")
  rx:fill()
end

step "a wire that carries no CRC, as a virtual one: stored as if a good one had come (silent: our choice, Linux cuts four)"
r.RCTL:clear { "SBP", "SECRC" }
for secrc = 0, 1 do
  lab.fold("SECRC " .. secrc .. ": straight through, then from the FIFO", function()
    r.RCTL:set { SECRC = secrc }
    for _, n in ipairs { 60, 251, 252, 253, 254, 255, 256, 257, 300, 508, 512, 1000 } do
      nic:receive { frame(n), fcs = false }
      expect.bytes(rx:take(), secrc == 1 and frame(n):bytes() or frame(n):fcs(), n .. " bytes")
      rx:fill()
    end
    r.RCTL:write(0)
    rx = nic:rx_ring { entries = 16, buffer = 256, ready = 0, SECRC = secrc }
    for _, n in ipairs { 253, 254, 300, 1000 } do nic:receive { frame(n), fcs = false } end
    rx:give(15)
    for _, n in ipairs { 253, 254, 300, 1000 } do
      expect.bytes(rx:take(), secrc == 1 and frame(n):bytes() or frame(n):fcs(), n .. " bytes, waited")
    end
    rx:fill()
  end)
end

step "with SECRC the shortest frame is still 64 bytes on the wire, 60 in memory"
r.GPRC:raw() r.RUC:raw()
nic:receive(frame(59))
expect.eq(rx:take(), nil, "63 bytes: undersize")
r.RUC:expect { RUC = 1 }
nic:receive(frame(60))
expect.eq(#rx:take(), 60, "64 bytes")
r.GPRC:expect { GPRC = 1 }
