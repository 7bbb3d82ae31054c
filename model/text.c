/*
 * text.c - events as trace lines
 *
 * Manual  the names are those of regs.def, phy.def and the descriptor tables of 3.2.3 and 3.3
 * Called  by the simulator and the live front end; not by the device
 *
 * Own formatting: the library has no stdio, and a trace must not depend on one.
 */
#include "core.h"

#include <string.h>

struct out {
    char *to;
    size_t size, len; /* len may pass size: what would have been written */
};

static void put_char(struct out *o, char c)
{
    if (o->len + 1 < o->size)
        o->to[o->len] = c;
    o->len++;
}

static void put_str(struct out *o, const char *s)
{
    while (*s != '\0')
        put_char(o, *s++);
}

static void put_dec(struct out *o, uint64_t n)
{
    char digit[20];
    unsigned i = 0;

    do {
        digit[i++] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    while (i > 0)
        put_char(o, digit[--i]);
}

static void put_hex(struct out *o, uint64_t n, unsigned digits)
{
    if (digits > 16) /* of an access that is wider than any bus */
        digits = 16;
    while (digits < 16 && n >> (4 * digits) != 0)
        digits++;
    for (unsigned i = digits; i-- > 0;)
        put_char(o, "0123456789abcdef"[n >> (4 * i) & 0xf]);
}

static void pad_to(struct out *o, size_t column)
{
    while (o->len < column)
        put_char(o, ' ');
}

/* Close the string, without blanks at its end; returns its length. */
static size_t finish(struct out *o)
{
    size_t n = o->len < o->size ? o->len : o->size - 1;

    if (o->size == 0)
        return 0;
    while (n > 0 && o->to[n - 1] == ' ')
        n--;
    o->to[n] = '\0';
    return n;
}

/* ---- register fields ---- */

static void put_fields(struct out *o, const struct e1000_reg *reg, uint32_t value)
{
    bool first = true;

    for (unsigned i = 0; reg->field[i].owner == reg->id; i++) {
        const struct e1000_field *f = &reg->field[i];
        const uint32_t v = (value & E1000_BITS_(f->hi, f->lo)) >> f->lo;

        if (v == 0)
            continue;
        if (!first)
            put_char(o, ' ');
        first = false;
        put_str(o, f->name);
        if (f->format != E1000_FMT_bit) {
            put_char(o, '=');
            if (f->format == E1000_FMT_dec)
                put_dec(o, v);
            else
                put_hex(o, v, (f->hi - f->lo) / 4u + 1);
        }
    }
}

size_t e1000_fields_text(const struct e1000_reg *reg, uint32_t value, char *to, size_t size)
{
    struct out o = {to, size, 0};

    put_fields(&o, reg, value);
    return finish(&o);
}

/* ---- frames ---- */

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static void put_ports(struct out *o, const char *what, const uint8_t *p, size_t left, uint32_t payload)
{
    put_str(o, what);
    if (left < 4)
        return;
    put_char(o, ' ');
    put_dec(o, be16(p));
    put_str(o, " > ");
    put_dec(o, be16(p + 2));
    put_str(o, " len ");
    put_dec(o, payload);
}

static void put_l4(struct out *o, unsigned proto, const uint8_t *p, size_t left, uint32_t l4_len)
{
    if (proto == 6) {
        const uint32_t header = left > 12 ? (p[12] >> 4) * 4u : 20;
        put_ports(o, "tcp", p, left, l4_len > header ? l4_len - header : 0);
    } else if (proto == 17) {
        put_ports(o, "udp", p, left, l4_len > 8 ? l4_len - 8 : 0);
    } else {
        put_str(o, proto == 1 || proto == 58 ? "icmp" : "proto ");
        if (proto != 1 && proto != 58)
            put_dec(o, proto);
    }
}

size_t e1000_frame_text(const uint8_t *frame, size_t len, char *to, size_t size)
{
    struct out o = {to, size, 0};
    const uint8_t *p = frame + 12;
    size_t left = len < 12 ? 0 : len - 12;
    uint32_t type;

    if (left >= 4 && be16(p) == 0x8100) {
        put_str(&o, "vlan ");
        put_dec(&o, be16(p + 2) & 0xfff);
        put_str(&o, " pri ");
        put_dec(&o, p[2] >> 5);
        put_char(&o, ' ');
        p += 4;
        left -= 4;
    }
    if (left < 2) {
        put_str(&o, "runt");
        return finish(&o);
    }
    type = be16(p);
    p += 2;
    left -= 2;
    if (type == 0x0800 && left >= 20) {
        const uint32_t header = (p[0] & 0xf) * 4u, total = be16(p + 2);

        if (header < 20 || header > left)
            put_str(&o, "ip4");
        else if ((be16(p + 6) & 0x1fff) != 0)
            put_str(&o, "ip4 fragment");
        else
            put_l4(&o, p[9], p + header, left - header, total > header ? total - header : 0);
    } else if (type == 0x86dd && left >= 40) {
        put_str(&o, "ip6 ");
        put_l4(&o, p[6], p + 40, left - 40, be16(p + 4));
    } else if (type == 0x0806 && left >= 8) {
        put_str(&o, be16(p + 6) == 1 ? "arp request" : be16(p + 6) == 2 ? "arp reply" : "arp");
    } else if (type == 0x8808 && left >= 4) {
        put_str(&o, be16(p) == 1 ? "pause " : "mac control ");
        put_dec(&o, be16(p) == 1 ? be16(p + 2) : be16(p));
    } else {
        put_str(&o, type < 0x600 ? "length " : "type ");
        put_hex(&o, type, 4);
    }
    return finish(&o);
}

/* A frame in pieces: its first bytes, the check over all but an FCS, and that FCS. */
struct digest {
    uint8_t head[96];
    size_t have;
    uint32_t crc, fcs;
};

static void digest_frame(struct digest *d, const struct e1000_frame *frame)
{
    const bool carries = (frame->flags & E1000_FRAME_FCS) != 0 && frame->length >= FCS_BYTES;
    size_t left = frame->length - (carries ? FCS_BYTES : 0);
    uint8_t tail[FCS_BYTES] = {0};
    size_t tails = 0;

    *d = (struct digest){.crc = UINT32_MAX};
    for (unsigned i = 0; i < frame->iovcnt; i++) {
        const struct e1000_iov *v = &frame->iov[i];
        const uint8_t *p = v->base;
        const size_t body = v->len < left ? v->len : left;
        const size_t n = body < sizeof d->head - d->have ? body : sizeof d->head - d->have;

        memcpy(d->head + d->have, p, n);
        d->have += n;
        d->crc = crc32_update(d->crc, p, body);
        left -= body;
        for (size_t k = body; k < v->len && tails < FCS_BYTES; k++)
            tail[tails++] = p[k];
    }
    d->crc = ~d->crc;
    d->fcs = carries ? get32(tail) : d->crc;
}

/* The check is over the frame without its FCS: over a good frame with it, it would always be the same. */
static void put_frame(struct out *o, const struct e1000_frame *frame, size_t value_column, size_t text_column)
{
    struct digest d;
    char text[96];

    digest_frame(&d, frame);
    put_dec(o, frame->length);
    put_str(o, " B");
    pad_to(o, value_column);
    put_hex(o, d.crc, 8);
    pad_to(o, text_column);
    e1000_frame_text(d.head, d.have, text, sizeof text);
    put_str(o, text);
    if ((frame->flags & E1000_FRAME_FCS) == 0)
        put_str(o, " no-fcs");
    if (d.fcs != d.crc) {
        put_str(o, " bad-fcs ");
        put_hex(o, d.fcs, 8);
    }
    if ((frame->flags & E1000_FRAME_RX_ER) != 0)
        put_str(o, " rx-er");
    if ((frame->flags & E1000_FRAME_ALIGN) != 0)
        put_str(o, " align");
    if ((frame->flags & E1000_FRAME_CEXT) != 0)
        put_str(o, " cext");
}

/* ---- descriptors ---- */

static void put_flags(struct out *o, uint32_t value, const char *const *name, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if ((value >> i & 1) == 0 || name[i] == NULL)
            continue;
        put_char(o, ' ');
        put_str(o, name[i]);
    }
}

