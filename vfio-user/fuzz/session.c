/*
 * session.c - a client that does whatever the input says, as a target for libFuzzer
 *
 * One connection an input, over a socket pair in this process. It begins as any client does, unless the
 * first byte says otherwise: version, memory (mapped or by messages), bus mastering on, link up. Then
 * steps follow, one byte each with what it needs behind it; an input that ends early ends there. What must
 * hold: nothing crashes, nothing is left open or allocated, the loop does not spin, replies are sound.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../model/e1000_regs.h"
#include "../device.h"
#include "../loop.h"
#include "../net.h"
#include "../protocol.h"
#include "../server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY = 1 << 18, STEPS = 400, TURNS = 4000 };
enum { BY_MESSAGES = 1, SAY_NOTHING = 2, KEEP_ANSWERS = 4, WITH_ROM = 8, WITH_TRACE = 16 };

struct input {
    const uint8_t *at;
    size_t left;
};

static struct {
    struct machine {
        struct loop *loop;
        struct device *device;
        struct server *server;
        struct sockaddr_un address;
        socklen_t address_len;
    } machine[4];      /* with and without ROM, trace */
    struct loop *loop; /* those of the one that is used */
    struct device *device;
    struct server *server;
    FILE *null;
    int sock, memory, event;
    uint8_t *bytes;
    bool answers;
    uint8_t waiting[64][48]; /* requests of the server that have not been answered */
    unsigned waits;
    unsigned turns;
} f;

#define MUST(x) ((x) ? (void)0 : fail(#x))
static void fail(const char *what)
{
    fprintf(stderr, "Assertion failed: %s\n", what);
    abort();
}

static uint64_t number(struct input *in, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes && in->left > 0; i++, in->left--)
        value |= (uint64_t)*in->at++ << 8 * i;
    return value;
}

static size_t part(struct input *in, const uint8_t **bytes, size_t most)
{
    const size_t n = in->left < most ? in->left : most;

    *bytes = in->at;
    in->at += n;
    in->left -= n;
    return n;
}

/* ---- the client's end ---- */

static void send_bytes(const void *bytes, size_t len, const int *fd, unsigned fds)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(20 * sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec iov = {(void *)(uintptr_t)bytes, len};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

    if (len == 0)
        return;
    if (fds > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
        control.header = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(fds * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), fd, fds * sizeof(int));
    }
    (void)!sendmsg(f.sock, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void message(unsigned command, uint32_t flags, const void *payload, size_t len, const int *fd, unsigned fds)
{
    static uint8_t bytes[sizeof(struct vu_header) + 4096];
    struct vu_header header = vu_request(7, VU_VERSION, len);

    header.command = (uint16_t)command;
    header.flags = flags;
    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header, payload, len);
    send_bytes(bytes, header.size, fd, fds);
}

static void answer(const uint8_t *request, bool fails)
{
    static uint8_t reply[sizeof(struct vu_header) + sizeof(struct vu_dma_access) + VU_DMA_CHUNK];
    struct vu_header header, head;
    struct vu_dma_access access;
    size_t data;

    memcpy(&header, request, sizeof header);
    memcpy(&access, request + sizeof header, sizeof access);
    if ((header.flags & VU_NO_REPLY) != 0)
        return;
    fails = fails || access.iova > MEMORY || access.count > MEMORY - access.iova;
    data = !fails && header.command == VU_DMA_READ ? access.count : 0;
    MUST(data <= VU_DMA_CHUNK);
    head = fails ? vu_error_reply(&header, ENODEV) : vu_reply(&header, sizeof access + data);
    memcpy(reply, &head, sizeof head);
    memcpy(reply + sizeof head, &access, sizeof access);
    memcpy(reply + sizeof head + sizeof access, f.bytes + (fails ? 0 : access.iova), data);
    send_bytes(reply, head.size, NULL, 0);
}

static bool take(void *to, size_t len)
{
    for (size_t have = 0; have < len;) {
        const ssize_t n = recv(f.sock, (uint8_t *)to + have, len - have, MSG_DONTWAIT);

        if (n > 0)
            have += (size_t)n;
        else if (n == 0 || errno != EAGAIN || have == 0)
            return false;
        else
            loop_step(f.loop, 0);
    }
    return true;
}

