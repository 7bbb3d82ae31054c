/*
 * test_tx.c - transmit: descriptors, frames, write-back, interrupts, the FIFO, the wire [3.3, 3.4, 13.4.33-44, 13.7]
 */
#include "../core.h"

#include "rings.h"

enum { EN = 1 << 1, PSP = 1 << 3 };                                                            /* TCTL */
enum { EOP = 0x01, IFCS = 0x02, RS = 0x08, DEXT = 0x20, IDE = 0x80, FRAME = EOP | IFCS | RS }; /* CMD */
enum { TXDW = 1, TXQE = 2, TXD_LOW = 0x8000 };                                                 /* ICR */
#define UNIT_NS UINT64_C(1024)

static uint32_t entries, next;

static void ring(uint32_t n)
{
    entries = n;
    next = 0;
    memset(fx.memory + TXD, 0, n * 16);
    fx_write(E1000_TDBAL, TXD);
    fx_write(E1000_TDBAH, 0);
    fx_write(E1000_TDLEN, n * 16);
    fx_write(E1000_TDH, 0);
    fx_write(E1000_TDT, 0);
    fx_write(E1000_TIPG, 10);
    fx_write(E1000_TCTL, EN);
    fx_read(E1000_ICR);
    fx_log_clear();
}

static void start(unsigned host)
{
    rings_power(host, 0, false);
    ring(16);
}

/* Put a descriptor behind the last one; the tail is not moved. Returns its index. */
static uint32_t put(uint64_t addr, uint32_t len, uint32_t cmd)
{
    const uint32_t i = next;

    fx_put64(TXD + i * 16, addr);
    fx_put64(TXD + i * 16 + 8, len | (uint64_t)cmd << 24);
    next = (next + 1) % entries;
    return i;
}

static void ring_doorbell(void)
{
    fx_write(E1000_TDT, next);
}

/* Frame bytes at TXB + at; they follow from at. */
static void fill(uint32_t at, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        fx.memory[TXB + at + i] = (uint8_t)(i * 13 + at + (i >> 8) * 5);
    fx.memory[TXB + at] &= 0xfe; /* to one station */
}

/* One descriptor, one frame of len bytes, at once. */
static uint32_t send(uint32_t len, uint32_t cmd)
{
    uint32_t i;

    fill(0, len);
    i = put(TXB, len, cmd);
    ring_doorbell();
    return i;
}

static uint32_t status_of(uint32_t i)
{
    return fx.memory[TXD + i * 16 + 12];
}
static uint32_t head(void)
{
    return fx_read(E1000_TDH);
}

/* Frame n went out with these bytes at TXB, zeros up to padded, and the FCS if there is to be one. */
static void expect_sent(uint32_t n, const uint8_t *data, uint32_t len, uint32_t padded, bool fcs)
{
    static uint8_t want[FX_FRAME_MAX + 4];
    const struct fx_frame *f = &fx.sent[n];

    ck_assert_uint_gt(fx.sent_count, n);
    memset(want, 0, sizeof want);
    memcpy(want, data, len);
    if (fcs) {
        const uint32_t crc = rings_fcs(want, padded);

        for (unsigned i = 0; i < 4; i++)
            want[padded + i] = (uint8_t)(crc >> 8 * i);
    }
    ck_assert_uint_eq(f->length, padded + (fcs ? 4 : 0));
    ck_assert_mem_eq(f->data, want, f->length);
    ck_assert_uint_eq(f->flags, E1000_FRAME_FCS);
    ck_assert_uint_eq(f->offloads, 0);
}

/* ---- one frame ---- */

ON_EVERY_HOST(frame_leaves_with_its_fcs)
{
    start(host);
    ck_assert_uint_eq(send(100, FRAME), 0);
    ck_assert_uint_eq(fx.sent_count, 1);
    expect_sent(0, fx.memory + TXB, 100, 100, true);
    ck_assert_hex_eq(status_of(0), 1);
    ck_assert_uint_eq(head(), 1);
    ck_assert_hex_eq(fx_read(E1000_ICR), TXDW | TXQE | TXD_LOW);
}

ON_EVERY_HOST(frame_without_ifcs_leaves_as_it_is)
{
    start(host);
    send(100, EOP | RS);
    expect_sent(0, fx.memory + TXB, 100, 100, false);
}

ON_EVERY_HOST(host_that_makes_the_fcs_gets_none)
{
    for (unsigned ifcs = 0; ifcs < 2; ifcs++) {
        rings_power(host, E1000_OFFLOAD_FCS, false);
        ring(16);
        fx_write(E1000_TCTL, EN | PSP);
        send(20, ifcs != 0 ? FRAME : EOP | RS);
        send(200, ifcs != 0 ? FRAME : EOP | RS);
        ck_assert_uint_eq(fx.sent[0].length, ifcs != 0 ? 60 : 64);
        ck_assert_uint_eq(fx.sent[1].length, 200);
        for (unsigned n = 0; n < 2; n++) {
            ck_assert_uint_eq(fx.sent[n].flags, ifcs != 0 ? 0 : E1000_FRAME_FCS);
            ck_assert_uint_eq(fx.sent[n].offloads, ifcs != 0 ? E1000_OFFLOAD_FCS : 0);
        }
        ck_assert_hex_eq(fx_read(E1000_TOTL), ifcs != 0 ? 64 + 204 : 64 + 200);
    }
}

/* [13.4.33] PSP: 64 bytes with the FCS; without PSP nothing is added. */
ON_EVERY_HOST(short_frames_are_padded_with_psp)
{
    for (uint32_t psp = 0; psp < 2; psp++)
        for (uint32_t ifcs = 0; ifcs < 2; ifcs++)
            for (uint32_t len = 1; len < 67; len += len < 56 ? 5 : 1) {
                const uint32_t least = psp == 0 ? 0 : ifcs != 0 ? 60 : 64;

                rings_power(host, 0, false);
                ring(16);
                fx_write(E1000_TCTL, EN | (psp != 0 ? PSP : 0));
                send(len, EOP | RS | (ifcs != 0 ? IFCS : 0));
                expect_sent(0, fx.memory + TXB, len, len < least ? least : len, ifcs != 0);
            }
}

ON_EVERY_HOST(frames_follow_one_another)
{
    start(host);
    for (uint32_t n = 0; n < 15; n++) {
        fill(n * BUF, 60 + n * 50);
        put(TXB + n * BUF, 60 + n * 50, FRAME);
    }
    ring_doorbell();
    ck_assert_uint_eq(fx.sent_count, 15);
    for (uint32_t n = 0; n < 15; n++) {
        expect_sent(n, fx.memory + TXB + n * BUF, 60 + n * 50, 60 + n * 50, true);
        ck_assert_hex_eq(status_of(n), 1);
    }
    ck_assert_uint_eq(head(), 15);
}

/* ---- many descriptors ---- */

/* Up to 30 pieces stay in guest memory where the host maps it; with more they are gathered. */
ON_EVERY_HOST(pieces_make_one_frame)
{
    for (uint32_t pieces = 1; pieces < 70; pieces += pieces < 27 || pieces > 33 ? 9 : 1) {
        uint32_t at = 0;

        rings_power(host, 0, false);
        ring(128);
        fx_write(E1000_TCTL, EN | PSP);
        fill(0, 1400);
        for (uint32_t i = 0; i < pieces; i++) {
            const uint32_t len = 1 + i % 20;

            put(TXB + at, len, i + 1 < pieces ? 0 : FRAME);
            at += len;
        }
        ring_doorbell();
        ck_assert_uint_eq(fx.sent_count, 1);
        expect_sent(0, fx.memory + TXB, at, at < 60 ? 60 : at, true);
        ck_assert_uint_eq(head(), pieces);
        ck_assert_hex_eq(status_of(pieces - 1), 1);
        if (pieces > 1)
            ck_assert_hex_eq(status_of(0), 0);
        send(70, FRAME); /* and the next is none the worse */
        expect_sent(1, fx.memory + TXB, 70, 70, true);
    }
}

ON_EVERY_HOST(ifcs_counts_with_eop)
{
    start(host);
    fill(0, 200);
    put(TXB, 100, IFCS);
    put(TXB + 100, 100, EOP);
    put(TXB, 100, 0);
    put(TXB + 100, 100, EOP | IFCS);
    ring_doorbell();
    expect_sent(0, fx.memory + TXB, 200, 200, false);
    expect_sent(1, fx.memory + TXB, 200, 200, true);
}

