/*
 * What the harness adds to the words of a scenario: t:host, t:http, t:terminal,
 * t:platform, and the classes Host, Server, Terminal and those of the platforms.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <lua.h>

struct actors;
struct engine;

void bind_harness(struct engine *engine);
/* Whom the words are about; borrowed. Without them scenarios can be loaded, but not run. */
void bind_harness_to(struct engine *engine, struct actors *actors);
/* For further bindings. Raises an error of the scenario when there are none. */
struct actors *bind_actors(lua_State *L);
