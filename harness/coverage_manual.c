/*
 * coverage_manual.c - sections that the model's sources cite, beside those that scenarios claim
 *
 * A source cites a section in brackets in a comment: [13.4.18], [3.2.5.1 silent], [13.6.1, 6.3.3]. The
 * tables cite one in each row, too: a string that is nothing but a section. Who claims 3.2.5.1 has also
 * shown something of 3.2.5; who claims 3.2.5 has not shown all below it.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "coverage.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

#define CHAPTERS 15     /* the manual's */
#define BRACKET_MAX 200 /* a longer one is no citation */

struct cite {
    char section[COVERAGE_SECTION];
    char file[64];
    int line;
    bool silent;   /* the manual does not say; the model chose */
    unsigned text; /* which bracket, so that one with two sections is listed once */
};

struct bracket {
    char text[BRACKET_MAX];
};

struct cites {
    struct cite *cite;
    size_t count, space;
    struct bracket *bracket;
    size_t bracket_count, bracket_space;
};

struct claim {
    char section[COVERAGE_SECTION];
    size_t scenario;
};

struct claims {
    struct claim *claim;
    size_t count, space;
};

/* ---- section numbers ------------------------------------------------------------------------- */

static size_t number_length(const char *text)
{
    return strspn(text, "0123456789");
}

/* The length of a section at the start of text, 0 if there is none. "13.x" and "93C46" are none. */
static size_t section_length(const char *text)
{
    size_t len = number_length(text);
    const unsigned long chapter = len > 0 && len < 3 ? strtoul(text, NULL, 10) : 0;

    if (chapter == 0 || chapter > CHAPTERS)
        return 0;
    while (text[len] == '.' && number_length(text + len + 1) > 0)
        len += 1 + number_length(text + len + 1);
    return len < COVERAGE_SECTION - 8 ? len : 0;
}

static bool word_ends(const char *text)
{
    return *text == '\0' || strchr(" ,;:)]", *text) != NULL;
}

/* Where the next word begins, after a comma or semicolon. */
static const char *after_comma(const char *text)
{
    text += strcspn(text, ",;");
    return text + strspn(text, ",; \t");
}

static void start_range(struct coverage_sections *sections, const char *text, size_t len, unsigned last)
{
    size_t cut = len;

    while (cut > 0 && text[cut - 1] != '.')
        cut--;
    memcpy(sections->prefix, text, cut);
    sections->prefix[cut] = '\0';
    sections->next = (unsigned)strtoul(text + cut, NULL, 10);
    sections->last = last > sections->next + 99 ? sections->next : last;
}

bool coverage_next_section(struct coverage_sections *sections, char section[COVERAGE_SECTION])
{
    while (sections->next == 0 || sections->next > sections->last) {
        const char *const text = sections->at + strspn(sections->at, " \t");
        size_t len = section_length(text);
        unsigned long last = 0;

        if (*text == '\0')
            return false;
        sections->at = after_comma(text);
        if (len == 0)
            continue;
        if (text[len] == '-' && number_length(text + len + 1) > 0 && number_length(text + len + 1) < 4 &&
            word_ends(text + len + 1 + number_length(text + len + 1)))
            last = strtoul(text + len + 1, NULL, 10);
        else if (!word_ends(text + len))
            continue;
        start_range(sections, text, len, (unsigned)last);
        if (sections->last < sections->next)
            sections->last = sections->next;
        break;
    }
    snprintf(section, COVERAGE_SECTION, "%.15s%u", sections->prefix, sections->next);
    sections->next++;
    return true;
}

/* 13.4.9 before 13.4.10, a section before those below it. */
static int compare_sections(const char *a, const char *b)
{
    for (;;) {
        const unsigned long left = strtoul(a, NULL, 10), right = strtoul(b, NULL, 10);

        if (left != right)
            return left < right ? -1 : 1;
        a += number_length(a);
        b += number_length(b);
        if (*a != '.' || *b != '.')
            return (*a == '.') - (*b == '.');
        a++, b++;
    }
}

static bool claim_covers(const char *claim, const char *section)
{
    const size_t len = strlen(section);

    return strncmp(claim, section, len) == 0 && (claim[len] == '\0' || claim[len] == '.');
}

/* ---- reading the sources --------------------------------------------------------------------- */

struct source {
    struct cites *cites;
    const char *name; /* as it is printed */
    const char *at;
    int line;
    bool table;  /* .def: strings may be sections */
    bool memory; /* false: out of it */
};

