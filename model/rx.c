/*
 * rx.c - receive: the filter, the counters, frames into host memory
 *
 * Manual  3.2 reception, 13.4.22 RCTL, 13.4.25-32, 13.4.46 RXDCTL, 13.5 filters, 13.7 counters
 * Called  by the host with a frame; by regs.c for the receive registers; by pci.c
 * Calls   ring.c, fifo.c, vlan.c, offload.c, flow.c, irq_raise, power_frame, power_manage
 *
 * One way through: filter, count, then either straight into host memory or, where no descriptors are
 * at hand, into the receive FIFO, from which rx_run delivers.
 */
#include "core.h"

#include <string.h>

enum { /* receive descriptor, bytes and bits [3.2.3] */
       RXD_LENGTH = 8,
       RXD_CHECKSUM = 10,
       RXD_STATUS = 12,
       RXD_ERRORS = 13,
       RXD_SPECIAL = 14,
       ST_DD = 0x01,
       ST_EOP = 0x02,
       ST_IXSM = 0x04,
       ST_VP = 0x08,
       ST_TCPCS = 0x20,
       ST_IPCS = 0x40,
       ST_PIF = 0x80,
       ER_CE = 0x01,
       ER_TCPE = 0x20,
       ER_IPE = 0x40,
       ER_RXE = 0x80,
};

#define SHORTEST 64u /* with FCS */
#define FAULTS ((uint32_t)(E1000_FRAME_RX_ER | E1000_FRAME_ALIGN | E1000_FRAME_CEXT))
#define LONGEST 1522u /* LPE=0, tagged or not [13.4.22] */

/* A frame on its way into host memory, in up to three pieces. */
struct source {
    struct span part[3];
    unsigned parts;
    uint32_t total;
    uint8_t status, errors;
    uint16_t checksum, special;
    bool control; /* a PAUSE frame: RNBC leaves it out [13.7.33] */
};

/* ---- address filter [3.2.1] ---- */

void rx_filters(struct e1000 *dev)
{
    dev->rx.exact = 0;
    for (unsigned i = 0; i < 16; i++) {
        const uint32_t high = dev->r[R_RAH + i], as = E1000_GET(high, RAH, AS);

        if ((high & E1000_MASK(RAH, AV)) == 0 || as > 1) /* [13.5.3] 10b and 11b are reserved */
            continue;
        dev->rx.filter[dev->rx.exact].addr = dev->r[R_RAL + i] | (uint64_t)(high & 0xffff) << 32;
        dev->rx.filter[dev->rx.exact].source = as == 1;
        dev->rx.exact++;
    }
}

uint32_t ral_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE)
        rx_filters(dev);
    return value;
}

static uint64_t get48(const uint8_t *p)
{
    return get32(p) | (uint64_t)get16(p + 4) << 32;
}

/* [13.5.3 silent] An entry that compares sources is one more way to pass, beside the others; Linux has none. */
static inline bool exact_match(const struct e1000 *dev, uint64_t dst, uint64_t src)
{
    for (unsigned i = 0; i < dev->rx.exact; i++)
        if (dev->rx.filter[i].addr == (dev->rx.filter[i].source ? src : dst))
            return true;
    return false;
}

/* [13.5.1] Twelve bits straight out of the address, chosen by MO; no CRC. */
static bool hash_match(const struct e1000 *dev, const uint8_t *dst)
{
    static const uint8_t shift[] = {4, 3, 2, 0};
    const uint32_t index = get16(dst + 4) >> shift[FIELD_OF(dev, RCTL, MO)] & 0xfff;

    return (dev->r[R_MTA + (index >> 5)] >> (index & 31) & 1) != 0;
}

enum verdict { REJECTED, ACCEPTED, ACCEPTED_BY_HASH };

#define BROADCAST UINT64_C(0xffffffffffff)

static inline enum verdict filter(const struct e1000 *dev, const uint8_t *frame, uint32_t len)
{
    const uint32_t rctl = dev->r[R_RCTL];
    const uint64_t dst = get48(frame);
    const bool group = (frame[0] & 1) != 0;

    /* A source address that is not there matches no entry, as none has more than 48 bits [13.5.3 silent]. */
    if (exact_match(dev, dst, len >= 12 ? get48(frame + 6) : UINT64_MAX))
        return ACCEPTED;
    if (group ? (rctl & E1000_MASK(RCTL, MPE)) != 0 : (rctl & E1000_MASK(RCTL, UPE)) != 0)
        return ACCEPTED;
    if (dst == BROADCAST && (rctl & E1000_MASK(RCTL, BAM)) != 0)
        return ACCEPTED;
    if (group && hash_match(dev, frame))
        return ACCEPTED_BY_HASH; /* [3.2.3.1] PIF; [silent] not for UPE, MPE, BAM. Linux ignores it. */
    return REJECTED;
}

unsigned rx_match(const struct e1000 *dev, const uint8_t *frame, uint32_t body)
{
    const uint64_t dst = get48(frame);
    unsigned match = RX_PASSED;

    if (filter(dev, frame, body) == REJECTED)
        return 0;
    for (unsigned i = 0; i < dev->rx.exact; i++)
        if (!dev->rx.filter[i].source && dev->rx.filter[i].addr == dst)
            match |= RX_EXACT;
    return (frame[0] & 1) != 0 && hash_match(dev, frame) ? match | RX_HASH : match;
}

static bool legal_length(const struct e1000 *dev, uint32_t len)
{
    return len >= SHORTEST && len <= (BIT_OF(dev, RCTL, LPE) ? FRAME_MAX : LONGEST);
}

bool rx_sound(const struct e1000 *dev, const uint8_t *frame, uint32_t body, uint32_t flags)
{
    const bool carries = (flags & E1000_FRAME_FCS) != 0;

    return (flags & FAULTS) == 0 && legal_length(dev, body + FCS_BYTES) &&
           (!carries || ~crc32_update(UINT32_MAX, frame, body) == get32(frame + body));
}

