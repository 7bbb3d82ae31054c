/*
 * power.c - power states, wake-up, and what management takes away from the host
 *
 * Manual  6 power management, 13.6 wake-up registers, 11.4 PHY power, 5.6.24 MANC
 * Called  by rx.c with every frame that may wake; by link.c when the link changes; by pci.c, reset.c and
 *         eeprom.c when the power state or what it depends on has changed; by regs.c for the registers
 * Calls   rx_match, rx_sound, phy_power, pci_pme, host->pme
 *
 * PME_En and PME_Status are stored once, in PMCSR; WUC shows them. WUFC, WUS and the bits of enum seen
 * have the same positions.
 */
#include "core.h"

#include <string.h>

#define SEEN(name) E1000_MASK(WUS, name)

/* [6.4.2] The "received" bits: while one of them stands, later packets wake nobody. */
#define RECEIVED                                                                                                       \
    (SEEN(MAG) | SEEN(EX) | SEEN(MC) | SEEN(BC) | SEEN(ARP) | SEEN(IPv4) | SEEN(IPv6) | SEEN(FLX0) | SEEN(FLX1) |      \
     SEEN(FLX2) | SEEN(FLX3))
#define FLEXIBLE (SEEN(FLX0) | SEEN(FLX1) | SEEN(FLX2) | SEEN(FLX3))
#define FLEXIBLE_FILTERS 4u

enum {
    WUPM_BYTES = 128,
    WUPL_MOST = 2047, /* [13.6.7] */
    PMCSR_PME_EN = 1 << 8,
    PMCSR_PME_STATUS = 1 << 15,

    TYPE_IP4 = 0x0800,
    TYPE_ARP = 0x0806,
    LENGTH_MAX = 1500, /* a type field up to here is a length: LLC follows [6.4.3.1] */
    ARP_REQUEST = 1,
    ARP_RESPONSE = 2,
    IP_UDP = 17,
    RMCP_026F = 0x026f,
    RMCP_0298 = 0x0298,
    MANAGED_MAX = 200, /* longest packet that management takes [13.7.39] */
};

/* ---- state: what is awake, who is listened to, PME# ---- */

static bool pme_en(const struct e1000 *dev)
{
    return (pci_pmcsr(dev) & PMCSR_PME_EN) != 0;
}
static bool pme_status(const struct e1000 *dev)
{
    return (pci_pmcsr(dev) & PMCSR_PME_STATUS) != 0;
}

/* [5.6.24 silent] Filters count only where there is somebody behind them: the SMBus, or the ASF controller. */
static bool manages(const struct e1000 *dev)
{
    return BIT_OF(dev, MANC, SMBUS_EN) || BIT_OF(dev, MANC, ASF_EN);
}

/* [6.3.3.4] PME_En enables wake-up as a whole, [6.4.1] but APM needs nothing besides its own bit. */
static bool wakes(const struct e1000 *dev)
{
    return BIT_OF(dev, WUC, APME) || (pme_en(dev) && dev->r[R_WUFC] != 0);
}

/*
 * [6.4.1] APM holds PME# until WUS.MAG, APMPME or APME is cleared; [6.3.3.4] PME_Status written 1 releases it
 * too. [6.4.2] Otherwise it is PME_Status where PME_En allows. Off in the EEPROM: no PME# from any state.
 */
static void update_pme(struct e1000 *dev)
{
    struct e1000_event ev = {.kind = E1000_EV_PME};
    bool pme;

    dev->power.apm_pme = dev->power.apm_pme && pme_status(dev) && BIT_OF(dev, WUS, MAG) && BIT_OF(dev, WUC, APME) &&
                         BIT_OF(dev, WUC, APMPME);
    pme = pme_status(dev) && (pme_en(dev) || dev->power.apm_pme) && dev->pci.pm_enabled && dev->power_good;
    if (pme == dev->power.pme)
        return;
    dev->power.pme = pme;
    ev.count = pme;
    if (tracing(dev))
        trace_event(dev, &ev);
    if (dev->host.pme != NULL)
        dev->host.pme(dev->host.ctx, pme);
}

