/*
 * messages.c - what is answered to each request of a client
 */
#include "messages.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

#include "device.h"
#include "dma.h"
#include "irqs.h"

#define VERSION_TEXT_MAX 16384u

/* One request, and where its answer goes. */
struct call {
    struct session *session;
    const uint8_t *body;
    size_t len;
    int *fd;
    unsigned fds;
    uint8_t *to;
    size_t *used;
};

static void reply(const struct call *c, const void *payload, size_t len)
{
    memcpy(c->to + *c->used, payload, len);
    *c->used += len;
}

/* The fixed part of a request; descriptors only where some are meant. */
static bool take(const struct call *c, void *payload, size_t len, unsigned fds)
{
    if (c->len < len || c->fds > fds)
        return false;
    memcpy(payload, c->body, len);
    return true;
}

/* ---- version ----------------------------------------------------------------------------------- */

/* A number of the client's capabilities; missing: as it was. */
static bool limit(struct json_object *capabilities, const char *name, int64_t least, int64_t *value)
{
    struct json_object *object;

    if (!json_object_object_get_ex(capabilities, name, &object))
        return true;
    if (!json_object_is_type(object, json_type_int) || json_object_get_int64(object) < least)
        return false;
    *value = json_object_get_int64(object);
    return true;
}

static int agree(struct json_object *offer, uint32_t *data, bool *multi)
{
    int64_t fds = 1, bytes = VU_DATA_MAX;
    struct json_object *capabilities, *object;

    if (!json_object_is_type(offer, json_type_object))
        return EINVAL;
    if (json_object_object_get_ex(offer, "capabilities", &capabilities)) {
        if (!json_object_is_type(capabilities, json_type_object) || !limit(capabilities, "max_msg_fds", 0, &fds) ||
            !limit(capabilities, "max_data_xfer_size", 1, &bytes))
            return EINVAL;
        *multi = json_object_object_get_ex(capabilities, "write_multiple", &object) &&
                 json_object_is_type(object, json_type_boolean) && json_object_get_boolean(object);
    }
    *data = bytes < VU_DATA_MAX ? (uint32_t)bytes : VU_DATA_MAX;
    return 0;
}

/* Text with a NUL at its end, and no other. */
static struct json_object *parse(const uint8_t *text, size_t len)
{
    struct json_tokener *tokener;
    struct json_object *object = NULL;

    if (len < 2 || len > VERSION_TEXT_MAX || memchr(text, '\0', len) != text + len - 1)
        return NULL;
    tokener = json_tokener_new_ex(8);
    if (tokener == NULL)
        return NULL;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    object = json_tokener_parse_ex(tokener, (const char *)text, (int)len);
    if (json_tokener_get_error(tokener) != json_tokener_success) {
        json_object_put(object);
        object = NULL;
    }
    json_tokener_free(tokener);
    return object;
}

static int on_version(const struct call *c)
{
    struct vu_version version;
    struct json_object *offer = NULL;
    uint32_t data = VU_DATA_MAX;
    bool multi = false;
    char text[128];
    int error = 0, n;

    if (c->session->negotiated || !take(c, &version, sizeof version, 0) || version.major != 0)
        return EINVAL;
    if (c->len > sizeof version) { /* without a text all is as by default */
        offer = parse(c->body + sizeof version, c->len - sizeof version);
        error = offer != NULL ? agree(offer, &data, &multi) : EINVAL;
        json_object_put(offer);
    }
    if (error != 0)
        return error;
    c->session->negotiated = true;
    device_dma_limit(c->session->device, data);
    version.minor = 0;
    n = snprintf(text, sizeof text, "{\"capabilities\":{\"max_msg_fds\":%d,\"max_data_xfer_size\":%d%s}}", VU_FDS_MAX,
                 VU_DATA_MAX, multi ? ",\"write_multiple\":true" : "");
    reply(c, &version, sizeof version);
    reply(c, text, (size_t)n + 1);
    return 0;
}

/* ---- what there is ------------------------------------------------------------------------------- */

static int on_device_info(const struct call *c)
{
    struct vu_device_info info;

    if (!take(c, &info, sizeof info, 0) || info.argsz < sizeof info)
        return EINVAL;
    info = (struct vu_device_info){.argsz = sizeof info,
                                   .flags = VU_DEVICE_RESETS | VU_DEVICE_PCI,
                                   .num_regions = VU_REGIONS,
                                   .num_irqs = VU_IRQS};
    reply(c, &info, sizeof info);
    return 0;
}

static int on_region_info(const struct call *c)
{
    struct vu_region_info info, asked;

    if (!take(c, &asked, sizeof asked, 0) || asked.argsz < sizeof asked || asked.index >= VU_REGIONS)
        return EINVAL;
    info = (struct vu_region_info){.argsz = sizeof info, .index = asked.index};
    device_region(c->session->device, asked.index, &info);
    reply(c, &info, sizeof info);
    return 0;
}

/* Nothing here is behind a descriptor: registers have side effects. */
static int on_region_io_fds(const struct call *c)
{
    struct vu_region_io_fds info, asked;
    struct vu_region_info region = {.size = 0};

    if (!take(c, &asked, sizeof asked, 0) || asked.argsz < sizeof asked || asked.flags != 0 ||
        asked.index >= VU_REGIONS)
        return EINVAL;
    device_region(c->session->device, asked.index, &region);
    if (region.size == 0)
        return EINVAL;
    info = (struct vu_region_io_fds){.argsz = sizeof info, .index = asked.index};
    reply(c, &info, sizeof info);
    return 0;
}

