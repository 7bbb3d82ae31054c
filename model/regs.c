/*
 * regs.c - the register table and its dispatch
 *
 * Manual  13.2 access rules, 13.3 on for the rows in regs.def, 13.4.7.1 for those in phy.def
 * Called  by pci.c for BAR0 and IODATA; by reset.c
 * Calls   the action that a row names, in its chapter file
 */
#include "core.h"

#include <string.h>

/* Which actions stand for behaviour that is there. */
enum {
    MODELLED_todo = 0,
    MODELLED_none = 1,
    MODELLED_ctrl = 1,
    MODELLED_status = 1,
    MODELLED_eecd = 1,
    MODELLED_eerd = 1,
    MODELLED_ctrl_ext = 1,
    MODELLED_mdic = 1,
    MODELLED_icr = 1,
    MODELLED_itr = 1,
    MODELLED_ics = 1,
    MODELLED_ims = 1,
    MODELLED_imc = 1,
    MODELLED_rctl = 1,
    MODELLED_rdlen = 1,
    MODELLED_rdh = 1,
    MODELLED_rdt = 1,
    MODELLED_rdtr = 1,
    MODELLED_rdbal = 1,
    MODELLED_rxdctl = 1,
    MODELLED_ral = 1,
    MODELLED_tctl = 1,
    MODELLED_tdlen = 1,
    MODELLED_tdh = 1,
    MODELLED_tdt = 1,
    MODELLED_tdbal = 1,
    MODELLED_txdctl = 1,
    MODELLED_pba = 1,
    MODELLED_pbm = 1,
    MODELLED_stat = 1,
    MODELLED_stat_lo = 1,
    MODELLED_stat_hi = 1,
    MODELLED_wuc = 1,
    MODELLED_wufc = 1,
    MODELLED_wus = 1,
    MODELLED_manc = 1,
    MODELLED_flex = 1,
    MODELLED_pctrl = 1,
    MODELLED_pstatus = 1,
    MODELLED_ana = 1,
    MODELLED_gcon = 1,
    MODELLED_pscon = 1,
    MODELLED_pints = 1,
    MODELLED_prec = 1,
    MODELLED_gstatus = 1,
    MODELLED_r30 = 1,
    MODELLED_rdf = 1,
    MODELLED_tdf = 1,
    MODELLED_ledctl = 1,
    MODELLED_npt = 1,
    MODELLED_epscon1 = 1,
};

/* Row numbers, and where each row's fields begin: counting on from the field before. */
enum {
#define REG(name, ...) ROW_##name,
#define REGS(name, ...) ROW_##name,
#include "regs.def"
    ROWS
};
enum {
#define REG(name, ...) FIRST_##name, BACK_##name = FIRST_##name - 1,
#define REGS(name, ...) FIRST_##name, BACK_##name = FIRST_##name - 1,
#define FLD(reg, name, ...) FIELD_##reg##_##name,
#include "regs.def"
    FIELDS
};
_Static_assert(ROWS < 256, "decode[] holds a row in a byte");

static const struct e1000_field fields[FIELDS + 1] = {
#define FLD(reg, name, hi, lo, acc, fmt, text) {#name, text, hi, lo, E1000_ACC_##acc, E1000_FMT_##fmt, ROW_##reg},
#include "regs.def"
    {NULL, NULL, 0, 0, 0, 0, UINT16_MAX},
};

