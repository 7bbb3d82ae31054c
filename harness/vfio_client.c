/*
 * vfio_client.c - the machine's end of vfio-user
 *
 * What we send goes through a buffer: a server that waits for us to read before it reads itself finds
 * us reading.
 */
#define _GNU_SOURCE /* ppoll() */

#include "vfio_client.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)

struct vfio_client {
    int fd;
    uint64_t timeout_ns;
    struct vfio_memory memory;
    uint16_t id;
    uint64_t served;
    char lost[160]; /* empty: the connection is good */

    uint8_t *out; /* to be sent */
    size_t out_len, out_room;

    uint8_t *in; /* one message: header and payload */
    size_t got;
};

uint64_t vfio_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

uint64_t vfio_served(const struct vfio_client *client)
{
    return client->served;
}

const char *vfio_lost(const struct vfio_client *client)
{
    return client->lost[0] != '\0' ? client->lost : NULL;
}

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
lose(struct vfio_client *client, const char *text, ...)
{
    va_list args;

    if (client->lost[0] != '\0')
        return false;
    va_start(args, text);
    vsnprintf(client->lost, sizeof client->lost, text, args);
    va_end(args);
    return false;
}

/* ---- sending ---- */

static void append(struct vfio_client *client, const void *data, size_t len)
{
    if (client->out_len + len > client->out_room) {
        const size_t room = 2 * (client->out_len + len);
        uint8_t *const bigger = realloc(client->out, room);

        if (bigger == NULL) {
            lose(client, "out of memory for %zu bytes to the server", room);
            return;
        }
        client->out = bigger;
        client->out_room = room;
    }
    if (len > 0)
        memcpy(client->out + client->out_len, data, len);
    client->out_len += len;
}

