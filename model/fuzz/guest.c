/*
 * guest.c - a guest that an input plays; see guest.h
 */
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 2048u
#define SPANS 256u    /* buffers remembered: more than the device holds descriptors of */
#define SAME_TIME 64u /* wake-ups at one time: more than there are timers, less than a loop */
#define FRAME_BYTES 20000u
#define PACKET_BYTES 0x11000u /* a large send, to be cut by the host */

struct bytes {
    const uint8_t *at, *end;
};

struct buffers {
    struct buffer {
        uint64_t addr;
        uint32_t len;
    } span[SPANS];
    uint32_t count;
};

struct guest {
    struct e1000 *dev;
    struct e1000_host host;
    unsigned variant, board;
    bool starting, moving; /* e1000_init or e1000_load runs: what it tells the host is no news */
    bool line, pme, trusting;
    uint64_t refuse_at, refuse_len;
    struct buffers tx, rx;
    uint32_t tx_next, rx_next;
    uint64_t dma, frames; /* in this call */
    struct buffers lent;  /* in this call, to the device to send from */
    bool overlaps;        /* the device has written where it sends from: what leaves depends on the host */
    uint64_t digest;      /* of all that the host has seen */
    uint64_t seen[STEPS_MAX];
    uint32_t steps;
    uint32_t left[256]; /* in the registers, at the end */
    uint16_t eeprom[256];
    uint8_t memory[GUEST_BYTES];
};

struct guest guest;
static struct guest *const g = &guest;

static union {
    uint8_t bytes[E1000_STORAGE_BYTES];
    max_align_t align;
} room[2];
static uint8_t blob[2][E1000_STORAGE_BYTES];

void broken(const char *what)
{
    fprintf(stderr, "fuzz: Assertion failed: %s (step %u)\n", what, g->steps);
    abort();
}

static void see(uint64_t value)
{
    g->digest = (g->digest ^ value) * UINT64_C(0x100000001b3);
    g->digest ^= g->digest >> 32;
}

static void see_bytes(const uint8_t *p, size_t len)
{
    uint64_t word;

    for (; len >= sizeof word; p += sizeof word, len -= sizeof word) {
        memcpy(&word, p, sizeof word);
        see(word);
    }
    for (; len > 0; p++, len--)
        see(*p);
}

struct e1000 *guest_device(void)
{
    return g->dev;
}
void guest_trust(void)
{
    g->trusting = true;
}

/* ---- what the device may touch ---- */

static bool inside(uint64_t addr, size_t len, uint64_t base, uint64_t size)
{
    return addr - base < size && len <= size - (addr - base);
}

static bool named(const struct buffers *b, uint64_t addr, size_t len, uint32_t at_most)
{
    for (uint32_t i = 0; i < b->count && i < SPANS; i++) {
        const struct buffer *s = &b->span[i];

        if (inside(addr, len, s->addr, s->len < at_most ? s->len : at_most))
            return true;
    }
    return false;
}

static void name(struct buffers *b, uint64_t addr, uint32_t len)
{
    b->span[b->count++ % SPANS] = (struct buffer){addr, len};
    if (b->count >= 2 * SPANS)
        b->count -= SPANS;
}

static uint64_t tx_base(void)
{
    return g->dev->r[R_TDBAL] | (uint64_t)g->dev->r[R_TDBAH] << 32;
}
static uint64_t rx_base(void)
{
    return g->dev->r[R_RDBAL] | (uint64_t)g->dev->r[R_RDBAH] << 32;
}
static bool in_tx_ring(uint64_t addr, size_t len)
{
    return inside(addr, len, tx_base(), g->dev->r[R_TDLEN]);
}
static bool in_rx_ring(uint64_t addr, size_t len)
{
    return inside(addr, len, rx_base(), g->dev->r[R_RDLEN]);
}

