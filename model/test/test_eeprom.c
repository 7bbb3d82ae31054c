/*
 * test_eeprom.c - the EEPROM: auto-load, EERD, the part behind EECD's pins [5, 13.4.3, 13.4.4]
 *
 * A word takes one 1 us clock for each of start bit, two opcode bits, 6 or 8 address bits, 16 data bits.
 */
#include "fixture.h"

#include "../core.h"

#include <string.h>

enum {
    WORD_64_NS = (1 + 2 + 6 + 16) * 1000,
    WORD_256_NS = (1 + 2 + 8 + 16) * 1000,
    /* 0Ah, 0Fh, 03h; 00h-02h; 0Bh-0Eh; 12h; 20h-2Fh [5.6] */
    LOAD_WORDS = 3 + 3 + 4 + 1 + 16,
    CYCLE_NS = 5000000 /* typical erase or write cycle of a 93C46; Linux gives up after 10 ms */
};
enum { SK = 1, CS = 2, DI = 4, DO = 8, REQ = 0x40, GNT = 0x80, PRES = 0x100, SIZE = 0x200 };
enum { START = 1, DONE = 0x10 };

static void board(unsigned words)
{
    fx_board();
    for (unsigned i = 0x40; i < 256; i++)
        fx.eeprom[i] = (uint16_t)(i * 0x0101 ^ 0x5aa5);
    for (unsigned i = 0x30; i < 0x3f; i++)
        fx.eeprom[i] = (uint16_t)(i * 0x1357);
    fx_checksum();
    fx.config.eeprom_words = words;
}

/* Registers can be read while the load runs. */
static void power_and_decode(void)
{
    fx_power();
    fx_pci_setup();
    fx_log_clear();
}

/* ---- what hardware loads ---- */

START_TEST(the_address_is_there_when_27_words_have_been_read)
{
    const uint64_t end = (uint64_t)LOAD_WORDS * (_i == 64 ? WORD_64_NS : WORD_256_NS);

    board((unsigned)_i);
    power_and_decode();
    fx_until(end - 1);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0);
    ck_assert_hex_eq(fx_read(E1000_RAH), 0);
    ck_assert_uint_eq(fx_log_count("eeprom"), 0);
    fx_until(end);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x12005452);
    ck_assert_hex_eq(fx_read(E1000_RAH), 0x80005634);
    ck_assert(fx_logged("eeprom load 0 27"));
}
END_TEST

START_TEST(a_bad_signature_leaves_the_defaults)
{
    static const uint16_t top[] = {0x0000, 0x8000, 0xc000};

    board(64);
    for (unsigned i = 0x20; i < 0x30; i++)
        fx.eeprom[i] = 0xffff;
    fx.eeprom[0x0f] = 0xffff;
    fx.eeprom[0x0a] = top[_i] | 0x3fff;
    power_and_decode();
    fx_until(WORD_64_NS - 1);
    ck_assert_uint_eq(fx_log_count("eeprom"), 0);
    fx_until(WORD_64_NS); /* one word is all that was read */
    ck_assert(fx_logged("eeprom load 0 1"));
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0x00000a09);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x00000100);
    ck_assert_hex_eq(fx_read(E1000_LEDCTL), 0x07068302);
    ck_assert_hex_eq(fx_read(E1000_WUC), 0);
    ck_assert_hex_eq(fx_read(E1000_MANC), 0);
    ck_assert_hex_eq(fx_read(E1000_IPAV), 0);
    ck_assert_hex_eq(fx_read(E1000_IP4AT), 0);
    ck_assert_hex_eq(fx_read(E1000_IP6AT), 0);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0);
    ck_assert_hex_eq(fx_read(E1000_RAH), 0);
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110);
}
END_TEST

enum { W_CTRL, W_CTRL_EXT, W_WUC, W_MANC, W_IPAV, W_LEDCTL, WATCHED };
static const uint32_t watched[WATCHED] = {0x0000, 0x0018, 0x5800, 0x5820, 0x5838, 0x0e00};

static void load_and_look(uint32_t value[WATCHED])
{
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    for (unsigned i = 0; i < WATCHED; i++)
        value[i] = fx_read(watched[i]);
}

/* Every bit of the words that feed registers, and where it goes; a bit that is not listed goes nowhere. */
static const struct {
    uint8_t word, bit, reg, to;
} feeds[] = {
    {0x0a, 12, W_CTRL_EXT, 14}, {0x0a, 11, W_CTRL, 11},   {0x0a, 10, W_CTRL, 0},    {0x0a, 9, W_CTRL, 3},
    {0x0a, 8, W_CTRL_EXT, 16},  {0x0f, 15, W_WUC, 3},     {0x0f, 14, W_CTRL, 5},    {0x20, 15, W_CTRL_EXT, 11},
    {0x20, 14, W_CTRL_EXT, 10}, {0x20, 9, W_CTRL, 23},    {0x20, 8, W_CTRL, 22},    {0x20, 7, W_CTRL_EXT, 7},
    {0x20, 6, W_CTRL_EXT, 6},   {0x20, 3, W_CTRL, 21},    {0x20, 2, W_CTRL, 20},    {0x20, 1, W_CTRL, 19},
    {0x20, 0, W_CTRL, 18},      {0x23, 15, W_MANC, 15},   {0x23, 13, W_MANC, 13},   {0x23, 9, W_MANC, 9},
    {0x23, 8, W_MANC, 8},       {0x23, 7, W_IPAV, 16},    {0x23, 6, W_IPAV, 0},     {0x23, 2, W_MANC, 2},
    {0x23, 1, W_MANC, 1},       {0x23, 0, W_MANC, 0},     {0x23, 0, W_CTRL, 6},     {0x24, 10, W_WUC, 0},
    {0x24, 10, W_CTRL, 6},      {0x2f, 0, W_LEDCTL, 0},   {0x2f, 1, W_LEDCTL, 1},   {0x2f, 2, W_LEDCTL, 2},
    {0x2f, 3, W_LEDCTL, 3},     {0x2f, 6, W_LEDCTL, 6},   {0x2f, 7, W_LEDCTL, 7},   {0x2f, 8, W_LEDCTL, 16},
    {0x2f, 9, W_LEDCTL, 17},    {0x2f, 10, W_LEDCTL, 18}, {0x2f, 11, W_LEDCTL, 19}, {0x2f, 14, W_LEDCTL, 22},
    {0x2f, 15, W_LEDCTL, 23},
};

