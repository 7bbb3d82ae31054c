-- The four software-definable pins: inputs show the level outside, outputs what was written, whatever is
-- outside. SDP6 and SDP7 as inputs can interrupt, each by its own enable and cause. Silent: whether a level
-- that stays high interrupts again. Our choice: no, one cause for each rise, or for being enabled while high.
local nic = scenario { name = "sdp-pins", manual = { "13.4.1", "13.4.6", "13.4.17", "13.4.20" } }
local r = nic.regs

step "all inputs, all low: writing data changes nothing"
r.CTRL:write { SLU = 1, SDP0_DATA = 1, SDP1_DATA = 1 }
r.CTRL_EXT:write { SDP6_DATA = 1, SDP7_DATA = 1 }
r.CTRL:expect { SDP0_DATA = 0, SDP1_DATA = 0, SDP0_IODIR = 0, SDP1_IODIR = 0 }
r.CTRL_EXT:expect { SDP6_DATA = 0, SDP7_DATA = 0, SDP6_IODIR = 0, SDP7_IODIR = 0 }

step "each pin shows in its own bit"
local function levels()
  local ctrl, ext = r.CTRL:read(), r.CTRL_EXT:read()
  return { ctrl.SDP0_DATA, ctrl.SDP1_DATA, ext.SDP6_DATA, ext.SDP7_DATA }
end
for i, pin in ipairs { 0, 1, 6, 7 } do
  nic:sdp(pin, true)
  local want = { 0, 0, 0, 0 }
  want[i] = 1
  expect.eq(levels(), want, "SDP" .. pin .. " high")
  nic:sdp(pin, false)
end
expect.eq(levels(), { 0, 0, 0, 0 }, "all low again")

step "as outputs they show what was written, and the world outside does not count"
r.CTRL:write { SLU = 1, SDP0_DATA = 1, SDP0_IODIR = 1, SDP1_IODIR = 1 }
r.CTRL_EXT:write { SDP7_DATA = 1, SDP6_IODIR = 1, SDP7_IODIR = 1 }
for _, pin in ipairs { 0, 1, 6, 7 } do nic:sdp(pin, true) end
expect.eq(levels(), { 1, 0, 0, 1 }, "as written")
for _, pin in ipairs { 0, 1, 6, 7 } do nic:sdp(pin, false) end
expect.eq(levels(), { 1, 0, 0, 1 }, "as written")

step "one input among outputs"
r.CTRL:write { SLU = 1, SDP0_DATA = 1, SDP1_DATA = 1, SDP1_IODIR = 1 }
expect.eq(levels(), { 0, 1, 0, 1 }, "SDP0 shows the pin")
r.CTRL:write { SLU = 1 }
r.CTRL_EXT:write {}

step "no enable, no cause"
r.IMS:write { GPI_SDP6 = 1, GPI_SDP7 = 1 }
nic:sdp(6, true)
nic:sdp(7, true)
r.ICR:expect(0)
nic:sdp(6, false)
nic:sdp(7, false)

step "SDP6 rises: GPI_SDP6, once; staying high and falling add nothing"
r.CTRL_EXT:write { SDP6_GPIEN = 1, SDP7_GPIEN = 1 }
r.ICR:expect(0)
nic:sdp(6, true)
expect.irq(true, "SDP6")
r.ICR:expect(0x2000)
nic:run(ms(1))
nic:sdp(6, true)
r.ICR:expect(0)
nic:sdp(6, false)
r.ICR:expect(0)
expect.irq(false, "quiet")

step "SDP7 rises: GPI_SDP7"
nic:sdp(7, true)
expect.irq(true, "SDP7")
r.ICR:expect(0x4000)

step "the other two never interrupt"
nic:sdp(0, true)
nic:sdp(1, true)
r.ICR:expect(0)

step "enabled while high: that is a sample, too"
r.CTRL_EXT:write { SDP6_GPIEN = 1 }
r.ICR:expect(0)
r.CTRL_EXT:write { SDP6_GPIEN = 1, SDP7_GPIEN = 1 }
r.ICR:expect(0x4000)

step "an output does not interrupt, not even if it drives 1"
r.CTRL_EXT:write { SDP6_GPIEN = 1, SDP6_IODIR = 1, SDP6_DATA = 1 }
nic:sdp(6, true)
nic:sdp(6, false)
nic:sdp(6, true)
r.ICR:expect(0)

step "turned into an input while the pin is high"
r.CTRL_EXT:write { SDP6_GPIEN = 1 }
r.ICR:expect(0x2000)
