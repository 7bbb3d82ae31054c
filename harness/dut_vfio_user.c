/*
 * dut_vfio_user.c - a card behind a vfio-user socket as the device under test
 *
 *   vfio-user:PATH[,OPTION]...            a server that is there already
 *   vfio-user:exec=COMMAND[,OPTION]...    one for each scenario: COMMAND --fd N --net dgram,fd=N --eeprom FILE
 *                                         --link down --control fd=N, with a stopped clock also --line-rate
 *
 *   memory=shared      guest memory in a file that the server maps, as under QEMU (default)
 *   memory=messages    none: the server asks for every byte, and the strict memory judges it
 *   dgram=A,peer=B     frames as datagrams: our socket, the server's
 *   control=PATH       the server's control socket: the cable and its other end, pins, and the card's clock
 *   clock=real         the card's clock is its own (default)
 *   clock=stopped      it goes as we say, by the control socket: time is as virtual as the model's
 *   jitter=US          wait up to so long, by chance, before each access: does a scenario depend on time?
 *
 * Where the card's time is real and a scenario lets time pass, at least as much passes; what is long passes at
 * once, where there is a control socket. Then all that the server was asked for is done: requests go there and
 * back until nothing comes of them any more.
 *
 * The interrupt is that of QEMU without KVM: an eventfd asserts the line, the next access to a BAR takes it
 * back and has the server look again (UNMASK).
 */
#define _GNU_SOURCE /* memfd_create() */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dut.h"
#include "memory.h"
#include "vfio_client.h"
#include "vfio_control.h"

#define REPLY_MS 10000
#define QUIET_NS UINT64_C(3000000) /* without news for so long: at rest */
#define QUIET_ROUNDS 3             /* of a card that was busy: a server may take several requests in one go */
#define BREATH_NS UINT64_C(50000)  /* between them, in which it finds nothing to take */
#define SETTLE_MAX 1000            /* rounds; a card that has news for ever is not waited for */
#define GUEST_BYTES (UINT64_C(1) << 63)
#define FRAME_MAX 65536
#define MSI_CAPABILITY 5
#define LEAP_NS UINT64_C(5000000)           /* a card with a clock of its own is not waited for longer */
#define LEAP_MAX_NS UINT64_C(3600000000000) /* what passes at once; servers take a day */

struct options {
    char path[108], dgram[108], peer[108], control[108];
    char exec[512];
    bool messages, stopped;
    uint64_t jitter_ns;
};

struct vu {
    struct dut dut; /* first: a struct dut of this kind is a struct vu */
    const struct machine *machine;
    struct vfio_client *client;
    struct options options;
    char trouble[200];

    int region[E1000_BARS]; /* -1: the card has none */
    unsigned msi_at;        /* capability in configuration space, 0: none */
    bool msi_on, pending;   /* pending: INTA# as the machine sees it */
    int intx_fd, msi_fd, memory_fd, frames_fd;
    int control_fd; /* -1: none */
    bool bound;     /* our socket for frames has a path to be removed */
    bool dirty;     /* something was sent that may have consequences */
    bool stale;     /* and next_ns may be another for it */
    uint64_t time_ns, news_ns, frames;
    uint64_t next_ns; /* while the clock is stopped: the next event, or E1000_NEVER */
    uint32_t random;
    pid_t server; /* 0: not ours */
};

static struct vu *vu_of(struct dut *dut)
{
    return (struct vu *)dut;
}

static void broken(struct vu *vu, const char *why)
{
    if (vu->trouble[0] == '\0')
        snprintf(vu->trouble, sizeof vu->trouble, "%.199s", why);
}

/* ---- options ---- */

static bool take_text(const char *value, size_t len, char *to, size_t room)
{
    if (len == 0 || len >= room)
        return false;
    memcpy(to, value, len);
    to[len] = '\0';
    return true;
}

/* One of two words; *second says which. */
static bool take_choice(const char *value, size_t len, const char *a, const char *b, bool *second)
{
    *second = len == strlen(b) && memcmp(value, b, len) == 0;
    return *second || (len == strlen(a) && memcmp(value, a, len) == 0);
}

