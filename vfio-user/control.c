/*
 * control.c - commands while the program runs, by a unix socket: a line each way
 *
 * Each line gets its answer, of which the last line is "ok" or begins with "error: ".
 */
#include "control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device.h"
#include "loop.h"
#include "options.h"

#define CLIENTS 4
#define LINE 512
#define ANSWER 4096
#define WHY 512
#define LONGEST_NS (86400 * UINT64_C(1000000000))

struct client {
    struct control *control;
    int fd; /* -1: free */
    size_t used;
    char line[LINE];
};

struct control {
    struct loop *loop;
    int listener; /* -1: there is one client, who was there before */
    struct control_target target;
    struct client clients[CLIENTS];
};

/* ---- commands ----------------------------------------------------------------------------------- */

static bool do_link(struct control *control, const char *words, FILE *to)
{
    struct e1000_partner partner;
    bool up;

    if (!options_link(words, &up, &partner)) {
        fputs("error: link wants up, down, 10, 100 or 1000; a speed may have half or full behind it\n", to);
        return false;
    }
    control->target.link(control->target.ctx, up ? &partner : NULL);
    return true;
}

struct field {
    const char *name;
    unsigned long most;
    bool *flag; /* one of these three */
    uint8_t *byte;
    uint16_t *word;
};

static bool set_field(const struct field *field, unsigned long value)
{
    if (value > field->most)
        return false;
    if (field->flag != NULL)
        *field->flag = value != 0;
    else if (field->byte != NULL)
        *field->byte = (uint8_t)value;
    else
        *field->word = (uint16_t)value;
    return true;
}

/* Of struct e1000_partner, by its names; next_page may come several times. */
static bool take_field(struct e1000_partner *p, const char *name, size_t len, unsigned long value)
{
    const struct field fields[] = {
        {"autoneg", 1, .flag = &p->autoneg},
        {"base_page", 0xffff, .word = &p->base_page},
        {"gigabit_full", 1, .flag = &p->gigabit_full},
        {"gigabit_half", 1, .flag = &p->gigabit_half},
        {"speed", 1000, .word = &p->speed},
        {"full_duplex", 1, .flag = &p->full_duplex},
        {"pairs", 4, .byte = &p->pairs},
        {"cable_length", 7, .byte = &p->cable_length},
        {"crossover", 1, .flag = &p->crossover},
        {"reversed", 1, .flag = &p->reversed},
        {"sleeps", 1, .flag = &p->sleeps},
        {"role", 2, .byte = &p->role},
    };

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strlen(fields[i].name) == len && strncmp(fields[i].name, name, len) == 0)
            return set_field(&fields[i], value);
    if (len != strlen("next_page") || strncmp(name, "next_page", len) != 0 || value > 0xffff ||
        p->next_pages == sizeof p->next_page / sizeof *p->next_page)
        return false;
    p->next_page[p->next_pages++] = (uint16_t)value;
    return true;
}

static bool take_partner(const char *words, struct e1000_partner *partner)
{
    *partner = (struct e1000_partner){.pairs = 4};
    do {
        const size_t name = strcspn(words, "= ");
        char *end;
        unsigned long value;

        if (words[name] != '=' || words[name + 1] < '0' || words[name + 1] > '9')
            return false;
        value = strtoul(words + name + 1, &end, 0);
        if ((*end != '\0' && *end != ' ') || !take_field(partner, words, name, value))
            return false;
        words = end + strspn(end, " ");
    } while (*words != '\0');
    return true;
}

static bool do_partner(struct control *control, const char *words, FILE *to)
{
    struct e1000_partner partner;

    if (take_partner(words, &partner)) {
        control->target.link(control->target.ctx, &partner);
        return true;
    }
    fputs("error: partner wants NAME=NUMBER ...; names are those of struct e1000_partner\n", to);
    return false;
}