/*
 * [11.4.2] Asleep with nothing to listen for, the PHY is in power-down. [11.4.3] With something, it keeps
 * to 10 and 100 if EN_PHY_PWR_MGMT says so. [11.4.2 silent] Not only at the moment of going to sleep: in
 * D0u the EEPROM turns APM on after it, and PME_En can be written in D3.
 */
void power_update(struct e1000 *dev)
{
    const bool low = power_low(dev), needed = wakes(dev) || manages(dev);

    phy_power(dev, low && !needed, low && needed && BIT_OF(dev, CTRL, EN_PHY_PWR_MGMT));
    dev->power.watching = BIT_OF(dev, WUC, APME) || (dev->r[R_WUFC] & RECEIVED) != 0 || manages(dev);
    rx_changed(dev);
    update_pme(dev);
}

/* [6.3.1.4] D3 and RST# end what is under way: no master cycle, no frame, not even one that was begun. */
void power_sleep(struct e1000 *dev)
{
    const bool rx = BIT_OF(dev, RCTL, EN) && dev->r[R_RDH] != dev->r[R_RDT];

    if (pci_d3(dev) && (BIT_OF(dev, TCTL, EN) || rx))
        bad(dev, RULE_D3_WHILE_ON, rx ? "RCTL" : "TCTL", dev->r[rx ? R_RCTL : R_TCTL]);
    timer_stop(dev, T_TX);
    timer_stop(dev, T_TIDV);
    timer_stop(dev, T_TADV);
    timer_stop(dev, T_RDTR);
    timer_stop(dev, T_RADV);
    irq_update(dev);
    power_update(dev);
}

/* ---- what is in a frame ---- */

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

/* A frame as the filters see it; len is without FCS. */
struct packet {
    const uint8_t *at;
    uint32_t len;
    uint32_t type, body; /* of layer 3, and where it begins */
};

/*
 * [6.4.3.1] A tag and LLC/SNAP shift what follows. [9.3] A tag is what VET says. [6.4.3.1.5 silent on this
 * part] SNAP is told by its six bytes, as on the 82541: other LLC has no type field to compare.
 */
static void find_type(const struct e1000 *dev, struct packet *p)
{
    static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00};
    uint32_t at = 12;

    if (be16(p->at + at) == FIELD_OF(dev, VET, VET))
        at += 4;
    if (be16(p->at + at) <= LENGTH_MAX && memcmp(p->at + at + 2, snap, sizeof snap) == 0)
        at += 8;
    p->type = be16(p->at + at);
    p->body = at + 2;
}

static bool holds(const struct packet *p, uint32_t bytes)
{
    return p->len - p->body >= bytes;
}

/* [13.6.5 silent] The first byte on the wire is in the lowest lane, as the EEPROM loads it [5.6.27]. */
static bool our_ip4(const struct e1000 *dev, const uint8_t *ip)
{
    for (unsigned i = 0; i < 4; i++)
        if ((dev->r[R_IPAV] >> i & 1) != 0 && dev->r[R_IP4AT + i] == get32(ip))
            return true;
    return false;
}

static bool our_ip6(const struct e1000 *dev, const uint8_t *ip)
{
    if (!BIT_OF(dev, IPAV, V60))
        return false;
    for (unsigned i = 0; i < 4; i++) /* [13.6.6] prints the last word as bytes 16-13: taken as a slip */
        if (dev->r[R_IP6AT + i] != get32(ip + 4 * i))
            return false;
    return true;
}

/* [6.4.3.1.5] Ethernet and IPv4 in the header; which operation? 0: no such packet. */
static uint32_t arp_operation(const struct packet *p)
{
    static const uint8_t header[] = {0, 1, 8, 0, 6, 4};

    if (p->type != TYPE_ARP || !holds(p, 28) || memcmp(p->at + p->body, header, sizeof header) != 0)
        return 0;
    return be16(p->at + p->body + 6);
}

static bool is_broadcast(const uint8_t *address)
{
    return get32(address) == UINT32_MAX && get16(address + 4) == 0xffff;
}

