-- What leaves: sizes, octets, kinds. A frame counts when it has been sent, with the length it had on the wire: its
-- padding and its FCS included. Below 64 bytes it is a packet transmitted, but no good one.
local nic = scenario { name = "stats-transmit", needs = { "wire" }, golden = { "wire" },
                       manual = { "13.4.33", "13.7.30", "13.7.32", "13.7.42", "13.7.44", "13.7.45", "13.7.46",
                                  "13.7.47", "13.7.48", "13.7.49", "13.7.50", "13.7.51", "13.7.52" } }
local r = nic.regs

-- Reads, and so clears, all of 4000h-40FCh: what is not named has to be 0. A pair is read low half first.
local function counted(wanted)
  for name in pairs(wanted) do expect.ok(r[name], name) end
  lab.fold("every counter", function()
    for _, row in ipairs(lab.regs()) do
      if row.offset >= 0x4000 and row.offset <= 0x40fc then r[row.name]:expect(wanted[row.name] or 0) end
    end
  end)
end
local function frame(length, dst) -- with FCS
  return tostring(pkt.eth { src = nic.mac, dst = dst or "02:00:00:00:00:02", type = 0x88b5 }
                  / pkt.pattern(length - 18))
end

step "link up, nothing counted"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 16, PSP = 0 }
counted {}

local function sends(length, dst, options)
  tx:send(frame(length, dst), options)
  local sent = nic:sent()
  expect.eq(#sent, 1, "frames")
  return sent[1]
end

step "one frame of each size at the edge of a class"
local SIZES = { { 64, "PTC64" }, { 65, "PTC127" }, { 127, "PTC127" }, { 128, "PTC255" }, { 255, "PTC255" },
                { 256, "PTC511" }, { 511, "PTC511" }, { 512, "PTC1023" }, { 1023, "PTC1023" }, { 1024, "PTC1522" },
                { 1518, "PTC1522" }, { 1522, "PTC1522" }, { 1523, "PTC1522" }, { 16292, "PTC1522" } }
for _, size in ipairs(SIZES) do
  local length, class = size[1], size[2]
  lab.fold(length .. " bytes", function()
    expect.eq(#sends(length).bytes, length, "on the wire")
    counted { TPT = 1, TOTL = length, GPTC = 1, GOTCL = length, [class] = 1 }
  end)
end

step "below 64 bytes, unpadded: transmitted, but not good, of no class"
sends(63)
counted { TPT = 1, TOTL = 63 }
sends(18)
counted { TPT = 1, TOTL = 18 }

step "padded by PSP they are 64-byte frames"
r.TCTL:set { PSP = 1 }
expect.eq(#sends(18).bytes, 64, "on the wire")
counted { TPT = 1, TOTL = 64, GPTC = 1, GOTCL = 64, PTC64 = 1 }
expect.eq(#sends(63).bytes, 64, "on the wire")
counted { TPT = 1, TOTL = 64, GPTC = 1, GOTCL = 64, PTC64 = 1 }

step "without IFCS the last four bytes are the driver's FCS: nothing is added to the length"
local own = frame(100)
tx:send(own .. pkt.fcs(own), { IFCS = 0 })
expect.bytes(nic:sent()[1].bytes, own .. pkt.fcs(own), "as given")
counted { TPT = 1, TOTL = 100, GPTC = 1, GOTCL = 100, PTC127 = 1 }

step "multicast, broadcast, and what only looks like one"
sends(64, "01:00:5e:00:00:01")
counted { TPT = 1, TOTL = 64, GPTC = 1, GOTCL = 64, PTC64 = 1, MPTC = 1 }
sends(64, "ff:ff:ff:ff:ff:ff")                -- 13.7.51 silent: our choice, a broadcast is no multicast
counted { TPT = 1, TOTL = 64, GPTC = 1, GOTCL = 64, PTC64 = 1, BPTC = 1 }
lab.fold("one byte of each is not FFh", function()
  for _, dst in ipairs { "ff:ff:ff:ff:ff:fe", "ff:ff:ff:ff:fe:ff", "ff:ff:ff:fe:ff:ff", "ff:ff:fe:ff:ff:ff",
                         "ff:fe:ff:ff:ff:ff", "fd:ff:ff:ff:ff:ff" } do
    sends(64, dst)
  end
end)
counted { TPT = 6, TOTL = 384, GPTC = 6, GOTCL = 384, PTC64 = 6, MPTC = 6 }
sends(64, "fe:ff:ff:ff:ff:ff")
counted { TPT = 1, TOTL = 64, GPTC = 1, GOTCL = 64, PTC64 = 1 }

step "three descriptors are one frame"
sends(300, nil, { split = { 3, 100 } })
counted { TPT = 1, TOTL = 300, GPTC = 1, GOTCL = 300, PTC511 = 1 }
sends(300, "ff:ff:ff:ff:ff:ff", { split = { 3, 100 } })
counted { TPT = 1, TOTL = 300, GPTC = 1, GOTCL = 300, PTC511 = 1, BPTC = 1 }

step "a frame counts when its last bit has left: 8 ns a byte, preamble first"
nic:run(us(1))                                -- the gap after the frame before is over
tx:send(frame(1000))
nic:run(8 * (8 + 1000) - 1)
counted {}
nic:run(1)
counted { TPT = 1, TOTL = 1000, GPTC = 1, GOTCL = 1000, PTC1023 = 1 }
expect.eq(#nic:sent(), 1, "sent")

step "a frame longer than 16288 bytes is not sent and not counted"
tx:send(pkt.pattern(16289))
expect.none(nic:sent(), "3.3.3")
expect.bad("frame-too-long")
counted {}

step "many add up"
lab.fold("ten frames", function()
  for i = 1, 10 do tx:send(frame(63 + i), { doorbell = i == 10 }) end
  expect.eq(#nic:sent(), 10, "frames")
end)
counted { TPT = 10, TOTL = 685, GPTC = 10, GOTCL = 685, PTC64 = 1, PTC127 = 9 }
