-- 3.5.4 silent: the type field of a segmented frame that is an 802.3 length (LLC and SNAP behind it; up to 1500, Ethernet
-- types begin at 0600h). Our choice: each segment gets its own, or no receiver could take it. Linux never segments one;
-- a stack that speaks SNAP (IPX networks, FDDI bridges) would.
local nic = scenario { name = "tso-length-type", manual = { "3.3.6", "3.3.7", "3.5.4", "3.5.9" } }
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
local ip = tostring(pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2", id = 7 } / pkt.tcp { seq = 1000, flags = "ACK" }):sub(1, 40)
local payload = tostring(pkt.pattern(250, 9))

local function segments(type)
  local head = pkt.mac "02:00:00:00:00:02" .. pkt.mac(nic.mac) .. string.pack(">I2", type) .. "\xaa\xaa\3\0\0\0\8\0" .. ip
  tx:context { TUCMD = "TCP IP TSE DEXT", PAYLEN = 250, HDRLEN = 62, MSS = 100, IPCSS = 22, IPCSO = 32, IPCSE = 41,
               TUCSS = 42, TUCSO = 58, TUCSE = 0 }
  tx:data { buffer = head .. payload, DCMD = "TSE DEXT IFCS EOP RS", POPTS = "IXSM TXSM" }
  tx:doorbell()
  local sent = nic:sent()
  expect.eq(#sent, 3, "segments")
  local types = {}
  for i, frame in ipairs(sent) do types[i] = string.unpack(">I2", frame.bytes, 13) end
  return types
end

step "a length: that of each segment behind the type field"
expect.eq(segments(0), { 48 + 100, 48 + 100, 48 + 50 }, "8 of LLC and SNAP, 20 of IP, 20 of TCP, data")
expect.eq(segments(0x5ff), { 48 + 100, 48 + 100, 48 + 50 }, "the last that is no type")

step "a type stays"
expect.eq(segments(0x600), { 0x600, 0x600, 0x600 }, "the first")
expect.eq(segments(0x88b5), { 0x88b5, 0x88b5, 0x88b5 }, "another")
