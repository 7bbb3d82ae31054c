/*
 * nearest.c - which known names a mistyped one may have meant
 */
#include "nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 63 /* names are compared up to here: register, option and file names are shorter */

static int fold(char c)
{
    return tolower((unsigned char)c);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned nearest_distance(const char *a, const char *b)
{
    unsigned row[3][LONGEST + 1]; /* two rows back for the swap of neighbours */
    const size_t rows = strnlen(a, LONGEST), columns = strnlen(b, LONGEST);

    for (size_t j = 0; j <= columns; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++) {
        unsigned *const now = row[i % 3];
        const unsigned *const before = row[(i + 2) % 3], *const earlier = row[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= columns; j++) {
            const bool same = fold(a[i - 1]) == fold(b[j - 1]);

            now[j] = least(before[j - 1] + !same, least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]))
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return row[rows % 3][columns];
}

void nearest_start(struct nearest *near, const char *wanted)
{
    memset(near, 0, sizeof *near);
    near->wanted = wanted;
}

/* A name cut short or carried on too far is as likely as a slip of one letter. */
static unsigned how_far(const char *wanted, const char *name)
{
    const unsigned distance = nearest_distance(wanted, name);
    const size_t n = least((unsigned)strlen(wanted), (unsigned)strlen(name));

    if (n < 2)
        return distance;
    for (size_t i = 0; i < n; i++)
        if (fold(wanted[i]) != fold(name[i]))
            return distance;
    return least(distance, 2);
}

void nearest_offer(struct nearest *near, const char *name)
{
    const unsigned distance = how_far(near->wanted, name);
    const unsigned limit = 1 + (unsigned)strnlen(near->wanted, LONGEST) / 3;
    size_t at = NEAREST_MAX;

    if (distance > limit)
        return;
    while (at > 0 && (near->best[at - 1] == NULL || distance < near->distance[at - 1]))
        at--;
    if (at == NEAREST_MAX)
        return;
    for (size_t i = NEAREST_MAX - 1; i > at; i--) {
        near->best[i] = near->best[i - 1];
        near->distance[i] = near->distance[i - 1];
    }
    near->best[at] = name;
    near->distance[at] = distance;
}

const char *nearest_text(const struct nearest *near, char *to, size_t size)
{
    size_t used = 0;

    to[0] = '\0';
    for (size_t i = 0; near->best[i] != NULL && used < size; i++)
        used += (size_t)snprintf(to + used, size - used, "%s%s", i == 0 ? "; nearest: " : ", ", near->best[i]);
    return to;
}
