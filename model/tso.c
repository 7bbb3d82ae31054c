/*
 * tso.c - what a segment's header becomes, and checksums into frames
 *
 * Manual  3.5 TCP segmentation, 3.6 and 3.5.8 checksum offload, 3.3.3 IC, 3.3.6 context
 * Called  by tx.c and tx_segments.c; pure functions on bytes, no device state
 *
 * Every offset comes from the driver: each is checked against the bytes that are there, where it is used.
 */
#include "tx.h"

#include <string.h>

enum { /* TUCMD [3.3.6.1] */
       TUCMD_TCP = 0x01,
       TUCMD_IP = 0x02,
};

enum { FIN = 0x01, PSH = 0x08, CWR = 0x80, ETH_HEADER = 14, IP6_HEADER = 40, TCP_HEADER = 20, TCP = 6 };

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}
static void put_be16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

void context_parse(struct tx_context *c, const uint8_t *desc)
{
    c->loaded = true;
    c->ipcss = desc[0];
    c->ipcso = desc[1];
    c->ipcse = (uint16_t)get16(desc + 2);
    c->tucss = desc[4];
    c->tucso = desc[5];
    c->tucse = (uint16_t)get16(desc + 6);
    c->paylen = get32(desc + 8) & 0xfffff;
    c->tucmd = desc[11];
    c->hdrlen = desc[13];
    c->mss = (uint16_t)get16(desc + 14);
}

/* [3.5.4 silent] A frame whose type field is an 802.3 length: Linux never segments one. */
static void set_length_field(uint8_t *header, uint32_t hdrlen, uint32_t payload)
{
    if (hdrlen >= 14 && be16(header + 12) < 0x600)
        put_be16(header + 12, payload + hdrlen - 14);
}

/*
 * [3.5.4] lists "IPv6 packet tunneled in IPv4" and goes on that tunnels "are not supported": there is one header that
 * IPCSS and TUCMD.IP name. Choice: that one is put right and the other left as it is, length and all; Linux sends none.
 */
static void set_ip(uint8_t *header, const struct tx_context *c, uint32_t n, uint32_t payload)
{
    uint8_t *ip = header + c->ipcss;
    const uint32_t len = payload + c->hdrlen - c->ipcss;

    if (c->ipcss + 6u > c->hdrlen)
        return;
    if ((c->tucmd & TUCMD_IP) != 0) {
        put_be16(ip + 2, len);
        put_be16(ip + 4, be16(ip + 4) + n);
    } else {
        /* [3.5.9.1-3] print MSS + HDRLEN - IPCSS, which counts the IPv6 header itself; IPv6 does not. */
        put_be16(ip + 4, len - IP6_HEADER);
    }
}

static void set_l4(uint8_t *header, const struct tx_context *c, uint32_t sent, uint32_t payload, bool last)
{
    uint8_t *l4 = header + c->tucss;

    if ((c->tucmd & TUCMD_TCP) != 0) {
        if (c->tucss + 14u > c->hdrlen)
            return;
        const uint32_t seq = (be16(l4 + 4) << 16 | be16(l4 + 6)) + sent;

        put_be16(l4 + 4, seq >> 16);
        put_be16(l4 + 6, seq);
        if (!last)
            l4[13] &= (uint8_t) ~(FIN | PSH);
    } else if (c->tucss + 6u <= c->hdrlen) {
        put_be16(l4 + 4, payload + c->hdrlen - c->tucss);
    }
}

/* [3.3.6.1 note 2] Neither TCP nor IPv4: a constant header before each piece. */
static bool constant_header(const struct tx_context *c)
{
    return (c->tucmd & (TUCMD_TCP | TUCMD_IP)) == 0;
}

void tso_header(uint8_t *header, const struct tx_context *c, uint32_t n, uint32_t sent, uint32_t payload, bool last)
{
    if (constant_header(c))
        return;
    set_length_field(header, c->hdrlen, payload);
    set_ip(header, c, n, payload);
    set_l4(header, c, sent, payload, last);
}

/* [3.5.7] What hardware adds to the sum that software has left in the TCP or UDP checksum. */
uint32_t tso_length(const struct tx_context *c, uint32_t payload)
{
    return constant_header(c) ? 0 : payload + c->hdrlen - c->tucss;
}

