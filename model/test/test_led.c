/*
 * test_led.c - LED sources, inversion, blink circuits, the software-definable outputs [10.1, 13.4.15]
 *
 * A LED is lit while its pin is low. Times are those of 10.1.3: 200 ms on, 200 ms off; a frame counts as
 * activity for 1 ms (the model's choice).
 */
#include "../core.h"

#include "fixture.h"

#define HALF (200 * MS)

static uint32_t lit(void)
{
    return ~e1000_leds(fx.dev) & 0xf;
}
static bool lit0(void)
{
    return (lit() & 1) != 0;
}
static uint64_t change(void)
{
    return e1000_leds_next(fx.dev);
}

static void quiet(void)
{
    fx_start();
    fx_write(E1000_LEDCTL, 0x0f0f0f0f);
}

static void receive(void) /* a frame that passes the filter */
{
    static const uint8_t frame[60] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    e1000_frame_in(fx.dev, frame, sizeof frame, 0);
}

static void link_and_receiver(void)
{
    fx_link_up();
    fx_write(E1000_RCTL, 2);
}

/* [Table 13-61] lit at: no link, 10 half, 10 full, 100 half, 100 full, 1000 full (bit 0 first); 33 MHz bus. */
static const uint8_t table[16] = {0x26, 0x38, 0x3e, 0x00, 0x3e, 0x06, 0x18, 0x20,
                                  0x00, 0x34, 0x00, 0x00, 0x00, 0x00, 0x3f, 0x00};

START_TEST(every_mode_shows_its_source)
{
    static const struct {
        uint16_t speed;
        bool full;
    } links[] = {{0, false}, {10, false}, {10, true}, {100, false}, {100, true}, {1000, true}};

    fx_start();
    for (unsigned l = 0; l < 6; l++) {
        fx.dev->link.up = links[l].speed != 0;
        fx.dev->link.speed = links[l].speed != 0 ? links[l].speed : 1000;
        fx.dev->link.full_duplex = links[l].full || links[l].speed == 0;
        for (unsigned n = 0; n < 4; n++) {
            fx_write(E1000_LEDCTL, (0x0f0f0f0fu & ~(0xffu << 8 * n)) | (uint32_t)_i << 8 * n);
            ck_assert_hex_eq(lit(), (uint32_t)(table[_i] >> l & 1) << n);
            fx_write(E1000_LEDCTL, (0x0f0f0f0fu & ~(0xffu << 8 * n)) | (uint32_t)(0x40 | _i) << 8 * n);
            ck_assert_hex_eq(lit(), (uint32_t)(~table[_i] >> l & 1) << n);
        }
    }
    fx.dev->link.up = false;
}
END_TEST

START_TEST(the_fast_bus_shows)
{
    fx_board();
    fx.config.m66en = true;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_write(E1000_LEDCTL, 0x0f0b0f0f);
    ck_assert_hex_eq(lit(), 4);
}
END_TEST

START_TEST(without_power_all_are_dark)
{
    quiet();
    fx_write(E1000_LEDCTL, 0x0e0e0e0e);
    ck_assert_hex_eq(lit(), 0xf);
    e1000_lan_power_good(fx.dev, false);
    ck_assert_hex_eq(e1000_leds(fx.dev), 0xf);
}
END_TEST

START_TEST(link_changes_show_at_once)
{
    fx_start();
    fx_write(E1000_LEDCTL, 0x070f0f02);
    ck_assert_hex_eq(lit(), 0);
    fx_link_up();
    ck_assert_hex_eq(lit(), 9);
    fx_write(E1000_CTRL, 0);
    ck_assert_hex_eq(lit(), 0);
    fx_write(E1000_CTRL, 0x1940); /* forced to 100 */
    ck_assert_hex_eq(lit(), 1);
}
END_TEST

/* ---- blink ---- */

