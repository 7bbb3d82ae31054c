/*
 * test_rx.c - receive: filters, lengths, counters, descriptors, the FIFO, interrupts [3.2, 13.4.22-32, 13.5, 13.7]
 */
#include "../core.h"

#include "rings.h"

#define NO_CSUM (~UINT64_C(0xffff0000)) /* test_vlan.c looks at the packet checksum */

/* RCTL [13.4.22] */
enum {
    EN = 1 << 1,
    SBP = 1 << 2,
    UPE = 1 << 3,
    MPE = 1 << 4,
    LPE = 1 << 5,
    BAM = 1 << 15,
    BSEX = 1 << 25,
    SECRC = 1 << 26,
};
enum { DD = 1, EOP = 2, IXSM = 4, PIF = 0x80, CE = 1, RXE = 0x80 };
enum { RXDMT0 = 0x10, RXO = 0x40, RXT0 = 0x80, SRPD = 0x10000 };
#define UNIT_NS UINT64_C(1024)

static uint32_t entries;

/* A ring of n descriptors with buffers of BUF bytes, all but the last given to the device; then RCTL. */
static void ring(uint32_t n, uint32_t rctl)
{
    entries = n;
    for (uint32_t i = 0; i < n; i++) {
        fx_put64(RXD + i * 16, RXB + (uint64_t)i * BUF);
        fx_put64(RXD + i * 16 + 8, 0);
    }
    fx_write(E1000_RDBAL, RXD);
    fx_write(E1000_RDBAH, 0);
    fx_write(E1000_RDLEN, n * 16);
    fx_write(E1000_RDH, 0);
    fx_write(E1000_RDT, n - 1);
    fx_write(E1000_RCTL, rctl);
    fx_read(E1000_ICR);
    fx_log_clear();
}

static void start(unsigned host)
{
    rings_power(host, 0, false);
    ring(16, EN | SECRC);
}

static void in(uint64_t dst, size_t len)
{
    e1000_frame_in(fx.dev, rings_frame(dst, len), len, 0);
}

static uint32_t length_of(uint32_t i)
{
    return fx_get16(RXD + i * 16 + 8);
}
static uint32_t status_of(uint32_t i)
{
    return fx.memory[RXD + i * 16 + 12];
}
static uint32_t errors_of(uint32_t i)
{
    return fx.memory[RXD + i * 16 + 13];
}
static uint8_t *buffer_of(uint32_t i)
{
    return fx.memory + RXB + (size_t)i * BUF;
}
static uint32_t head(void)
{
    return fx_read(E1000_RDH);
}

/* How many descriptors the device has used since the last time. */
static uint32_t used(void)
{
    static uint32_t last;
    const uint32_t now = head(), n = (now + entries - last) % entries;

    last = now;
    return n;
}

static bool accepted(uint64_t dst)
{
    const uint32_t before = head();

    in(dst, 60);
    if (head() == before)
        return false;
    fx_write(E1000_RDT, before);
    return true;
}

/* ---- filters [3.2.1, 13.5] ---- */

ON_EVERY_HOST(station_address_from_eeprom_is_accepted)
{
    start(host);
    ck_assert(accepted(STATION));
    ck_assert(!accepted(STATION + 1));
    ck_assert(!accepted(STATION ^ UINT64_C(1) << 47));
    ck_assert(!accepted(BROADCAST_ADDRESS));
    ck_assert(!accepted(0));
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM); /* not PIF */
}

ON_EVERY_HOST(each_of_sixteen_addresses_filters_every_byte)
{
    start(host);
    for (unsigned i = 0; i < 16; i++) {
        const uint64_t dst = UINT64_C(0x020406080a00) + i;

        fx_write(E1000_RAL + 8 * i, 0x08060402);
        fx_write(E1000_RAH + 8 * i, 0x80000000 | i << 8 | 0x0a);
        ck_assert(accepted(dst));
        for (unsigned bit = 0; bit < 48; bit += 5)
            if ((dst ^ UINT64_C(1) << bit) != dst - 1 || i == 0)
                ck_assert(!accepted(dst ^ UINT64_C(0x80000) << bit % 28));
        fx_write(E1000_RAH + 8 * i, i << 8 | 0x0a); /* not valid */
        ck_assert(!accepted(dst));
    }
}

ON_EVERY_HOST(group_addresses_can_be_exact)
{
    start(host);
    fx_write(E1000_RAL + 8, 0xffffffff);
    fx_write(E1000_RAH + 8, 0x8000ffff);
    ck_assert(accepted(BROADCAST_ADDRESS));
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM);
    ck_assert(!accepted(0x01005e7ffffa));
}

/* [13.5.3] AS: 0 destination, 1 source, 2 and 3 reserved */
ON_EVERY_HOST(address_select_chooses_the_source)
{
    start(host);
    fx_write(E1000_RAL + 8, 0x00000002);
    for (uint32_t as = 0; as < 4; as++) {
        fx_write(E1000_RAH + 8, 0x80009900 | as << 16);
        ck_assert(accepted(0x020000000099) == (as < 2)); /* it is the source of all */
        ck_assert(accepted(0x0200000000aa) == (as == 1));
        if (as == 1)
            ck_assert(accepted(BROADCAST_ADDRESS));
    }
    fx_write(E1000_RAL + 8, 0);
    fx_write(E1000_RAH + 8, 0x80010000);
    ck_assert(!accepted(0x0200000000aa));
}

/* A frame that ends before its source address has none. */
ON_EVERY_HOST(source_needs_twelve_bytes)
{
    start(host);
    fx_write(E1000_RCTL, EN | SECRC | SBP);
    fx_write(E1000_RAL + 8, 0x00000002);
    fx_write(E1000_RAH + 8, 0x80019900);
    in(0x0200000000aa, 12);
    ck_assert_uint_eq(head(), 1);
    in(0x0200000000aa, 11);
    ck_assert_uint_eq(head(), 1);
}

ON_EVERY_HOST(promiscuous_bits_split_unicast_and_multicast)
{
    start(host);
    fx_write(E1000_RCTL, EN | SECRC | UPE);
    ck_assert(accepted(0x020000000001));
    ck_assert(accepted(0xfeffffffffff));
    ck_assert(!accepted(0x010000000001));
    ck_assert(!accepted(BROADCAST_ADDRESS));
    fx_write(E1000_RCTL, EN | SECRC | MPE);
    ck_assert(!accepted(0x020000000001));
    ck_assert(accepted(0x010000000001));
    ck_assert(accepted(BROADCAST_ADDRESS));
    for (uint32_t i = 0; i < 16; i++)
        ck_assert(status_of(i) == 0 || status_of(i) == (DD | EOP | IXSM));
}

ON_EVERY_HOST(bam_accepts_broadcast_alone)
{
    start(host);
    fx_write(E1000_RCTL, EN | SECRC | BAM);
    ck_assert(accepted(BROADCAST_ADDRESS));
    ck_assert(!accepted(0xfffffffffffd));
    ck_assert(!accepted(0x7fffffffffff));
    ck_assert(!accepted(0x010000000001));
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM);
}

/* [13.5.1] the worked examples of datapath.md 11.1, and the manual's own */
ON_EVERY_HOST(hash_is_twelve_bits_of_the_address)
{
    static const struct {
        uint64_t dst;
        uint32_t mo, offset, mask;
    } example[] = {
        {0x01aa00123456, 0, 0x052ac, 0x00000008}, {0x01aa00123456, 1, 0x05358, 0x00000040},
        {0x01aa00123456, 2, 0x052b0, 0x00002000}, {0x01aa00123456, 3, 0x052c4, 0x00100000},
        {0x01005e7ffffa, 0, 0x053f4, 0x00008000}, {0x01005e7ffffa, 1, 0x053e8, 0x80000000},
        {0x01005e7ffffa, 2, 0x053d4, 0x80000000}, {0x01005e7ffffa, 3, 0x0535c, 0x80000000},
        {0x3333ff129abc, 0, 0x05378, 0x00000200}, {0x0180c2000001, 0, 0x05200, 0x00010000},
    };

    start(host);
    for (unsigned i = 0; i < 128; i++)
        fx_write(E1000_MTA + 4 * i, 0);
    for (unsigned i = 0; i < sizeof example / sizeof example[0]; i++) {
        fx_write(E1000_RCTL, EN | SECRC | example[i].mo << 12);
        ck_assert(!accepted(example[i].dst));
        fx_write(example[i].offset, example[i].mask);
        ck_assert(accepted(example[i].dst));
        fx_write(example[i].offset, ~example[i].mask);
        ck_assert(!accepted(example[i].dst));
        fx_write(example[i].offset, example[i].mask);
        ck_assert(!accepted(example[i].dst & ~(UINT64_C(1) << 40))); /* unicast: no hash */
        fx_write(example[i].offset, 0);
    }
}

ON_EVERY_HOST(pif_tells_a_hash_match_alone)
{
    start(host);
    fx_write(E1000_MTA + 0x2ac - 0x200, 8);
    in(0x01aa00123456, 60);
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM | PIF);
    fx_write(E1000_RCTL, EN | SECRC | MPE);
    in(0x01aa00123456, 60);
    ck_assert_hex_eq(status_of(1), DD | EOP | IXSM);
    fx_write(E1000_RCTL, EN | SECRC);
    fx_write(E1000_RAL + 8, 0x1200aa01);
    fx_write(E1000_RAH + 8, 0x80005634);
    in(0x01aa00123456, 60);
    ck_assert_hex_eq(status_of(2), DD | EOP | IXSM);
}

ON_EVERY_HOST(rejected_frames_leave_no_mark)
{
    start(host);
    in(0x020000000001, 60);
    ck_assert_hex_eq(fx_read(E1000_TPR), 0);
    ck_assert_hex_eq(fx_read(E1000_TORL), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    ck_assert_uint_eq(head(), 0);
    ck_assert_uint_eq(buffer_of(0)[0], GUARD);
}

START_TEST(no_frame_without_link_or_receiver)
{
    start(HOST_TRACED);
    fx_write(E1000_RCTL, SECRC | UPE);
    in(STATION, 60);
    ck_assert(fx_logged("drop 64 receiver off [13.4.22]"));
    fx_write(E1000_RCTL, EN | SECRC);
    e1000_partner(fx.dev, NULL);
    in(STATION, 60);
    ck_assert(fx_logged("drop 64 no link [8.6.5.2]"));
    ck_assert_uint_eq(head(), 0);
    ck_assert_hex_eq(fx_read(E1000_TPR), 0);
    fx_link_up();
    in(STATION, 60);
    ck_assert_uint_eq(head(), 1);
}
END_TEST

START_TEST(quiet_hosts_drop_without_link_or_receiver_too)
{
    start(HOST_QUIET);
    in(STATION, 60);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 2);
    fx_write(E1000_RCTL, SECRC | UPE);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 2);
    fx_write(E1000_RCTL, EN | SECRC);
    in(STATION, 60);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 4);
    e1000_partner(fx.dev, NULL);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 4);
    fx_link_up();
    in(STATION, 60);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 6);
    fx_write(E1000_CTRL, fx_read(E1000_CTRL) & ~(1u << 6)); /* SLU */
    in(STATION, 60);
    ck_assert_uint_eq(head(), 6);
    fx_write(E1000_CTRL, fx_read(E1000_CTRL) | 1u << 6);
    in(STATION, 60);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 8);
    e1000_pci_reset(fx.dev, true);
    in(STATION, 60);
    e1000_pci_reset(fx.dev, false);
    in(STATION, 60);
    ck_assert_uint_eq(fx.dev->r[R_RDH], 0);
}
END_TEST

