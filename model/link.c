/*
 * link.c - the link as the MAC sees it, and the device control registers
 *
 * Manual  8.6.2, 8.6.4 link resolution, 13.4.1 CTRL, 13.4.2 STATUS, 13.4.6 CTRL_EXT
 * Called  by regs.c; by phy.c when the PHY's link changes; by eeprom.c after a load
 * Calls   reset_device, phy_hard_reset, eeprom_load, tx_run, irq_raise, power_link
 */
#include "core.h"

static uint32_t speed_code(uint32_t mbps)
{
    return mbps == 10 ? 0 : mbps == 100 ? 1 : 2;
}

static uint16_t code_speed(uint32_t code)
{
    return code == 0 ? 10 : code == 1 ? 100 : 1000;
}

/* [8.6.2.2.2] Auto-speed detection measures the PHY's clock. */
static void measure_speed(struct e1000 *dev)
{
    dev->r[R_STATUS] = E1000_PUT(dev->phy.link ? speed_code(dev->phy.speed) : 0, STATUS, ASDV);
}

/* [8.6.4, 14.5.5] The PHY's word, unless software forces speed or duplex; SLU lets the link through. */
void link_update(struct e1000 *dev)
{
    const bool was = dev->link.up;
    const bool force_speed = BIT_OF(dev, CTRL, FRCSPD) || BIT_OF(dev, CTRL_EXT, SPD_BYPS);

    dev->link.up = dev->phy.link && BIT_OF(dev, CTRL, SLU) && dev->power_good;
    dev->link.speed = force_speed ? code_speed(FIELD_OF(dev, CTRL, SPEED)) : dev->phy.speed;
    dev->link.full_duplex = BIT_OF(dev, CTRL, FRCDPLX) ? BIT_OF(dev, CTRL, FD) : dev->phy.full_duplex;
    led_changed(dev);
    if (dev->link.up == was)
        return;
    rx_changed(dev);
    if (dev->link.up && BIT_OF(dev, CTRL, ASDE) && !force_speed)
        measure_speed(dev); /* [8.6.2.2.2] upon the assertion of a valid link */
    irq_raise(dev, E1000_MASK(ICR, LSC));
    power_link(dev);
    if (dev->link.up)
        tx_wake(dev);
    else
        flow_link_lost(dev);
}

void e1000_link_state(const struct e1000 *dev, struct e1000_link *link)
{
    link->phy_up = dev->phy.link;
    link->mac_up = dev->link.up;
    link->speed = dev->link.speed;
    link->full_duplex = dev->link.full_duplex;
}

/* ---- software-definable pins [13.4.1, 13.4.6] ---- */

enum { SDP0, SDP1, SDP6, SDP7, NO_SDP };

/*
 * Causes whose enabled input is high. [13.4.6 silent] One is set when its input rises or is enabled
 * while high; a level that stays adds nothing.
 */
static uint32_t inputs(const struct e1000 *dev, uint32_t ctrl_ext)
{
    const uint32_t sdp6 = ctrl_ext & (E1000_MASK(CTRL_EXT, SDP6_GPIEN) | E1000_MASK(CTRL_EXT, SDP6_IODIR));
    const uint32_t sdp7 = ctrl_ext & (E1000_MASK(CTRL_EXT, SDP7_GPIEN) | E1000_MASK(CTRL_EXT, SDP7_IODIR));

    return E1000_PUT((ctrl_ext & E1000_MASK(CTRL_EXT, PHYINT_EN)) != 0 && phy_interrupt(dev), ICR, PHYINT) |
           E1000_PUT(sdp6 == E1000_MASK(CTRL_EXT, SDP6_GPIEN) && dev->link.sdp_in[SDP6], ICR, GPI_SDP6) |
           E1000_PUT(sdp7 == E1000_MASK(CTRL_EXT, SDP7_GPIEN) && dev->link.sdp_in[SDP7], ICR, GPI_SDP7);
}

void e1000_sdp(struct e1000 *dev, unsigned pin, bool level)
{
    const unsigned n = pin <= 1 ? pin : pin == 6 ? SDP6 : pin == 7 ? SDP7 : NO_SDP;
    const uint32_t was = inputs(dev, dev->r[R_CTRL_EXT]);

    if (n == NO_SDP)
        return;
    dev->link.sdp_in[n] = level;
    irq_raise(dev, inputs(dev, dev->r[R_CTRL_EXT]) & ~was);
}

