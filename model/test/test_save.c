/*
 * test_save.c - the device as bytes: all of it, back again, and nothing that does not belong
 *
 * The first tests hold save.def against struct e1000 itself: a field that the list forgets fails them.
 */
#include "../core.h"
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANY UINT64_MAX
#define HEADER 20u

static union room {
    uint8_t bytes[E1000_STORAGE_BYTES];
    max_align_t align;
} a_room, b_room;
static uint8_t blob[E1000_STORAGE_BYTES], other[E1000_STORAGE_BYTES];

/* ---- the list against the structure ---- */

enum { NOBODY, SAVED, LEFT_OUT };

static const struct entry {
    const char *name;
    size_t offset, stride, count, size;
    uint64_t most;
    int fate;
} entries[] = {
#define OF(f) (((struct e1000 *)0)->f)
#define TOP(x, most) _Generic((x), bool : UINT64_C(1), default : (uint64_t)(most))
#define ONE(f, most) {#f, offsetof(struct e1000, f), sizeof(OF(f)), 1, sizeof(OF(f)), TOP(OF(f), most), SAVED},
#define MANY(f, most)                                                                                                  \
    {#f,                                                                                                               \
     offsetof(struct e1000, f),                                                                                        \
     sizeof(OF(f)[0]),                                                                                                 \
     sizeof(OF(f)) / sizeof(OF(f)[0]),                                                                                 \
     sizeof(OF(f)[0]),                                                                                                 \
     TOP(OF(f)[0], most),                                                                                              \
     SAVED},
#define EACH(a, f, most)                                                                                               \
    {#a "." #f,                                                                                                        \
     offsetof(struct e1000, a[0].f),                                                                                   \
     sizeof(OF(a)[0]),                                                                                                 \
     sizeof(OF(a)) / sizeof(OF(a)[0]),                                                                                 \
     sizeof(OF(a)[0].f),                                                                                               \
     TOP(OF(a)[0].f, most),                                                                                            \
     SAVED},
#define BYTES(f) {#f, offsetof(struct e1000, f), 1, sizeof(OF(f)), 1, ANY, SAVED},
#define LEFT(f, why) {#f, offsetof(struct e1000, f), sizeof(OF(f)), 1, sizeof(OF(f)), ANY, LEFT_OUT},
#include "../save.def"
};
#define ENTRIES (sizeof entries / sizeof entries[0])

static uint8_t fate[sizeof(struct e1000)];

static void draw_map(void)
{
    memset(fate, NOBODY, sizeof fate);
    for (const struct entry *e = entries; e < entries + ENTRIES; e++)
        for (size_t i = 0; i < e->count; i++)
            for (size_t k = 0; k < e->size; k++) {
                const size_t at = e->offset + i * e->stride + k;

                ck_assert_msg(fate[at] == NOBODY, "save.def has two rows for byte %zu of struct e1000, one is %s", at,
                              e->name);
                fate[at] = (uint8_t)e->fate;
            }
}

/*
 * A gap that no row has, before a field whose alignment asks for it. A field that is missing can hide in
 * one: fields.sh, which asks the debug information, finds that.
 */
static bool is_padding(size_t at)
{
    size_t begin = at, end = at, aligned;

    while (begin > 0 && fate[begin - 1] == NOBODY)
        begin--;
    while (end < sizeof fate && fate[end] == NOBODY)
        end++;
    aligned = end & (0 - end);
    return end - begin < (aligned < _Alignof(struct e1000) ? aligned : _Alignof(struct e1000));
}

static const char *row_before(size_t at)
{
    const struct entry *best = NULL;

    for (const struct entry *e = entries; e < entries + ENTRIES; e++)
        if (e->offset < at && (best == NULL || e->offset > best->offset))
            best = e;
    return best == NULL ? "the beginning" : best->name;
}

START_TEST(save_def_has_every_field_of_the_device)
{
    draw_map();
    for (size_t at = 0; at < sizeof fate; at++)
        ck_assert_msg(fate[at] != NOBODY || is_padding(at),
                      "a field of struct e1000 behind %s (byte %zu) has no row in model/save.def: save it, or say "
                      "there why it is left out",
                      row_before(at), at);
}
END_TEST

