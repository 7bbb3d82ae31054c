/*
 * device.c - the 82540EM behind the server
 */
#include "device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../model/e1000_trace.h"
#include "dma.h"
#include "irqs.h"
#include "loop.h"
#include "net.h"
#include "protocol.h"
#include "record.h"
#include "rings.h"
#include "transfer.h"

#define SECOND_NS UINT64_C(1000000000)
#define POWER_UP_NS (10 * SECOND_NS) /* before the machine looks at us: the cable is up by then */
#define RULES_MAX 256u
#define IOV_ROOM 64u     /* parts of a frame; more than the device makes */
#define FRAME_ROOM 2048u /* in the receive FIFO, for the next frame to be welcome */

struct device {
    struct loop *loop;
    struct net *net;
    struct net_receiver receiver;
    struct e1000 *dev;     /* NULL: no client, no power */
    void *storage, *aside; /* aside: as it was before a piece of work is tried */
    struct e1000_host host;
    struct e1000_config board;
    struct e1000_partner partner;
    bool plugged;
    uint16_t eeprom[256];
    bool stopped;
    uint64_t leap_ns; /* device time is the loop's plus this; only this while it is stopped */

    struct dma dma;
    struct rings rings;
    struct irqs irqs;
    struct transfer *transfer;
    bool trying;         /* what the device does now has no effects outside */
    bool by_messages;    /* its memory accesses go through transfer */
    bool pme;            /* asserted */
    uint32_t seen_early; /* causes that the driver has read before memory was as they say */
    bool quiet;          /* an access of our own: not the driver's */

    struct loop_timer timer;
    uint64_t armed_ns; /* when the timer is due; LOOP_NEVER: it is not */
    bool stalled;      /* the back end has been told to wait */

    struct record *record;
    FILE *trace;
    bool lint, exact;
    struct e1000_lines lines;
    uint64_t broken[RULES_MAX];
    uint64_t mistakes, frames_out, bytes_out, frames_in, bytes_in, missed;
};

/* ---- what the device asks for ------------------------------------------------------------------ */

static bool dma_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    struct device *const d = ctx;
    const bool good = d->by_messages ? transfer_read(d->transfer, addr, to, len) : dma_copy_in(&d->dma, addr, to, len);

    if (!d->trying)
        record_dma_read(d->record, addr, to, len, good);
    return good;
}

static bool dma_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    struct device *const d = ctx;
    const bool good =
        d->by_messages ? transfer_write(d->transfer, addr, from, len) : dma_copy_out(&d->dma, addr, from, len);

    if (!d->trying)
        record_dma_write(d->record, addr, len, good);
    return good;
}

static void *dma_map(void *ctx, uint64_t addr, size_t len, bool for_write)
{
    struct device *const d = ctx;

    return d->by_messages ? NULL : dma_at(&d->dma, addr, len, for_write ? VU_DMA_WRITABLE : VU_DMA_READABLE);
}

_Static_assert(sizeof(struct e1000_iov) == sizeof(struct iovec), "one is passed on as the other");

/* What the device leaves to the host, in the network's words. */
static void leave_to_net(const struct e1000_frame *frame, struct net_packet *packet)
{
    if ((frame->offloads & E1000_OFFLOAD_CHECKSUM) != 0) {
        packet->needs_csum = true;
        packet->csum_start = frame->csum_start;
        packet->csum_offset = frame->csum_offset;
    }
    if ((frame->offloads & E1000_OFFLOAD_TSO) != 0) {
        packet->gso_type = frame->ip == 4 ? NET_GSO_TCP4 : NET_GSO_TCP6;
        packet->gso_size = frame->segment;
        packet->header_len = frame->header;
    }
}

static void frame_out(void *ctx, const struct e1000_frame *frame)
{
    struct device *const d = ctx;
    struct iovec iov[IOV_ROOM];
    struct net_packet packet = {.iov = iov, .iovcnt = frame->iovcnt, .len = frame->length};

    if (d->trying)
        return;
    d->frames_out++;
    d->bytes_out += frame->length;
    if (d->net == NULL || frame->iovcnt > IOV_ROOM)
        return;
    for (unsigned i = 0; i < frame->iovcnt; i++)
        iov[i] = (struct iovec){(void *)(uintptr_t)frame->iov[i].base, frame->iov[i].len};
    leave_to_net(frame, &packet);
    net_send(d->net, &packet);
}

