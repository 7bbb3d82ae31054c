-- WUFC.LNKC: the link goes up or down, one event until WUS.LNKC is cleared. It is apart from the packets: neither
-- holds up the other.
local nic = scenario { name = "wake-link-change", manual = { "6.4.2", "8.6.2", "11.4.3", "13.4.1", "13.6.2", "13.6.3" } }
local wake = require "wake"
local r = nic.regs
nic:link_up()

local function cable(partner)
  nic:partner(partner)
  nic:run(s(2))
end
local function expect_wake(woken, why)
  expect.eq(nic:pme(), woken, why)
end

step "asleep, the cable is pulled"
wake.filters(nic, { LNKC = 1 })
wake.sleep(nic)
nic:run(s(5))
expect_wake(false, "the link stays")
cable(nil)
expect_wake(true, "down")
wake.resume(nic)
r.WUS:expect(wake.bits { LNKC = 1 })
r.WUPL:expect(0)                              -- no packet
nic.pci.PMCSR:expect { PME_STATUS = 1, PME_EN = 1 }

step "asleep, the cable comes: the PHY looks for a link, since wake-up is on"
r.CTRL:set { SLU = 1, FRCSPD = 0 }
wake.filters(nic, { LNKC = 1 })
wake.sleep(nic)
nic:run(s(5))
expect_wake(false, "no link")
cable { speed = 1000 }
expect_wake(true, "up")
wake.resume(nic)
r.WUS:expect(wake.bits { LNKC = 1 })

step "with LNKC standing, later changes are ignored: PME_Status stays cleared"
nic:link_up()
wake.filters(nic, { LNKC = 1 })
cable(nil)
expect_wake(true, "down")
r.WUC:set { PME_Status = 1 }
expect_wake(false, "acknowledged")
cable { speed = 1000 }
cable(nil)
expect_wake(false, "up and down: LNKC has not been cleared")
r.WUC:expect { PME_Status = 0 }
r.WUS:write { LNKC = 1 }
cable { speed = 1000 }
expect_wake(true, "LNKC has been cleared")

step "a packet still wakes while LNKC stands, and a change while a packet's bit stands"
local frame = pkt.eth { dst = nic.mac } / pkt.pattern(46)
wake.filters(nic, { LNKC = 1, EX = 1 })
cable(nil)
r.WUC:set { PME_Status = 1 }
cable { speed = 1000 }
nic:receive(frame)
nic:run(us(10))
expect_wake(true, "EX")
r.WUS:expect(wake.bits { LNKC = 1, EX = 1 })
r.WUPL:expect { LEN = 64 }
r.WUS:write { LNKC = 1 }
r.WUC:set { PME_Status = 1 }
cable(nil)
expect_wake(true, "LNKC, though EX stands")
r.WUS:expect(wake.bits { LNKC = 1, EX = 1 })

step "the link is the MAC's: CTRL.SLU lets it through"
cable { speed = 1000 }
wake.filters(nic, { LNKC = 1 })
r.CTRL:clear { "SLU" }
r.WUS:expect(wake.bits { LNKC = 1 })
wake.clear(nic)
r.CTRL:set { SLU = 1 }
r.WUS:expect(wake.bits { LNKC = 1 })

-- 6.4.2 silent: EN_PHY_PWR_MGMT takes a 1000 link down on the way into D3, and that is a change. Linux takes
-- LNKC out of its filters while the link is up.
step "a link that the power state takes down counts as well"
r.CTRL:set { EN_PHY_PWR_MGMT = 1 }
wake.filters(nic, { LNKC = 1 })
expect_wake(false, "awake")
wake.sleep(nic)
expect_wake(true, "at once")
wake.resume(nic)

step "WUFC.LNKC = 0: the change is no wake-up"
nic:link_up()
wake.filters(nic, { EX = 1 })
cable(nil)
expect_wake(false, "not enabled")
r.WUS:expect(wake.bits())
