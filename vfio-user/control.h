/*
 * control.h - commands while the program runs, by a unix socket: a line each way
 */
#ifndef VFIO_USER_CONTROL_H
#define VFIO_USER_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../model/e1000.h"

struct control;
struct loop;

/* What commands do. */
struct control_target {
    void *ctx;
    void (*link)(void *ctx, const struct e1000_partner *partner); /* NULL: pulled */
    void (*fault)(void *ctx, enum e1000_wire_fault fault);        /* what the PHY's receiver meets */
    void (*collide)(void *ctx, uint32_t attempts, bool late);
    void (*pins)(void *ctx, FILE *to);        /* these two: "name value" lines */
    void (*go)(void *ctx);                    /* the device's clock, which does so from the beginning */
    void (*stop)(void *ctx);                  /* from then on it goes only by */
    uint64_t (*pass)(void *ctx, uint64_t ns); /* ns until the next event, DEVICE_NEVER */
    void (*stats)(void *ctx, FILE *to);
    bool (*reopen)(void *ctx, char *why, size_t size); /* trace and capture go on in new files */
    void (*quit)(void *ctx);
};

/* Serves a socket, listening or connected, which is its own from then on. NULL: no memory, or no such socket. */
struct control *control_new(struct loop *loop, int fd, const struct control_target *target);
void control_free(struct control *control);

#endif
