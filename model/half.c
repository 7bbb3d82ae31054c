/*
 * half.c - half duplex: collisions
 *
 * Manual  8.4.2, 13.4.33 TCTL.CT and RTLC, 13.7.6-10 counters, 3.3.3.2 EC and LC
 * Called  by tx_wire.c, which retries, gives up or goes on as half_collide() says; by the host with collisions
 * Calls   tx_hold_back, tx_drain, led_collision
 *
 * The wire has no second sender of its own: attempts collide because the host says so (e1000_collide) or the
 * PHY's collision test does.
 */
#include "core.h"

#define JAM_BYTES 4u /* [8.4.2 silent] 32 bits, IEEE 802.3, 4.4.2 */
#define MOST_TRIES 16u
#define BACKOFF_MOST 10u /* IEEE 802.3, 4.2.3.2.5 */

static uint32_t window_bytes(const struct e1000 *dev) /* [3.3.3.2, 13.4.33] */
{
    return dev->link.speed == 1000 ? 512 : 64;
}

static bool tested(const struct e1000 *dev)
{
    return (dev->phy.reg[P_PCTRL] & PHY_MASK(PCTRL, COLLISION_TEST)) != 0;
}

void e1000_collide(struct e1000 *dev, uint32_t attempts, bool late)
{
    if (!dev->link.up || dev->link.full_duplex)
        return;
    tx_hold_back(dev);
    dev->tx.collide.pending = attempts;
    dev->tx.collide.late = late;
    tx_drain(dev);
}

/* [8.4.2] In full duplex the collision signal means nothing. */
bool half_meets(const struct e1000 *dev)
{
    return !dev->link.full_duplex && (dev->tx.collide.pending > 0 || tested(dev));
}

/*
 * An attempt has ended in a collision. [13.4.33 silent] An attempt after a late collision is one of CT's, too: else a
 * partner that never listens would hold the frame for ever.
 */
enum half_fate half_collide(struct e1000 *dev)
{
    const bool late = dev->tx.collide.pending > 0 && dev->tx.collide.late;
    const uint32_t most = FIELD_OF(dev, TCTL, CT);

    if (dev->tx.collide.pending > 0)
        dev->tx.collide.pending--;
    led_collision(dev);
    dev->tx.collide.attempts++;
    if (late) {
        if (!dev->tx.collide.was_late)
            stat_add(dev, R_LATECOL, 1); /* [13.7.9] packets with them */
        dev->tx.collide.was_late = true;
        if (!BIT_OF(dev, TCTL, RTLC)) /* [13.4.33] "assumes the packet is successfully transmitted" */
            return HALF_LATE;
    } else {
        stat_add(dev, R_COLC, 1); /* [13.7.10] not the late ones */
        /* [13.7.7] At the sixteenth, and never with CT below 16. */
        if (++dev->tx.collide.collisions == MOST_TRIES && most >= MOST_TRIES)
            stat_add(dev, R_ECOL, 1);
    }
    return dev->tx.collide.attempts > most ? HALF_GIVEN_UP : HALF_AGAIN;
}

/* The frame is through, or given up. What STA says of it [3.3.3.2]. */
uint8_t half_over(struct e1000 *dev, enum half_fate fate)
{
    const uint32_t collisions = dev->tx.collide.collisions;
    const uint8_t sta = (uint8_t)((fate == HALF_GIVEN_UP ? HALF_EC : 0) | (dev->tx.collide.was_late ? HALF_LC : 0));

    if (fate != HALF_GIVEN_UP && !dev->link.full_duplex && collisions > 0 && collisions < MOST_TRIES)
        stat_add(dev, collisions == 1 ? R_SCC : R_MCC, 1); /* [13.7.6, 13.7.8] */
    dev->tx.collide.attempts = dev->tx.collide.collisions = 0;
    dev->tx.collide.was_late = false;
    return sta;
}

/* [8.4.2 silent] Byte times of an attempt that collides: in the preamble, which is finished, or behind the window. */
uint32_t half_bytes(const struct e1000 *dev)
{
    const bool late = dev->tx.collide.pending > 0 && dev->tx.collide.late;

    return PREAMBLE_BYTES + (late ? window_bytes(dev) : 0) + JAM_BYTES;
}

/*
 * [13.4.33] Back-off before the next attempt, in byte times. IEEE 802.3 draws from 0 to 2^n - 1 slots behind the nth; a
 * run must repeat, so it is the middle of that here [silent].
 */
uint32_t half_backoff(const struct e1000 *dev)
{
    const uint32_t n = dev->tx.collide.attempts;

    return window_bytes(dev) << ((n < BACKOFF_MOST ? n : BACKOFF_MOST) - 1);
}
