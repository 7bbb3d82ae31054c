/*
 * tx.c - transmit: descriptors to frames, frames to the wire
 *
 * Manual  3.3 descriptors, 3.4 ring, 3.5 segmentation, 3.6 checksums, 9.2.1 VLAN tags, 13.4.33 TCTL,
 *         13.4.34 TIPG, 13.4.36-45, 13.7.40-54 counters
 * Called  by regs.c for the transmit registers; by link.c and pci.c when sending becomes possible
 * Calls   ring.c, fifo.c, tso.c, irq_raise, host->frame_out
 *
 * One way through: tx_run takes descriptors, gathers their data behind the last frame of the transmit
 * FIFO (or leaves it in guest memory where the host maps that and the wire is free), and drain sends.
 */
#include "core.h"

#include <string.h>

enum { /* descriptors, bytes and bits [3.3.3, 3.3.6, 3.3.7] */
       TXD_LENGTH = 8,
       TXD_CSO = 10,
       TXD_DTYP = 10, /* high nibble */
       TXD_CMD = 11,
       TXD_STA = 12,
       TXD_CSS = 13,
       TXD_POPTS = 13,
       TXD_SPECIAL = 14,
       CMD_EOP = 0x01,
       CMD_IFCS = 0x02,
       CMD_IC = 0x04,  /* legacy */
       CMD_TSE = 0x04, /* context, data */
       CMD_RS = 0x08,
       CMD_DEXT = 0x20,
       CMD_VLE = 0x40,
       CMD_IDE = 0x80,
       STA_DD = 0x01,
       DTYP_CONTEXT = 0x00,
       DTYP_DATA = 0x10,
       POPTS_IXSM = 0x01,
       POPTS_TXSM = 0x02,
       DTALEN_MASK = 0xfffff,
};

enum {                /* a waiting frame */
       FIFO_IFCS = 1, /* append the FCS on the way out */
       FIFO_TAG = 2,  /* four bytes longer at its beginning, where the header word was */
       FIFO_HELD = 4, /* its defer event is counted */
};

enum frame_kind { NO_FRAME, LEGACY, DATA, SEGMENTS };
enum { NORMAL, SEGMENTATION }; /* context sets [3.3.5] */

#define ETH_HEADER 14u
#define IPG_HARDWARE 4u /* [13.4.34] clocks that hardware adds to IPGT */
#define IEEE_GAP 12u    /* [8.7.1] 96 bit times */

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
    return (dev->link.up || dev->phy.looping) && BIT_OF(dev, TCTL, EN) && !flow_paused(dev) &&
           !power_low(dev); /* [6.3.1.4] */
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
    if (dev->phy.detour && diag_detour(dev, iov, n, len, ifcs))
        return;

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

/* For the descriptor at work, if it is one that has brought the frame. */
static void outcome(struct e1000 *dev, enum half_fate fate)
{
    const uint8_t sta = half_over(dev, fate);

    if (dev->tx.busy)
        dev->tx.outcome |= sta;
}

/* [8.4.2] It will not be sent again: given up, or taken for sent after a late collision [13.4.33]. */
static void collided(struct e1000 *dev, const struct e1000_iov *iov, unsigned n, uint32_t len, enum half_fate fate)
{
    uint8_t room[6];

    outcome(dev, fate);
    if (fate == HALF_LATE)
        count_sent(dev, destination(iov, n, room), len);
    trace_drop(dev, len, fate == HALF_LATE ? "late collision" : "collisions", "13.4.33");
}

/* Where frames leave at once all attempts are of this moment; CT bounds them. */
static bool gets_through(struct e1000 *dev, const struct e1000_iov *iov, unsigned n, uint32_t len)
{
    enum half_fate fate = HALF_CLEAR;

    while (half_meets(dev) && (fate = half_collide(dev)) == HALF_AGAIN)
        ;
    if (fate == HALF_CLEAR || fate == HALF_AGAIN) {
        outcome(dev, HALF_CLEAR);
        return true;
    }
    collided(dev, iov, n, len, fate);
    return false;
}

/* Count it, send it. */
static void send(struct e1000 *dev, struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs)
{
    uint8_t room[6];

    if (half_meets(dev) && !dev->board.line_rate && !gets_through(dev, iov, n, len + (ifcs ? FCS_BYTES : 0)))
        return;
    led_activity(dev);
    count_sent(dev, destination(iov, n, room), len + (ifcs ? FCS_BYTES : 0));
    put_on_wire(dev, iov, n, len, ifcs);
}

/* fate: what collisions have made of it */
static void send_oldest(struct e1000 *dev, enum half_fate fate)
{
    struct fifo *f = &dev->tx.fifo;
    const struct fifo_frame *frame = fifo_front(f);
    struct e1000_iov iov[3];
    struct span span[2];
    const int32_t tag = (frame->flags & FIFO_TAG) != 0 ? (int32_t)TAG_BYTES : 0;
    const uint32_t len = frame->len + (uint32_t)tag;
    const unsigned n = fifo_spans(dev, f, -tag, len, span);

    for (unsigned i = 0; i < n; i++)
        iov[i] = (struct e1000_iov){span[i].at, span[i].len};
    if (fate == HALF_CLEAR)
        send(dev, iov, n, len, frame->flags & FIFO_IFCS);
    else
        collided(dev, iov, n, len + ((frame->flags & FIFO_IFCS) != 0 ? FCS_BYTES : 0), fate);
    fifo_pop(f);
}

/* [13.7.45] Counted in the totals, not among the good frames. */
static void send_pause(struct e1000 *dev)
{
    uint8_t bytes[PAUSE_BYTES];
    struct e1000_iov iov[2] = {{bytes, sizeof bytes}};

    flow_take(dev, bytes);
    stat_add(dev, R_TPT, 1);
    stat_add64(dev, R_TOTL, PAUSE_BYTES + FCS_BYTES);
    put_on_wire(dev, iov, 1, PAUSE_BYTES, true);
}

/* [8.4.2.1, 13.4.33] At 1000 Mb/s the carrier lasts COLD byte times or longer, in full duplex, too. */
static uint32_t carrier(const struct e1000 *dev, uint32_t len)
{
    const uint32_t cold = dev->link.speed == 1000 ? FIELD_OF(dev, TCTL, COLD) : 0;

    return PREAMBLE_BYTES + (len < cold ? cold : len);
}

/* Bytes that the next frame takes on the wire, 0 if none may go. PAUSE frames go first, paused or not. */
static uint32_t next_bytes(struct e1000 *dev, bool *pause)
{
    const struct fifo_frame *frame = fifo_front(&dev->tx.fifo);

    *pause = flow_due(dev);
    if (*pause)
        return dev->link.up && BIT_OF(dev, TCTL, EN) ? carrier(dev, PAUSE_BYTES + FCS_BYTES) : 0;
    if (frame == NULL || !may_send(dev))
        return 0;
    return carrier(dev, frame->len + ((frame->flags & FIFO_IFCS) != 0 ? FCS_BYTES : 0) +
                            ((frame->flags & FIFO_TAG) != 0 ? TAG_BYTES : 0));
}

/* The oldest frame is on its way: the first bit is out. */
static bool under_way(const struct e1000 *dev)
{
    return timer_running(dev, T_TX) && !dev->flow.on_wire && dev->now_ns >= dev->tx.wire_free_ns;
}

/*
 * [13.7.11] Frames that cannot leave for want of a link, or because of XOFF, while transmits are enabled. [silent] Each
 * counts once, when it is first held up, however long and for how many reasons it waits.
 */
