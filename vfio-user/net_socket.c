/*
 * net_socket.c - frames through sockets, as QEMU's "dgram" and "stream" networks send them
 *
 * dgram: one datagram a frame. stream: four bytes of length, high byte first, then the frame.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "frames.h"
#include "listen.h"
#include "net_backend.h"

#define BURST 64 /* frames in before others get their turn */
#define IOVS 64
#define RETRY_NS UINT64_C(200000)
#define RECONNECT_NS UINT64_C(1000000000)
#define PREFIX 4
#define BUFFER (4 * (NET_PACKET_MAX + PREFIX))
#define SOCKET_BYTES (1024 * 1024)

/* ---- what both have ----------------------------------------------------------------------------- */

static bool take_path(const struct net_args *args, const char *name, struct sockaddr_un *to, char *why, size_t size)
{
    const char *const value = net_arg(args, name);

    to->sun_family = AF_UNIX;
    if (value == NULL || value[0] == '\0')
        net_refuse(args, why, size, "%s= is missing: the path of a socket", name);
    else if (strlen(value) >= sizeof to->sun_path)
        net_refuse(args, why, size, "%s=%s is longer than the %zu characters of a socket's path; choose a shorter one",
                   name, value, sizeof to->sun_path - 1);
    else
        return strcpy(to->sun_path, value) != NULL;
    return false;
}

/* Of QEMU's kinds of addresses there is the one. */
static bool check_type(const struct net_args *args, const char *name, char *why, size_t size)
{
    const char *const value = net_arg(args, name);

    if (value == NULL || strcmp(value, "unix") == 0)
        return true;
    net_refuse(args, why, size, "%s=%s: only unix sockets; give paths", name, value);
    return false;
}

/* An open socket of the right type, or -1. */
static int take_fd(const struct net_args *args, int type, char *why, size_t size)
{
    uint64_t number;
    int found = 0;
    socklen_t len = sizeof found;

    if (!net_arg_number(args, "fd", 0, 1 << 20, &number, why, size))
        return -1;
    if (getsockopt((int)number, SOL_SOCKET, SO_TYPE, &found, &len) != 0 || found != type ||
        fcntl((int)number, F_SETFL, O_NONBLOCK) != 0 || fcntl((int)number, F_SETFD, FD_CLOEXEC) != 0) {
        net_refuse(args, why, size, "fd=%u is not an open %s socket", (unsigned)number,
                   type == SOCK_DGRAM ? "datagram" : "stream");
        return -1;
    }
    return (int)number;
}

