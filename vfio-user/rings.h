/*
 * rings.h - where the driver's descriptors lead
 *
 * Some maps have a descriptor and some have none: work goes in place as long as nothing that the driver has
 * given away lies where only messages reach. A piece of work that has begun in place cannot be put back, so
 * this is looked at before.
 */
#ifndef VFIO_USER_RINGS_H
#define VFIO_USER_RINGS_H

#include <stdbool.h>
#include <stdint.h>

struct dma;
struct e1000;

struct rings {
    struct ring {
        bool known; /* all zero: nothing has been looked at */
        uint64_t base;
        uint32_t len, tail; /* as the registers had them: up to there all is in place */
    } tx, rx;
};

/*
 * Does a ring, or a buffer between its head and tail, lie in a map without a descriptor? What was looked at
 * before is not looked at again; set *rings to zero when maps or registers other than the tails change. Reads
 * registers of the device: the caller keeps the events of it.
 */
bool rings_lead_to_messages(struct rings *rings, struct e1000 *dev, struct dma *dma);

#endif
