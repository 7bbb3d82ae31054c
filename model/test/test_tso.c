/* A large send cut in any way, on every kind of host, against a computation of its own. */
#include "rings.h"

enum { HDR = 54 };

static uint32_t add(uint32_t s, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        s += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
        s = (s & 0xffff) + (s >> 16);
    }
    return s;
}

static void store16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8), p[1] = (uint8_t)v;
}

/* [3.5.9] Segment n of count, TCP over IPv4. */
static uint32_t expected(uint8_t *out, const uint8_t *data, uint32_t n, uint32_t mss, uint32_t paylen)
{
    const uint32_t at = n * mss, size = paylen - at < mss ? paylen - at : mss;
    uint8_t length[2];

    memcpy(out, data, HDR);
    memcpy(out + HDR, data + HDR + at, size);
    store16(out + 16, size + 40);
    store16(out + 18, 0xfffe + n);
    store16(out + 40, 0xff00 + at);
    if (0xff00 + at > 0xffff)
        store16(out + 38, 0x1235);
    if (at + size < paylen)
        out[47] &= 0xf6;
    store16(out + 24, ~add(0, out + 14, 20));
    store16(length, size + 20);
    store16(out + 50, ~add(add(0, length, 2), out + 34, size + 20));
    return size + HDR;
}

