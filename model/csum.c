/*
 * csum.c - checks over bytes: the frame check sequence
 *
 * Manual  3.3.3.1 IFCS, 13.7.1; the polynomial is that of IEEE 802.3, 3.2.9
 * Called  by rx.c, tx.c; pure functions, no device state
 */
#include "core.h"

#include <string.h>

/*
 * Eight bytes a step: SLICEk(n) is the remainder of byte n followed by k zero bytes. The remainder is
 * linear in n, so the remainders of n's single bits (below) give the whole table at compile time.
 */
/* clang-format off */
#define ENTRY(n, b0, b1, b2, b3, b4, b5, b6, b7)                                                   \
    (((n) & 1 ? b0 : 0u) ^ ((n) & 2 ? b1 : 0u) ^ ((n) & 4 ? b2 : 0u) ^ ((n) & 8 ? b3 : 0u) ^       \
     ((n) & 16 ? b4 : 0u) ^ ((n) & 32 ? b5 : 0u) ^ ((n) & 64 ? b6 : 0u) ^ ((n) & 128 ? b7 : 0u))
#define SLICE0(n) ENTRY(n, 0x77073096, 0xee0e612c, 0x076dc419, 0x0edb8832, 0x1db71064, 0x3b6e20c8, 0x76dc4190, 0xedb88320)
#define SLICE1(n) ENTRY(n, 0x191b3141, 0x32366282, 0x646cc504, 0xc8d98a08, 0x4ac21251, 0x958424a2, 0xf0794f05, 0x3b83984b)
#define SLICE2(n) ENTRY(n, 0x01c26a37, 0x0384d46e, 0x0709a8dc, 0x0e1351b8, 0x1c26a370, 0x384d46e0, 0x709a8dc0, 0xe1351b80)
#define SLICE3(n) ENTRY(n, 0xb8bc6765, 0xaa09c88b, 0x8f629757, 0xc5b428ef, 0x5019579f, 0xa032af3e, 0x9b14583d, 0xed59b63b)
#define SLICE4(n) ENTRY(n, 0x3d6029b0, 0x7ac05360, 0xf580a6c0, 0x30704bc1, 0x60e09782, 0xc1c12f04, 0x58f35849, 0xb1e6b092)
#define SLICE5(n) ENTRY(n, 0xcb5cd3a5, 0x4dc8a10b, 0x9b914216, 0xec53826d, 0x03d6029b, 0x07ac0536, 0x0f580a6c, 0x1eb014d8)
#define SLICE6(n) ENTRY(n, 0xa6770bb4, 0x979f1129, 0xf44f2413, 0x33ef4e67, 0x67de9cce, 0xcfbd399c, 0x440b7579, 0x8816eaf2)
#define SLICE7(n) ENTRY(n, 0xccaa009e, 0x4225077d, 0x844a0efa, 0xd3e51bb5, 0x7cbb312b, 0xf9766256, 0x299dc2ed, 0x533b85da)
#define ROW4(S, n) S(n), S((n) + 1), S((n) + 2), S((n) + 3)
#define ROW16(S, n) ROW4(S, n), ROW4(S, (n) + 4), ROW4(S, (n) + 8), ROW4(S, (n) + 12)
#define ROW64(S, n) ROW16(S, n), ROW16(S, (n) + 16), ROW16(S, (n) + 32), ROW16(S, (n) + 48)
#define TABLE(S) {ROW64(S, 0), ROW64(S, 64), ROW64(S, 128), ROW64(S, 192)}
static const uint32_t slice[8][256] = {
    TABLE(SLICE0), TABLE(SLICE1), TABLE(SLICE2), TABLE(SLICE3),
    TABLE(SLICE4), TABLE(SLICE5), TABLE(SLICE6), TABLE(SLICE7),
};

