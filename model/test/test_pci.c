/*
 * test_pci.c - configuration space, base addresses, the I/O window, power management registers
 * [4.1, 13.1, 13.2, 6.3.3]
 */
#include "fixture.h"

#include "../core.h"

static uint32_t cfg(unsigned at)
{
    return e1000_config_read(fx.dev, at, 4);
}
static void cfg_write(unsigned at, uint32_t value)
{
    e1000_config_write(fx.dev, at, 4, value);
}

static struct e1000_bar_info bar(enum e1000_bar n)
{
    struct e1000_bar_info info;

    e1000_bar_info(fx.dev, n, &info);
    return info;
}

/* Power up with word 0Ah, 0Fh and 24h. */
static void board(uint16_t init1, uint16_t init2, uint16_t init3)
{
    fx_board();
    fx.eeprom[0x0a] = init1;
    fx.eeprom[0x0f] = init2;
    fx.eeprom[0x24] = init3;
    fx.eeprom[0x22] = 0x290d;
    fx_checksum();
    fx_power();
    fx_run(FX_LOAD_NS);
}

enum { BAR32 = 0x6008, BAR64 = 0x4008, NO_FLASH = 0x0800, NO_MSI = 0x0080 };

/* ---- header ---- */

/* Reset value and writable bits of each dword, with 32-bit base addresses, 128 KB of flash and MSI. PMCSR apart. */
static const struct {
    uint8_t at;
    uint32_t reset, writable;
} header[] = {
    {0x00, 0x100e8086, 0},          {0x04, 0x02300000, 0x00000157}, {0x08, 0x02000002, 0},
    {0x0c, 0x00000000, 0x0000fcff}, {0x10, 0x00000000, 0xfffe0000}, {0x14, 0x00000000, 0xfffe0000},
    {0x18, 0x00000001, 0xffffffc0}, {0x1c, 0x00000000, 0},          {0x20, 0x00000000, 0},
    {0x24, 0x00000000, 0},          {0x28, 0x00000000, 0},          {0x2c, 0x10088086, 0},
    {0x30, 0x00000000, 0xfffe0001}, {0x34, 0x000000dc, 0},          {0x38, 0x00000000, 0},
    {0x3c, 0x00ff0100, 0x000000ff}, {0xdc, 0x4822e401, 0},          {0xe4, 0x0002f007, 0x007f0000},
    {0xe8, 0x04400000, 0},          {0xf0, 0x00800005, 0x00710000}, {0xf4, 0x00000000, 0xfffffffc},
    {0xf8, 0x00000000, 0xffffffff}, {0xfc, 0x00000000, 0x0000ffff},
};
enum { HEADER = sizeof header / sizeof header[0] };

START_TEST(every_dword_has_its_reset_value)
{
    unsigned n = 0;

    board(BAR32, 0x0200, 0);
    for (unsigned at = 0; at < 256; at += 4) {
        if (at == 0xe0)
            continue;
        if (n < HEADER && header[n].at == at)
            ck_assert_msg(cfg(at) == header[n].reset, "%02xh is %08x", at, cfg(at));
        else
            ck_assert_msg(cfg(at) == 0, "%02xh is %08x", at, cfg(at));
        n += n < HEADER && header[n].at == at;
    }
    ck_assert_hex_eq(cfg(0xe0), 0x29002000);
}
END_TEST

START_TEST(only_the_bits_of_the_manual_can_be_written)
{
    unsigned n = 0;

    board(BAR32, 0x0200, 0);
    for (unsigned at = 0; at < 256; at += 4) {
        const uint32_t writable = n < HEADER && header[n].at == at ? header[n].writable : 0;
        const uint32_t fixed = n < HEADER && header[n].at == at ? header[n].reset & ~writable : 0;

        if (at == 0xe0)
            continue;
        for (unsigned b = 0; b < 32; b++) {
            cfg_write(at, 1u << b);
            if (cfg(at) != ((1u << b & writable) | fixed))
                ck_abort_msg("%02xh bit %u: %08x", at, b, cfg(at));
            cfg_write(at, ~(1u << b));
            if (cfg(at) != ((~(1u << b) & writable) | fixed))
                ck_abort_msg("%02xh all but bit %u: %08x", at, b, cfg(at));
            cfg_write(at, 0);
        }
        n += n < HEADER && header[n].at == at;
        fx_log_clear();
    }
}
END_TEST

