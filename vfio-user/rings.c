/*
 * rings.c - where the driver's descriptors lead
 *
 * Manual  3.2.3 and 3.3.3 descriptors, 3.2.6 and 3.4 rings, 13.4.25 to 13.4.29 and 13.4.36 to 13.4.40 their registers
 */
#include "rings.h"

#include <string.h>

#include "../model/e1000.h"
#include "../model/e1000_regs.h"
#include "dma.h"
#include "protocol.h"

enum { DESCRIPTOR = 16, RX_BUFFER_MAX = 16384 };

static bool only_messages(struct dma *dma, uint64_t addr, uint64_t len)
{
    uint64_t room;

    for (uint64_t done = 0; done < len; done += room) {
        const struct dma_map *const map = dma_find(dma, addr + done, 0, &room);

        if (map == NULL)
            return false; /* refused there, however it is reached */
        if (map->at == NULL)
            return true;
    }
    return false;
}

/* Bytes that the device may touch of the buffer of a transmit descriptor [3.3.3, 3.3.6, 3.3.7]. */
static uint64_t tx_bytes(const uint8_t *descriptor)
{
    const bool extended = (descriptor[11] & 0x20) != 0;

    if (extended && (descriptor[10] & 0xf0) == 0) /* a context has no buffer */
        return 0;
    return vu_little(descriptor + 8, extended ? 3 : 2) & 0xfffff;
}

static bool buffer_leads(struct dma *dma, uint64_t at, bool transmit)
{
    const uint8_t *const shared = dma_at(dma, at, DESCRIPTOR, 0);
    uint8_t descriptor[DESCRIPTOR];

    if (shared == NULL)
        return false;
    memcpy(descriptor, shared, sizeof descriptor);
    return only_messages(dma, vu_little(descriptor, 8), transmit ? tx_bytes(descriptor) : RX_BUFFER_MAX);
}

static bool ring_leads(struct ring *ring, struct dma *dma, const struct ring *now, uint32_t head, bool transmit)
{
    const uint32_t n = now->len / DESCRIPTOR;
    const bool same = ring->known && ring->base == now->base && ring->len == now->len;
    uint32_t at = same ? ring->tail : head, left;

    if (n == 0 || (same && ring->tail == now->tail))
        return false;
    if (only_messages(dma, now->base, now->len))
        return true;
    left = at < n && now->tail < n ? (now->tail + n - at) % n : n; /* a value outside may lead anywhere */
    for (at %= n; left > 0; left--, at = (at + 1) % n)
        if (buffer_leads(dma, now->base + (uint64_t)at * DESCRIPTOR, transmit))
            return true;
    *ring = *now;
    return false;
}

static struct ring registers(struct e1000 *dev, uint32_t low, uint32_t high, uint32_t len, uint32_t tail)
{
    return (struct ring){.known = true,
                         .base = (uint64_t)e1000_read32(dev, high) << 32 | (e1000_read32(dev, low) & ~UINT32_C(0xf)),
                         .len = e1000_read32(dev, len) & E1000_MASK(TDLEN, LEN),
                         .tail = e1000_read32(dev, tail) & E1000_MASK(TDT, TDT)};
}

bool rings_lead_to_messages(struct rings *rings, struct e1000 *dev, struct dma *dma)
{
    const struct ring tx = registers(dev, E1000_TDBAL, E1000_TDBAH, E1000_TDLEN, E1000_TDT);
    const struct ring rx = registers(dev, E1000_RDBAL, E1000_RDBAH, E1000_RDLEN, E1000_RDT);

    return ring_leads(&rings->tx, dma, &tx, e1000_read32(dev, E1000_TDH), true) ||
           ring_leads(&rings->rx, dma, &rx, e1000_read32(dev, E1000_RDH), false);
}