/* An output has the level that software gave it, an input the one from outside. */
static uint32_t pin_out(const struct e1000 *dev, unsigned number, bool output, bool data, bool level)
{
    if (!dev->power_good)
        output = false;
    return (uint32_t)(output ? data : level) << number | (uint32_t)output << (8 + number);
}

uint32_t e1000_sdp_out(const struct e1000 *dev)
{
    const bool *const in = dev->link.sdp_in;

    return pin_out(dev, 0, BIT_OF(dev, CTRL, SDP0_IODIR), BIT_OF(dev, CTRL, SDP0_DATA), in[SDP0]) |
           pin_out(dev, 1, BIT_OF(dev, CTRL, SDP1_IODIR), BIT_OF(dev, CTRL, SDP1_DATA), in[SDP1]) |
           pin_out(dev, 6, BIT_OF(dev, CTRL_EXT, SDP6_IODIR), BIT_OF(dev, CTRL_EXT, SDP6_DATA), in[SDP6]) |
           pin_out(dev, 7, BIT_OF(dev, CTRL_EXT, SDP7_IODIR), BIT_OF(dev, CTRL_EXT, SDP7_DATA), in[SDP7]);
}

static uint32_t pin(uint32_t value, uint32_t direction, uint32_t data, bool level)
{
    if ((value & direction) != 0)
        return value;
    return level ? value | data : value & ~data;
}

/* ---- registers ---- */

uint32_t ctrl_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot;
    if (op == ACCESS_READ) {
        value = pin(value, E1000_MASK(CTRL, SDP0_IODIR), E1000_MASK(CTRL, SDP0_DATA), dev->link.sdp_in[SDP0]);
        return pin(value, E1000_MASK(CTRL, SDP1_IODIR), E1000_MASK(CTRL, SDP1_DATA), dev->link.sdp_in[SDP1]);
    }
    if ((value & E1000_MASK(CTRL, RST)) != 0) {
        reset_device(dev, RESET_SOFT); /* [13.4.1] RST and the rest of the write are gone with it */
        return value;
    }
    if (((value ^ old) & E1000_MASK(CTRL, PHY_RST)) != 0)
        phy_hard_reset(dev, (value & E1000_MASK(CTRL, PHY_RST)) != 0);
    link_update(dev);
    return value;
}

uint32_t status_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE)
        return value;
    return E1000_PUT(dev->link.full_duplex, STATUS, FD) | E1000_PUT(dev->link.up, STATUS, LU) |
           E1000_PUT(speed_code(dev->link.speed), STATUS, SPEED) |
           E1000_PUT(FIELD_OF(dev, STATUS, ASDV), STATUS, ASDV) | E1000_PUT(dev->board.m66en, STATUS, PCI66) |
           E1000_PUT(flow_paused(dev), STATUS, TXOFF);
}

uint32_t ctrl_ext_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    if (op == ACCESS_READ) {
        value = pin(value, E1000_MASK(CTRL_EXT, SDP6_IODIR), E1000_MASK(CTRL_EXT, SDP6_DATA), dev->link.sdp_in[SDP6]);
        value = pin(value, E1000_MASK(CTRL_EXT, SDP7_IODIR), E1000_MASK(CTRL_EXT, SDP7_DATA), dev->link.sdp_in[SDP7]);
        return (value & ~E1000_MASK(CTRL_EXT, PHYINT)) | E1000_PUT(phy_interrupt(dev), CTRL_EXT, PHYINT);
    }
    dev->r[slot] &= ~(E1000_MASK(CTRL_EXT, ASDCHK) | E1000_MASK(CTRL_EXT, EE_RST));
    irq_raise(dev, inputs(dev, value) & ~inputs(dev, old));
    if ((value & E1000_MASK(CTRL_EXT, ASDCHK)) != 0)
        measure_speed(dev);
    if ((value & E1000_MASK(CTRL_EXT, EE_RST)) != 0) /* [13.4.6, 14.7] only what the EEPROM feeds */
        eeprom_load(dev);
    link_update(dev);
    return value;
}