ON_EVERY_HOST(frame_can_wait_for_its_end)
{
    start(host);
    fill(0, 300);
    put(TXB, 100, RS);
    ring_doorbell();
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_hex_eq(status_of(0), 1); /* its data has been fetched [3.5.1] */
    ck_assert_uint_eq(head(), 1);
    put(TXB + 100, 100, 0);
    ring_doorbell();
    memset(fx.memory + TXB, 0, 200); /* the buffers are the driver's again */
    put(TXB + 200, 100, FRAME);
    ring_doorbell();
    fill(0, 300);
    expect_sent(0, fx.memory + TXB, 300, 300, true);
}

/* [3.3.3] moves no data; DD with RS */
ON_EVERY_HOST(address_or_length_zero_moves_no_data)
{
    start(host);
    fill(0, 200);
    put(0, 100, RS);
    put(TXB, 100, 0);
    put(TXB, 0, RS);
    put(0, 0, 0);
    put(TXB + 100, 60, 0);
    put(0, 100, FRAME); /* ends the frame */
    put(TXB, 70, FRAME);
    ring_doorbell();
    ck_assert_uint_eq(fx.sent_count, 2);
    expect_sent(0, fx.memory + TXB, 160, 160, true);
    expect_sent(1, fx.memory + TXB, 70, 70, true);
    ck_assert_hex_eq(status_of(0), 1);
    ck_assert_hex_eq(status_of(1), 0);
    ck_assert_hex_eq(status_of(2), 1);
    ck_assert_hex_eq(status_of(5), 1);
    ck_assert_uint_eq(head(), 7);
}

ON_EVERY_HOST(a_frame_of_nothing_is_none)
{
    start(host);
    fx_write(E1000_TCTL, EN | PSP);
    put(0, 60, FRAME);
    put(TXB, 0, FRAME);
    ring_doorbell();
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_hex_eq(fx_read(E1000_TPT), 0);
    ck_assert_hex_eq(status_of(0) & status_of(1), 1);
    ck_assert_uint_eq(head(), 2);
}

/* [3.3.1, 3.3.3] 16288 bytes at most, in one descriptor or several */
ON_EVERY_HOST(longest_frame_has_16288_bytes)
{
    static const uint32_t cut[] = {0, 1, 8000, 16287};

    for (unsigned i = 0; i < 4; i++)
        for (uint32_t len = 16288; len <= 16289; len++) {
            start(host);
            fill(0, len);
            if (cut[i] > 0)
                put(TXB, cut[i], 0);
            put(TXB + cut[i], len - cut[i], FRAME);
            ring_doorbell();
            ck_assert_hex_eq(status_of(next - 1), 1);
            if (len == 16288) {
                ck_assert_uint_eq(fx.sent_count, 1);
                expect_sent(0, fx.memory + TXB, len, len, true);
            } else {
                ck_assert_uint_eq(fx.sent_count, 0);
                if (fx.host.trace != NULL)
                    ck_assert(fx_logged("bad frame-too-long txd 00003fa1"));
            }
            send(60, FRAME);
            expect_sent(len == 16288, fx.memory + TXB, 60, 60, true);
        }
}

ON_EVERY_HOST(too_long_a_frame_is_swallowed_to_its_end)
{
    start(host);
    put(TXB, 10000, 0);
    put(TXB, 10000, 0);
    put(TXB, 65535, RS);
    put(TXB, 60, FRAME);
    ring_doorbell();
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(head(), 4);
    ck_assert_uint_le(fx_log_count("bad"), 1);
    send(60, FRAME);
    ck_assert_uint_eq(fx.sent_count, 1);
    expect_sent(0, fx.memory + TXB, 60, 60, true);
    ck_assert_hex_eq(fx_read(E1000_TPT), 1);
}

/* [3.3.1] 80 bytes less than the FIFO is always allowed; we take what fits with its padding: 952 of 1 KB. */
ON_EVERY_HOST(small_fifo_limits_the_frame)
{
    for (uint32_t len = 944; len <= 960; len += 8) {
        start(host);
        fx_write(E1000_PBA, 63);
        send(len, FRAME);
        ck_assert_uint_eq(fx.sent_count, len <= 952);
        if (len <= 952)
            expect_sent(0, fx.memory + TXB, len, len, true);
        else
            ck_assert(fx.host.trace == NULL || fx_logged("bad frame-too-long txd 000003c0"));
        ck_assert_hex_eq(status_of(0), 1);
    }
    start(host);
    fx_write(E1000_PBA, 63);
    send(953, FRAME);
    ck_assert_uint_eq(fx.sent_count, 0);
}

ON_EVERY_HOST(without_a_fifo_nothing_leaves)
{
    start(host);
    fx_write(E1000_PBA, 64);
    send(60, FRAME);
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(head(), 1);
}

/* Enough frames of odd lengths for every place where the FIFO can wrap, in the address too. */
ON_EVERY_HOST(frames_wrap_in_the_fifo_unharmed)
{
    rings_power(host, 0, false);
    ring(16);
    fx_write(E1000_PBA, 63);
    for (uint32_t n = 0; n < 1000; n++) {
        const uint32_t len = 60 + n * 37 % 300;

        if (n % 3 != 0) {
            send(len, FRAME);
        } else {
            fill(0, len);
            put(TXB, 3, 0);
            put(TXB + 3, len - 3, FRAME);
            ring_doorbell();
        }
        ck_assert_uint_eq(fx.sent_count, 1);
        expect_sent(0, fx.memory + TXB, len, len, true);
        fx.sent_count = 0;
        fx_log_clear();
    }
    ck_assert_hex_eq(fx_read(E1000_TPT), 1000);
}

/* ---- the ring ---- */

ON_EVERY_HOST(ring_wraps)
{
    start(host);
    for (uint32_t n = 0; n < 50; n++) {
        ck_assert_uint_eq(send(60 + n, FRAME), n % 16);
        ck_assert_uint_eq(head(), (n + 1) % 16);
        ck_assert_hex_eq(status_of(n % 16), 1);
    }
    ck_assert_uint_eq(fx.sent_count, 50);
    for (uint32_t round = 0; round < 3; round++) { /* all but one, over the end */
        for (uint32_t n = 0; n < 15; n++)
            put(TXB, 60, FRAME);
        ring_doorbell();
        ck_assert_uint_eq(head(), next);
    }
    ck_assert_uint_eq(fx.sent_count, 95);
}

ON_EVERY_HOST(equal_head_and_tail_is_empty)
{
    start(host);
    put(TXB, 60, FRAME);
    fx_write(E1000_TDT, 0);
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}

START_TEST(fetch_is_one_burst_up_to_the_tail)
{
    rings_power(HOST_TRACED, 0, false);
    ring(128);
    for (uint32_t n = 0; n < 100; n++)
        put(TXB, 60, EOP | IFCS);
    ring_doorbell();
    ck_assert_str_eq(fx_log_only("dma rd txd"), "dma rd txd[0] x64 00002000 1024\ndma rd txd[64] x36 00002400 576\n");
    ck_assert_uint_eq(fx_log_count("dma wr"), 0);
    fx_log_clear();
    for (uint32_t n = 0; n < 40; n++)
        put(TXB, 60, EOP | IFCS);
    ring_doorbell();
    ck_assert_str_eq(fx_log_only("dma rd txd"), "dma rd txd[100] x28 00002640 448\ndma rd txd[0] x12 00002000 192\n");
}
END_TEST

ON_EVERY_HOST(misprogrammed_rings_do_nothing)
{
    static const struct {
        uint32_t tdlen, tdh, tdt;
        const char *rule;
    } wrong[] = {{0, 0, 1, "bad ring-length-zero TDLEN 00000000"},
                 {128, 0, 8, "bad tail-outside-ring TDT 00000008"},
                 {128, 0, 0xffff, "bad tail-outside-ring TDT 0000ffff"},
                 {128, 8, 7, "bad head-outside-ring TDH 00000008"}};

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        start(host);
        fx_write(E1000_TCTL, 0);
        for (uint32_t n = 0; n < 16; n++)
            put(TXB, 60, FRAME);
        fx_write(E1000_TDLEN, wrong[i].tdlen);
        fx_write(E1000_TDH, wrong[i].tdh);
        fx_write(E1000_TCTL, EN);
        fx_write(E1000_TDT, wrong[i].tdt);
        if (fx.host.trace != NULL)
            ck_assert_msg(fx_logged(wrong[i].rule), "%s", fx.log);
        ck_assert_uint_eq(fx_log_count("dma"), 0);
        ck_assert_uint_eq(fx.sent_count, 0);
        ck_assert_hex_eq(fx_read(E1000_TDH), wrong[i].tdh);
        fx_write(E1000_TDT, wrong[i].tdh); /* and that is not the end of it */
        fx_write(E1000_TDLEN, 256);
        fx_write(E1000_TDT, (wrong[i].tdh + 1) % 16);
        ck_assert_uint_eq(fx.sent_count, 1);
    }
}

