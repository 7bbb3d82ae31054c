-- 64 bytes is the shortest good frame; the longest is 1522, or 16384 with LPE, tagged or not, CRC included. One byte
-- more is dropped and counted as oversize, or as jabber if its CRC is bad, and SBP does not bring it back.
local nic = scenario { name = "rx-length-limits",
                       manual = { "13.4.22", "13.7.1", "13.7.15", "13.7.26", "13.7.27", "13.7.34", "13.7.35", "13.7.36",
                                  "13.7.37", "13.7.41", "13.7.43" } }
local r = nic.regs
local COUNTERS = { "CRCERRS", "RLEC", "RUC", "RFC", "ROC", "RJC", "GPRC", "TPR", "PRC64", "PRC127", "PRC1522" }

step "link up, one buffer for the longest frame"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, buffer = 16384 }
local function frame(length, tag) -- with FCS
  local head = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = not tag and 0x88b5 or nil }
  if tag then head = head / pkt.vlan { vid = 5, type = 0x88b5 } end
  return (head / pkt.pattern(length - 18 - (tag and 4 or 0))):bytes()
end

local function check(length, wanted, options)
  options = options or {}
  lab.fold(string.format("%d bytes%s%s", length, options.tag and ", tagged" or "", options.fcs and ", bad CRC" or ""), function()
    nic:receive { frame(length, options.tag), fcs = options.fcs }
    local bytes = rx:take()
    if wanted.GPRC then
      expect.eq(#(bytes or ""), length, "stored")
      rx:fill()
    else
      expect.eq(bytes, nil, length .. " bytes are dropped")
    end
    wanted.TPR = 1
    for _, name in ipairs(COUNTERS) do expect.eq(r[name]:raw(), wanted[name] or 0, name) end
    expect.eq(r.TORL:raw(), length, "TORL")
    r.TORH:raw()
  end)
end

step "the lower end"
check(63, { RUC = 1, RLEC = 1 })
check(64, { GPRC = 1, PRC64 = 1 })
check(65, { GPRC = 1, PRC127 = 1 })

step "LPE 0: 1522 bytes, for untagged frames as for tagged"
check(1518, { GPRC = 1, PRC1522 = 1 })
check(1522, { GPRC = 1, PRC1522 = 1 })
check(1522, { GPRC = 1, PRC1522 = 1 }, { tag = true })
check(1522, { CRCERRS = 1 }, { fcs = "bad" })  -- bad, but not too long
check(1523, { ROC = 1, RLEC = 1 })
check(1523, { ROC = 1, RLEC = 1 }, { tag = true })
check(1523, { RJC = 1, RLEC = 1, CRCERRS = 1 }, { fcs = "bad" }) -- 13.7.1 has no upper limit
check(16384, { ROC = 1, RLEC = 1 })

step "LPE 1: 16384 bytes"
r.RCTL:set { LPE = 1 }
check(64, { GPRC = 1, PRC64 = 1 })
check(63, { RUC = 1, RLEC = 1 })
check(1523, { GPRC = 1, PRC1522 = 1 })
check(16384, { GPRC = 1, PRC1522 = 1 })
check(16384, { CRCERRS = 1 }, { fcs = "bad" })
check(16385, { ROC = 1, RLEC = 1 })
check(16385, { RJC = 1, RLEC = 1, CRCERRS = 1 }, { fcs = "bad" })
check(16384, { GPRC = 1, PRC1522 = 1 }, { tag = true })
check(16385, { ROC = 1, RLEC = 1 }, { tag = true })

step "far longer: the CRC is still looked at where it is, the octets are still all counted"
for _, length in ipairs { 16388, 16389, 30000 } do
  lab.fold(length .. " bytes with a good CRC of their own", function()
    local bytes = frame(length)
    nic:receive { bytes .. pkt.fcs(bytes), fcs = true }
    expect.eq(rx:take(), nil, "dropped")
    for _, name in ipairs(COUNTERS) do
      expect.eq(r[name]:raw(), (name == "ROC" or name == "RLEC" or name == "TPR") and 1 or 0, name)
    end
    expect.eq(r.TORL:raw(), length, "13.7.41: TORL")
    r.TORH:raw()
  end)
  check(length, { RJC = 1, RLEC = 1, CRCERRS = 1 }, { fcs = "bad" })
  check(length, { ROC = 1, RLEC = 1 })
end

-- A driver sizes its buffers by LPE, SBP or not; Linux never sets SBP.
step "SBP does not store what is too long (silent: our choice, LPE says discarded)"
r.RCTL:set { SBP = 1 }
check(16385, { ROC = 1, RLEC = 1 })
r.RCTL:clear { "LPE" }
check(1523, { ROC = 1, RLEC = 1 })
check(1523, { RJC = 1, RLEC = 1, CRCERRS = 1 }, { fcs = "bad" })
check(1522, { GPRC = 1, PRC1522 = 1 })
