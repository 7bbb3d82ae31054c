-- Thresholds in cache lines may stand for 31 descriptors at most; in descriptors the field itself cannot say too much.
local nic = scenario { name = "rule-descriptor-threshold", manual = { "13.4.43", "13.4.46" } }
local r = nic.regs

step "lines of 64 bytes are four descriptors: 7 lines pass, 8 do not"
nic.pci:write(0x0c, 1, 16) -- in dwords
for _, name in ipairs { "RXDCTL", "TXDCTL" } do
  for _, field in ipairs { "PTHRESH", "HTHRESH", "WTHRESH" } do
    r[name]:write { [field] = 7 }
    expect.silent("descriptor-threshold", "28 descriptors")
    r[name]:write { [field] = 8 }
    expect.bad "descriptor-threshold"
    r[name]:write { [field] = 63, GRAN = 1 }
    expect.no_bad "GRAN counts descriptors"
  end
end