/* [13.4.22] */
static uint32_t rx_buffer_bytes(void)
{
    const uint32_t bytes = 2048u >> E1000_GET(g->dev->r[R_RCTL], RCTL, BSIZE);

    return (g->dev->r[R_RCTL] & E1000_MASK(RCTL, BSEX)) != 0 && bytes < 2048 ? bytes * 16 : bytes;
}

/* Descriptors on their way into the device name the buffers that it may use. */
static void read_descriptors(uint64_t addr, const uint8_t *p, size_t len)
{
    const bool tx = in_tx_ring(addr, len) && (addr - tx_base()) % DESC_BYTES == 0;
    const bool rx = in_rx_ring(addr, len) && (addr - rx_base()) % DESC_BYTES == 0;

    for (; len >= DESC_BYTES; p += DESC_BYTES, len -= DESC_BYTES) {
        if (tx && (p[11] & 0x20) == 0)
            name(&g->tx, get64(p), get16(p + 8));
        else if (tx && (p[10] & 0xf0) == 0x10)
            name(&g->tx, get64(p), get32(p + 8) & 0xfffff);
        if (rx)
            name(&g->rx, get64(p), 16384);
    }
}

static uint8_t *memory_at(uint64_t addr, size_t len)
{
    if (g->refuse_len != 0 && addr < g->refuse_at + g->refuse_len && addr + len > g->refuse_at)
        return NULL;
    if (inside(addr, len, 0, GUEST_BYTES))
        return g->memory + addr;
    if (inside(addr, len, UINT64_C(0) - GUEST_BYTES, GUEST_BYTES))
        return g->memory + (addr + GUEST_BYTES);
    return NULL;
}

/*
 * [3.2.4, 3.4.1, 3.5] At most a few of them for each descriptor, a ring of descriptors for each reason, and one for
 * each segment that the FIFO takes: it may be of a few bytes.
 */
static void count_dma(size_t len)
{
    const uint64_t rings = (g->dev->r[R_TDLEN] + g->dev->r[R_RDLEN]) / DESC_BYTES;

    if (len == 0)
        broken("no DMA of nothing");
    if (++g->dma > 64 + 8 * rings + FIFO_FRAMES)
        broken("a bounded number of DMAs for each call");
}

static void check_read(uint64_t addr, size_t len)
{
    count_dma(len);
    if (!g->trusting && !in_tx_ring(addr, len) && !in_rx_ring(addr, len) && !named(&g->tx, addr, len, UINT32_MAX))
        broken("DMA reads rings and transmit buffers");
}

static void check_write(uint64_t addr, size_t len)
{
    count_dma(len);
    if (!g->trusting && !in_tx_ring(addr, len) && !in_rx_ring(addr, len) &&
        !named(&g->rx, addr, len, rx_buffer_bytes()))
        broken("DMA writes rings and receive buffers, no further than BSIZE");
}

static bool host_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    const uint8_t *const from = memory_at(addr, len);

    (void)ctx;
    check_read(addr, len);
    if (from == NULL)
        return false;
    memcpy(to, from, len);
    read_descriptors(addr, from, len);
    return true;
}

/* A ring or a receive buffer in a transmit buffer: a mistake whose outcome is not the same on every host. */
static void written(uint64_t addr, size_t len)
{
    for (uint32_t i = 0; i < g->lent.count && i < SPANS; i++)
        if (addr < g->lent.span[i].addr + g->lent.span[i].len && g->lent.span[i].addr < addr + len)
            g->overlaps = true;
}

static bool host_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    uint8_t *const to = memory_at(addr, len);

    (void)ctx;
    check_write(addr, len);
    written(addr, len);
    if (to != NULL)
        memcpy(to, from, len);
    return to != NULL;
}

static void *host_map(void *ctx, uint64_t addr, size_t len, bool for_write)
{
    (void)ctx;
    if (for_write)
        check_write(addr, len);
    else
        check_read(addr, len);
    if (!for_write)
        name(&g->lent, addr, (uint32_t)len);
    else
        written(addr, len);
    return memory_at(addr, len);
}

