/*
 * pci.c - configuration space, base addresses, the I/O window, access rules of the register space
 *
 * Manual  4 PCI, 13.2 access rules, 13.2.2 IOADDR and IODATA, 6.3.3 power management registers
 * Called  by the host; by eeprom.c for what the EEPROM says; by device.c for a master abort
 * Calls   regs_read, regs_write, reset_d0u, power_sleep, power_update, dma_resume, irq_update
 */
#include "core.h"

#include <string.h>

enum {
    CFG_COMMAND = 0x04,
    CFG_STATUS = 0x06,
    CFG_LINE = 0x0c,
    CFG_BAR0 = 0x10,
    CFG_SUBSYSTEM = 0x2c,
    CFG_ROM = 0x30,
    CFG_CAP = 0x34,
    CFG_INT = 0x3c,
    CFG_PM = 0xdc,
    CFG_PMCSR = 0xe0,
    CFG_PM_DATA = 0xe3,
    CFG_PCIX = 0xe4,
    CFG_MSI = 0xf0,

    CMD_IO = 1 << 0,
    CMD_MEM = 1 << 1,
    CMD_MASTER = 1 << 2,
    CMD_WRITABLE = 0x0157, /* I/O, memory, master, MWI, parity, SERR# [Table 4-3] */
    STATUS_MASTER_ABORT = 1 << 13,
    STATUS_W1C = 0xf900, /* [Table 4-4] 15:11 and 8 */

    MEM_SIZE = 0x20000,
    IO_SIZE = 64, /* 8 in 4.1, 32 in 13.2.2; boards report 64. Only 0 and 4 are used. */
    IOADDR = 0,
    IODATA = 4,
    IOADDR_WRITABLE = 0xfffff,
    IOADDR_REGS = 0x20000,
    IOADDR_FLASH = 0x80000,
};

#define CFG(dev, at) (&(dev)->pci.config[at])

/* ---- what the board and its EEPROM make of configuration space ---- */

static uint32_t flash_size(const struct e1000 *dev)
{
    return dev->pci.no_flash ? 0 : 0x10000u << dev->pci.flash_size_code;
}

static bool aux_wake(const struct e1000 *dev)
{
    return dev->board.aux_power && BIT_OF(dev, CTRL, ADVD3WUC);
}

/* Worked out when read: [6.3.3.3] PMC; [6.3.3.6] the data register follows Data_Select. */
static void update_pm(struct e1000 *dev)
{
    const uint16_t init1 = dev->eeprom.word[0x0a], power = dev->eeprom.word[0x22];
    const bool valid = dev->eeprom.words != 0 && init1 >> 14 == 1;
    const uint32_t support = !dev->pci.pm_enabled ? 0 : aux_wake(dev) ? 0x19 : 0x09;
    const uint32_t select = get16(CFG(dev, CFG_PMCSR)) >> 9 & 0xf;
    uint32_t pmcsr = get16(CFG(dev, CFG_PMCSR)) & ~0x6000u, data = 0;

    put16(CFG(dev, CFG_PM + 2), 2u | (valid ? (init1 >> 2 & 1u) << 3 : 0) | 1u << 5 | support << 11);
    /* [6.3.3.4] has the scale where "manageability" is on; boards without any show it: power management is meant. */
    if (dev->pci.pm_enabled && (select == 0 || select == 3 || select == 4 || select == 7)) {
        pmcsr |= 0x2000;
        if (valid)
            data = select == 0 || select == 4 ? power >> 8 : power & 0xff;
    }
    put16(CFG(dev, CFG_PMCSR), pmcsr);
    *CFG(dev, CFG_PM_DATA) = (uint8_t)data;
}

