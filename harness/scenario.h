/*
 * scenario.h - run one scenario, in this process
 *
 * The runner calls this in a child of its own, so a scenario that crashes or never ends takes
 * nothing with it.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dut.h"

struct scenario_options {
    const char *path;     /* the .lua file */
    const char *out;      /* folder for what the run writes: <out>/run.trace, <out>/<golden>.pcap; exists */
    const char *coverage; /* file to write what registers were seen, or NULL */
    FILE *show;           /* also print the trace here, or NULL */
    const struct dut_ops *dut;
    const char *dut_arg;
    uint64_t seed;      /* of the script's lab.random */
    bool strict;        /* a driver's mistake fails the scenario */
    bool unfold;        /* print the lines that a fold sums up, too (not to be compared) */
    bool quick;         /* a scenario that calls itself long is skipped */
    bool declare_only;  /* stop after scenario{}: only the declaration is wanted */
    uint64_t max_steps; /* Lua instructions before the scenario counts as endless; 0: default */
};

enum scenario_status { SCENARIO_PASSED, SCENARIO_FAILED, SCENARIO_SKIPPED, SCENARIO_BROKEN /* could not run */ };

#define SCENARIO_SECTIONS 64
#define SCENARIO_PCAPS 8

/* Plain data, so a child can hand it over a pipe. Strings are cut to fit. */
struct scenario_result {
    enum scenario_status status;
    char name[96];                      /* scenario{ name = ... } */
    char manual[SCENARIO_SECTIONS][24]; /* sections claimed; empty = end */
    char pcap[SCENARIO_PCAPS][32];      /* golden = {...}: pcaps written */
    char file[256];                     /* where it failed */
    int line;
    uint64_t at_ns;
    char step[160];     /* what was being shown */
    char message[2048]; /* failure, skip reason or error; lines end in \n */
    uint64_t frames_out, frames_in, accesses;
};

/* Once, before many runs in children: compiles the scripted driver for all of them. */
void scenario_prepare(void);

void scenario_run(const struct scenario_options *options, struct scenario_result *result);

#endif
