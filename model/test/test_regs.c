/*
 * test_regs.c - the register table and its dispatch
 *
 * sheet[] repeats chapter 13 from the manual's field tables, not from regs.def: what sticks, what a
 * reset loads, what it leaves alone. linux_test[] are the masks of Linux's ethtool register test.
 */
#include "fixture.h"

#include "../core.h"

#include <string.h>

enum { BUS_MEM, BUS_IO, BUSES };

/* How a register is driven here: plain storage, or tests of its own elsewhere. */
enum { PLAIN, SPECIAL, COUNTER };

static const struct sheet {
    const char *name;
    uint32_t offset;
    unsigned count, stride;
    uint32_t mask; /* bits that keep what is written, or react to it */
    uint32_t sc;   /* writable, but clear themselves */
    uint32_t reset, undefined;
    unsigned on;
    int how;
} sheet[] = {
#define P E1000_ON_P
#define PR E1000_ON_PR
#define PRS E1000_ON_PRS
#define N E1000_ON_N
    {"CTRL", 0x0000, 1, 4, 0xd8fc1be9, 0x04000000, 0x00000a09, 0, PRS, SPECIAL},
    {"STATUS", 0x0008, 1, 4, 0, 0, 0, 0x0000fbd3, PRS, SPECIAL},
    {"EECD", 0x0010, 1, 4, 0x00000077, 0, 0x00000110, 0x00000008, PRS, SPECIAL},
    {"EERD", 0x0014, 1, 4, 0x0000ff00, 1, 0, 0xffffff00, PRS, SPECIAL},
    {"CTRL_EXT", 0x0018, 1, 4, 0x00008ccf, 0x00003000, 0x00000100, 0, PRS, SPECIAL},
    {"MDIC", 0x0020, 1, 4, 0x7fffffff, 0, 0, 0x0000ffff, PRS, SPECIAL},
    {"FCAL", 0x0028, 1, 4, 0xffffffff, 0, 0, 0xffffffff, PRS, PLAIN},
    {"FCAH", 0x002c, 1, 4, 0x0000ffff, 0, 0, 0x0000ffff, PRS, PLAIN},
    {"FCT", 0x0030, 1, 4, 0x0000ffff, 0, 0, 0x0000ffff, PRS, PLAIN},
    {"VET", 0x0038, 1, 4, 0x0000ffff, 0, 0, 0x0000ffff, PRS, PLAIN},
    {"ICR", 0x00c0, 1, 4, 0x0001f7ff, 0, 0, 0, PRS, SPECIAL},
    {"ITR", 0x00c4, 1, 4, 0x0000ffff, 0, 0, 0xffff0000, PRS, PLAIN},
    {"ICS", 0x00c8, 1, 4, 0x0001f7ff, 0, 0, 0xffffffff, PRS, SPECIAL},
    {"IMS", 0x00d0, 1, 4, 0x0001f7ff, 0, 0, 0, PRS, SPECIAL},
    {"IMC", 0x00d8, 1, 4, 0x0001f7ff, 0, 0, 0xffffffff, PRS, SPECIAL},
    {"RCTL", 0x0100, 1, 4, 0x06dfb3fe, 0, 0, 0, PRS, PLAIN},
    {"FCTTV", 0x0170, 1, 4, 0x0000ffff, 0, 0, 0x0000ffff, PRS, PLAIN},
    {"TXCW", 0x0178, 1, 4, 0xc000ffff, 0, 0, 0, PRS, PLAIN},
    {"TCTL", 0x0400, 1, 4, 0x013ffffa, 0x00400000, 0, 0, PRS, PLAIN},
    {"TIPG", 0x0410, 1, 4, 0x3fffffff, 0, 0, 0x3fffffff, P, PLAIN},
    {"AIFS", 0x0458, 1, 4, 0x0000ffff, 0, 0, 0, PRS, PLAIN},
    {"LEDCTL", 0x0e00, 1, 4, 0xcfcfcfcf, 0, 0x07068302, 0, PRS, PLAIN},
    {"PBA", 0x1000, 1, 4, 0x0000007f, 0, 0x00100030, 0, PR, SPECIAL},
    {"FCRTL", 0x2160, 1, 4, 0x8000fff8, 0, 0, 0, PRS, PLAIN},
    {"FCRTH", 0x2168, 1, 4, 0x0000fff8, 0, 0, 0, PRS, PLAIN},
    {"RDFH", 0x2410, 1, 4, 0x00001fff, 0, 0, 0, PRS, PLAIN},
    {"RDFT", 0x2418, 1, 4, 0x00001fff, 0, 0, 0, PRS, PLAIN},
    {"RDFHS", 0x2420, 1, 4, 0x00001fff, 0, 0, 0, PRS, PLAIN},
    {"RDFTS", 0x2428, 1, 4, 0x00001fff, 0, 0, 0, PRS, PLAIN},
    {"RDFPC", 0x2430, 1, 4, 0x00001fff, 0, 0, 0, PRS, PLAIN},
    {"RDBAL", 0x2800, 1, 4, 0xfffffff0, 0, 0, 0xfffffff0, N, PLAIN},
    {"RDBAH", 0x2804, 1, 4, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
    {"RDLEN", 0x2808, 1, 4, 0x000fff80, 0, 0, 0, PRS, PLAIN},
    {"RDH", 0x2810, 1, 4, 0x0000ffff, 0, 0, 0, PRS, PLAIN},
    {"RDT", 0x2818, 1, 4, 0x0000ffff, 0, 0, 0, PRS, PLAIN},
    {"RDTR", 0x2820, 1, 4, 0x0000ffff, 0x80000000, 0, 0, PRS, PLAIN},
    {"RXDCTL", 0x2828, 1, 4, 0x013f3f3f, 0, 0x01010000, 0, PRS, PLAIN},
    {"RADV", 0x282c, 1, 4, 0x0000ffff, 0, 0, 0, PRS, PLAIN},
    {"RSRPD", 0x2c00, 1, 4, 0x00000fff, 0, 0, 0, PRS, PLAIN},
    {"TDFH", 0x3410, 1, 4, 0x000007ff, 0, 0, 0, PRS, PLAIN},
    {"TDFT", 0x3418, 1, 4, 0x000007ff, 0, 0, 0, PRS, PLAIN},
    {"TDFHS", 0x3420, 1, 4, 0x00001fff, 0, 0, 0, PRS, PLAIN},
    {"TDFTS", 0x3428, 1, 4, 0x00001fff, 0, 0, 0, PRS, PLAIN},
    {"TDFPC", 0x3430, 1, 4, 0x00001fff, 0, 0, 0, PRS, PLAIN},
    {"TDBAL", 0x3800, 1, 4, 0xfffffff0, 0, 0, 0xfffffff0, N, PLAIN},
    {"TDBAH", 0x3804, 1, 4, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
    {"TDLEN", 0x3808, 1, 4, 0x000fff80, 0, 0, 0, PRS, PLAIN},
    {"TDH", 0x3810, 1, 4, 0x0000ffff, 0, 0, 0, PRS, PLAIN},
    {"TDT", 0x3818, 1, 4, 0x0000ffff, 0, 0, 0, PRS, PLAIN},
    {"TIDV", 0x3820, 1, 4, 0x0000ffff, 0, 0, 0x0000ffff, PRS, PLAIN},
    {"TXDCTL", 0x3828, 1, 4, 0xff3f3f3f, 0, 0, 0, PRS, PLAIN},
    {"TADV", 0x382c, 1, 4, 0x0000ffff, 0, 0, 0, PRS, PLAIN},
    {"TSPMT", 0x3830, 1, 4, 0xffffffff, 0, 0x01000400, 0, PRS, PLAIN},
#define STAT(name, offset)                                                                                             \
    {                                                                                                                  \
        name, offset, 1, 4, 0, 0, 0, 0, PRS, COUNTER                                                                   \
    }
    STAT("CRCERRS", 0x4000),
    STAT("ALGNERRC", 0x4004),
    STAT("SYMERRS", 0x4008),
    STAT("RXERRC", 0x400c),
    STAT("MPC", 0x4010),
    STAT("SCC", 0x4014),
    STAT("ECOL", 0x4018),
    STAT("MCC", 0x401c),
    STAT("LATECOL", 0x4020),
    STAT("COLC", 0x4028),
    STAT("DC", 0x4030),
    STAT("TNCRS", 0x4034),
    STAT("SEC", 0x4038),
    STAT("CEXTERR", 0x403c),
    STAT("RLEC", 0x4040),
    STAT("XONRXC", 0x4048),
    STAT("XONTXC", 0x404c),
    STAT("XOFFRXC", 0x4050),
    STAT("XOFFTXC", 0x4054),
    STAT("FCRUC", 0x4058),
    STAT("PRC64", 0x405c),
    STAT("PRC127", 0x4060),
    STAT("PRC255", 0x4064),
    STAT("PRC511", 0x4068),
    STAT("PRC1023", 0x406c),
    STAT("PRC1522", 0x4070),
    STAT("GPRC", 0x4074),
    STAT("BPRC", 0x4078),
    STAT("MPRC", 0x407c),
    STAT("GPTC", 0x4080),
    STAT("GORCL", 0x4088),
    STAT("GORCH", 0x408c),
    STAT("GOTCL", 0x4090),
    STAT("GOTCH", 0x4094),
    STAT("RNBC", 0x40a0),
    STAT("RUC", 0x40a4),
    STAT("RFC", 0x40a8),
    STAT("ROC", 0x40ac),
    STAT("RJC", 0x40b0),
    STAT("MGTPRC", 0x40b4),
    STAT("MGTPDC", 0x40b8),
    STAT("MGTPTC", 0x40bc),
    STAT("TORL", 0x40c0),
    STAT("TORH", 0x40c4),
    STAT("TOTL", 0x40c8),
    STAT("TOTH", 0x40cc),
    STAT("TPR", 0x40d0),
    STAT("TPT", 0x40d4),
    STAT("PTC64", 0x40d8),
    STAT("PTC127", 0x40dc),
    STAT("PTC255", 0x40e0),
    STAT("PTC511", 0x40e4),
    STAT("PTC1023", 0x40e8),
    STAT("PTC1522", 0x40ec),
    STAT("MPTC", 0x40f0),
    STAT("BPTC", 0x40f4),
    STAT("TSCTC", 0x40f8),
    STAT("TSCTFC", 0x40fc),
#undef STAT
    {"RXCSUM", 0x5000, 1, 4, 0x000007ff, 0, 0, 0, PRS, PLAIN},
    {"MTA", 0x5200, 128, 4, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
    {"RAL", 0x5400, 16, 8, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
    {"RAH", 0x5404, 16, 8, 0x8003ffff, 0, 0, 0x0003ffff, N, PLAIN},
    {"VFTA", 0x5600, 128, 4, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
    {"WUC", 0x5800, 1, 4, 0x0000000b, 0x00000004, 0, 0, PRS, PLAIN},
    {"WUFC", 0x5808, 1, 4, 0x000f00ff, 0, 0, 0, PRS, PLAIN},
    {"WUS", 0x5810, 1, 4, 0x000f00ff, 0, 0, 0, P, SPECIAL},
    {"MANC", 0x5820, 1, 4, 0x0000a300, 0, 0, 0, PRS, PLAIN},
    {"IPAV", 0x5838, 1, 4, 0x0001000f, 0, 0, 0, PRS, PLAIN},
    {"IP4AT", 0x5840, 4, 8, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
    {"IP6AT", 0x5880, 4, 4, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
    {"WUPL", 0x5900, 1, 4, 0x00000fff, 0, 0, 0, P, PLAIN},
    {"WUPM", 0x5a00, 32, 4, 0xffffffff, 0, 0, 0, P, PLAIN},
    {"SWSM", 0x5b50, 1, 4, 0x00000002, 0, 0, 0, PRS, PLAIN},
    {"FFLT", 0x5f00, 4, 8, 0x000007ff, 0, 0, 0, PRS, PLAIN},
    {"FFMT", 0x9000, 128, 8, 0x0000000f, 0, 0, 0x0000000f, N, PLAIN},
    {"FFVT", 0x9800, 128, 8, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
    {"PBM", 0x10000, 16384, 4, 0xffffffff, 0, 0, 0xffffffff, N, PLAIN},
#undef P
#undef PR
#undef PRS
#undef N
};
enum { SHEETS = sizeof sheet / sizeof sheet[0] };

static uint32_t read_by(int bus, uint32_t offset)
{
    if (bus == BUS_MEM)
        return (uint32_t)e1000_bar_read(fx.dev, E1000_BAR_MEM, offset, 4);
    e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 4, offset);
    return (uint32_t)e1000_bar_read(fx.dev, E1000_BAR_IO, 4, 4);
}

static void write_by(int bus, uint32_t offset, uint32_t value)
{
    if (bus == BUS_MEM) {
        e1000_bar_write(fx.dev, E1000_BAR_MEM, offset, 4, value);
    } else {
        e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 4, offset);
        e1000_bar_write(fx.dev, E1000_BAR_IO, 4, 4, value);
    }
}

/* A board without EEPROM and without events: nothing but resets and writes gives a register its value. */
static void bare_board(void)
{
    fx_board();
    fx.config.eeprom_words = 0;
    fx.host.trace = NULL;
    fx_power();
    fx_run(FX_LOAD_NS);
    fx_pci_setup();
}

static uint32_t seed;
static uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed ^ seed >> 15;
}

/* ---- the table by itself ---- */

START_TEST(rows_ascend_and_no_two_claim_one_dword)
{
    static uint8_t claimed[0x20000 / 4];

    for (size_t i = 0; i < e1000_reg_count(); i++) {
        const struct e1000_reg *row = e1000_reg(i);

        ck_assert_uint_eq(row->id, i);
        if (i != 0)
            ck_assert_msg(row->offset > e1000_reg(i - 1)->offset, "%s is out of order", row->name);
        ck_assert_uint_ge(row->count, 1);
        ck_assert(row->count > 1 || row->stride == 4);
        ck_assert_uint_eq(row->sw_keep | row->sw_update, 0);
        for (unsigned n = 0; n < row->count; n++) {
            const uint32_t at = row->offset + n * row->stride;

            if (at % 4 != 0 || at >= 0x20000 || claimed[at / 4]++ != 0)
                ck_abort_msg("%s[%u] at %xh", row->name, n, at);
        }
    }
    ck_assert_ptr_null(e1000_reg(e1000_reg_count()));
    ck_assert_ptr_null(e1000_phy(e1000_phy_count()));
}
END_TEST

static void check_fields(const struct e1000_reg *row, unsigned width)
{
    uint32_t seen = 0, changes = 0;
    unsigned n = 0;

    for (const struct e1000_field *f = row->field; f->owner == row->id; f++, n++) {
        const uint32_t mask = E1000_BITS_(f->hi, f->lo);

        ck_assert_msg(f->hi >= f->lo && f->hi < width, "%s.%s is %u:%u", row->name, f->name, f->hi, f->lo);
        ck_assert_msg((seen & mask) == 0, "%s.%s overlaps", row->name, f->name);
        ck_assert_msg(f->format != E1000_FMT_bit || f->hi == f->lo, "%s.%s is more than a bit", row->name, f->name);
        seen |= mask;
        if (f->access != E1000_ACC_RO && f->access != E1000_ACC_RC && f->access != E1000_ACC_SAT &&
            f->access != E1000_ACC_LH && f->access != E1000_ACC_LL)
            changes |= mask;
    }
    ck_assert_msg(n != 0, "%s has no field", row->name);
    ck_assert_msg(changes == row->writable, "%s: fields say %xh can be written, the row %xh", row->name, changes,
                  row->writable);
    ck_assert_msg((row->reset & row->undefined) == 0, "%s is reset to undefined bits", row->name);
    ck_assert_msg(width == 32 || (row->sw_keep & row->sw_update) == 0, "%s keeps and updates a bit", row->name);
}

START_TEST(fields_do_not_overlap_and_cover_what_can_be_written)
{
    for (size_t i = 0; i < e1000_reg_count(); i++)
        check_fields(e1000_reg(i), 32);
    for (size_t i = 0; i < e1000_phy_count(); i++)
        check_fields(e1000_phy(i), 16);
}
END_TEST

START_TEST(rows_are_those_of_chapter_13)
{
    ck_assert_uint_eq(e1000_reg_count(), SHEETS);
    for (const struct sheet *s = sheet; s < sheet + SHEETS; s++) {
        const struct e1000_reg *row = e1000_reg((size_t)(s - sheet));

        ck_assert_str_eq(row->name, s->name);
        ck_assert_msg(row->offset == s->offset, "%s is at %xh", s->name, row->offset);
        ck_assert_msg(row->count == s->count, "%s has %u", s->name, row->count);
        ck_assert_msg(s->count == 1 || row->stride == s->stride, "%s stride %u", s->name, row->stride);
        ck_assert_msg(row->writable == (s->mask | s->sc), "%s writable %xh", s->name, row->writable);
        ck_assert_msg(row->reset == s->reset, "%s reset %xh", s->name, row->reset);
        ck_assert_msg(row->undefined == s->undefined, "%s undefined %xh", s->name, row->undefined);
        ck_assert_msg(row->on == s->on, "%s on %u", s->name, row->on);
    }
}
END_TEST

START_TEST(a_row_is_found_by_offset_and_by_name)
{
    static const struct {
        uint32_t offset;
        const char *name;
        unsigned index;
    } probe[] = {{0x0000, "CTRL", 0},  {0x5200, "MTA", 0},    {0x53fc, "MTA", 127}, {0x5400, "RAL", 0},
                 {0x5404, "RAH", 0},   {0x5478, "RAL", 15},   {0x547c, "RAH", 15},  {0x9bf8, "FFVT", 127},
                 {0x5858, "IP4AT", 3}, {0x588c, "IP6AT", 3},  {0x10000, "PBM", 0},  {0x1fffc, "PBM", 16383},
                 {0x0004, NULL, 0},    {0x001c, NULL, 0},     {0x0180, NULL, 0},    {0x5480, NULL, 0},
                 {0x5844, NULL, 0},    {0x5860, NULL, 0},     {0x5890, NULL, 0},    {0x9004, NULL, 0},
                 {0x20000, NULL, 0},   {0x5202, NULL, 0},     {0x0001, NULL, 0},    {0x9c00, NULL, 0},
                 {0x3000, NULL, 0},    {0x0168, NULL, 0},     {0x5a7c, "WUPM", 31}, {0x5a80, NULL, 0},
                 {0x5f18, "FFLT", 3},  {0xffffffff, NULL, 0}, {0x0110, NULL, 0},    {0x5840, "IP4AT", 0}};

    for (size_t i = 0; i < sizeof probe / sizeof probe[0]; i++) {
        unsigned index = 99;
        const struct e1000_reg *row = e1000_reg_at(probe[i].offset, &index);

        ck_assert_msg((row == NULL) == (probe[i].name == NULL), "%xh", probe[i].offset);
        if (row != NULL) {
            ck_assert_str_eq(row->name, probe[i].name);
            ck_assert_uint_eq(index, probe[i].index);
        }
    }
    for (size_t i = 0; i < e1000_reg_count(); i++)
        ck_assert_ptr_eq(e1000_reg_named(e1000_reg(i)->name), e1000_reg(i));
    for (size_t i = 0; i < e1000_phy_count(); i++) {
        ck_assert_ptr_eq(e1000_phy_named(e1000_phy(i)->name), e1000_phy(i));
        ck_assert_ptr_eq(e1000_phy_at(e1000_phy(i)->offset), e1000_phy(i));
    }
    ck_assert_ptr_null(e1000_reg_named("CTR"));
    ck_assert_ptr_null(e1000_reg_named("CTRLX"));
    ck_assert_ptr_null(e1000_reg_named(""));
    ck_assert_ptr_null(e1000_reg_named("PCTRL"));
    ck_assert_ptr_null(e1000_phy_named("CTRL"));
    ck_assert_ptr_null(e1000_phy_at(11));
    ck_assert_ptr_null(e1000_phy_at(31));
    ck_assert_ptr_null(e1000_phy_at(32));
}
END_TEST

START_TEST(masks_and_fields_are_computed_from_the_table)
{
    ck_assert_hex_eq(E1000_MASK(ICR, RXT0), 0x80);
    ck_assert_hex_eq(E1000_MASK(RCTL, BSIZE), 0x30000);
    ck_assert_hex_eq(E1000_MASK(FCAL, FCAL), 0xffffffff);
    ck_assert_hex_eq(E1000_MASK(CTRL, PHY_RST), 0x80000000);
    ck_assert_hex_eq(E1000_GET(0x00020000, RCTL, BSIZE), 2);
    ck_assert_hex_eq(E1000_PUT(7, RCTL, BSIZE), 0x30000);
    ck_assert_hex_eq(E1000_PHY_PSSTAT, 17);
    ck_assert_hex_eq(E1000_MASK(PHY_PSSTAT, CABLE_LENGTH), 0x380);
}
END_TEST

START_TEST(what_is_modelled_says_so)
{
    static const char *const done[] = {
        "CTRL",  "STATUS", "EECD",  "EERD",  "CTRL_EXT", "MDIC",  "ICR",    "ITR",   "ICS",  "IMS",    "IMC",
        "RCTL",  "TCTL",   "RDLEN", "RDH",   "RDT",      "RDTR",  "RDBAL",  "RDBAH", "RADV", "RXDCTL", "TDLEN",
        "TDH",   "TDT",    "TDBAL", "TDBAH", "TIDV",     "TADV",  "TXDCTL", "RAL",   "RAH",  "MTA",    "PBA",
        "PBM",   "GPRC",   "GORCL", "GORCH", "TIPG",     "TXCW",  "RSRPD",  "RDFH",  "RDFT", "RDFHS",  "RDFTS",
        "RDFPC", "TDFH",   "TDFT",  "TDFHS", "TDFTS",    "TDFPC", "LEDCTL"};
    static const char *const phy[] = {"PCTRL",   "PSTATUS", "PID",   "EPID",  "ANA",    "GCON",
                                      "GSTATUS", "PSCON",   "PINTE", "PINTS", "PSSTAT", "R30PS",
                                      "R30AW",   "PREC",    "NPT",   "LPN",   "EPSCON1"};

    for (size_t i = 0; i < sizeof done / sizeof done[0]; i++)
        ck_assert_msg(e1000_reg_named(done[i])->modelled, "%s", done[i]);
    for (size_t i = 0; i < sizeof phy / sizeof phy[0]; i++)
        ck_assert_msg(e1000_phy_named(phy[i])->modelled, "%s", phy[i]);
}
END_TEST

/* ---- storage ---- */

START_TEST(every_register_has_its_reset_value_at_power_up)
{
    bare_board();
    for (const struct sheet *s = sheet; s < sheet + SHEETS; s++) {
        const uint32_t look = s->undefined | (strcmp(s->name, "STATUS") == 0 ? 0xffff : 0) |
                              (strcmp(s->name, "EECD") == 0 ? 0x100 : 0); /* no EEPROM is present */

        for (unsigned n = 0; n < s->count; n++) {
            const uint32_t got = read_by(_i, s->offset + n * s->stride);

            if (((got ^ s->reset) & ~look) != 0)
                ck_abort_msg("%s[%u] is %08x", s->name, n, got);
        }
    }
}
END_TEST

START_TEST(a_walking_bit_sticks_where_the_manual_says)
{
    bare_board();
    for (const struct sheet *s = sheet; s < sheet + SHEETS; s++)
        for (unsigned n = 0; s->how == PLAIN && n<s->count; n += s->count> 256 ? 1023 : s->count > 16 ? 31 : 1)
            for (unsigned b = 0; b < 32; b++) {
                const uint32_t at = s->offset + n * s->stride;
                uint32_t got;

                write_by(_i, at, 1u << b);
                got = read_by(_i, at);
                if (s->offset == E1000_TCTL) /* SWXOFF stays until the frame is sent, and there is no link */
                    got &= ~s->sc;
                if (got != (1u << b & s->mask))
                    ck_abort_msg("%s[%u] bit %u: %08x", s->name, n, b, got);
                write_by(_i, at, ~(1u << b) & ~s->sc);
                got = read_by(_i, at);
                if (s->offset == E1000_TCTL)
                    got &= ~s->sc;
                if (got != (~(1u << b) & s->mask))
                    ck_abort_msg("%s[%u] all but bit %u: %08x", s->name, n, b, got);
                write_by(_i, at, 0);
            }
}
END_TEST

/* [Linux ethtool] mask that must read back of what is written through the second one */
static const struct {
    uint32_t offset, count, stride, read, write;
} linux_test[] = {{0x0028, 1, 0, 0xffffffff, 0xffffffff},
                  {0x002c, 1, 0, 0x0000ffff, 0xffffffff},
                  {0x0030, 1, 0, 0x0000ffff, 0xffffffff},
                  {0x0038, 1, 0, 0x0000ffff, 0xffffffff},
                  {0x2820, 1, 0, 0x0000ffff, 0xffffffff},
                  {0x2804, 1, 0, 0xffffffff, 0xffffffff},
                  {0x2808, 1, 0, 0x000fff80, 0x000fffff},
                  {0x2810, 1, 0, 0x0000ffff, 0x0000ffff},
                  {0x2818, 1, 0, 0x0000ffff, 0x0000ffff},
                  {0x2168, 1, 0, 0x0000fff8, 0x0000fff8},
                  {0x0170, 1, 0, 0x0000ffff, 0x0000ffff},
                  {0x0410, 1, 0, 0x3fffffff, 0x3fffffff},
                  {0x3804, 1, 0, 0xffffffff, 0xffffffff},
                  {0x3808, 1, 0, 0x000fff80, 0x000fffff},
                  {0, 0, 0, 0, 0},
                  {0x2800, 1, 0, 0xfffffff0, 0xffffffff},
                  {0x0178, 1, 0, 0xc000ffff, 0x0000ffff},
                  {0x3800, 1, 0, 0xfffffff0, 0xffffffff},
                  {0x3820, 1, 0, 0x0000ffff, 0x0000ffff},
                  {0x5404, 15, 8, 0x8003ffff, 0xffffffff},
                  {0x5200, 128, 4, 0xffffffff, 0xffffffff}};

static void set_and_check(int bus, uint32_t offset, uint32_t mask, uint32_t value)
{
    write_by(bus, offset, value & mask);
    ck_assert_hex_eq(read_by(bus, offset) & mask, value & mask);
}

START_TEST(the_register_test_of_linux_passes)
{
    static const uint32_t pattern[] = {0x5a5a5a5a, 0xa5a5a5a5, 0x00000000, 0xffffffff};
    uint32_t status;

    fx_start();
    fx_link_up();
    status = read_by(_i, 0x0008);
    write_by(_i, 0x0008, 0xfffff833);
    ck_assert_hex_eq(read_by(_i, 0x0008), status);
    for (size_t i = 0; i < sizeof linux_test / sizeof linux_test[0]; i++) {
        if (linux_test[i].count == 0) { /* steps 15 to 18; the receiver stays on with rings that make no sense */
            set_and_check(_i, 0x0100, 0xffffffff, 0);
            set_and_check(_i, 0x0100, 0x06dfb3fe, 0x003ffffb);
            set_and_check(_i, 0x0400, 0xffffffff, 0);
            set_and_check(_i, 0x0100, 0x06dfb3fe, 0xffffffff);
        }
        for (unsigned n = 0; n < linux_test[i].count; n++)
            for (unsigned p = 0; p < 4; p++) {
                const uint32_t at = linux_test[i].offset + n * linux_test[i].stride;

                write_by(_i, at, pattern[p] & linux_test[i].write);
                ck_assert_hex_eq(read_by(_i, at), pattern[p] & linux_test[i].write & linux_test[i].read);
            }
    }
    ck_assert_uint_eq(fx.dma_reads + fx.dma_writes, 0);
}
END_TEST

/* Every plain dword gets a value of its own; were two the same place, the later write would show. */
START_TEST(no_two_registers_are_one_place)
{
    static uint32_t wrote[0x8000];

    bare_board();
    seed = 0x5eed + (uint32_t)_i;
    for (int down = 0; down < 2; down++) {
        for (unsigned k = 0; k < 0x8000; k++) {
            const uint32_t at = (down ? 0x7fff - k : k) * 4;
            unsigned index;
            const struct e1000_reg *row = e1000_reg_at(at, &index);

            if (row == NULL || sheet[row->id].how != PLAIN)
                continue;
            wrote[at / 4] = next_random() & ~sheet[row->id].sc;
            if (row->offset == 0x0100 || row->offset == 0x0400)
                wrote[at / 4] &= ~2u; /* units stay off: heads would move */
            write_by(_i, at, wrote[at / 4]);
        }
        for (unsigned k = 0; k < 0x8000; k++) {
            unsigned index;
            const struct e1000_reg *row = e1000_reg_at(k * 4, &index);

            if (row != NULL && sheet[row->id].how == PLAIN && read_by(_i, k * 4) != (wrote[k] & sheet[row->id].mask))
                ck_abort_msg("%s[%u] is %08x", row->name, index, read_by(_i, k * 4));
        }
    }
}
END_TEST

START_TEST(offsets_without_a_register_read_0_and_change_nothing)
{
    static uint32_t before[0x8000];

    bare_board();
    for (unsigned k = 0; k < 0x8000; k++)
        before[k] = read_by(BUS_MEM, k * 4);
    for (unsigned k = 0; k < 0x8000; k++) {
        unsigned index;

        if (e1000_reg_at(k * 4, &index) != NULL)
            continue;
        write_by(_i, k * 4, 0xffffffff);
        if (read_by(_i, k * 4) != 0)
            ck_abort_msg("%05xh reads %08x", k * 4, read_by(_i, k * 4));
    }
    for (unsigned k = 0; k < 0x8000; k++)
        if (read_by(BUS_MEM, k * 4) != before[k])
            ck_abort_msg("%05xh has changed", k * 4);
}
END_TEST

START_TEST(an_undeclared_register_is_reported)
{
    fx_start();
    write_by(_i, 0x0004, 0x12345678);
    read_by(_i, 0x3000);
    ck_assert(fx_logged(_i == BUS_MEM ? "wr ? 00000004 12345678 drops 12345678"
                                      : "io-wr ? 00000004 12345678 drops 12345678"));
    ck_assert(fx_logged("bad undeclared-register - 00000004"));
    ck_assert(fx_logged(_i == BUS_MEM ? "rd ? 00003000 00000000" : "io-rd ? 00003000 00000000"));
    ck_assert(fx_logged("bad undeclared-register - 00003000"));
    ck_assert_uint_eq(fx_log_count("bad"), 2);
}
END_TEST

START_TEST(an_access_is_an_event_with_what_was_dropped)
{
    fx_start();
    fx_write(E1000_VET, 0x00018100);
    fx_read(E1000_VET);
    fx_write(E1000_MTA + 4 * 5, 0xabcdef01);
    fx_write(E1000_RAH + 8 * 3, 0xffffffff);
    fx_read(E1000_FFMT + 8 * 127);
    write_by(BUS_IO, E1000_PBM + 4, 0x11223344);
    fx_expect_log("wr VET 00018100 drops 00010000\n"
                  "bad reserved-bits VET 00010000\n"
                  "rd VET 00008100\n"
                  "wr MTA[5] abcdef01\n"
                  "wr RAH[3] ffffffff drops 7ffc0000\n"
                  "bad reserved-bits RAH 7ffc0000\n"
                  "bad address-select RAH ffffffff\n"
                  "rd FFMT[127] 00000000\n"
                  "io wr 0 4 00010004\n"
                  "io-wr PBM[1] 11223344\n");
}
END_TEST

START_TEST(write_only_registers_read_0)
{
    fx_start();
    fx_write(E1000_ICS, 0xffffffff);
    fx_write(E1000_IMC, 0xffffffff);
    ck_assert_hex_eq(fx_read(E1000_ICS), 0);
    ck_assert_hex_eq(fx_read(E1000_IMC), 0);
}
END_TEST

START_TEST(a_written_1_clears_a_wake_up_status_bit_and_0_does_not)
{
    fx_start();
    for (unsigned b = 0; b < 32; b++) {
        fx.dev->r[R_WUS] = 0x000f00ff;
        fx_write(E1000_WUS, 1u << b);
        ck_assert_hex_eq(fx_read(E1000_WUS), 0x000f00ff & ~(1u << b));
    }
    fx_log_clear();
    fx_write(E1000_WUS, 0xffffffff);
    ck_assert_hex_eq(fx_read(E1000_WUS), 0);
    ck_assert(fx_logged("wr WUS ffffffff drops fff0ff00"));
}
END_TEST

START_TEST(a_counter_clears_when_read_and_takes_no_writes)
{
    fx_start();
    fx.dev->r[R_MPC] = 0x12345678;
    fx.dev->r[R_GORCL] = 1;
    fx.dev->r[R_GORCH] = 2;
    fx_write(E1000_MPC, 0xffffffff);
    fx_write(E1000_GORCH, 0);
    fx_log_clear();
    fx_read(E1000_MPC);
    fx_read(E1000_MPC);
    fx_read(E1000_GORCL);
    fx_read(E1000_GORCH);
    fx_read(E1000_GORCL);
    fx_expect_log("rd MPC 12345678 clears 12345678\n"
                  "rd MPC 00000000\n"
                  "rd GORCL 00000001\n"
                  "rd GORCH 00000002 clears 00000002\n"
                  "rd GORCL 00000000\n");
}
END_TEST

/* ---- narrow and wide [13.2] ---- */

START_TEST(writes_narrower_than_a_dword_are_ignored)
{
    fx_start();
    fx_write(E1000_FCAL, 0x11223344);
    fx_log_clear();
    for (unsigned lane = 0; lane < 4; lane++)
        e1000_bar_write(fx.dev, E1000_BAR_MEM, E1000_FCAL + lane, 1, 0xff);
    for (unsigned lane = 0; lane < 4; lane += 2)
        e1000_bar_write(fx.dev, E1000_BAR_MEM, E1000_FCAL + lane, 2, 0xffff);
    for (unsigned lane = 1; lane < 4; lane++)
        e1000_bar_write(fx.dev, E1000_BAR_MEM, E1000_FCAL + lane, 4, 0xffffffff);
    ck_assert_uint_eq(fx_log_count("bad narrow-register-write - 000000"), 9);
    ck_assert_uint_eq(fx_log_count("wr"), 0);
    ck_assert_hex_eq(fx_read(E1000_FCAL), 0x11223344);
    ck_assert_hex_eq(fx_read(E1000_FCAH), 0);
}
END_TEST

START_TEST(narrow_writes_of_iodata_and_ioaddr_are_ignored)
{
    fx_start();
    write_by(BUS_IO, E1000_FCAL, 0x11223344);
    fx_log_clear();
    e1000_bar_write(fx.dev, E1000_BAR_IO, 4, 2, 0xffff);
    e1000_bar_write(fx.dev, E1000_BAR_IO, 4, 1, 0xff);
    e1000_bar_write(fx.dev, E1000_BAR_IO, 6, 2, 0xffff);
    e1000_bar_write(fx.dev, E1000_BAR_IO, 0, 2, 0x0038);
    e1000_bar_write(fx.dev, E1000_BAR_IO, 1, 1, 0x01);
    ck_assert_uint_eq(fx_log_count("bad narrow-register-write IODATA 00000028"), 3);
    ck_assert_uint_eq(fx_log_count("bad narrow-register-write IOADDR"), 2);
    ck_assert_hex_eq((uint32_t)e1000_bar_read(fx.dev, E1000_BAR_IO, 0, 4), E1000_FCAL);
    ck_assert_hex_eq((uint32_t)e1000_bar_read(fx.dev, E1000_BAR_IO, 4, 4), 0x11223344);
}
END_TEST

START_TEST(narrow_reads_give_their_lanes)
{
    const enum e1000_bar bar = _i == BUS_MEM ? E1000_BAR_MEM : E1000_BAR_IO;
    const uint32_t at = _i == BUS_MEM ? E1000_FCAL : 4;

    fx_start();
    write_by(_i, E1000_FCAL, 0x11223344);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, bar, at, 1), 0x44);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, bar, at + 1, 1), 0x33);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, bar, at + 2, 1), 0x22);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, bar, at + 3, 1), 0x11);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, bar, at, 2), 0x3344);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, bar, at + 2, 2), 0x1122);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, bar, at, 4), 0x11223344);
}
END_TEST