void pci_identify(struct e1000 *dev)
{
    const uint16_t *w = dev->eeprom.word;
    const bool valid = dev->eeprom.words != 0 && w[0x0a] >> 14 == 1;

    /* [4.1 silent] No valid EEPROM leaves the defaults: 32-bit layout, power management on, no flash. */
    dev->pci.bar32 = !valid || (w[0x0a] >> 13 & 1) != 0;
    dev->pci.pm_enabled = !valid || (w[0x0a] >> 3 & 1) != 0;
    dev->pci.no_flash = !valid || (w[0x24] >> 11 & 1) != 0;
    dev->pci.no_msi = valid && (w[0x0f] >> 7 & 1) != 0;
    dev->pci.flash_size_code = valid ? w[0x0f] >> 9 & 3 : 0;
    if (valid && (w[0x0a] & 1) != 0) { /* [5.6.7] */
        put16(CFG(dev, 0x00), w[0x0e]);
        put16(CFG(dev, 0x02), w[0x0d]);
    }
    if (valid && (w[0x0a] & 2) != 0) {
        put16(CFG(dev, CFG_SUBSYSTEM), w[0x0c]);
        put16(CFG(dev, CFG_SUBSYSTEM + 2), w[0x0b]);
    }
    *CFG(dev, CFG_PCIX + 1) = dev->pci.no_msi ? 0 : CFG_MSI;
    if (dev->pci.no_msi)
        memset(CFG(dev, CFG_MSI), 0, 16);
    else if (*CFG(dev, CFG_MSI) == 0)
        put32(CFG(dev, CFG_MSI), 0x00800005);
    if (get32(CFG(dev, CFG_BAR0)) == 0)
        put32(CFG(dev, CFG_BAR0), dev->pci.bar32 ? 0 : 4);
    if (!dev->pci.bar32 && flash_size(dev) != 0 && get32(CFG(dev, CFG_BAR0 + 8)) == 0)
        put32(CFG(dev, CFG_BAR0 + 8), 4);
    put32(CFG(dev, CFG_BAR0 + (dev->pci.bar32 ? 8 : 16)), get32(CFG(dev, CFG_BAR0 + (dev->pci.bar32 ? 8 : 16))) | 1);
}

/* [4.1] Values before any EEPROM. */
void pci_reset(struct e1000 *dev, bool keep_pme)
{
    const uint32_t pme = keep_pme ? get16(CFG(dev, CFG_PMCSR)) & 0x8100u : 0;

    memset(dev->pci.config, 0, sizeof dev->pci.config);
    put16(CFG(dev, 0x00), 0x8086);
    put16(CFG(dev, 0x02), dev->board.device_id);
    put16(CFG(dev, CFG_STATUS), 0x0230);
    *CFG(dev, 0x08) = dev->board.revision;
    put16(CFG(dev, 0x0a), 0x0200); /* class 020000h: Ethernet */
    put32(CFG(dev, CFG_SUBSYSTEM), 0x10088086);
    *CFG(dev, CFG_CAP) = CFG_PM;
    put32(CFG(dev, CFG_INT), 0x00ff0100);
    put16(CFG(dev, CFG_PM), CFG_PCIX << 8 | 1);
    put16(CFG(dev, CFG_PMCSR), pme);
    put32(CFG(dev, CFG_PCIX), 0x00020007);     /* next pointer: pci_identify */
    put32(CFG(dev, CFG_PCIX + 4), 0x04400000); /* as four boards read */
    dev->pci.ioaddr = 0;                       /* [13.2.2.1] */
    pci_identify(dev);
}

void pci_master_abort(struct e1000 *dev)
{
    put16(CFG(dev, CFG_STATUS), get16(CFG(dev, CFG_STATUS)) | STATUS_MASTER_ABORT);
}

void pci_pme(struct e1000 *dev, uint32_t set, uint32_t clear)
{
    put16(CFG(dev, CFG_PMCSR), (get16(CFG(dev, CFG_PMCSR)) & ~clear) | set);
}

bool pci_msi_enabled(const struct e1000 *dev)
{
    return (*CFG(dev, CFG_MSI + 2) & 1) != 0;
}

/* ---- base addresses [4.1, Table 4-2] ---- */

void e1000_bar_info(const struct e1000 *dev, enum e1000_bar bar, struct e1000_bar_info *info)
{
    const bool wide = !dev->pci.bar32;
    const uint32_t command = pci_command(dev);
    const bool alive = !pci_d3(dev) && dev->power_good && !dev->rst_asserted;
    uint32_t low;

    *info = (struct e1000_bar_info){.wide = wide && (bar == E1000_BAR_MEM || bar == E1000_BAR_FLASH)};
    switch (bar) {
    case E1000_BAR_MEM:
        info->config_offset = CFG_BAR0;
        info->size = MEM_SIZE;
        break;
    case E1000_BAR_FLASH:
        info->config_offset = wide ? CFG_BAR0 + 8 : CFG_BAR0 + 4;
        info->size = flash_size(dev);
        break;
    case E1000_BAR_IO:
        info->config_offset = wide ? CFG_BAR0 + 16 : CFG_BAR0 + 8;
        info->size = IO_SIZE;
        info->io = true;
        break;
    default:
        info->config_offset = CFG_ROM;
        info->size = flash_size(dev);
        break;
    }
    low = get32(CFG(dev, info->config_offset));
    info->base = low & ~0xfu; /* without its type, or the ROM's enable */
    if (info->wide)
        info->base |= (uint64_t)get32(CFG(dev, info->config_offset + 4)) << 32;
    info->enabled = alive && info->size != 0 && (command & (info->io ? CMD_IO : CMD_MEM)) != 0;
    if (bar != E1000_BAR_MEM) /* [13.2.1.2, 13.2.1.3, 13.2.2] these need a non-zero address */
        info->enabled = info->enabled && info->base != 0;
    if (bar == E1000_BAR_ROM)
        info->enabled = info->enabled && (low & 1) != 0;
}

