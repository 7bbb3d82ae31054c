/*
 * regs.c - the register table for people: e1000lab regs, decode and rules
 *
 * Everything printed here comes from the model's own table, so it cannot differ from what the
 * device does.
 */
#include "regs.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../model/e1000_regs.h"
#include "../model/e1000_trace.h"
#include "nearest.h"

static const char *kind_name(unsigned kind)
{
    static const char *const names[] = {
        [E1000_KIND_RW] = "RW",   [E1000_KIND_RO] = "RO",   [E1000_KIND_WO] = "WO",
        [E1000_KIND_W1S] = "W1S", [E1000_KIND_W1C] = "W1C", [E1000_KIND_RC] = "RC",
    };

    return kind < sizeof names / sizeof *names ? names[kind] : "?";
}

static const char *kind_text(unsigned kind)
{
    static const char *const texts[] = {
        [E1000_KIND_RW] = "read and write",
        [E1000_KIND_RO] = "read only",
        [E1000_KIND_WO] = "write only",
        [E1000_KIND_W1S] = "a written 1 sets the bit",
        [E1000_KIND_W1C] = "a written 1 clears the bit",
        [E1000_KIND_RC] = "reading clears it",
    };

    return kind < sizeof texts / sizeof *texts ? texts[kind] : "?";
}

static const char *access_name(unsigned access)
{
    static const char *const names[] = {
        [E1000_ACC_RW] = "RW",   [E1000_ACC_RO] = "RO",   [E1000_ACC_WO] = "WO", [E1000_ACC_SC] = "SC",
        [E1000_ACC_W1C] = "W1C", [E1000_ACC_W1S] = "W1S", [E1000_ACC_RC] = "RC", [E1000_ACC_SAT] = "SAT",
        [E1000_ACC_LH] = "LH",   [E1000_ACC_LL] = "LL",
    };

    return access < sizeof names / sizeof *names ? names[access] : "?";
}

/* Its fields lie together and know their row; a row of another number ends them. */
static unsigned field_count(const struct e1000_reg *reg)
{
    unsigned n = 0;

    while (reg->field[n].name != NULL && reg->field[n].owner == reg->id)
        n++;
    return n;
}

/* A PHY row's registers are 16 bits wide and have numbers, not offsets. */
struct found {
    const struct e1000_reg *reg;
    const struct e1000_field *field; /* NULL: the whole register */
    bool phy;
    bool element; /* index names one of an array */
    unsigned index;
};

/* ---- the list -------------------------------------------------------------------------------- */

static void print_row(FILE *to, const struct e1000_reg *reg, bool phy)
{
    char name[48], offset[16];

    if (reg->count > 1)
        snprintf(name, sizeof name, "%s[%u]", reg->name, (unsigned)reg->count);
    else
        snprintf(name, sizeof name, "%s%s", phy ? "PHY." : "", reg->name);
    if (phy)
        snprintf(offset, sizeof offset, "phy %2" PRIu32, reg->offset);
    else
        snprintf(offset, sizeof offset, "%05" PRIx32, reg->offset);
    fprintf(to, "%-6s  %-13s %-4s %0*" PRIx32 "%s  %-12s %s%s\n", offset, name, kind_name(reg->kind), phy ? 4 : 8,
            reg->reset, phy ? "    " : "", reg->manual, reg->title, reg->modelled ? "" : "  (later)");
}

void regs_print_all(FILE *to, bool todo_only)
{
    fprintf(to, "%-6s  %-13s %-4s %-8s  %-12s %s\n", "offset", "name", "kind", "reset", "manual", "title");
    for (size_t i = 0; i < e1000_reg_count(); i++)
        if (!todo_only || !e1000_reg(i)->modelled)
            print_row(to, e1000_reg(i), false);
    for (size_t i = 0; i < e1000_phy_count(); i++)
        if (!todo_only || !e1000_phy(i)->modelled)
            print_row(to, e1000_phy(i), true);
}

/* ---- looking up ------------------------------------------------------------------------------ */

