-- SWXOFF sends one PAUSE frame with FCTTV, TFCE or not, before anything that waits, even while paused, and reads as 1 until
-- it is gone.
local nic = scenario { name = "pause-by-software", needs = { "virtual-time" },
                       manual = { "8.7.6", "13.4.12", "13.4.33", "13.7.17", "13.7.19" }, golden = { "wire" } }
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

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
flow_control()
local tx = nic:tx_ring { entries = 8 }
r.TIPG:write { IPGT = 8 }
nic:run(us(10))

step "the frame of the example, byte for byte"
r.RAL[0]:write(0x12005452) r.RAH[0]:write(0x80005634)
local start = nic:now()
r.TCTL:set { SWXOFF = 1 }
r.TCTL:expect { SWXOFF = 1, EN = 1 }
nic:run_until(start + ns(72 * 8 - 1))
r.TCTL:expect { SWXOFF = 1 }
nic:run_until(start + ns(72 * 8))
r.TCTL:expect { SWXOFF = 0 }
local f = nic:sent()
expect.eq(#f, 1, "one")
expect.bytes(f[1].bytes, pkt.mac("01:80:c2:00:00:01") .. pkt.mac("52:54:00:12:34:56") .. "\x88\x08\x00\x01\xff\xff"
             .. string.rep("\0", 42) .. "\x32\x13\x12\x98", "PAUSE")
r.XOFFTXC:expect { XOFFTXC = 1 }
r.XONTXC:expect { XONTXC = 0 }

step "FCTTV 0 makes it an XON; address and type are the registers'"
r.FCTTV:write(0) r.FCAL:write(0x44332211) r.FCAH:write(0x6655) r.FCT:write(0x9abc)
r.TCTL:set { SWXOFF = 1 }
f = nic:sent()
expect.bytes(f[1].bytes:sub(1, 18), "\x11\x22\x33\x44\x55\x66\x52\x54\x00\x12\x34\x56\x9a\xbc\x00\x01\0\0", "XON")
r.XOFFTXC:expect { XOFFTXC = 0 }
r.XONTXC:expect { XONTXC = 1 }
flow_control(7)

step "between two frames: after the current one, before the next; the gap holds for all"
nic:run(us(10))
start = nic:now()
tx:send(frame(96))
tx:send(frame(97))
nic:run_until(start + ns(100))
r.TCTL:set { SWXOFF = 1 }
f = nic:sent()
expect.eq(#f, 3, "three")
expect.eq(f[1].at - start, ns(108 * 8), "the current one")
expect.eq(#f[2].bytes, 64, "PAUSE")
expect.eq(f[2].at - start, ns((108 + 12 + 72) * 8), "after the gap")
expect.eq(f[3].at - start, ns((108 + 12 + 72 + 12 + 109) * 8), "the next one")

step "while we are paused ourselves"
r.CTRL:set { RFCE = 1 }
r.RCTL:write { EN = 1 }
nic:run(us(10))
start = nic:now()
nic:receive(pause(100))
tx:send(frame(96))
r.TCTL:set { SWXOFF = 1 }
f = nic:sent()
expect.eq(f[1].at - start, ns(72 * 8), "PAUSE frames still go out (silent)")
expect.eq(f[2].at - start, ns(100 * 512 + 108 * 8), "others wait")

step "transmitter off: it waits for EN (silent; 13.7.17 counts with transmits enabled only)"
r.TCTL:write { PSP = 1, SWXOFF = 1 }
nic:run(us(10))
expect.eq(#nic:sent { now = true }, 0, "EN 0")
r.TCTL:expect { SWXOFF = 1 }
r.TCTL:write { PSP = 1, EN = 1 }
expect.eq(#nic:sent(), 1, "EN 1")

step "half duplex: nothing is sent, the bit is gone"
expect.no_bad "so far"
nic:link_up { speed = 100, duplex = "half" }
r.XOFFTXC:raw()
r.TCTL:set { SWXOFF = 1 }
r.TCTL:expect { SWXOFF = 0 }
expect.eq(#nic:sent(), 0, "half duplex")
r.XOFFTXC:expect { XOFFTXC = 0 }
expect.bad("pause-in-half-duplex", 1)
