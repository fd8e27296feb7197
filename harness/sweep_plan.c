/*
 * From the record of a fault-free run to the list of trials.
 *
 * Each hit of the record that a rule fits gives a trial. Hits that are alike, but for numbers in
 * their text, form a group, and of a large group only some are tried: the first, the last, and some
 * between. Of a stream some bytes are tried, evenly spread.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/sweep_private.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/rng.h"
#include "sim/base/text.h"
#include "sim/modem/dialect.h"

#define MIX_MIN 2 /* faults of a mixed plan */
#define MIX_MAX 3

/* ---- trials ---- */

void sweep_list_deinit(struct sweep_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        trial_plan_deinit(&list->trials[i].plan);
        free(list->trials[i].point);
    }
    free(list->trials);
    *list = (struct sweep_list){0};
}

struct sweep_trial *sweep_list_add(struct sweep_list *list, const struct sweep_filter *filter)
{
    struct sweep_trial *trial;

    if (list->count == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 256;
        list->trials = xrealloc(list->trials, list->cap * sizeof(*list->trials));
    }
    trial = &list->trials[list->count++];
    *trial = (struct sweep_trial){
        .plan = {.mode = TRIAL_STRIKE, .limit_us = filter->limit_us},
    };
    return trial;
}

/*
 * FNV-1a of a name, so that trials stay in their shard when others come or go. In virtual time it
 * is the fault's, which deals the many trials of one point out to all machines. In real time each
 * machine counts the polls of its host differently, and thins them out differently: there a point
 * stays whole, or a trial might be nobody's.
 */
static bool is_in_shard(const struct sweep_filter *filter, const char *point, const char *fault)
{
    const char *name = filter->is_exact ? fault : point;
    uint64_t hash = 14695981039346656037u;

    if (filter->shard_count == 0)
        return true;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return hash % filter->shard_count == filter->shard - 1;
}

static bool is_wanted(const struct sweep_filter *filter, const struct sweep_kind *kind,
                      const char *point)
{
    bool names_kind = false, names_point = false, fits_kind = false, fits_point = false;

    for (size_t i = 0; i < filter->points.count; i++) {
        const char *word = filter->points.items[i];
        bool is_kind = false;

        for (size_t k = 0; k < sweep_kind_count; k++)
            is_kind |= strcmp(sweep_kinds[k].name, word) == 0;
        names_kind |= is_kind;
        names_point |= !is_kind;
        fits_kind |= is_kind && strcmp(kind->name, word) == 0;
        fits_point |= !is_kind && sweep_name_begins(point, word);
    }
    return (names_kind ? fits_kind : kind->is_usual) && (!names_point || fits_point);
}

/* --only names a place ("flash.program#37"), a point, or one whole fault. */
static bool is_the_one(const struct sweep_filter *filter, const char *point, const char *place,
                       const char *fault)
{
    return !filter->only || strcmp(filter->only, fault) == 0 || strcmp(filter->only, place) == 0 ||
           strcmp(filter->only, point) == 0;
}

struct planner {
    struct sweep_list *list;
    const struct sweep_filter *filter;
    const struct sweep_record *record;
    size_t scenario;
    size_t *groups, *orders; /* of each hit: its group, and how many of that come before it */
    size_t *sizes;           /* of each group */
};

static void add_trial(const struct planner *planner, const struct sweep_rule *rule,
                      const struct sweep_hit *hit, const char *place, const char *action)
{
    const struct sweep_kind *kind = &sweep_kinds[rule->kind];
    char *fault = xasprintf("%s%s=%s", place, rule->times, action);
    struct sweep_trial *trial;

    if (is_wanted(planner->filter, kind, hit->name) &&
        is_in_shard(planner->filter, hit->name, fault) &&
        is_the_one(planner->filter, hit->name, place, fault) &&
        planner->list->count < SWEEP_TRIAL_MAX && strlen(fault) <= FAULT_TEXT_MAX) {
        trial = sweep_list_add(planner->list, planner->filter);
        trial->plan.modem = xstrdup(hit->modem);
        trial->plan.is_honest = rule->is_honest;
        names_add(&trial->plan.faults, fault);
        trial->kind = kind;
        trial->point = xstrdup(hit->name);
        trial->scenario = planner->scenario;
    }
    free(fault);
}

/* A failure of each code that the dialect knows; without any, a failure. */
static void add_result_trials(const struct planner *planner, const struct sweep_rule *rule,
                              const struct sweep_hit *hit, const char *place)
{
    size_t count = hit->dialect ? hit->dialect->fota_code_count : 0;

    if (count == 0)
        add_trial(planner, rule, hit, place, "fail");
    for (size_t i = 0; i < count; i++) {
        char *action = xasprintf("fail:%d", hit->dialect->fota_codes[i]);

        add_trial(planner, rule, hit, place, action);
        free(action);
    }
}

static bool rule_fits(const struct sweep_rule *rule, const struct sweep_hit *hit)
{
    return rule->point_class == hit->point_class &&
           (rule->phase == FAULT_ANY || rule->phase == hit->phase) &&
           (!rule->points || strncmp(hit->name, rule->points, strlen(rule->points)) == 0);
}

/* ---- streams: some bytes of them ---- */

static void plan_stream(const struct planner *planner, const struct sweep_rule *rule,
                        const struct sweep_hit *hit)
{
    bool has_end = text_has_prefix(hit->name, "download.");
    uint64_t places = has_end ? 100 : hit->bytes;
    uint64_t kept = planner->filter->all || rule->kept > places ? places : rule->kept;

    for (uint64_t i = 0; i < kept; i++) {
        uint64_t at = (2 * i + 1) * places / (2 * kept);
        char *place = xasprintf(has_end ? "%s@%llu%%" : "%s#%llu", hit->name,
                                (unsigned long long)(has_end ? at : at + 1));

        add_trial(planner, rule, hit, place, rule->action);
        free(place);
    }
}

