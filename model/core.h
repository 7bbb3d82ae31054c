/*
 * core.h - the device itself, and the calls between its chapters
 *
 * Private to model/. A chapter file owns the part of struct e1000 that bears its name; others reach
 * it through the calls below. Data flows one way:
 *
 *   driver -> pci -> regs -> eeprom phy link
 *                      |---> tx -> fifo -> host.frame_out
 *   wire -------------------> rx -> fifo -> host.dma_write
 *                             |---> power -> host.pme
 *                                tx rx link phy -> irq -> host.irq_line   (irq and stats call no chapter)
 */
#ifndef E1000_CORE_H
#define E1000_CORE_H

#include "e1000.h"
#include "e1000_regs.h"
#include "e1000_trace.h"

#ifdef E1000_ASSERT
void E1000_ASSERT(const char *what, const char *file, int line);
#define ASSERT(x) ((x) ? (void)0 : E1000_ASSERT(#x, __FILE__, __LINE__))
#else
#define ASSERT(x) ((x) ? (void)0 : __builtin_trap())
#endif

#define DESC_BYTES 16u      /* [3.2.6, 3.4] */
#define DESC_CACHE 64u      /* descriptors on chip, each way [3.2.4, 3.4.1] */
#define FRAME_MAX 16384u    /* longest received frame with FCS, LPE=1 [13.4.22] */
#define TX_FRAME_MAX 16288u /* longest sent frame without FCS [3.3.1, 3.3.3] */
#define TX_FRAME_MIN 48u    /* shortest, before padding [3.3.3] */
#define FCS_BYTES 4u
#define MIN_FRAME 64u    /* with FCS */
#define PBM_BYTES 65536u /* packet buffer [2.3.3] */
#define FIFO_HEADER 8u   /* [13.8 silent] a frame takes one more 8-byte word: RDFT moves past data */
#define FIFO_FRAMES (PBM_BYTES / 16u)
#define DELAY_UNIT_NS 1024u /* RDTR, RADV, TIDV, TADV [13.4.30] */
#define TSO_HEADER_MAX 240u /* [3.5.5, 3.5.9] */
#define TAG_BYTES 4u        /* 802.1Q [9.1] */
#define PREAMBLE_BYTES 8u   /* with the start delimiter */
#define PAUSE_BYTES 60u     /* a PAUSE frame without FCS [13.4.10] */
#define HEAD_BYTES 264u     /* a tag, and every byte that an 8-bit CSO can point at */
#define IOV_MAX 32u         /* buffers of one frame sent in place; more are gathered in the FIFO */

/* Storage: one slot a register, arrays in a row. The packet buffer, last, has storage of its own. */
enum {
#define REG(name, ...) R_##name,
#define REGS(name, offset, count, ...) R_##name, R_##name##_LAST = R_##name + (count)-1,
#include "regs.def"
    R_SLOTS_ALL
};
#define R_SLOTS R_PBM

enum {
#define PHY(name, number, ...) P_##name = number,
#include "phy.def"
    PHY_REGS = 32
};

#define BIT_OF(dev, reg, field) (((dev)->r[R_##reg] & E1000_MASK(reg, field)) != 0)
#define FIELD_OF(dev, reg, field) E1000_GET((dev)->r[R_##reg], reg, field)
#define PHY_MASK(reg, field) E1000_MASK(PHY_##reg, field)
#define PHY_BIT(value, reg, field) (((value)&PHY_MASK(reg, field)) != 0)

enum timer {
    T_LOAD,   /* EEPROM auto-load ends */
    T_EERD,   /* EERD read ends */
    T_EEPROM, /* the part's own erase or write cycle ends */
    T_MDIC,   /* management frame to the PHY ends */
    T_PHY,    /* auto-negotiation or link training ends */
    T_ITR,    /* throttling window closes */
    T_TIDV,
    T_TADV,
    T_RDTR,
    T_RADV,
    T_TX,     /* frame on the wire ends */
    T_PAUSE,  /* the partner's XOFF runs out */
    T_ENERGY, /* the PHY falls asleep, or sends a pulse */
    TIMERS
};