void tx_held_up(struct e1000 *dev)
{
    struct fifo *const f = &dev->tx.fifo;

    if (!BIT_OF(dev, TCTL, EN) || dev->phy.looping || (dev->link.up && !flow_paused(dev)))
        return;
    for (uint32_t i = f->count; i > (under_way(dev) ? 1 : 0); i--) { /* those before one that was are, too */
        struct fifo_frame *const frame = &f->frame[(f->first + i - 1) % FIFO_FRAMES];

        if ((frame->flags & FIFO_HELD) != 0)
            break;
        frame->flags |= FIFO_HELD;
        stat_add(dev, R_DC, 1);
    }
}

/* [8.6.5.2 silent] A frame that is cut off has not been sent: it begins anew on the next link, however soon that is. */
void tx_link_lost(struct e1000 *dev)
{
    if (dev->phy.looping)
        return;
    timer_stop(dev, T_TX);
    dev->flow.on_wire = dev->tx.collide.on_wire = false;
    tx_held_up(dev);
}

/* Send what the FIFO holds: at once, or each frame in its time on the wire [13.4.34]. */
static void drain(struct e1000 *dev)
{
    uint32_t bytes;
    bool pause;

    while ((bytes = next_bytes(dev, &pause)) > 0) {
        if (dev->board.line_rate || dev->phy.looping) { /* a looped frame is received from the timer, never in here */
            const uint64_t start = dev->tx.wire_free_ns > dev->now_ns ? dev->tx.wire_free_ns : dev->now_ns;

            if (!timer_running(dev, T_TX)) {
                dev->tx.collide.on_wire = dev->board.line_rate && !pause && half_meets(dev);
                if (dev->tx.collide.on_wire)
                    bytes = half_bytes(dev);
                timer_set(dev, T_TX, dev->board.line_rate ? start + (uint64_t)bytes * byte_ns(dev) : dev->now_ns);
                dev->flow.on_wire = pause;
            }
            return;
        }
        if (pause)
            send_pause(dev);
        else
            send_oldest(dev, HALF_CLEAR);
    }
}

void tx_drain(struct e1000 *dev)
{
    drain(dev);
}

/* It waits for the gap to pass; something else may now have to come before it. */
void tx_hold_back(struct e1000 *dev)
{
    if (timer_running(dev, T_TX) && dev->now_ns < dev->tx.wire_free_ns && !dev->flow.on_wire)
        timer_stop(dev, T_TX);
}

/* [8.7.1] The larger of AIFS and IPGT; AIFS below IEEE's gap does nothing. */
static uint32_t gap(const struct e1000 *dev)
{
    const uint32_t aifs = FIELD_OF(dev, AIFS, AIFS), ipg = FIELD_OF(dev, TIPG, IPGT) + IPG_HARDWARE;

    return aifs >= IEEE_GAP && aifs > ipg ? aifs : ipg;
}

/* [8.4.2] An attempt has ended in a jam: another one later, or none. */
static void wire_collision(struct e1000 *dev)
{
    const enum half_fate fate = half_collide(dev);
    const uint32_t ipg = FIELD_OF(dev, TIPG, IPGT) + IPG_HARDWARE; /* [8.7.1] AIFS is not for retries */
    uint32_t wait = ipg;

    if (fate != HALF_AGAIN) {
        send_oldest(dev, fate);
        wait = gap(dev);
    } else if (half_backoff(dev) > ipg) {
        wait = half_backoff(dev);
    }
    dev->tx.wire_free_ns = dev->now_ns + (uint64_t)wait * byte_ns(dev);
}

/* The last bit of the oldest frame is out. A frame that lost its link on the way waits for the next. */
void tx_wire_timer(struct e1000 *dev)
{
    const bool pause = dev->flow.on_wire, jam = dev->tx.collide.on_wire;

    dev->flow.on_wire = dev->tx.collide.on_wire = false;
    if ((pause ? flow_due(dev) : fifo_front(&dev->tx.fifo) != NULL) && (dev->link.up || dev->phy.looping)) {
        if (jam) {
            wire_collision(dev);
        } else {
            if (pause) {
                send_pause(dev);
            } else {
                half_over(dev, HALF_CLEAR);
                send_oldest(dev, HALF_CLEAR);
            }
            dev->tx.wire_free_ns = dev->now_ns + (uint64_t)gap(dev) * byte_ns(dev);
        }
    }
    drain(dev);
    tx_run(dev);
}

/* ---- gathering a frame ---- */

/* The bytes gathered so far; in a segmentation, those of the segment. */
static void forget_bytes(struct e1000 *dev)
{
    dev->tx.length = dev->tx.partial = dev->tx.iovcnt = 0;
}

static void forget_frame(struct e1000 *dev)
{
    forget_bytes(dev);
    dev->tx.spoiled = false;
    dev->tx.frame.kind = NO_FRAME;
}

/*
 * The segments of the group leave as one packet, which the host cuts up. What has been gathered behind them
 * stays, as the beginning of a segment of its own.
 */
static void send_group(struct e1000 *dev)
{
    const struct tx_context *const c = &dev->tx.frame.context;
    const struct tso_plain *const plain = &dev->tx.group.plain;
    struct e1000_iov *const iov = dev->tx.iov;
    uint8_t *const header = dev->tx.head + TAG_BYTES;
    const uint32_t n = dev->tx.group.iovcnt, left = (uint32_t)iov[n - 1].len - dev->tx.group.end;
    struct e1000_frame frame = {.iov = iov,
                                .iovcnt = n,
                                .length = c->hdrlen + dev->tx.group.payload,
                                .offloads = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM,
                                .csum_start = c->tucss,
                                .csum_offset = (uint16_t)(c->tucso - c->tucss)};

    memcpy(header, dev->tx.tso.header, c->hdrlen);
    tso_plain_header(header, plain, c, dev->tx.group.first, dev->tx.group.sent, dev->tx.group.payload,
                     dev->tx.group.last);
    tso_plain_checksum(header, plain, c, dev->tx.group.payload, NULL, 0);
    if (dev->tx.group.segments > 1) {
        frame.offloads |= E1000_OFFLOAD_TSO;
        frame.segment = c->mss;
        frame.header = c->hdrlen;
        frame.ip = plain->ip;
    }
    iov[n - 1].len = dev->tx.group.end;
    dev->tx.group.segments = 0;
    dev->host.frame_out(dev->host.ctx, &frame);
    if (dev->tx.length == 0) {
        dev->tx.iovcnt = 0;
        return;
    }
    iov[0] = (struct e1000_iov){header, c->hdrlen};
    if (left > 0)
        iov[1] = (struct e1000_iov){(const uint8_t *)iov[n - 1].base + iov[n - 1].len, left};
    memmove(iov + 1 + (left > 0), iov + n, (dev->tx.iovcnt - n) * sizeof *iov);
    dev->tx.iovcnt = dev->tx.iovcnt - n + 1 + (left > 0);
}

/* What is left of it up to EOP is swallowed. */
static void spoil(struct e1000 *dev)
{
    if (dev->tx.group.segments > 0)
        send_group(dev);
    forget_bytes(dev);
    dev->tx.spoiled = true;
}

/* Move what lies in guest memory into the FIFO: a pointer is good for this call only. */
static void spill(struct e1000 *dev)
{
    if (dev->tx.group.segments > 0)
        send_group(dev);
    for (unsigned i = 0; i < dev->tx.iovcnt; i++) {
        const struct e1000_iov *v = &dev->tx.iov[i];

        if (!fifo_put(dev, &dev->tx.fifo, dev->tx.partial, v->base, (uint32_t)v->len))
            ASSERT(!"room was checked when the data was taken");
        dev->tx.partial += (uint32_t)v->len;
    }
    dev->tx.iovcnt = 0;
}