static bool take_option(struct options *o, const char *at, size_t len)
{
    const char *const equals = memchr(at, '=', len);
    const size_t name = equals != NULL ? (size_t)(equals - at) : len;
    const char *const value = equals != NULL ? equals + 1 : at + len;
    const size_t rest = (size_t)(at + len - value);
    char *end;

    if (name == 5 && memcmp(at, "dgram", 5) == 0)
        return take_text(value, rest, o->dgram, sizeof o->dgram);
    if (name == 4 && memcmp(at, "peer", 4) == 0)
        return take_text(value, rest, o->peer, sizeof o->peer);
    if (name == 7 && memcmp(at, "control", 7) == 0)
        return take_text(value, rest, o->control, sizeof o->control);
    if (name == 6 && memcmp(at, "memory", 6) == 0)
        return take_choice(value, rest, "shared", "messages", &o->messages);
    if (name == 5 && memcmp(at, "clock", 5) == 0)
        return take_choice(value, rest, "real", "stopped", &o->stopped);
    if (name == 6 && memcmp(at, "jitter", 6) == 0 && rest > 0) {
        o->jitter_ns = strtoul(value, &end, 10) * UINT64_C(1000);
        return end == value + rest && o->jitter_ns <= UINT64_C(1000000000);
    }
    return false;
}

/* wrong: the part that is not understood. */
static bool parse(const char *arg, struct options *o, const char **wrong)
{
    *o = (struct options){.messages = false};
    for (const char *at = arg;; at++) {
        const size_t len = strcspn(at, ",");
        const bool good = at != arg                      ? take_option(o, at, len)
                          : strncmp(at, "exec=", 5) == 0 ? take_text(at + 5, len - 5, o->exec, sizeof o->exec)
                                                         : take_text(at, len, o->path, sizeof o->path);

        *wrong = at;
        if (!good)
            return false;
        at += len;
        if (*at == '\0')
            break;
    }
    *wrong = "dgram= and peer= go together, with a path";
    if ((o->dgram[0] != '\0') != (o->peer[0] != '\0') || (o->exec[0] != '\0' && o->dgram[0] != '\0'))
        return false;
    *wrong = o->exec[0] != '\0' ? "control= is for a server that is there" : "clock=stopped needs control=";
    return o->exec[0] != '\0' ? o->control[0] == '\0' : o->control[0] != '\0' || !o->stopped;
}

static unsigned caps_of(const char *arg)
{
    struct options o;
    const char *wrong;

    if (arg == NULL || !parse(arg, &o, &wrong))
        return 0; /* open() says what is wrong */
    return (o.messages ? DUT_DMA : DUT_MEMORY) | (o.exec[0] != '\0' ? DUT_EEPROM : 0) |
           (o.exec[0] != '\0' || o.dgram[0] != '\0' ? DUT_FRAMES : 0) | (o.stopped ? DUT_VIRTUAL_TIME : 0) |
           (o.exec[0] != '\0' || o.control[0] != '\0' ? DUT_PARTNER | DUT_PINS : 0);
}

/* ---- memory ---- */

static bool guest_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    const struct machine *const machine = ((struct vu *)ctx)->machine;

    return machine->dma_read(machine->ctx, addr, to, len);
}

static bool guest_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    const struct machine *const machine = ((struct vu *)ctx)->machine;

    return machine->dma_write(machine->ctx, addr, from, len);
}

static bool share_map(void *ctx, uint64_t addr, uint64_t size, uint64_t offset, enum memory_perm perm)
{
    struct vu *const vu = ctx;
    const struct vu_dma_map map = {.flags = ((perm & MEMORY_READ) != 0 ? VU_DMA_READABLE : 0) |
                                            ((perm & MEMORY_WRITE) != 0 ? VU_DMA_WRITABLE : 0),
                                   .offset = offset,
                                   .iova = addr,
                                   .size = size};

    return vfio_map(vu->client, &map, vu->memory_fd);
}

