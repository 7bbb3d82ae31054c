/*
 * tx.c - transmit: descriptors to frames
 *
 * Manual  3.3 descriptors, 3.4 ring, 3.6 checksums, 9.2.1 VLAN tags, 13.4.33 TCTL, 13.4.36-45
 * Called  by regs.c for the transmit registers; by link.c and pci.c when sending becomes possible
 * Calls   tx_segments.c, tx_wire.c, ring.c, fifo.c, tso.c, irq_raise, host->frame_out
 *
 * One way through: tx_run takes descriptors, gathers their data behind the last frame of the transmit
 * FIFO (or leaves it in guest memory where the host maps that and the wire is free), and tx_drain sends.
 */
#include "tx.h"

#include <string.h>

#define ETH_HEADER 14u

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

/* ---- gathering a frame ---- */

/* What is left of it up to EOP is swallowed. */
void tx_spoil(struct e1000 *dev)
{
    if (dev->tx.group.segments > 0)
        tx_send_group(dev);
    tx_forget_bytes(dev);
    dev->tx.spoiled = true;
}

/* Move what lies in guest memory into the FIFO: a pointer is good for this call only. */
static void spill(struct e1000 *dev)
{
    if (dev->tx.group.segments > 0)
        tx_send_group(dev);
    for (unsigned i = 0; i < dev->tx.iovcnt; i++) {
        const struct e1000_iov *v = &dev->tx.iov[i];

        if (!fifo_put(dev, &dev->tx.fifo, dev->tx.partial, v->base, (uint32_t)v->len))
            ASSERT(!"room was checked when the data was taken");
        dev->tx.partial += (uint32_t)v->len;
    }
    dev->tx.iovcnt = 0;
}

bool tx_take_in_place(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len)
{
    struct e1000_iov *last;
    void *p;

    if (dev->tx.partial > 0 || dev->tx.fifo.count > 0)
        return false;
    if (dev->tx.iovcnt + 3 >= IOV_MAX && dev->tx.group.segments > 0)
        tx_send_group(dev);
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

bool tx_take_copy(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len)
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
        tx_spoil(dev);
        return true;
    }
    if (!fifo_room(&dev->tx.fifo, total + MIN_FRAME)) /* MIN_FRAME: for padding */
        return false;
    if (!(tx_in_place(dev) && tx_take_in_place(dev, index, addr, len)) && !tx_take_copy(dev, index, addr, len)) {
        tx_spoil(dev); /* [silent] a refused read ends the frame, not the device */
        return true;
    }
    dev->tx.length = total;
    return true;
}

/* ---- finishing a frame ---- */

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
void tx_insert_checksums(struct e1000 *dev, const struct tx_context *c, uint32_t more)
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

    tx_sent(dev, dev->tx.iov, dev->tx.iovcnt, len + FCS_BYTES);
    dev->host.frame_out(dev->host.ctx, &frame);
}

