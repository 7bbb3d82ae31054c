/*
 * test_messages.c - what a client may ask, and what it gets for it
 */
#include "client.h"

#include <errno.h>
#include <string.h>

static int version(const char *text, size_t len)
{
    uint8_t payload[512] = {0};

    memcpy(payload + 4, text, len);
    return client_call(VU_VERSION, payload, 4 + len, NULL, 0);
}
#define VERSION_TEXT(text) version(text, sizeof(text))

static void unversioned(void)
{
    client_device(NULL);
    client_connect();
}

START_TEST(the_version_comes_first)
{
    struct vu_device_info info = {.argsz = sizeof info};

    ck_assert_int_eq(client_call(VU_DEVICE_GET_INFO, &info, sizeof info, NULL, 0), EINVAL);
    ck_assert_int_eq(VERSION_TEXT("{}"), 0);
    ck_assert_int_eq(client_call(VU_DEVICE_GET_INFO, &info, sizeof info, NULL, 0), 0);
    ck_assert_int_eq(VERSION_TEXT("{}"), EINVAL); /* and only once */
}
END_TEST

START_TEST(a_wrong_version_is_refused_and_may_be_put_right)
{
    const uint8_t later[] = {1, 0, 0, 0, '{', '}', 0};

    ck_assert_int_eq(client_call(VU_VERSION, "", 0, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_VERSION, "\0\0\0", 3, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_VERSION, later, sizeof later, NULL, 0), EINVAL);
    ck_assert_int_eq(version("{}", 2), EINVAL); /* no NUL */
    ck_assert_int_eq(version("", 1), EINVAL);
    ck_assert_int_eq(version("{}\0{}", 6), EINVAL); /* a NUL too many */
    ck_assert_int_eq(VERSION_TEXT("[]"), EINVAL);
    ck_assert_int_eq(VERSION_TEXT("{\"capabilities\":"), EINVAL);
    ck_assert_int_eq(VERSION_TEXT("{\"capabilities\":7}"), EINVAL);
    ck_assert_int_eq(VERSION_TEXT("{\"capabilities\":{\"max_msg_fds\":\"8\"}}"), EINVAL);
    ck_assert_int_eq(VERSION_TEXT("{\"capabilities\":{\"max_msg_fds\":-1}}"), EINVAL);
    ck_assert_int_eq(VERSION_TEXT("{\"capabilities\":{\"max_data_xfer_size\":0}}"), EINVAL);
    ck_assert_int_eq(VERSION_TEXT("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}"), EINVAL);
    ck_assert_int_eq(VERSION_TEXT("{\"capabilities\":{\"unheard_of\":[1,2]}}"), 0);
    ck_assert_str_eq((char *)c.body + 4, "{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576}}");
}
END_TEST

START_TEST(version_without_text_is_enough)
{
    ck_assert_int_eq(client_call(VU_VERSION, "\0\0\0\0", 4, NULL, 0), 0);
}
END_TEST

START_TEST(many_writes_at_once_are_offered_to_those_who_know_them)
{
    client_version();
    ck_assert_ptr_nonnull(strstr((char *)c.body + 4, "\"write_multiple\":true"));
    ck_assert_uint_le(c.header.size, 214); /* all the room that QEMU has */
}
END_TEST

START_TEST(what_the_device_is)
{
    struct vu_device_info info = {.argsz = sizeof info};

    ck_assert_int_eq(client_call(VU_DEVICE_GET_INFO, &info, sizeof info, NULL, 0), 0);
    ck_assert_uint_eq(c.len, sizeof info);
    memcpy(&info, c.body, sizeof info);
    ck_assert_uint_eq(info.flags, VU_DEVICE_RESETS | VU_DEVICE_PCI);
    ck_assert_uint_eq(info.num_regions, 9);
    ck_assert_uint_eq(info.num_irqs, 5);
    info.argsz = 8;
    ck_assert_int_eq(client_call(VU_DEVICE_GET_INFO, &info, sizeof info, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_DEVICE_GET_INFO, &info, 12, NULL, 0), EINVAL);
}
END_TEST

