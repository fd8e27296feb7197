/*
 * Modems for scripts: the rows of class Modem that are plain calls, and hw.modem.*, which the Lua
 * half builds t:modem{} and the rest of the class on.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/dialect/registry.h"
#include "sim/modem/line.h"
#include "sim/modem/option.h"
#include "sim/port/port.h"

#define DIALECT_MAX 64

static LJMP struct modem *check_modem(lua_State *L)
{
    return engine_check(L, 1, "Modem");
}

/* The engine's message buffer, emptied: a raise right after a failed call leaks nothing. */
static struct buf *message_buf(lua_State *L)
{
    struct buf *buf = &engine_of(L)->scratch;

    buf_clear(buf);
    return buf;
}

static LJMP int raise_message(lua_State *L, const char *what)
{
    return engine_usage_error(L, "%s%s", what, buf_text(&engine_of(L)->scratch));
}

/* ---- Modem: rows ---- */

static int modem_tty_of(lua_State *L)
{
    struct modem *modem = check_modem(L);
    const char *name = luaL_checkstring(L, 2), *names[MODEM_LINE_MAX], *nearest;

    for (size_t i = 0; i < modem->line_count; i++) {
        names[i] = modem->lines[i]->name;
        if (strcmp(names[i], name) == 0) {
            lua_pushstring(L, modem_tty(modem, name));
            return 1;
        }
    }
    nearest = text_nearest(name, names, modem->line_count);
    return engine_usage_error(L, "%s has no line \"%s\"; did you mean \"%s\"?", modem->name, name,
                              nearest ? nearest : names[0]);
}

static int modem_do_reset(lua_State *L)
{
    modem_reset(check_modem(L));
    return 0;
}

static int modem_arm(lua_State *L)
{
    struct engine *engine = engine_of(L);
    struct modem *modem = check_modem(L);
    const char *text = luaL_checkstring(L, 2);
    int level = 0;
    struct location at = location_find(L, &level);
    struct armed *armed;

    if (modem_fault(modem, text, message_buf(L)) < 0)
        return raise_message(L, "");
    if (engine->config.disarms) {
        fault_plan_clear(modem->plan);
        return 0;
    }
    armed = xcalloc(1, sizeof(*armed));
    *armed = (struct armed){
        .modem = modem,
        .index = fault_plan_count(modem->plan) - 1,
        .file = xstrdup(at.file),
        .line = at.line,
        .next = engine->armed,
    };
    engine->armed = armed;
    return 0;
}

static LJMP void check_said(lua_State *L, const struct modem *modem, int r)
{
    if (r < 0)
        engine_usage_error(L, "%s is %s: it can not say anything", modem->name,
                           modem_power_name(modem->power));
}

static LJMP const char *opt_line(lua_State *L, const struct modem *modem, int arg)
{
    const char *name = luaL_optstring(L, arg, NULL);

    if (name && !modem_line(modem, name))
        engine_usage_error(L, "%s has no line \"%s\"", modem->name, name);
    return name;
}

static int modem_do_urc(lua_State *L)
{
    struct modem *modem = check_modem(L);
    const char *text = luaL_checkstring(L, 2);

    check_said(L, modem, modem_say_urc(modem, opt_line(L, modem, 3), text));
    return 0;
}

static int modem_raw(lua_State *L)
{
    struct modem *modem = check_modem(L);
    size_t len;
    const char *bytes = luaL_checklstring(L, 2, &len);

    check_said(L, modem, modem_say_raw(modem, opt_line(L, modem, 3), bytes, len));
    return 0;
}

static int modem_disarm(lua_State *L)
{
    struct engine *engine = engine_of(L);
    struct modem *modem = check_modem(L);
    struct armed **at = &engine->armed;

    fault_plan_clear(modem->plan);
    while (*at) {
        struct armed *armed = *at;

        if (armed->modem != modem) {
            at = &armed->next;
            continue;
        }
        *at = armed->next;
        free(armed->file);
        free(armed);
    }
    return 0;
}