/* ---- the ring ---- */

static bool get_ring(const struct e1000 *dev, struct ring *ring)
{
    ring->base = dev->r[R_RDBAL] | (uint64_t)dev->r[R_RDBAH] << 32;
    ring->entries = dev->r[R_RDLEN] / DESC_BYTES;
    ring->head = dev->r[R_RDH];
    ring->tail = dev->r[R_RDT];
    return ring->head < ring->entries && ring->tail < ring->entries;
}

static bool ready(const struct e1000 *dev, struct ring *ring)
{
    return BIT_OF(dev, RCTL, EN) && !dev->rx.halted && dma_ready(dev) && get_ring(dev, ring);
}

static void report_ring(struct e1000 *dev)
{
    const uint32_t entries = dev->r[R_RDLEN] / DESC_BYTES;

    if (entries == 0)
        bad(dev, RULE_NO_RING, "RDLEN", 0);
    else if (dev->r[R_RDT] >= entries)
        bad(dev, RULE_TAIL_OUTSIDE, "RDT", dev->r[R_RDT]);
    else if (dev->r[R_RDH] >= entries)
        bad(dev, RULE_HEAD_OUTSIDE, "RDH", dev->r[R_RDH]);
    if (!dma_ready(dev))
        bad(dev, RULE_NO_BUS_MASTER, "RDT", dev->r[R_RDT]);
}

/* [3.2.6] Between the shadow head, ahead of RDH by what is not yet written back, and the tail. */
static uint32_t free_descriptors(const struct e1000 *dev, const struct ring *ring)
{
    return ring_left(ring, cache_index(&dev->rx.cache, ring->entries));
}

static bool have_descriptor(struct e1000 *dev, const struct ring *ring)
{
    if (dev->rx.cache.ready > 0)
        return true;
    if (cache_index(&dev->rx.cache, ring->entries) == ring->tail)
        return false;
    if (cache_fetch(dev, &dev->rx.cache, ring, E1000_OBJ_RXD))
        return true;
    dev->rx.halted = true;
    return false;
}

static uint32_t prefetch_threshold(const struct e1000 *dev)
{
    return ring_threshold(dev, FIELD_OF(dev, RXDCTL, PTHRESH), BIT_OF(dev, RXDCTL, GRAN));
}

/* [3.2.4] Frames that wait, and write-backs, go first. */
static void prefetch(struct e1000 *dev)
{
    struct ring ring;

    if (!ready(dev, &ring))
        return;
    cache_prefetch(dev, &dev->rx.cache, &ring, prefetch_threshold(dev),
                   ring_threshold(dev, FIELD_OF(dev, RXDCTL, HTHRESH), BIT_OF(dev, RXDCTL, GRAN)), E1000_OBJ_RXD);
}

static void write_back(struct e1000 *dev, const struct ring *ring)
{
    if (dev->rx.cache.used == 0)
        return;
    cache_write_back(dev, &dev->rx.cache, ring, dev->rx.cache.used, E1000_OBJ_RXD);
    dev->r[R_RDH] = dev->rx.cache.index;
}

static uint32_t write_back_threshold(const struct e1000 *dev)
{
    const uint32_t n = ring_threshold(dev, FIELD_OF(dev, RXDCTL, WTHRESH), BIT_OF(dev, RXDCTL, GRAN));

    /*
     * [3.2.5.1] WTHRESH used ones, [13.4.46] more than that: the former. Linux keeps 1 and wants each at once.
     * [13.4.46 silent] A driver that moves the tail over descriptors not yet returned gets a whole ring of them.
     */
    return n == 0 ? 1 : ring_hold(n, dev->r[R_RDLEN] / DESC_BYTES);
}

/* [3.2.7.3] When the free descriptors fall to the fraction of the ring that RDMTS names. */
static uint32_t low_mark(const struct e1000 *dev, const struct ring *ring)
{
    const uint32_t rdmts = FIELD_OF(dev, RCTL, RDMTS);

    return rdmts < 3 ? ring->entries >> (rdmts + 1) : UINT32_MAX; /* [13.4.22] 11b is reserved: never */
}

static void check_minimum(struct e1000 *dev, const struct ring *ring)
{
    const uint32_t free = free_descriptors(dev, ring), limit = low_mark(dev, ring);

    if (dev->rx.was_free > limit && free <= limit)
        irq_raise(dev, E1000_MASK(ICR, RXDMT0));
    dev->rx.was_free = free;
}

/* Give back what the threshold lets go. */
static void return_used(struct e1000 *dev, const struct ring *ring)
{
    if (dev->rx.cache.used >= write_back_threshold(dev))
        write_back(dev, ring);
    check_minimum(dev, ring);
}

/* The n newest used descriptors have not been used after all. */
static void take_back(struct e1000 *dev, const struct ring *ring, uint32_t n)
{
    dev->rx.cache.used -= n;
    dev->rx.cache.ready += n;
    dev->rx.was_free = free_descriptors(dev, ring);
}

/* ---- into host memory ---- */

static uint32_t buffer_size(const struct e1000 *dev)
{
    const uint32_t bytes = 2048u >> FIELD_OF(dev, RCTL, BSIZE);

    /* [13.4.22] 00b with BSEX is reserved; 16 x 2048 would exceed the longest frame, we take 2048. */
    return BIT_OF(dev, RCTL, BSEX) && bytes < 2048 ? bytes * 16 : bytes;
}

static bool copy_out(struct e1000 *dev, const struct source *src, uint32_t from, uint32_t len, uint64_t addr,
                     uint32_t index)
{
    for (unsigned i = 0; i < src->parts && len > 0; i++) {
        const struct span *part = &src->part[i];
        uint32_t n;

        if (from >= part->len) {
            from -= part->len;
            continue;
        }
        n = part->len - from < len ? part->len - from : len;
        if (!dma_write(dev, E1000_OBJ_RXBUF, index, addr, part->at + from, n))
            return false;
        addr += n;
        len -= n;
        from = 0;
    }
    return true;
}

