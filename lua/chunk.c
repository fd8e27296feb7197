/*
 * The program's own Lua. Compiling it takes a third of the time of a short scenario, and each
 * scenario has a process of its own: compiled once, before the fork, all of them have it.
 * SPDX-License-Identifier: MIT
 */
#include "lua/chunk.h"

#include <stdio.h>
#include <stdlib.h>

#include "lua/engine_private.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

struct compiled {
    const struct lua_chunk *chunk;
    struct buf code;
    struct compiled *next;
};

/* For the life of the process: chunks are few, and constant. */
static struct compiled *compiled_chunks;

static struct compiled *find(const struct lua_chunk *chunk)
{
    struct compiled *compiled = compiled_chunks;

    while (compiled && compiled->chunk != chunk)
        compiled = compiled->next;
    return compiled;
}

static int add_code(lua_State *L, const void *bytes, size_t len, void *arg)
{
    buf_add(arg, bytes, len);
    return 0;
}

/* Keep what the function on top of L was compiled to, with its line numbers. */
static void keep(lua_State *L, const struct lua_chunk *chunk)
{
    struct compiled *compiled = xcalloc(1, sizeof(*compiled));

    compiled->chunk = chunk;
    compiled->next = compiled_chunks;
    compiled_chunks = compiled;
    lua_dump(L, add_code, &compiled->code, 0);
}

static int load(lua_State *L, const struct lua_chunk *chunk)
{
    const struct compiled *compiled = find(chunk);
    int status;

    if (compiled)
        return luaL_loadbufferx(L, compiled->code.data, compiled->code.len, chunk->name, "b");
    status = luaL_loadbufferx(L, chunk->source, chunk->len, chunk->name, "t");
    if (status == LUA_OK)
        keep(L, chunk);
    return status;
}

static void run(lua_State *L, const struct lua_chunk *chunk)
{
    int status = load(L, chunk);

    if (status == LUA_OK) {
        hw_push(L);
        status = lua_pcall(L, 1, 0, 0);
    }
    if (status != LUA_OK) {
        fprintf(stderr, "hayeswire: %s\n", luaL_tolstring(L, -1, NULL));
        abort(); /* It is part of the program: this is a bug in it. */
    }
}

void lua_chunks_run(struct engine *engine, const struct lua_chunk *chunks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run(engine_lua(engine), &chunks[i]);
}
