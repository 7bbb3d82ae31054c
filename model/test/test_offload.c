/*
 * test_offload.c - what is left to the host comes to the same frames and the same counts
 *
 * The same sends go through two devices: one that is traced, has no map and does everything itself, and one
 * whose host cuts segments and sums up with the plain arithmetic below, a byte at a time.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

enum { RING = 0x1000, ENTRIES = 256, BUFFERS = 0x10000, WIRE_MAX = 1 << 19, HEADER_MAX = 120 };

static struct wire {
    uint8_t bytes[WIRE_MAX];
    size_t len;
    unsigned frames, calls, cut; /* calls of the host; those that were to be cut */
} first, second, *wire;
static uint64_t no_map_at; /* the page there is not mapped */

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}
static void put_be16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static uint32_t words(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    while (sum >> 16 != 0)
        sum = (sum >> 16) + (sum & 0xffff);
    return sum;
}

static void put_frame(const uint8_t *frame, size_t len)
{
    ck_assert_uint_le(wire->len + len + 4, WIRE_MAX);
    wire->bytes[wire->len++] = (uint8_t)(len >> 8);
    wire->bytes[wire->len++] = (uint8_t)len;
    memcpy(wire->bytes + wire->len, frame, len);
    wire->len += len;
    wire->frames++;
}

static void finish_checksum(uint8_t *frame, size_t len, unsigned start, unsigned offset)
{
    ck_assert_uint_le(start + offset + 2, len);
    put_be16(frame + start + offset, ~words(frame + start, len - start));
}

/* As a host does it that knows nothing of the device: RFC 791, 793, 8200. */
static void cut(const uint8_t *packet, size_t len, const struct e1000_frame *f)
{
    const unsigned ip = f->ip == 4 ? f->csum_start - 20u : f->csum_start - 40u, tcp = f->csum_start;
    uint8_t piece[FX_FRAME_MAX];
    unsigned n = 0;

    ck_assert_uint_eq(f->csum_offset, 16);
    ck_assert_uint_eq(f->header, tcp + (packet[tcp + 12] >> 4) * 4u);
    if (f->ip == 4) {
        ck_assert_uint_eq(be16(packet + ip + 2), len - ip);
        ck_assert_uint_eq(words(packet + ip, 20), 0xffff);
    } else {
        ck_assert_uint_eq(be16(packet + ip + 4), len - ip - 40);
    }
    for (size_t at = f->header; at < len; at += f->segment, n++) {
        const size_t take = len - at < f->segment ? len - at : f->segment, all = f->header + take;
        uint32_t seq, partial;

        memcpy(piece, packet, f->header);
        memcpy(piece + f->header, packet + at, take);
        seq = (be16(packet + tcp + 4) << 16 | be16(packet + tcp + 6)) + (uint32_t)(at - f->header);
        put_be16(piece + tcp + 4, seq >> 16);
        put_be16(piece + tcp + 6, seq);
        if (at + take < len)
            piece[tcp + 13] &= 0xf6; /* FIN, PSH */
        if (f->ip == 4) {
            put_be16(piece + ip + 2, (uint32_t)(all - ip));
            put_be16(piece + ip + 4, be16(packet + ip + 4) + n);
            put_be16(piece + ip + 10, 0);
            put_be16(piece + ip + 10, ~words(piece + ip, 20));
        } else {
            put_be16(piece + ip + 4, (uint32_t)(all - ip - 40));
        }
        /* the pseudo-header's sum, with this piece's length in place of the packet's */
        partial = be16(packet + tcp + 16) + (0xffff - (uint32_t)((len - tcp) % 0xffff)) + (uint32_t)(all - tcp);
        put_be16(piece + tcp + 16, (partial >> 16) + partial);
        finish_checksum(piece, all, tcp, 16);
        put_frame(piece, all);
    }
    ck_assert_uint_gt(n, 1);
}

static bool watching;

/* What leaves from its place must not be the driver's again: no descriptor of it says DD. */
static void not_given_back(const void *base)
{
    for (unsigned i = 0; watching && i < ENTRIES; i++) {
        const uint64_t addr = fx_get64(RING + i * 16), len = fx_get32(RING + i * 16 + 8) & 0xfffff;
        const uint8_t *const from = fx.memory + addr;

        if ((fx.memory[RING + i * 16 + 12] & 1) != 0 && (fx.memory[RING + i * 16 + 10] & 0xf0) == 0x10)
            ck_assert((const uint8_t *)base < from || (const uint8_t *)base >= from + len);
    }
}

