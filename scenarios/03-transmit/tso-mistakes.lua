-- What a driver can get wrong with contexts and segmentation: each ends in at most one bad send, TSCTFC, a rule with its
-- name, DD for the driver, and a transmitter that goes on.
local nic = scenario { name = "tso-mistakes", manual = { "3.3.2", "3.3.5", "3.3.6", "3.3.7.1", "13.7.54" }, golden = { "wire" } }
local r = nic.regs

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
local head = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { id = 7 } / pkt.tcp { seq = 1 }):tso():bytes()
local CONTEXT = { TUCMD = "TCP IP TSE DEXT", PAYLEN = 300, HDRLEN = 54, MSS = 200, IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50 }
local function context(changes)
  local c = {}
  for k, v in pairs(CONTEXT) do c[k] = v end
  for k, v in pairs(changes or {}) do c[k] = v end
  tx:context(c)
end
local function data(n)
  tx:data { buffer = head, DCMD = "TSE DEXT IFCS", POPTS = "IXSM TXSM" }
  tx:data { buffer = pkt.pattern(n or 300), DCMD = "TSE DEXT IFCS EOP RS" }
  tx:doorbell()
  tx:wait { DD = 1 }
  return nic:sent()
end
local function well()
  context()
  local f = data()
  expect.eq(#f, 2, "a good one after it")
  expect.checksums_valid(f)
  r.TSCTC:expect { TSCTC = 1 }
  r.TSCTFC:expect { TSCTFC = 0 }
end
local function broken(rule, failed, frames, n)
  local f = data(n)
  expect.eq(#f, frames, "frames")
  r.TSCTFC:expect { TSCTFC = failed }
  expect.bad(rule, 1)
  r.TSCTC:raw()
  well()
end

step "no context"
broken("context-missing", 1, 0)
step "a context that nothing can come of"
for _, c in ipairs { { HDRLEN = 0 }, { HDRLEN = 241 }, { HDRLEN = 255 }, { MSS = 0 }, { PAYLEN = 0 }, { MSS = 65535 } } do
  lab.fold("context", function() context(c) broken("segmentation-context", 1, 0) end)
end
step "PAYLEN longer than the data: what is there goes out, the last one may be wrong"
context { PAYLEN = 301 }
broken("segmentation-length", 1, 2)
context { PAYLEN = 1000000 }
broken("segmentation-length", 1, 2)
step "PAYLEN shorter: it ends there"
context { PAYLEN = 299 }
local f = data()
expect.eq(#f, 2, "PAYLEN bytes went out")
r.TSCTFC:expect { TSCTFC = 1 }
expect.bad("segmentation-length", 1)
r.TSCTC:raw()
well()

step "a header that never comes whole"
context { HDRLEN = 240, PAYLEN = 300 }
tx:data { buffer = head, DCMD = "TSE DEXT IFCS EOP RS", POPTS = "IXSM TXSM" }
tx:doorbell()
tx:wait { DD = 1 }
expect.eq(#nic:sent(), 0, "nothing")
r.TSCTFC:expect { TSCTFC = 1 }
expect.bad("segmentation-length", 1)
well()

step "a context inside a frame counts from the next one on (silent: bad results)"
context()
tx:data { buffer = head, DCMD = "TSE DEXT IFCS", POPTS = "IXSM TXSM" }
context { MSS = 100 }
tx:data { buffer = pkt.pattern(300), DCMD = "TSE DEXT IFCS EOP RS" }
tx:doorbell()
expect.eq(#nic:sent(), 2, "MSS 200")
expect.bad("context-inside-frame", 1)
expect.eq(#data(), 3, "MSS 100")
r.TSCTC:raw()
well()

step "legacy and data in one frame: the first one's kind counts"
tx:legacy { buffer = pkt.pattern(100), CMD = 0 }
tx:data { buffer = pkt.pattern(50), DCMD = "DEXT EOP IFCS RS" }
tx:doorbell()
f = nic:sent()
expect.bytes(f[1].bytes:sub(1, 150), pkt.pattern(100) .. pkt.pattern(50), "gathered all the same")
expect.bad("mixed-descriptors", 1)
well()

step "DTYP 2: no data moves, DD is written"
tx:raw(tx.tail, 0x1000, 0x0000000028200040 | 9 << 24)
local i = tx.tail
tx:doorbell((i + 1) % 64)
nic:run(us(10))
expect.eq(#nic:sent(), 0, "nothing")
tx:expect(i, { DD = 1 })
expect.bad("descriptor-type", 1)
