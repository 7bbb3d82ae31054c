/*
 * loop.c - one thread that waits for descriptors, timers and signals
 */
#include "loop.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define IDLES 8
#define HOOKS 4
#define SIGNALS 8
#define BUSY_NS (50 * NS_PER_MS) /* so often is looked whether we are woken often: */
#define BUSY_ROUNDS 200
#define CALM_ROUNDS 80

struct watch {
    int fd;
    short events;
    loop_fd_fn *fn; /* NULL: removed, swept up after the round */
    void *ctx;
};

struct loop_poll {
    struct pollfd *fds;
    int used, room;
};

struct idle {
    loop_idle_fn *fn;
    void *ctx;
};

struct signal_handler {
    int number;
    void (*fn)(void *ctx);
    void *ctx;
};

struct loop {
    struct watch *watches;
    int watch_count, watch_room;
    struct loop_poll set; /* of this round: one for each watch, then those of hooks */
    struct loop_timer *timers;
    struct idle idles[IDLES];
    struct loop_hook hooks[HOOKS];
    struct signal_handler signals[SIGNALS];
    int idle_count, hook_count, signal_count, signal_fd;
    sigset_t blocked, before;
    uint64_t counted_ns; /* since when rounds are counted */
    unsigned rounds;
    bool placing, yielding; /* the policy is ours to choose; it is SCHED_BATCH */
    bool removed;           /* some watch was, this round */
    bool stopped;
};

uint64_t loop_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Room for one more in an array that only grows. */
static bool make_room(void **array, int used, int *room, size_t size)
{
    const int wanted = *room == 0 ? 32 : 2 * *room;
    void *more;

    if (used < *room)
        return true;
    more = realloc(*array, (size_t)wanted * size);
    if (more == NULL)
        return false;
    *array = more;
    *room = wanted;
    return true;
}

/* ---- descriptors -------------------------------------------------------------------------------- */

static struct watch *find(struct loop *loop, int fd)
{
    for (int i = 0; i < loop->watch_count; i++)
        if (loop->watches[i].fd == fd && loop->watches[i].fn != NULL)
            return &loop->watches[i];
    return NULL;
}

int loop_add(struct loop *loop, int fd, short events, loop_fd_fn *fn, void *ctx)
{
    if (fd < 0)
        return -EBADF;
    if (find(loop, fd) != NULL)
        return -EEXIST;
    if (!make_room((void **)&loop->watches, loop->watch_count, &loop->watch_room, sizeof *loop->watches))
        return -ENOMEM;
    loop->watches[loop->watch_count++] = (struct watch){fd, events, fn, ctx};
    return 0;
}

void loop_change(struct loop *loop, int fd, short events)
{
    struct watch *const watch = find(loop, fd);

    if (watch != NULL)
        watch->events = events;
}

void loop_remove(struct loop *loop, int fd)
{
    struct watch *const watch = find(loop, fd);

    if (watch == NULL)
        return;
    watch->fn = NULL;
    loop->removed = true;
}

/* In place and in order; not while a round goes through them. */
static void sweep(struct loop *loop)
{
    int kept = 0;

    if (!loop->removed)
        return;
    for (int i = 0; i < loop->watch_count; i++)
        if (loop->watches[i].fn != NULL)
            loop->watches[kept++] = loop->watches[i];
    loop->watch_count = kept;
    loop->removed = false;
}

int loop_poll_add(struct loop_poll *set, int fd, short events)
{
    if (!make_room((void **)&set->fds, set->used, &set->room, sizeof *set->fds))
        return -1;
    set->fds[set->used] = (struct pollfd){.fd = fd, .events = events};
    return set->used++;
}

short loop_poll_revents(const struct loop_poll *set, int index)
{
    return index < 0 || index >= set->used ? 0 : set->fds[index].revents;
}

/* A watch added in this round has no place in the set, one removed has no fn: neither is called. */
static void dispatch(struct loop *loop, int polled)
{
    for (int i = 0; i < polled; i++)
        if (loop->set.fds[i].revents != 0 && loop->watches[i].fn != NULL)
            loop->watches[i].fn(loop->watches[i].ctx, loop->watches[i].fd, loop->set.fds[i].revents);
}

