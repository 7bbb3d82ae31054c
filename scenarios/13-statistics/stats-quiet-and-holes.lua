-- Counters that nothing moves on this part or in this machine: SerDes errors, management, collisions when nobody
-- talks at once. They are there, they read 0, and traffic does not change that. Six dwords among the statistics are
-- declared nowhere.
local nic = scenario { name = "stats-quiet-and-holes",
                       manual = { "13.2", "13.7", "13.7.3", "13.7.6", "13.7.7", "13.7.8", "13.7.9", "13.7.10",
                                  "13.7.12", "13.7.13", "13.7.38", "13.7.39", "13.7.40" } }
local r = nic.regs
local QUIET = "SYMERRS SCC ECOL MCC LATECOL COLC TNCRS SEC MGTPRC MGTPDC MGTPTC"

local frame = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local arp = pkt.eth { src = "02:00:00:00:00:01", dst = "ff:ff:ff:ff:ff:ff", type = 0x0806 } / pkt.pattern(46)
local rx, tx

local function traffic(speed, duplex)
  nic:link_up { speed = speed, duplex = duplex }
  lab.fold("frames both ways", function()
    if rx then
      r.RCTL:write(0)
      r.TCTL:write(0)
      rx:restart()
      tx:restart()
    else
      rx = nic:rx_ring { entries = 16, buffer = 2048, BAM = 1 }
      tx = nic:tx_ring { entries = 8 }
    end
    for _ = 1, 4 do tx:send(frame) end
    nic:idle()
    for _ = 1, 4 do
      nic:receive(frame)
      nic:receive { frame, rx_er = true }
      nic:receive { frame, cext = true }
      nic:receive(arp)
    end
  end)
  expect.eq(#nic:sent(), 4, "sent")
  r.GPTC:expect { GPTC = 4 }
  r.GPRC:expect { GPRC = 8 }
end

local function all_zero()
  for name in QUIET:gmatch("%S+") do r[name]:expect(0) end
end

step "1000 full"
traffic(1000, "full")
all_zero()

step "100 half: nobody sends while somebody else does, so there are no collisions"
traffic(100, "half")
r.STATUS:expect { FD = 0, SPEED = 1 }
all_zero()

step "10 half"
traffic(10, "half")
r.STATUS:expect { FD = 0, SPEED = 0 }
all_zero()

step "they cannot be written either"
for name in QUIET:gmatch("%S+") do r[name]:write(0xffffffff) end
all_zero()

step "what is declared between 4000h and 40FCh leaves six holes"
local declared, holes = {}, {}
for _, row in ipairs(lab.regs()) do declared[row.offset] = true end
for offset = 0x4000, 0x40fc, 4 do
  if not declared[offset] then holes[#holes + 1] = string.format("%04x", offset) end
end
expect.eq(table.concat(holes, " "), "4024 402c 4044 4084 4098 409c", "undeclared offsets")

-- 13.2 calls both indeterminate. Our choice: a write is lost, a read gives 0; Linux touches none of them.
step "reads of the holes give 0, writes are lost, and both are a driver's mistake"
for _, hole in ipairs(holes) do
  local offset = tonumber(hole, 16)
  expect.eq(lab.read32(offset), 0, hole)
  lab.write32(offset, 0xffffffff)
  expect.eq(lab.read32(offset), 0, hole)
end
expect.bad("undeclared-register", 18)
