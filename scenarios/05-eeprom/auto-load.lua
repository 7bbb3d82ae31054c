-- Every field that hardware takes from the EEPROM, fed with a value that is not its default, and then again
-- with the opposite. What no word feeds must keep its reset value. One swapped bit here, and a board comes up
-- with the wrong duplex, LED or wake-up.
local nic = scenario { name = "auto-load",
                       eeprom = { mac = "02:9b:c3:f4:05:76",
                                  words = { [0x0a] = 0x6a0b, [0x0f] = 0xf200, [0x20] = 0xc3cf, [0x23] = 0xa3c6,
                                            [0x24] = 0x04c8, [0x25] = 0xa8c0, [0x26] = 0x2a01, [0x27] = 0x80fe,
                                            [0x28] = 0x0102, [0x29] = 0x0304, [0x2a] = 0x0506, [0x2b] = 0x0708,
                                            [0x2c] = 0x090a, [0x2d] = 0x0b0c, [0x2e] = 0x0d0e, [0x2f] = 0x89c5 } },
                       manual = { "5.1", "5.4", "5.6.1", "5.6.7", "5.6.12", "5.6.17", "5.6.24", "5.6.25", "5.6.26",
                                  "5.6.27", "5.6.28", "5.6.29", "8.6.2.1", "13.4.1", "13.4.6", "13.4.15", "13.5.2", "13.5.3",
                                  "13.6.1", "13.6.4", "13.6.5", "13.6.6" } }
local r = nic.regs

step "words 00h-02h: the station address, low byte of a word first on the wire"
expect.eq(nic.mac, "02:9b:c3:f4:05:76", "as declared")
r.RAL[0]:expect { RAL = 0xf4c39b02 }
r.RAH[0]:expect { RAH = 0x7605, AS = 0, AV = 1 }  -- 5.6.1 silent on AV; magic packets need it before a driver

step "0Ah bits 11, 10, 9; 0Fh bit 14; 20h bits 9, 8, 3, 2, 1, 0; SLU because 24h bit 10 enables APM"
r.CTRL:expect { FRCSPD = 1, FD = 0, LRST = 1, ASDE = 1, SLU = 1, SDP0_DATA = 1, SDP1_DATA = 1, ADVD3WUC = 1,
                EN_PHY_PWR_MGMT = 1, SDP0_IODIR = 1, SDP1_IODIR = 1 }
r.CTRL:expect(0x00fc0a68)                     -- SPEED 10b is the reset value

step "20h bits 15, 14, 7, 6"
r.CTRL_EXT:expect { SDP6_DATA = 1, SDP7_DATA = 1, SDP6_IODIR = 1, SDP7_IODIR = 1, EE_RST = 0, ASDCHK = 0 }
r.CTRL_EXT:expect(0x00000dc0)

step "2Fh: groups of LED0 and LED2; LED1 and LED3 keep their reset values"
r.LEDCTL:expect { LED0_MODE = 5, LED0_IVRT = 1, LED0_BLINK = 1, LED1_MODE = 3, LED1_IVRT = 0, LED1_BLINK = 1,
                  LED2_MODE = 9, LED2_IVRT = 0, LED2_BLINK = 1, LED3_MODE = 7, LED3_IVRT = 0, LED3_BLINK = 0 }

step "0Fh bit 15 and 24h bit 10: wake-up"
r.WUC:expect { APME = 1, APMPME = 1, PME_En = 0, PME_Status = 0 }

step "23h: management bits in place, IPv4 and IPv6 address valid"
r.MANC:expect { SMBUS_EN = 0, ASF_EN = 1, R_ON_FORCE = 1, RMCP_026F_EN = 1, RMCP_0298_EN = 1, ARP_EN = 1, RSP_EN = 1 }
r.IPAV:expect { V40 = 1, V41 = 0, V42 = 0, V43 = 0, V60 = 1 }
r.IP4AT[0]:expect(0x2a01a8c0)                 -- 192.168.1.42, first byte in the lowest lane
r.IP6AT[0]:expect(0x010280fe)
r.IP6AT[1]:expect(0x05060304)
r.IP6AT[2]:expect(0x090a0708)
r.IP6AT[3]:expect(0x0d0e0b0c)

step "every other register has its reset value"
nic:expect_reset_values("power")

step "SLU = 1 without a driver: after CTRL.RST the MAC has the PHY's link as soon as the load is over"
nic:run(s(2))
r.STATUS:expect { LU = 1 }
r.CTRL:write { RST = 1 }
nic:run(us(675) - 1)                          -- 13.4.4 silent: 27 words of 25 us
r.STATUS:expect { LU = 0 }
r.ICR:expect(0)
nic:run(ns(1))
r.STATUS:expect { LU = 1 }
r.ICR:expect(0x4)

step "the opposite of each bit, loaded by loss of power"
lab.fold("programming", function()
  nic.eeprom:request()
  local wire = nic.eeprom.wire
  wire:ewen()
  for address, value in pairs { [0x00] = 0x64fd, [0x01] = 0x0b3c, [0x02] = 0x89fa, [0x0a] = 0x640b, [0x0f] = 0x3200,
                                [0x20] = 0x0000, [0x23] = 0x0000, [0x24] = 0x00c8, [0x25] = 0x1111,
                                [0x27] = 0x2222, [0x2f] = 0x460a } do
    wire:write(address, value)
  end
  nic.eeprom:release()
end)
nic:power_cycle()
r.RAL[0]:expect { RAL = 0x0b3c64fd }
r.RAH[0]:expect { RAH = 0x89fa, AV = 1 }
r.CTRL:expect(0x00000201)                     -- FD alone; SDP pins are inputs and low
r.CTRL_EXT:expect(0x00000100)
r.LEDCTL:expect { LED0_MODE = 10, LED0_IVRT = 0, LED0_BLINK = 0, LED2_MODE = 6, LED2_IVRT = 1, LED2_BLINK = 0 }
r.WUC:expect { APME = 0, APMPME = 0 }
r.MANC:expect(0)
r.IPAV:expect(0)
r.IP4AT[0]:expect(0x2a01a8c0)                 -- not marked valid, so not loaded; no reset clears it
r.IP6AT[0]:expect(0x010280fe)
nic:expect_reset_values("power")

step "SMBus enable, word 23h bit 0, starts with SLU = 1, too"
lab.fold("programming", function()
  nic.eeprom:request()
  nic.eeprom.wire:ewen()
  nic.eeprom.wire:write(0x23, 0x0001)
  nic.eeprom:release()
end)
nic:power_cycle()
r.CTRL:expect { SLU = 1 }
r.MANC:expect { SMBUS_EN = 1, ASF_EN = 0, R_ON_FORCE = 0 }
