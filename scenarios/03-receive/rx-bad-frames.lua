-- A frame with an error is dropped and counted by its kind; RCTL.SBP stores it all the same, with the error in the
-- descriptor, if it passes the address filter. A monitor wants them, a protocol stack must never see them.
local nic = scenario { name = "rx-bad-frames",
                       manual = { "3.2.1", "3.2.3.2", "13.4.22", "13.7.1", "13.7.2", "13.7.4", "13.7.14", "13.7.15",
                                  "13.7.27", "13.7.31", "13.7.34", "13.7.35", "13.7.41", "13.7.43" } }
local r = nic.regs
local COUNTERS = { "CRCERRS", "ALGNERRC", "SYMERRS", "RXERRC", "MPC", "CEXTERR", "SEC", "RLEC", "RUC", "RFC", "ROC", "RJC",
                   "GPRC", "MPRC", "BPRC", "TPR", "PRC64", "PRC127", "RNBC" }
local CE, RXE = 0x01, 0x80

local rx
local function frame(length, dst) -- with FCS
  return pkt.eth { src = "02:00:00:00:00:02", dst = dst or nic.mac, type = 0x88b5 } / pkt.pattern(length - 18)
end

local function counted(octets, wanted)
  for _, name in ipairs(COUNTERS) do
    expect.eq(r[name]:raw(), wanted[name] or 0, name)
  end
  r.GORCL:expect(wanted.GPRC and octets or 0)
  r.GORCH:expect(0)
  r.TORL:expect(octets)
  r.TORH:expect(0)
end

-- One bad frame without and with SBP. errors: the descriptor's error byte; wanted: the counters, TPR apart.
local function check(what, length, how, errors, wanted)
  wanted.TPR = 1
  for sbp = 0, 1 do
    lab.fold(what .. ", SBP " .. sbp, function()
      r.RCTL:clear { "SBP" }
      r.RCTL:set { SBP = sbp }
      r.ICR:raw()
      local head, options = r.RDH:read().RDH, { frame(length) }
      for name, value in pairs(how) do options[name] = value end
      nic:receive(options)
      local bytes, last = rx:take()
      if sbp == 0 then
        expect.eq(bytes, nil, what .. ": dropped")
        r.RDH:expect { RDH = head }
        r.ICR:expect(0)
      else
        expect.eq(#(bytes or ""), length, what .. ": stored with SBP")
        expect.bytes(bytes:sub(1, -5), frame(length):bytes(), what)
        expect.eq(last.ERRORS, errors, what .. ": ERRORS")
        r.ICR:expect { RXT0 = 1 }
        rx:fill()
      end
      counted(length, wanted)
      local other = { frame(length, "02:00:00:00:00:77") }
      for name, value in pairs(how) do other[name] = value end
      nic:receive(other)
      expect.eq(rx:take(), nil, what .. ": not for us, not stored, SBP or not")
      counted(0, {})
    end)
  end
end

step "1000 Mb/s"
nic:link_up { speed = 1000, duplex = "full" }
rx = nic:rx_ring { entries = 8 }
lab.fold("read and drop the statistics", counted, 0, {})
check("bad CRC", 100, { fcs = "bad" }, CE, { CRCERRS = 1 })
check("bad CRC of 64 bytes", 64, { fcs = "bad" }, CE, { CRCERRS = 1 })
check("RX_ER", 100, { rx_er = true }, RXE, { RXERRC = 1 })
check("RX_ER and bad CRC", 100, { rx_er = true, fcs = "bad" }, CE | RXE, { RXERRC = 1, CRCERRS = 1 })
check("carrier extension error", 100, { cext = true }, 0, { CEXTERR = 1 }) -- 3.2.3.2: bit 4 is reserved on this part
check("63 bytes", 63, {}, 0, { RUC = 1, RLEC = 1 })
check("63 bytes, bad CRC", 63, { fcs = "bad" }, CE, { RFC = 1, RLEC = 1 }) -- 13.7.1: CRCERRS from 64 bytes on
check("18 bytes", 18, {}, 0, { RUC = 1, RLEC = 1 })
check("63 bytes, RX_ER", 63, { rx_er = true }, RXE, { RUC = 1, RLEC = 1 }) -- 13.7.4: RXERRC from 64 bytes on

step "an alignment error is not counted at 1000 Mb/s, but the frame is bad (silent: our choice)"
check("alignment error", 100, { align = true }, CE, {})

for _, speed in ipairs { 100, 10 } do
  step(speed .. " Mb/s: alignment errors are, carrier extension does not exist")
  nic:link_up { speed = speed, duplex = "full" }
  check("alignment error", 100, { align = true }, CE, { ALGNERRC = 1 })
  check("alignment error and bad CRC", 100, { align = true, fcs = "bad" }, CE, { ALGNERRC = 1, CRCERRS = 1 })
  check("63 bytes, alignment error", 63, { align = true }, CE, { RUC = 1, RLEC = 1 }) -- 13.7.2: from 64 bytes on
  check("carrier extension error", 100, { cext = true }, 0, {})
end

step "all errors at once, and everything promiscuous: UPE, MPE and SBP store whatever comes"
r.RCTL:set { SBP = 1, UPE = 1, MPE = 1 }
for _, dst in ipairs { "02:00:00:00:00:77", "01:00:5e:00:00:77" } do
  nic:receive { frame(100, dst), fcs = "bad", rx_er = true, align = true }
  local bytes, last = rx:take()
  expect.eq(#(bytes or ""), 100, "3.2.1: all packets, regardless of whether they are bad")
  expect.eq(last.ERRORS, CE | RXE, "errors")
  rx:fill()
end

step "a good frame among them stays a good frame"
r.RCTL:clear { "UPE", "MPE" }
lab.fold("read and drop the statistics", function() for _, name in ipairs(COUNTERS) do r[name]:raw() end r.TORH:raw() end)
nic:receive(frame(100))
local bytes, last = rx:take()
expect.bytes(bytes, frame(100):fcs(), "good")
expect.eq(last.ERRORS, 0, "no error")
lab.fold("counters", counted, 100, { GPRC = 1, TPR = 1, PRC127 = 1 })
