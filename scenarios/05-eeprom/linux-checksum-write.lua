-- The Linux driver and the checksum: words 00h to 3Fh add up to BABAh or the MAC address is not used; ethtool
-- then writes words on the four wires, one write-enabled spell each. The chip itself does not care about the
-- sum. The accesses are the driver's own.
local nic = scenario { name = "linux-checksum-write", eeprom = { words = { [0x3f] = 0x1234 } },
                       manual = { "5.3.1", "5.6.1", "5.6.35", "13.4.3" } }
local linux = require "linux_e1000"
local r = nic.regs

local function sum()
  local total, words = 0, nic.eeprom:words()
  for address = 0x00, 0x3f do total = total + words[address] end
  return total & 0xffff
end

step "a wrong sum: hardware has loaded the address all the same, the driver will not have it"
expect.ne(sum(), 0xbaba, "declared wrong")
r.RAL[0]:expect { RAL = 0x12005452 }
r.RAH[0]:expect { RAH = 0x5634, AV = 1 }
local drv = lab.fold("probe", linux.probe, nic)
expect.ok(drv, "the driver keeps the card, for ethtool to repair it")
expect.eq(drv.checksum_ok, false, "the driver sees it")
r.RAL[0]:expect(0)

step "ethtool -E: a word of the boot agent, then the checksum, by the driver's own write sequence"
drv:eeprom_write(0x30, 0x8142)
expect.eq(nic.eeprom:words()[0x30], 0x8142, "written")
local right = (0xbaba - (sum() - 0x1234)) & 0xffff
drv:eeprom_write(0x3f, right)
expect.eq(nic.eeprom:words()[0x3f], right, "written")
expect.eq(sum(), 0xbaba, "5.6.35")
r.EECD:expect { EE_REQ = 0, EE_GNT = 0, CS = 0 }

step "it left the part write-disabled: a stray write does nothing"
nic.eeprom:request()
expect.eq(nic.eeprom.wire:write(0x30, 0), false, "EWDS")
nic.eeprom:release()
expect.eq(drv:eeprom_read(0x30), 0x8142, "as written")

step "the next probe is content and takes the address"
lab.fold("remove", drv.remove, drv)
drv = lab.fold("probe", linux.probe, nic)
expect.eq(drv.checksum_ok, true, "words 00h-3Fh sum to BABAh")
expect.eq(drv.mac, "52:54:00:12:34:56", "words 0-2")
r.RAL[0]:expect { RAL = 0x12005452 }
