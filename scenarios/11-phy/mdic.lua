-- The way to the PHY: one command in MDIC, the frame on the wires, R. Silent: how long, and what a wrong
-- address, a reserved opcode or a command in between do. Our choices: 64 clocks of 2.5 MHz (8.3's highest);
-- nobody answers another address, so a read ends with E and all ones; a reserved opcode ends at once without
-- reaching the PHY; a write before R is lost.
local nic = scenario { name = "mdic", needs = { "virtual-time" }, cable = false, manual = { "8.3", "8.6.2.4", "13.4.7", "13.4.17" } }
local r = nic.regs
local READ, WRITE = 2, 1

step "R is 0 after reset although nothing runs"
r.MDIC:expect { R = 0, I = 0, E = 0, OP = 0, PHYADD = 0, REGADD = 0 }

step "read of PID: R and the data after 25.6 us, not before"
r.MDIC:write { OP = READ, PHYADD = 1, REGADD = 2 }
r.MDIC:expect { R = 0, OP = READ, PHYADD = 1, REGADD = 2 }
nic:run(ns(25600) - 1)
r.MDIC:expect { R = 0 }
nic:run(ns(1))
r.MDIC:expect { R = 1, E = 0, DATA = 0x0141, OP = READ, PHYADD = 1, REGADD = 2, I = 0 }
r.ICR:expect(0)                               -- I was 0

step "it stays until the next command"
nic:run(ms(1))
r.MDIC:expect { R = 1, DATA = 0x0141 }

step "write of ANA: R says that the next command may come; the value arrives with it"
r.MDIC:write { OP = WRITE, PHYADD = 1, REGADD = 4, DATA = 0x0de1 }
nic:run(ns(25600) - 1)
r.MDIC:expect { R = 0 }
nic:run(ns(1))
r.MDIC:expect { R = 1, E = 0 }
nic.phy.ANA:expect(0x0de1)
expect.silent("mdic-while-busy", "a command at R")
expect.silent("mdic-opcode", "01b and 10b")
expect.silent("phy-address", "1")

step "I = 1: MDAC with R, for a read and for a write"
r.IMS:write { MDAC = 1 }
local start = nic:now()
r.MDIC:write { OP = READ, PHYADD = 1, REGADD = 4, I = 1 }
expect.eq(nic:wait_irq { within = us(30) } - start, ns(25600), "at the end of the frame")
r.MDIC:expect { R = 1, I = 1, DATA = 0x0de1 }
r.ICR:expect(0x0200)
start = nic:now()
r.MDIC:write { OP = WRITE, PHYADD = 1, REGADD = 4, DATA = 0x01e1, I = 1 }
expect.eq(nic:wait_irq { within = us(30) } - start, ns(25600), "at the end of the frame")
r.ICR:expect(0x0200)

step "a second command before R is lost; the first goes on undisturbed"
r.MDIC:write { OP = READ, PHYADD = 1, REGADD = 3 }
nic:run(us(10))
r.MDIC:write { OP = WRITE, PHYADD = 1, REGADD = 4, DATA = 0x0001 }
expect.bad("mdic-while-busy")
nic:run(ns(15600) - 1)
r.MDIC:expect { R = 0, REGADD = 3, OP = READ }
nic:run(ns(1))
r.MDIC:expect { R = 1, REGADD = 3, DATA = 0x0c20 }
nic:run(us(30))
nic.phy.ANA:expect(0x01e1)

step "a PHY that is not there: E, all ones; a write to it changes nothing here"
r.MDIC:write { OP = READ, PHYADD = 2, REGADD = 2 }
nic:run(ns(25600))
r.MDIC:expect { R = 1, E = 1, DATA = 0xffff, PHYADD = 2 }
expect.bad("phy-address")
expect.eq(nic.phy:read(2, 0), nil, "address 0")
expect.eq(nic.phy:read(2, 31), nil, "address 31")
nic.phy:write(4, 0x0001, 3)
expect.bad("phy-address", 3)
nic.phy.ANA:expect(0x01e1)

step "E is gone with the next good read"
r.MDIC:write { OP = READ, PHYADD = 1, REGADD = 2 }
nic:run(us(26))
r.MDIC:expect { R = 1, E = 0, DATA = 0x0141 }

step "reserved opcodes 00b and 11b do nothing; R at once, no interrupt"
for _, op in ipairs { 0, 3 } do
  r.MDIC:write { OP = op, PHYADD = 1, REGADD = 4, DATA = 0x0001, I = 1 }
  r.MDIC:expect { R = 1, E = 0 }
  expect.bad("mdic-opcode")
end
nic:run(us(30))
r.ICR:expect(0)
nic.phy.ANA:expect(0x01e1)

step "a write with R = 1 is no command"
r.MDIC:write { OP = WRITE, PHYADD = 1, REGADD = 4, DATA = 0x0001, R = 1 }
nic:run(us(30))
nic.phy.ANA:expect(0x01e1)

step "CTRL.RST in the middle of a frame: the command is gone, no R comes late"
r.MDIC:write { OP = READ, PHYADD = 1, REGADD = 2, I = 1 }
nic:run(us(10))
nic:reset()
r.MDIC:expect { R = 0, E = 0, I = 0, OP = 0, PHYADD = 0, REGADD = 0 }
r.ICR:expect(0)
expect.no_bad()
