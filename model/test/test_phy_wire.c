/*
 * test_phy_wire.c - the rest of phy.c: energy detect, next pages, roles, forced link, polarity, test modes,
 * pages of register 30, errors on the wire, loopback [11, 13.4.7.1, 15.1.3]
 */
#include "../core.h"

#include "fixture.h"

#define NEGOTIATE (1500 * MS)
#define PAGE (160 * MS)

static bool up(void)
{
    struct e1000_link l;

    e1000_link_state(fx.dev, &l);
    return l.phy_up;
}

static struct e1000_partner partner(void)
{
    struct e1000_partner p;

    fx_partner_gigabit(&p);
    return p;
}

static void plug(struct e1000_partner p)
{
    e1000_partner(fx.dev, &p);
}

/* Arrives as this returns, to the nanosecond. */
static void write_now(unsigned reg, uint32_t value)
{
    fx_write(E1000_MDIC, 1u << 26 | 1u << 21 | reg << 16 | value);
    fx_run(64 * 400);
}

/* ---- energy detect [11.4.1] ---- */

static uint64_t search(unsigned mode) /* since when */
{
    fx_start();
    fx_phy_write(16, (uint16_t)(0x0068 | mode << 8));
    fx_phy_read(19);
    write_now(0, 0x1340);
    return e1000_now(fx.dev);
}

static bool asleep(void)
{
    return (fx.dev->phy.reg[17] & 0x10) != 0;
}

START_TEST(after_five_seconds_without_energy_it_sleeps)
{
    const uint64_t t = search((unsigned)_i);

    fx_until(t + 5 * SEC - 1);
    ck_assert(!asleep());
    fx_run(1);
    ck_assert_int_eq(asleep(), _i >= 2);
    ck_assert_hex_eq(fx_phy_read(19), _i >= 2 ? 0x10 : 0);
    fx_run(100 * SEC);
    ck_assert_int_eq(asleep(), _i >= 2);
    ck_assert_hex_eq(fx_phy_read(19), 0);
}
END_TEST

START_TEST(energy_wakes_it_and_only_it)
{
    search(2);
    fx_run(6 * SEC);
    ck_assert(asleep());
    e1000_partner(fx.dev, NULL); /* nothing was there, nothing is */
    ck_assert(asleep());
    plug(partner());
    ck_assert(!asleep());
    fx_run(NEGOTIATE);
    ck_assert(up());
    fx_run(100 * SEC);
    ck_assert(!asleep());
}
END_TEST

START_TEST(a_forced_phy_sleeps_too)
{
    search(3);
    fx_phy_write(0, 0x8000);
    fx_run(5 * SEC);
    ck_assert(asleep());
    fx_phy_write(0, 0x0200); /* restart wakes */
    ck_assert(!asleep());
}
END_TEST

START_TEST(pulses_come_every_second_of_sleep)
{
    const uint64_t t = search(3);
    struct e1000_partner p = partner();

    p.sleeps = true;
    fx_until(t + 5 * SEC + 2 * SEC + 300 * MS);
    plug(p);
    fx_until(t + 8 * SEC - 1);
    ck_assert(asleep());
    fx_run(1);
    ck_assert(!asleep());
    fx_until(t + 8 * SEC + NEGOTIATE);
    ck_assert(up());
}
END_TEST

START_TEST(a_pulse_is_not_sent_at_the_moment_of_plugging)
{
    const uint64_t t = search(3);
    struct e1000_partner p = partner();

    p.sleeps = true;
    fx_until(t + 7 * SEC);
    plug(p);
    fx_until(t + 8 * SEC - 1);
    ck_assert(asleep());
    fx_run(1);
    ck_assert(!asleep());
}
END_TEST

START_TEST(sense_only_wakes_nobody)
{
    struct e1000_partner p = partner();

    search(2);
    p.sleeps = true;
    fx_run(6 * SEC);
    plug(p);
    fx_run(100 * SEC);
    ck_assert(asleep() && !up());
}
END_TEST

/* ---- next pages [11.1.2] ---- */

