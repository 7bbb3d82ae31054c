-- BSIZE and BSEX give all buffers one of seven sizes. A frame fills one after the other to the brim; EOP stands in
-- the last, and no byte beyond a buffer's end is touched. Buffers need no alignment.
local nic = scenario { name = "rx-buffer-sizes", manual = { "3.2.2", "3.2.3", "3.2.3.1", "13.4.22" } }
local r = nic.regs

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local function frame(length) -- with FCS
  return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(length - 18)
end

-- A frame of length bytes into buffers of size bytes: the descriptors it takes.
local function check(rx, size, length)
  local need = (length + size - 1) // size
  local first = rx.next
  nic:receive(frame(length))
  for i = 0, need - 1 do
    local last = i == need - 1
    rx:expect(first + i, { DD = 1, EOP = last, ERRORS = 0, LENGTH = last and length - i * size or size })
    if not last then rx:expect(first + i, { STATUS = 1 }) end -- 3.2.3.1: only DD is valid without EOP
  end
  if need < 15 then rx:expect(first + need, { DD = 0 }) end
  r.RDH:expect { RDH = (first + need) % 16 }
  expect.bytes(rx:take(), frame(length):fcs(), length .. " bytes")
  rx:fill()
end

for _, size in ipairs { 256, 512, 1024, 2048, 4096, 8192, 16384 } do
  step(size .. " bytes a buffer: full, one less, one more, and as many as go")
  lab.fold(size .. " bytes a buffer", function()
    r.RCTL:write(0)
    local rx = nic:rx_ring { entries = 16, buffer = size, LPE = 1 }
    check(rx, size, size)
    check(rx, size, size - 1)
    if size < 16384 then
      check(rx, size, size + 1)
      check(rx, size, 2 * size)
      check(rx, size, math.min(15 * size, 16384) - 1)
    end
    for i = 0, 15 do nic:free(rx.buffers[i]) end
    nic:free(rx.base)
  end)
end

step "BSIZE 00b with BSEX is reserved: 2048 (silent: our choice, 32768 would be beyond the longest frame)"
r.RCTL:write(0)
local rx = nic:rx_ring { entries = 16, buffer = 2048, BSEX = 1, LPE = 1 }
check(rx, 2048, 2049)

step "buffers at odd addresses"
r.RCTL:write(0)
rx = nic:rx_ring { entries = 16, buffer = 256 }
local odd = nic:alloc { name = "odd", size = 1024, device = "w" }
rx:raw(0, odd + 1, 0)
rx:raw(1, odd + 513, 0)
r.RDH:write(8)                                -- while on: what was fetched is forgotten
expect.bad "head-write-while-on"
r.RCTL:clear { "EN" }
r.RDH:write(0)
r.RCTL:set { EN = 1 }
r.RDT:write(4)
nic:receive(frame(300))
rx:expect(0, { DD = 1, EOP = 0, LENGTH = 256 })
rx:expect(1, { DD = 1, EOP = 1, LENGTH = 44 })
expect.bytes(nic:peek(odd + 1, 256) .. nic:peek(odd + 513, 44), frame(300):fcs(), "3.2.2: no alignment restrictions")
expect.eq(nic:written(odd, 1024), 300, "and nothing beside them")
