-- PME_En and PME_Status exist once and are seen twice: in PMCSR by the operating system, in WUC by the driver.
-- A write through either shows in the other, and PME# follows at once.
local nic = scenario { name = "wuc-is-pmcsr", manual = { "6.3.3.4", "6.4.2", "13.6.1", "13.6.3" } }
local wake = require "wake"
local r, pci = nic.regs, nic.pci
nic:link_up()

step "PME_En by PMCSR"
pci.PMCSR:write { PME_EN = 1 }
r.WUC:expect { PME_En = 1, PME_Status = 0, APME = 0, APMPME = 0 }
pci.PMCSR:write(0)
r.WUC:expect { PME_En = 0 }

step "PME_En by WUC; the rest of PMCSR stays"
pci.PMCSR:write { SELECT = 7 }
r.WUC:write { PME_En = 1 }
pci.PMCSR:expect { PME_EN = 1, PME_STATUS = 0, STATE = 0, SELECT = 7 }
r.WUC:write(0)
pci.PMCSR:expect { PME_EN = 0, SELECT = 7 }

local function woken()
  r.WUFC:write { EX = 1 }
  nic:receive(pkt.eth { dst = nic.mac, src = "02:00:00:00:00:02" } / pkt.pattern(46))
  nic:run(us(1))
  r.WUC:expect { PME_Status = 1 }
  pci.PMCSR:expect { PME_STATUS = 1 }
  r.WUFC:write(0)
  r.WUS:write { EX = 1 }
end

step "PME_Status by a packet; it does not need PME_En, PME# does"
woken()
expect.eq(nic:pme(), false, "PME_En is 0")
r.WUC:write { PME_En = 1 }
expect.eq(nic:pme(), true, "PME_Status stood already")
pci.PMCSR:expect { PME_EN = 1, PME_STATUS = 1 }

step "PME_En 0 releases PME#, and PME_Status stays for whoever asks"
pci.PMCSR:write { PME_EN = 0 }
expect.eq(nic:pme(), false, "6.4.2")
r.WUC:expect { PME_Status = 1, PME_En = 0 }
pci.PMCSR:write { PME_EN = 1 }
expect.eq(nic:pme(), true, "again")

step "a 0 written to PME_Status does nothing, a 1 clears it: through WUC"
r.WUC:write { PME_En = 1, PME_Status = 0 }
expect.eq(nic:pme(), true, "0 written")
r.WUC:write { PME_En = 1, PME_Status = 1 }
expect.eq(nic:pme(), false, "1 written")
pci.PMCSR:expect { PME_STATUS = 0, PME_EN = 1 }

step "and through PMCSR, by its upper byte alone"
woken()
expect.eq(nic:pme(), true, "PME_En is 1")
pci:write(0xe0, 1, 0x80)                      -- the lower byte has no such bit
expect.eq(nic:pme(), true, "the lower byte")
pci:write(0xe1, 1, 0x81)
expect.eq(nic:pme(), false, "the upper byte")
r.WUC:expect { PME_Status = 0, PME_En = 1 }

step "APME and APMPME are WUC's own"
r.WUC:write { APME = 1, APMPME = 1 }
pci.PMCSR:expect { PME_EN = 0, PME_STATUS = 0 }
pci.PMCSR:write { PME_EN = 1 }
r.WUC:expect { APME = 1, APMPME = 1, PME_En = 1 }
r.WUC:expect(0x0000000b)
