-- TCP 0, IP 0: a constant header before each piece, no field of it rewritten, two checksums inserted if asked for
-- (silent: our choice, no length is added to them: a driver for another protocol has no pseudo header). TCP 0 with IPv6 looks
-- the same as UDP over IPv6; Linux segments no UDP here.
local nic = scenario { name = "tso-generic", manual = { "3.3.6.1", "3.5.5", "3.5.8" }, golden = { "wire" } }
local r = nic.regs
local function pattern(n, seed) return pkt.pattern(n, seed):bytes() end

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
local function run(head, popts, c)
  local data = pattern(250, 3)
  local t = { TUCMD = "TSE DEXT", PAYLEN = 250, HDRLEN = #head, MSS = 100 }
  for k, v in pairs(c) do t[k] = v end
  tx:context(t)
  tx:data { buffer = head, DCMD = "TSE DEXT IFCS", POPTS = popts }
  tx:data { buffer = data, DCMD = "TSE DEXT IFCS EOP RS" }
  tx:doorbell()
  local f = nic:sent()
  expect.eq(#f, 3, "pieces")
  for i = 1, 3 do
    local want = head .. data:sub(100 * i - 99, 100 * i)
    if popts ~= 0 then
      for _, k in ipairs { { 14, 20 }, { 30, 40 } } do
        want = want:sub(1, k[2]) .. string.pack(">I2", ~pkt.sum16(want:sub(k[1] + 1)) & 0xffff) .. want:sub(k[2] + 3)
      end
    end
    want = want .. string.rep("\0", 60 - #want)
    expect.bytes(f[i].bytes, want .. pkt.fcs(want), "piece " .. i)
  end
end

step "no checksums"
run(pattern(60, 8), 0, { IPCSS = 14, TUCSS = 34, TUCSO = 50 })
step "two checksums"
run(pattern(60, 8), "IXSM TXSM", { IPCSS = 14, IPCSO = 20, IPCSE = 0, TUCSS = 30, TUCSO = 40, TUCSE = 0 })
step "headers of one byte and of 240"
run("\x02", 0, { IPCSS = 0, TUCSS = 0 })
run(pattern(240, 1), 0, { IPCSS = 14, TUCSS = 34 })
expect.no_bad "a driver that makes no mistake"
