-- Registers are 32 bits: a narrower write is ignored, a narrower read reads all of the register, side effects
-- included; it is the bus that picks the bytes. A driver that reads one byte of ICR has acknowledged every
-- cause. A 64-bit access is two registers that lie side by side.
local nic = scenario { name = "narrow-memory-access", manual = { "13.2", "13.4.8", "13.4.17", "13.5.2", "13.5.3", "13.7" } }
local r = nic.regs
local function rd(at, size) return lab.bar_read("mem", at, size) end
local function wr(at, size, value) lab.bar_write("mem", at, size, value) end
local VET, ICR, LEDCTL, RAL1 = 0x00038, 0x000c0, 0x00e00, 0x05408

step "narrow writes, aligned and not, are ignored"
r.VET:write { VET = 0x8100 }
wr(VET, 1, 0xff)
wr(VET + 1, 1, 0xff)
wr(VET, 2, 0xffff)
wr(VET + 2, 2, 0xffff)
r.VET:expect { VET = 0x8100 }
expect.bad("narrow-register-write", 4)

step "narrow reads: bytes of the whole"
r.LEDCTL:write(0x8f4e0d02)
for i, byte in ipairs { 0x02, 0x0d, 0x4e, 0x8f } do expect.eq(rd(LEDCTL + i - 1, 1), byte, "byte " .. i - 1) end
expect.eq(rd(LEDCTL, 2), 0x0d02, "low word")
expect.eq(rd(LEDCTL + 2, 2), 0x8f4e, "high word")

step "one byte of ICR acknowledges every cause, the line falls"
r.IMS:write { LSC = 1, TXD_LOW = 1 }
r.ICS:write { LSC = 1, TXD_LOW = 1, SRPD = 1 }
expect.irq(true, "two unmasked causes")
expect.eq(rd(ICR, 1), 0x04, "LSC is all this byte can show")
expect.irq(false, "all of ICR is clear")
r.ICR:expect(0)

step "so does the highest byte, which is always 0"
r.ICS:write { LSC = 1, SRPD = 1 }
expect.irq(true, "LSC")
expect.eq(rd(ICR + 3, 1), 0x00, "bits 31:24")
expect.irq(false, "clear")
r.ICR:expect(0)

step "a narrow write of ones does not acknowledge anything"
r.ICS:write { LSC = 1 }
wr(ICR, 1, 0xff)
wr(ICR, 2, 0xffff)
expect.bad("narrow-register-write", 2)
expect.irq(true, "still there")
r.ICR:expect { LSC = 1 }

step "a narrow write of ICS or IMS raises nothing"
wr(0x000c8, 2, 0x0004)
wr(0x000d0, 1, 0x80)
expect.bad("narrow-register-write", 2)
r.ICR:expect(0)
r.IMS:expect { LSC = 1, TXD_LOW = 1, RXT0 = 0 }

step "a receive address is written and read as one 64-bit pair"
wr(RAL1, 8, 0x0003563412005452 | 1 << 63)
expect.bad "address-select"                    -- AS = 3, only to see all of it
expect.silent("narrow-register-write", "a pair is two whole registers")
r.RAL[1]:expect { RAL = 0x12005452 }
r.RAH[1]:expect { RAH = 0x5634, AS = 3, AV = 1 }
r.RAH[1]:write { RAH = 0xabcd }
expect.eq(rd(RAL1, 8), 0x0000abcd12005452, "both halves")
