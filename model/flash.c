/*
 * flash.c - the serial boot flash behind the flash BAR, the expansion ROM BAR and IOADDR 80000h on
 *
 * Manual  7, 13.2.1.2, 13.2.1.3, 13.2.2.2, 13.4.3 EECD.FWE, B.2.1
 * Called  by pci.c
 *
 * The part is the caller's storage. Hardware runs its commands; software sees memory. [7.1 silent] How
 * long an access is held off on the bus: no virtual time passes.
 */
#include "core.h"

enum { FWE_ON = 2 }; /* [13.4.3] 01b is off, the other two are not allowed */

/* [7, B.2.1] The part looks at its own address bits only, so it repeats beyond its end. */
static uint32_t part_size(const struct e1000 *dev)
{
    const uint32_t bytes = dev->board.flash == NULL || dev->pci.no_flash ? 0 : dev->board.flash_bytes;

    return bytes == 0 ? 0 : UINT32_C(1) << (31 - __builtin_clz(bytes));
}

static uint8_t *byte_at(const struct e1000 *dev, uint32_t offset)
{
    return &dev->board.flash[offset & (part_size(dev) - 1)];
}

static void trace_flash(struct e1000 *dev, enum e1000_event_kind kind, uint32_t offset, unsigned size, uint64_t value,
                        bool io)
{
    struct e1000_event ev = {.kind = kind,
                             .addr = offset,
                             .size = (uint8_t)size,
                             .value = (uint32_t)value,
                             .other = (uint32_t)(value >> 32),
                             .io = io};

    if (tracing(dev))
        trace_event(dev, &ev);
}

/* Without a part, or with the interface off [5.6.26], nobody drives the data: all ones. */
uint64_t flash_read(struct e1000 *dev, uint32_t offset, unsigned size, bool io)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)(part_size(dev) == 0 ? 0xff : *byte_at(dev, offset + i)) << 8 * i;
    trace_flash(dev, E1000_EV_FLASH_READ, offset, size, value, io);
    return value;
}

void flash_write(struct e1000 *dev, uint32_t offset, unsigned size, uint64_t value, bool io)
{
    bool fits = true;

    trace_flash(dev, E1000_EV_FLASH_WRITE, offset, size, value, io);
    if (FIELD_OF(dev, EECD, FWE) != FWE_ON) {
        bad(dev, RULE_FLASH_OFF, "FLASH", offset); /* [13.4.3] undefined on the chip, which may hang */
        return;
    }
    for (unsigned i = 0; i < size && part_size(dev) != 0; i++) {
        const uint8_t wanted = (uint8_t)(value >> 8 * i);
        uint8_t *const cell = byte_at(dev, offset + i);

        *cell &= wanted; /* an AT25 part programs ones to zeros */
        fits = fits && *cell == wanted;
    }
    if (!fits)
        bad(dev, RULE_FLASH_NOT_ERASED, "FLASH", offset);
}
