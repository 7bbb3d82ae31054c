/*
 * driver_lua.h - the Lua libraries of the scripted driver, as embedded by embed.sh
 */
#ifndef HARNESS_DRIVER_LUA_H
#define HARNESS_DRIVER_LUA_H

#include <stddef.h>

struct driver_library {
    const char *name; /* as in require "name"; NULL ends the list */
    const char *text;
    size_t len;
};

extern const struct driver_library driver_libraries[];

#endif
