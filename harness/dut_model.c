/*
 * dut_model.c - the model in this process as the device under test
 *
 * The host declares no offloads and no memory in place: the model does everything itself, and every
 * byte passes through the strict guest memory.
 *
 * With the argument "reload" the device moves after every call: it is saved, its storage wiped, a new
 * one made elsewhere and loaded. A field that is not saved, or a pointer that stays behind, changes
 * what a scenario sees.
 *
 * With "record=FILE" the run is written down as e1000-vfio-user does with a session; with "replay" it is
 * written down, lived again in the end, and has to report the same events.
 *
 * With "defer" guest memory is moved behind every call by e1000_dma(), as a live front end does it; what
 * a scenario expects stays the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vfio-user/record.h"
#include "dut.h"
#include "replay.h"

struct model {
    struct dut dut; /* first: a struct dut of this kind is a struct model */
    const struct machine *machine;
    struct e1000 *dev;
    void *storage;
    struct e1000_host host;
    struct mover *mover; /* NULL: the device stays where it is */
    uint8_t *frame;      /* a leaving frame in one piece */
    size_t frame_room;
    struct record *record; /* NULL: nothing is written down */
    char *written;         /* replay: what was, once it is closed */
    size_t written_len;
    uint32_t events; /* a check of all of them */
};

/* A run of a hundred thousand frames has its moves too, but has an end: beyond MOVES_ALL only some of them. */
#define MOVES_ALL 5000u
#define MOVES_SOME 16u

/* What it takes to move the device. */
struct mover {
    void *storage; /* the other one */
    struct e1000_config board;
    uint16_t eeprom[256];
    uint8_t *blob;
    uint64_t calls, every; /* one of so many is a move */
    bool moving;           /* nothing of it shows outside */
};

static struct e1000 *dev_of(struct dut *dut)
{
    return ((struct model *)dut)->dev;
}

static bool moving(const struct model *model)
{
    return model->mover != NULL && model->mover->moving;
}

/* ---- what the model asks for ---- */

static bool dma_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    const struct model *const model = ctx;
    const bool good = model->machine->dma_read(model->machine->ctx, addr, to, len);

    record_dma_read(model->record, addr, to, len, good);
    return good;
}

static bool dma_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    const struct model *const model = ctx;
    const bool good = model->machine->dma_write(model->machine->ctx, addr, from, len);

    record_dma_write(model->record, addr, len, good);
    return good;
}

static void frame_out(void *ctx, const struct e1000_frame *frame)
{
    struct model *const model = ctx;
    size_t len = 0;

    if (frame->length > model->frame_room) {
        uint8_t *const bigger = realloc(model->frame, frame->length);

        if (bigger == NULL)
            abort(); /* a few KiB: the machine is beyond testing anything */
        model->frame = bigger;
        model->frame_room = frame->length;
    }
    for (unsigned i = 0; i < frame->iovcnt && len < frame->length; i++) {
        const size_t left = frame->length - len;
        const size_t part = frame->iov[i].len < left ? frame->iov[i].len : left;

        memcpy(model->frame + len, frame->iov[i].base, part);
        len += part;
    }
    model->machine->frame_out(model->machine->ctx, model->frame, len, frame->flags);
}

static void irq_line(void *ctx, bool asserted)
{
    const struct model *const model = ctx;

    if (!moving(model))
        model->machine->irq_line(model->machine->ctx, asserted);
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
    const struct machine *const machine = ((struct model *)ctx)->machine;

    machine->msi(machine->ctx, addr, data);
}

static void pme(void *ctx, bool asserted)
{
    const struct model *const model = ctx;

    if (!moving(model))
        model->machine->pme(model->machine->ctx, asserted);
}

static void add_event(uint32_t *events, const struct e1000_event *event)
{
    char line[E1000_TEXT_MAX];
    const size_t len = e1000_event_text(event, 0, NULL, NULL, line, sizeof line);

    for (size_t i = 0; i <= len; i++)
        *events = record_check(*events, (uint8_t)line[i]);
}

