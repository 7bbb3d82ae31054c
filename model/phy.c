/*
 * phy.c - the internal PHY: its registers over MDIC, auto-negotiation, link
 *
 * Manual  11.1-11.4, 13.4.7 MDIC, 13.4.7.1 registers (phy.def), 8.3
 * Called  by regs.c for MDIC; by link.c and reset.c for resets; by the host for the cable
 * Calls   link_update, irq_raise
 *
 * Two kinds of state: reg[] is what software reads and has written; pctrl, pscon, ana and gcon are
 * what the PHY works with, taken over at the moments that 11.1.3 names.
 */
#include "core.h"

#define MDC_NS 400u    /* [8.3] 2.5 MHz at most */
#define MDI_CLOCKS 64u /* preamble and frame of a management access */
#define PHY_ADDRESS 1u /* [13.4.7] */
/*
 * [11.1 silent] How long it takes. IEEE 802.3 28.3.2 breaks the link for 1.2 to 1.5 s before pages are
 * exchanged; Linux allows 4.5 s for the whole.
 */
#define NEGOTIATE_NS UINT64_C(1500000000)
#define FORCED_NS UINT64_C(200000000)

enum { OP_WRITE = 1, OP_READ = 2 };

#define PREG(name) dev->phy.reg[P_##name]
#define SET(name, field) (PREG(name) |= (uint16_t)PHY_MASK(name, field))
#define CLEAR(name, field) (PREG(name) &= (uint16_t)~PHY_MASK(name, field))

/* Ability bits as LPA and ANA have them. */
enum { A_10H = 0x0020, A_10F = 0x0040, A_100H = 0x0080, A_100F = 0x0100, A_PAUSE = 0x0400, A_ASM = 0x0800 };

/* ---- PHY interrupt [13.4.7.1.15-16] ---- */

bool phy_interrupt(const struct e1000 *dev)
{
    return (PREG(PINTE) & PREG(PINTS)) != 0;
}

static void interrupt_edge(struct e1000 *dev, bool was)
{
    if (!was && phy_interrupt(dev) && BIT_OF(dev, CTRL_EXT, PHYINT_EN))
        irq_raise(dev, E1000_MASK(ICR, PHYINT));
}

static void happened(struct e1000 *dev, uint32_t events)
{
    const bool was = phy_interrupt(dev);

    PREG(PINTS) |= (uint16_t)events;
    interrupt_edge(dev, was);
}

/* ---- link ---- */

static uint32_t speed_of(uint32_t pctrl)
{
    return PHY_BIT(pctrl, PCTRL, SPEED_MSB) ? 1000 : PHY_BIT(pctrl, PCTRL, SPEED_LSB) ? 100 : 10;
}

/* [Table 13-16] With auto-negotiation off and 1000 chosen it still runs, for 1000 alone. */
static bool negotiates(const struct e1000 *dev)
{
    return PHY_BIT(dev->phy.pctrl, PCTRL, AN_ENABLE) || speed_of(dev->phy.pctrl) == 1000;
}

static void trace_link(struct e1000 *dev, bool up)
{
    struct e1000_event ev = {
        .kind = E1000_EV_LINK, .text = up ? "up" : "down", .value = dev->phy.speed, .count = dev->phy.full_duplex};

    if (tracing(dev))
        trace_event(dev, &ev);
}

static void link_down(struct e1000 *dev)
{
    if (!dev->phy.link)
        return;
    dev->phy.link = false;
    dev->phy.link_lost = true;
    CLEAR(PSTATUS, LINK);
    trace_link(dev, false);
    happened(dev, PHY_MASK(PINTS, LINK));
    link_update(dev);
}

