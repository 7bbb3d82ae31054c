-- One 600-byte TCP send leaves as three frames whose headers are rewritten on the way. The sizes make IP
-- identification and TCP sequence both wrap; the bytes expected were worked out by hand from 3.5.9.
local nic = scenario { name = "tso-ipv4", manual = { "3.3.6", "3.3.7", "3.5.5", "3.5.7", "3.5.9", "3.5.9.1", "3.5.9.2", "3.5.9.3", "13.7.53" },
                       golden = { "wire" } }
local r = nic.regs

step "link up, ring of eight descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }

step "context, header, payload, one doorbell"
local header = pkt.eth { src = "52:54:00:65:43:21", dst = "52:54:00:12:34:56" }
             / pkt.ip4 { src = "192.0.2.1", dst = "192.0.2.2", id = 0xffff, flags = "DF" }
             / pkt.tcp { sport = 49152, dport = 80, seq = 0xffffff00, ack = 0x01020304, flags = "FIN PSH ACK", window = 0x2000 }
header = header:tso()
tx:context { TUCMD = "TCP IP TSE DEXT", PAYLEN = 600, HDRLEN = 54, MSS = 256,
             IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50, TUCSE = 0 }
tx:data { buffer = header,           DCMD = "TSE DEXT IFCS", POPTS = "IXSM TXSM" }
tx:data { buffer = pkt.pattern(600), DCMD = "TSE DEXT IFCS EOP RS" }
tx:doorbell()

step "RS on the last descriptor writes DD back"
tx:wait { index = 2, DD = 1, within = us(100) }

step "three frames: 256 + 256 + 88 bytes; FIN and PSH only on the last"
local f = nic:sent()
expect.eq(#f, 3, "frames on the wire")
expect.frame(f[1], { ip = { len = 296, id = 0xffff, csum = 0xb5cc }, tcp = { seq = 0xffffff00, flags = "ACK", csum = 0x8739 } })
expect.frame(f[2], { ip = { len = 296, id = 0x0000, csum = 0xb5cc }, tcp = { seq = 0x00000000, flags = "ACK", csum = 0x863a } })
expect.frame(f[3], { ip = { len = 128, id = 0x0001, csum = 0xb673 }, tcp = { seq = 0x00000100, flags = "FIN PSH ACK", csum = 0xda81 } })
expect.eq(f[1].bytes:sub(-4), "\x77\x31\xcc\x6c", "FCS")
expect.eq(f[3].bytes:sub(-4), "\xc5\xb9\x79\x80", "FCS")
expect.checksums_valid(f)
r.GPTC:expect { GPTC = 3 }
r.TSCTC:expect { TSCTC = 1 }
r.TSCTFC:expect { TSCTFC = 0 }
