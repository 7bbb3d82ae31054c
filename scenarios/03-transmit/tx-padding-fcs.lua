-- PSP fills short frames to 64 bytes, FCS counted, before the FCS is computed; IFCS decides whether there is one.
-- Short frames from a driver that does not pad would otherwise be runts at the other end.
local nic = scenario { name = "tx-padding-fcs", needs = { "wire" }, golden = { "wire" },
                       manual = { "3.3.3", "3.3.3.1", "13.4.33" } }
local r = nic.regs

step "link up, ring of 64 descriptors"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64, PSP = 1 }
local long = (pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(100, 1)):bytes()
local LENGTHS = { 14, 17, 48, 59, 60, 61, 63, 64, 65 }

-- Send the first n bytes; what must be on the wire.
local function check(psp, ifcs)
  for _, n in ipairs(LENGTHS) do
    local data = long:sub(1, n)
    tx:legacy { buffer = data, EOP = 1, IFCS = ifcs, RS = 1 }
    tx:doorbell()
    local sent = nic:sent()
    expect.eq(#sent, 1, n .. " bytes: one frame")
    local fill = psp == 1 and math.max(0, 64 - 4 * ifcs - n) or 0
    local body = data .. string.rep("\0", fill) -- zeros (silent: our choice, "the padding content is data")
    expect.bytes(sent[1].bytes, ifcs == 1 and body .. pkt.fcs(body) or body,
                 string.format("%d bytes, PSP %d, IFCS %d", n, psp, ifcs))
  end
end

step "PSP and IFCS: at least 64 bytes with the FCS, which covers the padding"
lab.fold("lengths 14 to 65", check, 1, 1)

step "PSP without IFCS: 64 bytes of data (silent: our choice, the driver's own FCS would end up before the padding)"
lab.fold("lengths 14 to 65", check, 1, 0)

step "no PSP: as long as given, and the FCS behind it"
r.TCTL:clear { "PSP" }
lab.fold("lengths 14 to 65", check, 0, 1)

step "no PSP, no IFCS: the bytes and nothing else"
lab.fold("lengths 14 to 65", check, 0, 0)

step "one byte, padded: length and FCS"
r.TCTL:set { PSP = 1 }
tx:legacy { buffer = "\x02", CMD = "EOP IFCS RS" }
tx:doorbell()
local body = "\x02" .. string.rep("\0", 59)
expect.bytes(nic:sent()[1].bytes, body .. pkt.fcs(body), "64 bytes")

step "60 bytes in pieces, and 59: padding looks at the whole frame"
tx:send(long:sub(1, 60), { split = 20 })
expect.bytes(nic:sent()[1].bytes, long:sub(1, 60) .. pkt.fcs(long:sub(1, 60)), "no padding")
tx:send(long:sub(1, 59), { split = 20 })
body = long:sub(1, 59) .. "\0"
expect.bytes(nic:sent()[1].bytes, body .. pkt.fcs(body), "one byte of it")

step "an FCS worked out independently of the library: C0 D6 60 88"
local known = ("52540012345652540065432108004500002e12344000401" .. "1a487c0000202c000020104d2162e001a1865"
            .. "000102030405060708090a0b0c0d0e0f1011"):gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end)
tx:legacy { buffer = known, CMD = "EOP IFCS RS" }
tx:doorbell()
expect.bytes(nic:sent()[1].bytes, known .. "\xc0\xd6\x60\x88", "low byte first")
