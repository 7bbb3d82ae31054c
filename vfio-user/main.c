/*
 * main.c - e1000-vfio-user, the program: opens everything, then lets the loop run
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture.h"
#include "device.h"
#include "listen.h"
#include "loop.h"
#include "net.h"
#include "options.h"
#include "server.h"

#ifndef E1000LAB_VERSION
#define E1000LAB_VERSION "0.1.0"
#endif

#define WHY 1024

struct program {
    struct options options;
    struct loop *loop;
    struct device *device;
    struct net *net;
    struct capture *capture;
    FILE *trace;
    struct server *server;
    int listener; /* to be removed with its path */
};

static int complain(const char *why)
{
    fprintf(stderr, "e1000-vfio-user: %s\n", why);
    return EXIT_REFUSE;
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

static bool open_device(struct program *p, char *why, size_t size)
{
    struct device_options options = {
        .eeprom = p->options.eeprom_words != 0 ? p->options.eeprom : NULL,
        .eeprom_words = p->options.eeprom_words,
        .rom = p->options.rom,
        .rom_bytes = p->options.rom_bytes,
        .lint = p->options.lint,
        .exact = p->options.exact,
        .trace = p->trace,
    };

    memcpy(options.mac, p->options.mac, sizeof options.mac);
    p->device = device_new(p->loop, &options, why, size);
    return p->device != NULL;
}

static bool open_net(struct program *p, char *why, size_t size)
{
    p->net = net_open(p->options.net, p->loop, device_receiver(p->device), why, size);
    if (p->net == NULL)
        return false;
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

static bool open_server(struct program *p, char *why, size_t size)
{
    int fd = p->options.fd, status = -ENOMEM;

    if (p->options.socket_path != NULL) {
        fd = p->listener = listen_at("socket-path", p->options.socket_path, why, size);
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

static bool start(struct program *p, char *why, size_t size)
{
    p->loop = loop_new();
    if (p->loop == NULL) {
        snprintf(why, size, "cannot start: %s", strerror(errno));
        return false;
    }
    return open_trace(p, why, size) && open_device(p, why, size) && open_net(p, why, size) && open_server(p, why, size);
}

/* What was not opened is NULL here, too. */
static bool end(struct program *p, char *why, size_t size)
{
    bool good;

    server_free(p->server);
    if (p->listener >= 0)
        unlink(p->options.socket_path);
    net_close(p->net);
    device_free(p->device);
    good = capture_close(p->capture, why, size);
    if (p->trace != NULL && fclose(p->trace) != 0 && good) {
        snprintf(why, size, "--trace %s: %s", p->options.trace, strerror(errno));
        good = false;
    }
    loop_free(p->loop);
    options_free(&p->options);
    return good;
}

int main(int argc, char **argv)
{
    struct program program = {.listener = -1};
    char why[WHY];
    int status = EXIT_REFUSE;

    if (!options_parse(&program.options, argc, argv, why, sizeof why))
        return complain(why);
    if (program.options.help || program.options.version) {
        if (program.options.help)
            options_help(stdout);
        else
            puts("e1000-vfio-user " E1000LAB_VERSION);
        options_free(&program.options);
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_BROKE;
    }
    if (start(&program, why, sizeof why)) {
        const int error = loop_run(program.loop);

        status = error == 0 ? EXIT_DONE : EXIT_BROKE;
        if (error != 0)
            fprintf(stderr, "e1000-vfio-user: %s\n", strerror(-error));
    } else {
        complain(why);
    }
    if (!end(&program, why, sizeof why)) {
        complain(why);
        status = status == EXIT_DONE ? EXIT_BROKE : status;
    }
    return status;
}
