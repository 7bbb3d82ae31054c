-- Pause: what both ends advertise gives four results (IEEE 802.3 table 28B-3), which PSSTAT shows and the driver
-- puts into CTRL.RFCE and TFCE. All sixteen combinations, worked out here from the table's wording. The MAC does
-- not take them over by itself.
local nic = scenario { name = "pause-resolution", cable = false,
                       manual = { "8.6.2.1", "8.6.4", "11.1.4", "13.4.7.1.5", "13.4.7.1.6", "13.4.7.1.14" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }
local NAMES = { [0] = "none", "asym", "sym", "both" }   -- 2 x PAUSE + ASM_DIR

-- Table 28B-3: local PAUSE, local ASM_DIR, partner PAUSE, partner ASM_DIR -> we receive, we transmit pause.
local function table_28b_3(pause, asm, their_pause, their_asm)
  if pause == 1 and their_pause == 1 then return 1, 1 end
  if pause == 0 and asm == 1 and their_pause == 1 and their_asm == 1 then return 0, 1 end
  if pause == 1 and asm == 1 and their_pause == 0 and their_asm == 1 then return 1, 0 end
  return 0, 0
end

local function negotiate(ours, theirs, options)
  phy.ANA:write { PAUSE = ours >> 1, ASM_DIR = ours & 1, TX100_FULL = 1, TX100_HALF = 1, T10_FULL = 1, T10_HALF = 1 }
  nic:partner(nil)
  options.pause = NAMES[theirs]
  nic:partner(options)
  nic:run(s(2))
end

local both = 0
for ours = 0, 3 do
  step(string.format("we advertise PAUSE %d, ASM_DIR %d; the partner each of the four", ours >> 1, ours & 1))
  for theirs = 0, 3 do
    local rx, tx = table_28b_3(ours >> 1, ours & 1, theirs >> 1, theirs & 1)
    both = both + rx + 2 * tx
    lab.fold(string.format("partner PAUSE %d, ASM_DIR %d: receive %d, transmit %d", theirs >> 1, theirs & 1, rx, tx), function()
      negotiate(ours, theirs, { speed = 1000 })
      phy.LPA:expect { PAUSE = theirs >> 1, ASM_DIR = theirs & 1, TX100_FULL = 1 }
      phy.PSSTAT:expect { RX_PAUSE = rx, TX_PAUSE = tx, RESOLVED = 1, DUPLEX = 1 }
    end)
  end
end
expect.eq(both, 4 * 3 + 1 + 2, "four times both, once receive, once transmit")

step "nothing of it reaches CTRL"
r.CTRL:expect { RFCE = 0, TFCE = 0 }

step "it is the same at 100 full"
negotiate(3, 3, { speed = 100 })
phy.PSSTAT:expect { RX_PAUSE = 1, TX_PAUSE = 1, SPEED = 1, DUPLEX = 1 }

step "half duplex has no pause (28B.3 is for full duplex links), whatever both ends offered"
negotiate(3, 3, { speed = 100, duplex = "half" })
phy.PSSTAT:expect { RX_PAUSE = 0, TX_PAUSE = 0, SPEED = 1, DUPLEX = 0, RESOLVED = 1 }

step "what was resolved is forgotten with the link"
negotiate(2, 2, { speed = 1000 })
phy.PSSTAT:expect { RX_PAUSE = 1, TX_PAUSE = 1 }
nic:partner(nil)
phy.PSSTAT:expect { RX_PAUSE = 0, TX_PAUSE = 0, RESOLVED = 0 }
