/*
 * Trials a second of a whole sweep in virtual time: each is a fresh modem and a fresh host that
 * upgrades it, with a fault on the way.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "tests/bench/measure.h"

#define GOAL_PER_SECOND 100.0
#define EMPTY_COUNT     200

/* A line of results.jsonl is a trial. */
static size_t count_lines(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t count = 0;
    int c;

    if (!file)
        die("%s: %s", path, strerror(errno));
    while ((c = getc(file)) != EOF)
        count += c == '\n';
    fclose(file);
    return count;
}

/* What the machine could do if a trial were nothing but a process: all CPUs start empty ones. */
static double measure_empty(const struct bench_plan *plan)
{
    char command[64], *argv[] = {(char *)"/bin/sh", (char *)"-c", command, NULL};
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int count = plan->quick ? 2 : EMPTY_COUNT;
    double ms;

    snprintf(command, sizeof(command), "i=0; while [ $i -lt %d ]; do /bin/true; i=$((i+1)); done",
             count);
    ms = process_run(argv);
    return (double)cpus * count * 1000 / ms;
}

void measure_sweep(const struct bench_plan *plan)
{
    char *dir = tree_make(), *out = xasprintf("%s/out", dir);
    char *results = xasprintf("%s/latest/results.jsonl", out);
    /* One part of many shows that it works. */
    char *argv[] = {(char *)plan->hayeswire,
                    (char *)"sweep",
                    (char *)plan->upgrade,
                    (char *)"--time",
                    (char *)"virtual",
                    (char *)"--out",
                    out,
                    (char *)(plan->quick ? "--shard" : NULL),
                    (char *)"1/100",
                    NULL};
    double ms, rate, empty_rate = measure_empty(plan);

    ms = process_run(argv);
    rate = (double)count_lines(results) * 1000 / ms;
    print_row(&(struct row){.what = "sweep of a BC26 upgrade / empty programs",
                            .figure = rate,
                            .unit = "/s",
                            .reference = empty_rate,
                            .ratio = rate / empty_rate,
                            .goal = "at least 100 trials/s",
                            .has_verdict = true,
                            .is_met = rate >= GOAL_PER_SECOND});
    tree_remove(dir);
    free(results);
    free(out);
    free(dir);
}
