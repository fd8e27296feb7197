/* SPDX-License-Identifier: MIT */
#include "harness/trial_plan.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/engine.h"
#include "sim/base/buf.h"
#include "sim/base/text.h"
#include "sim/fault/fault_plan.h"
#include "sim/modem/modem.h"

void trial_plan_deinit(struct trial_plan *plan)
{
    free(plan->modem);
    free(plan->points);
    free(plan->reference);
    names_deinit(&plan->faults);
}

int trial_plan_begin(const struct trial_plan *plan, struct modem *modem, bool is_first,
                     struct buf *error_out)
{
    if (plan->mode == TRIAL_RECORD)
        fault_plan_record(modem->plan);
    if (plan->modem ? strcmp(plan->modem, modem->name) != 0 : !is_first)
        return 0;
    for (size_t i = 0; i < plan->faults.count; i++) {
        if (modem_fault(modem, plan->faults.items[i], error_out) < 0)
            return -EINVAL;
    }
    return 0;
}

bool trial_has_fired(struct engine *engine)
{
    struct modem *modem;

    for (size_t i = 0; (modem = engine_modem(engine, i)); i++) {
        if (fault_plan_fired(modem->plan) > 0)
            return true;
    }
    return false;
}

/* ---- the record ---- */

static void write_line(json_t *object, FILE *file)
{
    char *text = json_dumps(object, JSON_COMPACT);

    fprintf(file, "%s\n", text ? text : "{}");
    free(text);
    json_decref(object);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    struct buf visible = {0};

    if (!text)
        return;
    text_add_visible(&visible, text, strlen(text));
    json_object_set_new(object, key, json_string(buf_text(&visible)));
    buf_deinit(&visible);
}

/* A text that cannot be a trigger, because it holds bytes that people do not type, is left out. */
static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~')
            return false;
    }
    return true;
}

static json_t *place(const struct modem *modem, const struct fault_point *point)
{
    json_t *object = json_object();

    set_text(object, "modem", modem->name);
    set_text(object, "point", point->name);
    json_object_set_new(object, "class", json_integer(point->point_class));
    return object;
}

static void write_hits(const struct modem *modem, FILE *file)
{
    for (size_t i = 0; i < fault_plan_hit_count(modem->plan); i++) {
        const struct fault_hit *hit = fault_plan_hit(modem->plan, i);
        json_t *object = place(modem, hit->point);

        set_text(object, "member", hit->member);
        json_object_set_new(object, "phase", json_integer(hit->phase));
        json_object_set_new(object, "nth", json_integer(hit->nth));
        json_object_set_new(object, "percent", json_integer(hit->percent));
        if (is_printable(hit->text))
            json_object_set_new(object, "text", json_string(hit->text));
        write_line(object, file);
    }
}

static void write_streams(const struct modem *modem, FILE *file)
{
    const struct fault_point *point;

    for (size_t i = 0; (point = fault_plan_stream(modem->plan, i)); i++) {
        json_t *object = place(modem, point);
        uint64_t bytes = fault_plan_byte_count(modem->plan, point);

        json_object_set_new(object, "bytes", json_integer((json_int_t)bytes));
        write_line(object, file);
    }
}

/* The header names the modem's dialect, whose results a sweep can ask for. */
static void write_modem(const struct modem *modem, FILE *file)
{
    json_t *object = json_object();

    set_text(object, "modem", modem->name);
    set_text(object, "dialect", modem->dialect->name);
    write_line(object, file);
}

int trial_plan_write_record(const struct trial_plan *plan, struct engine *engine,
                            const struct trace *trace)
{
    FILE *file = fopen(plan->points, "we");
    struct modem *modem;
    int r;

    if (!file)
        return -errno;
    for (size_t i = 0; (modem = engine_modem(engine, i)); i++) {
        write_modem(modem, file);
        write_hits(modem, file);
        write_streams(modem, file);
    }
    r = fclose(file) < 0 ? -errno : 0;
    return r < 0 ? r : course_write(trace, plan->reference);
}