static void irq_line(void *ctx, bool asserted)
{
    struct device *const d = ctx;

    if (!d->trying)
        irqs_level(&d->irqs, asserted);
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
    struct device *const d = ctx;

    (void)addr, (void)data; /* the client has seen them being written */
    if (!d->trying)
        irqs_message(&d->irqs);
}

static void pme(void *ctx, bool asserted)
{
    struct device *const d = ctx;

    if (!d->trying)
        d->pme = asserted;
}

/* ---- what is written down ---------------------------------------------------------------------- */

static void mistake(struct device *d, const struct e1000_event *event)
{
    const struct e1000_rule *const first = e1000_rule(0);
    const size_t n = (size_t)(event->rule - first);

    d->mistakes++;
    if (n >= RULES_MAX || d->broken[n]++ != 0 || !d->lint)
        return;
    fprintf(stderr, "lint: [%s] %s: %s (%s %08x)\n", event->rule->manual, event->rule->name, event->rule->text,
            event->text != NULL  ? event->text
            : event->reg != NULL ? event->reg->name
                                 : "access",
            event->value);
}

static void on_event(void *ctx, const struct e1000_event *event)
{
    struct device *const d = ctx;

    if (d->trying || (d->quiet && event->kind == E1000_EV_REG_WRITE))
        return;
    if (event->kind == E1000_EV_BAD)
        mistake(d, event);
    if (d->trace != NULL)
        e1000_lines_add(&d->lines, event);
}

static void on_line(void *ctx, const char *line)
{
    const struct device *const d = ctx;

    if (d->trace != NULL)
        fprintf(d->trace, "%s\n", line);
}

void device_trace(struct device *d, FILE *trace)
{
    e1000_lines_flush(&d->lines);
    d->trace = trace;
}

static void sum_up(const struct device *d)
{
    if (!d->lint)
        return;
    for (size_t n = 0; n < RULES_MAX && n < e1000_rule_count(); n++)
        if (d->broken[n] != 0)
            fprintf(stderr, "lint: %8llu x [%s] %s\n", (unsigned long long)d->broken[n], e1000_rule(n)->manual,
                    e1000_rule(n)->name);
    if (d->mistakes == 0)
        fputs("lint: no mistake seen\n", stderr);
}

/* ---- time ---------------------------------------------------------------------------------------- */

/* The clock that device time follows. */
static uint64_t clock_of(const struct device *d)
{
    return d->stopped ? 0 : loop_now();
}

static uint64_t now(const struct device *d)
{
    return clock_of(d) + d->leap_ns;
}

static void catch_up(struct device *d)
{
    const uint64_t time = now(d);

    record_advance(d->record, time);
    e1000_advance(d->dev, time);
    record_done(d->record, 0);
}

/* A timer that is due too early costs a look at the clock, setting it anew a system call. */
static void arm(struct device *d)
{
    const uint64_t next = d->dev != NULL ? e1000_next_event(d->dev) : E1000_NEVER;
    const uint64_t clock = loop_now(), time = now(d);
    const uint64_t at = next == E1000_NEVER ? LOOP_NEVER : next > time ? clock + (next - time) : clock;

    if (at >= d->armed_ns || (d->stopped && next > time))
        return;
    d->armed_ns = at;
    loop_timer_set(d->loop, &d->timer, at);
}

static void on_timer(void *ctx)
{
    struct device *const d = ctx;

    d->armed_ns = LOOP_NEVER;
    if (d->dev != NULL)
        catch_up(d);
}

/* ---- memory ---------------------------------------------------------------------------------------- */

/* Acknowledged: memory is now as the interrupt says, also for a driver that has looked too early. */
static void settled(struct device *d)
{
    if (d->seen_early != 0) {
        d->quiet = true;
        record_access(d->record, RECORD_OWN_WRITE, E1000_BAR_MEM, E1000_ICS, 4, d->seen_early);
        e1000_write32(d->dev, E1000_ICS, d->seen_early);
        record_done(d->record, 0);
        d->quiet = false;
        d->seen_early = 0;
    }
    irqs_hold(&d->irqs, false);
}

/* In earnest, with all that comes of it outside. */
static void do_dma(struct device *d)
{
    record_dma(d->record);
    e1000_dma(d->dev);
    record_done(d->record, 0);
}

