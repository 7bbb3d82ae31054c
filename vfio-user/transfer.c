/*
 * transfer.c - the client's memory by messages
 */
#include "transfer.h"

#include <stdlib.h>
#include <string.h>

enum {
    PIECES = 2048,              /* reads of one piece of work */
    WRITES = 4096,              /* writes of it */
    ARENA = 8 << 20,            /* bytes of both */
    IN_FLIGHT = 32,             /* reads asked for and not yet answered: */
    IN_FLIGHT_BYTES = 64 << 10, /* a client drops what its socket does not take */
};

enum piece_state { MISSING, THERE, REFUSED };

struct piece { /* bytes of memory as they were read, or are to be */
    uint64_t addr;
    uint32_t len, at; /* place in the arena */
    uint32_t asked, have;
    uint8_t state;
};

struct written {
    uint64_t addr;
    uint32_t len, at;
};

struct flight {
    uint16_t id;
    bool wanted; /* false: forgotten meanwhile */
    uint32_t piece, from, len;
};

struct transfer {
    struct dma *dma;
    struct transfer_wire wire;
    uint32_t chunk;
    uint16_t next_id;

    uint8_t *arena; /* pieces from its beginning, writes from its end */
    uint32_t low, high;

    struct piece piece[PIECES];
    unsigned pieces, asking; /* the first that has not been asked for whole */
    unsigned hint;           /* reads come in the order of the try before */
    bool missing;            /* in the try that is running, or waiting */
    bool over;               /* more than there is room for: the rest of the work is refused */

    struct written written[WRITES];
    unsigned writes;

    struct flight flight[IN_FLIGHT]; /* a queue: clients answer in order, though we do not depend on it */
    unsigned flights;
    uint32_t flying; /* bytes */
    bool acknowledging;
    uint16_t ack_id;
};

struct transfer *transfer_new(struct dma *dma)
{
    struct transfer *const t = calloc(1, sizeof *t);

    if (t == NULL || (t->arena = malloc(ARENA)) == NULL) {
        free(t);
        return NULL;
    }
    t->dma = dma;
    transfer_clear(t);
    return t;
}

void transfer_connect(struct transfer *t, const struct transfer_wire *wire)
{
    transfer_clear(t);
    t->wire = *wire;
}

void transfer_free(struct transfer *t)
{
    if (t == NULL)
        return;
    free(t->arena);
    free(t);
}

void transfer_limit(struct transfer *t, uint32_t bytes)
{
    t->chunk = bytes < VU_DMA_CHUNK ? bytes : VU_DMA_CHUNK;
}

static void forget_pieces(struct transfer *t)
{
    t->pieces = t->asking = t->hint = 0;
    t->low = 0;
    t->high = ARENA;
    t->writes = 0;
    t->missing = t->over = false;
}

void transfer_forget(struct transfer *t)
{
    if (t->pieces == 0 && !t->missing)
        return;
    for (unsigned i = 0; i < t->flights; i++)
        t->flight[i].wanted = false;
    forget_pieces(t);
}

void transfer_clear(struct transfer *t)
{
    forget_pieces(t);
    t->flights = 0;
    t->flying = 0;
    t->acknowledging = false;
    t->chunk = VU_DMA_CHUNK;
}

bool transfer_idle(const struct transfer *t)
{
    return !t->missing && !t->acknowledging;
}

/* ---- asking ---- */

static void ask(struct transfer *t)
{
    while (t->asking < t->pieces && t->flights < IN_FLIGHT) {
        struct piece *const p = &t->piece[t->asking];
        uint32_t n = p->len - p->asked;

        if (p->state != MISSING || n == 0) {
            t->asking++;
            continue;
        }
        if (n > t->chunk)
            n = t->chunk;
        if (t->flights > 0 && t->flying + n > IN_FLIGHT_BYTES)
            return;
        t->flight[t->flights++] =
            (struct flight){.id = t->next_id, .wanted = true, .piece = t->asking, .from = p->asked, .len = n};
        t->flying += n;
        t->wire.read(t->wire.ctx, t->next_id++, p->addr + p->asked, n);
        p->asked += n;
    }
}

/* All that was missing has come: the work can be tried again. */
static void look(struct transfer *t)
{
    for (unsigned i = 0; i < t->pieces; i++)
        if (t->piece[i].state == MISSING)
            return;
    t->missing = false;
}

static void landed(struct transfer *t, unsigned n, bool failed, const uint8_t *data, size_t len)
{
    const struct flight flight = t->flight[n];
    struct piece *const p = &t->piece[flight.piece];

    t->flights--;
    t->flying -= flight.len;
    memmove(&t->flight[n], &t->flight[n + 1], (t->flights - n) * sizeof t->flight[0]);
    if (flight.wanted && (failed || len != flight.len)) {
        p->state = REFUSED;
    } else if (flight.wanted) {
        memcpy(t->arena + p->at + flight.from, data, len);
        p->have += flight.len;
        if (p->have == p->len && p->state == MISSING)
            p->state = THERE;
    }
    ask(t);
    if (t->missing)
        look(t);
}

