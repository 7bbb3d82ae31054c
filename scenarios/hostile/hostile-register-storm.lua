-- Ten thousand writes of anything to the registers of both rings, while frames come and go. The rings have a
-- megabyte each, all that their length registers can name, and every buffer is real: so whatever head, tail, length
-- and control say, the card has no reason to touch anything else. A reset later it works as if nothing had been.
local nic = scenario { name = "hostile-register-storm",
                       manual = { "3.2.6", "3.4", "13.4.22", "13.4.27", "13.4.28", "13.4.29", "13.4.33",
                                  "13.4.38", "13.4.39", "13.4.40", "14.7" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }

local RING = 0x100000
local rings = { RD = nic:alloc { name = "rxring", size = RING, align = 4096, device = "rw" },
                TD = nic:alloc { name = "txring", size = RING, align = 4096, device = "rw" } }
local buffer = nic:alloc { name = "rxdata", size = 16384, align = 4096, device = "w" }
local data = nic:alloc { name = "txdata", size = 65536, align = 4096, device = "r" }
nic:poke(data, pkt.pattern(65536))
lab.fold("descriptors", function()
  local receive = string.pack("<i8i8", buffer, 0)
  nic:poke(rings.RD, receive:rep(RING // 16))
  local kinds = {}                            -- EOP or not, RS or not, IDE or not, all lengths
  for i = 0, 255 do
    kinds[i + 1] = string.pack("<i8i8", i % 9 == 0 and 0 or data, i * 257 % 4000 | (i * 7 & 0x8b) << 24)
  end
  nic:poke(rings.TD, table.concat(kinds):rep(RING // 4096))
end)

-- Registers and which of their bits the storm writes; small lengths and indices often, so that some fit together.
local TARGETS = {
  { "RDLEN", 0xfffff }, { "TDLEN", 0xfffff }, { "RDLEN", 0x3ff }, { "TDLEN", 0x3ff },
  { "RDH", 0xffff }, { "RDT", 0xffff }, { "TDH", 0xffff }, { "TDT", 0xffff },
  { "RDH", 0x3f }, { "RDT", 0x3f }, { "TDH", 0x3f }, { "TDT", 0x3f }, { "RDT", 0x3f }, { "TDT", 0x3f },
  { "RCTL", 0xffffffff }, { "RCTL", 2 }, { "TCTL", 0xffffffff }, { "TCTL", 2 },
  { "RXDCTL", 0xffffffff }, { "TXDCTL", 0xffffffff }, { "RDTR", 0xffffffff }, { "RADV", 0xffff },
  { "TIDV", 0xff }, { "TADV", 0xff }, { "RSRPD", 0xfff }, { "RXCSUM", 0x7ff }, { "TIPG", 0xffffffff },
  { "ITR", 0xffff }, { "IMS", 0x1ffff }, { "IMC", 0x1ffff }, { "ICS", 0x1ffff },
}
local frames = {}
for i = 1, 8 do
  local dst = i % 2 == 0 and nic.mac or "ff:ff:ff:ff:ff:ff"
  frames[i] = tostring(pkt.eth { src = "02:00:00:00:00:01", dst = dst, type = 0x88b5 } / pkt.pattern(8 << i))
end

step "the storm"
lab.fold("ten thousand writes", function()
  for name, base in pairs(rings) do
    r[name .. "BAL"]:write(base)
    r[name .. "BAH"]:write(0)
  end
  for i = 1, 10000 do
    local target = TARGETS[lab.random(#TARGETS)]
    r[target[1]]:write(lab.random(0, 0xffffffff) & target[2])
    if i % 5 == 0 then nic:receive(frames[lab.random(#frames)]) end
    if i % 3 == 0 then nic:run(lab.random(5000)) end
    if i % 50 == 0 then
      nic:sent { now = true }
      lab.bads()
    end
  end
  nic:sent { now = true }
  lab.bads()
end)
expect.none(lab.violations(), "every access was to memory that the driver had given")

step "a reset, and both directions work"
nic:reset()
nic:link_up()
local tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 8, buffer = 2048 }
nic:receive(frames[4])
tx:send(frames[4])
nic:run(us(10))
local sent = nic:sent()
expect.eq(#sent, 1, "sent")
expect.bytes(sent[1], frames[4], "as given")
rx:expect(0, { DD = 1, EOP = 1 })
