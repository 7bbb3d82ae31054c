/*
 * sandbox.c - the Lua that a scenario runs in
 */
#include "sandbox.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Lua 5.4.4, which Debian 12 has, keeps a pointer into its stack while a chain of three or more `..` runs a
 * __concat. If the stack has to grow meanwhile, it moves, and the rest of the chain goes to freed memory: pieces
 * are lost without a word. So no stack grows here: each has this many slots from the start, far more than any
 * scenario is deep, and as they are reserved below the first call, the collector does not take them back.
 */
enum { STACK_SLOTS = 8192 };

bool sandbox_reserve(lua_State *L)
{
    return lua_checkstack(L, STACK_SLOTS) != 0;
}

/* ---- tostring and string.format without addresses ---- */

static bool has_address(int type)
{
    return type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA || type == LUA_TLIGHTUSERDATA ||
           type == LUA_TTHREAD;
}

const char *sandbox_tostring(lua_State *L, int index, size_t *len)
{
    index = lua_absindex(L, index);
    if (!has_address(lua_type(L, index)))
        return luaL_tolstring(L, index, len);
    if (luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
        lua_pop(L, 1); /* luaL_tolstring finds it again, and checks what it returns */
        return luaL_tolstring(L, index, len);
    }
    switch (luaL_getmetafield(L, index, "__name")) {
    case LUA_TSTRING:
        break;
    case LUA_TNIL: /* and nothing was pushed */
        lua_pushstring(L, luaL_typename(L, index));
        break;
    default:
        lua_pop(L, 1);
        lua_pushstring(L, luaL_typename(L, index));
        break;
    }
    return lua_tolstring(L, -1, len);
}

static int tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    sandbox_tostring(L, 1, NULL);
    return 1;
}

/* Upvalue 1 is the original. What %s would print with an address is made a string first. */
static int format(lua_State *L)
{
    const char *c = luaL_checkstring(L, 1);
    int argument = 1;

    for (; *c != '\0'; c++) {
        if (*c != '%')
            continue;
        c++;
        if (*c == '%')
            continue;
        c += strspn(c, "-+ #0.123456789");
        argument++;
        if (*c == 'p')
            return luaL_error(L, "string.format: %%p is an address, which differs from run to run");
        if (*c == 's' && has_address(lua_type(L, argument))) {
            sandbox_tostring(L, argument, NULL);
            lua_replace(L, argument);
        }
        if (*c == '\0')
            break;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/* ---- pairs in the order of keys ---- */

struct key {
    enum { KEY_NUMBER, KEY_STRING, KEY_BOOLEAN, KEY_OTHER } kind;
    bool is_integer;
    lua_Integer integer;
    lua_Number number;
    const char *string; /* held by the table's key */
    size_t len;
    int place; /* in the list of keys */
};

static int compare_numbers(const struct key *a, const struct key *b)
{
    if (a->is_integer && b->is_integer)
        return a->integer < b->integer ? -1 : a->integer > b->integer;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    /* An integer and a float can only meet here beyond 2^53; the integer goes first. */
    return (int)b->is_integer - (int)a->is_integer;
}

static int compare_keys(const void *left, const void *right)
{
    const struct key *const a = left, *const b = right;
    int order;

    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    switch (a->kind) {
    case KEY_NUMBER:
        return compare_numbers(a, b);
    case KEY_STRING:
        order = memcmp(a->string, b->string, a->len < b->len ? a->len : b->len);
        return order != 0 ? order : a->len < b->len ? -1 : a->len > b->len;
    case KEY_BOOLEAN:
        return (int)(a->integer - b->integer);
    case KEY_OTHER:
        break;
    }
    return 0;
}

static struct key describe_key(lua_State *L, int index, int place)
{
    struct key key = {.kind = KEY_OTHER, .place = place};

    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        key.kind = KEY_NUMBER;
        key.is_integer = lua_isinteger(L, index);
        key.integer = key.is_integer ? lua_tointeger(L, index) : 0;
        key.number = lua_tonumber(L, index);
        break;
    case LUA_TSTRING:
        key.kind = KEY_STRING;
        key.string = lua_tolstring(L, index, &key.len);
        break;
    case LUA_TBOOLEAN:
        key.kind = KEY_BOOLEAN;
        key.integer = lua_toboolean(L, index);
        break;
    default:
        break;
    }
    return key;
}

/* Push a list of the table's keys in order; returns how many. */
static lua_Integer push_keys(lua_State *L, int table, const char *who)
{
    struct key *keys;
    int count = 0, list, others = 0;

    table = lua_absindex(L, table);
    luaL_checkstack(L, 8, who);
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1))
        count++;
    keys = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *keys, 0);
    lua_createtable(L, count, 0);
    list = lua_gettop(L);
    count = 0;
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        keys[count] = describe_key(L, -2, count + 1);
        others += keys[count].kind == KEY_OTHER;
        lua_pushvalue(L, -2);
        lua_rawseti(L, list, ++count);
    }
    if (others > 1)
        luaL_error(L, "%s: a table with keys that are tables or functions has no fixed order", who);
    qsort(keys, (size_t)count, sizeof *keys, compare_keys);
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, list, keys[i].place);
        lua_rawseti(L, -2, i + 1);
    }
    lua_replace(L, list - 1);
    lua_settop(L, list - 1);
    return count;
}