static uint32_t bar_writable(const struct e1000 *dev, unsigned at)
{
    const uint32_t mem = ~(uint32_t)(MEM_SIZE - 1), io = ~(uint32_t)(IO_SIZE - 1);
    const uint32_t flash = ~(flash_size(dev) - 1); /* 0 without flash */

    if (dev->pci.bar32)
        return at == CFG_BAR0 ? mem : at == CFG_BAR0 + 4 ? flash : at == CFG_BAR0 + 8 ? io : 0;
    return at == CFG_BAR0        ? mem
           : at == CFG_BAR0 + 4  ? UINT32_MAX
           : at == CFG_BAR0 + 8  ? flash
           : at == CFG_BAR0 + 12 ? (flash != 0 ? UINT32_MAX : 0)
           : at == CFG_BAR0 + 16 ? io
                                 : 0;
}

/* ---- configuration accesses ---- */

static uint32_t writable(const struct e1000 *dev, unsigned at)
{
    const bool pm = dev->pci.pm_enabled, msi = !dev->pci.no_msi;

    switch (at) {
    case CFG_COMMAND:
        return CMD_WRITABLE;
    case CFG_LINE:
        return 0x0000fcff; /* line size, latency timer 7:2 */
    case CFG_ROM:
        return flash_size(dev) == 0 ? 0 : ~(flash_size(dev) - 1) | 1;
    case CFG_INT:
        return 0x000000ff;
    case CFG_PMCSR:
        return pm ? 0x00001f03 : 0; /* PowerState, PME_En, Data_Select [6.3.3.4] */
    case CFG_PCIX:
        return 0x007f0000;
    case CFG_MSI:
        return msi ? 0x00710000 : 0; /* [4.1.3.1] enable is printed R, yet software is told to write it */
    case CFG_MSI + 4:
        return msi ? 0xfffffffc : 0;
    case CFG_MSI + 8:
        return msi ? 0xffffffff : 0;
    case CFG_MSI + 12:
        return msi ? 0x0000ffff : 0;
    default:
        return bar_writable(dev, at);
    }
}

static uint32_t write_1_clears(unsigned at)
{
    return at == CFG_COMMAND ? (uint32_t)STATUS_W1C << 16 : at == CFG_PMCSR ? 0x8000 : 0;
}

static void trace_io(struct e1000 *dev, enum e1000_event_kind kind, uint32_t at, unsigned size, uint32_t value)
{
    struct e1000_event ev = {.kind = kind, .addr = at, .size = (uint8_t)size, .value = value};

    if (tracing(dev))
        trace_event(dev, &ev);
}

static bool present(const struct e1000 *dev)
{
    return dev->power_good && !dev->rst_asserted;
}

static bool aligned(unsigned offset, unsigned size)
{
    return (size == 1 || size == 2 || size == 4) && offset % size == 0 && offset < 256;
}

uint32_t e1000_config_read(struct e1000 *dev, unsigned offset, unsigned size)
{
    const uint32_t all = size >= 4 ? UINT32_MAX : (1u << 8 * size) - 1;
    uint32_t value = all;

    if (present(dev) && aligned(offset, size)) {
        update_pm(dev); /* AUX_POWER and CTRL.ADVD3WUC show at once [6.3, 13.4.1] */
        value = get32(CFG(dev, offset & ~3u)) >> 8 * (offset & 3) & all;
    }
    trace_io(dev, E1000_EV_CFG_READ, offset, size, value);
    return value;
}

