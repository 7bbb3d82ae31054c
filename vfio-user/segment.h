/*
 * segment.h - what a sender has left to do: checksums, and cutting TCP into segments
 */
#ifndef VFIO_USER_SEGMENT_H
#define VFIO_USER_SEGMENT_H

#include "net.h"

struct segmenter {
    struct net_packet packet;
    uint8_t *room;
    size_t header, ip, tcp; /* bytes in front of the payload; where those headers are */
    size_t at;              /* payload done */
    unsigned iov;           /* where the packet goes on */
    size_t iov_at;
    struct iovec whole;
    uint16_t id;
    uint32_t seq;
    uint8_t flags;
    bool done;
};

/*
 * Begin to make finished frames of a packet, in room (NET_PACKET_MAX bytes); the packet's bytes and iov stay
 * until the end. False: it does not fit its own description; lengths are checked, nothing is trusted.
 */
bool segment_start(struct segmenter *segmenter, const struct net_packet *packet, uint8_t *room);
/* The next frame, in one piece, good until the next call; false: that was all. */
bool segment_next(struct segmenter *segmenter, struct net_packet *frame);

/* All of them at once to fn. Returns how many; 0: as segment_start() false. */
unsigned segment_packet(const struct net_packet *packet, uint8_t *room,
                        void (*fn)(void *ctx, const struct net_packet *frame), void *ctx);

/*
 * The headers of a packet that somebody else is to cut, copied to room and made what Linux expects there:
 * lengths and sums of the packet as if it were one. Returns their length; 0: as segment_start() false, or
 * longer than IP can say.
 */
size_t segment_headers(const struct net_packet *packet, uint8_t *room);

/* The ones' complement sum of bytes, as a partial sum to go on with: what segment_fold() makes 16 bits of. */
uint64_t segment_sum(uint64_t sum, const void *bytes, size_t len);
uint16_t segment_fold(uint64_t sum); /* in the byte order of the machine */

#endif