/* ---- timers ------------------------------------------------------------------------------------- */

void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t at_ns)
{
    timer->at_ns = at_ns;
    if (at_ns != LOOP_NEVER && !timer->armed) {
        timer->next = loop->timers;
        loop->timers = timer;
        timer->armed = true;
    } else if (at_ns == LOOP_NEVER && timer->armed) {
        struct loop_timer **at = &loop->timers;

        while (*at != timer)
            at = &(*at)->next;
        *at = timer->next;
        timer->armed = false;
    }
}

static uint64_t next_timer(const struct loop *loop)
{
    uint64_t at_ns = LOOP_NEVER;

    for (const struct loop_timer *timer = loop->timers; timer != NULL; timer = timer->next)
        if (timer->at_ns < at_ns)
            at_ns = timer->at_ns;
    return at_ns;
}

/* The earliest first, no more than are due now: what functions set for now waits a round. */
static void run_timers(struct loop *loop)
{
    const uint64_t now = loop->timers == NULL ? 0 : loop_now();
    int count = 0;

    for (const struct loop_timer *timer = loop->timers; timer != NULL; timer = timer->next)
        count += timer->at_ns <= now;
    for (; count > 0; count--) {
        struct loop_timer *due = NULL;

        for (struct loop_timer *timer = loop->timers; timer != NULL; timer = timer->next)
            if (timer->at_ns <= now && (due == NULL || timer->at_ns < due->at_ns))
                due = timer;
        if (due == NULL)
            return;
        loop_timer_set(loop, due, LOOP_NEVER);
        due->fn(due->ctx);
    }
}

/* ---- idle work, hooks, signals ------------------------------------------------------------------ */

int loop_add_idle(struct loop *loop, loop_idle_fn *fn, void *ctx)
{
    if (loop->idle_count == IDLES)
        return -ENOSPC;
    loop->idles[loop->idle_count++] = (struct idle){fn, ctx};
    return 0;
}

void loop_remove_idle(struct loop *loop, const void *ctx)
{
    int kept = 0;

    for (int i = 0; i < loop->idle_count; i++)
        if (loop->idles[i].ctx != ctx)
            loop->idles[kept++] = loop->idles[i];
    loop->idle_count = kept;
}

static bool run_idles(struct loop *loop)
{
    bool again = false;

    for (int i = 0; i < loop->idle_count; i++)
        again |= loop->idles[i].fn(loop->idles[i].ctx);
    return again;
}

int loop_add_hook(struct loop *loop, const struct loop_hook *hook)
{
    if (loop->hook_count == HOOKS)
        return -ENOSPC;
    loop->hooks[loop->hook_count++] = *hook;
    return 0;
}

void loop_remove_hook(struct loop *loop, const void *ctx)
{
    int kept = 0;

    for (int i = 0; i < loop->hook_count; i++)
        if (loop->hooks[i].ctx != ctx)
            loop->hooks[kept++] = loop->hooks[i];
    loop->hook_count = kept;
}

int loop_add_signal(struct loop *loop, int number, void (*fn)(void *ctx), void *ctx)
{
    if (loop->signal_count == SIGNALS)
        return -ENOSPC;
    loop->signals[loop->signal_count++] = (struct signal_handler){number, fn, ctx};
    sigaddset(&loop->blocked, number);
    sigprocmask(SIG_BLOCK, &loop->blocked, NULL);
    return signalfd(loop->signal_fd, &loop->blocked, SFD_NONBLOCK | SFD_CLOEXEC) < 0 ? -errno : 0;
}

static void on_signal(void *ctx, int fd, short revents)
{
    struct loop *const loop = ctx;
    struct signalfd_siginfo info;

    (void)revents;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        for (int i = 0; i < loop->signal_count; i++)
            if (loop->signals[i].number == (int)info.ssi_signo)
                loop->signals[i].fn(loop->signals[i].ctx);
}

static void stop(void *ctx)
{
    loop_stop(ctx);
}

/* ---- the processor ------------------------------------------------------------------------------ */

static void yield_to_wakers(struct loop *loop, bool yielding)
{
    static const struct sched_param any = {.sched_priority = 0};

    if (yielding == loop->yielding)
        return;
    loop->placing = sched_setscheduler(0, yielding ? SCHED_BATCH : SCHED_OTHER, &any) == 0;
    loop->yielding = yielding;
}

