/*
 * coverage.c - which register bits all scenarios together have seen, what is waived, what is missing
 *
 * A bit counts once it was seen at 0 and at 1, by the CPU's reads and by expectations. Of a field that
 * cannot be read back (write-only, self-clearing) the written values count. A counter that reading clears
 * counts as one bit: seen at 0, and at something else. Bits without a field do not count.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "coverage.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "nearest.h"
#include "runner.h"

bool coverage_grow(void *array, size_t *space, size_t need, size_t element)
{
    const size_t larger = need > 2 * *space ? need : 2 * *space;
    void *old, *grown;

    if (need <= *space)
        return true;
    memcpy(&old, array, sizeof old);
    grown = realloc(old, larger * element);
    if (grown == NULL)
        return false;
    memcpy(array, &grown, sizeof grown);
    *space = larger;
    return true;
}

/* A line of a text file without its end; false at the end of the file. */
struct lines {
    FILE *file;
    const char *path;
    int number;
    char text[512];
};

static bool next_line(struct lines *lines)
{
    if (fgets(lines->text, sizeof lines->text, lines->file) == NULL)
        return false;
    lines->number++;
    return true;
}

static bool bad_line(const struct lines *lines, char *why, size_t size, const char *text, const char *what)
{
    snprintf(why, size, "%s:%d: %s%s", lines->path, lines->number, text, what);
    return false;
}

/* ---- the rows -------------------------------------------------------------------------------- */

/* The fields of a row lie together and know their row; one of another row ends them. */
static unsigned field_count(const struct e1000_reg *reg)
{
    unsigned n = 0;

    while (reg->field[n].name != NULL && reg->field[n].owner == reg->id)
        n++;
    return n;
}

static bool is_phy(const struct coverage *c, size_t row)
{
    return row >= c->mac_rows;
}

/* A PHY register of the same name as one of the device's needs its "PHY.". SIZE_MAX: no such register. */
static size_t row_named(const struct coverage *c, const char *name)
{
    const bool phy = strncmp(name, "PHY.", 4) == 0;

    for (size_t i = phy ? c->mac_rows : 0; i < c->rows; i++)
        if (strcmp(c->reg[i]->name, name + (phy ? 4 : 0)) == 0)
            return i;
    return SIZE_MAX;
}

static void row_name(const struct coverage *c, size_t row, char *to, size_t size)
{
    snprintf(to, size, "%s%s", is_phy(c, row) ? "PHY." : "", c->reg[row]->name);
}

static bool make_rows(struct coverage *c)
{
    c->mac_rows = e1000_reg_count();
    c->rows = c->mac_rows + e1000_phy_count();
    c->reg = calloc(c->rows, sizeof *c->reg);
    c->total = calloc(c->rows, sizeof *c->total);
    if (c->reg == NULL || c->total == NULL)
        return false;
    for (size_t i = 0; i < c->rows; i++)
        c->reg[i] = is_phy(c, i) ? e1000_phy(i - c->mac_rows) : e1000_reg(i);
    return true;
}

static void free_coverage(struct coverage *c)
{
    for (size_t i = 0; i < c->scenario_count; i++) {
        free(c->scenarios[i].seen);
        free(c->scenarios[i].sections);
    }
    free(c->scenarios);
    free(c->reg);
    free(c->total);
}

/* ---- reading what runs saw ------------------------------------------------------------------- */

static void add_seen(struct coverage_seen *to, const struct coverage_seen *seen)
{
    to->reads += seen->reads;
    to->writes += seen->writes;
    to->after_reset += seen->after_reset;
    to->seen0 |= seen->seen0;
    to->seen1 |= seen->seen1;
    to->wrote0 |= seen->wrote0;
    to->wrote1 |= seen->wrote1;
}

static bool take_register(struct coverage *c, struct coverage_scenario *scenario, const struct lines *lines, char *why,
                          size_t size)
{
    struct coverage_seen seen;
    char kind[8], name[64], full[80];
    size_t row;
    int end = 0;

    if (sscanf(lines->text,
               "%7s %63s %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32 " %n", kind,
               name, &seen.reads, &seen.writes, &seen.after_reset, &seen.seen0, &seen.seen1, &seen.wrote0, &seen.wrote1,
               &end) != 9 ||
        lines->text[end] != '\0')
        return bad_line(lines, why, size, "not a line of a coverage file; run e1000lab run --coverage again", "");
    snprintf(full, sizeof full, "%s%s", strcmp(kind, "phy") == 0 ? "PHY." : "", name);
    row = row_named(c, full);
    if (row == SIZE_MAX || is_phy(c, row) != (strcmp(kind, "phy") == 0))
        return bad_line(lines, why, size, "written by another version, which knew a register ", name);
    add_seen(&scenario->seen[row], &seen);
    add_seen(&c->total[row], &seen);
    return true;
}