static bool do_fault(struct control *control, const char *words, FILE *to)
{
    static const char *const names[] = {[E1000_FALSE_CARRIER] = "false-carrier",
                                        [E1000_SYMBOL_ERROR] = "symbol-error",
                                        [E1000_IDLE_ERROR] = "idle-error",
                                        [E1000_PHY_FIFO] = "fifo"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(words, names[i]) == 0) {
            control->target.fault(control->target.ctx, (enum e1000_wire_fault)i);
            return true;
        }
    fputs("error: fault wants false-carrier, symbol-error, idle-error or fifo\n", to);
    return false;
}

static bool do_collide(struct control *control, const char *words, FILE *to)
{
    char *end;
    const unsigned long attempts = strtoul(words, &end, 10);
    const bool late = strcmp(end, " late") == 0;

    if (words[0] < '0' || words[0] > '9' || attempts > UINT32_MAX || (*end != '\0' && !late)) {
        fputs("error: collide wants a number of attempts, with late behind it or nothing\n", to);
        return false;
    }
    control->target.collide(control->target.ctx, (uint32_t)attempts, late);
    return true;
}

static bool do_pins(struct control *control, const char *words, FILE *to)
{
    (void)words;
    control->target.pins(control->target.ctx, to);
    return true;
}

static bool do_time(struct control *control, const char *words, FILE *to)
{
    char *end;
    const unsigned long long ns = strtoull(words, &end, 10);
    uint64_t next;

    if (strcmp(words, "stop") == 0) {
        control->target.stop(control->target.ctx);
        return true;
    }
    if (strcmp(words, "go") == 0) {
        control->target.go(control->target.ctx);
        return true;
    }
    if (words[0] < '0' || words[0] > '9' || *end != '\0' || ns > LONGEST_NS) {
        fputs("error: time wants stop, go, or nanoseconds, at most a day\n", to);
        return false;
    }
    next = control->target.pass(control->target.ctx, ns);
    if (next == DEVICE_NEVER)
        fputs("next never\n", to);
    else
        fprintf(to, "next %" PRIu64 "\n", next);
    return true;
}

static bool do_stats(struct control *control, const char *words, FILE *to)
{
    (void)words;
    control->target.stats(control->target.ctx, to);
    return true;
}

static bool do_trace(struct control *control, const char *words, FILE *to)
{
    char why[WHY] = "";

    if (strcmp(words, "reopen") != 0)
        fputs("error: trace wants reopen\n", to);
    else if (control->target.reopen(control->target.ctx, why, sizeof why))
        return true;
    else
        fprintf(to, "error: %s\n", why);
    return false;
}

static bool do_quit(struct control *control, const char *words, FILE *to)
{
    (void)words;
    (void)to;
    control->target.quit(control->target.ctx);
    return true;
}

static bool do_help(struct control *control, const char *words, FILE *to);

static const struct command {
    const char *name, *arguments, *text;
    bool (*run)(struct control *control, const char *words, FILE *to);
} commands[] = {
    {"link", "up|down|10|100|1000 [half|full]", "plug, pull or change the cable", do_link},
    {"partner", "NAME=NUMBER ...", "plug a cable with this other end, as in struct e1000_partner", do_partner},
    {"fault", "false-carrier|symbol-error|...", "idle-error, fifo: what the PHY hears between frames", do_fault},
    {"collide", "ATTEMPTS [late]", "in half duplex, the next attempts to send meet a collision", do_collide},
    {"pins", "", "levels of LEDs, SDPs and PME#", do_pins},
    {"time", "stop|go|NANOSECONDS", "the device's clock; let so much pass for it at once", do_time},
    {"stats", "", "what has been counted", do_stats},
    {"trace", "reopen", "go on in new files of --trace and --capture, at the same paths", do_trace},
    {"quit", "", "end, as SIGTERM does", do_quit},
    {"help", "", "this list", do_help},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static bool do_help(struct control *control, const char *words, FILE *to)
{
    (void)control;
    (void)words;
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "%-7s %-31s %s\n", commands[i].name, commands[i].arguments, commands[i].text);
    return true;
}

