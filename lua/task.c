/*
 * Tasks: coroutines that the engine owns, and the one place that resumes them.
 *
 * A task that waits has yielded through task_wait(); nothing else may yield it. The instruction
 * hook is the exception that stops it for good: an error could be caught by a pcall in the loop
 * that never ends, a yield can not.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdlib.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"

#define HOOK_INSTRUCTIONS 100000
#define RUNAWAY_MESSAGE   "this ran too long without waiting: is the loop endless?"

static void on_timer(void *arg)
{
    /* Nothing to do: the loop's turn ends, and the pump compares the deadline with the clock. */
}

/*
 * The limit is for all that a task does between two waits, its own coroutines included. Where the
 * task can not be yielded (a coroutine of its own, a callback of gsub or sort) an error goes up,
 * and the hook is set to look at each instruction, so that catching the error does not help.
 */
static void on_instructions(lua_State *L, lua_Debug *ar)
{
    struct engine *engine = engine_of(L);
    struct task *task = engine->running;

    engine->instructions += HOOK_INSTRUCTIONS;
    if (engine->instructions < ENGINE_INSTRUCTION_MAX)
        return;
    lua_sethook(L, on_instructions, LUA_MASKCOUNT, 1);
    if (task && task->co == L && lua_isyieldable(L)) {
        int level = 0;

        /* Now: after such a yield Lua tells the line of the instruction before. */
        task->runaway = true;
        task->runaway_at = location_find(L, &level);
        lua_yield(L, 0);
        return;
    }
    if (task)
        lua_sethook(task->co, on_instructions, LUA_MASKCOUNT, 1);
    engine_usage_error(L, "%s", RUNAWAY_MESSAGE);
}

struct task *task_new(struct engine *engine, lua_State *L, int args)
{
    struct task *task, **end = &engine->tasks;

    if (engine->task_count == ENGINE_TASK_MAX) {
        lua_pop(L, args + 1);
        return NULL;
    }
    task = xcalloc(1, sizeof(*task));
    *task = (struct task){
        .engine = engine,
        .co = lua_newthread(L),
        .args = args,
        .verdict = &engine->verdict,
        .wish = {.deadline_us = UINT64_MAX, .kind = -1},
    };
    task->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_xmove(L, task->co, args + 1);
    while (*end)
        end = &(*end)->next;
    *end = task;
    engine->task_count++;
    return task;
}

void task_free(struct task *task)
{
    struct engine *engine = task->engine;

    /* Closers (<close> variables) run here; they can not wait, since no task is running. */
    engine->instructions = 0;
    lua_sethook(task->co, on_instructions, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
    lua_resetthread(task->co);
    luaL_unref(engine->L, LUA_REGISTRYINDEX, task->ref);
    clock_cancel(engine->config.bench->clock, &task->timer);
    if (task->done) {
        verdict_deinit(task->verdict);
        free(task->verdict);
    }
    engine->task_count--;
    free(task);
}

static void fail_at(struct task *task, struct location at, const char *message)
{
    verdict_set(task->verdict, OUTCOME_INVALID, at.file, at.line, message);
}

bool task_resume(struct task *task)
{
    struct engine *engine = task->engine;
    int results = 0, status;

    assert(!engine->running && !task->ended);
    engine->running = task;
    engine->instructions = 0;
    task->waiting = false;
    lua_sethook(task->co, on_instructions, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
    status = lua_resume(task->co, engine->L, task->started ? 0 : task->args, &results);
    engine->running = NULL;
    task->started = true;
    engine->acts += status != LUA_YIELD || !task->waiting || !task->wish.is_same;
    if (status == LUA_YIELD && task->waiting) {
        lua_pop(task->co, results);
        return false;
    }
    task->ended = true;
    task->results = results;
    if (status == LUA_OK)
        return false;
    if (status != LUA_YIELD)
        verdict_from_error(engine, task->co, task->verdict);
    else if (task->runaway)
        fail_at(task, task->runaway_at, RUNAWAY_MESSAGE);
    else
        fail_at(task, task_location(task),
                "coroutine.yield() outside a coroutine of your own; to pause, write "
                "t:let_pass(\"2s\")");
    return true;
}

struct location task_location(const struct task *task)
{
    int level = 0;

    return location_find(task->co, &level);
}

void task_check_may_wait(lua_State *L)
{
    struct engine *engine = engine_of(L);
    struct task *task = engine->running;

    if (engine->loading)
        engine_usage_error(L, "a scenario can wait only inside its function");
    if (!task)
        engine_usage_error(L, "waiting is not possible while the scenario is being closed");
    if (task->co != L)
        engine_usage_error(L, "waiting inside a coroutine of your own is not possible; "
                              "use t:spawn(function() ... end)");
    if (!lua_isyieldable(L))
        engine_usage_error(L, "waiting inside a callback of gsub, sort or the like is not "
                              "possible; collect there, and wait afterwards");
}

static int wait_over(lua_State *L, int status, lua_KContext context)
{
    return 0;
}

int task_wait(lua_State *L, const struct task_wish *wish)
{
    struct engine *engine = engine_of(L);
    struct task *task;

    task_check_may_wait(L);
    task = engine->running;
    task->waiting = true;
    task->wish = *wish;
    task->seen_records = trace_next(engine_trace(engine));
    task->seen_wakes = engine->wakes;
    if (wish->deadline_us != UINT64_MAX)
        clock_at(engine->config.bench->clock, &task->timer, wish->deadline_us, on_timer, NULL);
    return lua_yieldk(L, 0, 0, wait_over);
}
