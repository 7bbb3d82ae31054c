/*
 * net_tap.c - a network interface of the host: what leaves the device arrives there, and the other way round
 *
 * In front of each packet is a virtio_net_hdr, which lets both sides leave checksums and the cutting of TCP
 * to the other: out, the host's stack takes up to 64 KiB at once; in, we cut what it would have to cut.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "net_backend.h"
#include "segment.h"

#define DEVICE "/dev/net/tun"
#define BURST 64 /* packets in before others get their turn */
#define IOVS 64
#define SEND_BYTES (4 * 1024 * 1024)

struct tap {
    struct net net;
    struct loop *loop;
    int fd;
    bool header, stopped, cutting;
    char name[IFNAMSIZ];
    struct segmenter segmenter; /* of the packet in bytes, while cutting */
    struct iovec iov;
    uint8_t bytes[sizeof(struct virtio_net_hdr) + NET_PACKET_MAX];
    uint8_t piece[NET_PACKET_MAX];
};

/* ---- in ----------------------------------------------------------------------------------------- */

/* The packet that has been read, frame after frame, as long as the device has room. False: some are left. */
static bool deliver(struct tap *tap)
{
    struct net_packet frame;

    while (tap->cutting) {
        if (!net_ready(&tap->net))
            return false;
        tap->cutting = segment_next(&tap->segmenter, &frame);
        if (tap->cutting)
            net_deliver(&tap->net, &frame);
    }
    return true;
}

static void take_packet(struct tap *tap, size_t len)
{
    struct virtio_net_hdr header = {0};
    const size_t skip = tap->header ? sizeof header : 0;
    struct net_packet packet = {.iov = &tap->iov, .iovcnt = 1};

    if (len <= skip)
        return;
    memcpy(&header, tap->bytes, skip);
    packet.len = len - skip;
    tap->iov = (struct iovec){tap->bytes + skip, packet.len};
    packet.gso_type = header.gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
    packet.gso_size = header.gso_size;
    packet.header_len = header.hdr_len;
    packet.needs_csum = header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    packet.csum_valid = header.flags & VIRTIO_NET_HDR_F_DATA_VALID;
    packet.csum_start = header.csum_start;
    packet.csum_offset = header.csum_offset;
    if (packet.gso_type != NET_GSO_NONE && packet.csum_start + 13u < packet.len) /* hdr_len is a hint only */
        packet.header_len = (uint16_t)(packet.csum_start + (tap->bytes[skip + packet.csum_start + 12] >> 4) * 4);
    tap->cutting = segment_start(&tap->segmenter, &packet, tap->piece);
    if (!tap->cutting)
        net_dropped_in(&tap->net, packet.len);
}

static void tap_readable(void *ctx, int fd, short revents)
{
    struct tap *const tap = ctx;

    (void)revents;
    for (int i = 0; i < BURST; i++) {
        ssize_t len;

        if (!deliver(tap) || !net_ready(&tap->net)) {
            tap->stopped = true;
            loop_change(tap->loop, fd, 0);
            return;
        }
        len = read(fd, tap->bytes, sizeof tap->bytes);
        if (len < 0 && errno != EAGAIN && errno != EINTR && errno != EIO) /* EIO: the interface is down */
            loop_remove(tap->loop, fd);                                   /* and EBADFD: it is gone */
        if (len <= 0)
            return;
        take_packet(tap, (size_t)len);
    }
    deliver(tap);
}

static void tap_resume(struct net *net)
{
    struct tap *const tap = (struct tap *)net;

    if (!tap->stopped || !deliver(tap))
        return;
    tap->stopped = false;
    loop_change(tap->loop, tap->fd, POLLIN);
}

/* ---- out ---------------------------------------------------------------------------------------- */

static bool write_packet(struct tap *tap, const struct virtio_net_hdr *header, const struct iovec *parts,
                         unsigned count)
{
    struct iovec iov[IOVS] = {{(void *)(uintptr_t)header, sizeof *header}};
    const unsigned first = tap->header ? 1 : 0;

    memcpy(iov + first, parts, count * sizeof *parts);
    return writev(tap->fd, iov, (int)(count + first)) >= 0;
}

