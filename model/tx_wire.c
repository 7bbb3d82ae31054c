/*
 * tx_wire.c - transmit: frames out to the wire
 *
 * Manual  13.4.33 TCTL, 13.4.34 TIPG, 8.4.2 collisions, 8.7 PAUSE frames, 8.7.1 gaps, 13.7.40-52 counters
 * Called  by tx.c and tx_segments.c with frames; by device.c, link.c and flow.c when sending begins or ends
 * Calls   fifo.c, flow.c, half.c, diag.c, host->frame_out
 */
#include "tx.h"

#include <string.h>

#define IPG_HARDWARE 4u /* [13.4.34] clocks that hardware adds to IPGT */
#define IEEE_GAP 12u    /* [8.7.1] 96 bit times */

/* ---- counted, and out ---- */

void tx_count_tally(struct e1000 *dev, const struct tally *t)
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
        tx_count_group(dev, dst);
}

void tx_put_on_wire(struct e1000 *dev, struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs)
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

void tx_sent(struct e1000 *dev, const struct e1000_iov *iov, unsigned n, uint32_t len)
{
    uint8_t room[6];

    led_activity(dev);
    count_sent(dev, destination(iov, n, room), len);
}

void tx_send(struct e1000 *dev, struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs)
{
    if (half_meets(dev) && !dev->board.line_rate && !gets_through(dev, iov, n, len + (ifcs ? FCS_BYTES : 0)))
        return;
    tx_sent(dev, iov, n, len + (ifcs ? FCS_BYTES : 0));
    tx_put_on_wire(dev, iov, n, len, ifcs);
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
        tx_send(dev, iov, n, len, frame->flags & FIFO_IFCS);
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
    tx_put_on_wire(dev, iov, 1, PAUSE_BYTES, true);
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
    if (frame == NULL || !tx_may_send(dev))
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
 * counts once, when it is first held up, however long and for how many reasons it waits. [silent] whether a frame that
 * comes in the gap behind the last one is "streaming" when the FIFO was empty: it is, it waits for the "TX IPG" as any
 * frame behind another does; the IPG that counts is the one behind a carrier of somebody else's (IPGR2).
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
void tx_drain(struct e1000 *dev)
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
    tx_drain(dev);
    tx_run(dev);
}
