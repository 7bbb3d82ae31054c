/* Tags and checksums of received frames: pure functions, then the same frames on every kind of host. */
#include "../core.h"

#include "rings.h"

#include <stdlib.h>

START_TEST(tags_are_found_by_type)
{
    uint8_t f[17] = {0};

    f[12] = 0x81, f[14] = 0xe1, f[15] = 0x23;
    ck_assert(vlan_tagged(f, 16, 0x8100));
    ck_assert(!vlan_tagged(f, 15, 0x8100));
    ck_assert(!vlan_tagged(f, 16, 0x8101));
    ck_assert(!vlan_tagged(f, 16, 0x0081));
    ck_assert_uint_eq(vlan_tci(f), 0xe123);
}
END_TEST

START_TEST(each_vid_has_its_bit)
{
    uint32_t vfta[128] = {0};

    for (unsigned vid = 0; vid < 4096; vid++) {
        vfta[vid / 32] = 1u << vid % 32;
        for (unsigned other = 0; other < 4096; other += 7)
            if (vlan_listed(vfta, other | 0xf000) != (other == vid)) /* an assertion each would take seconds */
                ck_abort_msg("bit of %u: %u", vid, other);
        ck_assert(vlan_listed(vfta, vid));
        vfta[vid / 32] = 0;
    }
}
END_TEST

/* One's complement sum as the manual has it, a byte at a time. */
static uint32_t plain_sum(const uint8_t *p, size_t len)
{
    uint32_t s = 0;

    for (size_t i = 0; i < len; i++) {
        s += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
        s = (s & 0xffff) + (s >> 16);
    }
    return s;
}

static void start(unsigned host, uint32_t offloads, uint32_t ctrl, uint32_t rctl, uint32_t pcss)
{
    rings_power(host, offloads, false);
    for (unsigned i = 0; i < 64; i++)
        fx_put64(RXD + i * 16, RXB + i * BUF), fx_put64(RXD + i * 16 + 8, 0);
    fx_set(E1000_CTRL, ctrl);
    fx_write(E1000_VET, 0x8100);
    fx_write(E1000_RXCSUM, pcss);
    fx_write(E1000_RDBAL, RXD);
    fx_write(E1000_RDBAH, 0);
    fx_write(E1000_RDLEN, 64 * 16);
    fx_write(E1000_RCTL, E1000_MASK(RCTL, EN) | rctl);
    fx_write(E1000_RDT, 63);
}

START_TEST(packet_checksum_on_every_host)
{
    for (uint32_t pcss = 0; pcss < 256; pcss += 51) {
        start((unsigned)_i % HOSTS, 0, 0, _i < HOSTS ? E1000_MASK(RCTL, SECRC) : 0, pcss);
        for (uint32_t n = 0; n < 60; n++) {
            const uint32_t len = 60 + n * n / 3, stored = len + (_i < HOSTS ? 0 : 4);
            const uint8_t *f = rings_frame_fcs(STATION, len);
            const uint32_t want = pcss < stored ? ~plain_sum(f + pcss, stored - pcss) & 0xffff : 0xffff;

            e1000_frame_in(fx.dev, f, len, 0);
            ck_assert_uint_eq(fx_get16(RXD + n * 16 + 8), stored);
            ck_assert_hex_eq(fx_get16(RXD + n * 16 + 10), want);
        }
    }
}
END_TEST

START_TEST(a_host_may_do_without)
{
    start((unsigned)_i, E1000_OFFLOAD_PACKET_CHECKSUM, 0, E1000_MASK(RCTL, SECRC), 0);
    for (uint32_t n = 0; n < 4; n++) {
        e1000_frame_in(fx.dev, rings_frame(STATION, 60 + n), 60 + n, 0);
        ck_assert_hex_eq(fx_get32(RXD + n * 16 + 8), 60 + n);
    }
}
END_TEST

