/*
 * tx.c - transmit: descriptors to frames, frames to the wire
 *
 * Manual  3.3 descriptors, 3.4 ring, 13.4.33 TCTL, 13.4.34 TIPG, 13.4.36-45, 13.7.40-52 counters
 * Called  by regs.c for the transmit registers; by link.c and pci.c when sending becomes possible
 * Calls   ring.c, fifo.c, irq_raise, host->frame_out
 *
 * One way through: tx_run takes descriptors, gathers their data behind the last frame of the transmit
 * FIFO (or leaves it in guest memory where the host maps that and the wire is free), and drain sends.
 */
#include "core.h"

#include <string.h>

enum { /* legacy descriptor, bytes and bits [3.3.3] */
       TXD_LENGTH = 8,
       TXD_CMD = 11,
       TXD_STA = 12,
       CMD_EOP = 0x01,
       CMD_IFCS = 0x02,
       CMD_RS = 0x08,
       CMD_DEXT = 0x20,
       CMD_IDE = 0x80,
       STA_DD = 0x01,
       DTYP_DATA = 0x10, /* byte 10, high nibble [3.3.7] */
};

enum { FIFO_IFCS = 1 }; /* append the FCS on the way out */

#define PREAMBLE_BYTES 8u /* with the start delimiter */
#define IPG_HARDWARE 4u   /* [13.4.34] clocks that hardware adds to IPGT */

static const uint8_t zeros[MIN_FRAME];

/* ---- the ring ---- */

static bool get_ring(const struct e1000 *dev, struct ring *ring)
{
    ring->base = dev->r[R_TDBAL] | (uint64_t)dev->r[R_TDBAH] << 32;
    ring->entries = dev->r[R_TDLEN] / DESC_BYTES;
    ring->head = dev->r[R_TDH];
    ring->tail = dev->r[R_TDT];
    return ring->head < ring->entries && ring->tail < ring->entries;
}

static void report_ring(struct e1000 *dev)
{
    const uint32_t entries = dev->r[R_TDLEN] / DESC_BYTES;

    if (entries == 0)
        bad(dev, RULE_NO_RING, "TDLEN", 0);
    else if (dev->r[R_TDT] >= entries)
        bad(dev, RULE_TAIL_OUTSIDE, "TDT", dev->r[R_TDT]);
    else if (dev->r[R_TDH] >= entries)
        bad(dev, RULE_HEAD_OUTSIDE, "TDH", dev->r[R_TDH]);
    if (!dma_ready(dev))
        bad(dev, RULE_NO_BUS_MASTER, "TDT", dev->r[R_TDT]);
}

/* ---- out to the wire ---- */

static bool may_send(const struct e1000 *dev)
{
    return dev->link.up && BIT_OF(dev, TCTL, EN);
}

static uint32_t byte_ns(const struct e1000 *dev)
{
    return dev->link.speed == 10 ? 800 : dev->link.speed == 100 ? 80 : 8;
}

static void count_tally(struct e1000 *dev, const struct tally *t)
{
    uint32_t all = 0;

    for (unsigned bin = 0; bin < STAT_BINS; bin++) {
        stat_add(dev, R_PTC64 + bin, t->frames[bin]);
        all += t->frames[bin];
    }
    stat_add(dev, R_TPT, all);
    stat_add(dev, R_GPTC, all);
    stat_add64(dev, R_TOTL, t->octets);
    stat_add64(dev, R_GOTCL, t->octets);
}

/* [13.7.51, 13.7.52; silent] A broadcast counts as broadcast only. */
static void count_group(struct e1000 *dev, const uint8_t *dst)
{
    const bool broadcast = (dst[0] & dst[1] & dst[2] & dst[3] & dst[4] & dst[5]) == 0xff;

    if ((dst[0] & 1) != 0)
        stat_add(dev, broadcast ? R_BPTC : R_MPTC, 1);
}

/* [13.7.40-52] len is the length on the wire. */
static void count_sent(struct e1000 *dev, const uint8_t *dst, uint32_t len)
{
    stat_add(dev, R_TPT, 1);
    stat_add64(dev, R_TOTL, len);
    if (len >= MIN_FRAME) { /* [13.7.45 silent] a short frame belongs to no size */
        stat_add(dev, R_PTC64 + stat_bin(len), 1);
        stat_add(dev, R_GPTC, 1);
        stat_add64(dev, R_GOTCL, len);
    }
    if (dst != NULL)
        count_group(dev, dst);
}

