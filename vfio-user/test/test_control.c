/*
 * test_control.c - control.c: what each command does, what is no command, and who sends too much
 */
#include "../control.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../device.h"
#include "../loop.h"

Suite *control_suite(void);

static struct loop *loop;
static struct control *control;
static int sock;
static char got[8192];

/* What the last command has asked for. */
static struct {
    unsigned calls;
    bool plugged, late;
    struct e1000_partner partner;
    enum e1000_wire_fault fault;
    uint32_t attempts;
    uint64_t ns, next;
    const char *what;
} seen;

static void saw(const char *what)
{
    seen.calls++;
    seen.what = what;
}

static void on_link(void *ctx, const struct e1000_partner *partner)
{
    (void)ctx;
    saw("link");
    seen.plugged = partner != NULL;
    if (partner != NULL)
        seen.partner = *partner;
}

static void on_fault(void *ctx, enum e1000_wire_fault fault)
{
    (void)ctx;
    saw("fault");
    seen.fault = fault;
}

static void on_collide(void *ctx, uint32_t attempts, bool late)
{
    (void)ctx;
    saw("collide");
    seen.attempts = attempts;
    seen.late = late;
}

static void on_pins(void *ctx, FILE *to)
{
    (void)ctx;
    saw("pins");
    fputs("leds 5\n", to);
}

static void on_go(void *ctx)
{
    (void)ctx;
    saw("go");
}

static void on_stop(void *ctx)
{
    (void)ctx;
    saw("stop");
}

static uint64_t on_pass(void *ctx, uint64_t ns)
{
    (void)ctx;
    saw("pass");
    seen.ns = ns;
    return seen.next;
}

static void on_stats(void *ctx, FILE *to)
{
    (void)ctx;
    saw("stats");
    fputs("frames 7\n", to);
}

static bool on_reopen(void *ctx, char *why, size_t size)
{
    (void)ctx;
    saw("reopen");
    snprintf(why, size, "not today");
    return false;
}

static void on_quit(void *ctx)
{
    (void)ctx;
    saw("quit");
}

static void setup(void)
{
    static const struct control_target target = {NULL,    on_link, on_fault, on_collide, on_pins, on_go,
                                                 on_stop, on_pass, on_stats, on_reopen,  on_quit};
    int ends[2];

    memset(&seen, 0, sizeof seen);
    loop = loop_new();
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    sock = ends[0];
    control = control_new(loop, ends[1], &target);
    ck_assert_ptr_nonnull(control);
}

static void teardown(void)
{
    control_free(control);
    loop_free(loop);
    close(sock);
}

static const char *answer(void)
{
    ssize_t n;

    loop_step(loop, 0);
    n = recv(sock, got, sizeof got - 1, MSG_DONTWAIT);
    got[n > 0 ? n : 0] = '\0';
    return got;
}

