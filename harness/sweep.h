/*
 * hayeswire sweep: one fault at each place that a scenario passes, one trial for each.
 *
 *   record   the scenario without a fault; it must pass, and tells which points it passes
 *   plan     one trial for each place and each way in which it can go wrong, thinned where places
 *            are alike (hundreds of percentages, pages, bytes)
 *   trials   each in a fresh process and folder, many at a time: sweep.lua asks safe and live
 *   report   failures of one cause are one finding
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/names.h"
#include "harness/trial_plan.h"

struct buf;
struct run_options;

#define SWEEP_TRIAL_MAX 200000u

/* A family of trials, chosen by --points. */
struct sweep_kind {
    const char *name;
    bool is_usual; /* part of a sweep that names none */
    const char *doc;
};
extern const struct sweep_kind sweep_kinds[];
extern const size_t sweep_kind_count;

struct sweep_trial {
    struct trial_plan plan;
    const struct sweep_kind *kind;
    char *point;     /* "flash.program", "at.csq": what --points and --shard look at */
    size_t scenario; /* its place in the selection */
};

struct sweep_filter {
    struct names points; /* kinds, and names or beginnings of points; empty = the usual kinds */
    const char *only;    /* one place, or one whole fault */
    bool all;            /* nothing is thinned out */
    unsigned shard, shard_count; /* 1-based; count 0 = no shards */
    bool is_exact;               /* the fault-free runs are the same on each machine */
    uint64_t limit_us;
};

struct sweep_list {
    struct sweep_trial *trials;
    size_t count, cap;
};

void sweep_list_deinit(struct sweep_list *list);
/* Return: the trial, zeroed but for its limit. */
struct sweep_trial *sweep_list_add(struct sweep_list *list, const struct sweep_filter *filter);
/*
 * Add the trials that a record asks for.
 * Return: 0, or -errno with a message.
 */
int sweep_list_plan(struct sweep_list *list, const struct sweep_filter *filter, const char *points,
                    size_t scenario, struct buf *error_out);
/* Whether a kind, or a point of any dialect, has that name or begins with it. */
bool sweep_knows(const char *word, struct buf *error_out);
/* Replace the list by count plans of several of its faults. */
void sweep_list_mix(struct sweep_list *list, const struct sweep_filter *filter, size_t count,
                    uint64_t seed);

/* argv[0] is "sweep". Return: the exit status. */
int sweep_command(int argc, char **argv);
