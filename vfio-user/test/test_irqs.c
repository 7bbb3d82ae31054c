/*
 * test_irqs.c - INTx as an edge that is armed again, MSI as events, and eventfds that are none
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CAUSE = 1 << 2, OTHER = 1 << 1 };

static int fd;

static int set_irqs(uint32_t flags, uint32_t index, uint32_t start, uint32_t count, const int *fds, unsigned n)
{
    const struct vu_set_irqs set = {
        .argsz = sizeof set, .flags = flags, .index = index, .start = start, .count = count};

    return client_call(VU_SET_IRQS, &set, sizeof set, fds, n);
}

static void start(void)
{
    client_start();
    client_bus();
    ck_assert_int_eq(client_irq(VU_INTX, &fd), 0);
}

static void raise_causes(uint32_t causes)
{
    set_reg(E1000_ICS, causes);
    client_steps(2);
}

START_TEST(a_cause_triggers_once)
{
    set_reg(E1000_IMS, CAUSE | OTHER);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 1);
    raise_causes(OTHER); /* the level stands already */
    ck_assert_uint_eq(drain(fd), 0);
}
END_TEST

START_TEST(a_masked_cause_does_not)
{
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 0);
    set_reg(E1000_IMS, CAUSE);
    client_steps(2);
    ck_assert_uint_eq(drain(fd), 1);
}
END_TEST

START_TEST(unmask_after_the_causes_were_read_is_quiet)
{
    set_reg(E1000_IMS, CAUSE);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 1);
    ck_assert_uint_eq(reg(E1000_ICR), CAUSE);
    unmask();
    ck_assert_uint_eq(drain(fd), 0);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 1);
}
END_TEST

/* The one that loses interrupts where it is missing. */
START_TEST(unmask_while_the_level_stands_triggers_again)
{
    set_reg(E1000_IMS, CAUSE);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 1);
    set_reg(E1000_RCTL, 0); /* an access that has nothing to do with it makes the client unmask */
    unmask();
    ck_assert_uint_eq(drain(fd), 1);
    unmask();
    ck_assert_uint_eq(drain(fd), 1);
}
END_TEST

START_TEST(without_unmask_a_new_level_is_not_told)
{
    set_reg(E1000_IMS, CAUSE);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 1);
    reg(E1000_ICR);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 0);
    unmask();
    ck_assert_uint_eq(drain(fd), 1);
}
END_TEST

START_TEST(a_new_eventfd_hears_of_a_level_that_stands)
{
    const int old = fd;

    set_reg(E1000_IMS, CAUSE);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(old), 1);
    ck_assert_int_eq(client_irq(VU_INTX, &fd), 0);
    ck_assert_uint_eq(drain(fd), 1);
    ck_assert_uint_eq(drain(old), 0);
}
END_TEST

START_TEST(no_eventfd_no_trigger)
{
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_INTX, 0, 0, NULL, 0), 0);
    set_reg(E1000_IMS, CAUSE);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 0);
    ck_assert_int_eq(client_irq(VU_INTX, &fd), 0);
    ck_assert_uint_eq(drain(fd), 1);
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 1, NULL, 0), 0); /* detached */
    unmask();
    ck_assert_uint_eq(drain(fd), 0);
}
END_TEST

START_TEST(a_mask_of_the_client)
{
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_MASK, VU_INTX, 0, 1, NULL, 0), 0);
    set_reg(E1000_IMS, CAUSE);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 0);
    unmask();
    ck_assert_uint_eq(drain(fd), 1);
}
END_TEST

START_TEST(a_reset_takes_the_level_away)
{
    set_reg(E1000_IMS, CAUSE);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 1);
    ck_assert_int_eq(client_call(VU_DEVICE_RESET, "", 0, NULL, 0), 0);
    unmask();
    ck_assert_uint_eq(drain(fd), 0);
}
END_TEST

START_TEST(messages_take_the_place_of_the_line)
{
    int message;

    ck_assert_uint_eq(config(0xf0, 1), 5);
    set_config(0xf4, 4, 0xfee00000);
    set_config(0xfc, 2, 0x4041);
    set_config(0xf2, 2, 1);
    set_reg(E1000_IMS, CAUSE | OTHER);
    raise_causes(CAUSE); /* sent before there is anybody to take it: it is kept */
    ck_assert_uint_eq(drain(fd), 0);
    ck_assert_int_eq(client_irq(VU_MSI, &message), 0);
    ck_assert_uint_eq(drain(message), 1);
    ck_assert_uint_eq(reg(E1000_ICR), CAUSE);
    raise_causes(OTHER);
    ck_assert_uint_eq(drain(message), 1);
    ck_assert_uint_eq(drain(fd), 0);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_MSI, 0, 0, NULL, 0), 0);
    reg(E1000_ICR);
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(message), 0);
}
END_TEST

