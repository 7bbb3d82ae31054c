/*
 * test_rules.c - rules.c: what a write or a descriptor breaks, and at which value it begins to
 */
#include "../core.h"

#include "fixture.h"

#include <stdio.h>
#include <string.h>

Suite *rules_suite(void);

/* One write to a fresh device, after one other; rule NULL: nothing is broken. */
static const struct {
    uint32_t before, was, offset, value;
    const char *rule;
} writes[] = {
    {0, 0, E1000_RDBAL, 0x1000f, "ring-base-unaligned RDBAL 0001000f"},
    {0, 0, E1000_TDBAL, 0x10001, "ring-base-unaligned TDBAL 00010001"},
    {0, 0, E1000_TDBAL, 0x10010, NULL},
    {0, 0, E1000_RDLEN, 64, "ring-length-unaligned RDLEN 00000040"},
    {0, 0, E1000_TDLEN, 127, "ring-length-unaligned TDLEN 0000007f"},
    {0, 0, E1000_TDLEN, 0xfff80, NULL},
    {0, 0, E1000_TDLEN, 0x100000, "reserved-bits TDLEN 00100000"},
    {0, 0, E1000_RCTL, 2, NULL},
    {E1000_RDLEN, 128, E1000_TCTL, 2, "enabled-without-ring TCTL 00000002"},
    {0, 0, E1000_TCTL, 2, "enabled-without-ring TCTL 00000002"},
    {E1000_TDLEN, 128, E1000_TCTL, 2, NULL},
    {0, 0, E1000_TCTL, 0x400000, NULL}, /* SWXOFF without a link */
    {0, 0, E1000_PBA, 49, "packet-buffer-split PBA 00000031"},
    {0, 0, E1000_PBA, 0, "packet-buffer-split PBA 00000000"},
    {0, 0, E1000_PBA, 8, NULL},
    {0, 0, E1000_PBA, 56, NULL},
    {0, 0, E1000_PBA, 64, "packet-buffer-split PBA 00000040"},
    {0, 0, E1000_FCRTH, 49152, NULL},
    {0, 0, E1000_FCRTH, 49160, "pause-threshold FCRTH 0000c008"},
    {E1000_PBA, 40, E1000_FCRTH, 49152, "pause-threshold FCRTH 0000c000"},
    {0, 0, E1000_EECD, 0x10, NULL},
    {0, 0, E1000_EECD, 0x20, NULL},
    {0, 0, E1000_EECD, 0x00, "flash-write-enable EECD 00000000"},
    {0, 0, E1000_EECD, 0x30, "flash-write-enable EECD 00000030"},
    {0, 0, E1000_CTRL, 0x300, NULL},
    {0, 0, E1000_CTRL, 0xb00, "speed-reserved CTRL 00000b00"},
    {E1000_CTRL_EXT, 0x8100, E1000_CTRL, 0x300, "speed-reserved CTRL 00000300"},
    {0, 0, E1000_CTRL, 0x80, "loss-of-signal-inverted CTRL 00000080"},
    {0, 0, E1000_RAH + 8 * 15, 0x80010000, NULL},
    {0, 0, E1000_RAH + 8 * 15, 0x80020000, "address-select RAH 80020000"},
    {0, 0, E1000_STATUS, 0, "read-only-write STATUS 00000000"},
    {0, 0, E1000_ICR, 0xffffffff, NULL},
    {0, 0, E1000_IMC, 0xffffffff, NULL},
    {0, 0, E1000_IMS, 0x80000000, NULL},
    {0, 0, E1000_ITR, 0x10000, "reserved-bits ITR 00010000"},
    {0, 0, E1000_RDFH, 0, NULL},
    {0, 0, E1000_PBM, 0, NULL},
    {E1000_WUFC, 0x80000, E1000_FFLT + 8 * 3, 1, "flexible-filter-while-on FFLT 00000001"},
    {E1000_WUFC, 0x10000, E1000_FFMT, 1, "flexible-filter-while-on FFMT 00000001"},
    {E1000_WUFC, 0x20000, E1000_FFVT + 8 * 127, 1, "flexible-filter-while-on FFVT 00000001"},
    {E1000_WUFC, 0x000ff, E1000_FFVT, 1, NULL},
    {0, 0, E1000_RXDCTL, 0x013f3f3f, NULL},
    {0, 0, E1000_RSRPD, 0x1000, "reserved-bits RSRPD 00001000"},
};