ON_EVERY_HOST(bus_master_off_waits)
{
    start(host);
    e1000_config_write(fx.dev, 4, 2, 3);
    send(60, FRAME);
    if (fx.host.trace != NULL)
        ck_assert(fx_logged("bad bus-master-off TDT 00000001"));
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(head(), 0);
    e1000_config_write(fx.dev, 4, 2, 7);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert_uint_eq(head(), 1);
}

ON_EVERY_HOST(transmitter_off_waits)
{
    start(host);
    fx_write(E1000_TCTL, 0);
    send(60, FRAME);
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(head(), 0);
    ck_assert_uint_eq(fx_log_count("dma"), 0);
    fx_write(E1000_TCTL, EN);
    ck_assert_uint_eq(fx.sent_count, 1);
    fx_write(E1000_TCTL, EN | PSP); /* on already: nothing new */
    ck_assert_uint_eq(fx.sent_count, 1);
}

ON_EVERY_HOST(writing_the_head_drops_what_is_on_chip)
{
    rings_power(host, 0, true);
    ring(64);
    for (uint32_t n = 0; n < 30; n++)
        put(TXB, 1000, FRAME);
    ring_doorbell(); /* 16 go into the FIFO, the others are on chip */
    fx_write(E1000_TDH, 3);
    if (fx.host.trace != NULL)
        ck_assert(fx_logged("bad head-write-while-on TDH 00000003"));
    fx_log_clear();
    fx_run(SEC / 1000);
    ck_assert_uint_eq(head(), 30);
    ck_assert_uint_eq(fx.sent_count, 16 + 27);
    fx_write(E1000_TCTL, 0);
    fx_write(E1000_TDH, 5);
    ck_assert_uint_eq(fx_log_count("bad"), 0);
}

ON_EVERY_HOST(moving_the_ring_fetches_again)
{
    rings_power(host, 0, true);
    ring(64);
    for (uint32_t n = 0; n < 30; n++)
        put(TXB, 1000, FRAME);
    ring_doorbell();
    ck_assert_uint_eq(head(), 16);
    memset(fx.memory + 0x8000, 0, 64 * 16);
    fx_write(E1000_TDBAL, 0x8000);
    fx_run(SEC / 1000);
    ck_assert_uint_eq(fx.sent_count, 16); /* the new ring has nothing to send */
    ck_assert_uint_eq(head(), 30);
    for (unsigned which = 0; which < 2; which++) { /* the same again moves nothing */
        rings_power(host, 0, true);
        ring(64);
        for (uint32_t n = 0; n < 30; n++)
            put(TXB, 1000, FRAME);
        ring_doorbell();
        memset(fx.memory + TXD, 0, 64 * 16);
        if (which == 0)
            fx_write(E1000_TDBAL, TXD);
        else
            fx_write(E1000_TDLEN, 64 * 16);
        fx_run(SEC / 1000);
        ck_assert_uint_eq(fx.sent_count, 30);
    }
    rings_power(host, 0, true); /* another length does */
    ring(64);
    for (uint32_t n = 0; n < 30; n++)
        put(TXB, 1000, FRAME);
    ring_doorbell();
    memset(fx.memory + TXD, 0, 64 * 16);
    fx_write(E1000_TDLEN, 72 * 16);
    fx_run(SEC / 1000);
    ck_assert_uint_eq(fx.sent_count, 16);
}

/* ---- DMA refused ---- */

ON_EVERY_HOST(refused_fetch_stops_until_the_tail_moves)
{
    start(host);
    fx.refuse_at = TXD, fx.refuse_len = 1;
    send(60, FRAME);
    fx.refuse_len = 0;
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(head(), 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) >> 13 & 1, 1);
    fx_write(E1000_TDT, 1);
    ck_assert_uint_eq(fx.sent_count, 1);
    fx.refuse_at = TXD + 16, fx.refuse_len = 1;
    send(60, FRAME);
    fx.refuse_len = 0;
    fx_write(E1000_TCTL, 0); /* enabling starts it again too */
    fx_write(E1000_TCTL, EN);
    ck_assert_uint_eq(fx.sent_count, 2);
}

ON_EVERY_HOST(refused_buffer_loses_its_frame_alone)
{
    start(host);
    fill(0, 100);
    put(TXB, 100, FRAME);
    put(FX_MEMORY - 50, 100, FRAME); /* reaches past the end */
    put(TXB, 50, 0);
    put(FX_MEMORY, 50, 0);
    put(TXB, 50, FRAME);
    put(TXB, 90, FRAME);
    ring_doorbell();
    ck_assert_uint_eq(fx.sent_count, 2);
    expect_sent(0, fx.memory + TXB, 100, 100, true);
    expect_sent(1, fx.memory + TXB, 90, 90, true);
    ck_assert_uint_eq(head(), 6);
    ck_assert_hex_eq(status_of(1) & status_of(4), 1);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) >> 13 & 1, 1);
    ck_assert_hex_eq(fx_read(E1000_TPT), 2);
}

ON_EVERY_HOST(refused_write_back_goes_on)
{
    for (uint32_t wthresh = 0; wthresh < 2; wthresh++) {
        start(host);
        fx_write(E1000_TXDCTL, 1u << 24 | wthresh << 16);
        fx.dev->host.dma_map = NULL; /* a map of the ring is not refused */
        put(TXB, 60, FRAME);
        put(TXB, 60, FRAME);
        fx.memory[TXB] = 0;
        ring_doorbell();
        ck_assert_uint_eq(fx.sent_count, 2);
        fx.refuse_at = TXD + 32 + 12, fx.refuse_len = 1;
        put(TXB, 60, EOP | IFCS);
        fx.refuse_len = 0;
        ring_doorbell();
        ck_assert_uint_eq(fx.sent_count, 3);
        ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) >> 13 & 1, 0);
    }
}

static bool refuse_writes(void *ctx, uint64_t addr, const void *from, size_t len)
{
    (void)ctx, (void)addr, (void)from, (void)len;
    return false;
}

ON_EVERY_HOST(write_backs_that_fail_are_master_aborts)
{
    for (uint32_t wthresh = 0; wthresh < 2; wthresh++) {
        start(host);
        fx.dev->host.dma_map = NULL;
        fx.dev->host.dma_write = refuse_writes;
        fx_write(E1000_TXDCTL, 1u << 24 | wthresh << 16);
        send(60, FRAME);
        send(60, FRAME);
        ck_assert_uint_eq(fx.sent_count, 2);
        ck_assert_uint_eq(head(), 2);
        ck_assert_hex_eq(status_of(0), 0);
        ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2) >> 13 & 1, 1);
        ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
    }
}

/* ---- write-back [3.4.2, 13.4.43] ---- */

ON_EVERY_HOST(only_rs_reports)
{
    start(host);
    send(60, EOP | IFCS);
    ck_assert_hex_eq(status_of(0), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), TXQE | TXD_LOW);
    ck_assert_uint_eq(fx.dma_writes, 0);
    send(60, FRAME);
    ck_assert_hex_eq(status_of(1), 1);
    ck_assert_hex_eq(fx_read(E1000_ICR), TXDW | TXQE | TXD_LOW);
    send(60, EOP | IFCS | IDE); /* IDE without RS says nothing */
    ck_assert_hex_eq(fx_read(E1000_ICR), TXQE | TXD_LOW);
}

static uint32_t spoil_from, spoil_to;

/* As if the driver wrote to the descriptor while the frame is leaving. */
static void spoil_descriptor(void *ctx, const struct e1000_frame *frame)
{
    (void)ctx, (void)frame;
    memset(fx.memory + TXD + spoil_from, 0x77, spoil_to - spoil_from);
}

/* [3.4.2] WTHRESH=0: one byte, STA; else the whole descriptor */
ON_EVERY_HOST(zero_threshold_writes_one_byte)
{
    start(host);
    fx.dev->host.frame_out = spoil_descriptor;
    spoil_from = 0, spoil_to = 16;
    send(60, FRAME);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(fx.memory[TXD + i], i == 12 ? 1 : 0x77);
    fx_write(E1000_TXDCTL, 1u << 24 | 1 << 16);
    spoil_from = 16, spoil_to = 32;
    send(60, FRAME);
    ck_assert_hex_eq(fx_get64(TXD + 16), TXB);
    ck_assert_hex_eq(fx_get64(TXD + 24), UINT64_C(1) << 32 | (uint64_t)FRAME << 24 | 60);
}

