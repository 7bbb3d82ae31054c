/*
 * fifo.c - the packet buffer as two queues of frames
 *
 * Manual  13.4.16 PBA, 13.8 diagnostics, 2.3.3
 * Called  by rx.c and tx.c; by reset.c and diag.c for the split
 *
 * Frames lie in the packet buffer one after the other, each on an 8-byte word, wrapping at the end of
 * its region. What is known of a frame stands beside the buffer, not in it: PBM is open to writes.
 */
#include "core.h"

#include <string.h>

/* [13.4.16] Receive first, RXA KB; transmit has the rest. RXA beyond 64 KB leaves transmit nothing. */
void fifo_split(struct e1000 *dev)
{
    const uint32_t kb = FIELD_OF(dev, PBA, RXA);
    const uint32_t rx = (kb > 64 ? 64 : kb) * 1024u;

    fifo_clear(&dev->rx.fifo);
    fifo_clear(&dev->tx.fifo);
    dev->rx.fifo.base = 0;
    dev->rx.fifo.size = rx;
    dev->tx.fifo.base = rx;
    dev->tx.fifo.size = PBM_BYTES - rx;
}

void fifo_clear(struct fifo *f)
{
    f->head = f->used = f->first = f->count = 0;
    f->moves++;
}

/* Bytes from..from+len of the region, counted from its oldest byte, as at most two pieces. */
static unsigned place(struct e1000 *dev, const struct fifo *f, uint32_t from, uint32_t len, uint8_t *part[2],
                      uint32_t size[2])
{
    uint32_t at = f->head + from;

    ASSERT(f->size > 0 && from + len <= f->size);
    if (at >= f->size)
        at -= f->size;
    part[0] = dev->pbm + f->base + at;
    size[0] = len;
    if (len <= f->size - at)
        return 1;
    size[0] = f->size - at;
    part[1] = dev->pbm + f->base;
    size[1] = len - size[0];
    return 2;
}

/* Room for len bytes at offset at of the frame that will come behind the last one. */
unsigned fifo_place(struct e1000 *dev, struct fifo *f, int32_t at, uint32_t len, uint8_t *part[2], uint32_t size[2])
{
    return place(dev, f, f->used + FIFO_HEADER + (uint32_t)at, len, part, size);
}

/* False if the frame would not fit. */
bool fifo_put(struct e1000 *dev, struct fifo *f, uint32_t at, const void *from, uint32_t len)
{
    uint8_t *part[2];
    uint32_t size[2];

    if (!fifo_room(f, at + len))
        return false;
    if (len == 0)
        return true;
    if (fifo_place(dev, f, (int32_t)at, len, part, size) == 2)
        memcpy(part[1], (const uint8_t *)from + size[0], size[1]);
    memcpy(part[0], from, size[0]);
    return true;
}

struct fifo_frame *fifo_push(struct fifo *f, uint32_t len, uint32_t flags)
{
    struct fifo_frame *frame = &f->frame[(f->first + f->count) % FIFO_FRAMES];

    ASSERT(fifo_room(f, len) && len <= UINT16_MAX);
    frame->len = (uint16_t)len;
    frame->flags = (uint16_t)flags;
    f->count++;
    f->moves++;
    f->used += fifo_cost(len);
    return frame;
}

struct fifo_frame *fifo_front(struct fifo *f)
{
    return f->count > 0 ? &f->frame[f->first] : NULL;
}

unsigned fifo_spans(struct e1000 *dev, const struct fifo *f, int32_t from, uint32_t len, struct span span[2])
{
    uint8_t *part[2] = {NULL, NULL};
    uint32_t size[2] = {0, 0};
    const unsigned n = place(dev, f, FIFO_HEADER + (uint32_t)from, len, part, size);

    for (unsigned i = 0; i < n; i++)
        span[i] = (struct span){part[i], size[i]};
    return n;
}

/* Forget the newest frame. */
void fifo_drop(struct fifo *f)
{
    ASSERT(f->count > 0);
    f->count--;
    f->moves++;
    f->used -= fifo_cost(f->frame[(f->first + f->count) % FIFO_FRAMES].len);
}

void fifo_pop(struct fifo *f)
{
    uint32_t cost;

    ASSERT(f->count > 0);
    cost = fifo_cost(f->frame[f->first].len);
    f->first = (f->first + 1) % FIFO_FRAMES;
    f->count--;
    f->moves++;
    f->used -= cost;
    f->head += cost;
    if (f->head >= f->size)
        f->head -= f->size;
}
