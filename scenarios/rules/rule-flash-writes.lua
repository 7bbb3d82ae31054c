-- FWE says 01b, off, or 10b, on; a driver that writes EECD from scratch forgets it.
local nic = scenario { name = "rule-flash-writes", manual = { "13.4.3" } }
local r = nic.regs

step "the EEPROM's pins asked for with read-modify-write: FWE stays 01b"
r.EECD:set { EE_REQ = 1 }
r.EECD:clear { "EE_REQ" }
r.EECD:set { FWE = 2 }
expect.silent("flash-write-enable", "01b and 10b")

step "from scratch: 00b; and 11b"
r.EECD:write { EE_REQ = 1 }
expect.bad "flash-write-enable"
r.EECD:write { FWE = 3 }
expect.bad "flash-write-enable"
r.EECD:write { FWE = 1 }
expect.no_bad "off again"