ON_EVERY_HOST(status_keeps_its_other_bits)
{
    start(host);
    put(TXB, 60, FRAME);
    fx.memory[TXD + 12] = 0x54;
    ring_doorbell();
    ck_assert_hex_eq(status_of(0), 0x55);
}

ON_EVERY_HOST(threshold_of_one_writes_each_back)
{
    start(host);
    fx_write(E1000_TXDCTL, 1u << 24 | 1 << 16);
    put(TXB, 30, 0);
    put(TXB, 30, FRAME);
    put(TXB, 60, FRAME);
    fx_log_clear();
    ring_doorbell();
    ck_assert_hex_eq(status_of(0), 0);
    ck_assert_hex_eq(status_of(1) & status_of(2), 1);
    if (fx.host.trace != NULL)
        ck_assert_str_eq(fx_log_only("dma wr"), "dma wr txd[1] x1 00002010 16\ndma wr txd[2] x1 00002020 16\n");
}

/* [13.4.43] It begins with RS; those behind are written back too, RS or not. */
ON_EVERY_HOST(threshold_gathers_from_the_first_rs)
{
    start(host);
    fx_write(E1000_TXDCTL, 1u << 24 | 4 << 16);
    put(TXB, 60, EOP | IFCS);
    put(TXB, 60, EOP | IFCS);
    put(TXB, 60, FRAME);
    put(TXB, 60, EOP | IFCS);
    put(TXB, 60, FRAME);
    fx_log_clear();
    ring_doorbell();
    ck_assert_uint_eq(fx.sent_count, 5);
    ck_assert_hex_eq(status_of(2), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0);
    ck_assert_uint_eq(head(), 5); /* TDH is not what has been reported [3.4] */
    send(60, EOP | IFCS);
    if (fx.host.trace != NULL)
        ck_assert_str_eq(fx_log_only("dma wr"), "dma wr txd[2] x4 00002020 64\n");
    ck_assert_hex_eq(status_of(0) | status_of(1), 0);
    ck_assert_hex_eq(status_of(2), 1);
    ck_assert_hex_eq(status_of(3), 0);
    ck_assert_hex_eq(status_of(4), 1);
    ck_assert_hex_eq(status_of(5), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
    send(60, FRAME); /* and it begins anew */
    ck_assert_hex_eq(status_of(6), 0);
}

ON_EVERY_HOST(cache_lines_count_without_gran)
{
    start(host);
    e1000_config_write(fx.dev, 0x0c, 1, 8); /* 32 bytes: two descriptors */
    fx_write(E1000_TXDCTL, 3 << 16);
    for (uint32_t n = 0; n < 6; n++) {
        ck_assert_hex_eq(status_of(0), 0);
        send(60, FRAME);
    }
    for (uint32_t n = 0; n < 6; n++)
        ck_assert_hex_eq(status_of(n), 1);
}

ON_EVERY_HOST(threshold_beyond_the_cache_still_ends)
{
    rings_power(host, 0, false);
    ring(128);
    e1000_config_write(fx.dev, 0x0c, 1, 32);
    fx_write(E1000_TXDCTL, 63 << 16); /* 504 descriptors; the chip holds 64 and needs one to work on */
    for (uint32_t n = 0; n < 62; n++)
        send(60, FRAME);
    ck_assert_hex_eq(status_of(0), 0);
    send(60, FRAME);
    ck_assert_hex_eq(status_of(0) & status_of(62), 1);
    for (uint32_t n = 0; n < 63; n++)
        send(60, FRAME);
    ck_assert_hex_eq(status_of(125), 1);
    ck_assert_uint_eq(fx.sent_count, 126);
}

ON_EVERY_HOST(lower_threshold_acts_on_what_has_gathered)
{
    start(host);
    fx_write(E1000_TXDCTL, 1u << 24 | 8 << 16);
    for (uint32_t n = 0; n < 4; n++)
        send(60, FRAME);
    fx_read(E1000_ICR);
    fx_write(E1000_TXDCTL, 1u << 24 | 5 << 16);
    ck_assert_hex_eq(status_of(0), 0);
    fx_write(E1000_TXDCTL, 1u << 24 | 4 << 16);
    ck_assert_hex_eq(status_of(0) & status_of(3), 1);
    ck_assert_hex_eq(fx_read(E1000_ICR), TXDW);
    fx_write(E1000_TXDCTL, 0); /* nothing has gathered */
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_write(E1000_TXDCTL, 1u << 24 | 8 << 16);
    send(60, FRAME);
    fx_write(E1000_TXDCTL, 0);
    ck_assert_hex_eq(status_of(4), 1);
}

/* ---- interrupts [3.4.3, 13.4.41, 13.4.44] ---- */

ON_EVERY_HOST(ide_delays_the_interrupt_alone)
{
    uint64_t at;

    start(host);
    fx_write(E1000_TIDV, 10);
    at = e1000_now(fx.dev);
    send(60, FRAME | IDE);
    ck_assert_hex_eq(status_of(0), 1);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0);
    ck_assert_uint_eq(e1000_next_event(fx.dev), at + 10 * UNIT_NS);
    fx_until(at + 10 * UNIT_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_ICR), TXDW);
    fx_run(SEC);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}

ON_EVERY_HOST(delay_starts_again_with_each_report)
{
    uint64_t at;

    start(host);
    fx_write(E1000_TIDV, 10);
    send(60, FRAME | IDE);
    fx_run(5000);
    at = e1000_now(fx.dev);
    send(60, FRAME | IDE);
    ck_assert_uint_eq(e1000_next_event(fx.dev), at + 10 * UNIT_NS);
    fx_run(1000);
    send(60, EOP | IFCS | IDE); /* no report, no start */
    ck_assert_uint_eq(e1000_next_event(fx.dev), at + 10 * UNIT_NS);
}

ON_EVERY_HOST(immediate_report_ends_the_delay)
{
    start(host);
    fx_write(E1000_TIDV, 10);
    fx_write(E1000_TADV, 20);
    send(60, FRAME | IDE);
    ck_assert(timer_running(fx.dev, T_TADV));
    fx_read(E1000_ICR);
    send(60, FRAME);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    send(60, EOP | IFCS);
    send(60, FRAME);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
}

ON_EVERY_HOST(absolute_delay_does_not_start_again)
{
    uint64_t at;

    start(host);
    fx_write(E1000_TIDV, 10);
    fx_write(E1000_TADV, 25);
    at = e1000_now(fx.dev);
    for (unsigned i = 0; i < 3; i++) {
        send(60, FRAME | IDE);
        fx_run(8 * UNIT_NS);
    }
    fx_read(E1000_ICR);
    send(60, FRAME | IDE); /* at 24 */
    fx_until(at + 25 * UNIT_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    at = e1000_now(fx.dev);
    send(60, FRAME | IDE);
    ck_assert_uint_eq(fx.dev->deadline[T_TADV], at + 25 * UNIT_NS);
    fx_until(at + 10 * UNIT_NS);
    ck_assert(!timer_running(fx.dev, T_TADV)); /* TIDV ends both */
}

/* [13.4.41] 0 is not allowed: as if IDE were not there */
ON_EVERY_HOST(no_delay_means_at_once)
{
    start(host);
    fx_write(E1000_TADV, 20);
    send(60, FRAME | IDE);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}

ON_EVERY_HOST(delay_writes_back_what_has_gathered)
{
    for (unsigned absolute = 0; absolute < 2; absolute++) {
        start(host);
        fx_write(E1000_TXDCTL, 1u << 24 | 8 << 16);
        fx_write(E1000_TIDV, 20);
        fx_write(E1000_TADV, absolute != 0 ? 10 : 0);
        send(60, FRAME | IDE);
        send(60, EOP | IFCS);
        send(60, FRAME | IDE);
        fx_run((absolute != 0 ? 10 : 20) * UNIT_NS - 1);
        ck_assert_hex_eq(status_of(0), 0);
        ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0);
        fx_run(1);
        ck_assert_hex_eq(status_of(0) & status_of(2), 1);
        ck_assert_hex_eq(status_of(1), 0);
        ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
        ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
        for (unsigned n = 0; n < 7; n++) { /* gathering begins anew */
            send(60, EOP | IFCS | (n == 0 ? RS : 0));
            ck_assert_hex_eq(status_of(3), 0);
        }
        send(60, EOP | IFCS);
        ck_assert_hex_eq(status_of(3), 1);
        ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
    }
}