static void share_unmap(void *ctx, uint64_t addr, uint64_t size)
{
    if (!vfio_unmap(((struct vu *)ctx)->client, addr, size))
        broken(ctx, "the server does not take back a map that it has");
}

static bool open_memory(struct vu *vu)
{
    const struct memory_share share = {vu, vu->memory_fd, share_map, share_unmap};
    const struct vu_dma_map all = {.flags = VU_DMA_READABLE | VU_DMA_WRITABLE, .iova = 0, .size = GUEST_BYTES};

    if (vu->options.messages)
        return vfio_map(vu->client, &all, -1);
    vu->machine->share(vu->machine->ctx, &share);
    return true;
}

/* ---- what comes from the card ---- */

static void news(struct vu *vu)
{
    vu->news_ns = vfio_now();
}

static void take_frames(struct vu *vu)
{
    uint8_t frame[FRAME_MAX];
    ssize_t len;

    while (vu->frames_fd >= 0 && (len = recv(vu->frames_fd, frame, sizeof frame, MSG_DONTWAIT)) > 0) {
        vu->frames++;
        news(vu);
        vu->machine->frame_out(vu->machine->ctx, frame, (size_t)len, 0);
    }
}

static uint32_t config(struct vu *vu, unsigned offset, unsigned size)
{
    uint8_t bytes[4];
    uint32_t value = 0;

    if (!vfio_read(vu->client, VU_CONFIG, offset, bytes, size))
        return UINT32_MAX >> (32 - 8 * size);
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)bytes[i] << 8 * i;
    return value;
}

/* An eventfd says that there was one; what is in the message the machine knows from the capability. */
static void take_messages(struct vu *vu)
{
    uint64_t count;

    if (!vu->msi_on || read(vu->msi_fd, &count, sizeof count) != sizeof count)
        return;
    news(vu);
    for (; count > 0; count--) {
        const bool wide = (config(vu, vu->msi_at + 2, 2) & 0x80) != 0;
        const uint64_t high = wide ? config(vu, vu->msi_at + 8, 4) : 0;

        vu->machine->msi(vu->machine->ctx, high << 32 | config(vu, vu->msi_at + 4, 4),
                         config(vu, vu->msi_at + (wide ? 12 : 8), 2));
    }
}

static void take_irq(struct vu *vu)
{
    uint64_t count;

    if (vu->pending || read(vu->intx_fd, &count, sizeof count) != sizeof count)
        return;
    news(vu);
    vu->pending = true;
    vu->machine->irq_line(vu->machine->ctx, true);
}

static void take_all(struct vu *vu)
{
    take_frames(vu);
    take_messages(vu);
    take_irq(vu);
}

static void touched(struct vu *vu)
{
    vu->dirty = vu->stale = true;
}

static uint64_t happened(const struct vu *vu)
{
    return vfio_served(vu->client) + vu->frames + vu->pending;
}

/* Round trips until nothing comes of them. */
static void settle_rounds(struct dut *dut)
{
    struct vu *const vu = vu_of(dut);
    unsigned rounds = 0, quiet = 0;
    bool busy = false;

    if (!vu->dirty)
        take_all(vu);
    if (!vu->dirty)
        return;
    while (quiet < (busy ? QUIET_ROUNDS : 1) && ++rounds < SETTLE_MAX) {
        const uint64_t before = happened(vu);

        /* Twice: what the first has found the server doing, it does before it takes the second. */
        if (!vfio_round_trip(vu->client) || !vfio_round_trip(vu->client))
            break;
        take_all(vu);
        quiet = happened(vu) == before ? quiet + 1 : 0;
        busy = busy || quiet == 0;
        if (busy && quiet > 0)
            vfio_wait(vu->client, vfio_now() + BREATH_NS, -1);
    }
    if (busy)
        news(vu);
    vu->dirty = false;
}

/*
 * A card whose clock is stopped says itself when it is at rest: what it does next is not for now. Asked of a
 * card that has been touched since.
 */
