/*
 * test_diag.c - PBA and the packet buffer's window [13.4.16, 13.8.11, 15.1]
 */
#include "../core.h"

#include "fixture.h"

#include <string.h>

START_TEST(pba_starts_with_48_and_16)
{
    ck_assert_hex_eq(fx_read(E1000_PBA), 0x00100030);
}
END_TEST

/* [13.4.16] RXA is 6:0 in KB, 15:7 read 0; TXA is read-only: 64 less RXA. */
START_TEST(txa_follows_rxa)
{
    for (uint32_t rxa = 0; rxa <= 64; rxa += 8) {
        fx_write(E1000_PBA, 0xffffff80 | rxa);
        ck_assert_hex_eq(fx_read(E1000_PBA), (64 - rxa) << 16 | rxa);
        ck_assert_uint_eq(fx.dev->rx.fifo.size, rxa * 1024);
        ck_assert_uint_eq(fx.dev->tx.fifo.size, (64 - rxa) * 1024);
    }
    fx_write(E1000_PBA, 0x41);
    ck_assert_hex_eq(fx_read(E1000_PBA), 0x41);
    fx_write(E1000_PBA, 0x7f);
    ck_assert_hex_eq(fx_read(E1000_PBA), 0x7f);
}
END_TEST

START_TEST(reading_pba_splits_nothing)
{
    fx.dev->rx.fifo.head = 64;
    fx_read(E1000_PBA);
    ck_assert_uint_eq(fx.dev->rx.fifo.head, 64);
}
END_TEST

/* The choice for what [13.4.16] leaves open: at once while both are idle, else with the next reset. */
START_TEST(split_waits_for_idle_queues)
{
    struct fifo *const side[2] = {&fx.dev->rx.fifo, &fx.dev->tx.fifo};

    for (unsigned i = 0; i < 2; i++) {
        fifo_put(fx.dev, side[i], 0, "frame", 5);
        fifo_push(side[i], 5, 0);
        fx_write(E1000_PBA, 40);
        ck_assert_hex_eq(fx_read(E1000_PBA), 24u << 16 | 40);
        ck_assert_uint_eq(fx.dev->rx.fifo.size, 48 * 1024);
        fifo_pop(side[i]);
        fx_write(E1000_PBA, 40);
        ck_assert_uint_eq(fx.dev->rx.fifo.size, 40 * 1024);
        fx_write(E1000_PBA, 48);
        ck_assert_uint_eq(fx.dev->tx.fifo.base, 48 * 1024);
    }
    fx.dev->tx.frame.kind = 1; /* a frame is being gathered */
    fx_write(E1000_PBA, 40);
    ck_assert_uint_eq(fx.dev->rx.fifo.size, 48 * 1024);
}
END_TEST

START_TEST(software_reset_keeps_pba_and_makes_it_act)
{
    fifo_put(fx.dev, &fx.dev->rx.fifo, 0, "frame", 5);
    fifo_push(&fx.dev->rx.fifo, 5, 0);
    fx_write(E1000_PBA, 32);
    fx_write(E1000_CTRL, 1u << 26);
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(fx_read(E1000_PBA), 0x00200020);
    ck_assert_uint_eq(fx.dev->rx.fifo.size, 32 * 1024);
    ck_assert_uint_eq(fx.dev->rx.fifo.count, 0);
}
END_TEST

START_TEST(pci_reset_brings_pba_back)
{
    fx_write(E1000_PBA, 32);
    e1000_pci_reset(fx.dev, true);
    e1000_pci_reset(fx.dev, false);
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_PBA), 0x00100030);
    ck_assert_uint_eq(fx.dev->rx.fifo.size, 48 * 1024);
}
END_TEST