/* iov has room for one more entry. */
static void put_on_wire(struct e1000 *dev, struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs)
{
    struct e1000_frame frame = {.iov = iov, .iovcnt = n, .length = len, .flags = E1000_FRAME_FCS};
    uint8_t fcs[FCS_BYTES];

    if (ifcs && (dev->host.offloads & E1000_OFFLOAD_FCS) != 0) {
        frame.flags = 0;
        frame.offloads = E1000_OFFLOAD_FCS;
    } else if (ifcs) {
        uint32_t crc = UINT32_MAX;

        for (unsigned i = 0; i < n; i++)
            crc = crc32_update(crc, iov[i].base, iov[i].len);
        put32(fcs, ~crc);
        iov[n] = (struct e1000_iov){fcs, sizeof fcs};
        frame.iovcnt = n + 1;
        frame.length += FCS_BYTES;
    }
    if (tracing(dev))
        trace_frame(dev, true, &frame);
    dev->host.frame_out(dev->host.ctx, &frame);
}

/* The six bytes that say where to, gathered in room if they lie in pieces; NULL if there are fewer. */
static const uint8_t *destination(const struct e1000_iov *iov, unsigned n, uint8_t room[6])
{
    size_t have = 0;

    if (iov[0].len >= 6)
        return iov[0].base;
    for (unsigned i = 0; i < n; i++) {
        const size_t take = iov[i].len < 6 - have ? iov[i].len : 6 - have;

        memcpy(room + have, iov[i].base, take);
        have += take;
    }
    return have == 6 ? room : NULL;
}

/* Count it, send it. */
static void send(struct e1000 *dev, struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs)
{
    uint8_t room[6];

    count_sent(dev, destination(iov, n, room), len + (ifcs ? FCS_BYTES : 0));
    put_on_wire(dev, iov, n, len, ifcs);
}

static void send_oldest(struct e1000 *dev)
{
    struct fifo *f = &dev->tx.fifo;
    const struct fifo_frame *frame = fifo_front(f);
    struct e1000_iov iov[3];
    struct span span[2];
    const unsigned n = fifo_spans(dev, f, 0, frame->len, span);

    for (unsigned i = 0; i < n; i++)
        iov[i] = (struct e1000_iov){span[i].at, span[i].len};
    send(dev, iov, n, frame->len, frame->flags & FIFO_IFCS);
    fifo_pop(f);
}

/* Send what the FIFO holds: at once, or each frame in its time on the wire [13.4.34]. */
static void drain(struct e1000 *dev)
{
    const struct fifo_frame *frame;

    while ((frame = fifo_front(&dev->tx.fifo)) != NULL && may_send(dev)) {
        if (dev->board.line_rate) {
            const uint64_t start = dev->tx.wire_free_ns > dev->now_ns ? dev->tx.wire_free_ns : dev->now_ns;
            const uint32_t bytes = PREAMBLE_BYTES + frame->len + ((frame->flags & FIFO_IFCS) != 0 ? FCS_BYTES : 0);

            if (!timer_running(dev, T_TX))
                timer_set(dev, T_TX, start + (uint64_t)bytes * byte_ns(dev));
            return;
        }
        send_oldest(dev);
    }
}

/* The last bit of the oldest frame is out. A frame that lost its link on the way waits for the next. */
void tx_wire_timer(struct e1000 *dev)
{
    if (fifo_front(&dev->tx.fifo) != NULL && dev->link.up) {
        send_oldest(dev);
        dev->tx.wire_free_ns = dev->now_ns + (uint64_t)(FIELD_OF(dev, TIPG, IPGT) + IPG_HARDWARE) * byte_ns(dev);
    }
    drain(dev);
    tx_run(dev);
}

/* ---- gathering a frame ---- */

static void forget_frame(struct e1000 *dev)
{
    dev->tx.length = dev->tx.partial = dev->tx.iovcnt = 0;
    dev->tx.spoiled = false;
}

static void spoil(struct e1000 *dev)
{
    forget_frame(dev);
    dev->tx.spoiled = true;
}

