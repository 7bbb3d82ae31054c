/*
 * test_irq.c - interrupt causes, mask, throttling, INTA# and messages [13.4.17-21, 2.6, 4.1.3]
 */
#include "fixture.h"

#define ALL 0x0001f7ffu /* bits that ICR has on this part: no 11, none above 16 */

static void msi_setup(void)
{
    fx_board();
    fx.eeprom[0x0f] = 0; /* MSI visible */
    fx_checksum();
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    e1000_config_write(fx.dev, 0xf4, 4, 0xfee01000);
    e1000_config_write(fx.dev, 0xf8, 4, 0x00000001);
    e1000_config_write(fx.dev, 0xfc, 2, 0x4041);
    e1000_config_write(fx.dev, 0xf2, 2, 0x0001);
    fx_log_clear();
}

/* ---- causes and mask ---- */

START_TEST(each_cause_can_be_raised_and_read_once)
{
    const uint32_t bit = 1u << _i;

    fx_start();
    fx_write(E1000_ICS, bit);
    ck_assert_hex_eq(fx_read(E1000_ICR), bit & ALL);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    ck_assert(!fx.line);
}
END_TEST

START_TEST(each_cause_moves_the_line_if_its_own_mask_bit_is_set)
{
    const uint32_t bit = 1u << _i;

    fx_start();
    fx_write(E1000_IMS, ~bit);
    fx_write(E1000_ICS, bit);
    ck_assert(!fx.line);
    fx_read(E1000_ICR);
    fx_write(E1000_IMC, 0xffffffff);
    fx_write(E1000_IMS, bit);
    fx_write(E1000_ICS, bit);
    ck_assert_int_eq(fx.line, (bit & ALL) != 0);
    ck_assert_int_eq(e1000_irq_asserted(fx.dev), (bit & ALL) != 0);
    fx_read(E1000_ICR);
    ck_assert(!fx.line);
    ck_assert(!e1000_irq_asserted(fx.dev));
}
END_TEST

START_TEST(a_write_of_icr_clears_the_bits_written_1)
{
    fx_start();
    fx_write(E1000_IMS, ALL);
    fx_write(E1000_ICS, 0x95);
    fx_write(E1000_ICR, 0x00000000);
    ck_assert(fx.line);
    fx_write(E1000_ICR, 0x11);
    ck_assert(fx.line);
    fx_write(E1000_ICR, 0xffff0084);
    ck_assert(!fx.line);
    fx_write(E1000_ICS, 0x95);
    fx_write(E1000_ICR, 0x81);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0x14);
}
END_TEST

START_TEST(a_read_of_icr_shows_and_clears_masked_causes_too)
{
    fx_start();
    fx_write(E1000_IMS, 0x04);
    fx_write(E1000_ICS, 0x85);
    fx_log_clear();
    ck_assert_hex_eq(fx_read(E1000_ICR), 0x85);
    fx_expect_log("rd ICR 00000085 clears 00000085\n"
                  "irq down 00000000\n"
                  "line 0\n");
}
END_TEST

START_TEST(causes_add_up_and_only_new_ones_are_events)
{
    fx_start();
    fx_write(E1000_ICS, 0x01);
    fx_write(E1000_ICS, 0x05);
    fx_write(E1000_ICS, 0x05);
    fx_write(E1000_ICS, 0x00);
    fx_expect_log("wr ICS 00000001\n"
                  "cause 00000001\n"
                  "wr ICS 00000005\n"
                  "cause 00000004\n"
                  "wr ICS 00000005\n"
                  "wr ICS 00000000\n");
    ck_assert_hex_eq(fx_read(E1000_ICR), 0x05);
}
END_TEST

START_TEST(mask_bits_are_set_by_ims_and_cleared_by_imc)
{
    fx_start();
    fx_write(E1000_IMS, 0xffffffff);
    ck_assert_hex_eq(fx_read(E1000_IMS), ALL);
    fx_write(E1000_IMC, 0x00000081);
    ck_assert_hex_eq(fx_read(E1000_IMS), ALL & ~0x81u);
    fx_write(E1000_IMC, 0);
    fx_write(E1000_IMS, 0);
    ck_assert_hex_eq(fx_read(E1000_IMS), ALL & ~0x81u);
    fx_write(E1000_IMS, 0x80);
    ck_assert_hex_eq(fx_read(E1000_IMS), ALL & ~0x01u);
    fx_write(E1000_IMC, 0xffffffff);
    ck_assert_hex_eq(fx_read(E1000_IMS), 0);
}
END_TEST