/* Behind the first skip bytes; 0: more parts than there is room for. */
static unsigned parts_behind(const struct net_packet *packet, size_t skip, struct iovec *to)
{
    unsigned count = 0;

    for (unsigned i = 0; i < packet->iovcnt; i++) {
        const size_t gone = skip < packet->iov[i].iov_len ? skip : packet->iov[i].iov_len;

        skip -= gone;
        if (gone == packet->iov[i].iov_len)
            continue;
        if (count == IOVS - 2)
            return 0;
        to[count++] = (struct iovec){(uint8_t *)packet->iov[i].iov_base + gone, packet->iov[i].iov_len - gone};
    }
    return count;
}

struct each {
    struct tap *tap;
    bool good;
};

static void write_finished(void *ctx, const struct net_packet *frame)
{
    static const struct virtio_net_hdr nothing;
    struct each *const each = ctx;

    each->good &= write_packet(each->tap, &nothing, frame->iov, 1);
}

static bool send_large(struct tap *tap, const struct net_packet *packet, struct iovec *parts)
{
    const size_t len = segment_headers(packet, tap->net.frame);
    const unsigned count = len == 0 ? 0 : parts_behind(packet, len, parts + 1);
    const struct virtio_net_hdr header = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = packet->gso_type,
        .hdr_len = packet->header_len,
        .gso_size = packet->gso_size,
        .csum_start = packet->csum_start,
        .csum_offset = 16, /* TCP's */
    };

    parts[0] = (struct iovec){tap->net.frame, len};
    return count > 0 && write_packet(tap, &header, parts, count + 1);
}

static bool tap_send(struct net *net, const struct net_packet *packet)
{
    struct tap *const tap = (struct tap *)net;
    struct virtio_net_hdr header = {0};
    struct iovec parts[IOVS];
    struct each each = {tap, true};
    unsigned count;

    if (packet->gso_type != NET_GSO_NONE && tap->header && send_large(tap, packet, parts))
        return true;
    count =
        packet->gso_type != NET_GSO_NONE || (packet->needs_csum && !tap->header) ? 0 : parts_behind(packet, 0, parts);
    if (count == 0) /* too long, or in too many parts, for the host to take as it is */
        return segment_packet(packet, net->frame, write_finished, &each) > 0 && each.good;
    if (packet->needs_csum) {
        header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        header.csum_start = packet->csum_start;
        header.csum_offset = packet->csum_offset;
    }
    return write_packet(tap, &header, parts, count);
}

/* ---- open, close -------------------------------------------------------------------------------- */

static void tap_close(struct net *net)
{
    struct tap *const tap = (struct tap *)net;

    if (tap->fd >= 0) {
        loop_remove(tap->loop, tap->fd);
        close(tap->fd);
    }
    free(tap);
}

static const char *advice(int error)
{
    switch (error) {
    case EPERM:
    case EACCES:
        return "; make the interface for yourself first: ip tuntap add NAME mode tap user $USER, or run as root";
    case EBUSY:
        return "; another program has it: choose another ifname";
    case EINVAL:
        return "; it is no tap interface: choose another ifname";
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return "; this system has no tap interfaces: modprobe tun";
    default:
        return "";
    }
}

/* The interface and whether its packets have headers are in the descriptor. */
static bool tap_attach(struct tap *tap, const struct net_args *args, bool header, char *why, size_t size)
{
    struct ifreq request = {.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | (header ? IFF_VNET_HDR : 0))};
    const char *const name = net_arg(args, "ifname");

    if (name != NULL && (name[0] == '\0' || strlen(name) >= IFNAMSIZ || strchr(name, '/') != NULL)) {
        net_refuse(args, why, size, "ifname=%s is not a name of at most %d characters", name, IFNAMSIZ - 1);
        return false;
    }
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name == NULL ? "tap%d" : name);
    tap->fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap->fd < 0) {
        net_refuse(args, why, size, "%s: %s%s", DEVICE, strerror(errno), advice(errno));
        return false;
    }
    if (ioctl(tap->fd, TUNSETIFF, &request) == 0)
        return true;
    net_refuse(args, why, size, "ifname=%s: %s%s", name == NULL ? "(any)" : name, strerror(errno), advice(errno));
    return false;
}