static int modem_pull(lua_State *L)
{
    modem_detach(check_modem(L));
    return 0;
}

static int modem_plug(lua_State *L)
{
    modem_attach(check_modem(L));
    return 0;
}

static int modem_network(lua_State *L)
{
    struct modem *modem = check_modem(L);
    const char *world = luaL_checkstring(L, 2);

    if (modem_set_network(modem, world) < 0)
        engine_usage_error(L, "no network world \"%s\"; there are %s", world,
                           modem_option_rows[MODEM_OPTION_NETWORK].range);
    return 0;
}

static int modem_signal(lua_State *L)
{
    struct modem *modem = check_modem(L);
    lua_Integer dbm = luaL_checkinteger(L, 2);

    if (dbm < -140 || dbm > -44)
        engine_usage_error(L, "signal: RSRP is -140..-44 dBm, not %lld", (long long)dbm);
    net_set_rsrp(&modem->net, (int)dbm);
    return 0;
}

static int get_tty(lua_State *L)
{
    lua_pushstring(L, modem_tty(check_modem(L), NULL));
    return 1;
}

static int get_firmware(lua_State *L)
{
    const struct modem *modem = check_modem(L);

    if (modem->firmware)
        lua_pushstring(L, modem->firmware);
    else if (modem_text(modem, MODEM_OPTION_FIRMWARE)[0]) /* never powered yet */
        lua_pushstring(L, modem_text(modem, MODEM_OPTION_FIRMWARE));
    else
        lua_pushstring(L, modem->dialect->firmware);
    return 1;
}

static int get_imei(lua_State *L)
{
    lua_pushstring(L, modem_text(check_modem(L), MODEM_OPTION_IMEI));
    return 1;
}

static int get_power(lua_State *L)
{
    lua_pushstring(L, modem_power_name(check_modem(L)->power));
    return 1;
}

static int get_fota(lua_State *L)
{
    lua_pushstring(L, modem_fota_state(check_modem(L)));
    return 1;
}

static int get_name(lua_State *L)
{
    lua_pushstring(L, check_modem(L)->name);
    return 1;
}

static int get_dialect(lua_State *L)
{
    lua_pushstring(L, check_modem(L)->dialect->name);
    return 1;
}

static int get_boots(lua_State *L)
{
    lua_pushinteger(L, check_modem(L)->boots);
    return 1;
}

static const struct engine_fn modem_fns[] = {
    {"tty_of",       modem_tty_of,   "line: string",                 "string?", "Path of a line's tty."           },
    {"reset",        modem_do_reset, "",                             "",        "Pull the reset pin."             },
    {"fault",        modem_arm,      "text: string",                 "",
     "Arm a fault; a fault that never fires fails the scenario."                                                  },
    {"urc",          modem_do_urc,   "text: string, line?: string",  "",
     "Say an unsolicited result; it waits while a reply is open."                                                 },
    {"raw",          modem_raw,      "bytes: string, line?: string", "",        "Send bytes as they are."         },
    {"clear_faults", modem_disarm,   "",                             "",        "Disarm all faults, fired or not."},
    {"detach",       modem_pull,     "",                             "",        "Pull the cable: the ttys vanish."},
    {"attach",       modem_plug,     "",                             "",        "Plug the cable in again."        },
    {"network",      modem_network,  "world: string",                "",
     "Change what the radio finds: home, roaming, denied or none."                                                },
    {"signal",       modem_signal,   "rsrp_dbm: integer",            "",        "Set the signal strength."        },
};

static const struct engine_prop modem_props[] = {
    {"tty",      get_tty,      "string",  "path of the first line's tty"         },
    {"firmware", get_firmware, "string",  "version of the running firmware"      },
    {"imei",     get_imei,     "string",  "its equipment identity"               },
    {"power",    get_power,    "string",  "state of its power, such as on or off"},
    {"fota",     get_fota,     "string",  "state of the upgrade, idle if none"   },
    {"name",     get_name,     "string",  "its name in transcripts"              },
    {"dialect",  get_dialect,  "string",  "name of its dialect"                  },
    {"boots",    get_boots,    "integer", "how often it was started"             },
};

