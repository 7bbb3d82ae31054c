-- GCON's IEEE test modes 1 to 4 put a test signal on the wires, which is no link (silent: our choice); mode 0
-- negotiates again. 5 to 7 are reserved: reported, without effect. A software reset ends a test.
local nic = scenario { name = "test-modes", needs = { "virtual-time" }, manual = { "11.1.1", "13.4.2", "13.4.7.1.10" } }
local r, phy = nic.regs, nic.phy
nic:link_up { speed = 1000 }

for mode = 1, 4 do
  step(string.format("mode %d", mode))
  phy.GCON:set { TEST_MODE = mode }
  r.STATUS:expect { LU = 0 }
  nic:run(s(5))
  r.STATUS:expect { LU = 0 }
  phy.GCON:set { TEST_MODE = 0 }
  nic:run(ms(1499))
  r.STATUS:expect { LU = 0 }
  nic:run(ms(1))
  r.STATUS:expect { LU = 1 }
end

step "from one test to the next: no link between"
phy.GCON:set { TEST_MODE = 1 }
phy.GCON:set { TEST_MODE = 4 }
nic:run(s(5))
r.STATUS:expect { LU = 0 }

step "a software reset: mode 0, link"
phy.PCTRL:set { RESET = 1 }
phy.GCON:expect { TEST_MODE = 0, ADV_1000_FULL = 1 }
nic:run(s(2))
r.STATUS:expect { LU = 1 }
expect.silent("phy-reserved-value", "modes 1 to 4")

step "reserved modes leave the link alone"
for mode = 5, 7 do
  phy.GCON:set { TEST_MODE = mode }
  expect.bad("phy-reserved-value", 1)
  r.STATUS:expect { LU = 1 }
end
phy.GCON:set { TEST_MODE = 0 }
r.STATUS:expect { LU = 1 }
