/*
 * The table `hw`: what the Lua half of the interface is made of. Scripts never see it.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"

#define HW_KEY        "hayeswire.hw"
#define CANDIDATE_MAX 512

void hw_push(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, HW_KEY);
}

void hw_add(lua_State *L, const char *group, const luaL_Reg *functions)
{
    hw_push(L);
    if (group && lua_getfield(L, -1, group) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, group);
    }
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, group ? 2 : 1);
}

/* ---- time ---- */

static int hw_now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)engine_now_us(engine_of(L)));
    return 1;
}

/*
 * yield(deadline_us or nil, kind or nil, is_same): until the trace grew (by a record of that kind),
 * engine_wake, or the deadline. is_same = the wait goes on, and no script code has run since.
 */
static int hw_yield(lua_State *L)
{
    struct task_wish wish = {
        .deadline_us = lua_isnoneornil(L, 1) ? UINT64_MAX : (uint64_t)luaL_checkinteger(L, 1),
        .kind = lua_isnoneornil(L, 2) ? -1 : (int)engine_check_kind(L, 2),
        .is_same = lua_toboolean(L, 3),
    };

    return task_wait(L, &wish);
}

/* acted(): a script's function has been called in the middle of a wait. */
static int hw_acted(lua_State *L)
{
    engine_of(L)->acts++;
    return 0;
}

static int hw_may_wait(lua_State *L)
{
    task_check_may_wait(L);
    return 0;
}

static int hw_graced(lua_State *L)
{
    uint64_t deadline_us = (uint64_t)luaL_checkinteger(L, 1);

    lua_pushinteger(L, (lua_Integer)engine_graced_us(engine_of(L), deadline_us));
    return 1;
}

static int hw_wake(lua_State *L)
{
    engine_wake(engine_of(L));
    return 0;
}

static int hw_duration(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)engine_check_duration(L, 1, luaL_optstring(L, 2, "duration")));
    return 1;
}

/* ---- texts; the engine's scratch buffer holds them, so that a raise leaks nothing ---- */

static struct buf *scratch(lua_State *L)
{
    struct buf *buf = &engine_of(L)->scratch;

    buf_clear(buf);
    return buf;
}

static int push_scratch(lua_State *L)
{
    const struct buf *buf = &engine_of(L)->scratch;

    lua_pushlstring(L, buf_text(buf), buf->len);
    return 1;
}

static int hw_visible(lua_State *L)
{
    size_t len;
    const char *bytes = luaL_checklstring(L, 1, &len);

    text_add_visible(scratch(L), bytes, len);
    return push_scratch(L);
}

static int hw_clock(lua_State *L)
{
    uint64_t t_us = (uint64_t)luaL_checkinteger(L, 1);
    struct buf *out = scratch(L);

    buf_add_char(out, '+');
    text_format_clock(out, t_us);
    return push_scratch(L);
}

static int hw_span(lua_State *L)
{
    uint64_t us = (uint64_t)luaL_checkinteger(L, 1);

    limit_format(scratch(L), us);
    return push_scratch(L);
}

static int hw_nearest(lua_State *L)
{
    const char *names[CANDIDATE_MAX];
    const char *word = luaL_checkstring(L, 1), *nearest;
    size_t count = 0;

    luaL_checktype(L, 2, LUA_TTABLE);
    for (lua_Integer i = 1; count < CANDIDATE_MAX; i++) {
        if (lua_rawgeti(L, 2, i) != LUA_TSTRING) {
            lua_pop(L, 1);
            break;
        }
        names[count++] = lua_tostring(L, -1); /* the list holds it */
        lua_pop(L, 1);
    }
    nearest = text_nearest(word, names, count);
    lua_pushstring(L, nearest);
    return 1;
}

static int hw_distance(lua_State *L)
{
    size_t distance = text_distance(luaL_checkstring(L, 1), luaL_checkstring(L, 2));

    lua_pushinteger(L, distance > INT32_MAX ? INT32_MAX : (lua_Integer)distance);
    return 1;
}

/* ---- errors ---- */

static int hw_usage(lua_State *L)
{
    return engine_usage_error(L, "%s", luaL_checkstring(L, 1));
}