/* A value of its own in every byte, as far as the row lets it. */
static uint64_t pattern(const struct entry *e, size_t i)
{
    uint64_t v = (e->offset * UINT64_C(0x9e3779b97f4a7c15) ^ (i + 1) * UINT64_C(0xc2b2ae3d27d4eb4f)) | 0x01;

    v ^= v >> 29;
    return e->most == ANY ? v | 0x0101010101010101 : 1 + v % e->most;
}

static void fill(struct e1000 *dev, bool complement)
{
    for (const struct entry *e = entries; e < entries + ENTRIES; e++)
        for (size_t i = 0; e->fate == SAVED && i < e->count; i++) {
            const uint64_t all = e->most == ANY ? UINT64_MAX : e->most;
            const uint64_t v = complement ? all - pattern(e, i) : pattern(e, i);
            uint8_t *const p = (uint8_t *)dev + e->offset + i * e->stride;
            const uint16_t v16 = (uint16_t)v;
            const uint32_t v32 = (uint32_t)v;

            if (e->size == 1)
                *p = (uint8_t)v;
            else if (e->size == 2)
                memcpy(p, &v16, 2);
            else if (e->size == 4)
                memcpy(p, &v32, 4);
            else
                memcpy(p, &v, 8);
        }
}

static void comes_back(bool complement, uint8_t before)
{
    struct e1000 *const a = (struct e1000 *)&a_room, *const b = (struct e1000 *)&b_room;

    draw_map();
    memset(&a_room, 0, sizeof a_room);
    fill(a, complement);
    ck_assert_uint_ne(e1000_save(a, blob, sizeof blob), 0);
    memset(&b_room, before, sizeof b_room);
    save_take_fields(b, blob + HEADER);
    for (size_t at = 0; at < sizeof fate; at++)
        if (fate[at] == SAVED)
            ck_assert_msg(a_room.bytes[at] == b_room.bytes[at], "byte %zu, behind %s, came back as %02x, was %02x", at,
                          row_before(at), b_room.bytes[at], a_room.bytes[at]);
        else
            ck_assert_msg(b_room.bytes[at] == before, "byte %zu, behind %s, is not saved, but written", at,
                          row_before(at));
}

START_TEST(every_saved_byte_comes_back)
{
    comes_back(false, 0x5a);
}
END_TEST
START_TEST(its_complement_comes_back_too)
{
    comes_back(true, 0xa5);
}
END_TEST

START_TEST(zeros_come_back_over_something_else)
{
    struct e1000 *const b = (struct e1000 *)&b_room;

    draw_map();
    memset(&a_room, 0, sizeof a_room);
    e1000_save((struct e1000 *)&a_room, blob, sizeof blob);
    memset(&b_room, 0xff, sizeof b_room);
    save_take_fields(b, blob + HEADER);
    for (size_t at = 0; at < sizeof fate; at++)
        ck_assert_msg(b_room.bytes[at] == (fate[at] == SAVED ? 0 : 0xff), "byte %zu, behind %s", at, row_before(at));
}
END_TEST

START_TEST(the_largest_blob_has_the_size_that_save_size_says)
{
    size_t size;

    memset(&a_room, 0, sizeof a_room);
    fill((struct e1000 *)&a_room, false);
    memset(blob, 0xee, sizeof blob);
    size = e1000_save((struct e1000 *)&a_room, blob, e1000_save_size());
    ck_assert_uint_eq(size, e1000_save_size());
    ck_assert_uint_eq(blob[size], 0xee);
    ck_assert_uint_eq(e1000_save((struct e1000 *)&a_room, blob, size - 1), 0);
    ck_assert_uint_eq(e1000_save((struct e1000 *)&a_room, NULL, size), 0);
}
END_TEST

/* ---- the format ---- */

static uint32_t le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void set_le32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static size_t save(void)
{
    const size_t size = e1000_save(fx.dev, blob, sizeof blob);

    ck_assert_uint_gt(size, 24);
    return size;
}

static void seal(size_t size)
{
    set_le32(blob + size - 4, e1000_crc32(blob, size - 4));
}

START_TEST(numbers_are_little_endian_whatever_the_machine_is)
{
    size_t size;

    fx_start();
    fx_until(UINT64_C(0x0123456789abcd));
    size = save();
    ck_assert_mem_eq(blob, "e1000sav\1\0\0\0", 12);
    ck_assert_uint_eq(le32(blob + 16), size);
    ck_assert_uint_eq(le32(blob + size - 4), e1000_crc32(blob, size - 4));
    /* eeprom_words 64, device 100Eh, revision 2, three pins, now, then the timers, none of which runs */
    ck_assert_mem_eq(blob + HEADER, "\x40\0\0\0\x0e\x10\x02\0\0\0\0\xcd\xab\x89\x67\x45\x23\x01\0\xff\xff\xff\xff", 22);
}
END_TEST

