/*
 * test_memory.c - the client's memory: maps, what is wrong with them, DMA in place and by messages
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../net.h"

static int map(uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags, int fd)
{
    const struct vu_dma_map m = {.argsz = sizeof m, .flags = flags, .offset = offset, .iova = iova, .size = size};

    return client_call(VU_DMA_MAP, &m, sizeof m, &fd, fd >= 0 ? 1 : 0);
}

static int unmap(uint64_t iova, uint64_t size, uint32_t flags)
{
    const struct vu_dma_unmap u = {.argsz = sizeof u, .flags = flags, .iova = iova, .size = size};

    return client_call(VU_DMA_UNMAP, &u, sizeof u, NULL, 0);
}

static int memory_of(off_t size)
{
    const int fd = memfd_create("test", MFD_CLOEXEC);

    ck_assert_int_eq(ftruncate(fd, size), 0);
    return fd;
}

static void with_memory(bool fd)
{
    client_start();
    client_memory(fd);
    client_bus();
}
static void mapped(void)
{
    with_memory(true);
}
static void by_messages(void)
{
    with_memory(false);
}

/* ---- the table ---- */

START_TEST(maps_do_not_overlap)
{
    client_start();
    ck_assert_int_eq(map(0x10000, 0x10000, 0, 3, -1), 0);
    ck_assert_int_eq(map(0x10000, 0x10000, 0, 3, -1), EEXIST);
    ck_assert_int_eq(map(0x0f000, 0x02000, 0, 3, -1), EINVAL);
    ck_assert_int_eq(map(0x1f000, 0x02000, 0, 3, -1), EINVAL);
    ck_assert_int_eq(map(0x12000, 0x01000, 0, 3, -1), EINVAL);
    ck_assert_int_eq(map(0x00000, 0x40000, 0, 3, -1), EINVAL);
    ck_assert_int_eq(map(0x0f000, 0x01000, 0, 3, -1), 0);
    ck_assert_int_eq(map(0x20000, 0x01000, 0, 1, -1), 0);
    ck_assert_int_eq(unmap(0x10000, 0x0f000, 0), ENOENT);
    ck_assert_int_eq(unmap(0x11000, 0x0f000, 0), ENOENT);
    ck_assert_int_eq(unmap(0x10000, 0x10000, 0), 0);
    ck_assert_uint_eq(c.len, sizeof(struct vu_dma_unmap));
    ck_assert_int_eq(unmap(0x10000, 0x10000, 0), ENOENT);
    ck_assert_int_eq(map(0x10000, 0x10000, 0, 3, -1), 0);
    ck_assert_int_eq(unmap(0, 4096, VU_UNMAP_ALL), EINVAL);
    ck_assert_int_eq(unmap(0, 0, VU_UNMAP_DIRTY), EINVAL);
    ck_assert_int_eq(unmap(0, 0, VU_UNMAP_ALL), 0);
    ck_assert_uint_eq(device_dma(c.device)->count, 0);
}
END_TEST

