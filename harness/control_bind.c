/*
 * control.lua, its primitives, and calls of its methods.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/control.h"
#include "harness/json_lua.h"
#include "lua/call.h"
#include "lua/chunk.h"
#include "lua/engine.h"
#include "sim/base/mem.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"

extern const struct lua_chunk control_chunks[];
extern const size_t control_chunk_count;

static char control_key, run_key;

static struct control *control_of(lua_State *L)
{
    struct control *control;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &control_key);
    control = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return control;
}

/* ---- primitives ---- */

/* line_names(modem) -> list */
static int l_line_names(lua_State *L)
{
    const struct modem *modem = engine_check(L, 1, "Modem");

    lua_createtable(L, (int)modem->line_count, 0);
    for (size_t i = 0; i < modem->line_count; i++) {
        lua_pushstring(L, modem->lines[i]->name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* faults(modem) -> list of {fault, fired, wanted} */
static int l_faults(lua_State *L)
{
    const struct modem *modem = engine_check(L, 1, "Modem");

    lua_newtable(L);
    for (size_t i = 0; i < fault_plan_count(modem->plan); i++) {
        struct fault_status status = fault_plan_status(modem->plan, i);

        lua_createtable(L, 0, 3);
        lua_pushstring(L, status.text);
        lua_setfield(L, -2, "fault");
        lua_pushinteger(L, status.fired);
        lua_setfield(L, -2, "fired");
        lua_pushinteger(L, status.wanted);
        lua_setfield(L, -2, "wanted");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* notify(method, params): to all clients */
static int l_notify(lua_State *L)
{
    const char *method = luaL_checkstring(L, 1);

    for (struct client *client = control_of(L)->clients; client; client = client->next)
        client_notify(client, method, json_lua_get(L, 2));
    return 0;
}

/* serve_methods(specs, run): what control.lua defines, once */
static int l_serve_methods(lua_State *L)
{
    struct control *control = control_of(L);

    json_decref(control->specs);
    control->specs = json_lua_get(L, 1);
    lua_settop(L, 2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &run_key);
    return 0;
}

/* ---- life ---- */

static void add_native_specs(json_t *specs)
{
    const struct native_method *native;

    for (size_t i = 0; (native = native_at(i)); i++)
        json_object_set_new(specs, native->name, json_string(native->spec));
}

void control_bind(struct control *control)
{
    static const struct engine_fn fns[] = {
        {"line_names",    l_line_names,    "modem: Modem",                  "string[]", "names of a modem's lines"},
        {"faults",        l_faults,        "modem: Modem",                  "table[]",  "the armed faults"        },
        {"notify",        l_notify,        "method: string, params: table", "",         "tell all clients"        },
        {"serve_methods", l_serve_methods, "specs: table, run: function",   "",
         "the methods, and what runs them"                                                                        },
    };
    static const struct engine_class rows = {
        .name = "HarnessPrimitives",
        .fns = fns,
        .fn_count = ARRAY_LEN(fns),
        .is_internal = true,
    };
    lua_State *L = engine_lua(control->engine);

    engine_register(control->engine, &rows);
    lua_pushlightuserdata(L, control);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &control_key);
    lua_chunks_run(control->engine, control_chunks, control_chunk_count);
    add_native_specs(control->specs);
}

/* ---- calls ---- */

static int code_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_FAIL:
        return RPC_FAIL;
    case OUTCOME_INVALID:
        return RPC_INVALID_PARAMS;
    case OUTCOME_PASS:
    case OUTCOME_ERROR:
    case OUTCOME_HOST_START:
    case OUTCOME_SKIP:
        return RPC_ERROR;
    }
    return RPC_ERROR;
}

static json_t *rows_of(const struct verdict *verdict)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < verdict->row_count; i++) {
        const char *label = verdict->rows[i].label, *text = verdict->rows[i].text;
        json_t *row = json_array();

        json_array_append_new(row, json_text(label, strlen(label)));
        json_array_append_new(row, json_text(text, strlen(text)));
        json_array_append_new(rows, row);
    }
    return json_pack("{s:s, s:o}", "outcome", outcome_name(verdict->outcome), "rows", rows);
}

static void on_done(void *arg, lua_State *L, int results, const struct verdict *verdict)
{
    struct call *call = arg;

    call->task = NULL;
    if (results < 0)
        call_error(call, code_of(verdict->outcome), verdict->message, rows_of(verdict));
    else
        call_result(call, results > 0 ? json_lua_get(L, -results) : json_null());
}

int control_start_lua(struct call *call, const json_t *params)
{
    struct engine *engine = call->control->engine;
    lua_State *L = engine_lua(engine);

    lua_rawgetp(L, LUA_REGISTRYINDEX, &run_key);
    engine_push(L, "Test", engine);
    lua_pushstring(L, call->method);
    json_lua_push(L, params);
    call->task = engine_call(engine, 3, on_done, call);
    return call->task ? 0 : -ENOSPC;
}
