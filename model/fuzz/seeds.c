/*
 * seeds.c - write the seed corpus: seeds FOLDER makes FOLDER/<target>/<name>
 *
 * Most of the descriptor programs are what has broken other models of this family of chips, told as what
 * a guest does; their names begin with the record, as do the scenarios of the same kind.
 */
#include "guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static uint8_t out[1 << 16];
static size_t used;

static void put(uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[used++] = (uint8_t)(value >> 8 * i);
}

static void finish(const char *folder, const char *target, const char *name)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(out, 1, used, file) != used || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    used = 0;
}

/* ---- steps, as guest.h has them ---- */

static void program(unsigned variant, unsigned board)
{
    put(variant, 1);
    put(board, 1);
}

static void run(uint32_t n, unsigned shift)
{
    put(STEP_TIME, 1);
    put(n, 2);
    put(shift, 1);
}

static void ms(uint32_t n)
{
    run(n, 20);
} /* nearly */

static void reg(uint32_t offset, uint32_t value)
{
    put(STEP_WRITE, 1);
    put(offset, 2);
    put(value, 4);
}

static void look(uint32_t offset)
{
    put(STEP_READ, 1);
    put(offset, 2);
}

static void io(uint32_t offset, uint32_t value)
{
    put(STEP_IO, 1);
    put(offset, 2);
    put(value, 4);
}

static void config(uint32_t offset, unsigned size, uint32_t value)
{
    put(STEP_CONFIG_WRITE, 1);
    put(offset, 1);
    put(size, 1);
    put(value, 4);
    put(STEP_CONFIG_READ, 1);
    put(offset, 1);
    put(size, 1);
}

static void bar(unsigned which, uint32_t offset, unsigned size, uint64_t value)
{
    put(STEP_BAR_WRITE, 1);
    put(which, 1);
    put(offset, 4);
    put(size, 1);
    put(value, 8);
    put(STEP_BAR_READ, 1);
    put(which, 1);
    put(offset, 4);
    put(size, 1);
}

static void frame(uint32_t len, uint32_t flags)
{
    put(STEP_FRAME, 1);
    put(len, 2);
    put(flags, 1);
    put(0, 1);
}

static void frame_to(uint32_t len, const char *head, unsigned n)
{
    put(STEP_FRAME, 1);
    put(len, 2);
    put(0, 1);
    put(n, 1);
    for (unsigned i = 0; i < n; i++)
        put((uint8_t)head[i], 1);
}

static void partner(unsigned bits, uint32_t page, unsigned speed)
{
    put(STEP_PARTNER, 1);
    put(bits, 1);
    put(page, 2);
    put(speed, 1);
    put(4, 1);
    put(0, 1);
}

static void wire(unsigned what, unsigned attempts)
{
    put(STEP_WIRE, 1);
    put(what, 1);
    put(attempts, 1);
}

static void pin(unsigned which, unsigned level)
{
    put(STEP_PIN, 1);
    put(which, 1);
    put(level, 1);
}

static void phy(unsigned n, uint32_t value)
{
    put(STEP_PHY_WRITE, 1);
    put(n, 1);
    put(value, 2);
    put(STEP_PHY_READ, 1);
    put(n, 1);
}

static void eeprom(unsigned bits, uint32_t value)
{
    put(STEP_EEPROM, 1);
    put(bits, 1);
    put(value, 4);
}

static void poke(uint32_t at, const char *bytes, unsigned n)
{
    put(STEP_POKE, 1);
    put(at, 2);
    put(n, 1);
    for (unsigned i = 0; i < n; i++)
        put((uint8_t)bytes[i], 1);
}

enum { EOP = 1, IFCS = 2, TSE = 4, IC = 4, RS = 8, DEXT = 0x20, VLE = 0x40, IDE = 0x80 }; /* [3.3.3.1, 3.3.7.1] */
enum { IXSM = 1, TXSM = 2 };
enum { TUCMD_TCP = 1, TUCMD_IP = 2 };

