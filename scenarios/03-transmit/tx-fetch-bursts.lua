-- 64 descriptors fit on the chip: a longer queue is fetched in bursts of 64, never past the tail. What was fetched is
-- not read again, so a driver that changes a descriptor behind the tail changes nothing, and one that has not been
-- fetched yet may still change.
local nic = scenario { name = "tx-fetch-bursts", manual = { "3.4", "3.4.1", "13.4.40" } }
local r = nic.regs

step "link up at 10 Mb/s, ring of 256 descriptors"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
local tx = nic:tx_ring { entries = 256 }
local function numbered(n, size)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(size - 16)
end
-- Descriptors read since last asked: { { first, count }, ... }
local function fetches()
  local list = {}
  for _, line in ipairs(lab.events("dma")) do
    local first, last = line:match("rd%s+txd%[(%d+)%.%.(%d+)%]")
    first = first or line:match("rd%s+txd%[(%d+)%]")
    if first then list[#list + 1] = { tonumber(first), tonumber(last or first) - tonumber(first) + 1 } end
  end
  return list
end

step "200 descriptors that move no data: 64 + 64 + 64 + 8"
for _ = 1, 200 do tx:legacy { ADDR = 0, LENGTH = 0 } end
fetches()
tx:doorbell()
expect.eq(fetches(), { { 0, 64 }, { 64, 64 }, { 128, 64 }, { 192, 8 } }, "3.4.1: the store holds 64")
r.TDH:expect { TDH = 200 }

step "across the end of the ring: 56 and 8 fill the store in two reads, then the rest"
for _ = 1, 100 do tx:legacy { ADDR = 0, LENGTH = 0 } end
tx:doorbell()
expect.eq(fetches(), { { 200, 56 }, { 0, 8 }, { 8, 36 } }, "256 is the end")
r.TDH:expect { TDH = 44 }

step "seventy frames of 1000 bytes; 64 descriptors are on the chip, the FIFO has taken sixteen"
for n = 1, 70 do tx:send(numbered(n, 1000), { doorbell = false, RS = 0 }) end
lab.fold("doorbell", function() tx:doorbell() end)
expect.eq(fetches(), { { 44, 64 } }, "one burst")
expect.eq(r.TDH:read().TDH, 44 + 16, "16 x 1004 bytes are in 16384")

step "a fetched descriptor that changes is sent as it was; one still in memory as it is"
tx:raw(44 + 40, 0, 0)                         -- the 41st: would be no frame at all
local changed = nic:alloc { name = "changed", size = 64, device = "r" }
nic:poke(changed, numbered(999, 64))
tx:raw(44 + 67, changed, 64 | 0x03 << 24)     -- the 68th: another frame, EOP and IFCS
local sent = lab.fold("70 frames", function() return nic:sent { within = ms(200) } end)
expect.eq(#sent, 70, "frames")
for n = 1, 70 do
  expect.bytes(sent[n], n == 68 and numbered(999, 64) or numbered(n, 1000), "frame " .. n)
end
expect.eq(fetches(), { { 108, 6 } }, "the rest in one more burst, up to the tail and no further")
r.TDH:expect { TDH = 114 }
expect.eq(nic:written(tx.base, 4096), 0, "nothing asked for a report")

step "tail moves: only what is new is fetched"
tx:legacy { ADDR = 0, LENGTH = 0 }
tx:doorbell()
expect.eq(fetches(), { { 114, 1 } }, "one")
tx:legacy { ADDR = 0, LENGTH = 0 }
tx:legacy { ADDR = 0, LENGTH = 0 }
tx:doorbell()
expect.eq(fetches(), { { 115, 2 } }, "two")
tx:doorbell()
expect.none(fetches(), "none")

step "a new base, or a new length: what is on the chip belonged to the old ring (silent: our choice, it is dropped)"
local function swapped(change) -- eighteen frames, sixteen in the FIFO, two on the chip; then the ring changes under them
  tx:reclaim()
  local from = tx.tail
  for n = 1, 18 do tx:send(numbered(n, 1000), { doorbell = false, RS = 0 }) end
  tx:doorbell()
  r.TDH:expect { TDH = from + 16 }
  r.TCTL:clear { "EN" }
  change(from + 16)
  r.TCTL:set { EN = 1 }
  return nic:sent()
end
lab.fold("another base", function()
  local second = nic:alloc { name = "second", size = 4096, element = 16 }
  nic:poke(second, string.rep("\0", 4096))
  local all = swapped(function(head)
    for i = head, head + 1 do nic:poke(second + 16 * i, string.pack("<I8I4I4", changed, 64 | 0x03 << 24, 0)) end
    r.TDBAL:write(second)
  end)
  expect.eq(#all, 18, "sixteen of the first ring, two of the second")
  expect.bytes(all[16], numbered(16, 1000), "the last one in the FIFO")
  expect.bytes(all[17], numbered(999, 64), "the first one of the new ring")
  r.TDBAL:write(tx.base)
end)
lab.fold("another length", function()
  local all = swapped(function(head)
    for i = head, head + 1 do tx:raw(i, changed, 64 | 0x03 << 24) end
    r.TDLEN:write(248 * 16)
  end)
  expect.eq(#all, 18, "sixteen that were in the FIFO, two fetched anew")
  expect.bytes(all[17], numbered(999, 64), "fetched anew")
end)
