/*
 * test_ring.c - the descriptors held on chip: fetch, write-back, thresholds [3.2.4-3.2.6, 3.4, 13.4.43]
 */
#include "../core.h"

#include "fixture.h"

#include <string.h>

enum { BASE = 0x1000, ENTRIES = 24, MOST = 256 };

static struct desc_cache cache;

/* Descriptor i of the ring in guest memory begins with i + 1. */
static struct ring make_ring(uint32_t entries, uint32_t tail)
{
    for (uint32_t i = 0; i < MOST; i++) {
        memset(fx.memory + BASE + i * 16, (int)(0x80 + i % 16), 16);
        fx_put32(BASE + i * 16, i + 1);
    }
    return (struct ring){.entries = entries, .tail = tail, .base = BASE};
}

static void start(void)
{
    fx_start();
    cache_clear(&cache, 0);
}

/* Take the next descriptor, as a unit does. */
static uint32_t use_one(void)
{
    const uint32_t first = get32(cache_next(&cache));

    ck_assert_uint_gt(cache.ready, 0);
    cache.ready--;
    cache.used++;
    return first - 1;
}

START_TEST(clear_forgets_everything)
{
    cache.used = 3, cache.ready = 4, cache.oldest = 5;
    cache_clear(&cache, 7);
    ck_assert_uint_eq(cache.index, 7);
    ck_assert_uint_eq(cache.oldest, 0);
    ck_assert_uint_eq(cache.used, 0);
    ck_assert_uint_eq(cache.ready, 0);
}
END_TEST

START_TEST(ring_left_is_the_way_to_the_tail)
{
    const struct ring ring = {.entries = 8, .tail = 5};

    ck_assert_uint_eq(ring_left(&ring, 5), 0);
    ck_assert_uint_eq(ring_left(&ring, 4), 1);
    ck_assert_uint_eq(ring_left(&ring, 0), 5);
    ck_assert_uint_eq(ring_left(&ring, 6), 7);
    ck_assert_uint_eq(ring_left(&ring, 7), 6);
}
END_TEST

START_TEST(fetch_stops_at_the_tail)
{
    const struct ring ring = make_ring(ENTRIES, 5);

    ck_assert(cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD));
    ck_assert_uint_eq(cache.ready, 5);
    fx_expect_log("dma rd txd[0] x5 00001000 80\n");
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_uint_eq(use_one(), i);
    fx_log_clear();
    ck_assert(!cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD));
    fx_expect_log("");
}
END_TEST

START_TEST(fetch_takes_the_whole_descriptor)
{
    const struct ring ring = make_ring(ENTRIES, 20);

    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_RXD);
    fx_expect_log("dma rd rxd[0] x20 00001000 320\n");
    for (uint32_t i = 0; i < 20; i++) {
        ck_assert_mem_eq(cache_next(&cache), fx.memory + BASE + i * 16, 16);
        use_one();
    }
}
END_TEST

START_TEST(fetch_that_wraps_takes_two_bursts)
{
    struct ring ring = make_ring(ENTRIES, 3);

    cache_clear(&cache, 22);
    ck_assert(cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_RXD));
    fx_expect_log("dma rd rxd[22] x2 00001160 32\ndma rd rxd[0] x3 00001000 48\n");
    ck_assert_uint_eq(use_one(), 22);
    ck_assert_uint_eq(use_one(), 23);
    ck_assert_uint_eq(use_one(), 0);
    /* With the tail at 0 the burst ends with the ring. */
    ring.tail = 0;
    cache_clear(&cache, 23);
    fx_log_clear();
    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_RXD);
    fx_expect_log("dma rd rxd[23] x1 00001170 16\n");
}
END_TEST

START_TEST(fetch_takes_64_at_most)
{
    const struct ring ring = make_ring(MOST, 200);

    ck_assert(cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD));
    ck_assert_uint_eq(cache.ready, 64);
    fx_expect_log("dma rd txd[0] x64 00001000 1024\n");
    fx_log_clear();
    ck_assert(cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD)); /* full: what it has is still there */
    fx_expect_log("");
}
END_TEST

/* Used descriptors that wait for write-back take room, the places wrap at 64. */
START_TEST(fetch_fills_up_behind_what_is_held)
{
    const struct ring ring = make_ring(MOST, 200);

    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD);
    for (uint32_t i = 0; i < 40; i++)
        ck_assert_uint_eq(use_one(), i);
    cache_drop(&cache, 30, MOST);
    fx_log_clear();
    ck_assert(cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD));
    ck_assert_uint_eq(cache.used + cache.ready, 64);
    fx_expect_log("dma rd txd[64] x30 00001400 480\n");
    for (uint32_t i = 40; i < 94; i++)
        ck_assert_uint_eq(use_one(), i);
    ck_assert_uint_eq(cache.ready, 0);
    cache_drop(&cache, 50, MOST);
    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD);
    for (uint32_t i = 94; i < 144; i++)
        ck_assert_uint_eq(use_one(), i);
}
END_TEST

