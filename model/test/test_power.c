/*
 * test_power.c - wake-up by packets and link, PME#, power states, management filters [6, 11.4, 13.6, 5.6.24]
 */
#include "../core.h"

#include "rings.h"

enum { LNKC = 1, MAG = 2, EX = 4, MC = 8, BC = 0x10, ARP = 0x20, IP4 = 0x40, IP6 = 0x80, FLX = 0x10000 };
enum { APME = 1, PME_EN = 2, PME_STATUS = 4, APMPME = 8 }; /* WUC */
enum { SLU = 0x40, EN_PHY_PWR_MGMT = 1 << 21, RST = 1 << 26 };
enum { RX_EN = 2, UPE = 8, MPE = 0x10, LPE = 0x20, BAM = 0x8000, SECRC = 1 << 26 };
enum { ALL = 0x000f00ff };

#define OTHER UINT64_C(0x020000000077)
#define GROUP UINT64_C(0x01005e0000fb)

static uint32_t pmcsr(void)
{
    return e1000_config_read(fx.dev, 0xe0, 2);
}
static void state(uint32_t value) /* PMCSR, PME_Status not written */
{
    e1000_config_write(fx.dev, 0xe0, 2, value);
}

/* Link up, filters on, PME_En, nothing seen. */
static void filters(uint32_t wufc)
{
    fx_write(E1000_WUFC, wufc);
    fx_write(E1000_WUS, ALL);
    fx_write(E1000_WUC, PME_EN | PME_STATUS);
}
static void start(uint32_t wufc)
{
    fx_start();
    fx_link_up();
    filters(wufc);
}

/* What the frame sets in WUS; cleared again. A good frame of len bytes without FCS. */
static uint32_t seen(const uint8_t *frame, size_t len)
{
    uint32_t wus;

    e1000_frame_in(fx.dev, frame, len, 0);
    wus = fx_read(E1000_WUS);
    ck_assert_int_eq(fx.pme, wus != 0 && (pmcsr() & 0x100) != 0);
    ck_assert_hex_eq(pmcsr() >> 15 & 1, wus != 0);
    fx_write(E1000_WUS, ALL);
    state((pmcsr() & 0x1fff) | 0x8000);
    ck_assert(!fx.pme);
    return wus;
}

static uint32_t seen_to(uint64_t dst)
{
    return seen(rings_frame(dst, 60), 60);
}

/* ---- magic packets [6.4.3.1.4] ---- */

static uint8_t magic[2000];

/* ones FFh at `at`, then copies of the station address; zeros elsewhere. Returns the length. */
static size_t make_magic(size_t at, unsigned ones, unsigned copies)
{
    static const uint8_t station[] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    memset(magic, 0, sizeof magic);
    memcpy(magic, station, 6);
    memcpy(magic + 6, "\x02\x00\x00\x00\x00\x99\x08\x42", 8);
    memset(magic + at, 0xff, ones);
    for (unsigned i = 0; i < copies; i++)
        memcpy(magic + at + ones + 6 * i, station, 6);
    return at + ones + 6 * copies;
}

static uint32_t magic_at(size_t at, unsigned ones, unsigned copies)
{
    return seen(magic, make_magic(at, ones, copies));
}

START_TEST(six_ones_and_sixteen_addresses_are_magic)
{
    start(MAG);
    ck_assert_hex_eq(magic_at(14, 6, 16), MAG);
    ck_assert_hex_eq(magic_at(14, 5, 16), 0);
    ck_assert_hex_eq(magic_at(14, 7, 16), MAG);
    ck_assert_hex_eq(magic_at(14, 300, 16), MAG);
    ck_assert_hex_eq(magic_at(14, 6, 15), 0);
    ck_assert_hex_eq(magic_at(14, 6, 17), MAG);
    ck_assert_hex_eq(magic_at(1000, 6, 16), MAG);
    ck_assert_hex_eq(magic_at(13, 6, 16), 0); /* one of the six would be in the type */
    ck_assert_hex_eq(magic_at(13, 7, 16), MAG);
    ck_assert_hex_eq(magic_at(14, 0, 16), 0);
}
END_TEST

START_TEST(every_byte_of_the_sixteen_addresses_counts)
{
    start(MAG);
    for (unsigned i = 0; i < 96; i++) {
        const size_t len = make_magic(14, 6, 16);

        magic[20 + i] ^= 0x04;
        ck_assert_hex_eq(seen(magic, len), 0);
    }
    for (unsigned i = 0; i < 6; i++) {
        const size_t len = make_magic(14, 6, 16);

        magic[14 + i] = 0xfe;
        ck_assert_hex_eq(seen(magic, len), 0);
    }
}
END_TEST

START_TEST(the_search_goes_on_behind_a_broken_try)
{
    start(MAG);
    for (unsigned good = 0; good < 96; good++) { /* so many bytes of a first try fit */
        make_magic(14, 6, 16);
        memmove(magic + 20 + good, magic + 14, 102);
        ck_assert_hex_eq(seen(magic, 20u + good + 102), MAG);
        magic[20 + good] = 0; /* five are left of the second set */
        ck_assert_hex_eq(seen(magic, 20u + good + 102), 0);
    }
}
END_TEST

/* [silent] FFh of a matched part count for the next set: 52:ff:ff:ff:ff:ff, and then an FFh where 52 should be. */
START_TEST(ones_inside_an_address_count_for_the_next_set)
{
    uint8_t *p = magic + 14;

    start(MAG);
    fx_write(E1000_RAL, 0xffffff52);
    fx_write(E1000_RAH, 0x8000ffff);
    make_magic(14, 6, 0);
    memcpy(magic, "\x52\xff\xff\xff\xff\xff", 6);
    for (p += 6; p < magic + 14 + 12; p++)
        *p = p == magic + 20 ? 0x52 : 0xff;
    *p++ = 0xff; /* the sixth, where the second copy should begin */
    for (unsigned i = 0; i < 16; i++, p += 6)
        memcpy(p, "\x52\xff\xff\xff\xff\xff", 6);
    ck_assert_hex_eq(seen(magic, (size_t)(p - magic)), MAG);
}
END_TEST

START_TEST(a_magic_packet_must_pass_the_filter_or_be_a_broadcast)
{
    size_t len;

    start(MAG | BC);
    len = make_magic(14, 6, 16);
    memset(magic, 0xff, 6);
    ck_assert_hex_eq(seen(magic, len), MAG); /* BAM is 0: BC does not see it */
    magic[5] = 0xfe;
    ck_assert_hex_eq(seen(magic, len), 0);
    memcpy(magic, "\x02\x00\x00\x00\x00\x77", 6);
    ck_assert_hex_eq(seen(magic, len), 0);
    fx_write(E1000_RCTL, UPE);
    ck_assert_hex_eq(seen(magic, len), MAG);
    fx_write(E1000_RCTL, BAM);
    memset(magic, 0xff, 6);
    ck_assert_hex_eq(seen(magic, len), MAG | BC);
}
END_TEST

/* ---- directed, multicast, broadcast [6.4.3.1.1-3] ---- */

