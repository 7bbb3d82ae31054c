/*
 * client.h - a small client for unit tests, in the process of the server
 *
 * One socket pair, one loop: a call sends a request and lets the loop take steps until the reply is there.
 * Guest memory is a memfd, also mapped here. Check runs every test in a process of its own, so there is
 * one client, `c`.
 */
#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../model/e1000_regs.h"
#include "../device.h"
#include "../dma.h"
#include "../irqs.h"
#include "../loop.h"
#include "../protocol.h"
#include "../server.h"

enum { MEMORY = 4 << 20, TXD = 0x1000, RXD = 0x2000, TXB = 0x10000, RXB = 0x40000 };
#define NO_ANSWER (-1) /* of a request that should have got one */

struct client {
    struct loop *loop;
    struct device *device;
    struct server *server;
    int sock; /* -1: closed */
    uint16_t id;
    struct vu_header header; /* of the last reply */
    uint8_t body[VU_DATA_MAX + 64];
    size_t len; /* bytes of body */
    int memfd;
    uint8_t *memory;
    bool answers; /* DMA requests of the server are answered; false: they are kept */
    bool refuses; /* with an error */
    unsigned dma_reads, dma_writes, no_replies;
    struct { /* kept: the last ones */
        struct vu_header header;
        struct vu_dma_access access;
    } kept[64];
    unsigned keeps;
};
extern struct client c;

/* ---- beginning ---- */
void client_device(const struct device_options *options); /* NULL: usual ones */
void client_connect(void);                                /* after client_device(); says nothing yet */
int client_reach(void);                                   /* one more connection */
void client_version(void);
void client_start(void);     /* all of it */
void client_memory(bool fd); /* map MEMORY bytes at 0, with a descriptor or by messages */
void client_hang_up(void);

/* ---- talking ---- */
/* Send one message; size 0: that of the payload. */
void client_send(struct vu_header header, const void *payload, size_t len, const int *fd, unsigned fds);
void client_raw(const void *bytes, size_t len);
void client_steps(unsigned n); /* of the loop, serving DMA between */
bool client_closed(void);      /* the server has ended the connection */
/* A request and its reply: 0, the errno of an error reply, or NO_ANSWER. */
int client_call(enum vu_command command, const void *payload, size_t len, const int *fd, unsigned fds);
int client_wait(uint16_t id);   /* for the reply to a request that was sent before */
void client_answer(unsigned n); /* the nth request that was kept */

/* ---- the device ---- */
int client_read(unsigned region, uint64_t offset, void *to, uint32_t count);
int client_write(unsigned region, uint64_t offset, const void *from, uint32_t count);
uint32_t reg(uint32_t offset);
void set_reg(uint32_t offset, uint32_t value); /* posted, as QEMU does it */
uint32_t config(unsigned offset, unsigned size);
void set_config(unsigned offset, unsigned size, uint32_t value);
void client_link(void);                       /* there is a carrier */
void client_bus(void);                        /* BARs, Command 7 */
int client_irq(unsigned index, int *eventfd); /* give a fresh eventfd */
uint64_t drain(int eventfd);                  /* its count; 0: not signalled */
void unmask(void);

/* ---- rings ---- */
void tx_ring(unsigned entries);
void tx_send(unsigned frames); /* behind those before; doorbell included */
bool tx_done(unsigned n);      /* descriptor n has DD */
void rx_ring(unsigned entries);
void rx_frame(size_t len); /* comes over the wire */
unsigned open_fds(void);

#endif
