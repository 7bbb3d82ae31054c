-- Nothing counts while the unit is off: frames that come with RCTL.EN at 0 are not even seen, frames queued with
-- TCTL.EN at 0 have not been sent. What was counted before stays.
local nic = scenario { name = "stats-enables",
                       manual = { "13.4.22", "13.4.33", "13.7.1", "13.7.11", "13.7.27", "13.7.34", "13.7.41",
                                  "13.7.42", "13.7.43", "13.7.44" } }
local r = nic.regs

-- Reads, and so clears, all of 4000h-40FCh: what is not named has to be 0. A pair is read low half first.
local function counted(wanted)
  for name in pairs(wanted) do expect.ok(r[name], name) end
  lab.fold("every counter", function()
    for _, row in ipairs(lab.regs()) do
      if row.offset >= 0x4000 and row.offset <= 0x40fc then r[row.name]:expect(wanted[row.name] or 0) end
    end
  end)
end
local frame = pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
local function frames_of_all_sorts()
  nic:receive(frame)
  nic:receive { frame, fcs = "bad" }
  nic:receive { frame, rx_er = true }
  nic:receive(pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(10))
  nic:receive(pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(2000))
  nic:run(us(1))
end
local ALL = { TPR = 5, TORL = 3 * 64 + 28 + 2018, GPRC = 1, GORCL = 64, PRC64 = 1, CRCERRS = 1, RXERRC = 1, RUC = 1,
              ROC = 1, RLEC = 2 }

step "link up, both units off"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 8, buffer = 2048, EN = 0 }
local tx = nic:tx_ring { entries = 8, EN = 0 }

step "receiver off: five frames, no trace of them"
frames_of_all_sorts()
counted {}
rx:expect(0, { DD = 0 })

step "receiver on: the same five"
r.RCTL:set { EN = 1 }
frames_of_all_sorts()
counted(ALL)
rx:expect(0, { DD = 1 })

step "off again: what was counted stays, nothing is added"
frames_of_all_sorts()
r.RCTL:clear { "EN" }
frames_of_all_sorts()
counted(ALL)

step "transmitter off: nothing is sent, nothing counted"
tx:send(frame)
expect.none(nic:sent { now = true }, "TCTL.EN = 0")
nic:run(us(10))
counted {}

step "on: the frame leaves"
r.TCTL:set { EN = 1 }
expect.eq(#nic:sent(), 1, "sent")
counted { TPT = 1, TOTL = 64, GPTC = 1, GOTCL = 64, PTC64 = 1 }

step "no link: arriving frames are not seen; a frame that wants to leave is deferred, not counted as sent"
nic:link_down()
frames_of_all_sorts()
counted {}
tx:send(frame)
nic:run(ms(1))
counted { DC = 1 }                            -- 13.7.11: the link is not up
nic:link_up()
expect.eq(#nic:sent(), 1, "sent, once there is a link")
counted { TPT = 1, TOTL = 64, GPTC = 1, GOTCL = 64, PTC64 = 1 }

step "waiting for the frame before and its gap is streaming, no deferral"
tx:send(frame, { doorbell = false })
tx:send(frame)
tx:send(frame)
expect.eq(#nic:sent(), 3, "sent")
counted { TPT = 3, TOTL = 192, GPTC = 3, GOTCL = 192, PTC64 = 3 }