/* ---- what is stored ---- */

START_TEST(fcs_is_stored_unless_stripped)
{
    const size_t len = 60 + (size_t)_i % 8;
    uint8_t *frame;

    for (unsigned host = 0; host < HOSTS; host++) {
        start(host);
        /* Stripped: with and without one on the way in. */
        in(STATION, len);
        frame = rings_frame_fcs(STATION, len);
        e1000_frame_in(fx.dev, frame, len + 4, E1000_FRAME_FCS);
        for (uint32_t i = 0; i < 2; i++) {
            ck_assert_uint_eq(length_of(i), len);
            ck_assert_mem_eq(buffer_of(i), frame, len);
            ck_assert_uint_eq(buffer_of(i)[len], GUARD);
        }
        /* Not stripped: worked out where there was none. */
        fx_write(E1000_RCTL, EN);
        e1000_frame_in(fx.dev, frame, len, 0);
        e1000_frame_in(fx.dev, frame, len + 4, E1000_FRAME_FCS);
        for (uint32_t i = 2; i < 4; i++) {
            ck_assert_uint_eq(length_of(i), len + 4);
            ck_assert_mem_eq(buffer_of(i), frame, len + 4);
            ck_assert_uint_eq(buffer_of(i)[len + 4], GUARD);
        }
        ck_assert_hex_eq(fx_read(E1000_GORCL), 4 * (len + 4));
    }
}
END_TEST

ON_EVERY_HOST(descriptor_is_written_whole)
{
    rings_power(host, 0, false);
    ring(16, 0);
    for (uint32_t i = 0; i < 16; i++)
        fx_put64(RXD + i * 16 + 8, UINT64_MAX);
    fx_write(E1000_RCTL, EN | SECRC | 3 << 16);
    in(STATION, 60);
    in(STATION, 61);
    in(STATION, 300);
    ck_assert_hex_eq(fx_get64(RXD + 8) & NO_CSUM, (uint64_t)(DD | EOP | IXSM) << 32 | 60);
    ck_assert_hex_eq(fx_get64(RXD + 24) & NO_CSUM, (uint64_t)(DD | EOP | IXSM) << 32 | 61);
    ck_assert_hex_eq(fx_get64(RXD + 40) & NO_CSUM, (uint64_t)DD << 32 | 256);
    ck_assert_hex_eq(fx_get64(RXD + 56) & NO_CSUM, (uint64_t)(DD | EOP | IXSM) << 32 | 44);
    for (uint32_t i = 0; i < 16; i++)
        ck_assert_hex_eq(fx_get64(RXD + i * 16), RXB + i * BUF);
    ck_assert_hex_eq(fx_get64(RXD + 72), UINT64_MAX);
}

/* [13.4.22] sizes and lengths at the edges of one and two buffers */
ON_EVERY_HOST(buffers_have_the_size_that_bsize_and_bsex_name)
{
    static const struct {
        uint32_t bsize, bsex, bytes;
    } size[] = {{0, 0, 2048},     {1, 0, 1024},    {2, 0, 512},    {3, 0, 256},
                {1, BSEX, 16384}, {2, BSEX, 8192}, {3, BSEX, 4096}};

    for (unsigned i = 0; i < sizeof size / sizeof size[0]; i++) {
        const uint32_t n = size[i].bytes;

        for (uint32_t total = n - 1; total <= n + 1; total++) {
            uint8_t *frame;

            if (total > 16380)
                continue;
            rings_power(host, 0, false);
            ring(16, 0);
            for (uint32_t k = 0; k < 16; k++)
                fx_put64(RXD + k * 16, RXB + k * 0x4100u);
            fx_write(E1000_RCTL, EN | SECRC | LPE | size[i].bsize << 16 | size[i].bsex);
            in(STATION, total);
            frame = rings_frame(STATION, total);
            ck_assert_uint_eq(head(), total > n ? 2 : 1);
            ck_assert_uint_eq(length_of(0), total > n ? n : total);
            ck_assert_mem_eq(fx.memory + RXB, frame, total > n ? n : total);
            ck_assert_uint_eq(fx.memory[RXB + (total > n ? n : total)], GUARD);
            ck_assert_hex_eq(status_of(0), total > n ? DD : DD | EOP | IXSM);
            if (total > n) {
                ck_assert_uint_eq(length_of(1), 1);
                ck_assert_uint_eq(fx.memory[RXB + 0x4100], frame[n]);
                ck_assert_uint_eq(fx.memory[RXB + 0x4101], GUARD);
                ck_assert_hex_eq(status_of(1), DD | EOP | IXSM);
            }
        }
    }
}

ON_EVERY_HOST(bsex_without_bsize_is_2048)
{
    rings_power(host, 0, false);
    ring(8, EN | SECRC | LPE | BSEX);
    in(STATION, 2048);
    ck_assert_uint_eq(head(), 1);
    in(STATION, 2049);
    ck_assert_uint_eq(head(), 3);
}

ON_EVERY_HOST(longest_frame_fills_sixty_four_small_buffers)
{
    uint8_t *frame, got[16384];

    rings_power(host, 0, false);
    ring(96, EN | LPE | 3 << 16);
    frame = rings_frame_fcs(STATION, 16380);
    e1000_frame_in(fx.dev, frame, 16384, E1000_FRAME_FCS);
    ck_assert_uint_eq(head(), 64);
    for (uint32_t i = 0; i < 64; i++) {
        ck_assert_uint_eq(length_of(i), 256);
        ck_assert_hex_eq(status_of(i), i < 63 ? DD : DD | EOP | IXSM);
        memcpy(got + 256 * i, buffer_of(i), 256);
    }
    ck_assert_mem_eq(got, frame, sizeof got);
}

/* A frame and its FCS in odd pieces: the FCS alone in the last buffer, or split. */
ON_EVERY_HOST(fcs_can_fall_between_buffers)
{
    rings_power(host, 0, false);
    ring(32, EN | 3 << 16);
    for (size_t len = 250; len <= 258; len++) {
        const uint32_t first = head();
        uint8_t *frame = rings_frame_fcs(STATION, len);

        e1000_frame_in(fx.dev, frame, len, 0);
        ck_assert_uint_eq(head() - first, len + 4 > 256 ? 2 : 1);
        ck_assert_mem_eq(buffer_of(first), frame, len + 4 > 256 ? 256 : len + 4);
        ck_assert_uint_eq(buffer_of(first)[len + 4 > 256 ? 256 : len + 4], GUARD);
        if (len + 4 > 256) {
            ck_assert_uint_eq(length_of(first + 1), len + 4 - 256);
            ck_assert_mem_eq(buffer_of(first + 1), frame + 256, len + 4 - 256);
        }
    }
}

/* [3.2.5.2] DD, and every other bit as it was */
ON_EVERY_HOST(null_descriptors_are_passed_over)
{
    start(host);
    fx_write(E1000_RCTL, 0);
    fx_write(E1000_RDH, 0);
    fx_put64(RXD, 0);
    fx_put64(RXD + 8, UINT64_C(0x12345678fa9abcde));
    fx_put64(RXD + 16, 0);
    fx_put64(RXD + 16 * 3, 0);
    fx_write(E1000_RCTL, EN | SECRC | 3 << 16);
    in(STATION, 300); /* 256 and 44, a null descriptor between them */
    ck_assert_uint_eq(head(), 5);
    ck_assert_hex_eq(fx_get64(RXD), 0);
    ck_assert_hex_eq(fx_get64(RXD + 8), UINT64_C(0x12345679fa9abcde) | 0);
    ck_assert_hex_eq(fx_get64(RXD + 24), UINT64_C(1) << 32);
    ck_assert_hex_eq(fx_get64(RXD + 16 * 3 + 8), UINT64_C(1) << 32);
    ck_assert_uint_eq(length_of(2), 256);
    ck_assert_hex_eq(status_of(2), DD);
    ck_assert_uint_eq(length_of(4), 44);
    ck_assert_hex_eq(status_of(4), DD | EOP | IXSM);
    ck_assert_mem_eq(buffer_of(2), rings_frame(STATION, 300), 256);
    ck_assert_mem_eq(buffer_of(4), rings_frame(STATION, 300) + 256, 44);
}

ON_EVERY_HOST(a_ring_of_null_descriptors_ends)
{
    rings_power(host, 0, false);
    ring(16, 0);
    for (uint32_t i = 0; i < 16; i++)
        fx_put64(RXD + i * 16, 0);
    fx_write(E1000_RCTL, EN | SECRC);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 15);
    ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, 0);
    fx_put64(RXD + 15 * 16, RXB); /* one with a buffer at last */
    fx_write(E1000_RDT, 0);
    ck_assert_uint_eq(length_of(15), 60);
    ck_assert_uint_eq(head(), 0);
}

/* ---- lengths and errors [13.4.22, 13.7] ---- */

struct counts {
    uint32_t crcerrs, algnerrc, rxerrc, mpc, cexterr, rlec, gprc, bprc, mprc, gorc, rnbc, ruc, rfc, roc, rjc, tor, tpr;
    uint32_t prc[6];
};

static struct counts counts(void)
{
    struct counts c = {.crcerrs = fx_read(0x4000),
                       .algnerrc = fx_read(0x4004),
                       .rxerrc = fx_read(0x400c),
                       .mpc = fx_read(0x4010),
                       .cexterr = fx_read(0x403c),
                       .rlec = fx_read(0x4040),
                       .gprc = fx_read(0x4074),
                       .bprc = fx_read(0x4078),
                       .mprc = fx_read(0x407c),
                       .gorc = fx_read(0x4088),
                       .rnbc = fx_read(0x40a0),
                       .ruc = fx_read(0x40a4),
                       .rfc = fx_read(0x40a8),
                       .roc = fx_read(0x40ac),
                       .rjc = fx_read(0x40b0),
                       .tor = fx_read(0x40c0),
                       .tpr = fx_read(0x40d0)};

    fx_read(0x408c), fx_read(0x40c4);
    for (unsigned i = 0; i < 6; i++)
        c.prc[i] = fx_read(0x405c + 4 * i);
    return c;
}