/* ---- hw.modem.*: making one ---- */

static LJMP void raise_unknown_dialect(lua_State *L, const char *name)
{
    const char *names[DIALECT_MAX], *nearest;
    size_t count = 0;

    while (count < DIALECT_MAX && dialect_at(count)) {
        names[count] = dialect_at(count)->name;
        count++;
    }
    nearest = text_nearest(name, names, count);
    if (nearest)
        engine_usage_error(L, "no dialect \"%s\"; did you mean \"%s\"?", name, nearest);
    engine_usage_error(L, "no dialect \"%s\"; see `hayeswire list dialects`", name);
}

static bool name_is_taken(const struct engine *engine, const char *name)
{
    for (size_t i = 0; i < engine->modem_count; i++) {
        if (strcmp(engine->modems[i]->name, name) == 0)
            return true;
    }
    return false;
}

/* Files are named after it, and records of further lines are "name.line". */
static LJMP void check_name(lua_State *L, const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > MODEM_NAME_MAX ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != len)
        engine_usage_error(L, "t:modem: name: at most %d of a-z, 0-9, '_' and '-', not \"%s\"",
                           MODEM_NAME_MAX, name);
    if (name_is_taken(engine_of(L), name))
        engine_usage_error(L, "t:modem: there is a modem named \"%s\" already", name);
}

/* The dialect's name; "bc26-2" for a second one. */
static void choose_name(const struct engine *engine, const char *dialect, char *out, size_t size)
{
    snprintf(out, size, "%s", dialect);
    for (unsigned number = 2; name_is_taken(engine, out); number++)
        snprintf(out, size, "%s-%u", dialect, number);
}

/* new(dialect, name or nil) -> Modem, not started */
static int l_new(lua_State *L)
{
    struct engine *engine = engine_of(L);
    const char *dialect_name = luaL_checkstring(L, 1), *given = luaL_optstring(L, 2, NULL);
    const struct dialect *dialect = dialect_find(dialect_name);
    char name[MODEM_NAME_MAX + 1];
    struct modem *modem;

    if (engine->modem_count == ENGINE_MODEM_MAX)
        engine_usage_error(L, "more than %d modems", ENGINE_MODEM_MAX);
    if (!dialect)
        raise_unknown_dialect(L, dialect_name);
    if (given)
        check_name(L, given);
    choose_name(engine, dialect_name, name, sizeof(name));
    modem = modem_new(engine->config.bench, dialect, given ? given : name);
    engine->modems[engine->modem_count++] = modem;
    engine_push(L, "Modem", modem);
    return 1;
}

static lua_Integer push_rows(lua_State *L, const struct option_row *rows, size_t count,
                             lua_Integer next)
{
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, rows[i].name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, option_type_name(rows[i].type));
        lua_setfield(L, -2, "type");
        lua_pushboolean(L, rows[i].type == OPTION_INT || rows[i].type == OPTION_SIZE);
        lua_setfield(L, -2, "takes_number");
        lua_rawseti(L, -2, next++);
    }
    return next;
}

/* line_who(modem, line or nil for the first) -> who its records are from */
static int l_line_who(lua_State *L)
{
    const struct modem *modem = check_modem(L);
    const char *name = opt_line(L, modem, 2);

    lua_pushstring(L, modem_line(modem, name)->who);
    return 1;
}

/* tty_state(modem) -> "open", "closed" or "gone"; the rate that the host has set, 0 = unknown */
static int l_tty_state(lua_State *L)
{
    const struct modem *modem = check_modem(L);
    struct port *port = modem_line(modem, NULL)->port;

    if (!modem_tty(modem, NULL))
        lua_pushliteral(L, "gone");
    else
        lua_pushstring(L, port->hosts > 0 ? "open" : "closed");
    lua_pushinteger(L, port->hosts > 0 ? port_baud(port) : 0);
    return 2;
}

