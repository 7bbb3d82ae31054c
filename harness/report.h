/*
 * report.h - what a run prints: TAP 14 for programs, text for people, JUnit for CI
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "job.h"
#include "runner.h"

struct report {
    FILE *to;
    bool tap;
    bool live;    /* a terminal: a line of progress that overwrites itself */
    bool verbose; /* text: name what passed, too */
    const struct jobs *jobs;
    size_t done, failed;
    size_t printed; /* TAP: jobs whose line is out */
    bool line_open; /* the progress line is on the screen */
};

struct totals {
    size_t passed, failed, skipped, broken; /* broken ones are among the failed */
};

void report_start(struct report *report, const struct jobs *jobs, const struct run_options *options);
void report_progress(struct report *report, const struct job *running);
void report_done(struct report *report, const struct job *job);
struct totals report_end(struct report *report); /* the failures in full, and the totals */

/* One scenario's FAIL block, each line behind mark. */
void report_failure(FILE *to, const struct job *job, const char *mark);
void report_skip(FILE *to, const struct job *job);

/* Write atomically. False with a message in why. */
bool report_junit(const struct jobs *jobs, const char *path, char *why, size_t size);

#endif