START_TEST(any_cut_gives_the_same_segments)
{
    uint32_t seed = (uint32_t)_i + 77;

    for (unsigned round = 0; round < 12; round++) {
        const uint32_t most = round % 3 == 0 ? 30000 : 8000, longest = round % 2 == 0 ? 900 : 3000;
        const uint32_t paylen = 1 + rings_random(&seed) % most, mss = 500 + rings_random(&seed) % 1100;
        const uint32_t count = (paylen + mss - 1) / mss;
        uint8_t *data = fx.memory + TXB, want[2000];
        uint32_t d = 1, at = 0, octets = 0;
        uint64_t dcmd;

        rings_power((unsigned)_i % HOSTS, 0, _i >= HOSTS);
        for (uint32_t i = 0; i < HDR + paylen; i++)
            data[i] = (uint8_t)rings_random(&seed);
        memcpy(data + 12, "\x08\x00\x45\x00\x00\x00\xff\xfe\x40\x00\x40\x06\x00\x00", 14);
        memcpy(data + 38, "\x12\x34\xff\x00", 4);
        if (round % 4 != 3) { /* mostly a header with nothing special: no options, no CWR */
            data[46] = 0x50;
            data[47] &= 0x7f;
        }
        fx_put64(TXD + 8, paylen | UINT64_C(0x27) << 24 | (uint64_t)HDR << 40 | (uint64_t)mss << 48);
        while (at < HDR + paylen) {
            uint32_t n = at == 0 ? 1 + rings_random(&seed) % 60 : 1 + rings_random(&seed) % longest;

            n = n < HDR + paylen - at ? n : HDR + paylen - at;
            fx_put64(TXD + d * 16, TXB + at);
            dcmd = at + n == HDR + paylen ? 0x2f : rings_random(&seed) % 4 == 0 ? 0x2e : 0x26; /* RS on a few */
            fx_put64(TXD + d * 16 + 8, n | UINT64_C(1) << 20 | dcmd << 24 | UINT64_C(3) << 40);
            at += n;
            d++;
        }
        fx_put64(TXD, UINT64_C(0x00003222) << 32 | 0x0021180e); /* 14 24 33, 34 50 0 */
        fx.sent_count = 0;
        fx_write(E1000_TDBAL, TXD);
        fx_write(E1000_TDLEN, 256 * 16);
        fx_write(E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
        fx_write(E1000_TDT, d);
        fx_run(10 * MS);
        ck_assert_uint_eq(fx.sent_count, count);
        for (uint32_t n = 0; n < count; n++) {
            const uint32_t len = expected(want, data, n, mss, paylen);

            memset(want + len, 0, len < 60 ? 60 - len : 0);
            ck_assert_uint_eq(fx.sent[n].length, (len < 60 ? 60 : len) + 4); /* FCS */
            ck_assert_mem_eq(fx.sent[n].data, want, len < 60 ? 60 : len);
            octets += fx.sent[n].length;
        }
        ck_assert_uint_eq(fx_read(E1000_GPTC), count);
        ck_assert_uint_eq(fx_read(E1000_GOTCL), octets);
        ck_assert_uint_eq(fx_read(E1000_TSCTC), 1);
        ck_assert_uint_eq(fx_read(E1000_TSCTFC), 0);
        ck_assert_uint_eq(fx_read(E1000_TDH), d);
    }
}
END_TEST

enum { SENDS = 3, ADDRESS_TOO_HIGH = FX_MEMORY };

/* Several sends of one cut, the address of descriptor `refused` out of reach; what is left of the machine afterwards.
 */
static uint32_t machine_after(unsigned host, uint32_t seed, uint32_t refused)
{
    uint32_t digest = 0, d = 0;

    rings_power(host, 0, false);
    memset(fx.memory + TXB, 0x37, 65536);
    memcpy(fx.memory + TXB + 12, "\x08\x00\x45\x00\x00\x00\xff\xfe\x40\x00\x40\x06\x00\x00", 14);
    fx.memory[TXB + 46] = 0x50;
    fx_write(E1000_TDBAL, TXD);
    fx_write(E1000_TDLEN, 256 * 16);
    fx_write(E1000_TXDCTL, 3u << 25); /* LWTHRESH: 24 descriptors */
    fx_write(E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
    fx.sent_count = 0;
    for (unsigned send = 0; send < SENDS; send++) {
        const uint32_t paylen = 9000 + rings_random(&seed) % 6000, mss = 900 + rings_random(&seed) % 600;

        fx_put64(TXD + d * 16, UINT64_C(0x00003222) << 32 | 0x0021180e);
        fx_put64(TXD + d++ * 16 + 8, paylen | UINT64_C(0x27) << 24 | (uint64_t)HDR << 40 | (uint64_t)mss << 48);
        for (uint32_t at = 0, n; at < HDR + paylen; at += n, d++) {
            n = at == 0 ? HDR : 1 + rings_random(&seed) % 700;
            n = n < HDR + paylen - at ? n : HDR + paylen - at;
            fx_put64(TXD + d * 16, d == refused ? ADDRESS_TOO_HIGH : TXB + at);
            fx_put64(TXD + d * 16 + 8, n | UINT64_C(1) << 20 | UINT64_C(0x26) << 24 | UINT64_C(3) << 40 |
                                           (at + n == HDR + paylen ? UINT64_C(9) << 24 : 0));
            if (rings_random(&seed) % 16 == 0) { /* the driver goes on from here later */
                fx_write(E1000_TDT, d + 1);
                digest = rings_mix(digest, &(uint32_t){fx_read(E1000_TDH)}, 4);
                digest = rings_mix(digest, &(uint32_t){fx_read(E1000_ICR)}, 4);
            }
        }
        fx_write(E1000_TDT, d);
        fx_log_clear();
    }
    for (unsigned i = 0; i < fx.sent_count; i++)
        digest = rings_mix(digest, fx.sent[i].data, fx.sent[i].length);
    for (size_t n = 0; n < e1000_reg_count(); n++)
        digest = rings_mix(digest, &(uint32_t){fx_read(e1000_reg(n)->offset)}, 4);
    digest = rings_mix(digest, fx.memory + TXD, 256 * 16);
    if (host == HOST_TRACED || host == HOST_QUIET) /* what is sent from where it lies never comes there */
        for (uint32_t at = 0; at < 65536; at += 4) {
            digest = rings_mix(digest, &(uint32_t){fx_read(E1000_PBM + at)}, 4);
            fx_log_clear();
        }
    return digest;
}

START_TEST(a_run_leaves_behind_what_one_by_one_does)
{
    for (uint32_t seed = 0; seed < 12; seed++) {
        const uint32_t refused = seed % 3 == 2 ? 3 + seed : UINT32_MAX;

        ck_assert_uint_eq(machine_after(HOST_QUIET, seed, refused), machine_after(HOST_TRACED, seed, refused));
        ck_assert_uint_eq(machine_after(HOST_QUIET_MAPPED, seed, refused),
                          machine_after(HOST_TRACED_MAPPED, seed, refused));
    }
}
END_TEST

Suite *tso_suite(void);
Suite *tso_suite(void)
{
    Suite *s = suite_create("tso");
    TCase *t = tcase_create("segments");

    tcase_add_test(t, a_run_leaves_behind_what_one_by_one_does);
    tcase_add_loop_test(t, any_cut_gives_the_same_segments, 0, 2 * HOSTS);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return s;
}
