/*
 * replay.c - a recording is read and fed to the model
 *
 * What is in the file may be anything: each number is looked at before it is used.
 */
#include "replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vfio-user/record.h"
#include "runner.h"
#include "trace.h"

#define BYTES_MAX 65536u                                        /* of a frame or a DMA */
#define FLASH_MAX (512u * 1024u)                                /* [7] */
#define TIME_MAX (UINT64_C(365) * 86400 * UINT64_C(1000000000)) /* in one step */

struct replay {
    const uint8_t *bytes;
    size_t len, at;
    size_t record_at; /* of the record that is being read */
    struct replay_result *result;
    enum replay_end end;

    void *storage;
    struct e1000 *dev; /* NULL: no board yet */
    struct e1000_host host;
    struct e1000_config board;
    uint16_t eeprom[256];
    uint8_t *flash;
    void (*trace)(void *ctx, const struct e1000_event *event);
    void *trace_ctx;
    bool own;     /* a write that is not the driver's */
    bool passing; /* time, in which the recorded device left memory alone */

    uint8_t data[BYTES_MAX];
    struct record_memory memory;
};

/* ---- what goes wrong ---- */

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static bool
stop(struct replay *r, enum replay_end end, const char *text, ...)
{
    const size_t size = sizeof r->result->why;
    va_list args;
    int n;

    if (r->end != REPLAY_SAME)
        return false;
    r->end = end;
    n = snprintf(r->result->why, size, "record %" PRIu64 " at byte %zu, %" PRIu64 " ns: ", r->result->records + 1,
                 r->record_at, r->memory.now_ns);
    va_start(args, text);
    vsnprintf(r->result->why + n, size - (size_t)n, text, args);
    va_end(args);
    return false;
}

static bool short_file(struct replay *r)
{
    return stop(r, REPLAY_TRUNCATED, "the file ends in it: what recorded it was ended before its time");
}

static bool broken(struct replay *r, const char *what)
{
    return stop(r, REPLAY_BROKEN, "%s: damaged", what);
}

/* ---- reading ---- */

static bool get_byte(struct replay *r, unsigned *to)
{
    *to = 0;
    if (r->at >= r->len)
        return short_file(r);
    *to = r->bytes[r->at++];
    return true;
}

static bool get_number(struct replay *r, uint64_t most, uint64_t *to)
{
    unsigned byte = 0x80;

    *to = 0;
    for (unsigned shift = 0; (byte & 0x80) != 0; shift += 7) {
        if (!get_byte(r, &byte))
            return false;
        if (shift > 63 || (shift == 63 && (byte & 0x7f) > 1))
            return broken(r, "a number of more than 64 bits");
        *to |= (uint64_t)(byte & 0x7f) << shift;
    }
    return *to <= most || broken(r, "a number out of range");
}

/* Exactly len bytes, as literal pieces and runs. */
static bool get_runs(struct replay *r, uint8_t *to, size_t len)
{
    while (len > 0) {
        uint64_t token, n;
        unsigned byte;

        if (!get_number(r, UINT64_MAX, &token))
            return false;
        n = token >> 1;
        if (n == 0 || n > len)
            return broken(r, "a run");
        if ((token & 1) != 0) {
            if (!get_byte(r, &byte))
                return false;
            memset(to, (int)byte, (size_t)n);
        } else {
            if (n > r->len - r->at)
                return short_file(r);
            memcpy(to, r->bytes + r->at, (size_t)n);
            r->at += (size_t)n;
        }
        to += n;
        len -= (size_t)n;
    }
    return true;
}

/* Into data. */
static bool get_bytes(struct replay *r, size_t *len)
{
    struct record_memory *const m = &r->memory;
    uint64_t back, n;

    if (!get_number(r, RECORD_RECENT, &back))
        return false;
    if (back > 0) {
        const unsigned i = (m->next + RECORD_RECENT - (unsigned)back) % RECORD_RECENT;

        *len = m->recent[i].len;
        memcpy(r->data, m->recent[i].bytes, *len);
        return *len > 0 || broken(r, "bytes that were not there before");
    }
    if (!get_number(r, BYTES_MAX, &n) || !get_runs(r, r->data, (size_t)n))
        return false;
    *len = (size_t)n;
    if (n == 0 || n > RECORD_RECENT_MAX)
        return true;
    m->recent[m->next].len = *len;
    memcpy(m->recent[m->next].bytes, r->data, *len);
    m->next = (m->next + 1) % RECORD_RECENT;
    return true;
}

