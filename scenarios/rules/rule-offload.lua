-- Contexts and the descriptors that need them: loaded first, whole, not in the middle of a frame; data that adds up; one
-- kind of descriptor in a frame.
local nic = scenario { name = "rule-offload", manual = { "3.3.2", "3.3.5", "3.3.6", "3.3.6.1", "3.3.7", "3.3.7.1", "3.5.5", "3.6" } }
nic:link_up { speed = 1000 }
local tx = nic:tx_ring { entries = 64 }
local frame = tostring((pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.ip4 { dst = "10.0.0.2" } / pkt.udp {}
                        / pkt.pattern(200)):bytes())
local half = #frame // 2

local function go(count, why)
  tx:doorbell()
  expect.eq(#nic:sent(), count, why)
end
local function checksum_context()
  tx:context { TUCMD = "DEXT IP", IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 40 }
end
local function segment_context(fields)
  local all = { TUCMD = "DEXT TSE IP TCP", IPCSS = 14, IPCSO = 24, IPCSE = 33, TUCSS = 34, TUCSO = 50, HDRLEN = 54, MSS = 100,
                PAYLEN = #frame - 54 }
  for name, value in pairs(fields or {}) do all[name] = value end
  tx:context(all)
end

step "an offload before its context"
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS", POPTS = "TXSM" }
go(1, "without its checksum")
expect.bad "context-missing"
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS TSE" }
go(0, "nothing to segment by")
expect.bad "context-missing"
checksum_context()
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS", POPTS = "TXSM IXSM" }
go(1, "with both")
expect.silent("context-missing", "context first")

step "a context inside of a frame; legacy and data in one frame"
tx:data { buffer = frame:sub(1, half), DCMD = "DEXT IFCS" }
checksum_context()
tx:data { buffer = frame:sub(half + 1), DCMD = "DEXT EOP IFCS" }
go(1, "whole")
expect.bad "context-inside-frame"
tx:data { buffer = frame:sub(1, half), DCMD = "DEXT IFCS" }
tx:legacy { buffer = frame:sub(half + 1), CMD = "EOP IFCS" }
tx:doorbell()
nic:sent()
expect.bad "mixed-descriptors"

step "a legacy frame, a context, a frame of data descriptors: each where it may be"
tx:legacy { buffer = frame, CMD = "EOP IFCS" }
checksum_context()
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS" }
go(2, "both")
expect.silent("mixed-descriptors", "the kind changes between frames")
expect.silent("context-inside-frame", "so does the context")
expect.silent("descriptor-type", "0 and 1")

step "DTYP 2 is no descriptor"
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS", DTYP = 2 }
go(0, "no data moves")
expect.bad "descriptor-type"

step "a segmentation that cannot be, one that does not add up, a good one"
segment_context { MSS = 0 }
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS TSE" }
go(0, "no MSS")
expect.bad "segmentation-context"
segment_context { PAYLEN = #frame - 54 + 10 }
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS TSE" }
tx:doorbell()
nic:sent()
expect.bad "segmentation-length"
segment_context { HDRLEN = 240, MSS = 1, PAYLEN = 1 }
tx:data { buffer = pkt.pattern(241), DCMD = "DEXT EOP IFCS TSE" }
go(1, "the longest header, the shortest segment")
expect.silent("segmentation-context", "240 bytes, one byte")
segment_context { HDRLEN = 241, MSS = 1, PAYLEN = 1 }
tx:data { buffer = pkt.pattern(242), DCMD = "DEXT EOP IFCS TSE" }
go(0, "a header that is too long")
expect.bad "segmentation-context"
segment_context()
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS TSE" }
go((#frame - 54 + 99) // 100, "segments of 100")
expect.silent("segmentation-length", "header and payload add up")

-- 3.5.5: what hardware puts right in each segment is in its header; a place behind that is the next segment's data.
step "a checksum behind the header, of each kind; one in the header's last two bytes"
for _, what in ipairs { { "TUCSO", "TXSM" }, { "IPCSO", "IXSM" } } do
  segment_context { [what[1]] = 53 }
  tx:data { buffer = frame, DCMD = "DEXT EOP IFCS TSE", POPTS = what[2] }
  go((#frame - 54 + 99) // 100, "as many segments")
  expect.bad("checksum-outside-header", 1)    -- once a send
  segment_context { [what[1]] = 52 }
  tx:data { buffer = frame, DCMD = "DEXT EOP IFCS TSE", POPTS = what[2] }
  go((#frame - 54 + 99) // 100, "as many segments")
  expect.silent("checksum-outside-header", "bytes 52 and 53")
end
segment_context { TUCSO = 53, IPCSO = 53 }
tx:data { buffer = frame, DCMD = "DEXT EOP IFCS TSE" }
go((#frame - 54 + 99) // 100, "as many segments")
expect.silent("checksum-outside-header", "nobody asks for one")