static void add_cites(struct source *s, const char *text, int line)
{
    struct cites *const c = s->cites;
    struct coverage_sections sections = {.at = text};
    char section[COVERAGE_SECTION];
    bool any = false;

    while (coverage_next_section(&sections, section)) {
        struct cite *cite;

        if (!coverage_grow(&c->cite, &c->space, c->count + 1, sizeof *c->cite) ||
            !coverage_grow(&c->bracket, &c->bracket_space, c->bracket_count + 1, sizeof *c->bracket)) {
            s->memory = false;
            return;
        }
        cite = &c->cite[c->count++];
        memset(cite, 0, sizeof *cite);
        strcpy(cite->section, section);
        snprintf(cite->file, sizeof cite->file, "%s", s->name);
        cite->line = line;
        cite->silent = strstr(text, "silent") != NULL;
        cite->text = (unsigned)c->bracket_count;
        any = true;
    }
    if (any)
        snprintf(c->bracket[c->bracket_count++].text, BRACKET_MAX, "%s", text);
}

/* s->at is behind the opening bracket. A line's end and the star that begins the next are a blank. */
static void take_bracket(struct source *s)
{
    char text[BRACKET_MAX];
    const char *at = s->at;
    const int line = s->line;
    size_t used = 0;
    int lines = 0;

    while (*at != '\0' && *at != ']' && strncmp(at, "*/", 2) != 0 && used + 1 < sizeof text) {
        if (*at == '\n') {
            lines++;
            at += 1 + strspn(at + 1, " \t");
            at += *at == '*' && at[1] != '/';
            at += strspn(at, " \t");
            if (used > 0 && text[used - 1] != ' ')
                text[used++] = ' ';
        } else {
            text[used++] = *at++;
        }
    }
    if (*at != ']')
        return; /* read on behind the bracket */
    text[used] = '\0';
    s->line += lines;
    s->at = at + 1;
    add_cites(s, text, line);
}

static void take_comment(struct source *s)
{
    s->at += 2;
    while (*s->at != '\0' && strncmp(s->at, "*/", 2) != 0) {
        const char before = s->at[-1];

        s->line += *s->at == '\n';
        if (*s->at++ == '[' && !isalnum((unsigned char)before) && strchr("_)]", before) == NULL)
            take_bracket(s); /* not the index of an array */
    }
    if (*s->at != '\0')
        s->at += 2;
}

/* A string or character constant. */
static void take_literal(struct source *s)
{
    const char quote = *s->at++, *const start = s->at;
    char text[COVERAGE_SECTION];
    size_t len;

    while (*s->at != '\0' && *s->at != quote && *s->at != '\n')
        s->at += *s->at == '\\' && s->at[1] != '\0' && s->at[1] != '\n' ? 2 : 1;
    len = (size_t)(s->at - start);
    if (s->table && quote == '"' && len > 0 && len < sizeof text && section_length(start) == len) {
        memcpy(text, start, len);
        text[len] = '\0';
        add_cites(s, text, s->line);
    }
    s->at += *s->at == quote;
}

static void read_text(struct source *s)
{
    while (*s->at != '\0') {
        if (strncmp(s->at, "/*", 2) == 0) {
            take_comment(s);
        } else if (*s->at == '"' || *s->at == '\'') {
            take_literal(s);
        } else {
            s->line += *s->at == '\n';
            s->at++;
        }
    }
}

static char *read_file(const char *path)
{
    FILE *const file = fopen(path, "r");
    char *text = NULL;
    size_t used = 0, space = 0, got = 1;

    while (file != NULL && got > 0 && coverage_grow(&text, &space, used + 65536, 1)) {
        got = fread(text + used, 1, space - used - 1, file);
        used += got;
        text[used] = '\0';
    }
    if (file == NULL || got > 0 || ferror(file)) {
        free(text);
        text = NULL;
    }
    if (file != NULL)
        fclose(file);
    return text;
}

static bool is_source(const char *name)
{
    return name[0] != '.' && (files_ends_in(name, ".c") || files_ends_in(name, ".h") || files_ends_in(name, ".def"));
}

static bool read_source(struct cites *cites, const char *folder, const char *name, char *why, size_t size)
{
    struct source source = {
        .cites = cites, .name = name, .line = 1, .table = files_ends_in(name, ".def"), .memory = true};
    char path[FILES_PATH];
    char *text = NULL;

    if (files_join(path, sizeof path, folder, name))
        text = read_file(path);
    if (text == NULL) {
        snprintf(why, size, "cannot read %s/%s: %s", folder, name, strerror(errno));
        return false;
    }
    source.at = text;
    read_text(&source);
    free(text);
    if (!source.memory)
        snprintf(why, size, "%s: out of memory", path);
    return source.memory;
}

