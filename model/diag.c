/*
 * diag.c - packet buffer allocation, its window and pointers, loopback
 *
 * Manual  13.4.16 PBA, 13.8, 15.1, 13.4.7.1.1 PCTRL
 * Called  by regs.c; by tx_wire.c with a frame while the PHY is in loopback or cut off
 * Calls   fifo.c, rx_looped
 */
#include "core.h"

#include <string.h>

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

/* ---- FIFO pointers [13.8.1-10] ---- */

/* Places of a unit's registers, from its head on. */
enum { HEAD, TAIL, HEAD_SAVED, TAIL_SAVED, COUNT };
_Static_assert(R_RDFPC == R_RDFH + COUNT && R_TDFPC == R_TDFH + COUNT, "the five follow each other in regs.def");

#define WORD 8u /* [13.8] pointers count 64-bit words */

/*
 * What the FIFO has now. [13.8.3, 13.8.4, 13.8.8, 13.8.9 silent] When hardware saves a pointer: with every
 * whole frame, and here frames come and go whole.
 */
static void refresh(struct e1000 *dev, const struct fifo *f, unsigned first)
{
    const uint32_t mask = first == R_TDFH ? E1000_BITS_(10, 0) : E1000_BITS_(12, 0);
    const uint32_t tail = f->head + f->used, at = (tail < f->size ? tail : tail - f->size) / WORD;

    /* [13.8.6, 13.8.7] TDFH and TDFT have 11 bits, enough for 16 KB; of a larger split they show the low ones. */
    dev->r[first + HEAD] = (f->head / WORD) & mask;
    dev->r[first + TAIL] = at & mask;
    dev->r[first + HEAD_SAVED] = f->head / WORD;
    dev->r[first + TAIL_SAVED] = at;
    dev->r[first + COUNT] = f->count;
}

/* [15.1.1] Take frames out by moving the head past them. Anything but a frame's border moves nothing. */
static void move_head(struct fifo *f, uint32_t at)
{
    uint32_t head = f->head;

    for (uint32_t i = 0, n = f->count; i <= n; i++) {
        if (head == at) {
            for (; i > 0; i--)
                fifo_pop(f);
            return;
        }
        if (i < n)
            head += fifo_cost(f->frame[(f->first + i) % FIFO_FRAMES].len);
        if (head >= f->size)
            head -= f->size;
    }
}

/* The same at the other end; with nothing in it, the next frame comes to lie there. */
static void move_tail(struct fifo *f, uint32_t at)
{
    uint32_t used = f->used;

    if (f->count == 0) {
        f->head = at;
        return;
    }
    for (uint32_t drop = 0; drop <= f->count; drop++) {
        uint32_t tail = f->head + used;

        if (tail >= f->size)
            tail -= f->size;
        if (tail == at) {
            for (; drop > 0; drop--)
                fifo_drop(f);
            return;
        }
        if (drop < f->count)
            used -= fifo_cost(f->frame[(f->first + f->count - 1 - drop) % FIFO_FRAMES].len);
    }
}

/*
 * [13.8, 15.1 silent] What a written pointer does: it reads back until the FIFO moves, and with the unit
 * off it moves the FIFO itself. Linux writes TDFT, TDFH and their saved copies alike on an idle 82547.
 */
static uint32_t pointer(struct e1000 *dev, enum access_op op, unsigned slot, struct fifo *f, unsigned first,
                        bool in_use)
{
    const unsigned unit = first == R_TDFH, which = slot - first;
    const uint32_t mask = which < HEAD_SAVED && unit == 1 ? 0x7ff : 0x1fff, value = dev->r[slot];
    const uint32_t at = f->size == 0 ? 0 : value * WORD % f->size;

    if (dev->diag.moves[unit] != f->moves)
        refresh(dev, f, first);
    dev->diag.moves[unit] = f->moves;
    if (op == ACCESS_READ)
        return dev->r[slot] & mask;
    dev->r[slot] = value;
    if (in_use) {
        bad(dev, RULE_FIFO_POINTER, unit == 1 ? "TDFH" : "RDFH", value);
        return value;
    }
    if (which == HEAD)
        move_head(f, at);
    else if (which == TAIL)
        move_tail(f, at);
    if (dev->diag.moves[unit] != f->moves)
        refresh(dev, f, first);
    dev->diag.moves[unit] = f->moves;
    return value;
}

