/*
 * runner.h - run many scenarios, each in a process of its own, and report
 */
#ifndef RUNNER_H
#define RUNNER_H

#include <stdbool.h>
#include <stdint.h>

enum run_mode {
    RUN_TEST,   /* e1000lab run */
    RUN_LIST,   /* e1000lab run --list */
    RUN_DIFF,   /* e1000lab diff */
    RUN_ACCEPT, /* e1000lab golden */
};

enum run_format { RUN_AUTO, RUN_TAP, RUN_TEXT };

struct run_options {
    enum run_mode mode;
    enum run_format format;
    unsigned jobs;       /* 0: one for each processor */
    uint64_t timeout_ms; /* 0: none */
    uint64_t seed;
    bool strict, quick, twice, reload, no_golden, show, unfold, verbose;
    const char *match;    /* glob or part of a name, or NULL */
    const char *golden;   /* folder, or NULL: the one that belongs to each scenario */
    const char *out;      /* folder */
    const char *coverage; /* folder or NULL */
    const char *junit;    /* file or NULL */
    const char *dut;      /* NAME or NAME:ARG */
};

/* Process exit status. */
enum { EXIT_PASSED = 0, EXIT_FAILED = 1, EXIT_BROKEN = 2 };

/* Files, folders and names; none means ./scenarios. Returns the exit status. */
int runner_run(const struct run_options *options, char *const *paths, int count);

#endif
