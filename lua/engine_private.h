/*
 * What the files of lua/ share and nobody else sees.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lua/call.h"
#include "lua/engine.h"
#include "lua/verdict.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/rng.h"
#include "sim/base/trace.h"
#include "sim/modem/modem.h"

#define ENGINE_CLASS_MAX    16
#define ENGINE_SCENARIO_MAX 1024
#define ENGINE_PACKAGE_MAX  256
#define ENGINE_OVERRIDE_MAX 256                                 /* distinct (modem, command) */
#define ENGINE_CALL_MAX     (ENGINE_MODEM_MAX * MODEM_LINE_MAX) /* a line has one at a time */
#define ENGINE_MEMORY_MAX   (256u << 20)                        /* bytes of a scenario's Lua data */
#define ENGINE_SOURCE_MAX   (1u << 20)                          /* bytes of a scenario file */
#define ENGINE_VENDOR_MAX   (64u << 20)                         /* bytes of a vendor's file */

/* Where a scenario's code stands. */
struct location {
    const char *file; /* borrowed from the Lua function; NULL = no scenario code on the stack */
    int line;
};

/* What a task waits for, beside engine_wake(). */
struct task_wish {
    uint64_t deadline_us; /* resume at the latest; UINT64_MAX = no limit */
    int kind;             /* only records of this enum trace_kind matter; -1 = all */
    bool is_same;         /* the wait that was resumed goes on: no script code has run */
};

/* A coroutine of the engine: the body of a scenario, an actor, an answer to a command. */
struct task {
    struct engine *engine;
    lua_State *co;
    int ref;  /* keeps co alive */
    int args; /* on co's stack, for the first resume */
    bool is_body, started, ended;
    bool waiting; /* it yielded through task_wait */
    struct task_wish wish;
    bool runaway; /* the instruction limit stopped it, at: */
    struct location runaway_at;
    struct verdict *verdict; /* where its failure goes */
    call_done_fn done;       /* a call from outside, which owns its verdict; else NULL */
    void *done_arg;
    int results; /* of an ended one, on top of co's stack */
    uint64_t seen_records, seen_wakes;
    struct timer timer; /* only there to end the loop's wait at the deadline */
    struct task *next;
};

struct declaration {
    const char *file; /* borrowed from the list of files */
    int line;
    char *title;
    int body_ref;
    uint64_t limit_us; /* 0 = the configuration's */
};

/* A command that the scenario answers. Lives until the engine goes, see bind_override.c. */
struct override {
    struct engine *engine;
    struct modem *modem;
    char *name;
    int fn_ref;
    struct override *next;
};

/* An overridden command that came in and waits for its task. */
struct override_call {
    struct override *override;
    struct line *line;
    unsigned boots; /* of the modem at that time: an answer must not cross a restart */
    char *text;
    bool has_data, is_cancelled; /* it is the data behind a prompt, or the end without them */
    struct buf data;
};

/* Where a scenario armed a fault. */
struct armed {
    struct modem *modem;
    size_t index; /* in the modem's plan */
    char *file;
    int line;
    struct armed *next;
};

struct package_entry {
    struct package_object package;
    struct package_entry *next;
};

struct engine {
    struct engine_config config;
    lua_State *L;
    size_t memory_bytes;
    uint64_t seed;
    struct rng script_rng; /* math.random of scenarios */

    struct engine_class classes[ENGINE_CLASS_MAX];
    size_t class_count;
    char *files[ENGINE_SCENARIO_MAX];
    size_t file_count;
    struct declaration declarations[ENGINE_SCENARIO_MAX];
    size_t declaration_count;
    bool loading;

    struct task *tasks; /* in order of creation */
    size_t task_count;
    struct task *running; /* the task that is being resumed, NULL outside */
    const struct declaration *current;
    uint64_t instructions; /* since the last resume */
    uint64_t wakes, acts;
    bool done, overrun;
    bool is_session; /* calls from outside instead of a scenario, see call.h */
    struct timer limit_timer, again_timer;
    uint64_t limit_us;
    struct verdict verdict;

    struct modem *modems[ENGINE_MODEM_MAX];
    size_t modem_count;
    struct override *overrides;
    size_t override_count;
    struct override_call calls[ENGINE_CALL_MAX];
    size_t call_count;
    struct armed *armed;
    struct package_entry *packages;
    size_t package_count;
    struct buf scratch; /* for messages of sim/: owned here, so that raising leaks nothing */
};

uint64_t engine_now_us(const struct engine *engine);
struct trace *engine_trace(const struct engine *engine);
/* A limit of modem time, given its grace; see engine.c. */
uint64_t engine_graced_us(const struct engine *engine, uint64_t deadline_us);

/* ---- task.c ---- */

/*
 * Make a task of the function and its args on top of L (popped).
 * Return: the task, or NULL when ENGINE_TASK_MAX are alive (the values are popped as well).
 */
struct task *task_new(struct engine *engine, lua_State *L, int args);
/* Return: whether it failed; then its verdict is set. */
bool task_resume(struct task *task);
/* Run its pending closers, and free it. It must have been unlinked, or never linked. */
void task_free(struct task *task);
/* The innermost line of scenario code of a task that waits; file NULL when unknown. */
struct location task_location(const struct task *task);
/* Yield until something happens. Raises where waiting is not possible. */
LJMP int task_wait(lua_State *L, const struct task_wish *wish);
LJMP void task_check_may_wait(lua_State *L);

/* ---- hw_trace.c ---- */

/* The name of a kind of records at `arg`. */
LJMP enum trace_kind engine_check_kind(lua_State *L, int arg);

/* ---- call.c ---- */

/* A task of a session has ended. */
void call_ended(struct task *task, bool failed);

/* ---- engine_error.c ---- */

/* The innermost frame of scenario code from *level on; *level is moved behind it. */
struct location location_find(lua_State *L, int *level);
/* Turn the error value on top of co, which a failed resume left there, into a verdict. */
void verdict_from_error(struct engine *engine, lua_State *co, struct verdict *verdict);
/* Raise {kind, outcome, message, file, line, rows = table at rows_index, or none if 0}. */
LJMP int error_raise(lua_State *L, enum outcome outcome, const char *message, int rows_index);
void error_setup(lua_State *L);

/* ---- conclude.c: what is judged and told once the body is over ---- */

void conclude(struct engine *engine);
/* Tell where each task waits. */
void conclude_waits(struct engine *engine);
/* A limit as a person would write it: "30 s", "500 ms", "2 m". */
void limit_format(struct buf *out, uint64_t us);

/* ---- hw.c and the bindings: each fills its part of the table `hw` at the top of L ---- */

void hw_setup(struct engine *engine); /* creates it, and keeps it in the registry */
void hw_push(lua_State *L);
void trace_setup(struct engine *engine);
void load_setup(struct engine *engine);
void bind_modem_setup(struct engine *engine);
void bind_override_setup(struct engine *engine);
void bind_test_setup(struct engine *engine);
void bind_package_setup(struct engine *engine);
/* Put functions into hw[group] (or hw itself when group is NULL). */
void hw_add(lua_State *L, const char *group, const luaL_Reg *functions);
/* Spawn a task per overridden command that came in. */
void override_run_calls(struct engine *engine);
void override_free_all(struct engine *engine);
void package_free_all(struct engine *engine);
