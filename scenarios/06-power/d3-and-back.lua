-- D0 to D3 and back without RST#. On the way back wake-up is disabled, the EEPROM is read, the PHY reset; what
-- woke the system - PME_Status, WUS, WUPL, WUPM - is there to be asked. Enabling memory or I/O ends D0u.
local nic = scenario { name = "d3-and-back", eeprom = { words = { [0x20] = 0x0004 } },
                       manual = { "6.2", "6.3.1", "6.3.1.2", "6.3.1.3", "6.3.1.4", "6.3.2.2", "6.3.3.4", "11.4.2", "13.6.1", "14.7" } }
local wake = require "wake"
local r, pci = nic.regs, nic.pci
local frame = tostring(pkt.eth { dst = nic.mac, src = "02:00:00:00:00:02" } / pkt.pattern(46))

local function asleep_and_woken()
  nic:link_up()
  r.VET:write { VET = 0x8100 }
  r.IP4AT[2]:write(0x01020304)
  wake.filters(nic, { EX = 1 })
  wake.sleep(nic)
  nic:receive(frame)
  nic:run(us(10))
  expect.eq(nic:pme(), true, "woken")
end

step "woken in D3; PowerState 00b: PME# goes on until the system says that it has seen it"
asleep_and_woken()
pci.PMCSR:write { STATE = 0, PME_EN = 1, SELECT = 0 }
expect.eq(nic:pme(), true, "6.4.2")
pci.PMCSR:expect { STATE = 0, PME_EN = 1, PME_STATUS = 1 }

step "the header is empty, the registers wait behind it; meanwhile wake-up is off"
pci.COMMAND:expect(0)
pci.BAR0:expect(0)
pci.PMCSR:write { PME_STATUS = 1, PME_EN = 1 }
expect.eq(nic:pme(), false, "seen")
nic:run(s(5))
nic:receive(frame)
nic:run(us(10))
expect.eq(nic:pme(), false, "D0u: no filter, no APM, no link")

step "set up again: the record is whole, the filters are at their reset values"
lab.fold("PCI set-up", function() nic.pci:setup() end)
r.WUS:expect(wake.bits { EX = 1 })
r.WUPL:expect { LEN = 64 }
r.WUPM[0]:expect(0x12005452)
r.WUFC:expect(0)
r.WUC:expect { APME = 0, APMPME = 0, PME_En = 1, PME_Status = 0 }
r.IP4AT[2]:expect(0x01020304)                 -- 13.6.5: not by any reset
r.VET:expect { VET = 0x8100 }                 -- 14.7: no value to go to
r.CTRL:expect { ADVD3WUC = 1, SLU = 0 }       -- the EEPROM has been read
r.WUS:write { EX = 1 }

step "PowerState and PME_Status in one write, as the PCI core of Linux does not, and others may"
asleep_and_woken()
pci.PMCSR:write { STATE = 0, PME_STATUS = 1, PME_EN = 0 }
expect.eq(nic:pme(), false, "all in one")
pci.PMCSR:expect { STATE = 0, PME_STATUS = 0, PME_EN = 0 }
nic:run(ms(10))

-- 6.3.1.2 names memory access, 6.3.2 memory or I/O. The PHY tells which state it is: it sleeps in D0u.
local function phy_alive()
  lab.fold("PCI set-up, the PHY asked", function() nic.pci:setup() end)
  return nic.phy.PSTATUS:read().LINK == 1 or nic.phy.PSTATUS:read().LINK == 1
end
step "D0u ends with I/O access, or with memory access; bus mastering alone does not end it"
for _, row in ipairs { { "IO", true }, { "MEM", true }, { "BME", false } } do
  pci:power(3)
  pci:power(0)
  nic:run(ms(10))
  pci.COMMAND:write { [row[1]] = 1 }
  nic:run(s(2))
  expect.eq(phy_alive(), row[2], row[1])
end

step "a reset takes PowerState back to D0, too"
nic:link_up()
pci:power(3)
pci.PMCSR:expect { STATE = 3 }
nic:pci_reset()
pci.PMCSR:expect { STATE = 0 }
r.STATUS:expect { LU = 0 }
