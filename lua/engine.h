/*
 * The scenario engine: one Lua state, its coroutines (tasks), and the one place that resumes them.
 *
 * Model. No callback of the loop runs Lua. Whatever happens is appended to the trace; the engine
 * listens to the trace, marks itself, and wakes its pump. The pump, called once per turn of the
 * loop, is the only place that resumes a task. A waiting task names a deadline and yields; it is
 * resumed when the trace grew or the deadline passed, looks again, and yields again or goes on. So
 * there is one primitive (wait for change, until), and all that scripts see (expect, wait_urc, ...)
 * is Lua over it, reading the recorded trace through cursors. Nothing can be missed between an
 * event and the call that expects it.
 *
 * longjmp. Functions marked LJMP may raise a Lua error, i.e. never return; they hold no C resource
 * across such a call. Nothing in sim/ raises.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lua/verdict.h"

/* Marks functions that may raise a Lua error; for the reader only. */
#define LJMP

struct bench;
struct buf;
struct engine;
struct modem;

#define ENGINE_TASK_MAX        256
#define ENGINE_INSTRUCTION_MAX 10000000 /* between two waits; a loop beyond it names its line */
#define ENGINE_MODEM_MAX       32

struct engine_config {
    struct bench *bench; /* borrowed */
    double time_scale;   /* as given to the clock: wall grace of limits, see prelude.lua */
    uint64_t limit_us;   /* modem time for a whole scenario; 0 = none */
    const char *dialect; /* -d: default of t:modem{}; NULL = none */
    const char *port;    /* option port of the first modem where it leaves it open; NULL = none */
    bool strict;         /* unhandled commands are failures */
    bool is_lenient;     /* a fault that never fired is no failure: its owner judges by itself */
    bool disarms;        /* modem:fault is checked, but nothing is armed */
    bool is_last;        /* the process ends with the engine: leave its Lua state to the kernel */
    /*
     * Called with each modem that t:modem{} has started; may be NULL.
     * Return: 0, or -EINVAL with a message: the scenario is wrong then.
     */
    int (*modem_started)(void *arg, struct modem *modem, struct buf *error_out);
    void *arg;
};

struct engine *engine_new(const struct engine_config *config);
/*
 * The same in two steps: what costs the most needs no configuration, and a process that forks for
 * each scenario does it once, before. Nothing may be loaded or freed between the two.
 */
struct engine *engine_prepare(void);
void engine_configure(struct engine *engine, const struct engine_config *config);
/* Tasks are closed, modems freed. */
void engine_free(struct engine *engine);
/* The clock's scale was changed: limits have another grace. */
void engine_set_time_scale(struct engine *engine, double scale);
lua_State *engine_lua(struct engine *engine);
struct engine *engine_of(lua_State *L);
struct bench *engine_bench(struct engine *engine);

/* ---- loading ---- */

struct scenario_decl {
    const char *file; /* as given to engine_load; borrowed from the engine */
    int line;
    const char *title;
};

/*
 * Run a scenario file: its scenario() calls declare, no body runs.
 * Return: 0, or -EINVAL with verdict_out (outcome INVALID, file, line, message).
 */
int engine_load(struct engine *engine, const char *path, struct verdict *verdict_out);
/*
 * Look for what loading does not find, without running a body: calls of methods that nothing has.
 * Only after engine_load() of that file.
 * Return: 0, or -EINVAL with verdict_out (outcome INVALID; the first problem is its message,
 * further ones are rows).
 */
int engine_lint(struct engine *engine, const char *path, struct verdict *verdict_out);
size_t engine_scenario_count(const struct engine *engine);
struct scenario_decl engine_scenario(const struct engine *engine, size_t index);

/* ---- running ---- */