enum outcome { STORED, WAITING, LOST };

/* Up to size bytes of the frame into the buffer of a descriptor, and what that will say. False: refused. */
static bool fill(struct e1000 *dev, const struct source *src, uint32_t *done, uint32_t size, uint8_t *desc,
                 uint32_t index)
{
    const bool first = *done == 0;
    const uint64_t addr = get64(desc);
    uint32_t len = src->total - *done;
    bool last;

    if (addr == 0) { /* [3.2.5.2] null descriptor: DD, every other bit unchanged; [silent] inside a frame, too */
        desc[RXD_STATUS] |= ST_DD;
        return true;
    }
    if (len > size)
        len = size;
    if (!copy_out(dev, src, *done, len, addr, index))
        return false;
    *done += len;
    put16(desc + RXD_LENGTH, len);
    last = *done == src->total;
    /* [3.2.3] Reported in the first; [3.2.3.1 silent] with EOP, too, where the rest is valid. */
    put16(desc + RXD_CHECKSUM, first || last ? src->checksum : 0);
    desc[RXD_STATUS] = (uint8_t)(ST_DD | (last ? ST_EOP | src->status : 0));
    desc[RXD_ERRORS] = last ? src->errors : 0;
    put16(desc + RXD_SPECIAL, last ? src->special : 0);
    return true;
}

/*
 * Go on at byte *done, one buffer at a time, until the frame ends or the descriptors do. Its descriptors are packed
 * [3.2.5.1]: they go back together behind its last byte, so DD never stands in one while a buffer of the next is empty.
 * [3.2.5.1 silent] Where descriptors run out first, those used are given back whatever WTHRESH says: no timer
 * runs for half a frame, and a driver that refills what it gets back would wait for ever.
 */
static enum outcome store(struct e1000 *dev, const struct ring *ring, const struct source *src, uint32_t *done)
{
    struct desc_cache *const c = &dev->rx.cache;
    const uint32_t size = buffer_size(dev);
    uint32_t kept = 0; /* descriptors of the frame, used and still on chip */

    while (*done < src->total) {
        if (c->used == DESC_CACHE || !have_descriptor(dev, ring)) {
            if (kept > 0)
                write_back(dev, ring);
            check_minimum(dev, ring);
            kept = 0;
            if (!have_descriptor(dev, ring))
                return WAITING;
        }
        if (!fill(dev, src, done, size, cache_next(c), cache_index(c, ring->entries))) {
            /* [silent] The frame is lost, and no descriptor speaks of it unless it went back before. */
            take_back(dev, ring, kept);
            dev->rx.halted = true;
            return LOST;
        }
        c->ready--;
        c->used++;
        kept++;
    }
    return_used(dev, ring);
    return STORED;
}

/* ---- interrupts [3.2.7] ---- */

static void interrupt(struct e1000 *dev, uint32_t causes)
{
    struct ring ring;

    timer_stop(dev, T_RDTR);
    timer_stop(dev, T_RADV);
    if (waits_for_bus(dev, WORK_RX_DELAY, dev->rx.cache.used)) /* outside a delivery it is always RXT0's */
        return;
    if (get_ring(dev, &ring))
        write_back(dev, &ring); /* [3.2.7.1.1] before the interrupt */
    irq_raise(dev, causes);
}

void rx_rdtr_timer(struct e1000 *dev)
{
    interrupt(dev, E1000_MASK(ICR, RXT0));
}
void rx_radv_timer(struct e1000 *dev)
{
    interrupt(dev, E1000_MASK(ICR, RXT0));
}

static void stored(struct e1000 *dev, uint32_t len)
{
    const uint32_t rdtr = FIELD_OF(dev, RDTR, DELAY_TIMER), radv = FIELD_OF(dev, RADV, DELAY_TIMER);
    const uint32_t small = FIELD_OF(dev, RSRPD, SIZE);

    if (small != 0 && len <= small) { /* [13.4.32] */
        interrupt(dev, E1000_MASK(ICR, SRPD) | E1000_MASK(ICR, RXT0));
    } else if (rdtr == 0) { /* [3.2.7.1.1] both timers off */
        interrupt(dev, E1000_MASK(ICR, RXT0));
    } else {
        timer_set(dev, T_RDTR, dev->now_ns + (uint64_t)rdtr * DELAY_UNIT_NS);
        if (radv != 0 && !timer_running(dev, T_RADV)) /* [3.2.7.1.2] not restarted by later frames */
            timer_set(dev, T_RADV, dev->now_ns + (uint64_t)radv * DELAY_UNIT_NS);
    }
}

/* ---- the FIFO ---- */

void rx_run(struct e1000 *dev)
{
    struct fifo *f = &dev->rx.fifo;
    const struct fifo_frame *frame;
    struct ring ring;

    if (f->count > 0 && deferred(dev, WORK_RX))
        return;
    while ((frame = fifo_front(f)) != NULL && ready(dev, &ring)) {
        struct source src = {.total = frame->len,
                             .status = (uint8_t)(frame->flags >> 8),
                             .errors = (uint8_t)frame->flags,
                             .checksum = frame->checksum,
                             .special = frame->special};
        enum outcome outcome;

        src.parts = fifo_spans(dev, f, 0, frame->len, src.part);
        outcome = store(dev, &ring, &src, &dev->rx.done);
        if (outcome == WAITING)
            break;
        fifo_pop(f);
        dev->rx.done = 0;
        flow_level(dev);
        if (outcome == STORED)
            stored(dev, src.total);
    }
    if (FIELD_OF(dev, RXDCTL, PTHRESH) != 0 && !deferred(dev, WORK_RX))
        prefetch(dev);
}

