-- LEDs without a driver: EEPROM word 2Fh sets LED0 and LED2, the other two are fixed; every reset goes back to that.
-- Without power all are dark.
local nic = scenario { name = "led-defaults", cable = false, manual = { "5.6.29", "10.1", "13.4.15", "14.7" },
                       eeprom = { words = { [0x2f] = 0xcf8e } } } -- LED0: on, blinking; LED2: off, inverted, blinking
local r = nic.regs

step "loaded: LED0 Eh with BLINK, LED2 Fh with IVRT and BLINK"
r.LEDCTL:expect(0x07cf838e)
expect.eq(nic:leds():sub(1, 1) == nic:leds():sub(3, 3), true, "both blink from the load on")

step "a driver's choice lasts until a reset"
r.LEDCTL:write(0x0f0f0f0f)
expect.eq(nic:leds(), "----", "off")
nic:reset()
r.LEDCTL:expect(0x07cf838e)
local lit = nic:leds()
nic:run(ms(200))
expect.ne(nic:leds(), lit, "blinking")

step "RST#"
r.LEDCTL:write(0x0f0f0f0f)
nic:pci_reset()
r.LEDCTL:expect(0x07cf838e)

step "no power, no light"
r.LEDCTL:write(0x0e0e0e0e)
expect.eq(nic:leds(), "####", "on")
lab.power_good(false)
expect.eq(nic:leds(), "----", "off")
lab.power_good(true)
nic:run(ms(10))
expect.ne(nic:leds(), "####", "defaults")
