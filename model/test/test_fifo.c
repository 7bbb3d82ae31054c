/*
 * test_fifo.c - the packet buffer as two queues of frames [13.4.16, 13.8]
 */
#include "../core.h"

#include "fixture.h"

#include <string.h>

enum { HEADER = 8, KB = 1024 };

static struct fifo *f;

static void start(void)
{
    fx_start();
    f = &fx.dev->tx.fifo; /* 16 KB behind 48 KB */
}

static uint8_t byte_of(uint32_t n, uint32_t i)
{
    return (uint8_t)(n * 37 + i * 11 + (i >> 8));
}

/* Frame number n, in two puts. */
static void put_frame(uint32_t n, uint32_t len)
{
    uint8_t data[4096];
    const uint32_t cut = len / 3;

    for (uint32_t i = 0; i < len; i++)
        data[i] = byte_of(n, i);
    ck_assert(fifo_put(fx.dev, f, 0, data, cut));
    ck_assert(fifo_put(fx.dev, f, cut, data + cut, len - cut));
    fifo_push(f, len, n & 0xffff);
}

/* The oldest frame is frame n; returns in how many pieces it lies. */
static unsigned check_frame(uint32_t n, uint32_t len)
{
    const struct fifo_frame *frame = fifo_front(f);
    struct span span[2];
    unsigned pieces;
    uint32_t i = 0;

    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_eq(frame->len, len);
    ck_assert_uint_eq(frame->flags, n & 0xffff);
    pieces = fifo_spans(fx.dev, f, 0, len, span);
    for (unsigned p = 0; p < pieces; p++) {
        unsigned wrong = 0;

        ck_assert(span[p].at >= fx.dev->pbm + f->base);
        ck_assert(span[p].at + span[p].len <= fx.dev->pbm + f->base + f->size);
        for (uint32_t k = 0; k < span[p].len; k++, i++)
            wrong += span[p].at[k] != byte_of(n, i);
        ck_assert_uint_eq(wrong, 0);
    }
    ck_assert_uint_eq(i, len);
    return pieces;
}

static void give(uint32_t rxa_kb)
{
    fx.dev->r[R_PBA] = rxa_kb;
    fifo_split(fx.dev);
}

START_TEST(reset_splits_48_and_16)
{
    ck_assert_uint_eq(fx.dev->rx.fifo.base, 0);
    ck_assert_uint_eq(fx.dev->rx.fifo.size, 48 * KB);
    ck_assert_uint_eq(fx.dev->tx.fifo.base, 48 * KB);
    ck_assert_uint_eq(fx.dev->tx.fifo.size, 16 * KB);
}
END_TEST

START_TEST(transmit_has_what_receive_leaves)
{
    for (uint32_t kb = 0; kb < 128; kb++) {
        const uint32_t rx = kb > 64 ? 64 : kb;

        give(kb);
        ck_assert_uint_eq(fx.dev->rx.fifo.base, 0);
        ck_assert_uint_eq(fx.dev->rx.fifo.size, rx * KB);
        ck_assert_uint_eq(fx.dev->tx.fifo.base, rx * KB);
        ck_assert_uint_eq(fx.dev->tx.fifo.size, (64 - rx) * KB);
    }
}
END_TEST

START_TEST(split_empties_both)
{
    put_frame(1, 100);
    fx.dev->rx.fifo.head = fx.dev->rx.fifo.used = fx.dev->rx.fifo.first = fx.dev->rx.fifo.count = 1;
    give(40);
    for (unsigned i = 0; i < 2; i++) {
        const struct fifo *side = i == 0 ? &fx.dev->rx.fifo : &fx.dev->tx.fifo;

        ck_assert_uint_eq(side->head, 0);
        ck_assert_uint_eq(side->used, 0);
        ck_assert_uint_eq(side->first, 0);
        ck_assert_uint_eq(side->count, 0);
    }
}
END_TEST