/* What waits for e1000_dma(), in this order. */
enum work {
    WORK_TX_DELAY = 1 << 0,   /* TIDV or TADV is over */
    WORK_RX_DELAY = 1 << 1,   /* RDTR or RADV is over */
    WORK_RX_BACK = 1 << 2,    /* RXDCTL: a lower threshold */
    WORK_RX_RESTART = 1 << 3, /* descriptors came within reach */
    WORK_RX = 1 << 4,
    WORK_TX = 1 << 5,
    WORK_TX_BACK = 1 << 6, /* TXDCTL: a lower threshold */
    WORK_TX_ALL = WORK_TX_DELAY | WORK_TX | WORK_TX_BACK,
    WORK_RX_ALL = WORK_RX_DELAY | WORK_RX_BACK | WORK_RX_RESTART | WORK_RX,
    WORK_ALL = WORK_TX_ALL | WORK_RX_ALL,
};
/* What waits_for_bus() notes down. */
#define WORK_OF_BUS (WORK_TX_DELAY | WORK_RX_DELAY | WORK_RX_BACK | WORK_TX_BACK)

#define TX_FETCHES 4u       /* of descriptors, in one e1000_dma(), */
#define TX_BYTES (1u << 20) /* unless they are of so many bytes before */

enum access_op { ACCESS_READ, ACCESS_WRITE };

/*
 * What a register does beyond its kind. READ: value is the stored one, the result is what the driver
 * gets. WRITE: after the masks; value is the new register value (RW) or the effective written bits
 * (WO, W1S, W1C), old the register before; the result is not used. slot is R_NAME, plus the place in
 * an array.
 */
typedef uint32_t action_fn(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old);

struct fifo {
    uint32_t base, size; /* region of the packet buffer, bytes */
    uint32_t head, used; /* first byte of the oldest frame, relative to base; bytes taken */
    uint32_t first, count;
    uint32_t moves; /* counts changes; what software wrote into a pointer holds until the next */
    struct fifo_frame {
        uint16_t len;
        uint16_t flags;
        uint16_t checksum, special; /* receive: for its descriptors */
    } frame[FIFO_FRAMES];
};

struct ring {
    uint32_t entries, head, tail;
    uint64_t base;
};

struct desc_cache {
    _Alignas(max_align_t) uint8_t desc[DESC_CACHE][DESC_BYTES]; /* one store, one load each */
    uint32_t index;                                             /* ring index of the oldest descriptor held */
    uint32_t oldest;                                            /* its place in desc[] */
    uint32_t used;                                              /* processed, waiting to be written back */
    uint32_t ready;                                             /* fetched, not yet processed */
};

/* A part of a frame in memory that stays put while it is read. */
struct span {
    const uint8_t *at;
    uint32_t len;
};

/* TCP/IP context descriptor [3.3.6]. */
struct tx_context {
    uint8_t ipcss, ipcso, tucss, tucso;
    uint16_t ipcse, tucse, mss;
    uint8_t hdrlen, tucmd;
    uint32_t paylen;
    bool loaded;
};

/* Good frames on their way into the counters. */
#define STAT_BINS 6u
struct tally {
    uint32_t frames[STAT_BINS]; /* by size, as stat_bin() has it */
    uint64_t octets;
};

/* What the header of a segmentation is: TCP over IP with nothing special, or not. */
struct tso_plain {
    bool known;              /* looked at */
    uint8_t ip;              /* 4, 6; 0: special */
    uint32_t sum;            /* of the IPv4 header without length and identification; its checksum field is 0 */
    uint32_t tcp;            /* of the TCP header without sequence number and flags */
    uint32_t id, seq, flags; /* of the first segment: identification, sequence number, data offset and flags */
};

/* PAUSE frames to be sent, MAC control frames that came [8.7]. */
enum pause { PAUSE_NONE, PAUSE_XOFF, PAUSE_XON };
enum control { CONTROL_NONE, CONTROL_PAUSE, CONTROL_PAUSE_STATION, CONTROL_OTHER };

struct leds {
    uint64_t settled_ns;
    uint64_t activity_ns, collision_ns; /* these pulses end */
    uint64_t cycle_ns[4];               /* its blink cycle began; E1000_NEVER: none runs */
    uint8_t input[2][2];                /* bit n: input of LEDn's blink circuit, with and without activity, collision */
    uint8_t blink;
    uint8_t steady; /* lit while no cycle runs: LINK/ACTIVITY with link [10.1.3] */
};

struct e1000 {
    struct e1000_host host;
    struct e1000_config board;
    uint64_t now_ns, next_ns;
    uint64_t deadline[TIMERS];
    bool power_good, rst_asserted;
    uint64_t reset_until_ns; /* no access before this [13.4.1] */
    uint32_t work;           /* enum work that waits for e1000_dma() */
    bool dma_now;            /* a call is running that may touch guest memory */

    uint32_t r[R_SLOTS];

    struct {
        uint8_t config[256];
        uint32_t ioaddr;
        bool pm_enabled; /* EEPROM word 0Ah bit 3 */
        bool bar32;      /* EEPROM word 0Ah bit 13 */
        bool no_flash;   /* EEPROM word 24h bit 11 */
        bool no_msi;     /* EEPROM word 0Fh bit 7 */
        uint8_t flash_size_code;
    } pci;

