-- A word through EERD: START with the address, DONE when the word has come. It takes as long as the wires
-- need, nothing is ready before, and no word read this way lands in a register, not even the MAC address.
-- Silent: how long. Our choice: one clock of the 1 MHz part a bit, start 1, opcode 2, address 6, data 16.
local nic = scenario { name = "eerd-read", needs = { "virtual-time" }, eeprom = { mac = "52:54:00:12:34:56", words = { [0x3e] = 0x8001 } },
                       manual = { "5.2", "5.3.1", "5.6.1", "13.4.4" } }
local r = nic.regs

step "word 00h: not done a nanosecond before the 25th clock is over"
r.EERD:write { START = 1, ADDR = 0x00 }
r.EERD:expect { START = 0, DONE = 0, ADDR = 0x00 }
nic:run(us(25) - 1)
r.EERD:expect { DONE = 0 }
nic:run(ns(1))
r.EERD:expect { START = 0, DONE = 1, ADDR = 0x00, DATA = 0x5452 }
r.EERD:expect(0x54520010)

step "it stays until the next one starts, which takes DONE away"
nic:run(ms(1))
r.EERD:expect(0x54520010)
r.EERD:write { START = 1, ADDR = 0x3e }
r.EERD:expect { START = 0, DONE = 0, ADDR = 0x3e }
r.EERD:expect(r.EERD:poll { DONE = 1, within = us(26) }.raw)
r.EERD:expect { ADDR = 0x3e, DATA = 0x8001 }
expect.silent("eerd-while-busy", "one after the other")

step "software cannot write DONE or DATA, nor start by an address alone"
r.EERD:write(0xffff0510)
nic:run(us(100))
r.EERD:expect { DONE = 1, DATA = 0x8001, ADDR = 0x05, START = 0 }

step "a second START while a read is under way is lost; the first goes on"
r.EERD:write { START = 1, ADDR = 0x01 }
nic:run(us(10))
r.EERD:write { START = 1, ADDR = 0x02 }
expect.bad("eerd-while-busy")
nic:run(us(15) - 1)
r.EERD:expect { DONE = 0, ADDR = 0x01 }
nic:run(ns(1))
r.EERD:expect { DONE = 1, ADDR = 0x01, DATA = 0x1200 }
nic:run(us(25))
r.EERD:expect { ADDR = 0x01, DATA = 0x1200 }

step "the address register is not touched by reading the words that it came from"
r.RAL[0]:write(0x01020304)
r.RAH[0]:write { RAH = 0x0506, AV = 1 }
r.CTRL:write { SLU = 1 }
for address = 0, 2 do nic.eeprom:read(address) end
nic.eeprom:read(0x0a)
nic.eeprom:read(0x24)
r.RAL[0]:expect(0x01020304)
r.RAH[0]:expect { RAH = 0x0506, AV = 1 }
r.CTRL:expect { SLU = 1, FD = 0, FRCSPD = 0 }

step "all 64 words, as the programmer wrote them"
local image = nic.eeprom.image
lab.fold("64 words", function()
  for address = 0, 63 do
    expect.eq(nic.eeprom:read(address), image[address], string.format("word %02xh", address))
  end
end)

-- A driver that reads 256 words to find the size sees the 64 again and again, as from the wires of a small part; Linux goes by
-- EECD.EE_SIZE.
step "beyond the part's end its missing address bits do not count (silent: our choice)"
expect.eq(nic.eeprom:read(0x40), image[0], "word 40h of 64")
expect.eq(nic.eeprom:read(0xff), image[0x3f], "word FFh of 64")
expect.irq(false, "no part of this interrupts")