/* More than the system's default: a burst of the device should fit. Less does no harm. */
static void widen(int fd)
{
    const int bytes = SOCKET_BYTES;

    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/* ---- dgram -------------------------------------------------------------------------------------- */

struct dgram {
    struct net net;
    struct loop *loop;
    struct sockaddr_un local, remote; /* remote without a path: connected already */
    int fd;
    bool bound, stopped, told;
    struct loop_timer retry;
    struct frames waiting; /* for room at the other end */
    uint8_t frame[NET_PACKET_MAX];
};

static void dgram_readable(void *ctx, int fd, short revents)
{
    struct dgram *const dgram = ctx;

    (void)revents;
    for (int i = 0; i < BURST; i++) {
        ssize_t len;

        if (!net_ready(&dgram->net)) {
            dgram->stopped = true;
            loop_change(dgram->loop, fd, 0);
            return;
        }
        len = recv(fd, dgram->frame, sizeof dgram->frame, MSG_DONTWAIT | MSG_TRUNC);
        if (len < 0)
            return; /* nothing there, or an error of what was sent before */
        if (len == 0 || (size_t)len > sizeof dgram->frame)
            net_dropped_in(&dgram->net, (size_t)len);
        else
            net_deliver_bytes(&dgram->net, dgram->frame, (size_t)len);
    }
}

static void dgram_resume(struct net *net)
{
    struct dgram *const dgram = (struct dgram *)net;

    if (!dgram->stopped)
        return;
    dgram->stopped = false;
    loop_change(dgram->loop, dgram->fd, POLLIN);
}

/* Another end that is not there yet is nothing special; one that we may not write to stays so. */
static void say_refused(struct dgram *dgram, int error)
{
    if (dgram->told || (error != EACCES && error != EPERM))
        return;
    dgram->told = true;
    fprintf(stderr,
            "e1000-vfio-user: --net dgram: %s: %s; frames out are lost. Let user %u write there, or give --user\n",
            dgram->remote.sun_path, strerror(error), (unsigned)geteuid());
}

/* 0, or an errno. */
static int dgram_write(struct dgram *dgram, const struct iovec *iov, unsigned iovcnt)
{
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = iovcnt};
    int error;

    if (dgram->remote.sun_path[0] != '\0') {
        message.msg_name = &dgram->remote;
        message.msg_namelen = sizeof dgram->remote;
    }
    if (sendmsg(dgram->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return 0;
    error = errno;
    say_refused(dgram, error);
    return error;
}

/* Poll does not say when the other end of a datagram socket has room: a timer tries again. */
static void dgram_retry(void *ctx)
{
    struct dgram *const dgram = ctx;
    uint8_t frame[NET_PACKET_MAX];
    struct iovec iov = {frame, 0};

    while ((iov.iov_len = frames_look(&dgram->waiting, frame)) > 0) {
        const int error = dgram_write(dgram, &iov, 1);

        if (error == EAGAIN || error == ENOBUFS) {
            loop_timer_set(dgram->loop, &dgram->retry, loop_now() + RETRY_NS);
            return;
        }
        frames_take(&dgram->waiting, frame);
        if (error != 0)
            dgram->net.stats.dropped_out.packets++;
    }
}

static bool dgram_send(struct net *net, const struct net_packet *packet)
{
    struct dgram *const dgram = (struct dgram *)net;
    int error = EAGAIN;

    if (dgram->waiting.used == 0)
        error = dgram_write(dgram, packet->iov, packet->iovcnt);
    if (error != EAGAIN && error != ENOBUFS)
        return error == 0;
    if (dgram->waiting.used == 0)
        loop_timer_set(dgram->loop, &dgram->retry, loop_now() + RETRY_NS);
    return frames_put(&dgram->waiting, packet->iov, packet->iovcnt, packet->len);
}

static void dgram_close(struct net *net)
{
    struct dgram *const dgram = (struct dgram *)net;

    loop_timer_set(dgram->loop, &dgram->retry, LOOP_NEVER);
    if (dgram->fd >= 0) {
        loop_remove(dgram->loop, dgram->fd);
        close(dgram->fd);
    }
    if (dgram->bound && !dgram->net.leave_socket)
        unlink(dgram->local.sun_path);
    free(dgram);
}

/* A path that nobody receives at any more is taken over. */
static bool dgram_bind(struct dgram *dgram, const struct net_args *args, char *why, size_t size)
{
    const struct sockaddr *const address = (const struct sockaddr *)&dgram->local;
    int status;

    dgram->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (dgram->fd < 0) {
        net_refuse(args, why, size, "%s", strerror(errno));
        return false;
    }
    status = bind(dgram->fd, address, sizeof dgram->local);
    if (status != 0 && errno == EADDRINUSE) {
        const int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const bool stale = probe >= 0 && connect(probe, address, sizeof dgram->local) != 0 && errno == ECONNREFUSED;

        if (probe >= 0)
            close(probe);
        if (!stale) {
            net_refuse(args, why, size, "local.path=%s: in use by another process; choose another path",
                       dgram->local.sun_path);
            return false;
        }
        unlink(dgram->local.sun_path);
        status = bind(dgram->fd, address, sizeof dgram->local);
    }
    if (status != 0)
        net_refuse(args, why, size, "local.path=%s: %s", dgram->local.sun_path, strerror(errno));
    dgram->bound = status == 0;
    return dgram->bound;
}

static struct net *dgram_open(const struct net_args *args, struct loop *loop, char *why, size_t size)
{
    struct dgram *const dgram = calloc(1, sizeof *dgram);

    if (dgram == NULL)
        return net_refuse(args, why, size, "%s", strerror(ENOMEM));
    dgram->loop = loop;
    dgram->fd = -1;
    dgram->retry = (struct loop_timer){.fn = dgram_retry, .ctx = dgram};
    if (!check_type(args, "local.type", why, size) || !check_type(args, "remote.type", why, size))
        goto refused;
    if (net_arg(args, "fd") != NULL) {
        dgram->fd = take_fd(args, SOCK_DGRAM, why, size);
        if (dgram->fd < 0)
            goto refused;
    } else if (!take_path(args, "local.path", &dgram->local, why, size) ||
               !take_path(args, "remote.path", &dgram->remote, why, size) || !dgram_bind(dgram, args, why, size)) {
        goto refused;
    }
    widen(dgram->fd);
    if (loop_add(loop, dgram->fd, POLLIN, dgram_readable, dgram) == 0)
        return &dgram->net;
    net_refuse(args, why, size, "%s", strerror(ENOMEM));
refused:
    dgram_close(&dgram->net);
    return NULL;
}

static void dgram_describe(const struct net *net, char *to, size_t size)
{
    const struct dgram *const dgram = (const struct dgram *)net;

    if (dgram->bound)
        snprintf(to, size, "dgram: %s to %s", dgram->local.sun_path, dgram->remote.sun_path);
    else
        snprintf(to, size, "dgram: descriptor %d", dgram->fd);
}

static const char *dgram_socket(const struct net_args *args)
{
    return net_arg(args, "fd") == NULL ? net_arg(args, "local.path") : NULL;
}

static const struct net_option dgram_options[] = {
    {"local.path", "PATH", "our end; made, and removed in the end"},
    {"remote.path", "PATH", "the other end; may come and go"},
    {"fd", "N", "instead: an open datagram socket that is connected"},
    {"local.type", "unix", "as QEMU wants it said"},
    {"remote.type", "unix", "as QEMU wants it said"},
    {0},
};

const struct net_backend net_dgram = {
    .name = "dgram",
    .text = "unix datagrams, one a frame: QEMU's -netdev dgram, or another of this program",
    .options = dgram_options,
    .open = dgram_open,
    .send = dgram_send,
    .resume = dgram_resume,
    .describe = dgram_describe,
    .close = dgram_close,
    .socket = dgram_socket,
};

/* ---- stream ------------------------------------------------------------------------------------- */

struct stream {
    struct net net;
    struct loop *loop;
    struct sockaddr_un path;
    int listener, fd; /* -1: none, not connected */
    bool connecting, stopped;
    struct loop_timer reconnect;
    size_t in_used, in_at; /* received, and of those done */
    uint8_t in[BUFFER];
    size_t out_at, out_used; /* what the socket did not take yet */
    uint8_t out[FRAMES_BYTES];
};

static void stream_events(struct stream *stream)
{
    const bool writes = stream->connecting || stream->out_used > 0;

    loop_change(stream->loop, stream->fd, (short)((stream->stopped ? 0 : POLLIN) | (writes ? POLLOUT : 0)));
}

static void stream_lost(struct stream *stream)
{
    if (stream->fd >= 0) {
        loop_remove(stream->loop, stream->fd);
        close(stream->fd);
    }
    stream->fd = -1;
    stream->connecting = stream->stopped = false;
    stream->in_used = stream->in_at = stream->out_used = stream->out_at = 0;
    if (stream->listener >= 0)
        loop_change(stream->loop, stream->listener, POLLIN);
    else if (stream->path.sun_path[0] != '\0')
        loop_timer_set(stream->loop, &stream->reconnect, loop_now() + RECONNECT_NS);
}

/* Whole frames of what has been received. False: what follows is no frame. */
static bool stream_frames(struct stream *stream)
{
    while (stream->in_used - stream->in_at >= PREFIX) {
        const uint8_t *const at = stream->in + stream->in_at;
        const size_t len = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];

        if (len == 0 || len > NET_PACKET_MAX)
            return false;
        if (stream->in_used - stream->in_at - PREFIX < len)
            break;
        if (!net_ready(&stream->net)) {
            stream->stopped = true;
            break;
        }
        stream->in_at += PREFIX + len;
        net_deliver_bytes(&stream->net, at + PREFIX, len);
    }
    memmove(stream->in, stream->in + stream->in_at, stream->in_used - stream->in_at);
    stream->in_used -= stream->in_at;
    stream->in_at = 0;
    return true;
}

static void stream_flush(struct stream *stream)
{
    while (stream->out_used > 0) {
        const ssize_t len =
            send(stream->fd, stream->out + stream->out_at, stream->out_used, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (len < 0)
            return;
        stream->out_at += (size_t)len;
        stream->out_used -= (size_t)len;
    }
    stream->out_at = 0;
}

static void stream_ready(void *ctx, int fd, short revents)
{
    struct stream *const stream = ctx;
    ssize_t len;

    if (stream->connecting && (revents & (POLLOUT | POLLERR | POLLHUP))) {
        int error = 0;
        socklen_t size = sizeof error;

        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
            stream_lost(stream);
            return;
        }
        stream->connecting = false;
    }
    if (revents & POLLOUT)
        stream_flush(stream);
    if ((revents & (POLLIN | POLLHUP | POLLERR)) && !stream->stopped) {
        len = recv(fd, stream->in + stream->in_used, sizeof stream->in - stream->in_used, MSG_DONTWAIT);
        if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR)) {
            stream_lost(stream);
            return;
        }
        stream->in_used += len > 0 ? (size_t)len : 0;
        if (!stream_frames(stream)) {
            stream_lost(stream);
            return;
        }
    } else if (stream->stopped && (revents & POLLHUP)) {
        stream_lost(stream); /* or the loop would not sleep any more */
        return;
    }
    stream_events(stream);
}

