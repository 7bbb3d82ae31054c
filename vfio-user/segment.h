/*
 * segment.h - what a sender has left to do: checksums, and cutting TCP into segments
 */
#ifndef VFIO_USER_SEGMENT_H
#define VFIO_USER_SEGMENT_H

#include "net.h"

/*
 * Make finished frames of a packet, in order, and hand each to fn in one piece. room has NET_PACKET_MAX
 * bytes. Returns how many; 0: it does not fit its own description (lengths are checked, nothing is trusted).
 */
unsigned segment_packet(const struct net_packet *packet, uint8_t *room,
                        void (*fn)(void *ctx, const struct net_packet *frame), void *ctx);

/* The ones' complement sum of bytes, as a partial sum to go on with: what segment_fold() makes 16 bits of. */
uint64_t segment_sum(uint64_t sum, const void *bytes, size_t len);
uint16_t segment_fold(uint64_t sum); /* in the byte order of the machine */

#endif
