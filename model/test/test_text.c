/*
 * test_text.c - events as trace lines: one expected line for every kind and every branch of its words
 */
#include "../core.h"

#include "fixture.h"

#include <stdio.h>
#include <string.h>

static bool name_page(void *ctx, uint64_t addr, char *to, size_t size)
{
    if (addr < 0x1000)
        return false;
    strncpy(to, ctx != NULL ? ctx : "rxbuf[3]", size);
    return true;
}

static const char *line_at(struct e1000_event *ev, uint64_t since)
{
    static char text[E1000_TEXT_MAX];
    const size_t n = e1000_event_text(ev, since, name_page, NULL, text, sizeof text);

    ck_assert_uint_eq(n, strlen(text));
    return text;
}

static const char *line(struct e1000_event ev)
{
    return line_at(&ev, 0);
}

#define LINE(expected, ...) ck_assert_str_eq(line((struct e1000_event){__VA_ARGS__}), expected)
#define REG_NAMED(name) e1000_reg_named(name)

START_TEST(time_is_a_right_aligned_difference)
{
    struct e1000_event ev = {.kind = E1000_EV_PME, .count = 1};

    ck_assert_str_eq(line_at(&ev, 0), "       +0  pme  up");
    ev.at_ns = 10009;
    ck_assert_str_eq(line_at(&ev, 9), "   +10000  pme  up");
    ev.at_ns = 99999999;
    ck_assert_str_eq(line_at(&ev, 0), "+99999999  pme  up");
    ev.at_ns = 1999999999;
    ck_assert_str_eq(line_at(&ev, 0), "+1999999999 pme up");
    ev.at_ns = UINT64_MAX;
    ck_assert_str_eq(line_at(&ev, 0), "+18446744073709551615 pme up");
}
END_TEST

START_TEST(register_reads)
{
    LINE("       +0  cpu  rd  CTRL      00000241  FD SLU SPEED=2", .kind = E1000_EV_REG_READ, .reg = REG_NAMED("CTRL"),
         .value = 0x241);
    LINE("       +0  cpu  rd  ICR       00000080  RXT0; cleared", .kind = E1000_EV_REG_READ, .reg = REG_NAMED("ICR"),
         .value = 0x80, .other = 0x80);
    LINE("       +0  cpu  rd  ICR       00000000", .kind = E1000_EV_REG_READ, .reg = REG_NAMED("ICR"));
    LINE("       +0  io   rd  MTA[127]  00000000", .kind = E1000_EV_REG_READ, .reg = REG_NAMED("MTA"), .index = 127,
         .io = true);
    LINE("       +0  cpu  rd  PBM[16383] 12345678 FIFO_DATA=12345678", .kind = E1000_EV_REG_READ,
         .reg = REG_NAMED("PBM"), .index = 16383, .value = 0x12345678);
    LINE("       +0  cpu  rd  ?00004    00000000", .kind = E1000_EV_REG_READ, .addr = 4);
}
END_TEST

START_TEST(register_writes)
{
    LINE("       +0  cpu  wr  VET       00008100  VET=8100", .kind = E1000_EV_REG_WRITE, .reg = REG_NAMED("VET"),
         .value = 0x8100);
    LINE("       +0  cpu  wr  TDLEN     00000093  LEN=1 ignored=00000013", .kind = E1000_EV_REG_WRITE,
         .reg = REG_NAMED("TDLEN"), .value = 0x93, .other = 0x13);
    LINE("       +0  cpu  wr  STATUS    ffffffff  ignored=ffffffff", .kind = E1000_EV_REG_WRITE,
         .reg = REG_NAMED("STATUS"), .value = 0xffffffff, .other = 0xffffffff);
    LINE("       +0  io   wr  RAH[15]   80030000  AS=3 AV", .kind = E1000_EV_REG_WRITE, .reg = REG_NAMED("RAH"),
         .index = 15, .value = 0x80030000, .io = true);
    LINE("       +0  cpu  wr  ?1fffc    0000abcd", .kind = E1000_EV_REG_WRITE, .addr = 0x1fffc, .value = 0xabcd,
         .other = 0xabcd);
}
END_TEST

