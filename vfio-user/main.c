/*
 * main.c - e1000-vfio-user, the program: opens everything, gives up what it can, then lets the loop run
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "control.h"
#include "device.h"
#include "keeper.h"
#include "listen.h"
#include "loop.h"
#include "net.h"
#include "options.h"
#include "record.h"
#include "sandbox.h"
#include "server.h"

#ifndef E1000LAB_VERSION
#define E1000LAB_VERSION "0.1.0"
#endif

#define WHY 1024
#define FLUSH_NS UINT64_C(1000000000)

/* What the keeper knows of. */
enum { FILE_TRACE, FILE_CAPTURE };
enum { SOCKET_CLIENT, SOCKET_CONTROL, SOCKET_NET };

struct program {
    struct options options;
    struct sandbox sandbox;
    struct keeper *keeper;
    struct loop *loop;
    struct device *device;
    struct net *net;
    char *net_socket; /* that the network has made; NULL: none */
    struct capture *capture;
    FILE *trace;
    struct record *record;
    struct server *server;
    struct control *control;
    struct loop_timer flush;
};

static void say(const char *why)
{
    fprintf(stderr, "e1000-vfio-user: %s\n", why);
}

/* ---- commands and signals ----------------------------------------------------------------------- */

static void set_link(void *ctx, const struct e1000_partner *partner)
{
    struct program *const p = ctx;

    device_partner(p->device, partner);
}

static void wire_fault(void *ctx, enum e1000_wire_fault fault)
{
    device_wire_fault(((struct program *)ctx)->device, fault);
}

static void collide(void *ctx, uint32_t attempts, bool late)
{
    device_collide(((struct program *)ctx)->device, attempts, late);
}

static void print_pins(void *ctx, FILE *to)
{
    struct device_pins pins;

    device_pins(((struct program *)ctx)->device, &pins);
    if (pins.leds_next == DEVICE_NEVER)
        fputs("leds-next never\n", to);
    else
        fprintf(to, "leds-next %" PRIu64 "\n", pins.leds_next);
    fprintf(to, "leds %x\nsdp %x\npme %d\n", (unsigned)pins.leds, (unsigned)pins.sdp, pins.pme);
}

static void stop_clock(void *ctx)
{
    device_stop(((struct program *)ctx)->device);
}

static void start_clock(void *ctx)
{
    device_go(((struct program *)ctx)->device);
}

static uint64_t pass_time(void *ctx, uint64_t ns)
{
    return device_pass(((struct program *)ctx)->device, ns);
}

static void print_count(FILE *to, const char *name, const struct net_count *count)
{
    fprintf(to, "%s-packets %" PRIu64 "\n%s-bytes %" PRIu64 "\n", name, count->packets, name, count->bytes);
}

static void print_stats(void *ctx, FILE *to)
{
    struct program *const p = ctx;
    const struct server_stats *const server = server_stats(p->server);
    const struct net_stats *const net = net_stats(p->net);
    struct device_stats device;
    char text[256];

    device_stats(p->device, &device);
    fprintf(to, "connected %d\nclients %" PRIu64 "\nrequests %" PRIu64 "\nerrors %" PRIu64 "\n", server->connected,
            server->clients, server->requests, server->errors);
    fprintf(to, "dma-reads %" PRIu64 "\ndma-writes %" PRIu64 "\n", server->dma_reads, server->dma_writes);
    if (device.link.mac_up)
        fprintf(to, "link %u %s\n", device.link.speed, device.link.full_duplex ? "full" : "half");
    else
        fprintf(to, "link down\n");
    fprintf(to, "interrupts %" PRIu64 "\nmistakes %" PRIu64 "\n", device.irqs, device.mistakes);
    fprintf(to, "frames-out %" PRIu64 "\nframes-in %" PRIu64 "\nframes-missed %" PRIu64 "\n", device.frames_out,
            device.frames_in, device.missed);
    fprintf(to, "net %s\n", net_describe(p->net, text, sizeof text));
    print_count(to, "net-out", &net->out);
    print_count(to, "net-in", &net->in);
    print_count(to, "net-dropped-out", &net->dropped_out);
    print_count(to, "net-dropped-in", &net->dropped_in);
}

/* A new file at the old place, which must have been moved away: a file that is there is never emptied. */
static int new_file(struct program *p, unsigned n, const char *option, const char *path, char *why, size_t size)
{
    const int fd =
        p->keeper != NULL ? keeper_open(p->keeper, n) : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd >= 0)
        return fd;
    errno = p->keeper != NULL ? -fd : errno;
    snprintf(why, size, "--%s %s: %s", option, path,
             errno == EEXIST ? "still there; move it away first" : strerror(errno));
    return -1;
}

static bool reopen_trace(struct program *p, char *why, size_t size)
{
    const int fd = new_file(p, FILE_TRACE, "trace", p->options.trace, why, size);
    FILE *const file = fd < 0 ? NULL : fdopen(fd, "w");

    if (file == NULL)
        return false;
    device_trace(p->device, file);
    fclose(p->trace);
    p->trace = file;
    return true;
}

