-- PTHRESH and HTHRESH of the transmitter: while frames wait for room in the FIFO the bus is free, and descriptors are read
-- ahead when fewer than PTHRESH are on the chip and at least HTHRESH wait in memory. Data for which there is room goes
-- first, so a queue that never waits is fetched as without them.
local nic = scenario { name = "tx-prefetch", manual = { "3.4.1", "13.4.40", "13.4.43" } }
local r = nic.regs

step "link up at 10 Mb/s, ring of 256; PTHRESH 8, HTHRESH 4"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
r.TXDCTL:write { PTHRESH = 8, HTHRESH = 4, GRAN = 1 }
local tx = nic:tx_ring { entries = 256 }
local frame = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(986)):bytes()
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
local function send(n)
  lab.fold(n .. " frames, one doorbell", function()
    for _ = 1, n do tx:send(frame, { doorbell = false, RS = 0 }) end
    tx:doorbell()
  end)
end
local function all_leave(n)
  expect.eq(#lab.fold("they leave", function() return nic:sent { within = ms(300) } end), n, "frames")
  tx:reclaim()
  expect.eq(r.TDH:read().TDH, r.TDT:read().TDT, "all of them")
end

step "200 that move no data never wait: 64 at a time, as the chip runs empty"
for _ = 1, 200 do tx:legacy { ADDR = 0, LENGTH = 0 } end
fetches()
tx:doorbell()
expect.eq(fetches(), { { 0, 64 }, { 64, 64 }, { 128, 64 }, { 192, 8 } }, "data and write-backs go first")
tx:reclaim()

step "20 frames of 1000 bytes: sixteen fill the FIFO, four are on the chip; three more are too few to be read ahead"
send(20)
expect.eq(fetches(), { { 200, 20 } }, "the chip was empty")
r.TDH:expect { TDH = 216 }
send(3)
expect.none(fetches(), "HTHRESH is 4")
send(1)
expect.eq(fetches(), { { 220, 4 } }, "four on chip are below 8, four in memory enough")
send(7)
expect.none(fetches(), "eight on chip are not below 8")
all_leave(20 + 3 + 1 + 7)
expect.eq(fetches(), { { 224, 7 } }, "one sent: seven on chip")

step "the same with PTHRESH 0: not before the chip is empty"
r.TXDCTL:write { PTHRESH = 0, HTHRESH = 4, GRAN = 1 }
send(20)
expect.eq(fetches(), { { 231, 20 } }, "the chip was empty")
send(8)
expect.none(fetches(), "four on chip")

step "a higher one acts on what is there (silent: our choice; the manual's word is whenever)"
r.TXDCTL:write { PTHRESH = 4, HTHRESH = 4, GRAN = 1 }
expect.none(fetches(), "four are not below 4")
r.TXDCTL:write { PTHRESH = 5, HTHRESH = 4, GRAN = 1 }
expect.eq(fetches(), { { 251, 5 }, { 0, 3 } }, "across the end of the ring")
all_leave(28)
expect.none(fetches(), "all were there")