static bool read_sources(struct cites *cites, const char *folder, char *why, size_t size)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, NULL, alphasort);
    bool good = true;

    if (n < 0) {
        snprintf(why, size, "%s: %s", folder, strerror(errno));
        return false;
    }
    for (int i = 0; i < n; i++) {
        if (good && is_source(entries[i]->d_name))
            good = read_source(cites, folder, entries[i]->d_name, why, size);
        free(entries[i]);
    }
    free(entries);
    if (good && cites->count == 0) {
        snprintf(why, size, "%s: no source there cites a section such as [13.4.18]", folder);
        good = false;
    }
    return good;
}

/* ---- what scenarios claim -------------------------------------------------------------------- */

static bool read_claims(struct claims *claims, const struct coverage *coverage)
{
    for (size_t i = 0; i < coverage->scenario_count; i++) {
        const struct coverage_scenario *const scenario = &coverage->scenarios[i];

        for (size_t k = 0; k < scenario->section_count; k++) {
            struct coverage_sections sections = {.at = scenario->sections[k]};
            char section[COVERAGE_SECTION];

            while (coverage_next_section(&sections, section)) {
                if (!coverage_grow(&claims->claim, &claims->space, claims->count + 1, sizeof *claims->claim))
                    return false;
                strcpy(claims->claim[claims->count].section, section);
                claims->claim[claims->count++].scenario = i;
            }
        }
    }
    return true;
}

/* The names of scenarios that claim any of these sections; claims of one scenario lie together. */
static size_t print_claimers(FILE *to, const struct coverage *coverage, const struct claims *claims, const char *text)
{
    size_t count = 0, last = SIZE_MAX;

    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *const claim = &claims->claim[i];
        struct coverage_sections sections = {.at = text};
        char section[COVERAGE_SECTION];
        bool covers = false;

        while (claim->scenario != last && !covers && coverage_next_section(&sections, section))
            covers = claim_covers(claim->section, section);
        if (!covers)
            continue;
        last = claim->scenario;
        if (to != NULL && count < COVERAGE_SCENARIOS)
            fprintf(to, "%s%s", count > 0 ? ", " : "", coverage->scenarios[last].name);
        count++;
    }
    if (to != NULL && count > COVERAGE_SCENARIOS)
        fprintf(to, " and %zu more", count - COVERAGE_SCENARIOS);
    return count;
}

/* ---- the report ------------------------------------------------------------------------------ */

static int by_section(const void *a, const void *b)
{
    const struct cite *const left = a, *const right = b;
    int order = compare_sections(left->section, right->section);

    if (order == 0)
        order = strcmp(left->file, right->file);
    return order != 0 ? order : left->line - right->line;
}

static int by_place(const void *a, const void *b)
{
    const struct cite *const left = a, *const right = b;
    const int order = strcmp(left->file, right->file);

    if (order != 0 || left->line != right->line)
        return order != 0 ? order : left->line - right->line;
    return (left->text > right->text) - (left->text < right->text);
}

/* Cites of one section lie together: how many from here. */
static size_t same_section(const struct cites *cites, size_t from)
{
    size_t n = 1;

    while (from + n < cites->count && strcmp(cites->cite[from].section, cites->cite[from + n].section) == 0)
        n++;
    return n;
}

static void print_files(FILE *to, const struct cite *cite, size_t n, bool padded)
{
    char text[64] = "";
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        if (i > 0 && strcmp(cite[i].file, cite[i - 1].file) == 0)
            continue;
        if (used + strlen(cite[i].file) + 5 > sizeof text) {
            strcpy(text + used, " ...");
            break;
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? " " : "", cite[i].file);
    }
    fprintf(to, padded ? "%-40s  " : "%s", text);
}

static bool count_sections(const struct cites *cites, const struct coverage *coverage, const struct claims *claims,
                           struct coverage_manual *manual)
{
    size_t space = 0;

    for (size_t i = 0; i < cites->count; i += same_section(cites, i)) {
        manual->cited++;
        if (print_claimers(NULL, coverage, claims, cites->cite[i].section) > 0) {
            manual->claimed++;
            continue;
        }
        if (!coverage_grow(&manual->missing, &space, manual->missing_count + 1, sizeof *manual->missing))
            return false;
        strcpy(manual->missing[manual->missing_count++], cites->cite[i].section);
    }
    return true;
}

