/*
 * server.c - the socket, and the one client that is connected to it
 *
 * Bytes are taken from the socket as they come, many messages at once; what has been begun waits in the
 * buffer for its end, so a slow client holds up nobody. Descriptors come with the first byte of their
 * message, and a receive never goes past the message that has some: those of one receive belong to the
 * last message that begins in it.
 */
#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device.h"
#include "dma.h"
#include "loop.h"
#include "messages.h"
#include "protocol.h"
#include "transfer.h"

enum {
    IN_ROOM = VU_DATA_MAX + 65536, /* the longest message, and some behind it */
    OUT_ROOM = 4 * (VU_DATA_MAX + 4096),
    OUT_HIGH = VU_DATA_MAX, /* more than this waits to be sent: no further requests are read */
    TOLD_MOST = 10,
    ROUNDS = 8, /* receives before others have their turn */
};
#define STALL_NS UINT64_C(30000000000) /* a client that takes nothing of what waits for it is gone */

struct server {
    struct loop *loop;
    struct device *device;
    int listening, client; /* -1: none */
    bool once, listen_polled;
    unsigned told; /* ends that were reported */
    struct session session;
    struct server_stats stats;

    uint8_t *in;
    size_t in_from, in_to; /* bytes that have come and not been worked on */
    int fd[VU_FDS_MAX];    /* that came with the message that begins at fd_at */
    unsigned fds;
    size_t fd_at;

    uint8_t *out;
    size_t out_from, out_to; /* bytes that wait to be sent */
    struct loop_timer stall;
    short events; /* that the loop waits for */
};

/* ---- ends ---------------------------------------------------------------------------------------- */

static void on_listening(void *ctx, int fd, short revents);

static void close_fds(struct server *s)
{
    for (unsigned i = 0; i < s->fds; i++)
        if (s->fd[i] >= 0)
            close(s->fd[i]);
    s->fds = 0;
}

static void end_client(struct server *s, const char *why)
{
    if (s->client < 0)
        return;
    if (why != NULL) {
        s->stats.errors++;
        if (s->told < TOLD_MOST) /* a client that comes back again and again must not fill anybody's disk */
            fprintf(stderr, "e1000-vfio-user: connection ended: %s%s\n", why,
                    ++s->told == TOLD_MOST ? "; that is said no more" : "");
    }
    loop_timer_set(s->loop, &s->stall, LOOP_NEVER);
    loop_remove(s->loop, s->client);
    close(s->client);
    s->client = -1;
    s->stats.connected = false;
    close_fds(s);
    device_disconnect(s->device);
    s->in_from = s->in_to = s->out_from = s->out_to = 0;
    if (s->once || s->listening < 0)
        loop_stop(s->loop);
    else if (!s->listen_polled)
        s->listen_polled = loop_add(s->loop, s->listening, POLLIN, on_listening, s) == 0;
}

/* ---- sending --------------------------------------------------------------------------------------- */

static void watch(struct server *s)
{
    const size_t waiting = s->out_to - s->out_from;
    const short events = (short)((waiting < OUT_HIGH ? POLLIN : 0) | (waiting > 0 ? POLLOUT : 0));

    if (s->client < 0 || events == s->events)
        return;
    s->events = events;
    loop_change(s->loop, s->client, events);
}

static void flush(struct server *s)
{
    while (s->client >= 0 && s->out_from < s->out_to) {
        const ssize_t n = send(s->client, s->out + s->out_from, s->out_to - s->out_from, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            end_client(s, NULL); /* it has gone while there was something to say */
            return;
        }
        if (n <= 0) {
            if (!s->stall.armed)
                loop_timer_set(s->loop, &s->stall, loop_now() + STALL_NS);
            break;
        }
        s->out_from += (size_t)n;
        if (s->stall.armed)
            loop_timer_set(s->loop, &s->stall, LOOP_NEVER);
    }
    if (s->out_from == s->out_to)
        s->out_from = s->out_to = 0;
    watch(s);
}

static void on_stall(void *ctx)
{
    end_client(ctx, "it has taken nothing for 30 seconds");
}

/* Room for a message at the end of what waits, NULL: there is none. */
static uint8_t *out_room(struct server *s, size_t size)
{
    if (OUT_ROOM - s->out_to < size && s->out_from > 0) {
        memmove(s->out, s->out + s->out_from, s->out_to - s->out_from);
        s->out_to -= s->out_from;
        s->out_from = 0;
    }
    return OUT_ROOM - s->out_to < size ? NULL : s->out + s->out_to;
}

/* ---- requests of ours ---------------------------------------------------------------------------- */

