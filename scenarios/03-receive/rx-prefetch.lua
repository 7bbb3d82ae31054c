-- PTHRESH and HTHRESH: when fewer than PTHRESH descriptors are left on the chip and at least HTHRESH wait in memory, more
-- are read before the last is used. A prefetched descriptor is not read again, so what a driver may still change behind
-- its tail depends on them.
local nic = scenario { name = "rx-prefetch", manual = { "3.2.4", "4.1", "13.4.29", "13.4.46" } }
local r = nic.regs

step "link up; ring of 256, PTHRESH 16, HTHRESH 8, 100 given: 64 are fetched"
nic:link_up { speed = 1000, duplex = "full" }
r.RXDCTL:write { PTHRESH = 16, HTHRESH = 8, WTHRESH = 1, GRAN = 1 }
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(60)
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
local function receive(n) lab.fold(n .. " frames", function() for _ = 1, n do nic:receive(frame) end end) end
fetches()
local rx = nic:rx_ring { entries = 256, buffer = 256, ready = 100 }
expect.eq(fetches(), { { 0, 64 } }, "the on-chip buffer is empty: a fetch, what fits")

step "16 on chip are not below 16; 15 are"
receive(48)
expect.none(fetches(), "16 left")
receive(1)
expect.eq(fetches(), { { 64, 36 } }, "15 left, 36 in memory: all of them fit")

step "a descriptor that was prefetched is used as it was"
local other = nic:alloc { name = "other", size = 256, device = "w" }
rx:raw(70, other, 0)
lab.mem_watch(rx.buffers[70], 256)
receive(36)                                   -- 85 used, 15 on chip
expect.none(fetches(), "nothing in memory")
expect.eq(nic:written(rx.buffers[70], 256), 78, "where the card had read that it should go")
expect.eq(nic:written(other, 256), 0, "not where the driver says now")

step "seven more in memory are too few, eight enough"
r.RDT:write(107)
expect.none(fetches(), "seven")
r.RDT:write(108)
expect.eq(fetches(), { { 100, 8 } }, "13.4.46: at least HTHRESH")

step "too few for a prefetch are fetched when the chip has none"
r.RDT:write(115)
receive(8)                                    -- 93 used, 15 on chip
expect.none(fetches(), "seven")
receive(14)
expect.none(fetches(), "one on chip, seven in memory")
receive(1)
expect.none(fetches(), "108 used, none on chip: the next frame will want one")
receive(1)
expect.eq(fetches(), { { 108, 7 } }, "3.2.4: HTHRESH is for prefetches only")

step "HTHRESH 0: any number; no further than the tail"
r.RXDCTL:write { PTHRESH = 16, HTHRESH = 0, WTHRESH = 1, GRAN = 1 }
expect.none(fetches(), "six on chip, none in memory")
r.RDT:write(116)
expect.eq(fetches(), { { 115, 1 } }, "one is enough")
r.RDT:write(120)
expect.eq(fetches(), { { 116, 4 } }, "four")

step "a higher PTHRESH acts on what is there (silent: our choice; the manual's word is whenever)"
r.RXDCTL:write { PTHRESH = 0, HTHRESH = 0, WTHRESH = 1, GRAN = 1 }
r.RDT:write(180)
expect.none(fetches(), "PTHRESH 0: never before the chip is empty")
r.RXDCTL:write { PTHRESH = 11, HTHRESH = 0, WTHRESH = 1, GRAN = 1 }
expect.none(fetches(), "eleven are on chip")
r.RXDCTL:write { PTHRESH = 12, HTHRESH = 0, WTHRESH = 1, GRAN = 1 }
expect.eq(fetches(), { { 120, 53 } }, "as many as fit beside eleven")

step "GRAN 0: in cache lines of 64 bytes, four descriptors each"
nic.pci.CLS:write(16)
r.RXDCTL:write { PTHRESH = 2, HTHRESH = 3, WTHRESH = 1, GRAN = 0 }
receive(56)                                   -- eight on chip
expect.none(fetches(), "two lines are not less than two")
r.RDT:write(184)                              -- 11 in memory
receive(1)
expect.none(fetches(), "11 are less than three lines")
r.RDT:write(185)
expect.eq(fetches(), { { 173, 12 } }, "three lines")

step "a tail that moves back over what is on chip leaves nothing to prefetch"
r.RXDCTL:write { PTHRESH = 63, HTHRESH = 0, WTHRESH = 1, GRAN = 1 }
r.RDT:write(180)
expect.bad "tail-moved-back"
expect.none(fetches(), "the tail is behind what was fetched")