START_TEST(stripped_on_every_host)
{
    start((unsigned)_i, 0, E1000_MASK(CTRL, VME), E1000_MASK(RCTL, SECRC), 14);
    for (uint32_t n = 0; n < 40; n++) {
        const uint32_t len = 60 + n * 11;
        const bool tagged = n % 3 != 0;
        uint8_t *f = rings_frame(STATION, len), want[1000];

        f[12] = tagged ? 0x81 : 0x88, f[13] = 0, f[14] = (uint8_t)n, f[15] = 0x42;
        memcpy(want, f, 12);
        memcpy(want + 12, f + (tagged ? 16 : 12), len - (tagged ? 16 : 12));
        e1000_frame_in(fx.dev, f, len, 0);
        ck_assert_uint_eq(fx_get16(RXD + n * 16 + 8), len - (tagged ? 4 : 0));
        ck_assert_hex_eq(fx_get16(RXD + n * 16 + 10), ~plain_sum(want + 14, len - (tagged ? 18 : 14)) & 0xffff);
        ck_assert_hex_eq(fx_get16(RXD + n * 16 + 12), tagged ? 0x0f : 0x07); /* DD EOP IXSM, VP */
        ck_assert_hex_eq(fx_get16(RXD + n * 16 + 14), tagged ? n << 8 | 0x42 : 0);
        ck_assert_mem_eq(fx.memory + RXB + n * BUF, want, len - (tagged ? 4 : 0));
        ck_assert_uint_eq(fx.memory[RXB + n * BUF + len - (tagged ? 4 : 0)], GUARD);
    }
}
END_TEST

START_TEST(the_quick_sum_is_the_plain_one)
{
    static uint8_t f[700];
    uint32_t seed = 1;

    for (unsigned i = 0; i < sizeof f; i++)
        f[i] = (uint8_t)(rings_random(&seed) % 5 == 0 ? 0xff : rings_random(&seed));
    for (unsigned from = 0; from < 9; from++) {
        for (unsigned len = 0; len < 600; len++) {
            struct sum sum = {0};
            const unsigned cut = len > 0 ? rings_random(&seed) % len : 0;

            sum_add(&sum, f + from, cut);
            sum_add(&sum, f + from + cut, len - cut);
            ck_assert_uint_eq(sum_fold(&sum), plain_sum(f + from, len));
        }
    }
}
END_TEST

/* Whatever is on the wire: nothing beyond the frame is looked at (SAN=1 watches), and L4 needs its permission. */
START_TEST(any_bytes_may_come)
{
    uint32_t seed = (uint32_t)_i + 1;

    for (unsigned n = 0; n < 20000; n++) {
        const uint32_t len = rings_random(&seed) % 120;
        uint8_t *f = malloc(len + 1);

        for (uint32_t i = 0; i < len; i++)
            f[i] = (uint8_t)rings_random(&seed);
        if (len > 14 + 20) {
            static const uint8_t next[] = {0, 4, 6, 17, 41, 43, 60, 44};

            f[12] = n % 2 != 0 ? 0x08 : 0x86, f[13] = n % 2 != 0 ? 0 : 0xdd;
            f[14] = n % 2 != 0 ? 0x45 : 0x60;
            f[n % 2 != 0 ? 23 : 20] = next[rings_random(&seed) % 8];
            f[16] = f[18] = f[20] = 0;
        }
        if (offload_check(f, len, n % 5 == 0, n % 4).l4)
            ck_assert((n % 4 & LOOK_L4) != 0);
        free(f);
    }
}
END_TEST

Suite *vlan_suite(void);
Suite *vlan_suite(void)
{
    Suite *s = suite_create("vlan");
    TCase *t = tcase_create("receive");

    tcase_add_test(t, tags_are_found_by_type);
    tcase_add_test(t, each_vid_has_its_bit);
    tcase_add_loop_test(t, packet_checksum_on_every_host, 0, 2 * HOSTS);
    tcase_add_loop_test(t, a_host_may_do_without, 0, HOSTS);
    tcase_add_loop_test(t, stripped_on_every_host, 0, HOSTS);
    tcase_add_test(t, the_quick_sum_is_the_plain_one);
    tcase_add_loop_test(t, any_bytes_may_come, 0, 4);
    suite_add_tcase(s, t);
    return s;
}