static bool reopen(void *ctx, char *why, size_t size)
{
    struct program *const p = ctx;
    int fd;

    if (p->trace == NULL && p->capture == NULL) {
        snprintf(why, size, "there is neither --trace nor --capture");
        return false;
    }
    if (p->trace != NULL && !reopen_trace(p, why, size))
        return false;
    if (p->capture == NULL)
        return true;
    fd = new_file(p, FILE_CAPTURE, "capture", p->options.capture, why, size);
    return fd >= 0 && capture_reopen(p->capture, fd, why, size);
}

static void quit(void *ctx)
{
    struct program *const p = ctx;

    loop_stop(p->loop);
}

static void on_hangup(void *ctx)
{
    char why[WHY];

    if (!reopen(ctx, why, sizeof why))
        say(why);
}

static void on_usr1(void *ctx)
{
    print_stats(ctx, stderr);
}

/* Somebody may be looking at them. */
static void on_flush(void *ctx)
{
    struct program *const p = ctx;

    if (p->trace != NULL)
        fflush(p->trace);
    if (p->capture != NULL)
        capture_flush(p->capture);
    loop_timer_set(p->loop, &p->flush, loop_now() + FLUSH_NS);
}

/* ---- start and end
 * --------------------------------------------------------------------------------------------------- */

static bool start_keeper(struct program *p, char *why, size_t size)
{
    const char *const files[KEEPER_FILES] = {p->options.trace, p->options.capture};
    const char *const sockets[KEEPER_SOCKETS] = {p->options.socket_path, p->options.control, p->net_socket};
    uid_t uid;
    gid_t gid;

    if (!p->options.sandbox)
        return true;
    p->sandbox.user = p->options.user;
    if (!sandbox_identity(&p->sandbox, &uid, &gid, why, size))
        return false;
    p->keeper = keeper_new(files, sockets);
    if (p->keeper == NULL)
        snprintf(why, size, "cannot start: %s", strerror(errno));
    return p->keeper != NULL;
}

static bool open_loop(struct program *p, char *why, size_t size)
{
    p->loop = loop_new();
    if (p->loop != NULL && loop_add_signal(p->loop, SIGHUP, on_hangup, p) == 0 &&
        loop_add_signal(p->loop, SIGUSR1, on_usr1, p) == 0)
        return true;
    snprintf(why, size, "cannot start: %s", strerror(errno));
    return false;
}

static bool open_trace(struct program *p, char *why, size_t size)
{
    if (p->options.trace == NULL)
        return true;
    p->trace = fopen(p->options.trace, "we");
    if (p->trace == NULL)
        snprintf(why, size, "--trace %s: %s", p->options.trace, strerror(errno));
    return p->trace != NULL;
}

static bool open_record(struct program *p, char *why, size_t size)
{
    char what[256];

    if (p->options.record == NULL)
        return true;
    p->record = record_open(p->options.record, what, sizeof what);
    if (p->record == NULL)
        snprintf(why, size, "--record %s", what);
    return p->record != NULL;
}

static bool open_device(struct program *p, char *why, size_t size)
{
    struct device_options options = {
        .eeprom = p->options.eeprom_words != 0 ? p->options.eeprom : NULL,
        .eeprom_words = p->options.eeprom_words,
        .rom = p->options.rom,
        .rom_bytes = p->options.rom_bytes,
        .lint = p->options.lint,
        .exact = p->options.exact,
        .line_rate = p->options.line_rate,
        .trace = p->trace,
        .record = p->record,
    };

    memcpy(options.mac, p->options.mac, sizeof options.mac);
    p->device = device_new(p->loop, &options, why, size);
    return p->device != NULL;
}

/* A socket at a path: the keeper's to remove, and his whom we are going to be. */
static bool hand_over(struct program *p, const char *option, const char *path, unsigned n, char *why, size_t size)
{
    uid_t uid;
    gid_t gid;

    if (p->keeper == NULL)
        return true;
    keeper_own(p->keeper, n);
    if (geteuid() != 0 || !sandbox_identity(&p->sandbox, &uid, &gid, why, size) || lchown(path, uid, gid) == 0)
        return true;
    snprintf(why, size, "--%s %s: %s", option, path, strerror(errno));
    return false;
}

static bool open_net(struct program *p, char *why, size_t size)
{
    p->net = net_open(p->options.net, p->loop, device_receiver(p->device), why, size);
    if (p->net == NULL)
        return false;
    if (p->net_socket != NULL && p->keeper != NULL) {
        net_leave_socket(p->net);
        if (!hand_over(p, "net", p->net_socket, SOCKET_NET, why, size))
            return false;
    }
    if (p->options.capture != NULL) {
        p->capture = capture_open(p->options.capture, why, size);
        if (p->capture == NULL)
            return false;
        net_capture(p->net, p->capture);
    }
    device_net(p->device, p->net);
    device_partner(p->device, p->options.link_up ? &p->options.partner : NULL);
    return true;
}

