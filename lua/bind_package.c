/*
 * Firmware files for scripts: class Package, and hw.package.* below t:package{}.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/dialect/registry.h"
#include "sim/modem/bench.h"
#include "sim/modem/dialect.h"
#include "sim/modem/package.h"

#define SETTING_MAX 32

static LJMP struct package_object *check_package(lua_State *L)
{
    return engine_check(L, 1, "Package");
}

void package_free_all(struct engine *engine)
{
    while (engine->packages) {
        struct package_entry *entry = engine->packages;

        engine->packages = entry->next;
        free(entry->package.bytes);
        free(entry->package.dialect);
        free(entry->package.from);
        free(entry->package.to);
        free(entry);
    }
}

static LJMP void check_room(lua_State *L)
{
    if (engine_of(L)->package_count == ENGINE_PACKAGE_MAX)
        engine_usage_error(L, "t:package: more than %d packages", ENGINE_PACKAGE_MAX);
}

/* Push a package of these bytes (taken over); the texts are copied. */
static int push_package(lua_State *L, char *bytes, size_t len, const char *dialect,
                        const char *from, const char *to)
{
    struct engine *engine = engine_of(L);
    struct package_entry *entry = xcalloc(1, sizeof(*entry));

    entry->package = (struct package_object){
        .bytes = bytes,
        .len = len,
        .dialect = xstrdup(dialect),
        .from = xstrdup(from),
        .to = xstrdup(to),
    };
    entry->next = engine->packages;
    engine->packages = entry;
    engine->package_count++;
    engine_push(L, "Package", &entry->package);
    return 1;
}

/* make(dialect, from, to, size) */
static int l_make(lua_State *L)
{
    struct engine *engine = engine_of(L);
    const char *dialect = luaL_checkstring(L, 1), *from = luaL_checkstring(L, 2);
    const char *to = luaL_checkstring(L, 3);
    lua_Integer size_bytes = luaL_checkinteger(L, 4);
    struct buf bytes = {0};
    size_t len;

    check_room(L);
    buf_clear(&engine->scratch);
    if (size_bytes < 0 ||
        package_make(dialect, from, to, (size_t)size_bytes, &bytes, &engine->scratch) < 0) {
        buf_deinit(&bytes);
        return engine_usage_error(L, "t:package: %s", buf_text(&engine->scratch));
    }
    len = bytes.len;
    return push_package(L, buf_take(&bytes), len, dialect, from, to);
}

/* read(path, dialect, from, to): a vendor's file, declared to the bootloaders of the bench. */
static int l_read(lua_State *L)
{
    struct engine *engine = engine_of(L);
    const char *path = luaL_checkstring(L, 1), *dialect = luaL_checkstring(L, 2);
    const char *from = luaL_checkstring(L, 3), *to = luaL_checkstring(L, 4);
    struct buf bytes = {0};
    size_t len;
    int r;

    check_room(L);
    r = text_read_file(path, ENGINE_VENDOR_MAX, &bytes);
    if (r < 0) {
        buf_deinit(&bytes);
        return engine_usage_error(L, "t:package: %s: %s", path, strerror(-r));
    }
    len = bytes.len;
    if (package_catalog_add(engine->config.bench->catalog, buf_text(&bytes), len, dialect, from,
                            to) < 0) {
        buf_deinit(&bytes);
        return engine_usage_error(L, "t:package: a version has at most %d bytes",
                                  PACKAGE_VERSION_MAX);
    }
    return push_package(L, buf_take(&bytes), len, dialect, from, to);
}

/* "300k" or bytes -> bytes */
static int l_size(lua_State *L)
{
    uint64_t bytes = 0;

    if (lua_isinteger(L, 1))
        return lua_settop(L, 1), 1;
    if (lua_type(L, 1) != LUA_TSTRING || text_parse_size(lua_tostring(L, 1), &bytes) < 0)
        engine_usage_error(L, "t:package: size: write bytes, \"300k\" or \"1M\"");
    lua_pushinteger(L, (lua_Integer)bytes);
    return 1;
}

/* Positions count bytes from 0, as in files and faults. */
static LJMP size_t check_offset(lua_State *L, int arg, size_t limit, const char *what)
{
    lua_Integer offset = luaL_checkinteger(L, arg);

    if (offset < 0 || (size_t)offset >= limit)
        engine_usage_error(L, "%s: the file has the bytes 0 to %zu", what, limit - 1);
    return (size_t)offset;
}