START_TEST(a_blob_of_zeros_is_short)
{
    fx_start();
    ck_assert_uint_lt(save(), 6000);
}
END_TEST

/* ---- what is refused ---- */

static void refused(size_t size, const char *what, uint64_t n)
{
    memcpy(&a_room, fx.dev, sizeof(struct e1000));
    fx_log_clear();
    ck_assert_msg(!e1000_load(fx.dev, blob, size), "loaded: %s %llu", what, (unsigned long long)n);
    ck_assert_msg(memcmp(&a_room, fx.dev, sizeof(struct e1000)) == 0, "changed the device: %s %llu", what,
                  (unsigned long long)n);
    fx_expect_log("");
}

static void accepted(size_t size, const char *what)
{
    ck_assert_msg(e1000_load(fx.dev, blob, size), "refused: %s", what);
}

START_TEST(every_truncation_is_refused)
{
    size_t size;

    fx_start();
    size = save();
    for (size_t n = 0; n < size; n++)
        refused(n, "the first", n);
    refused(size + 1, "one byte more", 1);
    accepted(size, "as it was");
    ck_assert(!e1000_load(fx.dev, NULL, size));
}
END_TEST

START_TEST(a_truncation_with_a_length_and_a_check_to_match_is_refused)
{
    size_t size;

    fx_start();
    size = save();
    memcpy(other, blob, size);
    for (size_t n = HEADER + 4; n < size; n++) {
        set_le32(blob + 16, (uint32_t)n);
        seal(n);
        refused(n, "cut to", n);
        memcpy(blob, other, size);
    }
    blob[size] = 0; /* one byte too many is no better */
    set_le32(blob + 16, (uint32_t)size + 1);
    seal(size + 1);
    refused(size + 1, "stretched to", size + 1);
}
END_TEST

