/*
 * Hosts, servers and platforms for Lua: thin rows over actors.c. What waits is in harness.lua.
 *
 * longjmp: arguments are read before anything is made, and messages are copied to the stack before
 * they are raised, so that raising leaks nothing.
 * SPDX-License-Identifier: MIT
 */
#include "harness/bind_harness.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/actors.h"
#include "harness/bind_audit.h"
#include "harness/httpd.h"
#include "harness/httpd_tls.h"
#include "harness/platform.h"
#include "harness/terminal.h"
#include "harness/trial_plan.h"
#include "lua/chunk.h"
#include "lua/engine.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define WORD_MAX    256 /* words of a host's command, and variables of its environment */
#define MESSAGE_MAX 1024

static char actors_key;

struct actors *bind_actors(lua_State *L)
{
    struct actors *actors;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &actors_key);
    actors = lua_touserdata(L, -1);
    lua_pop(L, 1);
    if (!actors)
        engine_usage_error(L, "hosts and servers are there only while a scenario runs");
    return actors;
}

/* Raise what a start reported: -EINVAL is the scenario's mistake, the rest is the host's. */
static LJMP int raise_start(lua_State *L, int r, struct buf *error)
{
    char message[MESSAGE_MAX];

    snprintf(message, sizeof(message), "%s", buf_text(error));
    buf_deinit(error);
    if (r == -EINVAL)
        return engine_usage_error(L, "%s", message);
    return engine_raise(L, OUTCOME_HOST_START, message);
}

/* ---- hosts ---- */

static struct host_actor *check_host(lua_State *L)
{
    return engine_check(L, 1, "Host");
}

