/*
 * diag.c - packet buffer allocation and the packet buffer's window
 *
 * Manual  13.4.16 PBA, 13.8.11 PBM, 15.1
 * Called  by regs.c
 * Calls   fifo.c
 */
#include "core.h"

#define PBA_TXA_LO 16
#define PACKET_BUFFER_KB 64u

/*
 * [13.4.16] TXA is what RXA leaves. [13.4.16 silent] When a split takes effect: at once while both
 * FIFOs are empty, else at the next CTRL.RST, which keeps PBA; Linux writes it just before that.
 */
uint32_t pba_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    const uint32_t rxa = E1000_GET(value, PBA, RXA);

    (void)old;
    if (op == ACCESS_READ)
        return value;
    dev->r[slot] = rxa | (rxa > PACKET_BUFFER_KB ? 0 : PACKET_BUFFER_KB - rxa) << PBA_TXA_LO;
    if (dev->rx.fifo.count == 0 && dev->tx.fifo.used == 0 && dev->tx.frame.kind == 0)
        fifo_split(dev);
    return value;
}

/* [13.8.11] The lowest address is the first byte of the receive FIFO. */
uint32_t pbm_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    uint8_t *p = &dev->pbm[(slot - R_PBM) * 4];

    (void)old;
    if (op == ACCESS_READ)
        return get32(p);
    put32(p, value);
    return value;
}
