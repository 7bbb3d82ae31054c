/*
 * rings.h - descriptor rings for unit tests, and the ways a host can differ
 *
 * Guest memory: receive ring at RXD, transmit ring at TXD, buffers of BUF bytes at RXB and TXB.
 */
#ifndef RINGS_H
#define RINGS_H

#include "fixture.h"

#include <string.h>

enum { RXD = 0x1000, TXD = 0x2000, RXB = 0x10000, TXB = 0x90000, BUF = 0x800, GUARD = 0xee };

/* Tracing or not, mapping guest memory or not: the guest must not see which. */
enum { HOST_TRACED, HOST_QUIET, HOST_TRACED_MAPPED, HOST_QUIET_MAPPED, HOSTS };

/* A test that runs once on each of them. */
#define ON_EVERY_HOST(name)                                                                                            \
    static void name##_on(unsigned host);                                                                              \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        for (unsigned host = 0; host < HOSTS; host++)                                                                  \
            name##_on(host);                                                                                           \
    }                                                                                                                  \
    END_TEST                                                                                                           \
    static void name##_on(unsigned host)

static inline void rings_power(unsigned host, uint32_t offloads, bool line_rate)
{
    fx_board();
    if (host == HOST_QUIET || host == HOST_QUIET_MAPPED)
        fx.host.trace = NULL;
    if (host == HOST_TRACED_MAPPED || host == HOST_QUIET_MAPPED)
        fx.host.dma_map = fx_dma_map;
    fx.host.offloads = offloads;
    fx.config.line_rate = line_rate;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_link_up();
    memset(fx.memory, GUARD, sizeof fx.memory);
}

/* IEEE 802.3, 3.2.9, bit by bit */
static inline uint32_t rings_fcs(const uint8_t *p, size_t len)
{
    uint32_t crc = UINT32_MAX;

    while (len-- > 0) {
        crc ^= *p++;
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

/* A digest of all that was mixed in before, and of these bytes. */
static inline uint32_t rings_mix(uint32_t digest, const void *p, size_t len)
{
    const uint8_t *byte = p;

    for (size_t i = 0; i < len; i++)
        digest = (digest ^ byte[i]) * 16777619u;
    return digest * 31 + (uint32_t)len;
}

static inline uint32_t rings_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* A frame for dst from 02:00:00:00:00:99, of type 88B5h; the rest follows from its length. */
static inline uint8_t *rings_frame(uint64_t dst, size_t len)
{
    static uint8_t frame[40000];

    for (size_t i = 0; i < len + 4; i++)
        frame[i] = (uint8_t)(i * 7 + len + (i >> 8));
    for (unsigned i = 0; i < 6; i++)
        frame[i] = (uint8_t)(dst >> 8 * (5 - i));
    memcpy(frame + 6, "\x02\x00\x00\x00\x00\x99\x88\xb5", 8);
    return frame;
}

/* The same with its FCS behind. */
static inline uint8_t *rings_frame_fcs(uint64_t dst, size_t len)
{
    uint8_t *frame = rings_frame(dst, len);
    const uint32_t fcs = rings_fcs(frame, len);

    for (unsigned i = 0; i < 4; i++)
        frame[len + i] = (uint8_t)(fcs >> 8 * i);
    return frame;
}

#define STATION UINT64_C(0x525400123456) /* fx_good_eeprom */
#define BROADCAST_ADDRESS UINT64_C(0xffffffffffff)

#endif
