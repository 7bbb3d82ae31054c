-- What each reset keeps and clears of the MAC's registers, class by class, by the lists of 14.7. Marks are left
-- in every class; CTRL.RST, RST#, D3 to D0 and loss of power each get them fresh. A driver counts on both
-- halves: on TIPG and the ring bases it programmed, and on a mask that is 0.
local nic = scenario { name = "reset-marks",
                       manual = { "13.4.1", "13.4.15", "13.4.16", "13.5.3", "13.6", "13.8.11", "14.7", "14.8" } }
local r = nic.regs
local KEEP, X = "keep", nil                   -- X: no promise, not looked at

-- register, index, mark, then what it holds after CTRL.RST, after RST# and D3 to D0, after LAN_PWR_GOOD.
local MARKS = {
  -- general
  { "CTRL_EXT", 0, 0x0000010f, 0x00000100, 0x00000100, 0x00000100 },
  { "LEDCTL", 0, 0x4d4e4f4c, 0x07068302, 0x07068302, 0x07068302 },
  { "TXCW", 0, 0xc0001234, 0, 0, 0 },
  { "FCRTL", 0, 0x80001238, 0, 0, 0 },
  { "FCRTH", 0, 0x00005670, 0, 0, 0 },
  -- PBA: 14.7 does not name it. Our choice: kept by CTRL.RST; Linux writes it just before and relies on it.
  { "PBA", 0, 0x00180028, KEEP, 0x00100030, 0x00100030 },
  -- interrupt
  { "ITR", 0, 0x00000123, 0, 0, 0 },
  { "IMS", 0, 0x000000d5, 0, 0, 0 },
  -- receive
  { "RCTL", 0, 0x0482803e, 0, 0, 0 },
  { "RDBAL", 0, 0x12345670, KEEP, KEEP, X },
  { "RDBAH", 0, 0x00000012, KEEP, KEEP, X },
  { "RDLEN", 0, 0x00000400, 0, 0, 0 },
  { "RDH", 0, 0x00000005, 0, 0, 0 },
  { "RDT", 0, 0x00000005, 0, 0, 0 },
  { "RDTR", 0, 0x00000321, 0, 0, 0 },
  { "RADV", 0, 0x00000432, 0, 0, 0 },
  { "RSRPD", 0, 0x00000543, 0, 0, 0 },
  { "RXDCTL", 0, 0x00040302, 0x01010000, 0x01010000, 0x01010000 },
  { "RXCSUM", 0, 0x0000070e, 0, 0, 0 },
  { "MTA", 0, 0xa5a5a5a5, KEEP, KEEP, X },
  { "MTA", 127, 0x5a5a5a5a, KEEP, KEEP, X },
  { "VFTA", 0, 0x81234567, KEEP, KEEP, X },
  { "VFTA", 127, 0x89abcdef, KEEP, KEEP, X },
  { "RAL", 1, 0x11121314, KEEP, KEEP, X },
  { "RAH", 1, 0x80031516, 0x00031516, 0x00031516, X },    -- the valid bit is cleared, the rest stays
  { "RAL", 15, 0xf1f2f3f4, KEEP, KEEP, X },
  { "RAH", 15, 0x8001f5f6, 0x0001f5f6, 0x0001f5f6, X },
  -- transmit
  { "TCTL", 0, 0x010400fa, 0, 0, 0 },
  { "TIPG", 0, 0x00602008, KEEP, KEEP, X },
  { "AIFS", 0, 0x00000077, 0, 0, 0 },
  { "TDBAL", 0, 0x76543210, KEEP, KEEP, X },
  { "TDBAH", 0, 0x00000021, KEEP, KEEP, X },
  { "TDLEN", 0, 0x00000200, 0, 0, 0 },
  { "TDH", 0, 0x00000003, 0, 0, 0 },
  { "TDT", 0, 0x00000003, 0, 0, 0 },
  { "TXDCTL", 0, 0x03010203, 0, 0, 0 },
  { "TADV", 0, 0x00000654, 0, 0, 0 },
  { "TSPMT", 0, 0x02000800, 0x01000400, 0x01000400, 0x01000400 },
  -- wake-up
  { "WUC", 0, 0x00000009, 0, 0, 0 },
  { "WUFC", 0, 0x000f00fe, 0, 0, 0 },         -- without LNKC: D3 takes the link from 1000 to 100
  { "IPAV", 0, 0x0001000f, 0, 0, 0 },
  { "FFLT", 0, 0x00000123, 0, 0, 0 },
  { "FFLT", 3, 0x00000456, 0, 0, 0 },
  { "WUPL", 0, 0x00000321, KEEP, KEEP, X },
  { "WUPM", 0, 0xdeadbeef, KEEP, KEEP, X },
  { "WUPM", 31, 0xfeedface, KEEP, KEEP, X },
  { "IP4AT", 0, 0x0100a8c0, KEEP, KEEP, X },
  { "IP4AT", 3, 0x0400a8c0, KEEP, KEEP, X },
  { "IP6AT", 3, 0x06060606, KEEP, KEEP, X },
  { "FFMT", 127, 0x0000000a, KEEP, KEEP, X },
  { "FFVT", 127, 0x71727374, KEEP, KEEP, X },
  { "MANC", 0, 0x0000a300, 0, 0, 0 },
  -- diagnostic
  { "RDFH", 0, 0x00000123, 0, 0, 0 }, { "RDFT", 0, 0x00000234, 0, 0, 0 }, { "RDFHS", 0, 0x00000345, 0, 0, 0 },
  { "RDFTS", 0, 0x00000456, 0, 0, 0 }, { "RDFPC", 0, 0x00000567, 0, 0, 0 }, { "TDFH", 0, 0x00000112, 0, 0, 0 },
  { "TDFT", 0, 0x00000213, 0, 0, 0 }, { "TDFHS", 0, 0x00000314, 0, 0, 0 }, { "TDFTS", 0, 0x00000415, 0, 0, 0 },
  { "TDFPC", 0, 0x00000516, 0, 0, 0 },
  { "PBM", 0, 0x01020304, KEEP, KEEP, X },
  { "PBM", 16383, 0xf0f1f2f3, KEEP, KEEP, X },
}
local CTRL_MARK = { SLU = 1, FRCDPLX = 1, RFCE = 1, TFCE = 1, VME = 1, ADVD3WUC = 1, EN_PHY_PWR_MGMT = 1, SPEED = 0 }
local STATS = { "GPTC", "TPT", "GPRC", "TPR", "GOTCL", "GORCL", "TOTL", "TORL", "PTC127", "PRC127", "BPTC" }