START_TEST(ex_mc_and_bc_look_at_the_destination)
{
    start(EX | MC | BC);
    ck_assert_hex_eq(seen_to(STATION), EX);
    ck_assert_hex_eq(seen_to(OTHER), 0);
    ck_assert_hex_eq(seen_to(BROADCAST_ADDRESS), 0);
    fx_write(E1000_RCTL, BAM | UPE | MPE);
    ck_assert_hex_eq(seen_to(OTHER), 0);
    ck_assert_hex_eq(seen_to(GROUP), 0);
    ck_assert_hex_eq(seen_to(BROADCAST_ADDRESS), BC);
    ck_assert_hex_eq(seen_to(UINT64_C(0xfffffffffffe)), 0);
    ck_assert_hex_eq(seen_to(UINT64_C(0xfeffffffffff)), 0);
    fx_write(E1000_MTA + 4 * (0xfb0 >> 5), 1u << (0xfb0 & 31)); /* MO = 0: bits 47:36 */
    ck_assert_hex_eq(seen_to(GROUP), MC);
    fx_write(E1000_MTA + 4 * (0xfff >> 5), 1u << (0xfff & 31));
    ck_assert_hex_eq(seen_to(BROADCAST_ADDRESS), BC);
    filters(MC);
    ck_assert_hex_eq(seen_to(BROADCAST_ADDRESS), 0);
    fx_write(E1000_RCTL, 0);
    filters(BC);
    ck_assert_hex_eq(seen_to(BROADCAST_ADDRESS), BC); /* its bit in MTA lets it in */
}
END_TEST

START_TEST(the_sixteen_addresses_wake_by_destination_only)
{
    start(EX);
    for (unsigned i = 1; i < 16; i++) {
        fx_write(E1000_RAL + 8 * i, 0x00000002u | i << 24);
        fx_write(E1000_RAH + 8 * i, 0x00007700);
        ck_assert_hex_eq(seen_to(UINT64_C(0x020000000077) | (uint64_t)i << 16), 0);
        fx_write(E1000_RAH + 8 * i, 0x80007700);
        ck_assert_hex_eq(seen_to(UINT64_C(0x020000000077) | (uint64_t)i << 16), EX);
        fx_write(E1000_RAH + 8 * i, 0x80017700); /* compares the source */
        ck_assert_hex_eq(seen_to(UINT64_C(0x020000000077) | (uint64_t)i << 16), 0);
    }
    fx_write(E1000_RAL + 8, 0x00000002); /* the source of rings_frame */
    fx_write(E1000_RAH + 8, 0x80019900);
    ck_assert_hex_eq(seen_to(OTHER), 0);
    ck_assert_hex_eq(seen_to(STATION), EX);
    filters(BC);
    ck_assert_hex_eq(seen_to(STATION), 0);
}
END_TEST

/* ---- ARP, IPv4, IPv6 [6.4.3.1.5, 6.4.3.1.6, 6.4.3.2] ---- */

static const uint8_t arp_header[] = {0, 1, 8, 0, 6, 4, 0, 1};
static uint8_t net[200];

/* The first 14 bytes and what stands between addresses and type; returns where layer 3 begins. */
static size_t make_net(uint64_t dst, uint32_t type, const char *between, size_t n)
{
    memset(net, 0x5a, sizeof net);
    memcpy(net, rings_frame(dst, 60), 12);
    memcpy(net + 12, between, n);
    net[12 + n] = (uint8_t)(type >> 8);
    net[13 + n] = (uint8_t)type;
    return 14 + n;
}

static uint32_t arp(const char *between, size_t n, const char *target)
{
    const size_t at = make_net(BROADCAST_ADDRESS, 0x0806, between, n);

    memcpy(net + at, arp_header, 8);
    memcpy(net + at + 24, target, 4);
    return seen(net, at + 28 < 60 ? 60 : at + 28);
}

static void start_net(uint32_t wufc)
{
    start(wufc);
    fx_write(E1000_RCTL, BAM);
    fx_write(E1000_VET, 0x8100);
    for (unsigned i = 0; i < 4; i++)
        fx_write(E1000_IP4AT + 8 * i, 0x04030201u + (i << 24)); /* 1.2.3.4, 1.2.3.5, ... */
    for (unsigned i = 0; i < 4; i++)
        fx_write(E1000_IP6AT + 4 * i, 0x23222120u + 0x04040404u * i); /* 2021:2223:...:2e2f */
    fx_write(E1000_IPAV, 0x1000f);
}

