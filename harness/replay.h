/*
 * replay.h - live a recorded session again, with the model
 */
#ifndef HARNESS_REPLAY_H
#define HARNESS_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/e1000.h"
#include "../model/e1000_trace.h"

enum replay_end {
    REPLAY_SAME,      /* the device did what the recorded one did */
    REPLAY_DIFFERS,   /* it read or gave something else: why says where */
    REPLAY_TRUNCATED, /* the same up to where the file stops */
    REPLAY_BROKEN,    /* not a recording, or a damaged one */
};

struct replay_result {
    uint64_t records, calls; /* calls: into the device */
    uint64_t now_ns;
    char why[320]; /* empty if the same */
};

/* trace: what the device reports, or NULL. A file that claims to be whole is checked before anything is done. */
enum replay_end replay(const uint8_t *bytes, size_t len, void (*trace)(void *ctx, const struct e1000_event *event),
                       void *ctx, struct replay_result *result);

/* e1000lab replay: an exit status. */
struct replay_options {
    const char *trace; /* file, or NULL: standard output */
    bool unfold, lint; /* lint: the driver's mistakes instead of a trace */
};
int replay_file(const char *path, const struct replay_options *options);

#endif