static bool is_arp_request(const struct e1000 *dev, const struct packet *p)
{
    return is_broadcast(p->at) && arp_operation(p) == ARP_REQUEST && our_ip4(dev, p->at + p->body + 24);
}

/* [6.4.3.1.6] "Check header length": five words at least. */
static bool is_ip4(const struct packet *p)
{
    return p->type == TYPE_IP4 && holds(p, 20) && p->at[p->body] >> 4 == 4 && (p->at[p->body] & 0xf) >= 5;
}

/* [6.4.3.2] Type 0800h on this part; 86DDh is said of the 82541 and 82547 only. Version 6 tells it apart. */
static bool is_ip6(const struct packet *p)
{
    return p->type == TYPE_IP4 && holds(p, 40) && p->at[p->body] >> 4 == 6;
}

/*
 * [6.4.3.1.4] Six or more FFh, then receive address 0 sixteen times; a byte that does not fit starts the
 * search again. [silent] It starts behind the type field, and FFh that were part of an address count.
 */
static bool is_magic(const struct e1000 *dev, const struct packet *p)
{
    uint8_t address[8];
    uint32_t ones = 0, matched = 0;

    put32(address, dev->r[R_RAL]);
    put32(address + 4, dev->r[R_RAH]);
    for (uint32_t i = 14; i < p->len; i++) {
        const uint8_t byte = p->at[i];

        if (matched == 0 && (byte == 0xff || ones < 6))
            matched = 0;
        else if (byte != address[matched % 6])
            matched = 0;
        else if (++matched == 16 * 6)
            return true;
        ones = byte == 0xff ? ones + 1 : 0;
    }
    return false;
}

/* The first bytes of a frame, FCS and all. */
struct head {
    uint8_t byte[WUPM_BYTES];
    uint32_t len; /* of the whole frame; [13.6.7, 13.6.9 silent] with FCS, as the counters have it [13.7] */
};

static void fill_head(struct head *head, const uint8_t *frame, uint32_t body, uint32_t flags)
{
    const uint32_t kept = body < WUPM_BYTES ? body : WUPM_BYTES;
    uint8_t fcs[FCS_BYTES];

    head->len = body + FCS_BYTES;
    memcpy(head->byte, frame, kept);
    if (kept == WUPM_BYTES)
        return;
    if ((flags & E1000_FRAME_FCS) != 0)
        memcpy(fcs, frame + body, FCS_BYTES);
    else
        put32(fcs, e1000_crc32(frame, body));
    memcpy(head->byte + kept, fcs, WUPM_BYTES - kept < FCS_BYTES ? WUPM_BYTES - kept : FCS_BYTES);
}

/* [6.4.3.3] No mismatch up to the length; what the mask says beyond is nothing. Length 0: every packet. */
static bool flexible(const struct e1000 *dev, unsigned filter, const struct head *head)
{
    const uint32_t least = E1000_GET(dev->r[R_FFLT + filter], FFLT, LEN);

    if (head->len < least)
        return false;
    for (uint32_t n = 0; n < least && n < WUPM_BYTES; n++)
        if ((dev->r[R_FFMT + n] >> filter & 1) != 0 && (dev->r[R_FFVT + n] >> 8 * filter & 0xff) != head->byte[n])
            return false;
    return true;
}

/* ---- wake-up by packets [6.4] ---- */

/* [6.4.3.1] Filters that need no more than the address. */
static uint32_t match_address(const struct packet *p, unsigned passed)
{
    const bool broadcast = is_broadcast(p->at);

    return ((passed & RX_EXACT) != 0 ? SEEN(EX) : 0) |
           /* [6.4.3.1.2] The bit in MTA, whatever else lets it pass; [silent] a broadcast is not a multicast. */
           ((passed & RX_HASH) != 0 && !broadcast ? SEEN(MC) : 0) | (broadcast ? SEEN(BC) : 0);
}

