/*
 * offload.c - what a received frame is, and whether its IP, TCP and UDP checksums are right
 *
 * Manual  3.2.9 receive checksums, table 3-5, 13.4.47 RXCSUM, 3.5.7 pseudo-header
 * Called  by rx.c; pure functions on bytes, no device state
 *
 * Every length comes from the wire: each is checked against the bytes that are there before it is used.
 */
#include "core.h"

enum {
    ETH_HEADER = 14,
    SNAP_HEADER = 8,
    IP4_HEADER = 20,
    IP6_HEADER = 40,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    EXTENSION_MAX = 64, /* [3.2.9.4] */
    TYPE_IP4 = 0x0800,
    TYPE_IP6 = 0x86dd,
    LENGTH_MAX = 0x05ff, /* a type field up to here is an 802.3 length */
};

enum { /* IPv4 protocols, IPv6 next headers */
       HOP_BY_HOP = 0x00,
       IP4_IN_IP = 0x04,
       TCP = 0x06,
       UDP = 0x11,
       IP6_IN_IP = 0x29,
       ROUTING = 0x2b,
       DESTINATION = 0x3c,
};

#define NO_CHECKS                                                                                                      \
    (struct rx_checks)                                                                                                 \
    {                                                                                                                  \
        0                                                                                                              \
    }

/* Bytes still to be looked at. */
struct rest {
    const uint8_t *at;
    uint32_t len;
};

static bool skip(struct rest *r, uint32_t n)
{
    if (r->len < n)
        return false;
    r->at += n;
    r->len -= n;
    return true;
}

/* The TCP or UDP datagram is all of r; sum holds the addresses. */
static struct rx_checks check_l4(struct rest r, uint32_t protocol, struct sum *sum, unsigned look)
{
    uint8_t pseudo[4] = {0, (uint8_t)protocol};
    uint32_t len = r.len;

    if (protocol == TCP) {
        if (len < TCP_HEADER)
            return NO_CHECKS;
    } else if (protocol == UDP) {
        if (len < UDP_HEADER || wire16(r.at + 6) == 0) /* no checksum was made: nothing to check [3.2.9.5 silent] */
            return NO_CHECKS;
        len = wire16(r.at + 4);
        if (len < UDP_HEADER || len > r.len) /* [3.2.9.5 silent] not a valid header */
            return NO_CHECKS;
    } else {
        return NO_CHECKS;
    }
    if ((look & LOOK_NO_SUM) != 0)
        return (struct rx_checks){.l4 = true};
    put_wire16(pseudo + 2, len);
    sum_add(sum, pseudo, sizeof pseudo);
    sum_add(sum, r.at, len);
    return (struct rx_checks){.l4 = true, .l4_bad = sum_fold(sum) != 0xffff};
}

/*
 * [3.5.7] The pseudo-header has the final destination. A routing header of type 0 or 2 has it last, while
 * there are segments left. False: it makes no sense, or is of a type that says it in another way.
 */
static bool final_destination(const uint8_t *ext, uint32_t size, const uint8_t **dst)
{
    const uint32_t addresses = (size - 8) / 16, type = ext[2], left = ext[3];

    if (left == 0)
        return true;
    if ((type != 0 && type != 2) || size % 16 != 8 || left > addresses)
        return false;
    *dst = ext + size - 16;
    return true;
}

static struct rx_checks check_ip6(struct rest r, unsigned look)
{
    const uint8_t *const ip = r.at, *dst;
    struct sum sum = {0};
    uint32_t next;

    if (!skip(&r, IP6_HEADER) || ip[0] >> 4 != 6 || wire16(ip + 4) > r.len)
        return NO_CHECKS;
    r.len = wire16(ip + 4);
    dst = ip + 24;
    /* Every turn takes at least eight bytes. */
    for (next = ip[6]; next == HOP_BY_HOP || next == ROUTING || next == DESTINATION;) {
        const uint8_t *const ext = r.at;
        uint32_t size;

        if (r.len < 8)
            return NO_CHECKS;
        size = 8 + 8u * ext[1];
        if (size > EXTENSION_MAX || !skip(&r, size) || (next == ROUTING && !final_destination(ext, size, &dst)))
            return NO_CHECKS;
        next = ext[0];
    }
    sum_add(&sum, ip + 8, 16);
    sum_add(&sum, dst, 16);
    return check_l4(r, next, &sum, look);
}

static struct rx_checks check_ip4(struct rest r, unsigned look)
{
    const uint8_t *const ip = r.at;
    struct rx_checks checks = NO_CHECKS, inner;
    struct sum sum = {0};
    uint32_t header, total;

    if (r.len < IP4_HEADER || ip[0] >> 4 != 4)
        return NO_CHECKS;
    header = (ip[0] & 15u) * 4;
    if (header < IP4_HEADER || header > r.len || ip[9] == IP4_IN_IP)
        return NO_CHECKS;
    sum_add(&sum, ip, header);
    checks.ip = true;
    checks.ip_bad = sum_fold(&sum) != 0xffff;
    total = wire16(ip + 2);
    if ((look & LOOK_L4) == 0)
        return checks;
    if (total < header || total > r.len || (wire16(ip + 6) & 0x3fff) != 0) /* more fragments, or not the first */
        return checks;
    r.at += header; /* behind total, there is padding */
    r.len = total - header;
    if (ip[9] == IP6_IN_IP) {
        inner = (look & LOOK_IP6) != 0 ? check_ip6(r, look) : NO_CHECKS;
    } else {
        sum = (struct sum){0};
        sum_add(&sum, ip + 12, 8);
        inner = check_l4(r, ip[9], &sum, look);
    }
    checks.l4 = inner.l4;
    checks.l4_bad = inner.l4_bad;
    return checks;
}

/* [3.2.9.2] frame is as it came, its tag in place; look: of LOOK_IP6 and LOOK_L4; LOOK_NO_SUM: TCP and UDP are good. */
struct rx_checks offload_check(const uint8_t *frame, uint32_t len, bool tagged, unsigned look)
{
    struct rest r = {frame, len};
    uint32_t type;

    if (!skip(&r, ETH_HEADER + (tagged ? TAG_BYTES : 0)))
        return NO_CHECKS;
    type = wire16(r.at - 2);
    if (type <= LENGTH_MAX) { /* [silent] SNAP with the code of Ethernet types, 00-00-00 */
        const uint8_t *const snap = r.at;

        if (!skip(&r, SNAP_HEADER) || get32(snap) != 0x0003aaaa || get16(snap + 4) != 0)
            return NO_CHECKS;
        type = wire16(snap + 6);
    }
    if (type == TYPE_IP4)
        return check_ip4(r, look);
    if (type == TYPE_IP6 && (look & LOOK_IP6) != 0 && (look & LOOK_L4) != 0)
        return check_ip6(r, look);
    return NO_CHECKS;
}
