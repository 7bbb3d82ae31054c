/*
 * test_hostile.c - the table of hostile guests: its scenarios and seeds are there, and no other
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <check.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

Suite *hostile_suite(void);

static char table[1 << 16];

static void read_table(void)
{
    FILE *const file = fopen("scenarios/hostile/README.md", "r");

    ck_assert_ptr_nonnull(file);
    table[fread(table, 1, sizeof table - 1, file)] = '\0';
    fclose(file);
}

static bool in_table(const char *name, size_t len)
{
    char quoted[300];

    snprintf(quoted, sizeof quoted, "`%.*s`", (int)len, name);
    return strstr(table, quoted) != NULL;
}

/* | record | `scenario` | `seed` | */
START_TEST(each_row_has_its_scenario_and_its_seed)
{
    unsigned rows = 0;

    read_table();
    for (const char *row = strstr(table, "\n| "); row != NULL; row = strstr(row + 1, "\n| ")) {
        char scenario[100], seed[100], path[256];

        if (sscanf(row, "\n| %*[^|]| `%99[^`]` | `%99[^`]` |", scenario, seed) != 2)
            continue; /* the heading */
        rows++;
        snprintf(path, sizeof path, "scenarios/hostile/%s.lua", scenario);
        ck_assert_msg(access(path, R_OK) == 0, "no %s", path);
        snprintf(path, sizeof path, "model/fuzz/corpus/descriptors/%s", seed);
        ck_assert_msg(access(path, R_OK) == 0, "no %s", path);
    }
    ck_assert_uint_ge(rows, 20);
}
END_TEST

static void all_named(const char *folder, const char *prefix, const char *suffix)
{
    DIR *const dir = opendir(folder);
    const struct dirent *entry;

    ck_assert_ptr_nonnull(dir);
    while ((entry = readdir(dir)) != NULL) {
        const size_t len = strlen(entry->d_name), end = strlen(suffix);

        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && len > end &&
            strcmp(entry->d_name + len - end, suffix) == 0)
            ck_assert_msg(in_table(entry->d_name, len - end), "%s/%s is not in the table", folder, entry->d_name);
    }
    closedir(dir);
}

START_TEST(each_scenario_and_seed_is_in_the_table)
{
    read_table();
    all_named("scenarios/hostile", "", ".lua");
    all_named("model/fuzz/corpus/descriptors", "CVE-", "");
    all_named("model/fuzz/corpus/descriptors", "escape-", "");
}
END_TEST

Suite *hostile_suite(void)
{
    Suite *const suite = suite_create("hostile");
    TCase *const tests = tcase_create("hostile");

    tcase_add_test(tests, each_row_has_its_scenario_and_its_seed);
    tcase_add_test(tests, each_scenario_and_seed_is_in_the_table);
    suite_add_tcase(suite, tests);
    return suite;
}