START_TEST(toggle_bits_alternate_from_the_base_pages_on)
{
    const bool gigabit = (_i & 1) != 0, ours = (_i & 2) != 0, theirs = (_i & 4) != 0;
    const unsigned before = gigabit ? 3 : 0;
    struct e1000_partner p = {.autoneg = true,
                              .base_page = (uint16_t)(0x0100 | theirs << 11),
                              .gigabit_full = gigabit,
                              .pairs = 4,
                              .next_pages = 3,
                              .next_page = {0xffff, 0x2002, 0x1003}};

    fx_start();
    fx_phy_write(4, (uint16_t)(0x81e1 | ours << 11));
    plug(p);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(8), 0);
    for (unsigned i = 0; i < 4; i++) {
        const unsigned n = before + i;
        const uint16_t code = i == 0 ? 0x37ff : i == 1 ? 0x2002 : i == 2 ? 0x1003 : 0x2001;

        ck_assert_hex_eq(fx_phy_read(1) & 0x20, 0);
        fx_phy_read(19);
        write_now(7, 0x2005u | (i < 3 ? 0x8000u : 0));
        ck_assert_int_eq((fx.dev->phy.reg[7] >> 11 & 1), ours ^ (n % 2 == 0));
        fx_run(PAGE - 1);
        ck_assert_hex_eq(fx.dev->phy.reg[19] & 0x1000, 0);
        fx_run(1);
        ck_assert_hex_eq(fx_phy_read(19) & 0x1000, 0x1000);
        ck_assert_hex_eq(fx_phy_read(8), code | 0x4000 | (i < 2 ? 0x8000 : 0) | (theirs ^ (n % 2 == 0) ? 0x0800 : 0));
    }
    ck_assert(up());
    ck_assert_hex_eq(fx_phy_read(1) & 0x20, 0x20);
}
END_TEST

START_TEST(pages_need_both_ends)
{
    struct e1000_partner p = {.autoneg = true, .base_page = 0x0100, .pairs = 4};

    fx_start();
    fx_phy_write(4, 0x81e1);
    plug(p); /* no next pages */
    fx_run(NEGOTIATE);
    ck_assert(up());
    p.next_pages = 1;
    plug(p);
    fx_run(NEGOTIATE);
    ck_assert(!up());
    fx_phy_write(7, 0x2001);
    fx_run(PAGE);
    ck_assert(up());
    fx_phy_write(4, 0x01e1);
    plug(p);
    fx_run(NEGOTIATE);
    ck_assert(up());
}
END_TEST

START_TEST(a_page_that_is_on_its_way_is_not_replaced)
{
    struct e1000_partner p = {.autoneg = true, .base_page = 0x0100, .pairs = 4, .next_pages = 9};

    fx_start();
    fx_phy_write(4, 0x81e1);
    plug(p);
    fx_phy_write(7, 0x2001); /* too early: nothing waits for it */
    fx_run(NEGOTIATE);
    fx_run(SEC);
    ck_assert_hex_eq(fx_phy_read(8), 0);
    fx_phy_write(7, 0xa002);
    fx_run(100 * MS);
    fx_phy_write(7, 0xa003);
    fx_run(60 * MS - 64 * 400);
    ck_assert_hex_eq(fx_phy_read(8) & 0x4000, 0x4000);
    ck_assert_uint_eq(fx.dev->phy.next.theirs, 1);
    for (unsigned i = 1; i < 4; i++) { /* four at most, whatever the host says */
        fx_phy_write(7, 0x2001);
        fx_run(PAGE);
    }
    ck_assert(up());
}
END_TEST

/* ---- roles, errors ---- */

START_TEST(roles_follow_the_standard)
{
    const unsigned gcon = (unsigned)_i / 3, role = (unsigned)_i % 3; /* gcon: manual, value, port type */
    const bool manual = (gcon & 4) != 0, value = (gcon & 2) != 0, multi = (gcon & 1) != 0;
    const bool master = manual ? value : role == 1 ? false : role == 2 ? true : multi;
    const bool fault = manual && role == (value ? 1u : 2u);
    struct e1000_partner p = partner();

    fx_start();
    p.role = (uint8_t)role;
    fx_phy_write(9, (uint16_t)(0x0200 | gcon << 10));
    plug(p);
    fx_run(NEGOTIATE);
    ck_assert_int_eq(up(), !fault);
    ck_assert_hex_eq(fx_phy_read(10), (fault ? 0x8c00 : 0x3c00) | (master ? 0x4000 : 0));
    ck_assert_hex_eq(fx_phy_read(10) & 0x8000, 0);
    ck_assert_hex_eq(fx_phy_read(19) & 0x8800, fault ? 0x8000 : 0x0800);
}
END_TEST