static bool tap_take_fd(struct tap *tap, const struct net_args *args, char *why, size_t size)
{
    uint64_t number;

    if (!net_arg_number(args, "fd", 0, 1 << 20, &number, why, size))
        return false;
    tap->fd = (int)number;
    if (fcntl(tap->fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(tap->fd, F_SETFD, FD_CLOEXEC) == 0)
        return true;
    net_refuse(args, why, size, "fd=%d is not open", tap->fd);
    tap->fd = -1;
    return false;
}

/* Without what the kernel does not have we go on: it is only slower. */
static bool tap_start(struct tap *tap, const struct net_args *args, bool large, char *why, size_t size)
{
    struct ifreq request = {0};
    int header_bytes = sizeof(struct virtio_net_hdr), send_bytes = SEND_BYTES;

    if (ioctl(tap->fd, TUNGETIFF, &request) != 0 || (request.ifr_flags & IFF_TAP) == 0) {
        net_refuse(args, why, size, "that is no tap interface; open one with IFF_TAP");
        return false;
    }
    memcpy(tap->name, request.ifr_name, sizeof tap->name);
    tap->header = request.ifr_flags & IFF_VNET_HDR;
    if (tap->header && ioctl(tap->fd, TUNSETVNETHDRSZ, &header_bytes) != 0) {
        net_refuse(args, why, size, "%s: %s; try vnet_hdr=off", tap->name, strerror(errno));
        return false;
    }
    if (tap->header) {
        tap->net.can = NET_CAN_CSUM | NET_CAN_TSO4 | NET_CAN_TSO6;
        if (!large || ioctl(tap->fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) != 0)
            ioctl(tap->fd, TUNSETOFFLOAD, TUN_F_CSUM);
    }
    ioctl(tap->fd, TUNSETSNDBUF, &send_bytes);
    if (loop_add(tap->loop, tap->fd, POLLIN, tap_readable, tap) == 0)
        return true;
    net_refuse(args, why, size, "%s", strerror(ENOMEM));
    return false;
}

static bool no_script(const struct net_args *args, const char *name, char *why, size_t size)
{
    const char *const value = net_arg(args, name);

    if (value == NULL || strcmp(value, "no") == 0)
        return true;
    net_refuse(args, why, size, "%s=%s: no scripts are run; set the interface up before, and give %s=no", name, value,
               name);
    return false;
}

static struct net *tap_open(const struct net_args *args, struct loop *loop, char *why, size_t size)
{
    struct tap *const tap = calloc(1, sizeof *tap);
    bool header, large;

    if (tap == NULL)
        return net_refuse(args, why, size, "%s", strerror(ENOMEM));
    tap->loop = loop;
    tap->fd = -1;
    if (no_script(args, "script", why, size) && no_script(args, "downscript", why, size) &&
        net_arg_flag(args, "vnet_hdr", true, &header, why, size) &&
        net_arg_flag(args, "gso", true, &large, why, size) &&
        (net_arg(args, "fd") != NULL ? tap_take_fd(tap, args, why, size) : tap_attach(tap, args, header, why, size)) &&
        tap_start(tap, args, large, why, size))
        return &tap->net;
    tap_close(&tap->net);
    return NULL;
}

static void tap_describe(const struct net *net, char *to, size_t size)
{
    const struct tap *const tap = (const struct tap *)net;

    snprintf(to, size, "tap: %s%s", tap->name, tap->header ? "" : ", without offloads");
}

static const struct net_option options[] = {
    {"ifname", "NAME", "the interface; made if it is not there and we may (the next free tapN)"},
    {"fd", "N", "instead: an open descriptor of one"},
    {"vnet_hdr", "on|off", "leave checksums and segments to the host, and take over its own (on)"},
    {"gso", "on|off", "take packets of up to 64 KiB from the host and cut them here (on)"},
    {"script", "no", "as QEMU wants it said"},
    {"downscript", "no", "as QEMU wants it said"},
    {0},
};

const struct net_backend net_tap = {
    .name = "tap",
    .text = "a network interface of the host",
    .value = "ifname",
    .options = options,
    .open = tap_open,
    .send = tap_send,
    .resume = tap_resume,
    .describe = tap_describe,
    .close = tap_close,
};