static bool take_section(struct coverage_scenario *scenario, size_t *space, const struct lines *lines, char *why,
                         size_t size)
{
    const char *const text = lines->text + strlen("section ");
    const size_t len = strcspn(text, "\n");

    if (len == 0 || len >= COVERAGE_SECTION)
        return bad_line(lines, why, size, "not a section of the manual", "");
    if (!coverage_grow(&scenario->sections, space, scenario->section_count + 1, sizeof *scenario->sections))
        return bad_line(lines, why, size, "out of memory", "");
    memcpy(scenario->sections[scenario->section_count], text, len);
    scenario->sections[scenario->section_count++][len] = '\0';
    return true;
}

static bool read_lines(struct coverage *c, struct coverage_scenario *scenario, struct lines *lines, char *why,
                       size_t size)
{
    size_t space = 0;
    bool good = true;

    while (good && next_line(lines)) {
        if (strchr(lines->text, '\n') == NULL)
            good = bad_line(lines, why, size, "the file is cut short; run e1000lab run --coverage again", "");
        else if (strncmp(lines->text, "section ", 8) == 0)
            good = take_section(scenario, &space, lines, why, size);
        else
            good = take_register(c, scenario, lines, why, size);
    }
    return good;
}

static bool read_scenario(struct coverage *c, size_t *space, const char *path, const char *name, char *why, size_t size)
{
    struct lines lines = {.path = path};
    struct coverage_scenario *scenario;
    bool good;

    if (!coverage_grow(&c->scenarios, space, c->scenario_count + 1, sizeof *c->scenarios)) {
        snprintf(why, size, "%s: out of memory", path);
        return false;
    }
    scenario = &c->scenarios[c->scenario_count];
    memset(scenario, 0, sizeof *scenario);
    snprintf(scenario->name, sizeof scenario->name, "%.*s", (int)(strlen(name) - strlen(".cov")), name);
    scenario->seen = calloc(c->rows, sizeof *scenario->seen);
    lines.file = fopen(path, "r");
    if (scenario->seen == NULL || lines.file == NULL) {
        snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
        free(scenario->seen);
        if (lines.file != NULL)
            fclose(lines.file);
        return false;
    }
    c->scenario_count++;
    good = read_lines(c, scenario, &lines, why, size);
    fclose(lines.file);
    return good;
}

static bool read_folder(struct coverage *c, size_t *space, const char *folder, char *why, size_t size)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, NULL, alphasort);
    bool good = true;

    if (n < 0) {
        snprintf(why, size, "%s: %s", folder, strerror(errno));
        return false;
    }
    for (int i = 0; i < n; i++) {
        const char *const name = entries[i]->d_name;
        char path[FILES_PATH];
        struct stat st;

        if (!good || name[0] == '.') {
            ;
        } else if (!files_join(path, sizeof path, folder, name)) {
            snprintf(why, size, "%s holds a path that is too long", folder);
            good = false;
        } else if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            good = read_folder(c, space, path, why, size);
        } else if (files_ends_in(name, ".cov")) {
            good = read_scenario(c, space, path, name, why, size);
        }
        free(entries[i]);
    }
    free(entries);
    return good;
}

static bool read_all(struct coverage *c, const char *folder, char *why, size_t size)
{
    size_t space = 0;

    if (!read_folder(c, &space, folder, why, size))
        return false;
    if (c->scenario_count == 0)
        snprintf(why, size, "%s: no file *.cov there; e1000lab run --coverage=%s writes them", folder, folder);
    return c->scenario_count > 0;
}

/* ---- units: what counts as seen or not ------------------------------------------------------- */

static uint32_t field_mask(const struct e1000_field *field)
{
    return E1000_BITS_(field->hi, field->lo);
}

static bool is_counter(const struct e1000_field *field)
{
    return field->access == E1000_ACC_SAT || field->access == E1000_ACC_RC;
}

static bool cannot_be_read(const struct e1000_reg *reg, const struct e1000_field *field)
{
    return reg->kind == E1000_KIND_WO || field->access == E1000_ACC_WO || field->access == E1000_ACC_SC;
}

/* The bits that stand for this field: all of it, or one for a counter. */
static uint32_t field_units(const struct e1000_field *field)
{
    return is_counter(field) ? UINT32_C(1) << field->lo : field_mask(field);
}