START_TEST(a_clash_of_roles_is_forgotten_with_the_partner)
{
    struct e1000_partner p = partner();

    fx_start();
    p.role = 1;
    plug(p);
    fx_run(NEGOTIATE);
    ck_assert(!up());
    p.role = 0;
    plug(p);
    fx_run(NEGOTIATE);
    ck_assert(up());
}
END_TEST

START_TEST(wire_faults_latch_or_count)
{
    static const uint16_t bit[] = {0x0100, 0x0200, 0, 0x0080};

    fx_start();
    e1000_wire_fault(fx.dev, E1000_FALSE_CARRIER); /* no link: nothing to hear */
    ck_assert_hex_eq(fx_phy_read(19), 0);
    fx_link_up();
    fx_phy_read(19);
    for (enum e1000_wire_fault f = E1000_FALSE_CARRIER; f <= E1000_PHY_FIFO; f++) {
        e1000_wire_fault(fx.dev, f);
        ck_assert_hex_eq(fx_phy_read(19), bit[f]);
    }
    ck_assert_hex_eq(fx_phy_read(10) & 0x00ff, 1);
    for (unsigned i = 0; i < 255; i++)
        e1000_wire_fault(fx.dev, E1000_IDLE_ERROR);
    ck_assert_hex_eq(fx_phy_read(10), 0x7cff);
    for (unsigned i = 0; i < 256; i++)
        e1000_wire_fault(fx.dev, E1000_IDLE_ERROR);
    ck_assert_hex_eq(fx_phy_read(10), 0x7cff);
    ck_assert_hex_eq(fx_phy_read(10), 0x7c00);
}
END_TEST

START_TEST(the_receive_error_counter_sticks)
{
    static const uint8_t frame[64];

    fx_start();
    e1000_frame_in(fx.dev, frame, sizeof frame, E1000_FRAME_RX_ER);
    ck_assert_hex_eq(fx_phy_read(21), 0); /* no link */
    fx_link_up();
    e1000_frame_in(fx.dev, frame, sizeof frame, E1000_FRAME_ALIGN);
    ck_assert_hex_eq(fx_phy_read(21), 0);
    e1000_frame_in(fx.dev, frame, sizeof frame, E1000_FRAME_RX_ER);
    ck_assert_hex_eq(fx.dev->phy.reg[21], 1);
    fx.dev->phy.reg[21] = 0xfffe;
    e1000_frame_in(fx.dev, frame, sizeof frame, E1000_FRAME_RX_ER);
    e1000_frame_in(fx.dev, frame, sizeof frame, E1000_FRAME_RX_ER);
    ck_assert_hex_eq(fx_phy_read(21), 0xffff);
    ck_assert_hex_eq(fx_phy_read(21), 0);
}
END_TEST

/* ---- links that are not what they seem ---- */

START_TEST(forced_good_needs_10_or_100)
{
    static const uint16_t pctrl[] = {0x0000, 0x2100, 0x0140, 0x1140};

    fx_start();
    fx_phy_write(16, 0x0468);
    fx_phy_write(0, 0x8000 | pctrl[_i]);
    ck_assert_int_eq(up(), _i < 2);
    fx_phy_write(0, 0x0800 | pctrl[_i]); /* power-down wins */
    ck_assert(!up());
}
END_TEST

START_TEST(a_forced_link_takes_a_cable_that_fits)
{
    struct e1000_partner p = {.speed = 100, .pairs = 4};

    fx_start();
    fx_write(E1000_CTRL, 0x40);
    fx_phy_write(16, 0x0468);
    fx_phy_write(0, 0xa100);
    ck_assert(up() && !fx.dev->phy.wired);
    plug(p);
    ck_assert(fx.dev->phy.wired);
    p.speed = 10;
    plug(p);
    ck_assert(up() && !fx.dev->phy.wired);
    p.autoneg = true;
    p.base_page = 0x0080;
    plug(p);
    ck_assert(fx.dev->phy.wired);
    p.base_page = 0x0060;
    plug(p);
    ck_assert(!fx.dev->phy.wired);
    p.base_page = 0x0100;
    p.crossover = true;
    plug(p);
    ck_assert(fx.dev->phy.wired);
    fx_phy_write(0, 0xa100); /* the same by a new start: up at once, wired when the cable has been found */
    ck_assert(up() && !fx.dev->phy.wired);
    fx_run(200 * MS);
    ck_assert(up() && fx.dev->phy.wired);
    e1000_partner(fx.dev, NULL);
    ck_assert(up() && !fx.dev->phy.wired);
}
END_TEST

