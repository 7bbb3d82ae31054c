-- linux_e1000.lua - what the Linux e1000 driver does to an 82540EM, access by access
--
--   local linux = require "linux_e1000"
--   local drv = linux.probe(nic)      drv:open() drv:run(s(5)) drv:xmit(packet) drv:received()
--                                     drv:close() drv:remove()
--
-- Module parameters at their defaults, MTU 1500. Numbers such as [5.7] in comments are the steps of the
-- driver's own order: 1 compound operations, 2 probe, 3 hardware reset, 4 full reset, 5 init, 6 open,
-- 7 interrupt and poll, 8 watchdog, 9 down, close, remove, 10 suspend and resume, 11 self-test. Sleeps are
-- virtual time; long runs of accesses
-- are folded in the trace.
local clock = require "clock"
local frames = require "frames"
local pkt = require "pkt"
local text = require "text"

local linux = {}
local Driver = {}
Driver.__index = Driver

local us, ms, s = clock.us, clock.ms, clock.s

local RING, BUFFER = 256, 2048 -- descriptors [6.1]; bytes of a receive buffer [6.6]
local JIFFY = ms(4)            -- one timer tick
local WATCHDOG = s(2)

local IRQ_MASK = 0x9d          -- RXT0 RXDMT0 RXSEQ LSC TXDW [6.10]
local RXSEQ_OR_LSC = 0x0c

local WAKE = { u = 0x04, m = 0x08, b = 0x10, g = 0x02 } -- WUFC's EX MC BC MAG, by ethtool's letters [10.1]
local LNKC = 0x01

-- ---- 1 compound operations -------------------------------------------------------------------------

local function flush(drv) drv.r.STATUS:raw() end

-- Read, add bits, drop bits, write.
local function rmw(register, add, drop)
  register:write(register:raw() & ~(drop or 0) | (add or 0))
end

local READY, MDI_ERROR, PHY_1 = 1 << 28, 1 << 30, 1 << 21

-- [1.1] nil if it did not become ready or reported an error.
function Driver:phy_read(number)
  local mdic = self.r.MDIC
  mdic:write(2 << 26 | PHY_1 | number << 16)
  for _ = 1, 64 do
    lab.run(us(50))
    local value = mdic:raw()
    if value & READY ~= 0 then return value & MDI_ERROR == 0 and value & 0xffff or nil end
  end
  return nil
end

-- [1.2]
function Driver:phy_write(number, value)
  local mdic = self.r.MDIC
  mdic:write(1 << 26 | PHY_1 | number << 16 | value)
  for _ = 1, 641 do
    lab.run(us(5))
    if mdic:raw() & READY ~= 0 then return true end
  end
  return false
end

local SK, CS, DI, DO, REQ, GNT, BIG = 1, 2, 4, 8, 0x40, 0x80, 0x200

-- One EECD write that goes on from the value before; a clock pause if asked for.
local function eecd(drv, value, pause)
  drv.r.EECD:write(value)
  if pause then
    flush(drv)
    lab.run(us(50))
  end
  return value
end

-- [1.3.1, 1.3.2]
local function eeprom_acquire(drv)
  eecd(drv, drv.r.EECD:raw() | REQ)
  local value, left = drv.r.EECD:raw(), 1000
  while value & GNT == 0 and left > 0 do
    lab.run(us(5))
    value, left = drv.r.EECD:raw(), left - 1
  end
  if value & GNT == 0 then
    eecd(drv, value & ~REQ)
    return false
  end
  value = eecd(drv, value & ~(DI | SK))
  eecd(drv, value | CS)
  return true
end

-- [1.3.3]
local function eeprom_out(drv, bits, count)
  local value = drv.r.EECD:raw() & ~DO
  for i = count - 1, 0, -1 do
    value = eecd(drv, value & ~DI | (bits >> i & 1) * DI, true)
    value = eecd(drv, value | SK, true)
    value = eecd(drv, value & ~SK, true)
  end
  eecd(drv, value & ~DI)
end

-- [1.3.5]
local function eeprom_in(drv)
  local value, word = drv.r.EECD:raw() & ~(DO | DI), 0
  for _ = 1, 16 do
    eecd(drv, value | SK, true)
    value = drv.r.EECD:raw()
    word = word << 1 | (value & DO) // DO
    value = eecd(drv, value & ~(DI | SK), true)
  end
  return word
end

-- [1.3.6]
local function eeprom_standby(drv)
  local value = eecd(drv, drv.r.EECD:raw() & ~(CS | SK), true)
  value = eecd(drv, value | SK, true)
  value = eecd(drv, value | CS, true)
  eecd(drv, value & ~SK, true)
end

-- [1.3.7]
local function eeprom_release(drv)
  local value = eecd(drv, drv.r.EECD:raw() & ~(CS | DI))
  value = eecd(drv, value | SK, true)
  value = eecd(drv, value & ~SK, true)
  eecd(drv, value & ~REQ)
end

local function eeprom_word(drv, address)
  if not eeprom_acquire(drv) then return nil end
  eeprom_out(drv, 6, 3) -- start bit and READ
  eeprom_out(drv, address, drv.address_bits)
  local word = eeprom_in(drv)
  eeprom_standby(drv)
  eeprom_release(drv)
  return word
end

-- One word, nil if the pins were not granted.
function Driver:eeprom_read(address)
  return lab.fold(string.format("EER %02Xh", address), eeprom_word, self, address)
end

local function program_word(drv, address, value)
  eeprom_out(drv, 5, 3) -- start bit and WRITE
  eeprom_out(drv, address, drv.address_bits)
  eeprom_out(drv, value, 16)
  eeprom_standby(drv)
  local left = 200
  while drv.r.EECD:raw() & DO == 0 do
    if left == 0 then return false end
    lab.run(us(50))
    left = left - 1
  end
  eeprom_standby(drv)
  return true
end

-- [1.4] one word, as ethtool does; the checksum word is not rewritten.
function Driver:eeprom_write(address, value)
  return lab.fold(string.format("EEW %02Xh", address), function()
    if not eeprom_acquire(self) then return false end
    eeprom_out(self, 0x13, 5) -- write enable
    eeprom_out(self, 0, self.address_bits - 2)
    eeprom_standby(self)
    local done = program_word(self, address, value)
    eeprom_out(self, 0x10, 5) -- write disable
    eeprom_out(self, 0, self.address_bits - 2)
    eeprom_release(self)
    return done
  end)
end

-- ---- 3 hardware reset ----------------------------------------------------------------------------------

