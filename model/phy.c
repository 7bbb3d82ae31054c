/*
 * phy.c - the internal PHY: its registers over MDIC, auto-negotiation, link
 *
 * Manual  11.1-11.4, 13.4.7 MDIC, 13.4.7.1 registers (phy.def), 8.3
 * Called  by regs.c for MDIC; by link.c and reset.c for resets; by the host for the cable
 * Calls   link_update, irq_raise, tx_wake
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
/* [11.1.2 silent] One more page: ten bursts of link pulses, 16 ms apart (IEEE 802.3 28.3.1). */
#define PAGE_NS UINT64_C(160000000)
#define AUTOMATIC_PAGES 3u             /* those of 1000BASE-T (IEEE 802.3 40.5.1.2) */
#define NULL_PAGE 0x2001u              /* message code 1: nothing more to say */
#define SEARCH_NS UINT64_C(5000000000) /* [11.4.1] link pulses before it falls asleep */
#define PULSE_NS UINT64_C(1000000000)  /* [11.4.1] */

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

static bool off(const struct e1000 *dev)
{
    return dev->phy.held || dev->phy.low_power || PHY_BIT(PREG(PCTRL), PCTRL, POWER_DOWN) || !dev->power_good;
}

/* Where frames go between MAC and cable has perhaps changed. True: the loop has closed. */
static bool set_path(struct e1000 *dev)
{
    const bool was = dev->phy.looping, isolated = PHY_BIT(PREG(PCTRL), PCTRL, ISOLATE);

    /* [13.4.7.1.1 silent] ISOLATE cuts the MAC off from the loop, too. */
    dev->phy.looping = PHY_BIT(PREG(PCTRL), PCTRL, LOOPBACK) && !isolated && !off(dev);
    dev->phy.detour = dev->phy.looping || isolated || !dev->phy.wired || PHY_BIT(PREG(PCTRL), PCTRL, COLLISION_TEST);
    rx_changed(dev);
    return dev->phy.looping && !was;
}

static void link_down(struct e1000 *dev)
{
    dev->phy.wired = false;
    if (!dev->phy.link)
        return;
    dev->phy.link = false;
    dev->phy.link_lost = true;
    CLEAR(PSTATUS, LINK);
    trace_link(dev, false);
    happened(dev, PHY_MASK(PINTS, LINK));
    set_path(dev);
    link_update(dev);
}

/* Speed and duplex that the MAC follows; returns what PINTS has to say about it. */
static uint32_t resolved(struct e1000 *dev, uint32_t speed, bool full)
{
    const uint32_t events = (speed != dev->phy.speed ? PHY_MASK(PINTS, SPEED) : 0) |
                            (full != dev->phy.full_duplex ? PHY_MASK(PINTS, DUPLEX) : 0);

    dev->phy.speed = (uint16_t)speed;
    dev->phy.full_duplex = full;
    return events;
}

/* [13.4.7.1.14] They are valid from here on: negotiation has ended, or there is none. */
static void show_resolved(struct e1000 *dev, uint32_t speed, bool full)
{
    const uint32_t code = speed == 10 ? 0 : speed == 100 ? 1 : 2;

    PREG(PSSTAT) &= (uint16_t) ~(PHY_MASK(PSSTAT, SPEED) | PHY_MASK(PSSTAT, DUPLEX));
    PREG(PSSTAT) |= (uint16_t)(E1000_PUT(code, PHY_PSSTAT, SPEED) | E1000_PUT(full, PHY_PSSTAT, DUPLEX) |
                               PHY_MASK(PSSTAT, RESOLVED));
}

/* [11.2.1] Corrected at 10 and 1000, of no account at 100. */
static bool polarity_shows(const struct e1000 *dev, uint32_t speed)
{
    return dev->phy.wired && dev->phy.partner.reversed && speed != 100;
}