START_TEST(maps_that_cannot_be)
{
    const int fd = memory_of(0x10000), event = eventfd(0, EFD_CLOEXEC), dir = open("/tmp", O_RDONLY | O_CLOEXEC);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC), two[2] = {fd, event};
    struct vu_dma_map m = {.argsz = sizeof m, .flags = 3, .size = 0x1000};
    int pipes[2];
    unsigned fds;

    client_start();
    ck_assert_int_eq(pipe(pipes), 0);
    fds = open_fds();
    ck_assert_int_eq(map(0, 0, 0, 3, fd), EINVAL);
    ck_assert_int_eq(map(0x800, 0x1000, 0, 3, fd), EINVAL);
    ck_assert_int_eq(map(0, 0x1800, 0, 3, fd), EINVAL);
    ck_assert_int_eq(map(0, 0x1000, 0x800, 3, fd), EINVAL);
    ck_assert_int_eq(map(0, 0x11000, 0, 3, fd), EINVAL); /* more than there is of the file */
    ck_assert_int_eq(map(0, 0x2000, 0xf000, 3, fd), EINVAL);
    ck_assert_int_eq(map(0, 0x1000, 0x10000, 3, fd), EINVAL);
    ck_assert_int_eq(map(0, 0x1000, UINT64_MAX - 0xfff, 3, fd), EINVAL);
    ck_assert_int_eq(map(0, UINT64_MAX - 0xfff, 0, 3, fd), EINVAL);
    ck_assert_int_eq(map(UINT64_MAX - 0xfff, 0x2000, 0, 3, -1), EINVAL); /* round the end */
    ck_assert_int_eq(map(UINT64_MAX - 0xfff, 0x1000, 0, 3, -1), 0);      /* up to it */
    ck_assert_int_eq(map(0, 0x1000, 0, 0x10, fd), EINVAL);
    ck_assert_int_eq(map(0, 0x1000, 0, 3, event), EINVAL);
    ck_assert_int_eq(map(0, 0x1000, 0, 3, dir), EINVAL);
    ck_assert_int_eq(map(0, 0x1000, 0, 3, null), EINVAL);
    ck_assert_int_eq(map(0, 0x1000, 0, 3, pipes[0]), EINVAL);
    ck_assert_int_eq(client_call(VU_DMA_MAP, &m, sizeof m, two, 2), EINVAL);
    ck_assert_int_eq(client_call(VU_DMA_MAP, &m, sizeof m - 1, two, 1), EINVAL);
    m.argsz = 8;
    ck_assert_int_eq(client_call(VU_DMA_MAP, &m, sizeof m, two, 1), EINVAL);
    ck_assert_uint_eq(open_fds(), fds);
    ck_assert_uint_eq(device_dma(c.device)->count, 1);
    ck_assert_int_eq(map(0, 0x10000, 0, 3, fd), 0);
    ck_assert_uint_eq(open_fds(), fds); /* the map stays, its descriptor need not */
}
END_TEST

START_TEST(a_file_that_may_only_be_read)
{
    char path[] = "/tmp/e1000-vfio-user-XXXXXX";
    const int rw = mkstemp(path), ro = open(path, O_RDONLY | O_CLOEXEC);

    unlink(path);
    ck_assert_int_eq(ftruncate(rw, 4096), 0);
    client_start();
    ck_assert_int_eq(map(0, 0x1000, 0, 3, ro), EACCES);
    ck_assert_int_eq(map(0, 0x1000, 0, 1, ro), 0);
    close(rw);
    close(ro);
}
END_TEST

START_TEST(the_table_has_an_end)
{
    client_start();
    for (unsigned i = 0; i < DMA_MAPS_MAX; i++)
        ck_assert_int_eq(map((uint64_t)i * 0x2000, 0x1000, 0, 3, -1), 0);
    ck_assert_int_eq(map((uint64_t)DMA_MAPS_MAX * 0x2000, 0x1000, 0, 3, -1), ENOSPC);
    ck_assert_int_eq(unmap(0x4000, 0x1000, 0), 0);
    ck_assert_int_eq(map((uint64_t)DMA_MAPS_MAX * 0x2000, 0x1000, 0, 3, -1), 0);
}
END_TEST