static void expect_counts(struct counts want, const char *what)
{
    const struct counts got = counts();

    ck_assert_msg(
        memcmp(&got, &want, sizeof got) == 0,
        "%s: crc %u align %u rxerr %u mpc %u cext %u rlec %u gprc %u bprc %u mprc %u gorc %u rnbc %u ruc %u rfc %u "
        "roc %u rjc %u tor %u tpr %u prc %u %u %u %u %u %u",
        what, got.crcerrs, got.algnerrc, got.rxerrc, got.mpc, got.cexterr, got.rlec, got.gprc, got.bprc, got.mprc,
        got.gorc, got.rnbc, got.ruc, got.rfc, got.roc, got.rjc, got.tor, got.tpr, got.prc[0], got.prc[1], got.prc[2],
        got.prc[3], got.prc[4], got.prc[5]);
}

/* len counts the FCS, as the manual's lengths do. */
static void arrive(uint64_t dst, uint32_t len, bool good_fcs, uint32_t flags)
{
    uint8_t *frame = rings_frame_fcs(dst, len - 4);

    if (!good_fcs)
        frame[len - 1] ^= 0x80;
    e1000_frame_in(fx.dev, frame, len, E1000_FRAME_FCS | flags);
}

ON_EVERY_HOST(good_frames_count_by_size)
{
    static const uint32_t length[][2] = {{64, 0},  {65, 1},  {127, 1},  {128, 2},  {255, 2}, {256, 3},
                                         {511, 3}, {512, 4}, {1023, 4}, {1024, 5}, {1522, 5}};

    start(host);
    for (unsigned i = 0; i < sizeof length / sizeof length[0]; i++) {
        const uint32_t len = length[i][0];
        struct counts want = {.tpr = 2, .gprc = 2, .tor = 2 * len, .gorc = 2 * len};

        want.prc[length[i][1]] = 2;
        arrive(STATION, len, true, 0);
        in(STATION, len - 4); /* the same without its FCS */
        expect_counts(want, "good");
        fx_write(E1000_RDT, (head() + 15) % 16);
    }
    ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, RXT0);
}

ON_EVERY_HOST(group_frames_count_as_what_they_are)
{
    start(host);
    fx_write(E1000_RCTL, EN | SECRC | BAM | MPE);
    in(BROADCAST_ADDRESS, 60);
    expect_counts((struct counts){.tpr = 1, .gprc = 1, .tor = 64, .gorc = 64, .prc = {1}, .bprc = 1}, "broadcast");
    in(0x010000000000, 60);
    expect_counts((struct counts){.tpr = 1, .gprc = 1, .tor = 64, .gorc = 64, .prc = {1}, .mprc = 1}, "multicast");
    fx_write(E1000_RCTL, EN | SECRC | MPE); /* [13.7.28] broadcasts count only with BAM */
    in(BROADCAST_ADDRESS, 60);
    expect_counts((struct counts){.tpr = 1, .gprc = 1, .tor = 64, .gorc = 64, .prc = {1}}, "BAM=0");
    arrive(0x010000000000, 80, false, 0); /* not a good one */
    expect_counts((struct counts){.tpr = 1, .tor = 80, .crcerrs = 1}, "bad multicast");
}

ON_EVERY_HOST(short_frames_are_undersize_or_fragments)
{
    start(host);
    arrive(STATION, 63, true, 0);
    expect_counts((struct counts){.tpr = 1, .tor = 63, .rlec = 1, .ruc = 1}, "63 good");
    arrive(STATION, 63, false, 0);
    expect_counts((struct counts){.tpr = 1, .tor = 63, .rlec = 1, .rfc = 1}, "63 bad");
    in(STATION, 59);
    expect_counts((struct counts){.tpr = 1, .tor = 63, .rlec = 1, .ruc = 1}, "59 without FCS");
    arrive(STATION, 63, true, E1000_FRAME_RX_ER | E1000_FRAME_ALIGN); /* [13.7.2, 13.7.4] from 64 bytes on */
    expect_counts((struct counts){.tpr = 1, .tor = 63, .rlec = 1, .ruc = 1}, "63 with errors");
    ck_assert_uint_eq(head(), 0);
    arrive(STATION, 64, true, 0);
    ck_assert_uint_eq(head(), 1);
    counts();
    for (uint32_t len = 1; len < 6; len++) /* no address: nothing to say about it */
        e1000_frame_in(fx.dev, rings_frame(STATION, len), len, 0);
    expect_counts((struct counts){0}, "fragments");
    e1000_frame_in(fx.dev, rings_frame(STATION, 9), 9, E1000_FRAME_FCS);
    expect_counts((struct counts){0}, "nine bytes with FCS");
    in(STATION, 6);
    expect_counts((struct counts){.tpr = 1, .tor = 10, .rlec = 1, .ruc = 1}, "an address alone");
}

ON_EVERY_HOST(long_frames_are_oversize_by_lpe)
{
    start(host);
    arrive(STATION, 1522, true, 0);
    ck_assert_uint_eq(head(), 1);
    counts();
    arrive(STATION, 1523, true, 0);
    expect_counts((struct counts){.tpr = 1, .tor = 1523, .rlec = 1, .roc = 1}, "1523");
    in(STATION, 1519);
    expect_counts((struct counts){.tpr = 1, .tor = 1523, .rlec = 1, .roc = 1}, "1523 without FCS");
    arrive(STATION, 1523, false, 0);
    expect_counts((struct counts){.tpr = 1, .tor = 1523, .rlec = 1, .rjc = 1, .crcerrs = 1}, "1523 bad");
    ck_assert_uint_eq(head(), 1);
    fx_write(E1000_RCTL, EN | SECRC | LPE);
    arrive(STATION, 1523, true, 0);
    expect_counts((struct counts){.tpr = 1, .gprc = 1, .tor = 1523, .gorc = 1523, .prc = {0, 0, 0, 0, 0, 1}}, "LPE");
    arrive(STATION, 16384, true, 0);
    expect_counts((struct counts){.tpr = 1, .gprc = 1, .tor = 16384, .gorc = 16384, .prc = {0, 0, 0, 0, 0, 1}}, "LPE");
    fx_write(E1000_RDT, (head() + 15) % 16);
    fx_write(E1000_RCTL, EN | SECRC | LPE | SBP); /* even with SBP */
    used();
    arrive(STATION, 16385, true, 0);
    expect_counts((struct counts){.tpr = 1, .tor = 16385, .rlec = 1, .roc = 1}, "16385");
    arrive(STATION, 16385, false, 0);
    expect_counts((struct counts){.tpr = 1, .tor = 16385, .rlec = 1, .rjc = 1, .crcerrs = 1}, "16385 bad");
    in(STATION, 30000);
    expect_counts((struct counts){.tpr = 1, .tor = 30004, .rlec = 1, .roc = 1}, "30004");
    ck_assert_uint_eq(used(), 0);
}

ON_EVERY_HOST(faults_count_each_by_its_name)
{
    start(host); /* at 1000 Mb/s */
    arrive(STATION, 64, false, 0);
    expect_counts((struct counts){.tpr = 1, .tor = 64, .crcerrs = 1}, "crc");
    arrive(STATION, 64, true, E1000_FRAME_RX_ER);
    expect_counts((struct counts){.tpr = 1, .tor = 64, .rxerrc = 1}, "rx_er");
    arrive(STATION, 64, false, E1000_FRAME_RX_ER);
    expect_counts((struct counts){.tpr = 1, .tor = 64, .rxerrc = 1, .crcerrs = 1}, "rx_er and crc");
    arrive(STATION, 64, true, E1000_FRAME_ALIGN); /* [13.7.2] 10 and 100 only */
    expect_counts((struct counts){.tpr = 1, .tor = 64}, "align at 1000");
    arrive(STATION, 64, true, E1000_FRAME_CEXT);
    expect_counts((struct counts){.tpr = 1, .tor = 64, .cexterr = 1}, "cext");
    arrive(STATION, 63, true, E1000_FRAME_CEXT); /* [13.7.14] names no length */
    expect_counts((struct counts){.tpr = 1, .tor = 63, .rlec = 1, .ruc = 1, .cexterr = 1}, "short cext");
    fx.dev->link.speed = 100;
    arrive(STATION, 64, true, E1000_FRAME_ALIGN);
    expect_counts((struct counts){.tpr = 1, .tor = 64, .algnerrc = 1}, "align at 100");
    arrive(STATION, 64, true, E1000_FRAME_CEXT);
    expect_counts((struct counts){.tpr = 1, .tor = 64}, "cext at 100");
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, E1000_FRAME_RX_ER); /* without FCS */
    expect_counts((struct counts){.tpr = 1, .tor = 64, .rxerrc = 1}, "rx_er without FCS");
    ck_assert_uint_eq(head(), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}

ON_EVERY_HOST(store_bad_packets_shows_what_is_wrong)
{
    start(host);
    fx_write(E1000_RCTL, EN | SBP);
    arrive(STATION, 64, false, 0);
    ck_assert_hex_eq(errors_of(0), CE);
    ck_assert_uint_eq(length_of(0), 64);
    ck_assert_uint_eq(buffer_of(0)[63], (uint8_t)(rings_fcs(rings_frame(STATION, 60), 60) >> 24 ^ 0x80));
    arrive(STATION, 64, true, E1000_FRAME_RX_ER);
    ck_assert_hex_eq(errors_of(1), RXE);
    arrive(STATION, 64, true, E1000_FRAME_ALIGN);
    ck_assert_hex_eq(errors_of(2), CE);
    arrive(STATION, 64, true, E1000_FRAME_CEXT);
    ck_assert_hex_eq(errors_of(3), 0);
    arrive(STATION, 63, false, E1000_FRAME_RX_ER);
    ck_assert_hex_eq(errors_of(4), CE | RXE);
    ck_assert_uint_eq(length_of(4), 63);
    arrive(STATION, 20, true, 0);
    ck_assert_hex_eq(errors_of(5), 0);
    ck_assert_uint_eq(length_of(5), 20);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_hex_eq(status_of(i), DD | EOP | IXSM);
    arrive(STATION, 1523, true, 0);       /* oversize is dropped all the same */
    arrive(0x020000000001, 64, false, 0); /* as is what no filter passes */
    ck_assert_uint_eq(head(), 6);
    counts();
    arrive(STATION, 64, false, 0); /* stored or not, it is not a good one */
    expect_counts((struct counts){.tpr = 1, .tor = 64, .crcerrs = 1}, "stored");
    arrive(STATION, 300, true, 0);
    ck_assert_hex_eq(errors_of(7), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0 | RXDMT0);
}

