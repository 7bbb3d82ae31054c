/*
 * report.c - what a run prints: TAP 14 for programs, text for people, JUnit for CI
 *
 * Nothing printed here depends on how long anything took or which child ended first: two runs of
 * one tree give the same report.
 */
#include "report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS 79

void report_start(struct report *report, const struct jobs *jobs, const struct run_options *options)
{
    const bool terminal = isatty(STDOUT_FILENO) == 1;

    memset(report, 0, sizeof *report);
    report->to = stdout;
    report->jobs = jobs;
    report->verbose = options->verbose;
    report->tap = options->format == RUN_TAP || (options->format == RUN_AUTO && !terminal && !options->show);
    report->live = terminal && !report->tap && !options->show;
    if (report->tap)
        fprintf(report->to, "TAP version 14\n1..%zu\n", jobs->count);
}

static void clear_line(struct report *report)
{
    if (report->line_open)
        fprintf(report->to, "\r%*s\r", COLUMNS, "");
    report->line_open = false;
}

void report_progress(struct report *report, const struct job *running)
{
    int used;

    if (!report->live)
        return;
    used = fprintf(report->to, "\r%zu/%zu  %zu failed  ", report->done, report->jobs->count, report->failed) - 1;
    if (used > 0 && used < COLUMNS)
        fprintf(report->to, "%-*.*s", COLUMNS - used, COLUMNS - used, running->place.name);
    fflush(report->to);
    report->line_open = true;
}

static const char *reason(const struct job *job)
{
    return job->result[0].message[0] != '\0' ? job->result[0].message : "no reason given";
}

/* What a script says may hold orders to a terminal; they are not for this one. */
static void plain(FILE *to, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        putc((c < 0x20 && c != '\t') || c == 0x7f ? '?' : c, to);
    }
}

static void lines(FILE *to, const char *text, const char *mark)
{
    while (*text != '\0') {
        const size_t len = strcspn(text, "\n");

        /* No blanks at the ends of lines. */
        if (len == 0) {
            fputs(strchr(mark, '#') != NULL ? "#" : "", to);
        } else {
            fputs(mark, to);
            plain(to, text, len);
        }
        putc('\n', to);
        text += len + (text[len] == '\n');
    }
}

void report_failure(FILE *to, const struct job *job, const char *mark)
{
    char indent[32];

    fprintf(to, "%sFAIL  ", mark);
    plain(to, job->place.name, strlen(job->place.name));
    fputs("   ", to);
    plain(to, job->headline, strlen(job->headline));
    putc('\n', to);
    snprintf(indent, sizeof indent, "%s      ", mark);
    lines(to, job->report, indent);
}

void report_skip(FILE *to, const struct job *job)
{
    fputs("SKIP  ", to);
    plain(to, job->place.name, strlen(job->place.name));
    fputs("   ", to);
    plain(to, reason(job), strcspn(reason(job), "\n"));
    putc('\n', to);
}

/* In a TAP description # starts a directive. */
static void tap_text(FILE *to, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '#' || text[i] == '\\')
            putc('\\', to);
        plain(to, text + i, 1);
    }
}

static void tap_line(struct report *report, const struct job *job, size_t number)
{
    const bool good = job->outcome == OUTCOME_PASSED || job->outcome == OUTCOME_SKIPPED;

    fprintf(report->to, "%s %zu - ", good ? "ok" : "not ok", number);
    tap_text(report->to, job->place.name, strlen(job->place.name));
    if (job->outcome == OUTCOME_SKIPPED) {
        fputs(" # SKIP ", report->to);
        tap_text(report->to, reason(job), strcspn(reason(job), "\n"));
    }
    putc('\n', report->to);
    if (!good)
        report_failure(report->to, job, "# ");
}

/* Whatever the order they end in, lines come in the order of names. */
void report_done(struct report *report, const struct job *job)
{
    report->done++;
    report->failed += job->outcome == OUTCOME_FAILED || job->outcome == OUTCOME_BROKEN;
    if (!report->tap)
        return;
    while (report->printed < report->jobs->count && report->jobs->job[report->printed].done) {
        tap_line(report, &report->jobs->job[report->printed], report->printed + 1);
        report->printed++;
    }
    fflush(report->to);
}

static struct totals count(const struct jobs *jobs)
{
    struct totals totals = {0};

    for (size_t i = 0; i < jobs->count; i++) {
        const enum outcome outcome = jobs->job[i].outcome;

        totals.passed += outcome == OUTCOME_PASSED;
        totals.skipped += outcome == OUTCOME_SKIPPED;
        totals.failed += outcome == OUTCOME_FAILED || outcome == OUTCOME_BROKEN;
        totals.broken += outcome == OUTCOME_BROKEN;
    }
    return totals;
}

