-- What ip -s link shows is what the watchdog has added up from registers that clear when read. After a minute of all
-- sorts of traffic the sums equal what went over the wire, worked out here from the frames themselves.
local nic = scenario { name = "watchdog-totals",
                       manual = { "13.7", "13.7.1", "13.7.21", "13.7.27", "13.7.28", "13.7.29", "13.7.30",
                                  "13.7.31", "13.7.32", "13.7.34", "13.7.36", "13.7.41", "13.7.42", "13.7.43",
                                  "13.7.44", "13.7.51", "13.7.52" } }
local linux = require "linux_e1000"
local r = nic.regs

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)

local wanted = {}
local function add(name, n) wanted[name] = (wanted[name] or 0) + (n or 1) end
local function class(prefix, length)
  for _, top in ipairs { 64, 127, 255, 511, 1023 } do
    if length <= top then return prefix .. top end
  end
  return prefix .. 1522
end
local GROUPS = { "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01" }

local function frame(src, dst, length) -- with FCS
  return tostring(pkt.eth { src = src, dst = dst, type = 0x88b5 } / pkt.pattern(length - 18))
end

local function sends(i)
  local length = 64 + i * 97 % 1455
  local dst = GROUPS[i % 5] or "02:00:00:00:00:02"
  expect.ok(drv:xmit(frame(nic.mac, dst, length)), "room")
  add("GPTC") add("TPT") add("GOTCL", length) add("TOTL", length) add(class("PTC", length))
  if i % 5 == 1 then add("BPTC") elseif i % 5 == 2 then add("MPTC") end
end

local function arrives(i)
  local length = 64 + i * 89 % 1459
  local dst, kind = GROUPS[i % 4] or nic.mac, i % 7
  if kind == 3 then length = 40 + i % 24 elseif kind == 4 then length = 1523 + i end
  nic:receive { frame("02:00:00:00:00:02", dst, length), fcs = kind == 5 and "bad" or nil }
  if i % 4 == 2 then return end               -- a multicast that nobody asked for
  add("TPR") add("TORL", length)
  if kind == 3 then add("RUC") add("RLEC") return end
  if kind == 4 then add("ROC") add("RLEC") return end
  if kind == 5 then add("CRCERRS") return end
  add("GPRC") add("GORCL", length) add(class("PRC", length))
  if i % 4 == 1 then add("BPRC") end
end

step "a minute: something every 100 ms"
lab.fold("600 frames out, 600 in", function()
  for i = 1, 600 do
    sends(i)
    arrives(i)
    drv:run(ms(100))
    nic:sent { now = true }
    drv:received()
  end
end)

step "one watchdog later the driver's sums are the wire's"
lab.fold("five seconds", drv.run, drv, s(5))
for name, value in pairs(drv.stats) do expect.eq(value, wanted[name] or 0, name) end
for name, value in pairs(wanted) do expect.eq(drv.stats[name], value, name) end
expect.eq(drv.stats.GPTC, 600, "all that were sent")
expect.within(drv.stats.GPRC, 200, 300, "a good part of what came")

step "and the registers are empty"
for _, name in ipairs { "TPT", "TPR", "GPTC", "GPRC", "TOTL", "TORL" } do r[name]:expect(0) end
