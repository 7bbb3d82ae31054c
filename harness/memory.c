/*
 * memory.c - guest memory that forgives nothing
 *
 * Regions stand in one array sorted by address, freed ones among them, so one search finds what is or
 * was at an address. What a run needs grows with the regions that are alive, never with the number
 * of frames: freed regions keep their name only, and only the last ones do.
 */
#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE UINT64_C(4096)
#define FIRST_ADDR UINT64_C(0x00100000) /* above what a PC keeps for itself */
#define LAST_ADDR UINT64_C(0xe0000000)  /* below where a PC puts its devices */
#define REGION_MAX (UINT64_C(256) << 20)
#define RESTING 1024 /* freed regions that are remembered */
#define KEPT 64      /* violations that are told in full */
#define DESCRIPTOR 16

enum { WRITTEN = 1, BY_DEVICE = 2 }; /* of each byte: by anyone since allocation; since the watch */

struct region {
    uint64_t base, size, element;
    uint64_t span; /* pages and guard page taken from the address space; 0: fixed address */
    enum memory_perm perm;
    uint8_t *data, *marks; /* NULL: freed */
    char name[MEMORY_NAME];

    /* Shared: whole pages around the region, in the file at offset; seen: as they were at the last look. */
    uint8_t *pages, *seen;
    uint64_t length, offset;
};

struct hole {
    uint64_t base, span;
};

struct failure {
    uint64_t addr, len, count;
};

struct memory {
    struct region **regions; /* ascending base */
    size_t count, room, last_hit;
    uint64_t next_addr;
    struct hole *holes; /* rested, free to be used again; oldest first */
    size_t holes_count, holes_room;
    uint64_t resting[RESTING]; /* bases of freed regions, oldest at resting_first */
    size_t resting_first, resting_count;
    struct failure *failures;
    size_t failures_count, failures_room;
    struct memory_violation kept[KEPT];
    size_t kept_count;
    uint64_t violations;

    struct memory_share share; /* map NULL: nothing is shared */
    uint64_t file_end;
    struct hole *spare; /* of the file */
    size_t spare_count, spare_room;
};

struct memory *memory_new(void)
{
    struct memory *const memory = calloc(1, sizeof *memory);

    if (memory != NULL)
        memory->next_addr = FIRST_ADDR;
    return memory;
}

static void drop_bytes(struct region *region)
{
    if (region->pages != NULL)
        munmap(region->pages, (size_t)region->length);
    else
        free(region->data);
    free(region->marks);
    free(region->seen);
    region->data = region->marks = region->pages = region->seen = NULL;
}

void memory_free(struct memory *memory)
{
    if (memory == NULL)
        return;
    for (size_t i = 0; i < memory->count; i++) {
        drop_bytes(memory->regions[i]);
        free(memory->regions[i]);
    }
    free(memory->regions);
    free(memory->holes);
    free(memory->failures);
    free(memory->spare);
    free(memory);
}

/* Room for one more in an array. The new array, or NULL with the old one untouched. */
static void *grow(void *array, size_t count, size_t *room, size_t item)
{
    void *bigger = array;

    if (count == *room) {
        const size_t more = *room == 0 ? 64 : 2 * *room;

        bigger = realloc(array, more * item);
        if (bigger != NULL)
            *room = more;
    }
    return bigger;
}

/* ---- search ---- */

static bool holds(const struct region *region, uint64_t addr)
{
    return addr >= region->base && addr - region->base < region->size;
}

