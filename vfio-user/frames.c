/*
 * frames.c - frames that wait, a bounded number of bytes of them
 */
#include "frames.h"

#include <string.h>

static void put(struct frames *frames, const void *bytes, size_t len)
{
    const size_t at = (frames->head + frames->used) % FRAMES_BYTES;
    const size_t first = len < FRAMES_BYTES - at ? len : FRAMES_BYTES - at;

    memcpy(frames->bytes + at, bytes, first);
    memcpy(frames->bytes, (const uint8_t *)bytes + first, len - first);
    frames->used += len;
}

static void copy(const struct frames *frames, size_t at, void *to, size_t len)
{
    const size_t first = len < FRAMES_BYTES - at ? len : FRAMES_BYTES - at;

    memcpy(to, frames->bytes + at, first);
    memcpy((uint8_t *)to + first, frames->bytes, len - first);
}

bool frames_put(struct frames *frames, const struct iovec *iov, unsigned iovcnt, size_t len)
{
    const uint32_t header = (uint32_t)len;

    if (len == 0 || len > NET_PACKET_MAX || FRAMES_BYTES - frames->used < len + sizeof header)
        return false;
    put(frames, &header, sizeof header);
    for (unsigned i = 0; i < iovcnt; i++)
        put(frames, iov[i].iov_base, iov[i].iov_len);
    return true;
}

size_t frames_look(const struct frames *frames, uint8_t *to)
{
    uint32_t len;

    if (frames->used == 0)
        return 0;
    copy(frames, frames->head, &len, sizeof len);
    copy(frames, (frames->head + sizeof len) % FRAMES_BYTES, to, len);
    return len;
}

size_t frames_take(struct frames *frames, uint8_t *to)
{
    const size_t len = frames_look(frames, to);

    if (len == 0)
        return 0;
    frames->head = (frames->head + sizeof(uint32_t) + len) % FRAMES_BYTES;
    frames->used -= sizeof(uint32_t) + len;
    return len;
}