ON_EVERY_HOST(errors_stand_in_the_last_descriptor_only)
{
    start(host);
    fx_write(E1000_RCTL, EN | SBP | 3 << 16);
    fx_write(E1000_MTA + 0x2ac - 0x200, 8);
    arrive(0x01aa00123456, 300, false, 0);
    ck_assert_hex_eq(status_of(0), DD);
    ck_assert_hex_eq(errors_of(0), 0);
    ck_assert_hex_eq(status_of(1), DD | EOP | IXSM | PIF);
    ck_assert_hex_eq(errors_of(1), CE);
}

ON_EVERY_HOST(counters_stick_at_the_top)
{
    static const uint16_t offset[] = {0x405c, 0x4074, 0x40d0, 0x407c};

    start(host);
    fx_write(E1000_RCTL, EN | SECRC | MPE);
    fx.dev->r[R_PRC64] = fx.dev->r[R_GPRC] = fx.dev->r[R_TPR] = fx.dev->r[R_MPRC] = 0xfffffffe;
    fx.dev->r[R_GORCL] = 0xfffffff0;
    fx.dev->r[R_TORL] = 0xfffffff0, fx.dev->r[R_TORH] = 0xffffffff;
    for (unsigned i = 0; i < 3; i++)
        in(0x010000000000, 60);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_hex_eq(fx_read(offset[i]), 0xffffffff);
    ck_assert_hex_eq(fx_read(E1000_GORCL), 0xfffffff0u + 192u);
    ck_assert_hex_eq(fx_read(E1000_GORCH), 1);
    ck_assert_hex_eq(fx_read(E1000_TORL), 0xffffffff);
    ck_assert_hex_eq(fx_read(E1000_TORH), 0xffffffff);
}

ON_EVERY_HOST(reset_forgets_frames_not_yet_counted)
{
    start(host);
    in(STATION, 60);
    in(STATION, 60);
    fx_write(E1000_CTRL, 1u << 26);
    fx_run(FX_LOAD_NS);
    expect_counts((struct counts){0}, "after CTRL.RST");
}

/* ---- the ring ---- */

ON_EVERY_HOST(ring_wraps_and_stops_at_the_tail)
{
    start(host);
    for (uint32_t n = 0; n < 100; n++) {
        const uint32_t i = n % 16;

        in(STATION, 60 + n);
        ck_assert_uint_eq(length_of(i), 60 + n);
        ck_assert_hex_eq(status_of(i), DD | EOP | IXSM);
        ck_assert_uint_eq(buffer_of(i)[20], (uint8_t)(20 * 7 + 60 + n));
        ck_assert_uint_eq(head(), (n + 1) % 16);
        fx_write(E1000_RDT, i);
    }
    for (uint32_t n = 0; n < 15; n++)
        in(STATION, 60);
    ck_assert_uint_eq(head(), fx_read(E1000_RDT));
    in(STATION, 60);
    ck_assert_uint_eq(head(), fx_read(E1000_RDT));
}

ON_EVERY_HOST(descriptor_addresses_have_64_bits)
{
    start(host);
    fx_write(E1000_RCTL, 0);
    fx_write(E1000_RDBAH, 1);
    fx_write(E1000_RCTL, EN | SECRC);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) >> 13 & 1, 1);
    fx_write(E1000_RCTL, 0);
    fx_write(E1000_RDBAH, 0);
    fx_put32(RXD + 4, 1); /* a buffer above 4 GB */
    fx_write(E1000_RCTL, EN | SECRC);
    ck_assert_uint_eq(head(), 0);
    ck_assert_uint_eq(buffer_of(0)[0], GUARD);
}

START_TEST(fetch_is_one_burst_up_to_the_tail)
{
    rings_power(HOST_TRACED, 0, false);
    ring(128, 0);
    fx_write(E1000_RDT, 100);
    fx_write(E1000_RCTL, EN | SECRC);
    fx_expect_log("wr RDT 00000064\nwr RCTL 04000002\ndma rd rxd[0] x64 00001000 1024\n");
    fx_log_clear();
    for (uint32_t i = 0; i < 64; i++)
        in(STATION, 60);
    ck_assert_uint_eq(fx_log_count("dma rd"), 0);
    in(STATION, 60);
    ck_assert_str_eq(fx_log_only("dma rd"), "dma rd rxd[64] x36 00001400 576\n");
}
END_TEST

/* [3.2.4 silent on what a driver changes later; hostile guests] */
ON_EVERY_HOST(each_descriptor_is_read_once)
{
    start(host);
    for (uint32_t i = 0; i < 16; i++)
        fx_put64(RXD + i * 16, RXB + 0x40000);
    in(STATION, 60);
    ck_assert_mem_eq(buffer_of(0), rings_frame(STATION, 60), 60);
    ck_assert_uint_eq(fx.memory[RXB + 0x40000], GUARD);
    ck_assert_hex_eq(fx_get64(RXD), RXB); /* written back whole */
}

ON_EVERY_HOST(misprogrammed_rings_do_nothing)
{
    static const struct {
        uint32_t rdlen, rdh, rdt;
        const char *rule;
    } wrong[] = {{0, 0, 0, "bad ring-length-zero RDLEN 00000000"},
                 {128, 0, 8, "bad tail-outside-ring RDT 00000008"},
                 {128, 0, 0xffff, "bad tail-outside-ring RDT 0000ffff"},
                 {128, 8, 7, "bad head-outside-ring RDH 00000008"},
                 {0xfff80, 0xffff, 0xffff, "bad tail-outside-ring RDT 0000ffff"}};

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        start(host);
        fx_write(E1000_RCTL, 0);
        fx_write(E1000_RDLEN, wrong[i].rdlen);
        fx_write(E1000_RDH, wrong[i].rdh);
        fx_write(E1000_RCTL, EN | SECRC);
        fx_write(E1000_RDT, wrong[i].rdt);
        if (fx.host.trace != NULL)
            ck_assert_msg(fx_logged(wrong[i].rule), "%s", fx.log);
        fx_log_clear();
        in(STATION, 60);
        in(STATION, 60);
        ck_assert_uint_eq(fx_log_count("dma"), 0);
        ck_assert_hex_eq(fx_read(E1000_RDH), wrong[i].rdh);
        ck_assert_hex_eq(fx_read(E1000_ICR), 0);
        ck_assert_hex_eq(fx_read(E1000_TPR), 2); /* they wait in the FIFO */
    }
}

ON_EVERY_HOST(ring_edges_are_inside)
{
    start(host);
    fx_write(E1000_RCTL, 0);
    fx_write(E1000_RDH, 15);
    fx_write(E1000_RDT, 0);
    fx_write(E1000_RCTL, EN | SECRC);
    in(STATION, 60);
    ck_assert_uint_eq(length_of(15), 60);
    ck_assert_uint_eq(head(), 0);
    ck_assert_uint_eq(fx_log_count("bad"), 0);
}

ON_EVERY_HOST(bus_master_off_keeps_frames_waiting)
{
    start(host);
    e1000_config_write(fx.dev, 4, 2, 3);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 0);
    ck_assert_uint_eq(buffer_of(0)[0], GUARD);
    fx_write(E1000_RDT, 14);
    if (fx.host.trace != NULL)
        ck_assert(fx_logged("bad bus-master-off RDT 0000000e"));
    ck_assert_uint_eq(head(), 0);
    e1000_config_write(fx.dev, 4, 2, 7);
    ck_assert_uint_eq(head(), 1);
    in(STATION, 61);
    in(STATION, 62);
    ck_assert_uint_eq(head(), 3);
}

/* [4.1 Command, 3.2.7.1.1] By timer, by FPD, by a lower threshold: what is written back waits, and what tells of it. */
ON_EVERY_HOST(delayed_write_backs_wait_for_the_bus)
{
    for (unsigned way = 0; way < 4; way++) {
        unsigned writes;

        start(host);
        fx_write(E1000_RXDCTL, 1u << 24 | 8 << 16);
        fx_write(E1000_RDTR, way < 2 ? 100 : 60000);
        fx_write(E1000_RADV, way == 1 ? 50 : 0);
        in(STATION, 60);
        writes = fx.dma_writes;
        e1000_config_write(fx.dev, 4, 2, 3);
        fx_run(MS);
        if (way == 2)
            fx_write(E1000_RDTR, 0x80000000 | 60000);
        if (way == 3)
            fx_write(E1000_RXDCTL, 1u << 24 | 1 << 16);
        ck_assert_uint_eq(fx.dma_writes, writes);
        ck_assert_uint_eq(head(), 0);
        ck_assert_hex_eq(fx_read(E1000_ICR), 0);
        ck_assert(!e1000_dma_waits(fx.dev));
        e1000_config_write(fx.dev, 4, 2, 7);
        ck_assert_uint_eq(fx.dma_writes, writes + 1);
        ck_assert_uint_eq(head(), 1);
        ck_assert_hex_eq(status_of(0), DD | EOP | IXSM);
        ck_assert_hex_eq(fx_read(E1000_ICR), way < 3 ? RXT0 : 0);
        e1000_config_write(fx.dev, 4, 2, 3);
        e1000_config_write(fx.dev, 4, 2, 7);
        ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    }
}

/* [3.2.7.1.1] No write-back before it, so no cycle: the interrupt does not wait. */
ON_EVERY_HOST(an_interrupt_alone_needs_no_bus)
{
    start(host);
    fx_write(E1000_RDTR, 100);
    in(STATION, 60);
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM);
    e1000_config_write(fx.dev, 4, 2, 3);
    fx_run(MS);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    e1000_config_write(fx.dev, 4, 2, 7);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}

/* [13.4.28 silent] The frame that has two of its six buffers goes on where the ring begins now, with RDT or EN. */
ON_EVERY_HOST(a_waiting_frame_outlives_a_new_head)
{
    uint8_t got[1500];

    for (unsigned by_tail = 0; by_tail < 2; by_tail++) {
        start(host);
        fx_write(E1000_RCTL, 0);
        fx_write(E1000_RDH, 0);
        fx_write(E1000_RDT, 2);
        fx_write(E1000_RCTL, EN | SECRC | 3 << 16);
        in(STATION, 1500); /* 256 bytes each */
        ck_assert_uint_eq(head(), 2);
        if (!by_tail)
            fx_write(E1000_RCTL, SECRC | 3 << 16);
        fx_write(E1000_RDH, 8);
        if (!by_tail)
            fx_write(E1000_RDT, 15);
        ck_assert_uint_eq(head(), 8);
        ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, 0);
        fx_write(by_tail ? E1000_RDT : E1000_RCTL, by_tail ? 15 : EN | SECRC | 3 << 16);
        ck_assert_uint_eq(head(), 12);
        ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, RXT0);
        for (uint32_t i = 0; i < 6; i++) {
            const uint32_t at = i < 2 ? i : 6 + i;

            ck_assert_hex_eq(status_of(at), i < 5 ? DD : DD | EOP | IXSM);
            memcpy(got + 256 * i, buffer_of(at), length_of(at));
        }
        ck_assert_mem_eq(got, rings_frame(STATION, 1500), 1500);
    }
}

