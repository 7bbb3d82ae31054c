/*
 * net.c - what all kinds of network have in common
 */
#include "net.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "net_backend.h"
#include "segment.h"

#define SHORTEST 60 /* without the frame check sequence; what senders with an adapter pad to */

static const struct net_backend *const backends[] = {
    &net_user, &net_tap, &net_dgram, &net_stream, &net_pcap, &net_null,
};
#define BACKENDS (sizeof backends / sizeof *backends)

/* ---- the text behind --net ---------------------------------------------------------------------- */

void *net_refuse(const struct net_args *args, char *why, size_t size, const char *format, ...)
{
    const int used = snprintf(why, size, "--net %s: ", args->kind);
    va_list list;

    va_start(list, format);
    if (used >= 0 && (size_t)used < size)
        vsnprintf(why + used, size - (size_t)used, format, list);
    va_end(list);
    return NULL;
}

const char *net_arg(const struct net_args *args, const char *name)
{
    for (unsigned i = args->count; i-- > 0;)
        if (strcmp(args->list[i].name, name) == 0)
            return args->list[i].value;
    return NULL;
}

static bool is_one_of(const char *value, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(value, *words) == 0)
            return true;
    return false;
}

bool net_arg_flag(const struct net_args *args, const char *name, bool missing, bool *to, char *why, size_t size)
{
    static const char *const yes[] = {"on", "yes", "y", "true", NULL}, *const no[] = {"off", "no", "n", "false", NULL};
    const char *const value = net_arg(args, name);

    *to = value == NULL ? missing : is_one_of(value, yes);
    if (value == NULL || *to || is_one_of(value, no))
        return true;
    net_refuse(args, why, size, "%s=%s is neither on nor off", name, value);
    return false;
}

bool net_arg_number(const struct net_args *args, const char *name, uint64_t missing, uint64_t max, uint64_t *to,
                    char *why, size_t size)
{
    const char *const value = net_arg(args, name);
    char *end;

    *to = missing;
    if (value == NULL)
        return true;
    errno = 0;
    *to = strtoull(value, &end, 10);
    if (value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0 && *to <= max)
        return true;
    net_refuse(args, why, size, "%s=%s is not a number from 0 to %llu", name, value, (unsigned long long)max);
    return false;
}

static const struct net_backend *find_backend(const char *kind, char *why, size_t size)
{
    size_t used;

    for (size_t i = 0; i < BACKENDS; i++)
        if (strcmp(kind, backends[i]->name) == 0)
            return backends[i];
    used = (size_t)snprintf(why, size, "--net %s: no such kind of network; one of", kind);
    for (size_t i = 0; i < BACKENDS && used < size; i++)
        used += (size_t)snprintf(why + used, size - used, "%s %s", i == 0 ? "" : ",", backends[i]->name);
    return NULL;
}

/* The next part of "a,b=1,,2,c", in place: ",," is a comma. NULL at the end. */
static char *next_part(char **text)
{
    char *const start = *text, *to = start, *from = start;

    if (start == NULL)
        return NULL;
    for (; *from != '\0'; from++) {
        if (*from == ',' && *++from != ',') {
            *to = '\0';
            *text = from;
            return start;
        }
        *to++ = *from;
    }
    *to = '\0';
    *text = NULL;
    return start;
}

static bool is_option(const struct net_backend *backend, const char *name)
{
    const struct net_option *option = backend->options;

    for (; option != NULL && option->name != NULL; option++)
        if (strcmp(option->name, name) == 0)
            return true;
    return false;
}

static bool bad_option(const struct net_args *args, const struct net_backend *backend, const char *name, char *why,
                       size_t size)
{
    size_t used;

    net_refuse(args, why, size, "there is no option \"%s\"; there %s", name,
               backend->options == NULL || backend->options[0].name == NULL ? "are none" : "are");
    used = strlen(why);
    for (const struct net_option *option = backend->options; option != NULL && option->name != NULL && used < size;
         option++)
        used += (size_t)snprintf(why + used, size - used, "%s %s", option == backend->options ? "" : ",", option->name);
    return false;
}

static bool take_options(struct net_args *args, const struct net_backend *backend, char *text, char *why, size_t size)
{
    char *part;

    while ((part = next_part(&text)) != NULL) {
        char *const equals = strchr(part, '=');

        if (equals != NULL)
            *equals = '\0';
        if (!is_option(backend, part))
            return bad_option(args, backend, part, why, size);
        if (args->count == NET_OPTIONS) {
            net_refuse(args, why, size, "more than %d options", NET_OPTIONS);
            return false;
        }
        args->list[args->count].name = part;
        args->list[args->count++].value = equals == NULL ? "on" : equals + 1;
    }
    return true;
}

/* "kind:value" is the kind's main option with that value, commas and all. In place; NULL: why says what is wrong. */
static const struct net_backend *take_text(struct net_args *args, char *text, char *why, size_t size)
{
    const size_t len = strcspn(text, ",:");
    const bool short_form = text[len] == ':';
    const struct net_backend *backend;
    char *rest = text[len] == '\0' ? NULL : text + len + 1;

    text[len] = '\0';
    *args = (struct net_args){.kind = text};
    backend = find_backend(text, why, size);
    if (backend == NULL)
        return NULL;
    if (!short_form)
        return take_options(args, backend, rest, why, size) ? backend : NULL;
    if (backend->value == NULL)
        return net_refuse(args, why, size, "options follow a comma, as in %s,NAME=VALUE", text);
    args->list[args->count].name = backend->value;
    args->list[args->count++].value = rest;
    return backend;
}

