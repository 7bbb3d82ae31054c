/*
 * tx_segments.c - transmit: a large send cut into segments
 *
 * Manual  3.5 segmentation, 3.3.6, 3.3.7 its descriptors, 13.7.53, 13.7.54 counters
 * Called  by tx.c with the descriptors of such a send
 * Calls   tso.c for a segment's header; tx.c, tx_wire.c, fifo.c, host->frame_out
 */
#include "tx.h"

#include <string.h>

/* ---- segments that leave together ---- */

/*
 * The segments of the group leave as one packet, which the host cuts up. What has been gathered behind them
 * stays, as the beginning of a segment of its own.
 */
void tx_send_group(struct e1000 *dev)
{
    const struct tx_context *const c = &dev->tx.frame.context;
    const struct tso_plain *const plain = &dev->tx.group.plain;
    struct e1000_iov *const iov = dev->tx.iov;
    uint8_t *const header = dev->tx.head + TAG_BYTES;
    const uint32_t n = dev->tx.group.iovcnt, left = (uint32_t)iov[n - 1].len - dev->tx.group.end;
    struct e1000_frame frame = {.iov = iov,
                                .iovcnt = n,
                                .length = c->hdrlen + dev->tx.group.payload,
                                .offloads = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM,
                                .csum_start = c->tucss,
                                .csum_offset = (uint16_t)(c->tucso - c->tucss)};

    memcpy(header, dev->tx.tso.header, c->hdrlen);
    tso_plain_header(header, plain, c, dev->tx.group.first, dev->tx.group.sent, dev->tx.group.payload,
                     dev->tx.group.last);
    tso_plain_checksum(header, plain, c, dev->tx.group.payload, NULL, 0);
    if (dev->tx.group.segments > 1) {
        frame.offloads |= E1000_OFFLOAD_TSO;
        frame.segment = c->mss;
        frame.header = c->hdrlen;
        frame.ip = plain->ip;
    }
    iov[n - 1].len = dev->tx.group.end;
    dev->tx.group.segments = 0;
    dev->host.frame_out(dev->host.ctx, &frame);
    if (dev->tx.length == 0) {
        dev->tx.iovcnt = 0;
        return;
    }
    iov[0] = (struct e1000_iov){header, c->hdrlen};
    if (left > 0)
        iov[1] = (struct e1000_iov){(const uint8_t *)iov[n - 1].base + iov[n - 1].len, left};
    memmove(iov + 1 + (left > 0), iov + n, (dev->tx.iovcnt - n) * sizeof *iov);
    dev->tx.iovcnt = dev->tx.iovcnt - n + 1 + (left > 0);
}

/* ---- segmentation [3.5] ---- */

/* [3.5.5, 3.3.6 note 2] A context that no segment can come of. */
static bool impossible(const struct e1000 *dev, const struct tx_context *c)
{
    const uint32_t frame = (uint32_t)c->hdrlen + c->mss;

    return !c->loaded || c->hdrlen == 0 || c->hdrlen > TSO_HEADER_MAX || c->mss == 0 || c->paylen == 0 ||
           frame > TX_FRAME_MAX || fifo_cost(frame + MIN_FRAME) > dev->tx.fifo.size;
}

static void fail_segments(struct e1000 *dev)
{
    stat_add(dev, R_TSCTFC, 1); /* [13.7.54] once a context */
    tx_spoil(dev);
}

void tx_open_segments(struct e1000 *dev, uint32_t index)
{
    const struct tx_context *c = &dev->tx.frame.context;

    if (!impossible(dev, c))
        return;
    if (c->loaded)
        bad(dev, RULE_TSO_CONTEXT, "txd", index);
    fail_segments(dev);
}

static uint32_t segment_payload(const struct e1000 *dev)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const uint32_t left = c->paylen - dev->tx.tso.sent;

    return left < c->mss ? left : c->mss;
}

/* What tx_send() does for a segment, counted in the registers when the call ends. */
static void count_segment(struct e1000 *dev)
{
    const uint32_t len = dev->tx.length + FCS_BYTES;

    dev->tx.group.tally.frames[stat_bin(len)]++;
    dev->tx.group.tally.octets += len;
    if ((dev->tx.tso.header[0] & 1) != 0)
        tx_count_group(dev, dev->tx.tso.header);
}

