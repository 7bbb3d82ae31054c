-- UPE lets every unicast in, MPE every multicast, BAM the broadcast, and none of them anything else. Packet capture
-- and bridges live on the first two; without BAM a host hears no ARP.
-- Silent: PIF of a frame that passed by one of the three; our choice is 0, as a driver that looks again at frames with PIF
-- would throw away all that a promiscuous capture wants (Linux ignores PIF). Silent: whether TPR and TOR have frames that no
-- filter wanted; our choice is no, so that a monitor that takes GPRC from TPR is left with errors (Linux shows neither TPR nor TOR).
local nic = scenario { name = "rx-filter-promiscuous", manual = { "3.2.1", "3.2.3.1", "13.4.22", "13.7.27", "13.7.28", "13.7.29" } }
local r = nic.regs

step "link up, MTA empty, only our own address stored"
nic:link_up { speed = 1000, duplex = "full" }
lab.fold("clear MTA", function() for i = 0, 127 do r.MTA[i]:write(0) end end)
local rx = nic:rx_ring { entries = 8 }

local OWN, OTHER, MULTI, BROAD = nic.mac, "02:00:00:00:00:77", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff"
local function passes(dst)
  nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = dst, type = 0x88b5 } / pkt.pattern(46))
  local bytes, last = rx:take()
  if not bytes then return 0 end
  expect.eq(last.PIF, 0, "only the hash sets PIF (silent on UPE, MPE, BAM: our choice)")
  rx:fill()
  return 1
end

-- What passes, in the order own, other unicast, multicast, broadcast; and how the good ones are counted.
local function check(fields, own, other, multi, broad)
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  lab.fold(#names == 0 and "none" or table.concat(names, " "), function()
    r.RCTL:clear { "UPE", "MPE", "BAM" }
    r.RCTL:set(fields)
    expect.eq({ passes(OWN), passes(OTHER), passes(MULTI), passes(BROAD) }, { own, other, multi, broad },
              table.concat(names, " ") .. ": own, other, multicast, broadcast")
    r.GPRC:expect { GPRC = own + other + multi + broad }
    r.MPRC:expect { MPRC = multi }
    r.BPRC:expect { BPRC = fields.BAM and broad or 0 } -- 13.7.28: not while the broadcast filter is off
    r.TPR:expect { TPR = own + other + multi + broad }
  end)
end

step "all eight combinations (MPE takes the broadcast, a group address: silent, our choice)"
check({},                            1, 0, 0, 0)
check({ UPE = 1 },                   1, 1, 0, 0)
check({ MPE = 1 },                   1, 0, 1, 1)
check({ BAM = 1 },                   1, 0, 0, 1)
check({ UPE = 1, MPE = 1 },          1, 1, 1, 1)
check({ UPE = 1, BAM = 1 },          1, 1, 0, 1)
check({ MPE = 1, BAM = 1 },          1, 0, 1, 1)
check({ UPE = 1, MPE = 1, BAM = 1 }, 1, 1, 1, 1)

step "BAM knows one address only"
lab.fold("48 addresses, one bit off each", function()
  r.RCTL:clear { "UPE", "MPE", "BAM" }
  r.RCTL:set { BAM = 1 }
  for bit = 0, 47 do
    local b = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }
    b[bit // 8 + 1] = 0xff ~ 1 << bit % 8
    expect.eq(passes(string.format("%02x:%02x:%02x:%02x:%02x:%02x", table.unpack(b))), 0, "bit " .. bit .. " is 0")
  end
end)

step "what does not pass leaves no trace: no interrupt, no count, no RDH"
r.ICR:raw()
local head = r.RDH:read().RDH
expect.eq(passes(OTHER), 0, "not ours")
r.ICR:expect(0)
r.RDH:expect { RDH = head }
r.TPR:expect { TPR = 0 }                      -- (silent: our choice, "received" means that the filter passed it)