/* [6.4.3.1.6] "The station's MAC address": an entry of the receive addresses. */
static uint32_t match_protocol(const struct e1000 *dev, struct packet *p, unsigned passed)
{
    const bool station = (passed & RX_EXACT) != 0;
    uint32_t seen = 0;

    find_type(dev, p);
    if (is_arp_request(dev, p))
        seen |= SEEN(ARP);
    if (station && is_ip4(p) && our_ip4(dev, p->at + p->body + 16))
        seen |= SEEN(IPv4);
    if (station && is_ip6(p) && our_ip6(dev, p->at + p->body + 24))
        seen |= SEEN(IPv6);
    return seen;
}

/* Which of the wanted filters a packet passes. */
static uint32_t match(const struct e1000 *dev, struct packet *p, const struct head *head, uint32_t wanted)
{
    const unsigned passed = rx_match(dev, p->at, p->len);
    uint32_t seen = 0;

    /* [6.4.3.1.4] A broadcast may be magic even where RCTL.BAM keeps broadcasts out. */
    if ((wanted & SEEN(MAG)) != 0 && (passed != 0 || is_broadcast(p->at)) && is_magic(dev, p))
        seen |= SEEN(MAG);
    if (passed == 0)
        return seen;
    seen |= match_address(p, passed) | match_protocol(dev, p, passed);
    for (unsigned i = 0; i < FLEXIBLE_FILTERS; i++)
        if ((wanted & SEEN(FLX0) << i) != 0 && flexible(dev, i, head))
            seen |= SEEN(FLX0) << i;
    return seen & wanted;
}

/* [13.6.8 silent] What a short packet does not reach stays as it was; WUPL says how much counts. */
static void keep(struct e1000 *dev, const struct head *head)
{
    for (uint32_t n = 0; n < WUPM_BYTES && n < head->len; n++) {
        uint32_t *const word = &dev->r[R_WUPM + n / 4];
        const unsigned lane = 8 * (n % 4);

        *word = (*word & ~(0xffu << lane)) | (uint32_t)head->byte[n] << lane;
    }
    dev->r[R_WUPL] = head->len < WUPL_MOST ? head->len : WUPL_MOST;
}

static void record(struct e1000 *dev, uint32_t seen)
{
    struct e1000_event ev = {.kind = E1000_EV_WAKE, .value = seen};

    dev->r[R_WUS] |= seen;
    if (tracing(dev))
        trace_event(dev, &ev);
}

/* [6.3.3.4] PME_Status tells of a wake-up whether or not PME_En lets PME# follow. */
static void wake(struct e1000 *dev)
{
    if (dev->pci.pm_enabled)
        pci_pme(dev, PMCSR_PME_STATUS, 0);
    update_pme(dev);
}

/*
 * [6.4.2] ACPI waits until every "received" bit is clear; [6.4.1] names MAG alone for APM, so a packet that
 * woke the system before cannot keep a magic one from waking it. [13.6.7] WUPL and WUPM are the first packet's.
 */
static void listen(struct e1000 *dev, const uint8_t *frame, uint32_t body, uint32_t flags)
{
    const uint32_t before = dev->r[R_WUS] & RECEIVED;
    const uint32_t acpi = before != 0 ? 0 : dev->r[R_WUFC] & RECEIVED;
    const bool apm = BIT_OF(dev, WUC, APME) && (before & SEEN(MAG)) == 0;
    struct packet p = {.at = frame, .len = body};
    struct head head;
    uint32_t seen;

    if ((acpi == 0 && !apm) || !rx_sound(dev, frame, body, flags))
        return;
    fill_head(&head, frame, body, flags);
    seen = match(dev, &p, &head, acpi | (apm ? SEEN(MAG) : 0));
    if (seen == 0)
        return;
    if (before == 0)
        keep(dev, &head);
    record(dev, seen);
    dev->power.apm_pme = dev->power.apm_pme || (apm && (seen & SEEN(MAG)) != 0 && BIT_OF(dev, WUC, APMPME));
    if ((seen & acpi) != 0 || dev->power.apm_pme)
        wake(dev);
}