START_TEST(a_steady_input_blinks_from_its_beginning)
{
    uint64_t t;

    quiet();
    fx_run(12345);
    fx_write(E1000_LEDCTL, 0x0f0f0f8e);
    t = e1000_now(fx.dev);
    for (unsigned cycle = 0; cycle < 3; cycle++, t += 2 * HALF) {
        ck_assert(lit0());
        ck_assert_uint_eq(change(), t + HALF);
        fx_until(t + HALF - 1);
        ck_assert(lit0());
        fx_run(1);
        ck_assert(!lit0());
        ck_assert_uint_eq(change(), t + 2 * HALF);
        fx_until(t + 2 * HALF - 1);
        ck_assert(!lit0());
        fx_run(1);
    }
    t += 1000000 * 2 * HALF;
    fx_until(t + HALF - 1);
    ck_assert(lit0());
    fx_run(1);
    ck_assert(!lit0());
}
END_TEST

START_TEST(a_cycle_runs_to_its_end)
{
    quiet();
    fx_write(E1000_LEDCTL, 0x0f0f0f8e);
    fx_run(10 * MS);
    fx_write(E1000_LEDCTL, 0x0f0f0f8f);
    fx_run(HALF - 10 * MS - 1);
    ck_assert(lit0());
    fx_run(1);
    ck_assert(!lit0());
    fx_run(HALF);
    ck_assert(!lit0());
    ck_assert(change() == E1000_NEVER);
}
END_TEST

START_TEST(asserted_again_before_the_end_goes_on_there)
{
    quiet();
    fx_write(E1000_LEDCTL, 0x0f0f0f8e);
    fx_run(100 * MS);
    fx_write(E1000_LEDCTL, 0x0f0f0f8f);
    fx_run(299 * MS);
    fx_write(E1000_LEDCTL, 0x0f0f0f8e);
    ck_assert(!lit0()); /* the running cycle's dark half */
    fx_run(1 * MS);
    ck_assert(lit0());
    ck_assert_uint_eq(change(), e1000_now(fx.dev) + HALF);
}
END_TEST

START_TEST(asserted_after_the_end_begins_anew)
{
    quiet();
    fx_write(E1000_LEDCTL, 0x0f0f0f8e);
    fx_run(100 * MS);
    fx_write(E1000_LEDCTL, 0x0f0f0f8f);
    fx_run(300 * MS); /* exactly at its end, and nothing asserted */
    ck_assert(!lit0());
    fx_run(77 * MS);
    fx_write(E1000_LEDCTL, 0x0f0f0f8e);
    ck_assert(lit0());
    ck_assert_uint_eq(change(), e1000_now(fx.dev) + HALF);
}
END_TEST

START_TEST(without_blink_the_circuit_stops_at_once)
{
    quiet();
    fx_write(E1000_LEDCTL, 0x0f0f0f8e);
    fx_run(HALF);
    ck_assert(!lit0());
    fx_write(E1000_LEDCTL, 0x0f0f0f0e);
    ck_assert(lit0());
    ck_assert(change() == E1000_NEVER);
    fx_write(E1000_LEDCTL, 0x0f0f0f8e); /* and begins with a cycle of its own */
    ck_assert_uint_eq(change(), e1000_now(fx.dev) + HALF);
}
END_TEST

START_TEST(four_circuits_run_apart)
{
    quiet();
    for (unsigned n = 0; n < 4; n++) {
        const uint32_t on = n == 3 ? UINT32_MAX : (1u << 8 * (n + 1)) - 1;

        fx_write(E1000_LEDCTL, (0x8e8e8e8e & on) | (0x0f0f0f0f & ~on));
        fx_run(50 * MS);
    }
    /* now 200 ms after the first, 150, 100, 50 after the others */
    ck_assert_hex_eq(lit(), 0xe);
    fx_run(50 * MS);
    ck_assert_hex_eq(lit(), 0xc);
    fx_run(50 * MS);
    ck_assert_hex_eq(lit(), 0x8);
    fx_run(50 * MS);
    ck_assert_hex_eq(lit(), 0x0);
    fx_run(50 * MS);
    ck_assert_hex_eq(lit(), 0x1);
}
END_TEST

