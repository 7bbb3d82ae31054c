/*
 * golden.h - a run's trace and frames beside the ones that were accepted
 *
 * A scenario scenarios/rx/x.lua has its trace in golden/rx/x.trace, and its frames, where it lists
 * any, in golden/rx/x.<list>.pcap. Reports are text for a person, lines without indent; the caller
 * indents them.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stdbool.h>
#include <stdio.h>

#include "files.h"
#include "scenario.h"

/* Where a scenario's goldens are. */
struct golden_place {
    char folder[FILES_PATH];  /* golden/rx */
    char chapter[FILES_PATH]; /* rx; empty outside a tree named scenarios */
    char name[256];           /* x, the scenario's file name without .lua */
    bool in_tree;             /* the path has a folder scenarios */
    bool usual;               /* the tree is ./scenarios with ./golden, so make's targets know it */
    bool frames_only;         /* the run had a clock of its own: frames are compared, without their times */
};

enum golden_verdict {
    GOLDEN_SAME,
    GOLDEN_DIFFERS,
    GOLDEN_MISSING,    /* nothing accepted yet */
    GOLDEN_UNREADABLE, /* a file is there and cannot be read or is damaged */
};

/* golden_root: the folder instead of the one that belongs to the scenario, or NULL. False if a path is too long. */
bool golden_locate(const char *scenario, const char *golden_root, struct golden_place *place);
bool golden_trace_path(const struct golden_place *place, char *to, size_t size);
bool golden_pcap_path(const struct golden_place *place, const char *list, char *to, size_t size);

/*
 * Compare line by line and report the first difference with the line before it. run_ended: the
 * scenario stopped at a failure, so a run that is only shorter than its golden is no news.
 */
enum golden_verdict golden_compare_traces(FILE *report, const char *golden, const char *run, bool run_ended);
enum golden_verdict golden_compare_pcaps(FILE *report, const char *golden, const char *run);

/* All that a scenario wrote into out against its goldens; the worst verdict. */
enum golden_verdict golden_check(FILE *report, const struct golden_place *place, const char *out,
                                 const struct scenario_result *result);

/* The same as a full comparison: unified diff of the traces, every frame that differs. */
enum golden_verdict golden_diff(FILE *report, const struct golden_place *place, const char *out,
                                const struct scenario_result *result);

/* Make the run the golden and say what changed. False with a message in why: nothing or not all was written. */
bool golden_accept(FILE *report, const struct golden_place *place, const char *out,
                   const struct scenario_result *result, char *why, size_t size);

/* The name of the protocol field that a byte of an Ethernet frame belongs to: "tcp.flags". */
const char *golden_byte_name(const unsigned char *frame, size_t len, size_t byte);

#endif
