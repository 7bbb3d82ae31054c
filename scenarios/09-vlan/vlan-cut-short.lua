-- Tags where there is hardly a frame. 9.2.1 silent: VLE on fewer than 12 bytes; our choice is no tag, there is no place
-- behind a source address. 9.2.2 silent: a frame that ends inside its tag; our choice is that it has none, whatever its
-- type says. No driver sends or wants either: who depends on it is the one whose memory lies behind the frame.
local nic = scenario { name = "vlan-cut-short", manual = { "9.2.1", "9.2.2", "13.4.1", "13.4.22" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
r.VET:write { VET = 0x8100 }
r.CTRL:set { VME = 1 }
local tx = nic:tx_ring { entries = 64, PSP = 0 }
local bytes = tostring(pkt.pattern(20, 5))

step "11 bytes leave as they are, 12 get their tag"
for _, length in ipairs { 1, 11, 12, 13 } do
  local frame = bytes:sub(1, length)
  tx:legacy { buffer = frame, CMD = "EOP IFCS VLE RS", SPECIAL = { PRI = 5, CFI = 0, VLAN = 66 } }
  tx:doorbell()
  local sent = nic:sent()
  expect.eq(#sent, 1, "frames")
  local want = length < 12 and frame or frame:sub(1, 12) .. "\x81\x00\xa0\x42" .. frame:sub(13)
  expect.bytes(sent[1].bytes, want .. pkt.fcs(want), length .. " bytes")
  expect.bad "frame-too-short"
end

step "received: type 8100h and two bytes, one, none of TCI"
local rx = nic:rx_ring { entries = 8, buffer = 256, SBP = 1, SECRC = 1 }
for tci = 2, 0, -1 do
  local frame = pkt.mac(nic.mac) .. pkt.mac "02:00:00:00:00:02" .. "\x81\x00" .. ("\xa0\x42"):sub(1, tci)
  nic:receive(frame)
  nic:run(us(10))
  local got, last = rx:take()
  expect.bytes(got, tci == 2 and frame:sub(1, 12) or frame, tci .. " bytes of TCI")
  expect.eq(last.VP, tci == 2 and 1 or 0, "VP")
  expect.eq(last.SPECIAL, tci == 2 and 0xa042 or 0, "Special")
end
