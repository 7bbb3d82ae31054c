-- The Linux driver's usual life breaks no rule: probe, open, traffic both ways, checksums and VLAN, link loss, multicast,
-- another address, close and open again. (Its register self-test does: see linux-register-test.lua.)
local nic = scenario { name = "rule-linux-is-silent", manual = { "13.2", "14.4", "14.5" } }

step "probe and open"
local drv = require("linux_e1000").probe(nic)
lab.fold("open, link", function()
  drv:open()
  drv:run(s(8))
end)
expect.ok(drv.link, "the link is up")
expect.no_bad "probe, open, link"

step "traffic"
lab.fold("both ways", function()
  local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { dst = "10.0.0.2" } / pkt.udp {} / "hello"
  for _ = 1, 300 do
    drv:xmit(frame:pad(60))
    nic:receive { pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(60), pad = true }
    drv:run(us(50))
  end
end)
expect.eq(#drv:received(), 300, "all there")
expect.no_bad "traffic"

step "VLAN, multicast, promiscuous, link loss, close and open again"
lab.fold("life", function()
  drv:add_vlan(100)
  drv:set_multicast({ "01:00:5e:00:00:01" }, { promiscuous = true })
  nic:partner(nil)
  drv:run(s(4))
  nic:partner { speed = 100, duplex = "full" }
  drv:run(s(8))
  drv:close()
  drv:open()
  drv:run(s(8))
  drv:close()
  drv:remove()
end)
expect.no_bad "nothing of it"
