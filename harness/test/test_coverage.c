/*
 * test_coverage.c - coverage.c and coverage_manual.c: what counts as seen, waived, cited and claimed
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "../coverage.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../files.h"
#include "../runner.h"

Suite *coverage_suite(void);

/* A folder with hand-made files, and what the command says about them. */
static char folder[FILES_PATH / 2];
static char why[512], output[1 << 20], registers[1 << 17], manual[1 << 17];
static struct coverage_options options;
static char paths[5][FILES_PATH];

static void put(const char *name, const char *text)
{
    char path[FILES_PATH], ignored[64];
    FILE *file;

    ck_assert(files_join(path, sizeof path, folder, name));
    *strrchr(path, '/') = '\0';
    ck_assert(files_make_folder(path, ignored, sizeof ignored));
    ck_assert(files_join(path, sizeof path, folder, name));
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void get(const char *path, char *to, size_t size)
{
    FILE *const file = fopen(path, "r");

    to[0] = '\0';
    if (file == NULL)
        return;
    to[fread(to, 1, size - 1, file)] = '\0';
    fclose(file);
}

static const char *path_of(int n, const char *name)
{
    ck_assert(files_join(paths[n], sizeof paths[n], folder, name));
    return paths[n];
}

static void start(void)
{
    strcpy(folder, "/tmp/e1000lab-coverage-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    memset(&options, 0, sizeof options);
    options.folder = path_of(0, "cov");
    options.sources = path_of(1, "model");
    options.registers = path_of(2, "registers.txt");
    options.manual = path_of(3, "manual.txt");
    put("model/irq.c", "/* [13.4.18] */\n");
}

static void stop(void)
{
    char command[FILES_PATH];

    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static int run(void)
{
    FILE *const to = tmpfile();
    int status;

    ck_assert_ptr_nonnull(to);
    why[0] = '\0';
    status = coverage_run(&options, to, why, sizeof why);
    rewind(to);
    output[fread(output, 1, sizeof output - 1, to)] = '\0';
    fclose(to);
    get(paths[2], registers, sizeof registers);
    get(paths[3], manual, sizeof manual);
    return status;
}

/* The only line of text that contains part, without its end. */
static const char *line_with(const char *text, const char *part)
{
    static char line[2048];
    const char *const at = strstr(text, part);
    const char *from = at;

    ck_assert_msg(at != NULL, "no line with \"%s\" in:\n%.2000s", part, text);
    while (from > text && from[-1] != '\n')
        from--;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(from, "\n"), from);
    return line;
}

static bool says(const char *text, const char *part, const char *what)
{
    const char *const line = line_with(text, part);

    if (strstr(line, what) != NULL)
        return true;
    fprintf(stderr, "\"%s\" does not say \"%s\"\n", line, what);
    return false;
}

static void waive(const char *text)
{
    options.waivers = path_of(4, "waivers.txt");
    put("waivers.txt", text);
}

static void demand(const char *text)
{
    static char path[FILES_PATH];

    ck_assert(files_join(path, sizeof path, folder, "thresholds"));
    options.thresholds = path;
    put("thresholds", text);
}

/* ---- registers ------------------------------------------------------------------------------- */

START_TEST(a_register_seen_at_both_values_is_complete)
{
    put("cov/a/one.cov", "reg ITR 2 1 1 ffffffff 0 ffff0000 ffff\n");
    put("cov/b/two.cov", "reg ITR 1 0 0 0 ffff 0 0\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(registers, " ITR ",
                   "13.4.18      ITR           read write reset  fields 16/16 bits seen at 0 and 1"
                   "  by one, two"));
}
END_TEST

START_TEST(bits_that_are_missing_are_named_with_their_value)
{
    put("cov/a.cov", "reg ITR 2 0 0 ffffffff ff0f 0 0\nreg RDTR 1 1 0 ffffffff ffff 8000ffff 0\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(registers, " ITR ", "read -     -      fields 12/16 bits, INTERVAL[7:4] never 1  by a"));
    ck_assert(says(registers, " RDTR ", "fields 16/17 bits, FPD never written 1"));
    ck_assert(says(registers, " IMS ", "-    -     -      fields 0/16 bits, TXDW never seen"));
}
END_TEST

START_TEST(what_cannot_be_read_counts_when_it_is_written)
{
    put("cov/a.cov", "reg ICS 3 3 0 ffffffff 0 1f7ff 1f7fe\nreg IMS 3 3 0 ffffffff 0 1f7ff 1f7ff\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(registers, " ICS ", "fields 15/16 bits, TXDW never written 1"));
    ck_assert(says(registers, " IMS ", "fields 0/16 bits")); /* this one can be read, and was not seen at 1 */
}
END_TEST

START_TEST(a_counter_counts_as_one_bit)
{
    put("cov/a.cov", "reg GPRC 2 0 1 ffffffff 5 0 0\nreg GPTC 2 0 1 ffffffff 0 0 0\nreg BPRC 1 0 0 fffffff0 f 0 0\n"
                     "phy PREC 2 0 1 ffff 1 0 0\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(registers, " GPRC ", "counter seen at 0 and above  by a"));
    ck_assert(says(registers, " GPTC ", "counter, GPTC never above 0"));
    ck_assert(says(registers, " BPRC ", "counter, BPRC never at 0"));
    ck_assert(says(registers, " PHY.PREC ", "counter seen at 0 and above"));
}
END_TEST

START_TEST(a_register_that_is_not_modelled_yet_is_not_counted)
{
    const struct e1000_reg *later = NULL;
    char line[64];

    for (size_t i = 0; i < e1000_reg_count() && later == NULL; i++)
        later = e1000_reg(i)->modelled ? NULL : e1000_reg(i);
    if (later == NULL)
        return; /* all are */
    snprintf(line, sizeof line, "reg %s 1 0 0 ffffffff 0 0 0\n", later->name);
    put("cov/a.cov", line);
    ck_assert_int_eq(run(), EXIT_PASSED);
    snprintf(line, sizeof line, " %s ", later->name);
    ck_assert(says(registers, line, "later: "));
    ck_assert_ptr_null(strstr(line_with(registers, line), "never"));
}
END_TEST

START_TEST(the_scenarios_that_add_most_come_first)
{
    put("cov/a.cov", "reg ITR 1 0 0 fffffffe 1 0 0\n");
    put("cov/b.cov", "reg ITR 2 0 0 ffffffff ffff 0 0\n");
    put("cov/c.cov", "reg ITR 9 0 0 ffffffff ffff 0 0\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(registers, " ITR ", "  by b and 2 more"));
}
END_TEST

START_TEST(a_threshold_lists_what_is_missing_and_the_next_step)
{
    put("cov/a.cov", "reg ITR 2 0 0 ffffffff fffe 0 0\nsection 13.4.18\n");
    demand("# comment\n\nbits_missing_max 0\nmanual_claimed 60\nmodel_lines 95\n");
    ck_assert_int_eq(run(), EXIT_FAILED);
    ck_assert(says(output, "register bits missing", "FAIL"));
    ck_assert(says(output, "register bits missing", "at most 0"));
    ck_assert(says(output, " CTRL ", "13.4.1"));
    ck_assert_ptr_nonnull(strstr(output, " more in /tmp/"));
    ck_assert_ptr_nonnull(strstr(output, "next: a scenario that reads the bit at that value"));
    ck_assert(says(output, "cited sections claimed", "100.0 %   at least 60 %"));
    ck_assert_ptr_nonnull(strstr(output, "\n1 passed, 1 failed\n"));
}
END_TEST

/* ---- waivers --------------------------------------------------------------------------------- */

START_TEST(a_waiver_covers_a_register_a_field_or_bits_of_it)
{
    put("cov/a.cov", "reg ITR 2 0 0 ffffffff 00ff 0 0\nreg RADV 1 0 0 ffffffff ffff 0 0\n");
    waive("# why\n\nITR.INTERVAL[15:8] LOW_RISK \"long times\" harness\n"
          "ICS.* LATER \"not yet\" model\nPHY.PINTE NO_PIN \"none\" model\nTXDCTL.GRAN LOW_RISK \"x\" model\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(registers, " ITR ", "fields 8/16 bits; INTERVAL[15:8] waived: LOW_RISK"));
    ck_assert(says(registers, " ICS ", "SRPD waived: LATER"));
    ck_assert(says(registers, " PHY.PINTE ", "AN_ERROR waived: NO_PIN"));
    ck_assert(says(registers, " TXDCTL ", "LWTHRESH never seen; GRAN waived: LOW_RISK"));
    ck_assert(says(registers, "missing:", "waived: 25, later: 16"));
    ck_assert(says(registers, "long times", "ITR.INTERVAL[15:8]"));
    ck_assert(says(output, "stale waivers", "ok"));
}
END_TEST

START_TEST(later_does_not_count_as_waived)
{
    put("cov/a.cov", "reg ITR 1 0 0 ffffffff 0 0 0\n");
    waive("ITR LATER \"all\" model\n");
    demand("bits_waived_max 0\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    waive("ITR LOW_RISK \"all\" model\n");
    ck_assert_int_eq(run(), EXIT_FAILED);
    ck_assert(says(output, "register bits waived", "FAIL"));
}
END_TEST

START_TEST(a_waiver_that_nothing_needs_is_stale)
{
    put("cov/a.cov", "reg ITR 2 0 0 ffffffff ffff 0 0\n");
    waive("ITR.INTERVAL LOW_RISK \"x\" model\nRADV LOW_RISK \"x\" model\nRADV.DELAY_TIMER LATER \"x\" model\n");
    ck_assert_int_eq(run(), EXIT_FAILED);
    ck_assert_ptr_nonnull(
        strstr(output, "waivers.txt:1: stale waiver of ITR.INTERVAL: every bit was seen at 0 and at 1"));
    ck_assert_ptr_nonnull(strstr(output, "waivers.txt:3: stale waiver of RADV.DELAY_TIMER: a waiver above covers it"));
    ck_assert(says(output, "stale waivers", "2 of 3"));
    ck_assert_ptr_nonnull(strstr(registers, "stale waiver of ITR.INTERVAL"));
}
END_TEST

START_TEST(a_constant_has_to_be_seen_at_its_value)
{
    put("cov/a.cov", "reg STATUS 1 0 0 ffffffff 0 0 0\n");
    waive("STATUS.TBIMODE CONSTANT \"copper\" model\nCTRL.FD CONSTANT \"x\" model\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(registers, " STATUS ", "TBIMODE waived: CONSTANT"));
    ck_assert(says(registers, " CTRL ", "fields 0/20 bits, FD never seen"));
    ck_assert(says(output, "stale waivers", "0 of 2"));
}
END_TEST

static const struct {
    const char *text, *says;
} bad_waivers[] = {
    {"ITR\n", "waivers.txt:1: a waiver is written  NAME.FIELD CATEGORY \"reason\" owner"},
    {"ITR LOW_RISK no quotes model\n", "a waiver is written"},
    {"ITR LOW_RISK \"\" model\n", "a waiver is written"},
    {"ITR LOW_RISK \"no owner\"\n", "a waiver is written"},
    {"ITR LOW_RISK \"two\" of us\n", "a waiver is written"},
    {"\nITT LOW_RISK \"x\" model\n", "waivers.txt:2: no register ITT; nearest: ITR"},
    {"PHY.ITR LOW_RISK \"x\" model\n", "no register PHY.ITR"},
    {"ITR.INTERVALL LOW_RISK \"x\" model\n", "no field INTERVALL; nearest: INTERVAL"},
    {"ITR.INTERVAL LOWRISK \"x\" model\n", "no category LOWRISK; nearest: LOW_RISK"},
    {"ITR.INTERVAL[16] LOW_RISK \"x\" model\n", "[16] are no bits of this field"},
    {"ITR.INTERVAL[0:3] LOW_RISK \"x\" model\n", "[0:3] are no bits of this field"},
    {"ITR.INTERVAL[3 LOW_RISK \"x\" model\n", "[3 are no bits of this field"},
    {"GPRC.GPRC[3] LOW_RISK \"x\" model\n", "[3] are no bits of this field"},
};

START_TEST(a_bad_waiver_is_named_with_its_line)
{
    put("cov/a.cov", "reg ITR 2 0 0 ffffffff 0 0 0\n");
    waive(bad_waivers[_i].text);
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_msg(strstr(why, bad_waivers[_i].says) != NULL, "%s", why);
}
END_TEST

/* ---- sections -------------------------------------------------------------------------------- */

static const struct {
    const char *text, *sections;
} lists[] = {
    {"13.4.18", "13.4.18 "},
    {"3.2.5.1 silent", "3.2.5.1 "},
    {"13.6.1, 6.3.3", "13.6.1 6.3.3 "},
    {"13.7.51, 13.7.52; silent", "13.7.51 13.7.52 "},
    {"13.4.19-21", "13.4.19 13.4.20 13.4.21 "},
    {"13.4.7.1.15-16 silent", "13.4.7.1.15 13.4.7.1.16 "},
    {"13.4.3 silent: \"can access\" then", "13.4.3 "},
    {"4.1, Table 4-2", "4.1 "},
    {"13", "13 "},
    {"Table 13-16", ""},
    {"13.x.y silent", ""},
    {"93C46", ""},
    {"0", ""},
    {"256", ""},
    {"16.2", ""},
    {"13.4.19-21x", ""},
    {"", ""},
};

START_TEST(sections_are_found_in_a_citation)
{
    struct coverage_sections sections = {.at = lists[_i].text};
    char section[COVERAGE_SECTION], all[256] = "";

    while (coverage_next_section(&sections, section)) {
        strcat(all, section);
        strcat(all, " ");
    }
    ck_assert_str_eq(all, lists[_i].sections);
}
END_TEST

START_TEST(citations_stand_in_comments_and_in_tables)
{
    put("model/irq.c", "/* [13.4.18] and a[3.1] */\nint a[13];\nchar *s = \"[3.2]\"; char c = '\"';\n"
                       "/*\n * long [13.6.1,\n * 6.3.3 silent] */\nint b; /* [4.1 not closed */\n/* [5.3] */\n");
    put("model/regs.def", "REG(ITR, 0x1, \"13.4.18\", \"title 13.4.99\") FLD(ITR, \"13.4.1x\")\n");
    put("model/notes.txt", "/* [9.9] */\n");
    put("cov/a.cov", "section 13.4.18\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert_ptr_nonnull(strstr(manual, "cites: 4, claimed by a scenario: 1 (25.0 %)"));
    ck_assert(says(manual, "  13.4.18", "irq.c regs.def"));
    ck_assert(says(manual, "  13.6.1", "irq.c"));
    ck_assert(says(manual, "  5.3", "irq.c"));
    ck_assert(says(manual, "[13.6.1, 6.3.3 silent]", "/model/irq.c:5 "));
    ck_assert(says(manual, "[13.6.1, 6.3.3 silent]", "no scenario claims it"));
}
END_TEST

START_TEST(a_claim_covers_what_is_above_it_not_below)
{
    put("model/irq.c", "/* [3.2.5] [3.2.5.1] [3.2.51] [13.4.18 silent] */\n");
    put("cov/a.cov", "section 3.2.5.1\n");
    put("cov/b.cov", "section 13.4\nsection 7.7\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(manual, "cites:", "cites: 4, claimed by a scenario: 2 (50.0 %)"));
    ck_assert(says(manual, "  3.2.5 ", "  a"));
    ck_assert(says(manual, "  3.2.5.1 ", "  a"));
    ck_assert(strstr(manual, "  3.2.51 ") < strstr(manual, "cited and claimed"));
    ck_assert(says(manual, "[13.4.18 silent]", "no scenario claims it"));
    ck_assert(says(manual, "  7.7 ", "b"));
    ck_assert_ptr_null(strstr(manual, "  13.4  ")); /* around a section that is cited */
}
END_TEST

START_TEST(claimers_are_named_up_to_three)
{
    put("cov/a.cov", "section 13.4.18\nsection 13.4.18\n");
    put("cov/b.cov", "section 13.4.17-21\n");
    put("cov/c.cov", "section 13.4.18\n");
    put("cov/d.cov", "section 13.4.18\n");
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert(says(manual, "  13.4.18 ", "a, b, c and 1 more"));
}
END_TEST

/* ---- files ----------------------------------------------------------------------------------- */

static const struct {
    const char *text, *says;
} bad_files[] = {
    {"reg ITR 1 2 3\n", "a.cov:1: not a line of a coverage file"},
    {"reg ITR 1 2 3 4 5 6 7 8\n", "a.cov:1: not a line of a coverage file"},
    {"reg NOSUCH 0 0 0 0 0 0 0\n", "a.cov:1: written by another version, which knew a register NOSUCH"},
    {"phy ITR 0 0 0 0 0 0 0\n", "another version"},
    {"section 13.4.18\nreg ITR 0 0 0 0 0 0 0", "a.cov:2: the file is cut short"},
    {"section \n", "not a section"},
    {"section 1234567890123456789012345\n", "not a section"},
};

START_TEST(a_bad_coverage_file_is_named_with_its_line)
{
    put("cov/a.cov", bad_files[_i].text);
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_msg(strstr(why, bad_files[_i].says) != NULL, "%s", why);
}
END_TEST

static const struct {
    const char *text, *says;
} bad_thresholds[] = {
    {"bits_missing_max\n", "thresholds:1: a threshold is written  name value"},
    {"bits_missing_max -1\n", "a threshold is written"},
    {"bits_missing_max 1 2\n", "a threshold is written"},
    {"bits_missing 0\n", "no threshold bits_missing; nearest: bits_missing_max"},
    {"manual_claimed 1\nmanual_claimed 1\n", "thresholds:2: given twice: manual_claimed"},
};

START_TEST(a_bad_threshold_is_named_with_its_line)
{
    put("cov/a.cov", "reg ITR 2 0 0 ffffffff 0 0 0\n");
    demand(bad_thresholds[_i].text);
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_msg(strstr(why, bad_thresholds[_i].says) != NULL, "%s", why);
}
END_TEST

START_TEST(files_that_are_not_there_are_named)
{
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_ptr_nonnull(strstr(why, "/cov: No such file or directory"));
    put("cov/readme", "");
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_ptr_nonnull(strstr(why, "no file *.cov there; e1000lab run --coverage="));
    put("cov/a.cov", "");
    put("empty/a.c", "int a;\n");
    options.sources = path_of(1, "empty");
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_ptr_nonnull(strstr(why, "no source there cites a section"));
    options.sources = path_of(1, "none");
    ck_assert_int_eq(run(), EXIT_BROKEN);
    options.sources = path_of(1, "model");
    options.waivers = path_of(4, "none");
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_ptr_nonnull(strstr(why, "cannot read /tmp/"));
    options.waivers = NULL;
    options.thresholds = paths[4];
    ck_assert_int_eq(run(), EXIT_BROKEN);
    options.thresholds = NULL;
    options.registers = path_of(4, "none/there");
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_ptr_nonnull(strstr(why, "cannot write /tmp/"));
}
END_TEST

START_TEST(without_files_the_reports_go_to_the_output)
{
    put("cov/a.cov", "reg ITR 2 0 0 ffffffff ffff 0 0\nsection 13.4.18\n");
    options.registers = options.manual = NULL;
    ck_assert_int_eq(run(), EXIT_PASSED);
    ck_assert_ptr_nonnull(strstr(output, "fields 16/16 bits seen at 0 and 1"));
    ck_assert_ptr_nonnull(strstr(output, "claimed by a scenario: 1 (100.0 %)"));
    options.registers = "/dev/full";
    ck_assert_int_eq(run(), EXIT_BROKEN);
    ck_assert_str_eq(why, "cannot write /dev/full: No space left on device");
}
END_TEST

#define COUNT(table) (int)(sizeof table / sizeof *table)

Suite *coverage_suite(void)
{
    Suite *const suite = suite_create("coverage");
    TCase *const t = tcase_create("coverage");

    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, a_register_seen_at_both_values_is_complete);
    tcase_add_test(t, bits_that_are_missing_are_named_with_their_value);
    tcase_add_test(t, what_cannot_be_read_counts_when_it_is_written);
    tcase_add_test(t, a_counter_counts_as_one_bit);
    tcase_add_test(t, a_register_that_is_not_modelled_yet_is_not_counted);
    tcase_add_test(t, the_scenarios_that_add_most_come_first);
    tcase_add_test(t, a_threshold_lists_what_is_missing_and_the_next_step);
    tcase_add_test(t, a_waiver_covers_a_register_a_field_or_bits_of_it);
    tcase_add_test(t, later_does_not_count_as_waived);
    tcase_add_test(t, a_waiver_that_nothing_needs_is_stale);
    tcase_add_test(t, a_constant_has_to_be_seen_at_its_value);
    tcase_add_loop_test(t, a_bad_waiver_is_named_with_its_line, 0, COUNT(bad_waivers));
    tcase_add_loop_test(t, sections_are_found_in_a_citation, 0, COUNT(lists));
    tcase_add_test(t, citations_stand_in_comments_and_in_tables);
    tcase_add_test(t, a_claim_covers_what_is_above_it_not_below);
    tcase_add_test(t, claimers_are_named_up_to_three);
    tcase_add_loop_test(t, a_bad_coverage_file_is_named_with_its_line, 0, COUNT(bad_files));
    tcase_add_loop_test(t, a_bad_threshold_is_named_with_its_line, 0, COUNT(bad_thresholds));
    tcase_add_test(t, files_that_are_not_there_are_named);
    tcase_add_test(t, without_files_the_reports_go_to_the_output);
    suite_add_tcase(suite, t);
    return suite;
}