/* A piece of work where memory comes in messages: once for what is missing, once in earnest. */
static void work_by_messages(struct device *d)
{
    d->by_messages = true;
    memcpy(d->aside, d->storage, E1000_STORAGE_BYTES);
    d->trying = true;
    transfer_begin(d->transfer);
    e1000_dma(d->dev);
    d->trying = false;
    memcpy(d->storage, d->aside, E1000_STORAGE_BYTES);
    if (!transfer_missing(d->transfer)) {
        irqs_hold(&d->irqs, true);
        transfer_begin(d->transfer);
        do_dma(d);
        transfer_commit(d->transfer);
        if (transfer_idle(d->transfer))
            settled(d);
    }
    d->by_messages = false;
}

/* Maps or registers are others now: what was read or looked at is not good any more. */
static void forget_memory(struct device *d)
{
    transfer_forget(d->transfer);
    d->rings = (struct rings){.tx = {.known = false}};
}

/* Is the next piece of work one by messages? Once one was, all are, until the client goes. */
static bool needs_messages(struct device *d)
{
    if (d->dma.some_without && !d->dma.by_messages) {
        d->trying = true; /* reading registers of rings changes nothing */
        d->dma.by_messages = d->dma.met_message = rings_lead_to_messages(&d->rings, d->dev, &d->dma);
        d->trying = false;
    }
    return d->dma.by_messages;
}

/* True: there is more to do. */
static bool on_idle(void *ctx)
{
    struct device *const d = ctx;
    bool more = false;

    if (d->dev == NULL)
        return false;
    if (e1000_dma_waits(d->dev) && transfer_idle(d->transfer)) {
        if (needs_messages(d))
            work_by_messages(d);
        else
            do_dma(d);
        more = e1000_dma_waits(d->dev) && transfer_idle(d->transfer);
    }
    if (d->stalled && e1000_receive_room(d->dev) >= FRAME_ROOM) {
        d->stalled = false;
        if (d->net != NULL)
            net_resume(d->net);
        more = more || e1000_dma_waits(d->dev);
    }
    arm(d);
    return more;
}

void device_dma_changed(struct device *d)
{
    forget_memory(d);
}

void device_dma_limit(struct device *d, uint32_t bytes)
{
    transfer_limit(d->transfer, bytes);
}

void device_dma_reply(struct device *d, uint16_t id, bool failed, const uint8_t *data, size_t len)
{
    const bool busy = !transfer_idle(d->transfer);

    transfer_reply(d->transfer, id, failed, data, len);
    if (busy && transfer_idle(d->transfer))
        settled(d);
}

/* ---- frames ------------------------------------------------------------------------------------ */

static void frame_in(struct device *d, const struct iovec *frame, uint32_t flags)
{
    record_frame(d->record, frame->iov_base, frame->iov_len, flags);
    e1000_frame_in(d->dev, frame->iov_base, frame->iov_len, flags);
    record_done(d->record, 0);
}

/* Reading these registers changes nothing, and leaves no line in the trace. */
static uint32_t register_of(struct device *d, uint32_t offset)
{
    const bool before = d->trying;
    uint32_t value;

    d->trying = true;
    value = e1000_read32(d->dev, offset);
    d->trying = before;
    return value;
}

static bool hears(struct device *d, uint32_t rctl)
{
    struct e1000_link link;

    e1000_link_state(d->dev, &link);
    return link.mac_up && E1000_GET(rctl, RCTL, EN) != 0;
}

static bool on_listening(void *ctx)
{
    struct device *const d = ctx;

    return d->dev != NULL && hears(d, register_of(d, E1000_RCTL));
}

/*
 * Whether the device is going to lose this one: its receiver is off, or its FIFO has no room; there a frame has
 * whole words of 8 bytes, and one more. Address filters are not looked at.
 */
static bool will_miss(struct device *d, size_t len)
{
    const uint32_t rctl = register_of(d, E1000_RCTL);

    len += E1000_GET(rctl, RCTL, SECRC) != 0 ? 0 : 4;
    return !hears(d, rctl) || e1000_receive_room(d->dev) < 8 + (len + 7) / 8 * 8;
}