/* Frames can leave from where they lie: at once, and nobody has to see them before. */
static bool in_place(const struct e1000 *dev)
{
    return dev->host.dma_map != NULL && !dev->board.line_rate && !dev->phy.detour && dev->tx.fifo.count == 0 &&
           may_send(dev);
}

static bool take_in_place(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len)
{
    struct e1000_iov *last;
    void *p;

    if (dev->tx.partial > 0 || dev->tx.fifo.count > 0)
        return false;
    if (dev->tx.iovcnt + 3 >= IOV_MAX && dev->tx.group.segments > 0)
        send_group(dev);
    if (dev->tx.iovcnt + 3 >= IOV_MAX)
        return false;
    p = dev->host.dma_map(dev->host.ctx, addr, len, false);
    if (p == NULL)
        return false;
    last = dev->tx.iovcnt > 1 ? &dev->tx.iov[dev->tx.iovcnt - 1] : NULL;
    if (last != NULL && (const uint8_t *)last->base + last->len == p)
        last->len += len;
    else
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
    n = fifo_place(dev, &dev->tx.fifo, (int32_t)dev->tx.partial, len, part, size);
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
    if (!(in_place(dev) && take_in_place(dev, index, addr, len)) && !take_copy(dev, index, addr, len)) {
        spoil(dev); /* [silent] a refused read ends the frame, not the device */
        return true;
    }
    dev->tx.length = total;
    return true;
}

/* ---- finishing a frame ---- */

struct finish {
    bool ifcs, tag;
    uint16_t tci;
    uint16_t csum_start, csum_offset; /* a checksum that is left to the host; csum_start 0: none */
};

static unsigned frame_spans(struct e1000 *dev, struct span *span)
{
    if (dev->tx.iovcnt == 0) {
        uint8_t *part[2];
        uint32_t size[2];
        const unsigned n = fifo_place(dev, &dev->tx.fifo, 0, dev->tx.length, part, size);

        for (unsigned i = 0; i < n; i++)
            span[i] = (struct span){part[i], size[i]};
        return n;
    }
    for (unsigned i = 0; i < dev->tx.iovcnt; i++)
        span[i] = (struct span){dev->tx.iov[i].base, (uint32_t)dev->tx.iov[i].len};
    return dev->tx.iovcnt;
}

/*
 * A frame that leaves in place lies in guest memory, which is not ours to change: its first bytes move
 * to a copy. Room for a tag stays in front of them.
 */
static void copy_head(struct e1000 *dev)
{
    struct e1000_iov *iov = dev->tx.iov;
    uint8_t *const head = dev->tx.head + TAG_BYTES;
    uint32_t have = 0;
    unsigned used = 0;

    if (iov[0].base == head)
        return;
    while (used < dev->tx.iovcnt && have < HEAD_BYTES - TAG_BYTES) {
        uint32_t n = (uint32_t)iov[used].len;

        if (n > HEAD_BYTES - TAG_BYTES - have)
            n = HEAD_BYTES - TAG_BYTES - have;
        memcpy(head + have, iov[used].base, n);
        have += n;
        if (n < iov[used].len) {
            iov[used].base = (const uint8_t *)iov[used].base + n;
            iov[used].len -= n;
            break;
        }
        used++;
    }
    /* used entries are in the copy; one stands for them. */
    if (used == 0) {
        memmove(iov + 1, iov, dev->tx.iovcnt * sizeof *iov);
        dev->tx.iovcnt++;
    } else {
        memmove(iov + 1, iov + used, (dev->tx.iovcnt - used) * sizeof *iov);
        dev->tx.iovcnt -= used - 1;
    }
    iov[0] = (struct e1000_iov){head, have};
}

/* Two bytes that a checksum goes to; a CSO has eight bits, so they lie within the copy of the head. */
static void store(struct e1000 *dev, uint32_t at, const uint8_t value[2])
{
    if (dev->tx.iovcnt > 0) {
        copy_head(dev);
        memcpy(dev->tx.head + TAG_BYTES + at, value, 2);
    } else if (!fifo_put(dev, &dev->tx.fifo, at, value, 2)) {
        ASSERT(!"the frame is there");
    }
}

static void insert(struct e1000 *dev, uint32_t css, uint32_t cse, uint32_t cso, uint32_t more)
{
    struct span span[IOV_MAX];
    const unsigned n = frame_spans(dev, span);
    uint8_t value[2];

    if (dev->tx.frame.kind == SEGMENTS && cso + 2 > dev->tx.frame.context.hdrlen) {
        if (dev->tx.tso.segments == 0)
            bad(dev, RULE_CHECKSUM_HEADER, "txd", cso);
        return; /* [3.5.5 silent] a segment's checksums belong into its header */
    }
    if (checksum_range(span, n, dev->tx.length, css, cse, cso, more, value))
        store(dev, cso, value);
    else
        bad(dev, RULE_CHECKSUM_OUTSIDE, "txd", dev->tx.length);
}

/* [3.5.8] IP first: where the ranges overlap, the outer one would see the inner one's result. */
static void insert_checksums(struct e1000 *dev, const struct tx_context *c, uint32_t more)
{
    if (!c->loaded)
        return;
    if ((dev->tx.frame.popts & POPTS_IXSM) != 0)
        insert(dev, c->ipcss, c->ipcse, c->ipcso, 0);
    if ((dev->tx.frame.popts & POPTS_TXSM) != 0)
        insert(dev, c->tucss, c->tucse, c->tucso, more);
}

/* [9.2.1] VET and the descriptor's Special field behind the source address. */
static void put_tag(struct e1000 *dev, uint8_t *addresses, uint32_t tci)
{
    const uint32_t vet = FIELD_OF(dev, VET, VET);
    uint8_t *tag = addresses - TAG_BYTES + 12;

    memmove(addresses - TAG_BYTES, addresses, 12);
    tag[0] = (uint8_t)(vet >> 8);
    tag[1] = (uint8_t)vet;
    tag[2] = (uint8_t)(tci >> 8);
    tag[3] = (uint8_t)tci;
}

static void put_tag_in_fifo(struct e1000 *dev, uint32_t tci)
{
    uint8_t head[TAG_BYTES + 12], *part[2];
    uint32_t size[2];
    unsigned n = fifo_place(dev, &dev->tx.fifo, 0, 12, part, size);

    memcpy(head + TAG_BYTES, part[0], size[0]);
    if (n == 2)
        memcpy(head + TAG_BYTES + size[0], part[1], size[1]);
    put_tag(dev, head + TAG_BYTES, tci);
    n = fifo_place(dev, &dev->tx.fifo, -(int32_t)TAG_BYTES, sizeof head, part, size);
    memcpy(part[0], head, size[0]);
    if (n == 2)
        memcpy(part[1], head + size[0], size[1]);
}

/* In place, its TCP or UDP checksum left to the host. */
static void send_partial(struct e1000 *dev, struct finish f, uint32_t len, bool tag)
{
    const struct e1000_frame frame = {.iov = dev->tx.iov,
                                      .iovcnt = dev->tx.iovcnt,
                                      .length = len,
                                      .offloads = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM,
                                      .csum_start = (uint16_t)(f.csum_start + (tag ? TAG_BYTES : 0)),
                                      .csum_offset = f.csum_offset};
    uint8_t room[6];

    led_activity(dev);
    count_sent(dev, destination(dev->tx.iov, dev->tx.iovcnt, room), len + FCS_BYTES);
    dev->host.frame_out(dev->host.ctx, &frame);
}

