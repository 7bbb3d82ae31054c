/*
 * test_server.c - the stream: pieces, bursts, descriptors, and clients that mean no good
 */
#include "client.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static struct vu_header read_config(uint8_t *to, uint32_t offset, uint32_t count)
{
    const struct vu_access access = {.offset = offset, .region = VU_CONFIG, .count = count};
    const struct vu_header header = vu_request(c.id++, VU_REGION_READ, sizeof access);

    memcpy(to, &header, sizeof header);
    memcpy(to + sizeof header, &access, sizeof access);
    return header;
}

START_TEST(byte_by_byte)
{
    uint8_t bytes[64];
    const struct vu_header header = read_config(bytes, 0, 4);

    for (unsigned i = 0; i < header.size; i++) {
        client_raw(bytes + i, 1);
        loop_step(c.loop, 0); /* fails to return if the rest is waited for */
    }
    ck_assert_int_eq(client_wait(header.id), 0);
    ck_assert_mem_eq(c.body + sizeof(struct vu_access), "\x86\x80\x0e\x10", 4);
}
END_TEST

START_TEST(many_at_once_are_answered_in_order)
{
    static uint8_t bytes[1000 * 32];
    const uint16_t first = c.id;

    for (unsigned i = 0; i < 1000; i++)
        read_config(bytes + 32 * i, i % 64 * 4, 4);
    for (unsigned at = 0; at < sizeof bytes; at += 3200)
        client_raw(bytes + at, 3200);
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert_int_eq(client_wait((uint16_t)(first + i)), 0);
        if (i % 64 == 0)
            ck_assert_mem_eq(c.body + sizeof(struct vu_access), "\x86\x80\x0e\x10", 4);
    }
}
END_TEST

/* The kernel joins messages without descriptors and stops behind one that has some. */
START_TEST(descriptors_belong_to_the_message_they_came_with)
{
    const struct vu_dma_map without = {.argsz = sizeof without, .flags = 3, .iova = 0x100000, .size = 0x1000};
    struct vu_dma_map map[3];
    int fd[3];
    uint8_t *memory[3];

    for (unsigned i = 0; i < 3; i++) {
        fd[i] = memfd_create("test", MFD_CLOEXEC);
        ck_assert_int_eq(ftruncate(fd[i], 0x1000), 0);
        memory[i] = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, fd[i], 0);
        map[i] = (struct vu_dma_map){.argsz = sizeof map[i], .flags = 3, .iova = 0x2000 * i, .size = 0x1000};
    }
    client_send(vu_request(100, VU_DMA_MAP, sizeof without), &without, sizeof without, NULL, 0);
    for (unsigned i = 0; i < 3; i++)
        client_send(vu_request((uint16_t)(101 + i), VU_DMA_MAP, sizeof map[i]), &map[i], sizeof map[i], &fd[i], 1);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_int_eq(client_wait((uint16_t)(100 + i)), 0);
    ck_assert(!dma_copy_out(device_dma(c.device), 0x100000, "x", 1));
    for (unsigned i = 0; i < 3; i++) {
        const char byte = (char)('a' + i);

        ck_assert(dma_copy_out(device_dma(c.device), 0x2000 * i, &byte, 1));
        ck_assert_uint_eq(memory[i][0], 'a' + i);
    }
}
END_TEST

/* The header and its descriptor first, the rest later and in pieces, others behind it. */
START_TEST(descriptors_wait_for_the_rest_of_their_message)
{
    const struct vu_dma_map map = {.argsz = sizeof map, .flags = 3, .size = 0x1000};
    const int fd = memfd_create("test", MFD_CLOEXEC);
    struct vu_header header = vu_request(7, VU_DMA_MAP, sizeof map);
    uint8_t bytes[64];
    unsigned fds;

    ck_assert_int_eq(ftruncate(fd, 0x1000), 0);
    fds = open_fds();
    client_send(header, NULL, 0, &fd, 1);
    loop_step(c.loop, 0);
    client_raw(&map, 5);
    loop_step(c.loop, 0);
    client_raw((const uint8_t *)&map + 5, sizeof map - 5);
    header = read_config(bytes, 0, 4);
    client_raw(bytes, header.size);
    ck_assert_int_eq(client_wait(7), 0);
    ck_assert_int_eq(client_wait(header.id), 0);
    ck_assert(dma_copy_out(device_dma(c.device), 0, "x", 1));
    ck_assert_uint_eq(open_fds(), fds);
}
END_TEST

