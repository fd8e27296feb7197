/* SPDX-License-Identifier: MIT */
#include "harness/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/opts.h"
#include "harness/run_dir.h"
#include "harness/run_options.h"
#include "harness/runner.h"
#include "harness/selection.h"
#include "harness/trial_plan.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* The exit statuses (README.md); of several, the one that says most about what to do. */
int run_exit_status(const struct run_options *options, const struct run_summary *summary)
{
    if (summary->is_budget_spent && summary->failed == 0)
        return 124;
    if (summary->interrupted_by)
        return 128 + summary->interrupted_by;
    if (summary->errors > 0)
        return 3;
    if (summary->invalid > 0)
        return 2;
    if (summary->no_host > 0)
        return 4;
    if (summary->failed > 0)
        return 1;
    /* TAP says so itself, and its readers take any other status than 0 for a failure. */
    if (summary->passed == 0 && !options->tap)
        return summary->skipped > 0 ? 77 : 5;
    return 0;
}

static int run_selected(const struct run_options *options, struct selection *selection)
{
    struct run_summary summary;
    struct buf error = {0};
    char *dir;
    int r = run_dir_make(options->out, &dir, &error);

    if (r < 0) {
        fprintf(stderr, "hayeswire: %s\n", error.data);
        buf_deinit(&error);
        return 3;
    }
    r = runner_run(options, selection, dir, &summary);
    free(dir);
    return r < 0 ? 3 : run_exit_status(options, &summary);
}

/* ---- the command line ---- */

static void print_help(void)
{
    fputs("hayeswire run SCENARIO[:LINE]... [options] [-- HOST ARGS...]\n"
          "\n"
          "  hayeswire run scenarios/bc26/upgrade.lua\n"
          "  hayeswire run scenarios/bc26 -d bc26 -j 8 -- ./build/updater {tty} {url}\n"
          "  hayeswire run scenarios/bc26/upgrade.lua:40 --seed 7 --time x20 -v\n"
          "  hayeswire run scenarios -k 'power cut' --reporter tap\n"
          "\n"
          "Runs scenarios, each in a process and a folder of its own. A folder means all *.lua\n"
          "below it, but for folders named lib. What follows -- is the host under test; it takes\n"
          "the place of the scenario's own t:host{}. In it {tty} {tty:NAME} {url} {dir} {seed}\n"
          "are replaced, and {{ is a brace.\n"
          "\n",
          stdout);
}

static const struct opt_row rows[] = {
    {RUN_VERB_KEY, "fault", "FAULT", "arm a fault at the first modem; may be given several times"},
};

static int apply(void *arg, int key, const char *value)
{
    struct trial_plan *plan = arg;

    names_add(&plan->faults, value);
    return 0;
}

static void explain_nothing(const struct run_options *options)
{
    fputs("hayeswire: no scenario is selected: ", stderr);
    for (int i = 0; i < options->scenario_count; i++)
        fprintf(stderr, "%s%s", i ? ", " : "", options->scenarios[i]);
    if (options->title_regex)
        fprintf(stderr, " has none whose title matches -k '%s'\n", options->title_regex);
    else
        fputs(" has none; scenarios are files *.lua, and folders named lib are left out\n", stderr);
}

int run_command(int argc, char **argv)
{
    struct trial_plan plan = {.mode = TRIAL_BODY};
    const struct run_verb verb = {
        .name = "run",
        .print_help = print_help,
        .rows = rows,
        .row_count = ARRAY_LEN(rows),
        .apply = apply,
        .arg = &plan,
        .jobs_per_core = 1,
        .jobs_per_core_scaled = 1,
    };
    struct run_options options;
    struct selection selection;
    int r = run_options_parse(&verb, argc, argv, &options), status;

    if (r != 0) {
        trial_plan_deinit(&plan);
        return r > 0 ? 0 : -r;
    }
    options.plan = plan.faults.count > 0 ? &plan : NULL;
    r = selection_make(&options, &selection);
    if (r < 0) {
        status = -r;
    } else if (selection.count == 0) {
        explain_nothing(&options);
        status = 5;
    } else {
        status = run_selected(&options, &selection);
    }
    selection_deinit(&selection);
    trial_plan_deinit(&plan);
    return status;
}
