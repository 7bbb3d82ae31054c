-- Without link the MAC is off: frames that arrive are not stored, counted or interrupted for, descriptors that
-- were given stay on this side of the wire and go out in order when the link is there.
local nic = scenario { name = "no-link-no-frames", needs = { "virtual-time" }, cable = false, golden = { "wire" },
                       manual = { "8.6.2.1", "8.6.5.2", "13.4.1", "13.7" } }
local r = nic.regs
local PEER = "02:00:00:00:00:02"
local function out(n) return pkt.eth { src = nic.mac, dst = PEER } / pkt.ip4 { id = n } / pkt.udp {} / pkt.pattern(100) end
local function arriving(n) return pkt.eth { src = PEER, dst = nic.mac } / pkt.ip4 { id = n } / pkt.udp {} / pkt.pattern(100) end

step "rings ready, receiver and transmitter on, no cable"
r.CTRL:write { SLU = 1 }
local tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 8 }
r.IMS:write { RXT0 = 1, RXO = 1 }
tx:send(out(1))
tx:send(out(2))
nic:receive(arriving(1))
nic:run(ms(10))
expect.eq(#nic:sent { now = true }, 0, "nothing on a wire that is not there")
expect.eq(nic:written(rx.base, 128), 0, "no descriptor written back")
expect.irq(false, "nothing received")
r.GPTC:expect(0)
r.TPR:expect(0)
r.MPC:expect(0)
r.RDH:expect { RDH = 0 }

step "cable and PHY link, but SLU is 0: the same"
r.CTRL:write { SLU = 0 }
nic:partner { speed = 1000 }
nic:run(s(2))
nic.phy.PSSTAT:expect { LINK = 1 }
nic:receive(arriving(2))
nic:run(ms(10))
expect.eq(#nic:sent { now = true }, 0, "SLU lets the MAC transmit")
expect.eq(nic:written(rx.base, 128), 0, "SLU lets the MAC receive")
r.TPR:expect(0)

step "SLU: what was given leaves, in order; what came before is gone for good"
r.CTRL:write { SLU = 1 }
local sent = nic:sent()
expect.eq(#sent, 2, "both frames")
expect.bytes(sent[1], out(1), "the first")
expect.bytes(sent[2], out(2), "the second")
r.GPTC:expect { GPTC = 2 }
expect.eq(nic:written(rx.base, 128), 0, "no late arrivals")

step "and frames come in"
nic:receive(arriving(3))
nic:run(us(10))
expect.irq(true, "RXT0")
expect.bytes(rx:take({ within = us(1) }):sub(1, #arriving(3)), arriving(3), "the third alone")

step "the link is lost between two frames: the second waits for it"
nic.regs.ICR:raw()
tx:send(out(3), { doorbell = false })
tx:send(out(4), { doorbell = false })
nic:at(nic:now() + us(2), function() nic:partner(nil) end)
tx:doorbell()
nic:run(ms(1))
sent = nic:sent { now = true }
expect.eq(#sent, 1, "the one that was complete on the wire after 2 us")
expect.bytes(sent[1], out(3), "the third")
nic:partner { speed = 1000 }
nic:run(s(2))
sent = nic:sent()
expect.eq(#sent, 1, "one more")
expect.bytes(sent[1], out(4), "the fourth")