/* Move what lies in guest memory into the FIFO: a pointer is good for this call only. */
static void spill(struct e1000 *dev)
{
    for (unsigned i = 0; i < dev->tx.iovcnt; i++) {
        const struct e1000_iov *v = &dev->tx.iov[i];

        if (!fifo_put(dev, &dev->tx.fifo, dev->tx.partial, v->base, (uint32_t)v->len))
            ASSERT(!"room was checked when the data was taken");
        dev->tx.partial += (uint32_t)v->len;
    }
    dev->tx.iovcnt = 0;
}

static bool take_in_place(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len)
{
    void *p;

    if (dev->host.dma_map == NULL || dev->tx.partial > 0 || dev->tx.iovcnt + 2 >= IOV_MAX || dev->board.line_rate ||
        dev->tx.fifo.count > 0 || !may_send(dev))
        return false;
    p = dev->host.dma_map(dev->host.ctx, addr, len, false);
    if (p == NULL)
        return false;
    dev->tx.iov[dev->tx.iovcnt++] = (struct e1000_iov){p, len};
    if (tracing(dev)) {
        struct e1000_event ev = {.kind = E1000_EV_DMA_READ,
                                 .object = E1000_OBJ_TXBUF,
                                 .index = index,
                                 .addr = addr,
                                 .data = p,
                                 .len = len,
                                 .count = 1};
        trace_event(dev, &ev);
    }
    return true;
}

static bool take_copy(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len)
{
    uint8_t *part[2];
    uint32_t size[2];
    unsigned n;

    spill(dev);
    n = fifo_place(dev, &dev->tx.fifo, dev->tx.partial, len, part, size);
    for (unsigned i = 0; i < n; i++) {
        if (!dma_read(dev, E1000_OBJ_TXBUF, index, addr, part[i], size[i]))
            return false;
        addr += size[i];
    }
    dev->tx.partial += len;
    return true;
}

/* False: the FIFO has no room yet, come back with the same descriptor. */
static bool take(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len)
{
    const uint32_t total = dev->tx.length + len;

    if (dev->tx.spoiled)
        return true;
    if (total > TX_FRAME_MAX || fifo_cost(total + MIN_FRAME) > dev->tx.fifo.size) {
        bad(dev, RULE_FRAME_TOO_LONG, "txd", total);
        spoil(dev);
        return true;
    }
    if (!fifo_room(&dev->tx.fifo, total + MIN_FRAME)) /* MIN_FRAME: for padding */
        return false;
    if (!take_in_place(dev, index, addr, len) && !take_copy(dev, index, addr, len)) {
        spoil(dev); /* [silent] a refused read ends the frame, not the device */
        return true;
    }
    dev->tx.length = total;
    return true;
}

static void end_frame(struct e1000 *dev, uint8_t cmd)
{
    const bool ifcs = (cmd & CMD_IFCS) != 0;
    uint32_t len = dev->tx.length, pad = 0;

    if (dev->tx.spoiled || len == 0) {
        forget_frame(dev);
        return;
    }
    if (BIT_OF(dev, TCTL, PSP) && len + (ifcs ? FCS_BYTES : 0) < MIN_FRAME) /* [13.4.33] */
        pad = MIN_FRAME - (ifcs ? FCS_BYTES : 0) - len;
    len += pad;
    if (dev->tx.iovcnt > 0) {
        if (pad > 0)
            dev->tx.iov[dev->tx.iovcnt++] = (struct e1000_iov){zeros, pad};
        send(dev, dev->tx.iov, dev->tx.iovcnt, len, ifcs);
    } else {
        if (!fifo_put(dev, &dev->tx.fifo, dev->tx.partial, zeros, pad))
            ASSERT(!"room for padding was checked with the data");
        fifo_push(&dev->tx.fifo, len, ifcs ? FIFO_IFCS : 0);
        if (!dev->link.up)
            stat_add(dev, R_DC, 1); /* [13.7.11] deferred: the link is not up */
        drain(dev);
    }
    forget_frame(dev);
}

/* ---- reporting back [3.4.2, 3.4.3] ---- */