static void legacy(uint64_t addr, uint32_t len, unsigned cso, unsigned css, unsigned cmd)
{
    put(STEP_TX, 1);
    put(addr, 8);
    put(len, 2);
    put(cso, 1);
    put(cmd, 1);
    put(0, 1);
    put(css, 1);
    put(0, 2);
}

static void data(uint64_t addr, uint32_t len, unsigned dcmd, unsigned popts)
{
    put(STEP_TX, 1);
    put(addr, 8);
    put(len | 1u << 20 | (uint32_t)(dcmd | DEXT) << 24, 4);
    put(0, 1);
    put(popts, 1);
    put(0x2064, 2);
}

struct offsets {
    uint8_t ipcss, ipcso;
    uint16_t ipcse;
    uint8_t tucss, tucso;
    uint16_t tucse;
};
static const struct offsets usual = {14, 24, 33, 34, 50, 0};

static void context(const struct offsets *o, uint32_t paylen, unsigned tucmd, unsigned hdrlen, uint32_t mss)
{
    put(STEP_TX, 1);
    put(o->ipcss, 1);
    put(o->ipcso, 1);
    put(o->ipcse, 2);
    put(o->tucss, 1);
    put(o->tucso, 1);
    put(o->tucse, 2);
    put(paylen | (uint32_t)(tucmd | DEXT) << 24, 4);
    put(0, 1);
    put(hdrlen, 1);
    put(mss, 2);
}

static void rx(uint64_t addr)
{
    put(STEP_RX, 1);
    put(addr, 8);
    put(0, 8);
}

static void rx_buffers(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        rx(0x8000 + 0x800 * i);
    put(STEP_RX_TAIL, 1);
    put(0, 1);
}

static void send(void)
{
    put(STEP_TX_TAIL, 1);
    put(0, 1);
    ms(2);
}

static void headers(uint32_t at) /* Ethernet, IPv4, TCP */
{
    poke(at,
         "\x02\0\0\0\0\x02\x52\x54\0\x12\x34\x56\x08\0\x45\0\0\0\x10\0\0\0\x40\x06\0\0\x0a\0\0\x01\x0a\0\0\x02"
         "\x04\0\0\x50\0\0\0\x01\0\0\0\0\x50\x18\x20\0\0\0\0\0",
         54);
}

static void loopback(void)
{
    reg(E1000_RCTL, 0x040080da);
} /* LBM 11b, and the driver's bits */

static void refuse(uint32_t at, uint32_t len)
{
    put(STEP_REFUSE, 1);
    put(at, 2);
    put(len, 2);
}

#define SEED(target, name) finish(folder, target, name)
#define VARIED(n) program((n)&15, (n) >> 4 & 1 ? BOARD_LINE_RATE : 0)

/* ---- the corpus ---- */

static void bring_up(void)
{
    ms(8);
    config(0x10, 4, 0xf0000000);
    config(0x18, 4, 0xc001);
    config(0x04, 2, 7);
}

#define MAC "RT\0\x12\x34\x56" /* 52:54:00:12:34:56, of the EEPROM */