/* Enough fetched descriptors with buffers to take the whole frame now? */
static bool straight_through(struct e1000 *dev, const struct ring *ring, uint32_t total)
{
    const struct desc_cache *c = &dev->rx.cache;
    const uint32_t size = buffer_size(dev), need = total <= size ? 1 : (total + size - 1) / size;

    if (dev->rx.fifo.count > 0 || !have_descriptor(dev, ring) || c->ready < need)
        return false;
    for (uint32_t i = 0; i < need; i++)
        if (get64(c->desc[(c->oldest + c->used + i) % DESC_CACHE]) == 0)
            return false;
    return true;
}

/*
 * False: no room, the frame is lost [3.2.7.4]. Every frame passes the FIFO, and whole, as it is not known to be good
 * before its end [3.2]: one that is longer never gets through, whatever descriptors there are.
 */
static bool accept(struct e1000 *dev, const struct source *src)
{
    struct ring ring;
    struct fifo_frame *frame;
    uint32_t done = 0;
    const bool on = ready(dev, &ring);

    if (fifo_cost(src->total) <= dev->rx.fifo.size && on && (dev->dma_now || !dev->board.defer_dma) &&
        straight_through(dev, &ring, src->total)) {
        if (store(dev, &ring, src, &done) == STORED)
            stored(dev, src->total);
        if (FIELD_OF(dev, RXDCTL, PTHRESH) != 0)
            prefetch(dev);
        return true;
    }
    /*
     * [13.7.33] No host buffer when it came; it may still be delivered later. "Still received if there is space in the
     * FIFO": the count does not ask for space, so it has the frames that MPC has, too.
     */
    if (!src->control && (on ? free_descriptors(dev, &ring) == 0 : dev->r[R_RDH] == dev->r[R_RDT]))
        stat_add(dev, R_RNBC, 1);
    if (!fifo_room(&dev->rx.fifo, src->total))
        return false;
    for (unsigned i = 0; i < src->parts; i++) {
        if (!fifo_put(dev, &dev->rx.fifo, done, src->part[i].at, src->part[i].len))
            ASSERT(!"room was checked");
        done += src->part[i].len;
    }
    frame = fifo_push(&dev->rx.fifo, src->total, (uint32_t)src->status << 8 | src->errors);
    frame->checksum = src->checksum;
    frame->special = src->special;
    flow_level(dev);
    rx_run(dev);
    return true;
}

/* ---- counters [13.7] ---- */

/*
 * Good frames are many and rarely looked at: each goes into the tally with its size, and the registers
 * that follow from it are worked out when one is read.
 */
void rx_count(struct e1000 *dev)
{
    struct tally *t = &dev->rx.tally;

    for (unsigned bin = 0; bin < STAT_BINS; bin++) {
        stat_add(dev, R_PRC64 + bin, t->frames[bin]);
        stat_add(dev, R_TPR, t->frames[bin]);
        stat_add(dev, R_GPRC, t->frames[bin]);
    }
    stat_add64(dev, R_TORL, t->octets);
    stat_add64(dev, R_GORCL, t->octets);
    *t = (struct tally){0};
}

static inline void count_size(struct e1000 *dev, uint32_t len)
{
    uint32_t *const frames = &dev->rx.tally.frames[stat_bin(len)];

    if (++*frames == UINT32_MAX)
        rx_count(dev);
    dev->rx.tally.octets += len;
}

static void count_cast(struct e1000 *dev, const uint8_t *dst)
{
    if ((dst[0] & 1) == 0)
        return;
    if (get48(dst) != BROADCAST)
        stat_add(dev, R_MPRC, 1);    /* [13.7.29 silent] a broadcast counts as broadcast only */
    else if (BIT_OF(dev, RCTL, BAM)) /* [13.7.28] none while broadcasts are filtered out */
        stat_add(dev, R_BPRC, 1);
}

static void count_good(struct e1000 *dev, const uint8_t *dst, uint32_t len)
{
    count_size(dev, len);
    count_cast(dev, dst);
}

/* Frames that are not good, or lost, count here only [13.7.41, 13.7.43]. */
static void count_total(struct e1000 *dev, uint32_t len)
{
    stat_add(dev, R_TPR, 1);
    stat_add64(dev, R_TORL, len);
}

/* Count what is wrong with the frame; true if it may still be stored with SBP. */
static bool count_faults(struct e1000 *dev, uint32_t len, bool crc_bad, uint32_t flags)
{
    /* [13.4.22 silent] LPE discards what is longer, SBP stores what is bad: discarded. Linux never sets SBP. */
    const bool longer = len > (BIT_OF(dev, RCTL, LPE) ? FRAME_MAX : LONGEST);

    if ((flags & E1000_FRAME_CEXT) != 0 && dev->link.speed == 1000) /* [13.7.14] 1000 only, any length */
        stat_add(dev, R_CEXTERR, 1);
    if (len < SHORTEST || longer)
        stat_add(dev, R_RLEC, 1);
    if (len < SHORTEST) {
        stat_add(dev, crc_bad ? R_RFC : R_RUC, 1);
        return true;
    }
    if (crc_bad)
        stat_add(dev, R_CRCERRS, 1);
    if ((flags & E1000_FRAME_RX_ER) != 0)
        stat_add(dev, R_RXERRC, 1);
    if ((flags & E1000_FRAME_ALIGN) != 0 && dev->link.speed != 1000) /* [13.7.2] 10/100 only */
        stat_add(dev, R_ALGNERRC, 1);
    if (longer)
        stat_add(dev, crc_bad ? R_RJC : R_ROC, 1);
    return !longer;
}

/* ---- checksums [3.2.9] ---- */

/* [3.2.9] ~S over what is stored, from PCSS on; [silent] in the descriptor as any number there, lower byte first. */
static uint32_t packet_checksum(const struct span *part, unsigned parts, uint32_t start)
{
    struct sum sum = {0};

    for (unsigned i = 0; i < parts; i++) {
        if (start < part[i].len)
            sum_add(&sum, part[i].at + start, part[i].len - start);
        start -= start < part[i].len ? start : part[i].len;
    }
    return ~sum_fold(&sum) & 0xffff;
}