START_TEST(fields_print_as_their_row_says)
{
    char text[200];
    const struct e1000_reg *rctl = REG_NAMED("RCTL"), *eerd = REG_NAMED("EERD");

    ck_assert_uint_eq(e1000_fields_text(rctl, 0, text, sizeof text), 0);
    ck_assert_str_eq(text, "");
    ck_assert_uint_eq(e1000_fields_text(rctl, 0x02018302, text, sizeof text), strlen("EN RDMTS=3 BAM BSIZE=1 BSEX"));
    ck_assert_str_eq(text, "EN RDMTS=3 BAM BSIZE=1 BSEX");
    e1000_fields_text(eerd, 0x52543f10, text, sizeof text);
    ck_assert_str_eq(text, "DONE ADDR=3f DATA=5254");
    e1000_fields_text(eerd, 0x00010000, text, sizeof text);
    ck_assert_str_eq(text, "DATA=0001");
    e1000_fields_text(REG_NAMED("GPRC"), 4294967295u, text, sizeof text);
    ck_assert_str_eq(text, "GPRC=4294967295");
    e1000_fields_text(REG_NAMED("RAH"), 0x80001234, text, sizeof text);
    ck_assert_str_eq(text, "RAH=1234 AV");
}
END_TEST

START_TEST(text_is_cut_to_what_fits)
{
    char text[16];
    const struct e1000_reg *rctl = REG_NAMED("RCTL");
    struct e1000_event ev = {.kind = E1000_EV_RESET, .text = "CTRL.RST"};

    memset(text, 'x', sizeof text);
    ck_assert_uint_eq(e1000_fields_text(rctl, 0x0000800a, text, 8), 6); /* EN UPE BAM, and a blank goes too */
    ck_assert_str_eq(text, "EN UPE");
    ck_assert_int_eq(text[8], 'x');
    memset(text, 'x', sizeof text);
    ck_assert_uint_eq(e1000_event_text(&ev, 0, NULL, NULL, text, 11), 9); /* ends in blanks, which go */
    ck_assert_str_eq(text, "       +0");
    ck_assert_int_eq(text[11], 'x');
    ck_assert_uint_eq(e1000_event_text(&ev, 0, NULL, NULL, text, 1), 0);
    ck_assert_str_eq(text, "");
    text[0] = 'x';
    ck_assert_uint_eq(e1000_event_text(&ev, 0, NULL, NULL, text, 0), 0);
    ck_assert_int_eq(text[0], 'x');
}
END_TEST

START_TEST(io_and_configuration)
{
    LINE("       +0  io   rd  00/4      00000100", .kind = E1000_EV_IO_READ, .size = 4, .value = 0x100);
    LINE("       +0  io   wr  04/2      00ab", .kind = E1000_EV_IO_WRITE, .addr = 4, .size = 2, .value = 0xab);
    LINE("       +0  pci  rd  3c/1      0b", .kind = E1000_EV_CFG_READ, .addr = 0x3c, .size = 1, .value = 0xb);
    LINE("       +0  pci  wr  10/4      f0000000", .kind = E1000_EV_CFG_WRITE, .addr = 0x10, .size = 4,
         .value = 0xf0000000);
}
END_TEST

START_TEST(phy_accesses)
{
    LINE("       +0  phy  rd  PSTATUS   0004      LINK", .kind = E1000_EV_PHY_READ, .reg = e1000_phy_named("PSTATUS"),
         .value = 4);
    LINE("       +0  phy  wr  PCTRL     8001      RESET ignored=0001", .kind = E1000_EV_PHY_WRITE,
         .reg = e1000_phy_named("PCTRL"), .value = 0x8001, .other = 1);
    LINE("       +0  phy  rd  reg29     001f", .kind = E1000_EV_PHY_READ, .index = 29, .value = 0x1f);
    LINE("       +0  phy  wr  reg29     001a", .kind = E1000_EV_PHY_WRITE, .index = 29, .value = 0x1a);
    LINE("       +0  phy  wr  reg30     8ffc       ignored=0ffc", .kind = E1000_EV_PHY_WRITE, .index = 30,
         .value = 0x8ffc, .other = 0xffc);
}
END_TEST

