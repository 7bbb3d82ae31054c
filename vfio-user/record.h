/*
 * record.h - a session of the device as a file: all that entered it, so that it can be lived again
 *
 * A recording holds every call into the device with its time, and every answer that guest memory gave; what
 * the driver read is in it too, so that a replay that goes another way is noticed. e1000lab replay feeds it
 * to the model.
 *
 * File: magic, then records; numbers are varints (seven bits a byte, lowest first, the top bit says that
 * more follow). A record begins with a byte: its kind and flags.
 *
 *   TIME        (flag) ns since the time before; before anything else of the record
 *   BOARD       offloads, device_id, revision, straps, EEPROM words and their bytes, flash size and bytes:
 *               a device is made; time is 0. The first record, and again for each new client of a server
 *   ADVANCE     nothing but its time
 *   BAR_*       how (bar and size) unless PLAIN, offset unless SAME, value
 *   CONFIG_*    size, offset, value
 *   OWN_WRITE   as BAR_WRITE, but not by the driver
 *   DMA         e1000_dma()
 *   FRAME       flags, bytes
 *   PARTNER     present, and its fields
 *   PIN         which, value
 *   FAULT       enum e1000_wire_fault
 *   COLLIDE     attempts, late
 *   DMA_READ    address since the one before (zigzag), bytes; or REFUSED and the length
 *   DMA_WRITE   address, length; or REFUSED
 *   END         number of records before it; then a check of all bytes before it (four), and the trailer
 *
 * DMA stands behind the call that it happened in. A value is given as what differs from the one before at the
 * same offset: exclusive or. Bytes are the distance to equal ones among the last, or 0, length and runs: a number
 * twice its length, odd where one byte is repeated.
 */
#ifndef VFIO_USER_RECORD_H
#define VFIO_USER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../model/e1000.h"

#define RECORD_MAGIC "e1000rec\1" /* the last byte is the version */
#define RECORD_MAGIC_LEN 9
#define RECORD_TRAILER "rec."
#define RECORD_TRAILER_LEN 4

enum record_kind {
    RECORD_END,
    RECORD_BOARD,
    RECORD_ADVANCE,
    RECORD_BAR_READ,
    RECORD_BAR_WRITE,
    RECORD_CONFIG_READ,
    RECORD_CONFIG_WRITE,
    RECORD_OWN_WRITE,
    RECORD_DMA,
    RECORD_FRAME,
    RECORD_PARTNER,
    RECORD_PIN,
    RECORD_FAULT,
    RECORD_COLLIDE,
    RECORD_DMA_READ,
    RECORD_DMA_WRITE,
    RECORD_KINDS,

    RECORD_KIND = 0x1f, /* mask */
    RECORD_TIME = 0x20,
    RECORD_SAME = 0x40,    /* accesses: the offset of the one before */
    RECORD_PLAIN = 0x80,   /* accesses to a BAR: four bytes of BAR0 */
    RECORD_REFUSED = 0x40, /* DMA */
};

enum record_pin { RECORD_POWER_GOOD, RECORD_PCI_RESET, RECORD_AUX_POWER, RECORD_SDP /* 8 of them: RECORD_SDP + pin */ };
enum { RECORD_STRAP_AUX_POWER = 1, RECORD_STRAP_M66EN = 2, RECORD_STRAP_LINE_RATE = 4, RECORD_STRAP_DEFER_DMA = 8 };

/* ---- what both ends keep in step ---- */

#define RECORD_VALUES 1024u /* values before, by a hash of where */
#define RECORD_RECENT 32u   /* bytes before */
#define RECORD_RECENT_MAX 2048u

struct record_memory {
    uint64_t value[RECORD_VALUES];
    uint64_t now_ns, dma_addr, offset;
    struct {
        size_t len;
        uint8_t bytes[RECORD_RECENT_MAX];
    } recent[RECORD_RECENT]; /* ring; next is the place of the next one */
    unsigned next;
};

static inline uint64_t *record_value(struct record_memory *memory, unsigned space, uint32_t offset)
{
    return &memory->value[(offset / 4 + space * 521u) % RECORD_VALUES];
}

static inline uint64_t record_zigzag(uint64_t difference)
{
    return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t record_unzigzag(uint64_t z)
{
    return z >> 1 ^ (0 - (z & 1));
}

#define RECORD_CHECK_START 2166136261u
static inline uint32_t record_check(uint32_t check, uint8_t byte)
{
    return (check ^ byte) * 16777619u; /* FNV-1a */
}

/* ---- writing ---- */

struct record;

/* The file is the recorder's, and closed with it. NULL: no memory. */
struct record *record_new(FILE *to);
struct record *record_open(const char *path, char *why, size_t size); /* NULL with a message */
bool record_close(struct record *record, char *why, size_t size);     /* false: the file is not whole */

/*
 * Before a call into the device what it is, behind it the end, with what it returned. In between the host's
 * callbacks say what memory answered. A recorder that is NULL takes no notice.
 */
void record_board(struct record *record, const struct e1000_config *board, uint32_t offloads);
void record_advance(struct record *record, uint64_t now_ns);
void record_access(struct record *record, enum record_kind kind, enum e1000_bar bar, uint32_t offset, unsigned size,
                   uint64_t value); /* of a read: 0 */
void record_dma(struct record *record);
void record_frame(struct record *record, const void *frame, size_t len, uint32_t flags);
void record_partner(struct record *record, const struct e1000_partner *partner);
void record_pin(struct record *record, unsigned pin, bool level);
void record_fault(struct record *record, enum e1000_wire_fault fault);
void record_collide(struct record *record, uint32_t attempts, bool late);
void record_done(struct record *record, uint64_t value);

void record_dma_read(struct record *record, uint64_t addr, const void *bytes, size_t len, bool good);
void record_dma_write(struct record *record, uint64_t addr, size_t len, bool good);

#endif
