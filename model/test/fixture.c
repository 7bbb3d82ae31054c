/*
 * fixture.c - a board for unit tests; see fixture.h
 */
#include "fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct fixture fx;

/*
 * AddressSanitizer asks for its options here. The model allocates nothing, and a leak check at the end
 * of every test's process would take longer than all tests.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static union {
    uint8_t bytes[E1000_STORAGE_BYTES];
    max_align_t align;
} storage;

/* ---- log ---- */

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(fx.log + fx.log_len, sizeof fx.log - fx.log_len, format, args);
    va_end(args);
    ck_assert_msg(n >= 0 && (size_t)n < sizeof fx.log - fx.log_len, "the log is full");
    fx.log_len += (size_t)n;
}

static const char *reg_name(const struct e1000_event *ev)
{
    static char name[64];

    if (ev->reg == NULL)
        return "?";
    if (ev->reg->count > 1)
        snprintf(name, sizeof name, "%s[%u]", ev->reg->name, (unsigned)ev->index);
    else
        snprintf(name, sizeof name, "%s", ev->reg->name);
    return name;
}

static void say_register(const struct e1000_event *ev, const char *verb, const char *other)
{
    ck_assert_uint_eq(ev->size, 4);
    say("%s %s", verb, reg_name(ev));
    if (ev->reg == NULL)
        say(" %08x", (unsigned)ev->addr);
    say(" %08x", (unsigned)ev->value);
    if (ev->other != 0)
        say(" %s %08x", other, (unsigned)ev->other);
    say("\n");
}

static void say_dma(const struct e1000_event *ev)
{
    static const char *const object[] = {"txd", "rxd", "txbuf", "rxbuf", "other"};

    say("dma %s %s[%u] x%u %08llx %u%s\n", ev->kind == E1000_EV_DMA_READ ? "rd" : "wr",
        ev->object <= E1000_OBJ_OTHER ? object[ev->object] : "?", (unsigned)ev->index, (unsigned)ev->count,
        (unsigned long long)ev->addr, (unsigned)ev->len, ev->failed ? " failed" : "");
}

static void say_phy(const struct e1000_event *ev)
{
    if (ev->reg != NULL)
        say("phy %s %s %04x", ev->kind == E1000_EV_PHY_READ ? "rd" : "wr", ev->reg->name, (unsigned)ev->value);
    else
        say("phy %s %u %04x", ev->kind == E1000_EV_PHY_READ ? "rd" : "wr", (unsigned)ev->index, (unsigned)ev->value);
    if (ev->other != 0)
        say(" drops %04x", (unsigned)ev->other);
    say("\n");
}

