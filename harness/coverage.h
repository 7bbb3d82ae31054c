/*
 * coverage.h - what all scenarios together have seen: register bits, sections of the manual
 *
 * Merges the files that "run --coverage" writes (observe.h has their form), sets them beside the
 * register table and the sections that the model's sources cite, and holds them to thresholds.
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../model/e1000_regs.h"

struct coverage_options {
    const char *folder;     /* with the .cov files, one for each scenario */
    const char *waivers;    /* file or NULL: nothing is waived */
    const char *thresholds; /* file or NULL: only the waivers are judged */
    const char *registers;  /* file for the report on registers, or NULL: to standard output */
    const char *manual;     /* file for the report on sections, or NULL: to standard output */
    const char *sources;    /* folder whose sources cite sections */
};

/*
 * Write the reports, then a line for each threshold and the totals on to. Returns the process exit
 * status; with EXIT_BROKEN there is a message in why.
 */
int coverage_run(const struct coverage_options *options, FILE *to, char *why, size_t size);

/* ---- between coverage.c and coverage_manual.c ------------------------------------------------ */

#define COVERAGE_SECTION 24  /* longest section number, with its NUL */
#define COVERAGE_LISTED 12   /* what is missing: so many in the summary, all of them in the report */
#define COVERAGE_SCENARIOS 3 /* names of scenarios in a line of a report */

struct coverage_seen {
    uint64_t reads, writes, after_reset;
    uint32_t seen0, seen1, wrote0, wrote1;
};

struct coverage_scenario {
    char name[96];
    struct coverage_seen *seen; /* one for each row */
    char (*sections)[COVERAGE_SECTION];
    size_t section_count;
};

struct coverage {
    const struct e1000_reg **reg; /* the device's rows, then the PHY's */
    size_t rows, mac_rows;
    struct coverage_seen *total; /* of each row */
    struct coverage_scenario *scenarios;
    size_t scenario_count;
};

/*
 * Sections in a text such as "13.6.1, 6.3.3" or "13.4.19-21 silent", one call each; a word that is no
 * section is passed over. Start with *at = text; false at the end. A range gives each of its sections.
 */
struct coverage_sections {
    const char *at;
    char prefix[COVERAGE_SECTION];
    unsigned next, last; /* of a range */
};
bool coverage_next_section(struct coverage_sections *sections, char section[COVERAGE_SECTION]);

struct coverage_manual {
    size_t cited, claimed;
    char (*missing)[COVERAGE_SECTION]; /* cited and not claimed */
    size_t missing_count;
};

/* Write the report on sections. False with a message in why. */
bool coverage_manual_report(const struct coverage *coverage, const char *sources, FILE *to,
                            struct coverage_manual *manual, char *why, size_t size);

/* A larger *array of at least need elements of this size. False: out of memory. */
bool coverage_grow(void *array, size_t *space, size_t need, size_t element);

#endif