/* ---- memory, as it answered ---- */

/* The record of a DMA has to be next, and this one. */
static bool expect_dma(struct replay *r, bool write, uint64_t addr, bool *good)
{
    const char *const did = write ? "writes" : "reads";
    unsigned head;
    uint64_t step;

    if (r->end != REPLAY_SAME)
        return false;
    if (r->passing)
        return stop(r, REPLAY_DIFFERS, "the device %s memory at %08" PRIx64 ", the recorded one did not", did, addr);
    r->record_at = r->at;
    if (!get_byte(r, &head))
        return false;
    if ((head & RECORD_KIND) != (write ? RECORD_DMA_WRITE : RECORD_DMA_READ))
        return stop(r, REPLAY_DIFFERS, "the device %s memory at %08" PRIx64 ", the recorded one did not", did, addr);
    if (!get_number(r, UINT64_MAX, &step))
        return false;
    r->memory.dma_addr += record_unzigzag(step);
    if (r->memory.dma_addr != addr)
        return stop(r, REPLAY_DIFFERS, "the device %s memory at %08" PRIx64 ", the recorded one at %08" PRIx64, did,
                    addr, r->memory.dma_addr);
    *good = (head & RECORD_REFUSED) == 0;
    return true;
}

static bool check_length(struct replay *r, uint64_t got, size_t len)
{
    if (got != len)
        return stop(r, REPLAY_DIFFERS, "the device moves %zu bytes, the recorded one %" PRIu64, len, got);
    r->result->records++;
    return true;
}

static bool dma_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    struct replay *const r = ctx;
    size_t got = 0;
    uint64_t refused;
    bool good;

    if (!expect_dma(r, false, addr, &good))
        return false;
    if (!good)
        return get_number(r, UINT64_MAX, &refused) && check_length(r, refused, len) && false;
    if (!get_bytes(r, &got) || !check_length(r, got, len))
        return false;
    memcpy(to, r->data, len);
    return true;
}

static bool dma_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    struct replay *const r = ctx;
    uint64_t got;
    bool good;

    (void)from;
    return expect_dma(r, true, addr, &good) && get_number(r, UINT64_MAX, &got) && check_length(r, got, len) && good;
}

static void frame_out(void *ctx, const struct e1000_frame *frame)
{
    (void)ctx, (void)frame; /* the trace has it */
}

static void on_event(void *ctx, const struct e1000_event *event)
{
    struct replay *const r = ctx;

    if (r->end == REPLAY_SAME && !(r->own && event->kind == E1000_EV_REG_WRITE))
        r->trace(r->trace_ctx, event);
}

/* ---- the records ---- */

static bool get_flash(struct replay *r)
{
    uint64_t size;

    if (!get_number(r, FLASH_MAX, &size))
        return false;
    free(r->flash);
    r->flash = NULL;
    r->board.flash = NULL;
    r->board.flash_bytes = (uint32_t)size;
    if (size == 0)
        return true;
    r->flash = malloc((size_t)size);
    if (r->flash == NULL)
        return stop(r, REPLAY_BROKEN, "out of memory");
    r->board.flash = r->flash;
    return get_runs(r, r->flash, (size_t)size);
}