static void stream_connected(struct stream *stream, int fd)
{
    widen(fd);
    stream->fd = fd;
    if (loop_add(stream->loop, fd, POLLIN | (stream->connecting ? POLLOUT : 0), stream_ready, stream) != 0)
        stream_lost(stream);
    else if (stream->listener >= 0)
        loop_change(stream->loop, stream->listener, 0); /* others wait until this one has gone */
}

static void stream_connect(void *ctx)
{
    struct stream *const stream = ctx;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int status = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)&stream->path, sizeof stream->path);

    if (status == 0) {
        stream_connected(stream, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
    loop_timer_set(stream->loop, &stream->reconnect, loop_now() + RECONNECT_NS);
}

static void stream_accept(void *ctx, int listener, short revents)
{
    const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)revents;
    if (fd >= 0)
        stream_connected(ctx, fd);
}

static void stream_resume(struct net *net)
{
    struct stream *const stream = (struct stream *)net;

    if (!stream->stopped)
        return;
    stream->stopped = false;
    if (stream_frames(stream))
        stream_events(stream);
    else
        stream_lost(stream);
}

static void stream_keep(struct stream *stream, const struct iovec *iov, unsigned iovcnt, size_t skip)
{
    if (stream->out_at + stream->out_used + NET_PACKET_MAX + PREFIX > sizeof stream->out) {
        memmove(stream->out, stream->out + stream->out_at, stream->out_used);
        stream->out_at = 0;
    }
    for (unsigned i = 0; i < iovcnt; i++) {
        const size_t gone = skip < iov[i].iov_len ? skip : iov[i].iov_len;

        skip -= gone;
        memcpy(stream->out + stream->out_at + stream->out_used, (const uint8_t *)iov[i].iov_base + gone,
               iov[i].iov_len - gone);
        stream->out_used += iov[i].iov_len - gone;
    }
}