static void run_line(struct control *control, const char *line, FILE *to)
{
    const size_t len = strcspn(line, " ");
    const char *const words = line + len + strspn(line + len, " ");

    for (size_t i = 0; i < COMMANDS; i++) {
        if (strlen(commands[i].name) != len || strncmp(line, commands[i].name, len) != 0)
            continue;
        if (commands[i].arguments[0] == '\0' && *words != '\0')
            fprintf(to, "error: %s takes no argument\n", commands[i].name);
        else if (commands[i].run(control, words, to))
            fputs("ok\n", to);
        return;
    }
    fprintf(to, "error: no command \"%.*s\"; help lists them\n", (int)len, line);
}

/* ---- clients ------------------------------------------------------------------------------------ */

static void drop(struct client *client)
{
    loop_remove(client->control->loop, client->fd);
    close(client->fd);
    client->fd = -1;
}

/* An answer that does not fit the socket is for somebody who does not read: he is dropped. */
static bool answer(struct client *client, const char *line)
{
    char text[ANSWER];
    FILE *const to = fmemopen(text, sizeof text, "w");
    ssize_t sent;
    size_t len;

    if (to == NULL)
        return false;
    run_line(client->control, line, to);
    len = (size_t)ftell(to);
    fclose(to);
    sent = send(client->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == (ssize_t)len;
}

/* Whole lines; false: the client is to be dropped. */
static bool take_lines(struct client *client)
{
    char *end;

    while ((end = memchr(client->line, '\n', client->used)) != NULL) {
        const size_t len = (size_t)(end - client->line) + 1;
        char *const cr = end > client->line && end[-1] == '\r' ? end - 1 : end;

        *cr = '\0';
        if (!answer(client, client->line))
            return false;
        memmove(client->line, client->line + len, client->used - len);
        client->used -= len;
    }
    return client->used < sizeof client->line;
}

static void on_line(void *ctx, int fd, short revents)
{
    struct client *const client = ctx;
    const ssize_t len = recv(fd, client->line + client->used, sizeof client->line - client->used, MSG_DONTWAIT);

    (void)revents;
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    client->used += len > 0 ? (size_t)len : 0;
    if (len <= 0 || !take_lines(client))
        drop(client);
}

static bool add_client(struct control *control, int fd)
{
    for (int i = 0; i < CLIENTS; i++) {
        struct client *const client = &control->clients[i];

        if (client->fd >= 0)
            continue;
        *client = (struct client){.control = control, .fd = fd};
        if (loop_add(control->loop, fd, POLLIN, on_line, client) == 0)
            return true;
        client->fd = -1;
        break;
    }
    return false;
}

static void on_client(void *ctx, int listener, short revents)
{
    const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)revents;
    if (fd >= 0 && !add_client(ctx, fd))
        close(fd); /* there are enough */
}

struct control *control_new(struct loop *loop, int fd, const struct control_target *target)
{
    struct control *const control = calloc(1, sizeof *control);
    int listening = 0;
    socklen_t size = sizeof listening;

    if (control == NULL)
        return NULL;
    *control = (struct control){.loop = loop, .listener = -1, .target = *target};
    for (int i = 0; i < CLIENTS; i++)
        control->clients[i].fd = -1;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening == 0) {
        if (add_client(control, fd))
            return control;
    } else if (loop_add(loop, fd, POLLIN, on_client, control) == 0) {
        control->listener = fd;
        return control;
    }
    free(control);
    return NULL;
}

void control_free(struct control *control)
{
    if (control == NULL)
        return;
    for (int i = 0; i < CLIENTS; i++)
        if (control->clients[i].fd >= 0)
            drop(&control->clients[i]);
    if (control->listener >= 0) {
        loop_remove(control->loop, control->listener);
        close(control->listener);
    }
    free(control);
}
