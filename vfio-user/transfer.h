/*
 * transfer.h - the client's memory by messages, where it cannot be mapped
 *
 * The device is synchronous and the client is not: while it waits for an answer of ours it answers none of
 * our requests. So the device never waits for memory. A piece of its work is tried: on a copy of the
 * device's state, with what has been read so far, nothing leaving it. What was missing is asked for, and
 * the work tried again when it has come; everything else goes on between. When nothing is missing any
 * more the work is done once in earnest: frames leave, writes are sent, and the interrupt waits until the
 * client has acknowledged the last of them.
 *
 *   idle --try--> idle, if nothing was missing: done, or waiting for the acknowledgement
 *     \--missing--> reading --all is there--> idle (try again)
 *
 * What was read is only good for this piece of work, and only as long as the driver has not changed its
 * mind: transfer_forget() when it writes a register other than a doorbell, when memory is unmapped, when
 * the device is reset.
 */
#ifndef VFIO_USER_TRANSFER_H
#define VFIO_USER_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dma.h"

struct transfer;

/* How requests get to the client. Replies come back by transfer_reply(). */
struct transfer_wire {
    void *ctx;
    void (*read)(void *ctx, uint16_t id, uint64_t addr, uint32_t len);
    void (*write)(void *ctx, uint16_t id, uint64_t addr, const void *from, uint32_t len, bool acknowledge);
};

struct transfer *transfer_new(struct dma *dma); /* NULL: no memory */
void transfer_connect(struct transfer *transfer, const struct transfer_wire *wire);
void transfer_free(struct transfer *transfer);
void transfer_limit(struct transfer *transfer, uint32_t bytes); /* of data in one message, as the client wants it */

/* Nothing is missing, and nothing waits to be acknowledged: a piece of work may be tried. */
bool transfer_idle(const struct transfer *transfer);

/*
 * Around the tries of a piece of work: begin; what the device does; then what has come of it. In earnest
 * no read may be missing, which the try before has shown.
 */
void transfer_begin(struct transfer *transfer);
bool transfer_missing(struct transfer *transfer); /* true: it has been asked for, put the device back */
void transfer_commit(struct transfer *transfer);

/* The device's own access between. False: there is no such memory. */
bool transfer_read(struct transfer *transfer, uint64_t addr, void *to, size_t len);
bool transfer_write(struct transfer *transfer, uint64_t addr, const void *from, size_t len);

/* A reply of the client; those that nobody waits for are ignored. */
void transfer_reply(struct transfer *transfer, uint16_t id, bool failed, const uint8_t *data, size_t len);

void transfer_forget(struct transfer *transfer);
void transfer_clear(struct transfer *transfer); /* the client has gone */

#endif
