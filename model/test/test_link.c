/*
 * test_link.c - the link as the MAC sees it, STATUS, the pins and control bits of CTRL and CTRL_EXT
 * [8.6.2, 8.6.4, 13.4.1, 13.4.2, 13.4.6]
 */
#include "fixture.h"

enum { FD = 1, ASDE = 0x20, SLU = 0x40, FRCSPD = 0x800, FRCDPLX = 0x1000, RST = 1 << 26 };
enum { LSC = 4 };

static void plug_fixed(uint16_t speed, bool full) /* and the PHY forced to it, which any duplex needs */
{
    const struct e1000_partner p = {.speed = speed, .full_duplex = full, .pairs = 4};

    fx_phy_write(0, (uint16_t)(0x8000 | (speed == 100 ? 0x2000 : 0) | (full ? 0x0100 : 0)));
    e1000_partner(fx.dev, &p);
    fx_run(2 * SEC);
}

static void plug_gigabit(void)
{
    struct e1000_partner p;

    fx_partner_gigabit(&p);
    e1000_partner(fx.dev, &p);
    fx_run(2 * SEC);
}

START_TEST(the_mac_sees_the_link_only_with_slu)
{
    struct e1000_link l;

    fx_start();
    plug_gigabit();
    e1000_link_state(fx.dev, &l);
    ck_assert(l.phy_up);
    ck_assert(!l.mac_up);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 2, 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_write(E1000_CTRL, SLU);
    e1000_link_state(fx.dev, &l);
    ck_assert(l.mac_up);
    ck_assert_hex_eq(fx_read(E1000_STATUS), 0x83);
    ck_assert_hex_eq(fx_read(E1000_ICR), LSC);
    fx_write(E1000_CTRL, SLU | 0x40000000); /* another bit changes nothing */
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_write(E1000_CTRL, 0);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 2, 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), LSC);
}
END_TEST

START_TEST(a_change_of_the_link_raises_lsc_either_way)
{
    fx_start();
    fx_write(E1000_CTRL, SLU);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    plug_gigabit();
    ck_assert_hex_eq(fx_read(E1000_ICR), LSC);
    e1000_partner(fx.dev, NULL);
    ck_assert_hex_eq(fx_read(E1000_ICR), LSC);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 2, 0);
    e1000_partner(fx.dev, NULL);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}
END_TEST

START_TEST(speed_and_duplex_come_from_the_phy_or_from_ctrl)
{
    static const uint16_t mbps[] = {10, 100, 1000};
    const unsigned speed = (unsigned)_i / 2;
    const bool full = _i % 2 != 0;

    fx_start();
    fx_write(E1000_CTRL, SLU);
    if (speed == 2)
        plug_gigabit(); /* full always */
    else
        plug_fixed(mbps[speed], full);
    for (uint32_t ctrl = 0; ctrl < 0x2000; ctrl += 1) { /* every combination of the bits that take part */
        const bool force_speed = (ctrl & FRCSPD) != 0, force_duplex = (ctrl & FRCDPLX) != 0;
        const unsigned code = ctrl >> 8 & 3;
        const unsigned expect = !force_speed ? speed : code == 3 ? 2 : code;
        const bool duplex = force_duplex ? (ctrl & FD) != 0 : full || speed == 2;
        struct e1000_link l;

        if ((ctrl & ~(uint32_t)(FD | ASDE | 0x300 | FRCSPD | FRCDPLX)) != 0)
            continue;
        fx_write(E1000_CTRL, SLU | ctrl);
        e1000_link_state(fx.dev, &l);
        ck_assert_hex_eq(fx_read(E1000_STATUS) & 0xfffffcff, expect << 6 | 2 | duplex);
        ck_assert_hex_eq(fx_read(E1000_CTRL), SLU | ctrl); /* reads as written, not as resolved */
        ck_assert_uint_eq(l.speed, mbps[expect]);
        ck_assert_int_eq(l.full_duplex, duplex);
        fx_write(E1000_CTRL_EXT, 0x8100); /* SPD_BYPS */
        ck_assert_hex_eq(fx_read(E1000_STATUS) & 0xc0, (code == 3 ? 2 : code) << 6);
        fx_write(E1000_CTRL_EXT, 0x0100);
        fx_log_clear();
    }
}
END_TEST

START_TEST(forcing_speed_and_duplex_makes_no_link)
{
    fx_start();
    fx_write(E1000_CTRL, SLU | FRCSPD | FRCDPLX | FD | 0x200);
    fx_run(10 * SEC);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 2, 0);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}
END_TEST