START_TEST(bytes_that_lie_in_several_maps)
{
    const int fd = memory_of(0x3000);
    uint8_t *const file = mmap(NULL, 0x3000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    struct dma *dma;
    uint8_t bytes[64];

    client_start();
    dma = device_dma(c.device);
    ck_assert_int_eq(map(0x5000, 0x1000, 0x2000, 3, fd), 0); /* the file the other way round */
    ck_assert_int_eq(map(0x6000, 0x1000, 0x0000, 3, fd), 0);
    ck_assert_int_eq(map(0x7000, 0x1000, 0x1000, 1, fd), 0);
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i + 1);
    ck_assert(dma_copy_out(dma, 0x5fe0, bytes, 64));
    ck_assert_mem_eq(file + 0x2fe0, bytes, 32);
    ck_assert_mem_eq(file, bytes + 32, 32);
    memset(bytes, 0, sizeof bytes);
    ck_assert(dma_copy_in(dma, 0x5fe0, bytes, 64));
    ck_assert_uint_eq(bytes[63], 64);
    ck_assert(!dma_copy_out(dma, 0x6fe0, bytes, 64)); /* its end may only be read */
    ck_assert(dma_copy_in(dma, 0x6fe0, bytes, 64));
    ck_assert(!dma_copy_in(dma, 0x7fe0, bytes, 64));
    ck_assert(!dma_copy_in(dma, 0x4fe0, bytes, 64));
    ck_assert_ptr_null(dma_at(dma, 0x5fe0, 64, VU_DMA_READABLE));
    ck_assert_ptr_null(dma_at(dma, 0x7000, 64, VU_DMA_WRITABLE));
    ck_assert_ptr_nonnull(dma_at(dma, 0x7fc0, 64, VU_DMA_READABLE));
    ck_assert_ptr_null(dma_at(dma, 0x7fc1, 64, VU_DMA_READABLE));
    ck_assert_ptr_null(dma_at(dma, UINT64_MAX - 8, 64, VU_DMA_READABLE));
    ck_assert(!dma->by_messages);
}
END_TEST

START_TEST(memory_that_shrinks_ends_the_connection)
{
    mapped();
    tx_ring(8);
    ck_assert_uint_eq(reg(E1000_TDT), 0);
    tx_send(1);
    munmap(c.memory, MEMORY);
    ck_assert_int_eq(ftruncate(c.memfd, 0), 0);
    for (unsigned i = 0; i < 8; i++)
        loop_step(c.loop, 0);
    ck_assert(client_closed());
    c.sock = -1;
    c.memfd = -1;
    client_connect(); /* the next one is served */
    client_version();
}
END_TEST

/* ---- DMA, in place and by messages ---- */

static void frames_leave(void)
{
    struct device_stats stats;

    tx_ring(64);
    tx_send(40);
    client_steps(40);
    for (unsigned i = 0; i < 40; i++)
        ck_assert(tx_done(i));
    ck_assert(!tx_done(40));
    ck_assert_uint_eq(reg(E1000_TDH), 40);
    device_stats(c.device, &stats);
    ck_assert_uint_eq(stats.frames_out, 40);
    ck_assert_uint_eq(stats.bytes_out, 4000);
}

static void frames_arrive(void)
{
    rx_ring(16);
    client_steps(4);
    for (unsigned i = 0; i < 10; i++)
        rx_frame(200 + i);
    client_steps(40);
    for (unsigned i = 0; i < 10; i++) {
        ck_assert_uint_eq(c.memory[RXD + 16 * i + 12] & 3, 3); /* DD, EOP */
        ck_assert_uint_eq(c.memory[RXD + 16 * i + 8], 200 + i);
        ck_assert_uint_eq(c.memory[RXB + 2048 * i + 199], (uint8_t)(199 * 3 + 200 + i));
    }
    ck_assert_uint_eq(reg(E1000_RDH), 10);
}

START_TEST(frames_leave_in_place)
{
    mapped();
    frames_leave();
    ck_assert_uint_eq(c.dma_reads + c.dma_writes, 0);
}
END_TEST

START_TEST(frames_arrive_in_place)
{
    mapped();
    frames_arrive();
    ck_assert_uint_eq(c.dma_reads + c.dma_writes, 0);
}
END_TEST

START_TEST(frames_leave_by_messages)
{
    by_messages();
    frames_leave();
    ck_assert_uint_eq(c.dma_reads, 41); /* descriptors at once, each buffer once */
    ck_assert_uint_eq(c.dma_writes, 40);
    ck_assert_uint_eq(c.no_replies, 39); /* only the last is acknowledged */
}
END_TEST

START_TEST(frames_arrive_by_messages)
{
    by_messages();
    frames_arrive();
    ck_assert_uint_eq(c.dma_reads, 1);
    ck_assert_uint_eq(c.dma_writes, 20);
}
END_TEST