static void request(struct server *s, struct vu_header header, uint64_t addr, uint64_t count, const void *data,
                    size_t len)
{
    const struct vu_dma_access access = {.iova = addr, .count = count};
    uint8_t *const to = s->client >= 0 ? out_room(s, header.size) : NULL;

    if (to == NULL) { /* a piece of work is bounded: the client has not read for many of them */
        if (s->client >= 0)
            shutdown(s->client, SHUT_RDWR); /* in the middle of the device's work: the loop ends it */
        return;
    }
    memcpy(to, &header, sizeof header);
    memcpy(to + sizeof header, &access, sizeof access);
    memcpy(to + sizeof header + sizeof access, data, len);
    s->out_to += header.size;
}

static void ask_read(void *ctx, uint16_t id, uint64_t addr, uint32_t len)
{
    struct server *const s = ctx;

    s->stats.dma_reads++;
    request(s, vu_request(id, VU_DMA_READ, sizeof(struct vu_dma_access)), addr, len, "", 0);
}

static void ask_write(void *ctx, uint16_t id, uint64_t addr, const void *from, uint32_t len, bool acknowledge)
{
    struct server *const s = ctx;
    struct vu_header header = vu_request(id, VU_DMA_WRITE, sizeof(struct vu_dma_access) + len);

    if (!acknowledge)
        header.flags |= VU_NO_REPLY;
    s->stats.dma_writes++;
    request(s, header, addr, len, from, len);
}

/* What the device has asked for while the loop was about to sleep. */
static bool on_idle(void *ctx)
{
    struct server *const s = ctx;

    if (dma_lost())
        end_client(s, "its memory became smaller than what it had mapped");
    if (s->client >= 0 && s->out_from < s->out_to && (s->events & POLLOUT) == 0)
        flush(s);
    return false;
}

/* ---- messages ------------------------------------------------------------------------------------ */

static void reply_came(struct server *s, const struct vu_header *header, const uint8_t *body, size_t len)
{
    const bool failed = (header->flags & VU_ERROR) != 0;
    const size_t fixed = header->command == VU_DMA_READ ? sizeof(struct vu_dma_access) : 0;

    if (header->command == VU_DMA_READ || header->command == VU_DMA_WRITE)
        device_dma_reply(s->device, header->id, failed || len < fixed, body + fixed, len < fixed ? 0 : len - fixed);
}

/* False: the connection is over. */
static bool answer(struct server *s, const struct vu_header *header, const uint8_t *body, size_t len)
{
    uint8_t *const to = out_room(s, VU_MESSAGE_MAX);
    struct vu_header reply;
    size_t used = 0;
    int error;

    if (to == NULL) {
        end_client(s, "it does not read its replies");
        return false;
    }
    s->stats.requests++;
    error = message_handle(&s->session, header, body, len, s->fd, s->fds, to + sizeof reply, &used);
    close_fds(s);
    if (error != 0)
        s->stats.errors++;
    if ((header->flags & VU_NO_REPLY) != 0)
        return true;
    reply = error != 0 ? vu_error_reply(header, error) : vu_reply(header, used);
    memcpy(to, &reply, sizeof reply);
    s->out_to += reply.size;
    return true;
}

/* Everything that is there whole. */
static void work(struct server *s)
{
    struct vu_header header;

    while (s->client >= 0 && s->in_to - s->in_from >= sizeof header && s->out_to - s->out_from < OUT_HIGH) {
        const uint8_t *const at = s->in + s->in_from;
        const bool fds_here = s->fds > 0 && s->fd_at == s->in_from;
        const unsigned others = fds_here ? 0 : s->fds;

        memcpy(&header, at, sizeof header);
        if (!vu_header_sound(&header)) {
            end_client(s, "a message has no sound header");
            return;
        }
        if (s->in_to - s->in_from < header.size)
            break;
        if (others > 0) /* they are a later message's */
            s->fds = 0;
        if (vu_is_reply(&header)) {
            close_fds(s);
            reply_came(s, &header, at + sizeof header, header.size - sizeof header);
        } else if (!answer(s, &header, at + sizeof header, header.size - sizeof header)) {
            return;
        }
        if (others > 0)
            s->fds = others;
        s->in_from += header.size;
    }
    if (s->in_from == s->in_to)
        s->in_from = s->in_to = 0;
}

/* ---- receiving ----------------------------------------------------------------------------------- */

/* Where the last message begins of those in the buffer; in_to: the last one is whole. */
static size_t last_start(const struct server *s)
{
    size_t at = s->in_from, last = s->in_from;
    struct vu_header header;

    while (at < s->in_to) {
        last = at;
        if (s->in_to - at < sizeof header)
            break;
        memcpy(&header, s->in + at, sizeof header);
        if (!vu_header_sound(&header))
            break;
        at += header.size;
    }
    return last;
}

/* How much to take: no further than the end of a message whose descriptors wait for it. */
static size_t wanted(const struct server *s)
{
    const size_t have = s->in_to - s->in_from;
    struct vu_header header;

    if (s->fds == 0)
        return IN_ROOM - s->in_to;
    if (have < sizeof header)
        return sizeof header - have;
    memcpy(&header, s->in + s->in_from, sizeof header);
    return header.size - have; /* it is sound, and not all there: work() would have taken it */
}

