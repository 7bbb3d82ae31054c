/*
 * runner.c - run many scenarios, each in a process of its own, and report
 *
 * Calls   scenario_run() in the children; golden.c and report.c in the parent
 *
 * A child hands its result over a pipe and ends; whatever else becomes of it, a crash, a report of
 * a sanitizer, no end at all, is that scenario's failure and nobody else's. The parent alone reads
 * goldens and prints.
 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "job.h"
#include "nearest.h"
#include "report.h"

#define WHY 1024
#define MEMORY_BYTES (UINT64_C(2) << 30) /* of address space for a child: far more than one needs */
#define JOBS_MAX 1024

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const struct dut_ops *const duts[] = {&dut_model, &dut_vfio_user};

struct runner {
    const struct run_options *options;
    const struct dut_ops *dut;
    const char *dut_arg;
    bool frames_only; /* goldens of frames alone are compared */
    unsigned jobs_max;
    bool show;
    struct jobs jobs;
    struct report report;
};

static int complain(const char *why)
{
    fflush(stdout);
    fprintf(stderr, "e1000lab: %s\n", why);
    return EXIT_BROKEN;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the child ------------------------------------------------------------------------------- */

static void limit(int resource, uint64_t most)
{
    struct rlimit to;

    if (getrlimit(resource, &to) != 0)
        return;
    if (to.rlim_cur == RLIM_INFINITY || to.rlim_cur > most) {
        to.rlim_cur = (rlim_t)most;
        setrlimit(resource, &to);
    }
}

static void write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        const ssize_t n = write(fd, at, len);

        if (n < 0 && errno != EINTR)
            return;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
}

/*
 * The second run of --twice sees other addresses on the stack and the heap: what depends on an
 * address, as the order of a hash table can, comes out different here and not at a user's.
 */
static void run_elsewhere(const struct scenario_options *options, struct scenario_result *result)
{
    volatile char stack[12345];
    void *const heap = malloc(54321);

    stack[0] = stack[sizeof stack - 1] = 0;
    scenario_run(options, result);
    stack[1] = 0; /* still in use: the call above is no tail call */
    free(heap);
}

static void child(const struct runner *runner, const struct job *job, int result_fd, FILE *show)
{
    const struct run_options *const o = runner->options;
    const bool twice = (o->twice || o->mode == RUN_ACCEPT) && o->mode != RUN_LIST;
    struct scenario_options options = {
        .path = job->path,
        .out = job->out,
        .coverage = job->coverage[0] != '\0' ? job->coverage : NULL,
        .show = show,
        .dut = runner->dut,
        .dut_arg = runner->dut_arg,
        .seed = o->seed,
        .strict = o->strict,
        .quick = o->quick,
        .unfold = o->unfold,
        .declare_only = o->mode == RUN_LIST,
    };
    struct scenario_result result;
    char again[FILES_PATH], why[WHY];

    memset(&result, 0, sizeof result);
    scenario_run(&options, &result);
    if (show != NULL)
        fflush(show);
    write_all(result_fd, &result, sizeof result);
    if (!twice || result.status == SCENARIO_SKIPPED || result.status == SCENARIO_BROKEN)
        return;
    options.out = again;
    options.coverage = NULL;
    options.show = NULL;
    memset(&result, 0, sizeof result);
    if (!files_join(again, sizeof again, job->out, "again") || !files_make_folder(again, why, sizeof why)) {
        result.status = SCENARIO_BROKEN;
        snprintf(result.message, sizeof result.message, "cannot make %s\n", again);
    } else {
        run_elsewhere(&options, &result);
    }
    write_all(result_fd, &result, sizeof result);
}

/* Standard output goes where messages go: a stray print must not get into the report. */
static void child_main(const struct runner *runner, const struct job *job, int result_fd, int stderr_fd)
{
    const int null = open("/dev/null", O_RDONLY);
    FILE *show = NULL;

    if (runner->show)
        show = fdopen(dup(STDOUT_FILENO), "w");
    if (show != NULL)
        setvbuf(show, NULL, _IOLBF, 0); /* what came before a crash is out */
    dup2(null, STDIN_FILENO);
    dup2(stderr_fd, STDOUT_FILENO);
    dup2(stderr_fd, STDERR_FILENO);
    close(stderr_fd);
    if (!SANITIZED)
        limit(RLIMIT_AS, MEMORY_BYTES);
    limit(RLIMIT_CORE, 0);
    /* Should the parent be gone when time is up. */
    if (runner->options->timeout_ms > 0)
        alarm((unsigned)(runner->options->timeout_ms / 1000) + 5);
    child(runner, job, result_fd, show);
    /* Not _exit(): leak and coverage reports are written on the way out. */
    exit(0);
}

