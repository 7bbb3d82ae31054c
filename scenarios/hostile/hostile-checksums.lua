-- Checksums asked of frames that are too short for them, and places beyond the first buffer (CVE-2024-3567,
-- CVE-2022-23087, CVE-2020-2693, CVE-2020-14700, CVE-2021-2321). What is outside of the frame is not inserted; what is
-- inside is, wherever the buffers part; no byte that the guest did not give leaves.
local nic = scenario { name = "hostile-checksums", manual = { "3.3.3", "3.3.6", "3.3.7", "3.6" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64, PSP = 0 }
local bytes = tostring(pkt.pattern(60, 17))

local function ones_complement(s)
  local sum = 0
  for at = 1, #s, 2 do sum = sum + (s:byte(at) << 8 | (s:byte(at + 1) or 0)) end
  while sum > 0xffff do sum = (sum & 0xffff) + (sum >> 16) end
  return string.pack(">I2", ~sum & 0xffff)
end
-- frame with the checksum over bytes first to last (the last one's number) at place, as 3.3.3 and 3.6 have it
local function with(frame, first, last, place)
  return frame:sub(1, place) .. ones_complement(frame:sub(first + 1, last + 1)) .. frame:sub(place + 3)
end

local function leaves(frame, why)
  tx:doorbell()
  local sent = nic:sent()
  expect.eq(#sent, 1, why)
  expect.bytes(sent[1].bytes, frame .. pkt.fcs(frame), why)
end
local function short(frame) if #frame < 48 then expect.bad "frame-too-short" end end

step "legacy, IC: start and place against 1 to 20 bytes"
lab.fold("lengths and offsets", function()
  for length = 1, 20 do
    local frame = bytes:sub(1, length)
    for _, at in ipairs { { 0, 0 }, { 14, 16 }, { length - 1, length - 2 }, { length, 0 }, { 0, length - 1 }, { 255, 255 } } do
      local css, cso = at[1], math.max(at[2], 0)
      local fits = css < length and cso + 2 <= length
      tx:legacy { buffer = frame, CMD = "EOP IFCS IC RS", CSS = css, CSO = cso }
      leaves(fits and with(frame, css, length - 1, cso) or frame, string.format("%d bytes, CSS %d, CSO %d", length, css, cso))
      if not fits then expect.bad "checksum-outside-frame" end
      short(frame)
    end
  end
end)
expect.no_bad "no more than these"

step "a context's six offsets against 20 bytes: those of the usual headers, one beyond, all beyond"
local frame = bytes:sub(1, 20)
for _, c in ipairs {
  { 14, 24, 33, 34, 50, 0, 2 },               -- places 24 and 50 of 20 bytes
  { 14, 18, 33, 34, 50, 0, 1 },               -- the first fits, its end is cut
  { 250, 251, 252, 253, 254, 255, 2 },
} do
  tx:context { TUCMD = "DEXT TCP IP", IPCSS = c[1], IPCSO = c[2], IPCSE = c[3], TUCSS = c[4], TUCSO = c[5], TUCSE = c[6] }
  tx:data { buffer = frame, DCMD = "DEXT IFCS EOP RS", POPTS = "IXSM TXSM" }
  leaves(c[7] == 1 and with(frame, 14, 19, 18) or frame, "20 bytes")
  expect.bad("checksum-outside-frame", c[7])
  expect.bad "frame-too-short"
end

step "places in the second and third of three buffers, and across two"
for _, place in ipairs { 0, 18, 19, 20, 39, 40, 57, 58 } do
  tx:context { TUCMD = "DEXT", IPCSS = 2, IPCSO = place, IPCSE = 45, TUCSS = 59, TUCSO = 59, TUCSE = 0 }
  for i = 0, 2 do
    tx:data { buffer = bytes:sub(i * 20 + 1, i * 20 + 20), DCMD = i < 2 and "DEXT" or "DEXT IFCS EOP RS", POPTS = i == 0 and "IXSM" or 0 }
  end
  leaves(with(bytes, 2, 45, place), "IPCSO " .. place)
end
expect.no_bad "all inside"
tx:context { TUCMD = "DEXT", IPCSS = 2, IPCSO = 59, IPCSE = 45 }
for i = 0, 2 do
  tx:data { buffer = bytes:sub(i * 20 + 1, i * 20 + 20), DCMD = i < 2 and "DEXT" or "DEXT IFCS EOP RS", POPTS = i == 0 and "IXSM" or 0 }
end
leaves(bytes, "IPCSO 59: its second byte is outside")
expect.bad "checksum-outside-frame"
