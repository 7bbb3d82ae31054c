/*
 * test_half.c - half duplex: every number of collisions against every threshold [8.4.2, 13.4.33, 13.7.6-10]
 */
#include "../core.h"

#include "rings.h"

enum { EN = 1 << 1, RTLC = 1 << 24, FRAME = 0x0b000000, DD = 1, EC = 2, LC = 4 };

static uint32_t tail;

static void start(unsigned host, bool line_rate)
{
    struct e1000_partner p = {.autoneg = true, .base_page = 0x0080, .pairs = 4}; /* 100 half */

    rings_power(host, 0, line_rate);
    e1000_partner(fx.dev, NULL);
    e1000_partner(fx.dev, &p);
    fx_run(10 * SEC);
    fx_write(E1000_TDBAL, TXD);
    fx_write(E1000_TDBAH, 0);
    fx_write(E1000_TDLEN, 8 * 16);
    fx_write(E1000_TDH, 0);
    fx_write(E1000_TDT, 0);
    fx_write(E1000_TIPG, 8);
    tail = 0;
}

/* STA of its descriptor. */
static uint32_t send(void)
{
    const uint32_t at = TXD + tail * 16;

    fx_put64(at, TXB);
    fx_put64(at + 8, FRAME | 100);
    tail = (tail + 1) % 8;
    fx_write(E1000_TDT, tail);
    return fx.memory[at + 12];
}

/* What the sections say of a frame that meets n collisions. */
static void expect_counts(uint32_t n, uint32_t ct)
{
    const bool sent = n <= ct; /* CT retries [13.4.33] */
    const uint32_t met = sent ? n : ct + 1;

    ck_assert_uint_eq(fx_read(E1000_COLC), met);
    ck_assert_uint_eq(fx_read(E1000_SCC), sent && n == 1);
    ck_assert_uint_eq(fx_read(E1000_MCC), sent && n > 1 && n < 16);
    ck_assert_uint_eq(fx_read(E1000_ECOL), met >= 16 && ct >= 16);
    ck_assert_uint_eq(fx_read(E1000_LATECOL), 0);
    ck_assert_uint_eq(fx_read(E1000_GPTC), sent);
    ck_assert_uint_eq(fx_read(E1000_TPT), sent);
    ck_assert_uint_eq(fx.sent_count, sent);
}

ON_EVERY_HOST(collisions_count_as_thresholds_say)
{
    start(host, false);
    for (uint32_t ct = 0; ct < 20; ct++) {
        fx_write(E1000_TCTL, EN | ct << 4);
        for (uint32_t n = 0; n < 22; n++) {
            fx.sent_count = 0;
            e1000_collide(fx.dev, n, false);
            ck_assert_hex_eq(send(), DD | (n > ct ? EC : 0));
            e1000_collide(fx.dev, 0, false);
            expect_counts(n, ct);
        }
    }
}

/* The same with each attempt in its time: nothing else differs. */
START_TEST(collisions_count_the_same_on_the_wire)
{
    start(HOST_QUIET, true);
    for (uint32_t ct = 0; ct < 20; ct += 3) {
        fx_write(E1000_TCTL, EN | ct << 4);
        for (uint32_t n = 0; n < 22; n++) {
            fx.sent_count = 0;
            e1000_collide(fx.dev, n, false);
            ck_assert_hex_eq(send(), DD);
            fx_run(SEC);
            e1000_collide(fx.dev, 0, false);
            expect_counts(n, ct);
        }
    }
}
END_TEST

ON_EVERY_HOST(late_collisions_end_a_frame_or_not)
{
    start(host, false);
    fx_write(E1000_TCTL, EN | 15 << 4);
    fx.sent_count = 0;
    e1000_collide(fx.dev, 1, true);
    ck_assert_hex_eq(send(), DD | LC);
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(fx_read(E1000_LATECOL), 1);
    ck_assert_uint_eq(fx_read(E1000_COLC), 0);
    ck_assert_uint_eq(fx_read(E1000_GPTC), 1);
    fx_write(E1000_TCTL, EN | RTLC | 15 << 4);
    e1000_collide(fx.dev, 15, true);
    ck_assert_hex_eq(send(), DD | LC);
    ck_assert_uint_eq(fx.sent_count, 1);
    e1000_collide(fx.dev, UINT32_MAX, true);
    ck_assert_hex_eq(send(), DD | LC | EC);
    e1000_collide(fx.dev, 0, true);
    ck_assert_hex_eq(send(), DD);
    ck_assert_uint_eq(fx.sent_count, 2);
    ck_assert_uint_eq(fx_read(E1000_LATECOL), 2);
    ck_assert_uint_eq(fx_read(E1000_SCC) + fx_read(E1000_MCC) + fx_read(E1000_COLC), 0);
}