START_TEST(each_bit_of_a_word_is_loaded_into_its_place)
{
    static const uint8_t words[] = {0x0a, 0x0f, 0x20, 0x23, 0x24, 0x2f, 0x03, 0x21, 0x22, 0x12};
    uint32_t base[WATCHED];

    board(64);
    fx.eeprom[0x20] = 0xc300; /* all pins outputs, or the levels would be the pins' */
    load_and_look(base);
    ck_assert_hex_eq(base[W_CTRL], 0x00c00200);
    ck_assert_hex_eq(base[W_CTRL_EXT], 0x00000d00);
    ck_assert_hex_eq(base[W_LEDCTL], 0x07008300);
    ck_assert_hex_eq(base[W_WUC] | base[W_MANC] | base[W_IPAV], 0);
    for (unsigned bit = 0; bit < (words[_i] == 0x0a ? 14 : 16); bit++) {
        uint32_t expect[WATCHED], got[WATCHED];

        memcpy(expect, base, sizeof expect);
        for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++)
            if (feeds[i].word == words[_i] && feeds[i].bit == bit)
                expect[feeds[i].reg] ^= 1u << feeds[i].to;
        fx.eeprom[words[_i]] ^= (uint16_t)(1u << bit);
        load_and_look(got);
        fx.eeprom[words[_i]] ^= (uint16_t)(1u << bit);
        for (unsigned i = 0; i < WATCHED; i++)
            ck_assert_msg(got[i] == expect[i], "word %02xh bit %u: %05xh is %08x, expected %08x", words[_i], bit,
                          watched[i], got[i], expect[i]);
    }
}
END_TEST

START_TEST(ip_addresses_are_loaded_if_marked_valid)
{
    board(64);
    for (unsigned i = 0x25; i < 0x2f; i++)
        fx.eeprom[i] = (uint16_t)(0x1100 + i);
    fx.eeprom[0x23] = (uint16_t)(_i << 6); /* bit 6 IPv4, bit 7 IPv6 */
    load_and_look((uint32_t[WATCHED]){0});
    ck_assert_hex_eq(fx_read(0x5838), (_i & 1 ? 1u : 0) | (_i & 2 ? 0x10000u : 0));
    ck_assert_hex_eq(fx_read(0x5840), _i & 1 ? 0x11261125 : 0);
    ck_assert_hex_eq(fx_read(0x5848), 0);
    ck_assert_hex_eq(fx_read(0x5880), _i & 2 ? 0x11281127 : 0);
    ck_assert_hex_eq(fx_read(0x5884), _i & 2 ? 0x112a1129 : 0);
    ck_assert_hex_eq(fx_read(0x5888), _i & 2 ? 0x112c112b : 0);
    ck_assert_hex_eq(fx_read(0x588c), _i & 2 ? 0x112e112d : 0);
    ck_assert_hex_eq(fx_read(0x5900), 0); /* the register after them */
}
END_TEST

START_TEST(the_part_has_64_or_256_words_or_there_is_none)
{
    static const struct {
        unsigned given, words;
    } size[] = {{0, 0}, {1, 0}, {63, 0}, {64, 64}, {65, 64}, {255, 64}, {256, 256}, {257, 256}};
    uint16_t copy[256];

    board(size[_i].given);
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_EECD) & (PRES | SIZE), size[_i].words == 0    ? 0
                                                          : size[_i].words == 64 ? PRES
                                                                                 : PRES | SIZE);
    memset(copy, 0x77, sizeof copy);
    ck_assert_uint_eq(e1000_eeprom_copy(fx.dev, copy, 256), size[_i].words);
    ck_assert_mem_eq(copy, fx.eeprom, size[_i].words * 2);
    ck_assert_hex_eq(copy[255], size[_i].words == 256 ? fx.eeprom[255] : 0x7777);
    memset(copy, 0x77, sizeof copy);
    e1000_eeprom_copy(fx.dev, copy, 2);
    ck_assert_hex_eq(copy[1], size[_i].words == 0 ? 0x7777 : 0x1200);
    ck_assert_hex_eq(copy[2], 0x7777);
}
END_TEST

START_TEST(without_words_the_part_is_blank)
{
    fx_board();
    fx.config.eeprom = NULL;
    power_and_decode();
    fx_until(WORD_64_NS);
    ck_assert(fx_logged("eeprom load 0 1")); /* signature 11b */
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110);
    fx_ee_request();
    ck_assert_hex_eq(fx_ee_read(0, 6), 0xffff);
    ck_assert_hex_eq(fx_ee_read(0x3f, 6), 0xffff);
}
END_TEST