    struct {
        uint16_t word[256];
        uint32_t words;
        bool loading, write_enabled, busy;
        /* the part's shift register, moved by rising edges of SK while CS is high */
        uint8_t phase, opcode, bits;
        bool sk, cs, dout, status_out;
        uint32_t shift;
        uint8_t addr;
        bool eerd_waits, first_load;
    } eeprom;

    struct {
        uint16_t reg[PHY_REGS];
        uint16_t pctrl, pscon, epscon1; /* in effect; reg[] holds what was written */
        uint16_t ana, gcon;             /* as latched when negotiation began */
        bool held;                      /* CTRL.PHY_RST, or no power */
        bool link, downshift, mdix;
        bool link_lost; /* since PSTATUS was last read [13.4.7.1.2] */
        uint8_t tries;  /* at 1000, before it steps down */
        uint16_t speed;
        bool full_duplex;
        bool connected;
        struct e1000_partner partner;
        bool low_power; /* powered down by D3 [11.4] */
        bool slow;      /* 10 and 100 only, by D3 [11.4.3] */
        bool wired;     /* the link goes over the cable: it is not just forced good */
        bool looping;   /* PCTRL.LOOPBACK at work */
        bool detour;    /* a frame does not simply cross the wire: see diag.c */
        bool reversed;  /* as PSSTAT.POLARITY last showed with link */
        bool roles_clash;
        bool asleep; /* energy detect [11.4.1] */
        uint64_t asleep_ns;
        uint16_t page[32]; /* behind R30AW */
        struct {
            bool on;       /* software's next pages are being exchanged, or waited for [11.1.2] */
            uint8_t count; /* pages since the base page, those of 1000BASE-T included */
            uint8_t theirs;
        } next;
    } phy;

    struct leds led;

    struct {
        bool loop_busy;
        uint32_t moves[2];         /* of each FIFO when software wrote its pointers */
        uint8_t joined[FRAME_MAX]; /* a looped frame that wraps in the transmit FIFO, in one piece */
    } diag;

    struct {
        bool d0u;      /* since a reset or D3, until memory or I/O is enabled [6.3.1.2] */
        bool watching; /* frames are shown to the wake-up and management filters */
        bool apm_pme;  /* APM holds PME#, whatever PME_En says [6.4.1] */
        bool pme;      /* level of PME# */
    } power;

    struct {
        bool up;
        uint16_t speed;
        bool full_duplex;
        bool sdp_in[4]; /* levels at SDP0, 1, 6, 7 */
    } link;

    struct {
        bool asserted;
        bool msi_sent; /* wait for an ICR read [4.1.3] */
        uint64_t quiet_until_ns;
    } irq;

    struct {
        struct desc_cache cache;
        struct fifo fifo;
        uint32_t partial; /* bytes of the frame being gathered that are in the FIFO */
        uint32_t length;  /* its length so far, in place or gathered */
        uint32_t iovcnt;
        bool spoiled;                  /* cannot be sent: swallow it up to EOP */
        bool busy;                     /* no re-entry */
        bool halted;                   /* descriptor fetch refused: until the tail is written again */
        bool report_now, report_later; /* RS among the descriptors waiting for write-back */
        uint64_t wire_free_ns;         /* earliest start of the next frame */
        uint8_t outcome;               /* EC, LC of what the current descriptor has sent [3.3.3.2] */
        struct {
            uint32_t pending;              /* attempts to come that collide */
            bool late;                     /* they do so behind the collision window */
            bool on_wire;                  /* T_TX is that of an attempt that collides */
            bool was_late;                 /* of the oldest frame so far, with the next two */
            uint32_t attempts, collisions; /* all that collided; those in the window */
        } collide;
        struct e1000_iov iov[IOV_MAX];
        struct tx_context context[2]; /* normal, segmentation [3.3.5] */
        uint32_t taken;               /* bytes of the current descriptor that are already in the frame */
        struct {                      /* what the first descriptor of the frame has settled */
            uint8_t kind;             /* enum frame_kind in tx.h; 0: no frame is open */
            uint8_t css;              /* legacy: CSS */
            uint8_t popts;
            uint8_t dcmd; /* segmentation: DCMD and Special of the first data descriptor */
            uint16_t special;
            struct tx_context context;
        } frame;
        struct {
            uint8_t header[TSO_HEADER_MAX]; /* prototype [3.5.5] */
            uint32_t have;                  /* bytes of it */
            uint32_t sent, segments;
        } tso;
        struct { /* whole segments that are to leave together; all gone when the call returns */
            uint32_t segments, payload;
            uint32_t first, sent; /* tso.segments and tso.sent of the first */
            uint32_t iovcnt, end; /* where they end: entries, and bytes of the last one */
            struct tso_plain plain;
            bool last;          /* with the last segment of the send */
            struct tally tally; /* segments that the registers do not count yet */
        } group;
        uint8_t head[HEAD_BYTES]; /* a changed copy of the first bytes of a frame that leaves in place */
    } tx;

