/*
 * job.h - one scenario on its way through the runner
 */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "files.h"
#include "golden.h"
#include "scenario.h"

enum outcome {
    OUTCOME_PASSED,
    OUTCOME_FAILED,
    OUTCOME_SKIPPED,
    OUTCOME_BROKEN, /* could not run */
};

#define JOB_STDERR 65536 /* how much of the end of a child's messages is kept */

struct job {
    char path[FILES_PATH];
    struct golden_place place;
    char out[FILES_PATH];
    char coverage[FILES_PATH]; /* file, or empty */
    dev_t device;              /* of the file, so that one named twice runs once */
    ino_t inode;

    /* The child, while it runs. */
    pid_t pid;
    int result_fd, stderr_fd; /* -1: closed */
    uint64_t deadline_ms;     /* 0: none */
    bool started, done, timed_out;
    int wait_status;
    struct scenario_result result[2]; /* the second with --twice */
    size_t got;                       /* bytes of result */
    char *messages;                   /* the child's standard error, its last JOB_STDERR bytes */
    size_t messages_len;

    /* What came of it. */
    enum outcome outcome;
    bool twice_differs;
    char *headline; /* what follows FAIL and the name */
    char *report;   /* lines without indent; may be empty */
};

struct jobs {
    struct job *job;
    size_t count, space;
};

/*
 * The scenarios that paths name: files, folders, names of scenarios below ./scenarios; none means
 * all of ./scenarios. match (or NULL) leaves out other names. Sorted by name, each once. False with
 * a message in why.
 */
bool jobs_collect(struct jobs *jobs, char *const *paths, int count, const char *match, const char *golden_root,
                  char *why, size_t size);

/* Give each its own folder below out, and file below coverage (or NULL). */
bool jobs_place(struct jobs *jobs, const char *out, const char *coverage, char *why, size_t size);

void jobs_free(struct jobs *jobs);

#endif