/* PSTATUS.LINK latches low: after a loss it shows the link again from the next read on [13.4.7.1.2]. */
static void link_up(struct e1000 *dev, uint32_t speed, bool full)
{
    const bool was_reversed = dev->phy.reversed;
    uint32_t events = PHY_MASK(PINTS, LINK) | resolved(dev, speed, full);

    dev->phy.link = true;
    dev->phy.reversed = polarity_shows(dev, speed);
    if (dev->phy.reversed != was_reversed)
        events |= PHY_MASK(PINTS, POLARITY);
    PREG(PSSTAT) &= (uint16_t)(PHY_MASK(PSSTAT, PAGE_RECEIVED) | PHY_MASK(PSSTAT, JABBER));
    show_resolved(dev, speed, full);
    PREG(PSSTAT) |= (uint16_t)(PHY_MASK(PSSTAT, LINK) | E1000_PUT(dev->phy.reversed, PHY_PSSTAT, POLARITY) |
                               E1000_PUT(dev->phy.downshift, PHY_PSSTAT, DOWNSHIFT));
    if (speed != 10 && dev->phy.wired)
        PREG(PSSTAT) |= (uint16_t)E1000_PUT(dev->phy.partner.cable_length, PHY_PSSTAT, CABLE_LENGTH);
    if (dev->phy.mdix)
        SET(PSSTAT, MDIX);
    if (!dev->phy.link_lost)
        SET(PSTATUS, LINK);
    trace_link(dev, true);
    happened(dev, events);
    set_path(dev);
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
    dev->phy.next.on = false;
}

/* ---- energy detect [11.4.1] ---- */

/*
 * The receiver is off after these two writes to undocumented pages, until a PHY reset; Linux makes them
 * for its loopback test, so that a cable that is plugged meanwhile starts no negotiation.
 */
static bool deaf(const struct e1000 *dev)
{
    return dev->phy.page[0x1f] == 0x8ffc && dev->phy.page[0x1a] == 0x8ff0;
}

static bool energy_detect(const struct e1000 *dev)
{
    return E1000_GET(dev->phy.pscon, PHY_PSCON, ENERGY_DETECT) >= 2;
}

static bool sends_pulses(const struct e1000 *dev)
{
    return E1000_GET(dev->phy.pscon, PHY_PSCON, ENERGY_DETECT) == 3;
}

static void set_asleep(struct e1000 *dev, bool asleep)
{
    if (dev->phy.asleep == asleep)
        return;
    dev->phy.asleep = asleep;
    dev->phy.asleep_ns = dev->now_ns;
    if (asleep)
        SET(PSSTAT, ENERGY_DETECT);
    else
        CLEAR(PSSTAT, ENERGY_DETECT);
    happened(dev, PHY_MASK(PINTS, ENERGY_DETECT));
}

/* ---- the search for a link ---- */

static bool forced_good(const struct e1000 *dev) /* [13.4.7.1.13] of no effect at 1000 */
{
    return PHY_BIT(PREG(PSCON), PSCON, FORCE_LINK_GOOD) && !dev->phy.looping && !off(dev);
}

static bool test_mode(uint32_t gcon) /* [13.4.7.1.10] 5 to 7 are reserved */
{
    const uint32_t mode = E1000_GET(gcon, PHY_GCON, TEST_MODE);

    return mode >= 1 && mode <= 4;
}

/* Without negotiation speed and duplex are known from the start. */
static void begin_forced(struct e1000 *dev)
{
    const uint32_t speed = speed_of(dev->phy.pctrl);
    const bool full = PHY_BIT(dev->phy.pctrl, PCTRL, DUPLEX);

    show_resolved(dev, speed, full);
    if (forced_good(dev))
        link_up(dev, speed, full);
}

/* [15.1.3.1 silent] The loop is off the cable (IEEE 802.3 22.2.4.1.2), so no link; the MAC follows PCTRL. */
static void begin_loop(struct e1000 *dev)
{
    const uint32_t speed = speed_of(dev->phy.pctrl);
    const bool full = PHY_BIT(dev->phy.pctrl, PCTRL, DUPLEX);

    happened(dev, resolved(dev, speed, full));
    show_resolved(dev, speed, full);
    link_update(dev);
    tx_wake(dev);
}