START_TEST(a_byte_read_has_the_side_effect_of_a_whole_one)
{
    fx_start();
    fx_write(E1000_ICS, 0x0001f7ff);
    write_by(BUS_IO, E1000_ICR, 0);
    ck_assert_hex_eq(
        e1000_bar_read(fx.dev, _i == BUS_MEM ? E1000_BAR_MEM : E1000_BAR_IO, _i == BUS_MEM ? E1000_ICR + 1 : 5, 1),
        0xf7);
    ck_assert_hex_eq(fx_read(E1000_ICR), 0);
}
END_TEST

START_TEST(a_quadword_moves_a_pair)
{
    fx_start();
    e1000_bar_write(fx.dev, E1000_BAR_MEM, E1000_RAL + 8, 8, UINT64_C(0x8000665544332211));
    ck_assert_hex_eq(fx_read(E1000_RAL + 8), 0x44332211);
    ck_assert_hex_eq(fx_read(E1000_RAH + 8), 0x80006655);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, E1000_RAL + 8, 8), UINT64_C(0x8000665544332211));
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, E1000_RAL + 8 + 2, 4), 0x66554433);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, E1000_RAL + 8 + 3, 2), 0x5544);
}
END_TEST

START_TEST(the_last_dword_of_the_bar_is_reached_and_nothing_beyond)
{
    fx_start();
    e1000_bar_write(fx.dev, E1000_BAR_MEM, 0x1fffc, 4, 0xcafef00d);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, 0x1fffc, 4), 0xcafef00d);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, 0x1ffff, 1), 0xca);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, 0x1fffd, 4), 0xffffffff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, 0x1fffc, 8), UINT64_MAX);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, 0x20000, 4), 0xffffffff);
    e1000_bar_write(fx.dev, E1000_BAR_MEM, 0x1fffc, 8, 0);
    e1000_bar_write(fx.dev, E1000_BAR_MEM, 0x20000, 4, 0xffffffff);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, 0x1fffc, 4), 0xcafef00d);
    ck_assert_hex_eq(fx_read(E1000_CTRL), 0x00000200);
    ck_assert_hex_eq(e1000_bar_read(fx.dev, E1000_BAR_MEM, 0, 3), 0xffffff);
}
END_TEST

