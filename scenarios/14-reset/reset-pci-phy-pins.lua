-- What the resets do outside the MAC: configuration space, IOADDR, the PHY with its link, the directions of the
-- software-definable pins. CTRL.RST leaves all of it alone; that is why a driver may use it with the link up
-- and interrupts routed.
local nic = scenario { name = "reset-pci-phy-pins", eeprom = { words = { [0x20] = 0x8200 } },
                       manual = { "6.3.1.2", "6.3.3.4", "13.2.2.1", "13.4.1", "13.4.6", "14.7" } }
local r, pci, phy = nic.regs, nic.pci, nic.phy

-- Directions start as the EEPROM has them, 1 for SDP1 and SDP7; the marks are the opposite.
local function leave_marks()
  lab.fold("marks outside the MAC", function()
    r.CTRL:write { SLU = 1, SDP0_IODIR = 1, SDP0_DATA = 1 }
    r.CTRL_EXT:write { SDP6_IODIR = 1, SDP6_DATA = 1 }
    r.STATUS:poll { LU = 1, within = s(3), every = ms(10) }
    phy.ANA:write(0x0de1)
    phy.PINTE:write(0x0400)
    pci.INTLINE:write(0x0b)
    pci.CLS:write(0x08)
    pci.LATENCY:write(0x40)
    pci.COMMAND:set { SERR = 1 }
    pci:msi_on { addr = 0xfee00000, data = 0x4021 }
    pci.PMCSR:write { PME_EN = 1, SELECT = 3 }
    lab.bar_write("io", 0, 4, 0x00e00)
  end)
end

local function pci_state()
  return { line = pci.INTLINE:raw(), cls = pci.CLS:raw(), latency = pci.LATENCY:raw(), command = pci.COMMAND:raw(),
           bar0 = pci.BAR0:raw(), bar2 = pci.BAR2:raw(), msi = pci.MSICTL:raw(), address = pci.MSIADDR:raw(),
           data = pci.MSIDATA:raw(), pmcsr = pci.PMCSR:raw() }
end
local MARKED = { line = 0x0b, cls = 0x08, latency = 0x40, command = 0x0107, bar0 = 0xfeb80000, bar2 = 0xc001, msi = 0x81,
                 address = 0xfee00000, data = 0x4021, pmcsr = 0x2700 }
local LOST = { line = 0, cls = 0, latency = 0, command = 0, bar0 = 0, bar2 = 1, msi = 0x80, address = 0, data = 0,
               pmcsr = 0x2000 }

local function set_up() lab.fold("PCI set-up", function() pci:setup() end) end

step "power-on: the EEPROM's directions"
r.CTRL:expect { SDP0_IODIR = 0, SDP1_IODIR = 1 }
r.CTRL_EXT:expect { SDP6_IODIR = 0, SDP7_IODIR = 1 }

step "CTRL.RST: no change to configuration space, IOADDR and PHY; directions kept, output values from the EEPROM"
leave_marks()
expect.eq(lab.fold("configuration space", pci_state), MARKED, "before")
r.CTRL:set { RST = 1 }
nic:run(ms(5))
expect.eq(lab.fold("configuration space", pci_state), MARKED, "after")
expect.eq(lab.bar_read("io", 0, 4), 0x00e00, "IOADDR")
phy.ANA:expect(0x0de1)
phy.PINTE:expect(0x0400)
phy.PSSTAT:expect { LINK = 1, SPEED = 2 }
r.CTRL:expect { SDP0_IODIR = 1, SDP1_IODIR = 0, SDP0_DATA = 0 }
r.CTRL_EXT:expect { SDP6_IODIR = 1, SDP7_IODIR = 0, SDP6_DATA = 0 }
r.STATUS:expect { LU = 0 }                    -- SLU is back to 0
r.ICR:expect(0)                               -- which is not a change to tell about
r.CTRL:set { SLU = 1 }
r.STATUS:expect { LU = 1 }
r.ICR:expect(0x4)

step "RST#: context lost, IOADDR 0, PHY in hardware reset; directions kept"
leave_marks()
nic:pci_reset { pci = false }
expect.eq(lab.fold("configuration space", pci_state), LOST, "after")
set_up()
expect.eq(lab.bar_read("io", 0, 4), 0, "IOADDR")
phy.ANA:expect(0x01e1)
phy.PINTE:expect(0)
phy.PSSTAT:expect { LINK = 0 }
r.CTRL:expect { SDP0_IODIR = 1, SDP1_IODIR = 0 }
r.CTRL_EXT:expect { SDP6_IODIR = 1, SDP7_IODIR = 0 }

step "D3 to D0: the header is to be programmed again, the PHY is reset; directions kept"
leave_marks()
pci:power(3)
pci:power(0)
nic:run(ms(10))
pci.COMMAND:expect(0)
pci.BAR0:expect(0)
pci.PMCSR:expect { STATE = 0 }
set_up()
phy.ANA:expect(0x01e1)
phy.PSSTAT:expect { LINK = 0 }
r.CTRL:expect { SDP0_IODIR = 1, SDP1_IODIR = 0 }
r.CTRL_EXT:expect { SDP6_IODIR = 1, SDP7_IODIR = 0 }

step "CTRL_EXT.EE_RST: none of it, directions neither"
leave_marks()
r.CTRL_EXT:set { EE_RST = 1 }
nic:run(ms(5))
expect.eq(lab.fold("configuration space", pci_state), MARKED, "after")
expect.eq(lab.bar_read("io", 0, 4), 0x00e00, "IOADDR")
phy.ANA:expect(0x0de1)
phy.PSSTAT:expect { LINK = 1 }
r.CTRL:expect { SDP0_IODIR = 1, SDP1_IODIR = 0 }
r.CTRL_EXT:expect { SDP6_IODIR = 1, SDP7_IODIR = 0 }

step "CTRL.PHY_RST: the PHY alone"
leave_marks()
r.CTRL:set { PHY_RST = 1 }
nic:run(us(3))
r.CTRL:clear { "PHY_RST" }
expect.eq(lab.fold("configuration space", pci_state), MARKED, "after")
expect.eq(lab.bar_read("io", 0, 4), 0x00e00, "IOADDR")
phy.ANA:expect(0x01e1)
r.CTRL:expect { SLU = 1, SDP0_IODIR = 1, SDP1_IODIR = 0, SDP0_DATA = 1 }
r.CTRL_EXT:expect { SDP6_IODIR = 1, SDP7_IODIR = 0, SDP6_DATA = 1 }

step "LAN_PWR_GOOD: everything, and the directions come from the EEPROM once more"
leave_marks()
nic:power_cycle { pci = false }
expect.eq(lab.fold("configuration space", pci_state), LOST, "after")
set_up()
expect.eq(lab.bar_read("io", 0, 4), 0, "IOADDR")
phy.ANA:expect(0x01e1)
phy.PSSTAT:expect { LINK = 0 }
r.CTRL:expect { SDP0_IODIR = 0, SDP1_IODIR = 1 }
r.CTRL_EXT:expect { SDP6_IODIR = 0, SDP7_IODIR = 1 }