START_TEST(the_regions)
{
    static const struct {
        uint64_t size;
        uint32_t flags;
    } expect[VU_REGIONS] = {{0x20000, 3}, {0, 0}, {64, 3}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {256, 3}, {0, 0}};
    struct vu_region_info info;

    for (unsigned i = 0; i < VU_REGIONS; i++) {
        info = (struct vu_region_info){.argsz = sizeof info, .index = i};
        ck_assert_int_eq(client_call(VU_GET_REGION_INFO, &info, sizeof info, NULL, 0), 0);
        ck_assert_uint_eq(c.len, sizeof info);
        memcpy(&info, c.body, sizeof info);
        ck_assert_uint_eq(info.argsz, sizeof info);
        ck_assert_uint_eq(info.index, i);
        ck_assert_uint_eq(info.size, expect[i].size);
        ck_assert_uint_eq(info.flags, expect[i].flags);
        ck_assert_uint_eq(info.cap_offset | info.offset, 0);
    }
    info = (struct vu_region_info){.argsz = sizeof info, .index = VU_REGIONS};
    ck_assert_int_eq(client_call(VU_GET_REGION_INFO, &info, sizeof info, NULL, 0), EINVAL);
    info = (struct vu_region_info){.argsz = sizeof info - 1};
    ck_assert_int_eq(client_call(VU_GET_REGION_INFO, &info, sizeof info, NULL, 0), EINVAL);
}
END_TEST

START_TEST(no_register_is_behind_a_descriptor)
{
    struct vu_region_io_fds info = {.argsz = sizeof info};

    ck_assert_int_eq(client_call(VU_GET_REGION_IO_FDS, &info, sizeof info, NULL, 0), 0);
    memcpy(&info, c.body, sizeof info);
    ck_assert_uint_eq(info.count, 0);
    info.index = 3;
    ck_assert_int_eq(client_call(VU_GET_REGION_IO_FDS, &info, sizeof info, NULL, 0), EINVAL);
    info.index = 99;
    ck_assert_int_eq(client_call(VU_GET_REGION_IO_FDS, &info, sizeof info, NULL, 0), EINVAL);
}
END_TEST

START_TEST(the_interrupts)
{
    static const struct {
        uint32_t flags, count;
    } expect[VU_IRQS] = {{7, 1}, {1, 1}, {1, 0}, {1, 1}, {1, 0}};
    struct vu_irq_info info;

    for (unsigned i = 0; i < VU_IRQS; i++) {
        info = (struct vu_irq_info){.argsz = sizeof info, .index = i};
        ck_assert_int_eq(client_call(VU_GET_IRQ_INFO, &info, sizeof info, NULL, 0), 0);
        memcpy(&info, c.body, sizeof info);
        ck_assert_uint_eq(info.flags, expect[i].flags);
        ck_assert_uint_eq(info.count, expect[i].count);
    }
    info = (struct vu_irq_info){.argsz = sizeof info, .index = VU_IRQS};
    ck_assert_int_eq(client_call(VU_GET_IRQ_INFO, &info, sizeof info, NULL, 0), EINVAL);
}
END_TEST

/* [4.1] As a machine sees it that has just been switched on: the EEPROM has been read. */
START_TEST(configuration_space)
{
    uint8_t all[256];

    ck_assert_int_eq(client_read(VU_CONFIG, 0, all, 256), 0);
    ck_assert_mem_eq(all, "\x86\x80\x0e\x10", 4);
    ck_assert_uint_eq(all[0x3d], 1);
    ck_assert_mem_eq(all + 0x2c, "\x86\x80\x1e\x00", 4);
    ck_assert_uint_eq(config(0x18, 4), 1);
    ck_assert_uint_eq(config(0x10, 4), 0);
    ck_assert_uint_eq(config(0x0b, 1), 2);
    ck_assert_uint_eq(config(0x09, 4), 0x02000000 >> 8 | (uint32_t)all[0x0c] << 24); /* not aligned: in pieces */
    set_config(0x0d, 1, 0x40);
    ck_assert_uint_eq(config(0x0c, 2), 0x4000);
    ck_assert_int_eq(client_read(VU_CONFIG, 0, all, 0), 0);
    ck_assert_int_eq(client_read(VU_CONFIG, 256, all, 0), 0);
    ck_assert_int_eq(client_read(VU_CONFIG, 255, all, 2), EINVAL);
    ck_assert_int_eq(client_read(VU_CONFIG, 257, all, 0), EINVAL);
    ck_assert_int_eq(client_read(VU_CONFIG, UINT64_MAX, all, 2), EINVAL);
    ck_assert_int_eq(client_read(VU_VGA, 0, all, 1), EINVAL);
    ck_assert_int_eq(client_read(UINT32_MAX, 0, all, 1), EINVAL);
    ck_assert_int_eq(client_read(VU_CONFIG, 0, all, UINT32_MAX), EINVAL);
}
END_TEST