static void trace(void *ctx, const struct e1000_event *event)
{
    struct model *const model = ctx;

    if (model->record != NULL)
        add_event(&model->events, event);
    if (!moving(model))
        model->machine->trace(model->machine->ctx, event);
}

/* ---- moving ---- */

static void free_mover(struct mover *mover)
{
    if (mover == NULL)
        return;
    free(mover->storage);
    free(mover->blob);
    free(mover);
}

/* How many calls for a move, as the argument says; 0: it asks for none. */
static uint64_t moves(const char *arg)
{
    const size_t len = strlen(DUT_RELOAD_ARG);
    char *end;
    unsigned long every;

    if (arg == NULL || strncmp(arg, DUT_RELOAD_ARG, len) != 0)
        return 0;
    if (arg[len] == '\0')
        return 1;
    if (arg[len] != '=' || arg[len + 1] < '1' || arg[len + 1] > '9')
        return 0;
    every = strtoul(arg + len + 1, &end, 10);
    return *end == '\0' && every <= 1000000 ? every : 0;
}

static struct mover *new_mover(const struct e1000_config *board, uint64_t every)
{
    struct mover *const mover = calloc(1, sizeof *mover);

    if (mover == NULL)
        return NULL;
    mover->storage = malloc(E1000_STORAGE_BYTES);
    mover->blob = malloc(e1000_save_size());
    mover->board = *board;
    mover->every = every;
    if (board->eeprom != NULL) {
        memcpy(mover->eeprom, board->eeprom,
               (board->eeprom_words < 256 ? board->eeprom_words : 256) * sizeof mover->eeprom[0]);
        mover->board.eeprom = mover->eeprom;
    }
    if (mover->storage != NULL && mover->blob != NULL)
        return mover;
    free_mover(mover);
    return NULL;
}

static struct record *rec(struct dut *dut)
{
    return ((struct model *)dut)->record;
}

/* Behind every call that can change the device. */
static void moved(struct dut *dut)
{
    struct model *const model = (struct model *)dut;
    struct mover *const mover = model->mover;
    void *const old = model->storage;
    size_t size;

    record_done(model->record, 0); /* where nothing was returned */
    while (e1000_dma_waits(model->dev)) {
        record_dma(model->record);
        e1000_dma(model->dev);
        record_done(model->record, 0);
    }
    if (mover == NULL || ++mover->calls % mover->every != 0 ||
        (mover->calls > MOVES_ALL && mover->calls % MOVES_SOME != 0))
        return;
    size = e1000_save(model->dev, mover->blob, e1000_save_size());
    memset(old, 0xa5, E1000_STORAGE_BYTES);
    model->storage = mover->storage;
    mover->storage = old;
    mover->moving = true;
    model->dev = e1000_init(model->storage, E1000_STORAGE_BYTES, &model->host, &mover->board);
    if (!e1000_load(model->dev, mover->blob, size)) {
        /* The runner reports how the process ended, with its last message. */
        fputs("reload: Assertion failed: the device takes what it has saved\n", stderr);
        abort();
    }
    mover->moving = false;
}

/* ---- what the lab asks for ---- */

static void lived_again(void *ctx, const struct e1000_event *event)
{
    add_event(ctx, event);
}

/* A recording that cannot be lived again in the same way is a crash of the device: the runner shows the text. */
static void end_record(struct model *model)
{
    uint32_t events = RECORD_CHECK_START;
    struct replay_result result;
    char why[256] = "";

    if (!record_close(model->record, why, sizeof why)) {
        fprintf(stderr, "record: Assertion failed: %s\n", why);
        abort();
    }
    if (model->record == NULL || model->written == NULL)
        return;
    if (replay((const uint8_t *)model->written, model->written_len, lived_again, &events, &result) != REPLAY_SAME ||
        events != model->events) {
        fprintf(stderr, "replay: Assertion failed: a recording is lived again the same: %s\n",
                result.why[0] != '\0' ? result.why : "other events");
        abort();
    }
    free(model->written);
}