static void report(struct e1000 *dev, bool now, bool later)
{
    /* [13.4.41] TIDV 0 is not allowed; we take it as no delay. Linux then leaves IDE out. */
    if (now || (later && FIELD_OF(dev, TIDV, IDV) == 0)) {
        timer_stop(dev, T_TIDV);
        timer_stop(dev, T_TADV);
        irq_raise(dev, E1000_MASK(ICR, TXDW));
    }
}

static void start_delay(struct e1000 *dev)
{
    const uint32_t tidv = FIELD_OF(dev, TIDV, IDV), tadv = FIELD_OF(dev, TADV, IDV);

    if (tidv == 0)
        return;
    timer_set(dev, T_TIDV, dev->now_ns + (uint64_t)tidv * DELAY_UNIT_NS);
    if (tadv != 0 && !timer_running(dev, T_TADV))
        timer_set(dev, T_TADV, dev->now_ns + (uint64_t)tadv * DELAY_UNIT_NS);
}

static uint32_t write_back_threshold(const struct e1000 *dev)
{
    const uint32_t n = ring_threshold(dev, FIELD_OF(dev, TXDCTL, WTHRESH), BIT_OF(dev, TXDCTL, GRAN));

    /* [13.4.43 silent] All of the ring but one is all that a driver can give: it would wait for ever for more. */
    return ring_hold(n, dev->r[R_TDLEN] / DESC_BYTES - 1);
}

static void flush(struct e1000 *dev)
{
    struct ring ring;

    if (dev->tx.cache.used > 0 && get_ring(dev, &ring))
        cache_write_back(dev, &dev->tx.cache, &ring, dev->tx.cache.used, E1000_OBJ_TXD);
}

/* The descriptor is done. Returns what it reports: bit 0 at once, bit 1 after TIDV. */
static void finish(struct e1000 *dev, const struct ring *ring, uint8_t *desc, uint8_t cmd)
{
    struct desc_cache *c = &dev->tx.cache;
    const uint32_t threshold = write_back_threshold(dev);
    const bool rs = (cmd & CMD_RS) != 0, ide = (cmd & CMD_IDE) != 0;
    const uint32_t index = cache_index(c, ring->entries);
    bool now = rs && !ide, later = rs && ide;

    if (later)
        start_delay(dev);
    if (rs)
        desc[TXD_STA] |= STA_DD;
    c->ready--;
    c->used++;
    if (threshold == 0) { /* [3.4.2] the one byte that holds STA */
        if (rs)
            dma_write(dev, E1000_OBJ_TXD, index, ring->base + (uint64_t)index * DESC_BYTES + TXD_STA, desc + TXD_STA,
                      1);
        cache_drop(c, c->used, ring->entries);
    } else if (c->used == 1 && !rs) { /* [13.4.43] accumulation begins with RS */
        cache_drop(c, 1, ring->entries);
    } else if (c->used >= threshold) {
        now |= dev->tx.report_now;
        later |= dev->tx.report_later;
        cache_write_back(dev, c, ring, c->used, E1000_OBJ_TXD);
        dev->tx.report_now = dev->tx.report_later = false;
    } else {
        dev->tx.report_now |= now;
        dev->tx.report_later |= later;
        now = later = false;
    }
    dev->r[R_TDH] = index + 1 == ring->entries ? 0 : index + 1;
    report(dev, now, later);
}

static void delay_over(struct e1000 *dev)
{
    timer_stop(dev, T_TIDV);
    timer_stop(dev, T_TADV);
    flush(dev);
    dev->tx.report_now = dev->tx.report_later = false;
    irq_raise(dev, E1000_MASK(ICR, TXDW));
}

void tx_tidv_timer(struct e1000 *dev)
{
    delay_over(dev);
}
void tx_tadv_timer(struct e1000 *dev)
{
    delay_over(dev);
}

/* ---- descriptors ---- */

