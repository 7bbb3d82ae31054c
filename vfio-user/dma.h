/*
 * dma.h - the client's memory: what is mapped where, and the bytes in it
 *
 * A table in the order of addresses. A map with a descriptor is mapped into this process and used in
 * place; one without can only be reached by messages (transfer.h). No pointer into a map outlives the
 * call that asked for it.
 */
#ifndef VFIO_USER_DMA_H
#define VFIO_USER_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

enum { DMA_MAPS_MAX = 4096 };

struct dma_map {
    uint64_t iova, size;
    uint32_t flags; /* enum vu_dma_flag */
    uint8_t *at;    /* of iova here; NULL: only by messages */
    void *mapped;   /* what munmap() wants: at, and what alignment has added in front */
    size_t length;
};

struct dma {
    struct dma_map map[DMA_MAPS_MAX];
    unsigned count;
    unsigned last;     /* where the last look was lucky */
    bool by_messages;  /* most of the memory has no descriptor, or some without has been asked for */
    bool met_message;  /* the latter */
    bool some_without; /* at least one map has no descriptor */
};

/* Both return 0 or an errno for the reply. fd -1: none; it stays the caller's and may be closed behind. */
int dma_map_add(struct dma *dma, const struct vu_dma_map *map, int fd);
int dma_map_remove(struct dma *dma, uint64_t iova, uint64_t size);
void dma_clear(struct dma *dma);

/* len bytes in place, all in one map with these rights; NULL: not so. */
void *dma_at(struct dma *dma, uint64_t addr, size_t len, uint32_t right);

/* Of the bytes from addr on: how many lie in one map, and where it is; NULL: none, or no such right. */
const struct dma_map *dma_find(struct dma *dma, uint64_t addr, uint32_t right, uint64_t *len);

/* Move bytes through any number of maps. False, with nothing promised about the rest: a part was not there. */
bool dma_copy_in(struct dma *dma, uint64_t addr, void *to, size_t len);
bool dma_copy_out(struct dma *dma, uint64_t addr, const void *from, size_t len);

/*
 * A client may make the file behind a map shorter while we use it. The program's handler of SIGBUS puts
 * empty memory in the place of the map, and this says once that it has happened.
 */
void dma_watch(struct dma *dma); /* installs it; one table in a process */
bool dma_lost(void);

#endif