/* PSTATUS.LINK latches low: after a loss it shows the link again from the next read on [13.4.7.1.2]. */
static void link_up(struct e1000 *dev, uint32_t speed, bool full)
{
    const uint32_t n = speed == 10 ? 0 : speed == 100 ? 1 : 2;
    uint32_t events = PHY_MASK(PINTS, LINK);

    if (speed != dev->phy.speed)
        events |= PHY_MASK(PINTS, SPEED);
    if (full != dev->phy.full_duplex)
        events |= PHY_MASK(PINTS, DUPLEX);
    dev->phy.link = true;
    dev->phy.speed = (uint16_t)speed;
    dev->phy.full_duplex = full;
    PREG(PSSTAT) =
        (uint16_t)((PREG(PSSTAT) & (PHY_MASK(PSSTAT, PAGE_RECEIVED) | PHY_MASK(PSSTAT, JABBER))) |
                   E1000_PUT(n, PHY_PSSTAT, SPEED) | E1000_PUT(full, PHY_PSSTAT, DUPLEX) | PHY_MASK(PSSTAT, RESOLVED) |
                   PHY_MASK(PSSTAT, LINK) | E1000_PUT(dev->phy.downshift, PHY_PSSTAT, DOWNSHIFT));
    if (speed != 10)
        PREG(PSSTAT) |= (uint16_t)E1000_PUT(dev->phy.partner.cable_length, PHY_PSSTAT, CABLE_LENGTH);
    if (dev->phy.mdix)
        SET(PSSTAT, MDIX);
    if (!dev->phy.link_lost)
        SET(PSTATUS, LINK);
    trace_link(dev, true);
    happened(dev, events);
    link_update(dev);
}

/* ---- auto-negotiation [11.1] ---- */

/* What was agreed before no longer holds. */
static void forget(struct e1000 *dev)
{
    PREG(LPA) = PREG(ANE) = PREG(LPN) = 0;
    PREG(GSTATUS) &= (uint16_t)(PHY_MASK(GSTATUS, IDLE_ERRORS) | PHY_MASK(GSTATUS, MS_FAULT));
    CLEAR(PSTATUS, AN_COMPLETE);
    PREG(PSSTAT) &= (uint16_t)(PHY_MASK(PSSTAT, SPEED) | PHY_MASK(PSSTAT, DUPLEX) | PHY_MASK(PSSTAT, PAGE_RECEIVED) |
                               PHY_MASK(PSSTAT, JABBER));
    dev->phy.downshift = false;
    dev->phy.tries = 0;
}

static bool off(const struct e1000 *dev)
{
    return dev->phy.held || dev->phy.low_power || PHY_BIT(PREG(PCTRL), PCTRL, POWER_DOWN) || !dev->power_good;
}

/* Begin to look for a link: the deferred bits take effect [11.1.3], pages are latched. */
static void begin(struct e1000 *dev)
{
    link_down(dev);
    forget(dev);
    dev->phy.pctrl = PREG(PCTRL);
    dev->phy.pscon = PREG(PSCON);
    dev->phy.ana = PREG(ANA);
    dev->phy.gcon = PREG(GCON);
    timer_stop(dev, T_PHY);
    if (off(dev) || !dev->phy.connected)
        return;
    timer_set(dev, T_PHY, dev->now_ns + (negotiates(dev) ? NEGOTIATE_NS : FORCED_NS));
}

/* [11.2.3] Automatic crossover finds the wires; a fixed setting has to suit the cable. */
static bool wires_fit(struct e1000 *dev)
{
    const uint32_t mode = E1000_GET(dev->phy.pscon, PHY_PSCON, CROSSOVER);
    const bool need = dev->phy.partner.crossover, was = dev->phy.mdix;

    dev->phy.mdix = mode >= 2 ? need : mode == 1; /* [13.4.7.1.13] 10b is reserved; Linux: automatic at 1000 */
    if (dev->phy.mdix != was)
        happened(dev, PHY_MASK(PINTS, CROSSOVER));
    return dev->phy.mdix == need;
}

/* [11.2.2] A thousand needs four pairs; after a number of tries the PHY steps down. True: try again. */
static bool retry_gigabit(struct e1000 *dev)
{
    const bool master = PHY_BIT(PREG(GSTATUS), GSTATUS, MS_MASTER);
    const uint32_t tries = master ? E1000_GET(dev->phy.epscon1, PHY_EPSCON1, MASTER_DOWNSHIFT) + 1
                                  : E1000_GET(dev->phy.epscon1, PHY_EPSCON1, SLAVE_DOWNSHIFT);

    dev->phy.downshift = tries != 0 && ++dev->phy.tries >= tries;
    return !dev->phy.downshift;
}

/* [11.1.4 silent] Pause resolution by IEEE 802.3 table 28B-3. */
static void resolve_pause(struct e1000 *dev)
{
    const uint32_t we = dev->phy.ana, they = PREG(LPA);
    bool rx = false, tx = false;

    if ((we & they & A_PAUSE) != 0)
        rx = tx = true;
    else if ((we & they & A_ASM) != 0) {
        tx = (they & A_PAUSE) != 0;
        rx = (we & A_PAUSE) != 0;
    }
    if (rx)
        SET(PSSTAT, RX_PAUSE);
    if (tx)
        SET(PSSTAT, TX_PAUSE);
}

