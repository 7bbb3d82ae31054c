/*
 * test_loop.c - descriptors, timers, signals, idle work and hooks of the loop
 */
#include <check.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../loop.h"

#define MS UINT64_C(1000000)

Suite *loop_suite(void);

static struct loop *loop;
static int calls, order[8];

static void setup(void)
{
    loop = loop_new();
    ck_assert_ptr_nonnull(loop);
    calls = 0;
}

static void teardown(void)
{
    loop_free(loop);
}

static void note(int what)
{
    ck_assert_int_lt(calls, 8);
    order[calls++] = what;
}

static void read_one(void *ctx, int fd, short revents)
{
    char byte;

    ck_assert_int_ne(revents & POLLIN, 0);
    ck_assert_int_eq(read(fd, &byte, 1), 1);
    note(*(int *)ctx);
}

static void remove_both(void *ctx, int fd, short revents)
{
    const int *const fds = ctx;

    (void)fd;
    (void)revents;
    note(0);
    loop_remove(loop, fds[0]);
    loop_remove(loop, fds[1]);
}

START_TEST(a_descriptor_calls_until_it_is_removed)
{
    int fds[2], seven = 7;

    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(loop_add(loop, fds[0], POLLIN, read_one, &seven), 0);
    ck_assert_int_eq(loop_add(loop, fds[0], POLLIN, read_one, &seven), -EEXIST);
    ck_assert_int_eq(loop_step(loop, 0), 0);
    ck_assert_int_eq(calls, 0);
    ck_assert_int_eq(write(fds[1], "ab", 2), 2);
    loop_step(loop, 1000 * MS);
    loop_step(loop, 1000 * MS);
    ck_assert_int_eq(calls, 2);
    ck_assert_int_eq(order[0], 7);
    ck_assert_int_eq(write(fds[1], "c", 1), 1);
    loop_change(loop, fds[0], 0);
    loop_step(loop, 0);
    ck_assert_int_eq(calls, 2);
    loop_change(loop, fds[0], POLLIN);
    loop_step(loop, 0);
    ck_assert_int_eq(calls, 3);
    loop_remove(loop, fds[0]);
    ck_assert_int_eq(write(fds[1], "d", 1), 1);
    loop_step(loop, 0);
    ck_assert_int_eq(calls, 3);
    ck_assert_int_eq(loop_add(loop, -1, POLLIN, read_one, NULL), -EBADF);
}
END_TEST

/* Both are ready in the same round; whoever comes first takes the other one with it. */
START_TEST(what_a_callback_removes_is_not_called_any_more)
{
    int one[2], two[2], ends[2];

    ck_assert_int_eq(pipe(one), 0);
    ck_assert_int_eq(pipe(two), 0);
    ends[0] = one[0];
    ends[1] = two[0];
    ck_assert_int_eq(loop_add(loop, one[0], POLLIN, remove_both, ends), 0);
    ck_assert_int_eq(loop_add(loop, two[0], POLLIN, remove_both, ends), 0);
    ck_assert_int_eq(write(one[1], "a", 1), 1);
    ck_assert_int_eq(write(two[1], "a", 1), 1);
    loop_step(loop, 1000 * MS);
    loop_step(loop, 0);
    ck_assert_int_eq(calls, 1);
}
END_TEST

static int reused[2];

static void replace(void *ctx, int fd, short revents)
{
    static int nine = 9;
    int fresh[2];

    (void)ctx;
    (void)revents;
    note(1);
    loop_remove(loop, fd);
    close(fd);
    ck_assert_int_eq(pipe(fresh), 0); /* takes the number that has become free */
    ck_assert_int_eq(fresh[0], fd);
    ck_assert_int_eq(loop_add(loop, fresh[0], POLLIN, read_one, &nine), 0);
    reused[0] = fresh[0];
    reused[1] = fresh[1];
}

