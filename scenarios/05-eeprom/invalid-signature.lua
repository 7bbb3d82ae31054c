-- Word 0Ah without the signature 01b: hardware reads no other word and runs on its own defaults. The part is
-- still there for software: that is how a blank board gets its first image.
local nic = scenario { name = "invalid-signature",
                       eeprom = { words = { [0x0a] = 0xac0b, [0x0b] = 0x1111, [0x0d] = 0x2222, [0x0f] = 0xf280,
                                            [0x20] = 0xc3cf, [0x23] = 0xa3c7, [0x24] = 0x0cc8, [0x25] = 0x4444,
                                            [0x2f] = 0x8945 } },
                       manual = { "5.2", "5.4", "5.6.7", "13.4.1", "13.4.6", "13.4.15", "13.5.3" } }
local r, pci = nic.regs, nic.pci

step "the silicon's IDs, MSI listed, 32-bit BARs (4.1 silent: our choice; boards have them)"
expect.eq(pci:read(0x00, 4), 0x100e8086, "IDs")
expect.eq(pci:read(0x2c, 4), 0x10088086, "subsystem")
expect.eq(pci:capability(0x05), 0xf0, "MSI")
expect.eq(pci:bar_size(0), 0x20000, "registers")
expect.eq(pci:bar_size(2), 64, "I/O in the third BAR")

step "registers as chapter 13 prints them"
r.CTRL:expect(0x00000a09)
r.CTRL_EXT:expect(0x00000100)
r.LEDCTL:expect(0x07068302)
r.WUC:expect(0)
r.MANC:expect(0)
r.IPAV:expect(0)
r.RAH[0]:expect { AV = 0 }                    -- no address: nothing matches
nic:expect_reset_values("power")

step "the load is one word long: the wires are free after it (13.4.4 silent: 25 us a word)"
r.CTRL:write { RST = 1 }
nic:run(us(1))
r.EECD:write { FWE = 1, EE_REQ = 1 }
nic:run(us(24) - 1)
r.EECD:expect { EE_GNT = 0 }
nic:run(ns(1))
r.EECD:expect { EE_GNT = 1, EE_PRES = 1 }

step "software repairs the signature; the next reset loads everything"
local wire = nic.eeprom.wire
expect.eq(wire:read(0x0a), 0xac0b, "bit 15 is wrong")
wire:ewen()
expect.eq(wire:write(0x0a, 0x6c0b), true, "ready")
nic.eeprom:release()
r.CTRL:expect(0x00000a09)                     -- writing the part loads nothing by itself
nic:pci_reset()
expect.eq(pci:read(0x00, 4), 0x22228086, "word 0Dh")
expect.eq(pci:capability(0x05), nil, "word 0Fh bit 7")
r.CTRL:expect { ASDE = 1, SLU = 1, FD = 1, ADVD3WUC = 1 }
r.LEDCTL:expect { LED0_MODE = 5, LED2_MODE = 9 }
r.RAL[0]:expect { RAL = 0x12005452 }
r.RAH[0]:expect { RAH = 0x5634, AV = 1 }