/* ---- hits: some of each group ---- */

/* Alike are hits of one place whose texts differ in numbers only. */
static bool is_alike(const struct sweep_hit *a, const struct sweep_hit *b)
{
    const char *p = a->text, *q = b->text;

    if (!sweep_hit_is_same_place(a, b) || sweep_hit_has_text(a) != sweep_hit_has_text(b))
        return false;
    if (!sweep_hit_has_text(a))
        return true;
    while (*p && *q) {
        if (isdigit((unsigned char)*p) && isdigit((unsigned char)*q)) {
            while (isdigit((unsigned char)*p))
                p++;
            while (isdigit((unsigned char)*q))
                q++;
        } else if (*p++ != *q++) {
            return false;
        }
    }
    return *p == *q;
}

/* Whether hit number `order` of a group of `count` is one of the `kept` that are tried. */
static bool is_kept(size_t order, size_t count, size_t kept)
{
    if (count <= kept)
        return true;
    if (kept == 1)
        return order == 0;
    for (size_t i = 0; i < kept; i++) {
        if (order == i * (count - 1) / (kept - 1))
            return true;
    }
    return false;
}

/* Each hit is compared with one of each group: a record has thousands of hits in few groups. */
static void find_groups(struct planner *planner)
{
    const struct sweep_record *record = planner->record;
    size_t *firsts = xcalloc(record->count + 1, sizeof(*firsts)), count = 0;

    planner->groups = xcalloc(record->count + 1, sizeof(*planner->groups));
    planner->orders = xcalloc(record->count + 1, sizeof(*planner->orders));
    planner->sizes = xcalloc(record->count + 1, sizeof(*planner->sizes));
    for (size_t i = 0; i < record->count; i++) {
        size_t group = 0;

        while (group < count && !is_alike(&record->hits[firsts[group]], &record->hits[i]))
            group++;
        if (group == count)
            firsts[count++] = i;
        planner->groups[i] = group;
        planner->orders[i] = planner->sizes[group]++;
    }
    free(firsts);
}

static bool is_chosen(const struct planner *planner, const struct sweep_rule *rule, size_t index)
{
    if (planner->filter->all || planner->filter->only)
        return true;
    return is_kept(planner->orders[index], planner->sizes[planner->groups[index]], rule->kept);
}

static void plan_hit(const struct planner *planner, const struct sweep_rule *rule, size_t index)
{
    const struct sweep_hit *hit = &planner->record->hits[index];
    struct buf place = {0};

    if (!is_chosen(planner, rule, index))
        return;
    sweep_record_add_place(planner->record, index, &place);
    if (strcmp(rule->action, "fail:CODE") == 0)
        add_result_trials(planner, rule, hit, place.data);
    else
        add_trial(planner, rule, hit, place.data, rule->action);
    buf_deinit(&place);
}

int sweep_list_plan(struct sweep_list *list, const struct sweep_filter *filter, const char *points,
                    size_t scenario, struct buf *error_out)
{
    struct sweep_record record = {0};
    struct planner planner = {
        .list = list, .filter = filter, .record = &record, .scenario = scenario};
    int r = sweep_record_read(&record, points);

    if (r < 0)
        buf_printf(error_out, "%s: %s", points, strerror(-r));
    find_groups(&planner);
    for (size_t k = 0; k < sweep_rule_count; k++) {
        for (size_t i = 0; i < record.count; i++) {
            if (!rule_fits(&sweep_rules[k], &record.hits[i]))
                continue;
            if (record.hits[i].point_class == FAULT_BYTES)
                plan_stream(&planner, &sweep_rules[k], &record.hits[i]);
            else
                plan_hit(&planner, &sweep_rules[k], i);
        }
    }
    free(planner.groups);
    free(planner.orders);
    free(planner.sizes);
    sweep_record_deinit(&record);
    return r;
}

/* ---- plans of several faults ---- */

static void mix(const struct sweep_list *from, struct sweep_list *to,
                const struct sweep_filter *filter, struct rng *rng)
{
    size_t count = MIX_MIN + rng_below(rng, MIX_MAX - MIX_MIN + 1);
    const struct sweep_trial *first = &from->trials[rng_below(rng, from->count)];
    struct sweep_trial *trial = sweep_list_add(to, filter);

    trial->plan.modem = xstrdup(first->plan.modem);
    trial->plan.is_honest = first->plan.is_honest;
    trial->kind = first->kind;
    trial->point = xstrdup(first->point);
    trial->scenario = first->scenario;
    names_add(&trial->plan.faults, first->plan.faults.items[0]);
    for (size_t tries = 0; trial->plan.faults.count < count && tries < 100; tries++) {
        const struct sweep_trial *next = &from->trials[rng_below(rng, from->count)];

        if (next->scenario != first->scenario || strcmp(next->plan.modem, first->plan.modem) != 0)
            continue;
        trial->plan.is_honest |= next->plan.is_honest;
        names_add(&trial->plan.faults, next->plan.faults.items[0]);
    }
}

void sweep_list_mix(struct sweep_list *list, const struct sweep_filter *filter, size_t count,
                    uint64_t seed)
{
    struct sweep_list mixed = {0};
    struct rng rng;

    rng_init(&rng, seed);
    for (size_t i = 0; i < count && list->count > 0; i++)
        mix(list, &mixed, filter, &rng);
    sweep_list_deinit(list);
    *list = mixed;
}
