/*
 * ring.c - what both descriptor rings share: the descriptors held on chip
 *
 * Manual  3.2.4-3.2.6, 3.4, 3.4.1, 3.4.2
 * Called  by rx.c, tx.c
 * Calls   dma_read, dma_write
 */
#include "core.h"

#include <string.h>

void cache_clear(struct desc_cache *c, uint32_t index)
{
    c->index = index;
    c->oldest = c->used = c->ready = 0;
}

/*
 * [3.2.4, 3.4.1] As many as fit, never at or past the tail: one burst, two where the ring wraps. Each
 * descriptor is read once; what the driver writes to it later is not seen. [3.2.4] The chip "may elect" to stop at a
 * cache line's end where more wait than fit; it does not here.
 */
bool cache_fetch(struct e1000 *dev, struct desc_cache *c, const struct ring *ring, enum e1000_object what)
{
    const uint32_t held = c->used + c->ready;
    uint32_t index = c->index + held, left;
    uint8_t burst[DESC_CACHE * DESC_BYTES]; /* where it wraps on the chip, but not in the ring */

    if (index >= ring->entries)
        index -= ring->entries;
    left = ring_left(ring, index);
    if (left > DESC_CACHE - held)
        left = DESC_CACHE - held;
    while (left > 0) {
        const uint32_t slot = (c->oldest + c->used + c->ready) % DESC_CACHE;
        uint32_t n = left;

        if (n > ring->entries - index)
            n = ring->entries - index;
        if (!dma_read(dev, what, index, ring->base + (uint64_t)index * DESC_BYTES,
                      n <= DESC_CACHE - slot ? c->desc[slot] : burst, n * DESC_BYTES))
            break;
        for (uint32_t i = 0; n > DESC_CACHE - slot && i < n; i++)
            memcpy(c->desc[(slot + i) % DESC_CACHE], burst + i * DESC_BYTES, DESC_BYTES);
        c->ready += n;
        left -= n;
        index += n;
        if (index == ring->entries)
            index = 0;
    }
    return c->ready > 0;
}

/*
 * [3.2.4, 3.4.1] Nearly empty, and enough in memory. Figure 3-1 has "more than" HTHRESH, both register texts "at
 * least". Whoever calls has nothing left for the bus that goes before. A refused one stops nothing: what is on chip is
 * good.
 */
void cache_prefetch(struct e1000 *dev, struct desc_cache *c, const struct ring *ring, uint32_t pthresh,
                    uint32_t hthresh, enum e1000_object what)
{
    const uint32_t held = c->used + c->ready, given = ring_left(ring, c->index);

    /* A tail moved back over what is held leaves nothing to fetch. */
    if (c->ready < pthresh && given > held && given - held >= hthresh)
        cache_fetch(dev, c, ring, what);
}

bool cache_write_back(struct e1000 *dev, struct desc_cache *c, const struct ring *ring, uint32_t n,
                      enum e1000_object what)
{
    uint8_t burst[DESC_CACHE * DESC_BYTES];
    bool ok = true;

    ASSERT(n <= c->used);
    while (n > 0) {
        uint32_t run = n;

        if (run > ring->entries - c->index)
            run = ring->entries - c->index;
        for (uint32_t i = 0; run > DESC_CACHE - c->oldest && i < run; i++)
            memcpy(burst + i * DESC_BYTES, c->desc[(c->oldest + i) % DESC_CACHE], DESC_BYTES);
        if (!dma_write(dev, what, c->index, ring->base + (uint64_t)c->index * DESC_BYTES,
                       run <= DESC_CACHE - c->oldest ? c->desc[c->oldest] : burst, run * DESC_BYTES))
            ok = false;
        cache_drop(c, run, ring->entries);
        n -= run;
    }
    return ok;
}

/*
 * [13.4.46, 13.4.43] A threshold in descriptors. With GRAN 0 it counts cache lines, of which PCI knows
 * four sizes; any other size counts as 32 bytes [4.2].
 */
uint32_t ring_threshold(const struct e1000 *dev, uint32_t field, bool gran)
{
    const uint32_t line = dev->pci.config[0x0c] * 4u;

    if (gran)
        return field;
    return field * ((line == 16 || line == 64 || line == 128 ? line : 32u) / DESC_BYTES);
}