/* Descriptors out of the control message; more than there is room for have been closed by the kernel. */
static bool take_fds(struct server *s, struct msghdr *message, size_t from)
{
    bool sound = (message->msg_flags & MSG_CTRUNC) == 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (s->fds < VU_FDS_MAX)
                s->fd[s->fds++] = fd;
            else {
                close(fd);
                sound = false;
            }
        }
    }
    if (s->fds == 0)
        return sound;
    s->fd_at = last_start(s);
    return sound && s->fd_at >= from;
}

/* True: there may be more. */
static bool receive(struct server *s)
{
    union { /* aligned as a control message has to be */
        struct cmsghdr header;
        char bytes[CMSG_SPACE(VU_FDS_MAX * sizeof(int))];
    } control;
    const bool waiting = s->fds > 0; /* only the rest of their message is asked for */
    struct iovec iov;
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n;
    const size_t from = s->in_to;

    iov = (struct iovec){s->in + s->in_to, wanted(s)};
    n = recvmsg(s->client, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return errno == EINTR;
    if (n <= 0) {
        end_client(s, NULL);
        return false;
    }
    s->in_to += (size_t)n;
    if (waiting && message.msg_controllen > 0) {
        take_fds(s, &message, from); /* to be closed with the others */
        end_client(s, "descriptors came in the middle of a message");
        return false;
    }
    if (!waiting && !take_fds(s, &message, from)) {
        end_client(s, "descriptors came too many, or in the middle of a message");
        return false;
    }
    return true;
}

static void on_client(void *ctx, int fd, short revents)
{
    struct server *const s = ctx;

    (void)fd;
    if ((revents & POLLOUT) != 0) {
        flush(s);
        work(s); /* what has waited for room */
        flush(s);
    }
    for (unsigned round = 0; round < ROUNDS && s->client >= 0; round++) {
        if (s->out_to - s->out_from >= OUT_HIGH)
            break;
        if (s->in_from > 0) {
            memmove(s->in, s->in + s->in_from, s->in_to - s->in_from);
            s->in_to -= s->in_from;
            s->fd_at -= s->fds > 0 ? s->in_from : 0;
            s->in_from = 0;
        }
        if (!receive(s))
            break;
        work(s);
        flush(s);
        if (s->in_to == 0) /* all worked on: the loop says when there is more */
            break;
    }
}

/* ---- clients ------------------------------------------------------------------------------------- */

static int begin_client(struct server *s, int fd)
{
    const struct transfer_wire wire = {.ctx = s, .read = ask_read, .write = ask_write};
    const int error = loop_add(s->loop, fd, POLLIN, on_client, s);

    if (error != 0)
        return error;
    s->client = fd;
    s->events = POLLIN;
    s->stats.clients++;
    s->stats.connected = true;
    device_connect(s->device, &wire);
    s->session = (struct session){.device = s->device};
    return 0;
}

static void on_listening(void *ctx, int fd, short revents)
{
    struct server *const s = ctx;
    int client;

    (void)revents;
    client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0)
        return;               /* it has gone again */
    loop_remove(s->loop, fd); /* others wait until this one has gone */
    s->listen_polled = false;
    if (begin_client(s, client) != 0) {
        close(client);
        s->listen_polled = loop_add(s->loop, fd, POLLIN, on_listening, s) == 0;
    }
}

struct server *server_new(struct loop *loop, struct device *device)
{
    struct server *const s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->loop = loop;
    s->device = device;
    s->listening = s->client = -1;
    s->in = malloc(IN_ROOM);
    s->out = malloc(OUT_ROOM);
    s->stall = (struct loop_timer){.fn = on_stall, .ctx = s};
    if (s->in == NULL || s->out == NULL || loop_add_idle(loop, on_idle, s) != 0) {
        free(s->in);
        free(s->out);
        free(s);
        return NULL;
    }
    return s;
}

int server_serve(struct server *s, int fd, bool once)
{
    int accepting = 0, error;
    socklen_t len = sizeof accepting;

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &len) != 0)
        return -errno;
    s->once = once;
    if (!accepting)
        return begin_client(s, fd);
    error = loop_add(s->loop, fd, POLLIN, on_listening, s);
    if (error == 0) {
        s->listening = fd;
        s->listen_polled = true;
    }
    return error;
}

void server_free(struct server *s)
{
    if (s == NULL)
        return;
    s->once = true;
    end_client(s, NULL);
    if (s->listen_polled)
        loop_remove(s->loop, s->listening);
    if (s->listening >= 0)
        close(s->listening);
    free(s->in);
    free(s->out);
    free(s);
}

const struct server_stats *server_stats(const struct server *s)
{
    return &s->stats;
}
