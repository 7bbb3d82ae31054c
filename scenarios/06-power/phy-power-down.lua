-- 11.4.2: with nothing to wake for and nothing to manage, the PHY is powered down in D3 and in D0u, and looks for
-- a link again in D0. Wake-up or manageability keep it up. A laptop's battery hangs on it.
local nic = scenario { name = "phy-power-down", pci = false,
                       manual = { "5.6.24", "6.3.1.2", "6.3.1.3", "6.3.1.4", "11.1.1", "11.4", "11.4.2", "13.4.1", "13.6.1" } }
local wake = require "wake"
local r, pci, phy = nic.regs, nic.pci, nic.phy
local NEGOTIATION = ms(1500)

local function set_up() lab.fold("PCI set-up", function() pci:setup() end) end
-- What the PHY's link did since the last question: "", "up", "down", "down up", ...
local function link()
  local list = {}
  for i, line in ipairs(lab.events "link") do list[i] = line:match("phy%s+lnk%s+(%l+)") end
  return table.concat(list, " ")
end
-- WUFC as named, then D3 with PME_En as given.
local function asleep(fields, pme_en)
  r.WUFC:write(fields)
  r.WUS:write(0x000f00ff)
  pci.PMCSR:write { PME_STATUS = 1, PME_EN = pme_en }
  link()
  pci:power(3)
  nic:run(s(3))
end
local function awake()
  pci:power(0)
  nic:run(ms(10))
  set_up()
  r.CTRL:set { SLU = 1, FRCSPD = 0 }
  nic:run(NEGOTIATION)
  link()
end

step "power-up: D0u. However long it lasts, the PHY looks for nothing"
nic:run(s(10))
expect.eq(link(), "", "D0u")

step "D0a: it negotiates, for all speeds"
set_up()
nic:run(NEGOTIATION - 1)
expect.eq(link(), "", "negotiating")
nic:run(1)
expect.eq(link(), "up", "1.5 s")
phy.PSSTAT:expect { SPEED = 2, DUPLEX = 1, LINK = 1 }
r.CTRL:set { SLU = 1, FRCSPD = 0 }

step "D3 without filters and without PME_En: powered down at once, for good"
asleep({}, 0)
expect.eq(link(), "down", "D3")
awake()

step "filters without PME_En, or PME_En without filters, are no wake-up"
asleep({ EX = 1 }, 0)
expect.eq(link(), "down", "PME_En is 0")
nic:receive(pkt.eth { dst = nic.mac } / pkt.pattern(46))
nic:run(us(10))
pci.PMCSR:expect { PME_STATUS = 0 }
awake()
asleep({}, 1)
expect.eq(link(), "down", "WUFC is 0")
awake()

step "both: the link stays as it is (11.4.4: EN_PHY_PWR_MGMT is 0)"
for _, name in ipairs { "LNKC", "MAG", "FLX3" } do
  asleep({ [name] = 1 }, 1)
  expect.eq(link(), "", name)
  awake()
end

step "APM by itself, without PME_En; APMPME alone is nothing to wake for"
r.WUC:write { APME = 1 }
asleep({}, 0)
expect.eq(link(), "", "APME")
awake()
r.WUC:write { APMPME = 1 }
asleep({}, 0)
expect.eq(link(), "down", "APMPME")
awake()

-- 11.4.2 silent: PME_En can be written in D3. The PHY follows, and needs its time to find the link.
step "PME_En set in D3: the PHY wakes up; cleared: it sleeps again"
asleep({ EX = 1 }, 0)
expect.eq(link(), "down", "PME_En is 0")
pci.PMCSR:write { STATE = 3, PME_EN = 1 }
nic:run(NEGOTIATION)
expect.eq(link(), "up", "PME_En is 1")
pci.PMCSR:write { STATE = 3, PME_EN = 0 }
expect.eq(link(), "down", "0 again")
awake()

step "D3 to D0u: reset, and asleep until memory or I/O is enabled"
pci:power(3)
pci:power(0)
nic:run(s(10))
expect.eq(link(), "down", "D3 and D0u")
set_up()
nic:run(NEGOTIATION)
expect.eq(link(), "up", "D0a")

step "Dr: the same"
lab.pci_reset(true)
nic:run(s(5))
lab.pci_reset(false)
nic:run(s(5))
expect.eq(link(), "down", "Dr and D0u")
set_up()
nic:run(NEGOTIATION)
expect.eq(link(), "up", "D0a")

local function program(address, value)
  lab.fold("EEPROM", function()
    nic.eeprom:request()
    nic.eeprom.wire:ewen()
    nic.eeprom.wire:write(address, value)
    nic.eeprom:release()
  end)
end

step "manageability keeps it up: SMBus, or ASF (word 23h bits 0 and 1); the filters alone do not"
for _, row in ipairs { { 0x0001, "up" }, { 0x0002, "up" }, { 0xa304, "" } } do
  program(0x23, row[1])
  lab.fold("loss of power", function() nic:power_cycle { pci = false } end)
  link()
  nic:run(NEGOTIATION)
  expect.eq(link(), row[2], string.format("D0u, word 23h %04xh", row[1]))
  set_up()
  nic:run(NEGOTIATION)
  r.CTRL:set { SLU = 1 }
  asleep({}, 0)
  local stays = row[2] == "up"
  expect.eq(link(), stays and "" or "down", string.format("D3, word 23h %04xh", row[1]))
  awake()
end

step "so does APM in D0u (word 24h bit 10)"
program(0x23, 0)
program(0x24, 0x04c8)
lab.fold("loss of power", function() nic:power_cycle { pci = false } end)
link()
nic:run(NEGOTIATION)
expect.eq(link(), "up", "D0u")
set_up()
expect.eq(link(), "", "D0a changes nothing")

step "PCTRL.POWER_DOWN is software's own; D0u resets the PHY and with it that bit"
phy.PCTRL:set { POWER_DOWN = 1 }
expect.eq(link(), "down", "by software")
pci:power(3)
nic:run(s(3))
expect.eq(link(), "", "APM does not lift it")
pci:power(0)
nic:run(s(3))
expect.eq(link(), "up", "D0u")
set_up()
phy.PCTRL:expect { POWER_DOWN = 0 }