START_TEST(fetch_goes_on_over_the_end_of_the_ring)
{
    struct ring ring = make_ring(ENTRIES, 2);

    cache_clear(&cache, 20);
    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD); /* 20-23, 0, 1 */
    ring.tail = 10;
    fx_log_clear();
    ck_assert(cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD));
    fx_expect_log("dma rd txd[2] x8 00001020 128\n");
    ck_assert_uint_eq(cache.ready, 14);
    for (uint32_t i = 0; i < 14; i++)
        ck_assert_uint_eq(use_one(), (20 + i) % ENTRIES);
}
END_TEST

/* What is held and what is left are more than the chip takes, neither of them alone. */
START_TEST(fetch_takes_no_more_than_there_is_room_for)
{
    struct ring ring = make_ring(MOST, 40);

    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD);
    ring.tail = 90;
    fx_log_clear();
    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD);
    fx_expect_log("dma rd txd[40] x24 00001280 384\n");
    ck_assert_uint_eq(cache.ready, 64);
}
END_TEST

START_TEST(fetch_keeps_what_came_before_a_refusal)
{
    const struct ring ring = make_ring(ENTRIES, 3);

    cache_clear(&cache, 22);
    fx.refuse_at = BASE, fx.refuse_len = 16;
    ck_assert(cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_RXD));
    ck_assert_uint_eq(cache.ready, 2);
    use_one(), use_one();
    ck_assert(!cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_RXD));
    ck_assert_uint_eq(cache.ready, 0);
}
END_TEST

START_TEST(ring_above_4_gb_is_addressed_with_64_bits)
{
    struct ring ring = make_ring(ENTRIES, 23);

    ring.base = UINT64_C(0x123456789abcdef0);
    cache_clear(&cache, 21);
    ck_assert(!cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_RXD));
    ck_assert_str_eq(fx_log_only("dma"), "dma rd rxd[21] x0 123456789abce040 0 failed\n");
}
END_TEST

START_TEST(write_back_writes_the_oldest_and_drops_them)
{
    const struct ring ring = make_ring(ENTRIES, 8);

    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_RXD);
    for (unsigned i = 0; i < 4; i++) {
        memset(cache_next(&cache), 0x11 * (int)(i + 1), 16);
        cache.ready--, cache.used++;
    }
    fx_log_clear();
    ck_assert(cache_write_back(fx.dev, &cache, &ring, 3, E1000_OBJ_RXD));
    fx_expect_log("dma wr rxd[0] x3 00001000 48\n");
    ck_assert_uint_eq(cache.index, 3);
    ck_assert_uint_eq(cache.oldest, 3);
    ck_assert_uint_eq(cache.used, 1);
    ck_assert_uint_eq(cache.ready, 4);
    ck_assert_hex_eq(fx_get64(BASE), 0x1111111111111111);
    ck_assert_hex_eq(fx_get64(BASE + 40), 0x3333333333333333);
    ck_assert_hex_eq(fx_get32(BASE + 48), 4);
    ck_assert(cache_write_back(fx.dev, &cache, &ring, 1, E1000_OBJ_RXD));
    ck_assert_hex_eq(fx_get64(BASE + 56), 0x4444444444444444);
}
END_TEST

/* How a burst lies on the chip is not to be seen on the bus: only the ring's end splits it. */
START_TEST(bursts_wrap_with_the_ring_not_with_the_cache)
{
    const struct ring ring = make_ring(MOST, 80);

    /* Places 60-63 and 0-5 of the cache hold ring entries 250-255 and 0-3. */
    cache_clear(&cache, 250);
    cache.oldest = 60;
    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_TXD);
    fx_expect_log("dma rd txd[250] x6 00001fa0 96\ndma rd txd[0] x58 00001000 928\n");
    for (unsigned i = 0; i < 10; i++) {
        ck_assert_uint_eq(use_one(), (250 + i) % MOST);
        cache.desc[(60 + i) % 64][15] = (uint8_t)i;
    }
    fx_log_clear();
    ck_assert(cache_write_back(fx.dev, &cache, &ring, 10, E1000_OBJ_TXD));
    fx_expect_log("dma wr txd[250] x6 00001fa0 96\ndma wr txd[0] x4 00001000 64\n");
    for (unsigned i = 0; i < 10; i++)
        ck_assert_uint_eq(fx.memory[BASE + (250 + i) % MOST * 16 + 15], i);
    ck_assert_uint_eq(cache.index, 4);
    ck_assert_uint_eq(cache.oldest, 6);
    ck_assert_uint_eq(cache.used, 0);
}
END_TEST