START_TEST(memory_that_is_refused_is_a_master_abort)
{
    by_messages();
    c.refuses = true;
    tx_ring(8);
    tx_send(1);
    client_steps(8);
    ck_assert_uint_eq(config(0x06, 2) & 0x2000, 0x2000);
    ck_assert(!tx_done(0));
}
END_TEST

START_TEST(no_memory_is_a_master_abort_without_a_message)
{
    client_start();
    client_memory(false);
    client_bus();
    tx_ring(8);
    set_reg(E1000_TDBAL, MEMORY);
    set_reg(E1000_TDT, 1);
    client_steps(8);
    ck_assert_uint_eq(c.dma_reads, 0);
    ck_assert_uint_eq(config(0x06, 2) & 0x2000, 0x2000);
}
END_TEST

/* ---- what crosses ---- */

/* [7.3] The deadlock: the client answers nothing of ours before it has its own answer. */
START_TEST(requests_are_answered_while_memory_is_awaited)
{
    by_messages();
    tx_ring(8);
    client_steps(4);
    c.answers = false;
    tx_send(1);
    client_steps(4);
    ck_assert_uint_eq(c.keeps, 1); /* the descriptors have been asked for */
    ck_assert_uint_eq(reg(E1000_STATUS) & 3, 3);
    ck_assert_uint_eq(reg(E1000_TDH), 0);
    ck_assert_uint_eq(reg(E1000_ICR) & 1, 0);
    client_answer(0);
    client_steps(4);
    ck_assert_uint_eq(c.keeps, 2); /* the buffer */
    ck_assert_uint_eq(reg(E1000_TDH), 0);
    client_answer(1);
    client_steps(4);
    ck_assert_uint_eq(c.keeps, 3); /* written back: done, but for the acknowledgement */
    ck_assert_uint_eq(c.kept[2].header.command, VU_DMA_WRITE);
    ck_assert_uint_eq(reg(E1000_TDH), 1);
}
END_TEST

START_TEST(the_interrupt_waits_for_the_acknowledgement)
{
    int fd;

    by_messages();
    ck_assert_int_eq(client_irq(VU_INTX, &fd), 0);
    tx_ring(8);
    set_reg(E1000_IMS, 1);
    client_steps(4);
    c.answers = false;
    tx_send(1);
    client_steps(4);
    client_answer(0);
    client_steps(4);
    client_answer(1);
    client_steps(4);
    ck_assert_uint_eq(drain(fd), 0);
    client_answer(2);
    client_steps(4);
    ck_assert_uint_eq(drain(fd), 1);
}
END_TEST

/* A driver that reads its causes too early would never look again. */
START_TEST(causes_read_too_early_come_again)
{
    int fd;

    by_messages();
    ck_assert_int_eq(client_irq(VU_INTX, &fd), 0);
    tx_ring(8);
    set_reg(E1000_IMS, 1);
    client_steps(4);
    c.answers = false;
    tx_send(1);
    client_steps(4);
    client_answer(0);
    client_steps(4);
    client_answer(1);
    client_steps(4);
    ck_assert_uint_eq(reg(E1000_ICR) & 1, 1);
    ck_assert_uint_eq(drain(fd), 0);
    client_answer(2);
    client_steps(4);
    ck_assert_uint_eq(drain(fd), 1);
    ck_assert_uint_eq(reg(E1000_ICR) & 1, 1);
    ck_assert_uint_eq(reg(E1000_ICR) & 1, 0);
}
END_TEST

/* What was read for a ring is not good for the next one. */
START_TEST(a_driver_that_starts_again_gets_its_new_ring_read)
{
    by_messages();
    tx_ring(8);
    client_steps(4);
    c.answers = false;
    tx_send(1);
    client_steps(4);
    client_answer(0);
    client_steps(4); /* the buffer has been asked for, and does not come */
    set_reg(E1000_TCTL, 0);
    c.keeps = 0;
    tx_ring(8);
    c.answers = true;
    tx_send(2);
    client_steps(20);
    ck_assert(tx_done(0) && tx_done(1));
    ck_assert_uint_eq(reg(E1000_TDH), 2);
}
END_TEST

