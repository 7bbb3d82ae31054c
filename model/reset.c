/*
 * reset.c - what each reset does, in its order
 *
 * Manual  14.7 resets, 6.3.1 power states, 13.4.1 CTRL.RST
 * Called  by device.c and the host for the pins; by link.c for CTRL.RST; by pci.c for D3 to D0
 * Calls   every chapter's own reset
 */
#include "core.h"

#define RESET_NS 1000u /* [13.4.1] no access for about 1 us */

#define CTRL_SDP (E1000_MASK(CTRL, SDP0_IODIR) | E1000_MASK(CTRL, SDP1_IODIR))
#define CTRL_EXT_SDP (E1000_MASK(CTRL_EXT, SDP6_IODIR) | E1000_MASK(CTRL_EXT, SDP7_IODIR))

static const char *name_of(enum reset_kind kind)
{
    return kind == RESET_POWER ? "LAN_PWR_GOOD" : kind == RESET_PCI ? "RST#" : "CTRL.RST";
}

/* The registers and the units behind them: everything but PCI, EEPROM part and PHY. */
static void reset_mac(struct e1000 *dev, enum reset_kind kind)
{
    const uint32_t ctrl = dev->r[R_CTRL] & CTRL_SDP, ctrl_ext = dev->r[R_CTRL_EXT] & CTRL_EXT_SDP;

    regs_reset(dev, kind);
    if (kind != RESET_POWER) { /* [13.4.1, 13.4.6] only power-on and writes move the SDP directions */
        dev->r[R_CTRL] = (dev->r[R_CTRL] & ~CTRL_SDP) | ctrl;
        dev->r[R_CTRL_EXT] = (dev->r[R_CTRL_EXT] & ~CTRL_EXT_SDP) | ctrl_ext;
    }
    for (unsigned i = 0; i < 16; i++) /* [14.7] the addresses stay, none is valid */
        dev->r[R_RAH + i] &= ~E1000_MASK(RAH, AV);
    dev->link.up = false; /* no LSC of our own making */
    timer_stop(dev, T_MDIC);
    tx_reset(dev);
    rx_reset(dev);
    fifo_split(dev);
    eeprom_reset(dev);
    irq_reset(dev);
}

static void trace_reset(struct e1000 *dev, const char *what)
{
    struct e1000_event ev = {.kind = E1000_EV_RESET, .text = what};

    if (tracing(dev))
        trace_event(dev, &ev);
}

void reset_device(struct e1000 *dev, enum reset_kind kind)
{
    trace_reset(dev, name_of(kind));
    if (kind == RESET_POWER)
        eeprom_power(dev);
    reset_mac(dev, kind);
    if (kind == RESET_SOFT) {
        dev->reset_until_ns = dev->now_ns + RESET_NS;
        if (dev->phy.held) /* CTRL.PHY_RST went to 0 with the rest of CTRL */
            phy_hard_reset(dev, false);
    } else {
        /* [14.7, 6.3.3] PME_En and PME_Status outlive RST# with AUX_POWER; loss of power they do not. */
        pci_reset(dev, kind == RESET_PCI && dev->board.aux_power);
        dev->power.d0u = true;
        phy_hard_reset(dev, false);
    }
    /* [5.1] names no re-read for CTRL.RST, [13.4.1] calls it a PCI reset, which does; Linux waits 5 ms for one. */
    eeprom_load(dev);
    link_update(dev);
    power_update(dev);
}

/*
 * [6.3.1.2] PHY reset, EEPROM read again, wake-ups off; the PCI header has to be programmed again.
 * [6.3.1.2 silent] The MAC's registers: as RST# does it. Linux programs everything again on resume.
 */
void reset_d0u(struct e1000 *dev)
{
    trace_reset(dev, "D3 to D0u");
    reset_mac(dev, RESET_PCI);
    pci_reset(dev, true); /* [6.3.3.4] PME_En and PME_Status: by LAN_PWR_GOOD or RST# only */
    dev->power.d0u = true;
    phy_hard_reset(dev, false);
    eeprom_load(dev);
    link_update(dev);
    power_update(dev);
}

/* [14.7] Level sensitive: low holds everything in reset. */
void e1000_lan_power_good(struct e1000 *dev, bool level)
{
    if (level == dev->power_good)
        return;
    dev->power_good = level;
    if (level) {
        reset_device(dev, RESET_POWER);
    } else {
        for (unsigned t = 0; t < TIMERS; t++)
            timer_stop(dev, t);
        dev->eeprom.loading = false;
        dev->r[R_IMS] = 0;
        irq_update(dev);
        phy_hard_reset(dev, true);
        power_update(dev);
    }
}

/* [14.7] The registers reset on the rising edge; while it is low the device does not answer. */
void e1000_pci_reset(struct e1000 *dev, bool asserted)
{
    if (asserted == dev->rst_asserted)
        return;
    dev->rst_asserted = asserted;
    if (!dev->power_good)
        return; /* held in reset by LAN_PWR_GOOD whatever the pin does */
    if (asserted) {
        dev->r[R_IMS] = 0;
        power_sleep(dev); /* [6.3.1.1] Dr: as D3, what was enabled before goes on waking */
    } else {
        reset_device(dev, RESET_PCI);
    }
}

void e1000_aux_power(struct e1000 *dev, bool level)
{
    dev->board.aux_power = level; /* [6.3] level sensitive: PMC follows when it is read */
}