static bool do_board(struct replay *r)
{
    uint64_t offloads, device_id, revision, straps, words;
    uint8_t bytes[512];

    if (!get_number(r, UINT32_MAX, &offloads) || !get_number(r, 0xffff, &device_id) ||
        !get_number(r, 0xff, &revision) || !get_number(r, 15, &straps) || !get_number(r, 256, &words) ||
        !get_runs(r, bytes, 2 * (size_t)words))
        return false;
    for (unsigned i = 0; i < words; i++)
        r->eeprom[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    r->board = (struct e1000_config){.eeprom = r->eeprom,
                                     .eeprom_words = (unsigned)words,
                                     .device_id = (uint16_t)device_id,
                                     .revision = (uint8_t)revision,
                                     .aux_power = (straps & RECORD_STRAP_AUX_POWER) != 0,
                                     .m66en = (straps & RECORD_STRAP_M66EN) != 0,
                                     .line_rate = (straps & RECORD_STRAP_LINE_RATE) != 0,
                                     .defer_dma = (straps & RECORD_STRAP_DEFER_DMA) != 0};
    if (!get_flash(r))
        return false;
    r->host = (struct e1000_host){.ctx = r,
                                  .offloads = (uint32_t)offloads,
                                  .dma_read = dma_read,
                                  .dma_write = dma_write,
                                  .frame_out = frame_out,
                                  .trace = r->trace != NULL ? on_event : NULL};
    r->memory.now_ns = 0;
    memset(r->storage, 0, E1000_STORAGE_BYTES);
    r->dev = e1000_init(r->storage, E1000_STORAGE_BYTES, &r->host, &r->board);
    return r->dev != NULL || stop(r, REPLAY_BROKEN, "the model does not take the board");
}

static bool differs(struct replay *r, bool config, enum e1000_bar bar, uint32_t offset, uint64_t was, uint64_t is)
{
    static const char *const names[] = {"BAR0", "flash", "I/O", "ROM"};
    unsigned index = 0;
    const struct e1000_reg *const reg = !config && bar == E1000_BAR_MEM ? e1000_reg_at(offset, &index) : NULL;
    char where[64];

    if (reg != NULL && reg->count > 1)
        snprintf(where, sizeof where, "%s[%u]", reg->name, index);
    else if (reg != NULL)
        snprintf(where, sizeof where, "%s", reg->name);
    else
        snprintf(where, sizeof where, "%s %04" PRIx32, config ? "configuration space" : names[bar], offset);
    return stop(r, REPLAY_DIFFERS, "%s reads %08" PRIx64 ", the recorded one %08" PRIx64, where, is, was);
}

static bool do_access(struct replay *r, unsigned head)
{
    const unsigned kind = head & RECORD_KIND;
    const bool config = kind == RECORD_CONFIG_READ || kind == RECORD_CONFIG_WRITE;
    unsigned how = 4, size;
    enum e1000_bar bar;
    uint64_t offset = r->memory.offset, difference, value, got;
    uint64_t *before;

    if (((head & RECORD_PLAIN) == 0 && !get_byte(r, &how)) ||
        ((head & RECORD_SAME) == 0 && !get_number(r, UINT32_MAX, &offset)) || !get_number(r, UINT64_MAX, &difference))
        return false;
    size = how & 0xf;
    bar = (enum e1000_bar)(how >> 4);
    if ((size != 1 && size != 2 && size != 4 && size != 8) || how >> 4 >= E1000_BARS ||
        (config && (size == 8 || offset > 256 - size)))
        return broken(r, "an access");
    before = record_value(&r->memory, config ? 7 : bar, (uint32_t)offset);
    value = *before ^ difference;
    *before = value;
    r->memory.offset = (uint32_t)offset;
    switch (kind) {
    case RECORD_CONFIG_READ:
    case RECORD_BAR_READ:
        got = config ? e1000_config_read(r->dev, (unsigned)offset, size)
                     : e1000_bar_read(r->dev, bar, (uint32_t)offset, size);
        return got == value || differs(r, config, bar, (uint32_t)offset, value, got);
    case RECORD_CONFIG_WRITE:
        e1000_config_write(r->dev, (unsigned)offset, size, (uint32_t)value);
        return true;
    default:
        r->own = kind == RECORD_OWN_WRITE;
        e1000_bar_write(r->dev, bar, (uint32_t)offset, size, value);
        r->own = false;
        return true;
    }
}

static bool do_partner(struct replay *r)
{
    struct e1000_partner p = {0};
    uint64_t number[6 + sizeof p.next_page / sizeof p.next_page[0]], flags;
    unsigned present;

    if (!get_byte(r, &present))
        return false;
    if (present == 0) {
        e1000_partner(r->dev, NULL);
        return true;
    }
    if (!get_number(r, 127, &flags))
        return false;
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++)
        if (!get_number(r,
                        i < 2 || i > 5 ? 0xffff
                        : i == 5       ? sizeof p.next_page / sizeof p.next_page[0]
                                       : 7,
                        &number[i]))
            return false;
    p = (struct e1000_partner){.autoneg = (flags & 1) != 0,
                               .gigabit_full = (flags & 2) != 0,
                               .gigabit_half = (flags & 4) != 0,
                               .full_duplex = (flags & 8) != 0,
                               .crossover = (flags & 16) != 0,
                               .reversed = (flags & 32) != 0,
                               .sleeps = (flags & 64) != 0,
                               .base_page = (uint16_t)number[0],
                               .speed = (uint16_t)number[1],
                               .pairs = (uint8_t)number[2],
                               .cable_length = (uint8_t)number[3],
                               .role = (uint8_t)number[4],
                               .next_pages = (uint8_t)number[5]};
    for (size_t i = 0; i < sizeof p.next_page / sizeof p.next_page[0]; i++)
        p.next_page[i] = (uint16_t)number[6 + i];
    e1000_partner(r->dev, &p);
    return true;
}

