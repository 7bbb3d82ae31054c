/*
 * save.c - the whole device as bytes, and back
 *
 * Called  by the host
 * Calls   regs_mask for what a register can hold; rx_filters; host->irq_line and pme where a load moves them
 *
 * save.def lists what is saved. A blob is
 *
 *   magic 8, version 4, list 4, length 4, the fields in the order of the list, check 4
 *
 * with every number little-endian in the width of its field. list is a CRC-32 of names, widths and
 * counts: a blob of a device with other fields is not this one's. Arrays of more than BLOCK elements are
 * cut into blocks, each behind a byte that says whether it is there (1) or all zero (0).
 *
 * Whoever wrote the blob may be an attacker, so all of it is looked at before any of it is taken: each
 * value against its row, then sane() for what must hold between them.
 */
#include "tx.h"

#include <string.h>

#define VERSION 1u /* raise it when a field gets another meaning under the same row */
#define HEADER_BYTES 20u
#define CHECK_BYTES 4u
#define BLOCK 64u
#define BLOCKS_LOOKED (FIFO_FRAMES / BLOCK) /* no array whose elements sane() looks at has more */

static const char magic[8] = {'e', '1', '0', '0', '0', 's', 'a', 'v'};

struct row {
    const char *name;
    uint64_t most;
    uint32_t offset, stride, count; /* of elements in struct e1000 */
    uint32_t size;                  /* of one */
    uint32_t array;                 /* offset of the array that has them: the structures', or the elements' own */
};

_Static_assert(sizeof(bool) == 1, "a flag is one byte");

#define OF(field) (((struct e1000 *)0)->field)
#define SIZE(x) _Generic((x), bool : 1, uint8_t : 1, uint16_t : 2, uint32_t : 4, uint64_t : 8)
#define ANY UINT64_MAX
#define MOST(x, most) _Generic((x), bool : UINT64_C(1), default : (uint64_t)(most))
#define COUNT(array) (sizeof(OF(array)) / sizeof(OF(array)[0]))