static void ask_next(struct vu *vu)
{
    char answer[CONTROL_ANSWER];
    uint64_t ns;

    vu->next_ns = E1000_NEVER;
    if (!control_command(vu->client, vu->control_fd, "time 0", answer, REPLY_MS))
        broken(vu, answer);
    else if (control_number(answer, "next", 10, &ns))
        vu->next_ns = vu->time_ns + ns;
}

static void settle(struct dut *dut)
{
    struct vu *const vu = vu_of(dut);

    settle_rounds(dut);
    if (!vu->options.stopped || !vu->stale)
        return;
    vu->stale = false;
    for (int i = 0; i < SETTLE_MAX && vfio_lost(vu->client) == NULL; i++) {
        ask_next(vu);
        if (vu->next_ns > vu->time_ns || vu->trouble[0] != '\0')
            break;
        vu->dirty = true;
        settle_rounds(dut);
    }
}

/* ---- interrupts ---- */

static bool set_eventfd(struct vu *vu, unsigned index, int fd)
{
    const struct vu_set_irqs set = {
        .flags = (fd >= 0 ? VU_SET_EVENTFD : VU_SET_NONE) | VU_SET_TRIGGER, .index = index, .count = fd >= 0 ? 1 : 0};

    return vfio_set_irqs(vu->client, &set, fd);
}

/* The machine's part in an access to a BAR. */
static void after_access(struct vu *vu)
{
    const struct vu_set_irqs unmask = {.flags = VU_SET_NONE | VU_SET_UNMASK, .index = VU_INTX, .count = 1};

    touched(vu);
    take_irq(vu);
    if (!vu->pending)
        return;
    vu->pending = false;
    vu->machine->irq_line(vu->machine->ctx, false);
    if (!vfio_set_irqs(vu->client, &unmask, -1))
        broken(vu, "the server refuses UNMASK of INTx");
    take_irq(vu);
}

/* MSI replaces INTx as long as its enable bit is set. */
static void follow_msi(struct vu *vu)
{
    const bool on = vu->msi_at != 0 && (config(vu, vu->msi_at + 2, 2) & 1) != 0;
    uint64_t count;

    if (on == vu->msi_on)
        return;
    vu->msi_on = on;
    if (on && vu->pending) {
        vu->pending = false;
        vu->machine->irq_line(vu->machine->ctx, false);
    }
    while (read(on ? vu->msi_fd : vu->intx_fd, &count, sizeof count) > 0)
        ;
    if (!set_eventfd(vu, on ? VU_INTX : VU_MSI, -1) ||
        !set_eventfd(vu, on ? VU_MSI : VU_INTX, on ? vu->msi_fd : vu->intx_fd))
        broken(vu, "the server refuses the eventfd of an interrupt");
}

static bool irq(struct dut *dut)
{
    settle(dut);
    return vu_of(dut)->pending;
}

/* ---- accesses ---- */

/* Numbers as in a good generator's textbook: what counts is that a run can be repeated. */
static void jitter(struct vu *vu)
{
    if (vu->options.jitter_ns == 0)
        return;
    vu->random = vu->random * 1664525u + 1013904223u;
    vfio_wait(vu->client, vfio_now() + (vu->random >> 8) * (vu->options.jitter_ns >> 8) / (1u << 16), -1);
}

static uint32_t config_read(struct dut *dut, unsigned offset, unsigned size)
{
    jitter(vu_of(dut));
    settle(dut);
    return config(vu_of(dut), offset, size);
}

