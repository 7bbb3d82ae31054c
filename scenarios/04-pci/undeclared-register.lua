-- Offsets where this part has no register: registers of sister parts, holes between ours, the 82542's old
-- layout. The manual forbids writing them and promises nothing about reading. Silent: the card goes on as if
-- nothing had been touched, and reads give 0; drivers that probe for a part depend on it.
local nic = scenario { name = "undeclared-register", manual = { "13.2", "13.4.5", "13.4.14", "13.4.42" } }
local r = nic.regs
local HOLES = { 0x00004, -- CTRL's copy on later parts
                0x0000c, 0x0001c, -- FLA: 82541, 82547
                0x00034, 0x000cc, 0x00110, -- RDBAL of the 82542
                0x00180, -- RXCW: SerDes
                0x00420, 0x00e04, 0x02830, 0x03000, -- TXDMAC: 82544
                0x04024, 0x04100, 0x05004, 0x05844, 0x0fffc }

step "sixteen holes read as 0"
for _, offset in ipairs(HOLES) do expect.eq(lab.read32(offset), 0, string.format("offset %05xh", offset)) end
expect.bad("undeclared-register", #HOLES)

step "what is written there is gone, and nothing else has moved"
r.VET:write { VET = 0x8100 }
lab.fold("sixteen writes, sixteen reads", function()
  for _, offset in ipairs(HOLES) do lab.write32(offset, 0xffffffff) end
  for _, offset in ipairs(HOLES) do expect.eq(lab.read32(offset), 0, string.format("offset %05xh", offset)) end
end)
expect.bad("undeclared-register", 2 * #HOLES)
nic:expect_reset_values("power")
r.VET:expect { VET = 0x8100 }
expect.irq(false, "nor an interrupt")
expect.no_bad()

step "through the I/O window it is the same"
lab.bar_write("io", 0, 4, 0x0001c)
lab.bar_write("io", 4, 4, 0xffffffff)
expect.eq(lab.bar_read("io", 4, 4), 0, "offset 0001ch")
expect.bad("undeclared-register", 2)

step "the last dword of the 128 KB is packet buffer; an access beyond finds nobody"
lab.bar_write("mem", 0x1fffc, 4, 0x600dcafe)
expect.eq(lab.bar_read("mem", 0x1fffc, 4), 0x600dcafe, "PBM")
lab.bar_write("mem", 0x1fffc, 8, 0x1111111122222222)
expect.eq(lab.bar_read("mem", 0x1fffc, 4), 0x600dcafe, "an access that leaves the window is not ours")
expect.eq(lab.bar_read("mem", 0x20000, 4), 0xffffffff, "another window")
expect.silent("undeclared-register", "the last dword is declared, beyond the window is no register space")
