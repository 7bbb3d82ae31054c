-- A board with APM on in its EEPROM: the driver takes magic packets as its default wake option. After shutdown the
-- machine is off, main power gone and RST# held: the same packet wakes it, and again after an unclean power cut,
-- when no driver has prepared anything.
local nic = scenario { name = "shutdown-apm", aux_power = true,
                       eeprom = { words = { [0x0f] = 0xb200, [0x20] = 0x000c, [0x24] = 0x04c8 } },
                       manual = { "5.6.12", "5.6.17", "5.6.26", "6.3", "6.3.1.1", "6.3.2.1", "6.3.2.3", "6.3.3.3", "6.3.3.4", "6.4.1",
                                  "6.4.2", "13.4.1", "13.6.1" } }
local linux, wake = require "linux_e1000", require "wake"
local magic = wake.magic(nic.mac, { dst = "ff:ff:ff:ff:ff:ff" })
local function bus_up()
  lab.pci_reset(false)
  nic:run(ms(10))
  lab.fold("PCI set-up", function() nic.pci:setup() end)
end

step "PMC advertises D3cold: AUX_POWER is there, and ADVD3WUC from word 20h"
nic.pci.PMC:expect { PME = 0x19 }

step "probe, open, link, shutdown: D3, then RST# as main power goes"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
drv:suspend()
nic.pci.PMCSR:expect { STATE = 3, PME_EN = 1 }
nic:run(s(3))
lab.pci_reset(true)
nic:run(s(60))
nic:receive(magic)
nic:run(us(10))
expect.eq(nic:pme(), true, "PME# in D3cold")

step "the machine boots; PME_Status has outlived RST#, and WUS is still there"
bus_up()
expect.eq(nic:pme(), true, "PME_Status and PME_En: AUX_POWER = 1")
nic.pci.PMCSR:expect { STATE = 0, PME_STATUS = 1, PME_EN = 1 }
nic.regs.WUS:expect { MAG = 1 }
nic.pci.PMCSR:write { PME_STATUS = 1 }        -- firmware
expect.eq(nic:pme(), false, "acknowledged")

-- The driver does not clear WUS at probe, only at resume: by 6.4.1 the next magic packet is not looked at.
step "the next session: probe and open; a magic packet is a frame like others, and WUC is 0"
drv = lab.fold("probe", linux.probe, nic)
lab.fold("open", drv.open, drv)
lab.fold("four seconds", drv.run, drv, s(4))
nic.regs.WUC:expect { APME = 0, APMPME = 0 }
nic:receive(magic)
lab.fold("1 ms", drv.run, drv, ms(1))
expect.eq(#drv:received(), 1, "received")
expect.eq(nic:pme(), false, "APM is off while the driver runs")
nic.regs.WUS:expect { MAG = 1 }

step "the mains fail, and come back: nobody has prepared anything, APM is on from the EEPROM"
lab.power_good(false)
lab.pci_reset(true)
nic:run(s(1))
lab.power_good(true)
nic:run(s(3))
nic:receive(magic)
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#, with PME_En = 0")
bus_up()
nic.pci.PMCSR:expect { PME_STATUS = 1, PME_EN = 0 }
nic.regs.WUS:expect(wake.bits { MAG = 1 })