static struct net *open_text(char *text, struct loop *loop, char *why, size_t size)
{
    struct net_args args;
    const struct net_backend *const backend = take_text(&args, text, why, size);
    struct net *const net = backend == NULL ? NULL : backend->open(&args, loop, why, size);

    if (net != NULL)
        net->backend = backend;
    return net;
}

struct net *net_open(const char *spec, struct loop *loop, const struct net_receiver *receiver, char *why, size_t size)
{
    char *const text = strdup(spec);
    struct net *net = NULL;

    if (text == NULL)
        snprintf(why, size, "--net: %s", strerror(ENOMEM));
    else
        net = open_text(text, loop, why, size);
    if (net != NULL)
        net->receiver = *receiver;
    free(text);
    return net;
}

char *net_socket(const char *spec)
{
    char *const text = strdup(spec), *path = NULL;
    char why[256]; /* net_open() says it */
    struct net_args args;
    const struct net_backend *const backend = text == NULL ? NULL : take_text(&args, text, why, sizeof why);
    const char *const socket = backend == NULL || backend->socket == NULL ? NULL : backend->socket(&args);

    if (socket != NULL)
        path = strdup(socket);
    free(text);
    return path;
}

void net_leave_socket(struct net *net)
{
    net->leave_socket = true;
}

void net_help(FILE *to)
{
    for (size_t i = 0; i < BACKENDS; i++) {
        const struct net_option *option = backends[i]->options;

        fprintf(to, "  %-28s  %s\n", backends[i]->name, backends[i]->text);
        for (; option != NULL && option->name != NULL; option++) {
            char left[64];

            snprintf(left, sizeof left, "%s=%s", option->name, option->arg);
            fprintf(to, "    ,%-25s  %s\n", left, option->text);
        }
    }
}

/* ---- frames ------------------------------------------------------------------------------------- */

static void count(struct net_count *counter, size_t len)
{
    counter->packets++;
    counter->bytes += len;
}

const uint8_t *net_flat(const struct net_packet *packet, uint8_t *room)
{
    size_t at = 0;

    if (packet->iovcnt == 1)
        return packet->iov[0].iov_base;
    if (packet->len > NET_PACKET_MAX)
        return NULL;
    for (unsigned i = 0; i < packet->iovcnt; i++) {
        memcpy(room + at, packet->iov[i].iov_base, packet->iov[i].iov_len);
        at += packet->iov[i].iov_len;
    }
    return room;
}

static void capture_out(void *ctx, const struct net_packet *frame)
{
    const struct net *const net = ctx;

    capture_frame(net->capture, CAPTURE_OUT, frame->iov[0].iov_base, frame->len);
}

void net_send(struct net *net, const struct net_packet *packet)
{
    if (net->capture != NULL)
        segment_packet(packet, net->frame, capture_out, net);
    count(net->backend->send(net, packet) ? &net->stats.out : &net->stats.dropped_out, packet->len);
}

static void deliver(void *ctx, const struct net_packet *frame)
{
    struct net *const net = ctx;
    const uint8_t *const bytes = frame->iov[0].iov_base;

    count(&net->stats.in, frame->len);
    if (net->capture != NULL)
        capture_frame(net->capture, CAPTURE_IN, bytes, frame->len);
    net->receiver.packet(net->receiver.ctx, frame);
}

void net_deliver(struct net *net, const struct net_packet *packet)
{
    uint8_t padded[SHORTEST] = {0};
    struct iovec iov = {padded, SHORTEST};
    struct net_packet whole = *packet;

    if (packet->len < SHORTEST && packet->iovcnt == 1 && !packet->needs_csum) {
        memcpy(padded, packet->iov[0].iov_base, packet->len);
        whole.iov = &iov;
        whole.len = SHORTEST;
    }
    if (segment_packet(&whole, net->frame_in, deliver, net) == 0)
        net_dropped_in(net, packet->len);
}

void net_deliver_bytes(struct net *net, const void *frame, size_t len)
{
    const struct iovec iov = {(void *)(uintptr_t)frame, len};

    net_deliver(net, &(struct net_packet){.iov = &iov, .iovcnt = 1, .len = len});
}

void net_dropped_in(struct net *net, size_t len)
{
    count(&net->stats.dropped_in, len);
}

bool net_ready(const struct net *net)
{
    return net->receiver.ready == NULL || net->receiver.ready(net->receiver.ctx);
}

bool net_listening(const struct net *net)
{
    return net->receiver.listening == NULL || net->receiver.listening(net->receiver.ctx);
}

/* ---- the rest is the back end's ----------------------------------------------------------------- */

unsigned net_can(const struct net *net)
{
    return net->can;
}

void net_resume(struct net *net)
{
    if (net->backend->resume != NULL)
        net->backend->resume(net);
}

void net_close(struct net *net)
{
    if (net != NULL)
        net->backend->close(net);
}

void net_capture(struct net *net, struct capture *capture)
{
    net->capture = capture;
}

const struct net_stats *net_stats(const struct net *net)
{
    return &net->stats;
}

const char *net_describe(const struct net *net, char *to, size_t size)
{
    if (net->backend->describe != NULL)
        net->backend->describe(net, to, size);
    else
        snprintf(to, size, "%s", net->backend->name);
    return to;
}

unsigned net_needs(const struct net *net)
{
    return net->needs;
}

const char *net_files(const struct net *net)
{
    return net->files;
}
