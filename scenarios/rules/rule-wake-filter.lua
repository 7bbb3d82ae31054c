-- Flexible filters are switched off, all four, before their tables are written [13.6.9 to 13.6.11].
local nic = scenario { name = "rule-wake-filter", manual = { "13.6.2", "13.6.9", "13.6.10", "13.6.11" } }
local r = nic.regs

local function write_tables()
  r.FFLT[0]:write(64)
  r.FFLT[3]:write(64)
  r.FFMT[0]:write(1)
  r.FFMT[127]:write(1)
  r.FFVT[0]:write(0x11)
  r.FFVT[127]:write(0x11)
end

step "off: as often as one likes; other wake-up reasons do not matter"
r.WUFC:write { MAG = 1, EX = 1, BC = 1 }
write_tables()
expect.silent("flexible-filter-while-on", "FLX0 to FLX3 are 0")

step "any of the four on"
for n = 0, 3 do
  r.WUFC:write { ["FLX" .. n] = 1 }
  write_tables()
  expect.bad("flexible-filter-while-on", 6)
end
r.WUFC:write(0)
write_tables()
expect.no_bad "off again"