START_TEST(a_frame_takes_whole_words_and_one_more)
{
    static const struct {
        uint32_t len, cost;
    } frame[] = {{1, 16}, {7, 16}, {8, 16}, {9, 24}, {60, 72}, {64, 72}, {65, 80}, {1514, 1528}};

    for (unsigned i = 0; i < sizeof frame / sizeof frame[0]; i++) {
        ck_assert_uint_eq(fifo_cost(frame[i].len), frame[i].cost);
        fifo_clear(f);
        put_frame(i, frame[i].len);
        ck_assert_uint_eq(f->used, frame[i].cost);
        fifo_pop(f);
        ck_assert_uint_eq(f->used, 0);
        ck_assert_uint_eq(f->head, frame[i].cost);
    }
}
END_TEST

START_TEST(first_frame_lies_behind_one_word)
{
    put_frame(5, 20);
    for (uint32_t i = 0; i < 20; i++)
        ck_assert_uint_eq(fx.dev->pbm[48 * KB + HEADER + i], byte_of(5, i));
}
END_TEST

START_TEST(frames_come_out_in_order)
{
    for (uint32_t n = 0; n < 50; n++)
        put_frame(n, 1 + n * 3);
    ck_assert_uint_eq(f->count, 50);
    for (uint32_t n = 0; n < 50; n++) {
        check_frame(n, 1 + n * 3);
        fifo_pop(f);
    }
    ck_assert_ptr_null(fifo_front(f));
    ck_assert_uint_eq(f->used, 0);
}
END_TEST

START_TEST(room_ends_with_the_last_byte)
{
    uint8_t data[KB] = {0};

    give(63); /* 1 KB */
    ck_assert(fifo_room(f, KB - HEADER));
    ck_assert(!fifo_room(f, KB - HEADER + 1));
    ck_assert(fifo_put(fx.dev, f, 0, data, KB - HEADER));
    ck_assert(!fifo_put(fx.dev, f, 0, data, KB - HEADER + 1));
    ck_assert(!fifo_put(fx.dev, f, KB - HEADER, data, 1));
    ck_assert(fifo_put(fx.dev, f, KB - HEADER, data, 0));
    put_frame(1, 500); /* takes 512 */
    ck_assert(fifo_room(f, 504));
    ck_assert(!fifo_room(f, 505));
    put_frame(2, 504);
    ck_assert_uint_eq(f->used, KB);
    ck_assert(!fifo_room(f, 1));
    check_frame(1, 500);
    fifo_pop(f);
    check_frame(2, 504);
}
END_TEST

START_TEST(a_region_of_nothing_has_no_room)
{
    uint8_t byte = 0;

    give(64);
    ck_assert(!fifo_room(f, 0));
    ck_assert(!fifo_put(fx.dev, f, 0, &byte, 1));
    ck_assert_ptr_null(fifo_front(f));
}
END_TEST

START_TEST(no_more_frames_than_there_are_places)
{
    give(0);
    for (uint32_t n = 0; n < FIFO_FRAMES; n++)
        put_frame(n, 1);
    ck_assert(!fifo_room(f, 1));
    for (uint32_t n = 0; n < FIFO_FRAMES; n++) {
        check_frame(n, 1);
        fifo_pop(f);
    }
}
END_TEST

/* Every place that the end of the region can have in a frame of 120 bytes, its header included. */
START_TEST(frames_wrap_at_every_word)
{
    unsigned in_two = 0;

    give(63);
    for (uint32_t start_at = 0; start_at < KB; start_at += 8) {
        const uint32_t ends = (start_at + HEADER + 120) % KB;

        fifo_clear(f);
        f->head = start_at;
        put_frame(start_at, 120);
        in_two += check_frame(start_at, 120) == 2;
        put_frame(start_at + 1, 33);
        fifo_pop(f);
        ck_assert_uint_eq(f->head, ends);
        check_frame(start_at + 1, 33);
        fifo_pop(f);
        ck_assert_uint_eq(f->used, 0);
    }
    ck_assert_uint_eq(in_two, 120 / 8 - 1);
}
END_TEST

