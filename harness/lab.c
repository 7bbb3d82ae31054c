/*
 * lab.c - the simulated machine around the device
 */
#include "lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEP_NS UINT64_C(200000) /* a device with a clock of its own is looked at this often for what it does */
#define SAME_TIME_MAX 1000000    /* turns at one time before the device counts as stuck */
#define LONGEST_FRAME 65536

struct item {
    bool is_call;
    int ref;
    uint32_t flags;
    size_t len;
    uint8_t bytes[];
};

/* ---- records ---- */

static struct lab_record *record(struct lab *lab, struct lab_records *records, const void *bytes, size_t len)
{
    struct lab_record *const r = malloc(sizeof *r + len);

    if (r == NULL) {
        records->lost++;
        return NULL;
    }
    *r = (struct lab_record){.at_ns = lab->now_ns, .len = len};
    memcpy(r->bytes, bytes, len);
    while (records->first != NULL && records->bytes + sizeof *r + len > LAB_RECORDS_BYTES) {
        struct lab_record *const oldest = records->first;

        records->first = oldest->next;
        records->bytes -= sizeof *oldest + oldest->len;
        records->lost++;
        free(oldest);
    }
    if (records->first == NULL)
        records->last = &records->first;
    *records->last = r;
    records->last = &r->next;
    records->bytes += sizeof *r + len;
    return r;
}

void lab_records_drop(struct lab_records *records)
{
    while (records->first != NULL) {
        struct lab_record *const next = records->first->next;

        free(records->first);
        records->first = next;
    }
    *records = (struct lab_records){0};
}

static void here(struct lab *lab, struct lab_place *place)
{
    if (place->set)
        return;
    place->set = true;
    place->line = lab->line != NULL ? lab->line(lab->ctx) : 0;
    place->at_ns = lab->now_ns;
    memcpy(place->step, lab->step, sizeof place->step);
}

/* ---- what the device asks of the machine ---- */

static void trace(void *ctx, const struct e1000_event *event)
{
    struct lab *const lab = ctx;
    const char *const text = trace_add(&lab->trace, event);
    const char *const shown = text != NULL ? text : "";

    observe_event(lab->observe, event);
    if (text != NULL) {
        struct lab_line *const line = &lab->lines[lab->lines_count++ % LAB_EVENTS];

        line->kind = event->kind;
        line->at_ns = event->at_ns;
        snprintf(line->text, sizeof line->text, "%s", text);
    }
    if (event->kind == E1000_EV_BAD) {
        struct lab_record *const r = record(lab, &lab->bads, shown, strlen(shown) + 1);

        if (r != NULL)
            r->rule = event->rule;
        if (lab->bad++ == 0)
            snprintf(lab->first_bad_text, sizeof lab->first_bad_text, "%s", shown);
        here(lab, &lab->first_bad);
    }
}

/* A device that reports nothing itself is traced from the outside, by what crosses its pins. */
static void trace_outside(struct lab *lab, struct e1000_event *event)
{
    if ((lab->caps & DUT_EVENTS) != 0)
        return;
    event->at_ns = lab->now_ns;
    trace(lab, event);
}

static void trace_dma(struct lab *lab, enum e1000_event_kind kind, uint64_t addr, const void *data, size_t len,
                      bool good)
{
    struct e1000_event event = {.kind = kind,
                                .object = E1000_OBJ_OTHER,
                                .addr = addr,
                                .len = (uint32_t)len,
                                .data = data,
                                .failed = !good,
                                .count = 1};

    if (!good && kind == E1000_EV_DMA_READ) {
        event.data = NULL;
        event.len = 0;
    }
    trace_outside(lab, &event);
}

static bool dma_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    struct lab *const lab = ctx;
    const uint64_t before = memory_violations_total(lab->memory);
    const bool good = memory_dma_read(lab->memory, addr, to, len);

    if (memory_violations_total(lab->memory) != before)
        here(lab, &lab->first_violation);
    trace_dma(lab, E1000_EV_DMA_READ, addr, to, len, good);
    return good;
}

static bool dma_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    struct lab *const lab = ctx;
    const uint64_t before = memory_violations_total(lab->memory);
    const bool good = memory_dma_write(lab->memory, addr, from, len);

    if (memory_violations_total(lab->memory) != before)
        here(lab, &lab->first_violation);
    trace_dma(lab, E1000_EV_DMA_WRITE, addr, from, len, good);
    return good;
}

