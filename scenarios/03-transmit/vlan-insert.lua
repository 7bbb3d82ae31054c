-- VLE with CTRL.VME puts VET and Special behind the addresses: of the last descriptor, in a segmentation of the first data
-- descriptor. The tag is not summed, counts on the wire, and brings the FCS with it.
local nic = scenario { name = "vlan-insert", needs = { "wire" },
                       manual = { "3.3.3.1", "3.3.4", "3.3.7.1", "3.3.7.3", "9.1", "9.2.1", "13.4.11" } }
local r = nic.regs
local function pattern(n, seed) return pkt.pattern(n, seed):bytes() end

step "link up, VME, VET 8100"
nic:link_up { speed = 1000, duplex = "full" }
r.VET:write { VET = 0x8100 }
r.CTRL:set { VME = 1 }
local tx = nic:tx_ring { entries = 32 }
local function one() local f = nic:sent() expect.eq(#f, 1, "frames") return f[1].bytes end
local function tagged(f, vet, tci) return f:sub(1, 12) .. string.pack(">I2I2", vet, tci) .. f:sub(13) end
local function whole(f) return f .. pkt.fcs(f) end
local TCI = { PRI = 3, CFI = 0, VLAN = 100 }
local f = pattern(100)

step "legacy: the last descriptor's Special; FCS without IFCS"
tx:legacy { buffer = f, CMD = "EOP IFCS VLE RS", SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), whole(tagged(f, 0x8100, 0x6064)), "tagged")
tx:legacy { buffer = f, CMD = "EOP VLE RS", SPECIAL = { PRI = 7, CFI = 1, VLAN = 4095 } }
tx:doorbell()
expect.bytes(one(), whole(tagged(f, 0x8100, 0xffff)), "no IFCS")
tx:legacy { buffer = f:sub(1, 5), CMD = "VLE", SPECIAL = { PRI = 1, CFI = 0, VLAN = 1 } }
tx:legacy { buffer = f:sub(6), CMD = "EOP IFCS VLE RS", SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), whole(tagged(f, 0x8100, 0x6064)), "the last one's")
tx:legacy { buffer = f:sub(1, 50), CMD = "VLE", SPECIAL = TCI }
tx:legacy { buffer = f:sub(51), CMD = "EOP IFCS RS" }
tx:doorbell()
expect.bytes(one(), whole(f), "VLE not in the last")

step "data descriptors: the last one's, too"
tx:data { buffer = f:sub(1, 50), DCMD = "DEXT VLE", SPECIAL = { PRI = 1, CFI = 0, VLAN = 1 } }
tx:data { buffer = f:sub(51), DCMD = "DEXT EOP IFCS VLE RS", SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), whole(tagged(f, 0x8100, 0x6064)), "data")

step "VET is the tag's type, upper byte first"
r.VET:write { VET = 0x88a8 }
tx:legacy { buffer = f, CMD = "EOP IFCS VLE RS", SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), whole(tagged(f, 0x88a8, 0x6064)), "88A8")
r.VET:write { VET = 0x8100 }

step "checksum offsets do not see the tag"
local c = f:sub(1, 20) .. string.pack(">I2", ~pkt.sum16(f:sub(15)) & 0xffff) .. f:sub(23)
tx:legacy { buffer = f, CMD = "EOP IFCS IC VLE RS", CSS = 14, CSO = 20, SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), whole(tagged(c, 0x8100, 0x6064)), "IC")

step "padding to 64 bytes counts the tag (silent: our choice); the counters do"
r.PTC64:raw()
tx:legacy { buffer = f:sub(1, 56), CMD = "EOP IFCS VLE RS", SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), whole(tagged(f:sub(1, 56), 0x8100, 0x6064)), "56 bytes and a tag")
tx:legacy { buffer = f:sub(1, 40), CMD = "EOP IFCS VLE RS", SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), whole(tagged(f:sub(1, 40), 0x8100, 0x6064) .. string.rep("\0", 16)), "40 bytes and a tag")
r.PTC64:expect { PTC64 = 2 }
expect.bad("frame-too-short", 1)

step "segmentation: the first data descriptor's, in every segment"
local head = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { id = 5 } / pkt.tcp { seq = 1000 }):tso():bytes()
tx:context { TUCMD = "TCP IP TSE DEXT", PAYLEN = 300, HDRLEN = 54, MSS = 200, IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50 }
tx:data { buffer = head, DCMD = "TSE DEXT IFCS VLE", POPTS = "IXSM TXSM", SPECIAL = TCI }
tx:data { buffer = pattern(300), DCMD = "TSE DEXT EOP RS", SPECIAL = { PRI = 1, CFI = 0, VLAN = 1 } }
tx:doorbell()
local s = nic:sent()
expect.eq(#s, 2, "segments")
for i, n in ipairs { 200, 100 } do
  expect.frame(s[i], { vlan = { tpid = 0x8100, pcp = 3, cfi = 0, vid = 100 }, ip = { len = 40 + n, id = 4 + i }, tcp = { seq = 800 + 200 * i } })
end
expect.checksums_valid(s)

step "VME 0: VLE is nothing, IFCS decides"
r.CTRL:clear { "VME" }
tx:legacy { buffer = f, CMD = "EOP IFCS VLE RS", SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), whole(f), "IFCS")
tx:legacy { buffer = f, CMD = "EOP VLE RS", SPECIAL = TCI }
tx:doorbell()
expect.bytes(one(), f, "no IFCS")
expect.bad("vlan-insertion-off", 2)
expect.no_bad "nothing else"
