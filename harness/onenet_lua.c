/*
 * The class OneNet for scenarios: thin rows over onenet.c. Arguments are checked in onenet.lua.
 * SPDX-License-Identifier: MIT
 */
#include "harness/onenet_lua.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

#include "harness/onenet.h"
#include "lua/engine.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/modem/modem.h"

#define MESSAGE_MAX 256

static LJMP struct onenet *check_onenet(lua_State *L)
{
    return engine_check(L, 1, "OneNet");
}

/* ---- settings: names are those of the structs ---- */

enum setting_type { SETTING_DURATION, SETTING_NUMBER, SETTING_FLAG };

struct setting {
    const char *name;
    enum setting_type type;
    size_t offset; /* in struct onenet_options or onenet_habits */
};

static const struct setting option_rows[] = {
    {"ack_timeout",     SETTING_DURATION, offsetof(struct onenet_options, ack_timeout_us)    },
    {"retransmits",     SETTING_NUMBER,   offsetof(struct onenet_options, retransmits)       },
    {"retry",           SETTING_DURATION, offsetof(struct onenet_options, retry_us)          },
    {"upgrade_timeout", SETTING_DURATION, offsetof(struct onenet_options, upgrade_timeout_us)},
    {"auto_observe",    SETTING_FLAG,     offsetof(struct onenet_options, auto_observe)      },
    {"auto_discover",   SETTING_FLAG,     offsetof(struct onenet_options, auto_discover)     },
};

static const struct setting habit_rows[] = {
    {"rejects",         SETTING_FLAG,   offsetof(struct onenet_habits, rejects)        },
    {"silent",          SETTING_FLAG,   offsetof(struct onenet_habits, silent)         },
    {"forgets",         SETTING_FLAG,   offsetof(struct onenet_habits, forgets)        },
    {"ignores_battery", SETTING_FLAG,   offsetof(struct onenet_habits, ignores_battery)},
    {"never_closes",    SETTING_FLAG,   offsetof(struct onenet_habits, never_closes)   },
    {"skips_block",     SETTING_NUMBER, offsetof(struct onenet_habits, skips_block)    },
    {"repeats_block",   SETTING_NUMBER, offsetof(struct onenet_habits, repeats_block)  },
    {"corrupts_block",  SETTING_NUMBER, offsetof(struct onenet_habits, corrupts_block) },
    {"stops_at_block",  SETTING_NUMBER, offsetof(struct onenet_habits, stops_at_block) },
};

static const char *setting_type_name(enum setting_type type)
{
    static const char *const names[] = {"duration", "integer", "boolean"};

    return names[type];
}

/* -> list of {name, type} */
static int push_settings(lua_State *L, const struct setting *rows, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, rows[i].name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, setting_type_name(rows[i].type));
        lua_setfield(L, -2, "type");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int l_option_rows(lua_State *L)
{
    return push_settings(L, option_rows, ARRAY_LEN(option_rows));
}

static int l_habit_rows(lua_State *L)
{
    return push_settings(L, habit_rows, ARRAY_LEN(habit_rows));
}

/* set(onenet, name, value): onenet.lua has looked the name and the type up */
static int l_set(lua_State *L)
{
    struct onenet *onenet = check_onenet(L);
    const char *name = luaL_checkstring(L, 2);
    struct {
        const struct setting *rows;
        size_t count;
        char *base;
    } groups[] = {
        {option_rows, ARRAY_LEN(option_rows), (char *)onenet_options(onenet)},
        {habit_rows,  ARRAY_LEN(habit_rows),  (char *)onenet_habits(onenet) },
    };

    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        for (size_t i = 0; i < groups[g].count; i++) {
            const struct setting *row = &groups[g].rows[i];
            void *field = groups[g].base + row->offset;

            if (strcmp(row->name, name) != 0)
                continue;
            if (row->type == SETTING_FLAG)
                *(bool *)field = lua_toboolean(L, 3);
            else if (row->type == SETTING_NUMBER)
                *(unsigned *)field = (unsigned)luaL_checkinteger(L, 3);
            else
                *(uint64_t *)field = (uint64_t)luaL_checkinteger(L, 3);
            return 0;
        }
    }
    return luaL_argerror(L, 2, "no such setting");
}