static const struct row rows[] = {
#define ONE(f, most)                                                                                                   \
    {#f, MOST(OF(f), most), offsetof(struct e1000, f), SIZE(OF(f)), 1, SIZE(OF(f)), offsetof(struct e1000, f)},
#define MANY(f, most)                                                                                                  \
    {#f,       MOST(OF(f)[0], most), offsetof(struct e1000, f), SIZE(OF(f)[0]),                                        \
     COUNT(f), SIZE(OF(f)[0]),       offsetof(struct e1000, f)},
#define EACH(a, f, most)                                                                                               \
    {#a "." #f, MOST(OF(a)[0].f, most), offsetof(struct e1000, a[0].f), sizeof(OF(a)[0]),                              \
     COUNT(a),  SIZE(OF(a)[0].f),       offsetof(struct e1000, a)},
#define BYTES(f) {#f, ANY, offsetof(struct e1000, f), 1, sizeof(OF(f)), 1, offsetof(struct e1000, f)},
#include "save.def"
};
#define ROWS (sizeof rows / sizeof rows[0])
#define EACH_ROW(row) (const struct row *row = rows; row < rows + ROWS; row++)

/* ---- one element ---- */

/* The builtin: -ffreestanding would make a call of each. */
static inline uint64_t get_field(const uint8_t *p, uint32_t size)
{
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (size) {
    case 1:
        return *p;
    case 2:
        __builtin_memcpy(&v16, p, sizeof v16);
        return v16;
    case 4:
        __builtin_memcpy(&v32, p, sizeof v32);
        return v32;
    default:
        __builtin_memcpy(&v64, p, sizeof v64);
        return v64;
    }
}

static inline void put_field(uint8_t *p, uint32_t size, uint64_t value)
{
    const uint16_t v16 = (uint16_t)value;
    const uint32_t v32 = (uint32_t)value;

    switch (size) {
    case 1:
        *p = (uint8_t)value;
        break;
    case 2:
        __builtin_memcpy(p, &v16, sizeof v16);
        break;
    case 4:
        __builtin_memcpy(p, &v32, sizeof v32);
        break;
    default:
        __builtin_memcpy(p, &value, sizeof value);
        break;
    }
}

static uint64_t get_saved(const uint8_t *p, uint32_t size)
{
    return size == 1 ? *p : size == 2 ? get16(p) : size == 4 ? get32(p) : get64(p);
}

static void put_saved(uint8_t *p, uint32_t size, uint64_t value)
{
    for (uint32_t i = 0; i < size; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

/* ---- blocks ---- */

static bool in_blocks(const struct row *row)
{
    return row->count > BLOCK;
}

static uint32_t block_of(const struct row *row, uint32_t first) /* elements of the block that begins there */
{
    const uint32_t left = row->count - first;

    return in_blocks(row) && left > BLOCK ? BLOCK : left;
}

#define CHUNK 64u

static inline uint64_t word(const uint8_t *from, unsigned n)
{
    uint64_t value;

    __builtin_memcpy(&value, from + n * sizeof value, sizeof value);
    return value;
}

/* Word by word: of a copy of all eight, compilers make a copy. */
static inline bool chunk_zero(const uint8_t *from)
{
    return ((word(from, 0) | word(from, 1) | word(from, 2) | word(from, 3)) |
            (word(from, 4) | word(from, 5) | word(from, 6) | word(from, 7))) == 0;
}

/*
 * Zero bytes from here on, at most so many; less than a chunk of them may be left out. In place and in chunks:
 * a device has two thousand blocks, and nearly all of them are empty.
 */
static size_t zeros(const uint8_t *from, size_t most)
{
    size_t n = 0;

    while (n + CHUNK <= most && chunk_zero(from + n))
        n += CHUNK;
    return n;
}

static bool span_zero(const uint8_t *from, size_t bytes)
{
    for (size_t n = zeros(from, bytes); n < bytes; n++)
        if (from[n] != 0)
            return false;
    return true;
}

/* What has been found out about the blocks of an array of structures, whose fields are rows one behind the other. */
struct seen {
    uint32_t array;
    uint64_t looked, empty; /* a bit a block */
};
_Static_assert(FIFO_FRAMES / BLOCK <= 64, "a bit a block");

static bool structures_zero(struct seen *seen, const uint8_t *dev, const struct row *row, uint32_t first)
{
    const uint64_t bit = UINT64_C(1) << first / BLOCK;

    if (seen->array != row->array)
        *seen = (struct seen){.array = row->array};
    if ((seen->looked & bit) == 0) {
        seen->looked |= bit;
        if (span_zero(dev + row->array + (size_t)first * row->stride, (size_t)block_of(row, first) * row->stride))
            seen->empty |= bit;
    }
    return (seen->empty & bit) != 0;
}

/* Of a row in blocks: the one that begins with element first. */
static bool all_zero(struct seen *seen, const uint8_t *dev, const struct row *row, uint32_t first)
{
    const uint8_t *const from = dev + row->offset + (size_t)first * row->stride;
    const uint32_t n = block_of(row, first);

    if (row->stride == row->size)
        return span_zero(from, (size_t)n * row->size);
    if (structures_zero(seen, dev, row, first))
        return true;
    for (uint32_t i = 0; i < n; i++)
        if (get_field(from + (size_t)i * row->stride, row->size) != 0)
            return false;
    return true;
}

static uint8_t *put_block(struct seen *seen, uint8_t *to, const uint8_t *dev, const struct row *row, uint32_t first)
{
    const uint8_t *const from = dev + row->offset + (size_t)first * row->stride;
    const uint32_t n = block_of(row, first);

    if (in_blocks(row)) {
        *to = !all_zero(seen, dev, row, first);
        if (*to++ == 0)
            return to;
    }
    if (row->size == 1 && row->stride == 1)
        memcpy(to, from, n);
    for (uint32_t i = 0; i < n && (row->size != 1 || row->stride != 1); i++)
        put_saved(to + (size_t)i * row->size, row->size, get_field(from + (size_t)i * row->stride, row->size));
    return to + (size_t)n * row->size;
}

static const uint8_t *take_block(struct seen *seen, uint8_t *dev, const uint8_t *from, const struct row *row,
                                 uint32_t first)
{
    uint8_t *const to = dev + row->offset + (size_t)first * row->stride;
    const uint32_t n = block_of(row, first);
    const bool there = !in_blocks(row) || *from++ != 0;

    if (!there && all_zero(seen, dev, row, first))
        return from;
    if (row->size == 1 && row->stride == 1 && there)
        memcpy(to, from, n);
    else
        for (uint32_t i = 0; i < n; i++)
            put_field(to + (size_t)i * row->stride, row->size,
                      there ? get_saved(from + (size_t)i * row->size, row->size) : 0);
    return there ? from + (size_t)n * row->size : from;
}

/* Past the block, or NULL if it is cut off, or a value in it is more than the row allows. */
static const uint8_t *check_block(const uint8_t *from, const uint8_t *end, const struct row *row, uint32_t n)
{
    if (in_blocks(row)) {
        if (from == end || *from > 1)
            return NULL;
        if (*from++ == 0)
            return from;
    }
    if ((size_t)(end - from) < (size_t)n * row->size)
        return NULL;
    for (uint32_t i = 0; i < n && row->most != ANY; i++)
        if (get_saved(from + (size_t)i * row->size, row->size) > row->most)
            return NULL;
    return from + (size_t)n * row->size;
}

/* ---- all fields ---- */

/* The fields of a blob that check_fields() has passed. */
struct fields {
    const uint8_t *at[ROWS]; /* where each row begins */
    size_t last;             /* row that was asked for last */
};

/* A row that is an array by itself, so that its empty blocks are one stretch of zeros. */
static bool in_one_piece(const struct row *row)
{
    return in_blocks(row) && row->stride == row->size;
}

static uint8_t *put_row(struct seen *seen, uint8_t *to, const uint8_t *dev, const struct row *row)
{
    for (uint32_t i = 0; i < row->count; i += BLOCK) {
        if (in_one_piece(row)) {
            const uint8_t *const from = dev + row->offset + (size_t)i * row->size;
            const uint32_t empty = (uint32_t)(zeros(from, (size_t)(row->count - i) * row->size) / (BLOCK * row->size));

            memset(to, 0, empty);
            to += empty;
            i += empty * BLOCK;
        }
        if (i < row->count)
            to = put_block(seen, to, dev, row, i);
    }
    return to;
}

static const uint8_t *take_row(struct seen *seen, uint8_t *dev, const uint8_t *from, const struct row *row)
{
    for (uint32_t i = 0; i < row->count; i += BLOCK) {
        if (in_one_piece(row)) {
            uint8_t *const to = dev + row->offset + (size_t)i * row->size;
            uint32_t empty = 0;

            while (i + (empty + 1) * BLOCK <= row->count && from[empty] == 0)
                empty++;
            if (!span_zero(to, (size_t)empty * BLOCK * row->size)) /* most of a new device is */
                memset(to, 0, (size_t)empty * BLOCK * row->size);
            from += empty;
            i += empty * BLOCK;
        }
        if (i < row->count)
            from = take_block(seen, dev, from, row, i);
    }
    return from;
}

static uint8_t *put_fields(const struct e1000 *dev, uint8_t *to)
{
    struct seen seen = {0};

    for
        EACH_ROW(row)
    to = put_row(&seen, to, (const uint8_t *)dev, row);
    return to;
}

void save_take_fields(struct e1000 *dev, const uint8_t *from)
{
    struct seen seen = {0};

    for
        EACH_ROW(row)
    from = take_row(&seen, (uint8_t *)dev, from, row);
}

/* Notes where each row begins; end is the end of the blob's fields. */
static bool check_fields(struct fields *fields, const uint8_t *from, const uint8_t *end)
{
    for
        EACH_ROW(row)
        {
            fields->at[row - rows] = from;
            for (uint32_t i = 0; i < row->count; i += BLOCK)
                if ((from = check_block(from, end, row, block_of(row, i))) == NULL)
                    return false;
        }
    fields->last = 0;
    return from == end;
}

/* ---- what must hold between fields ---- */

/* A row and where its elements stand in the fields: in blocks of BLOCK, NULL for an empty one. */
struct place {
    const struct row *row;
    const uint8_t *block[BLOCKS_LOOKED];
};

/* The row that has the element at this offset of struct e1000. Those asked for one behind the other are neighbours. */
static const struct row *row_of(struct fields *fields, size_t offset)
{
    for (size_t n = 0; n < ROWS; n++) {
        const struct row *const row = &rows[fields->last];
        const size_t at = offset - row->offset;

        if (offset >= row->offset && at < (size_t)row->count * row->stride && at % row->stride == 0)
            return row;
        fields->last = fields->last + 1 < ROWS ? fields->last + 1 : 0;
    }
    ASSERT(!"save.def has a row for whatever is looked at");
    return rows;
}

static void find(struct place *place, struct fields *fields, size_t offset)
{
    const struct row *const row = place->row = row_of(fields, offset);
    const uint8_t *at = fields->at[row - rows];
    const uint32_t blocks = (row->count + BLOCK - 1) / BLOCK;

    ASSERT(blocks <= BLOCKS_LOOKED);
    for (uint32_t i = 0; i < blocks; i++) {
        const bool there = !in_blocks(row) || *at++ != 0;

        place->block[i] = there ? at : NULL;
        if (there)
            at += (size_t)BLOCK * row->size;
    }
}

static uint64_t element(const struct place *place, uint32_t n)
{
    const struct row *const row = place->row;
    const uint8_t *const at = place->block[n / BLOCK];

    return at != NULL ? get_saved(at + (size_t)(n % BLOCK) * row->size, row->size) : 0;
}

static uint64_t look(struct fields *from, size_t offset)
{
    const struct row *const row = row_of(from, offset);
    const uint32_t n = (uint32_t)((offset - row->offset) / row->stride);
    struct place place;

    if (!in_blocks(row))
        return get_saved(from->at[row - rows] + (size_t)n * row->size, row->size);
    find(&place, from, offset);
    return element(&place, n);
}

#define IN(field) ((uint32_t)look(from, offsetof(struct e1000, field)))
#define IN64(field, n) look(from, offsetof(struct e1000, field) + (n) * sizeof(OF(field)))

/* A register holds nothing in bits that no field names: rings are no longer than RDLEN and TDLEN can say. */
static bool registers_sane(struct fields *from)
{
    struct place r;
    unsigned slot, count;
    uint32_t bits;

    find(&r, from, offsetof(struct e1000, r));
    for (size_t n = 0; n < e1000_reg_count(); n++) {
        bits = regs_mask(n, &slot, &count);
        for (unsigned i = 0; i < count; i++)
            if (((uint32_t)element(&r, slot + i) & ~bits) != 0)
                return false;
    }
    return true;
}

static bool timers_sane(struct fields *from)
{
    const uint64_t now = IN64(now_ns, 0);

    for (unsigned t = 0; t < TIMERS; t++) {
        const uint64_t at = IN64(deadline[0], t);

        if (at != E1000_NEVER && (at < now || at > SAVE_TIME_MAX))
            return false;
    }
    return true;
}

static bool fifo_sane(struct fields *from, size_t fifo)
{
#define F(member) ((uint32_t)look(from, fifo + offsetof(struct fifo, member)))
    const uint32_t base = F(base), size = F(size), head = F(head), first = F(first), count = F(count);
    struct place lengths;
    uint64_t used = 0;

    if (size > PBM_BYTES - base || (head >= size && head != 0))
        return false;
    find(&lengths, from, fifo + offsetof(struct fifo, frame[0].len));
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t len = (uint32_t)element(&lengths, (first + i) % FIFO_FRAMES);

        if (len == 0)
            return false;
        used += fifo_cost(len);
    }
    return used <= size && used == F(used);
#undef F
}

/* The descriptors on chip end where the head is; done: processed ones that the head has passed. */
static bool cache_sane(struct fields *from, size_t cache, uint32_t bytes, uint32_t head, bool passed)
{
#define C(member) ((uint32_t)look(from, cache + offsetof(struct desc_cache, member)))
    const uint32_t entries = bytes / DESC_BYTES, index = C(index), used = C(used);

    if (used + C(ready) > DESC_CACHE)
        return false;
    if (head >= entries) /* no ring; none of these can be used before one is there, which clears them */
        return true;
    return index < entries && used < entries && (passed ? (index + used) % entries == head : index == head);
#undef C
}

/* A frame half gathered has its place in the FIFO, with room for padding. */
static bool gathering_sane(struct fields *from)
{
    const uint32_t partial = IN(tx.partial);

    if (partial != IN(tx.length) || (partial != 0 && IN(tx.spoiled) != 0))
        return false;
    return partial == 0 ||
           (fifo_cost(partial + MIN_FRAME) <= IN(tx.fifo.size) - IN(tx.fifo.used) && IN(tx.fifo.count) < FIFO_FRAMES);
}

/* A segmentation half way has a context that tx_segments.c has let pass, and no more bytes than that promised. */
static bool segmentation_sane(struct fields *from)
{
    const uint32_t header = IN(tx.frame.context.hdrlen), mss = IN(tx.frame.context.mss);
    const uint32_t paylen = IN(tx.frame.context.paylen), sent = IN(tx.tso.sent), length = IN(tx.length);

    if (IN(tx.frame.kind) != SEGMENTS || IN(tx.spoiled) != 0)
        return true;
    if (IN(tx.frame.context.loaded) == 0 || header == 0 || header > TSO_HEADER_MAX || mss == 0 ||
        header + mss > TX_FRAME_MAX || fifo_cost(header + mss + MIN_FRAME) > IN(tx.fifo.size))
        return false;
    if (sent > paylen || IN(tx.tso.have) > header || (IN(tx.tso.have) < header && (sent != 0 || length != 0)))
        return false;
    return length == 0 || (length >= header && length - header < mss && length - header < paylen - sent &&
                           fifo_cost(header + mss + MIN_FRAME) <= IN(tx.fifo.size) - IN(tx.fifo.used));
}

static bool delivery_sane(struct fields *from)
{
    const size_t len = offsetof(struct e1000, rx.fifo.frame[0].len) + IN(rx.fifo.first) * sizeof(struct fifo_frame);
    const uint32_t done = IN(rx.done);

    return done == 0 || (IN(rx.fifo.count) > 0 && done < look(from, len));
}

static bool sane(struct fields *from)
{
    const uint32_t words = IN(eeprom.words);

    return (words == 0 || words == 64 || words == 256) && timers_sane(from) && registers_sane(from) &&
           fifo_sane(from, offsetof(struct e1000, tx.fifo)) && fifo_sane(from, offsetof(struct e1000, rx.fifo)) &&
           cache_sane(from, offsetof(struct e1000, tx.cache), IN(r[R_TDLEN]), IN(r[R_TDH]), true) &&
           cache_sane(from, offsetof(struct e1000, rx.cache), IN(r[R_RDLEN]), IN(r[R_RDH]), false) &&
           gathering_sane(from) && segmentation_sane(from) && delivery_sane(from);
}

/* ---- blobs ---- */

/* What the list says, in a number. */
static uint32_t list_check(void)
{
    uint32_t crc = UINT32_MAX;

    for
        EACH_ROW(row)
        {
            uint8_t numbers[8];
            size_t len = 0;

            while (row->name[len] != '\0')
                len++;
            put32(numbers, row->size);
            put32(numbers + 4, row->count);
            crc = crc32_update(crc, row->name, len + 1);
            crc = crc32_update(crc, numbers, sizeof numbers);
        }
    return ~crc;
}

size_t e1000_save_size(void)
{
    size_t bytes = HEADER_BYTES + CHECK_BYTES;

    for
        EACH_ROW(row)
    bytes += (size_t)row->count * row->size + (in_blocks(row) ? (row->count + BLOCK - 1) / BLOCK : 0);
    return bytes;
}

size_t e1000_save(const struct e1000 *dev, void *blob, size_t size)
{
    uint8_t *const start = blob, *end;

    if (blob == NULL || size < e1000_save_size())
        return 0;
    ASSERT(!dev->tx.busy && dev->tx.iovcnt == 0 && dev->tx.group.segments == 0); /* not from a callback */
    end = put_fields(dev, start + HEADER_BYTES);
    memcpy(start, magic, sizeof magic);
    put32(start + 8, VERSION);
    put32(start + 12, list_check());
    put32(start + 16, (uint32_t)(end + CHECK_BYTES - start));
    put32(end, e1000_crc32(start, (size_t)(end - start)));
    return (size_t)(end + CHECK_BYTES - start);
}

static bool ours(const uint8_t *start, size_t size)
{
    return size >= HEADER_BYTES + CHECK_BYTES && memcmp(start, magic, sizeof magic) == 0 &&
           get32(start + 8) == VERSION && get32(start + 12) == list_check() && get32(start + 16) == size &&
           get32(start + size - CHECK_BYTES) == e1000_crc32(start, size - CHECK_BYTES);
}

/* What save.def leaves out. */
static void derive(struct e1000 *dev)
{
    dev->next_ns = E1000_NEVER;
    for (unsigned t = 0; t < TIMERS; t++)
        if (dev->deadline[t] < dev->next_ns)
            dev->next_ns = dev->deadline[t];
    dev->tx.iovcnt = dev->tx.group.segments = 0;
    dev->tx.busy = false;
    rx_filters(dev);
    rx_changed(dev);
}

bool e1000_load(struct e1000 *dev, const void *blob, size_t size)
{
    const bool line = dev->irq.asserted, pme = dev->power.pme;
    const uint8_t *first;
    struct fields fields;

    if (blob == NULL || !ours(blob, size))
        return false;
    first = (const uint8_t *)blob + HEADER_BYTES;
    if (!check_fields(&fields, first, first + size - HEADER_BYTES - CHECK_BYTES) || !sane(&fields))
        return false;
    save_take_fields(dev, first);
    derive(dev);
    if (dev->irq.asserted != line && dev->host.irq_line != NULL)
        dev->host.irq_line(dev->host.ctx, dev->irq.asserted);
    if (dev->power.pme != pme && dev->host.pme != NULL)
        dev->host.pme(dev->host.ctx, dev->power.pme);
    return true;
}