START_TEST(unmasking_a_stored_cause_raises_the_line_and_masking_it_drops_it)
{
    fx_start();
    fx_write(E1000_ICS, 0x84);
    fx_write(E1000_IMS, 0x01);
    ck_assert(!fx.line);
    fx_write(E1000_IMS, 0x04);
    ck_assert(fx.line);
    fx_write(E1000_IMC, 0x80);
    ck_assert(fx.line);
    fx_write(E1000_IMC, 0x04);
    ck_assert(!fx.line);
    fx_write(E1000_IMS, 0x80);
    ck_assert(fx.line);
    ck_assert_uint_eq(fx.rises, 2);
}
END_TEST

START_TEST(the_line_is_told_once_for_causes_that_come_together)
{
    fx_start();
    fx_write(E1000_IMS, ALL);
    fx_write(E1000_ICS, 0x80);
    fx_write(E1000_ICS, 0x01);
    ck_assert_uint_eq(fx.rises, 1);
    ck_assert_str_eq(fx_log_only("irq"), "irq up 00000080\n");
    ck_assert_str_eq(fx_log_only("line"), "line 1\n");
}
END_TEST

START_TEST(a_host_without_callbacks_can_still_look)
{
    fx_board();
    fx.host.irq_line = NULL;
    fx.host.msi = NULL;
    fx.host.trace = NULL;
    fx.eeprom[0x0f] = 0;
    fx_checksum();
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    fx_write(E1000_IMS, 4);
    fx_write(E1000_ICS, 4);
    ck_assert(e1000_irq_asserted(fx.dev));
    e1000_config_write(fx.dev, 0xf2, 2, 1);
    ck_assert(!e1000_irq_asserted(fx.dev));
}
END_TEST

/* The interrupt test of Linux ethtool, bits 0 to 9. */
START_TEST(the_interrupt_test_of_linux_passes)
{
    const uint32_t mask = 1u << _i;

    fx_start();
    fx_write(E1000_IMC, 0xffffffff);
    fx_run(10 * MS);
    fx_write(E1000_IMC, mask);
    fx_write(E1000_ICS, mask);
    fx_run(10 * MS);
    ck_assert_uint_eq(fx.rises, 0);
    fx_write(E1000_IMS, mask);
    fx_write(E1000_ICS, mask);
    fx_run(10 * MS);
    ck_assert_uint_eq(fx.rises, 1);
    ck_assert_hex_eq(fx_read(E1000_ICR) & mask, mask);
    fx_write(E1000_IMC, ~mask & 0x7fff);
    fx_write(E1000_ICS, ~mask & 0x7fff);
    fx_run(10 * MS);
    ck_assert_uint_eq(fx.rises, 1);
}
END_TEST

START_TEST(a_reset_clears_causes_and_mask)
{
    fx_start();
    fx_write(E1000_IMS, ALL);
    fx_write(E1000_ITR, 65535);
    fx_write(E1000_ICS, 0x10);
    ck_assert(fx.line);
    if (_i == 0) {
        fx_write(E1000_CTRL, 1u << 26);
    } else {
        e1000_pci_reset(fx.dev, true);
        ck_assert(!fx.line);
        e1000_pci_reset(fx.dev, false);
        fx_pci_setup();
    }
    ck_assert(!fx.line);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
    ck_assert_hex_eq(fx_read(E1000_IMS), 0);
    ck_assert_hex_eq(fx_read(E1000_ITR), 0);
    fx_write(E1000_IMS, 1); /* and the window that ran is gone */
    fx_write(E1000_ICS, 1);
    ck_assert(fx.line);
}
END_TEST

/* ---- throttling [13.4.18] ---- */

