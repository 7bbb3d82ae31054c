-- 64 descriptors fit on the chip, fetched in bursts when none is left, never at or past the tail. What is fetched is not
-- read again: a driver that changes a buffer address behind the tail gets its data at the old one.
local nic = scenario { name = "rx-fetch-bursts", manual = { "3.2.4", "3.2.5.1", "3.2.6", "13.4.29", "13.4.46" } }
local r = nic.regs

step "link up; ring of 256, 200 given: 64 are fetched"
nic:link_up { speed = 1000, duplex = "full" }
local function numbered(n)
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(60)
end
-- Descriptors read since last asked: { { first, count }, ... }
local function fetches()
  local list = {}
  for _, line in ipairs(lab.events("dma")) do
    local first, last = line:match("rd%s+rxd%[(%d+)%.%.(%d+)%]")
    first = first or line:match("rd%s+rxd%[(%d+)%]")
    if first then list[#list + 1] = { tonumber(first), tonumber(last or first) - tonumber(first) + 1 } end
  end
  return list
end
fetches()
local rx = nic:rx_ring { entries = 256, buffer = 256, ready = 200 }
expect.eq(fetches(), { { 0, 64 } }, "3.2.4: the store holds 64")
local count = 0
local function receive(n)
  lab.fold(n .. " frames", function() for _ = 1, n do count = count + 1 nic:receive(numbered(count)) end end)
end

step "64 frames use them up; the 65th brings the next 64"
receive(64)
expect.none(fetches(), "the store was enough")
receive(1)
expect.eq(fetches(), { { 64, 64 } }, "when the on-chip buffer is empty")
receive(127)
expect.eq(fetches(), { { 128, 64 } }, "the third burst")
receive(1)
expect.eq(fetches(), { { 192, 8 } }, "the last eight: no further than the tail")
receive(7)
expect.none(fetches(), "used up")
r.RDH:expect { RDH = 200 }
receive(1)
expect.none(fetches(), "RDH = RDT: nothing to fetch")
expect.eq(nic:written(rx:at(200), 16 * 56), 0, "and nothing beyond the tail is written")
r.RNBC:expect { RNBC = 1 }

step "100 back, across the end of the ring"
lab.fold("take 200, give 100", function()
  for n = 1, 200 do expect.bytes(rx:take(), numbered(n):fcs(), "frame " .. n) end
  rx:give(100)
end)
expect.eq(fetches(), { { 200, 56 }, { 0, 8 } }, "64 in two reads: 256 is the end")
expect.bytes(rx:take(), numbered(201):fcs(), "the one that waited")

step "a fetched descriptor that changes: the old buffer counts; one still in memory: the new one"
local other = nic:alloc { name = "other", size = 256, device = "w" }
rx:raw(3, other, 0)                           -- on the chip since the last burst
rx:raw(10, other, 0)                          -- not yet
lab.mem_watch(rx.buffers[3], 256)
lab.mem_watch(rx.buffers[10], 256)
receive(55 + 8)                               -- up to descriptor 7
expect.eq(nic:written(rx.buffers[3], 256), 80, "where the card had read that it should go")
expect.eq(nic:written(other, 256), 0, "not where the driver says now")
rx:expect(3, { ADDR = rx.buffers[3], DD = 1 }) -- written back as it was fetched
receive(3)
expect.eq(fetches(), { { 8, 36 } }, "the rest, up to the tail")
expect.eq(nic:written(other, 256), 80, "fetched after the change")
expect.eq(nic:written(rx.buffers[10], 256), 0, "the old one was never known")

step "while descriptors are left on the chip a moved tail fetches nothing new (silent: our choice, PTHRESH is 0)"
lab.fold("give 20", function() for _ = 1, 20 do rx:take() end rx:give(20) end)
expect.none(fetches(), "33 are still there")

step "used descriptors that wait for their write-back take room on the chip: four wait, sixty more are fetched"
lab.fold("WTHRESH 10, 64 frames", function()
  r.RCTL:write(0)
  rx = nic:rx_ring { entries = 256, buffer = 256, ready = 200 }
  r.RXDCTL:write { WTHRESH = 10, GRAN = 1 }
  r.RDTR:write { DELAY_TIMER = 1000 }
  for n = 0, 63 do nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46 + n)) end
end)
r.RDH:expect { RDH = 60 }
fetches()
lab.fold("five more", function()
  for n = 64, 68 do nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46 + n)) end
end)
expect.eq(fetches(), { { 64, 60 } }, "3.2.4: on-chip storage of 64, four in use")
r.RDH:expect { RDH = 60 }
nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46 + 69))
r.RDH:expect { RDH = 70 }
for n = 60, 69 do rx:expect(n, { DD = 1, EOP = 1, LENGTH = 64 + n, ADDR = rx.buffers[n] }) end -- none was lost

step "used up to the last descriptor of the ring, none written back: the next fetch begins at 0"
lab.fold("ring of 8, WTHRESH 5", function()
  r.RCTL:write(0)
  rx = nic:rx_ring { entries = 8, buffer = 256 }
  r.RXDCTL:write { WTHRESH = 5, GRAN = 1 }
  for n = 1, 5 do nic:receive(numbered(n)) end
  r.RDH:expect { RDH = 5 }
  r.RDT:write(0)
  for n = 6, 8 do nic:receive(numbered(n)) end
  r.RDH:expect { RDH = 5 }
  for i = 0, 2 do rx:raw(i, rx.buffers[i], 0) end
  fetches()
  r.RDT:write(3)
  expect.eq(fetches(), { { 0, 3 } }, "5, 6 and 7 wait on the chip")
  for n = 9, 10 do nic:receive(numbered(n)) end
  r.RDH:expect { RDH = 2 }
  for i, n in ipairs { 6, 7, 8, 9, 10 } do expect.bytes(rx:data((4 + i) % 8), numbered(n):fcs(), "frame " .. n) end
  rx:expect(2, { DD = 0 })
  r.RXDCTL:write { WTHRESH = 1, GRAN = 1 }
  r.RDTR:write(0)
  r.RCTL:write(0)
  rx = nic:rx_ring { entries = 256, buffer = 256, ready = 200 }
end)

step "a new base, or a new length: what is on the chip belonged to the old ring (silent: our choice, it is dropped)"
local function next_goes_to(address, change)
  r.RCTL:clear { "EN" }
  local head = r.RDH:read().RDH
  change(head)
  r.RCTL:set { EN = 1 }
  lab.mem_watch(address, 256)
  nic:receive(numbered(77))
  expect.eq(nic:peek(address, 80), numbered(77):fcs(), "the buffer of the descriptor that stands there now")
  return head
end
local second = nic:alloc { name = "second", size = 4096, element = 16 }
nic:poke(second, string.rep("\0", 4096))
lab.fold("another base", function()
  local head = next_goes_to(other, function(head)
    nic:poke(second + 16 * head, string.pack("<I8I8", other, 0))
    r.RDBAL:write(second)
  end)
  expect.eq(nic:peek(second + 16 * head + 12, 1), "\7", "DD, EOP and IXSM in the new ring")
  r.RDBAL:write(rx.base)
end)
lab.fold("another length", function()
  nic:poke(other, string.rep("\0", 256))
  next_goes_to(other, function(head)
    rx:raw(head, other, 0)
    r.RDLEN:write(248 * 16)
  end)
end)