static const char *say(const char *line)
{
    ck_assert_int_eq(send(sock, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
    ck_assert_int_eq(send(sock, "\n", 1, MSG_NOSIGNAL), 1);
    return answer();
}

/* The command is refused with these words in the answer, and does nothing. */
static void refused(const char *line, const char *words)
{
    const unsigned calls = seen.calls;

    ck_assert_msg(strncmp(say(line), "error: ", 7) == 0 && strstr(got, words) != NULL && strchr(got, '\n') != NULL &&
                      seen.calls == calls,
                  "%s: %s", line, got);
}

static void taken(const char *line, const char *what)
{
    ck_assert_str_eq(say(line), "ok\n");
    ck_assert_str_eq(seen.what, what);
}

START_TEST(a_partner_by_its_fields)
{
    taken("partner autoneg=1 base_page=0x1e1 gigabit_full=1 pairs=2 cable_length=3 role=2 next_page=0x2001 next_page=9",
          "link");
    ck_assert(seen.plugged && seen.partner.autoneg && seen.partner.gigabit_full && !seen.partner.gigabit_half);
    ck_assert_uint_eq(seen.partner.base_page, 0x1e1);
    ck_assert_uint_eq(seen.partner.pairs, 2);
    ck_assert_uint_eq(seen.partner.cable_length, 3);
    ck_assert_uint_eq(seen.partner.role, 2);
    ck_assert_uint_eq(seen.partner.next_pages, 2);
    ck_assert_uint_eq(seen.partner.next_page[0], 0x2001);
    ck_assert_uint_eq(seen.partner.next_page[1], 9);
    taken("partner speed=100 full_duplex=1 crossover=1 reversed=1 sleeps=1 gigabit_half=1", "link");
    ck_assert_uint_eq(seen.partner.speed, 100);
    ck_assert_uint_eq(seen.partner.pairs, 4); /* unless told */
    ck_assert(seen.partner.full_duplex && seen.partner.crossover && seen.partner.reversed && seen.partner.sleeps);
    taken("link down", "link");
    ck_assert(!seen.plugged);
}
END_TEST

START_TEST(what_is_no_partner)
{
    static const char *const lines[] = {"partner",
                                        "partner speed",
                                        "partner speed=",
                                        "partner speed=fast",
                                        "partner speed=-1",
                                        "partner speed=1001",
                                        "partner speed=100x",
                                        "partner velocity=100",
                                        "partner pairs=5",
                                        "partner role=3",
                                        "partner autoneg=2",
                                        "partner base_page=65536",
                                        "partner next_page=65536",
                                        "partner next_page=1 next_page=1 next_page=1 next_page=1 next_page=1",
                                        "partner speed=99999999999999999999999"};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        refused(lines[i], "NAME=NUMBER");
}
END_TEST

START_TEST(faults_and_collisions)
{
    taken("fault symbol-error", "fault");
    ck_assert_int_eq(seen.fault, E1000_SYMBOL_ERROR);
    taken("fault fifo", "fault");
    ck_assert_int_eq(seen.fault, E1000_PHY_FIFO);
    refused("fault", "false-carrier");
    refused("fault symbol", "false-carrier");
    taken("collide 4294967295", "collide");
    ck_assert_uint_eq(seen.attempts, UINT32_MAX);
    ck_assert(!seen.late);
    taken("collide 3 late", "collide");
    ck_assert(seen.late && seen.attempts == 3);
    refused("collide", "number of attempts");
    refused("collide late", "number of attempts");
    refused("collide -1", "number of attempts");
    refused("collide 4294967296", "number of attempts");
    refused("collide 3 early", "number of attempts");
    refused("collide 3late", "number of attempts");
}
END_TEST

START_TEST(time_as_it_is_told)
{
    taken("time stop", "stop");
    taken("time go", "go");
    seen.next = 25;
    ck_assert_str_eq(say("time 1000"), "next 25\nok\n");
    ck_assert_uint_eq(seen.ns, 1000);
    seen.next = DEVICE_NEVER;
    ck_assert_str_eq(say("time 86400000000000"), "next never\nok\n");
    refused("time", "stop, go, or nanoseconds");
    refused("time 86400000000001", "at most a day");
    refused("time -5", "nanoseconds");
    refused("time 5 s", "nanoseconds");
    refused("time 99999999999999999999999", "at most a day");
    refused("time stopped", "nanoseconds");
}
END_TEST

START_TEST(what_is_looked_at)
{
    ck_assert_str_eq(say("pins"), "leds 5\nok\n");
    ck_assert_str_eq(say("stats"), "frames 7\nok\n");
    refused("pins all", "takes no argument");
    refused("stats all", "takes no argument");
    ck_assert_str_eq(say("trace reopen"), "error: not today\n");
    refused("trace", "trace wants reopen");
    taken("quit", "quit");
    refused("", "no command \"\"");
    refused("tim 5", "no command \"tim\"");
    refused("timed 5", "no command \"timed\"");
    for (const char *at = say("help"), *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
        ck_assert_int_le(end - at, 120);
    ck_assert_ptr_nonnull(strstr(got, "stop|go|NANOSECONDS"));
}
END_TEST

START_TEST(lines_come_as_they_like)
{
    ck_assert_int_eq(send(sock, "time st", 7, 0), 7);
    ck_assert_str_eq(answer(), "");
    ck_assert_int_eq(send(sock, "op\r\nstats\n", 11, 0), 11);
    ck_assert_str_eq(answer(), "ok\nframes 7\nok\n");
}
END_TEST

START_TEST(a_line_without_an_end_is_the_last)
{
    char much[600];

    memset(much, 'x', sizeof much);
    ck_assert_int_eq(send(sock, much, sizeof much, MSG_NOSIGNAL), (ssize_t)sizeof much);
    ck_assert_str_eq(answer(), "");
    ck_assert_int_le(recv(sock, got, 1, MSG_DONTWAIT), 0);
    ck_assert_int_lt(send(sock, "stats\n", 6, MSG_NOSIGNAL), 0); /* nobody is there any more */
}
END_TEST

Suite *control_suite(void)
{
    Suite *const suite = suite_create("control");
    TCase *const t = tcase_create("control");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_partner_by_its_fields);
    tcase_add_test(t, what_is_no_partner);
    tcase_add_test(t, faults_and_collisions);
    tcase_add_test(t, time_as_it_is_told);
    tcase_add_test(t, what_is_looked_at);
    tcase_add_test(t, lines_come_as_they_like);
    tcase_add_test(t, a_line_without_an_end_is_the_last);
    suite_add_tcase(suite, t);
    return suite;
}