/* ---- what leaves the device ---- */

static void see_frame(uint8_t *frame, uint32_t len, bool fcs)
{
    if (!fcs) {
        put32(frame + len, e1000_crc32(frame, len));
        len += FCS_BYTES;
    }
    see(len);
    see_bytes(frame, len);
}

static uint32_t words(const uint8_t *p, uint32_t len)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
        sum = (sum >> 16) + (sum & 0xffff);
    }
    return sum;
}

/* What E1000_OFFLOAD_CHECKSUM leaves to a host. */
static void finish_checksum(uint8_t *frame, uint32_t len, const struct e1000_frame *f)
{
    if (f->csum_start + f->csum_offset + 2u > len)
        broken("a checksum that is left to the host has its place in the frame");
    put_wire16(frame + f->csum_start + f->csum_offset, ~words(frame + f->csum_start, len - f->csum_start));
}

/* Piece n of a packet of len bytes with E1000_OFFLOAD_TSO: the bytes behind its header are in place. [RFC 791, 793,
 * 8200] */
static void finish_piece(uint8_t *piece, uint32_t size, uint32_t n, uint32_t len, const struct e1000_frame *f)
{
    const uint32_t l4 = f->csum_start, l3 = l4 - (f->ip == 4 ? 20u : 40u), payload = len - f->header;
    uint8_t *const ip = piece + l3, *const tcp = piece + l4;
    uint32_t sequence, partial;

    if (f->ip == 4) {
        put_wire16(ip + 2, size - l3);
        put_wire16(ip + 4, wire16(ip + 4) + n);
        put_wire16(ip + 10, 0);
        put_wire16(ip + 10, ~words(ip, 20));
    } else {
        put_wire16(ip + 4, size - l4);
    }
    sequence = (wire16(tcp + 4) << 16 | wire16(tcp + 6)) + n * f->segment;
    put_wire16(tcp + 4, sequence >> 16);
    put_wire16(tcp + 6, sequence);
    if ((n + 1) * f->segment < payload)
        tcp[13] &= 0xf6; /* FIN, PSH */
    /* the piece's length in the pseudo-header, in place of the packet's */
    partial = wire16(tcp + 16) + 0xffff - (len - l4) % 0xffff + size - l4;
    put_wire16(tcp + 16, (partial >> 16) + partial);
}

static void cut(const uint8_t *packet, uint32_t len, const struct e1000_frame *f)
{
    static uint8_t piece[FRAME_BYTES];

    if (f->segment == 0 || f->header < f->csum_start + 20u || f->header >= len || f->csum_start < 34 ||
        f->csum_offset != 16 || (f->ip != 4 && (f->ip != 6 || f->csum_start < 54)))
        broken("a packet to be cut is TCP over IP");
    for (uint32_t n = 0, at = f->header; at < len; n++, at += f->segment) {
        const uint32_t take = len - at < f->segment ? len - at : f->segment;

        memcpy(piece, packet, f->header);
        memcpy(piece + f->header, packet + at, take);
        finish_piece(piece, f->header + take, n, len, f);
        finish_checksum(piece, f->header + take, f);
        see_frame(piece, f->header + take, false);
    }
}

