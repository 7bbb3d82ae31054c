/*
 * server.h - the socket, and the one client that is connected to it
 *
 * Connections are served one after the other; further clients wait in the queue of the socket. What a
 * client does wrong gets an error reply; what cannot be answered in the protocol, or would have the
 * server keep things without bound, ends the connection. Whatever ends it, all of the client's is given
 * back: its memory is unmapped, its descriptors are closed, the device is without power until the next.
 */
#ifndef VFIO_USER_SERVER_H
#define VFIO_USER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;
struct loop;
struct server;

struct server *server_new(struct loop *loop, struct device *device); /* NULL: no memory */

/*
 * Serve. A listening socket is accepted from again and again, a connected one is served once; once: the
 * loop is stopped when the first client has gone. The descriptor is the server's from then on. 0 or -errno.
 */
int server_serve(struct server *server, int fd, bool once);

void server_free(struct server *server);

struct server_stats {
    uint64_t clients, requests, errors; /* errors: replies that said so, and connections ended */
    uint64_t dma_reads, dma_writes;     /* messages, where the client's memory cannot be mapped */
    bool connected;
};
const struct server_stats *server_stats(const struct server *server);

#endif
