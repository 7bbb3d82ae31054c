/*
 * test_defer.c - a device that touches guest memory only when it is told to: defer_dma, e1000_dma()
 */
#include "../core.h"

#include "rings.h"

enum { EN = 1 << 1, FRAME = 0x0b000000, RXT0 = 0x80, TXDW = 1 };

static unsigned touched(void)
{
    return fx.dma_reads + fx.dma_writes;
}

static void start(void)
{
    fx_board();
    fx.config.defer_dma = true;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_link_up();
    fx_write(E1000_TDBAL, TXD);
    fx_write(E1000_TDLEN, 512 * 16);
    fx_write(E1000_TCTL, EN);
    fx_write(E1000_RDBAL, RXD);
    fx_write(E1000_RDLEN, 8 * 16);
    fx_write(E1000_RCTL, E1000_MASK(RCTL, EN) | E1000_MASK(RCTL, UPE) | E1000_MASK(RCTL, SECRC));
    for (unsigned i = 0; i < 8; i++)
        fx_put64(RXD + i * 16, RXB + i * BUF);
    e1000_dma(fx.dev);
    fx.dma_reads = fx.dma_writes = 0;
    fx_read(E1000_ICR);
}

static void send(unsigned frames)
{
    for (unsigned i = 0; i < frames; i++) {
        fx_put64(TXD + i * 16, TXB);
        fx_put64(TXD + i * 16 + 8, FRAME | 60);
    }
    fx_write(E1000_TDT, frames);
}

START_TEST(a_doorbell_waits)
{
    start();
    send(1);
    fx_run(MS);
    ck_assert_uint_eq(touched(), 0);
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(fx_read(E1000_ICR), 0);
    ck_assert(e1000_dma_waits(fx.dev));
    e1000_dma(fx.dev);
    ck_assert(!e1000_dma_waits(fx.dev));
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert_uint_eq(fx_get32(TXD + 12) & 1, 1);
    ck_assert_uint_eq(fx_read(E1000_ICR) & TXDW, TXDW);
}
END_TEST

START_TEST(two_doorbells_are_one_piece_of_work)
{
    start();
    send(1);
    send(3);
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx.sent_count, 3);
    ck_assert(!e1000_dma_waits(fx.dev));
}
END_TEST

START_TEST(a_long_ring_takes_several_turns)
{
    unsigned turns = 0;

    start();
    send(500);
    while (e1000_dma_waits(fx.dev)) {
        e1000_dma(fx.dev);
        turns++;
    }
    ck_assert_uint_eq(fx.sent_count, 500);
    ck_assert_uint_eq(turns, 2); /* four times 64 descriptors, and the rest */
}
END_TEST

/* [3.5] A descriptor of 512 KiB in segments of 1000 bytes is 525 frames: a call ends with the one that brings it to 1
 * MiB. */
START_TEST(a_call_sends_a_bounded_number_of_segments)
{
    enum { SENDS = 12, LEN = 512 << 10, HDRLEN = 54, MSS = 1000, EACH = (LEN - HDRLEN + MSS - 1) / MSS };
    unsigned turns = 0, before = 0;

    start();
    fx.dev->host.trace = NULL; /* there is no room for so many events */
    fx_put64(TXD, 0);          /* no checksums */
    fx_put64(TXD + 8, (uint64_t)MSS << 48 | (uint64_t)HDRLEN << 40 | UINT64_C(0x24000000) | (LEN - HDRLEN));
    for (unsigned i = 1; i <= SENDS; i++) {
        fx_put64(TXD + i * 16, 256 << 10);
        fx_put64(TXD + i * 16 + 8, UINT64_C(0x27100000) | LEN);
    }
    fx_write(E1000_TDT, SENDS + 1);
    for (; e1000_dma_waits(fx.dev); turns++, before = fx.sent_count) {
        e1000_dma(fx.dev);
        ck_assert_uint_le(fx.sent_count - before, 3 * EACH);
    }
    ck_assert_uint_eq(fx.sent_count, SENDS * EACH);
    ck_assert_uint_ge(turns, SENDS / 3);
}
END_TEST

START_TEST(a_reset_forgets_what_waited)
{
    start();
    send(1);
    fx_write(E1000_CTRL, E1000_MASK(CTRL, RST));
    fx_run(MS);
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(touched(), 0);
}
END_TEST

START_TEST(descriptors_are_fetched_later)
{
    start();
    fx_write(E1000_RDT, 7);
    ck_assert_uint_eq(touched(), 0);
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx.dma_reads, 1);
}
END_TEST

START_TEST(a_frame_may_wait_in_the_fifo)
{
    start();
    fx_write(E1000_RDT, 7);
    e1000_dma(fx.dev);
    fx.dma_reads = fx.dma_writes = 0;
    e1000_frame_in(fx.dev, rings_frame(STATION, 100), 100, E1000_FRAME_LATER);
    e1000_frame_in(fx.dev, rings_frame(STATION, 200), 200, E1000_FRAME_LATER);
    ck_assert_uint_eq(touched(), 0);
    ck_assert_uint_eq(fx_read(E1000_ICR) & RXT0, 0);
    ck_assert(e1000_dma_waits(fx.dev));
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx_get16(RXD + 8), 100);
    ck_assert_uint_eq(fx_get16(RXD + 24), 200);
    ck_assert_mem_eq(fx.memory + RXB + BUF, rings_frame(STATION, 200), 200);
    ck_assert_uint_eq(fx_read(E1000_ICR) & RXT0, RXT0);
}
END_TEST

