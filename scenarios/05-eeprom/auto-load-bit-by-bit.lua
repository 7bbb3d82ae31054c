-- Each bit of the words that hardware loads, one at a time on an image that is otherwise zero, loaded by loss of
-- power: it must move the one field that the word map names for it, and nothing else.
local nic = scenario { name = "auto-load-bit-by-bit",
                       eeprom = { words = { [0x0a] = 0x4000, [0x0f] = 0, [0x20] = 0, [0x23] = 0, [0x24] = 0, [0x25] = 0x1234,
                                            [0x26] = 0x5678, [0x27] = 0x1111, [0x28] = 0x2222, [0x29] = 0x3333,
                                            [0x2a] = 0x4444, [0x2b] = 0x5555, [0x2c] = 0x6666, [0x2d] = 0x7777,
                                            [0x2e] = 0x8888, [0x2f] = 0 } },
                       manual = { "5.1", "5.4", "5.6.7", "5.6.12", "5.6.17", "5.6.24", "5.6.26", "5.6.27", "5.6.28", "5.6.29", "13.4.1",
                                  "13.4.6", "13.4.15", "13.6.1", "13.6.4", "13.6.5", "13.6.6" } }
local r, wire = nic.regs, nic.eeprom.wire

-- With every one of these words 0. SPEED 10b and CTRL_EXT 9:8 are no EEPROM's; nor are LED1 and LED3. 5.6.7 and 5.6.12 map
-- 0Ah bit 10 and 0Fh bits 13:11 into TXCW, too, which is not applicable to this part (13.4.13): our choice, they do not move
-- it. The register test of Linux wants the bits of TXCW that it does not write to read 0.
local BASE = { CTRL = 0x00000200, CTRL_EXT = 0x00000100, LEDCTL = 0x07008300, WUC = 0, MANC = 0, IPAV = 0, TXCW = 0 }

-- word -> bit -> { register, bit } moved by it; other bits move nothing.
local MOVES = {
  [0x0a] = { [12] = { "CTRL_EXT", 14 }, [11] = { "CTRL", 11 }, [10] = { "CTRL", 0 }, [9] = { "CTRL", 3 }, [8] = { "CTRL_EXT", 16 } },
  [0x0f] = { [15] = { "WUC", 3 }, [14] = { "CTRL", 5 } },
  [0x20] = { [15] = { "CTRL_EXT", 11 }, [14] = { "CTRL_EXT", 10 }, [9] = { "CTRL", 23 }, [8] = { "CTRL", 22 }, [7] = { "CTRL_EXT", 7 },
             [6] = { "CTRL_EXT", 6 }, [3] = { "CTRL", 21 }, [2] = { "CTRL", 20 }, [1] = { "CTRL", 19 }, [0] = { "CTRL", 18 } },
  [0x23] = { [15] = { "MANC", 15 }, [13] = { "MANC", 13 }, [9] = { "MANC", 9 }, [8] = { "MANC", 8 }, [7] = { "IPAV", 16 },
             [6] = { "IPAV", 0 }, [2] = { "MANC", 2 }, [1] = { "MANC", 1 }, [0] = { "MANC", 0 } },
  [0x24] = { [10] = { "WUC", 0 } },
  [0x2f] = { [0] = { "LEDCTL", 0 }, { "LEDCTL", 1 }, { "LEDCTL", 2 }, { "LEDCTL", 3 }, [6] = { "LEDCTL", 6 }, [7] = { "LEDCTL", 7 },
             [8] = { "LEDCTL", 16 }, [9] = { "LEDCTL", 17 }, [10] = { "LEDCTL", 18 }, [11] = { "LEDCTL", 19 },
             [14] = { "LEDCTL", 22 }, [15] = { "LEDCTL", 23 } },
}
-- APM and SMBus enable start with SLU = 1, too [13.4.1].
local SLU = { [0x24] = 10, [0x23] = 0 }
-- An output value shows only on an output: SDP0 and 1, 6 and 7 with their direction bits.
local OUTPUTS = { CTRL = 0x00c00000, CTRL_EXT = 0x00000c00 }

local function program(word, value)
  nic.eeprom:request()
  wire:ewen()
  wire:write(word, value)
  nic.eeprom:release()
end

local function try(word, bit)
  local as_output = word == 0x20 and (bit <= 1 or bit == 6 or bit == 7)
  local fixed = word == 0x0a and 0x4000 or as_output and 0xc300 or 0
  program(word, 1 << bit | fixed)
  nic:power_cycle()
  local want = {}
  for name, value in pairs(BASE) do want[name] = as_output and value | (OUTPUTS[name] or 0) or value end
  local move = MOVES[word][bit]
  if move then want[move[1]] = want[move[1]] | 1 << move[2] end
  if SLU[word] == bit then want.CTRL = want.CTRL | 0x40 end
  for name, value in pairs(want) do
    expect.eq(r[name]:raw(), value, string.format("word %02xh bit %d: %s", word, bit, name))
  end
end

-- The addresses come only with their valid bit: marks stay otherwise.
local function addresses(bit)
  r.IP4AT[0]:write(0x01020304)
  for i = 0, 3 do r.IP6AT[i]:write(0x0a0b0c0d) end
  r.CTRL_EXT:write { EE_RST = 1 }
  nic:run(ms(1))
  r.IP4AT[0]:expect(bit == 6 and 0x56781234 or 0x01020304)
  for i, value in ipairs { 0x22221111, 0x44443333, 0x66665555, 0x88887777 } do
    r.IP6AT[i - 1]:expect(bit == 7 and value or 0x0a0b0c0d)
  end
end

for _, word in ipairs { 0x0a, 0x0f, 0x20, 0x23, 0x24, 0x2f } do
  step(string.format("word %02xh", word))
  lab.fold("each bit alone", function()
    for bit = 0, word == 0x0a and 13 or 15 do
      try(word, bit)
      if word == 0x23 then addresses(bit) end
    end
    program(word, word == 0x0a and 0x4000 or 0)
  end)
end
