-- Codes of RCTL that 13.4.22 reserves: BSIZE 00b with BSEX, RDMTS 11b, LBM 01b and 10b. All others pass.
local nic = scenario { name = "rule-receive-control", manual = { "13.4.22" } }
local r = nic.regs

step "buffer sizes"
for size = 0, 3 do
  r.RCTL:write { BSIZE = size }
  expect.silent("buffer-size-reserved", "2048 to 256")
  r.RCTL:write { BSIZE = size, BSEX = 1 }
  if size == 0 then expect.bad "buffer-size-reserved" else expect.no_bad "16384 to 4096" end
end

step "minimum threshold"
for share = 0, 2 do r.RCTL:write { RDMTS = share } end
expect.silent("minimum-threshold-reserved", "1/2, 1/4, 1/8")
r.RCTL:write { RDMTS = 3 }
expect.bad "minimum-threshold-reserved"

step "loopback"
for mode = 0, 3 do
  r.RCTL:write { LBM = mode }
  if mode == 1 or mode == 2 then expect.bad "loopback-mode" else expect.silent("loopback-mode", "none, PHY") end
end