    struct {
        struct desc_cache cache;
        struct fifo fifo;
        uint32_t done;     /* bytes of the oldest FIFO frame already in host memory */
        uint32_t was_free; /* free descriptors at the last RXDMT0 check */
        bool halted;       /* DMA refused: until the tail is written again */
        struct {           /* what frames of the common kind share, worked out once */
            bool open;     /* the rest holds: no register or state behind it has changed */
            uint64_t base;
            uint32_t entries, spread;   /* longest frame less the shortest */
            uint32_t few;               /* free descriptors that raise RXDMT0 */
            uint32_t prefetch;          /* fewer on chip: look for more */
            bool plain;                 /* unicast frames all pass, and nobody wants to know what is in them */
            uint32_t vet, tag, control; /* types that go the long way; NO_TYPE: none does */
            uint32_t start;             /* of the packet checksum; UINT32_MAX: not wanted */
            uint32_t checks;            /* RXCSUM; 0: no checks are wanted */
        } short_way;
        struct tally tally; /* good frames not yet in the registers: see rx_count() */
        uint32_t exact;     /* valid entries below */
        struct {
            uint64_t addr;
            bool source;
        } filter[16];
    } rx;

    struct {
        enum pause due;        /* by the thresholds: waits for the wire */
        bool software;         /* by TCTL.SWXOFF, the same */
        bool on_wire;          /* T_TX is that of a PAUSE frame */
        bool told, told_twice; /* XOFF has been sent: at FCRTH; and again on overflow */
        uint32_t level;        /* of the receive FIFO when last looked at */
    } flow;

    uint8_t pbm[PBM_BYTES];
    uint8_t decode[0x10000 / 4]; /* row + 1 of each dword; made from the table at init */
};

static inline uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* ---- little-endian bytes ---- */

static inline uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}
static inline uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}
static inline uint64_t get64(const uint8_t *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}
static inline void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}
static inline void put32(uint8_t *p, uint32_t v)
{
    put16(p, v);
    put16(p + 2, v >> 16);
}
static inline void put64(uint8_t *p, uint64_t v)
{
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}

/* Sixteen bytes in one store: who then copies all of them does not wait for two. */
static inline void put_pair(uint8_t *p, uint64_t first, uint64_t second)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    const pair both = {__builtin_bswap64(first), __builtin_bswap64(second)};
#else
    const pair both = {first, second};
#endif

    __builtin_memcpy(p, &both, sizeof both);
}

/* ---- big-endian bytes: those of the wire ---- */

static inline uint32_t wire16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}
static inline void put_wire16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* ---- device.c: time, DMA, events ---- */
void timer_set(struct e1000 *dev, enum timer t, uint64_t at_ns);
void timer_stop(struct e1000 *dev, enum timer t);
static inline bool timer_running(const struct e1000 *dev, enum timer t)
{
    return dev->deadline[t] != E1000_NEVER;
}
/* True: not now, work has been noted down. */
static inline bool deferred(struct e1000 *dev, enum work work)
{
    if (!dev->board.defer_dma || dev->dma_now)
        return false;
    dev->work |= work;
    return true;
}
bool dma_ready(const struct e1000 *dev); /* bus mastering allowed now [4.1 Command, 6.3.1] */
bool waits_for_bus(struct e1000 *dev, enum work work, uint32_t used);
void dma_resume(struct e1000 *dev);
bool dma_read(struct e1000 *dev, enum e1000_object what, uint32_t index, uint64_t addr, void *to, uint32_t len);
bool dma_write(struct e1000 *dev, enum e1000_object what, uint32_t index, uint64_t addr, const void *from,
               uint32_t len);