START_TEST(a_number_used_again_at_once_is_another_descriptor)
{
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(loop_add(loop, fds[0], POLLIN, replace, NULL), 0);
    ck_assert_int_eq(write(fds[1], "a", 1), 1);
    loop_step(loop, 1000 * MS);
    loop_step(loop, 0);
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(write(reused[1], "b", 1), 1);
    loop_step(loop, 1000 * MS);
    ck_assert_int_eq(calls, 2);
    ck_assert_int_eq(order[1], 9);
}
END_TEST

START_TEST(more_descriptors_than_there_was_room_for)
{
    int fds[100][2], three = 3;

    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(pipe(fds[i]), 0);
        ck_assert_int_eq(loop_add(loop, fds[i][0], POLLIN, read_one, &three), 0);
    }
    ck_assert_int_eq(write(fds[99][1], "a", 1), 1);
    loop_step(loop, 1000 * MS);
    ck_assert_int_eq(calls, 1);
}
END_TEST

static struct loop_timer timers[3];

static void on_timer(void *ctx)
{
    const int n = (int)((struct loop_timer *)ctx - timers);

    note(n);
    if (n == 2) {
        loop_timer_set(loop, &timers[0], LOOP_NEVER); /* due, too, but later */
        loop_timer_set(loop, &timers[2], loop_now());
    }
}