static void put_rxd(struct out *o, const uint8_t *d)
{
    static const char *const status[] = {"DD", "EOP", "IXSM", "VP", NULL, "TCPCS", "IPCS", "PIF"};
    static const char *const errors[] = {"CE", "SE", "SEQ", NULL, "CXE", "TCPE", "IPE", "RXE"};
    const uint32_t special = get16(d + 14);

    put_str(o, "LENGTH=");
    put_dec(o, get16(d + 8));
    put_flags(o, d[12], status, 8);
    put_flags(o, d[13], errors, 8);
    if (get16(d + 10) != 0) {
        put_str(o, " CSUM=");
        put_hex(o, get16(d + 10), 4);
    }
    if (special != 0) {
        put_str(o, " SPECIAL=");
        put_hex(o, special, 4);
        put_str(o, " PRI=");
        put_dec(o, special >> 13);
        put_str(o, " VLAN=");
        put_dec(o, special & 0xfff);
    }
}

static void put_txd(struct out *o, const uint8_t *d)
{
    static const char *const legacy[] = {"EOP", "IFCS", "IC", "RS", "RSV4", NULL, "VLE", "IDE"};
    static const char *const tucmd[] = {"TCP", "IP", "TSE", "RS", "RSV4", NULL, "RSV6", "IDE"};
    static const char *const dcmd[] = {"EOP", "IFCS", "TSE", "RS", "RSV4", NULL, "VLE", "IDE"};
    static const char *const sta[] = {"DD", "EC", "LC", "RSV"};
    const unsigned dtyp = d[10] >> 4;

    if ((d[11] & 0x20) == 0) {
        put_str(o, "LENGTH=");
        put_dec(o, get16(d + 8));
        put_flags(o, d[11], legacy, 8);
    } else if (dtyp == 0) {
        put_str(o, "CONTEXT PAYLEN=");
        put_dec(o, get32(d + 8) & 0xfffff);
        put_flags(o, d[11], tucmd, 8);
    } else {
        put_str(o, dtyp == 1 ? "DATA DTALEN=" : "DTYP? DTALEN=");
        put_dec(o, get32(d + 8) & 0xfffff);
        put_flags(o, d[11], dcmd, 8);
    }
    put_flags(o, d[12], sta, 4);
}

