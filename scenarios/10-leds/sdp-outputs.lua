-- The software-definable pins as outputs: direction and level by CTRL and CTRL_EXT, what a board's other circuits see.
-- An input keeps the level from outside, whatever its data bit says. Directions outlive RST# and CTRL.RST.
local nic = scenario { name = "sdp-outputs", cable = false, manual = { "5.6.17", "13.4.1", "13.4.6", "14.7" },
                       eeprom = { words = { [0x20] = 0x8100 } } } -- SDP7 and SDP0 are outputs
local r = nic.regs
local PINS = { 0, 1, 6, 7 }

local function levels(wanted, driven)
  for i, pin in ipairs(PINS) do
    local level, out = nic:sdp_out(pin)
    expect.eq(level and 1 or 0, wanted[i], string.format("level of SDP%d", pin))
    expect.eq(out and 1 or 0, driven[i], string.format("SDP%d is driven", pin))
  end
end

step "as the EEPROM has it: 0 and 7 out, low"
levels({ 0, 0, 0, 0 }, { 1, 0, 0, 1 })

step "all out; each bit is one pin"
r.CTRL:set { SDP0_IODIR = 1, SDP1_IODIR = 1 }
r.CTRL_EXT:set { SDP6_IODIR = 1, SDP7_IODIR = 1 }
for i = 1, 4 do
  local wanted = { 0, 0, 0, 0 }
  wanted[i] = 1
  r.CTRL:set { SDP0_DATA = wanted[1], SDP1_DATA = wanted[2] }
  r.CTRL_EXT:set { SDP6_DATA = wanted[3], SDP7_DATA = wanted[4] }
  levels(wanted, { 1, 1, 1, 1 })
end

step "an input has the level from outside"
r.CTRL:clear { "SDP1_IODIR" }
nic:sdp(1, true)
levels({ 0, 1, 0, 1 }, { 1, 0, 1, 1 })
nic:sdp(6, true)                              -- driven by us: the card's level stands
levels({ 0, 1, 0, 1 }, { 1, 0, 1, 1 })
r.CTRL_EXT:clear { "SDP6_IODIR" }
levels({ 0, 1, 1, 1 }, { 1, 0, 0, 1 })

step "CTRL.RST and RST# leave the directions; the data goes back to the EEPROM's"
r.CTRL:set { RST = 1 }                        -- with the directions as they are: a plain write would clear them
nic:run(ms(5))
levels({ 0, 1, 1, 0 }, { 1, 0, 0, 1 })
nic:pci_reset()
levels({ 0, 1, 1, 0 }, { 1, 0, 0, 1 })

step "a card without power drives nothing"
lab.power_good(false)
levels({ 0, 1, 1, 0 }, { 0, 0, 0, 0 })
