/*
 * Forms of the results on stdout. A reporter is told of cases in the order of the selection.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/trial_case.h"

struct buf;
struct run_options;
struct selection;

struct run_summary {
    size_t passed, failed, invalid, errors, no_host, skipped, not_run;
    uint64_t wall_us;
    const char *dir;    /* of the run; NULL when nothing is in it */
    int interrupted_by; /* signal, 0 = none */
    bool is_budget_spent;
    const char *first_error; /* of Hayeswire itself; NULL = none */
};

struct report {
    const struct run_options *options;
    const struct selection *selection;
    const char *dir; /* of the run */
    size_t told;     /* cases so far */
    size_t place_width, title_width;
    int is_colored;
    void *arg;        /* of the verb that brought the reporter */
    bool keep_folder; /* tell() may clear it: the case's folder is not worth keeping */
};

struct reporter {
    void (*begin)(struct report *report);
    void (*tell)(struct report *report, const struct trial_case *item);
    /* A case that was not started: the run was stopped before. */
    void (*tell_not_run)(struct report *report, const struct trial_case *item);
    void (*end)(struct report *report, const struct run_summary *summary);
    /* A case ended, maybe out of order; for progress. May be NULL. */
    void (*progress)(struct report *report, const struct trial_case *item);
};

extern const struct reporter reporter_pretty;
extern const struct reporter reporter_tap;

/* "file:line" of the scenario. */
void report_place(const struct trial_case *item, struct buf *out);

/* ---- failure.c: the text of a failure, the same in every report ---- */

/*
 * All that follows the first line of a failure: message, source, rows, how to run it again, what
 * was kept. Each line starts with `indent` spaces.
 */
void failure_text(const struct report *report, const struct trial_case *item, unsigned indent,
                  struct buf *out);
