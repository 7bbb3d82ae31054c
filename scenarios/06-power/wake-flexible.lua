-- Four flexible filters over the first 128 bytes: a mask bit and a value for each byte, and a length that says
-- how far to look and how long the packet has to be. Nothing is skipped; the driver counts its own headers.
local nic = scenario { name = "wake-flexible",
                       manual = { "6.4.2", "6.4.3.3", "6.4.3.3.2", "13.6.2", "13.6.3", "13.6.9", "13.6.10", "13.6.11" } }
local wake = require "wake"
local r = nic.regs
nic:link_up()

local function clear()
  lab.fold("no filter compares anything", function()
    for at = 0, 127 do
      r.FFMT[at]:write(0)
      r.FFVT[at]:write(0)
    end
    for i = 0, 3 do r.FFLT[i]:write(2047) end
  end)
end
-- 13.6.9 to 13.6.11: the enables are 0 while tables are written.
local function program(filters, fn)
  r.WUFC:write(0)
  fn()
  wake.filters(nic, filters)
end
local function mask(at, filters) r.FFMT[at]:write { MASK = filters } end
local function frame(length) return tostring(pkt.eth { dst = nic.mac, type = 0x8137 } / pkt.pattern(length - 14, 14)) end -- byte n is n
local function changed(bytes, at) return bytes:sub(1, at) .. string.char(bytes:byte(at + 1) ~ 0x80) .. bytes:sub(at + 2) end
local ALL_FOUR = { FLX0 = 1, FLX1 = 1, FLX2 = 1, FLX3 = 1 }

step "the directed IPX packet of 6.4.3.3.2: type 8137h, node address at 24; asleep"
clear()
local function compare(at, value)
  mask(at, 1)
  r.FFVT[at]:write { VALUE0 = value }
end
lab.fold("filter 0", function()
  compare(12, 0x81)
  compare(13, 0x37)
  for i = 1, 6 do compare(23 + i, pkt.mac(nic.mac):byte(i)) end
  r.FFLT[0]:write { LEN = 30 }
end)
local ipx = tostring(pkt.eth { dst = nic.mac, type = 0x8137 } / (tostring(pkt.pattern(10)) .. pkt.mac(nic.mac) .. tostring(pkt.pattern(30))))
wake.filters(nic, { FLX0 = 1 })
wake.sleep(nic)
nic:receive(changed(ipx, 29))
nic:run(us(10))
expect.eq(nic:pme(), false, "another node")
nic:receive(ipx)
nic:run(us(10))
expect.eq(nic:pme(), true, "ours")
wake.resume(nic)
r.WUS:expect(wake.bits { FLX0 = 1 })
nic:link_up()

-- 14.7, 6.3.1.2: WUFC and FFLT go with the reset, masks and values stay.
step "masks and values are still there, the length is not"
r.FFLT[0]:expect(0)
r.FFMT[12]:expect { MASK = 1 }
r.FFVT[13]:expect { VALUE0 = 0x37 }

step "each filter has its own mask bit, its own byte of the value, its own length"
clear()
mask(20, 0xf)
r.FFVT[20]:write { VALUE0 = 20, VALUE1 = 21, VALUE2 = 22, VALUE3 = 23 }
for i = 0, 3 do r.FFLT[i]:write { LEN = 21 } end
wake.filters(nic, ALL_FOUR)
for i = 0, 3 do
  local bytes = frame(60)
  wake.expect(nic, bytes:sub(1, 20) .. string.char(20 + i) .. bytes:sub(22), { ["FLX" .. i] = 1 }, "value " .. i)
end
wake.expect(nic, changed(frame(60), 20), {}, "none of the four")
for i = 0, 3 do
  program(ALL_FOUR, function() mask(20, 0xf & ~(1 << i)) end)
  wake.expect(nic, changed(frame(60), 20), { ["FLX" .. i] = 1 }, "filter " .. i .. " does not compare")