START_TEST(no_part_gives_no_data_and_no_load)
{
    board(0);
    power_and_decode();
    fx_until(WORD_64_NS);
    ck_assert(fx_logged("eeprom load 0 1"));
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x010);
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0x00000a09);
    fx_write(E1000_EERD, 0x0a00 | START);
    fx_run(WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x00000a00 | DONE);
    fx_ee_request();
    ck_assert_hex_eq(fx_ee_read(0, 6), 0);
}
END_TEST

/* ---- when it loads [5.1, 6.3.1, 14.7] ---- */

static void change_address_word(void)
{
    fx_ee_request();
    fx_ee_select(true);
    fx_ee_send(0x13, 5); /* EWEN */
    fx_ee_send(0, 4);
    fx_ee_select(false);
    fx_ee_select(true);
    fx_ee_send(5, 3); /* WRITE word 0 */
    fx_ee_send(0, 6);
    fx_ee_send(0xbeef, 16);
    fx_ee_select(false);
    fx_run(CYCLE_NS);
    fx_ee_release();
}

START_TEST(each_way_to_reload_takes_the_words_again)
{
    uint64_t t;

    fx_start();
    change_address_word();
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x12005452);
    fx_write(E1000_RAL + 8, 0x01020304);
    fx_write(E1000_VET, 0x8100);
    t = e1000_now(fx.dev);
    switch (_i) {
    case 0:
        fx_write(E1000_CTRL, 1u << 26);
        break;
    case 1:
        e1000_pci_reset(fx.dev, true);
        e1000_pci_reset(fx.dev, false);
        break;
    case 2:
        e1000_lan_power_good(fx.dev, false);
        e1000_lan_power_good(fx.dev, true);
        break;
    case 3:
        e1000_config_write(fx.dev, 0xe0, 2, 3);
        e1000_config_write(fx.dev, 0xe0, 2, 0);
        break;
    default:
        fx_write(E1000_CTRL_EXT, 1u << 13 | 1u << 8);
        break;
    }
    fx_pci_setup();
    fx_until(t + LOAD_WORDS * WORD_64_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x12005452);
    ck_assert_hex_eq(fx_read(E1000_RAH), _i == 4 ? 0x80005634 : 0x00005634);
    fx_until(t + LOAD_WORDS * WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x1200beef);
    ck_assert_hex_eq(fx_read(E1000_RAH), 0x80005634);
    ck_assert_hex_eq(fx_read(E1000_RAL + 8), 0x01020304);
}
END_TEST

START_TEST(ee_rst_changes_only_what_the_eeprom_feeds_and_clears_itself)
{
    fx_start();
    fx_write(E1000_CTRL, 0x58c01be1); /* SDP directions too: they come from power-on alone */
    fx_write(E1000_IMS, 0x9d);
    fx_write(E1000_ICS, 0x40);
    fx_write(E1000_RCTL, 0x00008002);
    fx_write(E1000_TIPG, 0x0060200a);
    fx_write(E1000_LEDCTL, 0x4f4f4f4f);
    fx_write(E1000_WUC, 0x0000000b);
    fx_write(E1000_CTRL_EXT, 0x0000ac0c);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x00008d0c);
    fx_run(LOAD_WORDS * WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x00008d0c);
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0x58c01380); /* FD, ASDE, SLU, FRCSPD are the EEPROM's */
    ck_assert_hex_eq(fx_read(E1000_LEDCTL), 0x4f004f00);
    ck_assert_hex_eq(fx_read(E1000_WUC), 0x00000002);
    ck_assert_hex_eq(fx_read(E1000_IMS), 0x9d);
    ck_assert_hex_eq(fx_read(E1000_RCTL), 0x00008002);
    ck_assert_hex_eq(fx_read(E1000_TIPG), 0x0060200a);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0x40);
}
END_TEST

START_TEST(a_reload_clears_what_the_words_no_longer_set)
{
    board(64);
    fx.eeprom[0x0a] |= 0x1100;
    fx.eeprom[0x23] = 0x2107;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_MANC), 0x2107);
    fx_write(E1000_MANC, 0xa300);
    ck_assert_hex_eq(fx_read(E1000_MANC), 0xa307);
    fx.dev->eeprom.word[0x0a] &= 0xeeff;
    fx.dev->eeprom.word[0x23] = 0;
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x14100);
    fx_write(E1000_CTRL_EXT, 1u << 13);
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x00100);
    ck_assert_hex_eq(fx_read(E1000_MANC), 0);
}
END_TEST

START_TEST(a_reset_within_a_load_starts_it_again)
{
    board(64);
    power_and_decode();
    fx_until(300 * US);
    fx_write(E1000_CTRL, 1u << 26);
    fx_until(300 * US + LOAD_WORDS * WORD_64_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0);
    fx_until(300 * US + LOAD_WORDS * WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x12005452);
    ck_assert_uint_eq(fx_log_count("eeprom load"), 1);
}
END_TEST

