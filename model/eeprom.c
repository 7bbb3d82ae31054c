/*
 * eeprom.c - the serial EEPROM: its part, the two ways to reach it, and what hardware loads from it
 *
 * Manual  5 EEPROM interface, 5.6 word map, 13.4.3 EECD, 13.4.4 EERD; the part is a 93C46 or 93C66
 * Called  by regs.c for EECD and EERD; by reset.c and link.c (EE_RST) for the auto-load
 * Calls   pci_identify, rx_filters, link_update, power_update
 */
#include "core.h"

#include <string.h>

/* [5.3] 1 MHz parts; [13.4.4 silent] a read by hardware takes one SK period a bit. */
#define SK_NS 1000u
#define START_AND_OPCODE 3u
#define DATA_BITS 16u
/* Erase and write cycles of a 93C46 take 5 ms typically, 10 ms at most; Linux gives up after 10 ms. */
#define CYCLE_NS 5000000u

enum {          /* where the part is in an instruction; moved by rising SK with CS high */
       STANDBY, /* done until CS falls */
       WAIT_START,
       OPCODE,
       ADDRESS,
       DATA_IN,
       DATA_OUT,
       ARMED, /* a whole erase or write is in: it starts when CS falls */
};

enum { OP_EXTENDED, OP_WRITE, OP_READ, OP_ERASE }; /* the two bits behind the start bit */
enum { EXT_EWDS, EXT_WRAL, EXT_ERAL, EXT_EWEN };   /* top address bits of OP_EXTENDED */

enum { PINS = 7 }; /* EECD: SK, CS, DI */

static unsigned address_bits(const struct e1000 *dev)
{
    return dev->eeprom.words == 256 ? 8 : 6;
}

static uint64_t read_ns(const struct e1000 *dev)
{
    return (uint64_t)SK_NS * (START_AND_OPCODE + address_bits(dev) + DATA_BITS);
}

/* No part, no answer: DO floats; [13.4.3 silent] we read it as 0. The part ignores higher address bits. */
static uint16_t read_word(const struct e1000 *dev, unsigned addr)
{
    return dev->eeprom.words == 0 ? 0 : dev->eeprom.word[addr % dev->eeprom.words];
}

static void trace_op(struct e1000 *dev, const char *op, uint32_t addr, uint32_t value)
{
    struct e1000_event ev = {.kind = E1000_EV_EEPROM, .text = op, .index = addr, .value = value};

    if (tracing(dev))
        trace_event(dev, &ev);
}

/* ---- the part ---- */

static void start_cycle(struct e1000 *dev)
{
    uint16_t *word = dev->eeprom.word;
    const unsigned words = dev->eeprom.words, ext = dev->eeprom.addr >> (address_bits(dev) - 2);

    if (!dev->eeprom.write_enabled)
        return; /* [93C46] programming while disabled does nothing */
    if (dev->eeprom.opcode == OP_WRITE) {
        word[dev->eeprom.addr] = (uint16_t)dev->eeprom.shift;
        trace_op(dev, "wr", dev->eeprom.addr, dev->eeprom.shift & 0xffff);
    } else if (dev->eeprom.opcode == OP_ERASE) {
        word[dev->eeprom.addr] = 0xffff;
        trace_op(dev, "era", dev->eeprom.addr, 0xffff);
    } else {
        const uint16_t fill = ext == EXT_WRAL ? (uint16_t)dev->eeprom.shift : 0xffff;

        for (unsigned i = 0; i < words; i++)
            word[i] = fill;
        trace_op(dev, ext == EXT_WRAL ? "wral" : "eral", 0, fill);
    }
    dev->eeprom.busy = true;
    dev->eeprom.status_out = true;
    timer_set(dev, T_EEPROM, dev->now_ns + CYCLE_NS);
}

void eeprom_cycle_timer(struct e1000 *dev)
{
    dev->eeprom.busy = false;
}