/* The strings of a list, borrowed from it; harness.lua has made sure that they are strings. */
static char **read_words(lua_State *L, int arg, char *words[WORD_MAX + 1])
{
    size_t count = 0;

    if (lua_isnoneornil(L, arg))
        return NULL;
    luaL_checktype(L, arg, LUA_TTABLE);
    while (lua_rawgeti(L, arg, (lua_Integer)count + 1) == LUA_TSTRING) {
        if (count == WORD_MAX)
            engine_usage_error(L, "more than %d words", WORD_MAX);
        words[count++] = (char *)lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    words[count] = NULL;
    return words;
}

/* start(words or nil, variables or nil, fixed, name of the modem that shares its supply) -> Host */
static int l_start(lua_State *L)
{
    char *words[WORD_MAX + 1], *variables[WORD_MAX + 1];
    struct actors *actors = bind_actors(L);
    struct host_actor *actor = NULL;
    struct buf error = {0};
    char **argv, **env;
    int r;

    lua_settop(L, 4);
    argv = read_words(L, 1, words);
    env = read_words(L, 2, variables);
    r = actors_start_host(actors, argv, env, lua_toboolean(L, 3), &actor, &error);
    if (r < 0)
        return raise_start(L, r, &error);
    buf_deinit(&error);
    if (lua_isstring(L, 4))
        host_actor_share_supply(actor, lua_tostring(L, 4));
    engine_push(L, "Host", actor);
    return 1;
}

/* restart(host): the old process must have ended */
static int l_restart(lua_State *L)
{
    struct host_actor *actor = check_host(L);
    struct buf error = {0};
    int r = host_actor_restart(actor, &error);

    if (r < 0)
        return raise_start(L, r, &error);
    buf_deinit(&error);
    return 0;
}

static int l_stop(lua_State *L)
{
    struct host_actor *actor = check_host(L);

    if (actor->host)
        host_stop(actor->host);
    return 0;
}

static int l_silent(lua_State *L)
{
    struct host_actor *actor = check_host(L);

    lua_pushboolean(L, !actor->host || host_is_silent(actor->host));
    return 1;
}

/* ending(host) -> status or nil, name of the signal or nil */
static int l_ending(lua_State *L)
{
    struct host_actor *actor = check_host(L);
    int status, number;

    if (host_actor_is_alive(actor))
        return 0;
    status = host_exit_status(actor->host, &number);
    if (number == 0) {
        lua_pushinteger(L, status);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, sigabbrev_np(number) ? sigabbrev_np(number) : "?");
    return 2;
}

static int l_running(lua_State *L)
{
    struct host_actor *actor = check_host(L);

    lua_pushboolean(L, host_actor_is_alive(actor));
    return 1;
}

static int l_signal(lua_State *L)
{
    struct host_actor *actor = check_host(L);
    const char *name = luaL_checkstring(L, 2);
    struct buf error = {0};
    int number;

    if (host_signal_parse(name, &number, &error) < 0)
        return raise_start(L, -EINVAL, &error);
    if (actor->host)
        host_signal(actor->host, number);
    return 0;
}

static int l_pid(lua_State *L)
{
    struct host_actor *actor = check_host(L);

    if (actor->host)
        lua_pushinteger(L, host_pid(actor->host));
    else
        lua_pushnil(L);
    return 1;
}

static int l_host_name(lua_State *L)
{
    lua_pushstring(L, check_host(L)->who);
    return 1;
}

static int l_host_dir(lua_State *L)
{
    lua_pushstring(L, check_host(L)->dir);
    return 1;
}

/* question() -> whether the host may give up honestly, its limit in us: for sweep.lua */
static int l_question(lua_State *L)
{
    const struct trial_plan *plan = bind_actors(L)->plan;

    luaL_argcheck(L, plan, 1, "no sweep");
    lua_pushboolean(L, plan->is_honest);
    lua_pushinteger(L, (lua_Integer)plan->limit_us);
    return 2;
}

/* ---- servers ---- */

static struct httpd *check_httpd(lua_State *L)
{
    struct server_actor *actor = engine_check(L, 1, "Server");

    return actor->httpd;
}

/* A field that is a text or absent; borrowed from the table. */
static const char *text_field(lua_State *L, int arg, const char *name)
{
    const char *text;

    lua_getfield(L, arg, name);
    text = lua_tostring(L, -1);
    lua_pop(L, 1);
    return text;
}

static LJMP int raise_server(lua_State *L, int r, unsigned port, struct buf *error)
{
    char message[MESSAGE_MAX];

    snprintf(message, sizeof(message), "%s", buf_text(error));
    buf_deinit(error);
    /* A port that is taken is the scenario's or the machine's matter, never the host's. */
    if (r == -EINVAL || port != 0)
        return engine_usage_error(L, "t:http: %s", message);
    return engine_raise(L, OUTCOME_ERROR, message);
}

/* serve{port=, dir=, ipv6=, certificate=, key=, client_ca=} -> Server; harness.lua has checked it
 */
static int l_serve(lua_State *L)
{
    struct actors *actors = bind_actors(L);
    struct server_actor *actor = NULL;
    struct httpd_options options;
    struct buf error = {0};
    int r;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "port");
    options = (struct httpd_options){
        .port = (unsigned)lua_tointeger(L, -1),
        .certificate = text_field(L, 1, "certificate"),
        .key = text_field(L, 1, "key"),
        .client_ca = text_field(L, 1, "client_ca"),
    };
    lua_getfield(L, 1, "ipv6");
    options.is_ipv6 = lua_toboolean(L, -1);
    r = actors_start_server(actors, &options, &actor, &error);
    if (r < 0)
        return raise_server(L, r, options.port, &error);
    buf_deinit(&error);
    if (text_field(L, 1, "dir"))
        httpd_serve_dir(actor->httpd, text_field(L, 1, "dir"));
    engine_push(L, "Server", actor);
    return 1;
}

/* certificates(names or nil) -> {ca=, server=, server_key=, client=, client_key=} */
static int l_certificates(lua_State *L)
{
    struct tls_certs certs;

    tls_certs_make(&certs, luaL_optstring(L, 1, NULL));
    lua_createtable(L, 0, 5);
    lua_pushstring(L, certs.ca);
    lua_setfield(L, -2, "ca");
    lua_pushstring(L, certs.server);
    lua_setfield(L, -2, "server");
    lua_pushstring(L, certs.server_key);
    lua_setfield(L, -2, "server_key");
    lua_pushstring(L, certs.client);
    lua_setfield(L, -2, "client");
    lua_pushstring(L, certs.client_key);
    lua_setfield(L, -2, "client_key");
    tls_certs_deinit(&certs);
    return 1;
}

