-- The packet buffer: RXA in multiples of 8 with something left for both directions; the XOFF mark inside of the receive
-- part; pointers and memory not written in operation.
local nic = scenario { name = "rule-packet-buffer", manual = { "8.7.5", "13.4.16", "13.4.24", "13.8.1", "13.8.11" } }
local r = nic.regs

step "the split"
for rxa = 0, 64 do
  r.PBA:write(rxa)
  if rxa % 8 ~= 0 or rxa == 0 or rxa == 64 then expect.bad "packet-buffer-split" else expect.silent("packet-buffer-split", "both have some") end
end
r.PBA:write(48)
expect.no_bad "the default"

step "the XOFF mark: 48 KB are the most"
r.FCRTH:write(48 * 1024)
expect.silent("pause-threshold", "full is the last chance")
r.FCRTH:write(48 * 1024 + 8)
expect.bad "pause-threshold"
r.PBA:write(56)
r.FCRTH:write(48 * 1024 + 8)
expect.no_bad "there are 56 KB now"

step "pointers and memory: for diagnosis, with both units off"
local touched = { "RDFH", "RDFT", "RDFHS", "RDFTS", "RDFPC", "TDFH", "TDFT", "TDFHS", "TDFTS", "TDFPC" }
for _, name in ipairs(touched) do r[name]:write(0) end
r.PBM[0]:write(0)
expect.silent("packet-buffer-write", "nothing is on the way")
nic:rx_ring {}
for _, name in ipairs(touched) do
  r[name]:write(0)
  if name:sub(1, 1) == "R" then expect.bad "fifo-pointer-in-use" else expect.silent("fifo-pointer-in-use", "the transmitter is off") end
end
r.PBM[0]:write(0)
expect.bad "packet-buffer-write"
r.RCTL:clear { "EN" }
nic:tx_ring {}
r.TDFH:write(0)
expect.bad "fifo-pointer-in-use"
r.PBM[16383]:write(0)
expect.bad "packet-buffer-write"