/* What is written of a frame, before its FCS is looked at. */
struct arrival {
    const uint8_t *frame;
    uint32_t body; /* without FCS */
    bool carries, checked, strip, tagged;
    uint8_t fcs[FCS_BYTES];
};

static bool checks_wanted(uint32_t rxcsum)
{
    return (rxcsum & (E1000_MASK(RXCSUM, IPOFLD) | E1000_MASK(RXCSUM, TUOFLD))) != 0;
}

/* Errors in the upper byte, status in the lower. */
static uint32_t checksum_status(const uint8_t *frame, uint32_t body, bool tagged, bool checked, uint32_t rxcsum)
{
    const bool ip = (rxcsum & E1000_MASK(RXCSUM, IPOFLD)) != 0, l4 = (rxcsum & E1000_MASK(RXCSUM, TUOFLD)) != 0;
    const bool ip6 = (rxcsum & E1000_MASK(RXCSUM, IPV6OFL)) != 0;
    struct rx_checks checks;
    uint32_t result = 0;

    if (!checks_wanted(rxcsum))
        return ST_IXSM;
    checks =
        offload_check(frame, body, tagged, (ip6 ? LOOK_IP6 : 0u) | (l4 ? LOOK_L4 : 0u) | (checked ? LOOK_NO_SUM : 0u));
    /* [3.2.9.3] makes the IPv4 filter, and so TCPCS, need IPOFLD; Linux sets TUOFLD alone and wants TCPCS. */
    if (ip && checks.ip)
        result = ST_IPCS | (checks.ip_bad ? ER_IPE << 8 : 0);
    if (l4 && checks.l4)
        result |= ST_TCPCS | (checks.l4_bad ? ER_TCPE << 8 : 0);
    return result != 0 ? result : ST_IXSM; /* [3.2.3.1 silent] nothing was checked */
}

/* ---- a frame arrives ---- */

/* [9.2.2, 3.2.9] Bytes to be stored, and what their descriptor says. */
static void describe(struct e1000 *dev, struct arrival *a, struct source *src)
{
    const uint32_t tag = a->tagged && BIT_OF(dev, CTRL, VME) ? TAG_BYTES : 0;
    uint32_t status;

    src->part[0] = (struct span){a->frame, tag != 0 ? 12 : a->body};
    src->parts = 1;
    if (tag != 0) {
        src->part[src->parts++] = (struct span){a->frame + 12 + tag, a->body - 12 - tag};
        src->special = (uint16_t)vlan_tci(a->frame);
        src->status |= ST_VP;
    }
    src->total = a->body - tag;
    if (!a->strip) {
        if (a->carries) { /* as it came: of the frame with its tag */
            src->part[src->parts - 1].len += FCS_BYTES;
        } else {
            put32(a->fcs, e1000_crc32(a->frame, a->body));
            src->part[src->parts++] = (struct span){a->fcs, sizeof a->fcs};
        }
        src->total += FCS_BYTES;
    }
    status = checksum_status(a->frame, a->body, a->tagged, a->checked, dev->r[R_RXCSUM]);
    src->status |= (uint8_t)status;
    src->errors |= (uint8_t)(status >> 8);
    if ((dev->host.offloads & E1000_OFFLOAD_PACKET_CHECKSUM) == 0)
        src->checksum = (uint16_t)packet_checksum(src->part, src->parts, FIELD_OF(dev, RXCSUM, PCSS));
}

/* [9.3, 13.4.22] CFIEN does not depend on VFE. */
static bool vlan_accepts(const struct e1000 *dev, const uint8_t *frame)
{
    const uint32_t tci = vlan_tci(frame);

    if (BIT_OF(dev, RCTL, VFE) && !vlan_listed(&dev->r[R_VFTA], tci))
        return false;
    return !BIT_OF(dev, RCTL, CFIEN) || (tci >> 12 & 1) == FIELD_OF(dev, RCTL, CFI);
}

/* [8.7.4] Which of the control frames go on into host memory. */
static bool control_passes(const struct e1000 *dev, enum control kind, bool filtered)
{
    if (kind == CONTROL_OTHER)
        return filtered || BIT_OF(dev, RCTL, PMCF);
    return filtered && !(kind == CONTROL_PAUSE_STATION && BIT_OF(dev, RCTL, DPF));
}

static void receive(struct e1000 *dev, const uint8_t *frame, uint32_t body, uint32_t flags)
{
    const uint32_t len = body + FCS_BYTES, faults = flags & FAULTS;
    const enum verdict verdict = filter(dev, frame, body);
    struct arrival a = {.frame = frame,
                        .body = body,
                        .carries = (flags & E1000_FRAME_FCS) != 0,
                        .checked = (flags & E1000_FRAME_CHECKED) != 0,
                        .strip = BIT_OF(dev, RCTL, SECRC),
                        .tagged = vlan_tagged(frame, body, FIELD_OF(dev, VET, VET))};
    struct source src = {.total = 0};
    enum control control = flow_kind(dev, frame, body);
    const bool passes = control_passes(dev, control, verdict != REJECTED);
    bool crc_bad, good;

    if (!passes && control == CONTROL_NONE) { /* [13.7.41, 13.7.43 silent] not "received": not in TPR and TOR either */
        trace_drop(dev, len, "address filter", "3.2.1");
        return;
    }
    if (a.tagged && !vlan_accepts(dev, frame)) {
        trace_drop(dev, len, "VLAN filter", "9.3");
        return;
    }
    crc_bad = a.carries && ~crc32_update(UINT32_MAX, frame, body) != get32(frame + body);
    good = !crc_bad && faults == 0 && legal_length(dev, len);
    if (!good && control != CONTROL_NONE) { /* then it is a frame like any other */
        if (verdict == REJECTED) {
            trace_drop(dev, len, "address filter", "3.2.1");
            return;
        }
    } else if (control != CONTROL_NONE) {
        flow_obey(dev, control, frame);
        if (!passes) {
            count_total(dev, len);
            trace_drop(dev, len, "MAC control", "8.7.4");
            return;
        }
        src.control = control != CONTROL_OTHER;
    }
    if (!good) {
        const bool storable = count_faults(dev, len, crc_bad, flags);

        count_total(dev, len);
        if (!storable || !BIT_OF(dev, RCTL, SBP)) {
            trace_drop(dev, len, storable ? "bad frame" : "too long", storable ? "3.2.1" : "13.4.22");
            return;
        }
        src.errors |= (uint8_t)((crc_bad || (faults & E1000_FRAME_ALIGN) != 0 ? ER_CE : 0) |
                                ((faults & E1000_FRAME_RX_ER) != 0 ? ER_RXE : 0));
    }
    describe(dev, &a, &src);
    if (verdict == ACCEPTED_BY_HASH)
        src.status |= ST_PIF;
    if (good && dev->power.watching && power_manage(dev, frame, body)) {
        count_good(dev, frame, len); /* [13.7.27] it was received, for all that the host does not see it */
        trace_drop(dev, len, "for management", "5.6.24");
        return;
    }
    led_activity(dev);
    if (accept(dev, &src)) {
        if (good && src.control)
            count_total(dev, len); /* [13.7.21-31, 13.7.41, 13.7.43] */
        else if (good)
            count_good(dev, frame, len);
        return;
    }
    if (good)
        count_total(dev, len);
    stat_add(dev, R_MPC, 1);
    trace_drop(dev, len, "FIFO full", "3.2.7.4");
    flow_overflow(dev);
    irq_raise(dev, E1000_MASK(ICR, RXO));
}