static void registers(const char *folder)
{
    program(VARIANT_RELOAD, 0);
    for (unsigned at = 0; at < 256; at += 4)
        config(at, 4, 0xffffffff);
    SEED("registers", "config-all-ones");

    program(VARIANT_RELOAD, BOARD_WIDE | BOARD_MSI | BOARD_AUX_POWER | BOARD_BIG_EEPROM);
    bring_up();
    for (unsigned size = 0; size < 9; size++)
        for (unsigned which = 0; which < 5; which++)
            bar(which, size * 3, size, 0x0123456789abcdef);
    SEED("registers", "widths");

    for (unsigned all = 0; all < 2; all++) {
        program(VARIANT_RELOAD | VARIANT_TRACE, 0);
        bring_up();
        for (size_t i = 0; i < e1000_reg_count(); i++) {
            const uint32_t offset = e1000_reg(i)->offset;

            if (offset < 0x10000 && offset != E1000_CTRL)
                reg(offset, all ? 0xffffffff : 0xa5a5a5a5);
        }
        for (size_t i = 0; i < e1000_reg_count(); i++)
            look(e1000_reg(i)->offset & 0xffff);
        ms(10);
        SEED("registers", all ? "all-ones" : "all-pattern");
    }

    program(VARIANT_RELOAD, BOARD_LINE_RATE);
    bring_up();
    io(E1000_CTRL, 0x00000041);
    partner(7, 0x0de0, 2);
    run(2000, 20);
    for (unsigned n = 0; n < 32; n++)
        phy(n, 0xffff);
    put(STEP_UNPLUG, 1);
    partner(8, 0, 1);
    run(2000, 20);
    phy(0, 0x9140);
    phy(0, 0x0940);
    io(E1000_CTRL, 0x80000041);
    SEED("registers", "phy");

    program(VARIANT_RELOAD, BOARD_LINE_RATE);
    bring_up();
    phy(4, 0x81e1); /* next pages of our own */
    partner(7 | 128, 0x0de0, 2);
    put(2, 1); /* role */
    put(2, 1);
    put(0x8555, 2);
    put(0x22aa, 2);
    phy(9, 0x1e00); /* insists on slave, too */
    phy(0, 0x1340);
    run(2000, 20);
    for (unsigned i = 0; i < 6; i++) {
        phy(7, i < 3 ? 0xa001 : 0x2001);
        run(200, 20);
    }
    partner(1 | 32 | 64, 0x0020, 0);
    run(2000, 20);
    for (unsigned i = 0; i < 4; i++)
        wire(i, 0);
    for (unsigned n = 0; n < 32; n++)
        phy(n, 0);
    SEED("registers", "phy-pages-and-faults");

    program(VARIANT_RELOAD, BOARD_AUX_POWER | BOARD_LINE_RATE);
    bring_up();
    partner(7, 0x0de0, 2);
    reg(E1000_CTRL, 0x00000041);
    reg(E1000_RCTL, 0x0400801a);
    run(3000, 20);
    reg(E1000_WUFC, 0x000f00ff);
    reg(E1000_WUC, 0x0000000b);
    reg(E1000_IPAV, 0x00010007);
    reg(E1000_IP4AT, 0x0200000a);
    for (uint32_t i = 0; i < 0x800; i += 128) {
        reg(E1000_FFMT + i, 0x0000000f);
        reg(E1000_FFVT + i, 0x04030201);
    }
    for (uint32_t i = 0; i < 4; i++)
        reg(E1000_FFLT + 8 * i, 12 + 40 * i);
    config(0xe0, 2, 0x8103);
    ms(10);
    frame_to(100, "\xff\xff\xff\xff\xff\xff", 6); /* and from its 6th byte on a pattern that is no magic packet */
    frame_to(60, "\xff\xff\xff\xff\xff\xff\2\0\0\0\0\2\x08\x06\0\1\x08\0\6\4\0\1", 22); /* ARP request */
    frame_to(
        120,
        MAC
        "\2\0\0\0\0\2\x08\x42\xff\xff\xff\xff\xff\xff" MAC MAC MAC MAC MAC MAC MAC MAC MAC MAC MAC MAC MAC MAC MAC MAC,
        116);                                      /* magic packet */
    frame_to(100, "\1\2\3\4\1\2\3\4\1\2\3\4", 12); /* flexible filter */
    put(STEP_UNPLUG, 1);
    partner(7, 0x0de0, 2);
    run(2000, 20);
    look(E1000_WUS);
    look(E1000_WUPL);
    config(0xe0, 2, 0x8100);
    bring_up();
    look(E1000_WUS);
    look(E1000_WUPL);
    SEED("registers", "wake-up");

    program(VARIANT_RELOAD, 0);
    bring_up();
    eeprom(9 | 0x80, 0x130);                      /* EWEN */
    eeprom(25 | 0x80 | 0x40, 0x1410000 | 0xbeef); /* write */
    ms(8);
    eeprom(25, 0x1810000);   /* read */
    eeprom(9 | 0x80, 0x120); /* ERAL */
    reg(E1000_EECD, 0);
    reg(E1000_EERD, 0x0101);
    ms(1);
    look(E1000_EERD);
    SEED("registers", "eeprom");

    program(VARIANT_RELOAD, BOARD_AUX_POWER | BOARD_MSI);
    bring_up();
    config(0xf2, 2, 1);
    reg(E1000_IMS, 0xffffffff);
    reg(E1000_ITR, 100);
    reg(E1000_ICS, 0xffffffff);
    config(0xe0, 2, 0x8103);
    config(0xe0, 2, 0);
    pin(0, 0);
    pin(1, 1);
    pin(0, 1);
    pin(1, 0);
    pin(2, 0);
    reg(E1000_CTRL_EXT, 0x0000000c);
    pin(3 + 5 * 6, 1);
    pin(3 + 5 * 7, 1);
    reg(E1000_CTRL, 0x04000000);
    look(E1000_STATUS);
    ms(10);
    SEED("registers", "power-resets-pins");

    program(VARIANT_RELOAD, BOARD_BLANK | BOARD_NO_EEPROM);
    bring_up();
    frame(60, 0);
    reg(E1000_RCTL, 0xffffffff);
    reg(E1000_TCTL, 0xffffffff);
    reg(E1000_PBA, 0xffffffff);
    frame(20000, 15);
    SEED("registers", "no-eeprom");
}