/* Start the body of a scenario as a task. Once per engine. */
void engine_start(struct engine *engine, size_t index);
/* Resume whoever may go on. Call after each turn of the loop. */
void engine_pump(struct engine *engine);
/* How often script code has run; when that has grown, a script may have done anything. */
uint64_t engine_acts(const struct engine *engine);
/*
 * End the body and all that it spawned, now: modems, hosts and servers stay as they are. The
 * function hw.after_body(t, title) of the Lua half goes on in its place. Not from within Lua.
 */
void engine_end_body(struct engine *engine);
/* Something changed that is not in the trace. Safe from any callback. */
void engine_wake(struct engine *engine);
/* The body ended or any task failed. */
bool engine_done(const struct engine *engine);
/*
 * The verdict: of the body, then of unfired faults (FAIL), then of unhandled commands when strict.
 * Valid once done, or after engine_interrupt. Owned by the engine.
 */
struct verdict *engine_verdict(struct engine *engine);
/* A line per tty whose host did not read what the modem said; nothing when all was read. */
void engine_describe_unread(const struct engine *engine, struct buf *out);
/* Stop from outside (time budget, signal, harness failure): the verdict is what is given. */
void engine_interrupt(struct engine *engine, enum outcome outcome, const char *message);

/* Modems of the scenario in order of creation; NULL past the end. */
struct modem *engine_modem(struct engine *engine, size_t index);

/* ---- classes that scripts see ---- */

/*
 * Every function that scripts see has a row; stubs and reference are generated from the rows.
 * params: LuaLS style, "path: string, what: Package|string, habit?: table".
 */
struct engine_fn {
    const char *name;
    lua_CFunction fn;
    const char *params;
    const char *returns; /* "" = nothing */
    const char *doc;     /* one sentence */
};

/* A field read as object.name; get(L) is called with the object at 1 and pushes one value. */
struct engine_prop {
    const char *name;
    lua_CFunction get;
    const char *type;
    const char *doc;
};

struct engine_class {
    const char *name; /* "Modem", "Host", "Server" */
    const struct engine_fn *fns;
    size_t fn_count;
    const struct engine_prop *props;
    size_t prop_count;
    bool is_internal; /* for our own Lua half; neither listed nor in the stubs */
};

/*
 * Make a class known (its methods table can be extended from Lua by hw.class(name)), or add rows
 * to an existing one of that name ("Test", the t of a scenario). Rows are borrowed for good.
 */
void engine_register(struct engine *engine, const struct engine_class *class_rows);
/* The registered rows in order; one class may come several times. NULL past the end. */
const struct engine_class *engine_class_at(const struct engine *engine, size_t index);
/* Push an object of a class. The object is borrowed; engine_forget() when it dies. */
LJMP void engine_push(lua_State *L, const char *class_name, void *object);
/* Return: the object. Raises for another type, and for one that was freed. */
LJMP void *engine_check(lua_State *L, int arg, const char *class_name);
/* The bytes of a string or of a Package, which need not become a string for that; borrowed. */
LJMP const char *engine_check_bytes(lua_State *L, int arg, size_t *len_out);
/* The C object is gone: later use from Lua raises "this Modem was freed" instead of crashing. */
void engine_forget(struct engine *engine, void *object);
/* Run Lua source that extends the API, with the internal table `hw` as its argument. */
int engine_extend(struct engine *engine, const char *chunk_name, const char *source, size_t len,
                  struct buf *error_out);

/* ---- for bindings ---- */

/* Raise an error of the scenario itself (exit 2), at the caller's line. */
LJMP int engine_usage_error(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Raise an outcome other than a usage error (HOST_START, ERROR). */
LJMP int engine_raise(lua_State *L, enum outcome outcome, const char *message);
/* "30s" at arg to microseconds; raises a usage error for anything else. */
LJMP uint64_t engine_check_duration(lua_State *L, int arg, const char *what);

/* A firmware file made or read by t:package; class "Package". bytes are owned by the engine. */
struct package_object {
    char *bytes;
    size_t len;
    char *dialect, *from, *to;
};