static bool do_pin(struct replay *r)
{
    unsigned pin, level;

    if (!get_byte(r, &pin) || !get_byte(r, &level))
        return false;
    if (pin == RECORD_POWER_GOOD)
        e1000_lan_power_good(r->dev, level != 0);
    else if (pin == RECORD_PCI_RESET)
        e1000_pci_reset(r->dev, level != 0);
    else if (pin == RECORD_AUX_POWER)
        e1000_aux_power(r->dev, level != 0);
    else if (pin < RECORD_SDP + 8u)
        e1000_sdp(r->dev, pin - RECORD_SDP, level != 0);
    else
        return broken(r, "a pin");
    return true;
}

static bool do_frame(struct replay *r)
{
    uint8_t frame[BYTES_MAX];
    uint64_t flags;
    size_t len;

    if (!get_number(r, UINT32_MAX, &flags) || !get_bytes(r, &len))
        return false;
    memcpy(frame, r->data, len); /* data serves the DMA that the frame causes */
    e1000_frame_in(r->dev, frame, len, (uint32_t)flags);
    return true;
}

static bool do_fault(struct replay *r)
{
    unsigned fault;

    if (!get_byte(r, &fault))
        return false;
    if (fault > E1000_PHY_FIFO)
        return broken(r, "a fault of the wire");
    e1000_wire_fault(r->dev, (enum e1000_wire_fault)fault);
    return true;
}

static bool do_collide(struct replay *r)
{
    uint64_t attempts;
    unsigned late;

    if (!get_number(r, UINT32_MAX, &attempts) || !get_byte(r, &late))
        return false;
    e1000_collide(r->dev, (uint32_t)attempts, late != 0);
    return true;
}

static bool do_call(struct replay *r, unsigned head)
{
    switch (head & RECORD_KIND) {
    case RECORD_BOARD:
        return do_board(r);
    case RECORD_ADVANCE:
        return true;
    case RECORD_DMA:
        e1000_dma(r->dev);
        return true;
    case RECORD_FRAME:
        return do_frame(r);
    case RECORD_PARTNER:
        return do_partner(r);
    case RECORD_PIN:
        return do_pin(r);
    case RECORD_FAULT:
        return do_fault(r);
    case RECORD_COLLIDE:
        return do_collide(r);
    case RECORD_DMA_READ:
    case RECORD_DMA_WRITE:
        return stop(r, REPLAY_DIFFERS, "the recorded device %s memory here, this one does not",
                    (head & RECORD_KIND) == RECORD_DMA_READ ? "read" : "wrote");
    default:
        return do_access(r, head);
    }
}

/* What is in one record. False: it was the last. */
static bool next(struct replay *r)
{
    unsigned head, kind;
    uint64_t step = 0;

    r->record_at = r->at;
    if (!get_byte(r, &head))
        return false;
    kind = head & RECORD_KIND;
    if (kind == RECORD_END)
        return false;
    if (kind >= RECORD_KINDS)
        return broken(r, "no such record");
    if (r->dev == NULL && kind != RECORD_BOARD)
        return broken(r, "a record before the board's");
    if ((head & RECORD_TIME) != 0 || kind == RECORD_ADVANCE) {
        if ((head & RECORD_TIME) != 0 && !get_number(r, TIME_MAX, &step))
            return false;
        if (step > INT64_MAX - r->memory.now_ns)
            return broken(r, "its time");
        r->memory.now_ns += step;
        r->passing = kind != RECORD_ADVANCE;
        if (kind != RECORD_BOARD)
            e1000_advance(r->dev, r->memory.now_ns);
        r->passing = false;
    }
    r->result->calls++;
    if (r->end != REPLAY_SAME || !do_call(r, head) || r->end != REPLAY_SAME)
        return false;
    r->result->records++;
    return true;
}