/* Rows of the list of what has broken other models. */
static void hostile(const char *folder)
{
    const struct offsets beyond = {14, 24, 0xffff, 34, 50, 0xffff}, far = {250, 251, 252, 253, 255, 254};

    VARIED(1);
    reg(E1000_RCTL, 0x00008002);
    rx_buffers(4);
    for (uint32_t len = 1514; len < 16400; len += 2477)
        frame(len, 0);
    SEED("descriptors", "CVE-2012-6075-long-frames");

    VARIED(2);
    context(&usual, 0, TSE, 0, 0);
    data(0x8000, 0x1000, TSE | EOP | IFCS | RS, 0);
    send();
    SEED("descriptors", "CVE-2015-6815-tse-of-nothing");

    for (int rx_side = 0; rx_side < 2; rx_side++) {
        VARIED(3);
        reg(rx_side ? E1000_RDH : E1000_TDH, 0xffff);
        reg(rx_side ? E1000_RDT : E1000_TDT, 5);
        frame(100, 0);
        reg(rx_side ? E1000_RDH : E1000_TDH, 16);
        reg(rx_side ? E1000_RDT : E1000_TDT, 0xffff);
        frame(100, 0);
        SEED("descriptors", rx_side ? "CVE-2016-1981-rx-head-outside" : "CVE-2016-1981-tx-head-outside");
    }

    VARIED(17);
    context(&usual, 4000, TSE | TUCMD_TCP | TUCMD_IP, 54, 1460);
    data(0x8000, 1000, TSE, 0);
    context(&usual, 40, TSE | TUCMD_TCP | TUCMD_IP, 20, 20);
    data(0x8000, 4000, TSE | EOP | RS, IXSM | TXSM);
    send();
    SEED("descriptors", "CVE-2021-20257-context-inside-a-packet");

    VARIED(1);
    loopback();
    rx(0xf0003818);
    rx(0xf0002818);
    rx_buffers(3);
    legacy(0xf0003818, 64, 0, 0, EOP | IFCS | RS);
    legacy(0x8000, 200, 0, 0, EOP | IFCS | RS);
    send();
    SEED("descriptors", "CVE-2021-3416-buffers-in-its-own-bar");

    VARIED(1);
    phy(0, 0x4140);
    rx_buffers(8);
    for (uint32_t len = 1; len < 15; len++)
        legacy(0x8000, len, 0, 0, EOP | IFCS | RS);
    send();
    SEED("descriptors", "CVE-2025-12464-short-looped-frames");

    VARIED(4);
    reg(E1000_TDLEN, 0x3000);
    for (int i = 0; i < 100; i++)
        data(0x8000 + (uint32_t)i, 1, i == 99 ? EOP | RS | IFCS : 0, 0);
    send();
    for (int i = 0; i < 100; i++)
        legacy(0x8000 + (uint32_t)i, 1, 0, 0, i == 99 ? EOP | RS : 0);
    send();
    SEED("descriptors", "CVE-2020-16092-many-fragments");

    VARIED(3);
    for (int i = 0; i < 15; i++)
        rx(0);
    put(STEP_RX_TAIL, 1);
    put(0, 1);
    frame(60, 0);
    frame(1000, 0);
    rx_buffers(5);
    SEED("descriptors", "CVE-2020-28916-null-buffers");

    VARIED(5);
    legacy(0x8000, 10, 200, 100, EOP | IC | IFCS | RS);
    context(&usual, 0, TUCMD_TCP | TUCMD_IP, 0, 0);
    data(0x8000, 20, EOP | IFCS | RS, IXSM | TXSM);
    send();
    SEED("descriptors", "CVE-2024-3567-checksum-beyond-the-frame");

    VARIED(2);
    loopback();
    rx_buffers(4);
    context(&usual, 0xfffff, TSE | TUCMD_TCP | TUCMD_IP, 54, 0xfff0);
    data(0x4000, 0xbfff, TSE | EOP | RS | IFCS, IXSM | TXSM);
    send();
    SEED("descriptors", "CVE-2017-10235-mss-near-64k");

    VARIED(1);
    context(&usual, 0x4188, TSE, 0, 0x3010);
    data(0x8000, 0x10, TSE, 0);
    data(0x8000, 0, TSE | EOP | RS, 0);
    context(&usual, 0x4188, TSE, 0, 0xf);
    data(0x8000, 0x4188, TSE | EOP | RS, 0);
    send();
    SEED("descriptors", "escape-2018-empty-end-of-packet");

    VARIED(1);
    for (int i = 0; i < 14; i++)
        data(0x1000, 0xf000, i % 4 == 3 ? TSE : 0, 0);
    data(0x1000, 0xffff, EOP | RS, 0);
    send();
    for (int i = 0; i < 14; i++)
        legacy(0x1000, 0xf000, 0, 0, 0);
    legacy(0x1000, 0xf000, 0, 0, EOP | RS);
    send();
    SEED("descriptors", "CVE-2019-2722-lengths-that-add-up");

    VARIED(1);
    reg(E1000_TXDCTL, 0x01040000);
    legacy(GUEST_TX_RING, 256, 0, 0, EOP | RS | IFCS); /* the ring itself is the data, and the buffer */
    rx(GUEST_RX_RING);
    rx(GUEST_TX_RING);
    rx_buffers(2);
    frame(200, 0);
    send();
    frame(200, 0);
    SEED("descriptors", "CVE-2019-2723-rings-rewritten-meanwhile");

    VARIED(2);
    loopback();
    rx_buffers(4);
    headers(0x8000);
    context(&beyond, 0, TUCMD_TCP | TUCMD_IP, 0, 0);
    data(0x8000, 100, EOP | IFCS | RS, IXSM | TXSM);
    send();
    SEED("descriptors", "CVE-2020-2894-ipcse-beyond-the-frame");

    VARIED(2);
    context(&far, 200, TSE | TUCMD_TCP | TUCMD_IP, 255, 100);
    data(0x8000, 60, TSE, IXSM | TXSM);
    data(0x8000, 60, TSE | EOP | RS | IFCS, IXSM | TXSM);
    context(&far, 0, TUCMD_TCP | TUCMD_IP, 0, 0);
    data(0x8000, 60, EOP | RS | IFCS, IXSM | TXSM);
    send();
    SEED("descriptors", "CVE-2020-2693-offsets-beyond-the-data");

    VARIED(3);
    headers(0x8000);
    context(&usual, 10, TSE | TUCMD_TCP | TUCMD_IP, 54, 1460);
    data(0x8000, 20, TSE, IXSM | TXSM);
    data(0x8000, 4000, TSE | EOP | RS | IFCS, IXSM | TXSM);
    send();
    SEED("descriptors", "CVE-2020-14699-payload-longer-than-said");

    VARIED(1);
    loopback();
    rx_buffers(6);
    legacy(0x8000, 5, 0, 0, EOP | RS);
    legacy(0x8000, 17, 0, 0, EOP | RS | IFCS);
    refuse(0x8000, 0x10);
    legacy(0x9000, 30, 0, 0, IFCS);
    legacy(0x8000, 30, 0, 0, EOP | RS | IFCS);
    legacy(0x9000, 30, 0, 0, EOP | RS | IFCS);
    send();
    SEED("descriptors", "CVE-2020-14703-short-and-partly-read");

    VARIED(1);
    reg(E1000_VET, 0x8100);
    reg(E1000_CTRL, 0x40000041);
    context(&usual, 4000, TSE | TUCMD_TCP | TUCMD_IP, 255, 10);
    data(0x8000, 100, TSE | VLE, IXSM | TXSM);
    data(0x8000, 900, TSE | VLE | EOP | RS | IFCS, IXSM | TXSM);
    send();
    SEED("descriptors", "CVE-2019-5609-header-longer-than-given");

    VARIED(4);
    legacy(0x8000, 20, 0, 0, 0);
    legacy(0x8000, 40, 30, 0, EOP | IC | IFCS | RS);
    legacy(0x8000, 40, 39, 0, EOP | IC | IFCS | RS);
    legacy(0x8000, 40, 255, 255, EOP | IC | IFCS | RS);
    send();
    SEED("descriptors", "CVE-2022-23087-cso-beyond-the-first-buffer");

    VARIED(1);
    reg(E1000_RCTL, 0x0603803a); /* LPE, 256-byte buffers */
    rx_buffers(15);
    frame(9000, 0);
    frame(16380, 0);
    for (int i = 0; i < 15; i++)
        data(0x8000, 4096, i == 14 ? EOP | RS | IFCS : 0, 0);
    send();
    SEED("descriptors", "CVE-2018-6973-long-frames-small-buffers");
}

