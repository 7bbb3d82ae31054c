/*
 * e1000_trace.h - the events a device reports, and their one-line text
 *
 * An event is what a trace line is made of. The simulator, the live front end and a tool that
 * watches some other device all fill the same struct and print it with e1000_event_text(), so their
 * traces can be compared line by line.
 */
#ifndef E1000_TRACE_H
#define E1000_TRACE_H

#include "e1000.h"
#include "e1000_regs.h"

#ifdef __cplusplus
extern "C" {
#endif

enum e1000_event_kind {
    E1000_EV_REG_READ,  /* reg, index (reg NULL: addr undeclared), value, other = bits that the read cleared */
    E1000_EV_REG_WRITE, /* reg, index, value, other = written ones that were dropped */
    E1000_EV_IO_READ,   /* addr 0 IOADDR; any other offset but IODATA's register access; value */
    E1000_EV_IO_WRITE,
    E1000_EV_CFG_READ, /* addr, size, value */
    E1000_EV_CFG_WRITE,
    E1000_EV_PHY_READ, /* reg is a PHY row (NULL: number in index), value */
    E1000_EV_PHY_WRITE,
    E1000_EV_EEPROM,   /* text is the operation ("rd", "wr", "era", "ewen", "ewds", "eral", "wral"),
                          index the word, value; text "load": value words taken over */
    E1000_EV_DMA_READ, /* object, index, count, addr, len, data; failed */
    E1000_EV_DMA_WRITE,
    E1000_EV_CAUSE,    /* value = causes newly set in ICR */
    E1000_EV_IRQ,      /* value = ICR and IMS; count 1 up, 0 down */
    E1000_EV_MSI,      /* addr, value */
    E1000_EV_FRAME_IN, /* frame */
    E1000_EV_FRAME_OUT,
    E1000_EV_DROP,       /* text = why, section; len */
    E1000_EV_RESET,      /* text = which */
    E1000_EV_LINK,       /* text "up" or "down" of the PHY; value = Mb/s, count 1 full duplex */
    E1000_EV_PME,        /* count 1 asserted */
    E1000_EV_BAD,        /* a driver's mistake: rule; text = what it is about, value; or reg, index, value = offset */
    E1000_EV_WAKE,       /* value = bits newly set in WUS */
    E1000_EV_FRAME_LOOP, /* frame: sent, and on its way back inside the PHY [15.1.3.1] */
    E1000_EV_FLASH_READ, /* addr in the part, size, value and other (upper half of 8 bytes); io */
    E1000_EV_FLASH_WRITE,
};

enum e1000_object {                /* what a DMA touches */
                    E1000_OBJ_TXD, /* transmit descriptors; index in the ring, count of them */
                    E1000_OBJ_RXD,
                    E1000_OBJ_TXBUF,
                    E1000_OBJ_RXBUF,
                    E1000_OBJ_OTHER,
};

/* A rule that a driver can break [rules.def]. */
struct e1000_rule {
    const char *name;   /* "tail-outside-ring" */
    const char *manual; /* section */
    const char *text;   /* what was broken, and what the chip does then */
};
size_t e1000_rule_count(void);
const struct e1000_rule *e1000_rule(size_t n);

struct e1000_event {
    enum e1000_event_kind kind;
    uint64_t at_ns;
    const struct e1000_reg *reg;
    uint32_t index;
    uint8_t size;   /* bytes of a register, I/O or configuration access */
    bool io;        /* register reached through IOADDR and IODATA */
    bool failed;    /* DMA: refused */
    uint8_t object; /* enum e1000_object */
    uint32_t value, other, count;
    uint64_t addr;
    uint32_t len;
    const void *data; /* DMA: the bytes moved, len of them */
    const struct e1000_frame *frame;
    const char *text, *section;
    const struct e1000_rule *rule;
};

/*
 * Name guest memory: write the script's or driver's name for addr ("rxbuf[0]") into to, at most
 * size bytes with the NUL, and return true; false prints the address.
 */
typedef bool e1000_namer(void *ctx, uint64_t addr, char *to, size_t size);

#define E1000_TEXT_MAX 320 /* longest line, with its NUL */

/*
 * One line without newline: "   +10000  wire in  92 B      3cf18660  vlan 100 pri 3 udp 7 > 9 len 46".
 * since_ns is the time of the line before. Returns its length.
 */
size_t e1000_event_text(const struct e1000_event *event, uint64_t since_ns, e1000_namer *name, void *name_ctx, char *to,
                        size_t size);

/*
 * Events one after the other as lines. Reads that are the same and follow each other become one line,
 * "... x26 in 25000 ns", which is held until something else comes. Begin with zeros, line and its ctx.
 */
#define E1000_LINE_MAX (E1000_TEXT_MAX + 64) /* longest line, with its NUL */
struct e1000_lines {
    void *ctx;
    void (*line)(void *ctx, const char *line); /* a whole one, without newline */
    e1000_namer *name;                         /* may be NULL */
    void *name_ctx;
    uint64_t since_ns; /* time of the last line */

    bool held;
    struct e1000_event first;
    uint64_t repeats, first_ns;
    char text[E1000_LINE_MAX]; /* of the last event; good until the next call */
};
bool e1000_lines_add(struct e1000_lines *lines, const struct e1000_event *event); /* false: a repeat */
void e1000_lines_flush(struct e1000_lines *lines);                                /* what is held */

/* The pieces of it, for tools: a register value's fields, a frame's headers. */
size_t e1000_fields_text(const struct e1000_reg *reg, uint32_t value, char *to, size_t size);
size_t e1000_frame_text(const uint8_t *frame, size_t len, char *to, size_t size);
uint32_t e1000_crc32(const void *data, size_t len); /* IEEE 802.3, as in an FCS */

#ifdef __cplusplus
}
#endif
#endif