/* As much as goes now. */
static void flush_some(struct vfio_client *client)
{
    size_t done = 0;

    while (done < client->out_len && client->lost[0] == '\0') {
        const ssize_t n = send(client->fd, client->out + done, client->out_len - done, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        else if (n == 0 || errno != EINTR)
            lose(client, "the server cannot be written to: %s", strerror(errno));
    }
    client->out_len -= done;
    memmove(client->out, client->out + done, client->out_len);
}

/* ---- receiving ---- */

static struct vu_header header_of(const struct vfio_client *client)
{
    struct vu_header header;

    memcpy(&header, client->in, sizeof header);
    return header;
}

/* Bytes that the message needs before more is known. */
static size_t wanted(const struct vfio_client *client)
{
    return client->got < sizeof(struct vu_header) ? sizeof(struct vu_header) : header_of(client).size;
}

/* Read what is there of one message; true: it is whole. */
static bool receive_some(struct vfio_client *client)
{
    while (client->lost[0] == '\0') {
        const size_t want = wanted(client);
        ssize_t n;

        if (client->got == want)
            return true;
        n = recv(client->fd, client->in + client->got, want - client->got, MSG_DONTWAIT);
        if (n == 0)
            return lose(client, "the server has closed the connection");
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return false;
        if (n < 0 && errno != EINTR)
            return lose(client, "the server cannot be read from: %s", strerror(errno));
        if (n > 0 && (client->got += (size_t)n) == sizeof(struct vu_header)) {
            const struct vu_header header = header_of(client);

            if (!vu_header_sound(&header))
                return lose(client, "the server sends a message of %" PRIu32 " bytes with flags %" PRIx32, header.size,
                            header.flags);
        }
    }
    return false;
}

/* The server asks for guest memory; the message is whole. */
static void serve(struct vfio_client *client)
{
    const struct vu_header request = header_of(client);
    struct vu_header reply = vu_error_reply(&request, EINVAL);
    uint8_t *const payload = client->in + sizeof request;
    const size_t len = request.size - sizeof request;
    struct vu_dma_access access;
    size_t data = 0;

    client->served++;
    if (request.command != VU_DMA_READ && request.command != VU_DMA_WRITE) {
        reply.error = ENOSYS;
    } else if (len >= sizeof access) {
        const bool write = request.command == VU_DMA_WRITE;

        memcpy(&access, payload, sizeof access);
        if (access.count > VU_DATA_MAX || (write && access.count > len - sizeof access))
            reply.error = E2BIG;
        else if (!(write ? client->memory.write(client->memory.ctx, access.iova, payload + sizeof access, access.count)
                         : client->memory.read(client->memory.ctx, access.iova, payload + sizeof access, access.count)))
            reply.error = ENODEV;
        else
            reply = vu_reply(&request, data = sizeof access + (write ? 0 : access.count));
    }
    if ((request.flags & VU_NO_REPLY) == 0) {
        append(client, &reply, sizeof reply);
        append(client, payload, data);
    }
    client->got = 0;
    flush_some(client);
}

/* Until a reply is there (true), or the time is over, or also is readable. */
static bool turn(struct vfio_client *client, uint64_t until_ns, int also)
{
    while (client->lost[0] == '\0') {
        struct pollfd fds[2] = {{.fd = client->fd, .events = POLLIN}, {.fd = also, .events = POLLIN}};
        const uint64_t now = vfio_now();
        struct timespec pause;

        flush_some(client);
        while (receive_some(client)) {
            const struct vu_header header = header_of(client);

            if (vu_is_reply(&header))
                return true;
            serve(client);
        }
        if (now >= until_ns || client->lost[0] != '\0')
            break;
        if (client->out_len > 0)
            fds[0].events |= POLLOUT;
        pause = (struct timespec){(time_t)((until_ns - now) / SECOND_NS), (long)((until_ns - now) % SECOND_NS)};
        ppoll(fds, 2, &pause, NULL);
        if (fds[1].revents != 0)
            break;
    }
    return false;
}

void vfio_wait(struct vfio_client *client, uint64_t until_ns, int also)
{
    if (turn(client, until_ns, also))
        lose(client, "the server sends a reply that nobody waits for (command %u)", header_of(client).command);
}

/* ---- requests ---- */

static struct vu_header next_request(struct vfio_client *client, enum vu_command command, size_t payload)
{
    return vu_request(client->id++, command, payload);
}

/* The reply's payload, up to room bytes, the rest of *to as it was. False: an error, or lost. */
static bool take_reply(struct vfio_client *client, const struct vu_header *request, void *to, size_t room, size_t *len)
{
    struct vu_header reply;
    size_t n;

    if (!turn(client, vfio_now() + client->timeout_ns, -1))
        return lose(client, "no reply to command %u within %" PRIu64 " ms", request->command,
                    client->timeout_ns / 1000000);
    reply = header_of(client);
    client->got = 0;
    if (reply.id != request->id || reply.command != request->command)
        return lose(client, "the reply to command %u, id %u is one to command %u, id %u", request->command, request->id,
                    reply.command, reply.id);
    n = reply.size - sizeof reply;
    if (n > room)
        return lose(client, "the reply to command %u has %zu bytes, at most %zu are expected", request->command, n,
                    room);
    if (n > 0)
        memcpy(to, client->in + sizeof reply, n);
    if (len != NULL)
        *len = n;
    return (reply.flags & VU_ERROR) == 0;
}

static bool request(struct vfio_client *client, enum vu_command command, void *payload, size_t len)
{
    const struct vu_header header = next_request(client, command, len);

    append(client, &header, sizeof header);
    append(client, payload, len);
    return take_reply(client, &header, payload, len, NULL);
}

/* A descriptor goes with the first byte of its message, so the message goes alone. */
static bool request_with(struct vfio_client *client, enum vu_command command, void *payload, size_t len, int fd)
{
    const struct vu_header header = next_request(client, command, len);
    uint8_t message[128];
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec iov = {message, sizeof header + len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *const cmsg = CMSG_FIRSTHDR(&msg);
    const uint64_t until_ns = vfio_now() + client->timeout_ns;
    ssize_t n = -1;

    cmsg->cmsg_level = SOL_SOCKET;
    cmsg->cmsg_type = SCM_RIGHTS;
    cmsg->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(cmsg), &fd, sizeof fd);
    memcpy(message, &header, sizeof header);
    memcpy(message + sizeof header, payload, len);
    while (n < 0 && client->lost[0] == '\0') {
        if (turn(client, client->out_len > 0 ? until_ns : 0, -1))
            return lose(client, "the server sends a reply that nobody waits for");
        n = client->out_len > 0 ? -1 : sendmsg(client->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (client->out_len == 0 && n < 0 && errno != EAGAIN && errno != EINTR)
            return lose(client, "the server cannot be written to: %s", strerror(errno));
        if (vfio_now() > until_ns)
            return lose(client, "the server does not read");
    }
    if (n >= 0 && (size_t)n < iov.iov_len)
        append(client, message + n, iov.iov_len - (size_t)n);
    return take_reply(client, &header, payload, len, NULL);
}

bool vfio_region(struct vfio_client *client, unsigned index, struct vu_region_info *info)
{
    *info = (struct vu_region_info){.argsz = sizeof *info, .index = index};
    return request(client, VU_GET_REGION_INFO, info, sizeof *info);
}

bool vfio_read(struct vfio_client *client, unsigned region, uint64_t offset, void *to, uint32_t count)
{
    struct {
        struct vu_access access;
        uint8_t data[256];
    } reply = {.access = {offset, region, count}};
    const struct vu_header header = next_request(client, VU_REGION_READ, sizeof reply.access);
    size_t len;

    if (count > sizeof reply.data)
        return false;
    append(client, &header, sizeof header);
    append(client, &reply.access, sizeof reply.access);
    if (!take_reply(client, &header, &reply, sizeof reply.access + count, &len))
        return false;
    if (len != sizeof reply.access + count)
        return lose(client, "the reply to a read of %" PRIu32 " bytes has %zu bytes", count, len);
    memcpy(to, reply.data, count);
    return true;
}

bool vfio_write(struct vfio_client *client, unsigned region, uint64_t offset, const void *from, uint32_t count)
{
    struct {
        struct vu_access access;
        uint8_t data[8];
    } message = {.access = {offset, region, count}};

    if (count > sizeof message.data)
        return false;
    memcpy(message.data, from, count);
    return request(client, VU_REGION_WRITE, &message, sizeof message.access + count);
}

void vfio_post(struct vfio_client *client, unsigned region, uint64_t offset, const void *from, uint32_t count)
{
    const struct vu_access access = {offset, region, count};
    struct vu_header header = next_request(client, VU_REGION_WRITE, sizeof access + count);

    header.flags |= VU_NO_REPLY;
    append(client, &header, sizeof header);
    append(client, &access, sizeof access);
    append(client, from, count);
    flush_some(client);
}

bool vfio_map(struct vfio_client *client, const struct vu_dma_map *map, int fd)
{
    struct vu_dma_map message = *map;

    message.argsz = sizeof message;
    return fd < 0 ? request(client, VU_DMA_MAP, &message, sizeof message)
                  : request_with(client, VU_DMA_MAP, &message, sizeof message, fd);
}

bool vfio_unmap(struct vfio_client *client, uint64_t iova, uint64_t size)
{
    struct vu_dma_unmap message = {.argsz = sizeof message, .iova = iova, .size = size};

    return request(client, VU_DMA_UNMAP, &message, sizeof message);
}

bool vfio_set_irqs(struct vfio_client *client, const struct vu_set_irqs *set, int fd)
{
    struct vu_set_irqs message = *set;

    message.argsz = sizeof message;
    return fd < 0 ? request(client, VU_SET_IRQS, &message, sizeof message)
                  : request_with(client, VU_SET_IRQS, &message, sizeof message, fd);
}

bool vfio_reset(struct vfio_client *client)
{
    return request(client, VU_DEVICE_RESET, NULL, 0);
}

bool vfio_round_trip(struct vfio_client *client)
{
    struct vu_device_info info = {.argsz = sizeof info};

    return request(client, VU_DEVICE_GET_INFO, &info, sizeof info);
}

/* ---- a connection ---- */

static bool negotiate(struct vfio_client *client)
{
    static const char offer[] = "{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":1048576,"
                                "\"migration\":{\"pgsize\":4096}}}";
    uint8_t message[4096];
    struct vu_version version = {.major = 0, .minor = 0};
    const struct vu_header header = next_request(client, VU_VERSION, sizeof version + sizeof offer);
    size_t len;

    append(client, &header, sizeof header);
    append(client, &version, sizeof version);
    append(client, offer, sizeof offer);
    if (!take_reply(client, &header, message, sizeof message, &len))
        return lose(client, "the server refuses version 0.0 of the protocol");
    if (len < sizeof version)
        return lose(client, "the server's answer to VERSION has no version in it");
    memcpy(&version, message, sizeof version);
    if (version.major != 0)
        return lose(client, "the server speaks version %u.%u of the protocol, not 0", version.major, version.minor);
    return true;
}

static bool check_device(struct vfio_client *client)
{
    struct vu_device_info info = {.argsz = sizeof info};

    if (!request(client, VU_DEVICE_GET_INFO, &info, sizeof info))
        return lose(client, "the server does not say what its device is");
    if ((info.flags & VU_DEVICE_PCI) == 0 || info.num_regions <= VU_CONFIG)
        return lose(client, "the server's device is not on PCI");
    return true;
}

struct vfio_client *vfio_open(int fd, const struct vfio_memory *memory, int timeout_ms, char *why, size_t size)
{
    struct vfio_client *const client = calloc(1, sizeof *client);

    if (client == NULL || (client->in = malloc(VU_MESSAGE_MAX)) == NULL) {
        snprintf(why, size, "out of memory");
        free(client);
        close(fd);
        return NULL;
    }
    client->fd = fd;
    client->timeout_ns = (uint64_t)timeout_ms * 1000000;
    client->memory = *memory;
    if (negotiate(client) && check_device(client))
        return client;
    snprintf(why, size, "%s", client->lost);
    vfio_close(client);
    return NULL;
}

void vfio_close(struct vfio_client *client)
{
    close(client->fd);
    free(client->in);
    free(client->out);
    free(client);
}