static void model_close(struct dut *dut)
{
    struct model *const model = (struct model *)dut;

    end_record(model);
    free_mover(model->mover);
    free(model->storage);
    free(model->frame);
    free(model);
}

static bool start_record(struct model *model, const char *arg, const struct e1000_config *board, char *why, size_t size)
{
    FILE *file;

    if (arg == NULL)
        return true;
    if (strncmp(arg, DUT_RECORD_ARG, strlen(DUT_RECORD_ARG)) == 0) {
        model->record = record_open(arg + strlen(DUT_RECORD_ARG), why, size);
    } else if (strcmp(arg, DUT_REPLAY_ARG) == 0) {
        file = open_memstream(&model->written, &model->written_len);
        model->record = file != NULL ? record_new(file) : NULL;
        snprintf(why, size, "out of memory");
    } else {
        return true;
    }
    model->events = RECORD_CHECK_START;
    record_board(model->record, board, 0);
    return model->record != NULL;
}

static bool known_arg(const char *arg)
{
    return arg == NULL || moves(arg) != 0 || strcmp(arg, DUT_DEFER_ARG) == 0 || strcmp(arg, DUT_REPLAY_ARG) == 0 ||
           strncmp(arg, DUT_RECORD_ARG, strlen(DUT_RECORD_ARG)) == 0;
}

static struct dut *model_open(const char *arg, const struct machine *machine, const struct e1000_config *board,
                              char *why, size_t size)
{
    struct model *const model = calloc(1, sizeof *model);
    struct e1000_config made = *board;

    made.defer_dma = arg != NULL && strcmp(arg, DUT_DEFER_ARG) == 0;
    if (!known_arg(arg)) {
        snprintf(why, size,
                 "the model's arguments are \"" DUT_RELOAD_ARG "\", \"" DUT_RELOAD_ARG "=CALLS\", \"" DUT_DEFER_ARG
                 "\", \"" DUT_REPLAY_ARG "\" and \"" DUT_RECORD_ARG "FILE\", not \"%s\"",
                 arg);
        free(model);
        return NULL;
    }
    if (model == NULL || (model->storage = malloc(E1000_STORAGE_BYTES)) == NULL ||
        (moves(arg) != 0 && (model->mover = new_mover(board, moves(arg))) == NULL)) {
        snprintf(why, size, "out of memory");
        if (model != NULL)
            free(model->storage);
        free(model);
        return NULL;
    }
    model->host = (struct e1000_host){.ctx = model,
                                      .dma_read = dma_read,
                                      .dma_write = dma_write,
                                      .frame_out = frame_out,
                                      .irq_line = irq_line,
                                      .msi = msi,
                                      .pme = pme,
                                      .trace = machine->trace != NULL ? trace : NULL};
    model->dut.ops = &dut_model;
    model->machine = machine;
    if (!start_record(model, arg, &made, why, size)) {
        model_close(&model->dut);
        return NULL;
    }
    model->dev = e1000_init(model->storage, E1000_STORAGE_BYTES, &model->host, &made);
    if (model->dev == NULL) {
        snprintf(why, size, "the model does not fit its storage");
        model_close(&model->dut);
        return NULL;
    }
    moved(&model->dut);
    return &model->dut;
}

static uint32_t config_read(struct dut *dut, unsigned offset, unsigned size)
{
    uint32_t value;

    record_access(rec(dut), RECORD_CONFIG_READ, E1000_BAR_MEM, offset, size, 0);
    value = e1000_config_read(dev_of(dut), offset, size);
    record_done(rec(dut), value);
    moved(dut);
    return value;
}

static void config_write(struct dut *dut, unsigned offset, unsigned size, uint32_t value)
{
    record_access(rec(dut), RECORD_CONFIG_WRITE, E1000_BAR_MEM, offset, size, value);
    e1000_config_write(dev_of(dut), offset, size, value);
    moved(dut);
}