START_TEST(an_arp_request_is_told_by_its_header)
{
    start_net(ARP);
    ck_assert_hex_eq(arp("", 0, "\1\2\3\4"), ARP);
    for (unsigned i = 0; i < 8; i++) {
        arp("", 0, "\1\2\3\4");
        net[14 + i] ^= 0x10;
        ck_assert_hex_eq(seen(net, 60), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        arp("", 0, "\1\2\3\4");
        net[12 + i] ^= 0x10;
        ck_assert_hex_eq(seen(net, 60), 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        arp("", 0, "\1\2\3\4");
        net[38 + i] ^= 0x10;
        ck_assert_hex_eq(seen(net, 60), 0);
    }
    arp("", 0, "\1\2\3\4");
    net[14 + 7] = 2; /* a response */
    ck_assert_hex_eq(seen(net, 60), 0);
    arp("", 0, "\1\2\3\4");
    memcpy(net, "\x52\x54\x00\x12\x34\x56", 6); /* to us alone */
    ck_assert_hex_eq(seen(net, 60), 0);
}
END_TEST

START_TEST(each_address_counts_if_it_is_valid)
{
    static const char *const ip[] = {"\1\2\3\4", "\1\2\3\5", "\1\2\3\6", "\1\2\3\7"};

    start_net(ARP);
    for (uint32_t valid = 0; valid < 16; valid++) {
        fx_write(E1000_IPAV, valid);
        for (unsigned i = 0; i < 4; i++)
            ck_assert_hex_eq(arp("", 0, ip[i]), valid >> i & 1 ? ARP : 0);
        ck_assert_hex_eq(arp("", 0, "\1\2\3\x8"), 0);
    }
}
END_TEST

START_TEST(a_tag_and_snap_are_skipped)
{
    static const char snap[] = "\0\x24\xaa\xaa\3\0\0\0";
    char wrong[9];

    start_net(ARP);
    ck_assert_hex_eq(arp("\x81\0\0\5", 4, "\1\2\3\4"), ARP);
    ck_assert_hex_eq(arp("\x81\1\0\5", 4, "\1\2\3\4"), 0);
    ck_assert_hex_eq(arp(snap, 8, "\1\2\3\4"), ARP);
    ck_assert_hex_eq(arp("\x81\0\0\5\0\x24\xaa\xaa\3\0\0\0", 12, "\1\2\3\4"), ARP);
    ck_assert_hex_eq(arp("\x81\0\0\5\x81\0\0\5", 8, "\1\2\3\4"), 0);
    ck_assert_hex_eq(arp("\x05\xdc\xaa\xaa\3\0\0\0", 8, "\1\2\3\4"), ARP); /* 1500 */
    ck_assert_hex_eq(arp("\x05\xdd\xaa\xaa\3\0\0\0", 8, "\1\2\3\4"), 0);
    for (unsigned i = 2; i < 8; i++) {
        memcpy(wrong, snap, 9);
        wrong[i] ^= 1;
        ck_assert_hex_eq(arp(wrong, 8, "\1\2\3\4"), 0);
    }
    fx_write(E1000_VET, 0x9100);
    ck_assert_hex_eq(arp("\x81\0\0\5", 4, "\1\2\3\4"), 0);
    ck_assert_hex_eq(arp("\x91\0\0\5", 4, "\1\2\3\4"), ARP);
}
END_TEST

static uint32_t ip4(unsigned first)
{
    const size_t at = make_net(STATION, 0x0800, "", 0);

    net[at] = (uint8_t)first;
    memcpy(net + at + 16, "\1\2\3\4", 4);
    return seen(net, 60);
}

START_TEST(an_ipv4_packet_has_version_4_and_five_words)
{
    start_net(IP4 | IP6);
    for (unsigned first = 0; first < 256; first++)
        ck_assert_hex_eq(ip4(first), first >= 0x45 && first <= 0x4f ? IP4 : 0);
    for (unsigned i = 0; i < 46; i++) { /* of the header, the first byte and the destination count */
        ip4(0x45);
        if (i == 0 || i == 1 || (i >= 18 && i < 22))
            continue;
        net[14 + i - (i >= 2 ? 1 : 0)] ^= 0xff;
        ck_assert_hex_eq(seen(net, 60), i >= 17 && i < 21 ? 0 : IP4);
    }
    for (unsigned i = 0; i < 2; i++) {
        ip4(0x45);
        net[12 + i] ^= 1;
        ck_assert_hex_eq(seen(net, 60), 0);
    }
}
END_TEST

START_TEST(ip_wakes_if_it_is_for_this_station)
{
    start_net(IP4 | IP6);
    fx_write(E1000_RCTL, UPE | MPE | BAM);
    ip4(0x45);
    memcpy(net, "\x02\x00\x00\x00\x00\x77", 6);
    ck_assert_hex_eq(seen(net, 60), 0);
    memset(net, 0xff, 6);
    ck_assert_hex_eq(seen(net, 60), 0);
    filters(EX);
    ck_assert_hex_eq(ip4(0x45), EX);
}
END_TEST

static const char ipv6[] = "\x20\x21\x22\x23\x24\x25\x26\x27\x28\x29\x2a\x2b\x2c\x2d\x2e\x2f";

static size_t make_ip6(uint32_t type, const char *between, size_t n, unsigned first)
{
    const size_t at = make_net(STATION, type, between, n);

    net[at] = (uint8_t)first;
    memcpy(net + at + 24, ipv6, 16);
    return at + 40;
}

START_TEST(an_ipv6_packet_has_type_0800_and_version_6)
{
    start_net(IP4 | IP6);
    make_ip6(0x86dd, "", 0, 0x60);
    ck_assert_hex_eq(seen(net, 60), 0);
    for (unsigned first = 0; first < 256; first++) {
        make_ip6(0x0800, "", 0, first);
        ck_assert_hex_eq(seen(net, 60), first >> 4 == 6 ? IP6 : 0);
    }
    for (unsigned i = 0; i < 16; i++) {
        make_ip6(0x0800, "", 0, 0x60);
        net[38 + i] ^= 0x10;
        ck_assert_hex_eq(seen(net, 60), 0);
    }
    fx_write(E1000_IPAV, 0x0000f);
    make_ip6(0x0800, "", 0, 0x60);
    ck_assert_hex_eq(seen(net, 60), 0);
    fx_write(E1000_IPAV, 0x10000);
    ck_assert_hex_eq(seen(net, 60), IP6);
    memcpy(net, "\x02\x00\x00\x00\x00\x77", 6);
    fx_write(E1000_RCTL, UPE);
    ck_assert_hex_eq(seen(net, 60), 0);
}
END_TEST

START_TEST(an_address_that_the_frame_does_not_hold_is_none)
{
    static const char both[] = "\x81\0\0\5\0\x3c\xaa\xaa\3\0\0\0";
    size_t len;

    start_net(IP6);
    len = make_ip6(0x0800, both, 12, 0x60);
    ck_assert_uint_eq(len, 66);
    ck_assert_hex_eq(seen(net, len), IP6);
    ck_assert_hex_eq(seen(net, len - 1), 0);
    ck_assert_hex_eq(seen(net, len - 6), 0);
}
END_TEST

/* ---- flexible filters [6.4.3.3] ---- */

static void no_masks(void)
{
    for (unsigned n = 0; n < 128; n++)
        fx_write(E1000_FFMT + 8 * n, 0);
}

START_TEST(a_flexible_filter_compares_the_bytes_that_its_mask_names)
{
    const unsigned filter = (unsigned)_i;
    uint8_t *frame;

    start(0);
    no_masks();
    for (unsigned i = 0; i < 4; i++)
        fx_write(E1000_FFLT + 8 * i, i == filter ? 128 : 2047);
    for (unsigned n = 0; n < 128; n++) {
        filters(0);
        frame = rings_frame(STATION, 200);
        fx_write(E1000_FFMT + 8 * n, 1u << filter);
        fx_write(E1000_FFVT + 8 * n, (uint32_t)frame[n] << 8 * filter);
        filters(0xf0000);
        ck_assert_hex_eq(seen(frame, 200), FLX << filter);
        frame[n] ^= 0x08;
        ck_assert_hex_eq(seen(frame, 200), 0);
        filters(0);
        fx_write(E1000_FFMT + 8 * n, 0xf & ~(1u << filter)); /* the others', which fail by length */
        filters(0xf0000);
        ck_assert_hex_eq(seen(frame, 200), n < 6 ? 0 : FLX << filter); /* the address filter has its own say */
        fx_write(E1000_FFMT + 8 * n, 0);
    }
}
END_TEST

START_TEST(the_length_of_a_flexible_filter_is_least_and_last)
{
    uint8_t *frame;

    start(0);
    no_masks();
    fx_write(E1000_FFMT + 8 * 70, 1);
    fx_write(E1000_FFVT + 8 * 70, 0x11);
    for (uint32_t least = 60; least < 100; least++) {
        filters(0);
        fx_write(E1000_FFLT, least);
        filters(FLX);
        fx_log_clear();
        for (size_t len = 60; len < 100; len++) {
            frame = rings_frame(STATION, len);
            frame[70] = 0x22;
            if (len > 70 || len + 4 <= 70)
                ck_assert_hex_eq(seen(frame, len), len + 4 >= least && least <= 70 ? FLX : 0);
            frame[70] = 0x11;
            if (len > 70)
                ck_assert_hex_eq(seen(frame, len), len + 4 >= least ? FLX : 0);
        }
    }
}
END_TEST

START_TEST(the_fcs_is_part_of_what_a_flexible_filter_sees)
{
    const uint8_t *frame;

    start(0);
    no_masks();
    frame = rings_frame_fcs(STATION, 80);
    for (unsigned n = 80; n < 84; n++) {
        fx_write(E1000_FFMT + 8 * n, 2);
        fx_write(E1000_FFVT + 8 * n, (uint32_t)frame[n] << 8);
    }
    fx_write(E1000_FFLT + 8, 84);
    filters(FLX << 1);
    ck_assert_hex_eq(seen(frame, 80), FLX << 1); /* worked out */
    e1000_frame_in(fx.dev, frame, 84, E1000_FRAME_FCS);
    ck_assert_hex_eq(fx_read(E1000_WUS), FLX << 1); /* brought along */
}
END_TEST

START_TEST(length_0_takes_every_packet_that_passes_the_address_filter)
{
    start(0);
    for (unsigned n = 0; n < 128; n++)
        fx_write(E1000_FFMT + 8 * n, 0xf);
    fx_write(E1000_FFLT + 16, 0);
    filters(FLX << 2);
    ck_assert_hex_eq(seen_to(STATION), FLX << 2);
    ck_assert_hex_eq(seen_to(OTHER), 0);
    filters(0);
    fx_write(E1000_FFLT + 16, 1); /* byte 0 counts: 52h is not what FFVT holds */
    filters(FLX << 2);
    ck_assert_hex_eq(seen_to(STATION), 0);
}
END_TEST

START_TEST(tables_are_written_with_the_filters_off)
{
    static const struct {
        uint32_t offset;
        const char *line;
    } table[] = {{E1000_FFLT + 24, "bad flexible-filter-while-on FFLT 00000001"},
                 {E1000_FFMT, "bad flexible-filter-while-on FFMT 00000001"},
                 {E1000_FFMT + 8 * 127, "bad flexible-filter-while-on FFMT 00000001"},
                 {E1000_FFVT, "bad flexible-filter-while-on FFVT 00000001"},
                 {E1000_FFVT + 8 * 127, "bad flexible-filter-while-on FFVT 00000001"}};

    start(0);
    for (unsigned bit = 0; bit < 20; bit++)
        for (unsigned i = 0; i < 5; i++) {
            const uint32_t wufc = 1u << bit & ALL;

            filters(wufc);
            fx_log_clear();
            fx_write(table[i].offset, 1);
            ck_assert_int_eq(fx_logged(table[i].line), wufc >= FLX);
            ck_assert_uint_eq(fx_log_count("bad"), wufc >= FLX);
            ck_assert_hex_eq(fx_read(table[i].offset), 1);
        }
}
END_TEST

/* ---- which packets count, and what is kept [6.4.2, 6.4.3.5] ---- */

START_TEST(bad_frames_wake_nobody)
{
    static const uint32_t fault[] = {E1000_FRAME_RX_ER, E1000_FRAME_ALIGN, E1000_FRAME_CEXT};
    uint8_t *frame;

    start(EX);
    fx_write(E1000_WUC, APME | APMPME | PME_EN);
    for (unsigned i = 0; i < 3; i++) {
        frame = rings_frame_fcs(STATION, 60);
        e1000_frame_in(fx.dev, frame, 64, E1000_FRAME_FCS | fault[i]);
        e1000_frame_in(fx.dev, frame, 60, fault[i]);
    }
    frame[63] ^= 1;
    e1000_frame_in(fx.dev, frame, 64, E1000_FRAME_FCS);
    for (size_t len = 0; len < 60; len++)
        e1000_frame_in(fx.dev, rings_frame(STATION, len), len, 0);
    e1000_frame_in(fx.dev, rings_frame_fcs(STATION, 59), 63, E1000_FRAME_FCS);
    e1000_frame_in(fx.dev, rings_frame(STATION, 1519), 1519, 0);
    ck_assert_hex_eq(fx_read(E1000_WUS), 0);
    ck_assert_hex_eq(seen(rings_frame(STATION, 1518), 1518), EX);
    fx_write(E1000_RCTL, LPE);
    ck_assert_hex_eq(seen(rings_frame(STATION, 1519), 1519), EX);
    ck_assert_hex_eq(seen(rings_frame(STATION, 16380), 16380), EX);
    ck_assert_hex_eq(seen(rings_frame(STATION, 16381), 16381), 0);
}
END_TEST

static void expect_kept(const uint8_t *frame, size_t len) /* with its FCS */
{
    ck_assert_uint_eq(fx_read(E1000_WUPL), len < 2047 ? len : 2047);
    for (unsigned n = 0; n < 128 && n < len; n++)
        ck_assert_hex_eq(fx_read(E1000_WUPM + (n & ~3u)) >> 8 * (n % 4) & 0xff, frame[n]);
}

START_TEST(the_first_128_bytes_and_the_length_are_kept)
{
    static const size_t lengths[] = {60,  61,  119, 120, 121, 122,  123,  124,  125,  126,
                                     127, 128, 129, 132, 500, 1518, 2042, 2043, 2044, 16380};

    start(EX);
    fx_write(E1000_RCTL, LPE);
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (unsigned carried = 0; carried < 2; carried++) {
            const uint8_t *frame = rings_frame_fcs(STATION, lengths[i]);

            for (unsigned n = 0; n < 32; n++)
                fx_write(E1000_WUPM + 4 * n, 0xa5a5a5a5);
            fx_write(E1000_WUS, ALL);
            e1000_frame_in(fx.dev, frame, lengths[i] + 4 * carried, carried ? E1000_FRAME_FCS : 0);
            expect_kept(frame, lengths[i] + 4);
            for (size_t n = lengths[i] + 4; n < 128; n++) /* what it does not reach stays */
                ck_assert_hex_eq(fx_read(E1000_WUPM + (uint32_t)(n & ~(size_t)3)) >> 8 * (n % 4) & 0xff, 0xa5);
        }
}
END_TEST

/* Any of the received bits, as if it had been set by a packet, holds up ACPI; LNKC does not. */
START_TEST(a_received_bit_holds_up_the_next_packet)
{
    static const uint32_t bits[] = {LNKC, MAG, EX, MC, BC, ARP, IP4, IP6, FLX, FLX << 1, FLX << 2, FLX << 3};

    start(EX | BC);
    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        fx.dev->r[R_WUS] = bits[i];
        fx_write(E1000_WUPL, 77);
        state(0x8100);
        e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
        ck_assert_int_eq(fx.pme, bits[i] == LNKC);
        ck_assert_hex_eq(fx_read(E1000_WUS), bits[i] == LNKC ? (LNKC | EX) : bits[i]);
        ck_assert_uint_eq(fx_read(E1000_WUPL), bits[i] == LNKC ? 64 : 77);
    }
}
END_TEST

START_TEST(apm_is_held_up_by_mag_alone)
{
    static const uint32_t bits[] = {LNKC, MAG, EX, BC, FLX << 3};
    const size_t len = make_magic(14, 6, 16);

    start(0);
    fx_write(E1000_WUC, APME | APMPME);
    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        fx.dev->r[R_WUS] = bits[i];
        fx_write(E1000_WUPL, 77);
        state(0x8000);
        e1000_frame_in(fx.dev, magic, len, 0);
        ck_assert_int_eq(fx.pme, bits[i] != MAG);
        ck_assert_hex_eq(fx_read(E1000_WUS), bits[i] | MAG);
        ck_assert_uint_eq(fx_read(E1000_WUPL), bits[i] == LNKC ? len + 4 : 77); /* the first packet's */
    }
}
END_TEST