static int on_irq_info(const struct call *c)
{
    struct vu_irq_info info, asked;

    if (!take(c, &asked, sizeof asked, 0) || asked.argsz < sizeof asked || asked.index >= VU_IRQS)
        return EINVAL;
    info = (struct vu_irq_info){
        .argsz = sizeof info, .flags = VU_IRQ_EVENTFD, .index = asked.index, .count = irqs_count(asked.index)};
    if (asked.index == VU_INTX)
        info.flags |= VU_IRQ_MASKABLE | VU_IRQ_AUTOMASKED;
    reply(c, &info, sizeof info);
    return 0;
}

/* ---- memory ------------------------------------------------------------------------------------ */

static int on_dma_map(const struct call *c)
{
    struct vu_dma_map map;
    int error;

    if (!take(c, &map, sizeof map, 1))
        return EINVAL;
    error = dma_map_add(device_dma(c->session->device), &map, c->fds == 1 ? c->fd[0] : -1);
    if (error == 0)
        device_dma_changed(c->session->device);
    return error;
}

static int on_dma_unmap(const struct call *c)
{
    struct vu_dma_unmap unmap;
    struct dma *const dma = device_dma(c->session->device);
    int error = 0;

    if (!take(c, &unmap, sizeof unmap, 0) || unmap.argsz < sizeof unmap || (unmap.flags & ~(uint32_t)VU_UNMAP_ALL) != 0)
        return EINVAL;
    if (unmap.flags == VU_UNMAP_ALL && (unmap.iova != 0 || unmap.size != 0))
        return EINVAL;
    device_dma_changed(c->session->device);
    if (unmap.flags == VU_UNMAP_ALL)
        dma_clear(dma);
    else
        error = dma_map_remove(dma, unmap.iova, unmap.size);
    if (error == 0)
        reply(c, &unmap, sizeof unmap);
    return error;
}

/* ---- accesses ---------------------------------------------------------------------------------- */

static int on_region_read(const struct call *c)
{
    struct vu_access access;
    int error;

    if (!take(c, &access, sizeof access, 0) || access.count > VU_DATA_MAX)
        return EINVAL;
    error = device_read(c->session->device, access.region, access.offset, c->to + sizeof access, access.count);
    if (error != 0)
        return error;
    reply(c, &access, sizeof access);
    *c->used += access.count;
    return 0;
}

static int on_region_write(const struct call *c)
{
    struct vu_access access;
    int error;

    if (!take(c, &access, sizeof access, 0) || access.count != c->len - sizeof access)
        return EINVAL;
    error = device_write(c->session->device, access.region, access.offset, c->body + sizeof access, access.count);
    if (error == 0)
        reply(c, &access, sizeof access);
    return error;
}

static int on_region_write_multi(const struct call *c)
{
    struct vu_write_multi multi;
    struct vu_write_one one;
    int error = 0;

    if (!take(c, &multi, sizeof multi, 0) || multi.count != (c->len - sizeof multi) / sizeof one ||
        (c->len - sizeof multi) % sizeof one != 0)
        return EINVAL;
    for (uint64_t i = 0; i < multi.count && error == 0; i++) {
        memcpy(&one, c->body + sizeof multi + i * sizeof one, sizeof one);
        error = one.count > VU_MULTI_DATA
                    ? EINVAL
                    : device_write(c->session->device, one.region, one.offset, one.data, one.count);
    }
    if (error == 0)
        reply(c, &multi, sizeof multi);
    return error;
}

/* ---- interrupts, reset ---------------------------------------------------------------------------- */

static int on_set_irqs(const struct call *c)
{
    struct vu_set_irqs set;
    const uint8_t *const bools = c->body + sizeof set;

    if (!take(c, &set, sizeof set, VU_FDS_MAX) || set.argsz < sizeof set)
        return EINVAL;
    if ((set.flags & VU_SET_BOOL) != 0 ? c->len - sizeof set < set.count : c->len != sizeof set)
        return EINVAL;
    return irqs_set(device_irqs(c->session->device), &set, bools, c->fd, c->fds);
}

static int on_device_reset(const struct call *c)
{
    if (c->len != 0 || c->fds != 0)
        return EINVAL;
    device_reset(c->session->device);
    return 0;
}

int message_handle(struct session *session, const struct vu_header *header, const uint8_t *body, size_t len, int *fd,
                   unsigned fds, uint8_t *to, size_t *used)
{
    const struct call call = {session, body, len, fd, fds, to, used};

    if (!session->negotiated && header->command != VU_VERSION)
        return EINVAL;
    switch (header->command) {
    case VU_VERSION:
        return on_version(&call);
    case VU_DMA_MAP:
        return on_dma_map(&call);
    case VU_DMA_UNMAP:
        return on_dma_unmap(&call);
    case VU_DEVICE_GET_INFO:
        return on_device_info(&call);
    case VU_GET_REGION_INFO:
        return on_region_info(&call);
    case VU_GET_REGION_IO_FDS:
        return on_region_io_fds(&call);
    case VU_GET_IRQ_INFO:
        return on_irq_info(&call);
    case VU_SET_IRQS:
        return on_set_irqs(&call);
    case VU_REGION_READ:
        return on_region_read(&call);
    case VU_REGION_WRITE:
        return on_region_write(&call);
    case VU_DEVICE_RESET:
        return on_device_reset(&call);
    case VU_REGION_WRITE_MULTI:
        return on_region_write_multi(&call);
    case VU_DEVICE_FEATURE:
        return ENOTTY; /* as the kernel says of a feature that a device has not */
    default:
        return EINVAL;
    }
}
