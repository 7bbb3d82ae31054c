/*
 * device.h - the 82540EM behind the server: its board, its clock, its cable, and what is written down
 *
 * The device's time is that of CLOCK_MONOTONIC, with leaps: a machine that is switched on or reset gives
 * its devices a second before the first access, and here that second takes no time.
 */
#ifndef VFIO_USER_DEVICE_H
#define VFIO_USER_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../model/e1000.h"

struct device;
struct loop;
struct net;
struct net_receiver;
struct record;

#define DEVICE_NEVER UINT64_MAX

struct device_options {
    const uint16_t *eeprom; /* words, copied; NULL: that of a plain board with this address: */
    unsigned eeprom_words;
    uint8_t mac[6];
    uint8_t *rom; /* boot flash, the caller's for as long as the device lives; NULL: none */
    uint32_t rom_bytes;
    bool lint;             /* each broken rule once on standard error, and how often in the end */
    bool exact;            /* work out checksums that no common driver looks at, too */
    bool line_rate;        /* frames take their time on the wire */
    FILE *trace;           /* NULL: none; the caller's */
    struct record *record; /* the same */
};

/* NULL: why says what. */
struct device *device_new(struct loop *loop, const struct device_options *options, char *why, size_t size);
void device_free(struct device *device); /* says what --lint has counted */

/* ---- the cable ---- */

const struct net_receiver *device_receiver(struct device *device); /* for net_open() */
void device_net(struct device *device, struct net *net);           /* NULL: none. The net stays the caller's */
void device_partner(struct device *device, const struct e1000_partner *partner); /* NULL: pulled */
void device_wire_fault(struct device *device, enum e1000_wire_fault fault);
void device_collide(struct device *device, uint32_t attempts, bool late);
void device_link_state(const struct device *device, struct e1000_link *link);

struct device_pins {
    uint32_t leds, sdp; /* as e1000_leds(), e1000_sdp_out(); 0 without power */
    uint64_t leds_next; /* ns until they may change; DEVICE_NEVER */
    bool pme;           /* asserted */
};
void device_pins(struct device *device, struct device_pins *pins);

/*
 * For a laboratory: from device_stop() on time stands still but for device_pass(), which says after how long
 * the device will have something to do by itself; DEVICE_NEVER: nothing. device_go(): by itself again, from there.
 */
void device_stop(struct device *device);
void device_go(struct device *device);
uint64_t device_pass(struct device *device, uint64_t ns);

/* ---- the bus: for the server ---- */

struct dma;
struct irqs;
struct transfer_wire;
struct vu_region_info;

/* Power comes with a client and goes with it; the wire is how its memory is reached by messages. */
void device_connect(struct device *device, const struct transfer_wire *wire);
void device_disconnect(struct device *device);
void device_leap(struct device *device, uint64_t ns); /* so much time passes for it at once */
void device_reset(struct device *device);             /* the machine's reset line, for a moment */

void device_region(struct device *device, unsigned index, struct vu_region_info *info); /* flags, size */
/* count bytes at offset of a region; 0 or an errno for the reply. */
int device_read(struct device *device, unsigned region, uint64_t offset, uint8_t *to, uint32_t count);
int device_write(struct device *device, unsigned region, uint64_t offset, const uint8_t *from, uint32_t count);

struct dma *device_dma(struct device *device);
struct irqs *device_irqs(struct device *device);
void device_dma_changed(struct device *device);               /* before memory goes, after it has come */
void device_dma_limit(struct device *device, uint32_t bytes); /* in one message, as the client wants it */
void device_dma_reply(struct device *device, uint16_t id, bool failed, const uint8_t *data, size_t len);

/* ---- what is written down ---- */

void device_trace(struct device *device, FILE *trace); /* from here on to this file; NULL: none */

struct device_stats {
    struct e1000_link link;
    bool powered, irq;
    uint64_t irqs; /* raised: INTx and MSI */
    uint64_t frames_out, bytes_out, frames_in, bytes_in;
    uint64_t missed;   /* of frames_in, and without power: the receiver was off, or had no room */
    uint64_t mistakes; /* of the driver, where they are looked for: with a trace or lint */
};
void device_stats(struct device *device, struct device_stats *stats);

#endif
