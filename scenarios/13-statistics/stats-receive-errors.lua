-- Bad frames: what is wrong with a frame decides its counter, and some faults count twice. A frame with a fault is
-- in TPR and TOR, never in GPRC, GORC or a size class, whether it is stored (SBP) or not.
local nic = scenario { name = "stats-receive-errors",
                       manual = { "13.4.22", "13.7.1", "13.7.2", "13.7.4", "13.7.14", "13.7.15", "13.7.27",
                                  "13.7.34", "13.7.35", "13.7.36", "13.7.37", "13.7.41", "13.7.43" } }
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
local function frame(length) -- with FCS
  return tostring(pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(length - 18))
end

local function arrives(length, options)
  options = options or {}
  options[1] = frame(length)
  nic:receive(options)
  nic:run(us(1))
end

step "link up at 1000 Mb/s, a ring that no bad frame may use"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, buffer = 2048, SECRC = 0 }

step "a wrong FCS, at both ends of the legal sizes"
arrives(64, { fcs = "bad" })
counted { TPR = 1, TORL = 64, CRCERRS = 1 }
arrives(1522, { fcs = "bad" })
counted { TPR = 1, TORL = 1522, CRCERRS = 1 }

step "below 64 bytes: RUC or RFC by the FCS, and no other error counter"
arrives(63)
counted { TPR = 1, TORL = 63, RLEC = 1, RUC = 1 }
arrives(63, { fcs = "bad" })
counted { TPR = 1, TORL = 63, RLEC = 1, RFC = 1 }
arrives(18)
counted { TPR = 1, TORL = 18, RLEC = 1, RUC = 1 }
arrives(63, { rx_er = true })
counted { TPR = 1, TORL = 63, RLEC = 1, RUC = 1 }

step "above 1522 bytes: ROC or RJC by the FCS; CRCERRS has no upper limit"
arrives(1523)
counted { TPR = 1, TORL = 1523, RLEC = 1, ROC = 1 }
arrives(1523, { fcs = "bad" })
counted { TPR = 1, TORL = 1523, RLEC = 1, RJC = 1, CRCERRS = 1 }

step "frames far beyond any limit count with all their octets"
arrives(16385)
counted { TPR = 1, TORL = 16385, RLEC = 1, ROC = 1 }
arrives(40000)
counted { TPR = 1, TORL = 40000, RLEC = 1, ROC = 1 }
local giant = frame(40000)
nic:receive { giant, fcs = pkt.fcs(giant) }   -- its FCS comes with it and is right
nic:run(us(1))
counted { TPR = 1, TORL = 40000, RLEC = 1, ROC = 1 }
arrives(40000, { fcs = "bad" })
counted { TPR = 1, TORL = 40000, RLEC = 1, RJC = 1, CRCERRS = 1 }

step "with LPE 16384 bytes are legal, 16385 are not"
r.RCTL:set { LPE = 1 }
arrives(1523, { fcs = "bad" })
counted { TPR = 1, TORL = 1523, CRCERRS = 1 }
arrives(16384, { fcs = "bad" })
counted { TPR = 1, TORL = 16384, CRCERRS = 1 }
arrives(16385)
counted { TPR = 1, TORL = 16385, RLEC = 1, ROC = 1 }
arrives(16385, { fcs = "bad" })
counted { TPR = 1, TORL = 16385, RLEC = 1, RJC = 1, CRCERRS = 1 }
r.RCTL:clear { "LPE" }

step "RX_ER from the PHY, alone and with a wrong FCS"
arrives(64, { rx_er = true })
counted { TPR = 1, TORL = 64, RXERRC = 1 }
arrives(64, { rx_er = true, fcs = "bad" })
counted { TPR = 1, TORL = 64, RXERRC = 1, CRCERRS = 1 }

-- silent: our choice, a fault that the PHY reports makes the frame bad at any speed, counted or not.
step "carrier extension errors are of 1000 Mb/s, alignment errors are not"
arrives(64, { cext = true })
counted { TPR = 1, TORL = 64, CEXTERR = 1 }
arrives(63, { cext = true })                  -- 13.7.14 has no least length
counted { TPR = 1, TORL = 63, CEXTERR = 1, RLEC = 1, RUC = 1 }
arrives(64, { align = true })
counted { TPR = 1, TORL = 64 }

step "nothing of all that reached memory"
for i = 0, 6 do rx:expect(i, { DD = 0 }) end
r.RDH:expect { RDH = 0 }

step "SBP stores bad frames; they count no differently"
r.RCTL:set { SBP = 1 }
arrives(64, { fcs = "bad" })
rx:expect(0, { DD = 1, CE = 1 })
counted { TPR = 1, TORL = 64, CRCERRS = 1 }
arrives(63)
rx:expect(1, { DD = 1, LENGTH = 63 })
counted { TPR = 1, TORL = 63, RLEC = 1, RUC = 1 }
arrives(64, { rx_er = true })
rx:expect(2, { DD = 1, RXE = 1, CE = 0 })
counted { TPR = 1, TORL = 64, RXERRC = 1 }
r.RCTL:clear { "SBP" }

step "a bad frame for somebody else counts nowhere"
local foreign = pkt.eth { src = "02:00:00:00:00:01", dst = "02:00:00:00:00:99", type = 0x88b5 }
nic:receive { foreign / pkt.pattern(46), fcs = "bad" }
nic:receive(foreign / pkt.pattern(40))
nic:run(us(1))
counted {}

step "at 100 Mb/s it is the other way round"
nic:link_up { speed = 100, duplex = "full" }
arrives(64, { align = true })
counted { TPR = 1, TORL = 64, ALGNERRC = 1 }
arrives(63, { align = true })
counted { TPR = 1, TORL = 63, RLEC = 1, RUC = 1 }
arrives(64, { align = true, fcs = "bad" })
counted { TPR = 1, TORL = 64, ALGNERRC = 1, CRCERRS = 1 }
arrives(64, { cext = true })
counted { TPR = 1, TORL = 64 }