START_TEST(pin_directions_are_loaded_at_power_on_alone)
{
    board(64);
    fx.eeprom[0x20] = 0xc300;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_CTRL) & 0xc00000, 0xc00000);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT) & 0xc00, 0xc00);
    fx_write(E1000_CTRL, 0x00400200);
    fx_write(E1000_CTRL_EXT, 0x00000800);
    if (_i == 0) {
        fx_write(E1000_CTRL, 0x04400200);
    } else {
        e1000_pci_reset(fx.dev, true);
        e1000_pci_reset(fx.dev, false);
        fx_pci_setup();
    }
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_hex_eq(fx_read(E1000_CTRL) & 0xc00000, 0x400000);
        ck_assert_hex_eq(fx_read(E1000_CTRL_EXT) & 0xc00, 0x800);
        fx_run(FX_LOAD_NS);
    }
    e1000_lan_power_good(fx.dev, false);
    e1000_lan_power_good(fx.dev, true);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_CTRL) & 0xc00000, 0);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT) & 0xc00, 0);
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(fx_read(E1000_CTRL) & 0xc00000, 0xc00000);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT) & 0xc00, 0xc00);
}
END_TEST

/* ---- EERD [13.4.4] ---- */

START_TEST(eerd_reads_a_word_in_its_time)
{
    const uint32_t word_ns = _i == 64 ? WORD_64_NS : WORD_256_NS;

    board((unsigned)_i);
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_write(E1000_EERD, 0x3f00 | START);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x3f00);
    fx_run(word_ns - 1);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x3f00);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_EERD), (uint32_t)fx.eeprom[0x3f] << 16 | 0x3f00 | DONE);
    fx_write(E1000_EERD, 0x0100 | START);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x0100);
    fx_run(word_ns);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x12000100 | DONE);
}
END_TEST

START_TEST(eerd_reaches_every_word)
{
    board((unsigned)_i);
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    for (unsigned a = 0; a < 256; a++) { /* a small part does not see the upper address bits */
        fx_write(E1000_EERD, a << 8 | START);
        fx_run(WORD_256_NS);
        ck_assert_hex_eq(fx_read(E1000_EERD), (uint32_t)fx.eeprom[a % (unsigned)_i] << 16 | a << 8 | DONE);
    }
}
END_TEST

START_TEST(eerd_changes_no_other_register)
{
    fx_start();
    fx_write(E1000_RAL, 0x11111111);
    fx_write(E1000_EERD, START);
    fx_run(WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x54520000 | DONE);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x11111111);
    ck_assert(fx_logged("eeprom rd 00 5452"));
}
END_TEST

START_TEST(a_write_of_eerd_without_start_moves_the_address_only)
{
    fx_start();
    fx_write(E1000_EERD, 0x0100 | START);
    fx_run(WORD_64_NS);
    fx_write(E1000_EERD, 0xffff02fe);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x12000200 | DONE);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}
END_TEST

START_TEST(one_eerd_read_at_a_time)
{
    fx_start();
    fx_write(E1000_EERD, 0x0100 | START);
    fx_run(1000);
    fx_write(E1000_EERD, 0x0200 | START);
    fx_write(E1000_EERD, 0x0300);
    ck_assert_uint_eq(fx_log_count("bad eerd-while-busy EERD"), 2);
    fx_run(WORD_64_NS - 1001);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x0100);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x12000100 | DONE);
    fx_run(WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x12000100 | DONE);
}
END_TEST

START_TEST(a_reset_ends_an_eerd_read)
{
    fx_start();
    fx_write(E1000_EERD, 0x0100 | START);
    fx_write(E1000_CTRL, 1u << 26);
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(fx_read(E1000_EERD) & (START | DONE), 0);
    fx_write(E1000_EERD, 0x0100 | START);
    ck_assert_uint_eq(fx_log_count("bad"), 0);
    fx_run(WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x12000100 | DONE);
}
END_TEST

/* ---- who has the pins [5.3.1] ---- */

START_TEST(a_grant_waits_for_the_load)
{
    board(64);
    power_and_decode();
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110);
    fx_write(E1000_EECD, 0x10 | REQ);
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110 | REQ);
    fx_until(LOAD_WORDS * WORD_64_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110 | REQ);
    fx_until(LOAD_WORDS * WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110 | REQ | GNT);
    fx_write(E1000_EECD, 0x10);
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110);
}
END_TEST

START_TEST(a_grant_waits_for_an_eerd_read)
{
    fx_start();
    fx_write(E1000_EERD, 0x0100 | START);
    fx_write(E1000_EECD, REQ);
    fx_run(WORD_64_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_EECD) & GNT, 0);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_EECD) & GNT, GNT);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x12000100 | DONE);
}
END_TEST

START_TEST(an_eerd_read_waits_for_the_load)
{
    board(64);
    power_and_decode();
    fx_write(E1000_EERD, 0x0100 | START);
    fx_until((LOAD_WORDS + 1) * WORD_64_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x0100);
    fx_until((LOAD_WORDS + 1) * WORD_64_NS);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x12000100 | DONE);
}
END_TEST

START_TEST(an_eerd_read_waits_until_the_pins_are_given_back)
{
    fx_start();
    fx_ee_request();
    fx_write(E1000_EERD, 0x0100 | START);
    ck_assert(fx_logged("bad eerd-while-requested EERD 00000101"));
    fx_run(1 * MS);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x0100);
    ck_assert_hex_eq(fx_ee_read(2, 6), 0x5634); /* the pins go on working */
    fx_ee_release();
    fx_run(WORD_64_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x0100);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_EERD), 0x12000100 | DONE);
}
END_TEST