/* ---- the short way ---- */

#define NO_TYPE UINT32_MAX    /* no frame has this type */
#define NOT_WANTED UINT32_MAX /* the host does without the packet checksum */

static void open_short_way(struct e1000 *dev)
{
    const uint32_t legal = (BIT_OF(dev, RCTL, LPE) ? FRAME_MAX : LONGEST) - FCS_BYTES;
    const uint32_t room = dev->rx.fifo.size < FIFO_HEADER ? 0 : dev->rx.fifo.size - FIFO_HEADER;
    const uint32_t longest = least(least(legal, buffer_size(dev)), room);
    const bool tags = BIT_OF(dev, CTRL, VME) || BIT_OF(dev, RCTL, VFE) || BIT_OF(dev, RCTL, CFIEN);
    struct ring ring;
    uint32_t frames = 0;

    if (tracing(dev) || !dev->link.up || longest < SHORTEST - FCS_BYTES || dev->power.watching || dev->phy.detour ||
        !ready(dev, &ring) || !BIT_OF(dev, RCTL, SECRC) || write_back_threshold(dev) != 1 || dev->rx.cache.used > 0 ||
        dev->rx.fifo.count > 0 || FIELD_OF(dev, RDTR, DELAY_TIMER) != 0 || FIELD_OF(dev, RSRPD, SIZE) != 0 ||
        timer_running(dev, T_RDTR) || timer_running(dev, T_RADV) || dev->rx.was_free != free_descriptors(dev, &ring))
        return;
    for (unsigned bin = 0; bin < STAT_BINS; bin++)
        frames |= dev->rx.tally.frames[bin];
    if (frames > UINT32_MAX / 2) /* room for all that this ring can hold */
        rx_count(dev);
    dev->rx.short_way.open = true;
    dev->rx.short_way.base = ring.base;
    dev->rx.short_way.entries = ring.entries;
    dev->rx.short_way.spread = longest - (SHORTEST - FCS_BYTES);
    dev->rx.short_way.few = low_mark(dev, &ring);
    dev->rx.short_way.prefetch = prefetch_threshold(dev);
    dev->rx.short_way.tag = tags ? FIELD_OF(dev, VET, VET) : NO_TYPE;
    dev->rx.short_way.control = BIT_OF(dev, CTRL, RFCE) ? FIELD_OF(dev, FCT, FCT) : NO_TYPE;
    dev->rx.short_way.checks = checks_wanted(dev->r[R_RXCSUM]) ? dev->r[R_RXCSUM] : 0;
    dev->rx.short_way.vet = FIELD_OF(dev, VET, VET);
    dev->rx.short_way.start =
        (dev->host.offloads & E1000_OFFLOAD_PACKET_CHECKSUM) != 0 ? NOT_WANTED : FIELD_OF(dev, RXCSUM, PCSS);
    dev->rx.short_way.plain = BIT_OF(dev, RCTL, UPE) && !tags && !BIT_OF(dev, CTRL, RFCE) &&
                              dev->rx.short_way.checks == 0 && dev->rx.short_way.start == NOT_WANTED;
}

enum { SHORT_STATUS = ST_DD | ST_EOP | ST_IXSM };

enum look { LOOK_LONG_WAY, LOOK_REJECTED, LOOK_ACCEPTED };

/* A frame that may go the short way; word: what its descriptor says, and is to say. */
__attribute__((noinline)) static enum look look(struct e1000 *dev, const uint8_t *frame, uint32_t len, bool checked,
                                                uint64_t *word)
{
    const uint32_t type = wire16(frame + 12);
    const struct span all = {frame, len};
    enum verdict verdict;
    uint32_t status = SHORT_STATUS;

    if (type == dev->rx.short_way.tag || type == dev->rx.short_way.control)
        return LOOK_LONG_WAY;
    verdict = filter(dev, frame, len);
    if (verdict == REJECTED)
        return LOOK_REJECTED;
    if (dev->rx.short_way.checks != 0)
        status = ST_DD | ST_EOP |
                 checksum_status(frame, len, type == dev->rx.short_way.vet, checked, dev->rx.short_way.checks);
    if (verdict == ACCEPTED_BY_HASH)
        status |= ST_PIF;
    *word = len | (uint64_t)status << 32;
    if (dev->rx.short_way.start != NOT_WANTED)
        *word |= packet_checksum(&all, 1, dev->rx.short_way.start) << 16;
    count_cast(dev, frame);
    return LOOK_ACCEPTED;
}

