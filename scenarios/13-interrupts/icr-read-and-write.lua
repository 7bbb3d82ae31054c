-- Looking at ICR empties it: one read tells every cause, masked or not, and acknowledges them all. A written 1
-- takes away its own bit only. The width of the read does not matter, so a byte read loses causes as well: a
-- driver that peeks at one byte of ICR has acknowledged the other three.
local nic = scenario { name = "icr-read-and-write", manual = { "2.6", "13.2", "13.2.2", "13.4.17", "13.4.19" },
                       cable = false }
local r = nic.regs
local ICR, ICS, IMS = 0xc0, 0xc8, 0xd0

step "a read returns every cause, masked or not, and leaves none"
r.IMS:write { RXT0 = 1 }
r.ICS:write { TXDW = 1, LSC = 1, RXT0 = 1, SRPD = 1 }
expect.irq(true, "RXT0 is unmasked")
r.ICR:expect(0x10085)
expect.irq(false, "13.4.17: the read acknowledged the interrupt")
r.ICR:expect(0)

step "a written 1 clears its own bit; the line stays for the one that is left"
r.ICS:write { TXDW = 1, LSC = 1, RXT0 = 1 }
r.ICR:write { LSC = 1 }
expect.irq(true, "RXT0 is still there")
r.ICR:write { RXT0 = 1 }
expect.irq(false, "TXDW is masked")
r.ICR:expect(0x00001)

step "a written 0 does nothing, nor does a 1 where no cause is"
r.ICS:write { TXDW = 1, RXT0 = 1 }
r.ICR:write(0)
expect.irq(true, "nothing cleared")
r.ICR:write(0xffffff7e)
expect.irq(true, "every bit but TXDW and RXT0")
r.ICR:expect(0x00081)
expect.irq(false, "read")

step "a byte read, anywhere in the register, clears all 32 bits"
r.IMS:write { SRPD = 1 }
for at = 0, 3 do
  r.ICS:write(0x1f7ff)
  expect.irq(true, "unmasked causes")
  expect.eq(lab.bar_read("mem", ICR + at, 1), 0x1f7ff >> 8 * at & 0xff, "byte " .. at)
  expect.irq(false, "13.2: side effects do not depend on the byte enables")
  r.ICR:expect(0)
end

step "so does a word read"
for at = 0, 2, 2 do
  r.ICS:write(0x1f7ff)
  expect.eq(lab.bar_read("mem", ICR + at, 2), 0x1f7ff >> 8 * at & 0xffff, "word at " .. at)
  expect.irq(false, "read")
  r.ICR:expect(0)
end

step "and a read through the I/O window, of any width"
for _, size in ipairs { 1, 2, 4 } do
  r.ICS:write(0x1f7ff)
  lab.bar_write("io", 0, 4, ICR)
  expect.eq(lab.bar_read("io", 4, size), 0x1f7ff & (1 << 8 * size) - 1, "IODATA, " .. size .. " bytes")
  expect.irq(false, "read")
  r.ICR:expect(0)
end

step "writes narrower than 32 bits are ignored, by all four registers"
r.ICS:write { RXT0 = 1 }
lab.bar_write("mem", ICR, 1, 0xff)
lab.bar_write("mem", ICR, 2, 0xffff)
expect.irq(true, "nothing was cleared")
lab.bar_write("mem", ICS, 1, 0x01)
lab.bar_write("mem", IMS, 2, 0x0001)
expect.bad("narrow-register-write", 4)
r.IMS:expect(0x10080)
r.ICR:expect(0x00080)
