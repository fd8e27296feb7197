/*
 * The engine's life and its pump. See engine.h for the model.
 *
 * Limits and scaled time. When modem time runs x20, the host under test still runs at its own, real
 * speed: a limit of one second of modem time would leave it 50 ms. So a limit has passed only when
 * it passed in modem time and at least min(limit, GRACE_US) of wall time went by since the wait
 * began. Since modem time is wall time x scale, both fit in one deadline of modem time, which is
 * what engine_graced_us() computes; at scale 1 it changes nothing.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <errno.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/chunk.h"
#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"

#define GRACE_US       2000000u
#define PUMP_ROUND_MAX 100 /* then the descriptors get their turn */

/* ---- the Lua state ---- */

/* Only what a script does is limited: the engine's own needs between resumes are small. */
static void *allocate(void *arg, void *old, size_t old_bytes, size_t bytes)
{
    struct engine *engine = arg;
    size_t before = old ? old_bytes : 0;
    void *block;

    if (bytes == 0) {
        engine->memory_bytes -= before;
        free(old);
        return NULL;
    }
    if (engine->running && bytes > before &&
        engine->memory_bytes - before + bytes > ENGINE_MEMORY_MAX)
        return NULL;
    block = realloc(old, bytes);
    if (block)
        engine->memory_bytes += bytes - before;
    return block;
}

static int panic(lua_State *L)
{
    fprintf(stderr, "hayeswire: Lua error outside a scenario: %s\n", lua_tostring(L, -1));
    return 0; /* Lua aborts */
}

static void open_libraries(lua_State *L)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME,       luaopen_base     },
        {LUA_STRLIBNAME,  luaopen_string   },
        {LUA_TABLIBNAME,  luaopen_table    },
        {LUA_MATHLIBNAME, luaopen_math     },
        {LUA_UTF8LIBNAME, luaopen_utf8     },
        {LUA_COLIBNAME,   luaopen_coroutine},
    };

    for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
}

struct engine *engine_prepare(void)
{
    struct engine *engine = xcalloc(1, sizeof(*engine));

    engine->L = lua_newstate(allocate, engine);
    assert(engine->L);
    lua_atpanic(engine->L, panic);
    /* New threads start with a copy of the main thread's extra space. */
    *(struct engine **)lua_getextraspace(engine->L) = engine;
    open_libraries(engine->L);
    error_setup(engine->L);
    hw_setup(engine);
    trace_setup(engine);
    bind_modem_setup(engine);
    bind_override_setup(engine);
    bind_test_setup(engine);
    bind_package_setup(engine);
    assert(lua_gettop(engine->L) == 0);
    lua_chunks_run(engine, lua_chunks, lua_chunk_count);
    return engine;
}

void engine_configure(struct engine *engine, const struct engine_config *config)
{
    assert(!engine->config.bench);
    engine->config = *config;
    if (engine->config.time_scale <= 0)
        engine->config.time_scale = 1;
    engine->seed = config->bench->rng.state;
    rng_fork(&config->bench->rng, "scenario", &engine->script_rng);
}

struct engine *engine_new(const struct engine_config *config)
{
    struct engine *engine = engine_prepare();

    engine_configure(engine, config);
    return engine;
}

static void close_tasks(struct engine *engine)
{
    while (engine->tasks) {
        struct task *task = engine->tasks;

        engine->tasks = task->next;
        task_free(task);
    }
}

void engine_free(struct engine *engine)
{
    struct clock *clock;

    if (!engine)
        return;
    clock = engine->config.bench->clock;
    engine->done = true; /* late callbacks of modems are ignored */
    close_tasks(engine);
    clock_cancel(clock, &engine->limit_timer);
    clock_cancel(clock, &engine->again_timer);
    if (!engine->config.is_last)
        lua_close(engine->L); /* each object by itself */
    for (size_t i = 0; i < engine->modem_count; i++)
        modem_free(engine->modems[i]);
    override_free_all(engine);
    package_free_all(engine);
    while (engine->armed) {
        struct armed *armed = engine->armed;

        engine->armed = armed->next;
        free(armed->file);
        free(armed);
    }
    for (size_t i = 0; i < engine->declaration_count; i++)
        free(engine->declarations[i].title);
    for (size_t i = 0; i < engine->file_count; i++)
        free(engine->files[i]);
    verdict_deinit(&engine->verdict);
    buf_deinit(&engine->scratch);
    if (!engine->config.is_last)
        free(engine);
}

