/*
 * test_csum.c - the frame check sequence against the polynomial of IEEE 802.3, 3.2.9, bit by bit
 */
#include "../core.h"

#include "fixture.h"

#include <string.h>

static uint32_t crc_by_bits(const uint8_t *p, size_t len)
{
    uint32_t crc = UINT32_MAX;

    while (len-- > 0) {
        crc ^= *p++;
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

static void fill(uint8_t *p, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (uint8_t)(seed >> 24);
    }
}

START_TEST(known_values)
{
    ck_assert_hex_eq(e1000_crc32("", 0), 0);
    ck_assert_hex_eq(e1000_crc32("123456789", 9), 0xcbf43926); /* the check value in every catalogue */
    ck_assert_hex_eq(e1000_crc32("\0\0\0\0", 4), 0x2144df1c);
}
END_TEST

START_TEST(every_length_at_every_alignment)
{
    uint8_t bytes[400 + 16];

    fill(bytes, sizeof bytes, 1);
    for (size_t at = 0; at < 16; at++)
        for (size_t len = 0; len <= 400; len++)
            ck_assert_hex_eq(e1000_crc32(bytes + at, len), crc_by_bits(bytes + at, len));
}
END_TEST

/* Lanes side by side: so many that each value of each byte of a remainder is moved on. */
START_TEST(lanes_are_joined_for_every_remainder)
{
    uint8_t bytes[192];

    for (uint32_t seed = 0; seed < 4096; seed++) {
        fill(bytes, sizeof bytes, seed * 2654435761u);
        ck_assert_hex_eq(e1000_crc32(bytes, sizeof bytes), crc_by_bits(bytes, sizeof bytes));
    }
}
END_TEST

START_TEST(every_value_of_a_byte_in_each_of_eight_places)
{
    for (unsigned place = 0; place < 8; place++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t bytes[16] = {0};

            bytes[place] = (uint8_t)value;
            ck_assert_hex_eq(e1000_crc32(bytes, 8), crc_by_bits(bytes, 8));
            ck_assert_hex_eq(e1000_crc32(bytes, 16), crc_by_bits(bytes, 16));
            ck_assert_hex_eq(e1000_crc32(bytes, place + 1), crc_by_bits(bytes, place + 1));
        }
}
END_TEST

START_TEST(long_data)
{
    static uint8_t bytes[16384];

    fill(bytes, sizeof bytes, 2);
    ck_assert_hex_eq(e1000_crc32(bytes, sizeof bytes), crc_by_bits(bytes, sizeof bytes));
    ck_assert_hex_eq(e1000_crc32(bytes + 3, sizeof bytes - 6), crc_by_bits(bytes + 3, sizeof bytes - 6));
}
END_TEST

START_TEST(pieces_give_what_the_whole_gives)
{
    uint8_t bytes[100];

    fill(bytes, sizeof bytes, 3);
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        const uint32_t part = crc32_update(UINT32_MAX, bytes, cut);

        ck_assert_hex_eq(~crc32_update(part, bytes + cut, sizeof bytes - cut), crc_by_bits(bytes, sizeof bytes));
    }
}
END_TEST

/* IEEE 802.3, 3.2.9: data followed by its own check, low byte first, leaves a constant. */
START_TEST(frame_with_its_check_leaves_the_magic_remainder)
{
    uint8_t bytes[64];
    uint32_t crc;

    for (uint32_t seed = 0; seed < 20; seed++) {
        fill(bytes, 60, seed);
        crc = e1000_crc32(bytes, 60);
        for (unsigned i = 0; i < 4; i++)
            bytes[60 + i] = (uint8_t)(crc >> 8 * i);
        ck_assert_hex_eq(crc32_update(UINT32_MAX, bytes, 64), 0xdebb20e3);
    }
}
END_TEST

Suite *csum_suite(void);
Suite *csum_suite(void)
{
    Suite *suite = suite_create("csum");
    TCase *tc = tcase_create("crc32");

    tcase_add_test(tc, known_values);
    tcase_add_test(tc, every_length_at_every_alignment);
    tcase_add_test(tc, lanes_are_joined_for_every_remainder);
    tcase_add_test(tc, every_value_of_a_byte_in_each_of_eight_places);
    tcase_add_test(tc, long_data);
    tcase_add_test(tc, pieces_give_what_the_whole_gives);
    tcase_add_test(tc, frame_with_its_check_leaves_the_magic_remainder);
    suite_add_tcase(suite, tc);
    return suite;
}