/* Everything the server has to say has to be sound. */
static void listen_to_server(void)
{
    static uint8_t body[VU_MESSAGE_MAX];
    struct vu_header header;

    while (take(&header, sizeof header)) {
        const size_t len = header.size - sizeof header;

        MUST(vu_header_sound(&header));
        MUST(((header.flags & VU_ERROR) != 0) == (header.error != 0) && header.error < 200);
        if (len > 0 && !take(body, len))
            return;
        if (vu_is_reply(&header))
            continue;
        MUST(len >= sizeof(struct vu_dma_access));
        MUST(header.command == VU_DMA_READ || header.command == VU_DMA_WRITE);
        if (!f.answers && f.waits == 64)
            continue;
        memcpy(f.waiting[f.waits], &header, sizeof header);
        memcpy(f.waiting[f.waits] + sizeof header, body, sizeof(struct vu_dma_access));
        if (f.answers)
            answer(f.waiting[f.waits], false);
        else
            f.waits++;
    }
}

static void turn(unsigned n)
{
    for (; n > 0 && f.turns < TURNS; n--, f.turns++) {
        loop_step(f.loop, 0);
        listen_to_server();
    }
}

static void write_register(uint32_t offset, uint32_t value)
{
    struct {
        struct vu_access access;
        uint32_t value;
    } w = {{.offset = offset, .count = 4}, value};

    message(VU_REGION_WRITE, VU_NO_REPLY, &w, sizeof w.access + 4, NULL, 0);
}

static void write_config(uint32_t offset, uint32_t value)
{
    struct {
        struct vu_access access;
        uint32_t value;
    } w = {{.offset = offset, .region = VU_CONFIG, .count = 4}, value};

    message(VU_REGION_WRITE, 0, &w, sizeof w.access + 4, NULL, 0);
}

static void map(uint64_t iova, uint64_t bytes, uint64_t offset, uint32_t flags, bool fd)
{
    const struct vu_dma_map m = {.argsz = sizeof m, .flags = flags, .offset = offset, .iova = iova, .size = bytes};

    message(VU_DMA_MAP, 0, &m, sizeof m, &f.memory, fd);
}

static void frame(size_t len, uint8_t seed)
{
    static uint8_t bytes[2048];
    const struct iovec iov = {bytes, len};
    const struct net_packet packet = {.iov = &iov, .iovcnt = 1, .len = len};
    const struct net_receiver *const receiver = device_receiver(f.device);

    memset(bytes, seed, sizeof bytes);
    receiver->packet(receiver->ctx, &packet);
}

/* ---- the input ---- */

/* Where most of what happens does happen. */
static const uint32_t favourite[] = {E1000_CTRL, E1000_TCTL,  E1000_TDBAL, E1000_TDLEN, E1000_TDH,    E1000_TDT,
                                     E1000_RCTL, E1000_RDBAL, E1000_RDLEN, E1000_RDH,   E1000_RDT,    E1000_ICS,
                                     E1000_IMS,  E1000_IMC,   E1000_TIDV,  E1000_RDTR,  E1000_TXDCTL, E1000_RXDCTL,
                                     E1000_ITR,  E1000_MDIC,  E1000_EERD};

static void step(struct input *in)
{
    const int other[] = {f.memory, f.event, STDERR_FILENO};
    const unsigned what = (unsigned)number(in, 1);
    const uint8_t *bytes;
    size_t len;
    int fd[20];
    unsigned fds;

    switch (what % 16) {
    case 0: /* anything at all */
        len = part(in, &bytes, number(in, 1));
        send_bytes(bytes, len, &f.event, what >> 4 & 1);
        break;
    case 1:
    case 2: { /* a message */
        const unsigned command = (unsigned)number(in, 1), flags = (unsigned)number(in, 1) & 0x31;

        fds = what >> 4;
        for (unsigned i = 0; i < fds; i++)
            fd[i] = other[(command + i) % 3];
        len = part(in, &bytes, number(in, 1));
        message(command, flags, bytes, len, fd, fds);
        break;
    }
    case 3:
    case 4: {
        const uint32_t offset = favourite[number(in, 1) % (sizeof favourite / sizeof favourite[0])];

        write_register(offset, (uint32_t)number(in, 4));
        break;
    }
    case 5: {
        const uint32_t offset = (uint32_t)number(in, 3) & 0x1fffc;

        write_register(offset, (uint32_t)number(in, 4));
        break;
    }
    case 6: {
        const uint32_t offset = (uint32_t)number(in, 1) & 0xfc;

        write_config(offset, (uint32_t)number(in, 4));
        break;
    }
    case 7: { /* guest memory */
        const size_t at = number(in, 2) * 16 % MEMORY;

        len = part(in, &bytes, number(in, 1) % 64);
        memcpy(f.bytes + at, bytes, at + len <= MEMORY ? len : 0);
        break;
    }
    case 8: {
        const uint64_t iova = number(in, 2) << 12, pages = number(in, 1);

        map(iova, pages << 12, number(in, 1) << 12, what >> 5 & 3, what >> 4 & 1);
        break;
    }
    case 9: {
        const uint64_t iova = number(in, 2) << 12;
        const struct vu_dma_unmap u = {
            .argsz = sizeof u, .flags = what >> 4 == 3 ? 2 : 0, .iova = iova, .size = number(in, 1) << 12};

        message(VU_DMA_UNMAP, 0, &u, sizeof u, NULL, 0);
        break;
    }
    case 10:
        frame(60 + number(in, 1) * 6, (uint8_t)number(in, 1));
        break;
    case 11:
        turn(1 + what / 16);
        break;
    case 12:
        device_leap(f.device, UINT64_C(1000) << what / 16 * 2);
        break;
    case 13:
        f.answers = (what & 16) != 0;
        break;
    case 14:
        if (f.waits > 0)
            answer(f.waiting[--f.waits], (what & 0x30) == 0x30);
        break;
    case 15: { /* read a register */
        const struct vu_access access = {.offset = number(in, 3), .region = what >> 4 & 7, .count = what >> 5 & 4};

        message(VU_REGION_READ, 0, &access, sizeof access, NULL, 0);
        break;
    }
    }
}

