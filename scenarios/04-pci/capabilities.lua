-- The capability list: power management at DCh, PCI-X at E4h (visible though the part has no PCI-X mode),
-- MSI at F0h. What each promises follows the EEPROM and AUX_POWER; word 0Fh bit 7 takes MSI off the list.
local nic = scenario { name = "capabilities", pci = false,
                       eeprom = { words = { [0x12] = 0x0031, [0x22] = 0x5a13, [0x20] = 0x0004 } },
                       manual = { "4.1", "4.1.1", "4.1.1.1", "4.1.1.2", "4.1.1.3", "4.1.1.4", "4.1.3", "4.1.3.1.1",
                                  "4.1.3.1.2", "4.1.3.1.3", "5.6.7", "5.6.12", "5.6.16", "5.6.20", "5.6.21", "6.3",
                                  "6.3.3", "6.3.3.1", "6.3.3.2", "6.3.3.3", "6.3.3.4", "6.3.3.5", "6.3.3.6",
                                  "13.4.1" } }
local pci, r = nic.pci, nic.regs

local function program(words)
  pci.COMMAND:write { MEM = 1 }
  lab.fold("EEPROM programmed, then RST#", function()
    nic.eeprom:request()
    nic.eeprom.wire:ewen()
    for address, value in pairs(words) do nic.eeprom.wire:write(address, value) end
    nic.eeprom:release()
    nic:pci_reset { pci = false }
  end)
end

step "three capabilities in the order of their places"
expect.eq(pci:capabilities(), { { id = 0x01, at = 0xdc }, { id = 0x07, at = 0xe4 }, { id = 0x05, at = 0xf0 } }, "the list")

step "power management: D0 and D3hot can wake, D1 and D2 do not exist, software has to initialise"
pci.PMC:expect { VERSION = 2, PMECLK = 0, DSI = 1, AUX = 0, D1 = 0, D2 = 0, PME = 0x09 }
pci.PMC:expect(0x4822)
expect.eq(pci:read(0xe2, 1), 0, "no bridge extensions")

step "AUX_POWER adds D3cold at once, as CTRL.ADVD3WUC came as 1 from word 20h; without that bit not"
nic:aux_power(true)
pci.PMC:expect(0xc822)
pci.COMMAND:write { MEM = 1 }
r.CTRL:expect { ADVD3WUC = 1 }
r.CTRL:clear { "ADVD3WUC" }
pci.PMC:expect(0x4822)
r.CTRL:set { ADVD3WUC = 1 }
pci.PMC:expect(0xc822)
nic:aux_power(false)
pci.PMC:expect(0x4822)

step "the data register: word 22h, 9.0 W in D0 and 1.9 W in D3, in tenths"
local function data(select)
  pci.PMCSR:write { SELECT = select }
  local csr = pci.PMCSR:read()
  expect.eq(csr.SELECT, select, "Data_Select holds")
  return csr.SCALE, pci.PMDATA:raw()
end
lab.fold("Data_Select 0 to 15", function()
  local want = { [0] = 0x5a, [3] = 0x13, [4] = 0x5a, [7] = 0x13 }
  for select = 0, 15 do
    -- 8 is word 12h by 5.6.16, 0 by 6.3.3.6; boards have one function. Our choice: 0.
    local scale, value = data(select)
    expect.eq(value, want[select] or 0, "Data for Data_Select " .. select)
    expect.eq(scale, want[select] and 1 or 0, "Data_Scale for Data_Select " .. select)
  end
end)
pci.PMCSR:write(0)
pci.PMCSR:expect { STATE = 0, SELECT = 0, SCALE = 1, PME_EN = 0, PME_STATUS = 0 }

step "PMCSR: PME_En and Data_Select can be written; scale and reserved bits cannot"
pci.PMCSR:write(0x7ffc)
pci.PMCSR:expect { STATE = 0, PME_EN = 1, SELECT = 15, SCALE = 0, PME_STATUS = 0 }
pci.PMCSR:expect(0x1f00)
pci.PMCSR:write(0)

step "D1 and D2 are completed and discarded; the device goes on in D0"
for _, state in ipairs { 1, 2 } do
  pci.PMCSR:write { STATE = state }
  pci.PMCSR:expect { STATE = 0 }
end
r.CTRL:expect { ADVD3WUC = 1 }

step "PCI-X: relaxed ordering allowed, nothing else; a conventional bus has no number for it"
pci.PCIXCMD:expect(0x0002)
pci.PCIXSTATUS:expect(0x04400000)             -- as four boards read
pci.PCIXCMD:write(0xffff)
pci.PCIXCMD:expect(0x007f)                    -- parity recovery, ordering, read count, split transactions
pci.PCIXCMD:write(0x0002)

step "MSI: one message, 64-bit address, off"
pci.MSICTL:expect { EN = 0, MMC = 0, MME = 0, C64 = 1 }
pci.MSICTL:expect(0x0080)
pci.MSICTL:write(0xffff)
pci.MSICTL:expect { EN = 1, MMC = 0, MME = 7, C64 = 1 }
pci.MSICTL:expect(0x00f1)
pci.MSICTL:write(0)

step "word 0Fh bit 7 = 1: the list ends with PCI-X, MSI's place is empty and takes nothing"
program { [0x0f] = 0x3280 }
expect.eq(pci:capabilities(), { { id = 0x01, at = 0xdc }, { id = 0x07, at = 0xe4 } }, "the list")
expect.eq(pci:capability(0x05), nil, "no MSI")
for at = 0xf0, 0xfc, 4 do
  pci:write(at, 4, 0xffffffff)
  expect.eq(pci:read(at, 4), 0, "MSI is gone")
end

step "word 0Ah bit 3 = 0: power management off. The registers exist, promise nothing and hold nothing"
program { [0x0a] = 0x6c03 }
expect.eq(pci:capability(0x01), 0xdc, "still on the list")
pci.PMC:expect { PME = 0, VERSION = 2 }
pci.PMCSR:write { STATE = 3, PME_EN = 1, SELECT = 3 }
pci.PMCSR:expect { STATE = 0, PME_EN = 0, SELECT = 0 }
pci.PMDATA:expect(0)
pci.COMMAND:write { MEM = 1 }
r.STATUS:expect { LU = 0 }                    -- it answers: no D3

step "word 0Ah bit 2: PME clock"
program { [0x0a] = 0x6c0f }
pci.PMC:expect(0x482a)