START_TEST(descriptors_nobody_wants_are_closed)
{
    int fd[16];
    const struct vu_device_info info = {.argsz = sizeof info};
    struct vu_header posted = vu_request(0, VU_DEVICE_GET_INFO, sizeof info);
    unsigned fds;

    for (unsigned i = 0; i < 16; i++)
        fd[i] = eventfd(0, EFD_CLOEXEC);
    fds = open_fds();
    posted.flags = VU_NO_REPLY;
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_int_eq(client_call(VU_DEVICE_GET_INFO, &info, sizeof info, fd, 16), EINVAL);
        ck_assert_int_eq(client_call(VU_DEVICE_RESET, "", 0, fd, 3), EINVAL);
        ck_assert_int_eq(client_call(4711, "", 0, fd, 1), EINVAL);
        client_send(posted, &info, sizeof info, fd, 2);
    }
    client_steps(4);
    ck_assert_uint_eq(open_fds(), fds);
}
END_TEST

/* ---- ends ---- */

static void expect_end(void)
{
    for (unsigned i = 0; i < 8; i++)
        loop_step(c.loop, 0);
    ck_assert(client_closed());
    ck_assert(!server_stats(c.server)->connected);
    close(c.sock);
    c.sock = -1;
}

START_TEST(headers_that_are_none)
{
    static const struct vu_header wrong[] = {{.command = 1, .size = 15},
                                             {.command = 1, .size = 0},
                                             {.command = 1, .size = UINT32_MAX},
                                             {.command = 9, .size = VU_MESSAGE_MAX + 1},
                                             {.command = 9, .size = 32, .flags = 2},
                                             {.command = 9, .size = 32, .flags = 0xf}};
    const unsigned fds = open_fds();

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        client_raw(&wrong[i], sizeof wrong[i]);
        expect_end();
        client_connect();
        client_version();
    }
    ck_assert_uint_eq(open_fds(), fds);
}
END_TEST

START_TEST(too_many_descriptors)
{
    int fd[40];
    unsigned fds;

    for (unsigned i = 0; i < 40; i++)
        fd[i] = eventfd(0, EFD_CLOEXEC);
    fds = open_fds();
    client_send(vu_request(1, VU_SET_IRQS, 0), "", 0, fd, 40);
    expect_end();
    ck_assert_uint_eq(open_fds(), fds - 2); /* both ends of the connection */
}
END_TEST

START_TEST(descriptors_in_the_middle_of_a_message)
{
    const struct vu_header header = vu_request(1, VU_SET_IRQS, 200);
    const int fd = eventfd(0, EFD_CLOEXEC);
    const unsigned fds = open_fds();

    client_raw(&header, sizeof header);
    loop_step(c.loop, 0);
    client_send(header, "", 0, &fd, 1); /* goes for the payload */
    expect_end();
    ck_assert_uint_eq(open_fds(), fds - 2);
}
END_TEST

START_TEST(a_second_descriptor_in_a_message_that_has_one)
{
    const struct vu_header header = vu_request(1, VU_SET_IRQS, 200);
    const int fd = eventfd(0, EFD_CLOEXEC);
    const unsigned fds = open_fds();

    client_send(header, "", 0, &fd, 1);
    loop_step(c.loop, 0);
    client_send(header, "", 0, &fd, 1);
    expect_end();
    ck_assert_uint_eq(open_fds(), fds - 2);
}
END_TEST

/* A thousand clients, each with memory, an interrupt and half a message. */
START_TEST(nothing_is_left_of_a_client)
{
    unsigned fds = 0;

    for (unsigned i = 0; i < 1000; i++) {
        int fd;

        client_memory(true);
        ck_assert_int_eq(client_irq(VU_INTX, &fd), 0);
        client_raw("half of a header", i % 16);
        if (i % 3 == 0)
            client_send(vu_request(1, VU_SET_IRQS, 200), "", 0, &fd, 1);
        close(fd);
        client_hang_up();
        if (i == 0)
            fds = open_fds();
        ck_assert_uint_eq(device_dma(c.device)->count, 0);
        client_connect();
        client_version();
    }
    client_hang_up();
    ck_assert_uint_eq(open_fds(), fds);
    ck_assert_uint_eq(server_stats(c.server)->clients, 1001);
}
END_TEST

