-- CTRL.RST while the transmitter works: one frame is on the wire, more are waiting in the FIFO and in memory, a
-- delay timer runs. Nothing of it may show afterwards: no frame, no write-back, no interrupt. What comes after
-- must work as after power-up.
local nic = scenario { name = "reset-in-transmit", needs = { "virtual-time" }, golden = { "wire" },
                       manual = { "13.4.1", "13.4.36", "13.4.38", "13.4.39", "13.4.40", "13.4.41", "14.7" } }
local r = nic.regs
nic:link_up { speed = 1000 }
local function frame(n) return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { id = n } / pkt.udp {} / pkt.pattern(1400) end
local BYTE = 8                                -- ns

step "eight frames of 1442 bytes; the first takes 11632 ns"
local tx = nic:tx_ring { entries = 16 }
r.TIDV:write { IDV = 50 }                     -- 51.2 us
r.TADV:write { IDV = 200 }
r.IMS:write { TXDW = 1 }
for n = 1, 8 do tx:send(frame(n), { doorbell = false, IDE = 1 }) end
tx:doorbell()

step "reset 5 us into the first"
nic:run(us(5))
expect.irq(false, "IDE delays TXDW")
local status = {}
for i = 0, 7 do status[i] = tx:status(i) end
r.CTRL:write { RST = 1 }
nic:run(ms(5))
expect.eq(#nic:sent { now = true }, 0, "the first was cut, the others never began")
expect.irq(false, "no late TXDW")
r.ICR:expect(0)
for i = 0, 7 do expect.eq(tx:status(i), status[i], "no write-back after the reset") end
r.TDH:expect(0)
r.TDT:expect(0)
r.TDLEN:expect(0)
r.TDBAL:expect(tx.base)                       -- no reset gives it a value
r.TCTL:expect(0)
r.GPTC:expect(0)
r.TPT:expect(0)

step "programmed again, with an empty ring: nothing old comes out"
r.CTRL:write { SLU = 1 }
r.STATUS:expect { LU = 1 }                    -- the PHY kept its link
r.ICR:expect(0x4)
tx = nic:tx_ring { entries = 16 }
r.IMS:write { TXDW = 1 }
nic:run(ms(1))
expect.eq(#nic:sent(), 0, "the FIFO was emptied")

step "one frame without IDE goes out whole and interrupts at once: no old timer holds it back"
local start = nic:now()
tx:send(frame(9))
nic:wait_irq { within = us(1) }
r.ICR:expect { TXDW = 1 }
local sent = nic:sent()
expect.eq(#sent, 1, "one frame")
expect.bytes(sent[1], frame(9), "the ninth")
expect.eq(sent[1].at - start, (8 + #frame(9) + 4) * BYTE, "it did not wait for anything")
r.GPTC:expect(1)

step "RST# in the middle does the same, and lets the link go"
for n = 10, 12 do tx:send(frame(n), { doorbell = false }) end
tx:doorbell()
nic:run(us(13))                               -- the first is out, the second on its way
nic:pci_reset()
sent = nic:sent { now = true }
expect.eq(#sent, 1, "the one that was complete")
expect.bytes(sent[1], frame(10), "the tenth")
r.TDH:expect(0)
r.TPT:expect(0)
r.STATUS:expect { LU = 0 }
