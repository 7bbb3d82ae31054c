/*
 * observe.h - what a run has seen of the registers
 *
 * For each register (elements of an array together) how often it was read and written, and which bits
 * were seen or written as 0 and as 1. A value that the CPU reads counts as seen, because it stands in
 * the trace and the golden pins it.
 */
#ifndef HARNESS_OBSERVE_H
#define HARNESS_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/e1000_trace.h"

struct observe;

struct observe *observe_new(void); /* NULL: out of memory */
void observe_free(struct observe *observe);
void observe_event(struct observe *observe, const struct e1000_event *event);

/* An expectation looked at the bits in mask. A name of the PHY may begin with "PHY."; false if no register has it. */
bool observe_seen(struct observe *observe, const char *name, uint32_t mask, uint32_t value);

/*
 * One line for each register that was touched, numbers in hexadecimal, in the order of the table:
 *     reg NAME reads writes after_reset seen0 seen1 wrote0 wrote1
 *     phy NAME ...
 * after_reset counts the reads that found what a reset had left. Then a line for each section:
 *     section 13.4.17
 * False with a message in why.
 */
bool observe_write(const struct observe *observe, const char *path, const char *const *sections, size_t count,
                   char *why, size_t size);

#endif