static void send_segment(struct e1000 *dev, struct e1000_iov *iov, unsigned n)
{
    const struct e1000_frame frame = {.iov = iov, .iovcnt = n, .length = dev->tx.length, .offloads = E1000_OFFLOAD_FCS};

    count_segment(dev);
    if ((dev->host.offloads & E1000_OFFLOAD_FCS) != 0)
        dev->host.frame_out(dev->host.ctx, &frame);
    else
        tx_put_on_wire(dev, iov, n, dev->tx.length, true);
}

/* The segment waits for those behind it, and leaves with them; false: it has to leave alone. */
static bool join_group(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const uint32_t wants = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM | E1000_OFFLOAD_TSO;

    if ((dev->host.offloads & wants) != wants || dev->tx.iovcnt < 2)
        return false;
    if (dev->tx.group.segments > 0 && dev->tx.group.payload + payload + c->hdrlen - c->ipcss > UINT16_MAX)
        tx_send_group(dev);
    if (dev->tx.group.segments++ == 0) {
        dev->tx.group.payload = 0;
        dev->tx.group.first = dev->tx.tso.segments;
        dev->tx.group.sent = dev->tx.tso.sent;
    }
    dev->tx.group.payload += payload;
    dev->tx.group.iovcnt = dev->tx.iovcnt;
    dev->tx.group.end = (uint32_t)dev->tx.iov[dev->tx.iovcnt - 1].len;
    dev->tx.group.last = last;
    count_segment(dev);
    dev->tx.length = 0;
    if (last)
        tx_send_group(dev);
    return true;
}

/* A whole segment in one piece of the FIFO, with nothing before it: it leaves at once. */
static bool send_from_fifo(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const struct tso_plain *const plain = &dev->tx.group.plain;
    struct fifo *f = &dev->tx.fifo;
    struct e1000_iov iov[2];
    uint8_t *part[2];
    uint32_t size[2];

    if (dev->board.line_rate || dev->phy.detour || f->count > 0 || !tx_may_send(dev) || flow_due(dev) ||
        fifo_place(dev, f, 0, dev->tx.length, part, size) != 1)
        return false;
    memcpy(part[0], dev->tx.tso.header, c->hdrlen);
    tso_plain_header(part[0], plain, c, dev->tx.tso.segments, dev->tx.tso.sent, payload, last);
    iov[0] = (struct e1000_iov){part[0] + c->hdrlen, payload};
    tso_plain_checksum(part[0], plain, c, payload, iov, 1);
    iov[0] = (struct e1000_iov){part[0], dev->tx.length};
    send_segment(dev, iov, 1);
    fifo_push(f, dev->tx.length, FIFO_IFCS);
    fifo_pop(f);
    return true;
}

static void send_in_place(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    uint8_t *const header = dev->tx.head + TAG_BYTES;

    memcpy(header, dev->tx.tso.header, c->hdrlen);
    tso_plain_header(header, &dev->tx.group.plain, c, dev->tx.tso.segments, dev->tx.tso.sent, payload, last);
    tso_plain_checksum(header, &dev->tx.group.plain, c, payload, dev->tx.iov + 1, dev->tx.iovcnt - 1);
    send_segment(dev, dev->tx.iov, dev->tx.iovcnt);
}

/*
 * Most segments are TCP over IP with nothing special, and nobody traces them. The bytes and counts are those
 * of the long way below. False: not such a segment, and nothing has happened yet.
 */
static bool segment_short_way(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const struct finish how = tx_finish_of(dev, dev->tx.frame.dcmd, dev->tx.frame.special);

    if (!dev->tx.group.plain.known)
        tso_plain(&dev->tx.group.plain, dev->tx.tso.header, c, dev->tx.frame.popts);
    if (tracing(dev) || half_meets(dev) || dev->tx.group.plain.ip == 0 || !how.ifcs || how.tag ||
        dev->tx.length + FCS_BYTES < MIN_FRAME) {
        if (dev->tx.group.segments > 0)
            tx_send_group(dev);
        return false;
    }
    if (join_group(dev, payload, last))
        return true;
    if (dev->tx.iovcnt > 0)
        send_in_place(dev, payload, last);
    else if (!send_from_fifo(dev, payload, last))
        return false;
    tx_forget_bytes(dev);
    return true;
}