static void exchange_pages(struct e1000 *dev)
{
    const struct e1000_partner *p = &dev->phy.partner;
    const bool manual = PHY_BIT(dev->phy.gcon, GCON, MS_MANUAL);
    const bool master = manual ? PHY_BIT(dev->phy.gcon, GCON, MS_VALUE) : PHY_BIT(dev->phy.gcon, GCON, PORT_TYPE);

    PREG(LPA) = (uint16_t)(1u | PHY_MASK(LPA, ACKNOWLEDGE) | (p->base_page & 0x1fe0u));
    SET(ANE, LP_AN_ABLE);
    SET(ANE, PAGE_RECEIVED);
    SET(PSSTAT, PAGE_RECEIVED);
    if (p->gigabit_full || p->gigabit_half) {
        SET(ANE, LP_NP_ABLE);
        PREG(LPA) |= (uint16_t)PHY_MASK(LPA, NEXT_PAGE);
        PREG(GSTATUS) |= (uint16_t)(E1000_PUT(p->gigabit_full, PHY_GSTATUS, LP_1000_FULL) |
                                    E1000_PUT(p->gigabit_half, PHY_GSTATUS, LP_1000_HALF) |
                                    E1000_PUT(master, PHY_GSTATUS, MS_MASTER));
    }
}

struct mode {
    uint32_t speed; /* 0: none */
    bool full;
};

/* The best that both can do. [8.2] 1000 half duplex is advertised at most, never used. */
static struct mode best_common(const struct e1000 *dev, bool gigabit)
{
    const uint32_t both = dev->phy.ana & dev->phy.partner.base_page;
    const bool only = !PHY_BIT(dev->phy.pctrl, PCTRL, AN_ENABLE); /* [Table 13-16] 1000, full or half by DUPLEX */
    const bool full = only ? PHY_BIT(dev->phy.pctrl, PCTRL, DUPLEX) : PHY_BIT(dev->phy.gcon, GCON, ADV_1000_FULL);

    if (gigabit && full && dev->phy.partner.gigabit_full && (only || !dev->phy.slow))
        return (struct mode){1000, true};
    if (only)
        return (struct mode){0, false};
    return both & A_100F   ? (struct mode){100, true}
           : both & A_100H ? (struct mode){100, false}
           : both & A_10F  ? (struct mode){10, true}
           : both & A_10H  ? (struct mode){10, false}
                           : (struct mode){0, false};
}

/* [11.1.1] A partner that sends no pages shows its speed all the same; IEEE 802.3 28.2.3.1: half duplex. */
static struct mode parallel_detect(const struct e1000 *dev)
{
    const uint32_t speed = dev->phy.partner.speed;
    const uint32_t need = speed == 100 ? A_100H : speed == 10 ? A_10H : 0;
    const bool ours = PHY_BIT(dev->phy.pctrl, PCTRL, AN_ENABLE) && (dev->phy.ana & need) != 0;

    return (struct mode){ours ? speed : 0, false};
}

/* We do not negotiate; the partner either does the same or detects us in parallel. */
static struct mode forced(const struct e1000 *dev)
{
    const struct e1000_partner *p = &dev->phy.partner;
    const uint32_t speed = speed_of(dev->phy.pctrl);
    const uint32_t need = speed == 100 ? A_100H | A_100F : A_10H | A_10F;
    const bool fits = p->autoneg ? (p->base_page & need) != 0 : p->speed == speed;

    return (struct mode){fits ? speed : 0, PHY_BIT(dev->phy.pctrl, PCTRL, DUPLEX)};
}

