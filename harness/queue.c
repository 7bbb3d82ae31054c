/*
 * queue.c - what is to happen at a time to come
 */
#include "queue.h"

#include <stdlib.h>

void queue_init(struct queue *queue)
{
    *queue = (struct queue){0};
}

void queue_free(struct queue *queue)
{
    free(queue->heap);
    queue_init(queue);
}

static bool earlier(const struct queue_entry *a, const struct queue_entry *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

bool queue_add(struct queue *queue, uint64_t at_ns, void *item)
{
    const struct queue_entry entry = {at_ns, queue->next_order, item};
    size_t at;

    if (queue->count == queue->room) {
        const size_t room = queue->room == 0 ? 64 : 2 * queue->room;
        struct queue_entry *const heap = realloc(queue->heap, room * sizeof *heap);

        if (heap == NULL)
            return false;
        queue->heap = heap;
        queue->room = room;
    }
    queue->next_order++;
    for (at = queue->count++; at > 0 && earlier(&entry, &queue->heap[(at - 1) / 2]); at = (at - 1) / 2)
        queue->heap[at] = queue->heap[(at - 1) / 2];
    queue->heap[at] = entry;
    return true;
}

uint64_t queue_next(const struct queue *queue)
{
    return queue->count > 0 ? queue->heap[0].at_ns : QUEUE_NEVER;
}

void *queue_take(struct queue *queue, uint64_t *at_ns)
{
    struct queue_entry first, last;
    size_t at = 0, child;

    if (queue->count == 0)
        return NULL;
    first = queue->heap[0];
    last = queue->heap[--queue->count];
    while ((child = 2 * at + 1) < queue->count) {
        if (child + 1 < queue->count && earlier(&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!earlier(&queue->heap[child], &last))
            break;
        queue->heap[at] = queue->heap[child];
        at = child;
    }
    if (queue->count > 0)
        queue->heap[at] = last;
    if (at_ns != NULL)
        *at_ns = first.at_ns;
    return first.item;
}
