-- ethtool's offline interrupt test: for each of the cause bits 0 to 9, three things - masked and raised it must not
-- interrupt; unmasked and raised it must, and ICR must show it; all others, masked and raised, must not interrupt.
-- Ten milliseconds each. On a shared line only the second is asked.
local nic = scenario { name = "self-test-interrupts", manual = { "13.4.17", "13.4.18", "13.4.19", "13.4.20",
                                                                 "13.4.21" } }
local linux = require "linux_e1000"
local r = nic.regs
local drv = lab.fold("probe", linux.probe, nic)

-- Ten milliseconds in which the test's handler reads ICR whenever it runs. Returns all bits that it saw.
local function ten_ms()
  local seen, deadline = 0, lab.now() + ms(10)
  while lab.now() < deadline do
    if not lab.wait_irq(deadline - lab.now()) then break end
    seen = seen | r.ICR:raw()
  end
  return seen
end

local function test(shared)
  r.IMC:write(0xffffffff)
  expect.eq(ten_ms(), 0, "all masked")
  for bit = 0, 9 do
    local mask = 1 << bit
    lab.fold("bit " .. bit, function()
      if not shared then
        r.IMC:write(mask)
        r.ICS:write(mask)
        expect.eq(ten_ms() & mask, 0, "error 3: it is masked")
      end
      r.IMS:write(mask)
      r.ICS:write(mask)
      expect.eq(ten_ms() & mask, mask, "error 4: it is unmasked")
      if not shared then
        r.IMC:write(~mask & 0x7fff)
        r.ICS:write(~mask & 0x7fff)
        expect.eq(ten_ms(), 0, "error 5: only the others were raised")
      end
    end)
  end
  r.IMC:write(0xffffffff)
  expect.eq(ten_ms(), 0, "all masked again")
end

step "the line is ours alone"
test(false)

step "the line is shared"
lab.fold("reset", nic.reset, nic)
test(true)

step "the negotiation that the reset before started ends in the middle of a test: LSC is masked, nobody sees it"
local raised = 0
lab.fold("reset, almost to the link", function()
  drv:open()
  drv:reinit()
  r.IMC:write(0xffffffff)
  nic:run(us(1))
  r.ICR:raw()
end)
r.IMS:write { RXT0 = 1 }
lab.fold("until the link is up", function()
  while r.STATUS:read().LU == 0 do raised = raised | ten_ms() end
end)
expect.eq(raised, 0, "LSC is stored, and that is all")
r.ICR:expect { LSC = 1 }
