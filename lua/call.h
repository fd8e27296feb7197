/*
 * Calls from outside: an engine without a scenario, whose tasks are calls that somebody else makes
 * (harness/control). Each call has its own verdict; a call that fails ends nothing but itself.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <lua.h>

struct engine;
struct task;
struct verdict;

/*
 * A call has ended. On success its results are the top `results` values of L; on failure results
 * is -1 and the verdict says why. Called from within the pump: the engine must not be freed here.
 */
typedef void (*call_done_fn)(void *arg, lua_State *L, int results, const struct verdict *verdict);

/* Let the engine run calls, instead of engine_start(). */
void engine_open_session(struct engine *engine);
/*
 * Call the function below `args` arguments on top of engine_lua() (all popped) as a task.
 * Return: the task, or NULL when ENGINE_TASK_MAX are alive.
 */
struct task *engine_call(struct engine *engine, int args, call_done_fn done, void *arg);
/* Forget a call that has not ended; done is not called. Not from within the pump. */
void engine_call_cancel(struct engine *engine, struct task *task);
