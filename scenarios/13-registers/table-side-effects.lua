-- The rows that table-read-write.lua leaves out, because a write acts, a read acts, or hardware owns a part:
-- each bit alone, with its effect where it has one. Through the memory BAR and through IOADDR and IODATA.
local nic = scenario { name = "table-side-effects", needs = { "virtual-time" },
                       manual = { "13.2.1.1", "13.2.2", "13.4.1", "13.4.3", "13.4.4", "13.4.6", "13.4.7", "13.4.16", "13.4.17", "13.4.19",
                                  "13.4.20", "13.4.21", "13.4.22", "13.4.30", "13.4.33", "13.6.1", "13.6.3", "13.7" } }
local mistakes = require("mistakes").watch()

-- Each bit of mask alone is held; what always reads is in fixed.
local function holds(register, mask, with, fixed)
  for bit = 0, 31 do
    if mask >> bit & 1 == 1 then
      register:write(1 << bit | with)
      register:expect(1 << bit | with | fixed)
    end
  end
  register:write(with)
  register:expect(with | fixed)
end

for _, way in ipairs { { "memory", nic.regs }, { "I/O", nic.io.regs } } do
  local r = way[2]

  step(way[1] .. ": CTRL without RST and PHY_RST, pins as outputs")
  lab.fold("bit by bit", function()
    holds(r.CTRL, 0x583c1be9, 0x00c00000, 0)
    holds(r.CTRL, 0x00c00000, 0, 0)
    r.CTRL:write(0x23030416)                  -- reserved bits
    r.CTRL:expect(0)
    r.CTRL:write(0xa01)
  end)

  step(way[1] .. ": CTRL_EXT without EE_RST; ASDCHK reads 0")
  lab.fold("bit by bit", function()
    holds(r.CTRL_EXT, 0x000080cf, 0x00000c00, 0x100)
    holds(r.CTRL_EXT, 0x00000c00, 0, 0x100)
    r.CTRL_EXT:write { ASDCHK = 1 }
    r.CTRL_EXT:expect(0x00000100)
  end)
  r.ICR:expect(0)

  step(way[1] .. ": EECD without a request: stored, no grant")
  lab.fold("bit by bit", function()
    for _, value in ipairs { 0x01, 0x02, 0x04, 0x10, 0x20, 0x30, 0x00 } do
      r.EECD:write(value)
      r.EECD:expect_masked(value | 0x100, 0xfffffff7)
    end
    r.EECD:write(0xffffff88)                  -- DO, EE_GNT, EE_PRES, EE_SIZE and reserved bits
    r.EECD:expect_masked(0x100, 0xfffffff7)
    r.EECD:write { FWE = 1 }
  end)
  expect.bad("eeprom-pins-no-grant", 4)

  step(way[1] .. ": EERD and MDIC without a command: addresses and data are held")
  lab.fold("bit by bit", function()
    for bit = 8, 15 do
      r.EERD:write(1 << bit)
      r.EERD:expect_masked(1 << bit, 0x0000ff0f)
    end
    r.EERD:write(0)
    for bit = 0, 30 do
      r.MDIC:write(1 << bit | 1 << 28)        -- R = 1: no command
      r.MDIC:expect(1 << bit | 1 << 28)
    end
    r.MDIC:write(0x90000000)
    r.MDIC:expect(0x10000000)                 -- bit 31 is reserved
  end)

  step(way[1] .. ": ICS raises, ICR shows, reading it clears; writing ones clears just those")
  lab.fold("bit by bit", function()
    for bit = 0, 31 do
      local there = 0x0001f7ff >> bit & 1
      r.ICS:write(1 << bit)
      r.ICR:expect(there << bit)
      r.ICR:expect(0)
    end
    r.ICS:write(0x0001f7ff)
    local left = 0x0001f7ff
    for bit = 0, 16 do
      r.ICR:write(1 << bit)
      left = left & ~(1 << bit)
      r.ICS:write(0)                          -- no effect
    end
    r.ICR:expect(left)
    expect.eq(left, 0, "all of them")
    r.ICS:write(0x0001f7ff)
    r.ICR:write(0x00005555)
    r.ICR:expect(0x0001a2aa)
    r.ICS:expect(0)                           -- 13.4.19 silent: our choice
  end)

  step(way[1] .. ": IMS sets, IMC clears, zeros do nothing")
  lab.fold("bit by bit", function()
    local mask = 0
    for bit = 0, 31 do
      r.IMS:write(1 << bit)
      mask = mask | 1 << bit & 0x0001f7ff
      r.IMS:expect(mask)
    end
    r.IMS:write(0)
    r.IMC:write(0)
    r.IMS:expect(0x0001f7ff)
    for bit = 0, 31 do
      r.IMC:write(1 << bit)
      mask = mask & ~(1 << bit)
      r.IMS:expect(mask)
    end
    r.IMC:expect(0)                           -- 13.4.21 silent: our choice
  end)
  expect.irq(false, "no cause was left")

  step(way[1] .. ": RDTR.FPD and TCTL.SWXOFF read 0, RCTL and TCTL hold the rest")
  lab.fold("bit by bit", function()
    holds(r.RDTR, 0x0000ffff, 0, 0)
    r.RDTR:write(0xffff1234)
    r.RDTR:expect(0x00001234)
    r.ICR:expect { RXT0 = 1 }                 -- FPD: the timer has expired
    r.RDTR:write(0)
    r.ICR:expect(0)
    holds(r.RCTL, 0x06dfb3fc, 0, 0)
    holds(r.TCTL, 0x013ffff8, 0, 0)
  end)

  step(way[1] .. ": PBA.RXA is held, TXA is what is left of 64 KB")
  lab.fold("bit by bit", function()
    for bit = 0, 6 do
      r.PBA:write(1 << bit)
      r.PBA:expect(1 << bit | 64 - (1 << bit) << 16)
    end
    r.PBA:write(0x0000ff80)
    r.PBA:expect { RXA = 0, TXA = 64 }
    r.PBA:write { RXA = 48 }
  end)

  step(way[1] .. ": WUC holds APME and APMPME; WUS and the statistics take no ones")
  r.WUC:write(0xfffffff9)
  r.WUC:expect { APME = 1, APMPME = 1, PME_Status = 0 }
  r.WUC:expect_masked(0x9, 0xfffffffd)
  r.WUC:write(0)
  r.WUC:expect_masked(0, 0xfffffffd)
  r.WUS:write(0xffffffff)
  r.WUS:expect(0)
  lab.fold("every counter", function()
    for _, row in ipairs(lab.regs()) do
      if row.offset >= 0x4000 and row.offset < 0x4100 then
        r[row.name]:write(0xffffffff)
        r[row.name]:expect(0)
      end
    end
  end)
end
-- Values that no driver would write: each mistake is worked out from the write that made it.
mistakes:expect()