void phy_timer(struct e1000 *dev)
{
    const bool we = negotiates(dev), they = dev->phy.partner.autoneg;
    uint32_t events = 0;
    struct mode mode;

    if (!wires_fit(dev))
        return;
    if (!we) {
        mode = forced(dev);
    } else if (!they) {
        mode = parallel_detect(dev);
        SET(PSTATUS, AN_COMPLETE);
        events = mode.speed != 0 ? PHY_MASK(PINTS, AN_COMPLETE) : PHY_MASK(PINTS, AN_ERROR);
        if (mode.speed == 0)
            SET(ANE, PARALLEL_FAULT);
    } else {
        exchange_pages(dev);
        mode = best_common(dev, true);
        if (mode.speed == 1000 && dev->phy.partner.pairs != 4) {
            if (retry_gigabit(dev)) {
                timer_set(dev, T_PHY, dev->now_ns + NEGOTIATE_NS);
                return;
            }
            mode = best_common(dev, false);
            events |= PHY_MASK(PINTS, DOWNSHIFT);
        }
        SET(PSTATUS, AN_COMPLETE);
        events |= PHY_MASK(PINTS, PAGE_RECEIVED);
        events |= mode.speed != 0 ? PHY_MASK(PINTS, AN_COMPLETE) : PHY_MASK(PINTS, AN_ERROR);
        if (mode.speed == 1000)
            PREG(GSTATUS) |= (uint16_t)(PHY_MASK(GSTATUS, LOCAL_RECEIVER_OK) | PHY_MASK(GSTATUS, REMOTE_RECEIVER_OK));
    }
    if (mode.speed != 0)
        link_up(dev, mode.speed, mode.full);
    if (we && they && mode.speed != 0 && mode.full) /* IEEE 802.3 28B.3: full duplex alone */
        resolve_pause(dev);
    happened(dev, events);
}

void e1000_partner(struct e1000 *dev, const struct e1000_partner *partner)
{
    dev->phy.connected = partner != NULL;
    if (partner != NULL)
        dev->phy.partner = *partner;
    begin(dev); /* loss of link, or energy on the wire [11.1.1] */
}

/* ---- resets ---- */

static void load_hard(struct e1000 *dev)
{
    for (size_t i = 0; i < e1000_phy_count(); i++)
        dev->phy.reg[e1000_phy(i)->offset] = (uint16_t)e1000_phy(i)->reset;
    dev->phy.epscon1 = PREG(EPSCON1);
    dev->phy.link_lost = false;
}

void phy_hard_reset(struct e1000 *dev, bool held)
{
    link_down(dev);
    load_hard(dev);
    dev->phy.held = held;
    begin(dev);
}

/* [13.4.7.1.1] Kept, made effective, or back to the value of a hardware reset, bit by bit. */
static void soft_reset(struct e1000 *dev)
{
    link_down(dev); /* before PINTS, which a reset leaves empty [13.4.7.1.16] */
    for (size_t i = 0; i < e1000_phy_count(); i++) {
        const struct e1000_reg *row = e1000_phy(i);
        const uint32_t stay = row->sw_keep | row->sw_update;
        uint16_t *r = &dev->phy.reg[row->offset];

        if (row->offset != E1000_PHY_PSTATUS) /* its bits follow the link, which begin() takes down */
            *r = (uint16_t)((*r & stay) | (row->reset & ~stay));
    }
    dev->phy.epscon1 = PREG(EPSCON1);
    begin(dev);
}

/*
 * [11.4.2] Power-down as by PCTRL.POWER_DOWN. [11.4.3] A 1000 link is negotiated anew for 10 and 100; back
 * in D0, for all. [silent] A speed that software forced stays.
 */
void phy_power(struct e1000 *dev, bool low_power, bool slow)
{
    const bool changes = low_power != dev->phy.low_power || (dev->phy.slow && !slow) ||
                         (slow && dev->phy.link && dev->phy.speed == 1000 && PHY_BIT(dev->phy.pctrl, PCTRL, AN_ENABLE));

    dev->phy.low_power = low_power;
    dev->phy.slow = slow;
    if (changes)
        begin(dev);
}

/* ---- registers ---- */

static void write_pctrl(struct e1000 *dev, uint32_t value, uint32_t old)
{
    const bool powers_up = PHY_BIT(old & ~value, PCTRL, POWER_DOWN);

    PREG(PCTRL) &= (uint16_t) ~(PHY_MASK(PCTRL, RESET) | PHY_MASK(PCTRL, RESTART_AN));
    if (PHY_BIT(value, PCTRL, RESET) || powers_up) /* [Table 13-16] leaving power-down resets by itself */
        soft_reset(dev);
    else if (PHY_BIT(value, PCTRL, RESTART_AN) || PHY_BIT(value & ~old, PCTRL, POWER_DOWN))
        begin(dev);
}