static char *copy_bytes(const struct package_object *package, size_t len)
{
    char *bytes = xmalloc(len + 1);

    memcpy(bytes, package->bytes, len);
    bytes[len] = '\0';
    return bytes;
}

/* flipped(package, offset) -> a copy with one byte inverted */
static int l_flipped(lua_State *L)
{
    const struct package_object *package = check_package(L);
    size_t at = check_offset(L, 2, package->len, "package:damaged");
    char *bytes;

    check_room(L);
    bytes = copy_bytes(package, package->len);
    bytes[at] = (char)~bytes[at];
    return push_package(L, bytes, package->len, package->dialect, package->from, package->to);
}

/* ---- the files beside it ---- */

static void add_file(void *arg, const char *name, const void *bytes, size_t len)
{
    lua_State *L = arg;

    lua_createtable(L, 0, 2);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
    lua_pushlstring(L, bytes, len);
    lua_setfield(L, -2, "bytes");
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

const char *engine_check_bytes(lua_State *L, int arg, size_t *len_out)
{
    const struct package_object *package;

    if (lua_type(L, arg) == LUA_TSTRING)
        return lua_tolstring(L, arg, len_out);
    package = engine_check(L, arg, "Package");
    *len_out = package->len;
    return package->bytes;
}

/* files(package, {"name=value", ...}) -> {{name=, bytes=}, ...} */
static int l_files(lua_State *L)
{
    const struct package_object *package = check_package(L);
    const struct dialect *dialect = dialect_find(package->dialect);
    const struct dialect_package what = {
        .bytes = package->bytes, .len = package->len, .from = package->from, .to = package->to};
    struct engine *engine = engine_of(L);
    const char *settings[SETTING_MAX];
    size_t count = 0;

    luaL_checktype(L, 2, LUA_TTABLE);
    while (lua_rawgeti(L, 2, (lua_Integer)count + 1) == LUA_TSTRING) {
        if (count == SETTING_MAX)
            engine_usage_error(L, "server:publish_folder: more than %d settings", SETTING_MAX);
        settings[count++] = lua_tostring(L, -1); /* the table keeps it */
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    if (!dialect)
        engine_usage_error(L, "there is no dialect \"%s\"", package->dialect);
    buf_clear(&engine->scratch);
    lua_newtable(L);
    if (dialect_package_files(dialect, &what, settings, count, add_file, L, &engine->scratch) < 0)
        return engine_usage_error(L, "server:publish_folder: %s", buf_text(&engine->scratch));
    return 1;
}

static int package_truncated(lua_State *L)
{
    const struct package_object *package = check_package(L);
    size_t len = check_offset(L, 2, package->len, "package:truncated");

    check_room(L);
    return push_package(L, copy_bytes(package, len), len, package->dialect, package->from,
                        package->to);
}

static int get_size(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_package(L)->len);
    return 1;
}

static int get_bytes(lua_State *L)
{
    const struct package_object *package = check_package(L);

    lua_pushlstring(L, package->bytes, package->len);
    return 1;
}

static int get_from(lua_State *L)
{
    lua_pushstring(L, check_package(L)->from);
    return 1;
}

static int get_to(lua_State *L)
{
    lua_pushstring(L, check_package(L)->to);
    return 1;
}

static int get_dialect(lua_State *L)
{
    lua_pushstring(L, check_package(L)->dialect);
    return 1;
}

void bind_package_setup(struct engine *engine)
{
    static const struct engine_fn fns[] = {
        {"truncated", package_truncated, "bytes: integer", "Package",
         "A copy that ends after so many bytes."},
    };
    static const struct engine_prop props[] = {
        {"size",    get_size,    "integer", "bytes of the file"                      },
        {"bytes",   get_bytes,   "string",  "the file"                               },
        {"from",    get_from,    "string",  "version it applies to, empty for any"   },
        {"to",      get_to,      "string",  "version it installs"                    },
        {"dialect", get_dialect, "string",  "name of the dialect that it is made for"},
    };
    static const struct engine_class class_rows = {
        .name = "Package",
        .fns = fns,
        .fn_count = ARRAY_LEN(fns),
        .props = props,
        .prop_count = ARRAY_LEN(props),
    };
    static const luaL_Reg functions[] = {
        {"make",    l_make   },
        {"read",    l_read   },
        {"size",    l_size   },
        {"flipped", l_flipped},
        {"files",   l_files  },
        {NULL,      NULL     },
    };

    engine_register(engine, &class_rows);
    hw_add(engine->L, "package", functions);
}