START_TEST(a_packet_sets_every_enabled_bit_and_no_other)
{
    start_net(ARP | BC | FLX);
    no_masks();
    fx.dev->r[R_FFLT] = 0;
    ck_assert_hex_eq(arp("", 0, "\1\2\3\4"), ARP | BC | FLX);
    filters(ARP | FLX << 1);
    fx.dev->r[R_FFLT + 1] = 0;
    ck_assert_hex_eq(arp("", 0, "\1\2\3\4"), ARP | FLX << 1);
    filters(LNKC | EX);
    ck_assert_hex_eq(arp("", 0, "\1\2\3\4"), 0);
}
END_TEST

START_TEST(a_wake_up_is_one_event_and_one_edge)
{
    start(EX);
    fx_log_clear();
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    ck_assert_uint_eq(fx_log_count("wake"), 1);
    ck_assert(fx_logged("wake 00000004"));
    ck_assert_uint_eq(fx_log_count("event pme 1"), 1);
    ck_assert_uint_eq(fx_log_count("pme 1"), 1);
    state(0x8100);
    state(0x8100);
    ck_assert_uint_eq(fx_log_count("event pme 0"), 1);
    ck_assert_uint_eq(fx_log_count("pme 0"), 1);
}
END_TEST

/* A host without the pin, and one without a trace, see the same registers. */
START_TEST(pme_and_trace_are_optional)
{
    fx_board();
    fx.host.pme = NULL;
    fx.host.trace = NULL;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_link_up();
    filters(EX);
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    ck_assert_hex_eq(fx_read(E1000_WUS), EX);
    ck_assert_hex_eq(pmcsr(), 0xa100);
    ck_assert(!fx.pme);
}
END_TEST

