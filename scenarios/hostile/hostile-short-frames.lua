-- Frames too short to have an address (CVE-2025-12464), and padding that might tell secrets (CVE-2020-14703). What
-- leaves is the driver's bytes and zeros, never what lay in the packet buffer before; what arrives is the wire's
-- bytes, and nothing else in the receive buffer changes.
local nic = scenario { name = "hostile-short-frames", needs = { "wire" },
                       manual = { "3.2.1", "3.3.3", "13.4.22", "13.4.33", "13.7.34", "13.7.42" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 128, PSP = 0 }
local rx = nic:rx_ring { entries = 32, buffer = 256, UPE = 1, MPE = 1, BAM = 1, SBP = 1 }

step "the transmit FIFO is filled with FFh, all around"
lab.fold("24 frames", function()
  for _ = 1, 24 do tx:send(string.rep("\xff", 1500)) end
  expect.eq(#nic:sent(), 24, "sent")
end)

step "1 to 16 bytes without padding leave as they are"
lab.fold("sixteen frames", function()
  for length = 1, 16 do
    local bytes = string.rep("\xa5", length)
    tx:send(bytes)
    local sent = nic:sent()
    expect.eq(#sent, 1, "frames")
    expect.bytes(sent[1].bytes, bytes .. pkt.fcs(bytes), length .. " bytes")
  end
end)
r.TPT:expect { TPT = 40 }
r.GPTC:expect { GPTC = 24 }

step "with PSP they are 64 bytes, and the padding is zeros"
r.TCTL:set { PSP = 1 }
lab.fold("sixty frames", function()
  for length = 1, 60 do
    local bytes = string.rep("\xa5", length)
    local padded = bytes .. string.rep("\0", 60 - length)
    tx:send(bytes, length % 2 == 0 and { split = 1 + length // 2 } or nil)
    local sent = nic:sent()
    expect.eq(#sent, 1, "frames")
    expect.bytes(sent[1].bytes, padded .. pkt.fcs(padded), length .. " bytes")
  end
end)
tx:send("\xa5", { IFCS = 0 })                 -- no FCS of ours: padded to 64 all the same
expect.bytes(nic:sent()[1].bytes, "\xa5" .. string.rep("\0", 63), "13.4.33: 64 bytes")

step "1 to 5 bytes from the wire: no address, so no filter passes them; no counter, no memory"
for length = 1, 5 do
  nic:receive(string.rep("\xff", length))
  nic:receive { string.rep("\xff", length), fcs = "bad" }
end
nic:run(us(10))
rx:expect(0, { DD = 0 })
r.TPR:expect { TPR = 0 }                      -- 13.7.34 silent: our choice, a collision's leftover is no frame
r.RUC:expect { RUC = 0 }
r.RFC:expect { RFC = 0 }

step "6 to 13 bytes, promiscuous, bad ones stored: the wire's bytes and its FCS, not one more"
for i, length in ipairs { 6, 7, 12, 13 } do
  local bytes = string.rep("\xff", length)
  nic:receive(bytes)
  nic:run(us(10))
  rx:expect(i - 1, { DD = 1, EOP = 1, LENGTH = length + 4, ERRORS = 0 })
  expect.bytes(rx:data(i - 1), bytes .. pkt.fcs(bytes), length .. " bytes")
  expect.eq(nic:written(rx.buffers[i - 1], 256), length + 4, "bytes written to the buffer")
end
r.RUC:expect { RUC = 4 }

step "without SBP they are dropped"
r.RCTL:clear { "SBP" }
for length = 6, 13 do nic:receive(string.rep("\xff", length)) end
nic:run(us(10))
rx:expect(4, { DD = 0 })
r.RUC:expect { RUC = 8 }
