-- A hundred thousand frames, half of them out, half in, by the driver's own path. Nothing may be lost and nothing
-- may grow: neither the card's state nor this laboratory's, whose memory stays the same however long a scenario
-- lasts.
local nic = scenario { name = "hundred-thousand-frames", long = true, needs = { "virtual-time" },
                       manual = { "3.2.6", "3.4", "13.7.27", "13.7.30", "13.7.31", "13.7.32" } }
local linux = require "linux_e1000"
local r = nic.regs
local FRAMES, BURST = 50000, 100
if not lab.can "wire" then lab.skip("takes minutes through a socket") end

local drv = lab.fold("probe, open, link", function()
  local d = linux.probe(nic)
  d:open()
  d:run(s(5))
  return d
end)

local tail = tostring(pkt.pattern(44))
local outward = tostring(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 })
local inward = tostring(pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 })
local function numbered(header, id) return header .. string.pack(">I4", id) .. tail end

step "500 bursts of a hundred frames each way"
local sent, received = 0, 0
lab.fold("100000 frames", function()
  for burst = 0, FRAMES // BURST - 1 do
    local start = nic:now()
    for i = 1, BURST do
      local id = burst * BURST + i
      expect.ok(drv:xmit(numbered(outward, id), { more = i < BURST }), "the ring has room")
      nic:receive { numbered(inward, id), at = start + us(1) * i }
    end
    drv:run(us(200))
    for _, frame in ipairs(nic:sent { now = true }) do
      sent = sent + 1
      if tostring(frame) ~= numbered(outward, sent) then
        expect.bytes(frame, numbered(outward, sent), "frame " .. sent)
      end
    end
    for _, packet in ipairs(drv:received()) do
      received = received + 1
      if packet.bytes ~= numbered(inward, received) then
        expect.bytes(packet.bytes, numbered(inward, received), "packet " .. received)
      end
    end
  end
end)
expect.eq(sent, FRAMES, "left, in order")
expect.eq(received, FRAMES, "arrived, in order")
expect.eq(drv.tx_done, FRAMES, "reported done")
expect.eq(drv.rx_dropped, nil, "none dropped")

step "the card has counted the same, since the driver's last look"
r.MPC:expect { MPC = 0 }
r.RNBC:expect { RNBC = 0 }
r.GPTC:expect { GPTC = FRAMES }
r.GPRC:expect { GPRC = FRAMES }
r.GOTCL:expect { GOTCL = FRAMES * 66 }
r.GORCL:expect { GORCL = FRAMES * 66 }
r.TDH:expect { TDH = FRAMES % 256 }
r.RDH:expect { RDH = FRAMES % 256 }