START_TEST(writing_the_head_drops_what_is_on_chip)
{
    start(HOST_TRACED);
    in(STATION, 60);
    fx_log_clear();
    fx_write(E1000_RDH, 5);
    ck_assert(fx_logged("bad head-write-while-on RDH 00000005"));
    in(STATION, 60);
    ck_assert(fx_logged("dma rd rxd[5] x10 00001050 160"));
    ck_assert_uint_eq(length_of(5), 60);
    fx_write(E1000_RCTL, 0);
    fx_log_clear();
    fx_write(E1000_RDH, 0);
    ck_assert_uint_eq(fx_log_count("bad"), 0);
}
END_TEST

ON_EVERY_HOST(moving_the_ring_fetches_again)
{
    start(host);
    memcpy(fx.memory + 0x3000, fx.memory + RXD, 256);
    fx_put64(0x3000, RXB + 0x20000);
    in(STATION, 60);
    fx_write(E1000_RDBAL, 0x3000);
    in(STATION, 61);
    ck_assert_hex_eq(fx.memory[0x3000 + 16 + 12], DD | EOP | IXSM); /* goes on at the head, in the new ring */
    ck_assert_hex_eq(status_of(1), 0);
    fx_write(E1000_RDBAL, 0x3000); /* the same again moves nothing */
    fx_put64(0x3000 + 32, 0);
    in(STATION, 62);
    ck_assert_uint_eq(fx_get16(0x3000 + 32 + 8), 62);
    fx_write(E1000_RDLEN, 8 * 16);
    fx_write(E1000_RDT, 7);
    for (uint32_t i = 3; i < 7; i++)
        in(STATION, 60);
    ck_assert_uint_eq(head(), 7);
}

ON_EVERY_HOST(receiver_stops_and_goes_on)
{
    start(host);
    in(STATION, 60);
    fx_write(E1000_RCTL, SECRC);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 1);
    fx_write(E1000_RDH, 1); /* what is on chip is dropped */
    fx_write(E1000_RDT, 3); /* a tail while it is off is taken when it is on */
    ck_assert_uint_eq(head(), 1);
    fx_write(E1000_RCTL, SECRC | EN);
    in(STATION, 60);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 3);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 3);
    fx_write(E1000_RCTL, SECRC); /* what waits stays over EN=0 [13.4.22] */
    fx_write(E1000_RDT, 10);
    ck_assert_uint_eq(head(), 3);
    fx_write(E1000_RCTL, SECRC | EN);
    ck_assert_uint_eq(head(), 4);
}

/* ---- DMA refused ---- */

ON_EVERY_HOST(refused_buffer_loses_the_frame_and_stops)
{
    start(host);
    in(STATION, 60);
    fx.refuse_at = RXB + BUF, fx.refuse_len = 1;
    in(STATION, 61);
    ck_assert_uint_eq(head(), 1);
    ck_assert_hex_eq(status_of(1), 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) >> 13 & 1, 1);
    fx.refuse_len = 0;
    in(STATION, 62); /* waits: the unit stands until its tail is written */
    ck_assert_uint_eq(head(), 1);
    fx_write(E1000_RDT, 15);
    ck_assert_uint_eq(head(), 2);
    ck_assert_uint_eq(length_of(1), 62);
    in(STATION, 63);
    in(STATION, 64);
    ck_assert_uint_eq(head(), 4);
    expect_counts((struct counts){.tpr = 5, .gprc = 5, .tor = 330, .gorc = 330, .prc = {1, 4}},
                  "all passed the filter");
}

ON_EVERY_HOST(refused_buffer_of_the_last_descriptor_loses_the_frame)
{
    start(host);
    for (unsigned i = 0; i < 15; i++)
        in(STATION, 60);
    fx_write(E1000_RDT, 14);
    fx.refuse_at = RXB + 15 * BUF, fx.refuse_len = 1;
    in(STATION, 61);
    ck_assert_uint_eq(head(), 15);
    ck_assert_hex_eq(status_of(15), 0);
    fx.refuse_len = 0;
    fx_write(E1000_RDT, 14);
    in(STATION, 62);
    ck_assert_uint_eq(head(), 0);
    ck_assert_uint_eq(length_of(15), 62);
    in(STATION, 63);
    ck_assert_uint_eq(head(), 1);
    ck_assert_uint_eq(length_of(0), 63);
}

/* [13.7] "sticks at ffffffff": what frames have added since somebody looked, too. */
ON_EVERY_HOST(frames_not_yet_in_the_registers_do_not_wrap)
{
    start(host);
    in(STATION, 70);
    fx.dev->rx.tally.frames[1] = UINT32_MAX - 2;
    fx_write(E1000_RDT, 15);
    for (unsigned i = 0; i < 5; i++)
        in(STATION, 70);
    ck_assert_hex_eq(fx_read(E1000_PRC127), UINT32_MAX);
    ck_assert_hex_eq(fx_read(E1000_GPRC), UINT32_MAX);
}

ON_EVERY_HOST(refused_second_buffer_loses_the_frame)
{
    start(host);
    fx_write(E1000_RCTL, EN | SECRC | 3 << 16);
    fx.refuse_at = RXB + BUF, fx.refuse_len = 256;
    in(STATION, 600);
    ck_assert_uint_eq(head(), 0); /* nor is a frame begun that has no end */
    ck_assert_hex_eq(status_of(0), 0);
    fx.refuse_len = 0;
    fx_write(E1000_RDT, 14);
    in(STATION, 61);
    ck_assert_uint_eq(length_of(0), 61);
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM);
    ck_assert_uint_eq(head(), 1);
}

ON_EVERY_HOST(refused_write_back_goes_on)
{
    start(host);
    fx.refuse_at = RXD, fx.refuse_len = 16;
    in(STATION, 60);
    ck_assert_uint_eq(head(), 1);
    ck_assert_hex_eq(status_of(0), 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) >> 13 & 1, 1);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 2);
    ck_assert_hex_eq(status_of(1), DD | EOP | IXSM);
}

/* [3.2.4] Fewer than PTHRESH on chip, at least HTHRESH in memory: read ahead, and not again. */
ON_EVERY_HOST(descriptors_are_prefetched_by_the_thresholds)
{
    for (uint32_t hthresh = 4; hthresh <= 5; hthresh++) {
        const uint32_t other = RXB + 15 * BUF;

        start(host);
        fx_write(E1000_RCTL, 0);
        fx_write(E1000_RXDCTL, 1 << 24 | 1 << 16 | hthresh << 8 | 4);
        ring(16, 0);
        fx_write(E1000_RDT, 5);
        fx_write(E1000_RCTL, EN | SECRC);
        in(STATION, 60); /* four on chip, which is not below four */
        fx_write(E1000_RDT, 9);
        in(STATION, 61); /* three, and four in memory */
        fx_put64(RXD + 7 * 16, other);
        fx.memory[other] = GUARD;
        for (uint32_t i = 2; i < 9; i++)
            in(STATION, 60 + i);
        ck_assert_uint_eq(head(), 9);
        ck_assert(memcmp(hthresh == 4 ? buffer_of(7) : fx.memory + other, rings_frame(STATION, 67), 67) == 0);
        ck_assert_uint_eq(fx.memory[hthresh == 4 ? other : RXB + 7 * BUF], GUARD);
    }
}

/* [13.4.16, 3.2.7.4] A frame passes the FIFO whole. */
ON_EVERY_HOST(a_frame_longer_than_the_fifo_is_lost)
{
    start(host);
    fx_write(E1000_PBA, 8);
    ring(16, EN | LPE | SECRC | BSEX | 1 << 16); /* buffers of 16 KB: one would do */
    for (uint32_t i = 0; i < 16; i++)
        fx_put64(RXD + i * 16, RXB);
    in(STATION, 8184); /* and its header word [13.8 silent]: 8192 */
    ck_assert_uint_eq(head(), 1);
    in(STATION, 8185);
    in(STATION, 8185);
    ck_assert_uint_eq(head(), 1);
    ck_assert_uint_eq(fx_read(E1000_MPC), 2);
    ck_assert_hex_eq(fx_read(E1000_ICR) & RXO, RXO);
    in(STATION, 8184);
    ck_assert_uint_eq(head(), 2);
    ck_assert_uint_eq(fx_read(E1000_MPC), 0);
}

ON_EVERY_HOST(refused_fetch_stops_until_the_tail_moves)
{
    start(host);
    fx_write(E1000_RCTL, 0);
    fx_write(E1000_RDH, 0);
    fx.refuse_at = RXD, fx.refuse_len = 1;
    fx_write(E1000_RCTL, EN | SECRC);
    fx.refuse_len = 0;
    in(STATION, 60);
    ck_assert_uint_eq(head(), 0);
    fx_write(E1000_RDT, 15);
    ck_assert_uint_eq(head(), 1);
    fx_write(E1000_RCTL, 0); /* enabling starts it again too */
    fx_write(E1000_RDH, 0);
    fx.refuse_len = 1;
    fx_write(E1000_RCTL, EN | SECRC);
    fx.refuse_len = 0;
    fx_write(E1000_RCTL, SECRC);
    fx_write(E1000_RCTL, EN | SECRC);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 1);
}

/* The burst that wraps is refused: what came before it is used, the rest of the frame waits. */
ON_EVERY_HOST(refused_second_fetch_keeps_the_frame)
{
    uint8_t *frame;

    start(host);
    fx_write(E1000_RCTL, 0);
    fx_write(E1000_RDH, 14);
    fx_write(E1000_RDT, 8);
    fx.refuse_at = RXD, fx.refuse_len = 16;
    fx_write(E1000_RCTL, EN | SECRC | 3 << 16);
    in(STATION, 700); /* three buffers */
    ck_assert_uint_eq(head(), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, 0);
    fx.refuse_len = 0;
    fx_write(E1000_RDT, 8);
    ck_assert_uint_eq(head(), 1);
    frame = rings_frame(STATION, 700);
    ck_assert_mem_eq(buffer_of(14), frame, 256);
    ck_assert_mem_eq(buffer_of(15), frame + 256, 256);
    ck_assert_mem_eq(buffer_of(0), frame + 512, 188);
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM);
    ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, RXT0);
}

/* ---- the FIFO ---- */