static void share(void *ctx, const struct memory_share *how)
{
    memory_share(((struct lab *)ctx)->memory, how);
}

static void trace_frame(struct lab *lab, enum e1000_event_kind kind, const void *frame, size_t len, uint32_t flags)
{
    const struct e1000_iov iov = {frame, len};
    const struct e1000_frame whole = {.iov = &iov, .iovcnt = 1, .length = (uint32_t)len, .flags = flags};
    struct e1000_event event = {.kind = kind, .frame = &whole, .len = (uint32_t)len};

    trace_outside(lab, &event);
}

static void capture(struct lab *lab, const uint8_t *frame, size_t len, uint32_t flags)
{
    const uint64_t at_ns = lab->now_ns < lab->zero_ns ? lab->now_ns : lab->now_ns - lab->zero_ns;
    uint8_t whole[LONGEST_FRAME];
    uint32_t fcs;

    if ((flags & E1000_FRAME_FCS) != 0 || len + 4 > sizeof whole) {
        pcap_out_write(lab->wire, at_ns, frame, len);
        return;
    }
    fcs = e1000_crc32(frame, len);
    memcpy(whole, frame, len);
    for (size_t i = 0; i < 4; i++)
        whole[len + i] = (uint8_t)(fcs >> 8 * i);
    pcap_out_write(lab->wire, at_ns, whole, len + 4);
}

static void frame_out(void *ctx, const uint8_t *frame, size_t len, uint32_t flags)
{
    struct lab *const lab = ctx;
    struct lab_record *r;

    lab->frames_out++;
    trace_frame(lab, E1000_EV_FRAME_OUT, frame, len, flags);
    if (lab->wire != NULL)
        capture(lab, frame, len, flags);
    r = record(lab, &lab->sent, frame, len);
    if (r != NULL)
        r->data = flags;
}

static void irq_line(void *ctx, bool asserted)
{
    struct lab *const lab = ctx;
    struct e1000_event event = {.kind = E1000_EV_IRQ, .count = asserted};

    lab->irq = asserted;
    trace_outside(lab, &event);
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
    struct lab *const lab = ctx;
    struct lab_record *const r = record(lab, &lab->msis, "", 0);
    struct e1000_event event = {.kind = E1000_EV_MSI, .addr = addr, .value = data};

    lab->messages++;
    if (r != NULL) {
        r->addr = addr;
        r->data = data;
    }
    trace_outside(lab, &event);
}

static void pme(void *ctx, bool asserted)
{
    struct lab *const lab = ctx;
    struct e1000_event event = {.kind = E1000_EV_PME, .count = asserted};

    lab->pme = asserted;
    trace_outside(lab, &event);
}

/* ---- making and ending ---- */

bool lab_init(struct lab *lab)
{
    memset(lab, 0, sizeof *lab);
    queue_init(&lab->queue);
    lab->memory = memory_new();
    lab->observe = observe_new();
    lab->lines = calloc(LAB_EVENTS, sizeof *lab->lines);
    lab->machine = (struct machine){.ctx = lab,
                                    .dma_read = dma_read,
                                    .dma_write = dma_write,
                                    .frame_out = frame_out,
                                    .irq_line = irq_line,
                                    .msi = msi,
                                    .pme = pme,
                                    .trace = trace,
                                    .share = share};
    if (lab->memory != NULL && lab->observe != NULL && lab->lines != NULL)
        return true;
    lab_free(lab);
    return false;
}

void lab_free(struct lab *lab)
{
    void *item;

    while ((item = queue_take(&lab->queue, NULL)) != NULL)
        free(item);
    queue_free(&lab->queue);
    lab_records_drop(&lab->sent);
    lab_records_drop(&lab->msis);
    lab_records_drop(&lab->bads);
    memory_free(lab->memory);
    observe_free(lab->observe);
    free(lab->lines);
    free(lab->flash);
    lab->flash = NULL;
    lab->memory = NULL;
    lab->observe = NULL;
    lab->lines = NULL;
}

static FILE *open_trace(const char *out, char *why, size_t size)
{
    char path[1100];
    FILE *file;

    snprintf(path, sizeof path, "%s/run.trace", out);
    file = fopen(path, "w");
    if (file == NULL)
        snprintf(why, size, "cannot write %s: %s", path, strerror(errno));
    else
        setvbuf(file, NULL, _IOLBF, BUFSIZ); /* if the device crashes, all lines are there */
    return file;
}