START_TEST(bytes_and_words_reach_their_lanes)
{
    fx_start();
    cfg_write(0xf8, 0x11223344);
    ck_assert_hex_eq(cfg(0xf8), 0); /* no MSI on this board */
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xff, 1), 0);
    board(BAR32, 0, NO_FLASH);
    cfg_write(0xf8, 0x11223344);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_hex_eq(e1000_config_read(fx.dev, 0xf8 + i, 1), 0x44u - 0x11u * i);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xf8, 2), 0x3344);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xfa, 2), 0x1122);
    e1000_config_write(fx.dev, 0xf9, 1, 0xffffffaa);
    ck_assert_hex_eq(cfg(0xf8), 0x1122aa44);
    e1000_config_write(fx.dev, 0xfa, 2, 0x5555bbcc);
    ck_assert_hex_eq(cfg(0xf8), 0xbbccaa44);
    e1000_config_write(fx.dev, 0xfb, 1, 0);
    ck_assert_hex_eq(cfg(0xf8), 0x00ccaa44);
    e1000_config_write(fx.dev, 0xf8, 2, 0x1234);
    ck_assert_hex_eq(cfg(0xf8), 0x00cc1234);
    ck_assert(fx_logged("cfg wr f9 1 aa"));
    ck_assert(fx_logged("cfg rd fa 2 1122"));
}
END_TEST

START_TEST(an_odd_access_reads_ones_and_writes_nothing)
{
    static const struct {
        unsigned at, size;
        uint32_t ones;
    } odd[] = {{0x0d, 2, 0xffff},      {0x0e, 4, 0xffffffff}, {0x0f, 2, 0xffff},
               {0x0d, 4, 0xffffffff},  {0x0c, 3, 0xffffff},   {0x0c, 8, 0xffffffff},
               {0x100, 4, 0xffffffff}, {0x10c, 1, 0xff},      {0x0c, 0, 0}};

    fx_start();
    ck_assert_hex_eq(e1000_config_read(fx.dev, odd[_i].at, odd[_i].size), odd[_i].ones);
    e1000_config_write(fx.dev, odd[_i].at, odd[_i].size, 0xffffffff);
    ck_assert_hex_eq(cfg(0x0c), 0);
}
END_TEST

START_TEST(status_bits_clear_where_1_is_written)
{
    const uint16_t clears = 0xf900;

    fx_start();
    for (unsigned b = 0; b < 16; b++) {
        const uint16_t bit = (uint16_t)(1u << b);

        put16(&fx.dev->pci.config[6], 0x0230 | clears);
        e1000_config_write(fx.dev, 6, 2, bit);
        ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2), 0x0230 | (clears & (uint16_t)~bit));
        put16(&fx.dev->pci.config[6], 0x0230 | clears);
        cfg_write(4, (uint32_t)bit << 16 | 7);
        ck_assert_hex_eq(cfg(4), (uint32_t)(0x0230 | (clears & (uint16_t)~bit)) << 16 | 7);
    }
    put16(&fx.dev->pci.config[6], 0x0230 | clears);
    e1000_config_write(fx.dev, 4, 2, 0xffff); /* the other half */
    e1000_config_write(fx.dev, 6, 1, 0xff);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2), 0xfb30);
    e1000_config_write(fx.dev, 7, 1, 0xff);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 6, 2), 0x0230);
}
END_TEST

START_TEST(a_refused_dma_is_a_received_master_abort)
{
    fx_start();
    pci_master_abort(fx.dev);
    ck_assert_hex_eq(cfg(4), 0x22300007);
}
END_TEST

START_TEST(ids_come_from_the_eeprom_if_it_says_so)
{
    static const uint16_t init1[] = {0x6008, 0x6009, 0x600a, 0x600b, 0xa00b, 0x200b, 0xe00b};
    const bool ids = _i == 1 || _i == 3, subsystem = _i == 2 || _i == 3; /* the last three lack the signature */

    board(init1[_i], 0, 0);
    ck_assert_hex_eq(cfg(0x00), ids ? 0x10150506 : 0x100e8086);
    ck_assert_hex_eq(cfg(0x2c), subsystem ? 0x01020304 : 0x10088086);
}
END_TEST

