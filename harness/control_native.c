/*
 * Methods about time, events and the connection.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/control.h"
#include "harness/json_lua.h"
#include "harness/names.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"

#define FETCH_DEFAULT 1000
#define FETCH_MAX     10000

static const char *text_of(const json_t *params, const char *name)
{
    return json_string_value(json_object_get(params, name));
}

/* ---- the connection ---- */

json_t *native_hello(const struct control *control)
{
    json_t *methods = json_array(), *spec;
    struct names names = {0};
    const char *name;

    json_object_foreach(control->specs, name, spec) names_add(&names, name);
    names_sort(&names);
    for (size_t i = 0; i < names.count; i++)
        json_array_append_new(methods, json_string(names.items[i]));
    names_deinit(&names);
    return json_pack("{s:s, s:s, s:i, s:i, s:I, s:o}", "tool", "hayeswire", "version",
                     HAYESWIRE_VERSION, "api", CONTROL_API, "pid", (int)getpid(), "seed",
                     (json_int_t)control->options.seed, "methods", methods);
}

static json_t *run_hello(struct call *call, const json_t *params, bool *kept_out,
                         struct buf *error_out)
{
    return native_hello(call->control);
}

static json_t *run_methods(struct call *call, const json_t *params, bool *kept_out,
                           struct buf *error_out)
{
    return json_deep_copy(call->control->specs);
}

static json_t *run_cancel(struct call *call, const json_t *params, bool *kept_out,
                          struct buf *error_out)
{
    const json_t *id = json_object_get(params, "id");

    for (struct call *other = call->control->calls; other; other = other->next) {
        if (other == call || other->ended || other->client != call->client || !other->id ||
            !json_equal(other->id, id))
            continue;
        call_cancel(other, "cancelled by the client");
        return json_true();
    }
    buf_add_text(error_out, "cancel: no call with that id waits");
    return NULL;
}

static json_t *run_quit(struct call *call, const json_t *params, bool *kept_out,
                        struct buf *error_out)
{
    call->control->quit = true;
    return json_null();
}

/* ---- the whole bench ---- */

static json_t *run_reset(struct call *call, const json_t *params, bool *kept_out,
                         struct buf *error_out)
{
    struct control *control = call->control;
    const json_t *seed = json_object_get(params, "seed");
    const char *time = text_of(params, "time");

    if (time && control_parse_time(time, &control->options) < 0) {
        buf_add_text(error_out, "reset: time: there are real, xN as in x20, and step");
        return NULL;
    }
    if (json_is_integer(seed))
        control->options.seed = (uint64_t)json_integer_value(seed);
    call_result(call, json_null());
    *kept_out = true;
    control_reset(control); /* frees this call */
    return NULL;
}

/* ---- events ---- */

static int parse_kinds(const json_t *params, uint64_t *kinds_out, struct buf *error_out)
{
    const json_t *list = json_object_get(params, "kinds");
    const char *names[TRACE_KIND_COUNT];
    json_t *item;
    size_t i;

    *kinds_out = list ? 0 : UINT64_MAX;
    for (size_t n = 0; n < TRACE_KIND_COUNT; n++)
        names[n] = trace_kind_name((enum trace_kind)n);
    json_array_foreach(list, i, item)
    {
        const char *name = json_is_string(item) ? json_string_value(item) : "", *near;
        enum trace_kind kind = TRACE_NOTE;

        if (trace_kind_parse(name, &kind) < 0) {
            near = text_nearest(name, names, TRACE_KIND_COUNT);
            buf_printf(error_out, "events: no kind \"%s\"", name);
            if (near)
                buf_printf(error_out, "; did you mean \"%s\"?", near);
            return -EINVAL;
        }
        *kinds_out |= UINT64_C(1) << kind;
    }
    return 0;
}

static uint64_t number_of(const json_t *params, const char *name, uint64_t initial)
{
    const json_t *value = json_object_get(params, name);

    return json_is_integer(value) && json_integer_value(value) >= 0
               ? (uint64_t)json_integer_value(value)
               : initial;
}

static json_t *run_subscribe(struct call *call, const json_t *params, bool *kept_out,
                             struct buf *error_out)
{
    struct client *client = call->client;
    uint64_t next = trace_next(call->control->stage.bench.trace), kinds;

    if (parse_kinds(params, &kinds, error_out) < 0)
        return NULL;
    client->subscribed = true;
    client->kinds = kinds;
    client->event_next = number_of(params, "since", next);
    return json_pack("{s:I}", "seq", (json_int_t)client->event_next);
}

static json_t *run_unsubscribe(struct call *call, const json_t *params, bool *kept_out,
                               struct buf *error_out)
{
    call->client->subscribed = false;
    return json_null();
}