static void put_object(struct out *o, const struct e1000_event *ev, e1000_namer *name, void *ctx)
{
    static const char *const desc[] = {[E1000_OBJ_TXD] = "txd", [E1000_OBJ_RXD] = "rxd"};
    char text[48];

    if (ev->object == E1000_OBJ_TXD || ev->object == E1000_OBJ_RXD) {
        put_str(o, desc[ev->object]);
        put_char(o, '[');
        put_dec(o, ev->index);
        if (ev->count > 1) {
            put_str(o, "..");
            put_dec(o, ev->index + ev->count - 1);
        }
        put_char(o, ']');
    } else if (name != NULL && name(ctx, ev->addr, text, sizeof text)) {
        put_str(o, text);
    } else {
        put_char(o, '@');
        put_hex(o, ev->addr, 8);
    }
}

/* ---- lines ---- */

enum { WHO = 11, VERB = 16, WHAT = 20, VALUE = 30, TEXT = 40 }; /* columns */

static void put_reg_name(struct out *o, const struct e1000_reg *reg, uint32_t index)
{
    put_str(o, reg->name);
    if (reg->count > 1) {
        put_char(o, '[');
        put_dec(o, index);
        put_char(o, ']');
    }
}

/* At least one blank between columns, however long the column before was. */
static void next(struct out *o, size_t column)
{
    if (o->len >= column)
        put_char(o, ' ');
    pad_to(o, column);
}

