-- 13.5.3 silent: what an entry that compares sources (AS = 01b) does with a fragment that ends before its source address.
-- Our choice: it matches no entry, not even one of address 0, and the destination filters decide. A driver that stores
-- bad frames (SBP) to look at a broken cable depends on getting no stranger's.
local nic = scenario { name = "rx-source-missing", manual = { "3.2.1", "13.4.22", "13.5.3" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, buffer = 256, SBP = 1 }
r.RAL[5]:write(0)
r.RAH[5]:write { AV = 1, AS = 1 }

step "12 bytes: a source address of zeros is what the entry names"
nic:receive("\x02\0\0\0\0\x77" .. string.rep("\0", 6))
nic:run(us(10))
expect.ok(rx:take(), "by its source")

step "11 bytes, 6 bytes: there is none"
for _, length in ipairs { 11, 6 } do
  nic:receive(("\x02\0\0\0\0\x77" .. string.rep("\0", 6)):sub(1, length))
  nic:run(us(10))
  expect.eq(rx:take(), nil, length .. " bytes")
end

step "11 bytes to this station: by the destination"
nic:receive(pkt.mac(nic.mac) .. string.rep("\0", 5))
nic:run(us(10))
expect.ok(rx:take(), "its own")
