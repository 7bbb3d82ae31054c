-- The larger part, a 93C66: EECD says so, its address has 8 bits, and EERD reaches all 256 words.
local nic = scenario { name = "eerd-256-words", needs = { "virtual-time" }, eeprom = { size = 256, words = { [0x80] = 0x1234, [0xff] = 0xfedc } },
                       manual = { "5.3", "13.4.3", "13.4.4" } }
local r = nic.regs

step "EE_SIZE: 256 words"
r.EECD:expect { EE_PRES = 1, EE_SIZE = 1, EE_REQ = 0, EE_GNT = 0, FWE = 1, SK = 0, CS = 0, DI = 0 }

step "two more address bits, two more clocks"
r.EERD:write { START = 1, ADDR = 0xff }
nic:run(us(27) - 1)
r.EERD:expect { DONE = 0 }
nic:run(ns(1))
r.EERD:expect { DONE = 1, ADDR = 0xff, DATA = 0xfedc }

step "word 80h is not word 00h"
expect.eq(nic.eeprom:read(0x80), 0x1234, "word 80h")
expect.eq(nic.eeprom:read(0x00), 0x5452, "word 00h")

step "the four wires need 8 address bits, too: with 6 the part waits for more"
nic.eeprom:request()
local wire = nic.eeprom.wire
expect.eq(wire:read(0xff), 0xfedc, "word FFh")
expect.eq(wire:read(0x80), 0x1234, "word 80h")
wire.address_bits = 6
expect.ne(wire:read(0x00), 0x5452, "too short an address")
wire.address_bits = 8
expect.eq(wire:read(0x00), 0x5452, "word 00h")

step "writing it"
wire:ewen()
expect.eq(wire:write(0xc0, 0xa55a), true, "ready after the cycle")
expect.eq(wire:erase(0xff), true, "ready after the cycle")
nic.eeprom:release()
local words = nic.eeprom:words()
expect.eq(words[0xc0], 0xa55a, "written")
expect.eq(words[0xff], 0xffff, "erased")
expect.eq(words[0x40], 0xffff, "its alias in a smaller part is not touched")
expect.eq(words[0x00], 0x5452, "nor is this one")
expect.eq(nic.eeprom:read(0xc0), 0xa55a, "and by EERD")