/* False: it has to wait for room in the FIFO. */
static bool process(struct e1000 *dev, const struct ring *ring)
{
    uint8_t *desc = cache_next(&dev->tx.cache);
    const uint32_t index = cache_index(&dev->tx.cache, ring->entries);
    const uint8_t cmd = desc[TXD_CMD];
    const uint64_t addr = get64(desc);
    const uint32_t len = get16(desc + TXD_LENGTH);
    uint32_t left;

    if ((cmd & CMD_DEXT) != 0) {
        bad(dev, RULE_EXTENDED_DESC, "txd", index);
        if ((desc[10] & 0xf0) == DTYP_DATA) {
            spoil(dev);
            if ((cmd & CMD_EOP) != 0)
                end_frame(dev, cmd);
        }
    } else {
        /* [3.3.3] Address 0 or length 0 moves no data; EOP still ends the frame. */
        if (addr != 0 && len != 0 && !take(dev, index, addr, len))
            return false;
        if ((cmd & CMD_EOP) != 0)
            end_frame(dev, cmd);
    }
    finish(dev, ring, desc, cmd);

    left = ring_left(ring, dev->r[R_TDH]);
    if (left == FIELD_OF(dev, TXDCTL, LWTHRESH) * 8) /* [3.4.3] the distance to the tail falls to it */
        irq_raise(dev, E1000_MASK(ICR, TXD_LOW));
    if (left == 0)
        irq_raise(dev, E1000_MASK(ICR, TXQE));
    return true;
}

/* ---- the short way ---- */

enum { SHORT_WAY_LOOKS_AT = CMD_EOP | CMD_IFCS | CMD_DEXT | CMD_IDE, SHORT_WAY_WANTS = CMD_EOP | CMD_IFCS };

