-- What a received frame adds to the counters, at every boundary of the six sizes, CRC included and stripping ignored.
-- Unicast, multicast and broadcast are told apart; reading clears; the octet pairs are cleared by their high half.
local nic = scenario { name = "rx-statistics",
                       manual = { "13.7", "13.7.21", "13.7.22", "13.7.23", "13.7.24", "13.7.25", "13.7.26", "13.7.27",
                                  "13.7.28", "13.7.29", "13.7.31", "13.7.41", "13.7.43" } }
local r = nic.regs
local BINS = { "PRC64", "PRC127", "PRC255", "PRC511", "PRC1023", "PRC1522" }
local COUNTERS = { "CRCERRS", "ALGNERRC", "SYMERRS", "RXERRC", "MPC", "SEC", "CEXTERR", "RLEC", "XONRXC", "XOFFRXC",
                   "FCRUC", "PRC64", "PRC127", "PRC255", "PRC511", "PRC1023", "PRC1522", "GPRC", "BPRC", "MPRC", "RNBC",
                   "RUC", "RFC", "ROC", "RJC", "MGTPRC", "MGTPDC", "TPR" }

step "link up; jumbo frames allowed, all kinds of addresses, CRC stripped"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, buffer = 16384, LPE = 1, MPE = 1, BAM = 1, SECRC = 1 }
local function frame(length, dst)
  return pkt.eth { src = "02:00:00:00:00:02", dst = dst or nic.mac, type = 0x88b5 } / pkt.pattern(length - 18)
end
local function receive(length, dst)
  nic:receive(frame(length, dst))
  expect.eq(#rx:take(), length - 4, "stored without CRC")
  rx:fill()
end
local function counted(octets, wanted)
  for _, name in ipairs(COUNTERS) do expect.eq(r[name]:raw(), wanted[name] or 0, name) end
  r.GORCL:expect(octets)
  r.GORCH:expect(0)
  r.TORL:expect(octets)
  r.TORH:expect(0)
end

step "nothing received yet"
lab.fold("all counters", counted, 0, {})

step "one frame of each boundary length"
for _, case in ipairs { { 64, 1 }, { 65, 2 }, { 127, 2 }, { 128, 3 }, { 255, 3 }, { 256, 4 }, { 511, 4 }, { 512, 5 },
                        { 1023, 5 }, { 1024, 6 }, { 1518, 6 }, { 1522, 6 }, { 1523, 6 }, { 9018, 6 }, { 16384, 6 } } do
  local length, bin = case[1], BINS[case[2]]
  lab.fold(length .. " bytes: " .. bin, function()
    receive(length)
    counted(length, { GPRC = 1, TPR = 1, [bin] = 1 })
  end)
end

-- Linux shows MPRC as "multicast", and broadcasts of their own.
step "multicast and broadcast (silent: our choice, a broadcast is no multicast here)"
lab.fold("multicast", function()
  receive(100, "01:00:5e:00:00:01")
  counted(100, { GPRC = 1, TPR = 1, PRC127 = 1, MPRC = 1 })
end)
lab.fold("one bit short of broadcast", function()
  receive(100, "ff:ff:ff:ff:ff:fe")
  receive(100, "fd:ff:ff:ff:ff:ff")
  counted(200, { GPRC = 2, TPR = 2, PRC127 = 2, MPRC = 2 })
end)
lab.fold("broadcast", function()
  receive(100, "ff:ff:ff:ff:ff:ff")
  counted(100, { GPRC = 1, TPR = 1, PRC127 = 1, BPRC = 1 })
end)

step "counters add up until they are read; the low half of a pair clears nothing, the high half both"
lab.fold("three frames of 1000 bytes", function() for _ = 1, 3 do receive(1000) end end)
r.GPRC:expect { GPRC = 3 }
r.GPRC:expect { GPRC = 0 }
r.GORCL:expect(3000)
r.GORCL:expect(3000)
r.GORCH:expect(0)
r.GORCL:expect(0)
r.TORL:expect(3000)
r.TORH:expect(0)
r.TORL:expect(0)
lab.fold("the others", counted, 0, { TPR = 3, PRC1023 = 3 })

step "writes do nothing"
receive(100)
r.GPRC:write(77)
r.TPR:write(0)
r.GORCL:write(0xffffffff)
r.GORCH:write(0)
lab.fold("all counters", counted, 100, { GPRC = 1, TPR = 1, PRC127 = 1 })
