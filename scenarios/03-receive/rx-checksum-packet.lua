-- The packet checksum is worked out for every frame: the complement of the one's complement sum of what is stored, from
-- byte PCSS on. The two silent points - complement or sum, byte order - are taken as a later part's driver reads it:
-- complement, lower byte first. The numbers of the UDP frame were worked out by hand.
local nic = scenario { name = "rx-checksum-packet", manual = { "3.2.3", "3.2.9", "9.2.2", "13.4.22", "13.4.47" } }
local r = nic.regs

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
r.VET:write { VET = 0x8100 }
local rx = nic:rx_ring { entries = 64 }

local udp = pkt.eth { dst = "52:54:00:12:34:56", src = "52:54:00:65:43:21" }
          / pkt.ip4 { src = "192.0.2.2", dst = "192.0.2.1", id = 0x1234, flags = "DF" } / pkt.udp { sport = 1234, dport = 5678 }
          / string.char(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
udp = udp:bytes()
r.RAL[0]:write(0x12005452) r.RAH[0]:write(0x80005634)
local tagged = udp:sub(1, 12) .. "\x81\x00\x60\x64" .. udp:sub(13)
expect.eq(pkt.fcs(udp), "\xc0\xd6\x60\x88", "the frame of the example")
expect.eq(pkt.fcs(tagged), "\xb4\x06\x6a\x93", "the same, tagged")

local function check(frame, pcss, secrc, vme, csum, bytes, length)
  r.CTRL:clear { "VME" } r.CTRL:set { VME = vme }
  r.RCTL:clear { "SECRC" } r.RCTL:set { SECRC = secrc }
  r.RXCSUM:write { PCSS = pcss, IPOFLD = 1, TUOFLD = 1 }
  local at = rx.next
  nic:receive(frame)
  rx:expect(at, { CSUM = csum, LENGTH = length, IPCS = 1, TCPCS = 1, IXSM = 0, ERRORS = 0, VP = vme == 1 and #frame == 64,
                  SPECIAL = { PRI = vme == 1 and #frame == 64 and 3 or 0, CFI = 0, VLAN = vme == 1 and #frame == 64 and 100 or 0 } })
  expect.bytes(nic:peek(rx.base + 16 * (at % 64) + 10, 2), bytes, "bytes 10 and 11 of the descriptor")
  rx:take() rx:fill()
end

step "PCSS 0, 14 and 34, with and without the CRC"
check(udp, 0, 0, 0, 0x3e39, "\x39\x3e", 64)
check(udp, 0, 1, 0, 0x5f98, "\x98\x5f", 60)
check(udp, 14, 0, 0, 0x62d0, "\xd0\x62", 64)
check(udp, 14, 1, 0, 0x842f, "\x2f\x84", 60)
check(udp, 34, 1, 0, 0x842f, "\x2f\x84", 60)

step "tagged: stripping comes first; the CRC stays that of the tagged frame"
check(tagged, 14, 1, 1, 0x842f, "\x2f\x84", 60)
check(tagged, 14, 0, 1, 0x6595, "\x95\x65", 64)
check(tagged, 14, 1, 0, 0x1bcb, "\xcb\x1b", 64)
check(tagged, 14, 0, 0, 0xfd30, "\x30\xfd", 68)

step "any length, any start, straight through or out of the FIFO: as computed here"
r.CTRL:clear { "VME" }
local function wanted(stored, pcss) return ~pkt.sum16(stored:sub(pcss + 1)) & 0xffff end
for _, secrc in ipairs { 0, 1 } do
  lab.fold("SECRC " .. secrc, function()
    r.RCTL:clear { "SECRC" } r.RCTL:set { SECRC = secrc }
    for _, n in ipairs { 60, 61, 62, 63, 64, 65, 67, 71, 127, 128, 129, 131, 159, 160, 161, 255, 256, 1000, 1513, 1514 } do
      for _, pcss in ipairs { 0, 1, 14, 15, 63, 64, 68, 255 } do
        local f = udp:sub(1, 12) .. "\x88\xb5" .. pkt.pattern(n - 14, n * 7 + pcss)
        r.RXCSUM:write { PCSS = pcss }
        local at = rx.next
        nic:receive(f)
        rx:expect(at, { CSUM = wanted(secrc == 1 and f or f .. pkt.fcs(f), pcss), IXSM = 1, TCPCS = 0, IPCS = 0 })
        rx:take() rx:fill()
      end
    end
  end)
end

step "a frame of zeros from PCSS on: its sum is 0, the field FFFF; so it is when PCSS lies behind the frame"
local f = udp:sub(1, 12) .. "\x88\xb5" .. string.rep("\0", 46)
for _, pcss in ipairs { 14, 60, 255 } do
  r.RXCSUM:write { PCSS = pcss }
  local at = rx.next
  nic:receive(f)
  rx:expect(at, { CSUM = 0xffff })
  rx:take() rx:fill()
end

step "over several buffers: in the first descriptor and (silent: our choice, harmless) in the last, over all of the frame"
r.RCTL:write(0)
rx = nic:rx_ring { entries = 16, buffer = 256, ready = 0, SECRC = 1 }
r.RXCSUM:write { PCSS = 14 }
f = udp:sub(1, 12) .. "\x88\xb5" .. pkt.pattern(700, 3)
nic:receive(f)
r.RXCSUM:write { PCSS = 0 }  -- it waits in the FIFO and keeps its result
rx:give(15)
rx:expect(0, { CSUM = wanted(f, 14), EOP = 0, LENGTH = 256, STATUS = 1 })
rx:expect(1, { CSUM = 0, EOP = 0, LENGTH = 256, STATUS = 1 })
rx:expect(2, { CSUM = wanted(f, 14), EOP = 1, LENGTH = 202 })
expect.no_bad "a driver that makes no mistake"
