/*
 * record.c - writing a recording
 *
 * A call is kept in pending until it is over, then come the record and the DMA that happened in it. Time that
 * passed without any DMA becomes a flag of the call behind it.
 */
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *at;
    size_t len, room;
};

struct record {
    FILE *file;
    uint32_t check;
    uint64_t count;
    bool failed;

    bool passed; /* since the last record time has become now_ns */
    uint64_t now_ns;
    uint8_t kind; /* of the call under way; RECORD_END: none */
    enum e1000_bar bar;
    uint32_t offset;
    unsigned size;
    uint64_t value;
    struct bytes call, dma; /* the rest of the call's record; records of DMA in it */
    uint64_t dma_count;
    struct record_memory memory;
};

/* ---- bytes ---- */

static void put(struct record *record, struct bytes *to, const void *from, size_t len)
{
    if (len > to->room - to->len) {
        const size_t room = 2 * (to->len + len) + 256;
        uint8_t *const bigger = realloc(to->at, room);

        if (bigger == NULL) {
            record->failed = true;
            errno = ENOMEM;
            return;
        }
        to->at = bigger;
        to->room = room;
    }
    if (len > 0)
        memcpy(to->at + to->len, from, len);
    to->len += len;
}

static void put_byte(struct record *record, struct bytes *to, unsigned byte)
{
    const uint8_t b = (uint8_t)byte;

    put(record, to, &b, 1);
}

static void put_number(struct record *record, struct bytes *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_byte(record, to, 0x80 | (unsigned)(value & 0x7f));
    put_byte(record, to, (unsigned)value);
}

/* How many bytes from at on are like the first. */
static size_t run_of(const uint8_t *at, size_t len)
{
    size_t n = 1;

    while (n < len && at[n] == at[0])
        n++;
    return n;
}

static void put_runs(struct record *record, struct bytes *to, const uint8_t *at, size_t len)
{
    while (len > 0) {
        size_t n = run_of(at, len);

        if (n >= 4 || n == len) {
            put_number(record, to, (uint64_t)n << 1 | 1);
            put_byte(record, to, at[0]);
        } else {
            while (n < len && run_of(at + n, len - n) < 4)
                n++;
            put_number(record, to, (uint64_t)n << 1);
            put(record, to, at, n);
        }
        at += n;
        len -= n;
    }
}

static void put_bytes(struct record *record, struct bytes *to, const void *bytes, size_t len)
{
    struct record_memory *const m = &record->memory;

    for (unsigned back = 1; back <= RECORD_RECENT && len > 0 && len <= RECORD_RECENT_MAX; back++) {
        const unsigned i = (m->next + RECORD_RECENT - back) % RECORD_RECENT;

        if (m->recent[i].len == len && memcmp(m->recent[i].bytes, bytes, len) == 0) {
            put_number(record, to, back);
            return;
        }
    }
    put_number(record, to, 0);
    put_number(record, to, len);
    put_runs(record, to, bytes, len);
    if (len == 0 || len > RECORD_RECENT_MAX)
        return;
    m->recent[m->next].len = len;
    memcpy(m->recent[m->next].bytes, bytes, len);
    m->next = (m->next + 1) % RECORD_RECENT;
}

static void out(struct record *record, struct bytes *bytes)
{
    for (size_t i = 0; i < bytes->len; i++)
        record->check = record_check(record->check, bytes->at[i]);
    if (bytes->len > 0 && fwrite(bytes->at, 1, bytes->len, record->file) != bytes->len)
        record->failed = true;
    bytes->len = 0;
}

/* ---- a file ---- */

struct record *record_new(FILE *to)
{
    struct record *const record = calloc(1, sizeof *record);

    if (record == NULL)
        return NULL;
    record->file = to;
    record->check = RECORD_CHECK_START;
    put(record, &record->call, RECORD_MAGIC, RECORD_MAGIC_LEN);
    out(record, &record->call);
    return record;
}

struct record *record_open(const char *path, char *why, size_t size)
{
    FILE *const file = fopen(path, "wb");
    struct record *const record = file != NULL ? record_new(file) : NULL;

