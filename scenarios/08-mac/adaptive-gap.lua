-- AIFS widens the gap between back-to-back frames: the larger of it and IPGT counts, in transmit clocks, and less than the
-- gap of IEEE 802.3 does nothing.
local nic = scenario { name = "adaptive-gap", manual = { "8.7.1", "13.4.34", "13.4.35", "13.7.11" } }
local r = nic.regs
local PEER = "02:00:00:00:00:02"
local function frame(n) return pkt.eth { src = nic.mac, dst = PEER, type = 0x88b5 } / pkt.pattern(n - 14) end
local function pause(time, fields)
  local p = { time = time, src = PEER }
  for k, v in pairs(fields or {}) do p[k] = v end
  return pkt.pause(p)
end
local function flow_control(t)
  r.FCAL:write(0x00c28001)
  r.FCAH:write(0x0100)
  r.FCT:write(0x8808)
  r.FCTTV:write(t or 0xffff)
end

local tx
local function gap(clock)
  nic:run(ms(60))
  local start = nic:now()
  tx:send(frame(60))
  tx:send(frame(60))
  local f = nic:sent { within = ms(100) }
  return (f[2].at - f[1].at) // clock - 72
end
for _, speed in ipairs { { 1000, 8 }, { 100, 80 }, { 10, 800 } } do
  step(string.format("%d Mb/s", speed[1]))
  nic:link_up { speed = speed[1], duplex = "full" }
  tx = tx or nic:tx_ring { entries = 8 }
  for _, c in ipairs { { 8, 0, 12 }, { 8, 11, 12 }, { 8, 12, 12 }, { 8, 13, 13 }, { 8, 20, 20 }, { 8, 1000, 1000 }, { 8, 65535, 65535 },
                       { 100, 103, 104 }, { 100, 104, 104 }, { 100, 105, 105 }, { 0, 11, 4 }, { 0, 12, 12 } } do
    r.TIPG:write { IPGT = c[1], IPGR1 = 8, IPGR2 = 6 }
    r.AIFS:write(c[2])
    lab.fold(string.format("IPGT %d + 4, AIFS %d", c[1], c[2]), function()
      expect.eq(gap(speed[2]), c[3], string.format("%d Mb/s: IPGT %d, AIFS %d", speed[1], c[1], c[2]))
    end)
  end
end
r.DC:expect { CDC = 0 }                       -- 13.7.11: "does not increment for streaming transmits"
expect.no_bad "a driver that makes no mistake"