START_TEST(eeprom_operations)
{
    LINE("       +0  eep  rd  3f        baba", .kind = E1000_EV_EEPROM, .text = "rd", .index = 0x3f, .value = 0xbaba);
    LINE("       +0  eep  wr  00        5452", .kind = E1000_EV_EEPROM, .text = "wr", .value = 0x5452);
    LINE("       +0  eep  load 27 words", .kind = E1000_EV_EEPROM, .text = "load", .value = 27);
}
END_TEST

START_TEST(interrupts)
{
    LINE("       +0  dev  set ICR       00000081  +TXDW RXT0", .kind = E1000_EV_CAUSE, .value = 0x81);
    LINE("       +0  dev  set ICR       00000000", .kind = E1000_EV_CAUSE);
    LINE("       +0  irq  up            00000004  LSC", .kind = E1000_EV_IRQ, .value = 4, .count = 1);
    LINE("       +0  irq  dn", .kind = E1000_EV_IRQ, .value = 4);
    LINE("       +0  irq  msi @fee00000 4041", .kind = E1000_EV_MSI, .addr = 0xfee00000, .value = 0x4041);
    LINE("       +0  pme  dn", .kind = E1000_EV_PME);
}
END_TEST

START_TEST(resets_links_and_drops)
{
    LINE("       +0  dev  rst CTRL.RST", .kind = E1000_EV_RESET, .text = "CTRL.RST");
    LINE("       +0  phy  lnk up        1000 full", .kind = E1000_EV_LINK, .text = "up", .value = 1000, .count = 1);
    LINE("       +0  phy  lnk down      10 half", .kind = E1000_EV_LINK, .text = "down", .value = 10);
    LINE("       +0  dev  drp 64 B                address filter [3.2.1]", .kind = E1000_EV_DROP, .len = 64,
         .text = "address filter", .section = "3.2.1");
}
END_TEST

START_TEST(broken_rules)
{
    static const struct e1000_rule rule = {"tail-outside-ring", "3.2.6", "text"};

    LINE("       +0  cpu  bad TDT       00000009  tail-outside-ring [3.2.6]", .kind = E1000_EV_BAD, .rule = &rule,
         .text = "TDT", .value = 9);
    LINE("       +0  cpu  bad ?00004              tail-outside-ring [3.2.6]", .kind = E1000_EV_BAD, .rule = &rule,
         .value = 4);
}
END_TEST

/* ---- DMA ---- */

START_TEST(dma_of_descriptors)
{
    uint8_t d[32] = {0};

    LINE("       +0  dev  rd  txd[7..8] 32 B      190a55ad", .kind = E1000_EV_DMA_READ, .object = E1000_OBJ_TXD,
         .index = 7, .count = 2, .len = 32, .data = d, .addr = 0x1000);
    LINE("       +0  dev  wr  rxd[0]    16 B      LENGTH=0", .kind = E1000_EV_DMA_WRITE, .object = E1000_OBJ_RXD,
         .count = 1, .len = 16, .data = d);
    LINE("       +0  dev  wr  txd[65527] 1 B      -", .kind = E1000_EV_DMA_WRITE, .object = E1000_OBJ_TXD,
         .index = 65527, .count = 1, .len = 1, .data = d);
    d[0] = 0x03;
    LINE("       +0  dev  wr  txd[3]    1 B       DD", .kind = E1000_EV_DMA_WRITE, .object = E1000_OBJ_TXD, .index = 3,
         .count = 1, .len = 1, .data = d);
    d[0] = 0xfe;
    LINE("       +0  dev  wr  txd[3]    1 B       -", .kind = E1000_EV_DMA_WRITE, .object = E1000_OBJ_TXD, .index = 3,
         .count = 1, .len = 1, .data = d);
    LINE("       +0  dev  rd  rxd[4]    refused", .kind = E1000_EV_DMA_READ, .object = E1000_OBJ_RXD, .index = 4,
         .failed = true);
}
END_TEST

