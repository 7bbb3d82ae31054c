/*
 * test_phy.c - MDIC, the PHY's registers, auto-negotiation, link, resets [11, 13.4.7, 13.4.7.1]
 *
 * Times are the model's choices where the manual gives none: a management frame of 64 clocks at
 * 2.5 MHz, 1.5 s to negotiate (IEEE 802.3 breaks the link for 1.2 to 1.5 s), 0.2 s for a forced link.
 */
#include "fixture.h"

#include "../core.h"

enum { MDIC_NS = 64 * 400 };
#define READ(reg) (2u << 26 | 1u << 21 | (uint32_t)(reg) << 16)
#define WRITE(reg, value) (1u << 26 | 1u << 21 | (uint32_t)(reg) << 16 | (value))
#define NEGOTIATE (1500 * MS)
#define FORCED (200 * MS)

/* 13.4.7.1, typed from its tables: hardware reset, writable, and what a software reset does with each bit. */
static const struct {
    unsigned number;
    const char *name;
    uint16_t reset, writable, keep, update;
} table[] = {{0, "PCTRL", 0x1140, 0xffc0, 0x0000, 0x3140},
             {1, "PSTATUS", 0x7949, 0, 0, 0},
             {2, "PID", 0x0141, 0, 0, 0},
             {3, "EPID", 0x0c20, 0, 0, 0},
             {4, "ANA", 0x01e1, 0xbde0, 0xbde0, 0},
             {5, "LPA", 0x0000, 0, 0, 0},
             {6, "ANE", 0x0000, 0, 0, 0},
             {7, "NPT", 0x2001, 0xb7ff, 0, 0},
             {8, "LPN", 0x0000, 0, 0, 0},
             {9, "GCON", 0x1e00, 0xffff, 0x1f00, 0},
             {10, "GSTATUS", 0x0000, 0, 0, 0},
             {15, "EPSTATUS", 0x3000, 0, 0, 0},
             {16, "PSCON", 0x0068, 0xffff, 0xff87, 0x0078},
             {17, "PSSTAT", 0x0000, 0, 0xe001, 0},
             {18, "PINTE", 0x0000, 0xffff, 0xffff, 0},
             {19, "PINTS", 0x0000, 0, 0, 0},
             {20, "EPSCON1", 0x0d60, 0xfffb, 0x0003, 0x0ff0},
             {21, "PREC", 0x0000, 0, 0, 0},
             {29, "R30PS", 0x0000, 0xffff, 0, 0},
             {30, "R30AW", 0x0000, 0xffff, 0, 0}};
enum { ROWS = sizeof table / sizeof table[0] };

static void plug(bool autoneg, uint16_t base_page, bool gigabit)
{
    const struct e1000_partner p = {
        .autoneg = autoneg, .base_page = base_page, .gigabit_full = gigabit, .gigabit_half = gigabit, .pairs = 4};

    e1000_partner(fx.dev, &p);
}

static void plug_fixed(uint16_t speed, bool full)
{
    const struct e1000_partner p = {.speed = speed, .full_duplex = full, .pairs = 4};

    e1000_partner(fx.dev, &p);
}

static struct e1000_link link_now(void)
{
    struct e1000_link l;

    e1000_link_state(fx.dev, &l);
    return l;
}

#define expect_up(mbps, full)                                                                                          \
    do {                                                                                                               \
        ck_assert(link_now().phy_up);                                                                                  \
        ck_assert_hex_eq(fx_phy_read(17) & 0xec00, ((mbps) == 1000  ? 0x8000                                           \
                                                    : (mbps) == 100 ? 0x4000                                           \
                                                                    : 0) |                                             \
                                                       ((full) ? 0x2000 : 0) | 0x0c00);                                \
    } while (0)

static void quiet_start(void) /* for tests with many accesses */
{
    fx_board();
    fx.host.trace = NULL;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_write(E1000_CTRL, 0x40);
}

/* ---- MDIC ---- */

START_TEST(a_read_is_ready_after_64_clocks)
{
    fx_start();
    fx_write(E1000_MDIC, READ(2) | 0xffff);
    ck_assert_hex_eq(fx_read(E1000_MDIC), READ(2) | 0xffff);
    fx_run(MDIC_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_MDIC), READ(2) | 0xffff);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_MDIC), READ(2) | 0x10000000 | 0x0141);
    ck_assert(fx_logged("phy rd PID 0141"));
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}
END_TEST

START_TEST(a_write_takes_effect_and_is_ready_after_64_clocks)
{
    fx_start();
    fx_write(E1000_MDIC, WRITE(4, 0xffff));
    fx_run(MDIC_NS - 1);
    ck_assert_uint_eq(fx_log_count("phy"), 0);
    ck_assert_hex_eq(fx_read(E1000_MDIC), WRITE(4, 0xffff));
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_MDIC), WRITE(4, 0xffff) | 0x10000000);
    ck_assert(fx_logged("phy wr ANA ffff drops 421f"));
    ck_assert_hex_eq(fx_phy_read(4), 0xbde1);
}
END_TEST

START_TEST(i_asks_for_an_interrupt_at_the_end)
{
    fx_start();
    fx_write(E1000_MDIC, (_i ? READ(2) : WRITE(2, 0)) | 1u << 29);
    fx_run(MDIC_NS - 1);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0x200);
    ck_assert_hex_eq(fx_read(E1000_MDIC) & 0xf0000000, 0x30000000);
    fx_phy_read(2);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}
END_TEST

START_TEST(a_command_during_another_is_lost)
{
    fx_start();
    fx_write(E1000_MDIC, READ(2));
    fx_run(1000);
    fx_write(E1000_MDIC, READ(3));
    fx_write(E1000_MDIC, 0x10000000);
    ck_assert_uint_eq(fx_log_count("bad mdic-while-busy MDIC"), 2);
    fx_run(MDIC_NS - 1001);
    ck_assert_hex_eq(fx_read(E1000_MDIC), READ(2));
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_MDIC), READ(2) | 0x10000141);
    ck_assert_uint_eq(fx_log_count("phy"), 1);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}
END_TEST