/* ---- activity ---- */

START_TEST(a_received_frame_is_activity_for_a_millisecond)
{
    fx_start();
    link_and_receiver();
    fx_write(E1000_LEDCTL, 0x0f0f0403);
    ck_assert_hex_eq(lit(), 2);
    receive();
    ck_assert_hex_eq(lit(), 1);
    ck_assert_uint_eq(change(), e1000_now(fx.dev) + 1 * MS);
    fx_run(1 * MS - 1);
    receive(); /* and again */
    fx_run(1 * MS - 1);
    ck_assert_hex_eq(lit(), 1);
    fx_run(1);
    ck_assert_hex_eq(lit(), 2);
    ck_assert(change() == E1000_NEVER);
}
END_TEST

START_TEST(filtered_frames_are_none)
{
    static const uint8_t frame[60] = {0x02};

    fx_start();
    link_and_receiver();
    fx_write(E1000_LEDCTL, 0x0f0f0f03);
    e1000_frame_in(fx.dev, frame, sizeof frame, 0);
    ck_assert_hex_eq(lit(), 0);
    fx_write(E1000_RCTL, 0); /* nor what comes while the receiver is off */
    receive();
    ck_assert_hex_eq(lit(), 0);
}
END_TEST

START_TEST(a_sent_frame_is_activity)
{
    fx_start();
    link_and_receiver();
    fx_write(E1000_LEDCTL, 0x0f0f0f03);
    fx_put64(0x1000, 0x2000);
    fx_put64(0x1008, 60 | 0x03000000);
    fx_write(E1000_TDBAL, 0x1000);
    fx_write(E1000_TDLEN, 128);
    fx_write(E1000_TCTL, 2);
    if (_i == 1)
        fx.dev->host.trace = NULL; /* the short way, where frames are counted in bulk */
    fx_write(E1000_TDT, 1);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert_hex_eq(lit(), 1);
}
END_TEST

START_TEST(activity_wakes_a_blink_circuit_only_when_it_rests)
{
    uint64_t t;

    fx_start();
    link_and_receiver();
    fx_write(E1000_LEDCTL, 0x0f0f0f83);
    ck_assert(!lit0());
    receive();
    t = e1000_now(fx.dev);
    for (unsigned ms = 0; ms < 399; ms += 3) {
        fx_until(t + ms * MS);
        receive();
        ck_assert_int_eq(lit0(), ms < 200);
    }
    fx_until(t + 399 * MS + MS / 2);
    receive(); /* still active at 400 ms */
    fx_until(t + 400 * MS - 1);
    ck_assert(!lit0());
    fx_run(1);
    ck_assert(lit0());
    fx_until(t + 800 * MS);
    ck_assert(!lit0()); /* nothing at 800 ms */
    fx_run(100 * MS);
    receive();
    ck_assert(lit0());
}
END_TEST

START_TEST(activity_that_ends_with_the_cycle_is_over)
{
    fx_start();
    link_and_receiver();
    fx_write(E1000_LEDCTL, 0x0f0f0f83);
    receive();
    fx_run(399 * MS);
    receive(); /* until exactly 400 ms */
    fx_run(1 * MS);
    ck_assert(!lit0());
}
END_TEST

START_TEST(link_and_activity_is_lit_between_cycles)
{
    fx_start();
    link_and_receiver();
    fx_write(E1000_LEDCTL, 0x0f0f0f84);
    ck_assert(lit0());
    ck_assert(change() == E1000_NEVER);
    receive();
    ck_assert(lit0());
    fx_run(HALF);
    ck_assert(!lit0());
    fx_run(HALF);
    ck_assert(lit0());
    receive();
    fx_write(E1000_CTRL, 0); /* no SLU, no link */
    ck_assert(!lit0());
    fx_run(10 * MS);
    ck_assert(!lit0());
}
END_TEST