ON_EVERY_HOST(delay_settles_what_the_burst_asked)
{
    start(host);
    fx_write(E1000_TXDCTL, 1u << 24 | 4 << 16);
    fx_write(E1000_TIDV, 20);
    send(60, FRAME);
    send(60, FRAME | IDE);
    fx_run(20 * UNIT_NS);
    ck_assert_hex_eq(status_of(0) & status_of(1), 1);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
    for (unsigned n = 0; n < 4; n++)
        send(60, FRAME | IDE);
    ck_assert_hex_eq(status_of(2) & status_of(5), 1);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0);
}

ON_EVERY_HOST(burst_reports_as_its_descriptors_ask)
{
    start(host);
    fx_write(E1000_TXDCTL, 1u << 24 | 2 << 16);
    fx_write(E1000_TIDV, 20);
    send(60, FRAME | IDE);
    send(60, FRAME | IDE);
    ck_assert_hex_eq(status_of(0) & status_of(1), 1);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0); /* delayed */
    ck_assert(timer_running(fx.dev, T_TIDV));
    send(60, FRAME);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0); /* not written back yet */
    send(60, FRAME | IDE);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW); /* one of the two is immediate */
    ck_assert(!timer_running(fx.dev, T_TIDV));
    send(60, FRAME | IDE);
    send(60, EOP | IFCS);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0); /* what the first two asked is done with */
}

ON_EVERY_HOST(queue_empty_when_all_is_processed)
{
    start(host);
    put(TXB, 60, 0);
    put(TXB, 60, EOP | IFCS);
    ring_doorbell();
    ck_assert_hex_eq(fx_read(E1000_ICR), TXQE | TXD_LOW);
    put(TXB, 60, 0); /* a frame that is not complete counts too */
    ring_doorbell();
    ck_assert_hex_eq(fx_read(E1000_ICR), TXQE | TXD_LOW);
}

/* Where TXD_LOW was raised: seen as the number of frames sent before it. */
static unsigned sent_at_low;

static void note_low(void *ctx, bool asserted)
{
    (void)ctx;
    if (asserted)
        sent_at_low = fx.sent_count;
}

/* [3.4.3, 13.4.43] when 8 * LWTHRESH are left, coming from one more */
ON_EVERY_HOST(low_threshold_is_a_crossing)
{
    for (uint32_t lwthresh = 0; lwthresh < 4; lwthresh++) {
        rings_power(host, 0, false);
        ring(64);
        fx.dev->host.irq_line = note_low;
        fx_write(E1000_TXDCTL, lwthresh << 25);
        fx_write(E1000_IMS, TXD_LOW);
        sent_at_low = 0;
        for (uint32_t n = 0; n < 20; n++)
            put(TXB, 60, EOP | IFCS);
        ring_doorbell();
        ck_assert_uint_eq(fx.sent_count, 20);
        ck_assert_uint_eq(sent_at_low, lwthresh < 3 ? 20 - 8 * lwthresh : 0);
        ck_assert_hex_eq(fx_read(E1000_ICR) & TXD_LOW, lwthresh < 3 ? TXD_LOW : 0);
    }
}

ON_EVERY_HOST(low_threshold_of_127_is_1016)
{
    rings_power(host, 0, false);
    entries = 2048;
    ring(2048);
    fx_write(E1000_TXDCTL, 127u << 25);
    fx_write(E1000_TDH, 0);
    for (uint32_t n = 0; n < 1016; n++)
        put(0, 0, 0);
    ring_doorbell();
    ck_assert_hex_eq(fx_read(E1000_ICR), TXQE);
    for (uint32_t n = 0; n < 1017; n++)
        put(0, 0, 0);
    ring_doorbell();
    ck_assert_hex_eq(fx_read(E1000_ICR), TXQE | TXD_LOW);
}

/* EV-2: data, frame, DD, TDH, causes */
START_TEST(order_of_one_frame)
{
    start(HOST_TRACED);
    fx_write(E1000_IMS, TXDW);
    fx_log_clear();
    send(100, FRAME);
    fx_expect_log("wr TDT 00000001\n"
                  "dma rd txd[0] x1 00002000 16\n"
                  "dma rd txbuf[0] x1 00090000 100\n"
                  "frame out 104 flags 1\n"
                  "out 104 flags 1 offloads 0\n"
                  "dma wr txd[0] x1 0000200c 1\n"
                  "cause 00000001\n"
                  "irq up 00000001\n"
                  "line 1\n"
                  "cause 00008000\n"
                  "cause 00000002\n");
}
END_TEST

START_TEST(mapped_data_is_traced_as_read)
{
    start(HOST_TRACED_MAPPED);
    fill(0, 100);
    put(TXB, 40, 0);
    put(TXB + 40, 60, FRAME);
    ring_doorbell();
    ck_assert_str_eq(fx_log_only("dma rd txbuf"), "dma rd txbuf[0] x1 00090000 40\ndma rd txbuf[1] x1 00090028 60\n");
}
END_TEST

static unsigned maps_to_read, maps_to_write;

static void *note_map(void *ctx, uint64_t addr, size_t len, bool for_write)
{
    (void)ctx;
    ck_assert(for_write == (addr < RXB)); /* the ring, or a buffer */
    maps_to_read += !for_write;
    maps_to_write += for_write;
    return addr + len <= FX_MEMORY ? fx.memory + addr : NULL;
}

START_TEST(mapped_data_is_not_copied)
{
    for (unsigned host = HOST_TRACED_MAPPED; host < HOSTS; host++) {
        start(host);
        fx.dev->host.dma_map = note_map;
        maps_to_read = maps_to_write = fx.dma_reads = fx.dma_writes = 0;
        put(TXB, 40, 0);
        put(TXB + 40, 60, FRAME);
        put(TXB, 100, FRAME);
        fx.memory[TXB] = 0;
        ring_doorbell();
        ck_assert_uint_eq(fx.sent_count, 2);
        ck_assert_uint_eq(fx.dma_reads, 1); /* the descriptors */
        ck_assert_uint_eq(maps_to_read, 3);
        ck_assert_uint_le(maps_to_write, 2);
        ck_assert_uint_eq(fx.dev->tx.fifo.head, 0);
    }
}
END_TEST

static uint32_t head_at_irq, status_at_irq;

static void look(void *ctx, bool asserted)
{
    (void)ctx;
    if (asserted) {
        head_at_irq = fx.dev->r[R_TDH];
        status_at_irq = status_of(0);
    }
}

ON_EVERY_HOST(driver_finds_dd_at_the_interrupt)
{
    start(host);
    fx.dev->host.irq_line = look;
    fx_write(E1000_IMS, TXDW);
    send(60, FRAME);
    ck_assert_hex_eq(status_at_irq, 1);
    if (fx.host.trace != NULL)
        ck_assert_uint_eq(head_at_irq, 1);
}

/* ---- counters [13.7.30-52] ---- */

static void expect_stat(uint32_t offset, uint32_t value)
{
    ck_assert_msg(fx_read(offset) == value, "counter %x is not %u", (unsigned)offset, (unsigned)value);
}

ON_EVERY_HOST(frames_count_by_size)
{
    static const uint32_t length[][2] = {{64, 0},  {65, 1},   {127, 1},  {128, 2},  {255, 2},  {256, 3},  {511, 3},
                                         {512, 4}, {1023, 4}, {1024, 5}, {1522, 5}, {1523, 5}, {16292, 5}};

    start(host);
    for (unsigned i = 0; i < sizeof length / sizeof length[0]; i++) {
        const uint32_t len = length[i][0];

        send(len - 4, FRAME);
        send(len - 4, FRAME);
        for (unsigned bin = 0; bin < 6; bin++)
            expect_stat(0x40d8 + 4 * bin, bin == length[i][1] ? 2 : 0);
        expect_stat(E1000_GPTC, 2);
        expect_stat(E1000_TPT, 2);
        expect_stat(E1000_GOTCL, 2 * len);
        expect_stat(E1000_GOTCH, 0);
        expect_stat(E1000_TOTL, 2 * len);
        expect_stat(E1000_TOTH, 0);
    }
    send(64, EOP); /* its own FCS among them */
    expect_stat(E1000_PTC64, 1);
    expect_stat(E1000_MPTC, 0);
    expect_stat(E1000_BPTC, 0);
}

