-- The ring is a circle: after its last descriptor the first one comes, head and tail wrap to 0. One descriptor
-- always stays free, for TDH = TDT means empty: moving TDT to where it is sends nothing.
local nic = scenario { name = "tx-ring-wrap", manual = { "3.4", "3.4.1", "13.4.36", "13.4.37", "13.4.38", "13.4.39", "13.4.40" } }
local r = nic.regs

step "link up, the smallest ring: eight descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(60)
end
local count, seen = 0, 0
local function queue(n) for _ = 1, n do count = count + 1 tx:send(numbered(count), { doorbell = false }) end end
local function all_arrived()
  for _, frame in ipairs(nic:sent()) do
    seen = seen + 1
    expect.bytes(frame, numbered(seen), "frame " .. seen)
  end
  expect.eq(seen, count, "each once, in order")
end

step "a full ring: seven frames"
queue(7)
expect.eq(tx:free(), 0, "one stays empty")
tx:doorbell()
r.TDH:expect { TDH = 7 }
r.TDT:expect { TDT = 7 }
all_arrived()
tx:reclaim()

step "an empty one: TDT written with the value it has"
tx:doorbell()
tx:doorbell()
expect.none(nic:sent(), "TDH = TDT is empty, not full")
r.TDH:expect { TDH = 7 }

step "seven more across the end"
queue(7)
for i = 0, 7 do tx:expect(i, { DD = i == 6 and 1 or 0 }) end -- 6 is done, the others are new
tx:doorbell()
r.TDH:expect { TDH = 6 }
all_arrived()
for i = 0, 7 do tx:expect(i, { DD = 1 }) end
tx:reclaim()

step "up to the last descriptor exactly, then from 0"
queue(2)
tx:doorbell()
r.TDT:expect { TDT = 0 }
r.TDH:expect { TDH = 0 }                      -- wrapped to 0, not to 8
all_arrived()
tx:reclaim()

step "the tail in two moves inside one lap, then forty laps of three"
queue(3)
tx:doorbell(2)
r.TDH:expect { TDH = 2 }                      -- never past the tail
expect.eq(#nic:sent(), 2, "two were handed over")
seen = seen + 2
tx:doorbell()
all_arrived()
lab.fold("forty times three frames", function()
  for _ = 1, 40 do
    tx:reclaim()
    queue(3)
    tx:doorbell()
    all_arrived()
  end
end)
r.TDH:expect { TDH = (7 + 7 + 2 + 3 + 120) % 8 }

step "a ring that begins at the highest page below 4 GB and one above: both halves of the address count"
for _, base in ipairs { 0xfffff000, 0x123456780 } do
  r.TCTL:clear { "EN" }
  local ring = nic:alloc { name = "high", size = 128, element = 16, at = base & ~0xfff }
  nic:poke(ring, string.rep("\0", 128))
  local data = nic:alloc { name = "data", size = 64, device = "r" }
  nic:poke(data, numbered(count + 1):bytes():sub(1, 64))
  nic:poke(ring, string.pack("<I8I4I4", data, 64 | 0x0b << 24, 0))
  r.TDBAL:write(ring & 0xffffffff)
  r.TDBAH:write(ring >> 32)
  r.TDLEN:write(128)
  r.TDH:write(0)
  r.TDT:write(0)
  r.TCTL:set { EN = 1 }
  r.TDT:write(1)
  expect.eq(#nic:sent(), 1, "fetched from there")
  expect.eq(nic:peek(ring + 12, 1), "\1", "and reported there")
  nic:free(ring) nic:free(data)
end
expect.no_bad("a driver that makes no mistake")