START_TEST(dma_of_buffers)
{
    LINE("       +0  dev  wr  rxbuf[3]  9 B       cbf43926", .kind = E1000_EV_DMA_WRITE, .object = E1000_OBJ_RXBUF,
         .addr = 0x2000, .count = 1, .len = 9, .data = "123456789");
    LINE("       +0  dev  rd  @00000abc 9 B       cbf43926", .kind = E1000_EV_DMA_READ, .object = E1000_OBJ_TXBUF,
         .addr = 0xabc, .count = 1, .len = 9, .data = "123456789");
    LINE("       +0  dev  rd  @00000abc 1 B", .kind = E1000_EV_DMA_READ, .object = E1000_OBJ_OTHER, .addr = 0xabc,
         .count = 1, .len = 1);
    LINE("       +0  dev  wr  rxbuf[3]  refused", .kind = E1000_EV_DMA_WRITE, .object = E1000_OBJ_RXBUF, .addr = 0x2000,
         .len = 60, .failed = true);
}
END_TEST

START_TEST(addresses_without_a_namer)
{
    struct e1000_event ev = {.kind = E1000_EV_DMA_WRITE,
                             .object = E1000_OBJ_RXBUF,
                             .addr = 0x123456789,
                             .count = 1,
                             .len = 9,
                             .data = "123456789"};
    char text[E1000_TEXT_MAX];

    e1000_event_text(&ev, 0, NULL, NULL, text, sizeof text);
    ck_assert_str_eq(text, "       +0  dev  wr  @123456789 9 B      cbf43926");
    e1000_event_text(&ev, 0, name_page, (void *)(uintptr_t) "heap", text, sizeof text);
    ck_assert_str_eq(text, "       +0  dev  wr  heap      9 B       cbf43926");
}
END_TEST

static const char *descriptor(enum e1000_object object, const uint8_t *d)
{
    return line((struct e1000_event){
               .kind = E1000_EV_DMA_WRITE, .object = (uint8_t)object, .count = 1, .len = 16, .data = d}) +
           40;
}

START_TEST(receive_descriptors)
{
    uint8_t d[16] = {0};

    d[8] = 88, d[12] = 0x0b, d[14] = 0x64, d[15] = 0x60;
    ck_assert_str_eq(descriptor(E1000_OBJ_RXD, d), "LENGTH=88 DD EOP VP SPECIAL=6064 PRI=3 VLAN=100");
    d[9] = 0x40, d[12] = 0xf4, d[14] = d[15] = 0;
    ck_assert_str_eq(descriptor(E1000_OBJ_RXD, d), "LENGTH=16472 IXSM TCPCS IPCS PIF");
    d[13] = 0xf7;
    ck_assert_str_eq(descriptor(E1000_OBJ_RXD, d), "LENGTH=16472 IXSM TCPCS IPCS PIF CE SE SEQ CXE TCPE IPE RXE");
    d[12] = d[13] = 0, d[10] = 0x39, d[11] = 0x3e;
    ck_assert_str_eq(descriptor(E1000_OBJ_RXD, d), "LENGTH=16472 CSUM=3e39");
    d[10] = d[11] = 0, d[14] = 0x01, d[15] = 0xe0;
    ck_assert_str_eq(descriptor(E1000_OBJ_RXD, d), "LENGTH=16472 SPECIAL=e001 PRI=7 VLAN=1");
}
END_TEST

START_TEST(transmit_descriptors)
{
    uint8_t d[16] = {0};

    d[8] = 0x40, d[9] = 0x01, d[11] = 0x0b;
    ck_assert_str_eq(descriptor(E1000_OBJ_TXD, d), "LENGTH=320 EOP IFCS RS");
    d[10] = 0x10, d[11] = 0xd4, d[12] = 0x0f; /* in a legacy descriptor byte 10 is CSO */
    ck_assert_str_eq(descriptor(E1000_OBJ_TXD, d), "LENGTH=320 IC RSV4 VLE IDE DD EC LC RSV");
    d[8] = 0x58, d[9] = 0x02, d[10] = 0x00, d[11] = 0x27, d[12] = 0;
    ck_assert_str_eq(descriptor(E1000_OBJ_TXD, d), "CONTEXT PAYLEN=600 TCP IP TSE");
    d[10] = 0x0f, d[11] = 0xf8;
    ck_assert_str_eq(descriptor(E1000_OBJ_TXD, d), "CONTEXT PAYLEN=983640 RS RSV4 RSV6 IDE");
    d[10] = 0x10, d[11] = 0x2f, d[12] = 1;
    ck_assert_str_eq(descriptor(E1000_OBJ_TXD, d), "DATA DTALEN=600 EOP IFCS TSE RS DD");
    d[11] = 0xf0;
    ck_assert_str_eq(descriptor(E1000_OBJ_TXD, d), "DATA DTALEN=600 RSV4 VLE IDE DD");
    d[10] = 0x20, d[11] = 0x20, d[12] = 0;
    ck_assert_str_eq(descriptor(E1000_OBJ_TXD, d), "DTYP? DTALEN=600");
}
END_TEST

