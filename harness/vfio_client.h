/*
 * vfio_client.h - the machine's end of vfio-user
 *
 * One connection to a device behind a socket, used as QEMU uses it: one request at a time that waits for
 * its reply, any number of posted writes before it. The server's own requests, for guest memory, are
 * served whenever this waits for something.
 *
 * A connection that is lost stays so: requests fail, reads give nothing, vfio_lost() says why.
 */
#ifndef HARNESS_VFIO_CLIENT_H
#define HARNESS_VFIO_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../vfio-user/protocol.h"

struct vfio_client;

/* Guest memory, for a server that asks for it by messages. False: refused. Called while a request waits. */
struct vfio_memory {
    void *ctx;
    bool (*read)(void *ctx, uint64_t addr, void *to, size_t len);
    bool (*write)(void *ctx, uint64_t addr, const void *from, size_t len);
};

/*
 * Speak to the server at a connected socket, which is the client's from then on: version, and that it is a
 * PCI device. timeout_ms: the longest that a reply may take. NULL with a message in why.
 */
struct vfio_client *vfio_open(int fd, const struct vfio_memory *memory, int timeout_ms, char *why, size_t size);
void vfio_close(struct vfio_client *client);
const char *vfio_lost(const struct vfio_client *client); /* NULL: the connection is good */

/* Each false: the server answered with an error, or the connection is lost. */
bool vfio_region(struct vfio_client *client, unsigned index, struct vu_region_info *info);
bool vfio_read(struct vfio_client *client, unsigned region, uint64_t offset, void *to, uint32_t count);
bool vfio_write(struct vfio_client *client, unsigned region, uint64_t offset, const void *from, uint32_t count);
bool vfio_map(struct vfio_client *client, const struct vu_dma_map *map, int fd); /* fd -1: by messages */
bool vfio_unmap(struct vfio_client *client, uint64_t iova, uint64_t size);
bool vfio_set_irqs(struct vfio_client *client, const struct vu_set_irqs *set, int fd); /* fd -1: none */
bool vfio_reset(struct vfio_client *client);

/* A write that nothing comes back from. */
void vfio_post(struct vfio_client *client, unsigned region, uint64_t offset, const void *from, uint32_t count);

/* There and back, with a request that changes nothing: what was sent before has been taken. */
bool vfio_round_trip(struct vfio_client *client);

/* Serve the server until the time is over. also: another descriptor whose readiness ends it, or -1. */
void vfio_wait(struct vfio_client *client, uint64_t until_ns, int also);

uint64_t vfio_served(const struct vfio_client *client); /* requests of the server so far */
uint64_t vfio_now(void);                                /* ns of CLOCK_MONOTONIC */

#endif