START_TEST(the_next_interrupt_waits_for_interval_times_256_ns)
{
    static const uint32_t interval[] = {1, 2, 500, 651, 65535};
    const uint64_t window = (uint64_t)interval[_i] * 256;
    uint64_t t;

    fx_start();
    fx_write(E1000_ITR, interval[_i]);
    fx_write(E1000_IMS, 0x80);
    fx_run(777);
    fx_write(E1000_ICS, 0x80); /* the first one does not wait */
    ck_assert(fx.line);
    t = e1000_now(fx.dev);
    fx_run(10);
    fx_read(E1000_ICR);
    ck_assert(!fx.line);
    fx_write(E1000_ICS, 0x80);
    ck_assert(!fx.line);
    ck_assert_uint_eq(e1000_next_event(fx.dev), t + window);
    fx_until(t + window - 1);
    ck_assert(!fx.line);
    fx_until(t + window);
    ck_assert(fx.line);
    fx_read(E1000_ICR);
    fx_until(t + 2 * window - 1);
    fx_write(E1000_ICS, 0x80);
    ck_assert(!fx.line);
    fx_until(t + 2 * window);
    ck_assert(fx.line);
    fx_read(E1000_ICR);
    fx_until(t + 3 * window);
    fx_write(E1000_ICS, 0x80); /* at the very end of a window: at once */
    ck_assert(fx.line);
}
END_TEST

START_TEST(a_cause_that_is_read_within_the_window_never_interrupts)
{
    fx_start();
    fx_write(E1000_ITR, 100);
    fx_write(E1000_IMS, 0x80);
    fx_write(E1000_ICS, 0x80);
    fx_read(E1000_ICR);
    fx_write(E1000_ICS, 0x80);
    fx_read(E1000_ICR);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    fx_run(1 * MS);
    ck_assert_uint_eq(fx.rises, 1);
}
END_TEST

START_TEST(a_cause_that_is_masked_within_the_window_waits_for_its_mask)
{
    fx_start();
    fx_write(E1000_ITR, 100);
    fx_write(E1000_IMS, 0x80);
    fx_write(E1000_ICS, 0x80);
    fx_read(E1000_ICR);
    fx_write(E1000_ICS, 0x80);
    fx_write(E1000_IMC, 0x80);
    fx_run(25600);
    ck_assert(!fx.line);
    fx_write(E1000_IMS, 0x80);
    ck_assert(fx.line);
}
END_TEST

START_TEST(masking_and_unmasking_a_high_line_counts_as_a_new_interrupt)
{
    uint64_t t;

    fx_start();
    fx_write(E1000_ITR, 10);
    fx_write(E1000_IMS, 1);
    fx_write(E1000_ICS, 1);
    t = e1000_now(fx.dev);
    fx_write(E1000_IMC, 1);
    ck_assert(!fx.line);
    fx_write(E1000_IMS, 1);
    ck_assert(!fx.line);
    fx_until(t + 2559);
    ck_assert(!fx.line);
    fx_until(t + 2560);
    ck_assert(fx.line);
}
END_TEST

START_TEST(interval_0_is_off_and_ends_a_window)
{
    fx_start();
    fx_write(E1000_IMS, 1);
    for (unsigned i = 1; i < 5; i++) {
        fx_write(E1000_ICS, 1);
        ck_assert_uint_eq(fx.rises, i);
        fx_read(E1000_ICR);
    }
    fx_write(E1000_ITR, 1000);
    fx_write(E1000_ICS, 1);
    fx_read(E1000_ICR);
    fx_write(E1000_ICS, 1);
    ck_assert(!fx.line);
    fx_write(E1000_ITR, 500); /* the window that runs is that of the last interrupt */
    ck_assert(!fx.line);
    fx_write(E1000_ITR, 0xffff0000);
    ck_assert(fx.line);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}
END_TEST

START_TEST(a_read_of_itr_changes_nothing)
{
    fx_start();
    fx_write(E1000_ITR, 1000);
    fx_write(E1000_IMS, 1);
    fx_write(E1000_ICS, 1);
    fx_read(E1000_ICR);
    fx_write(E1000_ICS, 1);
    ck_assert_hex_eq(fx_read(E1000_ITR), 1000);
    ck_assert_hex_eq(fx_read(E1000_IMS), 1);
    ck_assert_hex_eq(fx_read(E1000_ICS), 0);
    ck_assert_hex_eq(fx_read(E1000_IMC), 0);
    ck_assert_hex_eq(fx_read(E1000_IMS), 1);
    ck_assert(!fx.line);
    ck_assert_uint_eq(fx.rises, 1);
}
END_TEST