void dma_refused(struct e1000 *dev, uint64_t addr);
/* The same where tracing() has been found false. */
static inline bool dma_read_quiet(struct e1000 *dev, uint64_t addr, void *to, uint32_t len)
{
    const bool ok = dev->host.dma_read(dev->host.ctx, addr, to, len);
    if (!ok)
        dma_refused(dev, addr);
    return ok;
}
static inline bool dma_write_quiet(struct e1000 *dev, uint64_t addr, const void *from, uint32_t len)
{
    const bool ok = dev->host.dma_write(dev->host.ctx, addr, from, len);
    if (!ok)
        dma_refused(dev, addr);
    return ok;
}
static inline bool tracing(const struct e1000 *dev)
{
    return __builtin_expect(dev->host.trace != NULL, 0);
}
void trace_event(struct e1000 *dev, struct e1000_event *event);
void trace_frame(struct e1000 *dev, bool out, const struct e1000_frame *frame);
void trace_drop(struct e1000 *dev, uint32_t len, const char *why, const char *section);

enum rule_id {
#define RULE(id, ...) RULE_##id,
#include "rules.def"
    RULES
};
void bad(struct e1000 *dev, enum rule_id rule, const char *what, uint32_t value); /* what: register or descriptor */
void bad_at(struct e1000 *dev, enum rule_id rule, const struct e1000_reg *reg, uint32_t index, uint32_t offset);

/* ---- rules.c: what a tracer is told of; call them only while tracing() ---- */
void rules_write(struct e1000 *dev, const struct e1000_reg *row, unsigned slot, uint32_t value); /* before it acts */
void rules_phy_write(struct e1000 *dev, const struct e1000_reg *row, unsigned number, uint32_t value);
void rules_tx_descriptor(struct e1000 *dev, const uint8_t *desc, uint32_t index);

/* ---- regs.c [13] ---- */
void regs_init(struct e1000 *dev);
void regs_reset(struct e1000 *dev, unsigned on); /* rows loaded by this reset, enum e1000_reset_on */
uint32_t regs_read(struct e1000 *dev, uint32_t offset, bool io);
void regs_write(struct e1000 *dev, uint32_t offset, uint32_t value, bool io);
void regs_narrow(struct e1000 *dev, uint32_t offset); /* a write of less than a dword, or across two */
uint32_t regs_mask(size_t n, unsigned *slot,
                   unsigned *count); /* bits that row n can hold, and where; count 0: not in r[] */

#define ACTION(name) uint32_t name##_access(struct e1000 *, enum access_op, unsigned, uint32_t, uint32_t)
ACTION(ctrl);
ACTION(status);
ACTION(eecd);
ACTION(eerd);
ACTION(ctrl_ext);
ACTION(mdic);
ACTION(icr);
ACTION(itr);
ACTION(ics);
ACTION(ims);
ACTION(imc);
ACTION(rctl);
ACTION(rdlen);
ACTION(rdh);
ACTION(rdt);
ACTION(rdtr);
ACTION(rdbal);
ACTION(rxdctl);
ACTION(ral);
ACTION(tctl);
ACTION(tdlen);
ACTION(tdh);
ACTION(tdt);
ACTION(tdbal);
ACTION(txdctl);
ACTION(wuc);
ACTION(wufc);
ACTION(wus);
ACTION(manc);
ACTION(flex);
ACTION(pba);
ACTION(pbm);
ACTION(rdf);
ACTION(tdf);
ACTION(ledctl);
ACTION(stat);
ACTION(stat_lo);
ACTION(stat_hi);

/* ---- irq.c [13.4.17-21] ---- */
void irq_new(struct e1000 *dev, uint32_t causes); /* none of them stands in ICR yet */
static inline void irq_raise(struct e1000 *dev, uint32_t causes)
{
    if ((causes & ~dev->r[R_ICR]) != 0)
        irq_new(dev, causes & ~dev->r[R_ICR]);
}
void irq_update(struct e1000 *dev); /* the line follows cause, mask, throttle and power state */
void irq_reset(struct e1000 *dev);

/* ---- stats.c [13.7] ---- */
static inline void stat_add(struct e1000 *dev, unsigned slot, uint32_t n)
{
    const uint32_t v = dev->r[slot] + n;
    dev->r[slot] = v | (0u - (uint32_t)(v < n)); /* sticks at all ones */
}
static inline void stat_add64(struct e1000 *dev, unsigned low_slot, uint64_t n)
{
    uint64_t v = (dev->r[low_slot] | (uint64_t)dev->r[low_slot + 1] << 32) + n;
    v |= UINT64_C(0) - (uint64_t)(v < n);
    dev->r[low_slot] = (uint32_t)v;
    dev->r[low_slot + 1] = (uint32_t)(v >> 32);
}
static inline unsigned stat_bin(uint32_t len) /* 64, 65-127, -255, -511, -1023, from 1024 on; not for less than 64 */
{
    static const uint8_t bin[] = {0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5}; /* faster than to find a bit */

    return bin[least(len / 64, 16)] - (unsigned)(len == 64);
}

