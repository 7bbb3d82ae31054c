-- MSI: one message for the first unmasked cause, then silence until ICR has been read and something new
-- happens. The wire INTA# stays quiet all the while. The model counts ITR's window for messages as for the
-- line.
local nic = scenario { name = "msi-one-message", needs = { "virtual-time" },
                       manual = { "4.1", "4.1.3", "4.1.3.1.3", "4.1.3.1.4", "4.1.3.1.5", "4.1.3.1.6", "13.4.17",
                                  "13.4.18", "13.4.19", "13.4.20", "13.4.21" } }
local r, pci = nic.regs, nic.pci
local function messages() return nic:msis() end

step "on: address above 4 GB, data 4021h; nothing to say yet"
pci:msi_on { addr = 0x00000012fee01000, data = 0x4021 }
expect.eq(#messages(), 0, "no cause")

step "a masked cause is stored, and silent"
r.ICS:write { RXT0 = 1 }
expect.eq(#messages(), 0, "masked")

step "unmasked: one dword {0000h, data} to the address; INTA# is not driven"
r.IMS:write { RXT0 = 1, LSC = 1, TXDW = 1 }
local list = messages()
expect.eq(#list, 1, "one message")
expect.eq(list[1].addr, 0x00000012fee01000, "Message Address, both halves")
expect.eq(list[1].data, 0x00004021, "Message Data")
expect.irq(false, "INTA#")

step "another cause, the same again, another mask: not before ICR has been read"
r.ICS:write { LSC = 1 }
r.ICS:write { RXT0 = 1 }
r.IMS:write { RXO = 1 }
r.ICS:write { RXO = 1 }
r.IMC:write { RXO = 1 }
nic:run(ms(1))
expect.eq(#messages(), 0, "one is enough")

step "the read alone sends nothing"
r.ICR:expect { RXT0 = 1, LSC = 1, RXO = 1, TXDW = 0 }
nic:run(ms(1))
expect.eq(#messages(), 0, "no new event")

step "the next event does, with the data that is set now"
pci.MSIDATA:write(0x40ff)
r.ICS:write { TXDW = 1 }
list = messages()
expect.eq(#list, 1, "one message")
expect.eq(list[1].data, 0x40ff, "Message Data")
r.ICR:expect { TXDW = 1, LSC = 0 }

step "throttled to 128 us: the second message waits for the window"
r.ITR:write { INTERVAL = 500 }
r.ICS:write { TXDW = 1 }
local first = messages()
r.ICR:expect { TXDW = 1 }
r.ICS:write { LSC = 1 }
nic:run(us(128) - 1)
expect.eq(#messages(), 0, "127999 ns after the first")
nic:run(ns(1))
local second = messages()
expect.eq(#second, 1, "128 us after the first")
expect.eq(second[1].at - first[1].at, us(128), "500 x 256 ns")
r.ICR:expect { LSC = 1 }
r.ITR:write { INTERVAL = 0 }

step "without bus mastering a message cannot leave; it does once that is back"
pci.COMMAND:clear { "BME" }
r.ICS:write { LSC = 1 }
nic:run(us(10))
expect.eq(#messages(), 0, "4.1: bus master enable gates it")
pci.COMMAND:set { BME = 1 }
expect.eq(#messages(), 1, "sent now")

step "MSI off again with a cause pending: INTA# speaks"
r.ICS:write { TXDW = 1 }
expect.irq(false, "MSI still on")
pci:msi_off()
expect.irq(true, "INTA#")
expect.eq(#messages(), 0, "no message")
r.ICR:expect { TXDW = 1, LSC = 1 }
expect.irq(false, "acknowledged")
