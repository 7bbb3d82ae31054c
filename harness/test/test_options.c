/*
 * test_options.c - options.c and nearest.c: the command line, and what is said about a wrong one
 */
#include "../options.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../nearest.h"

Suite *options_suite(void);

static char why[512];
static struct options options;

/* The words of line, separated by single blanks. */
static bool parse(const char *line)
{
    static char copy[512];
    static char *argv[64];
    int argc = 0;

    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    why[0] = '\0';
    return options_parse(argc, argv, &options, why, sizeof why);
}

START_TEST(run_without_options_has_the_defaults)
{
    ck_assert(parse("e1000lab run"));
    ck_assert_int_eq(options.command, COMMAND_RUN);
    ck_assert_int_eq(options.run.mode, RUN_TEST);
    ck_assert_int_eq(options.run.format, RUN_AUTO);
    ck_assert_uint_eq(options.run.jobs, 0);
    ck_assert_uint_eq(options.run.timeout_ms, 20000);
    ck_assert_uint_eq(options.run.seed, 1);
    ck_assert_str_eq(options.run.out, "build/out");
    ck_assert_str_eq(options.run.dut, "model");
    ck_assert_ptr_null(options.run.golden);
    ck_assert_int_eq(options.arg_count, 0);
}
END_TEST

START_TEST(every_option_of_run_arrives)
{
    ck_assert(parse("e1000lab run -j 4 a.lua --strict --seed 0xff --match rx* --junit j.xml b "
                    "--coverage=c --out o --golden g --twice --reload --dut model:x --no-golden --show "
                    "--unfold -v --timeout 0.25 --format=tap"));
    ck_assert_uint_eq(options.run.jobs, 4);
    ck_assert(options.run.strict && options.run.twice && options.run.reload && options.run.no_golden);
    ck_assert(options.run.show && options.run.unfold && options.run.verbose);
    ck_assert_uint_eq(options.run.seed, 255);
    ck_assert_uint_eq(options.run.timeout_ms, 250);
    ck_assert_int_eq(options.run.format, RUN_TAP);
    ck_assert_str_eq(options.run.match, "rx*");
    ck_assert_str_eq(options.run.junit, "j.xml");
    ck_assert_str_eq(options.run.coverage, "c");
    ck_assert_str_eq(options.run.out, "o");
    ck_assert_str_eq(options.run.golden, "g");
    ck_assert_str_eq(options.run.dut, "model:x");
    ck_assert_int_eq(options.arg_count, 2);
    ck_assert_str_eq(options.args[0], "a.lua");
    ck_assert_str_eq(options.args[1], "b");
}
END_TEST

START_TEST(each_command_has_its_mode)
{
    ck_assert(parse("e1000lab diff x"));
    ck_assert_int_eq(options.run.mode, RUN_DIFF);
    ck_assert(parse("e1000lab golden x"));
    ck_assert_int_eq(options.run.mode, RUN_ACCEPT);
    ck_assert(parse("e1000lab run --list"));
    ck_assert_int_eq(options.run.mode, RUN_LIST);
    ck_assert(parse("e1000lab regs --todo"));
    ck_assert(options.todo);
}
END_TEST

START_TEST(help_and_version_are_understood_in_every_form)
{
    ck_assert(parse("e1000lab --help") && options.command == COMMAND_HELP);
    ck_assert(parse("e1000lab -h") && options.command == COMMAND_HELP);
    ck_assert(parse("e1000lab help run") && options.arg_count == 1);
    ck_assert(parse("e1000lab diff --help") && options.help);
    ck_assert(parse("e1000lab --version") && options.command == COMMAND_VERSION);
    ck_assert(parse("e1000lab version") && options.command == COMMAND_VERSION);
}
END_TEST

START_TEST(every_option_of_coverage_arrives)
{
    ck_assert(parse("e1000lab coverage c"));
    ck_assert_int_eq(options.command, COMMAND_COVERAGE);
    ck_assert_str_eq(options.coverage.sources, "model");
    ck_assert_ptr_null(options.coverage.waivers);
    ck_assert(parse("e1000lab coverage --waivers w --thresholds t --registers=r --manual=m c --sources s"));
    ck_assert_str_eq(options.coverage.waivers, "w");
    ck_assert_str_eq(options.coverage.thresholds, "t");
    ck_assert_str_eq(options.coverage.registers, "r");
    ck_assert_str_eq(options.coverage.manual, "m");
    ck_assert_str_eq(options.coverage.sources, "s");
    ck_assert(!parse("e1000lab coverage"));
    ck_assert(!parse("e1000lab coverage --waivers= c"));
}
END_TEST

START_TEST(a_mistyped_command_names_the_nearest)
{
    ck_assert(!parse("e1000lab rnu"));
    ck_assert_str_eq(why, "there is no command \"rnu\"; nearest: run; e1000lab help lists them");
    ck_assert(!parse("e1000lab"));
    ck_assert(!parse("e1000lab --strict run"));
    ck_assert_ptr_nonnull(strstr(why, "--strict before the command"));
}
END_TEST

START_TEST(a_mistyped_option_names_the_nearest)
{
    ck_assert(!parse("e1000lab run --stritc"));
    ck_assert_ptr_nonnull(strstr(why, "unknown option --stritc; nearest: --strict"));
    ck_assert(!parse("e1000lab run --jnuit=x"));
    ck_assert_ptr_nonnull(strstr(why, "unknown option --jnuit; nearest: --junit"));
    ck_assert(!parse("e1000lab run -q"));
    ck_assert_ptr_nonnull(strstr(why, "unknown option -q"));
}
END_TEST

