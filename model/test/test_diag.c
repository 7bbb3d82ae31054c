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
    suite_add_tcase(suite, tc);
    return suite;
}
