-- ethtool writes the EEPROM by its four wires: write enable, the words, write disable; then the checksum word, or the
-- next probe distrusts the board. A new address takes effect when the card reads it again, at the next reset.
local nic = scenario { name = "ethtool-eeprom-write", manual = { "5.3", "5.3.1", "5.6.1", "5.6.35", "13.4.3",
                                                                 "14.7" },
                       eeprom = { mac = "52:54:00:12:34:56" } }
local linux = require "linux_e1000"
local r = nic.regs
local drv = lab.fold("probe", linux.probe, nic)
expect.eq(drv.checksum_ok, true, "before")
local before = nic.eeprom:words()

local function changes(words)
  local now, list = nic.eeprom:words(), {}
  for address = 0, 63 do
    if now[address] ~= (words[address] or before[address]) then
      list[#list + 1] = string.format("%02x = %04x", address, now[address])
    end
  end
  expect.none(list, "words that should be otherwise")
end

step "three words: the address 52:54:00:12:34:56 becomes 02:aa:bb:cc:dd:ee"
local NEW = { [0] = 0xaa02, 0xccbb, 0xeedd }
for address = 0, 2 do expect.eq(drv:eeprom_write(address, NEW[address]), true, "word " .. address) end
changes(NEW)
for address = 0, 2 do expect.eq(drv:eeprom_read(address), NEW[address], "read back") end
r.EECD:expect { EE_REQ = 0, EE_GNT = 0 }      -- given back

step "the card still has the old address: nothing has been loaded"
r.RAL[0]:expect { RAL = 0x12005452 }

step "a probe now finds a wrong sum"
local again = lab.fold("probe", linux.probe, nic)
expect.eq(again.checksum_ok, false, "word 3Fh is the old one")

step "the driver's second half: words 00h-3Eh summed, 3Fh = BABAh - sum"
local sum = 0
lab.fold("EER 00h-3Eh", function() for address = 0, 0x3e do sum = sum + drv:eeprom_read(address) end end)
NEW[0x3f] = 0xbaba - sum & 0xffff
expect.eq(drv:eeprom_write(0x3f, NEW[0x3f]), true, "word 3Fh")
changes(NEW)

step "the next probe likes it, and the reset in it has loaded the address"
again = lab.fold("probe", linux.probe, nic)
expect.eq(again.checksum_ok, true, "words 00h-3Fh sum to BABAh")
expect.eq(again.mac, "02:aa:bb:cc:dd:ee", "the new address")
nic:reset()
r.RAL[0]:expect { RAL = 0xccbbaa02 }
r.RAH[0]:expect { RAH = 0xeedd }

step "the last thing was a write disable: a bare WRITE is not taken any more"
nic.eeprom:request()
nic.eeprom.wire:write(3, 0x1234)
nic.eeprom:release()
changes(NEW)