/* Units never seen at 0, and never at 1. */
static void field_lacks(const struct e1000_reg *reg, const struct e1000_field *field, const struct coverage_seen *seen,
                        uint32_t *lack0, uint32_t *lack1)
{
    const uint32_t mask = field_mask(field), units = field_units(field);
    uint32_t at0 = seen->seen0, at1 = seen->seen1;

    if (cannot_be_read(reg, field)) {
        at0 |= seen->wrote0;
        at1 |= seen->wrote1;
    }
    if (is_counter(field)) {
        at0 = (at0 & mask) == mask ? mask : 0;
        at1 = (at1 & mask) != 0 ? mask : 0;
    }
    *lack0 = units & ~at0;
    *lack1 = units & ~at1;
}

static void row_lacks(const struct e1000_reg *reg, const struct coverage_seen *seen, uint32_t *units, uint32_t *lack0,
                      uint32_t *lack1)
{
    *units = *lack0 = *lack1 = 0;
    for (unsigned i = 0; i < field_count(reg); i++) {
        uint32_t zero, one;

        field_lacks(reg, &reg->field[i], seen, &zero, &one);
        *units |= field_units(&reg->field[i]);
        *lack0 |= zero;
        *lack1 |= one;
    }
}

static unsigned bits_in(uint32_t value)
{
    unsigned n = 0;

    for (; value != 0; value &= value - 1)
        n++;
    return n;
}

/* ---- waivers --------------------------------------------------------------------------------- */

enum category { CONSTANT, NO_PIN, HOST_ONLY, LOW_RISK, LATER, CATEGORIES };

static const struct {
    const char *name, *text;
} categories[CATEGORIES] = {
    [CONSTANT] = {"CONSTANT", "hard-wired; it must have been seen at its one value"},
    [NO_PIN] = {"NO_PIN", "follows a pin or signal that this part or board does not have"},
    [HOST_ONLY] = {"HOST_ONLY", "only the host's side brings it about, and no scenario can"},
    [LOW_RISK] = {"LOW_RISK", "could be shown; what could be wrong is not worth it"},
    [LATER] = {"LATER", "not modelled yet; does not count as waived"},
};

struct waiver {
    size_t row;
    char target[96]; /* as written */
    uint32_t mask;
    enum category category;
    char reason[160], owner[40];
    int line;
    uint32_t used;          /* units that need it */
    const char *not_needed; /* why it is stale, or NULL */
};

struct verdict {
    uint32_t units, lack0, lack1;
    uint32_t waived, later; /* by category LATER */
};

struct judged {
    const struct coverage *c;
    struct verdict *verdict; /* of each row */
    struct waiver *waivers;
    size_t waiver_count, waiver_space;
    const char *waivers_path;
    size_t later_rows;
    unsigned units, seen, waived, later, missing, stale;
};

static const struct e1000_field *field_named(const struct e1000_reg *reg, const char *name)
{
    for (unsigned i = 0; i < field_count(reg); i++)
        if (strcmp(reg->field[i].name, name) == 0)
            return &reg->field[i];
    return NULL;
}

/* "[15:8]" or "[3]" behind a field's name, counted from the field's lowest bit. */
static bool bits_of_field(const struct e1000_field *field, const char *text, uint32_t *mask)
{
    const unsigned width = field->hi - field->lo + 1u;
    unsigned hi, lo;
    int end = 0;

    if (*text == '\0') {
        *mask = field_units(field);
        return true;
    }
    if (sscanf(text, "[%2u:%2u]%n", &hi, &lo, &end) != 2 || end == 0) {
        end = 0;
        if (sscanf(text, "[%2u]%n", &hi, &end) != 1)
            return false;
        lo = hi;
    }
    if (end == 0 || text[end] != '\0' || hi < lo || hi >= width)
        return false;
    *mask = E1000_BITS_(hi + field->lo, lo + field->lo);
    return !is_counter(field);
}

static bool unknown(const struct lines *lines, const char *what, const char *name, const struct nearest *near,
                    char *why, size_t size)
{
    char text[128];

    snprintf(why, size, "%s:%d: no %s %s%s", lines->path, lines->number, what, name,
             nearest_text(near, text, sizeof text));
    return false;
}

static bool waiver_row(const struct coverage *c, const char *name, struct waiver *w, const struct lines *lines,
                       char *why, size_t size)
{
    struct nearest near;

    w->row = row_named(c, name);
    if (w->row != SIZE_MAX)
        return true;
    nearest_start(&near, name);
    for (size_t i = 0; i < c->rows; i++)
        nearest_offer(&near, c->reg[i]->name);
    return unknown(lines, "register", name, &near, why, size);
}