/* Place of the first region that starts above addr. */
static size_t place_above(const struct memory *memory, uint64_t addr)
{
    size_t low = 0, high = memory->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (memory->regions[middle]->base <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The region at addr, alive or freed, or NULL. Accesses come in runs, so the last answer goes first. */
static struct region *region_at(struct memory *memory, uint64_t addr)
{
    size_t place;

    if (memory->last_hit < memory->count && holds(memory->regions[memory->last_hit], addr))
        return memory->regions[memory->last_hit];
    place = place_above(memory, addr);
    if (place == 0 || !holds(memory->regions[place - 1], addr))
        return NULL;
    memory->last_hit = place - 1;
    return memory->regions[place - 1];
}

static struct region *alive_at(struct memory *memory, uint64_t addr)
{
    struct region *const region = region_at(memory, addr);

    return region != NULL && region->data != NULL ? region : NULL;
}

/* The first region that shares a byte with [base, base + size), or NULL. */
static struct region *overlap(const struct memory *memory, uint64_t base, uint64_t size)
{
    const size_t place = place_above(memory, base);

    if (place > 0 && holds(memory->regions[place - 1], base))
        return memory->regions[place - 1];
    if (place < memory->count && memory->regions[place]->base - base < size)
        return memory->regions[place];
    return NULL;
}

/* ---- names ---- */

/* Name of the part that addr is in, and the offset there. Returns bytes left in the part. */
static uint64_t part_name(const struct region *region, uint64_t addr, char *to, size_t size, uint64_t *offset)
{
    const uint64_t at = addr - region->base;

    if (region->element == 0) {
        snprintf(to, size, "%s", region->name);
        *offset = at;
        return region->size - at;
    }
    snprintf(to, size, "%s[%" PRIu64 "]", region->name, at / region->element);
    *offset = at % region->element;
    if (region->size - at < region->element - *offset)
        return region->size - at;
    return region->element - *offset;
}

bool memory_name(void *ctx, uint64_t addr, char *to, size_t size)
{
    struct region *const region = alive_at(ctx, addr);
    char part[MEMORY_NAME + 24];
    uint64_t offset;

    if (region == NULL)
        return false;
    part_name(region, addr, part, sizeof part, &offset);
    if (offset == 0)
        snprintf(to, size, "%s", part);
    else
        snprintf(to, size, "%s+%" PRIu64, part, offset);
    return true;
}

/* ---- allocation ---- */

static uint64_t round_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

static bool insert(struct memory *memory, struct region *region)
{
    struct region **const bigger = grow(memory->regions, memory->count, &memory->room, sizeof *memory->regions);
    size_t place;

    if (bigger == NULL)
        return false;
    memory->regions = bigger;
    place = place_above(memory, region->base);
    memmove(bigger + place + 1, bigger + place, (memory->count - place) * sizeof *bigger);
    bigger[place] = region;
    memory->count++;
    return true;
}

static void take_out(struct memory *memory, struct region *region)
{
    const size_t place = place_above(memory, region->base) - 1;

    memory->count--;
    memmove(memory->regions + place, memory->regions + place + 1, (memory->count - place) * sizeof *memory->regions);
    drop_bytes(region);
    free(region);
}

/* A freed region has rested: forget it, its addresses are free. Without memory they stay unused. */
static void forget(struct memory *memory, struct region *region)
{
    struct hole *bigger;

    if (region->span != 0) {
        bigger = grow(memory->holes, memory->holes_count, &memory->holes_room, sizeof *memory->holes);
        if (bigger != NULL) {
            memory->holes = bigger;
            bigger[memory->holes_count++] = (struct hole){region->base, region->span};
        }
    }
    take_out(memory, region);
}

/* A hole of exactly this span, so that holes never fall to pieces. */
static bool use_hole(struct memory *memory, uint64_t span, uint64_t align, uint64_t *base)
{
    for (size_t i = 0; i < memory->holes_count; i++) {
        const struct hole hole = memory->holes[i];

        if (hole.span != span || (hole.base & (align - 1)) != 0 || overlap(memory, hole.base, hole.span) != NULL)
            continue;
        memory->holes_count--;
        memmove(memory->holes + i, memory->holes + i + 1, (memory->holes_count - i) * sizeof *memory->holes);
        *base = hole.base;
        return true;
    }
    return false;
}

static bool find_address(struct memory *memory, uint64_t span, uint64_t align, uint64_t *base)
{
    const struct region *in_the_way;

    if (align < PAGE)
        align = PAGE;
    if (use_hole(memory, span, align, base))
        return true;
    for (;;) {
        *base = round_up(memory->next_addr, align);
        if (*base < memory->next_addr || *base >= LAST_ADDR || LAST_ADDR - *base < span)
            return false;
        in_the_way = overlap(memory, *base, span); /* one at a fixed address */
        if (in_the_way == NULL)
            break;
        memory->next_addr = round_up(in_the_way->base + in_the_way->size, PAGE) + PAGE;
    }
    memory->next_addr = *base + span;
    return true;
}

/* Make way for a region at a fixed address: freed regions do not count. */
static bool clear_fixed(struct memory *memory, uint64_t base, uint64_t size, char *why, size_t why_size)
{
    struct region *other;

    while ((other = overlap(memory, base, size)) != NULL) {
        if (other->data != NULL) {
            snprintf(why, why_size, "address 0x%08" PRIx64 " is taken by %s", base, other->name);
            return false;
        }
        for (size_t i = 0; i < memory->resting_count; i++) {
            uint64_t *const at = &memory->resting[(memory->resting_first + i) % RESTING];

            if (*at == other->base)
                *at = UINT64_MAX; /* no region starts there */
        }
        take_out(memory, other);
    }
    return true;
}

static bool check_shape(uint64_t size, uint64_t align, uint64_t element, const uint64_t *fixed, char *why,
                        size_t why_size)
{
    if (size == 0 || size > REGION_MAX)
        snprintf(why, why_size, "size %" PRIu64 ": must be 1 to %" PRIu64 " bytes", size, REGION_MAX);
    else if (align == 0 || (align & (align - 1)) != 0 || align > REGION_MAX)
        snprintf(why, why_size, "alignment %" PRIu64 ": must be a power of two", align);
    else if (element > size)
        snprintf(why, why_size, "an element of %" PRIu64 " bytes does not fit in %" PRIu64, element, size);
    else if (fixed != NULL && (*fixed & (align - 1)) != 0)
        snprintf(why, why_size, "address 0x%08" PRIx64 " is not aligned to %" PRIu64, *fixed, align);
    else if (fixed != NULL && *fixed + size < *fixed)
        snprintf(why, why_size, "address 0x%08" PRIx64 ": the region wraps around", *fixed);
    else
        return true;
    return false;
}

/* ---- sharing ---- */

void memory_share(struct memory *memory, const struct memory_share *share)
{
    memory->share = *share;
}

/* A piece of the file, one that was used before if there is one: a long run frees what it allocates. */
static bool file_piece(struct memory *memory, uint64_t length, uint64_t *offset)
{
    for (size_t i = 0; i < memory->spare_count; i++)
        if (memory->spare[i].span == length) {
            *offset = memory->spare[i].base;
            memory->spare[i] = memory->spare[--memory->spare_count];
            return true;
        }
    if (ftruncate(memory->share.fd, (off_t)(memory->file_end + length)) != 0)
        return false;
    *offset = memory->file_end;
    memory->file_end += length;
    return true;
}

static void spare_piece(struct memory *memory, const struct region *region)
{
    struct hole *const bigger = grow(memory->spare, memory->spare_count, &memory->spare_room, sizeof *memory->spare);

    if (bigger == NULL)
        return; /* it stays unused */
    memory->spare = bigger;
    bigger[memory->spare_count++] = (struct hole){region->offset, region->length};
}

static bool tell_device(const struct memory *memory, const struct region *region)
{
    return region->perm == MEMORY_NONE || memory->share.map(memory->share.ctx, region->base & ~(PAGE - 1),
                                                            region->length, region->offset, region->perm);
}

static void untell_device(const struct memory *memory, const struct region *region)
{
    if (region->perm != MEMORY_NONE)
        memory->share.unmap(memory->share.ctx, region->base & ~(PAGE - 1), region->length);
}

/* Bytes for a region that has all but them. */
static bool get_bytes(struct memory *memory, struct region *region)
{
    const uint64_t before = region->base & (PAGE - 1);
    void *at;

    region->marks = calloc(1, (size_t)region->size);
    if (region->marks == NULL)
        return false;
    if (memory->share.map == NULL) {
        region->data = malloc((size_t)region->size);
        if (region->data != NULL)
            memset(region->data, MEMORY_POISON, (size_t)region->size);
        return region->data != NULL;
    }
    region->length = round_up(before + region->size, PAGE);
    region->seen = malloc((size_t)region->length);
    if (region->seen == NULL || !file_piece(memory, region->length, &region->offset))
        return false;
    at =
        mmap(NULL, (size_t)region->length, PROT_READ | PROT_WRITE, MAP_SHARED, memory->share.fd, (off_t)region->offset);
    if (at == MAP_FAILED)
        return false;
    region->pages = at;
    region->data = region->pages + before;
    memset(region->pages, MEMORY_POISON, (size_t)region->length);
    memset(region->seen, MEMORY_POISON, (size_t)region->length);
    return tell_device(memory, region);
}

static struct memory_violation *violate(struct memory *memory, bool write, uint64_t addr, uint64_t len);

/* The device has changed bytes first to last of the pages, which are none of its business. */
static void violate_change(struct memory *memory, const struct region *region, uint64_t first, uint64_t last)
{
    const uint64_t addr = (region->base & ~(PAGE - 1)) + first, len = last - first + 1;
    struct memory_violation *const v = violate(memory, true, addr, len);
    const bool in = addr >= region->base && addr - region->base < region->size;

    snprintf(v->why, sizeof v->why, in ? "not given to the device" : "crosses the end of %s", region->name);
    snprintf(v->text, sizeof v->text, "device wrote %" PRIu64 " bytes at 0x%08" PRIx64 ", %s %s", len, addr,
             in ? "which the device may only read, in" : "outside", region->name);
}

static void look(struct memory *memory, struct region *region)
{
    const uint64_t before = region->base & (PAGE - 1);
    uint64_t first = UINT64_MAX, last = 0;

    if (region->pages == NULL || memcmp(region->pages, region->seen, (size_t)region->length) == 0)
        return;
    for (uint64_t i = 0; i < region->length; i++) {
        if (region->pages[i] == region->seen[i])
            continue;
        region->seen[i] = region->pages[i];
        if (i >= before && i - before < region->size && (region->perm & MEMORY_WRITE) != 0) {
            region->marks[i - before] |= WRITTEN | BY_DEVICE;
            continue;
        }
        if (first == UINT64_MAX)
            first = i;
        last = i;
    }
    if (first != UINT64_MAX)
        violate_change(memory, region, first, last);
}

void memory_look(struct memory *memory)
{
    if (memory->share.map == NULL)
        return;
    for (size_t i = 0; i < memory->count; i++)
        look(memory, memory->regions[i]);
}

/* Bytes that we have written ourselves. */
static void seen(struct region *region, uint64_t at, uint64_t len)
{
    const uint64_t before = region->base & (PAGE - 1);

    if (region->pages != NULL)
        memcpy(region->seen + before + at, region->data + at, (size_t)len);
}

/* ---- allocation and release ---- */

bool memory_alloc(struct memory *memory, const char *name, uint64_t size, uint64_t align, enum memory_perm perm,
                  uint64_t element, const uint64_t *fixed, uint64_t *addr, char *why, size_t why_size)
{
    struct region *region;
    uint64_t span;

    if (!check_shape(size, align, element, fixed, why, why_size))
        return false;
    if (fixed != NULL) {
        if (!clear_fixed(memory, *fixed, size, why, why_size))
            return false;
        *addr = *fixed;
        span = 0;
    } else {
        span = round_up(size, PAGE) + PAGE;
        if (!find_address(memory, span, align, addr)) {
            snprintf(why, why_size, "no guest addresses left for %" PRIu64 " bytes", size);
            return false;
        }
    }
    region = calloc(1, sizeof *region);
    if (region != NULL) {
        *region = (struct region){.base = *addr, .size = size, .element = element, .span = span, .perm = perm};
        snprintf(region->name, sizeof region->name, "%s", name);
    }
    if (region == NULL || !get_bytes(memory, region) || !insert(memory, region)) {
        if (region != NULL)
            drop_bytes(region);
        free(region);
        snprintf(why, why_size,
                 memory->share.map == NULL ? "out of memory for %" PRIu64 " bytes"
                                           : "the device does not take a map of %" PRIu64 " bytes",
                 size);
        return false;
    }
    return true;
}

bool memory_release(struct memory *memory, uint64_t addr, char *why, size_t why_size)
{
    struct region *const region = region_at(memory, addr);

    if (region == NULL || region->base != addr) {
        snprintf(why, why_size, "no region starts at 0x%08" PRIx64, addr);
        return false;
    }
    if (region->data == NULL) {
        snprintf(why, why_size, "%s was freed already", region->name);
        return false;
    }
    if (region->pages != NULL) {
        untell_device(memory, region);
        look(memory, region);
        spare_piece(memory, region);
    }
    drop_bytes(region);
    if (memory->resting_count == RESTING) {
        struct region *const oldest = region_at(memory, memory->resting[memory->resting_first]);

        memory->resting_first = (memory->resting_first + 1) % RESTING;
        memory->resting_count--;
        if (oldest != NULL)
            forget(memory, oldest);
    }
    memory->resting[(memory->resting_first + memory->resting_count++) % RESTING] = addr;
    return true;
}

/* ---- what the script asks for ---- */

/* Bytes [addr, addr + len) of one living region. */
static struct region *inside(struct memory *memory, uint64_t addr, uint64_t len, char *why, size_t why_size)
{
    struct region *const region = region_at(memory, addr);

    if (region == NULL)
        snprintf(why, why_size, "nothing is allocated at 0x%08" PRIx64, addr);
    else if (region->data == NULL)
        snprintf(why, why_size, "%s at 0x%08" PRIx64 " was freed", region->name, addr);
    else if (len > region->size - (addr - region->base))
        snprintf(why, why_size, "%" PRIu64 " bytes at %s+%" PRIu64 " reach beyond its end after %" PRIu64, len,
                 region->name, addr - region->base, region->size);
    else
        return region;
    return NULL;
}

bool memory_set_perm(struct memory *memory, uint64_t addr, enum memory_perm perm, char *why, size_t why_size)
{
    struct region *const region = inside(memory, addr, 0, why, why_size);

    if (region == NULL)
        return false;
    if (region->pages == NULL) {
        region->perm = perm;
        return true;
    }
    untell_device(memory, region);
    look(memory, region);
    region->perm = perm;
    if (tell_device(memory, region))
        return true;
    snprintf(why, why_size, "the device does not take the map of %s", region->name);
    region->perm = MEMORY_NONE;
    return false;
}

bool memory_set_name(struct memory *memory, uint64_t addr, const char *name, uint64_t element, char *why,
                     size_t why_size)
{
    struct region *const region = inside(memory, addr, 0, why, why_size);

    if (region == NULL || !check_shape(region->size, 1, element, NULL, why, why_size))
        return false;
    snprintf(region->name, sizeof region->name, "%s", name);
    region->element = element;
    return true;
}

bool memory_peek(struct memory *memory, uint64_t addr, void *to, uint64_t len, char *why, size_t why_size)
{
    const struct region *const region = inside(memory, addr, len, why, why_size);

    if (region != NULL)
        memcpy(to, region->data + (addr - region->base), (size_t)len);
    return region != NULL;
}

bool memory_poke(struct memory *memory, uint64_t addr, const void *from, uint64_t len, char *why, size_t why_size)
{
    struct region *const region = inside(memory, addr, len, why, why_size);

    if (region == NULL)
        return false;
    look(memory, region);
    memcpy(region->data + (addr - region->base), from, (size_t)len);
    seen(region, addr - region->base, len);
    for (uint64_t i = 0; i < len; i++)
        region->marks[addr - region->base + i] |= WRITTEN;
    return true;
}

bool memory_written(struct memory *memory, uint64_t addr, uint64_t len, uint64_t *count, char *why, size_t why_size)
{
    struct region *const region = inside(memory, addr, len, why, why_size);

    *count = 0;
    if (region == NULL)
        return false;
    look(memory, region);
    for (uint64_t i = 0; i < len; i++)
        *count += (region->marks[addr - region->base + i] & BY_DEVICE) != 0;
    return true;
}

bool memory_watch(struct memory *memory, uint64_t addr, uint64_t len, char *why, size_t why_size)
{
    struct region *const region = inside(memory, addr, len, why, why_size);

    if (region == NULL)
        return false;
    look(memory, region);
    for (uint64_t i = 0; i < len; i++)
        region->marks[addr - region->base + i] &= (uint8_t)~BY_DEVICE;
    return true;
}

/* ---- what the device does ---- */

static struct memory_violation *violate(struct memory *memory, bool write, uint64_t addr, uint64_t len)
{
    static struct memory_violation beyond; /* counted, not kept */
    struct memory_violation *v = &beyond;

    if (memory->kept_count < KEPT)
        v = &memory->kept[memory->kept_count++];
    memory->violations++;
    *v = (struct memory_violation){.write = write, .addr = addr, .len = len};
    return v;
}

static const char *did(bool write)
{
    return write ? "wrote" : "read";
}

static void violate_unmapped(struct memory *memory, bool write, uint64_t addr, uint64_t len)
{
    struct memory_violation *const v = violate(memory, write, addr, len);
    const size_t place = place_above(memory, addr);
    const struct region *const below = place > 0 ? memory->regions[place - 1] : NULL;
    char near[MEMORY_NAME + 64] = "";

    if (below != NULL && addr - below->base - below->size < PAGE)
        snprintf(near, sizeof near, ", %" PRIu64 " after the end of %s", addr - below->base - below->size, below->name);
    snprintf(v->why, sizeof v->why, "unmapped");
    snprintf(v->text, sizeof v->text, "device %s %" PRIu64 " bytes at 0x%08" PRIx64 ", where nothing is mapped%s",
             did(write), len, addr, near);
}

/* One access to a known region breaks a rule: say which and where. */
static void violate_region(struct memory *memory, const struct region *region, bool write, uint64_t addr, uint64_t len)
{
    struct memory_violation *const v = violate(memory, write, addr, len);
    char part[MEMORY_NAME + 24], tail[64];
    uint64_t offset;
    const uint64_t left = part_name(region, addr, part, sizeof part, &offset);

    if (region->data == NULL) {
        snprintf(v->why, sizeof v->why, "freed");
        snprintf(tail, sizeof tail, "which was freed");
    } else if ((region->perm & (write ? MEMORY_WRITE : MEMORY_READ)) == 0) {
        snprintf(v->why, sizeof v->why, "not given to the device");
        snprintf(tail, sizeof tail, "which %s",
                 region->perm == MEMORY_NONE   ? "is not given to the device"
                 : region->perm == MEMORY_READ ? "the device may only read"
                                               : "the device may only write");
    } else {
        snprintf(v->why, sizeof v->why, "crosses the end of %s", part);
        snprintf(tail, sizeof tail, "which ends after %" PRIu64, offset + left);
    }
    snprintf(v->text, sizeof v->text, "device %s %" PRIu64 " bytes at %s+%" PRIu64 ", %s", did(write), len, part,
             offset, tail);
}

static void check_poison(struct memory *memory, const struct region *region, uint64_t addr, uint64_t len)
{
    const uint8_t *const marks = region->marks + (addr - region->base);
    struct memory_violation *v;
    char part[MEMORY_NAME + 24];
    uint64_t count = 0, first = 0, offset;

    for (uint64_t i = 0; i < len; i++) {
        if ((marks[i] & WRITTEN) != 0)
            continue;
        if (count++ == 0)
            first = i;
    }
    if (count == 0)
        return;
    v = violate(memory, false, addr, len);
    part_name(region, addr, part, sizeof part, &offset);
    snprintf(v->why, sizeof v->why, "never written");
    snprintf(v->text, sizeof v->text,
             "device read %" PRIu64 " bytes at %s+%" PRIu64 ", of which %" PRIu64
             " were never written, the first at +%" PRIu64,
             len, part, offset, count, offset + first);
}

static bool told_to_fail(struct memory *memory, uint64_t addr, uint64_t len)
{
    for (size_t i = 0; i < memory->failures_count; i++) {
        struct failure *const f = &memory->failures[i];

        if (addr >= f->addr ? addr - f->addr >= f->len : f->addr - addr >= len)
            continue;
        if (--f->count == 0) {
            memory->failures_count--;
            memmove(f, f + 1, (memory->failures_count - i) * sizeof *f);
        }
        return true;
    }
    return false;
}

/* The region that an allowed DMA goes to, or NULL. */
static struct region *admit(struct memory *memory, bool write, uint64_t addr, uint64_t len)
{
    struct region *region;
    uint64_t left;

    if (told_to_fail(memory, addr, len))
        return NULL;
    region = region_at(memory, addr);
    if (region == NULL) {
        violate_unmapped(memory, write, addr, len);
        return NULL;
    }
    left = region->size - (addr - region->base);
    if (region->element != 0 && region->element != DESCRIPTOR) {
        const uint64_t in_part = region->element - (addr - region->base) % region->element;

        if (in_part < left)
            left = in_part;
    }
    if (region->data == NULL || (region->perm & (write ? MEMORY_WRITE : MEMORY_READ)) == 0 || len > left) {
        violate_region(memory, region, write, addr, len);
        return NULL;
    }
    return region;
}

bool memory_dma_read(struct memory *memory, uint64_t addr, void *to, uint64_t len)
{
    struct region *region;

    if (len == 0)
        return true;
    region = admit(memory, false, addr, len);
    if (region == NULL)
        return false;
    look(memory, region);
    check_poison(memory, region, addr, len);
    memcpy(to, region->data + (addr - region->base), (size_t)len);
    return true;
}

bool memory_dma_write(struct memory *memory, uint64_t addr, const void *from, uint64_t len)
{
    struct region *region;

    if (len == 0)
        return true;
    region = admit(memory, true, addr, len);
    if (region == NULL)
        return false;
    look(memory, region);
    memcpy(region->data + (addr - region->base), from, (size_t)len);
    seen(region, addr - region->base, len);
    memset(region->marks + (addr - region->base), WRITTEN | BY_DEVICE, (size_t)len);
    return true;
}

bool memory_fail_next(struct memory *memory, uint64_t addr, uint64_t len, uint64_t count)
{
    struct failure *bigger;

    if (len == 0 || count == 0)
        return true;
    bigger = grow(memory->failures, memory->failures_count, &memory->failures_room, sizeof *memory->failures);
    if (bigger == NULL)
        return false;
    memory->failures = bigger;
    bigger[memory->failures_count++] = (struct failure){addr, len, count};
    return true;
}

/* ---- violations ---- */

size_t memory_violations(const struct memory *memory)
{
    return memory->kept_count;
}
uint64_t memory_violations_total(const struct memory *memory)
{
    return memory->violations;
}

const struct memory_violation *memory_violation(const struct memory *memory, size_t n)
{
    return n < memory->kept_count ? &memory->kept[n] : NULL;
}

void memory_forget_violations(struct memory *memory)
{
    memory->kept_count = 0;
    memory->violations = 0;
}