START_TEST(a_write_breaks_its_rule_and_no_other)
{
    char line[80];

    fx_start();
    if (writes[_i].before != 0)
        fx_write(writes[_i].before, writes[_i].was);
    fx_log_clear();
    fx_write(writes[_i].offset, writes[_i].value);
    snprintf(line, sizeof line, "bad %s\n", writes[_i].rule);
    ck_assert_str_eq(fx_log_only("bad"), writes[_i].rule != NULL ? line : "");
}
END_TEST

/* [13.4.46] Cache lines of 16 dwords, four descriptors: 7 lines are 28, 8 are 32. */
START_TEST(thresholds_stand_for_31_descriptors)
{
    static const unsigned shift[] = {0, 8, 16};

    fx_start();
    e1000_config_write(fx.dev, 0x0c, 1, 16);
    for (unsigned i = 0; i < 3; i++) {
        fx_log_clear();
        fx_write(E1000_TXDCTL, 7u << shift[i]);
        ck_assert_uint_eq(fx_log_count("bad"), 0);
        fx_write(E1000_TXDCTL, 8u << shift[i]);
        ck_assert_uint_eq(fx_log_count("bad descriptor-threshold TXDCTL"), 1);
        fx_write(E1000_RXDCTL, 8u << shift[i]);
        ck_assert_uint_eq(fx_log_count("bad descriptor-threshold RXDCTL"), 1);
    }
}
END_TEST

static void tail_ring(uint32_t head, uint32_t tail)
{
    fx_write(E1000_RCTL, 0);
    fx_write(E1000_RDLEN, 128);
    fx_write(E1000_RDBAL, 0x1000);
    fx_write(E1000_RDH, head);
    fx_write(E1000_RDT, tail);
    fx_write(E1000_RCTL, 2);
    fx_log_clear();
}

/* All heads and tails of a ring of eight: fewer descriptors than before is a mistake, nothing else. */
START_TEST(a_tail_gives_and_never_takes)
{
    fx_start();
    for (uint32_t head = 0; head < 8; head++)
        for (uint32_t was = 0; was < 8; was++)
            for (uint32_t now = 0; now < 8; now++) {
                tail_ring(head, was);
                fx_write(E1000_RDT, now);
                ck_assert_uint_eq(fx_log_count("bad tail-moved-back RDT"),
                                  ((now - head) & 7) < ((was - head) & 7) ? 1 : 0);
            }
    for (uint32_t head = 8; head < 10; head++) { /* what lies outside has rules of its own */
        tail_ring(head, 5);
        fx_write(E1000_RDT, 4);
        ck_assert_uint_eq(fx_log_count("bad tail-moved-back"), 0);
        tail_ring(0, head);
        fx_write(E1000_RDT, 4);
        ck_assert_uint_eq(fx_log_count("bad tail-moved-back"), 0);
    }
    tail_ring(0, 5);
    fx_write(E1000_RDT, 8);
    ck_assert_uint_eq(fx_log_count("bad tail-moved-back"), 0);
}
END_TEST

/* The packet buffer is both units': a write counts while either is on. */
START_TEST(the_packet_buffer_is_for_idle_units)
{
    static const uint32_t unit[] = {E1000_RCTL, E1000_TCTL};

    fx_start();
    for (unsigned u = 0; u < 2; u++) {
        fx_write(unit[u], 2);
        fx_log_clear();
        fx_write(E1000_PBM, 0);
        fx_write(E1000_PBM + 0xfffc, 0);
        ck_assert_uint_eq(fx_log_count("bad packet-buffer-write"), 2);
        fx_write(unit[u], 0);
        fx_log_clear();
        fx_write(E1000_PBM, 0);
        ck_assert_uint_eq(fx_log_count("bad"), 0);
    }
}
END_TEST

Suite *rules_suite(void)
{
    Suite *const suite = suite_create("rules");
    TCase *const tests = tcase_create("rules");

    tcase_add_loop_test(tests, a_write_breaks_its_rule_and_no_other, 0, (int)(sizeof writes / sizeof writes[0]));
    tcase_add_test(tests, thresholds_stand_for_31_descriptors);
    tcase_add_test(tests, a_tail_gives_and_never_takes);
    tcase_add_test(tests, the_packet_buffer_is_for_idle_units);
    suite_add_tcase(suite, tests);
    return suite;
}