START_TEST(a_frame_may_go_straight_in)
{
    start();
    fx_write(E1000_RDT, 7); /* its work still waits */
    e1000_frame_in(fx.dev, rings_frame(STATION, 100), 100, 0);
    ck_assert_uint_eq(fx_get16(RXD + 8), 100);
}
END_TEST

/* Every way by which time or a register touches memory. */
START_TEST(delays_and_thresholds_wait)
{
    start();
    fx_write(E1000_RDT, 7);
    e1000_dma(fx.dev);
    fx_write(E1000_RXDCTL, E1000_PUT(4, RXDCTL, WTHRESH) | E1000_MASK(RXDCTL, GRAN));
    fx_write(E1000_RDTR, 10);
    e1000_frame_in(fx.dev, rings_frame(STATION, 100), 100, 0);
    fx.dma_reads = fx.dma_writes = 0;
    fx_run(MS); /* RDTR has run out */
    ck_assert_uint_eq(touched(), 0);
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx_get16(RXD + 8), 100);
    ck_assert_uint_eq(fx_read(E1000_ICR) & RXT0, RXT0);

    e1000_frame_in(fx.dev, rings_frame(STATION, 101), 101, 0);
    fx.dma_reads = fx.dma_writes = 0;
    fx_write(E1000_RXDCTL, E1000_PUT(1, RXDCTL, WTHRESH) | E1000_MASK(RXDCTL, GRAN));
    ck_assert_uint_eq(touched(), 0);
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx_get16(RXD + 16 + 8), 101);

    fx_write(E1000_TXDCTL, E1000_PUT(4, TXDCTL, WTHRESH) | E1000_MASK(TXDCTL, GRAN));
    fx_write(E1000_TIDV, 10);
    fx_put64(TXD, TXB);
    fx_put64(TXD + 8, FRAME | 0x80000000u | 60); /* IDE */
    fx_write(E1000_TDT, 1);
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx.sent_count, 1);
    fx.dma_reads = fx.dma_writes = 0;
    fx_run(MS);
    ck_assert_uint_eq(touched(), 0);
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx_get32(TXD + 12) & 1, 1);
}
END_TEST

/* [4.1 Command] Nothing to do for a host before bus mastering is allowed again. */
START_TEST(without_the_bus_nothing_waits_for_the_host)
{
    start();
    fx_write(E1000_RDT, 7);
    e1000_dma(fx.dev);
    fx_write(E1000_RXDCTL, E1000_PUT(4, RXDCTL, WTHRESH) | E1000_MASK(RXDCTL, GRAN));
    fx_write(E1000_RDTR, 10);
    e1000_frame_in(fx.dev, rings_frame(STATION, 100), 100, 0);
    e1000_config_write(fx.dev, 4, 2, 3);
    e1000_dma(fx.dev);
    fx_run(MS);
    ck_assert(!e1000_dma_waits(fx.dev));
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx_get16(RXD + 8), 0);
    e1000_config_write(fx.dev, 4, 2, 7);
    ck_assert(e1000_dma_waits(fx.dev));
    ck_assert_uint_eq(fx_get16(RXD + 8), 0);
    e1000_dma(fx.dev);
    ck_assert(!e1000_dma_waits(fx.dev));
    ck_assert_uint_eq(fx_get16(RXD + 8), 100);
    ck_assert_uint_eq(fx_read(E1000_ICR) & RXT0, RXT0);
}
END_TEST

START_TEST(what_waits_is_saved)
{
    static uint8_t blob[E1000_STORAGE_BYTES];
    size_t size;

    start();
    send(1);
    ck_assert(e1000_save_size() <= sizeof blob);
    size = e1000_save(fx.dev, blob, sizeof blob);
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert(e1000_load(fx.dev, blob, size));
    ck_assert(e1000_dma_waits(fx.dev));
    e1000_dma(fx.dev);
    ck_assert_uint_eq(fx.sent_count, 2);
}
END_TEST

Suite *defer_suite(void);
Suite *defer_suite(void)
{
    Suite *const suite = suite_create("defer");
    TCase *const t = tcase_create("defer");

    tcase_add_test(t, a_doorbell_waits);
    tcase_add_test(t, two_doorbells_are_one_piece_of_work);
    tcase_add_test(t, a_long_ring_takes_several_turns);
    tcase_add_test(t, a_call_sends_a_bounded_number_of_segments);
    tcase_add_test(t, a_reset_forgets_what_waited);
    tcase_add_test(t, descriptors_are_fetched_later);
    tcase_add_test(t, a_frame_may_wait_in_the_fifo);
    tcase_add_test(t, a_frame_may_go_straight_in);
    tcase_add_test(t, delays_and_thresholds_wait);
    tcase_add_test(t, what_waits_is_saved);
    tcase_add_test(t, without_the_bus_nothing_waits_for_the_host);
    suite_add_tcase(suite, t);
    return suite;
}
