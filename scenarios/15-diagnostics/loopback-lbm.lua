-- Who closes the loop: 15.1.3 says RCTL.LBM, its own flow never writes RCTL, and Linux leaves LBM at 0. Silent: our
-- choice is the PHY alone. LBM = 11b without PCTRL.LOOPBACK sends to the wire, and with it changes nothing; neither
-- do the codes that 13.4.22 leaves undefined. CTRL.ILOS, which Linux sets on the way, does not matter either.
local nic = scenario { name = "loopback-lbm", manual = { "13.4.1", "13.4.22", "15.1.3", "15.1.3.1" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local rx, tx = nic:rx_ring { entries = 8, SECRC = 1 }, nic:tx_ring { entries = 8 }
local frame = pkt.eth { src = nic.mac, dst = nic.mac, type = 0x88b5 } / pkt.pattern(50)

step "LBM = 11b, the PHY not looped: the frame leaves, nothing comes back, and what arrives is received"
r.RCTL:set { LBM = 3 }
tx:send(frame)
expect.eq(#nic:sent(), 1, "frames on the wire")
rx:expect(0, { DD = 0 })
nic:receive(frame)
nic:run(us(1))
rx:expect(0, { DD = 1, LENGTH = 64 })

step "the PHY looped: the same whatever LBM says, ILOS or not"
nic:loopback()
local index = 1
for lbm = 3, 0, -1 do
  for ilos = 0, 1 do
    r.RCTL:set { LBM = lbm }
    r.CTRL:set { ILOS = ilos }
    if index < 7 then
      tx:send(frame)
      nic:run(us(2))
      rx:expect(index, { DD = 1, LENGTH = 64 })
    end
    index = index + 1
  end
end
expect.eq(#nic:sent(), 0, "frames on the wire")
r.GPRC:expect { GPRC = 7 }
expect.bads { "loopback-mode", "loss-of-signal-inverted" } -- as meant