void transfer_reply(struct transfer *t, uint16_t id, bool failed, const uint8_t *data, size_t len)
{
    if (t->acknowledging && id == t->ack_id) {
        t->acknowledging = false;
        return;
    }
    for (unsigned i = 0; i < t->flights; i++)
        if (t->flight[i].id == id) {
            landed(t, i, failed, data, len);
            return;
        }
}

/* ---- a piece of work ---- */

void transfer_begin(struct transfer *t)
{
    t->writes = 0;
    t->high = ARENA;
    t->hint = 0;
    t->missing = t->over = false;
}

bool transfer_missing(struct transfer *t)
{
    if (t->missing)
        ask(t);
    return t->missing;
}

void transfer_commit(struct transfer *t)
{
    unsigned last = WRITES;

    for (unsigned i = 0; i < t->writes; i++)
        if (dma_at(t->dma, t->written[i].addr, t->written[i].len, VU_DMA_WRITABLE) == NULL)
            last = i;
    for (unsigned i = 0; i < t->writes; i++) {
        const struct written *const w = &t->written[i];
        void *const to = dma_at(t->dma, w->addr, w->len, VU_DMA_WRITABLE);

        if (to != NULL) {
            memcpy(to, t->arena + w->at, w->len);
            continue;
        }
        t->acknowledging = i == last;
        t->ack_id = t->next_id++;
        t->wire.write(t->wire.ctx, t->ack_id, w->addr, t->arena + w->at, w->len, t->acknowledging);
    }
    forget_pieces(t);
}

static struct piece *piece_at(struct transfer *t, uint64_t addr, uint32_t len)
{
    struct piece *p;

    for (unsigned n = 0; n < t->pieces; n++) {
        const unsigned i = (t->hint + n) % t->pieces;

        p = &t->piece[i];
        if (addr >= p->addr && addr - p->addr <= p->len && len <= p->len - (addr - p->addr)) {
            t->hint = i + 1;
            return p;
        }
    }
    if (t->pieces == PIECES || len > t->high - t->low) {
        t->over = true;
        return NULL;
    }
    p = &t->piece[t->pieces++];
    *p = (struct piece){.addr = addr, .len = len, .at = t->low};
    t->low += len;
    return p;
}

/* What this piece of work has written lies over what was there. */
static void lay_over(const struct transfer *t, uint64_t addr, uint8_t *to, uint32_t len)
{
    for (unsigned i = 0; i < t->writes; i++) {
        const struct written *const w = &t->written[i];

        if (w->addr < addr + len && addr < w->addr + w->len) {
            const uint64_t from = w->addr > addr ? w->addr : addr;
            const uint64_t end = w->addr + w->len < addr + len ? w->addr + w->len : addr + len;

            memcpy(to + (from - addr), t->arena + w->at + (from - w->addr), (size_t)(end - from));
        }
    }
}

static bool read_part(struct transfer *t, const struct dma_map *map, uint64_t addr, uint8_t *to, uint32_t len)
{
    struct piece *p;

    if (map->at != NULL) {
        memcpy(to, map->at + (addr - map->iova), len);
        return true;
    }
    p = piece_at(t, addr, len);
    if (p == NULL || p->state == REFUSED)
        return false;
    if (p->state == MISSING) { /* zeros, for now: what else is missing shows in the same try */
        t->missing = true;
        memset(to, 0, len);
    } else {
        memcpy(to, t->arena + p->at + (addr - p->addr), len);
    }
    return true;
}

/* The next part of a range that lies in one map with this right. */
static const struct dma_map *part_of(struct transfer *t, uint64_t addr, size_t len, uint32_t right, uint32_t *part)
{
    uint64_t room;
    const struct dma_map *const map = dma_find(t->dma, addr, right, &room);

    if (map == NULL || t->over)
        return NULL;
    *part = (uint32_t)(len < room ? len : room);
    if (*part > ARENA)
        return NULL;
    if (map->at == NULL)
        t->dma->met_message = t->dma->by_messages = true;
    return map;
}

bool transfer_read(struct transfer *t, uint64_t addr, void *to, size_t len)
{
    uint32_t part;

    for (size_t done = 0; done < len; done += part) {
        const struct dma_map *const map = part_of(t, addr + done, len - done, VU_DMA_READABLE, &part);

        if (map == NULL || !read_part(t, map, addr + done, (uint8_t *)to + done, part))
            return false;
        lay_over(t, addr + done, (uint8_t *)to + done, part);
    }
    return true;
}

bool transfer_write(struct transfer *t, uint64_t addr, const void *from, size_t len)
{
    uint32_t part;

    for (size_t done = 0; done < len; done += part) {
        if (part_of(t, addr + done, len - done, VU_DMA_WRITABLE, &part) == NULL)
            return false;
        if (part > t->chunk)
            part = t->chunk;
        if (t->writes == WRITES || part > t->high - t->low) {
            t->over = true;
            return false;
        }
        t->high -= part;
        t->written[t->writes++] = (struct written){.addr = addr + done, .len = part, .at = t->high};
        memcpy(t->arena + t->high, (const uint8_t *)from + done, part);
    }
    return true;
}
