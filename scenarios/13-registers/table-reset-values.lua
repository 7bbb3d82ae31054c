-- Table test 1 of 5: every register of the table has its reset value after each kind of reset, through the
-- memory BAR and through IOADDR and IODATA. Before each reset everything that can hold ones holds ones, so a
-- register that a reset forgets shows.
local nic = scenario { name = "table-reset-values", manual = { "13.1", "13.2", "13.2.1.1", "13.2.2", "13.4", "13.5", "13.6", "13.7", "13.8", "14.7" } }
local mistakes = require("mistakes").watch()
local reset_values = require "reset_values"
local through_io = { regs = nic.io.regs, eeprom = nic.eeprom }

-- Writing ones here does something else than storing them; other scenarios look at these.
local APART = { CTRL = true, STATUS = true, EECD = true, EERD = true, CTRL_EXT = true, MDIC = true, RCTL = true,
                TCTL = true, RDTR = true, PBM = true }

local function ones_everywhere()
  lab.fold("ones into every plain register, marks into the others", function()
    for _, row in ipairs(lab.regs()) do
      if (row.kind == "RW" or row.kind == "W1S") and not APART[row.name] then
        local register = nic.regs[row.name]
        for index = 0, row.count - 1 do
          (row.count > 1 and register[index] or register):write(row.writable)
        end
      end
    end
    nic.regs.CTRL:write { FRCDPLX = 1, ASDE = 1, SPEED = 1, VME = 1, RFCE = 1, TFCE = 1, ILOS = 1, LRST = 1 }
    nic.regs.CTRL_EXT:write { PHYINT_EN = 1, GPI_EN0 = 1, SPD_BYPS = 1 }
    nic.regs.MDIC:write { R = 1, E = 1, I = 1, REGADD = 31, PHYADD = 31, OP = 3, DATA = 0xffff }
    nic.regs.RDTR:write { DELAY_TIMER = 0xffff }
    nic.regs.RCTL:write(0x06dfb3fc)           -- all but EN
    nic.regs.TCTL:write(0x013ffff8)           -- all but EN and SWXOFF
    nic.regs.ICS:write(0x0001f7ff)
  end)
  expect.irq(true, "every cause is set, every one unmasked")
end

step "after power-up, both ways"
nic:expect_reset_values("power")
reset_values.expect(through_io, "power")

step "CTRL.RST, looked at through memory"
ones_everywhere()
nic:reset()
nic:expect_reset_values("software")

step "CTRL.RST, looked at through I/O"
ones_everywhere()
nic:reset()
reset_values.expect(through_io, "software")

step "RST#, through memory"
ones_everywhere()
nic:pci_reset()
nic:expect_reset_values("pci")

step "RST#, through I/O"
ones_everywhere()
nic:pci_reset()
reset_values.expect(through_io, "pci")

step "LAN_PWR_GOOD, through memory"
ones_everywhere()
nic:power_cycle()
nic:expect_reset_values("power")

step "LAN_PWR_GOOD, through I/O"
ones_everywhere()
nic:power_cycle()
reset_values.expect(through_io, "power")
-- Values that no driver would write: each mistake is worked out from the write that made it.
mistakes:expect()