static void on_packet(void *ctx, const struct net_packet *packet)
{
    struct device *const d = ctx;
    uint32_t flags;

    if (packet->iovcnt != 1)
        return;
    if (d->dev == NULL) {
        d->missed++;
        return;
    }
    flags = packet->csum_valid ? E1000_FRAME_CHECKED : 0;
    d->frames_in++;
    d->bytes_in += packet->len;
    catch_up(d);
    if (needs_messages(d) || !transfer_idle(d->transfer)) {
        d->missed += will_miss(d, packet->len);
        frame_in(d, &packet->iov[0], flags | E1000_FRAME_LATER);
        return;
    }
    if (e1000_dma_waits(d->dev)) /* descriptors, perhaps for this very frame */
        do_dma(d);
    d->missed += will_miss(d, packet->len);
    frame_in(d, &packet->iov[0], flags);
}

static bool on_ready(void *ctx)
{
    struct device *const d = ctx;

    d->stalled = d->dev != NULL && e1000_receive_room(d->dev) < FRAME_ROOM;
    return !d->stalled;
}

const struct net_receiver *device_receiver(struct device *d)
{
    return &d->receiver;
}

void device_net(struct device *d, struct net *net)
{
    const unsigned can = net != NULL && !d->exact ? net_can(net) : 0;

    d->net = net;
    d->host.offloads &= ~(uint32_t)(E1000_OFFLOAD_CHECKSUM | E1000_OFFLOAD_TSO); /* from the next client on */
    if ((can & NET_CAN_CSUM) != 0)
        d->host.offloads |= E1000_OFFLOAD_CHECKSUM;
    if ((can & NET_CAN_CSUM) != 0 && (can & NET_CAN_TSO4) != 0 && (can & NET_CAN_TSO6) != 0)
        d->host.offloads |= E1000_OFFLOAD_TSO;
}

static void plug(struct device *d)
{
    const struct e1000_partner *const partner = d->plugged ? &d->partner : NULL;

    record_partner(d->record, partner);
    e1000_partner(d->dev, partner);
    record_done(d->record, 0);
}

void device_partner(struct device *d, const struct e1000_partner *partner)
{
    d->plugged = partner != NULL;
    if (d->plugged)
        d->partner = *partner;
    if (d->dev == NULL)
        return;
    catch_up(d);
    plug(d);
}

void device_wire_fault(struct device *d, enum e1000_wire_fault fault)
{
    if (d->dev == NULL)
        return;
    catch_up(d);
    record_fault(d->record, fault);
    e1000_wire_fault(d->dev, fault);
    record_done(d->record, 0);
}

void device_collide(struct device *d, uint32_t attempts, bool late)
{
    if (d->dev == NULL)
        return;
    catch_up(d);
    record_collide(d->record, attempts, late);
    e1000_collide(d->dev, attempts, late);
    record_done(d->record, 0);
}

void device_pins(struct device *d, struct device_pins *pins)
{
    *pins = (struct device_pins){.pme = d->pme, .leds_next = DEVICE_NEVER};
    if (d->dev == NULL)
        return;
    catch_up(d);
    pins->leds = e1000_leds(d->dev);
    pins->leds_next = e1000_leds_next(d->dev);
    if (pins->leds_next != E1000_NEVER)
        pins->leds_next -= now(d);
    pins->sdp = e1000_sdp_out(d->dev);
}

/* ---- the bus ----------------------------------------------------------------------------------- */

void device_leap(struct device *d, uint64_t ns)
{
    d->leap_ns += ns;
    catch_up(d);
}

void device_stop(struct device *d)
{
    d->leap_ns = now(d);
    d->stopped = true;
}

void device_go(struct device *d)
{
    const uint64_t time = now(d);

    d->stopped = false;
    d->leap_ns = time - loop_now(); /* modulo 2^64 */
    arm(d);
}

uint64_t device_pass(struct device *d, uint64_t ns)
{
    uint64_t next;

    if (d->dev == NULL)
        return DEVICE_NEVER;
    device_leap(d, ns);
    if (e1000_dma_waits(d->dev) || !transfer_idle(d->transfer))
        return 0;
    next = e1000_next_event(d->dev);
    return next == E1000_NEVER ? DEVICE_NEVER : next > now(d) ? next - now(d) : 0;
}