START_TEST(asdchk_measures_the_speed_and_clears_itself)
{
    static const uint16_t mbps[] = {10, 100, 1000};

    fx_start();
    if (_i == 2)
        plug_gigabit();
    else
        plug_fixed(mbps[_i], true);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0x300, 0);
    fx_write(E1000_CTRL_EXT, 0x1100);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x100);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0x300, (uint32_t)_i << 8);
    e1000_partner(fx.dev, NULL);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0x300, (uint32_t)_i << 8); /* the last result stays */
    fx_write(E1000_CTRL_EXT, 0x1100);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0x300, 0);
}
END_TEST

START_TEST(a_write_without_them_neither_measures_nor_reloads)
{
    fx_start();
    plug_gigabit();
    fx_write(E1000_CTRL_EXT, 0x0000cdff);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0x300, 0);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    fx_ee_request(); /* no load is under way */
}
END_TEST

START_TEST(asde_measures_at_link_up)
{
    fx_start();
    fx_write(E1000_CTRL, SLU | (_i == 0 ? ASDE : _i == 1 ? 0 : ASDE | FRCSPD));
    plug_gigabit();
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0x300, _i == 0 ? 0x200 : 0);
}
END_TEST

START_TEST(status_shows_the_bus_and_ignores_writes)
{
    fx_board();
    fx.config.m66en = _i != 0;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_write(E1000_STATUS, 0xffffffff);
    fx_write(E1000_STATUS, 0);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0xffffff32, _i ? 0x800 : 0);
    fx_link_up();
    ck_assert_hex_eq(fx_read(E1000_STATUS), _i ? 0x883 : 0x083);
}
END_TEST

START_TEST(a_software_reset_takes_slu_and_the_link_of_the_mac)
{
    fx_start();
    fx_link_up();
    fx_write(E1000_CTRL, fx_read(E1000_CTRL) | RST);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 2, 0);
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0xa09);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_set(E1000_CTRL, SLU); /* the PHY has kept its link */
    ck_assert_hex_eq(fx_read(E1000_STATUS), 0x83);
    ck_assert_hex_eq(fx_read(E1000_ICR), LSC);
}
END_TEST

START_TEST(slu_from_the_eeprom_lets_the_link_through)
{
    fx_board();
    if (_i == 0)
        fx.eeprom[0x24] |= 0x0400; /* APM */
    else
        fx.eeprom[0x23] |= 0x0001; /* SMBus */
    fx_checksum();
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    plug_gigabit();
    ck_assert_hex_eq(fx_read(E1000_STATUS), 0x83);
    fx_write(E1000_CTRL, RST);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 2, 0);
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(fx_read(E1000_STATUS), 0x83);
    ck_assert_hex_eq(fx_read(E1000_ICR), LSC);
}
END_TEST

START_TEST(the_link_is_gone_while_a_reset_pin_is_active)
{
    struct e1000_link l;

    fx_start();
    fx_link_up();
    if (_i == 0)
        e1000_pci_reset(fx.dev, true);
    else
        e1000_lan_power_good(fx.dev, false);
    e1000_link_state(fx.dev, &l);
    ck_assert(!l.mac_up);
    fx_run(10 * SEC);
    e1000_link_state(fx.dev, &l);
    ck_assert(!l.mac_up);
}
END_TEST

/* ---- registers ---- */

START_TEST(control_bits_stick)
{
    fx_start();
    for (unsigned b = 0; b < 31; b++) {
        const uint32_t bit = 1u << b, pins = 1u << 18 | 1u << 19;

        if (b == 26)
            continue; /* RST */
        fx_write(E1000_CTRL, bit);
        ck_assert_hex_eq(fx_read(E1000_CTRL), bit & 0x58fc1be9 & ~pins); /* input pins are low */
        fx_write(E1000_CTRL, 0);
        ck_assert_hex_eq(fx_read(E1000_CTRL), 0);
    }
    for (unsigned b = 0; b < 32; b++) {
        const uint32_t bit = 1u << b;

        fx_write(E1000_CTRL_EXT, bit);
        ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x100 | (bit & 0x00008c0f));
        fx_write(E1000_CTRL_EXT, 0);
        ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x100);
        fx_run(FX_LOAD_NS); /* bit 13 had the EEPROM read again */
    }
}
END_TEST

START_TEST(phy_rst_stays_until_it_is_cleared)
{
    fx_start();
    fx_write(E1000_CTRL, 0x80000000);
    fx_run(1 * SEC);
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0x80000000);
    fx_write(E1000_CTRL, 0);
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0);
}
END_TEST

/* ---- software-definable pins ---- */

static const struct {
    unsigned pin;
    uint32_t reg, data, direction;
} sdp[] = {{0, 0x0000, 1u << 18, 1u << 22},
           {1, 0x0000, 1u << 19, 1u << 23},
           {6, 0x0018, 1u << 6, 1u << 10},
           {7, 0x0018, 1u << 7, 1u << 11}};