/* ---- resets [14.7] ---- */

static uint32_t after_reset(const struct sheet *s, unsigned on, uint32_t wrote)
{
    uint32_t value = wrote & s->mask;

    if ((s->on & on) != 0)
        value = (value & s->undefined) | s->reset;
    if (s->offset == E1000_RAH)
        value &= 0x7fffffff; /* AV, by each of them */
    if (s->offset == E1000_WUC && on == E1000_ON_S)
        value |= wrote & 2; /* PME_En */
    return value;
}

/* Both ways: bits at 1 are reset to 0, bits at 0 to 1. */
START_TEST(each_reset_loads_the_rows_that_name_it)
{
    static const unsigned on[] = {E1000_ON_P, E1000_ON_R, E1000_ON_S};

    bare_board();
    for (int ones = 0; ones < 2; ones++) {
        for (const struct sheet *s = sheet; s < sheet + SHEETS; s++)
            for (unsigned n = 0; s->how == PLAIN && n < s->count; n++)
                fx_write(s->offset + n * s->stride, ones ? ~s->sc : 0);
        if (on[_i] == E1000_ON_P) {
            e1000_lan_power_good(fx.dev, false);
            e1000_lan_power_good(fx.dev, true);
            fx_pci_setup();
        } else if (on[_i] == E1000_ON_R) {
            e1000_pci_reset(fx.dev, true);
            e1000_pci_reset(fx.dev, false);
            fx_pci_setup();
        } else {
            fx_write(E1000_CTRL, 1u << 26);
        }
        for (const struct sheet *s = sheet; s < sheet + SHEETS; s++)
            for (unsigned n = 0; s->how == PLAIN && n < s->count; n++) {
                const uint32_t got = fx_read(s->offset + n * s->stride);

                if (got != after_reset(s, on[_i], ones ? UINT32_MAX : 0))
                    ck_abort_msg("%s[%u] is %08x", s->name, n, got);
            }
    }
}
END_TEST

