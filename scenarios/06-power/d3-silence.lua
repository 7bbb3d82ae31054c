-- D3 means what it says: a frame that was being sent ends, reports and receive timers that were due stay away,
-- nothing reaches memory, no interrupt. A driver that goes there with units on is told so.
local nic = scenario { name = "d3-silence", needs = { "virtual-time" }, golden = { "wire" }, manual = { "6.2", "6.3.1.1", "6.3.1.4", "6.4.2" } }
local wake = require "wake"
local r = nic.regs
local function frame(n) return pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.pattern(1000, n) end
local function arriving() return pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac } / pkt.pattern(200) end
local tx, rx

local function busy()
  nic:link_up { speed = 10, duplex = "full" }
  r.CTRL:set { EN_PHY_PWR_MGMT = 0 }
  tx = nic:tx_ring { entries = 8 }
  rx = nic:rx_ring { entries = 8 }
  r.IMS:write { TXDW = 1, RXT0 = 1, RXDMT0 = 1, TXQE = 1 }
  r.RDTR:write { DELAY_TIMER = 100 }
  r.RADV:write { DELAY_TIMER = 200 }
  r.RXDCTL:write { WTHRESH = 4, GRAN = 1 }
  r.TIDV:write { IDV = 5000 }
  wake.filters(nic, { EX = 1, BC = 1 })
  nic:receive(arriving())
  for n = 1, 3 do
    tx:legacy { buffer = frame(n), CMD = "EOP IFCS RS IDE" }
  end
  tx:doorbell()
  nic:run(us(50))                             -- in the first frame, before any timer
  r.WUS:write { EX = 1 }
  nic.pci.PMCSR:write { PME_STATUS = 1, PME_EN = 1 }
  r.ICR:raw()
  expect.none(nic:sent { now = true }, "none has left yet")
  expect.eq(rx:desc(0).DD, 0, "the report waits for RDTR")
end

local function silence(why)
  lab.mem_watch(rx.base, 128)
  lab.mem_watch(tx.base, 128)
  nic:run(ms(100))
  expect.none(nic:sent { now = true }, "6.3.1.4: no frames in " .. why)
  expect.eq(nic:written(rx.base, 128), 0, "no receive descriptor")
  expect.eq(nic:written(tx.base, 128), 0, "no transmit descriptor")
  expect.irq(false, "no interrupt in " .. why)
  nic:receive(arriving())
  nic:run(ms(10))
  expect.eq(nic:pme(), true, "and yet it listens")
  expect.eq(nic:written(rx.base, 128), 0, "for waking only")
  nic.pci.COMMAND:write { BME = 1 }
  nic:run(ms(10))
  expect.eq(nic:written(rx.base, 128), 0, "bus mastering set again does not help")
end

step "into D3 in the middle of everything"
busy()
nic.pci:power(3)
expect.bad "d3-while-on"
silence "D3"

step "a link that comes and goes meanwhile sends nothing either"
nic:partner(nil)
nic:run(s(1))
nic:partner { speed = 10, duplex = "full" }
nic:run(s(3))
expect.none(nic:sent { now = true }, "in D3")

step "back: nothing of it turns up"
wake.resume(nic)
nic:link_up { speed = 10, duplex = "full" }
expect.none(nic:sent { now = true }, "after D3")
r.TPT:expect(0)
r.TPR:expect(0)                               -- what woke was not counted: the reset took the rest
r.TDH:expect(0)

step "RST# in the middle of everything: the same, and nobody is to blame"
wake.clear(nic)
busy()
lab.pci_reset(true)
silence "Dr"
lab.pci_reset(false)
nic:run(ms(10))
lab.fold("PCI set-up", function() nic.pci:setup() end)
expect.none(nic:sent { now = true }, "after RST#")
expect.no_bad "RST# may come at any time (6.3.1.1)"

step "who counts as busy: a transmitter that is on, a receiver that has descriptors"
local function enter(rctl, tctl, rdt)
  wake.resume(nic)
  r.RDLEN:write { LEN = 1 }
  r.RDT:write { RDT = rdt }
  r.RCTL:write(rctl)
  r.TCTL:write(tctl)
  nic.pci:power(3)
end
nic.pci:power(3)
enter({}, {}, 3)
expect.no_bad "both off"
enter({ EN = 1 }, {}, 0)
expect.silent("d3-while-on", "no descriptors: Linux sleeps so")
enter({}, { EN = 1 }, 0)
expect.bad "d3-while-on"
nic.pci.COMMAND:write(0)
wake.resume(nic)
r.RDT:write { RDT = 3 }
r.RDLEN:write { LEN = 1 }
r.RCTL:write { EN = 1 }
nic.pci.COMMAND:clear { "BME" }
nic.pci:power(3)
expect.bad "d3-while-on"
