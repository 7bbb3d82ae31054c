/*
 * irq.c - interrupt causes, mask and throttling
 *
 * Manual  13.4.17 ICR, 13.4.18 ITR, 13.4.19 ICS, 13.4.20 IMS, 13.4.21 IMC, 2.6, 4.1.3 MSI
 * Called  by rx.c, tx.c, link.c, phy.c through irq_raise(); by regs.c for the five registers
 * Calls   host->irq_line, host->msi, trace
 */
#include "core.h"

#define ITR_UNIT_NS 256u /* [13.4.18] */

static void set_line(struct e1000 *dev, bool up, uint32_t pending)
{
    struct e1000_event ev = {.kind = E1000_EV_IRQ, .value = pending, .count = up};

    if (dev->irq.asserted == up)
        return;
    dev->irq.asserted = up;
    if (tracing(dev))
        trace_event(dev, &ev);
    if (dev->host.irq_line != NULL)
        dev->host.irq_line(dev->host.ctx, up);
}

/* [4.1.3] One message, then none until ICR has been read and something new has happened. */
static void send_message(struct e1000 *dev)
{
    const uint8_t *msi = &dev->pci.config[0xf0];
    struct e1000_event ev = {.kind = E1000_EV_MSI, .addr = get64(msi + 4), .value = get16(msi + 12)};

    dev->irq.msi_sent = true;
    if (tracing(dev))
        trace_event(dev, &ev);
    if (dev->host.msi != NULL)
        dev->host.msi(dev->host.ctx, ev.addr, ev.value);
}

/* A cause, the mask and the clock can all change the answer; the line moves only here. */
void irq_update(struct e1000 *dev)
{
    const uint32_t pending = dev->r[R_ICR] & dev->r[R_IMS];
    const bool message = pci_msi_enabled(dev);

    if (pending == 0 || message || pci_d3(dev))
        set_line(dev, false, pending);
    if (pending == 0 || pci_d3(dev)) {
        timer_stop(dev, T_ITR);
        return;
    }
    if (message ? dev->irq.msi_sent || !dma_ready(dev) : dev->irq.asserted)
        return;
    /* [13.4.18] "from the last interrupt": we count from its assertion, not its end. */
    if (dev->now_ns < dev->irq.quiet_until_ns) {
        timer_set(dev, T_ITR, dev->irq.quiet_until_ns);
        return;
    }
    timer_stop(dev, T_ITR);
    dev->irq.quiet_until_ns = dev->now_ns + (uint64_t)FIELD_OF(dev, ITR, INTERVAL) * ITR_UNIT_NS;
    if (message)
        send_message(dev);
    else
        set_line(dev, true, pending);
}

void irq_new(struct e1000 *dev, uint32_t causes)
{
    struct e1000_event ev = {.kind = E1000_EV_CAUSE, .value = causes};

    dev->r[R_ICR] |= causes;
    if (tracing(dev))
        trace_event(dev, &ev);
    irq_update(dev);
}

void irq_reset(struct e1000 *dev)
{
    dev->irq.quiet_until_ns = 0;
    dev->irq.msi_sent = false;
    irq_update(dev);
}

/*
 * [13.4.17] A read acknowledges everything; a written 1 clears its bit. [4.1.3 silent] knows of reads only: ones that
 * empty ICR count as one, or who acknowledges like that would get a single message. Any other write re-arms nothing.
 */
uint32_t icr_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot;
    dev->r[R_ICR] = op == ACCESS_READ ? 0 : old & ~value;
    if (op == ACCESS_READ || dev->r[R_ICR] == 0)
        dev->irq.msi_sent = false;
    irq_update(dev);
    return value;
}

/* [13.4.18 silent] A new interval counts from the next interrupt; 0 opens a window that is running. */
uint32_t itr_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE && E1000_GET(value, ITR, INTERVAL) == 0) {
        dev->irq.quiet_until_ns = 0;
        irq_update(dev);
    }
    return value;
}

uint32_t ics_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE)
        irq_raise(dev, value);
    return value;
}

/* [13.4.20, 2.6] Unmasking a stored cause raises the line. */
uint32_t ims_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE)
        irq_update(dev);
    return value;
}

uint32_t imc_access(struct e1000 *dev, enum access_op op, unsigned slot, uint32_t value, uint32_t old)
{
    (void)slot, (void)old;
    if (op == ACCESS_WRITE) {
        dev->r[R_IMS] &= ~value;
        irq_update(dev);
    }
    return value;
}