/* [6.3.1.2, 6.3.1.4] The transitions that PowerState makes. */
static void power_state(struct e1000 *dev, uint32_t old, uint32_t now)
{
    if (old != 3 && now == 3) {
        put16(CFG(dev, CFG_COMMAND), pci_command(dev) & ~(uint32_t)(CMD_IO | CMD_MEM));
        power_sleep(dev);
    } else if (old == 3 && now == 0) {
        reset_d0u(dev);
    }
}

static void written(struct e1000 *dev, unsigned at, uint32_t old, uint32_t now)
{
    if (at == CFG_COMMAND) {
        if (dev->power.d0u && (now & (CMD_IO | CMD_MEM)) != 0 && !pci_d3(dev)) {
            dev->power.d0u = false; /* [6.3.1.3, 6.3.2] either of them: D0a */
            power_update(dev);
        }
        if ((now & ~old & CMD_MASTER) != 0)
            dma_resume(dev);
    } else if (at == CFG_PMCSR) {
        if ((old & 3) == (now & 3))
            power_update(dev); /* PME_En, PME_Status */
        else
            power_state(dev, old & 3, now & 3);
    } else if (at == CFG_MSI) {
        irq_update(dev);
    }
}

void e1000_config_write(struct e1000 *dev, unsigned offset, unsigned size, uint32_t value)
{
    const unsigned at = offset & ~3u, shift = 8 * (offset & 3);
    const uint32_t all = size >= 4 ? UINT32_MAX : (1u << 8 * size) - 1;
    uint32_t lanes, old, now, mask;

    trace_io(dev, E1000_EV_CFG_WRITE, offset, size, value & all);
    if (!present(dev) || !aligned(offset, size))
        return;
    lanes = all << shift;
    value = (value & all) << shift;
    old = get32(CFG(dev, at));
    mask = writable(dev, at) & lanes;
    now = (old & ~mask) | (value & mask);
    now &= ~(value & lanes & write_1_clears(at));
    if (at == CFG_PMCSR && (lanes & 3) != 0 && (value & 3) != 0 && ((value & 3) != 3 || !dev->pci.pm_enabled))
        bad(dev, RULE_POWER_STATE, "PMCSR", value & 0xffff);
    if (at == CFG_PMCSR && (now & 3) != 0 && (now & 3) != 3) /* [6.3.3.4] D1, D2: completed, discarded */
        now = (now & ~3u) | (old & 3u);
    put32(CFG(dev, at), now);
    rx_changed(dev);
    written(dev, at, old, now);
}

/* ---- memory and I/O accesses [13.2] ---- */

static uint64_t ones(unsigned size)
{
    return size >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
}

/* [13.2] A read of any width reads the whole register, side effects included. */
static uint64_t mem_read(struct e1000 *dev, uint32_t offset, unsigned size)
{
    const unsigned lane = 8 * (offset & 3);
    uint64_t value = regs_read(dev, offset, false) >> lane;

    if ((offset & 3) + size > 4)
        value |= (uint64_t)regs_read(dev, offset + 4, false) << (32 - lane);
    return value & ones(size);
}

/* [13.2] Writes narrower than a dword are ignored. */
static void mem_write(struct e1000 *dev, uint32_t offset, unsigned size, uint64_t value)
{
    if (size < 4 || offset % 4 != 0) {
        regs_narrow(dev, offset);
        return;
    }
    regs_write(dev, offset, (uint32_t)value, false);
    if (size == 8)
        regs_write(dev, offset + 4, (uint32_t)(value >> 32), false);
}

/* [Table 13-1] IOADDR[1:0] and the offset at IODATA name the same byte, and the size is aligned there. */
static bool lanes_agree(const struct e1000 *dev, uint32_t offset, unsigned size)
{
    return (offset & 3) == (dev->pci.ioaddr & 3) && (offset & 3) % size == 0;
}

/* [13.2.2.2] The device drives all four bytes of the dword; the CPU takes those of its access. */
static uint64_t io_flash_read(struct e1000 *dev, uint32_t offset, unsigned size)
{
    const uint32_t at = ((dev->pci.ioaddr - IOADDR_FLASH) & ~3u) + (offset & 3);
    const uint64_t value = flash_read(dev, at, size, true);

    if (!lanes_agree(dev, offset, size))
        bad(dev, RULE_FLASH_LANES, "IODATA", dev->pci.ioaddr);
    return value;
}

