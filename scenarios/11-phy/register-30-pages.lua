-- R30PS chooses what R30AW shows. The one documented page of this part is 11: 8004h drives the outputs in class A, and
-- any PHY reset returns to class AB. Linux's loopback test writes 1Fh and 1Ah to switch the receiver off: from then on
-- a cable that is plugged starts nothing, until a reset. Silent: pages, their number, and that effect are our choice.
local nic = scenario { name = "register-30-pages", cable = false,
                       manual = { "13.4.7.1.25", "13.4.7.1.26", "13.4.7.1.27", "15.1.3.1" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }

local function page(number, value)
  phy.R30PS:write(number)
  phy.R30AW:write(value)
end

step "32 pages of their own"
lab.fold("write 32 pages", function()
  for n = 0, 31 do page(n, 0x1000 + n) end
end)
lab.fold("read them", function()
  for n = 0, 31 do
    phy.R30PS:write(n)
    phy.R30AW:expect(0x1000 + n)
  end
end)

step "class A; a software reset and CTRL.PHY_RST bring class AB back"
page(11, 0x8004)
phy.R30AW:expect(0x8004)
phy.PCTRL:set { RESET = 1 }
phy.R30PS:expect(0)
phy.R30PS:write(11)
phy.R30AW:expect(0)
page(11, 0x8004)
r.CTRL:set { PHY_RST = 1 }
nic:run(us(3))
r.CTRL:clear { "PHY_RST" }
phy.R30PS:write(11)
phy.R30AW:expect(0)

step "CTRL.RST does not reach the PHY"
page(11, 0x8004)
nic:reset()
phy.R30AW:expect(0x8004)
r.CTRL:write { SLU = 1 }

step "receiver off: neither write alone does it, both do"
nic:partner {}
nic:run(s(2))
r.STATUS:expect { LU = 1 }
page(0x1f, 0x8ffc)
r.STATUS:expect { LU = 1 }
page(0x1a, 0x8ff0)
r.STATUS:expect { LU = 0 }

step "a cable that comes and goes is not noticed"
phy.PINTS:raw()
nic:partner(nil)
nic:partner {}
nic:run(s(10))
r.STATUS:expect { LU = 0 }
phy.PINTS:expect(0)

step "receiver on again by its register"
page(0x1a, 0)
nic:run(s(2))
r.STATUS:expect { LU = 1 }

step "or by a reset"
page(0x1a, 0x8ff0)
r.STATUS:expect { LU = 0 }
phy.PCTRL:set { RESET = 1 }
nic:run(s(2))
r.STATUS:expect { LU = 1 }