/* Upvalues: sorted keys, table, place. Keys that went away in the meantime are passed over. */
static int next_pair(lua_State *L)
{
    lua_Integer place = lua_tointeger(L, lua_upvalueindex(3));

    for (;;) {
        lua_rawgeti(L, lua_upvalueindex(1), ++place);
        if (lua_isnil(L, -1))
            return 1;
        lua_pushvalue(L, -1);
        lua_rawget(L, lua_upvalueindex(2));
        if (!lua_isnil(L, -1))
            break;
        lua_pop(L, 2);
    }
    lua_pushinteger(L, place);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

static int pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    push_keys(L, 1, "pairs");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_pair, 3);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* next(t) tells whether t is empty; going on with next(t, k) works, but pairs does it in one go. */
static int next(lua_State *L)
{
    struct key after;
    lua_Integer count;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    lua_pushnil(L);
    if (lua_isnil(L, 2) && lua_next(L, 1) == 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_settop(L, 2);
    count = push_keys(L, 1, "next");
    after = describe_key(L, 2, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        struct key key;

        lua_rawgeti(L, 3, i);
        key = describe_key(L, -1, 0);
        if (lua_isnil(L, 2) || (after.kind != KEY_OTHER && compare_keys(&key, &after) > 0)) {
            lua_pushvalue(L, -1);
            lua_rawget(L, 1);
            return 2;
        }
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    return 1;
}

/* ---- table.sort, stable: the original picks its pivots by the clock ---- */

/* Stack: 1 list, 2 function or nil, 3 the values before. Is value a before value b? */
static bool before(lua_State *L, lua_Integer a, lua_Integer b)
{
    bool answer;

    if (lua_isnil(L, 2)) {
        lua_rawgeti(L, 3, a);
        lua_rawgeti(L, 3, b);
        answer = lua_compare(L, -2, -1, LUA_OPLT) != 0;
        lua_pop(L, 2);
        return answer;
    }
    lua_pushvalue(L, 2);
    lua_rawgeti(L, 3, a);
    lua_rawgeti(L, 3, b);
    lua_call(L, 2, 1);
    answer = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return answer;
}

static void merge(lua_State *L, lua_Integer *to, const lua_Integer *from, lua_Integer low, lua_Integer middle,
                  lua_Integer high)
{
    lua_Integer a = low, b = middle;

    for (lua_Integer i = low; i < high; i++) {
        if (a < middle && (b >= high || !before(L, from[b], from[a])))
            to[i] = from[a++];
        else
            to[i] = from[b++];
    }
}

static int sort(lua_State *L)
{
    lua_Integer *from, *to, count;

    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    count = luaL_len(L, 1);
    luaL_argcheck(L, count < INT32_MAX, 1, "array too big");
    if (count < 2)
        return 0;
    lua_createtable(L, (int)count, 0);
    from = lua_newuserdatauv(L, 2 * (size_t)count * sizeof *from, 0);
    to = from + count;
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 1, i);
        lua_rawseti(L, 3, i);
        from[i - 1] = i;
    }
    for (lua_Integer width = 1; width < count; width *= 2) {
        lua_Integer *const other = from;

        for (lua_Integer low = 0; low < count; low += 2 * width) {
            const lua_Integer middle = low + width < count ? low + width : count;
            const lua_Integer high = middle + width < count ? middle + width : count;

            merge(L, to, from, low, middle, high);
        }
        from = to;
        to = other;
    }
    for (lua_Integer i = 0; i < count; i++) {
        lua_rawgeti(L, 3, from[i]);
        lua_seti(L, 1, i + 1);
    }
    return 0;
}

