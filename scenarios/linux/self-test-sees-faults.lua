-- A self-test that cannot fail proves nothing: one fault after the other is put into the board, and exactly the part
-- that should notice does. A pulled cable; a register with a bit stuck; an EEPROM word changed without its checksum;
-- interrupts that go out as messages instead of by the line; bus mastering off, so no frame comes back.
local nic = scenario { name = "self-test-sees-faults",
                       manual = { "4.1.3", "5.6.35", "8.6.2", "13.4.2", "13.4.17", "13.4.34", "15.1.3.1" } }
local linux = require "linux_e1000"
local drv = lab.fold("probe", linux.probe, nic)
lab.fold("link", function() nic:run(s(3)) end)

-- The parts that fail, with their codes.
local function failing(between)
  local result = lab.fold("self-test", drv.self_test, drv, between)
  local list = {}
  for _, part in ipairs { "link", "registers", "eeprom", "interrupt", "loopback" } do
    if result[part] ~= 0 then list[#list + 1] = part .. " " .. result[part] end
  end
  expect.eq(result.passed, #list == 0, "the verdict")
  lab.fold("link", function() nic:run(s(3)) end)
  return table.concat(list, ", ")
end

step "a good board"
expect.eq(failing(), "", "faults")

step "the cable is out: only the link part needs it"
nic:partner(nil)
expect.eq(failing(), "link 1", "faults")
nic:partner {}
nic:run(s(3))

step "TIPG with bit 29 stuck at 0: the pattern test names its offset"
local tipg = drv.r.TIPG
drv.r = setmetatable({ TIPG = setmetatable({
  raw = function() return tipg:raw() & ~(1 << 29) end,
  write = function(_, value) tipg:write(value) end,
}, { __index = tipg }) }, { __index = nic.regs })
expect.eq(failing(), "registers 1040", "faults: 410h")
drv.r = nic.regs

step "one bit of EEPROM word 30h, the checksum left as it was"
lab.fold("EEPROM write", drv.eeprom_write, drv, 0x30, 0x8101)
expect.eq(failing(), "eeprom 2", "faults")
lab.fold("EEPROM write", drv.eeprom_write, drv, 0x30, 0x8100)
expect.eq(failing(), "", "repaired")

step "MSI enabled behind the driver's back: INTA# never comes"
nic.pci:msi_on {}
expect.eq(failing(), "interrupt 4", "faults")
nic.pci:msi_off()
lab.msis()

step "bus mastering off: no frame comes back"
expect.eq(failing(function(part) if part == "loopback" then nic.pci.COMMAND:clear { "BME" } end end), "loopback 13",
          "faults")
expect.bad("bus-master-off", 2)               -- RDT, and the first doorbell
nic.pci.COMMAND:set { BME = 1 }

step "a PHY whose loop does not close"
local phy_write = drv.phy_write
drv.phy_write = function(self, number, value) return phy_write(self, number, number == 0 and value & ~0x4000 or value) end
expect.eq(failing(), "loopback 13", "faults")
drv.phy_write = nil

step "and healthy again"
expect.eq(failing(), "", "faults")
