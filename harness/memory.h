/*
 * memory.h - guest memory that forgives nothing
 *
 * Memory is a set of named regions; between them nothing answers. A region says what the device may
 * do there, and every byte knows whether anyone has written it. A DMA that breaks a rule is refused
 * (to the device, a master abort) and kept as a violation with a sentence that says what happened;
 * reading bytes that nobody wrote is a violation too, but gives the poison they hold.
 *
 * Elements: a region may be an array. Its parts print as name[i]. An access must not cross from one
 * part into the next, except in arrays of 16-byte parts: those are descriptors, moved in bursts.
 *
 * Addresses are handed out upwards, each region on pages of its own with a page that answers nothing
 * behind it. Freed regions are remembered, and their addresses rest before they are used again.
 */
#ifndef HARNESS_MEMORY_H
#define HARNESS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_POISON 0xa5
#define MEMORY_NAME 48

/* What the device may do. */
enum memory_perm {
    MEMORY_NONE = 0,
    MEMORY_READ = 1,
    MEMORY_WRITE = 2,
    MEMORY_READ_WRITE = 3,
};

struct memory_violation {
    bool write;
    uint64_t addr, len;
    char why[128];  /* "freed", "crosses the end of rxbuf[0]" */
    char text[320]; /* a sentence */
};

struct memory;

struct memory *memory_new(void); /* NULL: out of memory */
void memory_free(struct memory *memory);

/*
 * Memory that the device works in by itself: from now on the pages of every region lie in a file, and map
 * tells the device where they are (false: it does not take them). No DMA passes by here then, so what the
 * device did is found afterwards, by what has changed: bytes outside a region, or in one that it may only
 * read. What it reads cannot be seen.
 */
struct memory_share {
    void *ctx;
    int fd;
    bool (*map)(void *ctx, uint64_t addr, uint64_t size, uint64_t offset, enum memory_perm perm);
    void (*unmap)(void *ctx, uint64_t addr, uint64_t size);
};
void memory_share(struct memory *memory, const struct memory_share *share);
void memory_look(struct memory *memory); /* look for changes now; nothing to do where nothing is shared */

/*
 * Allocate. align: a power of two; element: bytes of one part, 0 for a region that is one thing;
 * fixed: the address to have, or NULL. False with a message in why.
 */
bool memory_alloc(struct memory *memory, const char *name, uint64_t size, uint64_t align, enum memory_perm perm,
                  uint64_t element, const uint64_t *fixed, uint64_t *addr, char *why, size_t why_size);

/* The region that starts at addr. False with a message in why. */
bool memory_release(struct memory *memory, uint64_t addr, char *why, size_t why_size);

/* The region that holds addr. False with a message in why. */
bool memory_set_perm(struct memory *memory, uint64_t addr, enum memory_perm perm, char *why, size_t why_size);
bool memory_set_name(struct memory *memory, uint64_t addr, const char *name, uint64_t element, char *why,
                     size_t why_size);

/* The driver's CPU reads or writes; all bytes in one region. False with a message in why. */
bool memory_peek(struct memory *memory, uint64_t addr, void *to, uint64_t len, char *why, size_t why_size);
bool memory_poke(struct memory *memory, uint64_t addr, const void *from, uint64_t len, char *why, size_t why_size);

/* Bytes that the device has written since allocation or memory_watch(). False with why. */
bool memory_written(struct memory *memory, uint64_t addr, uint64_t len, uint64_t *count, char *why, size_t why_size);
bool memory_watch(struct memory *memory, uint64_t addr, uint64_t len, char *why, size_t why_size);

/* The device's accesses. False: refused. */
bool memory_dma_read(struct memory *memory, uint64_t addr, void *to, uint64_t len);
bool memory_dma_write(struct memory *memory, uint64_t addr, const void *from, uint64_t len);

/* Refuse the next count DMAs that touch the range; that is no violation. */
bool memory_fail_next(struct memory *memory, uint64_t addr, uint64_t len, uint64_t count);

/* "rxbuf[3]", "rxbuf[3]+12"; false where nothing is mapped. Fits e1000_namer with ctx = memory. */
bool memory_name(void *ctx, uint64_t addr, char *to, size_t size);

/* Violations not yet taken: the first few are kept, all are counted. */
size_t memory_violations(const struct memory *memory);
const struct memory_violation *memory_violation(const struct memory *memory, size_t n);
uint64_t memory_violations_total(const struct memory *memory);
void memory_forget_violations(struct memory *memory);

#endif