static void build(struct machine *m, unsigned how)
{
    static uint8_t rom[65536];
    const struct device_options options = {.mac = {0x52, 0x54, 0, 1, 2, 3},
                                           .rom = (how & WITH_ROM) != 0 ? rom : NULL,
                                           .rom_bytes = (how & WITH_ROM) != 0 ? sizeof rom : 0,
                                           .trace = (how & WITH_TRACE) != 0 ? f.null : NULL};
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char why[100];

    MUST((m->loop = loop_new()) != NULL);
    MUST((m->device = device_new(m->loop, &options, why, sizeof why)) != NULL);
    MUST((m->server = server_new(m->loop, m->device)) != NULL);
    m->address.sun_family = AF_UNIX; /* and no name: the kernel chooses one */
    m->address_len = sizeof m->address;
    MUST(bind(listener, (struct sockaddr *)&m->address, sizeof(sa_family_t)) == 0);
    MUST(getsockname(listener, (struct sockaddr *)&m->address, &m->address_len) == 0);
    MUST(listen(listener, 4) == 0 && server_serve(m->server, listener, false) == 0);
}

static void begin(unsigned how)
{
    static const char hello[] = "\0\0\0\0{\"capabilities\":{\"max_data_xfer_size\":1048576,\"write_multiple\":true}}";
    struct machine *const m = &f.machine[how / WITH_ROM % 4];

    if (m->loop == NULL)
        build(m, how);
    f.loop = m->loop;
    f.device = m->device;
    f.server = m->server;
    f.sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(connect(f.sock, (struct sockaddr *)&m->address, m->address_len) == 0);
    MUST(fcntl(f.sock, F_SETFL, O_NONBLOCK) == 0);
    loop_step(f.loop, 0);
    MUST(server_stats(f.server)->connected);
    f.answers = (how & KEEP_ANSWERS) == 0;
    f.waits = f.turns = 0;
    memset(f.bytes, 0, MEMORY);
    if ((how & SAY_NOTHING) != 0)
        return;
    message(VU_VERSION, 0, hello, sizeof hello, NULL, 0);
    map(0, MEMORY, 0, 3, (how & BY_MESSAGES) == 0);
    write_config(0x10, 0xfebc0000);
    write_config(0x18, 0xc000);
    write_config(0x04, 7);
    write_register(E1000_CTRL, E1000_MASK(CTRL, SLU));
    turn(2);
    if (server_stats(f.server)->connected)
        device_leap(f.device, UINT64_C(5000000000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    int fd;

    if (f.bytes == NULL) {
        f.memory = memfd_create("guest", MFD_CLOEXEC);
        f.event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        f.null = fopen("/dev/null", "we");
        MUST(ftruncate(f.memory, MEMORY) == 0);
        f.bytes = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, f.memory, 0);
        MUST(f.bytes != MAP_FAILED && f.null != NULL);
    }
    begin((unsigned)number(&in, 1));
    for (unsigned i = 0; i < STEPS && in.left > 0 && server_stats(f.server)->connected; i++)
        step(&in);
    turn(8);
    close(f.sock);
    for (unsigned i = 0; i < 64 && server_stats(f.server)->connected; i++)
        loop_step(f.loop, 0);
    MUST(!server_stats(f.server)->connected);
    fd = dup(f.event);
    MUST(fd >= 0 && fd < 100); /* nothing piles up */
    close(fd);
    return 0;
}
