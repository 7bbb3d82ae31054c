/*
 * script.c - a scenario's Lua script on the simulated machine
 *
 * The functions of the global table lab, and the run of a script from its file to a result.
 *
 * An error leaves a C function by longjmp, so nothing here holds memory of its own across a call
 * into Lua; what a script opened is closed by script_run().
 */
#include "script.h"

#include <errno.h>
#include <inttypes.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"
#include "nearest.h"
#include "sandbox.h"

#define DEFAULT_STEPS UINT64_C(200000000)
#define STEPS_A_HOOK 1000
#define LUA_BYTES_MAX ((size_t)1 << 30)
#define SCRIPT_BYTES_MAX (16L << 20)
#define FRAME_MAX 65535
#define MEDIUM_MIN 60 /* bytes without FCS */
#define TRANSFER_MAX (INT64_C(256) << 20)
#define TOLD 5 /* violations that a message lists */

struct script {
    const struct scenario_options *options;
    const struct driver_library *libraries;
    struct scenario_result *result;
    struct lab lab;
    lua_State *L;                                   /* the one whose lab function runs */
    char label[LUA_IDSIZE], source[LUA_IDSIZE + 1]; /* the file as Lua names it */
    bool declared;                                  /* scenario{} is through */
    bool skipped, stopped;
    uint64_t steps, max_steps, random;
    size_t lua_bytes;
    int line; /* of the error that ended the script */
};

static const char ended; /* its address is the error value of an end that is no failure */

/* ---- names of things ---- */

static const struct {
    unsigned cap;
    const char *name;
} cap_names[] = {
    {DUT_VIRTUAL_TIME, "virtual-time"},
    {DUT_EVENTS, "events"},
    {DUT_POWER, "power"},
    {DUT_PARTNER, "partner"},
    {DUT_EEPROM, "eeprom"},
    {DUT_PINS, "pins"},
    {DUT_FLASH, "flash"},
    {DUT_BOARD, "board"},
    {DUT_FRAMES, "frames"},
    {DUT_WIRE, "wire"},
    {DUT_DMA, "dma"},
    {DUT_REFUSAL, "refusal"},
    {DUT_MEMORY, "memory"},
};

static const char *const bar_names[] = {"mem", "flash", "io", "rom", NULL};
_Static_assert(E1000_BAR_MEM == 0 && E1000_BAR_FLASH == 1 && E1000_BAR_IO == 2 && E1000_BAR_ROM == 3,
               "bar_names is in the order of enum e1000_bar");

static const char *const kind_names[] = {"RW", "RO", "WO", "W1S", "W1C", "RC"};
static const char *const access_names[] = {"RW", "RO", "WO", "SC", "W1C", "W1S", "RC", "SAT", "LH", "LL"};
static const char *const format_names[] = {"bit", "hex", "dec"};

static const char *const event_names[] = {
    [E1000_EV_REG_READ] = "reg",     [E1000_EV_REG_WRITE] = "reg",    [E1000_EV_IO_READ] = "io",
    [E1000_EV_IO_WRITE] = "io",      [E1000_EV_CFG_READ] = "config",  [E1000_EV_CFG_WRITE] = "config",
    [E1000_EV_PHY_READ] = "phy",     [E1000_EV_PHY_WRITE] = "phy",    [E1000_EV_EEPROM] = "eeprom",
    [E1000_EV_DMA_READ] = "dma",     [E1000_EV_DMA_WRITE] = "dma",    [E1000_EV_CAUSE] = "cause",
    [E1000_EV_IRQ] = "irq",          [E1000_EV_MSI] = "msi",          [E1000_EV_FRAME_IN] = "frame",
    [E1000_EV_FRAME_OUT] = "frame",  [E1000_EV_DROP] = "drop",        [E1000_EV_RESET] = "reset",
    [E1000_EV_LINK] = "link",        [E1000_EV_PME] = "pme",          [E1000_EV_BAD] = "bad",
    [E1000_EV_FRAME_LOOP] = "frame", [E1000_EV_FLASH_READ] = "flash", [E1000_EV_FLASH_WRITE] = "flash",
    [E1000_EV_WAKE] = "wake",
};

/* ---- errors ---- */

static struct script *script_of(lua_State *L)
{
    struct script *const s = *(struct script **)lua_getextraspace(L);

    s->L = L;
    return s;
}

/* The line that the scenario's own innermost function is at, 0 if none is on this stack. */
static int scenario_line(lua_State *L)
{
    const struct script *const s = *(struct script **)lua_getextraspace(L);
    lua_Debug ar;

    for (int level = 0; lua_getstack(L, level, &ar); level++)
        if (lua_getinfo(L, "Sl", &ar) && strcmp(ar.source, s->source) == 0 && ar.currentline > 0)
            return ar.currentline;
    return 0;
}

/* Raise the message on top of the stack, with the scenario's position in front. */
static int raise(lua_State *L)
{
    const struct script *const s = *(struct script **)lua_getextraspace(L);
    const int line = scenario_line(L);

    if (line > 0) {
        lua_pushfstring(L, "%s:%d: ", s->label, line);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static int
fail(lua_State *L, const char *text, ...)
{
    char message[1024];
    va_list args;

    va_start(args, text);
    vsnprintf(message, sizeof message, text, args);
    va_end(args);
    lua_pushstring(L, message);
    return raise(L);
}

static int end_script(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)&ended);
    return lua_error(L);
}

static int skip(lua_State *L, const char *reason)
{
    struct script *const s = script_of(L);

    if (!s->skipped)
        snprintf(s->result->message, sizeof s->result->message, "%s", reason);
    s->skipped = true;
    return end_script(L);
}

/* If the message starts with a position in the scenario, take it off and note its line. */
static const char *take_position(struct script *s, const char *message)
{
    const size_t len = strlen(s->label);

    while (strncmp(message, s->label, len) == 0 && message[len] == ':') {
        char *end;
        const long line = strtol(message + len + 1, &end, 10);

        if (end == message + len + 1 || *end != ':')
            break;
        s->line = (int)line;
        message = end + 1;
        message += *message == ' ';
    }
    return message;
}

/* Runs where the error happened, with the whole stack still there. */
static int on_error(lua_State *L)
{
    struct script *const s = *(struct script **)lua_getextraspace(L);
    const char *message;

    if (lua_touserdata(L, 1) == (void *)(uintptr_t)&ended)
        return 1;
    s->line = scenario_line(L);
    if (lua_type(L, 1) != LUA_TSTRING && luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL) {
        lua_pushfstring(L, "error object is a %s value", luaL_typename(L, 1));
        return 1;
    }
    message = sandbox_tostring(L, 1, NULL);
    lua_pushstring(L, take_position(s, message));
    return 1;
}

static void count_steps(lua_State *L, lua_Debug *ar)
{
    struct script *const s = *(struct script **)lua_getextraspace(L);

    s->steps += STEPS_A_HOOK;
    if (s->steps <= s->max_steps)
        return;
    /* From now on at each instruction, so that no pcall of the script can go on. */
    lua_sethook(L, count_steps, LUA_MASKCOUNT, 1);
    lua_getinfo(L, "Sl", ar);
    fail(L, "endless loop? more than %" PRIu64 " Lua instructions, now at %s:%d", s->max_steps, ar->short_src,
         ar->currentline);
}

/* ---- arguments ---- */

/* For all functions but the few that work before scenario{}. */
static struct lab *lab_of(lua_State *L)
{
    struct script *const s = script_of(L);

    if (s->stopped || s->skipped)
        end_script(L);
    if (s->lab.dut == NULL)
        fail(L, "scenario{} comes first");
    if (lab_trouble(&s->lab) != NULL)
        fail(L, "device %s: %s", s->options->dut->name, lab_trouble(&s->lab));
    return &s->lab;
}