/* A frame leaves whole or not at all: what the socket takes of it in part is kept to the end. */
static bool stream_send(struct net *net, const struct net_packet *packet)
{
    struct stream *const stream = (struct stream *)net;
    const uint32_t prefix = htonl((uint32_t)packet->len);
    struct iovec iov[IOVS] = {{(void *)(uintptr_t)&prefix, PREFIX}};
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = packet->iovcnt + 1};
    ssize_t sent = 0;

    if (stream->fd < 0 || packet->len > NET_PACKET_MAX)
        return false;
    if (packet->iovcnt >= IOVS) {
        iov[1] = (struct iovec){(void *)(uintptr_t)net_flat(packet, net->frame), packet->len};
        message.msg_iovlen = 2;
    } else {
        memcpy(iov + 1, packet->iov, packet->iovcnt * sizeof *iov);
    }
    if (stream->out_used + packet->len + PREFIX > sizeof stream->out)
        return false;
    if (stream->out_used == 0 && !stream->connecting) {
        sent = sendmsg(stream->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false; /* the loop will find it closed */
    }
    if (sent < 0)
        sent = 0;
    if ((size_t)sent < packet->len + PREFIX) {
        stream_keep(stream, iov, (unsigned)message.msg_iovlen, (size_t)sent);
        stream_events(stream);
    }
    return true;
}