/* raise(outcome, message, rows) */
static int hw_raise(lua_State *L)
{
    static const char *const names[] = {"fail", "skip", "error", NULL};
    static const enum outcome outcomes[] = {OUTCOME_FAIL, OUTCOME_SKIP, OUTCOME_ERROR};
    int which = luaL_checkoption(L, 1, NULL, names);

    return error_raise(L, outcomes[which], luaL_checkstring(L, 2), lua_istable(L, 3) ? 3 : 0);
}

/* here() -> file, line of the innermost scenario code, or nil */
static int hw_here(lua_State *L)
{
    int level = 0;
    struct location at = location_find(L, &level);

    lua_pushstring(L, at.file);
    lua_pushinteger(L, at.line);
    return 2;
}

/* ---- classes and state ---- */

static int hw_class(lua_State *L)
{
    char key[64];

    snprintf(key, sizeof(key), "hayeswire.class.%s", luaL_checkstring(L, 1));
    if (luaL_getmetatable(L, key) == LUA_TNIL)
        return luaL_error(L, "no class %s", lua_tostring(L, 1));
    lua_getfield(L, -1, "methods");
    return 1;
}

/* state(object, class) -> the table of its Lua-side state; checks the object. */
static int hw_state(lua_State *L)
{
    engine_check(L, 1, luaL_checkstring(L, 2));
    lua_getiuservalue(L, 1, 1);
    return 1;
}

static int hw_spawn(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    if (!task_new(engine_of(L), L, 0))
        return engine_usage_error(L, "more than %d tasks at once", ENGINE_TASK_MAX);
    return 0;
}

static int hw_config(lua_State *L)
{
    const struct engine *engine = engine_of(L);

    lua_createtable(L, 0, 2);
    lua_pushstring(L, engine->config.dialect);
    lua_setfield(L, -2, "dialect");
    lua_pushboolean(L, engine->config.strict);
    lua_setfield(L, -2, "strict");
    return 1;
}

/* scenario_file() -> path of the file whose scenario runs, or nil */
static int hw_scenario_file(lua_State *L)
{
    const struct engine *engine = engine_of(L);

    lua_pushstring(L, engine->current ? engine->current->file : NULL);
    return 1;
}

/* random(low, high) or random(): math.random on the scenario's seed. */
static int hw_random(lua_State *L)
{
    struct engine *engine = engine_of(L);
    lua_Integer low = 1, high;

    if (lua_isnoneornil(L, 1)) {
        lua_pushnumber(L, (double)(rng_u64(&engine->script_rng) >> 11) * 0x1.0p-53);
        return 1;
    }
    high = luaL_checkinteger(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        low = high;
        high = luaL_checkinteger(L, 2);
    }
    luaL_argcheck(L, low <= high && (lua_Unsigned)high - (lua_Unsigned)low < UINT64_MAX, 1,
                  "interval is empty or too large");
    lua_pushinteger(L,
                    (lua_Integer)((uint64_t)low + rng_below(&engine->script_rng,
                                                            (uint64_t)high - (uint64_t)low + 1)));
    return 1;
}

static int hw_note(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    trace_add(engine_trace(engine_of(L)), TRACE_NOTE, "scenario", text, len);
    return 0;
}

void hw_setup(struct engine *engine)
{
    static const luaL_Reg functions[] = {
        {"now",           hw_now          },
        {"yield",         hw_yield        },
        {"acted",         hw_acted        },
        {"may_wait",      hw_may_wait     },
        {"graced",        hw_graced       },
        {"wake",          hw_wake         },
        {"duration",      hw_duration     },
        {"visible",       hw_visible      },
        {"clock",         hw_clock        },
        {"span",          hw_span         },
        {"nearest",       hw_nearest      },
        {"distance",      hw_distance     },
        {"usage",         hw_usage        },
        {"raise",         hw_raise        },
        {"here",          hw_here         },
        {"class",         hw_class        },
        {"state",         hw_state        },
        {"spawn",         hw_spawn        },
        {"config",        hw_config       },
        {"random",        hw_random       },
        {"note",          hw_note         },
        {"scenario_file", hw_scenario_file},
        {NULL,            NULL            },
    };
    lua_State *L = engine->L;

    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, HW_KEY);
    hw_add(L, NULL, functions);
    load_setup(engine);
}