START_TEST(a_write_with_ready_set_is_no_command)
{
    fx_start();
    fx_write(E1000_MDIC, READ(2) | 0x10000000);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    ck_assert_hex_eq(fx_read(E1000_MDIC), READ(2) | 0x10000000);
    fx_write(E1000_MDIC, 0xffffffff);
    ck_assert_hex_eq(fx_read(E1000_MDIC), 0x7fffffff);
    ck_assert(fx_logged("bad reserved-bits MDIC 80000000"));
    ck_assert_uint_eq(fx_log_count("phy") + fx_log_count("bad"), 1);
}
END_TEST

START_TEST(a_reserved_opcode_does_nothing_and_is_ready)
{
    const uint32_t command = READ(2) & ~(3u << 26);

    fx_start();
    fx_write(E1000_MDIC, command | (_i ? 3u << 26 : 0));
    ck_assert_hex_eq(fx_read(E1000_MDIC), command | (_i ? 3u << 26 : 0) | 0x10000000);
    ck_assert_uint_eq(fx_log_count("bad mdic-opcode MDIC"), 1);
    fx_run(1 * MS);
    ck_assert_uint_eq(fx_log_count("phy"), 0);
}
END_TEST

START_TEST(only_phy_1_answers)
{
    for (unsigned phy = 0; phy < 32; phy++) {
        const uint32_t at = phy << 21;

        fx_start();
        if (phy == 1)
            continue;
        fx_write(E1000_MDIC, 2u << 26 | at | 2u << 16);
        fx_run(MDIC_NS);
        ck_assert_hex_eq(fx_read(E1000_MDIC), 2u << 26 | at | 2u << 16 | 0x5000ffff);
        ck_assert_uint_eq(fx_log_count("bad phy-address MDIC"), 1);
        fx_write(E1000_MDIC, 1u << 26 | at | 4u << 16 | 0x8000);
        fx_run(MDIC_NS);
        ck_assert_hex_eq(fx_read(E1000_MDIC), 1u << 26 | at | 4u << 16 | 0x10008000);
        ck_assert_uint_eq(fx_log_count("phy"), 0);
        ck_assert_hex_eq(fx_phy_read(4), 0x01e1);
    }
}
END_TEST