static json_t *run_fetch(struct call *call, const json_t *params, bool *kept_out,
                         struct buf *error_out)
{
    const struct trace *trace = call->control->stage.bench.trace;
    uint64_t seq = number_of(params, "since", 0), kinds;
    uint64_t wanted = number_of(params, "count", FETCH_DEFAULT);
    json_t *events;

    if (parse_kinds(params, &kinds, error_out) < 0)
        return NULL;
    if (wanted > FETCH_MAX)
        wanted = FETCH_MAX;
    events = json_array();
    if (seq < trace_first(trace))
        seq = trace_first(trace);
    for (; seq < trace_next(trace) && json_array_size(events) < wanted; seq++) {
        const struct trace_record *record = trace_get(trace, seq);

        if (kinds >> record->kind & 1)
            json_array_append_new(events, client_event(record));
    }
    return json_pack("{s:o, s:I, s:I, s:b}", "events", events, "first",
                     (json_int_t)trace_first(trace), "next", (json_int_t)seq, "more",
                     seq < trace_next(trace));
}

static json_t *run_save(struct call *call, const json_t *params, bool *kept_out,
                        struct buf *error_out)
{
    const struct trace *trace = call->control->stage.bench.trace;
    const char *path = text_of(params, "path");
    size_t len = strlen(path);
    bool is_json = len > 6 && strcmp(path + len - 6, ".jsonl") == 0;
    FILE *file = fopen(path, "we");
    int r = file ? 0 : -errno;

    if (file)
        r = is_json ? trace_write_jsonl(trace, "serve", file) : trace_write_transcript(trace, file);
    if (file && fclose(file) != 0)
        r = -errno;
    if (r == 0)
        return json_null();
    buf_printf(error_out, "report.save: %s: %s", path, strerror(-r));
    return NULL;
}

/* ---- time ---- */

static json_t *run_now(struct call *call, const json_t *params, bool *kept_out,
                       struct buf *error_out)
{
    const struct control *control = call->control;
    struct buf scale = {0};
    json_t *result;

    buf_printf(&scale, "x%g", control->stage.clock.scale);
    result = json_pack("{s:I, s:I, s:s}", "t_us", (json_int_t)clock_now_us(&control->stage.clock),
                       "wall_us", (json_int_t)clock_wall_us(&control->stage.clock), "time",
                       control->options.stepped            ? "step"
                       : control->stage.clock.scale == 1.0 ? "real"
                                                           : buf_text(&scale));
    buf_deinit(&scale);
    return result;
}

static json_t *run_scale(struct call *call, const json_t *params, bool *kept_out,
                         struct buf *error_out)
{
    struct control *control = call->control;
    struct control_options options = control->options;

    if (options.stepped) {
        buf_add_text(error_out, "time.scale: time is stepped by time.advance; reset may change it");
        return NULL;
    }
    if (control_parse_time(text_of(params, "to"), &options) < 0 || options.stepped) {
        buf_add_text(error_out, "time.scale: to: there are real, and xN as in x20");
        return NULL;
    }
    control_set_scale(control, options.time_scale);
    return run_now(call, params, kept_out, error_out);
}

static json_t *run_advance(struct call *call, const json_t *params, bool *kept_out,
                           struct buf *error_out)
{
    struct control *control = call->control;
    uint64_t by_us = 0;

    if (!control->options.stepped) {
        buf_add_text(error_out, "time.advance: time goes on by itself; start with --time step");
        return NULL;
    }
    for (struct call *other = control->calls; other; other = other->next) {
        if (other->advances && !other->ended) {
            buf_add_text(error_out, "time.advance: time is advanced already");
            return NULL;
        }
    }
    text_parse_duration(text_of(params, "by"), &by_us); /* it was checked */
    call->advances = true;
    call->advance_us = clock_now_us(&control->stage.clock) + by_us;
    *kept_out = true;
    return NULL;
}

/* ---- the table ---- */

static const struct native_method methods[] = {
    {"hello",              "",                                            run_hello      },
    {"methods",            "",                                            run_methods    },
    {"cancel",             "id:any",                                      run_cancel     },
    {"reset",              "time:string?, seed:integer?",                 run_reset      },
    {"quit",               "",                                            run_quit       },
    {"events.subscribe",   "since:integer?, kinds:list?",                 run_subscribe  },
    {"events.unsubscribe", "",                                            run_unsubscribe},
    {"events.fetch",       "since:integer?, count:integer?, kinds:list?", run_fetch      },
    {"report.save",        "path:string",                                 run_save       },
    {"time.now",           "",                                            run_now        },
    {"time.scale",         "to:string",                                   run_scale      },
    {"time.advance",       "by:duration",                                 run_advance    },
};

const struct native_method *native_at(size_t index)
{
    return index < ARRAY_LEN(methods) ? &methods[index] : NULL;
}

const struct native_method *native_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    }
    return NULL;
}