START_TEST(pins_move_only_while_granted)
{
    fx_start();
    fx_write(E1000_EECD, 0x10 | CS);
    ck_assert_uint_eq(fx_log_count("bad eeprom-pins-no-grant EECD"), 1);
    fx_log_clear();
    fx_write(E1000_EECD, 0x10 | CS); /* no pin moves */
    fx_write(E1000_EECD, 0x20 | CS);
    ck_assert_uint_eq(fx_log_count("bad"), 0);
    fx_write(E1000_EECD, 0x10);
    ck_assert_uint_eq(fx_log_count("bad"), 1);
    fx_ee_select(true);
    fx_ee_send(6, 3);
    fx_ee_send(0, 6);
    ck_assert_hex_eq(fx_ee_receive(16), 0);
    fx_ee_select(false);
    ck_assert_uint_eq(fx_log_count("eeprom"), 0);
    for (unsigned pin = 1; pin <= 4; pin <<= 1) {
        fx_log_clear();
        fx_write(E1000_EECD, 0x10 | pin);
        ck_assert_uint_eq(fx_log_count("bad eeprom-pins-no-grant"), 1);
        fx_write(E1000_EECD, 0x10);
        ck_assert_uint_eq(fx_log_count("bad eeprom-pins-no-grant"), 2);
    }
    fx_log_clear();
    fx_ee_request();
    ck_assert_hex_eq(fx_ee_read(0, 6), 0x5452);
    fx_ee_release();
    ck_assert_uint_eq(fx_log_count("bad"), 0);
}
END_TEST

START_TEST(losing_the_grant_deselects_the_part)
{
    fx_start();
    fx_ee_request();
    fx_ee_select(true);
    fx_ee_send(6, 3);
    if (_i == 0) {
        fx_write(E1000_EECD, 0x10 | CS); /* gives up in the middle of it */
    } else {
        fx_write(E1000_CTRL, 1u << 26);
        fx_run(FX_LOAD_NS);
        fx_log_clear();
    }
    fx_write(E1000_EECD, 0x10 | CS | REQ); /* selected anew: a start bit is wanted */
    fx_ee_send(0, 6);
    ck_assert_hex_eq(fx_ee_receive(16), 0);
    ck_assert_uint_eq(fx_log_count("eeprom"), 0);
}
END_TEST

START_TEST(the_other_bits_of_eecd_are_plain)
{
    fx_start();
    fx_write(E1000_EECD, 0xffffff88);
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x100);
    ck_assert(fx_logged("wr EECD ffffff88 drops ffffff88"));
    fx_write(E1000_EECD, 0x20);
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x120);
    fx_write(E1000_EECD, 0x40);
    fx_write(E1000_CTRL, 1u << 26);
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110);
}
END_TEST

/* ---- the part [93C46, 93C66] ---- */

static void part(unsigned words)
{
    board(words);
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_log_clear();
    fx_ee_request();
}

static void extended(unsigned op, unsigned width) /* start bit, 00b, op and don't-cares */
{
    fx_ee_select(true);
    fx_ee_send(4, 3);
    fx_ee_send(op << (width - 2), width);
}

static void ewen(unsigned width)
{
    extended(3, width);
    fx_ee_select(false);
}

static void write_word(unsigned addr, unsigned width, uint16_t data)
{
    fx_ee_select(true);
    fx_ee_send(5, 3);
    fx_ee_send(addr, width);
    fx_ee_send(data, 16);
    fx_ee_select(false);
}

START_TEST(every_word_is_read_by_its_pins)
{
    const unsigned width = _i == 64 ? 6 : 8;

    part((unsigned)_i);
    for (unsigned a = 0; a < (unsigned)_i; a++) {
        fx_log_clear();
        ck_assert_hex_eq(fx_ee_read(a, width), fx.eeprom[a]);
        ck_assert_uint_eq(fx_log_count("eeprom rd"), 1);
    }
}
END_TEST

START_TEST(a_dummy_0_stands_before_the_data_which_change_on_rising_edges)
{
    part(64);
    fx_ee_select(true);
    ck_assert(!fx_ee_do());
    fx_ee_send(6, 3);
    fx_ee_send(0x3e, 6);
    ck_assert(!fx_ee_do()); /* the dummy bit, from the edge of the last address bit */
    for (unsigned bit = 16; bit-- != 0;) {
        const bool level = (fx.eeprom[0x3e] >> bit & 1) != 0;

        fx_set(E1000_EECD, SK);
        ck_assert_int_eq(fx_ee_do(), level);
        fx_set(E1000_EECD, DI); /* DI does not matter, nor does a write that changes nothing */
        ck_assert_int_eq(fx_ee_do(), level);
        fx_write(E1000_EECD, fx_read(E1000_EECD) & ~(uint32_t)(SK | DI));
        ck_assert_int_eq(fx_ee_do(), level);
    }
    ck_assert_hex_eq(fx_ee_receive(16), 0); /* one word an instruction */
    fx_ee_select(false);
    ck_assert(!fx_ee_do());
}
END_TEST

START_TEST(zeros_before_the_start_bit_are_nothing)
{
    part(64);
    fx_ee_select(true);
    fx_ee_send(0, 5);
    fx_ee_send(6, 3);
    fx_ee_send(1, 6);
    ck_assert_hex_eq(fx_ee_receive(16), 0x1200);
}
END_TEST

START_TEST(clocks_without_chip_select_are_nothing)
{
    part(64);
    fx_ee_send(6, 3);
    fx_ee_send(1, 6);
    ck_assert_hex_eq(fx_ee_receive(16), 0);
    ck_assert_uint_eq(fx_log_count("eeprom"), 0);
    ck_assert_hex_eq(fx_ee_read(1, 6), 0x1200);
}
END_TEST