START_TEST(looking_changes_nothing)
{
    struct leds before;

    fx_start();
    link_and_receiver();
    fx_write(E1000_LEDCTL, 0x84830f8e);
    receive();
    fx_run(777 * MS);
    before = fx.dev->led;
    lit();
    change();
    ck_assert_mem_eq(&before, &fx.dev->led, sizeof before);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER); /* LEDs want no time */
}
END_TEST

/* ---- software-definable pins ---- */

START_TEST(outputs_show_what_was_written_inputs_what_comes)
{
    static const struct {
        unsigned pin;
        uint32_t reg, dir, data;
    } pins[] = {{0, E1000_CTRL, 1u << 22, 1u << 18},
                {1, E1000_CTRL, 1u << 23, 1u << 19},
                {6, E1000_CTRL_EXT, 1u << 10, 1u << 6},
                {7, E1000_CTRL_EXT, 1u << 11, 1u << 7}};

    fx_start();
    ck_assert_hex_eq(e1000_sdp_out(fx.dev), 0);
    for (unsigned i = 0; i < 4; i++) {
        const uint32_t bit = 1u << pins[i].pin;

        e1000_sdp(fx.dev, pins[i].pin, true);
        ck_assert_hex_eq(e1000_sdp_out(fx.dev), bit);
        fx_write(pins[i].reg, pins[i].dir);
        ck_assert_hex_eq(e1000_sdp_out(fx.dev), bit << 8);
        fx_write(pins[i].reg, pins[i].dir | pins[i].data);
        ck_assert_hex_eq(e1000_sdp_out(fx.dev), bit << 8 | bit);
        e1000_sdp(fx.dev, pins[i].pin, false);
        ck_assert_hex_eq(e1000_sdp_out(fx.dev), bit << 8 | bit);
        fx_write(pins[i].reg, pins[i].data);
        ck_assert_hex_eq(e1000_sdp_out(fx.dev), 0);
    }
    fx_write(E1000_CTRL, 1u << 22 | 1u << 18);
    e1000_lan_power_good(fx.dev, false);
    ck_assert_hex_eq(e1000_sdp_out(fx.dev), 0);
}
END_TEST

Suite *led_suite(void);
Suite *led_suite(void)
{
    Suite *suite = suite_create("led");
    TCase *tc = tcase_create("led");

    tcase_add_loop_test(tc, every_mode_shows_its_source, 0, 16);
    tcase_add_test(tc, the_fast_bus_shows);
    tcase_add_test(tc, without_power_all_are_dark);
    tcase_add_test(tc, link_changes_show_at_once);
    tcase_add_test(tc, a_steady_input_blinks_from_its_beginning);
    tcase_add_test(tc, a_cycle_runs_to_its_end);
    tcase_add_test(tc, asserted_again_before_the_end_goes_on_there);
    tcase_add_test(tc, asserted_after_the_end_begins_anew);
    tcase_add_test(tc, without_blink_the_circuit_stops_at_once);
    tcase_add_test(tc, four_circuits_run_apart);
    tcase_add_test(tc, a_received_frame_is_activity_for_a_millisecond);
    tcase_add_test(tc, filtered_frames_are_none);
    tcase_add_loop_test(tc, a_sent_frame_is_activity, 0, 2);
    tcase_add_test(tc, activity_wakes_a_blink_circuit_only_when_it_rests);
    tcase_add_test(tc, activity_that_ends_with_the_cycle_is_over);
    tcase_add_test(tc, link_and_activity_is_lit_between_cycles);
    tcase_add_test(tc, looking_changes_nothing);
    tcase_add_test(tc, outputs_show_what_was_written_inputs_what_comes);
    suite_add_tcase(suite, tc);
    return suite;
}
