-- A counter is read and empty. Of the octet counters, which are pairs, only the high half clears, and it clears both:
-- so a driver reads low first. The width of the read does not matter, the window it goes through neither; and a
-- write changes nothing.
local nic = scenario { name = "stats-read-clears", manual = { "13.2", "13.2.2", "13.7", "13.7.31", "13.7.32",
                                                              "13.7.41", "13.7.42" } }
local r = nic.regs

step "link up, both rings"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 16, buffer = 2048, BAM = 1, MPE = 1 }
local tx = nic:tx_ring { entries = 16 }
local COUNTERS = {}
for _, row in ipairs(lab.regs()) do
  if row.offset >= 0x4000 and row.offset <= 0x40fc then COUNTERS[#COUNTERS + 1] = row end
end
expect.eq(#COUNTERS, 58, "13.7.1 to 13.7.54, four of them pairs")

-- Ten frames in, three out; each counter that they move.
local MOVES = { CRCERRS = 2, RXERRC = 1, CEXTERR = 1, RLEC = 4, PRC64 = 2, PRC255 = 1, GPRC = 3, BPRC = 1, MPRC = 1,
                RUC = 1, RFC = 1, ROC = 1, RJC = 1, GORCL = 128 + 2 * 64, TPR = 10,
                TORL = 128 + 5 * 64 + 2 * 60 + 2 * 1523, GPTC = 3, GOTCL = 128 + 2 * 64, TPT = 3, TOTL = 128 + 2 * 64,
                PTC64 = 2, PTC255 = 1, MPTC = 1, BPTC = 1 }
local function traffic()
  local function frame(length, dst)
    return tostring(pkt.eth { src = "02:00:00:00:00:01", dst = dst or nic.mac, type = 0x88b5 }
                    / pkt.pattern(length - 18))
  end
  lab.fold("traffic", function()
    for _, one in ipairs { { 128 }, { 64, "ff:ff:ff:ff:ff:ff" }, { 64, "01:00:5e:00:00:01" } } do
      nic:receive(frame(one[1], one[2]))
      tx:send(frame(one[1], one[2]))
    end
    nic:receive { frame(64), fcs = "bad" }
    nic:receive { frame(64), rx_er = true }
    nic:receive { frame(64), cext = true }
    nic:receive { frame(60) }
    nic:receive { frame(60), fcs = "bad" }
    nic:receive { frame(1523) }
    nic:receive { frame(1523), fcs = "bad" }
    nic:idle()
    rx.next = (rx.next + 3) % 16
    rx:fill()
    tx:reclaim()
  end)
  nic:sent()
end

local function high(name) return (name:gsub("L$", "H")) end
local PAIR = { GORCL = true, GOTCL = true, TORL = true, TOTL = true }

step "every counter: its value, then 0; the low half of a pair stays until the high half is read"
traffic()
lab.fold("each twice", function()
  for _, row in ipairs(COUNTERS) do
    r[row.name]:expect(MOVES[row.name] or 0)
    r[row.name]:expect(PAIR[row.name] and MOVES[row.name] or 0)
  end
  for name in pairs(PAIR) do r[name]:expect(0) end
end)

step "reading the high half alone loses the low one"
traffic()
for name in pairs(PAIR) do
  r[high(name)]:expect(0)
  r[name]:expect(0)
end
lab.fold("clear the rest", function() for _, row in ipairs(COUNTERS) do r[row.name]:raw() end end)

step "a pair goes on from its low half if the high one was not read"
traffic()
r.TOTL:expect { TOTL = 256 }
r.GORCL:expect { GORCL = 256 }
traffic()
r.TOTL:expect { TOTL = 512 }
r.GORCL:expect { GORCL = 512 }
r.TPT:expect { TPT = 6 }
r.TOTH:expect { TOTH = 0 }
r.GORCH:expect { GORCH = 0 }
r.TOTL:expect { TOTL = 0 }
r.GORCL:expect { GORCL = 0 }
r.GOTCL:expect { GOTCL = 512 }                -- each pair for itself
r.TORL:expect { TORL = 2 * MOVES.TORL }
lab.fold("clear the rest", function() for _, row in ipairs(COUNTERS) do r[row.name]:raw() end end)

step "neither half latches the other: what comes between the two reads is cleared uncounted (silent: our choice; Linux reads so)"
traffic()
r.TOTL:expect { TOTL = 256 }
r.GORCL:expect { GORCL = 256 }
traffic()
r.TOTH:expect { TOTH = 0 }
r.GORCH:expect { GORCH = 0 }
r.TOTL:expect { TOTL = 0 }
r.GORCL:expect { GORCL = 0 }
lab.fold("clear the rest", function() for _, row in ipairs(COUNTERS) do r[row.name]:raw() end end)

step "writes are ignored: no counter can be set or cleared by one"
traffic()
lab.fold("ones, then zeros, into each", function()
  for _, row in ipairs(COUNTERS) do
    r[row.name]:write(0xffffffff)
    r[row.name]:write(0)
  end
end)
lab.fold("each as it was", function()
  for _, row in ipairs(COUNTERS) do r[row.name]:expect(MOVES[row.name] or 0) end
end)

step "a byte read clears as much as a whole one; so does one through the I/O window"
traffic()
lab.fold("one byte of each", function()
  for _, row in ipairs(COUNTERS) do
    expect.eq(lab.bar_read("mem", row.offset, 1), (MOVES[row.name] or 0) & 0xff, row.name)
  end
end)
lab.fold("0 in all", function() for _, row in ipairs(COUNTERS) do r[row.name]:expect(0) end end)
traffic()
lab.fold("each through IODATA", function()
  for _, row in ipairs(COUNTERS) do nic.io.regs[row.name]:expect(MOVES[row.name] or 0) end
end)
lab.fold("0 in all", function() for _, row in ipairs(COUNTERS) do r[row.name]:expect(0) end end)