static void print_sections(FILE *to, const struct cites *cites, const struct coverage *coverage,
                           const struct claims *claims, bool claimed)
{
    for (size_t i = 0, n; i < cites->count; i += n) {
        const struct cite *const cite = &cites->cite[i];

        n = same_section(cites, i);
        if ((print_claimers(NULL, coverage, claims, cite->section) > 0) != claimed)
            continue;
        fprintf(to, "  %-14s ", cite->section);
        print_files(to, cite, n, claimed);
        print_claimers(claimed ? to : NULL, coverage, claims, cite->section);
        fputc('\n', to);
    }
}

static size_t print_silent(FILE *to, struct cites *cites, const struct coverage *coverage, const struct claims *claims,
                           const char *sources, bool count_only)
{
    size_t count = 0, last = SIZE_MAX;

    for (size_t i = 0; i < cites->count; i++) {
        const struct cite *const cite = &cites->cite[i];
        char place[FILES_PATH], text[BRACKET_MAX + 2];

        if (!cite->silent || cite->text == last)
            continue;
        last = cite->text;
        count++;
        if (count_only)
            continue;
        snprintf(place, sizeof place, "%.900s/%s:%d", sources, cite->file, cite->line);
        snprintf(text, sizeof text, "[%s]", cites->bracket[cite->text].text);
        fprintf(to, "  %-24s %-32s  ", place, text);
        if (print_claimers(to, coverage, claims, cites->bracket[cite->text].text) == 0)
            fputs("no scenario claims it", to);
        fputc('\n', to);
    }
    return count;
}

/* Sections that scenarios claim and no source cites: perhaps a slip of the pen. */
static void print_uncited(FILE *to, const struct cites *cites, const struct coverage *coverage,
                          const struct claims *claims)
{
    bool any = false;

    for (size_t i = 0; i < claims->count; i++) {
        const char *const section = claims->claim[i].section;
        bool known = false;

        for (size_t k = 0; k < cites->count && !known; k++)
            known = claim_covers(section, cites->cite[k].section) || claim_covers(cites->cite[k].section, section);
        for (size_t k = 0; k < i && !known; k++)
            known = strcmp(claims->claim[k].section, section) == 0;
        if (known)
            continue;
        if (!any)
            fputs("\nclaimed by a scenario, and neither they nor any section around them are cited\n", to);
        any = true;
        fprintf(to, "  %-14s %s\n", section, coverage->scenarios[claims->claim[i].scenario].name);
    }
}

static bool write_report(struct cites *cites, const struct coverage *coverage, const struct claims *claims,
                         const char *sources, FILE *to, struct coverage_manual *manual)
{
    if (cites->count > 0)
        qsort(cites->cite, cites->count, sizeof *cites->cite, by_section);
    if (!count_sections(cites, coverage, claims, manual))
        return false;
    fprintf(to, "Sections of the manual that %s/ cites: %zu, claimed by a scenario: %zu (%.1f %%)\n", sources,
            manual->cited, manual->claimed, 100.0 * (double)manual->claimed / (double)manual->cited);
    if (manual->missing_count > 0) {
        fprintf(to, "\ncited, but no scenario claims them or a section below: %zu\n", manual->missing_count);
        print_sections(to, cites, coverage, claims, false);
    }
    fprintf(to, "\ncited and claimed: %zu\n", manual->claimed);
    print_sections(to, cites, coverage, claims, true);
    qsort(cites->cite, cites->count, sizeof *cites->cite, by_place);
    fprintf(to, "\nwhere the manual is silent and the model chose: %zu\n",
            print_silent(to, cites, coverage, claims, sources, true));
    print_silent(to, cites, coverage, claims, sources, false);
    print_uncited(to, cites, coverage, claims);
    return true;
}

bool coverage_manual_report(const struct coverage *coverage, const char *sources, FILE *to,
                            struct coverage_manual *manual, char *why, size_t size)
{
    struct cites cites = {0};
    struct claims claims = {0};
    bool good;

    memset(manual, 0, sizeof *manual);
    good = read_sources(&cites, sources, why, size);
    if (good && !(read_claims(&claims, coverage) && write_report(&cites, coverage, &claims, sources, to, manual))) {
        snprintf(why, size, "out of memory");
        good = false;
    }
    free(cites.cite);
    free(cites.bracket);
    free(claims.claim);
    return good;
}
