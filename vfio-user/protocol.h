/*
 * protocol.h - the vfio-user protocol, for both ends
 *
 * What vfio-user 0.0 sends over an AF_UNIX stream socket, as QEMU speaks it. Every message is a header
 * and a payload; file descriptors ride on its first byte. Numbers are in the byte order of the machine,
 * which both ends share; data of regions and of guest memory are plain bytes. No structure here has
 * padding, so they are copied to and from the stream whole.
 *
 * The client is the machine (QEMU, the laboratory), the server is the device.
 */
#ifndef VFIO_USER_PROTOCOL_H
#define VFIO_USER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes of a region or of guest memory as the number they are there, least significant first; at most 8. */
static inline uint64_t vu_little(const uint8_t *from, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << 8 * i;
    return value;
}

/* ---- header ------------------------------------------------------------------------------------ */

struct vu_header {
    uint16_t id; /* the sender's choice, comes back in the reply; each direction has its own */
    uint16_t command;
    uint32_t size; /* of the whole message */
    uint32_t flags;
    uint32_t error; /* positive errno of a reply with VU_ERROR */
};

enum vu_flag {
    VU_TYPE = 0xf, /* mask */
    VU_REQUEST = 0,
    VU_REPLY = 1,
    VU_NO_REPLY = 0x10, /* request: nothing is to come back, whatever happens */
    VU_ERROR = 0x20,    /* reply: the header is all there is */
};

enum vu_command {
    VU_VERSION = 1,
    VU_DMA_MAP = 2, /* at most one descriptor, of the memory */
    VU_DMA_UNMAP = 3,
    VU_DEVICE_GET_INFO = 4,
    VU_GET_REGION_INFO = 5,
    VU_GET_REGION_IO_FDS = 6,
    VU_GET_IRQ_INFO = 7,
    VU_SET_IRQS = 8, /* descriptors are eventfds */
    VU_REGION_READ = 9,
    VU_REGION_WRITE = 10,
    VU_DMA_READ = 11,  /* server to client */
    VU_DMA_WRITE = 12, /* server to client */
    VU_DEVICE_RESET = 13,
    VU_DIRTY_PAGES = 14, /* obsolete */
    VU_REGION_WRITE_MULTI = 15,
    VU_DEVICE_FEATURE = 16,
    VU_MIG_DATA_READ = 17,
    VU_MIG_DATA_WRITE = 18,
};

/* ---- limits ------------------------------------------------------------------------------------ */

enum {
    VU_FDS_MAX = 16,          /* with one message; QEMU's offer */
    VU_DATA_MAX = 1 << 20,    /* bytes of data in one message; the default of the protocol */
    VU_DMA_CHUNK = 32 * 1024, /* a client sends a reply in one piece: more may not fit its socket buffer */
    VU_PAGE = 4096,           /* every map is aligned to it */
    VU_MULTI_DATA = 8,        /* bytes in one entry of VU_REGION_WRITE_MULTI */
};

/* Longest message either way: header, address and count, data. */
#define VU_MESSAGE_MAX (sizeof(struct vu_header) + 16 + VU_DATA_MAX)

/* ---- payloads ---------------------------------------------------------------------------------- */

/* VU_VERSION, both ways: this, then a JSON object that ends in NUL. */
struct vu_version {
    uint16_t major, minor;
};

struct vu_dma_map {
    uint32_t argsz, flags; /* enum vu_dma_flag */
    uint64_t offset;       /* in the file */
    uint64_t iova, size;
};
enum vu_dma_flag { VU_DMA_READABLE = 1, VU_DMA_WRITABLE = 2 };

struct vu_dma_unmap { /* comes back as it is */
    uint32_t argsz, flags;
    uint64_t iova, size;
};
enum { VU_UNMAP_DIRTY = 1, VU_UNMAP_ALL = 2 };

struct vu_device_info {
    uint32_t argsz, flags, num_regions, num_irqs;
};
enum { VU_DEVICE_RESETS = 1, VU_DEVICE_PCI = 2 };

struct vu_region_info {
    uint32_t argsz, flags, index, cap_offset;
    uint64_t size, offset;
};
enum { VU_REGION_READABLE = 1, VU_REGION_WRITABLE = 2, VU_REGION_MMAP = 4, VU_REGION_CAPS = 8 };

