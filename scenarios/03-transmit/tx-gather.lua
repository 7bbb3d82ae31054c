-- A frame may lie in many descriptors, down to single bytes at odd addresses; empty and null ones among them add
-- nothing, EOP ends it. IFCS counts with EOP only. Linux splits frames like this for every fragment it sends.
local nic = scenario { name = "tx-gather", needs = { "wire" }, golden = { "wire" },
                       manual = { "3.3", "3.3.1", "3.3.3", "3.3.3.1", "3.4" } }
local r = nic.regs

step "link up, ring of 128 descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 128 }
local frame = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2" }
            / pkt.udp { sport = 1024, dport = 9 } / pkt.pattern(58)):bytes()
local function arrived(what)
  local sent = nic:sent()
  expect.eq(#sent, 1, what .. ": one frame")
  expect.bytes(sent[1].bytes, frame .. pkt.fcs(frame), what)
end

step "a hundred pieces of one byte each"
lab.fold("100 descriptors", function() tx:send(frame, { split = 1 }) end)
arrived("single bytes")
tx:expect(99, { DD = 1 })
r.TDH:expect { TDH = 100 }

step "pieces of 14, 20, 8 and the rest, each at an odd address"
local memory = nic:alloc { name = "odd", size = 256, device = "r" }
local at = memory + 1
for i, size in ipairs { 14, 20, 8, 58 } do
  local from = ({ 0, 14, 34, 42 })[i]
  nic:poke(at, frame:sub(from + 1, from + size))
  tx:legacy { ADDR = at, LENGTH = size, EOP = i == 4, IFCS = i == 4, RS = i == 4 }
  at = at + size + 1 | 1                      -- the next odd address with a gap before it
end
tx:doorbell()
arrived("odd addresses")

step "empty and null descriptors before, between and as the last"
tx:legacy { ADDR = memory, LENGTH = 0 }
tx:legacy { buffer = frame:sub(1, 50) }
tx:legacy { ADDR = 0, LENGTH = 99 }
tx:legacy { ADDR = memory, LENGTH = 0 }
tx:legacy { buffer = frame:sub(51) }
-- Silent: EOP in a descriptor without data. Our choice: it ends the frame, or a driver that closes its chains by an empty
-- one would send two frames as one; Linux never does.
tx:legacy { ADDR = 0, LENGTH = 7, CMD = "EOP IFCS RS" }
tx:doorbell()
arrived("empty ones add nothing")
r.TDH:expect { TDH = 110 }

step "EOP on nothing at all: no frame, no count, DD nevertheless"
r.GPTC:raw() r.TPT:raw()
local last = tx:legacy { ADDR = 0, LENGTH = 0, CMD = "EOP IFCS RS" }
tx:doorbell()
expect.none(nic:sent(), "no data, no frame")
tx:expect(last, { DD = 1 })
r.TPT:expect { TPT = 0 }

step "IFCS on all but the EOP descriptor is ignored: the frame leaves bare"
tx:legacy { buffer = frame:sub(1, 40), CMD = "IFCS" }
tx:legacy { buffer = frame:sub(41, 80), CMD = "IFCS" }
tx:legacy { buffer = frame:sub(81), CMD = "EOP RS" }
tx:doorbell()
local sent = nic:sent()
expect.eq(#sent, 1, "one frame")
expect.bytes(sent[1].bytes, frame, "3.3.3.1 note 1: EOP qualifies IFCS")

step "IFCS on the EOP descriptor alone: FCS of the whole frame"
tx:legacy { buffer = frame:sub(1, 40) }
tx:legacy { buffer = frame:sub(41), CMD = "EOP IFCS RS" }
tx:doorbell()
arrived("IFCS with EOP")

step "two frames behind one doorbell stay two"
tx:send(frame, { split = 60, doorbell = false })
tx:send(frame:reverse(), { split = 33 })
sent = nic:sent()
expect.eq(#sent, 2, "frames")
expect.bytes(sent[1].bytes, frame .. pkt.fcs(frame), "first")
expect.bytes(sent[2].bytes, frame:reverse() .. pkt.fcs(frame:reverse()), "second")
expect.no_bad("all of this is legal")
