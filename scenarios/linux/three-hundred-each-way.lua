-- Three hundred packets out and three hundred in, through rings of 256: both wrap, no packet is lost, doubled,
-- changed or out of order, and the hardware never passes a tail. Lengths run over all cases of padding.
local nic = scenario { name = "three-hundred-each-way",
                       manual = { "3.2.4", "3.2.6", "3.3.3", "3.4", "3.4.2", "13.4.28", "13.4.29", "13.4.39",
                                  "13.4.40" } }
local linux = require "linux_e1000"
local r = nic.regs

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)

local function packet(src, dst, id)
  return tostring(pkt.eth { src = src, dst = dst, type = 0x88b5 }
                  / (string.pack(">I2", id) .. pkt.pattern(1 + id * 37 % 700)))
end

step "out: bursts of 30, one doorbell each"
local out, done = {}, 0
lab.fold("300 packets", function()
  for burst = 0, 9 do
    for i = 1, 30 do
      local id = 30 * burst + i
      out[id] = packet(nic.mac, "02:00:00:00:00:02", id)
      expect.ok(drv:xmit(out[id], { more = i < 30 }), "the ring has room")
    end
    drv:run(us(300))
    for _, sent in ipairs(nic:sent()) do
      done = done + 1
      local wanted = out[done] .. string.rep("\0", math.max(0, 60 - #out[done])) -- the driver pads
      expect.bytes(sent, wanted, "packet " .. done)
      expect.ok(sent.fcs, "with FCS")
      expect.checksums_valid(sent)
    end
  end
end)
expect.eq(done, 300, "packets on the wire, in order")
lab.fold("the last interrupt", drv.run, drv, ms(1))
expect.eq(drv.tx_done, 300, "reported done by DD")
r.TDT:expect { TDT = 300 % 256 }
r.TDH:expect { TDH = 300 % 256 }
r.TPT:expect { TPT = 300 }

step "in: one every 10 us, the ring refilled as the driver does"
local taken = 0
lab.fold("300 packets", function()
  local start = nic:now()
  for id = 1, 300 do
    nic:receive { packet("02:00:00:00:00:02", nic.mac, id), pad = true, at = start + us(10 * id) }
  end
  drv:run(us(10 * 301) + ms(1))
  for _, got in ipairs(drv:received()) do
    taken = taken + 1
    local wanted = packet("02:00:00:00:00:02", nic.mac, taken)
    expect.bytes(got.bytes, wanted .. string.rep("\0", math.max(0, 60 - #wanted)), "packet " .. taken)
  end
end)
expect.eq(taken, 300, "packets, in order")
expect.eq(drv.rx_dropped, nil, "none dropped")
r.RDH:expect { RDH = 300 % 256 }
r.RDT:expect { RDT = (254 + 300) % 256 }      -- what was taken has been given back: 255 descriptors
r.GPRC:expect { GPRC = 300 }
r.MPC:expect { MPC = 0 }
r.RNBC:expect { RNBC = 0 }
