-- ethtool's other offline tests that need no traffic: the EEPROM's sum, read word by word, and the link: STATUS.LU,
-- after up to four seconds if negotiation is on. Each is shown to fail, too.
local nic = scenario { name = "self-test-eeprom-and-link", manual = { "5.6.35", "13.4.2", "13.4.3" } }
local linux = require "linux_e1000"
local r = nic.regs
local drv = lab.fold("probe", linux.probe, nic)

-- 0 good, 1 a word cannot be read, 2 the sum is wrong.
local function eeprom_test()
  return lab.fold("EEPROM test", function()
    local sum = 0
    for address = 0, 0x3f do
      local word = drv:eeprom_read(address)
      if not word then return 1 end
      sum = sum + word
    end
    return sum & 0xffff == 0xbaba and 0 or 2
  end)
end

local function link_test()
  return lab.fold("link test", function()
    drv:phy_read(1)
    if drv:phy_read(1) & 4 == 0 then nic:run(s(4)) end
    return r.STATUS:read().LU == 1 and 0 or 1
  end)
end

step "a good board on a good cable"
expect.eq(eeprom_test(), 0, "EEPROM")
expect.eq(link_test(), 0, "link")

step "one bit of one word is wrong"
expect.eq(drv:eeprom_write(0x10, drv:eeprom_read(0x10) ~ 0x0100), true, "written")
expect.eq(eeprom_test(), 2, "the sum is wrong")
expect.eq(drv:eeprom_write(0x10, drv:eeprom_read(0x10) ~ 0x0100), true, "written back")
expect.eq(eeprom_test(), 0, "good again")

step "no cable"
nic:partner(nil)
nic:run(s(1))
expect.eq(link_test(), 1, "no link within four seconds")
r.STATUS:expect { LU = 0 }

step "a partner at last: negotiation ends within the four seconds"
nic:partner { speed = 100, duplex = "full" }
expect.eq(link_test(), 0, "link")
r.STATUS:expect { LU = 1, FD = 1, SPEED = 1 }