/* ---- messages [4.1.3] ---- */

START_TEST(a_message_goes_to_the_programmed_address_and_the_line_stays_low)
{
    msi_setup();
    fx_write(E1000_ICS, 0x04);
    ck_assert_uint_eq(fx.messages, 0);
    fx_write(E1000_IMS, 0x04);
    ck_assert_uint_eq(fx.messages, 1);
    ck_assert_hex_eq(fx.message_addr, UINT64_C(0x1fee01000));
    ck_assert_hex_eq(fx.message_data, 0x4041);
    ck_assert(fx_logged("msi 1fee01000 4041"));
    ck_assert(fx_logged("message 1fee01000 4041"));
    ck_assert_uint_eq(fx.rises, 0);
    ck_assert(!e1000_irq_asserted(fx.dev));
}
END_TEST

START_TEST(no_second_message_before_icr_was_read_and_something_new_happened)
{
    msi_setup();
    fx_write(E1000_IMS, ALL);
    fx_write(E1000_ICS, 0x04);
    fx_write(E1000_ICS, 0x80);
    fx_write(E1000_ICR, 0x04); /* not all of them */
    fx_write(E1000_ICR, 0);    /* none */
    fx_write(E1000_ICR, 0x10); /* one that is not there */
    fx_write(E1000_ICS, 0x04);
    ck_assert_uint_eq(fx.messages, 1);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0x84);
    ck_assert_uint_eq(fx.messages, 1);
    fx_write(E1000_ICS, 0x04);
    ck_assert_uint_eq(fx.messages, 2);
    fx_write(E1000_ICR, 0x04); /* nothing is left: as good as a read */
    fx_write(E1000_ICS, 0x04);
    ck_assert_uint_eq(fx.messages, 3);
}
END_TEST

START_TEST(messages_are_throttled_as_the_line_is)
{
    uint64_t t;

    msi_setup();
    fx_write(E1000_ITR, 500);
    fx_write(E1000_IMS, 0x80);
    fx_write(E1000_ICS, 0x80);
    t = e1000_now(fx.dev);
    fx_read(E1000_ICR);
    fx_write(E1000_ICS, 0x80);
    fx_until(t + 127999);
    ck_assert_uint_eq(fx.messages, 1);
    fx_until(t + 128000);
    ck_assert_uint_eq(fx.messages, 2);
}
END_TEST

START_TEST(a_message_is_a_master_cycle_and_waits_for_command_bit_2)
{
    msi_setup();
    fx_write(E1000_IMS, 0x80);
    e1000_config_write(fx.dev, 4, 2, 3);
    fx_write(E1000_ICS, 0x80);
    ck_assert_uint_eq(fx.messages, 0);
    ck_assert_uint_eq(fx.rises, 0);
    e1000_config_write(fx.dev, 4, 2, 7);
    ck_assert_uint_eq(fx.messages, 1);
    e1000_config_write(fx.dev, 4, 2, 7);
    ck_assert_uint_eq(fx.messages, 1);
}
END_TEST

START_TEST(turning_messages_on_and_off_hands_a_pending_interrupt_over)
{
    msi_setup();
    e1000_config_write(fx.dev, 0xf2, 2, 0);
    fx_write(E1000_IMS, 0x80);
    fx_write(E1000_ICS, 0x80);
    ck_assert(fx.line);
    ck_assert_uint_eq(fx.messages, 0);
    e1000_config_write(fx.dev, 0xf2, 2, 1);
    ck_assert(!fx.line);
    ck_assert_uint_eq(fx.messages, 1);
    e1000_config_write(fx.dev, 0xf2, 2, 0);
    ck_assert(fx.line);
}
END_TEST

