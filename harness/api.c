/* SPDX-License-Identifier: MIT */
#include "harness/api.h"

#include <ctype.h>
#include <string.h>

#include "harness/bind_harness.h"
#include "harness/stage.h"
#include "lua/chunk.h"
#include "lua/engine.h"
#include "sim/base/buf.h"

/* One function of the Lua half, with what stands in front of it. Lines are borrowed. */
struct lua_function {
    char class_name[32], name[48], params[96];
    struct buf annotation; /* the "---" lines, as they are */
};

typedef void (*function_fn)(void *arg, const struct lua_function *function);

/* "function Modem:expect(what, opts)" or "function Test.host(_, spec)". */
static bool read_signature(const char *line, struct lua_function *function_out)
{
    char separator;

    function_out->params[0] = '\0';
    if (sscanf(line, "function %31[A-Za-z]%c%47[a-z_A-Z](%95[^)]", function_out->class_name,
               &separator, function_out->name, function_out->params) < 3)
        return false;
    if (strncmp(function_out->params, "_, ", 3) == 0)
        memmove(function_out->params, function_out->params + 3, strlen(function_out->params) - 2);
    return isupper((unsigned char)function_out->class_name[0]);
}

static void each_in_chunk(const struct lua_chunk *chunk, function_fn fn, void *arg)
{
    struct lua_function function = {0};
    const char *at = chunk->source;

    while (*at) {
        size_t len = strcspn(at, "\n");

        if (strncmp(at, "---", 3) == 0 && at[3] != ' ' && at[3] != '-') {
            buf_add(&function.annotation, at, len);
            buf_add_char(&function.annotation, '\n');
        } else {
            if (read_signature(at, &function))
                fn(arg, &function);
            buf_clear(&function.annotation);
        }
        at += len + (at[len] == '\n');
    }
    buf_deinit(&function.annotation);
}

static void each_lua_function(function_fn fn, void *arg)
{
    for (size_t i = 0; i < lua_chunk_count; i++)
        each_in_chunk(&lua_chunks[i], fn, arg);
    for (size_t i = 0; i < harness_chunk_count; i++)
        each_in_chunk(&harness_chunks[i], fn, arg);
}

/* Run fn with an engine that knows all classes. Return: the exit status. */
static int with_engine(void (*fn)(void *arg, const struct engine *engine), void *arg)
{
    struct stage_config config = {.time_scale = 1};
    struct buf error = {0};
    struct engine *engine;
    struct stage stage;

    if (stage_init(&stage, &config, &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        buf_deinit(&error);
        return 3;
    }
    engine = engine_new(&(struct engine_config){.bench = &stage.bench, .time_scale = 1});
    bind_harness(engine);
    fn(arg, engine);
    engine_free(engine);
    stage_deinit(&stage);
    return 0;
}

/* ---- rows ---- */

static void add_row(json_t *rows, const char *class_name, const char *name, const char *doc,
                    const char *params)
{
    json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s}", "class", class_name, "name", name,
                                          "doc", doc, "params", params));
}

static void add_lua_row(void *arg, const struct lua_function *function)
{
    const char *doc = buf_text(&function->annotation);
    char first[160];

    if (strncmp(doc, "---", 3) == 0)
        doc += 3;
    snprintf(first, sizeof(first), "%.*s", (int)strcspn(doc, "\n"), doc);
    add_row(arg, function->class_name, function->name, first, function->params);
}

static void add_c_rows(void *arg, const struct engine *engine)
{
    const struct engine_class *rows;

    for (size_t i = 0; (rows = engine_class_at(engine, i)); i++) {
        if (rows->is_internal)
            continue;
        for (size_t j = 0; j < rows->fn_count; j++)
            add_row(arg, rows->name, rows->fns[j].name, rows->fns[j].doc, rows->fns[j].params);
        for (size_t j = 0; j < rows->prop_count; j++)
            add_row(arg, rows->name, rows->props[j].name, rows->props[j].doc, "");
    }
}

void api_fill(json_t *rows)
{
    with_engine(add_c_rows, rows);
    each_lua_function(add_lua_row, rows);
}

/* ---- stubs ---- */

static void print_fields(const struct engine_class *rows, FILE *file)
{
    fprintf(file, "\n---@alias %s hayeswire.%s\n---@class hayeswire.%s\n", rows->name, rows->name,
            rows->name);
    for (size_t i = 0; i < rows->prop_count; i++)
        fprintf(file, "---@field %s %s  %s\n", rows->props[i].name, rows->props[i].type,
                rows->props[i].doc);
    fprintf(file, "local %s = {}\n", rows->name);
}

/* "path: string, habit?: table" to one @param each, and the names alone for the signature. */
static void print_c_function(const struct engine_class *rows, const struct engine_fn *fn,
                             FILE *file)
{
    struct buf names = {0};
    const char *at = fn->params;

    fprintf(file, "\n---%s\n", fn->doc);
    while (*at) {
        size_t name = strcspn(at, ":?,"), whole = strcspn(at, ",");
        size_t type = strcspn(at, ":") + 1;

        buf_printf(&names, "%s%.*s", names.len ? ", " : "", (int)name, at);
        type += strspn(at + (type <= whole ? type : whole), " ");
        if (type < whole)
            fprintf(file, "---@param %.*s%s %.*s\n", (int)name, at, at[name] == '?' ? "?" : "",
                    (int)(whole - type), at + type);
        at += whole;
        at += strspn(at, ", ");
    }
    if (fn->returns[0])
        fprintf(file, "---@return %s\n", fn->returns);
    fprintf(file, "function %s:%s(%s) end\n", rows->name, fn->name, buf_text(&names));
    buf_deinit(&names);
}

static bool is_first_of_its_name(const struct engine *engine, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(engine_class_at(engine, i)->name, engine_class_at(engine, index)->name) == 0)
            return false;
    }
    return true;
}

static void print_classes(void *arg, const struct engine *engine)
{
    const struct engine_class *rows;

    for (size_t i = 0; (rows = engine_class_at(engine, i)); i++) {
        if (rows->is_internal)
            continue;
        if (is_first_of_its_name(engine, i))
            print_fields(rows, arg);
        for (size_t j = 0; j < rows->fn_count; j++)
            print_c_function(rows, &rows->fns[j], arg);
    }
}

static void print_lua_function(void *arg, const struct lua_function *function)
{
    fprintf(arg, "\n%sfunction %s:%s(%s) end\n", buf_text(&function->annotation),
            function->class_name, function->name, function->params);
}

int api_print_stubs(FILE *file)
{
    int status;

    fputs("---@meta hayeswire\n"
          "-- Made by hayeswire list functions --stubs.\n"
          "\n"
          "---Declare a scenario.\n"
          "---@param title string\n"
          "---@param opts table|fun(t: hayeswire.Test)\n"
          "---@param body? fun(t: hayeswire.Test)\n"
          "function scenario(title, opts, body) end\n"
          "\n"
          "---A Lua pattern, where a text would be literal.\n"
          "---@param pattern string\n"
          "---@return hayeswire.Pattern\n"
          "function pat(pattern) end\n",
          file);
    status = with_engine(print_classes, file);
    if (status == 0)
        each_lua_function(print_lua_function, file);
    return status;
}
