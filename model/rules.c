/*
 * rules.c - writes and descriptors that a driver author would want to hear about
 *
 * Manual  13.2 reserved bits; the section of each rule in rules.def
 * Called  by regs.c, phy.c and tx.c, only while somebody traces: nobody else can hear it
 * Calls   bad()
 *
 * Nothing here changes the device: what the chip makes of a mistake is in the chapter that the rule
 * names. Mistakes that a chapter notices by itself are reported there.
 */
#include "tx.h"

static void when(struct e1000 *dev, bool broken, enum rule_id rule, const char *what, uint32_t value)
{
    if (broken)
        bad(dev, rule, what, value);
}

static uint32_t defined_bits(const struct e1000_reg *row)
{
    uint32_t mask = 0;

    for (unsigned i = 0; row->field[i].owner == row->id; i++)
        mask |= E1000_BITS_(row->field[i].hi, row->field[i].lo);
    return mask;
}

/* ---- rings [3.2.6, 3.4, 14.4, 14.5] ---- */

struct unit {
    bool on;
    unsigned base_low, base_high, length, head, tail;
};

static const struct unit *unit_of(const struct e1000 *dev, unsigned slot, struct unit *u)
{
    if (slot >= R_RDBAL && slot <= R_RDT)
        *u = (struct unit){BIT_OF(dev, RCTL, EN), R_RDBAL, R_RDBAH, R_RDLEN, R_RDH, R_RDT};
    else if (slot >= R_TDBAL && slot <= R_TDT)
        *u = (struct unit){BIT_OF(dev, TCTL, EN), R_TDBAL, R_TDBAH, R_TDLEN, R_TDH, R_TDT};
    else
        return NULL;
    return u;
}

/* The tail takes descriptors back, or has gone round past the head: either way fewer are left. */
static bool tail_back(const struct e1000 *dev, const struct unit *u, uint32_t tail)
{
    const uint32_t entries = dev->r[u->length] / DESC_BYTES, head = dev->r[u->head];
    const struct ring was = {.entries = entries, .tail = dev->r[u->tail]}, now = {.entries = entries, .tail = tail};

    return head < entries && was.tail < entries && tail < entries && ring_left(&now, head) < ring_left(&was, head);
}

static void check_ring(struct e1000 *dev, const struct e1000_reg *row, unsigned slot, uint32_t value)
{
    uint32_t changed;
    struct unit u;

    if (unit_of(dev, slot, &u) == NULL)
        return;
    changed = (value ^ dev->r[slot]) & row->writable;
    if (slot == u.tail) {
        when(dev, u.on && tail_back(dev, &u, value), RULE_TAIL_BACK, row->name, value);
        return;
    }
    if (slot == u.base_low)
        when(dev, value % DESC_BYTES != 0, RULE_RING_BASE, row->name, value);
    if (slot == u.length)
        when(dev, value % 128 != 0, RULE_RING_LENGTH, row->name, value);
    if (slot != u.head)
        when(dev, u.on && changed != 0, RULE_RING_WHILE_ON, row->name, value);
}

/* ---- single registers ---- */

static void check_rctl(struct e1000 *dev, uint32_t value)
{
    const uint32_t lbm = E1000_GET(value, RCTL, LBM);

    /* EN before the ring is no mistake: 14.4 calls the other order best, and to wake up Linux sets it without a ring.
     */
    when(dev, (value & E1000_MASK(RCTL, BSEX)) != 0 && E1000_GET(value, RCTL, BSIZE) == 0, RULE_BUFFER_SIZE, "RCTL",
         value);
    when(dev, E1000_GET(value, RCTL, RDMTS) == 3, RULE_MINIMUM_SHARE, "RCTL", value);
    when(dev, lbm == 1 || lbm == 2, RULE_LOOPBACK_MODE, "RCTL", value);
}

static void check_tctl(struct e1000 *dev, uint32_t value)
{
    const uint32_t on = value & ~dev->r[R_TCTL] & E1000_MASK(TCTL, EN);

    when(dev, on != 0 && dev->r[R_TDLEN] == 0, RULE_ON_WITHOUT_RING, "TCTL", value);
}

static void check_ctrl(struct e1000 *dev, uint32_t value)
{
    const bool forced = (value & E1000_MASK(CTRL, FRCSPD)) != 0 || BIT_OF(dev, CTRL_EXT, SPD_BYPS);

    when(dev, forced && E1000_GET(value, CTRL, SPEED) == 3, RULE_SPEED, "CTRL", value);
    when(dev, (value & E1000_MASK(CTRL, ILOS)) != 0, RULE_ILOS, "CTRL", value);
}

static void check_thresholds(struct e1000 *dev, const char *name, uint32_t value)
{
    const bool gran = (value & E1000_MASK(RXDCTL, GRAN)) != 0; /* TXDCTL has the four fields in the same places */
    uint32_t most = E1000_GET(value, RXDCTL, PTHRESH);

    if (E1000_GET(value, RXDCTL, HTHRESH) > most)
        most = E1000_GET(value, RXDCTL, HTHRESH);
    if (E1000_GET(value, RXDCTL, WTHRESH) > most)
        most = E1000_GET(value, RXDCTL, WTHRESH);
    when(dev, !gran && ring_threshold(dev, most, false) > 31, RULE_THRESHOLD, name, value);
}