START_TEST(registers)
{
    uint64_t both = 0;
    uint8_t all[64], byte;

    client_bus();
    set_reg(E1000_TDBAL, 0x12345670);
    set_reg(E1000_TDBAH, 0x9abcdef0);
    ck_assert_uint_eq(reg(E1000_TDBAL), 0x12345670);
    ck_assert_int_eq(client_read(0, E1000_TDBAL, &both, 8), 0);
    ck_assert_uint_eq(both, UINT64_C(0x9abcdef012345670));
    both = UINT64_C(0x1111111122222220);
    ck_assert_int_eq(client_write(0, E1000_TDBAL, &both, 8), 0);
    ck_assert_uint_eq(reg(E1000_TDBAH), 0x11111111);
    ck_assert_int_eq(client_read(0, E1000_TDBAL + 1, &byte, 1), 0);
    ck_assert_uint_eq(byte, 0x22);
    ck_assert_int_eq(client_read(0, E1000_TDBAL - 5, all, 19), 0); /* any bytes */
    ck_assert_mem_eq(all + 5, "\x20\x22\x22\x22\x11\x11\x11\x11", 8);
    ck_assert_int_eq(client_read(0, 0x1ffff, &byte, 1), 0);
    ck_assert_int_eq(client_read(0, 0x1ffff, all, 2), EINVAL);
    ck_assert_int_eq(client_write(1, 0, &byte, 1), EINVAL);
    ck_assert_int_eq(client_write(VU_ROM, 0, &byte, 1), EINVAL);
}
END_TEST

START_TEST(the_io_window)
{
    uint32_t at = E1000_STATUS, value = 0;

    client_bus();
    ck_assert_int_eq(client_write(2, 0, &at, 4), 0);
    ck_assert_int_eq(client_read(2, 4, &value, 4), 0);
    ck_assert_uint_eq(value, reg(E1000_STATUS));
}
END_TEST

START_TEST(a_posted_write_gets_no_answer)
{
    client_bus();
    set_reg(0x1fffc, 1);
    set_reg(0x20000, 1); /* wrong, and silent all the same */
    client_steps(4);     /* fails if anything comes */
    set_reg(E1000_TDBAL, 0x1000);
    ck_assert_uint_eq(reg(E1000_TDBAL), 0x1000);
}
END_TEST

START_TEST(a_write_has_as_many_bytes_as_it_says)
{
    uint8_t payload[sizeof(struct vu_access) + 8] = {0};
    struct vu_access access = {.region = VU_CONFIG, .offset = 0x0c, .count = 4};

    memcpy(payload, &access, sizeof access);
    ck_assert_int_eq(client_call(VU_REGION_WRITE, payload, sizeof access + 3, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_REGION_WRITE, payload, sizeof access + 5, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_REGION_WRITE, payload, sizeof access, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_REGION_WRITE, payload, sizeof access - 1, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_REGION_WRITE, payload, sizeof access + 4, NULL, 0), 0);
    ck_assert_mem_eq(c.body, &access, sizeof access);
}
END_TEST

START_TEST(many_writes_in_one)
{
    struct {
        struct vu_write_multi multi;
        struct vu_write_one one[3];
    } m = {{3}, {{E1000_TDBAL, 0, 4, {0x80, 0, 0, 0}}, {E1000_TDBAH, 0, 4, {2, 0, 0, 0}}, {0x0d, VU_CONFIG, 1, {8}}}};

    client_bus();
    ck_assert_int_eq(client_call(VU_REGION_WRITE_MULTI, &m, sizeof m, NULL, 0), 0);
    ck_assert_uint_eq(c.len, 8);
    ck_assert_uint_eq(reg(E1000_TDBAL), 0x80);
    ck_assert_uint_eq(reg(E1000_TDBAH), 2);
    ck_assert_uint_eq(config(0x0d, 1), 8);
    ck_assert_int_eq(client_call(VU_REGION_WRITE_MULTI, &m, sizeof m - 1, NULL, 0), EINVAL);
    m.multi.count = UINT64_MAX / 24 + 2; /* times 24 it is small again */
    ck_assert_int_eq(client_call(VU_REGION_WRITE_MULTI, &m, sizeof m, NULL, 0), EINVAL);
    m.multi.count = 3;
    m.one[1].count = 9;
    ck_assert_int_eq(client_call(VU_REGION_WRITE_MULTI, &m, sizeof m, NULL, 0), EINVAL);
}
END_TEST

