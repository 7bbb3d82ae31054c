/*
 * net.h - what is at the other end of the cable
 *
 * A network is opened from a text such as "user,hostfwd=tcp::5555-:22"; `e1000-vfio-user --help` lists the
 * kinds. Frames have no frame check sequence here. Nothing blocks: what a full back end does not take is
 * dropped and counted.
 */
#ifndef VFIO_USER_NET_H
#define VFIO_USER_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/uio.h>

struct capture;
struct loop;
struct net;

/* Longest packet either way: 64 KiB of IP left to segment, link header and a VLAN tag. */
#define NET_PACKET_MAX (65536 + 18)

/* As VIRTIO_NET_HDR_GSO_*. */
enum net_gso { NET_GSO_NONE = 0, NET_GSO_TCP4 = 1, NET_GSO_TCP6 = 4 };

/*
 * A packet, destination address first. All zero behind len: a finished frame. Otherwise what is left to do:
 * a checksum from csum_start to the end, stored csum_offset behind csum_start, where the pseudo header's sum
 * is; and with a gso_type, to cut what follows header_len bytes into frames with gso_size bytes each.
 */
struct net_packet {
    const struct iovec *iov;
    unsigned iovcnt;
    size_t len; /* of all of iov */
    uint8_t gso_type;
    uint16_t gso_size, header_len, csum_start, csum_offset;
    bool needs_csum;
    bool csum_valid; /* to the device: whoever sent it vouches for the checksums of TCP and UDP */
};

/* The device's side. */
struct net_receiver {
    void *ctx;
    /* A finished frame of at least 60 bytes in one piece, good until this returns. */
    void (*packet)(void *ctx, const struct net_packet *packet);
    /* Has the device room for another? If not, net_resume() says when; NULL: always. */
    bool (*ready)(void *ctx);
    /* Does it receive at all: is it powered, with link, its receiver on? NULL: it does. */
    bool (*listening)(void *ctx);
};

/* What net_send() takes unfinished. */
enum net_can { NET_CAN_CSUM = 1, NET_CAN_TSO4 = 2, NET_CAN_TSO6 = 4 };

struct net_count {
    uint64_t packets, bytes;
};

struct net_stats {
    struct net_count out, in; /* taken by the back end; given to the device. Segments count one by one */
    struct net_count dropped_out, dropped_in;
};

/* NULL: why has the option, what is wrong with it and what to do. */
struct net *net_open(const char *spec, struct loop *loop, const struct net_receiver *receiver, char *why, size_t size);
void net_close(struct net *net); /* NULL: nothing */

void net_send(struct net *net, const struct net_packet *packet);
unsigned net_can(const struct net *net); /* enum net_can */
void net_resume(struct net *net);

/* Every frame both ways as it is on the wire; NULL: none. The capture stays the caller's. */
void net_capture(struct net *net, struct capture *capture);
const struct net_stats *net_stats(const struct net *net);
/* One line about the back end: what it is connected with. Returns to. */
const char *net_describe(const struct net *net, char *to, size_t size);

/* What the sandbox has to leave open, once the network is open. */
enum net_needs {
    NET_NEEDS_SOCKETS = 1, /* new connections to anywhere (user) */
    NET_NEEDS_FILES = 2,   /* reads below net_files() (tftp=) */
    NET_NEEDS_UNIX = 4,    /* new connections to one of this machine (stream) */
};
unsigned net_needs(const struct net *net);
/* The path of the socket that net_open(spec) makes, for the caller to free; NULL: none, or spec is wrong. */
char *net_socket(const char *spec);
/* Somebody else removes that socket: net_close() must not, in the sandbox. */
void net_leave_socket(struct net *net);
const char *net_files(const struct net *net);

/* The kinds of network and their options, for --help. */
void net_help(FILE *to);

#endif