START_TEST(a_reset_of_the_mac_ends_a_transaction)
{
    fx_start();
    fx_write(E1000_MDIC, READ(2) | 1u << 29);
    fx_write(E1000_CTRL, 1u << 26);
    fx_run(FX_LOAD_NS);
    ck_assert_uint_eq(fx_log_count("phy"), 0);
    ck_assert_hex_eq(fx_read(E1000_MDIC) & 0xffff0000, 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    ck_assert_hex_eq(fx_phy_read(2), 0x0141);
}
END_TEST

/* ---- registers ---- */

START_TEST(rows_are_those_of_the_manual)
{
    ck_assert_uint_eq(e1000_phy_count(), ROWS);
    for (unsigned i = 0; i < ROWS; i++) {
        const struct e1000_reg *row = e1000_phy(i);

        ck_assert_str_eq(row->name, table[i].name);
        ck_assert_uint_eq(row->offset, table[i].number);
        ck_assert_hex_eq(row->reset, table[i].reset);
        ck_assert_hex_eq(row->writable, table[i].writable);
        ck_assert_hex_eq(row->sw_keep, table[i].keep);
        ck_assert_hex_eq(row->sw_update, table[i].update);
    }
}
END_TEST

START_TEST(registers_have_their_hardware_values_and_undocumented_ones_read_0)
{
    unsigned row = 0;

    fx_start();
    for (unsigned n = 0; n < 32; n++) {
        const bool known = row < ROWS && table[row].number == n;

        ck_assert_hex_eq(fx_phy_read(n), known ? table[row].reset : 0);
        if (!known) {
            fx_phy_write(n, 0xffff);
            ck_assert_hex_eq(fx_phy_read(n), 0);
        }
        row += known;
    }
    ck_assert(fx_logged("phy wr 11 ffff"));
    ck_assert(fx_logged("phy rd 31 0000"));
}
END_TEST

START_TEST(a_walking_bit_sticks_where_it_can)
{
    quiet_start();
    for (unsigned i = 1; i < ROWS; i++) /* all but PCTRL */
        for (unsigned b = 0; b < 16; b++) {
            const uint16_t fixed = table[i].reset & (uint16_t)~table[i].writable;

            fx_phy_write(table[i].number, (uint16_t)(1u << b));
            ck_assert_hex_eq(fx_phy_read(table[i].number), (1u << b & table[i].writable) | fixed);
        }
    for (unsigned i = 1; i < ROWS; i++) /* and no two are one */
        fx_phy_write(table[i].number, (uint16_t)(0x1111 * i));
    for (unsigned i = 1; i < ROWS; i++)
        ck_assert_hex_eq(fx_phy_read(table[i].number),
                         ((0x1111 * i) & table[i].writable) | (table[i].reset & (uint16_t)~table[i].writable));
}
END_TEST

START_TEST(control_bits_stick_but_reset_and_restart)
{
    quiet_start();
    for (unsigned b = 0; b < 15; b++) {
        fx_phy_write(0, (uint16_t)(1u << b));
        ck_assert_hex_eq(fx_phy_read(0), 1u << b & 0x7dc0);
        fx_phy_write(0, 0);
    }
    fx_phy_write(0, 0x7fff);
    ck_assert_hex_eq(fx_phy_read(0), 0x7dc0);
    fx_phy_write(0, 0xffff);
    ck_assert_hex_eq(fx_phy_read(0), 0x3140); /* a reset: the other bits go back */
    fx_phy_write(0, 0x8000);
    ck_assert_hex_eq(fx_phy_read(0), 0);
}
END_TEST

START_TEST(a_software_reset_keeps_updates_or_restores_each_bit)
{
    const uint16_t fill = _i ? 0xffff : 0x0000;

    quiet_start();
    for (unsigned i = 1; i < ROWS; i++)
        fx_phy_write(table[i].number, fill);
    fx_phy_write(0, 0x9140);
    for (unsigned i = 0; i < ROWS; i++) {
        const uint16_t stay = table[i].keep | table[i].update;
        const uint16_t was =
            i == 0 ? 0x1140 : (uint16_t)((fill & table[i].writable) | (table[i].reset & ~table[i].writable));

        ck_assert_hex_eq(fx_phy_read(table[i].number), (was & stay) | (table[i].reset & (uint16_t)~stay));
    }
}
END_TEST

START_TEST(a_hardware_reset_restores_every_register)
{
    quiet_start();
    for (unsigned i = ROWS; i-- != 0;)
        fx_phy_write(table[i].number, 0x7fff);
    fx_phy_write(30, 0x7fff); /* the page that was chosen after it */
    switch (_i) {
    case 0:
        fx_write(E1000_CTRL, 0x80000040);
        fx_write(E1000_CTRL, 0x00000040);
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
        fx_write(E1000_CTRL, 1u << 26);
        break; /* does not reach the PHY */
    }
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    for (unsigned i = 0; i < ROWS; i++)
        ck_assert_hex_eq(fx_phy_read(table[i].number), _i < 4 ? table[i].reset
                                                              : ((i == 0 ? 0x7dff : 0x7fff) & table[i].writable) |
                                                                    (table[i].reset & (uint16_t)~table[i].writable));
}
END_TEST

START_TEST(counters_and_latches_clear_when_read)
{
    fx_start();
    fx.dev->phy.reg[1] |= 0x0012; /* remote fault, jabber */
    fx.dev->phy.reg[10] = 0xbcff; /* fault, idle errors, and plain bits */
    fx.dev->phy.reg[17] = 0xffff;
    fx.dev->phy.reg[19] = 0xffff;
    fx.dev->phy.reg[21] = 0xffff;
    ck_assert_hex_eq(fx_phy_read(1), 0x795b);
    ck_assert_hex_eq(fx_phy_read(1), 0x7949);
    ck_assert_hex_eq(fx_phy_read(10), 0xbcff);
    ck_assert_hex_eq(fx_phy_read(10), 0x3c00);
    ck_assert_hex_eq(fx_phy_read(17), 0xffff);
    ck_assert_hex_eq(fx_phy_read(17), 0xefff);
    ck_assert_hex_eq(fx_phy_read(19), 0xffff);
    ck_assert_hex_eq(fx_phy_read(19), 0x000c);
    ck_assert_hex_eq(fx_phy_read(21), 0xffff);
    ck_assert_hex_eq(fx_phy_read(21), 0);
}
END_TEST

/* ---- negotiation ---- */

START_TEST(a_partner_that_can_do_all_gives_1000_full_after_one_and_a_half_seconds)
{
    uint64_t t;

    fx_start();
    t = e1000_now(fx.dev);
    plug(true, 0x0de0, true);
    fx_until(t + NEGOTIATE - 1);
    ck_assert(!link_now().phy_up);
    ck_assert_uint_eq(fx_log_count("link"), 0);
    fx_until(t + NEGOTIATE);
    ck_assert(fx_logged("link up 1000 full"));
    ck_assert_hex_eq(fx_phy_read(1), 0x796d);
    ck_assert_hex_eq(fx_phy_read(5), 0xcde1); /* their page, acknowledged, with next pages */
    ck_assert_hex_eq(fx_phy_read(6), 0x000b);
    ck_assert_hex_eq(fx_phy_read(10), 0x7c00); /* master, both receivers fine, partner 1000 full and half */
    ck_assert_hex_eq(fx_phy_read(17), 0xbc00);
    ck_assert_hex_eq(fx_phy_read(17), 0xac00); /* page received was a latch */
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}
END_TEST

START_TEST(the_best_common_ability_wins)
{
    static const struct {
        uint16_t bit, speed, full;
    } order[] = {{0x100, 100, 1}, {0x080, 100, 0}, {0x040, 10, 1}, {0x020, 10, 0}};

    quiet_start();
    for (unsigned we = 0; we < 32; we++)
        for (unsigned they = 0; they < 32; they++) {
            const unsigned both = (we & they) << 5;
            uint16_t speed = 0, full = 0;

            if (we & they & 16) {
                speed = 1000;
                full = 1;
            } else {
                for (int i = 3; i >= 0; i--)
                    if (both & order[i].bit) {
                        speed = order[i].speed;
                        full = order[i].full;
                    }
            }
            fx.dev->phy.reg[4] = (uint16_t)(1 | (we & 15) << 5);
            fx.dev->phy.reg[9] = we & 16 ? 0x0200 : 0x0100; /* half alone is nothing this part can do */
            plug(true, (uint16_t)((they & 15) << 5), (they & 16) != 0);
            fx_run(NEGOTIATE);
            if (link_now().phy_up != (speed != 0) ||
                (speed != 0 && (link_now().speed != speed || link_now().full_duplex != full)))
                ck_abort_msg("we %02x, they %02x: %d %u %d", we, they, link_now().phy_up, link_now().speed,
                             link_now().full_duplex);
        }
}
END_TEST

START_TEST(a_partner_without_gigabit_sends_no_next_pages)
{
    fx_start();
    plug(true, 0x01e0, false);
    fx_run(NEGOTIATE);
    expect_up(100, true);
    ck_assert_hex_eq(fx_phy_read(5), 0x41e1);
    ck_assert_hex_eq(fx_phy_read(6), 0x0003);
    ck_assert_hex_eq(fx_phy_read(10), 0);
    ck_assert(fx_logged("link up 100 full"));
}
END_TEST

START_TEST(the_base_page_shows_abilities_and_nothing_else)
{
    fx_start();
    plug(true, 0xffe0, false);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(5), 0x7fe1);
    plug(true, 0xffff, false); /* not of IEEE 802.3: whatever its abilities are, they are not ours */
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(5), 0x7fff);
    ck_assert_hex_eq(fx_phy_read(17) & 0x0c00, 0);
    plug(true, 0x0020, true);
    ck_assert_hex_eq(fx_phy_read(5), 0); /* what was agreed before is forgotten at once */
    ck_assert_hex_eq(fx_phy_read(6), 0);
    ck_assert_hex_eq(fx_phy_read(1) & 0x24, 0);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(5), 0xc021);
}
END_TEST

