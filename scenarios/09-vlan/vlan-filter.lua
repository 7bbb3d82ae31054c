-- VFE asks the 4096-bit table about every tagged frame, by its VID alone; it neither strips nor touches untagged frames,
-- and a frame needs its address to pass as well.
local nic = scenario { name = "vlan-filter", manual = { "9.3", "13.4.22", "13.5.4" } }
local r = nic.regs

local function frame(tci, dst)
  return pkt.mac(dst or nic.mac) .. pkt.mac("02:00:00:00:00:02") .. string.pack(">I2I2", 0x8100, tci) .. pkt.pattern(60)
end

step "link up, the table empty"
nic:link_up { speed = 1000, duplex = "full" }
r.VET:write { VET = 0x8100 }
lab.fold("VFTA cleared", function() for i = 0, #r.VFTA - 1 do r.VFTA[i]:write(0) end end)
local rx = nic:rx_ring { entries = 16, SECRC = 1 }
local function passes(f)
  nic:receive(f)
  local got = rx:take() ~= nil
  if got then rx:fill() end
  return got
end

step "VFE 0: the table does not matter"
expect.ok(passes(frame(5)), "VFE 0")

step "VFE 1: nothing tagged passes, untagged frames do"
r.RCTL:set { VFE = 1 }
r.TPR:raw()
expect.ok(not passes(frame(5)), "VID 5 is not in the table")
r.TPR:expect { TPR = 0 }
expect.ok(passes(pkt.mac(nic.mac) .. pkt.mac("02:00:00:00:00:02") .. "\x88\xb5" .. pkt.pattern(60)), "untagged")

step "bit VID[4:0] of word VID[11:5], and no other"
for _, vid in ipairs { 0, 1, 31, 32, 100, 0x7ff, 0x800, 4095 } do
  lab.fold("VID " .. vid, function()
    r.VFTA[vid >> 5]:write(1 << (vid & 31))
    expect.ok(passes(frame(vid)), "VID " .. vid)
    expect.ok(passes(frame(vid | 0xf000)), "priority and CFI do not count")
    for bit = 0, 11 do
      expect.ok(not passes(frame(vid ~ 1 << bit)), "VID " .. (vid ~ 1 << bit))
    end
    r.VFTA[vid >> 5]:write(~(1 << (vid & 31)) & 0xffffffff)
    expect.ok(not passes(frame(vid)), "VID " .. vid .. " alone is missing")
    expect.ok(passes(frame(vid ~ 1)), "its neighbour is there")
    r.VFTA[vid >> 5]:write(0)
  end)
end

step "VME strips what VFE has passed; VFE without VME strips nothing"
r.VFTA[0]:write(1 << 5)
nic:receive(frame(5))
expect.bytes(rx:take(), frame(5), "VME 0")
r.CTRL:set { VME = 1 }
nic:receive(frame(5))
expect.bytes(rx:take(), frame(5):sub(1, 12) .. frame(5):sub(17), "VME 1")
rx:fill()
expect.ok(not passes(frame(6)), "VME passes nothing")

step "the address has to pass too, and promiscuous modes do not pass a VLAN"
expect.ok(not passes(frame(5, "02:00:00:00:00:77")), "another station's")
r.RCTL:set { UPE = 1, MPE = 1 }
expect.ok(passes(frame(5, "02:00:00:00:00:77")), "UPE")
expect.ok(not passes(frame(6, "02:00:00:00:00:77")), "UPE, VID 6")
expect.no_bad "a driver that makes no mistake"
