/*
 * test_stats.c - what all statistics registers have in common [13.7, 14.7]
 */
#include "../core.h"

#include "fixture.h"

#include <string.h>

static const char *const low_halves[] = {"GORCL", "GOTCL", "TORL", "TOTL"};

static bool is_low(const struct e1000_reg *reg)
{
    for (unsigned i = 0; i < 4; i++)
        if (strcmp(reg->name, low_halves[i]) == 0)
            return true;
    return false;
}

/* The counters as table 13-2 places them; 4024h and the like are gaps. */
static bool is_counter(uint32_t offset)
{
    static const uint16_t gap[] = {0x4024, 0x402c, 0x4044, 0x4084, 0x4098, 0x409c};

    for (unsigned i = 0; i < 6; i++)
        if (gap[i] == offset)
            return false;
    return offset >= 0x4000 && offset < 0x4100;
}

static unsigned slot_of(const char *name)
{
#define REG(reg, ...)                                                                                                  \
    if (strcmp(name, #reg) == 0)                                                                                       \
        return R_##reg;
#include "../regs.def"
    ck_abort_msg("no register %s", name);
    return 0;
}

START_TEST(every_counter_is_there)
{
    unsigned n, counters = 0;

    for (uint32_t offset = 0x4000; offset < 0x4100; offset += 4)
        if (is_counter(offset)) {
            ck_assert_msg(e1000_reg_at(offset, &n) != NULL, "no counter at %x", (unsigned)offset);
            counters++;
        }
    ck_assert_uint_eq(counters, 58);
}
END_TEST

START_TEST(reading_clears_all_but_low_halves)
{
    for (size_t i = 0; i < e1000_reg_count(); i++) {
        const struct e1000_reg *reg = e1000_reg(i);

        if (reg->offset < 0x4000 || reg->offset >= 0x4100)
            continue;
        fx.dev->r[slot_of(reg->name)] = 0x12345678;
        ck_assert_hex_eq(fx_read(reg->offset), 0x12345678);
        ck_assert_hex_eq(fx_read(reg->offset), is_low(reg) ? 0x12345678 : 0);
    }
}
END_TEST

START_TEST(high_half_clears_the_pair)
{
    for (unsigned i = 0; i < 4; i++) {
        const struct e1000_reg *low = e1000_reg_named(low_halves[i]);
        const unsigned slot = slot_of(low->name);

        fx.dev->r[slot - 1] = 1; /* its neighbours are left alone */
        fx.dev->r[slot] = 2;
        fx.dev->r[slot + 1] = 3;
        fx.dev->r[slot + 2] = 4;
        ck_assert_hex_eq(fx_read(low->offset + 4), 3);
        ck_assert_hex_eq(fx.dev->r[slot - 1], 1);
        ck_assert_hex_eq(fx.dev->r[slot], 0);
        ck_assert_hex_eq(fx.dev->r[slot + 1], 0);
        ck_assert_hex_eq(fx.dev->r[slot + 2], 4);
    }
}
END_TEST

START_TEST(writing_changes_nothing)
{
    for (size_t i = 0; i < e1000_reg_count(); i++) {
        const struct e1000_reg *reg = e1000_reg(i);

        if (reg->offset < 0x4000 || reg->offset >= 0x4100)
            continue;
        fx.dev->r[slot_of(reg->name)] = 0x5a5a5a5a;
        fx_write(reg->offset, 0xffffffff);
        ck_assert_hex_eq(fx.dev->r[slot_of(reg->name)], 0x5a5a5a5a);
        fx_write(reg->offset, 0);
        ck_assert_hex_eq(fx.dev->r[slot_of(reg->name)], 0x5a5a5a5a);
    }
}
END_TEST

START_TEST(every_reset_clears_them)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < e1000_reg_count(); i++)
            if (e1000_reg(i)->offset >= 0x4000 && e1000_reg(i)->offset < 0x4100)
                fx.dev->r[slot_of(e1000_reg(i)->name)] = 7;
        if (kind == 0) {
            fx_write(E1000_CTRL, 1u << 26);
        } else if (kind == 1) {
            e1000_pci_reset(fx.dev, true);
            e1000_pci_reset(fx.dev, false);
        } else {
            e1000_lan_power_good(fx.dev, false);
            e1000_lan_power_good(fx.dev, true);
        }
        for (size_t i = 0; i < e1000_reg_count(); i++)
            if (e1000_reg(i)->offset >= 0x4000 && e1000_reg(i)->offset < 0x4100)
                ck_assert_hex_eq(fx.dev->r[slot_of(e1000_reg(i)->name)], 0);
    }
}
END_TEST