START_TEST(partner_gigabit_half_and_full_are_told_apart)
{
    struct e1000_partner p = {.autoneg = true, .base_page = 0x20, .gigabit_half = true, .pairs = 4};

    fx_start();
    e1000_partner(fx.dev, &p);
    fx_run(NEGOTIATE);
    expect_up(10, false); /* [8.2] 1000 half is not supported */
    ck_assert_hex_eq(fx_phy_read(10), 0x4400);
    ck_assert_hex_eq(fx_phy_read(6), 0x000b);
    p.gigabit_half = false;
    p.gigabit_full = true;
    e1000_partner(fx.dev, &p);
    fx_run(NEGOTIATE);
    expect_up(1000, true);
    ck_assert_hex_eq(fx_phy_read(10), 0x7800);
}
END_TEST

START_TEST(nothing_in_common_is_an_error_and_no_link)
{
    fx_start();
    fx_phy_write(4, 0x0001);
    plug(true, 0x0020, false);
    fx_run(10 * SEC);
    ck_assert(!link_now().phy_up);
    ck_assert_hex_eq(fx_phy_read(19), 0x9000); /* error, page received */
    ck_assert_hex_eq(fx_phy_read(17) & 0x0c00, 0);
    ck_assert_uint_eq(fx_log_count("link"), 0);
}
END_TEST

/* IEEE 802.3 table 28B-3: pause and direction bits of ours and theirs */
START_TEST(pause_is_resolved_by_the_table_of_the_standard)
{
    static const uint8_t rx_tx[16] = {/* theirs 00, 01 (asymmetric), 10 (pause), 11 */
                                      /* ours 00 */ 0, 0, 0, 0,
                                      /* 01 */ 0,      0, 0, 2,
                                      /* 10 */ 0,      0, 3, 3,
                                      /* 11 */ 0,      1, 3, 3};
    const unsigned ours = (unsigned)_i >> 2, theirs = (unsigned)_i & 3;

    fx_start();
    fx_phy_write(4, (uint16_t)(0x1101 | (ours & 2) << 9 | (ours & 1) << 11));
    plug(true, (uint16_t)(0x1100 | (theirs & 2) << 9 | (theirs & 1) << 11), false);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(17) & 0x0c0c, 0x0c00 | (rx_tx[_i] & 1u) << 2 | (rx_tx[_i] & 2u) << 2);
}
END_TEST

START_TEST(pause_is_for_full_duplex_alone)
{
    fx_start();
    fx_phy_write(4, 0x0c81);
    plug(true, 0x0c80, false);
    fx_run(NEGOTIATE);
    expect_up(100, false);
    ck_assert_hex_eq(fx_phy_read(17) & 0x0c, 0);
}
END_TEST

START_TEST(abilities_count_from_the_next_negotiation_on)
{
    fx_start();
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE / 2);
    fx_phy_write(4, 0x0041); /* pages are on their way already [11.1.3] */
    fx_phy_write(9, 0x0000);
    fx_run(NEGOTIATE);
    expect_up(1000, true);
    fx_run(10 * SEC);
    expect_up(1000, true);
    fx_phy_write(0, 0x1340); /* restart */
    ck_assert(!link_now().phy_up);
    ck_assert_hex_eq(fx_phy_read(0), 0x1140);
    fx_run(NEGOTIATE);
    expect_up(10, true);
}
END_TEST

START_TEST(who_is_master_follows_the_manual_bits_or_the_port_type)
{
    static const struct {
        uint16_t gcon;
        bool master;
    } want[] = {{0x1a00, true},  {0x1e00, true}, {0x1200, false}, {0x1600, false},
                {0x0200, false}, {0x0600, true}, {0x0a00, false}, {0x0e00, true}};

    fx_start();
    fx_phy_write(9, want[_i].gcon);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(10), want[_i].master ? 0x7c00 : 0x3c00);
}
END_TEST

START_TEST(a_silent_partner_is_detected_at_half_duplex)
{
    static const struct {
        uint16_t speed, ana, up;
    } want[] = {{10, 0x01e1, 10}, {100, 0x01e1, 100}, {1000, 0x01e1, 0}, {10, 0x01c1, 0},
                {100, 0x0161, 0}, {10, 0x0021, 10},   {100, 0x0081, 100}};

    fx_start();
    fx_phy_write(4, want[_i].ana);
    plug_fixed(want[_i].speed, true);
    fx_run(NEGOTIATE - 1);
    ck_assert(!link_now().phy_up);
    fx_run(1);
    ck_assert_int_eq(link_now().phy_up, want[_i].up != 0);
    if (want[_i].up)
        ck_assert_hex_eq(fx_phy_read(1), 0x796d);
    ck_assert_hex_eq(fx_phy_read(5), 0);
    ck_assert_hex_eq(fx_phy_read(6), want[_i].up ? 0 : 0x10);
    ck_assert_hex_eq(fx_phy_read(10), 0);
    ck_assert_hex_eq(fx_phy_read(19), !want[_i].up ? 0x8000 : 0x4c00);
    if (want[_i].up)
        expect_up(want[_i].up, false);
}
END_TEST

/* ---- forced [Table 13-16] ---- */

START_TEST(a_forced_link_comes_up_with_a_partner_of_its_speed)
{
    static const uint16_t speed[] = {10, 100, 1000};
    const bool full = _i % 2 != 0;
    const unsigned ours = (unsigned)_i / 2 % 2, theirs = (unsigned)_i / 4;
    const uint16_t pctrl = (uint16_t)((ours ? 0x2000 : 0) | (full ? 0x0100 : 0));

    fx_start();
    fx_phy_write(0, 0x8000 | pctrl);
    ck_assert_hex_eq(fx_phy_read(0), pctrl);
    plug_fixed(speed[theirs], full);
    fx_run(FORCED - 1);
    ck_assert(!link_now().phy_up);
    fx_run(1);
    ck_assert_int_eq(link_now().phy_up, ours == theirs);
    if (ours == theirs)
        expect_up(speed[ours], full);
    ck_assert_hex_eq(fx_phy_read(1) & 0x20, 0); /* nothing was negotiated */
    ck_assert_hex_eq(fx_phy_read(6), 0);
    ck_assert_hex_eq(fx_phy_read(17) & 0x000c, 0);
}
END_TEST