ON_EVERY_HOST(frames_wait_for_descriptors_in_order)
{
    start(host);
    fx_write(E1000_RDT, 0);
    fx_write(E1000_RDH, 0);
    for (uint32_t n = 0; n < 10; n++)
        in(STATION, 60 + n);
    ck_assert_uint_eq(head(), 0);
    expect_counts((struct counts){.tpr = 10, .gprc = 10, .tor = 685, .gorc = 685, .rnbc = 10, .prc = {1, 9}},
                  "waiting");
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_write(E1000_RDT, 4);
    ck_assert_uint_eq(head(), 4);
    in(STATION, 70); /* behind the others */
    fx_write(E1000_RDT, 12);
    ck_assert_uint_eq(head(), 11);
    for (uint32_t n = 0; n < 11; n++) {
        ck_assert_uint_eq(length_of(n), 60 + n);
        ck_assert_mem_eq(buffer_of(n), rings_frame(STATION, 60 + n), 60 + n);
    }
    ck_assert_hex_eq(fx_read(E1000_RNBC), 1);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 12);
    ck_assert_hex_eq(fx_read(E1000_RNBC), 0);
}

ON_EVERY_HOST(more_frames_wait_than_descriptors_fit_on_chip)
{
    rings_power(host, 0, false);
    ring(128, 0);
    fx_write(E1000_RDT, 0);
    fx_write(E1000_RCTL, EN | SECRC);
    for (uint32_t n = 0; n < 100; n++)
        in(STATION, 60 + n);
    ck_assert_uint_eq(head(), 0);
    fx_write(E1000_RDT, 127);
    ck_assert_uint_eq(head(), 100);
    for (uint32_t n = 0; n < 100; n++)
        ck_assert_uint_eq(length_of(n), 60 + n);
}

/* [3.2.7.4, 13.7.5] 48 KB take 32 frames of 1514 bytes, 1528 each with what the FIFO adds: 48,896 of 49,152 */
ON_EVERY_HOST(overrun_loses_what_does_not_fit)
{
    start(host);
    fx_write(E1000_RDT, 0);
    fx_write(E1000_RDH, 0);
    for (uint32_t n = 0; n < 32; n++)
        in(STATION, 1514);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    counts();
    in(STATION, 1514);
    expect_counts((struct counts){.tpr = 1, .tor = 1518, .mpc = 1, .rnbc = 1}, "overrun");
    ck_assert_hex_eq(fx_read(E1000_ICR), RXO);
    in(STATION, 248); /* there are 256 bytes */
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    in(STATION, 60);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXO);
    fx_write(E1000_RDT, 8); /* later ones are unaffected */
    ck_assert_uint_eq(head(), 8);
    ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, RXT0);
    for (uint32_t n = 0; n < 8; n++)
        in(STATION, 1514);
    ck_assert_hex_eq(fx_read(E1000_ICR) & RXO, 0);
    for (uint32_t n = 0; n < 3; n++) {
        fx_write(E1000_RDT, (head() + 15) % 16);
    }
    ck_assert_hex_eq(fx_read(E1000_MPC), 1);
    in(STATION, 60);
    ck_assert_uint_eq(fx.dev->rx.fifo.count, 0);
}

ON_EVERY_HOST(bad_frames_lost_count_once)
{
    start(host);
    fx_write(E1000_RCTL, EN | SBP);
    fx_write(E1000_RDT, 0);
    fx_write(E1000_RDH, 0);
    for (uint32_t n = 0; n < 33; n++)
        arrive(STATION, 1514, false, 0);
    expect_counts((struct counts){.tpr = 33, .tor = 33 * 1514, .crcerrs = 33, .mpc = 1, .rnbc = 33}, "bad and lost");
}

ON_EVERY_HOST(fifo_holds_frames_as_they_came)
{
    uint8_t *frame;

    start(host);
    fx_write(E1000_RCTL, EN | SBP | SECRC);
    fx_write(E1000_MTA + 0x2ac - 0x200, 8);
    fx_write(E1000_RDT, 0);
    fx_write(E1000_RDH, 0);
    arrive(0x01aa00123456, 90, false, E1000_FRAME_RX_ER);
    arrive(STATION, 80, true, 0);
    fx_write(E1000_RCTL, EN); /* how it is stored was settled when it came */
    frame = rings_frame_fcs(STATION, 96);
    e1000_frame_in(fx.dev, frame, 96, 0);
    fx_write(E1000_RDT, 8);
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM | PIF);
    ck_assert_hex_eq(errors_of(0), CE | RXE);
    ck_assert_uint_eq(length_of(0), 86);
    ck_assert_hex_eq(status_of(1), DD | EOP | IXSM);
    ck_assert_hex_eq(errors_of(1), 0);
    ck_assert_uint_eq(length_of(1), 76);
    ck_assert_uint_eq(length_of(2), 100);
    ck_assert_mem_eq(buffer_of(2), frame, 100);
}

/* EV-3: a frame that runs out of descriptors goes on where it was. */
ON_EVERY_HOST(frame_goes_on_when_descriptors_come)
{
    uint8_t got[1500];

    for (uint32_t first = 1; first < 6; first++) {
        start(host);
        fx_write(E1000_RCTL, 0);
        fx_write(E1000_RDH, 0);
        fx_write(E1000_RDT, first);
        fx_write(E1000_RCTL, EN | SECRC | 3 << 16);
        in(STATION, 1500); /* six buffers */
        ck_assert_uint_eq(head(), first);
        ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, 0);
        in(STATION, 60);
        ck_assert_uint_eq(head(), first);
        fx_write(E1000_RDT, 15);
        ck_assert_uint_eq(head(), 7);
        ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, RXT0);
        for (uint32_t i = 0; i < 6; i++) {
            ck_assert_uint_eq(length_of(i), i < 5 ? 256 : 220);
            ck_assert_hex_eq(status_of(i), i < 5 ? DD : DD | EOP | IXSM);
            memcpy(got + 256 * i, buffer_of(i), length_of(i));
        }
        ck_assert_mem_eq(got, rings_frame(STATION, 1500), 1500);
        ck_assert_uint_eq(length_of(6), 60);
    }
}

/* ---- interrupts [3.2.7] ---- */

ON_EVERY_HOST(without_delay_each_frame_interrupts)
{
    start(host);
    for (unsigned i = 0; i < 3; i++) {
        in(STATION, 60);
        ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    }
    fx_write(E1000_RADV, 10); /* RDTR=0 switches it off too */
    in(STATION, 60);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}

ON_EVERY_HOST(packet_timer_starts_again_with_each_frame)
{
    uint64_t at;

    start(host);
    fx_write(E1000_RDTR, 10);
    at = e1000_now(fx.dev);
    in(STATION, 60);
    ck_assert_uint_eq(e1000_next_event(fx.dev), at + 10 * UNIT_NS);
    fx_until(at + 5000);
    in(STATION, 60);
    ck_assert_uint_eq(e1000_next_event(fx.dev), at + 5000 + 10 * UNIT_NS);
    fx_until(at + 5000 + 10 * UNIT_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    fx_run(SEC);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}

ON_EVERY_HOST(absolute_timer_does_not_start_again)
{
    uint64_t at;

    start(host);
    fx_write(E1000_RDTR, 10);
    fx_write(E1000_RADV, 25);
    at = e1000_now(fx.dev);
    for (unsigned i = 0; i < 4; i++) {
        in(STATION, 60);
        fx_run(8 * UNIT_NS);
    }
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0); /* at 25, between 24 and 32 */
    ck_assert(!timer_running(fx.dev, T_RDTR));  /* and the packet timer waits for the next frame */
    ck_assert(!timer_running(fx.dev, T_RADV));
    at = e1000_now(fx.dev);
    in(STATION, 60);
    ck_assert_uint_eq(fx.dev->deadline[T_RDTR], at + 10 * UNIT_NS);
    ck_assert_uint_eq(fx.dev->deadline[T_RADV], at + 25 * UNIT_NS);
    fx_until(at + 10 * UNIT_NS);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    ck_assert(!timer_running(fx.dev, T_RADV));
}

ON_EVERY_HOST(absolute_timer_fires_at_its_nanosecond)
{
    uint64_t at;

    start(host);
    fx_write(E1000_RDTR, 8); /* RADV + 1 leaves the absolute timer alone */
    fx_write(E1000_RADV, 7);
    at = e1000_now(fx.dev);
    in(STATION, 60);
    fx_run(3000);
    in(STATION, 60);
    fx_until(at + 7 * UNIT_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_until(at + 7 * UNIT_NS);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
}

ON_EVERY_HOST(small_packets_interrupt_at_once)
{
    start(host);
    fx_write(E1000_RDTR, 10);
    fx_write(E1000_RADV, 20);
    fx_write(E1000_RSRPD, 100);
    in(STATION, 101);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    in(STATION, 100);
    ck_assert_hex_eq(fx_read(E1000_ICR), SRPD | RXT0);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER); /* both timers halted */
    fx_write(E1000_RCTL, EN);                           /* a stored FCS counts */
    in(STATION, 97);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    in(STATION, 96);
    ck_assert_hex_eq(fx_read(E1000_ICR), SRPD | RXT0);
    fx_write(E1000_RSRPD, 0);
    fx_write(E1000_RDTR, 0);
    in(STATION, 60);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
}

ON_EVERY_HOST(flush_writes_back_and_interrupts)
{
    start(host);
    fx_write(E1000_RXDCTL, 1u << 24 | 8 << 16);
    fx_write(E1000_RDTR, 100);
    in(STATION, 60);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_write(E1000_RDTR, 0x80000000 | 100);
    ck_assert_uint_eq(head(), 2);
    ck_assert_hex_eq(status_of(1), DD | EOP | IXSM);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    ck_assert_hex_eq(fx_read(E1000_RDTR), 100);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    fx_write(E1000_RDTR, 0x80000000); /* with nothing to write back as well */
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
}

ON_EVERY_HOST(minimum_threshold_is_a_fraction_of_the_ring)
{
    for (uint32_t rdmts = 0; rdmts < 4; rdmts++) {
        rings_power(host, 0, false);
        ring(64, EN | SECRC | rdmts << 8);
        for (uint32_t n = 1; n <= 63; n++) {
            const uint32_t free = 63 - n;

            in(STATION, 60);
            ck_assert_msg((fx_read(E1000_ICR) & RXDMT0) == (rdmts < 3 && free == 64u >> (rdmts + 1) ? RXDMT0 : 0),
                          "RDMTS %u, %u free", rdmts, free);
        }
    }
}

ON_EVERY_HOST(minimum_threshold_is_a_crossing)
{
    start(host); /* 15 free, RXDMT0 at 8 */
    for (unsigned i = 0; i < 6; i++)
        in(STATION, 60);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    in(STATION, 60);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0 | RXDMT0);
    in(STATION, 60); /* below it: no more */
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    fx_write(E1000_RDT, 1); /* 9 free */
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    in(STATION, 60);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0 | RXDMT0);
    fx_write(E1000_RDT, 1); /* 8 free, as before: nothing has come down to it */
    in(STATION, 60);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
}

