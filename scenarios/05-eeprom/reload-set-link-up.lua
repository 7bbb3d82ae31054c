-- CTRL.SLU comes from the EEPROM: 1 with APM Enable or SMBus Enable, else 0 (13.4.1). CTRL_EXT.EE_RST loads it as RST#
-- does. 13.4.6 silent: whether the driver's 1 survives where the EEPROM has neither. Our choice: "as if a RST# assertion
-- had occurred", it becomes 0 and the link goes; 13.4.6 wants all functions disabled before.
local nic = scenario { name = "reload-set-link-up", eeprom = { words = { [0x23] = 0, [0x24] = 0 } },
                       manual = { "5.1", "13.4.1", "13.4.2", "13.4.6", "13.4.17", "14.7" } }
local r = nic.regs

local function reload(word23, word24)
  lab.fold("programming", function()
    nic.eeprom:request()
    nic.eeprom.wire:ewen()
    nic.eeprom.wire:write(0x23, word23)
    nic.eeprom.wire:write(0x24, word24)
    nic.eeprom:release()
  end)
  r.CTRL_EXT:set { EE_RST = 1 }
  nic:run(ms(1))
end

step "link up by the driver; the EEPROM has neither APM nor SMBus"
nic:link_up { speed = 1000, duplex = "full" }
r.CTRL:expect { SLU = 1 }
r.CTRL_EXT:set { EE_RST = 1 }
nic:run(ms(1))
r.CTRL:expect { SLU = 0 }
r.STATUS:expect { LU = 0 }
r.ICR:expect { LSC = 1 }                      -- 13.4.17: from up to down

step "APM Enable, word 24h bit 10: the link is back without the driver"
reload(0, 0x0400)
r.CTRL:expect { SLU = 1 }
r.STATUS:expect { LU = 1 }
r.ICR:expect { LSC = 1 }

step "neither; then SMBus Enable, word 23h bit 0"
reload(0, 0)
r.CTRL:expect { SLU = 0 }
reload(1, 0)
r.CTRL:expect { SLU = 1 }
r.STATUS:expect { LU = 1 }

step "all other bits of the two words: no"
reload(0xfffe, 0xfbff)
r.CTRL:expect { SLU = 0 }
r.STATUS:expect { LU = 0 }