START_TEST(a_client_may_try_its_eventfd)
{
    uint8_t with_bool[sizeof(struct vu_set_irqs) + 1] = {0};
    const struct vu_set_irqs set = {
        .argsz = sizeof with_bool, .flags = VU_SET_BOOL | VU_SET_TRIGGER, .index = VU_INTX, .count = 1};

    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_INTX, 0, 1, NULL, 0), 0);
    ck_assert_uint_eq(drain(fd), 1);
    memcpy(with_bool, &set, sizeof set);
    ck_assert_int_eq(client_call(VU_SET_IRQS, with_bool, sizeof with_bool, NULL, 0), 0);
    ck_assert_uint_eq(drain(fd), 0); /* a bool of 0 */
    with_bool[sizeof set] = 1;
    ck_assert_int_eq(client_call(VU_SET_IRQS, with_bool, sizeof with_bool, NULL, 0), 0);
    ck_assert_uint_eq(drain(fd), 1);
    ck_assert_int_eq(client_call(VU_SET_IRQS, with_bool, sizeof set, NULL, 0), EINVAL);
}
END_TEST

START_TEST(what_cannot_be_set)
{
    const int event = eventfd(0, EFD_CLOEXEC), two[2] = {event, event};

    ck_assert_int_eq(set_irqs(0, VU_INTX, 0, 1, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE, VU_INTX, 0, 1, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_TRIGGER, VU_INTX, 0, 1, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 1, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_MASK | VU_SET_TRIGGER, VU_INTX, 0, 1, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_IRQS, 0, 0, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, UINT32_MAX, 0, 0, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_INTX, 1, 1, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_INTX, UINT32_MAX, 2, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_INTX, 0, 2, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_MSIX, 0, 1, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_MSIX, 0, 0, NULL, 0), 0); /* none are none */
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_UNMASK, VU_INTX, 0, 0, NULL, 0), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_UNMASK, VU_INTX, 0, 1, &event, 1), EINVAL); /* resampling */
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 1, two, 2), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 0, &event, 1), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_NONE | VU_SET_TRIGGER, VU_INTX, 0, 1, &event, 1), EINVAL);
}
END_TEST

START_TEST(what_is_no_eventfd)
{
    const int dir = open("/tmp", O_RDONLY | O_CLOEXEC), null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int pipes[2], pair[2];

    ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 1, &dir, 1), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 1, &null, 1), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 1, &pipes[1], 1), EINVAL);
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 1, &pair[1], 1), EINVAL);
    set_reg(E1000_IMS, CAUSE); /* the one there was still is */
    raise_causes(CAUSE);
    ck_assert_uint_eq(drain(fd), 1);
}
END_TEST

/* A counter that is full must not make us wait for its reader. */
START_TEST(an_eventfd_that_would_block)
{
    const uint64_t full = UINT64_MAX - 1;
    const int blocking = eventfd(0, EFD_CLOEXEC);

    ck_assert_int_eq(write(blocking, &full, sizeof full), sizeof full);
    ck_assert_int_eq(set_irqs(VU_SET_EVENTFD | VU_SET_TRIGGER, VU_INTX, 0, 1, &blocking, 1), 0);
    set_reg(E1000_IMS, CAUSE);
    raise_causes(CAUSE);
    ck_assert_uint_eq(reg(E1000_ICR), CAUSE);
}
END_TEST

Suite *irqs_suite(void);
Suite *irqs_suite(void)
{
    Suite *const suite = suite_create("irqs");
    TCase *const t = tcase_create("irqs");

    tcase_add_checked_fixture(t, start, NULL);
    tcase_add_test(t, a_cause_triggers_once);
    tcase_add_test(t, a_masked_cause_does_not);
    tcase_add_test(t, unmask_after_the_causes_were_read_is_quiet);
    tcase_add_test(t, unmask_while_the_level_stands_triggers_again);
    tcase_add_test(t, without_unmask_a_new_level_is_not_told);
    tcase_add_test(t, a_new_eventfd_hears_of_a_level_that_stands);
    tcase_add_test(t, no_eventfd_no_trigger);
    tcase_add_test(t, a_mask_of_the_client);
    tcase_add_test(t, a_reset_takes_the_level_away);
    tcase_add_test(t, messages_take_the_place_of_the_line);
    tcase_add_test(t, a_client_may_try_its_eventfd);
    tcase_add_test(t, what_cannot_be_set);
    tcase_add_test(t, what_is_no_eventfd);
    tcase_add_test(t, an_eventfd_that_would_block);
    suite_add_tcase(suite, t);
    return suite;
}
