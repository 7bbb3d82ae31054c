-- Frames with any fault wake nobody, whichever filter they would pass, and even where RCTL.SBP stores them.
-- 6.4.3.4 has the CRC validated for its filter; for the others we take it as meant.
local nic = scenario { name = "wake-bad-frames", manual = { "6.4.2", "6.4.3.4", "13.4.22", "13.6.3" } }
local wake = require "wake"
local r = nic.regs
nic:link_up()
r.WUC:write { APME = 1, APMPME = 1 }
lab.fold("a flexible filter that takes everything", function()
  for at = 0, 127 do r.FFMT[at]:write(0) end
  r.FFLT[0]:write { LEN = 0 }
end)
wake.filters(nic, { MAG = 1, EX = 1, BC = 1, FLX0 = 1 })
local magic = tostring(wake.magic(nic.mac))
local function plain(length) return magic:sub(1, length) end

for _, sbp in ipairs { 0, 1 } do
  step(string.format("SBP = %d", sbp))
  r.RCTL:write { SBP = sbp, BAM = 1 }
  wake.expect(nic, { magic, fcs = "bad" }, {}, "wrong FCS")
  wake.expect(nic, { magic, rx_er = true }, {}, "RX_ER")
  wake.expect(nic, { magic, align = true }, {}, "alignment")
  wake.expect(nic, { magic, cext = true }, {}, "carrier extension")
  wake.expect(nic, { plain(59) }, {}, "63 bytes")
  wake.expect(nic, { plain(6) }, {}, "an address and no more")
  wake.expect(nic, { plain(5) }, {}, "not even that")
  wake.expect(nic, { "" }, {}, "nothing but an FCS")
end

step "the shortest and the longest legal frame"
local function long(length) return magic .. string.rep("\0", length - #magic) end
wake.expect(nic, { plain(60) }, { EX = 1, FLX0 = 1 }, "64 bytes")
wake.expect(nic, long(1518), { MAG = 1, EX = 1, FLX0 = 1 }, "1522 bytes")
wake.expect(nic, long(1519), {}, "1523 bytes")
r.RCTL:write { LPE = 1 }
wake.expect(nic, long(1519), { MAG = 1, EX = 1, FLX0 = 1 }, "LPE")
wake.expect(nic, long(16380), { MAG = 1, EX = 1, FLX0 = 1 }, "16384 bytes")
wake.expect(nic, long(16381), {}, "16385 bytes")

step "and the same packet, good"
wake.expect(nic, magic, { MAG = 1, EX = 1, FLX0 = 1 }, "good")