local function reset_hw(drv)
  local r = drv.r
  r.IMC:write(0xffffffff)
  r.RCTL:write(0)
  r.TCTL:write(0x00000008)
  flush(drv)
  lab.run(ms(10))
  local ctrl = r.CTRL:raw()
  lab.bar_write("io", 0, 4, 0) -- IOADDR: CTRL; a reset through the memory BAR could hang the bus
  lab.bar_write("io", 4, 4, ctrl | 0x04000000)
  lab.run(ms(5)) -- the EEPROM is loaded meanwhile; RST is not polled
  rmw(r.MANC, 0, 1 << 13)
  r.IMC:write(0xffffffff)
  r.ICR:raw()
end

-- ---- 5 init ----------------------------------------------------------------------------------------------

local function clear_table(drv, name)
  lab.fold("clear " .. name, function()
    for i = 0, 127 do
      drv.r[name][i]:write(0)
      flush(drv)
    end
  end)
end

-- RAL, FLUSH, RAH, FLUSH. bytes: six, or nil to clear the entry.
local function set_address(drv, index, bytes)
  local low, high = 0, 0
  if bytes then low, high = string.unpack("<I4I2", bytes) end
  drv.r.RAL[index]:write(low)
  flush(drv)
  drv.r.RAH[index]:write(bytes and high | 0x80000000 or 0)
  flush(drv)
end

-- [5.5] entry 15 is never touched.
local function init_addresses(drv)
  lab.fold("set RAL[0], RAH[0], clear 1-14", function()
    set_address(drv, 0, drv.address)
    for i = 1, 14 do set_address(drv, i) end
  end)
end

-- [5.7a] the EEPROM's pause bits; only rx, tx as what we want to do.
local function flow_control_default(drv)
  local word = drv:eeprom_read(0x0f) or 0
  local code = word >> 12 & 3
  drv.fc = { rx = code ~= 0 and code ~= 2, tx = code ~= 0 }
  drv.fc_known = true
end

-- [5.7c] 0141h, 0C2xh or no PHY.
local function phy_identify(drv)
  local high = drv:phy_read(2)
  lab.run(us(20))
  local low = drv:phy_read(3)
  if high ~= 0x0141 or not low or low & 0xfff0 ~= 0x0c20 then return false end
  drv.phy_revision = low & 0xf
  return true
end

-- [5.7d-f]
local function phy_set_up(drv)
  drv:phy_write(16, drv:phy_read(16) & ~0x0002 | 0x0860)
  if drv.phy_revision < 4 then
    drv:phy_write(20, (drv:phy_read(20) | 0x0070) & ~0x0f00 | 0x0100)
  end
  drv:phy_write(0, drv:phy_read(0) | 0x8000)
  lab.run(us(1))
end

-- [5.7g]
local function phy_negotiate(drv)
  local ana, gcon = drv:phy_read(4), drv:phy_read(9)
  local pause = drv.fc.rx and 0x0c00 or drv.fc.tx and 0x0800 or 0
  drv:phy_write(4, ana & ~0x0c00 | 0x01e0 | pause)
  drv:phy_write(9, gcon & ~0x0300 | 0x0200)
  drv:phy_write(0, drv:phy_read(0) | 0x1200)
end

local function collision_distance(drv)
  rmw(drv.r.TCTL, 0x3f << 12, 0x3ff << 12)
  flush(drv)
end

-- [8.3] what both ends advertise: ours ANA, theirs LPA, bits 10 PAUSE and 11 ASM_DIR.
local function resolve_pause(drv, ours, theirs)
  local sym, asym = ours & 0x400 ~= 0, ours & 0x800 ~= 0
  local partner_sym, partner_asym = theirs & 0x400 ~= 0, theirs & 0x800 ~= 0
  if sym and partner_sym then return true, drv.fc.rx and drv.fc.tx end
  if not sym and asym and partner_sym and partner_asym then return false, true end
  if sym and asym and not partner_sym and partner_asym then return true, false end
  return drv.fc.rx, false
end

-- [8.3]
local function flow_control_after_link(drv)
  drv:phy_read(1)
  if drv:phy_read(1) & 0x20 == 0 then return end
  local rx, tx = resolve_pause(drv, drv:phy_read(4), drv:phy_read(5))
  if drv.r.STATUS:raw() & 1 == 0 then rx, tx = false, false end
  rmw(drv.r.CTRL, (rx and 1 << 27 or 0) | (tx and 1 << 28 or 0), 3 << 27)
end

-- [5.7h] no link is not an error.
local function link_after_set_up(drv)
  return lab.fold("PSTATUS ten times", function()
    for _ = 1, 10 do
      drv:phy_read(1)
      if drv:phy_read(1) & 4 ~= 0 then return true end
      lab.run(us(10))
    end
    return false
  end)
end

local function check_link_after_set_up(drv)
  if not link_after_set_up(drv) then return end
  collision_distance(drv)
  flow_control_after_link(drv)
end

-- [5.7i, 5.7j] water marks for 48 KB [4.2].
local function flow_control_registers(drv)
  local r = drv.r
  r.FCT:write(0x8808)
  r.FCAH:write(0x0100)
  r.FCAL:write(0x00c28001)
  r.FCTTV:write(0xffff)
  r.FCRTL:write(drv.fc.tx and 0x8000acc0 or 0)
  r.FCRTH:write(drv.fc.tx and 0x0000acc8 or 0)
end

-- [5.7] false if the PHY is not the one this driver knows.
local function set_up_link(drv)
  if not drv.fc_known then flow_control_default(drv) end
  rmw(drv.r.CTRL, 1 << 6, 1 << 11 | 1 << 12)
  if not drv.phy_revision and not phy_identify(drv) then return false end
  phy_set_up(drv)
  phy_negotiate(drv)
  check_link_after_set_up(drv)
  flow_control_registers(drv)
  return true
end

local STATISTICS = [[
  CRCERRS SYMERRS MPC SCC ECOL MCC LATECOL COLC DC SEC RLEC XONRXC XONTXC XOFFRXC XOFFTXC FCRUC PRC64
  PRC127 PRC255 PRC511 PRC1023 PRC1522 GPRC BPRC MPRC GPTC GORCL GORCH GOTCL GOTCH RNBC RUC RFC ROC RJC
  TORL TORH TOTL TOTH TPR TPT PTC64 PTC127 PTC255 PTC511 PTC1023 PTC1522 MPTC BPTC ALGNERRC RXERRC TNCRS
  CEXTERR TSCTC TSCTFC MGTPRC MGTPDC MGTPTC ]]

-- [5.9]
local function clear_statistics(drv)
  lab.fold("read and drop the statistics", function()
    for name in STATISTICS:gmatch("%S+") do drv.r[name]:raw() end
  end)
end