/* JUMPk(n): byte k of a remainder, n, followed by LANE zero bytes. */
#define JUMP0(n) ENTRY(n, 0x8f352d95, 0xc51b5d6b, 0x5147bc97, 0xa28f792e, 0x9e6ff41d, 0xe7aeee7b, 0x142cdab7, 0x2859b56e)
#define JUMP1(n) ENTRY(n, 0x50b36adc, 0xa166d5b8, 0x99bcad31, 0xe8085c23, 0x0b61be07, 0x16c37c0e, 0x2d86f81c, 0x5b0df038)
#define JUMP2(n) ENTRY(n, 0xb61be070, 0xb746c6a1, 0xb5fc8b03, 0xb0881047, 0xba6126cf, 0xafb34bdf, 0x841791ff, 0xd35e25bf)
#define JUMP3(n) ENTRY(n, 0x7dcd4d3f, 0xfb9a9a7e, 0x2c4432bd, 0x5888657a, 0xb110caf4, 0xb95093a9, 0xa9d02113, 0x88d14467)
static const uint32_t jump[4][256] = {TABLE(JUMP0), TABLE(JUMP1), TABLE(JUMP2), TABLE(JUMP3)};
/* clang-format on */

#define LANE 64u /* bytes */
#define LANES 3u

static inline uint32_t eight_bytes(uint32_t crc, const uint8_t *p)
{
    const uint32_t a = crc ^ get32(p), b = get32(p + 4);

    return slice[7][a & 0xff] ^ slice[6][a >> 8 & 0xff] ^ slice[5][a >> 16 & 0xff] ^ slice[4][a >> 24] ^
           slice[3][b & 0xff] ^ slice[2][b >> 8 & 0xff] ^ slice[1][b >> 16 & 0xff] ^ slice[0][b >> 24];
}

static inline uint32_t over_lane(uint32_t crc)
{
    return jump[0][crc & 0xff] ^ jump[1][crc >> 8 & 0xff] ^ jump[2][crc >> 16 & 0xff] ^ jump[3][crc >> 24];
}

/*
 * Each eight bytes wait for the remainder of those before. Three lanes side by side do not wait for each other: a
 * remainder is moved on over the next lane, whose own began with 0, and added to it.
 */
uint32_t crc32_update(uint32_t crc, const void *data, size_t len)
{
    const uint8_t *p = data;

    for (; len >= LANES * LANE; p += LANES * LANE, len -= LANES * LANE) {
        uint32_t second = 0, third = 0;

        for (unsigned i = 0; i < LANE; i += 8) {
            crc = eight_bytes(crc, p + i);
            second = eight_bytes(second, p + LANE + i);
            third = eight_bytes(third, p + 2 * LANE + i);
        }
        crc = over_lane(over_lane(crc) ^ second) ^ third;
    }
    for (; len >= 8; p += 8, len -= 8)
        crc = eight_bytes(crc, p);
    for (; len > 0; p++, len--)
        crc = crc >> 8 ^ slice[0][(crc ^ *p) & 0xff];
    return crc;
}

uint32_t e1000_crc32(const void *data, size_t len)
{
    return ~crc32_update(UINT32_MAX, data, len);
}

/* ---- one's complement sums [3.5.7, 3.2.9] ---- */

#define load __builtin_memcpy /* freestanding, memcpy is a call */