/* ---- the data path with wake-up on [6.4.2 silent] ---- */

static void receive_ring(void)
{
    for (uint32_t i = 0; i < 16; i++) {
        fx_put64(RXD + i * 16, RXB + (uint64_t)i * BUF);
        fx_put64(RXD + i * 16 + 8, 0);
    }
    fx_write(E1000_RDBAL, RXD);
    fx_write(E1000_RDLEN, 16 * 16);
    fx_write(E1000_RCTL, RX_EN | SECRC);
    fx_write(E1000_RDT, 15);
}

static unsigned stored(void)
{
    unsigned n = 0;

    while (n < 16 && (fx.memory[RXD + n * 16 + 12] & 1) != 0)
        n++;
    return n;
}

ON_EVERY_HOST(a_frame_that_wakes_is_received_as_well)
{
    rings_power(host, 0, false);
    receive_ring();
    for (unsigned i = 0; i < 3; i++) /* the short way is open now, where there is no trace */
        e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    ck_assert_hex_eq(fx_read(E1000_WUS), 0);
    filters(EX);
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    ck_assert(fx.pme);
    ck_assert_uint_eq(stored(), 4);
    fx_write(E1000_WUFC, 0);
    fx_write(E1000_WUS, ALL);
    for (unsigned i = 0; i < 3; i++)
        e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    ck_assert_hex_eq(fx_read(E1000_WUS), 0);
    ck_assert_uint_eq(stored(), 7);
    ck_assert_uint_eq(fx_read(E1000_GPRC), 7);
}

/* The EEPROM turns APM on while frames fly; no register is written at that moment. */
ON_EVERY_HOST(apm_from_a_reload_sees_the_next_frame)
{
    const size_t len = make_magic(14, 6, 16);

    rings_power(host, 0, false);
    receive_ring();
    fx.dev->eeprom.word[0x24] = 0x0400;
    fx.dev->eeprom.word[0x0f] = 0x8000;
    fx_set(E1000_CTRL_EXT, 1 << 13); /* EE_RST */
    for (unsigned i = 0; i < 3; i++)
        e1000_frame_in(fx.dev, magic, len, 0);
    ck_assert(!fx.pme);
    fx_run(FX_LOAD_NS);
    e1000_frame_in(fx.dev, magic, len, 0);
    ck_assert(fx.pme);
    ck_assert_uint_eq(stored(), 4);
}

/* ---- PME#: PMCSR and WUC [6.3.3.4, 13.6.1] ---- */

START_TEST(wuc_shows_pmcsr)
{
    start(0);
    for (unsigned v = 0; v < 16; v++) {
        fx.dev->pci.config[0xe1] = (uint8_t)((v & 2 ? 1 : 0) | (v & 4 ? 0x80 : 0));
        fx_write(E1000_WUC, v & ~4u);
        ck_assert_hex_eq(fx_read(E1000_WUC), v); /* 0 written does not clear PME_Status */
        fx_write(E1000_WUC, v | 4u);
        ck_assert_hex_eq(fx_read(E1000_WUC), v & ~4u);
        ck_assert_hex_eq(pmcsr(), 0x2000 | (v & 2 ? 0x100 : 0));
    }
}
END_TEST

START_TEST(apm_holds_pme_until_one_of_four_things)
{
    const size_t len = make_magic(14, 6, 16);

    start(0);
    for (unsigned way = 0; way < 5; way++) {
        fx_write(E1000_WUC, APME | APMPME | PME_STATUS);
        fx_write(E1000_WUS, ALL);
        e1000_frame_in(fx.dev, magic, len, 0);
        ck_assert(fx.pme);
        ck_assert_hex_eq(fx_read(E1000_WUC), APME | APMPME | PME_STATUS);
        fx_write(E1000_WUS, ALL & ~MAG);
        fx_write(E1000_WUC, APME | APMPME);
        fx_write(E1000_WUFC, EX);
        fx_write(E1000_WUFC, 0);
        ck_assert(fx.pme);
        if (way == 0)
            fx_write(E1000_WUS, MAG);
        else if (way == 1)
            fx_write(E1000_WUC, APME);
        else if (way == 2)
            fx_write(E1000_WUC, APMPME);
        else if (way == 3)
            fx_write(E1000_WUC, APME | APMPME | PME_STATUS);
        else
            state(0x8000);
        ck_assert(!fx.pme);
        fx_write(E1000_WUC, APME | APMPME); /* it does not come back */
        ck_assert(!fx.pme);
    }
}
END_TEST

START_TEST(without_apmpme_apm_only_records)
{
    const size_t len = make_magic(14, 6, 16);

    start(0);
    fx_write(E1000_WUC, APME | PME_EN);
    e1000_frame_in(fx.dev, magic, len, 0);
    ck_assert_hex_eq(fx_read(E1000_WUS), MAG);
    ck_assert_hex_eq(fx_read(E1000_WUC), APME | PME_EN);
    ck_assert(!fx.pme);
    fx_write(E1000_WUC, APME | APMPME | PME_EN);
    ck_assert(!fx.pme);
}
END_TEST

