-- The resolved speed is real: a frame takes 8 ns, 80 ns or 800 ns a byte, preamble included, and CTRL's forced
-- speed counts as soon as it is written.
local nic = scenario { name = "speed-on-the-wire", golden = { "wire" },
                       manual = { "8.2", "8.2.2", "8.2.3", "8.6.2.2.1", "8.6.4", "13.4.1", "13.4.6" } }
local r = nic.regs
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.pattern(986)   -- 1000 bytes
local BYTES = 8 + 1000 + 4                    -- preamble and SFD, frame, FCS

-- One frame alone; the time from doorbell to its last bit.
local tx
local function took()
  nic:run(ms(1))
  local start = nic:now()
  tx:send(frame)
  local list = nic:sent()
  expect.eq(#list, 1, "one frame")
  expect.bytes(list[1], frame, "as given")
  return list[1].at - start
end

step "1000 Mb/s: a byte in 8 ns"
nic:link_up { speed = 1000, duplex = "full" }
tx = nic:tx_ring { entries = 8 }
expect.eq(took(), ns(8 * BYTES), "one byte every 8 ns")

step "100 Mb/s: 80 ns"
nic:link_down()
nic:link_up { speed = 100, duplex = "full" }
expect.eq(took(), ns(80 * BYTES), "one nibble every 40 ns")

step "10 Mb/s: 800 ns"
nic:link_down()
nic:link_up { speed = 10, duplex = "full" }
expect.eq(took(), ns(800 * BYTES), "one nibble every 400 ns")

step "MAC forced to 100 by FRCSPD, to 1000 by SPD_BYPS (what the wire makes of it is the driver's affair)"
r.CTRL:write { SLU = 1, FRCSPD = 1, SPEED = 1 }
expect.eq(took(), ns(80 * BYTES), "CTRL.SPEED")
r.CTRL:write { SLU = 1, SPEED = 2 }
expect.eq(took(), ns(800 * BYTES), "not forced: ignored")
r.CTRL_EXT:set { SPD_BYPS = 1 }
expect.eq(took(), ns(8 * BYTES), "bypass")
