-- A reserved bit written as 1 is a mistake, named with the bits; read-modify-write of bits that are set already is none,
-- nor is a mask register that takes all ones [13.4.21].
local nic = scenario { name = "rule-reserved-bits", needs = { "events" },
                       manual = { "13.2", "13.4.6", "13.4.9", "13.4.21" },
                       eeprom = { words = { [0x0a] = 0x5408 } } } -- bit 12 loads a reserved bit of CTRL_EXT
local r = nic.regs

step "FCAH has sixteen bits"
r.FCAH:write(0x0100)
expect.silent("reserved-bits", "its own bits")
r.FCAH:write(0xffff0100)
expect.ok(expect.bad("reserved-bits").text:find("ffff0000", 1, true), "just the reserved ones")
r.FCAH:expect_masked(0x0100, 0xffff)

step "each reserved bit of RCTL alone, each defined one alone"
lab.fold("bit by bit", function()
  for bit = 0, 31 do
    if 0x06dfb3fe >> bit & 1 == 0 then
      r.RCTL:write(1 << bit)
      expect.bad "reserved-bits"
    elseif bit ~= 1 and bit ~= 6 and bit ~= 7 and bit ~= 25 then -- EN, LBM, BSEX have rules of their own
      r.RCTL:write(1 << bit)
      expect.no_bad("bit " .. bit)
    end
  end
end)

step "what the EEPROM has set comes back with read-modify-write"
expect.eq(r.CTRL_EXT:raw() >> 14 & 1, 1, "from word 0Ah")
r.CTRL_EXT:set { SDP6_DATA = 1 }
expect.no_bad "it was 1 before"
r.CTRL_EXT:write(r.CTRL_EXT:raw() | 0x10)
expect.ok(expect.bad("reserved-bits").text:find("00000010", 1, true), "this one was 0")

step "all ones for IMC, as 13.4.21 asks; IMS and ICS drop theirs"
r.IMC:write(0xffffffff)
r.ICS:write(0)
r.IMS:write(0)
expect.no_bad "masks and causes"
