-- Base and length change only while the unit is off: with it on, what the chip had fetched is lost.
local nic = scenario { name = "rule-ring-while-on", manual = { "14.4", "14.5", "13.4.28" } }
local r = nic.regs
local rx, tx = nic:rx_ring { entries = 8 }, nic:tx_ring { entries = 8 }
expect.no_bad "rings first, then EN"

step "the same value again is no change; another is"
for _, pair in ipairs { { "R", rx.base }, { "T", tx.base } } do
  local ring, at = pair[1], pair[2]
  r[ring .. "DBAL"]:write(at)
  r[ring .. "DBAH"]:write(0)
  r[ring .. "DLEN"]:write(128)
end
expect.silent("ring-change-while-on", "nothing changed")
for _, name in ipairs { "RDBAL", "RDBAH", "RDLEN", "TDBAL", "TDBAH", "TDLEN" } do
  local value = r[name]:raw()
  r[name]:write(value ~ 0x1000)
  r[name]:write(value)
  expect.bad("ring-change-while-on", 2)
end

step "off, one after the other, each unit for itself"
r.RCTL:clear { "EN" }
r.RDLEN:write(256)
r.RDH:write(0)
expect.silent("head-write-while-on", "the receiver is off")
r.TDLEN:write(256)
expect.bad "ring-change-while-on"
r.TDH:write(0)
expect.bad "head-write-while-on"
r.TCTL:clear { "EN" }
r.TDLEN:write(128)
r.TDH:write(0)
expect.no_bad "both are off"
