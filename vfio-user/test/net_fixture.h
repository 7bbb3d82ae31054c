/*
 * net_fixture.h - a receiver that keeps what it gets, and packets whose sums are worked out byte by byte
 */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include "../loop.h"
#include "../net.h"

#define MS UINT64_C(1000000)
#define KEPT 128

struct kept {
    unsigned count, room; /* room: so many more are welcome */
    bool deaf;            /* not listening */
    bool sending;         /* nothing may come now */
    size_t len[KEPT];
    uint8_t *bytes[KEPT];
    bool csum_valid[KEPT];
};

extern struct loop *net_loop;
extern struct kept kept;
extern char net_folder[64]; /* for sockets and files; emptied at the end */

void net_setup(void);
void net_teardown(void);

struct net *net_must_open(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Must be refused, with a message that has all of these words in it. */
void net_must_refuse(const char *spec, const char *words);
/* Turn the loop until so many frames have come, or fail after two seconds. */
void net_wait(unsigned count);
void net_turn(unsigned ms);
void net_put(struct net *net, const void *bytes, size_t len);

/* Ethernet, IPv4 or IPv6, TCP with 12 bytes of options, so much payload, as Linux leaves it to an adapter. */
size_t tcp_packet(uint8_t *to, bool six, bool tagged, size_t payload, struct net_packet *packet, struct iovec *iov);
/* IP and TCP lengths and sums of a finished frame hold. */
void tcp_check(const uint8_t *frame, size_t len, bool six, size_t ip);

#endif