START_TEST(chip_select_low_ends_an_instruction_anywhere)
{
    part(64);
    fx_ee_select(true); /* _i bits into a READ of word 1 */
    fx_ee_send((6u << 6 | 1) >> (9 - _i), (unsigned)_i);
    fx_ee_select(false);
    ck_assert(!fx_ee_do());
    ck_assert_hex_eq(fx_ee_read(2, 6), 0x5634);
}
END_TEST

START_TEST(a_write_changes_a_word_when_enabled)
{
    const unsigned width = _i == 64 ? 6 : 8, last = (unsigned)_i - 1;
    uint16_t copy[256];

    part((unsigned)_i);
    ewen(width);
    ck_assert(fx_logged("eeprom ewen 00 0000"));
    fx_ee_select(true);
    fx_ee_send(5, 3);
    fx_ee_send(last, width);
    fx_ee_send(0xa53d, 16);
    e1000_eeprom_copy(fx.dev, copy, 256);
    ck_assert_hex_eq(copy[last], fx.eeprom[last]); /* the cycle starts when CS falls */
    fx_ee_select(false);
    e1000_eeprom_copy(fx.dev, copy, 256);
    ck_assert_hex_eq(copy[last], 0xa53d);
    ck_assert_hex_eq(copy[last - 1], fx.eeprom[last - 1]);
    ck_assert_hex_eq(copy[0], fx.eeprom[0]);
    ck_assert(fx_logged(_i == 64 ? "eeprom wr 3f a53d" : "eeprom wr ff a53d"));
    fx_run(CYCLE_NS);
    ck_assert_hex_eq(fx_ee_read(last, width), 0xa53d);
}
END_TEST

START_TEST(do_shows_busy_and_ready_until_a_start_bit)
{
    part(64);
    ewen(6);
    write_word(5, 6, 0x0001);
    fx_run(CYCLE_NS - 1);
    ck_assert(!fx_ee_do()); /* not selected */
    fx_ee_select(true);
    ck_assert(!fx_ee_do());
    fx_run(1);
    ck_assert(fx_ee_do());
    fx_ee_select(false);
    ck_assert(!fx_ee_do());
    fx_ee_select(true);
    ck_assert(fx_ee_do());
    fx_ee_send(0, 2);
    ck_assert(fx_ee_do());
    fx_ee_send(6, 3);
    ck_assert(!fx_ee_do());
    fx_ee_send(5, 6);
    ck_assert_hex_eq(fx_ee_receive(16), 0x0001);
    fx_ee_select(false);
    fx_ee_select(true);
    ck_assert(!fx_ee_do()); /* seen once is seen */
}
END_TEST

START_TEST(a_busy_part_takes_no_instruction)
{
    part(64);
    ewen(6);
    write_word(5, 6, 0x0001);
    ck_assert_hex_eq(fx_ee_read(0, 6), 0);
    write_word(6, 6, 0x1234);
    fx_run(CYCLE_NS);
    ck_assert_hex_eq(fx_ee_read(6, 6), fx.eeprom[6]);
    ck_assert_hex_eq(fx_ee_read(5, 6), 0x0001);
}
END_TEST

START_TEST(writes_need_ewen_and_end_with_ewds)
{
    part(64);
    write_word(5, 6, 0x1111);
    fx_ee_select(true);
    ck_assert(!fx_ee_do()); /* no cycle, no status */
    fx_ee_select(false);
    ck_assert_hex_eq(fx_ee_read(5, 6), fx.eeprom[5]);
    ewen(6);
    write_word(5, 6, 0x2222);
    fx_run(CYCLE_NS);
    write_word(6, 6, 0x3333); /* stays enabled */
    fx_run(CYCLE_NS);
    extended(0, 6);
    fx_ee_select(false);
    ck_assert(fx_logged("eeprom ewds 00 0000"));
    write_word(7, 6, 0x4444);
    fx_run(CYCLE_NS);
    ck_assert_hex_eq(fx_ee_read(5, 6), 0x2222);
    ck_assert_hex_eq(fx_ee_read(6, 6), 0x3333);
    ck_assert_hex_eq(fx_ee_read(7, 6), fx.eeprom[7]);
}
END_TEST

START_TEST(a_write_needs_its_16_bits)
{
    part(64);
    ewen(6);
    fx_ee_select(true);
    fx_ee_send(5, 3);
    fx_ee_send(5, 6);
    fx_ee_send(0x7fff, 15);
    fx_ee_select(false);
    ck_assert_hex_eq(fx_ee_read(5, 6), fx.eeprom[5]);
    ck_assert_uint_eq(fx_log_count("eeprom wr"), 0);
    fx_ee_select(true); /* clocks behind the last bit shift nothing */
    fx_ee_send(5, 3);
    fx_ee_send(5, 6);
    fx_ee_send(0x1234, 16);
    fx_ee_send(5, 3);
    fx_ee_select(false);
    fx_run(CYCLE_NS);
    ck_assert_hex_eq(fx_ee_read(5, 6), 0x1234);
}
END_TEST

START_TEST(erase_makes_a_word_all_ones)
{
    part(64);
    for (unsigned enabled = 0; enabled < 2; enabled++) {
        if (enabled)
            ewen(6);
        fx_ee_select(true);
        fx_ee_send(7, 3);
        fx_ee_send(1, 6);
        fx_ee_select(false);
        fx_run(CYCLE_NS);
        ck_assert_hex_eq(fx_ee_read(1, 6), enabled ? 0xffff : 0x1200);
    }
    ck_assert(fx_logged("eeprom era 01 ffff"));
    ck_assert_hex_eq(fx_ee_read(0, 6), 0x5452);
    ck_assert_hex_eq(fx_ee_read(2, 6), 0x5634);
}
END_TEST

