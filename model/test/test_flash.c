/*
 * test_flash.c - the serial flash and its three windows [7, 13.2, 13.4.3, B.2.1]
 */
#include "../core.h"

#include "fixture.h"

#include <string.h>

enum { FWE_ON = 0x20 };
#define FLASH_AT 0xfeb00000u
#define ROM_AT 0xfea00000u

static uint8_t part[0x20000];

static void board(uint32_t bytes)
{
    fx_board();
    fx.eeprom[0x24] = 0;      /* flash on [5.6.26] */
    fx.eeprom[0x0f] = 0x0280; /* a window of 128 KB, no MSI */
    fx_checksum();
    for (unsigned i = 0; i < sizeof part; i++)
        part[i] = (uint8_t)(i * 3 + (i >> 8) + 1);
    fx.config.flash = bytes == 0 ? NULL : part;
    fx.config.flash_bytes = bytes;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    e1000_config_write(fx.dev, 0x14, 4, FLASH_AT);
    e1000_config_write(fx.dev, 0x30, 4, ROM_AT | 1);
    fx_log_clear();
}

static uint64_t get(enum e1000_bar bar, uint32_t at, unsigned size)
{
    return e1000_bar_read(fx.dev, bar, at, size);
}
static void put(enum e1000_bar bar, uint32_t at, unsigned size, uint64_t v)
{
    e1000_bar_write(fx.dev, bar, at, size, v);
}

static uint64_t bytes_at(uint32_t at, unsigned size, uint32_t mask)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)part[(at + i) & mask] << 8 * i;
    return v;
}

START_TEST(every_width_reads_from_both_windows)
{
    static const uint32_t at[] = {0, 1, 2, 3, 8, 0x1234, 0x1ff7, 0xfff8};

    board(sizeof part);
    for (enum e1000_bar bar = E1000_BAR_FLASH; bar <= E1000_BAR_ROM; bar += E1000_BAR_ROM - E1000_BAR_FLASH)
        for (unsigned size = 1; size <= 8; size *= 2)
            for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++)
                ck_assert_hex_eq(get(bar, at[i], size), bytes_at(at[i], size, 0x1ffff));
    ck_assert(fx_logged("flash rd 00000 8 1613100d0a070401"));
    ck_assert_uint_eq(fx_log_count("bad"), 0);
}
END_TEST

START_TEST(a_smaller_part_repeats)
{
    static const struct {
        uint32_t bytes, mask;
    } want[] = {{0x20000, 0x1ffff},
                {0x10000, 0xffff},
                {0x1ffff, 0xffff},
                {0x10001, 0xffff},
                {0x8000, 0x7fff},
                {0x100, 0xff},
                {3, 1},
                {1, 0}};

    board(want[_i].bytes);
    for (uint32_t at = 0; at < 0x20000; at += 0x0f3)
        ck_assert_hex_eq(get(E1000_BAR_FLASH, at, 1), part[at & want[_i].mask]);
    if (_i > 0) /* with 128 KB it is the end of the window */
        ck_assert_hex_eq(get(E1000_BAR_FLASH, want[_i].mask, 2), bytes_at(want[_i].mask, 2, want[_i].mask));
}
END_TEST

START_TEST(no_part_and_no_interface_read_as_ones)
{
    board(_i == 0 ? 0 : sizeof part);
    if (_i == 1)
        fx.dev->pci.no_flash = true;
    fx_write(E1000_EECD, FWE_ON);
    fx_log_clear();
    e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 4, 0x80000);
    ck_assert_hex_eq(get(E1000_BAR_IO, 4, 4), 0xffffffff);
    put(E1000_BAR_IO, 4, 4, 0);
    ck_assert_hex_eq(part[0], 1);
    if (_i == 0)
        ck_assert_hex_eq(get(E1000_BAR_FLASH, 0, 8), UINT64_MAX);
    ck_assert_uint_eq(fx_log_count("bad"), 0);
}
END_TEST

START_TEST(only_fwe_10b_programs)
{
    board(sizeof part);
    memset(part, 0xff, sizeof part);
    for (uint32_t fwe = 0; fwe < 4; fwe++) {
        fx_write(E1000_EECD, fwe << 4);
        fx_log_clear();
        put(E1000_BAR_FLASH, 16 * fwe, 4, 0x12345678);
        ck_assert_hex_eq(get(E1000_BAR_FLASH, 16 * fwe, 4), fwe == 2 ? 0x12345678 : 0xffffffff);
        ck_assert_uint_eq(fx_log_count("bad flash-write-disabled FLASH"), fwe == 2 ? 0 : 1);
    }
}
END_TEST

