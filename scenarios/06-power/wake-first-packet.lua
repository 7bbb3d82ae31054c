-- What is left of the packet that woke the system: its first 128 bytes in WUPM, its length in WUPL, and every
-- filter that it passed in WUS. Until all "received" bits are cleared, later packets change nothing.
local nic = scenario { name = "wake-first-packet",
                       manual = { "6.4.2", "6.4.3.5", "13.4.22", "13.6.3", "13.6.7", "13.6.8", "14.7" } }
local wake = require "wake"
local r = nic.regs
local function to_us(length, seed) return tostring(pkt.eth { dst = nic.mac, src = "02:00:00:00:00:02" } / pkt.pattern(length - 14, seed)) end
local function memory(count)
  local words = {}
  for i = 0, count // 4 - 1 do words[#words + 1] = string.pack("<I4", r.WUPM[i]:raw()) end
  return table.concat(words)
end
-- The first 128 bytes of the frame with its FCS; first byte in the lowest lane (13.6.8 silent).
local function holds(frame, why)
  local whole = frame .. pkt.fcs(frame)
  lab.fold("WUPM", function()
    expect.bytes(memory(128):sub(1, math.min(#whole, 128)), whole:sub(1, 128), why)
  end)
end
local function arrives(frame)
  nic:receive(frame)
  nic:run(us(200))
end
nic:link_up()

step "asleep; the packet is there after the way back"
local first, second = to_us(300, 1), to_us(80, 99)
wake.filters(nic, { EX = 1 })
wake.sleep(nic)
arrives(first)
arrives(second)
wake.resume(nic)
r.WUS:expect(wake.bits { EX = 1 })
r.WUPL:expect { LEN = 304 }
holds(first, "6.4.2: the second is ignored")

step "neither RST# nor CTRL.RST touches it"
nic:reset()
nic:pci_reset()
r.WUS:expect(wake.bits { EX = 1 })
r.WUPL:expect { LEN = 304 }
holds(first, "14.7")

step "PME_Status cleared is not enough: the bits in WUS hold up the next packet"
nic:link_up()
r.WUFC:write { EX = 1, BC = 1, MC = 1 }
r.WUC:write { PME_En = 1, PME_Status = 1 }
expect.eq(nic:pme(), false, "acknowledged")
arrives(second)
expect.eq(nic:pme(), false, "EX stands")
r.RCTL:write { BAM = 1 }
arrives(tostring(pkt.eth { dst = "ff:ff:ff:ff:ff:ff" } / pkt.pattern(46)))
expect.eq(nic:pme(), false, "another filter, the same bit in the way")
r.WUS:expect(wake.bits { EX = 1 })
r.WUPL:expect { LEN = 304 }
r.WUS:write { EX = 1 }
arrives(second)
expect.eq(nic:pme(), true, "EX has been cleared")
r.WUPL:expect { LEN = 84 }
holds(second, "the first after that")

-- 13.6.8 silent: what a short packet does not fill stays; WUPL tells how much is its own.
step "behind a short packet lies what was there before"
expect.bytes(memory(128):sub(85), first:sub(85, 128), "bytes 84 to 127")

step "every received bit holds up by itself; 0 written clears nothing"
for _, name in ipairs { "EX", "BC" } do
  wake.filters(nic, { EX = 1, BC = 1, ARP = 1 })
  arrives(name == "EX" and first or tostring(pkt.eth { dst = "ff:ff:ff:ff:ff:ff" } / pkt.pattern(46)))
  r.WUS:expect(wake.bits { [name] = 1 })
  r.WUS:write(0)
  r.WUS:write(0x000f00ff & ~(name == "EX" and 4 or 16))
  r.WUS:expect(wake.bits { [name] = 1 })
  r.WUC:set { PME_Status = 1 }
  arrives(second)
  expect.eq(nic:pme(), false, name .. " stands")
end

step "a packet sets the bit of every filter that it passes"
lab.fold("flexible filters 0 and 3 take every packet", function()
  r.WUFC:write(0)
  for at = 0, 127 do r.FFMT[at]:write(0) end
  for i = 0, 3 do r.FFLT[i]:write { LEN = i == 0 and 64 or i == 3 and 65 or 2047 } end
end)
r.IP4AT[1]:write(0x0a010a0a)
r.IPAV:write { V41 = 1 }
wake.filters(nic, { BC = 1, ARP = 1, EX = 1, FLX0 = 1, FLX1 = 1, FLX3 = 1 })
local request = tostring(pkt.eth { dst = "ff:ff:ff:ff:ff:ff" } / pkt.arp { op = 1, tpa = "10.10.1.10" })
wake.expect(nic, request, { BC = 1, ARP = 1, FLX0 = 1 }, "64 bytes")
wake.expect(nic, { request .. string.rep("\0", 19) }, { BC = 1, ARP = 1, FLX0 = 1, FLX3 = 1 }, "65 bytes")

step "a filter that is not enabled leaves no mark"
wake.filters(nic, { FLX0 = 1 })
wake.expect(nic, first, { FLX0 = 1 }, "EX matches, too, but is off")

-- 13.6.7 silent: the length counts from destination address to FCS, as in 13.7.
step "lengths: 64 is the least, 2047 the most that is shown"
r.RCTL:write { LPE = 1 }
for _, row in ipairs { { 60, 64 }, { 61, 65 }, { 1514, 1518 }, { 2042, 2046 }, { 2043, 2047 }, { 2044, 2047 }, { 9000, 2047 }, { 16380, 2047 } } do
  wake.filters(nic, { EX = 1 })
  arrives(to_us(row[1], 7))
  r.WUPL:expect { LEN = row[2] }
  holds(to_us(row[1], 7), row[1] .. " bytes")
end

step "around 128 bytes: the FCS takes part"
for length = 122, 129 do
  wake.filters(nic, { EX = 1 })
  arrives(to_us(length, length))
  r.WUPL:expect { LEN = length + 4 }
  holds(to_us(length, length), length .. " bytes")
end
wake.filters(nic, { EX = 1 })
nic:receive { to_us(100, 3), fcs = false }    -- a wire that brings none: the card works it out
nic:run(us(10))
holds(to_us(100, 3), "FCS worked out")

step "both can be written for diagnosis"
r.WUPL:write(0xffffffff)
r.WUPL:expect(0x00000fff)
r.WUPM[31]:write(0xcafef00d)
r.WUPM[31]:expect(0xcafef00d)
