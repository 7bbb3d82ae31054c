-- What a sent frame adds to the counters, at every boundary of the six sizes: lengths run from DA to the FCS. Frames
-- under 64 bytes count as packets and octets sent, but are no good packets and belong to no size. Unicast,
-- multicast and broadcast are told apart; a counter is cleared by reading it.
local nic = scenario { name = "tx-statistics",
                       manual = { "13.7", "13.7.30", "13.7.32", "13.7.42", "13.7.44", "13.7.45", "13.7.46", "13.7.47",
                                  "13.7.48", "13.7.49", "13.7.50", "13.7.51", "13.7.52" } }
local r = nic.regs
local BINS = { "PTC64", "PTC127", "PTC255", "PTC511", "PTC1023", "PTC1522" }
local COUNTERS = { "GPTC", "TPT", "MPTC", "BPTC", "PTC64", "PTC127", "PTC255", "PTC511", "PTC1023", "PTC1522" }

step "link up, no padding"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64, PSP = 0 }

local function frame(length, dst) -- without FCS
  return (pkt.eth { src = nic.mac, dst = dst or "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(length - 14)):bytes()
end

-- Every counter: what is named, and 0 else. Octet pairs: the low half, then the high half, which clears both.
local function counted(wanted)
  for _, name in ipairs(COUNTERS) do r[name]:expect { [name] = wanted[name] or 0 } end
  r.GOTCL:expect(wanted.GOTC or 0)
  r.GOTCH:expect(0)
  r.TOTL:expect(wanted.TOT or 0)
  r.TOTH:expect(0)
end

local function send(bytes, ifcs)
  tx:legacy { buffer = bytes, EOP = 1, IFCS = ifcs or 1 }
  tx:doorbell()
  expect.eq(#nic:sent(), 1, "it left")
end

step "nothing sent yet"
counted {}

step "one frame of each boundary length, counted with its FCS"
local BOUNDARIES = { { 64, 1 }, { 65, 2 }, { 127, 2 }, { 128, 3 }, { 255, 3 }, { 256, 4 }, { 511, 4 }, { 512, 5 },
                     { 1023, 5 }, { 1024, 6 }, { 1518, 6 }, { 1522, 6 }, { 1523, 6 }, { 9018, 6 }, { 16292, 6 } }
for _, case in ipairs(BOUNDARIES) do
  local length, bin = case[1], BINS[case[2]]
  lab.fold(length .. " bytes: " .. bin, function()
    send(frame(length - 4))
    counted { GPTC = 1, TPT = 1, GOTC = length, TOT = length, [bin] = 1 }
  end)
end

step "63 bytes and 18: TPT and TOT, but not good and of no size (silent on the sizes: our choice)"
for _, length in ipairs { 63, 18 } do
  lab.fold(length .. " bytes", function()
    send(frame(length - 4))
    counted { TPT = 1, TOT = length }
  end)
end

step "padded to 64 the same frame is a good one of 64"
r.TCTL:set { PSP = 1 }
lab.fold("59 bytes, padded", function()
  send(frame(59))
  counted { GPTC = 1, TPT = 1, GOTC = 64, TOT = 64, PTC64 = 1 }
end)

step "without IFCS the length is what the driver gave"
lab.fold("64 bytes with the driver's own FCS", function()
  local own = frame(60)
  send(own .. pkt.fcs(own), 0)
  counted { GPTC = 1, TPT = 1, GOTC = 64, TOT = 64, PTC64 = 1 }
end)

step "multicast and broadcast: one counter each (silent: our choice, a broadcast is no multicast here)"
lab.fold("multicast", function()
  send(frame(96, "01:00:5e:00:00:01"))
  counted { GPTC = 1, TPT = 1, GOTC = 100, TOT = 100, PTC127 = 1, MPTC = 1 }
end)
lab.fold("one bit short of broadcast", function()
  send(frame(96, "ff:ff:ff:ff:ff:fe"))
  send(frame(96, "fd:ff:ff:ff:ff:ff"))
  counted { GPTC = 2, TPT = 2, GOTC = 200, TOT = 200, PTC127 = 2, MPTC = 2 }
end)
lab.fold("broadcast", function()
  send(frame(96, "ff:ff:ff:ff:ff:ff"))
  counted { GPTC = 1, TPT = 1, GOTC = 100, TOT = 100, PTC127 = 1, BPTC = 1 }
end)
lab.fold("multicast of 60 bytes", function()
  r.TCTL:clear { "PSP" }
  send(frame(56, "01:00:5e:00:00:01"))
  counted { TPT = 1, TOT = 60, MPTC = 1 }
end)

step "fragments: six bytes are an address, five are not (silent: our choice)"
lab.fold("6 bytes of multicast", function()
  send("\x01\x00\x5e\x00\x00\x01", 0)
  counted { TPT = 1, TOT = 6, MPTC = 1 }
end)
lab.fold("5 bytes", function()
  send("\xff\xff\xff\xff\xff", 0)
  counted { TPT = 1, TOT = 5 }
end)

step "a destination split over three descriptors still counts, wherever in the FIFO it lies"
lab.fold("forty multicasts in odd pieces", function()
  for _ = 1, 40 do
    tx:send(frame(997, "01:00:5e:00:00:01"), { split = { 1, 2 } })
    nic:sent()
    tx:reclaim()
  end
  counted { GPTC = 40, TPT = 40, GOTC = 40040, TOT = 40040, PTC1023 = 40, MPTC = 40 }
end)

step "counters add up until they are read; reading the low half of a pair clears nothing"
lab.fold("three frames", function() for _ = 1, 3 do send(frame(96)) end end)
r.TPT:expect { TPT = 3 }
r.TPT:expect { TPT = 0 }
r.TOTL:expect(300)
r.TOTL:expect(300)
r.TOTH:expect(0)
r.TOTL:expect(0)
counted { GPTC = 3, GOTC = 300, PTC127 = 3 }