START_TEST(the_silicon_has_a_device_id_and_a_revision)
{
    fx_board();
    fx.config.device_id = 0x1015;
    fx.config.revision = 0xa5;
    fx.config.eeprom_words = 0;
    fx_power();
    ck_assert_hex_eq(cfg(0x00), 0x10158086);
    ck_assert_hex_eq(cfg(0x08), 0x020000a5);
}
END_TEST

/* ---- base addresses ---- */

START_TEST(sizing_finds_128_kb_flash_and_64_ports)
{
    static const uint32_t flash[] = {0x10000, 0x20000, 0x40000, 0x80000, 0};
    const uint32_t size = flash[_i % 5];
    const bool wide = _i >= 5;
    const unsigned flash_at = wide ? 0x18 : 0x14, io_at = wide ? 0x20 : 0x18;

    board(wide ? BAR64 : BAR32, (uint16_t)(_i % 5 << 9 & 0x0600), _i % 5 == 4 ? NO_FLASH : 0);
    for (unsigned at = 0x10; at < 0x28; at += 4)
        cfg_write(at, 0xffffffff);
    cfg_write(0x30, 0xffffffff);
    ck_assert_hex_eq(cfg(0x10), wide ? 0xfffe0004 : 0xfffe0000);
    if (wide)
        ck_assert_hex_eq(cfg(0x14), 0xffffffff);
    ck_assert_hex_eq(cfg(flash_at), size == 0 ? 0 : (0u - size) | (wide ? 4u : 0));
    if (wide)
        ck_assert_hex_eq(cfg(0x1c), size == 0 ? 0 : 0xffffffff);
    ck_assert_hex_eq(cfg(io_at), 0xffffffc1);
    if (!wide) {
        ck_assert_hex_eq(cfg(0x1c), 0);
        ck_assert_hex_eq(cfg(0x20), 0);
    }
    ck_assert_hex_eq(cfg(0x24), 0);
    ck_assert_hex_eq(cfg(0x30), size == 0 ? 0 : (0u - size) | 1);
    ck_assert_uint_eq(bar(E1000_BAR_MEM).size, 0x20000);
    ck_assert_uint_eq(bar(E1000_BAR_IO).size, 64);
    ck_assert_uint_eq(bar(E1000_BAR_FLASH).size, size);
    ck_assert_uint_eq(bar(E1000_BAR_ROM).size, size);
    ck_assert_uint_eq(bar(E1000_BAR_MEM).config_offset, 0x10);
    ck_assert_uint_eq(bar(E1000_BAR_FLASH).config_offset, flash_at);
    ck_assert_uint_eq(bar(E1000_BAR_IO).config_offset, io_at);
    ck_assert_uint_eq(bar(E1000_BAR_ROM).config_offset, 0x30);
    for (unsigned n = 0; n < E1000_BARS; n++) {
        ck_assert_int_eq(bar(n).io, n == E1000_BAR_IO);
        ck_assert_int_eq(bar(n).wide, wide && n < E1000_BAR_IO);
    }
    for (unsigned at = 0x10; at < 0x28; at += 4)
        cfg_write(at, 0);
    ck_assert_hex_eq(cfg(0x10), wide ? 4 : 0);
    ck_assert_hex_eq(cfg(flash_at), wide && size != 0 ? 4 : 0);
    ck_assert_hex_eq(cfg(io_at), 1);
}
END_TEST

START_TEST(bases_are_what_was_written)
{
    const bool wide = _i != 0;

    board(wide ? BAR64 : BAR32, 0, 0);
    cfg_write(0x10, 0xfebe0000);
    cfg_write(0x14, wide ? 0x00000012 : 0xfebc0000);
    cfg_write(0x18, wide ? 0xfebc0000 : 0x0000c040);
    cfg_write(0x1c, 0x00000034);
    cfg_write(0x20, 0x0000c040);
    cfg_write(0x30, 0xfeb80001);
    ck_assert_hex_eq(bar(E1000_BAR_MEM).base, wide ? UINT64_C(0x12febe0000) : 0xfebe0000);
    ck_assert_hex_eq(bar(E1000_BAR_FLASH).base, wide ? UINT64_C(0x34febc0000) : 0xfebc0000);
    ck_assert_hex_eq(bar(E1000_BAR_IO).base, 0xc040);
    ck_assert_hex_eq(bar(E1000_BAR_ROM).base, 0xfeb80000);
}
END_TEST