START_TEST(accesses_within_a_microsecond_of_a_reset_are_reported)
{
    fx_start();
    fx_write(E1000_CTRL, 1u << 26);
    fx_log_clear();
    fx_run(999);
    fx_read(E1000_VET);
    fx_write(E1000_VET, 0);
    ck_assert_uint_eq(fx_log_count("bad access-during-reset VET 00000000\n"), 2);
    fx_run(1);
    fx_read(E1000_VET);
    fx_write(E1000_VET, 0);
    ck_assert_uint_eq(fx_log_count("bad"), 2);
}
END_TEST

Suite *regs_suite(void);
Suite *regs_suite(void)
{
    Suite *s = suite_create("regs");
    TCase *tc = tcase_create("table");

    tcase_add_test(tc, rows_ascend_and_no_two_claim_one_dword);
    tcase_add_test(tc, fields_do_not_overlap_and_cover_what_can_be_written);
    tcase_add_test(tc, rows_are_those_of_chapter_13);
    tcase_add_test(tc, a_row_is_found_by_offset_and_by_name);
    tcase_add_test(tc, masks_and_fields_are_computed_from_the_table);
    tcase_add_test(tc, what_is_modelled_says_so);
    suite_add_tcase(s, tc);

    tc = tcase_create("storage");
    tcase_add_loop_test(tc, every_register_has_its_reset_value_at_power_up, 0, BUSES);
    tcase_add_loop_test(tc, a_walking_bit_sticks_where_the_manual_says, 0, BUSES);
    tcase_add_loop_test(tc, the_register_test_of_linux_passes, 0, BUSES);
    tcase_add_loop_test(tc, no_two_registers_are_one_place, 0, BUSES);
    tcase_add_loop_test(tc, offsets_without_a_register_read_0_and_change_nothing, 0, BUSES);
    tcase_add_loop_test(tc, an_undeclared_register_is_reported, 0, BUSES);
    tcase_add_test(tc, an_access_is_an_event_with_what_was_dropped);
    tcase_add_test(tc, write_only_registers_read_0);
    tcase_add_test(tc, a_counter_clears_when_read_and_takes_no_writes);
    tcase_add_test(tc, a_written_1_clears_a_wake_up_status_bit_and_0_does_not);
    suite_add_tcase(s, tc);

    tc = tcase_create("narrow and wide");
    tcase_add_test(tc, writes_narrower_than_a_dword_are_ignored);
    tcase_add_test(tc, narrow_writes_of_iodata_and_ioaddr_are_ignored);
    tcase_add_loop_test(tc, narrow_reads_give_their_lanes, 0, BUSES);
    tcase_add_loop_test(tc, a_byte_read_has_the_side_effect_of_a_whole_one, 0, BUSES);
    tcase_add_test(tc, a_quadword_moves_a_pair);
    tcase_add_test(tc, the_last_dword_of_the_bar_is_reached_and_nothing_beyond);
    suite_add_tcase(s, tc);

    tc = tcase_create("resets");
    tcase_add_loop_test(tc, each_reset_loads_the_rows_that_name_it, 0, 3);
    tcase_add_test(tc, accesses_within_a_microsecond_of_a_reset_are_reported);
    suite_add_tcase(s, tc);
    return s;
}