/* For those that look at what the device changes by itself. */
static struct lab *settled_lab_of(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    lab_settle(lab);
    return lab;
}

static uint64_t check_time(lua_State *L, int arg)
{
    const lua_Integer ns = luaL_checkinteger(L, arg);

    luaL_argcheck(L, ns >= 0, arg, "a time is not negative");
    return (uint64_t)ns;
}

static uint32_t check_range(lua_State *L, int arg, lua_Integer low, lua_Integer high)
{
    const lua_Integer value = luaL_checkinteger(L, arg);

    if (value < low || value > high) {
        char text[96];

        snprintf(text, sizeof text, "%lld is not in %lld to %lld", (long long)value, (long long)low, (long long)high);
        luaL_argerror(L, arg, text);
    }
    return (uint32_t)value;
}

static unsigned check_size(lua_State *L, int arg, lua_Integer high)
{
    const lua_Integer size = luaL_checkinteger(L, arg);

    luaL_argcheck(L, size == 1 || size == 2 || size == 4 || (size == 8 && high == 8), arg,
                  high == 8 ? "an access has 1, 2, 4 or 8 bytes" : "an access has 1, 2 or 4 bytes");
    return (unsigned)size;
}

static enum memory_perm check_perm(lua_State *L, int arg)
{
    static const char *const names[] = {"", "r", "w", "rw", NULL};
    static const enum memory_perm perms[] = {MEMORY_NONE, MEMORY_READ, MEMORY_WRITE, MEMORY_READ_WRITE};

    return perms[luaL_checkoption(L, arg, NULL, names)];
}

static bool check_boolean(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TBOOLEAN);
    return lua_toboolean(L, arg) != 0;
}

static bool is_known(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Refuse fields of the table at index that are not in names, which ends in NULL. */
static void check_fields(lua_State *L, int index, const char *what, const char *const *names)
{
    const char *wrong = NULL; /* the first by name: the table's own order is by chance */

    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        const char *const name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;

        if (name == NULL)
            fail(L, "%s: takes named fields only", what);
        else if (!is_known(name, names) && (wrong == NULL || strcmp(name, wrong) < 0))
            wrong = name;
    }
    if (wrong != NULL)
        fail(L, "%s: there is no field \"%s\"", what, wrong);
}

static bool field_boolean(lua_State *L, int index, const char *name, bool otherwise)
{
    bool value = otherwise;

    if (lua_getfield(L, index, name) == LUA_TBOOLEAN)
        value = lua_toboolean(L, -1) != 0;
    else if (!lua_isnil(L, -1))
        fail(L, "%s: expected true or false, got a %s", name, luaL_typename(L, -1));
    lua_pop(L, 1);
    return value;
}

static lua_Integer field_integer(lua_State *L, int index, const char *name, lua_Integer low, lua_Integer high,
                                 lua_Integer otherwise)
{
    lua_Integer value = otherwise;
    int good = 1;

    if (lua_getfield(L, index, name) != LUA_TNIL)
        value = lua_tointegerx(L, -1, &good);
    if (!good)
        fail(L, "%s: expected a whole number, got %s", name, sandbox_tostring(L, -1, NULL));
    if (value < low || value > high)
        fail(L, "%s: %lld is not in %lld to %lld", name, (long long)value, (long long)low, (long long)high);
    lua_pop(L, 1);
    return value;
}

/* Does the device have this? If not the scenario ends here, skipped. */
static void need(lua_State *L, unsigned cap)
{
    struct script *const s = script_of(L);
    char reason[256];
    const char *name = "?";

    if ((dut_caps(s->options->dut, s->options->dut_arg) & cap) != 0)
        return;
    for (size_t i = 0; i < sizeof cap_names / sizeof cap_names[0]; i++)
        if (cap_names[i].cap == cap)
            name = cap_names[i].name;
    snprintf(reason, sizeof reason, "needs %s, which device %s does not offer", name, s->options->dut->name);
    skip(L, reason);
}

static unsigned check_cap(lua_State *L, const char *name)
{
    for (size_t i = 0; i < sizeof cap_names / sizeof cap_names[0]; i++)
        if (strcmp(cap_names[i].name, name) == 0)
            return cap_names[i].cap;
    fail(L,
         "needs: there is no \"%s\"; known: virtual-time, events, power, partner, eeprom, pins, flash, board, "
         "frames, wire, dma, refusal",
         name);
    return 0;
}

/* ---- scenario{} ---- */

static void declare_name(lua_State *L, struct script *s)
{
    const char *const path = s->options->path;
    const char *const slash = strrchr(path, '/');
    const char *const file = slash != NULL ? slash + 1 : path;
    const char *const dot = strrchr(file, '.');
    const size_t len = dot != NULL && strcmp(dot, ".lua") == 0 ? (size_t)(dot - file) : strlen(file);
    const char *name;

    if (lua_getfield(L, 1, "name") != LUA_TSTRING)
        fail(L, "scenario: name is missing; it is \"%.*s\", after the file", (int)len, file);
    name = lua_tostring(L, -1);
    if (strlen(name) != len || memcmp(name, file, len) != 0)
        fail(L, "scenario: name is \"%s\", but the file is %s", name, file);
    if (len >= sizeof s->result->name)
        fail(L, "scenario: the name has more than %zu characters", sizeof s->result->name - 1);
    memcpy(s->result->name, name, len + 1);
    lua_pop(L, 1);
}

/* Copy the list of strings in field name to an array of max strings of size bytes; its length. */
static size_t declare_list(lua_State *L, const char *name, char *to, size_t max, size_t size)
{
    size_t count = 0;

    if (lua_getfield(L, 1, name) == LUA_TTABLE) {
        count = (size_t)lua_rawlen(L, -1);
        if (count > max)
            fail(L, "scenario: %s has more than %zu entries", name, max);
    } else if (!lua_isnil(L, -1)) {
        fail(L, "scenario: %s is a list of strings, not a %s", name, luaL_typename(L, -1));
    }
    for (size_t i = 0; i < count; i++) {
        const char *text;
        size_t len;

        if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TSTRING)
            fail(L, "scenario: %s is a list of strings, not of a %s", name, luaL_typename(L, -1));
        text = lua_tolstring(L, -1, &len);
        if (len == 0 || len >= size || strlen(text) != len)
            fail(L, "scenario: %s: \"%s\" is empty or has more than %zu characters", name, text, size - 1);
        memcpy(to + i * size, text, len + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return count;
}

static void declare_eeprom(lua_State *L, struct e1000_config *board, uint16_t words[256])
{
    static const char *const fields[] = {"words", "size", NULL};
    lua_Integer count;

    board->eeprom_words = 64;
    if (lua_getfield(L, 1, "eeprom") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1))
        fail(L, "scenario: eeprom is a table, not a %s", luaL_typename(L, -1));
    check_fields(L, lua_gettop(L), "eeprom", fields);
    board->eeprom_words = (unsigned)field_integer(L, lua_gettop(L), "size", 0, 256, 64);
    if (board->eeprom_words != 0 && board->eeprom_words != 64 && board->eeprom_words != 256)
        fail(L, "eeprom: size is 64, 256 or 0 words, not %u", board->eeprom_words);
    if (lua_getfield(L, -1, "words") == LUA_TTABLE) {
        count = (lua_Integer)lua_rawlen(L, -1);
        if (count > (lua_Integer)board->eeprom_words)
            fail(L, "eeprom: %lld words do not fit in %u", (long long)count, board->eeprom_words);
        for (lua_Integer i = 0; i < count; i++) {
            int good;
            lua_Integer word;

            lua_rawgeti(L, -1, i + 1);
            word = lua_tointegerx(L, -1, &good);
            if (!good || word < 0 || word > 0xffff)
                fail(L, "eeprom: word %02llxh is not a 16-bit number", (unsigned long long)i);
            words[i] = (uint16_t)word;
            lua_pop(L, 1);
        }
        board->eeprom = words;
    } else if (!lua_isnil(L, -1)) {
        fail(L, "eeprom: words is a list of numbers, not a %s", luaL_typename(L, -1));
    }
    lua_pop(L, 2);
}

