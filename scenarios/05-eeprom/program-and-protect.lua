-- Programming the part: nothing is written before EWEN and nothing after EWDS, WRITE and ERASE hit one word,
-- WRAL and ERAL all of them, and a cycle takes its time (5 ms, a 93C46's typical value) during which DO says
-- busy and the part takes no instruction. A half-finished instruction must never spoil a word.
local nic = scenario { name = "program-and-protect", manual = { "5.3", "5.3.1", "13.4.3" } }
local wire, r = nic.eeprom.wire, nic.regs
local before = nic.eeprom:words()
local function word(address) return nic.eeprom:words()[address] end
nic.eeprom:request()

step "as it comes out of power-on: every programming instruction is void, and no cycle shows"
expect.eq(wire:write(0x30, 0x1234), false, "write")
expect.eq(wire:erase(0x30), false, "erase")
expect.eq(wire:eral(), false, "erase all")
expect.eq(wire:wral(0x5555), false, "write all")
expect.eq(nic.eeprom:words(), before, "64 words as they were")

step "EWEN, WRITE 30h: the cycle starts with the falling edge of CS and takes 5 ms"
wire:ewen()
lab.fold("WRITE 30h beefh, CS stays high", function()
  wire:instruction(1, 0x30)
  wire:out(0xbeef, 16)
end)
expect.eq(word(0x30), before[0x30], "all bits are in, CS is high: not yet")
local half = wire.half
wire.half = 0                                 -- CS falls and rises without time passing
wire:deselect()
wire:pins { CS = 1 }
wire.half = half
expect.eq(wire:DO(), 0, "busy")
nic:run(ms(5) - 1)
expect.eq(wire:DO(), 0, "busy until the last nanosecond")
nic:run(ns(1))
expect.eq(wire:DO(), 1, "ready")
wire:out(0, 1)
expect.eq(wire:DO(), 1, "ready is shown until a start bit")
wire:out(1, 1)
expect.eq(wire:DO(), 0, "which ends it")
wire:deselect()
expect.eq(wire:read(0x30), 0xbeef, "written")
expect.eq(word(0x2f), before[0x2f], "the word before")
expect.eq(word(0x31), before[0x31], "the word behind")

step "an instruction while a cycle runs is not heard"
lab.fold("two WRITEs at once, without waiting for the first", function()
  for address, value in pairs { [0x31] = 0x1111, [0x32] = 0x2222 } do
    wire:instruction(1, address)
    wire:out(value, 16)
    wire:deselect()
  end
end)
nic:run(ms(5))
expect.eq(word(0x31), 0x1111, "the first")
expect.eq(word(0x32), before[0x32], "the second")

step "fifteen of sixteen data bits, then CS falls: nothing is written"
lab.fold("WRITE 30h, one bit short", function()
  wire:instruction(1, 0x30)
  wire:out(0x7fff, 15)
  wire:deselect()
end)
nic:run(ms(6))
expect.eq(word(0x30), 0xbeef, "as before")

step "ERASE sets one word to FFFFh"
expect.eq(wire:erase(0x31), true, "ready after the cycle")
expect.eq(word(0x31), 0xffff, "erased")
expect.eq(word(0x30), 0xbeef, "the word before")

step "EWDS: the same instructions are void again"
wire:ewds()
expect.eq(wire:write(0x30, 0), false, "write")
expect.eq(wire:erase(0x30), false, "erase")
expect.eq(wire:wral(0), false, "write all")
expect.eq(wire:eral(), false, "erase all")
expect.eq(word(0x30), 0xbeef, "as before")

step "EWEN holds over the end of the grant and over CTRL.RST: the part knows no reset"
wire:ewen()
nic.eeprom:release()
nic:reset()
nic.eeprom:request()
expect.eq(wire:write(0x3d, 0x0102), true, "still enabled")
expect.eq(word(0x3d), 0x0102, "written")

step "WRAL writes all, ERAL erases all"
expect.eq(wire:wral(0x6c5a), true, "ready after the cycle")
for address, value in pairs(nic.eeprom:words()) do expect.eq(value, 0x6c5a, string.format("word %02xh", address)) end
expect.eq(wire:eral(), true, "ready after the cycle")
for address, value in pairs(nic.eeprom:words()) do expect.eq(value, 0xffff, string.format("word %02xh", address)) end

step "loss of power disables it"
nic:power_cycle()
nic.eeprom:request()
expect.eq(wire:write(0x00, 0), false, "write")
expect.eq(word(0x00), 0xffff, "as before")
