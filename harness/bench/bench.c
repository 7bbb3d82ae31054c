/*
 * bench.c - the speed of the data path and of register access, beside this machine's own limits
 *
 * The limit of the data path is the floor: a bare loop that reads a 16-byte descriptor, copies its
 * buffer to a stage, calls an empty function through a pointer and writes the descriptor back. The
 * floor in receives: it copies the stage to the buffer, which costs more where buffers fall out of the
 * first cache. Device and floors work on the same ring and the same buffers, with the same number of
 * frames, in turns within one run; each figure is the median of RUNS turns.
 *
 * Usage: bench [--check] [--brief] [ROW...]. With --check a missed bar is exit status 1; without it, this only
 * measures. ROWs are names of the table's; the floors are always measured. --brief is for a profiler: one turn, 1/32
 * of the frames.
 */
#include "../../model/e1000.h"
#include "../../model/e1000_regs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    RUNS = 5,
    RING = 256,
    BURST = 32, /* frames each time the tail moves */
    SPACING = 2048,
    DESC = 16,
    FRAMES_SHORT = 1 << 20,
    FRAMES_LONG = 1 << 18,
    ACCESSES = 1 << 22,
};

/* guest memory */
enum {
    RING_AT = 0x1000,
    BUFFERS_AT = 0x4000,
    GUEST_BYTES = BUFFERS_AT + RING * SPACING,
};

enum { /* a large send: TCP over IPv4, a context, its header, its payload in buffers of the ring's size */
       HEADER = 54,
       MSS = 1460,
       PIECES = 32,
       SEGMENTS = (PIECES * SPACING + MSS - 1) / MSS,
       PACKETS = 2, /* where the host cuts them: with its header it is longer than IP allows one to be */
       SEND_DESCS = 2 + PIECES,
};
_Static_assert(PIECES *SPACING == 65536, "64 KiB");

#define CMD_EOP_IFCS_RS 0x0b
#define STA_DD 0x01

static _Alignas(4096) uint8_t guest[GUEST_BYTES];
static _Alignas(64) uint8_t stage[SPACING];
static _Alignas(64) uint8_t storage[E1000_STORAGE_BYTES];
static struct e1000 *dev;
static uint64_t frames_out;

/* ---- the host ---- */

static bool in_guest(uint64_t addr, size_t len)
{
    return addr <= GUEST_BYTES && len <= GUEST_BYTES - addr;
}

static bool guest_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    (void)ctx;
    if (!in_guest(addr, len))
        return false;
    memcpy(to, guest + addr, len);
    return true;
}

static bool guest_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    (void)ctx;
    if (!in_guest(addr, len))
        return false;
    memcpy(guest + addr, from, len);
    return true;
}

static void *guest_map(void *ctx, uint64_t addr, size_t len, bool for_write)
{
    (void)ctx, (void)for_write;
    return in_guest(addr, len) ? guest + addr : NULL;
}

static void frame_out(void *ctx, const struct e1000_frame *frame)
{
    (void)ctx, (void)frame;
    frames_out++;
}

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