/* [13.7.30, 13.7.32] from 64 bytes on; TPT and TOT take all */
ON_EVERY_HOST(short_frames_count_in_the_totals_alone)
{
    start(host);
    send(59, FRAME);
    send(63, EOP);
    for (unsigned bin = 0; bin < 6; bin++)
        expect_stat(0x40d8 + 4 * bin, 0);
    expect_stat(E1000_GPTC, 0);
    expect_stat(E1000_GOTCL, 0);
    expect_stat(E1000_TPT, 2);
    expect_stat(E1000_TOTL, 126);
    fx_write(E1000_TCTL, EN | PSP);
    send(1, FRAME);
    expect_stat(E1000_PTC64, 1);
    expect_stat(E1000_GPTC, 1);
    expect_stat(E1000_GOTCL, 64);
}

static void send_to(uint64_t dst, uint32_t len)
{
    for (unsigned i = 0; i < 6; i++)
        fx.memory[TXB + i] = (uint8_t)(dst >> 8 * (5 - i));
    put(TXB, len, FRAME);
    ring_doorbell();
}

ON_EVERY_HOST(groups_count_by_destination)
{
    start(host);
    send_to(0x01005e000001, 100);
    expect_stat(E1000_MPTC, 1);
    expect_stat(E1000_BPTC, 0);
    send_to(BROADCAST_ADDRESS, 100);
    expect_stat(E1000_MPTC, 0);
    expect_stat(E1000_BPTC, 1);
    for (unsigned bit = 0; bit < 48; bit += 8) {
        send_to(BROADCAST_ADDRESS ^ UINT64_C(2) << bit, 100);
        expect_stat(E1000_MPTC, 1);
        expect_stat(E1000_BPTC, 0);
    }
    send_to(0xfeffffffffff, 100);
    expect_stat(E1000_MPTC, 0);
    send_to(BROADCAST_ADDRESS, 30); /* short, with an address all the same */
    expect_stat(E1000_BPTC, 1);
    send_to(BROADCAST_ADDRESS, 5);
    expect_stat(E1000_BPTC, 0);
    expect_stat(E1000_MPTC, 0);
    expect_stat(E1000_GPTC, 9);
}

/* The destination may lie in pieces: in descriptors, and over the end of the FIFO. */
ON_EVERY_HOST(groups_count_wherever_the_address_lies)
{
    uint32_t sent = 0;

    start(host);
    fx_write(E1000_PBA, 63);
    memset(fx.memory + TXB, 0xff, 6);
    for (uint32_t n = 0; n < 300; n++) {
        put(TXB, 60 + n % 8, FRAME);
        ring_doorbell();
        sent++;
    }
    expect_stat(E1000_BPTC, sent);
    expect_stat(E1000_TPT, sent);
    for (uint32_t first = 1; first < 7; first++) {
        put(TXB, first, 0);
        put(TXB + first, 1, 0);
        put(TXB + first + 1, 100, FRAME);
        ring_doorbell();
        expect_stat(E1000_BPTC, 1);
        expect_stat(E1000_MPTC, 0);
    }
}

ON_EVERY_HOST(counters_stick_at_the_top)
{
    start(host);
    fx.dev->r[R_PTC64] = fx.dev->r[R_GPTC] = fx.dev->r[R_TPT] = fx.dev->r[R_BPTC] = 0xfffffffe;
    fx.dev->r[R_GOTCL] = 0xfffffff0;
    fx.dev->r[R_TOTL] = 0xfffffff0, fx.dev->r[R_TOTH] = 0xffffffff;
    for (unsigned i = 0; i < 3; i++)
        send_to(BROADCAST_ADDRESS, 60);
    expect_stat(E1000_PTC64, 0xffffffff);
    expect_stat(E1000_GPTC, 0xffffffff);
    expect_stat(E1000_TPT, 0xffffffff);
    expect_stat(E1000_BPTC, 0xffffffff);
    expect_stat(E1000_GOTCL, 0xfffffff0u + 192u);
    expect_stat(E1000_GOTCH, 1);
    expect_stat(E1000_TOTL, 0xffffffff);
    expect_stat(E1000_TOTH, 0xffffffff);
}

/* ---- link and FIFO ---- */

ON_EVERY_HOST(frames_wait_for_the_link)
{
    start(host);
    e1000_partner(fx.dev, NULL);
    fx_read(E1000_ICR);
    for (uint32_t n = 0; n < 10; n++) {
        fill(n * BUF, 100 + n);
        put(TXB + n * BUF, 100 + n, FRAME);
    }
    ring_doorbell();
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(head(), 10); /* fetched into the FIFO, and reported */
    ck_assert_hex_eq(status_of(9), 1);
    expect_stat(E1000_DC, 10);
    expect_stat(E1000_TPT, 0);
    memset(fx.memory + TXB, 0, 10 * BUF);
    fx_link_up();
    ck_assert_uint_eq(fx.sent_count, 10);
    for (uint32_t n = 0; n < 10; n++) {
        fill(n * BUF, 100 + n);
        expect_sent(n, fx.memory + TXB + n * BUF, 100 + n, 100 + n, true);
    }
    expect_stat(E1000_TPT, 10);
    send(60, FRAME);
    expect_stat(E1000_DC, 0);
    ck_assert_uint_eq(fx.sent_count, 11);
}

/* 16 KB take ten frames of 1514 bytes: 1528 each, and room for 64 bytes of padding is kept. */
ON_EVERY_HOST(full_fifo_holds_descriptors_back)
{
    rings_power(host, 0, false);
    ring(64);
    e1000_partner(fx.dev, NULL);
    fill(0, 1514);
    for (uint32_t n = 0; n < 30; n++)
        put(TXB, 1514, FRAME);
    ring_doorbell();
    ck_assert_uint_eq(head(), 10);
    ck_assert_hex_eq(status_of(9), 1);
    ck_assert_hex_eq(status_of(10), 0);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXQE, 0);
    fx_write(E1000_TDT, next); /* in vain */
    ck_assert_uint_eq(head(), 10);
    fx_link_up();
    ck_assert_uint_eq(head(), 30);
    ck_assert_uint_eq(fx.sent_count, 30);
    for (uint32_t n = 0; n < 30; n++)
        expect_sent(n, fx.memory + TXB, 1514, 1514, true);
}

ON_EVERY_HOST(frame_in_pieces_waits_for_room_too)
{
    rings_power(host, 0, false);
    ring(64);
    e1000_partner(fx.dev, NULL);
    fill(0, 16000);
    put(TXB, 8000, FRAME);
    put(TXB, 8000, 0);
    put(TXB + 8000, 4000, FRAME); /* does not fit behind the first */
    ring_doorbell();
    ck_assert_uint_eq(head(), 2);
    fx_link_up();
    ck_assert_uint_eq(fx.sent_count, 2);
    expect_sent(0, fx.memory + TXB, 8000, 8000, true);
    expect_sent(1, fx.memory + TXB, 12000, 12000, true);
}

ON_EVERY_HOST(reset_empties_the_fifo)
{
    start(host);
    e1000_partner(fx.dev, NULL);
    send(60, FRAME);
    put(TXB, 60, 0); /* and a frame that has no end yet */
    ring_doorbell();
    fx_write(E1000_CTRL, 1u << 26);
    fx_run(FX_LOAD_NS);
    fx_link_up();
    ring(16);
    ck_assert_uint_eq(fx.sent_count, 0);
    send(70, FRAME);
    ck_assert_uint_eq(fx.sent_count, 1);
    expect_sent(0, fx.memory + TXB, 70, 70, true);
}

/* ---- the wire in its own time [13.4.34] ---- */

static void line_rate(unsigned host, uint32_t speed)
{
    rings_power(host, 0, true);
    ring(64);
    fx.dev->link.speed = (uint16_t)speed;
}

/* Preamble and frame take 8 + 64 byte times, the gap IPGT + 4. */
ON_EVERY_HOST(frames_take_their_time)
{
    static const uint32_t speed[][2] = {{1000, 8}, {100, 80}, {10, 800}};

    for (unsigned i = 0; i < 3; i++) {
        const uint64_t byte_ns = speed[i][1];
        uint64_t at;

        line_rate(host, speed[i][0]);
        at = e1000_now(fx.dev);
        fx_write(E1000_TIPG, 8);
        put(TXB, 60, FRAME);
        put(TXB, 64, EOP); /* carries its FCS */
        put(TXB, 1514, FRAME);
        fx.memory[TXB] = 0;
        ring_doorbell();
        ck_assert_uint_eq(fx.sent_count, 0);
        ck_assert_uint_eq(head(), 3);
        ck_assert_hex_eq(status_of(0), 1); /* in the FIFO [3.4] */
        ck_assert_uint_eq(e1000_next_event(fx.dev), at + 72 * byte_ns);
        fx_until(at + 72 * byte_ns - 1);
        ck_assert_uint_eq(fx.sent_count, 0);
        fx_run(1);
        ck_assert_uint_eq(fx.sent_count, 1);
        at += (72 + 12 + 72) * byte_ns;
        ck_assert_uint_eq(e1000_next_event(fx.dev), at);
        fx_until(at);
        ck_assert_uint_eq(fx.sent_count, 2);
        at += (12 + 8 + 1518) * byte_ns;
        ck_assert_uint_eq(e1000_next_event(fx.dev), at);
        fx_until(at);
        ck_assert_uint_eq(fx.sent_count, 3);
        expect_stat(E1000_TPT, 3);
        ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
        /* The gap counts from the end of the last frame; after that the wire is free. */
        fx_run(5 * byte_ns);
        send(60, FRAME);
        ck_assert_uint_eq(e1000_next_event(fx.dev), at + (12 + 72) * byte_ns);
        fx_until(at + 1000 * byte_ns);
        ck_assert_uint_eq(fx.sent_count, 4);
        send(60, FRAME);
        ck_assert_uint_eq(e1000_next_event(fx.dev), at + (1000 + 72) * byte_ns);
    }
}

