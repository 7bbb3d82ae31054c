/*
 * irqs.c - interrupts as eventfds
 */
#include "irqs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Full already, or no eventfd after all: there is nobody to tell. */
static void signal_fd(int fd)
{
    const uint64_t one = 1;

    if (fd >= 0 && write(fd, &one, sizeof one) < 0)
        return;
}

static void update(struct irqs *irqs)
{
    if (irqs->level && irqs->armed && !irqs->masked && !irqs->held && irqs->fd[VU_INTX] >= 0) {
        irqs->armed = false;
        irqs->raised++;
        signal_fd(irqs->fd[VU_INTX]);
    }
    if (irqs->message && !irqs->held && irqs->fd[VU_MSI] >= 0) {
        irqs->message = false;
        irqs->raised++;
        signal_fd(irqs->fd[VU_MSI]);
    }
}

void irqs_init(struct irqs *irqs)
{
    *irqs = (struct irqs){.armed = true};
    for (unsigned i = 0; i < VU_IRQS; i++)
        irqs->fd[i] = -1;
}

void irqs_clear(struct irqs *irqs)
{
    const uint64_t raised = irqs->raised;

    for (unsigned i = 0; i < VU_IRQS; i++)
        if (irqs->fd[i] >= 0)
            close(irqs->fd[i]);
    irqs_init(irqs);
    irqs->raised = raised;
}

void irqs_level(struct irqs *irqs, bool level)
{
    irqs->level = level;
    update(irqs);
}

void irqs_message(struct irqs *irqs)
{
    irqs->message = true;
    update(irqs);
}

void irqs_reset(struct irqs *irqs)
{
    irqs->level = irqs->message = irqs->held = false;
}

void irqs_hold(struct irqs *irqs, bool held)
{
    irqs->held = held;
    update(irqs);
}

/* ERR is there because clients warn where it is not; it is never used. */
unsigned irqs_count(unsigned index)
{
    return index == VU_INTX || index == VU_MSI || index == VU_ERR;
}

/* An eventfd has no type of file, and must never make us wait. */
static bool usable(int fd)
{
    struct stat st;
    const int flags = fcntl(fd, F_GETFL);

    return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == 0 && flags >= 0 &&
           fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static void replace(struct irqs *irqs, unsigned index, int fd)
{
    if (irqs->fd[index] >= 0)
        close(irqs->fd[index]);
    irqs->fd[index] = fd;
    if (index == VU_INTX) {
        irqs->armed = true;
        irqs->masked = false;
    } else if (index == VU_MSI && fd < 0) {
        irqs->message = false;
    }
}

static int trigger(struct irqs *irqs, const struct vu_set_irqs *set, bool fire, int *fd, unsigned fds)
{
    if ((set->flags & VU_SET_EVENTFD) != 0) {
        if (fds > 1 || fds > set->count || (fds == 1 && !usable(fd[0])))
            return EINVAL;
        replace(irqs, set->index, fds == 1 ? fd[0] : -1);
        if (fds == 1)
            fd[0] = -1;
    } else if (set->count == 0) { /* with no data: none at all any more */
        replace(irqs, set->index, -1);
    } else if (fire) { /* the client tries its own eventfd */
        signal_fd(irqs->fd[set->index]);
    }
    return 0;
}

int irqs_set(struct irqs *irqs, const struct vu_set_irqs *set, const uint8_t *bools, int *fd, unsigned fds)
{
    const uint32_t data = set->flags & 7, action = set->flags & ~7u;
    const bool chosen = data != VU_SET_BOOL || (set->count > 0 && bools[0] != 0);
    int error = 0;

    if ((data != VU_SET_NONE && data != VU_SET_BOOL && data != VU_SET_EVENTFD) || set->index >= VU_IRQS ||
        set->start > irqs_count(set->index) || set->count > irqs_count(set->index) - set->start ||
        (data != VU_SET_EVENTFD && fds > 0) || (data == VU_SET_NONE && set->count == 0 && action != VU_SET_TRIGGER))
        return EINVAL;
    if (action == VU_SET_TRIGGER)
        error = irqs_count(set->index) == 0 ? 0 : trigger(irqs, set, chosen, fd, fds);
    else if ((action != VU_SET_MASK && action != VU_SET_UNMASK) || data == VU_SET_EVENTFD)
        error = EINVAL; /* a client that cannot have its resampling descriptor does it by messages */
    else if (set->index == VU_INTX && chosen) {
        irqs->masked = action == VU_SET_MASK;
        irqs->armed = irqs->armed || action == VU_SET_UNMASK;
    }
    update(irqs);
    return error;
}