/* The whole address is in. */
static void addressed(struct e1000 *dev)
{
    const unsigned bits = address_bits(dev), ext = dev->eeprom.shift >> (bits - 2) & 3;

    dev->eeprom.addr = (uint8_t)(dev->eeprom.shift & ((1u << bits) - 1)); /* opcode bits are above it */
    dev->eeprom.bits = 0;
    switch (dev->eeprom.opcode) {
    case OP_READ:
        dev->eeprom.phase = DATA_OUT;
        dev->eeprom.shift = read_word(dev, dev->eeprom.addr); /* DO stays 0: the dummy bit */
        trace_op(dev, "rd", dev->eeprom.addr, dev->eeprom.shift);
        break;
    case OP_WRITE:
        dev->eeprom.phase = DATA_IN;
        break;
    case OP_ERASE:
        dev->eeprom.phase = ARMED;
        break;
    default:
        dev->eeprom.phase = ext == EXT_WRAL ? DATA_IN : ext == EXT_ERAL ? ARMED : STANDBY;
        if (ext == EXT_EWEN || ext == EXT_EWDS) {
            dev->eeprom.write_enabled = ext == EXT_EWEN;
            trace_op(dev, ext == EXT_EWEN ? "ewen" : "ewds", 0, 0);
        }
        break;
    }
}

static void rising_sk(struct e1000 *dev, bool di)
{
    switch (dev->eeprom.phase) {
    case WAIT_START:
        if (di && !dev->eeprom.busy) { /* zeros before the start bit are nothing */
            dev->eeprom.phase = OPCODE;
            dev->eeprom.bits = 0;
            dev->eeprom.status_out = false;
            dev->eeprom.dout = false;
        }
        break;
    case OPCODE:
        dev->eeprom.shift = dev->eeprom.shift << 1 | di;
        if (++dev->eeprom.bits == 2) {
            dev->eeprom.opcode = dev->eeprom.shift & 3;
            dev->eeprom.phase = ADDRESS;
            dev->eeprom.bits = 0;
        }
        break;
    case ADDRESS:
        dev->eeprom.shift = dev->eeprom.shift << 1 | di;
        if (++dev->eeprom.bits == address_bits(dev))
            addressed(dev);
        break;
    case DATA_IN:
        dev->eeprom.shift = dev->eeprom.shift << 1 | di;
        if (++dev->eeprom.bits == DATA_BITS)
            dev->eeprom.phase = ARMED;
        break;
    case DATA_OUT: /* [93C46] one word an instruction; then DO floats, which we read as 0 */
        dev->eeprom.dout = (dev->eeprom.shift & 0x8000) != 0;
        dev->eeprom.shift <<= 1;
        break;
    default:
        break;
    }
}

static void move_pins(struct e1000 *dev, bool sk, bool cs, bool di)
{
    const bool rises = sk && !dev->eeprom.sk;

    if (cs && !dev->eeprom.cs) {
        dev->eeprom.phase = WAIT_START;
    } else if (!cs && dev->eeprom.cs) {
        if (dev->eeprom.phase == ARMED)
            start_cycle(dev);
    } else if (cs && rises) {
        rising_sk(dev, di);
    }
    dev->eeprom.cs = cs;
    dev->eeprom.sk = sk;
}

/* ---- EECD [13.4.3] ---- */

static bool granted(const struct e1000 *dev)
{
    return BIT_OF(dev, EECD, EE_REQ) && !dev->eeprom.loading && !timer_running(dev, T_EERD);
}

static bool data_out(const struct e1000 *dev)
{
    if (!dev->eeprom.cs) /* stays so where no part is fitted */
        return false;
    return dev->eeprom.phase == WAIT_START ? dev->eeprom.status_out && !dev->eeprom.busy : dev->eeprom.dout;
}

static void start_eerd(struct e1000 *dev)
{
    if (!BIT_OF(dev, EECD, EE_REQ) && !dev->eeprom.loading)
        timer_set(dev, T_EERD, dev->now_ns + read_ns(dev));
}

uint32_t eecd_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    const uint32_t live =
        E1000_MASK(EECD, DO) | E1000_MASK(EECD, EE_GNT) | E1000_MASK(EECD, EE_PRES) | E1000_MASK(EECD, EE_SIZE);

    (void)slot;
    if (op == ACCESS_READ)
        return (value & ~live) | E1000_PUT(data_out(dev), EECD, DO) | E1000_PUT(granted(dev), EECD, EE_GNT) |
               E1000_PUT(dev->eeprom.words != 0, EECD, EE_PRES) | E1000_PUT(dev->eeprom.words == 256, EECD, EE_SIZE);
    if (granted(dev)) {
        if (dev->eeprom.words != 0)
            move_pins(dev, (value & E1000_MASK(EECD, SK)) != 0, (value & E1000_MASK(EECD, CS)) != 0,
                      (value & E1000_MASK(EECD, DI)) != 0);
    } else {
        if (((value ^ old) & PINS) != 0)
            bad(dev, RULE_PINS_NO_GRANT, "EECD", value);
        move_pins(dev, false, false, false);
        if (dev->eeprom.eerd_waits && (value & E1000_MASK(EECD, EE_REQ)) == 0)
            start_eerd(dev);
    }
    return value;
}