static bool start(struct runner *runner, struct job *job)
{
    int result[2], messages[2];

    if (pipe(result) != 0)
        return false;
    if (pipe(messages) != 0) {
        close(result[0]);
        close(result[1]);
        return false;
    }
    fflush(NULL); /* or the child would print it once more */
    job->pid = fork();
    if (job->pid == 0) {
        close(result[0]);
        close(messages[0]);
        child_main(runner, job, result[1], messages[1]);
    }
    close(result[1]);
    close(messages[1]);
    if (job->pid < 0) {
        close(result[0]);
        close(messages[0]);
        return false;
    }
    job->result_fd = result[0];
    job->stderr_fd = messages[0];
    job->started = true;
    if (runner->options->timeout_ms > 0)
        job->deadline_ms = now_ms() + runner->options->timeout_ms;
    return true;
}

/* ---- what came of it ------------------------------------------------------------------------- */

/* A word for a shell, in quotes if it needs them. */
static void print_word(FILE *to, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:,+=@%";

    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        fputs(word, to);
        return;
    }
    putc('\'', to);
    for (; *word != '\0'; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, to);
    putc('\'', to);
}

static void print_command(FILE *to, const struct runner *runner, const struct job *job, const char *command)
{
    const struct run_options *const o = runner->options;
    const bool accept = strcmp(command, "golden") == 0;
    const bool plain_dut = strcmp(o->dut, "model") == 0;
    const bool twice = job->twice_differs && strcmp(command, "run") == 0;

    if (job->place.usual && (accept || (!o->strict && !o->reload && o->seed == 1)) && plain_dut && !twice) {
        fprintf(to, "make %s S=%s", command, job->place.name);
        return;
    }
    fprintf(to, "e1000lab %s ", command);
    if (o->strict && !accept)
        fputs("--strict ", to);
    if (twice)
        fputs("--twice ", to);
    if (o->reload && !accept)
        fputs("--reload ", to);
    if (o->seed != 1 && !accept)
        fprintf(to, "--seed %" PRIu64 " ", o->seed);
    if (!plain_dut) {
        fputs("--dut ", to);
        print_word(to, o->dut);
        putc(' ', to);
    }
    if (o->golden != NULL) {
        fputs("--golden ", to);
        print_word(to, o->golden);
        putc(' ', to);
    }
    print_word(to, job->path);
}

/* What to type next. */
static void print_hints(FILE *to, const struct runner *runner, const struct job *job, enum golden_verdict verdict)
{
    fputs("\nagain  ", to);
    print_command(to, runner, job, "run");
    if (verdict != GOLDEN_SAME && verdict != GOLDEN_MISSING) {
        fputs("      all  ", to);
        print_command(to, runner, job, "diff");
    }
    if (verdict != GOLDEN_SAME && job->result[0].status == SCENARIO_PASSED) {
        fputs("      accept  ", to);
        print_command(to, runner, job, "golden");
    }
    putc('\n', to);
}

#define MESSAGE_LINES 15

/* The line that says what happened, if there is one, or the last ones. */
static const char *telling_part(const char *text)
{
    static const char *const signs[] = {"Sanitizer: ", "runtime error: ", "Assertion ", "assert"};
    const char *found = NULL;
    size_t lines = 0;

    for (size_t i = 0; i < sizeof signs / sizeof *signs && found == NULL; i++)
        found = strstr(text, signs[i]);
    if (found == NULL) {
        found = text + strlen(text);
        while (found > text && lines <= MESSAGE_LINES)
            lines += *--found == '\n';
        return lines > MESSAGE_LINES ? found + 1 : found;
    }
    while (found > text && found[-1] != '\n')
        found--;
    return found;
}