/* ---- led.c [10] ---- */
#define ACTIVITY_NS UINT64_C(1000000)
void led_changed(struct e1000 *dev); /* link, LEDCTL or another steady source */
void led_pulse(struct e1000 *dev);
void led_collision(struct e1000 *dev);
static inline bool led_active(const struct e1000 *dev) /* a frame of this moment has been seen already */
{
    return dev->led.activity_ns == dev->now_ns + ACTIVITY_NS;
}
static inline void led_activity(struct e1000 *dev) /* a frame has been sent, or received and accepted */
{
    if (!led_active(dev))
        led_pulse(dev);
}

/* ---- flash.c [7, 13.2] ---- */
uint64_t flash_read(struct e1000 *dev, uint32_t offset, unsigned size, bool io);
void flash_write(struct e1000 *dev, uint32_t offset, unsigned size, uint64_t value, bool io);

/* ---- diag.c [13.8, 15.1] ---- */
/* A frame leaves while dev->phy.detour is set. False: it goes to the wire after all. */
bool diag_detour(struct e1000 *dev, const struct e1000_iov *iov, unsigned n, uint32_t len, bool ifcs);

/* ---- eeprom.c [5] ---- */
void eeprom_power(struct e1000 *dev);
void eeprom_load(struct e1000 *dev); /* begin reading the words that hardware uses */
void eeprom_reset(struct e1000 *dev);
void eeprom_load_timer(struct e1000 *dev);
void eeprom_eerd_timer(struct e1000 *dev);
void eeprom_cycle_timer(struct e1000 *dev);

/* ---- phy.c [11, 13.4.7] ---- */
void phy_hard_reset(struct e1000 *dev, bool held);
void phy_power(struct e1000 *dev, bool low_power, bool slow); /* by the MAC's power state [11.4.2-4] */
void phy_timer(struct e1000 *dev);
void phy_mdic_timer(struct e1000 *dev);
void phy_energy_timer(struct e1000 *dev);
void phy_receive_error(struct e1000 *dev); /* RX_ER during a frame */
bool phy_interrupt(const struct e1000 *dev);

/* ---- link.c [8.6] ---- */
void link_update(struct e1000 *dev); /* PHY, CTRL or power state changed */
static inline uint32_t byte_ns(const struct e1000 *dev)
{
    return dev->link.speed == 10 ? 800 : dev->link.speed == 100 ? 80 : 8;
}

/* ---- pci.c [4] ---- */
void pci_reset(struct e1000 *dev, bool keep_pme);
void pci_identify(struct e1000 *dev); /* what the EEPROM says about configuration space */
void pci_master_abort(struct e1000 *dev);
static inline bool pci_d3(const struct e1000 *dev)
{
    return (dev->pci.config[0xe0] & 3) == 3;
}
static inline uint32_t pci_command(const struct e1000 *dev)
{
    return get16(&dev->pci.config[4]);
}
bool pci_msi_enabled(const struct e1000 *dev);
static inline uint32_t pci_pmcsr(const struct e1000 *dev)
{
    return get16(&dev->pci.config[0xe0]);
}
void pci_pme(struct e1000 *dev, uint32_t set, uint32_t clear); /* bits of PMCSR; set wins */

/* ---- power.c [6, 13.6] ---- */
static inline bool power_low(const struct e1000 *dev) /* D0u, D3, Dr */
{
    return dev->power.d0u || dev->rst_asserted || pci_d3(dev);
}
void power_update(struct e1000 *dev); /* the state, a wake-up register or what the EEPROM says has changed */
void power_sleep(struct e1000 *dev);  /* D3 or Dr begins */
void power_frame(struct e1000 *dev, const uint8_t *frame, uint32_t body, uint32_t flags);
bool power_manage(struct e1000 *dev, const uint8_t *frame, uint32_t body);
void power_link(struct e1000 *dev); /* the link went up or down */

/* ---- reset.c [14.7] ---- */
enum reset_kind { RESET_POWER = E1000_ON_P, RESET_PCI = E1000_ON_R, RESET_SOFT = E1000_ON_S };
void reset_device(struct e1000 *dev, enum reset_kind kind);
void reset_d0u(struct e1000 *dev); /* D3 to D0 [6.3.1.2] */

