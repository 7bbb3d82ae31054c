/*
 * test_rules.c - every rule of rules.def is broken by a scenario, where one can read it in a golden, and has its
 * near miss in the same scenario
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <check.h>
#include <ctype.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../model/e1000_trace.h"

Suite *rules_suite(void);

enum { RULES_MAX = 128 };
static unsigned seen[RULES_MAX];

static void count(const char *line)
{
    const char *const bad = strstr(line, " bad ");

    for (size_t i = 0; bad != NULL && i < e1000_rule_count(); i++) {
        char tail[96];

        snprintf(tail, sizeof tail, "  %s [%s]\n", e1000_rule(i)->name, e1000_rule(i)->manual);
        if (strstr(bad, tail) != NULL)
            seen[i]++;
    }
}

static int look(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    const size_t len = strlen(path);
    char line[4096];
    FILE *file;

    (void)status, (void)ftw;
    if (type != FTW_F || len < 6 || strcmp(path + len - 6, ".trace") != 0)
        return 0;
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL)
        count(line);
    fclose(file);
    return 0;
}

START_TEST(a_golden_shows_every_rule)
{
    char missing[4096] = "";

    ck_assert_uint_le(e1000_rule_count(), RULES_MAX);
    ck_assert_int_eq(nftw("golden", look, 8, FTW_PHYS), 0);
    for (size_t i = 0; i < e1000_rule_count(); i++)
        if (seen[i] == 0)
            snprintf(missing + strlen(missing), sizeof missing - strlen(missing), " %s", e1000_rule(i)->name);
    ck_assert_msg(missing[0] == '\0', "no golden has a line of:%s", missing);
}
END_TEST

/* ---- near misses ---- */

/* True if the text has call("name" or call "name". */
static bool calls(const char *text, const char *call, const char *name)
{
    char wanted[96];

    snprintf(wanted, sizeof wanted, "%s \"%s\"", call, name);
    if (strstr(text, wanted) != NULL)
        return true;
    snprintf(wanted, sizeof wanted, "%s(\"%s\"", call, name);
    return strstr(text, wanted) != NULL;
}

static bool known(const char *name, size_t len)
{
    for (size_t i = 0; i < e1000_rule_count(); i++)
        if (strlen(e1000_rule(i)->name) == len && memcmp(e1000_rule(i)->name, name, len) == 0)
            return true;
    return false;
}

/* Rules that one scenario both breaks and just does not break are marked in paired[]; a name that is none fails. */
static unsigned paired[RULES_MAX];

static void pair(const char *path, const char *text)
{
    static const char silent[] = "expect.silent(\"";

    for (size_t i = 0; i < e1000_rule_count(); i++)
        if (calls(text, "expect.bad", e1000_rule(i)->name) && calls(text, "expect.silent", e1000_rule(i)->name))
            paired[i]++;
    for (const char *at = strstr(text, silent); at != NULL; at = strstr(at, silent)) {
        at += sizeof silent - 1;
        ck_assert_msg(known(at, strcspn(at, "\"")), "%s: no rule %.40s", path, at);
    }
}

static int look_for_pairs(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    static char text[1 << 16];
    const size_t len = strlen(path);
    FILE *file;

    (void)status, (void)ftw;
    if (type != FTW_F || len < 4 || strcmp(path + len - 4, ".lua") != 0)
        return 0;
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    pair(path, text);
    return 0;
}

START_TEST(a_scenario_has_both_sides_of_every_rule)
{
    char missing[4096] = "";

    ck_assert_int_eq(nftw("scenarios", look_for_pairs, 8, FTW_PHYS), 0);
    for (size_t i = 0; i < e1000_rule_count(); i++)
        if (paired[i] == 0)
            snprintf(missing + strlen(missing), sizeof missing - strlen(missing), " %s", e1000_rule(i)->name);
    ck_assert_msg(missing[0] == '\0', "no scenario has both expect.bad and expect.silent of:%s", missing);
}
END_TEST

/* One side alone, or in another scenario, is not enough. */
START_TEST(one_side_of_a_rule_is_not_enough)
{
    memset(paired, 0, sizeof paired);
    pair("a", "expect.bad \"reserved-bits\" expect.silent(\"tail-outside-ring\", \"0\")");
    pair("b", "expect.silent(\"reserved-bits\", \"0\") expect.bad \"reserved-bits-of-another\"");
    for (size_t i = 0; i < e1000_rule_count(); i++)
        ck_assert_uint_eq(paired[i], 0);
    pair("c", "expect.bad(\"reserved-bits\", 2) expect.silent(\"reserved-bits\", \"0\")");
    for (size_t i = 0; i < e1000_rule_count(); i++)
        ck_assert_uint_eq(paired[i], strcmp(e1000_rule(i)->name, "reserved-bits") == 0);
}
END_TEST

/* Scenarios, users' filters and goldens refer to a name: small letters, digits and dashes, each once. */
START_TEST(names_are_kebab_case_and_unique)
{
    for (size_t i = 0; i < e1000_rule_count(); i++) {
        const char *const name = e1000_rule(i)->name;

        ck_assert_msg(islower((unsigned char)name[0]), "%s", name);
        ck_assert_msg(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name), "%s", name);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(name, e1000_rule(k)->name);
    }
}
END_TEST

/* A section is digits and dots; a text is a sentence without its end. */
START_TEST(rules_cite_a_section_and_say_something)
{
    for (size_t i = 0; i < e1000_rule_count(); i++) {
        const struct e1000_rule *const rule = e1000_rule(i);

        ck_assert_msg(isdigit((unsigned char)rule->manual[0]), "%s", rule->name);
        ck_assert_msg(strspn(rule->manual, "0123456789.") == strlen(rule->manual), "%s", rule->name);
        ck_assert_msg(strlen(rule->text) > 15 && rule->text[strlen(rule->text) - 1] != '.', "%s", rule->name);
    }
}
END_TEST

Suite *rules_suite(void)
{
    Suite *const suite = suite_create("rules");
    TCase *const tests = tcase_create("rules");

    tcase_add_test(tests, a_golden_shows_every_rule);
    tcase_add_test(tests, a_scenario_has_both_sides_of_every_rule);
    tcase_add_test(tests, one_side_of_a_rule_is_not_enough);
    tcase_add_test(tests, names_are_kebab_case_and_unique);
    tcase_add_test(tests, rules_cite_a_section_and_say_something);
    suite_add_tcase(suite, tests);
    return suite;
}
