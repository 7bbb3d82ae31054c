-- The receive FIFO fills: XOFF at FCRTH, one more if it overflows all the same, XON at FCRTL. The frame is that of
-- 802.3x, from the station, 64 bytes, and is not counted as a good one.
local nic = scenario { name = "pause-by-thresholds", needs = { "virtual-time", "wire" }, -- frames of a socket wait for room
                       manual = { "8.7.5", "13.4.12", "13.4.23", "13.4.24", "13.7.17", "13.7.19", "13.7.45", "14.3" }, golden = { "wire" } }
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

step "link up, a receiver without descriptors; every frame takes 1032 bytes of its FIFO"
nic:link_up { speed = 1000, duplex = "full" }
flow_control(0x1234)
local tx = nic:tx_ring { entries = 8 }
local rx = nic:rx_ring { entries = 64, ready = 0, SECRC = 1 }
local incoming = pkt.eth { src = PEER, dst = nic.mac, type = 0x88b5 } / pkt.pattern(1024 - 14)
local function fill(n) lab.fold(n .. " frames in", function() for _ = 1, n do nic:receive(incoming) end end) end
local function sent() nic:run(us(5)) return nic:sent { now = true } end

step "TFCE 0: nothing"
r.FCRTH:write { RTH = 4 * 1032 // 8 }
r.FCRTL:write { RTL = 1032 // 8, XONE = 1 }
fill(5)
expect.eq(#sent(), 0, "TFCE 0")
rx:give(5)

step "the fourth frame reaches FCRTH exactly: XOFF"
r.CTRL:set { TFCE = 1 }
fill(3)
expect.eq(#sent(), 0, "eight bytes and more below")
local start = nic:now()
fill(1)
local f = sent()
expect.eq(#f, 1, "one")
local want = pkt.mac("01:80:c2:00:00:01") .. pkt.mac(nic.mac) .. "\x88\x08\x00\x01\x12\x34" .. string.rep("\0", 42)
expect.bytes(f[1].bytes, want .. pkt.fcs(want), "the frame")
expect.eq(f[1].at - start, ns(72 * 8), "its time on the wire")
fill(3)
expect.eq(#sent(), 0, "told once")

step "falling: nothing above FCRTL, XON at it"
rx:give(5)
expect.eq(#sent(), 0, "two frames left")
rx:give(1)
f = sent()
expect.eq(#f, 1, "one frame left, 1032 bytes")
want = pkt.mac("01:80:c2:00:00:01") .. pkt.mac(nic.mac) .. "\x88\x08\x00\x01\0\0" .. string.rep("\0", 42)
expect.bytes(f[1].bytes, want .. pkt.fcs(want), "the frame")
rx:give(1)
expect.eq(#sent(), 0, "told once")
r.XOFFTXC:expect { XOFFTXC = 1 }
r.XONTXC:expect { XONTXC = 1 }

step "each time FCRTH is reached from below"
fill(4)
expect.eq(#sent(), 1, "once")
rx:give(1)
expect.eq(#sent(), 0, "three frames: between the thresholds")
fill(1)
expect.eq(#sent(), 1, "and again")

step "XONE 0: no XON"
r.FCRTL:write { RTL = 1032 // 8 }
rx:give(4)
expect.eq(#sent(), 0, "XONE 0")
r.XOFFTXC:expect { XOFFTXC = 2 }
r.XONTXC:expect { XONTXC = 0 }

step "overflow: one more, and only one"
for _, reg in ipairs { "MPC", "GPTC", "GOTCL", "GOTCH", "PTC64", "MPTC", "TPT", "TOTL", "TOTH" } do r[reg]:raw() end
fill(47)                                        -- 47 x 1032 bytes of 48 KB
expect.eq(#sent(), 1, "FCRTH")
fill(1)
r.MPC:expect { MPC = 1 }
expect.eq(#sent(), 1, "lost: once more")
fill(2)
r.MPC:expect { MPC = 2 }
expect.eq(#sent(), 0, "not again")
r.XOFFTXC:expect { XOFFTXC = 2 }

step "in the totals, not among the good"
r.TPT:expect { TPT = 2 }
r.TOTL:expect(128)
r.TOTH:raw()
r.GPTC:expect { GPTC = 0 }
r.GOTCL:expect(0)
r.PTC64:expect { PTC64 = 0 }
r.MPTC:expect { MPTC = 0 }

step "an overflow without an XOFF before says nothing"
r.CTRL:clear { "TFCE" }
rx:give(50)
nic:reset()
expect.eq(#sent(), 0, "TFCE 0")