START_TEST(a_reset_forgets_that_a_message_was_sent)
{
    msi_setup();
    fx_write(E1000_IMS, 1);
    fx_write(E1000_ICS, 1);
    fx_write(E1000_CTRL, 1u << 26);
    fx_run(FX_LOAD_NS);
    fx_write(E1000_IMS, 1);
    fx_write(E1000_ICS, 1);
    ck_assert_uint_eq(fx.messages, 2);
}
END_TEST

/* ---- power ---- */

START_TEST(nothing_interrupts_in_d3)
{
    msi_setup();
    if (_i == 0)
        e1000_config_write(fx.dev, 0xf2, 2, 0);
    fx_write(E1000_ITR, 100);
    fx_write(E1000_IMS, ALL);
    fx_write(E1000_ICS, 1);
    if (_i == 0)
        ck_assert(fx.line);
    fx_read(E1000_ICR);
    fx_write(E1000_ICS, 1); /* waits for the window */
    e1000_config_write(fx.dev, 0xe0, 2, 3);
    ck_assert(!fx.line);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
    fx_run(1 * SEC);
    ck_assert(!fx.line);
    ck_assert_uint_eq(fx.rises + fx.messages, 1);
}
END_TEST

START_TEST(the_line_falls_on_the_way_to_d3)
{
    fx_start();
    fx_write(E1000_IMS, ALL);
    fx_write(E1000_ICS, 1);
    ck_assert(fx.line);
    e1000_config_write(fx.dev, 0xe0, 2, 3);
    ck_assert(!fx.line);
}
END_TEST

Suite *irq_suite(void);
Suite *irq_suite(void)
{
    Suite *s = suite_create("irq");
    TCase *tc = tcase_create("causes and mask");

    tcase_add_loop_test(tc, each_cause_can_be_raised_and_read_once, 0, 32);
    tcase_add_loop_test(tc, each_cause_moves_the_line_if_its_own_mask_bit_is_set, 0, 32);
    tcase_add_test(tc, a_write_of_icr_clears_the_bits_written_1);
    tcase_add_test(tc, a_read_of_icr_shows_and_clears_masked_causes_too);
    tcase_add_test(tc, causes_add_up_and_only_new_ones_are_events);
    tcase_add_test(tc, mask_bits_are_set_by_ims_and_cleared_by_imc);
    tcase_add_test(tc, unmasking_a_stored_cause_raises_the_line_and_masking_it_drops_it);
    tcase_add_test(tc, the_line_is_told_once_for_causes_that_come_together);
    tcase_add_test(tc, a_host_without_callbacks_can_still_look);
    tcase_add_loop_test(tc, the_interrupt_test_of_linux_passes, 0, 10);
    tcase_add_loop_test(tc, a_reset_clears_causes_and_mask, 0, 2);
    suite_add_tcase(s, tc);

    tc = tcase_create("throttling");
    tcase_add_loop_test(tc, the_next_interrupt_waits_for_interval_times_256_ns, 0, 5);
    tcase_add_test(tc, a_cause_that_is_read_within_the_window_never_interrupts);
    tcase_add_test(tc, a_cause_that_is_masked_within_the_window_waits_for_its_mask);
    tcase_add_test(tc, masking_and_unmasking_a_high_line_counts_as_a_new_interrupt);
    tcase_add_test(tc, interval_0_is_off_and_ends_a_window);
    tcase_add_test(tc, a_read_of_itr_changes_nothing);
    suite_add_tcase(s, tc);

    tc = tcase_create("messages");
    tcase_add_test(tc, a_message_goes_to_the_programmed_address_and_the_line_stays_low);
    tcase_add_test(tc, no_second_message_before_icr_was_read_and_something_new_happened);
    tcase_add_test(tc, messages_are_throttled_as_the_line_is);
    tcase_add_test(tc, a_message_is_a_master_cycle_and_waits_for_command_bit_2);
    tcase_add_test(tc, turning_messages_on_and_off_hands_a_pending_interrupt_over);
    tcase_add_test(tc, a_reset_forgets_that_a_message_was_sent);
    suite_add_tcase(s, tc);

    tc = tcase_create("power");
    tcase_add_loop_test(tc, nothing_interrupts_in_d3, 0, 2);
    tcase_add_test(tc, the_line_falls_on_the_way_to_d3);
    suite_add_tcase(s, tc);
    return s;
}
