/* Flow control on every kind of host: what stops, what goes, when. */
#include "rings.h"

static const uint8_t multicast[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x01};

static void start(unsigned host, bool line_rate)
{
    rings_power(host, 0, line_rate);
    fx_write(E1000_FCAL, 0x00c28001);
    fx_write(E1000_FCAH, 0x0100);
    fx_write(E1000_FCT, 0x8808);
    fx_write(E1000_FCTTV, 0x1234);
    fx_set(E1000_CTRL, E1000_MASK(CTRL, RFCE) | E1000_MASK(CTRL, TFCE));
    fx_write(E1000_RDBAL, RXD);
    fx_write(E1000_RDLEN, 128);
    fx_write(E1000_RCTL, E1000_MASK(RCTL, EN) | E1000_MASK(RCTL, SECRC));
    fx_write(E1000_TDBAL, TXD);
    fx_write(E1000_TDLEN, 128);
    fx_write(E1000_TIPG, 8);
    fx_write(E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
}

static void pause(uint32_t time)
{
    uint8_t f[60] = {0};

    memcpy(f, multicast, 6);
    memcpy(f + 6, "\x02\x00\x00\x00\x00\x99\x88\x08\x00\x01", 10);
    f[16] = (uint8_t)(time >> 8), f[17] = (uint8_t)time;
    e1000_frame_in(fx.dev, f, sizeof f, 0);
}

static void send(unsigned n)
{
    const uint32_t tail = fx_read(E1000_TDT);

    for (unsigned i = 0; i < n; i++) {
        fx_put64(TXD + (tail + i) % 8 * 16, TXB);
        fx_put64(TXD + (tail + i) % 8 * 16 + 8, 60 | UINT64_C(0x0b) << 24);
    }
    fx_write(E1000_TDT, (tail + n) % 8);
}

static bool txoff(void)
{
    return (fx_read(E1000_STATUS) & E1000_MASK(STATUS, TXOFF)) != 0;
}

START_TEST(a_pause_lasts_its_time)
{
    start((unsigned)_i, false);
    send(1);
    ck_assert_uint_eq(fx.sent_count, 1);
    pause(3);
    ck_assert(txoff());
    send(2);
    fx_run(3 * 512 - 1);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert(txoff());
    fx_run(1);
    ck_assert_uint_eq(fx.sent_count, 3);
    ck_assert(!txoff());
    pause(0xffff);
    send(1);
    ck_assert_uint_eq(fx.sent_count, 3);
    pause(0);
    ck_assert_uint_eq(fx.sent_count, 4);
    ck_assert_uint_eq(fx_read(E1000_XOFFRXC), 2);
    ck_assert_uint_eq(fx_read(E1000_XONRXC), 1);
    ck_assert_uint_eq(fx_read(E1000_DC), 3);
}
END_TEST

START_TEST(resets_and_lost_links_end_it)
{
    start((unsigned)_i, false);
    pause(0xffff);
    e1000_partner(fx.dev, NULL);
    ck_assert(!txoff());
    start((unsigned)_i, false);
    pause(0xffff);
    fx_write(E1000_CTRL, E1000_MASK(CTRL, RST));
    fx_run(FX_LOAD_NS);
    ck_assert(!txoff());
}
END_TEST

START_TEST(software_sends_one)
{
    uint8_t want[64] = {0};
    uint32_t fcs;

    start((unsigned)_i, false);
    fx_set(E1000_TCTL, E1000_MASK(TCTL, SWXOFF));
    ck_assert_uint_eq(fx.sent_count, 1);
    memcpy(want, multicast, 6);
    memcpy(want + 6, "\x52\x54\x00\x12\x34\x56\x88\x08\x00\x01\x12\x34", 12);
    fcs = rings_fcs(want, 60);
    for (unsigned i = 0; i < 4; i++)
        want[60 + i] = (uint8_t)(fcs >> 8 * i);
    ck_assert_uint_eq(fx.sent[0].length, 64);
    ck_assert_mem_eq(fx.sent[0].data, want, 64);
    ck_assert_hex_eq(fx_read(E1000_TCTL), E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
    ck_assert_uint_eq(fx_read(E1000_XOFFTXC), 1);
    ck_assert_uint_eq(fx_read(E1000_TPT), 1);
    ck_assert_uint_eq(fx_read(E1000_TOTL), 64);
    ck_assert_uint_eq(fx_read(E1000_GPTC), 0);
}
END_TEST

START_TEST(the_last_one_wanted_counts)
{
    start((unsigned)_i, true);
    fx_write(E1000_FCRTH, 4 * 72);
    fx_write(E1000_FCRTL, 72 | E1000_MASK(FCRTL, XONE));
    for (unsigned i = 0; i < 4; i++) /* each takes 72 bytes of the FIFO */
        e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    for (unsigned i = 0; i < 8; i++)
        fx_put64(RXD + i * 16, RXB + i * BUF), fx_put64(RXD + i * 16 + 8, 0);
    fx_write(E1000_RDT, 7);
    fx_run(10 * US);
    ck_assert_uint_eq(fx_read(E1000_XOFFTXC) + fx_read(E1000_XONTXC), fx.sent_count);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert_uint_eq(fx.sent[0].data[16] << 8 | fx.sent[0].data[17], 0);
}
END_TEST

static void descriptors(uint32_t tail)
{
    for (unsigned i = 0; i < 8; i++)
        fx_put64(RXD + i * 16, RXB + i * BUF), fx_put64(RXD + i * 16 + 8, 0);
    fx_write(E1000_RDT, tail);
}

static void arrive(unsigned n) /* each takes 72 bytes of the FIFO */
{
    while (n-- > 0)
        e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    fx_run(10 * US);
}

/* [13.4.23, 13.4.24] Eight bytes beside what the FIFO holds: not reached. */
START_TEST(thresholds_count_eight_bytes)
{
    start((unsigned)_i, false);
    fx_write(E1000_FCRTH, 4 * 72 + 8);
    fx_write(E1000_FCRTL, (72 - 8) | E1000_MASK(FCRTL, XONE));
    arrive(4);
    ck_assert_uint_eq(fx_read(E1000_XOFFTXC), 0);
    arrive(1);
    ck_assert_uint_eq(fx_read(E1000_XOFFTXC), 1);
    descriptors(4);
    fx_run(10 * US);
    ck_assert_uint_eq(fx_read(E1000_XONTXC), 0);
    fx_write(E1000_RDT, 5);
    fx_run(10 * US);
    ck_assert_uint_eq(fx_read(E1000_XONTXC), 1);
}
END_TEST

/* [8.7.3 silent] Another partner has been told nothing yet: no XON for what the one before was told. */
START_TEST(a_new_partner_has_been_told_nothing)
{
    start((unsigned)_i, false);
    fx_write(E1000_FCRTH, 4 * 72);
    fx_write(E1000_FCRTL, 72 | E1000_MASK(FCRTL, XONE));
    arrive(4);
    ck_assert_uint_eq(fx_read(E1000_XOFFTXC), 1);
    e1000_partner(fx.dev, NULL);
    fx_link_up();
    descriptors(4);
    fx_run(10 * US);
    ck_assert_uint_eq(fx_read(E1000_XONTXC), 0);
    fx_write(E1000_RDT, 4);
    arrive(4);
    ck_assert_uint_eq(fx_read(E1000_XOFFTXC), 1);
}
END_TEST

/* [13.7.11] Frames of 72 bytes on the wire, 8 ns each. */
START_TEST(each_frame_is_put_off_once)
{
    start(HOST_QUIET, true);
    send(3);
    fx_run(300);
    ck_assert_uint_eq(fx_read(E1000_DC), 0); /* back to back behind one another */
    pause(0xffff);
    ck_assert_uint_eq(fx_read(E1000_DC), 2);
    pause(0xffff);
    fx_run(72 * 8);
    ck_assert_uint_eq(fx.sent_count, 1);
    send(1);
    ck_assert_uint_eq(fx_read(E1000_DC), 1);
    e1000_partner(fx.dev, NULL);
    ck_assert_uint_eq(fx_read(E1000_DC), 0);
    fx_link_up();
    fx_run(10 * US);
    ck_assert_uint_eq(fx.sent_count, 4);
    ck_assert_uint_eq(fx_read(E1000_DC), 0);
}
END_TEST

START_TEST(a_gap_is_no_reason_and_no_way_to_begin)
{
    start(HOST_QUIET, true);
    send(2);
    fx_run(72 * 8 + 40); /* in the gap of 96 ns */
    pause(2);
    ck_assert_uint_eq(fx_read(E1000_DC), 1);
    fx_run(10 * US);
    ck_assert_uint_eq(fx.sent_count, 2);
}
END_TEST

/* [13.7.11 silent] The gap behind a frame of ours is no reason, XOFF in it is. */
START_TEST(a_frame_that_meets_a_gap_is_not_put_off)
{
    start(HOST_QUIET, true);
    send(1);
    fx_run((72 + 12) * 8 - 1);
    send(2);
    ck_assert_uint_eq(fx_read(E1000_DC), 0);
    pause(2);
    ck_assert_uint_eq(fx_read(E1000_DC), 2);
    fx_run(10 * US);
    ck_assert_uint_eq(fx.sent_count, 3);
}
END_TEST

/* A PAUSE frame of our own is under way; the frame behind it is the one that XOFF puts off. */
START_TEST(a_pause_frame_under_way_is_not_put_off)
{
    start(HOST_QUIET, true);
    fx_set(E1000_TCTL, E1000_MASK(TCTL, SWXOFF));
    fx_run(300);
    send(1);
    ck_assert_uint_eq(fx_read(E1000_DC), 0);
    pause(2);
    ck_assert_uint_eq(fx_read(E1000_DC), 1);
    fx_run(10 * US);
    ck_assert_uint_eq(fx.sent_count, 2);
    ck_assert_uint_eq(fx_read(E1000_DC), 0);
}
END_TEST

START_TEST(only_with_transmits_enabled)
{
    start(HOST_QUIET, true);
    send(2);
    fx_run(100);
    fx_write(E1000_TCTL, 0);
    pause(0xffff);
    ck_assert_uint_eq(fx_read(E1000_DC), 0);
    fx_write(E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
    ck_assert_uint_eq(fx_read(E1000_DC), 1);
}
END_TEST

/* [8.6.5.2] The link is away for no time at all, in the middle of the first frame and of a PAUSE frame. */
START_TEST(what_is_cut_off_begins_anew)
{
    const uint32_t up = E1000_MASK(CTRL, SLU) | E1000_MASK(CTRL, RFCE) | E1000_MASK(CTRL, TFCE);

    start(HOST_QUIET, true);
    send(2);
    fx_run(300);
    fx_write(E1000_CTRL, up & ~E1000_MASK(CTRL, SLU));
    fx_write(E1000_CTRL, up);
    ck_assert_uint_eq(fx_read(E1000_DC), 2);
    fx_run(72 * 8 - 1);
    ck_assert_uint_eq(fx.sent_count, 0);
    fx_run(1);
    ck_assert_uint_eq(fx.sent_count, 1);
    fx_run((12 + 72) * 8);
    ck_assert_uint_eq(fx.sent_count, 2);
    ck_assert_uint_eq(fx_read(E1000_GPTC), 2);
    fx_run(US);
    fx_set(E1000_TCTL, E1000_MASK(TCTL, SWXOFF));
    fx_run(300);
    fx_write(E1000_CTRL, up & ~E1000_MASK(CTRL, SLU));
    fx_write(E1000_CTRL, up);
    fx_run(72 * 8 - 1);
    ck_assert_uint_eq(fx.sent_count, 2);
    fx_run(1);
    ck_assert_uint_eq(fx.sent_count, 3);
    ck_assert_uint_eq(fx_read(E1000_XOFFTXC), 1);
    ck_assert_uint_eq(fx_read(E1000_DC), 0);
}
END_TEST

Suite *flow_suite(void);
Suite *flow_suite(void)
{
    Suite *s = suite_create("flow");
    TCase *t = tcase_create("pause");

    tcase_add_loop_test(t, a_pause_lasts_its_time, 0, HOSTS);
    tcase_add_loop_test(t, resets_and_lost_links_end_it, 0, HOSTS);
    tcase_add_loop_test(t, software_sends_one, 0, HOSTS);
    tcase_add_loop_test(t, the_last_one_wanted_counts, 0, HOSTS);
    tcase_add_loop_test(t, thresholds_count_eight_bytes, 0, HOSTS);
    tcase_add_loop_test(t, a_new_partner_has_been_told_nothing, 0, HOSTS);
    tcase_add_test(t, each_frame_is_put_off_once);
    tcase_add_test(t, a_gap_is_no_reason_and_no_way_to_begin);
    tcase_add_test(t, a_frame_that_meets_a_gap_is_not_put_off);
    tcase_add_test(t, a_pause_frame_under_way_is_not_put_off);
    tcase_add_test(t, only_with_transmits_enabled);
    tcase_add_test(t, what_is_cut_off_begins_anew);
    suite_add_tcase(s, t);
    return s;
}
