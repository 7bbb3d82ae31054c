-- Three parties share the EEPROM: the hardware's own auto-load, EERD, and software on the four wires. The
-- grant comes when the hardware is done; an EERD read that meets a request waits until it is given back.
-- Silent: how long the load takes. Our choice: 27 words of 25 us each (13.4.4 silent); Linux allows 5 ms.
local nic = scenario { name = "arbitration", needs = { "virtual-time" },
                       manual = { "5.1", "5.3.1", "13.4.3", "13.4.4" } }
local r, wire = nic.regs, nic.eeprom.wire

step "the load after CTRL.RST: no grant before its end"
r.CTRL:write { RST = 1 }
nic:run(us(1))
r.EECD:write { FWE = 1, EE_REQ = 1 }
r.EECD:expect { EE_REQ = 1, EE_GNT = 0 }
nic:run(us(674) - 1)
r.EECD:expect { EE_GNT = 0 }
nic:run(ns(1))
r.EECD:expect { EE_GNT = 1 }
expect.eq(wire:read(0x00), 0x5452, "the wires are ours")
expect.silent("eeprom-pins-no-grant", "moved with the grant")
nic.eeprom:release()

step "pins moved before the grant are lost on the part"
r.CTRL:write { RST = 1 }
nic:run(us(1))
r.EECD:write { FWE = 1, EE_REQ = 1, CS = 1, DI = 1 }
r.EECD:write { FWE = 1, EE_REQ = 1, CS = 1, DI = 1, SK = 1 }
expect.bad("eeprom-pins-no-grant", 2)
nic:run(ms(1))
r.EECD:expect { EE_GNT = 1, DO = 0 }
expect.eq(wire:read(0x01), 0x1200, "an instruction of its own")
nic.eeprom:release()

step "EERD during the load waits for its end"
r.CTRL:write { RST = 1 }
nic:run(us(1))
r.EERD:write { START = 1, ADDR = 0x02 }
nic:run(us(674 + 25) - 1)
r.EERD:expect { DONE = 0 }
nic:run(ns(1))
r.EERD:expect { DONE = 1, DATA = 0x5634 }

step "a request during an EERD read is granted when the word is in"
r.EERD:write { START = 1, ADDR = 0x01 }
nic:run(us(5))
r.EECD:write { FWE = 1, EE_REQ = 1 }
r.EECD:expect { EE_GNT = 0 }
nic:run(us(20) - 1)
r.EECD:expect { EE_GNT = 0 }
r.EERD:expect { DONE = 0 }
nic:run(ns(1))
r.EECD:expect { EE_GNT = 1 }
r.EERD:expect { DONE = 1, DATA = 0x1200 }
expect.silent("eerd-while-requested", "the request came second")

step "EERD while software holds the wires: a mistake, and it stalls"
r.EERD:write { START = 1, ADDR = 0x00 }
expect.bad("eerd-while-requested")
nic:run(ms(5))
r.EERD:expect { DONE = 0 }
expect.eq(wire:read(0x02), 0x5634, "software reads on undisturbed")
r.EERD:expect { DONE = 0 }

step "given back: now it runs"
nic.eeprom:release()
r.EECD:expect { EE_GNT = 0 }
nic:run(us(25) - 1)
r.EERD:expect { DONE = 0 }
nic:run(ns(1))
r.EERD:expect { DONE = 1, DATA = 0x5452 }
expect.no_bad()

step "the grant is withdrawn with CS high: the part is deselected, the next instruction is whole"
nic.eeprom:request()
wire:select()
wire:out(6, 3)
r.EECD:write { FWE = 1, CS = 1 }
r.EECD:expect { EE_GNT = 0, CS = 1 }
expect.eq(nic.eeprom:read(0x00), 0x5452, "EERD")
nic.eeprom:request()
expect.eq(wire:read(0x01), 0x1200, "wires")
nic.eeprom:release()
expect.no_bad()
