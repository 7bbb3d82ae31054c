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
    void (*stats)(void *ctx, FILE *to);                           /* "name value" lines */
    bool (*reopen)(void *ctx, char *why, size_t size);            /* trace and capture go on in new files */
    void (*quit)(void *ctx);
};

/* Serves a listening socket, which is its own from then on. NULL: no memory. */
struct control *control_new(struct loop *loop, int listener, const struct control_target *target);
void control_free(struct control *control);

#endif