START_TEST(eral_and_wral_fill_the_part)
{
    const unsigned words = _i < 2 ? 64 : 256, width = _i < 2 ? 6 : 8;
    const bool wral = _i % 2 != 0;

    part(words);
    for (unsigned enabled = 0; enabled < 2; enabled++) {
        uint16_t copy[256];

        if (enabled)
            ewen(width);
        extended(wral ? 1 : 2, width);
        if (wral)
            fx_ee_send(0x9669, 16);
        fx_ee_select(false);
        fx_run(CYCLE_NS);
        ck_assert_uint_eq(e1000_eeprom_copy(fx.dev, copy, 256), words);
        for (unsigned i = 0; i < words; i++)
            ck_assert_hex_eq(copy[i], !enabled ? fx.eeprom[i] : wral ? 0x9669 : 0xffff);
    }
    ck_assert(fx_logged(wral ? "eeprom wral 00 9669" : "eeprom eral 00 ffff"));
}
END_TEST

START_TEST(the_part_forgets_ewen_without_power_and_keeps_it_over_resets)
{
    part(64);
    ewen(6);
    fx_ee_release();
    if (_i == 0) {
        fx_write(E1000_CTRL, 1u << 26);
    } else {
        e1000_lan_power_good(fx.dev, false);
        e1000_lan_power_good(fx.dev, true);
        fx_pci_setup();
    }
    fx_run(FX_LOAD_NS);
    fx_ee_request();
    write_word(5, 6, 0x7777);
    fx_run(CYCLE_NS);
    ck_assert_hex_eq(fx_ee_read(5, 6), _i == 0 ? 0x7777 : fx.eeprom[5]);
}
END_TEST

START_TEST(power_off_ends_a_write_cycle)
{
    part(64);
    ewen(6);
    write_word(5, 6, 0x7777);
    e1000_lan_power_good(fx.dev, false);
    e1000_lan_power_good(fx.dev, true);
    fx_pci_setup();
    fx_run(LOAD_WORDS * WORD_64_NS); /* less than the cycle would have taken */
    fx_ee_request();
    ck_assert_hex_eq(fx_ee_read(0, 6), 0x5452);
}
END_TEST

/* ---- as Linux does it ---- */

static void pause_50us(void)
{
    fx_read(E1000_STATUS);
    fx_run(50 * US);
}

static void linux_pins(uint32_t clear, uint32_t set, bool wait)
{
    fx_write(E1000_EECD, (fx_read(E1000_EECD) & ~clear) | set);
    if (wait)
        pause_50us();
}

static void linux_shift_out(uint32_t value, unsigned bits)
{
    while (bits-- != 0) {
        linux_pins(DI, (value >> bits & 1) != 0 ? DI : 0, true);
        linux_pins(0, SK, true);
        linux_pins(SK, 0, true);
    }
    linux_pins(DI, 0, false);
}

static void linux_acquire(void)
{
    linux_pins(0, REQ, false);
    for (unsigned i = 0; (fx_read(E1000_EECD) & GNT) == 0; i++) {
        ck_assert_uint_lt(i, 1000);
        fx_run(5 * US);
    }
    linux_pins(DI | SK, 0, false);
    linux_pins(0, CS, false);
}

static void linux_standby(void)
{
    linux_pins(CS | SK, 0, true);
    linux_pins(0, SK, true);
    linux_pins(0, CS, true);
    linux_pins(SK, 0, true);
}

static void linux_release(void)
{
    linux_pins(CS | DI, 0, false);
    linux_pins(0, SK, true);
    linux_pins(SK, 0, true);
    linux_pins(REQ, 0, false);
}

static uint16_t linux_read(unsigned addr, unsigned width)
{
    uint16_t data = 0;

    linux_acquire();
    linux_shift_out(6, 3);
    linux_shift_out(addr, width);
    for (unsigned i = 0; i < 16; i++) {
        linux_pins(0, SK, true);
        data = (uint16_t)(data << 1 | ((fx_read(E1000_EECD) & DO) != 0));
        linux_pins(DI | SK, 0, true);
    }
    linux_standby();
    linux_release();
    return data;
}

static bool linux_write(unsigned addr, unsigned width, uint16_t data)
{
    bool done = false;

    linux_acquire();
    linux_shift_out(0x13, 5);
    linux_shift_out(0, width - 2);
    linux_standby();
    linux_shift_out(5, 3);
    linux_shift_out(addr, width);
    linux_shift_out(data, 16);
    linux_standby();
    for (unsigned i = 0; i < 200 && !done; i++) {
        done = (fx_read(E1000_EECD) & DO) != 0;
        if (!done)
            fx_run(50 * US);
    }
    linux_standby();
    linux_shift_out(0x10, 5);
    linux_shift_out(0, width - 2);
    linux_release();
    return done;
}

START_TEST(the_linux_driver_reads_a_part_whose_sum_is_baba)
{
    const unsigned width = _i == 64 ? 6 : 8;
    uint16_t sum = 0;

    board((unsigned)_i);
    fx.host.trace = NULL;
    fx_power();
    fx_pci_setup();
    for (unsigned a = 0; a < 0x40; a++)
        sum = (uint16_t)(sum + linux_read(a, width));
    ck_assert_hex_eq(sum, 0xbaba);
}
END_TEST