    if (record != NULL)
        return record;
    snprintf(why, size, "%s: %s", path, strerror(file == NULL ? errno : ENOMEM));
    if (file != NULL)
        fclose(file);
    return NULL;
}

/* ---- records ---- */

/* The byte that a record begins with, and its time. */
static void write_head(struct record *record, unsigned kind)
{
    struct bytes head = {0};

    if (record->passed)
        kind |= RECORD_TIME;
    put_byte(record, &head, kind);
    if (record->passed)
        put_number(record, &head, record->now_ns - record->memory.now_ns);
    record->memory.now_ns = record->now_ns;
    record->passed = false;
    record->count++;
    out(record, &head);
    free(head.at);
}

static void begin(struct record *record, enum record_kind kind)
{
    record->kind = (uint8_t)kind;
    record->call.len = record->dma.len = 0;
    record->dma_count = 0;
}

static bool is_access(unsigned kind)
{
    return kind >= RECORD_BAR_READ && kind <= RECORD_OWN_WRITE;
}

/* Where and what: its flags. */
static unsigned put_access(struct record *record, uint64_t value)
{
    const bool config = record->kind == RECORD_CONFIG_READ || record->kind == RECORD_CONFIG_WRITE;
    const bool plain = !config && record->bar == E1000_BAR_MEM && record->size == 4;
    const bool same = record->memory.offset == record->offset;
    uint64_t *const before = record_value(&record->memory, config ? 7 : record->bar, record->offset);

    if (config)
        put_byte(record, &record->call, record->size);
    else if (!plain)
        put_byte(record, &record->call, (unsigned)record->bar << 4 | record->size);
    if (!same)
        put_number(record, &record->call, record->offset);
    put_number(record, &record->call, value ^ *before);
    record->memory.offset = record->offset;
    *before = value;
    return (plain ? RECORD_PLAIN : 0) | (same ? RECORD_SAME : 0);
}

void record_done(struct record *record, uint64_t value)
{
    unsigned flags = 0;

    if (record == NULL || record->kind == RECORD_END)
        return;
    if (record->kind == RECORD_ADVANCE && record->dma.len == 0) {
        record->kind = RECORD_END;
        return;
    }
    if (is_access(record->kind))
        flags = put_access(
            record, record->kind == RECORD_BAR_READ || record->kind == RECORD_CONFIG_READ ? value : record->value);
    write_head(record, record->kind | flags);
    out(record, &record->call);
    record->count += record->dma_count;
    out(record, &record->dma);
    record->kind = RECORD_END;
}

void record_board(struct record *record, const struct e1000_config *board, uint32_t offloads)
{
    uint8_t words[512];
    struct bytes *const to = record != NULL ? &record->call : NULL;

    if (record == NULL)
        return;
    begin(record, RECORD_BOARD);
    record->now_ns = record->memory.now_ns = 0;
    record->passed = false;
    put_number(record, to, offloads);
    put_number(record, to, board->device_id);
    put_number(record, to, board->revision);
    put_number(record, to,
               (board->aux_power ? RECORD_STRAP_AUX_POWER : 0) | (board->m66en ? RECORD_STRAP_M66EN : 0) |
                   (board->line_rate ? RECORD_STRAP_LINE_RATE : 0) | (board->defer_dma ? RECORD_STRAP_DEFER_DMA : 0));
    put_number(record, to, board->eeprom_words);
    for (unsigned i = 0; i < board->eeprom_words && i < 256; i++) {
        const uint16_t word = board->eeprom != NULL ? board->eeprom[i] : 0xffff;

        words[2 * i] = (uint8_t)word;
        words[2 * i + 1] = (uint8_t)(word >> 8);
    }
    put_runs(record, to, words, 2 * (size_t)(board->eeprom_words < 256 ? board->eeprom_words : 256));
    put_number(record, to, board->flash != NULL ? board->flash_bytes : 0);
    put_runs(record, to, board->flash, board->flash != NULL ? board->flash_bytes : 0);
}

void record_advance(struct record *record, uint64_t now_ns)
{
    if (record == NULL)
        return;
    begin(record, RECORD_ADVANCE);
    if (now_ns <= record->now_ns)
        return; /* as the device: time never goes back */
    record->now_ns = now_ns;
    record->passed = true;
}