/* A file with a trailer is as it was written; one without may be a session cut short. */
static bool whole(struct replay *r)
{
    const size_t tail = 4 + RECORD_TRAILER_LEN;
    uint32_t check = RECORD_CHECK_START, said = 0;

    r->end = REPLAY_BROKEN;
    if (r->len < RECORD_MAGIC_LEN || memcmp(r->bytes, RECORD_MAGIC, RECORD_MAGIC_LEN - 1) != 0) {
        snprintf(r->result->why, sizeof r->result->why, "not a recording of e1000-vfio-user --record");
        return false;
    }
    if (r->bytes[RECORD_MAGIC_LEN - 1] != (uint8_t)RECORD_MAGIC[RECORD_MAGIC_LEN - 1]) {
        snprintf(r->result->why, sizeof r->result->why, "a recording of version %u, this program reads %u",
                 r->bytes[RECORD_MAGIC_LEN - 1], (uint8_t)RECORD_MAGIC[RECORD_MAGIC_LEN - 1]);
        return false;
    }
    if (r->len >= RECORD_MAGIC_LEN + tail &&
        memcmp(r->bytes + r->len - RECORD_TRAILER_LEN, RECORD_TRAILER, RECORD_TRAILER_LEN) == 0) {
        for (size_t i = 0; i < r->len - tail; i++)
            check = record_check(check, r->bytes[i]);
        for (size_t i = 0; i < 4; i++)
            said |= (uint32_t)r->bytes[r->len - tail + i] << 8 * i;
        if (check != said) {
            snprintf(r->result->why, sizeof r->result->why, "damaged: its check is %08" PRIx32 ", not %08" PRIx32, said,
                     check);
            return false;
        }
    }
    r->end = REPLAY_SAME;
    return true;
}

/* The record that ends it has been begun. */
static void check_end(struct replay *r)
{
    const uint64_t records = r->result->records;
    uint64_t count;

    if (!get_number(r, UINT64_MAX, &count))
        return;
    if (count != records)
        broken(r, "the number of records");
    else if (r->len - r->at < 4 + RECORD_TRAILER_LEN)
        short_file(r);
    else if (r->len - r->at > 4 + RECORD_TRAILER_LEN)
        broken(r, "more behind its end");
}

enum replay_end replay(const uint8_t *bytes, size_t len, void (*trace)(void *ctx, const struct e1000_event *event),
                       void *ctx, struct replay_result *result)
{
    struct replay *const r = calloc(1, sizeof *r);
    enum replay_end end;

    *result = (struct replay_result){.records = 0};
    if (r == NULL || (r->storage = malloc(E1000_STORAGE_BYTES)) == NULL) {
        snprintf(result->why, sizeof result->why, "out of memory");
        free(r);
        return REPLAY_BROKEN;
    }
    r->bytes = bytes;
    r->len = len;
    r->result = result;
    r->trace = trace;
    r->trace_ctx = ctx;
    if (whole(r)) {
        r->at = RECORD_MAGIC_LEN;
        while (next(r))
            ;
        if (r->end == REPLAY_SAME)
            check_end(r);
    }
    result->now_ns = r->memory.now_ns;
    end = r->end;
    free(r->flash);
    free(r->storage);
    free(r);
    return end;
}

/* ---- the command ------------------------------------------------------------------------------------------ */

struct show {
    struct trace trace;
    bool folding, unfold, lint;
    uint64_t mistakes, broken[256];
};

/* EEPROM words bit by bit, with a read of STATUS behind each write: thousands of accesses that nobody reads. */
static bool is_eeprom(const struct e1000_event *event, bool inside)
{
    const bool read = event->kind == E1000_EV_REG_READ, access = read || event->kind == E1000_EV_REG_WRITE;

    if (event->kind == E1000_EV_EEPROM)
        return true;
    return access && event->reg != NULL &&
           (strcmp(event->reg->name, "EECD") == 0 || (inside && read && strcmp(event->reg->name, "STATUS") == 0));
}