enum vu_region {
    VU_BAR0, /* to VU_BAR0 + 5 */
    VU_ROM = 6,
    VU_CONFIG = 7,
    VU_VGA = 8,
    VU_REGIONS = 9,
};

struct vu_region_io_fds {
    uint32_t argsz, flags, index, count;
};

struct vu_irq_info {
    uint32_t argsz, flags, index, count;
};
enum { VU_IRQ_EVENTFD = 1, VU_IRQ_MASKABLE = 2, VU_IRQ_AUTOMASKED = 4, VU_IRQ_NORESIZE = 8 };

enum vu_irq { VU_INTX, VU_MSI, VU_MSIX, VU_ERR, VU_REQ, VU_IRQS };

struct vu_set_irqs { /* then a byte for each interrupt, with VU_SET_BOOL */
    uint32_t argsz, flags, index, start, count;
};
enum {
    VU_SET_NONE = 1,
    VU_SET_BOOL = 2,
    VU_SET_EVENTFD = 4,
    VU_SET_MASK = 8,
    VU_SET_UNMASK = 0x10,
    VU_SET_TRIGGER = 0x20,
};

/* VU_REGION_READ and _WRITE, both ways; data follows where it moves. */
struct vu_access {
    uint64_t offset;
    uint32_t region, count;
};

/* VU_DMA_READ and _WRITE, both ways; data follows where it moves. */
struct vu_dma_access {
    uint64_t iova, count;
};

struct vu_write_multi { /* then so many struct vu_write_one; the reply is this with the number done */
    uint64_t count;
};
struct vu_write_one {
    uint64_t offset;
    uint32_t region, count;
    uint8_t data[VU_MULTI_DATA];
};

struct vu_feature {
    uint32_t argsz, flags;
};
enum { VU_FEATURE_ID = 0xffff, VU_FEATURE_GET = 1 << 16, VU_FEATURE_SET = 1 << 17, VU_FEATURE_PROBE = 1 << 18 };

_Static_assert(sizeof(struct vu_header) == 16, "vu_header");
_Static_assert(sizeof(struct vu_version) == 4, "vu_version");
_Static_assert(sizeof(struct vu_dma_map) == 32, "vu_dma_map");
_Static_assert(sizeof(struct vu_dma_unmap) == 24, "vu_dma_unmap");
_Static_assert(sizeof(struct vu_device_info) == 16, "vu_device_info");
_Static_assert(sizeof(struct vu_region_info) == 32, "vu_region_info");
_Static_assert(sizeof(struct vu_region_io_fds) == 16, "vu_region_io_fds");
_Static_assert(sizeof(struct vu_irq_info) == 16, "vu_irq_info");
_Static_assert(sizeof(struct vu_set_irqs) == 20, "vu_set_irqs");
_Static_assert(sizeof(struct vu_access) == 16, "vu_access");
_Static_assert(sizeof(struct vu_dma_access) == 16, "vu_dma_access");
_Static_assert(sizeof(struct vu_write_one) == 24, "vu_write_one");
_Static_assert(sizeof(struct vu_feature) == 8, "vu_feature");

/* ---- headers ----------------------------------------------------------------------------------- */

static inline struct vu_header vu_request(uint16_t id, enum vu_command command, size_t payload)
{
    return (struct vu_header){
        .id = id, .command = (uint16_t)command, .size = (uint32_t)(sizeof(struct vu_header) + payload)};
}

static inline struct vu_header vu_reply(const struct vu_header *request, size_t payload)
{
    return (struct vu_header){.id = request->id,
                              .command = request->command,
                              .size = (uint32_t)(sizeof(struct vu_header) + payload),
                              .flags = VU_REPLY};
}

static inline struct vu_header vu_error_reply(const struct vu_header *request, int error)
{
    struct vu_header reply = vu_reply(request, 0);

    reply.flags |= VU_ERROR;
    reply.error = (uint32_t)error;
    return reply;
}

static inline bool vu_is_reply(const struct vu_header *header)
{
    return (header->flags & VU_TYPE) == VU_REPLY;
}

/* A header that can begin a message: of a known type and no longer than the protocol allows. */
static inline bool vu_header_sound(const struct vu_header *header)
{
    return header->size >= sizeof *header && header->size <= VU_MESSAGE_MAX && (header->flags & VU_TYPE) <= VU_REPLY;
}

#endif
