/*
 * queue.h - what is to happen at a time to come
 *
 * A binary heap of pointers by virtual time. Items of the same time leave in the order in which they
 * came.
 */
#ifndef HARNESS_QUEUE_H
#define HARNESS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_NEVER UINT64_MAX

struct queue_entry {
    uint64_t at_ns, order;
    void *item;
};

struct queue {
    struct queue_entry *heap;
    size_t count, room;
    uint64_t next_order;
};

void queue_init(struct queue *queue);
void queue_free(struct queue *queue);                            /* items are the caller's */
bool queue_add(struct queue *queue, uint64_t at_ns, void *item); /* false: out of memory */
uint64_t queue_next(const struct queue *queue);                  /* time of the first, or QUEUE_NEVER */
void *queue_take(struct queue *queue, uint64_t *at_ns);          /* the first, or NULL */

#endif
