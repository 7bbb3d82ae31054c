/*
 * dma.c - the client's memory
 */
#include "dma.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define HUGETLBFS 0x958458f6 /* statfs(2) */

/* ---- the table ---- */

/* The first map that ends behind addr; count if none does. */
static unsigned find(struct dma *dma, uint64_t addr)
{
    unsigned low = 0, high = dma->count;

    if (dma->last < dma->count && addr - dma->map[dma->last].iova < dma->map[dma->last].size)
        return dma->last;
    while (low < high) {
        const unsigned middle = low + (high - low) / 2;

        if (dma->map[middle].iova + (dma->map[middle].size - 1) < addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Messages are the way where most of the memory cannot be mapped. */
static void weigh(struct dma *dma)
{
    uint64_t largest = 0;
    bool without = false;

    dma->some_without = false;
    for (unsigned i = 0; i < dma->count; i++) {
        dma->some_without = dma->some_without || dma->map[i].at == NULL;
        if (dma->map[i].size > largest) {
            largest = dma->map[i].size;
            without = dma->map[i].at == NULL;
        }
    }
    dma->by_messages = without || dma->met_message;
}

static void release(struct dma_map *map)
{
    if (map->mapped != NULL)
        munmap(map->mapped, map->length);
    map->mapped = map->at = NULL;
}

/* Huge pages are mapped whole: the unit of the file's file system. */
static uint64_t unit_of(int fd, const struct stat *st)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && fs.f_type == HUGETLBFS && st->st_blksize > VU_PAGE ? (uint64_t)st->st_blksize
                                                                                       : VU_PAGE;
}

static int map_file(struct dma_map *map, uint64_t offset, int fd)
{
    const int prot = ((map->flags & VU_DMA_READABLE) != 0 ? PROT_READ : 0) |
                     ((map->flags & VU_DMA_WRITABLE) != 0 ? PROT_READ | PROT_WRITE : 0);
    struct stat st;
    uint64_t unit, front, length;
    void *at;

    if (fstat(fd, &st) != 0)
        return errno;
    if (!S_ISREG(st.st_mode)) /* no memory: a socket, an eventfd, a device that would have a say in what we read */
        return EINVAL;
    if (offset > (uint64_t)st.st_size || map->size > (uint64_t)st.st_size - offset)
        return EINVAL;
    unit = unit_of(fd, &st);
    front = offset % unit;
    length = front + map->size;
    if (length % unit != 0)
        length += unit - length % unit;
    if (length > SIZE_MAX / 2)
        return EINVAL;
    at = mmap(NULL, (size_t)length, prot, MAP_SHARED | MAP_NORESERVE, fd, (off_t)(offset - front));
    if (at == MAP_FAILED)
        return errno;
    map->mapped = at;
    map->length = (size_t)length;
    map->at = (uint8_t *)at + front;
    return 0;
}

int dma_map_add(struct dma *dma, const struct vu_dma_map *request, int fd)
{
    struct dma_map map = {.iova = request->iova, .size = request->size, .flags = request->flags};
    unsigned at;
    int error;

    if (request->argsz < sizeof *request || (request->flags & ~0xfu) != 0 || request->size == 0 ||
        (request->iova | request->size) % VU_PAGE != 0 || request->iova + (request->size - 1) < request->iova)
        return EINVAL;
    if (fd >= 0 && request->offset % VU_PAGE != 0)
        return EINVAL;
    at = find(dma, map.iova);
    if (at < dma->count && dma->map[at].iova == map.iova && dma->map[at].size == map.size)
        return EEXIST;
    if (at < dma->count && dma->map[at].iova <= map.iova + (map.size - 1))
        return EINVAL;
    if (dma->count == DMA_MAPS_MAX)
        return ENOSPC;
    error = fd >= 0 ? map_file(&map, request->offset, fd) : 0;
    if (error != 0)
        return error;
    memmove(&dma->map[at + 1], &dma->map[at], (dma->count - at) * sizeof map);
    dma->map[at] = map;
    dma->count++;
    weigh(dma);
    return 0;
}

int dma_map_remove(struct dma *dma, uint64_t iova, uint64_t size)
{
    const unsigned at = find(dma, iova);

    if (at == dma->count || dma->map[at].iova != iova || dma->map[at].size != size)
        return ENOENT;
    release(&dma->map[at]);
    dma->count--;
    memmove(&dma->map[at], &dma->map[at + 1], (dma->count - at) * sizeof dma->map[0]);
    weigh(dma);
    return 0;
}

void dma_clear(struct dma *dma)
{
    for (unsigned i = 0; i < dma->count; i++)
        release(&dma->map[i]);
    dma->count = dma->last = 0;
    dma->by_messages = dma->met_message = dma->some_without = false;
}

/* ---- bytes ---- */

const struct dma_map *dma_find(struct dma *dma, uint64_t addr, uint32_t right, uint64_t *len)
{
    const unsigned at = find(dma, addr);
    const struct dma_map *map = &dma->map[at];

    if (at == dma->count || addr < map->iova || (map->flags & right) != right)
        return NULL;
    dma->last = at;
    *len = map->size - (addr - map->iova);
    return map;
}

void *dma_at(struct dma *dma, uint64_t addr, size_t len, uint32_t right)
{
    uint64_t room;
    const struct dma_map *const map = dma_find(dma, addr, right, &room);

    /* [7.1] What the device has written before is seen before what it writes now. */
    atomic_thread_fence(memory_order_release);
    return map != NULL && map->at != NULL && len <= room ? map->at + (addr - map->iova) : NULL;
}

/* The next piece of a range in place. NULL: not there; where it can be had by messages, that is noted. */
static uint8_t *piece(struct dma *dma, uint64_t addr, size_t len, uint32_t right, size_t *part)
{
    uint64_t room;
    const struct dma_map *const map = dma_find(dma, addr, right, &room);

    if (map == NULL)
        return NULL;
    if (map->at == NULL) {
        dma->met_message = dma->by_messages = true;
        return NULL;
    }
    *part = len < room ? len : (size_t)room;
    return map->at + (addr - map->iova);
}

bool dma_copy_in(struct dma *dma, uint64_t addr, void *to, size_t len)
{
    for (size_t done = 0, part; done < len; done += part) {
        const uint8_t *const from = piece(dma, addr + done, len - done, VU_DMA_READABLE, &part);

        if (from == NULL)
            return false;
        memcpy((uint8_t *)to + done, from, part);
    }
    return true;
}

bool dma_copy_out(struct dma *dma, uint64_t addr, const void *from, size_t len)
{
    atomic_thread_fence(memory_order_release);
    for (size_t done = 0, part; done < len; done += part) {
        uint8_t *const to = piece(dma, addr + done, len - done, VU_DMA_WRITABLE, &part);

        if (to == NULL)
            return false;
        memcpy(to, (const uint8_t *)from + done, part);
    }
    return true;
}

/* ---- a file that became shorter ---- */

static struct dma *watched;
static volatile sig_atomic_t lost;

/* mmap() is no more than a system call; the table is not being changed while its memory is used. */
static void on_sigbus(int number, siginfo_t *info, void *context)
{
    const uintptr_t at = (uintptr_t)info->si_addr;

    (void)context;
    for (unsigned i = 0; watched != NULL && i < watched->count; i++) {
        const struct dma_map *const map = &watched->map[i];

        if (map->mapped != NULL && at - (uintptr_t)map->mapped < map->length &&
            mmap(map->mapped, map->length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
                MAP_FAILED) {
            lost = 1;
            return;
        }
    }
    signal(number, SIG_DFL); /* a fault of our own: the access is repeated, and ends the program */
}

void dma_watch(struct dma *dma)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};

    watched = dma;
    action.sa_sigaction = on_sigbus;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

bool dma_lost(void)
{
    const bool was = lost != 0;

    lost = 0;
    return was;
}