static void everyday(const char *folder)
{
    for (unsigned n = 0; n < 32; n += 3) {
        char seed[32];

        VARIED(n);
        rx_buffers(8);
        for (unsigned i = 0; i < 6; i++)
            legacy(0x4000 + 0x100 * i, 60 + 13 * i, 0, 0, EOP | IFCS | (i % 2 == 1 ? RS : 0));
        send();
        frame(60, 0);
        frame_to(300, "\x52\x54\0\x12\x34\x56\x02\0\0\0\0\x01\x81\0\0\x64\x08\0", 18);
        frame_to(1514, "\x01\0\x5e\0\0\x01\x02\0\0\0\0\x01\x08\0", 14);
        ms(2);
        look(E1000_ICR);
        look(E1000_GPTC);
        snprintf(seed, sizeof seed, "frames-both-ways-%02u", n);
        SEED("descriptors", seed);
    }

    VARIED(17);
    reg(E1000_TIDV, 20);
    reg(E1000_TADV, 50);
    reg(E1000_RDTR, 20);
    reg(E1000_RADV, 50);
    reg(E1000_TXDCTL, 0x0f0a0000);
    reg(E1000_RXDCTL, 0x01030000);
    rx_buffers(3);
    for (unsigned i = 0; i < 12; i++)
        legacy(0x4000, 100, 0, 0, i % 3 == 1 ? RS : EOP | IFCS | RS | IDE);
    send();
    for (unsigned i = 0; i < 6; i++)
        frame(500, 0);
    run(100, 8);
    rx_buffers(4);
    reg(E1000_RDTR, 0x80000000);
    reg(E1000_TXDCTL, 0);
    SEED("descriptors", "delays-and-thresholds");

    VARIED(1);
    reg(E1000_TDLEN, 128);
    reg(E1000_TXDCTL, 0x013f0000); /* write-back later than the ring is long */
    for (unsigned i = 0; i < 20; i++) {
        legacy(0x4000, 100, 0, 0, EOP | IFCS | RS);
        send();
    }
    SEED("descriptors", "threshold-longer-than-the-ring");

    VARIED(3);
    headers(0x4000);
    context(&usual, 4000, TSE | TUCMD_TCP | TUCMD_IP, 54, 1460);
    data(0x4000, 54, TSE | IFCS, IXSM | TXSM);
    data(0x8000, 4000, TSE | EOP | IFCS | RS, IXSM | TXSM);
    context(&usual, 0, TUCMD_TCP | TUCMD_IP, 0, 0);
    data(0x4000, 500, EOP | IFCS | RS, IXSM | TXSM);
    send();
    SEED("descriptors", "segments-and-checksums");

    for (unsigned n = 0; n < 4; n++) { /* with and without a map; the last one cannot have the FCS left to it */
        static const char *const seed[] = {"offloads", "checksum-offload", "offloads-no-map", "offloads-no-fcs"};
        static const unsigned variant[] = {
            VARIANT_MAP | VARIANT_FCS | VARIANT_CHECKSUM | VARIANT_TSO, VARIANT_MAP | VARIANT_FCS | VARIANT_CHECKSUM,
            VARIANT_FCS | VARIANT_CHECKSUM | VARIANT_TSO, VARIANT_MAP | VARIANT_CHECKSUM | VARIANT_TSO};

        program(variant[n], 0);
        headers(0x4000);
        for (unsigned i = 0; i < 2; i++) {
            context(&usual, 4000, TSE | TUCMD_TCP | TUCMD_IP, 54, 700);
            data(0x4000, 54, TSE | IFCS, IXSM | TXSM);
            data(0x8000, 1500, TSE | IFCS | (i == 1 ? RS : 0), IXSM | TXSM);
            data(0x9000, 2500, TSE | EOP | IFCS | RS, IXSM | TXSM);
        }
        send();
        context(&usual, 0, TUCMD_TCP | TUCMD_IP, 0, 0);
        data(0x4000, 54, IFCS, IXSM | TXSM);
        data(0x8000, 300, EOP | IFCS | RS, 0);
        send();
        look(E1000_GPTC);
        look(E1000_TOTL);
        look(E1000_TSCTC);
        SEED("descriptors", seed[n]);
    }

    VARIED(1);
    reg(E1000_TDBAH, 0xffffffff);
    reg(E1000_TDBAL, 0xfffffff0);
    legacy(UINT64_C(0xfffffffffffffff0), 32, 0, 0, EOP | IFCS | RS);
    legacy(UINT64_C(0xffffffffffff8000), 100, 0, 0, EOP | IFCS | RS);
    send();
    reg(E1000_RDBAH, 0xffffffff);
    reg(E1000_RDBAL, 0xffffff00);
    rx(UINT64_C(0xffffffffffffff00));
    rx(UINT64_C(0xffffffffffff9000));
    put(STEP_RX_TAIL, 1);
    put(0, 1);
    frame(200, 0);
    frame(300, 0);
    SEED("descriptors", "top-of-64-bits");

    VARIED(1); /* half duplex: tried again, given up, late, at either setting of RTLC */
    partner(1, 0x0080, 1);
    run(3000, 20);
    reg(E1000_TCTL, 0x000400fa);
    wire(4, 3);
    legacy(0x4000, 200, 0, 0, EOP | IFCS | RS);
    send();
    wire(4, 200);
    legacy(0x4000, 200, 0, 0, EOP | IFCS | RS);
    send();
    for (uint32_t rtlc = 0; rtlc < 2; rtlc++) {
        reg(E1000_TCTL, 0x000400fa | rtlc << 24);
        wire(5, 1);
        legacy(0x4000, 500, 0, 0, EOP | IFCS | RS);
        send();
    }
    run(2000, 10);
    SEED("descriptors", "collisions");

    VARIED(17);
    reg(E1000_PBA, 0x3e);
    reg(E1000_CTRL, 0x04000040);
    ms(8);
    reg(E1000_CTRL, 0x40);
    reg(E1000_RCTL, 0x0400801a);
    for (unsigned i = 0; i < 50; i++)
        frame(1500, 0);
    rx_buffers(15);
    legacy(0x4000, 1000, 0, 0, EOP | IFCS | RS);
    legacy(0x4000, 1900, 0, 0, EOP | IFCS | RS);
    send();
    SEED("descriptors", "packet-buffer-split");

    VARIED(17);
    reg(E1000_RDTR, 30);
    rx_buffers(1);
    for (unsigned i = 0; i < 5; i++)
        frame(300, 0);
    put(STEP_UNPLUG, 1);
    for (unsigned i = 0; i < 3; i++)
        legacy(0x4000, 200 + i, 0, 0, i < 2 ? EOP | IFCS | RS : 0);
    put(STEP_TX_TAIL, 1);
    put(0, 1);
    frame(300, 0); /* and here is no link */
    SEED("descriptors", "frames-that-wait");
}

