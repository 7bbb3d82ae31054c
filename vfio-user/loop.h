/*
 * loop.h - one thread that waits for descriptors, timers and signals
 *
 * Everything in the program happens inside a callback of this loop; none may block. Nothing is allocated
 * while it runs, but for room when more is waited for than ever before.
 */
#ifndef VFIO_USER_LOOP_H
#define VFIO_USER_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop *loop_new(void); /* NULL: no memory, or no descriptor left */
void loop_free(struct loop *loop);

uint64_t loop_now(void); /* ns of CLOCK_MONOTONIC */

/* ---- descriptors: POLLIN, POLLOUT; POLLHUP and POLLERR come unasked ----------------------------- */

typedef void loop_fd_fn(void *ctx, int fd, short revents);

/* Events 0: only hang-up and errors. 0, or a negative errno: -EEXIST for one that is waited for already. */
int loop_add(struct loop *loop, int fd, short events, loop_fd_fn *fn, void *ctx);
/* Both also from inside a callback; one that is not waited for is left alone. Remove before closing. */
void loop_change(struct loop *loop, int fd, short events);
void loop_remove(struct loop *loop, int fd);

/* ---- timers: the caller's storage, as long as it is armed --------------------------------------- */

#define LOOP_NEVER UINT64_MAX

struct loop_timer {
    void (*fn)(void *ctx);
    void *ctx;
    uint64_t at_ns;          /* the loop's from here on */
    struct loop_timer *next; /* of those in the loop */
    bool armed;
};

/* Call fn once when loop_now() reaches at_ns; LOOP_NEVER: not at all. Replaces what was set before. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t at_ns);

/* ---- before it sleeps --------------------------------------------------------------------------- */

/*
 * Called, in the order of adding, after every round of callbacks and before the loop may sleep. True: not
 * done yet, look at the descriptors without sleeping and call again.
 */
typedef bool loop_idle_fn(void *ctx);
int loop_add_idle(struct loop *loop, loop_idle_fn *fn, void *ctx); /* 0 or -ENOSPC */
void loop_remove_idle(struct loop *loop, const void *ctx);

/* ---- libraries with sets of descriptors of their own -------------------------------------------- */

struct loop_poll; /* what one poll waits for */

/* An index for loop_poll_revents(), or -1 without memory. The same descriptor may be in there more than once. */
int loop_poll_add(struct loop_poll *set, int fd, short events);
short loop_poll_revents(const struct loop_poll *set, int index);

struct loop_hook {
    void *ctx;
    /* Before each poll: add descriptors; *timeout_ms may be lowered (-1: for ever). */
    void (*prepare)(void *ctx, struct loop_poll *set, int *timeout_ms);
    void (*after)(void *ctx, const struct loop_poll *set, bool error);
};

int loop_add_hook(struct loop *loop, const struct loop_hook *hook); /* 0 or -ENOSPC */
void loop_remove_hook(struct loop *loop, const void *ctx);

/* ---- signals ------------------------------------------------------------------------------------ */

/* SIGTERM and SIGINT stop the loop, SIGPIPE is ignored; any other signal may be given a function. */
int loop_add_signal(struct loop *loop, int number, void (*fn)(void *ctx), void *ctx);

/* ---- running ------------------------------------------------------------------------------------ */

int loop_run(struct loop *loop);                    /* until loop_stop(): 0, or a negative errno of poll */
int loop_step(struct loop *loop, uint64_t wait_ns); /* one round, sleeping no longer than that: 0, 1 once stopped */
void loop_stop(struct loop *loop);                  /* after this round */

#endif