#define FLASH_MOST (512u * 1024u) /* what the device can address [7] */

/* flash = { size =, image = bytes from the start, the rest erased }. */
static void declare_flash(lua_State *L, struct lab *lab, struct e1000_config *board)
{
    static const char *const fields[] = {"size", "image", NULL};
    const char *image;
    size_t len = 0;

    if (lua_getfield(L, 1, "flash") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1))
        fail(L, "scenario: flash is a table, not a %s", luaL_typename(L, -1));
    check_fields(L, lua_gettop(L), "flash", fields);
    lab->flash_bytes = (uint32_t)field_integer(L, lua_gettop(L), "size", 1, FLASH_MOST, 0x10000);
    lua_getfield(L, -1, "image");
    image = lua_tolstring(L, -1, &len);
    if (len > lab->flash_bytes)
        fail(L, "flash: an image of %d bytes does not fit in %d", (int)len, (int)lab->flash_bytes);
    free(lab->flash);
    lab->flash = malloc(lab->flash_bytes);
    if (lab->flash == NULL)
        fail(L, "flash: out of memory");
    memset(lab->flash, 0xff, lab->flash_bytes);
    if (image != NULL)
        memcpy(lab->flash, image, len);
    board->flash = lab->flash;
    board->flash_bytes = lab->flash_bytes;
    lua_pop(L, 2);
}

static void declare_needs(lua_State *L)
{
    char needs[8][32] = {{0}};
    const size_t count = declare_list(L, "needs", needs[0], 8, sizeof needs[0]);

    for (size_t i = 0; i < count; i++)
        check_cap(L, needs[i]);
    for (size_t i = 0; i < count && !script_of(L)->options->declare_only; i++)
        need(L, check_cap(L, needs[i]));
}

static int l_scenario(lua_State *L)
{
    static const char *const fields[] = {"name",      "manual", "golden",  "eeprom",    "line_rate",
                                         "aux_power", "m66en",  "powered", "device_id", "revision",
                                         "needs",     "flash",  "long",    NULL};
    struct script *const s = script_of(L);
    struct scenario_result *const r = s->result;
    struct e1000_config board = {0};
    uint16_t words[256];
    char why[512];
    bool powered;

    luaL_checktype(L, 1, LUA_TTABLE);
    if (s->declared)
        return fail(L, "scenario{} is called a second time");
    lua_settop(L, 1);
    memset(words, 0xff, sizeof words); /* as a blank part reads */
    check_fields(L, 1, "scenario", fields);
    declare_name(L, s);
    if (declare_list(L, "manual", r->manual[0], SCENARIO_SECTIONS, sizeof r->manual[0]) == 0)
        return fail(L, "scenario: manual lists the sections that are shown, at least one");
    for (size_t i = declare_list(L, "golden", r->pcap[0], SCENARIO_PCAPS, sizeof r->pcap[0]); i > 0; i--)
        if (strcmp(r->pcap[i - 1], "wire") != 0)
            return fail(L, "scenario: golden: there is no \"%s\", only \"wire\"", r->pcap[i - 1]);
    declare_eeprom(L, &board, words);
    board.device_id = (uint16_t)field_integer(L, 1, "device_id", 0, 0xffff, 0);
    board.revision = (uint8_t)field_integer(L, 1, "revision", 0, 0xff, 2);
    board.line_rate = field_boolean(L, 1, "line_rate", true);
    board.aux_power = field_boolean(L, 1, "aux_power", false);
    board.m66en = field_boolean(L, 1, "m66en", false);
    powered = field_boolean(L, 1, "powered", true);
    declare_needs(L);
    if (field_boolean(L, 1, "long", false) && s->options->quick)
        return skip(L, "long, and --quick leaves those out");
    declare_flash(L, &s->lab, &board);
    if (s->options->declare_only) {
        s->declared = s->stopped = true;
        return end_script(L);
    }
    if (!powered)
        need(L, DUT_POWER);
    if (board.device_id != 0 || board.revision != 2 || board.aux_power || board.m66en || board.eeprom_words == 0)
        need(L, DUT_BOARD);
    if (board.flash != NULL)
        need(L, DUT_FLASH);
    if (!lab_open(&s->lab, s->options, &board, r->pcap[0][0] != '\0', why, sizeof why))
        return fail(L, "%s", why);
    if (!powered)
        s->lab.ops->power_good(s->lab.dut, false);
    s->declared = true;
    return 0;
}

/* ---- tables ---- */

static void push_fields(lua_State *L, const struct e1000_reg *reg)
{
    lua_newtable(L);
    for (unsigned i = 0; reg->field[i].owner == reg->id; i++) {
        const struct e1000_field *const f = &reg->field[i];

        lua_createtable(L, 0, 6);
        lua_pushstring(L, f->name);
        lua_setfield(L, -2, "name");
        lua_pushinteger(L, f->hi);
        lua_setfield(L, -2, "hi");
        lua_pushinteger(L, f->lo);
        lua_setfield(L, -2, "lo");
        lua_pushstring(L, access_names[f->access]);
        lua_setfield(L, -2, "acc");
        lua_pushstring(L, format_names[f->format]);
        lua_setfield(L, -2, "fmt");
        lua_pushstring(L, f->text);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_reg(lua_State *L, const struct e1000_reg *reg, bool phy)
{
    const struct {
        const char *name;
        lua_Integer value;
    } numbers[] = {
        {"offset", reg->offset},   {"count", reg->count},         {"stride", reg->stride},
        {"reset", reg->reset},     {"undefined", reg->undefined}, {"writable", reg->writable},
        {"sw_keep", reg->sw_keep}, {"sw_update", reg->sw_update},
    };
    const size_t count = sizeof numbers / sizeof numbers[0] - (phy ? 0 : 2);

    lua_createtable(L, 0, 16);
    lua_pushstring(L, reg->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, reg->title);
    lua_setfield(L, -2, "title");
    lua_pushstring(L, reg->manual);
    lua_setfield(L, -2, "manual");
    lua_pushstring(L, kind_names[reg->kind]);
    lua_setfield(L, -2, "kind");
    lua_pushboolean(L, reg->modelled);
    lua_setfield(L, -2, "modelled");
    lua_pushfstring(L, "%s%s%s", (reg->on & E1000_ON_P) != 0 ? "P" : "", (reg->on & E1000_ON_R) != 0 ? "R" : "",
                    (reg->on & E1000_ON_S) != 0 ? "S" : "");
    if (reg->on == E1000_ON_N) {
        lua_pop(L, 1);
        lua_pushstring(L, "N");
    }
    lua_setfield(L, -2, "on");
    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, numbers[i].value);
        lua_setfield(L, -2, numbers[i].name);
    }
    push_fields(L, reg);
    lua_setfield(L, -2, "fields");
}

static int push_rows(lua_State *L, size_t count, const struct e1000_reg *(*row)(size_t), bool phy)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_reg(L, row(i), phy);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int l_regs(lua_State *L)
{
    return push_rows(L, e1000_reg_count(), e1000_reg, false);
}
static int l_phy_regs(lua_State *L)
{
    return push_rows(L, e1000_phy_count(), e1000_phy, true);
}

/* ---- bus accesses ---- */