/* Whole blobs of devices that the other targets' seeds have made, and their fields alone. */
static void saves(const char *folder)
{
    static const char *const from[] = {"registers/power-resets-pins",     "descriptors/delays-and-thresholds",
                                       "descriptors/frames-both-ways-15", "descriptors/frames-that-wait",
                                       "registers/phy-pages-and-faults",  "registers/wake-up",
                                       "descriptors/collisions"};
    static uint8_t input[1 << 16], saved[E1000_STORAGE_BYTES];

    for (unsigned i = 0; i < 2 * sizeof from / sizeof from[0]; i++) {
        const bool whole = i % 2 != 0;
        const char *const path = from[i / 2], *const name = strchr(path, '/') + 1;
        char file_name[4096];
        FILE *file;
        size_t size, at;

        snprintf(file_name, sizeof file_name, "%s/%s", folder, path);
        file = fopen(file_name, "rb");
        if (file == NULL) {
            perror(file_name);
            exit(EXIT_FAILURE);
        }
        size = fread(input, 1, sizeof input, file);
        fclose(file);
        input[0] = 0;
        if (path[0] == 'r')
            fuzz_registers(input, size);
        else
            fuzz_descriptors(input, size);
        size = e1000_save(guest_device(), saved, sizeof saved);
        put(whole ? 3 : 0, 1);
        at = used;
        put(0, 2);
        ms(3);
        frame(100, 0);
        legacy(0x4000, 100, 0, 0, EOP | IFCS | RS);
        send();
        rx_buffers(2);
        reg(E1000_TXDCTL, 0);
        reg(E1000_RXDCTL, 0);
        look(E1000_ICR);
        run(4000, 20);
        put16(out + at, (uint32_t)(used - at - 2));
        for (size_t k = whole ? 0 : 20; k < size - (whole ? 0 : 4); k++)
            put(saved[k], 1);
        snprintf(file_name, sizeof file_name, "%s%s", name, whole ? "" : "-fields");
        SEED("saves", file_name);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: seeds FOLDER\n", stderr);
        return 2;
    }
    registers(argv[1]);
    hostile(argv[1]);
    everyday(argv[1]);
    saves(argv[1]);
    return EXIT_SUCCESS;
}
