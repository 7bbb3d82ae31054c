/*
 * test_pcap.c - pcap.c: what is written is read again, and damage is named
 */
#include "../pcap.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *pcap_suite(void);

static char path[64];
static char why[512];

static void setup(void)
{
    const int fd = (strcpy(path, "/tmp/e1000lab-pcap-XXXXXX"), mkstemp(path));

    ck_assert_int_ge(fd, 0);
    close(fd);
    why[0] = '\0';
}

static void teardown(void)
{
    unlink(path);
}

static void write_frames(unsigned count)
{
    struct pcap_writer *writer;
    uint8_t frame[64];

    ck_assert_msg(pcap_out_open(path, &writer, why, sizeof why), "%s", why);
    for (unsigned i = 0; i < count; i++) {
        memset(frame, (int)i, sizeof frame);
        pcap_out_write(writer, UINT64_C(1999999999) + i, frame, sizeof frame - i);
    }
    ck_assert_msg(pcap_out_close(writer, why, sizeof why), "%s", why);
}

START_TEST(frames_come_back_with_their_nanoseconds)
{
    struct pcap_reader *reader;
    const uint8_t *frame;
    uint64_t at_ns;
    size_t len;

    write_frames(3);
    ck_assert_msg(pcap_in_open(path, &reader, why, sizeof why), "%s", why);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(pcap_in_next(reader, &at_ns, &frame, &len), 1);
        ck_assert_uint_eq(at_ns, UINT64_C(1999999999) + i);
        ck_assert_uint_eq(len, 64 - i);
        ck_assert_uint_eq(frame[len - 1], i);
    }
    ck_assert_int_eq(pcap_in_next(reader, &at_ns, &frame, &len), 0);
    pcap_in_close(reader);
}
END_TEST

START_TEST(a_capture_without_frames_is_whole)
{
    struct pcap_reader *reader;
    const uint8_t *frame;
    uint64_t at_ns;
    size_t len;

    write_frames(0);
    ck_assert(pcap_in_open(path, &reader, why, sizeof why));
    ck_assert_int_eq(pcap_in_next(reader, &at_ns, &frame, &len), 0);
    pcap_in_close(reader);
}
END_TEST

START_TEST(a_cut_off_frame_is_an_error_not_the_end)
{
    struct pcap_reader *reader;
    const uint8_t *frame;
    uint64_t at_ns;
    size_t len;

    write_frames(2);
    ck_assert_int_eq(truncate(path, 24 + 16 + 64 + 16 + 10), 0);
    ck_assert(pcap_in_open(path, &reader, why, sizeof why));
    ck_assert_int_eq(pcap_in_next(reader, &at_ns, &frame, &len), 1);
    ck_assert_int_eq(pcap_in_next(reader, &at_ns, &frame, &len), -1);
    ck_assert_ptr_nonnull(strstr(pcap_in_error(reader), "truncated"));
    pcap_in_close(reader);
}
END_TEST

START_TEST(what_is_no_capture_is_named)
{
    struct pcap_reader *reader;
    FILE *file;

    ck_assert(!pcap_in_open(path, &reader, why, sizeof why));
    ck_assert_ptr_nonnull(strstr(why, path));
    ck_assert_ptr_nonnull(strstr(why, "the file is empty"));
    file = fopen(path, "wb");
    fputs("this is a text and no capture at all", file);
    fclose(file);
    ck_assert(!pcap_in_open(path, &reader, why, sizeof why));
    ck_assert_ptr_nonnull(strstr(why, "not a whole pcap file"));
    unlink(path);
    ck_assert(!pcap_in_open(path, &reader, why, sizeof why));
    ck_assert_ptr_nonnull(strstr(why, "No such file"));
    write_frames(1);
}
END_TEST

START_TEST(a_folder_that_is_missing_is_named)
{
    struct pcap_writer *writer;

    ck_assert(!pcap_out_open("/tmp/e1000lab-no-such-folder/x.pcap", &writer, why, sizeof why));
    ck_assert_str_eq(why, "cannot write /tmp/e1000lab-no-such-folder/x.pcap: "
                          "No such file or directory");
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
    struct pcap_writer *writer;
    static const uint8_t frame[60000];

    if (access("/dev/full", W_OK) != 0)
        return;
    ck_assert(pcap_out_open("/dev/full", &writer, why, sizeof why));
    pcap_out_write(writer, 0, frame, sizeof frame);
    ck_assert(!pcap_out_close(writer, why, sizeof why));
    ck_assert_ptr_nonnull(strstr(why, "cannot write /dev/full"));
}
END_TEST

Suite *pcap_suite(void)
{
    Suite *const suite = suite_create("pcap");
    TCase *const tests = tcase_create("pcap");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, frames_come_back_with_their_nanoseconds);
    tcase_add_test(tests, a_capture_without_frames_is_whole);
    tcase_add_test(tests, a_cut_off_frame_is_an_error_not_the_end);
    tcase_add_test(tests, what_is_no_capture_is_named);
    tcase_add_test(tests, a_folder_that_is_missing_is_named);
    tcase_add_test(tests, a_full_disk_is_noticed);
    suite_add_tcase(suite, tests);
    return suite;
}