static void put_who(struct out *o, const char *who, const char *verb)
{
    put_str(o, who);
    next(o, VERB);
    put_str(o, verb);
    next(o, WHAT);
}

static void put_value(struct out *o, uint32_t value, unsigned digits)
{
    next(o, VALUE);
    put_hex(o, value, digits);
    next(o, TEXT);
}

static void put_access(struct out *o, const struct e1000_event *ev, bool write)
{
    put_who(o, ev->io ? "io" : "cpu", write ? "wr" : "rd");
    if (ev->reg == NULL) {
        put_char(o, '?');
        put_hex(o, ev->addr, 5);
        put_value(o, ev->value, 8);
        return;
    }
    put_reg_name(o, ev->reg, ev->index);
    put_value(o, ev->value, 8);
    put_fields(o, ev->reg, write ? ev->value & ~ev->other : ev->value);
    if (ev->other != 0) {
        if (write) {
            if ((ev->value & ~ev->other) != 0)
                put_char(o, ' ');
            put_str(o, "ignored=");
            put_hex(o, ev->other, 8);
        } else {
            put_str(o, "; cleared");
        }
    }
}

static void put_phy(struct out *o, const struct e1000_event *ev, bool write)
{
    put_who(o, "phy", write ? "wr" : "rd");
    if (ev->reg != NULL) {
        put_str(o, ev->reg->name);
    } else {
        put_str(o, "reg");
        put_dec(o, ev->index);
    }
    put_value(o, ev->value, 4);
    if (ev->reg != NULL)
        put_fields(o, ev->reg, write ? ev->value & ~ev->other : ev->value);
    if (write && ev->other != 0) {
        put_str(o, " ignored=");
        put_hex(o, ev->other, 4);
    }
}

static void put_config(struct out *o, const struct e1000_event *ev, const char *who, bool write)
{
    put_who(o, who, write ? "wr" : "rd");
    put_hex(o, ev->addr, 2);
    put_char(o, '/');
    put_dec(o, ev->size);
    put_value(o, ev->value, ev->size * 2u);
}

/* What CRC-32 makes of any frame that ends with its own FCS. */
#define RESIDUE 0x2144df1cu

/* The check of a buffer; of a whole frame with its FCS, that of the frame, which is the FCS it carries. */
static void put_check(struct out *o, const uint8_t *data, uint32_t len)
{
    const uint32_t crc = e1000_crc32(data, len);
    const bool whole = len > FCS_BYTES && crc == RESIDUE;

    put_hex(o, whole ? get32(data + len - FCS_BYTES) : crc, 8);
    if (whole)
        put_str(o, " +fcs");
}

static void put_dma(struct out *o, const struct e1000_event *ev, bool write, e1000_namer *name, void *ctx)
{
    const bool desc = ev->object == E1000_OBJ_TXD || ev->object == E1000_OBJ_RXD;

    put_who(o, "dev", write ? "wr" : "rd");
    put_object(o, ev, name, ctx);
    next(o, VALUE);
    if (ev->failed) {
        put_str(o, "refused");
        return;
    }
    put_dec(o, ev->len);
    put_str(o, " B");
    next(o, TEXT);
    if (desc && ev->len == DESC_BYTES) {
        if (ev->object == E1000_OBJ_RXD)
            put_rxd(o, ev->data);
        else
            put_txd(o, ev->data);
    } else if (desc && ev->len == 1) {
        put_str(o, (*(const uint8_t *)ev->data & 1) != 0 ? "DD" : "-");
    } else if (ev->data != NULL) {
        put_check(o, ev->data, ev->len);
    }
}

