-- With GRAN = 0 WTHRESH counts cache lines of the size that configuration space names: a driver that leaves GRAN
-- alone gets its write-backs after 1, 2, 4 or 8 descriptors for each line, by CLS.
local nic = scenario { name = "tx-writeback-lines", manual = { "3.4.2", "4.1", "4.2", "13.4.43" } }
local r = nic.regs

step "link up, ring of 128 descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46)
local tx = nic:tx_ring { entries = 128 }

-- One by one until the first descriptor of the run is written back; how many it took.
local function descriptors_for_a_burst(limit)
  local first = tx.tail
  for n = 1, limit do
    tx:legacy { buffer = frame, CMD = "EOP IFCS RS" }
    tx:doorbell()
    if tx:desc(first).DD == 1 then
      for i = first, first + n - 1 do tx:expect(i, { DD = 1 }) end
      return n
    end
  end
end

local function check(dwords, wthresh, wanted)
  lab.fold(string.format("CLS %d dwords, WTHRESH %d", dwords, wthresh), function()
    nic.pci.CLS:write(dwords)
    r.TXDCTL:write { WTHRESH = wthresh, GRAN = 0 }
    expect.eq(descriptors_for_a_burst(31), wanted, string.format("%d bytes a line, WTHRESH %d", dwords * 4, wthresh))
    nic:idle()
  end)
end

step "16, 32, 64 and 128 bytes a line: one line, then two"
check(4, 1, 1)
check(4, 2, 2)
check(8, 1, 2)
check(8, 2, 4)
check(16, 1, 4)
check(16, 2, 8)
check(32, 1, 8)
check(32, 2, 16)

step "a CLS that was never programmed counts as 32 bytes (silent: our choice, firmware may leave it 0)"
check(0, 1, 2)

step "GRAN = 1: the same numbers count descriptors whatever the line"
lab.fold("WTHRESH 3, GRAN 1, 128 bytes a line", function()
  r.TXDCTL:write { WTHRESH = 3, GRAN = 1 }
  expect.eq(descriptors_for_a_burst(31), 3, "descriptors")
end)
expect.eq(#nic:sent(), 1 + 2 + 2 + 4 + 4 + 8 + 8 + 16 + 2 + 3, "every frame left")

step "more than the chip can hold is a mistake of the driver, but nothing may stall (silent: our choice, 63)"
lab.fold("WTHRESH 63 lines of 128 bytes, 100 frames", function()
  r.TXDCTL:write { WTHRESH = 63, GRAN = 0 }
  local first = tx.tail
  for _ = 1, 100 do tx:legacy { buffer = frame, CMD = "EOP IFCS RS" } end
  tx:doorbell()
  expect.eq(#nic:sent(), 100, "all leave")
  for i = 0, 99 do tx:expect(first + i, { DD = i < 63 and 1 or 0 }) end
end)