START_TEST(a_negotiating_partner_detects_a_forced_link)
{
    static const struct {
        uint16_t pctrl, page, up;
    } want[] = {{0x0000, 0x0020, 10},  {0x0000, 0x0040, 10}, {0x0000, 0x0180, 0}, {0x2000, 0x0080, 100},
                {0x2000, 0x0100, 100}, {0x2000, 0x0060, 0},  {0x2000, 0x0200, 0}};

    fx_start();
    fx_phy_write(0, 0x8000 | want[_i].pctrl);
    plug(true, want[_i].page, true);
    fx_run(FORCED);
    ck_assert_int_eq(link_now().phy_up, want[_i].up != 0);
    if (want[_i].up)
        expect_up(want[_i].up, false);
}
END_TEST

START_TEST(forcing_1000_negotiates_for_1000_full_alone)
{
    fx_start();
    fx_phy_write(9, 0); /* the advertisement does not matter then */
    fx_phy_write(0, 0x8140);
    plug(true, 0x0de0, true);
    fx_run(FORCED);
    ck_assert(!link_now().phy_up);
    fx_run(NEGOTIATE - FORCED);
    expect_up(1000, true);
    plug(true, 0x0de0, false);
    fx_run(NEGOTIATE);
    ck_assert(!link_now().phy_up);
    plug_fixed(100, true);
    fx_run(NEGOTIATE);
    ck_assert(!link_now().phy_up);
    fx_phy_write(0, 0x8040); /* 1000 half, which is not supported [8.2] */
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert(!link_now().phy_up);
}
END_TEST

START_TEST(speed_and_negotiation_bits_wait_for_a_reset_a_restart_or_loss_of_link)
{
    fx_start();
    plug_fixed(100, false);
    fx_run(NEGOTIATE);
    expect_up(100, false);
    fx_phy_write(0, 0x0100); /* forced 10 full, but not yet */
    fx_run(10 * SEC);
    expect_up(100, false);
    switch (_i) {
    case 0:
        fx_phy_write(0, 0x8100);
        break;
    case 1:
        fx_phy_write(0, 0x0300);
        break;
    case 2:
        fx_phy_write(0, 0x0900);
        fx_phy_write(0, 0x0100);
        break;
    default:
        e1000_partner(fx.dev, NULL);
        break;
    }
    ck_assert(!link_now().phy_up);
    plug_fixed(10, true);
    fx_run(FORCED);
    expect_up(10, true);
}
END_TEST

/* ---- cable ---- */

START_TEST(two_or_three_pairs_step_down_after_the_tries_of_epscon1)
{
    static const struct {
        uint16_t gcon, epscon1, tries; /* 0: for ever */
    } want[] = {{0x1e00, 0x0d60, 4}, {0x1e00, 0x0960, 3}, {0x1e00, 0x0560, 2}, {0x1e00, 0x0160, 1},
                {0x1200, 0x0d60, 1}, {0x1200, 0x0e60, 2}, {0x1200, 0x0f60, 3}, {0x1200, 0x0c60, 0},
                {0x0600, 0x0560, 2}, {0x0200, 0x0560, 1}};
    struct e1000_partner p;
    uint64_t t;

    fx_start();
    fx_partner_gigabit(&p);
    p.pairs = _i % 2 ? 2 : 3;
    fx_phy_write(9, want[_i].gcon);
    fx_phy_write(20, want[_i].epscon1);
    fx_phy_write(0, 0x9140);
    t = e1000_now(fx.dev);
    e1000_partner(fx.dev, &p);
    if (want[_i].tries == 0) {
        fx_run(100 * SEC);
        ck_assert(!link_now().phy_up);
        return;
    }
    fx_until(t + want[_i].tries * NEGOTIATE - 1);
    ck_assert(!link_now().phy_up);
    ck_assert_hex_eq(fx.dev->phy.reg[1] & 0x20, 0);
    fx_until(t + want[_i].tries * NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(19), 0xfc20); /* 1000 did not validate [13.4.7.1.16] */
    ck_assert_hex_eq(fx_phy_read(17), 0x7c20); /* 100 full */
}
END_TEST

START_TEST(downshift_counts_act_from_a_software_reset_on)
{
    struct e1000_partner p;

    fx_start();
    fx_partner_gigabit(&p);
    p.pairs = 2;
    fx_phy_write(20, 0x0160); /* one try, but not yet */
    e1000_partner(fx.dev, &p);
    fx_run(4 * NEGOTIATE - 1);
    ck_assert(!link_now().phy_up);
    fx_run(1);
    expect_up(100, true);
    fx_phy_write(0, 0x9140);
    fx_run(NEGOTIATE);
    expect_up(100, true);
    p.pairs = 4; /* a better cable */
    e1000_partner(fx.dev, &p);
    fx_run(NEGOTIATE);
    expect_up(1000, true);
    ck_assert_hex_eq(fx_phy_read(17) & 0x20, 0);
}
END_TEST

START_TEST(a_partner_that_is_gigabit_only_has_nothing_below_to_step_down_to)
{
    struct e1000_partner p = {.autoneg = true, .gigabit_full = true, .pairs = 3};

    fx_start();
    e1000_partner(fx.dev, &p);
    fx_run(4 * NEGOTIATE);
    ck_assert(!link_now().phy_up);
    ck_assert_hex_eq(fx_phy_read(19), 0x9020);
}
END_TEST

START_TEST(crossover_finds_the_wires_or_must_suit_them)
{
    const unsigned mode = (unsigned)_i / 2;
    const bool crossed = _i % 2 != 0, fits = mode >= 2 || (mode == 1) == crossed;
    struct e1000_partner p;

    fx_start();
    fx_partner_gigabit(&p);
    p.crossover = crossed;
    fx_phy_write(16, (uint16_t)(0x0008 | mode << 5));
    fx_phy_write(0, 0x9140);
    e1000_partner(fx.dev, &p);
    fx_run(10 * SEC);
    ck_assert_int_eq(link_now().phy_up, fits);
    ck_assert_hex_eq(fx_phy_read(17) & 0x40, fits && crossed ? 0x40 : 0);
    ck_assert_hex_eq(fx_phy_read(19) & 0x40, mode == 0 || (mode >= 2 && !crossed) ? 0 : 0x40);
}
END_TEST

