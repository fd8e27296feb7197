/*
 * hw.trace: reading the record. Scanning is done here, since a long run has some 100,000 records
 * and a waiting task looks at each new one.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"

static const struct trace *trace_of(lua_State *L)
{
    return engine_trace(engine_of(L));
}

static int l_first(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)trace_first(trace_of(L)));
    return 1;
}

static int l_next(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)trace_next(trace_of(L)));
    return 1;
}

/* get(seq) -> kind, who, data, t_us */
static int l_get(lua_State *L)
{
    const struct trace_record *record = trace_get(trace_of(L), (uint64_t)luaL_checkinteger(L, 1));

    if (!record) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushstring(L, trace_kind_name(record->kind));
    lua_pushstring(L, record->who);
    lua_pushlstring(L, record->data, record->len);
    lua_pushinteger(L, (lua_Integer)record->t_us);
    return 4;
}

/* "bc26" is who for the records of "bc26" and of its further lines, "bc26.uart2". */
static bool is_from(const char *who, const char *wanted)
{
    size_t len = strlen(wanted);

    return strncmp(who, wanted, len) == 0 && (who[len] == '\0' || who[len] == '.');
}

enum trace_kind engine_check_kind(lua_State *L, int arg)
{
    enum trace_kind kind = TRACE_NOTE;

    if (trace_kind_parse(luaL_checkstring(L, arg), &kind) < 0)
        luaL_error(L, "no trace kind %s", lua_tostring(L, arg));
    return kind;
}

/* find(kind, who or nil, from) -> seq, data, t_us, who of the first such record; nil if none */
static int l_find(lua_State *L)
{
    const struct trace *trace = trace_of(L);
    enum trace_kind kind = engine_check_kind(L, 1);
    const char *who = luaL_optstring(L, 2, NULL);
    uint64_t seq = (uint64_t)luaL_checkinteger(L, 3);

    if (seq < trace_first(trace))
        seq = trace_first(trace);
    for (; seq < trace_next(trace); seq++) {
        const struct trace_record *record = trace_get(trace, seq);

        if (record->kind != kind || (who && !is_from(record->who, who)))
            continue;
        lua_pushinteger(L, (lua_Integer)seq);
        lua_pushlstring(L, record->data, record->len);
        lua_pushinteger(L, (lua_Integer)record->t_us);
        lua_pushstring(L, record->who);
        return 4;
    }
    lua_pushnil(L);
    return 1;
}

/* tail(from, count) -> list of at most count last formatted lines, and how many were left out */
static int l_tail(lua_State *L)
{
    struct engine *engine = engine_of(L);
    const struct trace *trace = engine_trace(engine);
    uint64_t from = (uint64_t)luaL_checkinteger(L, 1), seq = trace_next(trace);
    lua_Integer wanted = luaL_checkinteger(L, 2), kept = 0, left_out = 0;

    if (from < trace_first(trace))
        from = trace_first(trace);
    while (seq > from && kept < wanted)
        kept += trace_is_news(trace, trace_get(trace, --seq));
    for (uint64_t i = from; i < seq; i++)
        left_out += trace_is_news(trace, trace_get(trace, i));
    lua_createtable(L, (int)kept, 0);
    for (lua_Integer n = 1; seq < trace_next(trace); seq++) {
        if (!trace_is_news(trace, trace_get(trace, seq)))
            continue;
        buf_clear(&engine->scratch);
        trace_format(trace_get(trace, seq), &engine->scratch);
        lua_pushlstring(L, buf_text(&engine->scratch), engine->scratch.len);
        lua_rawseti(L, -2, n++);
    }
    lua_pushinteger(L, left_out);
    return 2;
}

/*
 * locate(seq) -> line of the transcript that tells of the record, and that line. A record that is
 * no news of its own stands in the bytes before it.
 */
static int l_locate(lua_State *L)
{
    struct engine *engine = engine_of(L);
    const struct trace *trace = engine_trace(engine);
    uint64_t wanted = (uint64_t)luaL_checkinteger(L, 1), shown = trace_first(trace);
    lua_Integer line = trace_first(trace) > 0; /* it begins by saying how many were dropped */

    for (uint64_t seq = shown; seq < trace_next(trace) && seq <= wanted; seq++) {
        if (!trace_is_news(trace, trace_get(trace, seq)))
            continue;
        shown = seq;
        line++;
    }
    buf_clear(&engine->scratch);
    if (trace_get(trace, shown))
        trace_format(trace_get(trace, shown), &engine->scratch);
    lua_pushinteger(L, line);
    lua_pushlstring(L, buf_text(&engine->scratch), engine->scratch.len);
    return 2;
}

/* transcript(who) -> all formatted records of who, one a line */
static int l_transcript(lua_State *L)
{
    struct engine *engine = engine_of(L);
    const struct trace *trace = engine_trace(engine);
    const char *who = luaL_checkstring(L, 1);
    struct buf *out = &engine->scratch;

    buf_clear(out);
    for (uint64_t seq = trace_first(trace); seq < trace_next(trace); seq++) {
        const struct trace_record *record = trace_get(trace, seq);

        if (!is_from(record->who, who) || !trace_is_news(trace, record))
            continue;
        trace_format(record, out);
        buf_add_char(out, '\n');
    }
    lua_pushlstring(L, buf_text(out), out->len);
    return 1;
}

void trace_setup(struct engine *engine)
{
    static const luaL_Reg functions[] = {
        {"first",      l_first     },
        {"next",       l_next      },
        {"get",        l_get       },
        {"find",       l_find      },
        {"tail",       l_tail      },
        {"locate",     l_locate    },
        {"transcript", l_transcript},
        {NULL,         NULL        },
    };

    hw_add(engine->L, "trace", functions);
}
