-- RXDMT0 warns before the ring runs dry: it is set when the free descriptors fall to 1/2, 1/4 or 1/8 of the ring, at
-- that moment only, and again when they fall to it again. Linux refills on it.
local nic = scenario { name = "rx-minimum-threshold", manual = { "3.2.7.3", "13.4.17", "13.4.22" } }
local r = nic.regs

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
r.IMS:write { RXDMT0 = 1 }
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local rx

local function ring(options)
  r.RCTL:write(0)
  rx = nic:rx_ring(options)
  r.ICR:raw()
end

-- Receive n frames; after which of them RXDMT0 stood in ICR and raised the line.
local function hits(n)
  local list = {}
  for i = 1, n do
    nic:receive(frame)
    local irq = lab.irq()
    expect.eq(r.ICR:read().RXDMT0 == 1, irq, "the line follows")
    if irq then list[#list + 1] = i end
  end
  return list
end

for _, case in ipairs { { 32, 0, 16 }, { 32, 1, 8 }, { 32, 2, 4 }, { 8, 2, 1 }, { 64, 0, 32 } } do
  local entries, rdmts, limit = case[1], case[2], case[3]
  step(string.format("ring of %d, RDMTS %d: when %d are left, once", entries, rdmts, limit))
  lab.fold("all descriptors but one given, all used", function()
    ring { entries = entries, buffer = 256, RDMTS = rdmts }
    expect.eq(hits(entries - 1), { entries - 1 - limit }, "free descriptors become equal to the threshold")
  end)
end

step "RDMTS 3 is reserved: never (silent: our choice)"
lab.fold("ring of 32", function()
  ring { entries = 32, buffer = 256, RDMTS = 3 }
  expect.eq(hits(31), {}, "never")
end)

step "refilled above it, it falls to it once more; refilled exactly to it, it does not"
lab.fold("ring of 16, 1/2", function()
  ring { entries = 16, buffer = 256, RDMTS = 0 }
  expect.eq(hits(9), { 7 }, "15 - 7 = 8")
  for _ = 1, 9 do rx:take() end
  rx:give(2)                                  -- 6 + 2 = 8: reached from below
  r.ICR:expect { RXDMT0 = 0 }
  expect.eq(hits(3), {}, "8, then 7, 6, 5")
  for _ = 1, 3 do rx:take() end
  rx:give(4)                                  -- 5 + 4 = 9
  r.ICR:expect { RXDMT0 = 0 }
  expect.eq(hits(2), { 1 }, "9, then 8")
end)

step "a ring that starts below it never falls to it"
lab.fold("ring of 16 with 7 given", function()
  ring { entries = 16, buffer = 256, RDMTS = 0, ready = 7 }
  expect.eq(hits(7), {}, "6, 5, ... 0")
end)

-- "Becomes equal": a frame of several descriptors steps over the mark. Our choice: falling past it counts, or a driver with
-- small buffers that refills on RXDMT0 alone would run dry. Linux only counts the event.
step "a frame over several buffers passes it in the middle"
lab.fold("ring of 16, 256-byte buffers, a frame of five", function()
  ring { entries = 16, buffer = 256, RDMTS = 0, ready = 10 }
  nic:receive(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(1200))
  expect.eq(lab.irq(), true, "10, 9, 8, ...")
  r.ICR:expect { RXDMT0 = 1 }
end)

step "what waits in the FIFO counts when it is delivered"
lab.fold("ring of 16, nine frames waiting, 15 given", function()
  ring { entries = 16, buffer = 256, RDMTS = 0, ready = 0 }
  for _ = 1, 9 do nic:receive(frame) end
  r.ICR:expect { RXDMT0 = 0 }
  rx:give(15)
  r.ICR:expect { RXDMT0 = 1 }
end)

step "descriptors that are used but not yet written back are not free: RDH stands, RXDMT0 comes"
lab.fold("WTHRESH 16", function()
  ring { entries = 32, buffer = 256, RDMTS = 0 }
  r.RXDCTL:write { WTHRESH = 30, GRAN = 1 }
  r.RDTR:write { DELAY_TIMER = 60000 }
  expect.eq(hits(15), { 15 }, "31 - 15 = 16")
  r.RDH:expect { RDH = 0 }                    -- 3.2.6: the shadow copy is ahead
end)