bool lab_open(struct lab *lab, const struct scenario_options *options, const struct e1000_config *board, bool wire,
              char *why, size_t size)
{
    if (options->out != NULL) {
        lab->trace_file = open_trace(options->out, why, size);
        if (lab->trace_file == NULL)
            return false;
    }
    if (wire && options->out != NULL) {
        char path[1100];

        snprintf(path, sizeof path, "%s/wire.pcap", options->out);
        if (!pcap_out_open(path, &lab->wire, why, size))
            return false;
    }
    trace_init(&lab->trace, lab->trace_file, options->show, options->unfold, memory_name, lab->memory);
    lab->ops = options->dut;
    lab->caps = dut_caps(options->dut, options->dut_arg);
    lab->dut = lab->ops->open(options->dut_arg, &lab->machine, board, why, size);
    return lab->dut != NULL;
}

void lab_settle(struct lab *lab)
{
    const uint64_t before = memory_violations_total(lab->memory);

    if (lab->ops->settle != NULL)
        lab->ops->settle(lab->dut);
    memory_look(lab->memory);
    if (memory_violations_total(lab->memory) != before)
        here(lab, &lab->first_violation);
}

const char *lab_trouble(const struct lab *lab)
{
    return lab->dut != NULL && lab->ops->trouble != NULL ? lab->ops->trouble(lab->dut) : NULL;
}

bool lab_close(struct lab *lab, char *why, size_t size)
{
    bool good = true;

    if (lab->dut != NULL)
        lab->ops->close(lab->dut);
    lab->dut = NULL;
    if (lab->ops != NULL && !trace_finish(&lab->trace)) {
        snprintf(why, size, "cannot write run.trace: %s", strerror(errno));
        good = false;
    }
    if (lab->trace_file != NULL && fclose(lab->trace_file) != 0 && good) {
        snprintf(why, size, "cannot write run.trace: %s", strerror(errno));
        good = false;
    }
    lab->trace_file = NULL;
    if (lab->wire != NULL)
        good = pcap_out_close(lab->wire, why, size) && good;
    lab->wire = NULL;
    return good;
}

/* ---- bus accesses ---- */

uint32_t lab_config_read(struct lab *lab, unsigned offset, unsigned size)
{
    const uint32_t value = lab->ops->config_read(lab->dut, offset, size);
    struct e1000_event event = {.kind = E1000_EV_CFG_READ, .addr = offset, .size = (uint8_t)size, .value = value};

    lab->accesses++;
    trace_outside(lab, &event);
    return value;
}

void lab_config_write(struct lab *lab, unsigned offset, unsigned size, uint32_t value)
{
    struct e1000_event event = {.kind = E1000_EV_CFG_WRITE, .addr = offset, .size = (uint8_t)size, .value = value};

    lab->accesses++;
    trace_outside(lab, &event);
    lab->ops->config_write(lab->dut, offset, size, value);
}

static void trace_access(struct lab *lab, bool write, enum e1000_bar bar, uint32_t offset, unsigned size,
                         uint64_t value)
{
    struct e1000_event event = {.addr = offset, .size = (uint8_t)size, .value = (uint32_t)value};

    if (bar == E1000_BAR_MEM) {
        unsigned index = 0;

        event.kind = write ? E1000_EV_REG_WRITE : E1000_EV_REG_READ;
        event.reg = e1000_reg_at(offset, &index);
        event.index = index;
    } else if (bar == E1000_BAR_IO) {
        event.kind = write ? E1000_EV_IO_WRITE : E1000_EV_IO_READ;
    } else {
        event.kind = write ? E1000_EV_FLASH_WRITE : E1000_EV_FLASH_READ;
        event.other = (uint32_t)(value >> 32);
    }
    trace_outside(lab, &event);
}

uint64_t lab_bar_read(struct lab *lab, enum e1000_bar bar, uint32_t offset, unsigned size)
{
    const uint64_t value = lab->ops->bar_read(lab->dut, bar, offset, size);

    lab->accesses++;
    trace_access(lab, false, bar, offset, size, value);
    return value;
}