static void segment_long_way(struct e1000 *dev, uint32_t payload, bool last)
{
    const struct tx_context *c = &dev->tx.frame.context;
    uint8_t *const header = dev->tx.head + TAG_BYTES;

    memcpy(header, dev->tx.tso.header, c->hdrlen);
    tso_header(header, c, dev->tx.tso.segments, dev->tx.tso.sent, payload, last);
    if (dev->tx.iovcnt == 0 && !fifo_put(dev, &dev->tx.fifo, 0, header, c->hdrlen))
        ASSERT(!"the segment is there");
    tx_insert_checksums(dev, c, tso_length(c, payload));
    tx_commit(dev, tx_finish_of(dev, dev->tx.frame.dcmd, dev->tx.frame.special));
}

/* The segment's payload is complete, or the driver's data has ended. */
static void end_segment(struct e1000 *dev, bool last)
{
    const uint32_t payload = dev->tx.length - dev->tx.frame.context.hdrlen;

    if (!segment_short_way(dev, payload, last))
        segment_long_way(dev, payload, last);
    dev->tx.tso.sent += payload;
    dev->tx.tso.segments++;
    if (dev->tx.tso.sent == dev->tx.frame.context.paylen)
        stat_add(dev, R_TSCTC, 1); /* [13.7.53] */
}

/* Each segment begins with the header, whose bytes are put right when its payload is known. */
static void begin_segment(struct e1000 *dev, bool place)
{
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen;

    dev->tx.length = hdrlen;
    if (dev->tx.group.segments > 0)
        return;
    if (place && dev->tx.fifo.count == 0) {
        dev->tx.iov[0] = (struct e1000_iov){dev->tx.head + TAG_BYTES, hdrlen};
        dev->tx.iovcnt = 1;
    } else {
        if (!fifo_put(dev, &dev->tx.fifo, 0, dev->tx.tso.header, hdrlen))
            ASSERT(!"room was checked before");
        dev->tx.partial = hdrlen;
    }
}

static bool room_for_segment(const struct e1000 *dev)
{
    const struct tx_context *c = &dev->tx.frame.context;

    return dev->tx.length > 0 || fifo_room(&dev->tx.fifo, (uint32_t)c->hdrlen + c->mss + MIN_FRAME);
}

static bool take_header(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t *len)
{
    const uint32_t want = dev->tx.frame.context.hdrlen - dev->tx.tso.have;

    *len = *len < want ? *len : want;
    if (!dma_read(dev, E1000_OBJ_TXBUF, index, addr, dev->tx.tso.header + dev->tx.tso.have, *len)) {
        fail_segments(dev);
        return false;
    }
    dev->tx.tso.have += *len;
    return true;
}

static bool take_payload(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t *len, bool place)
{
    const struct tx_context *c = &dev->tx.frame.context;
    uint32_t want;

    if (dev->tx.length == 0)
        begin_segment(dev, place);
    want = segment_payload(dev) - (dev->tx.length - c->hdrlen);
    *len = *len < want ? *len : want;
    if (!(place && tx_take_in_place(dev, index, addr, *len)) && !tx_take_copy(dev, index, addr, *len)) {
        fail_segments(dev);
        return false;
    }
    dev->tx.length += *len;
    if (*len == want)
        end_segment(dev, dev->tx.tso.sent + segment_payload(dev) == c->paylen);
    return true;
}

/*
 * The descriptor's bytes: header first, then payload, a segment at a time. False: the FIFO has no room
 * yet. Every turn takes at least a byte or leaves.
 */
bool tx_segment(struct e1000 *dev, uint32_t index, uint64_t addr, uint32_t len)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const bool place = tx_in_place(dev); /* what leaves from its place changes nothing of that */

    while (dev->tx.taken < len && !dev->tx.spoiled) {
        uint32_t n = len - dev->tx.taken;

        if (dev->tx.tso.have < c->hdrlen) {
            if (!take_header(dev, index, addr + dev->tx.taken, &n))
                break;
        } else if (dev->tx.tso.sent == c->paylen) {
            bad(dev, RULE_TSO_LENGTH, "txd", len - dev->tx.taken); /* [3.3.7.1] more than PAYLEN */
            fail_segments(dev);
            break;
        } else if (!room_for_segment(dev)) {
            return false;
        } else if (!take_payload(dev, index, addr + dev->tx.taken, &n, place)) {
            break;
        }
        dev->tx.taken += n;
    }
    return true;
}

/* [3.3.7.1] EOP ends it; if PAYLEN promised more, what is there still goes out. */
void tx_end_segments(struct e1000 *dev)
{
    const struct tx_context *c = &dev->tx.frame.context;

    if (!dev->tx.spoiled && dev->tx.tso.sent < c->paylen) {
        bad(dev, RULE_TSO_LENGTH, "txd", c->paylen - dev->tx.tso.sent);
        if (dev->tx.length > c->hdrlen)
            end_segment(dev, true);
        fail_segments(dev);
    }
    tx_forget_frame(dev);
}

