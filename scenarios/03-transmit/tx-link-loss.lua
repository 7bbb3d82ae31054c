-- The cable is pulled while frames wait: nothing leaves without a link, nothing is lost either. What the FIFO and the
-- ring hold goes out when the link is back, the frame that was cut off first and whole.
local nic = scenario { name = "tx-link-loss", needs = { "virtual-time" }, golden = { "wire" },
                       manual = { "8.6.5.2", "13.4.2", "13.4.17", "13.4.33", "13.7.11" } }
local r = nic.regs

step "link up at 10 Mb/s; fifteen long frames, ten of them in the FIFO"
nic:link_up { speed = 10, duplex = "full" }
r.TIPG:write { IPGT = 8 }
local tx = nic:tx_ring { entries = 32 }
local FRAME, GAP = ns((8 + 1518) * 800), ns(12 * 800)
local function numbered(n)
  return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / string.pack(">I2", n) / pkt.pattern(1498)
end
for n = 1, 15 do tx:send(numbered(n), { doorbell = false }) end
local start = nic:now()
lab.fold("doorbell", function() tx:doorbell() end)
r.TDH:expect { TDH = 10 }

step "the cable is pulled in the middle of the third"
nic:run_until(start + 2 * (FRAME + GAP) + us(600))
expect.eq(#nic:sent { now = true }, 2, "two have left")
local head = r.TDH:read().TDH
expect.eq(head, 12, "and two have been fetched for them")
nic:partner(nil)
nic:run(ms(100))
r.STATUS:expect { LU = 0 }
expect.eq(r.ICR:read().LSC, 1, "LSC tells")
expect.none(nic:sent { now = true }, "8.6.5.2: no link, no sending")
r.TDH:expect { TDH = head }
tx:expect(11, { DD = 1 })
tx:expect(12, { DD = 0 })                     -- no room yet

-- 13.7.11: put off are the one that was cut off and the nine behind it; two of the fifteen are still in memory.
r.DC:expect { CDC = 10 }

step "a frame handed over meanwhile waits, too"
tx:send(numbered(16))
nic:run(ms(10))
r.TDH:expect { TDH = head }
expect.none(nic:sent { now = true }, "no link")
r.GPTC:expect { GPTC = 2 }

step "the link comes back: all fourteen, in order, none twice, none cut"
nic:link_up { speed = 10, duplex = "full" }
local sent = nic:sent { within = ms(100) }
expect.eq(#sent, 14, "frames")
for i, frame in ipairs(sent) do expect.bytes(frame.bytes, numbered(2 + i):fcs(), "frame " .. 2 + i) end
for i = 2, #sent do expect.eq(sent[i].at - sent[i - 1].at, FRAME + GAP, "at line rate") end
r.TDH:expect { TDH = 16 }
r.GPTC:expect { GPTC = 14 }
for i = 0, 15 do tx:expect(i, { DD = 1 }) end

step "CTRL.SLU = 0 is no link either"
r.CTRL:clear { "SLU" }
r.STATUS:expect { LU = 0 }
tx:send(numbered(17))
nic:run(ms(10))
tx:expect(16, { DD = 1 })                     -- 3.3.3.1: in the FIFO, which has room; not sent
expect.none(nic:sent { now = true }, "13.4.1: the MAC does not see the PHY's link")
r.CTRL:set { SLU = 1 }
sent = nic:sent()
expect.eq(#sent, 1, "frames")
expect.bytes(sent[1], numbered(17), "the one that waited")

-- 8.6.5.2 silent: a frame of which only a part has left has not been sent. Our choice: it begins anew, however soon the
-- link is back; the partner has thrown the part away.
step "a link that is gone for a moment: the frame on the wire begins anew"
r.DC:read()
nic:run(ms(1))
start = nic:now()
tx:send(numbered(18))
nic:run_until(start + us(600))
r.CTRL:clear { "SLU" }
r.CTRL:set { SLU = 1 }
sent = nic:sent()
expect.eq(#sent, 1, "once")
expect.bytes(sent[1], numbered(18), "whole")
expect.eq(sent[1].at - start, us(600) + FRAME, "from its first byte on")
r.DC:expect { CDC = 1 }