START_TEST(a_test_mode_has_no_link)
{
    fx_start();
    fx_link_up();
    fx_phy_write(9, (uint16_t)(0x1e00 | (unsigned)_i << 13));
    ck_assert_int_eq(up(), _i == 0 || _i > 4);
    ck_assert_uint_eq(fx_log_count("bad phy-reserved-value GCON"), _i > 4);
    fx_run(10 * SEC);
    ck_assert_int_eq(up(), _i == 0 || _i > 4);
    fx_phy_write(9, 0x1e00);
    fx_run(NEGOTIATE);
    ck_assert(up());
}
END_TEST

START_TEST(register_30_has_32_pages)
{
    fx_start();
    for (unsigned n = 0; n < 64; n++) {
        fx_phy_write(29, (uint16_t)n);
        fx_phy_write(30, (uint16_t)(0x100 + n));
    }
    for (unsigned n = 0; n < 32; n++) {
        fx_phy_write(29, (uint16_t)n);
        ck_assert_hex_eq(fx_phy_read(30), 0x120 + n);
    }
    fx_phy_write(0, 0x9140);
    fx_phy_write(29, 31);
    ck_assert_hex_eq(fx_phy_read(30), 0);
}
END_TEST

START_TEST(a_deaf_phy_finds_no_link)
{
    fx_start();
    fx_link_up();
    fx_phy_write(29, 0x1f);
    fx_phy_write(30, 0x8ffc);
    fx_phy_write(29, 0x1a);
    fx_phy_write(30, (uint16_t)(_i == 0 ? 0x8ff1 : 0x8ff0));
    ck_assert_int_eq(up(), _i == 0);
    plug(partner());
    fx_run(10 * SEC);
    ck_assert_int_eq(up(), _i == 0);
    fx_phy_write(0, 0x9140);
    fx_run(NEGOTIATE);
    ck_assert(up());
}
END_TEST

START_TEST(reversed_pairs_show_at_10_and_1000)
{
    static const uint16_t speed[] = {10, 100, 1000};
    struct e1000_partner p = partner();

    fx_start();
    p.reversed = true;
    p.gigabit_full = speed[_i] == 1000;
    p.base_page = speed[_i] == 10 ? 0x0060 : 0x0180;
    plug(p);
    fx_run(NEGOTIATE);
    ck_assert_hex_eq(fx_phy_read(17) & 0x0402, speed[_i] == 100 ? 0x0400 : 0x0402);
    ck_assert_hex_eq(fx_phy_read(19) & 0x0002, speed[_i] == 100 ? 0 : 2);
    fx_phy_write(16, 0x006a);
    ck_assert_int_eq(up(), speed[_i] != 10);
}
END_TEST

/* ---- the loop [15.1.3] ---- */

enum { TXD = 0x1000, RXD = 0x2000, TXBUF = 0x3000, RXBUF = 0x8000 };

static void loop_on(void)
{
    fx_phy_write(16, 0x0808);
    fx_phy_write(0, 0x9140);
    fx_phy_write(0, 0x8140);
    fx_phy_write(0, 0x4140);
    fx_write(E1000_CTRL, 0x1a01);
    for (unsigned i = 0; i < 8; i++)
        fx_put64(RXD + 16 * i, RXBUF + 0x800 * i);
    fx_write(E1000_RDBAL, RXD);
    fx_write(E1000_RDLEN, 128);
    fx_write(E1000_RDT, 7);
    fx_write(E1000_RCTL, 0x801a);
    fx_write(E1000_RDT, 7);
    fx_write(E1000_TDBAL, TXD);
    fx_write(E1000_TDLEN, 128);
    fx_write(E1000_TCTL, 2);
    fx_log_clear();
}

static void send(unsigned index, uint32_t len, uint32_t cmd)
{
    for (uint32_t i = 0; i < len; i++)
        fx.memory[TXBUF + i] = (uint8_t)(i + 1);
    fx_put64(TXD + 16 * index, TXBUF);
    fx_put64(TXD + 16 * index + 8, len | cmd << 24);
    fx_write(E1000_TDT, index + 1);
}