static int l_read32(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const uint32_t offset = check_range(L, 1, 0, UINT32_MAX);

    luaL_argcheck(L, offset % 4 == 0, 1, "not the offset of a dword");
    lua_pushinteger(L, (uint32_t)lab_bar_read(lab, E1000_BAR_MEM, offset, 4));
    return 1;
}

static int l_write32(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const uint32_t offset = check_range(L, 1, 0, UINT32_MAX);

    luaL_argcheck(L, offset % 4 == 0, 1, "not the offset of a dword");
    lab_bar_write(lab, E1000_BAR_MEM, offset, 4, check_range(L, 2, 0, UINT32_MAX));
    return 0;
}

static int l_bar_read(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const int bar = luaL_checkoption(L, 1, NULL, bar_names);
    const uint32_t offset = check_range(L, 2, 0, UINT32_MAX);
    const unsigned size = check_size(L, 3, bar != E1000_BAR_IO ? 8 : 4);

    lua_pushinteger(L, (lua_Integer)lab_bar_read(lab, (enum e1000_bar)bar, offset, size));
    return 1;
}

static int l_bar_write(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const int bar = luaL_checkoption(L, 1, NULL, bar_names);
    const uint32_t offset = check_range(L, 2, 0, UINT32_MAX);
    const unsigned size = check_size(L, 3, bar != E1000_BAR_IO ? 8 : 4);
    const lua_Integer value = luaL_checkinteger(L, 4);

    if (size < 8)
        check_range(L, 4, 0, (lua_Integer)((UINT64_C(1) << 8 * size) - 1));
    lab_bar_write(lab, (enum e1000_bar)bar, offset, size, (uint64_t)value);
    return 0;
}

static int l_config_read(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const uint32_t offset = check_range(L, 1, 0, 255);

    lua_pushinteger(L, lab_config_read(lab, offset, check_size(L, 2, 4)));
    return 1;
}

static int l_config_write(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const uint32_t offset = check_range(L, 1, 0, 255);
    const unsigned size = check_size(L, 2, 4);

    lab_config_write(lab, offset, size, check_range(L, 3, 0, (lua_Integer)((UINT64_C(1) << 8 * size) - 1)));
    return 0;
}

static int l_count(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lab_of(L)->accesses);
    return 1;
}

/* ---- time ---- */

/* Push a value that calls close when the C function ends, also if it ends by an error. */
static void push_guard(lua_State *L, lua_CFunction close)
{
    lua_newuserdatauv(L, 0, 0);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__close");
    lua_setmetatable(L, -2);
}

static int stop_advancing(lua_State *L)
{
    (*(struct script **)lua_getextraspace(L))->lab.advancing = false;
    return 0;
}

/* A function that lab.at queued has its time. */
static void call_now(void *ctx, int ref)
{
    struct script *const s = ctx;
    lua_State *const L = s->L;

    luaL_checkstack(L, 8, "lab.at");
    push_guard(L, stop_advancing);
    lua_toclose(L, -1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    lua_call(L, 0, 0);
    lua_closeslot(L, -1);
    lua_pop(L, 1);
    s->L = L; /* the function may have used a coroutine that is gone */
    s->lab.advancing = true;
}

static int line_now(void *ctx)
{
    const struct script *const s = ctx;

    return s->L != NULL ? scenario_line(s->L) : 0;
}

static enum lab_stop run(lua_State *L, struct lab *lab, uint64_t target_ns, enum lab_until until)
{
    enum lab_stop stop;

    if (lab->advancing)
        fail(L, "time is on its way already: a function of lab.at cannot wait");
    lab->advancing = true;
    stop = lab_run(lab, target_ns, until);
    lab->advancing = false;
    if (stop == LAB_STOP_STUCK)
        fail(L, "the device wants the time %" PRIu64 " ns again and again", lab->now_ns);
    return stop;
}

static uint64_t later(lua_State *L, const struct lab *lab, int arg)
{
    const uint64_t ns = check_time(L, arg);

    luaL_argcheck(L, ns <= INT64_MAX - lab->now_ns, arg, "too far away");
    return lab->now_ns + ns;
}

static uint64_t check_not_past(lua_State *L, const struct lab *lab, int arg)
{
    const uint64_t at_ns = check_time(L, arg);

    if (at_ns < lab->now_ns)
        fail(L, "%" PRIu64 " ns is over, it is %" PRIu64 " ns", at_ns, lab->now_ns);
    return at_ns;
}

static int l_now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lab_of(L)->now_ns);
    return 1;
}

static int l_run(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    run(L, lab, later(L, lab, 1), LAB_UNTIL_TIME);
    return 0;
}

static int l_run_until(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    run(L, lab, check_not_past(L, lab, 1), LAB_UNTIL_TIME);
    return 0;
}

static int l_wait_irq(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    if (run(L, lab, later(L, lab, 1), LAB_UNTIL_IRQ) == LAB_STOP_EARLY)
        lua_pushinteger(L, (lua_Integer)lab->now_ns);
    else
        lua_pushnil(L);
    return 1;
}

static int l_idle(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    lua_pushboolean(L, run(L, lab, later(L, lab, 1), LAB_UNTIL_IDLE) == LAB_STOP_EARLY);
    return 1;
}

static int l_at(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const uint64_t at_ns = check_not_past(L, lab, 1);

    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    if (!lab_call_at(lab, at_ns, luaL_ref(L, LUA_REGISTRYINDEX)))
        return fail(L, "out of memory");
    return 0;
}

static int l_zero(lua_State *L)
{
    lab_zero(lab_of(L));
    return 0;
}

static int l_irq(lua_State *L)
{
    struct lab *const lab = settled_lab_of(L);

    lua_pushboolean(L, lab->ops->irq(lab->dut));
    return 1;
}

/* ---- the wire ---- */

/* A device that gets frames from a socket gets neither a bad FCS nor what a PHY would say: len without the FCS. */
static size_t plain_frame(lua_State *L, const char *bytes, size_t len, uint32_t *flags)
{
    uint32_t fcs = 0;

    need(L, DUT_FRAMES);
    if ((dut_caps(script_of(L)->options->dut, script_of(L)->options->dut_arg) & DUT_WIRE) != 0)
        return len;
    if (len < MEDIUM_MIN + ((*flags & E1000_FRAME_FCS) != 0 ? 4u : 0))
        need(L, DUT_WIRE); /* a socket's frames are padded on their way in */
    for (size_t i = 0; i < 4 && len > 4; i++)
        fcs |= (uint32_t)(uint8_t)bytes[len - 4 + i] << 8 * i;
    if (*flags == 0)
        return len;
    if (*flags != E1000_FRAME_FCS || len <= 4 || e1000_crc32(bytes, len - 4) != fcs)
        need(L, DUT_WIRE);
    *flags = 0;
    return len - 4;
}

static int l_frame_in(lua_State *L)
{
    static const char *const fields[] = {"fcs", "rx_er", "align", "cext", NULL};
    static const uint32_t bits[] = {E1000_FRAME_FCS, E1000_FRAME_RX_ER, E1000_FRAME_ALIGN, E1000_FRAME_CEXT};
    struct lab *const lab = lab_of(L);
    uint32_t flags = 0;
    size_t len;
    const char *const bytes = luaL_checklstring(L, 1, &len);

    luaL_argcheck(L, len > 0 && len <= FRAME_MAX, 1, "a frame has 1 to 65535 bytes");
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        check_fields(L, 2, "lab.frame_in", fields);
        for (size_t i = 0; fields[i] != NULL; i++)
            flags |= field_boolean(L, 2, fields[i], false) ? bits[i] : 0;
    }
    len = plain_frame(L, bytes, len, &flags);
    if (lua_isnoneornil(L, 3))
        lab_frame_in(lab, bytes, len, flags);
    else if (!lab_frame_at(lab, check_not_past(L, lab, 3), bytes, len, flags))
        return fail(L, "out of memory");
    return 0;
}