static void print_messages(FILE *to, const struct job *job)
{
    const char *text = job->messages == NULL ? "" : telling_part(job->messages);

    if (text[0] != '\0')
        fputs("\nits last messages:\n", to);
    for (int i = 0; i < MESSAGE_LINES && *text != '\0'; i++) {
        const size_t len = strcspn(text, "\n");

        fprintf(to, "  %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static const char *signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        {SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
        {SIGKILL, "SIGKILL"}, {SIGTERM, "SIGTERM"}, {SIGALRM, "SIGALRM"}, {SIGINT, "SIGINT"},   {SIGXCPU, "SIGXCPU"},
        {SIGTRAP, "SIGTRAP"}, {SIGXFSZ, "SIGXFSZ"}, {SIGSYS, "SIGSYS"},   {SIGPIPE, "SIGPIPE"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == number)
            return names[i].name;
    return "signal";
}

static char *format_path(char *to, size_t size, const struct job *job)
{
    const struct scenario_result *const result = &job->result[0];
    const char *const file = result->file[0] != '\0' ? result->file : job->path;

    if (result->line > 0)
        snprintf(to, size, "%s:%d", file, result->line);
    else
        snprintf(to, size, "%s", file);
    return to;
}

/* "scenarios/rx/x.lua:33   @ 138000 ns   [9.2.2 13.4.18]" */
static void print_headline(FILE *to, const struct job *job)
{
    const struct scenario_result *const result = &job->result[0];
    char where[FILES_PATH + 16];

    fputs(format_path(where, sizeof where, job), to);
    if (result->status == SCENARIO_FAILED)
        fprintf(to, "   @ %" PRIu64 " ns", result->at_ns);
    for (int i = 0; i < SCENARIO_SECTIONS && result->manual[i][0] != '\0'; i++)
        fprintf(to, "%s%s", i == 0 ? "   [" : " ", result->manual[i]);
    if (result->manual[0][0] != '\0')
        putc(']', to);
}

static void print_lines(FILE *to, const char *text)
{
    fputs(text, to);
    if (text[0] != '\0' && text[strlen(text) - 1] != '\n')
        putc('\n', to);
}

/* Where a child that never gave its result had come to. */
static void print_trace_so_far(FILE *to, const struct job *job)
{
    char path[FILES_PATH];

    if (files_join(path, sizeof path, job->out, "run.trace") && files_exist(path))
        fprintf(to, "its trace so far: %s\n", path);
}

/* The child did not end as it should. */
static bool judge_end(FILE *headline, FILE *report, const struct runner *runner, struct job *job)
{
    const int status = job->wait_status;
    const bool has_result = job->got >= sizeof job->result[0];
    const uint64_t timeout_ms = runner->options->timeout_ms;

    if (job->timed_out) {
        fprintf(headline, "%s: did not end within ", job->path);
        if (timeout_ms % 1000 == 0)
            fprintf(headline, "%" PRIu64 " s", timeout_ms / 1000);
        else
            fprintf(headline, "%" PRIu64 " ms", timeout_ms);
        fprintf(report, "it was ended; --timeout SECONDS gives it longer\n");
    } else if (WIFSIGNALED(status)) {
        fprintf(headline, "%s: crashed: %s (%s)", job->path, signal_name(WTERMSIG(status)),
                strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) != 0) {
        fprintf(headline, "%s: its process ended with status %d%s", job->path, WEXITSTATUS(status),
                has_result ? " after the scenario was over" : "");
    } else if (!has_result) {
        fprintf(headline, "%s: its process ended without a result", job->path);
    } else {
        return false;
    }
    print_trace_so_far(report, job);
    print_messages(report, job);
    job->outcome = OUTCOME_FAILED;
    return true;
}

static bool same_result(const struct scenario_result *a, const struct scenario_result *b)
{
    return a->status == b->status && a->line == b->line && a->at_ns == b->at_ns && strcmp(a->step, b->step) == 0 &&
           strcmp(a->message, b->message) == 0 && a->frames_in == b->frames_in && a->frames_out == b->frames_out &&
           a->accesses == b->accesses;
}

/* --twice: both runs, byte for byte. */
static bool judge_twice(FILE *report, const struct job *job)
{
    const struct scenario_result *const first = &job->result[0];
    char a[FILES_PATH], b[FILES_PATH], name[64], why[WHY];
    bool same = true;

    if (job->got < 2 * sizeof *first)
        return true;
    snprintf(name, sizeof name, "run.trace");
    for (int i = -1; i < SCENARIO_PCAPS && same; i++) {
        if (i >= 0 && first->pcap[i][0] == '\0')
            break;
        if (i >= 0)
            snprintf(name, sizeof name, "%s.pcap", first->pcap[i]);
        if (!files_join(a, sizeof a, job->out, "again") || !files_join(b, sizeof b, a, name) ||
            !files_join(a, sizeof a, job->out, name))
            return true;
        if (!files_exist(a) && !files_exist(b))
            continue;
        same = files_same(a, b, why, sizeof why);
        if (same)
            continue;
        fputs("two runs of the same scenario differ\n", report);
        if (why[0] != '\0')
            fprintf(report, "%s\n", why);
        else if (i < 0)
            golden_compare_traces(report, a, b, false);
        else
            golden_compare_pcaps(report, a, b);
    }
    if (same && !same_result(first, &job->result[1])) {
        fputs("two runs of the same scenario gave the same trace and different results\n", report);
        same = false;
    }
    return same;
}

/* UBSan goes on after a report, and the process ends well. */
static bool sanitizer_spoke(const struct job *job)
{
    return job->messages != NULL &&
           (strstr(job->messages, "runtime error: ") != NULL || strstr(job->messages, "Sanitizer: ") != NULL);
}

/* The scenario ran to an end of its own. Prints what is wrong besides the golden. */
static void judge_result(FILE *report, struct job *job)
{
    const struct scenario_result *const result = &job->result[0];
    static const enum outcome outcomes[] = {
        [SCENARIO_PASSED] = OUTCOME_PASSED,
        [SCENARIO_FAILED] = OUTCOME_FAILED,
        [SCENARIO_SKIPPED] = OUTCOME_SKIPPED,
        [SCENARIO_BROKEN] = OUTCOME_BROKEN,
    };

    job->outcome = (unsigned)result->status <= SCENARIO_BROKEN ? outcomes[result->status] : OUTCOME_BROKEN;
    if (job->outcome == OUTCOME_FAILED || job->outcome == OUTCOME_BROKEN) {
        if (result->step[0] != '\0')
            fprintf(report, "%s\n", result->step);
        print_lines(report, result->message);
    }
    if (job->outcome == OUTCOME_SKIPPED || job->outcome == OUTCOME_BROKEN)
        return;
    job->twice_differs = !judge_twice(report, job);
    if (job->twice_differs)
        job->outcome = OUTCOME_FAILED;
    if (sanitizer_spoke(job)) {
        print_messages(report, job);
        job->outcome = OUTCOME_FAILED;
    }
}

/* Beside its golden; *one_line if that is all there is to say, so that it can follow the name. */
static enum golden_verdict judge_golden(FILE *headline, FILE *report, const struct runner *runner, struct job *job,
                                        bool silent_so_far, bool *one_line)
{
    const bool full = runner->options->mode == RUN_DIFF;
    enum golden_verdict verdict;
    char *text = NULL, *end;
    size_t len = 0;
    FILE *const to = open_memstream(&text, &len);

    *one_line = false;
    if (to == NULL)
        return GOLDEN_SAME;
    job->place.frames_only = runner->frames_only;
    verdict = full ? golden_diff(to, &job->place, job->out, &job->result[0])
                   : golden_check(to, &job->place, job->out, &job->result[0]);
    fclose(to);
    if (verdict != GOLDEN_SAME)
        job->outcome = OUTCOME_FAILED;
    end = strchr(text, '\n');
    if (verdict != GOLDEN_SAME && silent_so_far && !full && end != NULL && end[1] == '\0') {
        fwrite(text, 1, len - 1, headline);
        *one_line = true;
    } else if (len > 0) {
        if (!silent_so_far)
            putc('\n', report);
        fwrite(text, 1, len, report);
    }
    free(text);
    return verdict;
}

static void judge_accept(FILE *report, struct job *job)
{
    char why[WHY];

    if (job->outcome == OUTCOME_PASSED) {
        if (golden_accept(report, &job->place, job->out, &job->result[0], why, sizeof why))
            return;
        job->outcome = OUTCOME_BROKEN;
        fprintf(report, "%s\n", why);
    } else if (job->outcome != OUTCOME_SKIPPED) {
        fprintf(report, "\nnot accepted: its golden files in %s are as before\n", job->place.folder);
    }
}

static void judge(const struct runner *runner, struct job *job)
{
    const struct run_options *const o = runner->options;
    const bool compare = (o->mode == RUN_TEST && !o->no_golden && !o->unfold) || o->mode == RUN_DIFF;
    enum golden_verdict verdict = GOLDEN_SAME;
    size_t headline_len, report_len;
    FILE *const headline = open_memstream(&job->headline, &headline_len);
    FILE *const report = open_memstream(&job->report, &report_len);
    bool one_line = false, crashed;

    if (headline == NULL || report == NULL) {
        complain("out of memory");
        exit(EXIT_BROKEN);
    }
    crashed = judge_end(headline, report, runner, job);
    if (!crashed)
        judge_result(report, job);
    if (!crashed && compare && (job->outcome == OUTCOME_PASSED || job->outcome == OUTCOME_FAILED)) {
        fflush(report);
        verdict = judge_golden(headline, report, runner, job, report_len == 0, &one_line);
    }
    if (!crashed && !one_line)
        print_headline(headline, job);
    if (o->mode == RUN_ACCEPT)
        judge_accept(report, job);
    if (job->outcome == OUTCOME_FAILED && o->mode == RUN_TEST)
        print_hints(report, runner, job, verdict);
    fclose(headline);
    fclose(report);
}

/* ---- the parent ------------------------------------------------------------------------------ */

/* Keep the end of what a child says: a child that says it for ever costs no more. */
static void keep_message(struct job *job, const char *text, size_t len)
{
    if (job->messages == NULL)
        job->messages = calloc(1, JOB_STDERR + 1);
    if (job->messages == NULL)
        return;
    if (job->messages_len + len > JOB_STDERR) {
        const size_t drop = job->messages_len + len - JOB_STDERR;

        memmove(job->messages, job->messages + drop, job->messages_len - drop);
        job->messages_len -= drop;
    }
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        /* Colours and other orders to a terminal are not for the report. */
        job->messages[job->messages_len++] = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? '?' : text[i];
    }
    job->messages[job->messages_len] = '\0';
}

static void close_fd(int *fd)
{
    close(*fd);
    *fd = -1;
}

static void read_result(struct job *job)
{
    char spill[256];
    const size_t space = sizeof job->result - job->got;
    const ssize_t n = space > 0 ? read(job->result_fd, (char *)job->result + job->got, space)
                                : read(job->result_fd, spill, sizeof spill);

    if (n > 0 && space > 0)
        job->got += (size_t)n;
    if (n == 0 || (n < 0 && errno != EINTR))
        close_fd(&job->result_fd);
}

static void read_messages(struct job *job)
{
    char text[4096];
    const ssize_t n = read(job->stderr_fd, text, sizeof text);

    if (n > 0)
        keep_message(job, text, (size_t)n);
    if (n == 0 || (n < 0 && errno != EINTR))
        close_fd(&job->stderr_fd);
}

static void finish(struct runner *runner, struct job *job)
{
    while (waitpid(job->pid, &job->wait_status, 0) < 0 && errno == EINTR)
        ;
    if (runner->options->mode != RUN_LIST)
        judge(runner, job);
    else
        job->outcome = job->got >= sizeof job->result[0] ? OUTCOME_PASSED : OUTCOME_FAILED;
    job->done = true;
    free(job->messages);
    job->messages = NULL;
    if (runner->options->mode == RUN_TEST)
        report_done(&runner->report, job);
}

/* Milliseconds until the next deadline, -1: none; children whose time is up end now. */
static int look_at_clock(struct job **running, size_t count)
{
    const uint64_t now = now_ms();
    uint64_t next = UINT64_MAX;

    for (size_t i = 0; i < count; i++) {
        struct job *const job = running[i];

        if (job->deadline_ms == 0 || job->timed_out)
            continue;
        if (job->deadline_ms <= now) {
            job->timed_out = true;
            kill(job->pid, SIGKILL);
        } else if (job->deadline_ms < next) {
            next = job->deadline_ms;
        }
    }
    return next == UINT64_MAX ? -1 : (int)(next - now < 60000 ? next - now : 60000);
}

static void wait_for_some(struct job **running, size_t count)
{
    struct pollfd fds[2 * JOBS_MAX];
    const int timeout = look_at_clock(running, count);

    for (size_t i = 0; i < count; i++) {
        fds[2 * i] = (struct pollfd){.fd = running[i]->result_fd, .events = POLLIN};
        fds[2 * i + 1] = (struct pollfd){.fd = running[i]->stderr_fd, .events = POLLIN};
    }
    if (poll(fds, (nfds_t)(2 * count), timeout) <= 0)
        return;
    for (size_t i = 0; i < count; i++) {
        if (fds[2 * i].revents != 0)
            read_result(running[i]);
        if (fds[2 * i + 1].revents != 0)
            read_messages(running[i]);
    }
}

static bool run_all(struct runner *runner)
{
    struct job *running[JOBS_MAX];
    size_t next = 0, count = 0;

    signal(SIGCHLD, SIG_DFL); /* whoever started us may ignore it, and waitpid() would find nobody */
    while (next < runner->jobs.count || count > 0) {
        while (count < runner->jobs_max && next < runner->jobs.count) {
            struct job *const job = &runner->jobs.job[next];

            if (!start(runner, job)) {
                /* Too many processes: go on with fewer, as long as there is one. */
                if (count > 0)
                    break;
                return false;
            }
            running[count++] = job;
            next++;
            report_progress(&runner->report, job);
        }
        wait_for_some(running, count);
        for (size_t i = 0; i < count;) {
            if (running[i]->result_fd >= 0 || running[i]->stderr_fd >= 0) {
                i++;
                continue;
            }
            finish(runner, running[i]);
            running[i] = running[--count];
            if (count > 0)
                report_progress(&runner->report, running[0]);
        }
    }
    return true;
}

static bool choose_dut(struct runner *runner, char *why, size_t size)
{
    const char *const given = runner->options->dut;
    const size_t len = strcspn(given, ":");
    size_t used;

    for (size_t i = 0; i < sizeof duts / sizeof *duts; i++)
        if (strlen(duts[i]->name) == len && strncmp(duts[i]->name, given, len) == 0) {
            runner->dut = duts[i];
            runner->dut_arg = given[len] == ':' ? given + len + 1 : NULL;
            return true;
        }
    used = (size_t)snprintf(why, size, "there is no device under test \"%.*s\"; there %s", (int)len, given,
                            sizeof duts / sizeof *duts == 1 ? "is only" : "are");
    for (size_t i = 0; i < sizeof duts / sizeof *duts && used < size; i++)
        used += (size_t)snprintf(why + used, size - used, "%s %s", i == 0 ? "" : ",", duts[i]->name);
    return false;
}

/* Without our clock, or what the device reports of itself, a trace is not one to compare or to accept. */
static bool check_mode(struct runner *runner, char *why, size_t size)
{
    const unsigned wanted = DUT_VIRTUAL_TIME | DUT_EVENTS;
    const bool whole = (dut_caps(runner->dut, runner->dut_arg) & wanted) == wanted;

    if (whole || runner->options->mode == RUN_TEST || runner->options->mode == RUN_LIST) {
        runner->frames_only = !whole;
        return true;
    }
    snprintf(why, size,
             "the trace of device \"%s\" has times of its own: it is no golden, and is not compared with one",
             runner->dut->name);
    return false;
}

/* --reload is a kind of device under test. */
static bool choose_reload(struct runner *runner, char *why, size_t size)
{
    if (!runner->options->reload)
        return true;
    if ((dut_caps(runner->dut, runner->dut_arg) & DUT_RELOAD) == 0) {
        snprintf(why, size, "--reload: the device under test \"%s\" does not save its state", runner->dut->name);
        return false;
    }
    if (runner->dut_arg != NULL && strncmp(runner->dut_arg, DUT_RELOAD_ARG, strlen(DUT_RELOAD_ARG)) != 0) {
        snprintf(why, size, "--reload goes with no other argument of the device under test, not with \"%s\"",
                 runner->dut_arg);
        return false;
    }
    if (runner->dut_arg == NULL)
        runner->dut_arg = DUT_RELOAD_ARG;
    return true;
}

/* ---- the four ways to end -------------------------------------------------------------------- */

static int end_list(const struct jobs *jobs)
{
    int name = 4, path = 4, status = EXIT_PASSED;

    for (size_t i = 0; i < jobs->count; i++) {
        if ((int)strlen(jobs->job[i].place.name) > name)
            name = (int)strlen(jobs->job[i].place.name);
        if ((int)strlen(jobs->job[i].path) > path)
            path = (int)strlen(jobs->job[i].path);
    }
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *const job = &jobs->job[i];
        const struct scenario_result *const result = &job->result[0];

        printf("%-*s  %-*s ", name, job->place.name, path, job->path);
        if (job->outcome != OUTCOME_PASSED || result->status == SCENARIO_BROKEN) {
            printf(" could not be read: %.*s", (int)strcspn(result->message, "\n"), result->message);
            status = EXIT_BROKEN;
        }
        for (int k = 0; k < SCENARIO_SECTIONS && result->manual[k][0] != '\0'; k++)
            printf(" %s", result->manual[k]);
        putchar('\n');
    }
    return status;
}