START_TEST(a_looped_frame_waits_for_the_clock)
{
    fx_start();
    loop_on();
    send(0, 100, 0x03);
    ck_assert_uint_eq(fx_log_count("loop"), 0); /* nothing is received inside the doorbell */
    ck_assert_uint_eq(e1000_next_event(fx.dev), e1000_now(fx.dev));
    ck_assert_uint_eq(fx_get32(RXD + 8), 0);
    e1000_advance(fx.dev, e1000_now(fx.dev));
    ck_assert(fx_logged("loop 104"));
    ck_assert_uint_eq(fx_get16(RXD + 8), 104);
    ck_assert_mem_eq(fx.memory + RXBUF, fx.memory + TXBUF, 100);
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert(e1000_next_event(fx.dev) == E1000_NEVER);
}
END_TEST

START_TEST(a_mapped_host_loops_alike)
{
    fx_board();
    fx.host.dma_map = fx_dma_map;
    fx.host.offloads = E1000_OFFLOAD_FCS;
    if (_i == 1)
        fx.host.trace = NULL;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
    loop_on();
    send(0, 100, 0x03);
    e1000_advance(fx.dev, e1000_now(fx.dev));
    ck_assert_uint_eq(fx_get16(RXD + 8), 104);
    ck_assert_hex_eq(fx_get32(RXBUF + 100), e1000_crc32(fx.memory + TXBUF, 100));
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(fx_read(E1000_GPRC), 1);
}
END_TEST

START_TEST(a_frame_that_wraps_in_the_fifo_loops_whole)
{
    fx_start();
    loop_on();
    fx.dev->tx.fifo.head = fx.dev->tx.fifo.size - 48;
    send(0, 100, 0x03);
    fx_run(1);
    ck_assert_mem_eq(fx.memory + RXBUF, fx.memory + TXBUF, 100);
    ck_assert_hex_eq(fx_get32(RXBUF + 100), e1000_crc32(fx.memory + TXBUF, 100));
}
END_TEST

START_TEST(short_frames_are_checked_where_they_arrive)
{
    const bool ifcs = _i % 2 != 0;
    const uint32_t len = (uint32_t)_i / 2 + 1, body = ifcs ? len : len < 4 ? 0 : len - 4;

    fx_start();
    loop_on();
    fx_write(E1000_RCTL, 0x801e); /* bad ones, too */
    send(0, len, ifcs ? 0x03 : 0x01);
    fx_run(1);
    ck_assert_uint_eq(fx_log_count("drop"), body < 6);
    ck_assert_uint_eq(fx_get16(RXD + 8), body < 6 ? 0 : body + 4);
    ck_assert_uint_eq(fx_get16(RXD + 16 + 8), 0);
}
END_TEST

START_TEST(mac_and_phy_must_agree)
{
    static const struct {
        uint32_t ctrl;
        const char *bad;
    } want[] = {
        {0x1a01, NULL}, {0x1901, "bad loopback-speed CTRL"}, {0x1a00, "bad loopback-half-duplex CTRL"}, {0x0000, NULL}};

    fx_start();
    loop_on();
    fx_write(E1000_CTRL, want[_i].ctrl);
    send(0, 100, 0x03);
    fx_run(1);
    ck_assert_uint_eq(fx_get16(RXD + 8), want[_i].bad == NULL ? 104 : 0);
    ck_assert_uint_eq(fx_log_count("bad"), want[_i].bad != NULL);
    if (want[_i].bad != NULL)
        ck_assert_uint_eq(fx_log_count(want[_i].bad), 1);
}
END_TEST

START_TEST(the_wire_is_deaf_and_dumb_meanwhile)
{
    static const uint8_t frame[60] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    fx_start();
    fx_link_up();
    loop_on();
    e1000_frame_in(fx.dev, frame, sizeof frame, 0);
    ck_assert(fx_logged("drop 64 loopback [15.1.3.1]"));
    ck_assert_uint_eq(fx_get16(RXD + 8), 0);
}
END_TEST

START_TEST(isolated_nothing_passes)
{
    static const uint8_t frame[60] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    fx_start();
    fx_link_up();
    loop_on();
    fx_phy_write(0, 0x1240); /* out of the loop, and negotiate */
    fx_run(10 * SEC);
    fx_write(E1000_CTRL, 0x40);
    ck_assert(up());
    fx_phy_write(0, 0x1540);
    fx_log_clear();
    e1000_frame_in(fx.dev, frame, sizeof frame, 0);
    ck_assert(fx_logged("drop 64 PHY isolated [13.4.7.1.1]"));
    send(0, 100, 0x03);
    ck_assert(fx_logged("drop 104 PHY isolated [13.4.7.1.1]"));
    fx_phy_write(0, 0x1140);
    if (_i == 1)
        fx.dev->host.trace = NULL;
    e1000_frame_in(fx.dev, frame, sizeof frame, 0);
    send(1, 100, 0x03);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert_uint_eq(fx_get16(RXD + 8), 64);
}
END_TEST