START_TEST(programming_clears_bits_and_sets_none)
{
    board(sizeof part);
    memset(part, 0xff, sizeof part);
    fx_write(E1000_EECD, FWE_ON);
    for (unsigned size = 1; size <= 8; size *= 2) {
        const uint64_t all = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
        const uint64_t first = UINT64_C(0xf0e1d2c3b4a59687) & all, second = UINT64_C(0x0f1e2d3c4b5a6978) & all;

        fx_log_clear();
        put(E1000_BAR_ROM, 0x1000, size, first);
        ck_assert_hex_eq(get(E1000_BAR_FLASH, 0x1000, size), first);
        ck_assert_hex_eq(part[0xfff], 0xff);
        ck_assert_hex_eq(part[0x1000 + size], 0xff);
        ck_assert_uint_eq(fx_log_count("bad"), 0);
        put(E1000_BAR_ROM, 0x1000, size, second);
        ck_assert_hex_eq(get(E1000_BAR_FLASH, 0x1000, size), first & second);
        ck_assert_uint_eq(fx_log_count("bad flash-not-erased FLASH 00001000"), 1);
        memset(part, 0xff, sizeof part);
    }
    part[0x2003] = 0; /* one cell of four */
    put(E1000_BAR_FLASH, 0x2000, 4, 0x01020304);
    ck_assert_hex_eq(get(E1000_BAR_FLASH, 0x2000, 4), 0x00020304);
}
END_TEST

START_TEST(the_io_window_minds_its_lanes)
{
    board(sizeof part);
    memset(part, 0xff, sizeof part);
    fx_write(E1000_EECD, FWE_ON);
    for (uint32_t low = 0; low < 4; low++)
        for (uint32_t lane = 0; lane < 4; lane++)
            for (unsigned size = 1; size + lane <= 4; size *= 2) {
                const bool agree = low == lane && lane % size == 0;

                e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 4, 0x80100 + low);
                fx_log_clear();
                put(E1000_BAR_IO, 4 + lane, size, 0);
                ck_assert_uint_eq(fx_log_count("bad flash-byte-lanes IODATA"), !agree);
                ck_assert_hex_eq(bytes_at(0x100, 4, 0x1ffff),
                                 agree ? ~(((UINT64_C(1) << 8 * size) - 1) << 8 * lane) & 0xffffffff : 0xffffffff);
                memset(part, 0xff, sizeof part);
            }
}
END_TEST

START_TEST(the_io_window_reads_its_dword)
{
    board(sizeof part);
    for (uint32_t low = 0; low < 4; low++) {
        e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 4, 0x81230 + low);
        fx_log_clear();
        for (uint32_t lane = 0; lane < 4; lane++) {
            ck_assert_hex_eq(get(E1000_BAR_IO, 4 + lane, 1), part[0x1230 + lane]);
            ck_assert_uint_eq(fx_log_count("bad flash-byte-lanes"), low > lane ? lane + 1 : lane);
        }
    }
    e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 4, 0xffffc); /* the last, and 512 KB hold the part four times */
    ck_assert_hex_eq(get(E1000_BAR_IO, 4, 4), bytes_at(0x1fffc, 4, 0x1ffff));
    e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 4, 0x7fffc);
    fx_log_clear();
    ck_assert_hex_eq(get(E1000_BAR_IO, 4, 4), 0);
    ck_assert_uint_eq(fx_log_count("bad undeclared-register"), 1);
}
END_TEST

Suite *flash_suite(void);
Suite *flash_suite(void)
{
    Suite *suite = suite_create("flash");
    TCase *tc = tcase_create("flash");

    tcase_add_test(tc, every_width_reads_from_both_windows);
    tcase_add_loop_test(tc, a_smaller_part_repeats, 0, 8);
    tcase_add_loop_test(tc, no_part_and_no_interface_read_as_ones, 0, 2);
    tcase_add_test(tc, only_fwe_10b_programs);
    tcase_add_test(tc, programming_clears_bits_and_sets_none);
    tcase_add_test(tc, the_io_window_minds_its_lanes);
    tcase_add_test(tc, the_io_window_reads_its_dword);
    suite_add_tcase(suite, tc);
    return suite;
}