/* ---- the short way of segments ---- */

/*
 * A large send is a run of data descriptors whose bytes become whole segments. What these share is looked at once for
 * the run; towards the host, and for the driver, the effects are those of process(), which finds everything as it
 * would have left it. A run ends before the last segment, and before a descriptor that reports back.
 */
bool tx_segments_way_open(struct e1000 *dev)
{
    const struct tx_context *c = &dev->tx.frame.context;
    const uint32_t frame = (uint32_t)c->hdrlen + c->mss,
                   group = E1000_OFFLOAD_FCS | E1000_OFFLOAD_CHECKSUM | E1000_OFFLOAD_TSO;
    const struct finish how = tx_finish_of(dev, dev->tx.frame.dcmd, dev->tx.frame.special);

    if (dev->tx.frame.kind != SEGMENTS || dev->tx.spoiled || dev->tx.tso.have != c->hdrlen || dev->tx.taken > 0 ||
        tracing(dev) || dev->tx.cache.used > 0 || dev->board.line_rate || dev->phy.detour || half_meets(dev) ||
        dev->tx.fifo.count > 0 || !tx_may_send(dev) || flow_due(dev) || !how.ifcs || how.tag ||
        frame + FCS_BYTES < MIN_FRAME || !fifo_room(&dev->tx.fifo, frame + MIN_FRAME) ||
        (dev->host.offloads & group) == group)
        return false;
    if (!dev->tx.group.plain.known)
        tso_plain(&dev->tx.group.plain, dev->tx.tso.header, c, dev->tx.frame.popts);
    return dev->tx.group.plain.ip != 0;
}

/* Its header, the prototype so far, stands in the first entry, its payload behind that; iov has room for one more. */
static void send_whole(struct e1000 *dev, uint8_t *header, struct e1000_iov *iov, unsigned n, const struct sum *sum)
{
    const struct tx_context *c = &dev->tx.frame.context;

    tso_plain_whole(header, &dev->tx.group.plain, c, dev->tx.tso.segments, dev->tx.tso.sent, sum_fold(sum));
    send_segment(dev, iov, n);
    dev->tx.tso.sent += c->mss;
    dev->tx.tso.segments++;
    tx_forget_bytes(dev);
}

static void send_whole_in_place(struct e1000 *dev)
{
    struct sum sum = {0};

    for (unsigned i = 1; i < dev->tx.iovcnt; i++)
        sum_add(&sum, dev->tx.iov[i].base, dev->tx.iov[i].len);
    send_whole(dev, dev->tx.head + TAG_BYTES, dev->tx.iov, dev->tx.iovcnt, &sum);
}

/* p: the descriptor's buffer. The header in tx.head is made from the prototype already. */
static void cut_in_place(struct e1000 *dev, const uint8_t *p, uint32_t len)
{
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen, frame = hdrlen + dev->tx.frame.context.mss;
    struct e1000_iov *const iov = dev->tx.iov;

    while (len > 0) {
        struct e1000_iov *last;
        uint32_t n;

        if (dev->tx.length == 0) {
            iov[0] = (struct e1000_iov){dev->tx.head + TAG_BYTES, hdrlen};
            dev->tx.iovcnt = 1;
            dev->tx.length = hdrlen;
        }
        n = least(len, frame - dev->tx.length);
        last = &iov[dev->tx.iovcnt - 1];
        if (dev->tx.iovcnt > 1 && (const uint8_t *)last->base + last->len == p)
            last->len += n;
        else
            iov[dev->tx.iovcnt++] = (struct e1000_iov){p, n};
        dev->tx.length += n;
        p += n;
        len -= n;
        if (dev->tx.length == frame)
            send_whole_in_place(dev);
    }
}

/* Where the next frame of this length lies in the FIFO, which is empty; NULL: in two pieces. */
static uint8_t *one_piece(struct e1000 *dev, uint32_t len)
{
    const struct fifo *f = &dev->tx.fifo;

    return f->size - f->head >= FIFO_HEADER + len ? dev->pbm + f->base + f->head + FIFO_HEADER : NULL;
}

