/* SPDX-License-Identifier: MIT */
#include "harness/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/run_dir.h"
#include "harness/run_options.h"
#include "harness/runner.h"
#include "harness/selection.h"
#include "sim/base/buf.h"

/* The exit statuses (README.md); of several, the one that says most about what to do. */
static int exit_status(const struct run_options *options, const struct run_summary *summary)
{
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
    return r < 0 ? 3 : exit_status(options, &summary);
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
    struct run_options options;
    struct selection selection;
    int r = run_options_parse(argc, argv, &options), status;

    if (r != 0)
        return r > 0 ? 0 : -r;
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
    return status;
}
