/*
 * irqs.h - interrupts as eventfds
 *
 * INTx is a level on the board and an edge here. The client deasserts by itself and says UNMASK at the
 * next access to the device; only then may it be triggered again, and has to be if the level still
 * stands. MSI is one event a message.
 */
#ifndef VFIO_USER_IRQS_H
#define VFIO_USER_IRQS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

struct irqs {
    int fd[VU_IRQS]; /* -1: none */
    bool level;      /* INTA# */
    bool armed;      /* INTx may be triggered */
    bool masked;     /* by the client's request */
    bool held;       /* the device's memory is not yet what the interrupt says */
    bool message;    /* an MSI waits for its descriptor, or for the memory */
    uint64_t raised;
};

void irqs_init(struct irqs *irqs);
void irqs_clear(struct irqs *irqs); /* the client has gone: all descriptors are closed */

/* What the device says. */
void irqs_level(struct irqs *irqs, bool level);
void irqs_message(struct irqs *irqs);
void irqs_reset(struct irqs *irqs); /* nothing is pending any more */
void irqs_hold(struct irqs *irqs, bool held);

/* What the client says. 0 or an errno for the reply; descriptors that are kept are taken out of fd[]. */
unsigned irqs_count(unsigned index);
int irqs_set(struct irqs *irqs, const struct vu_set_irqs *set, const uint8_t *bools, int *fd, unsigned fds);

#endif
