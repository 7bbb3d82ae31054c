-- Every reset of 14.7 takes the counters to 0; the states of the link and of the two units do not. 13.7 calls their
-- first value unknown, 14.8 promises one: our choice is 0 from power-up on, Linux reads and drops them either way.
local nic = scenario { name = "stats-resets", manual = { "13.4.1", "13.7", "14.7", "14.8" } }
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
local frame = pkt.eth { src = "02:00:00:00:00:01", dst = "ff:ff:ff:ff:ff:ff", type = 0x88b5 } / pkt.pattern(46)
local MOVED = { TPR = 2, TORL = 128, GPRC = 2, GORCL = 128, PRC64 = 2, BPRC = 2,
                TPT = 2, TOTL = 128, GPTC = 2, GOTCL = 128, PTC64 = 2, BPTC = 2 }

local rx, tx
local function traffic()
  nic:link_up { speed = 1000, duplex = "full" }
  lab.fold("two frames each way", function()
    if rx then
      rx:restart()
      tx:restart()
    else
      rx = nic:rx_ring { entries = 8, buffer = 2048, BAM = 1 }
      tx = nic:tx_ring { entries = 8 }
    end
    for _ = 1, 2 do
      nic:receive(frame)
      tx:send(frame)
    end
    nic:idle()
  end)
  nic:sent()
end

step "power-up: 0 everywhere, within a microsecond of memory being decoded"
counted {}

step "traffic, then the cable is pulled and both units are off: the counters stay"
traffic()
nic:link_down()
r.RCTL:clear { "EN" }
r.TCTL:clear { "EN" }
counted(MOVED)

step "CTRL.RST"
traffic()
r.TPT:expect { TPT = 2 }
nic:reset()
counted {}

step "RST#"
traffic()
r.TPT:expect { TPT = 2 }
nic:pci_reset()
counted {}

step "LAN_PWR_GOOD"
traffic()
r.TPT:expect { TPT = 2 }
nic:power_cycle()
counted {}

step "D3 and back"
traffic()
r.TPT:expect { TPT = 2 }
nic.pci:power(3)
nic.pci:power(0)
nic:run(ms(10))
lab.fold("PCI set-up", function() nic.pci:setup() end)
counted {}

step "after the last of them they count again"
traffic()
counted(MOVED)