void device_connect(struct device *d, const struct transfer_wire *wire)
{
    transfer_connect(d->transfer, wire);
    d->leap_ns = POWER_UP_NS - clock_of(d); /* the device's time begins with its power, modulo 2^64 */
    e1000_lines_flush(&d->lines);
    d->lines = (struct e1000_lines){.ctx = d, .line = on_line};
    record_board(d->record, &d->board, d->host.offloads);
    d->dev = d->storage; /* events come before e1000_init() returns */
    d->dev = e1000_init(d->storage, E1000_STORAGE_BYTES, &d->host, &d->board);
    record_done(d->record, 0);
    plug(d);
    catch_up(d);
}

void device_disconnect(struct device *d)
{
    if (d->dev == NULL)
        return;
    d->dev = NULL;
    d->pme = false;
    d->stalled = false;
    d->seen_early = 0;
    forget_memory(d);
    transfer_clear(d->transfer);
    irqs_clear(&d->irqs);
    dma_clear(&d->dma);
    e1000_lines_flush(&d->lines);
    if (d->trace != NULL)
        fflush(d->trace);
}

static void pci_reset(struct device *d, bool low)
{
    record_pin(d->record, RECORD_PCI_RESET, low);
    e1000_pci_reset(d->dev, low);
    record_done(d->record, 0);
}

void device_reset(struct device *d)
{
    forget_memory(d);
    d->seen_early = 0;
    catch_up(d);
    pci_reset(d, true);
    irqs_reset(&d->irqs);
    pci_reset(d, false);
    device_leap(d, SECOND_NS); /* [6.3.1] the EEPROM has been read before the first access */
}

/* BAR number n of configuration space; E1000_BARS: there is none. */
static enum e1000_bar bar_of(const struct device *d, unsigned index, struct e1000_bar_info *info)
{
    enum e1000_bar bar = E1000_BAR_MEM;

    for (; bar < E1000_BARS; bar++) {
        e1000_bar_info(d->dev, bar, info);
        if (info->size != 0 &&
            (bar == E1000_BAR_ROM ? index == VU_ROM : index < 6 && info->config_offset == 0x10 + 4 * index))
            break;
    }
    return bar;
}

void device_region(struct device *d, unsigned index, struct vu_region_info *info)
{
    struct e1000_bar_info bar;

    if (index == VU_CONFIG) {
        info->size = 256;
        info->flags = VU_REGION_READABLE | VU_REGION_WRITABLE;
    } else if (bar_of(d, index, &bar) != E1000_BARS) {
        info->size = bar.size;
        info->flags = VU_REGION_READABLE | (index == VU_ROM ? 0 : VU_REGION_WRITABLE);
    }
}

/* The widest access from here: aligned as a bus does it. */
static unsigned width(uint64_t offset, uint32_t left, unsigned most)
{
    unsigned size = most;

    while (size > left || offset % size != 0)
        size /= 2;
    return size;
}