/* A host may change its mind while the frame waits behind the gap; nothing is sent twice. */
START_TEST(an_attempt_that_has_not_begun_can_still_collide)
{
    start(HOST_QUIET, true);
    fx_write(E1000_TCTL, EN | 15 << 4);
    fx.sent_count = 0;
    send();
    fx_run((8 + 104) * 80);
    ck_assert_uint_eq(fx.sent_count, 1);
    send();
    e1000_collide(fx.dev, 1, false);
    fx_run((12 + 8 + 104) * 80);
    ck_assert_uint_eq(fx.sent_count, 1);
    fx_run(MS);
    ck_assert_uint_eq(fx.sent_count, 2);
    ck_assert_uint_eq(fx_read(E1000_SCC), 1);
}
END_TEST

/* Three segments; the collisions meet the first one, and each counts as a frame of its own [3.5, 8.4.2]. */
static void send_segments(void)
{
    fx_put64(TXD, 34 | 50 << 8);
    fx_put64(TXD + 8, 250 | UINT64_C(0x25) << 24 | UINT64_C(54) << 40 | UINT64_C(100) << 48);
    fx_put64(TXD + 16, TXB);
    fx_put64(TXD + 24, 304 | UINT64_C(0x2f) << 24 | UINT64_C(1) << 20);
    fx_write(E1000_TDT, 2);
}

ON_EVERY_HOST(a_segment_collides_like_any_frame)
{
    for (uint32_t line = 0; line < 2; line++)
        for (uint32_t n = 0; n < 5; n++) {
            const uint32_t left = n > 3 ? 2 : 3;

            start(host, line != 0);
            fx.sent_count = 0;
            for (unsigned i = 0; i < 304; i++)
                fx.memory[TXB + i] = (uint8_t)i;
            fx_write(E1000_TCTL, EN | 3 << 4);
            e1000_collide(fx.dev, n, false);
            send_segments();
            fx_run(SEC);
            ck_assert_uint_eq(fx.sent_count, left);
            for (unsigned i = 0; i < left; i++)
                ck_assert_uint_eq(fx.sent[i].length, (i + 1 < left ? 154 : 104) + 4);
            ck_assert_mem_eq(fx.sent[0].data + 54, fx.memory + TXB + 54 + (3 - left) * 100, 100);
            ck_assert_uint_eq(fx_read(E1000_COLC), n);
            ck_assert_uint_eq(fx_read(E1000_SCC), n == 1);
            ck_assert_uint_eq(fx_read(E1000_MCC), n == 2 || n == 3);
            ck_assert_uint_eq(fx_read(E1000_GPTC), left);
            ck_assert_uint_eq(fx_read(E1000_TSCTC), 1);
            if (line == 0)
                ck_assert_hex_eq(fx.memory[TXD + 28], DD | (n > 3 ? EC : 0));
        }
}

START_TEST(full_duplex_and_no_link_take_no_collisions)
{
    rings_power(HOST_QUIET, 0, false);
    fx_write(E1000_TDBAL, TXD);
    fx_write(E1000_TDLEN, 8 * 16);
    fx_write(E1000_TCTL, EN);
    tail = 0;
    e1000_collide(fx.dev, 5, false);
    ck_assert_hex_eq(send(), DD);
    start(HOST_QUIET, false);
    fx_write(E1000_TCTL, EN);
    e1000_collide(fx.dev, 5, false);
    fx_write(E1000_CTRL, 0x1041); /* the MAC full duplex by force */
    fx.sent_count = 0;
    ck_assert_hex_eq(send(), DD);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert_uint_eq(fx_read(E1000_COLC), 0);
}
END_TEST

Suite *half_suite(void);
Suite *half_suite(void)
{
    Suite *const suite = suite_create("half");
    TCase *const t = tcase_create("half");

    tcase_add_test(t, collisions_count_as_thresholds_say);
    tcase_add_test(t, collisions_count_the_same_on_the_wire);
    tcase_add_test(t, late_collisions_end_a_frame_or_not);
    tcase_add_test(t, an_attempt_that_has_not_begun_can_still_collide);
    tcase_add_test(t, a_segment_collides_like_any_frame);
    tcase_add_test(t, full_duplex_and_no_link_take_no_collisions);
    suite_add_tcase(suite, t);
    return suite;
}