START_TEST(collisions_in_half_duplex_stop_a_frame)
{
    struct e1000_partner p = {.autoneg = true, .base_page = 0x0080, .pairs = 4};

    fx_start();
    fx_link_up();
    loop_on();
    plug(p);
    fx_phy_write(0, 0x12c0);
    fx_run(10 * SEC);
    fx_write(E1000_CTRL, 0x40);
    ck_assert(up());
    for (uint32_t ct = 14; ct < 18; ct++) {
        fx_write(E1000_TCTL, 2 | ct << 4);
        send(ct - 14, 100, 0x03);
        ck_assert_uint_eq(fx_read(E1000_COLC), ct + 1);
        ck_assert_uint_eq(fx_read(E1000_ECOL), ct >= 16);
    }
    ck_assert_uint_eq(fx.sent_count, 0);
    ck_assert_uint_eq(fx_read(E1000_TPT), 0);
    fx_write(E1000_CTRL, 0x1041); /* full duplex in the MAC: COL is nothing to it */
    send(4, 100, 0x03);
    ck_assert_uint_eq(fx.sent_count, 1);
    ck_assert_uint_eq(fx_read(E1000_COLC), 0);
}
END_TEST

Suite *phy_wire_suite(void);
Suite *phy_wire_suite(void)
{
    Suite *suite = suite_create("phy_wire");
    TCase *energy = tcase_create("energy detect"), *pages = tcase_create("next pages"), *rest = tcase_create("rest");
    TCase *loop = tcase_create("loop");

    tcase_add_loop_test(energy, after_five_seconds_without_energy_it_sleeps, 0, 4);
    tcase_add_test(energy, energy_wakes_it_and_only_it);
    tcase_add_test(energy, a_forced_phy_sleeps_too);
    tcase_add_test(energy, pulses_come_every_second_of_sleep);
    tcase_add_test(energy, a_pulse_is_not_sent_at_the_moment_of_plugging);
    tcase_add_test(energy, sense_only_wakes_nobody);
    suite_add_tcase(suite, energy);
    tcase_add_loop_test(pages, toggle_bits_alternate_from_the_base_pages_on, 0, 8);
    tcase_add_test(pages, pages_need_both_ends);
    tcase_add_test(pages, a_page_that_is_on_its_way_is_not_replaced);
    suite_add_tcase(suite, pages);
    tcase_add_loop_test(rest, roles_follow_the_standard, 0, 24);
    tcase_add_test(rest, a_clash_of_roles_is_forgotten_with_the_partner);
    tcase_add_test(rest, wire_faults_latch_or_count);
    tcase_add_test(rest, the_receive_error_counter_sticks);
    tcase_add_loop_test(rest, forced_good_needs_10_or_100, 0, 4);
    tcase_add_test(rest, a_forced_link_takes_a_cable_that_fits);
    tcase_add_loop_test(rest, a_test_mode_has_no_link, 0, 8);
    tcase_add_test(rest, register_30_has_32_pages);
    tcase_add_loop_test(rest, a_deaf_phy_finds_no_link, 0, 2);
    tcase_add_loop_test(rest, reversed_pairs_show_at_10_and_1000, 0, 3);
    suite_add_tcase(suite, rest);
    tcase_add_test(loop, a_looped_frame_waits_for_the_clock);
    tcase_add_loop_test(loop, a_mapped_host_loops_alike, 0, 2);
    tcase_add_test(loop, a_frame_that_wraps_in_the_fifo_loops_whole);
    tcase_add_loop_test(loop, short_frames_are_checked_where_they_arrive, 0, 30);
    tcase_add_loop_test(loop, mac_and_phy_must_agree, 0, 4);
    tcase_add_test(loop, the_wire_is_deaf_and_dumb_meanwhile);
    tcase_add_loop_test(loop, isolated_nothing_passes, 0, 2);
    tcase_add_test(loop, collisions_in_half_duplex_stop_a_frame);
    suite_add_tcase(suite, loop);
    return suite;
}