static void put64(uint8_t *p, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static uint8_t *descriptor(unsigned i)
{
    return guest + RING_AT + (size_t)i * DESC;
}
static uint64_t buffer(unsigned i)
{
    return BUFFERS_AT + (uint64_t)i * SPACING;
}

/* ---- what is measured; each returns after `frames` frames or accesses ---- */

#define MEASURED __attribute__((noinline)) static /* a profiler finds it by its name */

static void empty(void *ctx, const uint8_t *frame, size_t len)
{
    (void)ctx, (void)frame, (void)len;
}
static void (*volatile call_empty)(void *, const uint8_t *, size_t) = empty;

static void fill_transmit_ring(unsigned length)
{
    for (unsigned i = 0; i < RING; i++) {
        uint8_t *d = descriptor(i);

        memset(d, 0, DESC);
        put64(d, buffer(i));
        put64(d + 8, length | (uint64_t)CMD_EOP_IFCS_RS << 24);
    }
}

static void fill_receive_ring(void)
{
    for (unsigned i = 0; i < RING; i++) {
        memset(descriptor(i), 0, DESC);
        put64(descriptor(i), buffer(i));
    }
}

/* The device has fetched BURST descriptors from here; the driver looks at each and readies it again. */
static void give_back(unsigned first, unsigned status_byte)
{
    for (unsigned i = 0; i < BURST; i++) {
        uint8_t *d = descriptor((first + i) % RING);

        if ((d[status_byte] & STA_DD) == 0)
            die("a descriptor came back without DD");
        d[status_byte] = 0;
    }
}

MEASURED void run_floor(unsigned length, bool in, unsigned frames)
{
    fill_transmit_ring(length);
    for (unsigned n = 0; n < frames; n++) {
        uint8_t *d = descriptor(n % RING), desc[DESC];
        uint64_t addr;
        uint16_t len;

        memcpy(desc, d, sizeof desc);
        memcpy(&addr, desc, sizeof addr);
        memcpy(&len, desc + 8, sizeof len);
        memcpy(in ? guest + addr : stage, in ? stage : guest + addr, len);
        call_empty(NULL, stage, len);
        desc[12] |= STA_DD;
        memcpy(d, desc, sizeof desc);
    }
}

MEASURED void run_transmit(unsigned length, unsigned frames)
{
    const uint64_t before = frames_out;
    unsigned tail = e1000_read32(dev, E1000_TDT);

    fill_transmit_ring(length);
    for (unsigned n = 0; n < frames; n += BURST) {
        const unsigned first = tail;

        tail = (tail + BURST) % RING;
        e1000_write32(dev, E1000_TDT, tail);
        give_back(first, 12);
    }
    if (frames_out - before != frames)
        die("frames were lost on the way out");
}

/*
 * A context, a header and PIECES of payload, which the driver has ready: it copies the descriptors into the ring. The
 * device makes both checksums.
 */
static void make_send(uint8_t desc[SEND_DESCS][DESC])
{
    /* IPCSS 14, IPCSO 24, IPCSE 33, TUCSS 34, TUCSO 50, TUCSE 0 */
    memcpy(desc[0], "\x0e\x18\x21\x00\x22\x32\x00\x00", 8);
    put64(desc[0] + 8, PIECES * SPACING | UINT64_C(0x27) << 24 | (uint64_t)HEADER << 40 | (uint64_t)MSS << 48);
    for (unsigned i = 0; i <= PIECES; i++) {
        const uint64_t len = i == 0 ? HEADER : SPACING, dcmd = i < PIECES ? 0x26 : 0x2f;

        put64(desc[1 + i], buffer(i));
        put64(desc[1 + i] + 8, len | UINT64_C(1) << 20 | dcmd << 24 | UINT64_C(3) << 40);
    }
}

MEASURED void run_segments(unsigned leave, unsigned frames)
{
    static const uint8_t header[HEADER] = {
        0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0x52, 0x54, 0x00, 0x65, 0x43, 0x21, 0x08, 0x00, 0x45, 0x00, 0x00, 0x00,
        0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00,
        0x00, 0x50, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x50, 0x10, 0x20, 0x00, 0x84, 0x0a, 0x00, 0x00,
    };
    const unsigned sends = frames / SEGMENTS;
    const uint64_t before = frames_out;
    unsigned tail = e1000_read32(dev, E1000_TDT);
    uint8_t desc[SEND_DESCS][DESC];

    memcpy(guest + buffer(0), header, sizeof header);
    make_send(desc);
    for (unsigned n = 0; n < sends; n++) {
        for (unsigned i = 0; i < SEND_DESCS; i++, tail = (tail + 1) % RING)
            memcpy(descriptor(tail), desc[i], DESC);
        e1000_write32(dev, E1000_TDT, tail);
        if ((descriptor((tail + RING - 1) % RING)[12] & STA_DD) == 0)
            die("a large send came back without DD");
    }
    if (frames_out - before != (uint64_t)sends * leave)
        die("segments were lost on the way out");
}

MEASURED void run_receive(unsigned length, bool strip, unsigned frames)
{
    unsigned tail = RING - 1;

    fill_receive_ring();
    e1000_write32(dev, E1000_RCTL, 0);
    e1000_write32(dev, E1000_RDH, 0);
    e1000_write32(dev, E1000_RDT, tail);
    e1000_write32(dev, E1000_RCTL,
                  E1000_MASK(RCTL, EN) | E1000_MASK(RCTL, UPE) | (strip ? E1000_MASK(RCTL, SECRC) : 0));
    for (unsigned n = 0; n < frames; n += BURST) {
        for (unsigned i = 0; i < BURST; i++)
            e1000_frame_in(dev, stage, length, 0);
        give_back(n % RING, 12);
        tail = (tail + BURST) % RING;
        e1000_write32(dev, E1000_RDT, tail);
    }
}

MEASURED void run_read(unsigned offset, unsigned n)
{
    uint32_t sum = 0;

    while (n-- > 0)
        sum += e1000_read32(dev, offset);
    if (sum == 1)
        die("a register gave a value that it cannot have");
}

MEASURED void run_write(unsigned offset, unsigned n)
{
    while (n-- > 0)
        e1000_write32(dev, offset, n & 0x3ff);
}

/* ---- the device ---- */

static void bring_up(const struct e1000_host *host)
{
    static const struct e1000_partner partner = {
        .speed = 1000, .full_duplex = true, .pairs = 4, .autoneg = true, .gigabit_full = true, .base_page = 0x01e0};
    struct e1000_link link;

    dev = e1000_init(storage, sizeof storage, host, NULL);
    if (dev == NULL)
        die("no device");
    e1000_config_write(dev, 4, 2, 0x0006); /* memory, bus master */
    e1000_partner(dev, &partner);
    e1000_write32(dev, E1000_CTRL, E1000_MASK(CTRL, SLU) | E1000_MASK(CTRL, ASDE));
    while (e1000_next_event(dev) != E1000_NEVER)
        e1000_advance(dev, e1000_next_event(dev));
    e1000_link_state(dev, &link);
    if (!link.mac_up)
        die("no link");
    e1000_write32(dev, E1000_TDBAL, RING_AT);
    e1000_write32(dev, E1000_TDBAH, 0);
    e1000_write32(dev, E1000_TDLEN, RING * DESC);
    e1000_write32(dev, E1000_RDBAL, RING_AT);
    e1000_write32(dev, E1000_RDBAH, 0);
    e1000_write32(dev, E1000_RDLEN, RING * DESC);
    e1000_write32(dev, E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
}

/* ---- the table ---- */

enum what { FLOOR_OUT, FLOOR_IN, TRANSMIT, SEGMENT, BY_HOST, RECEIVE, READ, WRITE };

struct row {
    const char *name;
    enum what what;
    unsigned length; /* of the frame without FCS; the register's offset */
    bool mapped;     /* the host maps guest memory */
    bool fcs;        /* the device makes the FCS */
    bool sum;        /* the device makes the packet checksum */
    double bar;      /* times the floor above it, or ns; 0: none */
};

/*
 * How fair the floors are. They have guest memory at hand: one memcpy a frame, no call of the host, no check of an
 * address. A row without "mapped" pays for calls, each with a check and a memcpy of its own: two for a short frame
 * (its buffer, its descriptor), about two for a segment of a large send, whose payload lies in one buffer or in two. No
 * device behind calls can reach 1. The floors look at no command, count nothing and raise no cause; they make no
 * headers and sum up nothing, which a segment needs; and their one stage stays in the first cache, where the device's
 * transmit FIFO goes round in 16 KB. On the other side the host spares the device the FCS and the packet checksum,
 * where the row does not say "made". So a bar says how far from a machine's limit a device is, not how far from the
 * best device.
 */
static const struct row rows[] = {
    {"floor out, 64 bytes", FLOOR_OUT, 64, false, false, false, 0},
    {"transmit, 64 bytes", TRANSMIT, 64, false, false, false, 3},
    {"transmit, 64 bytes, mapped", TRANSMIT, 64, true, false, false, 3},
    {"transmit, 64 bytes, FCS made", TRANSMIT, 64, false, true, false, 0},
    {"transmit, 64 bytes, mapped, FCS made", TRANSMIT, 64, true, true, false, 0},
    {"floor in, 64 bytes", FLOOR_IN, 64, false, false, false, 0},
    {"receive, 64 bytes", RECEIVE, 64, false, false, false, 3},
    {"receive, 64 bytes, mapped", RECEIVE, 64, true, false, false, 3},
    {"receive, 64 bytes, FCS made", RECEIVE, 64, false, true, false, 0},
    {"receive, 64 bytes, checksum made", RECEIVE, 64, false, false, true, 0},
    {"floor out, 1514 bytes", FLOOR_OUT, 1514, false, false, false, 0},
    {"transmit, 1514 bytes", TRANSMIT, 1514, false, false, false, 2},
    {"transmit, 1514 bytes, mapped", TRANSMIT, 1514, true, false, false, 1.2},
    {"transmit, 1514 bytes, FCS made", TRANSMIT, 1514, false, true, false, 0},
    {"transmit, 1514 bytes, mapped, FCS made", TRANSMIT, 1514, true, true, false, 0},
    {"64 KiB send in segments of 1514 bytes", SEGMENT, 1514, false, false, false, 3},
    {"64 KiB send in segments, mapped", SEGMENT, 1514, true, false, false, 3},
    {"64 KiB send, mapped, the host's segments", BY_HOST, 1514, true, false, false, 0},
    {"floor in, 1514 bytes", FLOOR_IN, 1514, false, false, false, 0},
    {"receive, 1514 bytes", RECEIVE, 1514, false, false, false, 2},
    {"receive, 1514 bytes, mapped", RECEIVE, 1514, true, false, false, 2},
    {"receive, 1514 bytes, FCS made", RECEIVE, 1514, false, true, false, 0},
    {"receive, 1514 bytes, checksum made", RECEIVE, 1514, false, false, true, 0},
    {"receive, 1514 bytes, FCS, checksum made", RECEIVE, 1514, false, true, true, 0},
    {"register read, TIPG", READ, E1000_TIPG, false, false, false, 15},
    {"register read, STATUS", READ, E1000_STATUS, false, false, false, 15},
    {"register write, TIPG", WRITE, E1000_TIPG, false, false, false, 15},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static unsigned repeats(const struct row *r)
{
    return r->what == READ || r->what == WRITE ? ACCESSES : r->length < 1024 ? FRAMES_SHORT : FRAMES_LONG;
}

static double measure(const struct row *r, unsigned n)
{
    const uint32_t segments = E1000_OFFLOAD_CHECKSUM | E1000_OFFLOAD_TSO;
    const struct e1000_host host = {.offloads = (r->fcs ? 0 : E1000_OFFLOAD_FCS) |
                                                (r->sum ? 0 : E1000_OFFLOAD_PACKET_CHECKSUM) |
                                                (r->what == BY_HOST ? segments : 0),
                                    .dma_read = guest_read,
                                    .dma_write = guest_write,
                                    .dma_map = r->mapped ? guest_map : NULL,
                                    .frame_out = frame_out};
    double start;

    bring_up(&host);
    start = now_ns();
    switch (r->what) {
    case FLOOR_OUT:
        run_floor(r->length, false, n);
        break;
    case FLOOR_IN:
        run_floor(r->length, true, n);
        break;
    case TRANSMIT:
        run_transmit(r->length, n);
        break;
    case SEGMENT:
    case BY_HOST:
        run_segments(r->what == SEGMENT ? SEGMENTS : PACKETS, n);
        break;
    case RECEIVE:
        run_receive(r->length, !r->fcs, n);
        break;
    case READ:
        run_read(r->length, n);
        break;
    case WRITE:
        run_write(r->length, n);
        break;
    }
    return (now_ns() - start) / n;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

struct options {
    bool check, brief;
    char **row; /* the rest of the command line; NULL alone: every row */
};

static struct options parse(char **arg)
{
    struct options o = {0};

    for (; *arg != NULL && (*arg)[0] == '-'; arg++) {
        if (strcmp(*arg, "--check") == 0)
            o.check = true;
        else if (strcmp(*arg, "--brief") == 0)
            o.brief = true;
        else
            die("usage: bench [--check] [--brief] [ROW...]");
    }
    o.row = arg;
    for (; *arg != NULL; arg++) {
        bool known = false;

        for (unsigned i = 0; i < ROWS; i++)
            known |= strcmp(*arg, rows[i].name) == 0;
        if (!known)
            die("no row has that name");
    }
    return o;
}

static bool wanted(const struct options *o, const struct row *r)
{
    if (*o->row == NULL || r->what == FLOOR_OUT || r->what == FLOOR_IN)
        return true;
    for (char **name = o->row; *name != NULL; name++)
        if (strcmp(*name, r->name) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    static double ns[ROWS][RUNS];
    const struct options o = parse(argv + (argc > 0));
    const unsigned runs = o.brief ? 1 : RUNS;
    double floor_ns = 0;
    unsigned missed = 0;

    memset(guest, 0x5a, sizeof guest);
    for (unsigned run = 0; run < runs; run++)
        for (unsigned i = 0; i < ROWS; i++)
            if (wanted(&o, &rows[i]))
                ns[i][run] = measure(&rows[i], repeats(&rows[i]) / (o.brief ? 32 : 1));
    printf("%-40s %9s %8s %8s\n", "", "ns each", "x floor", "bar");
    for (unsigned i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        const bool access = r->what == READ || r->what == WRITE;
        double median, figure;

        if (!wanted(&o, r))
            continue;
        qsort(ns[i], runs, sizeof ns[i][0], ascending);
        median = ns[i][runs / 2];
        if (r->what == FLOOR_OUT || r->what == FLOOR_IN)
            floor_ns = median;
        figure = access ? median : median / floor_ns;
        printf("%-40s %9.1f", r->name, median);
        if (!access)
            printf(" %8.2f", figure);
        if (r->bar != 0) {
            const bool met = figure <= r->bar;

            missed += !met;
            printf("%*s%5.1f %s  %s", access ? 10 : 1, "", r->bar, access ? "ns" : " x", met ? "met" : "MISSED");
        }
        printf("\n");
    }
    printf("rings of %d, tail moved every %d frames, median of %u turns: ", RING, BURST, runs);
    if (missed == 0)
        printf("every bar met\n");
    else
        printf("%u bar%s missed\n", missed, missed == 1 ? "" : "s");
    return o.check && missed > 0 ? 1 : 0;
}