START_TEST(a_part_of_a_frame_can_be_looked_at)
{
    struct span span[2];

    give(63);
    f->head = KB - HEADER - 16; /* 16 bytes before the end, 84 after it */
    put_frame(9, 100);
    ck_assert_uint_eq(fifo_spans(fx.dev, f, 4, 8, span), 1);
    ck_assert_uint_eq(span[0].len, 8);
    ck_assert_uint_eq(span[0].at[0], byte_of(9, 4));
    ck_assert_uint_eq(fifo_spans(fx.dev, f, 10, 6, span), 1);
    ck_assert_uint_eq(fifo_spans(fx.dev, f, 10, 7, span), 2);
    ck_assert_uint_eq(span[0].len, 6);
    ck_assert_uint_eq(span[1].len, 1);
    ck_assert_ptr_eq(span[1].at, fx.dev->pbm + f->base);
    ck_assert_uint_eq(fifo_spans(fx.dev, f, 16, 84, span), 1);
    ck_assert_ptr_eq(span[0].at, fx.dev->pbm + f->base);
}
END_TEST

START_TEST(a_place_is_given_in_pieces)
{
    uint8_t *part[2];
    uint32_t size[2];

    give(63);
    f->head = KB - 2 * HEADER;
    ck_assert_uint_eq(fifo_place(fx.dev, f, 0, 8, part, size), 1);
    ck_assert_ptr_eq(part[0], fx.dev->pbm + f->base + KB - 8);
    ck_assert_uint_eq(size[0], 8);
    ck_assert_uint_eq(fifo_place(fx.dev, f, 3, 50, part, size), 2);
    ck_assert_ptr_eq(part[0], fx.dev->pbm + f->base + KB - 5);
    ck_assert_uint_eq(size[0], 5);
    ck_assert_ptr_eq(part[1], fx.dev->pbm + f->base);
    ck_assert_uint_eq(size[1], 45);
    put_frame(0, 8); /* fills up to the end */
    ck_assert_uint_eq(fifo_place(fx.dev, f, 0, 50, part, size), 1);
    ck_assert_ptr_eq(part[0], fx.dev->pbm + f->base + HEADER);
}
END_TEST

START_TEST(many_frames_of_all_lengths_wrap_unharmed)
{
    uint32_t in = 0, out = 0;

    for (uint32_t round = 0; round < 1000; round++) {
        const uint32_t len = 1 + in * 7919 % 1600;

        while (!fifo_room(f, len)) {
            check_frame(out, 1 + out * 7919 % 1600);
            fifo_pop(f);
            out++;
        }
        put_frame(in++, len);
    }
    ck_assert_uint_gt(out, 900);
}
END_TEST

START_TEST(receive_and_transmit_do_not_touch_each_other)
{
    f = &fx.dev->rx.fifo;
    f->head = 48 * KB - 64;
    put_frame(1, 200);
    f = &fx.dev->tx.fifo;
    f->head = 16 * KB - 64;
    put_frame(2, 200);
    check_frame(2, 200);
    f = &fx.dev->rx.fifo;
    check_frame(1, 200);
    ck_assert_uint_eq(fx.dev->pbm[0], byte_of(1, 56));
    ck_assert_uint_eq(fx.dev->pbm[48 * KB], byte_of(2, 56));
}
END_TEST

Suite *fifo_suite(void);
Suite *fifo_suite(void)
{
    Suite *suite = suite_create("fifo");
    TCase *tc = tcase_create("fifo");

    tcase_add_checked_fixture(tc, start, NULL);
    tcase_add_test(tc, reset_splits_48_and_16);
    tcase_add_test(tc, transmit_has_what_receive_leaves);
    tcase_add_test(tc, split_empties_both);
    tcase_add_test(tc, a_frame_takes_whole_words_and_one_more);
    tcase_add_test(tc, first_frame_lies_behind_one_word);
    tcase_add_test(tc, frames_come_out_in_order);
    tcase_add_test(tc, room_ends_with_the_last_byte);
    tcase_add_test(tc, a_region_of_nothing_has_no_room);
    tcase_add_test(tc, no_more_frames_than_there_are_places);
    tcase_add_test(tc, frames_wrap_at_every_word);
    tcase_add_test(tc, a_part_of_a_frame_can_be_looked_at);
    tcase_add_test(tc, a_place_is_given_in_pieces);
    tcase_add_test(tc, many_frames_of_all_lengths_wrap_unharmed);
    tcase_add_test(tc, receive_and_transmit_do_not_touch_each_other);
    suite_add_tcase(suite, tc);
    return suite;
}
