/* SPDX-License-Identifier: MIT */
#include "harness/sweep.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/opts.h"
#include "harness/run.h"
#include "harness/run_dir.h"
#include "harness/run_options.h"
#include "harness/runner.h"
#include "harness/selection.h"
#include "harness/sweep_private.h"
#include "harness/sweep_report.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define JOBS_PER_CORE     6 /* some wait for the kernel: for its worker, for the end of a process */
#define JOBS_SCALED       20 /* per core; scaled trials mostly wait */
#define SLUG_MAX          60
#define RANDOM_MAX        100000
#define NOT_REACHED_SHARE 4 /* more than a quarter: the body is not the same from run to run */

enum key {
    KEY_POINTS = RUN_VERB_KEY,
    KEY_ONLY,
    KEY_ALL,
    KEY_PLAN,
    KEY_BUDGET,
    KEY_SHARD,
    KEY_RANDOM,
    KEY_LIMIT,
};

static const struct opt_row rows[] = {
    {KEY_POINTS, "points", "LIST",  "kinds of trials and beginnings of points: power,urc,flash"    },
    {KEY_ONLY,   "only",   "POINT", "one point, one place of it, or one whole fault"               },
    {KEY_ALL,    "all",    NULL,    "each percentage, page and byte; nothing is thinned out"       },
    {KEY_PLAN,   "plan",   NULL,    "print the trials and stop"                                    },
    {KEY_BUDGET, "budget", "DUR",   "wall time for all trials; exit 124 when it is spent"          },
    {KEY_SHARD,  "shard",  "I/N",
     "the I-th of N parts (auto: as the scheduler says); see report merge"                         },
    {KEY_RANDOM, "random", "N",     "N plans of several faults, from --seed, instead of all places"},
    {KEY_LIMIT,  "limit",  "DUR",   "modem time for the host to recover (default 20m)"             },
};

struct sweep {
    struct sweep_filter filter;
    bool is_plan_only;
    uint64_t budget_us;
    size_t random_count;
    struct run_options options;
    struct selection scenarios;
    struct trial_plan *records; /* one for each scenario */
    struct sweep_list list;
    char *dir;
};

static void print_help(void)
{
    fputs("hayeswire sweep SCENARIO... [options] [-- HOST ARGS...]\n"
          "\n"
          "  hayeswire sweep scenarios/bc26/upgrade.lua -- ./updater {tty} {url}\n"
          "  hayeswire sweep scenarios/bc26/upgrade.lua --points power --shard 3/16\n"
          "  hayeswire sweep scenarios/bc26/upgrade.lua --only 'bc26.fota.update@37%=power_cut'\n"
          "  hayeswire sweep scenarios/bc26/upgrade.lua --random 200 --seed 7\n"
          "\n"
          "Runs a scenario without a fault and notes the points it passes; then once for each\n"
          "place and each way in which it can go wrong. When the fault has struck, the body of\n"
          "the scenario ends, power comes back, and two things are asked: is it safe (the modem\n"
          "boots, with the old or the new firmware), is it live (the host brings it to the new\n"
          "version and exits with 0; where that is impossible: it gives up and says so).\n"
          "\n"
          "Kinds of trials:\n",
          stdout);
    for (size_t i = 0; i < sweep_kind_count; i++)
        printf("  %-8s %s%s\n", sweep_kinds[i].name, sweep_kinds[i].doc,
               sweep_kinds[i].is_usual ? "" : " (on demand)");
    putchar('\n');
}

/* ---- the command line ---- */

static int set_points(struct sweep *sweep, const char *value)
{
    char *words = xstrdup(value), *at = words, *word;
    struct buf error = {0};
    int status = 0;

    while (status == 0 && (word = strsep(&at, ","))) {
        if (!sweep_knows(word, &error))
            status = usage_error("sweep", "--points: %s", error.data);
        names_add(&sweep->filter.points, word);
    }
    free(words);
    buf_deinit(&error);
    return status;
}

static int set_only(struct sweep *sweep, const char *value)
{
    char *point = xstrndup(value, strcspn(value, "@#/~*="));
    struct buf error = {0};
    int status = 0;

    if (!sweep_knows(point, &error))
        status = usage_error("sweep", "--only: %s", error.data);
    sweep->filter.only = value;
    free(point);
    buf_deinit(&error);
    return status;
}

static int set_duration(const char *option, const char *value, uint64_t *us_out)
{
    if (text_parse_duration(value, us_out) < 0 || *us_out == 0)
        return usage_error("sweep", "--%s %s: wants a duration with its unit, as in 90s or 2m",
                           option, value);
    return 0;
}

static int set_random(struct sweep *sweep, const char *value)
{
    long long count;

    if (text_parse_int(value, &count) < 0 || count < 1 || count > RANDOM_MAX)
        return usage_error("sweep", "--random %s: wants a number from 1 to %d", value, RANDOM_MAX);
    sweep->random_count = (size_t)count;
    return 0;
}

