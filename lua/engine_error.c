/*
 * Errors of scenarios: tables with a kind and a place, and their way into a verdict.
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define ERROR_CLASS       "hayeswire.error"
#define ERROR_MESSAGE_MAX 2048
#define ERROR_CALLER_MAX  8
#define ERROR_LEVEL_MAX   200

struct location location_find(lua_State *L, int *level)
{
    struct location at = {0};
    lua_Debug ar;

    for (; *level < ERROR_LEVEL_MAX && lua_getstack(L, *level, &ar); (*level)++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.source[0] != '@')
            continue;
        (*level)++;
        at.file = ar.source + 1;
        at.line = ar.currentline;
        break;
    }
    return at;
}

/* ---- raising ---- */

static int error_to_text(lua_State *L)
{
    lua_getfield(L, 1, "file");
    lua_getfield(L, 1, "line");
    lua_getfield(L, 1, "message");
    if (lua_isnil(L, -3))
        return 1;
    lua_pushfstring(L, "%s:%d: %s", lua_tostring(L, -3), (int)lua_tointeger(L, -2),
                    lua_tostring(L, -1));
    return 1;
}

void error_setup(lua_State *L)
{
    luaL_newmetatable(L, ERROR_CLASS);
    lua_pushcfunction(L, error_to_text);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 1);
}

int error_raise(lua_State *L, enum outcome outcome, const char *message, int rows_index)
{
    int level = 0;
    struct location at = location_find(L, &level);

    if (rows_index != 0)
        rows_index = lua_absindex(L, rows_index);
    lua_createtable(L, 0, 5);
    lua_pushinteger(L, outcome);
    lua_setfield(L, -2, "outcome");
    lua_pushstring(L, message);
    lua_setfield(L, -2, "message");
    if (at.file) {
        lua_pushstring(L, at.file);
        lua_setfield(L, -2, "file");
        lua_pushinteger(L, at.line);
        lua_setfield(L, -2, "line");
    }
    if (rows_index != 0) {
        lua_pushvalue(L, rows_index);
        lua_setfield(L, -2, "rows");
    }
    luaL_setmetatable(L, ERROR_CLASS);
    return lua_error(L);
}

int engine_raise(lua_State *L, enum outcome outcome, const char *message)
{
    return error_raise(L, outcome, message, 0);
}

int engine_usage_error(lua_State *L, const char *format, ...)
{
    char message[ERROR_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    return error_raise(L, OUTCOME_INVALID, message, 0);
}

uint64_t engine_check_duration(lua_State *L, int arg, const char *what)
{
    uint64_t us;

    if (lua_type(L, arg) == LUA_TNUMBER) {
        const char *number = luaL_tolstring(L, arg, NULL);

        engine_usage_error(L, "%s: a number has no unit; write \"%ss\" or \"%sms\"", what, number,
                           number);
    }
    if (lua_type(L, arg) != LUA_TSTRING)
        engine_usage_error(L, "%s: write a duration such as \"30s\", not a %s", what,
                           luaL_typename(L, arg));
    if (text_parse_duration(lua_tostring(L, arg), &us) < 0)
        engine_usage_error(L, "%s: \"%s\" is not a duration; write \"500ms\", \"30s\" or \"2m\"",
                           what, lua_tostring(L, arg));
    return us;
}

/* ---- into a verdict ---- */

/* The rest of the way from the scenario's function to the place, when helpers lie between. */
static void add_callers(lua_State *co, struct verdict *verdict)
{
    struct buf text = {0};
    int level = 0;

    if (!location_find(co, &level).file)
        return;
    for (size_t i = 0; i < ERROR_CALLER_MAX; i++) {
        struct location at = location_find(co, &level);

        if (!at.file)
            break;
        buf_printf(&text, "%s%s:%d", i ? "\n" : "", at.file, at.line);
    }
    if (text.len)
        verdict_add_row(verdict, "called from", buf_text(&text));
    buf_deinit(&text);
}

static void add_rows(lua_State *co, int error, struct verdict *verdict)
{
    lua_Integer count;

    lua_getfield(co, error, "rows");
    count = lua_istable(co, -1) ? luaL_len(co, -1) : 0;
    for (lua_Integer i = 1; i <= count && i <= VERDICT_ROW_MAX; i++) {
        if (lua_rawgeti(co, -1, i) == LUA_TTABLE) {
            lua_rawgeti(co, -1, 1);
            lua_rawgeti(co, -2, 2);
            if (lua_tostring(co, -2) && lua_tostring(co, -1))
                verdict_add_row(verdict, lua_tostring(co, -2), lua_tostring(co, -1));
            lua_pop(co, 2);
        }
        lua_pop(co, 1);
    }
    lua_pop(co, 1);
}

static void from_table(lua_State *co, struct verdict *verdict)
{
    int error = lua_gettop(co);

    lua_getfield(co, error, "outcome");
    lua_getfield(co, error, "file");
    lua_getfield(co, error, "line");
    lua_getfield(co, error, "message");
    verdict_set(verdict, (enum outcome)lua_tointeger(co, -4), lua_tostring(co, -3),
                (int)lua_tointeger(co, -2), lua_tostring(co, -1));
    lua_pop(co, 4);
    add_rows(co, error, verdict);
}

/* Whether the innermost Lua function is the engine's own: then the bug is ours. */
static bool is_internal(lua_State *co)
{
    lua_Debug ar;

    for (int level = 0; level < ERROR_LEVEL_MAX && lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "S", &ar);
        if (strcmp(ar.what, "C") != 0)
            return ar.source[0] == '=';
    }
    return false;
}

/* A Lua error: "file:line: message", with a file name that Lua may have shortened. */
static void from_text(lua_State *co, struct verdict *verdict)
{
    int level = 0;
    struct location at = location_find(co, &level);
    const char *message = lua_tostring(co, -1);
    char prefix[LUA_IDSIZE + 16] = "";
    struct buf text = {0};
    lua_Debug ar;

    if (at.file && lua_getstack(co, level - 1, &ar)) {
        lua_getinfo(co, "S", &ar);
        snprintf(prefix, sizeof(prefix), "%s:%d: ", ar.short_src, at.line);
    }
    if (!message)
        buf_printf(&text, "error() was called with a %s value", luaL_typename(co, -1));
    else if (is_internal(co))
        buf_printf(&text, "internal error: %s", message);
    else
        buf_add_text(&text, text_has_prefix(message, prefix) ? message + strlen(prefix) : message);
    verdict_set(verdict, is_internal(co) ? OUTCOME_ERROR : OUTCOME_INVALID, at.file, at.line,
                buf_text(&text));
    buf_deinit(&text);
}

static bool is_ours(lua_State *co)
{
    bool ours;

    /* Fails only after a stack overflow, whose error is a text. */
    if (!lua_checkstack(co, 10) || !lua_istable(co, -1) || !lua_getmetatable(co, -1))
        return false;
    luaL_getmetatable(co, ERROR_CLASS);
    ours = lua_rawequal(co, -1, -2);
    lua_pop(co, 2);
    return ours;
}

void verdict_from_error(struct engine *engine, lua_State *co, struct verdict *verdict)
{
    if (is_ours(co))
        from_table(co, verdict);
    else
        from_text(co, verdict);
    add_callers(co, verdict);
    if (!verdict->file && engine->current) {
        xstrset(&verdict->file, engine->current->file);
        verdict->line = engine->current->line;
    }
}
