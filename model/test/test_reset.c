/*
 * test_reset.c - what each reset does and leaves alone, and the pins that make them [14.7, 6.3.1, 13.4.1]
 *
 * Register by register it is in test_regs.c, the PHY's share in test_phy.c, the reload in test_eeprom.c.
 */
#include "fixture.h"

#include "../core.h"

enum { SOFT, PIN, POWER, D0U, KINDS };

static void reset(int kind)
{
    switch (kind) {
    case SOFT:
        fx_write(E1000_CTRL, fx_read(E1000_CTRL) | 1u << 26);
        break;
    case PIN:
        e1000_pci_reset(fx.dev, true);
        e1000_pci_reset(fx.dev, false);
        break;
    case POWER:
        e1000_lan_power_good(fx.dev, false);
        e1000_lan_power_good(fx.dev, true);
        break;
    default:
        e1000_config_write(fx.dev, 0xe0, 1, 3);
        e1000_config_write(fx.dev, 0xe0, 1, 0);
        break;
    }
}

START_TEST(each_reset_has_its_name)
{
    static const char *const name[] = {"reset CTRL.RST", "reset RST#", "reset LAN_PWR_GOOD", "reset D3 to D0u"};

    fx_start();
    reset(_i);
    ck_assert(fx_logged(name[_i]));
    ck_assert_uint_eq(fx_log_count("reset"), 1);
}
END_TEST

START_TEST(a_software_reset_leaves_configuration_space)
{
    uint32_t before[64];

    fx_start();
    e1000_config_write(fx.dev, 0x0c, 1, 0x10);
    e1000_config_write(fx.dev, 0x3c, 1, 0x0b);
    e1000_config_write(fx.dev, 0xe0, 2, 0x0100);
    for (unsigned i = 0; i < 64; i++)
        before[i] = e1000_config_read(fx.dev, i * 4, 4);
    reset(SOFT);
    for (unsigned i = 0; i < 64; i++)
        ck_assert_hex_eq(e1000_config_read(fx.dev, i * 4, 4), before[i]);
    fx_run(FX_LOAD_NS);
    for (unsigned i = 0; i < 64; i++)
        ck_assert_hex_eq(e1000_config_read(fx.dev, i * 4, 4), before[i]);
    ck_assert_hex_eq(fx_read(E1000_CTRL) & 1u << 26, 0);
}
END_TEST

START_TEST(the_other_resets_empty_configuration_space)
{
    fx_start();
    e1000_config_write(fx.dev, 0x0c, 1, 0x10);
    reset(_i);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 4, 4), 0x02300000);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0x0c, 4), 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0x10, 4), 0);
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0xffffffff);
}
END_TEST

START_TEST(counters_are_0_after_each)
{
    fx_start();
    for (unsigned slot = R_CRCERRS; slot <= R_TSCTFC; slot++)
        fx.dev->r[slot] = 0x1000 + slot;
    reset(_i);
    fx_pci_setup();
    for (size_t i = 0; i < e1000_reg_count(); i++)
        if (e1000_reg(i)->offset >= 0x4000 && e1000_reg(i)->offset < 0x4100)
            ck_assert_hex_eq(fx_read(e1000_reg(i)->offset), 0);
}
END_TEST

START_TEST(addresses_stay_and_none_is_valid)
{
    fx_start();
    for (unsigned n = 0; n < 16; n++) {
        fx_write(E1000_RAL + 8 * n, 0x10203040 + n);
        fx_write(E1000_RAH + 8 * n, 0x80025060 + n);
    }
    reset(_i);
    fx_pci_setup();
    for (unsigned n = 0; n < 16; n++) {
        ck_assert_hex_eq(fx_read(E1000_RAL + 8 * n), 0x10203040 + n);
        ck_assert_hex_eq(fx_read(E1000_RAH + 8 * n), 0x00025060 + n);
    }
    fx_run(FX_LOAD_NS); /* entry 0 comes from the EEPROM again, and is valid */
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x12005452);
    ck_assert_hex_eq(fx_read(E1000_RAH), 0x80005634);
    ck_assert_hex_eq(fx_read(E1000_RAL + 8), 0x10203041);
    ck_assert_hex_eq(fx_read(E1000_RAH + 8), 0x00025061);
}
END_TEST

START_TEST(pba_acts_at_a_software_reset_which_keeps_it)
{
    fx_start();
    fx_write(E1000_PBA, 40);
    reset(_i);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_PBA), _i == SOFT ? 0x00180028 : 0x00100030);
    ck_assert_uint_eq(fx.dev->rx.fifo.size, _i == SOFT ? 40 * 1024 : 48 * 1024);
    ck_assert_uint_eq(fx.dev->tx.fifo.size, _i == SOFT ? 24 * 1024 : 16 * 1024);
}
END_TEST