/* ---- fifo.c [13.4.16, 13.8]: the packet buffer as two queues of frames ---- */
void fifo_split(struct e1000 *dev); /* lay both out as PBA says; both must be idle */
static inline uint32_t fifo_cost(uint32_t len)
{
    return FIFO_HEADER + ((len + 7u) & ~7u);
}
static inline bool fifo_room(const struct fifo *f, uint32_t len)
{
    return fifo_cost(len) <= f->size - f->used && f->count < FIFO_FRAMES;
}
bool fifo_put(struct e1000 *dev, struct fifo *f, uint32_t at, const void *from,
              uint32_t len); /* behind the last frame */
unsigned fifo_place(struct e1000 *dev, struct fifo *f, int32_t at, uint32_t len, uint8_t *part[2], uint32_t size[2]);
struct fifo_frame *fifo_push(struct fifo *f, uint32_t len, uint32_t flags);
struct fifo_frame *fifo_front(struct fifo *f); /* oldest, NULL if none */
unsigned fifo_spans(struct e1000 *dev, const struct fifo *f, int32_t from, uint32_t len, struct span span[2]);
void fifo_pop(struct fifo *f);
void fifo_drop(struct fifo *f); /* the newest */
void fifo_clear(struct fifo *f);

/* ---- ring.c: what both rings share [3.2.4-3.2.6, 3.4] ---- */
static inline uint32_t ring_left(const struct ring *ring, uint32_t index) /* from index up to the tail */
{
    return ring->tail >= index ? ring->tail - index : ring->tail + ring->entries - index;
}
void cache_clear(struct desc_cache *c, uint32_t index);
static inline uint8_t *cache_next(struct desc_cache *c) /* the next to process; ready must not be 0 */
{
    return c->desc[(c->oldest + c->used) % DESC_CACHE];
}
static inline void cache_drop(struct desc_cache *c, uint32_t n, uint32_t entries) /* the n oldest are done with */
{
    c->oldest = (c->oldest + n) % DESC_CACHE;
    c->used -= n;
    c->index += n;
    if (c->index >= entries)
        c->index -= entries;
}
static inline uint32_t cache_index(const struct desc_cache *c, uint32_t entries) /* ring index of cache_next */
{
    const uint32_t i = c->index + c->used;
    return i >= entries ? i - entries : i;
}
/* Fetch what fits of the descriptors up to tail. False: none could be had. */
bool cache_fetch(struct e1000 *dev, struct desc_cache *c, const struct ring *ring, enum e1000_object what);
void cache_prefetch(struct e1000 *dev, struct desc_cache *c, const struct ring *ring, uint32_t pthresh,
                    uint32_t hthresh, enum e1000_object what);
/* Write the n oldest used descriptors back whole and drop them. */
bool cache_write_back(struct e1000 *dev, struct desc_cache *c, const struct ring *ring, uint32_t n,
                      enum e1000_object what);
uint32_t ring_threshold(const struct e1000 *dev, uint32_t field, bool gran); /* in descriptors */
/* Processed descriptors wait on chip for a threshold, but no more than the chip or the ring can hold. */
static inline uint32_t ring_hold(uint32_t threshold, uint32_t most)
{
    const uint32_t held = threshold < DESC_CACHE ? threshold : DESC_CACHE - 1;

    return held < most ? held : most;
}

/* ---- rx.c [3.2], tx.c [3.3, 3.4], tx_wire.c [13.4.34]; what only the transmitter shares is in tx.h ---- */
void rx_reset(struct e1000 *dev);
void rx_count(struct e1000 *dev); /* a counter is about to be looked at: move the tally there */
static inline void rx_changed(struct e1000 *dev)
{
    dev->rx.short_way.open = false;
} /* something it depends on */
void rx_run(struct e1000 *dev);                 /* move waiting frames to host memory, as far as descriptors go */
void rx_work(struct e1000 *dev, uint32_t work); /* enum work of WORK_RX_ALL */
void rx_rdtr_timer(struct e1000 *dev);
void rx_radv_timer(struct e1000 *dev);
void rx_filters(struct e1000 *dev);                /* RAL, RAH changed */
enum { RX_PASSED = 1, RX_EXACT = 2, RX_HASH = 4 }; /* how a frame fares: at all, destination in RAL/RAH, bit in MTA */
unsigned rx_match(const struct e1000 *dev, const uint8_t *frame, uint32_t body); /* 0: the filter rejects it */
bool rx_sound(const struct e1000 *dev, const uint8_t *frame, uint32_t body, uint32_t flags); /* without any fault */
void rx_looped(struct e1000 *dev, const uint8_t *frame, uint32_t len, uint32_t flags); /* a sent frame comes back */
void tx_reset(struct e1000 *dev);
void tx_work(struct e1000 *dev, uint32_t work); /* enum work of WORK_TX_ALL */
void tx_run(struct e1000 *dev);                 /* process descriptors and send, as far as both go */
void tx_wake(struct e1000 *dev);                /* sending has become possible */
void tx_wire_timer(struct e1000 *dev);
void tx_hold_back(struct e1000 *dev); /* a frame whose first bit is not out yet */
void tx_drain(struct e1000 *dev);
void tx_held_up(struct e1000 *dev);   /* what is in the FIFO may not leave now */
void tx_link_lost(struct e1000 *dev); /* nor the frame that is leaving */
void tx_tidv_timer(struct e1000 *dev);
void tx_tadv_timer(struct e1000 *dev);

