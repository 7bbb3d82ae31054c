/*
 * segment.c - what a sender has left to do: checksums, and cutting TCP into segments
 *
 * As RFC 1071, 791, 8200 and 9293 have it, and as virtio's header describes what is left.
 */
#include "segment.h"

#include <string.h>

#define ETHER 14
#define TAG 4
#define FIN_PSH 0x09
#define CWR 0x80

static unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* ---- checksums ---------------------------------------------------------------------------------- */

/* Words of 32 bits: 2^32 of them fit the sum, and compilers make vector code of it. */
uint64_t segment_sum(uint64_t sum, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (; len >= 4; len -= 4, p += 4) {
        uint32_t word;

        memcpy(&word, p, sizeof word);
        sum += word;
    }
    if (len > 0) {
        uint8_t last[4] = {0};
        uint32_t word;

        memcpy(last, p, len);
        memcpy(&word, last, sizeof word);
        sum += word;
    }
    return sum;
}

uint16_t segment_fold(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static void store_checksum(uint8_t *at, uint64_t sum)
{
    const uint16_t value = (uint16_t)~segment_fold(sum);

    memcpy(at, &value, sizeof value);
}

/* The field holds the pseudo header's sum, and counts as part of what is summed. */
static bool finish_checksum(uint8_t *frame, size_t len, size_t start, size_t offset)
{
    if (start > len || offset + 2 > len - start)
        return false;
    store_checksum(frame + start + offset, segment_sum(0, frame + start, len - start));
    if (frame[start + offset] == 0 && frame[start + offset + 1] == 0) /* which is "none" to UDP [RFC 768] */
        put16(frame + start + offset, 0xffff);
    return true;
}

/* ---- cutting ------------------------------------------------------------------------------------ */

/* The next bytes of the packet, wherever its parts end. */
static void take(struct segmenter *c, uint8_t *to, size_t len)
{
    while (len > 0) {
        const struct iovec *const iov = &c->packet.iov[c->iov];
        const size_t left = iov->iov_len - c->iov_at, now = left < len ? left : len;

        memcpy(to, (const uint8_t *)iov->iov_base + c->iov_at, now);
        to += now;
        len -= now;
        c->iov_at += now;
        if (c->iov_at == iov->iov_len) {
            c->iov++;
            c->iov_at = 0;
        }
    }
}

/* Headers must be where the packet's description has them, and whole. */
static bool find_headers(struct segmenter *c)
{
    const bool four = c->packet.gso_type == NET_GSO_TCP4;
    const uint8_t *const frame = c->room;

    c->ip = ETHER;
    while (c->ip + 2 <= c->header && (be16(frame + c->ip - 2) == 0x8100 || be16(frame + c->ip - 2) == 0x88a8))
        c->ip += TAG;
    c->tcp = c->packet.csum_start;
    if (c->tcp < c->ip + (four ? 20 : 40) || c->tcp + 20 > c->header)
        return false;
    if (frame[c->ip] >> 4 != (four ? 4 : 6) || c->tcp + (size_t)(frame[c->tcp + 12] >> 4) * 4 > c->header)
        return false;
    return !four || (c->ip + (size_t)(frame[c->ip] & 15) * 4 <= c->tcp && (frame[c->ip] & 15) >= 5);
}

/* The IP header of a segment with so much payload; returns the sum of the pseudo header. */
static uint64_t set_lengths(struct segmenter *c, size_t payload)
{
    uint8_t *const ip = c->room + c->ip;
    const size_t tcp_len = c->header + payload - c->tcp;
    uint8_t pseudo[4] = {0, 6};
    uint64_t sum;

    put16(pseudo + 2, (unsigned)tcp_len);
    if (c->packet.gso_type == NET_GSO_TCP4) {
        put16(ip + 2, (unsigned)(c->header + payload - c->ip));
        put16(ip + 10, 0);
        store_checksum(ip + 10, segment_sum(0, ip, (size_t)(ip[0] & 15) * 4));
        sum = segment_sum(0, ip + 12, 8);
    } else {
        put16(ip + 4, (unsigned)(c->header + payload - c->ip - 40));
        sum = segment_sum(0, ip + 8, 32);
    }
    return segment_sum(sum, pseudo, sizeof pseudo);
}

/* One segment: lengths, identification, sequence number and flags are its own. */
static void finish_segment(struct segmenter *c, size_t payload, bool last)
{
    uint8_t *const tcp = c->room + c->tcp;
    uint64_t sum;

    if (c->packet.gso_type == NET_GSO_TCP4)
        put16(c->room + c->ip + 4, c->id++);
    sum = set_lengths(c, payload);
    put16(tcp + 4, c->seq >> 16);
    put16(tcp + 6, c->seq & 0xffff);
    c->seq += (uint32_t)payload;
    /* FIN and PSH belong to the last, CWR to the first [RFC 3168 6.1.2]. */
    tcp[13] = c->flags & (uint8_t)(last ? 0xff : ~FIN_PSH) & (uint8_t)(c->at == 0 ? 0xff : ~CWR);
    put16(tcp + 16, 0);
    store_checksum(tcp + 16, segment_sum(sum, tcp, c->header + payload - c->tcp));
}

static bool start_cutting(struct segmenter *c)
{
    const struct net_packet *const packet = &c->packet;

    c->header = packet->header_len;
    if (packet->gso_size == 0 || c->header >= packet->len || c->header + packet->gso_size > NET_PACKET_MAX)
        return false;
    take(c, c->room, c->header);
    if (!find_headers(c))
        return false;
    c->id = (uint16_t)be16(c->room + c->ip + 4);
    c->seq = be32(c->room + c->tcp + 4);
    c->flags = c->room[c->tcp + 13];
    return true;
}

bool segment_start(struct segmenter *c, const struct net_packet *packet, uint8_t *room)
{
    *c = (struct segmenter){.packet = *packet, .room = room};
    if (packet->gso_type != NET_GSO_NONE)
        return start_cutting(c);
    if (!packet->needs_csum && packet->iovcnt == 1)
        return true;
    if (packet->len > NET_PACKET_MAX)
        return false;
    take(c, room, packet->len);
    return !packet->needs_csum || finish_checksum(room, packet->len, packet->csum_start, packet->csum_offset);
}

static struct net_packet finished(struct segmenter *c, size_t len, bool csum_valid)
{
    c->whole = (struct iovec){c->room, len};
    return (struct net_packet){.iov = &c->whole, .iovcnt = 1, .len = len, .csum_valid = csum_valid};
}

bool segment_next(struct segmenter *c, struct net_packet *frame)
{
    const struct net_packet *const packet = &c->packet;
    size_t left, payload;

    if (c->done)
        return false;
    if (packet->gso_type == NET_GSO_NONE) {
        c->done = true;
        if (!packet->needs_csum && packet->iovcnt == 1)
            *frame = *packet;
        else
            *frame = finished(c, packet->len, packet->csum_valid || packet->needs_csum);
        return true;
    }
    left = packet->len - c->header - c->at;
    payload = left < packet->gso_size ? left : packet->gso_size;
    c->done = payload == left;
    take(c, c->room + c->header, payload);
    finish_segment(c, payload, c->done);
    c->at += payload;
    *frame = finished(c, c->header + payload, true);
    return true;
}

unsigned segment_packet(const struct net_packet *packet, uint8_t *room,
                        void (*fn)(void *ctx, const struct net_packet *frame), void *ctx)
{
    struct segmenter segmenter;
    struct net_packet frame;
    unsigned count = 0;

    if (segment_start(&segmenter, packet, room))
        for (; segment_next(&segmenter, &frame); count++)
            fn(ctx, &frame);
    return count;
}

size_t segment_headers(const struct net_packet *packet, uint8_t *room)
{
    struct segmenter c = {.packet = *packet, .room = room};
    uint64_t sum;

    if (!start_cutting(&c) || packet->len - c.ip > 65535)
        return 0;
    sum = set_lengths(&c, packet->len - c.header);
    put16(room + c.tcp + 16, 0);
    sum = segment_fold(sum);
    memcpy(room + c.tcp + 16, &(uint16_t){(uint16_t)sum}, 2);
    return c.header;
}