/* TCP over IP and nothing else, and the context says of the header what is true. */
static uint8_t plain_ip(const uint8_t *header, const struct tx_context *c, uint32_t popts)
{
    const uint8_t *const ip = header + c->ipcss, *const tcp = header + c->tucss;

    if ((c->tucmd & TUCMD_TCP) == 0 || (popts & POPTS_TXSM) == 0 || c->tucse != 0 || c->ipcss < ETH_HEADER ||
        c->ipcss % 2 != 0 || c->tucss < c->ipcss + 20u || c->hdrlen < c->tucss + TCP_HEADER ||
        c->tucso != c->tucss + 16u || (tcp[12] >> 4) * 4u != c->hdrlen - (uint32_t)c->tucss || (tcp[13] & CWR) != 0 ||
        be16(header + 12) < 0x600)
        return 0;
    if ((c->tucmd & TUCMD_IP) != 0)
        return (popts & POPTS_IXSM) != 0 && be16(ip - 2) == 0x0800 && ip[0] >> 4 == 4 &&
                       (ip[0] & 15u) * 4 == (uint32_t)c->tucss - c->ipcss && c->ipcso == c->ipcss + 10u &&
                       c->ipcse == c->tucss - 1u && (be16(ip + 6) & 0x3fff) == 0 && ip[9] == TCP && be16(ip + 10) == 0
                   ? 4
                   : 0;
    return (popts & POPTS_IXSM) == 0 && be16(ip - 2) == 0x86dd && ip[0] >> 4 == 6 &&
                   c->tucss == c->ipcss + IP6_HEADER && ip[6] == TCP
               ? 6
               : 0;
}

static uint32_t sum_of(const uint8_t *bytes, uint32_t len)
{
    struct sum sum = {0};

    sum_add(&sum, bytes, len);
    return sum_fold(&sum);
}

/* To be stored: the complement of what is left of a sum of words. */
static void put_sum(uint8_t *p, uint32_t sum)
{
    sum = (sum >> 16) + (sum & 0xffff);
    put_be16(p, ~((sum >> 16) + sum));
}

/*
 * Of all segments of a send, the headers differ in a few words; the rest of their sums is worked out once.
 * What stands in the checksum fields counts [3.5.7]: software leaves its own part of the sum there.
 */
void tso_plain(struct tso_plain *plain, const uint8_t *header, const struct tx_context *c, uint32_t popts)
{
    uint8_t copy[TSO_HEADER_MAX];

    plain->known = true;
    plain->ip = plain_ip(header, c, popts);
    if (plain->ip == 0)
        return;
    memcpy(copy, header, c->hdrlen);
    plain->id = be16(header + c->ipcss + 4);
    plain->seq = be16(header + c->tucss + 4) << 16 | be16(header + c->tucss + 6);
    plain->flags = be16(header + c->tucss + 12);
    if (plain->ip == 4) {
        memset(copy + c->ipcss + 2, 0, 4);
        plain->sum = sum_of(copy + c->ipcss, c->tucss - (uint32_t)c->ipcss);
    }
    memset(copy + c->tucss + 4, 0, 4);
    memset(copy + c->tucss + 12, 0, 2);
    plain->tcp = sum_of(copy + c->tucss, c->hdrlen - (uint32_t)c->tucss);
}

/*
 * tso_header() for a plain header, which stands at header, and its IPv4 checksum. The TCP checksum becomes
 * the sum of all that is known without the payload, for a host that adds the TCP header and the payload.
 */
void tso_plain_header(uint8_t *header, const struct tso_plain *plain, const struct tx_context *c, uint32_t n,
                      uint32_t sent, uint32_t payload, bool last)
{
    uint8_t *const ip = header + c->ipcss, *const tcp = header + c->tucss;
    const uint32_t len = payload + c->hdrlen - c->ipcss, seq = (be16(tcp + 4) << 16 | be16(tcp + 6)) + sent;

    if (plain->ip == 4) {
        const uint32_t id = (be16(ip + 4) + n) & 0xffff;

        put_be16(ip + 2, len);
        put_be16(ip + 4, id);
        put_sum(ip + 10, plain->sum + len + id);
    } else {
        put_be16(ip + 4, len - IP6_HEADER);
    }
    put_be16(tcp + 4, seq >> 16);
    put_be16(tcp + 6, seq);
    if (!last)
        tcp[13] &= (uint8_t) ~(FIN | PSH);
}

