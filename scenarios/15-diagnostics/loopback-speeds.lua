-- The loop runs at the speed that PCTRL forces: 4140h, 6100h and 4100h. A frame takes its time at that speed. The MAC
-- follows the PHY or is forced to the same; forced to another it hears nothing, and half duplex hears nothing either
-- (15.1.3: full duplex is required). Silent: that such a frame is lost, and reported, is our choice.
local nic = scenario { name = "loopback-speeds", needs = { "virtual-time" }, cable = false,
                       manual = { "8.6.4", "13.4.1", "13.4.2", "13.4.7.1.1", "15.1.3", "15.1.3.1" } }
local r = nic.regs
local CODE = { [10] = 0, [100] = 1, [1000] = 2 }
local BYTE = { [10] = 800, [100] = 80, [1000] = 8 }
local frame = pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)

local function rings()
  nic:reset()
  return nic:rx_ring { entries = 8 }, nic:tx_ring { entries = 8 }
end

for _, speed in ipairs { 1000, 100, 10 } do
  for _, mac in ipairs { true, false } do
    step(string.format("PHY looped at %d full, the MAC %s", speed, mac and "forced alike" or "follows"))
    local rx, tx = lab.fold("reset, rings", rings)
    r.CTRL:clear { "FRCSPD" }
    nic:loopback { speed = speed, mac = mac }
    r.STATUS:expect { LU = 0, FD = 1, SPEED = CODE[speed] }
    local start = nic:now()
    tx:send(frame)
    rx:wait { index = 0, DD = 1, within = ms(1) }
    expect.time(nic:now() - start, ns((8 + 60 + 4) * BYTE[speed]), us(1), "one line time")
    rx:expect(0, { DD = 1, EOP = 1, LENGTH = 64, ERRORS = 0 })
  end
end

expect.silent("loopback-speed", "MAC and PHY alike")
expect.silent("loopback-half-duplex", "full duplex")

step "PHY at 100, MAC forced to 1000"
local rx, tx = lab.fold("reset, rings", rings)
nic:loopback { speed = 100, mac = false }
r.CTRL:set { FRCSPD = 1, SPEED = 2 }
tx:send(frame)
nic:run(ms(1))
rx:expect(0, { DD = 0 })
expect.bad("loopback-speed", 1)
r.GPTC:expect { GPTC = 1 }                    -- the MAC has sent it
r.TPR:expect { TPR = 0 }

step "half duplex"
rx, tx = lab.fold("reset, rings", rings)
nic:loopback { speed = 100, duplex = "half" }
r.STATUS:expect { FD = 0, SPEED = 1 }
tx:send(frame)
nic:run(ms(1))
rx:expect(0, { DD = 0 })
expect.bad("loopback-half-duplex", 1)
r.TPR:expect { TPR = 0 }
