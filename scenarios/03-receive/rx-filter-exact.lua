-- Sixteen addresses are compared with all 48 bits of the destination, each only while its AV is set. They may be
-- multicast, and with AS = 01b one is compared with the source. A card that is wrong in a bit steals or loses traffic.
local nic = scenario { name = "rx-filter-exact", manual = { "3.2.1", "3.2.3.1", "13.5.2", "13.5.3" } }
local r = nic.regs

step "link up, no filter but the exact ones"
nic:link_up { speed = 1000, duplex = "full" }
lab.fold("clear MTA", function() for i = 0, 127 do r.MTA[i]:write(0) end end)
local rx = nic:rx_ring { entries = 8 }

-- Does a frame to dst (from src) arrive? Its descriptor if so.
local function passes(dst, src)
  local frame = pkt.eth { src = src or "02:00:00:00:00:02", dst = dst, type = 0x88b5 } / pkt.pattern(46)
  nic:receive(frame)
  local bytes, last = rx:take()
  if not bytes then return nil end
  expect.bytes(bytes, frame:fcs(), "unchanged")
  expect.eq(last.PIF, 0, "3.2.3.1: passed an exact filter")
  rx:fill()
  return last
end
local function mac(...) return string.format("%02x:%02x:%02x:%02x:%02x:%02x", ...) end
local function set(i, address, as, av)
  local b = { address:match("^(%x+):(%x+):(%x+):(%x+):(%x+):(%x+)$") }
  for k = 1, 6 do b[k] = tonumber(b[k], 16) end
  r.RAL[i]:write(b[1] | b[2] << 8 | b[3] << 16 | b[4] << 24) -- byte 0 of the address in bits 7:0
  r.RAH[i]:write { RAH = b[5] | b[6] << 8, AS = as or 0, AV = av or 1 }
end

step "entry 0 came from the EEPROM and is valid"
expect.ok(passes(nic.mac), "our own address")
expect.ok(not passes "02:00:00:00:00:10", "nobody's")

step "each of the sixteen entries accepts its own address"
lab.fold("RAL, RAH 0-15", function() for i = 0, 15 do set(i, mac(2, 0x10, 0x20, 0x30, 0x40, i)) end end)
lab.fold("a frame for each", function()
  for i = 0, 15 do expect.ok(passes(mac(2, 0x10, 0x20, 0x30, 0x40, i)), "entry " .. i) end
  expect.ok(not passes(mac(2, 0x10, 0x20, 0x30, 0x40, 16)), "there is no seventeenth")
  expect.ok(not passes(nic.mac), "entry 0 was overwritten")
end)

step "each of its 48 bits counts"
lab.fold("48 addresses, one bit off each", function()
  for i = 0, 15 do r.RAH[i]:write { AV = 0 } end
  local b = { 0x02, 0x5a, 0xc3, 0x99, 0x66, 0xa5 }
  set(9, mac(table.unpack(b)))
  expect.ok(passes(mac(table.unpack(b))), "the address itself")
  for bit = 0, 47 do
    local k = bit // 8 + 1
    b[k] = b[k] ~ 1 << bit % 8
    expect.ok(not passes(mac(table.unpack(b))), "bit " .. bit .. " differs")
    b[k] = b[k] ~ 1 << bit % 8
  end
end)

step "no valid entry: nothing passes, not even the address of all zeros"
lab.fold("AV off in all", function() for i = 0, 15 do r.RAH[i]:write { AV = 0 } end end)
expect.ok(not passes "00:00:00:00:00:00", "no entry holds it")
expect.ok(not passes(nic.mac), "entry 0 is not valid either")
set(0, "00:00:00:00:00:00")
expect.ok(passes "00:00:00:00:00:00", "entry 0 holds it now")
r.RAH[0]:write { AV = 0 }

step "AV off: the entry is not compared"
set(9, "02:5a:c3:99:66:a5", 0, 0)
expect.ok(not passes "02:5a:c3:99:66:a5", "not valid")
set(9, "02:5a:c3:99:66:a5", 0, 1)
expect.ok(passes "02:5a:c3:99:66:a5", "valid again")

step "a new address in RAL counts from the write on, AV standing"
r.RAL[9]:write(0x11223302)
expect.ok(passes "02:33:22:11:66:a5", "new")
expect.ok(not passes "02:5a:c3:99:66:a5", "old")

step "a multicast and the broadcast address may be stored, too"
set(15, "01:00:5e:00:00:fb")
expect.ok(passes "01:00:5e:00:00:fb", "3.2.1: these addresses can be unicast or multicast")
expect.ok(not passes "01:00:5e:00:00:fc", "no other")
set(15, "ff:ff:ff:ff:ff:ff")
expect.ok(passes "ff:ff:ff:ff:ff:ff", "13.4.22: with BAM = 0 an exact match accepts it")

-- 13.5.3 silent on the other filters: our choice is one more way to pass. A driver that adds a source for a monitor keeps
-- its own traffic; Linux uses 00b alone.
step "AS = 01b compares the source, not the destination"
set(15, "02:aa:aa:aa:aa:aa", 1)
expect.ok(passes("02:00:00:00:00:77", "02:aa:aa:aa:aa:aa"), "from it, to anybody")
expect.ok(not passes("02:aa:aa:aa:aa:aa", "02:00:00:00:00:77"), "to it")
expect.ok(passes("02:33:22:11:66:a5", "02:00:00:00:00:77"), "the destination filters go on (silent: our choice)")

step "AS 10b and 11b are reserved: such an entry matches nothing (silent: our choice)"
for as = 2, 3 do
  set(15, "02:aa:aa:aa:aa:aa", as)
  expect.ok(not passes "02:aa:aa:aa:aa:aa", "destination")
  expect.ok(not passes("02:00:00:00:00:77", "02:aa:aa:aa:aa:aa"), "source")
end