START_TEST(crossover_mode_waits_for_a_reset)
{
    struct e1000_partner p;

    fx_start();
    fx_partner_gigabit(&p);
    p.crossover = true;
    e1000_partner(fx.dev, &p);
    fx_phy_write(16, 0x0008);
    fx_run(NEGOTIATE);
    expect_up(1000, true);
    fx_phy_write(0, 0x9140);
    fx_run(10 * SEC);
    ck_assert(!link_now().phy_up);
}
END_TEST

START_TEST(cable_length_shows_at_100_and_1000)
{
    struct e1000_partner p;

    fx_start();
    fx_partner_gigabit(&p);
    p.cable_length = 4;
    p.gigabit_full = _i == 0;
    p.base_page = _i == 2 ? 0x0040 : 0x0100;
    e1000_partner(fx.dev, &p);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(17) & 0x0380, _i == 2 ? 0 : 0x0200);
}
END_TEST

START_TEST(pulling_the_cable_takes_the_link_down_at_once)
{
    fx_start();
    fx_link_up();
    e1000_partner(fx.dev, NULL);
    ck_assert(!link_now().phy_up);
    ck_assert(!link_now().mac_up);
    ck_assert(fx_logged("link down 1000 full"));
    ck_assert_hex_eq(fx_phy_read(17) & 0x0c00, 0);
    fx_run(100 * SEC);
    ck_assert(!link_now().phy_up);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}
END_TEST

START_TEST(pulling_the_cable_ends_a_negotiation)
{
    fx_start();
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE - 1);
    e1000_partner(fx.dev, NULL);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    fx_run(10 * SEC);
    ck_assert(!link_now().phy_up);
    ck_assert_uint_eq(fx_log_count("link"), 0);
}
END_TEST

START_TEST(a_new_negotiation_starts_the_tries_again)
{
    struct e1000_partner p;

    fx_start();
    fx_partner_gigabit(&p);
    p.pairs = 2;
    e1000_partner(fx.dev, &p);
    fx_run(3 * NEGOTIATE);
    e1000_partner(fx.dev, &p);
    fx_run(4 * NEGOTIATE - 1);
    ck_assert(!link_now().phy_up);
    fx_run(1);
    ck_assert(link_now().phy_up);
}
END_TEST

START_TEST(what_was_agreed_is_forgotten_but_counts_and_latches_stay)
{
    fx_start();
    fx_link_up();
    fx.dev->phy.reg[8] = 0xffff;
    fx.dev->phy.reg[10] = 0xffff;
    fx.dev->phy.reg[17] = 0xffff;
    e1000_partner(fx.dev, NULL);
    ck_assert_hex_eq(fx_phy_read(8), 0);
    ck_assert_hex_eq(fx_phy_read(10), 0x80ff);
    ck_assert_hex_eq(fx_phy_read(17), 0xf001);
}
END_TEST

/* ---- PSTATUS.LINK latches low [Table 13-17] ---- */

START_TEST(pstatus_shows_the_first_link_at_once)
{
    fx_start();
    ck_assert_hex_eq(fx_phy_read(1) & 4, 0);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 4);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 4);
}
END_TEST

START_TEST(pstatus_shows_a_lost_link_once_though_it_is_back)
{
    fx_start();
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(17) & 0x400, 0x400); /* real time */
    ck_assert_hex_eq(fx_phy_read(1) & 4, 0);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 4);
}
END_TEST

START_TEST(pstatus_read_while_down_follows_the_link_from_then_on)
{
    fx_start();
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    plug(true, 0x0de0, true);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 0);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 0);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 4);
}
END_TEST

START_TEST(a_hardware_reset_forgets_the_loss)
{
    fx_start();
    fx_link_up();
    fx_write(E1000_CTRL, 0x80000040);
    fx_write(E1000_CTRL, 0x00000040);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 4);
}
END_TEST

/* ---- interrupts of the PHY [13.4.7.1.15, 13.4.7.1.16] ---- */

START_TEST(events_are_latched_until_read)
{
    fx_start();
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(19), 0x7c00); /* speed, duplex, page, negotiated, link */
    ck_assert_hex_eq(fx_phy_read(19), 0);
    e1000_partner(fx.dev, NULL);
    ck_assert_hex_eq(fx_phy_read(19), 0x0400);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(19), 0x1c00); /* speed and duplex are what they were */
    plug(true, 0x0080, false);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(19), 0x7c00);
    plug(true, 0x0020, false);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(19), 0x5c00); /* speed alone */
    plug(true, 0x0040, false);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(19), 0x3c00); /* duplex alone */
}
END_TEST

START_TEST(a_software_reset_leaves_no_event_behind)
{
    fx_start();
    fx_link_up();
    fx_phy_write(0, 0x9140);
    ck_assert_hex_eq(fx_phy_read(19), 0);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 0);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 4);
    ck_assert_hex_eq(fx_phy_read(19), 0x1c00);
}
END_TEST

START_TEST(a_hardware_reset_leaves_no_event_behind)
{
    fx_start();
    fx_link_up();
    e1000_pci_reset(fx.dev, true);
    e1000_pci_reset(fx.dev, false);
    fx_pci_setup();
    ck_assert_hex_eq(fx_phy_read(19), 0);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(1) & 4, 4);
}
END_TEST

START_TEST(an_enabled_event_is_seen_in_ctrl_ext_and_raises_phyint)
{
    fx_start();
    fx_phy_write(18, (uint16_t)(1u << _i));
    fx_write(E1000_CTRL_EXT, 0x102);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x102 | (0x7c00u >> _i & 1) << 5);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, (0x7c00u >> _i & 1) << 12);
    fx_phy_read(19);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x102);
}
END_TEST

START_TEST(phyint_needs_its_enable)
{
    fx_start();
    fx_phy_write(18, 0xffff);
    fx_write(E1000_CTRL_EXT, 0x1cd & ~0x3000u);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT) & 0x20, 0x20);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0);
    fx_write(E1000_CTRL_EXT, 0x102); /* enabling it while the PHY interrupts */
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0x1000);
    fx_write(E1000_CTRL_EXT, 0x103);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0);
}
END_TEST