void power_frame(struct e1000 *dev, const uint8_t *frame, uint32_t body, uint32_t flags)
{
    if (BIT_OF(dev, WUC, APME) || (dev->r[R_WUFC] & RECEIVED) != 0)
        listen(dev, frame, body, flags);
}

/*
 * [6.4.2] Up or down alike. [silent] The change that a power state itself makes is one, too: Linux leaves
 * LNKC out while the link is up, as EN_PHY_PWR_MGMT takes a 1000 link down.
 */
void power_link(struct e1000 *dev)
{
    if (!BIT_OF(dev, WUFC, LNKC) || BIT_OF(dev, WUS, LNKC))
        return;
    record(dev, SEEN(LNKC));
    wake(dev);
}

/* ---- management [5.6.24] ---- */

/* [5.6.24 silent] UDP over IPv4, not a later fragment; the destination port decides. */
static uint32_t udp_port(const struct packet *p)
{
    const uint8_t *const ip = p->at + p->body;
    uint32_t header;

    if (!is_ip4(p) || ip[9] != IP_UDP || (be16(ip + 6) & 0x1fff) != 0)
        return 0;
    header = (ip[0] & 0xfu) * 4;
    return holds(p, header + 4) ? be16(ip + header + 2) : 0;
}

/*
 * True: the frame is management's and does not reach the host. It has passed the address filter and is good.
 * [13.7.38, 13.7.39] Nothing on this board reads it; its FIFO is always found empty.
 */
bool power_manage(struct e1000 *dev, const uint8_t *frame, uint32_t body)
{
    struct packet p = {.at = frame, .len = body};
    uint32_t arp, port;

    if (!manages(dev))
        return false;
    find_type(dev, &p);
    arp = arp_operation(&p);
    port = udp_port(&p);
    if (!((arp == ARP_REQUEST && BIT_OF(dev, MANC, ARP_EN)) || (arp == ARP_RESPONSE && BIT_OF(dev, MANC, RSP_EN)) ||
          (port == RMCP_026F && BIT_OF(dev, MANC, RMCP_026F_EN)) ||
          (port == RMCP_0298 && BIT_OF(dev, MANC, RMCP_0298_EN))))
        return false;
    stat_add(dev, R_MGTPRC, 1);
    if (body + FCS_BYTES > MANAGED_MAX)
        stat_add(dev, R_MGTPDC, 1);
    return true;
}

/* ---- registers ---- */

uint32_t wuc_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    const uint32_t pme = E1000_MASK(WUC, PME_En) | E1000_MASK(WUC, PME_Status);

    (void)old;
    if (op == ACCESS_READ)
        return value | E1000_PUT(pme_en(dev), WUC, PME_En) | E1000_PUT(pme_status(dev), WUC, PME_Status);
    dev->r[slot] = value & ~pme;
    /* [13.6.1 silent] Off in the EEPROM: PME_En stays 0 from here as it does from PMCSR. */
    pci_pme(dev, (value & E1000_MASK(WUC, PME_En)) != 0 && dev->pci.pm_enabled ? PMCSR_PME_EN : 0,
            PMCSR_PME_EN | ((value & E1000_MASK(WUC, PME_Status)) != 0 ? PMCSR_PME_STATUS : 0));
    power_update(dev);
    return value;
}

/* Registers that change who is listened to, or what PME# says. */
static uint32_t updating(struct e1000 *dev, enum access_op op, uint32_t value)
{
    if (op == ACCESS_WRITE)
        power_update(dev);
    return value;
}

uint32_t wufc_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    return updating(dev, op, value);
}

uint32_t wus_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    return updating(dev, op, value);
}

uint32_t manc_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    return updating(dev, op, value);
}

/* [13.6.9-11] Only while the filters are off; [silent] a write takes effect all the same. */
uint32_t flex_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)old;
    if (op == ACCESS_WRITE && (dev->r[R_WUFC] & FLEXIBLE) != 0)
        bad(dev, RULE_FLEX_WHILE_ON, slot >= R_FFVT ? "FFVT" : slot >= R_FFMT ? "FFMT" : "FFLT", value);
    return value;
}
