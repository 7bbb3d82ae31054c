/*
 * net_fixture.c - a receiver that keeps what it gets, and packets whose sums are worked out byte by byte
 */
#include "net_fixture.h"

#include <check.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct loop *net_loop;
struct kept kept;
char net_folder[64];

static void keep(void *ctx, const struct net_packet *packet)
{
    (void)ctx;
    ck_assert_msg(!kept.sending, "a frame came in while one went out");
    ck_assert_uint_lt(kept.count, KEPT);
    ck_assert_uint_eq(packet->iovcnt, 1);
    ck_assert_uint_ge(packet->len, 60);
    ck_assert(!packet->needs_csum && packet->gso_type == NET_GSO_NONE);
    if (kept.room > 0)
        kept.room--;
    kept.bytes[kept.count] = malloc(packet->len);
    memcpy(kept.bytes[kept.count], packet->iov[0].iov_base, packet->len);
    kept.csum_valid[kept.count] = packet->csum_valid;
    kept.len[kept.count++] = packet->len;
}

static bool ready(void *ctx)
{
    (void)ctx;
    return kept.room > 0;
}

static bool listening(void *ctx)
{
    (void)ctx;
    return !kept.deaf;
}

static const struct net_receiver receiver = {.packet = keep, .ready = ready, .listening = listening};

void net_setup(void)
{
    net_loop = loop_new();
    ck_assert_ptr_nonnull(net_loop);
    kept = (struct kept){.room = 10000};
    strcpy(net_folder, "/tmp/e1000-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(net_folder));
}

void net_teardown(void)
{
    DIR *const folder = opendir(net_folder);
    struct dirent *entry;

    while ((entry = readdir(folder)) != NULL)
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(net_folder);
    loop_free(net_loop);
    for (unsigned i = 0; i < kept.count; i++)
        free(kept.bytes[i]);
}

struct net *net_must_open(const char *format, ...)
{
    char spec[512], why[512] = "";
    va_list list;
    struct net *net;

    va_start(list, format);
    vsnprintf(spec, sizeof spec, format, list);
    va_end(list);
    net = net_open(spec, net_loop, &receiver, why, sizeof why);
    ck_assert_msg(net != NULL, "%s: %s", spec, why);
    return net;
}

void net_must_refuse(const char *spec, const char *words)
{
    char why[512] = "", copy[128];

    ck_assert_ptr_null(net_open(spec, net_loop, &receiver, why, sizeof why));
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok(copy, "|"); word != NULL; word = strtok(NULL, "|"))
        ck_assert_msg(strstr(why, word) != NULL, "no \"%s\" in: %s", word, why);
}

void net_wait(unsigned count)
{
    const uint64_t end = loop_now() + 2000 * MS;

    while (kept.count < count && loop_now() < end)
        loop_step(net_loop, 10 * MS);
    ck_assert_uint_ge(kept.count, count);
}

void net_turn(unsigned ms)
{
    const uint64_t end = loop_now() + ms * MS;

    do
        loop_step(net_loop, MS);
    while (loop_now() < end);
}

void net_put(struct net *net, const void *bytes, size_t len)
{
    const struct iovec iov = {(void *)(uintptr_t)bytes, len};

    kept.sending = true;
    net_send(net, &(struct net_packet){.iov = &iov, .iovcnt = 1, .len = len});
    kept.sending = false;
}

/* ---- packets ------------------------------------------------------------------------------------ */

static void put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Two bytes at a time, high byte first, folded as it goes: RFC 1071 to the letter. */
static unsigned sum(unsigned value, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 2) {
        value += (unsigned)bytes[i] << 8 | (i + 1 < len ? bytes[i + 1] : 0);
        value = (value & 0xffff) + (value >> 16);
    }
    return value;
}

static unsigned pseudo(const uint8_t *ip, bool six, size_t len)
{
    const uint8_t rest[4] = {0, 6, (uint8_t)(len >> 8), (uint8_t)len};

    return sum(six ? sum(0, ip + 8, 32) : sum(0, ip + 12, 8), rest, 4);
}

size_t tcp_packet(uint8_t *to, bool six, bool tagged, size_t payload, struct net_packet *packet, struct iovec *iov)
{
    const size_t ip = tagged ? 18 : 14, tcp = ip + (six ? 40 : 20), header = tcp + 32;

    memset(to, 0, header);
    memcpy(to, "\x02\0\0\0\0\1\x02\0\0\0\0\2\x81\x00\x20\x64", 16);
    put16(to + ip - 2, six ? 0x86dd : 0x0800);
    if (six) {
        to[ip] = 0x60;
        to[ip + 6] = 6;
        to[ip + 7] = 64;
        memset(to + ip + 8, 0x11, 32);
    } else {
        to[ip] = 0x45;
        put16(to + ip + 4, 0xffff); /* the next identification is 0 */
        to[ip + 8] = 64;
        to[ip + 9] = 6;
        memcpy(to + ip + 12, "\x0a\0\0\1\x0a\0\0\2", 8);
    }
    put16(to + tcp, 1024);
    put16(to + tcp + 2, 80);
    memcpy(to + tcp + 4, "\xff\xff\xff\x00", 4);
    to[tcp + 12] = 8 << 4;
    to[tcp + 13] = 0x80 | 0x10 | 0x08 | 0x01; /* CWR, ACK, PSH, FIN */
    memset(to + tcp + 20, 1, 12);
    put16(to + tcp + 16, pseudo(to + ip, six, 0)); /* what drivers leave: without the length */
    for (size_t i = 0; i < payload; i++)
        to[header + i] = (uint8_t)(i * 7 + (i >> 8));
    *iov = (struct iovec){to, header + payload};
    *packet = (struct net_packet){.iov = iov,
                                  .iovcnt = 1,
                                  .len = header + payload,
                                  .gso_type = six ? NET_GSO_TCP6 : NET_GSO_TCP4,
                                  .gso_size = 1448,
                                  .header_len = (uint16_t)header,
                                  .csum_start = (uint16_t)tcp,
                                  .csum_offset = 16,
                                  .needs_csum = true};
    return header;
}

void tcp_check(const uint8_t *frame, size_t len, bool six, size_t ip)
{
    const size_t tcp = ip + (six ? 40 : 20);

    if (six) {
        ck_assert_uint_eq(get16(frame + ip + 4), len - tcp);
    } else {
        ck_assert_uint_eq(get16(frame + ip + 2), len - ip);
        ck_assert_uint_eq(sum(0, frame + ip, 20), 0xffff);
    }
    ck_assert_uint_eq(sum(pseudo(frame + ip, six, len - tcp), frame + tcp, len - tcp), 0xffff);
}
