-- A stripped frame lies in memory without a seam: over several buffers, with the CRC of the tagged frame behind it, and
-- after a wait in the FIFO, which keeps what the registers said when the frame came.
local nic = scenario { name = "vlan-strip-in-pieces", manual = { "3.2.3", "3.2.3.3", "9.2.2", "13.4.22" } }
local r = nic.regs

local function frame(n, tci)
  return pkt.mac(nic.mac) .. pkt.mac("02:00:00:00:00:02") .. string.pack(">I2I2", 0x8100, tci) .. pkt.pattern(n - 16, n)
end
local function stored(f, fcs) return f:sub(1, 12) .. f:sub(17) .. (fcs and pkt.fcs(f) or "") end

step "buffers of 256 bytes, VME"
nic:link_up { speed = 1000, duplex = "full" }
r.VET:write { VET = 0x8100 }
r.CTRL:set { VME = 1 }
local rx = nic:rx_ring { entries = 16, buffer = 256 }

for secrc = 0, 1 do
  step("SECRC " .. secrc .. ": lengths around a buffer's; with the CRC sent along, and made by the receiver")
  r.RCTL:clear { "SECRC" }
  r.RCTL:set { SECRC = secrc }
  for _, n in ipairs { 60, 256, 257, 259, 260, 261, 516, 1000 } do
    for _, given in ipairs { true, false } do
      local f = frame(n, n)
      local want = stored(f, secrc == 0)
      lab.fold(n .. " bytes", function()
        nic:receive { f, fcs = given and pkt.fcs(f) or false }
        local at, pieces = rx.next, (#want + 255) // 256
        for i = 1, pieces do
          local last = i == pieces
          rx:expect(at + i - 1, { DD = 1, EOP = last, LENGTH = last and #want - 256 * (pieces - 1) or 256,
                                  VP = last, SPECIAL = { PRI = 0, CFI = 0, VLAN = last and n or 0 } })
        end
        expect.bytes(rx:take(), want, n .. " bytes on the wire")
        rx:fill()
      end)
    end
  end
end

step "three wait in the FIFO while VME and VET change; they are what they were"
r.RCTL:write(0)
rx = nic:rx_ring { entries = 16, buffer = 256, ready = 0, SECRC = 1 }
nic:receive(frame(300, 0x6064))
r.CTRL:clear { "VME" }
nic:receive(frame(301, 0x6065))
r.CTRL:set { VME = 1 }
r.VET:write { VET = 0x9100 }
nic:receive(frame(302, 0x6066))
r.VET:write { VET = 0x8100 }
rx:give(15)
expect.bytes(rx:take(), stored(frame(300, 0x6064)), "stripped")
expect.bytes(rx:take(), frame(301, 0x6065), "VME was 0")
expect.bytes(rx:take(), frame(302, 0x6066), "VET was another")
rx:expect(1, { EOP = 1, VP = 1, SPECIAL = { PRI = 3, CFI = 0, VLAN = 0x64 } })
rx:expect(3, { EOP = 1, VP = 0, SPECIAL = { PRI = 0, CFI = 0, VLAN = 0 } })
rx:expect(5, { EOP = 1, VP = 0, SPECIAL = { PRI = 0, CFI = 0, VLAN = 0 } })
expect.no_bad "a driver that makes no mistake"
