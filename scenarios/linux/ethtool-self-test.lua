-- "ethtool -t eth0 offline" with the Linux driver's own masks and steps: registers, EEPROM, interrupt, loopback,
-- link. All five pass on a good board. Emulators that store only what their drivers happen to use fail the
-- register test; those without a PHY loop fail the fourth.
local nic = scenario { name = "ethtool-self-test", needs = { "virtual-time" },
                       manual = { "5.6.35", "8.6.2", "13.4.2", "13.4.7.1.1", "13.4.17", "13.4.19", "13.4.20", "13.4.21",
                                  "13.4.22", "13.5.1", "13.5.3", "15.1.3", "15.1.3.1" } }
local mistakes = require("mistakes").watch()
local linux = require "linux_e1000"
local r = nic.regs

step "a driver with its interface up and traffic possible"
local drv = lab.fold("probe, open, link", function()
  local drv = linux.probe(nic)
  drv:open()
  drv:run(s(8))
  return drv
end)
expect.eq(drv.link, true, "link")

step "the test: the interface goes down, each part leaves a mess, a reset cleans up"
local result = drv:self_test()
expect.eq(result.link, 0, "STATUS.LU")
expect.eq(result.registers, 0, "every bit of the masks sticks, every other reads 0")
expect.eq(result.eeprom, 0, "BABAh")
expect.eq(result.interrupt, 0, "causes 0 to 9, one by one")
expect.eq(result.loopback, 0, "64 frames come back within 200 ms, in order")
expect.eq(result.passed, true, "all of them")
-- The loop's ten bursts of 64 descriptors have RPS, bit 28, which is reserved here. The rest is single writes: the patterns
-- of the register test, and ILOS for the loop. Resets clean up.
expect.bad("descriptor-reserved-bits", 10 * 64)
mistakes:expect()

step "nothing of it reached the wire"
expect.eq(#nic:sent(), 0, "frames out")

step "the interface is up again, and works"
lab.fold("link again", function() drv:run(s(8)) end)
expect.eq(drv.link, true, "link")
r.CTRL:expect { FRCSPD = 0, FRCDPLX = 0, ILOS = 0, SLU = 1 }
nic.phy.PCTRL:expect { LOOPBACK = 0, AN_ENABLE = 1 }
local packet = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { src = "10.0.0.1", dst = "10.0.0.2" }
             / pkt.udp {} / "after the test"
expect.ok(drv:xmit(packet), "the ring has room")
drv:run(ms(1))
local sent = nic:sent()
expect.eq(#sent, 1, "frames out")
expect.bytes(tostring(sent[1]):sub(1, #packet), packet, "as given")
