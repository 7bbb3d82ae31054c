-- The station address is changed on a running interface: RAL[0], then RAH[0] with its valid bit. From that moment
-- frames to the old address are somebody else's. The EEPROM keeps the old one, so a reset brings it back - and the
-- driver writes its own again.
local nic = scenario { name = "mac-address-change", manual = { "3.2.1", "5.6.1", "13.5.2", "13.5.3", "14.7" },
                       eeprom = { mac = "52:54:00:12:34:56" } }
local linux = require "linux_e1000"
local r = nic.regs

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)
local OLD, NEW = "52:54:00:12:34:56", "02:a1:b2:c3:d4:e5"

local function arrives(dst)
  nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = dst, type = 0x88b5 } / pkt.pattern(46))
  lab.fold("1 ms", drv.run, drv, ms(1))
  return #drv:received()
end

step "the old address"
expect.eq(arrives(OLD), 1, "ours")
expect.eq(arrives(NEW), 0, "not ours")

step "changed while frames may come"
drv:set_mac(NEW)
r.RAL[0]:expect { RAL = 0xc3b2a102 }
r.RAH[0]:expect { RAH = 0xe5d4, AV = 1, AS = 0 }
expect.eq(arrives(OLD), 0, "no longer ours")
expect.eq(arrives(NEW), 1, "ours")
for i = 0, 5 do                               -- each byte counts
  local bytes = { string.byte(pkt.mac(NEW), 1, 6) }
  bytes[i + 1] = bytes[i + 1] ~ (i == 0 and 0x80 or 0x01)
  expect.eq(arrives(string.char(table.unpack(bytes))), 0, "byte " .. i .. " differs")
end

step "a reset inside the driver keeps it"
lab.fold("down, up, link", function()
  drv:reinit()
  drv:run(s(5))
end)
r.RAL[0]:expect { RAL = 0xc3b2a102 }
r.RAH[0]:expect { RAH = 0xe5d4, AV = 1 }
expect.eq(arrives(NEW), 1, "ours")
expect.eq(arrives(OLD), 0, "not ours")

step "the EEPROM never knew of it"
expect.eq(nic.eeprom:words()[0], 0x5452, "word 0")
lab.fold("close", drv.close, drv)
nic:reset()
r.RAL[0]:expect { RAL = 0x12005452 }
r.RAH[0]:expect { RAH = 0x5634 }
