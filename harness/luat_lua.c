/*
 * The class Luat for scenarios: thin rows over luat.c. Arguments are checked in luat.lua.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/httpd.h"
#include "harness/luat.h"
#include "lua/engine.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/modem/modem.h"

#define IMEI_MAX 256 /* devices that one release may name */

static LJMP struct luat *check_luat(lua_State *L)
{
    return engine_check(L, 1, "Luat");
}

static LJMP int check_added(lua_State *L, int r)
{
    if (r == -ENOSPC)
        engine_usage_error(L, "luat: more than %d entries", LUAT_LIST_MAX);
    return 0;
}

static int l_add_device(lua_State *L)
{
    return check_added(
        L, luat_add_device(check_luat(L), luaL_checkstring(L, 2), luaL_optstring(L, 3, NULL)));
}

static int l_add_project(lua_State *L)
{
    return check_added(L, luat_add_project(check_luat(L), luaL_checkstring(L, 2)));
}

/* add_release(luat, project, version, url or nil, bytes or nil, is_off, imeis or nil) */
static int l_add_release(lua_State *L)
{
    struct luat *luat = check_luat(L);
    const char *only[IMEI_MAX];
    struct luat_release release = {
        .project = luaL_checkstring(L, 2),
        .version = luaL_checkstring(L, 3),
        .url = luaL_optstring(L, 4, NULL),
        .is_off = lua_toboolean(L, 6),
    };
    int r;

    release.bytes = luaL_optlstring(L, 5, NULL, &release.len);
    if (lua_istable(L, 7)) {
        release.only = only;
        while (lua_rawgeti(L, 7, (lua_Integer)release.only_count + 1) == LUA_TSTRING) {
            if (release.only_count == IMEI_MAX)
                engine_usage_error(L, "luat:release: more than %d devices", IMEI_MAX);
            only[release.only_count++] = lua_tostring(L, -1); /* the table keeps it alive */
            lua_pop(L, 1);
        }
    }
    r = luat_add_release(luat, &release);
    if (r == -EINVAL)
        engine_usage_error(L, "luat:release: \"%s\" is no version such as AirM2M_720_V9999_LTE_AT",
                           release.version);
    return check_added(L, r);
}

static int l_refuse(lua_State *L)
{
    luat_refuse(check_luat(L), (int)luaL_optinteger(L, 2, 0));
    return 0;
}

static int l_status(lua_State *L)
{
    luat_set_status(check_luat(L), (int)luaL_optinteger(L, 2, 0));
    return 0;
}

static int l_silent(lua_State *L)
{
    luat_set_silent(check_luat(L), lua_isnone(L, 2) || lua_toboolean(L, 2));
    return 0;
}

static LJMP int set_down(lua_State *L, bool down)
{
    int r = httpd_set_down(luat_httpd(check_luat(L)), down);

    if (r < 0)
        return engine_raise(L, OUTCOME_ERROR, strerror(-r));
    return 0;
}

static int l_down(lua_State *L)
{
    return set_down(L, true);
}

static int l_up(lua_State *L)
{
    return set_down(L, false);
}

static int l_visits(lua_State *L)
{
    struct luat *luat = check_luat(L);
    size_t count = luat_visit_count(luat);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        struct luat_visit visit = luat_visit(luat, i);

        lua_createtable(L, 0, 5);
        lua_pushstring(L, visit.is_report ? "report" : "query");
        lua_setfield(L, -2, "kind");
        lua_pushstring(L, visit.imei);
        lua_setfield(L, -2, "imei");
        lua_pushstring(L, visit.firmware);
        lua_setfield(L, -2, "firmware");
        lua_pushinteger(L, visit.cause);
        lua_setfield(L, -2, "cause");
        lua_pushinteger(L, (lua_Integer)visit.t_us);
        lua_setfield(L, -2, "t_us");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int l_port(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)httpd_port(luat_httpd(check_luat(L))));
    return 1;
}

static int l_url(lua_State *L)
{
    lua_pushfstring(L, "http://127.0.0.1:%d", (int)httpd_port(luat_httpd(check_luat(L))));
    return 1;
}

static const struct engine_fn fns[] = {
    {"add_device",  l_add_device,  "imei: string, project?: string", "",
     "Make a device known, as one of a project."                                                                                                },
    {"add_project", l_add_project, "key: string",                    "",                "Make a project known."                                 },
    {"add_release", l_add_release,
     "project: string, version: string, url: string?, bytes: string?, is_off: boolean, imeis: "
     "string[]?",                                                    "",                "Offer firmware; luat:release{} is the convenient form."},
    {"refuse",      l_refuse,      "cause?: integer",                "",
     "Answer each query with that cause; without one, judge again."                                                                             },
    {"status",      l_status,      "status?: integer",               "",
     "Answer each request with that HTTP status; without one, properly again."                                                                  },
    {"silent",      l_silent,      "on?: boolean",                   "",                "Accept requests and never answer; false ends it."      },
    {"down",        l_down,        "",                               "",                "Refuse connections."                                   },
    {"up",          l_up,          "",                               "",                "Accept connections again."                             },
    {"visits",      l_visits,      "",
     "{kind: string, imei: string, firmware: string, cause: integer, t_us: integer}[]", "What modules asked and reported so far."               },
};

static const struct engine_prop props[] = {
    {"port", l_port, "integer", "TCP port on 127.0.0.1"    },
    {"url",  l_url,  "string",  "\"http://127.0.0.1:PORT\""},
};

static const struct engine_class object = {
    .name = "Luat",
    .fns = fns,
    .fn_count = ARRAY_LEN(fns),
    .props = props,
    .prop_count = ARRAY_LEN(props),
};

static int new_platform(struct bench *bench, void **platform_out, struct buf *error_out)
{
    struct luat *luat = NULL;
    int r = luat_new(bench, &luat, error_out);

    *platform_out = luat;
    return r;
}

static void free_platform(void *platform)
{
    luat_free(platform);
}

static int welcome(void *platform, const struct modem *modem, const struct platform_offer *offer,
                   struct buf *error_out)
{
    int r = luat_add_device(platform, modem_text(modem, MODEM_OPTION_IMEI), LUAT_PROJECT);

    if (r == 0)
        r = luat_add_project(platform, LUAT_PROJECT);
    if (r == 0 && offer)
        r = luat_add_release(platform, &(struct luat_release){
                                           .project = LUAT_PROJECT,
                                           .version = offer->version,
                                           .bytes = offer->bytes,
                                           .len = offer->len,
                                       });
    if (r == -EINVAL)
        buf_printf(error_out, "\"%s\" is no version such as AirM2M_720_V9999_LTE_AT",
                   offer->version);
    return r < 0 ? -EINVAL : 0;
}

const struct platform_kind platform_luat = {
    .name = "luat",
    .doc = "the upgrade service of Air720 modules, reached over HTTP as " LUAT_NAME,
    .object = &object,
    .new = new_platform,
    .free = free_platform,
    .dialect = "air720",
    .welcome = welcome,
    .welcome_lua = "t:platform(\"luat\", { devices = { $MODEM } })",
    .offer_lua = "t:platform(\"luat\"):release { version = $PACKAGE.to, package = $PACKAGE }",
};
