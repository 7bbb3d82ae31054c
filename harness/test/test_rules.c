/*
 * test_rules.c - every rule of rules.def is broken by a scenario, where one can read it in a golden
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <check.h>
#include <ctype.h>
#include <ftw.h>
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
    tcase_add_test(tests, names_are_kebab_case_and_unique);
    tcase_add_test(tests, rules_cite_a_section_and_say_something);
    suite_add_tcase(suite, tests);
    return suite;
}