START_TEST(the_packet_buffer_keeps_its_bytes)
{
    fx_start();
    fx_write(E1000_PBM + 0x1234, 0xdeadbeef);
    reset(_i);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_PBM + 0x1234), 0xdeadbeef);
}
END_TEST

/* PME_En in WUC and in PMCSR: kept by CTRL.RST, by RST# with AUX_POWER, and on the way from D3 [14.7, 6.3.3] */
START_TEST(wake_up_enables_survive_as_far_as_aux_power_goes)
{
    const int kind = _i / 2;
    const bool aux = _i % 2 != 0, kept = kind == SOFT || kind == D0U || (kind == PIN && aux);

    fx_start();
    e1000_aux_power(fx.dev, aux);
    fx_write(E1000_WUC, 0x0b);
    fx_write(E1000_WUFC, 0x000f00ff);
    e1000_config_write(fx.dev, 0xe0, 2, 0x0100);
    reset(kind);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_WUC), kept ? 2 : 0); /* APME and APMPME come from the EEPROM */
    ck_assert_hex_eq(fx_read(E1000_WUFC), 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 0x100, kept ? 0x100 : 0);
}
END_TEST

START_TEST(pme_status_survives_likewise)
{
    const int kind = _i / 2;
    const bool aux = _i % 2 != 0, kept = kind == SOFT || kind == D0U || (kind == PIN && aux);

    fx_start();
    e1000_aux_power(fx.dev, aux);
    put16(&fx.dev->pci.config[0xe0], 0x9e00); /* and Data_Select, which only CTRL.RST keeps */
    reset(kind);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 0x9f00, (kept ? 0x8000 : 0) | (kind == SOFT ? 0x1e00 : 0));
}
END_TEST

START_TEST(d0u_is_not_told_of_aux_power_for_good)
{
    fx_start();
    fx_write(E1000_CTRL, 1u << 20);
    reset(D0U);
    fx_pci_setup();
    fx_write(E1000_CTRL, 1u << 20);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xde, 2), 0x4822);
    e1000_config_write(fx.dev, 0xe0, 2, 0x0100);
    reset(PIN);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 0x100, 0);
}
END_TEST

/* ---- RST# ---- */

START_TEST(a_device_held_by_rst_does_not_answer)
{
    fx_start();
    fx_write(E1000_VET, 0x8100);
    fx_write(E1000_IMS, 1);
    fx_write(E1000_ICS, 1);
    ck_assert(fx.line);
    e1000_pci_reset(fx.dev, true);
    ck_assert(!fx.line);
    ck_assert_uint_eq(fx_log_count("reset"), 0); /* registers change with the rising edge */
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0, 4), 0xffffffff);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0, 2), 0xffff);
    ck_assert_hex_eq(fx_read(E1000_VET), 0xffffffff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, E1000_VET, 4), 0xffffffff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_IO, 0, 4), 0xffffffff);
    ck_assert(!dma_ready(fx.dev));
    e1000_config_write(fx.dev, 0x3c, 1, 0x0b);
    fx_write(E1000_VET, 0x1234);
    e1000_pci_reset(fx.dev, true); /* no edge */
    fx_run(1 * SEC);
    ck_assert_uint_eq(fx_log_count("reset"), 0);
    e1000_pci_reset(fx.dev, false);
    ck_assert_uint_eq(fx_log_count("reset RST#"), 1);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0x3c, 1), 0);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_VET), 0x8100); /* undefined by reset: as it was */
    e1000_pci_reset(fx.dev, false);
    ck_assert_uint_eq(fx_log_count("reset"), 1);
}
END_TEST

/* ---- LAN_PWR_GOOD ---- */

START_TEST(without_power_nothing_answers_and_nothing_is_due)
{
    fx_start();
    fx_write(E1000_IMS, 1);
    fx_write(E1000_ICS, 1);
    fx_write(E1000_EERD, 1);
    fx_write(E1000_MDIC, 0x08210000);
    e1000_lan_power_good(fx.dev, false);
    ck_assert(!fx.line);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0, 4), 0xffffffff);
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0xffffffff);
    ck_assert(!dma_ready(fx.dev));
    e1000_lan_power_good(fx.dev, false); /* no edge */
    fx_run(1 * SEC);
    ck_assert_uint_eq(fx_log_count("reset"), 0);
    e1000_lan_power_good(fx.dev, true);
    ck_assert_uint_eq(fx_log_count("reset LAN_PWR_GOOD"), 1);
    ck_assert(e1000_next_event(fx.dev) != E1000_NEVER); /* the EEPROM is read */
    e1000_lan_power_good(fx.dev, true);
    ck_assert_uint_eq(fx_log_count("reset"), 1);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_EECD), 0x110);
    ck_assert_hex_eq(fx_read(E1000_IMS), 0);
}
END_TEST