START_TEST(with_power_management_off_nothing_is_asserted)
{
    const size_t len = make_magic(14, 6, 16);

    fx_board();
    fx.eeprom[0x0a] &= (uint16_t)~8u;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_link_up();
    fx_write(E1000_WUFC, EX | MAG);
    fx_write(E1000_WUC, APME | APMPME | PME_EN);
    ck_assert_hex_eq(fx_read(E1000_WUC), APME | APMPME);
    e1000_frame_in(fx.dev, magic, len, 0);
    ck_assert_hex_eq(fx_read(E1000_WUS), EX | MAG);
    ck_assert_hex_eq(pmcsr(), 0);
    ck_assert_uint_eq(fx_log_count("event pme"), 0);
}
END_TEST

/* ---- link change [6.4.2] ---- */

START_TEST(a_link_change_wakes_once)
{
    struct e1000_partner p;

    start(LNKC);
    fx_partner_gigabit(&p);
    e1000_partner(fx.dev, NULL);
    ck_assert(fx.pme);
    ck_assert_hex_eq(fx_read(E1000_WUS), LNKC);
    state(0x8100);
    e1000_partner(fx.dev, &p);
    fx_run(2 * SEC);
    ck_assert(!fx.pme);
    fx_write(E1000_WUS, LNKC);
    e1000_partner(fx.dev, NULL);
    ck_assert(fx.pme);
    fx_write(E1000_WUFC, EX);
    fx_write(E1000_WUS, LNKC);
    state(0x8100);
    e1000_partner(fx.dev, &p);
    fx_run(2 * SEC);
    ck_assert_hex_eq(fx_read(E1000_WUS), 0);
}
END_TEST

/* ---- power states [6.3.1] ---- */

static void decode_off(void)
{
    e1000_config_write(fx.dev, 4, 2, 0);
}
static bool phy_up(void)
{
    struct e1000_link l;

    e1000_link_state(fx.dev, &l);
    return l.phy_up;
}

START_TEST(d0u_ends_with_memory_or_io)
{
    for (unsigned command = 0; command < 8; command++) {
        struct e1000_partner p;

        fx_board();
        fx_power();
        fx_partner_gigabit(&p);
        e1000_partner(fx.dev, &p);
        fx_run(10 * SEC);
        ck_assert(power_low(fx.dev));
        ck_assert(!phy_up());
        e1000_config_write(fx.dev, 4, 2, command);
        ck_assert_int_eq(power_low(fx.dev), (command & 3) == 0);
        fx_run(2 * SEC);
        ck_assert_int_eq(phy_up(), (command & 3) != 0);
        decode_off(); /* D0a is not left so */
        ck_assert_int_eq(power_low(fx.dev), (command & 3) == 0);
        ck_assert_int_eq(phy_up(), (command & 3) != 0);
    }
}
END_TEST

START_TEST(command_bits_in_d3_do_not_wake_the_card)
{
    start(0);
    state(3);
    e1000_config_write(fx.dev, 4, 2, 7);
    ck_assert(power_low(fx.dev));
    state(0); /* D0u, its header empty */
    ck_assert(power_low(fx.dev));
    state(3);
    e1000_config_write(fx.dev, 4, 2, 7);
    state(0);
    ck_assert(power_low(fx.dev));
    fx_run(2 * SEC);
    ck_assert(!phy_up());
}
END_TEST

/* WUC, WUFC, MANC and whether the PHY stays up asleep. */
START_TEST(the_phy_stays_up_for_whoever_needs_it)
{
    static const struct {
        uint32_t wuc, wufc, manc;
        bool up;
    } row[] = {{0, 0, 0, false},
               {PME_EN, 0, 0, false},
               {0, ALL, 0, false},
               {PME_EN, EX, 0, true},
               {PME_EN, LNKC, 0, true},
               {APME, 0, 0, true},
               {APMPME, 0, 0, false},
               {0, 0, 1, true},
               {0, 0, 2, true},
               {0, 0, 4, false},
               {0, 0, 0xa304, false},
               {PME_EN, FLX << 3, 0, true},
               {APME | PME_EN, EX, 3, true}};
    struct e1000_partner p;

    fx_partner_gigabit(&p);
    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++)
        for (unsigned dr = 0; dr < 2; dr++) {
            start(0);
            fx.dev->r[R_MANC] = row[i].manc;
            fx_write(E1000_WUC, row[i].wuc | PME_STATUS);
            fx_write(E1000_WUFC, row[i].wufc);
            if (dr)
                e1000_pci_reset(fx.dev, true);
            else
                state(3 | (pmcsr() & 0x100));
            ck_assert_int_eq(phy_up(), row[i].up);
            e1000_partner(fx.dev, NULL);
            e1000_partner(fx.dev, &p);
            fx_run(2 * SEC);
            ck_assert_int_eq(phy_up(), row[i].up);
        }
}
END_TEST

START_TEST(the_phy_slows_down_only_from_1000_and_only_if_told)
{
    static const struct {
        bool told, needed, gigabit, forced;
        uint16_t speed; /* asleep; 0: no link */
        bool gap;
    } row[] = {{true, true, true, false, 100, true},
               {false, true, true, false, 1000, false},
               {true, true, false, false, 100, false},
               {true, false, true, false, 0, true},
               {true, true, true, true, 1000, false}};
    struct e1000_partner p;
    struct e1000_link l;

    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        fx_start();
        fx_partner_gigabit(&p);
        p.gigabit_full = row[i].gigabit;
        if (row[i].forced)
            fx_phy_write(0, 0x8140); /* reset, 1000 full, no auto-negotiation */
        e1000_partner(fx.dev, &p);
        fx_write(E1000_CTRL, SLU | (row[i].told ? EN_PHY_PWR_MGMT : 0));
        fx_run(2 * SEC);
        filters(row[i].needed ? EX : 0);
        fx_log_clear();
        state(0x103);
        fx_run(5 * SEC);
        e1000_link_state(fx.dev, &l);
        ck_assert_int_eq(l.phy_up, row[i].speed != 0);
        ck_assert_uint_eq(fx_log_count("link down"), row[i].gap);
        if (row[i].speed != 0)
            ck_assert_uint_eq(fx.dev->phy.speed, row[i].speed);
        fx_log_clear();
        state(0x103); /* nothing new: nothing happens */
        ck_assert_uint_eq(fx_log_count("link"), 0);
        state(0x100);
        fx_pci_setup();
        fx_run(2 * SEC);
        ck_assert(phy_up());
        ck_assert_uint_eq(fx.dev->phy.speed, row[i].gigabit ? 1000 : 100);
    }
}
END_TEST