ON_EVERY_HOST(minimum_threshold_is_met_within_a_frame)
{
    start(host);
    fx_write(E1000_RCTL, EN | SECRC | 3 << 16);
    in(STATION, 1500);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0);
    in(STATION, 1500);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXT0 | RXDMT0);
}

/* ---- write-back [3.2.5.1, 13.4.46] ---- */

ON_EVERY_HOST(write_back_waits_for_its_threshold)
{
    start(host);
    fx_write(E1000_RXDCTL, 1u << 24 | 4 << 16);
    fx_write(E1000_RDTR, 100);
    for (uint32_t n = 1; n <= 9; n++) {
        in(STATION, 60);
        ck_assert_uint_eq(head(), n / 4 * 4);
        ck_assert_hex_eq(status_of(n - 1), n % 4 == 0 ? DD | EOP | IXSM : 0);
        ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, 0);
    }
    fx_run(100 * UNIT_NS);
    ck_assert_uint_eq(head(), 9);
    ck_assert_hex_eq(fx_read(E1000_ICR) & RXT0, RXT0);
}

ON_EVERY_HOST(without_delay_the_interrupt_writes_back)
{
    start(host);
    fx_write(E1000_RXDCTL, 1u << 24 | 4 << 16);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 1);
    ck_assert_hex_eq(status_of(0), DD | EOP | IXSM);
}

ON_EVERY_HOST(thresholds_of_zero_and_one_are_at_once)
{
    for (uint32_t n = 0; n < 2; n++) {
        start(host);
        fx_write(E1000_RXDCTL, 1u << 24 | n << 16);
        fx_write(E1000_RDTR, 100);
        in(STATION, 60);
        ck_assert_uint_eq(head(), 1);
    }
}

ON_EVERY_HOST(cache_lines_count_without_gran)
{
    start(host);
    e1000_config_write(fx.dev, 0x0c, 1, 16); /* 64 bytes: four descriptors */
    fx_write(E1000_RXDCTL, 2 << 16);
    fx_write(E1000_RDTR, 100);
    for (uint32_t n = 1; n <= 8; n++) {
        in(STATION, 60);
        ck_assert_uint_eq(head(), n / 8 * 8);
    }
}

/* More than the chip holds: it must not wait for descriptors that it has no room for. */
ON_EVERY_HOST(threshold_beyond_the_cache_still_ends)
{
    rings_power(host, 0, false);
    ring(128, EN | SECRC);
    e1000_config_write(fx.dev, 0x0c, 1, 32);
    fx_write(E1000_RXDCTL, 63 << 16); /* 504 descriptors */
    fx_write(E1000_RDTR, 0xffff);
    for (uint32_t n = 0; n < 62; n++)
        in(STATION, 60);
    ck_assert_uint_eq(head(), 0);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 63);
    for (uint32_t n = 0; n < 63; n++)
        in(STATION, 60);
    ck_assert_uint_eq(head(), 126);
}

ON_EVERY_HOST(lower_threshold_acts_on_what_has_gathered)
{
    start(host);
    fx_write(E1000_RXDCTL, 1u << 24 | 8 << 16);
    fx_write(E1000_RDTR, 100);
    for (uint32_t n = 0; n < 4; n++)
        in(STATION, 60);
    fx_write(E1000_RXDCTL, 1u << 24 | 5 << 16);
    ck_assert_uint_eq(head(), 0);
    fx_write(E1000_RXDCTL, 1u << 24 | 4 << 16);
    ck_assert_uint_eq(head(), 4);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}

/* [3.2.6] RDH lags: the tail and RNBC go by what is used, written back or not. */
ON_EVERY_HOST(used_descriptors_are_not_free)
{
    start(host);
    fx_write(E1000_RXDCTL, 1u << 24 | 32 << 16);
    fx_write(E1000_RDTR, 1000);
    for (uint32_t n = 0; n < 15; n++)
        in(STATION, 60);
    ck_assert_uint_eq(head(), 0);
    ck_assert_hex_eq(fx_read(E1000_RNBC), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), RXDMT0);
    in(STATION, 61);
    ck_assert_hex_eq(fx_read(E1000_RNBC), 1);
    fx_run(1000 * UNIT_NS);
    ck_assert_uint_eq(head(), 15);
    ck_assert_hex_eq(status_of(15), 0);
    fx_write(E1000_RDT, 4);
    ck_assert_uint_eq(fx_read(E1000_RNBC), 0);
    fx_run(1000 * UNIT_NS);
    ck_assert_uint_eq(length_of(15), 61);
}

static uint32_t causes(void)
{
    return fx_read(E1000_ICR) & ~(uint32_t)RXDMT0;
}

/* Every setting acts on the very next frame, one way or another; the tail is written in between. */
ON_EVERY_HOST(settings_act_at_once)
{
    start(host);
    in(STATION, 60);
    in(STATION, 60);
    fx_read(E1000_ICR);
    fx_write(E1000_RDTR, 10);
    fx_write(E1000_RDT, 14);
    in(STATION, 60);
    ck_assert_hex_eq(causes(), 0);
    fx_run(10 * UNIT_NS);
    ck_assert_hex_eq(causes(), RXT0);
    fx_write(E1000_RDT, 14);
    in(STATION, 60);
    ck_assert_hex_eq(causes(), 0);
    fx_write(E1000_RDTR, 0); /* a timer that runs goes on */
    fx_write(E1000_RDT, 14);
    in(STATION, 60);
    ck_assert(!timer_running(fx.dev, T_RDTR));
    fx_read(E1000_ICR);
    fx_write(E1000_RSRPD, 60);
    fx_write(E1000_RDT, 14);
    in(STATION, 60);
    ck_assert_hex_eq(causes(), RXT0 | SRPD);
    fx_write(E1000_RSRPD, 0);
    fx_write(E1000_RXDCTL, 1u << 24 | 3 << 16);
    fx_write(E1000_RDTR, 10);
    in(STATION, 60);
    ck_assert_uint_eq(head(), 6);
    fx_write(E1000_RDT, 15);
    fx_write(E1000_RDTR, 0);
    in(STATION, 60); /* without delay it is written back together with the one before */
    ck_assert_uint_eq(head(), 8);
    ck_assert_hex_eq(status_of(6) & status_of(7), DD | EOP | IXSM);
    fx_write(E1000_RXDCTL, 1u << 24 | 1 << 16);
    fx_write(E1000_RCTL, EN);
    fx_write(E1000_RDT, 15);
    in(STATION, 60);
    ck_assert_uint_eq(length_of(8), 64);
    fx_write(E1000_RCTL, EN | SECRC | 3 << 16);
    fx_write(E1000_RDT, 15);
    in(STATION, 257);
    ck_assert_uint_eq(head(), 11);
    fx_write(E1000_RCTL, EN | SECRC | LPE);
    fx_write(E1000_RDT, 15);
    in(STATION, 1519);
    ck_assert_uint_eq(length_of(11), 1519);
    fx_write(E1000_RCTL, EN | SECRC);
    fx_write(E1000_RDT, 15);
    in(STATION, 1519);
    ck_assert_uint_eq(head(), 12);
    in(STATION, 1518);
    ck_assert_uint_eq(head(), 13);
    in(STATION, 59);
    ck_assert_uint_eq(head(), 13);
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, E1000_FRAME_RX_ER);
    ck_assert_uint_eq(head(), 13);
    in(0x020000000001, 60);
    ck_assert_uint_eq(head(), 13);
    fx_write(E1000_RCTL, EN | SECRC | UPE);
    in(0x020000000001, 60);
    ck_assert_uint_eq(head(), 14);
    in(0x020000000001, 60);
    in(0x020000000001, 60);
    ck_assert_uint_eq(head(), 15);
    expect_counts((struct counts){.tpr = 15 + 3,
                                  .gprc = 15,
                                  .tor = 12 * 64 + 261 + 1523 + 1522 + 1523 + 63 + 64,
                                  .gorc = 12 * 64 + 261 + 1523 + 1522,
                                  .rlec = 2,
                                  .ruc = 1,
                                  .roc = 1,
                                  .rxerrc = 1,
                                  .rnbc = 1,
                                  .prc = {12, 0, 0, 1, 0, 2}},
                  "all of it");
}

START_TEST(drops_say_why)
{
    start(HOST_TRACED);
    in(0x020000000001, 60);
    arrive(STATION, 80, false, 0);
    arrive(STATION, 1523, true, 0);
    in(STATION, 5);
    fx_write(E1000_RDT, 0);
    fx_write(E1000_RDH, 0);
    for (unsigned n = 0; n < 33; n++)
        in(STATION, 1514);
    ck_assert_str_eq(fx_log_only("drop"), "drop 64 address filter [3.2.1]\n"
                                          "drop 80 bad frame [3.2.1]\n"
                                          "drop 1523 too long [13.4.22]\n"
                                          "drop 9 fragment [3.2.1]\n"
                                          "drop 1518 FIFO full [3.2.7.4]\n");
}
END_TEST

/* ---- order [datapath.md 10, EV-1] ---- */

START_TEST(buffer_then_descriptor_then_interrupt)
{
    start(HOST_TRACED);
    fx_write(E1000_IMS, RXT0);
    fx_log_clear();
    in(STATION, 60);
    fx_expect_log("frame in 60 flags 0\n"
                  "dma wr rxbuf[0] x1 00010000 60\n"
                  "dma wr rxd[0] x1 00001000 16\n"
                  "cause 00000080\n"
                  "irq up 00000080\n"
                  "line 1\n");
}
END_TEST

/* What a driver finds at the moment when the line rises. */
static uint32_t head_at_irq, status_at_irq;

static void look(void *ctx, bool asserted)
{
    (void)ctx;
    if (!asserted)
        return;
    head_at_irq = fx.dev->r[R_RDH];
    status_at_irq = fx.memory[RXD + 12];
}

ON_EVERY_HOST(driver_finds_dd_and_head_at_the_interrupt)
{
    start(host);
    fx.dev->host.irq_line = look;
    in(BROADCAST_ADDRESS, 60);
    fx_write(E1000_IMS, RXT0);
    in(STATION, 60);
    ck_assert_uint_eq(head_at_irq, 1);
    ck_assert_hex_eq(status_at_irq, DD | EOP | IXSM);
}

/* ---- any workload: the same to the guest whatever the host ---- */

static uint32_t order; /* of the host calls, with all that goes with them */

static struct {
    uint64_t addr;
    size_t len;
} mapped; /* to be written in place; it is looked at before anything else happens */

static void mix_mapped(void)
{
    if (mapped.len == 0)
        return;
    order = rings_mix(order, &mapped.addr, sizeof mapped.addr);
    order = rings_mix(order, fx.memory + mapped.addr, mapped.len);
    mapped.len = 0;
}

static void mix(const void *p, size_t len)
{
    mix_mapped();
    order = rings_mix(order, p, len);
}

