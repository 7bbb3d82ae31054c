/*
 * test_queue.c - queue.c: what is to happen comes in the order of time
 */
#include "../queue.h"

#include <check.h>
#include <stdlib.h>

Suite *queue_suite(void);

static int items[4000];

START_TEST(an_empty_queue_has_nothing_to_give)
{
    struct queue q;

    queue_init(&q);
    ck_assert_uint_eq(queue_next(&q), QUEUE_NEVER);
    ck_assert_ptr_null(queue_take(&q, NULL));
    queue_free(&q);
}
END_TEST

START_TEST(the_earliest_leaves_first)
{
    static const uint64_t times[] = {50, 20, 90, 10, 70};
    static const uint64_t sorted[] = {10, 20, 50, 70, 90};
    struct queue q;
    uint64_t at;

    queue_init(&q);
    for (int i = 0; i < 5; i++)
        ck_assert(queue_add(&q, times[i], &items[i]));
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(queue_next(&q), sorted[i]);
        ck_assert_ptr_nonnull(queue_take(&q, &at));
        ck_assert_uint_eq(at, sorted[i]);
    }
    queue_free(&q);
}
END_TEST

START_TEST(items_of_one_time_leave_as_they_came)
{
    struct queue q;
    uint64_t at, last_at = 0;
    const int *last = NULL;

    queue_init(&q);
    for (int i = 0; i < 4000; i++)
        ck_assert(queue_add(&q, (uint64_t)(i * 7 % 13), &items[i]));
    for (int i = 0; i < 4000; i++) {
        const int *const item = queue_take(&q, &at);

        ck_assert_uint_ge(at, last_at);
        if (at == last_at && last != NULL)
            ck_assert(item > last);
        last = item;
        last_at = at;
    }
    ck_assert_ptr_null(queue_take(&q, NULL));
    queue_free(&q);
}
END_TEST

START_TEST(items_may_come_while_others_leave)
{
    struct queue q;
    uint64_t at, last_at = 0;

    queue_init(&q);
    ck_assert(queue_add(&q, 0, &items[0]));
    for (int i = 0; i < 2000; i++) {
        ck_assert_ptr_nonnull(queue_take(&q, &at));
        ck_assert_uint_ge(at, last_at);
        last_at = at;
        ck_assert(queue_add(&q, at + (uint64_t)(i % 5), &items[0]));
        if (i % 3 == 0)
            ck_assert(queue_add(&q, at + (uint64_t)(i % 11), &items[1]));
    }
    queue_free(&q);
}
END_TEST

Suite *queue_suite(void)
{
    Suite *const suite = suite_create("queue");
    TCase *const tests = tcase_create("queue");

    tcase_add_test(tests, an_empty_queue_has_nothing_to_give);
    tcase_add_test(tests, the_earliest_leaves_first);
    tcase_add_test(tests, items_of_one_time_leave_as_they_came);
    tcase_add_test(tests, items_may_come_while_others_leave);
    suite_add_tcase(suite, tests);
    return suite;
}
