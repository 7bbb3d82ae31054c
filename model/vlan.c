/*
 * vlan.c - 802.1q tags of received frames
 *
 * Manual  9.2.2 stripping, 9.3 filter, 13.5.4 VFTA, 13.4.11 VET
 * Called  by rx.c; pure functions on bytes, no device state
 */
#include "core.h"

enum { TYPE_AT = 12, TCI_AT = 14 };

/* [9.2.2] By type alone. [silent] A frame that ends inside its tag has none: there is no TCI to go by. */
bool vlan_tagged(const uint8_t *frame, uint32_t len, uint32_t vet)
{
    return len >= TYPE_AT + TAG_BYTES && wire16(frame + TYPE_AT) == vet;
}

/* [3.2.3.3] PRI, CFI and VID as one number. */
uint32_t vlan_tci(const uint8_t *frame)
{
    return wire16(frame + TCI_AT);
}

/* [9.3] The upper seven bits of VID choose the word, the lower five its bit. */
bool vlan_listed(const uint32_t *vfta, uint32_t tci)
{
    const uint32_t vid = tci & 0xfff;

    return (vfta[vid >> 5] >> (vid & 31) & 1) != 0;
}