static void put_causes(struct out *o, uint32_t causes, bool plus)
{
    const struct e1000_reg *icr = e1000_reg_named("ICR");

    put_value(o, causes, 8);
    if (plus && causes != 0)
        put_char(o, '+');
    put_fields(o, icr, causes);
}

static void put_eeprom(struct out *o, const struct e1000_event *ev)
{
    put_who(o, "eep", ev->text);
    if (ev->text[0] == 'l') {
        put_dec(o, ev->value);
        put_str(o, " words");
        return;
    }
    put_hex(o, ev->index, 2);
    put_value(o, ev->value, 4);
}

static void put_bad(struct out *o, const struct e1000_event *ev)
{
    put_who(o, "cpu", "bad");
    if (ev->text != NULL) {
        put_str(o, ev->text);
        put_value(o, ev->value, 8);
    } else if (ev->reg != NULL) {
        put_reg_name(o, ev->reg, ev->index);
        put_value(o, ev->value, 5);
    } else {
        put_char(o, '?');
        put_hex(o, ev->value, 5);
        next(o, TEXT);
    }
    put_str(o, ev->rule->name);
    put_str(o, " [");
    put_str(o, ev->rule->manual);
    put_char(o, ']');
}

static void put_flash(struct out *o, const struct e1000_event *ev)
{
    put_who(o, ev->io ? "io" : "cpu", ev->kind == E1000_EV_FLASH_WRITE ? "wr" : "rd");
    put_str(o, "fl ");
    put_hex(o, ev->addr, 5);
    put_char(o, '/');
    put_dec(o, ev->size);
    next(o, VALUE);
    if (ev->size == 8)
        put_hex(o, ev->other, 8);
    put_hex(o, ev->value, ev->size == 8 ? 8u : ev->size * 2u);
}

static void put_drop(struct out *o, const struct e1000_event *ev)
{
    put_who(o, "dev", "drp");
    put_dec(o, ev->len);
    put_str(o, " B");
    next(o, TEXT);
    put_str(o, ev->text);
    put_str(o, " [");
    put_str(o, ev->section);
    put_char(o, ']');
}

static void put_link(struct out *o, const struct e1000_event *ev)
{
    put_who(o, "phy", "lnk");
    put_str(o, ev->text);
    next(o, VALUE);
    put_dec(o, ev->value);
    put_str(o, ev->count != 0 ? " full" : " half");
}

