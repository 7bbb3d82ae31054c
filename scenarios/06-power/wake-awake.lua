-- The filters work in D0 as well: the packet that sets PME_Status also goes to host memory, and the receiver
-- counts it. PME_Status comes without PME_En, PME# does not.
local nic = scenario { name = "wake-awake", manual = { "6.3.3.3", "6.3.3.4", "6.4.2", "13.6.1", "13.6.3" } }
local wake = require "wake"
local r = nic.regs
nic:link_up()
nic.pci.PMC:expect { PME = 0x09 }             -- PME# from D0 and D3hot

local rx = nic:rx_ring { entries = 8, SECRC = 1 }
r.IMS:write { RXT0 = 1 }
local frame = tostring(pkt.eth { dst = nic.mac, src = "02:00:00:00:00:02" } / pkt.pattern(100))

-- 6.4.2 silent on delivery: nothing says that it is dropped, and a driver that leaves its filters on after
-- resume would otherwise lose the packet.
step "it wakes and is received"
wake.filters(nic, { EX = 1 })
nic:receive(frame)
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")
expect.bytes(rx:take(), frame, "in host memory")
expect.irq(true, "and the driver is told")
r.ICR:expect { RXT0 = 1 }
r.WUS:expect(wake.bits { EX = 1 })
r.GPRC:expect { GPRC = 1 }

step "the next one is received, and changes nothing in WUS"
nic:receive(frame:sub(1, 80))
nic:run(us(10))
expect.bytes(rx:take(), frame:sub(1, 80), "in host memory")
r.WUPL:expect { LEN = 118 }
r.GPRC:expect { GPRC = 1 }
r.ICR:raw()

step "PME_En = 0: WUS and PME_Status all the same (6.3.3.4: independent of PME_En), no PME#"
nic.pci.PMCSR:write { PME_STATUS = 1 }
r.WUS:write(0x000f00ff)
nic:receive(frame)
nic:run(us(10))
r.WUS:expect(wake.bits { EX = 1 })
nic.pci.PMCSR:expect { PME_STATUS = 1, PME_EN = 0 }
expect.eq(nic:pme(), false, "PME_En is 0")
rx:take()

step "with no filter on, nothing of it"
r.WUFC:write(0)
nic.pci.PMCSR:write { PME_STATUS = 1, PME_EN = 1 }
r.WUS:write(0x000f00ff)
nic:receive(frame)
nic:run(us(10))
r.WUS:expect(wake.bits())
nic.pci.PMCSR:expect { PME_STATUS = 0 }
expect.bytes(rx:take(), frame, "in host memory")
r.GPRC:expect { GPRC = 2 }
