-- WUFC.BC: a broadcast that passes the address filter, so RCTL.BAM has to let it in. Every address of six FFh
-- and no other.
local nic = scenario { name = "wake-broadcast", manual = { "6.4.2", "6.4.3.1.3", "13.4.22", "13.6.2", "13.6.3" } }
local wake = require "wake"
local r = nic.regs
local ALL = "ff:ff:ff:ff:ff:ff"
local function to(dst) return pkt.eth { dst = dst, src = "02:00:00:00:00:02" } / pkt.pattern(46) end
nic:link_up()

step "asleep"
r.RCTL:write { BAM = 1 }
wake.filters(nic, { BC = 1 })
wake.sleep(nic)
nic:receive(to(ALL))
nic:run(us(10))
expect.eq(nic:pme(), true, "PME#")
wake.resume(nic)
r.WUS:expect(wake.bits { BC = 1 })
nic:link_up()
wake.filters(nic, { BC = 1 })

step "the address filter comes first"
wake.expect(nic, to(ALL), {}, "BAM = 0")
r.RCTL:write { BAM = 1 }
wake.expect(nic, to(ALL), { BC = 1 }, "BAM = 1")
r.RCTL:write { MPE = 1 }
wake.expect(nic, to(ALL), { BC = 1 }, "as a multicast, by MPE")
r.RCTL:write { BAM = 1, MPE = 1, UPE = 1 }

step "one bit less in any byte is no broadcast"
for byte = 0, 5 do
  local address = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }
  address[byte + 1] = 0xfe
  wake.expect(nic, to(string.format("%02x:%02x:%02x:%02x:%02x:%02x", table.unpack(address))), {}, "byte " .. byte)
end

step "WUFC.BC = 0"
wake.filters(nic, { EX = 1 })
wake.expect(nic, to(ALL), {}, "not enabled")