START_TEST(a_power_failure_during_the_load_starts_it_again)
{
    fx_board();
    fx_power();
    fx_run(100 * US);
    e1000_lan_power_good(fx.dev, false);
    fx_run(1 * SEC);
    e1000_lan_power_good(fx.dev, true);
    fx_pci_setup();
    fx_run(675 * US - 1);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0);
    fx_run(1);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x12005452);
}
END_TEST

START_TEST(rst_may_fall_and_rise_while_there_is_no_power)
{
    fx_start();
    if (_i == 0) { /* falls without power, is still low when power comes */
        e1000_lan_power_good(fx.dev, false);
        e1000_pci_reset(fx.dev, true);
        e1000_lan_power_good(fx.dev, true);
        ck_assert_hex_eq(e1000_config_read(fx.dev, 0, 4), 0xffffffff);
        e1000_pci_reset(fx.dev, false);
        ck_assert_uint_eq(fx_log_count("reset"), 2);
    } else { /* rises without power */
        e1000_pci_reset(fx.dev, true);
        e1000_lan_power_good(fx.dev, false);
        e1000_pci_reset(fx.dev, false);
        ck_assert_hex_eq(e1000_config_read(fx.dev, 0, 4), 0xffffffff);
        ck_assert_uint_eq(fx_log_count("reset"), 0);
        e1000_lan_power_good(fx.dev, true);
        ck_assert_uint_eq(fx_log_count("reset"), 1);
    }
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0, 4), 0x100e8086);
    fx_pci_setup();
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(fx_read(E1000_RAL), 0x12005452);
    fx_link_up();
}
END_TEST

START_TEST(after_each_reset_the_device_links_again)
{
    fx_start();
    fx_link_up();
    reset(_i);
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_set(E1000_CTRL, 0x40);
    fx_run(_i == SOFT ? 0 : 1500 * MS);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0xff, 0x83);
}
END_TEST

START_TEST(the_speed_is_that_of_the_reset_ctrl_at_once)
{
    const struct e1000_partner p = {.autoneg = true, .base_page = 0x0100, .pairs = 4};

    fx_start();
    fx_write(E1000_CTRL, 0x40);
    e1000_partner(fx.dev, &p);
    fx_run(2 * SEC);
    ck_assert_hex_eq(fx_read(E1000_STATUS), 0x43);
    reset(_i);
    fx_pci_setup();
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 0xc0, 0x80); /* FRCSPD with SPEED 1000, until the EEPROM is read */
}
END_TEST

START_TEST(a_reset_pin_wakes_the_phy_from_d3)
{
    fx_start();
    fx_link_up();
    e1000_config_write(fx.dev, 0xe0, 1, 3);
    reset(_i);
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_set(E1000_CTRL, 0x40);
    fx_run(1500 * MS);
    ck_assert_hex_eq(fx_read(E1000_STATUS) & 2, 2);
}
END_TEST

Suite *reset_suite(void);
Suite *reset_suite(void)
{
    Suite *s = suite_create("reset");
    TCase *tc = tcase_create("all");

    tcase_add_loop_test(tc, each_reset_has_its_name, 0, KINDS);
    tcase_add_test(tc, a_software_reset_leaves_configuration_space);
    tcase_add_loop_test(tc, the_other_resets_empty_configuration_space, PIN, KINDS);
    tcase_add_loop_test(tc, counters_are_0_after_each, 0, KINDS);
    tcase_add_loop_test(tc, addresses_stay_and_none_is_valid, 0, KINDS);
    tcase_add_loop_test(tc, pba_acts_at_a_software_reset_which_keeps_it, 0, KINDS);
    tcase_add_loop_test(tc, the_packet_buffer_keeps_its_bytes, 0, KINDS);
    tcase_add_loop_test(tc, wake_up_enables_survive_as_far_as_aux_power_goes, 0, 2 * KINDS);
    tcase_add_loop_test(tc, pme_status_survives_likewise, 0, 2 * KINDS);
    tcase_add_test(tc, d0u_is_not_told_of_aux_power_for_good);
    tcase_add_loop_test(tc, after_each_reset_the_device_links_again, 0, KINDS);
    tcase_add_loop_test(tc, the_speed_is_that_of_the_reset_ctrl_at_once, 0, KINDS);
    tcase_add_loop_test(tc, a_reset_pin_wakes_the_phy_from_d3, PIN, D0U);
    suite_add_tcase(s, tc);

    tc = tcase_create("pins");
    tcase_add_test(tc, a_device_held_by_rst_does_not_answer);
    tcase_add_test(tc, without_power_nothing_answers_and_nothing_is_due);
    tcase_add_test(tc, a_power_failure_during_the_load_starts_it_again);
    tcase_add_loop_test(tc, rst_may_fall_and_rise_while_there_is_no_power, 0, 2);
    suite_add_tcase(s, tc);
    return s;
}