void engine_set_time_scale(struct engine *engine, double scale)
{
    engine->config.time_scale = scale;
}

lua_State *engine_lua(struct engine *engine)
{
    return engine->L;
}

struct engine *engine_of(lua_State *L)
{
    return *(struct engine **)lua_getextraspace(L);
}

struct bench *engine_bench(struct engine *engine)
{
    return engine->config.bench;
}

struct trace *engine_trace(const struct engine *engine)
{
    return engine->config.bench->trace;
}

uint64_t engine_now_us(const struct engine *engine)
{
    return clock_now_us(engine->config.bench->clock);
}

uint64_t engine_graced_us(const struct engine *engine, uint64_t deadline_us)
{
    uint64_t now_us = engine_now_us(engine), limit_us, grace_us;

    if (deadline_us <= now_us || engine->config.time_scale <= 1)
        return deadline_us;
    limit_us = deadline_us - now_us;
    grace_us = limit_us < GRACE_US ? limit_us : GRACE_US;
    grace_us = (uint64_t)((double)grace_us * engine->config.time_scale);
    return limit_us > grace_us ? deadline_us : now_us + grace_us;
}

struct modem *engine_modem(struct engine *engine, size_t index)
{
    return index < engine->modem_count ? engine->modems[index] : NULL;
}

int engine_extend(struct engine *engine, const char *chunk_name, const char *source, size_t len,
                  struct buf *error_out)
{
    lua_State *L = engine->L;
    struct buf name = {0};
    int status;

    /* '=' tells the engine's own code from scenario code, whose chunk names begin with '@'. */
    if (chunk_name[0] != '=')
        buf_add_char(&name, '=');
    buf_add_text(&name, chunk_name[0] == '@' ? chunk_name + 1 : chunk_name);
    status = luaL_loadbufferx(L, source, len, buf_text(&name), "t");
    buf_deinit(&name);
    if (status == LUA_OK) {
        hw_push(L);
        status = lua_pcall(L, 1, 0, 0);
    }
    if (status == LUA_OK)
        return 0;
    buf_add_text(error_out, luaL_tolstring(L, -1, NULL));
    lua_pop(L, 2);
    return -EINVAL;
}

/* ---- running ---- */

static void on_again(void *arg)
{
    /* Only there so that the loop does not sleep while a task could go on. */
}

static void on_limit(void *arg)
{
    struct engine *engine = arg;

    engine->overrun = true;
}

void engine_start(struct engine *engine, size_t index)
{
    struct clock *clock = engine->config.bench->clock;
    lua_State *L = engine->L;
    struct task *body;

    assert(!engine->current && index < engine->declaration_count);
    engine->current = &engine->declarations[index];
    lua_rawgeti(L, LUA_REGISTRYINDEX, engine->current->body_ref);
    engine_push(L, "Test", engine);
    body = task_new(engine, L, 1);
    body->is_body = true;
    engine->limit_us = engine->current->limit_us ? engine->current->limit_us
                                                 : engine->config.limit_us;
    if (engine->limit_us) {
        uint64_t deadline_us = engine_graced_us(engine, engine_now_us(engine) + engine->limit_us);

        clock_at(clock, &engine->limit_timer, deadline_us, on_limit, engine);
    }
    clock_after(clock, &engine->again_timer, 0, on_again, NULL);
}