START_TEST(an_option_of_another_command_is_told_from_an_unknown_one)
{
    ck_assert(!parse("e1000lab golden --strict x"));
    ck_assert_ptr_nonnull(strstr(why, "--strict is no option of \"e1000lab golden\""));
    ck_assert(!parse("e1000lab rules -j 4"));
    ck_assert_ptr_nonnull(strstr(why, "-j is no option of \"e1000lab rules\""));
}
END_TEST

START_TEST(a_beginning_of_several_options_lists_them)
{
    ck_assert(parse("e1000lab run --see 7"));
    ck_assert_uint_eq(options.run.seed, 7);
    ck_assert(!parse("e1000lab run --s"));
    ck_assert_str_eq(why, "option --s can be --strict or --seed or --show");
}
END_TEST

START_TEST(an_argument_that_is_missing_or_too_many_is_named)
{
    ck_assert(!parse("e1000lab run --junit"));
    ck_assert_str_eq(why, "option --junit needs FILE");
    ck_assert(!parse("e1000lab run --strict=yes"));
    ck_assert_str_eq(why, "option --strict takes no value");
    ck_assert(!parse("e1000lab golden"));
    ck_assert(!parse("e1000lab decode RCTL"));
    ck_assert(!parse("e1000lab rules now"));
    ck_assert(parse("e1000lab decode --help"));
}
END_TEST

START_TEST(a_number_is_digits_and_within_bounds)
{
    ck_assert(!parse("e1000lab run -j 0"));
    ck_assert(!parse("e1000lab run -j -1"));
    ck_assert(!parse("e1000lab run -j 4x"));
    ck_assert(!parse("e1000lab run -j 99999"));
    ck_assert(!parse("e1000lab run --seed=18446744073709551616"));
    ck_assert(parse("e1000lab run --seed=18446744073709551615"));
    ck_assert_uint_eq(options.run.seed, UINT64_MAX);
    ck_assert(!parse("e1000lab run --timeout -1"));
    ck_assert(!parse("e1000lab run --timeout 1."));
    ck_assert(!parse("e1000lab run --timeout 1.2345"));
    ck_assert(!parse("e1000lab run --format xml"));
    ck_assert(!parse("e1000lab run --out="));
}
END_TEST

START_TEST(every_command_prints_its_help)
{
    for (int i = 0; i < COMMANDS; i++) {
        char *text;
        size_t len;
        FILE *const to = open_memstream(&text, &len);

        options_command_help(to, (enum command)i);
        fclose(to);
        ck_assert_int_eq(strncmp(text, "usage: e1000lab ", 16), 0);
        ck_assert_ptr_nonnull(strstr(text, "options:\n"));
        ck_assert_ptr_nonnull(strstr(text, "examples:\n"));
        ck_assert_ptr_nonnull(strstr(text, "exit status:\n"));
        free(text);
    }
}
END_TEST

START_TEST(distance_counts_letters)
{
    ck_assert_uint_eq(nearest_distance("RDT", "RDT"), 0);
    ck_assert_uint_eq(nearest_distance("rdt", "RDT"), 0);
    ck_assert_uint_eq(nearest_distance("RDT", "RDH"), 1);
    ck_assert_uint_eq(nearest_distance("RTD", "RDT"), 1);
    ck_assert_uint_eq(nearest_distance("", "RDT"), 3);
    ck_assert_uint_eq(nearest_distance("CTRL", "CTRL_EXT"), 4);
}
END_TEST

START_TEST(the_nearest_names_come_first)
{
    static const char *const names[] = {"TDT", "RDLEN", "RDH", "RDT", "RDTR"};
    struct nearest near;
    char text[64];

    nearest_start(&near, "RDTT");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        nearest_offer(&near, names[i]);
    ck_assert_str_eq(nearest_text(&near, text, sizeof text), "; nearest: RDT, RDTR, TDT");
    nearest_start(&near, "WHATEVER");
    nearest_offer(&near, "RDT");
    ck_assert_str_eq(nearest_text(&near, text, sizeof text), "");
}
END_TEST

START_TEST(a_name_of_any_length_is_compared)
{
    static char name[5000];
    struct nearest near;
    char text[16];

    memset(name, 'x', sizeof name - 1);
    nearest_start(&near, name);
    nearest_offer(&near, "RDT");
    nearest_offer(&near, name);
    nearest_text(&near, text, sizeof text);
    ck_assert_uint_lt(strlen(text), sizeof text);
}
END_TEST

Suite *options_suite(void)
{
    Suite *const suite = suite_create("options");
    TCase *const tests = tcase_create("options");

    tcase_add_test(tests, run_without_options_has_the_defaults);
    tcase_add_test(tests, every_option_of_run_arrives);
    tcase_add_test(tests, each_command_has_its_mode);
    tcase_add_test(tests, help_and_version_are_understood_in_every_form);
    tcase_add_test(tests, every_option_of_coverage_arrives);
    tcase_add_test(tests, a_mistyped_command_names_the_nearest);
    tcase_add_test(tests, a_mistyped_option_names_the_nearest);
    tcase_add_test(tests, an_option_of_another_command_is_told_from_an_unknown_one);
    tcase_add_test(tests, a_beginning_of_several_options_lists_them);
    tcase_add_test(tests, an_argument_that_is_missing_or_too_many_is_named);
    tcase_add_test(tests, a_number_is_digits_and_within_bounds);
    tcase_add_test(tests, every_command_prints_its_help);
    tcase_add_test(tests, distance_counts_letters);
    tcase_add_test(tests, the_nearest_names_come_first);
    tcase_add_test(tests, a_name_of_any_length_is_compared);
    suite_add_tcase(suite, tests);
    return suite;
}