/* Offloads are done here: what is seen is the frames of the wire. */
static void frame_out(void *ctx, const struct e1000_frame *frame)
{
    static uint8_t whole[PACKET_BYTES];
    const bool tso = (frame->offloads & E1000_OFFLOAD_TSO) != 0, fcs = (frame->offloads & E1000_OFFLOAD_FCS) == 0;
    uint32_t len = 0;

    (void)ctx;
    if (frame->iovcnt == 0 || frame->length == 0 ||
        frame->length > (tso ? UINT8_MAX + UINT16_MAX : TX_FRAME_MAX + FCS_BYTES + 4))
        broken("a frame has bytes, and no more than one can");
    for (unsigned i = 0; i < frame->iovcnt; i++) {
        if (frame->iov[i].len > frame->length - len)
            broken("the parts of a frame are no longer than the whole");
        memcpy(whole + len, frame->iov[i].base, frame->iov[i].len);
        len += (uint32_t)frame->iov[i].len;
    }
    if (len != frame->length)
        broken("the parts of a frame are the whole");
    if ((frame->offloads & ~g->host.offloads) != 0 || (fcs && frame->offloads != 0))
        broken("the host does what it has declared");
    if ((frame->offloads & E1000_OFFLOAD_CHECKSUM) != 0 && !tso)
        finish_checksum(whole, len, frame);
    if (tso)
        cut(whole, len, frame);
    else
        see_frame(whole, len, fcs);
    if (++g->frames > 64 + g->dev->r[R_TDLEN] / DESC_BYTES + FIFO_FRAMES)
        broken("a bounded number of frames for each call");
}

static void irq_line(void *ctx, bool up)
{
    (void)ctx;
    if (g->moving)
        return;
    if (g->line == up)
        broken("INTA# moves when the host hears of it");
    g->line = up;
    see(up ? 0x10001 : 0x10000);
    see(e1000_now(g->dev));
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
    (void)ctx;
    see(addr);
    see(data | UINT64_C(1) << 40);
}

static void pme(void *ctx, bool up)
{
    (void)ctx;
    if (g->moving)
        return;
    g->pme = up;
    see(up ? 0x20001 : 0x20000);
}

static void trace(void *ctx, const struct e1000_event *event)
{
    static char text[E1000_TEXT_MAX];

    (void)ctx;
    if (!g->moving && !g->starting && event->at_ns != e1000_now(g->dev))
        broken("an event has the time that it is");
    e1000_event_text(event, 0, NULL, NULL, text, sizeof text);
}

/* ---- the device and its time ---- */

static void make_eeprom(void)
{
    uint16_t *const w = g->eeprom;
    const bool blank = (g->board & BOARD_BLANK) != 0, wide = (g->board & BOARD_WIDE) != 0;

    memset(w, 0, sizeof g->eeprom);
    w[0x00] = 0x5452;
    w[0x01] = 0x1200;
    w[0x02] = 0x5634;
    w[0x0a] = (uint16_t)(blank ? 0xffff : wide ? 0x4008 : 0x6008);
    w[0x0b] = 0x0102;
    w[0x0f] = (g->board & BOARD_MSI) != 0 ? 0x0000 : 0x0080;
    w[0x24] = wide ? 0x0000 : 0x0800;
}

static uint32_t offloads(unsigned variant)
{
    return ((variant & VARIANT_FCS) != 0 ? E1000_OFFLOAD_FCS : 0u) |
           ((variant & VARIANT_CHECKSUM) != 0 ? E1000_OFFLOAD_CHECKSUM : 0u) |
           ((variant & VARIANT_TSO) != 0 ? E1000_OFFLOAD_TSO : 0u);
}

static struct e1000_config config(void)
{
    return (struct e1000_config){.eeprom = g->eeprom,
                                 .eeprom_words = (g->board & BOARD_NO_EEPROM) != 0    ? 0
                                                 : (g->board & BOARD_BIG_EEPROM) != 0 ? 256
                                                                                      : 64,
                                 .revision = 2,
                                 .aux_power = (g->board & BOARD_AUX_POWER) != 0,
                                 .m66en = (g->board & BOARD_M66EN) != 0,
                                 .line_rate = (g->board & BOARD_LINE_RATE) != 0};
}

static const uint8_t *fresh_memory(void)
{
    static uint8_t memory[GUEST_BYTES];

    for (uint32_t i = GUEST_BYTES / 4; memory[GUEST_BYTES - 2] == 0 && i < GUEST_BYTES; i++)
        memory[i] = (uint8_t)(i ^ i >> 8); /* rings lie in the first quarter */
    return memory;
}

