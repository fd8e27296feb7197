/*
 * JSON values as Lua values and back.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <jansson.h>
#include <lua.h>

#define JSON_LUA_DEPTH 32 /* tables within tables; what is deeper is refused, or comes as null */

/* Push a value. null is nil; a list that holds nulls is as long as its last other value. */
void json_lua_push(lua_State *L, const json_t *value);
/*
 * Return: the value at index, which the caller owns. A table whose keys are 1..n is a list, also
 * when it is empty; objects without a JSON form are their text. A string that is no UTF-8 is taken
 * byte by byte as U+0000..U+00FF, as in the events.
 */
json_t *json_lua_get(lua_State *L, int index);
/* A string of any bytes, as above. */
json_t *json_text(const char *bytes, size_t len);