static bool short_way_open(const struct e1000 *dev)
{
    return !tracing(dev) && !dev->board.line_rate && may_send(dev) && write_back_threshold(dev) <= 1 &&
           dev->tx.cache.used == 0 && dev->tx.fifo.count == 0 && dev->tx.fifo.size > 0 && dev->tx.length == 0 &&
           !dev->tx.spoiled && !timer_running(dev, T_TIDV) && !timer_running(dev, T_TADV);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/*
 * Most frames lie in one legacy descriptor and may leave at once, with nobody tracing. For a run of
 * them what they share is worked out once; towards the host each frame has the effects that process()
 * would give it, in the same order. A run ends at a descriptor that is different, and where the cache
 * or the ring wraps or the distance to the tail means something.
 */
static void short_way(struct e1000 *dev, const struct ring *ring)
{
    const struct e1000_host *const host = &dev->host;
    struct desc_cache *const c = &dev->tx.cache;
    struct fifo *const f = &dev->tx.fifo;
    const bool whole = write_back_threshold(dev) == 1, by_host = (host->offloads & E1000_OFFLOAD_FCS) != 0;
    const uint32_t shortest = MIN_FRAME - FCS_BYTES, longest = least(f->size - FIFO_HEADER - MIN_FRAME, TX_FRAME_MAX);
    const uint32_t low = FIELD_OF(dev, TXDCTL, LWTHRESH) * 8, left = ring_left(ring, c->index);
    const uint32_t most =
        least(least(c->ready, DESC_CACHE - c->oldest), least(ring->entries - c->index, left > low ? left - low : left));
    const uint64_t at = ring->base + (uint64_t)c->index * DESC_BYTES;
    uint8_t *const part = dev->pbm + f->base + FIFO_HEADER, *in_place = NULL;
    uint32_t n, head = f->head;
    struct e1000_iov iov[2];
    struct e1000_frame frame = {.iov = iov, .iovcnt = 1, .offloads = E1000_OFFLOAD_FCS};
    struct tally tally = {0};

    if (host->dma_map != NULL && !whole)
        in_place = host->dma_map(host->ctx, at, (size_t)most * DESC_BYTES, true);
    for (n = 0; n < most; n++) {
        uint8_t *const desc = c->desc[c->oldest + n];
        const uint32_t len = get16(desc + TXD_LENGTH), cmd = desc[TXD_CMD];
        const uint64_t addr = get64(desc);
        const uint8_t *data = NULL;

        if ((cmd & SHORT_WAY_LOOKS_AT) != SHORT_WAY_WANTS || addr == 0 || len - shortest > longest - shortest)
            break;
        if (host->dma_map != NULL)
            data = host->dma_map(host->ctx, addr, len, false);
        if (data == NULL) {
            if (f->size - head < FIFO_HEADER + len) /* it would lie in two pieces */
                break;
            if (dma_read_quiet(dev, addr, part + head, len)) {
                data = part + head;
                head += fifo_cost(len);
                head = head < f->size ? head : head - f->size;
            }
        }
        if (data != NULL) {
            tally.frames[stat_bin(len + FCS_BYTES)]++;
            tally.octets += len + FCS_BYTES;
            if ((data[0] & 1) != 0)
                count_group(dev, data);
            iov[0].base = data;
            iov[0].len = frame.length = len;
            if (by_host)
                host->frame_out(host->ctx, &frame);
            else
                put_on_wire(dev, iov, 1, len, true);
        }
        if ((cmd & CMD_RS) != 0) {
            desc[TXD_STA] |= STA_DD;
            if (in_place != NULL)
                in_place[n * DESC_BYTES + TXD_STA] = desc[TXD_STA];
            else if (whole)
                dma_write_quiet(dev, at + n * DESC_BYTES, desc, DESC_BYTES);
            else
                dma_write_quiet(dev, at + n * DESC_BYTES + TXD_STA, desc + TXD_STA, 1);
            irq_raise(dev, E1000_MASK(ICR, TXDW));
        }
    }
    if (n == 0)
        return;
    c->ready -= n;
    c->used += n;
    cache_drop(c, n, ring->entries);
    dev->r[R_TDH] = c->index;
    f->head = head;
    count_tally(dev, &tally);
    if (left - n == low)
        irq_raise(dev, E1000_MASK(ICR, TXD_LOW));
    if (left == n)
        irq_raise(dev, E1000_MASK(ICR, TXQE));
}

void tx_run(struct e1000 *dev)
{
    struct ring ring;
    uint32_t budget;

    if (dev->tx.busy || dev->tx.halted || !BIT_OF(dev, TCTL, EN) || !dma_ready(dev) || !get_ring(dev, &ring))
        return;
    dev->tx.busy = true;
    for (budget = ring.entries; budget > 0; budget--) {
        if (dev->tx.cache.ready == 0) {
            if (ring.tail == dev->r[R_TDH])
                break;
            if (!cache_fetch(dev, &dev->tx.cache, &ring, E1000_OBJ_TXD)) {
                dev->tx.halted = true;
                break;
            }
        }
        if (short_way_open(dev))
            short_way(dev, &ring);
        if (dev->tx.cache.ready > 0 && !process(dev, &ring))
            break;
    }
    spill(dev);
    dev->tx.busy = false;
}

void tx_wake(struct e1000 *dev)
{
    drain(dev);
    tx_run(dev);
}

void tx_reset(struct e1000 *dev)
{
    cache_clear(&dev->tx.cache, 0);
    forget_frame(dev);
    dev->tx.halted = dev->tx.busy = false;
    dev->tx.report_now = dev->tx.report_later = false;
    dev->tx.wire_free_ns = 0;
    timer_stop(dev, T_TX);
    timer_stop(dev, T_TIDV);
    timer_stop(dev, T_TADV);
}

/* ---- registers ---- */

uint32_t tctl_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot;
    if (op == ACCESS_WRITE && (value & ~old & E1000_MASK(TCTL, EN)) != 0) {
        dev->tx.halted = false;
        tx_wake(dev);
    }
    return value;
}

uint32_t tdt_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE && BIT_OF(dev, TCTL, EN)) {
        report_ring(dev);
        dev->tx.halted = false;
        tx_run(dev);
    }
    return value;
}

/* [13.4.39] Only while the transmitter is off; with it on, descriptors on chip are lost. */
uint32_t tdh_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE) {
        if (BIT_OF(dev, TCTL, EN))
            bad(dev, RULE_HEAD_WHILE_ON, "TDH", value);
        cache_clear(&dev->tx.cache, value);
    }
    return value;
}

static uint32_t ring_moved(struct e1000 *dev, enum access_op op, uint32_t value, uint32_t old)
{
    if (op == ACCESS_WRITE && value != old)
        cache_clear(&dev->tx.cache, dev->r[R_TDH]);
    return value;
}

uint32_t tdbal_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot;
    return ring_moved(dev, op, value, old);
}

uint32_t tdlen_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot;
    return ring_moved(dev, op, value, old);
}

/* [3.4.2 silent] A lower threshold acts on what has accumulated. */
uint32_t txdctl_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE && dev->tx.cache.used > 0 && dev->tx.cache.used >= write_back_threshold(dev))
        delay_over(dev);
    return value;
}