START_TEST(refused_write_back_drops_the_descriptors_all_the_same)
{
    const struct ring ring = make_ring(ENTRIES, 8);

    cache_fetch(fx.dev, &cache, &ring, E1000_OBJ_RXD);
    use_one(), use_one();
    fx.refuse_at = BASE, fx.refuse_len = 1;
    ck_assert(!cache_write_back(fx.dev, &cache, &ring, 2, E1000_OBJ_RXD));
    ck_assert_uint_eq(cache.used, 0);
    ck_assert_uint_eq(cache.index, 2);
}
END_TEST

START_TEST(index_of_the_next_wraps)
{
    cache_clear(&cache, 20);
    cache.used = 3;
    ck_assert_uint_eq(cache_index(&cache, ENTRIES), 23);
    cache.used = 4;
    ck_assert_uint_eq(cache_index(&cache, ENTRIES), 0);
    cache.used = 6;
    ck_assert_uint_eq(cache_index(&cache, ENTRIES), 2);
    cache_drop(&cache, 3, ENTRIES);
    ck_assert_uint_eq(cache.index, 23);
    ck_assert_uint_eq(cache_index(&cache, ENTRIES), 2);
    cache_drop(&cache, 1, ENTRIES);
    ck_assert_uint_eq(cache.index, 0);
    cache.oldest = 63;
    cache_drop(&cache, 1, ENTRIES);
    ck_assert_uint_eq(cache.oldest, 0);
}
END_TEST

START_TEST(threshold_counts_descriptors_with_gran)
{
    e1000_config_write(fx.dev, 0x0c, 1, 0x10);
    ck_assert_uint_eq(ring_threshold(fx.dev, 0, true), 0);
    ck_assert_uint_eq(ring_threshold(fx.dev, 1, true), 1);
    ck_assert_uint_eq(ring_threshold(fx.dev, 63, true), 63);
}
END_TEST

/* Cache lines of 16, 32, 64, 128 bytes hold 1, 2, 4, 8 descriptors. */
START_TEST(threshold_counts_cache_lines_without_gran)
{
    static const struct {
        uint8_t dwords;
        uint32_t descriptors;
    } size[] = {{0, 2}, {1, 2}, {4, 1}, {7, 2}, {8, 2}, {12, 2}, {16, 4}, {32, 8}, {33, 2}, {64, 2}};

    for (unsigned i = 0; i < sizeof size / sizeof size[0]; i++) {
        e1000_config_write(fx.dev, 0x0c, 1, size[i].dwords);
        ck_assert_uint_eq(ring_threshold(fx.dev, 1, false), size[i].descriptors);
        ck_assert_uint_eq(ring_threshold(fx.dev, 3, false), 3 * size[i].descriptors);
        ck_assert_uint_eq(ring_threshold(fx.dev, 0, false), 0);
    }
}
END_TEST

Suite *ring_suite(void);
Suite *ring_suite(void)
{
    Suite *suite = suite_create("ring");
    TCase *tc = tcase_create("cache");

    tcase_add_checked_fixture(tc, start, NULL);
    tcase_add_test(tc, clear_forgets_everything);
    tcase_add_test(tc, ring_left_is_the_way_to_the_tail);
    tcase_add_test(tc, fetch_stops_at_the_tail);
    tcase_add_test(tc, fetch_takes_the_whole_descriptor);
    tcase_add_test(tc, fetch_that_wraps_takes_two_bursts);
    tcase_add_test(tc, fetch_takes_64_at_most);
    tcase_add_test(tc, fetch_fills_up_behind_what_is_held);
    tcase_add_test(tc, fetch_goes_on_over_the_end_of_the_ring);
    tcase_add_test(tc, fetch_takes_no_more_than_there_is_room_for);
    tcase_add_test(tc, fetch_keeps_what_came_before_a_refusal);
    tcase_add_test(tc, ring_above_4_gb_is_addressed_with_64_bits);
    tcase_add_test(tc, write_back_writes_the_oldest_and_drops_them);
    tcase_add_test(tc, bursts_wrap_with_the_ring_not_with_the_cache);
    tcase_add_test(tc, refused_write_back_drops_the_descriptors_all_the_same);
    tcase_add_test(tc, index_of_the_next_wraps);
    tcase_add_test(tc, threshold_counts_descriptors_with_gran);
    tcase_add_test(tc, threshold_counts_cache_lines_without_gran);
    suite_add_tcase(suite, tc);
    return suite;
}