local function init_hw(drv)
  local r = drv.r
  drv.ledctl = r.LEDCTL:raw()
  drv:eeprom_read(0x04)
  drv.fiber = r.STATUS:raw() & 0x20 ~= 0
  r.VET:write(0)
  clear_table(drv, "VFTA")
  init_addresses(drv)
  clear_table(drv, "MTA")
  local ok = set_up_link(drv)
  rmw(r.TXDCTL, 0x01010000, 0x3f << 16)
  clear_statistics(drv)
  return ok
end

-- ---- 4 full reset ------------------------------------------------------------------------------------------

-- [4.9]
local function phy_info(drv)
  drv:phy_read(1)
  if drv:phy_read(1) & 4 == 0 then return end
  drv:phy_read(16)
  local status = drv:phy_read(17)
  drv:phy_read(17)
  if status & 0xc000 == 0x8000 then drv:phy_read(10) end
end

local function full_reset(drv)
  local r = drv.r
  r.PBA:write(0x30)
  lab.fold("hardware reset", reset_hw, drv)
  r.WUC:write(0)
  local ok = init_hw(drv)
  r.VET:write(0x8100)
  r.AIFS:write(0)
  phy_info(drv)
  return ok
end

-- ---- 2 probe -----------------------------------------------------------------------------------------------

-- [2.1] what the PCI core does on the driver's behalf.
local function enable_device()
  lab.fold("PCI core: enable the device, save the header", function()
    lab.config_write(4, 2, lab.config_read(4, 2) | 3)
    lab.config_write(4, 2, lab.config_read(4, 2) | 4)
    for offset = 0, 0x3c, 4 do lab.config_read(offset, 4) end
  end)
end

-- [2.11] 64 separate reads; on a wrong sum the words are read once more, for the log.
local function checksum(drv)
  return lab.fold("EER 00h-3Fh, checksum", function()
    local sum = 0
    for address = 0, 0x3f do sum = sum + (eeprom_word(drv, address) or 0) & 0xffff end
    if sum == 0xbaba then return true end
    for address = 0, 0x3f do eeprom_word(drv, address) end
    return false
  end)
end

