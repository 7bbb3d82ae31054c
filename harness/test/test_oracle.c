/*
 * test_oracle.c - the packet library against known answers, and every golden capture against it
 *
 * The oracle is harness/driver/pkt.lua: it shares no code with the model, so a checksum that both
 * agree on is right twice. Runs from the top of the tree, in a Lua of its own.
 */
#include <check.h>
#include <ftw.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../pcap.h"

/* Frames that a scenario sends with IFCS off: their last four bytes are the driver's, not an FCS. */
static const struct {
    const char *path;
    unsigned first, last;
} without_fcs[] = {
    {"golden/03-transmit/tx-at-once.wire.pcap", 33, 33},
    {"golden/03-transmit/tx-gather.wire.pcap", 4, 4},
    {"golden/03-transmit/tx-padding-fcs.wire.pcap", 10, 18},
    {"golden/03-transmit/tx-padding-fcs.wire.pcap", 28, 36},
};

static lua_State *oracle(void)
{
    lua_State *L = luaL_newstate();

    ck_assert_ptr_nonnull(L);
    luaL_openlibs(L);
    if (luaL_dofile(L, "harness/driver/pkt.lua") != LUA_OK)
        ck_abort_msg("%s", lua_tostring(L, -1));
    lua_setglobal(L, "pkt");
    return L;
}

static int swallow(lua_State *L)
{
    (void)L;
    return 0;
}

START_TEST(the_packet_library_gives_the_known_answers)
{
    lua_State *L = oracle();

    lua_pushcfunction(L, swallow);
    lua_setglobal(L, "print");
    if (luaL_dofile(L, "harness/driver/test_pkt.lua") != LUA_OK)
        ck_abort_msg("%s", lua_tostring(L, -1));
    lua_close(L);
}
END_TEST

START_TEST(the_driver_libraries_encode_what_the_manual_prints)
{
    lua_State *L = oracle();

    lua_pushcfunction(L, swallow);
    lua_setglobal(L, "print");
    if (luaL_dostring(L, "arg = { [0] = 'harness/driver/test_driver.lua' }") != LUA_OK ||
        luaL_dofile(L, "harness/driver/test_driver.lua") != LUA_OK)
        ck_abort_msg("%s", lua_tostring(L, -1));
    lua_close(L);
}
END_TEST

static lua_State *walk_oracle;
static unsigned walked_frames, walked_files;

static bool excepted(const char *path, unsigned n)
{
    for (size_t i = 0; i < sizeof without_fcs / sizeof without_fcs[0]; i++)
        if (strcmp(without_fcs[i].path, path) == 0 && n >= without_fcs[i].first && n <= without_fcs[i].last)
            return true;
    return false;
}

static void verify(const char *path, unsigned n, const uint8_t *data, size_t len)
{
    lua_State *L = walk_oracle;
    bool right;

    lua_getglobal(L, "pkt");
    lua_getfield(L, -1, "verify");
    lua_pushlstring(L, (const char *)data, len);
    if (lua_pcall(L, 1, 2, 0) != LUA_OK)
        ck_abort_msg("%s frame %u: %s", path, n, lua_tostring(L, -1));
    right = lua_toboolean(L, -2);
    if (excepted(path, n))
        ck_assert_msg(!right, "%s frame %u: is right, and listed as a frame without FCS", path, n);
    else if (!right)
        ck_abort_msg("%s frame %u: %s", path, n, lua_tostring(L, -1));
    lua_settop(L, 0);
}

static int walk(const char *path, const struct stat *st, int type, struct FTW *where)
{
    const size_t len = strlen(path);
    struct pcap_reader *in;
    char why[256];
    const uint8_t *data;
    uint64_t at_ns;
    size_t size;
    unsigned n = 0;
    int got;

    (void)st, (void)where;
    if (type != FTW_F || len < 5 || strcmp(path + len - 5, ".pcap") != 0)
        return 0;
    walked_files++;
    if (!pcap_in_open(path, &in, why, sizeof why))
        ck_abort_msg("%s", why);
    while ((got = pcap_in_next(in, &at_ns, &data, &size)) == 1) {
        n++;
        walked_frames++;
        verify(path, n, data, size);
    }
    ck_assert_msg(got == 0, "%s: %s", path, pcap_in_error(in));
    pcap_in_close(in);
    return 0;
}

START_TEST(every_golden_capture_reads_back_with_right_checksums)
{
    walk_oracle = oracle();
    walked_frames = walked_files = 0;
    ck_assert_int_eq(nftw("golden", walk, 8, FTW_PHYS), 0);
    lua_close(walk_oracle);
    ck_assert_msg(walked_files > 0 && walked_frames > 0, "no golden capture was found under golden/");
}
END_TEST

START_TEST(the_oracle_notices_one_wrong_bit)
{
    lua_State *L = oracle();

    if (luaL_dostring(L, "local f = (pkt.eth{} / pkt.ip4{} / pkt.udp{} / pkt.pattern(40)):fcs()\n"
                         "assert(pkt.verify(f))\n"
                         "for i = 1, #f do\n"
                         "  local bad = f:sub(1, i - 1) .. string.char(f:byte(i) ~ 1) .. f:sub(i + 1)\n"
                         "  assert(not pkt.verify(bad), 'byte ' .. i)\n"
                         "end") != LUA_OK)
        ck_abort_msg("%s", lua_tostring(L, -1));
    lua_close(L);
}
END_TEST

Suite *oracle_suite(void);

Suite *oracle_suite(void)
{
    Suite *s = suite_create("oracle");
    TCase *c = tcase_create("checks");

    tcase_set_timeout(c, 20);
    tcase_add_test(c, the_packet_library_gives_the_known_answers);
    tcase_add_test(c, the_driver_libraries_encode_what_the_manual_prints);
    tcase_add_test(c, every_golden_capture_reads_back_with_right_checksums);
    tcase_add_test(c, the_oracle_notices_one_wrong_bit);
    suite_add_tcase(s, c);
    return s;
}
