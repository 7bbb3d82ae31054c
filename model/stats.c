/*
 * stats.c - statistics registers
 *
 * Manual  13.7, 14.8
 * Called  by regs.c; rx.c and tx.c count with stat_add() of core.h
 */
#include "core.h"

/* [13.7] Reading clears. Writes do nothing: the rows have no writable bits. */
uint32_t stat_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)old;
    if (op == ACCESS_READ)
        dev->r[slot] = 0;
    return value;
}

/*
 * [13.7] The halves of a 64-bit counter: reading the high one clears both, reading the low one
 * clears nothing. [13.7 silent] Nothing is latched between the two reads; Linux reads low, then high.
 */
uint32_t stat_lo_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)dev, (void)op, (void)slot, (void)old;
    return value;
}

uint32_t stat_hi_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)old;
    if (op == ACCESS_READ)
        dev->r[slot] = dev->r[slot - 1] = 0;
    return value;
}