START_TEST(without_a_valid_eeprom_bases_have_32_bits_and_there_is_no_flash)
{
    fx_board();
    fx.config.eeprom_words = _i == 0 ? 0 : 64;
    fx.eeprom[0x0a] = 0x8004;
    fx.eeprom[0x22] = 0x290d;
    fx.eeprom[0x0f] = 0xffff;
    fx.eeprom[0x24] = 0;
    fx_power();
    ck_assert_hex_eq(cfg(0x10), 0);
    ck_assert_hex_eq(cfg(0x18), 1);
    ck_assert_uint_eq(bar(E1000_BAR_FLASH).size, 0);
    ck_assert_hex_eq(cfg(0xe4), 0x0002f007); /* and MSI is there */
    ck_assert_hex_eq(cfg(0xdc), 0x4822e401); /* and power management */
    ck_assert_hex_eq(cfg(0xe0), 0x00002000);
}
END_TEST

/* One row for each condition of decoding: Command, base, and what answers: memory, flash, I/O, ROM. */
static const struct {
    uint16_t command;
    bool bases;
    bool up[E1000_BARS];
} decode[] = {{0, true, {0, 0, 0, 0}}, {1, true, {0, 0, 1, 0}},  {2, true, {1, 1, 0, 1}},     {3, true, {1, 1, 1, 1}},
              {4, true, {0, 0, 0, 0}}, {3, false, {1, 0, 0, 0}}, {0xfffc, true, {0, 0, 0, 0}}};

START_TEST(a_range_is_decoded_by_command_bit_and_base)
{
    board(_i >= 7 ? BAR64 : BAR32, 0, 0);
    if (decode[_i % 7].bases) {
        for (unsigned n = 0; n < E1000_BARS; n++)
            cfg_write(bar(n).config_offset, 0x00100001u << n);
        cfg_write(0x30, 0x00800001);
    }
    e1000_config_write(fx.dev, 4, 2, decode[_i % 7].command);
    for (unsigned n = 0; n < E1000_BARS; n++)
        ck_assert_msg(bar(n).enabled == decode[_i % 7].up[n], "range %u", n);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, 0x5200, 4), decode[_i % 7].up[0] ? 0 : 0xffffffff);
    ck_assert_hex_eq(fx_read(0x5200), decode[_i % 7].up[0] ? 0 : 0xffffffff);
    fx_write(0x5200, 1);
    e1000_bar_write(fx.dev, E1000_BAR_MEM, 0x5204, 4, 1);
    e1000_config_write(fx.dev, 4, 2, 2);
    ck_assert_hex_eq(fx_read(0x5200), decode[_i % 7].up[0]);
    ck_assert_hex_eq(fx_read(0x5204), decode[_i % 7].up[0]);
}
END_TEST

START_TEST(the_rom_needs_its_own_enable)
{
    board(BAR32, 0, 0);
    cfg_write(4, 2);
    cfg_write(0x30, 0xfeb80000);
    ck_assert(!bar(E1000_BAR_ROM).enabled);
    cfg_write(0x30, 0x00000001);
    ck_assert(!bar(E1000_BAR_ROM).enabled);
    cfg_write(0x30, 0xfeb80001);
    ck_assert(bar(E1000_BAR_ROM).enabled);
}
END_TEST

START_TEST(a_wide_base_above_4_gb_counts_as_set)
{
    board(BAR64, 0, 0);
    cfg_write(4, 2);
    cfg_write(0x1c, 1);
    ck_assert(bar(E1000_BAR_FLASH).enabled);
    ck_assert_hex_eq(bar(E1000_BAR_FLASH).base, UINT64_C(0x100000000));
}
END_TEST

START_TEST(flash_reads_as_erased_and_takes_no_register_write)
{
    board(BAR32, 0, 0);
    cfg_write(0x10, 0xfebe0000);
    cfg_write(0x14, 0xfebc0000);
    cfg_write(4, 2);
    e1000_bar_write(fx.dev, E1000_BAR_FLASH, 0x28, 4, 0);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_FLASH, 0x28, 4), 0xffffffff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_FLASH, 0, 1), 0xff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_FLASH, 0, 8), UINT64_MAX);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BARS, 0, 2), 0xffff);
    e1000_bar_write(fx.dev, E1000_BARS, 0x28, 4, 5);
    ck_assert_hex_eq(fx_read(0x28), 0);
    ck_assert_uint_eq(fx_log_count("wr"), 0);
    ck_assert_uint_eq(fx_log_count("bad flash-write-disabled"), 1); /* EECD.FWE is 01b */
}
END_TEST

