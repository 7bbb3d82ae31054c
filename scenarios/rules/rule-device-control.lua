-- CTRL: SPEED 11b is no speed, ILOS belongs to other PHYs. TCTL: a PAUSE frame is for full duplex only.
local nic = scenario { name = "rule-device-control", manual = { "8.7.5", "13.4.1", "13.4.33" } }
local r = nic.regs

step "SPEED counts once it is forced"
for speed = 0, 3 do
  r.CTRL:write { FRCSPD = 0, SPEED = speed }
  expect.no_bad "not forced"
  r.CTRL:write { FRCSPD = 1, SPEED = speed }
  if speed == 3 then expect.bad "speed-reserved" else expect.silent("speed-reserved", "10, 100, 1000") end
end

step "ILOS"
r.CTRL:write { ILOS = 1 }
expect.bad "loss-of-signal-inverted"
r.CTRL:write { SLU = 1 }
expect.silent("loss-of-signal-inverted", "SLU alone")

step "SWXOFF at half duplex, at full duplex"
nic:link_up { speed = 100, duplex = "half" }
nic:tx_ring {}
r.TCTL:set { SWXOFF = 1 }
expect.bad "pause-in-half-duplex"
nic:link_down()
nic:link_up { speed = 100, duplex = "full" }
r.TCTL:set { SWXOFF = 1 }
expect.silent("pause-in-half-duplex", "full duplex")
