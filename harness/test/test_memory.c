/*
 * test_memory.c - memory.c: what a device may and may not do in guest memory
 */
#include "../memory.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *memory_suite(void);

static struct memory *m;
static char why[256];
static uint8_t bytes[8192];

static void setup(void)
{
    m = memory_new();
    ck_assert_ptr_nonnull(m);
    memset(bytes, 0x11, sizeof bytes);
}

static void teardown(void)
{
    memory_free(m);
}

static uint64_t alloc(const char *name, uint64_t size, enum memory_perm perm, uint64_t element)
{
    uint64_t addr = 0;

    ck_assert_msg(memory_alloc(m, name, size, 16, perm, element, NULL, &addr, why, sizeof why), "%s", why);
    return addr;
}

/* The one violation there is: its reason and its sentence. */
static void expect_violation(const char *reason, const char *text)
{
    ck_assert_uint_eq(memory_violations(m), 1);
    ck_assert_str_eq(memory_violation(m, 0)->why, reason);
    ck_assert_str_eq(memory_violation(m, 0)->text, text);
    memory_forget_violations(m);
    ck_assert_uint_eq(memory_violations(m), 0);
}

START_TEST(addresses_are_the_same_in_every_run)
{
    ck_assert_uint_eq(alloc("a", 1, MEMORY_READ, 0), 0x100000);
    ck_assert_uint_eq(alloc("b", 4096, MEMORY_READ, 0), 0x102000);
    ck_assert_uint_eq(alloc("c", 4097, MEMORY_READ, 0), 0x104000);
    ck_assert_uint_eq(alloc("d", 16, MEMORY_READ, 0), 0x107000);
}
END_TEST

START_TEST(an_alignment_beyond_a_page_is_kept)
{
    uint64_t addr;

    alloc("a", 1, MEMORY_READ, 0);
    ck_assert(memory_alloc(m, "b", 16, 0x10000, MEMORY_READ, 0, NULL, &addr, why, sizeof why));
    ck_assert_uint_eq(addr, 0x110000);
}
END_TEST

START_TEST(a_fixed_address_may_be_above_4_gib_but_not_taken)
{
    const uint64_t high = UINT64_C(0x123456000), low = 0x102000;
    uint64_t addr;

    ck_assert(memory_alloc(m, "high", 64, 1, MEMORY_READ_WRITE, 0, &high, &addr, why, sizeof why));
    ck_assert_uint_eq(addr, high);
    ck_assert(memory_dma_write(m, high + 32, bytes, 32));
    ck_assert(!memory_alloc(m, "again", 64, 1, MEMORY_READ, 0, &high, &addr, why, sizeof why));
    ck_assert_str_eq(why, "address 0x123456000 is taken by high");
    ck_assert(memory_alloc(m, "low", 64, 1, MEMORY_READ_WRITE, 0, &low, &addr, why, sizeof why));
    ck_assert_uint_eq(alloc("a", 1, MEMORY_READ, 0), 0x100000);
    ck_assert_uint_eq(alloc("b", 1, MEMORY_READ, 0), 0x104000);
}
END_TEST

START_TEST(impossible_shapes_are_refused)
{
    const uint64_t odd = 0x1001;
    uint64_t addr;

    ck_assert(!memory_alloc(m, "a", 0, 1, MEMORY_READ, 0, NULL, &addr, why, sizeof why));
    ck_assert(!memory_alloc(m, "a", 16, 3, MEMORY_READ, 0, NULL, &addr, why, sizeof why));
    ck_assert(!memory_alloc(m, "a", 16, 0, MEMORY_READ, 0, NULL, &addr, why, sizeof why));
    ck_assert(!memory_alloc(m, "a", 16, 1, MEMORY_READ, 32, NULL, &addr, why, sizeof why));
    ck_assert(!memory_alloc(m, "a", 16, 16, MEMORY_READ, 0, &odd, &addr, why, sizeof why));
    ck_assert(!memory_alloc(m, "a", UINT64_MAX, 1, MEMORY_READ, 0, NULL, &addr, why, sizeof why));
}
END_TEST

START_TEST(the_device_moves_bytes_where_it_may)
{
    const uint64_t in = alloc("in", 64, MEMORY_WRITE, 0), out = alloc("out", 64, MEMORY_READ, 0);
    uint8_t back[64];

    ck_assert(memory_poke(m, out, bytes, 64, why, sizeof why));
    ck_assert(memory_dma_read(m, out, back, 64));
    ck_assert_mem_eq(back, bytes, 64);
    ck_assert(memory_dma_write(m, in + 60, bytes, 4));
    ck_assert(memory_peek(m, in + 59, back, 5, why, sizeof why));
    ck_assert_uint_eq(back[0], MEMORY_POISON);
    ck_assert_mem_eq(back + 1, bytes, 4);
    ck_assert(memory_dma_read(m, 0, back, 0));
    ck_assert_uint_eq(memory_violations_total(m), 0);
}
END_TEST

