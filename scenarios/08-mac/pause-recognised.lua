-- What makes a PAUSE frame: one of two addresses, the type in FCT, opcode 1, a good CRC, RFCE and full duplex. Anything
-- less stops nothing.
local nic = scenario { name = "pause-recognised", needs = { "virtual-time" },
                       manual = { "8.7.3", "8.7.4", "13.4.2", "13.4.8", "13.4.9", "13.4.10", "13.7.20" } }
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

step "link up, RFCE"
nic:link_up { speed = 1000, duplex = "full" }
flow_control()
r.CTRL:set { RFCE = 1 }
local rx = nic:rx_ring { entries = 8 }
local function stops(p, counts)
  nic:receive(p)
  local off = r.STATUS:read().TXOFF == 1
  r.XOFFRXC:expect { XOFFRXC = off and 1 or 0 }
  if off then nic:receive(pause(0)) r.STATUS:expect { TXOFF = 0 } end
  r.FCRUC:expect { FCRUC = counts or 0 }
  return off
end

step "both addresses"
expect.ok(stops(pause(9)), "the multicast address")
expect.ok(stops(pause(9, { dst = nic.mac })), "entry 0")
r.RAL[1]:write(0x04030202) r.RAH[1]:write(0x80000605)
expect.ok(not stops(pause(9, { dst = "02:02:03:04:05:06" })), "entry 1")
expect.ok(not stops(pause(9, { dst = "01:80:c2:00:00:02" })), "another multicast address")
expect.ok(not stops(pause(9, { dst = "ff:ff:ff:ff:ff:ff" })), "broadcast")
r.FCAL:write(0x00c28002)
expect.ok(not stops(pause(9)), "FCAL says otherwise")
r.FCAL:write(0x00c28001) r.FCAH:write(0x0200)
expect.ok(not stops(pause(9)), "FCAH says otherwise")
r.FCAH:write(0x0100)

step "type and opcode"
expect.ok(not stops(pause(9, { type = 0x8809 })), "another type")
expect.ok(not stops(pause(9, { opcode = 2 }), 1), "opcode 2: unsupported, counted")
expect.ok(not stops(pause(9, { opcode = 0x0101, dst = nic.mac }), 1), "opcode 0101, to the station")
expect.ok(not stops(pause(9, { opcode = 2, dst = "02:02:03:04:05:06" })), "to another address it is not even that")
r.FCT:write(0x8809)
expect.ok(not stops(pause(9)), "FCT says otherwise")
nic:receive(pause(9, { type = 0x8809 }))
r.STATUS:expect { TXOFF = 1 }
nic:receive(pause(0, { type = 0x8809 }))
r.STATUS:expect { TXOFF = 0 }
r.XOFFRXC:expect { XOFFRXC = 1 }
r.FCT:write(0x8808)

step "only good frames"
expect.ok(not stops { pause(9), fcs = "bad" }, "bad CRC")
expect.ok(not stops { pause(9), rx_er = true }, "RX_ER")
expect.ok(not stops(pkt.raw(pause(9):bytes():sub(1, 59))), "63 bytes")
expect.ok(stops(pkt.raw(pause(9):bytes() .. "\0")), "65 bytes: longer than need be")

step "RFCE 0: a frame like any other"
r.CTRL:clear { "RFCE" }
expect.ok(not stops(pause(9)), "RFCE 0")
expect.ok(not stops(pause(9, { opcode = 2 })), "RFCE 0, opcode 2")

step "half duplex: the same"
nic:link_up { speed = 100, duplex = "half" }
r.CTRL:set { RFCE = 1 }
expect.ok(not stops(pause(9)), "half duplex")
nic:link_up { speed = 100, duplex = "full" }
r.CTRL:set { RFCE = 1 }
expect.ok(stops(pause(9)), "full duplex again")

step "a pause does not outlive its link (silent: our choice; the next partner has asked for nothing)"
nic:receive(pause(0xffff))
r.STATUS:expect { TXOFF = 1 }
nic:partner(nil)
nic:run(ms(1))
r.STATUS:expect { TXOFF = 0, LU = 0 }
