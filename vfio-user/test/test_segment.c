/*
 * test_segment.c - cutting TCP, finishing checksums
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../segment.h"
#include "net_fixture.h"

Suite *segment_suite(void);

static uint8_t room[NET_PACKET_MAX], bytes[NET_PACKET_MAX];
static unsigned count;
static size_t done;

struct expected {
    bool six, tagged;
    size_t header, total;
};

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void check_segment(void *ctx, const struct net_packet *frame)
{
    const struct expected *const e = ctx;
    const size_t payload = frame->len - e->header, ip = e->tagged ? 18 : 14, tcp = e->header - 32;
    const uint8_t *const p = frame->iov[0].iov_base;
    const bool last = done + payload == e->total;

    ck_assert_uint_eq(payload, last ? e->total - done : 1448);
    tcp_check(p, frame->len, e->six, ip);
    ck_assert_mem_eq(p + e->header, bytes + e->header + done, payload);
    ck_assert_uint_eq(get32(p + tcp + 4), 0xffffff00u + (uint32_t)done); /* wraps */
    ck_assert_uint_eq(p[tcp + 13], 0x10u | (count == 0 ? 0x80 : 0) | (last ? 0x09 : 0));
    if (!e->six)
        ck_assert_uint_eq((unsigned)p[ip + 4] << 8 | p[ip + 5], (0xffff + count) & 0xffff);
    ck_assert(frame->csum_valid && frame->gso_type == NET_GSO_NONE && !frame->needs_csum);
    done += payload;
    count++;
}

/* Bits of _i: IPv6, a tag, and whether the packet comes in pieces that end anywhere. */
START_TEST(segments_add_up_to_the_packet)
{
    struct expected e = {.six = _i & 1, .tagged = _i & 2, .total = 10 * 1448 + 1};
    struct net_packet packet;
    struct iovec one, pieces[4];

    e.header = tcp_packet(bytes, e.six, e.tagged, e.total, &packet, &one);
    if (_i & 4) {
        pieces[0] = (struct iovec){bytes, 20};
        pieces[1] = (struct iovec){bytes + 20, 1000};
        pieces[2] = (struct iovec){bytes + 1020, 0};
        pieces[3] = (struct iovec){bytes + 1020, packet.len - 1020};
        packet.iov = pieces;
        packet.iovcnt = 4;
    }
    ck_assert_uint_eq(segment_packet(&packet, room, check_segment, &e), 11);
    ck_assert_uint_eq(done, e.total);
}
END_TEST

static void never(void *ctx, const struct net_packet *frame)
{
    (void)ctx;
    (void)frame;
    ck_abort_msg("a frame came of it");
}

START_TEST(what_does_not_fit_its_description_is_refused)
{
    struct net_packet good, bad;
    struct iovec iov;
    const size_t header = tcp_packet(bytes, false, false, 3000, &good, &iov);

    bad = good, bad.gso_size = 0;
    ck_assert_uint_eq(segment_packet(&bad, room, never, NULL), 0);
    bad = good, bad.header_len = (uint16_t)good.len;
    ck_assert_uint_eq(segment_packet(&bad, room, never, NULL), 0);
    bad = good, bad.header_len = 40;
    ck_assert_uint_eq(segment_packet(&bad, room, never, NULL), 0);
    bad = good, bad.csum_start = 20;
    ck_assert_uint_eq(segment_packet(&bad, room, never, NULL), 0);
    bad = good, bad.csum_start = 60000;
    ck_assert_uint_eq(segment_packet(&bad, room, never, NULL), 0);
    bad = good, bad.gso_type = NET_GSO_TCP6;
    ck_assert_uint_eq(segment_packet(&bad, room, never, NULL), 0);
    bytes[header - 20] = 15 << 4; /* TCP says that it has more options than there are */
    ck_assert_uint_eq(segment_packet(&good, room, never, NULL), 0);
    bad = good, bad.gso_type = NET_GSO_NONE, bad.csum_start = (uint16_t)good.len;
    ck_assert_uint_eq(segment_packet(&bad, room, never, NULL), 0);
    bad = good, bad.gso_type = NET_GSO_NONE, bad.csum_offset = 65535;
    ck_assert_uint_eq(segment_packet(&bad, room, never, NULL), 0);
}
END_TEST

static void check_udp(void *ctx, const struct net_packet *frame)
{
    const uint8_t *const p = frame->iov[0].iov_base;

    ck_assert_uint_eq((unsigned)p[40] << 8 | p[41], *(unsigned *)ctx);
    count++;
}

/* 1 + 2 + ... worked out by hand: three words and the pseudo header's sum in the field. */
START_TEST(a_checksum_left_to_do_is_done)
{
    struct iovec iov = {bytes, 60};
    struct net_packet packet = {
        .iov = &iov, .iovcnt = 1, .len = 60, .needs_csum = true, .csum_start = 34, .csum_offset = 6};
    unsigned want = 0xffff - (0x1234 + 0x0102 + 0x0003);

    memset(bytes, 0, 60);
    memcpy(bytes + 40, "\x12\x34", 2);
    memcpy(bytes + 34, "\x01\x02\x00\x03", 4);
    ck_assert_uint_eq(segment_packet(&packet, room, check_udp, &want), 1);
    /* Where the sum comes out as 0, it is written as FFFFh: 0 would mean that there is none. */
    memcpy(bytes + 40, "\xfe\xfa", 2);
    want = 0xffff;
    ck_assert_uint_eq(segment_packet(&packet, room, check_udp, &want), 1);
    ck_assert_uint_eq(count, 2);
}
END_TEST

START_TEST(headers_for_somebody_else_to_cut)
{
    struct net_packet packet;
    struct iovec iov;
    const size_t header = tcp_packet(bytes, false, false, 5000, &packet, &iov);
    uint8_t whole[8192];

    ck_assert_uint_eq(segment_headers(&packet, room), header);
    memcpy(whole, room, header);
    memcpy(whole + header, bytes + header, 5000);
    /* The field has the pseudo header's sum with the length: what is left is to add the rest and invert. */
    packet = (struct net_packet){.iov = &iov,
                                 .iovcnt = 1,
                                 .len = header + 5000,
                                 .needs_csum = true,
                                 .csum_start = (uint16_t)(header - 32),
                                 .csum_offset = 16};
    iov.iov_base = whole;
    {
        struct segmenter segmenter;
        struct net_packet frame;

        ck_assert(segment_start(&segmenter, &packet, room) && segment_next(&segmenter, &frame));
        tcp_check(frame.iov[0].iov_base, frame.len, false, 14);
    }
    tcp_packet(bytes, false, false, NET_PACKET_MAX - header, &packet, &iov);
    ck_assert_uint_eq(segment_headers(&packet, room), 0); /* longer than IP can say */
}
END_TEST

static void reset(void)
{
    count = 0;
    done = 0;
}

Suite *segment_suite(void)
{
    Suite *const suite = suite_create("segment");
    TCase *const tcase = tcase_create("segment");

    tcase_add_checked_fixture(tcase, reset, NULL);
    tcase_add_loop_test(tcase, segments_add_up_to_the_packet, 0, 8);
    tcase_add_test(tcase, what_does_not_fit_its_description_is_refused);
    tcase_add_test(tcase, a_checksum_left_to_do_is_done);
    tcase_add_test(tcase, headers_for_somebody_else_to_cut);
    suite_add_tcase(suite, tcase);
    return suite;
}
