-- PHY registers: reserved bits, numbers that are none, and auto-negotiation switched without the restart that makes it so.
local nic = scenario { name = "rule-phy", needs = { "events" }, manual = { "11.1.3", "13.4.7.1", "13.4.7.1.1" } }
local phy = nic.phy

step "reserved bits of PCTRL: 5 to 0"
local pctrl = phy:read(0)
phy:write(0, pctrl | 0x15)
expect.ok(expect.bad("phy-reserved-bits").text:find("00000015", 1, true), "just these")
phy:write(0, pctrl)
expect.silent("phy-reserved-bits", "as read")

step "register 12 is none"
phy:write(12, 0)
expect.bad "phy-undeclared-register"
phy:read(12)
expect.silent("phy-undeclared-register", "a read asks only")

step "AN_ENABLE changes with RESTART_AN or RESET in the same write"
phy:write(0, pctrl & ~0x1000)
expect.bad "phy-change-without-restart"
phy:write(0, pctrl & ~0x1000)
expect.no_bad "no change any more"
phy:write(0, pctrl | 0x1200)
phy:write(0, pctrl & ~0x1000 | 0x8000)
expect.silent("phy-change-without-restart", "restarted, reset")