START_TEST(every_flipped_bit_is_refused)
{
    size_t size;

    fx_start();
    size = save();
    for (size_t bit = 0; bit < 8 * size; bit++) {
        blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
        refused(size, "bit", bit);
        blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    accepted(size, "as it was");
}
END_TEST

START_TEST(a_header_of_another_kind_is_refused_though_its_check_is_right)
{
    size_t size;

    fx_start();
    size = save();
    for (size_t at = 0; at < HEADER; at++) {
        blob[at] ^= 0x01;
        seal(size);
        refused(size, "header byte", at);
        blob[at] ^= 0x01;
    }
    seal(size);
    accepted(size, "as it was");
}
END_TEST

START_TEST(a_block_is_there_or_not)
{
    size_t size, at = 0;

    fx_start();
    size = save();
    /* the packet buffer's last block, all zero, is the byte before the check */
    ck_assert_uint_eq(blob[size - 5], 0);
    at = size - 5;
    blob[at] = 2;
    seal(size);
    refused(size, "block marked", 2);
    blob[at] = 1;
    seal(size);
    refused(size, "block that is not there", 1);
}
END_TEST

/* ---- values that no device has ---- */

static struct e1000 *copy; /* of fx.dev: spoil it, then try() */

static void prepare(void)
{
    fx_start();
    fx_link_up();
    copy = (struct e1000 *)&b_room;
    memcpy(copy, fx.dev, sizeof *copy);
}

static bool loads(void)
{
    const size_t size = e1000_save(copy, blob, sizeof blob);
    bool good;

    ck_assert_uint_ne(size, 0);
    memcpy(&a_room, fx.dev, sizeof(struct e1000));
    good = e1000_load(fx.dev, blob, size);
    ck_assert(good || memcmp(&a_room, fx.dev, sizeof(struct e1000)) == 0);
    if (good)
        memcpy(fx.dev, &a_room, sizeof(struct e1000));
    memcpy(copy, fx.dev, sizeof *copy);
    return good;
}

START_TEST(a_value_beyond_its_row_is_refused)
{
    prepare();
    ck_assert(loads());
    for (const struct entry *e = entries; e < entries + ENTRIES; e++) {
        if (e->fate != SAVED || e->most == ANY || (e->size < 8 && e->most >> 8 * e->size != 0))
            continue;
        for (size_t i = 0; i<e->count; i += e->count> 1 ? e->count - 1 : 1) {
            const uint64_t v = e->most + 1;
            uint8_t *const p = (uint8_t *)copy + e->offset + i * e->stride;
            const uint16_t v16 = (uint16_t)v;
            const uint32_t v32 = (uint32_t)v;

            if (e->size == 1)
                *p = (uint8_t)v;
            else
                memcpy(p, e->size == 2 ? (const void *)&v16 : e->size == 4 ? (const void *)&v32 : &v, e->size);
            ck_assert_msg(!loads(), "%s[%zu] = %llu was loaded", e->name, i, (unsigned long long)v);
        }
    }
}
END_TEST

#define WITH(statement, good)                                                                                          \
    do {                                                                                                               \
        statement;                                                                                                     \
        ck_assert_msg(loads() == (good), #statement);                                                                  \
    } while (0)

START_TEST(times_are_bounded)
{
    prepare();
    WITH(copy->now_ns = INT64_MAX; copy->deadline[T_PHY] = E1000_NEVER, true);
    WITH(copy->now_ns = (uint64_t)INT64_MAX + 1, false);
    WITH(copy->deadline[T_LOAD] = copy->now_ns, true);
    WITH(copy->deadline[T_LOAD] = copy->now_ns - 1, false);
    WITH(copy->deadline[TIMERS - 1] = copy->now_ns - 1, false);
    WITH(copy->deadline[T_RADV] = INT64_MAX, true);
    WITH(copy->deadline[T_RADV] = (uint64_t)INT64_MAX + 1, false);
    WITH(copy->deadline[T_RADV] = UINT64_MAX - 1, false);
    WITH(copy->deadline[T_RADV] = UINT64_MAX, true);
}
END_TEST

START_TEST(registers_hold_what_their_fields_can)
{
    prepare();
    WITH(copy->r[R_TDLEN] = 0x000fff80, true);
    WITH(copy->r[R_TDLEN] = 0x00100000, false);
    WITH(copy->r[R_RDLEN] = 0x00000008, false);
    WITH(copy->r[R_RDT] = 0x00010000, false);
    WITH(copy->r[R_TDT] = 0x00010000, false);
    WITH(copy->r[R_RAH + 15] = 0x00040000, false);
    WITH(copy->r[R_MTA + 127] = 0xffffffff, true);
}
END_TEST

START_TEST(eeproms_have_two_sizes)
{
    prepare();
    WITH(copy->eeprom.words = 0, true);
    WITH(copy->eeprom.words = 64, true);
    WITH(copy->eeprom.words = 256, true);
    WITH(copy->eeprom.words = 1, false);
    WITH(copy->eeprom.words = 128, false);
}
END_TEST

static void two_frames(struct fifo *f) /* the second at the beginning of the region and of the list */
{
    f->head = f->size - 80;
    f->first = FIFO_FRAMES - 1;
    f->count = 2;
    f->frame[FIFO_FRAMES - 1].len = 64;
    f->frame[0].len = 65;
    f->used = 8 + 64 + 8 + 72;
}

START_TEST(a_fifo_lies_in_the_packet_buffer_and_holds_its_frames)
{
    struct fifo *f;

    prepare();
    f = _i == 0 ? &copy->tx.fifo : &copy->rx.fifo;
    WITH(two_frames(f), true);
    WITH(two_frames(f); f->used++, false);
    WITH(two_frames(f); f->used--, false);
    WITH(two_frames(f); f->count = 1, false);
    WITH(two_frames(f); f->frame[0].len = 0; f->used -= 72, false);
    WITH(two_frames(f); f->frame[0].len = 1000; f->used += 1000 - 72, true);
    WITH(two_frames(f); f->head = f->size, false);
    WITH(two_frames(f); f->head = f->size - 1, true);
    WITH(f->head = 8, true);
    WITH(f->base = PBM_BYTES; f->size = 0, true);
    WITH(f->base = PBM_BYTES; f->size = 1, false);
    WITH(f->base = 0; f->size = PBM_BYTES, true);
    WITH(f->base = 1; f->size = PBM_BYTES, false);
    WITH(f->base = 0; f->size = 144; f->head = 0; f->first = 0; f->count = 2; f->frame[0].len = f->frame[1].len = 64;
         f->used = 144, true);
    WITH(f->base = 0; f->size = 143; f->head = 0; f->first = 0; f->count = 2; f->frame[0].len = f->frame[1].len = 64;
         f->used = 144, false);
}
END_TEST

START_TEST(descriptors_on_chip_belong_to_the_ring)
{
    struct desc_cache *c;
    uint32_t *head, *bytes;

    prepare();
    c = _i == 0 ? &copy->tx.cache : &copy->rx.cache;
    head = &copy->r[_i == 0 ? R_TDH : R_RDH];
    bytes = &copy->r[_i == 0 ? R_TDLEN : R_RDLEN];
    WITH(c->used = 63; c->ready = 1, true);
    WITH(c->used = 63; c->ready = 2, false);
    WITH(*bytes = 128; *head = 7; c->index = 7; c->ready = 7, true);
    WITH(*bytes = 128; *head = 7; c->index = 6; c->ready = 7, false);
    WITH(*bytes = 128; *head = 8; c->index = 99, true); /* no ring: nothing of it is used */
    WITH(*bytes = 128; *head = 0; c->index = 8, false);
    WITH(*bytes = 128; *head = 3; c->index = _i == 0 ? 4 : 3; c->used = 7, true);
    WITH(*bytes = 128; *head = 3; c->index = 3; c->used = 8, false);
}
END_TEST

START_TEST(a_frame_half_gathered_has_its_place)
{
    struct fifo *f;

    prepare();
    f = &copy->tx.fifo;
    WITH(copy->tx.partial = copy->tx.length = 100, true);
    WITH(copy->tx.partial = 100; copy->tx.length = 99, false);
    WITH(copy->tx.length = 100, false);
    WITH(copy->tx.partial = copy->tx.length = 100; copy->tx.spoiled = true, false);
    WITH(copy->tx.spoiled = true, true);
    WITH(f->size = 176; copy->tx.partial = copy->tx.length = 104, true); /* 8 + 104 + 64 of padding */
    WITH(f->size = 175; copy->tx.partial = copy->tx.length = 104, false);
    WITH(f->size = 176 + 72; f->count = 1; f->frame[0].len = 64; f->used = 72;
         copy->tx.partial = copy->tx.length = 104, true);
    WITH(f->size = 175 + 72; f->count = 1; f->frame[0].len = 64; f->used = 72;
         copy->tx.partial = copy->tx.length = 104, false);
}
END_TEST

START_TEST(a_frame_half_delivered_is_the_oldest)
{
    struct fifo *f;

    prepare();
    f = &copy->rx.fifo;
    WITH(copy->rx.done = 1, false);
    WITH(f->first = 5; f->count = 1; f->frame[5].len = 64; f->used = 72; copy->rx.done = 63, true);
    WITH(f->first = 5; f->count = 1; f->frame[5].len = 64; f->used = 72; copy->rx.done = 64, false);
}
END_TEST

/* ---- what a load does ---- */

START_TEST(the_board_comes_with_the_blob)
{
    size_t size;

    fx_board();
    fx.config.eeprom_words = 256;
    fx.config.device_id = 0x1015;
    fx.config.revision = 7;
    fx.config.m66en = true;
    fx.config.aux_power = true;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    size = save();

    fx_board();
    fx_power();
    accepted(size, "on another board");
    ck_assert_uint_eq(e1000_now(fx.dev), FX_LOAD_NS);
    ck_assert_uint_eq(e1000_next_event(fx.dev), E1000_NEVER);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0, 4), 0x10158086);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 8, 1), 7);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0x800, 0x800);
    ck_assert_uint_eq(e1000_eeprom_copy(fx.dev, fx.eeprom, 256), 256);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xde, 2) >> 11, 0x09);
    ck_assert_uint_eq(save(), size);
}
END_TEST