static uint64_t bar_read(struct dut *dut, enum e1000_bar bar, uint32_t offset, unsigned size)
{
    uint64_t value;

    record_access(rec(dut), RECORD_BAR_READ, bar, offset, size, 0);
    value = e1000_bar_read(dev_of(dut), bar, offset, size);
    record_done(rec(dut), value);
    moved(dut);
    return value;
}

static void bar_write(struct dut *dut, enum e1000_bar bar, uint32_t offset, unsigned size, uint64_t value)
{
    record_access(rec(dut), RECORD_BAR_WRITE, bar, offset, size, value);
    e1000_bar_write(dev_of(dut), bar, offset, size, value);
    moved(dut);
}

static void frame_in(struct dut *dut, const void *frame, size_t len, uint32_t flags)
{
    record_frame(rec(dut), frame, len, flags);
    e1000_frame_in(dev_of(dut), frame, len, flags);
    moved(dut);
}

static void partner(struct dut *dut, const struct e1000_partner *other)
{
    record_partner(rec(dut), other);
    e1000_partner(dev_of(dut), other);
    moved(dut);
}

static void power_good(struct dut *dut, bool level)
{
    record_pin(rec(dut), RECORD_POWER_GOOD, level);
    e1000_lan_power_good(dev_of(dut), level);
    moved(dut);
}
static void pci_reset(struct dut *dut, bool asserted)
{
    record_pin(rec(dut), RECORD_PCI_RESET, asserted);
    e1000_pci_reset(dev_of(dut), asserted);
    moved(dut);
}
static void aux_power(struct dut *dut, bool level)
{
    record_pin(rec(dut), RECORD_AUX_POWER, level);
    e1000_aux_power(dev_of(dut), level);
    moved(dut);
}
static void sdp(struct dut *dut, unsigned pin, bool level)
{
    record_pin(rec(dut), RECORD_SDP + pin, level);
    e1000_sdp(dev_of(dut), pin, level);
    moved(dut);
}

static void collide(struct dut *dut, uint32_t attempts, bool late)
{
    record_collide(rec(dut), attempts, late);
    e1000_collide(dev_of(dut), attempts, late);
    moved(dut);
}
static void wire_fault(struct dut *dut, enum e1000_wire_fault fault)
{
    record_fault(rec(dut), fault);
    e1000_wire_fault(dev_of(dut), fault);
    moved(dut);
}
static uint32_t leds(struct dut *dut)
{
    return e1000_leds(dev_of(dut));
}
static uint64_t leds_next(struct dut *dut)
{
    return e1000_leds_next(dev_of(dut));
}
static uint32_t sdp_out(struct dut *dut)
{
    return e1000_sdp_out(dev_of(dut));
}

static size_t eeprom(struct dut *dut, uint16_t *words, size_t max)
{
    return e1000_eeprom_copy(dev_of(dut), words, max);
}

static bool irq(struct dut *dut)
{
    return e1000_irq_asserted(dev_of(dut));
}
static void advance(struct dut *dut, uint64_t now_ns)
{
    record_advance(rec(dut), now_ns);
    e1000_advance(dev_of(dut), now_ns);
    moved(dut);
}
static uint64_t next_event(struct dut *dut)
{
    return e1000_next_event(dev_of(dut));
}

const struct dut_ops dut_model = {
    .name = "model",
    .caps = DUT_ALL_OF_A_CARD | DUT_RELOAD,
    .open = model_open,
    .close = model_close,
    .config_read = config_read,
    .config_write = config_write,
    .bar_read = bar_read,
    .bar_write = bar_write,
    .frame_in = frame_in,
    .partner = partner,
    .power_good = power_good,
    .pci_reset = pci_reset,
    .aux_power = aux_power,
    .sdp = sdp,
    .wire_fault = wire_fault,
    .collide = collide,
    .leds = leds,
    .leds_next = leds_next,
    .sdp_out = sdp_out,
    .eeprom = eeprom,
    .irq = irq,
    .advance = advance,
    .next_event = next_event,
};
