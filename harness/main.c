/*
 * main.c - e1000lab, the command line program
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "coverage.h"
#include "options.h"
#include "regs.h"
#include "runner.h"

#ifndef E1000LAB_VERSION
#define E1000LAB_VERSION "0.1.0"
#endif

#define WHY 1024

static int complain(const char *why)
{
    fflush(stdout);
    fprintf(stderr, "e1000lab: %s\n", why);
    return EXIT_BROKEN;
}

static int regs(const struct options *options)
{
    char why[WHY];

    if (options->arg_count == 0)
        regs_print_all(stdout, options->todo);
    else if (options->todo)
        return complain("regs --todo lists registers; it takes no name");
    for (int i = 0; i < options->arg_count; i++) {
        if (i > 0)
            putchar('\n');
        if (!regs_print_one(stdout, options->args[i], why, sizeof why))
            return complain(why);
    }
    return EXIT_PASSED;
}

static int decode(const struct options *options)
{
    char why[WHY];

    if (!regs_print_value(stdout, options->args[0], options->args[1], why, sizeof why))
        return complain(why);
    return EXIT_PASSED;
}

static int coverage(const struct options *options)
{
    struct coverage_options coverage_options = options->coverage;
    char why[WHY];
    int status;

    coverage_options.folder = options->args[0];
    status = coverage_run(&coverage_options, stdout, why, sizeof why);
    return status == EXIT_BROKEN ? complain(why) : status;
}

static int help(const struct options *options)
{
    enum command command;
    char why[WHY];

    if (options->arg_count == 0) {
        options_help(stdout);
        return EXIT_PASSED;
    }
    if (!options_command(options->args[0], &command, why, sizeof why))
        return complain(why);
    options_command_help(stdout, command);
    return EXIT_PASSED;
}

static int dispatch(const struct options *options)
{
    if (options->help) {
        options_command_help(stdout, options->command);
        return EXIT_PASSED;
    }
    switch (options->command) {
    case COMMAND_RUN:
    case COMMAND_DIFF:
    case COMMAND_GOLDEN:
        return runner_run(&options->run, options->args, options->arg_count);
    case COMMAND_REGS:
        return regs(options);
    case COMMAND_DECODE:
        return decode(options);
    case COMMAND_RULES:
        regs_print_rules(stdout);
        return EXIT_PASSED;
    case COMMAND_COVERAGE:
        return coverage(options);
    case COMMAND_REPLAY:
        return replay_file(options->args[0], &options->replay);
    case COMMAND_HELP:
        return help(options);
    case COMMAND_VERSION:
        puts("e1000lab " E1000LAB_VERSION);
        return EXIT_PASSED;
    default:
        return complain("this command does nothing yet");
    }
}

int main(int argc, char **argv)
{
    struct options options;
    char why[WHY];
    int status;

    if (!options_parse(argc, argv, &options, why, sizeof why))
        return complain(why);
    status = dispatch(&options);
    /* A full disk must not pass for a good report. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "e1000lab: standard output: %s\n", strerror(errno));
        return EXIT_BROKEN;
    }
    return status;
}
