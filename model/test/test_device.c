/*
 * test_device.c - storage, time, bus cycles of the device's own, events [4.1, 6.3.1]
 */
#include "../core.h"

#include "fixture.h"

#include <string.h>

static union {
    uint8_t bytes[E1000_STORAGE_BYTES + 64];
    max_align_t align;
} storage;

enum { BUS_MASTER = 4, ABORTED = 1 << 13 };

/* ---- storage ---- */

START_TEST(init_wants_aligned_storage_that_is_large_enough)
{
    fx_board();
    fx.host.trace = NULL;
    ck_assert_ptr_null(e1000_init(NULL, sizeof storage, &fx.host, &fx.config));
    ck_assert_ptr_null(e1000_init(storage.bytes, sizeof(struct e1000) - 1, &fx.host, &fx.config));
    ck_assert_ptr_null(e1000_init(storage.bytes + 1, E1000_STORAGE_BYTES, &fx.host, &fx.config));
    ck_assert_ptr_null(e1000_init(storage.bytes + 4, E1000_STORAGE_BYTES, &fx.host, &fx.config));
    ck_assert_ptr_eq(e1000_init(storage.bytes, sizeof(struct e1000), &fx.host, &fx.config), storage.bytes);
    ck_assert_ptr_eq(e1000_init(storage.bytes + 16, E1000_STORAGE_BYTES, &fx.host, &fx.config), storage.bytes + 16);
}
END_TEST

START_TEST(init_wants_three_callbacks)
{
    struct e1000_host host;

    fx_board();
    ck_assert_ptr_null(e1000_init(storage.bytes, sizeof storage.bytes, NULL, &fx.config));
    host = (struct e1000_host){
        .dma_read = fx.host.dma_read, .dma_write = fx.host.dma_write, .frame_out = fx.host.frame_out};
    ck_assert_ptr_nonnull(e1000_init(storage.bytes, sizeof storage.bytes, &host, &fx.config));
    host.dma_read = NULL;
    ck_assert_ptr_null(e1000_init(storage.bytes, sizeof storage.bytes, &host, &fx.config));
    host.dma_read = fx.host.dma_read;
    host.dma_write = NULL;
    ck_assert_ptr_null(e1000_init(storage.bytes, sizeof storage.bytes, &host, &fx.config));
    host.dma_write = fx.host.dma_write;
    host.frame_out = NULL;
    ck_assert_ptr_null(e1000_init(storage.bytes, sizeof storage.bytes, &host, &fx.config));
}
END_TEST

START_TEST(init_forgets_what_was_in_storage)
{
    memset(&storage, 0xa5, sizeof storage);
    fx_board();
    fx.host.trace = NULL;
    fx.dev = e1000_init(storage.bytes, sizeof storage.bytes, &fx.host, NULL);
    ck_assert_ptr_nonnull(fx.dev);
    ck_assert_uint_eq(e1000_now(fx.dev), 0);
    ck_assert(!e1000_irq_asserted(fx.dev));
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0, 4), 0x100e8086);
    ck_assert_uint_eq(fx.dev->pbm[0], 0);
}
END_TEST

START_TEST(device_id_and_revision_are_the_boards)
{
    fx_board();
    fx.config.device_id = 0x1015;
    fx.config.revision = 0x5a;
    fx_power();
    ck_assert_hex_eq(e1000_config_read(fx.dev, 2, 2), 0x1015);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 8, 1), 0x5a);
}
END_TEST

/* [5.3] Parts of 64 and 256 words exist. */
START_TEST(eeprom_is_the_next_smaller_part)
{
    static const unsigned size[][2] = {{0, 0}, {1, 0}, {63, 0}, {64, 64}, {65, 64}, {255, 64}, {256, 256}, {1000, 256}};
    uint16_t words[256];

    for (unsigned i = 0; i < sizeof size / sizeof size[0]; i++) {
        fx_board();
        for (unsigned w = 0; w < 256; w++)
            fx.eeprom[w] = (uint16_t)(w * 257 + 1);
        fx.config.eeprom_words = size[i][0];
        fx_power();
        memset(fx.eeprom, 0, sizeof fx.eeprom); /* it has been copied */
        ck_assert_uint_eq(e1000_eeprom_copy(fx.dev, words, 256), size[i][1]);
        for (unsigned w = 0; w < size[i][1]; w++)
            ck_assert_uint_eq(words[w], (uint16_t)(w * 257 + 1));
    }
    fx_board();
    fx.config.eeprom = NULL;
    fx_power();
    ck_assert_uint_eq(e1000_eeprom_copy(fx.dev, words, 256), 64);
    for (unsigned w = 0; w < 64; w++)
        ck_assert_uint_eq(words[w], 0xffff);
}
END_TEST