/* ---- frames ---- */

static uint8_t bytes[200];
static size_t length;

static void be16(size_t at, uint32_t v)
{
    bytes[at] = (uint8_t)(v >> 8);
    bytes[at + 1] = (uint8_t)v;
}

static void ether(uint32_t type, size_t len)
{
    memset(bytes, 0, sizeof bytes);
    be16(12, type);
    length = len;
}

static const char *decode(void)
{
    static char text[100];
    const size_t n = e1000_frame_text(bytes, length, text, sizeof text);

    ck_assert_uint_eq(n, strlen(text));
    return text;
}

static void ip4(size_t at, unsigned proto, uint32_t total)
{
    bytes[at] = 0x45;
    be16(at + 2, total);
    bytes[at + 9] = (uint8_t)proto;
    be16(at + 20, 1024);
    be16(at + 22, 80);
    bytes[at + 32] = 0x50; /* TCP: five words */
}

START_TEST(frame_types)
{
    ether(0x88b5, 60);
    ck_assert_str_eq(decode(), "type 88b5");
    ether(0x0600, 60);
    ck_assert_str_eq(decode(), "type 0600");
    ether(0x05ff, 60);
    ck_assert_str_eq(decode(), "length 05ff");
    ether(0x0026, 60);
    ck_assert_str_eq(decode(), "length 0026");
    ether(0x88b5, 14);
    ck_assert_str_eq(decode(), "type 88b5");
    for (length = 0; length < 14; length++)
        ck_assert_str_eq(decode(), "runt");
}
END_TEST

START_TEST(vlan_tags)
{
    ether(0x8100, 60);
    be16(14, 0x6064);
    be16(16, 0x88b5);
    ck_assert_str_eq(decode(), "vlan 100 pri 3 type 88b5");
    be16(14, 0xffff);
    ck_assert_str_eq(decode(), "vlan 4095 pri 7 type 88b5");
    length = 18;
    ck_assert_str_eq(decode(), "vlan 4095 pri 7 type 88b5");
    length = 17;
    ck_assert_str_eq(decode(), "vlan 4095 pri 7 runt");
    length = 16;
    ck_assert_str_eq(decode(), "vlan 4095 pri 7 runt");
    length = 15;
    ck_assert_str_eq(decode(), "type 8100");
}
END_TEST

START_TEST(ip_version_4)
{
    ether(0x0800, 60);
    ip4(14, 17, 46);
    ck_assert_str_eq(decode(), "udp 1024 > 80 len 18");
    ip4(14, 17, 28);
    ck_assert_str_eq(decode(), "udp 1024 > 80 len 0");
    ip4(14, 17, 27);
    ck_assert_str_eq(decode(), "udp 1024 > 80 len 0");
    ip4(14, 17, 29);
    ck_assert_str_eq(decode(), "udp 1024 > 80 len 1");
    ip4(14, 6, 46);
    ck_assert_str_eq(decode(), "tcp 1024 > 80 len 6");
    bytes[46] = 0x60; /* data offset of six words */
    ck_assert_str_eq(decode(), "tcp 1024 > 80 len 2");
    ip4(14, 6, 40);
    ck_assert_str_eq(decode(), "tcp 1024 > 80 len 0");
    ip4(14, 6, 5);
    ck_assert_str_eq(decode(), "tcp 1024 > 80 len 0");
    ip4(14, 1, 46);
    ck_assert_str_eq(decode(), "icmp");
    ip4(14, 89, 46);
    ck_assert_str_eq(decode(), "proto 89");
}
END_TEST

