/*
 * The t of a scenario: rows of class Test that are plain calls.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"
#include "sim/modem/download.h"

static LJMP struct engine *check_test(lua_State *L)
{
    return engine_check(L, 1, "Test");
}

static int test_now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)engine_now_us(check_test(L)));
    return 1;
}

static int test_note(lua_State *L)
{
    struct engine *engine = check_test(L);
    size_t len;
    const char *text = luaL_tolstring(L, 2, &len);

    trace_add(engine_trace(engine), TRACE_NOTE, "scenario", text, len);
    return 0;
}

/* A port number, or any object with a property `port` (the server of t:http). */
static LJMP lua_Integer check_port(lua_State *L, int arg)
{
    lua_Integer port;
    int is_integer;

    if (lua_type(L, arg) == LUA_TUSERDATA || lua_type(L, arg) == LUA_TTABLE)
        lua_getfield(L, arg, "port");
    else
        lua_pushvalue(L, arg);
    port = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || port < 1 || port > 65535)
        engine_usage_error(L, "t:resolve: give a server, or a port between 1 and 65535");
    return port;
}

static int test_resolve(lua_State *L)
{
    struct engine *engine = check_test(L);
    const char *name = luaL_checkstring(L, 2);
    lua_Integer port = check_port(L, 3);

    if (resolver_map(engine->config.bench->resolver, name, (unsigned)port) < 0)
        engine_usage_error(L,
                           "t:resolve: \"%s\" is not a name; write \"host.example\" or "
                           "\"host.example:8080\"",
                           name);
    return 0;
}

static int get_seed(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_test(L)->seed);
    return 1;
}

static int get_dir(lua_State *L)
{
    lua_pushstring(L, check_test(L)->config.bench->dir);
    return 1;
}

void bind_test_setup(struct engine *engine)
{
    static const struct engine_fn fns[] = {
        {"now",     test_now,     "",                                    "integer", "Modem time since the start, in microseconds."},
        {"note",    test_note,    "text: any",                           "",        "Write a line into the transcript."           },
        {"resolve", test_resolve, "name: string, where: Server|integer", "",
         "Let a modem reach a name, or a name with its port, at a server on this machine."                                        },
    };
    static const struct engine_prop props[] = {
        {"seed", get_seed, "integer", "the run's seed"                             },
        {"dir",  get_dir,  "string?", "folder of this scenario; kept when it fails"},
    };
    static const struct engine_class class_rows = {
        .name = "Test",
        .fns = fns,
        .fn_count = ARRAY_LEN(fns),
        .props = props,
        .prop_count = ARRAY_LEN(props),
    };

    engine_register(engine, &class_rows);
}