START_TEST(the_next_client_finds_a_device_that_was_just_switched_on)
{
    client_bus();
    set_reg(E1000_TDBAL, 0x1000);
    ck_assert_uint_eq(reg(E1000_TDBAL), 0x1000);
    client_hang_up();
    client_connect();
    client_version();
    ck_assert_uint_eq(config(0x04, 2), 0);
    client_bus();
    set_reg(E1000_TDT, 3);
    ck_assert_uint_eq(reg(E1000_TDH), 0);
    ck_assert_uint_eq(reg(E1000_RAL) & 0xffff, 0x5452);
}
END_TEST

START_TEST(a_second_client_waits_for_its_turn)
{
    static const char hello[] = "\1\0\1\0\27\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0{}\0";
    const int second = client_reach();
    char reply[256];

    ck_assert_int_eq(send(second, hello, 23, 0), 23);
    client_steps(8);
    ck_assert_int_eq(recv(second, reply, sizeof reply, MSG_DONTWAIT), -1);
    ck_assert_uint_eq(config(0x3d, 1), 1); /* the first is served as ever */
    client_hang_up();
    for (unsigned i = 0; i < 8; i++)
        loop_step(c.loop, 0);
    ck_assert_int_gt(recv(second, reply, sizeof reply, MSG_DONTWAIT), 16);
    close(second);
}
END_TEST

/* What is not taken piles up to a limit, then no more is read; whoever reads again gets all of it. */
START_TEST(a_client_that_does_not_read)
{
    uint8_t request[32];
    const struct vu_access access = {.region = 0, .count = 0x20000};
    struct vu_header header;
    unsigned sent = 0, got = 0;
    const uint16_t first = c.id;

    client_bus();
    while (sent < 100000) {
        header = vu_request((uint16_t)(first + 3 + sent), VU_REGION_READ, sizeof access);
        memcpy(request, &header, sizeof header);
        memcpy(request + sizeof header, &access, sizeof access);
        if (send(c.sock, request, sizeof request, MSG_NOSIGNAL) != sizeof request)
            break;
        sent++;
        loop_step(c.loop, 0);
    }
    ck_assert_uint_lt(sent, 100000);
    ck_assert(!client_closed());
    for (; got < sent; got++) {
        ck_assert_int_eq(client_wait((uint16_t)(first + 3 + got)), 0);
        ck_assert_uint_eq(c.len, sizeof access + access.count);
    }
}
END_TEST

START_TEST(one_connection_that_was_handed_over)
{
    int pair[2];

    client_device(NULL);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    ck_assert_int_eq(server_serve(c.server, pair[1], false), 0);
    c.sock = pair[0];
    client_version();
    close(c.sock);
    c.sock = -1;
    while (loop_step(c.loop, 1000000) == 0)
        ;
    server_free(c.server); /* the loop has ended with it */
    device_free(c.device);
    loop_free(c.loop);
}
END_TEST

START_TEST(what_is_no_socket)
{
    client_device(NULL);
    ck_assert_int_eq(server_serve(c.server, eventfd(0, 0), false), -ENOTSOCK);
    ck_assert_int_eq(server_serve(c.server, 999, false), -EBADF);
    server_free(c.server);
    device_free(c.device);
    loop_free(c.loop);
}
END_TEST

Suite *server_suite(void);
Suite *server_suite(void)
{
    Suite *const suite = suite_create("server");
    TCase *const t = tcase_create("server"), *const own = tcase_create("own sockets");

    tcase_add_checked_fixture(t, client_start, NULL);
    tcase_add_test(t, byte_by_byte);
    tcase_add_test(t, many_at_once_are_answered_in_order);
    tcase_add_test(t, descriptors_belong_to_the_message_they_came_with);
    tcase_add_test(t, descriptors_wait_for_the_rest_of_their_message);
    tcase_add_test(t, descriptors_nobody_wants_are_closed);
    tcase_add_test(t, headers_that_are_none);
    tcase_add_test(t, too_many_descriptors);
    tcase_add_test(t, descriptors_in_the_middle_of_a_message);
    tcase_add_test(t, a_second_descriptor_in_a_message_that_has_one);
    tcase_add_test(t, nothing_is_left_of_a_client);
    tcase_add_test(t, the_next_client_finds_a_device_that_was_just_switched_on);
    tcase_add_test(t, a_second_client_waits_for_its_turn);
    tcase_add_test(t, a_client_that_does_not_read);
    suite_add_tcase(suite, t);
    tcase_add_test(own, one_connection_that_was_handed_over);
    tcase_add_test(own, what_is_no_socket);
    suite_add_tcase(suite, own);
    return suite;
}
