-- One read on the four wires, seen edge by edge: the part looks at DI when SK rises, waits for a start bit,
-- answers the last address bit with a 0 and then brings D15 to D0, one bit a rising edge. Drivers have this
-- loop by heart; one edge too many or too few and every word is shifted.
local nic = scenario { name = "bit-banged-read", eeprom = { words = { [0x15] = 0x9a35 } },
                       manual = { "5.3", "5.3.1", "13.4.3" } }
local r, wire = nic.regs, nic.eeprom.wire

step "pins without a grant do not reach the part; DO is low while it is not selected"
r.EECD:write { FWE = 1, CS = 1, SK = 1, DI = 1 }
expect.bad("eeprom-pins-no-grant")
r.EECD:expect { CS = 1, SK = 1, DI = 1, EE_REQ = 0, EE_GNT = 0, DO = 0 }
r.EECD:write { FWE = 1 }
expect.bad("eeprom-pins-no-grant")

step "request and grant"
r.EECD:write { FWE = 1, EE_REQ = 1 }
r.EECD:expect { EE_REQ = 1, EE_GNT = 1, EE_PRES = 1, EE_SIZE = 0 }
r.EECD:expect(0x000001d0)

-- Clock one bit in; what DO shows while SK is high.
local function clock(bit)
  wire:pins { CS = 1, DI = bit }
  wire:pins { CS = 1, DI = bit, SK = 1 }
  local level = wire:DO()
  wire:pins { CS = 1, DI = bit }
  expect.eq(wire:DO(), level, "the falling edge changes nothing")
  return level
end

step "selected: zeros before the start bit are nothing"
wire:select()
lab.fold("three clocks with DI low", function()
  for _ = 1, 3 do expect.eq(clock(0), 0, "DO before the start bit") end
end)

step "start bit, 10b, address 010101b: DO stays low, and with the last address bit it is the dummy 0"
lab.fold("nine clocks", function()
  for _, bit in ipairs { 1, 1, 0, 0, 1, 0, 1, 0, 1 } do expect.eq(clock(bit), 0, "DO") end
end)

step "D15 comes with the very next rising edge, D0 with the sixteenth: 9A35h"
local value = 0
lab.fold("sixteen clocks", function()
  for _ = 1, 16 do value = value << 1 | clock(0) end
end)
expect.eq(value, 0x9a35, "word 15h")

step "after the last bit DO floats; DI does not start anything before CS has fallen"
lab.fold("twelve clocks with DI high", function()
  for _ = 1, 12 do expect.eq(clock(1), 0, "DO") end
end)
wire:deselect()

step "clocks while it is not selected do nothing: the next read is whole"
lab.fold("five clocks with CS low", function()
  for _ = 1, 5 do
    wire:pins { DI = 1 }
    wire:pins { DI = 1, SK = 1 }
  end
  wire:pins {}
end)
expect.eq(wire:read(0x15), 0x9a35, "word 15h")

step "first and last bit alone: 0001h and 8100h"
expect.eq(wire:read(0x09), 0x0001, "word 09h")
expect.eq(wire:read(0x30), 0x8100, "word 30h")

step "CS falls in the middle of the address: the instruction is forgotten"
wire:select()
wire:out(6, 3)
wire:out(0x05, 4)
wire:deselect()
expect.eq(wire:read(0x00), 0x5452, "word 00h, from its own start bit")

step "SK held high through CS rising is no edge"
wire:pins { SK = 1, DI = 1 }
wire:pins { CS = 1, SK = 1, DI = 1 }
wire:pins { CS = 1 }
wire:out(6, 3)
wire:out(0x15, 6)
expect.eq(wire:bits_in(16), 0x9a35, "word 15h")
wire:deselect()

step "release: the grant goes with the request"
nic.eeprom:release()
r.EECD:expect { EE_REQ = 0, EE_GNT = 0 }
r.EECD:expect(0x00000110)
expect.eq(nic.eeprom:words()[0x15], 0x9a35, "a read changes nothing")
