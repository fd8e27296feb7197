/*
 * What the Lua half of audits (audit/) needs of the harness.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <lua.h>

struct engine;

void bind_audit_register(struct engine *engine);
/* The text that audit.tell() told last, or NULL; borrowed from the state. */
const char *bind_audit_told(lua_State *L);