/* Timers that were due write nothing: neither rings nor the line move. */
START_TEST(sleep_ends_what_is_under_way)
{
    const bool pin = _i != 0;

    fx_board();
    fx.config.line_rate = true;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_link_up();
    receive_ring();
    fx_write(E1000_RXDCTL, 4u << 16 | 1u << 24);
    fx_write(E1000_RDTR, 100);
    fx_write(E1000_RADV, 200);
    fx_write(E1000_TIDV, 100);
    fx_write(E1000_TADV, 200);
    fx_write(E1000_TDBAL, TXD);
    fx_write(E1000_TDLEN, 128);
    for (unsigned i = 0; i < 2; i++) {
        fx_put64(TXD + i * 16, TXB);
        fx_put64(TXD + i * 16 + 8, UINT64_C(1000) | UINT64_C(0x8b) << 24); /* IDE RS IFCS EOP */
    }
    fx_write(E1000_TCTL, 2);
    fx_write(E1000_IMS, 0x91);
    filters(EX);
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    fx_write(E1000_TDT, 2);
    fx_log_clear();
    if (pin)
        e1000_pci_reset(fx.dev, true);
    else
        state(0x103);
    ck_assert_uint_eq(fx_log_count("bad d3-while-on RCTL"), !pin);
    fx_run(SEC);
    e1000_partner(fx.dev, NULL);
    fx_run(SEC);
    ck_assert_uint_eq(fx_log_count("dma"), 0);
    ck_assert_uint_eq(fx_log_count("frame out"), 0);
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert(!fx.line);
}
END_TEST

START_TEST(d3_is_entered_with_units_off)
{
    static const struct {
        uint32_t rctl, tctl, rdt;
        const char *about;
    } row[] = {{0, 0, 0, NULL},
               {0, 0, 5, NULL},
               {RX_EN, 0, 0, NULL},
               {RX_EN, 0, 5, "bad d3-while-on RCTL 00000002"},
               {0, 2, 0, "bad d3-while-on TCTL 00000002"},
               {RX_EN, 2, 5, "bad d3-while-on RCTL 00000002"}};

    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        fx_start();
        fx_write(E1000_RDLEN, 128);
        fx_write(E1000_TDLEN, 128);
        e1000_config_write(fx.dev, 4, 2, 3); /* no bus mastering: nothing is fetched */
        fx_write(E1000_RDT, row[i].rdt);
        fx_write(E1000_RCTL, row[i].rctl);
        fx_write(E1000_TCTL, row[i].tctl);
        fx_log_clear();
        state(3);
        ck_assert_uint_eq(fx_log_count("bad"), row[i].about != NULL);
        if (row[i].about != NULL)
            ck_assert(fx_logged(row[i].about));
    }
}
END_TEST

START_TEST(asleep_frames_go_to_the_filters_alone)
{
    start(0);
    receive_ring();
    filters(BC);
    state(0x103);
    fx_log_clear();
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    ck_assert(fx_logged("drop 64 asleep [6.3.1.4]"));
    ck_assert_uint_eq(fx.dev->rx.fifo.count, 0);
    ck_assert_hex_eq(fx.dev->r[R_MPC], 0);
    ck_assert_uint_eq(stored(), 0);
    ck_assert(!fx.pme);
}
END_TEST

START_TEST(states_that_do_not_exist_are_reported)
{
    static const struct {
        bool on;
        unsigned offset, size;
        uint32_t value;
        bool bad;
    } row[] = {{true, 0xe0, 2, 0, false}, {true, 0xe0, 2, 1, true},       {true, 0xe0, 2, 2, true},
               {true, 0xe0, 2, 3, false}, {true, 0xe1, 1, 3, false},      {true, 0xe2, 2, 1, false},
               {false, 0xe0, 2, 3, true}, {false, 0xe0, 2, 0x100, false}, {false, 0xe0, 1, 1, true},
               {true, 0xe4, 2, 1, false}, {true, 0xe0, 4, 0x10000, false}};

    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        fx_board();
        if (!row[i].on)
            fx.eeprom[0x0a] &= (uint16_t)~8u;
        fx_power();
        fx_run(FX_LOAD_NS);
        fx_pci_setup();
        fx_log_clear();
        e1000_config_write(fx.dev, row[i].offset, row[i].size, row[i].value);
        ck_assert_uint_eq(fx_log_count("bad power-state-unsupported PMCSR"), row[i].bad);
    }
}
END_TEST

START_TEST(loss_of_power_releases_pme)
{
    start(EX);
    fx.dev->board.aux_power = true;
    ck_assert(!fx.pme);
    e1000_frame_in(fx.dev, rings_frame(STATION, 60), 60, 0);
    ck_assert(fx.pme);
    e1000_pci_reset(fx.dev, true);
    ck_assert(fx.pme);
    e1000_pci_reset(fx.dev, false);
    ck_assert(fx.pme);
    e1000_lan_power_good(fx.dev, false);
    ck_assert(!fx.pme);
    e1000_lan_power_good(fx.dev, true);
    ck_assert(!fx.pme);
    ck_assert_hex_eq(pmcsr(), 0x2000);
}
END_TEST

/* ---- management [5.6.24] ---- */

enum { SMBUS = 1, ASF = 2, M_026F = 0x100, M_0298 = 0x200, M_ARP = 0x2000, M_RSP = 0x8000 };

static size_t make_udp(uint32_t port, unsigned words, uint32_t fragment)
{
    const size_t at = make_net(STATION, 0x0800, "", 0), udp = at + 4 * words;

    memset(net + at, 0, 4 * words);
    net[at] = (uint8_t)(0x40 | words);
    net[at + 6] = (uint8_t)(fragment >> 8);
    net[at + 7] = (uint8_t)fragment;
    net[at + 9] = 17;
    net[udp] = 1; /* source port 0102h */
    net[udp + 1] = 2;
    net[udp + 2] = (uint8_t)(port >> 8);
    net[udp + 3] = (uint8_t)port;
    return udp + 8 < 60 ? 60 : udp + 8;
}

static size_t make_arp(unsigned operation)
{
    const size_t at = make_net(BROADCAST_ADDRESS, 0x0806, "", 0);

    memcpy(net + at, arp_header, 8);
    net[at + 7] = (uint8_t)operation;
    return 60;
}

/* Does the host get it? */
static bool delivered(size_t len)
{
    const uint32_t head = fx_read(E1000_RDH), count = fx_read(E1000_GPRC);
    bool got;

    (void)count;
    e1000_frame_in(fx.dev, net, len, 0);
    got = fx_read(E1000_RDH) != head;
    ck_assert_uint_eq(fx_read(E1000_GPRC), 1);
    ck_assert_uint_eq(fx_read(E1000_MGTPRC), !got);
    if (got)
        fx_write(E1000_RDT, (fx_read(E1000_RDT) + 1) % 16);
    return got;
}