START_TEST(thirty_two_bits_stick_at_the_top)
{
    uint32_t *const r = &fx.dev->r[R_MPC];

    *r = 0xfffffffd;
    stat_add(fx.dev, R_MPC, 1);
    ck_assert_hex_eq(*r, 0xfffffffe);
    stat_add(fx.dev, R_MPC, 1);
    ck_assert_hex_eq(*r, 0xffffffff);
    stat_add(fx.dev, R_MPC, 1);
    ck_assert_hex_eq(*r, 0xffffffff);
    *r = 0xfffffff0;
    stat_add(fx.dev, R_MPC, 0x10);
    ck_assert_hex_eq(*r, 0xffffffff);
    *r = 0x80000000;
    stat_add(fx.dev, R_MPC, 0);
    ck_assert_hex_eq(*r, 0x80000000);
    *r = 0xffffffff;
    stat_add(fx.dev, R_MPC, 0);
    ck_assert_hex_eq(*r, 0xffffffff);
}
END_TEST

START_TEST(sixty_four_bits_carry_and_stick)
{
    uint32_t *const low = &fx.dev->r[R_TORL], *const high = &fx.dev->r[R_TORH];

    *low = 0xffffffff, *high = 0;
    stat_add64(fx.dev, R_TORL, 2);
    ck_assert_hex_eq(*low, 1);
    ck_assert_hex_eq(*high, 1);
    *low = 0xfffffff0, *high = 0xffffffff;
    stat_add64(fx.dev, R_TORL, 0xe);
    ck_assert_hex_eq(*low, 0xfffffffe);
    ck_assert_hex_eq(*high, 0xffffffff);
    stat_add64(fx.dev, R_TORL, 64);
    ck_assert_hex_eq(*low, 0xffffffff);
    ck_assert_hex_eq(*high, 0xffffffff);
    stat_add64(fx.dev, R_TORL, 1);
    ck_assert_hex_eq(*low, 0xffffffff);
}
END_TEST

/* [13.7 silent] A carry between the two reads of a pair shows in the second: nothing is latched. */
START_TEST(a_carry_between_the_reads_of_a_pair_is_seen)
{
    fx.dev->r[R_TOTL] = 0xffffffff, fx.dev->r[R_TOTH] = 0;
    ck_assert_hex_eq(fx_read(E1000_TOTL), 0xffffffff);
    stat_add64(fx.dev, R_TOTL, 64);
    ck_assert_hex_eq(fx_read(E1000_TOTH), 1);
    ck_assert_hex_eq(fx_read(E1000_TOTL), 0);
}
END_TEST

/* [13.7.21-26] 64, 65-127, 128-255, 256-511, 512-1023, 1024 on */
START_TEST(sizes_change_at_these_lengths)
{
    static const struct {
        uint32_t len;
        unsigned bin;
    } size[] = {{64, 0},  {65, 1},   {127, 1},  {128, 2},  {255, 2},  {256, 3},   {511, 3},
                {512, 4}, {1023, 4}, {1024, 5}, {1522, 5}, {2048, 5}, {16384, 5}, {16292, 5}};

    for (unsigned i = 0; i < sizeof size / sizeof size[0]; i++)
        ck_assert_uint_eq(stat_bin(size[i].len), size[i].bin);
}
END_TEST

Suite *stats_suite(void);
Suite *stats_suite(void)
{
    Suite *suite = suite_create("stats");
    TCase *tc = tcase_create("stats");

    tcase_add_checked_fixture(tc, fx_start, NULL);
    tcase_add_test(tc, every_counter_is_there);
    tcase_add_test(tc, reading_clears_all_but_low_halves);
    tcase_add_test(tc, high_half_clears_the_pair);
    tcase_add_test(tc, writing_changes_nothing);
    tcase_add_test(tc, every_reset_clears_them);
    tcase_add_test(tc, thirty_two_bits_stick_at_the_top);
    tcase_add_test(tc, sixty_four_bits_carry_and_stick);
    tcase_add_test(tc, a_carry_between_the_reads_of_a_pair_is_seen);
    tcase_add_test(tc, sizes_change_at_these_lengths);
    suite_add_tcase(suite, tc);
    return suite;
}
