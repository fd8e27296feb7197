/* SPDX-License-Identifier: MIT */
#include "harness/lint_cmd.h"

#include <stdio.h>

#include "harness/bind_harness.h"
#include "harness/opts.h"
#include "harness/selection.h"
#include "harness/stage.h"
#include "lua/engine.h"
#include "sim/base/buf.h"

static const struct opts opts = {"lint", NULL, 0};

/* Return: the exit status for one file. */
static int lint_file(const char *path)
{
    struct stage_config config = {.time_scale = 1};
    struct verdict verdict = {0};
    struct buf error = {0};
    struct engine *engine;
    struct stage stage;
    int r;

    if (stage_init(&stage, &config, &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", error.data);
        buf_deinit(&error);
        return 3;
    }
    engine = engine_new(&(struct engine_config){.bench = &stage.bench, .time_scale = 1});
    bind_harness(engine);
    r = engine_load(engine, path, &verdict);
    if (r == 0)
        r = engine_lint(engine, path, &verdict);
    if (r == 0)
        printf("ok       %s   %zu scenario%s\n", path, engine_scenario_count(engine),
               engine_scenario_count(engine) == 1 ? "" : "s");
    else
        printf("INVALID  %s:%d: %s\n", verdict.file ? verdict.file : path, verdict.line,
               verdict.message ? verdict.message : "");
    verdict_deinit(&verdict);
    engine_free(engine);
    stage_deinit(&stage);
    return r == 0 ? 0 : 2;
}

/* All of them, whatever the first ones are like. */
static int lint_files(const struct names *files)
{
    int status = 0;

    for (size_t i = 0; i < files->count; i++) {
        int r = lint_file(files->items[i]);

        status = r > status ? r : status;
    }
    return status;
}

int lint_command(int argc, char **argv)
{
    struct names files = {0};
    const char *value;
    int key, rest, status = 0;

    while ((key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key != 'h')
            return 2;
        puts("hayeswire lint SCENARIO...\n\n"
             "  hayeswire lint scenarios\n\n"
             "Loads each file and checks it without running a scenario. Exit status 0 when all is\n"
             "well, 2 when something is wrong.");
        return 0;
    }
    if (rest == argc)
        return usage_error("lint", "which scenario? For instance: hayeswire lint scenarios");
    for (int i = rest; i < argc && status == 0; i++)
        status = -scenario_files("lint", argv[i], &files);
    if (status == 0 && files.count == 0) {
        fputs("hayeswire: no scenario is there\n", stderr);
        status = 5;
    }
    if (status == 0)
        status = lint_files(&files);
    names_deinit(&files);
    return status;
}
