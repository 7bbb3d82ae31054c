-- Segmentation contexts made to break a device: the sequences of CVE-2015-6815, CVE-2021-20257, CVE-2017-10235, the 2018
-- VirtualBox escape, CVE-2020-14699, CVE-2019-5609 and CVE-2022-23087. The device ends every one of them, reads only what it
-- was given, and sends a proper frame afterwards.
local nic = scenario { name = "hostile-segmentation", manual = { "3.3.5", "3.3.6", "3.3.7.1", "3.5.5", "3.6", "13.7.54" } }
local r = nic.regs
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 64 }
r.VET:write { VET = 0x8100 }
r.CTRL:set { VME = 1 }

local function context(t)
  t.TUCMD = t.TUCMD or "TCP IP TSE DEXT"
  tx:context(t)
end
local function data(n, dcmd) tx:data { buffer = string.rep("\x5a", n), DCMD = dcmd, POPTS = "IXSM TXSM" } end
local function after(frames, rule, n, behind)
  tx:doorbell()
  nic:run(ms(1))
  r.TDH:expect { TDH = tx.tail % 64 }           -- every descriptor is done with
  expect.eq(#nic:sent { now = true }, frames, "frames")
  if rule then expect.bad(rule, n or 1) end
  if behind then expect.bad("checksum-outside-header", behind) end
  local f = pkt.pattern(60):bytes()
  tx:send(f)
  expect.bytes(nic:sent()[1].bytes, f .. pkt.fcs(f), "an honest frame")
  expect.no_bad "nothing else"
end

step "HDRLEN 0 and MSS 0, then data"
context { HDRLEN = 0, MSS = 0, PAYLEN = 100 }
data(100, "TSE DEXT EOP RS")
after(0, "segmentation-context")

step "a smaller context while a segment is held"
context { HDRLEN = 54, MSS = 1000, PAYLEN = 2000, IPCSS = 14, TUCSS = 34, TUCSO = 50, IPCSO = 24, IPCSE = 33 }
data(900, "TSE DEXT IFCS")                    -- of 54 + 2000 bytes
context { HDRLEN = 10, MSS = 20, PAYLEN = 30 }
data(1154, "TSE DEXT IFCS EOP RS")
after(2, "context-inside-frame")              -- 2000 / 1000

step "MSS near 64 KB, data of a megabyte less one"
context { HDRLEN = 54, MSS = 0xffff, PAYLEN = 0xfffff }
data(16288, "TSE DEXT IFCS EOP RS")
after(0, "segmentation-context")

step "HDRLEN beyond the data, beyond the buffer, with VLE"
context { HDRLEN = 240, MSS = 100, PAYLEN = 10 }
data(100, "TSE DEXT VLE EOP RS")
after(0, "segmentation-length")
context { HDRLEN = 255, MSS = 100, PAYLEN = 10 }
data(100, "TSE DEXT VLE EOP RS")
after(0, "segmentation-context")

step "PAYLEN smaller than what follows"
context { HDRLEN = 54, MSS = 100, PAYLEN = 1, IPCSS = 14, TUCSS = 34, TUCSO = 50, IPCSO = 24, IPCSE = 33 }
data(4000, "TSE DEXT IFCS")
data(4000, "TSE DEXT IFCS EOP RS")
after(1, "segmentation-length")               -- PAYLEN bytes, no more

step "offsets beyond header and frame, segmented and not"
-- 3.3.6, 3.6: nothing can be inserted that starts or lies outside of the frame, or ends before it starts; an end beyond
-- the frame is its end. 3.5.5 silent: of a segment the place has to be in the header, else it is left out, which is reported
-- once a send.
local function outside(length, start, stop, place, header)
  if header and place + 2 > header then return 0 end
  local last = (stop == 0 or stop >= length) and length - 1 or stop
  return (start >= length or place + 2 > length or last < start) and 1 or 0
end
local function both(length, c, header)
  return outside(length, c[1], 0xffff, c[2], header) + outside(length, c[3], 1, c[4], header)
end
local function checked(frames, count, behind)
  after(frames, count > 0 and "checksum-outside-frame", count, behind and behind > 0 and behind)
end

for _, c in ipairs { { 255, 255, 255, 255 }, { 14, 53, 34, 53 }, { 53, 24, 53, 50 }, { 200, 0, 200, 0 } } do -- start, place; twice
  context { HDRLEN = 54, MSS = 50, PAYLEN = 60, IPCSS = c[1], IPCSO = c[2], TUCSS = c[3], TUCSO = c[4], IPCSE = 0xffff, TUCSE = 1 }
  data(54 + 60, "TSE DEXT IFCS EOP RS")
  local behind = (c[2] + 2 > 54 and 1 or 0) + (c[4] + 2 > 54 and 1 or 0)
  checked(2, both(54 + 50, c, 54) + both(54 + 10, c, 54), behind)
  context { TUCMD = "DEXT", IPCSS = c[1], IPCSO = c[2], TUCSS = c[3], TUCSO = c[4], IPCSE = 0xffff, TUCSE = 1 }
  data(10, "DEXT")
  data(50, "DEXT IFCS EOP RS")
  checked(1, both(10 + 50, c))
end

step "a packet that never begins: an EOP without a byte, then a context that would have fitted (2018, from a guest into its host)"
context { HDRLEN = 0, MSS = 0x3010, PAYLEN = 0x4188 }
data(0x10, "TSE DEXT")
tx:data { ADDR = nic:alloc { name = "nothing", size = 16, device = "r" }, DTALEN = 0, DCMD = "TSE DEXT EOP RS", POPTS = "IXSM TXSM" }
context { HDRLEN = 0, MSS = 0xf, PAYLEN = 0x4188 }
data(0x4188, "TSE DEXT EOP RS")
after(0, "segmentation-context", 2)           -- HDRLEN 0, twice
