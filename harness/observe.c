/*
 * observe.c - what a run has seen of the registers
 */
#include "observe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const struct e1000_reg *reg;
    uint64_t reads, writes, after_reset;
    uint32_t seen0, seen1, wrote0, wrote1;
    uint8_t *changed; /* of each element: written since the last reset that loads it */
};

struct table {
    struct row *rows;
    size_t count;
    uint32_t mask; /* bits that a register has */
    uint8_t *changed;
    size_t elements;
};

struct observe {
    struct table mac, phy;
};

static bool make_table(struct table *table, size_t count, uint32_t mask, const struct e1000_reg *(*row)(size_t))
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        table->elements += row(i)->count > 0 ? row(i)->count : 1;
    table->mask = mask;
    table->rows = calloc(count + 1, sizeof *table->rows);
    table->changed = calloc(table->elements + 1, 1);
    if (table->rows == NULL || table->changed == NULL)
        return false;
    table->count = count;
    for (size_t i = 0; i < count; i++) {
        table->rows[i].reg = row(i);
        table->rows[i].changed = table->changed + used;
        used += row(i)->count > 0 ? row(i)->count : 1;
    }
    return true;
}

struct observe *observe_new(void)
{
    struct observe *const observe = calloc(1, sizeof *observe);

    if (observe != NULL && (!make_table(&observe->mac, e1000_reg_count(), UINT32_MAX, e1000_reg) ||
                            !make_table(&observe->phy, e1000_phy_count(), UINT16_MAX, e1000_phy))) {
        observe_free(observe);
        return NULL;
    }
    return observe;
}

void observe_free(struct observe *observe)
{
    if (observe == NULL)
        return;
    free(observe->mac.rows);
    free(observe->mac.changed);
    free(observe->phy.rows);
    free(observe->phy.changed);
    free(observe);
}

static struct row *find(struct table *table, const struct e1000_reg *reg)
{
    if (reg == NULL || reg->id >= table->count || table->rows[reg->id].reg != reg)
        return NULL;
    return &table->rows[reg->id];
}

static void look(const struct table *table, struct row *row, uint32_t mask, uint32_t value)
{
    row->seen0 |= ~value & mask & table->mask;
    row->seen1 |= value & mask & table->mask;
}

static void access(struct table *table, const struct e1000_event *event, bool write)
{
    struct row *const row = find(table, event->reg);
    uint8_t *changed;

    if (row == NULL)
        return;
    changed = event->index < row->reg->count ? &row->changed[event->index] : &row->changed[0];
    if (write) {
        row->writes++;
        row->wrote0 |= ~event->value & table->mask;
        row->wrote1 |= event->value & table->mask;
        *changed = 1;
    } else {
        row->reads++;
        row->after_reset += *changed == 0;
        look(table, row, UINT32_MAX, event->value);
    }
}

/* The registers that this reset loads are as it left them. [14.7] */
static void reset(struct observe *observe, const char *which)
{
    uint8_t on = E1000_ON_R; /* the way from D3 to D0 ends in the same state as RST# [6.3.1] */

    if (which != NULL && strcmp(which, "CTRL.RST") == 0)
        on = E1000_ON_S;
    else if (which != NULL && strcmp(which, "LAN_PWR_GOOD") == 0)
        on = E1000_ON_P;
    for (size_t i = 0; i < observe->mac.count; i++) {
        const struct row *const row = &observe->mac.rows[i];

        if ((row->reg->on & on) != 0)
            memset(row->changed, 0, row->reg->count > 0 ? row->reg->count : 1);
    }
    if (on != E1000_ON_S) /* CTRL.RST does not reach the PHY */
        memset(observe->phy.changed, 0, observe->phy.elements);
}

void observe_event(struct observe *observe, const struct e1000_event *event)
{
    switch (event->kind) {
    case E1000_EV_REG_READ:
    case E1000_EV_REG_WRITE:
        access(&observe->mac, event, event->kind == E1000_EV_REG_WRITE);
        break;
    case E1000_EV_PHY_READ:
    case E1000_EV_PHY_WRITE:
        access(&observe->phy, event, event->kind == E1000_EV_PHY_WRITE);
        break;
    case E1000_EV_RESET:
        reset(observe, event->text);
        break;
    default:
        break;
    }
}

bool observe_seen(struct observe *observe, const char *name, uint32_t mask, uint32_t value)
{
    const bool phy = strncmp(name, "PHY.", 4) == 0;
    struct row *row = phy ? NULL : find(&observe->mac, e1000_reg_named(name));

    if (row != NULL) {
        look(&observe->mac, row, mask, value);
        return true;
    }
    row = find(&observe->phy, e1000_phy_named(phy ? name + 4 : name));
    if (row != NULL)
        look(&observe->phy, row, mask, value);
    return row != NULL;
}

static void print_table(FILE *file, const char *kind, const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct row *const row = &table->rows[i];

        if ((row->reads | row->writes | row->seen0 | row->seen1) == 0)
            continue;
        fprintf(file, "%s %s %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx32 " %" PRIx32 " %" PRIx32 " %" PRIx32 "\n",
                kind, row->reg->name, row->reads, row->writes, row->after_reset, row->seen0, row->seen1, row->wrote0,
                row->wrote1);
    }
}

bool observe_write(const struct observe *observe, const char *path, const char *const *sections, size_t count,
                   char *why, size_t size)
{
    FILE *const file = fopen(path, "w");
    bool good;

    if (file == NULL) {
        snprintf(why, size, "cannot write %s: %s", path, strerror(errno));
        return false;
    }
    print_table(file, "reg", &observe->mac);
    print_table(file, "phy", &observe->phy);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "section %s\n", sections[i]);
    good = !ferror(file);
    good = fclose(file) == 0 && good;
    if (!good)
        snprintf(why, size, "cannot write %s: %s", path, strerror(errno));
    return good;
}