static int status_of(const struct jobs *jobs)
{
    int status = EXIT_PASSED;

    for (size_t i = 0; i < jobs->count; i++) {
        if (jobs->job[i].outcome == OUTCOME_BROKEN)
            return EXIT_BROKEN;
        if (jobs->job[i].outcome == OUTCOME_FAILED)
            status = EXIT_FAILED;
    }
    return status;
}

/* A clean diff says nothing; one for a passing scenario is the diff alone. */
static int end_diff(const struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *const job = &jobs->job[i];

        if (job->outcome == OUTCOME_PASSED)
            continue;
        if (job->outcome == OUTCOME_SKIPPED)
            report_skip(stdout, job);
        else if (job->got >= sizeof job->result[0] && job->result[0].status == SCENARIO_PASSED &&
                 job->report[0] != '\0')
            fputs(job->report, stdout);
        else
            report_failure(stdout, job, "");
    }
    return status_of(jobs);
}

static int end_accept(const struct jobs *jobs)
{
    size_t accepted = 0, skipped = 0;

    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *const job = &jobs->job[i];

        accepted += job->outcome == OUTCOME_PASSED;
        skipped += job->outcome == OUTCOME_SKIPPED;
        if (job->outcome == OUTCOME_PASSED)
            fputs(job->report, stdout);
        else if (job->outcome == OUTCOME_SKIPPED)
            report_skip(stdout, job);
        else
            report_failure(stdout, job, "");
    }
    printf("%zu accepted, %zu refused", accepted, jobs->count - accepted - skipped);
    if (skipped > 0)
        printf(", %zu skipped", skipped);
    putchar('\n');
    return status_of(jobs);
}

