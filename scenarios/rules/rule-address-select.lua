-- AS chooses destination or source; 10b and 11b are reserved in each of the sixteen entries.
local nic = scenario { name = "rule-address-select", manual = { "13.5.3" } }
local r = nic.regs

step "every entry, every code"
for entry = 0, 15 do
  for select = 0, 3 do
    r.RAH[entry]:write { AV = 1, AS = select }
    if select > 1 then expect.bad "address-select" else expect.silent("address-select", "destination, source") end
  end
end
r.RAL[0]:write(0x00030000)
expect.no_bad "RAL has only address bytes"
