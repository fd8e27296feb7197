/*
 * modem:on(): commands that the scenario answers.
 *
 * The modem calls back from deep inside its parser, where no Lua may run: the callback only notes
 * the call. The pump then makes a task of it, which may wait like any other, and which answers
 * through a closure that knows the line and the boot it came from: an answer must not cross a
 * restart. Overrides live as long as the engine, so that a call which was noted before modem:on()
 * removed its function still finds its record (and is answered with ERROR).
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"
#include "sim/modem/line.h"

static void on_command(void *arg, struct line *line, const struct at_req *req)
{
    struct override *override = arg;
    struct engine *engine = override->engine;

    if (engine->done)
        return;
    if (engine->call_count == ENGINE_CALL_MAX) {
        trace_addf(engine_trace(engine), TRACE_NOTE, "scenario",
                   "too many commands wait for modem:on(): AT%.*s is not answered",
                   (int)req->text_len, req->text);
        return;
    }
    engine->calls[engine->call_count++] = (struct override_call){
        .override = override,
        .line = line,
        .boots = override->modem->boots,
        .text = xasprintf("AT%.*s", (int)req->text_len, req->text),
        .has_data = req->data != NULL,
        .is_cancelled = req->data_cancelled,
    };
    if (req->data)
        buf_add(&engine->calls[engine->call_count - 1].data, req->data, req->data_len);
    engine_wake(engine);
}

/* answer(info, code, raw or nil): upvalues are modem, line, boots. */
static int l_answer(lua_State *L)
{
    struct modem *modem = lua_touserdata(L, lua_upvalueindex(1));
    struct line *line = lua_touserdata(L, lua_upvalueindex(2));
    const char *info = luaL_optstring(L, 1, "");
    int code = (int)luaL_checkinteger(L, 2);

    const char *raw;
    size_t len;

    if (modem->boots != (unsigned)lua_tointeger(L, lua_upvalueindex(3)))
        return 0;
    raw = luaL_optlstring(L, 3, NULL, &len);
    if (raw)
        modem_answer_raw(modem, line, raw, len, code);
    else
        modem_answer(modem, line, info, code);
    return 0;
}

/* What came behind a prompt: a string; false when it was cancelled; nil when none was asked for. */
static void push_data(lua_State *L, const struct override_call *call)
{
    if (!call->has_data)
        lua_pushnil(L);
    else if (call->is_cancelled)
        lua_pushboolean(L, false);
    else
        lua_pushlstring(L, buf_text(&call->data), call->data.len);
}

/* The function of the task: hw.answer_override(fn, command text, line's name, answer, data). */
static void run_call(struct engine *engine, struct override_call *call)
{
    lua_State *L = engine->L;

    if (call->override->fn_ref == LUA_NOREF) {
        modem_answer(call->override->modem, call->line, "", AT_ERROR);
        return;
    }
    hw_push(L);
    lua_getfield(L, -1, "answer_override");
    lua_remove(L, -2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->override->fn_ref);
    lua_pushstring(L, call->text);
    lua_pushstring(L, call->line->name);
    lua_pushlightuserdata(L, call->override->modem);
    lua_pushlightuserdata(L, call->line);
    lua_pushinteger(L, call->boots);
    lua_pushcclosure(L, l_answer, 3);
    push_data(L, call);
    if (!task_new(engine, L, 5))
        modem_answer(call->override->modem, call->line, "", AT_ERROR);
}

static void free_call(struct override_call *call)
{
    free(call->text);
    buf_deinit(&call->data);
}

void override_run_calls(struct engine *engine)
{
    size_t count = engine->call_count;

    for (size_t i = 0; i < count; i++)
        run_call(engine, &engine->calls[i]);
    for (size_t i = 0; i < count; i++)
        free_call(&engine->calls[i]);
    /* Answers may have let a queued command in. */
    memmove(engine->calls, engine->calls + count,
            (engine->call_count - count) * sizeof(engine->calls[0]));
    engine->call_count -= count;
}

void override_free_all(struct engine *engine)
{
    for (size_t i = 0; i < engine->call_count; i++)
        free_call(&engine->calls[i]);
    while (engine->overrides) {
        struct override *override = engine->overrides;

        engine->overrides = override->next;
        free(override->name);
        free(override);
    }
}