-- [2.12] low byte of each word first.
local function read_address(drv)
  local parts = {}
  for i = 0, 2 do parts[#parts + 1] = string.pack("<I2", drv:eeprom_read(i) or 0) end
  return table.concat(parts)
end

-- The driver of a card that scenario{} has brought up; nil and a reason if it gives the device up.
function linux.probe(nic)
  local drv = setmetatable({ nic = nic, r = nic.regs, rate = 20000, inbox = {}, multicast = {}, vlans = {} }, Driver)
  local r = drv.r
  enable_device()
  lab.config_read(4, 2)
  if r.STATUS:raw() & 0x20 ~= 0 then return nil, "fiber" end
  r.STATUS:raw() -- bus type, speed and width, for the log
  r.IMC:write(0xffffffff)
  flush(drv)
  drv.address_bits = r.EECD:raw() & BIG ~= 0 and 8 or 6
  lab.fold("hardware reset", reset_hw, drv)
  drv.checksum_ok = checksum(drv)
  drv.address = drv.checksum_ok and read_address(drv) or string.rep("\0", 6)
  drv.wol = (drv:eeprom_read(0x24) or 0) & 0x0400 ~= 0 and WAKE.g or 0 -- [2.13] APM on: magic packets
  drv.mac = string.format("%02x:%02x:%02x:%02x:%02x:%02x", drv.address:byte(1, 6))
  if not full_reset(drv) then return nil, "PHY" end
  rmw(r.CTRL, 1 << 30)
  rmw(r.RCTL, 0, 1 << 18)
  return drv
end

-- ---- 6 open ------------------------------------------------------------------------------------------------

local function zeros(count) return string.rep("\0", count) end

local function new_ring(name)
  local base = lab.mem_alloc(name, 16 * RING, 4096, "rw", 16)
  lab.poke(base, zeros(16 * RING))
  return { base = base, use = 0, clean = 0, slot = {}, packets = {} }
end

-- The index of a multicast address in MTA: bits 47:36, RCTL.MO = 0 [13.5.1].
local function hash(bytes)
  local _, _, _, _, b4, b5 = bytes:byte(1, 6)
  return b4 >> 4 | b5 << 4
end

-- [6.3] unicast and multicast addresses beyond our own: 14 fit, later multicasts hash.
local function receive_mode(drv)
  local r, mta, index = drv.r, {}, 1
  local rctl = r.RCTL:raw() & ~(0x18 | 1 << 18)
  if drv.promiscuous then rctl = rctl | 0x18 elseif drv.all_multicast then rctl = rctl | 0x10 end
  if next(drv.vlans) and not drv.promiscuous then rctl = rctl | 1 << 18 end
  r.RCTL:write(rctl)
  lab.fold("RAL and RAH 1-14, MTA", function()
    for _, address in ipairs(drv.multicast) do
      if index < 15 then
        set_address(drv, index, address)
        index = index + 1
      else
        local bit = hash(address)
        mta[bit >> 5] = (mta[bit >> 5] or 0) | 1 << (bit & 31)
      end
    end
    for i = index, 14 do set_address(drv, i) end
    for i = 127, 0, -1 do r.MTA[i]:write(mta[i] or 0) end
    flush(drv)
  end)
end

-- [6.4]
local function restore_vlans(drv)
  if not next(drv.vlans) then return end
  rmw(drv.r.CTRL, 1 << 30)
  rmw(drv.r.RCTL, 1 << 18, 1 << 19)
  local ids = {}
  for id in pairs(drv.vlans) do ids[#ids + 1] = id end
  table.sort(ids)
  for _, id in ipairs(ids) do
    local row = drv.r.VFTA[id >> 5]
    row:write(row:raw() | 1 << (id & 31))
    flush(drv)
  end
end

-- [6.5] COLD goes back to what it was: TCTL was read before it was set.
local function configure_transmit(drv)
  local r = drv.r
  r.TDLEN:write(16 * RING)
  r.TDBAH:write(0)
  r.TDBAL:write(drv.tx.base)
  r.TDT:write(0)
  r.TDH:write(0)
  r.TIPG:write(0x00602008)
  r.TIDV:write(8)
  r.TADV:write(32)
  local tctl = r.TCTL:raw()
  collision_distance(drv)
  r.TCTL:write(tctl & ~0xff0 | 0x010000f8)
end

-- [6.6] 2048-byte buffers, broadcast accepted.
local function set_up_rctl(drv)
  rmw(drv.r.RCTL, 0x8000, 0x020333e4)
end

-- [7.2] in 256 ns units.
local function itr(rate) return 1000000000 // (rate * 256) end

-- [6.7] receive is enabled while RDH = RDT = 0.
local function configure_receive(drv)
  local r = drv.r
  local rctl = r.RCTL:raw()
  r.RCTL:write(rctl & ~2)
  r.RDTR:write(0)
  r.RADV:write(8)
  r.ITR:write(itr(drv.rate))
  r.RDLEN:write(16 * RING)
  r.RDBAH:write(0)
  r.RDBAL:write(drv.rx.base)
  r.RDT:write(0)
  r.RDH:write(0)
  rmw(r.RXCSUM, 1 << 9)
  r.RCTL:write(rctl | 2)
end

-- [6.8, 7.4.8] count fresh buffers; only the address is written into a descriptor.
local function give_buffers(drv, count)
  local rx = drv.rx
  for _ = 1, count do
    local i = rx.use
    rx.slot[i] = lab.mem_alloc(string.format("rxbuf[%d]", i), BUFFER, 16, "w")
    lab.poke(rx.base + 16 * i, string.pack("<I8", rx.slot[i]))
    rx.use = (i + 1) % RING
  end
  if count > 0 then drv.r.RDT:write((rx.use - 1) % RING) end
end

local function configure(drv)
  receive_mode(drv)
  restore_vlans(drv)
  configure_transmit(drv)
  set_up_rctl(drv)
  configure_receive(drv)
  give_buffers(drv, RING - 1)
end

local function interrupts_on(drv)
  drv.r.IMS:write(IRQ_MASK)
  flush(drv)
end

local function power_up_phy(drv)
  drv:phy_write(0, drv:phy_read(0) & ~0x0800)
end

-- The interface goes up; link-up is noticed later, by the watchdog.
function Driver:open()
  self.tx, self.rx = new_ring("txd"), new_ring("rxd")
  power_up_phy(self)
  configure(self)
  self.running, self.handler = true, true
  self.link, self.check_link = false, true
  interrupts_on(self)
  self.r.ICS:write(0x04)
end

-- ---- 7 interrupt and poll ------------------------------------------------------------------------------

local function free_slot(ring, index)
  if ring.slot[index] then lab.mem_free(ring.slot[index]) end
  ring.slot[index] = nil
end

-- [7.3] by the DD bit of the descriptor that ended each packet.
local function clean_tx(drv)
  local tx, cleaned = drv.tx, 0
  while #tx.packets > 0 do
    local packet = tx.packets[1]
    if lab.peek(tx.base + 16 * packet.last + 12, 1):byte() & 1 == 0 then break end
    for i = packet.first, packet.first + packet.count - 1 do
      local index = i % RING
      lab.poke(tx.base + 16 * index + 12, zeros(4))
      free_slot(tx, index)
    end
    tx.clean = (packet.last + 1) % RING
    table.remove(tx.packets, 1)
    cleaned = cleaned + 1
  end
  drv.tx_done = (drv.tx_done or 0) + cleaned
end

-- [7.4.2-6] the packet, or nil if it is dropped.
local function packet_of(drv, index, length, csum, status, errors, special)
  local rx = drv.rx
  local ended = status & 2 ~= 0
  local dropped = rx.discarding or not ended or errors & 0x97 ~= 0 or length < 4
  rx.discarding = not ended
  if dropped then
    drv.rx_dropped = (drv.rx_dropped or 0) + 1
    return nil
  end
  return {
    bytes = lab.peek(rx.slot[index], length - 4), at = clock.now(), csum = csum,
    checked = status & 0x04 == 0 and errors & 0x20 == 0 and status & 0x20 ~= 0,
    vlan = status & 0x08 ~= 0 and special & 0xfff or nil,
  }
end

-- [7.4]
local function clean_rx(drv)
  local rx, list, count = drv.rx, {}, 0
  while true do
    local index = rx.clean
    local length, csum, status, errors, special = string.unpack("<I2I2BBI2", lab.peek(rx.base + 16 * index + 8, 8))
    if status & 1 == 0 then break end
    list[#list + 1] = packet_of(drv, index, length, csum, status, errors, special)
    lab.poke(rx.base + 16 * index + 12, "\0")
    free_slot(rx, index)
    rx.clean, count = (index + 1) % RING, count + 1
    if count >= 16 then
      give_buffers(drv, count)
      count = 0
    end
  end
  give_buffers(drv, count)
  return list
end

-- [7.2] The rate follows the traffic: 4000/s for a bulk of large frames or below 1000 Mb/s, else 20000/s,
-- reached in steps of a quarter.
local function adapt_rate(drv, list)
  local bytes = 0
  for _, packet in ipairs(list) do bytes = bytes + #packet.bytes end
  local target = 20000
  if drv.speed ~= 1000 or bytes > 10000 and bytes // #list > 1200 then target = 4000 end
  if target > drv.rate then target = math.min(drv.rate + target // 4, target) end
  if target == drv.rate then return end
  drv.rate = target
  drv.r.ITR:write(itr(target))
end

local function poll(drv)
  clean_tx(drv)
  local list = clean_rx(drv)
  adapt_rate(drv, list)
  interrupts_on(drv)
  return list
end

-- The handler and the poll that follows it. Returns the packets received, or nil if the interrupt was not
-- ours. They also wait in drv:received().
function Driver:irq()
  local icr = self.r.ICR:raw()
  if icr == 0 then return nil end
  if not self.running then return {} end
  if icr & RXSEQ_OR_LSC ~= 0 then
    self.check_link = true
    self.watchdog_at = lab.now() + JIFFY
  end
  self.r.IMC:write(0xffffffff)
  flush(self)
  local list = poll(self)
  for _, packet in ipairs(list) do self.inbox[#self.inbox + 1] = packet end
  return list
end

-- Packets since the last call: .bytes without FCS, .vlan, .checked, .at.
function Driver:received()
  local list = self.inbox
  self.inbox = {}
  return list
end

-- ---- 7.5 transmit ----------------------------------------------------------------------------------------

local MAX_PIECE = 4096

-- Where the headers lie, and whose checksum is wanted.
local function headers(bytes)
  local at = 14
  local kind = string.unpack(">I2", bytes, 13)
  if kind == 0x8100 then at, kind = 18, string.unpack(">I2", bytes, 17) end
  if kind == 0x0800 then
    return { ip = at, v4 = true, l4 = at + (bytes:byte(at + 1) & 15) * 4, proto = bytes:byte(at + 10) }
  end
  return { ip = at, v4 = false, l4 = at + 40, proto = bytes:byte(at + 7) }
end

local TCP = 6

-- [7.5.6] QW0 and QW1 of a segmentation context.
local function tso_context(h, length, mss)
  local ipcse = h.v4 and h.l4 - 1 or 0
  local q0 = h.ip | h.ip + 10 << 8 | ipcse << 16 | h.l4 << 32 | h.l4 + 16 << 40
  local command = 0x25 | (h.v4 and 2 or 0) -- DEXT TSE TCP, IP
  return q0, length - h.total | command << 24 | h.total << 40 | mss << 48
end

-- [7.5.5]
local function checksum_context(h)
  local offset = h.proto == TCP and 16 or 6
  return h.l4 << 32 | h.l4 + offset << 40, (0x20 | (h.proto == TCP and 1 or 0)) << 24
end

local function put(tx, q0, q1)
  local index = tx.use
  lab.poke(tx.base + 16 * index, string.pack("<i8i8", q0, q1))
  tx.use = (index + 1) % RING
  return index
end

-- [7.5.2] sizes of the descriptors of one piece of memory.
local function sizes(drv, length, mss, last_piece, alone)
  local list, most = {}, mss and math.min(mss * 4, MAX_PIECE) or MAX_PIECE
  while length > 0 do
    local size = math.min(length, most)
    if alone and drv.tx.after_tso and not mss then
      drv.tx.after_tso, size = false, size - 4
    end
    if mss and last_piece and size == length and size > 8 then size = size - 4 end
    list[#list + 1] = size
    length = length - size
  end
  return list
end

-- One buffer per piece, its descriptors pointing into it.
local function map_piece(drv, bytes, list, q1)
  local tx, offset, index = drv.tx, 0, nil
  local address = lab.mem_alloc(string.format("txbuf[%d]", tx.use), #bytes, 16, "r")
  lab.poke(address, bytes)
  for _, size in ipairs(list) do
    index = put(tx, address + offset, q1 | size)
    offset = offset + size
  end
  tx.slot[index] = address -- freed with its last descriptor
  return index
end

-- Command and options of the data descriptors, without the last one's [7.5.4-7].
local function data_bits(options, h)
  local q1 = 0x02 << 24 -- IFCS
  if options.tso then
    q1 = q1 | 0x24 << 24 | 1 << 20 | (h.v4 and 3 or 2) << 40
  elseif options.csum then
    q1 = q1 | 0x20 << 24 | 1 << 20 | 2 << 40
  end
  if options.vlan then q1 = q1 | 0x40 << 24 | options.vlan << 48 end
  return q1
end

local function header_length(h, bytes)
  h.total = h.l4 + (h.proto == TCP and (bytes:byte(h.l4 + 13) >> 4) * 4 or 8)
end

-- Bytes of each piece of memory that the packet lies in.
local function pieces_of(packet)
  local list = {}
  for i, piece in ipairs(type(packet) == "table" and rawget(packet, "pieces") or { packet }) do
    list[i] = frames.bytes(piece)
  end
  if #list == 1 then list[1] = frames.pad(list[1], 60) end -- [7.5.1]
  return list
end

-- Descriptors at most [7.5.3].
local function needed(list, context)
  local count = context and 1 or 0
  for _, piece in ipairs(list) do count = count + #piece // MAX_PIECE + 2 end
  return count
end

-- EOP RS IDE on the last descriptor; TIDV is not 0 [7.5.4].
local function end_packet(tx, first, last)
  local at = tx.base + 16 * last + 11
  lab.poke(at, string.char(lab.peek(at, 1):byte() | 0x89))
  tx.packets[#tx.packets + 1] = { first = first, last = last, count = (last - first) % RING + 1, at = lab.now() }
end

-- packet: bytes or a packet; { pieces = {...} } for one that lies in several places.
-- options: csum = true (TCP or UDP checksum, seeded with the pseudo-header), tso = MSS, vlan = TCI,
-- more = true (no TDT write: others follow). False if the ring is full.
function Driver:xmit(packet, options)
  options = options or {}
  local tx, list = self.tx, pieces_of(packet)
  local all = table.concat(list)
  local h = (options.tso or options.csum) and headers(all) or nil
  if (tx.clean - tx.use - 1) % RING < needed(list, h) + 2 then return false end

  local first, last = tx.use, nil
  if options.tso then
    header_length(h, all)
    put(tx, tso_context(h, #all, options.tso))
  elseif options.csum then
    put(tx, checksum_context(h))
  end
  local q1 = data_bits(options, h)
  for i, piece in ipairs(list) do
    last = map_piece(self, piece, sizes(self, #piece, options.tso, i == #list, #list == 1), q1)
  end
  if options.tso then tx.after_tso = true end
  end_packet(tx, first, last)
  if not options.more then self.r.TDT:write(tx.use) end
  return true
end

-- ---- 8 watchdog ------------------------------------------------------------------------------------------

-- [8.1]
local function has_link(drv)
  drv.r.CTRL:raw()
  drv.r.STATUS:raw()
  drv:phy_read(1)
  return drv:phy_read(1) & 4 ~= 0
end

-- [8.4] transmit is enabled only here.
local function link_came(drv)
  local status = drv.r.STATUS:raw()
  local codes = { [0] = 10, 100, 1000, 1000 }
  drv.speed, drv.full_duplex = codes[status >> 6 & 3], status & 1 == 1
  drv.r.CTRL:raw()
  rmw(drv.r.TCTL, 2)
  drv.link = true
  drv.phy_info_at = lab.now() + WATCHDOG
end

local UPDATED = [[
  CRCERRS GPRC GORCL GORCH BPRC MPRC ROC PRC64 PRC127 PRC255 PRC511 PRC1023 PRC1522 SYMERRS MPC SCC ECOL
  MCC LATECOL DC SEC RLEC XONRXC XONTXC XOFFRXC XOFFTXC FCRUC GPTC GOTCL GOTCH RNBC RUC RFC RJC TORL TORH
  TOTL TOTH TPR PTC64 PTC127 PTC255 PTC511 PTC1023 PTC1522 MPTC BPTC TPT COLC ALGNERRC RXERRC TNCRS
  CEXTERR TSCTC TSCTFC ]]

-- [8.6] sums since probe, by register name, in drv.stats.
local function update_statistics(drv)
  drv.stats = drv.stats or {}
  local function add(names)
    for name in names:gmatch("%S+") do
      drv.stats[name] = (drv.stats[name] or 0) + drv.r[name]:raw()
    end
  end
  lab.fold("read and add the statistics", function()
    add(UPDATED)
    if drv.speed == 1000 then
      drv:phy_read(10)
      drv:phy_read(21)
    end
    add("MGTPTC MGTPRC MGTPDC")
  end)
end

local function link_check(drv)
  if not drv.check_link then return end
  local up = has_link(drv)
  if up then
    drv.check_link = false
    drv:phy_read(17) -- bit 5 downshift, for the log
    collision_distance(drv)
    flow_control_after_link(drv)
    if not drv.link then link_came(drv) end
  elseif drv.link then
    drv.link, drv.speed, drv.phy_info_at = false, nil, nil
    if #drv.tx.packets > 0 then drv:reinit() end -- [8.5]
  end
end

-- [7.3] once a period; true if the transmitter hangs. At 10 Mb/s it may take 16 s.
local function hangs(drv)
  local oldest = drv.tx.packets[1]
  if not drv.link or not oldest then return false end
  if lab.now() - oldest.at <= (drv.speed == 10 and s(16) or s(1)) then return false end
  if drv.r.STATUS:raw() & 0x10 ~= 0 then return false end
  drv.r.TDH:raw()
  drv.r.TDT:raw()
  return true
end

-- Every 2 s, and soon after a link change.
function Driver:watchdog()
  link_check(self)
  if self.link then update_statistics(self) end
  if hangs(self) then
    self.tx_hangs = (self.tx_hangs or 0) + 1
    self:reinit()
  end
  if not self.running then return end
  self.r.ICS:write(0x10) -- RXDMT0: the ring is looked at even if an interrupt was lost
  self.watchdog_at = lab.now() + WATCHDOG
end

-- ---- virtual life ----------------------------------------------------------------------------------------

local function fire_timers(drv)
  if drv.watchdog_at and lab.now() >= drv.watchdog_at then
    drv.watchdog_at = nil
    drv:watchdog()
  end
  if drv.phy_info_at and lab.now() >= drv.phy_info_at then
    drv.phy_info_at = nil
    phy_info(drv)
  end
end

-- Time passes with the driver in charge: interrupts are handled, timers fire.
function Driver:run(duration)
  local deadline = lab.now() + duration
  while lab.now() < deadline do
    local due = math.min(deadline, self.watchdog_at or deadline, self.phy_info_at or deadline)
    local wait = math.max(due - lab.now(), 0)
    if self.handler and lab.wait_irq(wait) then
      if not self:irq() then text.fail("the interrupt line is asserted, and ICR reads 0") end
    else
      if not self.handler then lab.run(wait) end
      fire_timers(self)
    end
  end
end

-- ---- 9 down, close, remove -------------------------------------------------------------------------------

local function clear_ring_registers(r)
  r.TDH:write(0)
  r.TDT:write(0)
  r.RDH:write(0)
  r.RDT:write(0)
end

local function drop_buffers(ring)
  for index = 0, RING - 1 do free_slot(ring, index) end
  lab.poke(ring.base, zeros(16 * RING))
  ring.use, ring.clean, ring.packets, ring.after_tso = 0, 0, {}, false
end

function Driver:down()
  local r = self.r
  self.running, self.watchdog_at, self.phy_info_at = false, nil, nil
  rmw(r.RCTL, 0, 2)
  rmw(r.TCTL, 0, 2)
  flush(self)
  lab.run(ms(10))
  r.IMC:write(0xffffffff)
  flush(self)
  self.link, self.speed = false, nil
  full_reset(self)
  drop_buffers(self.tx)
  drop_buffers(self.rx)
  clear_ring_registers(r)
end

-- After a down: section 6 from receive mode on.
function Driver:up()
  configure(self)
  self.running, self.check_link = true, true
  interrupts_on(self)
  self.r.ICS:write(0x04)
end

function Driver:reinit()
  self:down()
  self:up()
end

function Driver:close()
  self:down()
  self.handler = false
  if self.wol == 0 and self.r.MANC:raw() & 1 == 0 then
    self:phy_write(0, self:phy_read(0) | 0x0800)
    lab.run(ms(1))
  end
  clear_ring_registers(self.r)
  lab.mem_free(self.tx.base)
  lab.mem_free(self.rx.base)
  self.tx, self.rx = nil, nil
end

function Driver:remove()
  local ctrl = self.r.CTRL:raw()
  self.r.CTRL:write(ctrl | 0x80000000)
  flush(self)
  lab.run(ms(10))
  self.r.CTRL:write(ctrl)
  flush(self)
  lab.run(us(150))
  lab.run(ms(10))
  lab.config_write(4, 2, lab.config_read(4, 2) & ~4) -- the PCI core disables bus mastering
end

-- ---- 10 suspend and resume ------------------------------------------------------------------------------

-- ethtool -s wol: letters of "umbg"; "" or "d" for none. The others are refused: p link, a ARP, s secure.
function Driver:set_wol(letters)
  local wol = 0
  self.r.STATUS:raw() -- the function's number
  for letter in letters:gmatch("%a") do
    if letter ~= "d" then
      if not WAKE[letter] then return false end
      wol = wol | WAKE[letter]
    end
  end
  self.wol = wol
  return true
end

-- [10.3] Receive is enabled while RDH = RDT = 0: there are no descriptors.
local function enable_wake(drv, filters)
  local r = drv.r
  set_up_rctl(drv)
  receive_mode(drv)
  r.RCTL:write(r.RCTL:raw() | 2 | (filters & WAKE.m ~= 0 and 0x10 or 0))
  rmw(r.CTRL, 3 << 20) -- ADVD3WUC, EN_PHY_PWR_MGMT
  r.WUC:write(2)
  r.WUFC:write(filters)
end

-- [10.4] PMCSR as the PCI core writes it: PME_Status is cleared with either.
local function pci_sleep(enable)
  local pmcsr = lab.config_read(0xe0, 2) | 0x8000
  lab.config_write(0xe0, 2, enable and pmcsr | 0x0100 or pmcsr & ~0x0100)
  lab.config_write(0xe0, 2, lab.config_read(0xe0, 2) & ~0x8003 | 3)
end

-- To D3, with what set_wol asked for; the same at shutdown.
function Driver:suspend()
  self.was_running = self.running
  if self.running then lab.fold("down", self.down, self) end
  self.handler = false
  self.header = lab.fold("PCI core: save the header", function()
    local header = {}
    for offset = 0, 0x3c, 4 do header[offset] = lab.config_read(offset, 4) end
    return header
  end)
  local filters = self.wol
  if self.r.STATUS:raw() & 2 ~= 0 then filters = filters & ~LNKC end
  if filters ~= 0 then
    enable_wake(self, filters)
  else
    self.r.WUC:write(0)
    self.r.WUFC:write(0)
  end
  lab.config_write(4, 2, lab.config_read(4, 2) & ~4)
  pci_sleep(filters ~= 0)
end

-- [10.5] The header last word first, only what differs.
local function pci_wake(header)
  lab.config_write(0xe0, 2, lab.config_read(0xe0, 2) & ~0x8003)
  lab.run(ms(10)) -- PCI: D3hot to D0
  lab.fold("PCI core: restore the header", function()
    for offset = 0x3c, 0, -4 do
      if lab.config_read(offset, 4) ~= header[offset] then lab.config_write(offset, 4, header[offset]) end
    end
  end)
  lab.config_write(4, 2, lab.config_read(4, 2) | 3)
  lab.config_write(4, 2, lab.config_read(4, 2) | 4)
  lab.config_write(0xe0, 2, (lab.config_read(0xe0, 2) | 0x8000) & ~0x0100)
end

-- Whatever woke the system: the driver does not ask, it clears WUS.
function Driver:resume()
  pci_wake(self.header)
  self.handler = self.was_running
  power_up_phy(self)
  lab.fold("full reset", full_reset, self)
  self.r.WUS:write(0xffffffff)
  if self.was_running then lab.fold("up", self.up, self) end
end

-- ---- settings ----------------------------------------------------------------------------------------------

local function six_bytes(address)
  if #address == 6 then return address end
  return pkt.mac(address)
end

-- Addresses besides our own, as text or six bytes; flags: promiscuous, all_multicast.
function Driver:set_multicast(list, flags)
  self.multicast = {}
  for i, address in ipairs(list) do self.multicast[i] = six_bytes(address) end
  self.promiscuous = flags and flags.promiscuous or false
  self.all_multicast = flags and flags.all_multicast or false
  if self.rx then receive_mode(self) end
end

function Driver:set_mac(address)
  self.address = six_bytes(address)
  self.mac = string.format("%02x:%02x:%02x:%02x:%02x:%02x", self.address:byte(1, 6))
  set_address(self, 0, self.address)
end

-- [6.4] VME and VFE with the first one.
function Driver:add_vlan(id)
  local first = not next(self.vlans)
  self.vlans[id] = true
  if first then
    rmw(self.r.CTRL, 1 << 30)
    rmw(self.r.RCTL, 1 << 18, 1 << 19)
  end
  local row = self.r.VFTA[id >> 5]
  row:write(row:raw() | 1 << (id & 31))
  flush(self)
end

-- ---- 11 ethtool's offline self-test ------------------------------------------------------------------------
--
-- Each part gives 0 for passed or the driver's own code: the register's offset (1: STATUS), 1 or 2 for the
-- EEPROM (no answer, wrong sum), 3 to 5 for interrupts (came though masked, did not come, came for others),
-- 13 for the loopback (64 good frames did not come back), 1 for no link.

local PATTERNS = { 0x5a5a5a5a, 0xa5a5a5a5, 0x00000000, 0xffffffff }
local ALL = 0xffffffff
local RECEIVE_TABLE = 15 -- address entries that the driver uses

local function offset_of(register) return register.row.offset + (register.index or 0) * (register.row.stride or 0) end

-- Full reads: bits outside the mask must read 0.
local function pattern_test(register, mask, write)
  for _, pattern in ipairs(PATTERNS) do
    register:write(write & pattern)
    if register:raw() ~= write & pattern & mask then return offset_of(register) end
  end
end

local function set_and_check(register, mask, write)
  register:write(write & mask)
  if register:raw() & mask ~= write & mask then return offset_of(register) end
end

-- name, readable, written
local FIRST = {
  { "FCAL", ALL, ALL }, { "FCAH", 0xffff, ALL }, { "FCT", 0xffff, ALL }, { "VET", 0xffff, ALL },
  { "RDTR", 0xffff, ALL }, { "RDBAH", ALL, ALL }, { "RDLEN", 0x000fff80, 0x000fffff }, { "RDH", 0xffff, 0xffff },
  { "RDT", 0xffff, 0xffff }, { "FCRTH", 0xfff8, 0xfff8 }, { "FCTTV", 0xffff, 0xffff },
  { "TIPG", 0x3fffffff, 0x3fffffff }, { "TDBAH", ALL, ALL }, { "TDLEN", 0x000fff80, 0x000fffff },
}
local LAST = {
  { "RDBAL", 0xfffffff0, ALL }, { "TXCW", 0xc000ffff, 0x0000ffff }, { "TDBAL", 0xfffffff0, ALL },
  { "TIDV", 0xffff, ALL },
}
local RCTL_BITS = 0x06dfb3fe

local function pattern_tests(r, list)
  for _, row in ipairs(list) do
    local failed = pattern_test(r[row[1]], row[2], row[3])
    if failed then return failed end
  end
end

local function pattern_array(array, count, mask)
  for i = 0, count - 1 do
    local failed = pattern_test(array[i], mask, ALL)
    if failed then return failed end
  end
end

-- The receiver is enabled on the way, with a ring that is all ones; a reset follows.
local function register_test(drv)
  local r = drv.r
  local before, toggle = r.STATUS:raw(), 0xfffff833
  r.STATUS:write(toggle)
  local after = r.STATUS:raw()
  r.STATUS:write(before)
  if before & toggle ~= after & toggle then return 1 end
  return pattern_tests(r, FIRST)
      or set_and_check(r.RCTL, ALL, 0)
      or set_and_check(r.RCTL, RCTL_BITS, 0x003ffffb)
      or set_and_check(r.TCTL, ALL, 0)
      or set_and_check(r.RCTL, RCTL_BITS, ALL)
      or pattern_tests(r, LAST)
      or pattern_array(r.RAH, RECEIVE_TABLE, 0x8003ffff)
      or pattern_array(r.MTA, 128, ALL)
      or 0
end

local function eeprom_test(drv)
  local sum = 0
  for address = 0, 0x3f do
    local word = eeprom_word(drv, address)
    if not word then return 1 end
    sum = sum + word & 0xffff
  end
  return sum == 0xbaba and 0 or 2
end

-- Ten milliseconds with the test's own handler: what it read from ICR.
local function causes_meanwhile(drv)
  local deadline, seen = lab.now() + ms(10), 0
  while lab.now() < deadline and lab.wait_irq(deadline - lab.now()) do
    local icr = drv.r.ICR:raw()
    if icr == 0 then break end
    seen = seen | icr
  end
  lab.run_until(deadline)
  return seen
end

local function raise(drv, mask_register, causes)
  mask_register:write(causes)
  drv.r.ICS:write(causes)
  flush(drv)
  return causes_meanwhile(drv)
end

local function interrupt_test_bit(drv, bit)
  local others = ~bit & 0x7fff
  if raise(drv, drv.r.IMC, bit) & bit ~= 0 then return 3 end
  if raise(drv, drv.r.IMS, bit) & bit == 0 then return 4 end
  if raise(drv, drv.r.IMC, others) ~= 0 then return 5 end
end

-- Bits 0 to 9, the reserved ones too; the line is not shared.
local function interrupt_test(drv)
  local failed
  drv.r.IMC:write(ALL)
  flush(drv)
  lab.run(ms(10))
  for i = 0, 9 do
    failed = interrupt_test_bit(drv, 1 << i)
    if failed then break end
  end
  drv.r.IMC:write(ALL)
  flush(drv)
  lab.run(ms(10))
  return failed or 0
end

local LOOP_FRAME, LOOP_BURST = 1024, 64

local function loop_frame()
  local half = LOOP_FRAME // 2
  local tail = string.rep("\xaa", half - 1) .. "\xff"
  return string.rep("\xff", half) .. tail:sub(1, 10) .. "\xbe" .. tail:sub(12, 12) .. "\xaf" .. tail:sub(14)
end

local function loop_transmit_ring(drv)
  local r, base = drv.r, lab.mem_alloc("txd", 16 * RING, 4096, "r", 16)
  local buffers = lab.mem_alloc("txbuf", LOOP_FRAME * RING, 16, "r", LOOP_FRAME)
  r.TDBAL:write(base)
  r.TDBAH:write(0)
  r.TDLEN:write(16 * RING)
  r.TDH:write(0)
  r.TDT:write(0)
  r.TCTL:write(0x0003f0fa) -- PSP, EN, CT 0Fh, COLD 3Fh
  lab.poke(buffers, zeros(LOOP_FRAME * RING))
  for i = 0, RING - 1 do -- EOP, IFCS and bit 28, report packet sent, which this part does not have
    lab.poke(base + 16 * i, string.pack("<I8I8", buffers + LOOP_FRAME * i, LOOP_FRAME | 0x13000000))
  end
  return base, buffers
end

local function loop_receive_ring(drv)
  local r, base = drv.r, lab.mem_alloc("rxd", 16 * RING, 4096, "rw", 16)
  local buffers = lab.mem_alloc("rxbuf", BUFFER * RING, 16, "w", BUFFER)
  rmw(r.RCTL, 0, 2)
  r.RDBAL:write(base)
  r.RDBAH:write(0)
  r.RDLEN:write(16 * RING)
  r.RDH:write(0)
  r.RDT:write(0)
  r.RCTL:write(0x00008002) -- EN, BAM, 2048 bytes, no LBM
  for i = 0, RING - 1 do lab.poke(base + 16 * i, string.pack("<I8I8", buffers + BUFFER * i, 0)) end
  return base, buffers
end

-- The PHY at 1000 full, looped; the MAC likewise; the PHY's receiver off, so that a cable plugged meanwhile
-- starts no negotiation.
local function loop_on(drv)
  drv:phy_write(16, 0x0808)
  drv:phy_write(0, 0x9140)
  drv:phy_write(0, 0x8140)
  drv.r.CTRL:raw()
  drv:phy_write(0, 0x4140)
  rmw(drv.r.CTRL, 1 << 11 | 1 << 12 | 2 << 8 | 1 | 1 << 7, 3 << 8) -- FRCSPD FRCDPLX 1000 FD ILOS
  drv:phy_write(29, 0x001f)
  drv:phy_write(30, 0x8ffc)
  drv:phy_write(29, 0x001a)
  drv:phy_write(30, 0x8ff0)
  lab.run(us(500))
end

local function loop_off(drv)
  rmw(drv.r.RCTL, 0, 0xc0)
  local control = drv:phy_read(0)
  if control and control & 0x4000 ~= 0 then
    drv:phy_write(0, control & ~0x4000)
    drv:phy_write(0, drv:phy_read(0) | 0x8000)
    lab.run(us(1))
  end
end

local function good_buffer(address)
  local bytes = lab.peek(address, LOOP_FRAME)
  return bytes:byte(4) == 0xff and bytes:byte(523) == 0xbe and bytes:byte(525) == 0xaf
end

-- Ten bursts. Only the buffers of the first hold the pattern, and received buffers are never given back: from
-- the second burst on the scan also finds what the first one left.
local function loop_run(drv, tx_buffers, rx_buffers)
  local r, sent, next_buffer, pattern = drv.r, 0, 0, loop_frame()
  r.RDT:write(RING - 1)
  for _ = 0, RING // LOOP_BURST * 2 + 1 do
    for i = 0, LOOP_BURST - 1 do lab.poke(tx_buffers + LOOP_FRAME * i, pattern) end
    sent = (sent + LOOP_BURST) % RING
    r.TDT:write(sent)
    flush(drv)
    lab.run(ms(200))
    local good = 0
    for _ = 1, 2 * RING do
      if good_buffer(rx_buffers + BUFFER * next_buffer) then good = good + 1 end
      next_buffer = (next_buffer + 1) % RING
      if good == LOOP_BURST then break end
    end
    if good ~= LOOP_BURST then return 13 end
  end
  return 0
end

local function loopback_test(drv)
  local txd, tx_buffers = loop_transmit_ring(drv)
  local rxd, rx_buffers = loop_receive_ring(drv)
  loop_on(drv)
  local result = loop_run(drv, tx_buffers, rx_buffers)
  loop_off(drv)
  drv.r.TCTL:write(0)
  drv.r.RCTL:write(0)
  for _, address in ipairs { txd, tx_buffers, rxd, rx_buffers } do lab.mem_free(address) end
  return result
end

local function link_test(drv)
  has_link(drv)
  if drv.r.STATUS:raw() & 2 ~= 0 then return 0 end
  lab.run(s(4))
  return drv.r.STATUS:raw() & 2 ~= 0 and 0 or 1
end

local PARTS = { "registers", "eeprom", "interrupt", "loopback" }
local PART = { registers = register_test, eeprom = eeprom_test, interrupt = interrupt_test, loopback = loopback_test }

-- All parts, in the driver's order: link first, before a reset disturbs it. An open interface is closed for
-- it and opened again. between(part), if given, is called right before each of the others.
function Driver:self_test(between)
  local result, was_open = {}, self.running
  result.link = lab.fold("link test", link_test, self)
  if was_open then self:close() else full_reset(self) end
  for _, part in ipairs(PARTS) do
    if part == "loopback" then power_up_phy(self) end
    if between then between(part) end
    result[part] = lab.fold(part .. " test", PART[part], self)
    lab.fold("full reset", full_reset, self)
  end
  if was_open then self:open() end
  result.passed = true
  for _, part in ipairs { "link", table.unpack(PARTS) } do result.passed = result.passed and result[part] == 0 end
  return result
end

return linux