static bool flag(lua_State *L, int arg, const char *name)
{
    bool value;

    lua_getfield(L, arg, name);
    value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static lua_Integer number(lua_State *L, int arg, const char *name)
{
    lua_Integer value;

    lua_getfield(L, arg, name);
    value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

/* publish(server, path, bytes, habit) -> url; harness.lua has checked all of it */
static int l_publish(lua_State *L)
{
    struct server_actor *actor = engine_check(L, 1, "Server");
    const char *path = luaL_checkstring(L, 2), *bytes;
    struct httpd_habit habit;
    size_t len;
    char *url;

    bytes = engine_check_bytes(L, 3, &len);
    luaL_checktype(L, 4, LUA_TTABLE);
    habit = (struct httpd_habit){
        .status = (int)number(L, 4, "status"),
        .silent = flag(L, 4, "silent"),
        .chunked = flag(L, 4, "chunked"),
        .ignore_range = flag(L, 4, "ignore_range"),
        .cut_after_bytes = (uint64_t)number(L, 4, "cut_after"),
        .cut_times = (unsigned)number(L, 4, "cut_times"),
        .takes_post = flag(L, 4, "takes_post"),
    };
    lua_getfield(L, 4, "location");
    habit.location = lua_tostring(L, -1);
    httpd_publish(actor->httpd, path, bytes, len, &habit);
    url = server_actor_url(actor, path);
    lua_pushstring(L, url);
    free(url);
    return 1;
}

/* url(server, path) -> what {url} is from now on */
static int l_remember_url(lua_State *L)
{
    struct server_actor *actor = engine_check(L, 1, "Server");
    char *url = server_actor_url(actor, luaL_checkstring(L, 2));

    lua_pushstring(L, url);
    free(url);
    return 1;
}

/* tty_link() -> path */
static int l_tty_link(lua_State *L)
{
    lua_pushstring(L, actors_tty_link(bind_actors(L)));
    return 1;
}

static void push_headers(lua_State *L, const char *headers)
{
    luaL_Buffer name;

    lua_newtable(L);
    while (headers && *headers) {
        size_t line = strcspn(headers, "\n"), colon = strcspn(headers, ":");

        if (colon < line) {
            const char *value = headers + colon + 1;

            luaL_buffinit(L, &name);
            for (size_t i = 0; i < colon; i++)
                luaL_addchar(&name, (char)(headers[i] |
                                           (headers[i] >= 'A' && headers[i] <= 'Z' ? 0x20 : 0)));
            luaL_pushresult(&name);
            while (*value == ' ')
                value++;
            lua_pushlstring(L, value, (size_t)(headers + line - value));
            lua_rawset(L, -3);
        }
        headers += line + (headers[line] == '\n');
    }
}

static void push_request(lua_State *L, const struct httpd_request *request)
{
    lua_createtable(L, 0, 6);
    lua_pushstring(L, request->method);
    lua_setfield(L, -2, "method");
    lua_pushstring(L, request->path);
    lua_setfield(L, -2, "path");
    lua_pushstring(L, request->range);
    lua_setfield(L, -2, "range");
    lua_pushinteger(L, request->status);
    lua_setfield(L, -2, "status");
    lua_pushinteger(L, (lua_Integer)request->t_us);
    lua_setfield(L, -2, "t_us");
    push_headers(L, request->headers);
    lua_setfield(L, -2, "headers");
}

static int l_requests(lua_State *L)
{
    struct httpd *httpd = check_httpd(L);
    size_t count = httpd_request_count(httpd);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        struct httpd_request request = httpd_request(httpd, i);

        push_request(L, &request);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static LJMP int set_down(lua_State *L, bool down)
{
    int r = httpd_set_down(check_httpd(L), down);

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

static int l_port(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)httpd_port(check_httpd(L)));
    return 1;
}

static int l_url(lua_State *L)
{
    char *url = httpd_url(check_httpd(L), "");

    lua_pushstring(L, url);
    free(url);
    return 1;
}

/* ---- platforms ---- */

/* platform_names() -> list */
static int l_platform_names(lua_State *L)
{
    const struct platform_kind *kind;

    lua_createtable(L, PLATFORM_KIND_MAX, 0);
    for (size_t i = 0; (kind = platform_at(i)); i++) {
        lua_pushstring(L, kind->name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* platform(name) -> the scenario's platform of that name */
static int l_platform(lua_State *L)
{
    const struct platform_kind *kind = platform_find(luaL_checkstring(L, 1));
    struct actors *actors = bind_actors(L);
    struct buf error = {0};
    char message[MESSAGE_MAX];
    void *platform = NULL;
    int r;

    luaL_argcheck(L, kind, 1, "no such platform");
    r = actors_start_platform(actors, kind, &platform, &error);
    snprintf(message, sizeof(message), "t:platform: %s", buf_text(&error));
    buf_deinit(&error);
    if (r < 0)
        return engine_raise(L, OUTCOME_ERROR, message);
    engine_push(L, kind->object->name, platform);
    return 1;
}

/* ---- rows ---- */

static const struct engine_fn host_fns[] = {
    {"running", l_running, "",             "boolean", "whether the process is there"   },
    {"signal",  l_signal,  "name: string", "",
     "send a signal by name (\"TERM\", \"STOP\", \"CONT\") to the host's process group"},
};

static const struct engine_prop host_props[] = {
    {"pid",  l_pid,       "integer", "process id of the host, and number of its process group"},
    {"name", l_host_name, "string",  "its name in the trace"                                  },
    {"dir",  l_host_dir,  "string",  "its own folder, HAYESWIRE_DIR"                          },
};

static const struct engine_fn server_fns[] = {
    {"requests", l_requests, "",
     "{method: string, path: string, range: string?, status: integer, headers: table, t_us: "
     "integer}[]",                   "all requests so far; names of headers are in lower case"},
    {"down",     l_down,     "", "", "refuse connections from now on"                         },
    {"up",       l_up,       "", "", "accept connections again, on the same port"             },
};

static const struct engine_prop server_props[] = {
    {"port", l_port, "integer", "TCP port on 127.0.0.1"    },
    {"url",  l_url,  "string",  "\"http://127.0.0.1:PORT\""},
};

/* Only for harness.lua: no object of this class is ever given to a script. */
static const struct engine_fn primitive_fns[] = {
    {"start",          l_start,          "words: string[]?, variables: string[]?, fixed: boolean, supply: string?",
     "Host",                                                                                                                             "start a host"                               },
    {"restart",        l_restart,        "host: Host",                                                              "",                  "start a host again after its end"           },
    {"stop",           l_stop,           "host: Host",                                                              "",                  "ask a host to end; returns at once"         },
    {"silent",         l_silent,         "host: Host",                                                              "boolean",           "no more output can come"                    },
    {"ending",         l_ending,         "host: Host",                                                              "integer?, string?", "exit status, or name of the signal"         },
    {"serve",          l_serve,          "options: table",                                                          "Server",            "start a server"                             },
    {"publish",        l_publish,        "server: Server, path: string, what: Package|string, habit: table",
     "string",                                                                                                                           "serve bytes at a path"                      },
    {"question",       l_question,       "",                                                                        "boolean, integer",  "what a sweep asks"                          },
    {"platform_names", l_platform_names, "",                                                                        "string[]",          "names of the platforms"                     },
    {"platform",       l_platform,       "name: string",                                                            "any",               "the scenario's platform of that name"       },
    {"tty_link",       l_tty_link,       "",                                                                        "string",            "path of the link that follows the first tty"},
    {"url",            l_remember_url,   "server: Server, path: string",                                            "string",
     "a URL, which is {url} from now on"                                                                                                                                              },
    {"certificates",   l_certificates,   "names: string?",                                                          "table",
     "make a CA, a server's and a module's certificate"                                                                                                                               },
};

static const struct engine_class classes[] = {
    {"Host",              host_fns,      ARRAY_LEN(host_fns),      host_props,   ARRAY_LEN(host_props),   false},
    {"Server",            server_fns,    ARRAY_LEN(server_fns),    server_props, ARRAY_LEN(server_props), false},
    {"HarnessPrimitives", primitive_fns, ARRAY_LEN(primitive_fns), NULL,         0,                       true },
};

void bind_harness_to(struct engine *engine, struct actors *actors)
{
    lua_State *L = engine_lua(engine);

    lua_pushlightuserdata(L, actors);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &actors_key);
}

void bind_harness(struct engine *engine)
{
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        engine_register(engine, &classes[i]);
    terminal_register(engine);
    platform_register(engine);
    bind_audit_register(engine);
    lua_chunks_run(engine, harness_chunks, harness_chunk_count);
}
