-- CFIEN keeps tagged frames out whose CFI bit is not RCTL.CFI. The text does not tie it to VFE, so it works alone.
local nic = scenario { name = "vlan-cfi", manual = { "9.3", "13.4.22" } }
local r = nic.regs

step "link up, VLAN 5 in the table"
nic:link_up { speed = 1000, duplex = "full" }
r.VET:write { VET = 0x8100 }
lab.fold("VFTA", function() for i = 0, #r.VFTA - 1 do r.VFTA[i]:write(i == 0 and 1 << 5 or 0) end end)
local rx = nic:rx_ring { entries = 16, SECRC = 1 }

local function passes(tpid, cfi, vid)
  nic:receive(pkt.mac(nic.mac) .. pkt.mac("02:00:00:00:00:02") .. string.pack(">I2I2", tpid, cfi << 12 | vid) .. pkt.pattern(60))
  local got = rx:take() ~= nil
  if got then rx:fill() end
  return got
end

step "every setting of CFIEN, CFI and VFE against every tag"
for vfe = 0, 1 do
  for cfien = 0, 1 do
    for want = 0, 1 do
      lab.fold(string.format("VFE %d CFIEN %d CFI %d", vfe, cfien, want), function()
        r.RCTL:clear { "VFE", "CFIEN", "CFI" }
        r.RCTL:set { VFE = vfe, CFIEN = cfien, CFI = want }
        for cfi = 0, 1 do
          for _, vid in ipairs { 5, 6 } do
            local yes = (vfe == 0 or vid == 5) and (cfien == 0 or cfi == want)
            expect.eq(passes(0x8100, cfi, vid), yes, string.format("tag with CFI %d, VID %d", cfi, vid))
          end
          expect.eq(passes(0x88b5, cfi, 6), true, "no tag, no CFI")
        end
      end)
    end
  end
end
expect.no_bad "a driver that makes no mistake"