static bool waiver_field(const struct e1000_reg *reg, char *name, struct waiver *w, const struct lines *lines,
                         char *why, size_t size)
{
    char bits[16] = "";
    char *const open = strchr(name, '[');
    const struct e1000_field *field;
    struct nearest near;

    if (open != NULL) {
        snprintf(bits, sizeof bits, "%s", open);
        *open = '\0';
    }
    field = field_named(reg, name);
    if (field == NULL) {
        nearest_start(&near, name);
        for (unsigned i = 0; i < field_count(reg); i++)
            nearest_offer(&near, reg->field[i].name);
        return unknown(lines, "field", name, &near, why, size);
    }
    if (!bits_of_field(field, bits, &w->mask))
        return bad_line(lines, why, size, bits,
                        " are no bits of this field; they are counted from its lowest, as [3:2]");
    return true;
}

/* NAME, NAME.*, NAME.FIELD or NAME.FIELD[hi:lo] */
static bool waiver_target(const struct coverage *c, struct waiver *w, const struct lines *lines, char *why, size_t size)
{
    char name[96];
    char *dot;

    strcpy(name, w->target);
    dot = strchr(strncmp(name, "PHY.", 4) == 0 ? name + 4 : name, '.');
    if (dot != NULL)
        *dot = '\0';
    if (!waiver_row(c, name, w, lines, why, size))
        return false;
    if (dot != NULL && strcmp(dot + 1, "*") != 0)
        return waiver_field(c->reg[w->row], dot + 1, w, lines, why, size);
    for (unsigned i = 0; i < field_count(c->reg[w->row]); i++)
        w->mask |= field_units(&c->reg[w->row]->field[i]);
    return true;
}

static bool waiver_category(struct waiver *w, const char *name, const struct lines *lines, char *why, size_t size)
{
    struct nearest near;

    nearest_start(&near, name);
    for (int i = 0; i < CATEGORIES; i++) {
        nearest_offer(&near, categories[i].name);
        if (strcmp(categories[i].name, name) == 0) {
            w->category = (enum category)i;
            return true;
        }
    }
    return unknown(lines, "category", name, &near, why, size);
}

static bool take_waiver(struct judged *j, const struct lines *lines, char *why, size_t size)
{
    struct waiver *w;
    char category[24];
    int end = 0;

    if (!coverage_grow(&j->waivers, &j->waiver_space, j->waiver_count + 1, sizeof *j->waivers))
        return bad_line(lines, why, size, "out of memory", "");
    w = &j->waivers[j->waiver_count];
    memset(w, 0, sizeof *w);
    w->line = lines->number;
    if (sscanf(lines->text, "%95s %23s \"%159[^\"]\" %39s %n", w->target, category, w->reason, w->owner, &end) != 4 ||
        lines->text[end] != '\0')
        return bad_line(lines, why, size, "a waiver is written  NAME.FIELD CATEGORY \"reason\" owner", "");
    if (!waiver_category(w, category, lines, why, size) || !waiver_target(j->c, w, lines, why, size))
        return false;
    j->waiver_count++;
    return true;
}

/* Blank lines and those that start with # are for people. */
static bool is_comment(const char *line)
{
    line += strspn(line, " \t\n");
    return *line == '\0' || *line == '#';
}