/* ---- the I/O window [13.2.2] ---- */

static uint32_t io(unsigned at)
{
    return (uint32_t)e1000_bar_read(fx.dev, E1000_BAR_IO, at, 4);
}
static void io_write(unsigned at, uint32_t value)
{
    e1000_bar_write(fx.dev, E1000_BAR_IO, at, 4, value);
}

START_TEST(ioaddr_keeps_20_bits)
{
    fx_start();
    ck_assert_hex_eq(io(0), 0);
    for (unsigned b = 0; b < 32; b++) {
        io_write(0, 1u << b);
        ck_assert_hex_eq(io(0), 1u << b & 0xfffff);
    }
    io_write(0, 0xfff56789);
    ck_assert_hex_eq(io(0), 0x56789);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_IO, 0, 2), 0x6789);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_IO, 2, 2), 0x0005);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_IO, 1, 1), 0x67);
    ck_assert(fx_logged("io wr 0 4 fff56789"));
    ck_assert(fx_logged("io rd 1 1 00000067"));
}
END_TEST

START_TEST(iodata_reaches_registers_below_20000h_only)
{
    static const uint32_t beyond[] = {0x20000, 0x20028, 0x7fffc};

    fx_start();
    io_write(0, 0x1fffc);
    io_write(4, 0x12345678);
    ck_assert_hex_eq(io(4), 0x12345678);
    ck_assert_hex_eq(fx_read(0x1fffc), 0x12345678);
    ck_assert_uint_eq(fx_log_count("bad"), 0);
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        fx_log_clear();
        io_write(0, beyond[i]);
        io_write(4, 0xffffffff);
        ck_assert_hex_eq(io(4), 0);
        ck_assert_uint_eq(fx_log_count("bad undeclared-register IODATA"), 2);
        ck_assert_uint_eq(fx_log_count("wr") + fx_log_count("rd"), 0);
    }
    ck_assert_hex_eq(fx_read(0x28), 0);
}
END_TEST

START_TEST(the_rest_of_the_window_is_nothing)
{
    fx_start();
    io_write(0, 0x28);
    for (unsigned at = 8; at < 64; at += 4) {
        io_write(at, 0xffffffff);
        ck_assert_hex_eq(io(at), 0);
    }
    ck_assert_uint_eq(fx_log_count("bad undeclared-register IODATA"), 28);
    io_write(64, 0xffffffff);
    ck_assert_hex_eq(io(64), 0xffffffff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_IO, 62, 4), 0xffffffff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_IO, 0, 8), UINT64_MAX);
    e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 8, 0);
    ck_assert_hex_eq(io(0), 0x28);
    ck_assert_hex_eq(fx_read(0x28), 0);
}
END_TEST

START_TEST(ioaddr_is_reset_by_the_pins_and_not_by_software)
{
    fx_start();
    io_write(0, 0x12345);
    fx_write(E1000_CTRL, 1u << 26);
    ck_assert_hex_eq(io(0), 0x12345);
    if (_i == 0) {
        e1000_pci_reset(fx.dev, true);
        e1000_pci_reset(fx.dev, false);
    } else {
        e1000_lan_power_good(fx.dev, false);
        e1000_lan_power_good(fx.dev, true);
    }
    fx_pci_setup();
    ck_assert_hex_eq(io(0), 0);
}
END_TEST

/* [Linux] the reset goes through the window: IOADDR 0, IODATA CTRL with RST */
START_TEST(linux_resets_through_the_window)
{
    fx_start();
    io_write(0, 0);
    io_write(4, 0x04000000 | fx_read(0));
    ck_assert(fx_logged("reset CTRL.RST"));
    ck_assert_hex_eq(fx_read(0), 0xa09);
}
END_TEST

/* ---- power management [6.3.3] ---- */

START_TEST(pmc_says_from_which_states_it_can_wake)
{
    const bool on = (_i & 1) != 0, aux = (_i & 2) != 0, advertise = (_i & 4) != 0, clock = (_i & 8) != 0;
    const uint32_t support = !on ? 0 : aux && advertise ? 0xc800 : 0x4800;

    fx_board();
    fx.eeprom[0x0a] = (uint16_t)(0x6000 | (on ? 8 : 0) | (clock ? 4 : 0));
    fx.eeprom[0x20] = advertise ? 4 : 0;
    fx_checksum();
    fx.config.aux_power = aux;
    fx_power();
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xde, 2), 0x0022 | support | (clock ? 8 : 0));
}
END_TEST

