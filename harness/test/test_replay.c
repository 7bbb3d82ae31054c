/*
 * test_replay.c - record.c and replay.c: a session written down is lived again, and nothing else is
 */
#include "../replay.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../vfio-user/record.h"

Suite *replay_suite(void);

static uint8_t storage[E1000_STORAGE_BYTES] __attribute__((aligned(16)));
static struct record *record;
static struct e1000 *dev;
static char *file;
static size_t len;

/* Guest memory of zeros: a descriptor of no bytes. */
static bool dma_read(void *ctx, uint64_t addr, void *to, size_t n)
{
    (void)ctx;
    memset(to, 0, n);
    record_dma_read(record, addr, to, n, addr != 0x666000);
    return addr != 0x666000;
}

static bool dma_write(void *ctx, uint64_t addr, const void *from, size_t n)
{
    (void)ctx, (void)from;
    record_dma_write(record, addr, n, true);
    return true;
}

static void frame_out(void *ctx, const struct e1000_frame *frame)
{
    (void)ctx, (void)frame;
}

static uint32_t read_reg(uint32_t offset)
{
    uint64_t value;

    record_access(record, RECORD_BAR_READ, E1000_BAR_MEM, offset, 4, 0);
    value = e1000_bar_read(dev, E1000_BAR_MEM, offset, 4);
    record_done(record, value);
    return (uint32_t)value;
}

static void write_reg(uint32_t offset, uint32_t value)
{
    record_access(record, RECORD_BAR_WRITE, E1000_BAR_MEM, offset, 4, value);
    e1000_bar_write(dev, E1000_BAR_MEM, offset, 4, value);
    record_done(record, 0);
}

static void config(unsigned offset, uint32_t value)
{
    record_access(record, RECORD_CONFIG_WRITE, E1000_BAR_MEM, offset, 4, value);
    e1000_config_write(dev, offset, 4, value);
    record_done(record, 0);
}

static void pass(uint64_t now_ns)
{
    record_advance(record, now_ns);
    e1000_advance(dev, now_ns);
    record_done(record, 0);
}

/* A driver that reads STATUS, and transmits from a ring that cannot be read, then from one that can. */
static void write_down(void)
{
    static const struct e1000_host host = {.dma_read = dma_read, .dma_write = dma_write, .frame_out = frame_out};
    static const struct e1000_config board = {.eeprom_words = 64};

    record = record_new(open_memstream(&file, &len));
    record_board(record, &board, 0);
    dev = e1000_init(storage, sizeof storage, &host, &board);
    record_done(record, 0);
    pass(20000000);
    config(0x10, 0xfeb80000);
    config(0x04, 6);
    ck_assert_uint_ne(read_reg(E1000_STATUS), UINT32_MAX);
    for (uint32_t base = 0x666000; base <= 0x667000; base += 0x1000) {
        write_reg(E1000_TDBAL, base);
        write_reg(E1000_TDLEN, 128);
        write_reg(E1000_TCTL, 2);
        write_reg(E1000_TDT, 2);
        pass(e1000_now(dev) + 1000000);
        write_reg(E1000_TCTL, 0);
        write_reg(E1000_TDT, 0);
    }
    read_reg(E1000_TDH);
    ck_assert(record_close(record, NULL, 0));
}

static enum replay_end live(struct replay_result *result)
{
    return replay((const uint8_t *)file, len, NULL, NULL, result);
}

START_TEST(a_session_is_lived_again)
{
    struct replay_result result;

    write_down();
    ck_assert_int_eq(live(&result), REPLAY_SAME);
    ck_assert_str_eq(result.why, "");
    ck_assert_uint_eq(result.now_ns, 22000000);
    free(file);
}
END_TEST

/* A file whose check fits all the same: what it says is what is different. */
static void forge(size_t at, uint8_t byte)
{
    uint32_t check = RECORD_CHECK_START;

    file[at] = (char)byte;
    for (size_t i = 0; i < len - 8; i++)
        check = record_check(check, (uint8_t)file[i]);
    for (size_t i = 0; i < 4; i++)
        file[len - 8 + i] = (char)(check >> 8 * i);
}

START_TEST(another_value_is_named_with_its_register)
{
    struct replay_result result;
    size_t at = 0;

    write_down();
    while ((uint8_t)file[at] != (RECORD_BAR_READ | RECORD_PLAIN) || file[at + 1] != E1000_STATUS)
        at++;
    forge(at + 2, (uint8_t)file[at + 2] ^ 1);
    ck_assert_int_eq(live(&result), REPLAY_DIFFERS);
    ck_assert_msg(strstr(result.why, "STATUS reads ") != NULL, "%s", result.why);
    ck_assert_msg(strstr(result.why, "20000000 ns") != NULL, "%s", result.why);
    free(file);
}
END_TEST

START_TEST(every_cut_is_told)
{
    struct replay_result result;
    size_t whole;

    write_down();
    for (whole = len, len = RECORD_MAGIC_LEN; len < whole; len++) {
        ck_assert_int_eq(live(&result), REPLAY_TRUNCATED);
        ck_assert(result.why[0] != '\0');
    }
    for (len = 0; len < RECORD_MAGIC_LEN; len++)
        ck_assert_int_eq(live(&result), REPLAY_BROKEN);
    free(file);
}
END_TEST

START_TEST(every_changed_byte_is_told)
{
    struct replay_result result;

    write_down();
    for (size_t at = 0; at < len - 4; at++) {
        file[at] ^= 0x55;
        ck_assert_int_eq(live(&result), REPLAY_BROKEN);
        file[at] ^= 0x55;
    }
    free(file);
}
END_TEST

/* Whoever wrote the file may have worked out its check: no byte of it makes the reader do what it must not. */
START_TEST(a_forged_file_ends_in_some_way)
{
    static const uint8_t values[] = {0, 1, 0x0c, 0x7f, 0x80, 0xff};
    struct replay_result result;

    write_down();
    for (size_t at = RECORD_MAGIC_LEN; at < len - 8; at++) {
        const uint8_t was = (uint8_t)file[at];

        for (size_t i = 0; i < sizeof values; i++) {
            forge(at, values[i]);
            ck_assert_int_le(live(&result), REPLAY_BROKEN);
        }
        forge(at, was);
    }
    ck_assert_int_eq(live(&result), REPLAY_SAME);
    free(file);
}
END_TEST

Suite *replay_suite(void)
{
    Suite *const suite = suite_create("replay");
    TCase *const c = tcase_create("recordings");

    tcase_set_timeout(c, 30);
    tcase_add_test(c, a_session_is_lived_again);
    tcase_add_test(c, another_value_is_named_with_its_register);
    tcase_add_test(c, every_cut_is_told);
    tcase_add_test(c, every_changed_byte_is_told);
    tcase_add_test(c, a_forged_file_ends_in_some_way);
    suite_add_tcase(suite, c);
    return suite;
}
