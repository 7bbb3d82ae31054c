/*
 * vfio_control.c - the control socket of a server
 */
#include "vfio_control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The last line, or the whole where there is but one. */
static char *last_line(char *answer, size_t len)
{
    char *const end = answer + len - 1; /* its newline */
    char *at = end;

    while (at > answer && at[-1] != '\n')
        at--;
    *end = '\0';
    return at;
}

static bool is_end(const char *line)
{
    return strcmp(line, "ok") == 0 || strncmp(line, "error: ", 7) == 0;
}

bool control_command(struct vfio_client *client, int fd, const char *line, char answer[CONTROL_ANSWER], int timeout_ms)
{
    const uint64_t until_ns = vfio_now() + (uint64_t)timeout_ms * 1000000;
    char text[512];
    const int len = snprintf(text, sizeof text, "%s\n", line);
    size_t got = 0;

    snprintf(answer, CONTROL_ANSWER, "the control socket takes no commands");
    if (len < 0 || (size_t)len >= sizeof text || send(fd, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) != len)
        return false;
    for (;;) {
        const ssize_t n = recv(fd, answer + got, CONTROL_ANSWER - 1 - got, MSG_DONTWAIT);
        char *end;

        if (n > 0 && answer[(got += (size_t)n) - 1] == '\n') {
            end = last_line(answer, got);
            if (is_end(end)) {
                const bool good = strcmp(end, "ok") == 0;

                if (good)
                    *end = '\0';
                return good;
            }
            answer[got - 1] = '\n';
        }
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || got == CONTROL_ANSWER - 1 ||
            vfio_now() >= until_ns || vfio_lost(client) != NULL) {
            snprintf(answer, CONTROL_ANSWER, "no answer to \"%.80s\"", line);
            return false;
        }
        vfio_wait(client, until_ns, fd);
    }
}

bool control_number(const char *answer, const char *name, int base, uint64_t *value)
{
    const size_t len = strlen(name);

    for (const char *at = answer; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n')
        if (strncmp(at, name, len) == 0 && at[len] == ' ') {
            char *end;

            *value = strtoull(at + len + 1, &end, base);
            return end > at + len + 1 && (*end == '\n' || *end == '\0');
        }
    return false;
}

void control_partner(const struct e1000_partner *p, char *line, size_t size)
{
    size_t len;

    if (p == NULL) {
        snprintf(line, size, "link down");
        return;
    }
    len = (size_t)snprintf(line, size,
                           "partner autoneg=%d base_page=0x%x gigabit_full=%d gigabit_half=%d speed=%u full_duplex=%d "
                           "pairs=%u cable_length=%u crossover=%d reversed=%d sleeps=%d role=%u",
                           p->autoneg, (unsigned)p->base_page, p->gigabit_full, p->gigabit_half, p->speed,
                           p->full_duplex, p->pairs, p->cable_length, p->crossover, p->reversed, p->sleeps, p->role);
    for (unsigned i = 0; i < p->next_pages && len < size; i++)
        len += (size_t)snprintf(line + len, size - len, " next_page=0x%x", (unsigned)p->next_page[i]);
}
