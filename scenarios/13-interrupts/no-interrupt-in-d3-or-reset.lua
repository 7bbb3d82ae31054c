-- What ends an interrupt besides the driver: each reset empties ICR and the mask and drops the line, and so does a
-- throttling window that was open. A card in D3 answers configuration accesses only and asks for nothing.
local nic = scenario { name = "no-interrupt-in-d3-or-reset", needs = { "virtual-time" },
                       manual = { "6.3.1.2", "6.3.1.4", "13.4.1", "13.4.17", "13.4.18", "13.4.20", "14.7" },
                       cable = false }
local r = nic.regs

local function set_up() lab.fold("PCI set-up", function() nic.pci:setup() end) end

local function asserted(itr)
  r.ITR:write { INTERVAL = itr or 0 }
  r.IMS:write { RXT0 = 1 }
  r.ICS:write { RXT0 = 1, LSC = 1 }
  expect.irq(true, "asserted")
end

local function all_clear(why)
  expect.irq(false, why)
  r.ICR:expect(0)
  r.IMS:expect(0)
  r.ITR:expect { INTERVAL = 0 }
  r.IMS:write { RXT0 = 1 }
  expect.irq(false, "no cause came through " .. why)
  r.ICS:write { RXT0 = 1 }
  expect.irq(true, "no window came through " .. why)
  r.ICR:raw()
  r.IMC:write { RXT0 = 1 }
end

step "CTRL.RST: causes, mask and interval are gone, the line drops at once"
asserted(65535)
r.CTRL:write { RST = 1 }
expect.irq(false, "in the reset")
nic:run(ms(5))
all_clear("CTRL.RST")

step "CTRL.RST while a cause waits for its window: it does not come later"
asserted(500)
r.ICR:raw()
r.ICS:write { RXT0 = 1 }
expect.irq(false, "waiting for the window")
r.CTRL:write { RST = 1 }
nic:run(ms(5))
expect.irq(false, "128 us are long over")
all_clear("CTRL.RST in the window")

step "RST#: silent from the falling edge on"
asserted(65535)
lab.pci_reset(true)
expect.irq(false, "RST# is low")
nic:run(us(100))
expect.irq(false, "still low")
lab.pci_reset(false)
nic:run(ms(10))
set_up()
all_clear("RST#")

step "LAN_PWR_GOOD: the same"
asserted(65535)
lab.power_good(false)
expect.irq(false, "no power")
nic:run(ms(1))
lab.power_good(true)
nic:run(ms(10))
set_up()
all_clear("LAN_PWR_GOOD")

-- 6.3.1.4 names configuration accesses as all there is in D3. Our choice for the pin: quiet, as PCI power
-- management wants it; a level interrupt that nobody can clear would hang a shared line.
step "D3: the line drops although nobody read ICR"
asserted(0)
nic.pci:power(3)
expect.irq(false, "D3")
nic:run(ms(1))
expect.irq(false, "D3")

step "back to D0: everything as after a reset"
nic.pci:power(0)
nic:run(ms(10))
set_up()
all_clear("D3")

step "D3 with a cause that waits for its window: the window's end says nothing"
asserted(500)
r.ICR:raw()
r.ICS:write { RXT0 = 1 }
nic.pci:power(3)
nic:run(ms(1))
expect.irq(false, "D3")
nic.pci:power(0)
nic:run(ms(10))
set_up()
all_clear("D3 in the window")