static void *mix_map(void *ctx, uint64_t addr, size_t len, bool for_write)
{
    (void)ctx;
    mix_mapped();
    if (addr + len > FX_MEMORY)
        return NULL;
    if (for_write) {
        mapped.addr = addr;
        mapped.len = len;
    }
    return fx.memory + addr;
}

static bool mix_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    (void)ctx;
    mix(&addr, sizeof addr);
    mix(from, len);
    if (addr + len > FX_MEMORY || (addr >= RXB + 5 * BUF && addr < RXB + 5 * BUF + 4 && (order & 7) == 0))
        return false;
    memcpy(fx.memory + addr, from, len);
    return true;
}

static void mix_line(void *ctx, bool asserted)
{
    (void)ctx;
    mix(&asserted, sizeof asserted);
}

/* Random frames, rings and settings; returns a digest of all that guest and host can see. */
static uint32_t workload(unsigned host, uint32_t seed)
{
    static const uint64_t address[] = {STATION, BROADCAST_ADDRESS, 0x01aa00123456, 0x020000000001};
    static const uint16_t limit[] = {70, 300, 1600, 3000};
    uint32_t most;

    rings_power(host, 0, false);
    fx.dev->host.dma_write = mix_write;
    fx.dev->host.irq_line = mix_line;
    if (fx.dev->host.dma_map != NULL)
        fx.dev->host.dma_map = mix_map;
    order = 0;
    mapped.len = 0;
    ring(rings_random(&seed) % 2 != 0 ? 16 : 64, 0);
    fx_write(E1000_MTA + 0x2ac - 0x200, 8);
    if (rings_random(&seed) % 4 == 0)
        fx_put64(RXD + 3 * 16, 0);
    if (rings_random(&seed) % 4 == 0)
        fx_write(E1000_RXDCTL, 1u << 24 | rings_random(&seed) % 4 << 16);
    if (rings_random(&seed) % 4 == 0)
        fx_write(E1000_RDTR, 20);
    if (rings_random(&seed) % 4 == 0)
        fx_write(E1000_RSRPD, 62);
    fx_write(E1000_IMS, RXT0 | RXDMT0 | RXO);
    fx_write(E1000_RCTL, EN | BAM | (rings_random(&seed) % 4 != 0 ? SECRC : 0) |
                             (rings_random(&seed) % 3 == 0 ? SBP : 0) | (rings_random(&seed) % 3 == 0 ? UPE : 0) |
                             (rings_random(&seed) & 3) << 16 | (rings_random(&seed) % 4) << 8);
    most = limit[rings_random(&seed) % 4];
    for (unsigned n = 0; n < 60; n++) {
        const uint64_t dst = address[rings_random(&seed) % 8 < 4 ? 0 : rings_random(&seed) % 4];
        const uint32_t len = 20 + rings_random(&seed) % most, what = rings_random(&seed);

        if (what % 4 == 0)
            arrive(dst, len, what % 16 != 0, what % 32 == 4 ? E1000_FRAME_RX_ER : 0);
        else
            in(dst, len < 60 && what % 8 != 1 ? 60 : len);
        if (what % 7 == 0)
            fx_write(E1000_RDT, (fx.dev->r[R_RDH] + entries - 1 - what % 3) % entries);
        if (what % 11 == 0) {
            const uint32_t causes = fx_read(E1000_ICR);
            mix(&causes, sizeof causes);
        }
        if (what % 13 == 0)
            fx_run(what % 30000);
        if (what % 29 == 0)
            fx_write(E1000_RCTL, fx_read(E1000_RCTL) ^ EN);
    }
    fx_run(SEC);
    for (uint32_t offset = 0x4000; offset < 0x4100; offset += 4) {
        const uint32_t value = fx_read(offset);
        mix(&value, sizeof value);
    }
    mix(fx.memory + RXD, 64 * 16);
    for (uint32_t i = 0; i < 64; i++)
        mix(buffer_of(i), 100);
    return order;
}

START_TEST(no_host_makes_a_difference_to_the_guest)
{
    for (uint32_t seed = 0; seed < 20; seed++) {
        const uint32_t expected = workload(HOST_TRACED, (uint32_t)_i * 20 + seed);

        for (unsigned host = 1; host < HOSTS; host++)
            ck_assert_msg(workload(host, (uint32_t)_i * 20 + seed) == expected, "host %u, seed %u", host,
                          (unsigned)_i * 20 + seed);
    }
}
END_TEST

Suite *rx_suite(void);
Suite *rx_suite(void)
{
    Suite *suite = suite_create("rx");
    TCase *tc = tcase_create("filters");

    tcase_add_test(tc, station_address_from_eeprom_is_accepted);
    tcase_add_test(tc, each_of_sixteen_addresses_filters_every_byte);
    tcase_add_test(tc, group_addresses_can_be_exact);
    tcase_add_test(tc, address_select_chooses_the_source);
    tcase_add_test(tc, source_needs_twelve_bytes);
    tcase_add_test(tc, promiscuous_bits_split_unicast_and_multicast);
    tcase_add_test(tc, bam_accepts_broadcast_alone);
    tcase_add_test(tc, hash_is_twelve_bits_of_the_address);
    tcase_add_test(tc, pif_tells_a_hash_match_alone);
    tcase_add_test(tc, rejected_frames_leave_no_mark);
    tcase_add_test(tc, no_frame_without_link_or_receiver);
    tcase_add_test(tc, quiet_hosts_drop_without_link_or_receiver_too);
    suite_add_tcase(suite, tc);

    tc = tcase_create("buffers");
    tcase_add_loop_test(tc, fcs_is_stored_unless_stripped, 0, 8);
    tcase_add_test(tc, descriptor_is_written_whole);
    tcase_add_test(tc, buffers_have_the_size_that_bsize_and_bsex_name);
    tcase_add_test(tc, bsex_without_bsize_is_2048);
    tcase_add_test(tc, longest_frame_fills_sixty_four_small_buffers);
    tcase_add_test(tc, fcs_can_fall_between_buffers);
    tcase_add_test(tc, null_descriptors_are_passed_over);
    tcase_add_test(tc, a_ring_of_null_descriptors_ends);
    suite_add_tcase(suite, tc);

    tc = tcase_create("counters");
    tcase_add_test(tc, good_frames_count_by_size);
    tcase_add_test(tc, group_frames_count_as_what_they_are);
    tcase_add_test(tc, short_frames_are_undersize_or_fragments);
    tcase_add_test(tc, long_frames_are_oversize_by_lpe);
    tcase_add_test(tc, faults_count_each_by_its_name);
    tcase_add_test(tc, store_bad_packets_shows_what_is_wrong);
    tcase_add_test(tc, errors_stand_in_the_last_descriptor_only);
    tcase_add_test(tc, counters_stick_at_the_top);
    tcase_add_test(tc, reset_forgets_frames_not_yet_counted);
    suite_add_tcase(suite, tc);

    tc = tcase_create("ring");
    tcase_add_test(tc, ring_wraps_and_stops_at_the_tail);
    tcase_add_test(tc, descriptor_addresses_have_64_bits);
    tcase_add_test(tc, fetch_is_one_burst_up_to_the_tail);
    tcase_add_test(tc, each_descriptor_is_read_once);
    tcase_add_test(tc, misprogrammed_rings_do_nothing);
    tcase_add_test(tc, ring_edges_are_inside);
    tcase_add_test(tc, bus_master_off_keeps_frames_waiting);
    tcase_add_test(tc, delayed_write_backs_wait_for_the_bus);
    tcase_add_test(tc, an_interrupt_alone_needs_no_bus);
    tcase_add_test(tc, a_waiting_frame_outlives_a_new_head);
    tcase_add_test(tc, writing_the_head_drops_what_is_on_chip);
    tcase_add_test(tc, moving_the_ring_fetches_again);
    tcase_add_test(tc, receiver_stops_and_goes_on);
    tcase_add_test(tc, refused_buffer_loses_the_frame_and_stops);
    tcase_add_test(tc, refused_buffer_of_the_last_descriptor_loses_the_frame);
    tcase_add_test(tc, frames_not_yet_in_the_registers_do_not_wrap);
    tcase_add_test(tc, refused_second_buffer_loses_the_frame);
    tcase_add_test(tc, refused_second_fetch_keeps_the_frame);
    tcase_add_test(tc, refused_write_back_goes_on);
    tcase_add_test(tc, refused_fetch_stops_until_the_tail_moves);
    tcase_add_test(tc, descriptors_are_prefetched_by_the_thresholds);
    tcase_add_test(tc, a_frame_longer_than_the_fifo_is_lost);
    suite_add_tcase(suite, tc);

    tc = tcase_create("fifo");
    tcase_add_test(tc, frames_wait_for_descriptors_in_order);
    tcase_add_test(tc, more_frames_wait_than_descriptors_fit_on_chip);
    tcase_add_test(tc, overrun_loses_what_does_not_fit);
    tcase_add_test(tc, bad_frames_lost_count_once);
    tcase_add_test(tc, fifo_holds_frames_as_they_came);
    tcase_add_test(tc, frame_goes_on_when_descriptors_come);
    suite_add_tcase(suite, tc);

    tc = tcase_create("interrupts");
    tcase_add_test(tc, without_delay_each_frame_interrupts);
    tcase_add_test(tc, packet_timer_starts_again_with_each_frame);
    tcase_add_test(tc, absolute_timer_does_not_start_again);
    tcase_add_test(tc, absolute_timer_fires_at_its_nanosecond);
    tcase_add_test(tc, small_packets_interrupt_at_once);
    tcase_add_test(tc, flush_writes_back_and_interrupts);
    tcase_add_test(tc, minimum_threshold_is_a_fraction_of_the_ring);
    tcase_add_test(tc, minimum_threshold_is_a_crossing);
    tcase_add_test(tc, minimum_threshold_is_met_within_a_frame);
    suite_add_tcase(suite, tc);

    tc = tcase_create("write-back");
    tcase_add_test(tc, write_back_waits_for_its_threshold);
    tcase_add_test(tc, without_delay_the_interrupt_writes_back);
    tcase_add_test(tc, thresholds_of_zero_and_one_are_at_once);
    tcase_add_test(tc, cache_lines_count_without_gran);
    tcase_add_test(tc, threshold_beyond_the_cache_still_ends);
    tcase_add_test(tc, lower_threshold_acts_on_what_has_gathered);
    tcase_add_test(tc, used_descriptors_are_not_free);
    tcase_add_test(tc, settings_act_at_once);
    tcase_add_test(tc, drops_say_why);
    tcase_add_test(tc, buffer_then_descriptor_then_interrupt);
    tcase_add_test(tc, driver_finds_dd_and_head_at_the_interrupt);
    tcase_add_loop_test(tc, no_host_makes_a_difference_to_the_guest, 0, 4);
    suite_add_tcase(suite, tc);
    return suite;
}