ON_EVERY_HOST(wire_that_becomes_free_takes_more_from_the_ring)
{
    line_rate(host, 1000);
    fill(0, 1514);
    for (uint32_t n = 0; n < 30; n++)
        put(TXB, 1514, FRAME);
    ring_doorbell();
    ck_assert_uint_eq(head(), 10);
    fx_run((8 + 1518) * 8);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert_uint_eq(head(), 11);
    fx_run(40 * (8 + 1518 + 14) * 8);
    ck_assert_uint_eq(fx.sent_count, 30);
    ck_assert_uint_eq(head(), 30);
    for (uint32_t n = 0; n < 30; n++)
        expect_sent(n, fx.memory + TXB, 1514, 1514, true);
}

ON_EVERY_HOST(frame_in_progress_is_finished_after_en)
{
    uint64_t at;

    line_rate(host, 1000);
    put(TXB, 60, FRAME);
    put(TXB, 60, FRAME);
    fx.memory[TXB] = 0;
    ring_doorbell();
    fx_write(E1000_TCTL, 0);
    fx_run(SEC);
    ck_assert_uint_eq(fx.sent_count, 1); /* [13.4.33] the packet in progress, no more */
    at = e1000_now(fx.dev);
    fx_write(E1000_TCTL, EN); /* what is in the FIFO stays there until then */
    ck_assert_uint_eq(e1000_next_event(fx.dev), at + 72 * 8);
    fx_run(SEC);
    ck_assert_uint_eq(fx.sent_count, 2);
}

ON_EVERY_HOST(frame_that_loses_its_link_waits_for_the_next)
{
    line_rate(host, 1000);
    fill(0, 100);
    put(TXB, 100, FRAME);
    put(TXB, 100, FRAME);
    ring_doorbell();
    fx_run(100);
    e1000_partner(fx.dev, NULL);
    fx_run(SEC);
    ck_assert_uint_eq(fx.sent_count, 0);
    fx_link_up();
    fx_run(SEC);
    ck_assert_uint_eq(fx.sent_count, 2);
    expect_sent(0, fx.memory + TXB, 100, 100, true);
    expect_sent(1, fx.memory + TXB, 100, 100, true);
}

ON_EVERY_HOST(reset_stops_the_wire)
{
    line_rate(host, 1000);
    send(60, FRAME);
    fx_write(E1000_CTRL, 1u << 26);
    ck_assert(!timer_running(fx.dev, T_TX));
    fx_run(SEC);
    ck_assert_uint_eq(fx.sent_count, 0);
}

/* ---- any workload: the same to the guest whatever the host ---- */

static uint32_t guest_sees, host_sees;

static void mix(uint32_t *digest, const void *p, size_t len)
{
    *digest = rings_mix(*digest, p, len);
}

static bool mix_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    (void)ctx;
    mix(&host_sees, &addr, sizeof addr);
    mix(&host_sees, &len, sizeof len);
    if (addr > FX_MEMORY || len > FX_MEMORY - addr)
        return false;
    memcpy(to, fx.memory + addr, len);
    return true;
}

static bool mix_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    (void)ctx;
    mix(&host_sees, &addr, sizeof addr);
    mix(&host_sees, from, len);
    memcpy(fx.memory + addr, from, len);
    return true;
}

static void mix_frame(void *ctx, const struct e1000_frame *frame)
{
    uint8_t whole[FX_FRAME_MAX + 8];
    uint32_t n = 0;

    (void)ctx;
    for (unsigned i = 0; i < frame->iovcnt; i++) {
        memcpy(whole + n, frame->iov[i].base, frame->iov[i].len);
        n += (uint32_t)frame->iov[i].len;
    }
    ck_assert_uint_eq(n, frame->length);
    if ((frame->offloads & E1000_OFFLOAD_FCS) != 0) {
        const uint32_t crc = e1000_crc32(whole, n);

        for (unsigned i = 0; i < 4; i++)
            whole[n++] = (uint8_t)(crc >> 8 * i);
    }
    mix(&host_sees, whole, n);
    mix(&guest_sees, whole, n);
}

static void mix_line(void *ctx, bool asserted)
{
    (void)ctx;
    mix(&host_sees, &asserted, sizeof asserted);
    mix(&guest_sees, &asserted, sizeof asserted);
}

static void workload(unsigned host, uint32_t offloads, bool in_time, uint32_t seed)
{
    static const uint8_t wthresh[] = {0, 0, 1, 1, 3};
    static const uint16_t limit[] = {5, 100, 1600, 5000};
    uint32_t most, odd;

    rings_power(host, offloads, in_time);
    fx.dev->host.dma_read = mix_read;
    fx.dev->host.dma_write = mix_write;
    fx.dev->host.frame_out = mix_frame;
    fx.dev->host.irq_line = mix_line;
    guest_sees = host_sees = 0;
    ring(rings_random(&seed) % 2 != 0 ? 16 : 128);
    fx_write(E1000_TCTL, EN | (rings_random(&seed) % 2 != 0 ? PSP : 0));
    fx_write(E1000_TXDCTL, 1u << 24 | (uint32_t)wthresh[rings_random(&seed) % 5] << 16 | rings_random(&seed) % 3 << 25);
    fx_write(E1000_TIDV, rings_random(&seed) % 30);
    fx_write(E1000_TADV, rings_random(&seed) % 30);
    if (rings_random(&seed) % 3 == 0)
        fx_write(E1000_PBA, 62);
    fx_write(E1000_IMS, TXDW | TXQE | TXD_LOW);
    for (uint32_t i = 0; i < 0x4000; i++)
        fx.memory[TXB + i] = (uint8_t)rings_random(&seed);
    most = limit[rings_random(&seed) % 4];
    odd = 2 + rings_random(&seed) % 30;
    for (unsigned n = 0; n < 40; n++) {
        const uint32_t count = 1 + rings_random(&seed) % 20;

        for (uint32_t i = 0; i < count && (next + 1) % entries != fx.dev->r[R_TDH]; i++) {
            uint32_t len = 60 + rings_random(&seed) % most, cmd = FRAME;
            uint64_t addr = TXB + rings_random(&seed) % 0x800;

            if (rings_random(&seed) % odd == 0)
                cmd = rings_random(&seed) & (EOP | IFCS | RS | IDE | 0x10 | (rings_random(&seed) % 4 == 0 ? DEXT : 0));
            if (rings_random(&seed) % odd == 0)
                len = rings_random(&seed) % 70;
            if (rings_random(&seed) % (odd * 4) == 0)
                addr = rings_random(&seed) % 2 != 0 ? 0 : FX_MEMORY - 10;
            put(addr, len, cmd);
        }
        ring_doorbell();
        if (rings_random(&seed) % 4 == 0) {
            const uint32_t causes = fx_read(E1000_ICR);
            mix(&guest_sees, &causes, sizeof causes);
        }
        if (rings_random(&seed) % 3 == 0)
            fx_run(rings_random(&seed) % 30000);
        if (rings_random(&seed) % 9 == 0)
            fx_write(E1000_TCTL, fx_read(E1000_TCTL) ^ EN);
    }
    fx_run(SEC);
    for (uint32_t offset = 0x4000; offset < 0x4100; offset += 4) {
        const uint32_t value = fx_read(offset);
        mix(&guest_sees, &value, sizeof value);
    }
    mix(&guest_sees, fx.memory + TXD, 128 * 16);
    mix(&guest_sees, &fx.dev->r[R_TDH], 4);
}