end
program(ALL_FOUR, function() mask(20, 0) end)
for i = 0, 3 do
  program(ALL_FOUR, function() r.FFLT[i]:write { LEN = 2047 } end)
  local others = { FLX0 = 1, FLX1 = 1, FLX2 = 1, FLX3 = 1 }
  others["FLX" .. i] = nil
  wake.expect(nic, frame(60), others, "filter " .. i .. " wants 2047 bytes")
  program(ALL_FOUR, function() r.FFLT[i]:write { LEN = 21 } end)
end
r.WUFC:write(0)

step "every byte of the 128 is compared where it should be"
clear()
r.FFLT[2]:write { LEN = 128 }
lab.fold("the mask and the value of one byte after the other, filter 2", function()
  for at = 0, 127 do
    local bytes = frame(140)
    program({ FLX2 = 1 }, function()
      mask(at, 4)
      r.FFVT[at]:write { VALUE2 = bytes:byte(at + 1) }
    end)
    wake.expect(nic, bytes, { FLX2 = 1 }, "byte " .. at)
    if at >= 6 then wake.expect(nic, changed(bytes, at), {}, "byte " .. at .. " wrong") end
  end
end)

step "the length: bytes at it and beyond are not compared"
program({ FLX2 = 1 }, function() r.FFLT[2]:write { LEN = 100 } end)
wake.expect(nic, changed(frame(140), 99), {}, "byte 99")
wake.expect(nic, changed(frame(140), 100), { FLX2 = 1 }, "byte 100")

-- 13.6.9 silent on what counts: destination address to FCS, as everywhere in 13.7.
step "the length: a shorter packet does not pass"
program({ FLX2 = 1 }, function() r.FFLT[2]:write { LEN = 128 } end)
wake.expect(nic, frame(124), {}, "124 bytes and FCS are 128, but four of them are the FCS")
lab.fold("filter 2 no longer looks at 124 to 127", function()
  program({ FLX2 = 1 }, function() for at = 124, 127 do mask(at, 0) end end)
end)
wake.expect(nic, frame(124), { FLX2 = 1 }, "128 in all")
wake.expect(nic, frame(123), {}, "127 in all")

step "a length beyond 128 asks for the length only"
program({ FLX2 = 1 }, function() r.FFLT[2]:write { LEN = 2047 } end)
r.RCTL:write { LPE = 1 }
wake.expect(nic, frame(2042), {}, "2046 in all")
wake.expect(nic, frame(2043), { FLX2 = 1 }, "2047 in all")
wake.expect(nic, changed(frame(2043), 123), {}, "byte 123 still counts")
r.RCTL:write(0)

-- 6.4.3.3 silent: "reaches the required length without failing" is true of length 0 at once.
step "length 0: every packet that passes the address filter"
program({ FLX3 = 1 }, function() r.FFLT[3]:write { LEN = 0 } end)
wake.expect(nic, frame(60), { FLX3 = 1 }, "any")
wake.expect(nic, "\2" .. frame(60):sub(2), {}, "but it has to pass that")

step "a tag is not skipped"
r.WUFC:write(0)
r.VET:write { VET = 0x8100 }
clear()
mask(12, 1)
r.FFVT[12]:write { VALUE0 = 0x81 }
mask(13, 1)
r.FFVT[13]:write { VALUE0 = 0x37 }
r.FFLT[0]:write { LEN = 14 }
wake.filters(nic, { FLX0 = 1 })
wake.expect(nic, frame(60), { FLX0 = 1 }, "untagged")
wake.expect(nic, pkt.eth { dst = nic.mac } / pkt.vlan { vid = 1, type = 0x8137 } / pkt.pattern(46), {}, "tagged")

step "tables are to be written with the filters off; the driver is told, the write counts"
expect.no_bad "so far"
mask(13, 0)
expect.bad "flexible-filter-while-on"
r.FFVT[12]:write { VALUE0 = 0x81 }
expect.bad "flexible-filter-while-on"
r.FFLT[3]:write { LEN = 77 }
expect.bad "flexible-filter-while-on"
r.FFLT[3]:expect { LEN = 77 }
r.FFMT[13]:expect { MASK = 0 }
wake.expect(nic, changed(frame(60), 13), { FLX0 = 1 }, "byte 13 no longer counts")