void guest_power(unsigned variant, unsigned board)
{
    struct e1000_config c;

    memset(g, 0, sizeof *g);
    g->variant = variant;
    g->board = board;
    g->starting = true;
    memcpy(g->memory, fresh_memory(), sizeof g->memory);
    g->host = (struct e1000_host){.dma_read = host_read,
                                  .dma_write = host_write,
                                  .frame_out = frame_out,
                                  .irq_line = irq_line,
                                  .msi = msi,
                                  .pme = pme,
                                  .trace = (variant & VARIANT_TRACE) != 0 ? trace : NULL,
                                  .dma_map = (variant & VARIANT_MAP) != 0 ? host_map : NULL,
                                  .offloads = offloads(variant)};
    make_eeprom();
    c = config();
    memset(&room[0], 0xa5, sizeof room[0]);
    g->dev = (struct e1000 *)&room[0];
    g->dev = e1000_init(&room[0], sizeof room[0], &g->host, &c);
    if (g->dev == NULL)
        broken("a device can be made");
    g->starting = false;
}

/* Into the other storage, by way of a blob. */
static void move(void)
{
    void *const old = g->dev, *const new = old == (void *)&room[0] ? &room[1] : &room[0];
    const size_t size = e1000_save(g->dev, blob[0], sizeof blob[0]);
    const struct e1000_config c = config();

    if (size == 0)
        broken("a device saves into enough room");
    memset(old, 0x5a, E1000_STORAGE_BYTES);
    g->moving = true;
    g->dev = e1000_init(new, E1000_STORAGE_BYTES, &g->host, &c);
    if (!e1000_load(g->dev, blob[0], size))
        broken("a device loads what it has saved");
    g->moving = false;
    if (e1000_save(g->dev, blob[1], sizeof blob[1]) != size || memcmp(blob[0], blob[1], size) != 0)
        broken("a loaded device saves the same");
}

void guest_check(void)
{
    const uint64_t next = e1000_next_event(g->dev), now = e1000_now(g->dev);

    if (next < now)
        broken("the next event is not in the past");
    if (e1000_irq_asserted(g->dev) != g->line)
        broken("INTA# is as the host was told");
    g->dma = g->frames = 0;
    g->lent.count = 0;
}

void guest_run(uint64_t ns)
{
    const uint64_t target = e1000_now(g->dev) + ns;
    uint32_t same = 0;

    while (e1000_next_event(g->dev) <= target) {
        const uint64_t next = e1000_next_event(g->dev);

        same = next == e1000_now(g->dev) ? same + 1 : 0;
        if (same > SAME_TIME)
            broken("time goes on");
        e1000_advance(g->dev, next);
        guest_check();
    }
    e1000_advance(g->dev, target);
    if (e1000_now(g->dev) != target)
        broken("time is what it was set to");
    guest_check();
}

void guest_write(uint32_t offset, uint32_t value)
{
    e1000_write32(g->dev, offset, value);
    guest_check();
}

void guest_pci(void)
{
    struct e1000_bar_info info;

    guest_run(5000000);
    e1000_config_write(g->dev, 0x10, 4, 0xf0000000);
    e1000_bar_info(g->dev, E1000_BAR_IO, &info);
    e1000_config_write(g->dev, info.config_offset, 4, 0xc000);
    e1000_config_write(g->dev, 0x04, 2, 0x0007);
    guest_check();
}

void guest_link_up(void)
{
    static const struct e1000_partner partner = {
        .autoneg = true, .base_page = 0x0de0, .gigabit_full = true, .gigabit_half = true, .pairs = 4};

    guest_write(E1000_CTRL, 0x40);
    e1000_partner(g->dev, &partner);
    guest_run(UINT64_C(2000000000));
}

/* ---- steps ---- */

static uint64_t take(struct bytes *in, unsigned n)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < n && in->at < in->end; i++)
        value |= (uint64_t)*in->at++ << 8 * i;
    return value;
}