static int end_test(struct runner *runner)
{
    const char *const junit = runner->options->junit;
    const struct totals totals = report_end(&runner->report);
    char why[WHY];

    if (junit != NULL && !report_junit(&runner->jobs, junit, why, sizeof why))
        return complain(why);
    return totals.broken > 0 ? EXIT_BROKEN : totals.failed > 0 ? EXIT_FAILED : EXIT_PASSED;
}

static int end(struct runner *runner)
{
    switch (runner->options->mode) {
    case RUN_LIST:
        return end_list(&runner->jobs);
    case RUN_DIFF:
        return end_diff(&runner->jobs);
    case RUN_ACCEPT:
        return end_accept(&runner->jobs);
    default:
        return end_test(runner);
    }
}

static unsigned processors(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (unsigned)n;
}

int runner_run(const struct run_options *given, char *const *paths, int count)
{
    struct run_options options = *given;
    struct runner runner = {.options = &options};
    char why[WHY];
    int status;

    if (!choose_dut(&runner, why, sizeof why) || !check_mode(&runner, why, sizeof why) ||
        !choose_reload(&runner, why, sizeof why) ||
        !jobs_collect(&runner.jobs, paths, count, options.match, options.golden, why, sizeof why) ||
        (options.mode != RUN_LIST && !jobs_place(&runner.jobs, options.out, options.coverage, why, sizeof why))) {
        jobs_free(&runner.jobs);
        return complain(why);
    }
    if (options.mode == RUN_TEST && options.verbose && count == 1 && runner.jobs.count == 1)
        options.show = true;
    runner.show = options.show && options.mode == RUN_TEST;
    /* Two traces on one terminal would be none. */
    runner.jobs_max = runner.show ? 1 : options.jobs > 0 ? options.jobs : processors();
    if (runner.jobs.count > 1)
        scenario_prepare();
    if (options.mode == RUN_TEST)
        report_start(&runner.report, &runner.jobs, &options);
    if (!run_all(&runner)) {
        snprintf(why, sizeof why, "cannot start a process: %s", strerror(errno));
        status = complain(why);
    } else {
        status = end(&runner);
    }
    jobs_free(&runner.jobs);
    return status;
}