void engine_end_body(struct engine *engine)
{
    lua_State *L = engine->L;
    struct task *task;

    assert(engine->current && !engine->done && !engine->running);
    close_tasks(engine);
    hw_push(L);
    lua_getfield(L, -1, "after_body");
    lua_remove(L, -2);
    engine_push(L, "Test", engine);
    lua_pushstring(L, engine->current->title);
    task = task_new(engine, L, 2);
    task->is_body = true;
    engine->wakes++;
}

/* Whether the trace got what the task waits for. */
static bool has_news(const struct engine *engine, struct task *task)
{
    const struct trace *trace = engine_trace(engine);

    if (task->seen_records < trace_first(trace))
        task->seen_records = trace_first(trace);
    for (; task->seen_records < trace_next(trace); task->seen_records++) {
        if (task->wish.kind < 0 ||
            task->wish.kind == (int)trace_get(trace, task->seen_records)->kind)
            return true;
    }
    return false;
}

static bool may_go_on(const struct engine *engine, struct task *task)
{
    return !task->started || task->seen_wakes != engine->wakes || has_news(engine, task) ||
           task->wish.deadline_us <= engine_now_us(engine);
}

static void reap(struct engine *engine)
{
    struct task **place = &engine->tasks;

    while (*place) {
        struct task *task = *place;

        if (!task->ended) {
            place = &task->next;
            continue;
        }
        *place = task->next;
        task_free(task);
    }
}

/* Tasks made meanwhile are at the end of the list, and get their turn in the same round. */
static bool resume_round(struct engine *engine)
{
    bool any = false, failed;

    for (struct task *task = engine->tasks; task && !engine->done; task = task->next) {
        if (!may_go_on(engine, task))
            continue;
        any = true;
        failed = task_resume(task);
        if (engine->is_session) {
            if (task->ended)
                call_ended(task, failed);
        } else if (failed || (task->ended && task->is_body)) {
            engine->done = true;
        }
    }
    return any;
}

static void set_overrun(struct engine *engine)
{
    struct buf message = {0};

    buf_add_text(&message, "the scenario did not end within ");
    limit_format(&message, engine->limit_us);
    buf_add_text(&message, " of modem time");
    engine_interrupt(engine, OUTCOME_FAIL, buf_text(&message));
    buf_deinit(&message);
}

void engine_pump(struct engine *engine)
{
    bool busy = true;

    if (engine->done || !(engine->current || engine->is_session) || engine->running)
        return;
    for (size_t round = 0; busy && !engine->done && round < PUMP_ROUND_MAX; round++) {
        override_run_calls(engine);
        busy = resume_round(engine);
        if (!engine->done) /* else the tasks' stacks are still needed */
            reap(engine);
    }
    if (!engine->done && engine->overrun) {
        set_overrun(engine);
        return;
    }
    if (engine->done) {
        close_tasks(engine);
        clock_cancel(engine->config.bench->clock, &engine->limit_timer);
        conclude(engine);
    } else if (busy) {
        clock_after(engine->config.bench->clock, &engine->again_timer, 0, on_again, NULL);
    }
}

uint64_t engine_acts(const struct engine *engine)
{
    return engine->acts;
}

void engine_wake(struct engine *engine)
{
    engine->wakes++;
}

bool engine_done(const struct engine *engine)
{
    return engine->done;
}

struct verdict *engine_verdict(struct engine *engine)
{
    return &engine->verdict;
}

static const struct task *body_of(const struct engine *engine)
{
    const struct task *task = engine->tasks;

    while (task && !task->is_body)
        task = task->next;
    return task;
}

void engine_interrupt(struct engine *engine, enum outcome outcome, const char *message)
{
    const struct task *body = body_of(engine);
    struct location at = {0};

    assert(!engine->running);
    verdict_deinit(&engine->verdict);
    if (body && body->started)
        at = task_location(body);
    verdict_set(&engine->verdict, outcome, at.file, at.line, message);
    conclude_waits(engine);
    engine->done = true;
    close_tasks(engine);
    conclude(engine);
}