/* ---- half.c [8.4.2] ---- */
enum half_fate { HALF_CLEAR, HALF_AGAIN, HALF_GIVEN_UP, HALF_LATE };
enum { HALF_EC = 2, HALF_LC = 4 };                         /* bits of STA */
bool half_meets(const struct e1000 *dev);                  /* the next attempt collides */
enum half_fate half_collide(struct e1000 *dev);            /* it has */
uint8_t half_over(struct e1000 *dev, enum half_fate fate); /* the frame is done with */
uint32_t half_bytes(const struct e1000 *dev);
uint32_t half_backoff(const struct e1000 *dev);

/* ---- flow.c [8.7] ---- */
enum control flow_kind(const struct e1000 *dev, const uint8_t *frame, uint32_t len);
void flow_obey(struct e1000 *dev, enum control kind, const uint8_t *frame);
void flow_resume(struct e1000 *dev);
void flow_link_lost(struct e1000 *dev);
void flow_reset(struct e1000 *dev);
void flow_level(struct e1000 *dev); /* after every change of the receive FIFO's fill */
void flow_overflow(struct e1000 *dev);
void flow_software(struct e1000 *dev);
void flow_take(struct e1000 *dev, uint8_t frame[PAUSE_BYTES]);
static inline bool flow_paused(const struct e1000 *dev)
{
    return timer_running(dev, T_PAUSE);
}
static inline bool flow_due(const struct e1000 *dev)
{
    return dev->flow.software || dev->flow.due != PAUSE_NONE;
}

/* ---- vlan.c [9], offload.c [3.2.9]: pure functions on bytes ---- */
bool vlan_tagged(const uint8_t *frame, uint32_t len, uint32_t vet);
uint32_t vlan_tci(const uint8_t *frame);
bool vlan_listed(const uint32_t *vfta, uint32_t tci);
struct rx_checks {
    bool ip, ip_bad; /* the IPv4 header checksum was checked; it is wrong */
    bool l4, l4_bad; /* TCP's or UDP's */
};
enum { LOOK_IP6 = 1, LOOK_L4 = 2, LOOK_NO_SUM = 4 };
struct rx_checks offload_check(const uint8_t *frame, uint32_t len, bool tagged, unsigned look);

/* ---- save.c ---- */
#define SAVE_TIME_MAX ((uint64_t)INT64_MAX) /* later times are not loaded: now and any delay must not wrap */
void save_take_fields(struct e1000 *dev, const uint8_t *from); /* out of a blob, unchecked; for tests, too */

/* ---- csum.c, tso.c [3.5, 3.2.9]: pure functions on bytes ---- */
uint32_t crc32_update(uint32_t crc, const void *data, size_t len); /* start and end with the complement */
struct sum { /* of big-endian 16-bit words, one's complement; begin with zeros */
    uint64_t acc;
    bool odd;
};
void sum_add(struct sum *sum, const void *data, size_t len);
uint32_t sum_fold(const struct sum *sum);
void context_parse(struct tx_context *c, const uint8_t *desc);
void tso_header(uint8_t *header, const struct tx_context *c, uint32_t n, uint32_t sent, uint32_t payload, bool last);
uint32_t tso_length(const struct tx_context *c, uint32_t payload);
void tso_plain(struct tso_plain *plain, const uint8_t *header, const struct tx_context *c, uint32_t popts);
void tso_plain_header(uint8_t *header, const struct tso_plain *plain, const struct tx_context *c, uint32_t n,
                      uint32_t sent, uint32_t payload, bool last);
void tso_plain_checksum(uint8_t *header, const struct tso_plain *plain, const struct tx_context *c, uint32_t payload,
                        const struct e1000_iov *iov, unsigned iovcnt);
void tso_plain_whole(uint8_t *header, const struct tso_plain *plain, const struct tx_context *c, uint32_t n,
                     uint32_t sent, uint32_t payload_sum);
bool checksum_range(const struct span *span, unsigned n, uint32_t len, uint32_t css, uint32_t cse, uint32_t cso,
                    uint32_t more, uint8_t value[2]);

#endif
