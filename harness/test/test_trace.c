/*
 * test_trace.c - trace.c: times, headings, repeated reads, folds
 */
#include "../trace.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *trace_suite(void);

static struct trace t;
static char *text, *shown;
static size_t text_len, shown_len;

static void open_trace(bool unfold)
{
    trace_init(&t, open_memstream(&text, &text_len), open_memstream(&shown, &shown_len), unfold, NULL, NULL);
}

/* End the trace; it must read like this. */
static void expect_trace(const char *expected)
{
    ck_assert(trace_finish(&t));
    fclose(t.file);
    fclose(t.show);
    ck_assert_str_eq(text, expected);
}

static void release_text(void)
{
    free(text);
    free(shown);
}

static void access_reg(enum e1000_event_kind kind, const char *name, uint64_t at_ns, uint32_t value)
{
    const struct e1000_event event = {
        .kind = kind, .at_ns = at_ns, .reg = e1000_reg_named(name), .size = 4, .value = value};

    trace_add(&t, &event);
}

static void reads(const char *name, uint64_t at_ns, uint32_t value)
{
    access_reg(E1000_EV_REG_READ, name, at_ns, value);
}

static void writes(const char *name, uint64_t at_ns, uint32_t value)
{
    access_reg(E1000_EV_REG_WRITE, name, at_ns, value);
}

START_TEST(times_are_differences_and_headings_absolute)
{
    open_trace(false);
    writes("ITR", 100, 500);
    trace_step(&t, 2000, "four tagged frames, 10 us apart; the first interrupts at once");
    writes("ITR", 10100, 0);
    expect_trace("     +100  cpu  wr  ITR       000001f4  INTERVAL=500\n"
                 "== four tagged frames, 10 us apart; the first interrupts at once     @ 2000 ns\n"
                 "   +10000  cpu  wr  ITR       00000000\n");
    ck_assert_str_eq(shown, text);
    release_text();
}
END_TEST

START_TEST(headings_count_from_the_zero_of_the_script)
{
    open_trace(false);
    trace_zero(&t, 1000);
    trace_step(&t, 1500, "a");
    expect_trace("== a                                                                 @ 500 ns\n");
    release_text();
}
END_TEST

START_TEST(a_poll_is_one_line)
{
    open_trace(false);
    for (uint64_t i = 0; i < 4; i++)
        reads("ITR", 50 + 1000 * i, 0);
    reads("ITR", 4050, 1);
    writes("ITR", 4051, 0);
    expect_trace("      +50  cpu  rd  ITR       00000000 x4 in 3000 ns\n"
                 "    +1000  cpu  rd  ITR       00000001  INTERVAL=1\n"
                 "       +1  cpu  wr  ITR       00000000\n");
    release_text();
}
END_TEST

START_TEST(reads_at_one_time_take_no_time)
{
    open_trace(false);
    reads("ITR", 0, 0);
    reads("ITR", 0, 0);
    expect_trace("       +0  cpu  rd  ITR       00000000 x2\n");
    release_text();
}
END_TEST

START_TEST(other_reads_and_all_writes_keep_their_lines)
{
    open_trace(false);
    reads("ITR", 0, 0);
    reads("TDT", 0, 0);
    reads("ITR", 0, 0);
    writes("ITR", 0, 0);
    writes("ITR", 0, 0);
    expect_trace("       +0  cpu  rd  ITR       00000000\n"
                 "       +0  cpu  rd  TDT       00000000\n"
                 "       +0  cpu  rd  ITR       00000000\n"
                 "       +0  cpu  wr  ITR       00000000\n"
                 "       +0  cpu  wr  ITR       00000000\n");
    release_text();
}
END_TEST

START_TEST(a_heading_ends_a_poll)
{
    open_trace(false);
    reads("ITR", 0, 0);
    trace_step(&t, 0, "b");
    reads("ITR", 0, 0);
    trace_note(&t, "two\nlines\n");
    expect_trace("       +0  cpu  rd  ITR       00000000\n"
                 "== b                                                                 @ 0 ns\n"
                 "       +0  cpu  rd  ITR       00000000\n"
                 "-- two\n"
                 "-- lines\n");
    release_text();
}
END_TEST

