/* SPDX-License-Identifier: MIT */
#include "harness/terminal.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "harness/actors.h"
#include "harness/bind_harness.h"
#include "lua/engine.h"
#include "sim/base/mem.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"
#include "sim/port/port.h"

struct terminal {
    struct actors *actors;
    struct modem *modem;
    char *line; /* NULL = the first */
    struct terminal *next;
};

struct terminal *terminal_of(struct actors *actors, struct modem *modem, const char *line)
{
    struct terminal *terminal = actors->terminals;

    while (terminal && !(terminal->modem == modem &&
                         strcmp(terminal->line ? terminal->line : "", line ? line : "") == 0))
        terminal = terminal->next;
    if (terminal)
        return terminal;
    terminal = xcalloc(1, sizeof(*terminal));
    *terminal = (struct terminal){
        .actors = actors,
        .modem = modem,
        .line = xstrdup(line),
        .next = actors->terminals,
    };
    actors->terminals = terminal;
    return terminal;
}

int terminal_send(struct terminal *terminal, const void *bytes, size_t len)
{
    struct line *line = modem_line(terminal->modem, terminal->line);

    if (terminal->modem->is_detached)
        return -ENOENT;
    line->port->up->rx(line->port->arg, bytes, len);
    return 0;
}

void terminals_free(struct actors *actors)
{
    while (actors->terminals) {
        struct terminal *terminal = actors->terminals;

        actors->terminals = terminal->next;
        free(terminal->line);
        free(terminal);
    }
}

/* ---- for Lua; what waits is in harness.lua ---- */

/* terminal(modem, line or nil) -> Terminal */
static int l_terminal(lua_State *L)
{
    struct actors *actors = bind_actors(L);
    struct modem *modem = engine_check(L, 1, "Modem");
    const char *line = luaL_optstring(L, 2, NULL);

    if (line && !modem_line(modem, line))
        return engine_usage_error(L, "t:terminal: %s has no line \"%s\"", modem->name, line);
    engine_push(L, "Terminal", terminal_of(actors, modem, line));
    return 1;
}

/* send(bytes) -> whether there is a tty */
static int l_send(lua_State *L)
{
    struct terminal *terminal = engine_check(L, 1, "Terminal");
    size_t len;
    const char *bytes = luaL_checklstring(L, 2, &len);

    lua_pushboolean(L, terminal_send(terminal, bytes, len) == 0);
    return 1;
}

void terminal_register(struct engine *engine)
{
    static const struct engine_fn fns[] = {
        {"send_now", l_send, "bytes: string", "boolean",
         "send bytes at once; false when the modem has no tty now"},
    };
    static const struct engine_fn makers[] = {
        {"terminal", l_terminal, "modem: Modem, line: string?", "Terminal",
         "the terminal of a modem's line"},
    };
    static const struct engine_class classes[] = {
        {"Terminal",          fns,    ARRAY_LEN(fns),    NULL, 0, false},
        {"HarnessPrimitives", makers, ARRAY_LEN(makers), NULL, 0, true },
    };

    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        engine_register(engine, &classes[i]);
}