static void io_flash_write(struct e1000 *dev, uint32_t offset, unsigned size, uint32_t value)
{
    if (lanes_agree(dev, offset, size)) {
        flash_write(dev, dev->pci.ioaddr - IOADDR_FLASH, size, value, true);
        return;
    }
    trace_io(dev, E1000_EV_IO_WRITE, offset, size, value & (uint32_t)ones(size));
    bad(dev, RULE_FLASH_LANES, "IODATA", dev->pci.ioaddr);
}

static uint64_t io_read(struct e1000 *dev, uint32_t offset, unsigned size)
{
    const unsigned lane = 8 * (offset & 3);
    uint32_t value = 0;

    if ((offset & ~3u) == IODATA && dev->pci.ioaddr < IOADDR_REGS)
        return regs_read(dev, dev->pci.ioaddr, true) >> lane & ones(size);
    if ((offset & ~3u) == IODATA && dev->pci.ioaddr >= IOADDR_FLASH)
        return io_flash_read(dev, offset, size);
    if ((offset & ~3u) == IOADDR)
        value = dev->pci.ioaddr;
    else
        bad(dev, RULE_UNDECLARED, "IODATA", dev->pci.ioaddr); /* [13.2.2 silent] reads 0 */
    value = value >> lane & (uint32_t)ones(size);
    trace_io(dev, E1000_EV_IO_READ, offset, size, value);
    return value;
}

static void io_write(struct e1000 *dev, uint32_t offset, unsigned size, uint32_t value)
{
    if ((offset & ~3u) == IODATA && dev->pci.ioaddr < IOADDR_REGS) {
        if (size == 4 && offset == IODATA)
            regs_write(dev, dev->pci.ioaddr, value, true);
        else
            bad(dev, RULE_NARROW_WRITE, "IODATA", dev->pci.ioaddr);
        return;
    }
    if ((offset & ~3u) == IODATA && dev->pci.ioaddr >= IOADDR_FLASH) {
        io_flash_write(dev, offset, size, value);
        return;
    }
    trace_io(dev, E1000_EV_IO_WRITE, offset, size, value & (uint32_t)ones(size));
    if (offset == IOADDR && size == 4)
        dev->pci.ioaddr = value & IOADDR_WRITABLE;
    else if ((offset & ~3u) == IOADDR)
        bad(dev, RULE_NARROW_WRITE, "IOADDR", value);
    else
        bad(dev, RULE_UNDECLARED, "IODATA", dev->pci.ioaddr);
}

static bool decoded(const struct e1000 *dev, enum e1000_bar bar, uint32_t offset, unsigned size)
{
    struct e1000_bar_info info;

    if (bar >= E1000_BARS)
        return false;
    e1000_bar_info(dev, bar, &info);
    return info.enabled && (size == 1 || size == 2 || size == 4 || (size == 8 && bar != E1000_BAR_IO)) &&
           offset < info.size && size <= info.size - offset;
}

uint64_t e1000_bar_read(struct e1000 *dev, enum e1000_bar bar, uint32_t offset, unsigned size)
{
    if (!decoded(dev, bar, offset, size))
        return ones(size);
    if (bar == E1000_BAR_MEM)
        return mem_read(dev, offset, size);
    if (bar == E1000_BAR_IO)
        return io_read(dev, offset, size);
    return flash_read(dev, offset, size, false);
}

void e1000_bar_write(struct e1000 *dev, enum e1000_bar bar, uint32_t offset, unsigned size, uint64_t value)
{
    if (!decoded(dev, bar, offset, size))
        return;
    if (bar == E1000_BAR_MEM)
        mem_write(dev, offset, size, value);
    else if (bar == E1000_BAR_IO)
        io_write(dev, offset, size, (uint32_t)value);
    else /* [13.2.1.3] the expansion ROM window shows the same part */
        flash_write(dev, offset, size, value, false);
}

static inline bool mem_decoded(const struct e1000 *dev)
{
    return (pci_command(dev) & CMD_MEM) != 0 && !pci_d3(dev) && present(dev);
}

uint32_t e1000_read32(struct e1000 *dev, uint32_t offset)
{
    return mem_decoded(dev) ? regs_read(dev, offset, false) : UINT32_MAX;
}

void e1000_write32(struct e1000 *dev, uint32_t offset, uint32_t value)
{
    if (mem_decoded(dev))
        regs_write(dev, offset, value, false);
}