START_TEST(a_write_beyond_a_buffer_is_refused_and_told)
{
    const uint64_t base = alloc("rxbuf", 4096, MEMORY_WRITE, 1024);
    uint8_t back;

    ck_assert(!memory_dma_write(m, base + 3072, bytes, 1518));
    expect_violation("crosses the end of rxbuf[3]", "device wrote 1518 bytes at rxbuf[3]+0, which ends after 1024");
    ck_assert(!memory_dma_write(m, base + 1000, bytes, 25));
    expect_violation("crosses the end of rxbuf[0]", "device wrote 25 bytes at rxbuf[0]+1000, which ends after 1024");
    ck_assert(memory_dma_write(m, base + 1000, bytes, 24));
    ck_assert(memory_peek(m, base + 3072, &back, 1, why, sizeof why));
    ck_assert_uint_eq(back, MEMORY_POISON);
}
END_TEST

START_TEST(descriptors_are_moved_in_bursts)
{
    const uint64_t ring = alloc("rxd", 128, MEMORY_READ_WRITE, 16);

    ck_assert(memory_dma_write(m, ring, bytes, 128));
    ck_assert(memory_dma_read(m, ring + 16, bytes, 112));
    ck_assert_uint_eq(memory_violations_total(m), 0);
    ck_assert(!memory_dma_read(m, ring + 112, bytes, 32));
    expect_violation("crosses the end of rxd[7]", "device read 32 bytes at rxd[7]+0, which ends after 16");
}
END_TEST

START_TEST(what_is_not_given_to_the_device_is_refused)
{
    const uint64_t addr = alloc("txbuf[0]", 64, MEMORY_READ, 0);

    ck_assert(!memory_dma_write(m, addr, bytes, 16));
    expect_violation("not given to the device", "device wrote 16 bytes at txbuf[0]+0, which the device may only read");
    ck_assert(memory_set_perm(m, addr + 5, MEMORY_NONE, why, sizeof why));
    ck_assert(!memory_dma_read(m, addr, bytes, 16));
    expect_violation("not given to the device", "device read 16 bytes at txbuf[0]+0, which is not given to the device");
    ck_assert(memory_set_perm(m, addr, MEMORY_WRITE, why, sizeof why));
    ck_assert(!memory_dma_read(m, addr, bytes, 16));
    expect_violation("not given to the device", "device read 16 bytes at txbuf[0]+0, which the device may only write");
}
END_TEST

START_TEST(nothing_answers_between_regions)
{
    const uint64_t addr = alloc("rxbuf[7]", 1000, MEMORY_WRITE, 0);

    ck_assert(!memory_dma_write(m, addr + 1032, bytes, 4));
    expect_violation("unmapped", "device wrote 4 bytes at 0x00100408, where nothing is mapped, "
                                 "32 after the end of rxbuf[7]");
    ck_assert(!memory_dma_read(m, 0x1000, bytes, 16));
    expect_violation("unmapped", "device read 16 bytes at 0x00001000, where nothing is mapped");
    ck_assert(!memory_dma_read(m, UINT64_MAX, bytes, 16));
    memory_forget_violations(m);
}
END_TEST

START_TEST(freed_memory_is_remembered)
{
    const uint64_t addr = alloc("rxbuf[3]", 64, MEMORY_WRITE, 0);

    ck_assert(memory_release(m, addr, why, sizeof why));
    ck_assert(!memory_dma_write(m, addr + 8, bytes, 8));
    expect_violation("freed", "device wrote 8 bytes at rxbuf[3]+8, which was freed");
    ck_assert(!memory_release(m, addr, why, sizeof why));
    ck_assert_str_eq(why, "rxbuf[3] was freed already");
    ck_assert(!memory_peek(m, addr, bytes, 1, why, sizeof why));
    ck_assert_str_eq(why, "rxbuf[3] at 0x00100000 was freed");
    ck_assert(!memory_release(m, addr + 1, why, sizeof why));
}
END_TEST

START_TEST(reading_what_nobody_wrote_gives_poison)
{
    const uint64_t addr = alloc("txbuf[0]", 64, MEMORY_READ, 0);
    uint8_t back[60];

    ck_assert(memory_poke(m, addr, bytes, 40, why, sizeof why));
    ck_assert(memory_dma_read(m, addr, back, 60));
    expect_violation("never written", "device read 60 bytes at txbuf[0]+0, of which 20 were never "
                                      "written, the first at +40");
    ck_assert_uint_eq(back[39], 0x11);
    ck_assert_uint_eq(back[40], MEMORY_POISON);
    ck_assert(memory_dma_read(m, addr, back, 40));
    ck_assert_uint_eq(memory_violations_total(m), 0);
}
END_TEST