uint32_t rdf_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)value, (void)old;
    return pointer(dev, op, slot, &dev->rx.fifo, R_RDFH, BIT_OF(dev, RCTL, EN) || dev->rx.done > 0);
}

uint32_t tdf_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)value, (void)old;
    return pointer(dev, op, slot, &dev->tx.fifo, R_TDFH, BIT_OF(dev, TCTL, EN) || dev->tx.length > 0);
}

/* ---- frames that do not simply cross the wire ---- */

/* As it would have been on the wire, with its FCS. */
static void trace_loop(struct e1000 *dev, const struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs)
{
    struct e1000_iov whole[4];
    const struct e1000_frame frame = {
        .iov = whole, .iovcnt = n + ifcs, .length = len + (ifcs ? FCS_BYTES : 0), .flags = E1000_FRAME_FCS};
    struct e1000_event ev = {.kind = E1000_EV_FRAME_LOOP, .frame = &frame, .len = frame.length};
    uint8_t fcs[FCS_BYTES];
    uint32_t crc = UINT32_MAX;

    ASSERT(n < sizeof whole / sizeof whole[0]);
    for (unsigned i = 0; i < n; i++) {
        whole[i] = iov[i];
        crc = crc32_update(crc, iov[i].base, iov[i].len);
    }
    put32(fcs, ~crc);
    whole[n] = (struct e1000_iov){fcs, sizeof fcs};
    trace_event(dev, &ev);
}

/* [15.1.3.1] Back to the receiver. Only tx_wire.c's timer comes here, so no part of the transmitter is at work. */
static void loop(struct e1000 *dev, const struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs)
{
    const uint8_t *frame = iov[0].base;
    const uint32_t flags = ifcs ? 0 : E1000_FRAME_FCS; /* the last four bytes are what the receiver takes for it */
    uint32_t at = 0;

    if (tracing(dev))
        trace_loop(dev, iov, n, len, ifcs);
    if (dev->diag.loop_busy) { /* a frame that reception itself has sent */
        trace_drop(dev, len + (ifcs ? FCS_BYTES : 0), "loopback", "15.1.3.1");
        return;
    }
    if (dev->link.speed != dev->phy.speed) {
        bad(dev, RULE_LOOP_SPEED, "CTRL", dev->r[R_CTRL]);
        return;
    }
    if (!dev->link.full_duplex) {
        bad(dev, RULE_LOOP_DUPLEX, "CTRL", dev->r[R_CTRL]);
        return;
    }
    ASSERT(len <= sizeof dev->diag.joined);
    if (n > 1) {
        for (unsigned i = 0; i < n; i++) {
            memcpy(dev->diag.joined + at, iov[i].base, iov[i].len);
            at += (uint32_t)iov[i].len;
        }
        frame = dev->diag.joined;
    }
    dev->diag.loop_busy = true;
    rx_looped(dev, frame, len, flags);
    dev->diag.loop_busy = false;
}

bool diag_detour(struct e1000 *dev, const struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs)
{
    const uint32_t whole = len + (ifcs ? FCS_BYTES : 0);

    if ((dev->phy.reg[P_PCTRL] & PHY_MASK(PCTRL, ISOLATE)) != 0) {
        if (dev->link.full_duplex)
            stat_add(dev, R_TNCRS, 1); /* [13.7.12] sent as far as the MAC knows, and no carrier sense came */
        trace_drop(dev, whole, "PHY isolated", "13.4.7.1.1");
    } else if (dev->phy.looping)
        loop(dev, iov, n, len, ifcs);
    else if (!dev->phy.wired)
        trace_drop(dev, whole, "no partner", "13.4.7.1.13");
    else
        return false;
    return true;
}
