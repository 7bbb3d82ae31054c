-- LED_ON, LED_OFF and the bus expressions, each plain and inverted. LED_ON is low as 10.1.1 has it, the other way round in
-- Table 13-61: our choice is 10.1.1, whose figure shows the same; a driver that identifies a card by its LEDs wants it
-- lit. PCI-X and a 64-bit bus this part does not have.
local nic = scenario { name = "led-fixed-and-inverted", cable = false, m66en = true,
                       manual = { "10.1.1", "10.1.2", "13.4.2", "13.4.15", "13.4.15.1" } }
local r = nic.regs

step "8 PCIX_MODE, Bh BUS_SPEED, Ch BUS_SIZE, Eh LED_ON"
r.LEDCTL:write { LED0_MODE = 8, LED1_MODE = 11, LED2_MODE = 12, LED3_MODE = 14 }
r.STATUS:expect { PCI66 = 1 }
expect.eq(nic:leds(), "-#-#", "66 MHz bus, on")

step "inverted, one by one and all"
for n = 0, 3 do
  local value = 0x0e0c0b08 | 0x40 << 8 * n
  r.LEDCTL:write(value)
  local plain = { "-", "#", "-", "#" }
  plain[n + 1] = plain[n + 1] == "#" and "-" or "#"
  expect.eq(nic:leds(), table.concat(plain), string.format("LED%d inverted", n))
end
r.LEDCTL:write(0x4e4c4b48)
expect.eq(nic:leds(), "#-#-", "all inverted")

step "Ah COLLISION, Dh PAUSED, Fh LED_OFF, and their opposites"
r.LEDCTL:write { LED0_MODE = 10, LED1_MODE = 13, LED2_MODE = 15, LED3_MODE = 15, LED3_IVRT = 1 }
expect.eq(nic:leds(), "---#", "nothing collides, nothing is paused")

step "how Linux identifies a card: on, off, and back to what it was"
r.LEDCTL:write(0x0e0e0e0e)
expect.eq(nic:leds(), "####", "on")
r.LEDCTL:write(0x0f0f0f0f)
expect.eq(nic:leds(), "----", "off")

step "reserved bits do not stick and do nothing"
r.LEDCTL:write(0x3f3f3f3f)
r.LEDCTL:expect(0x0f0f0f0f)
expect.eq(nic:leds(), "----", "off")
