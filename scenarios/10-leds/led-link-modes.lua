-- The link expressions on all four LEDs at 10, 100 and 1000 Mb/s, full and half, with and without a link. Outputs are
-- active low; "#" is a lit LED. A board shows what its driver chose: this is what a front panel would light.
local nic = scenario { name = "led-link-modes", cable = false,
                       manual = { "10.1", "10.1.1", "13.4.15", "13.4.15.1" } }
local r = nic.regs

-- The steady mode on LED n alone, the other three off (0Fh).
local function shown(mode)
  local lit = {}
  for n = 0, 3 do
    r.LEDCTL:write(0x0f0f0f0f & ~(0xff << 8 * n) | mode << 8 * n)
    local leds, change = nic:leds()
    expect.eq(change, nil, "a steady state")
    lit[n + 1] = leds:sub(n + 1, n + 1)
    expect.eq(leds, string.rep("-", n) .. lit[n + 1] .. string.rep("-", 3 - n), "the others are off")
  end
  expect.eq(lit[1] == lit[2] and lit[2] == lit[3] and lit[3] == lit[4], true, "all four alike")
  return lit[1] == "#"
end

local MODES = { -- mode, name, lit at 10 half, 10 full, 100 half, 100 full, 1000 full
  { 0, "LINK_10/1000", true, true, false, false, true }, { 1, "LINK_100/1000", false, false, true, true, true },
  { 2, "LINK_UP", true, true, true, true, true }, { 3, "ACTIVITY", false, false, false, false, false },
  { 4, "LINK/ACTIVITY", true, true, true, true, true }, { 5, "LINK_10", true, true, false, false, false },
  { 6, "LINK_100", false, false, true, true, false }, { 7, "LINK_1000", false, false, false, false, true },
  { 9, "FULL_DUPLEX", false, true, false, true, true },
}

local function check(column)
  for _, mode in ipairs(MODES) do
    expect.eq(shown(mode[1]), column and mode[column] or false, mode[2])
  end
end

step "no link: dark"
lab.fold("nine modes, four LEDs", check)

for i, link in ipairs { { 10, "half" }, { 10, "full" }, { 100, "half" }, { 100, "full" }, { 1000, "full" } } do
  step(string.format("%d %s", link[1], link[2]))
  nic:link_up { speed = link[1], duplex = link[2] }
  nic:run(ms(10))
  lab.fold("nine modes, four LEDs", check, i + 2)
end

step "the PHY has link, but SLU is 0: the MAC sees none, and neither do its LEDs"
r.CTRL:clear { "SLU" }
lab.fold("nine modes, four LEDs", check)
