/*
 * One scenario to run, and what came of it.
 * Ownership: trial_case_deinit() frees all texts.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/names.h"
#include "lua/verdict.h"

struct buf;
struct trial_plan;

struct trial_result {
    struct verdict verdict;
    uint64_t wall_us, modem_us;
    char *time;         /* "virtual (shim)", "real: setuid"; NULL when it did not run */
    char *digest;       /* of the trace (trace_digest.h); NULL when it did not run */
    struct names notes; /* said even when it passed: commands that the dialect did not know */
};

struct trial_case {
    char *path;       /* the file as the user named it */
    int line;         /* of its scenario(); 0 when the file does not load */
    bool shares_line; /* a loop declares several there */
    size_t index;     /* in its file */
    char *title;
    uint64_t seed;
    char *slug;                    /* name of its folder in the run's folder, unique there */
    char *dir;                     /* its folder; NULL until it runs */
    const struct trial_plan *plan; /* of a sweep; borrowed; NULL = an ordinary run */
    struct names faults;           /* those of its plan; empty in an ordinary run */
    char *again;                   /* the command that runs it again; NULL until it was told */
    char *token;                   /* of an ordinary run: the same again, by its token */
    bool is_done, is_kept;
    struct trial_result result; /* valid when done */
};

/* The same scenario once more, as a trial of a plan, which is borrowed. */
void trial_case_derive(const struct trial_case *scenario, const struct trial_plan *plan,
                       const char *slug, struct trial_case *item_out);

void trial_result_deinit(struct trial_result *result);
void trial_case_deinit(struct trial_case *item);

/* As JSON: what a scenario's process tells the run, and what results.jsonl keeps. */
void trial_result_encode(const struct trial_result *result, struct buf *out);
/* Return: 0, or -EINVAL (nothing is held then). */
int trial_result_decode(const char *text, size_t len, struct trial_result *result_out);
/* One line of results.jsonl, with its line end. */
void trial_case_encode(const struct trial_case *item, struct buf *out);
/* The other way; its dir is where the results are. Return: 0, or -EINVAL (nothing is held then). */
int trial_case_decode(const char *line, size_t len, const char *results_dir,
                      struct trial_case *item_out);