START_TEST(d3cold_support_follows_aux_power_and_advd3wuc_at_once)
{
    fx_start();
    fx_write(E1000_CTRL, 1u << 20);
    ck_assert_hex_eq(cfg(0xdc) >> 16, 0x4822);
    e1000_aux_power(fx.dev, true);
    ck_assert_hex_eq(cfg(0xdc) >> 16, 0xc822);
    fx_write(E1000_CTRL, 0);
    ck_assert_hex_eq(cfg(0xdc) >> 16, 0x4822);
    fx_write(E1000_CTRL, 1u << 20);
    ck_assert_hex_eq(cfg(0xdc) >> 16, 0xc822);
    e1000_aux_power(fx.dev, false);
    ck_assert_hex_eq(cfg(0xdc) >> 16, 0x4822);
}
END_TEST

START_TEST(pmcsr_keeps_what_it_should)
{
    static const uint32_t keeps = 0x1f00; /* PME_En, Data_Select */

    board(BAR32, NO_MSI, NO_FLASH);
    for (unsigned b = 2; b < 15; b++) {
        e1000_config_write(fx.dev, 0xe0, 2, 1u << b);
        ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & ~0x6000u, 1u << b & keeps);
    }
    put16(&fx.dev->pci.config[0xe0], 0x8000); /* PME_Status */
    e1000_config_write(fx.dev, 0xe0, 2, 0x0100);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2), 0xa100);
    e1000_config_write(fx.dev, 0xe0, 1, 0x80);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2), 0xa100);
    e1000_config_write(fx.dev, 0xe1, 1, 0x81);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2), 0x2100);
    cfg_write(0xe0, 0xffff0000); /* bridge extensions and data are read-only */
    ck_assert_hex_eq(cfg(0xe0), 0x29002000);
}
END_TEST

START_TEST(the_data_register_follows_data_select)
{
    const bool known = _i == 0 || _i == 3 || _i == 4 || _i == 7;

    board(BAR32, NO_MSI, NO_FLASH);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2), 0x2000);
    e1000_config_write(fx.dev, 0xe0, 2, (uint32_t)_i << 9);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2), (uint32_t)_i << 9 | (known ? 0x2000u : 0));
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe3, 1), _i == 0 || _i == 4 ? 0x29 : _i == 3 || _i == 7 ? 0x0d : 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe2, 1), 0);
}
END_TEST

START_TEST(with_power_management_off_pmcsr_cannot_be_written)
{
    board(0x6000, NO_MSI, NO_FLASH);
    e1000_config_write(fx.dev, 0xe0, 2, 0x1f03);
    ck_assert_hex_eq(cfg(0xe0), 0x00000000); /* no data, no scale */
    ck_assert(!pci_d3(fx.dev));
    ck_assert_hex_eq(cfg(0xdc), 0x0022e401);
}
END_TEST

START_TEST(only_d0_and_d3_exist)
{
    fx_start();
    e1000_config_write(fx.dev, 0xe0, 2, 0x0101);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 0x1fff, 0x0100); /* the rest of the write counts */
    e1000_config_write(fx.dev, 0xe0, 2, 0x0002);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 0x1fff, 0);
    ck_assert_uint_eq(fx_log_count("reset"), 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 4, 2), 7);
    e1000_config_write(fx.dev, 0xe0, 2, 3);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 3, 3);
    e1000_config_write(fx.dev, 0xe0, 2, 1);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 3, 3);
    e1000_config_write(fx.dev, 0xe0, 2, 2);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 3, 3);
    e1000_config_write(fx.dev, 0xe1, 1, 1); /* another byte of it */
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 3, 3);
    ck_assert_uint_eq(fx_log_count("reset"), 0);
    e1000_config_write(fx.dev, 0xe0, 2, 0);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2) & 3, 0);
    ck_assert(fx_logged("reset D3 to D0u"));
}
END_TEST