static void write_reg(struct e1000 *dev, unsigned n, uint32_t value)
{
    const struct e1000_reg *row = e1000_phy_at(n);
    const uint16_t old = dev->phy.reg[n];
    const bool interrupting = phy_interrupt(dev);
    struct e1000_event ev = {.kind = E1000_EV_PHY_WRITE, .reg = row, .index = n, .value = value};

    if (row != NULL)
        ev.other = value & ~row->writable;
    if (tracing(dev))
        trace_event(dev, &ev);
    if (row == NULL)
        return; /* [13.4.7.1 silent] undocumented registers take no writes */
    dev->phy.reg[n] = (uint16_t)((old & ~row->writable) | (value & row->writable));
    if (n == P_PCTRL)
        write_pctrl(dev, value, old);
    else if (n == P_PINTE)
        interrupt_edge(dev, interrupting);
}

/* Latched bits and counters show the present once they have been read [13.4.7.1]. */
static void after_read(struct e1000 *dev, const struct e1000_reg *row)
{
    uint16_t *r = &dev->phy.reg[row->offset];

    if (row->offset == E1000_PHY_PSTATUS)
        dev->phy.link_lost = false;
    for (unsigned i = 0; row->field[i].owner == row->id; i++) {
        const struct e1000_field *f = &row->field[i];
        const uint32_t mask = E1000_BITS_(f->hi, f->lo);

        if (f->access == E1000_ACC_RC || f->access == E1000_ACC_LH)
            *r &= (uint16_t)~mask;
        else if (f->access == E1000_ACC_LL && dev->phy.link)
            *r |= (uint16_t)mask;
    }
}

static uint32_t read_reg(struct e1000 *dev, unsigned n)
{
    const struct e1000_reg *row = e1000_phy_at(n);
    const uint32_t value = row == NULL ? 0 : dev->phy.reg[n]; /* [13.4.7.1 silent] undocumented: 0 */
    struct e1000_event ev = {.kind = E1000_EV_PHY_READ, .reg = row, .index = n, .value = value};

    if (tracing(dev))
        trace_event(dev, &ev);
    if (row != NULL)
        after_read(dev, row);
    return value;
}

/* ---- MDIC [13.4.7] ---- */

uint32_t mdic_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    const uint32_t opcode = E1000_GET(value, MDIC, OP);

    if (op == ACCESS_READ)
        return value;
    if (timer_running(dev, T_MDIC)) { /* [13.4.7 silent] the frame on the wires goes on */
        bad(dev, RULE_MDIC_BUSY, "MDIC", value);
        dev->r[slot] = old;
        return value;
    }
    if ((value & E1000_MASK(MDIC, R)) != 0)
        return value; /* no command: software writes R as 0 with one */
    if (opcode != OP_WRITE && opcode != OP_READ) {
        bad(dev, RULE_MDIC_OPCODE, "MDIC", value);
        dev->r[slot] |= E1000_MASK(MDIC, R);
        return value;
    }
    timer_set(dev, T_MDIC, dev->now_ns + MDC_NS * MDI_CLOCKS);
    return value;
}

void phy_mdic_timer(struct e1000 *dev)
{
    const uint32_t mdic = dev->r[R_MDIC], n = E1000_GET(mdic, MDIC, REGADD);
    const bool answers = E1000_GET(mdic, MDIC, PHYADD) == PHY_ADDRESS && !dev->phy.held;

    dev->r[R_MDIC] |= E1000_MASK(MDIC, R);
    if (E1000_GET(mdic, MDIC, PHYADD) != PHY_ADDRESS)
        bad(dev, RULE_PHY_ADDRESS, "MDIC", mdic);
    if (E1000_GET(mdic, MDIC, OP) == OP_WRITE) {
        if (answers)
            write_reg(dev, n, E1000_GET(mdic, MDIC, DATA));
    } else {
        /* [13.4.7 silent] Nobody drives MDIO: all ones, and E says so. */
        const uint32_t data = answers ? read_reg(dev, n) : 0xffff;

        dev->r[R_MDIC] = (dev->r[R_MDIC] & ~E1000_MASK(MDIC, DATA)) | data;
        if (!answers)
            dev->r[R_MDIC] |= E1000_MASK(MDIC, E);
    }
    if ((mdic & E1000_MASK(MDIC, I)) != 0)
        irq_raise(dev, E1000_MASK(ICR, MDAC));
}