START_TEST(no_host_makes_a_difference_to_the_guest)
{
    for (uint32_t turn = 0; turn < 10; turn++) {
        const uint32_t seed = (uint32_t)_i * 10 + turn;
        const bool in_time = seed % 5 == 0;
        uint32_t guest, calls;

        workload(HOST_TRACED, 0, in_time, seed);
        guest = guest_sees;
        calls = host_sees;
        for (unsigned host = 0; host < HOSTS; host++)
            for (uint32_t offloads = 0; offloads < 2; offloads++) {
                workload(host, offloads, in_time, seed);
                ck_assert_msg(guest_sees == guest, "host %u, offloads %u, seed %u", host, offloads, seed);
                if (host == HOST_QUIET) /* not even the host's calls and their order differ */
                    ck_assert_msg(host_sees == calls, "calls, offloads %u, seed %u", offloads, seed);
            }
    }
}
END_TEST

static void command(uint32_t value)
{
    e1000_config_write(fx.dev, 4, 2, value);
}

/* [4.1 Command] Timers run, but nothing is mastered; and no interrupt tells of a write-back that has not been. */
ON_EVERY_HOST(delayed_write_backs_wait_for_the_bus)
{
    for (unsigned way = 0; way < 3; way++) {
        unsigned writes;

        start(host);
        fx_write(E1000_TXDCTL, 1u << 24 | 4u << 16);
        fx_write(E1000_TIDV, 2);
        fx_write(E1000_TADV, way == 1 ? 1 : 0);
        send(100, FRAME | IDE);
        writes = fx.dma_writes;
        command(3);
        fx_run(2 * UNIT_NS);
        if (way == 2)
            fx_write(E1000_TXDCTL, 1u << 24);
        fx_run(MS);
        ck_assert_uint_eq(fx.dma_writes, writes);
        ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0);
        ck_assert(!e1000_dma_waits(fx.dev));
        command(7);
        ck_assert_uint_eq(fx.dma_writes, writes + 1);
        ck_assert_hex_eq(status_of(0), 1);
        ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
        command(3);
        command(7);
        ck_assert_uint_eq(fx.dma_writes, writes + 1);
        ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    }
}

/* [3.4.2] WTHRESH 0: DD went back at once, TIDV holds only TXDW. */
ON_EVERY_HOST(an_interrupt_alone_needs_no_bus)
{
    start(host);
    fx_write(E1000_TXDCTL, 0);
    fx_write(E1000_TIDV, 2);
    send(100, FRAME | IDE);
    ck_assert_hex_eq(status_of(0), 1);
    command(3);
    fx_run(2 * UNIT_NS);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, TXDW);
    command(7);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}

ON_EVERY_HOST(a_reset_forgets_a_write_back_without_a_bus)
{
    unsigned writes;

    start(host);
    fx_write(E1000_TXDCTL, 1u << 24 | 4u << 16);
    fx_write(E1000_TIDV, 2);
    send(100, FRAME | IDE);
    command(3);
    fx_run(MS);
    fx_write(E1000_CTRL, E1000_MASK(CTRL, RST));
    fx_run(FX_LOAD_NS);
    writes = fx.dma_writes;
    command(7);
    ck_assert_uint_eq(fx.dma_writes, writes);
    ck_assert_hex_eq(fx_read(E1000_ICR) & TXDW, 0);
}

Suite *tx_suite(void);
Suite *tx_suite(void)
{
    Suite *suite = suite_create("tx");
    TCase *tc = tcase_create("frames");

    tcase_add_test(tc, frame_leaves_with_its_fcs);
    tcase_add_test(tc, frame_without_ifcs_leaves_as_it_is);
    tcase_add_test(tc, host_that_makes_the_fcs_gets_none);
    tcase_add_test(tc, short_frames_are_padded_with_psp);
    tcase_add_test(tc, frames_follow_one_another);
    tcase_add_test(tc, pieces_make_one_frame);
    tcase_add_test(tc, ifcs_counts_with_eop);
    tcase_add_test(tc, frame_can_wait_for_its_end);
    tcase_add_test(tc, address_or_length_zero_moves_no_data);
    tcase_add_test(tc, a_frame_of_nothing_is_none);
    tcase_add_test(tc, longest_frame_has_16288_bytes);
    tcase_add_test(tc, too_long_a_frame_is_swallowed_to_its_end);
    tcase_add_test(tc, small_fifo_limits_the_frame);
    tcase_add_test(tc, without_a_fifo_nothing_leaves);
    tcase_add_test(tc, frames_wrap_in_the_fifo_unharmed);
    suite_add_tcase(suite, tc);

    tc = tcase_create("ring");
    tcase_add_test(tc, ring_wraps);
    tcase_add_test(tc, equal_head_and_tail_is_empty);
    tcase_add_test(tc, fetch_is_one_burst_up_to_the_tail);
    tcase_add_test(tc, misprogrammed_rings_do_nothing);
    tcase_add_test(tc, bus_master_off_waits);
    tcase_add_test(tc, delayed_write_backs_wait_for_the_bus);
    tcase_add_test(tc, an_interrupt_alone_needs_no_bus);
    tcase_add_test(tc, a_reset_forgets_a_write_back_without_a_bus);
    tcase_add_test(tc, transmitter_off_waits);
    tcase_add_test(tc, writing_the_head_drops_what_is_on_chip);
    tcase_add_test(tc, moving_the_ring_fetches_again);
    tcase_add_test(tc, refused_fetch_stops_until_the_tail_moves);
    tcase_add_test(tc, refused_buffer_loses_its_frame_alone);
    tcase_add_test(tc, refused_write_back_goes_on);
    tcase_add_test(tc, write_backs_that_fail_are_master_aborts);
    suite_add_tcase(suite, tc);

    tc = tcase_create("write-back");
    tcase_add_test(tc, only_rs_reports);
    tcase_add_test(tc, zero_threshold_writes_one_byte);
    tcase_add_test(tc, status_keeps_its_other_bits);
    tcase_add_test(tc, threshold_of_one_writes_each_back);
    tcase_add_test(tc, threshold_gathers_from_the_first_rs);
    tcase_add_test(tc, cache_lines_count_without_gran);
    tcase_add_test(tc, threshold_beyond_the_cache_still_ends);
    tcase_add_test(tc, lower_threshold_acts_on_what_has_gathered);
    suite_add_tcase(suite, tc);

    tc = tcase_create("interrupts");
    tcase_add_test(tc, ide_delays_the_interrupt_alone);
    tcase_add_test(tc, delay_starts_again_with_each_report);
    tcase_add_test(tc, immediate_report_ends_the_delay);
    tcase_add_test(tc, absolute_delay_does_not_start_again);
    tcase_add_test(tc, no_delay_means_at_once);
    tcase_add_test(tc, delay_writes_back_what_has_gathered);
    tcase_add_test(tc, delay_settles_what_the_burst_asked);
    tcase_add_test(tc, burst_reports_as_its_descriptors_ask);
    tcase_add_test(tc, queue_empty_when_all_is_processed);
    tcase_add_test(tc, low_threshold_is_a_crossing);
    tcase_add_test(tc, low_threshold_of_127_is_1016);
    tcase_add_test(tc, order_of_one_frame);
    tcase_add_test(tc, mapped_data_is_traced_as_read);
    tcase_add_test(tc, mapped_data_is_not_copied);
    tcase_add_test(tc, driver_finds_dd_at_the_interrupt);
    suite_add_tcase(suite, tc);

    tc = tcase_create("counters");
    tcase_add_test(tc, frames_count_by_size);
    tcase_add_test(tc, short_frames_count_in_the_totals_alone);
    tcase_add_test(tc, groups_count_by_destination);
    tcase_add_test(tc, groups_count_wherever_the_address_lies);
    tcase_add_test(tc, counters_stick_at_the_top);
    suite_add_tcase(suite, tc);

    tc = tcase_create("wire");
    tcase_add_test(tc, frames_wait_for_the_link);
    tcase_add_test(tc, full_fifo_holds_descriptors_back);
    tcase_add_test(tc, frame_in_pieces_waits_for_room_too);
    tcase_add_test(tc, reset_empties_the_fifo);
    tcase_add_test(tc, frames_take_their_time);
    tcase_add_test(tc, wire_that_becomes_free_takes_more_from_the_ring);
    tcase_add_test(tc, frame_in_progress_is_finished_after_en);
    tcase_add_test(tc, frame_that_loses_its_link_waits_for_the_next);
    tcase_add_test(tc, reset_stops_the_wire);
    tcase_add_loop_test(tc, no_host_makes_a_difference_to_the_guest, 0, 4);
    suite_add_tcase(suite, tc);
    return suite;
}
