/*
 * The plan of faults.
 *
 * Simulator code passes named points; here it is decided what goes wrong there. A fault goes
 * through three questions at each hit of its point: is this the place (member, phase, amount,
 * text)? then the hit counts. Is it its turn (nth, times, lots)? then it wants to strike. Was an
 * earlier fault faster? then it lets that one go first. The questions are asked of every fault at
 * every hit, so a fault counts the same whatever else is armed.
 * SPDX-License-Identifier: MIT
 */
#include "sim/fault/fault_plan.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/fault/fault_private.h"

struct fault_plan *fault_plan_new(const struct rng *seed, struct trace *trace, const char *who)
{
    struct fault_plan *plan = xcalloc(1, sizeof(*plan));

    assert(seed && who);
    plan->seed = *seed;
    plan->trace = trace;
    plan->who = xstrdup(who);
    return plan;
}

void fault_plan_free(struct fault_plan *plan)
{
    if (!plan)
        return;
    fault_plan_clear(plan);
    fault_record_deinit(&plan->record);
    free(plan->streams);
    free(plan->who);
    free(plan);
}

void fault_plan_know(struct fault_plan *plan, const struct fault_point *points, size_t count)
{
    assert(plan->known_count < FAULT_KNOWN_MAX);
    plan->known[plan->known_count++] = (struct fault_known){points, count};
}

void fault_plan_check_members(struct fault_plan *plan, fault_member_fn fn, void *arg)
{
    plan->member_exists = fn;
    plan->member_arg = arg;
}

static void fault_free(struct fault *fault)
{
    if (!fault)
        return;
    free(fault->text);
    free(fault->name);
    free(fault);
}

int fault_plan_add(struct fault_plan *plan, const char *text, size_t *index_out,
                   struct buf *error_out)
{
    struct fault *fault = xcalloc(1, sizeof(*fault));
    int r = fault_parse(plan, text, fault, error_out);

    if (r == 0 && plan->count == FAULT_PLAN_MAX) {
        if (error_out)
            buf_printf(error_out, "fault \"%s\": %d faults are armed already, which is the limit",
                       text, FAULT_PLAN_MAX);
        r = -ENOSPC;
    }
    if (r < 0) {
        fault_free(fault);
        return r;
    }
    fault->text = xstrdup(text);
    rng_fork(&plan->seed, text, &fault->rng);
    if (index_out)
        *index_out = plan->count;
    plan->faults[plan->count++] = fault;
    return 0;
}

/* A disarmed fault takes its lasting effects with it: the stream flows again. */
void fault_plan_clear(struct fault_plan *plan)
{
    for (size_t i = 0; i < plan->stream_count; i++) {
        plan->streams[i].truncated = false;
        plan->streams[i].garble_left = 0;
        plan->streams[i].garbler = NULL;
        plan->streams[i].slice_len = 0;
    }
    for (size_t i = 0; i < plan->count; i++)
        fault_free(plan->faults[i]);
    plan->count = 0;
}

size_t fault_plan_count(const struct fault_plan *plan)
{
    return plan->count;
}

bool fault_plan_watches(const struct fault_plan *plan)
{
    return plan && (plan->count > 0 || plan->record.is_on);
}

struct fault_status fault_plan_status(const struct fault_plan *plan, size_t index)
{
    const struct fault *fault;

    assert(index < plan->count);
    fault = plan->faults[index];
    return (struct fault_status){
        .text = fault->text,
        .fired = fault->fired,
        .wanted = fault->wanted,
        .first_t_us = fault->first_t_us,
    };
}

const char *fault_plan_unfired(const struct fault_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->faults[i]->fired == 0)
            return plan->faults[i]->text;
    }
    return NULL;
}

unsigned fault_plan_fired(const struct fault_plan *plan)
{
    unsigned fired = 0;

    for (size_t i = 0; i < plan->count; i++)
        fired += plan->faults[i]->fired;
    return fired;
}

bool fault_count_hit(struct fault *fault)
{
    fault->hits++;
    if (fault->has_nth && fault->hits < fault->nth)
        return false;
    if (fault->wanted > 0 && fault->fired >= fault->wanted)
        return false;
    /* "#3*2" means the hits 3 and 4, even when another fault was faster at one of them. */
    if (fault->has_nth && !fault->has_chance && fault->wanted > 0 &&
        fault->hits - fault->nth >= fault->wanted)
        return false;
    return !fault->has_chance || rng_chance(&fault->rng, fault->chance);
}

static void record(struct fault_plan *plan, struct fault *fault)
{
    if (!plan->trace)
        return;
    if (fault->wanted > 0)
        trace_addf(plan->trace, TRACE_FAULT, plan->who, "%s (fired %u of %u)", fault->text,
                   fault->fired, fault->wanted);
    else
        trace_addf(plan->trace, TRACE_FAULT, plan->who, "%s (fired %u of any number)", fault->text,
                   fault->fired);
    if (fault->fired == 1)
        fault->first_t_us = trace_get(plan->trace, trace_next(plan->trace) - 1)->t_us;
}

/* How long it takes this time: the plan's seed draws from a range. */
static uint64_t duration_us(struct fault *fault)
{
    uint64_t us = fault->duration_us + fault->growth_us * (fault->fired - 1);

    if (fault->duration_max_us > fault->duration_us)
        us += rng_below(&fault->rng, fault->duration_max_us - fault->duration_us + 1);
    return us;
}

struct fault_effect fault_fire(struct fault_plan *plan, struct fault *fault)
{
    fault->fired++;
    record(plan, fault);
    return (struct fault_effect){
        .action = fault->action,
        .code = fault->code,
        .duration_us = duration_us(fault),
        .policy = fault->policy,
        .text = fault->text,
    };
}

static bool is_place(const struct fault *fault, const struct fault_point *point,
                     const struct fault_at *at)
{
    if (!fault_point_is(fault->point, point))
        return false;
    if (fault->member && (!at->member || strcmp(fault->member, at->member) != 0))
        return false;
    if (point->point_class == FAULT_WRITE) {
        enum fault_phase wanted = fault->phase != FAULT_ANY ? fault->phase : FAULT_BEFORE;
        enum fault_phase now = at->phase != FAULT_ANY ? at->phase : FAULT_BEFORE;

        if (wanted != now)
            return false;
    }
    if (fault->has_percent && (!at->has_percent || at->percent < fault->percent))
        return false;
    if (fault->has_amount && (!at->has_amount || at->amount < fault->amount))
        return false;
    return fault->match_len == 0 ||
           (at->text && memmem(at->text, at->text_len, fault->match, fault->match_len));
}

struct fault_effect fault_step(struct fault_plan *plan, const struct fault_point *point,
                               const struct fault_at *at)
{
    static const struct fault_at nowhere;
    struct fault *striker = NULL;

    if (!fault_plan_watches(plan))
        return (struct fault_effect){0};
    assert(point->point_class != FAULT_BYTES);
    if (plan->record.is_on)
        fault_record_hit(plan, point, at ? at : &nowhere);
    for (size_t i = 0; i < plan->count; i++) {
        struct fault *fault = plan->faults[i];

        if (is_place(fault, point, at ? at : &nowhere) && fault_count_hit(fault) && !striker)
            striker = fault;
    }
    return striker ? fault_fire(plan, striker) : (struct fault_effect){0};
}