/* [silent] The frame is lost, and its descriptor has not been used after all. */
__attribute__((noinline)) static void short_way_refused(struct e1000 *dev, const uint8_t *desc)
{
    struct desc_cache *const c = &dev->rx.cache;

    dma_refused(dev, get64(desc));
    c->ready++;
    c->oldest = (c->oldest + DESC_CACHE - 1) % DESC_CACHE;
    c->index = (c->index == 0 ? dev->rx.short_way.entries : c->index) - 1;
    dev->rx.was_free++;
    dev->rx.halted = true;
    rx_changed(dev);
}

static inline bool short_way_more(const struct e1000 *dev) /* is there more to do than to store the frame? */
{
    return dev->rx.was_free == dev->rx.short_way.few || (dev->r[R_ICR] & E1000_MASK(ICR, RXT0)) == 0 ||
           dev->rx.cache.ready < dev->rx.short_way.prefetch;
}

__attribute__((noinline)) static void short_way_causes(struct e1000 *dev)
{
    if (dev->rx.was_free == dev->rx.short_way.few)
        irq_raise(dev, E1000_MASK(ICR, RXDMT0));
    irq_raise(dev, E1000_MASK(ICR, RXT0));
    if (dev->rx.cache.ready < dev->rx.short_way.prefetch)
        prefetch(dev);
}

/* word: what its descriptor is to say. Little stays in hand over the calls of the host: each such thing costs. */
__attribute__((always_inline)) static inline void short_way_store(struct e1000 *dev, const uint8_t *frame, uint32_t len,
                                                                  uint64_t word)
{
    struct desc_cache *const c = &dev->rx.cache;
    uint8_t *const desc = c->desc[c->oldest];
    const uint64_t addr = get64(desc), at = dev->rx.short_way.base + (uint64_t)c->index * DESC_BYTES;
    const uint32_t next = c->index + 1;
    void *back;

    put_pair(desc, addr, word);
    dev->rx.tally.frames[stat_bin(len + FCS_BYTES)]++; /* no overflow: open_short_way() has looked */
    dev->rx.tally.octets += len + FCS_BYTES;
    c->ready--;
    c->oldest = (c->oldest + 1) % DESC_CACHE;
    c->index = next == dev->rx.short_way.entries ? 0 : next;
    dev->rx.was_free--;
    if (!dev->host.dma_write(dev->host.ctx, addr, frame, len)) {
        short_way_refused(dev, desc);
        return;
    }
    back = dev->host.dma_map != NULL ? dev->host.dma_map(dev->host.ctx, at, DESC_BYTES, true) : NULL;
    if (back != NULL)
        __builtin_memcpy(back, desc, DESC_BYTES); /* in one step, where a call would take many */
    else if (!dev->host.dma_write(dev->host.ctx, at, desc, DESC_BYTES))
        dma_refused(dev, at);
    dev->r[R_RDH] = dev->rx.cache.index;
    if (short_way_more(dev))
        short_way_causes(dev);
}

static bool isolated(const struct e1000 *dev)
{
    return (dev->phy.reg[P_PCTRL] & PHY_MASK(PCTRL, ISOLATE)) != 0;
}

/* Not inlined: its frame would be paid for by every frame that goes the short way. */
__attribute__((noinline)) static void long_way(struct e1000 *dev, const void *frame, size_t len, uint32_t flags)
{
    const size_t fcs = (flags & E1000_FRAME_FCS) != 0 ? FCS_BYTES : 0;
    /* [13.7.41] Octets count however long the frame is; INT32_MAX keeps the sums below from wrapping. */
    const uint32_t body = (uint32_t)(len < fcs ? 0 : len - fcs > INT32_MAX ? INT32_MAX : len - fcs);
    const uint32_t wire = len < fcs ? (uint32_t)len : body + FCS_BYTES;

    dev->dma_now = (flags & E1000_FRAME_LATER) == 0;
    flags &= ~(uint32_t)E1000_FRAME_LATER;
    if (tracing(dev)) {
        const struct e1000_iov iov = {frame, len};
        const struct e1000_frame in = {.iov = &iov, .iovcnt = 1, .length = (uint32_t)len, .flags = flags};
        trace_frame(dev, false, &in);
    }
    if ((flags & E1000_FRAME_RX_ER) != 0 && dev->phy.wired)
        phy_receive_error(dev);
    if (dev->link.up && dev->power.watching && !dev->phy.looping)
        power_frame(dev, frame, body, flags);
    if (dev->phy.looping)
        trace_drop(dev, wire, "loopback", "15.1.3.1");
    else if (!dev->link.up || !dev->phy.wired) /* [8.6.5.2] */
        trace_drop(dev, wire, "no link", "8.6.5.2");
    else if (isolated(dev))
        trace_drop(dev, wire, "PHY isolated", "13.4.7.1.1");
    else if (power_low(dev)) /* [6.3.1.4 silent] for waking only: it goes neither into the FIFO nor into a counter */
        trace_drop(dev, wire, "asleep", "6.3.1.4");
    else if (!BIT_OF(dev, RCTL, EN))
        trace_drop(dev, wire, "receiver off", "13.4.22");
    else if (body < 6) /* [13.7.34 silent] not even an address to filter by: a collision fragment */
        trace_drop(dev, wire, "fragment", "3.2.1");
    else
        receive(dev, frame, body, flags);
    rx_changed(dev);
    open_short_way(dev);
    dev->dma_now = false;
}

/* It lies in the device's own memory, and nothing of the transmitter is in the middle of anything. */
void rx_looped(struct e1000 *dev, const uint8_t *frame, uint32_t len, uint32_t flags)
{
    const uint32_t fcs = (flags & E1000_FRAME_FCS) != 0 ? FCS_BYTES : 0, body = len < fcs ? 0 : len - fcs;
    const uint32_t wire = len < fcs ? len : body + FCS_BYTES;

    if (!BIT_OF(dev, RCTL, EN))
        trace_drop(dev, wire, "receiver off", "13.4.22");
    else if (body < 6)
        trace_drop(dev, wire, "fragment", "3.2.1");
    else
        receive(dev, frame, body, flags);
}