static void check_register(struct e1000 *dev, const char *name, unsigned slot, uint32_t value)
{
    const uint32_t rxa = E1000_GET(value, PBA, RXA), fwe = E1000_GET(value, EECD, FWE);
    const bool running = BIT_OF(dev, RCTL, EN) || BIT_OF(dev, TCTL, EN);

    if (slot == R_RCTL)
        check_rctl(dev, value);
    else if (slot == R_TCTL)
        check_tctl(dev, value);
    else if (slot == R_CTRL)
        check_ctrl(dev, value);
    else if (slot == R_EECD)
        when(dev, fwe == 0 || fwe == 3, RULE_FLASH_WRITES, name, value);
    else if (slot == R_PBA)
        when(dev, rxa % 8 != 0 || rxa == 0 || rxa >= PBM_BYTES / 1024, RULE_BUFFER_SPLIT, name, value);
    else if (slot == R_FCRTH)
        when(dev, (value & E1000_MASK(FCRTH, RTH)) > dev->rx.fifo.size, RULE_PAUSE_MARK, name, value);
    else if (slot == R_RXDCTL || slot == R_TXDCTL)
        check_thresholds(dev, name, value);
    else if (slot >= R_RAH && slot <= R_RAH_LAST)
        when(dev, E1000_GET(value, RAH, AS) > 1, RULE_ADDRESS_SELECT, name, value);
    else if (slot >= R_PBM)
        when(dev, running, RULE_PACKET_BUFFER, name, value);
}

/*
 * The register still holds what it held. [13.2] Reserved bits that are set already may be written back
 * by read-modify-write: the EEPROM sets some. Masks and cause registers take all ones [13.4.21].
 */
void rules_write(struct e1000 *dev, const struct e1000_reg *row, unsigned slot, uint32_t value)
{
    const uint32_t old = slot < R_SLOTS ? dev->r[slot] : 0;
    uint32_t reserved = value & ~defined_bits(row) & ~old;

    if (slot == R_RDBAL || slot == R_TDBAL || slot == R_RDLEN || slot == R_TDLEN)
        reserved &= ~UINT32_C(0x7f); /* those have rules of their own */
    when(dev, (row->kind == E1000_KIND_RO || row->kind == E1000_KIND_RC) && slot != R_ICR, RULE_READ_ONLY, row->name,
         value);
    when(dev, row->kind == E1000_KIND_RW && reserved != 0, RULE_RESERVED_BITS, row->name, reserved);
    check_ring(dev, row, slot, value);
    check_register(dev, row->name, slot, value);
}

/* ---- PHY [11.1.3, 13.4.7.1] ---- */

void rules_phy_write(struct e1000 *dev, const struct e1000_reg *row, unsigned number, uint32_t value)
{
    const uint32_t old = dev->phy.reg[number];
    uint32_t reserved;

    if (row == NULL) {
        bad(dev, RULE_PHY_UNDECLARED, "MDIC", number);
        return;
    }
    reserved = value & ~defined_bits(row) & ~old;
    when(dev, reserved != 0, RULE_PHY_RESERVED_BITS, row->name, reserved);
    when(dev,
         number == P_PCTRL && PHY_BIT(value ^ old, PCTRL, AN_ENABLE) && !PHY_BIT(value, PCTRL, RESET) &&
             !PHY_BIT(value, PCTRL, RESTART_AN),
         RULE_PHY_RESTART, row->name, value);
}

/* ---- transmit descriptors [3.3] ---- */

#define CMD_RSV 0x10u /* [3.3.3.1, 3.3.6.1] reserved */

void rules_tx_descriptor(struct e1000 *dev, const uint8_t *desc, uint32_t index)
{
    const bool extended = (desc[TXD_CMD] & CMD_DEXT) != 0, context = extended && desc[TXD_DTYP] >> 4 == 0;
    const bool data = extended && desc[TXD_DTYP] >> 4 == 1;
    const uint8_t cmd = desc[TXD_CMD], reserved_cmd = context ? CMD_RSV | CMD_VLE : CMD_RSV;

    when(dev, (cmd & reserved_cmd) != 0 || desc[TXD_STA] >> 4 != 0 || (data && desc[TXD_POPTS] >> 2 != 0),
         RULE_DESC_RESERVED, "txd", index);
    when(dev, !context && (cmd & CMD_EOP) != 0 && (cmd & CMD_VLE) != 0 && !BIT_OF(dev, CTRL, VME), RULE_VLAN_OFF, "txd",
         index);
    when(dev, (cmd & CMD_RS) != 0 && (cmd & CMD_IDE) != 0 && FIELD_OF(dev, TIDV, IDV) == 0, RULE_NO_DELAY, "txd",
         index);
}