START_TEST(window_shows_every_word_little_endian)
{
    unsigned wrong = 0;

    fx.dev->host.trace = NULL; /* there would be a lot of it */
    for (uint32_t at = 0; at < 0x10000; at += 4)
        fx_write(E1000_PBM + at, at * 2654435761u + 1);
    for (uint32_t at = 0; at < 0x10000; at += 4) {
        wrong += fx_read(E1000_PBM + at) != at * 2654435761u + 1;
        wrong += fx.dev->pbm[at] != (uint8_t)(at * 2654435761u + 1);
        wrong += fx.dev->pbm[at + 3] != (uint8_t)((at * 2654435761u + 1) >> 24);
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(window_is_kept_by_resets)
{
    fx_write(E1000_PBM + 0x1234, 0xcafe1234);
    fx_write(E1000_CTRL, 1u << 26);
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(fx_read(E1000_PBM + 0x1234), 0xcafe1234);
}
END_TEST

/* [13.8.11] Receive first; the word before the data belongs to the frame. */
START_TEST(window_shows_frames_of_both_queues)
{
    fifo_put(fx.dev, &fx.dev->rx.fifo, 0, "receive!", 8);
    fifo_put(fx.dev, &fx.dev->tx.fifo, 0, "transmit", 8);
    ck_assert_hex_eq(fx_read(0x10008), 0x65636572);
    ck_assert_hex_eq(fx_read(0x1c008), 0x6e617274);
    fx_write(0x1c00c, 0x21212121);
    ck_assert_mem_eq(fx.dev->pbm + 0xc008, "tran!!!!", 8);
}
END_TEST

/* ---- FIFO pointers [13.8.1-10] ---- */

enum { HEAD, TAIL, HEAD_SAVED, TAIL_SAVED, COUNT };

static const uint32_t pointer[2][5] = {{E1000_RDFH, E1000_RDFT, E1000_RDFHS, E1000_RDFTS, E1000_RDFPC},
                                       {E1000_TDFH, E1000_TDFT, E1000_TDFHS, E1000_TDFTS, E1000_TDFPC}};

static void expect_pointers(unsigned unit, uint32_t head, uint32_t tail, uint32_t count)
{
    ck_assert_hex_eq(fx_read(pointer[unit][HEAD]), head);
    ck_assert_hex_eq(fx_read(pointer[unit][TAIL]), tail);
    ck_assert_hex_eq(fx_read(pointer[unit][HEAD_SAVED]), head);
    ck_assert_hex_eq(fx_read(pointer[unit][TAIL_SAVED]), tail);
    ck_assert_hex_eq(fx_read(pointer[unit][COUNT]), count);
}

static void push(struct fifo *f, uint32_t len) /* takes 1 + ceil(len / 8) words */
{
    uint8_t data[64] = {0};

    ck_assert(fifo_put(fx.dev, f, 0, data, len));
    fifo_push(f, len, 0);
}

START_TEST(pointers_follow_the_queue)
{
    struct fifo *const f = _i == 0 ? &fx.dev->rx.fifo : &fx.dev->tx.fifo;
    const uint32_t last = f->size / 8 - 3;

    expect_pointers((unsigned)_i, 0, 0, 0);
    push(f, 1);
    push(f, 8);
    push(f, 9);
    expect_pointers((unsigned)_i, 0, 7, 3);
    fifo_pop(f);
    expect_pointers((unsigned)_i, 2, 7, 2);
    fifo_clear(f);
    f->head = last * 8;
    f->moves++;
    push(f, 17); /* four words: three at the end, one at the start */
    expect_pointers((unsigned)_i, last, 1, 1);
    fifo_pop(f);
    expect_pointers((unsigned)_i, 1, 1, 0);
    f->head = f->size - 16;
    push(f, 8); /* ends with the region */
    expect_pointers((unsigned)_i, f->size / 8 - 2, 0, 1);
}
END_TEST

START_TEST(a_written_pointer_reads_back_until_the_queue_moves)
{
    struct fifo *const f = _i == 0 ? &fx.dev->rx.fifo : &fx.dev->tx.fifo;

    for (unsigned n = HEAD; n <= COUNT; n++) {
        const uint32_t mask = _i == 1 && n <= TAIL ? 0x7ff : 0x1fff;

        fx_write(pointer[_i][n], 0xffffffff);
        ck_assert_hex_eq(fx_read(pointer[_i][n]), mask);
        fx_write(pointer[_i][n], 0x123);
        ck_assert_hex_eq(fx_read(pointer[_i][n]), 0x123);
    }
    push(f, 8);
    expect_pointers((unsigned)_i, 0x123, 0x125, 1);
}
END_TEST

START_TEST(a_pointer_that_is_in_use_moves_nothing)
{
    struct fifo *const f = _i == 0 ? &fx.dev->rx.fifo : &fx.dev->tx.fifo;

    push(f, 8);
    push(f, 8);
    fx_write(_i == 0 ? E1000_RCTL : E1000_TCTL, 2);
    fx_log_clear();
    fx_write(pointer[_i][HEAD], 2);
    fx_write(pointer[_i][TAIL], 2);
    ck_assert_uint_eq(fx_log_count("bad fifo-pointer-in-use"), 2);
    ck_assert_uint_eq(f->count, 2);
    fx_write(_i == 0 ? E1000_RCTL : E1000_TCTL, 0);
    if (_i == 0)
        fx.dev->rx.done = 1; /* half of it is in memory */
    else
        fx.dev->tx.length = 1; /* a frame is being gathered */
    fx_write(pointer[_i][HEAD], 2);
    ck_assert_uint_eq(fx_log_count("bad fifo-pointer-in-use"), 3);
    ck_assert_uint_eq(f->count, 2);
}
END_TEST

START_TEST(pointers_take_frames_out_at_either_end)
{
    struct fifo *const f = _i == 0 ? &fx.dev->rx.fifo : &fx.dev->tx.fifo;

    f->head = f->size - 24; /* so that they wrap */
    for (unsigned i = 0; i < 5; i++)
        push(f, 8);                 /* two words each: from -3, -1, 1, 3, 5 to 7 */
    fx_write(pointer[_i][HEAD], 2); /* inside a frame */
    fx_write(pointer[_i][TAIL], 4);
    fx_write(pointer[_i][HEAD], 9); /* beyond */
    ck_assert_uint_eq(f->count, 5);
    fx_write(pointer[_i][HEAD], 1);
    ck_assert_uint_eq(f->count, 3);
    fx_write(pointer[_i][TAIL], 5);
    ck_assert_uint_eq(f->count, 2);
    expect_pointers((unsigned)_i, 1, 5, 2);
    fx_write(pointer[_i][TAIL], 5); /* where it is */
    fx_write(pointer[_i][HEAD], 1);
    ck_assert_uint_eq(f->count, 2);
    fx_write(pointer[_i][TAIL], 1); /* all of them */
    ck_assert_uint_eq(f->count, 0);
    fx_write(pointer[_i][TAIL], f->size / 8 + 6); /* beyond the region: it wraps */
    ck_assert_uint_eq(f->head, ((f->size / 8 + 6) & (_i == 0 ? 0x1fff : 0x7ff)) * 8 % f->size);
    ck_assert_uint_eq(fx_log_count("bad"), fx_log_count("bad reserved-bits TDFT")); /* eleven bits there */
}
END_TEST

START_TEST(the_head_past_all_frames_empties_it)
{
    struct fifo *const f = &fx.dev->rx.fifo;

    push(f, 8);
    push(f, 8);
    fx_write(E1000_RDFH, 4);
    ck_assert_uint_eq(f->count, 0);
    expect_pointers(0, 4, 4, 0);
}
END_TEST

START_TEST(a_fifo_of_nothing_takes_any_pointer)
{
    fx_write(E1000_PBA, 64);
    for (unsigned n = HEAD; n <= COUNT; n++)
        fx_write(pointer[1][n], 0x7ff);
    ck_assert_uint_eq(fx.dev->tx.fifo.head, 0);
    fx_write(E1000_CTRL, 1u << 26);
    fx_run(FX_LOAD_NS);
    expect_pointers(0, 0, 0, 0);
    expect_pointers(1, 0, 0, 0);
}
END_TEST

Suite *diag_suite(void);
Suite *diag_suite(void)
{
    Suite *suite = suite_create("diag");
    TCase *tc = tcase_create("diag");

    tcase_add_checked_fixture(tc, fx_start, NULL);
    tcase_add_test(tc, pba_starts_with_48_and_16);
    tcase_add_test(tc, txa_follows_rxa);
    tcase_add_test(tc, reading_pba_splits_nothing);
    tcase_add_test(tc, split_waits_for_idle_queues);
    tcase_add_test(tc, software_reset_keeps_pba_and_makes_it_act);
    tcase_add_test(tc, pci_reset_brings_pba_back);
    tcase_add_test(tc, window_shows_every_word_little_endian);
    tcase_add_test(tc, window_is_kept_by_resets);
    tcase_add_test(tc, window_shows_frames_of_both_queues);
    tcase_add_loop_test(tc, pointers_follow_the_queue, 0, 2);
    tcase_add_loop_test(tc, a_written_pointer_reads_back_until_the_queue_moves, 0, 2);
    tcase_add_loop_test(tc, a_pointer_that_is_in_use_moves_nothing, 0, 2);
    tcase_add_loop_test(tc, pointers_take_frames_out_at_either_end, 0, 2);
    tcase_add_test(tc, the_head_past_all_frames_empties_it);
    tcase_add_test(tc, a_fifo_of_nothing_takes_any_pointer);
    suite_add_tcase(suite, tc);
    return suite;
}