/* All of text is one number: decimal if base is 10, else hexadecimal with or without 0x or h. */
static bool whole_number(const char *text, int base, uint64_t *to)
{
    char digits[24];
    size_t len;
    char *end;

    if (base == 16 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    len = strlen(text);
    if (base == 16 && len > 1 && (text[len - 1] == 'h' || text[len - 1] == 'H'))
        len--;
    if (len == 0 || len >= sizeof digits)
        return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    /* strtoull would take a sign or a second 0x. */
    for (size_t i = 0; i < len; i++)
        if (!(base == 16 ? isxdigit((unsigned char)digits[i]) : isdigit((unsigned char)digits[i])))
            return false;
    errno = 0;
    *to = strtoull(digits, &end, base);
    return errno == 0 && *end == '\0';
}

static bool by_offset(const char *text, struct found *found, char *why, size_t size)
{
    uint64_t offset;

    if (!whole_number(text, 16, &offset) || offset > UINT32_MAX) {
        snprintf(why, size, "\"%s\" is neither a register's name nor a hexadecimal offset", text);
        return false;
    }
    found->reg = e1000_reg_at((uint32_t)offset, &found->index);
    found->element = found->reg != NULL && found->reg->count > 1;
    if (found->reg == NULL)
        snprintf(why, size, "no register is declared at offset %05" PRIx64 "; see e1000lab regs", offset);
    return found->reg != NULL;
}

static bool by_phy_number(const char *text, struct found *found, char *why, size_t size)
{
    const bool hex = strncasecmp(text, "0x", 2) == 0;
    uint64_t number;

    if (whole_number(text, hex ? 16 : 10, &number) && number < 32)
        found->reg = e1000_phy_at((unsigned)number);
    if (found->reg == NULL)
        snprintf(why, size, "there is no PHY register %s; see e1000lab regs", text);
    return found->reg != NULL;
}

static void offer_names(struct nearest *near, bool phy_only)
{
    for (size_t i = 0; i < e1000_reg_count() && !phy_only; i++)
        nearest_offer(near, e1000_reg(i)->name);
    for (size_t i = 0; i < e1000_phy_count(); i++)
        nearest_offer(near, e1000_phy(i)->name);
}

static bool by_name(const char *name, struct found *found, char *why, size_t size)
{
    struct nearest near;
    char text[128];

    for (size_t i = 0; i < e1000_reg_count() && !found->phy; i++)
        if (strcasecmp(e1000_reg(i)->name, name) == 0) {
            found->reg = e1000_reg(i);
            return true;
        }
    for (size_t i = 0; i < e1000_phy_count(); i++)
        if (strcasecmp(e1000_phy(i)->name, name) == 0) {
            found->reg = e1000_phy(i);
            found->phy = true;
            return true;
        }
    nearest_start(&near, name);
    offer_names(&near, found->phy);
    snprintf(why, size, "no register named %s%s; e1000lab regs lists all", name,
             nearest_text(&near, text, sizeof text));
    return false;
}

static bool find_field(const char *name, struct found *found, char *why, size_t size)
{
    const struct e1000_reg *const reg = found->reg;
    struct nearest near;
    char text[128];

    nearest_start(&near, name);
    for (unsigned i = 0; i < field_count(reg); i++) {
        if (strcasecmp(reg->field[i].name, name) == 0) {
            found->field = &reg->field[i];
            return true;
        }
        nearest_offer(&near, reg->field[i].name);
    }
    snprintf(why, size, "%s has no field %s%s; see e1000lab regs %s", reg->name, name,
             nearest_text(&near, text, sizeof text), reg->name);
    return false;
}

/* "[3]" after the name of an array */
static bool take_index(char *name, struct found *found, bool *good)
{
    char *const open = strchr(name, '[');
    uint64_t index = 0;

    *good = true;
    if (open == NULL)
        return false;
    *good = strlen(open) > 2 && open[strlen(open) - 1] == ']';
    if (*good) {
        open[strlen(open) - 1] = '\0';
        *good = whole_number(open + 1, 10, &index) && index <= UINT16_MAX;
    }
    *open = '\0';
    found->index = (unsigned)index;
    found->element = true;
    return true;
}

static bool find(const char *given, struct found *found, char *why, size_t size)
{
    char copy[64], *name = copy, *field;
    bool good;

    memset(found, 0, sizeof *found);
    if (strlen(given) >= sizeof copy) {
        snprintf(why, size, "no register has a name as long as %.40s...", given);
        return false;
    }
    strcpy(copy, given);
    if (strncasecmp(name, "PHY.", 4) == 0) {
        found->phy = true;
        name += 4;
    }
    field = strchr(name, '.');
    if (field != NULL)
        *field++ = '\0';
    take_index(name, found, &good);
    if (!good) {
        snprintf(why, size, "%s: an element of an array is written like RAL[3]", given);
        return false;
    }
    if (!isdigit((unsigned char)name[0]))
        good = by_name(name, found, why, size);
    else if (found->phy)
        good = by_phy_number(name, found, why, size);
    else
        good = by_offset(name, found, why, size);
    if (!good)
        return false;
    if (found->element && found->index >= found->reg->count) {
        if (found->reg->count > 1)
            snprintf(why, size, "%s has elements 0 to %u", found->reg->name, found->reg->count - 1u);
        else
            snprintf(why, size, "%s is no array", found->reg->name);
        return false;
    }
    found->element = found->element && found->reg->count > 1;
    return field == NULL || find_field(field, found, why, size);
}

/* ---- one register ---------------------------------------------------------------------------- */

static void print_title(FILE *to, const struct found *found)
{
    const struct e1000_reg *const reg = found->reg;

    fprintf(to, "%s%s", found->phy ? "PHY." : "", reg->name);
    if (found->element)
        fprintf(to, "[%u]", found->index);
    else if (reg->count > 1)
        fprintf(to, "[%u]", (unsigned)reg->count);
    fprintf(to, "  %s  [%s]\n", reg->title, reg->manual);
}

static void print_offset(FILE *to, const struct found *found)
{
    const struct e1000_reg *const reg = found->reg;

    if (found->phy)
        fprintf(to, "  number     %" PRIu32 ", through MDIC\n", reg->offset);
    else if (found->element)
        fprintf(to, "  offset     %05" PRIx32 "\n", reg->offset + found->index * reg->stride);
    else if (reg->count > 1)
        fprintf(to, "  offset     %05" PRIx32 " + %u x n, n = 0 to %u\n", reg->offset, (unsigned)reg->stride,
                reg->count - 1u);
    else
        fprintf(to, "  offset     %05" PRIx32 "\n", reg->offset);
}

static void print_resets(FILE *to, unsigned on)
{
    static const struct {
        unsigned bit;
        const char *text;
    } resets[] = {{E1000_ON_P, "power-up (LAN_PWR_GOOD)"}, {E1000_ON_R, "RST#"}, {E1000_ON_S, "CTRL.RST"}};
    bool any = false;

    for (int i = 0; i < 3; i++)
        if (on & resets[i].bit) {
            fprintf(to, "%s%s", any ? ", " : "loaded by ", resets[i].text);
            any = true;
        }
    fputs(any ? "\n" : "no reset loads it\n", to);
}

static void print_masks(FILE *to, const struct found *found)
{
    const struct e1000_reg *const reg = found->reg;
    const int digits = found->phy ? 4 : 8;

    fprintf(to, "  reset      %0*" PRIx32 "  ", digits, reg->reset);
    print_resets(to, reg->on);
    if (reg->undefined != 0)
        fprintf(to, "  undefined  %0*" PRIx32 "  a reset leaves these bits as they are\n", digits, reg->undefined);
    fprintf(to, "  writable   %0*" PRIx32 "\n", digits, reg->writable);
    if (found->phy && reg->sw_keep != 0)
        fprintf(to, "  keeps      %0*" PRIx32 "  a software reset of the PHY leaves these bits\n", digits,
                reg->sw_keep);
    if (found->phy && reg->sw_update != 0)
        fprintf(to, "  update     %0*" PRIx32 "  take effect at a software reset of the PHY\n", digits, reg->sw_update);
}

static void bits_text(const struct e1000_field *field, char *to, size_t size)
{
    if (field->hi == field->lo)
        snprintf(to, size, "%u", field->hi);
    else
        snprintf(to, size, "%u:%u", field->hi, field->lo);
}

static int name_width(const struct e1000_reg *reg)
{
    size_t width = 4;

    for (unsigned i = 0; i < field_count(reg); i++)
        if (strlen(reg->field[i].name) > width)
            width = strlen(reg->field[i].name);
    return (int)width;
}

static void print_field(FILE *to, const struct e1000_field *field, int width)
{
    char bits[16];

    bits_text(field, bits, sizeof bits);
    fprintf(to, "    %5s  %-*s  %-3s  %s\n", bits, width, field->name, access_name(field->access), field->text);
}

bool regs_print_one(FILE *to, const char *name, char *why, size_t size)
{
    struct found found;
    const struct e1000_reg *reg;

    if (!find(name, &found, why, size))
        return false;
    reg = found.reg;
    print_title(to, &found);
    if (found.field != NULL) {
        print_field(to, found.field, name_width(reg));
        return true;
    }
    print_offset(to, &found);
    fprintf(to, "  kind       %s, %s\n", kind_name(reg->kind), kind_text(reg->kind));
    print_masks(to, &found);
    if (!reg->modelled)
        fputs("  later      stored like plain memory; what it does is not modelled yet\n", to);
    fputs("  fields\n", to);
    for (unsigned i = 0; i < field_count(reg); i++)
        print_field(to, &reg->field[i], name_width(reg));
    if (!found.phy && !found.element && e1000_phy_named(reg->name) != NULL)
        fprintf(to, "  the PHY has a register of this name, too: e1000lab regs PHY.%s\n", reg->name);
    return true;
}

/* ---- one value ------------------------------------------------------------------------------- */

static uint32_t field_mask(const struct e1000_field *field)
{
    return E1000_BITS_(field->hi, field->lo);
}

static void print_field_value(FILE *to, const struct e1000_field *field, uint32_t value, int width)
{
    const uint32_t part = (value & field_mask(field)) >> field->lo;
    char bits[16], text[16];

    bits_text(field, bits, sizeof bits);
    snprintf(text, sizeof text, field->format == E1000_FMT_hex ? "%" PRIx32 "h" : "%" PRIu32, part);
    fprintf(to, "  %5s  %-*s  %10s  %s\n", bits, width, field->name, text, field->text);
}

bool regs_print_value(FILE *to, const char *name, const char *value, char *why, size_t size)
{
    struct found found;
    uint32_t rest;
    uint64_t given;

    if (!find(name, &found, why, size))
        return false;
    if (!whole_number(value, 16, &given)) {
        snprintf(why, size, "\"%s\" is no hexadecimal value such as 8000004a", value);
        return false;
    }
    if (given > (found.phy ? UINT16_MAX : UINT32_MAX)) {
        snprintf(why, size, "%s is too large: %s%s has %d bits", value, found.phy ? "PHY." : "", found.reg->name,
                 found.phy ? 16 : 32);
        return false;
    }
    rest = (uint32_t)given;
    print_title(to, &found);
    for (unsigned i = 0; i < field_count(found.reg); i++) {
        const struct e1000_field *const field = &found.reg->field[i];

        rest &= ~field_mask(field);
        if (found.field == NULL || found.field == field)
            print_field_value(to, field, (uint32_t)given, name_width(found.reg));
    }
    if (rest != 0 && found.field == NULL)
        fprintf(to, "  the bits %0*" PRIx32 " are reserved and belong to no field\n", found.phy ? 4 : 8, rest);
    return true;
}

/* ---- rules ----------------------------------------------------------------------------------- */

void regs_print_rules(FILE *to)
{
    for (size_t i = 0; i < e1000_rule_count(); i++) {
        const struct e1000_rule *const rule = e1000_rule(i);

        fprintf(to, "%-22s  %-8s  %s\n", rule->name, rule->manual, rule->text);
    }
}
