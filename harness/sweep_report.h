/*
 * What a sweep prints: progress on a terminal, findings, and a line of figures.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/names.h"
#include "harness/report.h"
#include "harness/sweep.h"

/* Failures with the same message: one cause, as far as one can see from here. */
struct finding {
    char *message;
    size_t count;
    struct names places; /* the first of them */
    char *text;          /* all that is told of the first failure */
    bool is_failure;     /* the host's, not the scenario's or ours */
};

struct sweep_report {
    const struct sweep_list *list;
    const char *what; /* the scenarios, as the user named them */
    struct finding *findings;
    size_t count;
    size_t ended, bad; /* so far, for the progress bar */
    bool has_bar;
};

/* For the fault-free runs: only what is wrong with them. */
extern const struct reporter reporter_record;
/* Its report's arg is a struct sweep_report. */
extern const struct reporter reporter_sweep;

void sweep_report_deinit(struct sweep_report *sweep);