/* ---- setmetatable without what the garbage collector's timing would show ---- */

static int setmetatable(lua_State *L)
{
    static const char *const refused[] = {"__gc", "__mode"};

    if (lua_istable(L, 2)) {
        for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
            lua_pushstring(L, refused[i]);
            if (lua_rawget(L, 2) != LUA_TNIL)
                return luaL_error(L, "setmetatable: %s depends on when garbage is collected", refused[i]);
            lua_pop(L, 1);
        }
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/* ---- coroutines have a stack of their own ---- */

static void reserve_thread(lua_State *L, int index)
{
    if (!sandbox_reserve(lua_tothread(L, index)))
        luaL_error(L, "coroutine: not enough memory");
}

static int create(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    reserve_thread(L, -1);
    return 1;
}

static int wrap(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    if (lua_getupvalue(L, -1, 1) != NULL) { /* the function that it returns holds the thread */
        reserve_thread(L, -1);
        lua_pop(L, 1);
    }
    return 1;
}

/* ---- require ---- */

/* Upvalues: the libraries, a table of what was loaded; true while loading. */
static int require(lua_State *L)
{
    const struct driver_library *lib = lua_touserdata(L, lua_upvalueindex(1));
    const char *const name = luaL_checkstring(L, 1);

    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    switch (lua_rawget(L, lua_upvalueindex(2))) {
    case LUA_TNIL:
        break;
    case LUA_TBOOLEAN:
        return luaL_error(L, "require: %s needs itself", name);
    default:
        return lua_rawgeti(L, 2, 1) == LUA_TNONE ? 0 : 1;
    }
    while (lib->name != NULL && strcmp(lib->name, name) != 0)
        lib++;
    if (lib->name == NULL)
        return luaL_error(L, "require: there is no library \"%s\"", name);
    lua_pushvalue(L, 1);
    lua_pushboolean(L, 1);
    lua_rawset(L, lua_upvalueindex(2));
    lua_pushfstring(L, "=harness/driver/%s.lua", name);
    if (luaL_loadbufferx(L, lib->text, lib->len, lua_tostring(L, -1), "bt") != LUA_OK)
        return lua_error(L);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_createtable(L, 1, 0); /* a box, so that a library may give anything */
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    lua_rawset(L, lua_upvalueindex(2));
    return 1;
}

/* ---- all of it ---- */

static void remove_field(lua_State *L, const char *table, const char *name)
{
    lua_getglobal(L, table);
    lua_pushnil(L);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

/* Replace table.name by function, which gets the original as its upvalue. */
static void replace_field(lua_State *L, const char *table, const char *name, lua_CFunction function)
{
    lua_getglobal(L, table);
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

void sandbox_open(lua_State *L, const struct driver_library *libraries)
{
    static const luaL_Reg pure[] = {
        {LUA_GNAME, luaopen_base},       {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8}, {LUA_COLIBNAME, luaopen_coroutine},
    };
    static const char *const removed[] = {"load", "loadfile", "dofile", "collectgarbage", "warn", "print"};

    for (size_t i = 0; i < sizeof pure / sizeof pure[0]; i++) {
        luaL_requiref(L, pure[i].name, pure[i].func, 1);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < sizeof removed / sizeof removed[0]; i++)
        remove_field(L, LUA_GNAME, removed[i]);
    remove_field(L, LUA_STRLIBNAME, "dump");
    remove_field(L, LUA_MATHLIBNAME, "random");
    remove_field(L, LUA_MATHLIBNAME, "randomseed");
    replace_field(L, LUA_GNAME, "tostring", tostring);
    replace_field(L, LUA_GNAME, "pairs", pairs);
    replace_field(L, LUA_GNAME, "next", next);
    replace_field(L, LUA_GNAME, "setmetatable", setmetatable);
    replace_field(L, LUA_STRLIBNAME, "format", format);
    replace_field(L, LUA_TABLIBNAME, "sort", sort);
    replace_field(L, LUA_COLIBNAME, "create", create);
    replace_field(L, LUA_COLIBNAME, "wrap", wrap);
    lua_pushlightuserdata(L, (void *)(uintptr_t)libraries);
    lua_newtable(L);
    lua_pushcclosure(L, require, 2);
    lua_setglobal(L, "require");
    /* Not reached by any script, but it holds the original libraries. */
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}