START_TEST(an_input_reads_its_pin_and_an_output_what_was_written)
{
    const uint32_t data = sdp[_i].data, direction = sdp[_i].direction, rest = sdp[_i].reg == 0 ? 0 : 0x100;

    fx_start();
    for (unsigned level = 0; level < 2; level++)
        for (unsigned wrote = 0; wrote < 2; wrote++) {
            e1000_sdp(fx.dev, sdp[_i].pin, level != 0);
            fx_write(sdp[_i].reg, wrote ? data : 0);
            ck_assert_hex_eq(fx_read(sdp[_i].reg), (level ? data : 0) | rest);
            fx_write(sdp[_i].reg, (wrote ? data : 0) | direction);
            ck_assert_hex_eq(fx_read(sdp[_i].reg), (wrote ? data : 0) | direction | rest);
        }
}
END_TEST

START_TEST(there_are_no_other_pins)
{
    static const unsigned pin[] = {2, 3, 4, 5, 8, 9, 0x80000000, 0xffffffff};

    fx_start();
    fx_write(E1000_CTRL_EXT, 0x10d);
    for (size_t i = 0; i < sizeof pin / sizeof pin[0]; i++)
        e1000_sdp(fx.dev, pin[i], true);
    ck_assert_hex_eq(fx_read(E1000_CTRL) & 0xc0000, 0);
    ck_assert_hex_eq(fx_read(E1000_CTRL_EXT), 0x10d);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}
END_TEST

START_TEST(a_rising_input_with_its_enable_raises_its_cause)
{
    const unsigned pin = _i ? 7 : 6;
    const uint32_t enable = _i ? 8 : 4, direction = _i ? 0x800 : 0x400, cause = _i ? 0x4000 : 0x2000;

    fx_start();
    fx_write(E1000_CTRL_EXT, 0x100 | (0x00f & ~enable)); /* all other enables */
    e1000_sdp(fx.dev, pin, true);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    e1000_sdp(fx.dev, pin, false);
    fx_write(E1000_CTRL_EXT, 0x100 | enable);
    e1000_sdp(fx.dev, pin, true);
    ck_assert_hex_eq(fx_read(E1000_ICR), cause);
    e1000_sdp(fx.dev, pin, true); /* no edge */
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    e1000_sdp(fx.dev, pin, false);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    e1000_sdp(fx.dev, pin == 6 ? 7 : 6, true); /* the neighbour */
    e1000_sdp(fx.dev, 0, true);
    e1000_sdp(fx.dev, 1, true);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_write(E1000_CTRL_EXT, 0x100 | enable | direction); /* an output */
    e1000_sdp(fx.dev, pin, true);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_write(E1000_CTRL_EXT, 0x100 | enable); /* an input, and high [13.4.6 "sampled"] */
    ck_assert_hex_eq(fx_read(E1000_ICR), cause);
    fx_write(E1000_CTRL_EXT, 0x101 | enable);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    fx_write(E1000_CTRL_EXT, 0x100);
    fx_write(E1000_CTRL_EXT, 0x100 | enable);
    ck_assert_hex_eq(fx_read(E1000_ICR), cause);
}
END_TEST

Suite *link_suite(void);
Suite *link_suite(void)
{
    Suite *s = suite_create("link");
    TCase *tc = tcase_create("link");

    tcase_add_test(tc, the_mac_sees_the_link_only_with_slu);
    tcase_add_test(tc, a_change_of_the_link_raises_lsc_either_way);
    tcase_add_loop_test(tc, speed_and_duplex_come_from_the_phy_or_from_ctrl, 0, 5);
    tcase_add_test(tc, forcing_speed_and_duplex_makes_no_link);
    tcase_add_loop_test(tc, asdchk_measures_the_speed_and_clears_itself, 0, 3);
    tcase_add_test(tc, a_write_without_them_neither_measures_nor_reloads);
    tcase_add_loop_test(tc, asde_measures_at_link_up, 0, 3);
    tcase_add_loop_test(tc, status_shows_the_bus_and_ignores_writes, 0, 2);
    tcase_add_test(tc, a_software_reset_takes_slu_and_the_link_of_the_mac);
    tcase_add_loop_test(tc, slu_from_the_eeprom_lets_the_link_through, 0, 2);
    tcase_add_loop_test(tc, the_link_is_gone_while_a_reset_pin_is_active, 0, 2);
    suite_add_tcase(s, tc);

    tc = tcase_create("registers");
    tcase_add_test(tc, control_bits_stick);
    tcase_add_test(tc, phy_rst_stays_until_it_is_cleared);
    suite_add_tcase(s, tc);

    tc = tcase_create("pins");
    tcase_add_loop_test(tc, an_input_reads_its_pin_and_an_output_what_was_written, 0, 4);
    tcase_add_test(tc, there_are_no_other_pins);
    tcase_add_loop_test(tc, a_rising_input_with_its_enable_raises_its_cause, 0, 2);
    suite_add_tcase(s, tc);
    return s;
}