/*
 * A driver under load writes registers without waiting for us, and each write wakes us. Then we do not take its
 * processor from who wakes us: several writes are one round's work. With little to do we answer at once.
 */
static void count_round(struct loop *loop)
{
    uint64_t now;

    if (!loop->placing || (++loop->rounds % 16 != 0 && !loop->yielding))
        return;
    now = loop_now();
    if (now - loop->counted_ns < BUSY_NS)
        return;
    yield_to_wakers(loop, loop->rounds >= (loop->yielding ? CALM_ROUNDS : BUSY_ROUNDS));
    loop->counted_ns = now;
    loop->rounds = 0;
}

/* ---- the loop ----------------------------------------------------------------------------------- */

struct loop *loop_new(void)
{
    struct loop *const loop = calloc(1, sizeof *loop);

    if (loop == NULL)
        return NULL;
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1UL); /* nanosecond: a timer of the device is a few us, what is usual here is 50 us */
    loop->placing = sched_getscheduler(0) == SCHED_OTHER;
    sigprocmask(SIG_BLOCK, NULL, &loop->before);
    sigemptyset(&loop->blocked);
    loop->signal_fd = signalfd(-1, &loop->blocked, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->signal_fd < 0 || loop_add_signal(loop, SIGTERM, stop, loop) != 0 ||
        loop_add_signal(loop, SIGINT, stop, loop) != 0 ||
        loop_add(loop, loop->signal_fd, POLLIN, on_signal, loop) != 0) {
        loop_free(loop);
        return NULL;
    }
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    yield_to_wakers(loop, false);
    if (loop->signal_fd >= 0)
        close(loop->signal_fd);
    sigprocmask(SIG_SETMASK, &loop->before, NULL);
    free(loop->watches);
    free(loop->set.fds);
    free(loop);
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

/* How long to sleep, after hooks had their say in milliseconds. */
static struct timespec sleep_time(const struct loop *loop, uint64_t wait_ns, int hook_ms)
{
    const uint64_t timer_ns = next_timer(loop);

    if (hook_ms >= 0 && (uint64_t)hook_ms * NS_PER_MS < wait_ns)
        wait_ns = (uint64_t)hook_ms * NS_PER_MS;
    if (wait_ns != 0 && timer_ns != LOOP_NEVER) {
        const uint64_t now = loop_now(), left = timer_ns <= now ? 0 : timer_ns - now;

        if (left < wait_ns)
            wait_ns = left;
    }
    return (struct timespec){.tv_sec = (time_t)(wait_ns / NS_PER_S), .tv_nsec = (long)(wait_ns % NS_PER_S)};
}

int loop_step(struct loop *loop, uint64_t wait_ns)
{
    struct timespec timeout;
    int hook_ms = -1, polled, status;

    count_round(loop);
    if (run_idles(loop))
        wait_ns = 0;
    if (loop->stopped)
        return 1;
    sweep(loop);
    loop->set.used = 0;
    for (polled = 0; polled < loop->watch_count; polled++)
        if (loop_poll_add(&loop->set, loop->watches[polled].fd, loop->watches[polled].events) < 0)
            return -ENOMEM;
    for (int i = 0; i < loop->hook_count; i++)
        loop->hooks[i].prepare(loop->hooks[i].ctx, &loop->set, &hook_ms);
    timeout = sleep_time(loop, wait_ns, hook_ms);
    status = ppoll(loop->set.fds, (nfds_t)loop->set.used,
                   wait_ns == LOOP_NEVER && hook_ms < 0 && loop->timers == NULL ? NULL : &timeout, NULL);
    if (status < 0 && errno != EINTR)
        return -errno;
    run_timers(loop);
    if (status > 0)
        dispatch(loop, polled);
    for (int i = 0; i < loop->hook_count; i++)
        loop->hooks[i].after(loop->hooks[i].ctx, &loop->set, status < 0);
    return loop->stopped;
}

int loop_run(struct loop *loop)
{
    int status;

    do
        status = loop_step(loop, LOOP_NEVER);
    while (status == 0);
    return status < 0 ? status : 0;
}
