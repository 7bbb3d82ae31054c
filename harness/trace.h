/*
 * trace.h - a run's trace as text
 *
 * Lines are those of e1000_lines_add(): nanoseconds since the line before, who, what. Step headings
 * carry the absolute time. Identical reads that follow each other become one line, a fold becomes one
 * line with the count and the CRC-32 of the lines that it stands for. Nothing is kept: a trace of any
 * length takes the same memory.
 */
#ifndef HARNESS_TRACE_H
#define HARNESS_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../model/e1000_trace.h"

struct trace {
    FILE *file, *show; /* each may be NULL; show also gets folded lines if unfold */
    bool unfold;
    uint64_t zero_ns; /* headings count from here */
    bool failed;      /* a line could not be written to file */
    struct e1000_lines lines;

    unsigned depth; /* folds within folds count as one */
    char fold_text[160];
    uint64_t fold_since_ns, fold_lines;
    uint32_t fold_crc;
    uint32_t crc_table[256];
};

void trace_init(struct trace *trace, FILE *file, FILE *show, bool unfold, e1000_namer *name, void *name_ctx);

/* The line without its leading time, good until the next call; NULL: a repeat of the read before. */
const char *trace_add(struct trace *trace, const struct e1000_event *event);

void trace_step(struct trace *trace, uint64_t now_ns, const char *text);
void trace_note(struct trace *trace, const char *text);
void trace_fold_begin(struct trace *trace, const char *text);
void trace_fold_end(struct trace *trace);
void trace_zero(struct trace *trace, uint64_t now_ns); /* from here on headings count from now_ns */

/* Ends open folds and prints what is held. False if something could not be written. */
bool trace_finish(struct trace *trace);

#endif
