/*
 * script.h - a scenario's Lua script on the simulated machine
 */
#ifndef HARNESS_SCRIPT_H
#define HARNESS_SCRIPT_H

#include "driver_lua.h"
#include "scenario.h"

/* scenario_run() with other libraries than the embedded ones. */
void script_run(const struct scenario_options *options, const struct driver_library *libraries,
                struct scenario_result *result);

#endif
