-- A multicast frame passes if its bit of the 4096-bit table is set; RCTL.MO chooses the twelve address bits that are
-- the index. It is a coarse filter, so PIF = 1 asks the driver to look again, unless a better filter passed it.
local nic = scenario { name = "rx-filter-hash",
                       manual = { "3.2.1", "3.2.3.1", "13.4.22", "13.5.1", "13.7.28", "13.7.29" } }
local r = nic.regs

step "link up, MTA empty"
nic:link_up { speed = 1000, duplex = "full" }
lab.fold("clear MTA", function() for i = 0, 127 do r.MTA[i]:write(0) end end)
local rx = nic:rx_ring { entries = 8 }

local function passes(dst)
  nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = dst, type = 0x88b5 } / pkt.pattern(46))
  local bytes, last = rx:take()
  if not bytes then return "no" end
  rx:fill()
  return last.PIF == 1 and "PIF" or "yes"
end
local function offset(mo)
  r.RCTL:clear { "MO" }
  r.RCTL:set { MO = mo }
end

-- Only bit `index` of the table, then all but that one.
local function check(dst, mo, index)
  local row, bit = index >> 5, 1 << (index & 31)
  lab.fold(string.format("%s MO %d: %03xh, row %d bit %d", dst, mo, index, row, index & 31), function()
    offset(mo)
    expect.eq(passes(dst), "no", "empty table")
    r.MTA[row]:write(bit)
    expect.eq(passes(dst), "PIF", "its bit")
    for i = 0, 127 do r.MTA[i]:write(i == row and ~bit & 0xffffffff or 0xffffffff) end
    expect.eq(passes(dst), "no", "every other bit")
    for i = 0, 127 do r.MTA[i]:write(0) end
  end)
end

step "worked examples; 12:34:56:78:9A:BC is the manual's, as a multicast address"
check("33:33:ff:12:9a:bc", 0, 0xbc9)          -- 13.5.1: row 94, bit 9
for _, case in ipairs { { "01:aa:00:12:34:56", { 0x563, 0xac6, 0x58d, 0x634 } },
                        { "01:00:5e:7f:ff:fa", { 0xfaf, 0xf5f, 0xebf, 0xaff } } } do
  for mo = 0, 3 do check(case[1], mo, case[2][mo + 1]) end
end

step "each of bits 47:32 counts, in the place that MO gives it"
for mo = 0, 3 do
  local shift = ({ 4, 3, 2, 0 })[mo + 1]
  lab.fold("MO " .. mo .. ": sixteen addresses", function()
    offset(mo)
    for k = 0, 15 do
      local value = 1 << k -- bits 47:32: byte 4 below, byte 5 above
      local dst = string.format("01:00:00:00:%02x:%02x", value & 0xff, value >> 8)
      local index = value >> shift & 0xfff
      r.MTA[index >> 5]:write(1 << (index & 31))
      expect.eq(passes(dst), "PIF", "bit " .. 32 + k)
      r.MTA[index >> 5]:write(0)
      expect.eq(passes(dst), "no", "bit " .. 32 + k)
    end
  end)
end

step "the other 32 bits do not count: other groups with the same tail pass, too"
offset(0)
r.MTA[43]:write(1 << 3)                       -- 563h, of ..:34:56
expect.eq(passes "01:aa:00:12:34:56", "PIF", "the one that was meant")
expect.eq(passes "fd:bb:cc:dd:3f:56", "PIF", "another: 47:36 are the same, that is why PIF asks to look again")

step "unicast frames are not looked up"
expect.eq(passes "02:aa:00:12:34:56", "no", "13.4.22: unicast must match exactly")

step "a frame that a better filter passes as well has no PIF"
r.RAL[1]:write(0x1200aa01)
r.RAH[1]:write { RAH = 0x5634, AV = 1 }
expect.eq(passes "01:aa:00:12:34:56", "yes", "exact match")
r.RAH[1]:write { AV = 0 }
r.RCTL:set { MPE = 1 }
expect.eq(passes "01:aa:00:12:34:56", "yes", "3.2.3.1: passing only the multicast vector sets it")
r.RCTL:clear { "MPE" }
expect.eq(passes "01:aa:00:12:34:56", "PIF", "the hash alone")

step "a broadcast can pass by the hash while BAM is 0"
r.MPRC:raw() r.BPRC:raw()
expect.eq(passes "ff:ff:ff:ff:ff:ff", "no", "its bit, FFFh, is 0")
r.MTA[127]:write(1 << 31)
expect.eq(passes "ff:ff:ff:ff:ff:ff", "PIF", "13.4.22: via the MTA")
r.BPRC:expect { BPRC = 0 }                    -- 13.7.28: not counted with the broadcast filter off
r.MPRC:expect { MPRC = 0 }                    -- (silent: our choice, a broadcast is no multicast here)
r.RCTL:set { BAM = 1 }
expect.eq(passes "ff:ff:ff:ff:ff:ff", "yes", "BAM")
r.BPRC:expect { BPRC = 1 }
expect.eq(passes "01:aa:00:12:34:56", "PIF", "a multicast")
r.MPRC:expect { MPRC = 1 }