/* ---- time ---- */

static void stop_all(void)
{
    for (unsigned t = 0; t < TIMERS; t++)
        timer_stop(fx.dev, t);
}

START_TEST(time_begins_at_zero_and_never_goes_back)
{
    fx_board();
    fx_power();
    stop_all();
    ck_assert_uint_eq(e1000_now(fx.dev), 0);
    fx_until(1000);
    ck_assert_uint_eq(e1000_now(fx.dev), 1000);
    fx_until(999);
    ck_assert_uint_eq(e1000_now(fx.dev), 1000);
    fx_until(0);
    ck_assert_uint_eq(e1000_now(fx.dev), 1000);
    fx_until(1001);
    ck_assert_uint_eq(e1000_now(fx.dev), 1001);
}
END_TEST

START_TEST(without_timers_there_is_no_next_event)
{
    fx_start();
    stop_all();
    fx_log_clear();
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    fx_until(UINT64_MAX);
    ck_assert(e1000_now(fx.dev) == UINT64_MAX);
    fx_expect_log("");
}
END_TEST

START_TEST(next_event_is_the_earliest_timer)
{
    fx_start();
    stop_all();
    timer_set(fx.dev, T_RADV, 50 * MS);
    ck_assert_uint_eq(e1000_next_event(fx.dev), 50 * MS);
    timer_set(fx.dev, T_TADV, 40 * MS);
    ck_assert_uint_eq(e1000_next_event(fx.dev), 40 * MS);
    timer_set(fx.dev, T_RDTR, 45 * MS);
    ck_assert_uint_eq(e1000_next_event(fx.dev), 40 * MS);
    timer_set(fx.dev, T_TADV, 60 * MS); /* later */
    ck_assert_uint_eq(e1000_next_event(fx.dev), 45 * MS);
    timer_set(fx.dev, T_RADV, 46 * MS); /* not the next one */
    ck_assert_uint_eq(e1000_next_event(fx.dev), 45 * MS);
    timer_stop(fx.dev, T_RDTR);
    ck_assert_uint_eq(e1000_next_event(fx.dev), 46 * MS);
    ck_assert(!timer_running(fx.dev, T_RDTR));
    ck_assert(timer_running(fx.dev, T_RADV));
    timer_stop(fx.dev, T_RDTR);
    timer_stop(fx.dev, T_RADV);
    timer_stop(fx.dev, T_TADV);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}
END_TEST

START_TEST(a_timer_fires_once_and_not_before_its_time)
{
    fx_start();
    stop_all();
    timer_set(fx.dev, T_TIDV, e1000_now(fx.dev) + 100);
    fx_run(99);
    fx_expect_log("");
    fx_run(1);
    fx_expect_log("cause 00000001\n");
    ck_assert(!timer_running(fx.dev, T_TIDV));
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    fx_read(E1000_ICR);
    fx_log_clear();
    fx_run(SEC);
    fx_expect_log("");
}
END_TEST

/* Each event bears the time at which it was due, however late the host looks. */
static uint64_t cause_at[8];
static unsigned causes;

static void note_cause(void *ctx, const struct e1000_event *ev)
{
    (void)ctx;
    if (ev->kind == E1000_EV_CAUSE && causes < 8)
        cause_at[causes++] = ev->at_ns;
}

START_TEST(events_bear_the_time_they_were_due)
{
    fx_start();
    stop_all();
    fx.dev->host.trace = note_cause;
    timer_set(fx.dev, T_RDTR, 20 * MS);
    timer_set(fx.dev, T_TIDV, 10 * MS);
    fx_until(30 * MS);
    ck_assert_uint_eq(causes, 2);
    ck_assert_uint_eq(cause_at[0], 10 * MS);
    ck_assert_uint_eq(cause_at[1], 20 * MS);
    ck_assert_uint_eq(e1000_now(fx.dev), 30 * MS);
    fx_read(E1000_ICR);
    timer_set(fx.dev, T_TIDV, 5 * MS); /* in the past: now */
    fx_until(30 * MS);
    ck_assert_uint_eq(causes, 3);
    ck_assert_uint_eq(cause_at[2], 30 * MS);
}
END_TEST

