/*
 * flow.c - flow control: PAUSE frames in and out
 *
 * Manual  8.7.2-8.7.6, 13.4.8-12, 13.4.23-24, 13.4.33 SWXOFF, 13.4.22 DPF and PMCF, 13.7.16-20
 * Called  by rx.c for control frames and the fill of its FIFO; by tx_wire.c, which puts PAUSE frames on the wire
 * Calls   tx_wake, tx_hold_back
 *
 * The transmitter is paused while T_PAUSE runs; STATUS.TXOFF says so.
 */
#include "core.h"

#include <string.h>

enum {
    OPCODE_AT = 14,
    TIME_AT = 16,
    CONTROL_BYTES = 18, /* of a frame that has all of that */
    OPCODE_PAUSE = 1,
    SLOT_BYTES = 64, /* [8.7.3] unit of the time field */
};

/* ---- PAUSE frames come [8.7.3, 8.7.4] ---- */

static bool same_address(const uint8_t *frame, uint32_t low, uint32_t high)
{
    return get32(frame) == low && get16(frame + 4) == (high & 0xffff);
}

/*
 * [8.7.3] Address, type and opcode. The station address is that of entry 0 [13.5.2]; [8.7.3 silent] its AV
 * must be set, as for any use of the entry.
 */
enum control flow_kind(const struct e1000 *dev, const uint8_t *frame, uint32_t len)
{
    const bool station =
        (dev->r[R_RAH] & E1000_MASK(RAH, AV)) != 0 && same_address(frame, dev->r[R_RAL], dev->r[R_RAH]);

    if (!BIT_OF(dev, CTRL, RFCE) || !dev->link.full_duplex || len < CONTROL_BYTES ||
        wire16(frame + OPCODE_AT - 2) != FIELD_OF(dev, FCT, FCT))
        return CONTROL_NONE;
    if (!station && !same_address(frame, dev->r[R_FCAL], dev->r[R_FCAH]))
        return CONTROL_NONE;
    if (wire16(frame + OPCODE_AT) != OPCODE_PAUSE)
        return CONTROL_OTHER;
    return station ? CONTROL_PAUSE_STATION : CONTROL_PAUSE;
}

/* A good control frame: count it, obey it. */
void flow_obey(struct e1000 *dev, enum control kind, const uint8_t *frame)
{
    const uint32_t time = wire16(frame + TIME_AT);

    if (kind == CONTROL_OTHER) {
        stat_add(dev, R_FCRUC, 1); /* [13.7.20] */
    } else if (time == 0) {
        stat_add(dev, R_XONRXC, 1);
        if (flow_paused(dev))
            flow_resume(dev);
    } else {
        stat_add(dev, R_XOFFRXC, 1);
        timer_set(dev, T_PAUSE, dev->now_ns + (uint64_t)time * SLOT_BYTES * byte_ns(dev));
        tx_hold_back(dev);
        tx_held_up(dev);
    }
}

/* XON, or the time is over. */
void flow_resume(struct e1000 *dev)
{
    timer_stop(dev, T_PAUSE);
    tx_wake(dev);
}

/* [8.7.3 silent] Neither a pause nor a PAUSE frame that is due outlives the link to that partner. */
void flow_link_lost(struct e1000 *dev)
{
    timer_stop(dev, T_PAUSE);
    dev->flow.due = PAUSE_NONE;
    dev->flow.told = false;
    dev->tx.collide.pending = 0;
    tx_link_lost(dev);
}

void flow_reset(struct e1000 *dev)
{
    memset(&dev->flow, 0, sizeof dev->flow);
    timer_stop(dev, T_PAUSE);
}

/* ---- PAUSE frames go [8.7.5, 8.7.6] ---- */

/* [8.7.5] Full duplex only; [silent] the last one wanted counts, if one still waits for the wire. */
static void want(struct e1000 *dev, enum pause what)
{
    dev->flow.due = what;
    tx_hold_back(dev);
    tx_drain(dev);
}

static bool sends(const struct e1000 *dev)
{
    return BIT_OF(dev, CTRL, TFCE) && dev->link.up && dev->link.full_duplex;
}

/* The fill of the receive FIFO has changed. Thresholds count when they are crossed [13.4.23, 13.4.24]. */
void flow_level(struct e1000 *dev)
{
    const uint32_t now = dev->rx.fifo.used, before = dev->flow.level;
    const uint32_t high = FIELD_OF(dev, FCRTH, RTH) * 8, low = FIELD_OF(dev, FCRTL, RTL) * 8;

    dev->flow.level = now;
    if (before < high && now >= high) {
        if (!sends(dev))
            return;
        dev->flow.told = true;
        dev->flow.told_twice = false;
        want(dev, PAUSE_XOFF);
    } else if (dev->flow.told && now <= low) {
        dev->flow.told = false;
        if (sends(dev) && BIT_OF(dev, FCRTL, XONE))
            want(dev, PAUSE_XON);
    }
}

/* [8.7.5] A frame was lost although the partner had been told: once more. */
void flow_overflow(struct e1000 *dev)
{
    if (!dev->flow.told || dev->flow.told_twice || !sends(dev))
        return;
    dev->flow.told_twice = true;
    want(dev, PAUSE_XOFF);
}

/* [8.7.6, 13.4.33] Whatever TFCE says. [13.4.33 silent] Without link it waits for one. */
void flow_software(struct e1000 *dev)
{
    if (dev->link.up && !dev->link.full_duplex) {
        bad(dev, RULE_PAUSE_HALF, "TCTL", dev->r[R_TCTL]);
        return;
    }
    dev->flow.software = true;
    tx_hold_back(dev);
    tx_drain(dev);
}

/* The one due as the frame to send, without FCS; it counts as sent. */
void flow_take(struct e1000 *dev, uint8_t frame[PAUSE_BYTES])
{
    uint32_t time = FIELD_OF(dev, FCTTV, TTV);

    if (dev->flow.software) {
        dev->flow.software = false;
    } else {
        if (dev->flow.due == PAUSE_XON)
            time = 0;
        dev->flow.due = PAUSE_NONE;
    }
    memset(frame, 0, PAUSE_BYTES);
    put32(frame, dev->r[R_FCAL]);
    put16(frame + 4, dev->r[R_FCAH]);
    put32(frame + 6, dev->r[R_RAL]);
    put16(frame + 10, dev->r[R_RAH]);
    put_wire16(frame + OPCODE_AT - 2, FIELD_OF(dev, FCT, FCT));
    put_wire16(frame + OPCODE_AT, OPCODE_PAUSE);
    put_wire16(frame + TIME_AT, time);
    stat_add(dev, time == 0 ? R_XONTXC : R_XOFFTXC, 1);
}
