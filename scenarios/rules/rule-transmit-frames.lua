-- What a frame and its descriptors can have wrong and still leave: too short, reserved bits, a checksum that points beyond
-- it, a tag nobody inserts, a delay without a time.
local nic = scenario { name = "rule-transmit-frames",
                       manual = { "3.3.3", "3.3.3.1", "3.3.6", "3.3.7", "9.2.1", "13.4.41" } }
local r = nic.regs
nic:link_up { speed = 1000 }
local tx = nic:tx_ring { entries = 32 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(86)

local function leaves(fields)
  fields.buffer = fields.buffer or frame
  if not fields.CMD then fields.CMD = "EOP IFCS RS" end
  tx:legacy(fields)
  tx:doorbell()
  expect.eq(#nic:sent(), 1, "it leaves all the same")
end

step "48 bytes before padding are the least"
leaves { buffer = pkt.pattern(48) }
expect.silent("frame-too-short", "48")
leaves { buffer = pkt.pattern(47) }
expect.bad "frame-too-short"

step "reserved bits: bit 4 of CMD, the nibble beside STA"
leaves { CMD = "EOP IFCS RS RSV4" }
expect.bad "descriptor-reserved-bits"
local address = tx:desc(tx:legacy { buffer = frame, CMD = "EOP IFCS RS" }).ADDR
tx:raw(3, address, 0x0000001000000000 | 0x0b << 24 | 100)
tx:doorbell()
expect.bad "descriptor-reserved-bits"
tx:context { TUCMD = "DEXT RSV6" }
tx:doorbell()
expect.bad "descriptor-reserved-bits"
tx:context { TUCMD = "DEXT", IPCSO = 24, IPCSS = 14, TUCSO = 50, TUCSS = 34 }
tx:data { buffer = frame, DCMD = "DEXT IFCS EOP RS" }
tx:data { buffer = frame, DCMD = "DEXT IFCS EOP RS", POPTS = 0x80 }
tx:doorbell()
expect.bad "descriptor-reserved-bits"
nic:sent()

step "a checksum: start and place inside of the frame's 100 bytes"
leaves { CMD = "EOP IFCS IC RS", CSS = 98, CSO = 98 }
expect.silent("checksum-outside-frame", "the last two bytes")
leaves { CMD = "EOP IFCS IC RS", CSS = 100, CSO = 50 }
expect.bad "checksum-outside-frame"
leaves { CMD = "EOP IFCS IC RS", CSS = 0, CSO = 99 }
expect.bad "checksum-outside-frame"

step "a tag needs CTRL.VME"
leaves { CMD = "EOP IFCS VLE RS" }
expect.bad "vlan-insertion-off"
r.CTRL:set { VME = 1 }
leaves { CMD = "EOP IFCS VLE RS" }
expect.silent("vlan-insertion-off", "VME is set")
tx:data { buffer = frame, DCMD = "DEXT IFCS EOP RS VLE", POPTS = "IXSM TXSM" }
tx:doorbell()
expect.eq(#nic:sent(), 1, "it leaves")
expect.silent("descriptor-reserved-bits", "6 of a data descriptor is VLE, and POPTS has two bits")

step "IDE needs a time in TIDV"
r.TIDV:write(1)
leaves { CMD = "EOP IFCS RS IDE" }
expect.silent("transmit-delay-zero", "1.024 us")
r.TIDV:write(0)
leaves { CMD = "EOP IFCS IDE" }
expect.no_bad "nothing to report, nothing to delay"
leaves { CMD = "EOP IFCS RS IDE" }
expect.bad "transmit-delay-zero"
