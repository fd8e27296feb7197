/* SPDX-License-Identifier: MIT */
#include "lua/call.h"

#include <assert.h>

#include "lua/engine_private.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"

void engine_open_session(struct engine *engine)
{
    assert(!engine->current);
    engine->is_session = true;
}

static void on_soon(void *arg)
{
    /* Only there so that the loop does not sleep before the call has begun. */
}

struct task *engine_call(struct engine *engine, int args, call_done_fn done, void *arg)
{
    struct task *task = task_new(engine, engine->L, args);

    assert(engine->is_session);
    if (!task)
        return NULL;
    task->done = done;
    task->done_arg = arg;
    task->verdict = xcalloc(1, sizeof(*task->verdict));
    clock_after(engine->config.bench->clock, &engine->again_timer, 0, on_soon, NULL);
    return task;
}

void call_ended(struct task *task, bool failed)
{
    if (task->done) {
        task->done(task->done_arg, task->co, failed ? -1 : task->results, task->verdict);
        return;
    }
    /* An answer to a command, or what a call has spawned: nobody waits for its result. */
    if (failed)
        trace_addf(engine_trace(task->engine), TRACE_NOTE, "control", "a task failed: %s",
                   task->verdict->message);
    verdict_deinit(task->verdict);
}

void engine_call_cancel(struct engine *engine, struct task *task)
{
    struct task **place = &engine->tasks;

    assert(!engine->running && task->done);
    while (*place != task)
        place = &(*place)->next;
    *place = task->next;
    task_free(task);
}
