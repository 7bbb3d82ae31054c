/*
 * client.c - a small client for unit tests
 */
#include "client.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../net.h"

struct client c = {.sock = -1, .memfd = -1};

static unsigned next_tx, tx_entries;
static struct sockaddr_un address;
static socklen_t address_len; /* 0: the server does not listen yet */

/* ---- beginning ---- */

void client_device(const struct device_options *options)
{
    static const struct device_options usual = {.mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56}};
    char why[128];

    c.loop = loop_new();
    ck_assert_ptr_nonnull(c.loop);
    c.device = device_new(c.loop, options != NULL ? options : &usual, why, sizeof why);
    ck_assert_msg(c.device != NULL, "%s", why);
    c.server = server_new(c.loop, c.device);
    ck_assert_ptr_nonnull(c.server);
    c.answers = true;
}

int client_reach(void)
{
    const int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(connect(sock, (struct sockaddr *)&address, address_len), 0);
    ck_assert_int_eq(fcntl(sock, F_SETFL, O_NONBLOCK), 0);
    return sock;
}

void client_connect(void)
{
    if (address_len == 0) {
        const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        address.sun_family = AF_UNIX; /* and no name: the kernel chooses one */
        ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
        address_len = sizeof address;
        ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &address_len), 0);
        ck_assert_int_eq(listen(listener, 4), 0);
        ck_assert_int_eq(server_serve(c.server, listener, false), 0);
    }
    c.sock = client_reach();
}

void client_version(void)
{
    static const char hello[] = "\0\0\0\0{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,"
                                "\"pgsizes\":4096,\"max_dma_maps\":65535,\"write_multiple\":true}}";

    ck_assert_int_eq(client_call(VU_VERSION, hello, sizeof hello, NULL, 0), 0);
}

void client_start(void)
{
    client_device(NULL);
    client_connect();
    client_version();
}

void client_memory(bool fd)
{
    const struct vu_dma_map map = {.argsz = sizeof map, .flags = 3, .iova = 0, .size = MEMORY};

    if (c.memfd < 0) {
        c.memfd = memfd_create("guest", MFD_CLOEXEC);
        ck_assert_int_ge(c.memfd, 0);
        ck_assert_int_eq(ftruncate(c.memfd, MEMORY), 0);
        c.memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, c.memfd, 0);
        ck_assert_ptr_ne(c.memory, MAP_FAILED);
    }
    ck_assert_int_eq(client_call(VU_DMA_MAP, &map, sizeof map, &c.memfd, fd ? 1 : 0), 0);
}

void client_hang_up(void)
{
    close(c.sock);
    c.sock = -1;
    for (unsigned i = 0; i < 4; i++)
        loop_step(c.loop, 0);
}

/* ---- talking ---- */