static struct override *find(const struct engine *engine, const struct modem *modem,
                             const char *name)
{
    struct override *override = engine->overrides;

    while (override && !(override->modem == modem && strcmp(override->name, name) == 0))
        override = override->next;
    return override;
}

static LJMP struct override *make(lua_State *L, struct modem *modem, const char *name)
{
    struct engine *engine = engine_of(L);
    struct override *override;

    if (engine->override_count == ENGINE_OVERRIDE_MAX)
        engine_usage_error(L, "modem:on: more than %d commands", ENGINE_OVERRIDE_MAX);
    override = xcalloc(1, sizeof(*override));
    *override = (struct override){
        .engine = engine,
        .modem = modem,
        .name = xstrdup(name),
        .fn_ref = LUA_NOREF,
        .next = engine->overrides,
    };
    engine->overrides = override;
    engine->override_count++;
    return override;
}

/* "at+csq" -> "+CSQ" */
static LJMP void check_name(lua_State *L, int arg, char name[AT_NAME_MAX + 1])
{
    const char *text = luaL_checkstring(L, arg);
    size_t len;

    if (strncasecmp(text, "AT", 2) != 0 || text[2] == '\0')
        engine_usage_error(L, "modem:on: write the command with its AT, such as \"AT+CSQ\"");
    len = strlen(text + 2);
    if (strpbrk(text, "=?;\r\n") || len > AT_NAME_MAX)
        engine_usage_error(L, "modem:on: write the command's name alone, such as \"AT+CSQ\"; all "
                              "its forms go to the function");
    for (size_t i = 0; i <= len; i++)
        name[i] = (char)toupper((unsigned char)text[2 + i]);
}

/* override(modem, name, fn or nil) */
static int l_override(lua_State *L)
{
    struct engine *engine = engine_of(L);
    struct modem *modem = engine_check(L, 1, "Modem");
    struct override *override;
    char name[AT_NAME_MAX + 1];

    check_name(L, 2, name);
    lua_settop(L, 3);
    override = find(engine, modem, name);
    if (lua_isnil(L, 3)) {
        if (!override || override->fn_ref == LUA_NOREF)
            return 0;
        modem_override_remove(modem, name);
        luaL_unref(L, LUA_REGISTRYINDEX, override->fn_ref);
        override->fn_ref = LUA_NOREF;
        return 0;
    }
    luaL_checktype(L, 3, LUA_TFUNCTION);
    if (!override)
        override = make(L, modem, name);
    if (override->fn_ref == LUA_NOREF)
        modem_override(modem, override->name, on_command, override);
    luaL_unref(L, LUA_REGISTRYINDEX, override->fn_ref);
    override->fn_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/* result_code("+CME ERROR: 10") -> the code, or nil for a text that is no result */
static int l_result_code(lua_State *L)
{
    static const struct {
        const char *text;
        int code;
    } results[] = {
        {"OK",          AT_OK         },
        {"ERROR",       AT_ERROR      },
        {"CONNECT",     AT_CONNECT    },
        {"RING",        AT_RING       },
        {"NO CARRIER",  AT_NO_CARRIER },
        {"NO DIALTONE", AT_NO_DIALTONE},
        {"BUSY",        AT_BUSY       },
        {"NO ANSWER",   AT_NO_ANSWER  },
        {"",            AT_SILENT     },
        {">",           AT_PROMPT     },
    };
    const char *text = luaL_checkstring(L, 1);
    unsigned number;
    int end = 0;

    for (size_t i = 0; i < ARRAY_LEN(results); i++) {
        if (strcmp(text, results[i].text) == 0) {
            lua_pushinteger(L, results[i].code);
            return 1;
        }
    }
    if (sscanf(text, "+CME ERROR: %4u%n", &number, &end) == 1 && text[end] == '\0')
        lua_pushinteger(L, AT_CME((int)number));
    else if (sscanf(text, "+CMS ERROR: %4u%n", &number, &end) == 1 && text[end] == '\0')
        lua_pushinteger(L, AT_CMS((int)number));
    else
        lua_pushnil(L);
    return 1;
}

void bind_override_setup(struct engine *engine)
{
    static const luaL_Reg functions[] = {
        {"override",    l_override   },
        {"result_code", l_result_code},
        {NULL,          NULL         },
    };

    hw_add(engine->L, "modem", functions);
}
