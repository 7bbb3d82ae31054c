/*
 * test_golden.c - golden.c: where goldens are, what a difference looks like, what accepting writes
 */
#include "../golden.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pcap.h"

Suite *golden_suite(void);

/* Every test has a folder of its own and stands in it. */
static char folder[64];
static int home; /* tests may share one process: each goes back */
static char *text;
static size_t text_len;

static void setup(void)
{
    char why[256];

    strcpy(folder, "/tmp/e1000lab-golden-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    home = open(".", O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(home, 0);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert(files_make_folder("scenarios/rx", why, sizeof why));
    ck_assert(files_make_folder("golden/rx", why, sizeof why));
    ck_assert(files_make_folder("out", why, sizeof why));
    text = NULL;
}

static void teardown(void)
{
    static const char *const places[] = {"out", "golden/rx", "golden", "scenarios/rx", "scenarios", "."};
    char why[256];

    free(text);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        files_remove(places[i], "", ".trace", why, sizeof why);
        files_remove(places[i], "", ".pcap", why, sizeof why);
        rmdir(places[i]);
    }
    ck_assert_int_eq(fchdir(home), 0);
    close(home);
    rmdir(folder);
}

static void put(const char *path, const char *content)
{
    FILE *const file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

static void put_lines(const char *path, unsigned from, unsigned to, const char *end)
{
    FILE *const file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    for (unsigned i = from; i <= to; i++)
        fprintf(file, "line %u\n", i);
    fputs(end, file);
    fclose(file);
}

static enum golden_verdict compare(bool ended)
{
    FILE *const report = open_memstream(&text, &text_len);
    const enum golden_verdict verdict = golden_compare_traces(report, "golden/rx/x.trace", "out/run.trace", ended);

    fclose(report);
    return verdict;
}

static struct golden_place place_of(const char *scenario, const char *root)
{
    struct golden_place place;

    ck_assert(golden_locate(scenario, root, &place));
    return place;
}

/* ---- places ---------------------------------------------------------------------------------- */

START_TEST(the_folder_scenarios_becomes_golden)
{
    const struct golden_place place = place_of("scenarios/rx/x.lua", NULL);
    char path[FILES_PATH];

    ck_assert_str_eq(place.folder, "golden/rx");
    ck_assert_str_eq(place.chapter, "rx");
    ck_assert_str_eq(place.name, "x");
    ck_assert(place.usual);
    ck_assert(golden_trace_path(&place, path, sizeof path));
    ck_assert_str_eq(path, "golden/rx/x.trace");
    ck_assert(golden_pcap_path(&place, "wire", path, sizeof path));
    ck_assert_str_eq(path, "golden/rx/x.wire.pcap");
}
END_TEST

START_TEST(a_tree_elsewhere_keeps_its_goldens_there)
{
    const struct golden_place place = place_of("/a/scenarios/b/scenarios/tx/y.lua", NULL);

    ck_assert_str_eq(place.folder, "/a/scenarios/b/golden/tx");
    ck_assert_str_eq(place.chapter, "tx");
    ck_assert(place.in_tree && !place.usual);
}
END_TEST

START_TEST(a_scenario_right_below_scenarios_has_no_chapter)
{
    const struct golden_place place = place_of("./scenarios/x.lua", NULL);

    ck_assert_str_eq(place.folder, "golden");
    ck_assert_str_eq(place.chapter, "");
    ck_assert(place.usual);
}
END_TEST

START_TEST(a_scenario_outside_a_tree_has_goldens_beside_it)
{
    ck_assert_str_eq(place_of("/elsewhere/x.lua", NULL).folder, "/elsewhere/golden");
    ck_assert_str_eq(place_of("no/my-scenarios/x.lua", NULL).folder, "no/my-scenarios/golden");
    ck_assert_str_eq(place_of("y.lua", NULL).folder, "golden");
}
END_TEST

START_TEST(a_golden_folder_that_is_given_keeps_the_chapters)
{
    ck_assert_str_eq(place_of("scenarios/rx/x.lua", "mine").folder, "mine/rx");
    ck_assert_str_eq(place_of("/elsewhere/x.lua", "mine").folder, "mine");
    ck_assert(!place_of("scenarios/rx/x.lua", "mine").usual);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused)
{
    static char path[2 * FILES_PATH];
    struct golden_place place;

    memset(path, 'a', sizeof path - 1);
    memcpy(path, "scenarios/", 10);
    path[FILES_PATH + 100] = '/';
    ck_assert(!golden_locate(path, NULL, &place));
}
END_TEST

/* ---- traces ---------------------------------------------------------------------------------- */

START_TEST(equal_traces_have_nothing_to_report)
{
    put_lines("golden/rx/x.trace", 1, 5000, "");
    put_lines("out/run.trace", 1, 5000, "");
    ck_assert_int_eq(compare(false), GOLDEN_SAME);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(the_first_difference_shows_the_line_before_it)
{
    put("golden/rx/x.trace", "a\nb\nc\nd\ne\nf\n");
    put("out/run.trace", "a\nb\nX\nY\ne\nf\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "first difference from golden/rx/x.trace, line 3:\n b\n-c\n-d\n+X\n+Y\n");
}
END_TEST

START_TEST(a_difference_inside_a_fold_says_how_to_see_it)
{
    put("golden/rx/x.trace", "a\n       +0  lab  fold f   2 lines  crc 00000001\n");
    put("out/run.trace", "a\n       +0  lab  fold f   2 lines  crc 00000002\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_ptr_nonnull(strstr(text, "e1000lab run --show --unfold x\n"));
    ck_assert_ptr_nonnull(strstr(text, "make unfold S=x\n"));
    free(text);
    put("out/run.trace", "a\n       +0  cpu  rd  CTRL\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_ptr_null(strstr(text, "inside this fold"));
}
END_TEST

START_TEST(three_lines_of_a_side_are_shown_and_the_others_counted)
{
    put("golden/rx/x.trace", "a\nb\nc\nd\ne\nf\n");
    put("out/run.trace", "1\n2\n3\n4\ne\nf\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "first difference from golden/rx/x.trace, line 1:\n-a\n-b\n-c\n+1\n+2\n+3\n"
                           "1 more line differs\n");
}
END_TEST

START_TEST(a_later_difference_is_counted)
{
    put("golden/rx/x.trace", "a\nb\nc\nd\ne\nf\ng\nh\n");
    put("out/run.trace", "a\nX\nc\nd\ne\nY\nZ\nh\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "first difference from golden/rx/x.trace, line 2:\n a\n-b\n+X\n"
                           "2 more lines differ\n");
}
END_TEST

START_TEST(one_inserted_line_is_one_difference)
{
    put_lines("golden/rx/x.trace", 1, 5000, "");
    put_lines("out/run.trace", 0, 5000, "");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "first difference from golden/rx/x.trace, line 1:\n+line 0\n");
}
END_TEST

START_TEST(a_run_that_goes_on_is_a_difference)
{
    put("golden/rx/x.trace", "a\n");
    put("out/run.trace", "a\nb\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "first difference from golden/rx/x.trace, line 2:\n a\n+b\n");
}
END_TEST

START_TEST(a_shorter_trace_is_no_news_after_a_failure)
{
    put("golden/rx/x.trace", "a\nb\nc\n");
    put("out/run.trace", "a\n");
    ck_assert_int_eq(compare(true), GOLDEN_SAME);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_shorter_trace_of_a_run_that_passed_is_a_difference)
{
    put("golden/rx/x.trace", "a\nb\nc\n");
    put("out/run.trace", "a\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "first difference from golden/rx/x.trace, line 2:\n a\n-b\n-c\n");
}
END_TEST

START_TEST(a_different_trace_before_a_failure_is_reported)
{
    put("golden/rx/x.trace", "a\nb\nc\n");
    put("out/run.trace", "a\nX\n");
    ck_assert_int_eq(compare(true), GOLDEN_DIFFERS);
}
END_TEST

START_TEST(a_missing_last_newline_is_a_difference)
{
    put("golden/rx/x.trace", "a\nb");
    put("out/run.trace", "a\nb\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_ptr_nonnull(strstr(text, "no newline at the end"));
}
END_TEST

START_TEST(control_characters_are_shown_as_numbers)
{
    put("golden/rx/x.trace", "a\r\n");
    put("out/run.trace", "a\n");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "first difference from golden/rx/x.trace, line 1:\n-a\\x0d\n+a\n");
}
END_TEST

START_TEST(lines_longer_than_the_buffer_are_compared_to_their_end)
{
    static char line[5001];

    memset(line, 'a', sizeof line - 1);
    put("golden/rx/x.trace", line);
    line[sizeof line - 2] = 'b';
    put("out/run.trace", line);
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
}
END_TEST

START_TEST(traces_without_a_line_in_common_are_compared_to_their_end)
{
    put_lines("golden/rx/x.trace", 1, 10000, "");
    put_lines("out/run.trace", 20001, 30000, "");
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_ptr_nonnull(strstr(text, "9997 more lines differ\n"));
}
END_TEST

START_TEST(a_missing_golden_is_told_from_a_damaged_one)
{
    put("out/run.trace", "a\n");
    ck_assert_int_eq(compare(false), GOLDEN_MISSING);
    free(text);
    put("golden/rx/x.trace", "a\n");
    unlink("out/run.trace");
    ck_assert_int_eq(compare(false), GOLDEN_UNREADABLE);
}
END_TEST

/* ---- the full difference --------------------------------------------------------------------- */

static struct scenario_result passed(const char *list)
{
    static struct scenario_result result;

    memset(&result, 0, sizeof result);
    result.status = SCENARIO_PASSED;
    strcpy(result.name, "x");
    strcpy(result.pcap[0], list);
    return result;
}

START_TEST(a_full_difference_is_a_unified_diff)
{
    const struct golden_place place = place_of("scenarios/rx/x.lua", NULL);
    const struct scenario_result result = passed("");
    FILE *const report = open_memstream(&text, &text_len);

    put("golden/rx/x.trace", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
    put("out/run.trace", "1\n2\n3\n4\n5\nsix\n7\n8\n9\n10\n11\n");
    ck_assert_int_eq(golden_diff(report, &place, "out", &result), GOLDEN_DIFFERS);
    fclose(report);
    ck_assert_str_eq(text, "--- golden/rx/x.trace\n+++ out/run.trace\n"
                           "@@ -3,7 +3,7 @@\n 3\n 4\n 5\n-6\n+six\n 7\n 8\n 9\n"
                           "@@ -10,3 +10,2 @@\n 10\n 11\n-12\n");
}
END_TEST

/* ---- frames ---------------------------------------------------------------------------------- */

static void put_frames(const char *path, unsigned frames, uint64_t step_ns, size_t len, unsigned char flags)
{
    struct pcap_writer *writer;
    unsigned char frame[100] = {0};
    char why[256];

    frame[12] = 0x08; /* IPv4, no options, TCP */
    frame[14] = 0x45;
    frame[23] = 6;
    frame[46] = 0x50;
    ck_assert(pcap_out_open(path, &writer, why, sizeof why));
    for (unsigned i = 1; i <= frames; i++) {
        frame[47] = i == 2 ? flags : 0x10;
        pcap_out_write(writer, i * step_ns, frame, len);
    }
    ck_assert(pcap_out_close(writer, why, sizeof why));
}

static enum golden_verdict compare_frames(void)
{
    FILE *const report = open_memstream(&text, &text_len);
    const enum golden_verdict verdict = golden_compare_pcaps(report, "golden/rx/x.wire.pcap", "out/wire.pcap");

    fclose(report);
    return verdict;
}

START_TEST(equal_frames_have_nothing_to_report)
{
    put_frames("golden/rx/x.wire.pcap", 3, 1001, 64, 0x10);
    put_frames("out/wire.pcap", 3, 1001, 64, 0x10);
    ck_assert_int_eq(compare_frames(), GOLDEN_SAME);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_different_byte_is_named_by_its_field)
{
    put_frames("golden/rx/x.wire.pcap", 3, 1000, 64, 0x10);
    put_frames("out/wire.pcap", 3, 1000, 64, 0x18);
    ck_assert_int_eq(compare_frames(), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "golden/rx/x.wire.pcap frame 2 of 3, byte 47 tcp.flags: "
                           "expected 10 ACK, got 18 PSH ACK\n");
}
END_TEST

START_TEST(a_different_length_is_reported)
{
    put_frames("golden/rx/x.wire.pcap", 3, 1000, 64, 0x10);
    put_frames("out/wire.pcap", 3, 1000, 68, 0x10);
    ck_assert_int_eq(compare_frames(), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "golden/rx/x.wire.pcap frame 1 of 3: expected 64 bytes, got 68\n");
}
END_TEST

START_TEST(one_nanosecond_is_a_different_time)
{
    put_frames("golden/rx/x.wire.pcap", 1, 1000, 64, 0x10);
    put_frames("out/wire.pcap", 1, 1001, 64, 0x10);
    ck_assert_int_eq(compare_frames(), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "golden/rx/x.wire.pcap frame 1 of 1: expected at 1000 ns, got at 1001 ns\n");
}
END_TEST

START_TEST(a_different_number_of_frames_is_reported)
{
    put_frames("golden/rx/x.wire.pcap", 3, 1000, 64, 0x10);
    put_frames("out/wire.pcap", 2, 1000, 64, 0x10);
    ck_assert_int_eq(compare_frames(), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "golden/rx/x.wire.pcap: expected 3 frames, got 2\n");
}
END_TEST

START_TEST(a_truncated_golden_pcap_is_named)
{
    put_frames("golden/rx/x.wire.pcap", 3, 1000, 64, 0x10);
    put_frames("out/wire.pcap", 3, 1000, 64, 0x10);
    ck_assert_int_eq(truncate("golden/rx/x.wire.pcap", 24 + 80 + 80 + 40), 0);
    ck_assert_int_eq(compare_frames(), GOLDEN_UNREADABLE);
    ck_assert_ptr_nonnull(strstr(text, "golden/rx/x.wire.pcap: cut off or damaged in frame 3"));
    free(text);
    ck_assert_int_eq(truncate("golden/rx/x.wire.pcap", 10), 0);
    ck_assert_int_eq(compare_frames(), GOLDEN_UNREADABLE);
    free(text);
    ck_assert_int_eq(truncate("golden/rx/x.wire.pcap", 0), 0);
    ck_assert_int_eq(compare_frames(), GOLDEN_UNREADABLE);
}
END_TEST

START_TEST(every_byte_of_a_frame_has_a_name)
{
    unsigned char frame[100] = {[12] = 0x81, [16] = 0x08, [18] = 0x46, [27] = 17};

    ck_assert_str_eq(golden_byte_name(frame, 100, 0), "eth.dst");
    ck_assert_str_eq(golden_byte_name(frame, 100, 11), "eth.src");
    ck_assert_str_eq(golden_byte_name(frame, 100, 12), "vlan.tpid");
    ck_assert_str_eq(golden_byte_name(frame, 100, 15), "vlan.tci");
    ck_assert_str_eq(golden_byte_name(frame, 100, 17), "eth.type");
    ck_assert_str_eq(golden_byte_name(frame, 100, 18), "ip.version");
    ck_assert_str_eq(golden_byte_name(frame, 100, 37), "ip.dst");
    ck_assert_str_eq(golden_byte_name(frame, 100, 41), "ip.options");
    ck_assert_str_eq(golden_byte_name(frame, 100, 42), "udp.sport");
    ck_assert_str_eq(golden_byte_name(frame, 100, 49), "udp.checksum");
    ck_assert_str_eq(golden_byte_name(frame, 100, 50), "payload");
    frame[25] = 1; /* a later fragment has no UDP header */
    ck_assert_str_eq(golden_byte_name(frame, 100, 42), "payload");
    for (size_t len = 1; len <= sizeof frame; len++)
        for (size_t byte = 0; byte < len; byte++)
            ck_assert_ptr_nonnull(golden_byte_name(frame, len, byte));
}
END_TEST

/* ---- a whole scenario ------------------------------------------------------------------------ */

static enum golden_verdict check_all(const struct scenario_result *result)
{
    const struct golden_place place = place_of("scenarios/rx/x.lua", NULL);
    FILE *const report = open_memstream(&text, &text_len);
    const enum golden_verdict verdict = golden_check(report, &place, "out", result);

    fclose(report);
    return verdict;
}

static bool accept(const struct scenario_result *result, char *why, size_t size)
{
    const struct golden_place place = place_of("scenarios/rx/x.lua", NULL);
    FILE *const report = open_memstream(&text, &text_len);
    const bool good = golden_accept(report, &place, "out", result, why, size);

    fclose(report);
    return good;
}

START_TEST(a_missing_golden_says_so_and_writes_nothing)
{
    const struct scenario_result result = passed("");

    put("out/run.trace", "a\n");
    ck_assert_int_eq(check_all(&result), GOLDEN_MISSING);
    ck_assert_ptr_nonnull(strstr(text, "no golden trace golden/rx/x.trace yet"));
    ck_assert(!files_exist("golden/rx/x.trace"));
}
END_TEST

START_TEST(golden_frames_that_nobody_lists_are_reported)
{
    const struct scenario_result result = passed("");

    put("out/run.trace", "a\n");
    put("golden/rx/x.trace", "a\n");
    put("golden/rx/x.wire.pcap", "");
    put("golden/rx/x.y.wire.pcap", "another scenario's, named x.y");
    put("golden/rx/xx.wire.pcap", "another scenario's");
    ck_assert_int_eq(check_all(&result), GOLDEN_DIFFERS);
    ck_assert_str_eq(text, "golden/rx/x.wire.pcap: the scenario does not list \"wire\" in golden = {}\n");
}
END_TEST

START_TEST(accepting_writes_what_then_compares_as_the_same)
{
    const struct scenario_result result = passed("wire");
    char why[256];

    put("out/run.trace", "a\n");
    put_frames("out/wire.pcap", 2, 1000, 64, 0x10);
    put("golden/rx/x.host.pcap", "");
    ck_assert(accept(&result, why, sizeof why));
    ck_assert_str_eq(text, "golden/rx/x.trace: written\ngolden/rx/x.wire.pcap: written\n"
                           "golden/rx/x.host.pcap: removed, the scenario no longer lists \"host\"\n");
    ck_assert(!files_exist("golden/rx/x.host.pcap"));
    free(text);
    ck_assert_int_eq(check_all(&result), GOLDEN_SAME);
    free(text);
    ck_assert(accept(&result, why, sizeof why));
    ck_assert_str_eq(text, "golden/rx/x.trace: unchanged\ngolden/rx/x.wire.pcap: unchanged\n");
}
END_TEST

START_TEST(accepting_says_what_changed)
{
    const struct scenario_result result = passed("");
    char why[256];

    put("out/run.trace", "a\nX\nc\nd\n");
    put("golden/rx/x.trace", "a\nb\nc\nd\n");
    ck_assert(accept(&result, why, sizeof why));
    ck_assert_str_eq(text, "golden/rx/x.trace: replaced, 1 line differs, the first is line 2\n");
}
END_TEST

START_TEST(accepting_a_damaged_run_changes_no_golden)
{
    const struct scenario_result result = passed("wire");
    char why[256];

    put("out/run.trace", "new\n");
    put("out/wire.pcap", "not a pcap");
    put("golden/rx/x.trace", "old\n");
    ck_assert(!accept(&result, why, sizeof why));
    ck_assert_ptr_nonnull(strstr(why, "out/wire.pcap"));
    free(text);
    ck_assert_int_eq(compare(false), GOLDEN_DIFFERS);
    ck_assert_ptr_nonnull(strstr(text, "-old\n"));
}
END_TEST

Suite *golden_suite(void)
{
    Suite *const suite = suite_create("golden");
    TCase *const tests = tcase_create("golden");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_folder_scenarios_becomes_golden);
    tcase_add_test(tests, a_tree_elsewhere_keeps_its_goldens_there);
    tcase_add_test(tests, a_scenario_right_below_scenarios_has_no_chapter);
    tcase_add_test(tests, a_scenario_outside_a_tree_has_goldens_beside_it);
    tcase_add_test(tests, a_golden_folder_that_is_given_keeps_the_chapters);
    tcase_add_test(tests, a_path_that_is_too_long_is_refused);
    tcase_add_test(tests, equal_traces_have_nothing_to_report);
    tcase_add_test(tests, the_first_difference_shows_the_line_before_it);
    tcase_add_test(tests, a_difference_inside_a_fold_says_how_to_see_it);
    tcase_add_test(tests, three_lines_of_a_side_are_shown_and_the_others_counted);
    tcase_add_test(tests, a_later_difference_is_counted);
    tcase_add_test(tests, one_inserted_line_is_one_difference);
    tcase_add_test(tests, a_run_that_goes_on_is_a_difference);
    tcase_add_test(tests, a_shorter_trace_is_no_news_after_a_failure);
    tcase_add_test(tests, a_shorter_trace_of_a_run_that_passed_is_a_difference);
    tcase_add_test(tests, a_different_trace_before_a_failure_is_reported);
    tcase_add_test(tests, a_missing_last_newline_is_a_difference);
    tcase_add_test(tests, control_characters_are_shown_as_numbers);
    tcase_add_test(tests, lines_longer_than_the_buffer_are_compared_to_their_end);
    tcase_add_test(tests, traces_without_a_line_in_common_are_compared_to_their_end);
    tcase_add_test(tests, a_missing_golden_is_told_from_a_damaged_one);
    tcase_add_test(tests, a_full_difference_is_a_unified_diff);
    tcase_add_test(tests, equal_frames_have_nothing_to_report);
    tcase_add_test(tests, a_different_byte_is_named_by_its_field);
    tcase_add_test(tests, a_different_length_is_reported);
    tcase_add_test(tests, one_nanosecond_is_a_different_time);
    tcase_add_test(tests, a_different_number_of_frames_is_reported);
    tcase_add_test(tests, a_truncated_golden_pcap_is_named);
    tcase_add_test(tests, every_byte_of_a_frame_has_a_name);
    tcase_add_test(tests, a_missing_golden_says_so_and_writes_nothing);
    tcase_add_test(tests, golden_frames_that_nobody_lists_are_reported);
    tcase_add_test(tests, accepting_writes_what_then_compares_as_the_same);
    tcase_add_test(tests, accepting_says_what_changed);
    tcase_add_test(tests, accepting_a_damaged_run_changes_no_golden);
    suite_add_tcase(suite, tests);
    return suite;
}
