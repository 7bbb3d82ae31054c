/*
 * device.c - the device as a whole: storage, time, bus cycles of its own, events
 *
 * Manual  4.1 bus mastering, 6.3.1 power-up
 * Called  by the host (e1000.h); by every chapter for timers, DMA and events
 * Calls   the chapter whose timer is due
 */
#include "core.h"

#include <string.h>

_Static_assert(sizeof(struct e1000) <= E1000_STORAGE_BYTES, "E1000_STORAGE_BYTES is too small");

struct e1000 *e1000_init(void *storage, size_t bytes, const struct e1000_host *host, const struct e1000_config *config)
{
    struct e1000 *dev = storage;

    if (storage == NULL || bytes < sizeof *dev || (uintptr_t)storage % _Alignof(struct e1000) != 0)
        return NULL;
    if (host == NULL || host->dma_read == NULL || host->dma_write == NULL || host->frame_out == NULL)
        return NULL;
    memset(dev, 0, sizeof *dev);
    dev->host = *host;
    if (config != NULL)
        dev->board = *config;
    if (dev->board.device_id == 0)
        dev->board.device_id = 0x100e;
    for (unsigned t = 0; t < TIMERS; t++)
        dev->deadline[t] = E1000_NEVER;
    for (unsigned n = 0; n < sizeof dev->led.cycle_ns / sizeof dev->led.cycle_ns[0]; n++)
        dev->led.cycle_ns[n] = E1000_NEVER;
    dev->next_ns = E1000_NEVER;

    /* [5.3] Two sizes of part exist; anything else is the next smaller of them. */
    dev->eeprom.words = dev->board.eeprom_words >= 256 ? 256 : dev->board.eeprom_words >= 64 ? 64 : 0;
    memset(dev->eeprom.word, 0xff, sizeof dev->eeprom.word);
    if (dev->board.eeprom != NULL)
        memcpy(dev->eeprom.word, dev->board.eeprom, dev->eeprom.words * sizeof dev->eeprom.word[0]);
    dev->board.eeprom = NULL;

    regs_init(dev);
    dev->power_good = true;
    reset_device(dev, RESET_POWER);
    return dev;
}

/* ---- time ---- */

static void find_next(struct e1000 *dev)
{
    uint64_t next = E1000_NEVER;

    for (unsigned t = 0; t < TIMERS; t++)
        if (dev->deadline[t] < next)
            next = dev->deadline[t];
    dev->next_ns = next;
}

void timer_set(struct e1000 *dev, enum timer t, uint64_t at_ns)
{
    const uint64_t old = dev->deadline[t];

    dev->deadline[t] = at_ns;
    if (at_ns <= dev->next_ns)
        dev->next_ns = at_ns;
    else if (old == dev->next_ns)
        find_next(dev);
}

void timer_stop(struct e1000 *dev, enum timer t)
{
    if (dev->deadline[t] != E1000_NEVER)
        timer_set(dev, t, E1000_NEVER);
}

static void fire(struct e1000 *dev, enum timer t)
{
    switch (t) {
    case T_LOAD:
        eeprom_load_timer(dev);
        break;
    case T_EERD:
        eeprom_eerd_timer(dev);
        break;
    case T_EEPROM:
        eeprom_cycle_timer(dev);
        break;
    case T_MDIC:
        phy_mdic_timer(dev);
        break;
    case T_PHY:
        phy_timer(dev);
        break;
    case T_ITR:
        irq_update(dev);
        break;
    case T_TIDV:
        tx_tidv_timer(dev);
        break;
    case T_TADV:
        tx_tadv_timer(dev);
        break;
    case T_RDTR:
        rx_rdtr_timer(dev);
        break;
    case T_RADV:
        rx_radv_timer(dev);
        break;
    case T_TX:
        tx_wire_timer(dev);
        break;
    case T_PAUSE:
        flow_resume(dev);
        break;
    case T_ENERGY:
        phy_energy_timer(dev);
        break;
    case TIMERS:
        break;
    }
}

/* Timers due at the same time fire in the order of enum timer, so a run never depends on chance. */
void e1000_advance(struct e1000 *dev, uint64_t now_ns)
{
    while (dev->next_ns <= now_ns && dev->next_ns != E1000_NEVER) {
        enum timer t = 0;

        while (dev->deadline[t] != dev->next_ns)
            t++;
        ASSERT(t < TIMERS);
        if (dev->next_ns > dev->now_ns)
            dev->now_ns = dev->next_ns;
        dev->deadline[t] = E1000_NEVER;
        find_next(dev);
        fire(dev, t);
    }
    if (now_ns > dev->now_ns)
        dev->now_ns = now_ns;
}

uint64_t e1000_next_event(const struct e1000 *dev)
{
    return dev->next_ns;
}
uint64_t e1000_now(const struct e1000 *dev)
{
    return dev->now_ns;
}
bool e1000_irq_asserted(const struct e1000 *dev)
{
    return dev->irq.asserted;
}

/* ---- bus cycles ---- */