START_TEST(pins_follow_and_only_where_they_move)
{
    size_t up, down;

    fx_start();
    down = save();
    memcpy(other, blob, down);
    fx_write(E1000_IMS, 4);
    fx_write(E1000_ICS, 4);
    ck_assert(fx.line);
    up = save();
    fx_log_clear();
    ck_assert(e1000_load(fx.dev, blob, up));
    fx_expect_log("");
    ck_assert(e1000_load(fx.dev, other, down));
    fx_expect_log("line 0\n");
    fx_log_clear();
    ck_assert(e1000_load(fx.dev, blob, up));
    fx_expect_log("line 1\n");
    fx.dev->power.pme = true;
    up = save();
    fx.dev->power.pme = false;
    fx_log_clear();
    ck_assert(e1000_load(fx.dev, blob, up));
    fx_expect_log("pme 1\n");
}
END_TEST

START_TEST(a_host_without_pins_is_not_asked)
{
    size_t size;

    fx_board();
    fx.host.irq_line = NULL;
    fx.host.pme = NULL;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx.dev->irq.asserted = true;
    fx.dev->power.pme = true;
    size = save();
    fx.dev->irq.asserted = false;
    fx.dev->power.pme = false;
    accepted(size, "with pins up");
    ck_assert(e1000_irq_asserted(fx.dev));
}
END_TEST

