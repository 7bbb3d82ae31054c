/*
 * golden.c - a run's trace and frames beside the ones that were accepted
 *
 * Traces are compared as streams: memory does not grow with their length. Lines are looked up in
 * a window of the two files, so that one inserted line is one difference and not a thousand.
 */
#include "golden.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pcap.h"

#define WHY 512

/* ---- where goldens are ----------------------------------------------------------------------- */

/* The last folder of path called scenarios, or NULL. A file of that name is none. */
static const char *find_tree(const char *path)
{
    static const char tree[] = "scenarios/";
    const char *found = NULL;

    for (const char *at = path; (at = strstr(at, tree)) != NULL; at++)
        if (at == path || at[-1] == '/')
            found = at;
    return found;
}

static bool cut(char *to, size_t size, const char *from, const char *end)
{
    const size_t len = (size_t)(end - from);

    if (len >= size)
        return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

bool golden_locate(const char *scenario, const char *golden_root, struct golden_place *place)
{
    char real[FILES_PATH], root[FILES_PATH];
    const char *tree, *file, *below;

    memset(place, 0, sizeof *place);
    while (strncmp(scenario, "./", 2) == 0)
        for (scenario += 2; *scenario == '/'; scenario++)
            ;
    tree = find_tree(scenario);
    if (tree == NULL) {
        /* Somebody may stand inside the tree. */
        char *const resolved = realpath(scenario, NULL);

        if (resolved != NULL && strlen(resolved) < sizeof real && find_tree(resolved) != NULL) {
            strcpy(real, resolved);
            scenario = real;
            tree = find_tree(scenario);
        }
        free(resolved);
    }
    file = strrchr(scenario, '/');
    file = file == NULL ? scenario : file + 1;
    place->in_tree = tree != NULL;
    place->usual = tree == scenario && golden_root == NULL;
    if (!cut(place->name, sizeof place->name, file, file + strlen(file) - (files_ends_in(file, ".lua") ? 4 : 0)))
        return false;

    if (tree == NULL)
        return golden_root != NULL ? files_join(place->folder, sizeof place->folder, golden_root, "")
                                   : cut(root, sizeof root, scenario, file) &&
                                         files_join(place->folder, sizeof place->folder, root, "golden");

    below = tree + strlen("scenarios/");
    if (!cut(place->chapter, sizeof place->chapter, below, file > below ? file - 1 : below))
        return false;
    if (golden_root == NULL) {
        if (!cut(root, sizeof root, scenario, tree) || strlen(root) + 6 >= sizeof root)
            return false;
        strcat(root, "golden");
        golden_root = root;
    }
    return files_join(place->folder, sizeof place->folder, golden_root, place->chapter);
}

static bool beside(const struct golden_place *place, char *to, size_t size, const char *format, ...)
{
    char name[512];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return n >= 0 && (size_t)n < sizeof name && files_join(to, size, place->folder, name);
}

bool golden_trace_path(const struct golden_place *place, char *to, size_t size)
{
    return beside(place, to, size, "%s.trace", place->name);
}

bool golden_pcap_path(const struct golden_place *place, const char *list, char *to, size_t size)
{
    return beside(place, to, size, "%s.%s.pcap", place->name, list);
}

/* ---- two streams of lines -------------------------------------------------------------------- */

#define LINE 512    /* a longer line counts as several; a trace line has at most E1000_TEXT_MAX */
#define WINDOW 2048 /* lines looked ahead for the place where the files agree again */

struct line {
    uint32_t hash;
    uint16_t len;
    char text[LINE]; /* with its newline, if it has one */
};

struct stream {
    const char *path;
    FILE *file;
    struct line *ring; /* WINDOW of them */
    size_t head, held;
    uint64_t number; /* of the first line held, from 1 */
    bool ended;
};

struct differ {
    struct stream golden, run;
    size_t gone, came; /* lines of the difference at hand */
};

enum differ_step { DIFFER_SAME, DIFFER_CHANGED, DIFFER_END };

static bool stream_open(struct stream *stream, const char *path)
{
    memset(stream, 0, sizeof *stream);
    stream->path = path;
    stream->number = 1;
    stream->ring = malloc(WINDOW * sizeof *stream->ring);
    stream->file = stream->ring == NULL ? NULL : fopen(path, "rb");
    if (stream->file != NULL)
        return true;
    free(stream->ring);
    stream->ring = NULL;
    return false;
}

static void stream_close(struct stream *stream)
{
    if (stream->file != NULL)
        fclose(stream->file);
    free(stream->ring);
}

static struct line *line_at(const struct stream *stream, size_t n)
{
    return &stream->ring[(stream->head + n) % WINDOW];
}

/* Hold at least n lines if the file has them. */
static void stream_fill(struct stream *stream, size_t n)
{
    while (stream->held < n && !stream->ended) {
        struct line *const line = line_at(stream, stream->held);
        int c = EOF;

        line->hash = 2166136261u;
        line->len = 0;
        while (line->len < LINE && (c = getc(stream->file)) != EOF) {
            line->text[line->len++] = (char)c;
            line->hash = (line->hash ^ (unsigned char)c) * 16777619u;
            if (c == '\n')
                break;
        }
        if (line->len == 0)
            stream->ended = true;
        else
            stream->held++;
    }
}

static void stream_skip(struct stream *stream, size_t n)
{
    stream->head = (stream->head + n) % WINDOW;
    stream->held -= n;
    stream->number += n;
}

/* Line i of the golden and j of the run are the same; the ends of both files are, too. */
static bool agree(const struct differ *d, size_t i, size_t j)
{
    const struct line *left, *right;

    if (i >= d->golden.held || j >= d->run.held)
        return i >= d->golden.held && j >= d->run.held;
    left = line_at(&d->golden, i);
    right = line_at(&d->run, j);
    return left->hash == right->hash && left->len == right->len && memcmp(left->text, right->text, left->len) == 0;
}

/* Find the nearest place where two lines running agree; one alone ("irq dn") is found anywhere. */
static void find_extent(struct differ *d)
{
    stream_fill(&d->golden, WINDOW);
    stream_fill(&d->run, WINDOW);
    for (size_t sum = 1; sum <= d->golden.held + d->run.held; sum++) {
        const size_t first = sum > d->run.held ? sum - d->run.held : 0;

        for (size_t i = first; i <= sum && i <= d->golden.held; i++) {
            const size_t j = sum - i;
            const bool at_end = i == d->golden.held || j == d->run.held;

            if (at_end && !(i == d->golden.held && j == d->run.held))
                continue;
            if (agree(d, i, j) && (at_end || agree(d, i + 1, j + 1))) {
                d->gone = i;
                d->came = j;
                return;
            }
        }
    }
}

/* One more line that is the same, or a difference. Finish each with differ_skip(). */
static enum differ_step differ_next(struct differ *d)
{
    stream_fill(&d->golden, 1);
    stream_fill(&d->run, 1);
    if (d->golden.held == 0 && d->run.held == 0)
        return DIFFER_END;
    d->gone = d->came = 1;
    if (d->golden.held > 0 && d->run.held > 0 && agree(d, 0, 0))
        return DIFFER_SAME;
    find_extent(d);
    return DIFFER_CHANGED;
}

static void differ_skip(struct differ *d)
{
    stream_skip(&d->golden, d->gone);
    stream_skip(&d->run, d->came);
}

static enum golden_verdict differ_open(struct differ *d, FILE *report, const char *golden, const char *run)
{
    memset(d, 0, sizeof *d);
    if (!stream_open(&d->golden, golden)) {
        const bool missing = errno == ENOENT;

        fprintf(report, "%s: %s\n", golden, strerror(errno));
        return missing ? GOLDEN_MISSING : GOLDEN_UNREADABLE;
    }
    if (!stream_open(&d->run, run)) {
        fprintf(report, "%s: %s, though the scenario has run\n", run, strerror(errno));
        stream_close(&d->golden);
        return GOLDEN_UNREADABLE;
    }
    return GOLDEN_SAME;
}

/* A folder opens and then does not read: say so rather than take it for an empty trace. */
static enum golden_verdict differ_close(struct differ *d, FILE *report, enum golden_verdict verdict)
{
    const struct stream *const streams[] = {&d->golden, &d->run};

    for (int i = 0; i < 2; i++)
        if (ferror(streams[i]->file)) {
            fprintf(report, "%s: cannot be read\n", streams[i]->path);
            verdict = GOLDEN_UNREADABLE;
        }
    stream_close(&d->golden);
    stream_close(&d->run);
    return verdict;
}

/* ---- traces ---------------------------------------------------------------------------------- */

/* A golden may have been edited: what a terminal would act on is shown as a number. */
static void print_line(FILE *to, char mark, const struct line *line)
{
    putc(mark, to);
    for (size_t i = 0; i < line->len; i++) {
        const unsigned char c = (unsigned char)line->text[i];

        if (c == '\n')
            break;
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            fprintf(to, "\\x%02x", c);
        else
            putc(c, to);
    }
    putc('\n', to);
    if (line->text[line->len - 1] != '\n' && line->len < LINE)
        fputs("\\ no newline at the end of the file\n", to);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

#define FIRST_LINES 3 /* of each side that the report of the first difference shows */

static bool is_fold(const struct line *line)
{
    char text[LINE + 1];

    memcpy(text, line->text, line->len);
    text[line->len] = '\0';
    return strstr(text, "  lab  fold ") != NULL;
}

/* Of a fold a golden has only the count of its lines and their CRC: say how to see what is in it. */
static void report_fold(FILE *report, const struct differ *d, const char *golden)
{
    const char *const slash = strrchr(golden, '/'), *const name = slash != NULL ? slash + 1 : golden;
    const int len = (int)strcspn(name, ".");

    if (d->gone == 0 || d->came == 0 || !is_fold(line_at(&d->golden, 0)) || !is_fold(line_at(&d->run, 0)))
        return;
    fprintf(report,
            "the difference is inside this fold; its lines now: e1000lab run --show --unfold %.*s\n"
            "beside those that were accepted: make unfold S=%.*s\n",
            len, name, len, name);
}

/* Go over both files; report the first difference, count the others. */
static uint64_t report_first(FILE *report, struct differ *d, const char *golden, bool run_ended)
{
    struct line *const before = malloc(sizeof *before);
    uint64_t differ = 0, shown = 0;
    enum differ_step step;

    if (before != NULL)
        before->len = 0;
    while ((step = differ_next(d)) != DIFFER_END) {
        if (step == DIFFER_SAME) {
            if (before != NULL && differ == 0)
                *before = *line_at(&d->golden, 0);
        } else if (differ == 0 && run_ended && d->came == 0 && d->run.held == 0) {
            break;
        } else {
            if (differ == 0) {
                shown = smaller(larger(d->gone, d->came), FIRST_LINES);
                fprintf(report, "first difference from %s, line %" PRIu64 ":\n", golden, d->golden.number);
                if (before != NULL && before->len > 0)
                    print_line(report, ' ', before);
                for (size_t i = 0; i < d->gone && i < FIRST_LINES; i++)
                    print_line(report, '-', line_at(&d->golden, i));
                for (size_t i = 0; i < d->came && i < FIRST_LINES; i++)
                    print_line(report, '+', line_at(&d->run, i));
                report_fold(report, d, golden);
            }
            differ += larger(d->gone, d->came);
        }
        differ_skip(d);
    }
    free(before);
    if (differ > shown)
        fprintf(report, "%" PRIu64 " more line%s\n", differ - shown, differ - shown == 1 ? " differs" : "s differ");
    return differ;
}

enum golden_verdict golden_compare_traces(FILE *report, const char *golden, const char *run, bool run_ended)
{
    struct differ d;
    enum golden_verdict verdict = differ_open(&d, report, golden, run);

    if (verdict != GOLDEN_SAME)
        return verdict;
    if (report_first(report, &d, golden, run_ended) > 0)
        verdict = GOLDEN_DIFFERS;
    return differ_close(&d, report, verdict);
}

/* ---- the full difference --------------------------------------------------------------------- */

#define CONTEXT 3      /* lines around a difference */
#define HUNK_LINES 256 /* a longer hunk is printed in pieces, so that memory has a bound */

struct hunk {
    FILE *body;
    char *text;
    size_t size;
    uint64_t golden_from, run_from;
    uint64_t golden_lines, run_lines;
    unsigned quiet; /* unchanged lines since the last difference */
};

static void hunk_print(FILE *report, struct hunk *hunk)
{
    if (hunk->body == NULL)
        return;
    fclose(hunk->body);
    /* An empty side is named by the line before it, as diff -u does. */
    fprintf(report, "@@ -%" PRIu64 ",%" PRIu64 " +%" PRIu64 ",%" PRIu64 " @@\n",
            hunk->golden_from - (hunk->golden_lines == 0), hunk->golden_lines, hunk->run_from - (hunk->run_lines == 0),
            hunk->run_lines);
    fwrite(hunk->text, 1, hunk->size, report);
    free(hunk->text);
    memset(hunk, 0, sizeof *hunk);
}

static void hunk_start(struct hunk *hunk, const struct differ *d, const struct line *before, size_t held)
{
    memset(hunk, 0, sizeof *hunk);
    hunk->body = open_memstream(&hunk->text, &hunk->size);
    hunk->golden_from = d->golden.number - held;
    hunk->run_from = d->run.number - held;
    if (hunk->body == NULL)
        return;
    for (size_t i = 0; i < held; i++)
        print_line(hunk->body, ' ', &before[i]);
    hunk->golden_lines = hunk->run_lines = held;
}

static void hunk_difference(struct hunk *hunk, const struct differ *d)
{
    if (hunk->body == NULL)
        return;
    for (size_t i = 0; i < d->gone; i++)
        print_line(hunk->body, '-', line_at(&d->golden, i));
    for (size_t i = 0; i < d->came; i++)
        print_line(hunk->body, '+', line_at(&d->run, i));
    hunk->golden_lines += d->gone;
    hunk->run_lines += d->came;
    hunk->quiet = 0;
}

static enum golden_verdict diff_traces(FILE *report, const char *golden, const char *run)
{
    struct line *const before = malloc(CONTEXT * sizeof *before);
    struct hunk hunk = {0};
    struct differ d;
    size_t held = 0;
    enum differ_step step;
    enum golden_verdict verdict = differ_open(&d, report, golden, run);

    if (verdict != GOLDEN_SAME || before == NULL) {
        free(before);
        return verdict;
    }
    while ((step = differ_next(&d)) != DIFFER_END) {
        if (step == DIFFER_CHANGED) {
            if (verdict == GOLDEN_SAME)
                fprintf(report, "--- %s\n+++ %s\n", golden, run);
            verdict = GOLDEN_DIFFERS;
            if (hunk.body == NULL)
                hunk_start(&hunk, &d, before, held);
            hunk_difference(&hunk, &d);
            held = 0;
        } else if (hunk.body != NULL && hunk.quiet < CONTEXT) {
            print_line(hunk.body, ' ', line_at(&d.golden, 0));
            hunk.golden_lines++;
            hunk.run_lines++;
            hunk.quiet++;
        } else {
            hunk_print(report, &hunk);
            if (held == CONTEXT)
                memmove(before, before + 1, (CONTEXT - 1) * sizeof *before);
            else
                held++;
            before[held - 1] = *line_at(&d.golden, 0);
        }
        if (hunk.golden_lines + hunk.run_lines > HUNK_LINES)
            hunk_print(report, &hunk);
        differ_skip(&d);
    }
    hunk_print(report, &hunk);
    free(before);
    return differ_close(&d, report, verdict);
}

/* ---- frames ---------------------------------------------------------------------------------- */

struct span {
    unsigned from, to; /* bytes of the header, inclusive */
    const char *name;
};

static const char *span_name(const struct span *spans, size_t n, size_t byte)
{
    for (size_t i = 0; i < n; i++)
        if (byte >= spans[i].from && byte <= spans[i].to)
            return spans[i].name;
    return "options";
}

#define SPAN_NAME(spans, byte) span_name(spans, sizeof(spans) / sizeof *(spans), byte)

/* clang-format off */
static const struct span tcp_spans[] = {
    {0, 1, "tcp.sport"},  {2, 3, "tcp.dport"},   {4, 7, "tcp.seq"},       {8, 11, "tcp.ack"},
    {12, 12, "tcp.doff"}, {13, 13, "tcp.flags"}, {14, 15, "tcp.window"},  {16, 17, "tcp.checksum"},
    {18, 19, "tcp.urg"},  {20, 59, "tcp.options"},
};
static const struct span udp_spans[] = {
    {0, 1, "udp.sport"}, {2, 3, "udp.dport"}, {4, 5, "udp.len"}, {6, 7, "udp.checksum"},
};
static const struct span ip4_spans[] = {
    {0, 0, "ip.version"},    {1, 1, "ip.tos"}, {2, 3, "ip.len"},   {4, 5, "ip.id"},
    {6, 7, "ip.fragment"},   {8, 8, "ip.ttl"}, {9, 9, "ip.proto"}, {10, 11, "ip.checksum"},
    {12, 15, "ip.src"},      {16, 19, "ip.dst"}, {20, 59, "ip.options"},
};
static const struct span ip6_spans[] = {
    {0, 3, "ip6.flow"}, {4, 5, "ip6.len"},   {6, 6, "ip6.next"},
    {7, 7, "ip6.hops"}, {8, 23, "ip6.src"}, {24, 39, "ip6.dst"},
};
static const struct span arp_spans[] = {
    {0, 1, "arp.hardware"}, {2, 3, "arp.protocol"}, {4, 5, "arp.lengths"}, {6, 7, "arp.op"},
    {8, 13, "arp.sha"},     {14, 17, "arp.spa"},    {18, 23, "arp.tha"},   {24, 27, "arp.tpa"},
};
/* clang-format on */

static const char *transport_name(unsigned protocol, const unsigned char *frame, size_t len, size_t at, size_t byte)
{
    if (protocol == 6 && len >= at + 20 && byte < at + (size_t)(frame[at + 12] >> 4) * 4)
        return SPAN_NAME(tcp_spans, byte - at);
    if (protocol == 17 && byte < at + 8)
        return SPAN_NAME(udp_spans, byte - at);
    return "payload";
}

const char *golden_byte_name(const unsigned char *frame, size_t len, size_t byte)
{
    size_t at = 12, header;
    unsigned type;

    if (byte < 6)
        return "eth.dst";
    if (byte < 12)
        return "eth.src";
    while (len >= at + 4 &&
           ((frame[at] == 0x81 && frame[at + 1] == 0x00) || (frame[at] == 0x88 && frame[at + 1] == 0xa8))) {
        if (byte < at + 4)
            return byte < at + 2 ? "vlan.tpid" : "vlan.tci";
        at += 4;
    }
    if (byte < at + 2)
        return "eth.type";
    if (len < at + 2)
        return "payload";
    type = (unsigned)frame[at] << 8 | frame[at + 1];
    at += 2;
    if (type == 0x0806 && byte < at + 28)
        return SPAN_NAME(arp_spans, byte - at);
    if (type == 0x86dd && len >= at + 40)
        return byte < at + 40 ? SPAN_NAME(ip6_spans, byte - at)
                              : transport_name(frame[at + 6], frame, len, at + 40, byte);
    if (type != 0x0800 || len < at + 20)
        return "payload";
    header = (size_t)(frame[at] & 0xf) * 4;
    if (byte < at + header || header < 20)
        return SPAN_NAME(ip4_spans, byte - at);
    /* What follows the header of a later fragment is the middle of something. */
    if ((frame[at + 6] & 0x1f) != 0 || frame[at + 7] != 0)
        return "payload";
    return transport_name(frame[at + 9], frame, len, at + header, byte);
}

/* "18", and for TCP's flags what they are: "18 PSH ACK". */
static const char *byte_text(const char *name, unsigned char value, char *to, size_t size)
{
    static const char *const flags[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
    size_t used = (size_t)snprintf(to, size, "%02x", value);

    if (strcmp(name, "tcp.flags") == 0)
        for (unsigned bit = 0; bit < 8 && used < size; bit++)
            if (value >> bit & 1)
                used += (size_t)snprintf(to + used, size - used, " %s", flags[bit]);
    return to;
}

struct frame {
    uint64_t at_ns;
    const uint8_t *bytes;
    size_t len;
};

/* Frames in a file. False after a message if it cannot be read to its end. */
static bool count_frames(FILE *report, const char *path, const char *advice, uint64_t *frames)
{
    struct pcap_reader *reader;
    struct frame frame;
    char why[WHY] = "";
    int status;

    *frames = 0;
    if (!pcap_in_open(path, &reader, why, sizeof why)) {
        fprintf(report, "%s; %s\n", why, advice);
        return false;
    }
    while ((status = pcap_in_next(reader, &frame.at_ns, &frame.bytes, &frame.len)) > 0)
        ++*frames;
    if (status < 0)
        fprintf(report, "%s: cut off or damaged in frame %" PRIu64 ": %s; %s\n", path, *frames + 1,
                pcap_in_error(reader), advice);
    pcap_in_close(reader);
    return status == 0;
}

/* Report the first thing in which two frames differ: bytes before length, length before time. */
static bool same_frame(FILE *report, const char *where, const struct frame *want, const struct frame *got)
{
    size_t n = 0;

    while (n < want->len && n < got->len && want->bytes[n] == got->bytes[n])
        n++;
    if (n < want->len && n < got->len) {
        const char *const name = golden_byte_name(want->bytes, want->len, n);
        char a[48], b[48];

        fprintf(report, "%s, byte %zu %s: expected %s, got %s\n", where, n, name,
                byte_text(name, want->bytes[n], a, sizeof a), byte_text(name, got->bytes[n], b, sizeof b));
    } else if (want->len != got->len) {
        fprintf(report, "%s: expected %zu bytes, got %zu\n", where, want->len, got->len);
    } else if (want->at_ns != got->at_ns) {
        fprintf(report, "%s: expected at %" PRIu64 " ns, got at %" PRIu64 " ns\n", where, want->at_ns, got->at_ns);
    } else {
        return true;
    }
    return false;
}

static enum golden_verdict compare_pcaps(FILE *report, const char *golden, const char *run, bool all, bool times)
{
    struct pcap_reader *left = NULL, *right = NULL;
    enum golden_verdict verdict = GOLDEN_SAME;
    uint64_t frames, other;
    char why[WHY];

    if (!files_exist(golden)) {
        fprintf(report, "%s: %s\n", golden, strerror(errno));
        return errno == ENOENT ? GOLDEN_MISSING : GOLDEN_UNREADABLE;
    }
    if (!count_frames(report, golden, "restore it, or accept this run in its place", &frames) ||
        !count_frames(report, run, "this run did not finish it", &other))
        return GOLDEN_UNREADABLE;
    if (!pcap_in_open(golden, &left, why, sizeof why) || !pcap_in_open(run, &right, why, sizeof why)) {
        fprintf(report, "%s\n", why);
        if (left != NULL)
            pcap_in_close(left);
        return GOLDEN_UNREADABLE;
    }
    for (uint64_t n = 1; n <= frames && n <= other && (all || verdict == GOLDEN_SAME); n++) {
        struct frame want, got;
        char where[FILES_PATH + 64];

        if (pcap_in_next(left, &want.at_ns, &want.bytes, &want.len) <= 0 ||
            pcap_in_next(right, &got.at_ns, &got.bytes, &got.len) <= 0)
            break;
        if (!times)
            got.at_ns = want.at_ns;
        snprintf(where, sizeof where, "%s frame %" PRIu64 " of %" PRIu64, golden, n, frames);
        if (!same_frame(report, where, &want, &got))
            verdict = GOLDEN_DIFFERS;
    }
    if (frames != other && (all || verdict == GOLDEN_SAME)) {
        fprintf(report, "%s: expected %" PRIu64 " frame%s, got %" PRIu64 "\n", golden, frames, frames == 1 ? "" : "s",
                other);
        verdict = GOLDEN_DIFFERS;
    }
    pcap_in_close(left);
    pcap_in_close(right);
    return verdict;
}

enum golden_verdict golden_compare_pcaps(FILE *report, const char *golden, const char *run)
{
    return compare_pcaps(report, golden, run, false, true);
}

/* ---- all of a scenario ----------------------------------------------------------------------- */

/* Is name one of this scenario's pcaps, and not of a scenario whose name only starts the same? */
static bool own_pcap(const struct golden_place *place, const char *name, char *list, size_t size)
{
    const size_t stem = strlen(place->name), len = strlen(name);

    return len > stem + 6 && strncmp(name, place->name, stem) == 0 && name[stem] == '.' &&
           files_ends_in(name, ".pcap") && cut(list, size, name + stem + 1, name + len - 5) &&
           strchr(list, '.') == NULL;
}

static bool listed(const struct scenario_result *result, const char *list)
{
    for (int i = 0; i < SCENARIO_PCAPS && result->pcap[i][0] != '\0'; i++)
        if (strcmp(result->pcap[i], list) == 0)
            return true;
    return false;
}

/* Golden pcaps that the scenario no longer writes: name them, or remove them. Returns how many. */
static int stale_pcaps(FILE *report, const struct golden_place *place, const struct scenario_result *result,
                       bool remove_them)
{
    DIR *const dir = opendir(place->folder);
    const struct dirent *entry;
    int found = 0;

    if (dir == NULL)
        return 0;
    while ((entry = readdir(dir)) != NULL) {
        char list[64], path[FILES_PATH];

        if (!own_pcap(place, entry->d_name, list, sizeof list) || listed(result, list) ||
            !golden_pcap_path(place, list, path, sizeof path))
            continue;
        found++;
        if (!remove_them)
            fprintf(report, "%s: the scenario does not list \"%s\" in golden = {}\n", path, list);
        else if (unlink(path) == 0)
            fprintf(report, "%s: removed, the scenario no longer lists \"%s\"\n", path, list);
        else
            fprintf(report, "%s: cannot be removed: %s\n", path, strerror(errno));
    }
    closedir(dir);
    return found;
}

static enum golden_verdict worse(enum golden_verdict a, enum golden_verdict b)
{
    return a > b ? a : b;
}

static enum golden_verdict check(FILE *report, const struct golden_place *place, const char *out,
                                 const struct scenario_result *result, bool all)
{
    char golden[FILES_PATH], run[FILES_PATH], name[64];
    const bool ended = result->status != SCENARIO_PASSED;
    enum golden_verdict verdict;

    if (!golden_trace_path(place, golden, sizeof golden) || !files_join(run, sizeof run, out, "run.trace")) {
        fprintf(report, "%s: the path is too long\n", place->name);
        return GOLDEN_UNREADABLE;
    }
    if (!files_exist(golden)) {
        fprintf(report, "no golden trace %s yet", golden);
        if (ended)
            putc('\n', report);
        else
            fprintf(report, "; read %s, and accept it if it is right\n", run);
        return GOLDEN_MISSING;
    }
    verdict = place->frames_only ? GOLDEN_SAME
              : all              ? diff_traces(report, golden, run)
                                 : golden_compare_traces(report, golden, run, ended);
    /* A run that failed halfway lacks frames; its trace has said so. */
    for (int i = 0; i < SCENARIO_PCAPS && result->pcap[i][0] != '\0' && (all || !ended); i++) {
        snprintf(name, sizeof name, "%s.pcap", result->pcap[i]);
        if (!golden_pcap_path(place, result->pcap[i], golden, sizeof golden) || !files_join(run, sizeof run, out, name))
            continue;
        if (!files_exist(golden)) {
            fprintf(report, "no golden frames %s yet\n", golden);
            verdict = worse(verdict, GOLDEN_MISSING);
        } else {
            verdict = worse(verdict, compare_pcaps(report, golden, run, all, !place->frames_only));
        }
    }
    if (!ended && stale_pcaps(report, place, result, false) > 0)
        verdict = worse(verdict, GOLDEN_DIFFERS);
    return verdict;
}

enum golden_verdict golden_check(FILE *report, const struct golden_place *place, const char *out,
                                 const struct scenario_result *result)
{
    return check(report, place, out, result, false);
}

enum golden_verdict golden_diff(FILE *report, const struct golden_place *place, const char *out,
                                const struct scenario_result *result)
{
    return check(report, place, out, result, true);
}

/* ---- accepting ------------------------------------------------------------------------------- */

/* Lines that differ, and where the first is; both 0 if none does. */
static uint64_t count_changes(const char *golden, const char *run, uint64_t *first)
{
    FILE *const nowhere = fopen("/dev/null", "w");
    struct differ d;
    enum differ_step step;
    uint64_t changes = 0;

    *first = 0;
    if (nowhere == NULL)
        return 0;
    if (differ_open(&d, nowhere, golden, run) == GOLDEN_SAME) {
        while ((step = differ_next(&d)) != DIFFER_END) {
            if (step == DIFFER_CHANGED) {
                if (changes == 0)
                    *first = d.golden.number;
                changes += larger(d.gone, d.came);
            }
            differ_skip(&d);
        }
        differ_close(&d, nowhere, GOLDEN_SAME);
    }
    fclose(nowhere);
    return changes;
}

static bool accept_trace(FILE *report, const char *golden, const char *run, char *why, size_t size)
{
    const bool was_there = files_exist(golden);
    uint64_t first, changes;

    if (was_there && files_same(run, golden, why, size)) {
        fprintf(report, "%s: unchanged\n", golden);
        return true;
    }
    changes = was_there ? count_changes(golden, run, &first) : 0;
    if (!files_replace(run, golden, why, size))
        return false;
    if (!was_there)
        fprintf(report, "%s: written\n", golden);
    else
        fprintf(report, "%s: replaced, %" PRIu64 " line%s, the first is line %" PRIu64 "\n", golden, changes,
                changes == 1 ? " differs" : "s differ", first);
    return true;
}

/* A pcap that says the same is left alone: its header's byte order is the writing machine's. */
static bool accept_pcap(FILE *report, const char *golden, const char *run, char *why, size_t size)
{
    const bool was_there = files_exist(golden);
    enum golden_verdict verdict = GOLDEN_MISSING;
    char *text = NULL;
    size_t len = 0;
    FILE *difference;

    if (was_there && (difference = open_memstream(&text, &len)) != NULL) {
        verdict = compare_pcaps(difference, golden, run, false, true);
        fclose(difference);
    }
    if (verdict == GOLDEN_SAME) {
        fprintf(report, "%s: unchanged\n", golden);
    } else if (!files_replace(run, golden, why, size)) {
        free(text);
        return false;
    } else if (was_there) {
        fprintf(report, "%s: replaced; it was different: %s", golden, text != NULL ? text : "\n");
    } else {
        fprintf(report, "%s: written\n", golden);
    }
    free(text);
    return true;
}

bool golden_accept(FILE *report, const struct golden_place *place, const char *out,
                   const struct scenario_result *result, char *why, size_t size)
{
    char golden[FILES_PATH], run[FILES_PATH], name[64];
    uint64_t frames;

    /* Look at everything that is to be accepted before the first file changes. */
    if (!golden_trace_path(place, golden, sizeof golden) || !files_join(run, sizeof run, out, "run.trace") ||
        !files_exist(run)) {
        snprintf(why, size, "%s/run.trace: the run has left no trace to accept", out);
        return false;
    }
    for (int i = 0; i < SCENARIO_PCAPS && result->pcap[i][0] != '\0'; i++) {
        snprintf(name, sizeof name, "%s.pcap", result->pcap[i]);
        if (!files_join(run, sizeof run, out, name) || !count_frames(report, run, "not accepted", &frames)) {
            snprintf(why, size, "%s: the run has left no such frames to accept", run);
            return false;
        }
    }
    if (!files_make_folder(place->folder, why, size))
        return false;
    if (!files_join(run, sizeof run, out, "run.trace") || !accept_trace(report, golden, run, why, size))
        return false;
    for (int i = 0; i < SCENARIO_PCAPS && result->pcap[i][0] != '\0'; i++) {
        snprintf(name, sizeof name, "%s.pcap", result->pcap[i]);
        if (!files_join(run, sizeof run, out, name) ||
            !golden_pcap_path(place, result->pcap[i], golden, sizeof golden) ||
            !accept_pcap(report, golden, run, why, size))
            return false;
    }
    stale_pcaps(report, place, result, true);
    return true;
}
