/*
 * messages.h - what is answered to each request of a client
 */
#ifndef VFIO_USER_MESSAGES_H
#define VFIO_USER_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

struct device;

/* What a connection has agreed on. */
struct session {
    struct device *device;
    bool negotiated;
};

/*
 * Do what the request says. body: len bytes behind the header, of any content. Descriptors that are kept are
 * taken out of fd[], by -1; the others stay the caller's. 0: *used bytes of reply have been written to to,
 * where a message's worth of room is; otherwise an errno for the reply.
 */
int message_handle(struct session *session, const struct vu_header *header, const uint8_t *body, size_t len, int *fd,
                   unsigned fds, uint8_t *to, size_t *used);

#endif
