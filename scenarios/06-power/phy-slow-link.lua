-- CTRL.EN_PHY_PWR_MGMT: asleep with something to wake for, a PHY linked at 1000 negotiates anew for 10 and 100 only,
-- and in D0 once more for all. Without the bit, or at another speed, the link stays as it is.
local nic = scenario { name = "phy-slow-link", eeprom = { words = { [0x20] = 0x0008 } },
                       manual = { "5.6.17", "8.2", "11.1.1", "11.4.3", "11.4.4", "13.4.1", "13.6.1", "13.6.2" } }
local wake = require "wake"
local r, pci, phy = nic.regs, nic.pci, nic.phy
local NEGOTIATION = ms(1500)

-- What the PHY's link did since the last question: "", "down", "down, up 100 full", ...
local function link()
  local list = {}
  for i, line in ipairs(lab.events "link") do list[i] = line:match("up%s+%d+ %l+") or line:match("down") end
  return (table.concat(list, ", "):gsub("%s+", " "))
end
local function asleep(fields)
  wake.filters(nic, fields or { EX = 1 })
  link()
  wake.sleep(nic)
end
local function gigabit_only()
  lab.partner { autoneg = true, base_page = 0, gigabit_full = true, gigabit_half = false, speed = 1000,
                full_duplex = true, pairs = 4, cable_length = 0, crossover = false }
end

step "linked at 1000, the bit is 1: into D3 the link goes, and comes back at 100 after a negotiation"
nic:link_up()
r.STATUS:expect { SPEED = 2 }
r.CTRL:expect { EN_PHY_PWR_MGMT = 1 }
asleep()
expect.eq(link(), "down", "at once")
nic:run(NEGOTIATION - 1)
expect.eq(link(), "", "negotiating")
nic:run(1)
expect.eq(link(), "up 100 full", "1.5 s")
nic:receive(pkt.eth { dst = nic.mac } / pkt.pattern(46))
nic:run(us(10))
expect.eq(nic:pme(), true, "which is good enough to wake")

step "back in D0 it negotiates for all speeds"
pci:power(0)
nic:run(s(3))
expect.eq(link(), "down", "D0u: wake-up is off")
lab.fold("PCI set-up", function() pci:setup() end)
nic:run(NEGOTIATION)
expect.eq(link(), "up 1000 full", "D0a")
r.WUS:expect(wake.bits { EX = 1 })
wake.clear(nic)

step "the partner does 1000 only: no link while asleep"
gigabit_only()
nic:link_up()
asleep()
nic:run(s(10))
expect.eq(link(), "down", "nothing in common")
wake.resume(nic)

step "the bit is 0 (11.4.4): the link stays at 1000"
nic:link_up()
r.CTRL:clear { "EN_PHY_PWR_MGMT" }
asleep()
nic:run(s(10))
expect.eq(link(), "", "as it is")
wake.resume(nic)

step "linked at 100: stays"
nic:link_up { speed = 100, duplex = "full" }
r.CTRL:expect { EN_PHY_PWR_MGMT = 1 }
asleep()
nic:run(s(10))
expect.eq(link(), "", "as it is")
wake.resume(nic)

-- 11.4.3 silent: the cable is plugged in while asleep. 13.4.1 has lower speeds in D3 and D0u as such.
step "a link that is found while asleep keeps to 10 and 100 as well"
nic:partner(nil)
asleep()
nic:partner { speed = 1000 }
nic:run(NEGOTIATION)
expect.eq(link(), "up 100 full", "plugged in")
gigabit_only()
nic:run(s(10))
expect.eq(link(), "down", "1000 only")
wake.resume(nic)

-- 11.4.3 silent: a speed that software has forced has nothing to negotiate.
step "1000 without auto-negotiation: stays"
phy.PCTRL:write { RESET = 1, AN_ENABLE = 0, SPEED_MSB = 1, SPEED_LSB = 0, DUPLEX = 1 }
nic:link_up { speed = 1000, duplex = "full" }
phy.PSSTAT:expect { SPEED = 2 }
asleep()
nic:run(s(10))
expect.eq(link(), "", "forced")
nic:partner(nil)
nic:partner { speed = 1000 }
nic:run(NEGOTIATION)
expect.eq(link(), "down, up 1000 full", "and comes back so")
wake.resume(nic)

step "D0u with APM: slow until the system comes up, then all speeds"
lab.fold("EEPROM: APM; loss of power", function()
  nic.eeprom:request()
  nic.eeprom.wire:ewen()
  nic.eeprom.wire:write(0x24, 0x04c8)
  nic.eeprom.wire:write(0x0f, 0xb200)
  nic.eeprom:release()
  nic:power_cycle { pci = false }
end)
link()
nic:run(NEGOTIATION)
expect.eq(link(), "up 100 full", "D0u")
nic:receive(wake.magic(nic.mac))
nic:run(us(10))
expect.eq(nic:pme(), true, "good enough to wake")
lab.fold("PCI set-up", function() pci:setup() end)
expect.eq(link(), "down", "D0a")
nic:run(NEGOTIATION)
expect.eq(link(), "up 1000 full", "D0a")

step "linked at 1000, into Dr: the same"
lab.pci_reset(true)
nic:run(NEGOTIATION)
expect.eq(link(), "down, up 100 full", "Dr")
lab.pci_reset(false)
nic:run(NEGOTIATION + ms(10))
expect.eq(link(), "down, up 100 full", "D0u: a PHY reset, and slow again")
