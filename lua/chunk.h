/*
 * Lua source that is part of the program, embedded by embed.py.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct engine;

struct lua_chunk {
    const char *name; /* "=prelude.lua": the '=' tells it from scenario code, named by '@' */
    const char *source;
    size_t len;
};

/* In the order in which they run: the engine's own, and the harness's. */
extern const struct lua_chunk lua_chunks[];
extern const size_t lua_chunk_count;
extern const struct lua_chunk harness_chunks[];
extern const size_t harness_chunk_count;
/* The rules of audits, one a dialect; they run when they are asked for. */
extern const struct lua_chunk audit_chunks[];
extern const size_t audit_chunk_count;

/* Run them, with the internal table `hw` as their argument. They are constant and live for good. */
void lua_chunks_run(struct engine *engine, const struct lua_chunk *chunks, size_t count);
