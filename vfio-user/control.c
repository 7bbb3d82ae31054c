/*
 * control.c - commands while the program runs, by a unix socket: a line each way
 *
 * Each line gets its answer, of which the last line is "ok" or begins with "error: ".
 */
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "options.h"

#define CLIENTS 4
#define LINE 256
#define ANSWER 4096
#define WHY 512

struct client {
    struct control *control;
    int fd; /* -1: free */
    size_t used;
    char line[LINE];
};

struct control {
    struct loop *loop;
    int listener;
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
        fprintf(to, "%-6s %-32s %s\n", commands[i].name, commands[i].arguments, commands[i].text);
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

/* ---- clients
 * --------------------------------------------------------------------------------------------------------- */

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

static void on_client(void *ctx, int listener, short revents)
{
    struct control *const control = ctx;
    const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)revents;
    if (fd < 0)
        return;
    for (int i = 0; i < CLIENTS; i++) {
        struct client *const client = &control->clients[i];

        if (client->fd >= 0)
            continue;
        *client = (struct client){.control = control, .fd = fd};
        if (loop_add(control->loop, fd, POLLIN, on_line, client) == 0)
            return;
        client->fd = -1;
        break;
    }
    close(fd); /* there are enough */
}

struct control *control_new(struct loop *loop, int listener, const struct control_target *target)
{
    struct control *const control = calloc(1, sizeof *control);

    if (control == NULL)
        return NULL;
    *control = (struct control){.loop = loop, .listener = listener, .target = *target};
    for (int i = 0; i < CLIENTS; i++)
        control->clients[i].fd = -1;
    if (loop_add(loop, listener, POLLIN, on_client, control) == 0)
        return control;
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
    loop_remove(control->loop, control->listener);
    close(control->listener);
    free(control);
}