struct totals report_end(struct report *report)
{
    const struct totals totals = count(report->jobs);

    clear_line(report);
    for (size_t i = 0; !report->tap && i < report->jobs->count; i++) {
        const struct job *const job = &report->jobs->job[i];

        if (job->outcome == OUTCOME_FAILED || job->outcome == OUTCOME_BROKEN)
            report_failure(report->to, job, "");
        else if (job->outcome == OUTCOME_SKIPPED)
            report_skip(report->to, job);
        else if (report->verbose)
            fprintf(report->to, "PASS  %s\n", job->place.name);
    }
    fprintf(report->to, "%s%zu passed, %zu failed", report->tap ? "# " : "", totals.passed, totals.failed);
    if (totals.skipped > 0)
        fprintf(report->to, ", %zu skipped", totals.skipped);
    putc('\n', report->to);
    fflush(report->to);
    return totals;
}

/* ---- JUnit ----------------------------------------------------------------------------------- */

/* Bytes of the UTF-8 character at text that XML allows, 0 if it starts none. */
static int utf8(const unsigned char *text)
{
    const int length = text[0] >= 0xc2 && text[0] < 0xe0   ? 2
                       : text[0] >= 0xe0 && text[0] < 0xf0 ? 3
                       : text[0] >= 0xf0 && text[0] < 0xf5 ? 4
                                                           : 0;

    for (int i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, FFFEh and FFFFh, and what lies beyond Unicode. */
    if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] >= 0xa0) ||
        (text[0] == 0xef && text[1] == 0xbf && text[2] >= 0xbe) || (text[0] == 0xf0 && text[1] < 0x90) ||
        (text[0] == 0xf4 && text[1] >= 0x90))
        return 0;
    return length;
}

static void xml(FILE *to, const char *text, size_t len)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *const end = at + len;

    while (at < end) {
        const unsigned char c = *at;
        const int wide = c >= 0x80 ? utf8(at) : 0;

        if (wide > 0) {
            fwrite(at, 1, (size_t)wide, to);
            at += wide;
            continue;
        }
        if (c == '&')
            fputs("&amp;", to);
        else if (c == '<')
            fputs("&lt;", to);
        else if (c == '>')
            fputs("&gt;", to);
        else if (c == '"')
            fputs("&quot;", to);
        else
            putc(c >= 0x80 || (c < 0x20 && c != '\n' && c != '\t') ? '?' : c, to);
        at++;
    }
}

static void junit_case(FILE *to, const struct job *job)
{
    const bool broken = job->outcome == OUTCOME_BROKEN;

    fputs("  <testcase classname=\"", to);
    xml(to, job->place.chapter, strlen(job->place.chapter));
    fputs("\" name=\"", to);
    xml(to, job->place.name, strlen(job->place.name));
    fputs("\" file=\"", to);
    xml(to, job->path, strlen(job->path));
    if (job->outcome == OUTCOME_PASSED) {
        fputs("\"/>\n", to);
        return;
    }
    if (job->outcome == OUTCOME_SKIPPED) {
        fputs("\">\n    <skipped message=\"", to);
        xml(to, reason(job), strcspn(reason(job), "\n"));
        fputs("\"/>\n  </testcase>\n", to);
        return;
    }
    fprintf(to, "\">\n    <%s message=\"", broken ? "error" : "failure");
    xml(to, job->headline, strlen(job->headline));
    fputs("\">", to);
    xml(to, job->report, strlen(job->report));
    fprintf(to, "</%s>\n  </testcase>\n", broken ? "error" : "failure");
}

bool report_junit(const struct jobs *jobs, const char *path, char *why, size_t size)
{
    const struct totals totals = count(jobs);
    char temp[FILES_PATH + 8];
    FILE *to;
    bool good;

    snprintf(temp, sizeof temp, "%s.new", path);
    to = fopen(temp, "w");
    if (to == NULL) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        return false;
    }
    fprintf(to,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"e1000lab\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
            "skipped=\"%zu\">\n",
            jobs->count, totals.failed - totals.broken, totals.broken, totals.skipped);
    for (size_t i = 0; i < jobs->count; i++)
        junit_case(to, &jobs->job[i]);
    fputs("</testsuite>\n", to);
    good = !ferror(to);
    good = fclose(to) == 0 && good && rename(temp, path) == 0;
    if (!good) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        unlink(temp);
    }
    return good;
}
