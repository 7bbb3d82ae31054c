/*
 * tx.h - what the transmitter's three rooms share: tx.c, tx_segments.c, tx_wire.c
 *
 * Manual  3.3 descriptors, 3.4 ring, 3.5 segmentation
 */
#ifndef E1000_TX_H
#define E1000_TX_H

#include "core.h"

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

/* How a gathered frame is to be finished. */
struct finish {
    bool ifcs, tag;
    uint16_t tci;
    uint16_t csum_start, csum_offset; /* a checksum that is left to the host; csum_start 0: none */
};

static inline bool tx_may_send(const struct e1000 *dev)
{
    return (dev->link.up || dev->phy.looping) && BIT_OF(dev, TCTL, EN) && !flow_paused(dev) &&
           !power_low(dev); /* [6.3.1.4] */
}

/* [13.7.51, 13.7.52; silent] A broadcast counts as broadcast only. */
static inline void tx_count_group(struct e1000 *dev, const uint8_t *dst)
{
    const bool broadcast = (dst[0] & dst[1] & dst[2] & dst[3] & dst[4] & dst[5]) == 0xff;

    if ((dst[0] & 1) != 0)
        stat_add(dev, broadcast ? R_BPTC : R_MPTC, 1);
}

/* The bytes gathered so far; in a segmentation, those of the segment. */
static inline void tx_forget_bytes(struct e1000 *dev)
{
    dev->tx.length = dev->tx.partial = dev->tx.iovcnt = 0;
}

static inline void tx_forget_frame(struct e1000 *dev)
{
    tx_forget_bytes(dev);
    dev->tx.spoiled = false;
    dev->tx.frame.kind = NO_FRAME;
}

/* Frames can leave from where they lie: at once, and nobody has to see them before. */
static inline bool tx_in_place(const struct e1000 *dev)
{
    return dev->host.dma_map != NULL && !dev->board.line_rate && !dev->phy.detour && dev->tx.fifo.count == 0 &&
           tx_may_send(dev);
}

/* [3.3.3.1, 9.2.1] VLE is nothing without CTRL.VME; with it the FCS is always appended. */
static inline struct finish tx_finish_of(const struct e1000 *dev, uint32_t cmd, uint32_t special)
{
    const bool tag = (cmd & CMD_VLE) != 0 && BIT_OF(dev, CTRL, VME);

    return (struct finish){.ifcs = (cmd & CMD_IFCS) != 0 || tag, .tag = tag, .tci = (uint16_t)special};
}

/* A run of n descriptors is done: out of the cache, and TDH is behind them. */
static inline void tx_run_done(struct e1000 *dev, const struct ring *ring, uint32_t n)
{
    struct desc_cache *const c = &dev->tx.cache;

    c->ready -= n;
    c->used += n;
    cache_drop(c, n, ring->entries);
    dev->r[R_TDH] = c->index;
}

/* [3.4.3] TDH has come so near to the tail. */
static inline void tx_tail_near(struct e1000 *dev, uint32_t left)
{
    if (left == FIELD_OF(dev, TXDCTL, LWTHRESH) * 8)
        irq_raise(dev, E1000_MASK(ICR, TXD_LOW));
    if (left == 0)
        irq_raise(dev, E1000_MASK(ICR, TXQE));
}

/* ---- tx.c: gathering a frame, finishing it ---- */
void tx_spoil(struct e1000 *dev); /* the frame cannot be sent: what comes of it up to EOP is swallowed */
/* len bytes at addr behind what has been gathered. False: not in place; a read was refused. */
bool tx_take_in_place(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len);
bool tx_take_copy(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len);
void tx_insert_checksums(struct e1000 *dev, const struct tx_context *c, uint32_t more);
void tx_commit(struct e1000 *dev, struct finish f); /* what has been gathered is a whole frame */

/* ---- tx_segments.c [3.5] ---- */
void tx_open_segments(struct e1000 *dev, uint32_t index); /* frame.context is set; index: of its descriptor */
bool tx_segment(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len);
void tx_end_segments(struct e1000 *dev); /* EOP */
void tx_send_group(struct e1000 *dev);
bool tx_segments_way_open(struct e1000 *dev);
void tx_segments_way(struct e1000 *dev, const struct ring *ring);

/* ---- tx_wire.c [13.4.34, 8.4.2, 13.7.40-52] ---- */
void tx_count_tally(struct e1000 *dev, const struct tally *t);
/* len: of the frame on the wire, with FCS */
void tx_sent(struct e1000 *dev, const struct e1000_iov *iov, unsigned n, uint32_t len); /* counts it */
/* len: without an FCS that ifcs asks for; iov has room for one more entry */
void tx_put_on_wire(struct e1000 *dev, struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs);
void tx_send(struct e1000 *dev, struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs); /* counts it, too */

#endif
