/*
 * Loading scenario files and their modules, and declaring scenarios.
 *
 * A file runs as a task that may not wait, so that the instruction limit holds for it as well.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/* "#!/usr/bin/env hayeswire" is a comment, as in Lua's own loader. */
static void blank_first_line(struct buf *source)
{
    if (source->len == 0 || source->data[0] != '#')
        return;
    for (size_t i = 0; i < source->len && source->data[i] != '\n'; i++)
        source->data[i] = ' ';
}

/* Lua shortens long paths in its messages, so a failing chunk is compiled again under a short name.
 */
static void set_syntax_error(lua_State *L, const char *path, const struct buf *source,
                             struct verdict *verdict)
{
    const char *message;
    int line = 0, skip = 0;

    luaL_loadbufferx(L, buf_text(source), source->len, "=?", "t");
    message = lua_tostring(L, -1);
    if (message && sscanf(message, "?:%d: %n", &line, &skip) == 1)
        message += skip;
    verdict_set(verdict, OUTCOME_INVALID, path, line, message ? message : "does not load");
    lua_pop(L, 1);
}

/*
 * Compile a scenario file or module, with the environment of scenarios.
 * Return: 0 with the function on L, or -EINVAL with the verdict.
 */
static int source_load(lua_State *L, const char *path, struct verdict *verdict)
{
    struct buf source = {0};
    char *name = NULL;
    int r = text_read_file(path, ENGINE_SOURCE_MAX, &source);

    if (r < 0) {
        verdict_set(verdict, OUTCOME_INVALID, path, 0,
                    r == -EFBIG ? "is too long for a scenario (1 MiB)" : strerror(-r));
        r = -EINVAL;
        goto out;
    }
    blank_first_line(&source);
    name = xasprintf("@%s", path);
    if (luaL_loadbufferx(L, buf_text(&source), source.len, name, "t") != LUA_OK) {
        lua_pop(L, 1);
        set_syntax_error(L, path, &source, verdict);
        r = -EINVAL;
        goto out;
    }
    hw_push(L);
    lua_getfield(L, -1, "environment");
    lua_remove(L, -2);
    lua_setupvalue(L, -2, 1); /* _ENV is the first upvalue of a main chunk */
out:
    free(name);
    buf_deinit(&source);
    return r;
}

static void drop_declarations(struct engine *engine, size_t keep)
{
    while (engine->declaration_count > keep) {
        struct declaration *declaration = &engine->declarations[--engine->declaration_count];

        luaL_unref(engine->L, LUA_REGISTRYINDEX, declaration->body_ref);
        free(declaration->title);
    }
}

static bool run_file(struct engine *engine, struct verdict *verdict)
{
    struct task *task = task_new(engine, engine->L, 0);
    bool failed;

    assert(task && engine->tasks == task); /* files are loaded before anything is started */
    task->verdict = verdict;
    engine->loading = true;
    failed = task_resume(task);
    engine->loading = false;
    engine->tasks = NULL;
    task_free(task);
    return !failed;
}

int engine_load(struct engine *engine, const char *path, struct verdict *verdict_out)
{
    size_t before = engine->declaration_count;
    int r;

    assert(!engine->current);
    if (engine->file_count == ENGINE_SCENARIO_MAX) {
        verdict_set(verdict_out, OUTCOME_INVALID, path, 0, "too many scenario files at once");
        return -EINVAL;
    }
    engine->files[engine->file_count++] = xstrdup(path);
    r = source_load(engine->L, path, verdict_out);
    if (r < 0)
        return r;
    if (!run_file(engine, verdict_out)) {
        drop_declarations(engine, before);
        return -EINVAL;
    }
    if (engine->declaration_count == before) {
        verdict_set(verdict_out, OUTCOME_INVALID, path, 0,
                    "declares no scenario (a file of helpers belongs into a folder named lib)");
        return -EINVAL;
    }
    return 0;
}

size_t engine_scenario_count(const struct engine *engine)
{
    return engine->declaration_count;
}

struct scenario_decl engine_scenario(const struct engine *engine, size_t index)
{
    const struct declaration *declaration = &engine->declarations[index];

    assert(index < engine->declaration_count);
    return (struct scenario_decl){
        .file = declaration->file,
        .line = declaration->line,
        .title = declaration->title,
    };
}

/* ---- lint ---- */