/* Its TCP checksum over the payload; without one (iovcnt 0) what somebody needs who sums up the rest. */
void tso_plain_checksum(uint8_t *header, const struct tso_plain *plain, const struct tx_context *c, uint32_t payload,
                        const struct e1000_iov *iov, unsigned iovcnt)
{
    uint8_t *const tcp = header + c->tucss;
    const uint32_t length = tso_length(c, payload);
    struct sum sum = {0};

    if (iovcnt == 0) {
        put_sum(tcp + 16, be16(tcp + 16) + length);
        put_be16(tcp + 16, ~be16(tcp + 16));
        return;
    }
    for (unsigned i = 0; i < iovcnt; i++)
        sum_add(&sum, iov[i].base, iov[i].len);
    put_sum(tcp + 16, sum_fold(&sum) + plain->tcp + length + be16(tcp + 4) + be16(tcp + 6) + be16(tcp + 12));
}

/*
 * Both of the above at once, for a segment of MSS bytes that is not the last, and whose payload has this sum. What
 * stands at header is the prototype, or what this has made of it before.
 */
void tso_plain_whole(uint8_t *header, const struct tso_plain *plain, const struct tx_context *c, uint32_t n,
                     uint32_t sent, uint32_t payload_sum)
{
    uint8_t *const ip = header + c->ipcss, *const tcp = header + c->tucss;
    const uint32_t seq = plain->seq + sent, flags = plain->flags & ~(uint32_t)(FIN | PSH);
    const uint32_t behind = c->mss + (uint32_t)c->hdrlen; /* the frame's bytes */

    if (plain->ip == 4) {
        const uint32_t id = (plain->id + n) & 0xffff, len = behind - c->ipcss;

        put_be16(ip + 2, len);
        put_be16(ip + 4, id);
        put_sum(ip + 10, plain->sum + len + id);
    } else {
        put_be16(ip + 4, behind - c->ipcss - IP6_HEADER);
    }
    put_be16(tcp + 4, seq >> 16);
    put_be16(tcp + 6, seq);
    put_be16(tcp + 12, flags);
    put_sum(tcp + 16, payload_sum + plain->tcp + behind - c->tucss + (seq >> 16) + (seq & 0xffff) + flags);
}

/* Bytes first..last of the frame in the spans, as a sum; more is added to it. */
static uint32_t sum_range(const struct span *span, unsigned n, uint32_t first, uint32_t last, uint32_t more)
{
    struct sum sum = {0};
    uint8_t extra[2];
    uint32_t at = 0, folded;

    for (unsigned i = 0; i < n && at <= last; at += span[i].len, i++) {
        const uint32_t from = first > at ? first - at : 0;
        const uint32_t to = last - at < span[i].len ? last - at + 1 : span[i].len;

        if (from < to)
            sum_add(&sum, span[i].at + from, to - from);
    }
    sum.odd = false; /* the range ends here; an odd last byte was padded with 0 */
    for (; more != 0; more >>= 16) {
        put_be16(extra, more);
        sum_add(&sum, extra, sizeof extra);
    }
    folded = sum_fold(&sum);
    return folded;
}

/*
 * [3.3.6, 3.6] Over bytes css..cse (0: to the end) of a frame of len bytes; false if there is nothing
 * to insert: the range starts beyond the frame, or the place for it lies beyond.
 */
bool checksum_range(const struct span *span, unsigned n, uint32_t len, uint32_t css, uint32_t cse, uint32_t cso,
                    uint32_t more, uint8_t value[2])
{
    uint32_t last = cse == 0 || cse >= len ? len - 1 : cse;

    if (len < 2 || css >= len || cso > len - 2 || last < css)
        return false;
    put_be16(value, ~sum_range(span, n, css, last, more));
    return true;
}