static void put_bytes(uint8_t *to, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* 0, and which BAR it is; configuration space is E1000_BARS. */
static int check_access(struct device *d, unsigned region, uint64_t offset, uint32_t count, enum e1000_bar *bar,
                        unsigned *most)
{
    struct vu_region_info info = {.size = 0};
    struct e1000_bar_info what;

    device_region(d, region, &info);
    if (info.size == 0 || offset > info.size || count > info.size - offset)
        return EINVAL;
    *bar = region == VU_CONFIG ? E1000_BARS : bar_of(d, region, &what);
    *most = *bar == E1000_BAR_MEM || *bar == E1000_BAR_FLASH ? 8 : 4;
    catch_up(d);
    return 0;
}

/*
 * [7.3] Between a write to memory and its acknowledgement the driver may ask for the causes, and would look
 * for what is not there yet: it is told again.
 */
static void read_early(struct device *d, enum e1000_bar bar, uint64_t offset, uint64_t value)
{
    if (bar == E1000_BAR_MEM && (offset & ~UINT64_C(3)) == E1000_ICR && d->irqs.held)
        d->seen_early |= (uint32_t)value;
}

int device_read(struct device *d, unsigned region, uint64_t offset, uint8_t *to, uint32_t count)
{
    enum e1000_bar bar;
    unsigned most, size;
    const int error = check_access(d, region, offset, count, &bar, &most);

    if (error != 0)
        return error;
    if (bar == E1000_BAR_ROM) { /* all of the chip, whether the window is open or not */
        memset(to, 0xff, count);
        if (d->board.flash != NULL && offset < d->board.flash_bytes)
            memcpy(to, d->board.flash + offset,
                   count < d->board.flash_bytes - offset ? count : (size_t)(d->board.flash_bytes - offset));
        return 0;
    }
    for (; count > 0; offset += size, to += size, count -= size) {
        uint64_t value;

        size = width(offset, count, most);
        record_access(d->record, bar == E1000_BARS ? RECORD_CONFIG_READ : RECORD_BAR_READ, bar, (uint32_t)offset, size,
                      0);
        value = bar == E1000_BARS ? e1000_config_read(d->dev, (unsigned)offset, size)
                                  : e1000_bar_read(d->dev, bar, (uint32_t)offset, size);
        record_done(d->record, value);
        read_early(d, bar, offset, value);
        put_bytes(to, size, value);
    }
    return 0;
}

/* Registers whose writes leave alone what the device has been told about memory. */
static bool harmless(enum e1000_bar bar, uint64_t offset)
{
    return bar == E1000_BAR_MEM &&
           (offset == E1000_TDT || offset == E1000_RDT || offset == E1000_ICR || offset == E1000_ITR ||
            offset == E1000_ICS || offset == E1000_IMS || offset == E1000_IMC || offset == E1000_MDIC);
}

int device_write(struct device *d, unsigned region, uint64_t offset, const uint8_t *from, uint32_t count)
{
    enum e1000_bar bar;
    unsigned most, size;
    const int error = check_access(d, region, offset, count, &bar, &most);

    if (error != 0)
        return error;
    if (bar == E1000_BAR_ROM)
        return EINVAL;
    for (; count > 0; offset += size, from += size, count -= size) {
        size = width(offset, count, most);
        if (!harmless(bar, offset))
            forget_memory(d);
        record_access(d->record, bar == E1000_BARS ? RECORD_CONFIG_WRITE : RECORD_BAR_WRITE, bar, (uint32_t)offset,
                      size, vu_little(from, size));
        if (bar == E1000_BARS)
            e1000_config_write(d->dev, (unsigned)offset, size, (uint32_t)vu_little(from, size));
        else
            e1000_bar_write(d->dev, bar, (uint32_t)offset, size, vu_little(from, size));
        record_done(d->record, 0);
    }
    return 0;
}

struct dma *device_dma(struct device *d)
{
    return &d->dma;
}

struct irqs *device_irqs(struct device *d)
{
    return &d->irqs;
}

void device_link_state(const struct device *d, struct e1000_link *link)
{
    *link = (struct e1000_link){.phy_up = false};
    if (d->dev != NULL)
        e1000_link_state(d->dev, link);
}

void device_stats(struct device *d, struct device_stats *stats)
{
    *stats = (struct device_stats){.powered = d->dev != NULL,
                                   .irq = d->irqs.level,
                                   .irqs = d->irqs.raised,
                                   .frames_out = d->frames_out,
                                   .bytes_out = d->bytes_out,
                                   .frames_in = d->frames_in,
                                   .bytes_in = d->bytes_in,
                                   .missed = d->missed,
                                   .mistakes = d->mistakes};
    device_link_state(d, &stats->link);
}

/* ---- the board --------------------------------------------------------------------------------- */

/* A plain desktop board's words [5.6]: what is not listed is FFFFh. */
static void plain_eeprom(uint16_t *word, const uint8_t mac[6], uint32_t rom_bytes)
{
    static const struct {
        uint8_t at;
        uint16_t value;
    } plain[] = {
        {0x03, 0x0204}, /* client card, this part's default [5.6.2] */
        {0x05, 0x0000}, {0x06, 0x0000}, {0x07, 0x0000}, {0x08, 0x0e10}, {0x09, 0x0001}, /* for people */
        {0x0a, 0x6c0b}, /* [5.6.7] valid, 32-bit BARs, full duplex, power management, IDs from here */
        {0x0b, 0x001e}, {0x0c, 0x8086}, {0x0d, 0x100e}, {0x0e, 0x8086}, /* PRO/1000 MT Desktop Adapter */
        {0x12, 0x0000}, {0x20, 0x0000}, {0x21, 0x7061}, {0x22, 0x280c}, {0x23, 0x0000}, /* power, pins */
        {0x25, 0},      {0x26, 0},      {0x27, 0},      {0x28, 0},      {0x29, 0},      {0x2a, 0},
        {0x2b, 0},      {0x2c, 0},      {0x2d, 0},      {0x2e, 0},      {0x2f, 0x0602}, /* LEDs: link up, link at 100
                                                                                           [5.6.29] */
        {0x30, 0x8100},                                                                 /* no boot agent [5.6.30] */
    };
    unsigned code = 0;
    uint16_t sum = 0;

    memset(word, 0xff, 64 * sizeof word[0]);
    for (unsigned i = 0; i < 3; i++)
        word[i] = (uint16_t)(mac[2 * i] | mac[2 * i + 1] << 8); /* [5.6.1] */
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        word[plain[i].at] = plain[i].value;
    while (code < 3 && (0x10000u << code) < rom_bytes)
        code++;
    word[0x0f] = (uint16_t)(0x3000 | code << 9);   /* [5.6.12] pause both ways, size of the flash, MSI */
    word[0x24] = rom_bytes != 0 ? 0x00c8 : 0x08c8; /* [5.6.25] with or without flash */
    for (unsigned i = 0; i < 0x3f; i++)
        sum = (uint16_t)(sum + word[i]);
    word[0x3f] = (uint16_t)(0xbaba - sum); /* [5.6.35] */
}

static bool set_up(struct device *d, const struct device_options *options)
{
    d->storage = malloc(E1000_STORAGE_BYTES);
    d->aside = malloc(E1000_STORAGE_BYTES);
    d->transfer = transfer_new(&d->dma);
    if (d->storage == NULL || d->aside == NULL || d->transfer == NULL)
        return false;
    memset(d->storage, 0, E1000_STORAGE_BYTES);
    if (options->eeprom != NULL)
        memcpy(d->eeprom, options->eeprom,
               (options->eeprom_words < 256 ? options->eeprom_words : 256) * sizeof d->eeprom[0]);
    else
        plain_eeprom(d->eeprom, options->mac, options->rom_bytes);
    d->board = (struct e1000_config){.eeprom = d->eeprom,
                                     .eeprom_words = options->eeprom != NULL ? options->eeprom_words : 64,
                                     .revision = 2,
                                     .line_rate = options->line_rate,
                                     .defer_dma = true,
                                     .flash = options->rom,
                                     .flash_bytes = options->rom_bytes};
    d->host = (struct e1000_host){.ctx = d,
                                  .offloads = E1000_OFFLOAD_FCS | (options->exact ? 0 : E1000_OFFLOAD_PACKET_CHECKSUM),
                                  .dma_read = dma_read,
                                  .dma_write = dma_write,
                                  /* Written down, every answer of memory has to pass by here. */
                                  .dma_map = options->record != NULL ? NULL : dma_map,
                                  .frame_out = frame_out,
                                  .irq_line = irq_line,
                                  .msi = msi,
                                  .pme = pme,
                                  .trace = options->trace != NULL || options->lint ? on_event : NULL};
    return true;
}

static void free_all(struct device *d)
{
    if (d == NULL)
        return;
    transfer_free(d->transfer);
    free(d->storage);
    free(d->aside);
    free(d);
}

struct device *device_new(struct loop *loop, const struct device_options *options, char *why, size_t size)
{
    struct device *const d = calloc(1, sizeof *d);

    if (d == NULL || !set_up(d, options) || loop_add_idle(loop, on_idle, d) != 0) {
        snprintf(why, size, "not enough memory for the device");
        free_all(d);
        return NULL;
    }
    d->loop = loop;
    d->trace = options->trace;
    d->lines = (struct e1000_lines){.ctx = d, .line = on_line};
    d->record = options->record;
    d->lint = options->lint;
    d->exact = options->exact;
    d->armed_ns = LOOP_NEVER;
    d->timer = (struct loop_timer){.fn = on_timer, .ctx = d};
    d->receiver = (struct net_receiver){.ctx = d, .packet = on_packet, .ready = on_ready, .listening = on_listening};
    d->plugged = true;
    d->partner = (struct e1000_partner){.autoneg = true,
                                        .base_page = 0x01e0,
                                        .gigabit_full = true,
                                        .pairs = 4}; /* all speeds, no pause: nobody there obeys */
    irqs_init(&d->irqs);
    dma_watch(&d->dma);
    return d;
}

void device_free(struct device *d)
{
    if (d == NULL)
        return;
    device_disconnect(d);
    sum_up(d);
    free_all(d);
}
