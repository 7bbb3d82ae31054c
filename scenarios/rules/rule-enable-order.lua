-- The ring comes first, then EN [14.5]: a transmitter that is on without a ring does nothing, which is easily taken for a
-- dead card. For the receiver the same order is only best [14.4]: one that is to wake the machine needs no ring.
local nic = scenario { name = "rule-enable-order", manual = { "14.4", "14.5", "13.4.22", "13.4.33" } }
local r = nic.regs

step "EN with a length of 0"
r.RCTL:write { EN = 1 }
expect.no_bad "receive"
r.TCTL:write { EN = 1 }
expect.bad "enabled-without-ring"

step "once is enough: EN that stays on is not told again"
r.RCTL:write { EN = 1, BAM = 1 }
r.TCTL:write { EN = 1, PSP = 1 }
expect.no_bad "it was on"

step "the right order"
r.RCTL:write(0)
r.TCTL:write(0)
nic:rx_ring {}
nic:tx_ring {}
expect.silent("enabled-without-ring", "ring, then EN")