static int apply(void *arg, int key, const char *value)
{
    struct sweep *sweep = arg;

    switch (key) {
    case KEY_POINTS:
        return set_points(sweep, value);
    case KEY_ONLY:
        return set_only(sweep, value);
    case KEY_ALL:
        sweep->filter.all = true;
        return 0;
    case KEY_PLAN:
        sweep->is_plan_only = true;
        return 0;
    case KEY_BUDGET:
        return set_duration("budget", value, &sweep->budget_us);
    case KEY_SHARD:
        return sweep_shard_parse(&sweep->filter, value);
    case KEY_RANDOM:
        return set_random(sweep, value);
    case KEY_LIMIT:
        return set_duration("limit", value, &sweep->filter.limit_us);
    default:
        return 2;
    }
}

/* ---- the fault-free runs ---- */

/* Return: 0, or the exit status after a message. */
static int record_all(struct sweep *sweep)
{
    struct run_options options = sweep->options;
    struct run_summary summary;
    char *dir = xasprintf("%s/record", sweep->dir);
    int status;

    sweep->records = xcalloc(sweep->scenarios.count, sizeof(*sweep->records));
    for (size_t i = 0; i < sweep->scenarios.count; i++) {
        sweep->records[i] = (struct trial_plan){
            .mode = TRIAL_RECORD,
            .points = xasprintf("%s/points-%zu.jsonl", sweep->dir, i),
            .reference = xasprintf("%s/course-%zu.txt", sweep->dir, i),
        };
        sweep->scenarios.cases[i].plan = &sweep->records[i];
    }
    options.reporter = &reporter_record;
    options.reports.count = 0;
    status = mkdir(dir, 0777) < 0 || runner_run(&options, &sweep->scenarios, dir, &summary) < 0
                 ? 3
                 : run_exit_status(&options, &summary);
    free(dir);
    if (status == 1)
        fputs("hayeswire sweep: the fault-free run fails: there is nothing to sweep\n", stderr);
    return status;
}

/* ---- the list of trials ---- */

/* A whole fault that no rule makes. */
static void add_only(struct sweep *sweep)
{
    const char *fault = sweep->filter.only;

    for (size_t i = 0; i < sweep->scenarios.count; i++) {
        struct sweep_trial *trial = sweep_list_add(&sweep->list, &sweep->filter);

        names_add(&trial->plan.faults, fault);
        trial->kind = &sweep_kinds[0];
        trial->point = xstrndup(fault, strcspn(fault, "@#/~*="));
        trial->scenario = i;
    }
}

static bool is_virtual(const struct selection *scenarios)
{
    for (size_t i = 0; i < scenarios->count; i++) {
        const char *time = scenarios->cases[i].result.time;

        if (!time || !text_has_prefix(time, "virtual"))
            return false;
    }
    return true;
}

static int plan_all(struct sweep *sweep)
{
    const struct sweep_filter *filter = &sweep->filter;
    struct sweep_filter whole = *filter;
    struct buf error = {0};
    int r = 0;

    sweep->filter.is_exact = whole.is_exact = is_virtual(&sweep->scenarios);
    if (sweep->random_count > 0)
        whole.shard_count = 0; /* plans are mixed from all, and then dealt out */
    for (size_t i = 0; i < sweep->scenarios.count && r == 0; i++)
        r = sweep_list_plan(&sweep->list, &whole, sweep->records[i].points, i, &error);
    if (r < 0)
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
    buf_deinit(&error);
    if (sweep->list.count == 0 && filter->only && strchr(filter->only, '='))
        add_only(sweep);
    if (sweep->random_count > 0) {
        sweep_list_mix(&sweep->list, filter, sweep->random_count,
                       sweep->options.seed_habit == SEED_BY_NAME ? 1 : sweep->options.seed);
        sweep_list_take_shard(&sweep->list, filter);
    }
    return r < 0 ? 3 : 0;
}

static void print_plan(const struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->list.count; i++) {
        const struct sweep_trial *trial = &sweep->list.trials[i];

        printf("%-6s %-7s", trial->kind->name, trial->plan.is_honest ? "honest" : "live");
        for (size_t j = 0; j < trial->plan.faults.count; j++)
            printf(" %s", trial->plan.faults.items[j]);
        putchar('\n');
    }
    printf("%zu trial%s\n", sweep->list.count, sweep->list.count == 1 ? "" : "s");
}

/* ---- the trials ---- */

static char *slug_of(size_t index, const char *fault)
{
    char *slug = xasprintf("%05zu-%.*s", index + 1, SLUG_MAX, fault);

    for (char *p = slug; *p; p++) {
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_' && *p != '.')
            *p = '-';
    }
    return slug;
}

