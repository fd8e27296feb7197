/* SPDX-License-Identifier: MIT */
#include "harness/json_lua.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#include "sim/base/buf.h"

static void push_at(lua_State *L, const json_t *value, unsigned depth)
{
    const char *key;
    json_t *item;
    size_t i;

    luaL_checkstack(L, 4, "JSON");
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        lua_newtable(L);
        json_object_foreach((json_t *)value, key, item)
        {
            push_at(L, item, depth + 1);
            lua_setfield(L, -2, key);
        }
        return;
    case JSON_ARRAY:
        lua_newtable(L);
        json_array_foreach(value, i, item)
        {
            push_at(L, item, depth + 1);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        return;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        lua_pushinteger(L, (lua_Integer)json_integer_value(value));
        return;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(value));
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, json_is_true(value));
        return;
    case JSON_NULL:
        lua_pushnil(L);
        return;
    }
}

void json_lua_push(lua_State *L, const json_t *value)
{
    push_at(L, value, 0);
}

json_t *json_text(const char *bytes, size_t len)
{
    json_t *text = json_stringn(bytes, len);
    struct buf wide = {0};

    if (text)
        return text;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        if (byte >= 0x80)
            buf_add_char(&wide, (char)(0xc0 | byte >> 6));
        buf_add_char(&wide, (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte));
    }
    text = json_stringn(buf_text(&wide), wide.len);
    buf_deinit(&wide);
    return text;
}

static json_t *get_at(lua_State *L, int index, unsigned depth);

static json_t *get_list(lua_State *L, int index, lua_Integer count, unsigned depth)
{
    json_t *list = json_array();

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, index, i);
        json_array_append_new(list, get_at(L, lua_gettop(L), depth + 1));
        lua_pop(L, 1);
    }
    return list;
}

static json_t *get_object(lua_State *L, int index, unsigned depth)
{
    json_t *object = json_object();

    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) == LUA_TSTRING)
            json_object_set_new_nocheck(object, lua_tostring(L, -2),
                                        get_at(L, lua_gettop(L), depth + 1));
        lua_pop(L, 1);
    }
    return object;
}

static json_t *get_table(lua_State *L, int index, unsigned depth)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    bool is_list;

    lua_pushnil(L);
    is_list = count > 0 || !lua_next(L, index);
    if (!is_list)
        lua_pop(L, 2);
    else if (count > 0)
        lua_pop(L, 1);
    return is_list ? get_list(L, index, count, depth) : get_object(L, index, depth);
}

static json_t *get_at(lua_State *L, int index, unsigned depth)
{
    const char *text;
    size_t len;

    if (depth > JSON_LUA_DEPTH || !lua_checkstack(L, 6))
        return json_null();
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return json_null();
    case LUA_TBOOLEAN:
        return json_boolean(lua_toboolean(L, index));
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            return json_integer((json_int_t)lua_tointeger(L, index));
        return json_real(lua_tonumber(L, index));
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        return json_text(text, len);
    case LUA_TTABLE:
        return get_table(L, index, depth);
    default:
        return json_string(luaL_typename(L, index));
    }
}

json_t *json_lua_get(lua_State *L, int index)
{
    return get_at(L, lua_absindex(L, index), 0);
}