static const struct e1000_reg rows[ROWS] = {
#define ROW(name, offset, count, stride, kind, reset, undefined, on, writable, action, manual, title)                  \
    {#name,                                                                                                            \
     title,                                                                                                            \
     manual,                                                                                                           \
     offset,                                                                                                           \
     count,                                                                                                            \
     stride,                                                                                                           \
     reset,                                                                                                            \
     undefined,                                                                                                        \
     writable,                                                                                                         \
     0,                                                                                                                \
     0,                                                                                                                \
     E1000_KIND_##kind,                                                                                                \
     E1000_ON_##on,                                                                                                    \
     MODELLED_##action,                                                                                                \
     ROW_##name,                                                                                                       \
     &fields[FIRST_##name]},
#define REG(name, offset, ...) ROW(name, offset, 1, 4, __VA_ARGS__)
#define REGS(name, ...) ROW(name, __VA_ARGS__)
#include "regs.def"
#undef ROW
};

#define none_access NULL
#define todo_access NULL
static const struct {
    action_fn *action;
    uint16_t slot;
} behaviour[ROWS] = {
#define REG(name, offset, kind, reset, undefined, on, writable, action, ...) {action##_access, R_##name},
#define REGS(name, offset, count, stride, kind, reset, undefined, on, writable, action, ...)                           \
    {action##_access, R_##name},
#include "regs.def"
};

enum {
#define PHY(name, ...) PROW_##name,
#include "phy.def"
    PROWS
};
enum {
#define PHY(name, ...) PFIRST_##name, PBACK_##name = PFIRST_##name - 1,
#define PFLD(reg, name, ...) PFIELD_##reg##_##name,
#include "phy.def"
    PFIELDS
};
static const struct e1000_field phy_fields[PFIELDS + 1] = {
#define PFLD(reg, name, hi, lo, acc, fmt, text) {#name, text, hi, lo, E1000_ACC_##acc, E1000_FMT_##fmt, PROW_##reg},
#include "phy.def"
    {NULL, NULL, 0, 0, 0, 0, UINT16_MAX},
};
static const struct e1000_reg phy_rows[PROWS] = {
#define PHY(name, number, kind, reset, keep, update, writable, action, manual, title)                                  \
    {#name,       title,                                                                                               \
     manual,      number,                                                                                              \
     1,           1,                                                                                                   \
     reset,       0,                                                                                                   \
     writable,    keep,                                                                                                \
     update,      E1000_KIND_##kind,                                                                                   \
     E1000_ON_PR, MODELLED_##action,                                                                                   \
     PROW_##name, &phy_fields[PFIRST_##name]},
#include "phy.def"
};

/* ---- the table for the outside ---- */

size_t e1000_reg_count(void)
{
    return ROWS;
}
const struct e1000_reg *e1000_reg(size_t n)
{
    return n < ROWS ? &rows[n] : NULL;
}
size_t e1000_phy_count(void)
{
    return PROWS;
}
const struct e1000_reg *e1000_phy(size_t n)
{
    return n < PROWS ? &phy_rows[n] : NULL;
}

const struct e1000_reg *e1000_reg_at(uint32_t offset, unsigned *index)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct e1000_reg *row = &rows[i];
        const uint32_t n = (offset - row->offset) / row->stride;

        if (offset >= row->offset && n < row->count && row->offset + n * row->stride == offset) {
            *index = n;
            return row;
        }
    }
    return NULL;
}

const struct e1000_reg *e1000_phy_at(unsigned number)
{
    for (size_t i = 0; i < PROWS; i++)
        if (phy_rows[i].offset == number)
            return &phy_rows[i];
    return NULL;
}

static bool same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

const struct e1000_reg *e1000_reg_named(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (same(rows[i].name, name))
            return &rows[i];
    return NULL;
}

const struct e1000_reg *e1000_phy_named(const char *name)
{
    for (size_t i = 0; i < PROWS; i++)
        if (same(phy_rows[i].name, name))
            return &phy_rows[i];
    return NULL;
}

/* ---- dispatch ---- */

void regs_init(struct e1000 *dev)
{
    memset(dev->decode, 0, sizeof dev->decode);
    for (unsigned i = 0; i < ROWS; i++)
        for (unsigned n = 0; rows[i].offset < 0x10000 && n < rows[i].count; n++)
            dev->decode[(rows[i].offset + n * rows[i].stride) / 4] = (uint8_t)(i + 1);
}

/* [14.7] Bits that the manual prints as undefined stay as they are. */
void regs_reset(struct e1000 *dev, unsigned on)
{
    for (unsigned i = 0; i < ROWS; i++) {
        const struct e1000_reg *row = &rows[i];

        if ((row->on & on) == 0 || behaviour[i].slot >= R_SLOTS)
            continue;
        for (unsigned n = 0; n < row->count; n++) {
            uint32_t *r = &dev->r[behaviour[i].slot + n];
            *r = (*r & row->undefined) | (row->reset & ~row->undefined);
        }
    }
}

/* Reserved bits hold what the reset value says of them [13.2 silent], but for a few that the EEPROM loads. */
uint32_t regs_mask(size_t n, unsigned *slot, unsigned *count)
{
    const struct e1000_reg *row = &rows[n];
    uint32_t mask = row->reset;

    *slot = behaviour[n].slot;
    *count = *slot < R_SLOTS ? row->count : 0;
    for (const struct e1000_field *f = row->field; f->owner == row->id; f++)
        mask |= E1000_BITS_(f->hi, f->lo);
    if (n == ROW_CTRL_EXT)
        mask |= 0x00014000; /* word 0Ah loads these [5.6.7] */
    else if (n == ROW_MANC)
        mask |= 0x0000a307; /* and word 23h these [5.6.24] */
    return mask;
}

struct place {
    const struct e1000_reg *row;
    uint32_t slot, index;
};

static inline bool locate(const struct e1000 *dev, uint32_t offset, struct place *p)
{
    unsigned row;

    if (offset >= 0x10000)
        row = ROW_PBM + 1;
    else
        row = dev->decode[offset / 4];
    if (row-- == 0)
        return false;
    p->row = &rows[row];
    p->index = (offset - rows[row].offset) / 4;
    if (rows[row].stride == 8)
        p->index /= 2;
    p->slot = behaviour[row].slot + p->index;
    return true;
}

static void trace_access(struct e1000 *dev, enum e1000_event_kind kind, const struct place *p, uint32_t offset,
                         uint32_t value, uint32_t other, bool io)
{
    struct e1000_event ev = {.kind = kind, .addr = offset, .size = 4, .value = value, .other = other, .io = io};

    if (p != NULL) {
        ev.reg = p->row;
        ev.index = p->index;
    }
    trace_event(dev, &ev);
}

static void check_reset_window(struct e1000 *dev, const char *what)
{
    if (dev->now_ns < dev->reset_until_ns)
        bad(dev, RULE_DURING_RESET, what, 0);
}

/* [13.2] Ignored. */
void regs_narrow(struct e1000 *dev, uint32_t offset)
{
    struct place p;

    if (locate(dev, offset & 0x1fffc, &p))
        bad_at(dev, RULE_NARROW_WRITE, p.row, p.index, offset);
    else
        bad(dev, RULE_NARROW_WRITE, NULL, offset);
}

uint32_t regs_read(struct e1000 *dev, uint32_t offset, bool io)
{
    struct place p;
    uint32_t value, stored = 0;

    offset &= 0x1fffc;
    if (!locate(dev, offset, &p)) {
        if (tracing(dev))
            trace_access(dev, E1000_EV_REG_READ, NULL, offset, 0, 0, io);
        bad(dev, RULE_UNDECLARED, NULL, offset);
        return 0; /* [13.2 silent] indeterminate; 0 is what drivers that probe expect least trouble from */
    }
    check_reset_window(dev, p.row->name);
    if (p.row->kind == E1000_KIND_RC)
        rx_count(dev);
    if (p.slot < R_SLOTS)
        stored = dev->r[p.slot];
    value = stored;
    /*
     * The line of the read stands before what the read causes, so the trace event goes first; a
     * value that is worked out must be known by then. Actions that do more than compute a value are
     * those of read-to-clear rows, whose value is the stored one.
     */
    if (p.row->kind == E1000_KIND_RC) {
        const bool clears = behaviour[p.row->id].action != stat_lo_access;

        if (tracing(dev))
            trace_access(dev, E1000_EV_REG_READ, &p, offset, value, clears ? value : 0, io);
        if (behaviour[p.row->id].action != NULL)
            behaviour[p.row->id].action(dev, ACCESS_READ, p.slot, value, stored);
        return value;
    }
    if (behaviour[p.row->id].action != NULL)
        value = behaviour[p.row->id].action(dev, ACCESS_READ, p.slot, value, stored);
    if (p.row->kind == E1000_KIND_WO)
        value = 0; /* [13.4.19, 13.4.21 silent] not defined */
    if (tracing(dev))
        trace_access(dev, E1000_EV_REG_READ, &p, offset, value, 0, io);
    return value;
}

void regs_write(struct e1000 *dev, uint32_t offset, uint32_t value, bool io)
{
    struct place p;
    uint32_t old = 0, now, effect;

    offset &= 0x1fffc;
    if (!locate(dev, offset, &p)) {
        if (tracing(dev))
            trace_access(dev, E1000_EV_REG_WRITE, NULL, offset, value, value, io);
        bad(dev, RULE_UNDECLARED, NULL, offset);
        return;
    }
    effect = value & p.row->writable;
    if (tracing(dev)) {
        trace_access(dev, E1000_EV_REG_WRITE, &p, offset, value, value & ~p.row->writable, io);
        rules_write(dev, p.row, p.slot, value);
    }
    check_reset_window(dev, p.row->name);
    if (p.slot < R_SLOTS)
        old = dev->r[p.slot];
    switch ((enum e1000_kind)p.row->kind) {
    case E1000_KIND_RW:
        now = (old & ~p.row->writable) | effect;
        effect = now;
        break;
    case E1000_KIND_W1S:
        now = old | effect;
        break;
    case E1000_KIND_W1C:
        now = old & ~effect;
        break;
    case E1000_KIND_RC:
        now = old; /* ICR also takes ones to clear; its action does that */
        break;
    default:
        now = old;
        break;
    }
    if (p.slot < R_SLOTS)
        dev->r[p.slot] = now;
    rx_changed(dev);
    if (behaviour[p.row->id].action != NULL)
        behaviour[p.row->id].action(dev, ACCESS_WRITE, p.slot, effect, old);
}