/* Begin to look for a link: the deferred bits take effect [11.1.3], pages are latched. */
static void begin(struct e1000 *dev)
{
    link_down(dev);
    set_asleep(dev, false);
    forget(dev);
    dev->phy.pctrl = PREG(PCTRL);
    dev->phy.pscon = PREG(PSCON);
    dev->phy.ana = PREG(ANA);
    dev->phy.gcon = PREG(GCON);
    timer_stop(dev, T_PHY);
    timer_stop(dev, T_ENERGY);
    set_path(dev);
    if (off(dev) || test_mode(PREG(GCON)))
        return; /* [13.4.7.1.10 silent] a test signal is no link */
    if (dev->phy.looping) {
        begin_loop(dev);
        return;
    }
    if (!negotiates(dev))
        begin_forced(dev);
    if (dev->phy.connected && !deaf(dev))
        timer_set(dev, T_PHY, dev->now_ns + (negotiates(dev) ? NEGOTIATE_NS : FORCED_NS));
    else if (energy_detect(dev) && !dev->phy.link)
        timer_set(dev, T_ENERGY, dev->now_ns + SEARCH_NS);
}

/* Five seconds of pulses have had no answer; or a pulse out of sleep has reached somebody who sleeps, too. */
void phy_energy_timer(struct e1000 *dev)
{
    if (dev->phy.asleep)
        begin(dev);
    else
        set_asleep(dev, true);
}

/* [11.2] Automatic crossover finds the wires; a fixed setting has to suit the cable. */
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

    happened(dev, PHY_MASK(PINTS, AN_ERROR));                         /* [13.4.7.1.16] the link did not validate */
    if (master && E1000_GET(PREG(EPSCON1), PHY_EPSCON1, RSV1_0) != 0) /* [13.4.7.1.17] bits 11:10 have no effect then */
        return true;
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

enum { ROLE_ANY, ROLE_MASTER, ROLE_SLAVE }; /* e1000_partner.role */

static void page_came(struct e1000 *dev)
{
    SET(ANE, PAGE_RECEIVED);
    SET(PSSTAT, PAGE_RECEIVED);
    happened(dev, PHY_MASK(PINTS, PAGE_RECEIVED));
}

/* IEEE 802.3 table 40-5: who insists gets the role; two who insist on the same do not link. */
static void resolve_roles(struct e1000 *dev)
{
    const uint8_t they = dev->phy.partner.role;
    const bool manual = PHY_BIT(dev->phy.gcon, GCON, MS_MANUAL);
    const bool master = manual             ? PHY_BIT(dev->phy.gcon, GCON, MS_VALUE)
                        : they != ROLE_ANY ? they == ROLE_SLAVE
                                           : PHY_BIT(dev->phy.gcon, GCON, PORT_TYPE);

    PREG(GSTATUS) |= (uint16_t)E1000_PUT(master, PHY_GSTATUS, MS_MASTER);
    dev->phy.roles_clash = manual && they == (master ? ROLE_MASTER : ROLE_SLAVE);
    if (dev->phy.roles_clash)
        SET(GSTATUS, MS_FAULT);
}

enum { IEEE_802_3 = 1 }; /* ANA.SELECTOR, which a driver cannot change [13.4.7.1.5] */

/* [13.4.7.1.6] LPA[4:0] as it is received. */
static uint32_t selector(const struct e1000_partner *p)
{
    const uint32_t theirs = E1000_GET(p->base_page, PHY_LPA, SELECTOR);

    return theirs != 0 ? theirs : IEEE_802_3;
}

static void exchange_pages(struct e1000 *dev)
{
    const struct e1000_partner *p = &dev->phy.partner;
    const bool gigabit = p->gigabit_full || p->gigabit_half;

    PREG(LPA) =
        (uint16_t)(E1000_PUT(selector(p), PHY_LPA, SELECTOR) | PHY_MASK(LPA, ACKNOWLEDGE) | (p->base_page & 0x3fe0u));
    SET(ANE, LP_AN_ABLE);
    page_came(dev);
    if ((p->base_page & PHY_MASK(LPA, REMOTE_FAULT)) != 0)
        SET(PSTATUS, REMOTE_FAULT);
    if (gigabit || p->next_pages > 0) {
        SET(ANE, LP_NP_ABLE);
        SET(LPA, NEXT_PAGE);
    }
    dev->phy.roles_clash = false;
    if (gigabit) {
        PREG(GSTATUS) |= (uint16_t)(E1000_PUT(p->gigabit_full, PHY_GSTATUS, LP_1000_FULL) |
                                    E1000_PUT(p->gigabit_half, PHY_GSTATUS, LP_1000_HALF));
        resolve_roles(dev);
    }
    dev->phy.next.count = gigabit ? AUTOMATIC_PAGES : 0;
    dev->phy.next.theirs = 0;
    dev->phy.next.on = PHY_BIT(dev->phy.ana, ANA, NEXT_PAGE) && (gigabit || p->next_pages > 0);
}

