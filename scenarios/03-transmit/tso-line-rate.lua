-- A long send through a transmit FIFO that it fills many times over: every segment leaves whole, at the speed of the line,
-- with no gap but that of TIPG.
local nic = scenario { name = "tso-line-rate", manual = { "3.5.1", "3.5.9", "13.4.34", "13.7.53" }, golden = { "wire" } }
local r = nic.regs
local function pattern(n, seed) return pkt.pattern(n, seed):bytes() end

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
r.TIPG:write { IPGT = 8, IPGR1 = 8, IPGR2 = 6 }
local head = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { id = 1 } / pkt.tcp { seq = 1 }):tso():bytes()

step "60000 bytes by 1460, in buffers of 4096"
nic:run(us(10))
local start = nic:now()
local all = pattern(60000)
local f = lab.fold("the send", function()
  tx:context { TUCMD = "TCP IP TSE DEXT", PAYLEN = 60000, HDRLEN = 54, MSS = 1460, IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50 }
  tx:data { buffer = head, DCMD = "TSE DEXT IFCS", POPTS = "IXSM TXSM" }
  for at = 0, 59999, 4096 do
    tx:data { buffer = all:sub(at + 1, at + 4096), DCMD = at + 4096 < 60000 and "TSE DEXT IFCS" or "TSE DEXT IFCS EOP RS" }
  end
  tx:doorbell()
  return nic:sent()
end)
expect.eq(#f, 42, "segments")
local at, got = 0, {}
for i = 1, 42 do
  at = at + (i > 1 and 12 or 0) + 8 + #f[i].bytes
  expect.eq(f[i].at - start, ns(at * 8), "segment " .. i)
  got[i] = f[i].bytes:sub(55, -5):sub(1, i < 42 and 1460 or 60000 - 41 * 1460)
end
expect.bytes(table.concat(got), all, "the stream")
expect.checksums_valid(f)
r.TSCTC:expect { TSCTC = 1 }
r.GPTC:expect { GPTC = 42 }
expect.no_bad "a driver that makes no mistake"