/* The CRC-32 is over the lines with their newlines. */
START_TEST(a_fold_is_one_line_with_the_sum_of_its_lines)
{
    static const char folded[] = "      +10  cpu  wr  ITR       00000001  INTERVAL=1\n"
                                 "      +20  cpu  rd  ITR       00000001  INTERVAL=1 x2 in 5 ns\n";
    char expected[512];

    open_trace(true);
    trace_fold_begin(&t, "word");
    writes("ITR", 10, 1);
    trace_fold_begin(&t, "inner");
    reads("ITR", 30, 1);
    reads("ITR", 35, 1);
    trace_fold_end(&t);
    trace_fold_end(&t);
    writes("ITR", 40, 0);
    snprintf(expected, sizeof expected,
             "      +35  lab  fold word   2 lines  crc %08x\n"
             "       +5  cpu  wr  ITR       00000000\n",
             (unsigned)e1000_crc32(folded, strlen(folded)));
    expect_trace(expected);
    ck_assert_ptr_eq(strstr(shown, folded), shown);
    ck_assert_str_eq(shown + strlen(folded), expected);
    release_text();
}
END_TEST

START_TEST(folded_lines_are_not_shown_unless_asked_for)
{
    open_trace(false);
    trace_fold_begin(&t, "word");
    writes("ITR", 10, 1);
    trace_fold_end(&t);
    trace_fold_begin(&t, "nothing");
    trace_fold_end(&t);
    ck_assert(trace_finish(&t));
    fclose(t.file);
    fclose(t.show);
    ck_assert_str_eq(shown, text);
    ck_assert_ptr_nonnull(strstr(text, "       +0  lab  fold nothing   0 lines  crc 00000000\n"));
    ck_assert_ptr_nonnull(strstr(text, "fold word   1 line  crc "));
    release_text();
}
END_TEST

START_TEST(a_fold_that_was_left_open_ends_with_the_trace)
{
    open_trace(false);
    trace_fold_begin(&t, "open");
    trace_fold_begin(&t, "inner");
    ck_assert(trace_finish(&t));
    fclose(t.file);
    fclose(t.show);
    ck_assert_str_eq(text, "       +0  lab  fold open   0 lines  crc 00000000\n");
    release_text();
}
END_TEST

START_TEST(the_script_cannot_break_a_line)
{
    open_trace(false);
    trace_step(&t, 0, "a\nb\t\x01");
    trace_note(&t, "c\rd");
    expect_trace("== a\\x0ab\\x09\\x01                                                    @ 0 ns\n"
                 "-- c\\x0dd\n");
    release_text();
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
    FILE *const full = fopen("/dev/full", "w");

    if (full == NULL)
        return;
    trace_init(&t, full, NULL, false, NULL, NULL);
    trace_step(&t, 0, "a");
    ck_assert(!trace_finish(&t));
    fclose(full);
}
END_TEST

Suite *trace_suite(void)
{
    Suite *const suite = suite_create("trace");
    TCase *const tests = tcase_create("trace");

    tcase_add_test(tests, times_are_differences_and_headings_absolute);
    tcase_add_test(tests, headings_count_from_the_zero_of_the_script);
    tcase_add_test(tests, a_poll_is_one_line);
    tcase_add_test(tests, reads_at_one_time_take_no_time);
    tcase_add_test(tests, other_reads_and_all_writes_keep_their_lines);
    tcase_add_test(tests, a_heading_ends_a_poll);
    tcase_add_test(tests, a_fold_is_one_line_with_the_sum_of_its_lines);
    tcase_add_test(tests, folded_lines_are_not_shown_unless_asked_for);
    tcase_add_test(tests, a_fold_that_was_left_open_ends_with_the_trace);
    tcase_add_test(tests, the_script_cannot_break_a_line);
    tcase_add_test(tests, a_full_disk_is_noticed);
    suite_add_tcase(suite, tests);
    return suite;
}