/*
 * A device in the middle of everything: a frame half gathered, one waiting for descriptors, delays
 * running, an EEPROM read and a PHY access under way.
 */
static void busy_device(void)
{
    static uint8_t frame[200];

    fx_board();
    fx.config.line_rate = true;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_link_up();
    fx_write(E1000_TDBAL, 0x1000);
    fx_write(E1000_TDLEN, 128);
    fx_write(E1000_RDBAL, 0x2000);
    fx_write(E1000_RDLEN, 128);
    fx_write(E1000_TIDV, 20);
    fx_write(E1000_TXDCTL, 1u << 24 | 3u << 16);
    fx_write(E1000_RDTR, 10);
    fx_write(E1000_RADV, 40);
    fx_write(E1000_IMS, 0xffffffff);
    for (uint32_t i = 0; i < 8; i++) {
        fx_put64(0x1000 + 16 * i, 0x4000 + 0x100 * i);
        fx_put32(0x1008 + 16 * i, 100 | (i == 2 || i == 5 || i == 6 ? 0u : 1u) << 24 | 0x8au << 24);
        fx_put64(0x2000 + 16 * i, 0x8000 + 0x800 * i);
    }
    for (uint32_t i = 0; i < 0x800; i++)
        fx.memory[0x4000 + i] = (uint8_t)(i * 7);
    fx_write(E1000_RCTL, 0x0000800a);
    fx_write(E1000_TCTL, 0x0000000a);
    fx_write(E1000_RDT, 2);
    fx_write(E1000_TDT, 7);
    memset(frame, 0xff, 12);
    for (uint32_t i = 12; i < sizeof frame; i++)
        frame[i] = (uint8_t)i;
    for (int i = 0; i < 4; i++)
        e1000_frame_in(fx.dev, frame, sizeof frame - 20 * (size_t)i, 0);
    fx_write(E1000_EERD, 0x0301);
    fx_write(E1000_MDIC, 2u << 26 | 1u << 21 | 2u << 16);
    fx_log_clear();
}

static void go_on(void)
{
    fx_run(5 * US);
    fx_write(E1000_RDT, 7);
    fx_write(E1000_TDT, 0);
    fx_run(30 * US);
    fx_read(E1000_ICR);
    fx_run(1000 * US);
    fx_read(E1000_EERD);
    fx_read(E1000_MDIC);
    fx_read(E1000_ICR);
    for (uint32_t at = E1000_CRCERRS; at < E1000_CRCERRS + 0x100; at += 4)
        fx_read(at);
    fx_read(E1000_TDH);
    fx_read(E1000_RDH);
}

START_TEST(a_loaded_device_goes_on_as_the_saved_one)
{
    static char log[FX_LOG_MAX];
    static uint8_t start[FX_MEMORY], end[FX_MEMORY];
    size_t size;

    busy_device();
    ck_assert_uint_ne(e1000_next_event(fx.dev), E1000_NEVER);
    ck_assert_uint_gt(fx.dev->rx.fifo.count, 0);
    ck_assert_uint_gt(fx.dev->tx.fifo.count, 0);
    ck_assert_uint_gt(fx.dev->tx.partial, 0);
    ck_assert_uint_gt(fx.dev->tx.cache.used, 0);
    size = save();
    memcpy(start, fx.memory, sizeof start);
    go_on();
    strcpy(log, fx.log);
    memcpy(end, fx.memory, sizeof end);

    fx.line = false; /* of a new device on the same host */
    fx_power();
    ck_assert(e1000_load(fx.dev, blob, size));
    memcpy(fx.memory, start, sizeof start);
    fx_log_clear();
    go_on();
    ck_assert_str_eq(fx.log, log);
    ck_assert(memcmp(fx.memory, end, sizeof end) == 0);
}
END_TEST