/* options(modem) -> list of {name, type, takes_number} */
static int l_options(lua_State *L)
{
    const struct modem *modem = check_modem(L);
    lua_Integer next = 1;

    lua_newtable(L);
    next = push_rows(L, modem_option_rows, MODEM_OPTION_COUNT, next);
    push_rows(L, modem->dialect->options, modem->dialect->option_count, next);
    return 1;
}

static int l_set(lua_State *L)
{
    struct modem *modem = check_modem(L);
    const char *name = luaL_checkstring(L, 2), *text = luaL_checkstring(L, 3);

    if (modem_set_option(modem, name, text, message_buf(L)) < 0)
        return raise_message(L, "t:modem: ");
    return 0;
}

static int l_quirk(lua_State *L)
{
    struct modem *modem = check_modem(L);

    if (modem_set_quirk(modem, luaL_checkstring(L, 2), message_buf(L)) < 0)
        return raise_message(L, "t:modem: ");
    return 0;
}

static int l_start(lua_State *L)
{
    struct modem *modem = check_modem(L);
    const char *port = engine_of(L)->config.port;
    const struct engine_config *config = &engine_of(L)->config;

    if (port && modem == engine_of(L)->modems[0] && !modem_text(modem, MODEM_OPTION_PORT)[0] &&
        modem_set_option(modem, "port", port, message_buf(L)) < 0)
        return raise_message(L, "");
    if (modem_start(modem, message_buf(L)) < 0)
        return engine_raise(L, OUTCOME_ERROR, buf_text(&engine_of(L)->scratch));
    if (config->modem_started && config->modem_started(config->arg, modem, message_buf(L)) < 0)
        return raise_message(L, "");
    return 0;
}

/* ---- hw.modem.*: power ---- */

/* upgrades_host(modem) -> whether packages are the host's software, not the modem's own */
static int l_upgrades_host(lua_State *L)
{
    lua_pushboolean(L, check_modem(L)->dialect->upgrades_host);
    return 1;
}

static int l_power_on(lua_State *L)
{
    modem_power_on(check_modem(L));
    return 0;
}

static int l_cut(lua_State *L)
{
    static const char *const policies[] = {"lost", "done", "torn", "garbled", NULL};
    static const enum cut_policy values[] = {CUT_LOST, CUT_DONE, CUT_TORN, CUT_GARBLED};
    struct modem *modem = check_modem(L);

    modem_cut(modem, values[luaL_checkoption(L, 2, "lost", policies)]);
    return 0;
}

/* power_names() -> list */
static int l_power_names(lua_State *L)
{
    static const enum modem_power states[] = {
        MODEM_OFF, MODEM_BOOTING, MODEM_ON, MODEM_SLEEPING, MODEM_FLASHING, MODEM_HUNG, MODEM_DEAD,
    };

    lua_createtable(L, ARRAY_LEN(states), 0);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        lua_pushstring(L, modem_power_name(states[i]));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void bind_modem_setup(struct engine *engine)
{
    static const luaL_Reg functions[] = {
        {"new",           l_new          },
        {"line_who",      l_line_who     },
        {"tty_state",     l_tty_state    },
        {"options",       l_options      },
        {"set",           l_set          },
        {"quirk",         l_quirk        },
        {"start",         l_start        },
        {"power_on",      l_power_on     },
        {"upgrades_host", l_upgrades_host},
        {"cut",           l_cut          },
        {"power_names",   l_power_names  },
        {NULL,            NULL           },
    };
    static const struct engine_class class_rows = {
        .name = "Modem",
        .fns = modem_fns,
        .fn_count = ARRAY_LEN(modem_fns),
        .props = modem_props,
        .prop_count = ARRAY_LEN(modem_props),
    };

    engine_register(engine, &class_rows);
    hw_add(engine->L, "modem", functions);
}