START_TEST(enabling_an_event_that_is_latched_interrupts)
{
    fx_start();
    fx_write(E1000_CTRL_EXT, 0x102);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0);
    fx_phy_write(18, 0x0004);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0);
    fx_phy_write(18, 0x0404);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0x1000);
    fx_phy_write(18, 0x0c04); /* interrupting already */
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0);
}
END_TEST

START_TEST(a_second_event_before_the_status_is_read_interrupts_no_more)
{
    fx_start();
    fx_phy_write(18, 0x0400);
    fx_write(E1000_CTRL_EXT, 0x102);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0x1000);
    e1000_partner(fx.dev, NULL);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0);
    fx_phy_read(19);
    plug(true, 0x0de0, true);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_read(E1000_ICR) & 0x1000, 0x1000);
}
END_TEST

/* ---- off and on ---- */

START_TEST(power_down_drops_the_link_and_its_end_resets)
{
    uint64_t t;

    fx_start();
    fx_link_up();
    fx_phy_write(30, 0x1234);
    fx_phy_write(0, 0x1940);
    ck_assert(!link_now().phy_up);
    ck_assert_hex_eq(fx_phy_read(0), 0x1940);
    fx_phy_write(0, 0x1b40); /* a restart does not wake it */
    fx_run(100 * SEC);
    ck_assert(!link_now().phy_up);
    ck_assert_hex_eq(fx_phy_read(30), 0x1234);
    t = e1000_now(fx.dev);
    fx_phy_write(0, 0x1140);
    t = e1000_now(fx.dev) - (64 * US - MDIC_NS); /* when the frame had ended */
    ck_assert_hex_eq(fx_phy_read(30), 0);
    fx_until(t + NEGOTIATE - 1);
    ck_assert(!link_now().phy_up);
    fx_until(t + NEGOTIATE);
    expect_up(1000, true);
}
END_TEST

START_TEST(a_held_phy_does_not_answer)
{
    fx_start();
    fx_link_up();
    fx_write(E1000_CTRL, 0x80000040);
    ck_assert(!link_now().phy_up);
    fx_write(E1000_MDIC, READ(2));
    fx_run(MDIC_NS);
    ck_assert_hex_eq(fx_read(E1000_MDIC), READ(2) | 0x5000ffff);
    fx_write(E1000_MDIC, WRITE(4, 0));
    fx_run(MDIC_NS);
    ck_assert_hex_eq(fx_read(E1000_MDIC), WRITE(4, 0) | 0x10000000);
    fx_run(10 * SEC);
    ck_assert(!link_now().phy_up);
    fx_write(E1000_CTRL, 0x80000041); /* still 1: nothing new */
    fx_write(E1000_CTRL, 0x00000040);
    fx_run(NEGOTIATE - 1);
    ck_assert(!link_now().phy_up);
    fx_run(1);
    expect_up(1000, true);
    ck_assert_hex_eq(fx_phy_read(4), 0x01e1);
}
END_TEST

START_TEST(a_reset_of_the_mac_lets_a_held_phy_go)
{
    fx_start();
    fx_link_up();
    fx_write(E1000_CTRL, 0x80000040);
    fx_write(E1000_CTRL, 0x84000040);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_read(E1000_CTRL) & 0x80000000, 0);
    ck_assert_hex_eq(fx_phy_read(2), 0x0141);
    expect_up(1000, true);
}
END_TEST

START_TEST(a_reset_of_the_mac_leaves_the_link_of_the_phy)
{
    fx_start();
    fx_link_up();
    fx_write(E1000_CTRL, 0x04000040);
    ck_assert(link_now().phy_up);
    ck_assert(!link_now().mac_up); /* SLU has gone */
    ck_assert_uint_eq(fx_log_count("link"), 0);
}
END_TEST

START_TEST(d3_powers_the_phy_down_and_d0_brings_it_back)
{
    fx_start();
    fx_link_up();
    e1000_config_write(fx.dev, 0xe0, 2, 3);
    ck_assert(!link_now().phy_up);
    fx_run(100 * SEC);
    ck_assert(!link_now().phy_up);
    e1000_config_write(fx.dev, 0xe0, 2, 0);
    fx_run(100 * SEC);
    ck_assert(!link_now().phy_up); /* D0u, and nothing to wake for: still off [11.4.2] */
    fx_pci_setup();
    fx_run(NEGOTIATE - 1);
    ck_assert(!link_now().phy_up);
    fx_run(1);
    ck_assert(link_now().phy_up);
}
END_TEST

START_TEST(without_power_there_is_no_link)
{
    fx_start();
    fx_link_up();
    e1000_lan_power_good(fx.dev, false);
    ck_assert(!link_now().phy_up);
    fx_run(100 * SEC);
    ck_assert(!link_now().phy_up);
    e1000_lan_power_good(fx.dev, true);
    fx_pci_setup();
    fx_run(NEGOTIATE);
    ck_assert(link_now().phy_up);
}
END_TEST

START_TEST(the_set_up_of_the_linux_driver_links)
{
    uint16_t v;

    fx_start();
    plug(true, 0x0de0, true);
    fx_set(E1000_CTRL, 0x40);
    ck_assert_hex_eq((uint32_t)fx_phy_read(2) << 16 | (fx_phy_read(3) & 0xfff0u), 0x01410c20);
    v = fx_phy_read(16);
    fx_phy_write(16, (uint16_t)((v | 0x0860) & ~2));
    ck_assert_hex_eq(fx_phy_read(16), 0x0868);
    v = fx_phy_read(20);
    fx_phy_write(20, (uint16_t)(((v | 0x0070) & ~0x0f00) | 0x0100));
    ck_assert_hex_eq(fx_phy_read(20), 0x0170);
    fx_phy_write(0, (uint16_t)(fx_phy_read(0) | 0x8000));
    ck_assert_hex_eq(fx_phy_read(0), 0x1140);
    fx_phy_write(4, (uint16_t)(fx_phy_read(4) | 0x0de0));
    fx_phy_write(9, (uint16_t)((fx_phy_read(9) & ~0x0300) | 0x0200));
    fx_phy_write(0, (uint16_t)(fx_phy_read(0) | 0x1200));
    fx_run(NEGOTIATE);
    expect_up(1000, true);
    ck_assert_hex_eq(fx_phy_read(4), 0x0de1);
    ck_assert_hex_eq(fx_phy_read(9), 0x1e00);
    ck_assert_hex_eq(fx_phy_read(17) & 0x0c, 0x0c);
}
END_TEST

