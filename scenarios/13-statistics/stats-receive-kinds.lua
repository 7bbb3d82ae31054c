-- To whom a frame was addressed: broadcasts and multicasts have counters of their own, a frame that no filter wanted
-- has none. And what happened to it: a frame that found no descriptor (RNBC) is received all the same, one that
-- found no room in the FIFO is missed (MPC) but still seen (TPR, TOR).
local nic = scenario { name = "stats-receive-kinds",
                       manual = { "13.4.22", "13.5.1", "13.7", "13.7.5", "13.7.27", "13.7.28", "13.7.29",
                                  "13.7.33", "13.7.41", "13.7.43" } }
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
local function arrives(dst, length)
  nic:receive(pkt.eth { src = "02:00:00:00:00:01", dst = dst, type = 0x88b5 } / pkt.pattern((length or 64) - 18))
  nic:run(us(1))
end

local BROADCAST, MULTICAST, STRANGER = "ff:ff:ff:ff:ff:ff", "01:00:5e:7f:ff:fa", "02:00:00:00:00:99"

step "link up; every filter but the station's address is off"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 64, buffer = 2048 }
lab.fold("clear MTA", function() for i = 0, 127 do r.MTA[i]:write(0) end end)

step "nobody wants these: nothing is counted"
arrives(BROADCAST)
arrives(MULTICAST)
arrives(STRANGER)
counted {}
rx:expect(0, { DD = 0 })

step "BAM: a broadcast, which is no multicast"
r.RCTL:set { BAM = 1 }
arrives(BROADCAST)
counted { TPR = 1, TORL = 64, GPRC = 1, GORCL = 64, PRC64 = 1, BPRC = 1 }

step "a multicast that the hash wants: bit 15 of MTA[125]"
r.MTA[125]:write(0x00008000)
arrives(MULTICAST, 100)
counted { TPR = 1, TORL = 100, GPRC = 1, GORCL = 100, PRC127 = 1, MPRC = 1 }
r.MTA[125]:write(0)

step "one that an exact entry wants"
r.RAL[1]:write { RAL = 0x7f5e0001 }
r.RAH[1]:write { RAH = 0xfaff, AV = 1 }
arrives(MULTICAST, 128)
counted { TPR = 1, TORL = 128, GPRC = 1, GORCL = 128, PRC255 = 1, MPRC = 1 }
r.RAH[1]:write { AV = 0 }

step "MPE: any multicast; UPE: any unicast, which has no counter of its own"
r.RCTL:set { MPE = 1, UPE = 1 }
arrives(MULTICAST, 256)
counted { TPR = 1, TORL = 256, GPRC = 1, GORCL = 256, PRC511 = 1, MPRC = 1 }
arrives(STRANGER, 512)
counted { TPR = 1, TORL = 512, GPRC = 1, GORCL = 512, PRC1023 = 1 }

-- 13.7.28: not counted while the broadcast filter is disabled. 13.7.29 silent on whether it is a multicast then: our
-- choice is no, a broadcast is never in MPRC.
step "BAM off, but MPE lets the broadcast in: a good frame of no kind"
r.RCTL:clear { "BAM" }
arrives(BROADCAST)
counted { TPR = 1, TORL = 64, GPRC = 1, GORCL = 64, PRC64 = 1 }
r.RCTL:clear { "MPE", "UPE" }

step "bad broadcasts and multicasts are not counted as such"
r.RCTL:set { BAM = 1, MPE = 1 }
nic:receive { pkt.eth { src = "02:00:00:00:00:01", dst = BROADCAST, type = 0x88b5 } / pkt.pattern(46), fcs = "bad" }
nic:receive { pkt.eth { src = "02:00:00:00:00:01", dst = MULTICAST, type = 0x88b5 } / pkt.pattern(46), fcs = "bad" }
nic:run(us(1))
counted { TPR = 2, TORL = 128, CRCERRS = 2 }
r.RCTL:clear { "BAM", "MPE" }

step "the last descriptor is used: no RNBC yet"
lab.fold("57 frames", function() for _ = 1, 57 do arrives(nic.mac) end end)
r.RDH:expect { RDH = 63 }
r.RDT:expect { RDT = 63 }
counted { TPR = 57, TORL = 3648, GPRC = 57, GORCL = 3648, PRC64 = 57 }

step "RDH = RDT: frames are kept in the FIFO, received, and counted by RNBC"
arrives(nic.mac)
arrives(nic.mac)
counted { TPR = 2, TORL = 128, GPRC = 2, GORCL = 128, PRC64 = 2, RNBC = 2 }

step "a descriptor comes; the frames are delivered and not counted again"
rx.next = 6
rx:fill()
rx:expect(63, { DD = 1 })
counted {}

step "no descriptors again, then the FIFO fills: from some frame on each is missed"
r.RCTL:set { LPE = 1 }
lab.fold("four frames", function() for _ = 1, 4 do arrives(nic.mac) end end)
r.RDH:expect { RDH = 5 }
r.RDT:expect { RDT = 5 }
counted { TPR = 4, TORL = 256, GPRC = 4, GORCL = 256, PRC64 = 4 }
arrives(nic.mac, 16384)
arrives(nic.mac, 16384)
counted { TPR = 2, TORL = 32768, GPRC = 2, GORCL = 32768, PRC1522 = 2, RNBC = 2 }
-- 48 KB less two frames leave less than 16384 bytes and their place keeping. 13.7.33 silent on frames that find
-- neither descriptor nor room: our choice counts them in RNBC as well.
arrives(nic.mac, 16384)
arrives(nic.mac, 16384)
counted { TPR = 2, TORL = 32768, MPC = 2, RNBC = 2 }
arrives(nic.mac, 64)                          -- a small one still fits
counted { TPR = 1, TORL = 64, GPRC = 1, GORCL = 64, PRC64 = 1, RNBC = 1 }