size_t e1000_event_text(const struct e1000_event *ev, uint64_t since_ns, e1000_namer *name, void *name_ctx, char *to,
                        size_t size)
{
    struct out o = {to, size, 0}, time = {to, size, 0};
    const uint64_t delta = ev->at_ns - since_ns;

    time.size = 0; /* measure, then write right-aligned */
    put_dec(&time, delta);
    pad_to(&o, time.len < 8 ? 8 - time.len : 0);
    put_char(&o, '+');
    put_dec(&o, delta);
    next(&o, WHO);
    switch (ev->kind) {
    case E1000_EV_REG_READ:
        put_access(&o, ev, false);
        break;
    case E1000_EV_REG_WRITE:
        put_access(&o, ev, true);
        break;
    case E1000_EV_IO_READ:
        put_config(&o, ev, "io", false);
        break;
    case E1000_EV_IO_WRITE:
        put_config(&o, ev, "io", true);
        break;
    case E1000_EV_CFG_READ:
        put_config(&o, ev, "pci", false);
        break;
    case E1000_EV_CFG_WRITE:
        put_config(&o, ev, "pci", true);
        break;
    case E1000_EV_PHY_READ:
        put_phy(&o, ev, false);
        break;
    case E1000_EV_PHY_WRITE:
        put_phy(&o, ev, true);
        break;
    case E1000_EV_EEPROM:
        put_eeprom(&o, ev);
        break;
    case E1000_EV_DMA_READ:
        put_dma(&o, ev, false, name, name_ctx);
        break;
    case E1000_EV_DMA_WRITE:
        put_dma(&o, ev, true, name, name_ctx);
        break;
    case E1000_EV_CAUSE:
        put_who(&o, "dev", "set");
        put_str(&o, "ICR");
        put_causes(&o, ev->value, true);
        break;
    case E1000_EV_IRQ:
        put_who(&o, "irq", ev->count != 0 ? "up" : "dn");
        if (ev->count != 0)
            put_causes(&o, ev->value, false);
        break;
    case E1000_EV_MSI:
        put_who(&o, "irq", "msi");
        put_char(&o, '@');
        put_hex(&o, ev->addr, 8);
        put_value(&o, ev->value, 4);
        break;
    case E1000_EV_FRAME_IN:
    case E1000_EV_FRAME_OUT:
        put_who(&o, "wire", ev->kind == E1000_EV_FRAME_IN ? "in" : "out");
        put_frame(&o, ev->frame, VALUE, TEXT);
        break;
    case E1000_EV_DROP:
        put_drop(&o, ev);
        break;
    case E1000_EV_RESET:
        put_who(&o, "dev", "rst");
        put_str(&o, ev->text);
        break;
    case E1000_EV_LINK:
        put_link(&o, ev);
        break;
    case E1000_EV_PME:
        put_who(&o, "pme", ev->count != 0 ? "up" : "dn");
        break;
    case E1000_EV_BAD:
        put_bad(&o, ev);
        break;
    case E1000_EV_WAKE:
        put_who(&o, "dev", "set");
        put_str(&o, "WUS");
        put_value(&o, ev->value, 8);
        put_char(&o, '+');
        put_fields(&o, e1000_reg_named("WUS"), ev->value);
        break;
    case E1000_EV_FRAME_LOOP:
        put_who(&o, "phy", "lb");
        put_frame(&o, ev->frame, VALUE, TEXT);
        break;
    case E1000_EV_FLASH_READ:
    case E1000_EV_FLASH_WRITE:
        put_flash(&o, ev);
        break;
    }
    return finish(&o);
}

/* ---- lines ---- */

static bool is_read(const struct e1000_event *event)
{
    return event->kind == E1000_EV_REG_READ || event->kind == E1000_EV_IO_READ || event->kind == E1000_EV_CFG_READ ||
           event->kind == E1000_EV_PHY_READ || event->kind == E1000_EV_FLASH_READ;
}

static bool same_read(const struct e1000_event *a, const struct e1000_event *b)
{
    return a->kind == b->kind && a->reg == b->reg && a->index == b->index && a->value == b->value &&
           a->other == b->other && a->size == b->size && a->io == b->io && a->addr == b->addr && a->count == b->count;
}

void e1000_lines_flush(struct e1000_lines *lines)
{
    const uint64_t took_ns = lines->since_ns - lines->first_ns;
    struct out o = {lines->text, sizeof lines->text, 0};

    if (!lines->held)
        return;
    lines->held = false;
    while (lines->text[o.len] != '\0')
        o.len++;
    if (lines->repeats > 1) {
        put_str(&o, " x");
        put_dec(&o, lines->repeats);
    }
    if (lines->repeats > 1 && took_ns > 0) {
        put_str(&o, " in ");
        put_dec(&o, took_ns);
        put_str(&o, " ns");
    }
    finish(&o);
    lines->line(lines->ctx, lines->text);
}

bool e1000_lines_add(struct e1000_lines *lines, const struct e1000_event *event)
{
    if (lines->held && same_read(&lines->first, event)) {
        lines->repeats++;
        lines->since_ns = event->at_ns;
        return false;
    }
    e1000_lines_flush(lines);
    e1000_event_text(event, lines->since_ns, lines->name, lines->name_ctx, lines->text, E1000_TEXT_MAX);
    lines->since_ns = event->at_ns;
    if (is_read(event)) {
        lines->held = true;
        lines->first = *event;
        lines->first_ns = event->at_ns;
        lines->repeats = 1;
    } else {
        lines->line(lines->ctx, lines->text);
    }
    return true;
}