static void show_event(void *ctx, const struct e1000_event *event)
{
    struct show *const show = ctx;
    bool eeprom;

    if (event->kind == E1000_EV_BAD) {
        const size_t n = (size_t)(event->rule - e1000_rule(0));

        show->mistakes++;
        if (n < sizeof show->broken / sizeof show->broken[0])
            show->broken[n]++;
    }
    if (show->lint)
        return;
    eeprom = is_eeprom(event, show->folding);
    if (eeprom && !show->folding)
        trace_fold_begin(&show->trace, "EEPROM");
    else if (!eeprom && show->folding)
        trace_fold_end(&show->trace);
    show->folding = eeprom;
    trace_add(&show->trace, event);
}

static void print_lint(const struct show *show)
{
    for (size_t n = 0; n < e1000_rule_count() && n < sizeof show->broken / sizeof show->broken[0]; n++)
        if (show->broken[n] > 0)
            printf("%8" PRIu64 " x  [%s] %s: %s\n", show->broken[n], e1000_rule(n)->manual, e1000_rule(n)->name,
                   e1000_rule(n)->text);
    printf("%" PRIu64 " mistake%s\n", show->mistakes, show->mistakes == 1 ? "" : "s");
}

/* The whole of a file; NULL with a message said. */
static uint8_t *read_all(const char *path, size_t *len)
{
    FILE *const file = fopen(path, "rb");
    size_t room = 0, n = 0;
    uint8_t *bytes = NULL;

    *len = 0;
    if (file == NULL) {
        fprintf(stderr, "e1000lab: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    do {
        if (*len == room) {
            uint8_t *const bigger = realloc(bytes, room = 2 * room + 65536);

            if (bigger == NULL)
                break;
            bytes = bigger;
        }
        n = fread(bytes + *len, 1, room - *len, file);
        *len += n;
    } while (n > 0);
    if (ferror(file) || n > 0 || bytes == NULL) {
        fprintf(stderr, "e1000lab: %s: %s\n", path, strerror(errno != 0 ? errno : ENOMEM));
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    return bytes;
}

int replay_file(const char *path, const struct replay_options *options)
{
    static const int statuses[] = {
        [REPLAY_SAME] = EXIT_PASSED,
        [REPLAY_DIFFERS] = EXIT_FAILED,
        [REPLAY_TRUNCATED] = EXIT_FAILED,
        [REPLAY_BROKEN] = EXIT_BROKEN,
    };
    struct show show = {.lint = options->lint};
    struct replay_result result;
    enum replay_end end;
    FILE *file = NULL;
    size_t len;
    uint8_t *const bytes = read_all(path, &len);

    if (bytes == NULL)
        return EXIT_BROKEN;
    if (options->trace != NULL && !options->lint && (file = fopen(options->trace, "w")) == NULL) {
        fprintf(stderr, "e1000lab: %s: %s\n", options->trace, strerror(errno));
        free(bytes);
        return EXIT_BROKEN;
    }
    trace_init(&show.trace, file, file == NULL ? stdout : NULL, options->unfold, NULL, NULL);
    end = replay(bytes, len, show_event, &show, &result);
    free(bytes);
    if (!options->lint && !trace_finish(&show.trace))
        errno = errno != 0 ? errno : EIO;
    else
        errno = 0;
    if (file != NULL && fclose(file) != 0)
        errno = errno != 0 ? errno : EIO;
    if (errno != 0) {
        fprintf(stderr, "e1000lab: %s: %s\n", options->trace != NULL ? options->trace : "trace", strerror(errno));
        return EXIT_BROKEN;
    }
    if (options->lint)
        print_lint(&show);
    fflush(stdout);
    fprintf(stderr, "%s: ", path);
    if (end == REPLAY_SAME)
        fprintf(stderr, "the same, %" PRIu64 " calls, %" PRIu64 ".%03" PRIu64 " s\n", result.calls,
                result.now_ns / UINT64_C(1000000000), result.now_ns / UINT64_C(1000000) % 1000);
    else
        fprintf(stderr, "%s\n", result.why);
    return statuses[end];
}
