/*
 * lab.h - the simulated machine around the device
 *
 * Guest memory, the clock, the wire and the interrupt line of one run, and what there is to know of
 * it afterwards: trace, captures, coverage, violations, mistakes. It knows nothing of Lua.
 */
#ifndef HARNESS_LAB_H
#define HARNESS_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dut.h"
#include "memory.h"
#include "observe.h"
#include "pcap.h"
#include "queue.h"
#include "scenario.h"
#include "trace.h"

/* Something that happened and waits to be asked for: a frame that left, a message, a mistake. */
struct lab_record {
    struct lab_record *next;
    uint64_t at_ns, addr;
    uint32_t data; /* of a message; flags of a frame */
    const struct e1000_rule *rule;
    size_t len;
    char bytes[]; /* frame, or text with its NUL */
};

/* The last records, up to LAB_RECORDS_BYTES; lost counts those that had to go since the last take. */
#define LAB_RECORDS_BYTES ((size_t)64 << 20)
struct lab_records {
    struct lab_record *first, **last;
    size_t bytes;
    uint64_t lost;
};

/* Where in a run something happened. */
struct lab_place {
    bool set;
    int line; /* of the scenario, 0: unknown */
    uint64_t at_ns;
    char step[160];
};

#define LAB_EVENTS 1000 /* trace lines that lab.events can look back on */
struct lab_line {
    enum e1000_event_kind kind;
    uint64_t at_ns;
    char text[E1000_TEXT_MAX];
};

struct lab {
    const struct dut_ops *ops;
    struct dut *dut; /* NULL before lab_open() */
    unsigned caps;
    struct machine machine;
    struct memory *memory;
    struct queue queue;
    struct trace trace;
    FILE *trace_file;
    struct observe *observe;
    struct pcap_writer *wire; /* NULL: not asked for */

    uint64_t now_ns, zero_ns;
    char step[160];
    bool advancing; /* time is on its way: it cannot be sent again */
    bool irq, pme;
    uint64_t messages; /* MSI so far */
    uint64_t accesses, frames_in, frames_out, bad;

    uint8_t *flash; /* the board's part, NULL: none */
    uint32_t flash_bytes;

    struct lab_records sent, msis, bads;
    struct lab_line *lines; /* ring of the last LAB_EVENTS */
    uint64_t lines_count, lines_taken;

    struct lab_place first_violation, first_bad; /* of those not yet taken; of all */
    char first_bad_text[E1000_TEXT_MAX];

    /* What the script side does for the lab: run a queued call, name the script's line. */
    void *ctx;
    void (*call)(void *ctx, int ref);
    int (*line)(void *ctx);
};

/* Parts that need no device yet. False: out of memory. */
bool lab_init(struct lab *lab);
void lab_free(struct lab *lab);

/*
 * Open the device with this board; write a trace to <out>/run.trace and, if asked for, sent frames to
 * <out>/wire.pcap. False with a message in why.
 */
bool lab_open(struct lab *lab, const struct scenario_options *options, const struct e1000_config *board, bool wire,
              char *why, size_t size);

/*
 * Before anything is looked at that the device changes by itself: a device in another process has done all
 * that it was asked for, memory that it works in has been looked through.
 */
void lab_settle(struct lab *lab);
const char *lab_trouble(const struct lab *lab); /* NULL: the device can be used */

/* Close the files and the device. False with a message in why if the files are not whole. */
bool lab_close(struct lab *lab, char *why, size_t size);

uint32_t lab_config_read(struct lab *lab, unsigned offset, unsigned size);
void lab_config_write(struct lab *lab, unsigned offset, unsigned size, uint32_t value);
uint64_t lab_bar_read(struct lab *lab, enum e1000_bar bar, uint32_t offset, unsigned size);
void lab_bar_write(struct lab *lab, enum e1000_bar bar, uint32_t offset, unsigned size, uint64_t value);

void lab_frame_in(struct lab *lab, const void *frame, size_t len, uint32_t flags);

/* The same, or a call of lab->call(ref), at a time to come. False: out of memory. */
bool lab_frame_at(struct lab *lab, uint64_t at_ns, const void *frame, size_t len, uint32_t flags);
bool lab_call_at(struct lab *lab, uint64_t at_ns, int ref);

enum lab_until { LAB_UNTIL_TIME, LAB_UNTIL_IRQ, LAB_UNTIL_IDLE };
enum lab_stop {
    LAB_STOP_TIME,  /* the time is reached */
    LAB_STOP_EARLY, /* what was waited for has come */
    LAB_STOP_STUCK, /* the device wants the same time again and again */
};

/* Let time pass up to target_ns. At one time the device comes first, then the queue in its order. */
enum lab_stop lab_run(struct lab *lab, uint64_t target_ns, enum lab_until until);

void lab_step(struct lab *lab, const char *text);
void lab_zero(struct lab *lab);

void lab_records_drop(struct lab_records *records);

#endif