/* The gathered bytes are a whole frame: tag, pad and send it, or let it wait in the FIFO. */
void tx_commit(struct e1000 *dev, struct finish f)
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
            tx_send(dev, dev->tx.iov, dev->tx.iovcnt, len + (tag ? TAG_BYTES : 0), f.ifcs);
    } else {
        if (!fifo_put(dev, &dev->tx.fifo, dev->tx.partial, zeros, pad))
            ASSERT(!"room for padding was checked with the data");
        if (tag)
            put_tag_in_fifo(dev, f.tci);
        fifo_push(&dev->tx.fifo, len, (f.ifcs ? FIFO_IFCS : 0u) | (tag ? FIFO_TAG : 0u));
        tx_held_up(dev);
        tx_drain(dev);
    }
    tx_forget_bytes(dev);
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
    struct finish how = tx_finish_of(dev, cmd, get16(desc + TXD_SPECIAL));

    if (!dev->tx.spoiled && dev->tx.length > 0) {
        if (dev->tx.length < TX_FRAME_MIN)
            bad(dev, RULE_FRAME_TOO_SHORT, "txd", dev->tx.length);
        if (dev->tx.frame.kind == LEGACY && (cmd & CMD_IC) != 0)
            insert(dev, dev->tx.frame.css, 0, desc[TXD_CSO], 0);
        else if (dev->tx.frame.kind == DATA) {
            leave_checksum(dev, &how);
            tx_insert_checksums(dev, &dev->tx.frame.context, 0);
        }
        tx_commit(dev, how);
    }
    tx_forget_frame(dev);
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
    if (tse)
        tx_open_segments(dev, index);
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
        waits_for_bus(dev, WORK_TX_BACK, dev->tx.cache.used))
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
    if (waits_for_bus(dev, WORK_TX_DELAY, dev->tx.cache.used))
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
        if (dev->tx.frame.kind == SEGMENTS ? !tx_segment(dev, index, addr, len) : !take(dev, index, addr, len))
            return false;
    }
    dev->tx.taken = 0;
    if ((desc[TXD_CMD] & CMD_EOP) != 0) {
        if (dev->tx.frame.kind == SEGMENTS)
            tx_end_segments(dev);
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

    tx_tail_near(dev, ring_left(ring, dev->r[R_TDH]));
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
           dev->tx.collide.pending == 0 && tx_may_send(dev) && write_back_threshold(dev) <= 1 &&
           dev->tx.cache.used == 0 && dev->tx.fifo.count == 0 && dev->tx.fifo.size > 0 && !timer_running(dev, T_TIDV) &&
           !timer_running(dev, T_TADV);
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
                tx_count_group(dev, data);
            iov[0].base = data;
            iov[0].len = frame.length = len;
            if (by_host)
                host->frame_out(host->ctx, &frame);
            else
                tx_put_on_wire(dev, iov, 1, len, true);
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
    tx_run_done(dev, ring, n);
    f->head = head;
    f->moves++;
    led_activity(dev);
    tx_count_tally(dev, &tally);
    tx_tail_near(dev, left - n);
}

/* [3.4.1] Data for which the FIFO has room, and write-backs, go first. */
static void prefetch(struct e1000 *dev, const struct ring *ring)
{
    const bool gran = BIT_OF(dev, TXDCTL, GRAN);

    cache_prefetch(dev, &dev->tx.cache, ring, ring_threshold(dev, FIELD_OF(dev, TXDCTL, PTHRESH), gran),
                   ring_threshold(dev, FIELD_OF(dev, TXDCTL, HTHRESH), gran), E1000_OBJ_TXD);
}

/*
 * A descriptor may be a million segments of a byte. Where DMA waits for e1000_dma(), that comes back for the rest: its
 * host has others to attend to.
 */
static bool enough(const struct e1000 *dev, uint32_t bytes)
{
    return dev->board.defer_dma && (bytes >= TX_BYTES || dev->tx.group.tally.octets >= TX_BYTES);
}

void tx_run(struct e1000 *dev)
{
    struct ring ring;
    uint32_t budget, fetches = 0, bytes = 0;

    if (dev->tx.busy || dev->tx.halted || !BIT_OF(dev, TCTL, EN) || deferred(dev, WORK_TX) || !dma_ready(dev) ||
        !get_ring(dev, &ring))
        return;
    dev->tx.busy = true;
    dev->tx.group.plain.known = false;
    for (budget = ring.entries; budget > 0; budget--) {
        if (dev->tx.cache.ready == 0) {
            if (ring.tail == dev->r[R_TDH])
                break;
            if (dev->board.defer_dma && (fetches++ == TX_FETCHES || enough(dev, bytes))) {
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
        else if (tx_segments_way_open(dev))
            tx_segments_way(dev, &ring);
        if (dev->tx.cache.ready == 0)
            continue;
        if (enough(dev, bytes)) {
            dev->work |= WORK_TX;
            break;
        }
        bytes += get32(cache_next(&dev->tx.cache) + TXD_LENGTH) & DTALEN_MASK;
        if (!process(dev, &ring))
            break;
    }
    if (FIELD_OF(dev, TXDCTL, PTHRESH) != 0 && !dev->tx.halted)
        prefetch(dev, &ring);
    spill(dev);
    if (dev->tx.group.tally.octets > 0) {
        led_activity(dev);
        tx_count_tally(dev, &dev->tx.group.tally);
        dev->tx.group.tally = (struct tally){0};
    }
    dev->tx.busy = false;
}

void tx_wake(struct e1000 *dev)
{
    tx_drain(dev);
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
    tx_forget_frame(dev);
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