static void stream_close(struct net *net)
{
    struct stream *const stream = (struct stream *)net;

    loop_timer_set(stream->loop, &stream->reconnect, LOOP_NEVER);
    if (stream->fd >= 0) {
        loop_remove(stream->loop, stream->fd);
        close(stream->fd);
    }
    if (stream->listener >= 0) {
        loop_remove(stream->loop, stream->listener);
        close(stream->listener);
        if (!stream->net.leave_socket)
            unlink(stream->path.sun_path);
    }
    free(stream);
}

/* The path has either name. */
static const char *path_option(const struct net_args *args)
{
    return net_arg(args, "addr.path") != NULL ? "addr.path" : "path";
}

static bool stream_path(const struct net_args *args, struct stream *stream, char *why, size_t size)
{
    return take_path(args, path_option(args), &stream->path, why, size);
}

static bool stream_start(const struct net_args *args, struct stream *stream, char *why, size_t size)
{
    bool server;

    if (!check_type(args, "addr.type", why, size) || !net_arg_flag(args, "server", false, &server, why, size))
        return false;
    if (net_arg(args, "fd") != NULL) {
        const int fd = take_fd(args, SOCK_STREAM, why, size);

        if (fd >= 0)
            stream_connected(stream, fd);
        return fd >= 0;
    }
    if (!stream_path(args, stream, why, size))
        return false;
    if (server) {
        stream->listener = listen_at("net stream,path", stream->path.sun_path, why, size);
        return stream->listener >= 0 && loop_add(stream->loop, stream->listener, POLLIN, stream_accept, stream) == 0;
    }
    stream_connect(stream);
    return true;
}

static struct net *stream_open(const struct net_args *args, struct loop *loop, char *why, size_t size)
{
    struct stream *const stream = calloc(1, sizeof *stream);

    if (stream == NULL)
        return net_refuse(args, why, size, "%s", strerror(ENOMEM));
    stream->loop = loop;
    stream->listener = stream->fd = -1;
    stream->reconnect = (struct loop_timer){.fn = stream_connect, .ctx = stream};
    if (!stream_start(args, stream, why, size)) {
        stream_close(&stream->net);
        return NULL;
    }
    stream->net.needs = NET_NEEDS_UNIX;
    return &stream->net;
}

static void stream_describe(const struct net *net, char *to, size_t size)
{
    const struct stream *const stream = (const struct stream *)net;

    snprintf(to, size, "stream: %s, %s", stream->path.sun_path[0] != '\0' ? stream->path.sun_path : "descriptor",
             stream->fd >= 0 ? "connected" : "not connected");
}

static const char *stream_socket(const struct net_args *args)
{
    char why[256]; /* open() says it */
    bool server;

    if (net_arg(args, "fd") != NULL || !net_arg_flag(args, "server", false, &server, why, sizeof why) || !server)
        return NULL;
    return net_arg(args, path_option(args));
}

static const struct net_option stream_options[] = {
    {"path", "PATH", "the socket; also written addr.path"},
    {"server", "on|off", "on: listen there; off: connect, again and again (off)"},
    {"fd", "N", "instead: an open stream socket"},
    {"addr.path", "PATH", "as QEMU wants it said"},
    {"addr.type", "unix", "as QEMU wants it said"},
    {0},
};

const struct net_backend net_stream = {
    .name = "stream",
    .text = "a unix stream: QEMU's -netdev stream",
    .options = stream_options,
    .open = stream_open,
    .send = stream_send,
    .resume = stream_resume,
    .describe = stream_describe,
    .close = stream_close,
    .socket = stream_socket,
};