static void select_trials(struct sweep *sweep, struct selection *trials_out)
{
    *trials_out = (struct selection){
        .cases = xcalloc(sweep->list.count, sizeof(struct trial_case)),
        .count = sweep->list.count,
        .cap = sweep->list.count,
    };
    for (size_t i = 0; i < sweep->list.count; i++) {
        struct sweep_trial *trial = &sweep->list.trials[i];
        const struct trial_case *scenario = &sweep->scenarios.cases[trial->scenario];
        char *slug;

        trial->plan.reference = xstrdup(sweep->records[trial->scenario].reference);
        slug = slug_of(i, trial->plan.faults.items[0]);
        trial_case_derive(scenario, &trial->plan, slug, &trials_out->cases[i]);
        free(slug);
    }
}

/* A part writes what the merge wants, unless it was told where to. */
static char *choose_shard_file(const struct sweep *sweep, struct run_options *options)
{
    struct report_choices *reports = &options->reports;
    char *path;

    for (size_t i = 0; i < reports->count; i++) {
        if (reports->items[i].reporter == &reporter_jsonl)
            return NULL;
    }
    if (sweep->filter.shard_count == 0 || reports->count == REPORT_CHOICE_MAX)
        return NULL;
    path = xasprintf("%s/shard-%u-of-%u.jsonl.gz", sweep->dir, sweep->filter.shard,
                     sweep->filter.shard_count);
    reports->items[reports->count++] = (struct report_choice){&reporter_jsonl, path};
    return path;
}

static int judge(const struct sweep *sweep, const struct run_summary *summary)
{
    int status = run_exit_status(&sweep->options, summary);

    if (sweep->list.count == 0)
        return 0; /* a part may have no point at all */

    if (status == 77 || (status == 0 && summary->skipped * NOT_REACHED_SHARE > sweep->list.count)) {
        fputs("hayeswire sweep: too many trials were not reached\n", stderr);
        return 1;
    }
    return status;
}

static int run_trials(struct sweep *sweep)
{
    struct sweep_report report = {.list = &sweep->list, .what = sweep->options.scenarios[0]};
    struct run_options options = sweep->options;
    struct run_summary summary;
    struct selection trials;
    char *plan, *shard_file;
    int r;

    if (sweep->list.count == 0 && sweep->filter.shard_count == 0) {
        fputs("hayeswire sweep: no trial is selected\n", stderr);
        return 5;
    }
    select_trials(sweep, &trials);
    options.reporter = &reporter_sweep;
    options.reporter_arg = &report;
    options.budget_us = sweep->budget_us;
    plan = sweep_plan_name(&sweep->options, &sweep->scenarios, &sweep->filter, sweep->random_count);
    options.plan_name = plan;
    options.shard = sweep->filter.shard;
    options.shard_count = sweep->filter.shard_count;
    shard_file = choose_shard_file(sweep, &options);
    r = runner_run(&options, &trials, sweep->dir, &summary);
    r = r < 0 ? 3 : judge(sweep, &summary);
    if (shard_file)
        fprintf(stderr, "hayeswire sweep: for report merge: %s\n", shard_file);
    free(shard_file);
    free(plan);
    selection_deinit(&trials);
    sweep_report_deinit(&report);
    return r;
}

/* ---- all of it ---- */

static int run_sweep(struct sweep *sweep)
{
    struct buf error = {0};
    int status;

    if (run_dir_make(sweep->options.out, &sweep->dir, &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", error.data);
        buf_deinit(&error);
        return 3;
    }
    status = record_all(sweep);
    if (status == 0)
        status = plan_all(sweep);
    if (status == 0 && sweep->is_plan_only)
        print_plan(sweep);
    else if (status == 0)
        status = run_trials(sweep);
    return status;
}

static void deinit(struct sweep *sweep)
{
    for (size_t i = 0; sweep->records && i < sweep->scenarios.count; i++)
        trial_plan_deinit(&sweep->records[i]);
    free(sweep->records);
    sweep_list_deinit(&sweep->list);
    selection_deinit(&sweep->scenarios);
    names_deinit(&sweep->filter.points);
    free(sweep->dir);
}

int sweep_command(int argc, char **argv)
{
    struct sweep sweep = {.filter = {.limit_us = TRIAL_LIMIT_US}};
    const struct run_verb verb = {
        .name = "sweep",
        .print_help = print_help,
        .rows = rows,
        .row_count = ARRAY_LEN(rows),
        .apply = apply,
        .arg = &sweep,
        .jobs_per_core = JOBS_PER_CORE,
        .jobs_per_core_scaled = JOBS_SCALED,
        .fills_cpus = true,
    };
    int r = run_options_parse(&verb, argc, argv, &sweep.options), status;

    if (r != 0) {
        names_deinit(&sweep.filter.points);
        return r > 0 ? 0 : -r;
    }
    if (sweep.options.tap)
        status = usage_error("sweep", "a sweep prints findings; --reporter tap is for run");
    else
        status = -selection_make(&sweep.options, &sweep.scenarios);
    if (status == 0 && sweep.scenarios.count == 0)
        status = 5;
    if (status == 0)
        status = run_sweep(&sweep);
    deinit(&sweep);
    return status;
}