START_TEST(d3_answers_configuration_only)
{
    fx_start();
    e1000_config_write(fx.dev, 4, 2, 0x157);
    fx_write(E1000_VET, 0x8100);
    e1000_config_write(fx.dev, 0xe0, 2, 3);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 4, 2), 0x154); /* memory and I/O are off */
    e1000_config_write(fx.dev, 4, 2, 7);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 4, 2), 7);
    for (unsigned n = 0; n < E1000_BARS; n++)
        ck_assert(!bar(n).enabled);
    ck_assert_hex_eq(fx_read(E1000_VET), 0xffffffff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, E1000_VET, 4), 0xffffffff);
    ck_assert(!dma_ready(fx.dev));
    ck_assert_hex_eq(cfg(0), 0x100e8086);
    fx_write(E1000_VET, 1);
    e1000_config_write(fx.dev, 0xe0, 2, 3); /* again: nothing */
    ck_assert_hex_eq(e1000_config_read(fx.dev, 4, 2), 7);
    ck_assert_uint_eq(fx_log_count("wr VET"), 1);
}
END_TEST

START_TEST(the_way_back_to_d0_forgets_the_header)
{
    fx_start();
    e1000_config_write(fx.dev, 0x0c, 1, 0x10);
    e1000_config_write(fx.dev, 0x3c, 1, 0x0b);
    e1000_config_write(fx.dev, 0xe0, 2, 0x0103);
    put16(&fx.dev->pci.config[0xe0], 0x8103);
    e1000_config_write(fx.dev, 0xe0, 2, 0x0100);
    ck_assert_hex_eq(e1000_config_read(fx.dev, 0xe0, 2), 0xa100); /* PME context survives, AUX_POWER or not */
    ck_assert_hex_eq(cfg(4), 0x02300000);
    ck_assert_hex_eq(cfg(0x0c), 0);
    ck_assert_hex_eq(cfg(0x10), 0);
    ck_assert_hex_eq(cfg(0x18), 1);
    ck_assert_hex_eq(cfg(0x3c), 0x00ff0100);
}
END_TEST

/* ---- MSI capability ---- */

START_TEST(msi_can_be_hidden)
{
    board(BAR32, NO_MSI, NO_FLASH);
    ck_assert_hex_eq(cfg(0xe4), 0x00020007);
    for (unsigned at = 0xf0; at < 0x100; at += 4) {
        cfg_write(at, 0xffffffff);
        ck_assert_hex_eq(cfg(at), 0);
    }
    ck_assert(!pci_msi_enabled(fx.dev));
}
END_TEST

START_TEST(only_the_enable_bit_turns_msi_on)
{
    board(BAR32, 0, NO_FLASH);
    for (unsigned b = 1; b < 16; b++) {
        e1000_config_write(fx.dev, 0xf2, 2, 1u << b);
        ck_assert(!pci_msi_enabled(fx.dev));
        ck_assert_hex_eq(e1000_config_read(fx.dev, 0xf2, 2), 0x80 | (1u << b & 0x70));
    }
    e1000_config_write(fx.dev, 0xf2, 2, 1);
    ck_assert(pci_msi_enabled(fx.dev));
    fx_pci_setup();
    fx_write(E1000_CTRL_EXT, 1u << 13); /* a reload of the EEPROM keeps it */
    fx_run(FX_LOAD_NS);
    ck_assert(pci_msi_enabled(fx.dev));
}
END_TEST

START_TEST(a_reload_takes_new_words_and_keeps_the_addresses)
{
    board(BAR32, NO_MSI, NO_FLASH);
    fx_pci_setup();
    fx.dev->eeprom.word[0x0a] |= 1;
    fx.dev->eeprom.word[0x0f] = 0;
    fx.dev->eeprom.word[0x24] = 0;
    fx_write(E1000_CTRL_EXT, 1u << 13);
    ck_assert_hex_eq(cfg(0), 0x100e8086);
    fx_run(FX_LOAD_NS);
    ck_assert_hex_eq(cfg(0), 0x10150506);
    ck_assert_hex_eq(cfg(0xe4), 0x0002f007);
    ck_assert_hex_eq(cfg(0xf0), 0x00800005);
    ck_assert_uint_eq(bar(E1000_BAR_FLASH).size, 0x10000);
    ck_assert_hex_eq(cfg(0x10), FX_BAR0);
    ck_assert_hex_eq(cfg(0x18), FX_IO | 1);
}
END_TEST

START_TEST(a_reload_keeps_wide_bases)
{
    static const uint32_t base[] = {0xfebe0004, 0x12, 0xfebc0004, 0x34, 0xc041, 0};

    board(BAR64, 0, 0);
    for (unsigned i = 0; i < 6; i++)
        cfg_write(0x10 + 4 * i, base[i]);
    cfg_write(4, 2);
    fx_write(E1000_CTRL_EXT, 1u << 13);
    fx_run(FX_LOAD_NS);
    for (unsigned i = 0; i < 6; i++)
        ck_assert_hex_eq(cfg(0x10 + 4 * i), base[i]);
}
END_TEST