START_TEST(a_loaded_device_saves_the_same_blob)
{
    size_t size;

    busy_device();
    size = save();
    memcpy(other, blob, size);
    fx.line = false;
    fx_power();
    ck_assert(e1000_load(fx.dev, other, size));
    ck_assert_uint_eq(save(), size);
    ck_assert(memcmp(blob, other, size) == 0);
}
END_TEST

START_TEST(address_filters_come_back_with_the_registers)
{
    uint8_t frame[60] = {0x02, 0, 0, 0, 0, 0x77};
    size_t size;

    fx_start();
    fx_link_up();
    fx_write(E1000_RAL + 8, 0x00000002);
    fx_write(E1000_RAH + 8, 0x80007700);
    fx_write(E1000_RCTL, 2);
    size = save();
    fx_power();
    fx_run(FX_LOAD_NS);
    ck_assert(e1000_load(fx.dev, blob, size));
    fx_log_clear();
    e1000_frame_in(fx.dev, frame, sizeof frame, 0);
    ck_assert_str_eq(fx_log_only("drop"), ""); /* it waits in the FIFO */
    frame[5]++;
    e1000_frame_in(fx.dev, frame, sizeof frame, 0);
    ck_assert_str_eq(fx_log_only("drop"), "drop 64 address filter [3.2.1]\n");
}
END_TEST

START_TEST(a_partner_that_cannot_be_is_saved_as_one_that_can)
{
    struct e1000_partner p = {.autoneg = true, .base_page = 0x0de0, .gigabit_full = true, .role = 3, .next_pages = 5};
    size_t size;

    fx_start();
    e1000_partner(fx.dev, &p);
    size = save();
    ck_assert(e1000_load(fx.dev, blob, size));
    ck_assert_uint_eq(fx.dev->phy.partner.role, 0);
    ck_assert_uint_eq(fx.dev->phy.partner.next_pages, 4);
    p.role = 2;
    p.next_pages = 4;
    e1000_partner(fx.dev, &p);
    ck_assert_uint_eq(fx.dev->phy.partner.role, 2);
    ck_assert_uint_eq(fx.dev->phy.partner.next_pages, 4);
}
END_TEST

Suite *save_suite(void);
Suite *save_suite(void)
{
    Suite *s = suite_create("save");
    TCase *c = tcase_create("save");

    tcase_set_timeout(c, 60);
    tcase_add_test(c, save_def_has_every_field_of_the_device);
    tcase_add_test(c, every_saved_byte_comes_back);
    tcase_add_test(c, its_complement_comes_back_too);
    tcase_add_test(c, zeros_come_back_over_something_else);
    tcase_add_test(c, the_largest_blob_has_the_size_that_save_size_says);
    tcase_add_test(c, numbers_are_little_endian_whatever_the_machine_is);
    tcase_add_test(c, a_blob_of_zeros_is_short);
    tcase_add_test(c, every_truncation_is_refused);
    tcase_add_test(c, a_truncation_with_a_length_and_a_check_to_match_is_refused);
    tcase_add_test(c, every_flipped_bit_is_refused);
    tcase_add_test(c, a_header_of_another_kind_is_refused_though_its_check_is_right);
    tcase_add_test(c, a_block_is_there_or_not);
    tcase_add_test(c, a_value_beyond_its_row_is_refused);
    tcase_add_test(c, times_are_bounded);
    tcase_add_test(c, registers_hold_what_their_fields_can);
    tcase_add_test(c, eeproms_have_two_sizes);
    tcase_add_loop_test(c, a_fifo_lies_in_the_packet_buffer_and_holds_its_frames, 0, 2);
    tcase_add_loop_test(c, descriptors_on_chip_belong_to_the_ring, 0, 2);
    tcase_add_test(c, a_frame_half_gathered_has_its_place);
    tcase_add_test(c, a_frame_half_delivered_is_the_oldest);
    tcase_add_test(c, the_board_comes_with_the_blob);
    tcase_add_test(c, pins_follow_and_only_where_they_move);
    tcase_add_test(c, a_host_without_pins_is_not_asked);
    tcase_add_test(c, a_loaded_device_goes_on_as_the_saved_one);
    tcase_add_test(c, a_loaded_device_saves_the_same_blob);
    tcase_add_test(c, address_filters_come_back_with_the_registers);
    tcase_add_test(c, a_partner_that_cannot_be_is_saved_as_one_that_can);
    suite_add_tcase(s, c);
    return s;
}