START_TEST(bytes_written_by_the_device_are_counted_from_the_watch_on)
{
    const uint64_t addr = alloc("rxbuf", 64, MEMORY_WRITE, 0);
    uint64_t count;

    ck_assert(memory_poke(m, addr, bytes, 64, why, sizeof why));
    ck_assert(memory_written(m, addr, 64, &count, why, sizeof why));
    ck_assert_uint_eq(count, 0);
    ck_assert(memory_dma_write(m, addr + 4, bytes, 20));
    ck_assert(memory_written(m, addr, 64, &count, why, sizeof why));
    ck_assert_uint_eq(count, 20);
    ck_assert(memory_watch(m, addr, 8, why, sizeof why));
    ck_assert(memory_written(m, addr, 64, &count, why, sizeof why));
    ck_assert_uint_eq(count, 16);
    ck_assert(!memory_written(m, addr, 65, &count, why, sizeof why));
    ck_assert_str_eq(why, "65 bytes at rxbuf+0 reach beyond its end after 64");
}
END_TEST

START_TEST(a_dma_told_to_fail_is_no_violation)
{
    const uint64_t addr = alloc("rxd", 64, MEMORY_READ_WRITE, 16);

    ck_assert(memory_poke(m, addr, bytes, 64, why, sizeof why));
    ck_assert(memory_fail_next(m, addr + 16, 16, 2));
    ck_assert(memory_dma_read(m, addr, bytes, 16));
    ck_assert(!memory_dma_read(m, addr, bytes, 17));
    ck_assert(!memory_dma_write(m, addr + 31, bytes, 1));
    ck_assert(memory_dma_write(m, addr + 31, bytes, 1));
    ck_assert_uint_eq(memory_violations_total(m), 0);
}
END_TEST

START_TEST(memory_goes_by_the_names_of_the_script)
{
    const uint64_t addr = alloc("rxbuf", 100, MEMORY_WRITE, 32);
    char name[64];

    ck_assert(memory_name(m, addr + 64, name, sizeof name));
    ck_assert_str_eq(name, "rxbuf[2]");
    ck_assert(memory_name(m, addr + 33, name, sizeof name));
    ck_assert_str_eq(name, "rxbuf[1]+1");
    ck_assert(memory_set_name(m, addr, "page", 0, why, sizeof why));
    ck_assert(memory_name(m, addr + 99, name, sizeof name));
    ck_assert_str_eq(name, "page+99");
    ck_assert(!memory_name(m, addr + 100, name, sizeof name));
    ck_assert(!memory_name(m, addr - 1, name, sizeof name));
}
END_TEST

START_TEST(addresses_rest_before_they_are_used_again)
{
    const uint64_t first = alloc("buf", 64, MEMORY_WRITE, 0);
    uint64_t highest = 0;

    ck_assert(memory_release(m, first, why, sizeof why));
    for (int i = 0; i < 100000; i++) {
        const uint64_t addr = alloc("buf", 64, MEMORY_WRITE, 0);

        if (i < 1000)
            ck_assert_uint_ne(addr, first);
        if (addr > highest)
            highest = addr;
        ck_assert(memory_release(m, addr, why, sizeof why));
    }
    ck_assert_uint_lt(highest, 0x1000000);
}
END_TEST

START_TEST(only_the_first_violations_are_kept_but_all_are_counted)
{
    for (int i = 0; i < 1000; i++)
        ck_assert(!memory_dma_read(m, 0x1000, bytes, 1));
    ck_assert_uint_eq(memory_violations_total(m), 1000);
    ck_assert_uint_lt(memory_violations(m), 1000);
    ck_assert_ptr_null(memory_violation(m, memory_violations(m)));
}
END_TEST

Suite *memory_suite(void)
{
    Suite *const suite = suite_create("memory");
    TCase *const tests = tcase_create("memory");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, addresses_are_the_same_in_every_run);
    tcase_add_test(tests, an_alignment_beyond_a_page_is_kept);
    tcase_add_test(tests, a_fixed_address_may_be_above_4_gib_but_not_taken);
    tcase_add_test(tests, impossible_shapes_are_refused);
    tcase_add_test(tests, the_device_moves_bytes_where_it_may);
    tcase_add_test(tests, a_write_beyond_a_buffer_is_refused_and_told);
    tcase_add_test(tests, descriptors_are_moved_in_bursts);
    tcase_add_test(tests, what_is_not_given_to_the_device_is_refused);
    tcase_add_test(tests, nothing_answers_between_regions);
    tcase_add_test(tests, freed_memory_is_remembered);
    tcase_add_test(tests, reading_what_nobody_wrote_gives_poison);
    tcase_add_test(tests, bytes_written_by_the_device_are_counted_from_the_watch_on);
    tcase_add_test(tests, a_dma_told_to_fail_is_no_violation);
    tcase_add_test(tests, memory_goes_by_the_names_of_the_script);
    tcase_add_test(tests, addresses_rest_before_they_are_used_again);
    tcase_add_test(tests, only_the_first_violations_are_kept_but_all_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
