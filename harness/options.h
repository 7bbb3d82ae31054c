/*
 * options.h - the command line: one table of subcommands, one of options
 *
 * Parsing, help texts and the guess at a mistyped word all come from these tables.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "coverage.h"
#include "replay.h"
#include "runner.h"

enum command {
    COMMAND_RUN,
    COMMAND_DIFF,
    COMMAND_GOLDEN,
    COMMAND_REGS,
    COMMAND_DECODE,
    COMMAND_RULES,
    COMMAND_COVERAGE,
    COMMAND_REPLAY,
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMANDS,
};

struct options {
    enum command command;
    bool help; /* --help: print the command's help and do nothing else */
    bool todo; /* regs --todo */
    struct run_options run;
    struct coverage_options coverage; /* but its folder, which is an argument */
    struct replay_options replay;
    char **args; /* what is neither command nor option */
    int arg_count;
};

/* The whole command line, argv[0] included. False with a message in why. Reorders argv. */
bool options_parse(int argc, char **argv, struct options *options, char *why, size_t size);

void options_help(FILE *to);
void options_command_help(FILE *to, enum command command);
bool options_command(const char *name, enum command *command, char *why, size_t size);

#endif
