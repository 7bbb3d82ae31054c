/*
 * nearest.h - which known names a mistyped one may have meant
 *
 * Offer every known name, then read best[0] (the nearest) and on; NULL ends the list. Upper and
 * lower case count as the same letter.
 */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

#define NEAREST_MAX 3

struct nearest {
    const char *wanted;
    const char *best[NEAREST_MAX + 1]; /* nearest first; the last is always NULL */
    unsigned distance[NEAREST_MAX];
};

void nearest_start(struct nearest *near, const char *wanted);
void nearest_offer(struct nearest *near, const char *name); /* name must outlive near */

/* Letters to insert, delete, replace or swap with their neighbour to get from a to b. */
unsigned nearest_distance(const char *a, const char *b);

/* "; nearest: RDT, RDH" for an error message, empty if nothing is near. Returns to. */
const char *nearest_text(const struct nearest *near, char *to, size_t size);

#endif