START_TEST(memory_that_goes_while_it_is_awaited)
{
    by_messages();
    tx_ring(8);
    client_steps(4);
    c.answers = false;
    tx_send(1);
    client_steps(4);
    ck_assert_int_eq(unmap(0, MEMORY, 0), 0);
    client_answer(0); /* late: nobody wants it */
    client_steps(4);
    ck_assert_uint_eq(config(0x06, 2) & 0x2000, 0x2000); /* tried again: nothing is there */
    ck_assert_uint_eq(reg(E1000_TDH), 0);
}
END_TEST

START_TEST(a_reset_while_memory_is_awaited)
{
    by_messages();
    tx_ring(8);
    client_steps(4);
    c.answers = false;
    tx_send(1);
    client_steps(4);
    ck_assert_int_eq(client_call(VU_DEVICE_RESET, "", 0, NULL, 0), 0);
    client_answer(0);
    client_steps(4);
    c.answers = true;
    client_bus();
    frames_leave();
}
END_TEST

START_TEST(a_client_that_goes_while_memory_is_awaited)
{
    by_messages();
    tx_ring(8);
    client_steps(4);
    c.answers = false;
    tx_send(1);
    client_steps(4);
    client_hang_up();
    c.answers = true;
    client_connect();
    client_version();
    client_memory(false);
    client_bus();
    frames_leave();
}
END_TEST

START_TEST(replies_that_are_not_as_asked)
{
    struct vu_header header;
    struct vu_dma_access access = {0};

    by_messages();
    tx_ring(8);
    client_steps(4);
    c.answers = false;
    tx_send(1);
    client_steps(4);
    header = vu_reply(&c.kept[0].header, sizeof access); /* without the data */
    client_raw(&header, sizeof header);
    client_raw(&access, sizeof access);
    client_steps(4);
    ck_assert_uint_eq(config(0x06, 2) & 0x2000, 0x2000);
    client_answer(0); /* a second time, and to ids that were never there */
    header.id = 4711;
    header.size = sizeof header;
    client_raw(&header, sizeof header);
    header.command = 99;
    client_raw(&header, sizeof header);
    ck_assert_uint_eq(reg(E1000_TDH), 0);
    ck_assert(!client_closed());
}
END_TEST

/* A piece of work that needs more than a client's socket takes at once. */
START_TEST(no_more_is_asked_for_than_a_socket_takes)
{
    uint64_t asked = 0;

    by_messages();
    tx_ring(256);
    client_steps(4);
    for (unsigned i = 0; i < 60; i++) {
        const uint64_t addr = TXB + 16384 * i, control = 0x0b000000 | 16000;

        memcpy(c.memory + TXD + 16 * i, &addr, 8);
        memcpy(c.memory + TXD + 16 * i + 8, &control, 8);
    }
    c.answers = false;
    set_reg(E1000_TDT, 60);
    client_steps(4);
    client_answer(0);
    client_steps(4);
    for (unsigned i = 1; i < c.keeps; i++)
        asked += c.kept[i].access.count;
    ck_assert_uint_le(asked, 64 << 10);
    ck_assert_uint_gt(asked, 32 << 10);
    for (unsigned i = 1; i < c.keeps; i++)
        client_answer(i);
    c.answers = true;
    client_steps(200);
    ck_assert(tx_done(59));
}
END_TEST

START_TEST(the_clients_limit_of_a_message)
{
    static const char hello[] = "\0\0\0\0{\"capabilities\":{\"max_data_xfer_size\":64}}";

    client_device(NULL);
    client_connect();
    ck_assert_int_eq(client_call(VU_VERSION, hello, sizeof hello, NULL, 0), 0);
    client_memory(false);
    client_bus();
    tx_ring(8);
    tx_send(1);
    client_steps(20);
    ck_assert(tx_done(0));
    ck_assert_uint_eq(c.dma_reads, 3); /* one descriptor, 100 bytes in two */
    frames_arrive();
}
END_TEST

