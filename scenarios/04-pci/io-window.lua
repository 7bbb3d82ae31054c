-- The I/O window: IOADDR holds an offset, IODATA is that register. Boot code and the reset path of a driver
-- use it; what counts is that narrow writes are lost, narrow reads are whole reads with all their effects,
-- and that IOADDR keeps its value until a reset that is named for it.
local nic = scenario { name = "io-window", manual = { "13.2", "13.2.2", "13.2.2.1", "13.2.2.2", "14.7" } }
local r = nic.regs
local function rd(at, size) return lab.bar_read("io", at, size or 4) end
local function wr(at, value, size) lab.bar_write("io", at, size or 4, value) end

step "IOADDR is a dword; bits 31:20 are 0"
expect.eq(rd(0), 0, "after power-up")
wr(0, 0xffffffff)
expect.eq(rd(0), 0x000fffff, "20 bits")
wr(0, 0x00038)
expect.eq(rd(0), 0x00038, "VET")

step "IODATA is the register it points at, both ways"
wr(4, 0x8100)
r.VET:expect { VET = 0x8100 }
r.VET:write { VET = 0x9100 }
expect.eq(rd(4), 0x9100, "VET")
expect.eq(rd(0), 0x00038, "IOADDR does not move on")

step "writes of less than a dword to IOADDR are ignored"
wr(0, 0x00, 1)
wr(0, 0x1234, 2)
wr(2, 0x000f, 2)
wr(1, 0x55, 1)
expect.eq(rd(0), 0x00038, "still VET")
expect.bad("narrow-register-write", 4)

step "reads of it may have any size"
wr(0, 0x12818)
expect.eq(rd(0, 1), 0x18, "low byte")
expect.eq(rd(1, 1), 0x28, "next byte")
expect.eq(rd(0, 2), 0x2818, "low word")
expect.eq(rd(2, 2), 0x0001, "high word")
expect.eq(rd(3, 1), 0x00, "high byte")
wr(0, 0x00038)

step "writes of less than a dword to a register through IODATA are ignored"
wr(4, 0x22, 1)
wr(4, 0x2222, 2)
wr(5, 0x33, 1)
wr(6, 0x4444, 2)
r.VET:expect { VET = 0x9100 }
expect.bad("narrow-register-write", 4)

step "a byte read of ICR through it clears all of ICR"
r.ICS:write { LSC = 1, RXO = 1, SRPD = 1 }
wr(0, 0x000c0)
expect.eq(rd(6, 1), 0x01, "third byte: SRPD")
r.ICR:expect(0)
r.ICS:write { LSC = 1, RXO = 1 }
expect.eq(rd(4, 2), 0x0044, "low word: LSC and RXO")
r.ICR:expect(0)

step "the packet buffer is within reach, too"
wr(0, 0x1fffc)
wr(4, 0xa1b2c3d4)
r.PBM[16383]:expect(0xa1b2c3d4)

step "an address between two dwords means the dword that it lies in (silent: our choice)"
wr(0, 0x0003b)
wr(4, 0x9200)
r.VET:expect { VET = 0x9200 }
expect.eq(rd(4), 0x9200, "VET")
wr(4, 0x9100)

step "20000h to 7FFFFh must not be used: no register behind, above or below moves"
r.CTRL:write(0x00000201)
for _, address in ipairs { 0x20000, 0x20038, 0x7fffc } do
  wr(0, address)
  wr(4, 0xffffffff)
  expect.eq(rd(4), 0, "13.2.2 silent: our choice, nothing is there")
end
expect.bad("undeclared-register", 6)
r.CTRL:expect(0x00000201)
r.VET:expect { VET = 0x9100 }

step "CTRL.RST through the window; IOADDR is not on its list"
nic.io.regs.CTRL:write { RST = 1 }
nic:run(ms(5))
expect.eq(rd(0), 0x00000, "CTRL, as the driver left it")
wr(0, 0x00e00)
nic:reset()
expect.eq(rd(0), 0x00e00, "kept")

step "RST# sets it to 0"
nic:pci_reset()
expect.eq(rd(0), 0, "13.2.2.1")

step "so does LAN_PWR_GOOD"
wr(0, 0x00e00)
expect.eq(rd(0), 0x00e00, "written")
nic:power_cycle()
expect.eq(rd(0), 0, "13.2.2.1")