START_TEST(the_linux_driver_writes_and_finds_what_it_wrote)
{
    const unsigned width = _i == 64 ? 6 : 8;

    board((unsigned)_i);
    fx.host.trace = NULL;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    ck_assert(linux_write(0x3e, width, 0x0ff1));
    ck_assert(linux_write(0x3f, width, 0xce55));
    ck_assert_hex_eq(linux_read(0x3e, width), 0x0ff1);
    ck_assert_hex_eq(linux_read(0x3f, width), 0xce55);
    ck_assert_hex_eq(linux_read(0x3d, width), fx.eeprom[0x3d]);
}
END_TEST

Suite *eeprom_suite(void);
Suite *eeprom_suite(void)
{
    Suite *s = suite_create("eeprom");
    TCase *tc = tcase_create("load");

    tcase_add_loop_test(tc, the_address_is_there_when_27_words_have_been_read, 64, 65);
    tcase_add_loop_test(tc, the_address_is_there_when_27_words_have_been_read, 256, 257);
    tcase_add_loop_test(tc, a_bad_signature_leaves_the_defaults, 0, 3);
    tcase_add_loop_test(tc, each_bit_of_a_word_is_loaded_into_its_place, 0, 10);
    tcase_add_loop_test(tc, ip_addresses_are_loaded_if_marked_valid, 0, 4);
    tcase_add_loop_test(tc, the_part_has_64_or_256_words_or_there_is_none, 0, 8);
    tcase_add_test(tc, without_words_the_part_is_blank);
    tcase_add_test(tc, no_part_gives_no_data_and_no_load);
    tcase_add_loop_test(tc, each_way_to_reload_takes_the_words_again, 0, 5);
    tcase_add_test(tc, ee_rst_changes_only_what_the_eeprom_feeds_and_clears_itself);
    tcase_add_test(tc, a_reload_clears_what_the_words_no_longer_set);
    tcase_add_test(tc, a_reset_within_a_load_starts_it_again);
    tcase_add_loop_test(tc, pin_directions_are_loaded_at_power_on_alone, 0, 2);
    suite_add_tcase(s, tc);

    tc = tcase_create("EERD");
    tcase_add_loop_test(tc, eerd_reads_a_word_in_its_time, 64, 65);
    tcase_add_loop_test(tc, eerd_reads_a_word_in_its_time, 256, 257);
    tcase_add_loop_test(tc, eerd_reaches_every_word, 64, 65);
    tcase_add_loop_test(tc, eerd_reaches_every_word, 256, 257);
    tcase_add_test(tc, eerd_changes_no_other_register);
    tcase_add_test(tc, a_write_of_eerd_without_start_moves_the_address_only);
    tcase_add_test(tc, one_eerd_read_at_a_time);
    tcase_add_test(tc, a_reset_ends_an_eerd_read);
    suite_add_tcase(s, tc);

    tc = tcase_create("grant");
    tcase_add_test(tc, a_grant_waits_for_the_load);
    tcase_add_test(tc, a_grant_waits_for_an_eerd_read);
    tcase_add_test(tc, an_eerd_read_waits_for_the_load);
    tcase_add_test(tc, an_eerd_read_waits_until_the_pins_are_given_back);
    tcase_add_test(tc, pins_move_only_while_granted);
    tcase_add_loop_test(tc, losing_the_grant_deselects_the_part, 0, 2);
    tcase_add_test(tc, the_other_bits_of_eecd_are_plain);
    suite_add_tcase(s, tc);

    tc = tcase_create("part");
    tcase_add_loop_test(tc, every_word_is_read_by_its_pins, 64, 65);
    tcase_add_loop_test(tc, every_word_is_read_by_its_pins, 256, 257);
    tcase_add_test(tc, a_dummy_0_stands_before_the_data_which_change_on_rising_edges);
    tcase_add_test(tc, zeros_before_the_start_bit_are_nothing);
    tcase_add_test(tc, clocks_without_chip_select_are_nothing);
    tcase_add_loop_test(tc, chip_select_low_ends_an_instruction_anywhere, 0, 10);
    tcase_add_loop_test(tc, a_write_changes_a_word_when_enabled, 64, 65);
    tcase_add_loop_test(tc, a_write_changes_a_word_when_enabled, 256, 257);
    tcase_add_test(tc, do_shows_busy_and_ready_until_a_start_bit);
    tcase_add_test(tc, a_busy_part_takes_no_instruction);
    tcase_add_test(tc, writes_need_ewen_and_end_with_ewds);
    tcase_add_test(tc, a_write_needs_its_16_bits);
    tcase_add_test(tc, erase_makes_a_word_all_ones);
    tcase_add_loop_test(tc, eral_and_wral_fill_the_part, 0, 4);
    tcase_add_loop_test(tc, the_part_forgets_ewen_without_power_and_keeps_it_over_resets, 0, 2);
    tcase_add_test(tc, power_off_ends_a_write_cycle);
    suite_add_tcase(s, tc);

    tc = tcase_create("Linux");
    tcase_add_loop_test(tc, the_linux_driver_reads_a_part_whose_sum_is_baba, 64, 65);
    tcase_add_loop_test(tc, the_linux_driver_reads_a_part_whose_sum_is_baba, 256, 257);
    tcase_add_loop_test(tc, the_linux_driver_writes_and_finds_what_it_wrote, 64, 65);
    tcase_add_loop_test(tc, the_linux_driver_writes_and_finds_what_it_wrote, 256, 257);
    suite_add_tcase(s, tc);
    return s;
}