static bool read_waivers(struct judged *j, const char *path, char *why, size_t size)
{
    struct lines lines = {.path = path, .file = fopen(path, "r")};
    bool good = true;

    if (lines.file == NULL) {
        snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    j->waivers_path = path;
    while (good && next_line(&lines))
        good = is_comment(lines.text) || take_waiver(j, &lines, why, size);
    fclose(lines.file);
    return good;
}

static void apply_waiver(struct judged *j, struct waiver *w)
{
    struct verdict *const v = &j->verdict[w->row];
    const uint32_t lack = (v->lack0 | v->lack1) & w->mask;
    uint32_t use = lack & ~(v->waived | v->later);

    if (!j->c->reg[w->row]->modelled) {
        w->not_needed = "the whole register is reported as later";
        return;
    }
    if (lack == 0)
        w->not_needed = "every bit was seen at 0 and at 1";
    else if (use == 0)
        w->not_needed = "a waiver above covers it";
    if (w->category == CONSTANT)
        use &= v->lack0 ^ v->lack1; /* never seen at all: still missing, and not the waiver's fault */
    w->used = use;
    if (w->category == LATER)
        v->later |= use;
    else
        v->waived |= use;
}

static bool judge(struct judged *j, const struct coverage *c)
{
    j->verdict = calloc(c->rows, sizeof *j->verdict);
    if (j->verdict == NULL)
        return false;
    for (size_t i = 0; i < c->rows; i++)
        row_lacks(c->reg[i], &c->total[i], &j->verdict[i].units, &j->verdict[i].lack0, &j->verdict[i].lack1);
    for (size_t i = 0; i < j->waiver_count; i++) {
        apply_waiver(j, &j->waivers[i]);
        j->stale += j->waivers[i].not_needed != NULL;
    }
    for (size_t i = 0; i < c->rows; i++) {
        const struct verdict *const v = &j->verdict[i];
        const uint32_t lack = v->lack0 | v->lack1;

        if (!c->reg[i]->modelled) {
            j->later_rows++;
            continue;
        }
        j->units += bits_in(v->units);
        j->seen += bits_in(v->units & ~lack);
        j->waived += bits_in(v->waived);
        j->later += bits_in(v->later);
        j->missing += bits_in(lack & ~v->waived & ~v->later);
    }
    return true;
}

static double percent(size_t part, size_t whole)
{
    return whole == 0 ? 100.0 : 100.0 * (double)part / (double)whole;
}

/* ---- the report on registers ----------------------------------------------------------------- */

/* FIELD, or FIELD[7:4,0] if not all of it. */
static void print_bits(FILE *to, const struct e1000_field *field, uint32_t bits)
{
    const char *comma = "[";

    fputs(field->name, to);
    if (bits == field_units(field))
        return;
    for (int hi = field->hi; hi >= field->lo; hi--) {
        int lo = hi;

        if ((bits >> hi & 1) == 0)
            continue;
        while (lo > field->lo && (bits >> (lo - 1) & 1) != 0)
            lo--;
        fprintf(to, "%s%d", comma, hi - field->lo);
        if (lo != hi)
            fprintf(to, ":%d", lo - field->lo);
        comma = ",";
        hi = lo;
    }
    fputc(']', to);
}

/* Missing bits of a field: "FPD never 1, DATA[15:8] never 0". */
static void print_field_missing(FILE *to, const char **comma, const struct e1000_reg *reg,
                                const struct e1000_field *field, uint32_t lack0, uint32_t lack1)
{
    const struct {
        uint32_t bits;
        const char *what;
    } parts[] = {{lack0 & lack1, ""}, {lack0 & ~lack1, "0"}, {lack1 & ~lack0, "1"}};

    for (int i = 0; i < 3; i++) {
        if (parts[i].bits == 0)
            continue;
        fputs(*comma, to);
        *comma = ", ";
        print_bits(to, field, parts[i].bits);
        if (is_counter(field) && i > 0)
            fputs(i == 1 ? " never at 0" : " never above 0", to);
        else if (cannot_be_read(reg, field))
            fprintf(to, " never written%s%s", i > 0 ? " " : "", parts[i].what);
        else
            fprintf(to, " never %s", i > 0 ? parts[i].what : "seen");
    }
}

static uint32_t row_missing(const struct verdict *v)
{
    return (v->lack0 | v->lack1) & ~v->waived & ~v->later;
}

static void print_missing(FILE *to, const struct e1000_reg *reg, const struct verdict *v)
{
    const uint32_t missing = row_missing(v);
    const char *comma = "";

    for (unsigned i = 0; i < field_count(reg); i++) {
        const uint32_t mask = missing & field_units(&reg->field[i]);

        print_field_missing(to, &comma, reg, &reg->field[i], v->lack0 & mask, v->lack1 & mask);
    }
}

static void print_row_waivers(FILE *to, const struct judged *j, size_t row)
{
    const struct e1000_reg *const reg = j->c->reg[row];

    for (int category = 0; category < CATEGORIES; category++) {
        uint32_t used = 0;
        const char *comma = "; ";

        for (size_t i = 0; i < j->waiver_count; i++)
            if (j->waivers[i].row == row && j->waivers[i].category == (enum category)category)
                used |= j->waivers[i].used;
        for (unsigned i = 0; i < field_count(reg); i++) {
            const uint32_t bits = used & field_units(&reg->field[i]);

            if (bits != 0) {
                fputs(comma, to);
                print_bits(to, &reg->field[i], bits);
                comma = ", ";
            }
        }
        if (used != 0)
            fprintf(to, " waived: %s", categories[category].name);
    }
}

/* The scenario that adds most to what is still wanted of a row; SIZE_MAX: none adds anything. */
static size_t best_scenario(const struct coverage *c, size_t row, const struct coverage_seen *have)
{
    const struct e1000_reg *const reg = c->reg[row];
    size_t best = SIZE_MAX;
    unsigned most = 0;

    for (size_t i = 0; i < c->scenario_count; i++) {
        struct coverage_seen with = *have;
        uint32_t units, a0, a1, b0, b1;
        unsigned adds;

        add_seen(&with, &c->scenarios[i].seen[row]);
        row_lacks(reg, have, &units, &a0, &a1);
        row_lacks(reg, &with, &units, &b0, &b1);
        adds = bits_in(a0 & ~b0) + bits_in(a1 & ~b1);
        if (adds > most) {
            most = adds;
            best = i;
        }
    }
    return best;
}

static void print_scenarios(FILE *to, const struct coverage *c, size_t row)
{
    struct coverage_seen have = {0};
    size_t touched = 0, named = 0;

    for (size_t i = 0; i < c->scenario_count; i++)
        touched += (c->scenarios[i].seen[row].reads | c->scenarios[i].seen[row].writes) != 0;
    while (named < COVERAGE_SCENARIOS) {
        const size_t best = best_scenario(c, row, &have);

        if (best == SIZE_MAX)
            break;
        fprintf(to, "%s%s", named > 0 ? ", " : "  by ", c->scenarios[best].name);
        add_seen(&have, &c->scenarios[best].seen[row]);
        named++;
    }
    if (named > 0 && touched > named)
        fprintf(to, " and %zu more", touched - named);
}

static void print_row(FILE *to, const struct judged *j, size_t row)
{
    const struct e1000_reg *const reg = j->c->reg[row];
    const struct coverage_seen *const seen = &j->c->total[row];
    const struct verdict *const v = &j->verdict[row];
    const unsigned units = bits_in(v->units), good = bits_in(v->units & ~(v->lack0 | v->lack1));
    char name[80];

    row_name(j->c, row, name, sizeof name);
    fprintf(to, "%-12s %-13s %-4s %-5s %-5s  ", reg->manual, name, seen->reads > 0 ? "read" : "-",
            seen->writes > 0 ? "write" : "-", seen->after_reset > 0 ? "reset" : "-");
    if (!reg->modelled)
        fputs("later: stored, its behaviour is not modelled yet; ", to);
    if (field_count(reg) == 1 && is_counter(&reg->field[0]))
        fprintf(to, "counter%s", good == units ? " seen at 0 and above" : "");
    else
        fprintf(to, "fields %u/%u bits%s", good, units, good == units ? " seen at 0 and 1" : "");
    if (reg->modelled && row_missing(v) != 0) {
        fputs(", ", to);
        print_missing(to, reg, v);
    }
    print_row_waivers(to, j, row);
    print_scenarios(to, j->c, row);
    fputc('\n', to);
}

static void print_waivers(FILE *to, const struct judged *j)
{
    fprintf(to, "\nWaivers: %zu\n", j->waiver_count);
    for (int category = 0; category < CATEGORIES; category++) {
        unsigned bits = 0;

        for (size_t i = 0; i < j->waiver_count; i++)
            bits += j->waivers[i].category == (enum category)category ? bits_in(j->waivers[i].used) : 0;
        if (bits == 0)
            continue;
        fprintf(to, "\n%s  %u bits; %s\n", categories[category].name, bits, categories[category].text);
        for (size_t i = 0; i < j->waiver_count; i++)
            if (j->waivers[i].category == (enum category)category && j->waivers[i].used != 0)
                fprintf(to, "  %-32s %3u  %s  (%s)\n", j->waivers[i].target, bits_in(j->waivers[i].used),
                        j->waivers[i].reason, j->waivers[i].owner);
    }
}

static void print_stale(FILE *to, const struct judged *j, const char *indent)
{
    for (size_t i = 0; i < j->waiver_count; i++)
        if (j->waivers[i].not_needed != NULL)
            fprintf(to, "%s%s:%d: stale waiver of %s: %s\n", indent, j->waivers_path, j->waivers[i].line,
                    j->waivers[i].target, j->waivers[i].not_needed);
}

static void registers_report(FILE *to, const struct judged *j)
{
    fprintf(to,
            "Register bits with a field: %u; seen at 0 and at 1: %u (%.1f %%), waived: %u, later: %u, missing: %u.\n"
            "Registers that are stored but not modelled yet: %zu; their bits are not counted.\n"
            "Scenarios: %zu; of those that touch a register, the ones are named that add most.\n\n",
            j->units, j->seen, percent(j->seen, j->units), j->waived, j->later, j->missing, j->later_rows,
            j->c->scenario_count);
    for (size_t i = 0; i < j->c->rows; i++)
        print_row(to, j, i);
    if (j->waiver_count > 0)
        print_waivers(to, j);
    if (j->stale > 0) {
        fputc('\n', to);
        print_stale(to, j, "");
    }
}

/* ---- thresholds ------------------------------------------------------------------------------ */

enum threshold {
    MODEL_LINES,
    MODEL_BRANCHES,
    HARNESS_LINES,
    BITS_MISSING_MAX,
    BITS_WAIVED_MAX,
    MANUAL_CLAIMED,
    THRESHOLDS
};

static const char *const threshold_names[THRESHOLDS] = {
    [MODEL_LINES] = "model_lines", /* the first three are for coverage.sh, which asks lcov */
    [MODEL_BRANCHES] = "model_branches",   [HARNESS_LINES] = "harness_lines",   [BITS_MISSING_MAX] = "bits_missing_max",
    [BITS_WAIVED_MAX] = "bits_waived_max", [MANUAL_CLAIMED] = "manual_claimed",
};

struct thresholds {
    bool set[THRESHOLDS];
    double value[THRESHOLDS];
};

static bool take_threshold(struct thresholds *t, const struct lines *lines, char *why, size_t size)
{
    struct nearest near;
    char name[64];
    double value;
    int end = 0;

    if (sscanf(lines->text, "%63s %9lf %n", name, &value, &end) != 2 || lines->text[end] != '\0' ||
        !(value >= 0 && value <= 1e6))
        return bad_line(lines, why, size, "a threshold is written  name value", "");
    nearest_start(&near, name);
    for (int i = 0; i < THRESHOLDS; i++) {
        nearest_offer(&near, threshold_names[i]);
        if (strcmp(threshold_names[i], name) != 0)
            continue;
        if (t->set[i])
            return bad_line(lines, why, size, "given twice: ", name);
        t->set[i] = true;
        t->value[i] = value;
        return true;
    }
    return unknown(lines, "threshold", name, &near, why, size);
}

static bool read_thresholds(struct thresholds *t, const char *path, char *why, size_t size)
{
    struct lines lines = {.path = path, .file = fopen(path, "r")};
    bool good = true;

    if (lines.file == NULL) {
        snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    while (good && next_line(&lines))
        good = is_comment(lines.text) || take_threshold(t, &lines, why, size);
    fclose(lines.file);
    return good;
}

/* ---- the summary ----------------------------------------------------------------------------- */

struct summary {
    FILE *to;
    const struct coverage_options *options;
    unsigned passed, failed;
};

#define SUMMARY_TEXT 80 /* of the text on a register with missing bits */

/* One line; limit is "at most 15 %" or the like. True if it failed. */
static bool conclude(struct summary *s, bool good, const char *what, const char *figure, const char *limit,
                     const char *report)
{
    fprintf(s->to, "%-4s  %-24s %12s   %-16s %s\n", good ? "ok" : "FAIL", what, figure, limit,
            report != NULL ? report : "");
    s->passed += good;
    s->failed += !good;
    return !good;
}

static void list_more(const struct summary *s, size_t count, const char *report)
{
    if (count <= COVERAGE_LISTED)
        return;
    fprintf(s->to, "      and %zu more%s%s\n", count - COVERAGE_LISTED, report != NULL ? " in " : "",
            report != NULL ? report : "");
}

static void list_missing_bits(const struct summary *s, const struct judged *j)
{
    size_t rows = 0;

    for (size_t i = 0; i < j->c->rows; i++) {
        char name[80], text[SUMMARY_TEXT] = "";
        FILE *part;

        if (!j->c->reg[i]->modelled || row_missing(&j->verdict[i]) == 0 || rows++ >= COVERAGE_LISTED)
            continue;
        row_name(j->c, i, name, sizeof name);
        part = fmemopen(text, sizeof text, "w");
        if (part != NULL) {
            print_missing(part, j->c->reg[i], &j->verdict[i]);
            fclose(part);
        }
        text[sizeof text - 1] = '\0';
        if (strlen(text) == sizeof text - 1) {
            text[sizeof text - 5] = '\0'; /* room for the dots */
            strcpy(strrchr(text, ',') != NULL ? strrchr(text, ',') : text + sizeof text - 5, " ...");
        }
        fprintf(s->to, "      %-12s %-13s %s\n", j->c->reg[i]->manual, name, text);
    }
    list_more(s, rows, s->options->registers);
    fprintf(s->to, "      next: a scenario that reads the bit at that value, or a line with the reason in %s\n",
            s->options->waivers != NULL ? s->options->waivers : "a file for --waivers");
}

static void list_missing_sections(const struct summary *s, const struct coverage_manual *manual)
{
    fputs("      cited, not claimed:", s->to);
    for (size_t i = 0; i < manual->missing_count && i < COVERAGE_LISTED; i++)
        fprintf(s->to, " %s", manual->missing[i]);
    fputc('\n', s->to);
    list_more(s, manual->missing_count, s->options->manual);
    fputs("      next: a scenario that shows one of them and names it in manual = { ... }\n", s->to);
}

static void summary_of_bits(struct summary *s, const struct judged *j, const struct thresholds *t)
{
    const double waived = j->units == 0 ? 0 : percent(j->waived, j->units);
    char figure[32], limit[32];

    if (t->set[BITS_MISSING_MAX]) {
        snprintf(figure, sizeof figure, "%u of %u", j->missing, j->units);
        snprintf(limit, sizeof limit, "at most %.0f", t->value[BITS_MISSING_MAX]);
        if (conclude(s, j->missing <= t->value[BITS_MISSING_MAX], "register bits missing", figure, limit,
                     s->options->registers))
            list_missing_bits(s, j);
    }
    if (t->set[BITS_WAIVED_MAX]) {
        snprintf(figure, sizeof figure, "%.1f %%", waived);
        snprintf(limit, sizeof limit, "at most %.0f %%", t->value[BITS_WAIVED_MAX]);
        if (conclude(s, waived <= t->value[BITS_WAIVED_MAX], "register bits waived", figure, limit,
                     s->options->waivers))
            fputs("      next: show some of them by a scenario and take their waivers out\n", s->to);
    }
    if (s->options->waivers != NULL) {
        snprintf(figure, sizeof figure, "%u of %zu", j->stale, j->waiver_count);
        if (conclude(s, j->stale == 0, "stale waivers", figure, "none", s->options->waivers)) {
            print_stale(s->to, j, "      ");
            fputs("      next: remove these lines, or say what they should cover\n", s->to);
        }
    }
}

static void summary_of_manual(struct summary *s, const struct coverage_manual *manual, const struct thresholds *t)
{
    const double claimed = percent(manual->claimed, manual->cited);
    char figure[32], limit[32];

    if (!t->set[MANUAL_CLAIMED])
        return;
    snprintf(figure, sizeof figure, "%.1f %%", claimed);
    snprintf(limit, sizeof limit, "at least %.0f %%", t->value[MANUAL_CLAIMED]);
    if (conclude(s, claimed >= t->value[MANUAL_CLAIMED], "cited sections claimed", figure, limit, s->options->manual))
        list_missing_sections(s, manual);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static FILE *open_report(const char *path, FILE *to, char *why, size_t size)
{
    FILE *const file = path == NULL ? to : fopen(path, "w");

    if (file == NULL)
        snprintf(why, size, "cannot write %s: %s", path, strerror(errno));
    return file;
}

static bool close_report(FILE *file, const char *path, char *why, size_t size)
{
    bool good;

    if (path == NULL) {
        fputc('\n', file);
        return true;
    }
    good = !ferror(file);
    good = fclose(file) == 0 && good;
    if (!good)
        snprintf(why, size, "cannot write %s: %s", path, strerror(errno));
    return good;
}

static bool write_registers(const struct coverage_options *o, const struct judged *j, FILE *to, char *why, size_t size)
{
    FILE *const file = open_report(o->registers, to, why, size);

    if (file == NULL)
        return false;
    registers_report(file, j);
    return close_report(file, o->registers, why, size);
}

static bool write_manual(const struct coverage_options *o, const struct coverage *c, FILE *to,
                         struct coverage_manual *manual, char *why, size_t size)
{
    FILE *const file = open_report(o->manual, to, why, size);
    char ignored[8];

    if (file == NULL)
        return false;
    if (!coverage_manual_report(c, o->sources, file, manual, why, size)) {
        close_report(file, o->manual, ignored, sizeof ignored);
        return false;
    }
    return close_report(file, o->manual, why, size);
}

int coverage_run(const struct coverage_options *options, FILE *to, char *why, size_t size)
{
    struct coverage c = {0};
    struct judged j = {.c = &c};
    struct thresholds thresholds = {0};
    struct coverage_manual manual = {0};
    struct summary summary = {.to = to, .options = options};
    bool good;

    snprintf(why, size, "out of memory");
    good = make_rows(&c) && read_all(&c, options->folder, why, size) &&
           (options->waivers == NULL || read_waivers(&j, options->waivers, why, size)) &&
           (options->thresholds == NULL || read_thresholds(&thresholds, options->thresholds, why, size)) &&
           judge(&j, &c) && write_registers(options, &j, to, why, size) &&
           write_manual(options, &c, to, &manual, why, size);
    if (good) {
        summary_of_bits(&summary, &j, &thresholds);
        summary_of_manual(&summary, &manual, &thresholds);
        if (summary.passed + summary.failed > 0)
            fprintf(to, "%u passed, %u failed\n", summary.passed, summary.failed);
    }
    free(manual.missing);
    free(j.verdict);
    free(j.waivers);
    free_coverage(&c);
    if (!good)
        return EXIT_BROKEN;
    return summary.failed == 0 ? EXIT_PASSED : EXIT_FAILED;
}