START_TEST(ip_version_4_oddities)
{
    ether(0x0800, 60);
    ip4(14, 17, 46);
    bytes[14] = 0x46; /* one word of options */
    be16(38, 7);
    be16(40, 9);
    ck_assert_str_eq(decode(), "udp 7 > 9 len 14");
    bytes[14] = 0x44;
    ck_assert_str_eq(decode(), "ip4");
    ip4(14, 17, 46);
    be16(20, 0x0001);
    ck_assert_str_eq(decode(), "ip4 fragment");
    be16(20, 0x1000);
    ck_assert_str_eq(decode(), "ip4 fragment");
    be16(20, 0x6000); /* don't fragment, more fragments: the first has its header */
    ck_assert_str_eq(decode(), "udp 1024 > 80 len 18");
    be16(20, 0);
    length = 33;
    ck_assert_str_eq(decode(), "type 0800");
    length = 34;
    ck_assert_str_eq(decode(), "udp");
    bytes[14] = 0x46;
    ck_assert_str_eq(decode(), "ip4");
    bytes[14] = 0x45;
    length = 37;
    ck_assert_str_eq(decode(), "udp");
    length = 38;
    ck_assert_str_eq(decode(), "udp 1024 > 80 len 18");
    bytes[23] = 6;
    length = 46; /* no data offset to be seen: twenty bytes */
    bytes[46] = 0x60;
    ck_assert_str_eq(decode(), "tcp 1024 > 80 len 6");
    length = 47;
    ck_assert_str_eq(decode(), "tcp 1024 > 80 len 2");
}
END_TEST

START_TEST(ip_version_6)
{
    ether(0x86dd, 80);
    be16(18, 26);
    bytes[20] = 17;
    be16(54, 5353);
    be16(56, 53);
    ck_assert_str_eq(decode(), "ip6 udp 5353 > 53 len 18");
    bytes[20] = 58;
    ck_assert_str_eq(decode(), "ip6 icmp");
    bytes[20] = 6;
    bytes[66] = 0x50;
    ck_assert_str_eq(decode(), "ip6 tcp 5353 > 53 len 6");
    bytes[20] = 0;
    ck_assert_str_eq(decode(), "ip6 proto 0");
    length = 53;
    ck_assert_str_eq(decode(), "type 86dd");
    length = 54;
    ck_assert_str_eq(decode(), "ip6 proto 0");
}
END_TEST

START_TEST(arp_and_mac_control)
{
    ether(0x0806, 60);
    be16(20, 1);
    ck_assert_str_eq(decode(), "arp request");
    be16(20, 2);
    ck_assert_str_eq(decode(), "arp reply");
    be16(20, 3);
    ck_assert_str_eq(decode(), "arp");
    length = 22;
    ck_assert_str_eq(decode(), "arp");
    length = 21;
    ck_assert_str_eq(decode(), "type 0806");
    ether(0x8808, 60);
    be16(14, 1);
    be16(16, 65535);
    ck_assert_str_eq(decode(), "pause 65535");
    be16(14, 2);
    ck_assert_str_eq(decode(), "mac control 2");
    length = 18;
    ck_assert_str_eq(decode(), "mac control 2");
    length = 17;
    ck_assert_str_eq(decode(), "type 8808");
}
END_TEST

