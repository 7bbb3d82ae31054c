-- Message signaled interrupts: a memory write takes the place of INTA#. One message when an unmasked cause appears,
-- then none until ICR has been read and something new has happened, however many causes come in between.
local nic = scenario { name = "msi", needs = { "virtual-time" }, manual = { "2.6", "4.1.3", "4.1.3.1", "13.4.17", "13.4.18", "13.4.20", "14.7" },
                       cable = false }
local r = nic.regs

local function messages(count, why)
  local list = nic:msis()
  expect.eq(#list, count, why)
  return list
end

step "enabled: 64-bit address, one message allowed"
expect.eq(nic.pci:capability(5), 0xf0, "the capability is in the list")
nic.pci:msi_on { addr = 0x1fee01000, data = 0x4021 }
nic.pci.MSICTL:expect { EN = 1, C64 = 1, MMC = 0 }
messages(0, "no cause, no message")

step "an unmasked cause: one message, INTA# is silent"
r.IMS:write { RXT0 = 1, LSC = 1 }
r.ICS:write { TXDW = 1 }
messages(0, "TXDW is masked")
r.ICS:write { RXT0 = 1 }
local list = messages(1, "RXT0")
expect.eq(list[1].addr, 0x1fee01000, "address")
expect.eq(list[1].data, 0x4021, "data")
expect.irq(false, "4.1.3: the pin is no longer asserted")

step "more causes, masked and unmasked again: no second message before ICR is read"
r.ICS:write { LSC = 1 }
r.ICS:write { RXT0 = 1 }
r.IMC:write { RXT0 = 1, LSC = 1 }
r.IMS:write { RXT0 = 1, LSC = 1 }
nic:run(ms(1))
messages(0, "one has been sent")

step "after the read: nothing until a subsequent event"
r.ICR:expect(0x00085)
nic:run(ms(1))
messages(0, "no event since")
r.ICS:write { LSC = 1 }
messages(1, "LSC")
r.ICR:expect(0x00004)

step "a stored cause that is unmasked is told as well"
r.ICS:write { TXDW = 1 }
messages(0, "masked")
r.IMS:write { TXDW = 1 }
messages(1, "unmasked")

-- 4.1.3 speaks of a read of ICR only. Our choice: an ICR that written ones have emptied counts as read, or
-- a driver that acknowledges in this way (chapter 14 names it) would get one message in its life.
step "written ones that leave a cause do not re-arm; those that empty ICR do"
r.ICS:write { RXT0 = 1 }
r.ICR:write { TXDW = 1 }
r.ICS:write { TXDW = 1 }
messages(0, "RXT0 was never acknowledged")
r.ICR:write {}
r.ICS:write { LSC = 1 }
messages(0, "13.4.17: zeros written acknowledge nothing")
r.ICR:write { TXDW = 1, RXT0 = 1, LSC = 1 }
messages(0, "nothing new")
r.ICR:write {}
messages(0, "nothing at all")
r.ICS:write { RXT0 = 1 }
messages(1, "a new event")
r.ICR:expect(0x00080)

step "throttling holds for messages, too"
nic:run(ms(20))
r.ITR:write { INTERVAL = 500 }
r.ICS:write { RXT0 = 1 }
local t0 = messages(1, "first")[1].at
r.ICR:expect(0x00080)
r.ICS:write { RXT0 = 1 }
nic:run(us(128) - 1)
messages(0, "inside the window")
nic:run(1)
expect.eq(messages(1, "its end")[1].at - t0, us(128), "500 x 256 ns")
r.ICR:expect(0x00080)
r.ITR:write { INTERVAL = 0 }

-- 4.1.3 silent: a message is a bus master's memory write, and Command.BME forbids those. Our choice: it waits.
step "bus mastering off: no message, and no INTA# in its place; on again: now"
nic.pci.COMMAND:clear { "BME" }
r.ICS:write { RXT0 = 1 }
nic:run(ms(1))
messages(0, "4.1 Command: no master cycles")
expect.irq(false, "MSI is still enabled")
nic.pci.COMMAND:set { BME = 1 }
messages(1, "the cause had been kept")
r.ICR:expect(0x00080)

step "MSI off with a cause pending: INTA# tells it; on again: a message does"
r.ICS:write { RXT0 = 1 }
messages(1, "by message first")
r.ICR:expect(0x00080)
nic.pci:msi_off()
r.ICS:write { RXT0 = 1 }
messages(0, "disabled")
expect.irq(true, "INTA#")
nic.pci.MSICTL:set { EN = 1 }
expect.irq(false, "4.1.3: no longer asserted")
messages(1, "the pending cause")
r.ICR:expect(0x00080)
expect.irq(false, "acknowledged")
messages(0, "and nothing after it")

step "a reset with a message unanswered: configuration space stays, the next cause is told"
r.ICS:write { RXT0 = 1 }
messages(1, "not acknowledged")
nic:reset()
nic.pci.MSICTL:expect { EN = 1 }              -- 14.7: PCI configuration space does not change
messages(0, "the reset emptied ICR")
r.IMS:write { RXT0 = 1 }
messages(0, "no cause")
r.ICS:write { RXT0 = 1 }
messages(1, "a first message again")
