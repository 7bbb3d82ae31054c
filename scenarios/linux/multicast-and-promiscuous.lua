-- The driver's receive mode: up to 14 extra addresses in exact entries, the rest hashed into MTA; all multicasts;
-- everything; and back. Each change lets in what it should and nothing else. Entry 15 is never touched.
local nic = scenario { name = "multicast-and-promiscuous",
                       manual = { "3.2.1", "3.2.3.1", "13.4.22", "13.5.1", "13.5.2", "13.5.3", "13.7.29" } }
local linux = require "linux_e1000"
local r = nic.regs
r.RAL[15]:write { RAL = 0x11223302 }          -- somebody else's, valid bit off
r.RAH[15]:write { RAH = 0x5544, AV = 0 }

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)

local function group(i) return string.format("01:00:5e:00:%02x:%02x", i, 16 * i % 256) end
local STRANGER, BROADCAST = "02:00:00:00:00:99", "ff:ff:ff:ff:ff:ff"

-- Which of these destinations get through now?
local function let_in(list)
  local names = {}
  lab.fold("a frame to each", function()
    for _, dst in ipairs(list) do
      nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = dst, type = 0x88b5 } / pkt.pattern(46))
      drv:run(us(200))
    end
  end)
  for _, got in ipairs(drv:received()) do
    names[#names + 1] = string.format("%02x:%02x:%02x:%02x:%02x:%02x", got.bytes:byte(1, 6))
  end
  return table.concat(names, " ")
end

step "opened: our own address and broadcasts"
expect.eq(let_in { nic.mac, BROADCAST, group(1), STRANGER }, nic.mac .. " " .. BROADCAST, "let in")

step "sixteen groups: fourteen exact, two hashed"
local groups = {}
for i = 1, 16 do groups[i] = group(i) end
drv:set_multicast(groups)
for i = 1, 14 do
  r.RAL[i]:expect { RAL = 0x005e0001 }
  r.RAH[i]:expect { RAH = i | 16 * i % 256 << 8, AV = 1, AS = 0 }
end
r.RAL[15]:expect { RAL = 0x11223302 }
r.RAH[15]:expect { RAH = 0x5544, AV = 0 }
-- 13.5.1, MO = 0: bits 47:36 of the address, so byte 4 >> 4 and byte 5 << 4. For 0fh, f0h: f00h; for 10h, 00h: 001h.
lab.fold("MTA", function()
  for i = 0, 127 do r.MTA[i]:expect(i == 0xf00 >> 5 and 1 or i == 0 and 2 or 0) end
end)
expect.eq(let_in(groups), table.concat(groups, " "), "all sixteen")
expect.eq(let_in { group(17), group(100), STRANGER, BROADCAST, nic.mac }, BROADCAST .. " " .. nic.mac, "no others")

step "a hash is no proof: another address with the same twelve bits comes in, and is marked PIF"
local alias = "01:00:5e:7f:0e:f0"             -- f00h as well
local head = r.RDH:read().RDH
nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = alias, type = 0x88b5 } / pkt.pattern(46))
nic:run(us(1))
expect.eq(lab.peek(drv.rx.base + 16 * head + 12, 1):byte() & 0x83, 0x83, "DD, EOP and PIF")
drv:run(us(200))
expect.eq(#drv:received(), 1, "the driver takes it: it leaves this check to the network stack")
nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = groups[1], type = 0x88b5 } / pkt.pattern(46))
nic:run(us(1))
expect.eq(lab.peek(drv.rx.base + 16 * head + 28, 1):byte() & 0x83, 0x03, "no PIF: an exact entry has it")
drv:run(us(200))
expect.eq(#drv:received(), 1, "received")

step "all multicasts, no strangers"
drv:set_multicast({}, { all_multicast = true })
r.RCTL:expect { MPE = 1, UPE = 0, BAM = 1 }
for i = 1, 14 do r.RAH[i]:expect { AV = 0 } end
lab.fold("MTA is empty", function() for i = 0, 127 do r.MTA[i]:expect(0) end end)
expect.eq(let_in { group(100), STRANGER, nic.mac }, group(100) .. " " .. nic.mac, "let in")

step "promiscuous: everything"
drv:set_multicast({}, { promiscuous = true })
r.RCTL:expect { MPE = 1, UPE = 1 }
expect.eq(let_in { group(100), STRANGER, BROADCAST, nic.mac },
          table.concat({ group(100), STRANGER, BROADCAST, nic.mac }, " "), "let in")

step "one extra unicast address, no longer promiscuous"
drv:set_multicast { STRANGER }
r.RCTL:expect { MPE = 0, UPE = 0 }
expect.eq(let_in { group(100), STRANGER, "02:00:00:00:00:98", nic.mac }, STRANGER .. " " .. nic.mac, "let in")