static void on_trace(void *ctx, const struct e1000_event *ev)
{
    (void)ctx;
    ck_assert_msg(ev->at_ns == e1000_now(fx.dev) || fx.dev == NULL, "an event with another time");
    switch (ev->kind) {
    case E1000_EV_REG_READ:
        say_register(ev, ev->io ? "io-rd" : "rd", "clears");
        break;
    case E1000_EV_REG_WRITE:
        say_register(ev, ev->io ? "io-wr" : "wr", "drops");
        break;
    case E1000_EV_IO_READ:
    case E1000_EV_IO_WRITE:
        say("io %s %x %u %08x\n", ev->kind == E1000_EV_IO_READ ? "rd" : "wr", (unsigned)ev->addr, ev->size,
            (unsigned)ev->value);
        break;
    case E1000_EV_CFG_READ:
    case E1000_EV_CFG_WRITE:
        say("cfg %s %02x %u %0*x\n", ev->kind == E1000_EV_CFG_READ ? "rd" : "wr", (unsigned)ev->addr, ev->size,
            ev->size * 2, (unsigned)ev->value);
        break;
    case E1000_EV_PHY_READ:
    case E1000_EV_PHY_WRITE:
        say_phy(ev);
        break;
    case E1000_EV_EEPROM:
        if (strcmp(ev->text, "load") == 0)
            say("eeprom load %u %u\n", (unsigned)ev->index, (unsigned)ev->value);
        else
            say("eeprom %s %02x %04x\n", ev->text, (unsigned)ev->index, (unsigned)ev->value);
        break;
    case E1000_EV_DMA_READ:
    case E1000_EV_DMA_WRITE:
        say_dma(ev);
        break;
    case E1000_EV_CAUSE:
        say("cause %08x\n", (unsigned)ev->value);
        break;
    case E1000_EV_IRQ:
        say("irq %s %08x\n", ev->count != 0 ? "up" : "down", (unsigned)ev->value);
        break;
    case E1000_EV_MSI:
        say("msi %llx %x\n", (unsigned long long)ev->addr, (unsigned)ev->value);
        break;
    case E1000_EV_FRAME_IN:
    case E1000_EV_FRAME_OUT:
        say("frame %s %u flags %x\n", ev->kind == E1000_EV_FRAME_IN ? "in" : "out", (unsigned)ev->frame->length,
            (unsigned)ev->frame->flags);
        break;
    case E1000_EV_FRAME_LOOP:
        say("loop %u\n", (unsigned)ev->frame->length);
        break;
    case E1000_EV_FLASH_READ:
    case E1000_EV_FLASH_WRITE:
        say("flash%s %s %05x %u %08x%08x\n", ev->io ? "-io" : "", ev->kind == E1000_EV_FLASH_READ ? "rd" : "wr",
            (unsigned)ev->addr, ev->size, (unsigned)ev->other, (unsigned)ev->value);
        break;
    case E1000_EV_DROP:
        say("drop %u %s [%s]\n", (unsigned)ev->len, ev->text, ev->section);
        break;
    case E1000_EV_RESET:
        say("reset %s\n", ev->text);
        break;
    case E1000_EV_LINK:
        say("link %s %u %s\n", ev->text, (unsigned)ev->value, ev->count != 0 ? "full" : "half");
        break;
    case E1000_EV_PME:
        say("event pme %u\n", (unsigned)ev->count);
        break;
    case E1000_EV_BAD:
        say("bad %s %s %08x\n", ev->rule->name, ev->text == NULL ? "-" : ev->text, (unsigned)ev->value);
        break;
    case E1000_EV_WAKE:
        say("wake %08x\n", (unsigned)ev->value);
        break;
    }
}

void fx_log_clear(void)
{
    fx.log_len = 0;
    fx.log[0] = '\0';
}

bool fx_logged(const char *line)
{
    const size_t n = strlen(line);

    for (const char *p = fx.log; *p != '\0'; p = strchr(p, '\n') + 1)
        if (strncmp(p, line, n) == 0 && p[n] == '\n')
            return true;
    return false;
}

unsigned fx_log_count(const char *prefix)
{
    unsigned n = 0;

    for (const char *p = fx.log; *p != '\0'; p = strchr(p, '\n') + 1)
        n += strncmp(p, prefix, strlen(prefix)) == 0;
    return n;
}

const char *fx_log_only(const char *prefix)
{
    static char only[FX_LOG_MAX];
    char *to = only;

    for (const char *p = fx.log, *end; *p != '\0'; p = end) {
        end = strchr(p, '\n') + 1;
        if (strncmp(p, prefix, strlen(prefix)) == 0) {
            memcpy(to, p, (size_t)(end - p));
            to += end - p;
        }
    }
    *to = '\0';
    return only;
}

/* ---- the host ---- */

static bool reachable(uint64_t addr, size_t len)
{
    if (addr > FX_MEMORY || len > FX_MEMORY - addr)
        return false;
    return fx.refuse_len == 0 || addr + len <= fx.refuse_at || addr >= fx.refuse_at + fx.refuse_len;
}

static bool on_dma_read(void *ctx, uint64_t addr, void *to, size_t len)
{
    (void)ctx;
    fx.dma_reads++;
    if (!reachable(addr, len))
        return false;
    memcpy(to, fx.memory + addr, len);
    return true;
}

static bool on_dma_write(void *ctx, uint64_t addr, const void *from, size_t len)
{
    (void)ctx;
    fx.dma_writes++;
    if (!reachable(addr, len))
        return false;
    memcpy(fx.memory + addr, from, len);
    return true;
}

void *fx_dma_map(void *ctx, uint64_t addr, size_t len, bool for_write)
{
    (void)ctx, (void)for_write;
    fx.maps++;
    return reachable(addr, len) ? fx.memory + addr : NULL;
}

