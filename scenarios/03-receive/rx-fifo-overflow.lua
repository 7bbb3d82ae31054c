-- When the receive FIFO is full, too, frames are lost: MPC counts them, RXO tells. They still count as packets and
-- octets that came, in nothing else, and the frames before and after them are not affected.
local nic = scenario { name = "rx-fifo-overflow", needs = { "wire" },
                       manual = { "2.3.3", "3.2.1", "3.2.7.4", "13.4.16", "13.4.17", "13.7.5", "13.7.27", "13.7.29",
                                  "13.7.31", "13.7.33", "13.7.41", "13.7.43" } }
local r = nic.regs

step "link up; a ring of 64 with no descriptor given"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 64, ready = 0, MPE = 1, BAM = 1 }
r.IMS:write { RXO = 1 }
local function frame(n, length, dst)
  return pkt.eth { src = "02:00:00:00:00:02", dst = dst or nic.mac, type = 0x88b5 } / string.pack(">I2", n)
       / pkt.pattern(length - 20)
end

step "48 KB: 32 frames of 1518 bytes fit"
lab.fold("32 frames", function() for n = 1, 32 do nic:receive(frame(n, 1518)) end end)
expect.irq(false, "none lost yet")
r.ICR:expect(0)
r.MPC:expect { MPC = 0 }

step "the 33rd does not"
nic:receive(frame(33, 1518))
expect.irq(true, "3.2.7.4: RXO")
r.ICR:expect { RXO = 1, RXT0 = 0 }
r.MPC:expect { MPC = 1 }

step "each lost frame raises RXO anew, whatever its kind; it counts in TPR and TOR and nowhere else"
r.GPRC:expect { GPRC = 32 }
r.TPR:expect { TPR = 33 }
r.TORL:expect(33 * 1518)
r.TORH:expect(0)
r.GORCL:expect(32 * 1518)
r.GORCH:expect(0)
r.PRC1522:expect { PRC1522 = 32 }
nic:receive(frame(34, 1000, "01:00:5e:00:00:01"))
r.ICR:expect { RXO = 1 }
nic:receive(frame(35, 1000, "ff:ff:ff:ff:ff:ff"))
r.ICR:expect { RXO = 1 }
r.MPC:expect { MPC = 2 }
r.TPR:expect { TPR = 2 }
r.TORL:expect(2000)
r.TORH:expect(0)
r.GPRC:expect { GPRC = 0 }
r.GORCL:expect(0)
r.MPRC:expect { MPRC = 0 }
r.BPRC:expect { BPRC = 0 }
r.PRC1023:expect { PRC1023 = 0 }
r.RNBC:expect { RNBC = 35 }                   -- 13.7.33: no buffer in host memory for any, kept or not (silent: our choice)

step "a small frame still fits, the overrun before it does no harm"
nic:receive(frame(36, 64))
r.MPC:expect { MPC = 0 }
r.GPRC:expect { GPRC = 1 }
r.ICR:expect { RXO = 0 }

step "a frame that the filter rejects or that is bad is not missed"
nic:receive(frame(37, 1518, "02:00:00:00:00:77"))
nic:receive { frame(38, 1518), fcs = "bad" }
r.MPC:expect { MPC = 0 }
r.ICR:expect { RXO = 0 }

step "40 descriptors: what the FIFO held comes out, in order; the lost ones are not among them"
lab.fold("give 40 descriptors", function() rx:give(40) end)
for n = 1, 32 do expect.bytes(rx:take(), frame(n, 1518):fcs(), "frame " .. n) end
expect.bytes(rx:take(), frame(36, 64):fcs(), "the small one")
expect.eq(rx:take(), nil, "no more")
r.ICR:expect { RXT0 = 1, RXO = 0 }

step "and the FIFO is as good as new: once more 32 fit behind the seven descriptors that are left"
lab.fold("39 frames and one more", function()
  for n = 101, 139 do nic:receive(frame(n, 1518)) end
  r.MPC:expect { MPC = 0 }
  nic:receive(frame(140, 1518))
  r.MPC:expect { MPC = 1 }
  rx:give(33)
end)
lab.fold("take them", function()
  for n = 101, 139 do expect.bytes(rx:take(), frame(n, 1518):fcs(), "frame " .. n) end
end)
expect.eq(rx:take(), nil, "no more")