void lab_bar_write(struct lab *lab, enum e1000_bar bar, uint32_t offset, unsigned size, uint64_t value)
{
    lab->accesses++;
    trace_access(lab, true, bar, offset, size, value);
    lab->ops->bar_write(lab->dut, bar, offset, size, value);
}

/* ---- time ---- */

void lab_frame_in(struct lab *lab, const void *frame, size_t len, uint32_t flags)
{
    lab->frames_in++;
    trace_frame(lab, E1000_EV_FRAME_IN, frame, len, flags);
    lab->ops->frame_in(lab->dut, frame, len, flags);
}

static bool enqueue(struct lab *lab, uint64_t at_ns, struct item *item)
{
    if (item != NULL && queue_add(&lab->queue, at_ns, item))
        return true;
    free(item);
    return false;
}

bool lab_frame_at(struct lab *lab, uint64_t at_ns, const void *frame, size_t len, uint32_t flags)
{
    struct item *const item = malloc(sizeof *item + len);

    if (item != NULL) {
        *item = (struct item){.flags = flags, .len = len};
        memcpy(item->bytes, frame, len);
    }
    return enqueue(lab, at_ns, item);
}

bool lab_call_at(struct lab *lab, uint64_t at_ns, int ref)
{
    struct item *const item = malloc(sizeof *item);

    if (item != NULL)
        *item = (struct item){.is_call = true, .ref = ref};
    return enqueue(lab, at_ns, item);
}

/* The call may leave by longjmp: nothing is to be done after it. */
static void run_first(struct lab *lab)
{
    struct item *const item = queue_take(&lab->queue, NULL);

    if (item->is_call) {
        const int ref = item->ref;

        free(item);
        lab->call(lab->ctx, ref);
    } else {
        lab_frame_in(lab, item->bytes, item->len, item->flags);
        free(item);
    }
}

static bool arrived(const struct lab *lab, enum lab_until until, uint64_t messages)
{
    switch (until) {
    case LAB_UNTIL_IRQ:
        return lab->ops->irq(lab->dut) || lab->messages != messages;
    case LAB_UNTIL_IDLE:
        return lab->queue.count == 0 && lab->ops->next_event(lab->dut) == E1000_NEVER;
    case LAB_UNTIL_TIME:
        break;
    }
    return false;
}

/* The next time at which anything can happen, at most target_ns, at least now. */
static uint64_t next_time(const struct lab *lab, uint64_t target_ns, enum lab_until until)
{
    const uint64_t device_ns = lab->ops->next_event(lab->dut);
    const uint64_t queue_ns = queue_next(&lab->queue);
    uint64_t next_ns = target_ns;

    if ((lab->caps & DUT_VIRTUAL_TIME) == 0 && until != LAB_UNTIL_TIME && target_ns - lab->now_ns > STEP_NS)
        next_ns = lab->now_ns + STEP_NS;
    if (device_ns < next_ns)
        next_ns = device_ns;
    if (queue_ns < next_ns)
        next_ns = queue_ns;
    return next_ns > lab->now_ns ? next_ns : lab->now_ns;
}

enum lab_stop lab_run(struct lab *lab, uint64_t target_ns, enum lab_until until)
{
    const uint64_t messages = lab->messages;
    uint32_t turns = 0;

    while (!arrived(lab, until, messages)) {
        const uint64_t next_ns = next_time(lab, target_ns, until);

        turns = next_ns == lab->now_ns ? turns + 1 : 0;
        if (turns > SAME_TIME_MAX)
            return LAB_STOP_STUCK;
        lab->now_ns = next_ns;
        lab->ops->advance(lab->dut, next_ns);
        while (queue_next(&lab->queue) <= lab->now_ns && !arrived(lab, until, messages))
            run_first(lab);
        if (lab->now_ns >= target_ns && queue_next(&lab->queue) > lab->now_ns &&
            lab->ops->next_event(lab->dut) > lab->now_ns)
            return arrived(lab, until, messages) ? LAB_STOP_EARLY : LAB_STOP_TIME;
    }
    return LAB_STOP_EARLY;
}

void lab_step(struct lab *lab, const char *text)
{
    snprintf(lab->step, sizeof lab->step, "%s", text);
    trace_step(&lab->trace, lab->now_ns, text);
}

void lab_zero(struct lab *lab)
{
    lab->zero_ns = lab->now_ns;
    trace_zero(&lab->trace, lab->now_ns);
}