/* The gathered bytes are a whole frame: tag, pad and send it, or let it wait in the FIFO. */
static void commit(struct e1000 *dev, struct finish f)
{
    uint32_t len = dev->tx.length, pad = 0;
    const bool tag = f.tag && len >= 12; /* [9.2.1 silent] no source address, no tag */
    const uint32_t extra = (f.ifcs ? FCS_BYTES : 0) + (tag ? TAG_BYTES : 0);

    if (BIT_OF(dev, TCTL, PSP) && len + extra < MIN_FRAME) /* [13.4.33; silent] the tag counts */
        pad = MIN_FRAME - extra - len;
    len += pad;
    if (dev->tx.iovcnt > 0) {
        if (tag) {
            copy_head(dev);
            put_tag(dev, dev->tx.head + TAG_BYTES, f.tci);
            dev->tx.iov[0] = (struct e1000_iov){dev->tx.head, dev->tx.iov[0].len + TAG_BYTES};
        }
        if (pad > 0)
            dev->tx.iov[dev->tx.iovcnt++] = (struct e1000_iov){zeros, pad};
        if (f.csum_start != 0)
            send_partial(dev, f, len + (tag ? TAG_BYTES : 0), tag);
        else
            send(dev, dev->tx.iov, dev->tx.iovcnt, len + (tag ? TAG_BYTES : 0), f.ifcs);
    } else {
        if (!fifo_put(dev, &dev->tx.fifo, dev->tx.partial, zeros, pad))
            ASSERT(!"room for padding was checked with the data");
        if (tag)
            put_tag_in_fifo(dev, f.tci);
        fifo_push(&dev->tx.fifo, len, (f.ifcs ? FIFO_IFCS : 0u) | (tag ? FIFO_TAG : 0u));
        tx_held_up(dev);
        drain(dev);
    }
    forget_bytes(dev);
}

/* [3.3.3.1, 9.2.1] VLE is nothing without CTRL.VME; with it the FCS is always appended. */
static struct finish finish_of(const struct e1000 *dev, uint32_t cmd, uint32_t special)
{
    const bool tag = (cmd & CMD_VLE) != 0 && BIT_OF(dev, CTRL, VME);

    return (struct finish){.ifcs = (cmd & CMD_IFCS) != 0 || tag, .tag = tag, .tci = (uint16_t)special};
}

/* [3.3.6.1] The checksum of a frame that leaves in place, and covers all behind TUCSS: a host may make it. */
static void leave_checksum(struct e1000 *dev, struct finish *f)
{
    const uint32_t wants = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM;
    const struct tx_context *c = &dev->tx.frame.context;

    if ((dev->host.offloads & wants) != wants || tracing(dev) || half_meets(dev) || dev->tx.iovcnt == 0 || !f->ifcs ||
        !c->loaded || (dev->tx.frame.popts & POPTS_TXSM) == 0 || c->tucse != 0 || c->tucss < ETH_HEADER ||
        c->tucso < c->tucss || c->tucso + 2u > dev->tx.length)
        return;
    f->csum_start = c->tucss;
    f->csum_offset = (uint16_t)(c->tucso - c->tucss);
    dev->tx.frame.popts &= (uint8_t)~POPTS_TXSM;
}

/* EOP of a frame that is not segmented. */
static void end_frame(struct e1000 *dev, const uint8_t *desc)
{
    const uint8_t cmd = desc[TXD_CMD];
    struct finish how = finish_of(dev, cmd, get16(desc + TXD_SPECIAL));

    if (!dev->tx.spoiled && dev->tx.length > 0) {
        if (dev->tx.length < TX_FRAME_MIN)
            bad(dev, RULE_FRAME_TOO_SHORT, "txd", dev->tx.length);
        if (dev->tx.frame.kind == LEGACY && (cmd & CMD_IC) != 0)
            insert(dev, dev->tx.frame.css, 0, desc[TXD_CSO], 0);
        else if (dev->tx.frame.kind == DATA) {
            leave_checksum(dev, &how);
            insert_checksums(dev, &dev->tx.frame.context, 0);
        }
        commit(dev, how);
    }
    forget_frame(dev);
}

/* ---- segmentation [3.5] ---- */

/* [3.5.5, 3.3.6 note 2] A context that no segment can come of. */
static bool impossible(const struct e1000 *dev, const struct tx_context *c)
{
    const uint32_t frame = (uint32_t)c->hdrlen + c->mss;

    return !c->loaded || c->hdrlen == 0 || c->hdrlen > TSO_HEADER_MAX || c->mss == 0 || c->paylen == 0 ||
           frame > TX_FRAME_MAX || fifo_cost(frame + MIN_FRAME) > dev->tx.fifo.size;
}

static void fail_segments(struct e1000 *dev)
{
    stat_add(dev, R_TSCTFC, 1); /* [13.7.54] once a context */
    spoil(dev);
}

static uint32_t segment_payload(const struct e1000 *dev)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const uint32_t left = c->paylen - dev->tx.tso.sent;

    return left < c->mss ? left : c->mss;
}

/* What send() does for a segment, counted in the registers when the call ends. */
static void count_segment(struct e1000 *dev)
{
    const uint32_t len = dev->tx.length + FCS_BYTES;

    dev->tx.group.tally.frames[stat_bin(len)]++;
    dev->tx.group.tally.octets += len;
    if ((dev->tx.tso.header[0] & 1) != 0)
        count_group(dev, dev->tx.tso.header);
}

static void send_segment(struct e1000 *dev, struct e1000_iov *iov, unsigned n)
{
    const struct e1000_frame frame = {.iov = iov, .iovcnt = n, .length = dev->tx.length, .offloads = E1000_OFFLOAD_FCS};

    count_segment(dev);
    if ((dev->host.offloads & E1000_OFFLOAD_FCS) != 0)
        dev->host.frame_out(dev->host.ctx, &frame);
    else
        put_on_wire(dev, iov, n, dev->tx.length, true);
}

/* The segment waits for those behind it, and leaves with them; false: it has to leave alone. */
static bool join_group(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const uint32_t wants = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM | E1000_OFFLOAD_TSO;

    if ((dev->host.offloads & wants) != wants || dev->tx.iovcnt < 2)
        return false;
    if (dev->tx.group.segments > 0 && dev->tx.group.payload + payload + c->hdrlen - c->ipcss > UINT16_MAX)
        send_group(dev);
    if (dev->tx.group.segments++ == 0) {
        dev->tx.group.payload = 0;
        dev->tx.group.first = dev->tx.tso.segments;
        dev->tx.group.sent = dev->tx.tso.sent;
    }
    dev->tx.group.payload += payload;
    dev->tx.group.iovcnt = dev->tx.iovcnt;
    dev->tx.group.end = (uint32_t)dev->tx.iov[dev->tx.iovcnt - 1].len;
    dev->tx.group.last = last;
    count_segment(dev);
    dev->tx.length = 0;
    if (last)
        send_group(dev);
    return true;
}