START_TEST(timers_fire_once_and_in_order)
{
    const uint64_t start = loop_now();

    for (int i = 0; i < 3; i++)
        timers[i] = (struct loop_timer){.fn = on_timer, .ctx = &timers[i]};
    loop_timer_set(loop, &timers[0], start + 20 * MS);
    loop_timer_set(loop, &timers[1], start + 10 * MS);
    loop_timer_set(loop, &timers[0], start + 5 * MS); /* moved */
    while (calls < 2)
        loop_step(loop, 1000 * MS);
    ck_assert_int_eq(order[0], 0);
    ck_assert_int_eq(order[1], 1);
    ck_assert_uint_ge(loop_now() - start, 10 * MS);
    ck_assert(!timers[0].armed && !timers[1].armed);
    loop_step(loop, 0);
    ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(a_timer_that_sets_itself_for_now_waits_a_round)
{
    const uint64_t now = loop_now();

    for (int i = 0; i < 3; i++)
        timers[i] = (struct loop_timer){.fn = on_timer, .ctx = &timers[i]};
    loop_timer_set(loop, &timers[0], now - 1);
    loop_timer_set(loop, &timers[2], now - 2);
    loop_step(loop, LOOP_NEVER);
    ck_assert_int_eq(calls, 1); /* 0 was taken away */
    loop_step(loop, LOOP_NEVER);
    ck_assert_int_eq(calls, 2);
    ck_assert_int_eq(order[0], 2);
    ck_assert_int_eq(order[1], 2);
    loop_timer_set(loop, &timers[2], LOOP_NEVER);
}
END_TEST

static bool idle(void *ctx)
{
    int *const left = ctx;

    note(*left);
    return --*left > 0;
}

START_TEST(idle_work_keeps_the_loop_from_sleeping_until_it_is_done)
{
    int left = 3;
    const uint64_t start = loop_now();

    ck_assert_int_eq(loop_add_idle(loop, idle, &left), 0);
    loop_step(loop, 5000 * MS);
    loop_step(loop, 5000 * MS);
    ck_assert_int_eq(calls, 2);
    ck_assert_uint_lt(loop_now() - start, 4000 * MS);
    loop_step(loop, 20 * MS);
    ck_assert_int_eq(calls, 3);
    ck_assert_uint_ge(loop_now() - start, 20 * MS);
}
END_TEST

struct hooked {
    int fd, index, before, after;
    short revents;
};

static void prepare(void *ctx, struct loop_poll *set, int *timeout_ms)
{
    struct hooked *const h = ctx;

    h->before++;
    h->index = loop_poll_add(set, h->fd, POLLIN);
    *timeout_ms = 10;
}

static void after(void *ctx, const struct loop_poll *set, bool error)
{
    struct hooked *const h = ctx;

    ck_assert(!error);
    h->after++;
    h->revents = loop_poll_revents(set, h->index);
}

START_TEST(a_hook_has_descriptors_and_a_timeout_of_its_own)
{
    struct hooked h = {0};
    const struct loop_hook hook = {&h, prepare, after};
    const uint64_t start = loop_now();
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    h.fd = fds[0];
    ck_assert_int_eq(loop_add_hook(loop, &hook), 0);
    loop_step(loop, LOOP_NEVER);
    ck_assert_uint_ge(loop_now() - start, 10 * MS);
    ck_assert_int_eq(h.revents, 0);
    ck_assert_int_eq(write(fds[1], "a", 1), 1);
    loop_step(loop, LOOP_NEVER);
    ck_assert_int_eq(h.revents, POLLIN);
    ck_assert_int_eq(h.before, 2);
    ck_assert_int_eq(h.after, 2);
    loop_remove_hook(loop, &h);
    loop_step(loop, 0);
    ck_assert_int_eq(h.before, 2);
}
END_TEST

static void on_hangup(void *ctx)
{
    (void)ctx;
    note(1);
}

START_TEST(signals_are_calls_and_sigterm_ends)
{
    ck_assert_int_eq(loop_add_signal(loop, SIGHUP, on_hangup, NULL), 0);
    kill(getpid(), SIGHUP);
    ck_assert_int_eq(loop_step(loop, 1000 * MS), 0);
    ck_assert_int_eq(calls, 1);
    kill(getpid(), SIGTERM);
    ck_assert_int_eq(loop_run(loop), 0);
}
END_TEST

static void stop(void *ctx)
{
    loop_stop(ctx);
}

START_TEST(run_goes_on_until_somebody_stops_it)
{
    struct loop_timer timer = {.fn = stop, .ctx = loop};

    loop_timer_set(loop, &timer, loop_now() + 5 * MS);
    ck_assert_int_eq(loop_run(loop), 0);
    ck_assert_int_eq(loop_step(loop, LOOP_NEVER), 1);
}
END_TEST

/* The device's delays begin at 1 us; 50 us later is what processes are given. */
START_TEST(timers_are_not_late_by_much)
{
    ck_assert_int_eq(prctl(PR_GET_TIMERSLACK), 1);
}
END_TEST

static void rounds(uint64_t ns, useconds_t pause_us)
{
    const uint64_t end = loop_now() + ns;

    while (loop_now() < end) {
        ck_assert_int_eq(loop_step(loop, 0), 0);
        if (pause_us > 0)
            usleep(pause_us);
    }
}

START_TEST(a_busy_loop_lets_its_wakers_go_on)
{
    ck_assert_int_eq(sched_getscheduler(0), SCHED_OTHER);
    rounds(200 * MS, 2000); /* 500 rounds a second at most: calm */
    ck_assert_int_eq(sched_getscheduler(0), SCHED_OTHER);
    rounds(200 * MS, 0);
    ck_assert_int_eq(sched_getscheduler(0), SCHED_BATCH);
    rounds(200 * MS, 2000);
    ck_assert_int_eq(sched_getscheduler(0), SCHED_OTHER);
}
END_TEST

Suite *loop_suite(void)
{
    Suite *const suite = suite_create("loop");
    TCase *const tcase = tcase_create("loop");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_descriptor_calls_until_it_is_removed);
    tcase_add_test(tcase, what_a_callback_removes_is_not_called_any_more);
    tcase_add_test(tcase, a_number_used_again_at_once_is_another_descriptor);
    tcase_add_test(tcase, more_descriptors_than_there_was_room_for);
    tcase_add_test(tcase, timers_fire_once_and_in_order);
    tcase_add_test(tcase, a_timer_that_sets_itself_for_now_waits_a_round);
    tcase_add_test(tcase, idle_work_keeps_the_loop_from_sleeping_until_it_is_done);
    tcase_add_test(tcase, a_hook_has_descriptors_and_a_timeout_of_its_own);
    tcase_add_test(tcase, signals_are_calls_and_sigterm_ends);
    tcase_add_test(tcase, run_goes_on_until_somebody_stops_it);
    tcase_add_test(tcase, timers_are_not_late_by_much);
    tcase_add_test(tcase, a_busy_loop_lets_its_wakers_go_on);
    suite_add_tcase(suite, tcase);
    return suite;
}