static void put(uint8_t *to, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static void config_write(struct dut *dut, unsigned offset, unsigned size, uint32_t value)
{
    struct vu *const vu = vu_of(dut);
    uint8_t bytes[4];

    jitter(vu);
    settle(dut);
    put(bytes, size, value);
    vfio_write(vu->client, VU_CONFIG, offset, bytes, size);
    touched(vu);
    if (vu->msi_at != 0 && offset < vu->msi_at + 4 && offset + size > vu->msi_at + 2)
        follow_msi(vu);
}

static uint64_t bar_read(struct dut *dut, enum e1000_bar bar, uint32_t offset, unsigned size)
{
    struct vu *const vu = vu_of(dut);
    uint64_t value = 0;
    uint8_t bytes[8];

    jitter(vu);
    settle(dut);
    if (vu->region[bar] < 0 || !vfio_read(vu->client, (unsigned)vu->region[bar], offset, bytes, size))
        return UINT64_MAX >> (64 - 8 * size);
    after_access(vu);
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static void bar_write(struct dut *dut, enum e1000_bar bar, uint32_t offset, unsigned size, uint64_t value)
{
    struct vu *const vu = vu_of(dut);
    uint8_t bytes[8];

    jitter(vu);
    if (vu->options.stopped) /* what the write before has started is done by now, as its time is */
        settle(dut);
    if (vu->region[bar] < 0)
        return;
    put(bytes, size, value);
    if (bar == E1000_BAR_IO)
        vfio_write(vu->client, (unsigned)vu->region[bar], offset, bytes, size);
    else
        vfio_post(vu->client, (unsigned)vu->region[bar], offset, bytes, size);
    after_access(vu);
}

static void frame_in(struct dut *dut, const void *frame, size_t len, uint32_t flags)
{
    struct vu *const vu = vu_of(dut);
    const uint64_t until_ns = vfio_now() + REPLY_MS * UINT64_C(1000000);

    (void)flags;
    settle(dut);
    while (send(vu->frames_fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        if ((errno != EAGAIN && errno != ENOBUFS && errno != EINTR) || vfio_now() > until_ns) {
            broken(vu, "the server takes no frames");
            return;
        }
        vfio_wait(vu->client, vfio_now() + 100000, -1);
    }
    touched(vu);
    settle(dut);
}

/* ---- the control socket ---- */

/* All that was asked for before has been done then. */
static bool command(struct vu *vu, const char *line, char answer[CONTROL_ANSWER])
{
    settle(&vu->dut);
    if (vfio_lost(vu->client) == NULL && !control_command(vu->client, vu->control_fd, line, answer, REPLY_MS))
        broken(vu, answer);
    touched(vu);
    return vu->trouble[0] == '\0' && vfio_lost(vu->client) == NULL;
}

static void partner(struct dut *dut, const struct e1000_partner *other)
{
    char line[400], answer[CONTROL_ANSWER];

    control_partner(other, line, sizeof line);
    command(vu_of(dut), line, answer);
    settle(dut);
}

static void wire_fault(struct dut *dut, enum e1000_wire_fault fault)
{
    static const char *const lines[] = {[E1000_FALSE_CARRIER] = "fault false-carrier",
                                        [E1000_SYMBOL_ERROR] = "fault symbol-error",
                                        [E1000_IDLE_ERROR] = "fault idle-error",
                                        [E1000_PHY_FIFO] = "fault fifo"};
    char answer[CONTROL_ANSWER];

    command(vu_of(dut), lines[fault], answer);
    settle(dut);
}

static void collide(struct dut *dut, uint32_t attempts, bool late)
{
    char line[40], answer[CONTROL_ANSWER];

    snprintf(line, sizeof line, "collide %u%s", (unsigned)attempts, late ? " late" : "");
    command(vu_of(dut), line, answer);
    settle(dut);
}

static uint64_t pin(struct dut *dut, const char *name)
{
    char answer[CONTROL_ANSWER];
    uint64_t value = 0;

    if (command(vu_of(dut), "pins", answer) && !control_number(answer, name, 16, &value))
        broken(vu_of(dut), "the control socket does not say what pins there are");
    return value;
}

static uint32_t leds(struct dut *dut)
{
    return (uint32_t)pin(dut, "leds");
}

static uint64_t leds_next(struct dut *dut)
{
    struct vu *const vu = vu_of(dut);
    char answer[CONTROL_ANSWER];
    uint64_t ns;

    return command(vu, "pins", answer) && control_number(answer, "leds-next", 10, &ns) ? vu->time_ns + ns : E1000_NEVER;
}

static uint32_t sdp_out(struct dut *dut)
{
    return (uint32_t)pin(dut, "sdp");
}

static bool pme(struct dut *dut)
{
    return pin(dut, "pme") != 0;
}

/* So much time for the card, at once. */
static void pass(struct vu *vu, uint64_t ns)
{
    char line[40], answer[CONTROL_ANSWER];

    for (uint64_t part; ns > 0; ns -= part) {
        part = ns < LEAP_MAX_NS ? ns : LEAP_MAX_NS;
        snprintf(line, sizeof line, "time %" PRIu64, part);
        if (!command(vu, line, answer))
            return;
    }
}

/* ---- time ---- */

static void advance(struct dut *dut, uint64_t now_ns)
{
    struct vu *const vu = vu_of(dut);
    const uint64_t until_ns = vfio_now() + (now_ns - vu->time_ns);

    settle(dut);
    if (vu->options.stopped || (vu->control_fd >= 0 && now_ns > vu->time_ns && now_ns - vu->time_ns > LEAP_NS)) {
        const uint64_t ns = now_ns > vu->time_ns ? now_ns - vu->time_ns : 0;

        vu->time_ns += ns;
        pass(vu, ns);
        settle(dut);
        return;
    }
    while (now_ns > vu->time_ns && vfio_now() < until_ns && vfio_lost(vu->client) == NULL) {
        vfio_wait(vu->client, until_ns, vu->frames_fd);
        take_all(vu);
    }
    if (now_ns > vu->time_ns)
        vu->time_ns = now_ns;
    touched(vu);
    settle(dut);
}

static uint64_t next_event(struct dut *dut)
{
    struct vu *const vu = vu_of(dut);

    if (vu->options.stopped) {
        settle(dut);
        return vu->next_ns;
    }
    return vfio_now() - vu->news_ns > QUIET_NS ? E1000_NEVER : E1000_NEVER - 1;
}

static const char *trouble(struct dut *dut)
{
    struct vu *const vu = vu_of(dut);

    return vu->trouble[0] != '\0' ? vu->trouble : vfio_lost(vu->client);
}

/* ---- starting a server ---- */

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void run_server(const struct options *o, const char *fd, const char *net, const char *eeprom,
                       const char *control, bool line_rate)
{
    char line[600];

    snprintf(line, sizeof line, "exec %s \"$@\"", o->exec);
    execl("/bin/sh", "sh", "-c", line, "sh", "--fd", fd, "--net", net, "--eeprom", eeprom, "--link", "down",
          "--control", control, line_rate ? "--line-rate" : (char *)NULL, (char *)NULL);
    _exit(127);
}

/* The EEPROM as a file of the server's kind: words in hexadecimal. */
static int eeprom_file(const struct e1000_config *board)
{
    const int fd = memfd_create("eeprom", 0);

    for (unsigned i = 0; i < board->eeprom_words && fd >= 0; i++)
        dprintf(fd, "%04x\n", board->eeprom != NULL ? board->eeprom[i] : 0xffffu);
    return fd;
}

/* Two ends of a socket: [0] is ours, the server's descends to it. */
static bool pair(int type, int ends[2])
{
    if (socketpair(AF_UNIX, type, 0, ends) == 0)
        return fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0;
    ends[0] = ends[1] = -1;
    return false;
}

static bool start_server(struct vu *vu, const struct e1000_config *board, int *fd, char *why, size_t size)
{
    int bus[2] = {-1, -1}, frames[2] = {-1, -1}, control[2] = {-1, -1}, eeprom;
    char fd_arg[16], net_arg[32], control_arg[20], eeprom_arg[40];
    const bool good = pair(SOCK_STREAM, bus) && pair(SOCK_DGRAM, frames) && pair(SOCK_STREAM, control);

    eeprom = eeprom_file(board);
    snprintf(fd_arg, sizeof fd_arg, "%d", bus[1]);
    snprintf(net_arg, sizeof net_arg, "dgram,fd=%d", frames[1]);
    snprintf(control_arg, sizeof control_arg, "fd=%d", control[1]);
    snprintf(eeprom_arg, sizeof eeprom_arg, "/proc/self/fd/%d", eeprom);
    fflush(NULL);
    vu->server = good && eeprom >= 0 ? fork() : -1;
    if (vu->server == 0)
        run_server(&vu->options, fd_arg, net_arg, eeprom_arg, control_arg, vu->options.stopped && board->line_rate);
    close_fd(bus[1]);
    close_fd(frames[1]);
    close_fd(control[1]);
    close_fd(eeprom);
    *fd = bus[0];
    vu->frames_fd = frames[0];
    vu->control_fd = control[0];
    if (vu->server > 0)
        return true;
    snprintf(why, size, "cannot start %s: %s", vu->options.exec, strerror(errno));
    close_fd(bus[0]);
    vu->server = 0;
    return false;
}

/* It ends with its connection. How it ended counts: a sanitizer may have had something to say. */
static void end_server(struct vu *vu)
{
    int status;

    if (vu->server <= 0)
        return;
    while (waitpid(vu->server, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    fprintf(stderr, "Assertion failed: the server ends well (%s %d)\n", WIFEXITED(status) ? "status" : "signal",
            WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    abort(); /* as for any other crash of a device */
}

/* ---- connecting ---- */

static bool address(struct sockaddr_un *to, const char *path)
{
    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    return snprintf(to->sun_path, sizeof to->sun_path, "%s", path) < (int)sizeof to->sun_path;
}

static bool open_frames(struct vu *vu, char *why, size_t size)
{
    struct sockaddr_un here, there;

    if (vu->options.dgram[0] == '\0')
        return true;
    vu->frames_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    vu->bound = vu->frames_fd >= 0 && address(&here, vu->options.dgram) &&
                bind(vu->frames_fd, (struct sockaddr *)&here, sizeof here) == 0;
    if (!vu->bound)
        snprintf(why, size, "dgram=%s: %s", vu->options.dgram, strerror(errno));
    else if (!address(&there, vu->options.peer) || connect(vu->frames_fd, (struct sockaddr *)&there, sizeof there) != 0)
        snprintf(why, size, "peer=%s: %s", vu->options.peer, strerror(errno));
    else
        return true;
    return false;
}

/* The descriptor, or -1. */
static int connect_to(const char *path, char *why, size_t size)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un there;

    if (fd >= 0 && address(&there, path) && connect(fd, (struct sockaddr *)&there, sizeof there) == 0)
        return fd;
    snprintf(why, size, "%s: %s; is the server running?", path, strerror(errno));
    close_fd(fd);
    return -1;
}

static bool connect_server(struct vu *vu, int *fd, char *why, size_t size)
{
    if (vu->options.control[0] != '\0') {
        vu->control_fd = connect_to(vu->options.control, why, size);
        if (vu->control_fd < 0)
            return false;
    }
    return open_frames(vu, why, size) && (*fd = connect_to(vu->options.path, why, size)) >= 0;
}

/* Which region is which BAR: in the order of their registers, as in e1000_bar_info(). */
static void find_bars(struct vu *vu)
{
    struct vu_region_info info;

    for (int bar = 0; bar < E1000_BARS; bar++)
        vu->region[bar] = -1;
    for (unsigned i = 0; i < 6; i++) {
        const uint32_t low = config(vu, 0x10 + 4 * i, 4);
        const enum e1000_bar bar = (low & 1) != 0                  ? E1000_BAR_IO
                                   : vu->region[E1000_BAR_MEM] < 0 ? E1000_BAR_MEM
                                                                   : E1000_BAR_FLASH;

        if (!vfio_region(vu->client, i, &info) || info.size == 0)
            continue;
        vu->region[bar] = (int)i;
        i += (low & 7) == 4;
    }
    if (vfio_region(vu->client, VU_ROM, &info) && info.size != 0)
        vu->region[E1000_BAR_ROM] = VU_ROM;
}

static void find_msi(struct vu *vu)
{
    unsigned at = config(vu, 0x06, 2) & 0x10 ? config(vu, 0x34, 1) : 0;

    for (int i = 0; i < 48 && at >= 0x40 && at < 0x100; i++, at = config(vu, at + 1, 1))
        if (config(vu, at, 1) == MSI_CAPABILITY)
            vu->msi_at = at;
}

static void vu_close(struct dut *dut)
{
    struct vu *const vu = vu_of(dut);

    if (vu->client != NULL)
        vfio_close(vu->client);
    close_fd(vu->frames_fd);
    close_fd(vu->intx_fd);
    close_fd(vu->msi_fd);
    close_fd(vu->memory_fd);
    close_fd(vu->control_fd);
    if (vu->bound)
        unlink(vu->options.dgram);
    end_server(vu);
    free(vu);
}

/* The machine comes without a cable. */
static bool first_commands(struct vu *vu)
{
    char answer[CONTROL_ANSWER];

    return vu->control_fd < 0 ||
           (command(vu, vu->options.stopped ? "time stop" : "time go", answer) && command(vu, "link down", answer));
}

static bool set_up(struct vu *vu, const struct e1000_config *board, char *why, size_t size)
{
    const struct vfio_memory memory = {vu, guest_read, guest_write};
    int fd;

    vu->intx_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    vu->msi_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    vu->memory_fd = memfd_create("guest", MFD_CLOEXEC);
    if (vu->intx_fd < 0 || vu->msi_fd < 0 || vu->memory_fd < 0) {
        snprintf(why, size, "%s", strerror(errno));
        return false;
    }
    if (vu->options.exec[0] != '\0' ? !start_server(vu, board, &fd, why, size) : !connect_server(vu, &fd, why, size))
        return false;
    vu->client = vfio_open(fd, &memory, REPLY_MS, why, size);
    if (vu->client == NULL)
        return false;
    if (!first_commands(vu)) {
        snprintf(why, size, "%s", trouble(&vu->dut));
        return false;
    }
    find_bars(vu);
    find_msi(vu);
    if (open_memory(vu) && set_eventfd(vu, VU_INTX, vu->intx_fd) && vfio_lost(vu->client) == NULL)
        return true;
    snprintf(why, size, "%s",
             vfio_lost(vu->client) != NULL ? vfio_lost(vu->client) : "the server refuses guest memory or INTx");
    return false;
}

static struct dut *vu_open(const char *arg, const struct machine *machine, const struct e1000_config *board, char *why,
                           size_t size)
{
    struct vu *const vu = calloc(1, sizeof *vu);
    const char *wrong;

    if (vu == NULL) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    vu->dut.ops = &dut_vfio_user;
    vu->machine = machine;
    vu->intx_fd = vu->msi_fd = vu->memory_fd = vu->frames_fd = vu->control_fd = -1;
    vu->next_ns = E1000_NEVER;
    vu->random = 1;
    if (arg == NULL)
        snprintf(why, size, "say where: --dut vfio-user:PATH, or vfio-user:exec=COMMAND");
    else if (!parse(arg, &vu->options, &wrong))
        snprintf(why, size, "--dut vfio-user:%s: not understood: %s", arg, wrong);
    else if (set_up(vu, board, why, size))
        return &vu->dut;
    vu_close(&vu->dut);
    return NULL;
}

const struct dut_ops dut_vfio_user = {
    .name = "vfio-user",
    .caps_of = caps_of,
    .open = vu_open,
    .close = vu_close,
    .config_read = config_read,
    .config_write = config_write,
    .bar_read = bar_read,
    .bar_write = bar_write,
    .frame_in = frame_in,
    .partner = partner,
    .wire_fault = wire_fault,
    .collide = collide,
    .leds = leds,
    .leds_next = leds_next,
    .sdp_out = sdp_out,
    .pme = pme,
    .irq = irq,
    .advance = advance,
    .next_event = next_event,
    .settle = settle,
    .trouble = trouble,
};
