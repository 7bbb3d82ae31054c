-- The register test of Linux ethtool (`ethtool -t`, offline), with the driver's own masks, order and patterns:
-- an opinion about the table that does not come from the table. It leaves the receiver on with rings that fit
-- nowhere, so the device also has to survive it without touching memory.
local nic = scenario { name = "linux-register-test", manual = { "13.2", "13.4.2", "13.4.8", "13.4.9", "13.4.10", "13.4.11", "13.4.12", "13.4.13",
                                                               "13.4.22", "13.4.24", "13.4.25", "13.4.26", "13.4.27", "13.4.28",
                                                               "13.4.29", "13.4.30", "13.4.33", "13.4.34", "13.4.36", "13.4.37",
                                                               "13.4.38", "13.4.41", "13.5.1", "13.5.3" } }
local mistakes = require("mistakes").watch()
local r = nic.regs
local PATTERNS = { 0x5a5a5a5a, 0xa5a5a5a5, 0x00000000, 0xffffffff }

-- writable bits as the driver has them, W; bits that read back, M
local function pattern_test(register, mask, write)
  for _, pattern in ipairs(PATTERNS) do
    register:write(write & pattern)
    register:expect(write & pattern & mask)
  end
end

local function set_and_check(register, mask, value)
  register:write(value & mask)
  expect.eq(register:raw() & mask, value & mask, register.name)
end

step "the device was just reset, interrupts are masked, there is a link"
nic:link_up { speed = 1000 }
nic:reset()
r.IMC:write(0xffffffff)
local status = r.STATUS:raw()

step "STATUS does not take FFFFF833h"
r.STATUS:write(0xfffff833)
expect.eq(r.STATUS:raw() & 0xfffff833, status & 0xfffff833, "read-only")
r.STATUS:write(status)

step "patterns, fourteen registers"
for _, row in ipairs { { "FCAL", 0xffffffff, 0xffffffff }, { "FCAH", 0x0000ffff, 0xffffffff }, { "FCT", 0x0000ffff, 0xffffffff },
                       { "VET", 0x0000ffff, 0xffffffff }, { "RDTR", 0x0000ffff, 0xffffffff }, { "RDBAH", 0xffffffff, 0xffffffff },
                       { "RDLEN", 0x000fff80, 0x000fffff }, { "RDH", 0x0000ffff, 0x0000ffff }, { "RDT", 0x0000ffff, 0x0000ffff },
                       { "FCRTH", 0x0000fff8, 0x0000fff8 }, { "FCTTV", 0x0000ffff, 0x0000ffff }, { "TIPG", 0x3fffffff, 0x3fffffff },
                       { "TDBAH", 0xffffffff, 0xffffffff }, { "TDLEN", 0x000fff80, 0x000fffff } } do
  lab.fold(row[1], pattern_test, r[row[1]], row[2], row[3])
end

step "RCTL off, then nearly everything on, with RDH = RDT = FFFFh"
set_and_check(r.RCTL, 0xffffffff, 0x00000000)
set_and_check(r.RCTL, 0x06dfb3fe, 0x003ffffb)
set_and_check(r.TCTL, 0xffffffff, 0x00000000)
set_and_check(r.RCTL, 0x06dfb3fe, 0xffffffff)

step "patterns with the receiver on: it does not follow the ring about"
for _, row in ipairs { { "RDBAL", 0xfffffff0, 0xffffffff }, { "TXCW", 0xc000ffff, 0x0000ffff }, { "TDBAL", 0xfffffff0, 0xffffffff },
                       { "TIDV", 0x0000ffff, 0x0000ffff } } do
  lab.fold(row[1], pattern_test, r[row[1]], row[2], row[3])
end
lab.fold("RAH[0] to RAH[14]", function()
  for index = 0, 14 do pattern_test(r.RAH[index], 0x8003ffff, 0xffffffff) end
end)
lab.fold("MTA", function()
  for index = 0, 127 do pattern_test(r.MTA[index], 0xffffffff, 0xffffffff) end
end)

step "frames arrive meanwhile, and the link comes back: no DMA, no interrupt"
r.CTRL:write { SLU = 1 }
for i = 1, 3 do
  nic:receive { pkt.eth { src = "02:00:00:00:00:02", dst = "ff:ff:ff:ff:ff:ff" } / "ethtool", pad = true, at = nic:now() + us(10 * i) }
end
nic:run(ms(1))
expect.irq(false, "masked")
expect.eq(#lab.violations(), 0, "memory that nobody gave it")
r.RDH:expect { RDH = 0xffff }
expect.eq(#nic:sent { now = true }, 0, "nothing leaves")

step "the mistakes that this self-test makes on purpose; the reset after it makes all of them harmless"
mistakes:expect()

step "the driver resets; all is well again"
nic:reset()
nic:expect_reset_values("software")