/* Refuse a list that is not whole: a script that counts must not count wrong. */
static void check_whole(lua_State *L, struct lab_records *records, const char *what)
{
    const uint64_t lost = records->lost;

    if (lost == 0)
        return;
    lab_records_drop(records);
    fail(L, "%s: %" PRIu64 " were lost; ask more often, at the latest each 64 MiB", what, lost);
}

static int l_sent(lua_State *L)
{
    struct lab_records *const sent = &settled_lab_of(L)->sent;
    lua_Integer n = 0;

    need(L, DUT_FRAMES);
    check_whole(L, sent, "lab.sent");
    lua_newtable(L);
    for (const struct lab_record *r = sent->first; r != NULL; r = r->next) {
        lua_createtable(L, 0, 3);
        lua_pushlstring(L, r->bytes, r->len);
        lua_setfield(L, -2, "bytes");
        lua_pushinteger(L, (lua_Integer)r->at_ns);
        lua_setfield(L, -2, "at");
        lua_pushboolean(L, (r->data & E1000_FRAME_FCS) != 0);
        lua_setfield(L, -2, "fcs");
        lua_rawseti(L, -2, ++n);
    }
    lab_records_drop(sent);
    return 1;
}

static void next_pages(lua_State *L, struct e1000_partner *p)
{
    const size_t most = sizeof p->next_page / sizeof p->next_page[0];

    if (lua_getfield(L, 1, "next_pages") == LUA_TTABLE) {
        if (lua_rawlen(L, -1) > most)
            fail(L, "lab.partner: at most %d next pages", (int)most);
        for (; p->next_pages < lua_rawlen(L, -1); p->next_pages++) {
            lua_rawgeti(L, -1, (lua_Integer)p->next_pages + 1);
            p->next_page[p->next_pages] = (uint16_t)lua_tointeger(L, -1);
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

static int l_wire_fault(lua_State *L)
{
    static const char *const names[] = {"false carrier", "symbol error", "idle error", "fifo", NULL};
    struct lab *const lab = lab_of(L);
    const int fault = luaL_checkoption(L, 1, NULL, names);

    need(L, DUT_PARTNER);
    if (lab->ops->wire_fault == NULL)
        fail(L, "wire_fault: device %s has none", lab->ops->name);
    lab->ops->wire_fault(lab->dut, (enum e1000_wire_fault)fault);
    return 0;
}

static int l_collide(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const lua_Integer attempts = luaL_checkinteger(L, 1);

    luaL_argcheck(L, attempts >= 0 && attempts <= UINT32_MAX, 1, "attempts: 0 to 2^32 - 1");
    need(L, DUT_PARTNER);
    if (lab->ops->collide == NULL)
        fail(L, "collide: device %s has none", lab->ops->name);
    lab->ops->collide(lab->dut, (uint32_t)attempts, lua_toboolean(L, 2));
    return 0;
}

static int l_partner(lua_State *L)
{
    static const char *const fields[] = {
        "autoneg",      "base_page", "gigabit_full", "gigabit_half", "speed", "full_duplex", "pairs",
        "cable_length", "crossover", "reversed",     "sleeps",       "role",  "next_pages",  NULL};
    struct lab *const lab = lab_of(L);
    struct e1000_partner p;

    need(L, DUT_PARTNER);
    if (lua_isnoneornil(L, 1)) {
        lab->ops->partner(lab->dut, NULL);
        return 0;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    check_fields(L, 1, "lab.partner", fields);
    p = (struct e1000_partner){
        .autoneg = field_boolean(L, 1, "autoneg", false),
        .base_page = (uint16_t)field_integer(L, 1, "base_page", 0, 0xffff, 0),
        .gigabit_full = field_boolean(L, 1, "gigabit_full", false),
        .gigabit_half = field_boolean(L, 1, "gigabit_half", false),
        .speed = (uint16_t)field_integer(L, 1, "speed", 0, 1000, 0),
        .full_duplex = field_boolean(L, 1, "full_duplex", false),
        .pairs = (uint8_t)field_integer(L, 1, "pairs", 0, 4, 4),
        .cable_length = (uint8_t)field_integer(L, 1, "cable_length", 0, 7, 0),
        .crossover = field_boolean(L, 1, "crossover", false),
        .reversed = field_boolean(L, 1, "reversed", false),
        .sleeps = field_boolean(L, 1, "sleeps", false),
        .role = (uint8_t)field_integer(L, 1, "role", 0, 2, 0),
    };
    next_pages(L, &p);
    lab->ops->partner(lab->dut, &p);
    return 0;
}

/* ---- pins and parts ---- */

static int l_power_good(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    need(L, DUT_POWER);
    lab->ops->power_good(lab->dut, check_boolean(L, 1));
    return 0;
}

static int l_pci_reset(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    need(L, DUT_POWER);
    lab->ops->pci_reset(lab->dut, check_boolean(L, 1));
    return 0;
}

static int l_aux_power(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    need(L, DUT_POWER);
    lab->ops->aux_power(lab->dut, check_boolean(L, 1));
    return 0;
}

static int l_sdp(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const uint32_t pin = check_range(L, 1, 0, 7);

    need(L, DUT_POWER);
    luaL_argcheck(L, pin < 2 || pin > 5, 1, "the pins are SDP 0, 1, 6 and 7");
    lab->ops->sdp(lab->dut, pin, check_boolean(L, 2));
    return 0;
}

/* Levels of the LED pins, and when they may change next (nil: never). */
static int l_leds(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    uint64_t next;

    need(L, DUT_PINS);
    lua_pushinteger(L, lab->ops->leds(lab->dut));
    next = lab->ops->leds_next(lab->dut);
    if (next == E1000_NEVER)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)next);
    return 2;
}

static int l_sdp_out(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    need(L, DUT_PINS);
    lua_pushinteger(L, lab->ops->sdp_out(lab->dut));
    return 1;
}

/* What the flash part holds: offset, length -> bytes. */
static int l_flash(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const uint32_t at = check_range(L, 1, 0, FLASH_MOST), len = check_range(L, 2, 0, FLASH_MOST);

    need(L, DUT_FLASH);
    luaL_argcheck(L, at <= lab->flash_bytes && len <= lab->flash_bytes - at, 2, "beyond the part");
    lua_pushlstring(L, (const char *)lab->flash + at, len);
    return 1;
}

static int l_pme(lua_State *L)
{
    struct lab *const lab = settled_lab_of(L);

    need(L, DUT_PINS);
    lua_pushboolean(L, lab->ops->pme != NULL ? lab->ops->pme(lab->dut) : lab->pme);
    return 1;
}

static int l_msis(lua_State *L)
{
    struct lab_records *const msis = &settled_lab_of(L)->msis;
    lua_Integer n = 0;

    check_whole(L, msis, "lab.msis");
    lua_newtable(L);
    for (const struct lab_record *r = msis->first; r != NULL; r = r->next) {
        lua_createtable(L, 0, 3);
        lua_pushinteger(L, (lua_Integer)r->addr);
        lua_setfield(L, -2, "addr");
        lua_pushinteger(L, r->data);
        lua_setfield(L, -2, "data");
        lua_pushinteger(L, (lua_Integer)r->at_ns);
        lua_setfield(L, -2, "at");
        lua_rawseti(L, -2, ++n);
    }
    lab_records_drop(msis);
    return 1;
}

static int l_eeprom(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    uint16_t words[256];
    size_t count;

    need(L, DUT_BOARD);
    count = lab->ops->eeprom(lab->dut, words, 256);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count && i < 256; i++) {
        lua_pushinteger(L, words[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- guest memory ---- */

static uint64_t check_length(lua_State *L, int arg)
{
    const lua_Integer len = luaL_checkinteger(L, arg);

    luaL_argcheck(L, len >= 0 && len <= TRANSFER_MAX, arg, "a length is 0 to 256 MiB");
    return (uint64_t)len;
}

static uint64_t check_addr(lua_State *L, int arg)
{
    return (uint64_t)luaL_checkinteger(L, arg);
}

static int l_mem_alloc(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const char *const name = luaL_checkstring(L, 1);
    const uint64_t size = check_length(L, 2), align = (uint64_t)luaL_optinteger(L, 3, 1);
    const enum memory_perm perm = check_perm(L, 4);
    const uint64_t element = lua_isnoneornil(L, 5) ? 0 : check_length(L, 5);
    const uint64_t fixed = (uint64_t)luaL_optinteger(L, 6, 0);
    uint64_t addr;
    char why[256];

    luaL_argcheck(L, strlen(name) < MEMORY_NAME, 1, "the name is too long");
    if (!memory_alloc(lab->memory, name, size, align, perm, element, lua_isnoneornil(L, 6) ? NULL : &fixed, &addr, why,
                      sizeof why))
        return fail(L, "lab.mem_alloc: %s", why);
    lua_pushinteger(L, (lua_Integer)addr);
    return 1;
}

static int l_mem_free(lua_State *L)
{
    char why[256];

    if (!memory_release(settled_lab_of(L)->memory, check_addr(L, 1), why, sizeof why))
        return fail(L, "lab.mem_free: %s", why);
    return 0;
}

static int l_mem_perm(lua_State *L)
{
    char why[256];

    if (!memory_set_perm(settled_lab_of(L)->memory, check_addr(L, 1), check_perm(L, 2), why, sizeof why))
        return fail(L, "lab.mem_perm: %s", why);
    return 0;
}

static int l_mem_name(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const char *const name = luaL_checkstring(L, 2);
    const uint64_t element = lua_isnoneornil(L, 3) ? 0 : check_length(L, 3);
    char why[256];

    luaL_argcheck(L, strlen(name) < MEMORY_NAME, 2, "the name is too long");
    if (!memory_set_name(lab->memory, check_addr(L, 1), name, element, why, sizeof why))
        return fail(L, "lab.mem_name: %s", why);
    return 0;
}

static int l_peek(lua_State *L)
{
    struct lab *const lab = settled_lab_of(L);
    const uint64_t addr = check_addr(L, 1), len = check_length(L, 2);
    luaL_Buffer buffer;
    char why[256];

    if (!memory_peek(lab->memory, addr, luaL_buffinitsize(L, &buffer, (size_t)len), len, why, sizeof why))
        return fail(L, "lab.peek: %s", why);
    luaL_pushresultsize(&buffer, (size_t)len);
    return 1;
}

static int l_poke(lua_State *L)
{
    struct lab *const lab = settled_lab_of(L);
    size_t len;
    const char *const bytes = luaL_checklstring(L, 2, &len);
    char why[256];

    if (!memory_poke(lab->memory, check_addr(L, 1), bytes, len, why, sizeof why))
        return fail(L, "lab.poke: %s", why);
    return 0;
}

static int l_written(lua_State *L)
{
    struct lab *const lab = settled_lab_of(L);
    uint64_t count;
    char why[256];

    need(L, DUT_DMA); /* a byte written as it was before is not seen otherwise */
    if (!memory_written(lab->memory, check_addr(L, 1), check_length(L, 2), &count, why, sizeof why))
        return fail(L, "lab.written: %s", why);
    lua_pushinteger(L, (lua_Integer)count);
    return 1;
}

static int l_mem_watch(lua_State *L)
{
    struct lab *const lab = settled_lab_of(L);
    char why[256];

    if (!memory_watch(lab->memory, check_addr(L, 1), check_length(L, 2), why, sizeof why))
        return fail(L, "lab.mem_watch: %s", why);
    return 0;
}

static int l_dma_fail(lua_State *L)
{
    struct lab *const lab = settled_lab_of(L);
    const lua_Integer count = luaL_optinteger(L, 3, 1);

    need(L, DUT_REFUSAL);
    luaL_argcheck(L, count >= 0, 3, "a count is not negative");
    if (!memory_fail_next(lab->memory, check_addr(L, 1), check_length(L, 2), (uint64_t)count))
        return fail(L, "out of memory");
    return 0;
}

static int l_violations(lua_State *L)
{
    struct lab *const lab = settled_lab_of(L);

    lua_newtable(L);
    for (size_t i = 0; i < memory_violations(lab->memory); i++) {
        const struct memory_violation *const v = memory_violation(lab->memory, i);

        lua_createtable(L, 0, 5);
        lua_pushstring(L, v->write ? "write" : "read");
        lua_setfield(L, -2, "what");
        lua_pushinteger(L, (lua_Integer)v->addr);
        lua_setfield(L, -2, "addr");
        lua_pushinteger(L, (lua_Integer)v->len);
        lua_setfield(L, -2, "len");
        lua_pushstring(L, v->why);
        lua_setfield(L, -2, "why");
        lua_pushstring(L, v->text);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    memory_forget_violations(lab->memory);
    lab->first_violation.set = false;
    return 1;
}

/* ---- the trace, and what a scenario says of itself ---- */

static int l_step(lua_State *L)
{
    lab_step(lab_of(L), luaL_checkstring(L, 1));
    return 0;
}

static int l_note(lua_State *L)
{
    trace_note(&lab_of(L)->trace, luaL_checkstring(L, 1));
    return 0;
}

static int l_print(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const int count = lua_gettop(L);
    luaL_Buffer buffer;

    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&buffer, ' ');
        sandbox_tostring(L, i, NULL);
        luaL_addvalue(&buffer);
    }
    luaL_pushresult(&buffer);
    trace_note(&lab->trace, lua_tostring(L, -1));
    return 0;
}

static int end_fold(lua_State *L)
{
    trace_fold_end(&(*(struct script **)lua_getextraspace(L))->lab.trace);
    return 0;
}

static int l_fold(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const char *const text = luaL_checkstring(L, 1);

    luaL_checktype(L, 2, LUA_TFUNCTION);
    push_guard(L, end_fold);
    lua_insert(L, 2);
    trace_fold_begin(&lab->trace, text);
    lua_toclose(L, 2);
    lua_call(L, lua_gettop(L) - 3, LUA_MULTRET);
    return lua_gettop(L) - 2;
}

static int l_fail(lua_State *L)
{
    lab_of(L);
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    return raise(L);
}

static int l_skip(lua_State *L)
{
    lab_of(L);
    return skip(L, luaL_checkstring(L, 1));
}

static int l_can(lua_State *L)
{
    struct lab *const lab = lab_of(L);

    lua_pushboolean(L, (lab->caps & check_cap(L, luaL_checkstring(L, 1))) != 0);
    return 1;
}

static int l_seen(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const char *const name = luaL_checkstring(L, 1);

    luaL_optinteger(L, 2, 0);
    if (!observe_seen(lab->observe, name, check_range(L, 3, 0, UINT32_MAX), check_range(L, 4, 0, UINT32_MAX)))
        return fail(L, "lab.seen: there is no register %s", name);
    return 0;
}

static int l_bads(lua_State *L)
{
    struct lab_records *const bads = &lab_of(L)->bads;
    lua_Integer n = 0;

    need(L, DUT_EVENTS);
    check_whole(L, bads, "lab.bads");
    lua_newtable(L);
    for (const struct lab_record *r = bads->first; r != NULL; r = r->next) {
        lua_createtable(L, 0, 4);
        lua_pushstring(L, r->rule != NULL ? r->rule->name : "");
        lua_setfield(L, -2, "rule");
        lua_pushstring(L, r->rule != NULL ? r->rule->manual : "");
        lua_setfield(L, -2, "manual");
        lua_pushstring(L, r->bytes);
        lua_setfield(L, -2, "text");
        lua_pushinteger(L, (lua_Integer)r->at_ns);
        lua_setfield(L, -2, "at");
        lua_rawseti(L, -2, ++n);
    }
    lab_records_drop(bads);
    return 1;
}

static bool wanted(lua_State *L, int kinds, const char *kind)
{
    for (int i = 1; i <= kinds; i++)
        if (strcmp(lua_tostring(L, i), kind) == 0)
            return true;
    return kinds == 0;
}

static int l_events(lua_State *L)
{
    struct lab *const lab = lab_of(L);
    const int kinds = lua_gettop(L);
    lua_Integer n = 0;

    need(L, DUT_EVENTS);
    for (int i = 1; i <= kinds; i++) {
        const char *const kind = luaL_checkstring(L, i);
        size_t k = 0;

        while (k < sizeof event_names / sizeof event_names[0] && strcmp(event_names[k], kind) != 0)
            k++;
        luaL_argcheck(L, k < sizeof event_names / sizeof event_names[0], i, "no such kind of event");
    }
    if (lab->lines_count - lab->lines_taken > LAB_EVENTS)
        lab->lines_taken = lab->lines_count - LAB_EVENTS;
    lua_newtable(L);
    for (; lab->lines_taken < lab->lines_count; lab->lines_taken++) {
        const struct lab_line *const line = &lab->lines[lab->lines_taken % LAB_EVENTS];

        if (!wanted(L, kinds, event_names[line->kind]))
            continue;
        lua_pushstring(L, line->text);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* splitmix64: every seed gives a good sequence. */
static uint64_t draw(struct script *s)
{
    uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* As math.random: a fraction, 1 to m, or m to n. */
/* "; nearest: RCTL" for an error message: what the name may have meant, of a list of names. */
static int l_nearest(lua_State *L)
{
    struct nearest near;
    char said[256];

    nearest_start(&near, luaL_checkstring(L, 1));
    luaL_checktype(L, 2, LUA_TTABLE);
    for (lua_Integer i = 1; lua_rawgeti(L, 2, i) == LUA_TSTRING; i++) {
        nearest_offer(&near, lua_tostring(L, -1)); /* the list keeps the string */
        lua_pop(L, 1);
    }
    lua_pushstring(L, nearest_text(&near, said, sizeof said));
    return 1;
}

static int l_random(lua_State *L)
{
    struct script *s;
    lua_Integer low = 1, high;
    uint64_t span, mask, value;

    lab_of(L);
    s = script_of(L);
    if (lua_gettop(L) == 0) {
        lua_pushnumber(L, (lua_Number)(draw(s) >> 11) / (lua_Number)(UINT64_C(1) << 53));
        return 1;
    }
    if (lua_gettop(L) >= 2)
        low = luaL_checkinteger(L, 1);
    high = luaL_checkinteger(L, lua_gettop(L) >= 2 ? 2 : 1);
    luaL_argcheck(L, low <= high, 1, "interval is empty");
    span = (uint64_t)high - (uint64_t)low;
    mask = span;
    for (int shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    do
        value = draw(s) & mask;
    while (value > span);
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + value));
    return 1;
}

static const luaL_Reg lab_functions[] = {
    {"scenario", l_scenario},
    {"regs", l_regs},
    {"phy_regs", l_phy_regs},
    {"read32", l_read32},
    {"write32", l_write32},
    {"bar_read", l_bar_read},
    {"bar_write", l_bar_write},
    {"config_read", l_config_read},
    {"config_write", l_config_write},
    {"count", l_count},
    {"now", l_now},
    {"run", l_run},
    {"run_until", l_run_until},
    {"wait_irq", l_wait_irq},
    {"idle", l_idle},
    {"at", l_at},
    {"zero", l_zero},
    {"irq", l_irq},
    {"frame_in", l_frame_in},
    {"sent", l_sent},
    {"partner", l_partner},
    {"power_good", l_power_good},
    {"pci_reset", l_pci_reset},
    {"aux_power", l_aux_power},
    {"sdp", l_sdp},
    {"sdp_out", l_sdp_out},
    {"leds", l_leds},
    {"flash", l_flash},
    {"wire_fault", l_wire_fault},
    {"collide", l_collide},
    {"pme", l_pme},
    {"msis", l_msis},
    {"eeprom", l_eeprom},
    {"mem_alloc", l_mem_alloc},
    {"mem_free", l_mem_free},
    {"mem_perm", l_mem_perm},
    {"mem_name", l_mem_name},
    {"mem_watch", l_mem_watch},
    {"peek", l_peek},
    {"poke", l_poke},
    {"written", l_written},
    {"dma_fail", l_dma_fail},
    {"violations", l_violations},
    {"step", l_step},
    {"note", l_note},
    {"fold", l_fold},
    {"fail", l_fail},
    {"skip", l_skip},
    {"can", l_can},
    {"seen", l_seen},
    {"bads", l_bads},
    {"events", l_events},
    {"nearest", l_nearest},
    {"random", l_random},
    {NULL, NULL},
};

/* ---- a run ---- */

static void *allocate(void *ctx, void *block, size_t old, size_t size)
{
    struct script *const s = ctx;
    void *bigger;

    if (block == NULL)
        old = 0; /* then Lua passes the kind of object here */
    if (size == 0) {
        free(block);
        s->lua_bytes -= old;
        return NULL;
    }
    if (size > old && size - old > LUA_BYTES_MAX - s->lua_bytes)
        return NULL;
    bigger = realloc(block, size);
    if (bigger != NULL)
        s->lua_bytes = s->lua_bytes - old + size;
    return bigger;
}

/* Push the text of the scenario's file. */
static void push_file(lua_State *L, const char *path)
{
    FILE *const file = fopen(path, "rb");
    luaL_Buffer buffer;
    size_t total = 0, n;
    int error;

    if (file == NULL) {
        lua_pushfstring(L, "cannot read %s: %s", path, strerror(errno));
        lua_error(L);
        return;
    }
    luaL_buffinit(L, &buffer);
    do {
        char chunk[4096];

        n = fread(chunk, 1, sizeof chunk, file);
        luaL_addlstring(&buffer, chunk, n);
        total += n;
    } while (n > 0 && total <= (size_t)SCRIPT_BYTES_MAX);
    error = ferror(file) ? errno : 0;
    fclose(file);
    luaL_pushresult(&buffer);
    if (error != 0)
        lua_pushfstring(L, "cannot read %s: %s", path, strerror(error));
    else if (n > 0)
        lua_pushfstring(L, "%s: longer than 16 MiB, this is no scenario", path);
    else
        return;
    lua_error(L);
}

/* Protected: everything that can raise an error. */
static int body(lua_State *L)
{
    struct script *const s = script_of(L);
    size_t len;
    const char *text;

    /* Memory is there, and most scenarios end before they need any of it again. */
    lua_gc(L, LUA_GCINC, 400, 0, 0);
    sandbox_open(L, s->libraries);
    luaL_newlib(L, lab_functions);
    lua_setglobal(L, "lab");
    lua_pushcfunction(L, l_print);
    lua_setglobal(L, "print");
    lua_sethook(L, count_steps, LUA_MASKCOUNT, STEPS_A_HOOK);
    lua_getglobal(L, "require");
    lua_pushstring(L, "prelude");
    lua_call(L, 1, 0);
    push_file(L, s->options->path);
    text = lua_tolstring(L, -1, &len);
    if (luaL_loadbufferx(L, text, len, s->source, "t") != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

static void set_place(struct script *s, const struct lab_place *place)
{
    struct scenario_result *const r = s->result;

    r->line = place->line;
    r->at_ns = place->at_ns < s->lab.zero_ns ? place->at_ns : place->at_ns - s->lab.zero_ns;
    memcpy(r->step, place->step, sizeof r->step);
}

/* Append the violations that nobody asked about to the message. */
static void tell_violations(struct script *s)
{
    char *const to = s->result->message;
    const size_t size = sizeof s->result->message;
    const uint64_t total = memory_violations_total(s->lab.memory);
    uint64_t told = 0;

    for (; told < total && told < TOLD; told++) {
        const size_t used = strlen(to);

        snprintf(to + used, size - used, "%s%s", used > 0 ? "\n" : "",
                 memory_violation(s->lab.memory, (size_t)told)->text);
    }
    if (told < total) {
        const size_t used = strlen(to);

        snprintf(to + used, size - used, "\nand %" PRIu64 " more", total - told);
    }
}

/* The script came to its end: has everything been as it should? */
static void judge(struct script *s)
{
    struct scenario_result *const r = s->result;

    if (s->lab.dut != NULL)
        lab_settle(&s->lab);
    if (s->lab.dut != NULL && lab_trouble(&s->lab) != NULL) {
        r->status = SCENARIO_FAILED;
        snprintf(r->message, sizeof r->message, "device %s: %s", s->options->dut->name, lab_trouble(&s->lab));
    } else if (!s->declared) {
        r->status = SCENARIO_BROKEN;
        snprintf(r->message, sizeof r->message, "the file does not call scenario{}");
    } else if (memory_violations_total(s->lab.memory) > 0) {
        r->status = SCENARIO_FAILED;
        set_place(s, &s->lab.first_violation);
        tell_violations(s);
    } else if (s->options->strict && s->lab.bad > 0) {
        r->status = SCENARIO_FAILED;
        set_place(s, &s->lab.first_bad);
        snprintf(r->message, sizeof r->message, "strict: %" PRIu64 " driver mistake%s, the first is \"%s\"", s->lab.bad,
                 s->lab.bad == 1 ? "" : "s", s->lab.first_bad_text);
    } else {
        r->status = SCENARIO_PASSED;
    }
}

/* The script ended by an error, whose message is on top of the stack. */
static void take_error(struct script *s, lua_State *L)
{
    struct scenario_result *const r = s->result;
    const char *const message = lua_tostring(L, -1);

    r->status = s->declared ? SCENARIO_FAILED : SCENARIO_BROKEN;
    r->line = s->line;
    snprintf(r->message, sizeof r->message, "%s", message != NULL ? message : "unknown error");
    if (s->declared)
        tell_violations(s);
}

static void finish(struct script *s, bool opened)
{
    struct scenario_result *const r = s->result;
    const char *sections[SCENARIO_SECTIONS];
    size_t count = 0;
    char why[512];
    bool good = lab_close(&s->lab, why, sizeof why);

    r->frames_in = s->lab.frames_in;
    r->frames_out = s->lab.frames_out;
    r->accesses = s->lab.accesses;
    while (count < SCENARIO_SECTIONS && r->manual[count][0] != '\0') {
        sections[count] = r->manual[count];
        count++;
    }
    if (good && opened && s->options->coverage != NULL && r->status != SCENARIO_SKIPPED)
        good = observe_write(s->lab.observe, s->options->coverage, sections, count, why, sizeof why);
    if (!good && r->status != SCENARIO_BROKEN) {
        r->status = SCENARIO_BROKEN;
        r->line = 0;
        snprintf(r->message, sizeof r->message, "%s", why);
    }
}

static void run_state(struct script *s, lua_State *L)
{
    struct scenario_result *const r = s->result;
    struct lab_place now = {.set = true};
    int status;

    *(struct script **)lua_getextraspace(L) = s;
    lua_pushcfunction(L, on_error);
    lua_pushcfunction(L, body);
    status = lua_pcall(L, 0, 0, 1);
    s->L = NULL;
    now.at_ns = s->lab.now_ns;
    memcpy(now.step, s->lab.step, sizeof now.step);
    set_place(s, &now);
    if (s->skipped)
        r->status = SCENARIO_SKIPPED;
    else if (s->stopped)
        r->status = SCENARIO_PASSED;
    else if (status == LUA_OK)
        judge(s);
    else
        take_error(s, L);
}

void script_run(const struct scenario_options *options, const struct driver_library *libraries,
                struct scenario_result *result)
{
    struct script *const s = calloc(1, sizeof *s);
    const size_t len = strlen(options->path);
    lua_State *L = NULL;

    memset(result, 0, sizeof *result);
    snprintf(result->file, sizeof result->file, "%s", options->path);
    result->status = SCENARIO_BROKEN;
    snprintf(result->message, sizeof result->message, "out of memory");
    if (s == NULL)
        return;
    s->options = options;
    s->libraries = libraries;
    s->result = result;
    s->random = options->seed;
    s->max_steps = options->max_steps != 0 ? options->max_steps : DEFAULT_STEPS;
    if (len < sizeof s->label)
        memcpy(s->label, options->path, len + 1);
    else /* as Lua would shorten it */
        snprintf(s->label, sizeof s->label, "...%s", options->path + len - (sizeof s->label - 4));
    snprintf(s->source, sizeof s->source, "=%s", s->label);
    if (lab_init(&s->lab)) {
        s->lab.ctx = s;
        s->lab.call = call_now;
        s->lab.line = line_now;
        L = lua_newstate(allocate, s);
        if (L != NULL) {
            if (sandbox_reserve(L)) {
                result->message[0] = '\0';
                run_state(s, L);
                finish(s, s->lab.dut != NULL);
            }
            lua_close(L);
        }
        lab_free(&s->lab);
    }
    free(s);
}

/* ---- the libraries, compiled once for all children ---- */

#define LIBRARIES_MAX 32

static struct driver_library compiled[LIBRARIES_MAX + 1]; /* empty: not compiled */

static int add_chunk(lua_State *L, const void *chunk, size_t len, void *to)
{
    (void)L;
    return fwrite(chunk, 1, len, to) == len ? 0 : 1;
}

/* With line numbers and names, so that messages stay the same. */
static bool compile(lua_State *L, const struct driver_library *library, struct driver_library *to)
{
    char *text = NULL, name[128];
    FILE *const file = open_memstream(&text, &to->len);
    bool good;

    if (file == NULL)
        return false;
    snprintf(name, sizeof name, "=harness/driver/%s.lua", library->name);
    good =
        luaL_loadbufferx(L, library->text, library->len, name, "t") == LUA_OK && lua_dump(L, add_chunk, file, 0) == 0;
    lua_settop(L, 0);
    good = fclose(file) == 0 && good;
    to->name = library->name;
    to->text = text;
    return good;
}

void scenario_prepare(void)
{
    lua_State *const L = compiled[0].name == NULL ? luaL_newstate() : NULL;
    size_t n = 0;

    if (L == NULL)
        return;
    while (n < LIBRARIES_MAX && driver_libraries[n].name != NULL && compile(L, &driver_libraries[n], &compiled[n]))
        n++;
    if (driver_libraries[n].name != NULL) { /* an error in one: a scenario will say so */
        for (size_t i = 0; i <= n && i < LIBRARIES_MAX; i++)
            free((void *)(uintptr_t)compiled[i].text);
        memset(compiled, 0, sizeof compiled);
    }
    lua_close(L);
}

void scenario_run(const struct scenario_options *options, struct scenario_result *result)
{
    script_run(options, compiled[0].name != NULL ? compiled : driver_libraries, result);
}
