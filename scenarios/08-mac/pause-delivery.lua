-- Which control frames reach memory: PAUSE to the station unless DPF, PAUSE to the control address by the filters,
-- others by PMCF or the filters; and how they are counted.
local nic = scenario { name = "pause-delivery", manual = { "8.7.4", "13.4.22", "13.7.20", "13.7.27", "13.7.33", "13.7.41", "13.7.43" } }
local r = nic.regs
local PEER = "02:00:00:00:00:02"
local function frame(n) return pkt.eth { src = nic.mac, dst = PEER, type = 0x88b5 } / pkt.pattern(n - 14) end
local function pause(time, fields)
  local p = { time = time, src = PEER }
  for k, v in pairs(fields or {}) do p[k] = v end
  return pkt.pause(p)
end
local function flow_control(t)
  r.FCAL:write(0x00c28001)
  r.FCAH:write(0x0100)
  r.FCT:write(0x8808)
  r.FCTTV:write(t or 0xffff)
end

step "link up"
nic:link_up { speed = 1000, duplex = "full" }
flow_control()
lab.fold("MTA cleared", function() for i = 0, #r.MTA - 1 do r.MTA[i]:write(0) end end)
local rx = nic:rx_ring { entries = 16, SECRC = 1 }
local function delivered(p)
  nic:receive(p)
  local got = rx:take()
  if got then expect.bytes(got, p:bytes(), "as it came") rx:fill() end
  return got ~= nil
end
local STATION, GROUP = { dst = nic.mac }, {}
local OTHER_STATION, OTHER_GROUP = { dst = nic.mac, opcode = 2 }, { opcode = 2 }

local function row(why, station, group, other_station, other_group)
  lab.fold(why, function()
    expect.eq(delivered(pause(0, STATION)), station, why .. ": PAUSE to the station")
    expect.eq(delivered(pause(0, GROUP)), group, why .. ": PAUSE to the group")
    expect.eq(delivered(pause(0, OTHER_STATION)), other_station, why .. ": other to the station")
    expect.eq(delivered(pause(0, OTHER_GROUP)), other_group, why .. ": other to the group")
  end)
end

step "RFCE 0: the standard filters, whatever DPF and PMCF say"
row("neither", true, false, true, false)
r.RCTL:set { DPF = 1, PMCF = 1 }
row("both", true, false, true, false)
r.RCTL:clear { "DPF", "PMCF" }

step "RFCE 1"
r.CTRL:set { RFCE = 1 }
row("neither", true, false, true, false)
r.RCTL:set { DPF = 1 }
row("DPF", false, false, true, false)
r.RCTL:set { PMCF = 1 }
row("DPF and PMCF", false, false, true, true)
r.RCTL:clear { "DPF" }
row("PMCF", true, false, true, true)
r.RCTL:clear { "PMCF" }

step "the group address passes a standard filter: MPE, the hash, an entry of its own"
r.RCTL:set { MPE = 1 }
row("MPE", true, true, true, true)
r.RCTL:set { DPF = 1 }
row("MPE and DPF", false, true, true, true)
r.RCTL:clear { "DPF", "MPE" }
r.MTA[0]:write(1 << 16)
row("hash", true, true, true, true)
r.MTA[0]:write(0)
r.RAL[3]:write(0x00c28001) r.RAH[3]:write(0x80000100)
row("entry 3", true, true, true, true)
r.RAH[3]:write(0)

step "counters: PAUSE is in the totals, not among the good; delivered or not"
for _, reg in ipairs { "TPR", "TORL", "TORH", "GPRC", "GORCL", "GORCH", "PRC64", "MPRC", "RNBC", "XONRXC", "FCRUC" } do r[reg]:raw() end
delivered(pause(0, STATION))
delivered(pause(0, GROUP))
r.XONRXC:expect { XONRXC = 2 }
r.TPR:expect { TPR = 2 }
r.TORL:expect(128)
r.GPRC:expect { GPRC = 0 }
r.GORCL:expect(0)
r.PRC64:expect { PRC64 = 0 }
r.MPRC:expect { MPRC = 0 }
r.TORH:raw()

step "no descriptors: it waits in the FIFO, RNBC leaves it out"
r.RCTL:write(0)
rx = nic:rx_ring { entries = 8, ready = 0, SECRC = 1 }
nic:receive(pause(0, STATION))
r.RNBC:expect { RNBC = 0 }
nic:receive(frame(60):pad(60))
nic:receive(pkt.eth { src = PEER, dst = nic.mac, type = 0x88b5 } / pkt.pattern(46))
r.RNBC:expect { RNBC = 1 }
rx:give(7)
expect.bytes(rx:take(), pause(0, STATION):bytes(), "the PAUSE frame")