static void on_frame(void *ctx, const struct e1000_frame *f)
{
    static uint8_t packet[1 << 17];
    size_t len = 0;

    (void)ctx;
    wire->calls++;
    for (unsigned i = 0; i < f->iovcnt; i++) {
        not_given_back(f->iov[i].base);
        memcpy(packet + len, f->iov[i].base, f->iov[i].len);
        len += f->iov[i].len;
    }
    ck_assert_uint_eq(len, f->length);
    if ((f->flags & E1000_FRAME_FCS) != 0)
        len -= 4;
    else
        ck_assert((f->offloads & E1000_OFFLOAD_FCS) != 0);
    if ((f->offloads & E1000_OFFLOAD_TSO) != 0) {
        wire->cut++;
        cut(packet, len, f);
        return;
    }
    if ((f->offloads & E1000_OFFLOAD_CHECKSUM) != 0)
        finish_checksum(packet, len, f->csum_start, f->csum_offset);
    put_frame(packet, len);
}

static void *some_map(void *ctx, uint64_t addr, size_t len, bool for_write)
{
    if (addr < no_map_at + 4096 && no_map_at < addr + len)
        return NULL;
    return fx_dma_map(ctx, addr, len, for_write);
}

/* ---- a send ---- */

struct send {
    unsigned ip, options; /* 4, 6; bytes of TCP options */
    unsigned payload, mss;
    unsigned pieces;           /* payload bytes of a descriptor */
    unsigned flags;            /* of TCP */
    bool tag, segmented, each; /* each: the tail moves a descriptor at a time */
    unsigned popts;
    unsigned check; /* what the driver left in the IPv4 checksum field */
    bool rs;        /* in every descriptor */
};

static unsigned tail;

static void descriptor(uint64_t a, uint64_t b, bool each)
{
    fx_put64(RING + tail * 16, a);
    fx_put64(RING + tail * 16 + 8, b);
    tail = (tail + 1) % ENTRIES;
    if (each)
        fx_write(E1000_TDT, tail);
}

static unsigned make_header(const struct send *s)
{
    const unsigned tcp = s->ip == 4 ? 34 : 54, len = tcp + 20 + s->options;
    uint8_t h[HEADER_MAX] = {0x00, 0x16, 0x3e, 1, 2, 3, 0x52, 0x54, 0, 0x12, 0x34, 0x56};

    put_be16(h + 12, s->ip == 4 ? 0x0800 : 0x86dd);
    if (s->ip == 4) {
        static const uint8_t ip4[20] = {0x45, 0, 0, 0, 0xff, 0xfe, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};

        memcpy(h + 14, ip4, sizeof ip4);
        if (!s->segmented)
            put_be16(h + 16, 20 + 20 + s->options + s->payload);
        put_be16(h + 24, s->check);
        put_be16(h + tcp + 16, words(h + 26, 8) + 6); /* the sum stays below 10000h */
    } else {
        h[14] = 0x60;
        h[20] = 6;
        h[21] = 64;
        for (unsigned i = 22; i < 54; i++)
            h[i] = (uint8_t)i;
        put_be16(h + tcp + 16,
                 words((uint8_t[]){(uint8_t)(words(h + 22, 32) >> 8), (uint8_t)words(h + 22, 32), 0, 6}, 4));
    }
    put_be16(h + tcp, 1024);
    put_be16(h + tcp + 2, 80);
    put_be16(h + tcp + 4, 0xffff);
    put_be16(h + tcp + 6, 0xfff0); /* the sequence number wraps */
    h[tcp + 12] = (uint8_t)((20 + s->options) / 4 << 4);
    h[tcp + 13] = (uint8_t)s->flags;
    put_be16(h + tcp + 14, 0x2000);
    memset(h + tcp + 20, 1, s->options);
    memcpy(fx.memory + BUFFERS, h, len);
    return len;
}

static void do_send(const struct send *s)
{
    const unsigned header = make_header(s), tcp = s->ip == 4 ? 34 : 54;
    const uint64_t dcmd = 0x22 | (s->segmented ? 4 : 0) | (s->tag ? 0x40 : 0) | (s->rs ? 8 : 0); /* DEXT IFCS */
    const uint64_t special = s->tag ? UINT64_C(0x2064) << 48 : 0, popts = (uint64_t)s->popts << 40;
    unsigned at;

    for (unsigned i = 0; i < s->payload; i++)
        fx.memory[BUFFERS + header + i] = (uint8_t)(i * 7 + (i >> 8) * 13 + 1);
    descriptor(14 | (s->ip == 4 ? 24 : 0) << 8 | (uint64_t)(s->ip == 4 ? 33 : 0) << 16 | (uint64_t)tcp << 32 |
                   (uint64_t)(tcp + 16) << 40,
               s->payload | (uint64_t)(0x21 | (s->ip == 4 ? 2 : 0) | (s->segmented ? 4 : 0)) << 24 |
                   (uint64_t)header << 40 | (uint64_t)s->mss << 48,
               s->each);
    descriptor(BUFFERS, header | UINT64_C(1) << 20 | dcmd << 24 | popts | special, s->each);
    for (at = 0; at < s->payload; at += s->pieces) {
        const unsigned take = s->payload - at < s->pieces ? s->payload - at : s->pieces;
        const bool end = at + take == s->payload;

        descriptor(BUFFERS + header + at, take | UINT64_C(1) << 20 | (dcmd | (end ? 9 : 0)) << 24 | popts | special,
                   s->each);
    }
    fx_write(E1000_TDT, tail);
}

