-- APM: a board that is soldered or shipped with wake-on-LAN on (EEPROM word 24h bit 10) wakes by magic packet
-- before any driver has run. WUC.APMPME (word 0Fh bit 15) makes it PME#, which stays until one of four things
-- is done.
local nic = scenario { name = "apm-wake", pci = false,
                       eeprom = { words = { [0x0f] = 0xb200, [0x24] = 0x04c8 } },
                       manual = { "5.6.12", "5.6.26", "6.2", "6.3.1.2", "6.3.1.3", "6.3.2.1", "6.3.3.4", "6.4.1",
                                  "6.4.3.1.4", "13.4.1", "13.6.1", "13.6.3", "13.6.7", "13.6.8" } }
local wake = require "wake"
local r, mac = nic.regs, nic.mac
local magic = wake.magic(mac, { after = "first" })

step "D0u: nothing is decoded, no driver has been here, the link is up by SLU from the EEPROM"
nic:run(s(3))
nic.pci.COMMAND:expect(0)
nic:receive(wake.magic("02:00:00:00:00:77"))
nic:receive(pkt.eth { dst = mac } / pkt.pattern(200))
nic:run(us(10))
expect.eq(nic:pme(), false, "no magic packet for us so far")

step "the magic packet: PME_Status and PME#, though PME_En is 0"
nic:receive(magic)
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")
nic.pci.PMCSR:expect { PME_STATUS = 1, PME_EN = 0, STATE = 0 }

step "the system comes up: the card is set up, APM stays on, and WUS tells why"
lab.fold("PCI set-up", function() nic.pci:setup() end)
expect.eq(nic:pme(), true, "6.4.1: until the driver does something about it")
r.WUC:expect { APME = 1, APMPME = 1, PME_Status = 1, PME_En = 0 }
r.WUS:expect(wake.bits { MAG = 1 })
r.WUPL:expect { LEN = #magic + 4 }
r.WUPM[0]:expect(0x12005452)
r.CTRL:expect { SLU = 1 }
r.RAH[0]:expect { AV = 1 }

local function again(why)
  nic:receive(magic)
  nic:run(us(10))
  expect.eq(nic:pme(), true, why)
end

step "PME# ends when WUS.MAG is cleared; PME_Status stays"
r.WUS:write { EX = 1, BC = 1 }
expect.eq(nic:pme(), true, "other bits")
r.WUS:write { MAG = 1 }
expect.eq(nic:pme(), false, "MAG")
r.WUC:expect { PME_Status = 1 }
r.WUC:write { APME = 1, APMPME = 1, PME_Status = 1 }

step "or when APMPME is cleared; set again it does not come back"
again "APMPME"
r.WUC:write { APME = 1 }
expect.eq(nic:pme(), false, "APMPME = 0")
r.WUC:write { APME = 1, APMPME = 1 }
expect.eq(nic:pme(), false, "nothing new has happened")
wake.clear(nic)

step "or when APM is disabled"
again "APME"
r.WUC:write { APMPME = 1 }
expect.eq(nic:pme(), false, "APME = 0")
r.WUC:write { APME = 1, APMPME = 1 }
expect.eq(nic:pme(), false, "nothing new has happened")
wake.clear(nic)

step "or when PME_Status is cleared (6.3.3.4)"
again "PME_Status"
nic.pci.PMCSR:write { PME_STATUS = 1 }
expect.eq(nic:pme(), false, "PME_Status = 0")
r.WUS:expect(wake.bits { MAG = 1 })

step "the first magic packet is kept, and no other counts, until MAG is cleared"
nic:receive(wake.magic(mac, { after = "the second, which is longer" }))
nic:run(us(10))
expect.eq(nic:pme(), false, "MAG stands")
r.WUPL:expect { LEN = #magic + 4 }
wake.clear(nic)

step "APMPME = 0: recorded, but neither PME_Status nor PME#"
r.WUC:write { APME = 1 }
nic:receive(magic)
nic:run(us(10))
r.WUS:expect(wake.bits { MAG = 1 })
r.WUC:expect { PME_Status = 0 }
expect.eq(nic:pme(), false, "APMPME = 0")
r.WUC:write { APME = 1, PME_En = 1 }
expect.eq(nic:pme(), false, "PME_En does not help: it was no ACPI wake-up")
wake.clear(nic)

step "APM looks for magic packets and nothing else; a broadcast one needs no RCTL.BAM"
r.WUC:write { APME = 1, APMPME = 1 }
nic:receive { pkt.eth { dst = mac } / pkt.pattern(46) }
nic:receive { pkt.eth { dst = "ff:ff:ff:ff:ff:ff" } / pkt.arp {}, pad = true }
nic:run(us(10))
r.WUS:expect(wake.bits())
nic:receive(wake.magic(mac, { dst = "ff:ff:ff:ff:ff:ff" }))
nic:run(us(10))
r.WUS:expect(wake.bits { MAG = 1 })
expect.eq(nic:pme(), true, "broadcast")
wake.clear(nic)

-- 6.4.1 names MAG, 6.4.2 any received bit. Our choice: a packet that woke by ACPI cannot keep a magic one from
-- waking by APM; WUPL and WUPM stay with the first packet (13.6.7).
step "a magic packet behind another wake-up packet"
wake.filters(nic, { EX = 1 })
local first = tostring(pkt.eth { dst = mac } / pkt.pattern(70))
nic:receive(first)
nic:run(us(10))
r.WUC:write { APME = 1, APMPME = 1, PME_Status = 1 }
expect.eq(nic:pme(), false, "acknowledged; EX stands")
nic:receive(magic)
nic:run(us(10))
expect.eq(nic:pme(), true, "APM")
r.WUS:expect(wake.bits { EX = 1, MAG = 1 })
r.WUPL:expect { LEN = #first + 4 }
wake.clear(nic)

step "ACPI's own magic filter beside it: one bit, and PME# as long as either wants it"
r.WUFC:write { MAG = 1 }
r.WUC:write { APME = 1, APMPME = 1, PME_En = 1 }
nic:receive(magic)
nic:run(us(10))
expect.eq(nic:pme(), true, "both")
r.WUS:write { MAG = 1 }
expect.eq(nic:pme(), true, "6.4.2: PME_Status and PME_En")
r.WUC:write { APME = 1, APMPME = 1, PME_En = 0 }
expect.eq(nic:pme(), false, "neither")
r.WUC:write { APME = 1, APMPME = 1, PME_En = 1 }
expect.eq(nic:pme(), true, "PME_Status has not been cleared")
r.WUC:write { APME = 1, APMPME = 1, PME_En = 1, PME_Status = 1 }
expect.eq(nic:pme(), false, "now it has")