/* A whole segment in one piece of the FIFO, with nothing before it: it leaves at once. */
static bool send_from_fifo(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const struct tso_plain *const plain = &dev->tx.group.plain;
    struct fifo *f = &dev->tx.fifo;
    struct e1000_iov iov[2];
    uint8_t *part[2];
    uint32_t size[2];

    if (dev->board.line_rate || dev->phy.detour || f->count > 0 || !may_send(dev) || flow_due(dev) ||
        fifo_place(dev, f, 0, dev->tx.length, part, size) != 1)
        return false;
    memcpy(part[0], dev->tx.tso.header, c->hdrlen);
    tso_plain_header(part[0], plain, c, dev->tx.tso.segments, dev->tx.tso.sent, payload, last);
    iov[0] = (struct e1000_iov){part[0] + c->hdrlen, payload};
    tso_plain_checksum(part[0], plain, c, payload, iov, 1);
    iov[0] = (struct e1000_iov){part[0], dev->tx.length};
    send_segment(dev, iov, 1);
    fifo_push(f, dev->tx.length, FIFO_IFCS);
    fifo_pop(f);
    return true;
}

static void send_in_place(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    uint8_t *const header = dev->tx.head + TAG_BYTES;

    memcpy(header, dev->tx.tso.header, c->hdrlen);
    tso_plain_header(header, &dev->tx.group.plain, c, dev->tx.tso.segments, dev->tx.tso.sent, payload, last);
    tso_plain_checksum(header, &dev->tx.group.plain, c, payload, dev->tx.iov + 1, dev->tx.iovcnt - 1);
    send_segment(dev, dev->tx.iov, dev->tx.iovcnt);
}

/*
 * Most segments are TCP over IP with nothing special, and nobody traces them. The bytes and counts are those
 * of the long way below. False: not such a segment, and nothing has happened yet.
 */
static bool segment_short_way(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const struct finish how = finish_of(dev, dev->tx.frame.dcmd, dev->tx.frame.special);

    if (!dev->tx.group.plain.known)
        tso_plain(&dev->tx.group.plain, dev->tx.tso.header, c, dev->tx.frame.popts);
    if (tracing(dev) || half_meets(dev) || dev->tx.group.plain.ip == 0 || !how.ifcs || how.tag ||
        dev->tx.length + FCS_BYTES < MIN_FRAME) {
        if (dev->tx.group.segments > 0)
            send_group(dev);
        return false;
    }
    if (join_group(dev, payload, last))
        return true;
    if (dev->tx.iovcnt > 0)
        send_in_place(dev, payload, last);
    else if (!send_from_fifo(dev, payload, last))
        return false;
    forget_bytes(dev);
    return true;
}

static void segment_long_way(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    uint8_t *const header = dev->tx.head + TAG_BYTES;

    memcpy(header, dev->tx.tso.header, c->hdrlen);
    tso_header(header, c, dev->tx.tso.segments, dev->tx.tso.sent, payload, last);
    if (dev->tx.iovcnt == 0 && !fifo_put(dev, &dev->tx.fifo, 0, header, c->hdrlen))
        ASSERT(!"the segment is there");
    insert_checksums(dev, c, tso_length(c, payload));
    commit(dev, finish_of(dev, dev->tx.frame.dcmd, dev->tx.frame.special));
}

/* The segment's payload is complete, or the driver's data has ended. */
static void end_segment(struct e1000 *dev, bool last)
{
    const uint32_t payload = dev->tx.length - dev->tx.frame.context.hdrlen;

    if (!segment_short_way(dev, payload, last))
        segment_long_way(dev, payload, last);
    dev->tx.tso.sent += payload;
    dev->tx.tso.segments++;
    if (dev->tx.tso.sent == dev->tx.frame.context.paylen)
        stat_add(dev, R_TSCTC, 1); /* [13.7.53] */
}

/* Each segment begins with the header, whose bytes are put right when its payload is known. */
static void begin_segment(struct e1000 *dev, bool place)
{
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen;

    dev->tx.length = hdrlen;
    if (dev->tx.group.segments > 0)
        return;
    if (place && dev->tx.fifo.count == 0) {
        dev->tx.iov[0] = (struct e1000_iov){dev->tx.head + TAG_BYTES, hdrlen};
        dev->tx.iovcnt = 1;
    } else {
        if (!fifo_put(dev, &dev->tx.fifo, 0, dev->tx.tso.header, hdrlen))
            ASSERT(!"room was checked before");
        dev->tx.partial = hdrlen;
    }
}

static bool room_for_segment(const struct e1000 *dev)
{
    const struct tx_context *c = &dev->tx.frame.context;

    return dev->tx.length > 0 || fifo_room(&dev->tx.fifo, (uint32_t)c->hdrlen + c->mss + MIN_FRAME);
}

static bool take_header(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t *len)
{
    const uint32_t want = dev->tx.frame.context.hdrlen - dev->tx.tso.have;

    *len = *len < want ? *len : want;
    if (!dma_read(dev, E1000_OBJ_TXBUF, index, addr, dev->tx.tso.header + dev->tx.tso.have, *len)) {
        fail_segments(dev);
        return false;
    }
    dev->tx.tso.have += *len;
    return true;
}

static bool take_payload(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t *len, bool place)
{
    const struct tx_context *c = &dev->tx.frame.context;
    uint32_t want;

    if (dev->tx.length == 0)
        begin_segment(dev, place);
    want = segment_payload(dev) - (dev->tx.length - c->hdrlen);
    *len = *len < want ? *len : want;
    if (!(place && take_in_place(dev, index, addr, *len)) && !take_copy(dev, index, addr, *len)) {
        fail_segments(dev);
        return false;
    }
    dev->tx.length += *len;
    if (*len == want)
        end_segment(dev, dev->tx.tso.sent + segment_payload(dev) == c->paylen);
    return true;
}

/*
 * The descriptor's bytes: header first, then payload, a segment at a time. False: the FIFO has no room
 * yet. Every turn takes at least a byte or leaves.
 */
static bool segment(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const bool place = in_place(dev); /* what leaves from its place changes nothing of that */

    while (dev->tx.taken < len && !dev->tx.spoiled) {
        uint32_t n = len - dev->tx.taken;

        if (dev->tx.tso.have < c->hdrlen) {
            if (!take_header(dev, index, addr + dev->tx.taken, &n))
                break;
        } else if (dev->tx.tso.sent == c->paylen) {
            bad(dev, RULE_TSO_LENGTH, "txd", len - dev->tx.taken); /* [3.3.7.1] more than PAYLEN */
            fail_segments(dev);
            break;
        } else if (!room_for_segment(dev)) {
            return false;
        } else if (!take_payload(dev, index, addr + dev->tx.taken, &n, place)) {
            break;
        }
        dev->tx.taken += n;
    }
    return true;
}

/* [3.3.7.1] EOP ends it; if PAYLEN promised more, what is there still goes out. */
static void end_segments(struct e1000 *dev)
{
    const struct tx_context *c = &dev->tx.frame.context;

    if (!dev->tx.spoiled && dev->tx.tso.sent < c->paylen) {
        bad(dev, RULE_TSO_LENGTH, "txd", c->paylen - dev->tx.tso.sent);
        if (dev->tx.length > c->hdrlen)
            end_segment(dev, true);
        fail_segments(dev);
    }
    forget_frame(dev);
}

/* ---- the first descriptor of a frame [3.3.3, 3.3.7.1] ---- */

static void open_legacy(struct e1000 *dev, const uint8_t *desc)
{
    dev->tx.frame.kind = LEGACY;
    dev->tx.frame.css = desc[TXD_CSS];
}