/* ---- EERD [13.4.4] ---- */

uint32_t eerd_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    if (op == ACCESS_READ)
        return value;
    if (dev->eeprom.eerd_waits) { /* [13.4.4 silent] one read at a time */
        bad(dev, RULE_EERD_BUSY, "EERD", value);
        dev->r[slot] = old;
        return value;
    }
    dev->r[slot] = value & E1000_MASK(EERD, ADDR);
    if ((value & E1000_MASK(EERD, START)) == 0) {
        dev->r[slot] |= old & ~E1000_MASK(EERD, ADDR);
        return value;
    }
    if (BIT_OF(dev, EECD, EE_REQ))
        bad(dev, RULE_EERD_WHILE_PINS, "EERD", value);
    dev->eeprom.eerd_waits = true;
    start_eerd(dev);
    return value;
}

void eeprom_eerd_timer(struct e1000 *dev)
{
    const uint32_t addr = FIELD_OF(dev, EERD, ADDR);
    const uint16_t word = read_word(dev, addr);

    dev->eeprom.eerd_waits = false;
    dev->r[R_EERD] = E1000_PUT(addr, EERD, ADDR) | E1000_PUT(word, EERD, DATA) | E1000_MASK(EERD, DONE);
    trace_op(dev, "rd", addr, word);
}

/* ---- auto-load [5.1, 5.6] ---- */

enum {
    WORD_MAC = 0x00,
    WORD_INIT1 = 0x0a,
    WORD_INIT2 = 0x0f,
    WORD_SDP = 0x20,
    WORD_MANAGE = 0x23,
    WORD_INIT3 = 0x24,
    WORD_IP4 = 0x25,
    WORD_IP6 = 0x27,
    WORD_LED = 0x2f
};

/* 0Ah; then 0Fh, 03h, 00h-02h, 0Bh-0Eh, 12h, 20h-2Fh [5.6] */
#define LOADED_WORDS 27u

static bool valid(const struct e1000 *dev)
{
    return dev->eeprom.words != 0 && dev->eeprom.word[WORD_INIT1] >> 14 == 1; /* [5.4] */
}

void eeprom_load(struct e1000 *dev)
{
    dev->eeprom.loading = true;
    timer_set(dev, T_LOAD, dev->now_ns + read_ns(dev) * (valid(dev) ? LOADED_WORDS : 1));
}

static bool bit(uint16_t word, unsigned n)
{
    return (word >> n & 1) != 0;
}

/* Reserved bits of CTRL_EXT that word 0Ah loads all the same [5.6.7, Table 13-10 note 1]. */
#define CTRL_EXT_IPS0 (1u << 14)
#define CTRL_EXT_IPS1 (1u << 16)