local ARRAYS = { MTA = 1, VFTA = 1, RAL = 1, RAH = 1, FFLT = 1, WUPM = 1, IP4AT = 1, IP6AT = 1, FFMT = 1, FFVT = 1, PBM = 1 }
local function reg(row) return ARRAYS[row[1]] and r[row[1]][row[2]] or r[row[1]] end

-- A frame each way counts; then the marks. Neither unit runs while its ring registers are marked.
local function leave_marks()
  lab.fold("a broadcast out, one in, counted", function()
    nic:run(ms(1))                            -- any throttling window is over
    r.WUFC:write(0)                           -- the frame and the link are not to wake, PME_Status outlives most resets
    r.CTRL:write { SLU = 1 }
    r.TCTL:write(0)
    r.RCTL:write(0)
    r.STATUS:poll { LU = 1, within = s(3), every = ms(10) }
    local tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 8, BAM = 1 }
    local frame = pkt.eth { src = nic.mac, dst = "ff:ff:ff:ff:ff:ff" } / pkt.pattern(80)
    tx:send(frame)
    nic:receive(frame)
    nic:run(us(20))
    nic:sent()
    r.TCTL:write(0)
    r.RCTL:write(0)
    r.ICR:raw()
  end)
  lab.fold("marks in every class", function()
    r.CTRL:write(CTRL_MARK)
    for _, row in ipairs(MARKS) do
      if row[1] ~= "RCTL" and row[1] ~= "TCTL" then
        reg(row):write(row[3])
        if row[1] ~= "IMS" then reg(row):expect(row[3]) end
      end
    end
    r.RCTL:write(0x0482803e)
    r.RCTL:expect(0x0482803e)
    r.TCTL:write(0x010400fa)
    r.TCTL:expect(0x010400fa)
    r.ICS:write { RXO = 1, SRPD = 1, TXD_LOW = 1 }
  end)
  expect.irq(true, "RXO is unmasked")
end

local function look(column)
  lab.fold("what became of them", function()
    r.ICR:expect(0)
    for _, row in ipairs(MARKS) do
      local want = row[column]
      if want == KEEP then want = row[3] end
      if want then reg(row):expect(want) end
    end
    r.CTRL:expect { SLU = 0, FRCDPLX = 0, RFCE = 0, TFCE = 0, VME = 0, ADVD3WUC = 0, EN_PHY_PWR_MGMT = 0, SPEED = 2,
                    FRCSPD = 1, FD = 1, RST = 0, PHY_RST = 0 }
    for index = 0, 15 do r.RAH[index]:expect { AV = index == 0 and 1 or 0 } end   -- 0 is the EEPROM's
    r.RAL[0]:expect { RAL = 0x12005452 }
    for _, name in ipairs(STATS) do r[name]:expect(0) end
    r.MDIC:expect { R = 0, OP = 0, REGADD = 0, PHYADD = 0 }
    r.EERD:expect { START = 0, DONE = 0 }
  end)
  expect.irq(false, "no cause, no mask")
end

step "the marks count: each statistic moved before the reset takes it"
leave_marks()
for _, name in ipairs { "GPTC", "TPT", "GPRC", "TPR", "PTC127", "PRC127", "BPTC" } do r[name]:expect(1) end
for _, name in ipairs { "GOTCL", "GORCL", "TOTL", "TORL" } do r[name]:expect(98) end  -- 94 bytes and FCS

step "CTRL.RST"
leave_marks()
nic.eeprom:read(0)
nic.phy:read(2)
r.CTRL:write { RST = 1 }
expect.irq(false, "at once")
nic:run(ms(5))
look(4)
nic:expect_reset_values("software")

step "RST#"
leave_marks()
nic.eeprom:read(0)
nic.phy:read(2)
nic:pci_reset()
look(5)
nic:expect_reset_values("pci")

step "D3 to D0 (6.3.1.2 silent on the MAC's registers: our choice, as RST#)"
leave_marks()
nic.pci:power(3)
nic.pci:power(0)
nic:run(ms(10))
lab.fold("PCI set-up", function() nic.pci:setup() end)
look(5)

step "LAN_PWR_GOOD"
leave_marks()
nic:power_cycle()
look(6)
nic:expect_reset_values("power")