static void take_bytes(struct bytes *in, uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)take(in, 1);
}

/* An offset that has a register: this one, or one that it is mapped to. */
static uint32_t take_offset(struct bytes *in)
{
    const uint32_t offset = (uint32_t)take(in, 2) & 0xfffc;
    const struct e1000_reg *row;
    unsigned index;

    if (e1000_reg_at(offset, &index) != NULL)
        return offset;
    row = e1000_reg(offset / 4 % e1000_reg_count());
    return row->offset + offset / 256 % row->count * row->stride;
}

static unsigned take_size(struct bytes *in) /* mostly one that is right */
{
    const unsigned code = (unsigned)take(in, 1);

    return code < 16 ? code : 1u << code % 4;
}

static void step_frame(struct bytes *in)
{
    static uint8_t frame[FRAME_BYTES];
    const uint32_t len = (uint32_t)take(in, 2) % FRAME_BYTES, flags = (uint32_t)take(in, 1) & 15;
    const uint32_t n = (uint32_t)take(in, 1) & 127;

    for (uint32_t i = 0; i < len; i++)
        frame[i] = (uint8_t)(i < 6 ? 0xff : i * 3);
    take_bytes(in, frame, n);
    e1000_frame_in(g->dev, frame, len, flags);
}

static void step_partner(struct bytes *in)
{
    const unsigned bits = (unsigned)take(in, 1);
    struct e1000_partner p = {.autoneg = (bits & 1) != 0,
                              .gigabit_full = (bits & 2) != 0,
                              .gigabit_half = (bits & 4) != 0,
                              .full_duplex = (bits & 8) != 0,
                              .crossover = (bits & 16) != 0,
                              .reversed = (bits & 32) != 0,
                              .sleeps = (bits & 64) != 0};

    p.base_page = (uint16_t)take(in, 2);
    p.speed = (uint16_t[]){10, 100, 1000, 0}[take(in, 1) & 3];
    p.pairs = (uint8_t)take(in, 1);
    p.cable_length = (uint8_t)take(in, 1);
    if ((bits & 128) != 0) {
        p.role = (uint8_t)take(in, 1);
        p.next_pages = (uint8_t)take(in, 1);
        p.next_page[0] = (uint16_t)take(in, 2);
        p.next_page[1] = (uint16_t)take(in, 2);
    }
    e1000_partner(g->dev, &p);
}

static void step_wire(struct bytes *in)
{
    const unsigned what = (unsigned)take(in, 1), attempts = (unsigned)take(in, 1);

    if (what < 4)
        e1000_wire_fault(g->dev, (enum e1000_wire_fault)what);
    else
        e1000_collide(g->dev, attempts, (what & 1) != 0);
}

static void step_pin(struct bytes *in)
{
    const unsigned pin = (unsigned)take(in, 1);
    const bool level = (take(in, 1) & 1) != 0;

    switch (pin % 5) {
    case 0:
        e1000_lan_power_good(g->dev, level);
        break;
    case 1:
        e1000_pci_reset(g->dev, level);
        break;
    case 2:
        e1000_aux_power(g->dev, level);
        break;
    default:
        e1000_sdp(g->dev, pin / 5 % 9, level);
        break;
    }
}

static void step_mdic(struct bytes *in, uint32_t opcode)
{
    const uint32_t n = (uint32_t)take(in, 1) & 31;

    e1000_write32(g->dev, E1000_MDIC, opcode << 26 | 1u << 21 | n << 16 | (opcode == 1 ? (uint32_t)take(in, 2) : 0));
    guest_check();
    guest_run(64000);
    see(e1000_read32(g->dev, E1000_MDIC));
}