/* The list of {line, message} at the top of L. */
static void take_findings(lua_State *L, const char *path, struct verdict *verdict)
{
    lua_Integer count = luaL_len(L, -1);

    for (lua_Integer i = 1; i <= count; i++) {
        int line;
        const char *message;

        lua_rawgeti(L, -1, i);
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        line = (int)lua_tointeger(L, -2);
        message = lua_tostring(L, -1);
        if (i == 1) {
            verdict_set(verdict, OUTCOME_INVALID, path, line, message);
        } else {
            char *text = xasprintf("line %d: %s", line, message);

            verdict_add_row(verdict, "also", text);
            free(text);
        }
        lua_pop(L, 3);
    }
}

int engine_lint(struct engine *engine, const char *path, struct verdict *verdict_out)
{
    lua_State *L = engine->L;
    struct buf source = {0};
    int r = text_read_file(path, ENGINE_SOURCE_MAX, &source);

    if (r < 0) {
        verdict_set(verdict_out, OUTCOME_INVALID, path, 0, strerror(-r));
        buf_deinit(&source);
        return -EINVAL;
    }
    blank_first_line(&source);
    hw_push(L);
    lua_getfield(L, -1, "lint");
    lua_pushlstring(L, buf_text(&source), source.len);
    buf_deinit(&source);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        verdict_set(verdict_out, OUTCOME_ERROR, path, 0, luaL_tolstring(L, -1, NULL));
        lua_pop(L, 3);
        return -EINVAL;
    }
    r = luaL_len(L, -1) > 0 ? -EINVAL : 0;
    take_findings(L, path, verdict_out);
    lua_pop(L, 2);
    return r;
}

/* ---- for the Lua half ---- */

static const char *file_name(const struct engine *engine, const char *name)
{
    for (size_t i = 0; i < engine->file_count; i++) {
        if (strcmp(engine->files[i], name) == 0)
            return engine->files[i];
    }
    return NULL;
}

/* declare(title, body, limit_us): raises for a title that the file has already. */
static int l_declare(lua_State *L)
{
    struct engine *engine = engine_of(L);
    const char *title = luaL_checkstring(L, 1);
    lua_Integer limit_us = luaL_checkinteger(L, 3);
    int level = 0;
    struct location at = location_find(L, &level);
    const char *file = at.file ? file_name(engine, at.file) : NULL;
    struct declaration *declaration;

    if (!engine->loading)
        engine_usage_error(L, "scenario() belongs at the top level of a file, not into a scenario");
    if (!file)
        engine_usage_error(L, "scenario() belongs into the scenario's own file, not into a module");
    if (engine->declaration_count == ENGINE_SCENARIO_MAX)
        engine_usage_error(L, "more than %d scenarios", ENGINE_SCENARIO_MAX);
    for (size_t i = 0; i < engine->declaration_count; i++) {
        declaration = &engine->declarations[i];
        if (declaration->file == file && strcmp(declaration->title, title) == 0)
            engine_usage_error(L, "line %d declares a scenario with the same title",
                               declaration->line);
    }
    declaration = &engine->declarations[engine->declaration_count];
    lua_pushvalue(L, 2);
    *declaration = (struct declaration){
        .file = file,
        .line = at.line,
        .body_ref = luaL_ref(L, LUA_REGISTRYINDEX),
        .limit_us = (uint64_t)limit_us,
    };
    declaration->title = xstrdup(title);
    engine->declaration_count++;
    return 0;
}

static int l_readable(lua_State *L)
{
    lua_pushboolean(L, access(luaL_checkstring(L, 1), R_OK) == 0);
    return 1;
}

/* load_source(path) -> function; raises a usage error for one that does not load. */
static int l_load_source(lua_State *L)
{
    struct engine *engine = engine_of(L);
    struct verdict verdict = {0};

    if (source_load(L, luaL_checkstring(L, 1), &verdict) == 0)
        return 1;
    buf_clear(&engine->scratch);
    buf_printf(&engine->scratch, "%s:%d: %s", verdict.file, verdict.line, verdict.message);
    verdict_deinit(&verdict);
    return engine_usage_error(L, "%s", buf_text(&engine->scratch));
}

/* class_names() -> list */
static int l_class_names(lua_State *L)
{
    const struct engine *engine = engine_of(L);

    lua_createtable(L, (int)engine->class_count, 0);
    for (size_t i = 0; i < engine->class_count; i++) {
        lua_pushstring(L, engine->classes[i].name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void load_setup(struct engine *engine)
{
    static const luaL_Reg functions[] = {
        {"declare",     l_declare    },
        {"readable",    l_readable   },
        {"load_source", l_load_source},
        {"class_names", l_class_names},
        {NULL,          NULL         },
    };

    hw_add(engine->L, NULL, functions);
}