/* ---- tasks ---- */

/* add_task(onenet, target, bytes, md5 or nil, battery, block, tries, imei or nil, of_module)
   -> number */
static int l_add_task(lua_State *L)
{
    struct onenet *onenet = check_onenet(L);
    struct onenet_task_spec spec = {
        .target = luaL_checkstring(L, 2),
        .md5 = luaL_optstring(L, 4, NULL),
        .lowest_battery = (unsigned)luaL_checkinteger(L, 5),
        .block_size = (unsigned)luaL_checkinteger(L, 6),
        .tries = (unsigned)luaL_checkinteger(L, 7),
        .imei = luaL_optstring(L, 8, NULL),
        .of_module = lua_toboolean(L, 9),
    };
    char message[MESSAGE_MAX];
    struct buf error = {0};
    int task;

    spec.package = luaL_checklstring(L, 3, &spec.len);
    task = onenet_add_task(onenet, &spec, &error);
    snprintf(message, sizeof(message), "%s", buf_text(&error));
    buf_deinit(&error);
    if (task == -ENOSPC)
        return engine_usage_error(L, "onenet:task: more than %d tasks", ONENET_TASK_MAX);
    if (task < 0)
        return engine_usage_error(L, "onenet:task: %s", message);
    lua_pushinteger(L, task);
    return 1;
}

static int l_task_view(lua_State *L)
{
    struct onenet_task_view view = onenet_task(check_onenet(L), (int)luaL_checkinteger(L, 2));

    lua_createtable(L, 0, 6);
    lua_pushstring(L, onenet_task_state_name(view.state));
    lua_setfield(L, -2, "state");
    lua_pushstring(L, view.reason);
    lua_setfield(L, -2, "reason");
    lua_pushstring(L, view.step);
    lua_setfield(L, -2, "step");
    lua_pushinteger(L, view.failures);
    lua_setfield(L, -2, "failures");
    lua_pushinteger(L, (lua_Integer)view.sent_bytes);
    lua_setfield(L, -2, "sent_bytes");
    lua_pushinteger(L, (lua_Integer)view.from_byte);
    lua_setfield(L, -2, "from_byte");
    return 1;
}

static int l_cancel_task(lua_State *L)
{
    onenet_cancel_task(check_onenet(L), (int)luaL_checkinteger(L, 2));
    return 0;
}

/* ---- devices, requests, notifies ---- */