static inline uint64_t carry(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/*
 * Long pieces, in lanes of 16 bytes: what every machine's vector unit has, or the compiler makes. Both return how many
 * bytes they have left.
 */
#define LONG_PIECE 128u

#if defined(__SSE2__)
/*
 * This machine multiplies eight pairs of signed words and adds neighbours in one step. A word less 8000h is
 * signed, so that much is missing from the sum for each; four lanes have room for 32768 steps.
 */
typedef short words __attribute__((vector_size(16)));
typedef int dwords __attribute__((vector_size(16)));
#define LONGEST_PIECE (32768u * 16u)

static size_t add_long(uint64_t *acc, const uint8_t *p, size_t len)
{
    const words half = (words){0} + (short)-0x8000, one = (words){0} + 1;
    const size_t left = len % 16;
    const int64_t missing = (int64_t)(len - left) / 2 * 0x8000;
    dwords a = {0}, b = {0};
    words x, y, z, w;

    for (; len >= 64; p += 64, len -= 64) {
        load(&x, p, sizeof x);
        load(&y, p + 16, sizeof y);
        load(&z, p + 32, sizeof z);
        load(&w, p + 48, sizeof w);
        a += __builtin_ia32_pmaddwd128(x ^ half, one);
        b += __builtin_ia32_pmaddwd128(y ^ half, one);
        a += __builtin_ia32_pmaddwd128(z ^ half, one);
        b += __builtin_ia32_pmaddwd128(w ^ half, one);
    }
    for (; len >= 16; p += 16, len -= 16) {
        load(&x, p, sizeof x);
        a += __builtin_ia32_pmaddwd128(x ^ half, one);
    }
    a += b;
    *acc = carry(*acc, (uint64_t)((int64_t)a[0] + a[1] + a[2] + a[3] + missing));
    return left;
}
#else
/* The sums of the 64-bit lanes, which wrap, and of their upper halves, which cannot. */
typedef uint64_t lanes __attribute__((vector_size(16)));
#define LONGEST_PIECE ((size_t)1 << 31)

static size_t add_long(uint64_t *acc, const uint8_t *p, size_t len)
{
    lanes all[2] = {{0}}, high[2] = {{0}}, x, y;

    for (; len >= 32; p += 32, len -= 32) {
        load(&x, p, sizeof x);
        load(&y, p + 16, sizeof y);
        all[0] += x;
        all[1] += y;
        high[0] += x >> 32;
        high[1] += y >> 32;
    }
    all[0] += all[1];
    high[0] += high[1];
    all[0] -= high[0] << 32; /* the sum of the low halves: it cannot overflow, so what wrapped was not its */
    all[0] += high[0];
    *acc = carry(*acc, carry(all[0][0], all[0][1]));
    return len;
}
#endif

/*
 * In the machine's own byte order: a one's complement sum does not care, as long as its two bytes are put
 * back into memory the way they came out [RFC 1071]. Nor does it care in which 16 bits of a wider word a
 * word stands.
 */
static uint64_t add_bytes(uint64_t acc, const uint8_t *p, size_t len)
{
    uint8_t last[2] = {0};
    uint64_t eight;
    uint32_t four;
    uint16_t two;

    if (len >= LONG_PIECE && len <= LONGEST_PIECE) {
        size_t left;

        /* From a multiple of 16 on no step crosses a cache line, nor two stores of who has just copied the bytes. */
        for (; ((uintptr_t)p & 15) != 0 && ((uintptr_t)p & 1) == 0; p += 2, len -= 2) {
            load(&two, p, sizeof two);
            acc = carry(acc, two);
        }
        left = add_long(&acc, p, len);

        p += len - left;
        len = left;
    }
    for (; len >= 8; p += 8, len -= 8) {
        load(&eight, p, sizeof eight);
        acc = carry(acc, eight);
    }
    if ((len & 4) != 0) {
        load(&four, p, sizeof four);
        acc = carry(acc, four);
        p += 4;
    }
    if ((len & 2) != 0) {
        load(&two, p, sizeof two);
        acc = carry(acc, two);
        p += 2;
    }
    if ((len & 1) != 0) {
        last[0] = *p;
        load(&two, last, sizeof two);
        acc = carry(acc, two);
    }
    return acc;
}

static uint64_t turn(uint64_t acc) /* both bytes of every word change places */
{
    return acc << 8 | acc >> 56;
}

void sum_add(struct sum *sum, const void *data, size_t len)
{
    uint64_t piece = add_bytes(0, data, len);

    if (sum->odd)
        piece = turn(piece);
    sum->acc += piece;
    sum->acc += sum->acc < piece;
    sum->odd ^= (len & 1) != 0;
}

uint32_t sum_fold(const struct sum *sum)
{
    uint64_t acc = sum->acc;
    uint16_t word;
    uint8_t byte[2];

    acc = (acc >> 32) + (acc & 0xffffffff);
    acc = (acc >> 32) + (acc & 0xffffffff);
    acc = (acc >> 16) + (acc & 0xffff);
    acc = (acc >> 16) + (acc & 0xffff);
    word = (uint16_t)acc;
    load(byte, &word, sizeof byte);
    return (uint32_t)byte[0] << 8 | byte[1];
}
