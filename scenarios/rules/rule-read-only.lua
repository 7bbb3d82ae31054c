-- A write to a register that only hardware writes is lost, and said so; ICR, which takes ones to clear, is none of them.
local nic = scenario { name = "rule-read-only", manual = { "13.2", "13.4.2", "13.4.17", "13.7" } }
local r = nic.regs

step "STATUS and two counters"
local before = r.STATUS:raw()
for _, name in ipairs { "STATUS", "GPRC", "TOTH" } do
  r[name]:write(0xffffffff)
  expect.bad "read-only-write"
end
r.STATUS:expect(before)
r.GPRC:expect(0)

step "ICR is written to clear causes"
r.ICS:write { LSC = 1 }
r.ICR:write { LSC = 1 }
expect.silent("read-only-write", "a way to acknowledge")
r.ICR:expect(0)