static int l_devices(lua_State *L)
{
    struct onenet *onenet = check_onenet(L);
    size_t count = onenet_device_count(onenet);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        struct onenet_device_view view = onenet_device(onenet, i);

        lua_createtable(L, 0, 3);
        lua_pushstring(L, view.imei);
        lua_setfield(L, -2, "imei");
        lua_pushstring(L, view.objects);
        lua_setfield(L, -2, "objects");
        lua_pushboolean(L, view.is_online);
        lua_setfield(L, -2, "online");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ask(onenet, kind, object, instance, resource, text or nil, data or nil, imei or nil) -> number */
static int l_ask(lua_State *L)
{
    static const char *const kinds[] = {"read",   "write",    "execute",   "observe",
                                        "cancel", "discover", "parameter", NULL};
    struct onenet *onenet = check_onenet(L);
    struct onenet_request_spec spec = {
        .kind = (enum onenet_request_kind)luaL_checkoption(L, 2, NULL, kinds),
        .object = (int)luaL_checkinteger(L, 3),
        .instance = (int)luaL_checkinteger(L, 4),
        .resource = (int)luaL_checkinteger(L, 5),
        .text = luaL_optstring(L, 6, NULL),
        .imei = luaL_optstring(L, 8, NULL),
    };
    int request;

    spec.data = luaL_optlstring(L, 7, NULL, &spec.len);
    request = onenet_ask(onenet, &spec);
    if (request == -ENODEV)
        return engine_usage_error(L, "onenet: no such device has registered");
    if (request == -EMSGSIZE)
        return engine_usage_error(L, "onenet: more than %d bytes", ONENET_BLOCK_MAX);
    if (request < 0)
        return engine_usage_error(L, "onenet: more than %d requests", ONENET_REQUEST_MAX);
    lua_pushinteger(L, request);
    return 1;
}

/* answer(onenet, number) -> code, text; nothing while it is open */
static int l_answer(lua_State *L)
{
    struct onenet_answer answer = onenet_answer(check_onenet(L), (int)luaL_checkinteger(L, 2));

    if (!answer.is_done)
        return 0;
    lua_pushinteger(L, answer.code);
    lua_pushstring(L, answer.text);
    return 2;
}

static int l_notifies(lua_State *L)
{
    struct onenet *onenet = check_onenet(L);
    size_t count = onenet_notify_count(onenet);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        struct onenet_notify_view view = onenet_notify(onenet, i);

        lua_createtable(L, 0, 2);
        lua_pushfstring(L, "%d/%d/%d", view.object, view.instance, view.resource);
        lua_setfield(L, -2, "path");
        lua_pushstring(L, view.text);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int l_delete(lua_State *L)
{
    if (onenet_delete_device(check_onenet(L), luaL_optstring(L, 2, NULL)) < 0)
        return engine_usage_error(L, "onenet:delete: no such device is online");
    return 0;
}

static const struct engine_fn fns[] = {
    {"option_rows", l_option_rows, "",                         "{name: string, type: string}[]",                     "What configure() takes."                             },
    {"habit_rows",  l_habit_rows,  "",                         "{name: string, type: string}[]",                     "What misbehave() takes."                             },
    {"set",         l_set,         "name: string, value: any", "",                                                   "One of either."                                      },
    {"add_task",    l_add_task,
     "target: string, bytes: string, md5: string?, battery: integer, block: integer, tries: "
     "integer, imei: string?, of_module: boolean",             "integer",                                            "Create a task; onenet:task{} is the convenient form."},
    {"task_view",   l_task_view,   "task: integer",
     "{state: string, reason: string, step: string, failures: integer, sent_bytes: integer, "
     "from_byte: integer}",                                                                                          "How a task stands."                                  },
    {"cancel_task", l_cancel_task, "task: integer",            "",
     "End a task; task:cancel() is the convenient form."                                                                                                                   },
    {"devices",     l_devices,     "",                         "{imei: string, objects: string, online: boolean}[]",
     "Devices that have registered."                                                                                                                                       },
    {"ask",         l_ask,
     "kind: string, object: integer, instance: integer, resource: integer, text: string?, data: "
     "string?, imei: string?",                                 "integer",                                            "Send a request; onenet:read() and so on wait for it."},
    {"answer",      l_answer,      "request: integer",         "integer?, string?",
     "CoAP code (205; 0 = nobody answered) and text."                                                                                                                      },
    {"notifies",    l_notifies,    "",                         "{path: string, text: string}[]",
     "What devices told by themselves."                                                                                                                                    },
    {"delete",      l_delete,      "imei?: string",            "",                                                   "Delete a device, the first without its IMEI."        },
};

static const struct engine_class object = {
    .name = "OneNet",
    .fns = fns,
    .fn_count = ARRAY_LEN(fns),
};

static int new_platform(struct bench *bench, void **platform_out, struct buf *error_out)
{
    *platform_out = onenet_new(bench);
    return 0;
}

static void free_platform(void *platform)
{
    onenet_free(platform);
}

static int welcome(void *platform, const struct modem *modem, const struct platform_offer *offer,
                   struct buf *error_out)
{
    int r = 0;

    if (offer) /* who registers is known; a task is what a device has to be known for */
        r = onenet_add_task(platform,
                            &(struct onenet_task_spec){
                                .target = offer->version,
                                .package = offer->bytes,
                                .len = offer->len,
                                .imei = modem_text(modem, MODEM_OPTION_IMEI),
                            },
                            error_out);
    return r < 0 ? -EINVAL : 0;
}

const struct platform_kind platform_onenet = {
    .name = "onenet",
    .doc = "OneNET, where M531x modules register and get their hosts' upgrades",
    .object = &object,
    .new = new_platform,
    .free = free_platform,
    .dialect = "m531x",
    .welcome = welcome,
    .welcome_lua = "t:platform(\"onenet\")",
    .offer_lua = "t:platform(\"onenet\"):task { package = $PACKAGE, device = $MODEM }",
};