/* A page's toggle bit is the opposite of the one before; the first one's, of bit 11 of the base page. */
static bool toggle(const struct e1000 *dev, uint32_t base_page)
{
    return (base_page >> 11 & 1) == (dev->phy.next.count & 1u);
}

/* Software's next page has crossed one of the partner's; false: more are to come [11.1.2]. */
static bool cross_next_pages(struct e1000 *dev)
{
    const struct e1000_partner *p = &dev->phy.partner;
    const unsigned most = sizeof p->next_page / sizeof p->next_page[0];
    const unsigned theirs = p->next_pages < most ? p->next_pages : most, i = dev->phy.next.theirs;
    const uint32_t word = i < theirs ? p->next_page[i] : NULL_PAGE;

    PREG(LPN) = (uint16_t)((word & 0x37ffu) | PHY_MASK(LPN, ACKNOWLEDGE) |
                           E1000_PUT(toggle(dev, p->base_page), PHY_LPN, TOGGLE) |
                           E1000_PUT(i + 1 < theirs, PHY_LPN, NEXT_PAGE));
    if (i < theirs)
        dev->phy.next.theirs++;
    dev->phy.next.count++;
    page_came(dev);
    dev->phy.next.on = PHY_BIT(PREG(NPT), NPT, NEXT_PAGE) || i + 1 < theirs;
    return !dev->phy.next.on;
}