void client_raw(const void *bytes, size_t len)
{
    ck_assert_int_eq(send(c.sock, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

void client_send(struct vu_header header, const void *payload, size_t len, const int *fd, unsigned fds)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(64 * sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec iov[2] = {{&header, sizeof header}, {(void *)(uintptr_t)payload, len}};
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = len > 0 ? 2 : 1};

    if (header.size == 0)
        header.size = (uint32_t)(sizeof header + len);
    if (fds > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
        control.header = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(fds * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), fd, fds * sizeof(int));
    }
    ck_assert_int_eq(sendmsg(c.sock, &message, MSG_NOSIGNAL), (ssize_t)(sizeof header + len));
}

static bool take_bytes(void *to, size_t len)
{
    for (size_t have = 0; have < len;) {
        const ssize_t n = recv(c.sock, (uint8_t *)to + have, len - have, 0);

        if (n == 0 || (n < 0 && errno != EAGAIN))
            return false;
        if (n > 0)
            have += (size_t)n;
        else if (have == 0)
            return false;
        else
            loop_step(c.loop, 0);
    }
    return true;
}

static void serve(const struct vu_header *header, const struct vu_dma_access *access, const uint8_t *data)
{
    const bool there = !c.refuses && access->iova <= MEMORY && access->count <= MEMORY - access->iova;
    static uint8_t reply[sizeof(struct vu_header) + sizeof *access + VU_DATA_MAX];
    struct vu_header head =
        there ? vu_reply(header, sizeof *access + (header->command == VU_DMA_READ ? access->count : 0))
              : vu_error_reply(header, ENODEV);

    if (there && header->command == VU_DMA_WRITE)
        memcpy(c.memory + access->iova, data, access->count);
    if ((header->flags & VU_NO_REPLY) != 0)
        return;
    memcpy(reply, &head, sizeof head);
    memcpy(reply + sizeof head, access, sizeof *access);
    if (there && header->command == VU_DMA_READ)
        memcpy(reply + sizeof head + sizeof *access, c.memory + access->iova, access->count);
    client_raw(reply, head.size);
}

/* Take one message, if there is one; true: it is a reply. */
static bool take_message(void)
{
    struct vu_dma_access access;

    if (c.sock < 0 || !take_bytes(&c.header, sizeof c.header))
        return false;
    ck_assert(vu_header_sound(&c.header));
    c.len = c.header.size - sizeof c.header;
    ck_assert(c.len <= sizeof c.body);
    ck_assert(c.len == 0 || take_bytes(c.body, c.len));
    if (vu_is_reply(&c.header))
        return true;
    ck_assert(c.header.command == VU_DMA_READ || c.header.command == VU_DMA_WRITE);
    ck_assert_uint_ge(c.len, sizeof access);
    memcpy(&access, c.body, sizeof access);
    ck_assert_uint_eq(c.len, sizeof access + (c.header.command == VU_DMA_WRITE ? access.count : 0));
    c.dma_reads += c.header.command == VU_DMA_READ;
    c.dma_writes += c.header.command == VU_DMA_WRITE;
    c.no_replies += (c.header.flags & VU_NO_REPLY) != 0;
    if (c.answers) {
        serve(&c.header, &access, c.body + sizeof access);
    } else {
        ck_assert_uint_lt(c.keeps, 64);
        if (c.header.command == VU_DMA_WRITE && access.iova + access.count <= MEMORY)
            memcpy(c.memory + access.iova, c.body + sizeof access, access.count);
        c.kept[c.keeps].header = c.header;
        c.kept[c.keeps++].access = access;
    }
    return false;
}

void client_answer(unsigned n)
{
    ck_assert_uint_lt(n, c.keeps);
    if (c.kept[n].header.command == VU_DMA_WRITE) { /* done when it came */
        const struct vu_header head = vu_reply(&c.kept[n].header, sizeof c.kept[n].access);

        client_raw(&head, sizeof head);
        client_raw(&c.kept[n].access, sizeof c.kept[n].access);
    } else {
        serve(&c.kept[n].header, &c.kept[n].access, NULL);
    }
}

void client_steps(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        loop_step(c.loop, 0);
        while (c.sock >= 0) {
            struct pollfd p = {.fd = c.sock, .events = POLLIN};

            if (poll(&p, 1, 0) <= 0 || (p.revents & POLLIN) == 0)
                break;
            if (take_message()) /* nobody asked */
                ck_abort_msg("a reply to %u that nobody waits for", c.header.id);
            if (client_closed())
                break;
        }
    }
}

bool client_closed(void)
{
    char byte;

    return c.sock < 0 || recv(c.sock, &byte, 1, MSG_PEEK) == 0;
}

int client_wait(uint16_t id)
{
    for (unsigned i = 0; i < 2000; i++) {
        loop_step(c.loop, 0);
        if (take_message()) {
            ck_assert_uint_eq(c.header.id, id);
            return (c.header.flags & VU_ERROR) != 0 ? (int)c.header.error : 0;
        }
        if (client_closed())
            return NO_ANSWER;
    }
    return NO_ANSWER;
}

int client_call(enum vu_command command, const void *payload, size_t len, const int *fd, unsigned fds)
{
    const uint16_t id = c.id++;
    int error;

    client_send(vu_request(id, command, len), payload, len, fd, fds);
    error = client_wait(id);
    if (error != NO_ANSWER)
        ck_assert_uint_eq(c.header.command, command);
    return error;
}

/* ---- the device ---- */

int client_read(unsigned region, uint64_t offset, void *to, uint32_t count)
{
    const struct vu_access access = {.offset = offset, .region = region, .count = count};
    const int error = client_call(VU_REGION_READ, &access, sizeof access, NULL, 0);

    if (error != 0)
        return error;
    ck_assert_uint_eq(c.len, sizeof access + count);
    ck_assert_mem_eq(c.body, &access, sizeof access);
    memcpy(to, c.body + sizeof access, count);
    return 0;
}

static struct vu_header write_message(uint8_t *to, unsigned region, uint64_t offset, const void *from, uint32_t count)
{
    const struct vu_access access = {.offset = offset, .region = region, .count = count};

    memcpy(to, &access, sizeof access);
    memcpy(to + sizeof access, from, count);
    return vu_request(c.id++, VU_REGION_WRITE, sizeof access + count);
}

int client_write(unsigned region, uint64_t offset, const void *from, uint32_t count)
{
    uint8_t payload[512];
    const struct vu_header header = write_message(payload, region, offset, from, count);

    client_send(header, payload, sizeof(struct vu_access) + count, NULL, 0);
    return client_wait(header.id);
}

