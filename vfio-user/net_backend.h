/*
 * net_backend.h - what net.c and the kinds of network have between them
 */
#ifndef VFIO_USER_NET_BACKEND_H
#define VFIO_USER_NET_BACKEND_H

#include "loop.h"
#include "net.h"

#define NET_OPTIONS 32 /* in one --net */

struct net_option {
    const char *name, *arg, *text;
};

/* Of one --net, in the order given. Names are known to be the back end's. */
struct net_args {
    const char *kind;
    struct {
        const char *name, *value;
    } list[NET_OPTIONS];
    unsigned count;
};

struct net_backend {
    const char *name, *text;
    const char *value;                /* the option that "kind:value" means, or NULL */
    const struct net_option *options; /* the last has no name */
    /* A struct that begins with a struct net, whose can, needs and files it may set; or NULL and why. */
    struct net *(*open)(const struct net_args *args, struct loop *loop, char *why, size_t size);
    bool (*send)(struct net *net, const struct net_packet *packet); /* false: dropped */
    void (*resume)(struct net *net);                                /* NULL: nothing waits */
    void (*describe)(const struct net *net, char *to, size_t size);
    void (*close)(struct net *net); /* frees it */
    /* The path of the socket that open() would make, among args; NULL: none. NULL here: never one. */
    const char *(*socket)(const struct net_args *args);
};

struct net {
    const struct net_backend *backend;
    struct net_receiver receiver;
    struct capture *capture;
    struct net_stats stats;
    unsigned can, needs;
    const char *files;
    bool leave_socket;                /* net_leave_socket() */
    uint8_t frame[NET_PACKET_MAX];    /* one on its way out, being made whole */
    uint8_t frame_in[NET_PACKET_MAX]; /* the same for the way in: a frame in may have one go out */
};

extern const struct net_backend net_null, net_user, net_tap, net_dgram, net_stream, net_pcap;

/* The last value given for an option; NULL: not given. */
const char *net_arg(const struct net_args *args, const char *name);
/* on, off, yes, no, y, n. A wrong one is complained of. */
bool net_arg_flag(const struct net_args *args, const char *name, bool missing, bool *to, char *why, size_t size);
bool net_arg_number(const struct net_args *args, const char *name, uint64_t missing, uint64_t max, uint64_t *to,
                    char *why, size_t size);
/* Fill why with "--net KIND: ..." and return NULL, for net_backend.open. */
void *net_refuse(const struct net_args *args, char *why, size_t size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Has the device room? */
bool net_ready(const struct net *net);
bool net_listening(const struct net *net); /* net_receiver.listening */
/* To the device: counted, captured, cut and finished where that is left to do, short frames padded. */
void net_deliver(struct net *net, const struct net_packet *packet);
void net_deliver_bytes(struct net *net, const void *frame, size_t len);
void net_dropped_in(struct net *net, size_t len);

/* A packet's bytes in one piece: its own if it has only one, else copied to room (NET_PACKET_MAX). NULL: too long. */
const uint8_t *net_flat(const struct net_packet *packet, uint8_t *room);

#endif
