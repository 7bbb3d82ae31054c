/*
 * trace.c - a run's trace as text
 */
#include "trace.h"

#include <inttypes.h>
#include <string.h>

#define TIME_WIDTH 9     /* of "+10000" in front of a line */
#define HEADING_WIDTH 69 /* text of a heading up to its "@" */

static void put(struct trace *trace, const char *line)
{
    if (trace->file != NULL && (fputs(line, trace->file) == EOF || putc('\n', trace->file) == EOF))
        trace->failed = true;
    if (trace->show != NULL)
        fprintf(trace->show, "%s\n", line);
}

static void sum_up(struct trace *trace, const char *line)
{
    uint32_t crc = trace->fold_crc;

    for (const char *c = line; *c != '\0'; c++)
        crc = crc >> 8 ^ trace->crc_table[(crc ^ (uint8_t)*c) & 0xff];
    trace->fold_crc = crc >> 8 ^ trace->crc_table[(crc ^ '\n') & 0xff];
    trace->fold_lines++;
}

static void emit(void *ctx, const char *line)
{
    struct trace *trace = ctx;

    if (trace->depth == 0) {
        put(trace, line);
        return;
    }
    sum_up(trace, line);
    if (trace->show != NULL && trace->unfold)
        fprintf(trace->show, "%s\n", line);
}

void trace_init(struct trace *trace, FILE *file, FILE *show, bool unfold, e1000_namer *name, void *name_ctx)
{
    memset(trace, 0, sizeof *trace);
    trace->file = file;
    trace->show = show;
    trace->unfold = unfold;
    trace->lines = (struct e1000_lines){.ctx = trace, .line = emit, .name = name, .name_ctx = name_ctx};
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (UINT32_C(0xedb88320) & (0 - (crc & 1)));
        trace->crc_table[i] = crc;
    }
}

/* The line behind its "+10000  ". */
static const char *behind_time(const char *line)
{
    const char *at = line + strspn(line, " ");

    if (*at != '+')
        return line;
    at++;
    at += strspn(at, "0123456789");
    return at + strspn(at, " ");
}

const char *trace_add(struct trace *trace, const struct e1000_event *event)
{
    return e1000_lines_add(&trace->lines, event) ? behind_time(trace->lines.text) : NULL;
}

/* The script's words, on one line and in plain characters. */
static void copy_text(char *to, size_t size, const char *text, size_t len)
{
    size_t used = 0;

    for (size_t i = 0; i < len && used + 5 <= size; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c >= ' ' && c != 0x7f)
            to[used++] = (char)c;
        else
            used += (size_t)snprintf(to + used, size - used, "\\x%02x", c);
    }
    to[used] = '\0';
}

void trace_step(struct trace *trace, uint64_t now_ns, const char *text)
{
    char line[E1000_LINE_MAX], clean[256];
    const uint64_t at_ns = now_ns < trace->zero_ns ? now_ns : now_ns - trace->zero_ns;

    e1000_lines_flush(&trace->lines);
    copy_text(clean, sizeof clean, text, strlen(text));
    snprintf(line, sizeof line, "== %-*s  @ %" PRIu64 " ns", HEADING_WIDTH - 5, clean, at_ns);
    emit(trace, line);
}

void trace_note(struct trace *trace, const char *text)
{
    e1000_lines_flush(&trace->lines);
    for (;;) {
        char line[E1000_LINE_MAX], clean[256];
        const size_t len = strcspn(text, "\n");

        copy_text(clean, sizeof clean, text, len);
        snprintf(line, sizeof line, "-- %s", clean);
        emit(trace, line);
        if (text[len] == '\0' || text[len + 1] == '\0')
            return;
        text += len + 1;
    }
}

void trace_fold_begin(struct trace *trace, const char *text)
{
    e1000_lines_flush(&trace->lines);
    if (trace->depth++ > 0)
        return;
    copy_text(trace->fold_text, sizeof trace->fold_text, text, strlen(text));
    trace->fold_since_ns = trace->lines.since_ns;
    trace->fold_lines = 0;
    trace->fold_crc = UINT32_MAX;
}

void trace_fold_end(struct trace *trace)
{
    char line[E1000_LINE_MAX], time[32];

    e1000_lines_flush(&trace->lines);
    if (trace->depth == 0 || --trace->depth > 0)
        return;
    /* All the time that passed in it, so that the line after the fold starts where the fold ended. */
    snprintf(time, sizeof time, "+%" PRIu64, trace->lines.since_ns - trace->fold_since_ns);
    snprintf(line, sizeof line, "%*s  lab  fold %s   %" PRIu64 " line%s  crc %08" PRIx32, TIME_WIDTH, time,
             trace->fold_text, trace->fold_lines, trace->fold_lines == 1 ? "" : "s", ~trace->fold_crc);
    put(trace, line);
}

void trace_zero(struct trace *trace, uint64_t now_ns)
{
    trace->zero_ns = now_ns;
}

bool trace_finish(struct trace *trace)
{
    e1000_lines_flush(&trace->lines);
    while (trace->depth > 0)
        trace_fold_end(trace);
    if (trace->file != NULL && fflush(trace->file) != 0)
        trace->failed = true;
    return !trace->failed;
}
