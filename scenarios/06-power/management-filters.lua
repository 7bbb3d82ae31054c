-- MANC: packets that the SMBus or the ASF controller wants do not reach the host. Which ones, EEPROM word 23h
-- says and MANC can change; a driver that does not clear ARP_EN on a managed board never sees an ARP request.
local nic = scenario { name = "management-filters", eeprom = { words = { [0x23] = 0xa301 } },
                       manual = { "5.6.24", "13.7.27", "13.7.38", "13.7.39" } }
local r = nic.regs
local FILTERS = { "ARP_EN", "RSP_EN", "RMCP_026F_EN", "RMCP_0298_EN" }
local rx

local function arp(op) return pkt.eth { dst = "ff:ff:ff:ff:ff:ff" } / pkt.arp { op = op, spa = "10.0.0.2", tpa = "10.0.0.1" } end
local function udp(port, options)
  options = options or {}
  return pkt.eth { dst = options.dst or nic.mac } / pkt.ip4 { src = "10.0.0.2", dst = "10.0.0.1" } / pkt.udp { sport = options.sport or 9, dport = port }
         / pkt.pattern(options.payload or 40)
end
-- Does it reach the host? Both counters are cleared by reading.
local function goes(frame, to_host, why, dropped)
  lab.fold(why, function()
    nic:receive { frame, pad = true }
    nic:run(us(20))
    expect.eq(rx:take() ~= nil, to_host, why)
    rx:fill()
    r.MGTPRC:expect { MGTPRC = to_host and 0 or 1 }
    r.MGTPDC:expect { MGTPDC = dropped and 1 or 0 }
  end)
end
local PACKETS = { ARP_EN = arp(1), RSP_EN = arp(2), RMCP_026F_EN = udp(0x026f), RMCP_0298_EN = udp(0x0298) }

local function link_up()
  nic:link_up()
  rx = nic:rx_ring { entries = 8, SECRC = 1, BAM = 1 }
end

step "the EEPROM enables all four, and the SMBus"
r.MANC:expect { SMBUS_EN = 1, ASF_EN = 0, R_ON_FORCE = 0, ARP_EN = 1, RSP_EN = 1, RMCP_026F_EN = 1, RMCP_0298_EN = 1 }
link_up()
for _, name in ipairs(FILTERS) do goes(PACKETS[name], false, name .. ": not for the host") end
r.GPRC:expect { GPRC = 4 }                    -- 13.7.27: good packets received, whoever gets them
r.MPC:expect(0)

step "each by its own bit"
for _, name in ipairs(FILTERS) do
  r.MANC:write { [name] = 1 }
  for _, other in ipairs(FILTERS) do goes(PACKETS[other], other ~= name, name .. " alone: the packet of " .. other) end
end

step "the enables of SMBus and ASF are the EEPROM's: software cannot write them"
r.MANC:write(0xffffffff)
r.MANC:expect { SMBUS_EN = 1, ASF_EN = 0, R_ON_FORCE = 0, ARP_EN = 1 }
r.MANC:expect(0x0000a301)

step "near misses go to the host"
goes(arp(3), true, "ARP operation 3")
goes(udp(0x0270), true, "port 0270h")
goes(udp(0x0297), true, "port 0297h")
goes(udp(9, { sport = 0x026f }), true, "026Fh as the source port")
goes(pkt.eth { dst = nic.mac } / pkt.ip4 { dst = "10.0.0.1" } / pkt.tcp { dport = 0x026f }, true, "TCP")
local fragment = tostring(udp(0x026f))
goes(fragment:sub(1, 21) .. "\1" .. fragment:sub(23), true, "a later fragment has no port")
goes(fragment:sub(1, 20) .. "\x20" .. fragment:sub(22), false, "the first fragment has one")
local long = tostring(udp(0x026f))
goes(long:sub(1, 14) .. "\x46" .. long:sub(16, 34) .. "\1\1\1\1" .. long:sub(35), false, "behind IP options")

step "13.7.39: longer than 200 bytes, FCS and all, is counted and dropped"
goes(udp(0x026f, { payload = 154 }), false, "200 bytes")
goes(udp(0x026f, { payload = 155 }), false, "201 bytes", true)

step "the address filter comes first, and a bad frame is nobody's"
local function nobody(frame, why)
  nic:receive(frame)
  nic:run(us(20))
  expect.eq(rx:take(), nil, why)
  r.MGTPRC:expect(0)
  r.MGTPDC:expect(0)
end
nobody(udp(0x026f, { dst = "02:00:00:00:00:03" }), "for somebody else")
nobody({ udp(0x026f), fcs = "bad" }, "wrong FCS")

step "what the driver of Linux does after every reset: ARP requests come through again"
r.MANC:clear { "ARP_EN" }
goes(arp(1), true, "ARP request")
goes(arp(2), false, "ARP response")
nic:reset()
r.MANC:expect { ARP_EN = 1 }

-- 5.6.24 silent: with neither SMBus nor ASF there is nobody to take them, so the host does.
step "ASF instead of the SMBus; then neither"
for _, row in ipairs { { 0xa302, { ASF_EN = 1, SMBUS_EN = 0 }, false }, { 0xa304, { ASF_EN = 0, SMBUS_EN = 0, R_ON_FORCE = 1 }, true } } do
  lab.fold("EEPROM word 23h, loss of power", function()
    nic.eeprom:request()
    nic.eeprom.wire:ewen()
    nic.eeprom.wire:write(0x23, row[1])
    nic.eeprom:release()
    nic:power_cycle()
  end)
  r.MANC:expect(row[2])
  link_up()
  for _, name in ipairs(FILTERS) do goes(PACKETS[name], row[3], string.format("word 23h %04xh: the packet of %s", row[1], name)) end
end