static void step_eeprom(struct bytes *in)
{
    const unsigned code = (unsigned)take(in, 1);
    const uint32_t value = (uint32_t)take(in, 4), chip = 0x40 | 2;

    e1000_write32(g->dev, E1000_EECD, chip);
    for (unsigned bit = code & 31; bit-- > 0;) {
        const uint32_t di = (value >> bit & 1) << 2;

        e1000_write32(g->dev, E1000_EECD, chip | di);
        e1000_write32(g->dev, E1000_EECD, chip | di | 1);
        see(e1000_read32(g->dev, E1000_EECD));
    }
    if ((code & 0x80) != 0)
        e1000_write32(g->dev, E1000_EECD, (code & 0x40) != 0 ? 0x40 : 0);
}

static void step_poke(struct bytes *in)
{
    const uint32_t at = (uint32_t)take(in, 2), n = (uint32_t)take(in, 1);

    for (uint32_t i = 0; i < n; i++)
        g->memory[(at + i) % GUEST_BYTES] = (uint8_t)take(in, 1);
}

static void step_descriptor(struct bytes *in, uint64_t base, uint32_t entries, uint32_t *next)
{
    uint8_t desc[DESC_BYTES], *at;

    take_bytes(in, desc, sizeof desc);
    if (*next >= entries)
        *next = 0;
    at = memory_at(base + (uint64_t)*next * DESC_BYTES, DESC_BYTES);
    if (at != NULL)
        memcpy(at, desc, sizeof desc);
    *next = entries == 0 ? 0 : (*next + 1) % entries;
}

static void step_bus(struct bytes *in, enum step step)
{
    const enum e1000_bar bar = step < STEP_BAR_READ ? 0 : (enum e1000_bar)(take(in, 1) % (E1000_BARS + 1u));
    const uint32_t offset = (uint32_t)take(in, step < STEP_BAR_READ ? 1 : 4);
    const unsigned size = take_size(in);

    switch (step) {
    case STEP_CONFIG_READ:
        see(e1000_config_read(g->dev, offset, size));
        break;
    case STEP_CONFIG_WRITE:
        e1000_config_write(g->dev, offset, size, (uint32_t)take(in, 4));
        break;
    case STEP_BAR_READ:
        see(e1000_bar_read(g->dev, bar, offset, size));
        break;
    default:
        e1000_bar_write(g->dev, bar, offset, size, take(in, 8));
        break;
    }
}

/* [15.1 silent] A frame that a host's mapping spares the way through the FIFO moves none of its pointers. */
static bool shows_a_fifo(uint32_t offset)
{
    for (size_t i = 0; i < e1000_reg_count(); i++) {
        const struct e1000_reg *const reg = e1000_reg(i);

        if (offset / 4 == reg->offset / 4)
            return strncmp(reg->manual, "13.8.", 5) == 0;
    }
    return offset >= 0x10000; /* the packet buffer's memory */
}

static void step_register(struct bytes *in, enum step step)
{
    const uint32_t offset = take_offset(in);
    const uint32_t known = shows_a_fifo(offset) ? 0 : UINT32_MAX;

    if (step == STEP_READ) {
        see(e1000_read32(g->dev, offset) & known);
    } else if (step == STEP_WRITE) {
        e1000_write32(g->dev, offset, (uint32_t)take(in, 4));
    } else {
        e1000_bar_write(g->dev, E1000_BAR_IO, 0, 4, offset);
        e1000_bar_write(g->dev, E1000_BAR_IO, 4, 4, take(in, 4));
        guest_check();
        see(e1000_bar_read(g->dev, E1000_BAR_IO, 4, 4) & known);
    }
}

