-- Good frames by size: each falls into exactly one of six classes, and into GPRC, GORC, TPR and TOR. Lengths count
-- from the destination address to the FCS as it was on the wire, although the FCS is stripped here; and they count
-- when the frame comes, whether the driver has looked at it or not.
local nic = scenario { name = "stats-receive-sizes",
                       manual = { "13.7", "13.7.21", "13.7.22", "13.7.23", "13.7.24", "13.7.25", "13.7.26",
                                  "13.7.27", "13.7.31", "13.7.34", "13.7.36", "13.7.41", "13.7.43" } }
local r = nic.regs

-- Reads, and so clears, all of 4000h-40FCh: what is not named has to be 0. A pair is read low half first.
local function counted(wanted)
  for name in pairs(wanted) do expect.ok(r[name], name) end
  lab.fold("every counter", function()
    for _, row in ipairs(lab.regs()) do
      if row.offset >= 0x4000 and row.offset <= 0x40fc then r[row.name]:expect(wanted[row.name] or 0) end
    end
  end)
end
local function frame(length) -- with FCS
  return tostring(pkt.eth { src = "02:00:00:00:00:01", dst = nic.mac, type = 0x88b5 } / pkt.pattern(length - 18))
end

step "link up; a receiver that strips the FCS; nothing has been counted"
nic:link_up { speed = 1000, duplex = "full" }
local rx = nic:rx_ring { entries = 32, buffer = 2048, SECRC = 1 }
counted {}

step "one frame of each size at the edge of a class"
local SIZES = { { 64, "PRC64" }, { 65, "PRC127" }, { 127, "PRC127" }, { 128, "PRC255" }, { 255, "PRC255" },
                { 256, "PRC511" }, { 511, "PRC511" }, { 512, "PRC1023" }, { 1023, "PRC1023" }, { 1024, "PRC1522" },
                { 1518, "PRC1522" }, { 1522, "PRC1522" } }
for i, size in ipairs(SIZES) do
  local length, class = size[1], size[2]
  nic:receive(frame(length))
  nic:run(us(1))
  rx:expect(i - 1, { DD = 1, LENGTH = length - 4 })
  counted { TPR = 1, TORL = length, GPRC = 1, GORCL = length, [class] = 1 }
end

step "just outside: 63 bytes are undersize, 1523 oversize"
nic:receive(frame(63))
nic:run(us(1))
counted { TPR = 1, TORL = 63, RUC = 1, RLEC = 1 }
nic:receive(frame(1523))
nic:run(us(1))
counted { TPR = 1, TORL = 1523, ROC = 1, RLEC = 1 }
rx:expect(12, { DD = 0 })

step "with LPE the last class goes on to 16384 bytes"
r.RCTL:set { LPE = 1 }
nic:receive(frame(1523))
nic:run(us(1))
counted { TPR = 1, TORL = 1523, GPRC = 1, GORCL = 1523, PRC1522 = 1 }
nic:receive(frame(16384))
nic:run(us(1))
counted { TPR = 1, TORL = 16384, GPRC = 1, GORCL = 16384, PRC1522 = 1 }
nic:receive(frame(16385))
nic:run(us(1))
counted { TPR = 1, TORL = 16385, ROC = 1, RLEC = 1 }

step "they add up"
for _ = 1, 3 do
  nic:receive(frame(64))
  nic:receive(frame(200))
end
nic:run(us(1))
counted { TPR = 6, TORL = 792, GPRC = 6, GORCL = 792, PRC64 = 3, PRC255 = 3 }