uint32_t reg(uint32_t offset)
{
    uint32_t value;

    ck_assert_int_eq(client_read(0, offset, &value, 4), 0);
    return value;
}

void set_reg(uint32_t offset, uint32_t value)
{
    uint8_t payload[32];
    struct vu_header header = write_message(payload, 0, offset, &value, 4);

    header.flags |= VU_NO_REPLY;
    client_send(header, payload, sizeof(struct vu_access) + 4, NULL, 0);
}

uint32_t config(unsigned offset, unsigned size)
{
    uint32_t value = 0;

    ck_assert_int_eq(client_read(VU_CONFIG, offset, &value, size), 0);
    return value;
}

void set_config(unsigned offset, unsigned size, uint32_t value)
{
    ck_assert_int_eq(client_write(VU_CONFIG, offset, &value, size), 0);
}

void client_bus(void)
{
    set_config(0x10, 4, 0xfebc0000);
    set_config(0x18, 4, 0xc000);
    set_config(0x04, 2, 7);
}

int client_irq(unsigned index, int *fd)
{
    const struct vu_set_irqs set = {
        .argsz = sizeof set, .flags = VU_SET_EVENTFD | VU_SET_TRIGGER, .index = index, .count = 1};

    *fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return client_call(VU_SET_IRQS, &set, sizeof set, fd, 1);
}

uint64_t drain(int fd)
{
    uint64_t count = 0;

    return read(fd, &count, sizeof count) == sizeof count ? count : 0;
}

void unmask(void)
{
    const struct vu_set_irqs set = {.argsz = sizeof set, .flags = VU_SET_NONE | VU_SET_UNMASK, .count = 1};

    ck_assert_int_eq(client_call(VU_SET_IRQS, &set, sizeof set, NULL, 0), 0);
}

/* ---- rings ---- */

static void put64(uint64_t at, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        c.memory[at + i] = (uint8_t)(value >> 8 * i);
}

void client_link(void)
{
    set_reg(E1000_CTRL, E1000_MASK(CTRL, SLU));
    reg(E1000_STATUS);
    device_leap(c.device, UINT64_C(5000000000));
    ck_assert_uint_eq(reg(E1000_STATUS) & 3, 3);
    reg(E1000_ICR);
}

void tx_ring(unsigned entries)
{
    tx_entries = entries;
    next_tx = 0;
    memset(c.memory + TXD, 0, 16 * entries);
    set_reg(E1000_TDBAL, TXD);
    set_reg(E1000_TDBAH, 0);
    set_reg(E1000_TDLEN, entries * 16);
    set_reg(E1000_TDH, 0);
    set_reg(E1000_TDT, 0);
    client_link();
    set_reg(E1000_TCTL, E1000_MASK(TCTL, EN) | E1000_MASK(TCTL, PSP));
}

void tx_send(unsigned frames)
{
    for (unsigned i = 0; i < frames; i++) {
        put64(TXD + 16 * next_tx, TXB + 2048 * next_tx);
        put64(TXD + 16 * next_tx + 8, 0x0b000000 | 100); /* EOP, IFCS, RS */
        memset(c.memory + TXB + 2048 * next_tx, 0x42, 100);
        next_tx = (next_tx + 1) % tx_entries;
    }
    set_reg(E1000_TDT, next_tx);
}

bool tx_done(unsigned n)
{
    return (c.memory[TXD + 16 * n + 12] & 1) != 0;
}

void rx_ring(unsigned entries)
{
    memset(c.memory + RXD, 0, 16 * entries);
    for (unsigned i = 0; i < entries; i++)
        put64(RXD + 16 * i, RXB + 2048 * i);
    set_reg(E1000_RDBAL, RXD);
    set_reg(E1000_RDBAH, 0);
    set_reg(E1000_RDLEN, entries * 16);
    set_reg(E1000_RDH, 0);
    set_reg(E1000_RDT, 0);
    client_link();
    set_reg(E1000_RCTL, E1000_MASK(RCTL, EN) | E1000_MASK(RCTL, UPE) | E1000_MASK(RCTL, MPE) | E1000_MASK(RCTL, SECRC));
    set_reg(E1000_RDT, entries - 1);
}

void rx_frame(size_t len)
{
    static uint8_t frame[2048];
    const struct iovec iov = {frame, len};
    const struct net_packet packet = {.iov = &iov, .iovcnt = 1, .len = len};
    const struct net_receiver *const receiver = device_receiver(c.device);

    for (size_t i = 0; i < len; i++)
        frame[i] = (uint8_t)(i * 3 + len);
    frame[0] = 0x52;
    receiver->packet(receiver->ctx, &packet);
}

unsigned open_fds(void)
{
    DIR *const dir = opendir("/proc/self/fd");
    unsigned n = 0;

    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}