static void on_frame_out(void *ctx, const struct e1000_frame *frame)
{
    uint32_t n = 0;

    (void)ctx;
    say("out %u flags %x offloads %x\n", (unsigned)frame->length, (unsigned)frame->flags, (unsigned)frame->offloads);
    if (fx.sent_count < FX_SENT_MAX) {
        struct fx_frame *f = &fx.sent[fx.sent_count];

        f->length = frame->length;
        f->flags = frame->flags;
        f->offloads = frame->offloads;
        for (unsigned i = 0; i < frame->iovcnt; i++) {
            ck_assert_uint_le(frame->iov[i].len, FX_FRAME_MAX - n);
            memcpy(f->data + n, frame->iov[i].base, frame->iov[i].len);
            n += (uint32_t)frame->iov[i].len;
        }
        ck_assert_uint_eq(n, frame->length);
    }
    fx.sent_count++;
}

static void on_irq_line(void *ctx, bool asserted)
{
    (void)ctx;
    ck_assert_msg(asserted != fx.line, "irq_line is told what it knows");
    fx.line = asserted;
    fx.rises += asserted;
    say("line %d\n", asserted);
}

static void on_msi(void *ctx, uint64_t addr, uint32_t data)
{
    (void)ctx;
    fx.messages++;
    fx.message_addr = addr;
    fx.message_data = data;
    say("message %llx %x\n", (unsigned long long)addr, (unsigned)data);
}

static void on_pme(void *ctx, bool asserted)
{
    (void)ctx;
    fx.pme = asserted;
    say("pme %d\n", asserted);
}

/* ---- making the board ---- */

void fx_checksum(void)
{
    uint16_t sum = 0;

    for (unsigned i = 0; i < 0x3f; i++)
        sum = (uint16_t)(sum + fx.eeprom[i]);
    fx.eeprom[0x3f] = (uint16_t)(0xbaba - sum);
}

void fx_good_eeprom(void)
{
    memset(fx.eeprom, 0xff, sizeof fx.eeprom);
    memset(fx.eeprom, 0, 0x40 * sizeof fx.eeprom[0]);
    fx.eeprom[0x00] = 0x5452; /* [5.6.1] low byte first on the wire */
    fx.eeprom[0x01] = 0x1200;
    fx.eeprom[0x02] = 0x5634;
    fx.eeprom[0x0a] = 0x6008; /* [5.6.7] signature 01b, 32-bit BARs, power management */
    fx.eeprom[0x0b] = 0x0102; /* subsystem, vendor and device IDs, not loaded */
    fx.eeprom[0x0c] = 0x0304;
    fx.eeprom[0x0d] = 0x1015;
    fx.eeprom[0x0e] = 0x0506;
    fx.eeprom[0x0f] = 0x0080; /* [5.6.12] no MSI */
    fx.eeprom[0x24] = 0x0800; /* [5.6.25] no flash */
    fx_checksum();
}

void fx_board(void)
{
    if (fx.dev != NULL) /* a second board in one test */
        memset(&fx, 0, sizeof fx);
    fx_good_eeprom();
    fx.host = (struct e1000_host){.dma_read = on_dma_read,
                                  .dma_write = on_dma_write,
                                  .frame_out = on_frame_out,
                                  .irq_line = on_irq_line,
                                  .msi = on_msi,
                                  .pme = on_pme,
                                  .trace = on_trace};
    fx.config = (struct e1000_config){.eeprom = fx.eeprom, .eeprom_words = 64, .revision = 2};
}

void fx_power(void)
{
    fx.dev = (struct e1000 *)(void *)storage.bytes; /* events come before e1000_init returns */
    fx.dev = e1000_init(storage.bytes, sizeof storage.bytes, &fx.host, &fx.config);
    ck_assert_ptr_nonnull(fx.dev);
}

void fx_pci_setup(void)
{
    struct e1000_bar_info info;

    e1000_config_write(fx.dev, 0x10, 4, FX_BAR0);
    e1000_bar_info(fx.dev, E1000_BAR_IO, &info);
    e1000_config_write(fx.dev, info.config_offset, 4, FX_IO);
    e1000_config_write(fx.dev, 0x04, 2, 0x0007);
}

void fx_start(void)
{
    fx_board();
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_log_clear();
}

/* ---- time ---- */

void fx_until(uint64_t at)
{
    e1000_advance(fx.dev, at);
}
void fx_run(uint64_t ns)
{
    fx_until(e1000_now(fx.dev) + ns);
}

/* ---- registers ---- */

uint32_t fx_read(uint32_t offset)
{
    return e1000_read32(fx.dev, offset);
}
void fx_write(uint32_t offset, uint32_t value)
{
    e1000_write32(fx.dev, offset, value);
}
void fx_set(uint32_t offset, uint32_t bits)
{
    fx_write(offset, fx_read(offset) | bits);
}