/* A frame of nine bytes has the check of the catalogues, CBF43926h; low byte first on the wire. */
START_TEST(frames_on_the_wire)
{
    struct e1000_iov iov[4] = {{"123", 3}, {"", 0}, {"456789\x26", 7}, {"\x39\xf4\xcb", 3}};
    struct e1000_frame frame = {.iov = iov, .iovcnt = 4, .length = 13, .flags = E1000_FRAME_FCS};

    LINE("       +0  wire in  13 B      cbf43926  runt", .kind = E1000_EV_FRAME_IN, .frame = &frame);
    LINE("       +0  wire out 13 B      cbf43926  runt", .kind = E1000_EV_FRAME_OUT, .frame = &frame);
    frame.flags |= E1000_FRAME_RX_ER | E1000_FRAME_ALIGN | E1000_FRAME_CEXT;
    LINE("       +0  wire in  13 B      cbf43926  runt rx-er align cext", .kind = E1000_EV_FRAME_IN, .frame = &frame);
    frame.flags = E1000_FRAME_FCS | E1000_FRAME_ALIGN;
    iov[3].base = "\x39\xf4\xcc";
    LINE("       +0  wire in  13 B      cbf43926  runt bad-fcs ccf43926 align", .kind = E1000_EV_FRAME_IN,
         .frame = &frame);
    frame.flags = E1000_FRAME_CEXT;
    frame.length = 9;
    iov[2].len = 6;
    frame.iovcnt = 3;
    LINE("       +0  wire out 9 B       cbf43926  runt no-fcs cext", .kind = E1000_EV_FRAME_OUT, .frame = &frame);
    frame.iovcnt = 1;
    frame.length = 3;
    frame.flags = E1000_FRAME_FCS; /* too short to hold one */
    LINE("       +0  wire in  3 B       884863d2  runt", .kind = E1000_EV_FRAME_IN, .frame = &frame);
}
END_TEST

/* The decode looks at the first bytes wherever they lie; the check takes all. */
START_TEST(frames_in_pieces_read_as_one)
{
    static uint8_t big[304];
    struct e1000_iov whole = {big, sizeof big};
    struct e1000_iov iov[5] = {{big, 5}, {big + 5, 20}, {big + 25, 100}, {big + 125, 176}, {big + 301, 3}};
    struct e1000_frame one = {.iov = &whole, .iovcnt = 1, .length = sizeof big, .flags = E1000_FRAME_FCS};
    struct e1000_frame five = {.iov = iov, .iovcnt = 5, .length = sizeof big, .flags = E1000_FRAME_FCS};
    struct e1000_event ev = {.kind = E1000_EV_FRAME_OUT, .frame = &one};
    char text[E1000_TEXT_MAX], check[9];
    uint32_t crc;

    ether(0x86dd, 80);
    be16(18, 246);
    bytes[20] = 17;
    be16(54, 1);
    be16(56, 2);
    memcpy(big, bytes, 100);
    for (unsigned i = 100; i < sizeof big; i++)
        big[i] = (uint8_t)i;
    crc = e1000_crc32(big, 300);
    for (unsigned i = 0; i < 4; i++)
        big[300 + i] = (uint8_t)(crc >> 8 * i);
    snprintf(check, sizeof check, "%08x", (unsigned)crc);
    strcpy(text, line_at(&ev, 0));
    ck_assert_str_eq(text + 40, "ip6 udp 1 > 2 len 238");
    text[38] = '\0';
    ck_assert_str_eq(text + 30, check);
    text[38] = ' ';
    ev.frame = &five;
    ck_assert_str_eq(line_at(&ev, 0), text);
}
END_TEST

Suite *text_suite(void);
Suite *text_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *tc = tcase_create("text");

    tcase_add_test(tc, time_is_a_right_aligned_difference);
    tcase_add_test(tc, register_reads);
    tcase_add_test(tc, register_writes);
    tcase_add_test(tc, fields_print_as_their_row_says);
    tcase_add_test(tc, text_is_cut_to_what_fits);
    tcase_add_test(tc, io_and_configuration);
    tcase_add_test(tc, phy_accesses);
    tcase_add_test(tc, eeprom_operations);
    tcase_add_test(tc, interrupts);
    tcase_add_test(tc, resets_links_and_drops);
    tcase_add_test(tc, broken_rules);
    tcase_add_test(tc, dma_of_descriptors);
    tcase_add_test(tc, dma_of_buffers);
    tcase_add_test(tc, addresses_without_a_namer);
    tcase_add_test(tc, receive_descriptors);
    tcase_add_test(tc, transmit_descriptors);
    tcase_add_test(tc, frame_types);
    tcase_add_test(tc, vlan_tags);
    tcase_add_test(tc, ip_version_4);
    tcase_add_test(tc, ip_version_4_oddities);
    tcase_add_test(tc, ip_version_6);
    tcase_add_test(tc, arp_and_mac_control);
    tcase_add_test(tc, frames_on_the_wire);
    tcase_add_test(tc, frames_in_pieces_read_as_one);
    suite_add_tcase(suite, tc);
    return suite;
}