/* A frame that may go the short way, but has to be looked at, or lights the LED. */
__attribute__((noinline)) static void short_way_looking(struct e1000 *dev, const uint8_t *frame, size_t len,
                                                        uint32_t flags)
{
    uint64_t word = len | (uint64_t)SHORT_STATUS << 32;

    if (!dev->rx.short_way.plain || (frame[0] & 1) != 0) {
        const enum look seen = look(dev, frame, (uint32_t)len, flags != 0, &word);

        if (seen == LOOK_LONG_WAY)
            long_way(dev, frame, len, flags);
        if (seen != LOOK_ACCEPTED)
            return;
    }
    led_activity(dev);
    short_way_store(dev, frame, (uint32_t)len, word);
}

/*
 * Most frames are good, come without FCS, fit one buffer and find its descriptor on chip, with nobody
 * tracing. The effects are those of receive(), in the same order towards the host.
 */
void e1000_frame_in(struct e1000 *dev, const void *frame, size_t len, uint32_t flags)
{
    const struct desc_cache *const c = &dev->rx.cache;

    if (!dev->rx.short_way.open || (flags & ~(uint32_t)E1000_FRAME_CHECKED) != 0 ||
        len - (SHORTEST - FCS_BYTES) > dev->rx.short_way.spread || c->ready == 0 || get64(c->desc[c->oldest]) == 0)
        long_way(dev, frame, len, flags);
    else if (!dev->rx.short_way.plain || (*(const uint8_t *)frame & 1) != 0 || !led_active(dev))
        short_way_looking(dev, frame, len, flags);
    else
        short_way_store(dev, frame, (uint32_t)len, len | (uint64_t)SHORT_STATUS << 32);
}

uint32_t e1000_receive_room(const struct e1000 *dev)
{
    const struct fifo *const f = &dev->rx.fifo;

    return f->count < FIFO_FRAMES ? f->size - f->used : 0;
}

/* ---- registers ---- */

void rx_reset(struct e1000 *dev)
{
    cache_clear(&dev->rx.cache, 0);
    dev->rx.done = dev->rx.was_free = 0;
    dev->rx.halted = false;
    dev->rx.tally = (struct tally){0};
    dev->work &= ~(uint32_t)WORK_RX_ALL;
    rx_changed(dev);
    timer_stop(dev, T_RDTR);
    timer_stop(dev, T_RADV);
    rx_filters(dev);
}

/* Descriptors came within reach: fetch them [3.2.4], deliver what waits. */
static void restart(struct e1000 *dev)
{
    struct ring ring;

    dev->rx.halted = false;
    if (deferred(dev, WORK_RX_RESTART) || !ready(dev, &ring))
        return;
    dev->rx.was_free = free_descriptors(dev, &ring);
    have_descriptor(dev, &ring);
    rx_run(dev);
}

void rx_work(struct e1000 *dev, uint32_t work)
{
    struct ring ring;

    if ((work & WORK_RX_DELAY) != 0)
        interrupt(dev, E1000_MASK(ICR, RXT0));
    if ((work & WORK_RX_BACK) != 0 && get_ring(dev, &ring))
        write_back(dev, &ring);
    if ((work & WORK_RX_RESTART) != 0)
        restart(dev);
    if ((work & WORK_RX) != 0)
        rx_run(dev);
    rx_changed(dev);
    open_short_way(dev);
}

/* [13.4.22 silent] Enabling again just works: no receiver-only reset exists, and Linux toggles EN freely. */
uint32_t rctl_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot;
    if (op == ACCESS_WRITE && (value & ~old & E1000_MASK(RCTL, EN)) != 0)
        restart(dev);
    return value;
}

uint32_t rdt_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE && BIT_OF(dev, RCTL, EN)) {
        report_ring(dev);
        restart(dev);
        if (dev->work == 0)
            open_short_way(dev);
    }
    return value;
}

/*
 * [13.4.28] Only while the receiver is off; with it on, descriptors on chip are lost. [silent] A frame that waits for
 * descriptors stays, and goes on where it was with the next write of RDT or RCTL.EN: drivers write RDT after RDH.
 */
uint32_t rdh_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE) {
        if (BIT_OF(dev, RCTL, EN))
            bad(dev, RULE_HEAD_WHILE_ON, "RDH", value);
        cache_clear(&dev->rx.cache, value);
    }
    return value;
}

static uint32_t ring_moved(struct e1000 *dev, enum access_op op, uint32_t value, uint32_t old)
{
    if (op == ACCESS_WRITE && value != old)
        cache_clear(&dev->rx.cache, dev->r[R_RDH]);
    return value;
}

uint32_t rdbal_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot;
    return ring_moved(dev, op, value, old);
}

uint32_t rdlen_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot;
    return ring_moved(dev, op, value, old);
}

/* [13.4.30] FPD: the timer is over now. */
uint32_t rdtr_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)old;
    if (op == ACCESS_WRITE && (value & E1000_MASK(RDTR, FPD)) != 0) {
        dev->r[slot] &= ~E1000_MASK(RDTR, FPD);
        interrupt(dev, E1000_MASK(ICR, RXT0));
    }
    return value;
}

uint32_t rxdctl_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    struct ring ring;

    (void)slot, (void)old;
    if (op == ACCESS_WRITE && dev->rx.cache.used >= write_back_threshold(dev) &&
        !waits_for_bus(dev, WORK_RX_BACK, dev->rx.cache.used) && get_ring(dev, &ring))
        write_back(dev, &ring); /* [3.2.5.1 silent] a lower threshold acts on what has accumulated */
    if (op == ACCESS_WRITE)
        rx_run(dev); /* [3.2.4] "whenever": a higher PTHRESH acts on what is there */
    return value;
}