START_TEST(management_takes_what_its_bits_name)
{
    static const uint32_t bit[] = {M_026F, M_0298, M_ARP, M_RSP};

    start(0);
    receive_ring();
    fx_write(E1000_RCTL, RX_EN | SECRC | BAM);
    for (unsigned who = 0; who < 4; who++)
        for (unsigned i = 0; i < 4; i++)
            for (unsigned kind = 0; kind < 4; kind++) {
                const bool taken = (who & 3) != 0 && i == kind;

                fx.dev->r[R_MANC] = who;
                fx_write(E1000_MANC, bit[i]);
                ck_assert_hex_eq(fx_read(E1000_MANC), bit[i] | who);
                ck_assert_int_eq(delivered(kind == 0   ? make_udp(0x026f, 5, 0)
                                           : kind == 1 ? make_udp(0x0298, 5, 0)
                                                       : make_arp(kind - 1)),
                                 !taken);
            }
}
END_TEST

START_TEST(near_misses_go_to_the_host)
{
    size_t len;

    start(0);
    receive_ring();
    fx_write(E1000_RCTL, RX_EN | SECRC | BAM);
    fx.dev->r[R_MANC] = SMBUS | M_026F | M_0298 | M_ARP | M_RSP;
    fx_write(E1000_MANC, M_026F | M_0298 | M_ARP | M_RSP);
    ck_assert(delivered(make_arp(0)));
    ck_assert(delivered(make_arp(3)));
    ck_assert(delivered(make_udp(0x026e, 5, 0)));
    ck_assert(delivered(make_udp(0x0270, 5, 0)));
    ck_assert(delivered(make_udp(0x0297, 5, 0)));
    ck_assert(delivered(make_udp(0x0299, 5, 0)));
    ck_assert(!delivered(make_udp(0x026f, 15, 0)));
    ck_assert(!delivered(make_udp(0x026f, 5, 0xe000))); /* flags, offset 0 */
    for (unsigned b = 0; b < 13; b++)
        ck_assert(delivered(make_udp(0x026f, 5, 1u << b)));
    len = make_udp(0x026f, 5, 0);
    net[14 + 9] = 6;
    ck_assert(delivered(len));
    make_udp(0x026f, 5, 0);
    net[14] = 0x44;
    ck_assert(delivered(len));
    make_udp(0x026f, 15, 0); /* 60 bytes of header in a frame of 60: the ports are not there */
    ck_assert(delivered(60));
    ck_assert(delivered(14 + 60 + 3));
    ck_assert(!delivered(14 + 60 + 4));
}
END_TEST

START_TEST(more_than_200_bytes_are_dropped_and_counted)
{
    start(0);
    receive_ring();
    fx.dev->r[R_MANC] = ASF;
    fx_write(E1000_MANC, M_026F);
    make_udp(0x026f, 5, 0);
    ck_assert(!delivered(196));
    ck_assert_uint_eq(fx_read(E1000_MGTPDC), 0);
    ck_assert(!delivered(197));
    ck_assert_uint_eq(fx_read(E1000_MGTPDC), 1);
}
END_TEST

Suite *power_suite(void);
Suite *power_suite(void)
{
    Suite *s = suite_create("power");
    TCase *tc = tcase_create("magic packets");

    tcase_add_test(tc, six_ones_and_sixteen_addresses_are_magic);
    tcase_add_test(tc, every_byte_of_the_sixteen_addresses_counts);
    tcase_add_test(tc, the_search_goes_on_behind_a_broken_try);
    tcase_add_test(tc, ones_inside_an_address_count_for_the_next_set);
    tcase_add_test(tc, a_magic_packet_must_pass_the_filter_or_be_a_broadcast);
    suite_add_tcase(s, tc);

    tc = tcase_create("predefined filters");
    tcase_add_test(tc, ex_mc_and_bc_look_at_the_destination);
    tcase_add_test(tc, the_sixteen_addresses_wake_by_destination_only);
    tcase_add_test(tc, an_arp_request_is_told_by_its_header);
    tcase_add_test(tc, each_address_counts_if_it_is_valid);
    tcase_add_test(tc, a_tag_and_snap_are_skipped);
    tcase_add_test(tc, an_ipv4_packet_has_version_4_and_five_words);
    tcase_add_test(tc, ip_wakes_if_it_is_for_this_station);
    tcase_add_test(tc, an_ipv6_packet_has_type_0800_and_version_6);
    tcase_add_test(tc, an_address_that_the_frame_does_not_hold_is_none);
    suite_add_tcase(s, tc);

    tc = tcase_create("flexible filters");
    tcase_add_loop_test(tc, a_flexible_filter_compares_the_bytes_that_its_mask_names, 0, 4);
    tcase_add_test(tc, the_length_of_a_flexible_filter_is_least_and_last);
    tcase_add_test(tc, the_fcs_is_part_of_what_a_flexible_filter_sees);
    tcase_add_test(tc, length_0_takes_every_packet_that_passes_the_address_filter);
    tcase_add_test(tc, tables_are_written_with_the_filters_off);
    suite_add_tcase(s, tc);

    tc = tcase_create("packets");
    tcase_add_test(tc, bad_frames_wake_nobody);
    tcase_add_test(tc, the_first_128_bytes_and_the_length_are_kept);
    tcase_add_test(tc, a_received_bit_holds_up_the_next_packet);
    tcase_add_test(tc, apm_is_held_up_by_mag_alone);
    tcase_add_test(tc, a_packet_sets_every_enabled_bit_and_no_other);
    tcase_add_test(tc, a_wake_up_is_one_event_and_one_edge);
    tcase_add_test(tc, pme_and_trace_are_optional);
    tcase_add_test(tc, a_frame_that_wakes_is_received_as_well);
    tcase_add_test(tc, apm_from_a_reload_sees_the_next_frame);
    suite_add_tcase(s, tc);

    tc = tcase_create("PME#");
    tcase_add_test(tc, wuc_shows_pmcsr);
    tcase_add_test(tc, apm_holds_pme_until_one_of_four_things);
    tcase_add_test(tc, without_apmpme_apm_only_records);
    tcase_add_test(tc, with_power_management_off_nothing_is_asserted);
    tcase_add_test(tc, a_link_change_wakes_once);
    tcase_add_test(tc, loss_of_power_releases_pme);
    suite_add_tcase(s, tc);

    tc = tcase_create("states");
    tcase_add_test(tc, d0u_ends_with_memory_or_io);
    tcase_add_test(tc, command_bits_in_d3_do_not_wake_the_card);
    tcase_add_test(tc, the_phy_stays_up_for_whoever_needs_it);
    tcase_add_test(tc, the_phy_slows_down_only_from_1000_and_only_if_told);
    tcase_add_loop_test(tc, sleep_ends_what_is_under_way, 0, 2);
    tcase_add_test(tc, d3_is_entered_with_units_off);
    tcase_add_test(tc, asleep_frames_go_to_the_filters_alone);
    tcase_add_test(tc, states_that_do_not_exist_are_reported);
    suite_add_tcase(s, tc);

    tc = tcase_create("management");
    tcase_add_test(tc, management_takes_what_its_bits_name);
    tcase_add_test(tc, near_misses_go_to_the_host);
    tcase_add_test(tc, more_than_200_bytes_are_dropped_and_counted);
    suite_add_tcase(s, tc);
    return s;
}