/* ---- PHY [13.4.7] ---- */

static uint32_t mdic(uint32_t command)
{
    fx_write(E1000_MDIC, command);
    fx_run(64 * US);
    ck_assert_hex_eq(fx_read(E1000_MDIC) & (1u << 28 | 1u << 30), 1u << 28);
    return fx_read(E1000_MDIC);
}

uint16_t fx_phy_read(unsigned reg)
{
    return (uint16_t)mdic(2u << 26 | 1u << 21 | reg << 16);
}
void fx_phy_write(unsigned reg, uint16_t value)
{
    mdic(1u << 26 | 1u << 21 | reg << 16 | value);
}

void fx_partner_gigabit(struct e1000_partner *p)
{
    *p = (struct e1000_partner){
        .autoneg = true, .base_page = 0x0de0, .gigabit_full = true, .gigabit_half = true, .pairs = 4};
}

void fx_link_up(void)
{
    struct e1000_partner partner;

    fx_partner_gigabit(&partner);
    fx_set(E1000_CTRL, 1u << 6);
    e1000_partner(fx.dev, &partner);
    fx_run(4 * SEC);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0x83, 0x83);
    fx_read(E1000_ICR);
    fx_log_clear();
}

/* ---- EEPROM [5, 13.4.3] ---- */

enum { EE_SK = 1, EE_CS = 2, EE_DI = 4, EE_DO = 8, EE_REQ = 0x40, EE_GNT = 0x80 };

static void ee_pins(uint32_t clear, uint32_t set)
{
    fx_write(E1000_EECD, (fx_read(E1000_EECD) & ~clear) | set);
}

void fx_ee_request(void)
{
    ee_pins(0, EE_REQ);
    ck_assert_hex_eq(fx_read(E1000_EECD) & EE_GNT, EE_GNT);
}

void fx_ee_release(void)
{
    ee_pins(EE_REQ | EE_SK | EE_CS | EE_DI, 0);
}

void fx_ee_select(bool on)
{
    ee_pins(EE_SK | EE_CS | EE_DI, 0);
    if (on)
        ee_pins(0, EE_CS);
}

static void clock_bit(bool di)
{
    ee_pins(EE_DI, di ? EE_DI : 0);
    ee_pins(0, EE_SK);
    ee_pins(EE_SK, 0);
}

void fx_ee_send(uint32_t value, unsigned bits)
{
    while (bits-- != 0)
        clock_bit((value >> bits & 1) != 0);
    ee_pins(EE_DI, 0);
}

bool fx_ee_do(void)
{
    return (fx_read(E1000_EECD) & EE_DO) != 0;
}

uint32_t fx_ee_receive(unsigned bits)
{
    uint32_t value = 0;

    while (bits-- != 0) {
        ee_pins(0, EE_SK);
        value = value << 1 | fx_ee_do();
        ee_pins(EE_SK, 0);
    }
    return value;
}

uint16_t fx_ee_read(unsigned addr, unsigned width)
{
    uint16_t word;

    fx_ee_select(true);
    fx_ee_send(6, 3);
    fx_ee_send(addr, width);
    word = (uint16_t)fx_ee_receive(16);
    fx_ee_select(false);
    return word;
}

/* ---- guest memory ---- */

void fx_put16(uint64_t addr, uint32_t v)
{
    fx.memory[addr] = (uint8_t)v;
    fx.memory[addr + 1] = (uint8_t)(v >> 8);
}

void fx_put32(uint64_t addr, uint32_t v)
{
    fx_put16(addr, v);
    fx_put16(addr + 2, v >> 16);
}

void fx_put64(uint64_t addr, uint64_t v)
{
    fx_put32(addr, (uint32_t)v);
    fx_put32(addr + 4, (uint32_t)(v >> 32));
}

uint32_t fx_get16(uint64_t addr)
{
    return (uint32_t)fx.memory[addr] | (uint32_t)fx.memory[addr + 1] << 8;
}
uint32_t fx_get32(uint64_t addr)
{
    return fx_get16(addr) | fx_get16(addr + 2) << 16;
}
uint64_t fx_get64(uint64_t addr)
{
    return fx_get32(addr) | (uint64_t)fx_get32(addr + 4) << 32;
}