static void send_whole_from_fifo(struct e1000 *dev, uint8_t *at)
{
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen, len = dev->tx.length;
    struct fifo *const f = &dev->tx.fifo;
    struct e1000_iov iov[4] = {{at, len}};
    struct sum sum = {0};
    struct span span[2];
    unsigned n = 1;

    if (at != NULL) {
        memcpy(at, dev->tx.tso.header, hdrlen);
        sum_add(&sum, at + hdrlen, len - hdrlen);
    } else {
        at = dev->tx.head + TAG_BYTES;
        memcpy(at, dev->tx.tso.header, hdrlen);
        iov[0] = (struct e1000_iov){at, hdrlen};
        n += fifo_spans(dev, f, (int32_t)hdrlen, len - hdrlen, span);
        for (unsigned i = 1; i < n; i++) {
            sum_add(&sum, span[i - 1].at, span[i - 1].len);
            iov[i] = (struct e1000_iov){span[i - 1].at, span[i - 1].len};
        }
    }
    send_whole(dev, at, iov, n, &sum);
    if (iov[0].len == hdrlen && !fifo_put(dev, f, 0, at, hdrlen))
        ASSERT(!"room was checked before");
    f->moves++;
    f->head += fifo_cost(len);
    if (f->head >= f->size)
        f->head -= f->size;
}

/* False: a read was refused. */
static bool cut_copies(struct e1000 *dev, uint64_t addr, uint32_t len)
{
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen, frame = hdrlen + dev->tx.frame.context.mss;

    while (len > 0) {
        uint8_t *const at = one_piece(dev, frame);
        uint32_t n;

        if (dev->tx.length == 0)
            dev->tx.length = dev->tx.partial = hdrlen;
        n = least(len, frame - dev->tx.length);
        if (at == NULL ? !tx_take_copy(dev, 0, addr, n) : !dma_read_quiet(dev, addr, at + dev->tx.length, n))
            return false;
        dev->tx.length += n;
        dev->tx.partial = dev->tx.length;
        addr += n;
        len -= n;
        if (dev->tx.length == frame)
            send_whole_from_fifo(dev, at);
    }
    return true;
}

/* False: what this descriptor asks for has not been done, or could not be; then the send has failed. */
static bool cut(struct e1000 *dev, const uint8_t *desc, bool place)
{
    const uint32_t len = get32(desc + TXD_LENGTH) & DTALEN_MASK;
    const uint32_t gathered = dev->tx.length > 0 ? dev->tx.length - dev->tx.frame.context.hdrlen : 0;
    const uint64_t addr = get64(desc);
    const uint8_t *p;

    if ((desc[TXD_CMD] & (CMD_DEXT | CMD_RS | CMD_EOP)) != CMD_DEXT || (desc[TXD_DTYP] & 0xf0) != DTYP_DATA ||
        addr == 0 || len == 0 || gathered + len >= dev->tx.frame.context.paylen - dev->tx.tso.sent)
        return false;
    if (place ? dev->tx.partial > 0 : dev->tx.iovcnt > 0) /* begun in the other way */
        return false;
    if (!place) {
        if (!cut_copies(dev, addr, len))
            fail_segments(dev);
        return true;
    }
    p = dev->tx.iovcnt + 3 < IOV_MAX ? dev->host.dma_map(dev->host.ctx, addr, len, false) : NULL;
    if (p == NULL)
        return false;
    cut_in_place(dev, p, len);
    return true;
}

void tx_segments_way(struct e1000 *dev, const struct ring *ring)
{
    const struct desc_cache *const c = &dev->tx.cache;
    const uint32_t hdrlen = dev->tx.frame.context.hdrlen;
    const uint32_t low = FIELD_OF(dev, TXDCTL, LWTHRESH) * 8, left = ring_left(ring, c->index);
    const uint32_t most = least(c->ready, left > low ? left - low : left);
    const bool place = tx_in_place(dev);
    uint32_t n = 0;

    memcpy(dev->tx.head + TAG_BYTES, dev->tx.tso.header, hdrlen);
    while (n < most && !dev->tx.spoiled && (!dev->board.defer_dma || dev->tx.group.tally.octets < TX_BYTES) &&
           cut(dev, c->desc[(c->oldest + n) % DESC_CACHE], place))
        n++;
    if (dev->tx.partial == dev->tx.length && dev->tx.partial > 0 && !dev->tx.spoiled &&
        !fifo_put(dev, &dev->tx.fifo, 0, dev->tx.tso.header, hdrlen))
        ASSERT(!"room was checked before");
    if (n == 0)
        return;
    tx_run_done(dev, ring, n);
    dev->tx.outcome = 0;
    tx_tail_near(dev, left - n);
}