/* [13.4.7.1.8] The write tells the state machine that a page is there. */
static void write_npt(struct e1000 *dev)
{
    if (dev->phy.next.on && timer_running(dev, T_PHY))
        return;
    CLEAR(NPT, TOGGLE); /* of the page before */
    if (!dev->phy.next.on)
        return;
    PREG(NPT) |= (uint16_t)E1000_PUT(toggle(dev, dev->phy.ana), PHY_NPT, TOGGLE);
    timer_set(dev, T_PHY, dev->now_ns + PAGE_NS);
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

    if (selector(&dev->phy.partner) !=
        IEEE_802_3) /* [8.2 silent] IEEE 802.3 28.2.1.2: the abilities mean something else */
        return (struct mode){0, false};
    if (gigabit && full && dev->phy.partner.gigabit_full && (only || !dev->phy.slow))
        return (struct mode){dev->phy.roles_clash ? 0 : 1000, true};
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

/* [11.2.1 silent] Uncorrected, the link pulses of a reversed pair at 10 Mb/s are none. */
static struct mode heard(const struct e1000 *dev, struct mode mode)
{
    if (mode.speed == 10 && dev->phy.partner.reversed && PHY_BIT(PREG(PSCON), PSCON, POLARITY_DISABLE))
        mode.speed = 0;
    return mode;
}

/* False: 1000 has failed, and is tried again. */
static bool settle_on(struct e1000 *dev, struct mode *mode)
{
    *mode = best_common(dev, true);
    if (mode->speed != 1000 || dev->phy.partner.pairs == 4)
        return true;
    if (retry_gigabit(dev)) {
        timer_set(dev, T_PHY, dev->now_ns + NEGOTIATE_NS);
        return false;
    }
    *mode = best_common(dev, false);
    happened(dev, PHY_MASK(PINTS, DOWNSHIFT));
    return true;
}

static void connect(struct e1000 *dev, struct mode mode)
{
    dev->phy.wired = true;
    if (dev->phy.link)
        set_path(dev); /* it was forced good */
    else
        link_up(dev, mode.speed, mode.full);
}

/* All pages are through. */
static void negotiated(struct e1000 *dev)
{
    struct mode mode;
    uint32_t events = 0;

    if (!settle_on(dev, &mode))
        return;
    mode = heard(dev, mode);
    if (mode.speed != 0) /* IEEE 802.3 28.3.4: complete is FLP LINK GOOD */
        SET(PSTATUS, AN_COMPLETE);
    events |= mode.speed != 0 ? PHY_MASK(PINTS, AN_COMPLETE) : PHY_MASK(PINTS, AN_ERROR);
    if (mode.speed == 1000)
        PREG(GSTATUS) |= (uint16_t)(PHY_MASK(GSTATUS, LOCAL_RECEIVER_OK) | PHY_MASK(GSTATUS, REMOTE_RECEIVER_OK));
    if (mode.speed != 0) {
        connect(dev, mode);
        if (mode.full) /* IEEE 802.3 28B.3: full duplex alone */
            resolve_pause(dev);
    }
    happened(dev, events);
}

/* One of the two does not negotiate. */
static void detected(struct e1000 *dev)
{
    const bool we = negotiates(dev);
    const struct mode mode = heard(dev, we ? parallel_detect(dev) : forced(dev));

    if (mode.speed != 0)
        connect(dev, mode);
    if (!we)
        return;
    if (mode.speed != 0)
        SET(PSTATUS, AN_COMPLETE);
    else
        SET(ANE, PARALLEL_FAULT);
    happened(dev, mode.speed != 0 ? PHY_MASK(PINTS, AN_COMPLETE) : PHY_MASK(PINTS, AN_ERROR));
}

void phy_timer(struct e1000 *dev)
{
    if (dev->phy.next.on) {
        if (cross_next_pages(dev))
            negotiated(dev);
        return;
    }
    if (!wires_fit(dev))
        return;
    if (!negotiates(dev) || !dev->phy.partner.autoneg) {
        detected(dev);
        return;
    }
    exchange_pages(dev);
    if (!dev->phy.next.on)
        negotiated(dev);
}

/* A link that is forced good outlives its cable, and takes a new one that fits. */
static bool swap_cable(struct e1000 *dev)
{
    const struct e1000_partner *p = &dev->phy.partner;
    const uint32_t need = dev->phy.speed == 100 ? A_100H | A_100F : A_10H | A_10F;

    if (!dev->phy.link || !forced_good(dev) || dev->phy.speed == 1000)
        return false;
    timer_stop(dev, T_PHY);
    dev->phy.wired = dev->phy.connected && !deaf(dev) && wires_fit(dev) &&
                     (p->autoneg ? (p->base_page & need) != 0 : p->speed == dev->phy.speed);
    set_path(dev);
    return true;
}

static uint64_t next_pulse(const struct e1000 *dev)
{
    return dev->phy.asleep_ns + ((dev->now_ns - dev->phy.asleep_ns) / PULSE_NS + 1) * PULSE_NS;
}

void e1000_partner(struct e1000 *dev, const struct e1000_partner *partner)
{
    struct e1000_partner *const p = &dev->phy.partner;

    dev->phy.connected = partner != NULL;
    if (partner != NULL) {
        *p = *partner;
        if (p->role > ROLE_SLAVE)
            p->role = ROLE_ANY;
        if (p->next_pages > sizeof p->next_page / sizeof p->next_page[0])
            p->next_pages = sizeof p->next_page / sizeof p->next_page[0];
    }
    if (swap_cable(dev))
        return;
    if (!dev->phy.asleep || (partner != NULL && !partner->sleeps)) {
        begin(dev); /* loss of link, or energy on the wire [11.1.1] */
        return;
    }
    /* [11.4.1] Both sleep: the pulse of every second wakes the partner, if we send one. */
    timer_stop(dev, T_ENERGY);
    if (partner != NULL && sends_pulses(dev))
        timer_set(dev, T_ENERGY, next_pulse(dev));
}

/* ---- errors on the wire [13.4.7.1.11, 13.4.7.1.16, 13.4.7.1.18] ---- */

/* [13.4.7.1.18 silent] One a frame. */
void phy_receive_error(struct e1000 *dev)
{
    if (PREG(PREC) != UINT16_MAX)
        PREG(PREC)++;
    happened(dev, PHY_MASK(PINTS, SYMBOL_ERROR));
}

void e1000_wire_fault(struct e1000 *dev, enum e1000_wire_fault fault)
{
    if (!dev->phy.wired)
        return;
    switch (fault) {
    case E1000_FALSE_CARRIER:
        happened(dev, PHY_MASK(PINTS, FALSE_CARRIER));
        break;
    case E1000_SYMBOL_ERROR:
        happened(dev, PHY_MASK(PINTS, SYMBOL_ERROR));
        break;
    case E1000_PHY_FIFO:
        happened(dev, PHY_MASK(PINTS, FIFO));
        break;
    case E1000_IDLE_ERROR:
        if (dev->phy.speed == 1000 && E1000_GET(PREG(GSTATUS), PHY_GSTATUS, IDLE_ERRORS) != 0xff)
            PREG(GSTATUS)++;
        break;
    }
}

/* ---- resets ---- */

/* [13.4.7.1.27] Any PHY reset brings the output drivers back to class AB, and the rest of the pages with them. */
static void clear_pages(struct e1000 *dev)
{
    for (unsigned i = 0; i < sizeof dev->phy.page / sizeof dev->phy.page[0]; i++)
        dev->phy.page[i] = 0;
}

static void load_hard(struct e1000 *dev)
{
    for (size_t i = 0; i < e1000_phy_count(); i++)
        dev->phy.reg[e1000_phy(i)->offset] = (uint16_t)e1000_phy(i)->reset;
    dev->phy.epscon1 = PREG(EPSCON1);
    dev->phy.link_lost = false;
    clear_pages(dev);
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
    CLEAR(PSTATUS, REMOTE_FAULT);
    dev->phy.epscon1 = PREG(EPSCON1);
    clear_pages(dev);
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
    else if (PHY_BIT(value, PCTRL, RESTART_AN) || PHY_BIT(value & ~old, PCTRL, POWER_DOWN) ||
             PHY_BIT(value ^ old, PCTRL, LOOPBACK))
        begin(dev);
    else if (set_path(dev))
        tx_wake(dev);
}

static void write_pscon(struct e1000 *dev, uint32_t value, uint32_t old)
{
    const bool idle = !dev->phy.link && !negotiates(dev) && !test_mode(PREG(GCON));

    if (PHY_BIT(value & ~old, PSCON, FORCE_LINK_GOOD) && idle && forced_good(dev))
        link_up(dev, speed_of(dev->phy.pctrl), PHY_BIT(dev->phy.pctrl, PCTRL, DUPLEX));
    else if (dev->phy.link && !dev->phy.wired && PHY_BIT(old & ~value, PSCON, FORCE_LINK_GOOD))
        begin(dev);
    else if (PHY_BIT(value ^ old, PSCON, POLARITY_DISABLE) && dev->phy.connected && dev->phy.partner.reversed &&
             (!dev->phy.link || dev->phy.speed == 10))
        begin(dev);
}

static void write_gcon(struct e1000 *dev, uint32_t value, uint32_t old)
{
    if (E1000_GET(value, PHY_GCON, TEST_MODE) > 4)
        bad(dev, RULE_PHY_RESERVED, "GCON", value);
    if (test_mode(value) != test_mode(old))
        begin(dev);
}

/* R30AW is a window on the page that R30PS names; [13.4.7.1.25 silent] five bits of it count. */
static uint16_t *page(struct e1000 *dev)
{
    return &dev->phy.page[PREG(R30PS) % (sizeof dev->phy.page / sizeof dev->phy.page[0])];
}

static void write_page(struct e1000 *dev, uint32_t value)
{
    const bool was = deaf(dev);

    *page(dev) = (uint16_t)value;
    if (deaf(dev) != was && !swap_cable(dev))
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
    if (tracing(dev)) {
        trace_event(dev, &ev);
        rules_phy_write(dev, row, n, value);
    }
    if (row == NULL)
        return; /* [13.4.7.1 silent] undocumented registers take no writes */
    dev->phy.reg[n] = (uint16_t)((old & ~row->writable) | (value & row->writable));
    switch (n) {
    case P_PCTRL:
        write_pctrl(dev, value, old);
        break;
    case P_PSCON:
        write_pscon(dev, value, old);
        break;
    case P_GCON:
        write_gcon(dev, value, old);
        break;
    case P_NPT:
        write_npt(dev);
        break;
    case P_R30AW:
        write_page(dev, value);
        break;
    case P_PINTE:
        interrupt_edge(dev, interrupting);
        break;
    default:
        break;
    }
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
    /* [13.4.7.1 silent] undocumented: 0 */
    const uint32_t value = row == NULL ? 0 : n == P_R30AW ? *page(dev) : dev->phy.reg[n];
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