#define LOAD(reg, field, value)                                                                                        \
    (dev->r[R_##reg] = (dev->r[R_##reg] & ~E1000_MASK(reg, field)) | E1000_PUT(value, reg, field))

static void load_general(struct e1000 *dev, const uint16_t *w)
{
    LOAD(CTRL, FRCSPD, bit(w[WORD_INIT1], 11)); /* [5.6.7] */
    LOAD(CTRL, FD, bit(w[WORD_INIT1], 10));
    LOAD(CTRL, LRST, bit(w[WORD_INIT1], 9));
    LOAD(CTRL, ASDE, bit(w[WORD_INIT2], 14));                          /* [5.6.12] */
    LOAD(CTRL, SLU, bit(w[WORD_INIT3], 10) || bit(w[WORD_MANAGE], 0)); /* [13.4.1] */
    LOAD(CTRL, SDP0_DATA, bit(w[WORD_SDP], 0));                        /* [5.6.17] */
    LOAD(CTRL, SDP1_DATA, bit(w[WORD_SDP], 1));
    LOAD(CTRL, ADVD3WUC, bit(w[WORD_SDP], 2));
    LOAD(CTRL, EN_PHY_PWR_MGMT, bit(w[WORD_SDP], 3));
    dev->r[R_CTRL_EXT] &= ~(CTRL_EXT_IPS0 | CTRL_EXT_IPS1);
    dev->r[R_CTRL_EXT] |= (bit(w[WORD_INIT1], 12) ? CTRL_EXT_IPS0 : 0) | (bit(w[WORD_INIT1], 8) ? CTRL_EXT_IPS1 : 0);
    LOAD(CTRL_EXT, SDP6_DATA, bit(w[WORD_SDP], 6));
    LOAD(CTRL_EXT, SDP7_DATA, bit(w[WORD_SDP], 7));
    if (dev->eeprom.first_load) { /* [13.4.1, 13.4.6] directions come from power-on alone */
        LOAD(CTRL, SDP0_IODIR, bit(w[WORD_SDP], 8));
        LOAD(CTRL, SDP1_IODIR, bit(w[WORD_SDP], 9));
        LOAD(CTRL_EXT, SDP6_IODIR, bit(w[WORD_SDP], 14));
        LOAD(CTRL_EXT, SDP7_IODIR, bit(w[WORD_SDP], 15));
    }
    LOAD(LEDCTL, LED0_MODE, w[WORD_LED]); /* [5.6.29] */
    LOAD(LEDCTL, LED0_IVRT, bit(w[WORD_LED], 6));
    LOAD(LEDCTL, LED0_BLINK, bit(w[WORD_LED], 7));
    LOAD(LEDCTL, LED2_MODE, w[WORD_LED] >> 8);
    LOAD(LEDCTL, LED2_IVRT, bit(w[WORD_LED], 14));
    LOAD(LEDCTL, LED2_BLINK, bit(w[WORD_LED], 15));
}

static void load_wake(struct e1000 *dev, const uint16_t *w)
{
    LOAD(WUC, APMPME, bit(w[WORD_INIT2], 15));
    LOAD(WUC, APME, bit(w[WORD_INIT3], 10));
    LOAD(IPAV, V40, bit(w[WORD_MANAGE], 6)); /* [5.6.24] */
    LOAD(IPAV, V60, bit(w[WORD_MANAGE], 7));
    /* MANC takes the bits of word 23h that it has, in place [5.6.24]. */
    dev->r[R_MANC] = (dev->r[R_MANC] & ~0xa307u) | (w[WORD_MANAGE] & 0xa307u);
    if (bit(w[WORD_MANAGE], 6))
        dev->r[R_IP4AT] = w[WORD_IP4] | (uint32_t)w[WORD_IP4 + 1] << 16;
    for (unsigned i = 0; bit(w[WORD_MANAGE], 7) && i < 4; i++)
        dev->r[R_IP6AT + i] = w[WORD_IP6 + 2 * i] | (uint32_t)w[WORD_IP6 + 2 * i + 1] << 16;
}

/*
 * [5.6.1] The low byte of a word is the earlier byte on the wire. [5.6.1 silent] AV of entry 0 becomes
 * 1: 6.4.3.1.4 has directed magic packets pass before a driver runs.
 */
static void load_address(struct e1000 *dev, const uint16_t *w)
{
    dev->r[R_RAL] = w[WORD_MAC] | (uint32_t)w[WORD_MAC + 1] << 16;
    dev->r[R_RAH] = w[WORD_MAC + 2] | E1000_MASK(RAH, AV);
    rx_filters(dev);
}

void eeprom_load_timer(struct e1000 *dev)
{
    dev->eeprom.loading = false;
    if (valid(dev)) {
        trace_op(dev, "load", 0, LOADED_WORDS);
        load_general(dev, dev->eeprom.word);
        load_wake(dev, dev->eeprom.word);
        load_address(dev, dev->eeprom.word);
    } else {
        trace_op(dev, "load", 0, 1);
    }
    pci_identify(dev);
    dev->eeprom.first_load = false;
    if (dev->eeprom.eerd_waits)
        start_eerd(dev);
    link_update(dev);
    power_update(dev);
}

/* The controller's side of it; the part itself knows no reset. */
void eeprom_reset(struct e1000 *dev)
{
    timer_stop(dev, T_EERD);
    dev->eeprom.eerd_waits = false;
    move_pins(dev, false, false, false);
}

/* [93C46] Power-on leaves the part write-disabled. */
void eeprom_power(struct e1000 *dev)
{
    dev->eeprom.busy = dev->eeprom.write_enabled = dev->eeprom.status_out = false;
    dev->eeprom.first_load = true;
}

size_t e1000_eeprom_copy(const struct e1000 *dev, uint16_t *words, size_t max)
{
    const size_t n = dev->eeprom.words < max ? dev->eeprom.words : max;

    memcpy(words, dev->eeprom.word, n * sizeof words[0]);
    return dev->eeprom.words;
}