static void open_data(struct e1000 *dev, const uint8_t *desc, uint32_t index)
{
    const bool tse = (desc[TXD_CMD] & CMD_TSE) != 0;
    const struct tx_context *c = &dev->tx.context[tse ? SEGMENTATION : NORMAL];

    dev->tx.frame.kind = tse ? SEGMENTS : DATA;
    dev->tx.frame.popts = desc[TXD_POPTS];
    dev->tx.frame.dcmd = desc[TXD_CMD];
    dev->tx.frame.special = (uint16_t)get16(desc + TXD_SPECIAL);
    dev->tx.frame.context = *c; /* a context that comes later is for later frames [3.3.6.1 note] */
    dev->tx.tso.have = dev->tx.tso.sent = dev->tx.tso.segments = 0;
    dev->tx.group.plain.known = false;
    if (!c->loaded && (tse || desc[TXD_POPTS] != 0))
        bad(dev, RULE_NO_CONTEXT, "txd", index);
    if (tse && impossible(dev, c)) {
        if (c->loaded)
            bad(dev, RULE_TSO_CONTEXT, "txd", index);
        fail_segments(dev);
    }
}

static void open_frame(struct e1000 *dev, const uint8_t *desc, uint32_t index)
{
    const bool data = (desc[TXD_CMD] & CMD_DEXT) != 0;

    if (dev->tx.frame.kind == NO_FRAME) {
        if (data)
            open_data(dev, desc, index);
        else
            open_legacy(dev, desc);
    } else if (data != (dev->tx.frame.kind != LEGACY)) { /* [3.3.5] */
        bad(dev, RULE_MIXED_FRAME, "txd", index);
    }
}

static void load_context(struct e1000 *dev, const uint8_t *desc, uint32_t index)
{
    const unsigned set = (desc[TXD_CMD] & CMD_TSE) != 0 ? SEGMENTATION : NORMAL;

    if (dev->tx.frame.kind != NO_FRAME) /* [3.3.5, 3.3.6.1] */
        bad(dev, RULE_CONTEXT_IN_FRAME, "txd", index);
    context_parse(&dev->tx.context[set], desc);
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

/* What has accumulated goes back; with it go the reports that waited for that [3.4.3], beside those of the newest. */
static void burst(struct e1000 *dev, const struct ring *ring, bool *now, bool *later)
{
    *now |= dev->tx.report_now;
    *later |= dev->tx.report_later;
    cache_write_back(dev, &dev->tx.cache, ring, dev->tx.cache.used, E1000_OBJ_TXD);
    dev->tx.report_now = dev->tx.report_later = false;
}

/* [3.4.2 silent] A lower threshold acts on what has accumulated, as if the last of it had just come. */
static void threshold_changed(struct e1000 *dev)
{
    struct ring ring;
    bool now = false, later = false;

    if (dev->tx.cache.used == 0 || dev->tx.cache.used < write_back_threshold(dev) || !get_ring(dev, &ring) ||
        waits_for_bus(dev, WORK_TX_BACK))
        return;
    burst(dev, &ring, &now, &later);
    report(dev, now, later);
}

/*
 * [3.4.2, 13.4.41] TIDV forces timely write-back of whatever has accumulated: the first starts it. Only descriptors
 * with IDE load it anew [3.3.3.1]. TADV is for those alone [13.4.44].
 */
static void wait_for_more(struct e1000 *dev)
{
    const uint32_t tidv = FIELD_OF(dev, TIDV, IDV);

    if (tidv != 0 && !timer_running(dev, T_TIDV))
        timer_set(dev, T_TIDV, dev->now_ns + (uint64_t)tidv * DELAY_UNIT_NS);
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
    if (rs && dev->tx.iovcnt > 0) /* DD gives the buffer back: what lies in it leaves, or moves */
        spill(dev);
    if (rs) /* [3.3.3.2 silent] RS comes when the FIFO has the data: EC and LC tell of frames that are out by then */
        desc[TXD_STA] |= STA_DD | dev->tx.outcome;
    dev->tx.outcome = 0;
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
        burst(dev, ring, &now, &later);
    } else {
        dev->tx.report_now |= now;
        dev->tx.report_later |= later;
        now = later = false;
        wait_for_more(dev);
    }
    dev->r[R_TDH] = index + 1 == ring->entries ? 0 : index + 1;
    report(dev, now, later);
}