START_TEST(timers_due_together_fire_in_their_order)
{
    for (unsigned turn = 0; turn < 2; turn++) {
        fx_start();
        stop_all();
        timer_set(fx.dev, turn == 0 ? T_TIDV : T_RADV, 10 * MS);
        timer_set(fx.dev, turn == 0 ? T_RADV : T_TIDV, 10 * MS);
        fx_until(10 * MS);
        fx_expect_log("cause 00000001\ncause 00000080\n");
    }
}
END_TEST

START_TEST(every_timer_reaches_its_chapter)
{
    static const struct {
        enum timer timer;
        const char *line;
    } effect[] = {{T_LOAD, "eeprom load 0 27"},
                  {T_TIDV, "cause 00000001"},
                  {T_TADV, "cause 00000001"},
                  {T_RDTR, "cause 00000080"},
                  {T_RADV, "cause 00000080"}};

    for (unsigned i = 0; i < sizeof effect / sizeof effect[0]; i++) {
        fx_start();
        stop_all();
        timer_set(fx.dev, effect[i].timer, 10 * MS);
        fx_until(10 * MS);
        ck_assert_msg(fx_logged(effect[i].line), "timer %u gave %s", effect[i].timer, fx.log);
    }
}
END_TEST

/* ---- bus cycles ---- */

START_TEST(dma_needs_bus_master_power_and_d0)
{
    fx_start();
    ck_assert(dma_ready(fx.dev));
    e1000_config_write(fx.dev, 4, 2, 0x0003);
    ck_assert(!dma_ready(fx.dev));
    e1000_config_write(fx.dev, 4, 2, BUS_MASTER);
    ck_assert(dma_ready(fx.dev));
    e1000_config_write(fx.dev, 0xe0, 2, 3);
    ck_assert(!dma_ready(fx.dev));
    e1000_config_write(fx.dev, 0xe0, 2, 0);
    e1000_config_write(fx.dev, 4, 2, BUS_MASTER);
    ck_assert(dma_ready(fx.dev));
    e1000_pci_reset(fx.dev, true);
    ck_assert(!dma_ready(fx.dev));
    e1000_pci_reset(fx.dev, false);
    e1000_config_write(fx.dev, 4, 2, BUS_MASTER);
    ck_assert(dma_ready(fx.dev));
    e1000_lan_power_good(fx.dev, false);
    ck_assert(!dma_ready(fx.dev));
}
END_TEST

START_TEST(dma_moves_bytes_and_says_so)
{
    uint8_t bytes[40] = "forty bytes, of which these are some";

    fx_start();
    ck_assert(dma_write(fx.dev, E1000_OBJ_RXBUF, 3, 0x2000, bytes, 40));
    ck_assert_mem_eq(fx.memory + 0x2000, bytes, 40);
    memset(bytes, 0, sizeof bytes);
    ck_assert(dma_read(fx.dev, E1000_OBJ_TXBUF, 4, 0x2006, bytes, 5));
    ck_assert_mem_eq(bytes, "bytes", 6);
    ck_assert(dma_write(fx.dev, E1000_OBJ_RXD, 5, 0x3000, bytes, 32));
    ck_assert(dma_write(fx.dev, E1000_OBJ_TXD, 6, 0x3000, bytes, 1));
    ck_assert(dma_read(fx.dev, E1000_OBJ_TXD, 6, 0x3000, bytes, 33));
    ck_assert(dma_read(fx.dev, E1000_OBJ_OTHER, 0, 0x3000, bytes, 32));
    fx_expect_log("dma wr rxbuf[3] x1 00002000 40\n"
                  "dma rd txbuf[4] x1 00002006 5\n"
                  "dma wr rxd[5] x2 00003000 32\n"
                  "dma wr txd[6] x1 00003000 1\n"
                  "dma rd txd[6] x3 00003000 33\n"
                  "dma rd other[0] x1 00003000 32\n");
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) & ABORTED, 0);
}
END_TEST

START_TEST(refused_dma_is_a_master_abort)
{
    uint8_t bytes[16] = {0};

    fx_start();
    ck_assert(!dma_read(fx.dev, E1000_OBJ_RXD, 1, FX_MEMORY, bytes, 16));
    fx_expect_log("dma rd rxd[1] x0 00100000 0 failed\nbad dma-refused DMA 00100000\n");
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) & ABORTED, ABORTED);
    e1000_config_write(fx.dev, 6, 2, ABORTED);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) & ABORTED, 0);
    fx_log_clear();
    ck_assert(!dma_write(fx.dev, E1000_OBJ_RXBUF, 2, UINT64_C(0x123456789a), bytes, 10));
    fx_expect_log("dma wr rxbuf[2] x1 123456789a 10 failed\nbad dma-refused DMA 3456789a\n");
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) & ABORTED, ABORTED);
}
END_TEST