static void do_step(struct bytes *in)
{
    const enum step step = (enum step)(take(in, 1) % STEPS);
    uint64_t n;

    switch (step) {
    case STEP_TIME:
        n = take(in, 2);
        guest_run(n << take(in, 1) % 25);
        break;
    case STEP_CONFIG_READ:
    case STEP_CONFIG_WRITE:
    case STEP_BAR_READ:
    case STEP_BAR_WRITE:
        step_bus(in, step);
        break;
    case STEP_READ:
    case STEP_WRITE:
    case STEP_IO:
        step_register(in, step);
        break;
    case STEP_FRAME:
        step_frame(in);
        break;
    case STEP_PARTNER:
        step_partner(in);
        break;
    case STEP_UNPLUG:
        e1000_partner(g->dev, NULL);
        break;
    case STEP_WIRE:
        step_wire(in);
        break;
    case STEP_PIN:
        step_pin(in);
        break;
    case STEP_PHY_READ:
        step_mdic(in, 2);
        break;
    case STEP_PHY_WRITE:
        step_mdic(in, 1);
        break;
    case STEP_EEPROM:
        step_eeprom(in);
        break;
    case STEP_POKE:
        step_poke(in);
        break;
    case STEP_TX:
        step_descriptor(in, tx_base(), g->dev->r[R_TDLEN] / DESC_BYTES, &g->tx_next);
        break;
    case STEP_RX:
        step_descriptor(in, rx_base(), g->dev->r[R_RDLEN] / DESC_BYTES, &g->rx_next);
        break;
    case STEP_TX_TAIL:
        e1000_write32(g->dev, E1000_TDT, g->tx_next + (uint32_t)take(in, 1));
        break;
    case STEP_RX_TAIL:
        e1000_write32(g->dev, E1000_RDT, g->rx_next + (uint32_t)take(in, 1));
        break;
    case STEP_REFUSE:
        g->refuse_at = take(in, 2);
        g->refuse_len = take(in, 2);
        break;
    case STEPS:
        break;
    }
}

void guest_steps(const uint8_t *data, size_t size)
{
    struct bytes in = {data, data + size};

    while (in.at < in.end && g->steps < STEPS_MAX) {
        do_step(&in);
        guest_check();
        if ((g->variant & VARIANT_RELOAD) != 0 && (g->steps < 24 || g->steps % 16 == 0)) /* it takes its time */
            move();
        g->seen[g->steps++] = g->digest;
    }
    move();
    if (e1000_reg_count() > sizeof g->left / sizeof g->left[0])
        broken("there is room for all registers");
    for (size_t i = 0; i < e1000_reg_count(); i++) /* and all that software could still ask */
        g->left[i] = e1000_read32(g->dev, e1000_reg(i)->offset);
}

/* Two runs of the same program, with different hosts. */
static void compare(const struct guest *a)
{
    char what[160];

    for (uint32_t i = 0; i < a->steps; i++)
        if (g->seen[i] != a->seen[i]) {
            g->steps = i;
            broken("a variant of the host changes nothing");
        }
    for (size_t i = 0; i < e1000_reg_count(); i++)
        if (g->left[i] != a->left[i] && !shows_a_fifo(e1000_reg(i)->offset)) {
            snprintf(what, sizeof what, "a variant of the host leaves the same in %s, not %08x and %08x",
                     e1000_reg(i)->name, (unsigned)a->left[i], (unsigned)g->left[i]);
            broken(what);
        }
    for (uint32_t i = 0; i < GUEST_BYTES; i++)
        if (g->memory[i] != a->memory[i]) {
            snprintf(what, sizeof what, "a variant of the host leaves the same memory, not %02x and %02x at %04x",
                     a->memory[i], g->memory[i], (unsigned)i);
            broken(what);
        }
}

void guest_play(const uint8_t *data, size_t size, void (*prelude)(void))
{
    static struct guest first;
    const unsigned variant = size > 0 ? data[0] & VARIANTS : 0, board = size > 1 ? data[1] : 0;

    size -= size < 2 ? size : 2;
    guest_power(0, board);
    if (prelude != NULL)
        prelude();
    guest_steps(data + 2, size);
    if (variant == 0)
        return;
    memcpy(&first, g, sizeof first);
    guest_power(variant, board);
    if (prelude != NULL)
        prelude();
    guest_steps(data + 2, size);
    if (!g->overlaps)
        compare(&first);
}