START_TEST(a_reset)
{
    client_bus();
    set_reg(E1000_TDBAL, 0x1000);
    ck_assert_int_eq(client_call(VU_DEVICE_RESET, "x", 1, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_DEVICE_RESET, "", 0, NULL, 0), 0);
    ck_assert_uint_eq(config(0x04, 2), 0);
    ck_assert_uint_eq(config(0x18, 4), 1); /* its EEPROM has been read again */
    client_bus();
    ck_assert_uint_ne(reg(E1000_TDBAL), 0xffffffff);
    ck_assert_uint_eq(reg(E1000_RAL) & 0xffff, 0x5452);
}
END_TEST

START_TEST(what_there_is_not)
{
    static const unsigned unknown[] = {0, 14, 17, 18, 19, 4711, 0xffff, VU_DMA_READ, VU_DMA_WRITE};

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        ck_assert_int_eq(client_call(unknown[i], "", 0, NULL, 0), EINVAL);
    ck_assert_int_eq(client_call(VU_DEVICE_FEATURE, "\20\0\0\0\1\0\1\0", 8, NULL, 0), ENOTTY);
}
END_TEST

START_TEST(a_rom_is_the_flash)
{
    static uint8_t rom[0x20000], got[0x10000];
    const struct device_options options = {.mac = {2}, .rom = rom, .rom_bytes = sizeof rom};
    struct vu_region_info info = {.argsz = sizeof info, .index = VU_ROM};

    memcpy(rom, "\x55\xaa", 2);
    rom[0xffff] = 0x77;
    client_device(&options);
    client_connect();
    client_version();
    ck_assert_int_eq(client_call(VU_GET_REGION_INFO, &info, sizeof info, NULL, 0), 0);
    memcpy(&info, c.body, sizeof info);
    ck_assert_uint_eq(info.size, sizeof rom);
    ck_assert_uint_eq(info.flags, VU_REGION_READABLE);
    set_config(0x30, 4, 0xfffff800);
    ck_assert_uint_eq(config(0x30, 4), 0xfffe0000);
    ck_assert_int_eq(client_read(VU_ROM, 0, got, sizeof got), 0);
    ck_assert_mem_eq(got, rom, sizeof got);
    info = (struct vu_region_info){.argsz = sizeof info, .index = 1};
    ck_assert_int_eq(client_call(VU_GET_REGION_INFO, &info, sizeof info, NULL, 0), 0);
    memcpy(&info, c.body, sizeof info);
    ck_assert_uint_eq(info.size, sizeof rom); /* BAR 1 shows the same part */
}
END_TEST

Suite *messages_suite(void);
Suite *messages_suite(void)
{
    Suite *const suite = suite_create("messages");
    TCase *const first = tcase_create("before the version"), *const t = tcase_create("messages");
    TCase *const own = tcase_create("boards");

    tcase_add_checked_fixture(first, unversioned, NULL);
    tcase_add_test(first, the_version_comes_first);
    tcase_add_test(first, a_wrong_version_is_refused_and_may_be_put_right);
    tcase_add_test(first, version_without_text_is_enough);
    tcase_add_test(first, many_writes_at_once_are_offered_to_those_who_know_them);
    suite_add_tcase(suite, first);
    tcase_add_checked_fixture(t, client_start, NULL);
    tcase_add_test(t, what_the_device_is);
    tcase_add_test(t, the_regions);
    tcase_add_test(t, no_register_is_behind_a_descriptor);
    tcase_add_test(t, the_interrupts);
    tcase_add_test(t, configuration_space);
    tcase_add_test(t, registers);
    tcase_add_test(t, the_io_window);
    tcase_add_test(t, a_posted_write_gets_no_answer);
    tcase_add_test(t, a_write_has_as_many_bytes_as_it_says);
    tcase_add_test(t, many_writes_in_one);
    tcase_add_test(t, a_reset);
    tcase_add_test(t, what_there_is_not);
    suite_add_tcase(suite, t);
    tcase_add_test(own, a_rom_is_the_flash);
    suite_add_tcase(suite, own);
    return suite;
}
