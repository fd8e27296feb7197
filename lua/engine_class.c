/*
 * Classes that scripts see: userdata that hold a borrowed C pointer.
 *
 * There is one userdata per (class, object), found again through a weak table, so that objects
 * compare equal and keep their Lua-side state (cursors) in a user value. engine_forget() clears the
 * pointer inside it: whatever still holds the userdata then gets an error instead of dead memory,
 * and a new object at the same address gets a userdata of its own.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define NAME_MAX_BYTES 64
#define CANDIDATE_MAX  256

struct handle {
    void *object; /* NULL = forgotten */
};

static const char *class_key(const char *name, char key[NAME_MAX_BYTES])
{
    snprintf(key, NAME_MAX_BYTES, "hayeswire.class.%s", name);
    return key;
}

static size_t add_candidates(lua_State *L, int table, const char **names, size_t count)
{
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING && count < CANDIDATE_MAX)
            names[count++] = lua_tostring(L, -1);
    }
    return count;
}

static int raise_unknown(lua_State *L, const char *key)
{
    const char *names[CANDIDATE_MAX];
    const char *name = lua_tostring(L, lua_upvalueindex(3)), *nearest;
    size_t count = add_candidates(L, lua_upvalueindex(1), names, 0);

    count = add_candidates(L, lua_upvalueindex(2), names, count);
    nearest = text_nearest(key, names, count);
    if (nearest)
        engine_usage_error(L, "%s has no \"%s\"; did you mean \"%s\"?", name, key, nearest);
    return engine_usage_error(L, "%s has no \"%s\"", name, key);
}

/* Upvalues: methods, properties (light userdata), name. */
static int class_index(lua_State *L)
{
    const struct engine_prop *prop;

    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(2)) == LUA_TNIL)
        return raise_unknown(L, luaL_tolstring(L, 2, NULL));
    prop = lua_touserdata(L, -1);
    lua_settop(L, 1);
    return prop->get(L);
}

static int class_newindex(lua_State *L)
{
    return engine_usage_error(L, "%s.%s can not be set", lua_tostring(L, lua_upvalueindex(1)),
                              luaL_tolstring(L, 2, NULL));
}

static int class_to_text(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

static void class_make(lua_State *L, const char *name)
{
    char key[NAME_MAX_BYTES];
    int meta;

    luaL_newmetatable(L, class_key(name, key));
    meta = lua_gettop(L);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushvalue(L, -2);
    lua_setfield(L, meta, "methods");
    lua_pushvalue(L, -1);
    lua_setfield(L, meta, "props");
    lua_pushstring(L, name);
    lua_pushcclosure(L, class_index, 3);
    lua_setfield(L, meta, "__index");
    lua_pushstring(L, name);
    lua_pushcclosure(L, class_newindex, 1);
    lua_setfield(L, meta, "__newindex");
    lua_pushstring(L, name);
    lua_pushcclosure(L, class_to_text, 1);
    lua_setfield(L, meta, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, meta, "__metatable");
    lua_newtable(L); /* object -> userdata */
    lua_createtable(L, 0, 1);
    lua_pushstring(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, meta, "live");
    lua_settop(L, meta);
}

void engine_register(struct engine *engine, const struct engine_class *class_rows)
{
    lua_State *L = engine->L;
    char key[NAME_MAX_BYTES];

    assert(engine->class_count < ENGINE_CLASS_MAX && strlen(class_rows->name) < 32);
    engine->classes[engine->class_count++] = *class_rows;
    if (luaL_getmetatable(L, class_key(class_rows->name, key)) == LUA_TNIL) {
        lua_pop(L, 1);
        class_make(L, class_rows->name);
    }
    lua_getfield(L, -1, "methods");
    for (size_t i = 0; i < class_rows->fn_count; i++) {
        lua_pushcfunction(L, class_rows->fns[i].fn);
        lua_setfield(L, -2, class_rows->fns[i].name);
    }
    lua_getfield(L, -2, "props");
    for (size_t i = 0; i < class_rows->prop_count; i++) {
        lua_pushlightuserdata(L, (void *)&class_rows->props[i]);
        lua_setfield(L, -2, class_rows->props[i].name);
    }
    lua_pop(L, 3);
}

const struct engine_class *engine_class_at(const struct engine *engine, size_t index)
{
    return index < engine->class_count ? &engine->classes[index] : NULL;
}

void engine_push(lua_State *L, const char *class_name, void *object)
{
    char key[NAME_MAX_BYTES];
    struct handle *handle;

    assert(object);
    luaL_getmetatable(L, class_key(class_name, key));
    assert(lua_istable(L, -1));
    lua_getfield(L, -1, "live");
    if (lua_rawgetp(L, -1, object) == LUA_TNIL) {
        lua_pop(L, 1);
        handle = lua_newuserdatauv(L, sizeof(*handle), 1);
        handle->object = object;
        lua_newtable(L);
        lua_setiuservalue(L, -2, 1);
        lua_pushvalue(L, -3);
        lua_setmetatable(L, -2);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, -3, object);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
}

void *engine_check(lua_State *L, int arg, const char *class_name)
{
    char key[NAME_MAX_BYTES];
    struct handle *handle = luaL_testudata(L, arg, class_key(class_name, key));

    if (!handle && arg == 1)
        engine_usage_error(L,
                           "a %s was expected before the name of its function, got a %s; "
                           "call it with a colon, as in object:name(...)",
                           class_name, luaL_typename(L, arg));
    if (!handle)
        engine_usage_error(L, "argument %d: a %s was expected, got a %s", arg - 1, class_name,
                           luaL_typename(L, arg));
    if (!handle->object)
        engine_usage_error(L, "this %s was freed", class_name);
    return handle->object;
}

void engine_forget(struct engine *engine, void *object)
{
    lua_State *L = engine->L;
    char key[NAME_MAX_BYTES];

    for (size_t i = 0; i < engine->class_count; i++) {
        luaL_getmetatable(L, class_key(engine->classes[i].name, key));
        lua_getfield(L, -1, "live");
        if (lua_rawgetp(L, -1, object) == LUA_TUSERDATA) {
            ((struct handle *)lua_touserdata(L, -1))->object = NULL;
            lua_pushnil(L);
            lua_rawsetp(L, -3, object);
        }
        lua_pop(L, 3);
    }
}
