-- The first 64 bytes of configuration space, as firmware and `lspci -x` find them on a board that nobody
-- has set up: who the card is, that it is a single-function Ethernet controller, which Status promises it
-- makes, and that nothing of it can be written over. An operating system picks its driver by these bytes.
local nic = scenario { name = "config-header", pci = false,
                       manual = { "4.1", "4.1.2", "5.2", "5.6.8", "5.6.9", "5.6.10", "5.6.11", "13.1" } }
local pci = nic.pci

step "identity: the EEPROM of this board names an Intel 82540EM and an Intel board"
pci.VENDOR:expect(0x8086)
pci.DEVICE:expect(0x100e)
pci.REVISION:expect(0x02)                     -- stepping; the boards that were seen show 02h
pci.PROGIF:expect(0x00)
pci.CLASS:expect(0x0200)                      -- network controller, Ethernet
pci.SUBVENDOR:expect(0x8086)
pci.SUBSYSTEM:expect(0x002e)
pci.HEADER:expect(0x00)                       -- type 0, one function
pci.BIST:expect(0x00)

step "asleep until firmware wakes it: Command 0, no address, no line"
pci.COMMAND:expect(0x0000)
pci.BAR0:expect(0x00000000)                   -- memory, 32 bits, not prefetchable
pci.BAR1:expect(0x00000000)                   -- flash
pci.BAR2:expect(0x00000001)                   -- I/O
for _, name in ipairs { "BAR3", "BAR4", "BAR5", "CARDBUS", "ROM" } do pci[name]:expect(0) end
pci.CLS:expect(0x00)
pci.LATENCY:expect(0x00)
pci.INTLINE:expect(0x00)

step "promises: capability list, 66 MHz, medium DEVSEL#; INTA#, grants of any length, no latency need"
pci.STATUS:expect { CAP = 1, M66 = 1, UDF = 0, FBC = 0, MDPE = 0, DEVSEL = 1, STA = 0, RTA = 0, RMA = 0,
                    SSE = 0, DPE = 0 }
pci.STATUS:expect(0x0230)
pci.CAPPTR:expect(0xdc)
pci.INTPIN:expect(0x01)
pci.MINGNT:expect(0xff)
pci.MAXLAT:expect(0x00)

step "ones over everything; only what 4.1 lets software write has moved"
local WRITABLE = { [0x04] = 0x0157, [0x0c] = 0xfcff, [0x10] = 0xfffe0000, [0x14] = 0xfffe0000,
                   [0x18] = 0xffffffc0, [0x30] = 0xfffe0001, [0x3c] = 0xff }
local before = {}
lab.fold("sixteen dwords before, ones into all but Command, sixteen after", function()
  for at = 0x00, 0x3c, 4 do before[at] = pci:read(at, 4) end
  for at = 0x00, 0x3c, 4 do if at ~= 0x04 then pci:write(at, 4, 0xffffffff) end end
  for at = 0x00, 0x3c, 4 do
    local mask = at == 0x04 and 0 or WRITABLE[at] or 0
    expect.eq(pci:read(at, 4), before[at] | mask, string.format("offset %02xh", at))
  end
end)

step "Command: I/O, memory, master, MWI, parity and SERR# can be set; the rest is wired to 0"
pci.COMMAND:write(0xffff)
pci.COMMAND:expect { IO = 1, MEM = 1, BME = 1, SCE = 0, MWI = 1, VGA = 0, PER = 1, WCC = 0, SERR = 1 }
pci.COMMAND:expect(WRITABLE[0x04])            -- bit 10, interrupt disable, exists on 82541 and 82547 only
pci.COMMAND:write(0)
pci.COMMAND:expect(0x0000)

step "zeros over everything: identity and promises stay"
lab.fold("zeros into sixteen dwords, sixteen read", function()
  for at = 0x00, 0x3c, 4 do pci:write(at, 4, 0) end
  for at = 0x00, 0x3c, 4 do
    expect.eq(pci:read(at, 4), before[at] & ~(WRITABLE[at] or 0), string.format("offset %02xh", at))
  end
end)

step "reserved space between header and capabilities, and behind them (boards read 0)"
lab.fold("40h to D8h, ECh, FEh", function()
  for at = 0x40, 0xd8, 4 do
    pci:write(at, 4, 0xffffffff)
    expect.eq(pci:read(at, 4), 0, string.format("offset %02xh", at))
  end
  for _, at in ipairs { 0xec, 0xfe } do
    pci:write(at, 2, 0xffff)
    expect.eq(pci:read(at, 2), 0, string.format("offset %02xh", at))
  end
end)
