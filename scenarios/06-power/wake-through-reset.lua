-- ACPI wake-up and the edges of RST#: what was enabled stays so in D3 and in Dr, and ends as RST# rises. Whether
-- PME_En and PME_Status outlive that is AUX_POWER's question; loss of power takes them either way.
local nic = scenario { name = "wake-through-reset",
                       manual = { "6.2", "6.3", "6.3.1.1", "6.3.1.4", "6.3.2.3", "6.3.2.4", "6.3.3", "6.3.3.4", "13.6.1",
                                  "13.6.2", "13.6.3", "13.6.4", "14.7" } }
local wake = require "wake"
local r = nic.regs
local frame = tostring(pkt.eth { dst = nic.mac, src = "02:00:00:00:00:02" } / pkt.pattern(46))

local function enable()
  nic:link_up()
  r.IPAV:write { V41 = 1, V60 = 1 }
  r.FFLT[1]:write { LEN = 99 }
  wake.filters(nic, { EX = 1 })
end
local function arrives(woken, why)
  nic:receive(frame)
  nic:run(us(10))
  expect.eq(nic:pme(), woken, why)
end
local function wake_up()
  nic:run(ms(10))
  lab.fold("PCI set-up", function() nic.pci:setup() end)
end

step "D3, then RST# falls: Dr is as D3; nothing was woken by the edge"
enable()
wake.sleep(nic)
nic:run(s(1))
lab.pci_reset(true)
expect.eq(nic:pme(), false, "so far")
expect.eq(lab.config_read(0, 4), 0xffffffff, "the PCI pins float")
nic:run(s(10))
arrives(true, "PME# is the one pin that works")

step "RST# rises without AUX_POWER: PMCSR and WUC are as after power-up, PME# is released, WUS stays"
lab.pci_reset(false)
expect.eq(nic:pme(), false, "AUX_POWER = 0")
wake_up()
nic.pci.PMCSR:expect { PME_EN = 0, PME_STATUS = 0, STATE = 0 }
r.WUC:expect(0)
r.WUS:expect(wake.bits { EX = 1 })
-- 13.6 spares WUFC and IPAV with AUX_POWER = 1, 14.7 does not; here both clear them.
r.WUFC:expect(0)
r.IPAV:expect(0)
r.FFLT[1]:expect(0)

step "straight from D0: the same"
enable()
lab.pci_reset(true)
nic:run(s(1))
arrives(true, "Dr")
lab.pci_reset(false)
wake_up()
r.WUS:expect(wake.bits { EX = 1 })
wake.clear(nic)

step "with AUX_POWER: PME_En and PME_Status outlive it, and PME# stays until the system has seen it"
nic:aux_power(true)
enable()
wake.sleep(nic)
lab.pci_reset(true)
arrives(true, "Dr")
lab.pci_reset(false)
expect.eq(nic:pme(), true, "AUX_POWER = 1")
wake_up()
expect.eq(nic:pme(), true, "still")
nic.pci.PMCSR:expect { PME_EN = 1, PME_STATUS = 1, STATE = 0, SELECT = 0 }
r.WUC:expect { PME_En = 1, PME_Status = 1, APME = 0, APMPME = 0 }

-- 13.6.2 and 13.6.4 would keep WUFC and IPAV; 6.3.1.2 has wake-up disabled after RST#, 14.7 resets them. Our
-- choice: reset. A BIOS that finds the card does not expect it to wake again.
step "the filters are off all the same"
r.WUFC:expect(0)
r.IPAV:expect(0)
r.FFLT[1]:expect(0)
nic.pci.PMCSR:write { PME_EN = 1, PME_STATUS = 1 }
expect.eq(nic:pme(), false, "seen")
r.WUS:write { EX = 1 }
nic:link_up()
arrives(false, "no filter")
r.WUS:expect(wake.bits())

-- 14.7's list keeps the two bits with AUX_POWER = 1 even here; its last paragraph, 6.3.3 and 13.6.1 reset them.
step "loss of power takes PME_En and PME_Status, AUX_POWER or not, and WUS"
enable()
nic:receive(frame)
nic:run(us(10))
expect.eq(nic:pme(), true, "woken")
lab.power_good(false)
expect.eq(nic:pme(), false, "no power")
nic:run(ms(1))
lab.power_good(true)
expect.eq(nic:pme(), false, "nothing is left")
wake_up()
nic.pci.PMCSR:expect { PME_EN = 0, PME_STATUS = 0 }
r.WUC:expect(0)
r.WUS:expect(wake.bits())
r.WUPL:expect(0)

step "AUX_POWER is a level: what counts is what it is when RST# rises"
nic:aux_power(false)
enable()
nic:receive(frame)
nic:run(us(10))
lab.pci_reset(true)
nic:aux_power(true)
lab.pci_reset(false)
expect.eq(nic:pme(), true, "1 at the edge")
nic:aux_power(false)
expect.eq(nic:pme(), true, "it changes nothing by itself")
lab.pci_reset(true)
lab.pci_reset(false)
expect.eq(nic:pme(), false, "0 at the edge")
