/* SPDX-License-Identifier: MIT */
#include "harness/bind_audit.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/actors.h"
#include "harness/bind_harness.h"
#include "lua/chunk.h"
#include "lua/engine.h"
#include "sim/base/mem.h"

#define TOLD_KEY "hayeswire.audit.told"

/* sources() -> list of {name, text} */
static int l_sources(lua_State *L)
{
    lua_createtable(L, (int)audit_chunk_count, 0);
    for (size_t i = 0; i < audit_chunk_count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, audit_chunks[i].name);
        lua_setfield(L, -2, "name");
        lua_pushlstring(L, audit_chunks[i].source, audit_chunks[i].len);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* command() -> the words after "--" on the command line, or nil */
static int l_command(lua_State *L)
{
    const struct actors *actors = bind_actors(L);

    if (!actors->command)
        return 0;
    lua_newtable(L);
    for (size_t i = 0; actors->command[i]; i++) {
        lua_pushstring(L, actors->command[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* scale() -> seconds of modem time in one second of the host */
static int l_scale(lua_State *L)
{
    lua_pushnumber(L, bind_actors(L)->time_scale);
    return 1;
}

static int l_url(lua_State *L)
{
    xstrset(&bind_actors(L)->last_url, luaL_checkstring(L, 1));
    return 0;
}

static int l_report(lua_State *L)
{
    xstrset(&bind_actors(L)->report_url, luaL_checkstring(L, 1));
    return 0;
}

/* Hosts are started as people start them: by a command with placeholders, on a tty that stays. */
static int l_set_up(lua_State *L)
{
    struct actors *actors = bind_actors(L);

    actors->expands_all = true;
    actors_tty_link(actors);
    actors->is_tty_linked = true;
    return 0;
}

/* write(name, text): a file in the scenario's folder */
static int l_write(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1), *text;
    struct actors *actors = bind_actors(L);
    char *path;
    FILE *file;
    size_t len;
    int error = 0;

    text = luaL_checklstring(L, 2, &len);
    path = xasprintf("%s/%s", actors->dir, name);
    file = fopen(path, "we");
    if (!file || fwrite(text, 1, len, file) != len)
        error = errno;
    if (file && fclose(file) != 0 && error == 0)
        error = errno;
    free(path);
    return error ? engine_raise(L, OUTCOME_ERROR, strerror(error)) : 0;
}

static int l_tell(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, TOLD_KEY);
    return 0;
}

const char *bind_audit_told(lua_State *L)
{
    const char *text;

    lua_getfield(L, LUA_REGISTRYINDEX, TOLD_KEY);
    text = lua_tostring(L, -1);
    lua_pop(L, 1); /* the registry holds it */
    return text;
}

/* Only for audit/: no object of this class is ever given to a script. */
static const struct engine_fn primitive_fns[] = {
    {"sources", l_sources, "",                           "table[]",  "the books of rules that are part of the program"},
    {"command", l_command, "",                           "string[]", "the host's command on the command line"         },
    {"scale",   l_scale,   "",                           "number",   "how much faster than the host modem time runs"  },
    {"url",     l_url,     "url: string",                "",         "what {url} is from now on"                      },
    {"report",  l_report,  "url: string",                "",         "what {report} is from now on"                   },
    {"set_up",  l_set_up,  "",                           "",         "placeholders count, and {tty} is a link"        },
    {"write",   l_write,   "name: string, text: string", "",         "write a file into the scenario's folder"        },
    {"tell",    l_tell,    "text: string",               "",         "hand a text to the caller in C"                 },
};

static const struct engine_class class_rows = {
    "AuditPrimitives", primitive_fns, ARRAY_LEN(primitive_fns), NULL, 0, true,
};

void bind_audit_register(struct engine *engine)
{
    engine_register(engine, &class_rows);
}
