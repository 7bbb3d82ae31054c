-- A board without an EEPROM works on defaults and says so in EECD; a driver then has to bring its own MAC
-- address. Silent: what EERD and the wires do. Our choice: they answer with zeros instead of hanging the
-- drivers that poll them.
local nic = scenario { name = "no-eeprom", eeprom = { size = 0 }, golden = { "wire" },
                       manual = { "5.4", "5.6.7", "13.4.1", "13.4.3", "13.4.4", "13.5.3" } }
local r, pci = nic.regs, nic.pci

step "EECD: none present"
r.EECD:expect { EE_PRES = 0, EE_SIZE = 0, EE_GNT = 0, FWE = 1 }

step "defaults everywhere"
expect.eq(pci:read(0x00, 4), 0x100e8086, "IDs")
expect.eq(pci:read(0x2c, 4), 0x10088086, "subsystem")
r.CTRL:expect(0x00000a09)
r.LEDCTL:expect(0x07068302)
r.RAH[0]:expect { AV = 0 }
nic:expect_reset_values("power")

step "EERD ends, with nothing; so do the wires"
r.EERD:write { START = 1, ADDR = 0x0a }
r.EERD:expect(r.EERD:poll { DONE = 1, within = us(30) }.raw)
r.EERD:expect { DATA = 0, DONE = 1 }
nic.eeprom:request()
expect.eq(nic.eeprom.wire:read(0x0a), 0, "DO stays low")
nic.eeprom.wire:ewen()
expect.eq(nic.eeprom.wire:write(0x0a, 0x6c0b), false, "never ready")
nic.eeprom:release()
expect.eq(nic.eeprom.wire:DO(), 0, "released")

step "the driver gives it an address and it works"
nic:link_up { speed = 1000, duplex = "full" }
local tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 8, BAM = 1 }
r.RAL[0]:write(0x56341202)
r.RAH[0]:write { RAH = 0xbc9a, AV = 1 }
local mine = "02:12:34:56:9a:bc"
tx:send(pkt.eth { src = mine, dst = "02:00:00:00:00:02" } / pkt.pattern(50))
expect.frame(nic:sent()[1], { eth = { src = mine } })
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = mine } / pkt.pattern(50)
nic:receive(frame)
nic:run(us(10))
rx:expect(0, { DD = 1, EOP = 1, LENGTH = #frame + 4 })