static void delay_over(struct e1000 *dev)
{
    timer_stop(dev, T_TIDV);
    timer_stop(dev, T_TADV);
    if (waits_for_bus(dev, WORK_TX_DELAY))
        return;
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

/* The data of a legacy or data descriptor, and the end of the frame. False: wait for room in the FIFO. */
static bool process_data(struct e1000 *dev, const uint8_t *desc, uint32_t index)
{
    const bool data = (desc[TXD_CMD] & CMD_DEXT) != 0;
    const uint32_t len = data ? get32(desc + TXD_LENGTH) & DTALEN_MASK : get16(desc + TXD_LENGTH);
    const uint64_t addr = get64(desc);

    if (dev->tx.taken == 0)
        open_frame(dev, desc, index);
    /* [3.3.3] Address 0 or length 0 moves no data; EOP still ends the frame. */
    if (addr != 0 && len != 0) {
        if (dev->tx.frame.kind == SEGMENTS ? !segment(dev, index, addr, len) : !take(dev, index, addr, len))
            return false;
    }
    dev->tx.taken = 0;
    if ((desc[TXD_CMD] & CMD_EOP) != 0) {
        if (dev->tx.frame.kind == SEGMENTS)
            end_segments(dev);
        else
            end_frame(dev, desc);
    }
    return true;
}

/* False: it has to wait for room in the FIFO. */
static bool process(struct e1000 *dev, const struct ring *ring)
{
    uint8_t *desc = cache_next(&dev->tx.cache);
    const uint32_t index = cache_index(&dev->tx.cache, ring->entries);
    const uint8_t cmd = desc[TXD_CMD], dtyp = desc[TXD_DTYP] & 0xf0;
    uint32_t left;

    if ((cmd & CMD_DEXT) == 0 || dtyp == DTYP_DATA) {
        if (!process_data(dev, desc, index))
            return false;
    } else if (dtyp == DTYP_CONTEXT) {
        load_context(dev, desc, index);
    } else {
        bad(dev, RULE_DTYP, "txd", index); /* [3.3.2 silent] it moves no data */
    }
    if (tracing(dev))
        rules_tx_descriptor(dev, desc, index);
    finish(dev, ring, desc, cmd);

    left = ring_left(ring, dev->r[R_TDH]);
    if (left == FIELD_OF(dev, TXDCTL, LWTHRESH) * 8) /* [3.4.3] the distance to the tail falls to it */
        irq_raise(dev, E1000_MASK(ICR, TXD_LOW));
    if (left == 0)
        irq_raise(dev, E1000_MASK(ICR, TXQE));
    return true;
}

/* ---- the short way ---- */

enum {
    SHORT_WAY_LOOKS_AT = CMD_EOP | CMD_IFCS | CMD_IC | CMD_DEXT | CMD_VLE | CMD_IDE,
    SHORT_WAY_WANTS = CMD_EOP | CMD_IFCS
};

static bool short_way_open(const struct e1000 *dev)
{
    return dev->tx.frame.kind == NO_FRAME && !tracing(dev) && !dev->board.line_rate && !dev->phy.detour &&
           dev->tx.collide.pending == 0 && may_send(dev) && write_back_threshold(dev) <= 1 && dev->tx.cache.used == 0 &&
           dev->tx.fifo.count == 0 && dev->tx.fifo.size > 0 && !timer_running(dev, T_TIDV) &&
           !timer_running(dev, T_TADV);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

#define AHEAD 6u /* frames: their first bytes are on their way into the cache while others leave */

/* Of descriptors first..end that go the short way, where the host has their buffers; NULL: to be read. */
static void map_ahead(const struct e1000_host *host, uint8_t (*desc)[DESC_BYTES], const uint8_t **data, uint32_t first,
                      uint32_t end, uint32_t longest)
{
    for (uint32_t n = first; n < end; n++) {
        const uint32_t len = get16(desc[n] + TXD_LENGTH);
        const uint64_t addr = get64(desc[n]);

        data[n] = NULL;
        if ((desc[n][TXD_CMD] & SHORT_WAY_LOOKS_AT) != SHORT_WAY_WANTS || addr == 0 || len > longest || len == 0)
            continue;
        data[n] = host->dma_map(host->ctx, addr, len, false);
        if (data[n] != NULL)
            __builtin_prefetch(data[n]);
    }
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
    const uint8_t *mapped[DESC_CACHE];
    uint32_t seen = 0;

    if (host->dma_map != NULL && !whole)
        in_place = host->dma_map(host->ctx, at, (size_t)most * DESC_BYTES, true);
    for (n = 0; n < most; n++) {
        uint8_t *const desc = c->desc[c->oldest + n];
        const uint32_t len = get16(desc + TXD_LENGTH), cmd = desc[TXD_CMD];
        const uint64_t addr = get64(desc);
        const uint8_t *data = NULL;

        if ((cmd & SHORT_WAY_LOOKS_AT) != SHORT_WAY_WANTS || addr == 0 || len - shortest > longest - shortest)
            break;
        if (host->dma_map != NULL) {
            if (n == seen) {
                seen = least(n + AHEAD, most);
                map_ahead(host, c->desc + c->oldest, mapped, n, seen, longest);
            }
            data = mapped[n];
        }
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
    f->moves++;
    led_activity(dev);
    count_tally(dev, &tally);
    if (left - n == low)
        irq_raise(dev, E1000_MASK(ICR, TXD_LOW));
    if (left == n)
        irq_raise(dev, E1000_MASK(ICR, TXQE));
}

/* ---- the short way of segments ---- */

/*
 * A large send is a run of data descriptors whose bytes become whole segments. What these share is looked at once for
 * the run; towards the host, and for the driver, the effects are those of process(), which finds everything as it
 * would have left it. A run ends before the last segment, and before a descriptor that reports back.
 */
static bool segments_way_open(struct e1000 *dev)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const uint32_t frame = (uint32_t)c->hdrlen + c->mss,
                   group = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM | E1000_OFFLOAD_TSO;
    const struct finish how = finish_of(dev, dev->tx.frame.dcmd, dev->tx.frame.special);

    if (dev->tx.frame.kind != SEGMENTS || dev->tx.spoiled || dev->tx.tso.have != c->hdrlen || dev->tx.taken > 0 ||
        tracing(dev) || dev->tx.cache.used > 0 || dev->board.line_rate || dev->phy.detour || half_meets(dev) ||
        dev->tx.fifo.count > 0 || !may_send(dev) || flow_due(dev) || !how.ifcs || how.tag ||
        frame + FCS_BYTES < MIN_FRAME || !fifo_room(&dev->tx.fifo, frame + MIN_FRAME) ||
        (dev->host.offloads & group) == group)
        return false;
    if (!dev->tx.group.plain.known)
        tso_plain(&dev->tx.group.plain, dev->tx.tso.header, c, dev->tx.frame.popts);
    return dev->tx.group.plain.ip != 0;
}

/* Its header, the prototype so far, stands in the first entry, its payload behind that; iov has room for one more. */
static void send_whole(struct e1000 *dev, uint8_t *header, struct e1000_iov *iov, unsigned n, const struct sum *sum)
{
    const struct tx_context *c = &dev->tx.frame.context;

    tso_plain_whole(header, &dev->tx.group.plain, c, dev->tx.tso.segments, dev->tx.tso.sent, sum_fold(sum));
    send_segment(dev, iov, n);
    dev->tx.tso.sent += c->mss;
    dev->tx.tso.segments++;
    forget_bytes(dev);
}

static void send_whole_in_place(struct e1000 *dev)
{
    struct sum sum = {0};

    for (unsigned i = 1; i < dev->tx.iovcnt; i++)
        sum_add(&sum, dev->tx.iov[i].base, dev->tx.iov[i].len);
    send_whole(dev, dev->tx.head + TAG_BYTES, dev->tx.iov, dev->tx.iovcnt, &sum);
}

/* p: the descriptor's buffer. The header in tx.head is made from the prototype already. */
static void cut_in_place(struct e1000 *dev, const uint8_t *p, uint32_t len)
{
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen, frame = hdrlen + dev->tx.frame.context.mss;
    struct e1000_iov *const iov = dev->tx.iov;

    while (len > 0) {
        struct e1000_iov *last;
        uint32_t n;

        if (dev->tx.length == 0) {
            iov[0] = (struct e1000_iov){dev->tx.head + TAG_BYTES, hdrlen};
            dev->tx.iovcnt = 1;
            dev->tx.length = hdrlen;
        }
        n = least(len, frame - dev->tx.length);
        last = &iov[dev->tx.iovcnt - 1];
        if (dev->tx.iovcnt > 1 && (const uint8_t *)last->base + last->len == p)
            last->len += n;
        else
            iov[dev->tx.iovcnt++] = (struct e1000_iov){p, n};
        dev->tx.length += n;
        p += n;
        len -= n;
        if (dev->tx.length == frame)
            send_whole_in_place(dev);
    }
}

/* Where the next frame of this length lies in the FIFO, which is empty; NULL: in two pieces. */
static uint8_t *one_piece(struct e1000 *dev, uint32_t len)
{
    const struct fifo *f = &dev->tx.fifo;

    return f->size - f->head >= FIFO_HEADER + len ? dev->pbm + f->base + f->head + FIFO_HEADER : NULL;
}

static void send_whole_from_fifo(struct e1000 *dev, uint8_t *at)
{
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen, len = dev->tx.length;
    struct fifo *const f = &dev->tx.fifo;
    struct e1000_iov iov[4] = {{at, len}};
    struct sum sum = {0};
    struct span span[2];
    unsigned n = 1;

    if (at != NULL) {
        memcpy(at, dev->tx.tso.header, hdrlen);
        sum_add(&sum, at + hdrlen, len - hdrlen);
    } else {
        at = dev->tx.head + TAG_BYTES;
        memcpy(at, dev->tx.tso.header, hdrlen);
        iov[0] = (struct e1000_iov){at, hdrlen};
        n += fifo_spans(dev, f, (int32_t)hdrlen, len - hdrlen, span);
        for (unsigned i = 1; i < n; i++) {
            sum_add(&sum, span[i - 1].at, span[i - 1].len);
            iov[i] = (struct e1000_iov){span[i - 1].at, span[i - 1].len};
        }
    }
    send_whole(dev, at, iov, n, &sum);
    if (iov[0].len == hdrlen && !fifo_put(dev, f, 0, at, hdrlen))
        ASSERT(!"room was checked before");
    f->moves++;
    f->head += fifo_cost(len);
    if (f->head >= f->size)
        f->head -= f->size;
}

/* False: a read was refused. */
static bool cut_copies(struct e1000 *dev, uint64_t addr, uint32_t len)
{
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen, frame = hdrlen + dev->tx.frame.context.mss;

    while (len > 0) {
        uint8_t *const at = one_piece(dev, frame);
        uint32_t n;

        if (dev->tx.length == 0)
            dev->tx.length = dev->tx.partial = hdrlen;
        n = least(len, frame - dev->tx.length);
        if (at == NULL ? !take_copy(dev, 0, addr, n) : !dma_read_quiet(dev, addr, at + dev->tx.length, n))
            return false;
        dev->tx.length += n;
        dev->tx.partial = dev->tx.length;
        addr += n;
        len -= n;
        if (dev->tx.length == frame)
            send_whole_from_fifo(dev, at);
    }
    return true;
}

/* False: what this descriptor asks for has not been done, or could not be; then the send has failed. */
static bool cut(struct e1000 *dev, const uint8_t *desc, bool place)
{
    const uint32_t len = get32(desc + TXD_LENGTH) & DTALEN_MASK;
    const uint32_t gathered = dev->tx.length > 0 ? dev->tx.length - dev->tx.frame.context.hdrlen : 0;
    const uint64_t addr = get64(desc);
    const uint8_t *p;

    if ((desc[TXD_CMD] & (CMD_DEXT | CMD_RS | CMD_EOP)) != CMD_DEXT || (desc[TXD_DTYP] & 0xf0) != DTYP_DATA ||
        addr == 0 || len == 0 || gathered + len >= dev->tx.frame.context.paylen - dev->tx.tso.sent)
        return false;
    if (place ? dev->tx.partial > 0 : dev->tx.iovcnt > 0) /* begun in the other way */
        return false;
    if (!place) {
        if (!cut_copies(dev, addr, len))
            fail_segments(dev);
        return true;
    }
    p = dev->tx.iovcnt + 3 < IOV_MAX ? dev->host.dma_map(dev->host.ctx, addr, len, false) : NULL;
    if (p == NULL)
        return false;
    cut_in_place(dev, p, len);
    return true;
}

static void segments_way(struct e1000 *dev, const struct ring *ring)
{
    struct desc_cache *const c = &dev->tx.cache;
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen;
    const uint32_t low = FIELD_OF(dev, TXDCTL, LWTHRESH) * 8, left = ring_left(ring, c->index);
    const uint32_t most = least(c->ready, left > low ? left - low : left);
    const bool place = in_place(dev);
    uint32_t n = 0;

    memcpy(dev->tx.head + TAG_BYTES, dev->tx.tso.header, hdrlen);
    while (n < most && !dev->tx.spoiled && cut(dev, c->desc[(c->oldest + n) % DESC_CACHE], place))
        n++;
    if (dev->tx.partial == dev->tx.length && dev->tx.partial > 0 && !dev->tx.spoiled &&
        !fifo_put(dev, &dev->tx.fifo, 0, dev->tx.tso.header, hdrlen))
        ASSERT(!"room was checked before");
    if (n == 0)
        return;
    c->ready -= n;
    c->used += n;
    cache_drop(c, n, ring->entries);
    dev->r[R_TDH] = c->index;
    dev->tx.outcome = 0;
    if (left - n == low)
        irq_raise(dev, E1000_MASK(ICR, TXD_LOW));
    if (left == n)
        irq_raise(dev, E1000_MASK(ICR, TXQE));
}

/* [3.4.1] Data for which the FIFO has room, and write-backs, go first. */
static void prefetch(struct e1000 *dev, const struct ring *ring)
{
    const bool gran = BIT_OF(dev, TXDCTL, GRAN);

    cache_prefetch(dev, &dev->tx.cache, ring, ring_threshold(dev, FIELD_OF(dev, TXDCTL, PTHRESH), gran),
                   ring_threshold(dev, FIELD_OF(dev, TXDCTL, HTHRESH), gran), E1000_OBJ_TXD);
}

void tx_run(struct e1000 *dev)
{
    struct ring ring;
    uint32_t budget, fetches = 0;

    if (dev->tx.busy || dev->tx.halted || !BIT_OF(dev, TCTL, EN) || deferred(dev, WORK_TX) || !dma_ready(dev) ||
        !get_ring(dev, &ring))
        return;
    dev->tx.busy = true;
    dev->tx.group.plain.known = false;
    for (budget = ring.entries; budget > 0; budget--) {
        if (dev->tx.cache.ready == 0) {
            if (ring.tail == dev->r[R_TDH])
                break;
            if (dev->board.defer_dma && fetches++ == TX_FETCHES) {
                dev->work |= WORK_TX;
                break;
            }
            if (!cache_fetch(dev, &dev->tx.cache, &ring, E1000_OBJ_TXD)) {
                dev->tx.halted = true;
                break;
            }
        }
        if (short_way_open(dev))
            short_way(dev, &ring);
        else if (segments_way_open(dev))
            segments_way(dev, &ring);
        if (dev->tx.cache.ready > 0 && !process(dev, &ring))
            break;
    }
    if (FIELD_OF(dev, TXDCTL, PTHRESH) != 0 && !dev->tx.halted)
        prefetch(dev, &ring);
    spill(dev);
    if (dev->tx.group.tally.octets > 0) {
        led_activity(dev);
        count_tally(dev, &dev->tx.group.tally);
        dev->tx.group.tally = (struct tally){0};
    }
    dev->tx.busy = false;
}

void tx_wake(struct e1000 *dev)
{
    drain(dev);
    tx_run(dev);
}

void tx_work(struct e1000 *dev, uint32_t work)
{
    if ((work & WORK_TX_DELAY) != 0)
        delay_over(dev);
    if ((work & WORK_TX_BACK) != 0)
        threshold_changed(dev);
    if ((work & WORK_TX) != 0)
        tx_run(dev);
}

void tx_reset(struct e1000 *dev)
{
    cache_clear(&dev->tx.cache, 0);
    forget_frame(dev);
    dev->tx.taken = 0;
    memset(dev->tx.context, 0, sizeof dev->tx.context);
    dev->tx.halted = dev->tx.busy = false;
    dev->tx.report_now = dev->tx.report_later = false;
    dev->tx.wire_free_ns = 0;
    dev->tx.outcome = 0;
    memset(&dev->tx.collide, 0, sizeof dev->tx.collide);
    dev->work &= ~(uint32_t)WORK_TX_ALL;
    flow_reset(dev);
    timer_stop(dev, T_TX);
    timer_stop(dev, T_TIDV);
    timer_stop(dev, T_TADV);
}

/* ---- registers ---- */

uint32_t tctl_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    if (op == ACCESS_READ) /* [13.4.33] until it is sent */
        return value | E1000_PUT(dev->flow.software, TCTL, SWXOFF);
    dev->r[slot] &= ~E1000_MASK(TCTL, SWXOFF);
    if ((value & ~old & E1000_MASK(TCTL, EN)) != 0) {
        dev->tx.halted = false;
        tx_held_up(dev);
        tx_wake(dev);
    }
    if ((value & E1000_MASK(TCTL, SWXOFF)) != 0)
        flow_software(dev);
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
        dev->tx.taken = 0;
    }
    return value;
}

static uint32_t ring_moved(struct e1000 *dev, enum access_op op, uint32_t value, uint32_t old)
{
    if (op == ACCESS_WRITE && value != old) {
        cache_clear(&dev->tx.cache, dev->r[R_TDH]);
        dev->tx.taken = 0;
    }
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

uint32_t txdctl_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE) {
        threshold_changed(dev);
        tx_run(dev); /* [3.4.1] "whenever": a higher PTHRESH acts on what is there */
    }
    return value;
}