/* ---- some memory with a descriptor, some without ---- */

enum { SHARED = 3 << 20, BEYOND = SHARED + 0x1000 }; /* guest memory from SHARED on comes by messages */

static void mixed(void)
{
    with_memory(true);
    ck_assert_int_eq(unmap(0, MEMORY, 0), 0);
    ck_assert_int_eq(map(0, SHARED, 0, 3, c.memfd), 0);
    ck_assert_int_eq(map(SHARED, MEMORY - SHARED, 0, 3, -1), 0);
}

static void expect_no_abort(void)
{
    ck_assert_uint_eq(config(0x06, 2) & 0x2000, 0); /* [4.1] received master abort */
}

/* Instead of what tx_send() is going to write, from this descriptor on. */
static void send_raw(unsigned n, uint64_t addr, uint64_t control)
{
    memcpy(c.memory + TXD + 16 * n, &addr, 8);
    memcpy(c.memory + TXD + 16 * n + 8, &control, 8);
    set_reg(E1000_TDT, n + 1);
    client_steps(20);
}
#define WHOLE_FRAME UINT64_C(0x0b000000) /* EOP, IFCS, RS */

START_TEST(mixed_memory_is_used_in_place_as_long_as_it_can_be)
{
    mixed();
    frames_leave();
    frames_arrive();
    ck_assert_uint_eq(c.dma_reads + c.dma_writes, 0);
    expect_no_abort();
}
END_TEST

START_TEST(the_first_frame_from_memory_without_a_descriptor_leaves)
{
    struct device_stats stats;

    mixed();
    tx_ring(8);
    tx_send(2);
    client_steps(20);
    ck_assert_uint_eq(c.dma_reads, 0);
    send_raw(2, BEYOND, WHOLE_FRAME | 100);
    ck_assert(tx_done(2));
    ck_assert_uint_eq(c.dma_reads, 1); /* 100 bytes; the ring is still read in place */
    send_raw(3, SHARED - 50, WHOLE_FRAME | 100);
    ck_assert(tx_done(3));
    ck_assert_uint_eq(c.dma_reads, 2);
    device_stats(c.device, &stats);
    ck_assert_uint_eq(stats.frames_out, 4);
    expect_no_abort();
}
END_TEST

START_TEST(the_first_frame_that_begins_in_place_and_ends_beyond_leaves)
{
    mixed();
    tx_ring(8);
    send_raw(0, SHARED - 50, UINT64_C(0x2b100000) | 100); /* a data descriptor */
    ck_assert(tx_done(0));
    ck_assert_uint_eq(c.dma_reads, 1);
    expect_no_abort();
}
END_TEST

START_TEST(a_context_is_no_buffer)
{
    mixed();
    tx_ring(8);
    send_raw(0, BEYOND, UINT64_C(0x28000000) | 100);
    ck_assert(tx_done(0));
    tx_send(2); /* of which the first takes its place, behind the tail */
    ck_assert(!device_dma(c.device)->by_messages);
}
END_TEST

START_TEST(the_first_frame_into_memory_without_a_descriptor_arrives)
{
    const uint64_t beyond = BEYOND;

    mixed();
    rx_ring(8);
    client_steps(4);
    rx_frame(200);
    ck_assert_uint_eq(c.memory[RXD + 12] & 3, 3);
    memset(c.memory + RXD, 0, 16);
    memcpy(c.memory + RXD, &beyond, 8);
    set_reg(E1000_RDT, 0);
    client_steps(4);
    for (unsigned i = 1; i < 8; i++)
        rx_frame(200 + i);
    client_steps(4);
    ck_assert_uint_eq(c.dma_reads + c.dma_writes, 0);
    set_reg(E1000_RDT, 1); /* now descriptor 0 again */
    client_steps(4);
    rx_frame(208);
    client_steps(20);
    ck_assert_uint_eq(c.dma_writes, 1);
    ck_assert_uint_eq(c.memory[RXD + 12] & 3, 3);
    ck_assert_uint_eq(c.memory[RXD + 8], 208);
    ck_assert_uint_eq(c.memory[BEYOND + 199], (uint8_t)(199 * 3 + 208));
    expect_no_abort();
}
END_TEST