START_TEST(refused_dma_without_a_trace_is_a_master_abort_too)
{
    uint8_t bytes[16] = {0};

    fx_board();
    fx.host.trace = NULL;
    fx_power();
    fx_run(FX_LOAD_NS);
    ck_assert(dma_read_quiet(fx.dev, 0x1000, bytes, 16));
    ck_assert(dma_write_quiet(fx.dev, 0x1000, bytes, 16));
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) & ABORTED, 0);
    ck_assert(!dma_read_quiet(fx.dev, FX_MEMORY, bytes, 16));
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) & ABORTED, ABORTED);
    e1000_config_write(fx.dev, 6, 2, ABORTED);
    ck_assert(!dma_write_quiet(fx.dev, FX_MEMORY, bytes, 16));
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) & ABORTED, ABORTED);
}
END_TEST

/* ---- events ---- */

START_TEST(drops_and_broken_rules_are_events)
{
    fx_start();
    trace_drop(fx.dev, 60, "because", "1.2.3");
    bad(fx.dev, RULE_NO_RING, "TDLEN", 7);
    bad(fx.dev, RULE_UNDECLARED, NULL, 8);
    fx_expect_log("drop 60 because [1.2.3]\n"
                  "bad ring-length-zero TDLEN 00000007\n"
                  "bad undeclared-register - 00000008\n");
    fx.dev->host.trace = NULL; /* nobody listens: nothing happens */
    trace_drop(fx.dev, 60, "because", "1.2.3");
    bad(fx.dev, RULE_NO_RING, "TDLEN", 7);
}
END_TEST

START_TEST(frames_are_events)
{
    const struct e1000_frame frame = {.length = 77, .flags = E1000_FRAME_CEXT};

    fx_start();
    trace_frame(fx.dev, false, &frame);
    trace_frame(fx.dev, true, &frame);
    fx_expect_log("frame in 77 flags 8\nframe out 77 flags 8\n");
}
END_TEST

START_TEST(rules_have_names_of_their_own)
{
    ck_assert_uint_eq(e1000_rule_count(), RULES);
    for (size_t i = 0; i < e1000_rule_count(); i++) {
        const struct e1000_rule *rule = e1000_rule(i);

        ck_assert_ptr_nonnull(rule);
        ck_assert_uint_gt(strlen(rule->name), 0);
        ck_assert_uint_gt(strlen(rule->text), 0);
        ck_assert(rule->manual[0] >= '0' && rule->manual[0] <= '9');
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(rule->name, e1000_rule(k)->name);
    }
    ck_assert_ptr_null(e1000_rule(e1000_rule_count()));
    ck_assert_str_eq(e1000_rule(RULE_TAIL_OUTSIDE)->name, "tail-outside-ring");
}
END_TEST

Suite *device_suite(void);
Suite *device_suite(void)
{
    Suite *suite = suite_create("device");
    TCase *tc = tcase_create("device");

    tcase_add_test(tc, init_wants_aligned_storage_that_is_large_enough);
    tcase_add_test(tc, init_wants_three_callbacks);
    tcase_add_test(tc, init_forgets_what_was_in_storage);
    tcase_add_test(tc, device_id_and_revision_are_the_boards);
    tcase_add_test(tc, eeprom_is_the_next_smaller_part);
    tcase_add_test(tc, time_begins_at_zero_and_never_goes_back);
    tcase_add_test(tc, without_timers_there_is_no_next_event);
    tcase_add_test(tc, next_event_is_the_earliest_timer);
    tcase_add_test(tc, a_timer_fires_once_and_not_before_its_time);
    tcase_add_test(tc, events_bear_the_time_they_were_due);
    tcase_add_test(tc, timers_due_together_fire_in_their_order);
    tcase_add_test(tc, every_timer_reaches_its_chapter);
    tcase_add_test(tc, dma_needs_bus_master_power_and_d0);
    tcase_add_test(tc, dma_moves_bytes_and_says_so);
    tcase_add_test(tc, refused_dma_is_a_master_abort);
    tcase_add_test(tc, refused_dma_without_a_trace_is_a_master_abort_too);
    tcase_add_test(tc, drops_and_broken_rules_are_events);
    tcase_add_test(tc, frames_are_events);
    tcase_add_test(tc, rules_have_names_of_their_own);
    suite_add_tcase(suite, tc);
    return suite;
}