START_TEST(a_reload_can_take_the_flash_away)
{
    board(BAR32, 0, 0);
    fx_pci_setup();
    cfg_write(0x14, 0xfebc0000);
    cfg_write(0x30, 0xfebb0001);
    ck_assert(bar(E1000_BAR_FLASH).enabled);
    ck_assert(bar(E1000_BAR_ROM).enabled);
    fx.dev->eeprom.word[0x24] = NO_FLASH;
    fx_write(E1000_CTRL_EXT, 1u << 13);
    fx_run(FX_LOAD_NS);
    ck_assert(!bar(E1000_BAR_FLASH).enabled);
    ck_assert(!bar(E1000_BAR_ROM).enabled);
}
END_TEST

Suite *pci_suite(void);
Suite *pci_suite(void)
{
    Suite *s = suite_create("pci");
    TCase *tc = tcase_create("header");

    tcase_add_test(tc, every_dword_has_its_reset_value);
    tcase_add_test(tc, only_the_bits_of_the_manual_can_be_written);
    tcase_add_test(tc, bytes_and_words_reach_their_lanes);
    tcase_add_loop_test(tc, an_odd_access_reads_ones_and_writes_nothing, 0, 9);
    tcase_add_test(tc, status_bits_clear_where_1_is_written);
    tcase_add_test(tc, a_refused_dma_is_a_received_master_abort);
    tcase_add_loop_test(tc, ids_come_from_the_eeprom_if_it_says_so, 0, 7);
    tcase_add_test(tc, the_silicon_has_a_device_id_and_a_revision);
    suite_add_tcase(s, tc);

    tc = tcase_create("base addresses");
    tcase_add_loop_test(tc, sizing_finds_128_kb_flash_and_64_ports, 0, 10);
    tcase_add_loop_test(tc, bases_are_what_was_written, 0, 2);
    tcase_add_loop_test(tc, without_a_valid_eeprom_bases_have_32_bits_and_there_is_no_flash, 0, 2);
    tcase_add_loop_test(tc, a_range_is_decoded_by_command_bit_and_base, 0, 14);
    tcase_add_test(tc, the_rom_needs_its_own_enable);
    tcase_add_test(tc, a_wide_base_above_4_gb_counts_as_set);
    tcase_add_test(tc, flash_reads_as_erased_and_takes_no_register_write);
    suite_add_tcase(s, tc);

    tc = tcase_create("I/O window");
    tcase_add_test(tc, ioaddr_keeps_20_bits);
    tcase_add_test(tc, iodata_reaches_registers_below_20000h_only);
    tcase_add_test(tc, the_rest_of_the_window_is_nothing);
    tcase_add_loop_test(tc, ioaddr_is_reset_by_the_pins_and_not_by_software, 0, 2);
    tcase_add_test(tc, linux_resets_through_the_window);
    suite_add_tcase(s, tc);

    tc = tcase_create("power management");
    tcase_add_loop_test(tc, pmc_says_from_which_states_it_can_wake, 0, 16);
    tcase_add_test(tc, d3cold_support_follows_aux_power_and_advd3wuc_at_once);
    tcase_add_test(tc, pmcsr_keeps_what_it_should);
    tcase_add_loop_test(tc, the_data_register_follows_data_select, 0, 16);
    tcase_add_test(tc, with_power_management_off_pmcsr_cannot_be_written);
    tcase_add_test(tc, only_d0_and_d3_exist);
    tcase_add_test(tc, d3_answers_configuration_only);
    tcase_add_test(tc, the_way_back_to_d0_forgets_the_header);
    suite_add_tcase(s, tc);

    tc = tcase_create("MSI");
    tcase_add_test(tc, msi_can_be_hidden);
    tcase_add_test(tc, only_the_enable_bit_turns_msi_on);
    tcase_add_test(tc, a_reload_takes_new_words_and_keeps_the_addresses);
    tcase_add_test(tc, a_reload_keeps_wide_bases);
    tcase_add_test(tc, a_reload_can_take_the_flash_away);
    suite_add_tcase(s, tc);
    return s;
}