Suite *phy_suite(void);
Suite *phy_suite(void)
{
    Suite *s = suite_create("phy");
    TCase *tc = tcase_create("MDIC");

    tcase_add_test(tc, a_read_is_ready_after_64_clocks);
    tcase_add_test(tc, a_write_takes_effect_and_is_ready_after_64_clocks);
    tcase_add_loop_test(tc, i_asks_for_an_interrupt_at_the_end, 0, 2);
    tcase_add_test(tc, a_command_during_another_is_lost);
    tcase_add_test(tc, a_write_with_ready_set_is_no_command);
    tcase_add_loop_test(tc, a_reserved_opcode_does_nothing_and_is_ready, 0, 2);
    tcase_add_test(tc, only_phy_1_answers);
    tcase_add_test(tc, a_reset_of_the_mac_ends_a_transaction);
    suite_add_tcase(s, tc);

    tc = tcase_create("registers");
    tcase_add_test(tc, rows_are_those_of_the_manual);
    tcase_add_test(tc, registers_have_their_hardware_values_and_undocumented_ones_read_0);
    tcase_add_test(tc, a_walking_bit_sticks_where_it_can);
    tcase_add_test(tc, control_bits_stick_but_reset_and_restart);
    tcase_add_loop_test(tc, a_software_reset_keeps_updates_or_restores_each_bit, 0, 2);
    tcase_add_loop_test(tc, a_hardware_reset_restores_every_register, 0, 5);
    tcase_add_test(tc, counters_and_latches_clear_when_read);
    suite_add_tcase(s, tc);

    tc = tcase_create("negotiation");
    tcase_add_test(tc, a_partner_that_can_do_all_gives_1000_full_after_one_and_a_half_seconds);
    tcase_add_test(tc, the_best_common_ability_wins);
    tcase_add_test(tc, a_partner_without_gigabit_sends_no_next_pages);
    tcase_add_test(tc, the_base_page_shows_abilities_and_nothing_else);
    tcase_add_test(tc, partner_gigabit_half_and_full_are_told_apart);
    tcase_add_test(tc, nothing_in_common_is_an_error_and_no_link);
    tcase_add_loop_test(tc, pause_is_resolved_by_the_table_of_the_standard, 0, 16);
    tcase_add_test(tc, pause_is_for_full_duplex_alone);
    tcase_add_test(tc, abilities_count_from_the_next_negotiation_on);
    tcase_add_loop_test(tc, who_is_master_follows_the_manual_bits_or_the_port_type, 0, 8);
    tcase_add_loop_test(tc, a_silent_partner_is_detected_at_half_duplex, 0, 7);
    suite_add_tcase(s, tc);

    tc = tcase_create("forced");
    tcase_add_loop_test(tc, a_forced_link_comes_up_with_a_partner_of_its_speed, 0, 12);
    tcase_add_loop_test(tc, a_negotiating_partner_detects_a_forced_link, 0, 7);
    tcase_add_test(tc, forcing_1000_negotiates_for_1000_full_alone);
    tcase_add_loop_test(tc, speed_and_negotiation_bits_wait_for_a_reset_a_restart_or_loss_of_link, 0, 4);
    suite_add_tcase(s, tc);

    tc = tcase_create("cable");
    tcase_add_loop_test(tc, two_or_three_pairs_step_down_after_the_tries_of_epscon1, 0, 10);
    tcase_add_test(tc, downshift_counts_act_from_a_software_reset_on);
    tcase_add_test(tc, a_partner_that_is_gigabit_only_has_nothing_below_to_step_down_to);
    tcase_add_loop_test(tc, crossover_finds_the_wires_or_must_suit_them, 0, 8);
    tcase_add_test(tc, crossover_mode_waits_for_a_reset);
    tcase_add_loop_test(tc, cable_length_shows_at_100_and_1000, 0, 3);
    tcase_add_test(tc, pulling_the_cable_takes_the_link_down_at_once);
    tcase_add_test(tc, pulling_the_cable_ends_a_negotiation);
    tcase_add_test(tc, a_new_negotiation_starts_the_tries_again);
    tcase_add_test(tc, what_was_agreed_is_forgotten_but_counts_and_latches_stay);
    suite_add_tcase(s, tc);

    tc = tcase_create("latch");
    tcase_add_test(tc, pstatus_shows_the_first_link_at_once);
    tcase_add_test(tc, pstatus_shows_a_lost_link_once_though_it_is_back);
    tcase_add_test(tc, pstatus_read_while_down_follows_the_link_from_then_on);
    tcase_add_test(tc, a_hardware_reset_forgets_the_loss);
    suite_add_tcase(s, tc);

    tc = tcase_create("interrupts");
    tcase_add_test(tc, events_are_latched_until_read);
    tcase_add_test(tc, a_software_reset_leaves_no_event_behind);
    tcase_add_test(tc, a_hardware_reset_leaves_no_event_behind);
    tcase_add_loop_test(tc, an_enabled_event_is_seen_in_ctrl_ext_and_raises_phyint, 0, 16);
    tcase_add_test(tc, phyint_needs_its_enable);
    tcase_add_test(tc, enabling_an_event_that_is_latched_interrupts);
    tcase_add_test(tc, a_second_event_before_the_status_is_read_interrupts_no_more);
    suite_add_tcase(s, tc);

    tc = tcase_create("off and on");
    tcase_add_test(tc, power_down_drops_the_link_and_its_end_resets);
    tcase_add_test(tc, a_held_phy_does_not_answer);
    tcase_add_test(tc, a_reset_of_the_mac_lets_a_held_phy_go);
    tcase_add_test(tc, a_reset_of_the_mac_leaves_the_link_of_the_phy);
    tcase_add_test(tc, d3_powers_the_phy_down_and_d0_brings_it_back);
    tcase_add_test(tc, without_power_there_is_no_link);
    tcase_add_test(tc, the_set_up_of_the_linux_driver_links);
    suite_add_tcase(s, tc);
    return s;
}