enum { COUNTERS = 14 };
struct counts {
    uint32_t value[COUNTERS], icr, tdh;
};

static struct counts run(struct wire *w, bool offloads, bool map, const struct send *sends, unsigned n)
{
    static const uint32_t counter[COUNTERS] = {E1000_GPTC,   E1000_TPT,     E1000_GOTCL,   E1000_TOTL,  E1000_TSCTC,
                                               E1000_TSCTFC, E1000_MPTC,    E1000_BPTC,    E1000_PTC64, E1000_PTC127,
                                               E1000_PTC255, E1000_PTC1023, E1000_PTC1522, E1000_PTC511};
    struct counts c;

    wire = w;
    wire->len = wire->frames = wire->calls = wire->cut = 0;
    tail = 0;
    fx_board();
    fx.host.frame_out = on_frame;
    if (map) {
        fx.host.dma_map = some_map;
        fx.host.trace = NULL;
    }
    if (offloads)
        fx.host.offloads = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM | E1000_OFFLOAD_TSO;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_link_up();
    fx_set(E1000_CTRL, E1000_MASK(CTRL, VME));
    fx_write(E1000_VET, 0x8100);
    fx_write(E1000_TDBAL, RING);
    fx_write(E1000_TDLEN, ENTRIES * 16);
    fx_write(E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
    for (unsigned i = 0; i < n; i++)
        do_send(&sends[i]);
    for (unsigned i = 0; i < COUNTERS; i++)
        c.value[i] = fx_read(counter[i]);
    c.icr = fx_read(E1000_ICR);
    c.tdh = fx_read(E1000_TDH);
    ck_assert_uint_eq(c.tdh, tail);
    return c;
}

static void compare(const struct send *sends, unsigned n, const char *what)
{
    const struct counts a = run(&first, false, false, sends, n), b = run(&second, true, true, sends, n);

    ck_assert_msg(first.frames == second.frames, "%s: %u frames, %u by the host", what, first.frames, second.frames);
    ck_assert_msg(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0, "%s: other bytes",
                  what);
    for (unsigned i = 0; i < COUNTERS; i++)
        ck_assert_msg(a.value[i] == b.value[i], "%s: counter %u is %u, %u", what, i, a.value[i], b.value[i]);
    ck_assert_msg(a.icr == b.icr, "%s: ICR %x, %x", what, a.icr, b.icr);
}

static const struct send base = {
    .ip = 4, .payload = 40000, .mss = 1460, .pieces = 4096, .flags = 0x19, .segmented = true, .popts = 3};

START_TEST(a_segmentation_leaves_as_one_packet)
{
    no_map_at = UINT64_MAX - 8192;
    compare(&base, 1, "one send");
    ck_assert_uint_eq(first.frames, 28); /* 27 x 1460 + 580 */
    ck_assert_uint_eq(second.calls, 1);
    ck_assert_uint_eq(second.cut, 1);
}
END_TEST

START_TEST(sizes_options_and_address_families)
{
    static const unsigned payload[] = {1, 7, 536, 1459, 1460, 1461, 2920, 2921, 65000, 120001},
                          mss[] = {536, 1448, 1460, 8960};

    no_map_at = UINT64_MAX - 8192;
    for (unsigned i = 0; i < sizeof payload / sizeof *payload; i++)
        for (unsigned m = 0; m < 4; m++)
            for (unsigned v = 0; v < 8; v++) {
                struct send s = base;

                s.payload = payload[i];
                s.mss = mss[m];
                s.ip = v & 1 ? 6 : 4;
                s.popts = s.ip == 4 ? 3 : 2;
                s.options = v & 2 ? 12 : 0;
                s.pieces = v & 4 ? 4096 : 1999;
                compare(&s, 1, "sizes");
            }
}
END_TEST

/* Where the host cannot have all of it in one piece: the rest leaves as it would without it. */
START_TEST(what_cannot_leave_together_leaves_alone)
{
    for (unsigned v = 0; v < 32; v++) {
        struct send s = base;

        no_map_at = v & 1 ? BUFFERS + 12000 : UINT64_MAX - 8192;
        s.each = (v & 2) != 0;
        s.tag = (v & 4) != 0;
        s.pieces = v & 8 ? 997 : 4096;  /* more entries than fit */
        s.flags = v & 16 ? 0x99 : 0x11; /* CWR */
        compare(&s, 1, "alone");
    }
}
END_TEST

START_TEST(a_buffer_given_back_has_left)
{
    for (unsigned v = 0; v < 4; v++) {
        struct send s = base;

        no_map_at = UINT64_MAX - 8192;
        s.rs = watching = true;
        s.segmented = (v & 1) != 0;
        s.payload = s.segmented ? 9000 : 1300;
        s.pieces = v & 2 ? 4096 : 400;
        compare(&s, 1, "RS");
    }
    watching = false;
}
END_TEST

/* [3.5.7] What stands in the field counts; a host would not count it. */
START_TEST(a_driver_that_leaves_an_ip_checksum)
{
    struct send s = base;

    no_map_at = UINT64_MAX - 8192;
    s.check = 0x1234;
    compare(&s, 1, "IP checksum");
    ck_assert_uint_eq(second.cut, 0);
}
END_TEST

START_TEST(sends_follow_each_other)
{
    struct send s[4] = {base, base, base, base};

    no_map_at = UINT64_MAX - 8192;
    s[0].payload = 9000;
    s[1].segmented = false;
    s[1].payload = 1000;
    s[2].payload = 100; /* a single segment */
    s[3].payload = 65400;
    compare(s, 4, "mixed");
    ck_assert_uint_eq(second.cut, 2);
}
END_TEST

START_TEST(one_checksum_is_left_to_the_host)
{
    for (unsigned v = 0; v < 32; v++) {
        struct send s = base;

        no_map_at = UINT64_MAX - 8192;
        s.segmented = false;
        s.payload = v & 1 ? 1 : 1001;
        s.tag = (v & 2) != 0;
        s.ip = v & 4 ? 6 : 4;
        s.popts = s.ip == 4 ? 3 : 2;
        s.pieces = v & 8 ? 100 : 2000;
        s.each = (v & 16) != 0;
        compare(&s, 1, "one frame");
    }
}
END_TEST

/* [3.2.9] The host's word for it, and only for TCP and UDP. */
START_TEST(a_vouched_for_checksum_is_not_looked_at)
{
    static const uint8_t ip4[20] = {0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};

    for (unsigned v = 0; v < 8; v++) {
        uint8_t frame[60] = {0x52, 0x54, 0, 0x12, 0x34, 0x56, 0, 0x16, 0x3e, 1, 2, 3, 8, 0};
        const bool vouched = v & 1, ip_bad = v & 2, traced = v & 4;

        memcpy(frame + 14, ip4, sizeof ip4);
        put_be16(frame + 24, ~words(frame + 14, 20) ^ (ip_bad ? 1 : 0));
        frame[46] = 0x50;
        fx_board();
        if (!traced)
            fx.host.trace = NULL;
        fx_power();
        fx_run(FX_LOAD_NS);
        fx_pci_setup();
        fx_link_up();
        fx_write(E1000_RDBAL, RING);
        fx_write(E1000_RDLEN, 256);
        fx_put64(RING, BUFFERS);
        fx_put64(RING + 16, BUFFERS + 2048);
        fx_write(E1000_RXCSUM, 0x300);
        fx_write(E1000_RDT, 4);
        fx_write(E1000_RCTL, E1000_MASK(RCTL, EN) | E1000_MASK(RCTL, SECRC));
        for (unsigned i = 0; i < 2; i++) { /* the second goes the short way */
            e1000_frame_in(fx.dev, frame, sizeof frame, vouched ? E1000_FRAME_CHECKED : 0);
            ck_assert_hex_eq(fx.memory[RING + i * 16 + 12], 0x63); /* TCPCS IPCS EOP DD */
            ck_assert_hex_eq(fx.memory[RING + i * 16 + 13], (ip_bad ? 0x40 : 0) | (vouched ? 0 : 0x20)); /* IPE TCPE */
        }
    }
}
END_TEST

Suite *offload_suite(void);
Suite *offload_suite(void)
{
    Suite *s = suite_create("offload");
    TCase *t = tcase_create("host");

    tcase_add_test(t, a_segmentation_leaves_as_one_packet);
    tcase_add_test(t, sizes_options_and_address_families);
    tcase_add_test(t, what_cannot_leave_together_leaves_alone);
    tcase_add_test(t, a_buffer_given_back_has_left);
    tcase_add_test(t, a_driver_that_leaves_an_ip_checksum);
    tcase_add_test(t, sends_follow_each_other);
    tcase_add_test(t, one_checksum_is_left_to_the_host);
    tcase_add_test(t, a_vouched_for_checksum_is_not_looked_at);
    suite_add_tcase(s, t);
    return s;
}