bool dma_ready(const struct e1000 *dev)
{
    return (pci_command(dev) & 4) != 0 && !pci_d3(dev) && dev->power_good && !dev->rst_asserted;
}

static void trace_dma(struct e1000 *dev, enum e1000_event_kind kind, enum e1000_object what, uint32_t index,
                      uint64_t addr, const void *data, uint32_t len, bool ok)
{
    const bool desc = what == E1000_OBJ_TXD || what == E1000_OBJ_RXD;
    struct e1000_event ev = {.kind = kind,
                             .object = (uint8_t)what,
                             .index = index,
                             .addr = addr,
                             .data = data,
                             .len = len,
                             .failed = !ok,
                             .count = desc ? (len + DESC_BYTES - 1) / DESC_BYTES : 1};

    trace_event(dev, &ev);
}

void dma_refused(struct e1000 *dev, uint64_t addr)
{
    pci_master_abort(dev);
    bad(dev, RULE_MASTER_ABORT, "DMA", (uint32_t)addr);
}

bool dma_read(struct e1000 *dev, enum e1000_object what, uint32_t index, uint64_t addr, void *to, uint32_t len)
{
    const bool ok = dev->host.dma_read(dev->host.ctx, addr, to, len);

    if (tracing(dev))
        trace_dma(dev, E1000_EV_DMA_READ, what, index, addr, to, ok ? len : 0, ok);
    if (!ok)
        dma_refused(dev, addr);
    return ok;
}

bool dma_write(struct e1000 *dev, enum e1000_object what, uint32_t index, uint64_t addr, const void *from, uint32_t len)
{
    const bool ok = dev->host.dma_write(dev->host.ctx, addr, from, len);

    if (tracing(dev))
        trace_dma(dev, E1000_EV_DMA_WRITE, what, index, addr, from, len, ok);
    if (!ok)
        dma_refused(dev, addr);
    return ok;
}

/*
 * deferred() for a write-back of used descriptors that no doorbell has asked for. [4.1, 3.2.7.1.1 silent] Without bus
 * mastering there is no cycle and so no interrupt behind it: both come when mastering is allowed again. An interrupt
 * that has nothing to write back before it needs no cycle.
 */
bool waits_for_bus(struct e1000 *dev, enum work work, uint32_t used)
{
    if (dma_ready(dev))
        return deferred(dev, work);
    if (used > 0)
        dev->work |= work;
    return used > 0;
}

static uint32_t work_now(const struct e1000 *dev)
{
    return dma_ready(dev) ? dev->work : dev->work & ~(uint32_t)WORK_OF_BUS;
}

bool e1000_dma_waits(const struct e1000 *dev)
{
    return dev->board.defer_dma && work_now(dev) != 0;
}

/* Bus mastering is allowed again. */
void dma_resume(struct e1000 *dev)
{
    irq_update(dev); /* a message may have waited */
    if (!dev->board.defer_dma)
        e1000_dma(dev);
    rx_run(dev);
    tx_run(dev);
}

void e1000_dma(struct e1000 *dev)
{
    const uint32_t work = work_now(dev);

    dev->work &= ~work;
    dev->dma_now = true;
    if ((work & WORK_RX_ALL) != 0)
        rx_work(dev, work);
    if ((work & WORK_TX_ALL) != 0)
        tx_work(dev, work);
    dev->dma_now = false;
}

/* ---- events ---- */

void trace_event(struct e1000 *dev, struct e1000_event *event)
{
    event->at_ns = dev->now_ns;
    dev->host.trace(dev->host.ctx, event);
}

void trace_frame(struct e1000 *dev, bool out, const struct e1000_frame *frame)
{
    struct e1000_event ev = {
        .kind = out ? E1000_EV_FRAME_OUT : E1000_EV_FRAME_IN, .frame = frame, .len = frame->length};

    trace_event(dev, &ev);
}

void trace_drop(struct e1000 *dev, uint32_t len, const char *why, const char *section)
{
    struct e1000_event ev = {.kind = E1000_EV_DROP, .len = len, .text = why, .section = section};

    if (tracing(dev))
        trace_event(dev, &ev);
}

static const struct e1000_rule rules[RULES] = {
#define RULE(id, name, manual, text) {name, manual, text},
#include "rules.def"
};

size_t e1000_rule_count(void)
{
    return RULES;
}
const struct e1000_rule *e1000_rule(size_t n)
{
    return n < RULES ? &rules[n] : NULL;
}

void bad(struct e1000 *dev, enum rule_id rule, const char *what, uint32_t value)
{
    struct e1000_event ev = {.kind = E1000_EV_BAD, .rule = &rules[rule], .text = what, .value = value};

    if (tracing(dev))
        trace_event(dev, &ev);
}

/* The same of a register of the table, by its name. */
void bad_at(struct e1000 *dev, enum rule_id rule, const struct e1000_reg *reg, uint32_t index, uint32_t offset)
{
    struct e1000_event ev = {.kind = E1000_EV_BAD, .rule = &rules[rule], .reg = reg, .index = index, .value = offset};

    if (tracing(dev))
        trace_event(dev, &ev);
}