START_TEST(a_ring_in_memory_without_a_descriptor)
{
    mixed();
    tx_ring(8);
    tx_send(1);
    client_steps(4);
    memcpy(c.memory + BEYOND, c.memory + TXD, 128);
    c.memory[BEYOND + 12] = 0;
    set_reg(E1000_TCTL, 0);
    set_reg(E1000_TDBAL, BEYOND);
    set_reg(E1000_TDH, 0);
    set_reg(E1000_TDT, 0);
    set_reg(E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
    set_reg(E1000_TDT, 1);
    client_steps(20);
    ck_assert_uint_eq(c.memory[BEYOND + 12] & 1, 1);
    ck_assert_uint_eq(c.dma_reads, 1);
    expect_no_abort();
}
END_TEST

START_TEST(memory_that_loses_its_descriptor_under_given_buffers)
{
    mixed();
    rx_ring(8);
    client_steps(4);
    rx_frame(200);
    client_steps(4);
    ck_assert_int_eq(unmap(0, SHARED, 0), 0);
    ck_assert_int_eq(map(0, 0x100000, 0, 3, -1), 0);
    ck_assert_int_eq(map(0x100000, SHARED - 0x100000, 0x100000, 3, c.memfd), 0);
    rx_frame(201);
    client_steps(20);
    ck_assert_uint_eq(c.memory[RXD + 16 + 12] & 3, 3);
    ck_assert_uint_eq(c.memory[RXB + 2048 + 199], (uint8_t)(199 * 3 + 201));
    expect_no_abort();
}
END_TEST

/* ---- more frames than there is room for ---- */

static uint64_t missed(void)
{
    struct device_stats stats;

    device_stats(c.device, &stats);
    return stats.missed;
}

static bool ready(void)
{
    const struct net_receiver *const receiver = device_receiver(c.device);

    return receiver->ready(receiver->ctx);
}

/*
 * 48 KB of FIFO take one frame of 1024 bytes, 46 of 1016 and a word of 8 for each; then one word is missing. The
 * chip's own counter of missed packets [13.7.5] says the same.
 */
static void flood(bool strip)
{
    const size_t crc = strip ? 0 : 4;

    rx_ring(8);
    set_reg(E1000_RDT, 0);
    if (!strip)
        set_reg(E1000_RCTL, E1000_MASK(RCTL, EN) | E1000_MASK(RCTL, UPE) | E1000_MASK(RCTL, MPE));
    reg(E1000_MPC);
    client_steps(4);
    rx_frame(1024 - crc);
    for (unsigned i = 0; i < 99; i++)
        rx_frame(1016 - crc);
    client_steps(4);
    ck_assert_uint_eq(missed(), 99 - 46);
    ck_assert_uint_eq(reg(E1000_MPC), 99 - 46);
}

START_TEST(frames_that_find_no_room_are_counted)
{
    mapped();
    flood(true);
}
END_TEST

START_TEST(frames_that_find_no_room_with_their_crc_are_counted)
{
    mapped();
    flood(false);
}
END_TEST

START_TEST(frames_that_find_no_room_are_counted_by_messages)
{
    by_messages();
    flood(true);
}
END_TEST

START_TEST(frames_for_a_receiver_that_is_off_are_counted)
{
    client_device(NULL);
    rx_frame(100); /* no client, no power */
    ck_assert_uint_eq(missed(), 1);
    client_connect();
    client_version();
    client_memory(true);
    client_bus();
    rx_frame(100); /* no link */
    ck_assert_uint_eq(missed(), 2);
    rx_ring(8);
    client_steps(4);
    rx_frame(100);
    ck_assert_uint_eq(missed(), 2);
    set_reg(E1000_RCTL, 0);
    client_steps(4);
    rx_frame(100);
    ck_assert_uint_eq(missed(), 3);
}
END_TEST

static void fill_and_empty(void)
{
    unsigned n = 0;

    rx_ring(64);
    set_reg(E1000_RDT, 0);
    client_steps(4);
    ck_assert(ready());
    while (ready() && n < 100)
        rx_frame(1500 + n++ % 8);
    ck_assert_uint_gt(n, 20); /* 48 KB, all but one frame of the longest kind */
    ck_assert_uint_le(n, 32);
    ck_assert_uint_eq(missed(), 0);
    client_steps(4);
    ck_assert(!ready());
    set_reg(E1000_RDT, 63);
    client_steps(100);
    ck_assert(ready());
    ck_assert_uint_eq(reg(E1000_RDH), n);
    for (unsigned i = 0; i < n; i++) {
        ck_assert_uint_eq(c.memory[RXD + 16 * i + 12] & 3, 3);
        ck_assert_uint_eq(c.memory[RXD + 16 * i + 8] | c.memory[RXD + 16 * i + 9] << 8, 1500 + i % 8);
    }
}

START_TEST(frames_wait_outside_while_the_fifo_is_full)
{
    mapped();
    fill_and_empty();
}
END_TEST

START_TEST(frames_wait_outside_by_messages_too)
{
    by_messages();
    fill_and_empty();
}
END_TEST

Suite *memory_suite(void);
Suite *memory_suite(void)
{
    Suite *const suite = suite_create("memory");
    TCase *const t = tcase_create("memory");

    tcase_add_test(t, maps_do_not_overlap);
    tcase_add_test(t, maps_that_cannot_be);
    tcase_add_test(t, a_file_that_may_only_be_read);
    tcase_add_test(t, the_table_has_an_end);
    tcase_add_test(t, bytes_that_lie_in_several_maps);
    tcase_add_test(t, memory_that_shrinks_ends_the_connection);
    tcase_add_test(t, frames_leave_in_place);
    tcase_add_test(t, frames_arrive_in_place);
    tcase_add_test(t, frames_leave_by_messages);
    tcase_add_test(t, frames_arrive_by_messages);
    tcase_add_test(t, memory_that_is_refused_is_a_master_abort);
    tcase_add_test(t, no_memory_is_a_master_abort_without_a_message);
    tcase_add_test(t, requests_are_answered_while_memory_is_awaited);
    tcase_add_test(t, the_interrupt_waits_for_the_acknowledgement);
    tcase_add_test(t, causes_read_too_early_come_again);
    tcase_add_test(t, a_driver_that_starts_again_gets_its_new_ring_read);
    tcase_add_test(t, memory_that_goes_while_it_is_awaited);
    tcase_add_test(t, a_reset_while_memory_is_awaited);
    tcase_add_test(t, a_client_that_goes_while_memory_is_awaited);
    tcase_add_test(t, replies_that_are_not_as_asked);
    tcase_add_test(t, no_more_is_asked_for_than_a_socket_takes);
    tcase_add_test(t, the_clients_limit_of_a_message);
    tcase_add_test(t, mixed_memory_is_used_in_place_as_long_as_it_can_be);
    tcase_add_test(t, the_first_frame_from_memory_without_a_descriptor_leaves);
    tcase_add_test(t, the_first_frame_that_begins_in_place_and_ends_beyond_leaves);
    tcase_add_test(t, a_context_is_no_buffer);
    tcase_add_test(t, the_first_frame_into_memory_without_a_descriptor_arrives);
    tcase_add_test(t, a_ring_in_memory_without_a_descriptor);
    tcase_add_test(t, memory_that_loses_its_descriptor_under_given_buffers);
    tcase_add_test(t, frames_that_find_no_room_are_counted);
    tcase_add_test(t, frames_that_find_no_room_with_their_crc_are_counted);
    tcase_add_test(t, frames_that_find_no_room_are_counted_by_messages);
    tcase_add_test(t, frames_for_a_receiver_that_is_off_are_counted);
    tcase_add_test(t, frames_wait_outside_while_the_fifo_is_full);
    tcase_add_test(t, frames_wait_outside_by_messages_too);
    suite_add_tcase(suite, t);
    return suite;
}