void record_access(struct record *record, enum record_kind kind, enum e1000_bar bar, uint32_t offset, unsigned size,
                   uint64_t value)
{
    if (record == NULL)
        return;
    begin(record, kind);
    record->bar = bar;
    record->offset = offset;
    record->size = size;
    record->value = value;
}

void record_dma(struct record *record)
{
    if (record != NULL)
        begin(record, RECORD_DMA);
}

void record_frame(struct record *record, const void *frame, size_t len, uint32_t flags)
{
    if (record == NULL)
        return;
    begin(record, RECORD_FRAME);
    put_number(record, &record->call, flags);
    put_bytes(record, &record->call, frame, len);
}

void record_partner(struct record *record, const struct e1000_partner *p)
{
    if (record == NULL)
        return;
    begin(record, RECORD_PARTNER);
    put_byte(record, &record->call, p != NULL);
    if (p == NULL)
        return;
    put_number(record, &record->call,
               (p->autoneg ? 1 : 0) | (p->gigabit_full ? 2 : 0) | (p->gigabit_half ? 4 : 0) | (p->full_duplex ? 8 : 0) |
                   (p->crossover ? 16 : 0) | (p->reversed ? 32 : 0) | (p->sleeps ? 64 : 0));
    put_number(record, &record->call, p->base_page);
    put_number(record, &record->call, p->speed);
    put_number(record, &record->call, p->pairs);
    put_number(record, &record->call, p->cable_length);
    put_number(record, &record->call, p->role);
    put_number(record, &record->call, p->next_pages);
    for (size_t i = 0; i < sizeof p->next_page / sizeof p->next_page[0]; i++)
        put_number(record, &record->call, p->next_page[i]);
}

void record_pin(struct record *record, unsigned pin, bool level)
{
    if (record == NULL)
        return;
    begin(record, RECORD_PIN);
    put_byte(record, &record->call, pin);
    put_byte(record, &record->call, level);
}

void record_fault(struct record *record, enum e1000_wire_fault fault)
{
    if (record == NULL)
        return;
    begin(record, RECORD_FAULT);
    put_byte(record, &record->call, fault);
}

void record_collide(struct record *record, uint32_t attempts, bool late)
{
    if (record == NULL)
        return;
    begin(record, RECORD_COLLIDE);
    put_number(record, &record->call, attempts);
    put_byte(record, &record->call, late);
}

static void put_addr(struct record *record, unsigned kind, uint64_t addr)
{
    put_byte(record, &record->dma, kind);
    put_number(record, &record->dma, record_zigzag(addr - record->memory.dma_addr));
    record->memory.dma_addr = addr;
    record->dma_count++;
}

void record_dma_read(struct record *record, uint64_t addr, const void *bytes, size_t len, bool good)
{
    if (record == NULL)
        return;
    put_addr(record, RECORD_DMA_READ | (good ? 0 : RECORD_REFUSED), addr);
    if (good)
        put_bytes(record, &record->dma, bytes, len);
    else
        put_number(record, &record->dma, len);
}

void record_dma_write(struct record *record, uint64_t addr, size_t len, bool good)
{
    if (record == NULL)
        return;
    put_addr(record, RECORD_DMA_WRITE | (good ? 0 : RECORD_REFUSED), addr);
    put_number(record, &record->dma, len);
}

bool record_close(struct record *record, char *why, size_t size)
{
    bool good;

    if (record == NULL)
        return true;
    if (record->passed)
        write_head(record, RECORD_ADVANCE);
    record->call.len = 0;
    put_byte(record, &record->call, RECORD_END);
    put_number(record, &record->call, record->count);
    out(record, &record->call);
    for (int i = 0; i < 4; i++)
        put_byte(record, &record->call, record->check >> 8 * i & 0xff);
    put(record, &record->call, RECORD_TRAILER, RECORD_TRAILER_LEN);
    out(record, &record->call);
    good = !record->failed;
    if (fclose(record->file) != 0)
        good = false;
    if (!good)
        snprintf(why, size, "the recording is not whole: %s", strerror(errno));
    free(record->call.at);
    free(record->dma.at);
    free(record);
    return good;
}
