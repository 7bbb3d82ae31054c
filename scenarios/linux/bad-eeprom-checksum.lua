-- A board whose EEPROM does not sum to BABAh. The hardware never looks at the sum, so RAL[0] and RAH[0] are loaded
-- all the same; the driver does look, distrusts the address and goes on with none. Given one by hand it works.
local nic = scenario { name = "bad-eeprom-checksum", manual = { "5.6.1", "5.6.35", "13.5.2", "13.5.3", "14.7" },
                       eeprom = { mac = "52:54:00:12:34:56", checksum = false } }
local linux = require "linux_e1000"
local r = nic.regs

step "the hardware loaded the address: no word but 0Ah decides about that"
r.RAL[0]:expect { RAL = 0x12005452 }
r.RAH[0]:expect { RAH = 0x5634 }
local sum = 0
for address = 0, 0x3f do sum = sum + nic.eeprom:words()[address] end
expect.ne(sum & 0xffff, 0xbaba, "words 00h-3Fh")

step "probe: the sum is wrong, the address is not read, the probe goes on"
local drv = lab.fold("probe", linux.probe, nic)
expect.ok(drv, "5.6.35: software's business alone")
expect.eq(drv.checksum_ok, false, "64 words read twice, the second time for the log")
expect.eq(drv.mac, "00:00:00:00:00:00", "no address")
r.RAL[0]:expect { RAL = 0 }
r.RAH[0]:expect { RAH = 0, AV = 1 }

step "open: link up, but frames to the address in the EEPROM are not for us"
lab.fold("open, negotiation", function()
  drv:open()
  drv:run(s(5))
end)
expect.eq(drv.link, true, "link")
local frame = pkt.eth { src = "02:00:00:00:00:02", dst = "52:54:00:12:34:56" } / pkt.ip4 {} / pkt.udp {}
            / pkt.pattern(40)
nic:receive(frame)
drv:run(ms(1))
expect.none(drv:received(), "RAL[0] is 0")

step "an address by hand"
drv:set_mac("52:54:00:12:34:56")
nic:receive(frame)
drv:run(ms(1))
local got = drv:received()
expect.eq(#got, 1, "received")
expect.bytes(got[1].bytes, frame, "the frame")
lab.fold("close, remove", function()
  drv:close()
  drv:remove()
end)
