/*
 * sandbox.h - the Lua that a scenario runs in
 *
 * Lua 5.4 without anything that reaches outside or differs from run to run: no files, no clock, no
 * loading of code, no addresses in text, no order by hash. pairs and next go by sorted keys,
 * table.sort is stable.
 */
#ifndef HARNESS_SANDBOX_H
#define HARNESS_SANDBOX_H

#include <lua.h>
#include <stdbool.h>

#include "driver_lua.h"

/* Put the globals into a fresh state; require finds the libraries in the list. May raise an error. */
void sandbox_open(lua_State *L, const struct driver_library *libraries);

/* Before anything runs in a fresh state: its stack gets the size that it keeps (sandbox.c has the reason). */
bool sandbox_reserve(lua_State *L);

/* Push what tostring gives: no addresses. */
const char *sandbox_tostring(lua_State *L, int index, size_t *len);

#endif
