/*
 * frames.h - frames that wait, a bounded number of bytes of them
 */
#ifndef VFIO_USER_FRAMES_H
#define VFIO_USER_FRAMES_H

#include "net.h"

#define FRAMES_BYTES (512u * 1024u)

struct frames {
    size_t head, used; /* a length, then a frame, over and over */
    uint8_t bytes[FRAMES_BYTES];
};

/* False: there is no room. */
bool frames_put(struct frames *frames, const struct iovec *iov, unsigned iovcnt, size_t len);
size_t frames_take(struct frames *frames, uint8_t *to); /* up to NET_PACKET_MAX bytes; 0: none waits */
/* Like frames_take(), but the frame stays the next one. */
size_t frames_look(const struct frames *frames, uint8_t *to);

#endif