static int open_socket(struct program *p, const char *option, const char *path, unsigned n, char *why, size_t size)
{
    const int fd = listen_at(option, path, why, size);

    if (fd < 0 || hand_over(p, option, path, n, why, size))
        return fd;
    close(fd);
    return -1;
}

static bool open_server(struct program *p, char *why, size_t size)
{
    int fd = p->options.fd, status = -ENOMEM;

    if (p->options.socket_path != NULL) {
        fd = open_socket(p, "socket-path", p->options.socket_path, SOCKET_CLIENT, why, size);
        if (fd < 0)
            return false;
    } else if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        snprintf(why, size, "--fd %d: %s; it has to be an open socket", fd, strerror(errno));
        return false;
    }
    p->server = server_new(p->loop, p->device);
    if (p->server != NULL)
        status = server_serve(p->server, fd, p->options.once);
    if (status == 0)
        return true;
    if (p->options.socket_path != NULL)
        snprintf(why, size, "--socket-path %s: %s", p->options.socket_path, strerror(-status));
    else
        snprintf(why, size, "--fd %d: %s; it has to be an open stream socket", fd, strerror(-status));
    return false;
}

static bool open_control(struct program *p, char *why, size_t size)
{
    const struct control_target target = {.ctx = p,
                                          .link = set_link,
                                          .fault = wire_fault,
                                          .collide = collide,
                                          .pins = print_pins,
                                          .stop = stop_clock,
                                          .go = start_clock,
                                          .pass = pass_time,
                                          .stats = print_stats,
                                          .reopen = reopen,
                                          .quit = quit};
    int fd = p->options.control_fd;

    if (p->options.control == NULL && fd < 0)
        return true;
    if (p->options.control != NULL) {
        fd = open_socket(p, "control", p->options.control, SOCKET_CONTROL, why, size);
        if (fd < 0)
            return false;
    } else if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        snprintf(why, size, "--control fd=%d: %s; it has to be an open socket", fd, strerror(errno));
        return false;
    }
    p->control = control_new(p->loop, fd, &target);
    if (p->control == NULL) {
        snprintf(why, size, "--control: %s", strerror(ENOMEM));
        close(fd);
    }
    return p->control != NULL;
}

static bool enter_sandbox(struct program *p, char *why, size_t size)
{
    p->sandbox.needs = net_needs(p->net);
    p->sandbox.files = net_files(p->net);
    return !p->options.sandbox || sandbox_enter(&p->sandbox, why, size);
}

static bool start(struct program *p, char *why, size_t size)
{
    p->net_socket = net_socket(p->options.net);
    if (!start_keeper(p, why, size) || !open_loop(p, why, size) || !open_trace(p, why, size) ||
        !open_record(p, why, size) || !open_device(p, why, size) || !open_net(p, why, size) ||
        !open_server(p, why, size) || !open_control(p, why, size) || !enter_sandbox(p, why, size))
        return false;
    p->flush = (struct loop_timer){.fn = on_flush, .ctx = p};
    if (p->trace != NULL || p->capture != NULL)
        loop_timer_set(p->loop, &p->flush, loop_now() + FLUSH_NS);
    return true;
}

/* What was not opened is NULL here, too. False with a message: not all of a file could be written. */
static bool end(struct program *p, char *why, size_t size)
{
    char what[256];
    bool good;

    control_free(p->control);
    if (p->control != NULL && p->keeper == NULL && p->options.control != NULL)
        unlink(p->options.control);
    if (p->server != NULL && p->keeper == NULL && p->options.socket_path != NULL)
        unlink(p->options.socket_path);
    server_free(p->server);
    net_close(p->net);
    free(p->net_socket);
    device_free(p->device);
    good = capture_close(p->capture, why, size);
    if (!record_close(p->record, what, sizeof what) && good) {
        snprintf(why, size, "--record %s: %s", p->options.record, what);
        good = false;
    }
    if (p->trace != NULL && fclose(p->trace) != 0 && good) {
        snprintf(why, size, "--trace %s: %s", p->options.trace, strerror(errno));
        good = false;
    }
    loop_free(p->loop);
    keeper_free(p->keeper);
    options_free(&p->options);
    return good;
}

static int print(const struct options *options)
{
    if (options->help)
        options_help(stdout);
    else
        puts("e1000-vfio-user " E1000LAB_VERSION);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_BROKE;
}

int main(int argc, char **argv)
{
    struct program program = {.keeper = NULL};
    char why[WHY];
    int status = EXIT_REFUSE;

    if (!options_parse(&program.options, argc, argv, why, sizeof why)) {
        say(why);
        options_free(&program.options);
        return EXIT_REFUSE;
    }
    if (program.options.help || program.options.version) {
        status = print(&program.options);
        options_free(&program.options);
        return status;
    }
    if (start(&program, why, sizeof why)) {
        const int error = loop_run(program.loop);

        status = error == 0 ? EXIT_DONE : EXIT_BROKE;
        if (error != 0)
            say(strerror(-error));
    } else {
        say(why);
    }
    if (!end(&program, why, sizeof why)) {
        say(why);
        status = status == EXIT_DONE ? EXIT_BROKE : status;
    }
    return status;
}
